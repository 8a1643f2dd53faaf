//! One key, three names: what we call a node, libp2p's PeerId and iroh's EndpointId are the same 32 bytes.
//!
//! A PeerId of an ed25519 key holds the key itself, so that both ways are computed and nothing is looked up.

use commun_specs::key::{PublicKey, SecretKey};
use iroh::EndpointId;
use libp2p::{PeerId, identity};

/// multihash code of an identifier that holds the key itself.
const IDENTITY: u64 = 0x00;

/// An id is not that of a usable ed25519 key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the peer's id does not hold a usable ed25519 key")]
pub struct NotAKey;

/// The libp2p identity of a node key.
pub fn keypair(key: &SecretKey) -> identity::Keypair {
    identity::Keypair::ed25519_from_bytes(key.seed()).expect("every 32 bytes are an ed25519 seed")
}

/// The iroh identity of a node key.
pub fn endpoint_key(key: &SecretKey) -> iroh::SecretKey {
    iroh::SecretKey::from_bytes(&key.seed())
}

/// The PeerId of a node.
pub fn peer_id(key: &PublicKey) -> PeerId {
    let key = identity::ed25519::PublicKey::try_from_bytes(key.as_bytes())
        .expect("a PublicKey is a point of the curve");
    identity::PublicKey::from(key).to_peer_id()
}

/// The EndpointId of a node.
pub fn endpoint_id(key: &PublicKey) -> EndpointId {
    EndpointId::from_bytes(key.as_bytes()).expect("a PublicKey is a point of the curve")
}

/// The node of a PeerId.
///
/// # Errors
/// The id is a hash, or of another kind of key.
pub fn of_peer(peer: &PeerId) -> Result<PublicKey, NotAKey> {
    let hash: &libp2p::multihash::Multihash<64> = peer.as_ref();
    if hash.code() != IDENTITY {
        return Err(NotAKey);
    }
    let key = identity::PublicKey::try_decode_protobuf(hash.digest()).map_err(|_| NotAKey)?;
    let key = key.try_into_ed25519().map_err(|_| NotAKey)?;
    PublicKey::from_bytes(key.to_bytes()).map_err(|_| NotAKey)
}

/// The node of an EndpointId.
///
/// # Errors
/// The key is weak.
pub fn of_endpoint(id: &EndpointId) -> Result<PublicKey, NotAKey> {
    PublicKey::from_bytes(*id.as_bytes()).map_err(|_| NotAKey)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_key_has_three_names_that_lead_to_one_another() {
        for seed in 0..16 {
            let secret = SecretKey::from_seed([seed; 32]);
            let key = secret.public();
            assert_eq!(keypair(&secret).public().to_peer_id(), peer_id(&key));
            assert_eq!(endpoint_key(&secret).public(), endpoint_id(&key));
            assert_eq!(of_peer(&peer_id(&key)), Ok(key));
            assert_eq!(of_endpoint(&endpoint_id(&key)), Ok(key));
        }
    }

    #[test]
    fn an_id_that_is_a_hash_names_no_node() {
        assert_eq!(of_peer(&PeerId::random()), Err(NotAKey));
    }
}
