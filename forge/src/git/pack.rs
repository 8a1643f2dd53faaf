//! A look at a pack while it streams past, before Git gets it.
//!
//! Git limits a push by its packed size only: 1,368 bytes may unpack to a gigabyte. Each entry of a pack
//! states its size, a delta also that of its result, and Git refuses an entry that lied. So it is enough
//! to read the stated sizes. The scanner inflates (to find where an entry ends) but keeps nothing.

use flate2::{Decompress, FlushDecompress, Status};

use super::{Limits, ObjectFormat};

/// Why a pack is not passed on. The texts are shown to the person who pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PackError {
    /// An object is larger than the limit.
    #[error(
        "an object of {size} bytes is over the limit of {limit} bytes; publish large files as a resource"
    )]
    ObjectTooLarge {
        /// Bytes stated.
        size: u64,
        /// Bytes allowed.
        limit: u64,
    },
    /// More objects than the limit.
    #[error("{count} objects are over the limit of {limit}; push in several steps")]
    TooManyObjects {
        /// Objects stated.
        count: u32,
        /// Objects allowed.
        limit: u32,
    },
    /// All objects together unpack to more than sixteen times the largest push.
    #[error("the pack unpacks to too many bytes; push in several steps")]
    TooMuch,
    /// Not a pack.
    #[error("the pack is corrupt: {0}")]
    Corrupt(&'static str),
}

/// Reads a pack's bytes in order, in pieces of any size.
#[derive(Debug)]
pub(super) struct Scanner {
    max_object: u64,
    max_objects: u32,
    /// Unpacked bytes that may still come.
    budget: u64,
    raw_id: usize,
    objects_left: u32,
    state: State,
    inflate: Decompress,
    scratch: Box<[u8]>,
}

#[derive(Debug)]
enum State {
    /// `PACK`, version, count.
    Header { bytes: [u8; 12], have: usize },
    /// Type and size of an entry.
    Entry { kind: u8, size: u64, shift: u32 },
    /// How far back an offset delta's base is.
    Offset { size: u64, bytes: u8 },
    /// The id of a delta's base.
    Base { size: u64, left: usize },
    /// The deflated data.
    Data {
        size: u64,
        seen: u64,
        delta: Option<DeltaHead>,
    },
    /// The checksum.
    Trailer { left: usize },
    /// Whatever follows is for Git to judge.
    Done,
}

/// The first bytes of a delta: size of the base, size of the result.
#[derive(Debug, Default)]
struct DeltaHead {
    bytes: [u8; 20],
    have: usize,
}

const START: State = State::Entry {
    kind: 0,
    size: 0,
    shift: 0,
};

impl Scanner {
    pub(super) fn new(limits: &Limits, format: ObjectFormat) -> Self {
        Self {
            max_object: limits.max_object,
            max_objects: limits.max_objects,
            budget: limits.max_push.saturating_mul(16),
            raw_id: format.raw_len(),
            objects_left: 0,
            state: State::Header {
                bytes: [0; 12],
                have: 0,
            },
            inflate: Decompress::new(true),
            scratch: vec![0; 64 << 10].into_boxed_slice(),
        }
    }

    /// Whether the whole pack went past.
    pub(super) fn done(&self) -> bool {
        matches!(self.state, State::Done)
    }

    /// Reads the next bytes. After an error the rest must not be passed on.
    pub(super) fn feed(&mut self, mut input: &[u8]) -> Result<(), PackError> {
        while !input.is_empty() && !self.done() {
            if let State::Data { .. } = self.state {
                input = self.inflate(input)?;
            } else {
                self.byte(input[0])?;
                input = &input[1..];
            }
        }
        Ok(())
    }

    fn byte(&mut self, byte: u8) -> Result<(), PackError> {
        match &mut self.state {
            State::Header { bytes, have } => {
                bytes[*have] = byte;
                *have += 1;
                if *have == 12 {
                    let [b'P', b'A', b'C', b'K', 0, 0, 0, 2 | 3, count @ ..] = *bytes else {
                        return Err(PackError::Corrupt("not a pack"));
                    };
                    self.objects_left = u32::from_be_bytes(count);
                    if self.objects_left > self.max_objects {
                        return Err(PackError::TooManyObjects {
                            count: self.objects_left,
                            limit: self.max_objects,
                        });
                    }
                    self.next_entry();
                }
            }
            State::Entry { kind, size, shift } => {
                let bits = if *shift == 0 {
                    *kind = (byte >> 4) & 7;
                    u64::from(byte & 15)
                } else {
                    u64::from(byte & 127)
                };
                if *shift > 57 {
                    return Err(PackError::Corrupt("an object's size has too many digits"));
                }
                *size |= bits << *shift;
                *shift += if *shift == 0 { 4 } else { 7 };
                if byte & 128 == 0 {
                    let (kind, size) = (*kind, *size);
                    self.entry(kind, size)?;
                }
            }
            State::Offset { size, bytes } => {
                *bytes += 1;
                if *bytes > 10 {
                    return Err(PackError::Corrupt("a delta's offset has too many digits"));
                }
                if byte & 128 == 0 {
                    self.state = State::Data {
                        size: *size,
                        seen: 0,
                        delta: Some(DeltaHead::default()),
                    };
                }
            }
            State::Base { size, left } => {
                *left -= 1;
                if *left == 0 {
                    self.state = State::Data {
                        size: *size,
                        seen: 0,
                        delta: Some(DeltaHead::default()),
                    };
                }
            }
            State::Trailer { left } => {
                *left -= 1;
                if *left == 0 {
                    self.state = State::Done;
                }
            }
            State::Data { .. } | State::Done => unreachable!("feed handles both"),
        }
        Ok(())
    }

    fn entry(&mut self, kind: u8, size: u64) -> Result<(), PackError> {
        self.check_size(size)?;
        self.inflate.reset(true);
        self.state = match kind {
            1..=4 => State::Data {
                size,
                seen: 0,
                delta: None,
            },
            6 => State::Offset { size, bytes: 0 },
            7 => State::Base {
                size,
                left: self.raw_id,
            },
            _ => return Err(PackError::Corrupt("an object has an unknown type")),
        };
        Ok(())
    }

    fn inflate<'a>(&mut self, input: &'a [u8]) -> Result<&'a [u8], PackError> {
        let State::Data { size, seen, delta } = &mut self.state else {
            unreachable!("called in this state only");
        };
        let before = (self.inflate.total_in(), self.inflate.total_out());
        let status = self
            .inflate
            .decompress(input, &mut self.scratch, FlushDecompress::None)
            .map_err(|_| PackError::Corrupt("an object does not inflate"))?;
        let used = (self.inflate.total_in() - before.0) as usize;
        let made = (self.inflate.total_out() - before.1) as usize;
        *seen += made as u64;
        if *seen > *size {
            return Err(PackError::Corrupt("an object is longer than stated"));
        }
        self.budget = self
            .budget
            .checked_sub(made as u64)
            .ok_or(PackError::TooMuch)?;
        if let Some(head) = delta {
            let room = (head.bytes.len() - head.have).min(made);
            head.bytes[head.have..head.have + room].copy_from_slice(&self.scratch[..room]);
            head.have += room;
        }
        if status == Status::StreamEnd {
            if seen != size {
                return Err(PackError::Corrupt("an object is shorter than stated"));
            }
            if let Some(head) = delta {
                let result = head
                    .result()
                    .ok_or(PackError::Corrupt("a delta has no sizes"))?;
                self.check_size(result)?;
            }
            self.objects_left -= 1;
            self.next_entry();
        } else if used == 0 && made == 0 {
            return Err(PackError::Corrupt("an object does not inflate"));
        }
        Ok(&input[used..])
    }

    fn next_entry(&mut self) {
        self.state = if self.objects_left == 0 {
            State::Trailer { left: self.raw_id }
        } else {
            START
        };
    }

    fn check_size(&self, size: u64) -> Result<(), PackError> {
        if size > self.max_object {
            Err(PackError::ObjectTooLarge {
                size,
                limit: self.max_object,
            })
        } else {
            Ok(())
        }
    }
}

impl DeltaHead {
    /// The size of the delta's result: the second number.
    fn result(&self) -> Option<u64> {
        let (_, rest) = varint(&self.bytes[..self.have])?;
        Some(varint(rest)?.0)
    }
}

/// A number in groups of seven bits, lowest first.
fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0u64;
    for (index, byte) in bytes.iter().take(10).enumerate() {
        let bits = u64::from(byte & 127);
        let shift = 7 * index as u32;
        if bits.leading_zeros() < shift {
            return None;
        }
        value |= bits << shift;
        if byte & 128 == 0 {
            return Some((value, &bytes[index + 1..]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::ZlibEncoder;

    use super::*;

    fn deflate(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// An entry's type and size.
    fn head(kind: u8, mut size: u64) -> Vec<u8> {
        let mut out = vec![(kind << 4) | (size & 15) as u8];
        size >>= 4;
        while size > 0 {
            *out.last_mut().unwrap() |= 128;
            out.push((size & 127) as u8);
            size >>= 7;
        }
        out
    }

    fn pack(entries: &[Vec<u8>]) -> Vec<u8> {
        let mut out = b"PACK\0\0\0\x02".to_vec();
        out.extend_from_slice(&(entries.len() as u32).to_be_bytes());
        out.extend(entries.iter().flatten());
        out.extend_from_slice(&[7; 20]);
        out
    }

    fn blob(bytes: &[u8]) -> Vec<u8> {
        [head(3, bytes.len() as u64), deflate(bytes)].concat()
    }

    fn limits() -> Limits {
        Limits {
            max_object: 1000,
            max_objects: 3,
            ..Limits::default()
        }
    }

    fn scan(pack: &[u8], piece: usize) -> Result<bool, PackError> {
        let mut scanner = Scanner::new(&limits(), ObjectFormat::Sha1);
        for piece in pack.chunks(piece) {
            scanner.feed(piece)?;
        }
        Ok(scanner.done())
    }

    #[test]
    fn an_honest_pack_passes_however_it_is_cut() {
        let delta = b"\x05\x88\x07more bytes";
        let whole = pack(&[
            blob(b""),
            blob(&[9; 1000]),
            [head(7, delta.len() as u64), vec![1; 20], deflate(delta)].concat(),
        ]);
        for piece in [1, 2, 7, 64, whole.len()] {
            assert_eq!(scan(&whole, piece), Ok(true), "pieces of {piece}");
            assert_eq!(scan(&whole[..whole.len() - 1], piece), Ok(false));
        }
        assert_eq!(scan(&[whole, b"rest".to_vec()].concat(), 5), Ok(true));
    }

    #[test]
    fn stated_sizes_are_held_to_the_limit_before_anything_is_unpacked() {
        let too_large = |size| Err(PackError::ObjectTooLarge { size, limit: 1000 });
        assert_eq!(scan(&pack(&[head(3, 1001)]), 9), too_large(1001));
        // Base of 5 bytes, result of 1001.
        let delta = b"\x05\xe9\x07x";
        let ofs = [
            head(6, delta.len() as u64),
            vec![0x81, 0x01],
            deflate(delta),
        ]
        .concat();
        assert_eq!(scan(&pack(&[blob(b"12345"), ofs]), 3), too_large(1001));
        let many = pack(&vec![blob(b""); 4]);
        assert_eq!(
            scan(&many, 100),
            Err(PackError::TooManyObjects { count: 4, limit: 3 })
        );
    }

    #[test]
    fn an_entry_that_lies_about_its_size_is_corrupt() {
        let corrupt = |pack: &[u8]| assert!(matches!(scan(pack, 11), Err(PackError::Corrupt(_))));
        corrupt(&pack(&[[head(3, 5), deflate(b"123456")].concat()]));
        corrupt(&pack(&[[head(3, 7), deflate(b"123456")].concat()]));
        corrupt(&pack(&[[head(5, 6), deflate(b"123456")].concat()]));
        corrupt(&pack(&[[head(3, 6), b"not zlib at all".to_vec()].concat()]));
        corrupt(&pack(&[vec![0xbf; 30]]));
        corrupt(b"PACK\0\0\0\x09\0\0\0\0");
        corrupt(&pack(&[
            [head(7, 2), vec![1; 20], deflate(b"\xff\xff")].concat()
        ]));
    }
}
