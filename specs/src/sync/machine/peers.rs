//! Who is connected, who is dialled when, who is heard.

use std::collections::BTreeSet;

use super::{
    super::{Hello, Member, Millis, Offence, Output, limits},
    Sync,
    exchange::Ask,
};
use crate::{key::PublicKey, name::Handle};

/// A node that is a member, is connected, or both.
#[derive(Debug, Default)]
pub(super) struct Peer {
    pub(super) member: bool,
    pub(super) institution: Option<Handle>,
    pub(super) addrs: Vec<String>,
    pub(super) link: Link,
    /// Of the connection: what was said on it.
    pub(super) talk: Talk,
    failures: u32,
    next_dial: Millis,
    offences: u32,
    silent_until: Millis,
    tokens: u64,
    tokens_at: Millis,
}

/// How a peer is connected.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Link {
    #[default]
    None,
    Dialling {
        since: Millis,
    },
    Up {
        since: Millis,
    },
}

/// What was said on a connection; forgotten with it.
#[derive(Debug, Default)]
pub(super) struct Talk {
    /// What the peer holds, as it said last.
    pub(super) hello: Option<Hello>,
    /// When a `Hello` was sent last.
    pub(super) told: Option<Millis>,
    /// When the next one is due.
    pub(super) due: Millis,
    /// The peer has heard this start's number.
    pub(super) echoed: bool,
    /// What was asked and is not answered yet, and until when that is waited for.
    pub(super) ask: Option<(Ask, Millis)>,
    /// What was asked since the last `Hello` and gave nothing new.
    pub(super) barren: BTreeSet<Ask>,
}

impl Peer {
    pub(super) fn up(&self) -> bool {
        matches!(self.link, Link::Up { .. })
    }

    pub(super) fn offences(&self) -> u32 {
        self.offences
    }

    pub(super) fn silent(&self, now: Millis) -> bool {
        now < self.silent_until
    }
}

impl Sync {
    pub(super) fn set_members(&mut self, members: Vec<Member>) {
        for p in self.peers.values_mut() {
            (p.member, p.institution) = (false, None);
            p.addrs.clear();
        }
        for m in members {
            if m.node == self.config.node {
                continue;
            }
            let p = self.peers.entry(m.node).or_default();
            p.member = true;
            p.institution = p.institution.take().or(m.institution);
            for a in m.addrs {
                if !p.addrs.contains(&a) {
                    p.addrs.push(a);
                }
            }
        }
        self.peers.retain(|_, p| p.member || p.up());
    }

    /// Whose node a peer is: what an enrolment says, or else a succession.
    pub(super) fn institution_of(&self, peer: &PublicKey) -> Option<Handle> {
        if let Some(handle) = self.peers.get(peer).and_then(|p| p.institution.clone()) {
            return Some(handle);
        }
        let written = self.logs.iter().find(|(_, log)| log.writer() == *peer);
        written.map(|(handle, _)| handle.clone())
    }

    /// Whether messages of a peer count: it is a member's node and does not do penance (R-06-02).
    pub(super) fn heard(&self, now: Millis, peer: &PublicKey) -> bool {
        let Some(p) = self.peers.get(peer).filter(|p| p.up() && !p.silent(now)) else {
            return false;
        };
        p.member
            || self.logs.iter().any(|(handle, log)| {
                log.writer() == *peer && self.chain.head().0.institution(handle).is_some()
            })
    }

    /// All that are connected and heard.
    pub(super) fn audience(&self, now: Millis) -> Vec<PublicKey> {
        let all = self.peers.keys().copied();
        all.filter(|p| self.heard(now, p)).collect()
    }

    pub(super) fn connected(&mut self, now: Millis, peer: PublicKey, out: &mut Vec<Output>) {
        if peer == self.config.node {
            out.push(Output::Close { peer });
            return;
        }
        let strangers = self.peers.values().filter(|p| p.up() && !p.member).count();
        let known = self.peers.contains_key(&peer);
        if !known && strangers >= limits::MAX_STRANGERS {
            out.push(Output::Close { peer });
            return;
        }
        let p = self.peers.entry(peer).or_default();
        p.link = Link::Up { since: now };
        p.failures = 0;
        p.talk = Talk {
            due: now,
            ..Talk::default()
        };
        (p.tokens, p.tokens_at) = (limits::MESSAGES_BURST * 1_000, now);
        for log in self.logs.values_mut() {
            log.forgive(&peer);
        }
    }

    pub(super) fn disconnected(&mut self, now: Millis, peer: PublicKey, out: &mut Vec<Output>) {
        let Some(p) = self.peers.get_mut(&peer) else {
            return;
        };
        p.link = Link::None;
        p.talk = Talk::default();
        p.failures = 1;
        p.next_dial = now
            + self
                .random
                .backoff(limits::DIAL_FIRST, limits::DIAL_LAST, 1);
        if !p.member {
            self.peers.remove(&peer);
        }
        self.forget_claims(now, &peer, out);
    }

    pub(super) fn dial_failed(&mut self, now: Millis, peer: PublicKey) {
        if let Some(p) = self.peers.get_mut(&peer)
            && !p.up()
        {
            p.failures = p.failures.saturating_add(1);
            p.link = Link::None;
            p.next_dial = now
                + self
                    .random
                    .backoff(limits::DIAL_FIRST, limits::DIAL_LAST, p.failures);
        }
    }

    pub(super) fn dial_due(&mut self, now: Millis, out: &mut Vec<Output>) {
        let lost: Vec<PublicKey> = self
            .peers
            .iter()
            .filter(|(_, p)| matches!(p.link, Link::Dialling { since } if now >= since + limits::DIAL_TIMEOUT))
            .map(|(k, _)| *k)
            .collect();
        for peer in lost {
            self.dial_failed(now, peer);
        }
        let links = self.peers.values().filter(|p| p.link != Link::None).count();
        // The longest unsuccessful last: a dead address never takes the place of a living one.
        let mut due: Vec<(u32, PublicKey)> = self
            .peers
            .iter()
            .filter(|(_, p)| {
                p.member && p.link == Link::None && !p.addrs.is_empty() && p.next_dial <= now
            })
            .map(|(k, p)| (p.failures, *k))
            .collect();
        due.sort_unstable();
        for (_, peer) in due
            .into_iter()
            .take(limits::MAX_LINKS.saturating_sub(links))
        {
            let p = self.peers.entry(peer).or_default();
            p.link = Link::Dialling { since: now };
            let addrs = p.addrs.clone();
            out.push(Output::Dial { peer, addrs });
        }
    }

    /// One message more of a peer; false if that is too many.
    pub(super) fn take_token(&mut self, now: Millis, peer: &PublicKey) -> bool {
        let Some(p) = self.peers.get_mut(peer) else {
            return false;
        };
        let gained = (now - p.tokens_at).saturating_mul(limits::MESSAGES_PER_SECOND);
        p.tokens = (p.tokens.saturating_add(gained)).min(limits::MESSAGES_BURST * 1_000);
        p.tokens_at = now;
        match p.tokens.checked_sub(1_000) {
            Some(rest) => {
                p.tokens = rest;
                true
            }
            None => false,
        }
    }

    /// Counts an offence; after some, the peer is not heard for a while (R-06-61).
    pub(super) fn blame(
        &mut self,
        now: Millis,
        peer: PublicKey,
        offence: Offence,
        out: &mut Vec<Output>,
    ) {
        out.push(Output::Count { peer, offence });
        let Some(p) = self.peers.get_mut(&peer) else {
            return;
        };
        p.offences += 1;
        if p.offences >= limits::MAX_OFFENCES {
            p.offences = 0;
            p.silent_until = now + limits::PENANCE;
            p.talk.hello = None;
            p.talk.ask = None;
            self.forget_claims(now, &peer, out);
        }
    }
}
