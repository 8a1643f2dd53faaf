//! Which blobs the statements about an item name, in the order in which they are wanted.

use std::{collections::VecDeque, fmt};

use commun_specs::{
    files::{FileList, MAX_LIST_BYTES},
    fold::Item,
    id::ContentHash,
    statement::{Facts, Files},
};
use tokio::io::AsyncReadExt;

use crate::{blobs::Blobs, core::Core, store};

/// Largest extracted text that is fetched, in bytes: what this release's extractor gives.
pub(in crate::follow) const MAX_TEXT_BLOB: u64 = 1 << 20;

/// Largest preview picture that is fetched, in bytes: what this release's extractor keeps.
const MAX_PICTURE: u64 = 1 << 20;

/// Largest original record that is fetched, in bytes: what a form may be before it is refused.
const MAX_RECORD: u64 = 1 << 20;

/// A blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Part {
    pub(super) blake3: ContentHash,
    /// Its size in bytes, or the most that it may have.
    pub(super) size: u64,
    /// Whether it is its size.
    pub(super) exact: bool,
}

/// What is fetched before the next is thought of.
pub(super) enum Step {
    /// Extracted texts.
    Texts(Vec<Part>),
    /// Original metadata records, and pictures.
    Records(Vec<Part>),
    /// A version's files.
    List(Files),
}

/// Why a blob is not here.
#[derive(Debug)]
pub(super) enum Fault {
    /// It may come later.
    Missing(String),
    /// It breaks a rule, for ever.
    Refused(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Missing(why) | Fault::Refused(why) => f.write_str(why),
        }
    }
}

/// What is wanted of an item: texts, then the displayed version, then the others, newest first.
pub(super) struct Wants(VecDeque<Step>);

impl Wants {
    /// What the statements name, whether it is here or not.
    pub(super) fn of(core: &Core, item: &Item) -> Result<Self, store::Error> {
        let facts = |id| -> Result<Option<Facts>, store::Error> {
            Ok(core
                .statement(id)?
                .and_then(|f| f.statement.facts().ok().flatten()))
        };
        let (mut lists, mut records) = (Vec::new(), Vec::new());
        let mut texts = Vec::new();
        let erased = |id| core.state().catalogue().erasure_of(id).is_some();
        for described in item.descriptions.iter().filter(|d| !erased(&d.id)) {
            if let Some(Facts::Description(d)) = facts(&described.id)? {
                let fit = d.text.into_iter().filter(|t| t.size <= MAX_TEXT_BLOB);
                texts.extend(fit.map(|t| Part {
                    blake3: t.blake3,
                    size: t.size,
                    exact: true,
                }));
                let fit = d.picture.filter(|picture| picture.size <= MAX_PICTURE);
                records.extend(fit.map(|picture| Part {
                    blake3: picture.blake3,
                    size: picture.size,
                    exact: true,
                }));
            }
        }
        let displayed = item.displayed();
        let others = item.versions.iter().rev().filter(|v| **v != displayed);
        for version in [&displayed].into_iter().chain(others) {
            if item.withdrawn_versions.contains_key(version) || erased(version) {
                continue;
            }
            if let Some(Facts::Resource(r)) = facts(version)? {
                let record = |blake3| Part {
                    blake3,
                    size: MAX_RECORD,
                    exact: false,
                };
                records.extend(r.record.map(record));
                lists.push(r.files);
            }
        }
        for parts in [&mut texts, &mut records] {
            parts.sort();
            parts.dedup();
        }
        let steps = [Step::Texts(texts), Step::Records(records)];
        Ok(Self(
            steps
                .into_iter()
                .chain(lists.into_iter().map(Step::List))
                .collect(),
        ))
    }

    pub(super) fn next(&mut self) -> Option<Step> {
        self.0.pop_front()
    }
}

/// The list that is here, if it obeys the rules and is what the head says (R-08-10).
pub(super) async fn read_list(blobs: &Blobs, files: &Files) -> Result<FileList, Fault> {
    let missing = |e: &dyn fmt::Display| Fault::Missing(e.to_string());
    let mut reader = blobs
        .read(&files.blake3, 0, None)
        .await
        .map_err(|e| missing(&e))?;
    if reader.remaining() > MAX_LIST_BYTES as u64 {
        return Err(Fault::Refused(
            "R-08-06: the file list is too large".to_owned(),
        ));
    }
    let mut bytes = Vec::new();
    reader
        .read_to_end(&mut bytes)
        .await
        .map_err(|e| missing(&e))?;
    let list = FileList::decode(&bytes).map_err(|e| Fault::Refused(e.to_string()))?;
    //= R-08-10
    if (list.count(), list.total_size()) != (files.count, files.size) {
        return Err(Fault::Refused(
            "R-08-10: the file list is not as long as the statement says".to_owned(),
        ));
    }
    Ok(list)
}
