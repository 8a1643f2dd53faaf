//! What is written, read by another implementation (Python's) and by ours.

use std::{
    io::{Cursor, Read, Write},
    process::{Command, Stdio},
};

use super::super::archive::{Archive, Limits};
use super::{Keeper, Member, Sink, Tar, Zip, gzip, members};
use crate::package::write::Bytes;

/// Prints `path size crc-or-mode` of each file after having read it to its end.
const READ: &str = "
import io, sys, tarfile, zipfile, zlib
data = io.BytesIO(sys.stdin.buffer.read())
if sys.argv[1] == 'zip':
    with zipfile.ZipFile(data) as z:
        assert z.testzip() is None
        for i in z.infolist(): print(i.filename, i.file_size, i.CRC, i.date_time[0])
else:
    with tarfile.open(fileobj=data) as t:
        for i in t: print(i.name, i.size, zlib.crc32(t.extractfile(i).read()), i.mtime)
";

fn python(kind: &str, bytes: &[u8]) -> Vec<String> {
    let mut child = Command::new("python3")
        .args(["-c", READ, kind])
        .env("PYTHONIOENCODING", "utf-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// Bytes that pack badly and are the same in every run.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1u32;
    let next = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    });
    next.take(length).collect()
}

struct Kept(Vec<u8>);

impl Keeper<&'static str> for Kept {
    fn open(&mut self, _: &&'static str) -> std::io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(Cursor::new(&self.0)))
    }
}

fn some(kept: &Kept) -> Vec<Member<&'static str>> {
    let long = format!("dossier/{}/é.txt", "x".repeat(120));
    let large = |path: &str| Member {
        path: path.to_owned(),
        bytes: Bytes::Kept("large", kept.0.len() as u64),
    };
    vec![
        Member::here("a.txt", "a".repeat(1_000)),
        large("film.mp4"),
        large("mesures.csv"),
        Member::here(long, "b"),
        Member::here("vide", ""),
    ]
}

fn zipped(narrow: Option<(u64, u64)>) -> Vec<u8> {
    let mut kept = Kept(noise(3 << 20));
    let mut zip = Zip::new(Vec::new(), 1_700_000_000);
    if let Some((wide, many)) = narrow {
        zip = zip.narrow(wide, many);
    }
    let all = some(&kept);
    members(&all, &mut kept, &mut zip).unwrap();
    zip.finish("").unwrap()
}

#[test]
fn others_read_what_is_written_in_pieces() {
    let zip = zipped(None);
    assert_eq!(zip, zipped(None), "the same members give the same bytes");
    let listed = python("zip", &zip);
    assert_eq!(listed.len(), 5);
    assert!(listed[1].starts_with("film.mp4 3145728 ") && listed[1].ends_with(" 2023"));
    let mut ours = Archive::open(Cursor::new(&zip), Limits::default()).unwrap();
    ours.check().unwrap();
    assert_eq!(ours.read("mesures.csv", 4 << 20).unwrap(), noise(3 << 20));

    let mut kept = Kept(noise(3 << 20));
    let all = some(&kept);
    let mut tar = Tar::new(Vec::new(), 1_700_000_000, None).unwrap();
    members(&all, &mut kept, &mut tar).unwrap();
    let tar = tar.finish().unwrap();
    let mut told = python("tar", &tar);
    assert_eq!(told.len(), 5);
    let mut packed = Tar::new(gzip(Vec::new()), 1_700_000_000, None).unwrap();
    members(&all, &mut kept, &mut packed).unwrap();
    let packed = packed.finish().unwrap().finish().unwrap();
    assert_eq!(python("tar", &packed), told);
    // The same checksums as in the ZIP file.
    for (tar, zip) in told.iter_mut().zip(listed) {
        *tar = tar.replace("1700000000", "2023");
        assert_eq!(*tar, zip);
    }
}

#[test]
fn fields_of_64_bits_are_read_by_others_and_by_us() {
    // Sizes, offsets, the list and the count of files all past their fields, as with an archive of more than 4 GiB.
    for narrow in [(4_096, 3), (2, 1), (1 << 21, 0xffff)] {
        let zip = zipped(Some(narrow));
        let plain = python("zip", &zipped(None));
        assert_eq!(python("zip", &zip), plain, "{narrow:?}");
        let mut ours = Archive::open(Cursor::new(&zip), Limits::default()).unwrap();
        ours.check().unwrap();
        assert_eq!(ours.entries().len(), 5);
    }
}

#[test]
fn a_file_that_is_shorter_or_longer_than_it_was_ends_the_archive() {
    for size in [10, 3 << 20] {
        let bytes = noise(size);
        for wrong in [size as u64 - 1, size as u64 + 1] {
            let mut zip = Zip::new(Vec::new(), 0);
            assert!(zip.add("a", wrong, &mut &bytes[..]).is_err());
            let mut tar = Tar::new(Vec::new(), 0, None).unwrap();
            assert!(tar.add("a", wrong, &mut &bytes[..]).is_err());
        }
    }
}
