//! Push certificates (`git push --signed`): what a person signed about the refs that they moved (rules R-09).
//!
//! Git itself verifies nothing of them. [`Certificate::read`] takes the text that a client sent and answers what it
//! says and whose key signed it; whether the nonce is fresh, the address ours and the key enrolled is decided by the
//! node that takes the push, and what of it everybody else can check by [`Certificate::covers`] and
//! [`Certificate::names`].

mod pushee;

pub use pushee::Pushee;

use data_encoding::BASE64;
use serde::{Deserialize, Serialize};

use crate::{
    key::{self, PublicKey},
    name::{Handle, Slug},
    statement::{Change, MAX_BODY},
};

/// Most bytes of a certificate: it must fit a body.
pub const MAX_BYTES: usize = MAX_BODY;
/// Most bytes of one line: an address, or two object ids and a name.
pub const MAX_LINE: usize = 1_024;
/// Most commands.
pub const MAX_COMMANDS: usize = 1_000;
/// Most characters of a line of a signature's armour (RFC 7468 has 64, OpenSSH 70, MIME 76).
const MAX_ARMOUR_LINE: usize = 76;
/// Most lines of a signature's armour: an ed25519 SSHSIG has four or five.
const MAX_ARMOUR_LINES: usize = 16;
/// The first line of a signature.
pub const BEGIN: &str = "-----BEGIN SSH SIGNATURE-----";
/// The last line of a signature.
pub const END: &str = "-----END SSH SIGNATURE-----";
/// Largest number of seconds, as in a head.
const MAX_TIME: u64 = (1 << 53) - 1;

/// One ref of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// What the ref was, in hexadecimal; `None` = not there.
    pub old: Option<String>,
    /// What it became; `None` = deleted.
    pub new: Option<String>,
    /// Its full name, as the client wrote it.
    pub name: String,
}

/// A certificate whose form and signature hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Whose key signed it.
    pub key: PublicKey,
    /// Seconds since 1970 by the pusher's clock: for display only.
    pub time: u64,
    /// Where the person pushed to, as they wrote it (Git leaves out names and passwords).
    pub pushee: String,
    /// What the node gave them, so that a certificate serves once.
    pub nonce: String,
    /// What they moved, in their order.
    pub commands: Vec<Command>,
}

/// A text is no certificate that counts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// More bytes, a longer line or more commands than allowed.
    #[error("R-09-01: the certificate is over a limit: {0}")]
    TooLarge(&'static str),
    /// Control characters, not UTF-8, or an end without a newline.
    #[error("R-09-02: the certificate is not lines of text")]
    NotText,
    /// Another line than the one that belongs there.
    #[error("R-09-03: the certificate has no proper line for its {0}")]
    Line(&'static str),
    /// It asks for push options, which are not taken.
    #[error("R-09-04: the certificate holds push options")]
    PushOption,
    /// A command that is not `old new ref`, or none at all.
    #[error("R-09-05: the certificate has no proper commands")]
    Command,
    /// Signed by something else than SSH.
    #[error("R-09-06: the certificate is not signed with an SSH key")]
    OtherSignature,
    /// No signature, several, or something behind it.
    #[error("R-09-06: the certificate does not end with one SSH signature")]
    Signature,
    /// The signature does not hold.
    #[error("R-09-07: the certificate's signature: {0}")]
    Key(#[from] key::Error),
}

impl Certificate {
    /// Reads a certificate and verifies its signature.
    pub fn read(text: &[u8]) -> Result<Self, Error> {
        if text.len() > MAX_BYTES {
            return Err(Error::TooLarge("its bytes"));
        }
        let text = std::str::from_utf8(text).map_err(|_| Error::NotText)?;
        if !text.ends_with('\n') || text.chars().any(|c| c.is_control() && c != '\n') {
            return Err(Error::NotText);
        }
        if text.lines().any(|line| line.len() > MAX_LINE) {
            return Err(Error::TooLarge("a line"));
        }
        let at = signature_at(text)?;
        let (signed, armour) = text.split_at(at);
        let mut lines = signed.lines();
        let mut line = |what, prefix: &str| {
            let line = lines.next().and_then(|line| line.strip_prefix(prefix));
            line.ok_or(Error::Line(what))
        };
        if line("version", "certificate version ")? != "0.1" {
            return Err(Error::Line("version"));
        }
        let time = pusher_time(line("pusher", "pusher ")?)?;
        let pushee = word(line("pushee", "pushee ")?, "pushee")?;
        let nonce = word(line("nonce", "nonce ")?, "nonce")?;
        match lines.next() {
            Some("") => {}
            Some(line) if line.starts_with("push-option ") => return Err(Error::PushOption),
            _ => return Err(Error::Line("end of the head")),
        }
        let commands = commands(lines)?;
        let key = verify(signed.as_bytes(), armour)?;
        Ok(Self {
            key,
            time,
            pushee,
            nonce,
            commands,
        })
    }

    /// Whether every change is one that the person signed: the same ref, from the same to the same (R-09-12). The
    /// certificate may hold more: what the node refused, and what went elsewhere than to a ref.
    pub fn covers(&self, changes: &[Change]) -> bool {
        changes.iter().all(|change| {
            self.commands.iter().any(|command| {
                command.name == change.name
                    && command.old == change.old
                    && command.new == change.new
            })
        })
    }

    /// Whether the person signed that they propose a commit for a branch (`refs/heads/…`): a command that sets
    /// `refs/for/<branch>/<topic>` to it, whatever the topic (R-09-15).
    pub fn proposes(&self, target: &str, new: &str) -> bool {
        let branch = target.strip_prefix("refs/heads/").unwrap_or(target);
        self.commands.iter().any(|command| {
            let rest = command.name.strip_prefix("refs/for/");
            let rest = rest.and_then(|rest| rest.strip_prefix(branch)?.strip_prefix('/'));
            rest.is_some_and(|topic| !topic.is_empty()) && command.new.as_deref() == Some(new)
        })
    }

    /// Whether the address that the person pushed to ends with a name of the repository (R-09-13). `known` says whether
    /// `handle/slug` names it, or did once.
    pub fn names(&self, known: impl Fn(&Handle, &Slug) -> bool) -> bool {
        Pushee::read(&self.pushee).is_some_and(|to| known(&to.handle, &to.slug))
    }
}

/// What a `refs` statement's body holds.
#[derive(Debug, Serialize, Deserialize)]
struct Words {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    certificate: Option<String>,
}

/// The body of a `refs` statement with a certificate; `None` if it is larger than a body may be.
pub fn body(certificate: &str) -> Option<Vec<u8>> {
    let words = Words {
        certificate: Some(certificate.to_owned()),
    };
    let bytes = serde_json::to_vec(&words).ok()?;
    (bytes.len() <= MAX_BODY).then_some(bytes)
}

/// The certificate in the body of a `refs` statement, if there is one.
pub fn from_body(body: &[u8]) -> Option<String> {
    serde_json::from_slice::<Words>(body).ok()?.certificate
}

/// Where the one signature begins.
fn signature_at(text: &str) -> Result<usize, Error> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let plain = line.trim_end_matches('\n');
        if plain == BEGIN {
            return Ok(at);
        }
        if plain.starts_with("-----BEGIN ") {
            return Err(Error::OtherSignature);
        }
        at += line.len();
    }
    Err(Error::Signature)
}

/// `<who> <seconds> <zone>`: the seconds. Who it is says the key, not this text.
fn pusher_time(text: &str) -> Result<u64, Error> {
    let bad = || Error::Line("pusher");
    let (rest, zone) = text.rsplit_once(' ').ok_or_else(bad)?;
    let (who, seconds) = rest.rsplit_once(' ').ok_or_else(bad)?;
    let digits = zone.strip_prefix(['+', '-']).ok_or_else(bad)?;
    let is_zone = digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit());
    if who.is_empty() || !is_zone {
        return Err(bad());
    }
    decimal(seconds).filter(|t| *t <= MAX_TIME).ok_or_else(bad)
}

fn decimal(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}

fn word(text: &str, what: &'static str) -> Result<String, Error> {
    if text.is_empty() || text.contains(char::is_whitespace) {
        return Err(Error::Line(what));
    }
    Ok(text.to_owned())
}

fn commands<'a>(lines: impl Iterator<Item = &'a str>) -> Result<Vec<Command>, Error> {
    let mut all = Vec::new();
    for line in lines {
        if all.len() == MAX_COMMANDS {
            return Err(Error::TooLarge("its commands"));
        }
        let mut parts = line.splitn(3, ' ');
        let (Some(old), Some(new), Some(name)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(Error::Command);
        };
        let (old_oid, new_oid) = (oid(old)?, oid(new)?);
        let named = !name.is_empty() && !name.contains(char::is_whitespace);
        if !named || old.len() != new.len() || (old_oid.is_none() && new_oid.is_none()) {
            return Err(Error::Command);
        }
        all.push(Command {
            old: old_oid,
            new: new_oid,
            name: name.to_owned(),
        });
    }
    if all.is_empty() {
        return Err(Error::Command);
    }
    Ok(all)
}

/// 40 or 64 digits of lower-case hexadecimal; all zeros = none.
fn oid(text: &str) -> Result<Option<String>, Error> {
    let fits = matches!(text.len(), 40 | 64)
        && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if !fits {
        return Err(Error::Command);
    }
    Ok(text.bytes().any(|b| b != b'0').then(|| text.to_owned()))
}

/// Verifies an armoured SSH signature that Git made over `message`: nothing before its first line, nothing behind its
/// last. Answers the key.
pub fn verify(message: &[u8], armour: &str) -> Result<PublicKey, Error> {
    let mut lines = armour.split('\n');
    if lines.next() != Some(BEGIN) {
        return Err(Error::Signature);
    }
    let mut text = String::new();
    let mut count = 0;
    loop {
        let line = lines.next().ok_or(Error::Signature)?;
        if line == END {
            break;
        }
        count += 1;
        if line.is_empty() || line.len() > MAX_ARMOUR_LINE || count > MAX_ARMOUR_LINES {
            return Err(Error::Signature);
        }
        text.push_str(line);
    }
    if lines.next() != Some("") || lines.next().is_some() {
        return Err(Error::Signature);
    }
    let blob = BASE64
        .decode(text.as_bytes())
        .map_err(|_| Error::Signature)?;
    Ok(key::verify_git(message, &blob)?)
}

/// Writes an SSHSIG with its armour, as OpenSSH does.
pub fn armour(blob: &[u8]) -> String {
    /// Characters of a line, as OpenSSH writes them.
    const WIDTH: usize = 70;
    let text = BASE64.encode(blob);
    let mut out = format!("{BEGIN}\n");
    for (at, c) in text.chars().enumerate() {
        if at > 0 && at % WIDTH == 0 {
            out.push('\n');
        }
        out.push(c);
    }
    out.push_str(&format!("\n{END}\n"));
    out
}

#[cfg(test)]
mod tests;
