use std::time::Instant;

use super::super::places::Places;
use super::super::testing::Bench;
use super::super::{Limits, ObjectFormat};
use super::*;

const STALL: Duration = Duration::from_secs(10);

fn ls_refs() -> Vec<u8> {
    let mut body = Vec::new();
    pktline::write(&mut body, b"command=ls-refs\n");
    body.extend_from_slice(b"0001");
    pktline::write(&mut body, b"ref-prefix refs/\n");
    pktline::flush(&mut body);
    body
}

#[test]
fn only_known_protocol_versions_are_passed_on() {
    assert_eq!(sanitise_protocol("version=2"), Some("version=2"));
    assert_eq!(sanitise_protocol("key=x:version=1"), Some("version=1"));
    for bad in ["", "version=3", "version=2\nX=y", "2", "version=2 "] {
        assert_eq!(sanitise_protocol(bad), None, "{bad}");
    }
}

#[tokio::test]
async fn refs_are_advertised_for_both_services_and_versions() {
    let bench = Bench::new();
    let repo = bench
        .repos
        .create("abc", "main", ObjectFormat::Sha1)
        .await
        .unwrap();
    let oid = bench.commit(&repo, "refs/heads/main", &[("a", b"1")]);
    let text = async |kind, protocol| {
        String::from_utf8(repo.info_refs(kind, protocol).await.unwrap()).unwrap()
    };
    let old = text(ServiceKind::UploadPack, None).await;
    assert!(
        old.starts_with("001e# service=git-upload-pack\n0000"),
        "{old}"
    );
    assert!(old.contains(&format!("{oid} refs/heads/main")), "{old}");
    let new = text(ServiceKind::UploadPack, Some("version=2")).await;
    assert!(
        new.contains("version 2") && new.contains("ls-refs"),
        "{new}"
    );
    assert!(new.contains("filter"), "{new}");
    let push = text(ServiceKind::ReceivePack, Some("version=2")).await;
    assert!(
        push.starts_with("001f# service=git-receive-pack\n0000"),
        "{push}"
    );
    assert!(
        push.contains("report-status") && push.contains("atomic"),
        "{push}"
    );
    assert!(
        !push.contains("push-options") && !push.contains("push-cert"),
        "{push}"
    );
}

#[tokio::test]
async fn a_request_is_answered_and_a_bad_one_says_why() {
    let bench = Bench::new();
    let repo = bench
        .repos
        .create("abc", "main", ObjectFormat::Sha1)
        .await
        .unwrap();
    let oid = bench.commit(&repo, "refs/heads/main", &[("a", b"1")]);
    let mut answer = Vec::new();
    let service = repo.upload_pack(Some("version=2")).await.unwrap();
    service
        .run(&ls_refs()[..], &mut answer, STALL)
        .await
        .unwrap();
    let text = String::from_utf8(answer).unwrap();
    assert!(text.contains(&format!("{oid} refs/heads/main")), "{text}");

    let service = repo.upload_pack(Some("version=2")).await.unwrap();
    let failed = service
        .run(&b"0009zzzzz0000"[..], &mut Vec::new(), STALL)
        .await;
    assert!(matches!(failed, Err(ServiceError::Failed(_))), "{failed:?}");
}

#[tokio::test]
async fn a_negotiation_has_an_end() {
    let bench = Bench::with(Limits {
        max_negotiation: 10,
        ..Limits::default()
    });
    let repo = bench
        .repos
        .create("abc", "main", ObjectFormat::Sha1)
        .await
        .unwrap();
    let service = repo.upload_pack(Some("version=2")).await.unwrap();
    let result = service.run(&ls_refs()[..], &mut Vec::new(), STALL).await;
    assert!(
        matches!(result, Err(ServiceError::TooLarge(10))),
        "{result:?}"
    );

    let service = repo.upload_pack(Some("version=2")).await.unwrap();
    let (_client, server) = tokio::io::duplex(64);
    let result = service
        .run(server, &mut Vec::new(), Duration::from_millis(100))
        .await;
    assert!(matches!(result, Err(ServiceError::Stalled)), "{result:?}");
}

#[tokio::test]
async fn a_place_is_free_when_its_process_has_ended_and_not_before() {
    let bench = Bench::new();
    let made = bench.repos.create("abc", "main", ObjectFormat::Sha1);
    let mut repo = made.await.unwrap();
    bench.commit(&repo, "refs/heads/main", &[("a", b"1")]);
    repo.git = repo.git.with_places(Places::few(1, Duration::from_secs(8)));
    let places = repo.git.places();
    let mut service = repo.upload_pack(None).await.unwrap();
    let pid = service.running.child().id().unwrap();
    let begun = Instant::now();
    drop(service);
    assert_eq!(places.free(Work::Answering), 0, "it is being ended");
    let place = places.take(Work::Answering).await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(8));
    assert!(!running(pid), "the process is there still");
    drop(place);

    // One that does not listen is ended by force, and keeps its place until then.
    let mut command = tokio::process::Command::new("sh");
    command
        .args(["-c", "trap '' TERM; echo; sleep 30 & wait; sleep 30"])
        .process_group(0)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped());
    let place = places.take(Work::Taking).await.unwrap();
    let mut deaf = Running::spawn(&mut command, End::Now)
        .unwrap()
        .keeping(place);
    let pid = deaf.child().id().unwrap();
    let stdout = deaf.child().stdout.as_mut().unwrap();
    stdout.read_exact(&mut [0]).await.unwrap();
    // Who waits for its end and goes away changes nothing.
    let stopped = tokio::time::timeout(Duration::from_millis(100), deaf.stop());
    assert!(stopped.await.is_err());
    assert_eq!(places.free(Work::Taking), 0);
    assert!(running(pid));
    let _place = places.take(Work::Taking).await.unwrap();
    assert!(!running(pid));
}

/// Whether there is such a process.
fn running(pid: u32) -> bool {
    std::path::Path::new(&format!("/proc/{pid}")).exists()
}
