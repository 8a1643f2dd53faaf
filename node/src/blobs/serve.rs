//! Giving blobs to members: one or a part of one, or several small ones, and nothing else.

use std::{ops::Range, time::Duration};

use bytes::Bytes;
use commun_specs::id::ContentHash;
use iroh::{
    EndpointId,
    endpoint::{Connection, RecvStream, SendStream, VarInt},
};
use tokio::{sync::mpsc, time::timeout};

use super::{
    Blobs, Error,
    rooms::{ROOM, Rooms, WAITING},
    stacks::Whole,
    store,
    wire::{MAX_REQUEST, REFUSED, Request},
};
use crate::net::{
    limits::{ANSWER_TIMEOUT, MAX_STREAMS, MIN_PROGRESS, REQUEST_TIMEOUT, STALL},
    places::Places,
};

/// Large blobs that are given at the same time: each has a thread, and four rooms of half a MiB at most.
const MAX_GIVING: usize = 64;
/// Of these, to one peer, over however many connections: as many as a node asks for.
const MAX_OF_ONE: usize = MAX_STREAMS as usize;
/// Longest wait until a peer takes a room: as slowly as it may come there.
const PATIENCE: Duration = STALL.saturating_mul((ROOM / MIN_PROGRESS) as u32);

/// The places of those to whom large blobs are given.
pub(super) fn places() -> Places<EndpointId> {
    Places::new(MAX_GIVING, MAX_OF_ONE)
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
        let Some(_place) = self.0.giving.take(peer).await else {
            return Ok(());
        };
        let (read, mut bytes) = mpsc::channel(WAITING);
        let blobs = self.clone();
        // A thread of its own reads while others send: on two cores that is what makes a transfer fast.
        let reading = tokio::task::spawn_blocking(move || match blobs.0.stacks.whole(&hash)? {
            Some(whole) => read_out(&whole, range, &read),
            None => Ok(()),
        });
        while let Some(bytes) = bytes.recv().await {
            // Or who asked has gone, or takes too little.
            let Ok(Ok(())) = timeout(PATIENCE, send.write_chunk(bytes)).await else {
                break;
            };
        }
        drop(bytes);
        reading.await.map_err(store)?
    }
}

/// Reads what is asked for of a large blob, as long as somebody takes it. The asker verifies it: bytes that changed on the disk of this
/// node are refused there.
fn read_out(whole: &Whole, range: Range<u64>, to: &mpsc::Sender<Bytes>) -> Result<(), Error> {
    let pieces = whole.pieces();
    // In parts, of which each may take its time.
    let head = Bytes::from([&pieces.size().to_le_bytes(), pieces.list()].concat());
    let part = ROOM as usize;
    for from in (0..head.len()).step_by(part) {
        let part = head.slice(from..head.len().min(from + part));
        if to.blocking_send(part).is_err() {
            return Ok(());
        }
    }
    let (mut at, end) = (range.start, range.end.min(pieces.size()));
    let rooms = Rooms::default();
    while at < end {
        let mut room = rooms.lend((end - at).min(ROOM) as usize);
        whole.read(at, &mut room).map_err(store)?;
        at += room.len() as u64;
        if to.blocking_send(Bytes::from_owner(room)).is_err() {
            return Ok(());
        }
    }
    Ok(())
}
