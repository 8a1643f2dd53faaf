//! Git: pushing, the way to another node, cloning.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use commun_client::NewRepository;
use rand::{RngExt, SeedableRng, rngs::StdRng};

use super::{
    Effort,
    apache::Apache,
    crowd::Target,
    table::{Row, Table, median},
};
use crate::{
    content::{self, git},
    federation::{Federation, PATIENCE},
    process::Node,
};

/// From the start of `git push` on A to B's advertisement of the commit, and then a fetch that proves it.
pub(super) fn push_to_peer(
    f: &Federation,
    work: &Path,
    effort: Effort,
    table: &mut Table,
) -> Result<()> {
    let (a, b) = (&f.nodes[0], &f.nodes[1]);
    let local = work.join("walk");
    begin(&local)?;
    let name = publish(a, "bench-walk", &local)?;
    let other = work.join("other");
    content::git(
        work,
        None,
        &["init", "--quiet", "--bare", &other.to_string_lossy()],
    )?;
    let (push, token) = (format!("{}/{name}.git", a.url()), a.token()?);
    let fetch = format!("{}/{name}.git", b.url());
    let (mut times, mut returns, mut after) = (Vec::new(), Vec::new(), Vec::new());
    for n in 0..effort.times(40) {
        let commit = commit(&local, n)?;
        let begun = Instant::now();
        let (back, there) = thread::scope(|s| {
            let pushing = s.spawn(|| {
                git(
                    &local,
                    Some(&token),
                    &["push", "--quiet", &push, "HEAD:refs/heads/main"],
                )?;
                anyhow::Ok(begun.elapsed())
            });
            let there = advertised(b, &name, &commit, begun);
            let back = pushing.join().expect("a push does not panic");
            anyhow::Ok((back?, there?))
        })?;
        git(
            &other,
            None,
            &["fetch", "--quiet", &fetch, "refs/heads/main"],
        )?;
        ensure!(
            git(&other, None, &["rev-parse", "FETCH_HEAD"])?.trim() == commit,
            "B served another commit"
        );
        times.push(there);
        returns.push(back);
        after.push(there.saturating_sub(back));
    }
    let ms = median(&times);
    table.add(Row {
        what: "start of git push on A to fetchable on B: median".to_owned(),
        ours: ms,
        peer: None,
        peer_name: None,
        unit: "ms",
        n: times.len(),
        goal: "under 300 ms".to_owned(),
        met: Some(ms < 300.0),
    });
    let ms = median(&after);
    table.add(Row {
        what: "  from its return to fetchable on B: median".to_owned(),
        ours: ms,
        peer: None,
        peer_name: None,
        unit: "ms",
        n: after.len(),
        goal: "at most 100 ms".to_owned(),
        met: Some(ms <= 100.0),
    });
    table.add(Row {
        what: "  of which until the push returned: median".to_owned(),
        ours: median(&returns),
        peer: None,
        peer_name: None,
        unit: "ms",
        n: returns.len(),
        goal: "-".to_owned(),
        met: None,
    });
    Ok(())
}

/// Asks a node what it has, as `git ls-remote` does but without starting a process, until a commit is there.
fn advertised(node: &Node, name: &str, commit: &str, begun: Instant) -> Result<Duration> {
    let target = Target::of(&format!("{}/{name}.git", node.url()))?;
    while !target.list()?.contains(commit) {
        ensure!(begun.elapsed() < PATIENCE, "B never had {commit}");
        thread::sleep(Duration::from_millis(2));
    }
    Ok(begun.elapsed())
}

/// How long a node is left alone after a push, for what it does by itself.
const QUIET: Duration = Duration::from_millis(50);

/// Somebody with a key of their own, enrolled on a node.
struct Signer {
    key: String,
    token: String,
}

impl Signer {
    fn enrolled(node: &Node, work: &Path) -> Result<Self> {
        let key = work.join("signer");
        let made = Command::new("ssh-keygen")
            .args(["-q", "-t", "ed25519", "-N", "", "-C", "", "-f"])
            .arg(&key)
            .status()
            .context("ssh-keygen")?;
        ensure!(made.success(), "ssh-keygen: {made}");
        let public = fs::read_to_string(key.with_extension("pub"))?;
        let client = node.client()?;
        let person = client.enrol("Signer", &["developer"], Some(public.trim()))?;
        let token = client.create_token(&person.id, &[], None)?.token.clone();
        let key = format!("user.signingKey={}", key.display());
        Ok(Self { key, token })
    }

    /// How long a signed push of one commit takes.
    fn push(&self, local: &Path, url: &str, token: Option<&str>) -> Result<Duration> {
        let begun = Instant::now();
        let args = [
            "-c",
            "gpg.format=ssh",
            "-c",
            &self.key,
            "push",
            "--quiet",
            "--signed=true",
            url,
            "HEAD:refs/heads/main",
        ];
        git(local, token, &args)?;
        Ok(begun.elapsed())
    }
}

/// One commit pushed to a node and to the plain peer, in turns; then again with a member dead.
pub(super) fn pushes(
    f: &mut Federation,
    apache: Option<&Apache>,
    work: &Path,
    effort: Effort,
    table: &mut Table,
) -> Result<()> {
    let local = work.join("pushes");
    begin(&local)?;
    let name = publish(&f.nodes[0], "bench-pushes", &local)?;
    let ours = format!("{}/{name}.git", f.nodes[0].url());
    let signer = Signer::enrolled(&f.nodes[0], work)?;
    let signed_name = publish(&f.nodes[0], "bench-signed", &local)?;
    let signed_url = format!("{}/{signed_name}.git", f.nodes[0].url());
    // The same client's work, on a server that takes a certificate and verifies nothing.
    let certified = match apache {
        Some(apache) => {
            let served = apache.serve(&local, "certified.git")?;
            apache.configure("certified.git", "receive.certNonceSeed", "bench")?;
            Some(served.url)
        }
        None => None,
    };
    let (plain, peer) = match apache {
        Some(apache) => (
            apache.serve(&local, "pushes.git")?.url,
            "http-backend behind Apache",
        ),
        None => {
            let bare = work.join("pushes.git");
            git(
                work,
                None,
                &[
                    "clone",
                    "--quiet",
                    "--bare",
                    &local.to_string_lossy(),
                    &bare.to_string_lossy(),
                ],
            )?;
            (
                format!("file://{}", bare.display()),
                "plain Git over file://",
            )
        }
    };
    let token = f.nodes[0].token()?;
    let mut count = 1_000;
    let mut alive = None;
    for dead in [false, true] {
        if dead {
            f.nodes[2].kill();
        }
        let (mut with, mut without) = (Vec::new(), Vec::new());
        let (mut signed, mut unverified) = (Vec::new(), Vec::new());
        for _ in 0..effort.times(30) {
            count += 1;
            let commit = commit(&local, count)?;
            // What the other nodes do with a push must not be counted with the next one.
            let settled = |name: &str| -> Result<()> {
                for node in &f.nodes[1..if dead { 2 } else { 3 }] {
                    advertised(node, name, &commit, Instant::now())?;
                }
                thread::sleep(QUIET);
                Ok(())
            };
            let begun = Instant::now();
            git(
                &local,
                None,
                &["push", "--quiet", &plain, "HEAD:refs/heads/main"],
            )?;
            without.push(begun.elapsed());
            let begun = Instant::now();
            git(
                &local,
                Some(&token),
                &["push", "--quiet", &ours, "HEAD:refs/heads/main"],
            )?;
            with.push(begun.elapsed());
            settled(&name)?;
            signed.push(signer.push(&local, &signed_url, Some(&signer.token))?);
            settled(&signed_name)?;
            if let Some(url) = &certified {
                unverified.push(signer.push(&local, url, None)?);
            }
        }
        let (ms, plain_ms) = (median(&with), median(&without));
        let signed_ms = median(&signed);
        let mut signed_row = |what: &str, other: f64, name: &str, most: Option<f64>| {
            table.add(Row {
                what: what.to_owned(),
                ours: signed_ms,
                peer: Some(other),
                peer_name: Some(name.to_owned()),
                unit: "ms",
                n: signed.len(),
                goal: most.map_or("-".to_owned(), |m| format!("at most {m} times")),
                met: most.map(|most| signed_ms <= other * most),
            });
        };
        match alive {
            None => {
                signed_row(
                    "signed push of one commit, beside an unsigned one",
                    plain_ms,
                    peer,
                    Some(1.25),
                );
                signed_row(
                    "  beside an unsigned one to the same node",
                    ms,
                    "the same node",
                    Some(1.25),
                );
                if !unverified.is_empty() {
                    let other = median(&unverified);
                    signed_row(
                        "  beside a signed one that nobody verifies",
                        other,
                        peer,
                        None,
                    );
                }
                alive = Some(signed_ms);
            }
            Some(alive) => signed_row(
                "signed push, a member dead, beside all alive",
                alive,
                "the same node with all members",
                Some(1.1),
            ),
        }
        table.add(Row {
            what: format!(
                "git push of one commit{}: median",
                if dead { ", a member dead" } else { "" }
            ),
            ours: ms,
            peer: Some(plain_ms),
            peer_name: Some(peer.to_owned()),
            unit: "ms",
            n: with.len(),
            goal: "at most plain + 100 ms".to_owned(),
            met: Some(ms <= plain_ms + 100.0),
        });
    }
    f.nodes[2].start()?;
    f.connected()
}

/// Whole clones, in turns.
pub(super) fn clones(
    f: &Federation,
    apache: Option<&Apache>,
    work: &Path,
    effort: Effort,
    table: &mut Table,
) -> Result<()> {
    let made = work.join("large");
    large(&made)?;
    let mut corpora = vec![("a repository of 24 MB", "bench-large", made)];
    let bundle = std::env::var_os("COMMUN_SHARED")
        .map_or_else(|| PathBuf::from("../shared"), PathBuf::from)
        .join("data/repos/git-novice.bundle");
    if bundle.is_file() {
        let lesson = work.join("lesson");
        git(
            work,
            None,
            &[
                "clone",
                "--quiet",
                "--branch",
                "main",
                &bundle.to_string_lossy(),
                &lesson.to_string_lossy(),
            ],
        )
        .or_else(|_| {
            git(
                work,
                None,
                &[
                    "clone",
                    "--quiet",
                    &bundle.to_string_lossy(),
                    &lesson.to_string_lossy(),
                ],
            )
        })?;
        corpora.push(("a lesson with 1,752 commits", "bench-lesson", lesson));
    }
    for (what, slug, local) in corpora {
        let name = publish(&f.nodes[0], slug, &local)?;
        let ours = format!("{}/{name}.git", f.nodes[0].url());
        let peer = match apache {
            Some(apache) => apache.serve(&local, &format!("{slug}.git"))?.url,
            None => format!("file://{}", local.display()),
        };
        let (mut with, mut without) = (Vec::new(), Vec::new());
        for n in 0..effort.times(90).min(9) {
            // In turns, and each first every other time.
            let mut order = [(&ours, &mut with), (&peer, &mut without)];
            if n % 2 == 1 {
                order.reverse();
            }
            for (url, times) in order {
                let into = work.join("clone");
                let begun = Instant::now();
                git(
                    work,
                    None,
                    &["clone", "--quiet", "--bare", url, &into.to_string_lossy()],
                )?;
                times.push(begun.elapsed());
                fs::remove_dir_all(&into)?;
            }
        }
        let (ms, peer_ms) = (median(&with), median(&without));
        table.add(Row {
            what: format!("git clone of {what}: median"),
            ours: ms,
            peer: Some(peer_ms),
            peer_name: Some(
                if apache.is_some() {
                    "http-backend behind Apache"
                } else {
                    "plain Git over file://"
                }
                .to_owned(),
            ),
            unit: "ms",
            n: with.len(),
            goal: "at most 1.1 times".to_owned(),
            met: apache.map(|_| ms <= peer_ms * 1.1),
        });
    }
    Ok(())
}

/// A repository of about 24 MB packed: text that hardly compresses, in a history.
fn large(local: &Path) -> Result<()> {
    begin(local)?;
    let mut dice = StdRng::seed_from_u64(2026);
    for n in 0..24 {
        let text: String = (0..1_300_000)
            .map(|at| {
                if at % 80 == 79 {
                    '\n'
                } else {
                    char::from(dice.random_range(33..127_u8))
                }
            })
            .collect();
        fs::write(local.join(format!("{n}.txt")), text)?;
        commit(local, n)?;
    }
    // Both sides serve one pack, as after any push.
    let done = Command::new("git")
        .current_dir(local)
        .args(["repack", "-adq", "--window=0"])
        .status()?;
    ensure!(done.success(), "git repack: {done}");
    Ok(())
}

fn begin(local: &Path) -> Result<()> {
    fs::create_dir_all(local)?;
    git(local, None, &["init", "--quiet", "--initial-branch=main"])?;
    commit(local, 0).map(drop)
}

fn commit(local: &Path, n: usize) -> Result<String> {
    fs::write(local.join("count.txt"), format!("{n}\n"))?;
    git(local, None, &["add", "--all"])?;
    git(
        local,
        None,
        &[
            "commit",
            "--quiet",
            "--allow-empty",
            "--message",
            &format!("Commit {n}"),
        ],
    )?;
    Ok(git(local, None, &["rev-parse", "HEAD"])?.trim().to_owned())
}

/// Makes a repository on a node and pushes a local one into it; gives its name.
pub(super) fn publish(node: &Node, slug: &str, local: &Path) -> Result<String> {
    let new = NewRepository {
        slug: slug.to_owned(),
        title: Some(slug.to_owned()),
        licence: Some("EUPL-1.2".to_owned()),
        ..NewRepository::default()
    };
    Ok(content::push_repository(node, &new, local)
        .context("the bench's repository")?
        .name)
}
