//! How soon a search answers, and how soon it finds what was published elsewhere.

use std::{fs, time::Instant};

use anyhow::Result;
use commun_client::{LocalFile, Query};
use serde_json::json;

use super::{
    Effort, soon,
    table::{Row, Table, median, quantile},
};
use crate::federation::Federation;

const QUERIES: [&str; 10] = [
    "equations différentielles",
    "probabilités",
    "open education",
    "algèbre linéaire",
    "\"droit d'auteur\"",
    "git",
    "chimie OR biologie",
    "cours de licence",
    "data",
    "",
];

/// Searches over HTTP on one connection, facets and snippets included.
pub(super) fn answers(f: &Federation, effort: Effort, table: &mut Table) -> Result<()> {
    let client = f.nodes[1].client()?;
    let mut times = Vec::new();
    for n in 0..effort.times(300) {
        let begun = Instant::now();
        client.search(&Query::new(QUERIES[n % QUERIES.len()]))?;
        times.push(begun.elapsed());
    }
    for (name, q) in [("median", 0.5), ("p95", 0.95)] {
        table.add(Row {
            what: format!("search over HTTP, facets included: {name}"),
            ours: quantile(&times, q),
            peer: None,
            peer_name: None,
            unit: "ms",
            n: times.len(),
            goal: "-".to_owned(),
            met: None,
        });
    }
    Ok(())
}

/// From the moment that publishing on A returns to the hit in B's search.
pub(super) fn publish_to_hit(f: &Federation, effort: Effort, table: &mut Table) -> Result<()> {
    let (a, b) = (f.nodes[0].client()?, f.nodes[1].client()?);
    let folder = tempfile::tempdir()?;
    let mut times = Vec::new();
    for n in 0..effort.times(100) {
        let word = format!("mesure{}", letters(n));
        let source = folder.path().join("note.md");
        fs::write(&source, format!("# {word}\n\nUne note qui se cherche.\n"))?;
        let metadata = json!({"slug": format!("note-{n}"), "title": {"fr": format!("Note {word}")}, "licence": "CC0-1.0", "language": ["fr"]});
        let file = LocalFile {
            size: fs::metadata(&source)?.len(),
            source,
            path: "note.md".to_owned(),
        };
        let published = a.publish(None, &metadata, &[file], |_| {})?;
        let begun = Instant::now();
        // The item itself: a search for an unknown word may answer with what is spelt alike.
        soon(&format!("B finds {word}"), || {
            let found = b.search(&Query::new(&word))?.value;
            Ok(found.hits.iter().any(|h| h.id == published.id))
        })?;
        times.push(begun.elapsed());
    }
    for (name, ms, goal) in [
        ("median", median(&times), 600.0),
        ("p99", quantile(&times, 0.99), 1500.0),
    ] {
        table.add(Row {
            what: format!("publish on A returns to hit on B: {name}"),
            ours: ms,
            peer: None,
            peer_name: None,
            unit: "ms",
            n: times.len(),
            goal: format!("under {goal} ms"),
            met: Some(ms < goal),
        });
    }
    Ok(())
}

/// A number as letters: a word that no stemmer shortens to another's.
pub(super) fn letters(mut n: usize) -> String {
    const DIGITS: [char; 8] = ['b', 'd', 'g', 'k', 'm', 'p', 'v', 'z'];
    let mut out = String::new();
    for _ in 0..4 {
        out.push(DIGITS[n % 8]);
        out.push('o');
        n /= 8;
    }
    out
}
