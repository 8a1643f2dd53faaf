//! Access tokens: made, listed, revoked; and short ones for whoever signs with their key.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    client::{Client, Reply},
    error::Error,
};

/// An access token, shown once.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Token {
    /// The secret.
    pub token: String,
    /// Whose.
    pub person: String,
    /// For what, with spaces between.
    pub scope: Option<String>,
    /// The same, one by one.
    pub scopes: Vec<String>,
    /// Until when, in seconds since 1970.
    pub expires: Option<u64>,
}

impl std::fmt::Debug for Token {
    /// The secret is not shown.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Token(of {})", self.person)
    }
}

/// `GET /api/v1/tokens`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tokens {
    /// Every token in force that one may see.
    pub tokens: Vec<TokenInfo>,
}

/// A token without its secret.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TokenInfo {
    /// Names it, and opens nothing.
    pub id: String,
    /// Whose.
    pub person: String,
    /// The person's name, if the node has it.
    pub name: Option<String>,
    /// For what.
    pub scopes: Vec<String>,
    /// When it was made, in seconds since 1970.
    pub created: u64,
    /// Until when it is good, in seconds since 1970.
    pub expires: u64,
    /// When it was last used, in seconds since 1970, to the hour.
    pub used: Option<u64>,
}

/// What a person signs to be given a short token (`commun_specs::token`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Challenge {
    /// To be answered once.
    pub nonce: String,
    /// Until when it can be, in seconds since 1970.
    pub expires: u64,
    /// The node's commons.
    pub commons: String,
    /// The node's key.
    pub node: String,
    /// The longest that such a token is good, in seconds.
    pub seconds: u64,
}

/// An answer to a [`Challenge`].
#[derive(Clone, Debug, Serialize)]
pub struct Answer<'a> {
    /// The person's key: an OpenSSH line or a `did:key`.
    pub key: &'a str,
    /// The challenge's.
    pub nonce: &'a str,
    /// What `ssh-keygen -Y sign` printed.
    pub signature: &'a str,
    /// What the token is to be good for.
    pub scope: &'a str,
    /// How long, in seconds.
    pub expires_in: u64,
}

impl Client {
    /// Makes an access token for a person, good for `scopes` (none: all that the person may do) and for `seconds`
    /// (none: as long as the node lets it).
    pub fn create_token(
        &self,
        person: &str,
        scopes: &[String],
        seconds: Option<u64>,
    ) -> Result<Reply<Token>, Error> {
        let mut body = json!({ "person": person });
        if !scopes.is_empty() {
            body["scopes"] = scopes.into();
        }
        if let Some(seconds) = seconds {
            body["expires_in"] = seconds.into();
        }
        self.post(&self.url(&["api", "v1", "tokens"]), &body)
    }

    /// The tokens in force: an admin's sees all.
    pub fn tokens(&self) -> Result<Reply<Tokens>, Error> {
        self.get(&self.url(&["api", "v1", "tokens"]), true)
    }

    /// Ends a token.
    pub fn revoke_token(&self, id: &str) -> Result<Reply<Value>, Error> {
        let url = self.url(&["api", "v1", "tokens", id, "revoke"]);
        self.post(&url, &json!({}))
    }

    /// Asks for what a person with this key is to sign.
    pub fn challenge(&self, key: &str) -> Result<Reply<Challenge>, Error> {
        let url = self.url(&["api", "v1", "tokens", "challenge"]);
        self.post(&url, &json!({ "key": key }))
    }

    /// Trades a signature for a short token. For a client without a token.
    pub fn answer(&self, answer: &Answer<'_>) -> Result<Reply<Token>, Error> {
        self.post(&self.url(&["api", "v1", "tokens"]), answer)
    }
}
