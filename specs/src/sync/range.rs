//! A part of a log on its way from one node to another, and the one check that it passes before it is stored.

use serde::{Deserialize, Serialize};

use super::{Evidence, Offence, limits};
use crate::{
    envelope,
    id::TreeRoot,
    key::PublicKey,
    name::Handle,
    note::{Checkpoint, Note, Origin},
    tree::{self, Hashes, Pending},
};

mod bodies;
mod codec;

pub use bodies::{RangeErasure, check_bodies};
pub use codec::CodecError;

/// What is asked of a peer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RangeRequest {
    /// Whose log.
    pub handle: Handle,
    /// The epoch that the asker knows as the last.
    pub epoch: u64,
    /// The first position that the asker lacks.
    pub from: u64,
    /// A size for which the answer also says and proves the root; 0 for none (R-06-33).
    pub base: u64,
    /// Most entries wanted, at most [`limits::MAX_RANGE_ENTRIES`].
    pub max_entries: u64,
    /// Bytes after which the range ends, at most [`limits::MAX_RANGE_BYTES`]; at least one entry is sent.
    pub max_bytes: u64,
}

/// Entries `from`, `from + 1` … of a log, with the proof that they belong there.
///
/// A range that begins below the cut of the epoch's succession stands under that cut and ends there at the
/// latest; any other stands under a checkpoint of the epoch (R-06-31).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    /// Whose log.
    pub handle: Handle,
    /// The epoch.
    pub epoch: u64,
    /// The position of the first entry.
    pub from: u64,
    /// The entries, in order.
    pub entries: Vec<RangeEntry>,
    /// The lists that the entries name.
    pub lists: Vec<Vec<u8>>,
    /// The writer's note that covers the range; empty if the succession's cut does.
    pub checkpoint: Vec<u8>,
    /// Proof that the tree of `from + entries.len()` leaves is a beginning of the checkpoint's.
    pub proof: Vec<[u8; 32]>,
    /// The root at the size [`RangeRequest::base`], if one was asked for and the checkpoint reaches it.
    pub base_root: Option<TreeRoot>,
    /// Proof that the tree with `base_root` is a beginning of the checkpoint's.
    pub base_proof: Vec<[u8; 32]>,
    /// Erasures of bodies that are missing, where they stand behind the range (R-06-38).
    pub erasures: Vec<RangeErasure>,
}

/// One entry on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RangeEntry {
    /// The bytes of the leaf.
    pub entry: Vec<u8>,
    /// Salt and body, if the entry has a body and the sender has it.
    pub body: Option<([u8; 32], Vec<u8>)>,
}

/// What an answer must satisfy: known from verified successions and checkpoints only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// The log and its epoch.
    pub origin: Origin,
    /// Who signs its checkpoints.
    pub writer: PublicKey,
    /// Where the succession of the epoch begins: size and root.
    pub cut: (u64, TreeRoot),
    /// Whether the log's own writer is asked: it holds every body that was not erased (R-06-38).
    pub own: bool,
    /// A checkpoint that agrees with what is held; its size is [`RangeRequest::base`].
    pub base: Option<Note>,
}

/// A range that holds: store the entries, then these hashes, then the checkpoint, in one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The dense index of the first new hash.
    pub first_hash: u64,
    /// The new hashes of the tree.
    pub hashes: Vec<[u8; 32]>,
    /// The log's size with the range.
    pub size: u64,
    /// The root at that size.
    pub root: TreeRoot,
    /// The checkpoint that covers the range; `None` if the succession's cut does.
    pub checkpoint: Option<Checkpoint>,
}

/// A range is not stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RangeFault {
    /// The peer did not answer, or the connection broke.
    #[error("the peer did not answer")]
    Unreachable,
    /// The peer does not have what was asked, though it said or was thought to.
    #[error("the peer does not hold the range")]
    NotHeld,
    /// The log grew or was cut here in the meantime.
    #[error("the log changed here while the range was on its way")]
    Stale,
    /// The bytes are no range, or exceed a limit.
    #[error("R-06-30: not a range: {0}")]
    Form(String),
    /// The checkpoint is not one of this log, epoch and writer.
    #[error("R-06-31: {0}")]
    Note(#[from] crate::note::Error),
    /// A proof does not hold, or entries are not those of the proved tree.
    #[error("R-06-32: the range does not stand under its checkpoint")]
    Proof,
    /// The range continues another tree than the one held, and no proof says who is wrong.
    #[error("R-06-34: the range does not continue what is held")]
    Inconsistent,
    /// What is held does not lead to the succession's cut: this node follows a branch that was given up.
    #[error("R-06-35: what is held is not a beginning of what the succession names")]
    Diverged,
    /// Two checkpoints of the writer contradict each other.
    #[error("R-06-40: the writer signed two histories")]
    Equivocation(Box<Evidence>),
    /// What the entries carry (bodies, lists) is wrong: the store says so.
    #[error("the entries are refused: {0}")]
    Entries(String),
    /// This node cannot store: its own fault.
    #[error("the range could not be stored: {0}")]
    Store(String),
}

impl RangeFault {
    /// What the peer did wrong, if it did.
    pub fn offence(&self) -> Option<Offence> {
        match self {
            RangeFault::Form(_) => Some(Offence::Form),
            RangeFault::Note(_) => Some(Offence::Signature),
            RangeFault::Proof | RangeFault::Entries(_) => Some(Offence::Range),
            _ => None,
        }
    }
}

/// The proofs that go with a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proofs {
    /// For [`Range::proof`].
    pub proof: Vec<[u8; 32]>,
    /// For [`Range::base_root`].
    pub base_root: Option<TreeRoot>,
    /// For [`Range::base_proof`].
    pub base_proof: Vec<[u8; 32]>,
}

/// Makes the proofs for a range that ends before position `end`, under a checkpoint of `size` leaves.
///
/// # Errors
/// `held` lacks hashes, or the sizes are out of order.
pub fn prove_range(
    held: &impl Hashes,
    size: u64,
    end: u64,
    base: u64,
) -> Result<Proofs, tree::Error> {
    let with_base = base > 0 && base <= size;
    Ok(Proofs {
        proof: tree::prove(held, size, end)?,
        base_root: with_base.then(|| tree::root(held, base)).transpose()?,
        base_proof: if with_base {
            tree::prove(held, size, base)?
        } else {
            Vec::new()
        },
    })
}

/// Verifies a range against what is held: `held_size` leaves whose hashes are `held`.
///
/// Everything about the log is checked here (R-06-30 to R-06-35); whether bodies and lists are those that
/// the entries name is the store's to check before it stores them.
pub fn check_range(
    held: &impl Hashes,
    held_size: u64,
    range: &Range,
    terms: &Terms,
) -> Result<Checked, RangeFault> {
    let form = |what: &str| Err(RangeFault::Form(what.to_owned()));
    if range.handle != terms.origin.handle || range.epoch != terms.origin.epoch {
        return form("it is of another log or epoch");
    }
    if range.from != held_size {
        return Err(RangeFault::Stale);
    }
    if range.entries.is_empty() {
        return Err(RangeFault::NotHeld);
    }
    let count = range.entries.len() as u64;
    if count > limits::MAX_RANGE_ENTRIES {
        return form("too many entries");
    }
    if range
        .entries
        .iter()
        .any(|e| e.entry.len() > envelope::MAX_ENTRY)
    {
        return form("an entry is over the limit");
    }
    let below_cut = range.from < terms.cut.0;
    if below_cut != range.checkpoint.is_empty() {
        return form(
            "below the succession's cut there is no checkpoint, and from there on there is",
        );
    }
    let end = range.from + count;
    let (tip, checkpoint) = if below_cut {
        (terms.cut, None)
    } else {
        let note = Note::read(&range.checkpoint)?;
        let checkpoint = note.open(&terms.origin, &terms.writer)?;
        let tip = (checkpoint.size, checkpoint.root);
        (tip, Some((note, checkpoint)))
    };
    if end > tip.0 {
        return form("it ends behind what covers it");
    }
    let based = match &checkpoint {
        Some((note, _)) => check_base(range, terms, tip, note)?,
        None => {
            check_below_cut(held, range, tip)?;
            true
        }
    };
    let mut new = Pending::on(held, held_size);
    let store = |e: tree::Error| RangeFault::Store(e.to_string());
    for (position, entry) in (range.from..).zip(&range.entries) {
        tree::append(&mut new, position, tree::leaf_hash(&entry.entry)).map_err(store)?;
    }
    let root = tree::root(&new, end).map_err(store)?;
    if tree::check(&range.proof, tip, (end, root)).is_err() {
        // With the base proved, what is held is a beginning of the sender's tree: the entries are wrong.
        return Err(if based {
            RangeFault::Proof
        } else {
            RangeFault::Inconsistent
        });
    }
    let (first_hash, hashes) = new.into_new();
    Ok(Checked {
        first_hash,
        hashes,
        size: end,
        root,
        checkpoint: checkpoint.map(|(_, c)| c),
    })
}

/// Compares with the checkpoint under which the held leaves stand. Says whether there was something to compare.
fn check_base(
    range: &Range,
    terms: &Terms,
    tip: (u64, TreeRoot),
    note: &Note,
) -> Result<bool, RangeFault> {
    let Some(base_note) = &terms.base else {
        // Nothing is held of this epoch: only the cut, or nothing at all, which begins every tree.
        return Ok(range.from == 0);
    };
    let base = base_note.open(&terms.origin, &terms.writer)?;
    if base.size > tip.0 {
        return Ok(false);
    }
    let root = match range.base_root {
        _ if base.size == tip.0 => tip.1,
        Some(root) => {
            tree::check(&range.base_proof, tip, (base.size, root))
                .map_err(|_| RangeFault::Proof)?;
            root
        }
        None => {
            return Err(RangeFault::Form(
                "the base asked for is not proved".to_owned(),
            ));
        }
    };
    if root != base.root {
        let evidence =
            Evidence::checkpoints(&terms.origin, base_note, note, root, &range.base_proof);
        return Err(RangeFault::Equivocation(Box::new(evidence)));
    }
    Ok(base.size >= range.from)
}

/// Below the cut, the sender proves which tree of the held size leads there.
fn check_below_cut(
    held: &impl Hashes,
    range: &Range,
    cut: (u64, TreeRoot),
) -> Result<(), RangeFault> {
    if range.from == 0 {
        return Ok(());
    }
    let root = range
        .base_root
        .ok_or_else(|| RangeFault::Form("the base asked for is not proved".to_owned()))?;
    tree::check(&range.base_proof, cut, (range.from, root)).map_err(|_| RangeFault::Proof)?;
    match tree::root(held, range.from) {
        Ok(own) if own == root => Ok(()),
        Ok(_) => Err(RangeFault::Diverged),
        Err(e) => Err(RangeFault::Store(e.to_string())),
    }
}
