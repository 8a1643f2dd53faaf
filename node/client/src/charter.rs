//! The charter: members, what waits for a decision, and the decisions.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    client::{Client, Reply},
    error::Error,
};

/// The charter in force, and what waits.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Charter {
    /// The commons' id.
    pub commons: String,
    /// The commons' name.
    pub name: String,
    /// The number of the amendment in force.
    pub number: u64,
    /// Its id.
    pub id: String,
    /// The members.
    pub institutions: Vec<Member>,
    /// Amendments that wait for signatures.
    pub drafts: Vec<Draft>,
    /// Institutions that ask to be admitted.
    pub requests: Vec<Request>,
}

/// A member, as the charter lists it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Member {
    /// Its handle.
    pub handle: String,
    /// Its name.
    pub name: String,
    /// Its keys.
    pub keys: Vec<String>,
    /// How many of them must sign.
    pub threshold: u64,
}

/// An amendment that waits for signatures.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Draft {
    /// Its number.
    pub number: u64,
    /// Its round of signatures.
    pub round: u64,
    /// Its id.
    pub id: String,
    /// Who signed.
    pub signed: Vec<String>,
    /// How many institutions must sign.
    pub needed: u64,
    /// What it changes.
    pub changes: String,
}

/// An institution that asks to be admitted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Request {
    /// The handle that it asks for.
    pub handle: String,
    /// Its name.
    pub name: String,
    /// Its node's key: compare it with them by telephone.
    pub node: String,
}

/// What became of an amendment that was made or signed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Admission {
    /// Its number.
    pub number: u64,
    /// Its id.
    pub id: String,
    /// `in force` or `waiting`.
    pub state: String,
    /// Who signed.
    pub signed: Vec<String>,
    /// How many institutions must sign.
    pub needed: u64,
}

/// An invitation: good once, and to nothing but asking to be admitted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Invitation {
    /// One word that begins with `commun1`.
    pub invitation: String,
    /// Until when, in seconds since 1970.
    pub expires: u64,
}

impl Client {
    /// The charter in force, and what waits.
    pub fn charter(&self) -> Result<Reply<Charter>, Error> {
        self.get(&self.url(&["api", "v1", "charter"]), true)
    }

    /// Makes and signs the amendment that admits an institution that asked.
    pub fn admit(&self, handle: &str) -> Result<Reply<Admission>, Error> {
        let url = self.url(&["api", "v1", "charter", "admit"]);
        self.post(&url, &json!({ "handle": handle }))
    }

    /// Signs an amendment that waits. `id`: which one, where more than one of that number waits.
    pub fn sign(&self, number: u64, id: Option<&str>) -> Result<Reply<Admission>, Error> {
        let url = self.url(&["api", "v1", "charter", "sign"]);
        self.post(&url, &json!({ "number": number, "id": id }))
    }

    /// Makes an invitation.
    pub fn invite(&self) -> Result<Reply<Invitation>, Error> {
        self.post(&self.url(&["api", "v1", "invitations"]), &json!({}))
    }
}
