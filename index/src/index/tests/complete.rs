use super::*;
use crate::{Completion, MAX_COMPLETIONS};

fn library() -> Vec<Document> {
    let mut all = vec![
        Document {
            name: "rennes/equations".to_owned(),
            subjects: vec!["iscedf-0541".to_owned()],
            levels: vec!["fr-terminale".to_owned()],
            ..titled("a", "fr", "Les équations différentielles")
        },
        titled("b", "fr", "Équations du second degré"),
        titled("c", "en", "Equality before the law"),
        titled("d", "fr", "Un seul secretissime"),
    ];
    for n in 0..30 {
        all.push(titled(&format!("z{n:02}"), "fr", &format!("Équateur {n}")));
    }
    all
}

fn texts(index: &Index, typed: &str) -> Vec<String> {
    let all = index.complete(typed, "fr").unwrap();
    assert!(all.len() <= MAX_COMPLETIONS);
    let text = |completion| match completion {
        Completion::Word { text } => text,
        Completion::Concept { label, count, .. } => format!("{label} ({count})"),
        Completion::Title { title, .. } => format!("[{title}]"),
    };
    all.into_iter().map(text).collect()
}

#[test]
fn words_come_with_their_accents_and_titles_with_the_words_before() {
    let index = filled(library());
    for typed in ["equat", "équat", "ÉQUAT", "equat "] {
        let found = texts(&index, typed);
        assert_eq!(found[..2], ["équateur", "équations"], "{typed}");
    }
    let found = texts(&index, "equations diff");
    assert_eq!(
        found,
        [
            "equations différentielles",
            "[Les équations différentielles]"
        ]
    );
    let found = texts(&index, "les equ");
    assert!(found.contains(&"[Les équations différentielles]".to_owned()));
    assert!(
        !found.contains(&"[Équations du second degré]".to_owned()),
        "{found:?}"
    );
}

#[test]
fn titles_that_begin_so_come_first() {
    let index = filled(library());
    let found = texts(&index, "équations");
    let titles: Vec<&String> = found.iter().filter(|text| text.starts_with('[')).collect();
    assert_eq!(
        titles,
        [
            "[Équations du second degré]",
            "[Les équations différentielles]"
        ]
    );
}

#[test]
fn subjects_and_levels_that_something_has_come_with_their_labels() {
    let index = filled(library());
    assert!(texts(&index, "mathe").contains(&"Mathématiques (1)".to_owned()));
    assert!(texts(&index, "termin").contains(&"Terminale (1)".to_owned()));
    // Nothing is catalogued as this.
    assert_eq!(texts(&index, "philosoph"), Vec::<String>::new());
}

#[test]
fn what_was_removed_is_offered_no_more() {
    let index = filled(library());
    assert_eq!(
        texts(&index, "secretis"),
        ["secretissime", "[Un seul secretissime]"]
    );
    index
        .apply(
            vec![
                Change::Remove("d".to_owned()),
                Change::Remove("a".to_owned()),
            ],
            2,
        )
        .unwrap();
    assert_eq!(texts(&index, "secretis"), Vec::<String>::new());
    assert_eq!(texts(&index, "seul secr"), Vec::<String>::new());
    assert_eq!(texts(&index, "mathe"), Vec::<String>::new());
}

#[test]
fn what_is_too_short_or_too_long_is_not_completed() {
    let index = filled(library());
    let long = "équations ".repeat(1_000);
    for typed in [
        "",
        " ",
        "e",
        "\"",
        "((((",
        "les e",
        &long,
        "\u{ffff}\u{10ffff}",
    ] {
        assert_eq!(texts(&index, typed), Vec::<String>::new(), "{typed:?}");
    }
}
