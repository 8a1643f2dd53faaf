//! Questions that a person answers with their key, to be given a short token.
//!
//! A nonce carries its end and a mark that only this process can make, so that asking costs no memory: whoever asks a
//! million times fills nothing. What is remembered is the nonces that were answered well, each until it is past its
//! date, so that each is answered once.

use std::{collections::HashMap, sync::Mutex};

use commun_specs::{id::base32, key::PublicKey};
use data_encoding::{BASE32_NOPAD, BASE64};

/// How long a nonce can be answered, in seconds: what typing a passphrase takes.
pub const SECONDS: u64 = 120;
/// Answered nonces that are remembered; more are refused until some are past their date.
const MAX_ANSWERED: usize = 10_000;
/// Bytes of a nonce: its end, chance, and the mark.
const BYTES: usize = 8 + 16 + 16;
/// Longest armour of a signature: an ed25519 one has three hundred characters.
const MAX_ARMOUR: usize = 2_000;

/// Why an answer is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// Not a nonce of this node for this key, or past its date, or answered before.
    #[error("nonce: not one of this node for this key, or past its date, or used; ask for another")]
    Nonce,
    /// The signature is not in one of its two forms.
    #[error("signature: neither what ssh-keygen -Y sign prints nor its base64")]
    Form,
    /// Too many were answered lately.
    #[error("too many tokens were asked for lately; try again in two minutes")]
    Full,
}

/// The questions of one process.
pub struct Challenges {
    secret: [u8; 32],
    answered: Mutex<HashMap<String, u64>>,
}

impl Default for Challenges {
    fn default() -> Self {
        Self {
            secret: rand::random(),
            answered: Mutex::default(),
        }
    }
}

impl Challenges {
    /// A nonce for a key, and until when it is good (seconds since 1970).
    pub fn ask(&self, key: &PublicKey, now: u64) -> (String, u64) {
        let ends = now + SECONDS;
        let mut bytes = ends.to_be_bytes().to_vec();
        bytes.extend_from_slice(&rand::random::<[u8; 16]>());
        let mark = self.mark(&bytes, key);
        bytes.extend_from_slice(&mark);
        (base32(&bytes), ends)
    }

    /// Whether a nonce can be answered now.
    pub fn good(&self, nonce: &str, key: &PublicKey, now: u64) -> Result<(), NoAnswer> {
        let ends = self.ends(nonce, key).ok_or(NoAnswer::Nonce)?;
        let answered = self
            .answered
            .lock()
            .expect("a thread that panics ends the process");
        if ends <= now || answered.contains_key(nonce) {
            return Err(NoAnswer::Nonce);
        }
        Ok(())
    }

    /// Notes that a nonce was answered; the second time it is no more.
    pub fn answer(&self, nonce: &str, key: &PublicKey, now: u64) -> Result<(), NoAnswer> {
        let ends = self.ends(nonce, key).ok_or(NoAnswer::Nonce)?;
        let mut answered = self
            .answered
            .lock()
            .expect("a thread that panics ends the process");
        if ends <= now || answered.contains_key(nonce) {
            return Err(NoAnswer::Nonce);
        }
        if answered.len() >= MAX_ANSWERED {
            answered.retain(|_, ends| *ends > now);
        }
        if answered.len() >= MAX_ANSWERED {
            return Err(NoAnswer::Full);
        }
        answered.insert(nonce.to_owned(), ends);
        Ok(())
    }

    /// When a nonce ends, if it is one of ours for this key and in the form that we write.
    fn ends(&self, nonce: &str, key: &PublicKey) -> Option<u64> {
        let bytes = BASE32_NOPAD
            .decode(nonce.to_ascii_uppercase().as_bytes())
            .ok()?;
        if bytes.len() != BYTES || base32(&bytes) != nonce {
            return None;
        }
        let (said, mark) = bytes.split_at(BYTES - 16);
        // A hash's own comparison: it takes as long for every other mark.
        let told = blake3::Hash::from_bytes(widened(mark)?);
        let ours = blake3::Hash::from_bytes(widened(&self.mark(said, key))?);
        (told == ours).then(|| u64::from_be_bytes(said[..8].try_into().expect("eight of them")))
    }

    fn mark(&self, said: &[u8], key: &PublicKey) -> [u8; 16] {
        let mut hasher = blake3::Hasher::new_keyed(&self.secret);
        hasher.update(said).update(key.as_bytes());
        let mut mark = [0; 16];
        mark.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        mark
    }
}

fn widened(mark: &[u8]) -> Option<[u8; 32]> {
    let mut wide = [0; 32];
    wide[..16].copy_from_slice(mark.get(..16)?);
    Some(wide)
}

/// The bytes of a signature as `ssh-keygen -Y sign` prints it, or in base64.
pub fn signature(text: &str) -> Result<Vec<u8>, NoAnswer> {
    if text.len() > MAX_ARMOUR {
        return Err(NoAnswer::Form);
    }
    let digits: String = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with("-----"))
        .collect();
    BASE64.decode(digits.as_bytes()).map_err(|_| NoAnswer::Form)
}

#[cfg(test)]
mod tests {
    use commun_specs::key::SecretKey;

    use super::*;

    fn key(seed: u8) -> PublicKey {
        SecretKey::from_seed([seed; 32]).public()
    }

    #[test]
    fn a_nonce_is_answered_once_in_time_by_its_key_at_its_node() {
        let (here, there) = (Challenges::default(), Challenges::default());
        let (nonce, ends) = here.ask(&key(1), 1_000);
        assert_eq!(ends, 1_000 + SECONDS);
        assert_eq!(here.good(&nonce, &key(1), 1_000), Ok(()));
        assert_eq!(here.answer(&nonce, &key(2), 1_000), Err(NoAnswer::Nonce));
        assert_eq!(there.answer(&nonce, &key(1), 1_000), Err(NoAnswer::Nonce));
        assert_eq!(here.answer(&nonce, &key(1), ends), Err(NoAnswer::Nonce));
        assert_eq!(here.answer(&nonce, &key(1), ends - 1), Ok(()));
        assert_eq!(here.answer(&nonce, &key(1), ends - 1), Err(NoAnswer::Nonce));
        assert_eq!(here.good(&nonce, &key(1), ends - 1), Err(NoAnswer::Nonce));
    }

    #[test]
    fn a_nonce_that_was_changed_is_none() {
        let here = Challenges::default();
        let (nonce, _) = here.ask(&key(1), 1_000);
        for at in 0..nonce.len() {
            let mut bent = nonce.clone().into_bytes();
            bent[at] = if bent[at] == b'a' { b'b' } else { b'a' };
            let bent = String::from_utf8(bent).unwrap();
            assert_eq!(
                here.good(&bent, &key(1), 1_000),
                Err(NoAnswer::Nonce),
                "{at}"
            );
        }
        for bad in ["", "é", &nonce.to_uppercase(), &nonce[1..]] {
            assert_eq!(
                here.good(bad, &key(1), 1_000),
                Err(NoAnswer::Nonce),
                "{bad}"
            );
        }
    }

    #[test]
    fn a_signature_is_read_with_and_without_its_armour() {
        let armoured = "-----BEGIN SSH SIGNATURE-----\nAAEC\nAwQ=\n-----END SSH SIGNATURE-----\n";
        assert_eq!(signature(armoured), Ok(vec![0, 1, 2, 3, 4]));
        assert_eq!(signature("AAECAwQ="), Ok(vec![0, 1, 2, 3, 4]));
        assert_eq!(signature("?"), Err(NoAnswer::Form));
        assert_eq!(signature(&"A".repeat(2_004)), Err(NoAnswer::Form));
    }
}
