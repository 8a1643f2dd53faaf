use std::{
    process::{Command, Stdio},
    time::Instant,
};

use commun_forge::git::{Git, Limits, ObjectFormat, Repos};
use tokio::io::{AsyncWriteExt, DuplexStream};

use super::*;

const STALL: Duration = Duration::from_millis(100);
/// For peers that are honest on a loaded machine.
const PATIENT: Duration = Duration::from_secs(10);

/// What a peer does.
#[derive(Clone, Copy, PartialEq)]
enum Peer {
    Honest,
    /// Sends a byte now and then.
    Trickles,
    /// Hangs up in the middle of a line.
    BreaksOff,
    /// Says that it lacks the repository.
    Lacks,
    /// Says that it gives to as many as it can.
    Busy,
}

/// Peers by the first byte of their key, and who was asked.
struct Bench {
    peers: Vec<Peer>,
    from: Repository,
    to: Repository,
    asked: Mutex<Vec<usize>>,
    _folder: tempfile::TempDir,
}

fn key(n: usize) -> PublicKey {
    commun_specs::key::SecretKey::from_seed([n as u8 + 1; 32]).public()
}

impl Bench {
    async fn with(peers: &[Peer]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let repos = Repos::open(Git::new(Limits::default()).unwrap(), folder.path()).unwrap();
        let from = repos
            .create("from", "main", ObjectFormat::Sha1)
            .await
            .unwrap();
        let to = repos
            .create("to", "main", ObjectFormat::Sha1)
            .await
            .unwrap();
        Self {
            peers: peers.to_vec(),
            from,
            to,
            asked: Mutex::default(),
            _folder: folder,
        }
    }

    fn keys(&self) -> Vec<PublicKey> {
        (0..self.peers.len()).map(key).collect()
    }

    fn asked(&self) -> Vec<usize> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }

    /// Makes commits without parents, each the head of a branch of its own.
    fn commits(&self, count: usize) -> Vec<Oid> {
        let mut script = String::new();
        for n in 0..count {
            script.push_str(&format!(
                "commit refs/heads/b{n}\ncommitter A <a@example.org> 17000{n:05} +0000\ndata 1\nx\n\n"
            ));
        }
        self.git(&["fast-import", "--quiet"], &script);
        let listed = self.git(&["for-each-ref", "--format=%(objectname)"], "");
        listed.lines().map(|l| Oid::parse(l).unwrap()).collect()
    }

    fn git(&self, args: &[&str], input: &str) -> String {
        let mut child = Command::new("git")
            .current_dir(self.from.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "git {args:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    async fn round(
        &self,
        missing: &[Oid],
        failures: &Failures,
        stall: Duration,
    ) -> Result<(), Behind> {
        self.round_of(missing, &StatedBy::new(), failures, stall)
            .await
    }

    async fn round_of(
        &self,
        missing: &[Oid],
        stated: &StatedBy,
        failures: &Failures,
        stall: Duration,
    ) -> Result<(), Behind> {
        let item = StatementId::of(b"repository");
        let mut peers = self.keys();
        failures.sort(&item, &mut peers);
        round(
            self,
            &peers,
            &self.to,
            &item,
            missing.to_vec(),
            stated,
            failures,
            stall,
        )
        .await
    }
}

impl Open for Bench {
    type Stream = DuplexStream;

    async fn open(&self, peer: &PublicKey) -> Result<DuplexStream, OpenError> {
        let at = self.keys().iter().position(|k| k == peer).unwrap();
        self.asked.lock().unwrap().push(at);
        let (near, mut far) = tokio::io::duplex(64 << 10);
        match self.peers[at] {
            Peer::Lacks => return Err(OpenError::NotHeld),
            Peer::Honest => {
                let from = self.from.clone();
                tokio::spawn(async move { from.give(far, PATIENT).await });
            }
            Peer::Busy => {
                tokio::spawn(async move {
                    far.write_all(b"no busy\n").await.unwrap();
                    let _ = tokio::io::copy(&mut far, &mut tokio::io::sink()).await;
                });
            }
            Peer::BreaksOff => far.write_all(b"ok - 0\n\0\0\0\x09PA").await.unwrap(),
            Peer::Trickles => {
                tokio::spawn(trickle(far));
            }
        }
        Ok(near)
    }
}

/// Begins a pack and sends it byte by byte.
async fn trickle(mut far: DuplexStream) -> std::io::Result<()> {
    far.write_all(b"ok - 0\n\0\0\xff\xffPACK\0\0\0\x02\0\0\0\x01")
        .await?;
    // One file, not compressed.
    far.write_all(b"\xbf\xff\x1f\x78\x01\0\xff\xff\0\0").await?;
    loop {
        tokio::time::sleep(STALL / 2).await;
        far.write_all(b"\0").await?;
    }
}

#[tokio::test]
async fn whatever_a_peer_does_wrong_the_next_one_is_asked_and_it_comes_last_next_time() {
    let bench = Bench::with(&[Peer::BreaksOff, Peer::Lacks, Peer::Honest]).await;
    let failures = Failures::default();
    let oids = bench.commits(2);
    bench.round(&oids[..1], &failures, PATIENT).await.unwrap();
    assert_eq!(bench.asked(), [0, 1, 2]);
    assert_eq!(bench.to.holds(&oids).await.unwrap(), [true, false]);
    bench.round(&oids[1..], &failures, PATIENT).await.unwrap();
    assert_eq!(
        bench.asked(),
        [1, 2],
        "the one that broke off is not first again"
    );
    assert_eq!(bench.to.holds(&oids).await.unwrap(), [true, true]);
}

#[tokio::test]
async fn a_peer_that_trickles_is_left_for_the_next_one() {
    let bench = Bench::with(&[Peer::Trickles, Peer::Lacks]).await;
    let failures = Failures::default();
    let oids = bench.commits(1);
    let start = Instant::now();
    let result = bench.round(&oids, &failures, STALL).await;
    assert!(matches!(&result, Err(Behind::NoHolder(_))), "{result:?}");
    assert!(start.elapsed() < STALL * 300, "{:?}", start.elapsed());
    assert_eq!(bench.asked(), [0, 1]);
    bench.round(&oids, &failures, STALL).await.unwrap_err();
    assert_eq!(bench.asked(), [1, 0], "who trickled is asked last");
}

#[tokio::test]
async fn a_busy_peer_is_passed_over_and_not_held_to_have_failed() {
    let bench = Bench::with(&[Peer::Busy, Peer::Lacks]).await;
    let failures = Failures::default();
    let oids = bench.commits(1);
    for _ in 0..2 {
        let result = bench.round(&oids, &failures, PATIENT).await;
        assert!(matches!(result, Err(Behind::Busy)), "{result:?}");
        assert_eq!(bench.asked(), [0, 1], "it stays the first");
    }
    let bench = Bench::with(&[Peer::Busy, Peer::Honest]).await;
    let oids = bench.commits(1);
    bench.round(&oids, &failures, PATIENT).await.unwrap();
}

#[tokio::test]
async fn a_head_that_nobody_holds_keeps_no_other_away() {
    let bench = Bench::with(&[Peer::Honest, Peer::Honest]).await;
    let mut oids = bench.commits(5);
    let missing = Oid::parse(&"1".repeat(40)).unwrap();
    oids.insert(2, missing);
    let result = bench.round(&oids, &Failures::default(), PATIENT).await;
    assert!(matches!(&result, Err(Behind::NoHolder(_))), "{result:?}");
    let held = bench.to.holds(&oids).await.unwrap();
    assert_eq!(held, [true, true, false, true, true, true]);
}

#[tokio::test]
async fn heads_of_one_institution_that_nobody_holds_starve_no_other_institution() {
    let bench = Bench::with(&[Peer::Honest]).await;
    let oids = bench.commits(3);
    let handle = |name: &str| Handle::new(name).unwrap();
    let lost = (1..MAX_ABSENT + 5).map(|n| Oid::parse(&format!("{n:040x}")).unwrap());
    let mut all: Vec<Oid> = lost.collect();
    let mut stated: StatedBy = all
        .iter()
        .map(|oid| (oid.clone(), BTreeSet::from([handle("univ-lost")])))
        .collect();
    // The last one is stated by both.
    for oid in &oids {
        stated.insert(oid.clone(), BTreeSet::from([handle("univ-good")]));
    }
    let both = BTreeSet::from([handle("univ-good"), handle("univ-lost")]);
    stated.insert(oids[2].clone(), both);
    all.extend(oids.iter().cloned());
    let failures = Failures::default();
    let result = bench.round_of(&all, &stated, &failures, PATIENT).await;
    assert!(matches!(&result, Err(Behind::NoHolder(_))), "{result:?}");
    assert_eq!(bench.to.holds(&oids).await.unwrap(), [true; 3]);
}

#[tokio::test]
async fn heads_that_nobody_holds_do_not_starve_the_rest_of_one_institution_for_ever() {
    let bench = Bench::with(&[Peer::Honest]).await;
    let oids = bench.commits(2);
    let lost = (1..MAX_ABSENT + 5).map(|n| Oid::parse(&format!("{n:040x}")).unwrap());
    let all: Vec<Oid> = lost.chain(oids.iter().cloned()).collect();
    let failures = Failures::default();
    // Each round reaches both with more than even odds: never in forty is less likely than a broken disk.
    for _ in 0..40 {
        bench.round(&all, &failures, PATIENT).await.unwrap_err();
        if bench.to.holds(&oids).await.unwrap() == [true; 2] {
            return;
        }
    }
    panic!("what is there never came");
}

#[tokio::test]
async fn many_heads_come_in_steps() {
    let bench = Bench::with(&[Peer::Honest]).await;
    let oids = bench.commits(MAX_WANTED + 5);
    assert_eq!(oids.len(), MAX_WANTED + 5);
    bench
        .round(&oids, &Failures::default(), PATIENT)
        .await
        .unwrap();
    assert_eq!(bench.asked(), [0, 0]);
    assert!(
        bench
            .to
            .holds(&oids)
            .await
            .unwrap()
            .into_iter()
            .all(|held| held)
    );
}

#[test]
fn the_last_to_fail_is_asked_last_and_forgiven_when_it_gives() {
    let failures = Failures::default();
    let item = StatementId::of(b"repository");
    let all = [key(0), key(1), key(2)];
    failures.failed(&item, &all[0]);
    failures.failed(&item, &all[1]);
    failures.failed(&item, &all[0]);
    let order = |failures: &Failures| {
        let mut peers = all;
        failures.sort(&item, &mut peers);
        peers
    };
    assert_eq!(order(&failures), [all[2], all[1], all[0]]);
    failures.gave(&item, &all[0]);
    assert_eq!(order(&failures), [all[0], all[2], all[1]]);
    failures.gave(&item, &all[1]);
    assert_eq!(order(&failures), all);
    assert!(failures.lock().is_empty());
}
