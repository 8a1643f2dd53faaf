//! Putting right what records say: values one by one, corrections with undo, and the harvest that comes again.

use std::cmp::Reverse;
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::fields::each_field;
use super::input::Input;
use super::limits::MAX_VALUES;
use super::problem::{Problem, Problems, Report};
use super::record::{Method, Record, Source, Value};
use super::shape::{Field, Shape, TABLE};
use super::values;
use super::{annotation, concept, duration, file, notice, person, relation, requirement, software};

macro_rules! put {
    ($($(#[$doc:meta])* $name:ident => $plain:ident: $shape:ident $type:ty, $read:path, $asked:ident;)*) => {
        impl Record {
            /// Adds one value of a field, checked as every reader of bodies will check it: what [`Value::v`] is may be
            /// written as people write it (a label for an id, an address for a licence). Gives the warnings.
            ///
            /// # Errors
            /// Why it is not fit for the field; the record is as it was.
            pub fn put(&mut self, field: &str, value: &Value<Json>) -> Result<Vec<Problem>, Problems> {
                let mut report = Report {
                    language: value.lang.clone().unwrap_or_else(|| "und".into()),
                    ..Report::default()
                };
                match field {
                    $(stringify!($name) => {
                        let read = $read(&value.v, field, &mut report);
                        if let Some(v) = read.filter(|_| report.problems.is_empty()) {
                            let list = &mut self.$name;
                            let value = Value {
                                v,
                                lang: value.lang.clone(),
                                path: value.path.clone(),
                                src: value.src.clone(),
                            };
                            if list.len() >= MAX_VALUES {
                                report.problem(field, format!("has {MAX_VALUES} values already"), "keep the best ones");
                            } else if !list.contains(&value) {
                                list.push(value);
                            }
                        }
                    })*
                    _ => report.problem(field, "is not a field of the model", "use one of the documentation"),
                }
                if report.problems.is_empty() { Ok(report.warnings) } else { Err(Problems(report.problems)) }
            }
        }
    };
}
each_field!(put);

/// Schemes of identifiers that may be an origin and are written without `//`.
const IDENTIFIERS: [&str; 6] = ["oai", "doi", "urn", "hdl", "ark", "info"];

/// The scheme of tables, each of which has columns of its own.
const TABLES: &str = "csv";

/// Whether an origin is the name of a file, and not the address of a source or an identifier there: a name may have a colon,
/// as `Cours : 2024.mbz` has.
fn is_file(origin: &str) -> bool {
    let Some((scheme, rest)) = origin.split_once(':') else {
        return true;
    };
    let named = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    let known = IDENTIFIERS
        .iter()
        .any(|known| known.eq_ignore_ascii_case(scheme));
    let spaced = origin.contains(char::is_whitespace);
    !(named && (rest.starts_with("//") || known && !spaced))
}

impl Source {
    /// Whether what one says replaces what the other said when it comes again (R-07-21): they have one origin. Files of one
    /// scheme are one origin, whatever their names: a backup has the day in its name. Tables are one only under one name: the
    /// next may have other columns.
    pub fn is_same_origin(&self, other: &Source) -> bool {
        let file = |source: &Source| source.origin.as_deref().is_some_and(is_file);
        let schemes = self.scheme == other.scheme;
        match &self.origin {
            None => other.origin.is_none() && schemes,
            same if *same == other.origin => true,
            _ => schemes && self.scheme != TABLES && file(self) && file(other),
        }
    }
}

impl Record {
    /// What becomes of a record when its original is harvested again (R-07-21): what was corrected survives, values of
    /// the origins that the harvest has ([`Source::is_same_origin`]) are replaced by its own, all others stay.
    pub fn merged(harvested: Record, previous: &Record) -> Record {
        let ours = harvested.sources();
        let again = |src: &&Source| {
            src.method != Method::Corrected && ours.iter().any(|new| new.is_same_origin(src))
        };
        // Sources are few: each is judged once, not once per value.
        let replaced: Vec<Source> = previous
            .sources()
            .into_iter()
            .filter(again)
            .cloned()
            .collect();
        let mut kept = previous.clone();
        kept.retain(|_, _, src| !replaced.contains(src));
        let mut merged = harvested;
        merged.merge(kept);
        merged
    }

    /// What becomes of a record when a person publishes a version by hand (R-07-21): what they state replaces what was stated
    /// so before and what was corrected otherwise, for they saw it; all else stays below it.
    pub fn restated(stated: Record, previous: &Record) -> Record {
        let texts = |field: &Field| matches!(field.shape, Shape::Texts | Shape::Words);
        let mut before = previous.clone();
        for field in TABLE {
            for lang in stated
                .values(field.name)
                .into_iter()
                .map(|value| value.lang)
            {
                let lang = lang.filter(|_| texts(field));
                let over = |its: Option<&str>| lang.is_none() || its == lang.as_deref();
                let emptied = |clear: &Value<String>| {
                    clear.v == field.name && (clear.lang.is_none() || over(clear.lang.as_deref()))
                };
                let shown = |record: &Record| record.shown(field.name, lang.as_deref());
                let emptied_before = before.cleared.iter().any(emptied);
                if shown(&stated) == shown(previous) && !emptied_before {
                    continue;
                }
                before.retain(|name, its, src| {
                    name != field.name || src.method != Method::Corrected || !over(its)
                });
                before.cleared.retain(|clear| !emptied(clear));
            }
        }
        Record::merged(stated, &before)
    }

    /// The values of a field that stand on the best footing.
    fn shown(&self, field: &str, lang: Option<&str>) -> Vec<Json> {
        let all = self.values(field);
        let all = all
            .iter()
            .filter(|value| lang.is_none() || value.lang.as_deref() == lang);
        let footing = |value: &&Value<Json>| (value.src.method, Reverse(value.src.date.clone()));
        let Some(best) = all.clone().map(|value| footing(&value)).min() else {
            return Vec::new();
        };
        let best = all.filter(|value| footing(value) == best);
        best.map(|value| value.v.clone()).collect()
    }

    /// Corrects a field, as somebody says it at a time (RFC 3339 in UTC): `value` is what one writes in a document, with
    /// a text in no language in the first of the content. `null` says that the field is rightly empty; a text per
    /// language corrects these languages, and `null` for one says that there is none.
    ///
    /// What was there stays below ([`Record::uncorrected`]). Gives the warnings.
    ///
    /// # Errors
    /// All that is wrong with the value; the record is as it was.
    pub fn corrected(
        &mut self,
        field: &str,
        value: &Json,
        by: Option<&str>,
        date: &str,
    ) -> Result<Vec<Problem>, Problems> {
        let Some(known) = TABLE.iter().find(|known| known.name == field) else {
            return Err(Problems(vec![Problem {
                field: field.chars().take(80).collect(),
                what: "is not a field of the model".into(),
                fix: "use one of the documentation".into(),
            }]));
        };
        let source = Source {
            scheme: "commun".into(),
            origin: None,
            date: Some(date.to_owned()),
            method: Method::Corrected,
            by: by.map(str::to_owned),
        };
        let per_language = matches!(known.shape, Shape::Texts | Shape::Words);
        let mut emptied = Vec::new();
        let mut stated = Map::new();
        match value {
            Json::Null => emptied.push(None),
            Json::Object(texts) if per_language => {
                for (lang, text) in texts {
                    match text {
                        Json::Null => emptied.push(Some(lang.clone())),
                        text => {
                            stated.insert(lang.clone(), text.clone());
                        }
                    }
                }
                if !stated.is_empty() {
                    stated = Map::from_iter([(field.to_owned(), Json::Object(stated))]);
                }
            }
            other => {
                stated.insert(field.to_owned(), other.clone());
            }
        }
        let (mut correction, warnings) = self.correction(field, known.asked, stated, &source)?;
        let src = Arc::new(source);
        for lang in emptied {
            let lang = match lang {
                Some(tag) => Some(super::normalise_language(&tag).map_err(|fix| {
                    Problems(vec![Problem {
                        field: field.to_owned(),
                        what: format!("{:?} is not a language tag", super::problem::shorten(&tag)),
                        fix,
                    }])
                })?),
                None => None,
            };
            correction.cleared.push(Value {
                v: field.to_owned(),
                lang,
                path: field.to_owned(),
                src: src.clone(),
            });
        }
        // A word of the same second replaces the earlier one instead of standing beside it.
        let langs = correction.languages_of(field);
        let same = |name: &str, lang: Option<&str>, src: &Source| {
            name == field
                && src.method == Method::Corrected
                && src.date.as_deref() == Some(date)
                && (!per_language || langs.iter().any(|l| l.is_none() || l.as_deref() == lang))
        };
        self.retain(|name, lang, src| !same(name, lang, src));
        self.cleared
            .retain(|clear| !same(&clear.v, clear.lang.as_deref(), &clear.src));
        // The newest comes first, so that a full field loses old values and not the correction.
        let before = std::mem::replace(self, correction);
        self.merge(before);
        Ok(warnings)
    }

    /// A record that has the corrected values only, and the warnings.
    fn correction(
        &self,
        field: &str,
        asked: bool,
        mut document: Map<String, Json>,
        source: &Source,
    ) -> Result<(Record, Vec<Problem>), Problems> {
        if document.is_empty() {
            return Ok((Record::default(), Vec::new()));
        }
        if asked {
            if field != "language" {
                let languages = self.view().languages;
                if !languages.is_empty() {
                    document.insert("language".into(), languages.into());
                }
            }
            let input = Input::from_json(Json::Object(document))?;
            let mut correction = Record::from_view(&input.values, source.clone());
            correction.retain(|name, _, _| name == field);
            return Ok((correction, input.warnings));
        }
        let mut correction = Record::default();
        let mut warnings = Vec::new();
        let src = Arc::new(source.clone());
        let items = match document.remove(field) {
            Some(Json::Array(items)) => items,
            one => one.into_iter().collect(),
        };
        for (at, v) in items.into_iter().enumerate() {
            let value = Value {
                v,
                lang: None,
                path: format!("{field}[{at}]"),
                src: src.clone(),
            };
            warnings.extend(correction.put(field, &value)?);
        }
        Ok((correction, warnings))
    }

    /// The languages in which a field has values or is said to be empty.
    fn languages_of(&self, field: &str) -> Vec<Option<String>> {
        let values = self.values(field).into_iter().map(|value| value.lang);
        let cleared = self.cleared.iter().filter(|clear| clear.v == field);
        values
            .chain(cleared.map(|clear| clear.lang.clone()))
            .collect()
    }

    /// Takes the newest correction of a field back (of one language, where one is named), so that what was below it is
    /// shown again. `false` where there is none.
    pub fn uncorrected(&mut self, field: &str, lang: Option<&str>) -> bool {
        let ours = |name: &str, its: Option<&str>, src: &Source| {
            name == field && src.method == Method::Corrected && (lang.is_none() || its == lang)
        };
        let values = self.values(field);
        let values = values
            .iter()
            .map(|value| (value.lang.as_deref(), &value.src));
        let cleared = self.cleared.iter().filter(|clear| clear.v == field);
        let newest = values
            .chain(cleared.map(|clear| (clear.lang.as_deref(), &clear.src)))
            .filter(|(its, src)| ours(field, *its, src))
            .map(|(_, src)| src.date.clone())
            .max();
        let Some(newest) = newest else {
            return false;
        };
        self.retain(|name, its, src| !(ours(name, its, src) && src.date == newest));
        self.cleared.retain(|clear| {
            !(ours(&clear.v, clear.lang.as_deref(), &clear.src) && clear.src.date == newest)
        });
        true
    }

    /// The fields that have a correction, in the order of the documentation.
    pub fn corrections(&self) -> Vec<&'static str> {
        let mut found = Vec::new();
        for field in TABLE {
            let cleared = self.cleared.iter().any(|clear| clear.v == field.name);
            let corrected = || {
                let values = self.values(field.name);
                values
                    .iter()
                    .any(|value| value.src.method == Method::Corrected)
            };
            if cleared || corrected() {
                found.push(field.name);
            }
        }
        found
    }
}
