//! The follower that makes erased content be gone from the disk.
//!
//! The door drops the body with the erasure, in one transaction, and notes the statement. From there on this follower
//! removes what the statement named, as far as no other statement names it: blobs, search documents, and the pages of
//! `log.db` that were freed. A crash in between is made good at the next start.

use std::{collections::BTreeSet, time::Duration};

use commun_index::Index;
use commun_specs::{
    id::{ContentHash, StatementId},
    name::Handle,
};
use std::sync::Arc;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::content;
use crate::{blobs, blobs::Blobs, core::Core, follow::IndexFollower, store};

/// Pause before what failed is tried again.
const RETRY: Duration = Duration::from_secs(2);

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
        let eraser = Self { core, blobs, index };
        tasks.spawn(eraser.run(stop));
    }

    async fn run(self, stop: CancellationToken) {
        let mut grown = self.core.grown();
        loop {
            grown.mark_unchanged();
            let failed = match self.round().await {
                Ok(()) => false,
                Err(e) => {
                    tracing::warn!("erased content is not gone yet, and this is tried again: {e}");
                    true
                }
            };
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                changed = grown.changed() => if changed.is_err() { return },
                () = tokio::time::sleep(RETRY), if failed => {}
            }
        }
    }

    /// Removes what waits to be removed.
    async fn round(&self) -> Result<(), Error> {
        let erasing = self.core.erasing()?;
        if erasing.is_empty() {
            return Ok(());
        }
        let me = &self.core.identity().handle;
        let mut doomed: BTreeSet<ContentHash> = BTreeSet::new();
        let mut own: Vec<(StatementId, BTreeSet<ContentHash>)> = Vec::new();
        for id in &erasing {
            let named = content::of(&self.core, &self.blobs, id).await?;
            doomed.extend(named.all());
            if self.log(id).as_ref() == Some(me) && !named.files.is_empty() {
                own.push((*id, named.files));
            }
        }
        let kept = content::named_elsewhere(&self.core, &self.blobs, &doomed, |_| false).await?;
        doomed.retain(|h| !kept.contains(h));
        // Before the bytes go: after a crash in between, their names are known no more.
        for (id, files) in own {
            let gone: Vec<ContentHash> = files.difference(&kept).copied().collect();
            self.core.block(id, true, &gone).await?;
        }
        let doomed: Vec<ContentHash> = doomed.into_iter().collect();
        self.blobs.erase(&doomed).await?;
        for item in self.items(&erasing) {
            self.index.refresh(item).await;
        }
        let index: Arc<Index> = self.index.index().clone();
        let purged = tokio::task::spawn_blocking(move || index.purge()).await;
        purged
            .map_err(|e| Error::Index(e.to_string()))?
            .map_err(|e| Error::Index(e.to_string()))?;
        self.core.end_erasing(erasing.clone()).await?;
        // Last, so that it takes along what this has written.
        self.core.purge().await?;
        tracing::info!(
            "{} statements are erased, with {} pieces of content",
            erasing.len(),
            doomed.len()
        );
        Ok(())
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
