//! Many items corrected at once, with a report.

use std::collections::{BTreeMap, VecDeque};

use commun_forge::{
    crosswalk::Report,
    problem::{Problem, Severity},
};
use commun_specs::{
    id::StatementId,
    key::SecretKey,
    metadata::{Change, Problems},
};
use futures::{StreamExt as _, stream};
use serde_json::Value as Json;

use super::{CorrectError, Corrected, Corrections, Edit, Standing, author};
use crate::core::{Draft, Person, WriteError};

/// Statements that wait for the writer at the same time: one transaction takes as many.
const PARALLEL: usize = 64;
/// Most items of one request: their statements are in memory while they are checked.
pub const MAX_TASKS: usize = 20_000;
/// How often a batch waits for versions of others: each wait is as long as one takes.
const MAX_LOOKS: usize = 100;
/// Changes that a line names.
const MAX_NAMED: usize = 5;

/// An item to be corrected.
#[derive(Clone, Debug)]
pub struct Task {
    /// What the report calls it: the item as it was written.
    pub record: String,
    /// The item.
    pub item: StatementId,
    /// The version that the edits were made from.
    pub base: Option<StatementId>,
    /// What is corrected.
    pub edits: Vec<Edit>,
}

/// How many are corrected.
#[derive(Clone, Copy, Debug, Default)]
pub struct How {
    /// Only the report.
    pub dry_run: bool,
    /// None at all where one of them cannot be. Each is a statement of its own: what others state between the check and
    /// the writing may still stop one, which the report says.
    pub all: bool,
}

/// What became of an item.
#[derive(Clone, Debug)]
pub struct Done {
    /// What the report calls it.
    pub record: String,
    /// What came of it.
    pub corrected: Corrected,
}

struct Prepared {
    task: Task,
    draft: Draft,
    done: Done,
}

/// What a check of a task gives.
enum Checked {
    /// It is to be stated.
    Ready(Box<Prepared>),
    /// It is said already.
    Same(Done),
    /// It cannot be.
    Not(Task, CorrectError),
}

impl Corrections {
    /// Corrects many items: each as a whole or not at all, and tells in the report what changed, what did not and why.
    /// When it returns, what the report counts as changed is durable.
    ///
    /// # Errors
    /// What would stop the next item too ([`CorrectError::NotNow`], [`CorrectError::Failed`]), and nothing was stated. What was stated
    /// before stays: then the report says what stopped the others.
    pub async fn many(
        &self,
        person: &Person,
        tasks: Vec<Task>,
        how: How,
        report: &mut Report,
    ) -> Result<Vec<Done>, CorrectError> {
        let key = self.core.author_key(person).map_err(CorrectError::failed)?;
        let mut done = Vec::new();
        let mut ready = Vec::new();
        let mut waiting: VecDeque<Task> = by_item(tasks).into();
        report.records += waiting.len() as u64;
        let mut looks = 0;
        while let Some(task) = waiting.pop_front() {
            // Reading and joining records is work without a pause of its own: others have a turn between two.
            tokio::task::yield_now().await;
            match self.prepare(person, key.as_ref(), task) {
                Checked::Ready(prepared) => ready.push(*prepared),
                Checked::Same(same) => {
                    report.unchanged += 1;
                    notes(report, &same);
                    done.push(same);
                }
                // Somebody's version is on its way to the disk: it is waited for.
                Checked::Not(task, CorrectError::Settling) if looks < MAX_LOOKS => {
                    looks += 1;
                    let _ = self.settled(&task.item).await;
                    waiting.push_back(task);
                }
                Checked::Not(task, e) if !e.stops_all() => refuse(report, &task.record, &e),
                Checked::Not(_, e) => return Err(e),
            }
        }
        if how.all && report.refused > 0 {
            let count = report.refused.to_string();
            let told = Problem::new(Severity::Error, "nothing-stated", "", &count, "");
            report.push("", told);
            return Ok(done);
        }
        if how.dry_run {
            for prepared in ready {
                told(report, &prepared.done);
                done.push(prepared.done);
            }
            return Ok(done);
        }
        let stating = stream::iter(ready).map(|one| {
            let (me, key) = (self, key.as_ref());
            async move {
                let stated = me.append(one.draft, person, key).await;
                match stated {
                    Ok((version, position)) => {
                        let mut done = one.done;
                        done.corrected.version = version;
                        done.corrected.position = Some(position);
                        Ok(done)
                    }
                    // Somebody was faster: on what they stated, or refused with what they changed.
                    Err(WriteError::Refused(_) | WriteError::Busy) => {
                        let Task {
                            record,
                            item,
                            base,
                            edits,
                        } = one.task;
                        let again = me.correct(person, &item, &edits, base, false).await;
                        match again {
                            Ok(corrected) => Ok(Done { record, corrected }),
                            Err(e) => Err((record, e)),
                        }
                    }
                    Err(e) => Err((one.task.record, CorrectError::of(e))),
                }
            }
        });
        let mut stating = std::pin::pin!(stating.buffer_unordered(PARALLEL));
        let (mut stopped, mut stated, mut left) = (None, 0_u64, 0_u64);
        while let Some(one) = stating.next().await {
            match one {
                Ok(one) => {
                    stated += 1;
                    told(report, &one);
                    done.push(one);
                }
                Err((record, e)) if !e.stops_all() => refuse(report, &record, &e),
                // The others that are under way are heard out: they may be durable.
                Err((_, e)) => {
                    left += 1;
                    stopped = Some(e);
                }
            }
        }
        tracing::info!(items = done.len(), changed = report.changed, "corrected");
        match stopped {
            Some(e) if stated == 0 => Err(e),
            // Some are durable: whoever asked gets to know which.
            Some(e) => {
                report.refused += left;
                let line = Problem::new(
                    Severity::Error,
                    "batch-stopped",
                    "",
                    &left.to_string(),
                    &e.to_string(),
                );
                report.push("", line);
                Ok(done)
            }
            None => Ok(done),
        }
    }

    /// Checks a task: what is to be stated, or that there is nothing to be.
    fn prepare(&self, person: &Person, key: Option<&SecretKey>, task: Task) -> Checked {
        let checked = || {
            let standing = Standing::of(&self.core, &task.item)?;
            self.may(person, &standing)?;
            if let Some(base) = task.base.filter(|base| *base != standing.version) {
                return Err(self.changed(&standing, &base));
            }
            let ready = super::apply(&standing, &task.edits, &author(person, key))?;
            let draft = match ready.record == standing.record {
                true => None,
                false => Some(self.draft(&standing, &ready.record)?),
            };
            let corrected = Corrected {
                item: task.item,
                name: standing.name(),
                version: standing.version,
                position: None,
                changes: ready.changes,
                warnings: ready.warnings,
            };
            Ok((draft, corrected))
        };
        let (draft, corrected) = match checked() {
            Ok(checked) => checked,
            Err(e) => return Checked::Not(task, e),
        };
        let done = Done {
            record: task.record.clone(),
            corrected,
        };
        match draft {
            Some(draft) => Checked::Ready(Box::new(Prepared { task, draft, done })),
            None => Checked::Same(done),
        }
    }
}

/// One task for each item, in their order: a version that says all of it.
fn by_item(tasks: Vec<Task>) -> Vec<Task> {
    let mut places: BTreeMap<StatementId, usize> = BTreeMap::new();
    let mut all: Vec<Task> = Vec::new();
    for task in tasks {
        match places.get(&task.item) {
            // What was made from another version stays a task of its own, which is refused if that version is not shown.
            Some(at)
                if task.base.is_none() || all[*at].base.is_none_or(|b| Some(b) == task.base) =>
            {
                let first = &mut all[*at];
                first.edits.extend(task.edits);
                first.base = first.base.or(task.base);
            }
            Some(_) => all.push(task),
            None => {
                places.insert(task.item, all.len());
                all.push(task);
            }
        }
    }
    all
}

/// Notes that an item was corrected, or would be: a line for each value.
fn told(report: &mut Report, done: &Done) {
    report.changed += 1;
    for change in &done.corrected.changes {
        let given = words(change.old.as_ref());
        let want = words(change.new.as_ref());
        let line = Problem::new(Severity::Info, "corrected", &place(change), &given, &want);
        report.push(&done.record, line);
    }
    notes(report, done);
}

fn notes(report: &mut Report, done: &Done) {
    for warning in &done.corrected.warnings {
        let mut what = warning.what.clone();
        if !warning.fix.is_empty() {
            what = format!("{what}; {}", warning.fix);
        }
        let line = Problem::new(Severity::Info, "correction-note", &warning.field, &what, "");
        report.push(&done.record, line);
    }
}

/// Notes that an item is not corrected, and why.
pub(super) fn refuse(report: &mut Report, record: &str, error: &CorrectError) {
    report.refused += 1;
    let line = |rule: &str, path: &str, given: &str, want: &str| {
        Problem::new(Severity::Error, rule, path, given, want)
    };
    match error {
        CorrectError::Invalid(Problems(all)) => {
            for one in all {
                let mut what = one.what.clone();
                if !one.fix.is_empty() {
                    what = format!("{what}; {}", one.fix);
                }
                report.push(record, line("not-corrected", &one.field, &what, ""));
            }
        }
        CorrectError::NoSuchItem => report.push(record, line("item-unknown", "", record, "")),
        CorrectError::Changed { changes, by, .. } => {
            let mut named: Vec<String> = changes.iter().take(MAX_NAMED).map(place).collect();
            if changes.len() > MAX_NAMED {
                named.push("…".to_owned());
            }
            let mut named = named.join(", ");
            if let Some(by) = by {
                named = format!("{named} ({by})");
            }
            report.push(record, line("changed-since", "", record, &named));
        }
        e => report.push(record, line("item-not-corrected", "", &e.to_string(), "")),
    }
}

/// A field with its language, as columns are called.
pub(crate) fn place(change: &Change) -> String {
    match &change.lang {
        Some(lang) => format!("{}[{lang}]", change.field),
        None => change.field.to_owned(),
    }
}

/// A value as reports show it.
pub(crate) fn words(value: Option<&Json>) -> String {
    match value {
        None => String::new(),
        Some(Json::String(text)) => text.clone(),
        Some(Json::Array(list)) => {
            let list: Vec<String> = list.iter().map(|value| words(Some(value))).collect();
            list.join(" | ")
        }
        Some(Json::Object(members)) => match members.get("name").and_then(Json::as_str) {
            Some(name) => name.to_owned(),
            None => Json::Object(members.clone()).to_string(),
        },
        Some(other) => other.to_string(),
    }
}
