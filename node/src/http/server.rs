//! The sockets: accepting, limits of time and number, and an ordered end.

use std::{
    future::Future,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::{Instant, Sleep},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Connections at the same time; more wait in the listener's queue. Each costs some ten kilobytes.
const MAX_CONNECTIONS: usize = 512;
/// Time for a request's header to arrive whole: a client that drips it is cut off.
const MAX_HEADER_TIME: Duration = Duration::from_secs(10);
/// Bytes read at once, and the most that a request's header may have before [`super::guard`] looks at it.
const BUFFER_BYTES: usize = 64 << 10;
/// Longest silence in both directions, idle connections included. Longer than a long poll, and than Git is quiet
/// while it works (it sends a sign of life every five seconds).
const MAX_SILENCE: Duration = Duration::from_secs(75);
/// How long answers that have begun may go on after the stop.
const MAX_STOP: Duration = Duration::from_secs(5);
/// Pause after a failed accept (out of file descriptors): trying again at once would only burn a core.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves connections until `stop`. Then, in this order: no new connection, no new request on open ones, answers
/// that have begun are finished for at most five seconds, the rest is cut.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) {
    let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let connections = TaskTracker::new();
    let cut = CancellationToken::new();
    loop {
        let permit = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            permit = Arc::clone(&room).acquire_owned() => permit.expect("the semaphore is never closed"),
        };
        let accepted = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let socket = match accepted {
            Ok((socket, _)) => socket,
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let (router, stop, cut) = (router.clone(), stop.clone(), cut.clone());
        connections.spawn(async move {
            tokio::select! {
                () = cut.cancelled() => {}
                () = connection(socket, router, stop) => {}
            }
            drop(permit);
        });
    }
    drop(listener);
    connections.close();
    if tokio::time::timeout(MAX_STOP, connections.wait())
        .await
        .is_err()
    {
        tracing::warn!("connections were still busy at the end of the stop; cutting them");
        cut.cancel();
        connections.wait().await;
    }
}

async fn connection(socket: TcpStream, router: Router, stop: CancellationToken) {
    // Small answers must not wait for the acknowledgement of the one before.
    let _ = socket.set_nodelay(true);
    let service = TowerToHyperService::new(router);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(MAX_HEADER_TIME)
        .max_buf_size(BUFFER_BYTES)
        .serve_connection(TokioIo::new(Patient::new(socket)), service);
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// A socket that fails when nothing moves for too long.
struct Patient<S> {
    socket: S,
    silence: Pin<Box<Sleep>>,
}

impl<S> Patient<S> {
    fn new(socket: S) -> Self {
        Self {
            socket,
            silence: Box::pin(tokio::time::sleep(MAX_SILENCE)),
        }
    }

    /// Starts the wait anew where something moved, and ends it where it lasted too long.
    fn moved<T>(&mut self, cx: &mut Context<'_>, poll: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if poll.is_ready() {
            self.silence.as_mut().reset(Instant::now() + MAX_SILENCE);
            return poll;
        }
        match self.silence.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let poll = Pin::new(&mut self.socket).poll_read(cx, buffer);
        self.moved(cx, poll)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.socket).poll_write(cx, bytes);
        self.moved(cx, poll)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.socket).poll_write_vectored(cx, slices);
        self.moved(cx, poll)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }
}
