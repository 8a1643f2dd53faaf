//! The history of a repository's refs: who moved what, and how that is known.
//!
//! [`steps`] reads it out of a [`Catalogue`]: every node has one, and [`Replay`] builds one from bytes that somebody
//! handed out, for those who believe no node. Certificates are judged against the enrolment that was in force where
//! the push stands in its log (rules R-09-10 to R-09-14); they decide nothing about refs.

mod replay;

pub use replay::{Fault, Replay, Told};

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    certificate::{self, Certificate},
    fold::{Catalogue, Push, State},
    id::{ListHash, StatementId},
    key::PublicKey,
    name::{Handle, Slug},
    statement::Change,
};

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
    /// The person for whom it was taken (the first enrolment).
    pub person: Option<StatementId>,
    /// The person's key and whether they kept it themselves, there and then; `None` where nobody was enrolled.
    pub enrolled: Option<(PublicKey, bool)>,
    /// The `repository` statement under which it was taken.
    pub policy: StatementId,
    /// Number of the charter that held there; `None` before the log's first marker.
    pub charter: Option<u64>,
    /// The list that its changes are in, if they are not in the head.
    pub list: Option<ListHash>,
    /// What it changed; `None` where its list is not here.
    pub changes: Option<Vec<Change>>,
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
    /// It proposes something else.
    #[error("R-09-15: the certificate does not propose this commit for this branch")]
    OtherProposal,
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

/// The pushes to a repository, or those that changed one ref, oldest first: a push comes after all that it is over, and
/// else by log and position.
pub fn steps(catalogue: &Catalogue, item: &StatementId, only: Option<&str>) -> Vec<Step> {
    let mut markers: BTreeMap<Handle, Vec<(u64, u64)>> = BTreeMap::new();
    let wanted = |push: &Push<'_>| match (only, push.changes) {
        (Some(only), Some(changes)) => changes.iter().any(|change| change.name == only),
        _ => true,
    };
    in_order(catalogue.pushes(item))
        .into_iter()
        .filter(wanted)
        .map(|push| {
            let markers = markers
                .entry(push.log.clone())
                .or_insert_with(|| catalogue.markers(&push.log));
            let charter = markers.iter().rev().find(|(at, _)| *at < push.position);
            let person = push
                .person
                .and_then(|first| catalogue.person_at(&push.log, push.position, &first));
            Step {
                id: push.id,
                log: push.log,
                position: push.position,
                state: push.state,
                person: push.person,
                enrolled: person.map(|p| (p.key, p.custody_self)),
                policy: push.policy,
                charter: charter.map(|(_, number)| *number),
                list: push.list,
                changes: push.changes.map(<[Change]>::to_vec),
            }
        })
        .collect()
}

/// Judges the certificates of one repository, in the order of its history: one that was used before does not count.
#[derive(Debug)]
pub struct Judge {
    names: BTreeSet<(Handle, Slug)>,
    used: BTreeMap<(PublicKey, String), StatementId>,
}

impl Proof {
    /// The word in JSON.
    pub fn as_str(&self) -> &'static str {
        match self {
            Proof::Certificate(_) => "verified",
            Proof::Attested => "none",
            Proof::Absent => "absent",
            Proof::Broken(_) => "broken",
        }
    }
}

impl Judge {
    /// For the repository with these names, past ones too ([`Catalogue::names_of`]).
    pub fn new(names: BTreeSet<(Handle, Slug)>) -> Self {
        Self {
            names,
            used: BTreeMap::new(),
        }
    }

    /// How it is known that the person moved the refs, from the body of the push.
    pub fn judge(&mut self, step: &Step, words: &Words) -> Proof {
        let body = match words {
            Words::None => return Proof::Attested,
            Words::Absent => return Proof::Absent,
            Words::Here(body) => body,
        };
        let Some(text) = certificate::from_body(body) else {
            return Proof::Attested;
        };
        match self.check(step, &text) {
            Ok(Some(certificate)) => Proof::Certificate(certificate),
            Ok(None) => Proof::Absent,
            Err(broken) => Proof::Broken(broken),
        }
    }

    /// `None`: the changes are not here to be compared.
    fn check(&mut self, step: &Step, text: &str) -> Result<Option<Certificate>, Broken> {
        let certificate = Certificate::read(text.as_bytes())?;
        if step.enrolled.map(|(key, _)| key) != Some(certificate.key) {
            return Err(Broken::NotEnrolled(certificate.key));
        }
        let ours =
            |handle: &Handle, slug: &Slug| self.names.contains(&(handle.clone(), slug.clone()));
        if !certificate.names(ours) {
            return Err(Broken::OtherRepository(certificate.pushee));
        }
        let Some(changes) = &step.changes else {
            return Ok(None);
        };
        if !certificate.covers(changes) {
            return Err(Broken::OtherChanges);
        }
        let name = (certificate.key, certificate.nonce.clone());
        match self.used.get(&name) {
            Some(first) if *first != step.id => Err(Broken::Reused(*first)),
            _ => {
                self.used.insert(name, step.id);
                Ok(Some(certificate))
            }
        }
    }
}

/// A version of a merge request, and what its certificate is held against.
#[derive(Debug, Clone, Copy)]
pub struct Version<'a> {
    /// The branch that it is for, in full.
    pub target: &'a str,
    /// The commit.
    pub new: &'a str,
    /// The key that was enrolled for the person, just before the statement in its log.
    pub key: Option<PublicKey>,
}

/// How it is known that the person proposed a version, from the body of its statement. `names`: those of the
/// repository, past ones too ([`Catalogue::names_of`]). A certificate that is there twice proposes the same twice.
pub fn proposed(names: &BTreeSet<(Handle, Slug)>, version: &Version<'_>, words: &Words) -> Proof {
    let body = match words {
        Words::None => return Proof::Attested,
        Words::Absent => return Proof::Absent,
        Words::Here(body) => body,
    };
    let Some(text) = certificate::from_body(body) else {
        return Proof::Attested;
    };
    let certificate = match Certificate::read(text.as_bytes()) {
        Ok(certificate) => certificate,
        Err(cause) => return Proof::Broken(cause.into()),
    };
    if version.key != Some(certificate.key) {
        return Proof::Broken(Broken::NotEnrolled(certificate.key));
    }
    let ours = |handle: &Handle, slug: &Slug| names.contains(&(handle.clone(), slug.clone()));
    if !certificate.names(ours) {
        return Proof::Broken(Broken::OtherRepository(certificate.pushee));
    }
    if !certificate.proposes(version.target, version.new) {
        return Proof::Broken(Broken::OtherProposal);
    }
    Proof::Certificate(certificate)
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
