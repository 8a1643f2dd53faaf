//! A repository's refs as multi-value registers: a pure function of the owner's policies and of what
//! the logs state.
//!
//! Statements of every institution's log reach it; the policies say whose count. [`Register`] is kept while the policies stay: it
//! takes the next statement of any log and says what that changes, without looking at those before.

mod each;
mod kept;
mod project;
mod standing;
mod threshold;

pub use kept::{Changed, Register};
pub use project::{Placed, Projection, project};

use std::collections::{BTreeMap, BTreeSet};

use super::{
    item::RefState,
    state::State,
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
    Register::begin(input.clone()).1
}

/// A statement's place, without what it says.
#[derive(Debug, Clone)]
struct Mark {
    id: StatementId,
    institution: Handle,
    position: u64,
}

/// Whether a protection lets a change count: its institution is listed and the change fits, or it stood when the
/// protection began (R-05-12).
fn lets_through(rule: &Protection, pushers: &[Pusher], s: &Mark, c: &Change) -> bool {
    let listed = || pushers.iter().any(|p| p.institution == s.institution);
    let fits = (rule.force || !c.forced) && (rule.delete || c.new.is_some());
    rule.base.contains(&s.id) || (fits && listed())
}

/// What a change is over: an unforced one of a tag is over nothing (R-05-10).
fn edges(c: &Change, tag: bool) -> &[StatementId] {
    if tag && !c.forced { &[] } else { &c.over }
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
