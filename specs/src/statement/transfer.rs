//! Handing an item to another institution.

use super::{Fields, SchemaError};
use crate::{
    id::StatementId,
    name::{Handle, Slug},
};

/// `transfer`: the owner hands an item on. The first of its log stands, and is final (R-02-25).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// To whom.
    pub to: Handle,
}

impl Transfer {
    pub(super) fn read(f: Fields<'_>) -> Result<Self, SchemaError> {
        Ok(Self {
            to: f.parsed("to", "a handle")?,
        })
    }
}

/// `acceptance`: the institution to which an item was handed takes it (R-02-26).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    /// The `transfer`.
    pub transfer: StatementId,
    /// The item's name from here on.
    pub slug: Slug,
}

impl Acceptance {
    pub(super) fn read(f: Fields<'_>) -> Result<Self, SchemaError> {
        Ok(Self {
            transfer: f.parsed("transfer", "a statement id")?,
            slug: f.parsed("slug", "a slug")?,
        })
    }
}
