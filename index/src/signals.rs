//! The commons' signals: what institutions do with an item lifts it among equals, within bounds.
//!
//! An item that matches better stays first: all signals together add at most 15 % to its score. They are whole
//! thousandths of whole steps, of values that all nodes share, so that all nodes lift alike. Age is counted from the
//! newest statement of the commons and never from a clock.

use super::document::Document;

/// Most that adoptions add, in thousandths, and adoptions and reviews together: reached with 31 institutions that use it.
const MAX_ADOPTED: u64 = 100;
/// What each doubling of the adoptions adds.
const PER_DOUBLING: u64 = 20;
/// Most that reviews add: reached with 15 institutions that approve.
const MAX_APPROVED: u64 = 40;
/// What each doubling of the institutions that approve adds: half of what it takes to use it, and to say since when.
const PER_DOUBLING_APPROVED: u64 = 10;
/// What an item has that is as new as the newest, in thousandths.
const MAX_RECENT: u64 = 50;
/// After so many months an item is old.
const OLD_MONTHS: u64 = 60;
/// Seconds of a month of thirty days. Coarse, so that what came in together stays together.
const MONTH: u64 = 30 * 86_400;

/// What the commons says of an item. Two counts of institutions; the time of its newest statement in Unix seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Signs {
    pub(crate) adoptions: u64,
    pub(crate) reviews: u64,
    pub(crate) updated: u64,
}

impl Signs {
    pub(crate) fn of(document: &Document) -> Signs {
        Signs {
            adoptions: document.adoptions,
            reviews: document.reviews,
            updated: document.updated,
        }
    }
}

/// What a match gets beside what its words give, in steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lift {
    pub(crate) adopted: u32,
    pub(crate) approved: u32,
    pub(crate) recent: u32,
}

impl Lift {
    /// For a match of `steps`; `newest` in Unix seconds.
    pub(crate) fn of(steps: u32, signs: Signs, newest: u64) -> Lift {
        let doublings = |count: u64| u64::from(count.saturating_add(1).ilog2());
        let adopted = (doublings(signs.adoptions) * PER_DOUBLING).min(MAX_ADOPTED);
        let approved = (doublings(signs.reviews) * PER_DOUBLING_APPROVED).min(MAX_APPROVED);
        // What is used everywhere needs no praise: both together stay within the bound.
        let approved = approved.min(MAX_ADOPTED - adopted);
        let months = (newest.saturating_sub(signs.updated) / MONTH).min(OLD_MONTHS);
        let recent = MAX_RECENT * (OLD_MONTHS - months) / OLD_MONTHS;
        // Below 2^24 steps, so a tenth of them fits.
        let part = |thousandths: u64| (u64::from(steps) * thousandths / 1_000) as u32;
        Lift {
            adopted: part(adopted),
            approved: part(approved),
            recent: part(recent),
        }
    }

    pub(crate) fn steps(self) -> u32 {
        self.adopted + self.approved + self.recent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const YEAR: u64 = 365 * 86_400;

    #[test]
    fn more_adoptions_and_newer_statements_lift_more_within_bounds() {
        let of = |adoptions, reviews, updated| {
            let signs = Signs {
                adoptions,
                reviews,
                updated,
            };
            Lift::of(10_000, signs, 10 * YEAR).steps()
        };
        assert_eq!(
            [0, 1, 3, 7, 31, 1_000, u64::MAX].map(|n| of(n, 0, 0)),
            [0, 200, 400, 600, 1_000, 1_000, 1_000]
        );
        let aged = |years: u64| of(0, 0, (10 - years) * YEAR);
        assert!(aged(0) == 500 && aged(1) < 500 && aged(1) > aged(2) && aged(6) == 0);
        // Newer than the newest: a clock that is ahead gains nothing.
        assert_eq!(of(0, 0, 11 * YEAR), 500);
        let all = Signs {
            adoptions: 9,
            reviews: 9,
            updated: 9,
        };
        assert_eq!(Lift::of(0, all, 9), Lift::default());
        // Reviews weigh half, and never more together with adoptions than adoptions may alone.
        assert_eq!(
            [0, 1, 3, 7, 15, 31, u64::MAX].map(|n| of(0, n, 0)),
            [0, 100, 200, 300, 400, 400, 400]
        );
        assert_eq!(of(7, 3, 0), 800);
        for n in [0, 1, 7, 15, 31, 1_000, u64::MAX] {
            assert!(of(n, n, 10 * YEAR) <= 1_500);
            // One more of either is never a loss.
            assert!(of(n.saturating_add(1), n, 0) >= of(n, n, 0));
            assert!(of(n, n.saturating_add(1), 0) >= of(n, n, 0));
        }
    }
}
