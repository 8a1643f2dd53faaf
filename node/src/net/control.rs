//! The control plane: one task that owns the swarm. It moves bytes and says who is there; it decides nothing.

use std::{
    collections::{HashMap, VecDeque},
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use commun_specs::key::{PublicKey, SecretKey};
use futures::StreamExt as _;
use libp2p::{
    Multiaddr, PeerId, Swarm,
    allow_block_list::NotAllowed,
    core::transport::TransportError,
    gossipsub,
    multiaddr::Protocol,
    ping, request_response as exchange,
    swarm::{
        ConnectionId, DialError, ListenError, SwarmEvent,
        dial_opts::{DialOpts, PeerCondition},
    },
};
use tokio::{
    sync::{mpsc, watch},
    time::MissedTickBehavior,
};
use tokio_util::sync::CancellationToken;

use super::{
    codec::Frame,
    ids,
    limits::{
        DEAD_AFTER, DEAD_CHECK, HANDSHAKE, MAX_GOSSIP, MAX_MESSAGE, MAX_SENDING, MAX_WAITING,
    },
    offence::{Offence, Offences},
    swarm::{self, Behaviour, BehaviourEvent, SetUpError, TOPIC},
};

/// What the task is told.
#[derive(Debug)]
pub(super) enum Command {
    /// Connect. Answered by [`Event::Connected`] or [`Event::DialFailed`].
    Dial(PublicKey, Vec<SocketAddr>),
    /// Close all connections to a node.
    Close(PublicKey),
    /// Send a message; may be lost.
    Send(PublicKey, Vec<u8>),
    /// Gossip; may be lost.
    Publish(Vec<u8>),
    /// What becomes of a gossiped message.
    Relay(u64, gossipsub::MessageAcceptance),
    /// From now on these nodes, and no others, are heard and dialled.
    Allow(Vec<PublicKey>),
}

/// What the task says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// The first connection to a node stands.
    Connected(PublicKey),
    /// The last connection to a node is gone.
    Disconnected(PublicKey),
    /// A dial came to nothing.
    DialFailed(PublicKey),
    /// A message.
    Message(PublicKey, Vec<u8>),
    /// Bytes that were no message, or too many.
    Garbage(PublicKey),
    /// A gossiped message; to be answered by [`Command::Relay`].
    Gossip {
        from: PublicKey,
        id: u64,
        bytes: Vec<u8>,
    },
}

/// A node that is connected.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Link {
    /// The last ping's time there and back.
    pub(super) rtt: Option<Duration>,
}

/// Who is connected now.
pub(super) type Links = HashMap<PublicKey, Link>;

/// The handle's ends of the task's channels.
pub(super) struct Control {
    pub(super) commands: mpsc::Sender<Command>,
    pub(super) events: mpsc::Receiver<Event>,
    pub(super) links: watch::Receiver<Arc<Links>>,
    /// The addresses that it listens on.
    pub(super) listening: Vec<SocketAddr>,
}

/// Listens, and gives back the channels and the task to be run.
///
/// # Errors
/// An address cannot be listened on.
pub(super) async fn start(
    key: &SecretKey,
    listen: &[SocketAddr],
    offences: Arc<Offences>,
    stop: CancellationToken,
) -> Result<(Control, impl Future<Output = ()> + Send + use<>), SetUpError> {
    let mut swarm = swarm::build(key)?;
    let listening = open(&mut swarm, listen).await?;
    let (commands, inbox) = mpsc::channel(256);
    let (outbox, events) = mpsc::channel(64);
    let (links_tx, links) = watch::channel(Arc::default());
    let task = Task {
        swarm,
        inbox,
        waiting: VecDeque::new(),
        links: links_tx,
        peers: HashMap::new(),
        sending: HashMap::new(),
        gossip: HashMap::new(),
        next_gossip: 0,
        offences,
        stop,
    };
    Ok((
        Control {
            commands,
            events,
            links,
            listening,
        },
        task.run(outbox),
    ))
}

/// Starts listening and waits until every address is bound.
async fn open(
    swarm: &mut Swarm<Behaviour>,
    listen: &[SocketAddr],
) -> Result<Vec<SocketAddr>, SetUpError> {
    let mut bound = Vec::new();
    for address in listen {
        let failed = |e: String| SetUpError::of(format!("cannot listen on {address}: {e}"));
        let listener = swarm.listen_on(multiaddr(*address)).map_err(|e| match e {
            // It shows nothing of the reason by itself.
            TransportError::Other(reason) => failed(reason.to_string()),
            unsupported => failed(unsupported.to_string()),
        })?;
        let opened = tokio::time::timeout(HANDSHAKE, async {
            loop {
                match swarm.select_next_some().await {
                    SwarmEvent::NewListenAddr {
                        listener_id,
                        address,
                    } if listener_id == listener => {
                        break Ok(address);
                    }
                    SwarmEvent::ListenerClosed {
                        listener_id,
                        reason,
                        ..
                    } if listener_id == listener => {
                        break Err(reason
                            .err()
                            .map_or_else(|| "closed".to_owned(), |e| e.to_string()));
                    }
                    _ => {}
                }
            }
        });
        let opened = opened
            .await
            .map_err(|_| failed("no answer".to_owned()))?
            .map_err(failed)?;
        bound.extend(socket(&opened));
    }
    Ok(bound)
}

fn multiaddr(address: SocketAddr) -> Multiaddr {
    Multiaddr::from(address.ip()).with(Protocol::Tcp(address.port()))
}

fn socket(address: &Multiaddr) -> Option<SocketAddr> {
    let mut parts = address.iter();
    let ip = match parts.next()? {
        Protocol::Ip4(ip) => ip.into(),
        Protocol::Ip6(ip) => ip.into(),
        _ => return None,
    };
    match parts.next()? {
        Protocol::Tcp(port) => Some(SocketAddr::new(ip, port)),
        _ => None,
    }
}

/// What is known of a connected node.
struct Peer {
    /// When each connection last answered a ping, or was opened.
    heard: HashMap<ConnectionId, Instant>,
    rtt: Option<Duration>,
}

struct Task {
    swarm: Swarm<Behaviour>,
    inbox: mpsc::Receiver<Command>,
    /// Events that the other side has not taken yet.
    waiting: VecDeque<Event>,
    links: watch::Sender<Arc<Links>>,
    peers: HashMap<PublicKey, Peer>,
    /// Messages on their way.
    sending: HashMap<exchange::OutboundRequestId, PublicKey>,
    /// Gossiped messages that wait for a verdict.
    gossip: HashMap<u64, (gossipsub::MessageId, PeerId)>,
    next_gossip: u64,
    offences: Arc<Offences>,
    stop: CancellationToken,
}

impl Task {
    async fn run(mut self, outbox: mpsc::Sender<Event>) {
        let mut check = tokio::time::interval(DEAD_CHECK);
        check.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                () = self.stop.cancelled() => break,
                permit = outbox.reserve(), if !self.waiting.is_empty() => match permit {
                    Ok(permit) => {
                        let event = self.waiting.pop_front().expect("something waits");
                        permit.send(event);
                    }
                    Err(_) => break,
                },
                command = self.inbox.recv() => match command {
                    Some(command) => self.obey(command),
                    None => break,
                },
                event = self.swarm.select_next_some() => self.hear(event),
                _ = check.tick(), if !self.peers.is_empty() => self.drop_dead(),
            }
        }
        self.close().await;
    }

    /// Says good-bye, so that the others notice at once.
    async fn close(mut self) {
        for peer in self.peers.keys() {
            let _ = self.swarm.disconnect_peer_id(ids::peer_id(peer));
        }
        let _ = tokio::time::timeout(Duration::from_secs(1), async {
            while self.swarm.connected_peers().next().is_some() {
                self.swarm.select_next_some().await;
            }
        })
        .await;
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Dial(peer, addresses) => self.dial(peer, &addresses),
            Command::Close(peer) => {
                let _ = self.swarm.disconnect_peer_id(ids::peer_id(&peer));
            }
            Command::Send(peer, bytes) => self.send(peer, bytes),
            Command::Publish(bytes) if bytes.len() < MAX_GOSSIP => {
                let topic = gossipsub::IdentTopic::new(TOPIC);
                // Nobody to tell, or told already: whoever connects asks for what is new.
                if let Err(error) = self.swarm.behaviour_mut().gossip.publish(topic, bytes) {
                    tracing::trace!(%error, "not gossiped");
                }
            }
            Command::Publish(_) => {}
            Command::Relay(id, verdict) => {
                if let Some((message, from)) = self.gossip.remove(&id) {
                    let gossip = &mut self.swarm.behaviour_mut().gossip;
                    gossip.report_message_validation_result(&message, &from, verdict);
                }
            }
            Command::Allow(nodes) => self.allow(&nodes),
        }
    }

    fn allow(&mut self, nodes: &[PublicKey]) {
        let nodes: std::collections::HashSet<PeerId> = nodes.iter().map(ids::peer_id).collect();
        let allowed = &mut self.swarm.behaviour_mut().allowed;
        let gone: Vec<PeerId> = allowed
            .allowed_peers()
            .difference(&nodes)
            .copied()
            .collect();
        for peer in gone {
            allowed.disallow_peer(peer);
        }
        for peer in nodes {
            allowed.allow_peer(peer);
        }
    }

    fn dial(&mut self, peer: PublicKey, addresses: &[SocketAddr]) {
        if self.peers.contains_key(&peer) {
            return self.say(Event::Connected(peer));
        }
        if addresses.is_empty() {
            return self.say(Event::DialFailed(peer));
        }
        let options = DialOpts::peer_id(ids::peer_id(&peer))
            .addresses(addresses.iter().copied().map(multiaddr).collect())
            .condition(PeerCondition::DisconnectedAndNotDialing)
            .allocate_new_port()
            .build();
        match self.swarm.dial(options) {
            // A dial that is under way will be answered.
            Ok(()) | Err(DialError::DialPeerConditionFalse(_)) => {}
            Err(error) => {
                tracing::debug!(%error, ?peer, "cannot dial");
                self.say(Event::DialFailed(peer));
            }
        }
    }

    fn send(&mut self, peer: PublicKey, bytes: Vec<u8>) {
        let on_the_way = self.sending.values().filter(|p| **p == peer).count();
        if bytes.len() > MAX_MESSAGE || on_the_way >= MAX_SENDING || !self.peers.contains_key(&peer)
        {
            tracing::debug!(
                ?peer,
                bytes = bytes.len(),
                on_the_way,
                "a message is not sent"
            );
            return;
        }
        let id = self
            .swarm
            .behaviour_mut()
            .sync
            .send_request(&ids::peer_id(&peer), Frame::Message(bytes));
        self.sending.insert(id, peer);
    }

    /// Gives an event to the other side. Messages are dropped where it is slow, what changes its state never.
    fn say(&mut self, event: Event) {
        let may_be_lost = matches!(
            event,
            Event::Message(..) | Event::Gossip { .. } | Event::Garbage(_)
        );
        if may_be_lost && self.waiting.len() >= MAX_WAITING {
            if let Event::Message(peer, _) | Event::Garbage(peer) = event {
                self.offences.count(Some(peer), Offence::Flood);
            }
            return;
        }
        self.waiting.push_back(event);
    }

    fn publish_links(&self) {
        let links: Links = self
            .peers
            .iter()
            .map(|(k, p)| (*k, Link { rtt: p.rtt }))
            .collect();
        // Who waits for changes waits for who comes and goes, not for times.
        self.links.send_if_modified(|now| {
            let changed = now.len() != links.len() || links.keys().any(|k| !now.contains_key(k));
            *now = Arc::new(links);
            changed
        });
    }

    fn drop_dead(&mut self) {
        let dead: Vec<ConnectionId> = self
            .peers
            .values()
            .flat_map(|p| &p.heard)
            .filter(|(_, heard)| heard.elapsed() > DEAD_AFTER)
            .map(|(id, _)| *id)
            .collect();
        for id in dead {
            self.swarm.close_connection(id);
        }
    }

    fn hear(&mut self, event: SwarmEvent<BehaviourEvent>) {
        match event {
            SwarmEvent::ConnectionEstablished {
                peer_id,
                connection_id,
                ..
            } => {
                let Ok(peer) = ids::of_peer(&peer_id) else {
                    return;
                };
                let entry = self.peers.entry(peer);
                let is_new = matches!(entry, std::collections::hash_map::Entry::Vacant(_));
                let known = entry.or_insert_with(|| Peer {
                    heard: HashMap::new(),
                    rtt: None,
                });
                known.heard.insert(connection_id, Instant::now());
                if is_new {
                    self.publish_links();
                    self.say(Event::Connected(peer));
                }
            }
            SwarmEvent::ConnectionClosed {
                peer_id,
                connection_id,
                num_established,
                ..
            } => {
                let Ok(peer) = ids::of_peer(&peer_id) else {
                    return;
                };
                if let Some(known) = self.peers.get_mut(&peer) {
                    known.heard.remove(&connection_id);
                }
                if num_established == 0 && self.peers.remove(&peer).is_some() {
                    self.publish_links();
                    self.say(Event::Disconnected(peer));
                }
            }
            SwarmEvent::IncomingConnectionError { peer_id, error, .. } => {
                let peer = peer_id.and_then(|p| ids::of_peer(&p).ok());
                match error {
                    ListenError::Denied { cause } => match cause.downcast::<NotAllowed>() {
                        Ok(_) => self.offences.count(peer, Offence::Stranger),
                        Err(_) => self.offences.count(peer, Offence::Flood),
                    },
                    error => tracing::debug!(%error, "a connection came to nothing"),
                }
            }
            SwarmEvent::OutgoingConnectionError {
                peer_id: Some(peer_id),
                error,
                ..
            } => {
                let Ok(peer) = ids::of_peer(&peer_id) else {
                    return;
                };
                tracing::debug!(%error, ?peer, "a dial failed");
                if !self.peers.contains_key(&peer) {
                    self.say(Event::DialFailed(peer));
                }
            }
            SwarmEvent::Behaviour(event) => self.hear_behaviour(event),
            _ => {}
        }
    }

    fn hear_behaviour(&mut self, event: BehaviourEvent) {
        match event {
            BehaviourEvent::Ping(ping::Event {
                peer,
                connection,
                result,
            }) => {
                let Ok(peer) = ids::of_peer(&peer) else {
                    return;
                };
                match result {
                    Ok(rtt) => {
                        if let Some(known) = self.peers.get_mut(&peer) {
                            known.rtt = Some(rtt);
                            known.heard.insert(connection, Instant::now());
                            self.publish_links();
                        }
                    }
                    Err(_) => {
                        self.swarm.close_connection(connection);
                    }
                }
            }
            BehaviourEvent::Gossip(gossipsub::Event::Message {
                propagation_source,
                message_id,
                message,
            }) => {
                self.hear_gossip(propagation_source, message_id, message.data);
            }
            BehaviourEvent::Sync(event) => self.hear_exchange(event),
            _ => {}
        }
    }

    fn hear_gossip(&mut self, source: PeerId, message: gossipsub::MessageId, bytes: Vec<u8>) {
        let room = self.gossip.len() < MAX_WAITING && self.waiting.len() < MAX_WAITING;
        let (Ok(from), true) = (ids::of_peer(&source), room) else {
            let ignore = gossipsub::MessageAcceptance::Ignore;
            self.swarm
                .behaviour_mut()
                .gossip
                .report_message_validation_result(&message, &source, ignore);
            return;
        };
        let id = self.next_gossip;
        self.next_gossip += 1;
        self.gossip.insert(id, (message, source));
        self.say(Event::Gossip { from, id, bytes });
    }

    fn hear_exchange(&mut self, event: exchange::Event<Frame, ()>) {
        match event {
            exchange::Event::Message { peer, message, .. } => match message {
                exchange::Message::Request {
                    request, channel, ..
                } => {
                    let _ = self.swarm.behaviour_mut().sync.send_response(channel, ());
                    match (ids::of_peer(&peer), request) {
                        (Ok(peer), Frame::Message(bytes)) => self.say(Event::Message(peer, bytes)),
                        (Ok(peer), Frame::TooLarge) => {
                            self.offences.count(Some(peer), Offence::Oversize);
                            self.say(Event::Garbage(peer));
                        }
                        (Err(_), _) => {}
                    }
                }
                exchange::Message::Response { request_id, .. } => {
                    self.sending.remove(&request_id);
                }
            },
            exchange::Event::OutboundFailure {
                request_id, error, ..
            } => {
                tracing::debug!(%error, "a message was lost");
                self.sending.remove(&request_id);
            }
            _ => {}
        }
    }
}
