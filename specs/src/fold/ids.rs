//! Where each statement stands.

use std::collections::HashMap;

use super::few::Few;
use crate::{id::StatementId, name::Handle};

/// Every id and where it occurs: the one index that all logs share.
#[derive(Debug, Default)]
pub(super) struct Ids(HashMap<StatementId, Few<(Handle, u64)>>);

impl Ids {
    /// Where a statement occurs, by log and position.
    pub(super) fn get(&self, id: &StatementId) -> Option<&Few<(Handle, u64)>> {
        self.0.get(id)
    }

    /// Whether a statement occurs in any log.
    pub(super) fn contains(&self, id: &StatementId) -> bool {
        self.0.contains_key(id)
    }

    /// The position of a statement's first occurrence in a log.
    pub(super) fn first_in(&self, log: &Handle, id: &StatementId) -> Option<u64> {
        let places = self.0.get(id)?;
        let (handle, position) = places.range((log.clone(), 0)..).next()?;
        (handle == log).then_some(*position)
    }

    /// Notes where a statement occurs.
    pub(super) fn insert(&mut self, id: StatementId, place: (Handle, u64)) {
        self.0.entry(id).or_default().insert(place);
    }

    /// Forgets that a statement occurs somewhere.
    pub(super) fn remove(&mut self, id: &StatementId, place: &(Handle, u64)) {
        if let Some(places) = self.0.get_mut(id) {
            places.remove(place);
            if places.is_empty() {
                self.0.remove(id);
            }
        }
    }
}
