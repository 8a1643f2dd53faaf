//! A ZIP file (APPNOTE 6.3), written from front to back, with the fields of 64 bits (4.3.14, 4.5.3) where a number needs
//! them, and only there.

use std::io::{self, Read, Write};

use flate2::{Compression, Crc, write::DeflateEncoder};

use super::{PIECE, copy};

/// Names are UTF-8.
const UTF8: u16 = 1 << 11;
/// Sizes and checksum stand behind the bytes.
const LATER: u16 = 1 << 3;
/// Made by a Unix, as of version 2.0; with fields of 64 bits, of version 4.5.
const UNIX: u16 = 3 << 8;
const PLAIN: u16 = 20;
const WIDE: u16 = 45;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;
/// Files up to this size are packed in memory first: their header tells sizes and checksum, which every reader likes better.
const MAX_WHOLE: u64 = 1 << 20;
/// Endings of what is packed already: packing it again takes time and gains nothing.
const PACKED: [&str; 26] = [
    "7z", "aac", "avif", "docx", "epub", "flac", "gif", "gz", "h5p", "imscc", "jpeg", "jpg", "m4a",
    "mbz", "mp3", "mp4", "odp", "ods", "odt", "ogg", "png", "pptx", "webm", "webp", "xlsx", "zip",
];

/// A ZIP file that is being written.
pub struct Zip<W> {
    out: W,
    at: u64,
    /// Day and time as MS-DOS writes them.
    date: u16,
    time: u16,
    /// The list of files, which comes last.
    list: Vec<u8>,
    files: u64,
    /// Numbers from this one on stand in fields of 64 bits.
    wide_from: u64,
    /// Counts from this one on do.
    many_from: u64,
}

/// What headers say of a file.
struct Facts<'a> {
    path: &'a str,
    program: bool,
    flags: u16,
    method: u16,
    crc: u32,
    packed: u64,
    size: u64,
    start: u64,
}

impl<W: Write> Zip<W> {
    /// `time`: seconds since 1970, taken as UTC, for every file.
    pub fn new(out: W, time: u64) -> Self {
        let (date, time) = dos(time);
        Self {
            out,
            at: 0,
            date,
            time,
            list: Vec::new(),
            files: 0,
            wide_from: 0xffff_ffff,
            many_from: 0xffff,
        }
    }

    /// As if the fields of 32 bits ended there, to try the others without writing 4 GiB.
    #[cfg(test)]
    pub(super) fn narrow(mut self, wide_from: u64, many_from: u64) -> Self {
        (self.wide_from, self.many_from) = (wide_from, many_from);
        self
    }

    /// Adds a file whose bytes are here.
    ///
    /// # Errors
    /// Writing fails, or the path is too long for the format.
    pub fn file(&mut self, path: &str, program: bool, bytes: &[u8]) -> io::Result<()> {
        let mut crc = Crc::new();
        crc.update(bytes);
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(6));
        encoder.write_all(bytes)?;
        let packed = encoder.finish()?;
        let (method, data) = match packed.len() < bytes.len() {
            true => (DEFLATED, &packed[..]),
            false => (STORED, bytes),
        };
        let facts = Facts {
            path,
            program,
            flags: UTF8,
            method,
            crc: crc.sum(),
            packed: data.len() as u64,
            size: bytes.len() as u64,
            start: self.at,
        };
        self.local(&facts, facts.size.max(facts.packed) >= self.wide_from)?;
        self.put(data)?;
        self.listed(&facts)
    }

    /// Adds a file whose bytes are read now, in pieces.
    ///
    /// # Errors
    /// Reading or writing fails, or there are not `size` bytes.
    pub fn stream(&mut self, path: &str, size: u64, from: &mut dyn Read) -> io::Result<()> {
        if size <= MAX_WHOLE.min(self.wide_from) {
            let mut bytes = Vec::with_capacity(size as usize);
            copy(from, size, |piece| {
                bytes.extend_from_slice(piece);
                Ok(())
            })?;
            return self.file(path, false, &bytes);
        }
        let ending = path.rsplit('.').next().unwrap_or_default();
        let level = match PACKED
            .iter()
            .any(|packed| ending.eq_ignore_ascii_case(packed))
        {
            true => Compression::none(),
            false => Compression::new(6),
        };
        let mut facts = Facts {
            path,
            program: false,
            flags: UTF8 | LATER,
            method: DEFLATED,
            crc: 0,
            packed: 0,
            size: 0,
            start: self.at,
        };
        // What does not pack grows by five bytes in 16 KiB at most: with room for that, no file that is told in 32
        // bits packs to more.
        let wide = size.saturating_add(size >> 8) >= self.wide_from;
        self.local(&facts, wide)?;
        let mut crc = Crc::new();
        let mut encoder = DeflateEncoder::new(Vec::with_capacity(2 * PIECE), level);
        let mut packed = 0;
        copy(from, size, |piece| {
            crc.update(piece);
            encoder.write_all(piece)?;
            let ready = encoder.get_mut();
            packed += ready.len() as u64;
            self.out.write_all(ready)?;
            ready.clear();
            Ok(())
        })?;
        let rest = encoder.finish()?;
        self.out.write_all(&rest)?;
        packed += rest.len() as u64;
        self.at += packed;
        (facts.crc, facts.packed, facts.size) = (crc.sum(), packed, size);
        let mut later = b"PK\x07\x08".to_vec();
        later.extend(facts.crc.to_le_bytes());
        for number in [packed, size] {
            match wide {
                true => later.extend(number.to_le_bytes()),
                false => later.extend(narrow(number)?.to_le_bytes()),
            }
        }
        self.put(&later)?;
        self.listed(&facts)
    }

    /// The header before a file. One whose sizes come later says in advance whether they have 64 bits.
    fn local(&mut self, facts: &Facts<'_>, wide: bool) -> io::Result<()> {
        let mut head = b"PK\x03\x04".to_vec();
        head.extend(if wide { WIDE } else { PLAIN }.to_le_bytes());
        self.common(facts, &mut head);
        let mut extra = Vec::new();
        for number in [facts.packed, facts.size] {
            match wide {
                true => head.extend(u32::MAX.to_le_bytes()),
                false => head.extend(narrow(number)?.to_le_bytes()),
            }
        }
        if wide {
            extra = field(&[facts.size, facts.packed]);
        }
        head.extend(short(facts.path.len())?.to_le_bytes());
        head.extend(short(extra.len())?.to_le_bytes());
        head.extend(facts.path.as_bytes());
        head.extend(extra);
        self.put(&head)
    }

    /// The fields that both headers have.
    fn common(&self, facts: &Facts<'_>, out: &mut Vec<u8>) {
        for half in [facts.flags, facts.method, self.time, self.date] {
            out.extend(half.to_le_bytes());
        }
        out.extend(facts.crc.to_le_bytes());
    }

    /// The line of a file in the list.
    fn listed(&mut self, facts: &Facts<'_>) -> io::Result<()> {
        let limit = self.wide_from;
        let numbers = [facts.size, facts.packed, facts.start];
        let wide: Vec<u64> = numbers.into_iter().filter(|n| *n >= limit).collect();
        let shown = |number: u64| match number >= limit {
            true => u32::MAX,
            false => number as u32,
        };
        let version = if wide.is_empty() { PLAIN } else { WIDE };
        let extra = match wide.is_empty() {
            true => Vec::new(),
            false => field(&wide),
        };
        let mut line = b"PK\x01\x02".to_vec();
        line.extend((UNIX | version).to_le_bytes());
        line.extend(version.to_le_bytes());
        self.common(facts, &mut line);
        line.extend(shown(facts.packed).to_le_bytes());
        line.extend(shown(facts.size).to_le_bytes());
        line.extend(short(facts.path.len())?.to_le_bytes());
        line.extend(short(extra.len())?.to_le_bytes());
        // No comment, first disk, no internal attributes.
        line.extend([0; 6]);
        let mode: u32 = if facts.program { 0o100_755 } else { 0o100_644 };
        line.extend((mode << 16).to_le_bytes());
        line.extend(shown(facts.start).to_le_bytes());
        line.extend(facts.path.as_bytes());
        line.extend(extra);
        self.list.extend(line);
        self.files += 1;
        Ok(())
    }

    /// Writes the list of files. The comment of a Git archive is the commit's id, as Git has it; others have none.
    ///
    /// # Errors
    /// Writing fails.
    pub fn finish(mut self, comment: &str) -> io::Result<W> {
        let (start, list) = (self.at, std::mem::take(&mut self.list));
        self.put(&list)?;
        let bytes = list.len() as u64;
        let limit = self.wide_from;
        let many = self.files >= self.many_from;
        let mut end = Vec::new();
        if many || start >= limit || bytes >= limit {
            let record = self.at;
            end.extend(b"PK\x06\x06");
            end.extend(44u64.to_le_bytes());
            end.extend((UNIX | WIDE).to_le_bytes());
            end.extend(WIDE.to_le_bytes());
            end.extend([0; 8]);
            for number in [self.files, self.files, bytes, start] {
                end.extend(number.to_le_bytes());
            }
            end.extend(b"PK\x06\x07\0\0\0\0");
            end.extend(record.to_le_bytes());
            end.extend(1u32.to_le_bytes());
        }
        end.extend(b"PK\x05\x06\0\0\0\0");
        let files = if many {
            u16::MAX
        } else {
            short(self.files as usize)?
        };
        end.extend(files.to_le_bytes());
        end.extend(files.to_le_bytes());
        for number in [bytes, start] {
            let shown = if number >= limit {
                u32::MAX
            } else {
                narrow(number)?
            };
            end.extend(shown.to_le_bytes());
        }
        end.extend(short(comment.len())?.to_le_bytes());
        end.extend(comment.as_bytes());
        self.put(&end)?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)?;
        self.at += bytes.len() as u64;
        Ok(())
    }
}

/// The extra field with numbers of 64 bits.
fn field(numbers: &[u64]) -> Vec<u8> {
    let mut field = 1u16.to_le_bytes().to_vec();
    // At most three numbers.
    field.extend((8 * numbers.len() as u16).to_le_bytes());
    for number in numbers {
        field.extend(number.to_le_bytes());
    }
    field
}

fn short(length: usize) -> io::Result<u16> {
    u16::try_from(length).map_err(|_| too_large())
}

fn narrow(number: u64) -> io::Result<u32> {
    u32::try_from(number).map_err(|_| too_large())
}

fn too_large() -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, "more than a ZIP file holds")
}

/// Date and time of MS-DOS: from 1980 to 2107, in steps of two seconds.
fn dos(seconds: u64) -> (u16, u16) {
    const FIRST: u64 = 315_532_800; // 1980-01-01
    const LAST: u64 = 4_354_819_198; // 2107-12-31 23:59:58
    let seconds = seconds.clamp(FIRST, LAST);
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // Days since 1970 as a date of the Gregorian calendar, whose years begin in March here.
    let z = days + 719_468;
    let (era, day) = (z / 146_097, z % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let date = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + u64::from(month <= 2);
    let date = ((year - 1980) << 9) | (month << 5) | date;
    let time = ((rest / 3_600) << 11) | ((rest / 60 % 60) << 5) | (rest % 60 / 2);
    (date as u16, time as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        let day = |y: u16, m: u16, d: u16| ((y - 1980) << 9) | (m << 5) | d;
        assert_eq!(dos(0), (day(1980, 1, 1), 0));
        assert_eq!(
            dos(951_827_696),
            (day(2000, 2, 29), (12 << 11) | (34 << 5) | 28)
        );
        assert_eq!(
            dos(1_700_000_000),
            (day(2023, 11, 14), (22 << 11) | (13 << 5) | 10)
        );
        assert_eq!(
            dos(u64::MAX),
            (day(2107, 12, 31), (23 << 11) | (59 << 5) | 29)
        );
    }
}
