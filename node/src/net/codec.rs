//! How a control message travels: the bytes of one message, then the end of the stream; no bytes back.

use std::io;

use futures::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use libp2p::{StreamProtocol, request_response};

use super::limits::MAX_MESSAGE;

/// The protocol's name.
pub(super) const PROTOCOL: StreamProtocol = StreamProtocol::new("/commun/sync/1");

/// A message, or that there was one over the limit: an error while reading would be swallowed by libp2p.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Frame {
    /// The bytes of a message.
    Message(Vec<u8>),
    /// There were more than [`MAX_MESSAGE`] bytes.
    TooLarge,
}

/// Reads and writes one message, which is only bytes here.
#[derive(Debug, Clone, Default)]
pub(super) struct Codec;

impl request_response::Codec for Codec {
    type Protocol = StreamProtocol;
    type Request = Frame;
    type Response = ();

    async fn read_request<T>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<Frame>
    where
        T: AsyncRead + Unpin + Send,
    {
        let mut bytes = Vec::new();
        io.take(MAX_MESSAGE as u64 + 1)
            .read_to_end(&mut bytes)
            .await?;
        let whole = bytes.len() <= MAX_MESSAGE;
        Ok(if whole {
            Frame::Message(bytes)
        } else {
            Frame::TooLarge
        })
    }

    async fn read_response<T>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<()>
    where
        T: AsyncRead + Unpin + Send,
    {
        // Whatever comes back is not looked at.
        io.take(1).read_to_end(&mut Vec::new()).await.map(drop)
    }

    async fn write_request<T>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
        frame: Frame,
    ) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        if let Frame::Message(bytes) = frame {
            io.write_all(&bytes).await?;
        }
        io.close().await
    }

    async fn write_response<T>(&mut self, _: &StreamProtocol, io: &mut T, (): ()) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        io.close().await
    }
}
