//! The libp2p half as it is configured: which protocols, with which limits, and nothing else.
//!
//! There is no relay, no DNS, no mDNS, no address exchange: identify neither sends nor keeps addresses, and
//! gossipsub neither sends nor follows peer lists. So the only addresses that are dialled are those that a
//! dial command carries.

use commun_specs::key::SecretKey;
use libp2p::{
    Swarm, allow_block_list as allow, connection_limits as limits, gossipsub, identify, noise,
    ping, request_response as exchange, swarm::NetworkBehaviour, tcp, yamux,
};

use super::{
    codec::{Codec, PROTOCOL},
    ids,
    limits::{
        HANDSHAKE, MAX_GOSSIP, MAX_INBOUND, MAX_OUTBOUND, MAX_PENDING, MAX_PER_PEER, MAX_STREAMS,
        MESSAGE_TIMEOUT, PING_EVERY, PING_TIMEOUT,
    },
};

/// Where new checkpoints are told.
pub(super) const TOPIC: &str = "commun/checkpoints/1";

/// What the swarm speaks.
#[derive(NetworkBehaviour)]
pub(super) struct Behaviour {
    pub(super) allowed: allow::Behaviour<allow::AllowedPeers>,
    limits: limits::Behaviour,
    identify: identify::Behaviour,
    ping: ping::Behaviour,
    pub(super) gossip: gossipsub::Behaviour,
    pub(super) sync: exchange::Behaviour<Codec>,
}

/// The control plane cannot be set up: a fault of the program or of the machine.
#[derive(Debug, thiserror::Error)]
#[error("the control plane cannot be set up: {0}")]
pub struct SetUpError(String);

impl SetUpError {
    pub(super) fn of(error: impl std::fmt::Display) -> Self {
        Self(error.to_string())
    }
}

/// A swarm that listens nowhere yet and allows nobody.
pub(super) fn build(key: &SecretKey) -> Result<Swarm<Behaviour>, SetUpError> {
    Ok(
        libp2p::SwarmBuilder::with_existing_identity(ids::keypair(key))
            .with_tokio()
            .with_tcp(
                tcp::Config::default().nodelay(true),
                noise::Config::new,
                yamux::Config::default,
            )
            .map_err(SetUpError::of)?
            .with_behaviour(|key| Ok(behaviour(key)?))
            .map_err(SetUpError::of)?
            // Who is allowed may stay connected without saying anything.
            .with_swarm_config(|c| {
                c.with_idle_connection_timeout(std::time::Duration::from_secs(u64::MAX))
            })
            .with_connection_timeout(HANDSHAKE)
            .build(),
    )
}

fn behaviour(key: &libp2p::identity::Keypair) -> Result<Behaviour, SetUpError> {
    let at_once = limits::ConnectionLimits::default()
        .with_max_pending_incoming(Some(MAX_PENDING))
        .with_max_pending_outgoing(Some(MAX_PENDING))
        .with_max_established_incoming(Some(MAX_INBOUND))
        .with_max_established_outgoing(Some(MAX_OUTBOUND))
        .with_max_established_per_peer(Some(MAX_PER_PEER));
    let identify = identify::Config::new("/commun/1".to_owned(), key.public())
        .with_agent_version(concat!("commun/", env!("CARGO_PKG_VERSION")).to_owned())
        .with_interval(std::time::Duration::from_secs(3_600))
        .with_push_listen_addr_updates(false)
        .with_hide_listen_addrs(true)
        .with_cache_size(0);
    let sync = exchange::Config::default()
        .with_request_timeout(MESSAGE_TIMEOUT)
        .with_max_concurrent_streams(2 * MAX_STREAMS as usize);
    Ok(Behaviour {
        allowed: allow::Behaviour::default(),
        limits: limits::Behaviour::new(at_once),
        identify: identify::Behaviour::new(identify),
        ping: ping::Behaviour::new(
            ping::Config::new()
                .with_interval(PING_EVERY)
                .with_timeout(PING_TIMEOUT),
        ),
        gossip: gossip()?,
        sync: exchange::Behaviour::new([(PROTOCOL, exchange::ProtocolSupport::Full)], sync),
    })
}

fn gossip() -> Result<gossipsub::Behaviour, SetUpError> {
    // A note carries its writer's signature: who brings it does not matter, so gossipsub signs nothing.
    let config = gossipsub::ConfigBuilder::default()
        .max_transmit_size(MAX_GOSSIP)
        .validation_mode(gossipsub::ValidationMode::Anonymous)
        .validate_messages()
        .message_id_fn(|m| blake3::hash(&m.data).as_bytes().to_vec().into())
        .heartbeat_interval(std::time::Duration::from_secs(1))
        .flood_publish(true)
        .prune_peers(0)
        .build()
        .map_err(SetUpError::of)?;
    let mut gossip = gossipsub::Behaviour::new(gossipsub::MessageAuthenticity::Anonymous, config)
        .map_err(SetUpError::of)?;
    gossip
        .subscribe(&gossipsub::IdentTopic::new(TOPIC))
        .map_err(SetUpError::of)?;
    Ok(gossip)
}
