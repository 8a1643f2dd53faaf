//! Amendments and drafts of the next one: verified here, before anything follows from them.

use std::collections::BTreeMap;

use super::{
    super::{Digest, Message, Millis, Offence, Output, limits},
    Sync,
    exchange::Ask,
};
use crate::{
    charter::{self, Amendment},
    envelope::Envelope,
    id::{CharterId, ListHash, sha256},
    key::PublicKey,
    name::Handle,
};

/// Drafts of the next amendment that at least one institution signed.
#[derive(Debug, Default)]
pub(super) struct Drafts {
    all: BTreeMap<CharterId, (Amendment, Envelope)>,
    digest: Option<Digest>,
}

impl Drafts {
    /// Names the drafts with their signatures; `None` if there are none.
    pub(super) fn digest(&self) -> Option<Digest> {
        self.digest
    }

    /// The drafts changed.
    fn renew(&mut self) {
        let all: Vec<[u8; 32]> = self
            .all
            .values()
            .map(|(_, e)| sha256(&[&e.to_bytes()]))
            .collect();
        let all: Vec<&[u8]> = all.iter().map(|h| &h[..]).collect();
        self.digest = (!all.is_empty()).then(|| ListHash(sha256(&all)));
    }

    /// The envelopes.
    pub(super) fn envelopes(&self) -> impl Iterator<Item = Vec<u8>> + '_ {
        self.all.values().map(|(_, e)| e.to_bytes())
    }
}

impl Sync {
    pub(super) fn blame_some(
        &mut self,
        now: Millis,
        peer: Option<PublicKey>,
        offence: Offence,
        out: &mut Vec<Output>,
    ) {
        if let Some(peer) = peer {
            self.blame(now, peer, offence, out);
        }
    }

    /// Adds an amendment. Says whether anything is new.
    pub(super) fn take_charter(
        &mut self,
        now: Millis,
        peer: Option<PublicKey>,
        bytes: &[u8],
        out: &mut Vec<Output>,
    ) -> bool {
        let known = self.chain.forks().count();
        match self.chain.add(bytes) {
            Ok(charter::Added::New(_)) => {
                out.push(Output::AddCharter {
                    envelope: bytes.to_vec(),
                });
                self.charter_grew(now, out);
                true
            }
            Ok(charter::Added::Fork(_)) if self.chain.forks().count() > known => {
                out.push(Output::AddCharter {
                    envelope: bytes.to_vec(),
                });
                self.tell_all(now);
                true
            }
            Ok(_) | Err(charter::Error::Unlinked(_) | charter::Error::NoMajority { .. }) => false,
            Err(_) => {
                self.blame_some(now, peer, Offence::Signature, out);
                false
            }
        }
    }

    fn charter_grew(&mut self, now: Millis, out: &mut Vec<Output>) {
        let number = self.chain.head().0.number;
        self.drafts.all.retain(|_, (a, _)| a.number > number);
        self.drafts.renew();
        self.settle_forks(out);
        let capped: Vec<Handle> = self.logs.keys().cloned().collect();
        for handle in capped {
            self.enforce_cap(&handle, out);
        }
        self.tell_all(now);
        self.reread_all(now, out);
    }

    pub(super) fn answer_charter(&self, peer: PublicKey, from: u64, out: &mut Vec<Output>) {
        if from > self.chain.head().0.number {
            return;
        }
        // A second successor of the number asked for is evidence that the asker lacks.
        let forks = self.chain.forks().map(|(_, e)| e.to_bytes());
        let list = pack(self.chain.envelopes(from).chain(forks));
        out.push(Output::Send {
            peer,
            message: Message::Charter(list),
        });
    }

    pub(super) fn got_charter(
        &mut self,
        now: Millis,
        peer: PublicKey,
        list: &[String],
        out: &mut Vec<Output>,
    ) {
        let mut news = false;
        for envelope in list.iter().take(limits::MAX_ENVELOPES) {
            news |= self.take_charter(now, Some(peer), envelope.as_bytes(), out);
        }
        self.answered(&peer, news, |ask| matches!(ask, Ask::Charter(..)));
    }

    /// Takes back a draft that was verified before it was stored.
    pub(super) fn restore_draft(&mut self, bytes: &[u8]) {
        if let Ok((amendment, envelope)) = Amendment::open(bytes)
            && self.chain.check_draft(&amendment).is_ok()
        {
            let id = Amendment::id_of(envelope.payload());
            self.drafts.all.insert(id, (amendment, envelope));
            self.drafts.renew();
        }
    }

    /// Adds a draft or signatures to it; with enough of them it becomes the next amendment (R-06-21).
    pub(super) fn take_draft(
        &mut self,
        now: Millis,
        peer: Option<PublicKey>,
        bytes: &[u8],
        out: &mut Vec<Output>,
    ) -> bool {
        let Ok((amendment, envelope)) = Amendment::open(bytes) else {
            self.blame_some(now, peer, Offence::Signature, out);
            return false;
        };
        match self.chain.check_draft(&amendment) {
            Ok(()) => {}
            Err(charter::Error::Unlinked(_)) => return false,
            Err(_) => {
                self.blame_some(now, peer, Offence::Form, out);
                return false;
            }
        }
        let head = self.chain.head().0;
        if head.signed(&envelope) == 0 && !self.signed_by_member(&envelope) {
            self.blame_some(now, peer, Offence::Signature, out);
            return false;
        }
        let id = Amendment::id_of(envelope.payload());
        let room = self.room_for(&envelope);
        let merged = match self.drafts.all.get_mut(&id) {
            Some((_, known)) => {
                let before = known.to_bytes();
                known.merge(&envelope);
                (known.to_bytes() != before).then(|| known.clone())
            }
            None if room => {
                self.drafts.all.insert(id, (amendment, envelope.clone()));
                Some(envelope)
            }
            None => None,
        };
        let Some(merged) = merged else {
            return false;
        };
        self.drafts.renew();
        let bytes = merged.to_bytes();
        let head = self.chain.head().0;
        if head.is_majority(head.signed(&merged)) && self.take_charter(now, None, &bytes, out) {
            return true;
        }
        out.push(Output::StoreDraft { envelope: bytes });
        self.tell_all(now);
        true
    }

    /// A key of an institution signed, though not yet as many as its threshold asks for.
    fn signed_by_member(&self, envelope: &Envelope) -> bool {
        let members = &self.chain.head().0.institutions;
        members.iter().any(|i| envelope.reaches(&i.keys, 1))
    }

    /// Whether one of those who signed has a draft left to back.
    fn room_for(&self, envelope: &Envelope) -> bool {
        let members = &self.chain.head().0.institutions;
        let backs = |e: &Envelope, keys: &[PublicKey]| e.reaches(keys, 1);
        self.drafts.all.len() < limits::MAX_DRAFTS
            && members
                .iter()
                .filter(|i| backs(envelope, &i.keys))
                .any(|i| {
                    let all = self.drafts.all.values();
                    all.filter(|(_, e)| backs(e, &i.keys)).count() < limits::MAX_DRAFTS_OF_ONE
                })
    }

    pub(super) fn answer_drafts(&self, peer: PublicKey, out: &mut Vec<Output>) {
        let list = pack(self.drafts.envelopes());
        if !list.is_empty() {
            out.push(Output::Send {
                peer,
                message: Message::Drafts(list),
            });
        }
    }

    pub(super) fn got_drafts(
        &mut self,
        now: Millis,
        peer: PublicKey,
        list: &[String],
        out: &mut Vec<Output>,
    ) {
        let mut news = false;
        for envelope in list.iter().take(limits::MAX_ENVELOPES) {
            news |= self.take_draft(now, Some(peer), envelope.as_bytes(), out);
        }
        self.answered(&peer, news, |ask| matches!(ask, Ask::Drafts(..)));
    }
}

/// As many envelopes as fit in one answer, as text.
pub(super) fn pack(envelopes: impl Iterator<Item = Vec<u8>>) -> Vec<String> {
    let mut bytes = 0;
    envelopes
        .filter_map(|e| String::from_utf8(e).ok())
        .take(limits::MAX_ENVELOPES)
        .take_while(|e| {
            let first = bytes == 0;
            bytes += e.len();
            first || bytes <= limits::MAX_ANSWER
        })
        .collect()
}
