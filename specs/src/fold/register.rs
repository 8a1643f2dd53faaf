//! A repository's refs as multi-value registers: a pure function of the owner's policies and of what
//! the logs state.
//!
//! Statements of every institution's log reach it; the policies say whose count.

mod project;
mod threshold;

pub use project::{Placed, Projection, project};

use std::collections::{BTreeMap, BTreeSet};

use super::{
    item::{Head, RefState},
    state::{Reason, State},
    supersession::{Link, superseded},
};
use crate::{
    id::StatementId,
    name::Handle,
    statement::{Change, Protection, Pusher},
};

/// A repository statement in force in its owner's log.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Its id.
    pub id: StatementId,
    /// Its place among the policies: those of a later owner come after all of the owners before, and of one owner in the order
    /// of the log. Only the order counts.
    pub position: u64,
    /// Who may push under it.
    pub pushers: Vec<Pusher>,
    /// What is protected while it is the newest.
    pub protected: Vec<Protection>,
    /// The cuts whose root the log bears out: institution and size.
    pub cuts: Vec<(Handle, u64)>,
}

/// A well-formed `refs` statement about the repository.
#[derive(Debug, Clone)]
pub struct Stated {
    /// Its id.
    pub id: StatementId,
    /// In whose log.
    pub institution: Handle,
    /// Where.
    pub position: u64,
    /// What the log alone decided: anything but [`State::InForce`] stays, and only passes edges on.
    pub verdict: State,
    /// The person who pushed.
    pub person: Option<StatementId>,
    /// Whether that person was a developer there and then.
    pub developer: bool,
    /// The policy named.
    pub policy: StatementId,
    /// The changes; `None` while their list is not here.
    pub changes: Option<Vec<Change>>,
}

/// What the register is computed from.
#[derive(Debug, Clone)]
pub struct Input {
    /// The institution that owns the repository.
    pub owner: Handle,
    /// Its policies, in its log's order.
    pub policies: Vec<Policy>,
    /// Named policies that are here but are none of `policies`, and will not become one.
    pub no_policies: BTreeSet<StatementId>,
    /// What all logs state.
    pub statements: Vec<Stated>,
}

/// What the statements add up to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// By full ref name. A ref whose heads are all deletions is here, with nothing served.
    pub refs: BTreeMap<String, RefState>,
    /// The state of every statement.
    pub states: BTreeMap<StatementId, State>,
}

/// Computes the register. The order of `statements` does not matter.
pub fn resolve(input: &Input) -> Outcome {
    let mut statements: Vec<&Stated> = input.statements.iter().collect();
    statements.sort_by_key(|s| (&s.institution, s.position, s.id));
    let mut states: BTreeMap<StatementId, State> =
        standing(input, &statements).into_iter().collect();

    // What each statement says about each ref.
    let mut by_ref: BTreeMap<&str, Vec<(&Stated, &Change)>> = BTreeMap::new();
    for s in &statements {
        for c in s.changes.iter().flatten() {
            by_ref.entry(&c.name).or_default().push((s, c));
        }
    }
    let mut refs = BTreeMap::new();
    // How many changes of a statement still count for something, and how many did once.
    let mut live: BTreeMap<StatementId, (usize, usize)> = BTreeMap::new();
    for (name, said) in &by_ref {
        let one = one_ref(input, name, said, &states);
        for (s, _) in said {
            let entry = live.entry(s.id).or_default();
            entry.0 += usize::from(one.live.contains(&s.id));
            entry.1 += usize::from(one.applied.contains(&s.id));
        }
        if !one.state.heads.is_empty() || !one.state.waiting.is_empty() {
            refs.insert((*name).to_owned(), one.state);
        }
    }
    for (id, state) in &mut states {
        if *state == State::InForce {
            *state = match live.get(id) {
                Some((0, 0)) => State::Refused(Reason::TagMoved),
                Some((0, _)) => State::Superseded,
                _ => State::InForce,
            };
        }
    }
    Outcome { refs, states }
}

/// Which statements may count at all: policy, pushers, cuts (R-05-03 to R-05-07).
fn standing(input: &Input, sorted: &[&Stated]) -> Vec<(StatementId, State)> {
    let policies: BTreeMap<StatementId, &Policy> =
        input.policies.iter().map(|p| (p.id, p)).collect();
    let mut newest: BTreeMap<&Handle, u64> = BTreeMap::new();
    sorted
        .iter()
        .map(|s| {
            let state = match (s.verdict, policies.get(&s.policy)) {
                (State::InForce, Some(policy)) => {
                    let last = newest.get(&s.institution).copied().unwrap_or(0);
                    match rights(input, policy, s, last) {
                        Err(reason) => State::Refused(reason),
                        Ok(()) if s.changes.is_none() => State::Pending,
                        Ok(()) => {
                            newest.insert(&s.institution, policy.position);
                            State::InForce
                        }
                    }
                }
                (State::InForce, None) if input.no_policies.contains(&s.policy) => {
                    State::Refused(Reason::Policy)
                }
                (State::InForce, None) => State::Pending,
                (other, _) => other,
            };
            (s.id, state)
        })
        .collect()
}

fn rights(input: &Input, policy: &Policy, s: &Stated, newest: u64) -> Result<(), Reason> {
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
    if ended(&input.policies, policy.position, s) {
        return Err(Reason::Cut);
    }
    Ok(())
}

/// Whether a cut in the policy named, or in a later one, ends the grant before this statement. A cut never
/// goes below an earlier one of the same institution.
fn ended(policies: &[Policy], named: u64, s: &Stated) -> bool {
    let mut floor = 0;
    for p in policies {
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

struct OneRef {
    state: RefState,
    /// Statements whose change of this ref is not replaced.
    live: BTreeSet<StatementId>,
    /// Statements whose change of this ref ever applied.
    applied: BTreeSet<StatementId>,
}

/// One ref: `said` is in the order of institution and position.
fn one_ref(
    input: &Input,
    name: &str,
    said: &[(&Stated, &Change)],
    states: &BTreeMap<StatementId, State>,
) -> OneRef {
    let tag = name.starts_with("refs/tags/");
    let newest = input.policies.last();
    let applied = applied(said, states, tag);
    let pushers = newest.map_or(&[][..], |p| &p.pushers);
    let rule = newest.and_then(|p| p.protected.iter().find(|r| r.covers(name)));
    if let Some(rule) = rule.filter(|r| r.threshold > 1) {
        return threshold::decide(input, rule, pushers, said, &applied, tag);
    }
    let counted = counted(rule, pushers, &applied);

    let links: Vec<Link> = said
        .iter()
        .map(|(s, c)| Link {
            id: s.id,
            in_force: counted.contains(&s.id),
            edges: if tag && !c.forced {
                Vec::new()
            } else {
                c.over.clone()
            },
        })
        .collect();
    let reached = superseded(&links);

    // A log has at most one head: its last counted change.
    let mut last: BTreeMap<&Handle, (&Stated, &Change)> = BTreeMap::new();
    for (s, c) in &applied {
        if counted.contains(&s.id) {
            last.insert(&s.institution, (s, c));
        }
    }
    let live: BTreeSet<StatementId> = applied
        .iter()
        .filter(|(s, _)| {
            let replaced = last
                .get(&s.institution)
                .is_some_and(|(l, _)| l.position > s.position);
            !replaced && !reached.contains(&s.id)
        })
        .map(|(s, _)| s.id)
        .collect();
    let mut heads: Vec<(&Stated, &Change)> = last
        .into_values()
        .filter(|(s, _)| !reached.contains(&s.id))
        .collect();
    // A deletion loses to a concurrent update.
    if heads.iter().any(|(_, c)| c.new.is_some()) {
        heads.retain(|(_, c)| c.new.is_some());
    }
    heads.sort_by_key(|(s, _)| (rank(&input.owner, pushers, &s.institution), s.id));
    OneRef {
        state: RefState {
            served: heads.first().and_then(|(_, c)| c.new.clone()),
            heads: heads
                .iter()
                .map(|(s, c)| Head {
                    id: s.id,
                    institution: s.institution.clone(),
                    oid: c.new.clone(),
                })
                .collect(),
            waiting: Vec::new(),
        },
        live,
        applied: applied.iter().map(|(s, _)| s.id).collect(),
    }
}

/// The changes that apply: of statements that stand, and for a tag only what its own log did not have yet, or
/// forces.
fn applied<'a>(
    said: &[(&'a Stated, &'a Change)],
    states: &BTreeMap<StatementId, State>,
    tag: bool,
) -> Vec<(&'a Stated, &'a Change)> {
    let mut there: BTreeMap<&Handle, bool> = BTreeMap::new();
    said.iter()
        .filter(|(s, c)| {
            if states.get(&s.id) != Some(&State::InForce) {
                return false;
            }
            let has = there.entry(&s.institution).or_default();
            if tag && *has && !c.forced {
                return false;
            }
            *has = c.new.is_some();
            true
        })
        .copied()
        .collect()
}

/// Whether a protection lets a change count: its institution is listed and the change fits, or it stood when the
/// protection began (R-05-12).
fn lets_through(rule: &Protection, pushers: &[Pusher], s: &Stated, c: &Change) -> bool {
    let listed = || pushers.iter().any(|p| p.institution == s.institution);
    let fits = (rule.force || !c.forced) && (rule.delete || c.new.is_some());
    rule.base.contains(&s.id) || (fits && listed())
}

/// The changes that count: all of them, or those that a protection with a threshold of 1 lets through.
fn counted(
    rule: Option<&Protection>,
    pushers: &[Pusher],
    applied: &[(&Stated, &Change)],
) -> BTreeSet<StatementId> {
    let counts = |s: &Stated, c: &Change| rule.is_none_or(|r| lets_through(r, pushers, s, c));
    applied
        .iter()
        .filter(|(s, c)| counts(s, c))
        .map(|(s, _)| s.id)
        .collect()
}

/// The owner first, then the order of the list, then everybody else by handle.
fn rank<'a>(owner: &Handle, pushers: &[Pusher], who: &'a Handle) -> (usize, Option<&'a Handle>) {
    if who == owner {
        return (0, None);
    }
    match pushers.iter().position(|p| p.institution == *who) {
        Some(at) => (at + 1, None),
        None => (usize::MAX, Some(who)),
    }
}

#[cfg(test)]
mod tests;
