//! Gathering: small blobs that are wanted of one node at the same time are asked for in one request, and stored
//! together. Each by itself would cost both nodes a stream, and this one a wait for the disk.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard},
};

use commun_specs::{id::ContentHash, key::PublicKey};
use tokio::sync::oneshot;

use super::{Net, data::Protocol};
use crate::blobs::{Error, MAX_ASKED, ReceiveError, Received};

/// Requests to one node at the same time: while what one brought is stored, another one brings more.
const WORKERS: usize = 2;

/// A blob that somebody waits for, with the most bytes that it may have. The answer is `None` if it must be asked for
/// alone: then it is known what is wrong.
type Wanted = (ContentHash, u64, oneshot::Sender<Option<Received>>);

/// What waits for one node, and how many ask it.
#[derive(Default)]
struct Queue {
    waiting: VecDeque<Wanted>,
    workers: usize,
}

/// The queues of all nodes.
#[derive(Default)]
pub(super) struct Gather(Mutex<HashMap<PublicKey, Queue>>);

impl Gather {
    fn lock(&self) -> MutexGuard<'_, HashMap<PublicKey, Queue>> {
        self.0
            .lock()
            .expect("a thread that panics ends the process")
    }

    /// The next blobs to ask for; `None`, and one worker less, if there are none.
    fn next(&self, peer: &PublicKey) -> Option<Vec<Wanted>> {
        let mut queues = self.lock();
        let queue = queues.get_mut(peer)?;
        queue.waiting.retain(|(_, _, reply)| !reply.is_closed());
        let n = queue.waiting.len().min(MAX_ASKED);
        if n > 0 {
            return Some(queue.waiting.drain(..n).collect());
        }
        queue.workers -= 1;
        if queue.workers == 0 {
            queues.remove(peer);
        }
        None
    }

    /// Puts back what an answer did not reach.
    fn again(&self, peer: &PublicKey, rest: Vec<Wanted>) {
        if let Some(queue) = self.lock().get_mut(peer) {
            for one in rest.into_iter().rev() {
                queue.waiting.push_front(one);
            }
        }
    }
}

impl Net {
    /// Takes a small blob from a node, together with what others want of it; `None` if it must be asked for alone.
    pub(super) async fn gather(
        &self,
        peer: &PublicKey,
        hash: &ContentHash,
        max: u64,
    ) -> Option<Received> {
        let (reply, answer) = oneshot::channel();
        let begin = {
            let mut queues = self.0.gather.lock();
            let queue = queues.entry(*peer).or_default();
            queue.waiting.push_back((*hash, max, reply));
            let begin = queue.workers < WORKERS;
            queue.workers += usize::from(begin);
            begin
        };
        if begin {
            let (net, peer) = (self.clone(), *peer);
            self.0.tasks.spawn(async move {
                tokio::select! {
                    () = net.0.stop.cancelled() => {}
                    () = net.ask(peer) => {}
                }
            });
        }
        answer.await.ok().flatten()
    }

    /// Asks a node until nothing waits for it.
    async fn ask(&self, peer: PublicKey) {
        while let Some(all) = self.0.gather.next(&peer) {
            // What several want is asked for once.
            let mut wanted: Vec<(ContentHash, u64)> = Vec::new();
            let mut waiting: HashMap<ContentHash, Vec<Wanted>> = HashMap::new();
            for one in all {
                let same = waiting.entry(one.0).or_default();
                if same.is_empty() {
                    wanted.push((one.0, one.1));
                }
                same.push(one);
            }
            let mut alone = usize::MAX;
            let mut received = Vec::new();
            match self.0.data.connect(peer, Protocol::Blobs).await {
                Ok(connection) => {
                    let many = self.0.blobs.receive_many(&connection, &wanted).await;
                    received = many.received;
                    alone = match many.why {
                        None => 0,
                        // One of them is not to be had in this way; the others may be.
                        Some(
                            ReceiveError::NotHeld(_)
                            | ReceiveError::TooLarge { .. }
                            | ReceiveError::Store(Error::Blocked(_)),
                        ) => 1,
                        Some(error) => {
                            tracing::debug!(?peer, %error, "small blobs are asked for one by one");
                            usize::MAX
                        }
                    };
                }
                Err(error) => tracing::debug!(?peer, %error, "no small blobs"),
            }
            let mut wanted = wanted.into_iter();
            let mut tell = |hash: ContentHash, came: Option<Received>| {
                for (_, _, reply) in waiting.remove(&hash).into_iter().flatten() {
                    let _ = reply.send(came);
                }
            };
            for (came, (hash, _)) in received.into_iter().zip(wanted.by_ref()) {
                tell(hash, Some(came));
            }
            for (hash, _) in wanted.by_ref().take(alone) {
                tell(hash, None);
            }
            let rest = wanted.filter_map(|(hash, _)| waiting.remove(&hash));
            self.0.gather.again(&peer, rest.flatten().collect());
        }
    }
}
