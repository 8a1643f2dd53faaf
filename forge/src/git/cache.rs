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

use super::command::Error;
use super::places::{Place, Places, Work};
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

impl Entry {
    /// What it takes now, bytes: one that is being made may have grown beyond what was expected.
    fn takes(&self) -> u64 {
        let grown = || fs::metadata(&self.path).map_or(0, |file| file.len());
        match self.filling {
            Some(_) => self.bytes.max(grown()),
            None => self.bytes,
        }
    }
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
pub(super) struct Question {
    pub(super) key: Key,
    /// About how many bytes the answer has.
    pub(super) estimate: u64,
    /// How long it is made on when nobody reads any more.
    pub(super) linger: Duration,
    /// Whose place the process that makes it takes.
    pub(super) work: Work,
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
            bytes: self.lock().values().map(Entry::takes).sum(),
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
    /// file that it gets, of at most so many bytes; what it begins keeps the place that it gets. `None`: it is too large
    /// for the cache, or the disk too full, or it cannot be read.
    ///
    /// # Errors
    /// Git cannot be started, or too many processes run for others.
    pub(super) async fn ask<F>(
        &self,
        question: Question,
        places: &Places,
        make: impl FnOnce(File, u64, Place) -> Result<F, ServiceError>,
    ) -> Result<Option<Reader>, ServiceError>
    where
        F: Future<Output = Result<(), ServiceError>> + Send + 'static,
    {
        {
            let mut entries = self.lock();
            if let Some(found) = self.find(&mut entries, &question.key) {
                return Ok(found);
            }
            if !self.make_room(&mut entries, question.estimate) {
                return Ok(None);
            }
        }
        let place = places.take(question.work).await?;
        self.begin(question, place, make)
    }

    /// What is there or being made; `None` inside: it is, and cannot be read.
    fn find(&self, entries: &mut HashMap<Key, Entry>, key: &Key) -> Option<Option<Reader>> {
        let entry = entries.get_mut(key)?;
        match Reader::open(entry) {
            Ok(reader) => {
                entry.used = Instant::now();
                self.0.hits.fetch_add(1, Ordering::Relaxed);
                Some(Some(reader))
            }
            // Out of descriptors, say. A second one in its place would be taken for it when the first ends.
            Err(_) if entry.filling.is_some() => Some(None),
            Err(_) => {
                if let Some(entry) = entries.remove(key) {
                    remove(&entry.path);
                }
                None
            }
        }
    }

    /// Begins to make an answer, unless somebody else has begun while a place was waited for.
    fn begin<F>(
        &self,
        question: Question,
        place: Place,
        make: impl FnOnce(File, u64, Place) -> Result<F, ServiceError>,
    ) -> Result<Option<Reader>, ServiceError>
    where
        F: Future<Output = Result<(), ServiceError>> + Send + 'static,
    {
        let mut entries = self.lock();
        if let Some(found) = self.find(&mut entries, &question.key) {
            return Ok(found);
        }
        if !self.make_room(&mut entries, question.estimate) {
            return Ok(None);
        }
        let id = hex(&random());
        let path = self.0.folder.join(format!("{id}.part"));
        let Ok(file) = File::create_new(&path) else {
            return Ok(None);
        };
        let filling = Arc::new(Filling {
            end: watch::Sender::new(None),
            readers: watch::Sender::new(0),
        });
        let mut entry = Entry {
            id,
            path,
            bytes: question.estimate,
            used: Instant::now(),
            filling: Some(filling.clone()),
        };
        let begun = Reader::open(&mut entry)
            .map_err(|error| Error::io("read a pack that is being made")(error).into())
            .and_then(|reader| Ok((reader, make(file, self.0.max_bytes, place)?)));
        let (reader, made) = match begun {
            Ok(begun) => begun,
            Err(error) => {
                remove(&entry.path);
                return Err(error);
            }
        };
        self.0.misses.fetch_add(1, Ordering::Relaxed);
        entries.insert(question.key, entry);
        drop(entries);
        let it = self.clone();
        tokio::spawn(async move { it.fill(question, &filling, made).await });
        Ok(Some(reader))
    }

    /// Waits for the process, or ends it when nobody reads any more.
    async fn fill(
        self,
        question: Question,
        filling: &Arc<Filling>,
        made: impl Future<Output = Result<(), ServiceError>>,
    ) {
        let Question { key, linger, .. } = question;
        tokio::pin!(made);
        loop {
            tokio::select! {
                result = &mut made => {
                    if let Err(error) = &result {
                        tracing::info!("a pack could not be made: {error}");
                    }
                    return self.filled(key, filling, result.is_ok());
                }
                () = abandoned(filling, linger) => {
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
    fn filled(&self, key: Key, filling: &Arc<Filling>, complete: bool) {
        let mut entries = self.lock();
        let mut kept = false;
        if let Some(entry) = entries.get_mut(&key) {
            debug_assert!(
                entry
                    .filling
                    .as_ref()
                    .is_some_and(|own| Arc::ptr_eq(own, filling)),
                "an answer that is being made keeps its place"
            );
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
        let mut total: u64 = entries.values().map(Entry::takes).sum();
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
    /// A file that is there whole and does not change.
    pub(super) fn of_file(id: String, file: File) -> Self {
        Self {
            id,
            file: Some(file),
            filling: None,
        }
    }

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

    fn question(name: &str, estimate: u64) -> Question {
        Question {
            key: Key::of(&[name.as_bytes()]),
            estimate,
            linger: Duration::ZERO,
            work: Work::Filling,
        }
    }

    /// Asks where a place is always free.
    async fn ask<F>(
        cache: &Cache,
        question: Question,
        make: impl FnOnce(File, u64, Place) -> Result<F, ServiceError>,
    ) -> Option<Reader>
    where
        F: Future<Output = Result<(), ServiceError>> + Send + 'static,
    {
        let places = Places::default();
        cache.ask(question, &places, make).await.unwrap()
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
        let make = |mut file: File, _, _| {
            file.write_all(b"begin ").unwrap();
            Ok(async move {
                wait.await.unwrap();
                file.write_all(b"end").unwrap();
                Ok(())
            })
        };
        let first = ask(&cache, question("a", 10), make).await.unwrap();
        let never = |_, _, _| -> Result<std::future::Ready<_>, _> { panic!("made twice") };
        let mut second = ask(&cache, question("a", 10), never).await.unwrap();
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
        let mut reader = ask(&cache, question("a", 10), never).await.unwrap();
        assert_eq!(reader.id(), id);
        reader.seek(6).unwrap();
        assert_eq!(all(reader).await.unwrap(), b"end");
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
        let endless = |_, _, _| {
            Ok(async move {
                let _gone = gone;
                std::future::pending().await
            })
        };
        let reader = ask(&cache, question("a", 1), endless).await.unwrap();
        assert!(seen.try_recv().is_err());
        drop(reader);
        assert!(seen.await.is_err(), "the process is ended");
        assert_eq!(files(folder.path()), 0);

        let failing = |mut file: File, _, _| {
            file.write_all(b"ERR no").unwrap();
            Ok(std::future::ready(Err(ServiceError::Stalled)))
        };
        let mut reader = ask(&cache, question("b", 1), failing).await.unwrap();
        assert_eq!(reader.next().await.unwrap().unwrap(), b"ERR no");
        assert!(reader.next().await.unwrap().is_err());
        assert_eq!(files(folder.path()), 0);
    }

    #[tokio::test]
    async fn it_never_takes_more_room_than_it_has() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(folder.path(), 100).unwrap();
        let write = |mut file: File, _, _| {
            file.write_all(&[7; 40]).unwrap();
            Ok(std::future::ready(Ok(())))
        };
        for name in ["a", "b", "c", "d"] {
            let reader = ask(&cache, question(name, 40), write).await.unwrap();
            assert_eq!(all(reader).await.unwrap().len(), 40);
            assert!(cache.stats().bytes <= 100);
        }
        assert_eq!(files(folder.path()), 2);
        assert!(ask(&cache, question("e", 101), write).await.is_none());
    }

    #[tokio::test]
    async fn an_answer_that_is_being_made_keeps_its_place_when_it_cannot_be_read() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(folder.path(), 1 << 20).unwrap();
        let (go, wait) = tokio::sync::oneshot::channel::<()>();
        let slow = |mut file: File, _, _| {
            Ok(async move {
                wait.await.unwrap();
                file.write_all(b"the first").unwrap();
                Ok(())
            })
        };
        let first = ask(&cache, question("a", 10), slow).await.unwrap();
        let part = |folder: &Path| {
            let files = fs::read_dir(folder)
                .unwrap()
                .map(|file| file.unwrap().path());
            let mut parts = files.filter(|path| path.extension().is_some_and(|e| e == "part"));
            parts.next().unwrap()
        };
        let (here, away) = (part(folder.path()), folder.path().join("away"));
        fs::rename(&here, &away).unwrap();
        let never = |_, _, _| -> Result<std::future::Ready<_>, _> { panic!("made twice") };
        assert!(ask(&cache, question("a", 10), never).await.is_none());
        fs::rename(&away, &here).unwrap();
        let second = ask(&cache, question("a", 10), never).await.unwrap();
        go.send(()).unwrap();
        assert_eq!(all(first).await.unwrap(), b"the first");
        assert_eq!(all(second).await.unwrap(), b"the first");
        let third = ask(&cache, question("a", 10), never).await.unwrap();
        assert_eq!(all(third).await.unwrap(), b"the first");
    }

    #[tokio::test]
    async fn what_grows_beyond_what_was_expected_counts_as_what_it_takes() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(folder.path(), 100).unwrap();
        let more = |mut file: File, max: u64, _| {
            assert_eq!(max, 100);
            file.write_all(&[7; 90]).unwrap();
            Ok(std::future::pending())
        };
        let _reader = ask(&cache, question("a", 10), more).await.unwrap();
        assert_eq!(cache.stats().bytes, 90);
        let never = |_, _, _| -> Result<std::future::Ready<_>, _> { panic!("there is no room") };
        assert!(ask(&cache, question("b", 20), never).await.is_none());
    }

    #[tokio::test]
    async fn so_many_are_made_at_a_time_and_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(folder.path(), 1 << 20).unwrap();
        let places = Places::few(1, Duration::from_millis(50));
        let endless = |_, _, place: Place| {
            Ok(async move {
                let _place = place;
                std::future::pending().await
            })
        };
        let first = cache.ask(question("a", 1), &places, endless).await;
        let first = first.unwrap().unwrap();
        let never = |_, _, _| -> Result<std::future::Ready<_>, _> { panic!("there is no place") };
        let second = cache.ask(question("b", 1), &places, never).await;
        assert!(matches!(second, Err(ServiceError::Busy)));
        // Who asks the same needs no place of their own.
        assert!(
            cache
                .ask(question("a", 1), &places, never)
                .await
                .unwrap()
                .is_some()
        );
        // The place is free again when nobody wants the first any more.
        drop(first);
        let write = |mut file: File, _, _| {
            file.write_all(b"b").unwrap();
            Ok(std::future::ready(Ok(())))
        };
        let reader = cache.ask(question("b", 1), &places, write).await;
        assert_eq!(all(reader.unwrap().unwrap()).await.unwrap(), b"b");
    }
}
