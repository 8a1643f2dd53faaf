//! How many of Git's processes run for others at the same time.
//!
//! What is read from a file or from memory needs no place. A process that answers needs one for as long as it runs:
//! whoever finds none free waits a little, and is then told to come again. Strangers, people who are known here and
//! other nodes have places of their own: none of them can take those of the others.

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

/// The same for people who are known: who fetches over SSH, and who is about to push. As many as SSH runs at a time.
const MAX_KNOWN: usize = 32;

/// Processes whose answer goes straight to another node: as many as nodes are served at a time.
const MAX_GIVING: usize = 8;

/// Processes that write a pack for other nodes into the cache: as many again, as one is made on for a while when the
/// node that asked is gone.
const MAX_FILLING_FOR_NODES: usize = 8;

/// Processes that take a push in: each may map a gigabyte. Whoever pushes is known.
const MAX_TAKING: usize = 16;

/// How long a place is waited for. A crowd passes in that time; who waits longer had better come again.
const PATIENCE: Duration = Duration::from_secs(20);

/// The same for another node, which asks the next one meanwhile. Two places may be waited for before an answer begins,
/// and a node that hears nothing for four seconds takes the giver for broken.
const PATIENCE_OF_NODES: Duration = Duration::from_millis(1_200);

/// What a process does, for the number of its like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    Filling,
    Answering,
    AnsweringKnown,
    FillingForNodes,
    Giving,
    Taking,
}

/// The places of all repositories of a node.
#[derive(Debug)]
pub(super) struct Places {
    filling: Arc<Semaphore>,
    answering: Arc<Semaphore>,
    answering_known: Arc<Semaphore>,
    filling_for_nodes: Arc<Semaphore>,
    giving: Arc<Semaphore>,
    taking: Arc<Semaphore>,
    patience: Duration,
    patience_of_nodes: Duration,
}

impl Default for Places {
    fn default() -> Self {
        Self {
            filling: Arc::new(Semaphore::new(MAX_FILLING)),
            answering: Arc::new(Semaphore::new(MAX_ANSWERING)),
            answering_known: Arc::new(Semaphore::new(MAX_KNOWN)),
            filling_for_nodes: Arc::new(Semaphore::new(MAX_FILLING_FOR_NODES)),
            giving: Arc::new(Semaphore::new(MAX_GIVING)),
            taking: Arc::new(Semaphore::new(MAX_TAKING)),
            patience: PATIENCE,
            patience_of_nodes: PATIENCE_OF_NODES,
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
    /// There was none for 20 seconds, or for another node in little more than one.
    pub(super) async fn take(&self, work: Work) -> Result<Place, ServiceError> {
        let patience = match work {
            Work::FillingForNodes | Work::Giving => self.patience_of_nodes,
            Work::Filling | Work::Answering | Work::AnsweringKnown | Work::Taking => self.patience,
        };
        let place = tokio::time::timeout(patience, self.of(work).clone().acquire_owned());
        match place.await {
            Ok(Ok(place)) => Ok(Place(place)),
            _ => Err(ServiceError::Busy),
        }
    }

    fn of(&self, work: Work) -> &Arc<Semaphore> {
        match work {
            Work::Filling => &self.filling,
            Work::Answering => &self.answering,
            Work::AnsweringKnown => &self.answering_known,
            Work::FillingForNodes => &self.filling_for_nodes,
            Work::Giving => &self.giving,
            Work::Taking => &self.taking,
        }
    }

    /// How many are free: for tests.
    #[cfg(test)]
    pub(super) fn free(&self, work: Work) -> usize {
        self.of(work).available_permits()
    }

    /// The same with other numbers: for tests.
    #[cfg(test)]
    pub(super) fn few(each: usize, patience: Duration) -> Self {
        let some = || Arc::new(Semaphore::new(each));
        Self {
            filling: some(),
            answering: some(),
            answering_known: some(),
            filling_for_nodes: some(),
            giving: some(),
            taking: some(),
            patience,
            patience_of_nodes: PATIENCE_OF_NODES.min(patience),
        }
    }
}
