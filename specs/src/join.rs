//! How an institution comes in: an invitation that carries addresses and a one-time secret, and the one
//! bounded request that a non-member may file with it.

use serde::{Deserialize, Serialize};

use crate::{
    id::{CharterId, CommonsId, base32, from_base32},
    key::PublicKey,
    name::Handle,
};

/// What an invitation's text begins with.
pub const PREFIX: &str = "commun1";
/// Longest invitation that is read, in characters.
const MAX_TEXT: usize = 4_096;
/// Largest join request or answer's question, in bytes.
pub const MAX_REQUEST: usize = 16 << 10;

/// An invitation, one use: `commun1` + base32(JSON).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Invitation {
    /// The commons.
    pub commons: CommonsId,
    /// The charter in force when it was written.
    pub charter: CharterId,
    /// Whom to ask.
    pub peers: Vec<Peer>,
    /// Proves the invitation.
    pub secret: String,
    /// Seconds since 1970 after which it is refused.
    pub expires: u64,
}

/// A node that can be reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Peer {
    /// Its key.
    pub node: PublicKey,
    /// Its multiaddresses.
    pub addrs: Vec<String>,
}

/// The text is no invitation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an invitation: {0}; it begins with commun1 and must be copied whole")]
pub struct BadInvitation(pub &'static str);

impl std::fmt::Display for Invitation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let json = serde_json::to_vec(self).expect("ids, keys and texts are JSON");
        write!(f, "{PREFIX}{}", base32(&json))
    }
}

impl std::str::FromStr for Invitation {
    type Err = BadInvitation;
    fn from_str(s: &str) -> Result<Self, BadInvitation> {
        let s = s.trim();
        if s.len() > MAX_TEXT {
            return Err(BadInvitation("too long"));
        }
        let text = s
            .strip_prefix(PREFIX)
            .ok_or(BadInvitation("it does not begin with commun1"))?;
        let json = from_base32(text).ok_or(BadInvitation("a character is missing or wrong"))?;
        let i: Self = serde_json::from_slice(&json)
            .map_err(|_| BadInvitation("its content cannot be read"))?;
        if i.peers.is_empty() || i.peers.len() > 16 || i.peers.iter().any(|p| p.addrs.len() > 16) {
            return Err(BadInvitation("it names no peer, or too many"));
        }
        Ok(i)
    }
}

/// What a non-member files: the institution that asks to come in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JoinRequest {
    /// The invitation's secret.
    pub secret: String,
    /// The handle it asks for.
    pub handle: Handle,
    /// Its name as people write it.
    pub name: String,
    /// Its institution keys.
    pub keys: Vec<PublicKey>,
    /// How many of them must sign.
    pub threshold: u64,
    /// The node that will write its log.
    pub node: PublicKey,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::SecretKey;

    #[test]
    fn an_invitation_survives_being_copied_and_nothing_else_does() {
        let i = Invitation {
            commons: CommonsId([1; 32]),
            charter: CharterId([2; 32]),
            peers: vec![Peer {
                node: SecretKey::from_seed([1; 32]).public(),
                addrs: vec!["/ip4/127.0.0.1/tcp/1".into()],
            }],
            secret: "s".into(),
            expires: 9,
        };
        let text = i.to_string();
        assert_eq!(format!(" {text}\n").parse::<Invitation>().unwrap(), i);
        assert!(text[..text.len() - 4].parse::<Invitation>().is_err());
        assert!("commun2abc".parse::<Invitation>().is_err());
        assert!("commun1".parse::<Invitation>().is_err());
    }
}
