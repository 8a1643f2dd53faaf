//! What the network needs of the node, and nothing else of the node is known here.

use std::sync::Arc;

use commun_specs::{
    id::TreeRoot,
    join::JoinRequest,
    name::Handle,
    sync::{Evidence, Initial, Range, RangeFault, RangeRequest, Terms},
};
use futures::future::BoxFuture;
use tokio::sync::watch;

use super::members::Member;

/// The node's store is broken, full, or closed: what was asked was not done. It was logged where it happened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the store failed: {0}")]
pub struct Trouble(pub String);

/// A log after a range was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// How many leaves; the number before if nothing could be stored (a list is missing).
    pub size: u64,
    /// The tree's root at that size.
    pub root: TreeRoot,
}

/// A checkpoint with this institution's cosignature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosigned {
    /// Up to which size.
    pub size: u64,
    /// The note.
    pub note: Vec<u8>,
}

/// A body on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// The position of its entry.
    pub position: u64,
    /// The salt.
    pub salt: [u8; 32],
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// All that is signed and public about who is a member.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Papers {
    /// The amendments of the charter from 0 on: envelopes.
    pub charter: Vec<Vec<u8>>,
    /// Drafts of the next amendment: envelopes.
    pub drafts: Vec<Vec<u8>>,
    /// The successions of all logs: envelopes.
    pub successions: Vec<Vec<u8>>,
}

/// What became of a request to join.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Joining {
    /// The members have not admitted the institution yet.
    Pending,
    /// It is a member: here is what it needs to begin (the drafts stay empty).
    Admitted(Papers),
    /// No, and why.
    Refused(String),
}

/// The node behind the network. Everything that comes in was bounded, and nothing was verified but what the
/// sync machine verified; the implementor verifies again what it stores.
///
/// A future that is dropped may or may not have done its work.
pub trait Door: Send + Sync + 'static {
    /// What the store holds, read at the start.
    ///
    /// # Errors
    /// The store cannot be read.
    fn initial(&self) -> Result<Initial, Trouble>;
    /// The writers of the charter's members, with the addresses that their enrolments state; also this node.
    fn members(&self) -> Vec<Member>;
    /// The charter, drafts and successions as they stand now.
    fn papers(&self) -> Papers;
    /// The longest note of this institution's own log, if this node signed it.
    fn own_note(&self) -> Option<Vec<u8>>;
    /// Changes when entries of any log were stored.
    fn grown(&self) -> watch::Receiver<u64>;
    /// Changes when the charter, a draft or a succession was stored.
    fn papers_changed(&self) -> watch::Receiver<u64>;

    /// Reads a range of a log for a peer; `None` if it is not held.
    fn read_range(&self, request: RangeRequest) -> BoxFuture<'static, Option<Range>>;
    /// Verifies a range under these terms and stores it; durable when it returns.
    fn accept_range(
        &self,
        range: Range,
        terms: Terms,
    ) -> BoxFuture<'static, Result<Stored, RangeFault>>;
    /// Reads bodies for a peer, as far as they are here.
    fn read_bodies(&self, log: Handle, positions: Vec<u64>) -> BoxFuture<'static, Vec<Body>>;
    /// Verifies a body that was withheld and stores it; `false` if it is not the one.
    fn accept_body(&self, log: Handle, body: Body) -> BoxFuture<'static, Result<bool, Trouble>>;
    /// The positions of each log whose bodies are withheld. May read the disk.
    fn withheld(&self) -> Vec<(Handle, Vec<u64>)>;

    /// Stores an amendment.
    fn add_charter(&self, envelope: Vec<u8>) -> BoxFuture<'static, Result<(), Trouble>>;
    /// Stores a draft, in the place of one with the same payload.
    fn store_draft(&self, envelope: Vec<u8>) -> BoxFuture<'static, Result<(), Trouble>>;
    /// Stores a succession.
    fn add_succession(
        &self,
        log: Handle,
        envelope: Vec<u8>,
    ) -> BoxFuture<'static, Result<(), Trouble>>;
    /// Keeps a succession that is refused: it is evidence.
    fn keep_refused(
        &self,
        log: Handle,
        envelope: Vec<u8>,
    ) -> BoxFuture<'static, Result<(), Trouble>>;
    /// Drops a log's entries from `size` on; says what is left.
    fn truncate(&self, log: Handle, size: u64) -> BoxFuture<'static, Result<Stored, Trouble>>;
    /// Accepts no growth of a log any more, and keeps why.
    fn freeze(&self, log: Handle, evidence: Evidence) -> BoxFuture<'static, Result<(), Trouble>>;
    /// Accepts growth of a log again.
    fn thaw(&self, log: Handle) -> BoxFuture<'static, Result<(), Trouble>>;
    /// Cosigns a checkpoint of another log if its root is that of the leaves held, and remembers that before it
    /// answers; `None` where the roots differ.
    fn cosign(
        &self,
        log: Handle,
        note: Vec<u8>,
    ) -> BoxFuture<'static, Result<Option<Cosigned>, Trouble>>;
    /// Keeps a note with the cosignatures of its witnesses.
    fn store_witnessed(
        &self,
        log: Handle,
        note: Vec<u8>,
    ) -> BoxFuture<'static, Result<(), Trouble>>;
    /// Whether this node may sign its own log's entries now.
    fn set_may_sign(&self, may: bool);

    /// Takes a request to join, or says what became of it. Asked any number of times.
    fn join(&self, request: JoinRequest) -> BoxFuture<'static, Result<Joining, Trouble>>;
    /// A node that is not known yet shows the succession that names it: if it holds, it is stored, and the answer
    /// is what the node needs (the drafts stay empty); otherwise why not.
    fn introduce(&self, succession: Vec<u8>) -> BoxFuture<'static, Result<Papers, String>>;
}

/// Gives repositories to members.
pub trait GitServe: Send + Sync + 'static {
    /// Whether there is such a repository here.
    fn holds(&self, item: &str) -> bool;
    /// Gives what is asked for over the stream. Bounds every wait.
    fn serve(&self, item: String, stream: super::git::GitStream) -> BoxFuture<'static, ()>;
}

/// A node without repositories.
pub struct NoGit;

impl GitServe for NoGit {
    fn holds(&self, _: &str) -> bool {
        false
    }

    fn serve(&self, _: String, _: super::git::GitStream) -> BoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// What is behind the network.
pub(super) type Behind = Arc<dyn Door>;
