//! Giving blobs to members: one or a part of one, or several small ones, and nothing else.

use std::{
    collections::HashMap,
    ops::Range,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use bytes::Bytes;
use commun_specs::id::ContentHash;
use iroh::{
    EndpointId,
    endpoint::{Connection, RecvStream, SendStream, VarInt},
};
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::{
    Blobs, Error,
    stacks::{Whole, pieces::PIECE},
    store,
    wire::{MAX_REQUEST, REFUSED, Request},
};
use crate::net::limits::{ANSWER_TIMEOUT, MAX_STREAMS, MIN_PROGRESS, REQUEST_TIMEOUT, STALL};

/// Large blobs that are given at the same time: each has a thread, and pieces in memory.
const MAX_GIVING: usize = 64;
/// Of these, to one peer, over however many connections: as many as a node asks for.
const MAX_OF_ONE: usize = MAX_STREAMS as usize;
/// Longest wait until a peer takes a piece: as slowly as it may come there.
const PATIENCE: Duration = STALL.saturating_mul((PIECE / MIN_PROGRESS) as u32);

/// The places of those to whom large blobs are given.
pub(super) struct Giving {
    all: Arc<Semaphore>,
    of_one: Mutex<HashMap<EndpointId, Arc<Semaphore>>>,
}

impl Default for Giving {
    fn default() -> Self {
        Self {
            all: Arc::new(Semaphore::new(MAX_GIVING)),
            of_one: Mutex::default(),
        }
    }
}

impl Giving {
    /// Waits a little for a place: longer than that, the asker is better off with another node.
    async fn take(&self, peer: EndpointId) -> Option<(OwnedSemaphorePermit, OwnedSemaphorePermit)> {
        let own = {
            let mut of_one = lock(&self.of_one);
            of_one.retain(|_, own| Arc::strong_count(own) > 1);
            let new = || Arc::new(Semaphore::new(MAX_OF_ONE));
            of_one.entry(peer).or_insert_with(new).clone()
        };
        let both = async {
            let own = own.acquire_owned().await.ok()?;
            Some((own, self.all.clone().acquire_owned().await.ok()?))
        };
        timeout(STALL / 2, both).await.ok().flatten()
    }
}

impl Blobs {
    /// Answers a member's requests until the connection ends.
    pub(crate) async fn serve(&self, connection: Connection) {
        while let Ok((send, recv)) = connection.accept_bi().await {
            tokio::spawn(self.clone().answer(connection.remote_id(), send, recv));
        }
    }

    async fn answer(self, peer: EndpointId, mut send: SendStream, mut recv: RecvStream) {
        let asked = timeout(REQUEST_TIMEOUT, recv.read_to_end(MAX_REQUEST)).await;
        let asked = asked.ok().and_then(Result::ok);
        let given = match asked.and_then(|bytes| Request::decode(&bytes)) {
            Some(Request::One(hash, range)) => self.give(peer, send, hash, range).await,
            Some(Request::Many(hashes)) => {
                self.give_many(send, &hashes).await;
                Ok(())
            }
            None => {
                let _ = send.reset(VarInt::from_u32(REFUSED));
                Ok(())
            }
        };
        if let Err(error) = given {
            tracing::warn!("content cannot be given: {error}");
        }
    }

    /// Gives a blob, or ends the answer.
    async fn give(
        self,
        peer: EndpointId,
        mut send: SendStream,
        hash: ContentHash,
        range: Range<u64>,
    ) -> Result<(), Error> {
        if !self.for_peers(&hash) {
            return Ok(());
        }
        if let Some(bytes) = self.small(&hash)? {
            let from = usize::try_from(range.start).unwrap_or(usize::MAX);
            let part = bytes.get(from..).unwrap_or_default();
            let answer = [&(bytes.len() as u64).to_le_bytes(), part].concat();
            let _ = timeout(ANSWER_TIMEOUT, send.write_all(&answer)).await;
            return Ok(());
        }
        let Some(place) = self.0.giving.take(peer).await else {
            return Ok(());
        };
        let (blobs, runtime) = (self.clone(), Handle::current());
        // A thread of its own reads while others send: on two cores that is what makes a transfer fast.
        let giving = tokio::task::spawn_blocking(move || {
            let _place = place;
            let Some(whole) = blobs.0.stacks.whole(&hash)? else {
                return Ok(());
            };
            give_large(&runtime, &mut send, &whole, range)
        });
        giving.await.map_err(store)?
    }
}

/// Sends what is asked for of a large blob. The asker verifies it: bytes that changed on the disk of this node are refused there.
fn give_large(
    runtime: &Handle,
    send: &mut SendStream,
    whole: &Whole,
    range: Range<u64>,
) -> Result<(), Error> {
    let pieces = whole.pieces();
    let head = [&pieces.size().to_le_bytes(), pieces.list()].concat();
    let mut put = |bytes: Bytes| {
        let sent = runtime.block_on(timeout(PATIENCE, send.write_chunk(bytes)));
        matches!(sent, Ok(Ok(())))
    };
    // In parts, of which each may take its time.
    let head = Bytes::from(head);
    let part = PIECE as usize;
    for from in (0..head.len()).step_by(part) {
        if !put(head.slice(from..head.len().min(from + part))) {
            return Ok(());
        }
    }
    let (mut at, end) = (range.start, range.end.min(pieces.size()));
    let buffers = Buffers::default();
    while at < end {
        let mut lent = buffers.lend((end - at).min(PIECE) as usize);
        whole.read(at, &mut lent.bytes).map_err(store)?;
        at += lent.bytes.len() as u64;
        // Who asked has gone, or takes too little.
        if !put(Bytes::from_owner(lent)) {
            return Ok(());
        }
    }
    Ok(())
}

/// What pieces are read into: when one was received, its room is there for the next. New room for each would cost as much as reading.
#[derive(Default)]
struct Buffers(Arc<Mutex<Vec<Vec<u8>>>>);

/// Room that comes back.
struct Lent {
    bytes: Vec<u8>,
    home: Arc<Mutex<Vec<Vec<u8>>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("a thread that panics ends the process")
}

impl Buffers {
    fn lend(&self, len: usize) -> Lent {
        let mut bytes = lock(&self.0).pop().unwrap_or_default();
        bytes.resize(len, 0);
        let home = self.0.clone();
        Lent { bytes, home }
    }
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        lock(&self.home).push(std::mem::take(&mut self.bytes));
    }
}
