//! When a repository that is behind is tried again.

use std::{collections::BTreeMap, time::Duration};

use commun_specs::id::StatementId;
use tokio::time::Instant;

/// The wait after a first failure.
const FIRST: Duration = Duration::from_secs(2);
/// The longest wait: what nobody holds costs a conversation with each node a minute, and what one node got without
/// coming or going is found within this time.
const LONGEST: Duration = Duration::from_secs(60);

/// The repositories that failed: how long each waits, and until when.
#[derive(Debug, Default)]
pub(super) struct Retries(BTreeMap<StatementId, Wait>);

#[derive(Debug)]
struct Wait {
    delay: Duration,
    /// None while it is tried.
    until: Option<Instant>,
}

impl Retries {
    /// Nothing failed that has not succeeded since.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// It failed, again or for the first time: each wait is twice the one before.
    pub(super) fn failed(&mut self, item: StatementId, now: Instant) {
        let delay = self
            .0
            .get(&item)
            .map_or(FIRST, |wait| (wait.delay * 2).min(LONGEST));
        let until = Some(now + delay);
        self.0.insert(item, Wait { delay, until });
    }

    /// A holder is busy and has it, perhaps: soon again, and nothing is made of it.
    pub(super) fn waits(&mut self, item: StatementId, now: Instant) {
        let until = Some(now + FIRST);
        self.0.insert(
            item,
            Wait {
                delay: FIRST,
                until,
            },
        );
    }

    /// It succeeded, or something new came: no wait, and the next one is short.
    pub(super) fn reset(&mut self, item: &StatementId) {
        self.0.remove(item);
    }

    /// Other peers are there: answers all that waited.
    pub(super) fn reset_all(&mut self) -> Vec<StatementId> {
        let waiting = std::mem::take(&mut self.0);
        waiting
            .into_iter()
            .filter_map(|(item, wait)| wait.until.map(|_| item))
            .collect()
    }

    /// When the first wait ends.
    pub(super) fn next(&self) -> Option<Instant> {
        self.0.values().filter_map(|wait| wait.until).min()
    }

    /// Takes those whose wait is over.
    pub(super) fn due(&mut self, now: Instant) -> Vec<StatementId> {
        let mut due = Vec::new();
        for (item, wait) in &mut self.0 {
            if wait.until.is_some_and(|until| until <= now) {
                wait.until = None;
                due.push(*item);
            }
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_minute_and_start_anew_when_peers_change() {
        let mut retries = Retries::default();
        let item = StatementId::of(b"x");
        let mut now = Instant::now();
        let mut waits = Vec::new();
        for _ in 0..7 {
            retries.failed(item, now);
            let next = retries.next().unwrap();
            assert!(retries.due(now).is_empty());
            waits.push((next - now).as_secs());
            now = next;
            assert_eq!(retries.due(now), [item]);
            assert_eq!(retries.next(), None, "it is being tried");
            assert!(!retries.is_empty(), "it is behind still");
        }
        assert_eq!(waits, [2, 4, 8, 16, 32, 60, 60]);
        for _ in 0..3 {
            // A busy holder is no failure.
            retries.waits(item, now);
            assert_eq!(retries.next(), Some(now + FIRST));
            assert_eq!(retries.due(now + FIRST), [item]);
        }
        retries.failed(item, now);
        assert_eq!(retries.next(), Some(now + FIRST * 2));
        assert_eq!(retries.reset_all(), [item]);
        assert!(retries.is_empty());
        retries.failed(item, now);
        assert_eq!(retries.next(), Some(now + FIRST));
        retries.reset(&item);
        assert!(retries.is_empty());
    }
}
