//! The content follower: fetches the files, texts and original records that the catalogue names, from whoever holds
//! them, and knows what is here.
//!
//! Every member holds everything: all versions of each item that is not withdrawn. What came and was verified stays,
//! so that a transfer that was cut off goes on where it was. The cursor stays before whatever is not finished; after a
//! crash that is looked at again, which costs a look at the store for each blob.

mod wanted;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use commun_specs::{
    fold::{Item, ItemKind},
    id::{ContentHash, StatementId},
    key::PublicKey,
    name::Handle,
};
use futures::{StreamExt as _, future::BoxFuture, stream};
use tokio::{
    sync::{mpsc, watch},
    time::Instant,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::IndexFollower;
use crate::quota::Quotas;
use crate::{
    blobs::{Blobs, MAX_ASKED},
    core::Core,
    takedown::{self, Standing},
};

pub(super) use wanted::MAX_TEXT_BLOB;
use wanted::{Fault, Part, Step, Wants};

/// The follower's name in `catalogue.db`.
const NAME: &str = "content";
/// Changes read at once.
const BATCH: usize = 256;
/// Blobs of one item that are waited for at the same time: as many small ones as two requests take.
const PARALLEL: usize = 2 * MAX_ASKED;
/// Items that are worked on at the same time: as many as one request takes where each is one small blob.
const ITEMS: usize = MAX_ASKED;
/// Files of a version whose list is small.
const SHORT_LIST: u64 = 200;
/// How long searches go first.
const LONGEST_TURN: Duration = Duration::from_secs(1);
/// Pause before an item that nobody had is tried again; doubled at each try.
const FIRST_RETRY: Duration = Duration::from_secs(1);
/// Longest such pause.
const LAST_RETRY: Duration = Duration::from_secs(60);

/// Who gives blobs: the network.
pub trait Providers: Send + Sync + 'static {
    /// The nodes that are connected now.
    fn connected(&self) -> Vec<PublicKey>;
    /// Changes whenever a node comes or goes.
    fn changed(&self) -> watch::Receiver<u64>;
    /// Fetches a blob of at most `max` bytes into the store from the first of these that has it; gives back its size.
    /// Durable and verified when it returns; what came before a failure is kept. `small`: it is likely to be small.
    fn fetch(
        &self,
        hash: ContentHash,
        max: u64,
        small: bool,
        from: Vec<PublicKey>,
    ) -> BoxFuture<'_, Result<u64, String>>;
}

/// Why an item's content is not whole here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behind {
    /// In words.
    pub why: String,
    /// Bytes that are missing, as far as the lists say.
    pub bytes: u64,
    /// Whether it never will be: the content breaks the rules (R-08-10).
    pub refused: bool,
}

/// What is known of the copies of an item's content.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Copies {
    /// The institutions that are known to hold it: its owner, who made it durable before naming it, and this one
    /// when all of it is here.
    pub holders: Vec<Handle>,
    /// Whether all of it is here.
    pub local: bool,
}

/// A handle on the follower; cheap to clone.
#[derive(Clone)]
pub struct ContentFollower(Arc<Inner>);

struct Inner {
    core: Core,
    blobs: Blobs,
    providers: Arc<dyn Providers>,
    index: IndexFollower,
    /// None: everything is taken.
    quotas: Option<Quotas>,
    /// Items that are not whole here, or were not looked at yet.
    behind: Mutex<BTreeMap<StatementId, Behind>>,
    /// Whether all changes were read once: before that, an item that is not in `behind` may still be unknown.
    ready: AtomicBool,
}

/// An item that waits for its next try.
struct Waits {
    due: Instant,
    pause: Duration,
}

impl ContentFollower {
    /// Starts to follow, from where it stopped.
    pub fn start(
        core: Core,
        blobs: Blobs,
        providers: Arc<dyn Providers>,
        index: IndexFollower,
        quotas: Option<Quotas>,
        tasks: &TaskTracker,
        stop: CancellationToken,
    ) -> Self {
        let it = Self(Arc::new(Inner {
            core,
            blobs,
            providers,
            index,
            quotas,
            behind: Mutex::default(),
            ready: AtomicBool::new(false),
        }));
        tasks.spawn(it.clone().run(tasks.clone(), stop));
        it
    }

    /// The items that are not whole here, and why.
    pub fn behind(&self) -> BTreeMap<StatementId, Behind> {
        self.0.lock().clone()
    }

    /// How many resources are still to come; those that break the rules are not waited for.
    pub fn wanted(&self) -> u64 {
        self.0.lock().values().filter(|b| !b.refused).count() as u64
    }

    /// How many resources are here whole.
    pub fn held(&self) -> u64 {
        if !self.0.ready.load(Ordering::Relaxed) {
            return 0;
        }
        let resources = self
            .0
            .core
            .state()
            .catalogue()
            .standing_count(ItemKind::Resource);
        // One that was withdrawn a moment ago may be among these still.
        resources.saturating_sub(self.0.lock().len()) as u64
    }

    /// The bytes of all blobs that are here whole.
    pub async fn bytes(&self) -> u64 {
        self.0.blobs.total().await.map_or(0, |(_, bytes)| bytes)
    }

    /// Whether all content of a resource is here.
    pub fn is_local(&self, item: &StatementId) -> bool {
        self.0.ready.load(Ordering::Relaxed) && !self.0.lock().contains_key(item)
    }

    /// What is known of the copies of a resource: only what this node has seen or what its owner signed.
    pub fn copies(&self, item: &StatementId) -> Copies {
        let Some(owner) = self
            .0
            .core
            .state()
            .catalogue()
            .item(item)
            .map(|i| i.owner.clone())
        else {
            return Copies::default();
        };
        let (me, local) = (self.0.core.identity().handle.clone(), self.is_local(item));
        let mut holders = vec![owner];
        if local && holders[0] != me {
            holders.push(me);
        }
        Copies { holders, local }
    }

    async fn run(self, tasks: TaskTracker, stop: CancellationToken) {
        let mut grown = self.0.core.grown();
        let mut peers = self.0.providers.changed();
        let mut waiting: BTreeMap<StatementId, Waits> = BTreeMap::new();
        let mut busy: BTreeSet<StatementId> = BTreeSet::new();
        // Items that changed again while they were worked on.
        let mut again: BTreeSet<StatementId> = BTreeSet::new();
        let (done, mut finished) = mpsc::channel::<(StatementId, bool, Duration)>(ITEMS);
        let mut saved = self.begin().await;
        let mut seq = saved;
        loop {
            grown.mark_unchanged();
            let changes = self.0.core.changes(seq, BATCH).unwrap_or_else(|e| {
                tracing::error!("{e}");
                Vec::new()
            });
            if let Some((last, _)) = changes.last() {
                seq = *last;
            }
            for (_, item) in &changes {
                if busy.contains(item) {
                    again.insert(*item);
                } else {
                    self.note_new(item);
                    waiting.insert(
                        *item,
                        Waits {
                            due: Instant::now(),
                            pause: FIRST_RETRY,
                        },
                    );
                }
            }
            if !changes.is_empty() {
                continue;
            }
            self.0.ready.store(true, Ordering::Relaxed);
            // What is not finished must be found again after a crash: the cursor stays before it.
            if waiting.is_empty() && busy.is_empty() && saved != seq {
                match self.0.core.set_follower(NAME, seq) {
                    Ok(()) => saved = seq,
                    Err(e) => tracing::error!("{e}"),
                }
            }
            let now = Instant::now();
            let due: Vec<_> = waiting
                .iter()
                .filter(|(_, w)| w.due <= now)
                .map(|(id, _)| *id)
                .take(ITEMS - busy.len())
                .collect();
            for item in due {
                let pause = waiting.remove(&item).map_or(FIRST_RETRY, |w| w.pause);
                busy.insert(item);
                let (it, done, stop) = (self.clone(), done.clone(), stop.clone());
                tasks.spawn(async move {
                    // What a transfer has brought is kept when it is dropped.
                    let work = async {
                        it.0.core.let_search_go_first(LONGEST_TURN).await;
                        it.complete(&item).await
                    };
                    tokio::select! {
                        () = stop.cancelled() => {}
                        complete = work => {
                            let _ = done.send((item, complete, pause)).await;
                        }
                    }
                });
            }
            // Looked for only where it may be needed: a hundred thousand may wait.
            let next = match busy.len() < ITEMS {
                true => waiting.values().map(|w| w.due).min(),
                false => None,
            };
            let retry = async {
                match next {
                    Some(due) => tokio::time::sleep_until(due).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                Some((item, complete, pause)) = finished.recv() => {
                    busy.remove(&item);
                    if again.remove(&item) {
                        waiting.insert(item, Waits { due: Instant::now(), pause: FIRST_RETRY });
                    } else if !complete {
                        let pause = (pause * 2).min(LAST_RETRY);
                        waiting.insert(item, Waits { due: Instant::now() + pause / 2, pause });
                    }
                }
                changed = grown.changed() => if changed.is_err() { return },
                changed = peers.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    for w in waiting.values_mut() {
                        *w = Waits { due: Instant::now(), pause: FIRST_RETRY };
                    }
                }
                () = retry => {}
            }
        }
    }

    /// Where to begin: at 0 if the store was emptied behind the cursor's back.
    async fn begin(&self) -> u64 {
        let cursor = self.0.core.follower(NAME).unwrap_or_else(|e| {
            tracing::error!("{e}");
            0
        });
        match self.0.blobs.total().await {
            Ok((0, _)) => 0,
            _ => cursor,
        }
    }

    fn note_new(&self, item: &StatementId) {
        let resource = self
            .0
            .core
            .state()
            .catalogue()
            .item(item)
            .is_some_and(|i| i.kind == ItemKind::Resource);
        if resource {
            let behind = Behind {
                why: "not looked at yet".to_owned(),
                bytes: 0,
                refused: false,
            };
            self.0.lock().entry(*item).or_insert(behind);
        }
    }

    /// Brings an item's content here; false if something is missing still.
    async fn complete(&self, id: &StatementId) -> bool {
        let Some(item) = self.0.core.state().catalogue().copy_of(id) else {
            self.0.lock().remove(id);
            return true;
        };
        if takedown::standing(&self.0.core, &item) != Standing::Shown {
            self.0.lock().remove(id);
            return true;
        }
        let quotas = self
            .0
            .quotas
            .as_ref()
            .filter(|_| item.owner != self.0.core.identity().handle);
        if let Some(quotas) = quotas {
            // With what this item takes itself.
            quotas.look(id);
            if let Some(full) = quotas.full(&item.owner) {
                let (why, bytes, refused) = (full.to_string(), 0, false);
                self.0.lock().insert(
                    *id,
                    Behind {
                        why,
                        bytes,
                        refused,
                    },
                );
                return false;
            }
        }
        let (missing, refused, searched) = match Wants::of(&self.0.core, &item) {
            Ok(wants) => self.bring(&item, wants).await,
            Err(e) => (Some((e.to_string(), 0)), None, false),
        };
        if searched {
            // The item is finished when it is found by its text: a crash before that repeats this.
            self.0.index.refresh(*id).await;
        }
        let mut behind = self.0.lock();
        if let Some((why, bytes)) = missing {
            tracing::debug!(item = %id, "content is missing: {why}");
            behind.insert(
                *id,
                Behind {
                    why,
                    bytes,
                    refused: false,
                },
            );
            return false;
        }
        match refused {
            Some(why) => {
                if behind.get(id).is_none_or(|b| !b.refused) {
                    tracing::warn!(item = %id, "the content of {}/{} is refused: {why}", item.owner, item.slug);
                }
                behind.insert(
                    *id,
                    Behind {
                        why,
                        bytes: 0,
                        refused: true,
                    },
                );
            }
            None => {
                behind.remove(id);
            }
        }
        true
    }

    /// Fetches what is missing: first the texts, which searches wait for, then the lists with their files. Gives back
    /// what is missing still (why, and how many bytes), what is refused, and whether there is something to search by.
    async fn bring(
        &self,
        item: &Item,
        mut wants: Wants,
    ) -> (Option<(String, u64)>, Option<String>, bool) {
        let peers = self.holders(&item.owner);
        let (mut missing, mut refused) = (None::<(String, u64)>, None);
        let mut searched = false;
        while let Some(step) = wants.next() {
            let texts = matches!(step, Step::Texts(_));
            let parts = match step {
                Step::Texts(parts) | Step::Records(parts) => parts,
                Step::List(files) => match self.list(item, &files, &peers).await {
                    Ok(parts) => {
                        // Only the list says whether what was read out of the files is shown.
                        searched |= !parts.is_empty() && self.0.core.blocks_any();
                        parts
                    }
                    Err(Fault::Refused(why)) => {
                        refused = Some(why);
                        continue;
                    }
                    Err(Fault::Missing(why)) => {
                        add(&mut missing, why, files.size);
                        continue;
                    }
                },
            };
            searched |= texts && !parts.is_empty();
            let fetched: Vec<_> = stream::iter(parts)
                .map(|part| self.part(part, &peers))
                .buffer_unordered(PARALLEL)
                .collect()
                .await;
            for (part, fault) in fetched {
                match fault {
                    None => {}
                    Some(Fault::Refused(why)) => refused = Some(why),
                    Some(Fault::Missing(why)) => add(&mut missing, why, part.size),
                }
            }
        }
        (missing, refused, searched)
    }

    async fn part(&self, part: Part, peers: &[PublicKey]) -> (Part, Option<Fault>) {
        // Records, of which only the most is known, are small.
        let small = !part.exact || Blobs::is_small(part.size);
        let fault = match self.fetch(part.blake3, part.size, small, peers).await {
            Ok(size) if part.exact && size != part.size => {
                let why = format!("{} has {size} bytes, {} are stated", part.blake3, part.size);
                Some(Fault::Refused(why))
            }
            Ok(_) => None,
            Err(fault) => Some(fault),
        };
        (part, fault)
    }

    /// The files of a version, from its list: R-08-10.
    async fn list(
        &self,
        item: &Item,
        files: &commun_specs::statement::Files,
        peers: &[PublicKey],
    ) -> Result<Vec<Part>, Fault> {
        self.fetch(
            files.blake3,
            commun_specs::files::MAX_LIST_BYTES as u64,
            files.count <= SHORT_LIST,
            peers,
        )
        .await?;
        let list = wanted::read_list(&self.0.blobs, files).await?;
        let full = list.files().iter().filter(|f| f.size > 0);
        let full: Vec<ContentHash> = full.map(|f| f.blake3).collect();
        if self.0.core.hiding(&item.id).is_some() {
            let items = std::slice::from_ref(item);
            let found = takedown::find_content(&self.0.core, &self.0.blobs, items).await;
            found.map_err(|e| Fault::Missing(e.to_string()))?;
        }
        match takedown::comes_back(&self.0.core, item, &full).await {
            Ok(Some(why)) if self.0.core.hiding(&item.id).is_some() => {
                return Err(Fault::Refused(why));
            }
            // Of some files that do not come back each is refused by itself; the others come.
            Ok(_) => {}
            Err(e) => return Err(Fault::Missing(e.to_string())),
        }
        let part = |f: &commun_specs::files::FileEntry| Part {
            blake3: f.blake3,
            size: f.size,
            exact: true,
        };
        let mut parts: Vec<Part> = list.files().iter().map(part).collect();
        parts.sort();
        parts.dedup();
        Ok(parts)
    }

    /// Makes a blob be here; gives back its size.
    async fn fetch(
        &self,
        hash: ContentHash,
        max: u64,
        small: bool,
        peers: &[PublicKey],
    ) -> Result<u64, Fault> {
        // Also what is still on the disk.
        if let Some(why) = self.0.core.blocked_because(&hash) {
            return Err(Fault::Refused(why));
        }
        match self.0.blobs.size(&hash).await {
            Ok(Some(size)) => return Ok(size),
            Ok(None) => {}
            Err(e) => return Err(Fault::Missing(e.to_string())),
        }
        if peers.is_empty() {
            return Err(Fault::Missing("no other node is connected".to_owned()));
        }
        let fetched = self
            .0
            .providers
            .fetch(hash, max, small, peers.to_vec())
            .await;
        match fetched {
            Ok(size) => Ok(size),
            // It may have come another way meanwhile, so that there was no place for it.
            Err(why) => match self.0.blobs.size(&hash).await {
                Ok(Some(size)) => Ok(size),
                _ => Err(Fault::Missing(why)),
            },
        }
    }

    /// Connected nodes, the owner's first: it holds what it signed.
    fn holders(&self, owner: &Handle) -> Vec<PublicKey> {
        let members = self.0.core.state().members();
        let owners: BTreeSet<PublicKey> = members
            .iter()
            .filter(|m| m.handle == *owner)
            .map(|m| m.node)
            .collect();
        let mut peers = self.0.providers.connected();
        peers.sort_by_key(|p| !owners.contains(p));
        peers
    }
}

/// Notes what is missing: the first reason, and all bytes. Sizes come from others and may be anything.
fn add(missing: &mut Option<(String, u64)>, why: String, size: u64) {
    let (_, bytes) = missing.get_or_insert((why, 0));
    *bytes = bytes.saturating_add(size);
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<StatementId, Behind>> {
        self.behind
            .lock()
            .expect("a thread that panics ends the process")
    }
}

#[cfg(test)]
mod tests;
