//! The bytes of a range: numbers big-endian, everything with its length before it.

use super::{Range, RangeEntry, RangeErasure};
use crate::{id::TreeRoot, name::Handle, note, sync::limits, tree};

/// Bytes are not a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("R-06-30: not a range: {0}")]
pub struct CodecError(pub &'static str);

/// The first bytes: what it is, and the version.
const MAGIC: &[u8; 4] = b"CRG1";
/// As [`MAGIC`], of a range with erasures behind its lists: releases that do not read it need none.
const WITH_ERASURES: &[u8; 4] = b"CRG2";
/// Most lists of one range: each entry names at most a few.
const MAX_LISTS: usize = 4_000;

impl Range {
    /// Writes the range.
    pub fn to_bytes(&self) -> Vec<u8> {
        let magic = if self.erasures.is_empty() {
            MAGIC
        } else {
            WITH_ERASURES
        };
        let mut out = magic.to_vec();
        put(&mut out, self.handle.as_str().as_bytes());
        out.extend_from_slice(&self.epoch.to_be_bytes());
        out.extend_from_slice(&self.from.to_be_bytes());
        put(&mut out, &self.checkpoint);
        put_hashes(&mut out, &self.proof);
        put_hashes(
            &mut out,
            &self.base_root.map(|r| r.0).into_iter().collect::<Vec<_>>(),
        );
        put_hashes(&mut out, &self.base_proof);
        out.extend_from_slice(&(self.entries.len() as u32).to_be_bytes());
        for e in &self.entries {
            put(&mut out, &e.entry);
            match &e.body {
                None => out.push(0),
                Some((salt, body)) => {
                    out.push(1);
                    out.extend_from_slice(salt);
                    put(&mut out, body);
                }
            }
        }
        out.extend_from_slice(&(self.lists.len() as u32).to_be_bytes());
        for list in &self.lists {
            put(&mut out, list);
        }
        if !self.erasures.is_empty() {
            out.extend_from_slice(&(self.erasures.len() as u32).to_be_bytes());
        }
        for e in &self.erasures {
            out.extend_from_slice(&e.position.to_be_bytes());
            put(&mut out, &e.entry);
            put_hashes(&mut out, &e.proof);
        }
        out
    }

    /// Reads a range.
    ///
    /// # Errors
    /// Anything over a limit, missing or left over. Nothing is verified.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CodecError> {
        if bytes.len() > limits::MAX_RANGE_READ {
            return Err(CodecError("too large"));
        }
        let mut r = Reader(bytes);
        let erasures_too = match r.take(4)? {
            magic if magic == MAGIC => false,
            magic if magic == WITH_ERASURES => true,
            _ => return Err(CodecError("it does not begin with CRG1 or CRG2")),
        };
        let handle = std::str::from_utf8(r.sized(64)?)
            .ok()
            .and_then(|t| Handle::new(t).ok())
            .ok_or(CodecError("the handle is not one"))?;
        let (epoch, from) = (r.number()?, r.number()?);
        if from > tree::MAX_SIZE {
            return Err(CodecError("the position is out of range"));
        }
        let checkpoint = r.sized(note::MAX_NOTE)?.to_vec();
        let proof = r.hashes(tree::MAX_PROOF)?;
        let base_root = r.hashes(1)?.first().map(|h| TreeRoot(*h));
        let base_proof = r.hashes(tree::MAX_PROOF)?;
        let entries = (0..r.count(limits::MAX_RANGE_ENTRIES as usize)?)
            .map(|_| r.entry())
            .collect::<Result<_, _>>()?;
        let lists = (0..r.count(MAX_LISTS)?)
            .map(|_| r.sized(crate::list::MAX_LIST).map(<[u8]>::to_vec))
            .collect::<Result<_, _>>()?;
        let erasures: Vec<RangeErasure> = if erasures_too {
            (0..r.count(limits::MAX_RANGE_ERASURES)?)
                .map(|_| r.erasure())
                .collect::<Result<_, _>>()?
        } else {
            Vec::new()
        };
        if erasures_too && erasures.is_empty() {
            return Err(CodecError("no erasures where some are announced"));
        }
        if !r.0.is_empty() {
            return Err(CodecError("bytes are left over"));
        }
        Ok(Self {
            handle,
            epoch,
            from,
            entries,
            lists,
            checkpoint,
            proof,
            base_root,
            base_proof,
            erasures,
        })
    }
}

fn put(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&(bytes.len() as u32).to_be_bytes());
    out.extend_from_slice(bytes);
}

fn put_hashes(out: &mut Vec<u8>, hashes: &[[u8; 32]]) {
    out.extend_from_slice(&(hashes.len() as u32).to_be_bytes());
    for h in hashes {
        out.extend_from_slice(h);
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8], CodecError> {
        let (head, rest) = self
            .0
            .split_at_checked(n)
            .ok_or(CodecError("it ends too early"))?;
        self.0 = rest;
        Ok(head)
    }

    fn number(&mut self) -> Result<u64, CodecError> {
        let bytes = self.take(8)?;
        Ok(bytes.iter().fold(0, |n, b| n << 8 | u64::from(*b)))
    }

    fn count(&mut self, max: usize) -> Result<usize, CodecError> {
        let n = self
            .take(4)?
            .iter()
            .fold(0usize, |n, b| n << 8 | usize::from(*b));
        if n > max {
            return Err(CodecError("more than the limit"));
        }
        Ok(n)
    }

    fn sized(&mut self, max: usize) -> Result<&'a [u8], CodecError> {
        let n = self.count(max)?;
        self.take(n)
    }

    fn hash(&mut self) -> Result<[u8; 32], CodecError> {
        let bytes = self.take(32)?;
        bytes
            .try_into()
            .map_err(|_| CodecError("a hash is 32 bytes"))
    }

    fn hashes(&mut self, max: usize) -> Result<Vec<[u8; 32]>, CodecError> {
        (0..self.count(max)?).map(|_| self.hash()).collect()
    }

    fn entry(&mut self) -> Result<RangeEntry, CodecError> {
        let entry = self.sized(crate::envelope::MAX_ENTRY)?.to_vec();
        let body = match self.take(1)? {
            [0] => None,
            [1] => Some((self.hash()?, self.sized(limits::MAX_RANGE_READ)?.to_vec())),
            _ => return Err(CodecError("a body is there or not")),
        };
        Ok(RangeEntry { entry, body })
    }

    fn erasure(&mut self) -> Result<RangeErasure, CodecError> {
        Ok(RangeErasure {
            position: self.number()?,
            entry: self.sized(crate::envelope::MAX_ENTRY)?.to_vec(),
            proof: self.hashes(tree::MAX_PROOF)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range() -> Range {
        Range {
            handle: Handle::new("univ-a").unwrap(),
            epoch: 1,
            from: 7,
            entries: vec![
                RangeEntry {
                    entry: b"one".to_vec(),
                    body: None,
                },
                RangeEntry {
                    entry: b"two".to_vec(),
                    body: Some(([3; 32], b"body".to_vec())),
                },
            ],
            lists: vec![b"list".to_vec()],
            checkpoint: b"note".to_vec(),
            proof: vec![[1; 32], [2; 32]],
            base_root: Some(TreeRoot([9; 32])),
            base_proof: vec![[4; 32]],
            erasures: Vec::new(),
        }
    }

    #[test]
    fn a_range_is_read_as_it_was_written_and_no_part_of_it_is() {
        let bytes = range().to_bytes();
        assert_eq!(Range::from_bytes(&bytes), Ok(range()));
        for n in 0..bytes.len() {
            assert!(
                Range::from_bytes(&bytes[..n]).is_err(),
                "{n} bytes are taken"
            );
        }
        let mut with = range();
        with.erasures = vec![RangeErasure {
            position: 9,
            entry: b"erasure".to_vec(),
            proof: vec![[5; 32]],
        }];
        assert_eq!(Range::from_bytes(&with.to_bytes()), Ok(with));
        let mut longer = bytes;
        longer.push(0);
        assert!(Range::from_bytes(&longer).is_err());
    }

    #[test]
    fn a_count_over_the_limit_is_refused_before_anything_is_allocated() {
        let mut bytes = range().to_bytes();
        let at = 4 + 4 + 6 + 8 + 8;
        bytes[at..at + 4].copy_from_slice(&u32::MAX.to_be_bytes());
        assert_eq!(
            Range::from_bytes(&bytes),
            Err(CodecError("more than the limit"))
        );
    }
}
