//! Whatever happened to an index, it answers like one that was made in one go.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

const WORDS: [&str; 12] = [
    "équations",
    "equation",
    "cours",
    "cour",
    "linéaire",
    "analyse",
    "analysis",
    "data",
    "the",
    "de",
    "chimie",
    "théorème",
];

#[derive(Clone, Debug)]
enum Step {
    Put(Box<Document>),
    Remove(u8),
    Commit,
    Reopen,
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(&WORDS[..]), 0..12).prop_map(|words| words.join(" "))
}

fn language() -> impl Strategy<Value = String> {
    prop::sample::select(&["fr", "en", "de", ""][..]).prop_map(str::to_owned)
}

fn document() -> impl Strategy<Value = Document> {
    let texts = || prop::collection::vec((language(), text()), 0..3);
    let values = || prop::sample::select(&["fr", "en", "en-GB", "x-9"][..]);
    (
        0..12u8,
        texts(),
        texts(),
        texts(),
        0..4u64,
        0..3u8,
        values(),
    )
        .prop_map(
            |(id, titles, descriptions, text, updated, institution, value)| Document {
                titles,
                descriptions,
                text,
                // Far enough apart to be of different ages.
                updated: updated * 100 * 86_400,
                languages: vec![value.to_owned()],
                levels: vec![value.to_owned()],
                institution: format!("university-{institution}"),
                ..titled(&format!("id{id}"), "", "")
            },
        )
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => document().prop_map(|document| Step::Put(Box::new(document))),
        2 => (0..12u8).prop_map(Step::Remove),
        2 => Just(Step::Commit),
        1 => Just(Step::Reopen),
    ];
    prop::collection::vec(step, 1..60)
}

fn questions() -> Vec<Query> {
    let texts = [
        "",
        "équations linéaires",
        "analysis of data",
        "cours",
        "cours de chimie -analyse",
        "\"data analysis\" OR theoreme",
        "corus analyse linaire",
        "the",
        "+chimie cours equation analysis data theoreme lineaire",
        "language:en-GB",
        "level:x-9 cours",
        "-institution:university-2 data",
    ];
    let mut queries = Vec::new();
    for text in texts {
        for sort in [Sort::Relevance, Sort::Newest, Sort::Title] {
            queries.push(Query {
                sort,
                facets: true,
                explain: true,
                ..ask(text)
            });
        }
        queries.push(Query {
            institutions: vec!["university-1".to_owned()],
            facets: true,
            interface_language: "en".to_owned(),
            ..ask(text)
        });
    }
    queries
}

/// The answers to all questions, or what is said against them; then what completes what is typed.
fn answers(index: &Index) -> Vec<String> {
    let answer = |query| match index.search(&query) {
        Ok(answer) => {
            // The only thing that may differ.
            let cursor = 0;
            format!("{:?}", Answer { cursor, ..answer })
        }
        Err(error) => error.to_string(),
    };
    let complete = |typed| format!("{:?}", index.complete(typed, "fr").unwrap());
    let typed = ["an", "ana", "equa", "cours ch", "da", "li", "th"];
    let answers = questions().into_iter().map(answer);
    answers.chain(typed.map(complete)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn a_history_answers_like_a_rebuild(steps in steps(), split in 1..5usize) {
        let folder = tempfile::tempdir().unwrap();
        let mut index = Some(Index::open(folder.path()).unwrap());
        let mut model: BTreeMap<String, Document> = BTreeMap::new();
        let mut batch = Vec::new();
        for step in steps {
            match step {
                Step::Put(document) => {
                    model.insert(document.id.clone(), (*document).clone());
                    batch.push(Change::Put(document));
                }
                Step::Remove(id) => {
                    let id = format!("id{id}");
                    model.remove(&id);
                    batch.push(Change::Remove(id));
                }
                Step::Commit => {
                    let changes = std::mem::take(&mut batch);
                    index.as_ref().unwrap().apply(changes, 1).unwrap();
                }
                Step::Reopen => {
                    drop(index.take());
                    index = Some(Index::open(folder.path()).unwrap());
                }
            }
        }
        let index = index.unwrap();
        index.apply(batch, 2).unwrap();
        prop_assert_eq!(index.documents(), model.len() as u64);

        let rebuilt = empty();
        let documents: Vec<Document> = model.into_values().rev().collect();
        for part in documents.chunks(documents.len().div_ceil(split).max(1)) {
            rebuilt.apply(puts(part.iter().cloned()), 3).unwrap();
        }
        for (here, there) in answers(&index).iter().zip(answers(&rebuilt)) {
            prop_assert_eq!(here, &there);
        }
    }
}

#[test]
fn three_updates_of_each_item_and_their_merges_change_nothing() {
    let item = |n: usize, round: usize| {
        let words: Vec<&str> = (0..20)
            .map(|k| WORDS[(n * 7 + k * (round + n % 5)) % 12])
            .collect();
        let mut item = titled(&format!("{n:03}"), "fr", &words[..4].join(" "));
        item.descriptions = vec![(["fr", "en", ""][n % 3].to_owned(), words.join(" "))];
        item
    };
    let seen_all = empty();
    for round in 1..=3 {
        // Batches of odd sizes, so that segments differ and the merge policy has work.
        for (n, batch) in (0..120).collect::<Vec<_>>().chunks(9).enumerate() {
            let documents = batch.iter().map(|n| item(*n, round));
            seen_all.apply(puts(documents), n as u64).unwrap();
        }
    }
    let rebuilt = filled((0..120).map(|n| item(n, 3)));
    assert_eq!(answers(&seen_all), answers(&rebuilt));
}
