//! Which range is fetched from whom (R-06-30 to R-06-37).

use super::{
    super::{Fetch, Millis, Output, RangeFault, RangeRequest, Terms, limits},
    Sync,
};
use crate::{key::PublicKey, name::Handle, note::Note};

/// A fetch on its way.
#[derive(Debug, Clone)]
pub(super) struct Running {
    pub(super) id: u64,
    pub(super) peer: PublicKey,
    /// When bytes came last.
    pub(super) moved: Millis,
}

/// Why a peer is not asked for a log just now.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Backoff {
    failures: u32,
    until: Millis,
}

impl Sync {
    pub(super) fn fetch_due(&mut self, now: Millis, out: &mut Vec<Output>) {
        self.asks_due(now, out);
        let handles: Vec<Handle> = self.logs.keys().cloned().collect();
        for handle in &handles {
            let stalled = self.logs.get(handle).and_then(|l| {
                let running = l.fetch.as_ref()?;
                (now >= running.moved + limits::STALL).then_some(running.id)
            });
            if let Some(id) = stalled {
                out.push(Output::CancelFetch { id });
                self.fetch_failed(now, handle);
            }
        }
        let mut running = self.logs.values().filter(|l| l.fetch.is_some()).count();
        for handle in handles {
            if running >= limits::MAX_FETCHES {
                break;
            }
            if let Some(fetch) = self.next_fetch(now, &handle) {
                running += 1;
                out.push(Output::FetchRange(fetch));
            }
        }
    }

    fn load(&self, peer: &PublicKey) -> usize {
        let all = self.logs.values().filter_map(|l| l.fetch.as_ref());
        all.filter(|f| f.peer == *peer).count()
    }

    /// The next fetch of a log, if it can grow from somebody now.
    fn next_fetch(&mut self, now: Millis, handle: &Handle) -> Option<Fetch> {
        let cap = self.cap(handle).unwrap_or(u64::MAX);
        let log = self.logs.get(handle)?;
        if log.fetch.is_some() || log.frozen.is_some() || log.size >= cap {
            return None;
        }
        let writer = log.writer();
        let mut sources: Vec<(u32, bool, PublicKey, u64)> = log
            .claims
            .iter()
            .filter(|(_, size)| **size > log.size)
            .filter_map(|(peer, size)| {
                let pause = log.backoff.get(peer).copied().unwrap_or_default();
                let ready = pause.until <= now && self.heard(now, peer);
                let free = self.load(peer) < limits::MAX_FETCHES_OF_ONE;
                (ready && free).then_some((pause.failures, *peer != writer, *peer, *size))
            })
            .collect();
        sources.sort_unstable();
        let &(failures, not_writer, _, _) = sources.first()?;
        sources.retain(|s| (s.0, s.1) == (failures, not_writer));
        let pick = usize::try_from(self.random.next()).unwrap_or(0) % sources.len();
        let (_, _, peer, until) = sources.swap_remove(pick);
        let id = self.next_fetch;
        self.next_fetch += 1;
        let log = self.logs.get_mut(handle)?;
        log.fetch = Some(Running {
            id,
            peer,
            moved: now,
        });
        let below_cut = log.size < log.cut().0;
        // The longest checkpoint that the peer can compare with: how two histories are found out.
        let base = [&log.covering, &log.complete]
            .into_iter()
            .flatten()
            .filter(|s| !below_cut && s.checkpoint.size <= until)
            .max_by_key(|s| s.checkpoint.size);
        let origin = log.origin();
        let room = if below_cut { log.cut().0 } else { cap } - log.size;
        Some(Fetch {
            id,
            peer,
            request: RangeRequest {
                handle: handle.clone(),
                epoch: origin.epoch,
                from: log.size,
                base: if below_cut {
                    log.size
                } else {
                    base.map_or(0, |s| s.checkpoint.size)
                },
                max_entries: limits::MAX_RANGE_ENTRIES.min(room),
                max_bytes: limits::MAX_RANGE_BYTES as u64,
            },
            terms: Terms {
                origin,
                writer: log.writer(),
                cut: log.cut(),
                own: peer == writer,
                base: base.map(|s| s.note.clone()),
            },
            until,
        })
    }

    pub(super) fn progress(&mut self, now: Millis, id: u64) {
        let mut all = self.logs.values_mut().filter_map(|l| l.fetch.as_mut());
        if let Some(running) = all.find(|f| f.id == id) {
            running.moved = now;
        }
    }

    /// The running fetch of a log gave nothing: its peer waits, another one may be asked at once.
    fn fetch_failed(&mut self, now: Millis, handle: &Handle) {
        let Some(log) = self.logs.get_mut(handle) else {
            return;
        };
        let Some(running) = log.fetch.take() else {
            return;
        };
        let pause = log.backoff.entry(running.peer).or_default();
        pause.failures = pause.failures.saturating_add(1);
        pause.until = now
            + self
                .random
                .backoff(limits::FETCH_FIRST, limits::FETCH_LAST, pause.failures);
    }

    pub(super) fn range_stored(
        &mut self,
        now: Millis,
        id: u64,
        handle: &Handle,
        (size, root): super::super::Tip,
        note: Option<Vec<u8>>,
        out: &mut Vec<Output>,
    ) {
        let own = *handle == self.config.institution;
        let Some(log) = self.logs.get_mut(handle) else {
            return;
        };
        let grew = size > log.size;
        (log.size, log.root) = (size, root);
        if log.fetch.as_ref().is_some_and(|f| f.id == id) {
            if grew {
                let peer = log.fetch.take().map(|f| f.peer);
                peer.inspect(|p| log.forgive(p));
            } else {
                self.fetch_failed(now, handle);
                return;
            }
        }
        let note = note.and_then(|n| Note::read(&n).ok());
        let Some(signed) = note.and_then(|n| log.open(&n)) else {
            if log.size > log.cut().0 {
                // Stored under what an epoch that is over said, while the next one came in.
                let cut = log.cut().0;
                self.cut_to(handle, cut, out);
            }
            return;
        };
        if let Some(evidence) = log.contradiction(&signed) {
            self.freeze(now, evidence, out);
            return;
        }
        if log.heard_size() < signed.checkpoint.size || log.heard.is_none() {
            log.heard = Some(signed.clone());
        }
        if signed.checkpoint.size == size {
            log.complete = Some(signed.clone());
        }
        log.covering = Some(signed);
        if own && grew {
            // Adopted: others learn from the exchange; only what is signed here is announced.
            self.tell_all(now);
        }
    }

    pub(super) fn range_refused(
        &mut self,
        now: Millis,
        id: u64,
        fault: RangeFault,
        out: &mut Vec<Output>,
    ) {
        let found = self.logs.iter().find_map(|(handle, log)| {
            let running = log.fetch.as_ref().filter(|f| f.id == id)?;
            Some((handle.clone(), running.peer))
        });
        let Some((handle, peer)) = found else {
            return;
        };
        if let Some(offence) = fault.offence() {
            self.blame(now, peer, offence, out);
        }
        self.fetch_failed(now, &handle);
        match fault {
            RangeFault::Equivocation(evidence) => {
                let proved = self.logs.get(&handle).is_some_and(|l| {
                    evidence.log() == (&handle, l.epoch())
                        && evidence.proves(&l.origin(), &l.writer())
                });
                if proved {
                    self.freeze(now, *evidence, out);
                }
            }
            RangeFault::Diverged => self.cut_to(&handle, 0, out),
            RangeFault::Stale => self.look_again(&handle, out),
            _ => {}
        }
    }

    /// A peer is gone or not believed: its fetches go to others.
    pub(super) fn forget_claims(&mut self, now: Millis, peer: &PublicKey, out: &mut Vec<Output>) {
        let mut cancelled = Vec::new();
        for (handle, log) in &mut self.logs {
            log.claims.remove(peer);
            if let Some(running) = log.fetch.as_ref().filter(|f| f.peer == *peer) {
                out.push(Output::CancelFetch { id: running.id });
                cancelled.push(handle.clone());
            }
        }
        for handle in cancelled {
            self.fetch_failed(now, &handle);
        }
    }

    /// Withheld bodies are asked for again, of a peer that holds the log, another one each time (R-06-37).
    pub(super) fn bodies_due(&mut self, now: Millis, out: &mut Vec<Output>) {
        let handles: Vec<Handle> = self
            .logs
            .iter()
            .filter(|(_, l)| !l.withheld.is_empty() && l.bodies_at <= now)
            .map(|(h, _)| h.clone())
            .collect();
        for handle in handles {
            let Some(log) = self.logs.get(&handle) else {
                continue;
            };
            let last = log.withheld.iter().max().copied().unwrap_or(0);
            let holders: Vec<PublicKey> = log
                .claims
                .iter()
                .filter(|(p, size)| **size > last && self.heard(now, p))
                .map(|(p, _)| *p)
                .collect();
            if holders.is_empty() {
                continue;
            }
            let pick = usize::try_from(self.random.next()).unwrap_or(0) % holders.len();
            let pause = self.random.jitter(limits::BODIES_EVERY);
            if let Some(log) = self.logs.get_mut(&handle) {
                log.bodies_at = now + pause;
                out.push(Output::AskBodies {
                    peer: holders[pick],
                    handle: handle.clone(),
                    positions: log.withheld.clone(),
                });
            }
        }
    }
}
