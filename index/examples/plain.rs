//! How fast the engine alone takes documents: `plain DOCUMENTS.jsonl FOLDER` prints one line of JSON.
//!
//! `make bench` runs it beside a node that takes the same documents as signed statements.

use std::{fs, path::Path, time::Instant};

use commun_index::{Document, fill_plainly};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [documents, folder] = &arguments[..] else {
        return Err("give a file of documents, one in JSON on each line, and a new folder".into());
    };
    let text = fs::read_to_string(documents)?;
    let parsed = text.lines().map(serde_json::from_str);
    let documents: Vec<Document> = parsed.collect::<Result<_, _>>()?;
    drop(text);
    let (begun, spent) = (Instant::now(), processor()?);
    let count = fill_plainly(Path::new(folder), &documents)?;
    println!(
        "{{\"documents\":{count},\"wall_s\":{:.3},\"cpu_s\":{:.3}}}",
        begun.elapsed().as_secs_f64(),
        processor()? - spent
    );
    Ok(())
}

/// Processor seconds of this process (proc(5): utime and stime, in ticks of 10 ms).
fn processor() -> Result<f64, Box<dyn std::error::Error>> {
    let text = fs::read_to_string("/proc/self/stat")?;
    let after = text.rsplit_once(')').ok_or("a name in parentheses")?.1;
    let times = after.split_whitespace().skip(11).take(2);
    let ticks = times.map(str::parse::<f64>).sum::<Result<f64, _>>()?;
    Ok(ticks / 100.0)
}
