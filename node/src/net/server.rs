//! What this node answers to others, protocol by protocol.

use std::{net::IpAddr, sync::Arc};

use commun_specs::key::PublicKey;
use futures::future::BoxFuture;
use iroh::endpoint::{Connection, RecvStream, SendStream};

use super::{
    data::{Protocol, Serve},
    door::{Behind, GitServe},
    git, join, log,
    offence::Offences,
    places::Places,
};
use crate::blobs::Blobs;

/// The answering side of the data plane.
pub(super) struct Server(Arc<Inner>);

struct Inner {
    door: Behind,
    git: Arc<dyn GitServe>,
    blobs: Blobs,
    offences: Arc<Offences>,
    places: Places<PublicKey>,
    desk: join::Desk,
}

impl Server {
    pub(super) fn new(
        door: Behind,
        git: Arc<dyn GitServe>,
        blobs: Blobs,
        offences: Arc<Offences>,
    ) -> Self {
        let (places, desk) = (git::places(), join::Desk::default());
        Self(Arc::new(Inner {
            door,
            git,
            blobs,
            offences,
            places,
            desk,
        }))
    }
}

impl Serve for Server {
    fn stream(
        &self,
        protocol: Protocol,
        peer: PublicKey,
        send: SendStream,
        recv: RecvStream,
    ) -> BoxFuture<'static, ()> {
        let s = self.0.clone();
        match protocol {
            Protocol::Git => Box::pin(async move {
                git::serve(s.git.clone(), &s.places, &s.offences, peer, send, recv).await;
            }),
            _ => Box::pin(async move {
                log::serve(s.door.clone(), &s.offences, peer, send, recv).await;
            }),
        }
    }

    fn blobs(&self, connection: Connection) -> BoxFuture<'static, ()> {
        let blobs = self.0.blobs.clone();
        Box::pin(async move { blobs.serve(connection).await })
    }

    fn join(
        &self,
        peer: PublicKey,
        from: IpAddr,
        connection: Connection,
    ) -> BoxFuture<'static, ()> {
        let s = self.0.clone();
        Box::pin(async move {
            join::serve(s.door.clone(), &s.desk, &s.offences, peer, from, connection).await;
        })
    }
}
