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
