//! Archives, read by another implementation (Python's).

use std::process::{Command, Stdio};

use super::super::super::testing::Bench;
use super::super::super::{ObjectFormat, Repository};
use super::super::ArchiveKind;

/// Prints `path mode size` of each file, and the comment.
const READ: &str = "
import io, sys, tarfile, zipfile
data = io.BytesIO(sys.stdin.buffer.read())
if sys.argv[1] == 'zip':
    with zipfile.ZipFile(data) as z:
        assert z.testzip() is None
        for i in z.infolist(): print(i.filename, oct(i.external_attr >> 16), i.file_size, i.date_time)
        print(z.comment.decode())
else:
    with tarfile.open(fileobj=data, mode='r:gz') as t:
        for i in t: print(i.name, oct(i.mode), len(t.extractfile(i).read()), i.mtime, i.type.decode())
        print(t.pax_headers['comment'])
";

fn listed(kind: &str, bytes: &[u8]) -> Vec<String> {
    let mut child = Command::new("python3")
        .args(["-c", READ, kind])
        .env("PYTHONIOENCODING", "utf-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), bytes).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(str::to_owned).collect()
}

fn made(repo: &Repository, kind: ArchiveKind) -> Vec<u8> {
    let browse = repo.browse().unwrap();
    let commit = browse.resolve(None).unwrap();
    let archive = browse.archive(&commit).unwrap();
    let mut bytes = Vec::new();
    browse
        .write_archive(&archive, kind, "tool-v1", &mut bytes)
        .unwrap();
    bytes
}

#[tokio::test]
async fn archives_are_equal_everywhere_and_hold_nothing_that_harms() {
    let long = format!("deep/{}/file.txt", "x".repeat(120));
    let script = format!(
        "commit refs/heads/main\ncommitter A <a@x> 1700000000 +0200\ndata 1\nx\n\
         M 100644 inline a.txt\ndata 2\na\n\nM 100755 inline run.sh\ndata 2\nb\n\nM 100644 inline été.txt\ndata 1\nc\n\
         M 120000 inline link\ndata 11\n/etc/passwd\nM 100644 inline {long}\ndata 1\nd\n\
         M 100644 inline .gitattributes\ndata 8\n* -text\n\nM 100644 inline a\\\\b\ndata 1\ne\n\
         M 100644 inline empty\ndata 0\n\nM 160000 1111111111111111111111111111111111111111 sub\n"
    );
    let mut seen = Vec::new();
    // Two nodes, whose packs are not the same.
    for _ in 0..2 {
        let bench = Bench::new();
        let repo = bench
            .repos
            .create("abc", "main", ObjectFormat::Sha1)
            .await
            .unwrap();
        bench.git_with(&repo, &["fast-import", "--quiet"], script.as_bytes());
        if !seen.is_empty() {
            bench.git(&repo, &["repack", "-adfq"]);
        }
        let commit = bench.git(&repo, &["rev-parse", "main"]);
        seen.push((
            made(&repo, ArchiveKind::Zip),
            made(&repo, ArchiveKind::TarGz),
            commit,
        ));
    }
    assert_eq!(seen[0], seen[1]);
    let (zip, tar, commit) = &seen[0];
    let date = "(2023, 11, 14, 22, 13, 20)";
    assert_eq!(
        listed("zip", zip),
        [
            format!("tool-v1/a.txt 0o100644 2 {date}"),
            format!("tool-v1/{long} 0o100644 1 {date}"),
            format!("tool-v1/empty 0o100644 0 {date}"),
            format!("tool-v1/run.sh 0o100755 2 {date}"),
            format!("tool-v1/été.txt 0o100644 1 {date}"),
            commit.clone(),
        ]
    );
    assert_eq!(
        listed("tar", tar),
        [
            "tool-v1/a.txt 0o644 2 1700000000 0".to_owned(),
            format!("tool-v1/{long} 0o644 1 1700000000 0"),
            "tool-v1/empty 0o644 0 1700000000 0".to_owned(),
            "tool-v1/run.sh 0o755 2 1700000000 0".to_owned(),
            "tool-v1/été.txt 0o644 1 1700000000 0".to_owned(),
            commit.clone(),
        ]
    );
    // No time and no system in the gzip header.
    assert_eq!(tar[..10], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
}
