//! Reading a log over HTTP, as C2SP tlog-tiles, and checking it.

use commun_client::Client;
use commun_specs::{
    envelope::MAX_ENTRY,
    note::{Checkpoint, MAX_NOTE, Note},
};

use crate::failure::{Code, Failure};

/// Entries in a full tile (C2SP tlog-tiles).
pub const TILE: u64 = 256;
/// Largest tile of entries, in bytes: each has two bytes for its length.
const MAX_TILE: u64 = TILE * (2 + MAX_ENTRY as u64);

/// A log's checkpoint, as the node has it; its signature is not verified.
pub fn checkpoint(client: &Client, handle: &str) -> Result<(Note, Checkpoint), Failure> {
    let bytes = client.log(handle, "checkpoint", MAX_NOTE as u64)?;
    let read = || {
        let note = Note::read(&bytes)?;
        let claim = note.claim()?;
        Ok((note, claim))
    };
    read().map_err(|cause: commun_specs::note::Error| {
        Failure::new(
            Code::No,
            format!("The checkpoint of this log does not hold: {cause}: {handle}"),
        )
    })
}

/// The entries of tile `index` of a log of `size` entries.
pub fn entries(
    client: &Client,
    handle: &str,
    index: u64,
    size: u64,
) -> Result<Vec<Vec<u8>>, Failure> {
    let width = size.saturating_sub(index * TILE).min(TILE);
    let bytes = client.log(handle, &tile_path(index, width), MAX_TILE)?;
    split(&bytes, width).ok_or_else(|| {
        let message = format!(
            "A tile of entries is not {width} entries: tile {index} of the log of {handle}"
        );
        Failure::new(Code::No, message)
    })
}

/// `tile/entries/x001/x234/067`, and `.p/W` where the tile has only W entries.
fn tile_path(index: u64, width: u64) -> String {
    let mut path = format!("{:03}", index % 1000);
    let mut rest = index / 1000;
    while rest > 0 {
        path = format!("x{:03}/{path}", rest % 1000);
        rest /= 1000;
    }
    if width < TILE {
        path.push_str(&format!(".p/{width}"));
    }
    format!("tile/entries/{path}")
}

/// Entries after their lengths, two bytes each, exactly so many.
fn split(mut bytes: &[u8], count: u64) -> Option<Vec<Vec<u8>>> {
    let mut entries = Vec::new();
    for _ in 0..count {
        let (length, rest) = bytes.split_first_chunk::<2>()?;
        let (entry, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        entries.push(entry.to_vec());
        bytes = rest;
    }
    bytes.is_empty().then_some(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_are_named_as_the_specification_says() {
        assert_eq!(tile_path(0, 256), "tile/entries/000");
        assert_eq!(tile_path(1_234_067, 256), "tile/entries/x001/x234/067");
        assert_eq!(tile_path(5, 8), "tile/entries/005.p/8");
    }

    #[test]
    fn a_tile_is_exactly_its_entries() {
        assert_eq!(
            split(b"\0\x01a\0\0\0\x02bc", 3),
            Some(vec![b"a".to_vec(), vec![], b"bc".to_vec()])
        );
        assert_eq!(split(b"\0\x01a", 2), None);
        assert_eq!(split(b"\0\x01ab", 1), None);
        assert_eq!(split(b"\0\x05a", 1), None);
    }
}
