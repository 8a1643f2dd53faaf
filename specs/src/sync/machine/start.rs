//! When this node may sign its own log: never before it knows how long others say that it is (FORMATS 3).

use std::collections::BTreeSet;

use super::{
    super::{Hello, Millis, Output, limits},
    Sync,
};
use crate::{key::PublicKey, name::Handle};

/// What is known since the start.
#[derive(Debug, Default)]
pub(super) struct Start {
    at: Option<Millis>,
    answered: BTreeSet<Handle>,
    signing: bool,
    /// Enough others have answered since this start. Who joins later knows no more than this node told them.
    asked: bool,
}

impl Start {
    pub(super) fn begin(&mut self, now: Millis) {
        self.at.get_or_insert(now);
    }

    pub(super) fn signing(&self) -> bool {
        self.signing
    }
}

impl Sync {
    /// A `Hello` that answers this start's number counts, once what it says of the own log can be judged:
    /// a longer epoch is fetched first.
    pub(super) fn count_answer(&mut self, peer: &PublicKey, hello: &Hello) {
        // One that knows a newer charter knows who can be asked better than this node does.
        if hello.echo != Some(self.nonce) || hello.charter > self.chain.head().0.number {
            return;
        }
        let own = &self.config.institution;
        let epoch = self.logs.get(own).map(super::log::Log::epoch);
        let said = hello.logs.iter().find(|s| s.handle == *own);
        if said.is_some_and(|s| Some(s.epoch) > epoch) {
            return;
        }
        if let Some(handle) = self.institution_of(peer)
            && handle != *own
            && self.chain.head().0.institution(&handle).is_some()
        {
            self.start.answered.insert(handle);
        }
    }

    /// Why this node may not sign now; `None` if it may.
    pub fn obstacle(&self, now: Millis) -> Option<&'static str> {
        let own = &self.config.institution;
        let institutions = self.institutions();
        let Some(log) = self.logs.get(own) else {
            return Some("no succession names a writer");
        };
        if !institutions.contains(own) {
            return Some("the institution is not in the charter");
        }
        if log.writer() != self.config.node {
            return Some("another node writes the log");
        }
        if log.frozen.is_some() {
            return Some("the log is frozen");
        }
        if self.cap(own).is_some() {
            return Some("an amendment ended the log; a succession must open the next epoch");
        }
        if log.size < log.heard_size() {
            return Some("others know a longer log; it is fetched first");
        }
        let answered = self.start.answered.iter();
        let answered = answered.filter(|h| institutions.contains(h)).count();
        let waited = self
            .start
            .at
            .is_some_and(|at| now >= at + limits::START_WAIT);
        let enough = self.start.asked
            || self.chain.head().0.is_majority(answered + 1)
            || (waited && (answered > 0 || self.config.alone));
        if enough {
            None
        } else if waited {
            Some("no other institution can be asked how long the log is (see --alone)")
        } else {
            Some("the other institutions are asked how long the log is")
        }
    }

    pub(super) fn start_due(&mut self, now: Millis, out: &mut Vec<Output>) {
        let may = self.obstacle(now).is_none();
        if may != self.start.signing {
            self.start.signing = may;
            self.start.asked |= may;
            out.push(if may {
                Output::MaySign
            } else {
                Output::MustNotSign
            });
        }
    }
}
