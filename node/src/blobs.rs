//! Content by its BLAKE3 hash: files of resources, extracted text, bundles.
//!
//! The bytes rest in an iroh-blobs store under `<data>/blobs`, behind this type; no other module of the node but
//! this one and `net` knows what is below. iroh-blobs calls itself not yet of production quality, so what
//! is promised here is checked here:
//!
//! - *What was added or received is durable when the call returns*: the data file, its hash tree and the folder
//!   are synced, then the store's database is committed. A statement may name the hash from then on.
//! - *Bytes that do not match are never given out*: [`Blobs::read`] goes through the hash tree group by group
//!   (16 KiB) and ends with an error before the first group that does not match; a read of the whole blob and
//!   [`Blobs::export`] are hashed once more by us.
//! - *Nothing is collected but what is erased*: each blob has a tag; [`Blobs::erase`] takes tags away, and only then does
//!   the store collect what has none.
//! - *What is erased is gone*: content rests in files of its own, however small. In a database, what was deleted
//!   stays in pages that are free.
//!
//! A transfer that is cut off, also by `kill -9`, continues where it was: verified groups are kept.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use commun_specs::id::ContentHash;
use futures::StreamExt as _;
use iroh_blobs::{
    Hash, HashAndFormat,
    api::{
        TempTag,
        blobs::{AddPathOptions, BlobStatus, ImportMode},
    },
    store::fs::{FsStore, options::Options, options::PathOptions},
};
use tokio::sync::Mutex;

mod erase;
mod read;
mod receive;
mod serve;
#[cfg(test)]
mod tests;

pub use read::Reader;
pub use receive::{ReceiveError, Received};

/// The store fails.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It does not come back: it was erased, or is hidden here.
    #[error("{0}")]
    Blocked(String),
    /// No blob of this hash is here whole.
    #[error("the content is not held here: {0}")]
    NotHeld(ContentHash),
    /// What is stored does not match its hash: the disk or the store is damaged.
    #[error("the stored bytes do not match their hash, run `commun node verify`: {0}")]
    Damaged(ContentHash),
    /// The range begins after the end.
    #[error("the range begins at {offset}, behind the end of {size} bytes")]
    Range {
        /// The first byte asked for.
        offset: u64,
        /// How many there are.
        size: u64,
    },
    /// A file cannot be read or written.
    #[error("cannot {what} {path}")]
    File {
        /// What was tried.
        what: &'static str,
        /// With which file.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// iroh-blobs fails.
    #[error("the blob store failed: {0}")]
    Store(String),
}

fn store(error: impl std::fmt::Display) -> Error {
    Error::Store(error.to_string())
}

/// Who says what does not come back.
pub trait Guard: Send + Sync + 'static {
    /// Why content is neither taken nor given out here, if it is not.
    fn blocked(&self, hash: &ContentHash) -> Option<String>;
    /// Whether it is not given to other nodes.
    fn not_for_peers(&self, hash: &ContentHash) -> bool;
}

/// The blobs of a node; cheap to clone.
#[derive(Clone)]
pub struct Blobs(Arc<Inner>);

struct Inner {
    store: FsStore,
    paths: PathOptions,
    sweeper: erase::Sweeper,
    guard: std::sync::OnceLock<Arc<dyn Guard>>,
    /// Count and bytes of the whole blobs, once they were counted.
    total: Mutex<Option<(u64, u64)>>,
}

impl std::fmt::Debug for Blobs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Blobs({})", self.0.paths.data_path.display())
    }
}

impl Blobs {
    /// Opens the store in this folder, and makes it if it is not there.
    ///
    /// # Errors
    /// The folder cannot be written, or another process has it open.
    pub async fn open(folder: &Path) -> Result<Self, Error> {
        let file = |source| Error::File {
            what: "open",
            path: folder.to_owned(),
            source,
        };
        std::fs::create_dir_all(folder).map_err(file)?;
        let folder = folder.canonicalize().map_err(file)?;
        let mut options = Options::new(&folder);
        options.inline.max_data_inlined = 0;
        let (sweeper, collect) = erase::sweeper();
        options.gc = Some(collect);
        let paths = options.path.clone();
        let opened = FsStore::load_with_opts(folder.join("blobs.db"), options).await;
        Ok(Self(Arc::new(Inner {
            store: opened.map_err(store)?,
            paths,
            sweeper,
            guard: std::sync::OnceLock::new(),
            total: Mutex::default(),
        })))
    }

    /// Sets who says what does not come back; once.
    pub fn set_guard(&self, guard: Arc<dyn Guard>) {
        let _ = self.0.guard.set(guard);
    }

    /// # Errors
    /// [`Error::Blocked`].
    fn admitted(&self, hash: &ContentHash) -> Result<(), Error> {
        match self.0.guard.get().and_then(|g| g.blocked(hash)) {
            Some(why) => Err(Error::Blocked(why)),
            None => Ok(()),
        }
    }

    /// Whether other nodes get the blob.
    fn for_peers(&self, hash: &ContentHash) -> bool {
        !self.0.guard.get().is_some_and(|g| g.not_for_peers(hash))
    }

    /// Copies a file into the store; gives back its hash and size. Durable on return.
    ///
    /// # Errors
    /// The file cannot be read, or the store not be written.
    pub async fn add_file(&self, path: &Path) -> Result<(ContentHash, u64), Error> {
        let path = std::path::absolute(path).map_err(|source| Error::File {
            what: "read",
            path: path.to_owned(),
            source,
        })?;
        let options = AddPathOptions {
            path,
            mode: ImportMode::Copy,
            format: iroh_blobs::BlobFormat::Raw,
        };
        let tag = self
            .0
            .store
            .add_path_with_opts(options)
            .temp_tag()
            .await
            .map_err(store)?;
        self.added(tag).await
    }

    /// Puts bytes that are in memory into the store. Durable on return.
    ///
    /// # Errors
    /// The store cannot be written.
    pub async fn add_bytes(
        &self,
        bytes: impl Into<bytes::Bytes>,
    ) -> Result<(ContentHash, u64), Error> {
        let tag = self
            .0
            .store
            .add_bytes(bytes)
            .temp_tag()
            .await
            .map_err(store)?;
        self.added(tag).await
    }

    /// Settles what was put into the store; what does not come back is taken out again.
    async fn added(&self, tag: TempTag) -> Result<(ContentHash, u64), Error> {
        let content = ContentHash(*tag.hash().as_bytes());
        if let Err(blocked) = self.admitted(&content) {
            drop(tag);
            self.0.sweeper.sweep().await?;
            return Err(blocked);
        }
        let size = self.settle(content).await?;
        Ok((content, size))
    }

    /// Whether the blob is here whole.
    pub async fn has(&self, hash: &ContentHash) -> bool {
        self.size(hash).await.is_ok_and(|s| s.is_some())
    }

    /// The size of a blob that is here whole, in bytes.
    ///
    /// # Errors
    /// The store fails.
    pub async fn size(&self, hash: &ContentHash) -> Result<Option<u64>, Error> {
        match self.0.store.status(key(hash)).await.map_err(store)? {
            BlobStatus::Complete { size } => Ok(Some(size)),
            BlobStatus::NotFound | BlobStatus::Partial { .. } => Ok(None),
        }
    }

    /// How many whole blobs there are, and their bytes together.
    ///
    /// # Errors
    /// The store fails.
    pub async fn total(&self) -> Result<(u64, u64), Error> {
        let mut total = self.0.total.lock().await;
        if let Some(total) = *total {
            return Ok(total);
        }
        let mut counted = (0, 0);
        let mut held = self
            .0
            .store
            .tags()
            .list_prefix("held/")
            .await
            .map_err(store)?;
        while let Some(tag) = held.next().await {
            let hash = tag.map_err(store)?.hash;
            if let Some(size) = self.size(&ContentHash(*hash.as_bytes())).await? {
                counted = (counted.0 + 1, counted.1 + size);
            }
        }
        *total = Some(counted);
        Ok(counted)
    }

    /// Commits what is pending and closes the database. Nothing can be read after this.
    pub async fn shutdown(&self) {
        if let Err(error) = self.0.store.shutdown().await {
            tracing::warn!(%error, "the blob store did not close in order");
        }
    }

    /// Names a blob that is only partly here, so that nothing that ever collects takes it.
    async fn keep_part(&self, hash: Hash) -> Result<(), Error> {
        let tag = format!("part/{}", hash.to_hex());
        self.0
            .store
            .tags()
            .set(tag, HashAndFormat::raw(hash))
            .await
            .map_err(store)
    }

    /// Makes a whole blob durable and names it; gives back its size.
    async fn settle(&self, hash: ContentHash) -> Result<u64, Error> {
        let size = self.size(&hash).await?.ok_or(Error::NotHeld(hash))?;
        let paths = self.0.paths.clone();
        let sync = move || -> Result<(), Error> {
            // Small blobs are in the database and have no files.
            let (data, tree) = (
                paths.data_path(&key(&hash)),
                paths.outboard_path(&key(&hash)),
            );
            for path in [data, tree, paths.data_path] {
                match std::fs::File::open(&path).and_then(|f| f.sync_all()) {
                    Err(e) if e.kind() == io::ErrorKind::NotFound => {}
                    Err(source) => {
                        return Err(Error::File {
                            what: "sync",
                            path,
                            source,
                        });
                    }
                    Ok(()) => {}
                }
            }
            Ok(())
        };
        tokio::task::spawn_blocking(sync).await.map_err(store)??;
        // Under the lock, so that a blob that comes twice at once is counted once.
        let mut total = self.0.total.lock().await;
        let (tags, tag) = (self.0.store.tags(), format!("held/{}", key(&hash).to_hex()));
        let new = tags.get(&tag).await.map_err(store)?.is_none();
        if new {
            tags.set(&tag, HashAndFormat::raw(key(&hash)))
                .await
                .map_err(store)?;
            if let Some((count, bytes)) = &mut *total {
                (*count, *bytes) = (*count + 1, *bytes + size);
            }
        }
        drop(total);
        self.0.store.sync_db().await.map_err(store)?;
        Ok(size)
    }
}

fn key(hash: &ContentHash) -> Hash {
    Hash::from_bytes(hash.0)
}
