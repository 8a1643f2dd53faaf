//! Whether a peer that owes bytes sends them, and fast enough.

use std::time::Duration;

/// What a peer must send in each window in which it owes bytes: 16 KiB a second with the window of 4 s that nodes
/// use. The slowest link of a member is far faster.
const LEAST: u64 = 64 << 10;

/// Windows below that rate in one conversation, 2 minutes of 4 s. A peer that counts the objects of a
/// large history sends a sign of life and nothing else meanwhile (about a minute for 2,000,000 objects).
const SLOW_WINDOWS: u32 = 30;

/// Holds a peer to the least rate.
#[derive(Debug, Default)]
pub(super) struct Pace {
    owed: Duration,
    bytes: u64,
    slow: u32,
}

impl Pace {
    /// Takes one wait into account: how long the peer owed bytes in it, and how many came at its end. False: the
    /// peer is too slow.
    pub(super) fn keeps(&mut self, owed: Duration, count: usize, window: Duration) -> bool {
        self.owed += owed;
        self.bytes += count as u64;
        if self.bytes >= LEAST {
            self.rest();
        } else if self.owed >= window {
            self.rest();
            self.slow += 1;
        }
        self.slow <= SLOW_WINDOWS
    }

    /// Begins a new window: the peer owes nothing.
    pub(super) fn rest(&mut self) {
        self.owed = Duration::ZERO;
        self.bytes = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Duration = Duration::from_secs(4);

    #[test]
    fn a_peer_that_sends_little_is_given_some_windows_and_no_more() {
        let mut pace = Pace::default();
        let mut spent = Duration::ZERO;
        let wait = Duration::from_secs(3);
        while pace.keeps(wait, 1, WINDOW) {
            spent += wait;
            assert!(
                spent < Duration::from_secs(300),
                "a byte every 3 s is enough"
            );
        }
        assert!(spent >= WINDOW * SLOW_WINDOWS, "{spent:?}");
    }

    #[test]
    fn a_peer_that_keeps_the_rate_or_owes_nothing_goes_on_for_ever() {
        let mut pace = Pace::default();
        for _ in 0..10_000 {
            assert!(pace.keeps(Duration::from_secs(3), LEAST as usize, WINDOW));
            assert!(pace.keeps(Duration::ZERO, 0, WINDOW));
        }
        // Answers to many small requests, each complete in less than a window.
        for _ in 0..10_000 {
            assert!(pace.keeps(Duration::from_secs(3), 50, WINDOW));
            pace.rest();
        }
    }
}
