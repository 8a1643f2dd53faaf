//! Places where what others wrote is made into parts of pages, shared out so that nobody's texts take all of them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use commun_specs::name::Handle;
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

/// Texts of others that are made into parts of pages at the same time, each with a processor for itself: one may be written
/// to cost time, and questions are answered meanwhile.
pub(super) const MAX_MADE: usize = 4;
/// Those among them on the pages of one institution's items: slow ones hold up that one's other pages, and not all.
pub(super) const MAX_OF_ONE: usize = MAX_MADE - 1;

/// The places.
pub(super) struct Places {
    all: Arc<Semaphore>,
    /// Of each institution whose texts are being made, or wait for it: no more than there are requests under way.
    of_one: Mutex<HashMap<Handle, Weak<Semaphore>>>,
}

/// A place, free again when this is dropped.
pub(super) struct Place {
    _of_one: OwnedSemaphorePermit,
    _of_all: OwnedSemaphorePermit,
}

impl Places {
    pub(super) fn new() -> Self {
        Self {
            all: Arc::new(Semaphore::new(MAX_MADE)),
            of_one: Mutex::default(),
        }
    }

    /// Waits for a place for a text on the page of an item of this institution. Who waits for the institution's others keeps
    /// nobody else waiting.
    pub(super) async fn take(&self, owner: &Handle) -> Result<Place, AcquireError> {
        Ok(Place {
            _of_one: self.of(owner).acquire_owned().await?,
            _of_all: Arc::clone(&self.all).acquire_owned().await?,
        })
    }

    fn of(&self, owner: &Handle) -> Arc<Semaphore> {
        let mut all = self.of_one.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = all.get(owner).and_then(Weak::upgrade) {
            return known;
        }
        all.retain(|_, of_one| of_one.strong_count() > 0);
        let new = Arc::new(Semaphore::new(MAX_OF_ONE));
        all.insert(owner.clone(), Arc::downgrade(&new));
        new
    }

    /// How many are free.
    #[cfg(test)]
    pub(super) fn free(&self) -> usize {
        self.all.available_permits()
    }
}
