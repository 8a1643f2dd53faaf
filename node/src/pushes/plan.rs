//! What becomes of one ref of a push: a pure decision over what Git found and what the catalogue says.

use commun_forge::git::{Fault, Judged, Verdict, proc_receive::Command};
use commun_specs::{
    fold::{Head, RefState, Refusal, RefusalKind},
    name::Handle,
    statement::{Change, Protection},
};

use super::{rights::Denied, words::Note};
use crate::core::{Obstacle, WriteError};

/// Most heads that one change replaces (FORMATS, section 2).
const MAX_OVER: usize = 16;

/// What becomes of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Plan {
    /// It is not taken.
    Refuse(Why),
    /// It is so already.
    Nothing,
    /// It is stated.
    Change(Change),
}

impl Plan {
    pub(super) fn change(self) -> Option<Change> {
        match self {
            Plan::Change(change) => Some(change),
            _ => None,
        }
    }
}

/// Why a ref is not moved; [`Why::text`] says it to the pusher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Why {
    /// What was pushed breaks a rule of names or objects.
    Git(Fault),
    /// The ref is not what the pusher saw.
    Moved,
    /// The new commit would leave behind what this institution itself pushed and nobody merged.
    OwnHead {
        /// This institution.
        handle: Handle,
        /// The ref.
        name: String,
    },
    /// The protection does not let history be rewritten.
    NoForce,
    /// The protection does not let the ref be deleted.
    NoDelete,
    /// Another ref of an atomic push was refused.
    Atomic,
    /// Whoever pushes may not.
    Denied(Denied),
    /// This node lacks what it would have to look at.
    Behind,
    /// The door says no, in its words.
    Door(String),
    /// This node cannot write now.
    NotNow(Obstacle),
    /// This node has too much to do, or is stopping.
    Busy,
    /// This node fails.
    Failed(String),
}

impl Why {
    pub(super) fn failed(cause: impl std::fmt::Display) -> Self {
        Self::Failed(cause.to_string())
    }

    /// What is said besides, with the commands that mend it.
    pub(super) fn note(&self) -> Option<Note> {
        match self {
            Why::OwnHead { handle, name } => Some(Note::own_head(handle, name)),
            _ => None,
        }
    }
}

impl From<Denied> for Why {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied)
    }
}

impl From<WriteError> for Why {
    fn from(e: WriteError) -> Self {
        match &e {
            WriteError::Refused(r) => match r {
                Refusal::StaleOver(_) => Self::Moved,
                _ if r.kind() == RefusalKind::NotYet => Self::Behind,
                _ => Self::Door(e.to_string()),
            },
            WriteError::NotNow(why) => Self::NotNow(*why),
            WriteError::Busy => Self::Busy,
            WriteError::Expired => Self::Door(e.to_string()),
            _ => Self::Failed(e.to_string()),
        }
    }
}

/// Decides about one command. `state`: the ref in the catalogue; `rule`: the protection that covers it; `me`: the
/// institution that pushes.
pub(super) fn plan(
    command: &Command,
    judged: &Judged,
    state: Option<&RefState>,
    rule: Option<&Protection>,
    me: &Handle,
) -> Plan {
    if let Verdict::Refused(why) = &judged.verdict {
        return Plan::Refuse(Why::Git(why.clone()));
    }
    let heads = state.map_or(&[][..], |s| &s.heads);
    let served = state.and_then(|s| s.served.as_deref());
    let saw = command.old.as_ref().map(|o| o.as_str());
    if judged.verdict == Verdict::Behind {
        return Plan::Refuse(Why::Behind);
    }
    if served != saw {
        return Plan::Refuse(Why::Moved);
    }
    let tag = command.name.starts_with("refs/tags/");
    let contained = |h: &Head| match &h.oid {
        None => true,
        Some(oid) => judged.contains.iter().any(|c| c.as_str() == oid),
    };
    let own = heads.iter().find(|h| h.institution == *me);
    // What waits is stated already: saying it again makes it no more.
    let new = command.new.as_ref().map(|o| o.as_str());
    let mut waiting = state.into_iter().flat_map(|s| &s.waiting);
    if waiting.any(|w| w.head.institution == *me && w.head.oid.as_deref() == new) {
        return Plan::Nothing;
    }
    let (forced, replaced): (bool, Vec<&Head>) = match &judged.verdict {
        Verdict::Refused(_) | Verdict::Behind => unreachable!("answered above"),
        Verdict::Unchanged => return Plan::Nothing,
        Verdict::Delete if rule.is_some_and(|r| !r.delete) => {
            return Plan::Refuse(Why::NoDelete);
        }
        Verdict::Forced if rule.is_some_and(|r| !r.force) => {
            return Plan::Refuse(Why::NoForce);
        }
        // A log has one head of a ref: what this institution pushed and nobody merged would be gone, unforced.
        Verdict::FastForward if own.is_some_and(|h| !contained(h)) => {
            return Plan::Refuse(Why::OwnHead {
                handle: me.clone(),
                name: command.name.clone(),
            });
        }
        Verdict::Create | Verdict::FastForward => {
            (false, heads.iter().filter(|h| contained(h)).collect())
        }
        // Whoever forces has seen the head that is served; what others pushed beside it stays.
        Verdict::Forced if !tag => {
            let seen =
                |h: &&Head| contained(h) || h.institution == *me || h.oid.as_deref() == served;
            (true, heads.iter().filter(seen).collect())
        }
        Verdict::Forced | Verdict::Delete => (
            !tag && judged.verdict == Verdict::Forced,
            heads.iter().collect(),
        ),
    };
    let mut over: Vec<_> = replaced.iter().take(MAX_OVER).map(|h| h.id).collect();
    over.sort();
    over.dedup();
    // A tag that is there is replaced or deleted by force only (R-05-10), and Git itself asks for none where one is
    // deleted.
    let forced = forced || (tag && !over.is_empty());
    Plan::Change(Change {
        name: command.name.clone(),
        over,
        old: saw.map(str::to_owned),
        new: command.new.as_ref().map(|o| o.as_str().to_owned()),
        forced,
    })
}

#[cfg(test)]
mod tests;
