//! Receiving a blob from one peer: verified group by group, continued where it was.

use std::{path::PathBuf, sync::atomic::Ordering};

use commun_specs::id::ContentHash;
use futures::StreamExt as _;
use iroh::endpoint::Connection;
use iroh_blobs::{
    api::remote::GetProgressItem,
    get::{
        GetError,
        fsm::AtBlobHeaderNextError,
        request::{get_blob, get_verified_size},
    },
};
use tokio::{task::JoinHandle, time::timeout};

use super::{Blobs, Error, key};
use crate::net::limits::{MIN_PROGRESS, STALL};

/// What came of a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Received {
    /// The size of the blob.
    pub size: u64,
    /// How many bytes of it came over the network now; what was here before was not asked for.
    pub transferred: u64,
}

/// A blob did not come.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// The peer does not have it, or does not say.
    #[error("the peer does not hold the content: {0}")]
    NotHeld(String),
    /// The peer sent bytes that do not match the hash.
    #[error("the peer sent bytes that do not match the hash: {0}")]
    Wrong(String),
    /// The blob is larger than what was expected.
    #[error("the content has {size} bytes, more than the {max} that were stated")]
    TooLarge {
        /// Its true size.
        size: u64,
        /// What is allowed.
        max: u64,
    },
    /// Nothing came for too long.
    #[error("the peer stalled")]
    Stalled,
    /// The connection ended.
    #[error("the connection broke: {0}")]
    Broken(String),
    /// This node cannot store it.
    #[error(transparent)]
    Store(#[from] Error),
}

impl Blobs {
    /// Takes a blob from a peer. What came and was verified stays, also when this fails or is dropped, so that
    /// the next attempt, with this peer or another, asks for the rest only. Durable on return.
    ///
    /// # Errors
    /// See [`ReceiveError`].
    pub(crate) async fn receive(
        &self,
        connection: &Connection,
        hash: &ContentHash,
        max: u64,
    ) -> Result<Received, ReceiveError> {
        let hash_key = key(hash);
        self.admitted(hash)?;
        let here = match self.small(hash) {
            Ok(Some(bytes)) => Some(bytes.len() as u64),
            Ok(None) => self.size(hash).await?,
            // It is put in the place of what is damaged.
            Err(Error::Damaged(_)) => None,
            Err(error) => return Err(error.into()),
        };
        if let Some(size) = here {
            return Ok(Received {
                size,
                transferred: 0,
            });
        }
        // The size is proved by the last group before anything else is asked for.
        let asked = timeout(STALL, get_verified_size(connection, &hash_key)).await;
        let (size, _) = asked.map_err(|_| ReceiveError::Stalled)?.map_err(fault)?;
        if size > max {
            return Err(ReceiveError::TooLarge { size, max });
        }
        if Self::is_small(size) {
            let getting = get_blob(connection.clone(), hash_key).bytes();
            let came = timeout(STALL, getting).await;
            let bytes = came.map_err(|_| ReceiveError::Stalled)?.map_err(fault)?;
            if ContentHash::of(&bytes) != *hash {
                return Err(ReceiveError::Wrong(hash.to_string()));
            }
            self.count(size);
            self.shelve(vec![(*hash, bytes)]).await?;
            let transferred = size;
            return Ok(Received { size, transferred });
        }
        self.keep_part(hash_key).await?;
        let came = async {
            let transferred = self.transfer(connection, hash).await?;
            // Before anybody is told that it is held, we hash ourselves what was stored.
            let size = self.settle(*hash, true).await?;
            Ok(Received { size, transferred })
        };
        let came = came.await;
        // That took minutes: it may have been taken down meanwhile, and what came since is not swept.
        if let Err(blocked) = self.admitted(hash) {
            self.erase(&[*hash]).await?;
            return Err(blocked.into());
        }
        came
    }

    /// Counts bytes that came.
    pub(super) fn count(&self, bytes: u64) {
        self.0.received.fetch_add(bytes, Ordering::Relaxed);
    }

    async fn transfer(
        &self,
        connection: &Connection,
        hash: &ContentHash,
    ) -> Result<u64, ReceiveError> {
        let progress = self.0.store.remote().fetch(connection.clone(), key(hash));
        let mut progress = std::pin::pin!(progress.stream());
        let mut bytes = 0;
        let mut begun = false;
        let mut ahead = Ahead::of(self.0.paths.data_path(&key(hash)));
        // In each stretch of time so many bytes come, or the rest: a trickle is as bad as nothing.
        loop {
            let enough = bytes + MIN_PROGRESS;
            let stretch = async {
                while bytes < enough {
                    match progress.next().await {
                        None => return Err(ReceiveError::Broken("no more was said".to_owned())),
                        Some(GetProgressItem::Progress(so_far)) => {
                            self.count(so_far - bytes.min(so_far));
                            bytes = so_far;
                            ahead.reached(bytes);
                            if !begun && bytes >= BEGUN {
                                begun = true;
                                self.0.store.sync_db().await.map_err(super::store)?;
                            }
                        }
                        Some(GetProgressItem::Done(stats)) => {
                            let all = stats.payload_bytes_read;
                            self.count(all - bytes.min(all));
                            return Ok(Some(all));
                        }
                        Some(GetProgressItem::Error(error)) => return Err(fault(error)),
                    }
                }
                Ok(None)
            };
            let came = timeout(STALL, stretch).await;
            if let Some(transferred) = came.map_err(|_| ReceiveError::Stalled)?? {
                return Ok(transferred);
            }
        }
    }
}

/// Bytes after which the store's database is made to know of the part: what a kill finds that it does not know is lost,
/// and by itself it would know half a second later.
const BEGUN: u64 = 4 << 20;
/// Bytes after which the disk is set to work while the rest comes.
const STRETCH: u64 = 64 << 20;

/// Brings a file to the disk while it grows, so that little is left to wait for at its end.
struct Ahead {
    path: PathBuf,
    next: u64,
    working: Option<JoinHandle<()>>,
}

impl Ahead {
    fn of(path: PathBuf) -> Self {
        Self {
            path,
            next: STRETCH,
            working: None,
        }
    }

    fn reached(&mut self, bytes: u64) {
        if bytes < self.next || self.working.as_ref().is_some_and(|w| !w.is_finished()) {
            return;
        }
        self.next = bytes + STRETCH;
        let path = self.path.clone();
        // What fails here fails again where it is waited for.
        self.working = Some(tokio::task::spawn_blocking(move || {
            let _ = std::fs::File::open(path).and_then(|file| file.sync_data());
        }));
    }
}

/// Says whose fault it is.
pub(super) fn fault(error: GetError) -> ReceiveError {
    let text = format!("{error:#}");
    match error {
        GetError::AtBlobHeaderNext {
            source: AtBlobHeaderNextError::NotFound { .. },
            ..
        } => ReceiveError::NotHeld(text),
        GetError::LocalFailure { .. } => ReceiveError::Store(Error::Store(text)),
        GetError::Decode { source, .. } => match source {
            iroh_blobs::get::fsm::DecodeError::ParentHashMismatch { .. }
            | iroh_blobs::get::fsm::DecodeError::LeafHashMismatch { .. } => {
                ReceiveError::Wrong(text)
            }
            iroh_blobs::get::fsm::DecodeError::ChunkNotFound { .. }
            | iroh_blobs::get::fsm::DecodeError::ParentNotFound { .. }
            | iroh_blobs::get::fsm::DecodeError::LeafNotFound { .. } => ReceiveError::NotHeld(text),
            _ => ReceiveError::Broken(text),
        },
        _ => ReceiveError::Broken(text),
    }
}
