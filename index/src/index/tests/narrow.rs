//! Fields and filters, compared with reading every document.

use super::*;
use crate::query::{MAX_CLAUSES, MAX_FIELDS};

const LEVELS: [&str; 4] = ["fr-l1", "fr-l2", "fr-l3", "cycle-9"];
const LANGUAGES: [&str; 3] = ["fr", "de", "en-GB"];
const FORMATS: [&str; 2] = ["pdf", "video"];

/// 200 documents in several segments, some of which were removed.
fn library() -> (Fixture, Vec<Document>) {
    let item = |n: usize| Document {
        levels: vec![LEVELS[n % 4].to_owned()],
        languages: vec![LANGUAGES[n / 2 % 3].to_owned()],
        formats: match n % 5 {
            0 => vec![],
            1 => FORMATS.map(str::to_owned).to_vec(),
            n => vec![FORMATS[n % 2].to_owned()],
        },
        ..titled(
            &format!("{n:03}"),
            "de",
            if n % 7 < 3 { "ab" } else { "cd" },
        )
    };
    let index = empty();
    for part in (0..200).collect::<Vec<_>>().chunks(53) {
        index.apply(puts(part.iter().map(|n| item(*n))), 1).unwrap();
    }
    let gone = |n: &usize| n % 11 == 3;
    let removed = (0..200).filter(gone);
    let removed = removed.map(|n| Change::Remove(format!("{n:03}")));
    index.apply(removed.collect(), 2).unwrap();
    (index, (0..200).filter(|n| !gone(n)).map(item).collect())
}

fn has(values: &[String], value: &str) -> bool {
    values.iter().any(|known| known == value)
}

#[test]
fn fields_find_what_reading_every_document_finds() {
    type Test = fn(&Document) -> bool;
    let (index, all) = library();
    let cases: [(&str, Test); 8] = [
        ("ab level:L1", |d| {
            d.titles[0].1 == "ab" && has(&d.levels, "fr-l1")
        }),
        ("level:L1 format:pdf language:fr", |d| {
            has(&d.levels, "fr-l1") && has(&d.formats, "pdf") && has(&d.languages, "fr")
        }),
        ("ab -level:L1 -format:video", |d| {
            d.titles[0].1 == "ab" && !has(&d.levels, "fr-l1") && !has(&d.formats, "video")
        }),
        ("-level:cycle-9", |d| !has(&d.levels, "cycle-9")),
        ("level:L2 OR format:video", |d| {
            has(&d.levels, "fr-l2") || has(&d.formats, "video")
        }),
        (
            "(level:L1 OR level:L3) (format:pdf OR language:de) cd",
            |d| {
                let level = has(&d.levels, "fr-l1") || has(&d.levels, "fr-l3");
                let other = has(&d.formats, "pdf") || has(&d.languages, "de");
                level || other || d.titles[0].1 == "cd"
            },
        ),
        (
            "+(level:L1 OR level:L3) +(format:pdf OR language:de) +cd",
            |d| {
                let level = has(&d.levels, "fr-l1") || has(&d.levels, "fr-l3");
                let other = has(&d.formats, "pdf") || has(&d.languages, "de");
                level && other && d.titles[0].1 == "cd"
            },
        ),
        ("level:L1 level:L2", |_| false),
    ];
    for (text, test) in cases {
        let expected: Vec<&str> = all
            .iter()
            .filter(|document| test(document))
            .map(|document| document.id.as_str())
            .collect();
        let answer = index
            .search(&Query {
                limit: 100,
                exact: true,
                ..ask(text)
            })
            .unwrap();
        assert_eq!(answer.total, expected.len(), "{text}");
        let mut found = ids(&answer);
        found.sort_unstable();
        if expected.len() <= 100 {
            assert_eq!(found, expected, "{text}");
        }
    }
}

#[test]
fn what_each_filter_keeps_away_is_what_a_search_without_it_finds() {
    let (index, _) = library();
    for text in ["", "ab", "\"cd ab\"", "ab level:L1", "xyz"] {
        for n in 0..16 {
            let one = |all: &[&str], on: bool| -> Vec<String> {
                let value = all.get(n % all.len()).filter(|_| on);
                value.map(|value| (*value).to_owned()).into_iter().collect()
            };
            let query = Query {
                levels: one(&LEVELS, n & 1 == 0),
                languages: one(&LANGUAGES, n & 2 == 0),
                formats: one(&FORMATS, n & 4 == 0),
                institutions: one(&["rennes", "lyon"], n & 8 == 0),
                facets: n % 3 == 0,
                ..ask(text)
            };
            let answer = index.search(&query).unwrap();
            let mut expected = BTreeMap::new();
            let mut count = |name: &'static str, selected: &[String], query: Query| {
                // Where quotation marks are given up for one of the two only, they are other searches.
                let other = index.search(&query).unwrap();
                if !selected.is_empty() && (answer.total == 0 || other.unquoted == answer.unquoted)
                {
                    expected.insert(name, other.total);
                }
            };
            let without = |change: fn(&mut Query)| {
                let mut query = query.clone();
                change(&mut query);
                query
            };
            count("level", &query.levels, without(|q| q.levels.clear()));
            count(
                "language",
                &query.languages,
                without(|q| q.languages.clear()),
            );
            count("format", &query.formats, without(|q| q.formats.clear()));
            count(
                "institution",
                &query.institutions,
                without(|q| q.institutions.clear()),
            );
            for (name, total) in &expected {
                assert_eq!(answer.without.get(name), Some(total), "{name}: {query:?}");
            }
        }
    }
}

#[test]
fn a_field_counts_once_and_too_many_are_refused_with_their_place() {
    let (index, _) = library();
    let once = index.search(&ask("ab level:L1")).unwrap();
    let repeated = "level:L1 ".repeat(MAX_CLAUSES - 1);
    assert_eq!(
        index.search(&ask(&format!("ab {repeated}"))).unwrap().total,
        once.total
    );
    let most: Vec<String> = (0..MAX_FIELDS).map(|n| format!("-level:L{n}")).collect();
    let most = most.join(" ");
    assert!(!matches!(
        index.search(&ask(&most)),
        Err(QueryError::TooManyFields { .. })
    ));
    let text = format!("été ({most}) OR -format:pdf");
    let Err(error) = index.search(&ask(&text)) else {
        panic!("{text} is not refused");
    };
    assert!(error.is_refusal());
    let place = error.place().unwrap();
    let marked: String = text.chars().skip(place.start).take(place.len()).collect();
    assert_eq!(marked, "pdf", "{error}");
    assert!(
        error.to_string().contains("more than 12 filters"),
        "{error}"
    );
}
