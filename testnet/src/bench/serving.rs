//! What it costs a node to serve clones, beside Git's own `http-backend` behind Apache.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};

use super::{
    Effort,
    apache::{Apache, Served},
    history, processor,
    repositories::publish,
    table::{Row, Table},
};
use crate::{content::git, federation::Federation, process::Node};

/// Clones at the same time.
const CROWD: usize = 16;
/// Requests that are counted together: one is below what the kernel counts.
const LIST: usize = 20;

/// A side that is measured.
struct Side<'a> {
    /// For the wall.
    url: String,
    /// For the processor.
    counted: String,
    server: Server<'a>,
}

enum Server<'a> {
    Node(&'a Node),
    Apache(&'a Apache),
}

impl Side<'_> {
    fn cpu(&self) -> Result<f64> {
        match self.server {
            Server::Node(node) => processor::of_tree(node.pid().context("it runs")?),
            Server::Apache(apache) => Ok(processor::of_tree(apache.pid())? + apache.noted()?),
        }
    }

    /// The server's processor seconds, once what it started has ended.
    fn spent(&self, before: f64) -> Result<f64> {
        thread::sleep(Duration::from_millis(150));
        Ok(self.cpu()? - before)
    }
}

/// One kind of request.
struct Kind {
    what: &'static str,
    args: &'static [&'static str],
    at_once: usize,
    rounds: usize,
    /// The most that wall and processor may be of the peer's.
    goals: (Option<f64>, Option<f64>),
}

/// Everything, in turns.
pub(super) fn serving(
    f: &Federation,
    apache: &Apache,
    work: &Path,
    effort: Effort,
    table: &mut Table,
) -> Result<()> {
    let local = work.join("history.git");
    history::make(&local, history::LARGE, 2026)?;
    let node = &f.nodes[0];
    let name = publish(node, "bench-history", &local)?;
    let Served { url, counted } = apache.serve(&local, "history.git")?;
    let ours = format!("{}/{name}.git", node.url());
    let sides = [
        Side {
            url: ours.clone(),
            counted: ours,
            server: Server::Node(node),
        },
        Side {
            url,
            counted,
            server: Server::Apache(apache),
        },
    ];
    let kinds = [
        Kind {
            what: "clone of 50 MB, again",
            args: &["clone", "--quiet", "--bare"],
            at_once: 1,
            rounds: effort.times(90).min(9),
            goals: (Some(1.03), Some(0.5)),
        },
        Kind {
            what: "16 shallow clones at once",
            args: &["clone", "--quiet", "--bare", "--depth", "1"],
            at_once: CROWD,
            rounds: 3,
            goals: (Some(0.4), Some(0.1)),
        },
        Kind {
            what: "16 full clones at once",
            args: &["clone", "--quiet", "--bare"],
            at_once: CROWD,
            rounds: 2,
            goals: (None, Some(0.4)),
        },
        Kind {
            what: "20 times ls-remote",
            args: &["ls-remote", "--quiet"],
            at_once: 1,
            rounds: effort.times(50).min(5),
            goals: (Some(1.0), Some(0.5)),
        },
    ];
    for kind in kinds {
        measure(&sides, &kind, work, table)?;
    }
    Ok(())
}

fn measure(sides: &[Side<'_>; 2], kind: &Kind, work: &Path, table: &mut Table) -> Result<()> {
    let mut walls = [Vec::new(), Vec::new()];
    let mut costs = [Vec::new(), Vec::new()];
    // The first answer of each side fills caches and is not counted.
    for round in 0..=kind.rounds {
        let mut order = [0, 1];
        if round % 2 == 1 {
            order.reverse();
        }
        for at in order {
            let side = &sides[at];
            let wall = perform(kind, &side.url, work)?;
            let before = side.cpu()?;
            if side.counted != side.url {
                perform(kind, &side.counted, work)?;
            } else if round == 0 {
                continue;
            } else {
                perform(kind, &side.url, work)?;
            }
            let cost = side.spent(before)?;
            if round > 0 {
                walls[at].push(wall.as_secs_f64() * 1e3);
                costs[at].push(cost * 1e3);
            }
        }
    }
    for (name, values, goal) in [
        ("wall", &walls, kind.goals.0),
        ("server's processor", &costs, kind.goals.1),
    ] {
        let (ours, peer) = (middle(&values[0]), middle(&values[1]));
        table.add(Row {
            what: format!("{}: {name}", kind.what),
            ours,
            peer: Some(peer),
            peer_name: Some("http-backend behind Apache".to_owned()),
            unit: "ms",
            n: values[0].len(),
            goal: goal.map_or("-".to_owned(), |g| format!("at most {g} times")),
            met: goal.map(|g| ours <= peer * g),
        });
    }
    Ok(())
}

/// Does it once; how long it took.
fn perform(kind: &Kind, url: &str, work: &Path) -> Result<Duration> {
    let folder = work.join("crowd");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir(&folder)?;
    let begun = Instant::now();
    if kind.args[0] == "ls-remote" {
        for _ in 0..LIST {
            git(&folder, None, &[kind.args, &[url]].concat())?;
        }
        return Ok(begun.elapsed());
    }
    let children = (0..kind.at_once)
        .map(|n| {
            Command::new("git")
                .current_dir(&folder)
                .env("GIT_CONFIG_GLOBAL", "/dev/null")
                .env("GIT_CONFIG_NOSYSTEM", "1")
                .args(kind.args)
                .args([url, &n.to_string()])
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .spawn()
                .context("git clone")
        })
        .collect::<Result<Vec<_>>>()?;
    for mut child in children {
        let done = child.wait()?;
        ensure!(done.success(), "git clone of {url}: {done}");
    }
    Ok(begun.elapsed())
}

fn middle(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}
