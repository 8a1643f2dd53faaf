//! Processor time of servers and of what they start.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    os::unix::process::CommandExt,
    path::Path,
    process::{Command, ExitCode},
};

use anyhow::{Context, Result};

/// Clock ticks per second of `/proc/PID/stat`, on every Linux of today.
const TICKS: f64 = 100.0;

/// Processor seconds of a process, its living descendants, and all that they have waited for.
pub(super) fn of_tree(root: u32) -> Result<f64> {
    let tree = tree(root)?;
    Ok(tree.values().sum())
}

/// A process and its living descendants, and the processor seconds of each and of all that it has waited for.
pub(super) fn tree(root: u32) -> Result<BTreeMap<u32, f64>> {
    let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    let mut spent: BTreeMap<u32, f64> = BTreeMap::new();
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let Some(pid) = name.to_str().and_then(|n| n.parse().ok()) else {
            continue;
        };
        // It may have ended meanwhile.
        let Ok(text) = fs::read_to_string(format!("/proc/{pid}/stat")) else {
            continue;
        };
        let after = text.rsplit_once(')').context("a name in parentheses")?.1;
        let fields: Vec<f64> = after
            .split_whitespace()
            .skip(1)
            .map(|field| field.parse().unwrap_or(0.0))
            .collect();
        let parent = fields.first().copied().unwrap_or(0.0);
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "process ids are small whole numbers"
        )]
        children.entry(parent as u32).or_default().push(pid);
        // utime, stime, cutime, cstime.
        let ticks: f64 = fields.get(10..14).map_or(0.0, |times| times.iter().sum());
        spent.insert(pid, ticks / TICKS);
    }
    let (mut all, mut left) = (BTreeMap::new(), vec![root]);
    while let Some(pid) = left.pop() {
        all.insert(pid, spent.get(&pid).copied().unwrap_or(0.0));
        left.extend(children.remove(&pid).unwrap_or_default());
    }
    Ok(all)
}

/// The name under which this program stands before Git's `http-backend` and notes what that costs: web servers do not
/// account for their CGI programs.
pub const COUNTED: &str = "git-http-backend-counted";
/// The variables that tell it which program to run and where to note.
pub(super) const BACKEND: &str = "COMMUN_BENCH_BACKEND";
pub(super) const LOG: &str = "COMMUN_BENCH_LOG";

/// Runs Git's `http-backend` and appends the processor seconds of it and its children to the log.
pub fn counted() -> ExitCode {
    let (Some(backend), Some(log)) = (std::env::var_os(BACKEND), std::env::var_os(LOG)) else {
        return ExitCode::from(2);
    };
    let done = Command::new(&backend).arg0("git-http-backend").status();
    let note = fs::OpenOptions::new()
        .append(true)
        .open(log)
        .and_then(|mut log| log.write_all(format!("{:.6}\n", of_children()).as_bytes()));
    match (done, note) {
        (Ok(done), Ok(())) if done.success() => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

/// Processor seconds of all children that were waited for.
fn of_children() -> f64 {
    // SAFETY: all zeros are a valid rusage, which is numbers only.
    #[allow(unsafe_code, reason = "std has no getrusage")]
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: a valid pointer to a local that is filled.
    #[allow(unsafe_code, reason = "std has no getrusage")]
    unsafe {
        libc::getrusage(libc::RUSAGE_CHILDREN, &mut usage)
    };
    let seconds = |t: libc::timeval| t.tv_sec as f64 + t.tv_usec as f64 / 1e6;
    seconds(usage.ru_utime) + seconds(usage.ru_stime)
}

/// What was noted so far.
pub(super) fn noted(log: &Path) -> Result<f64> {
    let text = fs::read_to_string(log)?;
    Ok(text.lines().filter_map(|l| l.parse::<f64>().ok()).sum())
}
