//! Taking a large file in while it comes: its bytes are written once, where they stay if it is published.

use std::{
    collections::HashMap,
    io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard},
};

use bytes::Bytes;
use commun_specs::id::ContentHash;
use iroh_blobs::api::TempTag;
use tokio::sync::mpsc;

use super::{Blobs, Error, store};

/// Pieces that wait to be written.
const WAITING: usize = 4;
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

/// The files that the store is taking in now. It gives them names of its own in a folder of its own until they have their
/// hashes, and where one breaks off it leaves what it wrote: on a disk that is full, just that keeps it full. Which of the
/// files there is whose cannot be told, so they go when none is being taken in: then all of them are such remains.
#[derive(Default)]
pub(super) struct Additions(Mutex<Under>);

#[derive(Default)]
struct Under {
    way: usize,
    /// Whether one broke off since the folder was empty.
    broken: bool,
}

impl Additions {
    fn lock(&self) -> MutexGuard<'_, Under> {
        self.0
            .lock()
            .expect("a thread that panics ends the process")
    }

    fn begin(&self) {
        self.lock().way += 1;
    }

    /// Notes that one is whole, or broke off; names the files of `folder` that are nobody's now. What is begun from now on
    /// has other names.
    fn end(&self, broken: bool, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let mut under = self.lock();
        under.way = under.way.saturating_sub(1);
        under.broken |= broken;
        if under.way > 0 || !under.broken {
            return Ok(Vec::new());
        }
        let left = std::fs::read_dir(folder)?.map(|file| Ok(file?.path()));
        let left = left.collect::<io::Result<_>>()?;
        under.broken = false;
        Ok(left)
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

pub(super) type Taking = tokio::task::JoinHandle<Result<TempTag, Error>>;

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
        let taking = self.take(async move {
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

    /// Has the store take a file in. It is taken in to its end when the caller is dropped.
    pub(super) fn take(
        &self,
        adding: impl Future<Output = Result<TempTag, Error>> + Send + 'static,
    ) -> Taking {
        self.0.additions.begin();
        let blobs = self.clone();
        tokio::spawn(async move {
            let taken = adding.await;
            blobs.ended(taken.is_err()).await;
            taken
        })
    }

    /// Removes what broke off, if nothing is being taken in any more.
    async fn ended(&self, broken: bool) {
        let left = self.0.additions.end(broken, &self.0.paths.temp_path);
        let removing = async {
            let left = left?;
            if left.is_empty() {
                return Ok(());
            }
            // Each is tried, whatever becomes of the others.
            let removing = move || {
                let failed = left
                    .iter()
                    .filter_map(|file| std::fs::remove_file(file).err());
                let failed = failed.filter(|e| e.kind() != io::ErrorKind::NotFound);
                let mut failed: Vec<io::Error> = failed.collect();
                failed.pop().map_or(Ok(()), Err)
            };
            tokio::task::spawn_blocking(removing).await?
        };
        let removed: io::Result<()> = removing.await;
        if let Err(error) = removed {
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
            Err(error) => Err(error),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_broke_off_goes_and_what_others_write_stays() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(&folder.path().join("blobs")).await.unwrap();
        let temp = blobs.0.paths.temp_path.clone();
        std::fs::create_dir_all(&temp).unwrap();
        let files = || std::fs::read_dir(&temp).unwrap().count();
        let remains = temp.join("remains");
        let fail = || blobs.take(async { Err(store("the disk is full")) });

        // Alone: what it left is gone when it is told.
        std::fs::write(&remains, "half of it").unwrap();
        assert!(fail().await.unwrap().is_err());
        assert_eq!(files(), 0);

        // Beside another upload, whose file has no name of ours, and may be closed already.
        let piece = Bytes::from(vec![7; 1 << 20]);
        let mut other = blobs.keep();
        for _ in 0..8 {
            other.put(piece.clone()).await.unwrap();
        }
        std::fs::write(&remains, "half of it").unwrap();
        assert!(fail().await.unwrap().is_err());
        assert!(remains.exists(), "nobody knows whose it is");
        let path = folder.path().join("whole");
        let kept = other.finish(&path).await.unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().len(), 8 << 20);
        assert_eq!(files(), 0);
        drop(kept);
        // What ends well leaves nothing to look for.
        std::fs::write(&remains, "somebody's").unwrap();
        let (_, size) = blobs.add_bytes(vec![9; 3 << 20]).await.unwrap();
        assert_eq!((size, files()), (3 << 20, 1));
    }
}
