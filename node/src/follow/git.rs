//! The Git follower: makes each repository on disk what the catalogue says.
//!
//! A repository statement makes an empty repository; a `refs` statement makes this node fetch the objects that it
//! lacks from a node that holds them, through quarantine, and then move the refs. Heads that are not served are
//! fetched and written like those that are ([`projection`]). A ref is only moved to an object that is here and
//! verified, so a node that is behind serves the newest state that it holds.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use commun_forge::git::{FetchError, ObjectFormat, Oid, RefName, Repos, Repository};
use commun_specs::{
    fold::{Item, ItemKind},
    id::StatementId,
    key::PublicKey,
    name::Handle,
};
use tokio::{sync::Semaphore, time::Instant};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::projection::{self, Held};
use crate::quota::{Full, Quotas};
use crate::{
    core::{Core, now},
    net::Net,
    pushes::Pushes,
    talk,
};

mod proposals;
mod retry;
mod round;

use retry::Retries;
use round::{Failures, Over, StatedBy, round};

/// The follower's name in `catalogue.db`.
const NAME: &str = "git";
/// Changes read at once.
const BATCH: usize = 256;
/// Repositories that are fetched at the same time: each takes a process here and one at the peer.
const PARALLEL: usize = 4;
/// A peer that sends nothing for this long loses its part to another (ARCHITECTURE, The network).
const STALL: Duration = Duration::from_secs(4);
/// Repositories whose refs are compared and moved at the same time; none of them waits for the network.
const LOCAL: usize = 4;

/// Why a repository is not yet what the catalogue says.
#[derive(Debug, thiserror::Error)]
enum Behind {
    #[error("git: {0}")]
    Git(#[from] commun_forge::git::Error),
    #[error(transparent)]
    Store(#[from] crate::store::Error),
    #[error("this node cannot store the objects: {0}")]
    Local(#[source] FetchError),
    #[error("{0}")]
    Full(Full),
    #[error("{0} cannot be moved in Git; it is tried again")]
    NotMoved(String),
    #[error("no connected node gave the objects: {0}")]
    NoHolder(String),
    #[error("a node that may hold the objects is busy")]
    Busy,
}

/// How far an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    Complete,
    Behind,
    /// A holder is there and gives to others just now.
    Waits,
}

/// A handle on the follower.
#[derive(Clone)]
pub struct GitFollower(Arc<Inner>);

struct Inner {
    core: Core,
    repos: Repos,
    net: Net,
    pushes: Pushes,
    quotas: Quotas,
    behind: Mutex<BTreeMap<StatementId, String>>,
    failures: Failures,
    slots: Semaphore,
    local: Semaphore,
    proposal_slots: Semaphore,
    /// Repositories whose proposals are being fetched, and whether there are more since that began.
    proposals: Mutex<BTreeMap<StatementId, bool>>,
    /// Of what each repository's proposals were counted last: a hash.
    charged: Mutex<BTreeMap<StatementId, u64>>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl GitFollower {
    /// Starts to follow, from where it stopped.
    pub fn start(
        core: Core,
        repos: Repos,
        net: Net,
        pushes: Pushes,
        quotas: Quotas,
        tasks: &TaskTracker,
        stop: CancellationToken,
    ) -> Self {
        let it = Self(Arc::new(Inner {
            core,
            repos,
            net,
            pushes,
            quotas,
            behind: Mutex::default(),
            failures: Failures::default(),
            slots: Semaphore::new(PARALLEL),
            local: Semaphore::new(LOCAL),
            proposal_slots: Semaphore::new(proposals::PARALLEL),
            proposals: Mutex::default(),
            charged: Mutex::default(),
            tasks: tasks.clone(),
            stop: stop.clone(),
        }));
        tasks.spawn(it.clone().run(tasks.clone(), stop));
        it
    }

    /// The repositories that are behind, and why.
    pub fn behind(&self) -> BTreeMap<StatementId, String> {
        self.0
            .behind
            .lock()
            .expect("a thread that panics ends the process")
            .clone()
    }

    async fn run(self, tasks: TaskTracker, stop: CancellationToken) {
        let mut grown = self.0.core.grown();
        let mut peers = self.0.net.watch();
        let mut busy: BTreeSet<StatementId> = BTreeSet::new();
        let mut again: BTreeSet<StatementId> = BTreeSet::new();
        let mut retries = Retries::default();
        let (done, mut finished) = tokio::sync::mpsc::channel::<(StatementId, Progress)>(64);
        let mut seq = match self.0.core.follower(NAME) {
            Ok(seq) => seq,
            Err(e) => {
                tracing::error!("{e}");
                0
            }
        };
        for item in self.with_proposals() {
            self.see_to_proposals(item);
        }
        loop {
            // What is not finished must be found again after a crash: the cursor stays before it.
            let idle = again.is_empty() && busy.is_empty() && retries.is_empty();
            let changes = self.0.core.changes(seq, BATCH).unwrap_or_default();
            match changes.last() {
                Some((last, _)) => seq = *last,
                None if idle => {
                    if let Err(e) = self.0.core.set_follower(NAME, seq) {
                        tracing::error!("{e}");
                    }
                }
                None => {}
            }
            for (_, item) in &changes {
                retries.reset(item);
                again.insert(*item);
            }
            for item in again.clone() {
                if busy.insert(item) {
                    again.remove(&item);
                    let (it, done) = (self.clone(), done.clone());
                    tasks.spawn(async move {
                        let progress = it.project(&item).await;
                        let _ = done.send((item, progress)).await;
                    });
                }
            }
            if !changes.is_empty() {
                continue;
            }
            let due = retries.next();
            tokio::select! {
                () = stop.cancelled() => return,
                _ = grown.changed() => {}
                _ = peers.changed() => {
                    again.extend(self.behind().into_keys());
                    again.extend(retries.reset_all());
                }
                Some((item, progress)) = finished.recv() => {
                    busy.remove(&item);
                    match progress {
                        Progress::Complete => retries.reset(&item),
                        _ if again.contains(&item) => {}
                        Progress::Behind => retries.failed(item, Instant::now()),
                        Progress::Waits => retries.waits(item, Instant::now()),
                    }
                }
                () = tokio::time::sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                    again.extend(retries.due(Instant::now()));
                }
            }
        }
    }

    /// Brings one item up to date, as far as it can be now.
    async fn project(&self, id: &StatementId) -> Progress {
        let Some(item) = self.0.core.state().catalogue().copy_of(id) else {
            return Progress::Complete;
        };
        if item.kind != ItemKind::Repository {
            return Progress::Complete;
        }
        let caught_up = self.catch_up(item).await;
        let mut behind = self
            .0
            .behind
            .lock()
            .expect("a thread that panics ends the process");
        match caught_up {
            Ok(()) => {
                self.0.pushes.forsake(id, false);
                behind.remove(id);
                Progress::Complete
            }
            Err(e) => {
                self.0.pushes.forsake(id, matches!(e, Behind::NoHolder(_)));
                tracing::debug!(item = %id, "a repository is behind: {e}");
                behind.insert(*id, e.to_string());
                match e {
                    Behind::Busy => Progress::Waits,
                    _ => Progress::Behind,
                }
            }
        }
    }

    /// Fetches first, under no lock, then moves the refs under the repository's: a push that is accepted here never
    /// waits for another node.
    async fn catch_up(&self, item: Item) -> Result<(), Behind> {
        let local = self.0.local.acquire().await;
        let Some(rules) = self.0.core.repository(&item)? else {
            return Ok(());
        };
        let format = if rules.object_format == "sha256" {
            ObjectFormat::Sha256
        } else {
            ObjectFormat::Sha1
        };
        let repository = self
            .0
            .repos
            .create(&item.id.to_string(), &rules.default_branch, format)
            .await?;
        let wanted: Vec<Oid> = projection::oids(&item).into_iter().collect();
        let missing = lacking(&repository, &wanted).await?;
        drop(local);
        let full = self.0.quotas.full(&item.owner);
        let fetched = match full {
            _ if missing.is_empty() => Ok(()),
            Some(full) => Err(Behind::Full(full)),
            None => {
                let fetched = self.fetch(&repository, &item, missing).await;
                self.0.quotas.look(&item.id);
                fetched
            }
        };
        let id = item.id;
        self.settle(&repository, item).await?;
        // What is proposed comes after what is there, and holds it up in nothing.
        self.see_to_proposals(id);
        fetched
    }

    /// Moves the refs to what the catalogue says now, as far as the objects are here.
    async fn settle(&self, repository: &Repository, item: Item) -> Result<(), Behind> {
        let _local = self.0.local.acquire().await;
        let lock = self.0.pushes.lock(&item.id);
        let _held = lock.lock().await;
        // What was pushed or arrived meanwhile counts: a ref must never go back.
        let item = self
            .0
            .core
            .state()
            .catalogue()
            .copy_of(&item.id)
            .unwrap_or(item);
        let (Some(policy), Some(rules)) =
            (self.0.core.policy(&item)?, self.0.core.repository(&item)?)
        else {
            return Ok(());
        };
        let named: Vec<Oid> = projection::oids(&item).into_iter().collect();
        let missing = lacking(repository, &named).await?;
        let held = named.into_iter().filter(|oid| !missing.contains(oid));
        let projected = projection::project(&item, &policy, &Held::only(held.collect()));
        let present = repository.refs().await?;
        let mut wanted: BTreeMap<RefName, Oid> = projected
            .refs
            .into_iter()
            .map(|(name, placed)| (name, placed.oid))
            .collect();
        // A ref moves as soon as its object is here, whatever the others wait for; until then it stays.
        for name in projected.missing {
            if let Some(old) = present.get(&name) {
                wanted.entry(name).or_insert_with(|| old.clone());
            }
        }
        let asked = talk::wanted(&self.0.core, &item.id);
        let each: BTreeSet<Oid> = asked.refs.values().cloned().collect();
        let each: Vec<Oid> = each.into_iter().collect();
        let missing: BTreeSet<Oid> = lacking(repository, &each).await?.into_iter().collect();
        for (name, oid) in asked.refs {
            if !missing.contains(&oid) {
                wanted.insert(name, oid);
            } else if let Some(old) = present.get(&name) {
                wanted.insert(name, old.clone());
            }
        }
        if wanted != present {
            self.keep_what_leaves(repository, &present, &wanted).await?;
            // A full disk, a lock that is held for a moment: what could move has moved, the rest is tried again.
            if let Some(failed) = repository.set_refs(&wanted).await?.into_iter().next() {
                tracing::warn!(item = %item.id, "{} cannot be moved: {}", failed.name.as_str(), failed.error);
                return Err(Behind::NotMoved(failed.name.to_string()));
            }
        }
        let branch = rules.default_branch;
        if repository.default_branch()?.as_str() != format!("refs/heads/{branch}") {
            repository.set_default_branch(&branch).await?;
        }
        Ok(())
    }

    /// What history loses by these moves, wherever they were made, is held for a while.
    async fn keep_what_leaves(
        &self,
        repository: &Repository,
        present: &BTreeMap<RefName, Oid>,
        wanted: &BTreeMap<RefName, Oid>,
    ) -> Result<(), Behind> {
        let stays: BTreeSet<&Oid> = wanted.values().collect();
        let moves: Vec<(Oid, Option<Oid>)> = present
            .iter()
            .filter(|(name, old)| wanted.get(*name) != Some(*old) && !stays.contains(old))
            .map(|(name, old)| (old.clone(), self::successor(name, wanted)))
            .collect();
        if moves.is_empty() {
            return Ok(());
        }
        let left = repository.left_behind(&moves).await?;
        if !left.is_empty() {
            repository.keep(&left, now() / 86_400).await?;
        }
        Ok(())
    }

    async fn fetch(
        &self,
        repository: &Repository,
        item: &Item,
        missing: Vec<Oid>,
    ) -> Result<(), Behind> {
        let _slot = self.0.slots.acquire().await;
        self.fetch_from(repository, item, None, missing).await
    }

    /// Asks holder after holder; `proposed_by`: whose merge requests the objects are of.
    async fn fetch_from(
        &self,
        repository: &Repository,
        item: &Item,
        proposed_by: Option<&Handle>,
        missing: Vec<Oid>,
    ) -> Result<(), Behind> {
        let from = Over {
            net: &self.0.net,
            item: item.id.to_string(),
        };
        let mut peers = self.holders(item, proposed_by, &missing);
        self.0.failures.sort(&item.id, &mut peers);
        let stated = match proposed_by {
            Some(_) => StatedBy::new(),
            None => stated_by(item, &missing),
        };
        let failures = &self.0.failures;
        round(
            &from, &peers, repository, &item.id, missing, &stated, failures, STALL,
        )
        .await
    }

    /// Connected nodes: first those whose institutions stated what is missing, because they hold what they signed;
    /// then the owner's.
    fn holders(
        &self,
        item: &Item,
        proposed_by: Option<&Handle>,
        missing: &[Oid],
    ) -> Vec<PublicKey> {
        let missing: BTreeSet<&str> = missing.iter().map(Oid::as_str).collect();
        let stated: BTreeSet<&Handle> = item
            .refs
            .values()
            .flat_map(|r| &r.heads)
            .filter(|h| h.oid.as_deref().is_some_and(|oid| missing.contains(oid)))
            .map(|h| &h.institution)
            .chain(proposed_by)
            .collect();
        let rank: BTreeMap<PublicKey, u8> = self
            .0
            .core
            .state()
            .members()
            .into_iter()
            .map(|m| {
                let rank = match m.handle {
                    h if stated.contains(&h) => 0,
                    h if h == item.owner => 1,
                    _ => 2,
                };
                (m.node, rank)
            })
            .collect();
        let mut peers = self.0.net.connected();
        peers.sort_by_key(|p| rank.get(p).copied().unwrap_or(u8::MAX));
        peers
    }
}

/// Whose heads these are.
fn stated_by(item: &Item, missing: &[Oid]) -> StatedBy {
    let mut stated: StatedBy = missing
        .iter()
        .map(|oid| (oid.clone(), BTreeSet::new()))
        .collect();
    let heads = item.refs.values().flat_map(|r| {
        let waiting = r.waiting.iter().map(|w| &w.head);
        r.heads.iter().chain(waiting)
    });
    for head in heads {
        let oid = head.oid.as_deref().and_then(|oid| Oid::parse(oid).ok());
        if let Some(by) = oid.and_then(|oid| stated.get_mut(&oid)) {
            by.insert(head.institution.clone());
        }
    }
    stated
}

/// What takes a ref's place: its new value, or for a head that stood beside its ref, that ref's.
fn successor(name: &RefName, wanted: &BTreeMap<RefName, Oid>) -> Option<Oid> {
    wanted
        .get(name)
        .or_else(|| wanted.get(&name.of()?))
        .cloned()
}

async fn lacking(repository: &Repository, oids: &[Oid]) -> Result<Vec<Oid>, Behind> {
    if oids.is_empty() {
        return Ok(Vec::new());
    }
    let held = repository.holds(oids).await?;
    Ok(oids
        .iter()
        .zip(held)
        .filter(|(_, h)| !h)
        .map(|(o, _)| o.clone())
        .collect())
}
