//! Correcting what records say: a correction is a version of its own, which states the same files and the values that
//! were corrected, by whom and when; what was there stays below (R-07-20), and every harvest leaves it (R-07-21).
//!
//! Whoever may publish a version of an item may correct it: its publisher, and the librarians of its institution. The
//! catalogue decides that again at the door. A version replaces what it was made from, so that of two corrections made at the
//! same time the second one sees the first or is refused.

mod error;
mod history;
mod languages;
mod many;
mod standing;
mod table;

use std::time::Duration;

use commun_specs::{
    fold::RefusalKind,
    id::StatementId,
    json::Value,
    key::SecretKey,
    metadata::{Change, Column, Layer, Problem, Problems, Record},
    name::Role,
};
use serde_json::Value as Json;

use crate::{
    core::{Author, Core, Draft, Person, WriteError},
    resources::Resources,
};

pub use error::CorrectError;
pub use history::{Entry, What};
pub use many::{Done, How, MAX_TASKS, Task};
pub(crate) use many::{place, words};
pub use standing::Standing;
pub use table::{MAX_ITEMS, Table};

/// How often a correction is made again on what somebody else stated in between.
const MAX_RACES: usize = 3;
/// Most corrections of one item at once: each field in a few languages.
pub const MAX_EDITS: usize = 500;
/// Pause between two looks at a version that is being written, and how many looks: together as long as a disk takes that
/// has much else to do.
pub(crate) const SETTLING: Duration = Duration::from_millis(5);
pub(crate) const MAX_LOOKS: usize = 400;
/// What is not corrected by hand: it is counted, or says what was kept.
const COUNTED: [&str; 3] = ["files", "record", "original"];

/// What becomes of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum To {
    /// It says this, as one writes it in a document.
    Value(Json),
    /// It is rightly empty.
    Empty,
    /// The newest correction goes: what was below it is shown again.
    Back,
}

/// A correction of one field, or of one language of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// The field.
    pub column: Column,
    /// What becomes of it.
    pub to: To,
}

/// What came of a correction.
#[derive(Clone, Debug)]
pub struct Corrected {
    /// The item.
    pub item: StatementId,
    /// `handle/slug`.
    pub name: String,
    /// The version that is shown now.
    pub version: StatementId,
    /// Its position in the log; `None` where there was nothing to state.
    pub position: Option<u64>,
    /// What is shown otherwise now.
    pub changes: Vec<Change>,
    /// What the author should know.
    pub warnings: Vec<Problem>,
}

/// What is to be stated.
struct Ready {
    record: Record,
    changes: Vec<Change>,
    warnings: Vec<Problem>,
}

/// Corrects for the persons of this institution; cheap to clone.
#[derive(Clone)]
pub struct Corrections {
    core: Core,
    resources: Resources,
}

impl Corrections {
    /// Corrects through this core.
    pub fn new(core: Core, resources: Resources) -> Self {
        Self { core, resources }
    }

    /// The version of an item that stands, whoever owns it. Blocks while one is being written: for threads that may.
    ///
    /// # Errors
    /// See [`CorrectError`].
    pub fn standing(&self, item: &StatementId) -> Result<Standing, CorrectError> {
        for _ in 1..MAX_LOOKS {
            match Standing::of(&self.core, item) {
                Err(CorrectError::Settling) => std::thread::sleep(SETTLING),
                known => return known,
            }
        }
        Standing::of(&self.core, item)
    }

    /// The same, for tasks.
    pub(crate) async fn settled(&self, item: &StatementId) -> Result<Standing, CorrectError> {
        for _ in 1..MAX_LOOKS {
            match Standing::of(&self.core, item) {
                Err(CorrectError::Settling) => tokio::time::sleep(SETTLING).await,
                known => return known,
            }
        }
        Standing::of(&self.core, item)
    }

    /// Corrects an item: all of the edits, or none of them. `base` is the version that they were made from; where another
    /// one is shown by now, nothing is done. What changes nothing makes no version. When it returns the correction is
    /// durable.
    ///
    /// # Errors
    /// See [`CorrectError`]; nothing was stated then.
    pub async fn correct(
        &self,
        person: &Person,
        item: &StatementId,
        edits: &[Edit],
        base: Option<StatementId>,
        dry_run: bool,
    ) -> Result<Corrected, CorrectError> {
        let make = |standing: &Standing, by: &str| apply(standing, edits, by);
        self.state(person, item, base, dry_run, make).await
    }

    /// Takes back what a version corrected, or the newest one that corrected something and was not taken back. What was
    /// corrected since stays.
    ///
    /// # Errors
    /// See [`CorrectError`]; nothing was stated then.
    pub async fn undo(
        &self,
        person: &Person,
        item: &StatementId,
        version: Option<StatementId>,
        base: Option<StatementId>,
        dry_run: bool,
    ) -> Result<Corrected, CorrectError> {
        let make = |standing: &Standing, _: &str| {
            let (of, layer, before) = history::to_undo(&self.core, &standing.item, version)?;
            take_back(standing, &of, &layer, &before)
        };
        self.state(person, item, base, dry_run, make).await
    }

    async fn state(
        &self,
        person: &Person,
        item: &StatementId,
        base: Option<StatementId>,
        dry_run: bool,
        make: impl Fn(&Standing, &str) -> Result<Ready, CorrectError>,
    ) -> Result<Corrected, CorrectError> {
        let key = self.core.author_key(person).map_err(CorrectError::failed)?;
        let by = author(person, key.as_ref());
        for _ in 0..MAX_RACES {
            let standing = self.settled(item).await?;
            self.may(person, &standing)?;
            if let Some(base) = base.filter(|base| *base != standing.version) {
                return Err(self.changed(&standing, &base));
            }
            let ready = make(&standing, &by)?;
            let mut done = Corrected {
                item: *item,
                name: standing.name(),
                version: standing.version,
                position: None,
                changes: ready.changes,
                warnings: ready.warnings,
            };
            if ready.record == standing.record {
                return Ok(done);
            }
            let draft = self.draft(&standing, &ready.record)?;
            if dry_run {
                return Ok(done);
            }
            match self.append(draft, person, key.as_ref()).await {
                Ok((version, position)) => {
                    (done.version, done.position) = (version, Some(position));
                    return Ok(done);
                }
                Err(WriteError::Refused(r)) if r.kind() == RefusalKind::Stale => {}
                Err(e) => return Err(CorrectError::of(e)),
            }
        }
        Err(CorrectError::NotNow(
            "others change this item at the same time; try again in a moment".to_owned(),
        ))
    }

    /// Whether somebody may correct what stands.
    fn may(&self, person: &Person, standing: &Standing) -> Result<(), CorrectError> {
        let no = |why: String| Err(CorrectError::NotAllowed(why));
        let item = &standing.item;
        if item.owner != self.core.identity().handle {
            return no(format!(
                "the item belongs to {}; its librarians correct it (tell them with `commun report`), or derive your own",
                item.owner
            ));
        }
        if !self.core.is_writer() {
            let why =
                "this node does not write its institution's log; correct at the node that does";
            return Err(CorrectError::NotNow(why.to_owned()));
        }
        if !person.may(&[Role::Publisher, Role::Librarian]) {
            return no("correcting needs the role librarian, or publisher for what one published oneself; ask an admin of your institution".to_owned());
        }
        if item.creator != Some(person.id) && !person.may(&[Role::Librarian]) {
            return no("correcting what somebody else published needs the role librarian; ask an admin of your institution".to_owned());
        }
        Ok(())
    }

    /// Another version than the one that a correction was made from is shown: what changed since.
    fn changed(&self, standing: &Standing, base: &StatementId) -> CorrectError {
        let before = match standing.at(&self.core, base) {
            Ok(Some(before)) => before,
            Ok(None) => {
                return CorrectError::Invalid(Problems(vec![problem(
                    "if",
                    format!("{base} is not a version of {}", standing.name()),
                    "read the item again",
                )]));
            }
            Err(e) => return e,
        };
        CorrectError::Changed {
            version: standing.version,
            by: standing.by(&self.core),
            changes: standing.record.changes_since(&before),
        }
    }

    /// The statement of a corrected record.
    fn draft(&self, standing: &Standing, record: &Record) -> Result<Draft, CorrectError> {
        let licence = self
            .resources
            .corrected_licence(&record.view(), &standing.licence, &standing.derived_from)
            .map_err(CorrectError::of_publishing)?;
        let body = record
            .to_body()
            .map_err(|e| CorrectError::Invalid(Problems(vec![problem("", e.to_string(), "")])))?;
        let mut fields = standing.fields.clone();
        fields.insert("licence".to_owned(), Value::from(licence.as_str()));
        fields.insert("slug".to_owned(), standing.item.slug.as_str().into());
        let mut supersedes: Vec<StatementId> = standing.item.heads.iter().map(|h| h.2).collect();
        supersedes.sort();
        Ok(Draft {
            kind: "resource",
            item: Some(standing.item.id),
            supersedes,
            fields,
            body: Some(body),
            ..Draft::default()
        })
    }

    async fn append(
        &self,
        draft: Draft,
        person: &Person,
        key: Option<&SecretKey>,
    ) -> Result<(StatementId, u64), WriteError> {
        let author = Author::of(person, key);
        let entry = self.core.compose(draft, &author)?;
        let written = self.core.write(entry).await?;
        Ok((written.id, written.position))
    }
}

/// The key under which somebody corrects.
fn author(person: &Person, key: Option<&SecretKey>) -> String {
    key.map_or(person.key, SecretKey::public).to_string()
}

fn problem(field: &str, what: impl Into<String>, fix: &str) -> Problem {
    Problem {
        field: field.to_owned(),
        what: what.into(),
        fix: fix.to_owned(),
    }
}

/// Makes the edits in a copy of what stands. What is shown already is not corrected.
fn apply(standing: &Standing, edits: &[Edit], by: &str) -> Result<Ready, CorrectError> {
    if edits.len() > MAX_EDITS {
        let what = format!("are {}, the most at once is {MAX_EDITS}", edits.len());
        let told = problem("changes", what, "make them in several steps");
        return Err(CorrectError::Invalid(Problems(vec![told])));
    }
    let date = standing.next_date().map_err(CorrectError::failed)?;
    let mut record = standing.record.clone();
    record.undoes = None;
    let (mut problems, mut warnings) = (Vec::new(), Vec::new());
    for edit in edits {
        let column = &edit.column;
        let field = column.field.name;
        if COUNTED.contains(&field) {
            problems.push(problem(field, "is not corrected by hand", "leave it out"));
            continue;
        }
        let value = match &edit.to {
            To::Value(value) => languages::stated(&record, column, value),
            To::Empty => column.stated(Json::Null),
            To::Back => {
                if !languages::take_back(&mut record, column) {
                    let what = "has no correction that could be taken back";
                    warnings.push(problem(&column.to_string(), what, ""));
                }
                continue;
            }
        };
        let mut next = record.clone();
        match next.corrected(field, &value, Some(by), &date) {
            Ok(told) => {
                warnings.extend(told);
                if next.changes_since(&record).is_empty() {
                    continue;
                }
                record = next;
            }
            Err(Problems(told)) => problems.extend(told),
        }
    }
    if !problems.is_empty() {
        return Err(CorrectError::Invalid(Problems(problems)));
    }
    // A body that says that it undoes something is that statement's alone.
    if Layer::between(&standing.record, &record).is_empty() {
        record.undoes.clone_from(&standing.record.undoes);
    }
    let changes = record.changes_since(&standing.record);
    Ok(Ready {
        record,
        changes,
        warnings,
    })
}

fn take_back(
    standing: &Standing,
    of: &StatementId,
    layer: &Layer,
    before: &Record,
) -> Result<Ready, CorrectError> {
    let mut record = standing.record.clone();
    if !record.undone(layer, before) {
        let why = format!("nothing of what {of} corrected is left to be taken back");
        return Err(CorrectError::Nothing(why));
    }
    record.undoes = Some(of.to_string());
    let changes = record.changes_since(&standing.record);
    Ok(Ready {
        record,
        changes,
        warnings: Vec::new(),
    })
}

#[cfg(test)]
mod tests;
