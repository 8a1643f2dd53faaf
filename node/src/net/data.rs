//! The data plane: one iroh endpoint, its protocols, and one connection for each peer and protocol, used in both
//! directions whoever opened it. So a node whose address is not stated yet can still be asked for its log.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use commun_specs::key::{PublicKey, SecretKey};
use futures::future::BoxFuture;
use iroh::{
    Endpoint, EndpointAddr, TransportAddr,
    endpoint::{
        Connection, Incoming, IncomingAddr, NetReportConfig, QuicTransportConfig, RecvStream,
        SendStream, VarInt, presets,
    },
};
use tokio::{sync::Semaphore, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    ids,
    limits::{HANDSHAKE, MAX_DATA_INBOUND, MAX_JOINING, MAX_STREAMS, STALL},
    members::Members,
    offence::{Offence, Offences},
};

/// What is spoken on the data plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Protocol {
    /// Ranges of logs, and bodies.
    Log,
    /// `upload-pack`.
    Git,
    /// Files, by their hash.
    Blobs,
    /// The one thing for those who are no members.
    Join,
}

impl Protocol {
    const ALL: [Protocol; 4] = [
        Protocol::Log,
        Protocol::Git,
        Protocol::Blobs,
        Protocol::Join,
    ];

    /// Its name in the TLS handshake.
    pub(super) fn alpn(self) -> &'static [u8] {
        match self {
            Protocol::Log => b"commun/log/1",
            Protocol::Git => b"commun/git/2",
            Protocol::Blobs => b"commun/blob/1",
            Protocol::Join => b"commun/join/1",
        }
    }

    fn of(alpn: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.alpn() == alpn)
    }
}

/// Answers what peers ask.
pub(super) trait Serve: Send + Sync + 'static {
    /// One stream of a member on [`Protocol::Log`] or [`Protocol::Git`].
    fn stream(
        &self,
        protocol: Protocol,
        peer: PublicKey,
        send: SendStream,
        recv: RecvStream,
    ) -> BoxFuture<'static, ()>;
    /// A member's connection on [`Protocol::Blobs`], until it ends.
    fn blobs(&self, connection: Connection) -> BoxFuture<'static, ()>;
    /// Anybody's connection on [`Protocol::Join`].
    fn join(&self, peer: PublicKey, from: IpAddr, connection: Connection)
    -> BoxFuture<'static, ()>;
}

/// No connection.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// Nobody states where the node is.
    #[error("no address of the node is known")]
    NoAddress,
    /// The node does not answer.
    #[error("the node does not answer: {0}")]
    Unreachable(String),
    /// This node is stopping.
    #[error("the network is shut down")]
    Stopped,
}

/// The endpoint cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("the data plane cannot listen on {0:?}: {1}")]
pub struct BindError(Vec<SocketAddr>, String);

/// Held while a member is dialled on a protocol: who asks meanwhile waits, and finds the connection.
type Dialling = Arc<tokio::sync::Mutex<()>>;

/// The data plane; cheap to clone.
#[derive(Clone)]
pub(super) struct Data(Arc<Inner>);

struct Inner {
    endpoint: Endpoint,
    members: Members,
    offences: Arc<Offences>,
    serve: Arc<dyn Serve>,
    dialling: Mutex<HashMap<(PublicKey, Protocol), Dialling>>,
    /// All connections that are open, by peer, the newest last.
    open: Mutex<HashMap<PublicKey, Vec<(Protocol, Connection)>>>,
    inbound: Arc<Semaphore>,
    joining: Arc<Semaphore>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

/// Binds an endpoint that contacts nobody by itself: no relay, no look-up service, no port mapping.
pub(crate) async fn bind(key: &SecretKey, listen: &[SocketAddr]) -> Result<Endpoint, BindError> {
    let failed = |e: String| BindError(listen.to_vec(), e);
    let transport = QuicTransportConfig::builder()
        .max_concurrent_bidi_streams(VarInt::from_u32(MAX_STREAMS))
        .max_concurrent_uni_streams(VarInt::from_u32(0))
        .datagram_receive_buffer_size(None)
        .send_observed_address_reports(false)
        .receive_observed_address_reports(false)
        .build();
    let mut builder = Endpoint::builder(presets::Minimal)
        .secret_key(ids::endpoint_key(key))
        .alpns(Protocol::ALL.iter().map(|p| p.alpn().to_vec()).collect())
        .clear_ip_transports()
        .clear_relay_transports()
        .clear_address_lookup()
        .net_report_config(NetReportConfig::minimal())
        .transport_config(transport);
    for address in listen {
        builder = builder
            .bind_addr(*address)
            .map_err(|e| failed(e.to_string()))?;
    }
    builder.bind().await.map_err(|e| failed(e.to_string()))
}

impl Data {
    /// Serves what comes in until `stop`.
    pub(super) fn start(
        endpoint: Endpoint,
        members: Members,
        offences: Arc<Offences>,
        serve: Arc<dyn Serve>,
        stop: CancellationToken,
    ) -> Self {
        let data = Data(Arc::new(Inner {
            endpoint,
            members,
            offences,
            serve,
            dialling: Mutex::default(),
            open: Mutex::default(),
            inbound: Arc::new(Semaphore::new(MAX_DATA_INBOUND)),
            joining: Arc::new(Semaphore::new(MAX_JOINING)),
            tasks: TaskTracker::new(),
            stop,
        }));
        data.0.tasks.spawn(data.clone().listen());
        data
    }

    /// The addresses that it listens on.
    pub(super) fn listening(&self) -> Vec<SocketAddr> {
        self.0.endpoint.bound_sockets()
    }

    /// The endpoint, to ask on [`Protocol::Join`].
    pub(super) fn endpoint(&self) -> &Endpoint {
        &self.0.endpoint
    }

    /// The connection to a member: one that stands, whoever opened it, or a new one.
    pub(super) async fn connect(
        &self,
        peer: PublicKey,
        protocol: Protocol,
    ) -> Result<Connection, ConnectError> {
        let dialling = lock(&self.0.dialling)
            .entry((peer, protocol))
            .or_default()
            .clone();
        let _one_at_a_time = dialling.lock().await;
        if let Some(open) = self.standing(&peer, protocol) {
            return Ok(open);
        }
        if self.0.stop.is_cancelled() {
            return Err(ConnectError::Stopped);
        }
        let addresses = self.0.members.data(&peer);
        if addresses.is_empty() {
            return Err(ConnectError::NoAddress);
        }
        let connection = dial(&self.0.endpoint, &peer, &addresses, protocol).await?;
        self.keep(peer, protocol, &connection);
        self.0
            .tasks
            .spawn(self.clone().serve(peer, protocol, connection.clone()));
        Ok(connection)
    }

    /// The newest connection that stands: an older one may be of a peer that was restarted.
    fn standing(&self, peer: &PublicKey, protocol: Protocol) -> Option<Connection> {
        let open = lock(&self.0.open);
        let mut newest_first = open.get(peer)?.iter().rev();
        let standing = newest_first.find(|(of, c)| *of == protocol && c.close_reason().is_none());
        standing.map(|(_, connection)| connection.clone())
    }

    /// How many connections to a peer are open.
    #[cfg(test)]
    pub(super) fn count(&self, peer: &PublicKey) -> usize {
        lock(&self.0.open).get(peer).map_or(0, Vec::len)
    }

    fn keep(&self, peer: PublicKey, protocol: Protocol, connection: &Connection) {
        let mut open = lock(&self.0.open);
        let of_peer = open.entry(peer).or_default();
        of_peer.push((protocol, connection.clone()));
    }

    /// Closes all connections to a peer: it is gone, or no member any more.
    pub(super) fn drop_peer(&self, peer: &PublicKey) {
        let gone = lock(&self.0.open).remove(peer);
        for (_, connection) in gone.into_iter().flatten() {
            connection.close(VarInt::from_u32(0), b"");
        }
    }

    /// Ends all streams and closes the endpoint, so that peers notice at once.
    pub(super) async fn close(&self) {
        self.0.tasks.close();
        self.0.endpoint.close().await;
        let _ = timeout(STALL, self.0.tasks.wait()).await;
    }

    async fn listen(self) {
        loop {
            let incoming = tokio::select! {
                biased;
                () = self.0.stop.cancelled() => break,
                incoming = self.0.endpoint.accept() => incoming,
            };
            let Some(incoming) = incoming else { break };
            // In a crowd, who claims an address proves first that packets reach it.
            let crowded = self.0.inbound.available_permits() < MAX_DATA_INBOUND / 2;
            if crowded && !incoming.remote_addr_validated() {
                if let Err(refused) = incoming.retry() {
                    refused.into_incoming().refuse();
                }
                continue;
            }
            match self.0.inbound.clone().try_acquire_owned() {
                Ok(permit) => {
                    let data = self.clone();
                    self.0.tasks.spawn(async move {
                        data.accept(incoming).await;
                        drop(permit);
                    });
                }
                Err(_) => {
                    self.0.offences.count(None, Offence::Flood);
                    incoming.refuse();
                }
            }
        }
    }

    async fn accept(self, incoming: Incoming) {
        let from = match incoming.remote_addr() {
            IncomingAddr::Ip(address) => address.ip(),
            _ => return incoming.refuse(),
        };
        let Ok(accepting) = incoming.accept() else {
            return;
        };
        let Ok(Ok(connection)) = timeout(HANDSHAKE, accepting).await else {
            return;
        };
        let (Ok(peer), Some(protocol)) = (
            ids::of_endpoint(&connection.remote_id()),
            Protocol::of(connection.alpn()),
        ) else {
            return;
        };
        if protocol == Protocol::Join {
            let Ok(_place) = self.0.joining.try_acquire() else {
                self.0.offences.count(Some(peer), Offence::Flood);
                return connection.close(VarInt::from_u32(1), b"busy");
            };
            let answer = self.0.serve.join(peer, from, connection.clone());
            return self.until_stop(answer).await;
        }
        if !self.0.members.contains(&peer) {
            self.0.offences.count(Some(peer), Offence::Stranger);
            connection.close(VarInt::from_u32(1), b"only members are served");
            return;
        }
        self.keep(peer, protocol, &connection);
        self.serve(peer, protocol, connection).await;
    }

    /// Answers what comes on a connection that is kept, until it ends.
    async fn serve(self, peer: PublicKey, protocol: Protocol, connection: Connection) {
        let number = connection.stable_id();
        let streams = async {
            match protocol {
                Protocol::Blobs => self.0.serve.blobs(connection.clone()).await,
                _ => {
                    while let Ok((send, recv)) = connection.accept_bi().await {
                        let answer = self.0.serve.stream(protocol, peer, send, recv);
                        let data = self.clone();
                        self.0
                            .tasks
                            .spawn(async move { data.until_stop(answer).await });
                    }
                }
            }
        };
        self.until_stop(streams).await;
        let mut open = lock(&self.0.open);
        if let Some(of_peer) = open.get_mut(&peer) {
            of_peer.retain(|(_, c)| c.stable_id() != number);
            if of_peer.is_empty() {
                open.remove(&peer);
            }
        }
    }

    async fn until_stop(&self, work: impl Future<Output = ()>) {
        tokio::select! {
            biased;
            () = self.0.stop.cancelled() => {}
            () = work => {}
        }
    }
}

/// Opens a connection to a node at the addresses given and no others.
pub(crate) async fn dial(
    endpoint: &Endpoint,
    peer: &PublicKey,
    addresses: &[SocketAddr],
    protocol: Protocol,
) -> Result<Connection, ConnectError> {
    let address = EndpointAddr::from_parts(
        ids::endpoint_id(peer),
        addresses.iter().map(|a| TransportAddr::Ip(*a)),
    );
    match timeout(STALL, endpoint.connect(address, protocol.alpn())).await {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(error)) => Err(ConnectError::Unreachable(error.to_string())),
        Err(_) => Err(ConnectError::Unreachable("no answer in time".to_owned())),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
