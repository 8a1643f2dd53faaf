//! What people think of an item: one opinion of each, and the institutions that approve (R-04-49, R-04-50).

use std::collections::{BTreeMap, BTreeSet};

use super::Catalogue;
use crate::{
    fold::{
        ReviewView, State,
        log::{Facts, Subject},
    },
    id::StatementId,
    name::Handle,
    statement::Verdict,
};

/// Somebody who reviews: a person of a log, by their first enrolment there.
type Reviewer = (Handle, Option<StatementId>);

impl Catalogue {
    /// The reviews of an item that stand (R-04-49): the owner's people's first, then those of listed institutions, then
    /// others', each log's in its order. Empty for an id that is no item's.
    pub fn opinions(&self, item: &StatementId) -> Vec<ReviewView> {
        let Some(view) = self.item(item) else {
            return Vec::new();
        };
        let mut last: BTreeMap<Reviewer, (u64, Option<ReviewView>)> = BTreeMap::new();
        for version in &view.versions {
            let withdrawn = view.withdrawn_versions.contains_key(version);
            for p in self.counted(&Subject::Review(*version)) {
                let Facts::Review(review) = &p.known.facts else {
                    continue;
                };
                if p.record.state != State::InForce {
                    continue;
                }
                let said = review.words || review.verdict != Verdict::Comment;
                let stands = said && !withdrawn && self.erasure_of(&p.known.id).is_none();
                let opinion = stands.then(|| ReviewView {
                    spoken: super::views::spoken(&p),
                    of: *version,
                    verdict: review.verdict,
                });
                let reviewer = (p.handle.clone(), p.record.person());
                let before = last.entry(reviewer).or_insert((p.position, None));
                if p.position >= before.0 {
                    *before = (p.position, opinion);
                }
            }
        }
        let order = self.order(item);
        let mut all: Vec<ReviewView> = last.into_values().filter_map(|(_, o)| o).collect();
        all.sort_by(|a, b| {
            let rank = |r: &ReviewView| order.rank(&r.spoken.institution).0;
            let (one, other) = (&a.spoken, &b.spoken);
            (rank(a), &one.institution, one.position).cmp(&(
                rank(b),
                &other.institution,
                other.position,
            ))
        });
        all
    }

    /// The institutions that approve of an item (R-04-50).
    pub fn approving(&self, item: &StatementId) -> BTreeSet<Handle> {
        self.approving_in(item, &self.opinions(item))
    }

    /// The same of its reviews that stand, where these are known already.
    pub fn approving_in(&self, item: &StatementId, opinions: &[ReviewView]) -> BTreeSet<Handle> {
        let mut balance: BTreeMap<Handle, i64> = BTreeMap::new();
        for opinion in opinions {
            if !self.is_of_their_own(item, opinion) {
                let institution = opinion.spoken.institution.clone();
                *balance.entry(institution).or_default() += match opinion.verdict {
                    Verdict::Approve => 1,
                    Verdict::Reject => -1,
                    Verdict::Comment => 0,
                };
            }
        }
        balance.retain(|_, more| *more > 0);
        balance.into_keys().collect()
    }

    /// Whether a review is of something that its institution owns or published.
    pub fn is_of_their_own(&self, item: &StatementId, review: &ReviewView) -> bool {
        let by = &review.spoken.institution;
        let published = self.find(&review.of).is_some_and(|(log, _)| log == *by);
        published || self.item(item).is_some_and(|i| i.owner == *by)
    }
}
