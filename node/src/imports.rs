//! Importing: records in a standard of others become resources of this institution, each with its original.
//!
//! A record is known by the identifier that its source gives it. The identifier makes the slug, so that the same record
//! is the same item at the next import, on any machine, without a table. A record whose bytes did not change makes no
//! statement; what a librarian corrected goes from version to version, and so do the files of the item. What was withdrawn here stays withdrawn.

mod deletion;
mod version;

use std::collections::BTreeMap;

use commun_forge::{
    crosswalk::{Reading, Report, format::Found},
    problem::{Problem, Severity},
};
use commun_specs::{
    files::FileList,
    fold::{ItemKind, licence_accepted},
    id::{ContentHash, StatementId},
    json::{Object, Value},
    key::SecretKey,
    metadata::{
        Identifier, Method, Notice, Original, Problems, Record, Source, Value as Stated, is_target,
        validate_rules,
    },
    name::{Role, Slug},
};
use data_encoding::BASE32_NOPAD;
use futures::{StreamExt as _, stream};

use crate::{
    blobs::Blobs,
    core::{Author, Core, Draft, Person, WriteError},
    resources::NO_LICENCE,
    takedown::is_of_source,
};
use version::Version;

pub use deletion::Deletions;

/// Records that are stored and stated at the same time: one transaction takes as many.
const PARALLEL: usize = 64;
/// The readable part of a slug, in characters.
const READABLE: usize = 40;
/// The part of a slug that tells identifiers apart, in characters: 50 bits.
const TELLING: usize = 10;

/// Nothing more can be imported now.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The person may not do this.
    #[error("{0}")]
    NotAllowed(String),
    /// This node cannot write now; trying again later makes sense.
    #[error("{0}")]
    NotNow(String),
    /// The node failed.
    #[error("{0}")]
    Failed(String),
}

/// What became of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Became {
    /// The record.
    pub record: String,
    /// The item; `None` in a dry run that would make it.
    pub id: Option<StatementId>,
    /// `handle/slug`.
    pub name: String,
    /// `added`, `changed`, `unchanged` or `withdrawn`.
    pub what: &'static str,
}

/// A record that is to be stated.
struct Ready {
    record: String,
    slug: Slug,
    item: Option<StatementId>,
    supersedes: Vec<StatementId>,
    /// What the head of the version that is displayed says: files and origins stay.
    before: Option<Object>,
    licence: String,
    body: Vec<u8>,
    original: Vec<u8>,
}

/// Imports for the persons of this institution; cheap to clone.
#[derive(Clone)]
pub struct Imports {
    core: Core,
    blobs: Blobs,
}

impl Imports {
    /// Imports through this core.
    pub fn new(core: Core, blobs: Blobs) -> Self {
        Self { core, blobs }
    }

    /// Whether somebody may import here.
    ///
    /// # Errors
    /// [`ImportError::NotAllowed`] or [`ImportError::NotNow`].
    pub fn may(&self, person: &Person) -> Result<(), ImportError> {
        if !person.may(&[Role::Librarian]) {
            let why = "importing needs the role librarian; ask an admin of your institution";
            return Err(ImportError::NotAllowed(why.to_owned()));
        }
        if !self.core.is_writer() {
            let why =
                "this node does not write its institution's log; import at the node that does";
            return Err(ImportError::NotNow(why.to_owned()));
        }
        Ok(())
    }

    /// Takes records in: what is new becomes an item, what changed a version. `space`: whose identifiers they are (the
    /// address of the source; empty for documents, whose identifiers are the world's). When it returns everything that
    /// the report says is durable.
    ///
    /// # Errors
    /// See [`ImportError`]; what was stated before stays, and the same records again change nothing.
    pub async fn take(
        &self,
        person: &Person,
        space: &str,
        found: Vec<Found>,
        dry_run: bool,
        report: &mut Report,
    ) -> Result<Vec<Became>, ImportError> {
        let deletions = Deletions::Report;
        self.follow(person, space, deletions, found, dry_run, report)
            .await
    }

    /// As [`Imports::take`], and does as asked about the records that their source deleted.
    ///
    /// # Errors
    /// See [`ImportError`].
    pub async fn follow(
        &self,
        person: &Person,
        space: &str,
        deletions: Deletions,
        found: Vec<Found>,
        dry_run: bool,
        report: &mut Report,
    ) -> Result<Vec<Became>, ImportError> {
        self.may(person)?;
        let mut gone = Vec::new();
        let mut ready: BTreeMap<Slug, Ready> = BTreeMap::new();
        let mut became = Vec::new();
        let count = found.len();
        for one in found {
            report.records += 1;
            if one.deleted {
                gone.extend(self.gone(space, one, deletions, report)?);
                continue;
            }
            let record = one.record.clone();
            match self.prepare(space, one, report)? {
                Some(Prepared::Same(same)) => {
                    report.unchanged += 1;
                    became.push(same);
                }
                Some(Prepared::New(new)) => {
                    // The same identifier twice: the last counts.
                    if ready.insert(new.slug.clone(), *new).is_some() {
                        report.unchanged += 1;
                    }
                }
                None => tracing::debug!(record, "a record did not come in"),
            }
        }
        self.withdraw(person, space, gone, dry_run, report, &mut became)
            .await?;
        if dry_run {
            let me = &self.core.identity().handle;
            for one in ready.into_values() {
                let what = if one.item.is_some() {
                    "changed"
                } else {
                    "added"
                };
                count_in(report, what);
                became.push(Became {
                    record: one.record,
                    id: one.item,
                    name: format!("{me}/{}", one.slug),
                    what,
                });
            }
            return Ok(became);
        }
        if !ready.is_empty() {
            self.state(person, ready.into_values().collect(), report, &mut became)
                .await?;
        }
        tracing::info!(
            records = count,
            added = report.added,
            changed = report.changed,
            "imported"
        );
        Ok(became)
    }

    /// Stores and states, many at a time: the writer takes what waits in one transaction.
    async fn state(
        &self,
        person: &Person,
        ready: Vec<Ready>,
        report: &mut Report,
        became: &mut Vec<Became>,
    ) -> Result<(), ImportError> {
        let failed = |e: &dyn std::fmt::Display| ImportError::Failed(e.to_string());
        let key = self.core.author_key(person).map_err(|e| failed(&e))?;
        let list = FileList::default();
        let (files, _) = self
            .blobs
            .add_bytes(list.encode())
            .await
            .map_err(|e| failed(&e))?;
        let stating = stream::iter(ready).map(|one| {
            let (me, key) = (self.clone(), key.as_ref());
            async move {
                let (record, item) = (one.record.clone(), one.item);
                let name = format!("{}/{}", me.core.identity().handle, one.slug);
                let done = me.state_one(person, key, files, one).await;
                (record, item, name, done)
            }
        });
        let mut stating = std::pin::pin!(stating.buffer_unordered(PARALLEL));
        let mut stopped = None;
        while let Some((record, item, name, done)) = stating.next().await {
            match done {
                Ok(id) => {
                    let what = if item.is_some() { "changed" } else { "added" };
                    count_in(report, what);
                    became.push(Became {
                        record,
                        id: Some(item.unwrap_or(id)),
                        name,
                        what,
                    });
                }
                Err(Stop::Refused(why)) => refuse(report, &record, problem("not-stated", "", &why)),
                // The others that are under way are heard out: they may be durable.
                Err(Stop::Now(e)) => stopped = Some(e),
            }
        }
        stopped.map_or(Ok(()), Err)
    }

    async fn state_one(
        &self,
        person: &Person,
        key: Option<&SecretKey>,
        files: ContentHash,
        one: Ready,
    ) -> Result<StatementId, Stop> {
        let failed = |e: &dyn std::fmt::Display| Stop::Now(ImportError::Failed(e.to_string()));
        // Asked before it is stored: taking it out again looks at every blob.
        if let Some(why) = self.core.blocked_because(&ContentHash::of(&one.original)) {
            return Err(Stop::Refused(why));
        }
        let (record, _) = self
            .blobs
            .add_bytes(one.original)
            .await
            .map_err(|e| match e {
                crate::blobs::Error::Blocked(why) => Stop::Refused(why),
                e => failed(&e),
            })?;
        let mut fields = one.before.unwrap_or_else(|| {
            let files = Object::from([
                ("blake3".to_owned(), Value::from(files.to_string())),
                ("count".to_owned(), Value::Int(0)),
                ("size".to_owned(), Value::Int(0)),
            ]);
            Object::from([
                ("files".to_owned(), Value::Object(files)),
                ("derived_from".to_owned(), Value::List(Vec::new())),
            ])
        });
        let record = Object::from([("blake3".to_owned(), Value::from(record.to_string()))]);
        fields.insert("slug".to_owned(), one.slug.as_str().into());
        fields.insert("licence".to_owned(), one.licence.as_str().into());
        fields.insert("record".to_owned(), Value::Object(record));
        let draft = Draft {
            kind: "resource",
            item: one.item,
            supersedes: one.supersedes,
            fields,
            body: Some(one.body),
            ..Draft::default()
        };
        let author = match key {
            Some(key) => Author::Person(key),
            None => Author::NodeFor(person.enrolment),
        };
        let entry = self
            .core
            .compose(draft, &author)
            .map_err(|e| Stop::Refused(e.to_string()))?;
        match self.core.write(entry).await {
            Ok(written) => Ok(written.id),
            Err(e) => Err(Stop::of(e)),
        }
    }

    /// Looks at a record: what it says, whether it is known, whether it may be stated.
    fn prepare(
        &self,
        space: &str,
        found: Found,
        report: &mut Report,
    ) -> Result<Option<Prepared>, ImportError> {
        let record = found.record;
        let Reading {
            record: mut values,
            id,
            problems,
        } = match found.read {
            Ok(reading) => reading,
            Err(problem) => {
                refuse(report, &record, *problem);
                return Ok(None);
            }
        };
        for problem in problems {
            report.push(&record, problem);
        }
        let original = ContentHash::of(&found.original);
        let known = id.clone().unwrap_or_else(|| original.to_string());
        let source = Source {
            scheme: found.format.as_str().to_owned(),
            origin: (!space.is_empty()).then(|| space.to_owned()),
            date: None,
            method: Method::Mapped,
            by: None,
        };
        note(
            &mut values,
            id.as_deref(),
            &original,
            found.format.as_str(),
            found.original.len(),
            source.clone(),
        );
        let mut before = None;
        let slug = slug(space, &known);
        let me = self.core.identity().handle.clone();
        let item = {
            let state = self.core.state();
            let catalogue = state.catalogue();
            catalogue
                .by_name(&me, &slug)
                .and_then(|id| catalogue.item(&id).cloned())
        };
        if let Some(item) = &item {
            // What was withdrawn with its source comes back with it; what people withdrew does not.
            let back = match &item.withdrawn {
                Some(withdrawal) => is_of_source(&self.core, withdrawal, space)
                    .map_err(|e| ImportError::Failed(e.to_string()))?,
                None => false,
            };
            if item.withdrawn.is_some() && !back {
                let name = format!("{me}/{slug}");
                report.push(
                    &record,
                    Problem::new(Severity::Info, "withdrawn-here", "", &name, ""),
                );
                report.refused += 1;
                return Ok(None);
            }
            if item.owner != me || item.kind != ItemKind::Resource {
                let why = format!("{me}/{slug} is the name of another item");
                refuse(report, &record, problem("not-stated", "", &why));
                return Ok(None);
            }
            let Some(version) = Version::displayed(&self.core, item)? else {
                let why =
                    format!("this release cannot read the version of {me}/{slug} that stands");
                refuse(report, &record, problem("not-stated", "", &why));
                return Ok(None);
            };
            if !back && version.is_from(&self.core, item, &source, &original)? {
                let name = format!("{me}/{}", item.slug);
                let same = Became {
                    record,
                    id: Some(item.id),
                    name,
                    what: "unchanged",
                };
                return Ok(Some(Prepared::Same(same)));
            }
            if back {
                let name = format!("{me}/{}", item.slug);
                let there = Problem::new(Severity::Info, "back-at-source", "", &name, "");
                report.push(&record, there);
            }
            // What a person corrected survives; what the source says now replaces what it said (R-07-21).
            values = Record::merged(values, &version.values);
            before = Some(version.fields);
        }
        let view = values.view();
        let charter = self.core.state().chain().head().0.clone();
        let licence = view
            .licence
            .clone()
            .unwrap_or_else(|| NO_LICENCE.to_owned());
        if !licence_accepted(&charter.licences, &licence) {
            let why = format!("the charter of this commons does not take the licence {licence}");
            refuse(report, &record, problem("not-stated", "licence", &why));
            return Ok(None);
        }
        let required = charter
            .required
            .iter()
            .filter(|r| *r != "files" && *r != "licence");
        if let Err(Problems(missing)) = validate_rules(&view, &required.collect::<Vec<_>>()) {
            for one in missing {
                report.push(&record, problem("not-stated", &one.field, &one.what));
            }
            report.refused += 1;
            return Ok(None);
        }
        let body = match values.to_body() {
            Ok(body) => body,
            Err(e) => {
                refuse(report, &record, problem("not-stated", "", &e.to_string()));
                return Ok(None);
            }
        };
        Ok(Some(Prepared::New(Box::new(Ready {
            record,
            slug: item.as_ref().map_or(slug, |item| item.slug.clone()),
            supersedes: item
                .iter()
                .flat_map(|item| item.heads.iter().map(|h| h.2).chain(item.withdrawn))
                .collect(),
            item: item.map(|item| item.id),
            before,
            licence,
            body,
            original: found.original,
        }))))
    }
}

/// Why one record is not stated.
enum Stop {
    /// It is not fit; the others go on.
    Refused(String),
    /// Nothing goes on.
    Now(ImportError),
}

impl Stop {
    /// Why a statement was not taken.
    fn of(e: WriteError) -> Stop {
        match e {
            e @ (WriteError::Refused(_) | WriteError::Malformed(_) | WriteError::Incomplete(_)) => {
                Stop::Refused(e.to_string())
            }
            WriteError::Expired => Stop::Now(ImportError::NotAllowed(e.to_string())),
            WriteError::NotNow(_) | WriteError::Busy => {
                Stop::Now(ImportError::NotNow(e.to_string()))
            }
            e => Stop::Now(ImportError::Failed(e.to_string())),
        }
    }
}

enum Prepared {
    Same(Became),
    New(Box<Ready>),
}

fn count_in(report: &mut Report, what: &str) {
    match what {
        "added" => report.added += 1,
        _ => report.changed += 1,
    }
}

fn problem(rule: &str, path: &str, given: &str) -> Problem {
    Problem::new(Severity::Error, rule, path, given, "")
}

fn refuse(report: &mut Report, record: &str, problem: Problem) {
    report.refused += 1;
    report.push(record, problem);
}

/// Says in the record where it came from: its identifier at the source, and its original.
fn note(
    values: &mut Record,
    id: Option<&str>,
    original: &ContentHash,
    scheme: &str,
    size: usize,
    source: Source,
) {
    let src = std::sync::Arc::new(source);
    let stated = |path: &str| (path.to_owned(), src.clone());
    if let Some(id) = id {
        let (path, src) = stated("header.identifier");
        let identifier = Identifier {
            catalog: if id.starts_with("oai:") {
                "oai".to_owned()
            } else {
                String::new()
            },
            entry: id.to_owned(),
        };
        let notice = Notice {
            identifiers: vec![identifier],
            schemas: vec![scheme.to_owned()],
            ..Notice::default()
        };
        values.record.push(Stated {
            v: notice,
            lang: None,
            path: path.clone(),
            src: src.clone(),
        });
        if is_target(id) && !values.aliases.iter().any(|a| a.v == id) {
            values.aliases.push(Stated {
                v: id.to_owned(),
                lang: None,
                path,
                src,
            });
        }
    }
    let (path, src) = stated("original");
    let kept = Original {
        scheme: scheme.to_owned(),
        media_type: match scheme {
            "csv" => "text/csv",
            _ => "application/xml",
        }
        .to_owned(),
        blake3: original.to_string(),
        size: size as u64,
    };
    values.original.push(Stated {
        v: kept,
        lang: None,
        path,
        src,
    });
}

/// The slug of an identifier: what can be read of it, and enough of its hash to tell it from all others.
fn slug(space: &str, id: &str) -> Slug {
    let hash = blake3::derive_key("commun import slug 1", format!("{space}\n{id}").as_bytes());
    let telling = BASE32_NOPAD.encode(&hash).to_ascii_lowercase();
    let bare = id.split_once("://").map_or(id, |(_, rest)| rest);
    let bare = bare.strip_prefix("oai:").unwrap_or(bare);
    let mut readable = String::new();
    for c in bare.chars() {
        match c.to_ascii_lowercase() {
            c @ ('a'..='z' | '0'..='9') => readable.push(c),
            _ if !readable.is_empty() && !readable.ends_with('-') => readable.push('-'),
            _ => {}
        }
    }
    // The end of an identifier tells more than its beginning, which is the repository's.
    let from = readable.len().saturating_sub(READABLE);
    let readable = readable[from..].trim_matches('-');
    let text = match readable {
        "" => telling[..TELLING].to_owned(),
        readable => format!("{readable}-{}", &telling[..TELLING]),
    };
    Slug::new(&text).expect("letters, digits and single hyphens, 10 to 51 of them")
}

#[cfg(test)]
mod tests;
