//! A tar file (POSIX.1-2001, pax), and the gzip member (RFC 1952) around it without a time or a system's name.

use std::io::{self, Read, Write};

use flate2::{Compression, GzBuilder, write::GzEncoder};

use super::copy;

const BLOCK: usize = 512;
/// The largest number of eleven octal digits, which is what a field holds.
const MAX_FIELD: u64 = 0o77_777_777_777;

/// A tar file that is being written.
pub struct Tar<W: Write> {
    out: W,
    time: u64,
}

/// The gzip member that a tar file goes into.
pub fn gzip<W: Write>(out: W) -> GzEncoder<W> {
    // 255: no system is named.
    GzBuilder::new()
        .mtime(0)
        .operating_system(255)
        .write(out, Compression::new(6))
}

impl<W: Write> Tar<W> {
    /// `time`: seconds since 1970, for every file. `comment` goes before the first file: of a Git archive it is the commit's
    /// id, which `git get-tar-commit-id` reads.
    ///
    /// # Errors
    /// Writing fails.
    pub fn new(out: W, time: u64, comment: Option<&str>) -> io::Result<Self> {
        let time = time.min(MAX_FIELD);
        let mut tar = Self { out, time };
        if let Some(comment) = comment {
            tar.whole(
                "pax_global_header",
                b'g',
                0o666,
                &record("comment", comment),
            )?;
        }
        Ok(tar)
    }

    /// Adds a file whose bytes are here.
    ///
    /// # Errors
    /// Writing fails.
    pub fn file(&mut self, path: &str, program: bool, bytes: &[u8]) -> io::Result<()> {
        self.long(path, bytes.len() as u64)?;
        let mode = if program { 0o755 } else { 0o644 };
        self.whole(path, b'0', mode, bytes)
    }

    /// Adds a file whose bytes are read now.
    ///
    /// # Errors
    /// Reading or writing fails, or there are not `size` bytes.
    pub fn stream(&mut self, path: &str, size: u64, from: &mut dyn Read) -> io::Result<()> {
        self.long(path, size)?;
        self.header(path, b'0', 0o644, size)?;
        copy(from, size, |piece| self.out.write_all(piece))?;
        self.fill(size)
    }

    /// Writes the end, and gives back what it was written to.
    ///
    /// # Errors
    /// Writing fails.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.write_all(&[0; 2 * BLOCK])?;
        self.out.flush()?;
        Ok(self.out)
    }

    /// What the old header has no room for.
    fn long(&mut self, path: &str, size: u64) -> io::Result<()> {
        let mut records = Vec::new();
        if path.len() > 100 || !path.is_ascii() {
            records.extend(record("path", path));
        }
        if size > MAX_FIELD {
            records.extend(record("size", &size.to_string()));
        }
        match records.is_empty() {
            true => Ok(()),
            false => self.whole("pax_header", b'x', 0o644, &records),
        }
    }

    fn whole(&mut self, name: &str, kind: u8, mode: u32, bytes: &[u8]) -> io::Result<()> {
        self.header(name, kind, mode, bytes.len() as u64)?;
        self.out.write_all(bytes)?;
        self.fill(bytes.len() as u64)
    }

    fn header(&mut self, name: &str, kind: u8, mode: u32, size: u64) -> io::Result<()> {
        let mut header = [0u8; BLOCK];
        let mut put = |at: usize, text: &[u8]| header[at..at + text.len()].copy_from_slice(text);
        let short = &name.as_bytes()[..name.len().min(100)];
        put(0, short);
        put(100, format!("{mode:07o}").as_bytes());
        put(108, b"0000000");
        put(116, b"0000000");
        // What is larger stands in a record before.
        let size = if size > MAX_FIELD { 0 } else { size };
        put(124, format!("{size:011o}").as_bytes());
        put(136, format!("{:011o}", self.time).as_bytes());
        put(148, b"        ");
        put(156, &[kind]);
        put(257, b"ustar\x0000");
        put(265, b"root");
        put(297, b"root");
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        self.out.write_all(&header)
    }

    fn fill(&mut self, size: u64) -> io::Result<()> {
        let rest = (size % BLOCK as u64) as usize;
        match rest {
            0 => Ok(()),
            rest => self.out.write_all(&[0; BLOCK][rest..]),
        }
    }
}

/// `LENGTH KEY=VALUE\n`, the length counting its own digits.
fn record(key: &str, value: &str) -> Vec<u8> {
    let rest = key.len() + value.len() + 3;
    let mut length = rest + 1;
    while length.to_string().len() + rest != length {
        length = length.to_string().len() + rest;
    }
    format!("{length} {key}={value}\n").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_of_a_record_counts_its_own_digits() {
        assert_eq!(record("path", "x"), b"9 path=x\n");
        let long = record("path", &"x".repeat(90));
        assert!(long.starts_with(b"99 path=") && long.len() == 99);
        let longer = record("path", &"x".repeat(91));
        assert!(longer.starts_with(b"101 path=") && longer.len() == 101);
    }
}
