//! What it costs a node to serve clones, beside Git's own `http-backend` behind Apache.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};

use super::{
    Effort,
    apache::{Apache, Served},
    crowd::{FromMemory, Recorded, Target},
    history, memory, processor,
    repositories::publish,
    table::{Row, Table},
};
use crate::{content::git, federation::Federation, process::Node};

/// The peer.
const APACHE: &str = "http-backend behind Apache";
/// Clones at the same time.
const CROWD: usize = 16;
/// Requests that are counted together: one is below what the kernel counts.
const LIST: usize = 20;

/// Commits from which on this project's own history counts as one.
const OWN_HISTORY: usize = 200;

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

    fn pid(&self) -> Result<u32> {
        match self.server {
            Server::Node(node) => node.pid().context("it runs"),
            Server::Apache(apache) => Ok(apache.pid()),
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
    what: String,
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
    let sides = sides(f, apache, &local, "bench-history")?;
    let kinds = [
        Kind {
            what: "clone of 50 MB, again".to_owned(),
            args: &["clone", "--quiet", "--bare"],
            at_once: 1,
            rounds: effort.times(90).min(9),
            goals: (Some(1.03), Some(0.5)),
        },
        shallow("50 MB with pictures"),
        Kind {
            what: "16 full clones at once".to_owned(),
            args: &["clone", "--quiet", "--bare"],
            at_once: CROWD,
            rounds: 2,
            goals: (None, Some(0.4)),
        },
        Kind {
            what: "20 times ls-remote".to_owned(),
            args: &["ls-remote", "--quiet"],
            at_once: 1,
            rounds: effort.times(50).min(5),
            goals: (Some(1.0), Some(0.5)),
        },
    ];
    for kind in &kinds {
        measure(&sides, kind, work, table)?;
    }
    alone(&sides, &kinds[1], work, table)?;
    peak(&sides, &kinds[1], work, table)?;
    match own_history(work)? {
        Some(own) => {
            let sides = self::sides(f, apache, &own, "bench-own")?;
            let kind = shallow("this project's own history");
            measure(&sides, &kind, work, table)?;
            alone(&sides, &kind, work, table)?;
        }
        None => table.remark(
            "Shallow clones of this project's own history were not measured: the benchmark does not run in a checkout.",
        ),
    }
    Ok(())
}

fn shallow(of: &str) -> Kind {
    Kind {
        what: format!("16 shallow clones at once, {of}"),
        args: &["clone", "--quiet", "--bare", "--depth", "1"],
        at_once: CROWD,
        rounds: 5,
        goals: (Some(0.4), Some(0.1)),
    }
}

/// The same repository on a node and behind Apache.
fn sides<'a>(
    f: &'a Federation,
    apache: &'a Apache,
    local: &Path,
    slug: &str,
) -> Result<[Side<'a>; 2]> {
    let node = &f.nodes[0];
    let name = publish(node, slug, local)?;
    let Served { url, counted } = apache.serve(local, &format!("{slug}.git"))?;
    let ours = format!("{}/{name}.git", node.url());
    Ok([
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
    ])
}

/// This project's own history, where the benchmark runs in a checkout: what developers really clone.
fn own_history(work: &Path) -> Result<Option<PathBuf>> {
    let here = std::env::current_dir()?;
    let count = git(&here, None, &["rev-list", "--count", "HEAD"]);
    let count = count.ok().and_then(|text| text.trim().parse().ok());
    if count.is_none_or(|count: usize| count < OWN_HISTORY) {
        return Ok(None);
    }
    let own = work.join("own.git");
    let into = own.to_string_lossy();
    git(
        work,
        None,
        &["init", "--quiet", "--bare", "--initial-branch=main", &into],
    )?;
    git(
        &here,
        None,
        &["push", "--quiet", &into, "HEAD:refs/heads/main"],
    )?;
    git(&own, None, &["repack", "-adfq"])?;
    Ok(Some(own))
}

/// What the server has of a crowd's wall: the same answers taken without doing anything with them, and the same clients
/// answered from memory.
fn alone(sides: &[Side<'_>; 2], kind: &Kind, work: &Path, table: &mut Table) -> Result<()> {
    let targets = [Target::of(&sides[0].url)?, Target::of(&sides[1].url)?];
    let recorded = Recorded::of(&targets[0], Some(1))?;
    let request = recorded.request.clone();
    // Both may pack a little differently.
    let least = recorded.len() / 2;
    let memory = FromMemory::start(recorded)?;
    let (mut taken, mut floor) = ([Vec::new(), Vec::new()], Vec::new());
    let mut clones = [Vec::new(), Vec::new()];
    for round in 0..=kind.rounds {
        let mut order = [0, 1];
        if round % 2 == 1 {
            order.reverse();
        }
        let ms = |wall: Duration| wall.as_secs_f64() * 1e3;
        for at in order {
            let answers = targets[at].take(&request, kind.at_once, least)?;
            let clone = perform(kind, &sides[at].url, work)?;
            if round > 0 {
                taken[at].push(ms(answers));
                clones[at].push(ms(clone));
            }
        }
        let least = perform(kind, &memory.url(), work)?;
        if round > 0 {
            floor.push(ms(least));
        }
    }
    table.add(Row {
        what: format!("{}: answers alone", kind.what),
        ours: middle(&taken[0]),
        peer: Some(middle(&taken[1])),
        peer_name: Some(APACHE.to_owned()),
        unit: "ms",
        n: taken[0].len(),
        goal: "at most 0.4 times".to_owned(),
        met: Some(middle(&taken[0]) <= middle(&taken[1]) * 0.4),
    });
    for (side, clones) in [("ours", &clones[0]), ("Apache's", &clones[1])] {
        table.add(Row {
            what: format!("  answered from memory, beside {side}"),
            ours: middle(&floor),
            peer: Some(middle(clones)),
            peer_name: None,
            unit: "ms",
            n: floor.len(),
            goal: "-".to_owned(),
            met: None,
        });
    }
    Ok(())
}

/// The most memory that a server and what it starts take while it answers a crowd.
fn peak(sides: &[Side<'_>; 2], kind: &Kind, work: &Path, table: &mut Table) -> Result<()> {
    let mut most = [0.0, 0.0];
    for (side, most) in sides.iter().zip(&mut most) {
        *most = memory::peak_of_tree(side.pid()?, || perform(kind, &side.url, work).map(drop))?;
    }
    table.add(Row {
        what: format!("{}: most memory (PSS)", kind.what),
        ours: most[0],
        peer: Some(most[1]),
        peer_name: Some(APACHE.to_owned()),
        unit: "MiB",
        n: 1,
        goal: "-".to_owned(),
        met: None,
    });
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
            peer_name: Some(APACHE.to_owned()),
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
