//! Signed pushes: the nonces that this node hands out, and what it takes of a certificate.
//!
//! Git verifies nothing of a certificate. [`commun_specs::certificate`] has checked its form and signature before it
//! comes here; here it is decided whether the nonce is ours, fresh and unused, whether the person pushed to an address
//! of ours for this very repository, and whether the key is the one that is enrolled for who is logged in. All of it
//! before an object is stored.
//!
//! A nonce is `<seconds since the node started>-<8 random bytes>-<MAC>`. The key of the MAC is drawn at each start and
//! never written: after a restart no nonce of before is ours, so what was used before needs not be remembered, and no
//! stopped or changed clock makes an old one fresh. Who had begun to push pushes again.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Instant,
};

use commun_specs::{
    certificate::{self, Certificate, Pushee},
    id::StatementId,
};
use data_encoding::HEXLOWER;

use crate::{
    core::{Core, Person},
    pushes::Flying,
};

/// How long a nonce may be signed, in seconds: between the two requests of a push the client signs, and asks for a
/// passphrase perhaps.
const WINDOW: u64 = 300;
/// Nonces used within the window that are remembered. Two hundred signed pushes a second for five minutes; beyond, the
/// next ones are asked to come back.
const MAX_USED: usize = 65_536;
/// Bytes of a nonce's MAC: 128 bits, guessed online only.
const MAC_BYTES: usize = 16;

/// The node's side of signed pushes. Cheap to clone.
#[derive(Clone)]
pub struct Certificates(Arc<Inner>);

struct Inner {
    core: Core,
    /// Addresses of this node besides those that its enrolment states.
    addresses: Vec<String>,
    key: [u8; 32],
    started: Instant,
    used: Mutex<BTreeSet<(u64, [u8; 8])>>,
}

impl Certificates {
    /// `addresses`: where this node is reached, `scheme://host[:port][/prefix]`.
    pub fn new(core: Core, addresses: Vec<String>) -> Self {
        Self(Arc::new(Inner {
            core,
            addresses: addresses.iter().map(|a| plain(a)).collect(),
            key: rand::random(),
            started: Instant::now(),
            used: Mutex::default(),
        }))
    }

    /// A nonce for a push to a repository.
    pub fn nonce(&self, item: &StatementId) -> String {
        self.0.nonce(item, self.0.started.elapsed().as_secs())
    }

    /// Who decides about the certificate of a push: if it is taken, it goes into the statement's body.
    pub fn judge<'a>(
        &'a self,
        flying: &'a Flying,
        item: &'a StatementId,
        person: &'a Person,
    ) -> impl Fn(&Certificate, &str) -> Result<(), String> + Send + Sync + 'a {
        move |certificate, text| {
            let body = certificate::body(text).ok_or(
                "the push certificate is larger than a statement takes (256 KiB); push fewer refs at once, or with --no-signed",
            )?;
            self.check(certificate, item, person)?;
            flying.put_body(body);
            Ok(())
        }
    }

    /// Whether a certificate stands for a push of this person to this repository, here and now.
    fn check(
        &self,
        certificate: &Certificate,
        item: &StatementId,
        person: &Person,
    ) -> Result<(), String> {
        self.addressed(certificate, item)?;
        if certificate.key != person.key {
            return Err(if person.custody_self {
                format!(
                    "the push is signed with another key than the one that is enrolled for you ({}); set user.signingKey to that one, or push with --no-signed",
                    person.key
                )
            } else {
                "the push is signed with your own key, but this node keeps the one that is enrolled for you; have your own enrolled (commun person), or push with --no-signed".to_owned()
            });
        }
        if person.expired() {
            return Err("your enrolment is past its date; ask your administrator".to_owned());
        }
        self.0
            .take(&certificate.nonce, item, self.0.started.elapsed().as_secs())
    }

    /// Whether the address that was pushed to is one of this node's, for this repository.
    fn addressed(&self, certificate: &Certificate, item: &StatementId) -> Result<(), String> {
        let me = self.0.core.identity();
        let state = self.0.core.state();
        let enrolled = state.catalogue().enrolments(&me.handle);
        let own = enrolled.node(&me.node.public());
        let stated = own.into_iter().flat_map(|node| &node.urls);
        let ours: BTreeSet<String> = stated
            .map(|url| plain(url))
            .chain(self.0.addresses.iter().cloned())
            .collect();
        let to = Pushee::read(&certificate.pushee);
        let here = to
            .as_ref()
            .is_some_and(|to| ours.contains(&plain(&to.base())));
        if !here {
            let ours: Vec<String> = ours.into_iter().collect();
            return Err(format!(
                "the certificate is for another node ({}); this one is {}: push to that address, or with --no-signed",
                certificate.pushee,
                ours.join(" or ")
            ));
        }
        let named = |handle: &_, slug: &_| state.catalogue().by_name(handle, slug) == Some(*item);
        if !certificate.names(named) {
            return Err(format!(
                "the certificate is for another repository: {}",
                certificate.pushee
            ));
        }
        Ok(())
    }
}

impl Inner {
    fn nonce(&self, item: &StatementId, seconds: u64) -> String {
        let random: [u8; 8] = rand::random();
        self.written(item, seconds, &random)
    }

    fn written(&self, item: &StatementId, seconds: u64, random: &[u8; 8]) -> String {
        let mut said = b"commun push nonce\n".to_vec();
        said.extend_from_slice(&item.0);
        said.extend_from_slice(&seconds.to_be_bytes());
        said.extend_from_slice(random);
        let mac = blake3::keyed_hash(&self.key, &said);
        format!(
            "{seconds}-{}-{}",
            HEXLOWER.encode(random),
            HEXLOWER.encode(&mac.as_bytes()[..MAC_BYTES])
        )
    }

    /// Uses a nonce up.
    fn take(&self, nonce: &str, item: &StatementId, now: u64) -> Result<(), String> {
        let again = "push again";
        let not_ours =
            || format!("this node gave out no such nonce (it may have started anew); {again}");
        let mut parts = nonce.splitn(3, '-');
        let seconds: u64 = parts
            .next()
            .and_then(|s| s.parse().ok())
            .ok_or_else(not_ours)?;
        let random: [u8; 8] = parts
            .next()
            .and_then(|r| HEXLOWER.decode(r.as_bytes()).ok()?.try_into().ok())
            .ok_or_else(not_ours)?;
        // Compared in constant time: who guesses a MAC learns nothing from how long the answer takes.
        let right = self.written(item, seconds, &random);
        let same = nonce.len() == right.len()
            && nonce
                .bytes()
                .zip(right.bytes())
                .fold(0, |d, (a, b)| d | (a ^ b))
                == 0;
        if !same {
            return Err(not_ours());
        }
        if now.saturating_sub(seconds) > WINDOW {
            return Err(format!(
                "the push was signed more than {WINDOW} seconds after it began; {again}"
            ));
        }
        let mut used = self
            .used
            .lock()
            .expect("a thread that panics ends the process");
        let oldest = now.saturating_sub(WINDOW);
        *used = used.split_off(&(oldest, [0; 8]));
        if used.len() >= MAX_USED {
            return Err("too many signed pushes in five minutes; push again later".to_owned());
        }
        if !used.insert((seconds, random)) {
            return Err(format!(
                "this certificate was used before, and serves once only; {again}"
            ));
        }
        Ok(())
    }
}

/// An address without what makes no difference: upper case, a slash at its end, a user's name, the port that its scheme
/// has anyway.
fn plain(address: &str) -> String {
    let address = address.trim_end_matches('/').to_ascii_lowercase();
    for (scheme, port) in [("https://", ":443"), ("http://", ":80"), ("ssh://", ":22")] {
        if let Some(rest) = address.strip_prefix(scheme) {
            let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
            // Over SSH everybody is `git`; Git leaves that out of what it signs.
            let authority = authority
                .rsplit_once('@')
                .map_or(authority, |(_, host)| host);
            let authority = authority.strip_suffix(port).unwrap_or(authority);
            let slash = if path.is_empty() { "" } else { "/" };
            return format!("{scheme}{authority}{slash}{path}");
        }
    }
    address
}

#[cfg(test)]
mod tests;
