//! How a node is.

use serde::{Deserialize, Serialize};

use crate::{
    client::{Client, Reply},
    error::Error,
};

/// `GET /api/v1/status`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Status {
    /// The node's release.
    pub version: String,
    /// The commons that it is a member of.
    pub commons: CommonsStatus,
    /// Its key.
    pub node: String,
    /// Its institution.
    pub handle: String,
    /// Whether it writes the institution's log.
    pub writer: bool,
    /// Seconds since its start.
    pub uptime_s: f64,
    /// The logs that it has.
    pub logs: Vec<LogStatus>,
    /// The nodes that it knows.
    pub peers: Vec<PeerStatus>,
    /// What the logs add up to.
    pub catalogue: CatalogueStatus,
    /// How far the index is.
    pub index: IndexStatus,
    /// How much content it holds.
    pub content: ContentStatus,
    /// How its repositories are kept.
    pub maintenance: MaintenanceStatus,
    /// What each institution takes there.
    pub usage: Vec<UsageStatus>,
    /// How Git is served over SSH, if it is.
    pub ssh: Option<SshStatus>,
}

/// How a node keeps its repositories.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MaintenanceStatus {
    /// When it last looked at all of them, RFC 3339.
    pub last: Option<String>,
    /// How many it packed since its start.
    pub packed: u64,
    /// Those that could not be packed.
    pub failed: Vec<MaintenanceFailure>,
}

/// A repository that could not be packed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MaintenanceFailure {
    /// Its item.
    pub item: String,
    /// Why.
    pub error: String,
}

/// What one institution takes on a node.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct UsageStatus {
    /// Whose.
    pub handle: String,
    /// Bytes of content.
    pub bytes: u64,
    /// Of these, what it proposes to repositories of others.
    pub proposed: u64,
    /// Entries of its log.
    pub statements: u64,
    /// Whether it has reached its quota.
    pub full: bool,
    /// Repositories of others to which it proposes what is not fetched, because it has reached its quota.
    pub held_back: u64,
}

/// How a node serves Git over SSH.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SshStatus {
    /// Where: `ssh://git@HOST:PORT`.
    pub url: String,
    /// The fingerprint of the host key, as `ssh` prints it.
    pub fingerprint: String,
}

/// The commons, as a node sees it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CommonsStatus {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The number of the charter in force.
    pub charter: u64,
    /// How many members it has.
    pub institutions: u64,
}

/// One institution's log, as a node has it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LogStatus {
    /// Whose.
    pub handle: String,
    /// The current epoch.
    pub epoch: u64,
    /// How many entries the node has.
    pub size: u64,
    /// The tree's root at that size.
    pub root: String,
    /// How many entries more the institution has announced.
    pub behind: u64,
    /// `ok`, `behind`, `frozen` or `former`.
    pub state: String,
}

/// Another node, as a node sees it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PeerStatus {
    /// Its key.
    pub node: String,
    /// Its institution.
    pub handle: String,
    /// Whether there is a connection.
    pub connected: bool,
    /// Round trip time in milliseconds.
    pub rtt_ms: Option<f64>,
    /// `direct` or `relay`.
    pub path: Option<String>,
}

/// The catalogue's state.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CatalogueStatus {
    /// How many items.
    pub items: u64,
    /// Up to where in the journal.
    pub position: u64,
    /// The version of the fold.
    pub fold: u64,
    /// Equal on all nodes with the same logs.
    pub root: String,
}

/// The index's state.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct IndexStatus {
    /// Up to where in the journal.
    pub position: u64,
    /// How many items are in it.
    pub documents: u64,
}

/// The content that a node holds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ContentStatus {
    /// Items whose content it still fetches.
    pub wanted: u64,
    /// Items whose content it holds.
    pub held: u64,
    /// Bytes held.
    pub bytes: u64,
}

impl Client {
    /// How the node is.
    pub fn status(&self) -> Result<Reply<Status>, Error> {
        self.get(&self.url(&["api", "v1", "status"]), false)
    }
}
