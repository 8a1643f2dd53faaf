//! Why a log is frozen: bytes that prove it to anybody who knows who the writer was.

use serde::{Deserialize, Serialize};

use super::{Range, message::Digest};
use crate::{
    id::{TreeRoot, sha256},
    key::PublicKey,
    name::Handle,
    note::{Note, Origin},
    tree,
};

/// Proof that a log has two histories.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// Two checkpoints of the writer for one origin (FORMATS 3).
    Checkpoints {
        /// Whose log.
        handle: Handle,
        /// The epoch.
        epoch: u64,
        /// The note of the smaller size.
        first: String,
        /// The note of the larger or same size.
        second: String,
        /// The root that the larger tree has at the smaller size; absent for notes of the same size.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        root: Option<TreeRoot>,
        /// Proof that the tree with that root is a beginning of the larger one.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        proof: Vec<TreeRoot>,
    },
    /// Two successions of one epoch. The envelopes are exchanged as successions.
    Successions {
        /// Whose log.
        handle: Handle,
        /// The epoch that both open.
        epoch: u64,
    },
}

impl Evidence {
    /// Of two notes that were opened as the writer's. `root` and `proof` are what the larger tree says of
    /// the smaller size; they are left out where the sizes are the same.
    pub fn checkpoints(
        origin: &Origin,
        one: &Note,
        other: &Note,
        root: TreeRoot,
        proof: &[[u8; 32]],
    ) -> Self {
        let text = |n: &Note| String::from_utf8_lossy(&n.to_bytes()).into_owned();
        let size = |n: &Note| n.claim().map_or(0, |c| c.size);
        let mut pair = [(size(one), text(one)), (size(other), text(other))];
        pair.sort();
        let same = pair[0].0 == pair[1].0;
        let [(_, first), (_, second)] = pair;
        Evidence::Checkpoints {
            handle: origin.handle.clone(),
            epoch: origin.epoch,
            first,
            second,
            root: (!same).then_some(root),
            proof: if same {
                Vec::new()
            } else {
                proof.iter().map(|h| TreeRoot(*h)).collect()
            },
        }
    }

    /// Whose log, and which epoch.
    pub fn log(&self) -> (&Handle, u64) {
        match self {
            Evidence::Checkpoints { handle, epoch, .. }
            | Evidence::Successions { handle, epoch } => (handle, *epoch),
        }
    }

    /// Names the evidence.
    pub fn digest(&self) -> Digest {
        let bytes = serde_json::to_vec(self).expect("texts, numbers and hashes are JSON");
        crate::id::ListHash(sha256(&[&bytes]))
    }

    /// What decides which evidence stays where there are several: all nodes end with the same.
    pub(super) fn rank(&self) -> (u64, u64, Digest) {
        match self {
            Evidence::Checkpoints { first, second, .. } => {
                let size = |t: &str| {
                    let claim = Note::read(t.as_bytes()).and_then(|n| n.claim());
                    claim.map_or(u64::MAX, |c| c.size)
                };
                (size(second), size(first), self.digest())
            }
            Evidence::Successions { .. } => (0, 0, self.digest()),
        }
    }

    /// Whether two checkpoints of this origin and writer contradict each other here.
    pub fn proves(&self, origin: &Origin, writer: &PublicKey) -> bool {
        let Evidence::Checkpoints {
            first,
            second,
            root,
            proof,
            ..
        } = self
        else {
            return false;
        };
        let open = |t: &str| Note::read(t.as_bytes()).and_then(|n| n.open(origin, writer));
        let (Ok(first), Ok(second)) = (open(first), open(second)) else {
            return false;
        };
        if first.size == second.size {
            return first.root != second.root && root.is_none() && proof.is_empty();
        }
        let Some(root) = root.filter(|r| *r != first.root) else {
            return false;
        };
        let proof: Vec<[u8; 32]> = proof.iter().map(|h| h.0).collect();
        let second = (second.size, second.root);
        first.size > 0 && tree::check(&proof, second, (first.size, root)).is_ok()
    }
}

/// Compares an older note with a range of the log held, read for a request whose base is the older note's
/// size. Evidence if the log has another root there (R-06-40).
pub fn contradiction(own: &Range, older: &[u8]) -> Option<Evidence> {
    let (new_note, old_note) = (Note::read(&own.checkpoint).ok()?, Note::read(older).ok()?);
    let (new, old) = (new_note.claim().ok()?, old_note.claim().ok()?);
    let root = own.base_root.filter(|root| *root != old.root)?;
    let newer = new.origin == old.origin && new.size > old.size;
    newer.then(|| Evidence::checkpoints(&new.origin, &old_note, &new_note, root, &own.base_proof))
}
