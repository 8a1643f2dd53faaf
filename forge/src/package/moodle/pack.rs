//! A ZIP file (APPNOTE 6.3) written as its files come, their sizes after them; always the same bytes for the same files.

use std::io::{self, Read, Write};

use flate2::{Compression, Crc, write::DeflateEncoder};

/// Sizes follow the data; names are UTF-8.
const FLAGS: u16 = (1 << 3) | (1 << 11);
const NEEDED: u16 = 20;
/// Made by a Unix.
const MADE_BY: u16 = (3 << 8) | NEEDED;
const DEFLATED: u16 = 8;
/// 1980-01-01, the first day of MS-DOS: when a copy was made is nobody's business.
const DATE: u16 = (1 << 5) | 1;

pub(super) struct Pack<W: Write> {
    out: Counted<W>,
    /// The list of files, which comes last.
    list: Vec<u8>,
    files: u16,
}

/// Counts what is written.
struct Counted<W> {
    out: W,
    written: u64,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.written += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Gives to a file of the pack what is written, and sums it.
pub(super) struct Filling<'p, W: Write> {
    encoder: DeflateEncoder<&'p mut Counted<W>>,
    crc: Crc,
}

impl<W: Write> Write for Filling<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.encoder.write(bytes)?;
        self.crc.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<W: Write> Pack<W> {
    pub(super) fn new(out: W) -> Pack<W> {
        Pack {
            out: Counted { out, written: 0 },
            list: Vec::new(),
            files: 0,
        }
    }

    /// Adds a file, which `fill` writes.
    pub(super) fn file<E: From<io::Error>>(
        &mut self,
        path: &str,
        fill: impl FnOnce(&mut Filling<'_, W>) -> Result<(), E>,
    ) -> Result<(), E> {
        let at = self.at()?;
        let name = u16::try_from(path.len()).map_err(|_| too_large())?;
        let mut facts = Vec::with_capacity(26);
        for half in [NEEDED, FLAGS, DEFLATED, 0, DATE] {
            facts.extend(half.to_le_bytes());
        }
        self.out.write_all(b"PK\x03\x04")?;
        self.out.write_all(&facts)?;
        // Sum and sizes come later.
        self.out.write_all(&[0; 12])?;
        self.out.write_all(&name.to_le_bytes())?;
        self.out.write_all(&[0; 2])?;
        self.out.write_all(path.as_bytes())?;
        let (crc, sizes) = self.fill(fill)?;
        let mut sums = crc.to_le_bytes().to_vec();
        for size in sizes {
            let size = u32::try_from(size).map_err(|_| too_large())?;
            sums.extend(size.to_le_bytes());
        }
        self.out.write_all(b"PK\x07\x08")?;
        self.out.write_all(&sums)?;
        self.list.extend(b"PK\x01\x02");
        self.list.extend(MADE_BY.to_le_bytes());
        self.list.extend(&facts);
        self.list.extend(&sums);
        self.list.extend(name.to_le_bytes());
        // No extra field, no comment, first disk, no internal attributes.
        self.list.extend([0; 8]);
        self.list.extend((0o100_644_u32 << 16).to_le_bytes());
        self.list.extend(at.to_le_bytes());
        self.list.extend(path.as_bytes());
        self.files = self.files.checked_add(1).ok_or_else(too_large)?;
        Ok(())
    }

    /// The data of a file; its sum, and how many bytes they are packed and unpacked.
    fn fill<E: From<io::Error>>(
        &mut self,
        fill: impl FnOnce(&mut Filling<'_, W>) -> Result<(), E>,
    ) -> Result<(u32, [u64; 2]), E> {
        let mut filling = Filling {
            encoder: DeflateEncoder::new(&mut self.out, Compression::new(6)),
            crc: Crc::new(),
        };
        fill(&mut filling)?;
        filling.encoder.try_finish()?;
        let sizes = [filling.encoder.total_out(), filling.encoder.total_in()];
        Ok((filling.crc.sum(), sizes))
    }

    /// Writes the list of files.
    pub(super) fn finish(mut self) -> io::Result<()> {
        let at = self.at()?;
        let length = u32::try_from(self.list.len()).map_err(|_| too_large())?;
        let mut end = std::mem::take(&mut self.list);
        end.extend(b"PK\x05\x06\0\0\0\0");
        end.extend(self.files.to_le_bytes());
        end.extend(self.files.to_le_bytes());
        end.extend(length.to_le_bytes());
        end.extend(at.to_le_bytes());
        end.extend([0; 2]);
        self.out.write_all(&end)?;
        self.out.flush()
    }

    fn at(&self) -> io::Result<u32> {
        u32::try_from(self.out.written).map_err(|_| too_large())
    }
}

fn too_large() -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, "more than a ZIP file holds")
}

/// Copies a stream.
pub(super) fn copy(body: &mut dyn Read, out: &mut impl Write) -> io::Result<()> {
    io::copy(body, out).map(|_| ())
}
