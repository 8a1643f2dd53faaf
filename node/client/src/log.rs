//! Bytes from a node: files of items, and logs as C2SP tlog-tiles.

use std::io::{self, Read};

use commun_specs::envelope::MAX_ENTRY;
use ureq::http;
use url::Url;

use crate::{client::Client, error::Error, item::ItemRef};

/// Entries in a full tile (C2SP tlog-tiles).
pub const TILE: u64 = 256;
/// Largest tile of entries, in bytes: each has two bytes for its length.
const MAX_TILE: u64 = TILE * (2 + MAX_ENTRY as u64);

/// Bytes on their way from a node.
pub struct Download {
    /// Where in the file the bytes begin: what was asked for, or 0 where the node does not serve ranges.
    pub offset: u64,
    reader: Box<dyn Read + Send>,
}

impl Read for Download {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reader.read(buffer)
    }
}

impl Client {
    /// A file of an item, from `offset` on. The bytes are not verified: that is the reader's part, who
    /// knows the hash.
    pub fn file(&self, item: &ItemRef, path: &str, offset: u64) -> Result<Download, Error> {
        let mut below = vec!["files"];
        below.extend(path.split('/'));
        let url = self.item_url(item, &below);
        let answer = self.bytes(&url, offset)?;
        let partial = answer.status() == http::StatusCode::PARTIAL_CONTENT;
        let begins = if partial {
            range_start(&answer)
        } else {
            Some(0)
        };
        let begins = begins.filter(|begins| *begins == 0 || *begins == offset);
        let Some(offset) = begins else {
            return Err(Error::Answer {
                url: url.to_string(),
                what: "it begins at another place than was asked for".into(),
            });
        };
        let body = answer.into_body();
        let reader = Box::new(body.into_with_config().limit(u64::MAX).reader());
        Ok(Download { offset, reader })
    }

    /// A part of a log: `checkpoint`, `tile/entries/000`, …, at most `max` bytes of it.
    pub fn log(&self, handle: &str, part: &str, max: u64) -> Result<Vec<u8>, Error> {
        let mut segments = vec!["log", handle];
        segments.extend(part.split('/'));
        self.bytes_of(&self.url(&segments), max)
    }

    /// At most `max` bytes of an answer.
    pub(crate) fn bytes_of(&self, url: &Url, max: u64) -> Result<Vec<u8>, Error> {
        let mut answer = self.bytes(url, 0)?;
        answer
            .body_mut()
            .with_config()
            .limit(max)
            .read_to_vec()
            .map_err(|cause| Error::of(url.as_str(), cause))
    }

    /// The entries of tile `index` of a log of `size` entries; `None` if the node hands out something else.
    pub fn log_entries(
        &self,
        handle: &str,
        index: u64,
        size: u64,
    ) -> Result<Option<Vec<Vec<u8>>>, Error> {
        let width = size.saturating_sub(index * TILE).min(TILE);
        let bytes = self.log(handle, &tile_path(index, width), MAX_TILE)?;
        Ok(split(&bytes, width))
    }
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

/// Where the bytes of a partial answer begin: `Content-Range: bytes 10-19/20`.
fn range_start(answer: &http::Response<ureq::Body>) -> Option<u64> {
    let range = answer.headers().get("content-range")?.to_str().ok()?;
    range
        .strip_prefix("bytes ")?
        .split_once('-')?
        .0
        .parse()
        .ok()
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
