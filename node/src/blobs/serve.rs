//! Giving blobs to members: one blob or a part of one at a time, and nothing else that iroh-blobs could do.

use commun_specs::id::ContentHash;
use iroh::endpoint::Connection;
use iroh_blobs::provider::{
    self,
    events::{
        AbortReason, ConnectMode, EventMask, EventSender, ObserveMode, ProviderMessage,
        RequestMode, ThrottleMode,
    },
};

use super::Blobs;

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
        let serving = provider::handle_connection(connection, self.0.store.clone().into(), events);
        tokio::join!(serving, answers);
    }
}
