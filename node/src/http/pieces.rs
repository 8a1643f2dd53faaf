//! Answers that are made while they are sent: written on a thread that may wait, read in pieces by whoever asked.

use std::{
    io::{self, Write},
    time::{Duration, Instant},
};

use axum::body::Body;
use bytes::Bytes;
use tokio::{runtime::Handle, sync::mpsc};

/// How long a reader may take for one piece before their answer ends.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long an answer may take beside what the slowest reader needs, and what that one reads, bytes a second: a thread waits for
/// them, and there are not many.
const GRACE: Duration = Duration::from_secs(60);
const SLOWEST: u64 = 16 << 10;
/// Size of a piece, bytes.
const PIECE: usize = 64 << 10;
/// Pieces that wait for the reader.
const AHEAD: usize = 4;

/// What `write` writes. Where it fails, the reader sees an answer that breaks off, not one that ends.
pub(in crate::http) fn body(
    write: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send + 'static,
) -> Body {
    let (sender, receiver) = mpsc::channel(AHEAD);
    tokio::task::spawn_blocking(move || {
        let mut out = Pieces {
            sender,
            piece: Vec::with_capacity(PIECE),
            runtime: Handle::current(),
            began: Instant::now(),
            sent: 0,
        };
        if let Err(error) = write(&mut out).and_then(|()| out.flush()) {
            let broken = io::Error::other(error.to_string());
            let _ = out.pass(Err(broken));
        }
    });
    let body = futures::stream::unfold(receiver, async |mut receiver| {
        let piece = receiver.recv().await?;
        Some((piece, receiver))
    });
    Body::from_stream(body)
}

/// What is written, in pieces, to whoever reads; on a thread that may wait for them.
struct Pieces {
    sender: mpsc::Sender<io::Result<Bytes>>,
    piece: Vec<u8>,
    runtime: Handle,
    began: Instant,
    sent: u64,
}

impl Pieces {
    fn pass(&mut self, piece: io::Result<Bytes>) -> io::Result<()> {
        let due = GRACE + Duration::from_secs(self.sent / SLOWEST);
        self.sent += piece.as_ref().map_or(0, |bytes| bytes.len() as u64);
        let patience = PATIENCE.min(due.saturating_sub(self.began.elapsed()));
        let sent = tokio::time::timeout(patience, self.sender.send(piece));
        match self.runtime.block_on(sent) {
            Ok(Ok(())) => Ok(()),
            _ => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE));
        self.pass(Ok(piece.into()))
    }
}
