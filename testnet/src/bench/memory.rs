//! Memory of servers and of what they start.

use std::{
    fs,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use anyhow::{Context, Result};

use super::processor;
use crate::process::Node;

/// How often is looked: a process that packs a history lives longer.
const EVERY: Duration = Duration::from_millis(20);

/// The most that a process and its descendants take while `work` is done, in MiB: the sum of their proportional set
/// sizes, in which pages that several share count once.
pub(super) fn peak_of_tree(root: u32, work: impl FnOnce() -> Result<()>) -> Result<f64> {
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let looking = scope.spawn(|| -> Result<f64> {
            let mut most: f64 = 0.0;
            while !done.load(Ordering::Relaxed) {
                most = most.max(of_tree(root)?);
                thread::sleep(EVERY);
            }
            Ok(most)
        });
        let worked = work();
        done.store(true, Ordering::Relaxed);
        let most = looking.join().expect("looking does not panic");
        worked?;
        most
    })
}

/// What a node keeps in memory for itself, in MiB: pages of files, which the system may drop, do not count.
pub(super) fn anonymous(node: &Node) -> Result<f64> {
    line_of(node, "RssAnon:")
}

/// What of a node is in memory, in MiB: with the pages of its files that the system keeps there for it.
pub(super) fn resident(node: &Node) -> Result<f64> {
    line_of(node, "VmRSS:")
}

fn line_of(node: &Node, name: &str) -> Result<f64> {
    let pid = node.pid().context("it runs")?;
    // Counters of the system: looking at the pages themselves would hold the node up.
    let text = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let size = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    Ok(size.context("the system says it")? / 1024.0)
}

fn of_tree(root: u32) -> Result<f64> {
    let mut kilobytes = 0.0;
    for pid in processor::tree(root)?.into_keys() {
        // It may have ended meanwhile.
        let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("Pss:"));
        let size = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
        kilobytes += size.unwrap_or(0.0);
    }
    Ok(kilobytes / 1024.0)
}
