//! Reports: somebody tells two institutions that something should not be there.

use super::{Fields, SchemaError};
use crate::id::StatementId;

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
