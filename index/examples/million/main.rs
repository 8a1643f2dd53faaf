//! An index of a million documents, made by the node's index and by the engine alone, and the engine alone answering.
//!
//! ```text
//! million fill FOLDER COUNT SEED     an index as a node opens it
//! million plain FOLDER COUNT SEED    the same documents in an index of the engine alone
//! million queries COUNT SEED         questions, one in JSON on each line
//! million answer FOLDER              reads questions, answers each with the engine alone: how long it took, what it found
//! million both FOLDER PLAIN COUNT SEED    the index of the first, and the engine alone on the second, in turns, without HTTP
//! million worst FOLDER SEED            what costs most in the first: completions, fields and filters, each once cold and warm
//! ```
//!
//! `commun-testnet bench --million` runs it beside a node that answers the same questions over HTTP. It prints JSON.

mod generator;
mod worst;

use std::{
    error::Error,
    fs,
    io::{BufRead as _, Write as _},
    path::Path,
    time::Instant,
};

use commun_index::{Change, Document, Engine, Index, Query};
use generator::Generator;
use serde_json::{Value, json};

/// Documents of one commit: as many as a node gathers at most.
const BATCH: u64 = 2_048;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["fill", folder, count, seed] => fill(Path::new(folder), count.parse()?, seed.parse()?),
        ["plain", folder, count, seed] => plain(Path::new(folder), count.parse()?, seed.parse()?),
        ["queries", count, seed] => {
            let generator = Generator::new(seed.parse()?);
            for n in 0..count.parse()? {
                println!("{}", generator.query(n));
            }
            Ok(())
        }
        ["answer", folder] => answer(Path::new(folder)),
        ["both", folder, plain, count, seed] => both(
            Path::new(folder),
            Path::new(plain),
            count.parse()?,
            seed.parse()?,
        ),
        ["worst", folder, seed] => worst::measure(Path::new(folder), seed.parse()?),
        _ => Err(
            "fill FOLDER COUNT SEED, plain FOLDER COUNT SEED, queries COUNT SEED, answer FOLDER, both FOLDER PLAIN COUNT SEED, or worst FOLDER SEED"
                .into(),
        ),
    }
}

fn fill(folder: &Path, count: u64, seed: u64) -> Result<(), Box<dyn Error>> {
    let generator = Generator::new(seed);
    let index = Index::open(folder)?;
    let (mut made, mut text) = (0.0, 0);
    let (begun, spent) = (Instant::now(), processor()?);
    for from in (0..count).step_by(usize::try_from(BATCH)?) {
        let before = processor()?;
        let documents: Vec<Document> = (from..count.min(from + BATCH))
            .map(|n| generator.document(n))
            .collect();
        text += documents.iter().map(text_of).sum::<usize>();
        let changes = documents.into_iter().map(|d| Change::Put(Box::new(d)));
        let changes = changes.collect();
        made += processor()? - before;
        // The cursor of an index that has seen nothing of a journal: the node that opens it follows from the beginning.
        index.apply(changes, 0)?;
    }
    // With the merges that are under way.
    drop(index);
    say(&json!({
        "documents": count,
        "wall_s": begun.elapsed().as_secs_f64(),
        // Without the making of the documents.
        "cpu_s": processor()? - spent - made,
        "bytes": size(folder)?,
        "text_bytes": text,
        "peak_mib": memory("VmHWM:")?,
    }));
    Ok(())
}

fn plain(folder: &Path, count: u64, seed: u64) -> Result<(), Box<dyn Error>> {
    let generator = Generator::new(seed);
    let mut made = 0.0;
    let (begun, spent) = (Instant::now(), processor()?);
    let batches = (0..count)
        .step_by(usize::try_from(BATCH)?)
        .flat_map(|from| {
            let before = processor().unwrap_or_default();
            let documents: Vec<Document> = (from..count.min(from + BATCH))
                .map(|n| generator.document(n))
                .collect();
            made += processor().unwrap_or_default() - before;
            documents
        });
    let documents = Engine::fill(folder, batches)?;
    say(&json!({
        "documents": documents,
        "wall_s": begun.elapsed().as_secs_f64(),
        "cpu_s": processor()? - spent - made,
        "bytes": size(folder)?,
        "peak_mib": memory("VmHWM:")?,
    }));
    Ok(())
}

/// What a line asks for.
fn question(asked: &Value) -> Query {
    let text = |name: &str| asked[name].as_str().unwrap_or_default().to_owned();
    let chosen = |name: &str| -> Vec<String> {
        let values = asked["filters"][name].as_array().into_iter().flatten();
        values
            .filter_map(|v| v.as_str().map(str::to_owned))
            .collect()
    };
    let limit = asked["limit"].as_u64().unwrap_or(10);
    Query {
        text: text("text"),
        languages: chosen("language"),
        levels: chosen("level"),
        limit: usize::try_from(limit).unwrap_or(10),
        interface_language: text("lang"),
        facets: true,
        ..Query::default()
    }
}

fn answer(folder: &Path) -> Result<(), Box<dyn Error>> {
    let engine = Engine::open(folder)?;
    for line in std::io::stdin().lock().lines() {
        let asked: Value = serde_json::from_str(&line?)?;
        let question = engine.question(&question(&asked))?;
        let begun = Instant::now();
        let found = engine.answer(&question)?;
        say(&json!({
            "ms": begun.elapsed().as_secs_f64() * 1e3,
            "total": found.total,
            "hits": found.hits,
            "values": found.values,
        }));
    }
    Ok(())
}

/// Passes over all questions; the best of each counts.
const PASSES: usize = 7;

fn both(folder: &Path, plain: &Path, count: u64, seed: u64) -> Result<(), Box<dyn Error>> {
    let (index, engine) = (Index::open(folder)?, Engine::open(plain)?);
    let generator = Generator::new(seed);
    let mut questions: Vec<Query> = (0..count).map(|n| question(&generator.query(n))).collect();
    questions.push(Query {
        limit: 10,
        facets: true,
        ..Query::default()
    });
    let mut best = vec![(f64::MAX, f64::MAX); questions.len()];
    let mut different = 0;
    for pass in 0..PASSES {
        for (query, best) in questions.iter().zip(&mut best) {
            let begun = Instant::now();
            let ours = index.search(query)?;
            best.0 = best.0.min(begun.elapsed().as_secs_f64() * 1e3);
            let question = engine.question(query)?;
            let begun = Instant::now();
            let theirs = engine.answer(&question)?;
            best.1 = best.1.min(begun.elapsed().as_secs_f64() * 1e3);
            different += usize::from(pass == 0 && ours.total != theirs.total);
        }
    }
    let everything = best.pop().unwrap_or_default();
    let quantiles = |pick: fn(&(f64, f64)) -> f64| -> Vec<f64> {
        let mut all: Vec<f64> = best.iter().map(pick).collect();
        all.sort_by(f64::total_cmp);
        [50, 95, 99]
            .map(|q| all.get(all.len() * q / 100).copied().unwrap_or_default())
            .to_vec()
    };
    say(&json!({
        "p50_p95_p99_ms": quantiles(|both| both.0),
        "engine_alone_ms": quantiles(|both| both.1),
        "everything_ms": everything.0,
        "everything_engine_alone_ms": everything.1,
        "other_totals": different,
    }));
    Ok(())
}

fn say(what: &Value) {
    println!("{what}");
    // Whoever has asked waits for it.
    let _ = std::io::stdout().flush();
}

/// Bytes of what is searched and shown of a document.
fn text_of(document: &Document) -> usize {
    let pairs = document.titles.iter().chain(&document.descriptions);
    let pairs: usize = pairs.map(|(_, text)| text.len()).sum();
    pairs + document.creators.iter().map(String::len).sum::<usize>()
}

/// Bytes of a folder.
fn size(folder: &Path) -> Result<u64, Box<dyn Error>> {
    let mut sum = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let data = entry.metadata()?;
        sum += if data.is_dir() {
            size(&entry.path())?
        } else {
            data.len()
        };
    }
    Ok(sum)
}

/// Processor seconds of this process (proc(5): utime and stime, in ticks of 10 ms).
fn processor() -> Result<f64, Box<dyn Error>> {
    let text = fs::read_to_string("/proc/self/stat")?;
    let after = text.rsplit_once(')').ok_or("a name in parentheses")?.1;
    let times = after.split_whitespace().skip(11).take(2);
    let ticks = times.map(str::parse::<f64>).sum::<Result<f64, _>>()?;
    Ok(ticks / 100.0)
}

/// A line of this process's status, in MiB.
fn memory(name: &str) -> Result<f64, Box<dyn Error>> {
    let text = fs::read_to_string("/proc/self/status")?;
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let kilobytes = line.and_then(|line| line.split_whitespace().next());
    Ok(kilobytes.ok_or("the system says it")?.parse::<f64>()? / 1024.0)
}
