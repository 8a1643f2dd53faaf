//! Giving blobs to members: one blob or a part of one, or several small ones, and nothing else that iroh-blobs could do.

use commun_specs::id::ContentHash;
use iroh::endpoint::{Connection, RecvStream, SendStream};
use iroh_blobs::{
    protocol::{ERR_INTERNAL, ERR_PERMISSION, Request},
    provider::{
        self,
        events::{
            AbortReason, ConnectMode, EventMask, EventSender, ObserveMode, ProviderMessage,
            RequestMode, ThrottleMode,
        },
    },
};
use tokio::time::timeout;

use super::Blobs;
use crate::net::limits::REQUEST_TIMEOUT;

/// Requests that wait for the answer whether they are allowed; more wait in their streams.
const WAITING: usize = 64;

impl Blobs {
    /// Answers a member's requests until the connection ends. Writing is off, and so is what we never ask for.
    pub(crate) async fn serve(&self, connection: Connection) {
        let mask = EventMask {
            connected: ConnectMode::None,
            get: RequestMode::Intercept,
            get_many: RequestMode::Disabled,
            push: RequestMode::Disabled,
            observe: ObserveMode::Intercept,
            throttle: ThrottleMode::None,
        };
        let (events, mut asked) = EventSender::channel(WAITING, mask);
        let answers = async move {
            while let Some(message) = asked.recv().await {
                match message {
                    ProviderMessage::GetRequestReceived(m) => {
                        let request = &m.inner.request;
                        let hash = ContentHash(*request.hash.as_bytes());
                        let answer = if request.ranges.is_blob() && self.for_peers(&hash) {
                            Ok(())
                        } else {
                            Err(AbortReason::Permission)
                        };
                        let _ = m.tx.send(answer).await;
                    }
                    ProviderMessage::ObserveRequestReceived(m) => {
                        let _ = m.tx.send(Err(AbortReason::Permission)).await;
                    }
                    _ => {}
                }
            }
        };
        let streams = async {
            while let Ok((send, recv)) = connection.accept_bi().await {
                let (blobs, events) = (self.clone(), events.clone());
                let number = connection.stable_id() as u64;
                tokio::spawn(blobs.answer(number, send, recv, events));
            }
            drop(events);
        };
        tokio::join!(streams, answers);
    }

    /// Answers one request: for small blobs by ourselves, for large ones through iroh-blobs.
    async fn answer(
        self,
        number: u64,
        mut send: SendStream,
        mut recv: RecvStream,
        events: EventSender,
    ) {
        let asked = timeout(REQUEST_TIMEOUT, Request::read_async(&mut recv)).await;
        match asked {
            Ok(Ok((Request::Get(request), _))) => {
                let hash = ContentHash(*request.hash.as_bytes());
                let small = match request.ranges.is_blob() && self.for_peers(&hash) {
                    true => self.small(&hash),
                    false => Ok(None),
                };
                match small {
                    Ok(Some(bytes)) => self.give_small(&mut send, &bytes, &request).await,
                    Ok(None) => {
                        let pair = provider::StreamPair::new(number, recv, send, events);
                        let store = self.0.store.clone().into();
                        let _ = provider::handle_get(pair, store, request).await;
                    }
                    Err(error) => {
                        tracing::warn!("a small blob cannot be given: {error}");
                        let _ = send.reset(ERR_INTERNAL);
                    }
                }
            }
            Ok(Ok((Request::GetMany(request), _))) => self.give_many(&mut send, &request).await,
            _ => {
                let _ = send.reset(ERR_PERMISSION);
            }
        }
    }
}
