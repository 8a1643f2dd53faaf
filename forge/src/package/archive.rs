//! The one reader of archives: ZIP (APPNOTE 6.3) and gzipped tar (POSIX.1-2001, GNU).
//!
//! Archives come from strangers and are read by more than one program. So whatever two readers could take for different
//! files is refused (two names for one entry, two ends, entries that share bytes, what no list names), as is what only
//! harms: paths that leave the archive, links, devices, encryption, and more bytes than a limit allows. Nothing is
//! unpacked to a disk: entries are read one by one, and their bytes are counted as they come, not as they are declared.
//!
//! ```
//! use std::{fs::File, io};
//! use commun_forge::package::archive::{Archive, ArchiveError, Limits};
//!
//! fn look(file: File) -> Result<(), ArchiveError> {
//!     let mut archive = Archive::open(file, Limits::default())?;
//!     let manifest = archive.read("imsmanifest.xml", 4 << 20)?;
//!     println!("a manifest of {} bytes", manifest.len());
//!     archive.visit(|entry, body| {
//!         println!("{} {}", entry.path, io::copy(body, &mut io::sink())?);
//!         Ok(())
//!     })
//! }
//! ```

mod body;
mod error;
mod limits;
mod name;
mod tar;
mod zip;

use std::io::{self, Cursor, Read, Seek, SeekFrom};

pub use body::Body;
pub use error::ArchiveError;
pub use limits::Limits;

use body::Gzip;

/// One file or folder of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its path: relative, `/` between the names, in Unicode form C, no `.` or `..`, without a final `/`. Not yet a
    /// [`FilePath`](commun_specs::files::FilePath): what is published must satisfy those stricter rules too.
    pub path: String,
    /// Bytes when unpacked; 0 for a folder.
    pub size: u64,
    /// Whether it is a folder that the archive names; most folders are only named by their files.
    pub folder: bool,
    place: Place,
}

/// Where an entry's bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// In a ZIP file: the first byte, how many, whether deflated, the CRC-32 of what they give.
    Zip {
        at: u64,
        packed: u64,
        deflated: bool,
        crc: u32,
    },
    /// In a tar file: the first byte of the unpacked stream.
    Tar { at: u64 },
}

/// An archive whose list of entries was read and found sound.
#[derive(Debug)]
pub struct Archive<R> {
    input: R,
    entries: Vec<Entry>,
    limits: Limits,
    /// What archives in this archive may still give.
    room: u64,
}

impl<R: Read + Seek> Archive<R> {
    /// Reads the list of entries and checks all that can be checked without unpacking (a gzipped tar is unpacked once,
    /// into nothing). What it is, is seen by its first bytes, never by a name. The input is read from its beginning,
    /// wherever it stood.
    ///
    /// # Errors
    /// Anything of [`ArchiveError`]; nothing but the input was touched.
    pub fn open(mut input: R, limits: Limits) -> Result<Archive<R>, ArchiveError> {
        let length = input.seek(SeekFrom::End(0))?;
        input.seek(SeekFrom::Start(0))?;
        let mut magic = [0; 8];
        let read = read_up_to(&mut input, &mut magic)?;
        let entries = match &magic[..read] {
            [] => return Err(ArchiveError::malformed("the file is empty")),
            [0x1f, 0x8b, ..] => tar::index(&mut input, &limits)?,
            _ => zip::index(&mut input, length, &limits, &magic[..read])?,
        };
        if !entries.iter().any(|entry| !entry.folder) {
            return Err(ArchiveError::Empty);
        }
        let total: u64 = entries.iter().map(|entry| entry.size).sum();
        Ok(Archive {
            input,
            entries,
            room: limits.total.saturating_sub(total),
            limits,
        })
    }

    /// Files and folders in the order of the archive; no two have the same path, not even in another case.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The file of a path, exactly so written.
    pub fn find(&self, path: &str) -> Option<&Entry> {
        self.entries
            .iter()
            .find(|entry| !entry.folder && entry.path == path)
    }

    /// The file of a path, in whatever case: there is at most one.
    pub fn find_in_any_case(&self, path: &str) -> Option<&Entry> {
        let key = name::key(path);
        self.entries
            .iter()
            .find(|entry| !entry.folder && name::key(&entry.path) == key)
    }

    /// All bytes of a file, at most `most`. In a tar file this unpacks everything before it: to read many, use
    /// [`Archive::visit`].
    ///
    /// # Errors
    /// There is no such file, it is larger than `most`, or it is not what the archive says.
    pub fn read(&mut self, path: &str, most: u64) -> Result<Vec<u8>, ArchiveError> {
        let entry = self
            .find(path)
            .ok_or_else(|| ArchiveError::Missing(path.to_owned()))?
            .clone();
        if entry.size > most {
            return Err(ArchiveError::TooLarge {
                what: format!("the file {:?}", entry.path),
                most,
            });
        }
        // The declared size is a stranger's claim: room is made as the bytes come.
        let mut bytes = Vec::with_capacity(entry.size.min(1 << 20) as usize);
        self.body(&entry)?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Reads one entry of [`Archive::entries`] as a stream. Only who reads to the end knows that it is whole: length
    /// and checksum are checked there, and a fault is an `io::Error` that turns back into an [`ArchiveError`].
    pub fn body<'a>(&'a mut self, entry: &Entry) -> Result<Body<'a, R>, ArchiveError> {
        body::open(&mut self.input, entry, &self.limits)
    }

    /// Hands every file, one after the other, in the order in which the bytes stand; one pass, also over a tar file.
    /// What the visitor leaves unread is skipped, unchecked.
    ///
    /// # Errors
    /// The visitor's, or what reading met.
    pub fn visit<E: From<ArchiveError>>(
        &mut self,
        mut visitor: impl FnMut(&Entry, &mut dyn Read) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut files: Vec<Entry> = self.entries.iter().filter(|e| !e.folder).cloned().collect();
        files.sort_by_key(|entry| match entry.place {
            Place::Zip { at, .. } | Place::Tar { at } => at,
        });
        if !files.iter().any(|e| matches!(e.place, Place::Tar { .. })) {
            for entry in &files {
                let mut body = body::open(&mut self.input, entry, &self.limits)?;
                visitor(entry, &mut body)?;
            }
            return Ok(());
        }
        let mut gzip = Gzip::new(&mut self.input, &self.limits).map_err(ArchiveError::from)?;
        for entry in &files {
            let Place::Tar { at } = entry.place else {
                continue;
            };
            gzip.skip_to(at).map_err(ArchiveError::from)?;
            visitor(entry, &mut gzip.part(entry))?;
        }
        Ok(())
    }

    /// Reads every file to its end and keeps nothing: afterwards the archive is known to be whole.
    pub fn check(&mut self) -> Result<(), ArchiveError> {
        self.visit(|_, body| {
            io::copy(body, &mut io::sink())?;
            Ok(())
        })
    }

    /// Opens an archive that is a file of this one, held in memory. Archives within count against the limit of bytes
    /// of the outermost, and go [`Limits::depth`] levels deep.
    pub fn inner(
        &mut self,
        path: &str,
        most: u64,
    ) -> Result<Archive<Cursor<Vec<u8>>>, ArchiveError> {
        if self.limits.depth == 0 {
            return Err(ArchiveError::Nested(path.to_owned()));
        }
        let bytes = self.read(path, most)?;
        let limits = Limits {
            total: self.room,
            depth: self.limits.depth - 1,
            ..self.limits
        };
        let inner = Archive::open(Cursor::new(bytes), limits)?;
        self.room = inner.room;
        Ok(inner)
    }
}

/// Fills a buffer as far as the input goes.
fn read_up_to(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match input.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
            Err(cause) => return Err(cause),
        }
    }
    Ok(filled)
}

#[cfg(test)]
pub(crate) mod tests;
