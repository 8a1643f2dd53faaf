//! Files from one node to another: one of 1 GiB, and ten thousand small ones.

use std::{
    fs,
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use serde_json::Value;

use super::{
    Effort, disk,
    memory::anonymous,
    syncthing,
    table::{Row, Table},
};
use crate::{
    commun::Typist,
    federation::Federation,
    http,
    process::{Node, program},
};

/// Longest wait for anything.
const PATIENCE: Duration = Duration::from_secs(900);
/// Files of one resource: the most that a version has.
const OF_ONE: usize = 5_000;

/// How often each is measured.
fn turns(effort: Effort) -> usize {
    if effort.0 { 1 } else { 3 }
}

/// One large file, beside a plain iroh stream and Syncthing in turns; what it takes of memory; and again with the
/// receiving node killed in the middle.
pub(super) fn large(
    f: &mut Federation,
    work: &Path,
    effort: Effort,
    table: &mut Table,
) -> Result<()> {
    let size: u64 = if effort.0 { 128 << 20 } else { 1 << 30 };
    let mib = (size >> 20) as f64;
    let label = if effort.0 { "128 MiB" } else { "1 GiB" };
    let (mut ours, mut fetches, mut theirs) = (vec![], vec![], vec![]);
    let (mut plain, mut between, mut blobs) = (vec![], vec![], vec![]);
    let mut disk_alone = vec![];
    let mut growth = [0.0_f64; 2];
    let source = work.join("large");
    fs::create_dir_all(&source)?;
    for n in 0..turns(effort) {
        let file = source.join("file.bin");
        noise(&file, size, n as u64)?;
        let slug = format!("bench-large-{n}");
        let before = [anonymous(&f.nodes[0])?, anonymous(&f.nodes[1])?];
        let (whole, fetch, peaks) = carried(f, work, &file, &slug, size)?;
        ours.push(whole);
        fetches.push(fetch);
        for (most, (peak, before)) in growth.iter_mut().zip(peaks.iter().zip(before)) {
            *most = most.max(peak - before);
        }
        plain.extend(stream(&[], size)?);
        between.extend(stream(&["files"], size)?);
        blobs.extend(stream(&["blobs"], size)?);
        disk_alone.push(disk::seconds(work, size)?);
        if syncthing::installed() {
            theirs.push(syncthing::seconds(work, &source)?);
        }
        eprintln!("  {label}, turn {n}: {whole:.2} s, fetched in {fetch:.2} s");
    }
    if theirs.is_empty() {
        table.remark("Syncthing is not installed: nothing to compare files with.");
    }
    if plain.is_empty() {
        table.remark("The example `stream` of commun-node is not built: no plain iroh stream to compare with.");
    }
    let rate = mib / middle(&fetches);
    let peer = (!plain.is_empty()).then(|| mib / middle(&plain));
    table.add(Row {
        what: format!("{label} to another node: first byte to held (median)"),
        ours: rate,
        peer,
        peer_name: Some("a plain iroh stream from memory to memory".to_owned()),
        unit: "MiB/s",
        n: fetches.len(),
        goal: "at least 0.9 times".to_owned(),
        met: peer.map(|peer| rate >= 0.9 * peer),
    });
    let floor = middle(&disk_alone) + middle(&plain);
    let beside = [
        (
            "a plain iroh stream from file to file",
            between,
            "iroh from file to file: neither verified nor waiting for the disk",
            Some(0.9),
        ),
        (
            "stores of iroh-blobs alone",
            blobs,
            "iroh-blobs from store to store: verified, not waiting for the disk",
            None,
        ),
        (
            "the disk alone",
            disk_alone,
            "this disk: as many bytes from memory, nothing sent, nothing verified",
            None,
        ),
    ];
    for (what, seconds, name, goal) in beside {
        let peer = (!seconds.is_empty()).then(|| mib / middle(&seconds));
        table.add(Row {
            what: format!("  the same beside {what}"),
            ours: rate,
            peer,
            peer_name: Some(name.to_owned()),
            unit: "MiB/s",
            n: fetches.len(),
            goal: goal.map_or_else(|| "-".to_owned(), |goal| format!("at least {goal} times")),
            met: peer.zip(goal).map(|(peer, goal)| rate >= goal * peer),
        });
    }
    against_syncthing(
        table,
        format!("{label}, from `commun publish` to held there (median)"),
        &ours,
        &theirs,
        Some(0.6),
    );
    if floor.is_finite() {
        table.add(Row {
            what: "  the same beside the disk alone once, and a plain iroh stream after it"
                .to_owned(),
            ours: middle(&ours),
            peer: Some(floor),
            peer_name: Some("what is durable before it is signed takes no less".to_owned()),
            unit: "s",
            n: ours.len(),
            goal: "at most 1.2 times".to_owned(),
            met: Some(middle(&ours) <= 1.2 * floor),
        });
        against_syncthing(
            table,
            "  the disk alone once, and a plain iroh stream after it, beside Syncthing".to_owned(),
            &[floor],
            &theirs,
            None,
        );
    }
    for (who, grown) in ["publisher", "receiver"].into_iter().zip(growth) {
        table.add(Row {
            what: format!("  most memory more than before: the {who}"),
            ours: grown,
            peer: None,
            peer_name: None,
            unit: "MiB",
            n: ours.len(),
            goal: "at most 32 MiB".to_owned(),
            met: Some(grown <= 32.0),
        });
    }
    killed(f, work, &source.join("file.bin"), size, label, table)?;
    fs::remove_dir_all(&source)?;
    Ok(())
}

/// Ten thousand small files.
pub(super) fn small(
    f: &mut Federation,
    work: &Path,
    effort: Effort,
    table: &mut Table,
) -> Result<()> {
    let count = if effort.0 { 1_000 } else { 2 * OF_ONE };
    let (mut ours, mut theirs) = (vec![], vec![]);
    for n in 0..turns(effort) {
        let source = work.join("small");
        let parts = small_files(&source, count, n as u64)?;
        let held = held_bytes(&f.nodes[1])?;
        let typist = Typist::operator(&f.nodes[0])?;
        let begun = Instant::now();
        for (part, (folder, _)) in parts.iter().enumerate() {
            publish(&typist, work, folder, &format!("bench-small-{n}-{part}"))?;
        }
        let published = begun.elapsed().as_secs_f64();
        let bytes: u64 = parts.iter().map(|(_, bytes)| bytes).sum();
        wait_held(&f.nodes[1], held + bytes)?;
        ours.push(begun.elapsed().as_secs_f64());
        if syncthing::installed() {
            theirs.push(syncthing::seconds(work, &source)?);
        }
        fs::remove_dir_all(&source)?;
        eprintln!(
            "  {count} files, turn {n}: published in {published:.2} s, held after {:.2} s",
            ours[n]
        );
    }
    against_syncthing(
        table,
        format!("{count} small files, from `commun publish` to held there"),
        &ours,
        &theirs,
        Some(0.5),
    );
    Ok(())
}

fn against_syncthing(
    table: &mut Table,
    what: String,
    ours: &[f64],
    theirs: &[f64],
    goal: Option<f64>,
) {
    let peer = (!theirs.is_empty()).then(|| middle(theirs));
    table.add(Row {
        what,
        ours: middle(ours),
        peer,
        peer_name: Some("Syncthing, from the scan to all there".to_owned()),
        unit: "s",
        n: ours.len(),
        goal: goal.map_or_else(|| "-".to_owned(), |goal| format!("at most {goal} times")),
        met: peer
            .zip(goal)
            .map(|(peer, goal)| middle(ours) <= goal * peer),
    });
}

fn publish(typist: &Typist, work: &Path, what: &Path, slug: &str) -> Result<()> {
    let what = what.to_string_lossy();
    let more = ["--title", slug, "--licence", "CC0-1.0", "--language", "fr"];
    let arguments = [&["publish", &what, "--slug", slug][..], &more].concat();
    typist.done(work, &arguments)?;
    Ok(())
}

/// Publishes a file at the first node; seconds until the second one holds it, seconds from its first byte there, and the
/// most memory of both in MiB.
fn carried(
    f: &Federation,
    work: &Path,
    file: &Path,
    slug: &str,
    size: u64,
) -> Result<(f64, f64, [f64; 2])> {
    let (here, there) = (&f.nodes[0], &f.nodes[1]);
    let held = held_bytes(there)?;
    let (files, whole) = (large_files(there), large_whole(there));
    let typist = Typist::operator(here)?;
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let looking = scope.spawn(|| -> Result<[f64; 2]> {
            let mut most = [0.0_f64; 2];
            while !over.load(Ordering::Relaxed) {
                for (most, node) in most.iter_mut().zip([here, there]) {
                    *most = most.max(anonymous(node)?);
                }
                thread::sleep(Duration::from_millis(50));
            }
            Ok(most)
        });
        let done = (|| -> Result<(f64, f64)> {
            let first = scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    if large_files(there) > files {
                        return Some(Instant::now());
                    }
                    thread::sleep(Duration::from_millis(2));
                }
                None
            });
            let begun = Instant::now();
            publish(&typist, work, file, slug)?;
            // A look at the folder costs nothing, the question after it what a request does.
            while large_whole(there) == whole {
                ensure!(begun.elapsed() < PATIENCE, "the file never came");
                thread::sleep(Duration::from_millis(2));
            }
            wait_held(there, held + size)?;
            let ended = Instant::now();
            let first = first.join().ok().flatten().context("no file appeared")?;
            Ok(((ended - begun).as_secs_f64(), (ended - first).as_secs_f64()))
        })();
        over.store(true, Ordering::Relaxed);
        let most = looking.join().expect("looking does not panic")?;
        let (whole, fetch) = done?;
        Ok((whole, fetch, most))
    })
}

/// The receiving node killed in the middle: how much comes again.
fn killed(
    f: &mut Federation,
    work: &Path,
    file: &Path,
    size: u64,
    label: &str,
    table: &mut Table,
) -> Result<()> {
    f.nodes[1].stop()?;
    noise(file, size, 9_999)?;
    let typist = Typist::operator(&f.nodes[0])?;
    publish(&typist, work, file, "bench-large-killed")?;
    let before = large_bytes(&f.nodes[1]);
    f.nodes[1].start()?;
    let held = held_bytes(&f.nodes[1])?;
    let begun = Instant::now();
    while large_bytes(&f.nodes[1]) - before < size / 3 {
        ensure!(begun.elapsed() < PATIENCE, "the transfer never began");
        thread::sleep(Duration::from_millis(2));
    }
    f.nodes[1].kill();
    let kept = large_bytes(&f.nodes[1]) - before;
    f.nodes[1].start()?;
    wait_held(&f.nodes[1], held + size)?;
    let again = received(&f.nodes[1])? + kept;
    let percent = (again as f64 / size as f64 - 1.0).max(0.0) * 100.0;
    table.add(Row {
        what: format!(
            "{label}, receiver killed after {} MiB: sent again",
            kept >> 20
        ),
        ours: percent,
        peer: None,
        peer_name: None,
        unit: "%",
        n: 1,
        goal: "less than 5 %".to_owned(),
        met: Some(percent < 5.0),
    });
    f.connected()
}

/// Seconds that iroh takes alone, for a plain stream or as the words say; nothing if the example is not built.
fn stream(words: &[&str], size: u64) -> Result<Option<f64>> {
    let Ok(example) = program("examples/stream") else {
        return Ok(None);
    };
    let said = Command::new(example)
        .args(words)
        .arg(size.to_string())
        .output()?;
    ensure!(
        said.status.success(),
        "stream: {}",
        String::from_utf8_lossy(&said.stderr)
    );
    let said: Value = serde_json::from_slice(&said.stdout)?;
    Ok(said["wall_s"].as_f64())
}

/// Bytes of content that a node holds whole.
fn held_bytes(node: &Node) -> Result<u64> {
    metric(node, "commun_content_bytes ")
}

/// Bytes of content that it was sent since its start.
fn received(node: &Node) -> Result<u64> {
    metric(node, "commun_content_received_bytes_total ")
}

fn metric(node: &Node, name: &str) -> Result<u64> {
    let text = http::get(node.ports().http, "/metrics", &[])?.text();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let value: f64 = line.context("the metric is there")?.trim().parse()?;
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "bytes, far below 2^52"
    )]
    Ok(value as u64)
}

fn wait_held(node: &Node, bytes: u64) -> Result<()> {
    let begun = Instant::now();
    while held_bytes(node)? < bytes {
        ensure!(begun.elapsed() < PATIENCE, "the files never came");
        thread::sleep(Duration::from_millis(25));
    }
    Ok(())
}

/// The files of large blobs with one of these endings: those that are whole, and those that are coming.
fn of_large(node: &Node, endings: &[&str]) -> Vec<fs::Metadata> {
    let folder = fs::read_dir(node.data.join("blobs/data"));
    let entries = folder.into_iter().flatten().filter_map(Result::ok);
    let ends = |e: &fs::DirEntry| {
        e.path()
            .extension()
            .is_some_and(|x| endings.iter().any(|y| x == *y))
    };
    entries
        .filter(ends)
        .filter_map(|e| e.metadata().ok())
        .collect()
}

fn large_files(node: &Node) -> usize {
    of_large(node, &["data", "part"]).len()
}

fn large_whole(node: &Node) -> usize {
    of_large(node, &["data"]).len()
}

fn large_bytes(node: &Node) -> u64 {
    let all = of_large(node, &["data", "part"]);
    all.iter().map(fs::Metadata::len).sum()
}

/// A file that no compression and no repetition makes shorter.
fn noise(path: &Path, size: u64, seed: u64) -> Result<()> {
    let mut dice = StdRng::seed_from_u64(seed);
    let mut file = BufWriter::with_capacity(1 << 20, fs::File::create(path)?);
    let mut piece = vec![0_u8; 1 << 20];
    let mut left = size;
    while left > 0 {
        let n = left.min(piece.len() as u64) as usize;
        dice.fill(&mut piece[..n]);
        file.write_all(&piece[..n])?;
        left -= n as u64;
    }
    file.into_inner()?.sync_all()?;
    Ok(())
}

/// Folders of at most [`OF_ONE`] files each, with their bytes: sizes as those of records, 300 bytes to 60 kB.
fn small_files(folder: &Path, count: usize, seed: u64) -> Result<Vec<(PathBuf, u64)>> {
    let mut dice = StdRng::seed_from_u64(seed);
    let mut parts = Vec::new();
    for first in (0..count).step_by(OF_ONE) {
        let part = folder.join((first / OF_ONE).to_string());
        let mut bytes = 0;
        for n in first..count.min(first + OF_ONE) {
            let below = part.join(format!("{:02}", n / 100));
            fs::create_dir_all(&below)?;
            // Log-normal: the sum of twelve even dice is as good as normal.
            let normal: f64 = (0..12).map(|_| dice.random::<f64>()).sum::<f64>() - 6.0;
            let size = (8.0 + normal).exp().clamp(300.0, 60_000.0);
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "between 300 and 60,000"
            )]
            let mut content = vec![0_u8; size as usize / 2];
            dice.fill(&mut content[..]);
            let text = data_encoding::HEXLOWER.encode(&content);
            bytes += text.len() as u64;
            fs::write(below.join(format!("{n}.json")), text)?;
        }
        parts.push((part, bytes));
    }
    Ok(parts)
}

/// The middle one.
fn middle(all: &[f64]) -> f64 {
    let mut sorted = all.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}
