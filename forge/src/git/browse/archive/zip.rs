//! A ZIP file (APPNOTE 6.3), written from front to back, without the extensions for more than 4 GiB: the limits of
//! an archive are below that.

use std::io::{self, Write};

use flate2::{Compression, Crc, write::DeflateEncoder};

/// Names are UTF-8.
const UTF8: u16 = 1 << 11;
/// Made by a Unix, as of version 2.0.
const MADE_BY: u16 = (3 << 8) | 20;
const NEEDED: u16 = 20;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;

pub(super) struct Zip<W> {
    out: W,
    at: u32,
    /// Day and time as MS-DOS writes them.
    date: u16,
    time: u16,
    /// The list of files, which comes last.
    list: Vec<u8>,
    files: u16,
}

impl<W: Write> Zip<W> {
    /// `time`: seconds since 1970, taken as UTC, for every file.
    pub(super) fn new(out: W, time: u64) -> Self {
        let (date, time) = dos(time);
        Self {
            out,
            at: 0,
            date,
            time,
            list: Vec::new(),
            files: 0,
        }
    }

    pub(super) fn file(&mut self, path: &str, program: bool, bytes: &[u8]) -> io::Result<()> {
        let mut crc = Crc::new();
        crc.update(bytes);
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(6));
        encoder.write_all(bytes)?;
        let packed = encoder.finish()?;
        let (method, data) = match packed.len() < bytes.len() {
            true => (DEFLATED, &packed[..]),
            false => (STORED, bytes),
        };
        let mut facts = Vec::with_capacity(26);
        for half in [NEEDED, UTF8, method, self.time, self.date] {
            facts.extend(half.to_le_bytes());
        }
        for word in [crc.sum(), fits(data.len())?, fits(bytes.len())?] {
            facts.extend(word.to_le_bytes());
        }
        let name = u16::try_from(path.len()).map_err(|_| too_large())?;
        facts.extend(name.to_le_bytes());
        facts.extend(0u16.to_le_bytes());

        let start = self.at;
        self.put(b"PK\x03\x04")?;
        self.put(&facts)?;
        self.put(path.as_bytes())?;
        self.put(data)?;

        let mode: u32 = if program { 0o100_755 } else { 0o100_644 };
        self.list.extend(b"PK\x01\x02");
        self.list.extend(MADE_BY.to_le_bytes());
        self.list.extend(&facts);
        // No comment, first disk, no internal attributes.
        self.list.extend([0; 6]);
        self.list.extend((mode << 16).to_le_bytes());
        self.list.extend(start.to_le_bytes());
        self.list.extend(path.as_bytes());
        self.files = self.files.checked_add(1).ok_or_else(too_large)?;
        Ok(())
    }

    /// Writes the list of files; the comment is the commit's id, as Git has it.
    pub(super) fn finish(mut self, comment: &str) -> io::Result<()> {
        let (start, list) = (self.at, std::mem::take(&mut self.list));
        self.put(&list)?;
        let mut end = b"PK\x05\x06\0\0\0\0".to_vec();
        end.extend(self.files.to_le_bytes());
        end.extend(self.files.to_le_bytes());
        end.extend(fits(list.len())?.to_le_bytes());
        end.extend(start.to_le_bytes());
        end.extend((comment.len() as u16).to_le_bytes());
        end.extend(comment.as_bytes());
        self.put(&end)?;
        self.out.flush()
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)?;
        self.at = self
            .at
            .checked_add(fits(bytes.len())?)
            .ok_or_else(too_large)?;
        Ok(())
    }
}

fn fits(length: usize) -> io::Result<u32> {
    u32::try_from(length).map_err(|_| too_large())
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
