//! What costs most among a million documents: short words to complete, as many fields as a text may have, all filters.

use std::{error::Error, path::Path, time::Instant};

use commun_index::{Index, MAX_CLAUSES, MAX_FIELDS, Query, QueryError};
use serde_json::json;

use super::{generator::Generator, say};

/// Questions of the generator whose words are completed.
const TYPED: u64 = 40;

/// Prints how long each takes, in milliseconds: the first time, and the best of three more.
pub(super) fn measure(folder: &Path, seed: u64) -> Result<(), Box<dyn Error>> {
    let index = Index::open(folder)?;
    let generator = Generator::new(seed);
    for letters in 2..=5 {
        let mut times = Vec::new();
        for n in 0..TYPED {
            let asked = generator.query(n);
            let text = asked["text"].as_str().unwrap_or_default();
            let letters = text.chars().filter(|c| c.is_alphabetic()).take(letters);
            let typed: String = letters.collect();
            let begun = Instant::now();
            index.complete(&typed, "fr")?;
            times.push(begun.elapsed().as_secs_f64() * 1e3);
        }
        times.sort_by(f64::total_cmp);
        let at = |hundredths: usize| times[times.len() * hundredths / 100];
        say(
            &json!({"complete": letters, "p50_ms": at(50), "p95_ms": at(95), "most_ms": times.last()}),
        );
    }
    for (name, query) in questions() {
        let first = search(&index, &query)?;
        let mut best = f64::MAX;
        for _ in 0..3 {
            best = best.min(search(&index, &query)?);
        }
        say(&json!({"question": name, "first_ms": first, "best_ms": best}));
    }
    Ok(())
}

fn search(index: &Index, query: &Query) -> Result<f64, QueryError> {
    let begun = Instant::now();
    index.search(query)?;
    Ok(begun.elapsed().as_secs_f64() * 1e3)
}

fn questions() -> Vec<(&'static str, Query)> {
    let asked = |text: String| Query {
        text,
        limit: 20,
        facets: true,
        interface_language: "fr".to_owned(),
        ..Query::default()
    };
    let fields = |with: fn(usize) -> String, between: &str| {
        let all: Vec<String> = (0..MAX_FIELDS).map(with).collect();
        asked(all.join(between))
    };
    let one = |value: &str| vec![value.to_owned()];
    let filtered = Query {
        licence_classes: one("unclear"),
        languages: one("fr"),
        levels: one("fr-l1"),
        subjects: one("iscedf-0541"),
        formats: one("pdf"),
        durations: one("up-to-1h"),
        accessibility: one("captions"),
        types: one("resource"),
        resource_types: one("course"),
        institutions: one("nobody"),
        licences: one("MIT"),
        ..asked(String::new())
    };
    vec![
        ("everything", asked(String::new())),
        ("all filters", filtered),
        (
            "institutions that nothing has, any of them",
            fields(|n| format!("institution:nobody-{n}"), " OR "),
        ),
        (
            "a language that many have, any of twelve",
            fields(
                |n| format!("{}:fr", ["language", "langue", "lang"][n % 3]),
                " OR ",
            ),
        ),
        (
            "kinds, any of twelve",
            fields(
                |n| format!("type:{}", if n % 2 == 0 { "resource" } else { "course" }),
                " OR ",
            ),
        ),
        (
            "fields that most have, without",
            fields(|n| format!("-level:fr-l{n}"), " "),
        ),
        ("one field eighty times", asked("language:fr ".repeat(80))),
        (
            "one word a hundred times",
            asked("cours ".repeat(MAX_CLAUSES)),
        ),
        (
            "a hundred small words",
            asked("le la les des une dans pour avec ".repeat(12)),
        ),
    ]
}
