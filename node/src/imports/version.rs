//! The version of an item that a record comes in to, and which original the item has from a source.

use commun_forge::crosswalk::format::Format;
use commun_specs::{
    fold::Item,
    id::{ContentHash, StatementId},
    json::Object,
    metadata::{Record, Source},
    statement::Facts,
};

use super::ImportError;
use crate::{
    core::{Core, Found},
    corrections::{MAX_LOOKS, SETTLING},
};

/// Versions that are looked at for the original of a source: who publishes by hand says nothing of it, and a hundred versions
/// by hand of a record that did not change meanwhile are not to be expected. Past them, the record counts as changed.
const LOOK_BACK: usize = 100;

/// A version that stands.
pub(super) struct Version {
    /// What its head says.
    pub(super) fields: Object,
    /// What its body says; nothing where it was erased or cannot be read.
    pub(super) values: Record,
    record: Option<ContentHash>,
    files: ContentHash,
}

impl Version {
    /// The version that is displayed; `None` if it is not one of a resource that this release can read. The catalogue knows
    /// a version a moment before it is on the disk: that is waited for.
    pub(super) async fn displayed(core: &Core, item: &Item) -> Result<Option<Self>, ImportError> {
        let id = item.displayed();
        for _ in 1..MAX_LOOKS {
            let found = core.statement(&id);
            match found.map_err(|e| ImportError::Failed(e.to_string()))? {
                Some(found) => return Ok(Self::read(found)),
                None => tokio::time::sleep(SETTLING).await,
            }
        }
        Err(ImportError::NotNow(format!(
            "a version of {}/{} is being written; try again in a moment",
            item.owner, item.slug
        )))
    }

    /// Whether this original is the newest that the item has from this source: also if somebody published a version by
    /// hand since.
    pub(super) fn is_from(
        &self,
        core: &Core,
        item: &Item,
        source: &Source,
        original: &ContentHash,
    ) -> Result<bool, ImportError> {
        if self.record == Some(*original) {
            return Ok(true);
        }
        let original = original.to_string();
        if let Some(newest) = self.original(source) {
            return Ok(newest == original);
        }
        for id in item.versions.iter().rev().take(LOOK_BACK) {
            let version = Self::of(core, id)?;
            if let Some(newest) = version.as_ref().and_then(|v| v.original(source)) {
                return Ok(newest == original);
            }
        }
        Ok(false)
    }

    /// Whether what stands is what this source said: nobody published other files or metadata over it by hand.
    pub(super) fn is_of(&self, space: &str) -> bool {
        let Some(record) = self.record.map(|record| record.to_string()) else {
            return false;
        };
        let mut originals = self.values.original.iter();
        originals.any(|kept| kept.src.origin.as_deref() == Some(space) && kept.v.blake3 == record)
    }

    /// The list of its files.
    pub(super) fn files(&self) -> ContentHash {
        self.files
    }

    /// Whether it has just these files, and this original.
    pub(super) fn has(&self, files: &ContentHash, record: Option<&ContentHash>) -> bool {
        self.files == *files && self.record.as_ref() == record
    }

    /// The originals of this scheme that the item has.
    pub(super) fn originals(&self, scheme: &str) -> Vec<String> {
        let ours = self.values.original.iter();
        let ours = ours.filter(|kept| kept.src.scheme == scheme);
        ours.map(|kept| kept.v.blake3.clone()).collect()
    }

    /// Whether the item came in as a folder, or out of Git, before.
    pub(super) fn came_as(&self, format: Format) -> bool {
        let mut notices = self.values.record.iter();
        notices.any(|notice| notice.src.scheme == format.as_str())
    }

    fn of(core: &Core, id: &StatementId) -> Result<Option<Self>, ImportError> {
        let found = core
            .statement(id)
            .map_err(|e| ImportError::Failed(e.to_string()))?;
        Ok(found.and_then(Self::read))
    }

    fn read(found: Found) -> Option<Self> {
        let Ok(Some(Facts::Resource(facts))) = found.statement.facts() else {
            return None;
        };
        let values = found
            .body
            .and_then(|body| Record::from_body(&body.bytes).ok());
        found.statement.head.map(|head| Self {
            fields: head.fields,
            values: values.unwrap_or_default(),
            record: facts.record,
            files: facts.files.blake3,
        })
    }

    /// The original from a source that the body names, by the rule that merging goes by: it puts the newest first.
    fn original(&self, source: &Source) -> Option<&str> {
        let mut originals = self.values.original.iter();
        originals
            .find(|kept| source.is_same_origin(&kept.src))
            .map(|kept| kept.v.blake3.as_str())
    }
}
