//! Pairs of items that may be the same.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    client::{Client, Reply},
    error::Error,
};

/// `GET /api/v1/duplicates`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Duplicates {
    /// How many there are in this state.
    pub total: u64,
    /// Surest first.
    pub duplicates: Vec<Duplicate>,
}

/// A pair.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Duplicate {
    /// What it is called.
    pub id: String,
    /// `open`, `accepted` or `refused`.
    pub state: String,
    /// `same` or `translation`.
    pub kind: String,
    /// `identifier`, `content`, `title`.
    pub rules: Vec<String>,
    /// How sure, in percent.
    pub score: u64,
    /// The identifiers that both have.
    pub identifiers: Vec<String>,
    /// The two.
    pub items: Vec<PairItem>,
}

/// An item of a pair.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PairItem {
    /// Its id.
    pub id: String,
    /// `handle/slug`.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Its institution.
    pub institution: String,
}

/// How a pair is accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AcceptPair {
    /// In which of one's own items the link is stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    /// As what: `same` or `translation`.
    #[serde(rename = "as", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
}

impl Client {
    /// Pairs in a state, of an institution where one is named.
    ///
    /// # Errors
    /// The node's.
    pub fn duplicates(
        &self,
        institution: Option<&str>,
        state: &str,
        limit: u64,
        offset: u64,
    ) -> Result<Reply<Duplicates>, Error> {
        let mut url = self.url(&["api", "v1", "duplicates"]);
        {
            let mut query = url.query_pairs_mut();
            query.append_pair("state", state);
            query.append_pair("limit", &limit.to_string());
            query.append_pair("offset", &offset.to_string());
            if let Some(institution) = institution {
                query.append_pair("institution", institution);
            }
        }
        self.get(&url, self.has_token())
    }

    /// States that a pair is the same.
    ///
    /// # Errors
    /// The node's.
    pub fn accept_pair(&self, pair: &str, how: &AcceptPair) -> Result<Reply<Duplicate>, Error> {
        self.post(&self.url(&["api", "v1", "duplicates", pair, "accept"]), how)
    }

    /// Notes that a pair is not the same.
    ///
    /// # Errors
    /// The node's.
    pub fn refuse_pair(&self, pair: &str, reason: &str) -> Result<Reply<Duplicate>, Error> {
        let url = self.url(&["api", "v1", "duplicates", pair, "refuse"]);
        self.post(&url, &json!({ "reason": reason }))
    }
}
