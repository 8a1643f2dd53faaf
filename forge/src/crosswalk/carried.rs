//! What a record lost on its way through a standard without anybody having said so: the check on the writers.

use std::collections::BTreeSet;

use commun_specs::metadata::{Beside, Record, Shape, TABLE, View};
use serde_json::{Map, Value as Json};

use super::Loss;

/// A value that is looked for: its field, its language where it is a text, its words.
struct Sought<'a> {
    field: &'static str,
    lang: Option<&'a str>,
    words: BTreeSet<String>,
    /// How many values the field has.
    count: usize,
}

/// All values of a record, those that stand beside the shown ones too.
fn all<'a>(view: &'a View, document: &'a Map<String, Json>) -> Vec<Sought<'a>> {
    let mut all: Vec<Sought<'_>> = Vec::new();
    for field in TABLE {
        let Some(value) = document.get(field.name) else {
            continue;
        };
        match (field.shape, value) {
            (Shape::Texts | Shape::Words, Json::Object(langs)) => {
                for (lang, value) in langs {
                    let texts = match value {
                        Json::Array(list) => list.as_slice(),
                        one => std::slice::from_ref(one),
                    };
                    let of_lang = |text| sought(field.name, Some(lang), text);
                    all.extend(texts.iter().map(of_lang));
                }
            }
            (Shape::List, Json::Array(list)) => {
                let of_list = |value| Sought {
                    count: list.len(),
                    ..sought(field.name, None, value)
                };
                all.extend(list.iter().map(of_list));
            }
            _ => all.push(sought(field.name, None, value)),
        }
    }
    let beside = view.beside.iter();
    all.extend(beside.map(|Beside { field, lang, value }| sought(field, lang.as_deref(), value)));
    all
}

/// The values of a record that neither came back, when what was written of it was read again, nor stand among what the
/// writer says that it lost. Each word and number of a value is looked for by itself, so half a person is told.
pub fn silent(view: &View, losses: &[Loss], back: &Record) -> Vec<Loss> {
    let document = view.to_json();
    let all = all(view, &document);
    let missing = all.iter().flat_map(|value| {
        let there = back.values(value.field);
        let came: Vec<BTreeSet<String>> = there
            .iter()
            .filter(|found| value.lang.is_none() || found.lang.as_deref() == value.lang)
            .map(|found| words(&found.v))
            .collect();
        let words = value.words.iter().filter(move |word| {
            let back = came.iter().flatten().any(|found| match value.lang {
                Some(_) => found.contains(*word),
                None => found == *word,
            });
            let told = |loss: &Loss| told(loss, value.field, word, value.count);
            !back && !losses.iter().any(told)
        });
        words.map(|word| match value.lang {
            Some(lang) => Loss::of(value.field, &format!("{lang}: {word}")),
            None => Loss::of(value.field, word),
        })
    });
    missing.collect()
}

/// What a text that only says these words does not say of a record: in the fields that it has a place for value by value,
/// of all others the whole.
pub fn unsaid(view: &View, fields: &[&str], said: &[&str]) -> Vec<Loss> {
    let document = view.to_json();
    let mut losses = Vec::new();
    for (field, value) in &document {
        if !fields.contains(&field.as_str()) {
            losses.push(Loss::of(field, &super::words(value)));
        }
    }
    let said: BTreeSet<String> = said.iter().map(|word| spelt(word)).collect();
    let beside = |value: &Sought<'_>| view.beside.iter().any(|other| other.field == value.field);
    for value in all(view, &document) {
        if !fields.contains(&value.field) && !beside(&value) {
            continue;
        }
        let missing: Vec<&str> = value.words.difference(&said).map(String::as_str).collect();
        let carried: Vec<&str> = value
            .words
            .intersection(&said)
            .map(String::as_str)
            .collect();
        if missing.is_empty() {
            continue;
        }
        let missing = match value.lang {
            Some(lang) => format!("{lang}: {}", missing.join(", ")),
            None => missing.join(", "),
        };
        let loss = match carried.is_empty() {
            true => Loss::of(value.field, &missing),
            false => Loss::narrowed(value.field, &missing, &carried.join(", ")),
        };
        if !losses.contains(&loss) {
            losses.push(loss);
        }
    }
    super::in_order(&mut losses);
    losses
}

fn sought<'a>(field: &'static str, lang: Option<&'a str>, value: &Json) -> Sought<'a> {
    Sought {
        field,
        lang,
        words: words(value),
        count: 1,
    }
}

/// The words of a value, each once and in one spelling.
fn words(value: &Json) -> BTreeSet<String> {
    leaves(value).iter().map(|word| spelt(word)).collect()
}

/// A DOI is written in several ways, all of which the model has.
fn spelt(word: &str) -> String {
    let bare = word.strip_prefix("https://doi.org/").unwrap_or(word);
    bare.strip_prefix("doi:").unwrap_or(bare).to_owned()
}

/// Whether a loss tells of a word, or of all values of its field by their number.
fn told(loss: &Loss, field: &str, word: &str, count: usize) -> bool {
    let escaped = Json::from(word).to_string();
    let escaped = escaped.trim_matches('"');
    let says = |text: &String| text.contains(word) || text.contains(escaped);
    loss.field == field
        && (says(&loss.value) || says(&loss.instead) || loss.value == count.to_string())
}

/// The texts, numbers and flags of a value, in their order. That somebody is a person is what one takes where nothing is
/// said; mail addresses of people are left out on purpose, and no report repeats them.
fn leaves(value: &Json) -> Vec<String> {
    match value {
        Json::Null => Vec::new(),
        Json::String(text) => vec![text.clone()],
        Json::Array(list) => list.iter().flat_map(leaves).collect(),
        Json::Object(object) => {
            let said = object.iter().filter(|(name, value)| {
                *name != "email" && !(*name == "type" && *value == "person")
            });
            said.flat_map(|(_, value)| leaves(value)).collect()
        }
        other => vec![other.to_string()],
    }
}

/// What a value says, as a report tells it, without the words that are carried.
pub fn rest(value: &Json, carried: &[&str]) -> String {
    let mut said = leaves(value);
    said.retain(|word| !carried.contains(&word.as_str()));
    said.join(", ")
}
