//! Which statements may count at all: policy, pushers, cuts (R-05-03 to R-05-07).

use std::collections::HashMap;

use super::{Policy, Stated};
use crate::{
    fold::state::{Reason, State},
    id::StatementId,
    name::Handle,
    statement::{Protection, Pusher},
};

/// What a register's statements are judged by, as long as it is kept.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) owner: Handle,
    policies: Vec<Policy>,
    by_id: HashMap<StatementId, usize>,
}

impl Rules {
    pub(super) fn new(owner: Handle, policies: Vec<Policy>) -> Self {
        let ids = policies.iter().zip(0..);
        Self {
            by_id: ids.map(|(p, n)| (p.id, n)).collect(),
            owner,
            policies,
        }
    }

    /// The institutions of the newest policy, in its order.
    pub(super) fn pushers(&self) -> &[Pusher] {
        self.policies.last().map_or(&[], |p| &p.pushers)
    }

    /// The newest policy's rule for a ref: the first that covers it.
    pub(super) fn protection(&self, name: &str) -> Option<&Protection> {
        let newest = self.policies.last()?;
        newest.protected.iter().find(|r| r.covers(name))
    }

    /// What becomes of a statement that its own log lets count; `Ok` with the place of its policy where it stands. `newest`: the
    /// highest such place that its log named before.
    pub(super) fn judge(&self, s: &Stated, no_policy: bool, newest: u64) -> Result<u64, State> {
        if s.verdict != State::InForce {
            return Err(s.verdict);
        }
        let Some(policy) = self.by_id.get(&s.policy).map(|n| &self.policies[*n]) else {
            return Err(if no_policy {
                State::Refused(Reason::Policy)
            } else {
                State::Pending
            });
        };
        self.rights(policy, s, newest).map_err(State::Refused)?;
        match s.changes {
            Some(_) => Ok(policy.position),
            None => Err(State::Pending),
        }
    }

    fn rights(&self, policy: &Policy, s: &Stated, newest: u64) -> Result<(), Reason> {
        if policy.position < newest {
            return Err(Reason::OlderPolicy);
        }
        let pusher = policy
            .pushers
            .iter()
            .find(|p| p.institution == s.institution)
            .ok_or(Reason::NotPusher)?;
        let may = match &pusher.persons {
            None => s.developer,
            Some(persons) => s.person.is_some_and(|p| persons.contains(&p)),
        };
        if !may {
            return Err(Reason::NotPusher);
        }
        if self.ended(policy.position, s) {
            return Err(Reason::Cut);
        }
        Ok(())
    }

    /// Whether a cut in the policy named, or in a later one, ends the grant before this statement. A cut never
    /// goes below an earlier one of the same institution.
    fn ended(&self, named: u64, s: &Stated) -> bool {
        let mut floor = 0;
        for p in &self.policies {
            let cut = p
                .cuts
                .iter()
                .filter(|(institution, _)| *institution == s.institution)
                .map(|(_, size)| *size)
                .max();
            if let Some(size) = cut {
                floor = floor.max(size);
                if p.position >= named && s.position >= floor {
                    return true;
                }
            }
        }
        false
    }
}
