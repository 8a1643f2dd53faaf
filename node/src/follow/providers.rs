//! The network as the content follower asks for it.

use commun_specs::{id::ContentHash, key::PublicKey};
use futures::future::BoxFuture;
use tokio::sync::watch;

use super::content;
use crate::net::Net;

/// Connected members' nodes.
pub struct Providers {
    net: Net,
    changes: watch::Receiver<u64>,
}

impl Providers {
    /// Watches who comes and goes until the network ends: after the tasks that a stop waits for.
    pub fn new(net: Net) -> Self {
        let (count, changes) = watch::channel(0);
        let mut links = net.watch();
        tokio::spawn(async move {
            while links.changed().await.is_some() {
                count.send_modify(|n| *n += 1);
            }
        });
        Self { net, changes }
    }
}

impl content::Providers for Providers {
    fn connected(&self) -> Vec<PublicKey> {
        self.net.connected()
    }

    fn changed(&self) -> watch::Receiver<u64> {
        self.changes.clone()
    }

    fn fetch(
        &self,
        hash: ContentHash,
        max: u64,
        small: bool,
        from: Vec<PublicKey>,
    ) -> BoxFuture<'_, Result<u64, String>> {
        Box::pin(async move {
            let received = self
                .net
                .fetch_blob(&hash, max, small, &from)
                .await
                .map_err(|e| e.to_string())?;
            Ok(received.size)
        })
    }
}
