//! Which statements are replaced (R-04-24).

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

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

/// The same for links that come one after the other, in any order: each edge is followed once.
#[derive(Debug, Clone, Default)]
pub struct Reached {
    /// Also ids that are not here: what comes under them is replaced already.
    reached: HashSet<StatementId>,
    /// Links that pass their edges on as soon as something reaches them.
    passing: HashMap<StatementId, Vec<StatementId>>,
}

impl Reached {
    /// Whether a link that is in force reaches this id.
    pub fn contains(&self, id: &StatementId) -> bool {
        self.reached.contains(id)
    }

    /// Whether nothing was taken that reaches anything, or would.
    pub fn is_empty(&self) -> bool {
        self.reached.is_empty() && self.passing.is_empty()
    }

    /// Takes a link. Returns the ids that were not reached before, here or not.
    pub fn add(&mut self, link: Link) -> Vec<StatementId> {
        if !link.in_force && !self.reached.contains(&link.id) {
            if !link.edges.is_empty() {
                self.passing.insert(link.id, link.edges);
            }
            return Vec::new();
        }
        let mut new = Vec::new();
        let mut open = link.edges;
        while let Some(id) = open.pop() {
            if self.reached.insert(id) {
                new.push(id);
                open.extend(self.passing.remove(&id).into_iter().flatten());
            }
        }
        new
    }
}
