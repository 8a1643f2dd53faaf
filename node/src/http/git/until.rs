//! A stream that has to end by a certain time.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, ReadBuf},
    time::{Sleep, sleep},
};

/// Bytes that arrive in time, and then an error, however many come now and then.
pub(super) struct Until<R> {
    bytes: R,
    end: Pin<Box<Sleep>>,
}

impl<R> Until<R> {
    /// Reads `bytes` for so long.
    pub(super) fn new(bytes: R, time: Duration) -> Self {
        Self {
            bytes,
            end: Box::pin(sleep(time)),
        }
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for Until<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.end.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Pin::new(&mut self.bytes).poll_read(cx, buf)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_sends_a_byte_now_and_then_is_cut_off_all_the_same() {
        let (mut client, server) = tokio::io::duplex(64);
        let mut read = Vec::new();
        let mut until = Until::new(server, Duration::from_secs(60));
        let trickle = async {
            loop {
                tokio::time::sleep(Duration::from_secs(7)).await;
                client.write_all(b"0").await.unwrap();
            }
        };
        let ended = tokio::select! {
            ended = until.read_to_end(&mut read) => ended,
            () = trickle => unreachable!("it has no end"),
        };
        assert_eq!(ended.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert_eq!(read.len(), 8);
        let mut all = String::new();
        let mut in_time = Until::new(&b"want"[..], Duration::from_secs(60));
        in_time.read_to_string(&mut all).await.unwrap();
        assert_eq!(all, "want");
    }
}
