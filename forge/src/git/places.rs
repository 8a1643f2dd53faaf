//! How many of Git's processes run for others at the same time.
//!
//! What is read from a file or from memory needs no place. A process that answers needs one for as long as it runs:
//! whoever finds none free waits a little, and is then told to come again.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::service::ServiceError;

/// Processes that write an answer into the cache. They run as fast as the disk takes it, whatever those who read do,
/// and one takes a core and up to 200 MB for a history of 100 MB: more of them end no sooner.
const MAX_FILLING: usize = 8;

/// Processes whose answer goes straight to whoever asked: fetches, clones of small repositories, clients of protocol
/// version 0. A slow reader holds one for long, at some megabytes; a class that fetches at once finds room.
const MAX_ANSWERING: usize = 32;

/// Processes that take a push in: each may map a gigabyte. Whoever pushes is known.
const MAX_TAKING: usize = 16;

/// How long a place is waited for. A crowd passes in that time; who waits longer had better come again.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a process does, for the number of its like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    Filling,
    Answering,
    Taking,
}

/// The places of all repositories of a node.
#[derive(Debug)]
pub(super) struct Places {
    filling: Arc<Semaphore>,
    answering: Arc<Semaphore>,
    taking: Arc<Semaphore>,
    patience: Duration,
}

impl Default for Places {
    fn default() -> Self {
        Self {
            filling: Arc::new(Semaphore::new(MAX_FILLING)),
            answering: Arc::new(Semaphore::new(MAX_ANSWERING)),
            taking: Arc::new(Semaphore::new(MAX_TAKING)),
            patience: PATIENCE,
        }
    }
}

/// Leave to run one process; given back when it is dropped.
#[derive(Debug)]
pub(super) struct Place(#[allow(dead_code)] OwnedSemaphorePermit);

impl Places {
    /// Waits for a place.
    ///
    /// # Errors
    /// There was none for 20 seconds.
    pub(super) async fn take(&self, work: Work) -> Result<Place, ServiceError> {
        let places = match work {
            Work::Filling => &self.filling,
            Work::Answering => &self.answering,
            Work::Taking => &self.taking,
        };
        let place = tokio::time::timeout(self.patience, places.clone().acquire_owned());
        match place.await {
            Ok(Ok(place)) => Ok(Place(place)),
            _ => Err(ServiceError::Busy),
        }
    }

    /// The same with other numbers: for tests.
    #[cfg(test)]
    pub(super) fn few(each: usize, patience: Duration) -> Self {
        let some = || Arc::new(Semaphore::new(each));
        Self {
            filling: some(),
            answering: some(),
            taking: some(),
            patience,
        }
    }
}
