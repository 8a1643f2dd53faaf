//! Checkpoints as they come: by gossip, from peers, from the own log.

use super::{
    super::{Millis, Offence, Output, Verdict, limits},
    Sync,
    log::Signed,
};
use crate::{
    key::PublicKey,
    name::Handle,
    note::{Checkpoint, Note, Origin},
};

impl Sync {
    /// A checkpoint of the current epoch was verified. Says whether it is longer than all before.
    pub(super) fn learn(
        &mut self,
        now: Millis,
        handle: &Handle,
        signed: Signed,
        out: &mut Vec<Output>,
    ) -> bool {
        let Some(log) = self.logs.get_mut(handle) else {
            return false;
        };
        if let Some(evidence) = log.contradiction(&signed) {
            self.freeze(now, evidence, out);
            return false;
        }
        if let Some(request) = log.comparison(&signed) {
            let note = signed.text.into_bytes();
            out.push(Output::Compare { request, note });
            return false;
        }
        let longer = log
            .heard
            .as_ref()
            .is_none_or(|h| signed.checkpoint.size > h.checkpoint.size);
        if longer {
            log.heard = Some(signed);
        }
        longer
    }

    pub(super) fn gossip(
        &mut self,
        now: Millis,
        from: PublicKey,
        id: u64,
        note: &[u8],
        out: &mut Vec<Output>,
    ) {
        let verdict = self.judge_gossip(now, from, note, out);
        out.push(Output::Relay { id, verdict });
    }

    fn judge_gossip(
        &mut self,
        now: Millis,
        from: PublicKey,
        bytes: &[u8],
        out: &mut Vec<Output>,
    ) -> Verdict {
        if !self.heard(now, &from) {
            return Verdict::Ignore;
        }
        if !self.take_token(now, &from) {
            self.blame(now, from, Offence::Flood, out);
            return Verdict::Ignore;
        }
        let read = Note::read(bytes).and_then(|n| Ok((n.claim()?.origin, n)));
        let Ok((origin, note)) = read else {
            self.blame(now, from, Offence::Form, out);
            return Verdict::Reject;
        };
        let Origin {
            commons,
            handle,
            epoch,
        } = origin;
        if commons != self.chain.commons() {
            self.blame(now, from, Offence::Form, out);
            return Verdict::Reject;
        }
        let Some(log) = self.logs.get(&handle).filter(|l| l.epoch() >= epoch) else {
            // A log or epoch that is not known here yet: compare what both sides hold.
            if let Some(p) = self.peers.get_mut(&from) {
                p.talk.due = p.talk.due.min(now + limits::HELLO_SOON);
            }
            return Verdict::Ignore;
        };
        if log.epoch() > epoch || log.successions.forked() {
            return Verdict::Ignore;
        }
        let Some(signed) = log.open(&note) else {
            self.blame(now, from, Offence::Signature, out);
            return Verdict::Reject;
        };
        let (size, writer) = (signed.checkpoint.size, log.writer());
        let source = if self.heard(now, &writer) {
            writer
        } else {
            from
        };
        let longer = self.learn(now, &handle, signed, out);
        if let Some(log) = self.logs.get_mut(&handle)
            && longer
        {
            let claim = log.claims.entry(source).or_default();
            *claim = size.max(*claim);
            return Verdict::Accept;
        }
        Verdict::Ignore
    }

    /// The store is the truth about its own log: the machine follows it, and freezes what contradicts.
    pub(super) fn local_grew(&mut self, now: Millis, bytes: &[u8], out: &mut Vec<Output>) {
        let handle = self.config.institution.clone();
        let Some(log) = self.logs.get_mut(&handle) else {
            return;
        };
        let Ok(note) = Note::read(bytes) else {
            return;
        };
        let Some(signed) = log.open(&note) else {
            let cut = log.cut().0;
            let late = |c: Checkpoint| c.origin.epoch < log.epoch() && c.size > cut;
            if note.claim().is_ok_and(late) {
                // It was signed while the succession that ends its epoch came in.
                self.cut_to(&handle, cut, out);
            }
            return;
        };
        let (size, root) = (signed.checkpoint.size, signed.checkpoint.root);
        if size < log.size || (size == log.size && log.complete.is_some()) {
            return;
        }
        let evidence = log.contradiction(&signed);
        (log.size, log.root) = (size, root);
        log.complete = Some(signed.clone());
        log.covering = Some(signed.clone());
        if log.heard_size() <= size {
            log.heard = Some(signed);
        }
        log.unannounced = true;
        if let Some(evidence) = evidence {
            self.freeze(now, evidence, out);
        }
    }

    /// Announces own growth: at once, in a large commons at most once per second (R-06-13).
    pub(super) fn announce_due(&mut self, now: Millis, out: &mut Vec<Output>) {
        let large = self.logs.len() > limits::LARGE_COMMONS;
        let Some(log) = self.logs.get_mut(&self.config.institution) else {
            return;
        };
        let early = log
            .announced
            .is_some_and(|t| large && now < t + limits::ANNOUNCE_GAP);
        if log.unannounced
            && !early
            && log.frozen.is_none()
            && let Some(signed) = &log.complete
        {
            out.push(Output::Announce {
                note: signed.text.clone().into_bytes(),
            });
            log.unannounced = false;
            log.announced = Some(now);
        }
    }
}
