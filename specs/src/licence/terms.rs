//! What a licence allows and asks, as five yes-or-no answers and a sentence.

use super::family::{Family, pick};
use super::{Licence, alternatives};

/// What one may do with a work and must do for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Free for everybody and every purpose (Open Definition).
    pub open: bool,
    /// Changed versions may be shared.
    pub adapt: bool,
    /// Commercial use is allowed.
    pub commercial: bool,
    /// The author must be named.
    pub attribution: bool,
    /// Changed versions must be under the same licence.
    pub share_alike: bool,
}

impl Terms {
    /// The terms of one licence by its id.
    pub(super) fn of_id(id: &str) -> Terms {
        let family = Family::named(id);
        let has = |part: &str| {
            let creative = id.strip_prefix("LicenseRef-").unwrap_or(id);
            creative.starts_with("CC-") && creative.split('-').any(|p| p == part)
        };
        let known = family != Family::Unstated;
        Terms {
            open: family <= Family::ShareAlike,
            adapt: family < Family::NoDerivatives,
            commercial: known && family != Family::NonCommercial && !has("NC"),
            attribution: family != Family::PublicDomain,
            share_alike: family == Family::ShareAlike || has("SA"),
        }
    }

    /// What may be done with a work whose parts have these terms.
    fn and(self, other: Terms) -> Terms {
        Terms {
            open: self.open && other.open,
            adapt: self.adapt && other.adapt,
            commercial: self.commercial && other.commercial,
            attribution: self.attribution || other.attribution,
            share_alike: self.share_alike || other.share_alike,
        }
    }

    /// More is better: what a reader would choose among alternatives.
    fn freedom(self) -> (bool, bool, bool, bool, bool) {
        (
            self.adapt,
            self.open,
            self.commercial,
            !self.share_alike,
            !self.attribution,
        )
    }

    /// One plain sentence: what one may do, and what one must do.
    pub fn sentence(self, lang: &str) -> &'static str {
        let (fr, en) = match (self.adapt, self.commercial, self.share_alike) {
            (true, true, false) if !self.attribution => {
                return Family::PublicDomain.sentence(lang);
            }
            (true, true, false) => return Family::Attribution.sentence(lang),
            (true, true, true) => return Family::ShareAlike.sentence(lang),
            (true, false, false) => return Family::NonCommercial.sentence(lang),
            (true, false, true) => (
                "Vous pouvez réutiliser et modifier sans but commercial, en citant l’auteur et en partageant vos versions sous la même licence.",
                "You may reuse and adapt it for non-commercial purposes if you credit the author and share your versions under the same licence.",
            ),
            (false, true, _) => return Family::NoDerivatives.sentence(lang),
            (false, false, _) => (
                "Vous pouvez copier et diffuser tel quel sans but commercial, en citant l’auteur, mais pas modifier.",
                "You may copy and share it as it is for non-commercial purposes if you credit the author, but not change it.",
            ),
        };
        pick(lang, fr, en)
    }
}

impl Licence {
    /// What the licence allows and asks: of alternatives the freest, of parts what holds for all of them.
    pub fn terms(&self) -> Terms {
        let alternatives = alternatives::of(&self.expression).unwrap_or_default();
        let terms = alternatives.into_iter().filter_map(|ids| {
            let parts = ids.iter().map(|id| Terms::of_id(id));
            parts.reduce(Terms::and)
        });
        terms
            .max_by_key(|terms| terms.freedom())
            .unwrap_or(Terms::of_id("NOASSERTION"))
    }
}
