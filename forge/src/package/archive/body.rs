//! The bytes of entries, counted and checked as they come.

use std::io::{self, BufReader, Read, Seek, SeekFrom, Take};

use flate2::Crc;
use flate2::bufread::{DeflateDecoder, MultiGzDecoder};

use super::error::ArchiveError;
use super::limits::Limits;
use super::{Entry, Place};

/// One file's bytes. At the end, length and checksum are compared with what the archive says.
pub struct Body<'a, R: Read> {
    from: From<'a, R>,
    /// What is left to come.
    left: u64,
    path: String,
}

enum From<'a, R: Read> {
    Stored(Take<&'a mut R>, Sum),
    Deflated(DeflateDecoder<BufReader<Take<&'a mut R>>>, Sum, u64),
    Tar(Box<Gzip<'a, R>>),
}

/// The checksum so far, and the one that must come out.
struct Sum {
    crc: Crc,
    must: u32,
}

pub(super) fn open<'a, R: Read + Seek>(
    input: &'a mut R,
    entry: &Entry,
    limits: &Limits,
) -> Result<Body<'a, R>, ArchiveError> {
    let from = match entry.place {
        Place::Zip {
            at,
            packed,
            deflated,
            crc,
        } => {
            input.seek(SeekFrom::Start(at))?;
            let raw = input.take(packed);
            let sum = Sum {
                crc: Crc::new(),
                must: crc,
            };
            if deflated {
                From::Deflated(DeflateDecoder::new(BufReader::new(raw)), sum, packed)
            } else {
                From::Stored(raw, sum)
            }
        }
        Place::Tar { at } => {
            let mut gzip = Gzip::new(input, limits)?;
            gzip.skip_to(at)?;
            From::Tar(Box::new(gzip))
        }
    };
    Ok(Body {
        from,
        left: entry.size,
        path: entry.path.clone(),
    })
}

impl<R: Read> Read for Body<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let read = match &mut self.from {
            From::Stored(raw, sum) => sum.count(raw.read(buffer)?, buffer),
            From::Deflated(raw, sum, _) => sum.count(raw.read(buffer)?, buffer),
            From::Tar(gzip) => {
                let most = buffer
                    .len()
                    .min(usize::try_from(self.left).unwrap_or(usize::MAX));
                gzip.read(&mut buffer[..most])?
            }
        };
        if read as u64 > self.left {
            return Err(self.fault("is longer than the archive says"));
        }
        self.left -= read as u64;
        if read == 0 {
            self.end()?;
        }
        Ok(read)
    }
}

impl<R: Read> Body<'_, R> {
    fn end(&self) -> io::Result<()> {
        if self.left > 0 {
            return Err(self.fault("is shorter than the archive says"));
        }
        let sum = match &self.from {
            From::Tar(_) => return Ok(()),
            From::Stored(_, sum) => sum,
            From::Deflated(raw, sum, packed) => {
                if raw.total_in() != *packed {
                    return Err(self.fault("is followed by bytes that no program shows"));
                }
                sum
            }
        };
        if sum.crc.sum() == sum.must {
            Ok(())
        } else {
            Err(
                ArchiveError::malformed(format!("{:?} does not have its checksum", self.path))
                    .into(),
            )
        }
    }

    fn fault(&self, what: &str) -> io::Error {
        ArchiveError::inconsistent(format!("{:?} {what}", self.path)).into()
    }
}

impl Sum {
    fn count(&mut self, read: usize, buffer: &[u8]) -> usize {
        self.crc.update(&buffer[..read]);
        read
    }
}

/// The unpacked stream of a gzipped tar, with its place and its limits.
pub(super) struct Gzip<'a, R: Read> {
    stream: MultiGzDecoder<BufReader<Counted<&'a mut R>>>,
    at: u64,
    limits: Limits,
}

impl<'a, R: Read + Seek> Gzip<'a, R> {
    pub(super) fn new(input: &'a mut R, limits: &Limits) -> io::Result<Gzip<'a, R>> {
        input.seek(SeekFrom::Start(0))?;
        Ok(Gzip {
            stream: MultiGzDecoder::new(BufReader::new(Counted { input, read: 0 })),
            at: 0,
            limits: *limits,
        })
    }
}

impl<R: Read> Gzip<'_, R> {
    /// Bytes unpacked so far.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    /// Unpacks into nothing up to a place.
    pub(super) fn skip_to(&mut self, place: u64) -> io::Result<()> {
        let skip = place.saturating_sub(self.at);
        let skipped = io::copy(&mut self.by_ref().take(skip), &mut io::sink())?;
        if skipped == skip {
            Ok(())
        } else {
            Err(io::ErrorKind::UnexpectedEof.into())
        }
    }

    /// An entry's bytes, from where the stream stands.
    pub(super) fn part(&mut self, entry: &Entry) -> Part<'_, Self> {
        Part {
            stream: self,
            left: entry.size,
        }
    }
}

impl<R: Read> Read for Gzip<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.stream.read(buffer)?;
        self.at += read as u64;
        // A header of 512 bytes and as much padding, and perhaps a long name, for each entry.
        let most = self
            .limits
            .total
            .saturating_add(self.limits.entries as u64 * 2048 + (64 << 10));
        if self.at > most {
            let what = "the archive".to_owned();
            let most = self.limits.total;
            return Err(ArchiveError::TooLarge { what, most }.into());
        }
        if self
            .limits
            .is_bomb(self.at, self.stream.get_ref().get_ref().read)
        {
            return Err(ArchiveError::Bomb(self.limits.ratio).into());
        }
        Ok(read)
    }
}

/// Part of a stream, which must be there to its end.
pub(super) struct Part<'a, S> {
    stream: &'a mut S,
    left: u64,
}

impl<S: Read> Read for Part<'_, S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer
            .len()
            .min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let read = self.stream.read(&mut buffer[..most])?;
        if read == 0 && most > 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left -= read as u64;
        Ok(read)
    }
}

/// Counts what was read.
struct Counted<R> {
    input: R,
    read: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.read += read as u64;
        Ok(read)
    }
}
