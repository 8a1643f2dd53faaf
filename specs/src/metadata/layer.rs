//! What one version of a record changed in another: its corrections, which can be taken back, and what is shown.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::record::{Method, Record, Source};
use super::shape::{Shape, TABLE};

/// A correction of a field: what tells it from all others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Mark {
    field: String,
    lang: Option<String>,
    /// Whether it says that the field is rightly empty.
    empty: bool,
    source: Source,
}

/// The corrections that a version added and took away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layer {
    added: BTreeSet<Mark>,
    taken: BTreeSet<Mark>,
}

impl Layer {
    /// What a version did to the corrections of the one before it.
    pub fn between(before: &Record, after: &Record) -> Layer {
        let (old, new) = (marks(before), marks(after));
        Layer {
            added: new.difference(&old).cloned().collect(),
            taken: old.difference(&new).cloned().collect(),
        }
    }

    /// Whether it did nothing to them.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.taken.is_empty()
    }
}

fn marks(record: &Record) -> BTreeSet<Mark> {
    let mut found = BTreeSet::new();
    for field in TABLE {
        for value in record.values(field.name) {
            if value.src.method == Method::Corrected {
                found.insert(Mark {
                    field: field.name.to_owned(),
                    lang: value.lang,
                    empty: false,
                    source: (*value.src).clone(),
                });
            }
        }
    }
    found.extend(record.cleared.iter().map(|clear| Mark {
        field: clear.v.clone(),
        lang: clear.lang.clone(),
        empty: true,
        source: (*clear.src).clone(),
    }));
    found
}

/// A field, or one language of it, whose shown value is another one now.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The field.
    pub field: &'static str,
    /// The language, for texts and words.
    pub lang: Option<String>,
    /// What was shown, as documents write it.
    pub old: Option<Json>,
    /// What is shown now.
    pub new: Option<Json>,
}

impl Record {
    /// Takes back what a version did to the corrections (R-07-27): what it added goes, what it took away comes again as
    /// `before`, the version before it, has it. `false` where nothing is left to be taken back.
    pub fn undone(&mut self, layer: &Layer, before: &Record) -> bool {
        let here = marks(self);
        let goes: BTreeSet<&Mark> = layer.added.intersection(&here).collect();
        let comes: BTreeSet<&Mark> = layer.taken.difference(&here).collect();
        if goes.is_empty() && comes.is_empty() {
            return false;
        }
        self.keep(|mark| !goes.contains(mark));
        if !comes.is_empty() {
            let mut again = Record {
                extra: Map::new(),
                unknown: Map::new(),
                skipped: 0,
                undoes: None,
                ..before.clone()
            };
            again.keep(|mark| comes.contains(mark));
            // First, so that a full field loses old values and not the correction.
            let rest = std::mem::replace(self, again);
            self.skipped = rest.skipped;
            self.undoes.clone_from(&rest.undoes);
            self.merge(Record { skipped: 0, ..rest });
        }
        true
    }

    /// Keeps the values and empty fields whose mark passes.
    fn keep(&mut self, pass: impl Fn(&Mark) -> bool) {
        let mark = |field: &str, lang: Option<&str>, empty: bool, source: &Source| Mark {
            field: field.to_owned(),
            lang: lang.map(str::to_owned),
            empty,
            source: source.clone(),
        };
        self.retain(|field, lang, src| pass(&mark(field, lang, false, src)));
        self.cleared
            .retain(|clear| pass(&mark(&clear.v, clear.lang.as_deref(), true, &clear.src)));
    }

    /// What is shown otherwise than in an earlier record, in the order of the documentation, texts language by language.
    pub fn changes_since(&self, before: &Record) -> Vec<Change> {
        let (mut old, mut new) = (before.view().to_json(), self.view().to_json());
        let mut changes = Vec::new();
        for field in TABLE {
            let (old, new) = (old.remove(field.name), new.remove(field.name));
            if old == new {
                continue;
            }
            if !matches!(field.shape, Shape::Texts | Shape::Words) {
                changes.push(Change {
                    field: field.name,
                    lang: None,
                    old,
                    new,
                });
                continue;
            }
            let texts = |value: Option<Json>| match value {
                Some(Json::Object(texts)) => texts,
                _ => Map::new(),
            };
            let (mut old, mut new) = (texts(old), texts(new));
            let langs: BTreeSet<String> = old.keys().chain(new.keys()).cloned().collect();
            for lang in langs {
                let (old, new) = (old.remove(&lang), new.remove(&lang));
                if old != new {
                    changes.push(Change {
                        field: field.name,
                        lang: Some(lang),
                        old,
                        new,
                    });
                }
            }
        }
        changes
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::metadata::Input;

    fn declared() -> Record {
        let input = Input::parse(
            br#"{"title": {"fr": "Suites"}, "language": "fr", "keywords": {"fr": ["suite"]}, "licence": "CC-BY-4.0"}"#,
        );
        Record::from_input(&input.unwrap(), Source::declared(None, None, None))
    }

    fn correct(record: &Record, field: &str, value: Json, second: u32) -> Record {
        let mut record = record.clone();
        let date = format!("2026-11-22T10:00:{second:02}Z");
        record
            .corrected(field, &value, Some("did:key:a"), &date)
            .unwrap();
        record
    }

    //= R-07-27
    #[test]
    fn what_a_version_corrected_is_taken_back_and_what_came_later_stays() {
        let first = declared();
        let second = correct(&first, "title", json!({"fr": "Suites récurrentes"}), 1);
        let third = correct(&second, "licence", json!("CC0-1.0"), 2);
        let layer = Layer::between(&first, &second);
        let mut undone = third.clone();
        assert!(undone.undone(&layer, &first));
        assert_eq!(undone.view().title_for(&["fr"]).unwrap().1, "Suites");
        assert_eq!(undone.view().licence.as_deref(), Some("CC0-1.0"));
        assert!(!undone.clone().undone(&layer, &first));

        // The undoing can be undone: the correction comes again, with its date and its author.
        undone.undoes = Some("x".into());
        let back = Layer::between(&third, &undone);
        let mut again = undone.clone();
        assert!(again.undone(&back, &third));
        assert_eq!(again.changes_since(&third), []);
        assert_eq!(again.undoes.as_deref(), Some("x"));
    }

    #[test]
    fn a_field_said_to_be_empty_can_be_taken_back() {
        let first = declared();
        let second = correct(&first, "keywords", json!({"fr": null}), 1);
        assert!(second.view().keywords.is_empty());
        let change = &second.changes_since(&first)[0];
        assert_eq!(
            (
                change.field,
                change.lang.as_deref(),
                &change.old,
                &change.new
            ),
            ("keywords", Some("fr"), &Some(json!(["suite"])), &None)
        );
        let mut undone = second.clone();
        assert!(undone.undone(&Layer::between(&first, &second), &first));
        assert_eq!(undone, first);
        assert!(Layer::between(&first, &undone).is_empty());
    }

    //= R-07-27
    #[test]
    fn the_statement_that_is_undone_is_named_in_the_body_and_not_carried_on() {
        let mut record = declared();
        record.undoes = Some("abcdefgh".into());
        let read = Record::from_body(&record.to_body().unwrap()).unwrap();
        assert_eq!(read, record);
        assert_eq!(Record::merged(declared(), &record).undoes, None);
    }

    #[test]
    fn exactly_the_values_of_the_view_are_said_to_be_shown() {
        let mut record = declared();
        let other = Input::parse(
            br#"{"title": {"fr": "Autre", "en": "Sequences"}, "language": ["en", "en"], "keywords": {"fr": ["a", "b"]}}"#,
        );
        let mapped = Source {
            method: Method::Mapped,
            ..Source::declared(Some("x".into()), None, None)
        };
        record.merge(Record::from_input(&other.unwrap(), mapped));
        for record in [
            record.clone(),
            correct(&record, "keywords", json!({"fr": ["c"]}), 1),
            correct(&record, "title", Json::Null, 1),
            correct(&record, "language", json!(["de", "fr"]), 1),
        ] {
            let view = record.view().to_json();
            for field in TABLE {
                let shown: Vec<Json> = record
                    .values(field.name)
                    .into_iter()
                    .zip(record.which_shown(field.name))
                    .filter(|(_, shown)| *shown)
                    .map(|(value, _)| value.v)
                    .collect();
                let plain: Vec<Json> = match view.get(field.name) {
                    None => Vec::new(),
                    Some(Json::Object(texts))
                        if matches!(field.shape, Shape::Texts | Shape::Words) =>
                    {
                        texts
                            .values()
                            .flat_map(|v| v.as_array().cloned().unwrap_or_else(|| vec![v.clone()]))
                            .collect()
                    }
                    Some(Json::Array(list)) => list.clone(),
                    Some(one) => vec![one.clone()],
                };
                let sorted = |mut list: Vec<Json>| {
                    list.sort_by_key(Json::to_string);
                    list
                };
                assert_eq!(sorted(shown), sorted(plain), "{}", field.name);
            }
        }
    }
}
