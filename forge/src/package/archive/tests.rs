use std::io::{Cursor, Read, Write};

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};

use super::{Archive, ArchiveError, Limits};

mod acceptance;
pub(crate) mod making;

use making::{TarFile, Zip, ZipFile};

type Opened = Result<Archive<Cursor<Vec<u8>>>, ArchiveError>;

fn open(bytes: Vec<u8>) -> Opened {
    Archive::open(Cursor::new(bytes), Limits::default())
}

/// Opens and reads all: what a caller does before it believes an archive.
fn whole(bytes: Vec<u8>) -> Opened {
    let mut archive = open(bytes)?;
    archive.check()?;
    Ok(archive)
}

fn rule(bytes: Vec<u8>) -> &'static str {
    match whole(bytes) {
        Ok(_) => "none",
        Err(cause) => {
            assert!(!cause.fix().is_empty() && !cause.to_string().is_empty());
            cause.rule()
        }
    }
}

fn two() -> Zip {
    Zip::of(&[("a.txt", b"bonjour"), ("cours/b.txt", b"au revoir")])
}

#[test]
fn files_come_out_as_they_went_in() {
    let mut archive = whole(two().bytes()).unwrap();
    let paths: Vec<_> = archive
        .entries()
        .iter()
        .map(|e| (e.path.as_str(), e.size))
        .collect();
    assert_eq!(paths, [("a.txt", 7), ("cours/b.txt", 9)]);
    assert_eq!(archive.read("cours/b.txt", 100).unwrap(), b"au revoir");
    assert_eq!(
        archive.find_in_any_case("Cours/B.TXT").unwrap().path,
        "cours/b.txt"
    );
    assert!(matches!(
        archive.read("cours/b.txt", 8),
        Err(ArchiveError::TooLarge { most: 8, .. })
    ));
    assert!(matches!(
        archive.read("c.txt", 8),
        Err(ArchiveError::Missing(_))
    ));
}

#[test]
fn sizes_after_the_bytes_wide_sizes_folders_and_old_names_are_read() {
    let mut zip = two();
    zip.files[0].sizes_after = true;
    zip.files[1].wide = true;
    zip.files.push(ZipFile::new("vide/", b""));
    zip.files.push(ZipFile {
        name: b"\x82t\x82.txt".to_vec(),
        utf8: false,
        ..ZipFile::new("", b"x")
    });
    zip.wide_end = true;
    zip.comment = b"fait main".to_vec();
    let mut archive = whole(zip.bytes()).unwrap();
    assert_eq!(archive.read("a.txt", 100).unwrap(), b"bonjour");
    assert_eq!(archive.read("cours/b.txt", 100).unwrap(), b"au revoir");
    assert_eq!(archive.read("été.txt", 100).unwrap(), b"x");
    assert!(archive.entries()[2].folder && archive.find("vide").is_none());
}

#[test]
fn every_byte_that_is_changed_is_noticed_or_harmless() {
    // A change may hit a date or the like; it must never change the bytes of a file, nor make the reader panic.
    let good = two().bytes();
    for at in 0..good.len() {
        for change in [0x01, 0x80, 0xff] {
            let mut bytes = good.clone();
            bytes[at] ^= change;
            let Ok(mut archive) = whole(bytes) else {
                continue;
            };
            for path in ["a.txt", "cours/b.txt"] {
                let expected: &[u8] = if path == "a.txt" {
                    b"bonjour"
                } else {
                    b"au revoir"
                };
                assert_eq!(archive.read(path, 100).unwrap(), expected, "byte {at}");
            }
        }
        assert!(whole(good[..at].to_vec()).is_err(), "cut at {at}");
    }
}

#[test]
fn entries_that_share_bytes_are_refused() {
    let mut zip = two();
    zip.files[1].same_place_as_first = true;
    assert_eq!(rule(zip.bytes()), "archive.overlap");
    // The second stands in the first one's bytes: how small files become huge ones (Fifield).
    let inner = two().local_part();
    let mut zip = Zip::of(&[("outer", &inner)]);
    zip.files[0].stored = true;
    let mut hidden = ZipFile::new("a.txt", b"bonjour");
    hidden.at = Some(30 + 5);
    zip.files.push(hidden);
    assert_eq!(rule(zip.bytes()), "archive.overlap");
}

#[test]
fn what_two_programs_would_read_differently_is_refused() {
    let lie = |change: fn(&mut Zip)| {
        let mut zip = two();
        change(&mut zip);
        rule(zip.bytes())
    };
    let wrong = "archive.inconsistent";
    assert_eq!(
        lie(|zip| zip.files[0].local_name = Some(b"b.txt".to_vec())),
        wrong
    );
    assert_eq!(lie(|zip| zip.files[0].local_size = Some(6)), wrong);
    assert_eq!(
        lie(|zip| zip.files[0].unicode_name = Some("../x".into())),
        "archive.path"
    );
    assert_eq!(
        lie(|zip| zip.files[0].unicode_name = Some("x.txt".into())),
        wrong
    );
    assert_eq!(
        lie(|zip| zip.files[0].unicode_name = Some("a.txt".into())),
        "none"
    );
    assert_eq!(lie(|zip| zip.comment = Zip::of(&[]).bytes()), wrong);
    assert_eq!(
        lie(|zip| zip.comment = b"PK\x05\x06 and more".to_vec()),
        wrong
    );
    assert_eq!(lie(|zip| zip.counted = Some(1)), wrong);
    assert_eq!(lie(|zip| zip.counted = Some(3)), wrong);
    assert_eq!(lie(|zip| zip.before = b"#!/bin/sh\n".to_vec()), wrong);
    // A file that no list names, between two that are named, or behind the last one.
    assert_eq!(lie(|zip| zip.files[1].unlisted = true), wrong);
    assert_eq!(lie(|zip| zip.files[0].unlisted = true), wrong);
    let mut behind = two().bytes();
    behind.extend(b"more");
    assert_eq!(rule(behind), "archive.damaged");
}

#[test]
fn links_passwords_and_rare_methods_are_refused() {
    let with = |change: fn(&mut ZipFile)| {
        let mut zip = two();
        change(&mut zip.files[1]);
        rule(zip.bytes())
    };
    assert_eq!(with(|file| file.mode = 0o120_777), "archive.special-file");
    assert_eq!(with(|file| file.mode = 0o020_666), "archive.special-file");
    assert_eq!(with(|file| file.mode = 0o100_777), "none");
    assert_eq!(with(|file| file.flags = 1), "archive.encrypted");
    assert_eq!(with(|file| file.flags = 1 << 13), "archive.encrypted");
    assert_eq!(with(|file| file.method = Some(93)), "archive.method");
    assert_eq!(with(|file| file.name = b"../../x".to_vec()), "archive.path");
    assert_eq!(
        with(|file| file.name = b"A.TXT".to_vec()),
        "archive.collision"
    );
    assert_eq!(
        with(|file| file.name = b".git/hooks/pre-push".to_vec()),
        "archive.path"
    );
    assert_eq!(
        with(|file| file.name = b"a.txt:flux".to_vec()),
        "archive.path"
    );
    assert_eq!(rule(Zip::of(&[("vide/", b"")]).bytes()), "archive.empty");
    assert_eq!(
        rule(b"Rar!\x1a\x07\x00 and so on, long enough".to_vec()),
        "archive.format"
    );
    assert_eq!(rule(Vec::new()), "archive.damaged");
}

#[test]
fn bytes_are_counted_as_they_come() {
    let zeros = vec![0; 3 << 20];
    assert_eq!(
        rule(Zip::of(&[("zeros", &zeros)]).bytes()),
        "archive.too-large"
    );
    // Under the floor, out of proportion is nobody's harm.
    assert_eq!(
        rule(Zip::of(&[("zeros", &zeros[..900_000])]).bytes()),
        "none"
    );
    let mut lie = Zip::of(&[("zeros", &zeros)]);
    lie.files[0].claimed_size = Some(10);
    let mut archive = open(lie.bytes()).unwrap();
    let mut given = Vec::new();
    let entry = archive.entries()[0].clone();
    let cause = archive
        .body(&entry)
        .unwrap()
        .read_to_end(&mut given)
        .unwrap_err();
    assert_eq!(ArchiveError::from(cause).rule(), "archive.inconsistent");
    assert!(
        given.len() <= 64 << 10,
        "{} bytes were given of 10",
        given.len()
    );
    let mut lie = Zip::of(&[("little", b"x")]);
    lie.files[0].claimed_size = Some(u32::MAX - 1);
    assert_eq!(rule(lie.bytes()), "archive.too-large");
    let mut garbage = Zip::of(&[("a", b"bonjour bonjour bonjour bonjour")]);
    garbage.files[0].packed = Some(b"\xff\xff\xff\xff".to_vec());
    assert_eq!(rule(garbage.bytes()), "archive.damaged");
    let few = Limits {
        entries: 1,
        ..Limits::default()
    };
    assert_eq!(
        Archive::open(Cursor::new(two().bytes()), few)
            .unwrap_err()
            .rule(),
        "archive.too-many"
    );
    let little = Limits {
        total: 15,
        ..Limits::default()
    };
    assert_eq!(
        Archive::open(Cursor::new(two().bytes()), little)
            .unwrap_err()
            .rule(),
        "archive.too-large"
    );
}

#[test]
fn bytes_after_the_compressed_ones_are_refused() {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(b"bonjour").unwrap();
    let mut packed = encoder.finish().unwrap();
    packed.extend(b"secret");
    let mut zip = two();
    zip.files[0].packed = Some(packed);
    assert_eq!(rule(zip.bytes()), "archive.inconsistent");
}

#[test]
fn an_archive_in_an_archive_opens_once_and_counts() {
    let inner = two().bytes();
    let mut middle = Zip::of(&[("inner.zip", &inner)]);
    middle.files[0].stored = true;
    let bytes = Zip::of(&[("middle.zip", &middle.bytes()), ("x.zip", &inner)]).bytes();
    let mut archive = open(bytes.clone()).unwrap();
    let mut middle = archive.inner("middle.zip", 1 << 20).unwrap();
    assert_eq!(
        middle.inner("inner.zip", 1 << 20).unwrap_err().rule(),
        "archive.nested"
    );
    let declared: u64 = archive.entries().iter().map(|e| e.size).sum();
    let limits = Limits {
        total: declared + inner.len() as u64,
        ..Limits::default()
    };
    let mut archive = Archive::open(Cursor::new(bytes), limits).unwrap();
    archive.inner("middle.zip", 1 << 20).unwrap();
    assert_eq!(
        archive.inner("x.zip", 1 << 20).unwrap_err().rule(),
        "archive.too-large"
    );
}

fn tar(files: &[TarFile<'_>]) -> Vec<u8> {
    making::tar_gz(files)
}

#[test]
fn a_gzipped_tar_reads_like_a_zip() {
    let long = format!("{}/fin.txt", "x".repeat(120));
    let mut archive = whole(tar(&[
        TarFile::new("./", b'5', b""),
        TarFile::new("./a.txt", b'0', b"bonjour"),
        TarFile::new("cours/", b'5', b""),
        TarFile::gnu_long(&long),
        TarFile::new(&long[..100], b'0', b"un"),
        TarFile::pax("path", "cours/été.txt"),
        TarFile::new("cours/t.txt", b'0', &[b'z'; 700]),
    ]))
    .unwrap();
    let paths: Vec<_> = archive.entries().iter().map(|e| e.path.clone()).collect();
    assert_eq!(paths, ["a.txt", "cours", long.as_str(), "cours/été.txt"]);
    assert_eq!(archive.read("cours/été.txt", 1000).unwrap(), [b'z'; 700]);
    assert_eq!(archive.read("a.txt", 1000).unwrap(), b"bonjour");
    let mut seen = Vec::new();
    archive
        .visit(|entry, body| {
            let mut first = [0; 2];
            body.read_exact(&mut first)?;
            seen.push((entry.path.clone(), first));
            Ok::<(), ArchiveError>(())
        })
        .unwrap();
    assert_eq!(seen.len(), 3);
    assert_eq!((seen[1].1, seen[2].1), (*b"un", *b"zz"));
}

#[test]
fn what_harms_in_a_zip_harms_in_a_tar() {
    let one = |name: &str, kind| {
        rule(tar(&[
            TarFile::new("a", b'0', b"a"),
            TarFile::new(name, kind, b""),
        ]))
    };
    assert_eq!(one("../x", b'0'), "archive.path");
    assert_eq!(one("/etc/passwd", b'0'), "archive.path");
    assert_eq!(one("A", b'0'), "archive.collision");
    assert_eq!(one("l", b'2'), "archive.special-file");
    assert_eq!(one("l", b'1'), "archive.special-file");
    assert_eq!(one("l", b'3'), "archive.special-file");
    assert_eq!(one("l", b'S'), "archive.special-file");
    assert_eq!(one("b", b'0'), "none");
    assert_eq!(
        rule(tar(&[
            TarFile::pax("GNU.sparse.major", "1"),
            TarFile::new("a", b'0', b"")
        ])),
        "archive.special-file"
    );
    assert_eq!(
        rule(tar(&[
            TarFile::pax("path", "../x"),
            TarFile::new("a", b'0', b"")
        ])),
        "archive.path"
    );
    assert_eq!(
        rule(tar(&[TarFile::new("zeros", b'0', &vec![0; 3 << 20])])),
        "archive.too-large"
    );
    let mut huge = TarFile::new("a", b'0', b"");
    huge.claimed = Some(1 << 32);
    assert_eq!(rule(tar(&[huge])), "archive.too-large");
    let mut long = TarFile::new("a", b'L', b"");
    long.claimed = Some(1 << 20);
    assert_eq!(rule(tar(&[long])), "archive.damaged");
    let whole = tar(&[TarFile::new("a", b'0', b"bonjour")]);
    for end in 2..whole.len() {
        assert_eq!(
            rule(whole[..end].to_vec()),
            "archive.damaged",
            "cut at {end}"
        );
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(&[b'x'; 2000]).unwrap();
    assert_eq!(rule(encoder.finish().unwrap()), "archive.damaged");
    let mut joined = whole.clone();
    joined.extend(&whole);
    assert_eq!(
        rule(joined),
        "archive.inconsistent",
        "a second archive behind the end of the first"
    );
}
