//! Correcting what records say.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    client::{Client, Reply},
    error::Error,
    import::Imported,
    item::ItemRef,
};

/// What the version of an item that is shown says. Every value with where it came from is in the JSON of the reply.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Metadata {
    /// The version.
    pub version: String,
    /// Its values in the form that people write.
    pub metadata: serde_json::Map<String, Value>,
    /// The fields that have a correction.
    pub corrected: Vec<String>,
}

/// A correction of one field, or of one language of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Correction {
    /// The field: `title`, or `title[fr]`.
    pub field: String,
    /// What it says; `null` takes the newest correction back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// Whether it is rightly empty.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub empty: bool,
}

/// A value that is shown otherwise.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Corrected {
    /// The field.
    pub field: String,
    /// The language, for texts.
    pub language: Option<String>,
    /// What was shown.
    pub old: Value,
    /// What is shown now.
    pub new: Value,
}

/// What came of a correction. Warnings are in the JSON of the reply.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct CorrectedItem {
    /// The version that is shown now.
    pub version: String,
    /// Its position in the log; none where nothing was stated.
    pub position: Option<u64>,
    /// What is shown otherwise.
    pub changes: Vec<Corrected>,
}

/// A version with what it changed.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct CorrectionEntry {
    /// The version.
    pub version: String,
    /// When, RFC 3339.
    pub time: Option<String>,
    /// Who, if they have said a name.
    pub by: Option<String>,
    /// Their key.
    pub key: String,
    /// `stated`, `corrected`, `undone` or `erased`.
    pub what: String,
    /// The version whose corrections it took back.
    pub undoes: Option<String>,
    /// Whether it is shown now.
    pub current: bool,
    /// What it changed.
    pub changes: Vec<Corrected>,
}

/// The versions of an item.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Corrections {
    /// The newest first.
    pub versions: Vec<CorrectionEntry>,
}

/// A table of items. What was left out is in the report.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Table {
    /// How many items were asked for.
    pub records: u64,
    /// How many of them are not in it.
    pub refused: u64,
    /// The table, UTF-8 with its mark.
    pub csv: String,
}

/// How corrections are made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CorrectHow {
    /// The version that they were made from; another one is a conflict.
    pub base: Option<String>,
    /// Only say what would change.
    pub dry_run: bool,
    /// Of many: none, where one cannot be.
    pub all: bool,
}

impl CorrectHow {
    fn add_to(&self, url: &mut url::Url) {
        let mut query = url.query_pairs_mut();
        query.append_pair("dry_run", if self.dry_run { "true" } else { "false" });
        if self.all {
            query.append_pair("all", "true");
        }
        if let Some(base) = &self.base {
            query.append_pair("if", base);
        }
    }
}

impl Client {
    /// What an item says, every value with where it came from.
    ///
    /// # Errors
    /// The node's.
    pub fn metadata(&self, item: &ItemRef) -> Result<Reply<Metadata>, Error> {
        self.get(&self.item_url(item, &["metadata"]), false)
    }

    /// Corrects an item.
    ///
    /// # Errors
    /// The node's: 409 with what changed, where the item is not what it was.
    pub fn correct(
        &self,
        item: &ItemRef,
        corrections: &[Correction],
        how: &CorrectHow,
    ) -> Result<Reply<CorrectedItem>, Error> {
        let mut url = self.item_url(item, &["metadata"]);
        how.add_to(&mut url);
        self.patch(&url, &corrections)
    }

    /// Takes corrections back: those of a version, or the newest.
    ///
    /// # Errors
    /// The node's: 409 where there is nothing to be taken back.
    pub fn undo_corrections(
        &self,
        item: &ItemRef,
        version: Option<&str>,
        how: &CorrectHow,
    ) -> Result<Reply<CorrectedItem>, Error> {
        let mut url = self.item_url(item, &["metadata", "undo"]);
        how.add_to(&mut url);
        self.post(&url, &serde_json::json!({ "version": version }))
    }

    /// Who changed what when.
    ///
    /// # Errors
    /// The node's.
    pub fn corrections(&self, item: &ItemRef) -> Result<Reply<Corrections>, Error> {
        self.get(&self.item_url(item, &["metadata", "history"]), false)
    }

    /// Corrects many items: lines of JSON, or a table that was changed.
    ///
    /// # Errors
    /// The node's. What is wrong with single items is in the report.
    pub fn correct_many(&self, bytes: &[u8], how: &CorrectHow) -> Result<Reply<Imported>, Error> {
        let mut url = self.url(&["api", "v1", "corrections"]);
        how.add_to(&mut url);
        self.post_bytes(&url, bytes)
    }

    /// Items as a table for a spreadsheet. `fields`: its columns; none for the usual ones.
    ///
    /// # Errors
    /// The node's.
    pub fn correction_table(
        &self,
        items: &[String],
        fields: &[String],
        delimiter: Option<&str>,
    ) -> Result<Reply<Table>, Error> {
        let url = self.url(&["api", "v1", "corrections", "table"]);
        let asked = serde_json::json!({"items": items, "fields": fields, "delimiter": delimiter});
        self.post(&url, &asked)
    }
}
