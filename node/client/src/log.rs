//! Bytes from a node: files of items, and logs as C2SP tlog-tiles.

use std::io::{self, Read};

use ureq::http;

use crate::{client::Client, error::Error, item::ItemRef};

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
        let url = self.url(&segments);
        let mut answer = self.bytes(&url, 0)?;
        answer
            .body_mut()
            .with_config()
            .limit(max)
            .read_to_vec()
            .map_err(|cause| Error::of(url.as_str(), cause))
    }
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
