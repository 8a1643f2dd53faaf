//! Erasing: blobs that are gone from the disk when the call returns.
//!
//! iroh-blobs deletes only by its garbage collection, which runs on a clock. Ours runs when it is asked: before each
//! round the store asks whom to protect, and that question waits for an erasure. It forgets a blob first and removes its
//! files then; what a crash left of them is removed here.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use commun_specs::id::ContentHash;
use iroh_blobs::{
    api::blobs::BlobStatus,
    store::{GcConfig, ProtectCb, ProtectOutcome},
};
use tokio::sync::{Notify, watch};

use super::{Blobs, Error, key, removed, store, sync};

/// Pause between two rounds of collection.
const PAUSE: Duration = Duration::from_millis(20);
/// Longest wait for a round: it looks at every blob once.
const MAX_ROUND: Duration = Duration::from_secs(600);

/// Asks for rounds of collection.
pub(super) struct Sweeper {
    asked: Arc<Notify>,
    /// How many rounds have ended.
    rounds: watch::Receiver<u64>,
    /// How many have asked for a round.
    callers: AtomicU64,
    /// How many of them have had one; held during a round.
    served: tokio::sync::Mutex<u64>,
}

/// A sweeper, and what lets the store wait for it.
pub(super) fn sweeper() -> (Sweeper, GcConfig) {
    let asked = Arc::new(Notify::new());
    let (ended, rounds) = watch::channel(0);
    let ended = Arc::new(ended);
    let waits = asked.clone();
    let protect: ProtectCb = Arc::new(move |_| {
        let (waits, ended) = (waits.clone(), ended.clone());
        // That it is asked again says that the round before is over.
        ended.send_modify(|n| *n += 1);
        Box::pin(async move {
            waits.notified().await;
            ProtectOutcome::Continue
        })
    });
    let collect = GcConfig {
        interval: PAUSE,
        add_protected: Some(protect),
    };
    let sweeper = Sweeper {
        asked,
        rounds,
        callers: AtomicU64::new(0),
        served: tokio::sync::Mutex::new(0),
    };
    (sweeper, collect)
}

impl Sweeper {
    /// Has what nobody holds any more collected. A round that begins after this was called is one for all who wait by then:
    /// an upload of a thousand large files that is refused costs two rounds at most.
    pub(super) async fn sweep(&self) -> Result<(), Error> {
        let mine = self.callers.fetch_add(1, Ordering::SeqCst) + 1;
        let mut served = self.served.lock().await;
        if *served >= mine {
            return Ok(());
        }
        let all = self.callers.load(Ordering::SeqCst);
        let mut rounds = self.rounds.clone();
        let late = || Error::Store("collecting what was erased takes too long".to_owned());
        // The store waits to be asked from its first question on.
        let first = tokio::time::timeout(MAX_ROUND, rounds.wait_for(|n| *n > 0)).await;
        let before = *first.map_err(|_| late())?.map_err(store)?;
        self.asked.notify_one();
        let over = tokio::time::timeout(MAX_ROUND, rounds.wait_for(|n| *n > before)).await;
        over.map_err(|_| late())?.map_err(store)?;
        *served = all;
        Ok(())
    }

    /// How many rounds there were.
    #[cfg(test)]
    pub(super) fn rounds(&self) -> u64 {
        *self.rounds.borrow()
    }
}

impl Blobs {
    /// Makes blobs be gone, whole ones and parts; those that are not here are none. What is read now is read to its end.
    /// The empty blob stays: it says nothing, and the store has it always.
    ///
    /// # Errors
    /// The store fails; the call can be repeated.
    pub async fn erase(&self, hashes: &[ContentHash]) -> Result<(), Error> {
        let empty = ContentHash::of(b"");
        let hashes: Vec<ContentHash> = hashes.iter().copied().filter(|h| *h != empty).collect();
        self.forget_drawings(&hashes).await?;
        self.0.shelf.erase(hashes.clone()).await?;
        let tags = self.0.store.tags();
        let mut swept = false;
        for hash in &hashes {
            let status = self.0.store.status(key(hash)).await.map_err(store)?;
            if status == BlobStatus::NotFound {
                continue;
            }
            swept = true;
            let hex = key(hash).to_hex();
            let size = self.size(hash).await?;
            // Under the lock, as in adding.
            let mut total = self.0.total.lock().await;
            let held = format!("held/{hex}");
            let was = tags.get(&held).await.map_err(store)?.is_some();
            for tag in [held, format!("part/{hex}")] {
                tags.delete(tag).await.map_err(store)?;
            }
            if let (true, Some(size), Some((count, bytes))) = (was, size, total.as_mut()) {
                *count = count.saturating_sub(1);
                *bytes = bytes.saturating_sub(size);
            }
        }
        if swept {
            self.0.sweeper.sweep().await?;
            self.0.store.sync_db().await.map_err(store)?;
        }
        for hash in &hashes {
            if self.has(hash).await {
                return Err(Error::Store(format!("content is still here: {hash}")));
            }
        }
        // A drawing that was under way may have been kept meanwhile; from now on it finds no content.
        self.forget_drawings(&hashes).await?;
        self.remove_strays(&hashes).await
    }

    /// Removes files of blobs that the store does not know.
    async fn remove_strays(&self, hashes: &[ContentHash]) -> Result<(), Error> {
        let paths = &self.0.paths;
        let mut any = false;
        for hash in hashes {
            let key = key(hash);
            if self.0.store.status(key).await.map_err(store)? != BlobStatus::NotFound {
                continue;
            }
            for path in [
                paths.data_path(&key),
                paths.outboard_path(&key),
                paths.sizes_path(&key),
                paths.bitfield_path(&key),
            ] {
                any |= removed(&path, std::fs::remove_file(&path))?;
            }
        }
        match any {
            true => sync(paths.data_path.clone()),
            false => Ok(()),
        }
    }
}
