//! The follower that makes erased content be gone from the disk.
//!
//! The door drops the body with the erasure, in one transaction, and notes the statement. From there on this follower
//! removes what the statement named, as far as no other statement names it: blobs, search documents, and what is left of
//! it in `log.db`. The work counts as done only after the last of these, so that whatever fails, or a crash in between, is
//! made good later. One round takes all the erasures of a moment: it looks at every statement.
//!
//! It also keeps the list of what hidden items name ([`find_content`]) up to what is known of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use commun_index::Index;
use commun_specs::{
    fold::Item,
    id::{ContentHash, StatementId},
    name::Handle,
};
use tokio::time::Instant;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{content, hiding::find_content};
use crate::{blobs, blobs::Blobs, core::Core, follow::IndexFollower, store};

/// Pause before what failed is tried again.
const RETRY: Duration = Duration::from_secs(2);
/// How long further erasures are waited for before a round begins: those of one decision come one after the other.
const COLLECT: Duration = Duration::from_secs(1);
/// Shortest time between two times that `log.db` is written anew: that reads and writes all of it. In between, what is
/// deleted is overwritten in its place.
const VACUUM: Duration = Duration::from_secs(3600);

/// Content is not gone yet.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Blobs(#[from] blobs::Error),
    #[error("the index: {0}")]
    Index(String),
}

/// Removes what erasures name.
pub struct Eraser {
    core: Core,
    blobs: Blobs,
    index: IndexFollower,
    /// What hidden items were made of when they were looked at.
    looked: BTreeMap<StatementId, Vec<StatementId>>,
    /// Statements of which only traces in `log.db` are left.
    removed: BTreeSet<StatementId>,
    /// When `log.db` was written anew.
    vacuumed: Option<Instant>,
}

impl Eraser {
    /// Starts to follow.
    pub fn start(
        core: Core,
        blobs: Blobs,
        index: IndexFollower,
        tasks: &TaskTracker,
        stop: CancellationToken,
    ) {
        let eraser = Self {
            core,
            blobs,
            index,
            looked: BTreeMap::new(),
            removed: BTreeSet::new(),
            vacuumed: None,
        };
        tasks.spawn(eraser.run(stop));
    }

    async fn run(mut self, stop: CancellationToken) {
        let mut grown = self.core.grown();
        loop {
            grown.mark_unchanged();
            let mut pause = match self.look_at_hidden().await {
                Ok(()) => None,
                Err(e) => {
                    tracing::warn!("the content of hidden items may come back: {e}");
                    Some(RETRY)
                }
            };
            match self.work(&stop).await {
                Ok(next) => pause = pause.or(next),
                Err(e) => {
                    tracing::warn!("erased content is not gone yet, and this is tried again: {e}");
                    pause = Some(RETRY);
                }
            }
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                changed = grown.changed() => if changed.is_err() { return },
                () = tokio::time::sleep(pause.unwrap_or_default()), if pause.is_some() => {}
            }
        }
    }

    /// Looks at the content of hidden items of which more is known than before.
    async fn look_at_hidden(&mut self) -> Result<(), store::Error> {
        let hidden = self.core.hidden();
        let items: Vec<Item> = {
            let state = self.core.state();
            let found = hidden
                .iter()
                .filter_map(|(i, _)| state.catalogue().copy_of(i));
            found.collect()
        };
        let made_of = |item: &Item| -> Vec<StatementId> {
            let described = item.descriptions.iter().map(|d| d.id);
            item.versions.iter().copied().chain(described).collect()
        };
        let now: BTreeMap<_, _> = items.iter().map(|i| (i.id, made_of(i))).collect();
        let new = |i: &&Item| self.looked.get(&i.id) != now.get(&i.id);
        let new: Vec<Item> = items.iter().filter(new).cloned().collect();
        if !new.is_empty() {
            find_content(&self.core, &self.blobs, &new).await?;
        }
        self.looked = now;
        Ok(())
    }

    /// Does what there is to do; gives back when there is more, if that is known.
    async fn work(&mut self, stop: &CancellationToken) -> Result<Option<Duration>, Error> {
        if !self.core.erasing()?.is_empty() {
            tokio::select! {
                biased;
                () = stop.cancelled() => return Ok(None),
                () = tokio::time::sleep(COLLECT) => {}
            }
            self.round().await?;
        } else if self.core.vacuum_due()? {
            match self.vacuum_in() {
                Some(wait) if !wait.is_zero() => {}
                _ => self.purge().await?,
            }
        }
        let due = self.core.vacuum_due()?;
        Ok(self.vacuum_in().filter(|_| due))
    }

    /// How long `log.db` is not to be written anew; `None` where it never was.
    fn vacuum_in(&self) -> Option<Duration> {
        self.vacuumed.map(|at| VACUUM.saturating_sub(at.elapsed()))
    }

    /// Makes what was deleted be gone from `log.db`, as thoroughly as the time allows.
    async fn purge(&mut self) -> Result<(), Error> {
        let whole = self.vacuum_in().is_none_or(|wait| wait.is_zero());
        self.core.purge(whole).await?;
        if whole {
            self.vacuumed = Some(Instant::now());
        }
        Ok(())
    }

    /// Removes what waits to be removed.
    async fn round(&mut self) -> Result<(), Error> {
        let erasing = self.core.erasing()?;
        let left = erasing.iter().filter(|id| !self.removed.contains(*id));
        let left: Vec<StatementId> = left.copied().collect();
        let pieces = if left.is_empty() {
            0
        } else {
            self.remove(&left).await?
        };
        self.removed.extend(left);
        // Before the work counts as done: what fails here is tried again.
        self.purge().await?;
        self.core.end_erasing(erasing.clone()).await?;
        self.removed.clear();
        // The words are gone; this only keeps the write-ahead log empty.
        if let Err(e) = self.core.checkpoint().await {
            tracing::debug!("the write-ahead log is not emptied: {e}");
        }
        tracing::info!(
            "{} statements are erased, with {pieces} pieces of content",
            erasing.len()
        );
        Ok(())
    }

    /// Removes what statements name, and nothing else does; gives back how much.
    async fn remove(&self, erasing: &[StatementId]) -> Result<usize, Error> {
        let me = &self.core.identity().handle;
        let mut doomed: BTreeSet<ContentHash> = BTreeSet::new();
        let mut around: BTreeSet<ContentHash> = BTreeSet::new();
        let mut own = Vec::new();
        for id in erasing {
            let named = content::of(&self.core, &self.blobs, id).await?;
            doomed.extend(named.all());
            around.extend(&named.around);
            if self.log(id).as_ref() == Some(me) {
                own.push((*id, named));
            }
        }
        let kept = content::named_elsewhere(&self.core, &self.blobs, &doomed, |_| false).await?;
        doomed.retain(|h| !kept.contains_key(h));
        // Who erased did so already, unless it was stopped in between. Before the bytes go: without them their names
        // are known no more.
        content::block_erased(&self.core, &own, &kept).await?;
        if !doomed.is_empty() {
            // Somebody may have published the same before it was blocked.
            let kept =
                content::named_elsewhere(&self.core, &self.blobs, &doomed, |_| false).await?;
            doomed.retain(|h| !kept.contains_key(h));
        }
        // The lists last: they alone say which files there are, and what fails here is done again.
        let (last, first): (Vec<ContentHash>, Vec<ContentHash>) =
            doomed.iter().partition(|h| around.contains(h));
        for hashes in [first, last] {
            if !hashes.is_empty() {
                self.blobs.erase(&hashes).await?;
            }
        }
        for item in self.items(erasing) {
            self.index.refresh(item).await;
        }
        let index: Arc<Index> = self.index.index().clone();
        let purged = tokio::task::spawn_blocking(move || index.purge()).await;
        purged
            .map_err(|e| Error::Index(e.to_string()))?
            .map_err(|e| Error::Index(e.to_string()))?;
        Ok(doomed.len())
    }

    fn log(&self, id: &StatementId) -> Option<Handle> {
        Some(self.core.state().catalogue().find(id)?.0)
    }

    fn items(&self, statements: &[StatementId]) -> BTreeSet<StatementId> {
        let state = self.core.state();
        let items = statements
            .iter()
            .filter_map(|id| state.catalogue().item_of(id));
        items.map(|i| i.id).collect()
    }
}
