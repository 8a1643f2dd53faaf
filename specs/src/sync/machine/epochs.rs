//! Successions: who writes from where on, and what is dropped because of it (R-06-22).

use std::collections::BTreeSet;

use super::{
    super::{Evidence, Message, Millis, Offence, Output, limits},
    Sync,
    charter::pack,
    exchange::Ask,
    log::Log,
};
use crate::{
    envelope::{Envelope, PayloadType},
    id::{SuccessionId, sha256},
    key::PublicKey,
    name::Handle,
    succession::{self, Succession, Successions},
    tree,
};

impl Sync {
    /// Where a charter ends a log: nothing behind it is held (FORMATS 3, `cuts`).
    pub(super) fn cap(&self, handle: &Handle) -> Option<u64> {
        let (_, cut) = self.chain.last_cut(handle)?;
        let log = self.logs.get(handle)?;
        (log.epoch() <= cut.epoch).then_some(cut.size)
    }

    pub(super) fn enforce_cap(&mut self, handle: &Handle, out: &mut Vec<Output>) {
        if let Some(cap) = self.cap(handle)
            && self.logs.get(handle).is_some_and(|l| l.size > cap)
        {
            self.cut_to(handle, cap, out);
        }
    }

    /// Drops leaves. What was known of longer trees goes with them.
    pub(super) fn cut_to(&mut self, handle: &Handle, size: u64, out: &mut Vec<Output>) {
        let Some(log) = self.logs.get_mut(handle) else {
            return;
        };
        if let Some(running) = log.fetch.take() {
            out.push(Output::CancelFetch { id: running.id });
        }
        log.complete = log.complete.take().filter(|s| s.checkpoint.size <= size);
        log.covering = None;
        log.size = log.size.min(size);
        out.push(Output::Truncate {
            handle: handle.clone(),
            size,
        });
    }

    pub(super) fn answer_successions(
        &self,
        peer: PublicKey,
        handle: &Handle,
        from: u64,
        out: &mut Vec<Output>,
    ) {
        let Some(log) = self.logs.get(handle) else {
            return;
        };
        // One for each epoch, then second ones: those of earlier epochs are left out.
        let known = usize::try_from(from).unwrap_or(usize::MAX);
        let list = pack(log.successions.envelopes().skip(known));
        out.push(Output::Send {
            peer,
            message: Message::Successions(list),
        });
    }

    pub(super) fn got_successions(
        &mut self,
        now: Millis,
        peer: PublicKey,
        list: &[String],
        out: &mut Vec<Output>,
    ) {
        let mut news = false;
        for envelope in list.iter().take(limits::MAX_ENVELOPES) {
            news |= self.take_succession(now, Some(peer), envelope.as_bytes(), out);
        }
        self.answered(&peer, news, |ask| matches!(ask, Ask::Successions(..)));
    }

    /// The successions that amendments named: others of their epochs are void.
    fn named(&self) -> BTreeSet<SuccessionId> {
        let head = self.chain.head().0.number;
        (0..=head)
            .filter_map(|n| self.chain.get(n))
            .flat_map(|(a, _)| a.successions.iter().copied())
            .collect()
    }

    /// Adds a succession (R-06-22). Says whether anything is new.
    pub(super) fn take_succession(
        &mut self,
        now: Millis,
        peer: Option<PublicKey>,
        bytes: &[u8],
        out: &mut Vec<Output>,
    ) -> bool {
        let read = Envelope::read(PayloadType::Succession, bytes);
        if let Ok(id) = read.map(|e| SuccessionId(sha256(&[e.payload()])))
            && self.logs.values().any(|l| l.knows(&id))
        {
            return false;
        }
        let Ok((succession, envelope)) = Succession::open(bytes) else {
            self.blame_some(now, peer, Offence::Signature, out);
            return false;
        };
        let handle = succession.institution.clone();
        let id = SuccessionId(sha256(&[envelope.payload()]));
        let named = self.named();
        let log = self.logs.get(&handle);
        let mut successions = log.map(|l| l.successions.clone()).unwrap_or_default();
        if !named.contains(&id) && displaced(&successions, succession.epoch, &named) {
            return false;
        }
        let added = match successions.add(&self.chain, bytes) {
            Ok(added) => added,
            // May pass when more of the charter or of the chain before it is here.
            Err(succession::Error::UnknownCharter | succession::Error::Rule(_)) => return false,
            Err(_) => {
                self.blame_some(now, peer, Offence::Signature, out);
                return false;
            }
        };
        if added == succession::Added::Known {
            return false;
        }
        // Every signature holds by now: what is kept as evidence was really signed.
        let below = self.logs.get(&handle).is_some_and(|l| {
            l.cosigned > succession.size && l.epoch() < succession.epoch && l.frozen.is_none()
        });
        if below && !named.contains(&id) {
            let known = self.logs.get_mut(&handle);
            if known.is_some_and(|l| l.refused.insert(id)) {
                let envelope = bytes.to_vec();
                out.push(Output::KeepRefused { handle, envelope });
            }
            return false;
        }
        let envelope = bytes.to_vec();
        out.push(Output::AddSuccession {
            handle: handle.clone(),
            envelope,
        });
        if added == succession::Added::Fork {
            let epoch = succession.epoch;
            if let Some(log) = self.logs.get_mut(&handle) {
                log.set_successions(successions);
            }
            self.freeze(now, Evidence::Successions { handle, epoch }, out);
        } else {
            self.open_epoch(&handle, successions, out);
        }
        self.tell_all(now);
        self.reread_all(now, out);
        true
    }

    /// A new epoch begins: what is held beyond its cut is dropped, what froze the one before is over.
    fn open_epoch(&mut self, handle: &Handle, successions: Successions, out: &mut Vec<Output>) {
        let Some(log) = self.logs.get_mut(handle) else {
            if let Some(log) = Log::new(handle, successions, None) {
                self.logs.insert(handle.clone(), log);
            }
            return;
        };
        if let Some(running) = log.fetch.take() {
            out.push(Output::CancelFetch { id: running.id });
        }
        log.set_successions(successions);
        log.begin_epoch();
        if log.frozen.take().is_some() {
            let handle = handle.clone();
            out.push(Output::Thaw { handle });
        }
        let (cut, root) = log.cut();
        if log.size > cut {
            self.cut_to(handle, cut, out);
        } else if log.size == cut && log.root != root {
            self.cut_to(handle, 0, out);
        }
    }

    /// The store did what [`Output::Truncate`] asked.
    pub(super) fn truncated(
        &mut self,
        handle: &Handle,
        (size, root): super::super::Tip,
        out: &mut Vec<Output>,
    ) {
        let Some(log) = self.logs.get_mut(handle) else {
            return;
        };
        (log.size, log.root) = (size, root);
        let (cut, cut_root) = log.cut();
        if size == cut && root != cut_root {
            // This node followed a branch that the succession gave up: everything is fetched again under it.
            self.cut_to(handle, 0, out);
        }
    }

    /// An amendment may name one of two successions of an epoch: the other one, and what followed it, is void.
    pub(super) fn settle_forks(&mut self, out: &mut Vec<Output>) {
        let named = self.named();
        let forked: Vec<Handle> = self
            .logs
            .iter()
            .filter(|(_, l)| l.successions.forked())
            .map(|(h, _)| h.clone())
            .collect();
        for handle in forked {
            let Some(log) = self.logs.get(&handle) else {
                continue;
            };
            let mut all: Vec<(u64, bool, Vec<u8>)> = log
                .successions
                .envelopes()
                .filter_map(|bytes| {
                    let (s, e) = Succession::open(&bytes).ok()?;
                    let id = SuccessionId(sha256(&[e.payload()]));
                    Some((s.epoch, !named.contains(&id), bytes))
                })
                .collect();
            all.sort();
            let mut settled = Successions::default();
            for (epoch, unnamed, bytes) in all {
                if unnamed && displaced(&settled, epoch, &named) {
                    continue;
                }
                // What followed a void one does not link any more and drops out here.
                let _ = settled.add(&self.chain, &bytes);
            }
            if !settled.forked() && settled.current().is_some() {
                self.open_epoch(&handle, settled, out);
            }
        }
    }

    /// The store and the machine differ about a log's size: it says, and nothing is dropped.
    pub(super) fn look_again(&self, handle: &Handle, out: &mut Vec<Output>) {
        out.push(Output::Truncate {
            handle: handle.clone(),
            size: tree::MAX_SIZE,
        });
    }
}

/// Whether an epoch has a succession that an amendment named.
fn displaced(all: &Successions, epoch: u64, named: &BTreeSet<SuccessionId>) -> bool {
    let standing = all
        .epoch(epoch)
        .map(|s| SuccessionId(sha256(&[&s.to_payload()])));
    standing.is_some_and(|id| named.contains(&id))
}
