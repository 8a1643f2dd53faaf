//! What a node costs while nothing happens, and how soon it is there.

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};

use super::{
    Effort,
    table::{Row, Table, median},
};
use crate::{federation::Federation, process::Node};

/// How long nothing happens.
const IDLE: Duration = Duration::from_secs(30);
/// Clock ticks per second of `/proc/PID/stat`, on every Linux of today.
const TICKS: f64 = 100.0;

/// Memory and processor time of the idle nodes; the worst of them counts.
pub(super) fn idle(f: &Federation, effort: Effort, table: &mut Table) -> Result<()> {
    // What the demo left to do is done first.
    thread::sleep(Duration::from_secs(3));
    let before: Vec<f64> = f.nodes.iter().map(cpu).collect::<Result<_>>()?;
    let time = if effort.0 { IDLE / 6 } else { IDLE };
    thread::sleep(time);
    let mut shares = Vec::new();
    let mut sizes = Vec::new();
    for (node, before) in f.nodes.iter().zip(before) {
        shares.push((cpu(node)? - before) / time.as_secs_f64() * 100.0);
        sizes.push(resident(node)?);
    }
    let worst = |all: &[f64]| all.iter().copied().fold(0.0, f64::max);
    let (size, share) = (worst(&sizes), worst(&shares));
    table.add(row(
        "idle node with the demo's data: resident memory",
        size,
        "MiB",
        "under 60 MB",
        size * 1.048_576 < 60.0,
        f.nodes.len(),
    ));
    table.add(row(
        "idle node with the demo's data: share of a core",
        share,
        "%",
        "under 1 %",
        share < 1.0,
        f.nodes.len(),
    ));
    Ok(())
}

/// From the start of the process to its ready line.
pub(super) fn ready(f: &mut Federation, effort: Effort, table: &mut Table) -> Result<()> {
    let node = f.nodes.last_mut().context("there are three")?;
    let mut times = Vec::new();
    for _ in 0..effort.times(7) {
        node.stop()?;
        let begun = Instant::now();
        node.start()?;
        times.push(begun.elapsed());
    }
    f.connected()?;
    let ms = median(&times);
    table.add(row(
        "start to ready, with the demo's data: median",
        ms,
        "ms",
        "under 1000 ms",
        ms < 1000.0,
        times.len(),
    ));
    Ok(())
}

fn row(what: &str, ours: f64, unit: &'static str, goal: &str, met: bool, n: usize) -> Row {
    Row {
        what: what.to_owned(),
        ours,
        peer: None,
        peer_name: None,
        unit,
        n,
        goal: goal.to_owned(),
        met: Some(met),
    }
}

/// Processor seconds of a node's process, without the Git processes that it started.
fn cpu(node: &Node) -> Result<f64> {
    let text = fs::read_to_string(format!("/proc/{}/stat", node.pid().context("it runs")?))?;
    let after = text.rsplit_once(')').context("a name in parentheses")?.1;
    let fields: Vec<&str> = after.split_whitespace().collect();
    let ticks = |at: usize| {
        fields
            .get(at)
            .and_then(|t| t.parse::<f64>().ok())
            .context("a number")
    };
    Ok((ticks(11)? + ticks(12)?) / TICKS)
}

/// Resident memory, in MiB.
fn resident(node: &Node) -> Result<f64> {
    let text = fs::read_to_string(format!("/proc/{}/status", node.pid().context("it runs")?))?;
    let line = text
        .lines()
        .find_map(|l| l.strip_prefix("VmRSS:"))
        .context("VmRSS")?;
    let kilobytes: f64 = line
        .split_whitespace()
        .next()
        .context("a number")?
        .parse()?;
    Ok(kilobytes / 1024.0)
}
