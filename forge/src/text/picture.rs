//! Pictures that a browser may show: by their first bytes, never decoded here.

use data_encoding::BASE64;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The most bytes of a picture that is kept as a preview.
pub const MAX_PICTURE_BYTES: usize = 1 << 20;
/// The most pixels on a side, and in all: a browser that shows it decodes it.
const MAX_SIDE: u32 = 8_192;
const MAX_PIXELS: u64 = 16 << 20;
/// Smaller ones are dots and lines.
const MIN_SIDE: u32 = 16;

/// A picture whose header was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// `image/png`, `image/jpeg`, `image/gif` or `image/webp`: what the bytes are, whatever was said.
    pub media_type: String,
    /// The file as it was.
    #[serde(serialize_with = "write", deserialize_with = "read")]
    pub bytes: Vec<u8>,
}

impl Picture {
    /// A picture, if the bytes are one of a fair size.
    pub fn new(bytes: Vec<u8>) -> Option<Picture> {
        if bytes.len() > MAX_PICTURE_BYTES {
            return None;
        }
        let media_type = picture_type(&bytes)?.to_owned();
        Some(Picture { media_type, bytes })
    }

    /// The same from base64, with line ends.
    pub(super) fn from_base64(text: &str) -> Option<Picture> {
        if text.len() > 2 * MAX_PICTURE_BYTES {
            return None;
        }
        let text: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
        Picture::new(BASE64.decode(&text).ok()?)
    }
}

/// The media type of a picture by its header; nothing when it is none, or too small or large to be shown. The first
/// 64 KiB are enough.
pub fn picture_type(bytes: &[u8]) -> Option<&'static str> {
    let (kind, width, height) = match bytes {
        [
            0x89,
            b'P',
            b'N',
            b'G',
            b'\r',
            b'\n',
            0x1a,
            b'\n',
            _,
            _,
            _,
            _,
            b'I',
            b'H',
            b'D',
            b'R',
            rest @ ..,
        ] => ("image/png", big(rest.get(..4)?), big(rest.get(4..8)?)),
        [
            b'G',
            b'I',
            b'F',
            b'8',
            b'7' | b'9',
            b'a',
            w0,
            w1,
            h0,
            h1,
            ..,
        ] => ("image/gif", little(&[*w0, *w1]), little(&[*h0, *h1])),
        [0xff, 0xd8, rest @ ..] => {
            let (width, height) = jpeg(rest)?;
            ("image/jpeg", width, height)
        }
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            rest @ ..,
        ] => {
            let (width, height) = webp(rest)?;
            ("image/webp", width, height)
        }
        _ => return None,
    };
    let sides = [width, height];
    let fair = sides
        .iter()
        .all(|side| (MIN_SIDE..=MAX_SIDE).contains(side));
    (fair && u64::from(width) * u64::from(height) <= MAX_PIXELS).then_some(kind)
}

/// Width and height of a JPEG (ITU T.81): walks over its segments to the frame header.
fn jpeg(mut rest: &[u8]) -> Option<(u32, u32)> {
    loop {
        let [0xff, marker, after @ ..] = rest else {
            return None;
        };
        match marker {
            // Fill bytes, and markers that stand alone.
            0xff => rest = &rest[1..],
            0x01 | 0xd0..=0xd7 => rest = after,
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                return Some((big(after.get(5..7)?), big(after.get(3..5)?)));
            }
            _ => {
                let length = big(after.get(..2)?) as usize;
                rest = after.get(length.max(2)..)?;
            }
        }
    }
}

/// Width and height of a WebP file: lossy, lossless, extended.
fn webp(rest: &[u8]) -> Option<(u32, u32)> {
    let data = rest.get(8..)?;
    match rest.get(..4)? {
        b"VP8 " if data.get(3..6)? == [0x9d, 0x01, 0x2a] => Some((
            little(data.get(6..8)?) & 0x3fff,
            little(data.get(8..10)?) & 0x3fff,
        )),
        b"VP8L" if *data.first()? == 0x2f => {
            let bits = little(data.get(1..5)?);
            Some(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
        }
        b"VP8X" => Some((little(data.get(4..7)?) + 1, little(data.get(7..10)?) + 1)),
        _ => None,
    }
}

fn big(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .fold(0, |sum, byte| sum << 8 | u32::from(*byte))
}

fn little(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .rev()
        .fold(0, |sum, byte| sum << 8 | u32::from(*byte))
}

/// Bytes as base64.
pub(super) fn write<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&BASE64.encode(bytes))
}

/// Bytes from base64.
pub(super) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    BASE64
        .decode(text.as_bytes())
        .map_err(serde::de::Error::custom)
}
