//! Witnesses: members that hold what a checkpoint covers say so with a cosignature (R-06-70 to R-06-74).
//!
//! A writer asks; who is asked waits until it holds the leaves, compares the root, and answers. The writer gathers the
//! answers under its own note and shows it to everybody.

use super::{
    super::{Message, Millis, Offence, Output, limits},
    Sync,
};
use crate::{id::sha256, key::PublicKey, name::Handle, note::Note};

impl Sync {
    /// What is due: asking, answering, telling.
    pub(super) fn witness_due(&mut self, now: Millis, out: &mut Vec<Output>) {
        self.ask_witnesses(now, out);
        self.cosign_due(now, out);
        self.tell_witnessed(now, out);
    }

    /// Asks the witnesses of the own log, if it grew since they were asked last (R-06-70).
    fn ask_witnesses(&mut self, now: Millis, out: &mut Vec<Output>) {
        let Some(every) = self.config.cosign_every else {
            return;
        };
        let own = &self.config.institution;
        let Some(log) = self.logs.get(own) else {
            return;
        };
        let due = self.witness.asked.is_none_or(|(at, _)| now >= at + every);
        let asked = self.witness.asked.map_or(0, |(_, size)| size);
        let Some(signed) = log
            .complete
            .as_ref()
            .filter(|_| due && log.writer() == self.config.node && log.frozen.is_none())
        else {
            return;
        };
        let (size, note) = (signed.checkpoint.size, signed.text.clone());
        if size == asked || size == 0 {
            return;
        }
        let peers: Vec<PublicKey> = self
            .witnesses(own)
            .into_iter()
            .map(|(_, key)| key)
            .filter(|key| self.heard(now, key))
            .collect();
        if peers.is_empty() {
            return;
        }
        self.witness.asked = Some((now, size));
        for peer in peers {
            let message = Message::Cosign(note.clone());
            out.push(Output::Send { peer, message });
        }
    }

    /// The institutions that witness a log, with the keys of their writers: chosen by rendezvous, so that nobody
    /// chooses their own.
    fn witnesses(&self, of: &Handle) -> Vec<(Handle, PublicKey)> {
        let mut others: Vec<([u8; 32], &Handle)> = self
            .institutions()
            .into_iter()
            .filter(|h| *h != of)
            .map(|h| {
                let place = sha256(&[of.as_str().as_bytes(), b"\n", h.as_str().as_bytes()]);
                (place, h)
            })
            .collect();
        others.sort();
        others
            .into_iter()
            .take(limits::MAX_WITNESSES)
            .filter_map(|(_, h)| Some((h.clone(), self.logs.get(h)?.writer())))
            .collect()
    }

    /// A writer asks for this institution's cosignature (R-06-71).
    pub(super) fn asked_to_cosign(
        &mut self,
        now: Millis,
        peer: PublicKey,
        text: &str,
        out: &mut Vec<Output>,
    ) {
        let read = Note::read(text.as_bytes()).and_then(|n| Ok((n.claim()?.origin, n)));
        let Ok((origin, note)) = read else {
            return self.blame(now, peer, Offence::Form, out);
        };
        let asks_for_itself = self.logs.get(&origin.handle).is_some_and(|log| {
            log.writer() == peer
                && log.origin() == origin
                && origin.handle != self.config.institution
        });
        let is_writer = self
            .logs
            .get(&self.config.institution)
            .is_some_and(|own| own.writer() == self.config.node);
        if !asks_for_itself || !is_writer {
            // Of another epoch than is known here, or not theirs to ask: the next `hello` shows which.
            return;
        }
        let Some(signed) = self.logs.get(&origin.handle).and_then(|l| l.open(&note)) else {
            return self.blame(now, peer, Offence::Signature, out);
        };
        self.learn(now, &origin.handle, signed.clone(), out);
        if let Some(log) = self.logs.get_mut(&origin.handle)
            && log.frozen.is_none()
        {
            log.to_cosign = Some(signed);
        }
    }

    /// Cosigns what has come in since it was asked for.
    fn cosign_due(&mut self, now: Millis, out: &mut Vec<Output>) {
        for (handle, log) in &mut self.logs {
            let early = log
                .cosigned_at
                .is_some_and(|at| now < at + limits::COSIGN_GAP);
            let held = |size: u64| size <= log.size && size >= log.cosigned;
            if !early
                && log.frozen.is_none()
                && log
                    .to_cosign
                    .as_ref()
                    .is_some_and(|s| held(s.checkpoint.size))
                && let Some(signed) = log.to_cosign.take()
            {
                log.cosigned_at = Some(now);
                out.push(Output::Cosign {
                    handle: handle.clone(),
                    note: signed.text.into_bytes(),
                });
            }
        }
    }

    /// This node has cosigned, and the store knows it: the writer gets the note.
    pub(super) fn cosigned(
        &mut self,
        now: Millis,
        handle: &Handle,
        size: u64,
        note: Vec<u8>,
        out: &mut Vec<Output>,
    ) {
        let Some(log) = self.logs.get_mut(handle) else {
            return;
        };
        log.cosigned = log.cosigned.max(size);
        let (writer, text) = (log.writer(), String::from_utf8(note));
        if let Ok(text) = text
            && self.heard(now, &writer)
        {
            let message = Message::Cosigned(text);
            out.push(Output::Send {
                peer: writer,
                message,
            });
        }
    }

    /// A note with cosignatures came: one more of the own log, or what another writer gathered (R-06-72).
    pub(super) fn got_cosigned(
        &mut self,
        now: Millis,
        peer: PublicKey,
        text: &str,
        out: &mut Vec<Output>,
    ) {
        let read = Note::read(text.as_bytes()).and_then(|n| Ok((n.claim()?, n)));
        let Ok((claim, note)) = read else {
            return self.blame(now, peer, Offence::Form, out);
        };
        let handle = claim.origin.handle.clone();
        let own = handle == self.config.institution;
        let witnesses = self.witnesses(&handle);
        let Some(log) = self
            .logs
            .get(&handle)
            .filter(|l| l.origin() == claim.origin)
        else {
            return;
        };
        let Some(signed) = log.open(&note) else {
            return self.blame(now, peer, Offence::Signature, out);
        };
        if own
            && log
                .complete
                .as_ref()
                .is_none_or(|c| c.checkpoint.size < claim.size)
        {
            // Only what this writer signed and holds.
            return;
        }
        let mut merged = match &log.witnessed {
            Some(w) if w.size > claim.size => return,
            Some(w) if w.size == claim.size => w.note.clone(),
            _ => signed.note.clone(),
        };
        let commons = self.chain.commons();
        let mut news = false;
        for (who, key) in &witnesses {
            let known = merged.cosignature(&commons, who, key).is_some();
            news |= !known && merged.take_cosignature(&note, &commons, who, key);
        }
        if !news {
            return;
        }
        if !own {
            self.learn(now, &handle, signed, out);
        }
        let Some(log) = self.logs.get_mut(&handle) else {
            return;
        };
        log.witnessed = Some(Witnessed {
            size: claim.size,
            note: merged.clone(),
        });
        if own {
            self.witness.untold.get_or_insert(now);
        }
        out.push(Output::StoreWitnessed {
            handle,
            note: merged.to_bytes(),
        });
    }

    /// Shows everybody who witnessed the own log, once the answers have had time to come together (R-06-73).
    fn tell_witnessed(&mut self, now: Millis, out: &mut Vec<Output>) {
        let due = self
            .witness
            .untold
            .is_some_and(|since| now >= since + limits::WITNESSED_SOON);
        if !due {
            return;
        }
        self.witness.untold = None;
        for peer in self.audience(now) {
            self.show_witnessed(peer, out);
        }
    }

    /// Shows one node who witnessed the own log.
    pub(super) fn show_witnessed(&self, peer: PublicKey, out: &mut Vec<Output>) {
        let own = self.logs.get(&self.config.institution);
        if let Some(witnessed) = own.and_then(|log| log.witnessed.as_ref())
            && let Ok(text) = String::from_utf8(witnessed.note.to_bytes())
        {
            let message = Message::Cosigned(text);
            out.push(Output::Send { peer, message });
        }
    }
}

/// The witnesses of the own log, as far as they were asked.
#[derive(Debug, Default)]
pub(super) struct Witness {
    /// When they were asked last, and up to which size.
    asked: Option<(Millis, u64)>,
    /// Since when there are answers that the others have not seen.
    untold: Option<Millis>,
}

/// A note of the current epoch with at least one cosignature.
#[derive(Debug, Clone)]
pub(super) struct Witnessed {
    pub(super) size: u64,
    pub(super) note: Note,
}
