//! The door: one thread that owns the writing connection of `log.db`.
//!
//! Each turn takes what is queued, local writes before ranges from peers, checks it, and stores it in one
//! transaction; answers go out only after the commit. A crash before the commit leaves no trace, a crash after it
//! loses nothing: at the next start the catalogue is folded from what was committed.

use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, Weak},
    thread,
};

use commun_specs::{
    charter::{self, Added},
    fold::{Catalogue, Delta, Refusal},
    id::{StatementId, sha256},
    list,
    name::Handle as LogHandle,
    note::Checkpoint,
    statement::{Body, Changes as RefChanges, Facts, MAX_BODY, Malformed, Statement},
    succession,
    sync::{Evidence, Range, RangeFault, Terms, check_range},
    tree::{self, Pending},
};
use tokio::sync::oneshot;

use super::{Entry, Inner, State, StoredRoots, Tip, load, now, subject};
use crate::store::{self, EntryRow, Store};

/// Local writes that wait; more are refused until the disk has caught up.
const MAX_QUEUE: usize = 256;
/// Entries that one transaction takes at most, so that a burst does not delay the first answer.
const MAX_BATCH: usize = 64;

/// A local write is not accepted. Nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The statement's form is wrong.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The body is not the one that the head commits to, or a list is missing or damaged.
    #[error("the statement is incomplete: {0}")]
    Incomplete(&'static str),
    /// The author's enrolment is past its date.
    #[error("the author's enrolment is past its date; an admin must enrol them again")]
    Expired,
    /// The catalogue's rules do not allow it.
    #[error("{0}")]
    Refused(Refusal),
    /// This node does not write the log now.
    #[error("{0}")]
    NotNow(&'static str),
    /// The disk or the database fails.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The node is stopping, or has too much to do.
    #[error("the node is busy or stopping; try again")]
    Busy,
}

/// Where a written statement stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Its id.
    pub id: StatementId,
    /// Its position in the log.
    pub position: u64,
    /// Its line of the journal; 0 if it stood there before.
    pub seq: u64,
}

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

type Reply<T> = oneshot::Sender<T>;
/// A local write and who waits for it.
type LocalWrite = (Entry, Reply<Result<Written, WriteError>>);
type Other = Box<dyn FnOnce(&mut Writer, &Inner) + Send>;

/// What waits for the writer thread.
#[derive(Default)]
struct Waiting {
    writes: VecDeque<LocalWrite>,
    others: VecDeque<Other>,
    closed: bool,
}

/// The writer thread's queues: local writes, and everything else.
#[derive(Clone, Default)]
pub(super) struct Queue(Arc<(Mutex<Waiting>, Condvar)>);

impl Queue {
    fn put(&self, put: impl FnOnce(&mut Waiting) -> bool) -> bool {
        let mut waiting = self
            .0
            .0
            .lock()
            .expect("a thread that panics ends the process");
        let taken = !waiting.closed && put(&mut waiting);
        self.0.1.notify_one();
        taken
    }

    fn write(&self, entry: Entry, reply: Reply<Result<Written, WriteError>>) -> bool {
        self.put(|w| {
            let room = w.writes.len() < MAX_QUEUE;
            if room {
                w.writes.push_back((entry, reply));
            }
            room
        })
    }

    fn other(&self, job: Other) -> bool {
        self.put(|w| {
            let room = w.others.len() < MAX_QUEUE;
            if room {
                w.others.push_back(job);
            }
            room
        })
    }

    /// Lets the thread finish what waits, then end.
    pub(super) fn close(&self) {
        self.put(|w| {
            w.closed = true;
            true
        });
    }
}

/// Starts the thread. It ends when the queue is closed or the core is dropped.
pub(super) fn start(inner: Weak<Inner>, store: Store, queue: Queue) -> std::io::Result<()> {
    thread::Builder::new()
        .name("writer".to_owned())
        .spawn(move || Writer { store }.run(&inner, &queue))?;
    Ok(())
}

/// Owns the writing connection.
pub(super) struct Writer {
    pub(super) store: Store,
}

impl Writer {
    fn run(mut self, inner: &Weak<Inner>, queue: &Queue) {
        loop {
            let (writes, other) = {
                let mut waiting = queue
                    .0
                    .0
                    .lock()
                    .expect("a thread that panics ends the process");
                while waiting.writes.is_empty() && waiting.others.is_empty() {
                    if waiting.closed {
                        return;
                    }
                    waiting = queue
                        .0
                        .1
                        .wait(waiting)
                        .expect("a thread that panics ends the process");
                }
                let n = waiting.writes.len().min(MAX_BATCH);
                let writes: Vec<_> = waiting.writes.drain(..n).collect();
                let other = if writes.is_empty() {
                    waiting.others.pop_front()
                } else {
                    None
                };
                (writes, other)
            };
            let Some(inner) = inner.upgrade() else { return };
            if !writes.is_empty() {
                self.write_all(&inner, writes);
            }
            if let Some(job) = other {
                job(&mut self, &inner);
            }
        }
    }

    /// Appends local statements in one transaction. Each is checked against the catalogue with those before it;
    /// if the transaction fails after something was folded, the catalogue is folded again from what is stored.
    fn write_all(&mut self, inner: &Inner, writes: Vec<LocalWrite>) {
        if let Err(why) = may_write(inner) {
            for (_, reply) in writes {
                let _ = reply.send(Err(WriteError::NotNow(why)));
            }
            return;
        }
        let mut folded = false;
        let done = self.store.transaction(|store| {
            let mut log = OwnLog::open(store, inner)?;
            let mut answers = Vec::with_capacity(writes.len());
            for (entry, _) in &writes {
                folded = true;
                answers.push(match log.append(store, inner, entry) {
                    Err(WriteError::Store(e)) => return Err(WriteError::Store(e)),
                    answer => answer,
                });
            }
            let tip = log.seal(store, inner)?;
            Ok((answers, tip, log.changed, log.enrolments))
        });
        match done {
            Ok((answers, tip, changed, enrolments)) => {
                if let Some((tip, seq)) = tip {
                    inner.publish(tip, seq, &changed);
                }
                if enrolments {
                    inner.members_changed();
                }
                for ((_, reply), answer) in writes.into_iter().zip(answers) {
                    let _ = reply.send(answer);
                }
            }
            Err(e) => {
                if folded {
                    self.refold(inner);
                }
                let text = e.to_string();
                for (_, reply) in writes {
                    let failed = store::Error::Damaged(text.clone());
                    let _ = reply.send(Err(WriteError::Store(failed)));
                }
            }
        }
    }

    /// Makes the catalogue equal to what is stored, after a transaction that folded entries and then failed.
    fn refold(&self, inner: &Inner) {
        let mut changes = inner
            .changes
            .lock()
            .expect("a thread that panics ends the process");
        match load(&self.store, &mut changes) {
            Ok((state, _)) => {
                *inner
                    .state
                    .write()
                    .expect("a thread that panics ends the process") = state
            }
            // Nothing that is in memory can be trusted any more: the next start reads what is durable.
            Err(e) => {
                tracing::error!("the catalogue cannot be folded again: {e}");
                std::process::abort();
            }
        }
    }

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
        let named: Vec<_> = statements.iter().flatten().filter_map(named_list).collect();
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
                    // A void leaf is kept as opaque bytes; its id is no statement's.
                    let id = s
                        .as_ref()
                        .map_or(StatementId(tree::leaf_hash(&e.entry)), |s| s.id);
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
                    seq = store.put_entry(row.id, position, &id, &entry, body.as_ref())?;
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
                    items.extend(
                        entry
                            .and_then(|e| super::opened(&e))
                            .and_then(|s| subject(&s)),
                    );
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

    /// Adds an amendment to the chain. Readers wait only while the new chain is folded, not for the disk.
    pub(super) fn add_charter(
        &mut self,
        inner: &Inner,
        bytes: &[u8],
    ) -> Result<Added, CharterError> {
        let mut chain = inner
            .state
            .read()
            .expect("a thread that panics ends the process")
            .chain
            .clone();
        let added = chain.add(bytes)?;
        match &added {
            Added::Known => return Ok(added),
            Added::Fork(id) => {
                self.store.transaction(|s| s.put_fork(&id.0, bytes))?;
                inner
                    .state
                    .write()
                    .expect("a thread that panics ends the process")
                    .chain = chain;
            }
            Added::New(_) => {
                let number = chain.head().0.number;
                let seq = self.store.transaction(|s| -> Result<u64, store::Error> {
                    s.put_charter(number, bytes)?;
                    s.journal_charter(number)
                })?;
                let delta = {
                    let mut state = inner
                        .state
                        .write()
                        .expect("a thread that panics ends the process");
                    state.chain = chain;
                    let State {
                        chain, catalogue, ..
                    } = &mut *state;
                    catalogue.set_charter(chain, &StoredRoots(&self.store))
                };
                let changed = self.after_fold(inner, &delta, seq);
                inner.note_changes(seq, &changed);
            }
        }
        inner.members_changed();
        Ok(added)
    }

    /// Adds a succession.
    pub(super) fn add_succession(
        &mut self,
        inner: &Inner,
        bytes: &[u8],
    ) -> Result<succession::Added, SuccessionError> {
        let (s, _) = succession::Succession::open(bytes)?;
        let (mut all, chain) = {
            let state = inner
                .state
                .read()
                .expect("a thread that panics ends the process");
            let known = state.successions.get(&s.institution).cloned();
            (known.unwrap_or_default(), state.chain.clone())
        };
        let added = all.add(&chain, bytes)?;
        if added != succession::Added::Known {
            self.store.transaction(|store| {
                store.put_succession(s.institution.as_str(), s.epoch, bytes)
            })?;
            let mut state = inner
                .state
                .write()
                .expect("a thread that panics ends the process");
            let forked = all.forked().then(|| Evidence::Successions {
                handle: s.institution.clone(),
                epoch: s.epoch,
            });
            if let Some(tip) = state.tips.get_mut(&s.institution) {
                tip.frozen = tip.frozen.take().or(forked);
            }
            state.successions.insert(s.institution.clone(), all);
        }
        inner.members_changed();
        Ok(added)
    }

    /// Drops erased bodies, and says which items changed: those of the fold, and those whose words are gone.
    fn after_fold(&self, inner: &Inner, delta: &Delta, seq: u64) -> Vec<(u64, StatementId)> {
        let mut items = delta.items.clone();
        let state = inner
            .state
            .read()
            .expect("a thread that panics ends the process");
        match drop_erased(&self.store, &state.catalogue, delta) {
            Ok(erased) => items.extend(erased),
            // The next start drops them: it folds the erasure again.
            Err(e) => tracing::error!("erased bodies could not be dropped: {e}"),
        }
        items.into_iter().map(|item| (seq, item)).collect()
    }
}

/// An amendment is not taken.
#[derive(Debug, thiserror::Error)]
pub enum CharterError {
    /// The chain refuses it.
    #[error(transparent)]
    Chain(#[from] charter::Error),
    /// The disk or the database fails here.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The node is stopping.
    #[error("the node is stopping")]
    Busy,
}

/// A succession is not taken.
#[derive(Debug, thiserror::Error)]
pub enum SuccessionError {
    /// It does not hold.
    #[error(transparent)]
    Succession(#[from] succession::Error),
    /// The disk or the database fails here.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The node is stopping.
    #[error("the node is stopping")]
    Busy,
}

/// This institution's log inside one transaction.
struct OwnLog {
    row: i64,
    start: u64,
    size: u64,
    hashes: Vec<[u8; 32]>,
    changed: Vec<(u64, StatementId)>,
    enrolments: bool,
    seq: u64,
}

/// Why nothing may be appended to this institution's log now.
fn may_write(inner: &Inner) -> Result<(), &'static str> {
    if !*inner.may_sign.borrow() {
        return Err(
            "this node has not yet learnt from the others how long its own log is; try again in a moment",
        );
    }
    let state = inner
        .state
        .read()
        .expect("a thread that panics ends the process");
    let me = &inner.identity;
    let writer = state
        .successions(&me.handle)
        .and_then(|s| s.current())
        .map(|s| s.writer);
    if writer != Some(me.node.public()) {
        return Err("this node is not the writer of its institution's log");
    }
    if state.tip(&me.handle).is_some_and(|t| t.frozen.is_some()) {
        return Err(
            "this institution's log is frozen: see the status page for the evidence and the remedy",
        );
    }
    Ok(())
}

impl OwnLog {
    fn open(store: &Store, inner: &Inner) -> Result<Self, WriteError> {
        let row = store.log(&inner.identity.handle)?;
        Ok(Self {
            row: row.id,
            start: row.size,
            size: row.size,
            hashes: Vec::new(),
            changed: Vec::new(),
            enrolments: false,
            seq: 0,
        })
    }

    fn append(
        &mut self,
        store: &Store,
        inner: &Inner,
        entry: &Entry,
    ) -> Result<Written, WriteError> {
        let me = &inner.identity;
        let statement = Statement::open(&entry.bytes)?;
        statement.belongs_to(&me.commons, &me.handle)?;
        if let Some(position) = store.position_of(self.row, &statement.id)? {
            return Ok(Written {
                id: statement.id,
                position,
                seq: 0,
            });
        }
        check_body(&statement, entry)?;
        for bytes in &entry.lists {
            list::read_changes(bytes)
                .map_err(|_| WriteError::Incomplete("a list cannot be read"))?;
            store.put_list(bytes)?;
        }
        if let Some(hash) = named_list(&statement)
            && store.list(&hash)?.is_none()
        {
            return Err(WriteError::Incomplete(
                "the list that it names did not come with it",
            ));
        }
        let mut state = inner
            .state
            .write()
            .expect("a thread that panics ends the process");
        fold_lists(store, &statement, &mut state.catalogue)?;
        state
            .catalogue
            .would_accept(&statement)
            .map_err(WriteError::Refused)?;
        not_expired(&state.catalogue, &statement)?;
        let row = EntryRow {
            bytes: entry.bytes.clone(),
            valid: true,
            embodied: embodied(Some(&statement)),
        };
        let seq = store.put_entry(
            self.row,
            self.size,
            &statement.id,
            &row,
            entry.body.as_ref(),
        )?;
        let stored = store.hashes(self.row);
        let mut pending = Pending::resume(&stored, self.start, std::mem::take(&mut self.hashes));
        tree::append(&mut pending, self.size, tree::leaf_hash(&entry.bytes))
            .map_err(|e| store::Error::Damaged(e.to_string()))?;
        self.hashes = pending.into_new().1;
        let delta = state.catalogue.append_opened(
            &me.handle,
            self.size,
            Some(&statement),
            &StoredRoots(store),
        );
        self.enrolments |= delta.enrolments_changed;
        let erased = drop_erased(store, &state.catalogue, &delta)?;
        drop(state);
        let mut items = delta.items;
        items.extend(erased);
        self.changed
            .extend(items.into_iter().map(|item| (seq, item)));
        let written = Written {
            id: statement.id,
            position: self.size,
            seq,
        };
        self.size += 1;
        self.seq = seq;
        Ok(written)
    }

    /// Signs the checkpoint that covers what was appended.
    fn seal(&mut self, store: &Store, inner: &Inner) -> Result<Option<(Tip, u64)>, WriteError> {
        if self.size == self.start {
            return Ok(None);
        }
        store.put_hashes(self.row, tree::hash_count(self.start), &self.hashes)?;
        let me = &inner.identity;
        let origin = inner
            .state
            .read()
            .expect("a thread that panics ends the process")
            .origin(&me.handle);
        let root = tree::root(&store.hashes(self.row), self.size)
            .map_err(|e| store::Error::Damaged(e.to_string()))?;
        let epoch = origin.epoch;
        let note = Checkpoint {
            origin,
            size: self.size,
            root,
        }
        .sign(&me.node)
        .to_bytes();
        store.set_tip(self.row, epoch, self.size, Some(&note), Some(&note))?;
        let (complete, covering) = (Some(note.clone()), Some(note));
        let tip = Tip {
            handle: me.handle.clone(),
            epoch,
            size: self.size,
            root,
            complete,
            covering,
            frozen: None,
            row: self.row,
        };
        Ok(Some((tip, self.seq)))
    }
}

impl Inner {
    /// Makes a new tip visible and tells those who follow.
    fn publish(&self, tip: Tip, seq: u64, changed: &[(u64, StatementId)]) {
        {
            let mut state = self
                .state
                .write()
                .expect("a thread that panics ends the process");
            state
                .catalogue
                .set_tip(&tip.handle, tip.epoch, tip.size, tip.root);
            state.tips.insert(tip.handle.clone(), tip);
        }
        self.note_changes(seq, changed);
    }

    /// Tells those who care that charter, successions or enrolments are not what they were.
    fn members_changed(&self) {
        let number = self
            .state
            .read()
            .expect("a thread that panics ends the process")
            .chain
            .head()
            .0
            .number;
        self.charter.send_replace(number);
    }

    fn note_changes(&self, seq: u64, changed: &[(u64, StatementId)]) {
        let noted = self
            .changes
            .lock()
            .expect("a thread that panics ends the process")
            .add(changed, seq);
        if let Err(e) = noted {
            // The file is derived: what is missing in it now is added at the next start.
            tracing::error!("{e}");
        }
        self.grown.send_replace(seq);
    }
}

/// The list that a statement names, if it names one.
fn named_list(s: &Statement) -> Option<commun_specs::id::ListHash> {
    match s.facts() {
        Ok(Some(Facts::Refs(refs))) => match refs.changes {
            RefChanges::List { sha256, .. } => Some(sha256),
            RefChanges::Inline(_) => None,
        },
        _ => None,
    }
}

/// Gives the catalogue the list that an entry names, if it is stored.
pub(super) fn fold_lists(
    store: &Store,
    s: &Statement,
    catalogue: &mut Catalogue,
) -> Result<(), store::Error> {
    if let Some(hash) = named_list(s)
        && let Some(bytes) = store.list(&hash)?
    {
        catalogue.put_list(hash, &bytes, &StoredRoots(store));
    }
    Ok(())
}

/// Expiry is checked here and nowhere else, by this node's clock (FORMATS, section 4).
fn not_expired(catalogue: &Catalogue, statement: &Statement) -> Result<(), WriteError> {
    let Some(head) = &statement.head else {
        return Ok(());
    };
    let enrolled = catalogue.enrolments(&head.institution);
    let ends = enrolled.node(&head.author).map(|n| n.not_after);
    let ends = ends.or_else(|| enrolled.person_of_key(&head.author).map(|p| p.not_after));
    let acted_for = head
        .acting_for
        .and_then(|id| enrolled.person(&id).map(|p| p.not_after));
    match ends.into_iter().chain(acted_for).min() {
        Some(ends) if ends <= now() => Err(WriteError::Expired),
        _ => Ok(()),
    }
}

fn check_body(statement: &Statement, entry: &Entry) -> Result<(), WriteError> {
    match (statement.head.as_ref().and_then(|h| h.body), &entry.body) {
        (None, None) => Ok(()),
        (Some(hash), Some(body)) if body.matches(&hash) => Ok(()),
        (Some(_), Some(b)) if b.bytes.len() > MAX_BODY => {
            Err(WriteError::Incomplete("its texts are larger than 256 KiB"))
        }
        _ => Err(WriteError::Incomplete(
            "the body is not the one that the head commits to",
        )),
    }
}

fn embodied(s: Option<&Statement>) -> bool {
    s.and_then(|s| s.head.as_ref())
        .is_some_and(|h| h.body.is_some())
}

fn commits_to(s: &Statement, body: &Body) -> bool {
    s.head
        .as_ref()
        .and_then(|h| h.body)
        .is_some_and(|hash| body.matches(&hash))
}

/// Drops the bodies that a fold says are erased, where they are not dropped yet; gives back the items that they
/// were about.
pub(super) fn drop_erased(
    store: &Store,
    catalogue: &Catalogue,
    delta: &Delta,
) -> Result<Vec<StatementId>, store::Error> {
    let mut items = Vec::new();
    for id in &delta.erased {
        let Some((log, position)) = catalogue.find(id) else {
            continue;
        };
        let row = store.log_or_new(&log)?.id;
        let Some(entry) = store.entry(row, position)?.filter(|e| e.embodied) else {
            continue;
        };
        store.drop_body(row, position)?;
        items.extend(super::opened(&entry).and_then(|s| subject(&s)));
    }
    Ok(items)
}

fn busy<T>() -> Result<T, store::Error> {
    Err(store::Error::Busy)
}

impl super::Core {
    /// Appends a statement to this institution's log. When this returns `Ok`, it is durable.
    ///
    /// # Errors
    /// See [`WriteError`]; nothing was stored.
    pub async fn write(&self, entry: Entry) -> Result<Written, WriteError> {
        let (reply, answer) = oneshot::channel();
        if !self.0.queue.write(entry, reply) {
            return Err(WriteError::Busy);
        }
        answer.await.unwrap_or(Err(WriteError::Busy))
    }

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

    /// Adds an amendment that a majority signed.
    pub async fn add_charter(&self, bytes: Vec<u8>) -> Result<Added, CharterError> {
        self.on_writer(move |w, inner| w.add_charter(inner, &bytes))
            .await
            .unwrap_or(Err(CharterError::Busy))
    }

    /// Adds a succession.
    pub async fn add_succession(
        &self,
        bytes: Vec<u8>,
    ) -> Result<succession::Added, SuccessionError> {
        self.on_writer(move |w, inner| w.add_succession(inner, &bytes))
            .await
            .unwrap_or(Err(SuccessionError::Busy))
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
                    .and_then(|e| super::opened(&e))
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

    /// Sets a value of the node itself.
    pub async fn set_meta(
        &self,
        key: &'static str,
        value: &'static [u8],
    ) -> Result<(), store::Error> {
        self.on_writer(move |w, _| w.store.transaction(|s| s.set_meta(key, value)))
            .await
            .unwrap_or_else(busy)
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

    /// Runs a job on the writer thread; `None` if the node is stopping or its queue is full.
    pub(super) async fn on_writer<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Writer, &Inner) -> T + Send + 'static,
    ) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        let queued = self.0.queue.other(Box::new(move |w, inner| {
            let _ = reply.send(job(w, inner));
        }));
        if queued { answer.await.ok() } else { None }
    }

    /// Finishes what waits and stops taking more.
    pub fn close(&self) {
        self.0.queue.close();
    }
}
