//! What most statements of a log have in common, kept once.

use std::{collections::HashSet, sync::Arc};

use super::{Facts, Known};
use crate::{id::StatementId, key::PublicKey};

/// Who made a statement, and for whom.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::fold) struct By {
    pub(in crate::fold) author: PublicKey,
    pub(in crate::fold) signers: Box<[PublicKey]>,
    pub(in crate::fold) acting_for: Option<StatementId>,
}

/// The few authors, persons and licences that the many statements of a log name.
#[derive(Debug, Clone, Default)]
pub(super) struct Shared {
    by: HashSet<Arc<By>>,
    persons: HashSet<Arc<StatementId>>,
    licences: HashSet<Arc<str>>,
}

impl Shared {
    /// Lets a statement point to what others have said.
    pub(super) fn share(&mut self, known: &mut Known) {
        match self.by.get(&known.by) {
            Some(by) => known.by = by.clone(),
            None => {
                self.by.insert(known.by.clone());
            }
        }
        if let Facts::Resource(r) = &mut known.facts {
            match self.licences.get(&r.licence) {
                Some(licence) => r.licence = licence.clone(),
                None => {
                    self.licences.insert(r.licence.clone());
                }
            }
        }
    }

    /// A person, by their first enrolment.
    pub(super) fn person(&mut self, person: StatementId) -> Arc<StatementId> {
        match self.persons.get(&person) {
            Some(person) => person.clone(),
            None => {
                let new = Arc::new(person);
                self.persons.insert(new.clone());
                new
            }
        }
    }
}
