//! Signatures of commits and tags (`git commit -S`, `git tag -s` with `gpg.format=ssh`).
//!
//! Verified here, in Rust, from the object's bytes: no `ssh-keygen`, no list of keys on the disk. The answer is a key;
//! whose it is, the caller looks up among the people whom the institutions enrolled. The name and mail address in a
//! commit prove nothing: anybody can write them (SECURITY, T26).

use commun_specs::{
    certificate::{self, BEGIN},
    key::PublicKey,
};

/// What the signature of a commit or tag is worth, before anybody asks whose key it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signed {
    /// There is none.
    Unsigned,
    /// It holds, and this key made it. Whose key it is is another question.
    By(PublicKey),
    /// There is one, and it does not hold; why, in words for people who look into it.
    Bad(String),
    /// OpenPGP, X.509 or an SSH key of another kind than ed25519: not checked.
    OtherFormat(&'static str),
}

/// The most bytes of an object that are looked at: commits and tags are small, and what is larger is not read.
pub const MAX_OBJECT: usize = 1 << 20;

/// The header lines in which Git keeps a commit's signature, one for each hash of objects.
const HEADERS: [&[u8]; 2] = [b"gpgsig ", b"gpgsig-sha256 "];

/// Looks at a commit's bytes, as `git cat-file commit` writes them.
pub fn of_commit(raw: &[u8]) -> Signed {
    if raw.len() > MAX_OBJECT {
        return Signed::Bad("the commit is too large".to_owned());
    }
    let (payload, signatures) = split_commit(raw);
    match signatures.as_slice() {
        [] => Signed::Unsigned,
        [one] => judge(&payload, one),
        _ => Signed::Bad("there are several signatures".to_owned()),
    }
}

/// Looks at an annotated tag's bytes, as `git cat-file tag` writes them.
pub fn of_tag(raw: &[u8]) -> Signed {
    if raw.len() > MAX_OBJECT {
        return Signed::Bad("the tag is too large".to_owned());
    }
    // The signature is the end of the message, from the last line that begins one (git: parse_signed_buffer).
    let mut at = 0;
    let mut begins = None;
    for line in raw.split_inclusive(|b| *b == b'\n') {
        if line.starts_with(b"-----BEGIN ") && armoured(line).is_some() {
            begins = Some(at);
        }
        at += line.len();
    }
    match begins {
        None => Signed::Unsigned,
        Some(at) => judge(&raw[..at], &raw[at..]),
    }
}

/// The kinds of signatures that Git makes, by their first line.
fn armoured(line: &[u8]) -> Option<&'static str> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    match line {
        b"-----BEGIN SSH SIGNATURE-----" => Some("SSH"),
        b"-----BEGIN PGP SIGNATURE-----" | b"-----BEGIN PGP MESSAGE-----" => Some("OpenPGP"),
        b"-----BEGIN SIGNED MESSAGE-----" => Some("X.509"),
        _ => None,
    }
}

fn judge(payload: &[u8], signature: &[u8]) -> Signed {
    let first = signature.split(|b| *b == b'\n').next().unwrap_or_default();
    match armoured(first) {
        Some("SSH") => {}
        Some(other) => return Signed::OtherFormat(other),
        None => return Signed::Bad("it is of an unknown form".to_owned()),
    }
    let Ok(text) = std::str::from_utf8(signature) else {
        return Signed::Bad("it is not text".to_owned());
    };
    debug_assert!(text.starts_with(BEGIN), "armoured() has looked");
    match certificate::verify(payload, text) {
        Ok(key) => Signed::By(key),
        Err(certificate::Error::Key(commun_specs::key::Error::OtherKind)) => {
            Signed::OtherFormat("SSH, not ed25519")
        }
        Err(why) => Signed::Bad(why.to_string()),
    }
}

/// A commit without its signature headers, which is what was signed; and the signatures.
fn split_commit(raw: &[u8]) -> (Vec<u8>, Vec<Vec<u8>>) {
    let mut payload = Vec::with_capacity(raw.len());
    let mut signatures: Vec<Vec<u8>> = Vec::new();
    let mut within = false;
    let mut lines = raw.split_inclusive(|b| *b == b'\n');
    for line in lines.by_ref() {
        if line == b"\n" {
            payload.extend_from_slice(line);
            break;
        }
        // A line that begins with a space continues the header before it.
        if let Some(more) = line.strip_prefix(b" ").filter(|_| within) {
            if let Some(last) = signatures.last_mut() {
                last.extend_from_slice(more);
            }
            continue;
        }
        let value = HEADERS.iter().find_map(|header| line.strip_prefix(*header));
        within = value.is_some();
        match value {
            Some(value) => signatures.push(value.to_vec()),
            None => payload.extend_from_slice(line),
        }
    }
    for line in lines {
        payload.extend_from_slice(line);
    }
    (payload, signatures)
}

#[cfg(test)]
mod tests {
    use super::*;
    use commun_specs::key::SecretKey;

    const COMMIT: &str = "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor A <a@example.org> 1 +0000\ncommitter A <a@example.org> 1 +0000\n";

    fn signed(headers: &str, message: &str, key: &SecretKey) -> String {
        let armour = certificate::armour(&key.sign_git(format!("{headers}\n{message}").as_bytes()));
        let header = armour.trim_end().replace('\n', "\n ");
        format!("{headers}gpgsig {header}\n\n{message}")
    }

    #[test]
    fn a_signed_commit_is_known_by_its_key_and_by_nothing_that_it_says() {
        let key = SecretKey::from_seed([3; 32]);
        let raw = signed(COMMIT, "Say hello\n", &key);
        assert_eq!(of_commit(raw.as_bytes()), Signed::By(key.public()));
        for (from, to) in [
            ("hello", "hallo"),
            ("author A", "author B"),
            ("tree 4", "tree 5"),
        ] {
            let bent = raw.replace(from, to);
            assert!(
                matches!(of_commit(bent.as_bytes()), Signed::Bad(_)),
                "{from}"
            );
        }
        let twice = signed(
            &raw[..raw.len() - "\nSay hello\n".len()],
            "Say hello\n",
            &key,
        );
        assert!(matches!(of_commit(twice.as_bytes()), Signed::Bad(_)));
    }

    #[test]
    fn what_is_not_signed_in_the_header_is_not_signed() {
        let key = SecretKey::from_seed([3; 32]);
        let plain = format!("{COMMIT}\nSay hello\n");
        assert_eq!(of_commit(plain.as_bytes()), Signed::Unsigned);
        // A signature that stands in the message is words.
        let armour = certificate::armour(&key.sign_git(plain.as_bytes()));
        assert_eq!(
            of_commit(format!("{plain}{armour}").as_bytes()),
            Signed::Unsigned
        );
        let spoken = format!("{COMMIT}\ngpgsig {}\n", armour.replace('\n', "\n "));
        assert_eq!(of_commit(spoken.as_bytes()), Signed::Unsigned);
        for (kind, name) in [("PGP SIGNATURE", "OpenPGP"), ("SIGNED MESSAGE", "X.509")] {
            let other = format!(
                "{COMMIT}gpgsig -----BEGIN {kind}-----\n AAAA\n -----END {kind}-----\n\nHi\n"
            );
            assert_eq!(of_commit(other.as_bytes()), Signed::OtherFormat(name));
        }
        let garbage = format!("{COMMIT}gpgsig what\n\nHi\n");
        assert!(matches!(of_commit(garbage.as_bytes()), Signed::Bad(_)));
        assert_eq!(of_commit(b""), Signed::Unsigned);
    }

    #[test]
    fn a_signed_tag_is_known_by_its_key() {
        let key = SecretKey::from_seed([4; 32]);
        let plain = "object 4b825dc642cb6eb9a060e54bf8d69288fbee4904\ntype commit\ntag v1\ntagger A <a@example.org> 1 +0000\n\nFirst\n";
        assert_eq!(of_tag(plain.as_bytes()), Signed::Unsigned);
        let raw = format!(
            "{plain}{}",
            certificate::armour(&key.sign_git(plain.as_bytes()))
        );
        assert_eq!(of_tag(raw.as_bytes()), Signed::By(key.public()));
        assert!(matches!(
            of_tag(raw.replace("v1", "v2").as_bytes()),
            Signed::Bad(_)
        ));
        assert!(matches!(
            of_tag(format!("{raw}more\n").as_bytes()),
            Signed::Bad(_)
        ));
    }
}
