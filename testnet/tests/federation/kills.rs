//! A node killed again and again while people work: what was acknowledged is there.

use std::{
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use commun_testnet::{
    content::git,
    federation::{Federation, wait_until},
    process::Node,
};
use rand::{RngExt, SeedableRng, rngs::StdRng};

use super::{
    deeds::{commit, head, publish_files, push_new_repository, the_same_answers_everywhere},
    turn::turn,
};

/// How often the node is killed.
const KILLS: usize = 20;
const REPOSITORY: &str = "univ-angers/travail";

/// What the people at work share with the one who kills.
struct Work {
    over: AtomicBool,
    tried: AtomicUsize,
    commits: Mutex<Vec<String>>,
    items: Mutex<Vec<String>>,
}

impl Work {
    fn acknowledged(&self) -> usize {
        let count = |list: &Mutex<Vec<String>>| list.lock().expect("nobody panics with it").len();
        count(&self.commits) + count(&self.items)
    }
}

#[test]
fn killed_twenty_times() -> Result<()> {
    let _turn = turn();
    let seed = std::env::var("COMMUN_SEED")
        .ok()
        .and_then(|s| s.parse().ok())
        .unwrap_or_else(rand::random);
    println!("COMMUN_SEED={seed}");
    let mut dice = StdRng::seed_from_u64(seed);
    let mut f = Federation::temporary(3)?;
    let here = tempfile::tempdir()?;
    push_new_repository(&f.nodes[0], "travail", here.path())?;
    let local = here.path().join("travail");
    let mut victim = f.nodes.remove(0);
    // The people at work know where the node is, and nothing of its life.
    let door = Door {
        url: victim.url(),
        token: victim.token()?,
    };
    let work = Work {
        over: AtomicBool::new(false),
        tried: AtomicUsize::new(0),
        commits: Mutex::default(),
        items: Mutex::default(),
    };
    let worked = thread::scope(|people| -> Result<()> {
        people.spawn(|| pushes(&door, &local, &work));
        people.spawn(|| publishes(&door, &work));
        let killed = kills(&mut victim, &mut dice, &work);
        work.over.store(true, Ordering::Relaxed);
        killed
    });
    f.nodes.insert(0, victim);
    worked?;
    let commits = work.commits.into_inner().unwrap_or_default();
    let items = work.items.into_inner().unwrap_or_default();
    println!(
        "{} tries, {} commits and {} items acknowledged",
        work.tried.load(Ordering::Relaxed),
        commits.len(),
        items.len()
    );
    ensure!(
        !commits.is_empty() && !items.is_empty(),
        "nothing was ever acknowledged"
    );

    f.wait("every node has all that was acknowledged", |f| {
        for n in &f.nodes {
            let client = n.client()?;
            for name in &items {
                client.item(&name.parse().map_err(anyhow::Error::msg)?)?;
            }
            let served = head(n, REPOSITORY, here.path())?;
            if !contains(&local, &served, commits.last().context("one at least")?) {
                return Ok(false);
            }
        }
        Ok(true)
    })?;
    f.converge()?;
    the_same_answers_everywhere(&f, &["", "note", "travail"])?;
    for n in &mut f.nodes {
        n.stop()?;
        sound(&n.data)?;
    }
    f.stop()
}

/// Kills and starts the node again and again, each time somewhere in the middle of the work.
fn kills(victim: &mut Node, dice: &mut StdRng, work: &Work) -> Result<()> {
    for n in 0..KILLS {
        let before = work.acknowledged();
        wait_until("somebody's work is acknowledged", || {
            Ok(work.acknowledged() > before)
        })
        .with_context(|| format!("after kill {n}"))?;
        // A chance of one in four to be killed at once, else somewhere in what comes next.
        let after = dice.random_range(-100..300);
        thread::sleep(Duration::from_millis(u64::try_from(after).unwrap_or(0)));
        victim.kill();
        victim.start().with_context(|| format!("after kill {n}"))?;
    }
    Ok(())
}

struct Door {
    url: String,
    token: String,
}

fn pushes(door: &Door, local: &Path, work: &Work) {
    let url = format!("{}/{REPOSITORY}.git", door.url);
    for n in 0.. {
        if work.over.load(Ordering::Relaxed) {
            return;
        }
        let made = commit(local, "work.txt", &format!("{n}\n"), &format!("Work {n}"));
        let pushed = git(
            local,
            Some(&door.token),
            &["push", "--quiet", &url, "HEAD:refs/heads/main"],
        );
        work.tried.fetch_add(1, Ordering::Relaxed);
        if let (Ok(commit), Ok(_)) = (made, pushed) {
            work.commits
                .lock()
                .expect("nobody panics with it")
                .push(commit);
        }
    }
}

fn publishes(door: &Door, work: &Work) {
    for n in 0.. {
        if work.over.load(Ordering::Relaxed) {
            return;
        }
        let slug = format!("note-{n}");
        let metadata = serde_json::json!({"slug": slug, "title": {"fr": format!("Une note {n}")}, "licence": "CC0-1.0"});
        let published = publish_files(
            &door.url,
            &door.token,
            None,
            &metadata,
            &[("note.md", slug.as_bytes())],
        );
        work.tried.fetch_add(1, Ordering::Relaxed);
        if let Ok(name) = published {
            work.items.lock().expect("nobody panics with it").push(name);
        }
    }
}

fn contains(local: &Path, served: &str, commit: &str) -> bool {
    git(
        local,
        None,
        &["merge-base", "--is-ancestor", commit, served],
    )
    .is_ok()
}

/// A stopped node's folder: repositories that check, no quarantine, no upload that nobody finished.
pub fn sound(data: &Path) -> Result<()> {
    for repository in folders(&data.join("git")) {
        git(
            &repository,
            None,
            &["fsck", "--full", "--strict", "--no-dangling"],
        )
        .with_context(|| repository.display().to_string())?;
        let left: Vec<PathBuf> = folders(&repository.join("objects"))
            .into_iter()
            .filter(|p| {
                p.file_name().is_some_and(|n| {
                    let n = n.to_string_lossy();
                    n.starts_with("tmp_") || n.starts_with("incoming")
                })
            })
            .collect();
        ensure!(left.is_empty(), "quarantines are left: {left:?}");
    }
    let uploads = folders(&data.join("incoming"));
    ensure!(uploads.is_empty(), "uploads are left: {uploads:?}");
    let said = std::process::Command::new(commun_testnet::process::program("commun-node")?)
        .args(["verify", "--data"])
        .arg(data)
        .output()?;
    ensure!(
        said.status.success(),
        "verify says: {}{}",
        String::from_utf8_lossy(&said.stdout),
        String::from_utf8_lossy(&said.stderr)
    );
    Ok(())
}

fn folders(of: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(of).into_iter().flatten();
    entries
        .filter_map(|e| Some(e.ok()?.path()))
        .filter(|p| p.is_dir())
        .collect()
}
