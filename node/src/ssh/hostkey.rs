//! The key by which people's SSH recognises this node.
//!
//! It is a key of its own, never the node's: in SSH a host key signs a bare hash that the other side has a part in,
//! with nothing in front that says what it is for. Whatever else that key signed could be asked for that way; the
//! prefixes of FORMATS 1.8 keep apart only what begins with one.

use commun_specs::key::SecretKey;
use russh::keys::{
    PrivateKey,
    ssh_key::private::{Ed25519Keypair, KeypairData},
};

/// The key in the form that the SSH library takes.
pub fn private(key: &SecretKey) -> PrivateKey {
    let pair = KeypairData::from(Ed25519Keypair::from_seed(&key.seed()));
    PrivateKey::new(pair, "").expect("a seed is a pair, without a passphrase")
}
