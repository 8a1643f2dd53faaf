//! The core of a node: what it knows, and the one door through which anything becomes true.
//!
//! Everything that is accepted, written here or pulled from a peer, goes through the writer thread
//! ([`writer`]): checked, stored in one transaction of `log.db`, folded into the catalogue, journalled. What
//! follows (announcing, indexing, fetching content, moving Git refs) reads the journal's changes, each follower
//! with its own cursor.

mod compose;
mod hiding;
mod load;
mod membership;
mod witness;
mod writer;

use std::{
    collections::{BTreeMap, HashMap},
    ops::Deref,
    path::Path,
    sync::{Arc, Mutex, OnceLock, RwLock, RwLockReadGuard},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use commun_specs::{
    charter::Chain,
    fold::{Catalogue, Item, Roots},
    id::{CommonsId, StatementId, TreeRoot},
    key::{PublicKey, SecretKey},
    name::Handle,
    note::Origin,
    statement::{Body, Facts, Repository, Statement},
    succession::Successions,
    sync::Evidence,
    tree,
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tokio::sync::watch;

pub use compose::{Author, Draft, Entry};
pub use membership::{
    Access, AdmitError, JoinState, Person, SHORT_SECONDS, Scope, ScopeError, Scopes, SignError,
    Signatures, TokenInfo,
};
pub use witness::Witnessed;
pub use writer::{CharterError, Obstacle, Stored, SuccessionError, WriteError, Written};

pub(crate) use load::opened;
use load::{load, subject};

use crate::{
    changes::Changes,
    keys::{self, Keys},
    store::{self, Store},
};

/// The node cannot start with what is in its data folder.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The store fails.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The key store fails.
    #[error(transparent)]
    Keys(#[from] keys::Error),
    /// The catalogue's file fails.
    #[error(transparent)]
    Changes(#[from] crate::changes::Error),
    /// The writer thread cannot be started.
    #[error("a thread cannot be started: {0}")]
    Thread(std::io::Error),
    /// The folder is not of a node yet.
    #[error("this data folder belongs to no commons yet; run `commun init` first")]
    NotInitialised,
}

/// Who this node is.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The commons.
    pub commons: CommonsId,
    /// The institution.
    pub handle: Handle,
    /// The node's key.
    pub node: SecretKey,
}

/// A log as far as this node has accepted it.
#[derive(Debug, Clone)]
pub struct Tip {
    /// Whose log.
    pub handle: Handle,
    /// The current epoch.
    pub epoch: u64,
    /// How many entries.
    pub size: u64,
    /// Root of the tree of that size.
    pub root: TreeRoot,
    /// The longest checkpoint whose leaves are all here.
    pub complete: Option<Vec<u8>>,
    /// The checkpoint that covers the last range.
    pub covering: Option<Vec<u8>>,
    /// Why no growth is accepted: its writer contradicted itself.
    pub frozen: Option<Evidence>,
    row: i64,
}

/// A member's node that may write its log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its institution.
    pub handle: Handle,
    /// Its key.
    pub node: PublicKey,
    /// Where it says that it is reached (multiaddresses).
    pub addrs: Vec<String>,
    /// Its web addresses.
    pub urls: Vec<String>,
}

/// All that is derived from `log.db` and kept in memory.
pub struct State {
    chain: Chain,
    successions: BTreeMap<Handle, Successions>,
    tips: BTreeMap<Handle, Tip>,
    catalogue: Catalogue,
}

impl State {
    /// The charter chain.
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// The catalogue.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The logs.
    pub fn tips(&self) -> impl Iterator<Item = &Tip> {
        self.tips.values()
    }

    /// One log.
    pub fn tip(&self, handle: &Handle) -> Option<&Tip> {
        self.tips.get(handle)
    }

    /// The successions of all logs.
    pub fn all_successions(&self) -> &BTreeMap<Handle, Successions> {
        &self.successions
    }

    /// The successions of a log.
    pub fn successions(&self, handle: &Handle) -> Option<&Successions> {
        self.successions.get(handle)
    }

    /// The nodes of the charter's members: each log's writer, with the addresses that its enrolment states.
    pub fn members(&self) -> Vec<Member> {
        let institutions = &self.chain.head().0.institutions;
        let mut members = Vec::new();
        for i in institutions {
            let Some(writer) = self
                .successions
                .get(&i.handle)
                .and_then(|s| s.current())
                .map(|s| s.writer)
            else {
                continue;
            };
            let (addrs, urls) = self.node_addresses(&i.handle, &writer);
            members.push(Member {
                handle: i.handle.clone(),
                node: writer,
                addrs,
                urls,
            });
        }
        members
    }
}

/// A look at the state; writers wait until it is dropped.
pub struct Look<'a> {
    guard: RwLockReadGuard<'a, State>,
    #[cfg(debug_assertions)]
    lock: usize,
}

#[cfg(debug_assertions)]
thread_local! {
    /// The locks that this thread looks through now.
    static LOOKING: std::cell::RefCell<Vec<usize>> = const { std::cell::RefCell::new(Vec::new()) };
}

impl<'a> Look<'a> {
    fn at(state: &'a RwLock<State>) -> Self {
        #[cfg(debug_assertions)]
        let lock = LOOKING.with_borrow_mut(|all| {
            let lock = std::ptr::from_ref(state).addr();
            assert!(
                !all.contains(&lock),
                "this thread looks at the state already: it may wait for ever"
            );
            all.push(lock);
            lock
        });
        Self {
            guard: state.read().expect("a thread that panics ends the process"),
            #[cfg(debug_assertions)]
            lock,
        }
    }
}

impl Deref for Look<'_> {
    type Target = State;
    fn deref(&self) -> &State {
        &self.guard
    }
}

#[cfg(debug_assertions)]
impl Drop for Look<'_> {
    fn drop(&mut self) {
        LOOKING.with_borrow_mut(|all| all.retain(|lock| *lock != self.lock));
    }
}

/// Tree roots of the stored logs, for the fold's cuts.
struct StoredRoots<'a>(&'a Store);

impl Roots for StoredRoots<'_> {
    fn root(&self, log: &Handle, size: u64) -> Option<TreeRoot> {
        let row = self.0.log_or_new(log).ok()?;
        tree::root(&self.0.hashes(row.id), size).ok()
    }
}

/// A handle on the core; cheap to clone. When the last one is dropped the writer thread ends.
#[derive(Clone)]
pub struct Core(Arc<Inner>);

impl Drop for Inner {
    fn drop(&mut self) {
        self.queue.close();
    }
}

struct Inner {
    identity: Identity,
    keys: Keys,
    state: RwLock<State>,
    readers: Mutex<Vec<Store>>,
    origin: Mutex<Store>,
    changes: Mutex<Changes>,
    hidden: RwLock<hiding::Hidden>,
    queue: writer::Queue,
    grown: watch::Sender<u64>,
    charter: watch::Sender<u64>,
    /// The journal line up to which everything is found by searches.
    found: watch::Sender<u64>,
    may_sign: watch::Sender<bool>,
    patient_until: OnceLock<tokio::time::Instant>,
    /// When each token's use was last noted.
    noted: Mutex<HashMap<[u8; 32], u64>>,
}

impl Core {
    /// Opens a data folder: reads the logs, folds them, and starts the writer thread.
    ///
    /// # Errors
    /// The folder is not initialised, or what it holds is damaged.
    pub fn open(data: &Path) -> Result<Self, OpenError> {
        let store = Store::open(&data.join("log.db"))?;
        let keys = Keys::open(&data.join("keys"))?;
        let mut changes = Changes::open(&data.join("catalogue.db"))?;
        let (Some(handle), false) = (store.meta("handle")?, store.charters()?.is_empty()) else {
            return Err(OpenError::NotInitialised);
        };
        let handle = String::from_utf8(handle)
            .ok()
            .and_then(|h| Handle::new(&h).ok())
            .ok_or_else(|| {
                store::Error::Damaged("the handle of this node cannot be read".to_owned())
            })?;
        let (state, journal) = load(&store, &mut changes)?;
        let identity = Identity {
            commons: state.chain.commons(),
            handle,
            node: keys.node()?,
        };
        let number = state.chain.head().0.number;
        let reader = store.reader()?;
        let hidden = hiding::Hidden::load(&store)?;
        let queue = writer::Queue::default();
        let core = Core(Arc::new(Inner {
            identity,
            keys,
            state: RwLock::new(state),
            readers: Mutex::new(vec![store.reader()?]),
            origin: Mutex::new(reader),
            changes: Mutex::new(changes),
            hidden: RwLock::new(hidden),
            queue: queue.clone(),
            grown: watch::Sender::new(journal),
            charter: watch::Sender::new(number),
            found: watch::Sender::new(journal),
            may_sign: watch::Sender::new(false),
            patient_until: OnceLock::new(),
            noted: Mutex::default(),
        }));
        writer::start(Arc::downgrade(&core.0), store, queue).map_err(OpenError::Thread)?;
        Ok(core)
    }

    /// Who this node is.
    pub fn identity(&self) -> &Identity {
        &self.0.identity
    }

    /// The key store.
    pub fn keys(&self) -> &Keys {
        &self.0.keys
    }

    /// A look at what is known, for a short moment: writers wait meanwhile. A thread that looks twice at once would
    /// wait for a writer that waits for it, so do not call what looks by itself; debug builds catch that.
    pub fn state(&self) -> Look<'_> {
        Look::at(&self.0.state)
    }

    /// The journal's length, each time that it grows.
    pub fn grown(&self) -> watch::Receiver<u64> {
        self.0.grown.subscribe()
    }

    /// The charter's number, each time that charter, drafts or successions change.
    pub fn charter_changed(&self) -> watch::Receiver<u64> {
        self.0.charter.subscribe()
    }

    /// Notes the journal line up to which everything is found by searches.
    pub(crate) fn note_found(&self, seq: u64) {
        self.0.found.send_replace(seq);
    }

    /// Waits while many changes are not found by searches yet, because this node catches up: what people look for comes first,
    /// what is made of it for others later. No longer than `longest`, so that nothing waits for ever.
    pub(crate) async fn let_search_go_first(&self, longest: Duration) {
        let mut found = self.0.found.subscribe();
        let near = |found: &u64| self.changes_cursor() < found.saturating_add(MANY_CHANGES);
        let _ = tokio::time::timeout(longest, found.wait_for(near)).await;
    }

    /// Whether this node may sign for its log: false until it has asked the others how long its log is.
    pub fn may_sign(&self) -> watch::Receiver<bool> {
        self.0.may_sign.subscribe()
    }

    /// Allows signing, or stops it.
    pub fn set_may_sign(&self, yes: bool) {
        self.0.may_sign.send_replace(yes);
    }

    /// Whether this node is its log's writer.
    pub fn is_writer(&self) -> bool {
        let me = self.identity();
        let state = self.state();
        state
            .successions(&me.handle)
            .and_then(|s| s.current())
            .is_some_and(|s| s.writer == me.node.public())
    }

    /// A read connection; given back when dropped.
    pub fn store(&self) -> Result<Reading<'_>, store::Error> {
        let pooled = self
            .0
            .readers
            .lock()
            .expect("a thread that panics ends the process")
            .pop();
        let store = match pooled {
            Some(s) => s,
            None => self
                .0
                .origin
                .lock()
                .expect("a thread that panics ends the process")
                .reader()?,
        };
        Ok(Reading {
            inner: &self.0,
            store: Some(store),
        })
    }

    /// Items that changed after journal line `since`, in the journal's order, at most `limit` lines.
    pub fn changes(
        &self,
        since: u64,
        limit: usize,
    ) -> Result<Vec<(u64, StatementId)>, crate::changes::Error> {
        self.0
            .changes
            .lock()
            .expect("a thread that panics ends the process")
            .since(since, limit)
    }

    /// Up to which journal line the changes are complete.
    pub fn changes_cursor(&self) -> u64 {
        *self.0.grown.borrow()
    }

    /// How far a follower has come.
    pub fn follower(&self, name: &str) -> Result<u64, crate::changes::Error> {
        self.0
            .changes
            .lock()
            .expect("a thread that panics ends the process")
            .follower(name)
    }

    /// Notes how far a follower has come.
    pub fn set_follower(&self, name: &str, seq: u64) -> Result<(), crate::changes::Error> {
        self.0
            .changes
            .lock()
            .expect("a thread that panics ends the process")
            .set_follower(name, seq)
    }

    /// The row of a log in `log.db`.
    pub(crate) fn log_row(&self, handle: &Handle) -> Option<i64> {
        self.state().tip(handle).map(|t| t.row)
    }

    /// The rules of a repository: what its displayed statement says.
    pub fn repository(&self, item: &Item) -> Result<Option<Repository>, store::Error> {
        let facts = self
            .statement(&item.displayed())?
            .and_then(|f| f.statement.facts().ok().flatten());
        Ok(match facts {
            Some(Facts::Repository(rules)) => Some(rules),
            _ => None,
        })
    }

    /// The rules under which pushes to a repository are accepted now: the newest that this node knows.
    pub fn policy(&self, item: &Item) -> Result<Option<Repository>, store::Error> {
        let facts = self
            .statement(&item.policy)?
            .and_then(|f| f.statement.facts().ok().flatten());
        Ok(match facts {
            Some(Facts::Repository(rules)) => Some(rules),
            _ => None,
        })
    }

    /// A statement by its id, with the log and position where it stands first, its entry and its body.
    pub fn statement(&self, id: &StatementId) -> Result<Option<Found>, store::Error> {
        let Some((log, position)) = self.state().catalogue.find(id) else {
            return Ok(None);
        };
        let Some(row) = self.state().tip(&log).map(|t| t.row) else {
            return Ok(None);
        };
        let store = self.store()?;
        let Some(entry) = store.entry(row, position)? else {
            return Ok(None);
        };
        let statement = opened(&entry).ok_or_else(|| {
            store::Error::Damaged(format!("entry {position} of {log} cannot be read"))
        })?;
        let entry = entry.bytes;
        let body = store.body(row, position)?;
        Ok(Some(Found {
            log,
            position,
            entry,
            statement,
            body,
        }))
    }
}

/// A statement where it stands.
pub struct Found {
    /// In whose log.
    pub log: Handle,
    /// At which position.
    pub position: u64,
    /// Its bytes.
    pub entry: Vec<u8>,
    /// What they say.
    pub statement: Statement,
    /// Its body; `None` if it has none, if it was erased or if it is withheld.
    pub body: Option<Body>,
}

/// Changes that are more than what people publish in a moment.
const MANY_CHANGES: u64 = 200;

/// A borrowed read connection.
pub struct Reading<'a> {
    inner: &'a Inner,
    store: Option<Store>,
}

/// Read connections that are kept open when idle: one for each of the followers that read side by side while a node catches up.
const IDLE_READERS: usize = 8;

impl Deref for Reading<'_> {
    type Target = Store;
    fn deref(&self) -> &Store {
        self.store.as_ref().expect("taken only by drop")
    }
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        if let (Some(store), Ok(mut idle)) = (self.store.take(), self.inner.readers.lock())
            && idle.len() < IDLE_READERS
        {
            idle.push(store);
        }
    }
}

/// Seconds since 1970 by this machine's clock.
pub fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| d.as_secs())
}

/// A moment in seconds since 1970 as RFC 3339 in UTC; `None` past the year 9999.
pub fn rfc3339(seconds: u64) -> Option<String> {
    let moment = OffsetDateTime::from_unix_timestamp(i64::try_from(seconds).ok()?).ok()?;
    moment.format(&Rfc3339).ok()
}

impl State {
    fn node_addresses(&self, handle: &Handle, node: &PublicKey) -> (Vec<String>, Vec<String>) {
        self.catalogue
            .enrolments(handle)
            .nodes
            .into_iter()
            .find(|n| n.key == *node)
            .map(|n| (n.addrs, n.urls))
            .unwrap_or_default()
    }

    fn origin(&self, handle: &Handle) -> Origin {
        let epoch = self
            .successions
            .get(handle)
            .and_then(|s| s.current())
            .map_or(0, |s| s.epoch);
        Origin {
            commons: self.chain.commons(),
            handle: handle.clone(),
            epoch,
        }
    }
}

#[cfg(test)]
mod tests;
