//! Values with their provenance: what a statement's body carries.

use std::sync::Arc;

use serde_json::{Map, Value as Json};
use thiserror::Error;

use super::input::Input;
use super::limits::{MAX_BODY_BYTES, MAX_VALUES};
use super::person::Creator;
use super::problem::Problem;
use super::software::{Contact, Dependency, Link};
use super::view::{FileNote, Relation, Subject, View};

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

/// All that is known about an item, each value with where it came from.
///
/// Several values of a field may coexist; [`Record::view`] chooses. What this version does not know is kept and
/// written again.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    /// What it is.
    pub kind: Vec<Value<String>>,
    /// Titles.
    pub title: Vec<Value<String>>,
    /// Summaries.
    pub summary: Vec<Value<String>>,
    /// Descriptions.
    pub description: Vec<Value<String>>,
    /// Keywords.
    pub keywords: Vec<Value<String>>,
    /// Languages of the content.
    pub language: Vec<Value<String>>,
    /// Authors.
    pub creators: Vec<Value<Creator>>,
    /// Others.
    pub contributors: Vec<Value<Creator>>,
    /// Date of making.
    pub created: Vec<Value<String>>,
    /// Date of publication.
    pub published: Vec<Value<String>>,
    /// Date of last change.
    pub modified: Vec<Value<String>>,
    /// Version.
    pub version: Vec<Value<String>>,
    /// Status.
    pub status: Vec<Value<String>>,
    /// Licence, SPDX expressions.
    pub licence: Vec<Value<String>>,
    /// Statements about rights.
    pub licence_statement: Vec<Value<String>>,
    /// Types of learning material.
    pub resource_type: Vec<Value<String>>,
    /// Levels.
    pub level: Vec<Value<String>>,
    /// Subjects.
    pub subject: Vec<Value<Subject>>,
    /// Relations.
    pub relations: Vec<Value<Relation>>,
    /// Other identifiers.
    pub aliases: Vec<Value<String>>,
    /// Files, as the record mentions them.
    pub files: Vec<Value<FileNote>>,
    /// Programming languages of a component.
    pub programming_language: Vec<Value<String>>,
    /// Where a component runs.
    pub platform: Vec<Value<String>>,
    /// How far a component is.
    pub development_status: Vec<Value<String>>,
    /// What sort of software it is.
    pub software_type: Vec<Value<String>>,
    /// How it is kept.
    pub maintenance: Vec<Value<String>>,
    /// What it is for.
    pub category: Vec<Value<String>>,
    /// Who uses it, by its own account.
    pub used_by: Vec<Value<String>>,
    /// Where more is found.
    pub links: Vec<Value<Link>>,
    /// What it needs.
    pub dependencies: Vec<Value<Dependency>>,
    /// Whom to ask.
    pub contacts: Vec<Value<Contact>>,
    /// Members of the input that the model has no field for.
    pub extra: Map<String, Json>,
    /// Members of a body that this version does not know.
    pub unknown: Map<String, Json>,
    /// How many values of a body were left out because they were not fit.
    pub skipped: usize,
}

impl Record {
    /// The record of what somebody wrote, every value from the same source.
    pub fn from_input(input: &Input, source: Source) -> Record {
        let mut record = Record::from_view(&input.values, source);
        record.extra = input.extra.clone();
        record
    }

    /// The record of plain values from one source; what extractors and crosswalks hand over.
    pub fn from_view(view: &View, source: Source) -> Record {
        let src = Arc::new(source);
        let one = |field: &str, value: &Option<String>| -> Vec<Value<String>> {
            let value = value.iter();
            value
                .map(|v| Value {
                    v: v.clone(),
                    lang: None,
                    path: field.to_owned(),
                    src: src.clone(),
                })
                .collect()
        };
        let texts = |field: &str, texts: &[(String, String)]| -> Vec<Value<String>> {
            texts
                .iter()
                .map(|(lang, text)| Value {
                    v: text.clone(),
                    lang: Some(lang.clone()),
                    path: format!("{field}.{lang}"),
                    src: src.clone(),
                })
                .collect()
        };
        Record {
            kind: one("kind", &view.kind),
            title: texts("title", &view.titles),
            summary: texts("summary", &view.summaries),
            description: texts("description", &view.descriptions),
            keywords: texts("keywords", &view.keywords),
            language: list(&src, "language", &view.languages),
            creators: list(&src, "creators", &view.creators),
            contributors: list(&src, "contributors", &view.contributors),
            created: one("created", &view.created),
            published: one("published", &view.published),
            modified: one("modified", &view.modified),
            version: one("version", &view.version),
            status: one("status", &view.status),
            licence: one("licence", &view.licence),
            licence_statement: texts("licence_statement", &view.licence_statements),
            resource_type: list(&src, "resource_type", &view.resource_types),
            level: list(&src, "level", &view.levels),
            subject: list(&src, "subject", &view.subjects),
            relations: list(&src, "relations", &view.relations),
            aliases: list(&src, "aliases", &view.aliases),
            files: list(&src, "files", &view.files),
            programming_language: list(&src, "programming_language", &view.programming_languages),
            platform: list(&src, "platform", &view.platforms),
            development_status: one("development_status", &view.development_status),
            software_type: one("software_type", &view.software_type),
            maintenance: one("maintenance", &view.maintenance),
            category: list(&src, "category", &view.categories),
            used_by: list(&src, "used_by", &view.used_by),
            links: list(&src, "links", &view.links),
            dependencies: list(&src, "dependencies", &view.dependencies),
            contacts: list(&src, "contacts", &view.contacts),
            extra: Map::new(),
            unknown: Map::new(),
            skipped: 0,
        }
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

    /// Adds all values of another record: both coexist, [`Record::view`] chooses between them.
    pub fn merge(&mut self, other: Record) {
        // Destructured so that a new field cannot be forgotten here.
        let Record {
            kind,
            title,
            summary,
            description,
            keywords,
            language,
            creators,
            contributors,
            created,
            published,
            modified,
            version,
            status,
            licence,
            licence_statement,
            resource_type,
            level,
            subject,
            relations,
            aliases,
            files,
            programming_language,
            platform,
            development_status,
            software_type,
            maintenance,
            category,
            used_by,
            links,
            dependencies,
            contacts,
            extra,
            unknown,
            skipped,
        } = other;
        let strings = [
            (&mut self.kind, kind),
            (&mut self.title, title),
            (&mut self.summary, summary),
            (&mut self.description, description),
            (&mut self.keywords, keywords),
            (&mut self.language, language),
            (&mut self.created, created),
            (&mut self.published, published),
            (&mut self.modified, modified),
            (&mut self.version, version),
            (&mut self.status, status),
            (&mut self.licence, licence),
            (&mut self.licence_statement, licence_statement),
            (&mut self.resource_type, resource_type),
            (&mut self.level, level),
            (&mut self.aliases, aliases),
            (&mut self.programming_language, programming_language),
            (&mut self.platform, platform),
            (&mut self.development_status, development_status),
            (&mut self.software_type, software_type),
            (&mut self.maintenance, maintenance),
            (&mut self.category, category),
            (&mut self.used_by, used_by),
        ];
        for (mine, theirs) in strings {
            add(mine, theirs);
        }
        add(&mut self.creators, creators);
        add(&mut self.contributors, contributors);
        add(&mut self.subject, subject);
        add(&mut self.relations, relations);
        add(&mut self.files, files);
        add(&mut self.links, links);
        add(&mut self.dependencies, dependencies);
        add(&mut self.contacts, contacts);
        for (name, value) in extra {
            self.extra.entry(name).or_insert(value);
        }
        for (name, value) in unknown {
            self.unknown.entry(name).or_insert(value);
        }
        self.skipped += skipped;
    }
}

fn list<T: Clone>(src: &Arc<Source>, field: &str, values: &[T]) -> Vec<Value<T>> {
    values
        .iter()
        .enumerate()
        .map(|(at, v)| Value {
            v: v.clone(),
            lang: None,
            path: format!("{field}[{at}]"),
            src: src.clone(),
        })
        .collect()
}

fn add<T: PartialEq>(mine: &mut Vec<Value<T>>, theirs: Vec<Value<T>>) {
    for value in theirs {
        if mine.len() < MAX_VALUES && !mine.contains(&value) {
            mine.push(value);
        }
    }
}
