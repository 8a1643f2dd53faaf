mod certificates;

use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::ReadBuf;

use super::super::places::Places;
use super::super::testing::{Bench, TAKE_ALL, ZERO};
use super::super::{Limits, ObjectFormat};
use super::*;

const STALL: Duration = Duration::from_secs(10);

/// Two repositories: one with a commit to push, one empty.
async fn pair(bench: &Bench) -> (Repository, Repository, Oid) {
    let from = bench
        .repos
        .create("from", "main", ObjectFormat::Sha1)
        .await
        .unwrap();
    let to = bench
        .repos
        .create("to", "main", ObjectFormat::Sha1)
        .await
        .unwrap();
    let oid = bench.commit(&from, "refs/heads/main", &[("README.md", b"# Algebra\n")]);
    (from, to, oid)
}

async fn push(to: &Repository, hook: &HookEnv, body: &[u8]) -> (Outcome, String) {
    let mut answer = Vec::new();
    let outcome = to
        .receive_pack(hook)
        .run(body, &mut answer, STALL)
        .await
        .unwrap();
    (outcome, String::from_utf8_lossy(&answer).into_owned())
}

#[tokio::test]
async fn a_push_is_stored_and_handed_to_the_hook_once() {
    let bench = Bench::new();
    let (from, to, oid) = pair(&bench).await;
    let hook = bench.hook(TAKE_ALL);
    let commands = [
        (ZERO, oid.as_str(), "refs/heads/main"),
        (ZERO, oid.as_str(), "refs/tags/v1"),
    ];
    let body = bench.push_request(&from, &commands, oid.as_str());
    let (outcome, answer) = push(&to, &hook, &body).await;
    assert_eq!(outcome, Outcome::Done, "{answer}");
    for part in ["unpack ok", "ok refs/heads/main", "ok refs/tags/v1"] {
        assert!(answer.contains(part), "{answer}");
    }
    let refs = to.refs().await.unwrap();
    assert_eq!(refs.len(), 2);
    assert!(refs.values().all(|at| *at == oid));
    to.make_durable().unwrap();

    let mut body = Vec::new();
    pktline::write(
        &mut body,
        format!("{oid} {ZERO} refs/tags/v1\0report-status").as_bytes(),
    );
    pktline::flush(&mut body);
    let (_, answer) = push(&to, &hook, &body).await;
    assert!(answer.contains("ok refs/tags/v1"), "{answer}");
    assert_eq!(to.refs().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_hook_that_is_silent_or_refuses_moves_nothing() {
    let bench = Bench::new();
    let (from, to, oid) = pair(&bench).await;
    let body = bench.push_request(
        &from,
        &[(ZERO, oid.as_str(), "refs/heads/main")],
        oid.as_str(),
    );
    let hook = bench.hook("#!/bin/sh\nexit 1\n");
    let (_, answer) = push(&to, &hook, &body).await;
    assert!(answer.contains("ng refs/heads/main"), "{answer}");
    assert!(to.refs().await.unwrap().is_empty());
}

#[tokio::test]
async fn commands_that_no_rule_allows_are_refused_before_anything_is_stored() {
    let limits = Limits {
        max_refs_per_push: 3,
        ..Limits::default()
    };
    let bench = Bench::with(limits);
    let (from, to, oid) = pair(&bench).await;
    let tip = bench.commit(&to, "refs/heads/tip", &[("a", b"1")]);
    let hook = bench.hook(TAKE_ALL);
    let before = bench.objects(&to);
    let new = oid.as_str();
    let many: Vec<_> = (0..4).map(|n| format!("refs/heads/b{n}")).collect();
    let many: Vec<_> = many.iter().map(|name| (ZERO, new, name.as_str())).collect();
    type Commands<'a> = &'a [(&'a str, &'a str, &'a str)];
    let cases: [(&str, Commands); 8] = [
        (
            "only refs/heads/ and refs/tags/",
            &[(ZERO, new, "refs/heads/ok"), (ZERO, new, "HEAD")],
        ),
        ("reserved", &[(ZERO, new, "refs/heads/con")]),
        ("fetch first", &[(ZERO, new, "refs/heads/tip")]),
        ("fetch first", &[(new, ZERO, "refs/heads/nothing")]),
        ("nothing to delete", &[(ZERO, ZERO, "refs/heads/nothing")]),
        (
            "cannot stand beside",
            &[(ZERO, new, "refs/heads/x"), (ZERO, new, "refs/heads/x/y")],
        ),
        ("cannot stand beside", &[(ZERO, new, "refs/heads/tip/y")]),
        ("over the limit of 3", &many),
    ];
    for (why, commands) in cases {
        let body = bench.push_request(&from, commands, new);
        let (outcome, answer) = push(&to, &hook, &body).await;
        assert!(matches!(outcome, Outcome::Refused(_)), "{commands:?}");
        assert!(answer.contains(why), "{why}: {answer}");
        assert!(
            answer.contains(&format!("ng {}", commands[0].2)),
            "{answer}"
        );
    }
    // Options were not offered: a client that sends them is told so, and not that its pack is corrupt.
    let mut body = Vec::new();
    let line = format!("{ZERO} {new} refs/heads/main\0report-status push-options");
    pktline::write(&mut body, line.as_bytes());
    pktline::flush(&mut body);
    pktline::write(&mut body, b"ci.skip");
    pktline::flush(&mut body);
    let (outcome, answer) = push(&to, &hook, &body).await;
    assert!(matches!(outcome, Outcome::Refused(_)));
    assert!(answer.contains("takes no push options"), "{answer}");
    let certificate = {
        let mut body = Vec::new();
        pktline::write(&mut body, b"push-cert\0report-status side-band-64k");
        pktline::write(
            &mut body,
            format!("{ZERO} {new} refs/heads/main\n").as_bytes(),
        );
        pktline::flush(&mut body);
        body
    };
    let (outcome, answer) = push(&to, &hook, &certificate).await;
    assert!(matches!(outcome, Outcome::Refused(_)));
    assert!(
        answer.contains("signed pushes are not taken here"),
        "{answer}"
    );
    assert_eq!(bench.objects(&to), before);
    let refs = to.refs().await.unwrap();
    assert_eq!(refs.into_values().collect::<Vec<_>>(), [tip]);
    // Who only says that it could send push options is not refused.
    let body = bench.push_request(&from, &[(ZERO, new, "refs/heads/able")], new);
    let able = body
        .windows(13)
        .position(|w| w == b"side-band-64k")
        .unwrap();
    let body = [&body[..able], b"push-options ", &body[able + 13..]].concat();
    let (outcome, answer) = push(&to, &hook, &body).await;
    assert!(matches!(outcome, Outcome::Done), "{outcome:?} {answer}");
}

#[tokio::test]
async fn requests_that_are_not_gits_are_malformed() {
    let bench = Bench::new();
    let (_, to, oid) = pair(&bench).await;
    let hook = bench.hook(TAKE_ALL);
    let short = format!("003f{} {oid} refs/heads/m0000", &ZERO[..10]);
    let long = format!("ffec{}", "x".repeat(65516)).repeat(7);
    for body in ["", "0001", "0003", "zzzz", "0032abc", &short, &long] {
        let mut answer = Vec::new();
        let result = to
            .receive_pack(&hook)
            .run(body.as_bytes(), &mut answer, STALL)
            .await;
        assert!(
            matches!(result, Err(PushError::Malformed(_))),
            "{body:.20} {result:?}"
        );
        assert!(answer.is_empty());
    }
    let (outcome, answer) = push(&to, &hook, b"0000").await;
    assert_eq!((outcome, answer), (Outcome::Empty, String::new()));
}

#[tokio::test]
async fn an_object_over_the_limit_is_refused_by_its_stated_size() {
    let bench = Bench::with(Limits {
        max_object: 5000,
        ..Limits::default()
    });
    let from = bench
        .repos
        .create("from", "main", ObjectFormat::Sha1)
        .await
        .unwrap();
    let to = bench
        .repos
        .create("to", "main", ObjectFormat::Sha1)
        .await
        .unwrap();
    let oid = bench.commit(&from, "refs/heads/main", &[("big", &[7; 6000])]);
    let hook = bench.hook(TAKE_ALL);
    let before = bench.objects(&to);
    let body = bench.push_request(
        &from,
        &[(ZERO, oid.as_str(), "refs/heads/main")],
        oid.as_str(),
    );
    let (outcome, answer) = push(&to, &hook, &body).await;
    assert!(matches!(outcome, Outcome::Refused(_)));
    assert!(
        answer.contains("unpack an object of 6000 bytes is over the limit of 5000"),
        "{answer}"
    );
    assert!(answer.contains("ng refs/heads/main"), "{answer}");
    assert_eq!(bench.objects(&to), before);
}

#[tokio::test]
async fn a_push_over_the_limit_is_refused_and_leaves_nothing() {
    let bench = Bench::with(Limits {
        max_push: 4000,
        ..Limits::default()
    });
    let (from, to, _) = pair(&bench).await;
    let noise: Vec<u8> = (0..9000u32)
        .flat_map(|n| n.wrapping_mul(2654435761).to_le_bytes())
        .collect();
    let oid = bench.commit(&from, "refs/heads/main", &[("noise", &noise)]);
    let hook = bench.hook(TAKE_ALL);
    let before = bench.objects(&to);
    let body = bench.push_request(
        &from,
        &[(ZERO, oid.as_str(), "refs/heads/main")],
        oid.as_str(),
    );
    let (outcome, answer) = push(&to, &hook, &body).await;
    assert!(matches!(outcome, Outcome::Refused(_)));
    assert!(answer.contains("over the limit of 4000 bytes"), "{answer}");
    assert_eq!(bench.objects(&to), before);
}

/// Gives its bytes, then breaks.
struct Broken<'a>(&'a [u8]);

impl AsyncRead for Broken<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.0.is_empty() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        let count = self.0.len().min(buffer.remaining());
        buffer.put_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Poll::Ready(Ok(()))
    }
}

async fn wait_until_nothing_is_left(bench: &Bench, repo: &Repository, before: &[PathBuf]) {
    for _ in 0..500 {
        if bench.objects(repo) == before {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("left behind: {:?}", bench.objects(repo));
}

#[tokio::test]
async fn a_push_that_breaks_off_leaves_no_quarantine() {
    let bench = Bench::new();
    let (from, to, oid) = pair(&bench).await;
    let hook = bench.hook(TAKE_ALL);
    let before = bench.objects(&to);
    let body = bench.push_request(
        &from,
        &[(ZERO, oid.as_str(), "refs/heads/main")],
        oid.as_str(),
    );
    for length in [body.len() - 30, body.len() - 10] {
        let mut answer = Vec::new();
        let broken = Broken(&body[..length]);
        let result = to.receive_pack(&hook).run(broken, &mut answer, STALL).await;
        assert!(
            matches!(result, Err(PushError::Service(ServiceError::Broken(_)))),
            "{result:?}"
        );
        assert_eq!(bench.objects(&to), before);

        let cut = push(&to, &hook, &body[..length]).await;
        assert!(cut.1.contains("it ends early"), "{cut:?}");
        assert_eq!(bench.objects(&to), before);
    }
    // The client falls silent; and the future is dropped while Git waits.
    let (mut client, server) = tokio::io::duplex(1 << 20);
    client.write_all(&body[..body.len() - 30]).await.unwrap();
    let mut answer = Vec::new();
    let short = Duration::from_millis(200);
    let result = to.receive_pack(&hook).run(server, &mut answer, short).await;
    assert!(
        matches!(result, Err(PushError::Service(ServiceError::Stalled))),
        "{result:?}"
    );
    assert_eq!(bench.objects(&to), before);

    let (mut client, server) = tokio::io::duplex(1 << 20);
    client.write_all(&body[..body.len() - 30]).await.unwrap();
    let run = to.receive_pack(&hook).run(server, Vec::new(), STALL);
    assert!(tokio::time::timeout(short, run).await.is_err());
    wait_until_nothing_is_left(&bench, &to, &before).await;
}

/// A pack of 1 kB whose last object is a delta of a delta, 1 GiB when it is unpacked.
fn bomb() -> Vec<u8> {
    use flate2::{Compression, write::ZlibEncoder};
    use std::io::Write;
    fn varint(mut value: u64) -> Vec<u8> {
        let mut out = Vec::new();
        loop {
            let more = u8::from(value > 127) << 7;
            out.push((value & 127) as u8 | more);
            value >>= 7;
            if more == 0 {
                return out;
            }
        }
    }
    fn entry(kind: u8, bytes: &[u8], between: &[u8]) -> Vec<u8> {
        let size = bytes.len() as u64;
        let mut out = vec![(kind << 4) | (size & 15) as u8 | (u8::from(size > 15) << 7)];
        if size > 15 {
            out.extend(varint(size >> 4));
        }
        out.extend_from_slice(between);
        let mut encoder = ZlibEncoder::new(out, Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }
    // Copies `size` bytes from the base's start, `times` times.
    fn delta(base: u64, size: u32, times: u64) -> Vec<u8> {
        let mut out = [varint(base), varint(u64::from(size) * times)].concat();
        for _ in 0..times {
            let [a, b, c, _] = size.to_le_bytes();
            out.extend([0b1111_0000, a, b, c]);
        }
        out
    }
    fn back(mut offset: usize) -> Vec<u8> {
        let mut out = vec![(offset & 127) as u8];
        while offset > 127 {
            offset = (offset >> 7) - 1;
            out.insert(0, (offset & 127) as u8 | 128);
        }
        out
    }
    let base = entry(3, &vec![0; 1 << 20], &[]);
    let first = entry(6, &delta(1 << 20, 1 << 20, 32), &back(base.len()));
    let second = entry(6, &delta(32 << 20, 8 << 20, 128), &back(first.len()));
    let mut pack = b"PACK\0\0\0\x02\0\0\0\x03".to_vec();
    pack.extend([base, first, second].concat());
    pack
}

#[tokio::test]
async fn a_push_that_unpacks_to_a_gigabyte_is_refused() {
    // First by its stated sizes; then, with that limit away, by the memory that Git may have.
    for max_object in [Limits::default().max_object, u64::MAX] {
        let bench = Bench::with(Limits {
            max_object,
            address_space: 512 << 20,
            ..Limits::default()
        });
        let to = bench
            .repos
            .create("to", "main", ObjectFormat::Sha1)
            .await
            .unwrap();
        let hook = bench.hook(TAKE_ALL);
        let before = bench.objects(&to);
        let mut pack = bomb();
        let sum = bench.git_with(&to, &["hash-object", "--stdin"], b"");
        assert_eq!(sum.len(), 40);
        pack.extend(sha1_of(&pack));
        let mut body = Vec::new();
        pktline::write(
            &mut body,
            format!("{ZERO} {sum} refs/heads/main\0report-status").as_bytes(),
        );
        pktline::flush(&mut body);
        body.extend(pack);
        assert!(body.len() < 3000);
        let mut answer = Vec::new();
        let _ = to
            .receive_pack(&hook)
            .run(&body[..], &mut answer, STALL)
            .await;
        let answer = String::from_utf8_lossy(&answer);
        let expected = if max_object == u64::MAX {
            "unpack index-pack"
        } else {
            "over the limit of 100000000"
        };
        assert!(answer.contains(expected), "{answer}");
        assert!(answer.contains("ng refs/heads/main"), "{answer}");
        assert_eq!(bench.objects(&to), before);
    }
}

/// The checksum of a pack. libgit2 hashes objects only, so the system's program does it.
fn sha1_of(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    use std::process::{Command, Stdio};
    let mut child = Command::new("sha1sum")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    let output = child.wait_with_output().unwrap().stdout;
    let digits = std::str::from_utf8(&output[..40]).unwrap();
    (0..20)
        .map(|n| u8::from_str_radix(&digits[2 * n..2 * n + 2], 16).unwrap())
        .collect()
}

#[tokio::test]
async fn what_a_killed_push_leaves_is_swept_at_the_next_start() {
    use std::io::Write;
    let bench = Bench::new();
    let (from, to, oid) = pair(&bench).await;
    let before = bench.objects(&to);
    let commands = [(ZERO, oid.as_str(), "refs/heads/main")];
    let body = bench.push_request(&from, &commands, oid.as_str());
    let mut child = std::process::Command::new("git")
        .args(["receive-pack", "--stateless-rpc"])
        .arg(to.path())
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(&body[..body.len() - 30]).unwrap();
    while bench.objects(&to) == before {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    child.kill().unwrap();
    child.wait().unwrap();
    drop(stdin);
    assert_ne!(bench.objects(&to), before);
    bench.repos.sweep().unwrap();
    // index-pack outlives its parent for a moment, and may still write into the folder that is gone.
    wait_until_nothing_is_left(&bench, &to, &before).await;
}

/// Prints what a large push and a small one cost next to Git alone.
#[tokio::test]
#[ignore = "a measurement, run by hand"]
async fn measure_pushes() {
    let bench = Bench::new();
    let (from, to, small) = pair(&bench).await;
    let hook = bench.hook(TAKE_ALL);
    let noise: Vec<u8> = (0..500_000u32)
        .flat_map(|n| {
            n.wrapping_mul(2_654_435_761)
                .rotate_left(n % 31)
                .to_le_bytes()
        })
        .collect();
    let files: Vec<_> = (0..60).map(|n| format!("f{n}")).collect();
    let parts: Vec<Vec<u8>> = (0..60u8)
        .map(|n| {
            noise
                .iter()
                .map(|b| b.wrapping_mul(2 * n + 1) ^ n)
                .collect()
        })
        .collect();
    let files: Vec<_> = files
        .iter()
        .zip(&parts)
        .map(|(name, bytes)| (name.as_str(), &bytes[..]))
        .collect();
    let large = bench.commit(&from, "refs/heads/large", &files);
    for (name, oid) in [("refs/heads/main", small), ("refs/heads/large", large)] {
        let body = bench.push_request(&from, &[(ZERO, oid.as_str(), name)], oid.as_str());
        let start = std::time::Instant::now();
        let (outcome, answer) = push(&to, &hook, &body).await;
        assert_eq!(outcome, Outcome::Done, "{answer}");
        println!("push of {} bytes: {:?}", body.len(), start.elapsed());
        let start = std::time::Instant::now();
        let mut scanner = Scanner::new(&Limits::default(), ObjectFormat::Sha1);
        let at = body.windows(4).position(|part| part == b"PACK").unwrap();
        scanner.feed(&body[at..]).unwrap();
        println!("of which the scan: {:?}", start.elapsed());
    }
}

#[tokio::test]
async fn over_a_stream_the_refs_come_first_and_a_deletion_waits_for_no_end() {
    let bench = Bench::new();
    let (from, to, oid) = pair(&bench).await;
    let hook = bench.hook(TAKE_ALL);
    let body = bench.push_request(
        &from,
        &[(ZERO, oid.as_str(), "refs/heads/gone")],
        oid.as_str(),
    );
    push(&to, &hook, &body).await;
    let mut body = Vec::new();
    pktline::write(
        &mut body,
        format!("{oid} {ZERO} refs/heads/gone\0report-status").as_bytes(),
    );
    pktline::flush(&mut body);
    let (mut client, server) = tokio::io::duplex(64 << 10);
    let (input, output) = tokio::io::split(server);
    let talk = async {
        client.write_all(&body).await.unwrap();
        let mut answer = Vec::new();
        // The client's half stays open.
        client.read_to_end(&mut answer).await.unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    };
    let run = to
        .receive_pack(&hook)
        .over_stream(None)
        .run(input, output, STALL);
    let (outcome, answer) = tokio::join!(run, talk);
    assert_eq!(outcome.unwrap(), Outcome::Done, "{answer}");
    let refs = answer.find("refs/heads/gone").unwrap();
    let report = answer.find("ok refs/heads/gone").unwrap();
    assert!(refs < report, "{answer}");
    assert!(to.refs().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_push_that_stops_in_the_middle_of_its_pack_holds_its_place_no_longer_than_that() {
    let bench = Bench::new();
    let (from, mut to, oid) = pair(&bench).await;
    to.git = to.git.with_places(Places::few(1, STALL));
    let hook = bench.hook(TAKE_ALL);
    let commands = [(ZERO, oid.as_str(), "refs/heads/main")];
    let body = bench.push_request(&from, &commands, oid.as_str());
    let (mut client, server) = tokio::io::duplex(64 << 10);
    let half = async {
        // As long as is liked before the commands are here.
        tokio::time::sleep(Duration::from_millis(900)).await;
        client.write_all(&body[..body.len() - 30]).await.unwrap();
        std::future::pending::<()>().await
    };
    let mut answer = Vec::new();
    let push = to
        .receive_pack(&hook)
        .pack_within(Duration::from_millis(300))
        .run(server, &mut answer, 10 * STALL);
    let ended = tokio::select! {
        ended = tokio::time::timeout(STALL, push) => ended.expect("it is given up"),
        () = half => unreachable!("it has no end"),
    };
    let stalled = matches!(ended, Err(PushError::Service(ServiceError::Stalled)));
    assert!(stalled, "{ended:?}");
    assert_eq!(to.git.places().free(Work::Taking), 1);

    // One whose client is gone keeps its place until Git has removed what it stored.
    let (mut client, server) = tokio::io::duplex(64 << 10);
    client.write_all(&body[..body.len() - 30]).await.unwrap();
    let push = to.receive_pack(&hook).run(server, &mut answer, STALL);
    let taken = async {
        while to.git.places().free(Work::Taking) == 1 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        ended = push => panic!("{ended:?}"),
        () = taken => {}
    }
    assert_eq!(to.git.places().free(Work::Taking), 0);
    let _place = to.git.places().take(Work::Taking).await.unwrap();
    let left = bench.objects(&to);
    let quarantine = |path: &PathBuf| path.to_string_lossy().contains("tmp_objdir");
    assert!(!left.iter().any(quarantine), "{left:?}");
}
