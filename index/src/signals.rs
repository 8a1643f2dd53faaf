//! The commons' signals: what institutions do with an item lifts it among equals, within bounds.
//!
//! An item that matches better stays first: all signals together add at most 15 % to its score. They are whole
//! thousandths of whole steps, of values that all nodes share, so that all nodes lift alike. Age is counted from the
//! newest statement that two institutions confirm (`ages`) and never from a clock.

/// Most that adoptions add, in thousandths: reached with 31 institutions.
const MAX_ADOPTED: u64 = 100;
/// What each doubling of the adoptions adds.
const PER_DOUBLING: u64 = 20;
/// What an item has that is as new as the newest, in thousandths.
const MAX_RECENT: u64 = 50;
/// After so many months an item is old.
const OLD_MONTHS: u64 = 60;
/// Seconds of a month of thirty days. Coarse, so that what came in together stays together.
const MONTH: u64 = 30 * 86_400;

/// What a match gets beside what its words give, in steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lift {
    pub(crate) adopted: u32,
    pub(crate) recent: u32,
}

impl Lift {
    /// For a match of `steps`; times in Unix seconds, `newest` that from which ages are counted.
    pub(crate) fn of(steps: u32, adoptions: u64, updated: u64, newest: u64) -> Lift {
        let doublings = u64::from(adoptions.saturating_add(1).ilog2());
        let adopted = (doublings * PER_DOUBLING).min(MAX_ADOPTED);
        let months = (newest.saturating_sub(updated) / MONTH).min(OLD_MONTHS);
        let recent = MAX_RECENT * (OLD_MONTHS - months) / OLD_MONTHS;
        // Below 2^24 steps, so a tenth of them fits.
        let part = |thousandths: u64| (u64::from(steps) * thousandths / 1_000) as u32;
        Lift {
            adopted: part(adopted),
            recent: part(recent),
        }
    }

    pub(crate) fn steps(self) -> u32 {
        self.adopted + self.recent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const YEAR: u64 = 365 * 86_400;

    #[test]
    fn more_adoptions_and_newer_statements_lift_more_within_bounds() {
        let adopted = |n| Lift::of(10_000, n, 0, 10 * YEAR).steps();
        assert_eq!(
            [0, 1, 3, 7, 31, 1_000, u64::MAX].map(adopted),
            [0, 200, 400, 600, 1_000, 1_000, 1_000]
        );
        let aged = |years: u64| Lift::of(10_000, 0, (10 - years) * YEAR, 10 * YEAR).steps();
        assert!(aged(0) == 500 && aged(1) < 500 && aged(1) > aged(2) && aged(6) == 0);
        // Newer than the newest: a clock that is ahead gains nothing.
        assert_eq!(Lift::of(10_000, 0, 11 * YEAR, 10 * YEAR).steps(), 500);
        assert_eq!(Lift::of(0, 9, 9, 9), Lift::default());
    }
}
