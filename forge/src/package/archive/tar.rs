//! The list of entries of a gzipped tar file: ustar (POSIX.1-1988), pax (POSIX.1-2001) and GNU's long names.

use std::io::{Read, Seek};

use super::body::Gzip;
use super::error::ArchiveError;
use super::limits::{Limits, MAX_TAR_HEADER_BYTES};
use super::name::{self, Names, refused, short};
use super::{Entry, Place, read_up_to};

const BLOCK: usize = 512;

/// Unpacks all into nothing and notes where each entry begins.
pub(super) fn index<R: Read + Seek>(
    input: &mut R,
    limits: &Limits,
) -> Result<Vec<Entry>, ArchiveError> {
    let mut stream = Gzip::new(input, limits)?;
    let mut names = Names::default();
    let mut entries = Vec::new();
    let mut total = 0u64;
    let mut next = Next::default();
    let mut headers = 0;
    while let Some(header) = Header::read(&mut stream)? {
        headers += 1;
        // Each entry may have two headers about it.
        if entries.len() >= limits.entries || headers > 3 * limits.entries {
            return Err(ArchiveError::TooMany(limits.entries));
        }
        match header.kind {
            b'L' => next.name = Some(text(about(&mut stream, header.size)?)),
            b'x' => next.pax(&about(&mut stream, header.size)?)?,
            // About all entries: only a comment is.
            b'g' => {
                let mut global = Next::default();
                global.pax(&about(&mut stream, header.size)?)?;
                if global.name.is_some() || global.size.is_some() {
                    return Err(ArchiveError::inconsistent(
                        "one name or size is given for all files",
                    ));
                }
            }
            kind => {
                let Next { name, size } = std::mem::take(&mut next);
                let raw = name.unwrap_or(header.name);
                let name = String::from_utf8(raw).map_err(|e| {
                    refused(
                        &String::from_utf8_lossy(e.as_bytes()),
                        "has a name that is not UTF-8",
                    )
                })?;
                let says_folder = special(kind, &name)?;
                let size = size.unwrap_or(header.size);
                let at = stream.at();
                if let Some((path, slash)) = name::clean(&name)? {
                    let folder = says_folder || slash;
                    if folder && size > 0 {
                        return Err(ArchiveError::inconsistent(format!(
                            "the folder {:?} has bytes",
                            short(&name)
                        )));
                    }
                    names.add(&path, folder)?;
                    let place = Place::Tar { at };
                    entries.push(Entry {
                        path,
                        size,
                        folder,
                        place,
                    });
                }
                total = total.saturating_add(size);
                if total > limits.total {
                    let what = "the archive".to_owned();
                    let most = limits.total;
                    return Err(ArchiveError::TooLarge { what, most });
                }
                stream.skip_to(at.saturating_add(padded(size)))?;
            }
        }
    }
    finish(&mut stream)?;
    Ok(entries)
}

/// Whether an entry says that it is a folder; an error when it is neither that nor a file.
fn special(kind: u8, name: &str) -> Result<bool, ArchiveError> {
    let what = match kind {
        0 | b'0' | b'7' => return Ok(false),
        b'5' => return Ok(true),
        b'1' => "a hard link",
        b'2' | b'K' => "a symbolic link",
        b'3' | b'4' => "a device",
        b'6' => "a named pipe",
        b'S' => "a sparse file",
        _ => "of an unknown kind",
    };
    let name = short(name);
    Err(ArchiveError::SpecialFile { name, what })
}

/// What headers say of the entry that follows.
#[derive(Default)]
struct Next {
    name: Option<Vec<u8>>,
    size: Option<u64>,
}

impl Next {
    /// Records `LENGTH KEY=VALUE\n`.
    fn pax(&mut self, mut records: &[u8]) -> Result<(), ArchiveError> {
        let wrong = || ArchiveError::malformed("a pax header is not valid");
        while !records.is_empty() {
            let space = records
                .iter()
                .take(8)
                .position(|byte| *byte == b' ')
                .ok_or_else(wrong)?;
            let length: usize = number(&records[..space], 10)
                .ok_or_else(wrong)?
                .try_into()
                .map_err(|_| wrong())?;
            let record = records.get(space + 1..length).ok_or_else(wrong)?;
            let record = record.strip_suffix(b"\n").ok_or_else(wrong)?;
            let equals = record
                .iter()
                .position(|byte| *byte == b'=')
                .ok_or_else(wrong)?;
            let (key, value) = (&record[..equals], &record[equals + 1..]);
            match key {
                b"path" => self.name = Some(value.to_vec()),
                b"size" => self.size = Some(number(value, 10).ok_or_else(wrong)?),
                _ if key.starts_with(b"GNU.sparse.") => {
                    let name = String::from_utf8_lossy(self.name.as_deref().unwrap_or_default())
                        .into_owned();
                    let what = "a sparse file";
                    return Err(ArchiveError::SpecialFile {
                        name: short(&name),
                        what,
                    });
                }
                _ => {}
            }
            records = &records[length..];
        }
        Ok(())
    }
}

struct Header {
    name: Vec<u8>,
    size: u64,
    kind: u8,
}

impl Header {
    /// The next header; nothing at the end.
    fn read(stream: &mut impl Read) -> Result<Option<Header>, ArchiveError> {
        let mut block = [0; BLOCK];
        match read_up_to(stream, &mut block)? {
            0 => return Ok(None),
            BLOCK => {}
            _ => return Err(ArchiveError::malformed("it ends too early")),
        }
        if block == [0; BLOCK] {
            return Ok(None);
        }
        let sum: u64 = block
            .iter()
            .enumerate()
            .map(|(at, byte)| {
                if (148..156).contains(&at) {
                    32
                } else {
                    u64::from(*byte)
                }
            })
            .sum();
        if octal(&block[148..156]) != Some(sum) {
            return Err(ArchiveError::malformed(
                "what was compressed is not a tar file, or is damaged",
            ));
        }
        let size = octal(&block[124..136])
            .ok_or_else(|| ArchiveError::malformed("the size of an entry is not a number"))?;
        let mut name = text(block[..100].to_vec());
        let prefix = text(block[345..500].to_vec());
        // GNU's format has other things at that place.
        if &block[257..263] == b"ustar\0" && !prefix.is_empty() {
            name = [prefix, vec![b'/'], name].concat();
        }
        let kind = block[156];
        Ok(Some(Header { name, size, kind }))
    }
}

/// The bytes of a header about the next entry.
fn about<R: Read>(stream: &mut Gzip<'_, R>, size: u64) -> Result<Vec<u8>, ArchiveError> {
    if size > MAX_TAR_HEADER_BYTES {
        return Err(ArchiveError::malformed("a header is longer than any name"));
    }
    let mut bytes = vec![0; padded(size) as usize];
    if read_up_to(stream, &mut bytes)? < bytes.len() {
        return Err(ArchiveError::malformed("it ends too early"));
    }
    bytes.truncate(size as usize);
    Ok(bytes)
}

/// Nothing but zeros may follow the end: a second archive behind it would be seen by some programs.
fn finish(stream: &mut impl Read) -> Result<(), ArchiveError> {
    let mut buffer = [0; 4096];
    loop {
        match read_up_to(stream, &mut buffer)? {
            0 => return Ok(()),
            read if buffer[..read].iter().all(|byte| *byte == 0) => {}
            _ => return Err(ArchiveError::inconsistent("bytes follow its end")),
        }
    }
}

/// A size with the padding to whole blocks.
fn padded(size: u64) -> u64 {
    size.div_ceil(BLOCK as u64).saturating_mul(BLOCK as u64)
}

/// A field up to its NUL.
fn text(mut field: Vec<u8>) -> Vec<u8> {
    let end = field
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(field.len());
    field.truncate(end);
    field
}

/// An octal number with spaces or NULs around it, or GNU's binary one (first bit set).
fn octal(field: &[u8]) -> Option<u64> {
    if field[0] == 0x80 {
        let (zeros, number) = field[1..].split_at(field.len().checked_sub(9)?);
        let number: [u8; 8] = number.try_into().ok()?;
        return zeros
            .iter()
            .all(|byte| *byte == 0)
            .then(|| u64::from_be_bytes(number));
    }
    let digits = field
        .split(|byte| matches!(byte, 0 | b' '))
        .find(|part| !part.is_empty());
    number(digits.unwrap_or(b"0"), 8)
}

fn number(digits: &[u8], base: u32) -> Option<u64> {
    let digits = std::str::from_utf8(digits).ok()?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    u64::from_str_radix(digits, base).ok()
}
