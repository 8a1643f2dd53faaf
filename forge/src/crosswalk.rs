//! Standards of metadata, to and from the one model.
//!
//! A reader takes bytes and gives a [`Reading`]: a [`Record`] in which every value says from where in which standard it
//! came, and what is wrong, by rules ([`Problem`]). Readers are tolerant: what real exporters write is taken, with a
//! warning. A writer takes a record and gives [`Written`]: bytes, strictly as the standard wants them, and the list of
//! what it could not carry. Nothing here fetches anything.
//!
//! What they share: [`Draft`] collects values and problems while one record is read, [`text`] makes texts fit to be
//! stored, [`xml`] reads and writes XML within limits, [`report`] is what an import ends with.
//!
//! To add a standard: a file here, its rules in a table beside `problem.rs`, a line in [`format`].

pub mod amb;
pub mod carried;
mod dates;
pub(crate) mod draft;
pub mod dublin_core;
pub mod format;
pub mod json;
mod languages;
pub(crate) mod linked;
pub mod lom;
pub mod metadata_yml;
pub mod report;
pub(crate) mod rights;
pub mod schema_org;
pub mod software;
pub mod table;
pub mod text;
pub mod untouched;
pub mod xml;

use commun_specs::metadata::{Beside, FIELDS, Record};
use serde_json::Value as Json;

use crate::problem::{Problem, Severity};

pub use draft::{Draft, Paragraphs, Texts, keep_aside, told_aside};
pub use report::{Line, Report};

/// Where a document came from, for the provenance of each of its values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// Its address or file name.
    pub name: Option<String>,
    /// When it was read, RFC 3339 in UTC.
    pub date: Option<String>,
}

impl Origin {
    /// An origin with a name and no date.
    pub fn named(name: &str) -> Origin {
        Origin {
            name: Some(name.to_owned()),
            date: None,
        }
    }
}

/// One record as it was understood.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// The values.
    pub record: Record,
    /// The identifier by which the source knows it: an `oai:` identifier, else the first lasting one that it states.
    pub id: Option<String>,
    /// What is wrong, mapped with a doubt, or left out.
    pub problems: Vec<Problem>,
}

impl Reading {
    /// The worst of the problems.
    pub fn worst(&self) -> Option<Severity> {
        self.problems.iter().map(|p| p.severity).max()
    }
}

/// What a reader gives: a reading, or the one reason why nothing came in.
pub type Read = Result<Reading, Box<Problem>>;

/// A record in the form of a standard.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// The document.
    pub bytes: Vec<u8>,
    /// What it does not carry, in the order of the model's fields.
    pub losses: Vec<Loss>,
}

/// A value that a standard has no place for, or less than it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// The field of the model: `level`.
    pub field: String,
    /// The value, as text.
    pub value: String,
    /// What was written instead; empty where nothing was.
    pub instead: String,
}

impl Loss {
    /// A value that is not carried at all.
    pub fn of(field: &str, value: &str) -> Loss {
        Loss {
            field: field.to_owned(),
            value: value.to_owned(),
            instead: String::new(),
        }
    }

    /// A value that is carried in part.
    pub fn narrowed(field: &str, value: &str, instead: &str) -> Loss {
        Loss {
            instead: instead.to_owned(),
            ..Loss::of(field, value)
        }
    }

    /// A value that stands beside the one that is shown, and is not carried.
    pub fn beside(value: &Beside) -> Loss {
        Loss::of(value.field, &words(&value.value))
    }

    /// The loss as a line of a report says it.
    pub fn problem(&self) -> Problem {
        let rule = if self.instead.is_empty() {
            "no-place"
        } else {
            "narrowed"
        };
        Problem::new(
            Severity::Info,
            rule,
            &self.field,
            &self.value,
            &self.instead,
        )
    }
}

/// Puts losses in the order of the model's fields.
fn in_order(losses: &mut [Loss]) {
    let place = |field: &str| FIELDS.iter().position(|known| *known == field);
    losses.sort_by_key(|loss| place(&loss.field));
}

/// A value as people read it: a text as it stands, all else as JSON.
pub fn words(value: &Json) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests;
