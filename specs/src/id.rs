//! Hashes and ids: 32 bytes, written as 52 characters of lower-case unpadded base32 (RFC 4648).

use data_encoding::{BASE32_NOPAD, HEXLOWER};
use sha2::{Digest, Sha256};

/// Characters of an id as it is written.
pub const CHARS: usize = 52;

/// An id could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an id (52 characters a-z 2-7): {0:?}")]
pub struct ParseError(pub String);

/// Writes bytes as lower-case unpadded base32.
pub fn base32(bytes: &[u8]) -> String {
    BASE32_NOPAD.encode(bytes).to_ascii_lowercase()
}

/// Reads lower-case unpadded base32; upper case and non-zero trailing bits are refused.
pub fn from_base32(text: &str) -> Option<Vec<u8>> {
    if text.bytes().any(|b| b.is_ascii_uppercase()) {
        return None;
    }
    BASE32_NOPAD
        .decode(text.to_ascii_uppercase().as_bytes())
        .ok()
}

/// SHA-256 over the concatenation of `parts`.
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut h = Sha256::new();
    for p in parts {
        h.update(p);
    }
    h.finalize().into()
}

/// Compares as the base32 texts compare, byte by byte: `2`–`7` (digits 26–31) come before `a`–`z`.
/// One order everywhere, so that "sorted" and "lowest id" mean what a reader of the text sees.
fn written_order(a: &[u8; 32], b: &[u8; 32]) -> std::cmp::Ordering {
    let (a_words, b_words) = (a.as_chunks::<8>().0, b.as_chunks::<8>().0);
    let differing = |i: &usize| a_words[*i] != b_words[*i];
    let Some(word) = (0..4).find(differing) else {
        return std::cmp::Ordering::Equal;
    };
    let differences = u64::from_be_bytes(a_words[word]) ^ u64::from_be_bytes(b_words[word]);
    let bit = word * 64 + differences.leading_zeros() as usize;
    let first = bit / 5 * 5;
    let digit = |bytes: &[u8; 32]| {
        let pair = u16::from_be_bytes([bytes[first / 8], *bytes.get(first / 8 + 1).unwrap_or(&0)]);
        let digit = (pair >> (11 - first % 8)) & 31;
        (digit + 6) % 32
    };
    digit(a).cmp(&digit(b))
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $name(pub [u8; 32]);

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> { Some(self.cmp(other)) }
        }
        impl Ord for $name {
            /// Orders ids as their written forms order.
            fn cmp(&self, other: &Self) -> std::cmp::Ordering { written_order(&self.0, &other.0) }
        }
        impl $name {
            /// The 32 bytes.
            pub fn as_bytes(&self) -> &[u8; 32] { &self.0 }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(&base32(&self.0)) }
        }
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), &base32(&self.0)[..8])
            }
        }
        impl std::str::FromStr for $name {
            type Err = ParseError;
            fn from_str(s: &str) -> Result<Self, ParseError> {
                from_base32(s).and_then(|b| b.try_into().ok()).map($name).ok_or_else(|| ParseError(s.chars().take(80).collect()))
            }
        }
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> { s.collect_str(self) }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

ids! {
    /// Names a statement: SHA-256 of its payload. An item's id is that of its first statement.
    StatementId;
    /// Names a charter amendment: SHA-256 of its payload.
    CharterId;
    /// Names a commons: the id of its charter 0.
    CommonsId;
    /// Names a succession: SHA-256 of its payload.
    SuccessionId;
    /// Commits to a body: SHA-256(salt ‖ body).
    BodyHash;
    /// The root of an RFC 6962 tree.
    TreeRoot;
    /// Names a list: SHA-256 of its bytes.
    ListHash;
    /// A catalogue's root.
    CatalogueRoot;
}

impl StatementId {
    /// The id of a payload.
    pub fn of(payload: &[u8]) -> Self {
        Self(sha256(&[payload]))
    }
}

impl TreeRoot {
    /// The root of the empty tree: SHA-256 of nothing (RFC 6962, 2.1).
    pub fn empty() -> Self {
        Self(sha256(&[]))
    }
}

/// The BLAKE3 hash of content, written as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentHash(pub [u8; 32]);

impl ContentHash {
    /// Hashes content that is in memory.
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }
}

impl std::fmt::Display for ContentHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}
impl std::fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ContentHash({})", &HEXLOWER.encode(&self.0)[..8])
    }
}
impl std::str::FromStr for ContentHash {
    type Err = ParseError;
    fn from_str(s: &str) -> Result<Self, ParseError> {
        HEXLOWER
            .decode(s.as_bytes())
            .ok()
            .and_then(|b| b.try_into().ok())
            .map(ContentHash)
            .ok_or_else(|| ParseError(s.chars().take(80).collect()))
    }
}
impl serde::Serialize for ContentHash {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}
impl<'de> serde::Deserialize<'de> for ContentHash {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_order_as_their_texts_do() {
        let ids: Vec<_> = (0..200u32)
            .map(|n| StatementId::of(&n.to_be_bytes()))
            .collect();
        for a in &ids {
            for b in &ids {
                assert_eq!(a.cmp(b), a.to_string().cmp(&b.to_string()), "{a} {b}");
            }
            for bit in 0..256 {
                let mut b = *a;
                b.0[bit / 8] ^= 1 << (bit % 8);
                assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()), "{a} {b}");
            }
        }
    }

    #[test]
    fn ids_have_one_written_form() {
        let id = StatementId::of(b"payload");
        let text = id.to_string();
        assert_eq!(text.len(), CHARS);
        assert_eq!(text.parse::<StatementId>().unwrap(), id);
        assert!(text.to_uppercase().parse::<StatementId>().is_err());
        assert!(text[..51].parse::<StatementId>().is_err());
        // 32 bytes leave 4 bits of the last character unused: they must be zero.
        let mut forged = text.clone();
        forged.pop();
        forged.push('b');
        assert!(forged.parse::<StatementId>().is_err() || forged == text);
    }
}
