//! The history of a repository's refs: who moved what, and how that is known.
//!
//! [`history`] reads it out of a [`Catalogue`]: every node has one, and [`Replay`] builds one from bytes that somebody
//! handed out, for those who believe no node. Certificates are judged against the enrolment that was in force where
//! the push stands in its log (rules R-09-10 to R-09-14); they decide nothing about refs.

mod replay;

pub use replay::{Fault, Replay};

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    certificate::{self, Certificate},
    fold::{Catalogue, Push, State},
    id::StatementId,
    key::PublicKey,
    name::Handle,
    statement::Change,
};

/// What goes with a statement besides its facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Seconds since 1970 by the clock of the node that took the push: for display only.
    pub time: u64,
    /// The body, as it was signed.
    pub words: Words,
}

/// The body of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Words {
    /// The head promises none.
    None,
    /// It is not here: erased, or withheld.
    Absent,
    /// Its bytes, whose hash is in the head.
    Here(Vec<u8>),
}

/// A push and what is known of it.
#[derive(Debug, Clone)]
pub struct Step {
    /// The `refs` statement.
    pub id: StatementId,
    /// In whose log.
    pub log: Handle,
    /// Where.
    pub position: u64,
    /// What became of it.
    pub state: State,
    /// By the clock of the node that took it.
    pub time: u64,
    /// The person for whom it was taken (the first enrolment).
    pub person: Option<StatementId>,
    /// Whether they kept their key themselves then; `None` where nobody was enrolled.
    pub custody_self: Option<bool>,
    /// The `repository` statement under which it was taken.
    pub policy: StatementId,
    /// Number of the charter that held there; `None` before the log's first marker.
    pub charter: Option<u64>,
    /// What it changed, of the ref that was asked for; `None` where its list is not here.
    pub changes: Option<Vec<Change>>,
    /// How it is known that the person moved the refs.
    pub proof: Proof,
}

/// How it is known who moved a ref.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// The node that took the push says who was logged in.
    Attested,
    /// There may be a certificate, but it is not here: erased, or withheld.
    Absent,
    /// The person signed it.
    Certificate(Certificate),
    /// There is a certificate, and it does not hold.
    Broken(Broken),
}

/// Why a certificate does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// Its bytes.
    #[error(transparent)]
    Unreadable(#[from] certificate::Error),
    /// The key was not the one enrolled for the person there and then.
    #[error("R-09-11: the key was not enrolled for this person at this place in the log: {0}")]
    NotEnrolled(PublicKey),
    /// It signs something else.
    #[error("R-09-12: the certificate does not hold the changes of the statement")]
    OtherChanges,
    /// It is about another repository.
    #[error("R-09-13: the certificate is for another repository: {0}")]
    OtherRepository(String),
    /// It stands in an earlier statement too.
    #[error("R-09-14: the certificate was used before, in {0}")]
    Reused(StatementId),
}

/// The history of a repository, or of one of its refs, oldest first: a push comes after all that it is over, and else
/// by log and position. `read` gives what goes with a statement; `None` where it is not here.
pub fn history(
    catalogue: &Catalogue,
    item: &StatementId,
    only: Option<&str>,
    mut read: impl FnMut(&StatementId) -> Option<Said>,
) -> Vec<Step> {
    let mut markers: BTreeMap<Handle, Vec<(u64, u64)>> = BTreeMap::new();
    let mut used: BTreeMap<(PublicKey, String), StatementId> = BTreeMap::new();
    let mut steps = Vec::new();
    for push in in_order(catalogue.pushes(item)) {
        let markers = markers
            .entry(push.log.clone())
            .or_insert_with(|| catalogue.markers(&push.log));
        let charter = markers.iter().rev().find(|(at, _)| *at < push.position);
        let person = push
            .person
            .and_then(|first| catalogue.person_at(&push.log, push.position, &first));
        let said = read(&push.id);
        let mut proof = match said.as_ref().map(|said| &said.words) {
            Some(Words::None) => Proof::Attested,
            Some(Words::Here(body)) => {
                let named = |handle: &_, slug: &_| catalogue.by_name(handle, slug) == Some(*item);
                judge(body, &push, person.as_ref().map(|p| p.key), named)
            }
            Some(Words::Absent) | None => Proof::Absent,
        };
        if let Proof::Certificate(certificate) = &proof {
            let name = (certificate.key, certificate.nonce.clone());
            if let Some(first) = used.get(&name) {
                proof = Proof::Broken(Broken::Reused(*first));
            } else {
                used.insert(name, push.id);
            }
        }
        let changes = push.changes.map(|changes| {
            let wanted = changes.iter().filter(|c| only.is_none_or(|o| c.name == o));
            wanted.cloned().collect::<Vec<_>>()
        });
        if only.is_some() && changes.as_ref().is_some_and(Vec::is_empty) {
            continue;
        }
        steps.push(Step {
            id: push.id,
            log: push.log,
            position: push.position,
            state: push.state,
            time: said.map_or(0, |said| said.time),
            person: push.person,
            custody_self: person.map(|p| p.custody_self),
            policy: push.policy,
            charter: charter.map(|(_, number)| *number),
            changes,
            proof,
        });
    }
    steps
}

/// Judges the body of a `refs` statement.
fn judge(
    body: &[u8],
    push: &Push<'_>,
    enrolled: Option<PublicKey>,
    named: impl Fn(&Handle, &crate::name::Slug) -> bool,
) -> Proof {
    let Some(text) = certificate::from_body(body) else {
        return Proof::Attested;
    };
    let certificate = match Certificate::read(text.as_bytes()) {
        Ok(certificate) => certificate,
        Err(cause) => return Proof::Broken(cause.into()),
    };
    if enrolled != Some(certificate.key) {
        return Proof::Broken(Broken::NotEnrolled(certificate.key));
    }
    if !certificate.names(named) {
        return Proof::Broken(Broken::OtherRepository(certificate.pushee));
    }
    match push.changes {
        Some(changes) if certificate.covers(changes) => Proof::Certificate(certificate),
        Some(_) => Proof::Broken(Broken::OtherChanges),
        None => Proof::Absent,
    }
}

/// Pushes so that each comes after what it is over and after what its own log had before; else as they were.
fn in_order(pushes: Vec<Push<'_>>) -> Vec<Push<'_>> {
    let known: BTreeSet<StatementId> = pushes.iter().map(|p| p.id).collect();
    // A log's statements stay in its order, so only the first one left of each log can be next.
    let mut queues: BTreeMap<Handle, std::collections::VecDeque<Push<'_>>> = BTreeMap::new();
    for push in pushes {
        queues.entry(push.log.clone()).or_default().push_back(push);
    }
    let mut done = BTreeSet::new();
    let mut sorted = Vec::new();
    loop {
        let waits = |push: &Push<'_>| {
            let over = push
                .changes
                .iter()
                .flat_map(|c| c.iter())
                .flat_map(|c| &c.over);
            over.into_iter()
                .any(|id| known.contains(id) && !done.contains(id))
        };
        let heads = || {
            queues
                .iter()
                .filter_map(|(log, queue)| Some((log, queue.front()?)))
        };
        // A circle over several logs cannot be honest; it is cut where the first log is.
        let next = heads()
            .find(|(_, push)| !waits(push))
            .or_else(|| heads().next());
        let Some(log) = next.map(|(log, _)| log.clone()) else {
            return sorted;
        };
        if let Some(push) = queues
            .get_mut(&log)
            .and_then(std::collections::VecDeque::pop_front)
        {
            done.insert(push.id);
            sorted.push(push);
        }
    }
}

#[cfg(test)]
mod tests;
