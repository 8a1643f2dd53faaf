//! Feeds an index and asks it something, as a node does.
//!
//! ```text
//! cargo run --example catalogue -- "equations diferentielles"
//! ```

use std::error::Error;

use commun_index::{Change, Document, Index, Kind, Query};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let index = Index::open(folder.path())?;

    // A new index has no cursor: feed it from the beginning of the journal.
    assert_eq!(index.cursor(), None);
    let journal = [
        (
            "fr",
            "Équations différentielles",
            "Un cours de première année avec des exercices corrigés.",
        ),
        (
            "fr",
            "Algèbre linéaire",
            "Matrices, espaces vectoriels, équations linéaires.",
        ),
        (
            "en",
            "Git for researchers",
            "Keep the history of your data and of your code.",
        ),
    ];
    let changes = journal
        .into_iter()
        .enumerate()
        .map(|(n, (language, title, summary))| {
            let pair = |text: &str| vec![(language.to_owned(), text.to_owned())];
            Change::Put(Box::new(Document {
                id: format!("item-{n}"),
                name: format!("rennes/item-{n}"),
                kind: Kind::Resource,
                institution: "rennes".to_owned(),
                titles: pair(title),
                summaries: pair(summary),
                descriptions: vec![],
                keywords: vec![],
                creators: vec![],
                authors: vec![],
                resource_types: vec!["course".to_owned()],
                licence: Some("CC-BY-4.0".to_owned()),
                languages: vec![language.to_owned()],
                levels: vec![],
                subjects: vec!["iscedf-0541".to_owned()],
                labels: commun_index::Labels::default(),
                formats: vec![],
                duration: None,
                accessibility: vec![],
                file_names: vec![],
                text: vec![],
                places: vec![],
                updated: 1_700_000_000 + n as u64,
                adoptions: 0,
                reviews: 0,
                position_hint: n as u64,
            }))
        });
    // One batch, one commit: afterwards the next search sees it, and a crash does not undo it.
    index.apply(changes.collect(), 3)?;

    let text = std::env::args().nth(1);
    let answer = index.search(&Query {
        text: text.unwrap_or_else(|| "equations diferentielles".to_owned()),
        limit: 10,
        interface_language: "fr".to_owned(),
        facets: true,
        ..Query::default()
    })?;
    if let Some(searched) = &answer.suggestion {
        println!("Résultats pour « {searched} »");
    }
    println!("{} sur {}", answer.total, index.documents());
    for hit in &answer.hits {
        println!("{:6.2}  {}\n        {}", hit.score, hit.title, hit.snippet);
    }
    for (facet, values) in &answer.facets {
        println!("{facet}: {values:?}");
    }
    Ok(())
}
