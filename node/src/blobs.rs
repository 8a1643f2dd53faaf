//! Content by its BLAKE3 hash: files of resources, extracted text, bundles.
//!
//! Large ones rest in an iroh-blobs store under `<data>/blobs`, small ones on a [`shelf`] beside it, behind this type; no
//! other module of the node but this one and `net` knows what is below. iroh-blobs calls itself not yet of production quality, so what
//! is promised here is checked here:
//!
//! - *What was added or received is durable when the call returns*: the data file, its hash tree and the folder
//!   are synced, then the store's database is committed; small ones are appended, many at once, and synced. A statement
//!   may name the hash from then on.
//! - *Bytes that do not match are never given out*: [`Blobs::read`] goes through the hash tree group by group
//!   (16 KiB) and ends with an error before the first group that does not match; a read of the whole blob and
//!   [`Blobs::export`] are hashed once more by us.
//! - *Nothing is collected but what is erased*: each blob has a tag; [`Blobs::erase`] takes tags away, and only then does
//!   the store collect what has none.
//! - *What is erased is gone*: large content rests in files of its own, which are removed; small content is overwritten
//!   where it lies. In a database, what was deleted stays in pages that are free.
//!
//! A transfer that is cut off, also by `kill -9`, continues where it was: verified groups are kept.

use std::{
    io::{self, Read as _},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use commun_specs::id::ContentHash;
use futures::StreamExt as _;
use iroh_blobs::{
    Hash, HashAndFormat,
    api::{
        RequestError, TempTag,
        blobs::{AddPathOptions, BlobStatus, ImportMode},
    },
    store::fs::{FsStore, options::Options, options::PathOptions},
};
use tokio::sync::Mutex;

mod drawn;
mod erase;
mod keep;
mod read;
mod receive;
mod serve;
mod shelf;
mod small;
#[cfg(test)]
mod tests;

pub use keep::{Keeping, Kept};
pub use read::Reader;
pub use receive::{ReceiveError, Received};
use shelf::{MAX_SHELVED, Shelf};
pub(crate) use small::MAX_ASKED;

/// Large files that are put into the store at the same time.
const PARALLEL: usize = 8;
/// Bytes that are hashed at once.
const CHECKED: usize = 1 << 20;

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
    #[error("cannot {what} {path}: {source}")]
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

/// What came of removing a file or a folder: whether it was there.
fn removed(path: &Path, done: io::Result<()>) -> Result<bool, Error> {
    match done {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(Error::File {
            what: "remove",
            path: path.to_owned(),
            source,
        }),
    }
}

/// Why the store did not take content: its own words hide what the system said.
fn adding(error: RequestError) -> Error {
    match error {
        RequestError::Inner {
            source: iroh_blobs::api::Error::Io(cause),
            ..
        } => store(cause),
        other => store(other),
    }
}

/// Who says what does not come back.
pub trait Guard: Send + Sync + 'static {
    /// Why content is neither taken nor given out here, if it is not.
    fn blocked(&self, hash: &ContentHash) -> Option<String>;
    /// Whether it is not given to other nodes.
    fn not_for_peers(&self, hash: &ContentHash) -> bool;
}

/// The guard, once it is set.
type Guarded = Arc<std::sync::OnceLock<Arc<dyn Guard>>>;

/// The blobs of a node; cheap to clone.
#[derive(Clone)]
pub struct Blobs(Arc<Inner>);

struct Inner {
    /// Blobs of at most [`shelf::MAX_SHELVED`] bytes; smaller ones of older releases are in the store still.
    shelf: Shelf,
    store: FsStore,
    paths: PathOptions,
    sweeper: erase::Sweeper,
    guard: Guarded,
    /// Count and bytes of the whole blobs, once they were counted.
    total: Mutex<Option<(u64, u64)>>,
    /// Bytes that other nodes sent since the start.
    received: AtomicU64,
    coming: keep::Coming,
    additions: keep::Additions,
    drawn: drawn::Room,
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
        keep::sweep(&paths.temp_path).map_err(file)?;
        let opened = FsStore::load_with_opts(folder.join("blobs.db"), options).await;
        let at = folder.join("shelf");
        let guard = Guarded::default();
        let asked = guard.clone();
        let shelf = tokio::task::spawn_blocking(move || Shelf::open(&at, asked));
        Ok(Self(Arc::new(Inner {
            shelf: shelf.await.map_err(store)??,
            store: opened.map_err(store)?,
            paths,
            sweeper,
            guard,
            total: Mutex::default(),
            received: AtomicU64::new(0),
            coming: keep::Coming::default(),
            additions: keep::Additions::default(),
            drawn: drawn::Room::default(),
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
        let added = self.add_files(&[path.to_owned()]).await?;
        added
            .into_iter()
            .next()
            .ok_or_else(|| store("nothing was added"))
    }

    /// Copies files into the store, the small ones many at a time; gives back their hashes and sizes, in their order.
    /// Durable on return.
    ///
    /// # Errors
    /// A file cannot be read, or the store not be written; what was added before stays.
    pub async fn add_files(&self, paths: &[PathBuf]) -> Result<Vec<(ContentHash, u64)>, Error> {
        let mut added = Vec::with_capacity(paths.len());
        for paths in paths.chunks(MAX_ASKED) {
            let of_chunk = paths.to_vec();
            let read = tokio::task::spawn_blocking(move || {
                let read = of_chunk.iter().map(|path| read_small(path));
                read.collect::<Result<Vec<Option<Bytes>>, Error>>()
            });
            let read = read.await.map_err(store)??;
            let mut small = Vec::new();
            let mut large = Vec::new();
            for (path, bytes) in paths.iter().zip(read) {
                added.push(match bytes {
                    Some(bytes) => {
                        let hash = ContentHash::of(&bytes);
                        let size = bytes.len() as u64;
                        small.push((hash, bytes));
                        (hash, size)
                    }
                    None => {
                        large.push((added.len(), path.clone()));
                        (ContentHash([0; 32]), 0)
                    }
                });
            }
            self.shelve(small).await?;
            let adding = large.into_iter().map(|(n, path)| {
                let blobs = self.clone();
                async move { (n, blobs.add_large(&path).await) }
            });
            let mut adding = futures::stream::iter(adding).buffer_unordered(PARALLEL);
            while let Some((n, done)) = adding.next().await {
                added[n] = done?;
            }
        }
        Ok(added)
    }

    async fn add_large(&self, path: &Path) -> Result<(ContentHash, u64), Error> {
        if let Some(hash) = self.0.coming.find(path) {
            self.admitted(&hash)?;
            let size = self.settle(hash, false).await?;
            return Ok((hash, size));
        }
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
        let blobs = self.clone();
        let taking = self.take(async move {
            let taken = blobs.0.store.add_path_with_opts(options).temp_tag();
            taken.await.map_err(adding)
        });
        self.added(taking.await.map_err(store)??).await
    }

    /// Puts bytes that are in memory into the store. Durable on return.
    ///
    /// # Errors
    /// The store cannot be written.
    pub async fn add_bytes(&self, bytes: impl Into<Bytes>) -> Result<(ContentHash, u64), Error> {
        let bytes = bytes.into();
        if Self::is_small(bytes.len() as u64) {
            let (hash, size) = (ContentHash::of(&bytes), bytes.len() as u64);
            self.shelve(vec![(hash, bytes)]).await?;
            return Ok((hash, size));
        }
        let blobs = self.clone();
        let taking = self.take(async move {
            let taken = blobs.0.store.add_bytes(bytes).temp_tag();
            taken.await.map_err(adding)
        });
        self.added(taking.await.map_err(store)??).await
    }

    /// Puts small blobs on the shelf, under the hashes that they have, unless one does not come back.
    async fn shelve(&self, blobs: Vec<(ContentHash, Bytes)>) -> Result<(), Error> {
        // All of them or none, as far as it is known now; the shelf asks again when it writes.
        blobs.iter().try_for_each(|(hash, _)| self.admitted(hash))?;
        self.0.shelf.add(blobs).await
    }

    /// A blob that is on the shelf.
    fn small(&self, hash: &ContentHash) -> Result<Option<Bytes>, Error> {
        self.0.shelf.get(hash)
    }

    /// Settles what was put into the store; what does not come back is taken out again.
    async fn added(&self, tag: TempTag) -> Result<(ContentHash, u64), Error> {
        let content = ContentHash(*tag.hash().as_bytes());
        if let Err(blocked) = self.admitted(&content) {
            drop(tag);
            self.0.sweeper.sweep().await?;
            return Err(blocked);
        }
        let size = self.settle(content, false).await?;
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
        if let Some(size) = self.0.shelf.size(hash)? {
            return Ok(Some(size));
        }
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
        let (count, bytes) = self.0.shelf.total()?;
        let large = self.total_large().await?;
        Ok((count + large.0, bytes + large.1))
    }

    /// How many whole blobs are in the store, and their bytes together.
    async fn total_large(&self) -> Result<(u64, u64), Error> {
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

    /// Bytes of content that other nodes sent since the start.
    pub fn received(&self) -> u64 {
        self.0.received.load(Ordering::Relaxed)
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

    /// Makes a whole large blob durable and names it; gives back its size. `hashed`: only if what is stored has its
    /// hash, by our own reckoning.
    async fn settle(&self, hash: ContentHash, hashed: bool) -> Result<u64, Error> {
        let size = self.size(&hash).await?.ok_or(Error::NotHeld(hash))?;
        let paths = self.0.paths.clone();
        let (data, tree) = (
            paths.data_path(&key(&hash)),
            paths.outboard_path(&key(&hash)),
        );
        let hashing = tokio::task::spawn_blocking({
            let data = data.clone();
            move || match hashed {
                true => check(&data, &hash),
                false => Ok(()),
            }
        });
        // The disk is waited for meanwhile.
        let syncing = tokio::task::spawn_blocking(move || {
            // Small trees are in the database and have no files.
            [data, tree, paths.data_path].into_iter().try_for_each(sync)
        });
        syncing.await.map_err(store)??;
        hashing.await.map_err(store)??;
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

/// Waits until a file or folder is on the disk, if it is there.
fn sync(path: PathBuf) -> Result<(), Error> {
    match std::fs::File::open(&path).and_then(|f| f.sync_all()) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(Error::File {
            what: "sync",
            path,
            source,
        }),
        Ok(()) => Ok(()),
    }
}

/// Hashes a file that the store has written.
fn check(path: &Path, hash: &ContentHash) -> Result<(), Error> {
    let failed = |source| Error::File {
        what: "read",
        path: path.to_owned(),
        source,
    };
    let mut file = std::fs::File::open(path).map_err(failed)?;
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; CHECKED];
    loop {
        match file.read(&mut buffer).map_err(failed)? {
            0 => break,
            n => hasher.update(&buffer[..n]),
        };
    }
    match *hasher.finalize().as_bytes() == hash.0 {
        true => Ok(()),
        false => Err(Error::Damaged(*hash)),
    }
}

/// The bytes of a file, if they belong on the shelf.
fn read_small(path: &Path) -> Result<Option<Bytes>, Error> {
    let failed = |source| Error::File {
        what: "read",
        path: path.to_owned(),
        source,
    };
    let file = std::fs::File::open(path).map_err(failed)?;
    let size = file.metadata().map_err(failed)?.len();
    if !Blobs::is_small(size) {
        return Ok(None);
    }
    let mut bytes = Vec::with_capacity(size as usize + 1);
    // It may grow while it is read.
    let mut file = file.take(MAX_SHELVED + 1);
    file.read_to_end(&mut bytes).map_err(failed)?;
    Ok(Blobs::is_small(bytes.len() as u64).then(|| bytes.into()))
}
