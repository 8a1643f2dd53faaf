//! Keys and signatures. The only file that names `ed25519_dalek` and `ssh_key`.
//!
//! Verification is `verify_strict` only: small-order and non-canonical keys are refused, so that one
//! signature never stands for two messages (SECURITY, section 0.6).

use std::{
    collections::BTreeMap,
    sync::{PoisonError, RwLock},
};

use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};

/// Bytes of a signature.
pub const SIGNATURE_BYTES: usize = 64;
/// The SSHSIG namespace of statements signed with an SSH key.
pub const SSH_NAMESPACE: &str = "commun";
/// The SSHSIG namespace of what Git signs.
pub const GIT_NAMESPACE: &str = "git";
/// Largest SSHSIG blob taken (an ed25519 one has about 170 bytes).
const MAX_SSHSIG: usize = 512;
/// Where the name of the key's kind stands in an SSHSIG: behind `SSHSIG`, the version, and the length of the key.
const SSHSIG_KIND: usize = 6 + 4 + 4;
/// The name of the one kind, as SSH writes strings.
const ED25519: &[u8] = b"\0\0\0\x0bssh-ed25519";
/// multicodec `ed25519-pub`, as an unsigned varint.
const MULTICODEC_ED25519: [u8; 2] = [0xed, 0x01];

/// A key or a signature does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The text is not `did:key:z6Mk…` of an ed25519 key.
    #[error("not an ed25519 did:key: {0:?}")]
    NotADidKey(String),
    /// The bytes are no usable point (off the curve, small order, non-canonical).
    #[error("R-01-31: not a usable ed25519 public key")]
    WeakKey,
    /// The signature does not verify.
    #[error("R-01-32: the signature does not verify")]
    BadSignature,
    /// An SSH key of another kind than ed25519.
    #[error("R-01-33: only ssh-ed25519 keys are taken")]
    OtherKind,
    /// The signature is neither 64 bytes nor a well-formed SSHSIG of this key.
    #[error("R-01-33: not an acceptable signature: {0}")]
    BadForm(&'static str),
}

/// Keys that were checked a moment ago. A commons has a few hundred nodes and signers who come again with each statement, and
/// checking a key costs as much as half a signature.
static CHECKED: RwLock<BTreeMap<[u8; 32], VerifyingKey>> = RwLock::new(BTreeMap::new());
/// So many at most, a quarter of a megabyte; then they are forgotten together.
const MAX_CHECKED: usize = 1_024;

/// A usable key of these bytes.
fn checked(bytes: &[u8; 32]) -> Result<VerifyingKey, Error> {
    let known = CHECKED.read().unwrap_or_else(PoisonError::into_inner);
    if let Some(key) = known.get(bytes) {
        return Ok(*key);
    }
    drop(known);
    let key = VerifyingKey::from_bytes(bytes).map_err(|_| Error::WeakKey)?;
    // Decompression accepts encodings that are not the point's own: only that one is a key's name.
    if key.is_weak() || key.to_edwards().compress().to_bytes() != *bytes {
        return Err(Error::WeakKey);
    }
    let mut known = CHECKED.write().unwrap_or_else(PoisonError::into_inner);
    if known.len() >= MAX_CHECKED {
        known.clear();
    }
    known.insert(*bytes, key);
    Ok(key)
}

/// An ed25519 public key, checked: on the curve, canonical, not of small order.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// Takes 32 bytes that are a usable key.
    pub fn from_bytes(bytes: [u8; 32]) -> Result<Self, Error> {
        checked(&bytes).map(|_| Self(bytes))
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Checks a 64-byte signature of `message`.
    pub fn verify(&self, message: &[u8], signature: &[u8; SIGNATURE_BYTES]) -> Result<(), Error> {
        checked(&self.0)?
            .verify_strict(message, &ed25519_dalek::Signature::from_bytes(signature))
            .map_err(|_| Error::BadSignature)
    }

    /// Checks a signature in either of the forms of an envelope: 64 bytes, or an unarmoured SSHSIG
    /// blob (OpenSSH PROTOCOL.sshsig: ssh-ed25519, namespace `commun`, sha512, this very key).
    pub fn verify_any(&self, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        match <&[u8; SIGNATURE_BYTES]>::try_from(signature) {
            Ok(plain) => self.verify(message, plain),
            Err(_) => self.verify_ssh(message, signature),
        }
    }

    fn verify_ssh(&self, message: &[u8], blob: &[u8]) -> Result<(), Error> {
        use ssh_key::HashAlg;
        let sig = read_sshsig(blob)?;
        let key = sig
            .public_key()
            .ed25519()
            .ok_or(Error::BadForm("the SSHSIG key is not ssh-ed25519"))?;
        if key.0 != self.0 {
            return Err(Error::BadForm("the SSHSIG key is not the keyid"));
        }
        if sig.namespace() != SSH_NAMESPACE {
            return Err(Error::BadForm("the SSHSIG namespace is not commun"));
        }
        if sig.hash_alg() != HashAlg::Sha512 {
            return Err(Error::BadForm("the SSHSIG hash is not sha512"));
        }
        self.verify_sshsig(message, &sig)
    }

    /// Checks what an SSHSIG of this key signed, whatever its namespace and hash: the caller has looked at both.
    fn verify_sshsig(&self, message: &[u8], sig: &ssh_key::SshSig) -> Result<(), Error> {
        let signed = ssh_key::SshSig::signed_data(sig.namespace(), sig.hash_alg(), message)
            .map_err(|_| Error::BadForm("the SSHSIG message cannot be built"))?;
        let plain = <&[u8; SIGNATURE_BYTES]>::try_from(sig.signature_bytes())
            .map_err(|_| Error::BadForm("the SSHSIG signature is not 64 bytes"))?;
        self.verify(&signed, plain)
    }

    /// What OpenSSH calls the key's fingerprint: `SHA256:` and the hash of its wire form in base64, without padding.
    pub fn fingerprint(&self) -> String {
        const NAME: &[u8] = b"ssh-ed25519";
        let length = |bytes: &[u8]| (bytes.len() as u32).to_be_bytes();
        let wire = [&length(NAME)[..], NAME, &length(&self.0), &self.0];
        let hash = crate::id::sha256(&wire);
        format!("SHA256:{}", data_encoding::BASE64_NOPAD.encode(&hash))
    }

    /// Reads the key of an OpenSSH public key line (`ssh-ed25519 AAAA… comment`).
    pub fn from_openssh(line: &str) -> Result<Self, Error> {
        let key = ssh_key::PublicKey::from_openssh(line.trim()).map_err(|_| {
            // Types that this build cannot read are named by the first word.
            match line.trim().split([' ', '\t']).next() {
                Some("ssh-rsa") => Error::BadForm("an RSA key; only ssh-ed25519 keys are accepted"),
                Some("ssh-dss") => Error::BadForm("a DSA key; only ssh-ed25519 keys are accepted"),
                Some(name) if name.starts_with("ecdsa-sha2-") => {
                    Error::BadForm("an ECDSA key; only ssh-ed25519 keys are accepted")
                }
                Some(name) if name.starts_with("sk-") => Error::BadForm(
                    "a key of a security token; only plain ssh-ed25519 keys are accepted",
                ),
                _ => Error::BadForm("not an OpenSSH public key"),
            }
        })?;
        let key = key
            .key_data()
            .ed25519()
            .ok_or(Error::BadForm("only ssh-ed25519 keys are accepted"))?;
        Self::from_bytes(key.0)
    }
}

/// Reads an SSHSIG blob (OpenSSH PROTOCOL.sshsig) in its one byte form.
fn read_sshsig(blob: &[u8]) -> Result<ssh_key::SshSig, Error> {
    if blob.len() > MAX_SSHSIG || !blob.starts_with(b"SSHSIG") {
        return Err(Error::BadForm("neither 64 bytes nor an SSHSIG blob"));
    }
    let sig = <ssh_key::SshSig as ssh_key::encoding::Decode>::decode(&mut &blob[..])
        .map_err(|_| Error::BadForm("the SSHSIG blob cannot be read"))?;
    if sig.version() != 1 {
        return Err(Error::BadForm("the SSHSIG version is not 1"));
    }
    // One byte form only: what the fields say, written again, is what was received.
    let again = ssh_key::encoding::Encode::encode_vec(&sig)
        .map_err(|_| Error::BadForm("the SSHSIG blob cannot be read"))?;
    if again != blob {
        return Err(Error::BadForm("the SSHSIG blob is not in its own form"));
    }
    Ok(sig)
}

/// Verifies a signature that Git made with an SSH key over `message` (a commit, a tag, a push certificate) and answers
/// the key: ssh-ed25519, namespace `git`, sha512 or sha256. `blob` is the SSHSIG without its armour.
pub fn verify_git(message: &[u8], blob: &[u8]) -> Result<PublicKey, Error> {
    use ssh_key::HashAlg;
    // Other kinds of keys are larger, and not built in: their name is looked at before anything is read.
    let kind = blob.get(SSHSIG_KIND..SSHSIG_KIND + ED25519.len());
    if blob.starts_with(b"SSHSIG") && kind.is_some_and(|kind| kind != ED25519) {
        return Err(Error::OtherKind);
    }
    let sig = read_sshsig(blob)?;
    let key = sig.public_key().ed25519().ok_or(Error::OtherKind)?;
    let key = PublicKey::from_bytes(key.0)?;
    if sig.namespace() != GIT_NAMESPACE {
        return Err(Error::BadForm("the SSHSIG namespace is not git"));
    }
    if !matches!(sig.hash_alg(), HashAlg::Sha512 | HashAlg::Sha256) {
        return Err(Error::BadForm("the SSHSIG hash is not sha512 or sha256"));
    }
    key.verify_sshsig(message, &sig)?;
    Ok(key)
}

impl PartialOrd for PublicKey {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for PublicKey {
    /// Orders keys as their written form orders, which is what "sorted by keyid" means. All written forms
    /// have 47 digits, and base58's digits ascend in ASCII, so that is the order of the bytes.
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}

impl std::fmt::Display for PublicKey {
    /// `did:key:z` + base58btc(0xed01 ‖ key) (W3C did:key method).
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut bytes = MULTICODEC_ED25519.to_vec();
        bytes.extend_from_slice(&self.0);
        write!(f, "did:key:z{}", base58(&bytes))
    }
}
impl std::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = self.to_string();
        write!(f, "PublicKey({})", &text[text.len() - 8..])
    }
}
impl std::str::FromStr for PublicKey {
    type Err = Error;
    fn from_str(s: &str) -> Result<Self, Error> {
        let bad = || Error::NotADidKey(s.chars().take(80).collect());
        let text = s.strip_prefix("did:key:z").ok_or_else(bad)?;
        let bytes = from_base58(text).ok_or_else(bad)?;
        let key = bytes
            .strip_prefix(&MULTICODEC_ED25519[..])
            .ok_or_else(bad)?;
        Self::from_bytes(key.try_into().map_err(|_| bad())?)
    }
}
impl serde::Serialize for PublicKey {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}
impl<'de> serde::Deserialize<'de> for PublicKey {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A secret key; its memory is wiped when it is dropped. Never printed.
#[derive(Clone)]
pub struct SecretKey(SigningKey);

impl SecretKey {
    /// The key of a 32-byte seed. The caller draws it from the system's random source.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(SigningKey::from_bytes(&seed))
    }

    /// The seed, to be stored in a file with mode 0600.
    pub fn seed(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    /// Signs a message as `git` does with an SSH key (namespace `git`, sha512): an SSHSIG without its armour.
    pub fn sign_git(&self, message: &[u8]) -> Vec<u8> {
        let signed = ssh_key::SshSig::signed_data(GIT_NAMESPACE, ssh_key::HashAlg::Sha512, message)
            .expect("the namespace is not empty");
        let signature =
            ssh_key::Signature::new(ssh_key::Algorithm::Ed25519, self.sign(&signed).to_vec())
                .expect("64 bytes are an ed25519 signature");
        let key = ssh_key::public::Ed25519PublicKey(*self.public().as_bytes());
        let sig = ssh_key::SshSig::new(
            key.into(),
            GIT_NAMESPACE,
            ssh_key::HashAlg::Sha512,
            signature,
        )
        .expect("the namespace is not empty");
        ssh_key::encoding::Encode::encode_vec(&sig).expect("an SSHSIG can be written to memory")
    }

    /// Signs a message that begins with one of the domain prefixes of FORMATS 1.8.
    pub fn sign(&self, message: &[u8]) -> [u8; SIGNATURE_BYTES] {
        self.0.sign(message).to_bytes()
    }
}

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SecretKey(of {:?})", self.public())
    }
}

const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

fn base58(bytes: &[u8]) -> String {
    let mut digits: Vec<u8> = Vec::new();
    for &byte in bytes {
        let mut carry = byte as u32;
        for d in digits.iter_mut() {
            carry += (*d as u32) << 8;
            *d = (carry % 58) as u8;
            carry /= 58;
        }
        while carry > 0 {
            digits.push((carry % 58) as u8);
            carry /= 58;
        }
    }
    let zeros = bytes.iter().take_while(|b| **b == 0).count();
    std::iter::repeat_n('1', zeros)
        .chain(digits.iter().rev().map(|d| BASE58[*d as usize] as char))
        .collect()
}

/// Longest text of a number in base 58 that is read: a key has 48 digits.
const MAX_BASE58: usize = 64;

/// What each ASCII character is worth in base 58; `NO_DIGIT` if nothing.
const DIGITS: [u8; 128] = {
    let mut digits = [NO_DIGIT; 128];
    let mut digit = 0;
    while digit < BASE58.len() {
        digits[BASE58[digit] as usize] = digit as u8;
        digit += 1;
    }
    digits
};
const NO_DIGIT: u8 = u8::MAX;

/// Every statement that is read names a few keys: this is done in words, not in bytes.
fn from_base58(text: &str) -> Option<Vec<u8>> {
    if text.len() > MAX_BASE58 {
        return None;
    }
    // The lowest first; six bits for a digit are more than enough.
    let mut words = [0_u32; MAX_BASE58 * 6 / 32];
    let mut len = 0;
    for c in text.bytes() {
        let digit = DIGITS.get(usize::from(c)).filter(|d| **d != NO_DIGIT)?;
        let mut carry = u64::from(*digit);
        for word in &mut words[..len] {
            carry += u64::from(*word) * 58;
            *word = carry as u32;
            carry >>= 32;
        }
        if carry > 0 {
            words[len] = carry as u32;
            len += 1;
        }
    }
    let zeros = text.bytes().take_while(|b| *b == b'1').count();
    let number = words[..len]
        .iter()
        .rev()
        .flat_map(|word| word.to_be_bytes());
    let number = number.skip_while(|byte| *byte == 0);
    Some(std::iter::repeat_n(0, zeros).chain(number).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_were_written() {
        for len in 0..=46 {
            for (zeros, fill) in [(0, 1), (0, 255), (1, 58), (len, 0)] {
                let byte = |n: usize| if n < zeros { 0 } else { fill ^ (n as u8) };
                let bytes: Vec<u8> = (0..len).map(byte).collect();
                let text = base58(&bytes);
                assert_eq!(from_base58(&text).as_deref(), Some(&bytes[..]), "{text}");
            }
        }
        for text in ["0", "O", "I", "l", "2é", "\u{7f}", &"1".repeat(65)] {
            assert_eq!(from_base58(text), None, "{text}");
        }
    }

    #[test]
    fn a_key_is_written_as_its_did() {
        // W3C did:key test vector (ed25519, first of the method's specification).
        let text = "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp";
        let key: PublicKey = text.parse().unwrap();
        assert_eq!(key.to_string(), text);
        assert!("did:key:z6Mk".parse::<PublicKey>().is_err());
        assert!(text.to_uppercase().parse::<PublicKey>().is_err());
    }

    #[test]
    fn a_fingerprint_is_the_one_that_ssh_prints() {
        let secret = SecretKey::from_seed([7; 32]);
        let pair = ssh_key::private::Ed25519Keypair::from_seed(&secret.seed());
        let theirs = ssh_key::PrivateKey::from(pair).fingerprint(ssh_key::HashAlg::Sha256);
        assert_eq!(secret.public().fingerprint(), theirs.to_string());
    }

    #[test]
    fn keys_order_as_their_texts_do() {
        let written = |bytes: [u8; 32]| PublicKey(bytes).to_string();
        let keys: Vec<_> = (0..32)
            .map(|n| SecretKey::from_seed([n; 32]).public())
            .collect();
        for a in &keys {
            for b in &keys {
                assert_eq!(a.cmp(b), a.to_string().cmp(&b.to_string()), "{a} {b}");
            }
        }
        assert_eq!(written([0; 32]).len(), written([255; 32]).len());
    }

    #[test]
    fn small_order_keys_are_refused() {
        assert_eq!(PublicKey::from_bytes([0; 32]), Err(Error::WeakKey));
        let mut identity = [0; 32];
        identity[0] = 1;
        assert_eq!(PublicKey::from_bytes(identity), Err(Error::WeakKey));
    }

    #[test]
    fn an_ssh_signature_counts_only_for_its_key_namespace_and_message() {
        use ssh_key::{HashAlg, PrivateKey, encoding::Encode, private::Ed25519Keypair};
        let secret = SecretKey::from_seed([7; 32]);
        let ssh = PrivateKey::from(Ed25519Keypair::from_seed(&secret.seed()));
        let blob =
            |ns: &str, hash, msg: &[u8]| ssh.sign(ns, hash, msg).unwrap().encode_vec().unwrap();
        let good = blob("commun", HashAlg::Sha512, b"message");
        let key = secret.public();
        assert_eq!(key.verify_any(b"message", &good), Ok(()));
        assert_eq!(key.verify_any(b"other", &good), Err(Error::BadSignature));
        assert!(
            key.verify_any(b"message", &blob("git", HashAlg::Sha512, b"message"))
                .is_err()
        );
        assert!(
            key.verify_any(b"message", &blob("commun", HashAlg::Sha256, b"message"))
                .is_err()
        );
        assert!(
            SecretKey::from_seed([8; 32])
                .public()
                .verify_any(b"message", &good)
                .is_err()
        );
        let mut longer = good.clone();
        longer.push(0);
        assert!(key.verify_any(b"message", &longer).is_err());
        for i in 0..good.len() {
            let mut bent = good.clone();
            bent[i] ^= 1;
            assert!(
                key.verify_any(b"message", &bent).is_err(),
                "byte {i} may change"
            );
        }
    }
}
