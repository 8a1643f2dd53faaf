//! What was removed stands in the files until segments merge, and changes no answer.

use super::*;
use crate::Completion;

const DAY: u64 = 86_400;

/// The same documents in one batch, and as the rest of a history: each came alone, among others that were removed and
/// in earlier forms that were replaced, nothing of it merged.
fn with_and_without_history(
    documents: Vec<Document>,
    removed: Vec<Document>,
) -> (Fixture, Fixture) {
    let history = empty();
    // Few enough removed ones in each segment, so that it is kept as it is.
    let filler = |n: usize| titled(&format!("zz{n:02}"), "fr", "remplissage");
    let gone: Vec<Change> = removed
        .iter()
        .map(|document| Change::Remove(document.id.clone()))
        .collect();
    let early = documents.iter().map(|document| Document {
        summaries: vec![("fr".to_owned(), "brouillon".to_owned())],
        ..document.clone()
    });
    let (first, second) = documents.split_at(documents.len() / 2);
    let padding = 3 * (removed.len() + documents.len());
    let all = early.chain(removed).chain((0..padding).map(filler));
    history.apply(puts(all), 1).unwrap();
    history.apply(puts(second.to_vec()), 2).unwrap();
    history.apply(puts(first.to_vec()), 3).unwrap();
    history.apply(gone, 4).unwrap();
    let snapshot = history.snapshot();
    let mut segments = snapshot.searcher.segment_readers().iter();
    assert!(
        segments.any(|segment| segment.has_deletes()),
        "nothing of the history is left"
    );
    let fresh = filled(documents.into_iter().chain((0..padding).map(filler)));
    assert_eq!(history.documents(), fresh.documents());
    (history, fresh)
}

/// The answer, or what is said against the question.
fn answer(index: &Index, query: &Query) -> Result<Answer, String> {
    let answer = index.search(query).map_err(|error| error.to_string())?;
    Ok(Answer {
        cursor: 0,
        ..answer
    })
}

#[test]
fn a_value_that_only_removed_items_have_is_not_known() {
    let catalogued = |id: &str, level: &str, language: &str, format: &str| Document {
        levels: vec![level.to_owned()],
        languages: vec![language.to_owned()],
        formats: vec![format.to_owned()],
        ..titled(id, "fr", "Cours")
    };
    let (history, fresh) = with_and_without_history(
        vec![
            catalogued("a", "fr-l1", "en", "pdf"),
            catalogued("b", "cycle-8", "en-US", "pdf"),
        ],
        vec![catalogued("c", "cycle-9", "en-GB", "odd")],
    );
    for text in [
        "level:cycle-8",
        "level:cycle-9",
        "level:fr-l1",
        "level:L1",
        "language:en-GB",
        "language:en-US",
        "language:en",
        "format:odd",
        "type:odd",
        "cours -level:cycle-9",
        "un cours de physique quantique avec exercices level:cycle-9",
    ] {
        assert_eq!(
            answer(&history, &ask(text)),
            answer(&fresh, &ask(text)),
            "{text}"
        );
    }
    assert!(answer(&history, &ask("level:cycle-9")).is_err());
    assert_eq!(find(&history, "level:cycle-8"), ["b"]);
    // All of English, where nothing in force has the tag; the tag, where something has.
    assert_eq!(find(&history, "language:en-GB"), ["a", "b"]);
    assert_eq!(find(&history, "language:en-US"), ["b"]);
}

#[test]
fn completion_offers_what_the_documents_in_force_offer() {
    let item = |id: &str, title: &str| titled(id, "fr", title);
    let (history, fresh) = with_and_without_history(
        vec![
            // The one with the smallest id says how a word is written.
            item("b", "EQUATIONS simples"),
            item("a", "Équations linéaires"),
            item("e", "Équateur et équinoxe"),
            item("f", "L'équateur"),
            item("g", "Équipement"),
        ],
        // Without these, the most frequent words are others.
        (0..6)
            .map(|n| item(&format!("r{n}"), "Équipements équidistants équipement"))
            .collect(),
    );
    for typed in ["eq", "équ", "equi", "equip", "EQUAT", "linéaires equ", "é"] {
        assert_eq!(
            history.complete(typed, "fr").unwrap(),
            fresh.complete(typed, "fr").unwrap(),
            "{typed}"
        );
    }
    let words: Vec<Completion> = history.complete("équ", "fr").unwrap();
    let word = |text: &str| Completion::Word {
        text: text.to_owned(),
    };
    assert_eq!(
        words[..4],
        [
            word("équateur"),
            word("équations"),
            word("équinoxe"),
            word("équipement")
        ]
    );
    assert_eq!(
        history.complete("é", "fr").unwrap(),
        [],
        "a letter of two bytes is one letter"
    );
}

/// Words in alphabetical order.
fn word(n: usize) -> String {
    let letter = |n: usize| char::from(b'a' + u8::try_from(n % 26).unwrap());
    let letters = [n / 17_576, n / 676, n / 26, n].map(letter);
    letters.into_iter().fold("qu".to_owned(), |mut word, c| {
        word.push(c);
        word
    })
}

#[test]
fn a_dictionary_that_is_too_long_ends_at_the_same_word_everywhere() {
    let described = |id: &str, words: &mut dyn Iterator<Item = usize>| {
        let text: Vec<String> = words.map(word).collect();
        Document {
            descriptions: vec![("de".to_owned(), text.join(" "))],
            ..titled(id, "de", "Liste")
        }
    };
    // Of 12,000 words in force, the first 10,000 are looked at.
    let (history, fresh) = with_and_without_history(
        vec![
            described("a", &mut (3_000..15_000)),
            described("b", &mut [12_990, 13_010].into_iter()),
            described("c", &mut [13_010].into_iter()),
        ],
        vec![described("r", &mut (0..3_000))],
    );
    let seen = history.complete("qu", "de").unwrap();
    assert_eq!(seen, fresh.complete("qu", "de").unwrap());
    let first = Completion::Word { text: word(12_990) };
    assert_eq!(seen[0], first);
    // What is behind is found by a longer word.
    let behind = word(13_010);
    let longer = history.complete(&behind[..4], "de").unwrap();
    assert_eq!(longer[0], Completion::Word { text: behind });
}

#[test]
fn an_institution_that_dates_ahead_makes_no_other_item_old() {
    let item = |id: &str, institution: &str, day: u64| Document {
        institution: institution.to_owned(),
        updated: day * DAY,
        ..titled(id, "fr", "Cours de chimie")
    };
    let honest = [
        item("a", "rennes", 20_000),
        item("b", "lyon", 19_990),
        item("c", "lyon", 19_000),
    ];
    let query = Query {
        explain: true,
        ..ask("chimie")
    };
    let ages = |index: &Index| -> Vec<(String, String)> {
        let answer = index.search(&query).unwrap();
        let mut ages = Vec::new();
        for hit in answer.hits {
            let mut parts = hit.explanation.into_iter();
            let age = parts.find(|part| part.field == "days before the newest");
            ages.extend(age.map(|age| (hit.id, age.word)));
        }
        ages.sort();
        ages
    };
    let days = |all: &[(&str, &str)]| -> Vec<(String, String)> {
        let all = all.iter();
        all.map(|(id, days)| ((*id).to_owned(), (*days).to_owned()))
            .collect()
    };
    let index = filled(honest.clone());
    // Counted from what a second one confirms.
    assert_eq!(ages(&index), days(&[("a", "0"), ("b", "0"), ("c", "990")]));
    let ahead: Vec<Document> = (0..50)
        .map(|n| item(&format!("x{n}"), "ahead", 40_000 + n))
        .collect();
    index.apply(puts(ahead.clone()), 2).unwrap();
    let query_ages = ages(&index);
    let c = query_ages.iter().find(|(id, _)| id == "c");
    // The newest of the honest ones counts now, and no date of the other.
    assert!(c.is_none_or(|(_, age)| age == "1000"), "{query_ages:?}");

    // Once the newest are gone, ages are those of an index that never had them.
    let (history, fresh) = with_and_without_history(
        vec![
            item("b", "lyon", 19_990),
            item("c", "lyon", 19_000),
            item("d", "rennes", 19_500),
        ],
        ahead
            .into_iter()
            .chain([item("a", "rennes", 20_000)])
            .collect(),
    );
    assert_eq!(ages(&history), ages(&fresh));
    assert_eq!(answer(&history, &query), answer(&fresh, &query));
}
