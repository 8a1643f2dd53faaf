//! Items, as all logs together describe them.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    id::StatementId,
    name::{Handle, Slug},
};

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ItemKind {
    /// A software component.
    Repository,
    /// A teaching resource.
    Resource,
    /// Items of any institution, in an order.
    Collection,
}

impl ItemKind {
    /// The kind's name in URLs and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            ItemKind::Repository => "repository",
            ItemKind::Resource => "resource",
            ItemKind::Collection => "collection",
        }
    }
}

/// One head of a ref.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The `refs` statement.
    pub id: StatementId,
    /// Whose log states it.
    pub institution: Handle,
    /// The oid; absent = the ref is deleted.
    pub oid: Option<String>,
}

/// A ref.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RefState {
    /// What nobody replaced: the owner's first, then in the repository's order.
    pub heads: Vec<Head>,
    /// The oid of the first head: what every node serves.
    pub served: Option<String>,
    /// Changes that would be heads if more institutions stated their oid, in the heads' order. They follow from the same
    /// statements as the heads, so the catalogue's rows do not repeat them.
    pub waiting: Vec<Waiting>,
}

/// A change under a threshold that not enough institutions support.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The change.
    pub head: Head,
    /// How many institutions state its oid, or build on it.
    pub stated: u64,
    /// How many are needed.
    pub threshold: u64,
}

/// A description of one of the item's statements, in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// The `description` statement.
    pub id: StatementId,
    /// In whose log.
    pub institution: Handle,
    /// The statement whose content was read.
    pub of: StatementId,
}

/// An item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The id of its first statement.
    pub id: StatementId,
    /// The institution that owns it: that created it, or that accepted it last.
    pub owner: Handle,
    /// A transfer that is not accepted yet, and to whom: until then nobody changes the item.
    pub offered: Option<(StatementId, Handle)>,
    /// What it is.
    pub kind: ItemKind,
    /// Its name at its owner: in the displayed statement, or in the acceptance where that is later.
    pub slug: Slug,
    /// Former slugs that still stand for it.
    pub aliases: BTreeSet<Slug>,
    /// The person who created it (first enrolment in the log of the institution that created it).
    pub creator: Option<StatementId>,
    /// The item statements that nobody replaced, the displayed one first, with log and position.
    pub heads: Vec<(Handle, u64, StatementId)>,
    /// Every item statement that is in force or was, in log order.
    pub versions: Vec<StatementId>,
    /// The withdrawal of the whole item, if it is withdrawn.
    pub withdrawn: Option<StatementId>,
    /// Versions that are withdrawn, with their withdrawals.
    pub withdrawn_versions: BTreeMap<StatementId, StatementId>,
    /// What nodes read out of its content, the newest last within a log.
    pub descriptions: Vec<Described>,
    /// A repository's refs by their full names. A ref whose heads are all deletions is here, serving nothing.
    pub refs: BTreeMap<String, RefState>,
    /// The item statement in force that is newest in the owner's log: for a repository, the policy to name.
    pub policy: StatementId,
}

impl Item {
    /// The statement that is shown.
    pub fn displayed(&self) -> StatementId {
        self.heads.first().map_or(self.policy, |h| h.2)
    }

    /// The refs that are served, by full name.
    pub fn served(&self) -> impl Iterator<Item = (&str, &str)> {
        self.refs
            .iter()
            .filter_map(|(name, r)| Some((name.as_str(), r.served.as_deref()?)))
    }
}
