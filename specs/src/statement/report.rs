//! Reports: somebody tells two institutions that something should not be there.

use super::{Fields, SchemaError};
use crate::id::StatementId;

/// What is wrong with an item, in a word that programs understand: the codes that nodes write in withdrawals and reports.
/// The fold takes others too.
pub const REASON_CODES: [&str; 8] = [
    "error",
    "outdated",
    "duplicate",
    "rights",
    "personal-data",
    "illegal",
    "harmful",
    "other",
];

/// `report`: anybody enrolled, about an item (R-02-28). The words are in the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// A statement about the item, where not the whole item is meant: a version, a comment.
    pub of: Option<StatementId>,
    /// What is wrong, as a code.
    pub code: String,
}

impl Report {
    pub(super) fn read(f: Fields<'_>) -> Result<Self, SchemaError> {
        Ok(Self {
            of: f.optional("of", |f| f.parsed("of", "a statement id"))?,
            code: f.short_text("code", super::MAX_CODE)?,
        })
    }
}
