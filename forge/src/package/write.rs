//! The one writer of archives: ZIP and tar, from front to back, one piece in memory at a time.
//!
//! The same members give the same bytes on every node that runs the same release: their order is the caller's, their time
//! is given, the level of compression is fixed, and nothing of the machine goes in. What a member holds is either here or
//! is read while it is written ([`Bytes::Kept`]), so that an archive of any size takes the memory of one piece.

mod tar;
mod zip;

use std::io::{self, Read, Write};

pub use tar::{Tar, gzip};
pub use zip::Zip;

/// Bytes that are read and written at once.
pub(crate) const PIECE: usize = 64 << 10;

/// What a member holds. `K` is the caller's name for bytes that are elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bytes<K> {
    /// These.
    Here(Vec<u8>),
    /// Those of this name, so many of them.
    Kept(K, u64),
}

impl<K> Bytes<K> {
    /// How many there are.
    pub fn len(&self) -> u64 {
        match self {
            Bytes::Here(bytes) => bytes.len() as u64,
            Bytes::Kept(_, size) => *size,
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// One file of a package that is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member<K> {
    /// Where, with `/` between the names.
    pub path: String,
    /// What.
    pub bytes: Bytes<K>,
}

impl<K> Member<K> {
    /// A member whose bytes are here.
    pub fn here(path: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            path: path.into(),
            bytes: Bytes::Here(bytes.into()),
        }
    }
}

/// Opens what is kept elsewhere.
pub trait Keeper<K> {
    /// The bytes of a name.
    ///
    /// # Errors
    /// They are not there, or cannot be read.
    fn open(&mut self, name: &K) -> io::Result<Box<dyn Read + '_>>;
}

/// Nothing is kept elsewhere.
impl<K> Keeper<K> for () {
    fn open(&mut self, _: &K) -> io::Result<Box<dyn Read + '_>> {
        Err(io::ErrorKind::NotFound.into())
    }
}

/// Where members go.
pub trait Sink {
    /// Adds a file of `size` bytes, which are read from `from`.
    ///
    /// # Errors
    /// Reading or writing fails, or there are more or fewer bytes than `size`.
    fn add(&mut self, path: &str, size: u64, from: &mut dyn Read) -> io::Result<()>;
}

/// Writes members in their order.
///
/// # Errors
/// Reading or writing fails.
pub fn members<K>(
    all: &[Member<K>],
    keeper: &mut dyn Keeper<K>,
    sink: &mut dyn Sink,
) -> io::Result<()> {
    for member in all {
        match &member.bytes {
            Bytes::Here(bytes) => sink.add(&member.path, bytes.len() as u64, &mut &bytes[..])?,
            Bytes::Kept(name, size) => {
                let mut from = keeper.open(name)?;
                sink.add(&member.path, *size, &mut from)?;
            }
        }
    }
    Ok(())
}

/// Copies exactly `size` bytes in pieces, and shows each piece.
pub(crate) fn copy(
    from: &mut dyn Read,
    size: u64,
    mut each: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let mut piece = vec![0; PIECE];
    let mut left = size;
    loop {
        let count = match from.read(&mut piece) {
            Ok(count) => count,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        if count == 0 {
            break;
        }
        left = left.checked_sub(count as u64).ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidData, "a file is longer than it was")
        })?;
        each(&piece[..count])?;
    }
    match left {
        0 => Ok(()),
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

impl<W: Write> Sink for Zip<W> {
    fn add(&mut self, path: &str, size: u64, from: &mut dyn Read) -> io::Result<()> {
        self.stream(path, size, from)
    }
}

impl<W: Write> Sink for Tar<W> {
    fn add(&mut self, path: &str, size: u64, from: &mut dyn Read) -> io::Result<()> {
        self.stream(path, size, from)
    }
}

#[cfg(test)]
mod tests;
