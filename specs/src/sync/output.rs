//! What the machine wants done.

use super::{Evidence, Message, RangeRequest, Terms};
use crate::{id::TreeRoot, key::PublicKey, name::Handle};

/// To be done, in the order given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Open a connection; answered by `Connected` or `DialFailed`.
    Dial {
        /// Whom.
        peer: PublicKey,
        /// Where.
        addrs: Vec<String>,
    },
    /// Close all connections to a peer; answered by `Disconnected`.
    Close {
        /// Whom.
        peer: PublicKey,
    },
    /// Send a message; it may be lost.
    Send {
        /// To whom.
        peer: PublicKey,
        /// What.
        message: Message,
    },
    /// Gossip this node's own new checkpoint.
    Announce {
        /// The note.
        note: Vec<u8>,
    },
    /// What to do with a gossiped message.
    Relay {
        /// Its id.
        id: u64,
        /// Pass on or not.
        verdict: Verdict,
    },
    /// Fetch a range, verify it with [`super::check_range`] and store it; answered by `RangeStored` or
    /// `RangeRefused`.
    FetchRange(Fetch),
    /// The fetch is not wanted any more; what comes of it is not to be stored.
    CancelFetch {
        /// Which.
        id: u64,
    },
    /// Compare an older checkpoint of the writer with the log held: read this range of it as if a peer had
    /// asked, and give what [`super::contradiction`] finds back as `Input::Found`.
    Compare {
        /// What to read.
        request: RangeRequest,
        /// The older note.
        note: Vec<u8>,
    },
    /// Ask a peer for bodies.
    AskBodies {
        /// Whom.
        peer: PublicKey,
        /// Of whose log.
        handle: Handle,
        /// Where.
        positions: Vec<u64>,
    },
    /// Store an amendment, verified. Stored drafts of this number or a lower one may be deleted.
    AddCharter {
        /// The envelope.
        envelope: Vec<u8>,
    },
    /// Store a draft of the next amendment, in the place of one with the same payload.
    StoreDraft {
        /// The envelope.
        envelope: Vec<u8>,
    },
    /// Store a succession, verified.
    AddSuccession {
        /// Whose log.
        handle: Handle,
        /// The envelope.
        envelope: Vec<u8>,
    },
    /// Keep a succession that is refused because it goes below what this node cosigned: it is evidence.
    KeepRefused {
        /// Whose log.
        handle: Handle,
        /// The envelope.
        envelope: Vec<u8>,
    },
    /// Drop a log's entries from this position on (own ones are to be resubmitted), what was folded from them,
    /// and notes of a larger size; then say `Truncated`, before any other input about the log.
    /// A size above what is held drops nothing and only asks how much is held.
    Truncate {
        /// Whose log.
        handle: Handle,
        /// How many leaves stay.
        size: u64,
    },
    /// Cosign a checkpoint of another log if the leaves held have its root at its size: remember the size durably
    /// first, then answer with `Cosigned`. Where the roots differ, do nothing.
    Cosign {
        /// Whose log.
        handle: Handle,
        /// The writer's note.
        note: Vec<u8>,
    },
    /// Keep a note with the cosignatures of its witnesses, in the place of the one before; may be lost.
    StoreWitnessed {
        /// Whose log.
        handle: Handle,
        /// The note.
        note: Vec<u8>,
    },
    /// The log is frozen: store the evidence, in the place of what was there. Accept no growth.
    Freeze {
        /// Whose log.
        handle: Handle,
        /// Why.
        evidence: Evidence,
    },
    /// The log is not frozen any more; delete its evidence from the state (it stays in the journal).
    Thaw {
        /// Whose log.
        handle: Handle,
    },
    /// This node may sign its own log's entries from now on.
    MaySign,
    /// This node may not sign (any more): it is behind, frozen, or not the writer.
    MustNotSign,
    /// A peer did something wrong: count it.
    Count {
        /// Who.
        peer: PublicKey,
        /// What.
        offence: Offence,
    },
}

/// What becomes of a gossiped checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is verified and new: pass it on.
    Accept,
    /// It is old, known, or cannot be verified yet: drop it, blame nobody.
    Ignore,
    /// It is wrong.
    Reject,
}

/// What a peer did wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Offence {
    /// Bytes that are no message.
    Garbage,
    /// A message that contradicts itself or exceeds a limit.
    Form,
    /// A signature that does not hold.
    Signature,
    /// A range that does not verify.
    Range,
    /// More messages than the limit.
    Flood,
}

impl Offence {
    /// The name that metrics use.
    pub fn as_str(self) -> &'static str {
        match self {
            Offence::Garbage => "garbage",
            Offence::Form => "form",
            Offence::Signature => "signature",
            Offence::Range => "range",
            Offence::Flood => "flood",
        }
    }
}

/// A range to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetch {
    /// Names the fetch in inputs.
    pub id: u64,
    /// From whom.
    pub peer: PublicKey,
    /// What to send to the peer.
    pub request: RangeRequest,
    /// What the answer must satisfy.
    pub terms: Terms,
    /// How many leaves the peer said it has; progress is what counts, it may have more or fewer by now.
    pub until: u64,
}

/// A root at a size.
pub type Tip = (u64, TreeRoot);
