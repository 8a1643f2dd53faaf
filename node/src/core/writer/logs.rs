//! The logs of others through the door: ranges, cuts, bodies that come late, evidence.

use commun_specs::{
    id::sha256,
    list,
    name::Handle as LogHandle,
    statement::{Body, Statement},
    sync::{Evidence, Range, RangeFault, Terms, check_bodies, check_range},
    tree,
};

use super::{
    super::{Core, Inner, StoredRoots, Tip, opened, subject},
    Writer, busy, commits_to, embodied,
};
use crate::store::{self, EntryRow};

/// What a log is after a range was stored.
#[derive(Debug, Clone)]
pub struct Stored {
    /// How many leaves are held; as before if nothing could be stored because a list is missing.
    pub size: u64,
    /// The root at that size.
    pub root: commun_specs::id::TreeRoot,
    /// The checkpoint that covers the range.
    pub note: Option<Vec<u8>>,
}

impl Writer {
    /// Stores a range of a log that a peer sent, after verifying all of it.
    pub(super) fn accept(
        &mut self,
        inner: &Inner,
        range: Range,
        terms: &Terms,
    ) -> Result<Stored, RangeFault> {
        let full = |e: store::Error| RangeFault::Store(e.to_string());
        let handle = &range.handle;
        if inner
            .state
            .read()
            .expect("a thread that panics ends the process")
            .tip(handle)
            .is_some_and(|t| t.frozen.is_some())
        {
            return Err(RangeFault::Stale);
        }
        let row = self.store.log_or_new(handle).map_err(full)?;
        let checked = check_range(&self.store.hashes(row.id), row.size, &range, terms)?;
        let statements: Vec<Option<Statement>> = range
            .entries
            .iter()
            .map(|e| {
                Statement::open(&e.entry)
                    .ok()
                    .filter(|s| s.belongs_to(&terms.origin.commons, handle).is_ok())
            })
            .collect();
        // Below the cut stands what another writer signed, and may have lost.
        if let Some(checkpoint) = checked.checkpoint.as_ref().filter(|_| terms.own) {
            check_bodies(&range, &statements, (checkpoint.size, checkpoint.root))?;
        }
        let named: Vec<_> = statements
            .iter()
            .flatten()
            .filter_map(Statement::named_list)
            .collect();
        let mut lists: Vec<_> = range
            .lists
            .iter()
            .map(|b| (list::hash(b), b.clone()))
            .collect();
        // Only what an entry names is kept.
        lists.retain(|(hash, _)| named.contains(hash));
        for hash in named {
            if lists.iter().any(|(h, _)| *h == hash) {
                continue;
            }
            match self.store.list(&hash).map_err(full)? {
                Some(bytes) => lists.push((hash, bytes)),
                None => {
                    let root = tree::root(&self.store.hashes(row.id), row.size)
                        .map_err(|e| RangeFault::Store(e.to_string()))?;
                    return Ok(Stored {
                        size: row.size,
                        root,
                        note: None,
                    });
                }
            }
        }
        let note = checked
            .checkpoint
            .is_some()
            .then(|| range.checkpoint.clone());
        let complete = note.clone().filter(|_| {
            checked
                .checkpoint
                .as_ref()
                .is_some_and(|c| c.size == checked.size)
        });
        let (seq, row) = self
            .store
            .transaction(|store| {
                let row = store.log(handle)?;
                for (_, bytes) in &lists {
                    store.put_list(bytes)?;
                }
                let mut seq = 0;
                for ((position, e), s) in (range.from..).zip(&range.entries).zip(&statements) {
                    let body = e.body.as_ref().map(|(salt, bytes)| Body {
                        salt: *salt,
                        bytes: bytes.clone(),
                    });
                    let body = body.filter(|b| s.as_ref().is_some_and(|s| commits_to(s, b)));
                    let entry = EntryRow {
                        bytes: e.entry.clone(),
                        valid: s.is_some(),
                        embodied: embodied(s.as_ref()),
                    };
                    seq = store.put_entry(row.id, position, &entry, body.as_ref())?;
                }
                store.put_hashes(row.id, checked.first_hash, &checked.hashes)?;
                store.set_tip(
                    row.id,
                    range.epoch,
                    checked.size,
                    complete.as_deref(),
                    note.as_deref(),
                )?;
                Ok((seq, row.id))
            })
            .map_err(full)?;
        let delta = {
            let mut state = inner
                .state
                .write()
                .expect("a thread that panics ends the process");
            let roots = StoredRoots(&self.store);
            for (hash, bytes) in &lists {
                state.catalogue.put_list(*hash, bytes, &roots);
            }
            let delta = state.catalogue.append_range(
                handle,
                range.from,
                statements.iter().map(Option::as_ref),
                &roots,
            );
            state
                .catalogue
                .set_tip(handle, range.epoch, checked.size, checked.root);
            let old = state.tips.remove(handle);
            let tip = Tip {
                handle: handle.clone(),
                epoch: range.epoch,
                size: checked.size,
                root: checked.root,
                complete: complete.or_else(|| old.as_ref().and_then(|t| t.complete.clone())),
                covering: note.clone().or_else(|| old.and_then(|t| t.covering)),
                frozen: None,
                row,
            };
            state.tips.insert(handle.clone(), tip);
            delta
        };
        let changed = self.after_fold(inner, &delta, seq);
        inner.note_changes(seq, &changed);
        if delta.enrolments_changed {
            inner.members_changed();
        }
        Ok(Stored {
            size: checked.size,
            root: checked.root,
            note,
        })
    }

    /// Drops the entries of a log from `size` on: its succession gave them up. A size beyond what is held drops
    /// nothing; the answer says what is held.
    fn truncate(
        &mut self,
        inner: &Inner,
        handle: &LogHandle,
        size: u64,
    ) -> Result<Stored, store::Error> {
        let held = |inner: &Inner| {
            let state = inner
                .state
                .read()
                .expect("a thread that panics ends the process");
            let tip = state.tip(handle);
            tip.map_or((0, commun_specs::id::TreeRoot::empty()), |t| {
                (t.size, t.root)
            })
        };
        if size < held(inner).0 {
            let number = inner
                .state
                .read()
                .expect("a thread that panics ends the process")
                .chain
                .head()
                .0
                .number;
            let (seq, items) = self.store.transaction(|s| -> Result<_, store::Error> {
                let row = s.log(handle)?;
                let mut items = Vec::new();
                for position in size..row.size {
                    let entry = s.entry(row.id, position)?;
                    items.extend(entry.and_then(|e| opened(&e)).and_then(|s| subject(&s)));
                }
                s.truncate(&row, size)?;
                // A line of its own, so that those who follow look again at what is gone.
                Ok((s.journal_charter(number)?, items))
            })?;
            tracing::warn!(
                "the log of {handle} is cut at {size}: its institution gave up what came after"
            );
            self.refold(inner);
            let changed: Vec<_> = items.into_iter().map(|item| (seq, item)).collect();
            inner.note_changes(seq, &changed);
        }
        let (size, root) = held(inner);
        Ok(Stored {
            size,
            root,
            note: None,
        })
    }
}

impl Core {
    /// Verifies and stores a range of a log that a peer sent.
    ///
    /// # Errors
    /// See [`RangeFault`]; nothing was stored.
    pub async fn accept_range(&self, range: Range, terms: Terms) -> Result<Stored, RangeFault> {
        let stopping = || {
            Err(RangeFault::Store(
                "the node is stopping or has too much to do".to_owned(),
            ))
        };
        self.on_writer(move |w, inner| w.accept(inner, range, &terms))
            .await
            .unwrap_or_else(stopping)
    }

    /// Drops the entries of a log from `size` on, as a succession says.
    pub async fn truncate(&self, log: LogHandle, size: u64) -> Result<Stored, store::Error> {
        self.on_writer(move |w, inner| w.truncate(inner, &log, size))
            .await
            .unwrap_or_else(busy)
    }

    /// Stores a body that was withheld before; false if it is not the one that the entry's head commits to.
    pub async fn add_body(
        &self,
        log: LogHandle,
        position: u64,
        body: Body,
    ) -> Result<bool, store::Error> {
        let stored = self
            .on_writer(move |w, inner| -> Result<bool, store::Error> {
                let Some(row) = inner
                    .state
                    .read()
                    .expect("a thread that panics ends the process")
                    .tip(&log)
                    .map(|t| t.row)
                else {
                    return Ok(false);
                };
                if w.store.body(row, position)?.is_some() {
                    return Ok(true);
                }
                let entry = w.store.entry(row, position)?.filter(|e| e.embodied);
                let statement = entry
                    .and_then(|e| opened(&e))
                    .filter(|s| commits_to(s, &body));
                let Some(statement) = statement else {
                    return Ok(false);
                };
                let seq = w.store.transaction(|s| {
                    s.put_body(row, position, &body)?;
                    s.journal_again(row, position)
                })?;
                let changed: Vec<_> = subject(&statement)
                    .into_iter()
                    .map(|item| (seq, item))
                    .collect();
                inner.note_changes(seq, &changed);
                Ok(true)
            })
            .await;
        stored.unwrap_or_else(busy)
    }

    /// Keeps what is evidence but freezes nothing.
    pub async fn keep_evidence(&self, log: LogHandle, bytes: Vec<u8>) -> Result<(), store::Error> {
        let kept = self
            .on_writer(move |w, _| w.store.transaction(|s| s.keep_evidence(&log, &bytes)))
            .await;
        kept.unwrap_or_else(busy)
    }

    /// Keeps evidence that a log's writer contradicted itself, and freezes the log.
    pub async fn freeze(&self, log: LogHandle, evidence: Evidence) -> Result<(), store::Error> {
        let frozen = self
            .on_writer(move |w, inner| -> Result<(), store::Error> {
                let bytes = serde_json::to_vec(&evidence).expect("evidence is JSON");
                if w.store.transaction(|s| s.put_evidence(&log, &bytes))? {
                    let id = commun_specs::id::base32(&sha256(&[&bytes]));
                    tracing::warn!(
                        "the log of {log} contradicts itself and is frozen; evidence {}",
                        &id[..8]
                    );
                }
                let mut state = inner
                    .state
                    .write()
                    .expect("a thread that panics ends the process");
                if let Some(tip) = state.tips.get_mut(&log) {
                    tip.frozen = Some(evidence);
                }
                Ok(())
            })
            .await;
        frozen.unwrap_or_else(busy)
    }

    /// Lets a log grow again: a succession or an amendment settled what stands.
    pub async fn thaw(&self, log: LogHandle) -> Result<(), store::Error> {
        let thawed = self
            .on_writer(move |w, inner| -> Result<(), store::Error> {
                w.store.transaction(|s| s.thaw(&log))?;
                let mut state = inner
                    .state
                    .write()
                    .expect("a thread that panics ends the process");
                if let Some(tip) = state.tips.get_mut(&log) {
                    tip.frozen = None;
                }
                Ok(())
            })
            .await;
        thawed.unwrap_or_else(busy)
    }
}
