//! How soon repositories are on another node, and what a transfer that is cut off costs.

use std::{
    fs,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};

use super::{
    Effort,
    apache::Apache,
    crowd::Target,
    history,
    repositories::publish,
    table::{Row, Table, median},
};
use crate::{
    content::git,
    federation::{Federation, PATIENCE},
    http,
    process::Node,
};

/// How many small repositories.
const MANY: usize = 100;
/// What Radicle takes for as many, in seconds: the measurement in the design's notes, on another machine of this kind.
const RADICLE: f64 = 8.8;

/// A hundred small repositories to a node that has none of them, from the start of its process.
pub(super) fn small(f: &mut Federation, work: &Path, table: &mut Table) -> Result<()> {
    f.nodes[2].stop()?;
    let mut names = Vec::new();
    for n in 0..MANY {
        let local = work.join(format!("small{n}.git"));
        history::make(&local, history::SMALL, n as u64)?;
        names.push(publish(&f.nodes[0], &format!("bench-small-{n}"), &local)?);
        fs::remove_dir_all(&local)?;
    }
    let begun = Instant::now();
    f.nodes[2].start()?;
    for name in &names {
        wait_served(&f.nodes[2], name)?;
    }
    let seconds = begun.elapsed().as_secs_f64();
    f.connected()?;
    table.add(Row {
        what: "100 small repositories to a fresh node".to_owned(),
        ours: seconds,
        peer: Some(RADICLE),
        peer_name: Some("Radicle 0.21.1 (small repositories; not in this run)".to_owned()),
        unit: "s",
        n: 1,
        goal: "at most 0.5 times".to_owned(),
        met: Some(seconds <= RADICLE / 2.0),
    });
    let mut most = 0;
    for entry in fs::read_dir(f.nodes[2].data.join("git"))? {
        let folder = entry?.path();
        let small = folder_bytes(&folder)?;
        if small.1 < 1 << 20 {
            most = most.max(small.0);
        }
    }
    table.add(Row {
        what: "  files of the largest of them on the disk".to_owned(),
        ours: most as f64,
        peer: Some(30.0),
        peer_name: Some("Radicle 0.21.1 (small repositories; not in this run)".to_owned()),
        unit: "",
        n: MANY,
        goal: "at most 10".to_owned(),
        met: Some(most <= 10),
    });
    Ok(())
}

/// 50 MB to another node, beside `git clone` of it; and again with the receiving node killed in the middle.
pub(super) fn large(
    f: &mut Federation,
    apache: Option<&Apache>,
    work: &Path,
    effort: Effort,
    table: &mut Table,
) -> Result<()> {
    let local = work.join("replicated.git");
    history::make(&local, history::LARGE, 7)?;
    let peer = match apache {
        Some(apache) => apache.serve(&local, "replicated.git")?.url,
        None => format!("file://{}", local.display()),
    };
    let (mut ours, mut clones, mut checked) = (Vec::new(), Vec::new(), Vec::new());
    let mut names = Vec::new();
    // One takes it, as one does a clone.
    f.nodes[2].stop()?;
    for n in 0..effort.times(30).min(7) {
        let name = publish(&f.nodes[0], &format!("bench-replicated-{n}"), &local)?;
        let begun = Instant::now();
        wait_served(&f.nodes[1], &name)?;
        ours.push(begun.elapsed());
        names.push(name);
        let into = work.join("cloned");
        for (checks, times) in [("false", &mut clones), ("true", &mut checked)] {
            let checks = format!("transfer.fsckObjects={checks}");
            let begun = Instant::now();
            git(
                work,
                None,
                &[
                    "-c",
                    &checks,
                    "clone",
                    "--quiet",
                    "--bare",
                    &peer,
                    &into.to_string_lossy(),
                ],
            )?;
            times.push(begun.elapsed());
            fs::remove_dir_all(&into)?;
        }
    }
    f.nodes[2].start()?;
    for name in &names {
        wait_served(&f.nodes[2], name)?;
    }
    f.connected()?;
    let (ms, clone) = (median(&ours), median(&clones));
    table.add(Row {
        what: "50 MB, from the push's return to another node: median".to_owned(),
        ours: ms,
        peer: Some(clone),
        peer_name: Some("git clone from http-backend behind Apache".to_owned()),
        unit: "ms",
        n: ours.len(),
        goal: "at most 1 times".to_owned(),
        met: Some(ms <= clone),
    });
    table.add(Row {
        what: "  beside a clone that checks what comes, as a node does".to_owned(),
        ours: ms,
        peer: Some(median(&checked)),
        peer_name: Some("git clone from http-backend behind Apache".to_owned()),
        unit: "ms",
        n: checked.len(),
        goal: "-".to_owned(),
        met: None,
    });

    // Killed in the middle, it goes on.
    f.nodes[1].stop()?;
    let name = publish(&f.nodes[0], "bench-broken", &local)?;
    wait_served(&f.nodes[2], &name)?;
    let pack = folder_bytes(&local)?.1;
    let before = given(&f.nodes[0])? + given(&f.nodes[2])?;
    let git_folder = f.nodes[1].data.join("git");
    f.nodes[1].start()?;
    let begun = Instant::now();
    while incoming(&git_folder) < pack / 3 {
        ensure!(begun.elapsed() < PATIENCE, "the transfer never began");
        thread::sleep(Duration::from_millis(2));
    }
    f.nodes[1].kill();
    let kept = incoming(&git_folder);
    f.nodes[1].start()?;
    wait_served(&f.nodes[1], &name)?;
    f.connected()?;
    let sent = given(&f.nodes[0])? + given(&f.nodes[2])? - before;
    let again = (sent as f64 / pack as f64 - 1.0).max(0.0) * 100.0;
    table.add(Row {
        what: format!("50 MB, killed after {} MB: sent again", kept >> 20),
        ours: again,
        peer: Some(100.0),
        peer_name: Some("Radicle 0.21.1 (starts again; not in this run)".to_owned()),
        unit: "%",
        n: 1,
        goal: "less than 10 %".to_owned(),
        met: Some(again < 10.0),
    });
    Ok(())
}

/// Bytes of packs that a node sent to others.
fn given(node: &Node) -> Result<u64> {
    let text = http::get(node.ports().http, "/metrics", &[])?.text();
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("commun_given_bytes_total "))
        .context("the metric is there")?;
    Ok(line.trim().parse()?)
}

/// Bytes of packs on their way.
fn incoming(git: &Path) -> u64 {
    let Ok(folders) = fs::read_dir(git) else {
        return 0;
    };
    let sizes = folders.filter_map(Result::ok).map(|folder| {
        fs::metadata(folder.path().join("incoming.pack")).map_or(0, |file| file.len())
    });
    sizes.sum()
}

/// Files below a folder, and their bytes.
fn folder_bytes(folder: &Path) -> Result<(usize, u64)> {
    let (mut files, mut bytes) = (0, 0);
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else {
                files += 1;
                bytes += entry.metadata()?.len();
            }
        }
    }
    Ok((files, bytes))
}

fn wait_served(node: &Node, name: &str) -> Result<()> {
    let target = Target::of(&format!("{}/{name}.git", node.url()))?;
    let begun = Instant::now();
    while !target.list()?.contains("refs/heads/main") {
        ensure!(begun.elapsed() < PATIENCE, "{name} never came");
        thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}
