//! The stacks: large blobs, each a file.
//!
//! Under `data` stands `<hash>.data` for a blob that is here whole, `<hash>.part` for one that is coming, and for either
//! `<hash>.pieces`, its size and [list](pieces).
//!
//! - *What has its name is whole and durable*: a file is hashed as it is written, or each piece verified before it is; it gets its name
//!   when it is on the disk.
//! - *What is read was verified just before*, piece by piece.
//! - *A part says by itself what it has*: when a transfer goes on, its pieces are hashed. So nothing is noted meanwhile, and what a
//!   crash or the loss of power took of it comes again.
//! - *Lists are derived*: one that is missing or damaged is made anew from the file.

mod former;
mod part;
pub(super) mod pieces;

use std::{
    collections::HashMap,
    fs::File,
    io::{self, Read as _, Write as _},
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard},
};

use bytes::Bytes;
use commun_specs::id::ContentHash;
use tempfile::{NamedTempFile, TempPath};

use super::{Error, removed, sync};
pub(super) use part::{BLOCK, Part, Wrong};
use pieces::{Hashing, MAX_LARGE, Pieces};

/// Lists that are kept in memory: of the largest blobs, 4 MiB.
const MAX_KNOWN: usize = 8;
/// Bytes after which the disk is set to work while the rest comes, so that little is left to wait for at the end.
const STRETCH: u64 = 64 << 20;

/// The folder of large blobs; what it does blocks.
pub(super) struct Stacks {
    data: PathBuf,
    /// What is being taken in and has no hash yet.
    temp: PathBuf,
    known: Mutex<HashMap<ContentHash, Arc<Pieces>>>,
}

fn failed(what: &'static str, path: &Path) -> impl Fn(io::Error) -> Error {
    move |source| Error::File {
        what,
        path: path.to_owned(),
        source,
    }
}

impl Stacks {
    /// Opens the folder and makes it if it is not there. What a process that was killed was taking in is removed.
    pub(super) fn open(folder: &Path) -> Result<Self, Error> {
        let it = Self {
            data: folder.join("data"),
            temp: folder.join("temp"),
            known: Mutex::default(),
        };
        removed(&it.temp, std::fs::remove_dir_all(&it.temp))?;
        for folder in [&it.data, &it.temp] {
            std::fs::create_dir_all(folder).map_err(failed("make", folder))?;
        }
        it.take_over(folder)?;
        Ok(it)
    }

    fn named(&self, hash: &ContentHash, kind: &str) -> PathBuf {
        self.data.join(format!("{}.{kind}", hex(hash)))
    }

    /// Where a blob lies that is here whole.
    pub(super) fn data(&self, hash: &ContentHash) -> PathBuf {
        self.named(hash, "data")
    }

    #[cfg(test)]
    pub(super) fn temp(&self) -> &Path {
        &self.temp
    }

    /// The size of a blob that is here whole, in bytes.
    pub(super) fn size(&self, hash: &ContentHash) -> Result<Option<u64>, Error> {
        let path = self.data(hash);
        match std::fs::metadata(&path) {
            Ok(metadata) => Ok(Some(metadata.len())),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(failed("read", &path)(e)),
        }
    }

    /// How many whole blobs there are, and their bytes together.
    pub(super) fn total(&self) -> Result<(u64, u64), Error> {
        let mut total = (0, 0);
        let read = failed("read", &self.data);
        for file in std::fs::read_dir(&self.data).map_err(&read)? {
            let file = file.map_err(&read)?;
            if file.path().extension().is_some_and(|kind| kind == "data") {
                let size = file.metadata().map_err(&read)?.len();
                total = (total.0 + 1, total.1 + size);
            }
        }
        Ok(total)
    }

    fn known(&self) -> MutexGuard<'_, HashMap<ContentHash, Arc<Pieces>>> {
        self.known
            .lock()
            .expect("a thread that panics ends the process")
    }

    fn remember(&self, pieces: &Arc<Pieces>) {
        let mut known = self.known();
        if known.len() >= MAX_KNOWN {
            known.clear();
        }
        known.insert(*pieces.hash(), pieces.clone());
    }

    /// A blob that is here whole, to be read.
    pub(super) fn whole(&self, hash: &ContentHash) -> Result<Option<Whole>, Error> {
        let path = self.data(hash);
        let file = match File::open(&path) {
            Ok(file) => Arc::new(file),
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(failed("open", &path)(e)),
        };
        let size = file.metadata().map_err(failed("read", &path))?.len();
        let known = self.known().get(hash).cloned();
        let known = match known {
            Some(pieces) => Some(pieces),
            None => self.list(hash).map(Arc::new),
        };
        let pieces = match known.filter(|pieces| pieces.size() == size) {
            Some(pieces) => pieces,
            None => {
                let pieces = hashed(&file).map_err(failed("read", &path))?;
                if pieces.hash() != hash {
                    return Err(Error::Damaged(*hash));
                }
                self.note(&pieces)?;
                if !path.exists() {
                    // Erased meanwhile: nothing of it stays.
                    remove(&self.named(hash, "pieces"))?;
                }
                Arc::new(pieces)
            }
        };
        self.remember(&pieces);
        Ok(Some(Whole { file, pieces }))
    }

    /// The list that was noted, if it is one. With one piece it says the size only.
    fn list(&self, hash: &ContentHash) -> Option<Pieces> {
        let file = File::open(self.named(hash, "pieces")).ok()?;
        let most = 8 + pieces::values_of(MAX_LARGE) * pieces::VALUE;
        let mut bytes = Vec::new();
        file.take(most as u64).read_to_end(&mut bytes).ok()?;
        let (size, list) = bytes.split_first_chunk()?;
        Pieces::prove(*hash, u64::from_le_bytes(*size), list)
    }

    /// Notes a list. Not waited for: it can be derived.
    fn note(&self, pieces: &Pieces) -> Result<(), Error> {
        let path = self.named(pieces.hash(), "pieces");
        let bytes = [&pieces.size().to_le_bytes(), pieces.list()].concat();
        std::fs::write(&path, bytes).map_err(failed("write", &path))
    }

    /// Begins to take a file in.
    pub(super) fn begin(&self) -> Result<Writing, Error> {
        let temp = NamedTempFile::new_in(&self.temp).map_err(failed("make", &self.temp))?;
        Ok(Writing {
            ahead: Ahead::default(),
            temp,
            hashing: Hashing::new(),
        })
    }

    /// Gives a file its place.
    pub(super) fn place(&self, from: Placed<'_>, pieces: &Pieces) -> Result<(), Error> {
        let to = self.data(pieces.hash());
        match from {
            Placed::Moved(path) => path.persist(&to).map_err(|e| failed("move", &to)(e.error)),
            Placed::Linked(path) => {
                // In the place of what has the name: that may be damaged.
                let link = self.link(pieces.hash());
                remove(&link)?;
                let linked = std::fs::hard_link(path, &link);
                let moved = linked.and_then(|()| std::fs::rename(&link, &to));
                // Where both names were one file's, the first is there still; and where it failed.
                let rest = remove(&link);
                moved.map_err(failed("link", &to))?;
                rest.map(drop)
            }
        }?;
        remove(&self.named(pieces.hash(), "part")).map(drop)
    }

    /// The name that a file has beside its own until it gets its place.
    fn link(&self, hash: &ContentHash) -> PathBuf {
        self.temp.join(format!("{}.link", hex(hash)))
    }

    /// Notes what is known of a file that is about to get its place.
    pub(super) fn prepare(&self, pieces: &Arc<Pieces>) -> Result<(), Error> {
        self.note(pieces)?;
        self.remember(pieces);
        Ok(())
    }

    /// Waits until the names in the folder are on the disk.
    pub(super) fn sync(&self) -> Result<(), Error> {
        sync(&self.data)
    }

    /// Removes a blob, whole or a part; gives back the size of one that was whole. What is read now is read to its end.
    pub(super) fn remove(&self, hash: &ContentHash) -> Result<Option<u64>, Error> {
        let size = self.size(hash)?;
        self.known().remove(hash);
        for kind in ["data", "part", "pieces"] {
            remove(&self.named(hash, kind))?;
        }
        remove(&self.link(hash))?;
        Ok(size)
    }

    /// Removes what there is of a blob that is not here whole.
    pub(super) fn give_up(&self, hash: &ContentHash) -> Result<(), Error> {
        remove(&self.named(hash, "part"))?;
        if self.size(hash)?.is_none() {
            self.known().remove(hash);
            remove(&self.named(hash, "pieces"))?;
        }
        Ok(())
    }
}

/// Where a file is that gets its place.
pub(super) enum Placed<'a> {
    /// Its name goes.
    Moved(TempPath),
    /// Its name stays.
    Linked(&'a Path),
}

impl Placed<'_> {
    pub(super) fn path(&self) -> &Path {
        match self {
            Placed::Moved(path) => path,
            Placed::Linked(path) => path,
        }
    }
}

fn hex(hash: &ContentHash) -> String {
    data_encoding::HEXLOWER.encode(&hash.0)
}

/// Removes a file; whether it was there.
fn remove(path: &Path) -> Result<bool, Error> {
    removed(path, std::fs::remove_file(path))
}

fn hashed(file: &File) -> io::Result<Pieces> {
    let (mut hashing, mut at) = (Hashing::new(), 0);
    let mut buffer = vec![0; pieces::PIECE as usize];
    loop {
        match file.read_at(&mut buffer, at)? {
            0 => return Ok(hashing.finish()),
            n => {
                hashing.update(&buffer[..n]);
                at += n as u64;
            }
        }
    }
}

/// A blob that is here whole; its bytes are there as long as this is, also when it is erased.
#[derive(Clone)]
pub(super) struct Whole {
    file: Arc<File>,
    pieces: Arc<Pieces>,
}

impl Whole {
    pub(super) fn pieces(&self) -> &Pieces {
        &self.pieces
    }

    /// A piece, verified.
    ///
    /// # Errors
    /// `InvalidData` if it is not what it was; or the disk.
    pub(super) fn piece(&self, n: u64) -> io::Result<Bytes> {
        let range = self.pieces.range(n);
        let mut bytes = vec![0; (range.end - range.start) as usize];
        self.read(range.start, &mut bytes)?;
        match self.pieces.are(n, &bytes) {
            true => Ok(bytes.into()),
            false => {
                let damaged = Error::Damaged(*self.pieces.hash()).to_string();
                Err(io::Error::new(io::ErrorKind::InvalidData, damaged))
            }
        }
    }

    /// Reads bytes as they are: for who verifies them.
    pub(super) fn read(&self, from: u64, bytes: &mut [u8]) -> io::Result<()> {
        let mut have = 0;
        while have < bytes.len() {
            match self.file.read_at(&mut bytes[have..], from + have as u64) {
                Ok(0) => {
                    // What is missing does not match.
                    bytes[have..].fill(0);
                    break;
                }
                Ok(n) => have += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }
}

/// A file on its way in, hashed as it is written; dropped, it is gone.
pub(super) struct Writing {
    ahead: Ahead,
    temp: NamedTempFile,
    hashing: Hashing,
}

impl Writing {
    /// Writes the next bytes.
    pub(super) fn put(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.temp
            .write_all(bytes)
            .map_err(failed("write", self.temp.path()))?;
        self.hashing.update(bytes);
        self.ahead
            .wrote(self.temp.as_file(), bytes.len() as u64)
            .map_err(failed("write", self.temp.path()))
    }

    /// The file and what it is. Not durable yet.
    pub(super) fn finish(mut self) -> Result<(NamedTempFile, Pieces), Error> {
        let ahead = self.ahead.finish();
        ahead.map_err(failed("write", self.temp.path()))?;
        Ok((self.temp, self.hashing.finish()))
    }
}

/// Brings a file to the disk while it grows. The system says once that bytes were lost: who asks again hears that all is well. So
/// what fails here is told by the next call.
#[derive(Default)]
struct Ahead {
    since: u64,
    working: Option<std::thread::JoinHandle<io::Result<()>>>,
}

impl Ahead {
    /// Takes note of bytes that were written.
    ///
    /// # Errors
    /// Some of those before did not come to the disk.
    fn wrote(&mut self, file: &File, bytes: u64) -> io::Result<()> {
        self.since += bytes;
        if self.since < STRETCH || self.working.as_ref().is_some_and(|w| !w.is_finished()) {
            return Ok(());
        }
        self.finish()?;
        self.since = 0;
        // Where this cannot begin, there is more to wait for at the end.
        self.working = file.try_clone().ok().and_then(|file| {
            let work = move || file.sync_data();
            std::thread::Builder::new().spawn(work).ok()
        });
        Ok(())
    }

    /// Waits for what is under way.
    ///
    /// # Errors
    /// Some bytes did not come to the disk.
    fn finish(&mut self) -> io::Result<()> {
        let ended = |_| io::Error::other("the thread that waits for the disk ended");
        match self.working.take() {
            Some(working) => working.join().map_err(ended)?,
            None => Ok(()),
        }
    }
}
