//! Looking back: who somebody was, and which charter held, at one point of a log.

use std::collections::BTreeSet;

use super::Catalogue;
use crate::{
    fold::{
        Person, State,
        log::{Facts, Subject},
    },
    id::{ListHash, StatementId},
    key::PublicKey,
    name::{Handle, Slug},
    statement::{Change, Changes, EnrolmentKey},
};

/// A push as the logs have it.
#[derive(Debug, Clone)]
pub struct Push<'a> {
    /// The `refs` statement.
    pub id: StatementId,
    /// In whose log it stands.
    pub log: Handle,
    /// Where.
    pub position: u64,
    /// What became of it.
    pub state: State,
    /// The person for whom the node took it (their first enrolment); `None` where the log did not let it count.
    pub person: Option<StatementId>,
    /// The `repository` statement under which it was taken.
    pub policy: StatementId,
    /// The list that its changes are in, if they are not in the head.
    pub list: Option<ListHash>,
    /// What it changed; `None` while the list is not here.
    pub changes: Option<&'a [Change]>,
}

impl Catalogue {
    /// Every push to a repository, counted or not, by log and position.
    pub fn pushes(&self, item: &StatementId) -> Vec<Push<'_>> {
        let places = self.items.places(item);
        let mut all = Vec::new();
        for (log, position) in places {
            let record = self.record(log, *position);
            let Some((known, Facts::Refs(refs))) = record.said.known().map(|k| (k, &k.facts))
            else {
                continue;
            };
            let (list, changes) = match &refs.changes {
                Changes::Inline(changes) => (None, Some(changes.as_slice())),
                Changes::List { sha256, .. } => {
                    let list = self.lists.get(sha256).and_then(|l| l.changes.as_deref());
                    (Some(*sha256), list)
                }
            };
            all.push(Push {
                id: known.id,
                log: log.clone(),
                position: *position,
                state: record.state,
                person: record.person(),
                policy: refs.policy,
                list,
                changes,
            });
        }
        all
    }

    /// A person of a log (by the first enrolment) as they were enrolled just before an entry of it: `None` if not yet,
    /// or no more.
    pub fn person_at(&self, log: &Handle, position: u64, first: &StatementId) -> Option<Person> {
        let places = self.subjects.get(&Subject::Person(log.clone(), *first))?;
        let mut found = None;
        for (_, at) in places
            .iter()
            .filter(|(handle, at)| handle == log && *at < position)
        {
            let record = self.record(log, *at);
            let Some(known) = record
                .said
                .known()
                .filter(|_| record.verdict == State::InForce)
            else {
                continue;
            };
            match &known.facts {
                Facts::Enrolment(e) => {
                    if let EnrolmentKey::Person {
                        roles,
                        custody_self,
                        ..
                    } = &e.of
                    {
                        found = Some(Person {
                            first: *first,
                            current: known.id,
                            key: e.key,
                            roles: roles.clone(),
                            custody_self: *custody_self,
                            not_after: e.not_after,
                        });
                    }
                }
                Facts::Revocation(_) => found = None,
                _ => {}
            }
        }
        found
    }

    /// The charters that a log's entries were judged under: where each marker stands, and its number.
    pub fn markers(&self, log: &Handle) -> Vec<(u64, u64)> {
        let records = self.logs.get(log).map_or(&[][..], |l| &l.records);
        let markers = records.iter().zip(0..).filter_map(|(record, position)| {
            match record.said.known().map(|known| &known.facts) {
                Some(Facts::CharterMarker(marker)) if record.verdict == State::InForce => {
                    Some((position, marker.number))
                }
                _ => None,
            }
        });
        markers.collect()
    }

    /// Whose key this is now, in whichever institution.
    pub fn person_of_key(&self, key: &PublicKey) -> Option<(Handle, Person)> {
        self.logs.iter().find_map(|(handle, log)| {
            let person = log.authority.person_of_key(key)?;
            Some((handle.clone(), person.clone()))
        })
    }

    /// The institutions that an item's own statements name: those that may push, or could once, and those
    /// to which it was handed.
    pub fn named_by(&self, item: &StatementId) -> BTreeSet<Handle> {
        let places = self.items.places(item);
        let mut named = BTreeSet::new();
        for (log, position) in places {
            let record = self.record(log, *position);
            match record.said.known().map(|k| &k.facts) {
                Some(Facts::Repository(rules)) => {
                    named.extend(rules.pushers.iter().map(|p| p.institution.clone()));
                }
                Some(Facts::Transfer(transfer)) => {
                    named.insert(transfer.to.clone());
                }
                _ => {}
            }
        }
        named
    }

    /// The names that an item's own statements gave it, also those that were released since.
    pub fn names_of(&self, item: &StatementId) -> BTreeSet<(Handle, Slug)> {
        let places = self.items.places(item);
        let mut names = BTreeSet::new();
        for (log, position) in places {
            let record = self.record(log, *position);
            let slug = match record.said.known().map(|k| &k.facts) {
                Some(Facts::Repository(rules)) => &rules.slug,
                Some(Facts::Acceptance(taken)) => &taken.slug,
                _ => continue,
            };
            if record.verdict == State::InForce {
                names.insert((log.clone(), slug.clone()));
            }
        }
        names
    }

    /// Whether an erasure that is in force dropped the body of a statement of a log.
    pub fn erased(&self, log: &Handle, id: &StatementId) -> bool {
        let records = self.logs.get(log).map_or(&[][..], |l| &l.records);
        records.iter().any(|record| {
            record.verdict == State::InForce
                && matches!(record.said.known().map(|k| &k.facts), Some(Facts::Erasure(e)) if e.of.contains(id))
        })
    }
}
