//! Two histories of one log: what freezes it, and how the evidence spreads (R-06-40 to R-06-43).

use super::{
    super::{Evidence, Message, Millis, Offence, Output},
    Sync,
    exchange::Ask,
};
use crate::{key::PublicKey, name::Handle};

const IS_EVIDENCE: fn(&Ask) -> bool = |ask| matches!(ask, Ask::Evidence(..));

impl Sync {
    pub(super) fn answer_evidence(&self, peer: PublicKey, handle: &Handle, out: &mut Vec<Output>) {
        if let Some(evidence) = self.logs.get(handle).and_then(|l| l.frozen.clone()) {
            out.push(Output::Send {
                peer,
                message: Message::Evidence(evidence),
            });
        }
    }

    pub(super) fn got_evidence(
        &mut self,
        now: Millis,
        peer: PublicKey,
        evidence: Evidence,
        out: &mut Vec<Output>,
    ) {
        let (handle, epoch) = evidence.log();
        let Some(log) = self.logs.get(handle).filter(|l| l.epoch() == epoch) else {
            self.answered(&peer, false, IS_EVIDENCE);
            return;
        };
        if matches!(evidence, Evidence::Successions { .. }) {
            // Proved by the successions themselves, which are exchanged as such.
            self.answered(&peer, false, IS_EVIDENCE);
            return;
        }
        if !evidence.proves(&log.origin(), &log.writer()) {
            self.answered(&peer, false, IS_EVIDENCE);
            // Where two successions of the epoch stand, the peer may hold another one's writer for the right one.
            if !self
                .logs
                .get(handle)
                .is_some_and(|l| l.successions.forked())
            {
                self.blame(now, peer, Offence::Signature, out);
            }
            return;
        }
        let news = self.freeze(now, evidence, out);
        self.answered(&peer, news, IS_EVIDENCE);
    }

    /// The store compared an older checkpoint with the log.
    pub(super) fn found(&mut self, now: Millis, evidence: Evidence, out: &mut Vec<Output>) {
        let log = self.logs.get(evidence.log().0);
        if log.is_some_and(|l| {
            l.epoch() == evidence.log().1 && evidence.proves(&l.origin(), &l.writer())
        }) {
            self.freeze(now, evidence, out);
        }
    }

    /// Freezes a log; of several pieces of evidence one stays, the same on every node (R-06-42).
    pub(super) fn freeze(
        &mut self,
        now: Millis,
        evidence: Evidence,
        out: &mut Vec<Output>,
    ) -> bool {
        let handle = evidence.log().0.clone();
        let Some(log) = self.logs.get_mut(&handle) else {
            return false;
        };
        if log
            .frozen
            .as_ref()
            .is_some_and(|old| old.rank() <= evidence.rank())
        {
            return false;
        }
        log.frozen = Some(evidence.clone());
        if let Some(running) = log.fetch.take() {
            out.push(Output::CancelFetch { id: running.id });
        }
        out.push(Output::Freeze {
            handle,
            evidence: evidence.clone(),
        });
        for peer in self.audience(now) {
            let message = Message::Evidence(evidence.clone());
            out.push(Output::Send { peer, message });
        }
        self.tell_all(now);
        true
    }
}
