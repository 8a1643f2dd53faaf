//! Which statements are replaced (R-04-24).

use std::collections::{BTreeMap, BTreeSet};

use crate::id::StatementId;

/// A well-formed statement about one subject.
#[derive(Debug, Clone)]
pub struct Link {
    /// Its id.
    pub id: StatementId,
    /// Whether it is in force: only then does it replace anything by itself.
    pub in_force: bool,
    /// What it names as replaced. Ids that are not among the links are inert.
    pub edges: Vec<StatementId>,
}

/// The statements that some statement in force reaches over one or more edges. Statements that are not in
/// force pass an edge on: what A replaced stays replaced when B replaces A, whatever became of A. Each
/// statement is visited once, so cycles end.
pub fn superseded(links: &[Link]) -> BTreeSet<StatementId> {
    let edges: BTreeMap<StatementId, &Link> = links.iter().map(|l| (l.id, l)).collect();
    let mut reached = BTreeSet::new();
    let mut open: Vec<StatementId> = links
        .iter()
        .filter(|l| l.in_force)
        .flat_map(|l| l.edges.iter().copied())
        .collect();
    while let Some(id) = open.pop() {
        if let Some(link) = edges.get(&id)
            && reached.insert(id)
        {
            open.extend(link.edges.iter().copied());
        }
    }
    reached
}
