//! A tar file (POSIX.1-2001, pax) in a gzip member (RFC 1952) without a time or a system's name.

use std::io::{self, Write};

use flate2::{Compression, GzBuilder, write::GzEncoder};

const BLOCK: usize = 512;

pub(super) struct Tar<W: Write> {
    out: GzEncoder<W>,
    time: u64,
}

impl<W: Write> Tar<W> {
    /// `time`: seconds since 1970, for every file. The comment is the commit's id: `git get-tar-commit-id` reads it.
    pub(super) fn new(out: W, time: u64, comment: &str) -> io::Result<Self> {
        // 255: no system is named.
        let out = GzBuilder::new()
            .mtime(0)
            .operating_system(255)
            .write(out, Compression::new(6));
        // The field has eleven octal digits.
        let time = time.min(0o77_777_777_777);
        let mut tar = Self { out, time };
        let record = record("comment", comment);
        tar.entry("pax_global_header", b'g', 0o666, &record)?;
        Ok(tar)
    }

    pub(super) fn file(&mut self, path: &str, program: bool, bytes: &[u8]) -> io::Result<()> {
        if path.len() > 100 || !path.is_ascii() {
            self.entry("pax_header", b'x', 0o644, &record("path", path))?;
        }
        let mode = if program { 0o755 } else { 0o644 };
        self.entry(path, b'0', mode, bytes)
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        self.out.write_all(&[0; 2 * BLOCK])?;
        self.out.finish()?.flush()
    }

    fn entry(&mut self, name: &str, kind: u8, mode: u32, bytes: &[u8]) -> io::Result<()> {
        let mut header = [0u8; BLOCK];
        let mut put = |at: usize, text: &[u8]| header[at..at + text.len()].copy_from_slice(text);
        let short = &name.as_bytes()[..name.len().min(100)];
        put(0, short);
        put(100, format!("{mode:07o}").as_bytes());
        put(108, b"0000000");
        put(116, b"0000000");
        put(124, format!("{:011o}", bytes.len()).as_bytes());
        put(136, format!("{:011o}", self.time).as_bytes());
        put(148, b"        ");
        put(156, &[kind]);
        put(257, b"ustar\x0000");
        put(265, b"root");
        put(297, b"root");
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        self.out.write_all(&header)?;
        self.out.write_all(bytes)?;
        let rest = bytes.len() % BLOCK;
        if rest > 0 {
            self.out.write_all(&[0; BLOCK][rest..])?;
        }
        Ok(())
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
