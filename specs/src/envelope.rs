//! DSSE envelopes (secure-systems-lab/dsse, protocol 1.0) in strict JSON: a log's entries, charter
//! amendments and successions.

use std::collections::BTreeMap;

use data_encoding::BASE64;

use crate::{
    json::{self, Object, Value},
    key::{self, PublicKey, SecretKey},
};

/// Largest entry of a log, in bytes. A head is facts, so this is plenty.
pub const MAX_ENTRY: usize = 32_768;
/// Largest charter amendment or succession envelope, in bytes: a charter lists every institution.
pub const MAX_CHARTER: usize = 1 << 20;
/// Most signatures on a statement or succession.
pub const MAX_SIGNATURES: usize = 16;
/// Most signatures on a charter amendment: several keys of each of several hundred institutions.
pub const MAX_CHARTER_SIGNATURES: usize = 1_024;

/// What a payload is. The type is signed with the payload, so none passes for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayloadType {
    /// A statement's head.
    Statement,
    /// A charter amendment.
    Charter,
    /// A succession.
    Succession,
}

impl PayloadType {
    /// The DSSE payload type.
    pub fn as_str(self) -> &'static str {
        match self {
            PayloadType::Statement => "application/vnd.commun.statement.v1+json",
            PayloadType::Charter => "application/vnd.commun.charter.v1+json",
            PayloadType::Succession => "application/vnd.commun.succession.v1+json",
        }
    }

    fn max_bytes(self) -> usize {
        if self == PayloadType::Charter {
            MAX_CHARTER
        } else {
            MAX_ENTRY
        }
    }

    fn max_signatures(self) -> usize {
        if self == PayloadType::Charter {
            MAX_CHARTER_SIGNATURES
        } else {
            MAX_SIGNATURES
        }
    }
}

/// Bytes are not an envelope that counts. Final: nothing learnt later changes it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Over the size limit.
    #[error("R-01-20: an envelope of {0} bytes is over the limit")]
    TooLarge(usize),
    /// The envelope is not strict JSON.
    #[error(transparent)]
    Json(#[from] json::Error),
    /// Members are missing, superfluous or of the wrong type.
    #[error("R-01-21: {0}")]
    Shape(&'static str),
    /// Signatures are not 1 to the limit, sorted by distinct keyid.
    #[error("R-01-22: {0}")]
    Signatures(&'static str),
    /// A signature or key does not hold.
    #[error("signature of {keyid}: {source}")]
    Signature {
        /// The claimed signer.
        keyid: String,
        /// Why.
        source: key::Error,
    },
}

/// The bytes that a DSSE signature covers: `DSSEv1 SP len(type) SP type SP len(payload) SP payload`.
pub fn pae(payload_type: PayloadType, payload: &[u8]) -> Vec<u8> {
    let t = payload_type.as_str();
    let mut out = format!("DSSEv1 {} {t} {} ", t.len(), payload.len()).into_bytes();
    out.extend_from_slice(payload);
    out
}

/// An envelope whose form and signatures all hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    payload_type: PayloadType,
    payload: Vec<u8>,
    signatures: BTreeMap<PublicKey, Vec<u8>>,
}

impl Envelope {
    /// Reads an envelope and verifies every signature.
    ///
    /// # Errors
    /// The first violation found, in the order size, form, signatures: cheap checks first.
    pub fn open(payload_type: PayloadType, bytes: &[u8]) -> Result<Self, Error> {
        let envelope = Self::read(payload_type, bytes)?;
        let message = pae(payload_type, &envelope.payload);
        for (key, sig) in &envelope.signatures {
            key.verify_any(&message, sig)
                .map_err(|source| Error::Signature {
                    keyid: key.to_string(),
                    source,
                })?;
        }
        Ok(envelope)
    }

    /// Reads an envelope **without verifying its signatures**: only for bytes that this node itself
    /// verified before it stored them.
    pub fn read(payload_type: PayloadType, bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > payload_type.max_bytes() {
            return Err(Error::TooLarge(bytes.len()));
        }
        let mut members = json::parse_object(bytes)?;
        let (payload, kind, list) = match (
            members.remove("payload"),
            members.remove("payloadType"),
            members.remove("signatures"),
            members.is_empty(),
        ) {
            (Some(Value::Text(p)), Some(Value::Text(t)), Some(Value::List(s)), true) => (p, t, s),
            _ => {
                return Err(Error::Shape(
                    "an envelope has payload, payloadType, signatures and nothing else",
                ));
            }
        };
        if kind != payload_type.as_str() {
            return Err(Error::Shape("the payloadType is another one"));
        }
        let payload = decode(&payload)?;
        if list.is_empty() || list.len() > payload_type.max_signatures() {
            return Err(Error::Signatures(
                "the number of signatures is out of bounds",
            ));
        }
        let mut signatures = BTreeMap::new();
        let mut last = String::new();
        for value in list {
            let Value::Object(mut s) = value else {
                return Err(Error::Signatures("a signature is an object"));
            };
            let (Some(Value::Text(keyid)), Some(Value::Text(sig)), true) =
                (s.remove("keyid"), s.remove("sig"), s.is_empty())
            else {
                return Err(Error::Signatures(
                    "a signature has keyid, sig and nothing else",
                ));
            };
            if keyid <= last {
                return Err(Error::Signatures("signatures are sorted by distinct keyid"));
            }
            let key = keyid
                .parse::<PublicKey>()
                .map_err(|source| Error::Signature {
                    keyid: keyid.clone(),
                    source,
                })?;
            signatures.insert(key, decode(&sig)?);
            last = keyid;
        }
        Ok(Self {
            payload_type,
            payload,
            signatures,
        })
    }

    /// Signs a payload with one or more keys.
    pub fn seal(payload_type: PayloadType, payload: Vec<u8>, keys: &[&SecretKey]) -> Self {
        let message = pae(payload_type, &payload);
        let signatures = keys
            .iter()
            .map(|k| (k.public(), k.sign(&message).to_vec()))
            .collect();
        Self {
            payload_type,
            payload,
            signatures,
        }
    }

    /// Adds a signature made elsewhere, after verifying it.
    pub fn add(&mut self, key: PublicKey, signature: Vec<u8>) -> Result<(), Error> {
        key.verify_any(&pae(self.payload_type, &self.payload), &signature)
            .map_err(|source| Error::Signature {
                keyid: key.to_string(),
                source,
            })?;
        self.signatures.insert(key, signature);
        Ok(())
    }

    /// Takes over the signatures of another envelope of the same payload.
    pub fn merge(&mut self, other: &Envelope) -> bool {
        if self.payload != other.payload || self.payload_type != other.payload_type {
            return false;
        }
        let before = self.signatures.len();
        for (k, s) in &other.signatures {
            self.signatures.entry(*k).or_insert_with(|| s.clone());
        }
        self.signatures.len() > before
    }

    /// The one byte form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let list = self
            .signatures
            .iter()
            .map(|(k, s)| {
                Value::Object(Object::from([
                    ("keyid".to_owned(), Value::Text(k.to_string())),
                    ("sig".to_owned(), Value::Text(BASE64.encode(s))),
                ]))
            })
            .collect();
        Value::Object(Object::from([
            (
                "payload".to_owned(),
                Value::Text(BASE64.encode(&self.payload)),
            ),
            (
                "payloadType".to_owned(),
                Value::from(self.payload_type.as_str()),
            ),
            ("signatures".to_owned(), Value::List(list)),
        ]))
        .to_bytes()
        .expect("base64, keys and type names hold no control characters")
    }

    /// The signed bytes.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// Who signed, sorted by the written form of the key.
    pub fn signers(&self) -> impl Iterator<Item = &PublicKey> {
        self.signatures.keys()
    }

    /// Whether this key signed.
    pub fn signed_by(&self, key: &PublicKey) -> bool {
        self.signatures.contains_key(key)
    }

    /// Whether at least `threshold` of `keys` signed.
    pub fn reaches(&self, keys: &[PublicKey], threshold: u64) -> bool {
        keys.iter().filter(|k| self.signed_by(k)).count() as u64 >= threshold
    }
}

/// RFC 4648 section 4 with padding; non-zero trailing bits are refused.
fn decode(text: &str) -> Result<Vec<u8>, Error> {
    BASE64
        .decode(text.as_bytes())
        .map_err(|_| Error::Shape("not padded base64 with zero trailing bits"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signed_bytes_are_those_of_the_dsse_specification() {
        // The example of the DSSE protocol page has another type; ours differs only there.
        assert_eq!(
            pae(PayloadType::Charter, b"hello world"),
            b"DSSEv1 38 application/vnd.commun.charter.v1+json 11 hello world"
        );
    }

    #[test]
    fn a_change_in_any_byte_is_refused() {
        let keys = [SecretKey::from_seed([1; 32]), SecretKey::from_seed([2; 32])];
        let bytes = Envelope::seal(
            PayloadType::Statement,
            b"{\"v\":1}".to_vec(),
            &[&keys[0], &keys[1]],
        )
        .to_bytes();
        let open = |b: &[u8]| Envelope::open(PayloadType::Statement, b);
        assert_eq!(open(&bytes).unwrap().to_bytes(), bytes);
        for i in 0..bytes.len() {
            for flip in [1u8, 0x20, 0x80] {
                let mut bent = bytes.clone();
                bent[i] ^= flip;
                assert!(open(&bent).is_err(), "byte {i} may change by {flip:#x}");
            }
        }
        assert!(Envelope::open(PayloadType::Charter, &bytes).is_err());
    }

    #[test]
    fn no_beginning_of_what_a_key_signs_is_the_beginning_of_another() {
        //= R-01-34
        use crate::{
            id::{CommonsId, TreeRoot},
            name::Handle,
            note::{Checkpoint, Origin},
        };
        let handle = Handle::new("aa").unwrap();
        let checkpoint = Checkpoint {
            origin: Origin {
                commons: CommonsId([0; 32]),
                handle: handle.clone(),
                epoch: 0,
            },
            size: 0,
            root: TreeRoot::empty(),
        };
        assert!(pae(PayloadType::Statement, b"x").starts_with(b"DSSEv1 "));
        assert!(checkpoint.text().starts_with("commun/"));
        let prefixes: [&[u8]; 10] = [
            b"DSSEv1 ",
            b"commun/",
            crate::token::PREFIX.as_bytes(),
            b"cosignature/v1\n",
            b"SSHSIG",
            // libp2p: Noise, TLS, gossipsub; signed envelopes begin with the length of their domain.
            b"noise-libp2p-static-key:",
            b"libp2p-tls-handshake:",
            b"libp2p-pubsub:",
            b"\x12libp2p-peer-record",
            // TLS 1.3, which iroh uses: 64 spaces, then the context.
            b"                                                                TLS 1.3, ",
        ];
        for (n, a) in prefixes.iter().enumerate() {
            for (m, b) in prefixes.iter().enumerate() {
                assert!(n == m || !a.starts_with(b), "{a:?} begins with {b:?}");
            }
        }
    }
}
