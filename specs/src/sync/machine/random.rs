//! Jitter: a small generator (SplitMix64, Steele and others 2014), so that a seed decides a whole run.

/// Pseudo-random numbers; nothing secret comes from here.
#[derive(Debug, Clone)]
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Three quarters to five quarters of `pause`.
    pub(super) fn jitter(&mut self, pause: u64) -> u64 {
        pause - pause / 4 + self.next() % (pause / 2 + 1)
    }

    /// `first` doubled for each failure but the first, at most `last`, with jitter.
    pub(super) fn backoff(&mut self, first: u64, last: u64, failures: u32) -> u64 {
        let pause = first << failures.saturating_sub(1).min(16);
        self.jitter(pause.min(last))
    }
}
