//! What the machine knows of one log.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    super::{Digest, Evidence, LogState, Millis, RangeRequest, Summary, limits},
    fetch::{Backoff, Running},
    witness::Witnessed,
};
use crate::{
    envelope::{Envelope, PayloadType},
    id::{ListHash, SuccessionId, TreeRoot, sha256},
    key::PublicKey,
    name::Handle,
    note::{Checkpoint, Note, Origin},
    succession::{Succession, Successions},
};

/// A checkpoint of the current epoch that the writer signed.
#[derive(Debug, Clone)]
pub(super) struct Signed {
    pub(super) checkpoint: Checkpoint,
    pub(super) note: Note,
    /// The note with the writer's signature and no other.
    pub(super) text: String,
}

/// Signature lines of a log's key that are tried.
const MAX_OWN_LINES: usize = 4;

/// One log.
#[derive(Debug)]
pub(super) struct Log {
    pub(super) successions: Successions,
    digest: Digest,
    ids: BTreeSet<SuccessionId>,
    /// Leaves held, and their root.
    pub(super) size: u64,
    pub(super) root: TreeRoot,
    /// The longest checkpoint whose leaves are all held.
    pub(super) complete: Option<Signed>,
    /// The checkpoint under which the leaves held stand; never shorter than what is held.
    pub(super) covering: Option<Signed>,
    /// The longest checkpoint that is known to exist.
    pub(super) heard: Option<Signed>,
    pub(super) frozen: Option<Evidence>,
    /// The largest size that this node cosigned, in this epoch or up to its beginning, and when it did last.
    pub(super) cosigned: u64,
    pub(super) cosigned_at: Option<Millis>,
    /// What the writer wants cosigned.
    pub(super) to_cosign: Option<Signed>,
    /// The longest checkpoint with cosignatures.
    pub(super) witnessed: Option<Witnessed>,
    /// Older notes that were compared with what is held.
    pub(super) compared: BTreeSet<String>,
    /// Successions that were refused because they go below what was cosigned.
    pub(super) refused: BTreeSet<SuccessionId>,
    /// How many leaves each connected peer can give.
    pub(super) claims: BTreeMap<PublicKey, u64>,
    pub(super) fetch: Option<Running>,
    pub(super) backoff: BTreeMap<PublicKey, Backoff>,
    pub(super) withheld: Vec<u64>,
    pub(super) bodies_at: Millis,
    /// Whether the last own checkpoint is still to be announced, and when one was last.
    pub(super) unannounced: bool,
    pub(super) announced: Option<Millis>,
}

impl Log {
    /// `None` if there is no succession: nobody may write.
    pub(super) fn new(
        handle: &Handle,
        successions: Successions,
        state: Option<&LogState>,
    ) -> Option<Self> {
        let (epoch, forked) = (successions.current()?.epoch, successions.forked());
        let mut log = Self {
            digest: ListHash(sha256(&[])),
            ids: BTreeSet::new(),
            successions: Successions::default(),
            size: state.map_or(0, |s| s.size),
            root: state.map_or(TreeRoot::empty(), |s| s.root),
            complete: None,
            covering: None,
            heard: None,
            frozen: state.and_then(|s| s.frozen.clone()).filter(|e| match e {
                Evidence::Checkpoints { .. } => e.log() == (handle, epoch),
                Evidence::Successions { .. } => forked,
            }),
            cosigned: state.map_or(0, |s| s.cosigned),
            cosigned_at: None,
            to_cosign: None,
            witnessed: None,
            compared: BTreeSet::new(),
            refused: BTreeSet::new(),
            claims: BTreeMap::new(),
            fetch: None,
            backoff: BTreeMap::new(),
            withheld: Vec::new(),
            bodies_at: 0,
            unannounced: false,
            announced: None,
        };
        log.set_successions(successions);
        let read = |bytes: &Option<Vec<u8>>| log.open(&Note::read(bytes.as_deref()?).ok()?);
        let (complete, covering) = match state {
            Some(s) => (read(&s.complete), read(&s.covering)),
            None => (None, None),
        };
        log.complete = complete.filter(|s| s.checkpoint.size <= log.size);
        log.covering = covering.filter(|s| s.checkpoint.size >= log.size);
        log.cosigned = log.bounded(log.cosigned, state.map_or(0, |s| s.cosigned_epoch));
        log.witnessed = state
            .and_then(|s| Note::read(s.witnessed.as_deref()?).ok())
            .and_then(|note| {
                let size = log.open(&note)?.checkpoint.size;
                Some(Witnessed { size, note })
            });
        log.heard = log.covering.clone().or_else(|| log.complete.clone());
        Some(log)
    }

    fn succession(&self) -> &Succession {
        self.successions
            .current()
            .expect("a log is made with its first succession")
    }

    /// Who may sign.
    pub(super) fn writer(&self) -> PublicKey {
        self.succession().writer
    }

    /// The current epoch.
    pub(super) fn epoch(&self) -> u64 {
        self.succession().epoch
    }

    /// Where the current epoch begins.
    pub(super) fn cut(&self) -> (u64, TreeRoot) {
        (self.succession().size, self.succession().root)
    }

    /// The log's current origin.
    pub(super) fn origin(&self) -> Origin {
        let s = self.succession();
        Origin {
            commons: s.commons,
            handle: s.institution.clone(),
            epoch: s.epoch,
        }
    }

    /// Names the set of successions.
    pub(super) fn digest(&self) -> Digest {
        self.digest
    }

    /// Takes over a set of successions.
    pub(super) fn set_successions(&mut self, successions: Successions) {
        self.ids = successions
            .envelopes()
            .filter_map(|bytes| Envelope::read(PayloadType::Succession, &bytes).ok())
            .map(|e| SuccessionId(sha256(&[e.payload()])))
            .collect();
        let ids: Vec<&[u8]> = self.ids.iter().map(|i| &i.as_bytes()[..]).collect();
        self.digest = ListHash(sha256(&ids));
        self.successions = successions;
    }

    /// Whether a succession is known, by its payload: any signatures that reach the threshold are as good.
    pub(super) fn knows(&self, id: &SuccessionId) -> bool {
        self.ids.contains(id)
    }

    /// The checkpoint of a note, if it is the current writer's for the current epoch.
    pub(super) fn open(&self, note: &Note) -> Option<Signed> {
        let (origin, writer) = (self.origin(), self.writer());
        let bytes = note.to_bytes();
        let whole = std::str::from_utf8(&bytes).ok()?;
        let (text, lines) = whole.split_once("\n\n")?;
        let name = format!("— {origin} ");
        let own = lines.lines().filter(|l| l.starts_with(&name));
        // One line of the log's key is usual, a few are possible; each costs a verification.
        own.take(MAX_OWN_LINES).find_map(|line| {
            let text = format!("{text}\n\n{line}\n");
            let note = Note::read(text.as_bytes()).ok()?;
            let checkpoint = note.open(&origin, &writer).ok()?;
            // Checkpoints of an epoch begin where it does: a shorter one is nobody's history.
            (checkpoint.size >= self.cut().0).then_some(Signed {
                checkpoint,
                note,
                text,
            })
        })
    }

    /// The same, without verifying again what is already known.
    pub(super) fn open_text(&self, text: &str) -> Option<Signed> {
        let known = [&self.complete, &self.covering, &self.heard];
        match known.into_iter().flatten().find(|s| s.text == text) {
            Some(signed) => Some(signed.clone()),
            None => self.open(&Note::read(text.as_bytes()).ok()?),
        }
    }

    /// A known checkpoint of the same size and another root, as evidence (R-06-40).
    pub(super) fn contradiction(&self, new: &Signed) -> Option<Evidence> {
        let known = [&self.complete, &self.covering, &self.heard];
        let old = known.into_iter().flatten().find(|s| {
            s.checkpoint.size == new.checkpoint.size && s.checkpoint.root != new.checkpoint.root
        })?;
        let root = old.checkpoint.root;
        Some(Evidence::checkpoints(
            &self.origin(),
            &old.note,
            &new.note,
            root,
            &[],
        ))
    }

    /// What to read to compare an older note with the log held; each note once.
    pub(super) fn comparison(&mut self, old: &Signed) -> Option<RangeRequest> {
        let complete = self.complete.as_ref()?.checkpoint.size;
        let base = old.checkpoint.size;
        if base == 0 || base >= complete || self.frozen.is_some() {
            return None;
        }
        if self.compared.len() >= limits::MAX_COMPARED {
            self.compared.clear();
        }
        self.compared
            .insert(old.text.clone())
            .then(|| RangeRequest {
                handle: old.checkpoint.origin.handle.clone(),
                epoch: old.checkpoint.origin.epoch,
                from: complete - 1,
                base,
                max_entries: 1,
                max_bytes: 1,
            })
    }

    /// How long the longest known checkpoint is.
    pub(super) fn heard_size(&self) -> u64 {
        let heard = self.heard.as_ref().map_or(0, |s| s.checkpoint.size);
        heard.max(self.cut().0)
    }

    /// Up to where this node can give ranges with proofs.
    pub(super) fn servable(&self) -> u64 {
        match &self.complete {
            Some(s) => s.checkpoint.size,
            None if self.size >= self.cut().0 => self.cut().0,
            None => 0,
        }
    }

    /// What peers are told.
    pub(super) fn summary(&self, handle: &Handle) -> Summary {
        let complete = self.complete.as_ref();
        let longer = |s: &&Signed| complete.is_none_or(|c| s.checkpoint.size > c.checkpoint.size);
        Summary {
            handle: handle.clone(),
            epoch: self.epoch(),
            successions: self.digest,
            size: self.servable(),
            note: complete.map(|s| s.text.clone()),
            heard: self.heard.as_ref().filter(longer).map(|s| s.text.clone()),
            frozen: self.frozen.as_ref().map(Evidence::digest),
        }
    }

    /// What was cosigned in an earlier epoch counts up to where that epoch ended.
    fn bounded(&self, cosigned: u64, epoch: u64) -> u64 {
        if epoch < self.epoch() {
            cosigned.min(self.cut().0)
        } else {
            cosigned
        }
    }

    /// Forgets everything that belongs to the epoch before.
    pub(super) fn begin_epoch(&mut self) {
        self.cosigned = self.cosigned.min(self.cut().0);
        (self.to_cosign, self.witnessed) = (None, None);
        (self.complete, self.covering, self.heard) = (None, None, None);
        self.claims.clear();
        self.compared.clear();
        self.backoff.clear();
        self.unannounced = false;
    }

    /// A peer is back: nothing is held against it.
    pub(super) fn forgive(&mut self, peer: &PublicKey) {
        self.backoff.remove(peer);
    }
}
