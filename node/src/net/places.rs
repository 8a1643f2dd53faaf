//! Places for what costs a thread or a process: so many in all, and so many of these for one peer.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex},
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::limits::STALL;

/// Places, given to peers of which each is known by a `K`.
pub(crate) struct Places<K> {
    all: Arc<Semaphore>,
    of_one: usize,
    each: Mutex<HashMap<K, Arc<Semaphore>>>,
}

/// A place, until it is dropped.
pub(crate) struct Place {
    _own: OwnedSemaphorePermit,
    _of_all: OwnedSemaphorePermit,
}

impl<K: Eq + Hash> Places<K> {
    /// So many places; of these at most `of_one` to one peer, over however many connections.
    pub(crate) fn new(all: usize, of_one: usize) -> Self {
        Self {
            all: Arc::new(Semaphore::new(all)),
            of_one,
            each: Mutex::default(),
        }
    }

    /// Waits a little for a place: a burst passes, and in a crowd the asker is better off with another node.
    pub(crate) async fn take(&self, peer: K) -> Option<Place> {
        let own = {
            let each = self.each.lock();
            let mut each = each.expect("a thread that panics ends the process");
            // Those that nobody has a place of, or waits for.
            each.retain(|_, own| Arc::strong_count(own) > 1);
            let new = || Arc::new(Semaphore::new(self.of_one));
            each.entry(peer).or_insert_with(new).clone()
        };
        let both = async {
            Some(Place {
                _own: own.acquire_owned().await.ok()?,
                _of_all: self.all.clone().acquire_owned().await.ok()?,
            })
        };
        timeout(STALL / 2, both).await.ok().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn nobody_has_more_than_their_share_and_all_together_no_more_than_there_is() {
        let places = Places::new(3, 2);
        let first = places.take("a").await.unwrap();
        let _second = places.take("a").await.unwrap();
        assert!(places.take("a").await.is_none(), "a has its share");
        let _third = places.take("b").await.unwrap();
        assert!(places.take("c").await.is_none(), "all are taken");
        drop(first);
        assert!(places.take("c").await.is_some());
        assert!(places.each.lock().unwrap().len() <= 3);
    }
}
