//! Receiving a blob from one peer: verified piece by piece, continued where it was.

mod taking;

use std::{
    collections::HashMap,
    ops::Range,
    sync::{Arc, Mutex, atomic::Ordering},
};

use bytes::Bytes;
use commun_specs::id::ContentHash;
use iroh::endpoint::{Connection, ReadExactError, RecvStream, VarInt};
use tokio::{runtime::Handle, time::timeout};
use tokio_util::sync::CancellationToken;

use super::{
    Blobs, Error,
    stacks::{
        Part, Wrong,
        pieces::{MAX_LARGE, Pieces, VALUE, values_of},
    },
    store,
    wire::{REFUSED, Request},
};
use crate::net::limits::{MIN_PROGRESS, STALL};
use taking::Taking;

/// Blobs that are received at the same time, from all peers: each has a thread, of which the process has a limited number.
pub(super) const MAX_RECEIVING: usize = 64;

/// What came of a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Received {
    /// The size of the blob.
    pub size: u64,
    /// How many bytes of it came over the network now; what was here before was not asked for.
    pub transferred: u64,
}

/// A blob did not come.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// The peer does not have it, or does not say.
    #[error("the peer does not hold the content: {0}")]
    NotHeld(String),
    /// The peer sent bytes that do not match the hash.
    #[error("the peer sent bytes that do not match the hash: {0}")]
    Wrong(String),
    /// The blob is larger than what was expected.
    #[error("the content has {size} bytes, more than the {max} that were stated")]
    TooLarge {
        /// Its true size.
        size: u64,
        /// What is allowed.
        max: u64,
    },
    /// Nothing came for too long.
    #[error("the peer stalled")]
    Stalled,
    /// The connection ended.
    #[error("the connection broke: {0}")]
    Broken(String),
    /// This node cannot store it.
    #[error(transparent)]
    Store(#[from] Error),
}

/// Whose turn it is to receive a blob: two at once would write into one file.
#[derive(Default)]
pub(super) struct Turns(Mutex<HashMap<ContentHash, Arc<tokio::sync::Mutex<()>>>>);

impl Turns {
    fn of(&self, hash: &ContentHash) -> Arc<tokio::sync::Mutex<()>> {
        let turns = self.0.lock();
        let mut turns = turns.expect("a thread that panics ends the process");
        // Those that nobody has or waits for.
        turns.retain(|_, turn| Arc::strong_count(turn) > 1);
        turns.entry(*hash).or_default().clone()
    }
}

impl Blobs {
    /// Takes a blob from a peer. What came and was verified stays, also when this fails or is dropped, so that
    /// the next attempt, with this peer or another, asks for the rest only. Durable on return.
    ///
    /// # Errors
    /// See [`ReceiveError`].
    pub(crate) async fn receive(
        &self,
        connection: &Connection,
        hash: &ContentHash,
        max: u64,
    ) -> Result<Received, ReceiveError> {
        self.admitted(hash)?;
        let turn = self.0.turns.of(hash);
        // Held until its thread has ended, also when this is dropped.
        let turn = turn.lock_owned().await;
        let place = self.0.receiving.clone().acquire_owned().await;
        let place = place.map_err(store)?;
        // That may have taken long.
        self.admitted(hash)?;
        let here = match self.small(hash) {
            Ok(Some(bytes)) => Some(bytes.len() as u64),
            Ok(None) => self.size(hash).await?,
            // It is put in the place of what is damaged.
            Err(Error::Damaged(_)) => None,
            Err(error) => return Err(error.into()),
        };
        if let Some(size) = here {
            return Ok(Received {
                size,
                transferred: 0,
            });
        }
        let transfer = Transfer {
            blobs: self.clone(),
            connection: connection.clone(),
            hash: *hash,
            max,
            transferred: 0,
            runtime: Handle::current(),
            stop: CancellationToken::new(),
        };
        let _dropped = transfer.stop.clone().drop_guard();
        // A thread of its own hashes and writes while others receive.
        let came = tokio::task::spawn_blocking(move || {
            let _held = (turn, place);
            transfer.run()
        });
        let came = match came.await.map_err(store)? {
            Ok(Came::Small(bytes)) => {
                let size = bytes.len() as u64;
                let shelved = self.shelve(vec![(*hash, bytes)]).await;
                let transferred = size;
                shelved
                    .map(|()| Received { size, transferred })
                    .map_err(ReceiveError::from)
            }
            Ok(Came::Large(received)) => Ok(received),
            Err(error) => Err(error),
        };
        // That took minutes: it may have been taken down meanwhile, and what came since is not erased.
        if let Err(blocked) = self.admitted(hash) {
            self.erase(&[*hash]).await?;
            return Err(blocked.into());
        }
        came
    }

    /// Counts bytes that came.
    pub(super) fn count(&self, bytes: u64) {
        self.0.received.fetch_add(bytes, Ordering::Relaxed);
    }
}

/// What came.
enum Came {
    /// For the shelf; it has its hash.
    Small(Bytes),
    /// It has its place.
    Large(Received),
}

/// A blob on its way from one peer, in a thread that may wait.
struct Transfer {
    blobs: Blobs,
    connection: Connection,
    hash: ContentHash,
    max: u64,
    transferred: u64,
    runtime: Handle,
    /// Nobody waits for it any more.
    stop: CancellationToken,
}

impl Transfer {
    fn run(mut self) -> Result<Came, ReceiveError> {
        let blobs = self.blobs.clone();
        let stacks = &blobs.0.stacks;
        let mut part = match stacks.is_coming(&self.hash) {
            true => Some(stacks.part(&self.hash)?),
            false => None,
        };
        self.wanted()?;
        let mut again = false;
        loop {
            let wanted = part.as_ref().map_or(Some(0..u64::MAX), Part::missing);
            let Some(wanted) = wanted else { break };
            let request = Request::One(self.hash, wanted.clone());
            let mut recv = self.wait(ask(&self.connection, &request))?;
            let size = self.wait(size(&mut recv))?;
            if size > self.max || size > MAX_LARGE {
                let max = self.max.min(MAX_LARGE);
                return Err(ReceiveError::TooLarge { size, max });
            }
            if Blobs::is_small(size) {
                return self.small(&mut recv, size);
            }
            let mut list = vec![0; values_of(size) * VALUE];
            self.read(&mut recv, &mut list)?;
            let wrong = || ReceiveError::Wrong(self.hash.to_string());
            let pieces = Pieces::prove(self.hash, size, &list).ok_or_else(wrong)?;
            let part = match &mut part {
                Some(part) => part,
                None => part.insert(stacks.part(&self.hash)?),
            };
            let changed = stacks.adopt(part, pieces)?;
            self.wanted()?;
            let Some(missing) = part.missing() else {
                break;
            };
            if missing.start != wanted.start || missing.end > wanted.end {
                // By a list that was not known before, other pieces are missing. One that changes again is not believed.
                if again || !changed {
                    return Err(wrong());
                }
                again = true;
                let _ = recv.stop(VarInt::from_u32(REFUSED));
                continue;
            }
            self.fill(recv, part, missing)?;
        }
        let Some(mut part) = part else {
            return Err(ReceiveError::Broken("nothing came".to_owned()));
        };
        let size = blobs.complete(&mut part)?;
        Ok(Came::Large(Received {
            size,
            transferred: self.transferred,
        }))
    }

    /// Leaves nothing of a blob that was taken down meanwhile.
    fn wanted(&self) -> Result<(), ReceiveError> {
        let wanted = self.blobs.admitted(&self.hash);
        if wanted.is_err() {
            self.blobs.0.stacks.give_up(&self.hash)?;
        }
        Ok(wanted?)
    }

    fn small(&mut self, recv: &mut RecvStream, size: u64) -> Result<Came, ReceiveError> {
        let mut bytes = vec![0; usize::try_from(size).map_err(store)?];
        self.read(recv, &mut bytes)?;
        match ContentHash::of(&bytes) == self.hash {
            true => {
                // What one left who said that it is large.
                self.blobs.0.stacks.give_up(&self.hash)?;
                Ok(Came::Small(bytes.into()))
            }
            false => Err(ReceiveError::Wrong(self.hash.to_string())),
        }
    }

    /// Takes the bytes that are missing, some pieces at a time.
    fn fill(
        &mut self,
        recv: RecvStream,
        part: &mut Part,
        missing: Range<u64>,
    ) -> Result<(), ReceiveError> {
        let (mut at, bytes) = (missing.start, missing.end - missing.start);
        let mut coming = Taking::begin(&self.runtime, &self.blobs, recv, bytes, &self.stop);
        while let Some(came) = coming.next() {
            let bytes = came?;
            self.transferred += bytes.len() as u64;
            match part.write(at, &bytes).map_err(store)? {
                Ok(()) => at += bytes.len() as u64,
                Err(Wrong) => return Err(ReceiveError::Wrong(self.hash.to_string())),
            }
        }
        match at == missing.end {
            true => Ok(()),
            // The task went with its runtime.
            false => Err(broken("nobody takes it")),
        }
    }

    /// Reads so many bytes. In each stretch of time enough of them come, or all: a trickle is as bad as nothing.
    fn read(&self, recv: &mut RecvStream, bytes: &mut [u8]) -> Result<(), ReceiveError> {
        for stretch in bytes.chunks_mut(MIN_PROGRESS as usize) {
            self.wait(async { recv.read_exact(stretch).await.map_err(broken) })?;
            self.blobs.count(stretch.len() as u64);
        }
        Ok(())
    }

    /// Waits for the network.
    fn wait<T>(
        &self,
        network: impl Future<Output = Result<T, ReceiveError>>,
    ) -> Result<T, ReceiveError> {
        let waiting = self.stop.run_until_cancelled(timeout(STALL, network));
        match self.runtime.block_on(waiting) {
            Some(Ok(came)) => came,
            Some(Err(_)) => Err(ReceiveError::Stalled),
            None => Err(ReceiveError::Broken("nobody waits for it".to_owned())),
        }
    }
}

/// Asks a peer.
pub(super) async fn ask(
    connection: &Connection,
    request: &Request,
) -> Result<RecvStream, ReceiveError> {
    let asking = async {
        let opened = connection.open_bi().await;
        let (mut send, recv) = opened.map_err(broken)?;
        send.write_all(&request.encode()).await.map_err(broken)?;
        send.finish().map_err(broken)?;
        Ok(recv)
    };
    let asked = timeout(STALL, asking).await;
    asked.map_err(|_| ReceiveError::Stalled)?
}

/// The size of the blob, which is what an answer begins with.
async fn size(recv: &mut RecvStream) -> Result<u64, ReceiveError> {
    let mut size = [0; 8];
    match recv.read_exact(&mut size).await {
        Ok(()) => Ok(u64::from_le_bytes(size)),
        Err(ReadExactError::FinishedEarly(0)) => {
            Err(ReceiveError::NotHeld("the answer ends".to_owned()))
        }
        Err(error) => Err(broken(error)),
    }
}

pub(super) fn broken(error: impl std::fmt::Display) -> ReceiveError {
    ReceiveError::Broken(error.to_string())
}
