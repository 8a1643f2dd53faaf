//! Adoptions: an institution says that it uses an item.

use super::{Fields, SchemaError};
use crate::metadata::is_date;

/// Longest name of a version, in bytes: a tag, with room for a suffix.
pub const MAX_VERSION: usize = 100;

/// How an institution uses an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Use {
    /// People rely on it.
    InUse,
    /// It is being tried.
    Testing,
    /// Not any more.
    Withdrawn,
}

impl Use {
    /// The name in heads and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Use::InUse => "in-use",
            Use::Testing => "testing",
            Use::Withdrawn => "withdrawn",
        }
    }
}

/// `adoption`: an institution uses a version of an item (R-02-24). A contact for peers is in the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adoption {
    /// Which version, as people name it.
    pub version: String,
    /// Since which day, as `YYYY-MM-DD`.
    pub since: String,
    /// How.
    pub status: Use,
}

impl Adoption {
    pub(super) fn read(f: Fields<'_>) -> Result<Self, SchemaError> {
        let since = f.short_text("since", 10)?;
        if since.len() != 10 || !is_date(&since) {
            return Err(SchemaError::bad("since", "a day as YYYY-MM-DD"));
        }
        Ok(Self {
            version: f.short_text("version", MAX_VERSION)?,
            since,
            status: match f.text("status")? {
                "in-use" => Use::InUse,
                "testing" => Use::Testing,
                "withdrawn" => Use::Withdrawn,
                _ => return Err(SchemaError::bad("status", "in-use, testing or withdrawn")),
            },
        })
    }
}
