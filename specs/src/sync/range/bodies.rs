//! Body or erasure: what a log's own writer gives is whole (R-06-38).

use std::collections::{HashMap, HashSet};

use super::{Range, RangeFault};
use crate::{
    id::{StatementId, TreeRoot},
    statement::{Facts, Statement},
    tree,
};

/// An erasure behind the range, with the proof that it stands in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RangeErasure {
    /// Where it stands.
    pub position: u64,
    /// The bytes of the leaf.
    pub entry: Vec<u8>,
    /// Proof that the leaf is in the tree of the checkpoint (RFC 6962, 2.1.1).
    pub proof: Vec<[u8; 32]>,
}

/// Whether every entry that commits to a body comes with it, or with its erasure: later in the range, or behind it under
/// the same checkpoint. `statements` are the range's entries as they were opened, `tip` the checkpoint's size and root.
///
/// Whether an erasure is in force is the fold's to say: a body that is missing for an erasure that does not count is
/// withheld, and asked for.
///
/// # Errors
/// [`RangeFault::Entries`]: the writer keeps back what it signed for.
pub fn check_bodies(
    range: &Range,
    statements: &[Option<Statement>],
    tip: (u64, TreeRoot),
) -> Result<(), RangeFault> {
    //= R-06-38
    let here = (range.from..).zip(statements);
    let mut erased: HashMap<StatementId, u64> = HashMap::new();
    let mut note = |position: u64, statement: &Statement| {
        if let Ok(Some(Facts::Erasure(e))) = statement.facts() {
            for of in e.of {
                let last = erased.entry(of).or_default();
                *last = (*last).max(position);
            }
        }
    };
    for (position, statement) in here.clone() {
        if let Some(statement) = statement {
            note(position, statement);
        }
    }
    let own = statements.iter().flatten().find_map(|s| s.head.as_ref());
    for e in &range.erasures {
        tree::check_leaf(&e.proof, tip, e.position, tree::leaf_hash(&e.entry))
            .map_err(|_| RangeFault::Proof)?;
        let Ok(statement) = Statement::open(&e.entry) else {
            continue;
        };
        if own.is_some_and(|h| statement.belongs_to(&h.commons, &range.handle).is_ok()) {
            note(e.position, &statement);
        }
    }
    let mut kept_back = HashSet::new();
    for ((position, statement), entry) in here.zip(&range.entries) {
        let Some(statement) = statement else { continue };
        let Some(hash) = statement.head.as_ref().and_then(|h| h.body) else {
            continue;
        };
        let whole = entry.body.as_ref().is_some_and(|(salt, bytes)| {
            let body = crate::statement::Body {
                salt: *salt,
                bytes: bytes.clone(),
            };
            body.matches(&hash)
        });
        let later = |id: &StatementId| erased.get(id).is_some_and(|p| *p > position);
        // What was read out of a statement goes with it, before and after (R-04-48).
        let read_out = matches!(statement.facts(), Ok(Some(Facts::Description(d))) if erased.contains_key(&d.of));
        if !whole && !later(&statement.id) && !read_out {
            kept_back.insert(position);
        }
    }
    match kept_back.iter().min() {
        None => Ok(()),
        Some(first) => Err(RangeFault::Entries(format!(
            "R-06-38: the writer keeps back {} bodies without an erasure, the first at {first}",
            kept_back.len()
        ))),
    }
}
