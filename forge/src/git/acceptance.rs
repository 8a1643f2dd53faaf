//! The bad-input collection, fed to every entry point of this crate. It is not part of this repository:
//! `COMMUN_SHARED` names the folder that holds `data/hostile`.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::testing::{Bench, TAKE_ALL};
use super::{
    Ask, FetchError, HookEnv, ObjectFormat, Oid, Outcome, PushError, Repository, ServiceError,
    pktline,
};

const STALL: Duration = Duration::from_secs(10);

/// The collection allows 5 to 20 seconds; unoptimised code on a busy machine gets three times that.
const PATIENCE: u64 = 3;

struct Case {
    id: String,
    path: PathBuf,
    expect: String,
    seconds: u64,
}

fn hostile() -> PathBuf {
    let shared = std::env::var_os("COMMUN_SHARED").expect("COMMUN_SHARED names the shared folder");
    Path::new(&shared).join("data/hostile")
}

fn read_json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn cases(category: &str) -> Vec<Case> {
    let manifest = read_json(&hostile().join("MANIFEST.json"));
    let text = |entry: &Value, key: &str| entry[key].as_str().unwrap_or_default().to_owned();
    let found: Vec<_> = manifest["entries"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| text(entry, "path").starts_with(category))
        .map(|entry| Case {
            id: text(entry, "id"),
            path: hostile().join(text(entry, "path")),
            expect: text(entry, "expect"),
            seconds: entry["limits"]["max_seconds"].as_u64().unwrap_or(5),
        })
        .collect();
    assert!(!found.is_empty(), "no cases of {category}");
    found
}

/// The refs that a bundle names, and its pack.
fn open_bundle(bytes: &[u8]) -> (Vec<(String, String)>, &[u8]) {
    let end = bytes.windows(2).position(|pair| pair == b"\n\n").unwrap();
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let refs = head.lines().skip(1).map(|line| {
        let (oid, name) = line.split_once(' ').unwrap();
        (oid.to_owned(), name.to_owned())
    });
    (refs.collect(), &bytes[end + 2..])
}

/// A bundle as the body of a push that makes its refs.
fn push_body(bundle: &[u8]) -> Vec<u8> {
    let (refs, pack) = open_bundle(bundle);
    let mut body = Vec::new();
    for (index, (oid, name)) in refs.iter().enumerate() {
        let caps = if index == 0 {
            "\0 report-status agent=test"
        } else {
            ""
        };
        pktline::write(
            &mut body,
            format!("{} {oid} {name}{caps}", "0".repeat(40)).as_bytes(),
        );
    }
    pktline::flush(&mut body);
    body.extend_from_slice(pack);
    body
}

/// What one case did that it should not have.
#[derive(Default)]
struct Faults(Vec<String>);

impl Faults {
    /// Compares what happened to a repository that was empty with what the collection expects.
    async fn judge(
        &mut self,
        case: &Case,
        bench: &Bench,
        repo: &Repository,
        taken: bool,
        said: &str,
    ) {
        let refs = repo.refs().await.unwrap();
        let objects = bench.objects(repo);
        let left: Vec<_> = objects
            .iter()
            .filter(|path| !path.ends_with("objects/pack") && !path.ends_with("objects/info"))
            .collect();
        let mut fault = |what: &str| self.0.push(format!("{}: {what}; {said:.300}", case.id));
        match case.expect.as_str() {
            "reject" if taken => fault("taken"),
            "reject" if !refs.is_empty() => fault("a ref moved"),
            "reject" if !left.is_empty() => fault(&format!("left {left:?}")),
            "accept" if !taken => fault("refused"),
            "reject" | "accept" | "neutralise" | "accept_bounded" => {}
            other => fault(&format!("unknown expectation {other}")),
        }
        if objects
            .iter()
            .any(|path| path.to_string_lossy().contains("tmp_objdir"))
        {
            fault("left a quarantine");
        }
    }

    fn late(&mut self, case: &Case, start: Instant) {
        let took = start.elapsed();
        if took.as_secs() > case.seconds * PATIENCE {
            self.0.push(format!("{}: took {took:?}", case.id));
        }
    }

    fn none(self) {
        assert!(self.0.is_empty(), "\n{}", self.0.join("\n"));
    }
}

async fn push(repo: &Repository, hook: &HookEnv, body: &[u8]) -> (bool, String) {
    let mut answer = Vec::new();
    let result = repo.receive_pack(hook).run(body, &mut answer, STALL).await;
    let said = format!("{result:?} {}", String::from_utf8_lossy(&answer));
    let told = matches!(
        result,
        Ok(_) | Err(PushError::Malformed(_) | PushError::Service(ServiceError::Failed(_)))
    );
    assert!(told, "no clear answer: {said}");
    (
        matches!(result, Ok(Outcome::Done)) && said.contains("ok refs/"),
        said,
    )
}

#[tokio::test]
#[ignore = "needs COMMUN_SHARED"]
async fn acceptance_hostile_git_pushes() {
    let bench = Bench::new();
    let hook = bench.hook(TAKE_ALL);
    let mut faults = Faults::default();
    for (number, case) in cases("git/").iter().enumerate() {
        let bytes = std::fs::read(&case.path).unwrap();
        let body = match case.path.to_string_lossy() {
            path if path.ends_with(".bundle") => push_body(&bytes),
            // Requests to upload-pack have a test of their own; compressed ones are the node's to open.
            path if path.contains("/upload-") || path.ends_with(".gz") => continue,
            _ => bytes,
        };
        let id = format!("case{number}");
        let repo = bench
            .repos
            .create(&id, "main", ObjectFormat::Sha1)
            .await
            .unwrap();
        let start = Instant::now();
        let (taken, said) = push(&repo, &hook, &body).await;
        faults.late(case, start);
        faults.judge(case, &bench, &repo, taken, &said).await;
    }
    faults.none();
}

/// A peer that answers any request with one pack, whatever is in it.
async fn answer_with(pack: &[u8], mut stream: tokio::io::DuplexStream) -> std::io::Result<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\n\n") {
        if stream.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    stream.write_all(b"ok - 0\n").await?;
    for part in pack.chunks(32 << 10) {
        stream.write_all(&(part.len() as u32).to_be_bytes()).await?;
        stream.write_all(part).await?;
    }
    // The pack is complete.
    stream.write_all(&u32::MAX.to_be_bytes()).await
}

#[tokio::test]
#[ignore = "needs COMMUN_SHARED"]
async fn acceptance_hostile_git_replication() {
    let bench = Bench::new();
    let mut faults = Faults::default();
    let bundles = cases("git/objects/").into_iter().chain(cases("git/packs/"));
    for (number, case) in bundles.enumerate() {
        let bytes = std::fs::read(&case.path).unwrap();
        let (refs, pack) = open_bundle(&bytes);
        let wanted: Vec<_> = refs
            .iter()
            .map(|(oid, _)| Oid::parse(oid).unwrap())
            .collect();
        let id = format!("case{number}");
        let repo = bench
            .repos
            .create(&id, "main", ObjectFormat::Sha1)
            .await
            .unwrap();
        let (client, server) = tokio::io::duplex(64 << 10);
        let ask = Ask {
            wanted: &wanted,
            known: &[],
            holder: "hostile",
            stall: STALL,
        };
        let start = Instant::now();
        let (_, result) = tokio::join!(answer_with(pack, server), repo.fetch(client, ask));
        let clear = !matches!(result, Err(FetchError::Git(_) | FetchError::Stalled));
        if !clear {
            faults
                .0
                .push(format!("{}: no clear answer: {result:?}", case.id));
        }
        faults.late(&case, start);
        faults
            .judge(&case, &bench, &repo, result.is_ok(), &format!("{result:?}"))
            .await;
    }
    faults.none();
}

#[tokio::test]
#[ignore = "needs COMMUN_SHARED"]
async fn acceptance_hostile_git_requests_to_upload_pack() {
    let bench = Bench::new();
    let repo = bench
        .repos
        .create("abc", "main", ObjectFormat::Sha1)
        .await
        .unwrap();
    bench.commit(&repo, "refs/heads/main", &[("a", b"1")]);
    for case in cases("git/requests/upload-") {
        let body = std::fs::read(&case.path).unwrap();
        let service = repo.upload_pack(Some("version=2")).await.unwrap();
        let mut answer = Vec::new();
        let start = Instant::now();
        let result = service.run(&body[..], &mut answer, STALL).await;
        assert!(
            start.elapsed().as_secs() <= case.seconds * PATIENCE,
            "{}",
            case.id
        );
        if case.expect == "reject" {
            assert!(
                matches!(result, Err(ServiceError::Failed(_))),
                "{}: {result:?}",
                case.id
            );
        }
        assert!(
            !answer.windows(8).any(|part| part == b"packfile"),
            "{}",
            case.id
        );
    }
}
