//! Content by its BLAKE3 hash: files of resources, extracted text, bundles.
//!
//! Large ones rest on the [`stacks`] under `<data>/blobs`, each a file, small ones on a [`shelf`] beside them, many in one, behind
//! this type; no other module of the node but this one and `net` knows what is below.
//!
//! - *What was added or received is durable when the call returns*: large ones are synced before they get their name, and the
//!   folder after it; small ones are appended, many at once, and synced. A statement may name the hash from then on.
//! - *Bytes that do not match are never given out*: [`Blobs::read`] verifies each piece (128 KiB) just before it gives it, and ends
//!   with an error before the first that does not match. Peers verify what they are given.
//! - *Nothing is collected but what is erased.*
//! - *What is erased is gone*: large content rests in files of its own, which are removed; small content is overwritten
//!   where it lies. In a database, what was deleted stays in pages that are free.
//!
//! A transfer that is cut off, also by `kill -9`, continues where it was: verified pieces are kept.

use std::{
    io::{self, Read as _},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use commun_specs::id::ContentHash;
use futures::StreamExt as _;
use tokio::sync::Semaphore;

mod drawn;
mod erase;
mod keep;
mod read;
mod receive;
mod rooms;
mod serve;
mod shelf;
mod small;
mod stacks;
#[cfg(test)]
mod tests;
mod wire;

pub use keep::{Keeping, Kept};
pub use read::Reader;
pub use receive::{ReceiveError, Received};
use shelf::{MAX_SHELVED, Shelf};
use stacks::{Part, Placed, Stacks, pieces::Pieces};
pub(crate) use wire::MAX_ASKED;

use crate::net::places::Places;

/// Large files that are put into the store at the same time.
const PARALLEL: usize = 8;
/// Bytes that are copied at once.
const COPIED: usize = 128 << 10;

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
    /// What is not about one file.
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
    /// Blobs of at most [`shelf::MAX_SHELVED`] bytes; smaller ones of former times are on the stacks still.
    shelf: Shelf,
    stacks: Stacks,
    folder: PathBuf,
    guard: Guarded,
    /// Count and bytes of the whole blobs on the stacks. Held while one of them gets its name or loses it.
    total: Mutex<(u64, u64)>,
    /// Bytes that other nodes sent since the start.
    received: AtomicU64,
    coming: keep::Coming,
    turns: receive::Turns,
    receiving: Arc<Semaphore>,
    giving: Places<iroh::EndpointId>,
    drawn: drawn::Room,
}

impl std::fmt::Debug for Blobs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Blobs({})", self.0.folder.display())
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
        let guard = Guarded::default();
        let asked = guard.clone();
        let open = tokio::task::spawn_blocking(move || {
            let stacks = Stacks::open(&folder)?;
            Ok(Inner {
                shelf: Shelf::open(&folder.join("shelf"), asked.clone())?,
                total: Mutex::new(stacks.total()?),
                stacks,
                folder,
                guard: asked,
                received: AtomicU64::new(0),
                coming: keep::Coming::default(),
                turns: receive::Turns::default(),
                receiving: Arc::new(Semaphore::new(receive::MAX_RECEIVING)),
                giving: serve::places(),
                drawn: drawn::Room::default(),
            })
        });
        let inner = open.await.map_err(store)?;
        inner.map(|inner| Self(Arc::new(inner)))
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
        let (blobs, path) = (self.clone(), path.to_owned());
        let adding = tokio::task::spawn_blocking(move || {
            if let Some(pieces) = blobs.0.coming.find(&path) {
                blobs.admitted(pieces.hash())?;
                blobs.place(Placed::Linked(&path), &pieces)?;
                return Ok(pieces);
            }
            let failed = |source| Error::File {
                what: "read",
                path: path.clone(),
                source,
            };
            let mut file = std::fs::File::open(&path).map_err(failed)?;
            let mut writing = blobs.0.stacks.begin()?;
            let mut buffer = vec![0; COPIED];
            loop {
                match file.read(&mut buffer).map_err(failed)? {
                    0 => break,
                    n => writing.put(&buffer[..n])?,
                }
            }
            blobs.put_away(writing)
        });
        self.added(adding.await.map_err(store)??).await
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
        let adding = tokio::task::spawn_blocking(move || {
            let mut writing = blobs.0.stacks.begin()?;
            writing.put(&bytes)?;
            blobs.put_away(writing)
        });
        self.added(adding.await.map_err(store)??).await
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

    /// Gives a file that was written its place, unless it does not come back.
    fn put_away(&self, writing: stacks::Writing) -> Result<Arc<Pieces>, Error> {
        let (file, pieces) = writing.finish()?;
        self.admitted(pieces.hash())?;
        let pieces = Arc::new(pieces);
        self.place(Placed::Moved(file.into_temp_path()), &pieces)?;
        Ok(pieces)
    }

    /// Gives a file its place, durably. Blocks.
    fn place(&self, from: Placed<'_>, pieces: &Arc<Pieces>) -> Result<(), Error> {
        sync(from.path())?;
        let stacks = &self.0.stacks;
        stacks.prepare(pieces)?;
        self.name(pieces, || stacks.place(from, pieces))
    }

    /// Gives a part that is whole its place, durably; gives back its size. Blocks.
    fn complete(&self, part: &mut Part) -> Result<u64, Error> {
        let stacks = &self.0.stacks;
        let pieces = stacks.finish(part)?;
        self.name(&pieces, || stacks.promote(&pieces))?;
        Ok(pieces.size())
    }

    /// Counts a blob that gets its name, unless it does not come back.
    fn name(
        &self,
        pieces: &Pieces,
        named: impl FnOnce() -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut total = self.total_large();
        // Under the lock, as in erasing: what is blocked after this question is erased after it got its name.
        if let Err(blocked) = self.admitted(pieces.hash()) {
            self.0.stacks.give_up(pieces.hash())?;
            return Err(blocked);
        }
        let was = self.0.stacks.size(pieces.hash())?;
        named()?;
        // One that was there already is replaced: it may have been damaged.
        if was.is_none() {
            *total = (total.0 + 1, total.1 + pieces.size());
        }
        drop(total);
        self.0.stacks.sync()
    }

    /// What was added, unless it was taken down meanwhile.
    async fn added(&self, pieces: Arc<Pieces>) -> Result<(ContentHash, u64), Error> {
        let hash = *pieces.hash();
        if let Err(blocked) = self.admitted(&hash) {
            if let Err(error) = self.erase(&[hash]).await {
                tracing::debug!("{error}");
            }
            return Err(blocked);
        }
        Ok((hash, pieces.size()))
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
        self.0.stacks.size(hash)
    }

    /// How many whole blobs there are, and their bytes together.
    ///
    /// # Errors
    /// The store fails.
    pub async fn total(&self) -> Result<(u64, u64), Error> {
        let (count, bytes) = self.0.shelf.total()?;
        let large = *self.total_large();
        Ok((count + large.0, bytes + large.1))
    }

    /// Count and bytes of the blobs on the stacks.
    fn total_large(&self) -> MutexGuard<'_, (u64, u64)> {
        self.0
            .total
            .lock()
            .expect("a thread that panics ends the process")
    }

    /// Bytes of content that other nodes sent since the start.
    pub fn received(&self) -> u64 {
        self.0.received.load(Ordering::Relaxed)
    }
}

/// Waits until a file or folder is on the disk, if it is there.
fn sync(path: &Path) -> Result<(), Error> {
    match std::fs::File::open(path).and_then(|f| f.sync_all()) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(Error::File {
            what: "sync",
            path: path.to_owned(),
            source,
        }),
        Ok(()) => Ok(()),
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
