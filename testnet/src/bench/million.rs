//! Searches among a million documents, over HTTP, beside the engine alone; and how soon something new is found there.
//!
//! The documents are made up (`index/examples/million`). They do not come as signed statements: a million of those would be half an hour
//! of harvesting, and the catalogue that a node keeps of them in memory some gigabytes, whatever its index does. They are written
//! into the index folder of a node whose catalogue holds next to nothing, by the code that writes it in a node, and a real node
//! serves them. What is published meanwhile, and the statements that come in from another member, take the way that all take.

mod arrival;

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::{
    Effort, memory, processor,
    table::{Row, Table, quantile},
};
use crate::{
    federation::Federation,
    http::Kept,
    process::{Node, die_with_parent, program},
};

/// How long the same questions took: the node, and the engine alone.
type Times = (Vec<Duration>, Vec<Duration>);

const SEED: u64 = 7;
/// Questions, and hits of each answer.
const QUERIES: usize = 200;
const HITS: usize = 10;
/// How often all are asked.
const PASSES: usize = 10;
/// What all of it may take in memory, in MiB.
const MEMORY: f64 = 300.0;
/// Bytes of the index for each document, beyond its text.
const BYTES: f64 = 1_200.0;
/// A page of results: its most bytes, and its most milliseconds.
const PAGE: (f64, f64) = (50_000.0, 100.0);

/// Measures all of it.
pub(super) fn million(documents: u64, effort: Effort, table: &mut Table) -> Result<()> {
    let work = tempfile::Builder::new().prefix("commun-bench-").tempdir()?;
    let mut f = Federation::temporary(2)?;
    table.remark(&format!(
        "The {documents} documents are made up and were written into the node's index folder by the index crate; its catalogue \
         holds next to nothing. What is published and what comes from the other member are statements as any."
    ));
    super::first(&f, work.path())?;
    f.nodes[0].stop()?;
    let filled = fill(&f.nodes[0], documents, table)?;
    let plain = work.path().join("plain");
    let raw = run(&[
        "plain",
        path(&plain)?,
        &documents.to_string(),
        &SEED.to_string(),
    ])?;
    sizes(&filled, &raw, documents, table)?;
    let queries = queries()?;
    start(&mut f.nodes[0], &queries[0], table)?;
    compare(&f.nodes[0], &plain, &queries, effort, table)?;
    pages(&f.nodes[0], &queries, effort, table)?;
    let (whole, own) = (
        memory::resident(&f.nodes[0])?,
        memory::anonymous(&f.nodes[0])?,
    );
    table.add(
        row(
            "  the node in memory after that, pages of its files included",
            whole,
            "MiB",
        )
        .goal(format!("under {MEMORY}"), whole < MEMORY),
    );
    table.add(row("  of that its own", own, "MiB"));
    fs::remove_dir_all(&plain)?;
    f.connected()?;
    arrival::arrival(&mut f, effort, table)?;
    let whole = memory::resident(&f.nodes[0])?;
    table.add(
        row("  the node in memory at the end", whole, "MiB")
            .goal(format!("under {MEMORY}"), whole < MEMORY),
    );
    f.stop()
}

fn path(path: &Path) -> Result<&str> {
    path.to_str()
        .context("temporary folders are called in plain letters")
}

/// Runs the example and reads the JSON that it says.
fn run(arguments: &[&str]) -> Result<Value> {
    let said = Command::new(program("examples/million")?)
        .args(arguments)
        .output()?;
    ensure!(
        said.status.success(),
        "million: {}",
        String::from_utf8_lossy(&said.stderr)
    );
    Ok(serde_json::from_slice(&said.stdout)?)
}

fn number(value: &Value, name: &str) -> Result<f64> {
    value[name]
        .as_f64()
        .with_context(|| format!("it says {name}"))
}

fn row(what: &str, ours: f64, unit: &'static str) -> Row {
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

impl Row {
    fn goal(self, goal: String, met: bool) -> Self {
        let met = Some(met);
        Self { goal, met, ..self }
    }

    fn beside(self, peer: f64) -> Self {
        let name = "tantivy alone: the same fields, words, filters and counts of facets".to_owned();
        Self {
            peer: Some(peer),
            peer_name: Some(name),
            ..self
        }
    }
}

fn fill(node: &Node, documents: u64, table: &mut Table) -> Result<Value> {
    let folder = node.data.join("index");
    fs::remove_dir_all(&folder)?;
    let filled = run(&[
        "fill",
        path(&folder)?,
        &documents.to_string(),
        &SEED.to_string(),
    ])?;
    table.add(row(
        "  most memory while the index was written",
        number(&filled, "peak_mib")?,
        "MiB",
    ));
    Ok(filled)
}

fn sizes(filled: &Value, raw: &Value, documents: u64, table: &mut Table) -> Result<()> {
    let each =
        |value: &Value, name: &str| -> Result<f64> { Ok(number(value, name)? / documents as f64) };
    let rate = |value: &Value| -> Result<f64> { Ok(documents as f64 / number(value, "cpu_s")?) };
    table.add(
        row(
            "documents indexed for each second of processor, in batches",
            rate(filled)?,
            "/s",
        )
        .beside(rate(raw)?),
    );
    let text = each(filled, "text_bytes")?;
    let beyond = each(filled, "bytes")? - text;
    table.add(
        row(
            "bytes of the index for each document",
            each(filled, "bytes")?,
            "B",
        )
        .beside(each(raw, "bytes")?),
    );
    table.add(
        row("  of these beyond its text", beyond, "B")
            .goal(format!("at most {BYTES}"), beyond <= BYTES),
    );
    Ok(())
}

/// The questions.
fn queries() -> Result<Vec<Value>> {
    let said = Command::new(program("examples/million")?)
        .args(["queries", &QUERIES.to_string(), &SEED.to_string()])
        .output()?;
    let lines = String::from_utf8(said.stdout)?;
    Ok(lines
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()?)
}

/// The address of a question.
fn address(page: &str, query: &Value, more: &str) -> String {
    let mut address = format!(
        "{page}?q={}{more}",
        escaped(query["text"].as_str().unwrap_or_default())
    );
    for (name, values) in query["filters"].as_object().into_iter().flatten() {
        for value in values.as_array().into_iter().flatten() {
            address.push_str(&format!("&{name}={}", value.as_str().unwrap_or_default()));
        }
    }
    address.push_str(&format!("&lang={}", query["lang"].as_str().unwrap_or("fr")));
    address
}

fn escaped(text: &str) -> String {
    let byte = |b: u8| match b {
        b'a'..=b'z' | b'0'..=b'9' => char::from(b).to_string(),
        b => format!("%{b:02X}"),
    };
    text.bytes().map(byte).collect()
}

/// Starts the node: how long until it answers.
fn start(node: &mut Node, query: &Value, table: &mut Table) -> Result<()> {
    let begun = Instant::now();
    node.start()?;
    let answer = Kept::open(node.ports().http)?.get(&address("/api/v1/search", query, ""))?;
    ensure!(answer.status == 200, "{}", answer.text());
    let took = begun.elapsed().as_secs_f64() * 1e3;
    table.add(
        row("from the start of the node to its first answer", took, "ms")
            .goal("1000 ms".to_owned(), took <= 1e3),
    );
    Ok(())
}

/// The engine alone, answering line by line.
struct Peer {
    child: Child,
    asks: ChildStdin,
    says: BufReader<ChildStdout>,
}

impl Peer {
    fn start(folder: &Path) -> Result<Self> {
        let mut command = Command::new(program("examples/million")?);
        command
            .arg("answer")
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        die_with_parent(&mut command);
        let mut child = command.spawn()?;
        let asks = child.stdin.take().context("it was asked for")?;
        let says = BufReader::new(child.stdout.take().context("it was asked for")?);
        Ok(Self { child, asks, says })
    }

    fn ask(&mut self, query: &Value) -> Result<(Duration, u64)> {
        let mut query = query.clone();
        query["limit"] = json!(HITS);
        writeln!(self.asks, "{query}")?;
        let mut line = String::new();
        self.says.read_line(&mut line)?;
        let said: Value =
            serde_json::from_str(&line).context("the engine alone does not answer")?;
        let took = Duration::from_secs_f64(number(&said, "ms")? / 1e3);
        Ok((took, said["total"].as_u64().context("it says how many")?))
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Asks the node and the engine alone in turns.
fn compare(
    node: &Node,
    plain: &Path,
    queries: &[Value],
    effort: Effort,
    table: &mut Table,
) -> Result<()> {
    let mut peer = Peer::start(plain)?;
    let mut kept = Kept::open(node.ports().http)?;
    let more = format!("&limit={HITS}");
    let everything = json!({"text": "", "lang": "fr"});
    let asked: Vec<&Value> = queries.iter().chain([&everything]).collect();
    let passes = effort.times(PASSES);
    // Of each question all answers: ours, theirs.
    let mut took = vec![(Vec::new(), Vec::new()); asked.len()];
    let mut different = 0;
    for pass in 0..=passes {
        for (query, took) in asked.iter().zip(&mut took) {
            let (theirs, total) = peer.ask(query)?;
            let begun = Instant::now();
            let answer = kept.get(&address("/api/v1/search", query, &more))?;
            let ours = begun.elapsed();
            ensure!(answer.status == 200, "{}", answer.text());
            let said: Value = serde_json::from_slice(&answer.body)?;
            different += usize::from(pass == 0 && said["total"].as_u64() != Some(total));
            // The first pass fills the caches of both.
            if pass > 0 {
                took.0.push(ours);
                took.1.push(theirs);
            }
        }
    }
    if different > 1 {
        // All of it differs by what the node's own catalogue holds.
        table.remark(&format!(
            "{} of the questions find another number of documents than the engine alone.",
            different - 1
        ));
    }
    let (ours, theirs) = took.pop().context("everything was asked too")?;
    let kinds: std::collections::BTreeSet<&str> =
        queries.iter().filter_map(|q| q["kind"].as_str()).collect();
    let best = |all: &[Duration]| all.iter().min().copied().unwrap_or_default();
    let pairs = |pick: &dyn Fn(&Times) -> Times, only: Option<&str>| {
        let mut all = (Vec::new(), Vec::new());
        for (query, took) in queries.iter().zip(&took) {
            if only.is_none_or(|kind| query["kind"] == kind) {
                let (ours, theirs) = pick(took);
                all.0.extend(ours);
                all.1.extend(theirs);
            }
        }
        all
    };
    let bests = |took: &Times| (vec![best(&took.0)], vec![best(&took.1)]);
    for (of, all) in [
        ("the best of its passes", pairs(&bests, None)),
        ("every pass", pairs(&Clone::clone, None)),
    ] {
        for (name, q) in [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)] {
            let (ours, theirs) = (quantile(&all.0, q), quantile(&all.1, q));
            let mut row =
                row(&format!("a question over HTTP, {of}: {name}"), ours, "ms").beside(theirs);
            row.n = all.0.len();
            table.add(row.goal("3 times".to_owned(), ours <= 3.0 * theirs));
        }
    }
    for kind in kinds {
        let all = pairs(&bests, Some(kind));
        let mut row = row(
            &format!("  {kind}: p50 of the best"),
            quantile(&all.0, 0.5),
            "ms",
        )
        .beside(quantile(&all.1, 0.5));
        row.n = all.0.len();
        table.add(row);
    }
    table.add(
        row(
            "all documents and all counts, the second time and after: p50",
            quantile(&ours, 0.5),
            "ms",
        )
        .beside(quantile(&theirs, 0.5)),
    );
    drop(peer);
    let pid = node.pid().context("it runs")?;
    let before = processor::of_tree(pid)?;
    for query in queries {
        kept.get(&address("/api/v1/search", query, &more))?;
    }
    let each = (processor::of_tree(pid)? - before) * 1e3 / queries.len() as f64;
    table.add(row("  processor of the node for each question", each, "ms"));
    Ok(())
}

/// Pages as people read them.
fn pages(node: &Node, queries: &[Value], effort: Effort, table: &mut Table) -> Result<()> {
    let mut kept = Kept::open(node.ports().http)?;
    let (mut times, mut largest) = (Vec::new(), 0);
    for _ in 0..effort.times(PASSES) {
        for query in queries {
            let begun = Instant::now();
            let page =
                kept.get_with(&address("/search", query, ""), "Accept-Encoding: gzip\r\n")?;
            times.push(begun.elapsed());
            ensure!(page.status == 200, "{}", page.text());
            largest = largest.max(page.body.len());
        }
    }
    for (name, q) in [("p50", 0.5), ("p99", 0.99)] {
        let ms = quantile(&times, q);
        let mut row = row(&format!("a page of results: {name}"), ms, "ms");
        row.n = times.len();
        table.add(row.goal(format!("under {} ms", PAGE.1), ms < PAGE.1));
    }
    table.add(
        row("  the largest of them, on the wire", largest as f64, "B")
            .goal(format!("under {} B", PAGE.0), (largest as f64) < PAGE.0),
    );
    Ok(())
}
