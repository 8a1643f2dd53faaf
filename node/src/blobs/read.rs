//! Reading blobs, verified on the way out.

use std::{
    io,
    path::Path,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use commun_specs::id::ContentHash;
use futures::{Stream, StreamExt as _, stream::BoxStream};
use tokio::io::{AsyncRead, AsyncWriteExt as _, ReadBuf};

use super::{
    Blobs, Error,
    stacks::{Whole, pieces::PIECE},
    store,
};

/// Pieces of a blob that are read at the same time.
const AHEAD: usize = 2;

impl Blobs {
    /// Reads `len` bytes (or to the end) from `offset` on. The reader ends with an error before the first byte
    /// that does not match.
    ///
    /// # Errors
    /// The blob is not here whole, or the range begins behind its end.
    pub async fn read(
        &self,
        hash: &ContentHash,
        offset: u64,
        len: Option<u64>,
    ) -> Result<Reader, Error> {
        self.admitted(hash)?;
        let small = self.small(hash)?;
        let (size, whole) = match &small {
            Some(bytes) => (bytes.len() as u64, None),
            None => {
                let (blobs, hash) = (self.clone(), *hash);
                let open = tokio::task::spawn_blocking(move || blobs.0.stacks.whole(&hash));
                let whole = open.await.map_err(store)??.ok_or(Error::NotHeld(hash))?;
                (whole.pieces().size(), Some(whole))
            }
        };
        if offset > size {
            return Err(Error::Range { offset, size });
        }
        let end = len.map_or(size, |l| offset.saturating_add(l).min(size));
        let pieces = match (small, whole) {
            // It was hashed when it was read, whole.
            (Some(bytes), _) => futures::stream::once(std::future::ready(Ok((0, bytes)))).boxed(),
            (None, Some(whole)) if offset < end => pieces(whole, offset, end),
            _ => futures::stream::empty().boxed(),
        };
        Ok(Reader {
            pieces,
            hash: *hash,
            ready: Bytes::new(),
            next: offset,
            end,
        })
    }

    /// Writes a blob to a file that appears whole or not at all.
    ///
    /// # Errors
    /// The blob is not here whole, is damaged, or the file cannot be written.
    pub async fn export(&self, hash: &ContentHash, path: &Path) -> Result<u64, Error> {
        let failed = |source: io::Error| match source.kind() {
            io::ErrorKind::InvalidData => Error::Damaged(*hash),
            _ => Error::File {
                what: "write",
                path: path.to_owned(),
                source,
            },
        };
        let mut reader = self.read(hash, 0, None).await?;
        let folder = path
            .parent()
            .filter(|p| !p.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        let temp = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
        let mut file = tokio::fs::File::from_std(temp.reopen().map_err(failed)?);
        let mut written = 0;
        while let Some(piece) = reader.next().await {
            let piece = piece.map_err(failed)?;
            file.write_all(&piece).await.map_err(failed)?;
            written += piece.len() as u64;
        }
        file.flush().await.map_err(failed)?;
        file.sync_all().await.map_err(failed)?;
        temp.persist(path).map_err(|e| failed(e.error))?;
        Ok(written)
    }
}

/// The pieces that hold these bytes, verified.
fn pieces(whole: Whole, offset: u64, end: u64) -> BoxStream<'static, io::Result<(u64, Bytes)>> {
    let numbers = offset / PIECE..end.div_ceil(PIECE);
    let reading = futures::stream::iter(numbers).map(move |n| {
        let whole = whole.clone();
        async move {
            let read = tokio::task::spawn_blocking(move || whole.piece(n));
            Ok((n * PIECE, read.await??))
        }
    });
    reading.buffered(AHEAD).boxed()
}

/// A part of a blob that is being read: as a stream of pieces or as a reader of bytes.
pub struct Reader {
    pieces: BoxStream<'static, io::Result<(u64, Bytes)>>,
    hash: ContentHash,
    /// Verified, not yet given out.
    ready: Bytes,
    /// The position behind `ready`.
    next: u64,
    end: u64,
}

impl Reader {
    /// How many bytes are still to come.
    pub fn remaining(&self) -> u64 {
        self.end - self.next + self.ready.len() as u64
    }

    fn damaged(&self) -> io::Error {
        io::Error::new(
            io::ErrorKind::InvalidData,
            Error::Damaged(self.hash).to_string(),
        )
    }

    /// Takes what belongs to the range out of a piece.
    fn accept(&mut self, offset: u64, data: &Bytes) -> io::Result<()> {
        let behind = offset + data.len() as u64;
        if offset > self.next || behind <= self.next {
            return Err(self.damaged());
        }
        let from = usize::try_from(self.next - offset).map_err(|_| self.damaged())?;
        let to = usize::try_from(behind.min(self.end) - offset).map_err(|_| self.damaged())?;
        let piece = data.slice(from..to);
        self.next += piece.len() as u64;
        self.ready = piece;
        Ok(())
    }

    /// Waits until something is ready; `false` at the end.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        while self.ready.is_empty() {
            if self.next == self.end {
                return Poll::Ready(Ok(false));
            }
            match futures::ready!(self.pieces.poll_next_unpin(cx)) {
                Some(Ok((offset, data))) => self.accept(offset, &data)?,
                Some(Err(error)) => return Poll::Ready(Err(error)),
                None => return Poll::Ready(Err(self.damaged())),
            }
        }
        Poll::Ready(Ok(true))
    }
}

impl Stream for Reader {
    type Item = io::Result<Bytes>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Bytes>>> {
        match futures::ready!(self.poll_ready(cx)) {
            Ok(true) => Poll::Ready(Some(Ok(std::mem::take(&mut self.ready)))),
            Ok(false) => Poll::Ready(None),
            Err(error) => Poll::Ready(Some(Err(error))),
        }
    }
}

impl AsyncRead for Reader {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if futures::ready!(self.poll_ready(cx))? {
            let len = self.ready.len().min(buf.remaining());
            let part = self.ready.split_to(len);
            buf.put_slice(&part);
        }
        Poll::Ready(Ok(()))
    }
}
