//! Collections: items of any institution, in an order.

use super::{Fields, SchemaError};
use crate::{
    id::{ListHash, StatementId},
    list,
    name::Slug,
};

/// Most members that a head itself carries: what fits an entry with room to spare. More travel as a list.
pub const MAX_INLINE_MEMBERS: usize = 256;

/// `collection`: one version (R-02-27). Title and notes are in the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collection {
    /// Its name in the institution.
    pub slug: Slug,
    /// What it holds.
    pub members: Members,
}

/// The members of a collection, in the head or by the hash of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Members {
    /// Distinct items in their order, at most [`MAX_INLINE_MEMBERS`].
    Inline(Vec<StatementId>),
    /// A list that must be held before the statement is applied.
    List {
        /// SHA-256 of its bytes.
        sha256: ListHash,
        /// Its size in bytes, at most [`list::MAX_LIST`].
        size: u64,
    },
}

impl Collection {
    pub(super) fn read(f: Fields<'_>) -> Result<Self, SchemaError> {
        let members = match (f.has("members"), f.has("list")) {
            (true, false) => Members::Inline(distinct_items(&f, MAX_INLINE_MEMBERS)?),
            (false, true) => {
                let (sha256, size) = list_of(&f)?;
                Members::List { sha256, size }
            }
            _ => return Err(SchemaError::bad("members", "there, or else list")),
        };
        Ok(Self {
            slug: f.parsed("slug", "a slug")?,
            members,
        })
    }
}

/// A `list` member: hash and size.
pub(super) fn list_of(f: &Fields<'_>) -> Result<(ListHash, u64), SchemaError> {
    let l = f.object("list")?;
    let size = l.int("size")?;
    if size > list::MAX_LIST as u64 {
        return Err(SchemaError::bad("size", "at most 8 MiB"));
    }
    Ok((l.parsed("sha256", "a list's hash")?, size))
}

/// Distinct item ids in their order.
pub(crate) fn distinct_items(f: &Fields<'_>, most: usize) -> Result<Vec<StatementId>, SchemaError> {
    let all: Vec<StatementId> = f.parsed_list("members", most, "a list of item ids")?;
    let mut sorted = all.clone();
    sorted.sort_unstable();
    if sorted.windows(2).any(|w| w[0] == w[1]) {
        return Err(SchemaError::bad("members", "a list of distinct items"));
    }
    Ok(all)
}
