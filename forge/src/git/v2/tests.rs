use super::super::ServiceKind;
use super::super::testing::Bench;
use super::super::{Cache, Repos};
use super::*;

const STALL: Duration = Duration::from_secs(10);

fn request(command: &str, capabilities: &[&str], arguments: &[&str]) -> Vec<u8> {
    let mut out = Vec::new();
    line(&mut out, &format!("command={command}\n"));
    for capability in capabilities {
        line(&mut out, capability);
    }
    out.extend_from_slice(b"0001");
    for argument in arguments {
        line(&mut out, &format!("{argument}\n"));
    }
    pktline::flush(&mut out);
    out
}

async fn by_git(repo: &Repository, request: &[u8]) -> Vec<u8> {
    let mut answer = Vec::new();
    let service = repo.upload_pack(Some("version=2")).await.unwrap();
    service.run(request, &mut answer, STALL).await.unwrap();
    answer
}

async fn whole(repo: &Repository, request: &[u8]) -> Vec<u8> {
    match repo.answer(request).await.unwrap() {
        Answered::Whole(bytes) => bytes,
        other => panic!("{other:?}"),
    }
}

async fn cached(mut reader: Reader) -> Vec<u8> {
    let mut all = Vec::new();
    while let Some(bytes) = reader.next().await {
        all.extend(bytes.unwrap());
    }
    all
}

#[tokio::test]
async fn refs_are_listed_as_git_lists_them() {
    let bench = Bench::new();
    let repo = bench
        .repos
        .create("abc", "main", ObjectFormat::Sha1)
        .await
        .unwrap();
    let requests = [
        request(
            "ls-refs",
            &["agent=x"],
            &["peel", "symrefs", "unborn", "ref-prefix HEAD"],
        ),
        request(
            "ls-refs",
            &["agent=x", "object-format=sha1"],
            &["peel", "symrefs"],
        ),
        request("ls-refs", &[], &[]),
        request(
            "ls-refs",
            &[],
            &["unborn", "ref-prefix refs/heads/", "ref-prefix refs/tags/v"],
        ),
        request("ls-refs", &[], &["symrefs", "ref-prefix refs/heads/side"]),
    ];
    for request in &requests {
        assert_eq!(whole(&repo, request).await, by_git(&repo, request).await);
    }
    bench.commit(&repo, "refs/heads/main", &[("a", b"1")]);
    bench.commit(&repo, "refs/heads/side", &[("b", b"1")]);
    bench.commit(&repo, "refs/heads/side-2", &[("b", b"2")]);
    let who = ["-c", "user.name=A", "-c", "user.email=a@example.org"];
    bench.git(
        &repo,
        &[&who[..], &["tag", "-a", "-m", "x", "v1", "main"]].concat(),
    );
    bench.git(
        &repo,
        &[&who[..], &["tag", "-a", "-m", "x", "v2", "v1"]].concat(),
    );
    bench.git(&repo, &["tag", "plain", "side"]);
    for packed in [false, true] {
        if packed {
            bench.git(&repo, &["pack-refs", "--all"]);
            bench.commit(&repo, "refs/heads/side", &[("b", b"3")]);
        }
        for request in &requests {
            let (ours, git) = (whole(&repo, request).await, by_git(&repo, request).await);
            assert_eq!(
                String::from_utf8_lossy(&ours),
                String::from_utf8_lossy(&git)
            );
        }
    }
    repo.set_default_branch("gone").await.unwrap();
    for request in &requests {
        assert_eq!(whole(&repo, request).await, by_git(&repo, request).await);
    }
}

#[tokio::test]
async fn what_is_not_plain_is_left_to_git() {
    let bench = Bench::new();
    let wide = bench
        .repos
        .create("wide", "main", ObjectFormat::Sha256)
        .await
        .unwrap();
    let small = bench
        .repos
        .create("abc", "main", ObjectFormat::Sha1)
        .await
        .unwrap();
    let oid = bench.commit(&small, "refs/heads/main", &[("a", b"1")]);
    let want = format!("want {oid}");
    let ls = request("ls-refs", &[], &["peel"]);
    for (repo, request) in [
        (&wide, ls.clone()),
        (&small, request("ls-refs", &["server-option=x"], &[])),
        (&small, request("ls-refs", &[], &["new-word"])),
        (&small, request("fetch", &[], &[&want, "have x", "done"])),
        (&small, request("fetch", &[], &[&want])),
        // Too small to be worth a file, and no cache.
        (&small, request("fetch", &[], &[&want, "done"])),
        (&small, [&ls[..], &ls[..]].concat()),
        (&small, b"zzzz".to_vec()),
        (&small, ls[..ls.len() - 1].to_vec()),
    ] {
        let answered = repo.answer(&request).await.unwrap();
        assert!(matches!(answered, Answered::Process(_)), "{request:?}");
    }
}

#[tokio::test]
async fn a_clone_that_was_asked_for_before_is_not_made_again() {
    let bench = Bench::new();
    let cache = Cache::open(bench.folder().join("packs"), 64 << 20).unwrap();
    let git = bench.repos.git().clone();
    let repos = Repos::open(git, bench.folder())
        .unwrap()
        .with_cache(cache.clone());
    let repo = repos
        .create("abc", "main", ObjectFormat::Sha1)
        .await
        .unwrap();
    // Noise does not compress.
    let mut noise = vec![0; 2 << 20];
    let mut state = 1_u64;
    for byte in &mut noise {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        *byte = (state >> 56) as u8;
    }
    let oid = bench.commit(&repo, "refs/heads/main", &[("noise", &noise)]);
    bench.git(&repo, &["repack", "-adq"]);
    let want = format!("want {oid}");
    let clone = |agent| {
        request(
            "fetch",
            &[agent],
            &["ofs-delta", "no-progress", &want, "done"],
        )
    };
    let mut answers = Vec::new();
    for agent in ["agent=git/2.47.3", "agent=git/2.39.0"] {
        let answered = repo.answer(&clone(agent)).await.unwrap();
        let Answered::Cached(reader) = answered else {
            panic!("{answered:?}");
        };
        answers.push(cached(reader).await);
    }
    assert!(answers[0].len() > noise.len() && answers[0] == answers[1]);
    assert_eq!((cache.stats().hits, cache.stats().misses), (1, 1));
    // Git cuts the same pack into frames as it comes.
    let git = by_git(&repo, &clone("agent=x")).await;
    assert!(git.len().abs_diff(answers[0].len()) < 1000);
    // Another question, or other refs: another answer.
    let shallow = request("fetch", &[], &["deepen 1", &want, "done"]);
    assert!(matches!(
        repo.answer(&shallow).await.unwrap(),
        Answered::Cached(_)
    ));
    bench.git(&repo, &["tag", "v1", "main"]);
    assert!(matches!(
        repo.answer(&clone("agent=x")).await.unwrap(),
        Answered::Cached(_)
    ));
    assert_eq!((cache.stats().hits, cache.stats().misses), (1, 3));
    // What Git refuses is passed on and not kept.
    let missing = format!("want {}", "1".repeat(40));
    let answered = repo
        .answer(&request("fetch", &[], &[&missing, "done"]))
        .await
        .unwrap();
    let Answered::Cached(mut reader) = answered else {
        panic!("{answered:?}");
    };
    let said = reader.next().await.unwrap().unwrap();
    assert!(String::from_utf8_lossy(&said).contains("not our ref"));
    assert!(reader.next().await.unwrap().is_err());
    assert!(repo.has_refs().await.unwrap());
}

#[tokio::test]
async fn capabilities_are_the_same_for_every_repository() {
    let bench = Bench::new();
    let mut seen = Vec::new();
    for (id, format) in [
        ("a", ObjectFormat::Sha1),
        ("b", ObjectFormat::Sha1),
        ("c", ObjectFormat::Sha256),
    ] {
        let repo = bench.repos.create(id, "main", format).await.unwrap();
        bench.git(&repo, &["config", "x.y", id]);
        seen.push(
            repo.info_refs(ServiceKind::UploadPack, Some("version=2"))
                .await
                .unwrap(),
        );
    }
    assert_eq!(seen[0], seen[1]);
    assert!(String::from_utf8_lossy(&seen[2]).contains("object-format=sha256"));
}

#[tokio::test]
async fn so_many_processes_answer_at_a_time_and_the_next_one_waits_for_its_place() {
    let bench = Bench::new();
    let made = bench.repos.create("abc", "main", ObjectFormat::Sha1);
    let mut repo = made.await.unwrap();
    let oid = bench.commit(&repo, "refs/heads/main", &[("a", b"1")]);
    let places = super::super::places::Places::few(1, Duration::from_millis(200));
    repo.git = repo.git.with_places(places);
    let fetch = request("fetch", &["agent=x"], &[&format!("want {oid}"), "done"]);
    let first = repo.answer(&fetch).await.unwrap();
    let second = repo.answer(&fetch).await;
    assert!(matches!(second, Err(ServiceError::Busy)), "{second:?}");
    // What needs no process needs no place.
    let list = request("ls-refs", &["agent=x"], &[]);
    assert!(matches!(repo.answer(&list).await, Ok(Answered::Whole(_))));
    // Nor has it to do with those of people who are known, and of other nodes.
    let known = repo.upload_pack_stream(Some("version=2")).await.unwrap();
    drop(known);
    let advertised = repo.info_refs(ServiceKind::ReceivePack, None).await;
    assert!(advertised.is_ok(), "{advertised:?}");
    let to = bench.repos.create("to", "main", ObjectFormat::Sha1);
    let to = to.await.unwrap();
    let (client, server) = tokio::io::duplex(64 << 10);
    let stall = Duration::from_secs(5);
    let ask = super::super::Ask {
        wanted: std::slice::from_ref(&oid),
        known: &[],
        holder: "peer",
        stall,
    };
    let (given, fetched) = tokio::join!(repo.give(server, stall), to.fetch(client, ask));
    given.unwrap();
    fetched.unwrap();
    let (waiting, ()) = tokio::join!(repo.answer(&fetch), async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        drop(first);
    });
    assert!(matches!(waiting, Ok(Answered::Process(_))), "{waiting:?}");
}
