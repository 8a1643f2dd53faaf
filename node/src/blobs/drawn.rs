//! What was drawn and read of blobs for readers: pictures of pages, words, or that there are none. Derived, never synced; they lie beside the blobs
//! because they go with them when these are erased.

use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard},
    time::{Duration, SystemTime},
};

use commun_forge::text::{Document, Drawn, Format};
use commun_specs::id::ContentHash;
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use super::{Blobs, Error, removed, store};

/// What they are kept under; another one where pictures become better, so that the old ones go.
pub(super) const FOLDER: &str = "drawn-1";
/// The most of them: 256 MiB of the disk, and so many files that short ones do not fill a disk's tables. The documents that
/// were drawn longest ago go first, until half of it is left.
const MOST: Taken = Taken {
    bytes: 256 << 20,
    files: 20_000,
};
/// What a folder takes on a disk, bytes: file systems give it a block.
const FOLDER_BYTES: u64 = 4 << 10;
/// The longest first line of a file.
const MAX_HEAD: usize = 200;
/// Words for what may have been the machine's fault rather than the document's: it had too much else to do, or too little
/// memory.
const ACCIDENTS: [&str; 2] = ["crashed", "too-slow"];
/// After that long such a document is tried again: one that was made to cost time costs it once a day.
const AGAIN: Duration = Duration::from_secs(24 * 60 * 60);

/// The first line of a file; a picture follows where there is one.
#[derive(Serialize, Deserialize)]
struct Head {
    pages: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unread: Option<String>,
}

/// What files take on the disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Taken {
    bytes: u64,
    files: u64,
}

impl Taken {
    /// Of one file: its blocks, or its length where the system does not say how many.
    fn by(about: &fs::Metadata) -> Self {
        Self {
            bytes: about.len().max(about.blocks() * 512),
            files: 1,
        }
    }

    const fn folder() -> Self {
        Self {
            bytes: FOLDER_BYTES,
            files: 1,
        }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            bytes: self.bytes + other.bytes,
            files: self.files + other.files,
        }
    }

    fn minus(self, other: Self) -> Self {
        Self {
            bytes: self.bytes.saturating_sub(other.bytes),
            files: self.files.saturating_sub(other.files),
        }
    }

    fn fits(self, most: Self) -> bool {
        self.bytes <= most.bytes && self.files <= most.files
    }

    fn half(self) -> Self {
        Self {
            bytes: self.bytes / 2,
            files: self.files / 2,
        }
    }
}

/// What all of them take, once it was counted. Held while one is kept, so that no two sweep at once.
#[derive(Default)]
pub(super) struct Room(Mutex<Option<Taken>>);

impl Room {
    fn lock(&self) -> MutexGuard<'_, Option<Taken>> {
        self.0
            .lock()
            .expect("a thread that panics ends the process")
    }
}

impl Blobs {
    /// The folder of all.
    fn all_drawings(&self) -> PathBuf {
        let folder = self.0.paths.data_path.parent().unwrap_or(Path::new("."));
        folder.join(FOLDER)
    }

    fn drawings(&self, hash: &ContentHash) -> PathBuf {
        self.all_drawings().join(hash.to_string())
    }

    /// A page as it was drawn, or the word for why it is not; nothing where nobody has tried, or it is to be tried again.
    /// Blocks.
    pub(crate) fn drawing(&self, hash: &ContentHash, page: u32) -> Option<Result<Drawn, String>> {
        let path = self.drawings(hash).join(page.to_string());
        let bytes = fs::read(&path).ok()?;
        let end = bytes.iter().take(MAX_HEAD).position(|b| *b == b'\n')?;
        let head: Head = serde_json::from_slice(&bytes[..end]).ok()?;
        let drawn = match head.unread {
            Some(why) => Err(why),
            None => Ok(Drawn {
                pages: head.pages,
                png: bytes[end + 1..].to_vec(),
            }),
        };
        stands(&path, drawn)
    }

    /// Keeps what came of drawing a page. Blocks.
    ///
    /// # Errors
    /// The folder cannot be written; then it is drawn again.
    pub(crate) fn keep_drawing(
        &self,
        hash: &ContentHash,
        page: u32,
        drawn: &Result<Drawn, String>,
    ) -> io::Result<()> {
        let head = Head {
            pages: drawn.as_ref().map_or(0, |drawn| drawn.pages),
            unread: drawn.as_ref().err().cloned(),
        };
        self.keep_drawn(hash, &page.to_string(), |file| {
            serde_json::to_writer(&mut *file, &head)?;
            file.write_all(b"\n")?;
            match drawn {
                Ok(drawn) => file.write_all(&drawn.png),
                Err(_) => Ok(()),
            }
        })
    }

    /// The words of a document as they were read in this format, or the word for why they are not; as for pages. Blocks.
    pub(crate) fn words(
        &self,
        hash: &ContentHash,
        format: Format,
    ) -> Option<Result<Document, String>> {
        let path = self.drawings(hash).join(words(format));
        let bytes = fs::read(&path).ok()?;
        stands(&path, serde_json::from_slice(&bytes).ok()?)
    }

    /// Keeps what came of reading a document in a format. Blocks.
    ///
    /// # Errors
    /// The folder cannot be written; then it is read again.
    pub(crate) fn keep_words(
        &self,
        hash: &ContentHash,
        format: Format,
        read: &Result<Document, String>,
    ) -> io::Result<()> {
        self.keep_drawn(hash, &words(format), |file| {
            Ok(serde_json::to_writer(file, read)?)
        })
    }

    /// Puts a file in its place, whole, and sees that there are not too many.
    fn keep_drawn(
        &self,
        hash: &ContentHash,
        name: &str,
        write: impl FnOnce(&mut NamedTempFile) -> io::Result<()>,
    ) -> io::Result<()> {
        let (all, folder) = (self.all_drawings(), self.drawings(hash));
        let mut taken = self.0.drawn.lock();
        // Counted anew after whatever goes wrong on the way.
        let known = taken.take();
        let begun = !folder.exists();
        fs::create_dir_all(&folder)?;
        let mut file = NamedTempFile::new_in(&folder)?;
        write(&mut file)?;
        let path = folder.join(name);
        let before = fs::metadata(&path).map_or(Taken::default(), |about| Taken::by(&about));
        file.persist(&path)?;
        let now = match known {
            None => bound(&all, MOST)?,
            Some(known) => {
                let new = match begun {
                    true => Taken::folder(),
                    false => Taken::default(),
                };
                let new = new.plus(Taken::by(&fs::metadata(&path)?));
                let now = known.minus(before).plus(new);
                match now.fits(MOST) {
                    true => now,
                    false => bound(&all, MOST)?,
                }
            }
        };
        *taken = Some(now);
        Ok(())
    }

    /// Removes what was drawn of blobs.
    ///
    /// # Errors
    /// A folder cannot be removed; those after it are left, too.
    pub(crate) async fn forget_drawings(&self, hashes: &[ContentHash]) -> Result<(), Error> {
        let folders: Vec<PathBuf> = hashes.iter().map(|hash| self.drawings(hash)).collect();
        let this = self.clone();
        let forgetting = tokio::task::spawn_blocking(move || {
            folders
                .iter()
                .try_for_each(|folder| this.remove_drawn(folder))
        });
        forgetting.await.map_err(store)?
    }

    fn remove_drawn(&self, folder: &Path) -> Result<(), Error> {
        let mut taken = self.0.drawn.lock();
        // Counted anew where it goes wrong on the way.
        let known = taken.take();
        let (_, of_it) = weighed(folder);
        let was = removed(folder, fs::remove_dir_all(folder))?;
        *taken = match was {
            true => known.map(|known| known.minus(of_it)),
            false => known,
        };
        Ok(())
    }
}

/// The file of a document's words, beside those of pages. The same bytes may be published as two types, of which one has
/// words.
fn words(format: Format) -> String {
    format!("words-{format:?}").to_ascii_lowercase()
}

/// What was kept in a file, unless it is to be tried again.
fn stands<T>(path: &Path, kept: Result<T, String>) -> Option<Result<T, String>> {
    if let Err(why) = &kept
        && ACCIDENTS.contains(&why.as_str())
    {
        let since = fs::metadata(path).and_then(|about| about.modified()).ok()?;
        // One from the future, by a clock that was set back, is tried again, too.
        let age = SystemTime::now().duration_since(since).ok()?;
        return (age < AGAIN).then_some(kept);
    }
    Some(kept)
}

/// When something was last drawn of the document of a folder, and what the folder takes with all that is in it.
fn weighed(folder: &Path) -> (SystemTime, Taken) {
    let (mut newest, mut taken) = (SystemTime::UNIX_EPOCH, Taken::folder());
    for file in fs::read_dir(folder).into_iter().flatten().flatten() {
        let Ok(about) = file.metadata() else { continue };
        taken = taken.plus(Taken::by(&about));
        newest = newest.max(about.modified().unwrap_or(SystemTime::UNIX_EPOCH));
    }
    (newest, taken)
}

/// Removes what is older until half of `most` remains, where there is more; gives what there is then.
fn bound(all: &Path, most: Taken) -> io::Result<Taken> {
    let mut folders: Vec<(SystemTime, PathBuf, Taken)> = Vec::new();
    let mut total = Taken::default();
    for folder in fs::read_dir(all)? {
        let path = folder?.path();
        let (newest, taken) = weighed(&path);
        total = total.plus(taken);
        folders.push((newest, path, taken));
    }
    if total.fits(most) {
        return Ok(total);
    }
    folders.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    for (_, path, taken) in folders {
        if total.fits(most.half()) {
            break;
        }
        match fs::remove_dir_all(&path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => total = total.minus(taken),
        }
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(bytes: usize) -> Result<Drawn, String> {
        Ok(Drawn {
            pages: 3,
            png: vec![b'\n'; bytes],
        })
    }

    async fn blobs(folder: &tempfile::TempDir) -> Blobs {
        Blobs::open(&folder.path().join("blobs")).await.unwrap()
    }

    #[tokio::test]
    async fn drawings_are_kept_and_go_when_their_blob_is_erased() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = blobs(&folder).await;
        let (hash, _) = blobs.add_bytes(b"a document".to_vec()).await.unwrap();
        assert_eq!(blobs.drawing(&hash, 1), None);
        blobs.keep_drawing(&hash, 1, &picture(10)).unwrap();
        let damaged = Err("damaged".to_owned());
        blobs.keep_drawing(&hash, 2, &damaged).unwrap();
        assert_eq!(blobs.drawing(&hash, 1), Some(picture(10)));
        assert_eq!(blobs.drawing(&hash, 2), Some(damaged));
        blobs.erase(&[hash]).await.unwrap();
        assert_eq!(blobs.drawing(&hash, 1), None);
        assert!(!blobs.drawings(&hash).exists());
    }

    #[tokio::test]
    async fn an_accident_is_forgotten_after_a_day_and_a_fault_never() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = blobs(&folder).await;
        let hash = ContentHash::of(b"a document");
        let mut whys = ["crashed", "too-slow", "damaged", "encrypted"].into_iter();
        for (page, why) in (1..).zip(whys.by_ref()) {
            let unread = Err(why.to_owned());
            blobs.keep_drawing(&hash, page, &unread).unwrap();
            assert_eq!(blobs.drawing(&hash, page), Some(unread.clone()), "{why}");
            let path = blobs.drawings(&hash).join(page.to_string());
            let file = fs::File::options().write(true).open(path).unwrap();
            file.set_modified(SystemTime::now() - AGAIN).unwrap();
            let stays = (page > 2).then_some(unread);
            assert_eq!(blobs.drawing(&hash, page), stays, "{why}");
        }
    }

    #[tokio::test]
    async fn the_room_that_is_taken_is_known_without_looking() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = blobs(&folder).await;
        let hash = |n: u32| ContentHash::of(&n.to_be_bytes());
        let known = || *blobs.0.drawn.lock();
        let counted = || Some(bound(&blobs.all_drawings(), MOST).unwrap());
        assert_eq!(known(), None);
        for (n, page, bytes) in [
            (1, 1, 9_000),
            (1, 2, 100),
            (2, 1, 20_000),
            (1, 1, 50),
            (1, 1, 9_000),
        ] {
            blobs.keep_drawing(&hash(n), page, &picture(bytes)).unwrap();
            assert_eq!(known(), counted());
        }
        let read = Ok(Document::default());
        blobs.keep_words(&hash(2), Format::Epub, &read).unwrap();
        assert_eq!(known(), counted());
        assert_eq!(known().unwrap().files, 2 + 4);
        blobs.forget_drawings(&[hash(2), hash(7)]).await.unwrap();
        assert!(known().is_some() && known() == counted());
        blobs.keep_drawing(&hash(3), 1, &picture(1)).unwrap();
        assert_eq!(known(), counted());
        assert_eq!(known().unwrap().files, 2 + 3);
    }

    #[test]
    fn the_oldest_go_when_there_are_too_many_or_too_large_ones() {
        let now = SystemTime::now();
        let made = |files: u32, bytes: u64| {
            let folder = tempfile::tempdir().unwrap();
            for n in 0..files {
                let at = folder.path().join(n.to_string());
                fs::create_dir(&at).unwrap();
                fs::write(at.join("1"), vec![1; bytes as usize]).unwrap();
                let file = fs::File::options().write(true).open(at.join("1")).unwrap();
                let age = Duration::from_secs(u64::from(10 * (files - n)));
                file.set_modified(now - age).unwrap();
            }
            folder
        };
        let left = |folder: &tempfile::TempDir| {
            let mut left: Vec<String> = fs::read_dir(folder.path())
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            left.sort();
            left.concat()
        };
        // A short file costs more than its length.
        let folder = made(5, 100);
        let all = bound(folder.path(), MOST).unwrap();
        assert!(all.bytes >= 5 * (100 + FOLDER_BYTES) && all.files == 10);
        assert_eq!(bound(folder.path(), all).unwrap(), all);
        assert_eq!(left(&folder), "01234");
        let bytes = all.bytes - 1;
        let now = bound(folder.path(), Taken { bytes, ..all }).unwrap();
        assert_eq!((now.files, left(&folder).as_str()), (4, "34"));
        // Many that are short.
        let folder = made(6, 1);
        let files = Taken { files: 11, ..MOST };
        assert_eq!(bound(folder.path(), files).unwrap().files, 4);
        assert_eq!(left(&folder), "45");
    }
}
