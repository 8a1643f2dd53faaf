//! Which of several values is shown: the best method, then the newest date (R-07-12).

use std::cmp::Ordering;

use super::fields::each_field;
use super::record::{Record, Source, Value};
use super::shape::{Shape, TABLE};
use super::view::{Beside, View};
use super::written::Written;

/// Best first. Dates are RFC 3339 in UTC, so their bytes sort as they do; no date is the oldest.
fn better(a: &Source, b: &Source) -> Ordering {
    a.method.cmp(&b.method).then_with(|| b.date.cmp(&a.date))
}

/// All values that stand on the same best footing, in their order.
fn best<'a, T>(values: impl Iterator<Item = &'a Value<T>> + Clone) -> Vec<&'a Value<T>>
where
    T: 'a,
{
    let Some(first) = values.clone().min_by(|a, b| better(&a.src, &b.src)) else {
        return Vec::new();
    };
    values
        .filter(|value| better(&value.src, &first.src) == Ordering::Equal)
        .collect()
}

fn one<T: Clone>(values: &[Value<T>]) -> Option<T> {
    best(values.iter()).first().map(|value| value.v.clone())
}

fn list<T: Clone + PartialEq>(values: &[Value<T>]) -> Vec<T> {
    let mut chosen = Vec::new();
    for value in best(values.iter()) {
        if !chosen.contains(&value.v) {
            chosen.push(value.v.clone());
        }
    }
    chosen
}

/// The languages of a field's values in the order they are met, each once.
fn languages(values: &[Value<String>]) -> Vec<&str> {
    let mut tags: Vec<&str> = Vec::new();
    for value in values {
        let tag = tag(value);
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}

fn tag(value: &Value<String>) -> &str {
    value.lang.as_deref().unwrap_or("und")
}

/// One text per language.
fn texts(values: &[Value<String>]) -> Vec<(String, String)> {
    languages(values)
        .into_iter()
        .filter_map(|lang| {
            let chosen = best(values.iter().filter(|value| tag(value) == lang));
            chosen
                .first()
                .map(|value| (lang.to_owned(), value.v.clone()))
        })
        .collect()
}

/// All words of the best footing, per language.
fn words(values: &[Value<String>]) -> Vec<(String, String)> {
    let mut chosen: Vec<(String, String)> = Vec::new();
    for lang in languages(values) {
        for value in best(values.iter().filter(|value| tag(value) == lang)) {
            let pair = (lang.to_owned(), value.v.clone());
            if !chosen.contains(&pair) {
                chosen.push(pair);
            }
        }
    }
    chosen
}

/// Where the words that are chosen stood, in their order.
fn paths(values: &[Value<String>]) -> Vec<String> {
    let chosen = words(values).into_iter();
    let path = |(lang, text): (String, String)| {
        let of = best(values.iter().filter(|value| tag(value) == lang));
        let found = of.into_iter().find(|value| value.v == text);
        found.map(|value| value.path.clone()).unwrap_or_default()
    };
    chosen.map(path).collect()
}

/// What stands beside the chosen values: the shapes that show one value of several.
mod beside {
    use super::{Beside, Value, Written, best, languages, tag};

    /// All of these but the first, each once.
    fn others<'a, T: Written + PartialEq>(values: &[&'a Value<T>]) -> Vec<&'a Value<T>> {
        let mut seen: Vec<&T> = Vec::new();
        let mut others = Vec::new();
        for value in values {
            if !seen.contains(&&value.v) {
                seen.push(&value.v);
                others.push(*value);
            }
        }
        others.drain(..others.len().min(1));
        others
    }

    pub(super) fn one<T: Written + PartialEq>(
        field: &'static str,
        values: &[Value<T>],
        out: &mut Vec<Beside>,
    ) {
        if values.len() < 2 {
            return;
        }
        out.extend(
            others(&best(values.iter()))
                .into_iter()
                .map(|value| Beside {
                    field,
                    lang: None,
                    value: value.v.written(),
                }),
        );
    }

    pub(super) fn texts(field: &'static str, values: &[Value<String>], out: &mut Vec<Beside>) {
        if values.len() < 2 {
            return;
        }
        for lang in languages(values) {
            let of_lang = best(values.iter().filter(|value| tag(value) == lang));
            out.extend(others(&of_lang).into_iter().map(|value| Beside {
                field,
                lang: Some(lang.to_owned()),
                value: value.v.written(),
            }));
        }
    }

    /// All are shown.
    pub(super) fn list<T>(_: &'static str, _: &[Value<T>], _: &mut Vec<Beside>) {}

    pub(super) use list as words;
}

macro_rules! choice {
    ($($(#[$doc:meta])* $name:ident => $plain:ident: $shape:ident $type:ty, $read:path, $asked:ident;)*) => {
        impl Record {
            fn chosen(&self) -> View {
                let mut others = Vec::new();
                $(beside::$shape(stringify!($name), &self.$name, &mut others);)*
                View {
                    $($plain: $shape(&self.$name),)*
                    coverage_paths: paths(&self.coverage),
                    beside: others,
                }
            }
        }
    };
}
each_field!(choice);

impl Record {
    /// The plain values to show and index.
    pub fn view(&self) -> View {
        if self.cleared.is_empty() {
            return self.chosen();
        }
        let mut shown = self.clone();
        shown.retain(|field, lang, src| !self.is_cleared(field, lang, src));
        shown.chosen()
    }

    /// Whether a correction says that what this source says is rightly empty.
    fn is_cleared(&self, field: &str, lang: Option<&str>, src: &Source) -> bool {
        self.cleared.iter().any(|clear| {
            clear.v == field
                && (clear.lang.is_none() || clear.lang.as_deref() == lang)
                && better(&clear.src, src) != Ordering::Greater
        })
    }

    /// Which of a field's values are shown, in the order of [`Record::values`].
    pub fn which_shown(&self, field: &str) -> Vec<bool> {
        let Some(known) = TABLE.iter().find(|known| known.name == field) else {
            return Vec::new();
        };
        let values = self.values(field);
        let group = |value: &Value<_>| match known.shape {
            Shape::Texts | Shape::Words => value.lang.clone(),
            Shape::One | Shape::List => None,
        };
        let open: Vec<bool> = values
            .iter()
            .map(|value| !self.is_cleared(field, value.lang.as_deref(), &value.src))
            .collect();
        let mut shown: Vec<bool> = Vec::with_capacity(values.len());
        for (at, value) in values.iter().enumerate() {
            let mine = group(value);
            let beside = || values.iter().zip(&open).enumerate();
            let rivals = beside().filter(|(_, (other, open))| **open && group(other) == mine);
            let best = rivals
                .clone()
                .all(|(_, (other, _))| better(&value.src, &other.src) != Ordering::Greater);
            // Of equals the first one, or each value once.
            let first = match known.shape {
                Shape::One | Shape::Texts => !rivals
                    .clone()
                    .take_while(|(n, _)| *n < at)
                    .any(|(_, (other, _))| better(&other.src, &value.src) == Ordering::Equal),
                Shape::List | Shape::Words => !rivals
                    .clone()
                    .take_while(|(n, _)| *n < at)
                    .any(|(n, (other, _))| shown[n] && other.v == value.v),
            };
            shown.push(open[at] && best && first);
        }
        shown
    }
}
