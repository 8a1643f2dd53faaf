//! Unpacking the tar file that a node sends: files only, and the two records that a long path or a large file needs
//! (POSIX.1-2001, pax). Everything else is refused.

use std::io::{self, Read};

use super::write::{Folder, broken};
use crate::failure::{Code, Failure};

const BLOCK: usize = 512;
/// The most bytes of the records before a file: a path and a size.
const MAX_RECORDS: u64 = 16 << 10;
/// The most files: what a node puts into one export, and the sums beside them.
const MAX_FILES: usize = 200_000;

/// Writes the files into the folder, and says their paths.
pub(super) fn unpack(from: &mut dyn Read, out: &Folder<'_>) -> Result<Vec<String>, Failure> {
    let mut files = Vec::new();
    let (mut path, mut size) = (None, None);
    loop {
        let mut header = [0; BLOCK];
        read(from, &mut header)?;
        if header == [0; BLOCK] {
            // The end has two such blocks: an answer that broke off has not.
            read(from, &mut header)?;
            if header != [0; BLOCK] {
                return Err(refused("its end is not one"));
            }
            return Ok(files);
        }
        let sum: u32 = header
            .iter()
            .enumerate()
            .map(|(at, byte)| {
                if (148..156).contains(&at) {
                    32
                } else {
                    u32::from(*byte)
                }
            })
            .sum();
        if number(&header[148..156]) != Some(u64::from(sum)) {
            return Err(refused("a header does not match its checksum"));
        }
        let stated = number(&header[124..136]).ok_or_else(|| refused("a size is not a number"))?;
        match header[156] {
            b'x' => {
                if stated > MAX_RECORDS {
                    return Err(refused("a path is too long"));
                }
                let mut records = vec![0; stated as usize];
                read(from, &mut records)?;
                skip(from, stated)?;
                (path, size) =
                    self::records(&records).ok_or_else(|| refused("a record cannot be read"))?;
            }
            b'0' => {
                let short = header[..100]
                    .split(|byte| *byte == 0)
                    .next()
                    .unwrap_or_default();
                let short = || String::from_utf8(short.to_vec());
                let path = path.take().map_or_else(short, Ok);
                let path = path.map_err(|_| refused("a path is not text"))?;
                let size = size.take().unwrap_or(stated);
                if files.len() >= MAX_FILES {
                    return Err(refused("it has too many files"));
                }
                files.push(out.file(&path, Some(size), from)?);
                skip(from, size)?;
            }
            _ => return Err(refused("it holds something that is no file")),
        }
    }
}

fn refused(what: &str) -> Failure {
    Failure::new(
        Code::Refuse,
        format!("What the node offers is refused: {what}."),
    )
}

fn read(from: &mut dyn Read, into: &mut [u8]) -> Result<(), Failure> {
    from.read_exact(into).map_err(|e| match e.kind() {
        io::ErrorKind::UnexpectedEof => broken("the node ended it early"),
        _ => broken(&e.to_string()),
    })
}

/// The rest of the last block of so many bytes.
fn skip(from: &mut dyn Read, size: u64) -> Result<(), Failure> {
    match (size % BLOCK as u64) as usize {
        0 => Ok(()),
        rest => read(from, &mut vec![0; BLOCK - rest]),
    }
}

/// An octal number that ends with a zero byte or a space.
fn number(field: &[u8]) -> Option<u64> {
    let digits: Vec<u8> = field
        .iter()
        .copied()
        .take_while(|b| !matches!(b, 0 | b' '))
        .collect();
    u64::from_str_radix(std::str::from_utf8(&digits).ok()?, 8).ok()
}

/// Path and size out of `LENGTH KEY=VALUE\n`…
fn records(mut bytes: &[u8]) -> Option<(Option<String>, Option<u64>)> {
    let (mut path, mut size) = (None, None);
    while !bytes.is_empty() {
        let space = bytes.iter().position(|b| *b == b' ')?;
        let length: usize = std::str::from_utf8(&bytes[..space]).ok()?.parse().ok()?;
        let record = bytes.get(space + 1..length)?.strip_suffix(b"\n")?;
        let (key, value) = std::str::from_utf8(record).ok()?.split_once('=')?;
        match key {
            "path" => path = Some(value.to_owned()),
            "size" => size = Some(value.parse().ok()?),
            _ => {}
        }
        bytes = &bytes[length..];
    }
    Some((path, size))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn header(path: &str, kind: u8, size: u64) -> Vec<u8> {
        let mut header = [0u8; BLOCK];
        header[..path.len().min(100)].copy_from_slice(&path.as_bytes()[..path.len().min(100)]);
        header[124..135].copy_from_slice(format!("{size:011o}").as_bytes());
        header[148..156].copy_from_slice(b"        ");
        header[156] = kind;
        let sum: u32 = header.iter().map(|b| u32::from(*b)).sum();
        header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        header.to_vec()
    }

    fn member(path: &str, kind: u8, bytes: &[u8]) -> Vec<u8> {
        let mut all = header(path, kind, bytes.len() as u64);
        all.extend(bytes);
        all.resize(all.len().div_ceil(BLOCK) * BLOCK, 0);
        all
    }

    fn into(bytes: &[u8]) -> (tempfile::TempDir, Result<Vec<String>, Failure>) {
        let dir = tempfile::tempdir().unwrap();
        let out = Folder::new(dir.path(), false).unwrap();
        let done = unpack(&mut &bytes[..], &out);
        (dir, done)
    }

    #[test]
    fn files_with_short_and_long_paths_are_unpacked() {
        let long = format!("d/{}é", "x".repeat(120));
        let record = format!(" path={long}\n");
        let record = format!("{}{record}", record.len() + 3);
        let mut tar = member("a/b.txt", b'0', b"abc");
        tar.extend(member("pax_header", b'x', record.as_bytes()));
        tar.extend(member("cut", b'0', &[7; 600]));
        tar.extend([0; 2 * BLOCK]);
        let (dir, done) = into(&tar);
        assert_eq!(done.unwrap(), ["a/b.txt".to_owned(), long.clone()]);
        assert_eq!(fs::read(dir.path().join("a/b.txt")).unwrap(), b"abc");
        assert_eq!(fs::read(dir.path().join(long)).unwrap(), [7; 600]);
    }

    #[test]
    fn what_is_cut_or_no_file_is_refused() {
        let whole = {
            let mut tar = member("a", b'0', b"abc");
            tar.extend([0; 2 * BLOCK]);
            tar
        };
        assert!(into(&whole).1.is_ok());
        for end in [
            0,
            100,
            BLOCK,
            BLOCK + 2,
            2 * BLOCK,
            3 * BLOCK,
            4 * BLOCK - 1,
        ] {
            assert!(into(&whole[..end]).1.is_err(), "{end}");
        }
        for kind in [b'1', b'2', b'5', b'g', b'L', 0] {
            let mut tar = member("a", kind, b"");
            tar.extend([0; 2 * BLOCK]);
            assert!(into(&tar).1.is_err(), "{kind}");
        }
        let mut tar = member("../a", b'0', b"abc");
        tar.extend([0; 2 * BLOCK]);
        assert!(into(&tar).1.is_err());
        let mut damaged = whole;
        damaged[3] = b'z';
        assert!(into(&damaged).1.is_err());
    }
}
