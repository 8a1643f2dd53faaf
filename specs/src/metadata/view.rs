//! What is shown and indexed: plain values, one choice per field.

use serde_json::{Map, Value as Json};

use super::annotation::{Annotation, Check};
use super::concept::{Classification, Concept};
use super::fields::each_field;
use super::file::{FileNote, Image};
use super::notice::{Identifier, Notice, Original};
use super::person::Creator;
use super::relation::Relation;
use super::requirement::Requirement;
use super::shape::plain;
use super::software::{Contact, Dependency, Link};
use super::written::Written;

/// A value on the same footing as the one that a view shows in its place: a second title of a language, a second date.
/// Writers carry it where their standard repeats the field, and tell it as lost where it does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    /// The field.
    pub field: &'static str,
    /// The language of a text; `und` where it is not known.
    pub lang: Option<String>,
    /// The value as bodies have it.
    pub value: Json,
}

macro_rules! view {
    ($($(#[$doc:meta])* $name:ident => $plain:ident: $shape:ident $type:ty, $read:path, $asked:ident;)*) => {
        /// Plain display values of a record. Texts are (language tag, text); `und` where the language is not known.
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct View {
            $($(#[$doc])* pub $plain: plain!($shape $type),)*
            /// Where each value of `coverage` stood in its original, in the same order: some standards tell times from
            /// places. Empty where nobody knows.
            pub coverage_paths: Vec<String>,
            /// Values that stand beside those that are shown, in the order of the fields. No part of the form that people
            /// write.
            pub beside: Vec<Beside>,
        }

        impl View {
            /// Whether a field has at least one value to show; `None` for a name that is no field.
            pub fn has(&self, field: &str) -> Option<bool> {
                match field {
                    $(stringify!($name) => Some(self.$plain.iter().next().is_some()),)*
                    _ => None,
                }
            }

            /// The values in the form that people write, absent ones left out: reading that form gives them back.
            pub fn to_json(&self) -> Map<String, Json> {
                let mut members = Map::new();
                $(if let Some(value) = written::$shape(&self.$plain) {
                    members.insert(stringify!($name).to_owned(), value);
                })*
                members
            }
        }
    };
}
each_field!(view);

/// Plain values as members of a document, by the shapes of the table.
mod written {
    use super::{Json, Map, Written};

    pub(super) fn one(value: &Option<impl Written>) -> Option<Json> {
        value.as_ref().map(Written::written)
    }

    pub(super) fn list<T: Written>(values: &[T]) -> Option<Json> {
        (!values.is_empty()).then(|| values.iter().map(Written::written).collect())
    }

    pub(super) fn texts(texts: &[(String, String)]) -> Option<Json> {
        let members = texts.iter();
        let members = members.map(|(lang, text)| (lang.clone(), Json::from(text.as_str())));
        (!texts.is_empty()).then(|| Json::Object(members.collect()))
    }

    pub(super) fn words(words: &[(String, String)]) -> Option<Json> {
        let mut groups: Map<String, Json> = Map::new();
        for (lang, word) in words {
            let group = groups
                .entry(lang.clone())
                .or_insert_with(|| Json::Array(Vec::new()));
            if let Json::Array(group) = group {
                group.push(word.as_str().into());
            }
        }
        (!groups.is_empty()).then_some(Json::Object(groups))
    }
}

/// The longest summary made of a description, in characters: three lines of a hit.
const SUMMARY_CHARS: usize = 300;

impl View {
    /// The best title for a reader's languages, most wanted first, with its language.
    ///
    /// An exact tag wins, then the same primary language, then the content's own languages, then the first title.
    pub fn title_for(&self, langs: &[&str]) -> Option<(&str, &str)> {
        self.best(&self.titles, langs)
    }

    /// The best description, chosen as titles are.
    pub fn description_for(&self, langs: &[&str]) -> Option<(&str, &str)> {
        self.best(&self.descriptions, langs)
    }

    /// The best summary, chosen as titles are; without one, the beginning of the description.
    pub fn summary_for(&self, langs: &[&str]) -> Option<(&str, &str)> {
        self.best(&self.summaries, langs).or_else(|| {
            let (lang, text) = self.description_for(langs)?;
            Some((lang, beginning(text)))
        })
    }

    /// The ids of the subjects, for facets.
    pub fn subject_ids(&self) -> Vec<String> {
        let subjects = self.subjects.iter();
        subjects
            .filter(|subject| !subject.notation.is_empty())
            .map(Concept::id)
            .collect()
    }

    /// The values that stand beside the one that is shown of a field.
    pub fn beside_of<'a>(&'a self, field: &'a str) -> impl Iterator<Item = &'a Beside> {
        self.beside
            .iter()
            .filter(move |beside| beside.field == field)
    }

    /// The texts of a field with those that stand beside them: after each the others of its language.
    pub fn all_texts(&self, field: &str, shown: &[(String, String)]) -> Vec<(String, String)> {
        let mut all: Vec<(String, String)> = Vec::with_capacity(shown.len());
        for (lang, text) in shown {
            all.push((lang.clone(), text.clone()));
            let others = self
                .beside_of(field)
                .filter(|other| other.lang.as_ref() == Some(lang));
            let others =
                others.filter_map(|other| Some((lang.clone(), other.value.as_str()?.to_owned())));
            all.extend(others);
        }
        all
    }

    fn best<'a>(
        &self,
        texts: &'a [(String, String)],
        langs: &[&str],
    ) -> Option<(&'a str, &'a str)> {
        let same = |tag: &str, wanted: &str| tag.eq_ignore_ascii_case(wanted);
        let primary = |tag: &str| {
            tag.split('-')
                .next()
                .unwrap_or_default()
                .to_ascii_lowercase()
        };
        let find = |wanted: &str| {
            texts.iter().find(|(tag, _)| same(tag, wanted)).or_else(|| {
                texts
                    .iter()
                    .find(|(tag, _)| primary(tag) == primary(wanted))
            })
        };
        langs
            .iter()
            .copied()
            .chain(self.languages.iter().map(String::as_str))
            .find_map(find)
            .or_else(|| texts.first())
            .map(|(tag, text)| (tag.as_str(), text.as_str()))
    }
}

/// The first paragraph, cut at a sentence or a word where it is long.
fn beginning(text: &str) -> &str {
    let paragraph = text.split("\n\n").next().unwrap_or_default().trim();
    let Some((limit, _)) = paragraph.char_indices().nth(SUMMARY_CHARS) else {
        return paragraph;
    };
    let head = &paragraph[..limit];
    let sentence = head
        .rmatch_indices(['.', '!', '?'])
        .map(|(at, mark)| at + mark.len())
        .next();
    match sentence
        .filter(|end| *end > limit / 3)
        .or_else(|| head.rfind(char::is_whitespace))
    {
        Some(end) => head[..end].trim_end(),
        None => head,
    }
}
