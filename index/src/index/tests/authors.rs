//! Items by who made them.

use super::*;
use crate::document::Author;

fn by(id: &str, authors: &[(&[&str], &str)]) -> Document {
    let authors = authors.iter().map(|(keys, name)| Author {
        keys: keys.iter().map(|key| (*key).to_owned()).collect(),
        name: (*name).to_owned(),
    });
    Document {
        authors: authors.collect(),
        ..titled(id, "fr", &format!("Cours {id}"))
    }
}

const ADA: &[&str] = &["orcid:1", "name:ada-l"];
const BOB: &[&str] = &["name:bob"];

fn three() -> Fixture {
    filled([
        by("a", &[(ADA, "Ada L."), (BOB, "Bob")]),
        by("b", &[(ADA, "L., Ada")]),
        by("c", &[(&["name:ada-l"], "Ada L."), (BOB, "Bob")]),
    ])
}

fn ids(index: &Index, author: &str, text: &str) -> Vec<String> {
    let query = Query {
        authors: vec![author.to_owned()],
        sort: Sort::Title,
        ..ask(text)
    };
    let answer = index.search(&query).unwrap();
    assert_eq!(answer.total, answer.hits.len());
    answer.hits.into_iter().map(|hit| hit.id).collect()
}

#[test]
fn an_author_is_found_by_each_of_their_keys_and_with_words() {
    let index = three();
    assert_eq!(ids(&index, "orcid:1", ""), ["a", "b"]);
    assert_eq!(ids(&index, "name:ada-l", ""), ["a", "b", "c"]);
    assert_eq!(ids(&index, "name:bob", "cours"), ["a", "c"]);
    assert!(ids(&index, "name:nobody", "").is_empty());
    let many = Query {
        authors: vec!["x".to_owned(); crate::MAX_FILTER_VALUES + 1],
        ..ask("")
    };
    assert!(index.search(&many).unwrap_err().is_refusal());
}

#[test]
fn those_who_made_something_together_are_counted() {
    let index = three();
    let counted = |key: &str| -> Vec<(String, String, u64)> {
        let all = index.with_author(key).unwrap();
        all.into_iter()
            .map(|c| (c.keys.join(" "), c.name, c.items))
            .collect()
    };
    let one = |key: &str, name: &str, items| (key.to_owned(), name.to_owned(), items);
    assert_eq!(
        counted("orcid:1"),
        [
            one("name:bob", "Bob", 1),
            one("orcid:1 name:ada-l", "Ada L.", 1),
            one("orcid:1 name:ada-l", "L., Ada", 1)
        ]
    );
    assert_eq!(counted("name:bob")[0], one("name:bob", "Bob", 2));
    index
        .apply(vec![Change::Remove("a".to_owned())], 2)
        .unwrap();
    assert_eq!(
        counted("orcid:1"),
        [one("orcid:1 name:ada-l", "L., Ada", 1)]
    );
}

#[test]
fn what_most_institutions_use_comes_first() {
    let used = |id: &str, adoptions| Document {
        adoptions,
        ..titled(id, "fr", id)
    };
    let index = filled([used("a", 0), used("b", 7), used("c", 1), used("d", 7)]);
    let query = Query {
        sort: Sort::Adoptions,
        ..ask("")
    };
    let hits = index.search(&query).unwrap().hits;
    let found: Vec<(&str, u64)> = hits.iter().map(|h| (&*h.id, h.adoptions)).collect();
    assert_eq!(found, [("b", 7), ("d", 7), ("c", 1), ("a", 0)]);
}

#[test]
fn the_licences_of_some_items_are_counted() {
    let under = |id: &str, licence: Option<&str>| Document {
        licence: licence.map(str::to_owned),
        ..titled(id, "fr", id)
    };
    let index = filled([
        under("a", Some("CC-BY-4.0")),
        under("b", Some("CC-BY-4.0")),
        under("c", None),
        under("d", Some("CC0-1.0")),
    ]);
    let ids = ["a", "b", "c", "missing"].map(str::to_owned);
    let counted: Vec<(String, u64)> = index.licences_of(&ids).unwrap().into_iter().collect();
    assert_eq!(counted, [("CC-BY-4.0".to_owned(), 2)]);
    assert!(index.licences_of(&[]).unwrap().is_empty());
}
