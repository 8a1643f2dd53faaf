//! The version of an item that a correction is made from.

use commun_specs::{
    fold::{Item, ItemKind},
    id::StatementId,
    json::Object,
    metadata::{Method, Record},
    statement::{Facts, VersionRef},
};
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

use super::CorrectError;
use crate::core::{Core, Found, now};

/// A resource with the version that is shown.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The item.
    pub item: Item,
    /// The version.
    pub version: StatementId,
    /// What its body says.
    pub record: Record,
    /// What its head says.
    pub(super) fields: Object,
    /// The licence that it states.
    pub(super) licence: String,
    /// What it was made from.
    pub(super) derived_from: Vec<VersionRef>,
}

impl Standing {
    /// The version of an item that is shown.
    pub(super) fn of(core: &Core, item: &StatementId) -> Result<Self, CorrectError> {
        let item = core.state().catalogue().copy_of(item);
        let item = item.ok_or(CorrectError::NoSuchItem)?;
        let name = format!("{}/{}", item.owner, item.slug);
        if item.withdrawn.is_some() {
            return Err(CorrectError::Gone(name));
        }
        if item.kind != ItemKind::Resource {
            return Err(CorrectError::NotAllowed(format!(
                "{name} is a {}: what it says is corrected where it is said, in its files or with `commun repo edit`, `commun collection`",
                item.kind.as_str()
            )));
        }
        let version = item.displayed();
        // The catalogue knows a version a moment before it is on the disk.
        let found = core.statement(&version).map_err(CorrectError::failed)?;
        let found = found.ok_or(CorrectError::Settling)?;
        let erased =
            || CorrectError::Nothing(format!("what {name} says was erased, or has not arrived"));
        let record = self::record(&found)?.ok_or_else(erased)?;
        let Ok(Some(Facts::Resource(facts))) = found.statement.facts() else {
            return Err(CorrectError::Failed(format!("{version} is no resource")));
        };
        let head = found.statement.head.ok_or_else(erased)?;
        Ok(Self {
            item,
            version,
            record,
            fields: head.fields,
            licence: facts.licence,
            derived_from: facts.derived_from,
        })
    }

    /// `handle/slug`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.item.owner, self.item.slug)
    }

    /// What an earlier version said; `None` if it is none of this item, or its words are gone.
    pub(super) fn at(
        &self,
        core: &Core,
        version: &StatementId,
    ) -> Result<Option<Record>, CorrectError> {
        if !self.item.versions.contains(version) {
            return Ok(None);
        }
        if *version == self.version {
            return Ok(Some(self.record.clone()));
        }
        match core.statement(version).map_err(CorrectError::failed)? {
            Some(found) => record(&found),
            None => Ok(None),
        }
    }

    /// Who stated the version that is shown, if their profile says a name.
    pub(super) fn by(&self, core: &Core) -> Option<String> {
        let found = core.statement(&self.version).ok()??;
        super::history::speaker(core, &found).1
    }

    /// The date of a correction that is made now: later than all that it lies upon, so that the newest stays the one that
    /// is shown and two of the same second stay two.
    pub(super) fn next_date(&self) -> Result<String, time::error::Format> {
        let newest = self
            .record
            .sources()
            .into_iter()
            .filter(|source| source.method == Method::Corrected)
            .filter_map(|source| OffsetDateTime::parse(source.date.as_deref()?, &Rfc3339).ok())
            .max();
        let now = i64::try_from(now()).unwrap_or_default();
        let now = OffsetDateTime::from_unix_timestamp(now).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let next = newest
            .and_then(|newest| newest.checked_add(Duration::SECOND))
            .map_or(now, |next| next.max(now));
        next.format(&Rfc3339)
    }
}

/// What a statement's body says; `None` where it is gone.
pub(super) fn record(found: &Found) -> Result<Option<Record>, CorrectError> {
    let Some(body) = &found.body else {
        return Ok(None);
    };
    Record::from_body(&body.bytes)
        .map(Some)
        .map_err(CorrectError::failed)
}
