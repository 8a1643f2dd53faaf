//! Streams with a limit or an end of their own.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::Instant,
};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// A socket that ends when it is told to, whoever reads it and whatever they wait for.
pub struct Cut<S> {
    socket: S,
    cut: Pin<Box<WaitForCancellationFutureOwned>>,
    done: bool,
}

impl<S> Cut<S> {
    /// Ends `socket` when `token` is cancelled.
    pub fn new(socket: S, token: CancellationToken) -> Self {
        Self {
            socket,
            cut: Box::pin(token.cancelled_owned()),
            done: false,
        }
    }

    fn is_cut(&mut self, cx: &mut Context<'_>) -> bool {
        self.done = self.done || self.cut.as_mut().poll(cx).is_ready();
        self.done
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Cut<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.is_cut(cx) {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.socket).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Cut<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.is_cut(cx) {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        Pin::new(&mut self.socket).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}

/// When a byte last went either way.
#[derive(Clone)]
pub struct Activity(Arc<Mutex<Instant>>);

impl Default for Activity {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }
}

impl Activity {
    /// Notes one.
    pub fn note(&self) {
        *self.lock() = Instant::now();
    }

    /// Waits until nothing went either way for `silence`.
    pub async fn ended(&self, silence: Duration) {
        loop {
            let until = *self.lock() + silence;
            if until <= Instant::now() {
                return;
            }
            tokio::time::sleep_until(until).await;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Instant> {
        self.0
            .lock()
            .expect("a thread that panics ends the process")
    }
}

/// A stream whose bytes are noted, and which whoever writes to it does not end.
pub struct Noted<S> {
    /// The stream.
    pub stream: S,
    /// Where they are noted.
    pub activity: Activity,
}

impl<S: AsyncRead + Unpin> AsyncRead for Noted<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        if read.is_ready() {
            self.activity.note();
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Noted<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        if written.is_ready() {
            self.activity.note();
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    /// Ends nothing: after the end of its data a channel takes no word on standard error either.
    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn a_socket_that_is_cut_ends_for_who_reads_and_breaks_for_who_writes() {
        let (mut far, near) = tokio::io::duplex(64);
        let token = CancellationToken::new();
        let mut cut = Cut::new(near, token.clone());
        far.write_all(b"a").await.unwrap();
        let mut byte = [0];
        assert_eq!(cut.read(&mut byte).await.unwrap(), 1);
        let waiting = tokio::spawn(async move {
            let read = cut.read(&mut byte).await.unwrap();
            (read, cut.write(b"b").await.map_err(|e| e.kind()))
        });
        token.cancel();
        assert_eq!(waiting.await.unwrap(), (0, Err(io::ErrorKind::BrokenPipe)));
    }

    #[tokio::test]
    async fn silence_is_measured_from_the_last_byte() {
        let activity = Activity::default();
        let started = Instant::now();
        let bytes = async {
            tokio::time::sleep(Duration::from_millis(60)).await;
            activity.note();
        };
        tokio::join!(activity.ended(Duration::from_millis(100)), bytes);
        assert!(started.elapsed() >= Duration::from_millis(160));
    }
}
