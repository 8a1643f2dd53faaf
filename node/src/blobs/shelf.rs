//! The shelf: small blobs, many in one file.
//!
//! A file of its own, a tag and a commit for each record of a thousand bytes would cost several waits for the disk.
//! Here one thread takes all that waits, appends it to a [`pack`], waits for the disk once, notes the places in an
//! [`index`] and answers. What is erased is overwritten where it lies.
//!
//! - *The pack is the truth*: each record says its length and its hash. What the index does not know, after a crash,
//!   is read from the pack when the shelf is opened. A record that is damaged is passed over and those behind it count; a
//!   last one that a crash cut off was never acknowledged and is dropped.
//! - *What does not come back is not written*: the thread asks just before it appends. Who takes content down blocks it
//!   and then asks for the erasure, which stands in the same queue.
//! - *What is given out was hashed just before*: small blobs are read whole.

mod index;
mod pack;

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use commun_specs::id::ContentHash;
use tokio::sync::{mpsc, oneshot};

use super::{Error, Guarded, store};
use index::Index;
use pack::{MAX_RECORD, Pack, Place};

/// Largest blob on the shelf, in bytes. Larger ones are read in parts, and one of them costs little beside its own
/// bytes.
pub(super) const MAX_SHELVED: u64 = 64 << 10;
/// Jobs that wait for the thread; whoever has more waits.
const MAX_WAITING: usize = 256;
/// Bytes that are written before the disk is waited for: what comes later waits for the next time.
const MAX_TOGETHER: usize = 16 << 20;
/// Connections to the index that are kept open when idle.
const IDLE_READERS: usize = 4;

type Reply<T> = oneshot::Sender<Result<T, Error>>;

enum Job {
    Add(Vec<(ContentHash, Bytes)>, Reply<()>),
    Erase(Vec<ContentHash>, Reply<()>),
}

/// Small blobs; cheap to clone. When the last handle is dropped its thread ends.
#[derive(Clone)]
pub(super) struct Shelf {
    jobs: mpsc::Sender<Job>,
    read: Arc<Reading>,
}

struct Reading {
    folder: PathBuf,
    pack: Arc<Pack>,
    idle: Mutex<Vec<Index>>,
}

impl Shelf {
    /// Opens the shelf in a folder, makes it if it is not there, and takes into the index what a crash kept from it.
    ///
    /// # Errors
    /// The folder cannot be read or written.
    pub(super) fn open(folder: &Path, guard: Guarded) -> Result<Self, Error> {
        std::fs::create_dir_all(folder).map_err(|source| Error::File {
            what: "make",
            path: folder.to_owned(),
            source,
        })?;
        let pack = Arc::new(Pack::open(folder)?);
        let mut index = Index::open(folder)?;
        recover(&pack, &mut index)?;
        let (jobs, waiting) = mpsc::channel(MAX_WAITING);
        let keeper = Keeper {
            pack: pack.clone(),
            index,
            guard,
        };
        std::thread::Builder::new()
            .name("shelf".to_owned())
            .spawn(move || keeper.run(waiting))
            .map_err(store)?;
        let read = Reading {
            folder: folder.to_owned(),
            pack,
            idle: Mutex::default(),
        };
        Ok(Self {
            jobs,
            read: Arc::new(read),
        })
    }

    /// Takes blobs of at most [`MAX_SHELVED`] bytes, under the hashes that they have. All are durable on return; those
    /// that are here already cost a look whether they are whole.
    ///
    /// # Errors
    /// [`Error::Blocked`] if one does not come back: the others are here then. The disk; what is durable then is not said.
    pub(super) async fn add(&self, blobs: Vec<(ContentHash, Bytes)>) -> Result<(), Error> {
        if blobs.is_empty() {
            return Ok(());
        }
        self.job(|reply| Job::Add(blobs, reply)).await
    }

    /// Makes blobs be gone; those that are not here are none.
    ///
    /// # Errors
    /// The disk; the call can be repeated.
    pub(super) async fn erase(&self, hashes: Vec<ContentHash>) -> Result<(), Error> {
        self.job(|reply| Job::Erase(hashes, reply)).await
    }

    async fn job(&self, job: impl FnOnce(Reply<()>) -> Job) -> Result<(), Error> {
        let (reply, answer) = oneshot::channel();
        let ended = |_| Error::Store("the shelf is closed".to_owned());
        self.jobs.send(job(reply)).await.map_err(|_| ended(()))?;
        answer.await.map_err(|_| ended(()))?
    }

    /// The size of a blob, if it is here.
    ///
    /// # Errors
    /// The index cannot be read.
    pub(super) fn size(&self, hash: &ContentHash) -> Result<Option<u64>, Error> {
        let place = self.look(|index| index.find(hash))?;
        Ok(place.map(|place| place.len.into()))
    }

    /// A blob, if it is here: its bytes, which have this hash.
    ///
    /// # Errors
    /// [`Error::Damaged`]; or the disk.
    pub(super) fn get(&self, hash: &ContentHash) -> Result<Option<Bytes>, Error> {
        let mut before = None;
        // It may be erased, or written anew elsewhere, between two looks.
        while let Some(place) = self.look(|index| index.find(hash))? {
            let bytes = self.read.pack.read(&place)?;
            if ContentHash::of(&bytes) == *hash {
                return Ok(Some(bytes.into()));
            }
            if before.replace(place) == Some(place) {
                return Err(Error::Damaged(*hash));
            }
        }
        Ok(None)
    }

    /// How many blobs there are, and their bytes together.
    ///
    /// # Errors
    /// The index cannot be read.
    pub(super) fn total(&self) -> Result<(u64, u64), Error> {
        self.look(|index| index.tail().map(|tail| (tail.count, tail.bytes)))
    }

    fn look<T>(&self, look: impl FnOnce(&Index) -> Result<T, Error>) -> Result<T, Error> {
        let idle = || {
            self.read
                .idle
                .lock()
                .expect("a thread that panics ends the process")
        };
        let pooled = idle().pop();
        let index = match pooled {
            Some(index) => index,
            None => Index::reader(&self.read.folder)?,
        };
        let found = look(&index);
        let mut idle = idle();
        if idle.len() < IDLE_READERS {
            idle.push(index);
        }
        found
    }
}

/// Notes what the pack holds and the index does not; cuts off what a crash left of the last record. Where more is left
/// than one record, its file is left as it is, and the next one begun.
fn recover(pack: &Pack, index: &mut Index) -> Result<(), Error> {
    let mut tail = index.tail()?;
    let from = (tail.segment, tail.end);
    let mut found = Vec::new();
    while let Some(scanned) = pack.scan(tail.segment, tail.end)? {
        tail.segment = scanned.segment;
        tail.end = scanned.end;
        found.extend(scanned.record);
    }
    match pack.behind(tail.segment, tail.end)? {
        0 => {}
        // No whole record begins in it: that was looked for.
        left if left < MAX_RECORD => pack.cut(tail.segment, tail.end)?,
        _ => (tail.segment, tail.end) = (tail.segment + 1, 0),
    }
    if from != (tail.segment, tail.end) {
        tracing::info!(
            "{} small blobs were found that the index lacked",
            found.len()
        );
        index.note(&found, tail)?;
    }
    Ok(())
}

/// What the thread owns.
struct Keeper {
    // Closed before the pack is let go.
    index: Index,
    pack: Arc<Pack>,
    guard: Guarded,
}

impl Keeper {
    fn run(mut self, mut waiting: mpsc::Receiver<Job>) {
        let mut next = None;
        loop {
            let Some(job) = next.take().or_else(|| waiting.blocking_recv()) else {
                return;
            };
            match job {
                Job::Erase(hashes, reply) => {
                    let _ = reply.send(self.erase(&hashes));
                }
                Job::Add(blobs, reply) => {
                    let size = |blobs: &[(ContentHash, Bytes)]| {
                        blobs.iter().map(|(_, bytes)| bytes.len()).sum::<usize>()
                    };
                    let mut bytes = size(&blobs);
                    let mut replies: Vec<(Reply<()>, Range<usize>)> = vec![(reply, 0..blobs.len())];
                    let mut all = blobs;
                    while bytes < MAX_TOGETHER
                        && let Ok(job) = waiting.try_recv()
                    {
                        match job {
                            Job::Add(blobs, reply) => {
                                bytes += size(&blobs);
                                replies.push((reply, all.len()..all.len() + blobs.len()));
                                all.extend(blobs);
                            }
                            erase => {
                                next = Some(erase);
                                break;
                            }
                        }
                    }
                    let done = self.add(&all);
                    for (reply, its) in replies {
                        let _ = reply.send(match &done {
                            Ok(refused) => {
                                let why = all[its].iter().find_map(|(hash, _)| refused.get(hash));
                                why.map_or(Ok(()), |why| Err(Error::Blocked(why.clone())))
                            }
                            Err(e) => Err(Error::Store(e.to_string())),
                        });
                    }
                }
            }
        }
    }

    /// Gives back what does not come back, and why.
    fn add(
        &mut self,
        blobs: &[(ContentHash, Bytes)],
    ) -> Result<HashMap<ContentHash, String>, Error> {
        let (mut seen, mut refused) = (HashSet::new(), HashMap::new());
        let (mut new, mut damaged) = (Vec::new(), Vec::new());
        for (hash, bytes) in blobs {
            if !seen.insert(*hash) {
                continue;
            }
            if let Some(why) = self.guard.get().and_then(|g| g.blocked(hash)) {
                refused.insert(*hash, why);
                continue;
            }
            if let Some(place) = self.index.find(hash)? {
                if ContentHash::of(&self.pack.read(&place)?) == *hash {
                    continue;
                }
                damaged.push((hash, place));
            }
            new.push((hash, bytes));
        }
        if new.is_empty() {
            return Ok(refused);
        }
        let mut tail = self.index.tail()?;
        let before = (tail.segment, tail.end);
        let written = self.pack.append(&mut tail.segment, &mut tail.end, &new);
        let noted = written.and_then(|places| {
            let records: Vec<(ContentHash, Place)> =
                new.iter().map(|(hash, _)| **hash).zip(places).collect();
            self.index.note(&records, tail)
        });
        if noted.is_err() {
            // Nothing may stand between the last record that is noted and the next one.
            self.pack.cut(before.0, before.1)?;
        }
        noted?;
        // Nothing says any more where the damaged ones lie: an erasure would pass them over.
        for (hash, place) in damaged {
            if self.pack.is_of(&place, hash)? {
                self.pack.blank(&[place])?;
            }
        }
        Ok(refused)
    }

    /// First the bytes, then what is known of them: after a crash in between, the call that is repeated finds the
    /// place still.
    fn erase(&mut self, hashes: &[ContentHash]) -> Result<(), Error> {
        let mut places = Vec::new();
        for hash in hashes {
            places.extend(self.index.find(hash)?);
        }
        self.pack.blank(&places)?;
        self.index.forget(hashes)
    }
}

#[cfg(test)]
mod tests;
