//! Answers judged queries as a node would: the other side of `commun-testnet bench --relevance`.
//!
//! ```text
//! relevance LANGUAGE DOCUMENTS QUERIES…    each file tab-separated: id, title, text; id, query
//! ```
//!
//! Prints for each file of queries, after a line with its number, the first hundred hits: query, document.

use std::error::Error;
use std::fs;
use std::io::{BufWriter, Write, stdout};

use commun_index::{Change, Document, Index, Kind, Labels, Query};

/// Hits of each query.
const HITS: usize = 100;
/// Documents of one batch.
const BATCH: usize = 2_048;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(language), Some(documents)) = (arguments.next(), arguments.next()) else {
        return Err("usage: relevance LANGUAGE DOCUMENTS QUERIES…".into());
    };
    let folder = tempfile::tempdir()?;
    let index = Index::open(folder.path())?;
    let text = fs::read_to_string(documents)?;
    let mut batch = Vec::new();
    for line in text.lines() {
        let mut cells = line.split('\t');
        let mut cell = || cells.next().unwrap_or_default();
        batch.push(Change::Put(Box::new(document(
            &language,
            cell(),
            cell(),
            cell(),
        ))));
        if batch.len() == BATCH {
            index.apply(std::mem::take(&mut batch), 1)?;
        }
    }
    index.apply(batch, 1)?;

    let mut out = BufWriter::new(stdout().lock());
    for (number, queries) in arguments.enumerate() {
        writeln!(out, "{number}")?;
        for line in fs::read_to_string(queries)?.lines() {
            let (query, text) = line.split_once('\t').unwrap_or_default();
            let asked = Query {
                text: text.to_owned(),
                limit: HITS,
                interface_language: language.clone(),
                ..Query::default()
            };
            // A query that is refused finds nothing, and counts as that.
            let Ok(answer) = index.search(&asked) else {
                continue;
            };
            for hit in answer.hits {
                writeln!(out, "{query}\t{}", hit.id)?;
            }
        }
    }
    out.flush()?;
    Ok(())
}

fn document(language: &str, id: &str, title: &str, text: &str) -> Document {
    Document {
        id: id.to_owned(),
        name: String::new(),
        kind: Kind::Resource,
        institution: String::new(),
        titles: vec![(language.to_owned(), title.to_owned())],
        summaries: vec![],
        descriptions: vec![(language.to_owned(), text.to_owned())],
        keywords: vec![],
        creators: vec![],
        authors: vec![],
        resource_types: vec![],
        licence: None,
        languages: vec![language.to_owned()],
        levels: vec![],
        subjects: vec![],
        labels: Labels::default(),
        formats: Vec::new(),
        duration: None,
        accessibility: Vec::new(),
        file_names: vec![],
        text: vec![],
        places: vec![],
        updated: 0,
        adoptions: 0,
        reviews: 0,
        position_hint: 0,
    }
}
