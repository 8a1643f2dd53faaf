//! What the machine is told.

use super::{Evidence, Message, RangeFault};
use crate::{id::TreeRoot, key::PublicKey, name::Handle};

/// Milliseconds of a clock that never goes back; where it starts does not matter.
pub type Millis = u64;

/// A node that may be dialled and heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its key.
    pub node: PublicKey,
    /// Its institution, as an enrolment or succession says; `None` for one that only the operator or an
    /// invitation names.
    pub institution: Option<Handle>,
    /// Its multiaddresses, as text for the shell; empty for one that is never dialled.
    pub addrs: Vec<String>,
}

/// Something happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Time went by. At least every 250 ms while anything is connected or to be dialled.
    Tick,
    /// A connection to a peer stands (either side opened it). Given once, however many connections there are.
    Connected {
        /// Who.
        peer: PublicKey,
    },
    /// The last connection to a peer is gone.
    Disconnected {
        /// Who.
        peer: PublicKey,
    },
    /// A dial failed.
    DialFailed {
        /// Who.
        peer: PublicKey,
    },
    /// A message came.
    Message {
        /// From whom.
        peer: PublicKey,
        /// What, as read from at most [`super::limits::MAX_MESSAGE`] bytes.
        message: Message,
    },
    /// Bytes of a peer could not be read as a message, or were too many.
    Garbage {
        /// From whom.
        peer: PublicKey,
    },
    /// A checkpoint came by gossip. Answered by exactly one [`super::Output::Relay`] of this id.
    Gossip {
        /// Who passed it on.
        from: PublicKey,
        /// The shell's name of the gossip message.
        id: u64,
        /// The note.
        note: Vec<u8>,
    },
    /// All nodes that may be dialled and heard, from enrolments, the operator and invitations. Replaces the
    /// list before.
    Members(Vec<Member>),
    /// An amendment from a command or a join.
    Charter(Vec<u8>),
    /// A draft of the next amendment that was signed here.
    Draft(Vec<u8>),
    /// A succession from a command or a join.
    Succession(Vec<u8>),
    /// This node's own log grew: entries, hashes and this note are durable.
    LocalGrew {
        /// The writer's note.
        note: Vec<u8>,
    },
    /// Bytes of a fetch came in: it is not stalled.
    Progress {
        /// The fetch.
        id: u64,
    },
    /// A range was verified and is durable.
    RangeStored {
        /// The fetch.
        id: u64,
        /// Whose log.
        handle: Handle,
        /// The log's new size; the size before if nothing could be stored (a list is missing).
        size: u64,
        /// The tree root at that size.
        root: TreeRoot,
        /// The note that the range came under; `None` if it came under the succession's cut.
        note: Option<Vec<u8>>,
    },
    /// A range was not stored.
    RangeRefused {
        /// The fetch.
        id: u64,
        /// Why.
        fault: RangeFault,
    },
    /// A log was cut as [`super::Output::Truncate`] asked.
    Truncated {
        /// Whose log.
        handle: Handle,
        /// How many leaves are left: at most what was asked for.
        size: u64,
        /// The tree root at that size.
        root: TreeRoot,
    },
    /// The comparison that [`super::Output::Compare`] asked for found two histories.
    Found(Evidence),
    /// This node cosigned a checkpoint, as [`super::Output::Cosign`] asked, and remembers that durably.
    Cosigned {
        /// Whose log.
        handle: Handle,
        /// The size that it covers.
        size: u64,
        /// The note, with this institution's cosignature.
        note: Vec<u8>,
    },
    /// The positions of a log whose bodies are withheld, all of them (the first
    /// [`super::limits::MAX_WITHHELD`] are asked for).
    Withheld {
        /// Whose log.
        handle: Handle,
        /// Where.
        positions: Vec<u64>,
    },
}
