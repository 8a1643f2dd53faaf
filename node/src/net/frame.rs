//! Reading and writing on the data plane's streams: nothing without a limit, nothing that waits for ever.

use std::time::Duration;

use bytes::Bytes;
use iroh::endpoint::{RecvStream, SendStream, VarInt};
use tokio::time::timeout;

use super::{limits::STALL, offence::Offence};

/// How much is written before the clock starts anew: crosses a slow line (256 kbit/s) in time.
const PIECE: usize = 64 << 10;

/// A stream came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// No byte for too long.
    #[error("the peer stalled")]
    Stalled,
    /// More bytes than the limit.
    #[error("the peer sent more than the limit")]
    Oversize,
    /// The bytes are not what was expected.
    #[error("the peer sent bytes that cannot be read")]
    Garbage,
    /// The connection or the stream ended.
    #[error("the connection broke")]
    Broken,
}

impl Fault {
    /// What the peer did wrong, if it did.
    pub fn offence(self) -> Option<Offence> {
        match self {
            Fault::Stalled => Some(Offence::Stall),
            Fault::Oversize => Some(Offence::Oversize),
            Fault::Garbage => Some(Offence::Garbage),
            Fault::Broken => None,
        }
    }
}

/// Reads to the end of the stream, at most `max` bytes within `limit`. `progress` hears how many there are so
/// far.
pub(super) async fn read_all(
    recv: &mut RecvStream,
    max: usize,
    limit: Duration,
    mut progress: impl FnMut(usize),
) -> Result<Vec<u8>, Fault> {
    let all = async {
        let mut all = Vec::new();
        while let Some(piece) = read_piece(recv).await? {
            if all.len() + piece.len() > max {
                return Err(Fault::Oversize);
            }
            all.extend_from_slice(&piece);
            progress(all.len());
        }
        Ok(all)
    };
    timeout(limit, all).await.unwrap_or(Err(Fault::Stalled))
}

async fn read_piece(recv: &mut RecvStream) -> Result<Option<Bytes>, Fault> {
    match timeout(STALL, recv.read_chunk(PIECE)).await {
        Ok(Ok(piece)) => Ok(piece),
        Ok(Err(_)) => Err(Fault::Broken),
        Err(_) => Err(Fault::Stalled),
    }
}

/// Reads a line, at most `max` bytes without its end; what follows it stays in the stream.
pub(super) async fn read_line(recv: &mut RecvStream, max: usize) -> Result<Vec<u8>, Fault> {
    let line = async {
        let mut line = Vec::new();
        let mut byte = [0];
        loop {
            match recv.read(&mut byte).await {
                Ok(Some(1)) if byte[0] == b'\n' => return Ok(line),
                Ok(Some(1)) if line.len() < max => line.push(byte[0]),
                Ok(Some(1)) => return Err(Fault::Oversize),
                Ok(_) | Err(_) => return Err(Fault::Broken),
            }
        }
    };
    timeout(STALL, line).await.unwrap_or(Err(Fault::Stalled))
}

/// Writes everything and ends the stream.
pub(super) async fn write_all(send: &mut SendStream, bytes: &[u8]) -> Result<(), Fault> {
    for piece in bytes.chunks(PIECE) {
        timeout(STALL, send.write_all(piece))
            .await
            .map_err(|_| Fault::Stalled)?
            .map_err(|_| Fault::Broken)?;
    }
    send.finish().map_err(|_| Fault::Broken)
}

/// Waits until the peer has taken everything, before a connection is closed.
pub(super) async fn delivered(send: &mut SendStream, wait: Duration) {
    let _ = timeout(wait, send.stopped()).await;
}

/// Ends a stream at once, in both directions.
pub(super) fn abort(send: &mut SendStream, recv: &mut RecvStream) {
    let _ = send.reset(VarInt::from_u32(1));
    let _ = recv.stop(VarInt::from_u32(1));
}
