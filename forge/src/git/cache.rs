//! Packs that were made once and are sent to everybody who asks the same.
//!
//! A process writes its answer straight into a file; whoever asks the same reads along, while it grows and
//! afterwards. So sixteen equal clones cost one `pack-objects`, and a peer whose transfer broke goes on where it
//! stopped, in the very same bytes. The file's name is a hash of the question; rights are checked before it is asked.

use std::collections::HashMap;
use std::fs::{self, File};
use std::future::Future;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use tokio::sync::watch;

use super::service::ServiceError;
use super::sys;

/// How long an answer is kept that nobody asks for.
const MAX_IDLE: Duration = Duration::from_secs(24 * 3600);

/// How much is read from a file at a time, bytes.
const CHUNK: u64 = 256 << 10;

/// The first and the longest pause before a growing file is looked at again.
const PAUSES: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(20));

/// What names an answer: everything that decides its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key([u8; 32]);

impl Key {
    /// A hash of the parts, in which none can be taken for another.
    pub(super) fn of(parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Self(hash.finalize().into())
    }
}

/// How much was saved, and how much room it takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CacheStats {
    /// Answers read from a file that was there or being made.
    pub hits: u64,
    /// Answers that were made.
    pub misses: u64,
    /// Bytes on the disk.
    pub bytes: u64,
    /// Bytes of packs that other nodes were sent.
    pub given: u64,
}

/// Answers on the disk, bounded. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Cache(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    max_bytes: u64,
    entries: Mutex<HashMap<Key, Entry>>,
    hits: AtomicU64,
    misses: AtomicU64,
    given: AtomicU64,
}

#[derive(Debug)]
struct Entry {
    id: String,
    path: PathBuf,
    /// What it takes, or what it is expected to.
    bytes: u64,
    used: Instant,
    /// While it is made.
    filling: Option<Arc<Filling>>,
}

/// A file that grows.
#[derive(Debug)]
struct Filling {
    /// Whether it is complete, once it no longer grows.
    end: watch::Sender<Option<bool>>,
    readers: watch::Sender<usize>,
}

/// What is asked of the cache.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question<'a> {
    pub(super) key: Key,
    /// About how many bytes the answer has.
    pub(super) estimate: u64,
    /// How long it is made on when nobody reads any more.
    pub(super) linger: Duration,
    /// Only an answer with this id will do; another is never made.
    pub(super) id: Option<&'a str>,
}

impl Cache {
    /// Opens the folder, and keeps at most `max_bytes` in it. What was complete before a restart of the process is
    /// kept; after a restart of the machine nothing is, because these files are never flushed to the disk.
    pub fn open(folder: impl Into<PathBuf>, max_bytes: u64) -> io::Result<Self> {
        let folder = folder.into();
        fs::create_dir_all(&folder)?;
        let boot = fs::read("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        let mark = folder.join("boot");
        let same = !boot.is_empty() && fs::read(&mark).is_ok_and(|seen| seen == boot);
        let mut entries = HashMap::new();
        for file in fs::read_dir(&folder)? {
            let file = file?;
            let name = file.file_name().to_string_lossy().into_owned();
            match read_name(&name).filter(|_| same) {
                Some((key, id)) => {
                    let entry = Entry {
                        id,
                        path: file.path(),
                        bytes: file.metadata()?.len(),
                        used: Instant::now(),
                        filling: None,
                    };
                    entries.insert(key, entry);
                }
                None if file.path() == mark => {}
                None => fs::remove_file(file.path())?,
            }
        }
        fs::write(&mark, boot)?;
        let cache = Self(Arc::new(Inner {
            folder,
            max_bytes,
            entries: Mutex::new(entries),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
            given: AtomicU64::new(0),
        }));
        cache.make_room(&mut cache.lock(), 0);
        Ok(cache)
    }

    /// What it did and takes.
    pub fn stats(&self) -> CacheStats {
        CacheStats {
            hits: self.0.hits.load(Ordering::Relaxed),
            misses: self.0.misses.load(Ordering::Relaxed),
            bytes: self.lock().values().map(|entry| entry.bytes).sum(),
            given: self.0.given.load(Ordering::Relaxed),
        }
    }

    /// Counts what another node was sent.
    pub(super) fn gave(&self, bytes: u64) {
        self.0.given.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Removes what nobody asked for in a day. Call it now and then.
    pub fn tidy(&self) {
        let mut entries = self.lock();
        entries.retain(|_, entry| {
            let keep = entry.filling.is_some() || entry.used.elapsed() < MAX_IDLE;
            if !keep {
                remove(&entry.path);
            }
            keep
        });
        self.make_room(&mut entries, 0);
    }

    /// The answer to a question: one that is there or being made, else one that `make` begins to write into the
    /// file that it gets. `None`: it is too large for the cache, or the disk too full, or no longer here.
    pub(super) fn ask<F>(
        &self,
        question: Question<'_>,
        make: impl FnOnce(File) -> Result<F, ServiceError>,
    ) -> Result<Option<Reader>, ServiceError>
    where
        F: Future<Output = Result<(), ServiceError>> + Send + 'static,
    {
        let mut entries = self.lock();
        if let Some(entry) = entries.get_mut(&question.key) {
            let wanted = question.id.is_none_or(|id| id == entry.id);
            if wanted && let Ok(reader) = Reader::open(entry) {
                entry.used = Instant::now();
                self.0.hits.fetch_add(1, Ordering::Relaxed);
                return Ok(Some(reader));
            }
            if wanted && entry.filling.is_none() {
                // Somebody removed the file.
                entries.remove(&question.key);
            }
        }
        if question.id.is_some() || !self.make_room(&mut entries, question.estimate) {
            return Ok(None);
        }
        let id = hex(&random());
        let path = self.0.folder.join(format!("{id}.part"));
        let Ok(file) = File::create_new(&path) else {
            return Ok(None);
        };
        let made = match make(file) {
            Ok(made) => made,
            Err(error) => {
                remove(&path);
                return Err(error);
            }
        };
        self.0.misses.fetch_add(1, Ordering::Relaxed);
        let mut entry = Entry {
            id,
            path,
            bytes: question.estimate,
            used: Instant::now(),
            filling: Some(Arc::new(Filling {
                end: watch::Sender::new(None),
                readers: watch::Sender::new(0),
            })),
        };
        let reader = Reader::open(&mut entry)
            .map_err(super::command::Error::io("read a pack that is being made"))?;
        let filling = entry.filling.clone().expect("set above");
        entries.insert(question.key, entry);
        drop(entries);
        tokio::spawn(
            self.clone()
                .fill(question.key, question.linger, filling, made),
        );
        Ok(Some(reader))
    }

    /// Waits for the process, or ends it when nobody reads any more.
    async fn fill(
        self,
        key: Key,
        linger: Duration,
        filling: Arc<Filling>,
        made: impl Future<Output = Result<(), ServiceError>>,
    ) {
        tokio::pin!(made);
        loop {
            tokio::select! {
                result = &mut made => {
                    if let Err(error) = &result {
                        tracing::info!("a pack could not be made: {error}");
                    }
                    return self.filled(key, &filling, result.is_ok());
                }
                () = abandoned(&filling, linger) => {
                    let mut entries = self.lock();
                    // Readers come and go under this lock.
                    if *filling.readers.borrow() == 0 {
                        if let Some(entry) = entries.remove(&key) {
                            remove(&entry.path);
                        }
                        filling.end.send_replace(Some(false));
                        return;
                    }
                }
            }
        }
    }

    /// The file no longer grows: a complete one gets its name, another is forgotten (its readers have it still).
    fn filled(&self, key: Key, filling: &Filling, complete: bool) {
        let mut entries = self.lock();
        let mut kept = false;
        if let Some(entry) = entries.get_mut(&key) {
            let path = self.0.folder.join(file_name(&key, &entry.id));
            if complete && fs::rename(&entry.path, &path).is_ok() {
                entry.bytes = fs::metadata(&path).map_or(entry.bytes, |file| file.len());
                entry.path = path;
                entry.filling = None;
                kept = true;
            } else {
                remove(&entry.path);
            }
        }
        if !kept {
            entries.remove(&key);
        }
        self.make_room(&mut entries, 0);
        filling.end.send_replace(Some(complete));
    }

    /// Removes what was not used for longest until `more` bytes fit. False: they never will.
    fn make_room(&self, entries: &mut HashMap<Key, Entry>, more: u64) -> bool {
        let room = sys::room(&self.0.folder).unwrap_or(0);
        if more > self.0.max_bytes || more > room {
            return false;
        }
        let mut total: u64 = entries.values().map(|entry| entry.bytes).sum();
        while total + more > self.0.max_bytes {
            let oldest = entries
                .iter()
                .filter(|(_, entry)| entry.filling.is_none())
                .min_by_key(|(_, entry)| entry.used)
                .map(|(key, _)| *key);
            let Some(entry) = oldest.and_then(|key| entries.remove(&key)) else {
                return false;
            };
            remove(&entry.path);
            total -= entry.bytes;
        }
        true
    }

    /// A panic while it was held left the map whole: each change is one call.
    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Entry>> {
        self.0
            .entries
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends when nobody has read for `linger`.
async fn abandoned(filling: &Filling, linger: Duration) {
    let mut readers = filling.readers.subscribe();
    loop {
        // The sender is in `filling`.
        let _ = readers.wait_for(|count| *count == 0).await;
        let back = readers.wait_for(|count| *count > 0);
        if tokio::time::timeout(linger, back).await.is_err() {
            return;
        }
    }
}

/// Reads an answer from its beginning, while it grows and to its end.
#[derive(Debug)]
pub struct Reader {
    id: String,
    file: Option<File>,
    filling: Option<Arc<Filling>>,
}

impl Reader {
    fn open(entry: &mut Entry) -> io::Result<Self> {
        let file = File::open(&entry.path)?;
        if let Some(filling) = &entry.filling {
            filling.readers.send_modify(|count| *count += 1);
        }
        Ok(Self {
            id: entry.id.clone(),
            file: Some(file),
            filling: entry.filling.clone(),
        })
    }

    /// Names these very bytes: the same question may later be answered by others.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Goes on at another place. It may lie beyond what is there yet.
    pub(super) fn seek(&mut self, offset: u64) -> io::Result<()> {
        match &mut self.file {
            Some(file) => file.seek(SeekFrom::Start(offset)).map(drop),
            None => Ok(()),
        }
    }

    /// The next bytes, at most 256 KiB; `None` at the end. An answer that could not be completed ends with an error.
    pub async fn next(&mut self) -> Option<io::Result<Vec<u8>>> {
        let mut pause = PAUSES.0;
        loop {
            // In this order: what is written before the end is read before it.
            let end = self.filling.as_ref().map(|filling| *filling.end.borrow());
            let mut file = self.file.take()?;
            let read = tokio::task::spawn_blocking(move || {
                let mut bytes = Vec::with_capacity(CHUNK as usize);
                let read = file.by_ref().take(CHUNK).read_to_end(&mut bytes);
                (file, read.map(|_| bytes))
            });
            let (file, bytes) = match read.await {
                Ok(done) => done,
                Err(error) => return Some(Err(error.into())),
            };
            match bytes {
                Ok(bytes) if bytes.is_empty() => {}
                other => {
                    self.file = Some(file);
                    return Some(other);
                }
            }
            match end {
                None | Some(Some(true)) => return None,
                Some(Some(false)) => {
                    return Some(Err(io::ErrorKind::UnexpectedEof.into()));
                }
                Some(None) => self.file = Some(file),
            }
            if let Some(filling) = &self.filling {
                let mut ends = filling.end.subscribe();
                let ended = ends.wait_for(Option::is_some);
                let _ = tokio::time::timeout(pause, ended).await;
                pause = (pause * 2).min(PAUSES.1);
            }
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if let Some(filling) = &self.filling {
            filling.readers.send_modify(|count| *count -= 1);
        }
    }
}

fn remove(path: &Path) {
    if let Err(error) = fs::remove_file(path)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!("a cached pack stays: {error}");
    }
}

/// `<key>-<id>.pack`.
fn file_name(key: &Key, id: &str) -> String {
    format!("{}-{id}.pack", hex(&key.0))
}

fn read_name(name: &str) -> Option<(Key, String)> {
    let (key, id) = name.strip_suffix(".pack")?.split_once('-')?;
    if key.len() != 64 || !key.is_ascii() || id.len() != 32 {
        return None;
    }
    let mut bytes = [0; 32];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&key[2 * at..2 * at + 2], 16).ok()?;
    }
    Some((Key(bytes), id.to_owned()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Sixteen bytes that no other answer has: of the kernel, and of the clock where it gives none.
fn random() -> [u8; 16] {
    let mut bytes = [0; 16];
    let read = File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes));
    if read.is_err() {
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |since| since.as_nanos());
        bytes = now.to_be_bytes();
    }
    bytes
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn question(name: &str, estimate: u64) -> Question<'static> {
        Question {
            key: Key::of(&[name.as_bytes()]),
            estimate,
            linger: Duration::ZERO,
            id: None,
        }
    }

    async fn all(mut reader: Reader) -> io::Result<Vec<u8>> {
        let mut all = Vec::new();
        while let Some(bytes) = reader.next().await {
            all.extend(bytes?);
        }
        Ok(all)
    }

    fn files(folder: &Path) -> usize {
        fs::read_dir(folder).unwrap().count() - 1
    }

    #[tokio::test]
    async fn an_answer_is_made_once_and_read_by_all_while_it_grows() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(folder.path(), 1 << 20).unwrap();
        let (go, wait) = tokio::sync::oneshot::channel::<()>();
        let make = |mut file: File| {
            file.write_all(b"begin ").unwrap();
            Ok(async move {
                wait.await.unwrap();
                file.write_all(b"end").unwrap();
                Ok(())
            })
        };
        let first = cache.ask(question("a", 10), make).unwrap().unwrap();
        let never = |_| -> Result<std::future::Ready<_>, _> { panic!("made twice") };
        let mut second = cache.ask(question("a", 10), never).unwrap().unwrap();
        assert_eq!(second.next().await.unwrap().unwrap(), b"begin ");
        go.send(()).unwrap();
        assert_eq!(second.next().await.unwrap().unwrap(), b"end");
        assert!(second.next().await.is_none());
        let id = first.id().to_owned();
        assert_eq!(all(first).await.unwrap(), b"begin end");
        assert_eq!(
            cache.stats(),
            CacheStats {
                hits: 1,
                misses: 1,
                bytes: 9,
                given: 0
            }
        );

        // It is there after a restart of the process, in the same bytes, and read from any place.
        let cache = Cache::open(folder.path(), 1 << 20).unwrap();
        let again = Question {
            id: Some(&id),
            ..question("a", 10)
        };
        let mut reader = cache.ask(again, never).unwrap().unwrap();
        reader.seek(6).unwrap();
        assert_eq!(all(reader).await.unwrap(), b"end");
        let other = Question {
            id: Some("other"),
            ..question("a", 10)
        };
        assert!(cache.ask(other, never).unwrap().is_none());
        // After a restart of the machine it is not.
        fs::write(folder.path().join("boot"), "another").unwrap();
        Cache::open(folder.path(), 1 << 20).unwrap();
        assert_eq!(files(folder.path()), 0);
    }

    #[tokio::test]
    async fn what_nobody_reads_is_not_made_on_and_what_fails_is_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(folder.path(), 1 << 20).unwrap();
        let (gone, mut seen) = tokio::sync::oneshot::channel::<()>();
        let endless = |_| {
            Ok(async move {
                let _gone = gone;
                std::future::pending().await
            })
        };
        let reader = cache.ask(question("a", 1), endless).unwrap().unwrap();
        assert!(seen.try_recv().is_err());
        drop(reader);
        assert!(seen.await.is_err(), "the process is ended");
        assert_eq!(files(folder.path()), 0);

        let failing = |mut file: File| {
            file.write_all(b"ERR no").unwrap();
            Ok(std::future::ready(Err(ServiceError::Stalled)))
        };
        let mut reader = cache.ask(question("b", 1), failing).unwrap().unwrap();
        assert_eq!(reader.next().await.unwrap().unwrap(), b"ERR no");
        assert!(reader.next().await.unwrap().is_err());
        assert_eq!(files(folder.path()), 0);
    }

    #[tokio::test]
    async fn it_never_takes_more_room_than_it_has() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(folder.path(), 100).unwrap();
        let write = |mut file: File| {
            file.write_all(&[7; 40]).unwrap();
            Ok(std::future::ready(Ok(())))
        };
        for name in ["a", "b", "c", "d"] {
            let reader = cache.ask(question(name, 40), write).unwrap().unwrap();
            assert_eq!(all(reader).await.unwrap().len(), 40);
            assert!(cache.stats().bytes <= 100);
        }
        assert_eq!(files(folder.path()), 2);
        assert!(cache.ask(question("e", 101), write).unwrap().is_none());
    }
}
