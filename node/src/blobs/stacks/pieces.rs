//! A large blob in pieces, each verified by itself.
//!
//! BLAKE3 is a tree over chunks of 1 KiB. A piece is a whole subtree of it (the last one: what is left), and the hash of a blob
//! is what the *chaining values* of its pieces come to when they are merged two by two. So a list of these values is proved by
//! the hash, and each piece by its value, which counts in where the piece stands and how long it is.

use std::ops::Range;

use blake3::hazmat::{
    ChainingValue, HasherExt as _, Mode, merge_subtrees_non_root, merge_subtrees_root,
};
use commun_specs::{files::MAX_FILE_BYTES, id::ContentHash};

/// Bytes of a piece; a power of two. What is read in parts costs so much at least, and a value is 32 bytes of it.
pub(in crate::blobs) const PIECE: u64 = 128 << 10;
/// Largest blob, in bytes.
pub(in crate::blobs) const MAX_LARGE: u64 = MAX_FILE_BYTES;
/// Bytes of a value.
pub(in crate::blobs) const VALUE: usize = 32;

/// The pieces of a blob: proved by its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::blobs) struct Pieces {
    hash: ContentHash,
    size: u64,
    /// Empty where there is one piece: its hash is the blob's.
    values: Vec<ChainingValue>,
}

/// How many values a list of so many bytes has.
pub(in crate::blobs) fn values_of(size: u64) -> usize {
    match size.div_ceil(PIECE) {
        0 | 1 => 0,
        n => usize::try_from(n).unwrap_or(usize::MAX),
    }
}

impl Pieces {
    /// The pieces that a list names, if it comes to this hash. Whether the size is the blob's is proved by the pieces only: a
    /// list of another level of the tree comes to the hash as well, but no bytes are its pieces.
    pub(in crate::blobs) fn prove(hash: ContentHash, size: u64, list: &[u8]) -> Option<Self> {
        if size > MAX_LARGE || list.len() != values_of(size) * VALUE {
            return None;
        }
        let (values, _) = list.as_chunks::<VALUE>();
        let it = Self {
            hash,
            size,
            values: values.to_vec(),
        };
        (it.values.is_empty() || root(&it.values) == hash.0).then_some(it)
    }

    /// The list: the values one behind the other.
    pub(in crate::blobs) fn list(&self) -> &[u8] {
        self.values.as_flattened()
    }

    pub(in crate::blobs) fn hash(&self) -> &ContentHash {
        &self.hash
    }

    /// The size of the blob in bytes.
    pub(in crate::blobs) fn size(&self) -> u64 {
        self.size
    }

    /// How many there are; an empty blob has one.
    pub(in crate::blobs) fn count(&self) -> u64 {
        self.size.div_ceil(PIECE).max(1)
    }

    /// Which bytes of the blob a piece is, one of [`Self::count`].
    pub(in crate::blobs) fn range(&self, n: u64) -> Range<u64> {
        n * PIECE..((n + 1) * PIECE).min(self.size)
    }

    /// Whether these bytes are that piece.
    pub(in crate::blobs) fn are(&self, n: u64, bytes: &[u8]) -> bool {
        if n >= self.count() {
            return false;
        }
        let range = self.range(n);
        if range.end - range.start != bytes.len() as u64 {
            return false;
        }
        if self.values.is_empty() {
            return n == 0 && ContentHash::of(bytes) == self.hash;
        }
        let value = usize::try_from(n).ok().and_then(|n| self.values.get(n));
        value.is_some_and(|value| {
            let mut hasher = blake3::Hasher::new();
            hasher.set_input_offset(range.start).update(bytes);
            hasher.finalize_non_root() == *value
        })
    }
}

fn half(values: &[ChainingValue]) -> (&[ChainingValue], &[ChainingValue]) {
    // The left subtree is the largest that is full and leaves something.
    values.split_at(values.len().next_power_of_two() / 2)
}

fn merged(values: &[ChainingValue]) -> ChainingValue {
    match values {
        [one] => *one,
        _ => {
            let (left, right) = half(values);
            merge_subtrees_non_root(&merged(left), &merged(right), Mode::Hash)
        }
    }
}

/// What the values of two pieces or more come to.
fn root(values: &[ChainingValue]) -> [u8; 32] {
    let (left, right) = half(values);
    *merge_subtrees_root(&merged(left), &merged(right), Mode::Hash).as_bytes()
}

/// Hashes a blob while it comes, once.
pub(super) struct Hashing {
    piece: blake3::Hasher,
    size: u64,
    values: Vec<ChainingValue>,
}

impl Hashing {
    pub(super) fn new() -> Self {
        Self {
            piece: blake3::Hasher::new(),
            size: 0,
            values: Vec::new(),
        }
    }

    /// Takes the next bytes.
    pub(super) fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let within = self.size % PIECE;
            if within == 0 && self.size > 0 {
                self.values.push(self.piece.finalize_non_root());
                self.piece = blake3::Hasher::new();
                self.piece.set_input_offset(self.size);
            }
            let room = usize::try_from(PIECE - within).unwrap_or(usize::MAX);
            let (now, rest) = bytes.split_at(room.min(bytes.len()));
            self.piece.update(now);
            self.size += now.len() as u64;
            bytes = rest;
        }
    }

    pub(super) fn finish(mut self) -> Pieces {
        let hash = if self.values.is_empty() {
            *self.piece.finalize().as_bytes()
        } else {
            self.values.push(self.piece.finalize_non_root());
            root(&self.values)
        };
        Pieces {
            hash: ContentHash(hash),
            size: self.size,
            values: self.values,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(len: usize) -> Vec<u8> {
        let mut out = vec![0; len];
        blake3::Hasher::new().finalize_xof().fill(&mut out);
        out
    }

    #[test]
    fn pieces_come_to_the_hash_of_the_whole_and_each_is_proved_in_its_place_only() {
        let piece = PIECE as usize;
        for len in [0, 1, 1025, piece - 1, piece, piece + 1]
            .into_iter()
            .chain((2..10).flat_map(|n| [n * piece - 1, n * piece, n * piece + 1025]))
        {
            let bytes = noise(len);
            let mut hashing = Hashing::new();
            // In steps that are no pieces.
            bytes.chunks(100_003).for_each(|part| hashing.update(part));
            let pieces = hashing.finish();
            assert_eq!(*pieces.hash(), ContentHash::of(&bytes), "{len}");
            assert_eq!(pieces.size(), len as u64);
            let again = Pieces::prove(*pieces.hash(), len as u64, pieces.list()).unwrap();
            assert_eq!(again, pieces);
            for n in 0..pieces.count() {
                let range = pieces.range(n);
                let own = &bytes[range.start as usize..range.end as usize];
                assert!(pieces.are(n, own), "{n} of {len}");
                let mut wrong = own.to_vec();
                if let Some(last) = wrong.last_mut() {
                    *last ^= 1;
                    assert!(!pieces.are(n, &wrong));
                    assert!(!pieces.are(n, &own[1..]));
                }
                assert!(!pieces.are(n + 1, own));
            }
            let mut list = pieces.list().to_vec();
            if let Some(last) = list.last_mut() {
                *last ^= 1;
                assert!(Pieces::prove(*pieces.hash(), len as u64, &list).is_none());
                assert!(Pieces::prove(*pieces.hash(), len as u64, &list[VALUE..]).is_none());
            }
        }
        assert!(Pieces::prove(ContentHash::of(b""), MAX_LARGE + 1, &[]).is_none());
    }

    #[test]
    fn a_list_that_is_the_blobs_but_of_another_level_of_its_tree_proves_no_piece() {
        let bytes = noise(4 * PIECE as usize);
        let mut hashing = Hashing::new();
        hashing.update(&bytes);
        let pieces = hashing.finish();
        let upper = [merged(&pieces.values[..2]), merged(&pieces.values[2..])];
        let liar = Pieces::prove(*pieces.hash(), 2 * PIECE, upper.as_flattened()).unwrap();
        assert!(!liar.are(0, &bytes[..PIECE as usize]));
        assert!(!liar.are(1, &bytes[PIECE as usize..2 * PIECE as usize]));
    }
}
