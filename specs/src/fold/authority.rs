//! Whose key is whose in one log, at one point of it.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{log::Known, state::Reason};
use crate::{
    id::StatementId,
    key::PublicKey,
    name::Role,
    statement::{Enrolment, EnrolmentKey},
};

/// A person whom an institution vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The first enrolment: the person's id.
    pub first: StatementId,
    /// The enrolment in force.
    pub current: StatementId,
    /// The person's key.
    pub key: PublicKey,
    /// What the person may do, on top of what everybody enrolled may.
    pub roles: Vec<Role>,
    /// Whether the person keeps the key (else their node does).
    pub custody_self: bool,
    /// Seconds since 1970; the door takes nothing more from then on. The fold does not look at it.
    pub not_after: u64,
}

/// A node that an institution vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// The enrolment in force.
    pub id: StatementId,
    /// The node's key.
    pub key: PublicKey,
    /// Its web addresses.
    pub urls: Vec<String>,
    /// Its multiaddresses.
    pub addrs: Vec<String>,
    /// Seconds since 1970; the door takes nothing more from then on.
    pub not_after: u64,
}

/// The enrolments of a log that are in force, sorted by id.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Enrolments {
    /// Nodes.
    pub nodes: Vec<Node>,
    /// Persons.
    pub persons: Vec<Person>,
}

impl Enrolments {
    /// The person with this key.
    pub fn person_of_key(&self, key: &PublicKey) -> Option<&Person> {
        self.persons.iter().find(|p| p.key == *key)
    }

    /// The person whose id (first enrolment) or current enrolment this is.
    pub fn person(&self, id: &StatementId) -> Option<&Person> {
        self.persons
            .iter()
            .find(|p| p.first == *id || p.current == *id)
    }

    /// The node with this key.
    pub fn node(&self, key: &PublicKey) -> Option<&Node> {
        self.nodes.iter().find(|n| n.key == *key)
    }
}

/// Whom an enrolment is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// A node, by its key.
    Node(PublicKey),
    /// A person, by the first enrolment.
    Person(StatementId),
}

/// Who speaks in a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Actor {
    /// The person who speaks, or whom the node speaks for.
    pub(super) person: Option<StatementId>,
    /// Whether a node signs.
    pub(super) node: bool,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Authority {
    persons: BTreeMap<StatementId, Person>,
    nodes: HashMap<PublicKey, Node>,
    /// Every enrolment that was ever in force.
    enrolled: HashMap<StatementId, Who>,
    by_key: HashMap<PublicKey, Who>,
    /// Keys of revoked enrolments: never enrolled again in this log.
    ended: HashSet<PublicKey>,
}

impl Authority {
    pub(super) fn person(&self, first: &StatementId) -> Option<&Person> {
        self.persons.get(first)
    }

    /// Whose key this is now.
    pub(super) fn person_of_key(&self, key: &PublicKey) -> Option<&Person> {
        match self.by_key.get(key)? {
            Who::Person(first) => self.persons.get(first),
            Who::Node(_) => None,
        }
    }

    pub(super) fn has_role(&self, first: &StatementId, role: Role) -> bool {
        self.persons
            .get(first)
            .is_some_and(|p| p.roles.contains(&role) || p.roles.contains(&Role::Admin))
    }

    /// Whom an enrolment that was once in force is about.
    pub(super) fn of_enrolment(&self, id: &StatementId) -> Option<Who> {
        self.enrolled.get(id).copied()
    }

    /// Whether they are enrolled and not revoked.
    pub(super) fn stands(&self, who: &Who) -> bool {
        match who {
            Who::Node(key) => self.nodes.contains_key(key),
            Who::Person(first) => self.persons.contains_key(first),
        }
    }

    /// Whether a key may be enrolled for somebody.
    pub(super) fn is_free_for(&self, key: &PublicKey, who: &Who) -> bool {
        !self.ended.contains(key) && self.by_key.get(key).is_none_or(|w| w == who)
    }

    /// Who speaks: the author's person, or the person whom the author's node acts for.
    pub(super) fn actor(&self, k: &Known) -> Result<Actor, Reason> {
        let named = match &k.by.acting_for {
            None => None,
            Some(id) => match self.of_enrolment(id) {
                Some(Who::Person(first)) if self.persons.contains_key(&first) => Some(first),
                _ => return Err(Reason::NotThatPerson),
            },
        };
        match self.by_key.get(&k.by.author) {
            None => Err(Reason::NotEnrolled),
            Some(Who::Node(_)) => Ok(Actor {
                person: named,
                node: true,
            }),
            Some(Who::Person(first)) if named.is_none_or(|n| n == *first) => Ok(Actor {
                person: Some(*first),
                node: false,
            }),
            Some(Who::Person(_)) => Err(Reason::NotThatPerson),
        }
    }

    pub(super) fn enrol(&mut self, id: StatementId, e: &Enrolment) {
        let who = match &e.of {
            EnrolmentKey::Node { urls, addrs } => {
                let node = Node {
                    id,
                    key: e.key,
                    urls: urls.clone(),
                    addrs: addrs.clone(),
                    not_after: e.not_after,
                };
                self.nodes.insert(e.key, node);
                Who::Node(e.key)
            }
            EnrolmentKey::Person {
                roles,
                custody_self,
                person,
            } => {
                let first = person.unwrap_or(id);
                let new = Person {
                    first,
                    current: id,
                    key: e.key,
                    roles: roles.clone(),
                    custody_self: *custody_self,
                    not_after: e.not_after,
                };
                if let Some(old) = self.persons.insert(first, new) {
                    self.by_key.remove(&old.key);
                }
                Who::Person(first)
            }
        };
        self.by_key.insert(e.key, who);
        self.enrolled.insert(id, who);
    }

    pub(super) fn revoke(&mut self, who: &Who) {
        let key = match who {
            Who::Node(key) => self.nodes.remove(key).map(|n| n.key),
            Who::Person(first) => self.persons.remove(first).map(|p| p.key),
        };
        if let Some(key) = key {
            self.by_key.remove(&key);
            self.ended.insert(key);
        }
    }

    pub(super) fn in_force(&self) -> Enrolments {
        let mut nodes: Vec<Node> = self.nodes.values().cloned().collect();
        nodes.sort_by_key(|n| n.id);
        Enrolments {
            nodes,
            persons: self.persons.values().cloned().collect(),
        }
    }
}
