//! Importing: records in a standard of others become resources of this institution, each with its original.
//!
//! A record is known by the identifier that its source gives it. The identifier makes the slug, so that the same record
//! is the same item at the next import, on any machine, without a table. A record whose bytes did not change makes no
//! statement; what a librarian corrected goes from version to version, and so do the files of the item. What was withdrawn here stays withdrawn.

mod bundle;
mod deletion;
mod folder;
mod identity;
mod version;

use std::collections::BTreeMap;

use commun_forge::{
    crosswalk::{
        Reading, Report,
        format::{self, Format, Found},
    },
    problem::{Problem, Severity},
};
use commun_specs::{
    files::FileList,
    fold::{ItemKind, RefusalKind, licence_accepted},
    id::{ContentHash, StatementId},
    json::{Object, Value},
    key::SecretKey,
    metadata::{Method, Problems, Record, Source, validate_rules},
    name::{Role, Slug},
    statement::Files,
};
use futures::{StreamExt as _, stream};

use crate::{
    blobs::Blobs,
    core::{Author, Core, Draft, Person, WriteError},
    resources::NO_LICENCE,
    takedown::is_of_source,
};
use identity::{Kept, note, slug};
use version::Version;

pub use bundle::{Bundle, BundleFile, FileBytes, Keeps};
pub use deletion::Deletions;
pub use folder::{
    Front, MAX_FILE as MAX_FRONT_FILE, MAX_FILES as MAX_FRONT_FILES, front, is_front,
};

/// Records that are stored and stated at the same time: one transaction takes as many.
const PARALLEL: usize = 64;
/// How often a record is prepared anew because somebody else stated a version in between.
const MAX_RACES: usize = 3;

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
    /// The fields that its source filled.
    pub fields: Vec<&'static str>,
}

/// What a source says of a record, before what stands here is looked at.
#[derive(Clone)]
struct Said {
    record: String,
    /// The name that its identifier gives it.
    slug: Slug,
    values: Record,
    /// The fields that it fills.
    fields: Vec<&'static str>,
    source: Source,
    original: ContentHash,
}

/// A record that is to be stated.
struct Ready {
    record: String,
    /// The fields that its source fills.
    fields: Vec<&'static str>,
    slug: Slug,
    item: Option<StatementId>,
    supersedes: Vec<StatementId>,
    /// What to prepare anew if another version stands by then: of a record whose item is there.
    said: Option<Said>,
    /// What the head of the version that is displayed says: files and origins stay.
    before: Option<Object>,
    licence: String,
    body: Vec<u8>,
    original: Store,
    /// The files of the version; `None`: those of the version before, none at first.
    files: Option<Files>,
}

/// What is stored as the original.
enum Store {
    /// These bytes.
    Bytes(Vec<u8>),
    /// What is in the store already.
    Held(ContentHash),
    /// There is none.
    Nothing,
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
            // Reading and joining records is work without a pause of its own: others have a turn between two.
            tokio::task::yield_now().await;
            report.records += 1;
            if one.deleted {
                gone.extend(self.gone(space, one, deletions, report).await?);
                continue;
            }
            let record = one.record.clone();
            match self.prepare(space, one, report).await? {
                Some(Prepared::Same(same)) => {
                    report.unchanged += 1;
                    became.push(same);
                }
                Some(Prepared::New(new)) => {
                    // The same identifier twice: the last counts.
                    if ready.insert(new.slug.clone(), *new).is_some() {
                        report.unchanged += 1;
                        let twice = Problem::new(Severity::Warning, "record-twice", "", "", "");
                        report.push(&record, twice);
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
                let one = Became {
                    record: one.record,
                    id: one.item,
                    name: format!("{me}/{}", one.slug),
                    what,
                    fields: one.fields,
                };
                came_in(report, &one);
                became.push(one);
            }
            return Ok(became);
        }
        if !ready.is_empty() {
            let ready = ready.into_values().collect();
            self.state(person, space, ready, report, &mut became)
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

    /// Stores and states; where somebody stated another version in between, what the source says is joined with that one.
    async fn state(
        &self,
        person: &Person,
        space: &str,
        mut ready: Vec<Ready>,
        report: &mut Report,
        became: &mut Vec<Became>,
    ) -> Result<(), ImportError> {
        for _ in 0..=MAX_RACES {
            let stale = self.state_all(person, ready, report, became).await?;
            if stale.is_empty() {
                return Ok(());
            }
            ready = Vec::new();
            for said in stale {
                tokio::task::yield_now().await;
                let stored = Store::Held(said.original);
                match self.join(space, said, stored, report).await? {
                    Some(Prepared::Same(same)) => {
                        report.unchanged += 1;
                        became.push(same);
                    }
                    Some(Prepared::New(new)) => ready.push(*new),
                    None => {}
                }
            }
        }
        Err(others())
    }

    /// Many at a time: the writer takes what waits in one transaction. Gives what other versions came before.
    async fn state_all(
        &self,
        person: &Person,
        ready: Vec<Ready>,
        report: &mut Report,
        became: &mut Vec<Became>,
    ) -> Result<Vec<Said>, ImportError> {
        let failed = |e: &dyn std::fmt::Display| ImportError::Failed(e.to_string());
        let key = self.core.author_key(person).map_err(|e| failed(&e))?;
        let list = FileList::default();
        let (files, _) = self
            .blobs
            .add_bytes(list.encode())
            .await
            .map_err(|e| failed(&e))?;
        let stating = stream::iter(ready).map(|mut one| {
            let (me, key) = (self.clone(), key.as_ref());
            async move {
                let (record, item) = (one.record.clone(), one.item);
                let name = format!("{}/{}", me.core.identity().handle, one.slug);
                let (said, fields) = (one.said.take(), std::mem::take(&mut one.fields));
                let done = me.state_one(person, key, files, one).await;
                (record, item, name, said, fields, done)
            }
        });
        let mut stating = std::pin::pin!(stating.buffer_unordered(PARALLEL));
        let (mut stale, mut stopped) = (Vec::new(), None);
        while let Some((record, item, name, said, fields, done)) = stating.next().await {
            match done {
                Ok(id) => {
                    let what = if item.is_some() { "changed" } else { "added" };
                    let one = Became {
                        record,
                        id: Some(item.unwrap_or(id)),
                        name,
                        what,
                        fields,
                    };
                    came_in(report, &one);
                    became.push(one);
                }
                Err(Stop::Refused(why)) => refuse(report, &record, problem("not-stated", "", &why)),
                Err(Stop::Stale) => match said {
                    Some(said) => stale.push(said),
                    None => stopped = Some(others()),
                },
                // The others that are under way are heard out: they may be durable.
                Err(Stop::Now(e)) => stopped = Some(e),
            }
        }
        stopped.map_or(Ok(stale), Err)
    }

    async fn state_one(
        &self,
        person: &Person,
        key: Option<&SecretKey>,
        files: ContentHash,
        one: Ready,
    ) -> Result<StatementId, Stop> {
        let record = match one.original {
            Store::Bytes(bytes) => {
                // Asked before it is stored: taking it out again looks at every blob.
                if let Some(why) = self.core.blocked_because(&ContentHash::of(&bytes)) {
                    return Err(Stop::Refused(why));
                }
                let added = self.blobs.add_bytes(bytes).await;
                Some(added.map_err(Stop::of_blob)?.0)
            }
            Store::Held(blake3) => {
                if let Some(why) = self.core.blocked_because(&blake3) {
                    return Err(Stop::Refused(why));
                }
                Some(blake3)
            }
            Store::Nothing => None,
        };
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
        fields.insert("slug".to_owned(), one.slug.as_str().into());
        fields.insert("licence".to_owned(), one.licence.as_str().into());
        match record {
            Some(record) => {
                let record = Object::from([("blake3".to_owned(), record.to_string().into())]);
                fields.insert("record".to_owned(), Value::Object(record));
            }
            None => {
                fields.remove("record");
            }
        }
        if let Some(files) = one.files {
            let files = Object::from([
                ("blake3".to_owned(), files.blake3.to_string().into()),
                ("count".to_owned(), Value::Int(files.count)),
                ("size".to_owned(), Value::Int(files.size)),
            ]);
            fields.insert("files".to_owned(), Value::Object(files));
        }
        let draft = Draft {
            kind: "resource",
            item: one.item,
            supersedes: one.supersedes,
            fields,
            body: Some(one.body),
            ..Draft::default()
        };
        let author = Author::of(person, key);
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
    async fn prepare(
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
        // A last line end more or less makes no other record.
        let bare = found.original.trim_ascii_end();
        for end in ["", "\n", "\r\n"] {
            let hash = ContentHash::of(&[bare, end.as_bytes()].concat());
            if let Some(why) = self.core.blocked_because(&hash) {
                refuse(report, &record, problem("not-stated", "", &why));
                return Ok(None);
            }
        }
        let known = id
            .clone()
            .unwrap_or_else(|| ContentHash::of(bare).to_string());
        let source = Source {
            scheme: found.format.as_str().to_owned(),
            origin: (!space.is_empty()).then(|| space.to_owned()),
            date: None,
            method: Method::Mapped,
            by: None,
        };
        let kept = Kept {
            blake3: &original,
            size: found.original.len() as u64,
            media_type: media_type(found.format.as_str(), &found.original),
        };
        let fields = values.held();
        note(&mut values, id.as_deref(), Some(kept), source.clone());
        let said = Said {
            record,
            slug: slug(space, &known),
            values,
            fields,
            source,
            original,
        };
        let store = Store::Bytes(found.original);
        self.join(space, said, store, report).await
    }

    /// Joins what a source says with what stands here.
    async fn join(
        &self,
        space: &str,
        said: Said,
        original: Store,
        report: &mut Report,
    ) -> Result<Option<Prepared>, ImportError> {
        let (record, slug) = (said.record.clone(), said.slug.clone());
        let fields = said.fields.clone();
        let me = self.core.identity().handle.clone();
        let item = {
            let state = self.core.state();
            let catalogue = state.catalogue();
            catalogue
                .by_name(&me, &slug)
                .and_then(|id| catalogue.copy_of(&id))
        };
        let (values, said, before) = if let Some(item) = &item {
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
            let Some(version) = Version::displayed(&self.core, item).await? else {
                let why =
                    format!("this release cannot read the version of {me}/{slug} that stands");
                refuse(report, &record, problem("not-stated", "", &why));
                return Ok(None);
            };
            if !back && version.is_from(&self.core, item, &said.source, &said.original)? {
                let name = format!("{me}/{}", item.slug);
                let same = Became {
                    record,
                    id: Some(item.id),
                    name,
                    what: "unchanged",
                    fields,
                };
                return Ok(Some(Prepared::Same(same)));
            }
            if back {
                let name = format!("{me}/{}", item.slug);
                let there = Problem::new(Severity::Info, "back-at-source", "", &name, "");
                report.push(&record, there);
            }
            // What a person corrected survives; what the source says now replaces what it said (R-07-21).
            let values = Record::merged(said.values.clone(), &version.values);
            (values, Some(said), Some(version.fields))
        } else {
            (said.values, None, None)
        };
        let Some((licence, body)) = self.fit(&record, &values, report) else {
            return Ok(None);
        };
        Ok(Some(Prepared::New(Box::new(Ready {
            record,
            fields,
            slug: item.as_ref().map_or(slug, |item| item.slug.clone()),
            supersedes: item
                .iter()
                .flat_map(|item| item.heads.iter().map(|h| h.2).chain(item.withdrawn))
                .collect(),
            item: item.map(|item| item.id),
            said,
            before,
            licence,
            body,
            original,
            files: None,
        }))))
    }

    /// Whether a record may be stated in this commons: its licence, and the body that says it. What is wrong is in the report.
    fn fit(&self, record: &str, values: &Record, report: &mut Report) -> Option<(String, Vec<u8>)> {
        let view = values.view();
        let charter = self.core.state().chain().head().0.clone();
        let licence = view
            .licence
            .clone()
            .unwrap_or_else(|| NO_LICENCE.to_owned());
        if !licence_accepted(&charter.licences, &licence) {
            let why = format!("the charter of this commons does not take the licence {licence}");
            refuse(report, record, problem("not-stated", "licence", &why));
            return None;
        }
        let required = charter
            .required
            .iter()
            .filter(|r| *r != "files" && *r != "licence");
        if let Err(Problems(missing)) = validate_rules(&view, &required.collect::<Vec<_>>()) {
            for one in missing {
                report.push(record, problem("not-stated", &one.field, &one.what));
            }
            report.refused += 1;
            return None;
        }
        match values.to_body() {
            Ok(body) => Some((licence, body)),
            Err(e) => {
                refuse(report, record, problem("not-stated", "", &e.to_string()));
                None
            }
        }
    }
}

/// Why one record is not stated.
enum Stop {
    /// It is not fit; the others go on.
    Refused(String),
    /// Another version stands by now.
    Stale,
    /// Nothing goes on.
    Now(ImportError),
}

impl Stop {
    /// Why content was not stored.
    fn of_blob(e: crate::blobs::Error) -> Stop {
        match e {
            crate::blobs::Error::Blocked(why) => Stop::Refused(why),
            e => Stop::Now(ImportError::Failed(e.to_string())),
        }
    }

    /// Why a statement was not taken.
    fn of(e: WriteError) -> Stop {
        match e {
            WriteError::Refused(r) if r.kind() == RefusalKind::Stale => Stop::Stale,
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

/// Says in the report that a record came in.
fn came_in(report: &mut Report, became: &Became) {
    let rule = match became.what {
        "added" => "record-added",
        _ => "record-changed",
    };
    report.came(&became.record, rule, &became.name, &became.fields);
}

/// What a document of records is, for who gets it back.
fn media_type(scheme: &str, document: &[u8]) -> &'static str {
    if let Some(format) = Format::parse(scheme) {
        return format::media_type(format, document);
    }
    let first = document.iter().find(|byte| !byte.is_ascii_whitespace());
    match first {
        Some(b'{' | b'[') => "application/json",
        Some(b'<' | 0xef | 0xfe | 0xff) => "application/xml",
        _ => "text/plain",
    }
}

fn problem(rule: &str, path: &str, given: &str) -> Problem {
    Problem::new(Severity::Error, rule, path, given, "")
}

/// Others were quicker each time.
fn others() -> ImportError {
    ImportError::NotNow(
        "others change these items at the same time; try again in a moment".to_owned(),
    )
}

fn refuse(report: &mut Report, record: &str, problem: Problem) {
    report.refused += 1;
    report.push(record, problem);
}

#[cfg(test)]
mod tests;
