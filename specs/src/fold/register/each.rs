//! A ref on which each institution's word counts by itself: no protection, or one with a threshold of 1 (R-05-08 to R-05-10).

use std::collections::{BTreeMap, HashSet};

use super::{Mark, rank};
use crate::{
    fold::{
        item::{Head, RefState},
        supersession::{Link, Reached},
    },
    id::StatementId,
    name::Handle,
    statement::{Change, Pusher},
};

/// What is kept of it: nothing that grows is looked at when a change comes.
#[derive(Debug, Clone, Default)]
pub(super) struct Each {
    reached: Reached,
    logs: BTreeMap<Handle, Log>,
    /// The statements whose change is not replaced.
    live: HashSet<StatementId>,
}

#[derive(Debug, Clone, Default)]
struct Log {
    /// The last change that counts: a log has at most one head.
    last: Option<Head>,
    /// What applied since it came, itself included.
    since: Vec<StatementId>,
}

impl Each {
    /// Takes the next change of a log. `applies`, `counts`: whether it applies, and whether the protection lets it count then.
    /// Returns the statements whose change of this ref was live and is replaced now.
    pub(super) fn add(
        &mut self,
        s: &Mark,
        c: &Change,
        edges: &[StatementId],
        (applies, counts): (bool, bool),
    ) -> Vec<StatementId> {
        let mut gone = Vec::new();
        if applies {
            let log = self.logs.entry(s.institution.clone()).or_default();
            if counts {
                gone.append(&mut log.since);
                log.last = Some(Head {
                    id: s.id,
                    institution: s.institution.clone(),
                    oid: c.new.clone(),
                });
            }
            log.since.push(s.id);
            if !self.reached.contains(&s.id) {
                self.live.insert(s.id);
            }
        }
        gone.extend(self.reached.add(Link {
            id: s.id,
            in_force: counts,
            edges: edges.to_vec(),
        }));
        gone.retain(|id| self.live.remove(id));
        gone
    }

    pub(super) fn is_live(&self, id: &StatementId) -> bool {
        self.live.contains(id)
    }

    /// The heads, and what is served.
    pub(super) fn state(&self, owner: &Handle, pushers: &[Pusher]) -> RefState {
        let mut heads: Vec<&Head> = self
            .logs
            .values()
            .filter_map(|l| l.last.as_ref())
            .filter(|h| !self.reached.contains(&h.id))
            .collect();
        // A deletion loses to a concurrent update.
        if heads.iter().any(|h| h.oid.is_some()) {
            heads.retain(|h| h.oid.is_some());
        }
        heads.sort_by_key(|h| (rank(owner, pushers, &h.institution), h.id));
        RefState {
            served: heads.first().and_then(|h| h.oid.clone()),
            heads: heads.into_iter().cloned().collect(),
            waiting: Vec::new(),
        }
    }
}
