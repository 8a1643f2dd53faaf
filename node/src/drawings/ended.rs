//! Documents whose process the system ended: nothing is known of them, and still they are not to cost a process each time that
//! somebody asks.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use commun_specs::id::ContentHash;

/// How long such a document is left alone the first time; twice as long each time that it happens again.
const FIRST: Duration = Duration::from_secs(60);
/// The longest that it is left alone: as long as one that crashes.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
/// Documents that are remembered, about 100 bytes each; of more, the one that is tried again first is forgotten.
const MAX_ENDED: usize = 1_000;

/// Which documents are left alone for a while.
#[derive(Default)]
pub(super) struct Ended(Mutex<HashMap<ContentHash, Rest>>);

#[derive(Debug, Clone, Copy)]
struct Rest {
    /// How often in a row.
    times: u32,
    until: Instant,
}

impl Ended {
    fn all(&self) -> MutexGuard<'_, HashMap<ContentHash, Rest>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a document is to be left alone now.
    pub(super) fn rests(&self, hash: &ContentHash, now: Instant) -> bool {
        self.all().get(hash).is_some_and(|rest| now < rest.until)
    }

    /// Notes that the system ended the process of a document.
    pub(super) fn note(&self, hash: ContentHash, now: Instant) {
        let mut all = self.all();
        let times = all.get(&hash).map_or(0, |rest| rest.times);
        if times == 0 && all.len() >= MAX_ENDED {
            let first = all.iter().min_by_key(|(_, rest)| rest.until);
            let first = first.map(|(hash, _)| *hash);
            first.map(|hash| all.remove(&hash));
        }
        let rest = FIRST.saturating_mul(2_u32.saturating_pow(times));
        let rest = Rest {
            times: times.saturating_add(1),
            until: now + rest.min(LONGEST),
        };
        all.insert(hash, rest);
    }

    /// Forgets a document that was read to an end.
    pub(super) fn forget(&self, hash: &ContentHash) {
        self.all().remove(hash);
    }

    /// How often in a row the process of a document was ended.
    #[cfg(test)]
    pub(super) fn times(&self, hash: &ContentHash) -> u32 {
        self.all().get(hash).map_or(0, |rest| rest.times)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(n: usize) -> ContentHash {
        ContentHash::of(&n.to_be_bytes())
    }

    #[test]
    fn each_time_it_rests_for_longer_up_to_a_day() {
        let (ended, mut now) = (Ended::default(), Instant::now());
        let mut rests = Vec::new();
        for _ in 0..40 {
            ended.note(hash(1), now);
            let rest = ended.all()[&hash(1)].until - now;
            assert!(ended.rests(&hash(1), now + rest - FIRST / 60));
            assert!(!ended.rests(&hash(1), now + rest) && !ended.rests(&hash(2), now));
            rests.push(rest);
            now += rest;
        }
        assert_eq!(rests[..3], [FIRST, FIRST * 2, FIRST * 4]);
        assert_eq!(rests[39], LONGEST);
        ended.forget(&hash(1));
        assert!(!ended.rests(&hash(1), now - FIRST));
    }

    #[test]
    fn only_so_many_are_remembered_and_those_that_rest_longest() {
        let (ended, now) = (Ended::default(), Instant::now());
        for n in 0..MAX_ENDED {
            ended.note(hash(n), now + Duration::from_millis(n as u64));
        }
        ended.note(hash(0), now);
        ended.note(hash(MAX_ENDED), now);
        assert_eq!(ended.all().len(), MAX_ENDED);
        let rests = |n| ended.rests(&hash(n), now);
        assert!(rests(0) && !rests(1) && rests(2) && rests(MAX_ENDED));
    }
}
