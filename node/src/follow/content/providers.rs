//! The network as a giver of blobs.

use commun_specs::{id::ContentHash, key::PublicKey};
use futures::{
    StreamExt as _,
    future::BoxFuture,
    stream::{self, BoxStream},
};

use super::Providers;
use crate::net::Net;

impl Providers for Net {
    fn connected(&self) -> Vec<PublicKey> {
        Net::connected(self)
    }

    fn changes(&self) -> BoxStream<'static, ()> {
        stream::unfold(self.watch(), |mut links| async move { links.changed().await.map(|_| ((), links)) }).boxed()
    }

    fn fetch(&self, hash: ContentHash, max: u64, from: Vec<PublicKey>) -> BoxFuture<'_, Result<u64, String>> {
        Box::pin(async move {
            let received = self.fetch_blob(&hash, max, &from).await.map_err(|e| {
                // The source says which peer did what.
                match std::error::Error::source(&e) {
                    Some(source) => format!("{e}: {source}"),
                    None => e.to_string(),
                }
            })?;
            Ok(received.size)
        })
    }
}
