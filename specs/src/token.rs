//! What a person signs with their key to be given a short access token: `POST /api/v1/tokens`.
//!
//! The message names the node, the commons, the address at which the person met the node, and what they ask for.
//! Whoever passes a node's question on to somebody else's user gets a signature that says their own address, and
//! the node does not take it. The first line keeps it apart from all else that a key signs (FORMATS, 1.8): it is no
//! statement, no checkpoint and no certificate.

use crate::{id::CommonsId, key::PublicKey};

/// The first line of the message.
pub const PREFIX: &str = "commun-token/1\n";
/// Longest host, in characters: a name has at most 253, and a port follows.
const MAX_HOST: usize = 260;
/// Longest nonce, in characters.
const MAX_NONCE: usize = 128;
/// Longest scopes, in characters: twenty of the longest.
const MAX_SCOPES: usize = 4096;

/// A question for a token, before it is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRequest<'a> {
    /// The commons of the node.
    pub commons: CommonsId,
    /// The node's key.
    pub node: PublicKey,
    /// The node's host as the person's program asked for it, with the port where one was named: `git.univ.example:8470`.
    pub host: &'a str,
    /// The person's key.
    pub key: PublicKey,
    /// What the node gave.
    pub nonce: &'a str,
    /// The scopes asked for, with single spaces between them.
    pub scopes: &'a str,
    /// How long the token is to be good, in seconds.
    pub seconds: u64,
}

impl TokenRequest<'_> {
    /// The message that is signed; `None`: a part holds what it cannot, such as a line of its own.
    pub fn message(&self) -> Option<Vec<u8>> {
        let is = |text: &str, most: usize, extra: &[u8]| {
            !text.is_empty()
                && text.len() <= most
                && text
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || extra.contains(&b))
        };
        let good = is(self.host, MAX_HOST, b".-_:[]")
            && is(self.nonce, MAX_NONCE, b"")
            && is(self.scopes, MAX_SCOPES, b" :/-");
        let Self {
            commons,
            node,
            host,
            key,
            nonce,
            scopes,
            seconds,
        } = self;
        good.then(|| {
            format!(
                "{PREFIX}commons {commons}\nnode {node}\nhost {host}\nkey {key}\nnonce {nonce}\nscopes {scopes}\nseconds {seconds}\n"
            )
            .into_bytes()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::SecretKey;

    fn request<'a>(host: &'a str, nonce: &'a str, scopes: &'a str) -> TokenRequest<'a> {
        TokenRequest {
            commons: CommonsId([7; 32]),
            node: SecretKey::from_seed([1; 32]).public(),
            host,
            key: SecretKey::from_seed([2; 32]).public(),
            nonce,
            scopes,
            seconds: 900,
        }
    }

    #[test]
    fn the_message_has_one_line_for_each_part() {
        let message = request("git.example:8470", "abc", "repository publish").message();
        let text = String::from_utf8(message.unwrap()).unwrap();
        assert!(text.starts_with(PREFIX) && text.ends_with("seconds 900\n"));
        assert_eq!(text.lines().count(), 8);
        assert!(text.contains("\nhost git.example:8470\n"));
    }

    #[test]
    fn no_part_makes_a_line_of_its_own() {
        for bad in [
            request("a\nkey x", "abc", "write"),
            request("", "abc", "write"),
            request("a", "b\n", "write"),
            request("a", "", "write"),
            request("a", "b", "write\nseconds 1"),
            request("a b", "c", "write"),
            request(&"a".repeat(261), "c", "write"),
        ] {
            assert_eq!(bad.message(), None, "{bad:?}");
        }
    }
}
