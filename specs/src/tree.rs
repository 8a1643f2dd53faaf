//! The RFC 6962 Merkle tree of a log, over hashes that the caller stores.
//!
//! Hashes rest in one dense order (that of C2SP tlog-tiles: [`tlog_tiles::stored_hash_index`]), so a log's
//! store is a growing array of 32-byte hashes.

use tlog_tiles::{Hash, HashReader};

use crate::id::TreeRoot;

/// Largest tree that proofs are checked for; keeps hostile sizes away from the arithmetic.
pub const MAX_SIZE: u64 = 1 << 48;
/// Most hashes of a consistency proof: one for each level on both sides.
pub const MAX_PROOF: usize = 96;

/// The tree cannot answer, or a proof does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The store has no such hash: it is damaged or shorter than it says.
    #[error(
        "the log's hashes are incomplete (a hash of index {0} is missing); run `commun node verify`"
    )]
    Missing(u64),
    /// The proof does not show that the smaller tree is a beginning of the larger one.
    #[error("R-03-05: the consistency proof does not hold")]
    Inconsistent,
    /// A size out of range.
    #[error("R-03-06: a tree of size {0} is out of range")]
    Size(u64),
}

/// Read access to stored hashes.
pub trait Hashes {
    /// The hash of a dense index, or `None` if it is not stored.
    fn get(&self, index: u64) -> Option<[u8; 32]>;
}

impl Hashes for Vec<[u8; 32]> {
    fn get(&self, index: u64) -> Option<[u8; 32]> {
        self.as_slice().get(usize::try_from(index).ok()?).copied()
    }
}

/// Hashes that are stored, followed by some that are not yet.
pub struct Pending<'a, H> {
    stored: &'a H,
    first: u64,
    new: Vec<[u8; 32]>,
}

impl<'a, H: Hashes> Pending<'a, H> {
    /// On top of a tree of `size` leaves.
    pub fn on(stored: &'a H, size: u64) -> Self {
        Self {
            stored,
            first: tlog_tiles::stored_hash_count(size),
            new: Vec::new(),
        }
    }

    /// Goes on from new hashes that were not stored yet.
    pub fn resume(stored: &'a H, size: u64, new: Vec<[u8; 32]>) -> Self {
        Self {
            new,
            ..Self::on(stored, size)
        }
    }

    /// The index of the first new hash, and the new hashes: what the caller stores.
    pub fn into_new(self) -> (u64, Vec<[u8; 32]>) {
        (self.first, self.new)
    }
}

impl<H: Hashes> Hashes for Pending<'_, H> {
    fn get(&self, index: u64) -> Option<[u8; 32]> {
        match index.checked_sub(self.first) {
            Some(i) => self.new.as_slice().get(usize::try_from(i).ok()?).copied(),
            None => self.stored.get(index),
        }
    }
}

struct Reader<'a, H>(&'a H);

impl<H: Hashes> HashReader for Reader<'_, H> {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, tlog_tiles::Error> {
        indexes
            .iter()
            .map(|i| {
                self.0
                    .get(*i)
                    .map(Hash)
                    .ok_or_else(|| tlog_tiles::Error::InvalidInput(i.to_string()))
            })
            .collect()
    }
}

fn missing(e: tlog_tiles::Error) -> Error {
    match e {
        tlog_tiles::Error::InvalidInput(i) => Error::Missing(i.parse().unwrap_or(0)),
        _ => Error::Inconsistent,
    }
}

/// SHA-256(0x00 ‖ entry).
pub fn leaf_hash(entry: &[u8]) -> [u8; 32] {
    tlog_tiles::record_hash(entry).0
}

/// Adds the leaf that follows `position` leaves.
pub fn append<H: Hashes>(
    tree: &mut Pending<'_, H>,
    position: u64,
    leaf: [u8; 32],
) -> Result<(), Error> {
    let hashes = tlog_tiles::stored_hashes_for_record_hash(position, Hash(leaf), &Reader(&*tree))
        .map_err(missing)?;
    tree.new.extend(hashes.iter().map(|h| h.0));
    Ok(())
}

/// The root of the first `size` leaves.
pub fn root(tree: &impl Hashes, size: u64) -> Result<TreeRoot, Error> {
    if size > MAX_SIZE {
        return Err(Error::Size(size));
    }
    tlog_tiles::tree_hash(size, &Reader(tree))
        .map(|h| TreeRoot(h.0))
        .map_err(missing)
}

/// Proves that the tree of `old` leaves is a beginning of the tree of `new` leaves (RFC 6962, 2.1.2).
/// Empty where `old` is 0 or equals `new`.
pub fn prove(tree: &impl Hashes, new: u64, old: u64) -> Result<Vec<[u8; 32]>, Error> {
    if new > MAX_SIZE || old > new {
        return Err(Error::Size(old));
    }
    if old == 0 {
        return Ok(Vec::new());
    }
    tlog_tiles::prove_tree(new, old, &Reader(tree))
        .map(|p| p.iter().map(|h| h.0).collect())
        .map_err(missing)
}

/// Checks such a proof.
pub fn check(proof: &[[u8; 32]], new: (u64, TreeRoot), old: (u64, TreeRoot)) -> Result<(), Error> {
    if new.0 > MAX_SIZE || old.0 > new.0 || proof.len() > MAX_PROOF {
        return Err(Error::Size(old.0));
    }
    if old.0 == 0 {
        return if proof.is_empty() && old.1 == TreeRoot::empty() {
            Ok(())
        } else {
            Err(Error::Inconsistent)
        };
    }
    let proof: Vec<Hash> = proof.iter().map(|h| Hash(*h)).collect();
    tlog_tiles::check_tree(&proof, new.0, Hash(new.1.0), old.0, Hash(old.1.0))
        .map_err(|_| Error::Inconsistent)
}

/// Proves that a leaf is at a position of the tree of `size` leaves (RFC 6962, 2.1.1).
pub fn prove_leaf(tree: &impl Hashes, size: u64, position: u64) -> Result<Vec<[u8; 32]>, Error> {
    if size > MAX_SIZE || position >= size {
        return Err(Error::Size(position));
    }
    tlog_tiles::prove_record(size, position, &Reader(tree))
        .map(|p| p.iter().map(|h| h.0).collect())
        .map_err(missing)
}

/// Checks such a proof.
pub fn check_leaf(
    proof: &[[u8; 32]],
    tree: (u64, TreeRoot),
    position: u64,
    leaf: [u8; 32],
) -> Result<(), Error> {
    if tree.0 > MAX_SIZE || position >= tree.0 || proof.len() > MAX_PROOF {
        return Err(Error::Size(position));
    }
    let proof: Vec<Hash> = proof.iter().map(|h| Hash(*h)).collect();
    tlog_tiles::check_record(&proof, tree.0, Hash(tree.1.0), position, Hash(leaf))
        .map_err(|_| Error::Inconsistent)
}

/// How many hashes a tree of `size` leaves stores.
pub fn hash_count(size: u64) -> u64 {
    tlog_tiles::stored_hash_count(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grow(hashes: &mut Vec<[u8; 32]>, from: u64, to: u64) {
        let mut tree = Pending::on(&*hashes, from);
        for n in from..to {
            append(&mut tree, n, leaf_hash(&n.to_be_bytes())).unwrap();
        }
        let (first, new) = tree.into_new();
        assert_eq!(first, hashes.len() as u64);
        hashes.extend(new);
    }

    #[test]
    fn every_leaf_is_proved_and_no_other_is() {
        let mut hashes = Vec::new();
        grow(&mut hashes, 0, 21);
        let tree = (21, root(&hashes, 21).unwrap());
        for n in 0..21u64 {
            let leaf = leaf_hash(&n.to_be_bytes());
            let proof = prove_leaf(&hashes, 21, n).unwrap();
            assert_eq!(check_leaf(&proof, tree, n, leaf), Ok(()));
            assert!(check_leaf(&proof, tree, n, [7; 32]).is_err());
            assert!(check_leaf(&proof, tree, (n + 1) % 21, leaf).is_err());
            assert!(check_leaf(&proof, (21, TreeRoot([7; 32])), n, leaf).is_err());
        }
        assert!(check_leaf(&[], tree, 21, [7; 32]).is_err());
        assert!(prove_leaf(&hashes, 21, 21).is_err());
    }

    #[test]
    fn every_beginning_is_proved_and_no_other_root_is() {
        let mut hashes = Vec::new();
        grow(&mut hashes, 0, 9);
        grow(&mut hashes, 9, 40);
        let end = (40, root(&hashes, 40).unwrap());
        for old in 0..=40 {
            let proof = prove(&hashes, 40, old).unwrap();
            let begin = (old, root(&hashes, old).unwrap());
            assert_eq!(check(&proof, end, begin), Ok(()));
            assert!(check(&proof, end, (old, TreeRoot([7; 32]))).is_err());
            if old != 0 {
                assert!(check(&proof, (40, TreeRoot([7; 32])), begin).is_err());
            }
        }
        assert!(check(&[], (u64::MAX, end.1), (1, end.1)).is_err());
        assert_eq!(root(&Vec::new(), 0).unwrap(), TreeRoot::empty());
        assert!(root(&hashes, 41).is_err());
    }
}
