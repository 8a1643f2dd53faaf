//! The feed of what changed in the catalogue.

use serde::{Deserialize, Serialize};

use crate::{
    client::{Client, Reply},
    error::Error,
};

/// A page of the feed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Changes {
    /// What to give as `since` to get what follows.
    pub next: u64,
    /// The changes, oldest first.
    pub changes: Vec<Change>,
}

/// One change.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Change {
    /// Its place in the feed.
    pub position: u64,
    /// What happened.
    pub op: String,
    /// The item's id.
    pub item: String,
}

impl Client {
    /// The changes after `since` (0: from the beginning). With `wait`, the node waits up to so many
    /// seconds for one.
    pub fn changes(&self, since: u64, wait: Option<u64>) -> Result<Reply<Changes>, Error> {
        let mut url = self.url(&["api", "v1", "changes"]);
        url.query_pairs_mut()
            .append_pair("since", &since.to_string())
            .extend_pairs(wait.map(|seconds| ("wait", seconds.to_string())));
        self.get(&url, false)
    }
}
