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

mod refusal;

pub use refusal::Refusal;

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
    http::lang::TerminalLang,
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
        lang: TerminalLang,
    ) -> impl Fn(&Certificate, &str) -> Result<(), String> + Send + Sync + 'a {
        move |certificate, text| {
            let taken = certificate::body(text)
                .ok_or(Refusal::TooLarge)
                .and_then(|body| self.check(certificate, item, person).map(|()| body));
            let body = taken.map_err(|refusal| refusal.text(lang))?;
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
    ) -> Result<(), Refusal> {
        self.addressed(certificate, item)?;
        if certificate.key != person.key {
            return Err(match person.custody_self {
                true => Refusal::OtherKey(person.key),
                false => Refusal::KeptKey,
            });
        }
        if person.expired() {
            return Err(Refusal::Expired);
        }
        let now = self.0.started.elapsed().as_secs();
        self.0.take(&certificate.nonce, item, now)
    }

    /// Whether the address that was pushed to is one of this node's, for this repository.
    fn addressed(&self, certificate: &Certificate, item: &StatementId) -> Result<(), Refusal> {
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
            let ours = ours.into_iter().collect();
            return Err(Refusal::OtherNode(certificate.pushee.clone(), ours));
        }
        let named = |handle: &_, slug: &_| state.catalogue().by_name(handle, slug) == Some(*item);
        if !certificate.names(named) {
            return Err(Refusal::OtherRepository(certificate.pushee.clone()));
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
    fn take(&self, nonce: &str, item: &StatementId, now: u64) -> Result<(), Refusal> {
        let mut parts = nonce.splitn(3, '-');
        let seconds = parts.next().and_then(|s| s.parse::<u64>().ok());
        let random = parts
            .next()
            .and_then(|r| HEXLOWER.decode(r.as_bytes()).ok());
        let random = random.and_then(|r| <[u8; 8]>::try_from(r).ok());
        let (Some(seconds), Some(random)) = (seconds, random) else {
            return Err(Refusal::NotOurs);
        };
        // Compared in constant time: who guesses a MAC learns nothing from how long the answer takes.
        let right = self.written(item, seconds, &random);
        let pairs = nonce.bytes().zip(right.bytes());
        let same = nonce.len() == right.len() && pairs.fold(0, |d, (a, b)| d | (a ^ b)) == 0;
        if !same {
            return Err(Refusal::NotOurs);
        }
        if now.saturating_sub(seconds) > WINDOW {
            return Err(Refusal::Late);
        }
        let mut used = self
            .used
            .lock()
            .expect("a thread that panics ends the process");
        *used = used.split_off(&(now.saturating_sub(WINDOW), [0; 8]));
        if used.len() >= MAX_USED {
            return Err(Refusal::TooMany);
        }
        if !used.insert((seconds, random)) {
            return Err(Refusal::Used);
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
