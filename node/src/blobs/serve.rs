//! Giving blobs to members: one or a part of one, or several small ones, and nothing else.

use std::{
    ops::Range,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use bytes::Bytes;
use commun_specs::id::ContentHash;
use iroh::endpoint::{Connection, RecvStream, SendStream, VarInt};
use tokio::{runtime::Handle, time::timeout};

use super::{
    Blobs, Error,
    stacks::{Whole, pieces::PIECE},
    store,
    wire::{MAX_REQUEST, REFUSED, Request},
};
use crate::net::limits::{ANSWER_TIMEOUT, MIN_PROGRESS, REQUEST_TIMEOUT, STALL};

/// Large blobs that are given at the same time: each has a thread and a piece in memory. Who comes later waits.
pub(super) const MAX_GIVING: usize = 64;
/// Longest wait until a peer takes a piece: as slowly as it may come there.
const PATIENCE: Duration = STALL.saturating_mul((PIECE / MIN_PROGRESS) as u32);

impl Blobs {
    /// Answers a member's requests until the connection ends.
    pub(crate) async fn serve(&self, connection: Connection) {
        while let Ok((send, recv)) = connection.accept_bi().await {
            tokio::spawn(self.clone().answer(send, recv));
        }
    }

    async fn answer(self, mut send: SendStream, mut recv: RecvStream) {
        let asked = timeout(REQUEST_TIMEOUT, recv.read_to_end(MAX_REQUEST)).await;
        let asked = asked.ok().and_then(Result::ok);
        let given = match asked.and_then(|bytes| Request::decode(&bytes)) {
            Some(Request::One(hash, range)) => self.give(send, hash, range).await,
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
        let Ok(_place) = self.0.giving.acquire().await else {
            return Ok(());
        };
        let (blobs, runtime) = (self.clone(), Handle::current());
        // A thread of its own reads while others send: on two cores that is what makes a transfer fast.
        let giving = tokio::task::spawn_blocking(move || {
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

fn lock(room: &Mutex<Vec<Vec<u8>>>) -> MutexGuard<'_, Vec<Vec<u8>>> {
    room.lock().expect("a thread that panics ends the process")
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
