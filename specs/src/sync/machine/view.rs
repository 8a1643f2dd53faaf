//! What pages and commands show.

use super::{
    super::{Evidence, Millis},
    Sync,
    peers::Link,
};
use crate::{
    id::{CharterId, TreeRoot},
    key::PublicKey,
    name::Handle,
};

/// The state of the machine, for people.
#[derive(Debug, Clone)]
pub struct View {
    /// Number of the charter in force.
    pub charter: u64,
    /// Its id.
    pub charter_id: CharterId,
    /// Drafts of the next amendment: envelopes.
    pub drafts: Vec<Vec<u8>>,
    /// All known nodes but this one.
    pub peers: Vec<PeerView>,
    /// All logs.
    pub logs: Vec<LogView>,
    /// Why this node may not sign; `None` if it may.
    pub obstacle: Option<&'static str>,
}

/// A known node.
#[derive(Debug, Clone)]
pub struct PeerView {
    /// Its key.
    pub node: PublicKey,
    /// Its institution, if it is known.
    pub institution: Option<Handle>,
    /// Since when it is connected.
    pub connected: Option<Millis>,
    /// Whether it is heard.
    pub heard: bool,
    /// Where it is dialled.
    pub addrs: Vec<String>,
    /// Offences since the last penance.
    pub offences: u32,
}

/// A log.
#[derive(Debug, Clone)]
pub struct LogView {
    /// Whose.
    pub handle: Handle,
    /// The current epoch.
    pub epoch: u64,
    /// Who writes it.
    pub writer: PublicKey,
    /// Leaves held.
    pub size: u64,
    /// Their root.
    pub root: TreeRoot,
    /// How long the longest checkpoint is that is known of.
    pub heard: u64,
    /// The longest checkpoint of the epoch that is whole here, with the writer's signature.
    pub note: Option<String>,
    /// Why it is frozen.
    pub frozen: Option<Evidence>,
    /// From whom a range is fetched now.
    pub fetching: Option<PublicKey>,
}

impl Sync {
    /// The state as it is at `now`.
    pub fn view(&self, now: Millis) -> View {
        let (head, id) = self.chain.head();
        View {
            charter: head.number,
            charter_id: id,
            drafts: self.drafts.envelopes().collect(),
            peers: self
                .peers
                .iter()
                .map(|(node, p)| PeerView {
                    node: *node,
                    institution: self.institution_of(node),
                    connected: match p.link {
                        Link::Up { since } => Some(since),
                        _ => None,
                    },
                    heard: self.heard(now, node),
                    addrs: p.addrs.clone(),
                    offences: p.offences(),
                })
                .collect(),
            logs: self
                .logs
                .iter()
                .map(|(handle, l)| LogView {
                    handle: handle.clone(),
                    epoch: l.epoch(),
                    writer: l.writer(),
                    size: l.size,
                    root: l.root,
                    heard: l.heard_size(),
                    note: l.complete.as_ref().map(|s| s.text.clone()),
                    frozen: l.frozen.clone(),
                    fetching: l.fetch.as_ref().map(|f| f.peer),
                })
                .collect(),
            obstacle: self.obstacle(now),
        }
    }

    /// How long the longest checkpoint of each log is that is known of, held or not.
    pub fn heard_sizes(&self) -> impl Iterator<Item = (&Handle, u64)> {
        self.logs.iter().map(|(handle, l)| (handle, l.heard_size()))
    }

    /// Whether this node may sign its own log's entries now.
    pub fn may_sign(&self) -> bool {
        self.start.signing()
    }

    /// Names the set of a log's successions.
    pub fn successions_digest(&self, handle: &Handle) -> Option<super::super::Digest> {
        self.logs.get(handle).map(|l| l.digest())
    }

    /// Names the drafts of the next amendment that are held, signatures included.
    pub fn drafts_digest(&self) -> Option<super::super::Digest> {
        self.drafts.digest()
    }

    /// The charter chain as the machine knows it.
    pub fn chain(&self) -> &crate::charter::Chain {
        &self.chain
    }

    /// The successions of a log as the machine knows them.
    pub fn successions(&self, handle: &Handle) -> Option<&crate::succession::Successions> {
        self.logs.get(handle).map(|l| &l.successions)
    }
}
