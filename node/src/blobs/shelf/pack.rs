//! The pack: files that only grow, of records one behind the other.
//!
//! A record is its length (four bytes, little-endian), its BLAKE3 hash and its content. A record whose hash is all
//! zeros was erased; its content is zeros too.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{File, OpenOptions},
    io,
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use commun_specs::id::ContentHash;

use super::{super::Error, MAX_SHELVED};

/// Bytes before the content of a record.
const HEAD: u64 = 4 + 32;
/// Bytes of the largest record.
pub(super) const MAX_RECORD: u64 = HEAD + MAX_SHELVED;
/// A file that has reached this size is followed by another one.
const MAX_SEGMENT: u64 = 64 << 20;
/// Files that are kept open for reading.
const MAX_OPEN: usize = 64;

/// Where a blob lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// In which file.
    pub(super) segment: u32,
    /// Where its content begins.
    pub(super) offset: u64,
    /// Its size in bytes.
    pub(super) len: u32,
}

/// What stands at a place of the pack.
pub(super) struct Scanned {
    /// The record, unless it was erased or is damaged, or the next file begins.
    pub(super) record: Option<(ContentHash, Place)>,
    /// In which file the next record begins…
    pub(super) segment: u32,
    /// …and where.
    pub(super) end: u64,
}

/// The files.
pub(super) struct Pack {
    folder: PathBuf,
    open: Mutex<BTreeMap<u32, Arc<File>>>,
}

impl Pack {
    pub(super) fn open(folder: &Path) -> Result<Self, Error> {
        Ok(Self {
            folder: folder.to_owned(),
            open: Mutex::default(),
        })
    }

    fn path(&self, segment: u32) -> PathBuf {
        self.folder.join(format!("{segment:08}.pack"))
    }

    fn failed(&self, what: &'static str, segment: u32) -> impl Fn(io::Error) -> Error + use<'_> {
        move |source| Error::File {
            what,
            path: self.path(segment),
            source,
        }
    }

    /// A file, made if it is not there.
    fn file(&self, segment: u32) -> Result<Arc<File>, Error> {
        let failed = self.failed("open", segment);
        let path = self.path(segment);
        if !path.exists() {
            // The file's name is durable before anything in it is.
            File::create_new(&path)
                .and_then(|_| File::open(&self.folder))
                .and_then(|folder| folder.sync_all())
                .map_err(&failed)?;
        }
        self.existing(segment).map_err(&failed)
    }

    /// A file that is there.
    fn existing(&self, segment: u32) -> io::Result<Arc<File>> {
        let mut open = self
            .open
            .lock()
            .expect("a thread that panics ends the process");
        if let Some(file) = open.get(&segment) {
            return Ok(file.clone());
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true);
        let file = Arc::new(options.open(self.path(segment))?);
        if open.len() >= MAX_OPEN {
            open.clear();
        }
        open.insert(segment, file.clone());
        Ok(file)
    }

    /// Appends blobs behind `end` of a file, or of the next one if that is full; gives back where each lies. Durable on
    /// return.
    pub(super) fn append(
        &self,
        segment: &mut u32,
        end: &mut u64,
        blobs: &[(&ContentHash, &Bytes)],
    ) -> Result<Vec<Place>, Error> {
        let mut places = Vec::with_capacity(blobs.len());
        let mut buffer = Vec::new();
        for (hash, bytes) in blobs {
            if *end + buffer.len() as u64 >= MAX_SEGMENT {
                self.flush(*segment, end, &mut buffer)?;
                (*segment, *end) = (*segment + 1, 0);
            }
            let len = u32::try_from(bytes.len()).expect("blobs on the shelf are small");
            buffer.extend_from_slice(&len.to_le_bytes());
            buffer.extend_from_slice(&hash.0);
            places.push(Place {
                segment: *segment,
                offset: *end + buffer.len() as u64,
                len,
            });
            buffer.extend_from_slice(bytes);
        }
        self.flush(*segment, end, &mut buffer)?;
        Ok(places)
    }

    fn flush(&self, segment: u32, end: &mut u64, buffer: &mut Vec<u8>) -> Result<(), Error> {
        let file = self.file(segment)?;
        file.write_all_at(buffer, *end)
            .and_then(|()| file.sync_data())
            .map_err(self.failed("write", segment))?;
        *end += buffer.len() as u64;
        buffer.clear();
        Ok(())
    }

    /// The bytes that lie at a place.
    pub(super) fn read(&self, place: &Place) -> Result<Vec<u8>, Error> {
        let mut bytes = vec![0; place.len as usize];
        let read = self
            .existing(place.segment)
            .and_then(|file| file.read_exact_at(&mut bytes, place.offset));
        match read {
            // What is missing does not match its hash.
            Err(e)
                if matches!(
                    e.kind(),
                    io::ErrorKind::UnexpectedEof | io::ErrorKind::NotFound
                ) =>
            {
                Ok(bytes)
            }
            Err(e) => Err(self.failed("read", place.segment)(e)),
            Ok(()) => Ok(bytes),
        }
    }

    /// Overwrites blobs and their hashes with zeros. Durable on return.
    pub(super) fn blank(&self, places: &[Place]) -> Result<(), Error> {
        let mut segments = BTreeSet::new();
        for place in places {
            let zeros = vec![0; 32 + place.len as usize];
            let file = self.file(place.segment)?;
            file.write_all_at(&zeros, place.offset - 32)
                .map_err(self.failed("write", place.segment))?;
            segments.insert(place.segment);
        }
        for segment in segments {
            let file = self.file(segment)?;
            file.sync_data().map_err(self.failed("write", segment))?;
        }
        Ok(())
    }

    /// What stands at `end` of a file; `None` where no record does and none follows.
    ///
    /// A record that does not match its hash is passed over, whatever became of it: those behind it count.
    pub(super) fn scan(&self, segment: u32, end: u64) -> Result<Option<Scanned>, Error> {
        if !self.path(segment).exists() {
            return Ok(None);
        }
        let behind = self.behind(segment, end)?;
        if behind >= HEAD {
            let file = self.file(segment)?;
            let failed = self.failed("read", segment);
            let mut head = [0; HEAD as usize];
            file.read_exact_at(&mut head, end).map_err(&failed)?;
            let (len, hash) = parts(&head);
            let ends = u64::from(len) <= MAX_SHELVED.min(behind - HEAD);
            let place = Place {
                segment,
                offset: end + HEAD,
                len,
            };
            let mut next = ends.then_some(end + HEAD + u64::from(len));
            let mut record = None;
            if ends && ContentHash::of(&self.read(&place)?) == hash {
                record = Some((hash, place));
            } else if !ends || hash.0 != [0; 32] {
                tracing::warn!(
                    "a small blob is damaged, or was cut off: {}, at {end}",
                    self.path(segment).display()
                );
                // What changed may be the length.
                next = self.next_whole(segment, end + 1)?.or(next);
            }
            if let Some(end) = next {
                return Ok(Some(Scanned {
                    record,
                    segment,
                    end,
                }));
            }
        }
        // The file ends here, and there may be a next one.
        Ok(self.path(segment + 1).exists().then_some(Scanned {
            record: None,
            segment: segment + 1,
            end: 0,
        }))
    }

    /// How many bytes stand behind `end` of a file.
    pub(super) fn behind(&self, segment: u32, end: u64) -> Result<u64, Error> {
        let metadata = self.file(segment)?.metadata();
        let size = metadata.map_err(self.failed("read", segment))?.len();
        Ok(size.saturating_sub(end))
    }

    /// Where the next whole record begins, if that is no further than [`MAX_RECORD`] behind `from`.
    fn next_whole(&self, segment: u32, from: u64) -> Result<Option<u64>, Error> {
        let len = self.behind(segment, from)?.min(2 * MAX_RECORD);
        let mut bytes = vec![0; len as usize];
        let file = self.file(segment)?;
        file.read_exact_at(&mut bytes, from)
            .map_err(self.failed("read", segment))?;
        let whole = |at: &u64| {
            let rest = &bytes[*at as usize..];
            rest.split_first_chunk().is_some_and(|(head, rest)| {
                let (len, hash) = parts(head);
                let content = rest.get(..len as usize);
                u64::from(len) <= MAX_SHELVED
                    && content.is_some_and(|content| ContentHash::of(content) == hash)
            })
        };
        let found = (0..len.min(MAX_RECORD)).find(whole);
        Ok(found.map(|at| from + at))
    }

    /// Whether a place is where a record of this hash was written.
    pub(super) fn is_of(&self, place: &Place, hash: &ContentHash) -> Result<bool, Error> {
        let Some(start) = place.offset.checked_sub(HEAD) else {
            return Ok(false);
        };
        let head = Place {
            offset: start,
            len: HEAD as u32,
            ..*place
        };
        let head = self.read(&head)?;
        Ok(head
            .first_chunk()
            .is_some_and(|head| parts(head) == (place.len, *hash)))
    }

    /// Drops what stands behind `end` of a file, and the files behind it.
    pub(super) fn cut(&self, segment: u32, end: u64) -> Result<(), Error> {
        for later in segment + 1.. {
            let path = self.path(later);
            if !path.exists() {
                break;
            }
            self.open
                .lock()
                .expect("a thread that panics ends the process")
                .remove(&later);
            std::fs::remove_file(&path).map_err(self.failed("remove", later))?;
        }
        let file = self.file(segment)?;
        let failed = self.failed("shorten", segment);
        if file.metadata().map_err(&failed)?.len() > end {
            file.set_len(end).map_err(&failed)?;
            file.sync_all().map_err(&failed)?;
        }
        Ok(())
    }
}

/// The length and the hash that a record says.
fn parts(head: &[u8; HEAD as usize]) -> (u32, ContentHash) {
    let (len, hash) = head.split_at(4);
    let len = u32::from_le_bytes(len.try_into().expect("four bytes"));
    (
        len,
        ContentHash(hash.try_into().expect("a hash has 32 bytes")),
    )
}
