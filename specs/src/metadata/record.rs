//! Values with their provenance: what a statement's body carries.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Map, Value as Json};
use thiserror::Error;

use super::annotation::{Annotation, Check};
use super::concept::{Classification, Concept};
use super::fields::each_field;
use super::file::{FileNote, Image};
use super::input::Input;
use super::limits::{MAX_BODY_BYTES, MAX_VALUES};
use super::notice::{Identifier, Notice, Original};
use super::person::Creator;
use super::problem::Problem;
use super::relation::Relation;
use super::requirement::Requirement;
use super::software::{Contact, Dependency, Link};
use super::view::View;
use super::written::Written;

/// How a value came to be, best first: the order of the variants is the rank (R-07-12).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// A person corrected it.
    Corrected,
    /// The author stated it.
    Declared,
    /// A crosswalk took it from another scheme.
    Mapped,
    /// A program read it out of the content.
    Extracted,
    /// A program guessed it.
    Inferred,
}

impl Method {
    const NAMES: [(Method, &'static str); 5] = [
        (Method::Corrected, "corrected"),
        (Method::Declared, "declared"),
        (Method::Mapped, "mapped"),
        (Method::Extracted, "extracted"),
        (Method::Inferred, "inferred"),
    ];

    /// The name in JSON.
    pub fn as_str(self) -> &'static str {
        Self::NAMES[self as usize].1
    }

    /// The method with this name.
    pub fn parse(name: &str) -> Option<Method> {
        Self::NAMES
            .iter()
            .find(|(_, n)| *n == name)
            .map(|(method, _)| *method)
    }
}

/// Where values came from; shared by all values of one reading.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// The scheme of the original: `commun`, `lom`, `amb`, `codemeta`…
    pub scheme: String,
    /// The document: a file name or an address.
    pub origin: Option<String>,
    /// When it was read, RFC 3339 in UTC.
    pub date: Option<String>,
    /// How.
    pub method: Method,
    /// The key (`did:key:…`) of who vouches for it.
    pub by: Option<String>,
}

impl Source {
    /// What an author states in the Commun form.
    pub fn declared(origin: Option<String>, date: Option<String>, by: Option<String>) -> Source {
        Source {
            scheme: "commun".into(),
            origin,
            date,
            method: Method::Declared,
            by,
        }
    }
}

/// One value of one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value<T> {
    /// The value.
    pub v: T,
    /// Its language, for texts.
    pub lang: Option<String>,
    /// Where in the original it stood (`creators[2]`, `lom.general.title`).
    pub path: String,
    /// Where it came from.
    pub src: Arc<Source>,
}

/// Why a body is not a record.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum BodyError {
    /// Not the JSON that a body may be.
    #[error("metadata body: {0}")]
    Json(Problem),
    /// The JSON is not an object.
    #[error("metadata body is not an object")]
    NotAnObject,
    /// More bytes than a body may have.
    #[error(
        "the metadata take {bytes} bytes, the most is {MAX_BODY_BYTES}: shorten descriptions or keywords"
    )]
    TooLarge {
        /// How many it would take.
        bytes: usize,
    },
}

macro_rules! record {
    ($($(#[$doc:meta])* $name:ident => $plain:ident: $shape:ident $type:ty, $read:path, $asked:ident;)*) => {
        /// All that is known about an item, each value with where it came from.
        ///
        /// Several values of a field may coexist; [`Record::view`] chooses. What this version does not know is kept and
        /// written again.
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct Record {
            $($(#[$doc])* pub $name: Vec<Value<$type>>,)*
            /// Corrections that say that a field (the value; the language, if one is named) is rightly empty.
            pub cleared: Vec<Value<String>>,
            /// The statement whose corrections this one takes back (R-07-27); of this body alone, never merged.
            pub undoes: Option<String>,
            /// Members of the input that the model has no field for.
            pub extra: Map<String, Json>,
            /// Members of a body that this version does not know.
            pub unknown: Map<String, Json>,
            /// How many values of a body were left out because they were not fit.
            pub skipped: usize,
        }

        impl Record {
            /// The record of plain values from one source; what extractors and crosswalks hand over.
            pub fn from_view(view: &View, source: Source) -> Record {
                let src = Arc::new(source);
                Record {
                    $($name: stated::$shape(&src, stringify!($name), &view.$plain),)*
                    ..Record::default()
                }
            }

            /// Adds all values of another record: both coexist, [`Record::view`] chooses between them.
            pub fn merge(&mut self, other: Record) {
                $(add(&mut self.$name, other.$name);)*
                add(&mut self.cleared, other.cleared);
                for (name, value) in other.extra {
                    self.extra.entry(name).or_insert(value);
                }
                for (name, value) in other.unknown {
                    self.unknown.entry(name).or_insert(value);
                }
                self.skipped += other.skipped;
            }

            /// Takes of another record the fields that this one says nothing of.
            pub fn fill(&mut self, other: Record) {
                $(if self.$name.is_empty() {
                    self.$name = other.$name;
                })*
                for (name, value) in other.extra {
                    self.extra.entry(name).or_insert(value);
                }
            }

            /// Keeps of every field the values whose name, language and source pass.
            pub(super) fn retain(&mut self, keep: impl Fn(&'static str, Option<&str>, &Source) -> bool) {
                $(self.$name.retain(|value| keep(stringify!($name), value.lang.as_deref(), &value.src));)*
            }

            /// The sources that values came from, each once, in their order.
            pub fn sources(&self) -> BTreeSet<&Source> {
                let mut sources: BTreeSet<&Source> = BTreeSet::new();
                $(sources.extend(self.$name.iter().map(|value| &*value.src));)*
                sources.extend(self.cleared.iter().map(|value| &*value.src));
                sources
            }

            /// The names of the fields that hold a value, in the order of the table.
            pub fn held(&self) -> Vec<&'static str> {
                let all = [$((stringify!($name), self.$name.is_empty())),*];
                let held = all.into_iter().filter(|(_, empty)| !empty);
                held.map(|(name, _)| name).collect()
            }

            /// The values of one field as JSON, each with its language and source; nothing for a name that is no field.
            pub fn values(&self, field: &str) -> Vec<Value<Json>> {
                match field {
                    $(stringify!($name) => self.$name.iter().map(as_json).collect(),)*
                    _ => Vec::new(),
                }
            }
        }
    };
}
each_field!(record);

fn as_json(value: &Value<impl Written>) -> Value<Json> {
    Value {
        v: value.v.written(),
        lang: value.lang.clone(),
        path: value.path.clone(),
        src: value.src.clone(),
    }
}

impl Record {
    /// The record of what somebody wrote, every value from the same source.
    pub fn from_input(input: &Input, source: Source) -> Record {
        let mut record = Record::from_view(&input.values, source);
        record.extra = input.extra.clone();
        record
    }

    /// Adds the files of a version as extracted values, the first [`MAX_VALUES`] of them.
    pub fn add_files(&mut self, files: impl IntoIterator<Item = FileNote>, source: Source) {
        let src = Arc::new(source);
        let room = MAX_VALUES.saturating_sub(self.files.len());
        for (at, v) in files.into_iter().take(room).enumerate() {
            let path = format!("files[{at}]");
            self.files.push(Value {
                v,
                lang: None,
                path,
                src: src.clone(),
            });
        }
    }
}

/// Plain values as values of one source, by the shapes of the table.
mod stated {
    use super::{Arc, Source, Value};

    pub(super) fn one<T: Clone>(
        src: &Arc<Source>,
        field: &str,
        plain: &Option<T>,
    ) -> Vec<Value<T>> {
        let value = plain.iter().map(|v| Value {
            v: v.clone(),
            lang: None,
            path: field.to_owned(),
            src: src.clone(),
        });
        value.collect()
    }

    pub(super) fn list<T: Clone>(src: &Arc<Source>, field: &str, plain: &[T]) -> Vec<Value<T>> {
        let values = plain.iter().enumerate().map(|(at, v)| Value {
            v: v.clone(),
            lang: None,
            path: format!("{field}[{at}]"),
            src: src.clone(),
        });
        values.collect()
    }

    pub(super) fn texts(
        src: &Arc<Source>,
        field: &str,
        plain: &[(String, String)],
    ) -> Vec<Value<String>> {
        let values = plain.iter().map(|(lang, text)| Value {
            v: text.clone(),
            lang: Some(lang.clone()),
            path: format!("{field}.{lang}"),
            src: src.clone(),
        });
        values.collect()
    }

    pub(super) use texts as words;
}

fn add<T: PartialEq>(mine: &mut Vec<Value<T>>, theirs: Vec<Value<T>>) {
    for value in theirs {
        if mine.len() < MAX_VALUES && !mine.contains(&value) {
            mine.push(value);
        }
    }
}
