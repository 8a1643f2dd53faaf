//! How soon what is withdrawn, hidden or erased is gone: its files refused, nothing of it found.

use std::{fs, path::Path, time::Instant};

use anyhow::Result;
use commun_client::{LocalFile, Query};
use serde_json::json;

use super::{
    Effort,
    searches::letters,
    soon,
    table::{Row, Table, quantile},
};
use crate::{commun::Typist, federation::Federation, http};

/// What ARCHITECTURE.md promises, in milliseconds.
const GOAL: f64 = 5_000.0;

/// From the moment that the command is typed until the file is refused and the words of it are not found: on the node of who
/// typed it, and on another one where it counts there, too.
pub(super) fn takedown(
    f: &mut Federation,
    work: &Path,
    effort: Effort,
    table: &mut Table,
) -> Result<()> {
    super::first(f, work)?;
    let times = effort.times(30);
    for (deed, everywhere) in [("hide", false), ("withdraw", true), ("erase", true)] {
        let mut here = Vec::new();
        let mut there = Vec::new();
        for n in 0..times {
            let (name, word) = publish(f, work, deed, n)?;
            for node in 0..2 {
                soon("it is there and found", || seen(f, node, &name, &word))?;
            }
            let mut command = vec![deed, &name, "--reason", "mesure"];
            if deed == "erase" {
                command.push("--yes");
            }
            let typist = Typist::operator(&f.nodes[0])?;
            let begun = Instant::now();
            typist.done(work, &command)?;
            soon("it is gone here", || Ok(!seen_at_all(f, 0, &name, &word)?))?;
            here.push(begun.elapsed());
            if everywhere {
                soon("it is gone there", || Ok(!seen_at_all(f, 1, &name, &word)?))?;
                there.push(begun.elapsed());
            }
        }
        for (place, times) in [("on one's own node", &here), ("on another node", &there)] {
            if times.is_empty() {
                continue;
            }
            for (which, q) in [("median", 0.5), ("slowest", 1.0)] {
                let ms = quantile(times, q);
                table.add(Row {
                    what: format!("{deed} to gone {place}: {which}"),
                    ours: ms,
                    peer: None,
                    peer_name: None,
                    unit: "ms",
                    n: times.len(),
                    goal: format!("under {GOAL} ms"),
                    met: Some(ms < GOAL),
                });
            }
        }
    }
    Ok(())
}

/// Publishes a note with a word that nothing else has; gives its name and the word.
fn publish(f: &Federation, work: &Path, deed: &str, n: usize) -> Result<(String, String)> {
    let word = format!("{}{deed}", letters(n));
    let source = work.join("note.md");
    fs::write(&source, format!("# Note\n\n{word}\n"))?;
    let metadata = json!({"slug": format!("{deed}-{n}"), "title": {"fr": format!("Note {n}")}, "licence": "CC0-1.0", "language": ["fr"]});
    let file = LocalFile {
        size: fs::metadata(&source)?.len(),
        source,
        path: "note.md".to_owned(),
    };
    let published = f.nodes[0]
        .client()?
        .publish(None, &metadata, &[file], |_| {})?;
    Ok((published.name.clone(), word))
}

/// Whether a node gives the file, and whether its word finds the item.
fn shown(f: &Federation, node: usize, name: &str, word: &str) -> Result<(bool, bool)> {
    let path = format!("/api/v1/items/{name}/files/note.md");
    let file = http::get(f.nodes[node].ports().http, &path, &[])?;
    let search = f.nodes[node].client()?.search(&Query::new(word))?;
    let found = search.hits.iter().any(|hit| hit.name == name);
    Ok((file.status == 200, found))
}

fn seen(f: &Federation, node: usize, name: &str, word: &str) -> Result<bool> {
    let (file, found) = shown(f, node, name, word)?;
    Ok(file && found)
}

fn seen_at_all(f: &Federation, node: usize, name: &str, word: &str) -> Result<bool> {
    let (file, found) = shown(f, node, name, word)?;
    Ok(file || found)
}
