//! `commun/git/2`: a request line, an answer line, then one question and one pack (`commun_forge::git`, `give`).
//! Members read; nobody writes to another node.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use commun_specs::key::PublicKey;
use iroh::endpoint::{Connection, RecvStream, SendStream, VarInt};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::timeout,
};

use super::{
    door::GitServe,
    frame::{self, Fault},
    limits::{MAX_GIT, MAX_GIT_OF_ONE, STALL},
    offence::{Offence, Offences},
    places::{Place, Places},
};

/// Longest request or answer line.
const MAX_LINE: usize = 512;

/// A repository of another node cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// There is no connection.
    #[error(transparent)]
    Connect(#[from] super::data::ConnectError),
    /// The conversation did not begin.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The node does not have the repository.
    #[error("the peer does not hold the repository")]
    NotHeld,
    /// The node serves too many others.
    #[error("the peer is busy")]
    Busy,
}

/// Git's conversation with another node. Ends the sending half when it is shut down or dropped.
pub struct GitStream {
    recv: RecvStream,
    send: SendStream,
    /// What bounds how many there are; none on the asking side.
    _place: Option<Place>,
}

impl AsyncRead for GitStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        AsyncRead::poll_read(Pin::new(&mut self.recv), cx, buf)
    }
}

impl AsyncWrite for GitStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        AsyncWrite::poll_write(Pin::new(&mut self.send), cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        AsyncWrite::poll_flush(Pin::new(&mut self.send), cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        AsyncWrite::poll_shutdown(Pin::new(&mut self.send), cx)
    }
}

/// The places of those for whom processes run.
pub(super) fn places() -> Places<PublicKey> {
    Places::new(MAX_GIT, MAX_GIT_OF_ONE)
}

/// Answers one stream.
pub(super) async fn serve(
    git: Arc<dyn GitServe>,
    places: &Places<PublicKey>,
    offences: &Offences,
    peer: PublicKey,
    mut send: SendStream,
    mut recv: RecvStream,
) {
    let refuse = async |send: &mut SendStream, why: &str| {
        let _ = frame::write_all(send, format!("no {why}\n").as_bytes()).await;
    };
    let line = match frame::read_line(&mut recv, MAX_LINE).await {
        Ok(line) => line,
        Err(fault) => {
            fault
                .offence()
                .into_iter()
                .for_each(|o| offences.count(Some(peer), o));
            return frame::abort(&mut send, &mut recv);
        }
    };
    let Some(item) = read_request(&line) else {
        offences.count(Some(peer), Offence::Garbage);
        return frame::abort(&mut send, &mut recv);
    };
    if !git.holds(&item) {
        return refuse(&mut send, "not-held").await;
    }
    let Some(place) = places.take(peer).await else {
        return refuse(&mut send, "busy").await;
    };
    if timeout(STALL, send.write_all(b"ok\n"))
        .await
        .is_ok_and(|w| w.is_ok())
    {
        git.serve(
            item,
            GitStream {
                recv,
                send,
                _place: Some(place),
            },
        )
        .await;
    }
}

/// Asks for a repository.
pub(super) async fn open(connection: &Connection, item: &str) -> Result<GitStream, OpenError> {
    let (mut send, mut recv) = connection.open_bi().await.map_err(|_| Fault::Broken)?;
    let request = format!("git-pack {item}\n");
    let written = timeout(STALL, send.write_all(request.as_bytes())).await;
    written
        .map_err(|_| Fault::Stalled)?
        .map_err(|_| Fault::Broken)?;
    let answer = frame::read_line(&mut recv, MAX_LINE).await;
    if answer == Err(Fault::Stalled) {
        // Perhaps the peer was restarted and does not know this connection: the next one is new.
        connection.close(VarInt::from_u32(1), b"stalled");
    }
    match answer?.as_slice() {
        b"ok" => Ok(GitStream {
            recv,
            send,
            _place: None,
        }),
        b"no busy" => Err(OpenError::Busy),
        b"no not-held" => Err(OpenError::NotHeld),
        _ => Err(Fault::Garbage.into()),
    }
}

/// The item of a request line: one service, an id and nothing else.
fn read_request(line: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(line).ok()?;
    let item = text.strip_prefix("git-pack ")?;
    item.parse::<commun_specs::id::StatementId>()
        .ok()
        .map(|_| item.to_owned())
}

#[cfg(test)]
mod tests {
    use commun_specs::id::StatementId;

    use super::*;

    #[test]
    fn only_the_pack_of_an_item_is_served() {
        let item = StatementId::of(b"x").to_string();
        let line = |l: String| read_request(l.as_bytes());
        assert_eq!(line(format!("git-pack {item}")), Some(item.clone()));
        for bad in [
            format!("git-receive-pack {item}"),
            format!("git-upload-pack {item} version=2"),
            format!("git-pack {item} "),
            format!("git-pack  {item}"),
            format!("git-pack ../{item}"),
            "git-pack --help".to_owned(),
            String::new(),
        ] {
            assert_eq!(line(bad.clone()), None, "{bad}");
        }
    }
}
