//! The door: one thread that owns the writing connection of `log.db`.
//!
//! Each turn takes what is queued, local writes before ranges from peers, checks it, and stores it in one
//! transaction; answers go out only after the commit. A crash before the commit leaves no trace, a crash after it
//! loses nothing: at the next start the catalogue is folded from what was committed.

mod logs;
mod papers;

use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, Weak},
    thread,
    time::Duration,
};

use commun_specs::{
    fold::{Catalogue, Delta, Refusal},
    id::StatementId,
    list,
    note::Checkpoint,
    statement::{Body, MAX_BODY, Malformed, Statement},
    tree::{self, Pending},
};
use tokio::sync::oneshot;

use super::{Entry, Inner, StoredRoots, Tip, load, now, subject};
use crate::store::{self, EntryRow, Store};

pub use logs::Stored;
pub use papers::{CharterError, SuccessionError};

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
    NotNow(Obstacle),
    /// The disk or the database fails.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The node is stopping, or has too much to do.
    #[error("the node is busy or stopping; try again")]
    Busy,
}

/// Why a node writes nothing now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Obstacle {
    /// It has not heard from the others yet how long its own log is.
    #[error(
        "this node may not write yet: since it started, no other institution has told it how long its own log is. Try again in a moment; if that lasts, nobody is reachable: the operator looks at /status for the other nodes, or starts this one with --alone"
    )]
    Unasked,
    /// Another node writes.
    #[error("this node is not the writer of its institution's log; write at the node that is")]
    NotWriter,
    /// The log contradicts itself.
    #[error(
        "this institution's log is frozen: see the status page for the evidence and the remedy"
    )]
    Frozen,
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

    pub(super) fn other(&self, job: Other) -> bool {
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

    /// Tells those who follow that an item is to be looked at again.
    pub(super) fn look_again(
        &mut self,
        inner: &Inner,
        item: StatementId,
    ) -> Result<(), store::Error> {
        let place = {
            let state = inner
                .state
                .read()
                .expect("a thread that panics ends the process");
            let place = state.catalogue.find(&item);
            place.and_then(|(log, position)| Some((state.tips.get(&log)?.row, position)))
        };
        let Some((row, position)) = place else {
            return Ok(());
        };
        let seq = self.store.transaction(|s| s.journal_again(row, position))?;
        inner.note_changes(seq, &[(seq, item)]);
        Ok(())
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
fn may_write(inner: &Inner) -> Result<(), Obstacle> {
    {
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
            return Err(Obstacle::NotWriter);
        }
        if state.tip(&me.handle).is_some_and(|t| t.frozen.is_some()) {
            return Err(Obstacle::Frozen);
        }
    }
    // Asked last: who is not the writer, or is frozen, never gets leave, and should hear why.
    match *inner.may_sign.borrow() {
        true => Ok(()),
        false => Err(Obstacle::Unasked),
    }
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
        let stands = inner
            .state
            .read()
            .expect("a thread that panics ends the process")
            .catalogue
            .position_in(&me.handle, &statement.id);
        if let Some(position) = stands {
            return Ok(Written {
                id: statement.id,
                position,
                seq: 0,
            });
        }
        check_body(&statement, entry)?;
        for bytes in &entry.lists {
            list::read_any(bytes).map_err(|_| WriteError::Incomplete("a list cannot be read"))?;
            store.put_list(bytes)?;
        }
        if let Some(hash) = statement.named_list()
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
            .would_accept_beside(&statement, &entry.beside)
            .map_err(WriteError::Refused)?;
        not_expired(&state.catalogue, &statement)?;
        let row = EntryRow {
            bytes: entry.bytes.clone(),
            valid: true,
            embodied: embodied(Some(&statement)),
        };
        let seq = store.put_entry(self.row, self.size, &row, entry.body.as_ref())?;
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

/// Gives the catalogue the list that an entry names, if it is stored.
pub(super) fn fold_lists(
    store: &Store,
    s: &Statement,
    catalogue: &mut Catalogue,
) -> Result<(), store::Error> {
    if let Some(hash) = s.named_list()
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
        // Also what has no body may name content.
        store.put_erasing(id)?;
        let Some(entry) = store.entry(row, position)?.filter(|e| e.embodied) else {
            continue;
        };
        store.drop_body(row, position)?;
        items.extend(super::opened(&entry).and_then(|s| subject(&s)));
    }
    Ok(items)
}

pub(super) fn busy<T>() -> Result<T, store::Error> {
    Err(store::Error::Busy)
}

impl super::Core {
    /// From now on and for `grace`, writes that come before this node may sign wait for that: it has just started and
    /// is asking the others how long its log is.
    pub fn be_patient(&self, grace: Duration) {
        let _ = self
            .0
            .patient_until
            .set(tokio::time::Instant::now() + grace);
    }

    async fn wait_for_leave(&self) {
        let mut may_sign = self.may_sign();
        if let Some(until) = self.0.patient_until.get() {
            // Whether leave came or time is up, the door decides.
            let _ = tokio::time::timeout_at(*until, may_sign.wait_for(|may| *may)).await;
        }
    }

    /// Appends a statement to this institution's log. When this returns `Ok`, it is durable.
    ///
    /// # Errors
    /// See [`WriteError`]; nothing was stored.
    pub async fn write(&self, entry: Entry) -> Result<Written, WriteError> {
        self.wait_for_leave().await;
        let (reply, answer) = oneshot::channel();
        if !self.0.queue.write(entry, reply) {
            return Err(WriteError::Busy);
        }
        answer.await.unwrap_or(Err(WriteError::Busy))
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
