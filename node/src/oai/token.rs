//! Resumption tokens: where a list goes on, said to the harvester and remembered nowhere here.
//!
//! A token holds the arguments and the last serial number, and a keyed hash over them, so that nobody makes one up. It
//! means the same after writes and after a restart; it ends with the key, which is in `oai.db`.

use commun_forge::oai::Verb;
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

use super::listing::Part;

/// Bytes of the keyed hash: 128 bits.
const MAC: usize = 16;

/// Where a list goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    /// `r` for records, `i` for identifiers.
    pub(super) verb: char,
    pub(super) prefix: String,
    pub(super) set: Option<String>,
    pub(super) from: Option<u64>,
    pub(super) until: Option<u64>,
    /// The last serial number that was told.
    pub(super) after: u64,
    /// How many were told.
    pub(super) cursor: u64,
    /// How many there were when the list began.
    pub(super) complete: u64,
}

impl Place {
    /// The letter of a verb that lists records.
    pub(super) fn letter(verb: Verb) -> char {
        match verb {
            Verb::ListRecords => 'r',
            _ => 'i',
        }
    }

    /// The part of the listing.
    pub(super) fn part(&self) -> Part {
        Part {
            set: self.set.clone(),
            from: self.from,
            until: self.until,
        }
    }

    /// The token.
    pub(super) fn seal(&self, key: &[u8; 32]) -> String {
        let text = serde_json::to_vec(self).expect("numbers and strings are JSON");
        let mut bytes = mac(key, &text).to_vec();
        bytes.extend(text);
        BASE64URL_NOPAD.encode(&bytes)
    }

    /// The place that a token of ours names.
    pub(super) fn open(token: &str, key: &[u8; 32]) -> Option<Place> {
        let bytes = BASE64URL_NOPAD.decode(token.trim().as_bytes()).ok()?;
        let (given, text) = bytes.split_at_checked(MAC)?;
        // A hash compares itself in constant time; a shortened one is compared by hashing once more.
        let same = blake3::keyed_hash(key, given) == blake3::keyed_hash(key, &mac(key, text));
        same.then(|| serde_json::from_slice(text).ok()).flatten()
    }
}

fn mac(key: &[u8; 32], text: &[u8]) -> [u8; MAC] {
    let whole = blake3::keyed_hash(key, text);
    let mut short = [0; MAC];
    short.copy_from_slice(&whole.as_bytes()[..MAC]);
    short
}
