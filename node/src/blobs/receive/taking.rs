//! Taking bytes off the network while a thread verifies and writes those before: a task does it, which is woken where packets
//! come in. A thread that waited for the network itself would be woken for every few packets, from another core.

use iroh::endpoint::{RecvStream, VarInt};
use tokio::{runtime::Handle, sync::mpsc, time::timeout};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{ReceiveError, broken};
use crate::{
    blobs::{
        Blobs,
        rooms::{ROOM, Room, Rooms, WAITING},
        stacks::pieces::PIECE,
        wire::REFUSED,
    },
    net::limits::{MIN_PROGRESS, STALL},
};

/// What comes, room by room. Dropped, nothing more is taken.
pub(super) struct Taking {
    came: mpsc::Receiver<Result<Room, ReceiveError>>,
    _dropped: DropGuard,
}

impl Taking {
    /// Begins to take so many bytes, from the beginning of a piece, as long as nobody says to stop.
    pub(super) fn begin(
        runtime: &Handle,
        blobs: &Blobs,
        recv: RecvStream,
        bytes: u64,
        stop: &CancellationToken,
    ) -> Self {
        let (came, next) = mpsc::channel(WAITING);
        let stop = stop.child_token();
        let taker = Taker {
            blobs: blobs.clone(),
            recv,
            stop: stop.clone(),
        };
        runtime.spawn(taker.run(bytes, came));
        Self {
            came: next,
            _dropped: stop.drop_guard(),
        }
    }

    /// Waits for the next bytes: whole pieces. Nothing once all came. Blocks.
    ///
    /// # Errors
    /// The rest does not come; the whole pieces before it came.
    pub(super) fn next(&mut self) -> Option<Result<Room, ReceiveError>> {
        self.came.blocking_recv()
    }
}

struct Taker {
    blobs: Blobs,
    recv: RecvStream,
    stop: CancellationToken,
}

impl Taker {
    async fn run(mut self, mut left: u64, came: mpsc::Sender<Result<Room, ReceiveError>>) {
        let rooms = Rooms::default();
        while left > 0 {
            let mut room = rooms.lend(left.min(ROOM) as usize);
            left -= room.len() as u64;
            let (have, filled) = self.fill(&mut room).await;
            if filled.is_err() {
                room.truncate(have - have % PIECE as usize);
            }
            if !room.is_empty() && came.send(Ok(room)).await.is_err() {
                break;
            }
            if let Err(error) = filled {
                // Who does not take it any more has an error of their own.
                let _ = came.send(Err(error)).await;
                break;
            }
        }
        let _ = self.recv.stop(VarInt::from_u32(REFUSED));
    }

    /// How many bytes came, and why no more. In each stretch of time enough of them come, or all: a trickle is as bad as nothing.
    async fn fill(&mut self, room: &mut Room) -> (usize, Result<(), ReceiveError>) {
        let mut have = 0;
        for stretch in room.chunks_mut(MIN_PROGRESS as usize) {
            let reading = timeout(STALL, self.recv.read_exact(stretch));
            match self.stop.run_until_cancelled(reading).await {
                Some(Ok(Ok(()))) => {}
                Some(Ok(Err(error))) => return (have, Err(broken(error))),
                Some(Err(_)) => return (have, Err(ReceiveError::Stalled)),
                None => return (have, Err(broken("nobody waits for it"))),
            }
            have += stretch.len();
            self.blobs.count(stretch.len() as u64);
        }
        (have, Ok(()))
    }
}
