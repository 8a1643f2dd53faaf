//! Taking a large file in while it comes: its bytes are written and hashed once, where they stay if it is published.

use std::{
    collections::HashMap,
    io,
    os::unix::fs::MetadataExt as _,
    path::Path,
    sync::{Arc, Mutex, MutexGuard},
};

use bytes::Bytes;
use commun_specs::id::ContentHash;
use tokio::task::JoinHandle;

use super::{
    Blobs, Error,
    stacks::{Writing, pieces::Pieces},
    store,
};

/// The files that came and of which nobody has decided yet.
#[derive(Default)]
pub(super) struct Coming(Mutex<HashMap<Place, Arc<Pieces>>>);

/// Which file it is, and that it is as it was: where the name of one is gone, its inode may be another's soon.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Place {
    device: u64,
    inode: u64,
    size: u64,
    /// When its bytes changed: seconds and nanoseconds.
    changed: (i64, i64),
}

impl Coming {
    fn lock(&self) -> MutexGuard<'_, HashMap<Place, Arc<Pieces>>> {
        self.0
            .lock()
            .expect("a thread that panics ends the process")
    }

    /// What a file is, if it is one of these.
    pub(super) fn find(&self, path: &Path) -> Option<Arc<Pieces>> {
        let at = place(path).ok()?;
        let pieces = self.lock().get(&at).cloned();
        pieces.filter(|pieces| pieces.size() == at.size)
    }

    /// Whether a blob is among them.
    pub(super) fn has(&self, hash: &ContentHash) -> bool {
        self.lock().values().any(|pieces| pieces.hash() == hash)
    }
}

fn place(path: &Path) -> io::Result<Place> {
    let metadata = std::fs::metadata(path)?;
    Ok(Place {
        device: metadata.dev(),
        inode: metadata.ino(),
        size: metadata.len(),
        changed: (metadata.mtime(), metadata.mtime_nsec()),
    })
}

/// A file on its way in. Dropping it before [`Keeping::finish`] leaves nothing.
pub struct Keeping {
    blobs: Blobs,
    /// What was given last is written while the next comes.
    writing: Option<JoinHandle<Result<Writing, Error>>>,
}

/// A file that came and stays, without being looked at again, if it is added while this is here ([`Blobs::add_files`]). Its name is
/// its owner's to remove, after this.
pub struct Kept {
    blobs: Blobs,
    at: Place,
}

impl Blobs {
    /// Begins to take a file in.
    pub fn keep(&self) -> Keeping {
        let blobs = self.clone();
        let begin = tokio::task::spawn_blocking(move || blobs.0.stacks.begin());
        Keeping {
            blobs: self.clone(),
            writing: Some(begin),
        }
    }
}

impl Keeping {
    async fn writing(&mut self) -> Result<Writing, Error> {
        let ended = || store("the file could not be written");
        let writing = self.writing.take().ok_or_else(ended)?;
        writing.await.map_err(store)?
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// They cannot be written, or those before them.
    pub async fn put(&mut self, bytes: Bytes) -> Result<(), Error> {
        let mut writing = self.writing().await?;
        self.writing = Some(tokio::task::spawn_blocking(move || {
            writing.put(&bytes)?;
            Ok(writing)
        }));
        Ok(())
    }

    /// Ends the file, and gives it this name, which has to be on the disk of the store, so that it can be read until it is
    /// decided whether it stays.
    ///
    /// # Errors
    /// It cannot be written, or the name not be given.
    pub async fn finish(mut self, path: &Path) -> Result<Kept, Error> {
        let writing = self.writing().await?;
        let (blobs, path) = (self.blobs.clone(), path.to_owned());
        let finish = tokio::task::spawn_blocking(move || {
            let failed = |source| Error::File {
                what: "move",
                path: path.clone(),
                source,
            };
            let (file, pieces) = writing.finish()?;
            file.persist(&path).map_err(|e| failed(e.error))?;
            let at = place(&path).map_err(failed)?;
            blobs.0.coming.lock().insert(at.clone(), Arc::new(pieces));
            Ok(Kept { blobs, at })
        });
        finish.await.map_err(store)?
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.blobs.0.coming.lock().remove(&self.at);
    }
}
