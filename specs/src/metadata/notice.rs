//! Records elsewhere: their notices (row 40, LOM 3), the untouched originals (row 41), identifiers in catalogues.

use serde_json::Value as Json;

use super::person::{Creator, contributor, creator};
use super::problem::Report;
use super::values::{date, language, line, list, number, object, only, optional, required};
use super::written::{Object, Written};
use crate::id::ContentHash;

/// An identifier in a catalogue (LOM 1.1), where it is no address and none of the known schemes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identifier {
    /// The catalogue's name; empty where the record names none.
    pub catalog: String,
    /// The entry.
    pub entry: String,
}

/// What is known about a record elsewhere that describes the item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notice {
    /// Its identifiers.
    pub identifiers: Vec<Identifier>,
    /// The schemas it follows, in its own words: `LOMv1.0`, `SupLOMFRv1.0`.
    pub schemas: Vec<String>,
    /// The language of its texts, BCP 47.
    pub language: Option<String>,
    /// Who made it and checked it, with role and date.
    pub contributions: Vec<Creator>,
    /// Who offers it.
    pub provider: Option<Creator>,
    /// When it was made.
    pub created: Option<String>,
    /// When it was last changed; for OAI-PMH the datestamp.
    pub modified: Option<String>,
    /// The sets it belongs to where it was harvested.
    pub sets: Vec<String>,
}

/// Where an original record is kept, byte for byte.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Original {
    /// Its scheme, as [`Source::scheme`](super::Source::scheme): `lom`, `amb`, `oai_dc`.
    pub scheme: String,
    /// Its media type.
    pub media_type: String,
    /// BLAKE3 of its bytes, as content is named.
    pub blake3: String,
    /// How many bytes.
    pub size: u64,
}

pub(super) fn identifier(value: &Json, at: &str, report: &mut Report) -> Option<Identifier> {
    if let Json::String(_) = value {
        return line(value, at, report).map(|entry| Identifier {
            entry,
            ..Identifier::default()
        });
    }
    let object = object(value, at, "{catalog, entry}", report)?;
    let catalog = optional(object, "catalog", at, line, report).unwrap_or_default();
    let entry = required(object, "entry", at, line, report);
    only(object, &["catalog", "entry"], at, report);
    Some(Identifier {
        catalog,
        entry: entry?,
    })
}

pub(super) fn notice(value: &Json, at: &str, report: &mut Report) -> Option<Notice> {
    let object = object(value, at, "an object about the record", report)?;
    let notice = Notice {
        identifiers: list(object, "identifiers", at, identifier, report),
        schemas: list(object, "schemas", at, line, report),
        language: optional(object, "language", at, language, report),
        contributions: list(object, "contributions", at, contributor, report),
        provider: optional(object, "provider", at, creator, report),
        created: optional(object, "created", at, date, report),
        modified: optional(object, "modified", at, date, report),
        sets: list(object, "sets", at, line, report),
    };
    only(
        object,
        &[
            "identifiers",
            "schemas",
            "language",
            "contributions",
            "provider",
            "created",
            "modified",
            "sets",
        ],
        at,
        report,
    );
    if notice == Notice::default() {
        report.problem(at, "says nothing", "leave it out");
        return None;
    }
    Some(notice)
}

pub(super) fn original(value: &Json, at: &str, report: &mut Report) -> Option<Original> {
    let object = object(value, at, "{scheme, media_type, blake3, size}", report)?;
    let scheme = required(object, "scheme", at, line, report);
    let media_type = required(object, "media_type", at, line, report);
    let blake3 = required(object, "blake3", at, content_hash, report);
    let size = required(object, "size", at, number, report);
    only(
        object,
        &["scheme", "media_type", "blake3", "size"],
        at,
        report,
    );
    Some(Original {
        scheme: scheme?,
        media_type: media_type?,
        blake3: blake3?,
        size: size?,
    })
}

fn content_hash(value: &Json, at: &str, report: &mut Report) -> Option<String> {
    let written = line(value, at, report)?;
    if written.parse::<ContentHash>().is_ok() {
        return Some(written);
    }
    report.problem(
        at,
        "is not the hash of a content",
        "write its BLAKE3 as 64 hexadecimal digits",
    );
    None
}

impl Written for Identifier {
    fn written(&self) -> Json {
        Object::default()
            .text("catalog", &self.catalog)
            .with("entry", &self.entry)
            .done()
    }
}

impl Written for Notice {
    fn written(&self) -> Json {
        Object::default()
            .list("identifiers", &self.identifiers)
            .list("schemas", &self.schemas)
            .maybe("language", &self.language)
            .list("contributions", &self.contributions)
            .maybe("provider", &self.provider)
            .maybe("created", &self.created)
            .maybe("modified", &self.modified)
            .list("sets", &self.sets)
            .done()
    }
}

impl Written for Original {
    fn written(&self) -> Json {
        Object::default()
            .with("scheme", &self.scheme)
            .with("media_type", &self.media_type)
            .with("blake3", &self.blake3)
            .with("size", &self.size)
            .done()
    }
}
