//! Institutions, as a node knows them.

use serde::{Deserialize, Serialize};

use crate::{
    client::{Client, Reply},
    error::Error,
};

/// `GET /api/v1/institutions`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Institutions {
    /// All members, by handle.
    pub institutions: Vec<Institution>,
}

/// A member and its node.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Institution {
    /// Its handle.
    pub handle: String,
    /// Its name.
    pub name: String,
    /// The key of the node that writes its log.
    pub node: Option<String>,
    /// Where its pages are.
    pub urls: Vec<String>,
    /// How far its log is known; absent where nothing of it has arrived.
    pub log: Option<LogPosition>,
}

/// How far a log is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LogPosition {
    /// The current epoch.
    pub epoch: u64,
    /// The number of entries.
    pub size: u64,
}

impl Client {
    /// All members.
    pub fn institutions(&self) -> Result<Reply<Institutions>, Error> {
        let reply =
            self.get::<serde_json::Value>(&self.url(&["api", "v1", "institutions"]), false)?;
        // Also a bare list is understood.
        let read = match &reply.json {
            list @ serde_json::Value::Array(_) => {
                Vec::deserialize(list).map(|institutions| Institutions { institutions })
            }
            object => Institutions::deserialize(object),
        };
        let value = read.map_err(|cause| Error::Answer {
            url: self.url(&["api", "v1", "institutions"]).to_string(),
            what: cause.to_string(),
        })?;
        Ok(Reply {
            value,
            json: reply.json,
        })
    }

    /// One member.
    pub fn institution(&self, handle: &str) -> Result<Reply<Institution>, Error> {
        self.get(&self.url(&["api", "v1", "institutions", handle]), false)
    }
}
