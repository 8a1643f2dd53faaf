//! What nodes say to one another on the blobs' protocol: one request on each stream, and its answer. Numbers are little-endian.
//!
//! - **One**: `1`, a hash, the offset of the first byte that is wanted (of a piece), the one behind the last. The answer is the size of the
//!   blob (8 bytes), the list of its pieces, empty where it has one, and these bytes, as far as there are so many.
//! - **Many**: `2`, hashes. The answer is for each its length (4 bytes) and its bytes, up to the first that is not on the shelf.
//!
//! What is not given is an answer that ends.

use std::ops::Range;

use commun_specs::id::ContentHash;

/// Blobs that are asked for at once: with the largest, an answer of 16 MiB.
pub(crate) const MAX_ASKED: usize = 256;
/// Bytes of the longest request.
pub(super) const MAX_REQUEST: usize = 1 + 32 * MAX_ASKED;
/// Why a stream is reset: the request is none.
pub(super) const REFUSED: u32 = 1;

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Request {
    /// A blob, or these bytes of it.
    One(ContentHash, Range<u64>),
    /// Small blobs.
    Many(Vec<ContentHash>),
}

impl Request {
    pub(super) fn encode(&self) -> Vec<u8> {
        match self {
            Request::One(hash, range) => {
                let (from, to) = (range.start.to_le_bytes(), range.end.to_le_bytes());
                [&[1], &hash.0[..], &from, &to].concat()
            }
            Request::Many(hashes) => {
                let mut out = vec![2];
                hashes.iter().for_each(|hash| out.extend(hash.0));
                out
            }
        }
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        match bytes.split_first()? {
            (1, rest) => {
                let (hash, rest) = rest.split_first_chunk()?;
                let (from, rest) = rest.split_first_chunk()?;
                let to = rest.try_into().ok()?;
                let range = u64::from_le_bytes(*from)..u64::from_le_bytes(to);
                Some(Request::One(ContentHash(*hash), range))
            }
            (2, rest) => match rest.as_chunks() {
                (hashes, []) if hashes.len() <= MAX_ASKED => {
                    let hashes = hashes.iter().map(|hash| ContentHash(*hash));
                    Some(Request::Many(hashes.collect()))
                }
                _ => None,
            },
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_read_back_and_nothing_else_is_one() {
        let hash = ContentHash::of(b"it");
        let one = Request::One(hash, 7..u64::MAX);
        let many = Request::Many(vec![hash; MAX_ASKED]);
        for request in [one, many, Request::Many(Vec::new())] {
            let bytes = request.encode();
            assert!(bytes.len() <= MAX_REQUEST);
            assert_eq!(Request::decode(&bytes), Some(request));
        }
        let too_many = Request::Many(vec![hash; MAX_ASKED + 1]).encode();
        let short = &Request::One(hash, 0..1).encode()[..40];
        for bytes in [&b""[..], b"\x00", b"\x03", b"\x02x", short, &too_many] {
            assert_eq!(Request::decode(bytes), None);
        }
    }
}
