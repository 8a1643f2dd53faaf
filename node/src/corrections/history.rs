//! Who said what when: the versions of an item with what each changed, and which of them can be taken back.

use std::collections::BTreeSet;

use commun_specs::{
    fold::Item,
    id::StatementId,
    key::PublicKey,
    metadata::{Change, Layer, Problems, Record},
};

use super::{CorrectError, problem, standing::record};
use crate::core::{Core, Found};

/// Versions that a history goes through, the newest: who wants older ones reads the log.
const MAX_VERSIONS: usize = 200;

/// What a version did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Somebody published it, or it came from a source.
    Stated,
    /// Somebody corrected what stood.
    Corrected,
    /// Somebody took corrections back.
    Undone,
    /// Its words are gone.
    Erased,
}

impl What {
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stated => "stated",
            Self::Corrected => "corrected",
            Self::Undone => "undone",
            Self::Erased => "erased",
        }
    }
}

/// A version and what it changed.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The statement.
    pub version: StatementId,
    /// Its position in the log.
    pub position: u64,
    /// Seconds since 1970, by its author's clock.
    pub time: u64,
    /// Whose key signed it.
    pub key: PublicKey,
    /// Their name, if their profile says one.
    pub by: Option<String>,
    /// What it did.
    pub what: What,
    /// The version whose corrections it takes back.
    pub undoes: Option<StatementId>,
    /// Whether it is shown now.
    pub current: bool,
    /// What is shown otherwise than in the version before.
    pub changes: Vec<Change>,
}

/// A version while the history is gone through.
struct Step {
    id: StatementId,
    found: Found,
    /// What it said; `None` where its words are gone.
    record: Option<Record>,
    /// What it did to the corrections of the version before, where both are known and it stated the same content.
    layer: Layer,
    undoes: Option<StatementId>,
}

/// Whose key signed a statement, and their name.
pub(super) fn speaker(core: &Core, found: &Found) -> (Option<PublicKey>, Option<String>) {
    let Some(head) = &found.statement.head else {
        return (None, None);
    };
    let people = core.state().catalogue().enrolments(&found.log);
    let person = people.person_of_key(&head.author).map(|p| p.first);
    let first = person.or(head.acting_for);
    let name = first.and_then(|first| core.name_of(Some(&first), &found.log));
    (Some(head.author), name)
}

/// The newest versions of an item in their order, with the record before the first of them.
fn steps(core: &Core, item: &Item) -> Result<Vec<Step>, CorrectError> {
    let from = item.versions.len().saturating_sub(MAX_VERSIONS);
    let mut steps: Vec<Step> = Vec::new();
    for id in &item.versions[from..] {
        let Some(found) = core.statement(id).map_err(CorrectError::failed)? else {
            continue;
        };
        let record = record(&found)?;
        let mut layer = Layer::default();
        if let (Some(before), Some(after)) = (steps.last(), &record) {
            // Who publishes a version by hand says all of it anew: that corrects nothing.
            let same = ["files", "record"].into_iter().all(|member| {
                let of = |found: &Found| {
                    let head = found.statement.head.as_ref()?;
                    head.fields.get(member).cloned()
                };
                of(&before.found) == of(&found)
            });
            if let (true, Some(before)) = (same, &before.record) {
                layer = Layer::between(before, after);
            }
        }
        let named = record.as_ref().and_then(|r| r.undoes.as_deref());
        let undoes = named.and_then(|id| id.parse().ok());
        steps.push(Step {
            id: *id,
            found,
            undoes: undoes.filter(|_| !layer.is_empty()),
            record,
            layer,
        });
    }
    Ok(steps)
}

impl super::Corrections {
    /// The versions of an item, the newest first, each with what it changed.
    ///
    /// # Errors
    /// See [`CorrectError`].
    pub fn history(&self, item: &Item) -> Result<Vec<Entry>, CorrectError> {
        let displayed = item.displayed();
        let mut entries = Vec::new();
        let mut before = Record::default();
        for step in steps(&self.core, item)? {
            let (key, by) = speaker(&self.core, &step.found);
            let (Some(key), Some(head)) = (key, &step.found.statement.head) else {
                continue;
            };
            let Some(record) = step.record else {
                entries.push(entry(
                    &step.found,
                    &step.id,
                    key,
                    by,
                    head.time,
                    What::Erased,
                ));
                continue;
            };
            let mut changes = record.changes_since(&before);
            changes.retain(|change| !super::COUNTED.contains(&change.field));
            before = record;
            let what = match (&step.undoes, step.layer.is_empty()) {
                (Some(_), _) => What::Undone,
                (None, false) => What::Corrected,
                (None, true) => What::Stated,
            };
            entries.push(Entry {
                undoes: step.undoes,
                current: step.id == displayed,
                changes,
                ..entry(&step.found, &step.id, key, by, head.time, what)
            });
        }
        entries.reverse();
        Ok(entries)
    }
}

fn entry(
    found: &Found,
    id: &StatementId,
    key: PublicKey,
    by: Option<String>,
    time: u64,
    what: What,
) -> Entry {
    Entry {
        version: *id,
        position: found.position,
        time,
        key,
        by,
        what,
        undoes: None,
        current: false,
        changes: Vec::new(),
    }
}

/// The version whose corrections are to be taken back, what it did to them, and what stood before it.
pub(super) fn to_undo(
    core: &Core,
    item: &Item,
    version: Option<StatementId>,
) -> Result<(StatementId, Layer, Record), CorrectError> {
    let steps = steps(core, item)?;
    let at = match version {
        Some(version) => {
            let at = steps.iter().position(|step| step.id == version);
            let at = at.ok_or_else(|| {
                let what = format!("{version} is not one of the versions of this item");
                let fix = "`commun edit ITEM --history` lists them";
                CorrectError::Invalid(Problems(vec![problem("version", what, fix)]))
            })?;
            if steps[at].layer.is_empty() {
                return Err(CorrectError::Nothing(format!(
                    "{version} corrected nothing"
                )));
            }
            at
        }
        None => newest(&steps)
            .ok_or_else(|| CorrectError::Nothing("nothing was corrected here".to_owned()))?,
    };
    let before = at.checked_sub(1).and_then(|at| steps[at].record.clone());
    let step = &steps[at];
    Ok((step.id, step.layer.clone(), before.unwrap_or_default()))
}

/// The newest correction that stands: not one that was taken back, and not the taking back itself.
fn newest(steps: &[Step]) -> Option<usize> {
    let mut over: BTreeSet<StatementId> = BTreeSet::new();
    for (at, step) in steps.iter().enumerate().rev() {
        if over.contains(&step.id) || step.layer.is_empty() {
            continue;
        }
        match step.undoes {
            Some(undone) => {
                over.insert(undone);
            }
            None => return Some(at),
        }
    }
    None
}
