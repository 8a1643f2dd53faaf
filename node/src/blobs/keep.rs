//! Taking a large file in while it comes: its bytes are written once, where they stay if it is published.

use std::{
    collections::{HashMap, HashSet},
    io,
    os::unix::fs::MetadataExt as _,
    path::Path,
    sync::{Mutex, MutexGuard},
};

use bytes::Bytes;
use commun_specs::id::ContentHash;
use iroh_blobs::api::TempTag;
use tokio::sync::mpsc;

use super::{Blobs, Error, store};

/// Pieces that wait to be written.
const WAITING: usize = 4;
/// Bytes that may be on their way to a file that breaks off: pieces of the upload that wait here and in the store, and one of
/// another sender.
const MAX_ON_THE_WAY: u64 = 32 << 20;
/// Bytes after which the disk is set to work while the rest comes.
const STRETCH: u64 = 64 << 20;
/// Files that are being written for which that is done; with more, the disk has enough to do.
const MAX_AHEAD: usize = 4;

/// The files that came and of which nobody has decided yet, by device and inode.
#[derive(Default)]
pub(super) struct Coming(Mutex<HashMap<(u64, u64), ContentHash>>);

impl Coming {
    fn lock(&self) -> MutexGuard<'_, HashMap<(u64, u64), ContentHash>> {
        self.0
            .lock()
            .expect("a thread that panics ends the process")
    }

    /// The hash of a file, if it is one of these.
    pub(super) fn find(&self, path: &Path) -> Option<ContentHash> {
        let at = place(path).ok()?;
        self.lock().get(&at).copied()
    }
}

/// Removes what a process that was killed was writing. Only before the store is opened.
pub(super) fn sweep(folder: &Path) -> io::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

fn place(path: &Path) -> io::Result<(u64, u64)> {
    let metadata = std::fs::metadata(path)?;
    Ok((metadata.dev(), metadata.ino()))
}

type Taking = tokio::task::JoinHandle<Result<TempTag, Error>>;

/// A file on its way into the store. Dropping it before [`Keeping::finish`] leaves nothing.
pub struct Keeping {
    blobs: Blobs,
    coming: Option<(mpsc::Sender<io::Result<Bytes>>, Taking)>,
    size: u64,
    next: u64,
}

/// A file that is in the store until this is dropped; for ever if it was added meanwhile ([`Blobs::add_files`]).
pub struct Kept {
    blobs: Blobs,
    at: Option<(u64, u64)>,
    tag: Option<TempTag>,
}

impl Blobs {
    /// Begins to take a file in.
    pub fn keep(&self) -> Keeping {
        let (pieces, mut coming) = mpsc::channel(WAITING);
        let bytes = futures::stream::poll_fn(move |cx| coming.poll_recv(cx));
        let blobs = self.clone();
        let taking = tokio::spawn(async move {
            let adding = blobs.0.store.add_stream(bytes).await;
            adding.temp_tag().await.map_err(super::adding)
        });
        Keeping {
            blobs: self.clone(),
            coming: Some((pieces, taking)),
            size: 0,
            next: STRETCH,
        }
    }

    /// Removes a large blob that nobody has added.
    async fn let_go(&self, tag: TempTag) {
        let name = format!("held/{}", tag.hash().to_hex());
        let held = self.0.store.tags().get(&name).await;
        drop(tag);
        if matches!(held, Ok(None))
            && let Err(error) = self.0.sweeper.sweep().await
        {
            tracing::warn!("a file that was not published is here still: {error}");
        }
    }

    /// Removes what the store leaves of a file that it could not write: on a disk that is full, just that keeps it full. It
    /// is a file of about that size that nothing in this process has open; one that is being taken in is open.
    async fn remove_broken_off(&self, size: u64) {
        let folder = self.0.paths.temp_path.clone();
        let removing = tokio::task::spawn_blocking(move || -> io::Result<()> {
            let mut open = HashSet::new();
            for descriptor in std::fs::read_dir("/proc/self/fd")? {
                open.extend(std::fs::read_link(descriptor?.path()));
            }
            for file in std::fs::read_dir(folder)?.flatten() {
                let length = file.metadata()?.len();
                let fits = length <= size && size - length <= MAX_ON_THE_WAY;
                if fits && !open.contains(&file.path()) {
                    std::fs::remove_file(file.path())?;
                }
            }
            Ok(())
        });
        if let Ok(Err(error)) = removing.await {
            tracing::warn!(
                "a file that could not be written is here until the next start: {error}"
            );
        }
    }

    /// Sets the disk to work on what is being written, so that little is left to wait for at the end.
    fn write_ahead(&self) {
        let folder = self.0.paths.temp_path.clone();
        tokio::task::spawn_blocking(move || {
            let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
            for file in files.take(MAX_AHEAD) {
                // What fails here fails again where it is waited for.
                let _ = std::fs::File::open(file.path()).and_then(|file| file.sync_data());
            }
        });
    }
}

impl Keeping {
    /// Takes the next bytes.
    ///
    /// # Errors
    /// The store cannot be written.
    pub async fn put(&mut self, bytes: Bytes) -> Result<(), Error> {
        self.size += bytes.len() as u64;
        if self.size >= self.next {
            self.next = self.size + STRETCH;
            self.blobs.write_ahead();
        }
        let refused = || store("the store does not take the file");
        let (pieces, _) = self.coming.as_ref().ok_or_else(refused)?;
        if pieces.send(Ok(bytes)).await.is_ok() {
            return Ok(());
        }
        // It has given up, and says why.
        let (_, taking) = self.coming.take().ok_or_else(refused)?;
        match taking.await.map_err(store)? {
            Ok(tag) => {
                self.blobs.let_go(tag).await;
                Err(refused())
            }
            Err(error) => {
                self.blobs.remove_broken_off(self.size).await;
                Err(error)
            }
        }
    }

    /// Ends the file, and gives it this name too, so that it can be read until it is decided whether it stays.
    ///
    /// # Errors
    /// The store cannot be written, or the name not be given.
    pub async fn finish(mut self, path: &Path) -> Result<Kept, Error> {
        let failed = |source| Error::File {
            what: "link",
            path: path.to_owned(),
            source,
        };
        let coming = self.coming.take();
        let (pieces, taking) = coming.ok_or_else(|| store("the file has ended"))?;
        drop(pieces);
        let tag = taking.await.map_err(store)??;
        let hash = tag.hash();
        let mut kept = Kept {
            blobs: self.blobs.clone(),
            at: None,
            tag: Some(tag),
        };
        std::fs::hard_link(self.blobs.0.paths.data_path(&hash), path).map_err(failed)?;
        let at = place(path).map_err(failed)?;
        let hash = ContentHash(*hash.as_bytes());
        self.blobs.0.coming.lock().insert(at, hash);
        kept.at = Some(at);
        Ok(kept)
    }
}

impl Drop for Keeping {
    fn drop(&mut self) {
        let Some((pieces, taking)) = self.coming.take() else {
            return;
        };
        let blobs = self.blobs.clone();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            // The store is let finish what came, for otherwise it would leave the file where it was written first.
            runtime.spawn(async move {
                drop(pieces);
                if let Ok(Ok(tag)) = taking.await {
                    blobs.let_go(tag).await;
                }
            });
        }
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        if let Some(at) = self.at {
            self.blobs.0.coming.lock().remove(&at);
        }
        let blobs = self.blobs.clone();
        if let (Some(tag), Ok(runtime)) = (self.tag.take(), tokio::runtime::Handle::try_current()) {
            runtime.spawn(async move { blobs.let_go(tag).await });
        }
    }
}
