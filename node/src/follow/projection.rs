//! From a repository in the catalogue to the refs of its Git repository: every head, under the name that R-05-14 and
//! R-05-15 give it.
//!
//! A head is placed where its object is here; a branch whose served head is on its way shows the first head that is
//! here, so that a node that is behind serves the newest state that it holds.

use std::collections::{BTreeMap, BTreeSet};

use commun_forge::git::{Error, Oid, RefName, Repository};
use commun_specs::{
    fold::{Head, Item, RefState, register},
    name::Handle,
    statement,
};

/// A head as Git gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The object.
    pub oid: Oid,
    /// Whose head it is.
    pub institution: Handle,
    /// The ref that it is a head of.
    pub of: String,
}

/// What Git gets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Projected {
    /// By name.
    pub refs: BTreeMap<RefName, Placed>,
    /// Refs that have heads, none of which is here yet.
    pub missing: BTreeSet<RefName>,
}

/// Which objects are here. Without a set, all of them are.
#[derive(Debug, Clone, Default)]
pub struct Held(Option<BTreeSet<Oid>>);

impl Held {
    /// Only these.
    pub fn only(oids: BTreeSet<Oid>) -> Self {
        Self(Some(oids))
    }

    fn has(&self, oid: &Oid) -> bool {
        self.0.as_ref().is_none_or(|held| held.contains(oid))
    }
}

/// Every object that a ref of the item names: the heads that are served, those that are not, and what waits. Names and ids that
/// Git does not take are left out.
pub fn oids(item: &Item) -> BTreeSet<Oid> {
    item.refs
        .iter()
        .filter(|(name, _)| RefName::parse(name).is_ok())
        .flat_map(|(_, state)| {
            state
                .heads
                .iter()
                .chain(state.waiting.iter().map(|w| &w.head))
        })
        .filter_map(|head| Oid::parse(head.oid.as_deref()?).ok())
        .collect()
}

/// Places the heads that are here.
pub fn project(item: &Item, policy: &statement::Repository, held: &Held) -> Projected {
    let mut out = Projected::default();
    let mut here: BTreeMap<String, RefState> = BTreeMap::new();
    for (name, state) in &item.refs {
        let Ok(parsed) = RefName::parse(name) else {
            continue;
        };
        let mut heads = state.heads.clone();
        let named = heads.iter().any(|h| h.oid.is_some());
        let is_here = |h: &Head| {
            let oid = h.oid.as_deref().and_then(|oid| Oid::parse(oid).ok());
            oid.is_some_and(|oid| held.has(&oid))
        };
        heads.retain(is_here);
        let mut waiting = state.waiting.clone();
        waiting.retain(|w| is_here(&w.head));
        // Two institutions that state the same commit have not diverged.
        let first = heads.first().and_then(|h| h.oid.clone());
        let mut n = 0;
        heads.retain(|h| {
            n += 1;
            n == 1 || h.oid != first
        });
        if heads.is_empty() {
            if named {
                out.missing.insert(parsed);
            }
            if waiting.is_empty() {
                continue;
            }
        }
        let mut state = state.clone();
        state.served = first;
        state.heads = heads;
        state.waiting = waiting;
        here.insert(name.clone(), state);
    }
    let placed = register::project(&item.owner, &policy.pushers, &here);
    for (name, head) in placed.refs {
        if let (Ok(name), Ok(oid)) = (RefName::served(&name), Oid::parse(&head.oid)) {
            let placed = Placed {
                oid,
                institution: head.institution,
                of: head.of,
            };
            out.refs.insert(name, placed);
        }
    }
    out
}

/// Looks which heads are here, for refs that have several; those of other refs are taken to be.
///
/// # Errors
/// Git fails.
pub async fn held_beside(repository: &Repository, items: [&Item; 2]) -> Result<Held, Error> {
    let several = |item: &&Item| {
        item.refs
            .values()
            .any(|r| r.heads.len() > 1 || !r.waiting.is_empty())
    };
    if !items.iter().any(several) {
        return Ok(Held::default());
    }
    let all: Vec<Oid> = items
        .iter()
        .flat_map(|item| oids(item))
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let held = repository.holds(&all).await?;
    let here = all.into_iter().zip(held).filter(|(_, h)| *h);
    Ok(Held::only(here.map(|(oid, _)| oid).collect()))
}

#[cfg(test)]
mod acceptance;
#[cfg(test)]
mod tests;
