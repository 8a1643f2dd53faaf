//! Checkpoints and cosignatures as C2SP signed notes (signed-note, tlog-checkpoint, tlog-cosignature).

use data_encoding::BASE64;

use crate::{
    id::{CommonsId, TreeRoot, sha256},
    key::{PublicKey, SecretKey},
    name::Handle,
};

/// Largest note, in bytes: a checkpoint with a cosignature of each of fifteen institutions fits thrice.
pub const MAX_NOTE: usize = 16 << 10;
/// Most signature lines that are read.
const MAX_LINES: usize = 64;
/// Signature type of a log (Ed25519, signed-note).
const TYPE_LOG: u8 = 0x01;
/// Signature type of `cosignature/v1` (tlog-cosignature).
const TYPE_COSIGNATURE: u8 = 0x04;

/// A note is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Not a signed note, or not a checkpoint of three lines.
    #[error("R-03-01: not a checkpoint: {0}")]
    Form(&'static str),
    /// The note is of another log or epoch.
    #[error("R-03-02: the checkpoint is of {found}, not of {expected}")]
    Origin {
        /// What was asked for.
        expected: String,
        /// What came.
        found: String,
    },
    /// No valid signature of the key that must have signed.
    #[error("R-03-03: the checkpoint is not signed by the log's writer")]
    Unsigned,
}

/// Which log, in which epoch: also the name of the log's key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// The commons.
    pub commons: CommonsId,
    /// The institution.
    pub handle: Handle,
    /// The epoch.
    pub epoch: u64,
}

impl Origin {
    /// The name under which the institution's writer cosigns the logs of others.
    pub fn cosigner(commons: &CommonsId, handle: &Handle) -> String {
        format!("commun/{commons}/{handle}/cosigner")
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "commun/{}/{}/{}", self.commons, self.handle, self.epoch)
    }
}

impl std::str::FromStr for Origin {
    type Err = Error;
    fn from_str(s: &str) -> Result<Self, Error> {
        let bad = Error::Form("the origin is not commun/<commons>/<handle>/<epoch>");
        let mut parts = s.split('/');
        let (Some("commun"), Some(commons), Some(handle), Some(epoch), None) = (
            parts.next(),
            parts.next(),
            parts.next(),
            parts.next(),
            parts.next(),
        ) else {
            return Err(bad);
        };
        let origin = Origin {
            commons: commons.parse().map_err(|_| bad.clone())?,
            handle: handle.parse().map_err(|_| bad.clone())?,
            epoch: decimal(epoch).ok_or(bad.clone())?,
        };
        Ok(origin)
    }
}

/// Digits without a leading zero, at most 2^53 − 1.
fn decimal(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse()
        .ok()
        .filter(|n| plain && *n <= crate::json::MAX_INT)
}

/// What a log says of itself: how long it is, and its root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log and epoch.
    pub origin: Origin,
    /// Number of leaves.
    pub size: u64,
    /// Root of the tree of that size.
    pub root: TreeRoot,
}

impl Checkpoint {
    /// The signed text: three lines.
    pub fn text(&self) -> String {
        format!(
            "{}\n{}\n{}\n",
            self.origin,
            self.size,
            BASE64.encode(&self.root.0)
        )
    }

    /// Reads the three lines.
    pub fn from_text(text: &str) -> Result<Self, Error> {
        let mut lines = text.split('\n');
        let (Some(origin), Some(size), Some(root), Some(""), None) = (
            lines.next(),
            lines.next(),
            lines.next(),
            lines.next(),
            lines.next(),
        ) else {
            return Err(Error::Form("a checkpoint has exactly three lines"));
        };
        let root = BASE64
            .decode(root.as_bytes())
            .ok()
            .and_then(|b| b.try_into().ok());
        Ok(Self {
            origin: origin.parse()?,
            size: decimal(size)
                .filter(|n| *n <= crate::tree::MAX_SIZE)
                .ok_or(Error::Form("the size is not a decimal number"))?,
            root: TreeRoot(root.ok_or(Error::Form("the root is not 32 bytes in base64"))?),
        })
    }

    /// Signs as the log's writer.
    pub fn sign(&self, writer: &SecretKey) -> Note {
        let text = self.text();
        let name = self.origin.to_string();
        let mut blob = key_hash(&name, TYPE_LOG, &writer.public()).to_vec();
        blob.extend_from_slice(&writer.sign(text.as_bytes()));
        Note {
            text,
            signatures: vec![Line { name, blob }],
        }
    }
}

fn key_hash(name: &str, kind: u8, key: &PublicKey) -> [u8; 4] {
    let h = sha256(&[name.as_bytes(), b"\n", &[kind], key.as_bytes()]);
    [h[0], h[1], h[2], h[3]]
}

/// A text with signature lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<Line>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    name: String,
    /// Key hash (4 bytes) and signature.
    blob: Vec<u8>,
}

/// An institution has seen a checkpoint and stored what it covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosignature {
    /// Who.
    pub handle: Handle,
    /// Seconds since 1970 by the cosigner's clock.
    pub time: u64,
}

impl Note {
    /// Reads a note; signatures are only split, not verified.
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > MAX_NOTE {
            return Err(Error::Form("larger than 16 KiB"));
        }
        let all = std::str::from_utf8(bytes).map_err(|_| Error::Form("not UTF-8"))?;
        if all.bytes().any(|b| b < 0x20 && b != b'\n') {
            return Err(Error::Form("a control character"));
        }
        let cut = all
            .rfind("\n\n")
            .ok_or(Error::Form("no blank line before the signatures"))?;
        let (text, lines) = (&all[..cut + 1], &all[cut + 2..]);
        let lines = lines
            .strip_suffix('\n')
            .ok_or(Error::Form("no newline at the end"))?;
        let signatures: Vec<Line> = lines
            .split('\n')
            .map(|l| {
                let (name, blob) = l.strip_prefix("— ")?.split_once(' ')?;
                let blob = BASE64
                    .decode(blob.as_bytes())
                    .ok()
                    .filter(|b| b.len() > 4)?;
                (!name.is_empty() && !name.contains('+')).then(|| Line {
                    name: name.to_owned(),
                    blob,
                })
            })
            .collect::<Option<_>>()
            .ok_or(Error::Form("a signature line is not `— name base64`"))?;
        if signatures.len() > MAX_LINES {
            return Err(Error::Form("too many signature lines"));
        }
        Ok(Self {
            text: text.to_owned(),
            signatures,
        })
    }

    /// The bytes of the note.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = format!("{}\n", self.text);
        for l in &self.signatures {
            out.push_str(&format!("— {} {}\n", l.name, BASE64.encode(&l.blob)));
        }
        out.into_bytes()
    }

    /// The checkpoint that this note states, **not verified**: good to decide whose key to look up.
    pub fn claim(&self) -> Result<Checkpoint, Error> {
        Checkpoint::from_text(&self.text)
    }

    /// The checkpoint, if the log's writer signed it for exactly this origin.
    pub fn open(&self, origin: &Origin, writer: &PublicKey) -> Result<Checkpoint, Error> {
        let checkpoint = self.claim()?;
        if checkpoint.origin != *origin {
            return Err(Error::Origin {
                expected: origin.to_string(),
                found: checkpoint.origin.to_string(),
            });
        }
        let name = origin.to_string();
        let hash = key_hash(&name, TYPE_LOG, writer);
        let signed = self.signatures.iter().any(|l| {
            l.name == name
                && l.blob[..4] == hash
                && l.blob[4..]
                    .try_into()
                    .is_ok_and(|sig| writer.verify(self.text.as_bytes(), sig).is_ok())
        });
        if signed {
            Ok(checkpoint)
        } else {
            Err(Error::Unsigned)
        }
    }

    /// Adds this institution's cosignature (`cosignature/v1`). Only after the entries are stored durably.
    pub fn cosign(&mut self, commons: &CommonsId, handle: &Handle, key: &SecretKey, time: u64) {
        let name = Origin::cosigner(commons, handle);
        let mut blob = key_hash(&name, TYPE_COSIGNATURE, &key.public()).to_vec();
        blob.extend_from_slice(&time.to_be_bytes());
        blob.extend_from_slice(&key.sign(cosigned(&self.text, time).as_bytes()));
        self.signatures.retain(|l| l.name != name);
        self.signatures.push(Line { name, blob });
    }

    /// Takes an institution's cosignature over from another note of the same text, if it is there and holds.
    pub fn take_cosignature(
        &mut self,
        from: &Note,
        commons: &CommonsId,
        handle: &Handle,
        key: &PublicKey,
    ) -> bool {
        let Some((line, _)) = from.cosigner(commons, handle, key) else {
            return false;
        };
        if from.text != self.text {
            return false;
        }
        let line = line.clone();
        self.signatures.retain(|l| l.name != line.name);
        self.signatures.push(line);
        true
    }

    /// This institution's cosignature, if it is there and holds.
    pub fn cosignature(
        &self,
        commons: &CommonsId,
        handle: &Handle,
        key: &PublicKey,
    ) -> Option<Cosignature> {
        self.cosigner(commons, handle, key).map(|(_, c)| c)
    }

    fn cosigner(
        &self,
        commons: &CommonsId,
        handle: &Handle,
        key: &PublicKey,
    ) -> Option<(&Line, Cosignature)> {
        let name = Origin::cosigner(commons, handle);
        let hash = key_hash(&name, TYPE_COSIGNATURE, key);
        self.signatures
            .iter()
            .filter(|l| l.name == name && l.blob[..4] == hash)
            .find_map(|l| {
                let time = u64::from_be_bytes(l.blob.get(4..12)?.try_into().ok()?);
                let sig = l.blob.get(12..)?.try_into().ok()?;
                key.verify(cosigned(&self.text, time).as_bytes(), sig)
                    .ok()?;
                let by = Cosignature {
                    handle: handle.clone(),
                    time,
                };
                Some((l, by))
            })
    }
}

fn cosigned(text: &str, time: u64) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkpoint(size: u64) -> Checkpoint {
        let commons = CommonsId(sha256(&[b"c"]));
        let origin = Origin {
            commons,
            handle: Handle::new("univ-a").unwrap(),
            epoch: 0,
        };
        Checkpoint {
            origin,
            size,
            root: TreeRoot(sha256(&[&size.to_be_bytes()])),
        }
    }

    #[test]
    fn a_checkpoint_counts_with_its_writers_signature_and_for_its_origin_only() {
        let (writer, other) = (SecretKey::from_seed([1; 32]), SecretKey::from_seed([2; 32]));
        let c = checkpoint(42);
        let bytes = c.sign(&writer).to_bytes();
        let note = Note::read(&bytes).unwrap();
        assert_eq!(note.to_bytes(), bytes);
        assert_eq!(note.open(&c.origin, &writer.public()), Ok(c.clone()));
        assert_eq!(note.open(&c.origin, &other.public()), Err(Error::Unsigned));
        let next = Origin {
            epoch: 1,
            ..c.origin.clone()
        };
        assert!(matches!(
            note.open(&next, &writer.public()),
            Err(Error::Origin { .. })
        ));
        for i in 0..bytes.len() {
            let mut bent = bytes.clone();
            bent[i] ^= 1;
            let opened = Note::read(&bent).and_then(|n| n.open(&c.origin, &writer.public()));
            assert!(opened.is_err(), "byte {i} may change");
        }
    }

    #[test]
    fn a_cosignature_stands_beside_the_writers() {
        let (writer, peer) = (SecretKey::from_seed([1; 32]), SecretKey::from_seed([2; 32]));
        let c = checkpoint(7);
        let handle = Handle::new("univ-b").unwrap();
        let mut note = c.sign(&writer);
        note.cosign(&c.origin.commons, &handle, &peer, 99);
        note.cosign(&c.origin.commons, &handle, &peer, 100);
        let note = Note::read(&note.to_bytes()).unwrap();
        assert_eq!(note.open(&c.origin, &writer.public()), Ok(c.clone()));
        assert_eq!(
            note.cosignature(&c.origin.commons, &handle, &peer.public())
                .unwrap()
                .time,
            100
        );
        assert_eq!(
            note.cosignature(&c.origin.commons, &handle, &writer.public()),
            None
        );
    }

    #[test]
    fn texts_that_are_no_checkpoint_are_refused() {
        let good = checkpoint(3).text();
        assert!(Checkpoint::from_text(&good).is_ok());
        for bad in [
            good.replace("\n3\n", "\n03\n"),
            format!("{good}extension\n"),
            good.replace("commun/", "other/"),
            good.trim_end().to_owned(),
        ] {
            assert!(Checkpoint::from_text(&bad).is_err(), "{bad:?}");
        }
    }
}
