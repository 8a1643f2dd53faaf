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
    table::{Row, Table, median},
};
use crate::{
    content::{self, git},
    federation::{Federation, PATIENCE},
    http,
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
    let (mut times, mut returns) = (Vec::new(), Vec::new());
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
    let path = format!("/{name}.git/info/refs?service=git-upload-pack");
    loop {
        let answer = http::get(node.ports().http, &path, &[])?;
        if answer
            .body
            .windows(commit.len())
            .any(|w| w == commit.as_bytes())
        {
            return Ok(begun.elapsed());
        }
        ensure!(begun.elapsed() < PATIENCE, "B never had {commit}");
        thread::sleep(Duration::from_millis(5));
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
    for dead in [false, true] {
        if dead {
            f.nodes[2].kill();
        }
        let (mut with, mut without) = (Vec::new(), Vec::new());
        for _ in 0..effort.times(30) {
            count += 1;
            commit(&local, count)?;
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
        }
        let (ms, plain_ms) = (median(&with), median(&without));
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
