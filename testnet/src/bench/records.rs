//! A hundred thousand metadata records: taken in from a source, then by a node that has none of them.

use std::{
    fs,
    io::{BufWriter, Write as _},
    path::Path,
    process::Command,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use commun_client::NewSource;
use serde_json::Value;

use super::{
    Effort,
    memory::anonymous,
    processor, source,
    table::{Row, Table},
};
use crate::{
    federation::Federation,
    process::{Node, program},
};

/// Longest wait for anything.
const PATIENCE: Duration = Duration::from_secs(1_800);
/// Seconds of processor in one second below which a node is at rest.
const AT_REST: f64 = 0.05;
/// When a node at rest has given back what a burst of work needed (it does after a second).
const GIVEN_BACK: Duration = Duration::from_secs(3);
/// What the import may take at most.
const IMPORT: f64 = 300.0;

/// What an engine alone took.
struct Plain {
    wall: f64,
    processor: f64,
}

/// Imports, catches up, and compares.
pub(super) fn records(
    f: &mut Federation,
    work: &Path,
    effort: Effort,
    table: &mut Table,
) -> Result<()> {
    let count = if effort.0 { 10_000 } else { 100_000 };
    let (all, from) = source::records(count)?;
    table.remark(&format!("The {count} records: {from}."));
    let documents = work.join("documents.jsonl");
    let mut file = BufWriter::new(fs::File::create(&documents)?);
    for (n, record) in all.iter().enumerate() {
        writeln!(file, "{}", record.document(n))?;
    }
    file.into_inner()?;
    let url = source::serve(Arc::new(all), source::Pace::FREE)?;
    let node = &mut f.nodes[0];
    node.stop()?;
    node.set_env("COMMUN_HARVEST_PRIVATE", "true");
    node.start()?;
    // It may write once the other one has said how long its log is: the first thing that is published waits for that.
    super::first(f, work)?;
    f.nodes[1].stop()?;
    import(&mut f.nodes[0], &url, count, table)?;
    let mut plain = vec![];
    plain.extend(alone(&documents, work)?);
    catch_up(f, count, &documents, work, &mut plain, table)?;
    fs::remove_file(&documents)?;
    Ok(())
}

fn import(node: &mut Node, url: &str, count: usize, table: &mut Table) -> Result<()> {
    let before = at_rest(node)?;
    let pid = node.pid().context("it runs")?;
    let spent = processor::of_tree(pid)?;
    let begun = Instant::now();
    let new = NewSource {
        url: url.to_owned(),
        ..NewSource::default()
    };
    let id = node.client()?.add_source(&new)?.id;
    let mut peak = 0.0_f64;
    let mut quarter = None;
    let (mut took, mut last) = (0.0, Instant::now());
    wait("the harvest ends", || {
        peak = peak.max(anonymous(node)?);
        let source = node.client()?.source(id)?;
        ensure!(
            source.state != "failed",
            "the harvest failed: {:?}",
            source.error
        );
        let done = source.report.records as usize;
        if quarter.is_none() && done >= count / 4 {
            quarter = Some((done, anonymous(node)?));
        }
        if last.elapsed() > Duration::from_secs(10) {
            last = Instant::now();
            eprintln!(
                "  {done} records after {:.0} s, {peak:.0} MiB",
                begun.elapsed().as_secs_f64()
            );
        }
        took = begun.elapsed().as_secs_f64();
        let over = source.state == "idle" && done >= count;
        if over {
            ensure!(source.report.added as usize == count, "{:?}", source.report);
        }
        Ok(over)
    })?;
    let (at, size) = quarter.unwrap_or((0, before));
    let whole = anonymous(node)?;
    let cpu = processor::of_tree(pid)? - spent;
    table.add(Row {
        what: format!("{count} records harvested: signed, durable"),
        ours: took,
        peer: None,
        peer_name: None,
        unit: "s",
        n: 1,
        goal: format!("under {IMPORT} s for 100,000"),
        met: Some(took * 100_000.0 / count as f64 <= IMPORT),
    });
    table.add(plain_row("  processor", cpu, "s"));
    indexed(node, count)?;
    table.add(plain_row(
        "  until all of them are found",
        begun.elapsed().as_secs_f64(),
        "s",
    ));
    let found = processor::of_tree(pid)?;
    rests(pid)?;
    table.add(plain_row(
        "  processor after that, until the node rests: lists for harvesters, the report of quality",
        processor::of_tree(pid)? - found,
        "s",
    ));
    node.stop()?;
    node.start()?;
    indexed(node, count)?;
    let rest = at_rest(node)?;
    table.add(plain_row(
        "  what the node keeps in memory with them, after a start",
        rest,
        "MiB",
    ));
    table.add(plain_row(
        "  of that, for each item",
        (rest - before) * 1_048_576.0 / count as f64,
        "bytes",
    ));
    table.add(plain_row(
        "  growth between a quarter and all, for each item",
        (whole - size) * 1_048_576.0 / (count - at) as f64,
        "bytes",
    ));
    table.add(Row {
        what: "  the most while importing, beyond what the items need".to_owned(),
        ours: peak - rest,
        peer: None,
        peer_name: None,
        unit: "MiB",
        n: 1,
        goal: "constant".to_owned(),
        met: None,
    });
    Ok(())
}

/// What a node keeps in memory once it has nothing to do, in MiB.
fn at_rest(node: &Node) -> Result<f64> {
    rests(node.pid().context("it runs")?)?;
    thread::sleep(GIVEN_BACK);
    anonymous(node)
}

/// Waits until a node has nothing to do: what it makes of the harvest for others (listings, its report of quality) comes after searches.
fn rests(pid: u32) -> Result<()> {
    wait("the node rests", || {
        let before = processor::of_tree(pid)?;
        thread::sleep(Duration::from_secs(1));
        Ok(processor::of_tree(pid)? - before < AT_REST)
    })
}

/// A node that knows nothing but the charter.
fn catch_up(
    f: &mut Federation,
    count: usize,
    documents: &Path,
    work: &Path,
    plain: &mut Vec<Plain>,
    table: &mut Table,
) -> Result<()> {
    let giver = f.nodes[0].pid().context("it runs")?;
    rests(giver)?;
    let given = processor::of_tree(giver)?;
    let begun = Instant::now();
    let node = &mut f.nodes[1];
    node.start()?;
    indexed(node, count)?;
    let took = begun.elapsed().as_secs_f64();
    let cpu = processor::of_tree(node.pid().context("it runs")?)?;
    let given = processor::of_tree(giver)? - given;
    wait("the originals are there", || {
        let status = node.client()?.status()?;
        Ok(status.content.wanted == 0)
    })?;
    let originals = begun.elapsed().as_secs_f64();
    plain.extend(alone(documents, work)?);
    let rate = count as f64 / took;
    let best = |time: fn(&Plain) -> f64| {
        let best = plain.iter().map(time).fold(f64::INFINITY, f64::min);
        best.is_finite().then(|| count as f64 / best)
    };
    let (wall, processor) = (best(|p| p.wall), best(|p| p.processor));
    let name =
        || Some("tantivy alone, the same fields (the better of two, before and after)".to_owned());
    if wall.is_none() {
        table.remark(
            "The example `plain` of commun-index is not built: no engine alone to compare with.",
        );
    }
    table.add(Row {
        what: format!("{count} records to a fresh node: verified, durable, found"),
        ours: rate,
        peer: wall,
        peer_name: name(),
        unit: "/s",
        n: 1,
        goal: "at least 0.4 times".to_owned(),
        met: wall.map(|wall| rate >= 0.4 * wall),
    });
    table.add(Row {
        what: "  for each second of its processor".to_owned(),
        ours: count as f64 / cpu,
        peer: processor,
        peer_name: name(),
        unit: "/s",
        n: 1,
        goal: "-".to_owned(),
        met: None,
    });
    table.add(plain_row("  processor of the giver meanwhile", given, "s"));
    table.add(plain_row(
        "  until the original records are there too",
        originals,
        "s",
    ));
    f.connected()
}

fn plain_row(what: &str, ours: f64, unit: &'static str) -> Row {
    Row {
        what: what.to_owned(),
        ours,
        peer: None,
        peer_name: None,
        unit,
        n: 1,
        goal: "-".to_owned(),
        met: None,
    }
}

/// Waits until a node finds as many items.
fn indexed(node: &Node, count: usize) -> Result<()> {
    wait("all items are found", || {
        let status = node.client()?.status()?;
        // And the first of all.
        Ok(status.index.documents as usize > count)
    })
}

fn wait(what: &str, mut done: impl FnMut() -> Result<bool>) -> Result<()> {
    let begun = Instant::now();
    while !done()? {
        ensure!(begun.elapsed() < PATIENCE, "it did not happen that {what}");
        thread::sleep(Duration::from_millis(250));
    }
    Ok(())
}

/// The engine alone; nothing if the example is not built.
fn alone(documents: &Path, work: &Path) -> Result<Option<Plain>> {
    let Ok(example) = program("examples/plain") else {
        return Ok(None);
    };
    let folder = work.join("plain-index");
    let said = Command::new(example).arg(documents).arg(&folder).output()?;
    ensure!(
        said.status.success(),
        "plain: {}",
        String::from_utf8_lossy(&said.stderr)
    );
    fs::remove_dir_all(&folder)?;
    let said: Value = serde_json::from_slice(&said.stdout)?;
    let seconds = |name: &str| said[name].as_f64().context("it says so");
    Ok(Some(Plain {
        wall: seconds("wall_s")?,
        processor: seconds("cpu_s")?,
    }))
}
