//! A blob that is coming: each piece is verified before it is written, in its place.

use std::{
    fs::{File, OpenOptions},
    io,
    ops::Range,
    os::unix::fs::FileExt as _,
    path::Path,
    sync::Arc,
};

use commun_specs::id::ContentHash;

use super::{
    Ahead, Stacks, failed,
    pieces::{PIECE, Pieces},
};
use crate::blobs::Error;

/// Bytes of a block: what is written past the cache of the system begins and ends with one, in memory and in the file. No disk in use has
/// larger ones.
pub(in crate::blobs) const BLOCK: usize = 4 << 10;

/// A part that is being added to; what it does blocks.
pub(in crate::blobs) struct Part {
    file: File,
    /// The same past the cache, where the file system can do that. Copying what comes into the cache, from which the disk then takes it,
    /// costs the processor more than hashing it, and drives out of the cache what people read.
    direct: Option<File>,
    hash: ContentHash,
    known: Option<Known>,
    ahead: Ahead,
    /// Some of its bytes may not be on the disk, though they can be read.
    lost: bool,
}

/// What is known of a part.
struct Known {
    pieces: Arc<Pieces>,
    /// Which pieces are here.
    here: Vec<bool>,
}

/// Bytes do not match.
#[derive(Debug)]
pub(in crate::blobs) struct Wrong;

impl Stacks {
    /// The part of a blob, empty if there is none; what it has is hashed. One that grows at a time, or what one writes the
    /// other does not know of.
    pub(in crate::blobs) fn part(&self, hash: &ContentHash) -> Result<Part, Error> {
        let path = self.named(hash, "part");
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let file = options.open(&path).map_err(failed("open", &path))?;
        let direct = past_the_cache(&path);
        let mut part = Part {
            file,
            direct,
            hash: *hash,
            known: None,
            ahead: Ahead::default(),
            lost: false,
        };
        if let Some(pieces) = self.list(hash) {
            part.look(pieces).map_err(failed("read", &path))?;
        }
        Ok(part)
    }

    /// Takes the list that a peer gave. Gives back whether it is another one than was known.
    pub(in crate::blobs) fn adopt(&self, part: &mut Part, pieces: Pieces) -> Result<bool, Error> {
        if part.known.as_ref().is_some_and(|k| *k.pieces == pieces) {
            return Ok(false);
        }
        self.note(&pieces)?;
        let path = self.named(&part.hash, "part");
        part.look(pieces).map_err(failed("read", &path))?;
        Ok(true)
    }

    /// Waits until a part is on the disk.
    ///
    /// # Errors
    /// The disk; or it is not whole.
    pub(in crate::blobs) fn finish(&self, part: &mut Part) -> Result<Arc<Pieces>, Error> {
        let path = self.named(&part.hash, "part");
        let known = part.known.as_ref().filter(|k| k.here.iter().all(|h| *h));
        let Some(known) = known else {
            return Err(Error::NotHeld(part.hash));
        };
        let ahead = part.ahead.finish();
        // It may be longer, by what another list promised.
        let synced = ahead
            .and_then(|()| part.file.set_len(known.pieces.size()))
            .and_then(|()| part.file.sync_all());
        part.lost |= synced.is_err();
        synced.map_err(failed("write", &path))?;
        self.remember(&known.pieces);
        Ok(known.pieces.clone())
    }

    /// Gives a part that is whole its name.
    ///
    /// # Errors
    /// The disk; or it was erased meanwhile.
    pub(in crate::blobs) fn promote(&self, pieces: &Pieces) -> Result<(), Error> {
        let to = self.data(pieces.hash());
        std::fs::rename(self.named(pieces.hash(), "part"), &to).map_err(failed("move", &to))
    }

    /// Whether a part of a blob is here.
    pub(in crate::blobs) fn is_coming(&self, hash: &ContentHash) -> bool {
        self.named(hash, "part").exists()
    }
}

impl Part {
    /// Looks which pieces of these are here.
    fn look(&mut self, pieces: Pieces) -> io::Result<()> {
        let len = self.file.metadata()?.len();
        let mut here = vec![false; usize::try_from(pieces.count()).unwrap_or(0)];
        let mut buffer = vec![0; PIECE as usize];
        for (n, here) in (0..).zip(&mut here) {
            let range = pieces.range(n);
            if range.end > len {
                break;
            }
            let bytes = &mut buffer[..(range.end - range.start) as usize];
            self.file.read_exact_at(bytes, range.start)?;
            *here = pieces.are(n, bytes);
        }
        let pieces = Arc::new(pieces);
        self.known = Some(Known { pieces, here });
        Ok(())
    }

    /// The first stretch of bytes that is missing; everything where nothing is known, nothing if it is whole.
    pub(in crate::blobs) fn missing(&self) -> Option<Range<u64>> {
        let Some(known) = &self.known else {
            return Some(0..u64::MAX);
        };
        let from = known.here.iter().position(|here| !here)?;
        let missing = known.here[from..].iter().take_while(|here| !*here);
        let to = from + missing.count();
        let (from, to) = (from as u64 * PIECE, to as u64 * PIECE);
        Some(from..to.min(known.pieces.size()))
    }

    /// Writes what stands at an offset, one of a piece; the bytes are whole pieces. Those before the first that is wrong are
    /// written.
    pub(in crate::blobs) fn write(
        &mut self,
        offset: u64,
        bytes: &[u8],
    ) -> io::Result<Result<(), Wrong>> {
        let Some(known) = &self.known else {
            return Ok(Err(Wrong));
        };
        let pieces = known.pieces.clone();
        let mut good = 0;
        let mut numbers = offset / PIECE..;
        let mut came = Vec::new();
        for (n, piece) in numbers.by_ref().zip(bytes.chunks(PIECE as usize)) {
            if !pieces.are(n, piece) {
                break;
            }
            good += piece.len();
            came.push(n);
        }
        self.put(&bytes[..good], offset)?;
        let Some(known) = &mut self.known else {
            return Ok(Err(Wrong));
        };
        for n in came {
            if let Some(here) = usize::try_from(n).ok().and_then(|n| known.here.get_mut(n)) {
                *here = true;
            }
        }
        Ok(if good == bytes.len() {
            Ok(())
        } else {
            Err(Wrong)
        })
    }

    /// Writes bytes in their place.
    fn put(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let of_blocks = bytes.as_ptr().align_offset(BLOCK) == 0
            && bytes.len().is_multiple_of(BLOCK)
            && offset.is_multiple_of(BLOCK as u64);
        if let Some(direct) = self.direct.as_ref().filter(|_| of_blocks) {
            match direct.write_all_at(bytes, offset) {
                Ok(()) => return Ok(()),
                // Some file systems open a file so and then refuse each write, for reasons of their own. What is wrong with
                // the disk itself is told once more below.
                Err(_) => self.direct = None,
            }
        }
        self.file.write_all_at(bytes, offset)?;
        let ahead = self.ahead.wrote(&self.file, bytes.len() as u64);
        self.lost |= ahead.is_err();
        ahead
    }
}

/// Opens a file that is there, to be written past the cache, if that can be done.
fn past_the_cache(path: &Path) -> Option<File> {
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        let mut options = OpenOptions::new();
        options.write(true).custom_flags(libc::O_DIRECT);
        options.open(path).ok()
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = path;
        None
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        self.lost |= self.ahead.finish().is_err();
        if self.lost
            && let Err(error) = self.file.set_len(0)
        {
            tracing::warn!("what may not be on the disk cannot be taken back: {error}");
        }
    }
}
