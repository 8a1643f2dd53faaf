//! Whether an adaptation may be shared under a licence, and why not (R-07-23).

use super::family::{Family, creative_commons, pick};
use super::terms::Terms;
use super::{Licence, alternatives};
use crate::fold::licence_accepted;

/// Why an adaptation may not be shared so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The original states no licence that allows anything.
    NoLicence,
    /// The original may be copied but not changed.
    NoDerivatives,
    /// The original asks for its own licence.
    ShareAlike,
    /// The original forbids commercial use, the licence wanted allows it.
    NonCommercial,
    /// The original asks to be credited, the licence wanted lets everybody forget it.
    Attribution,
    /// Two originals ask for two licences: they fit beside each other, not into one work.
    Conflict,
    /// The charter of the commons does not accept the licence wanted.
    NotAccepted,
    /// An expression with more alternatives than are looked through.
    TooManyAlternatives,
}

impl Reason {
    /// The reason as programs read it.
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::NoLicence => "no-licence",
            Reason::NoDerivatives => "no-derivatives",
            Reason::ShareAlike => "share-alike",
            Reason::NonCommercial => "non-commercial",
            Reason::Attribution => "attribution",
            Reason::Conflict => "conflict",
            Reason::NotAccepted => "not-accepted",
            Reason::TooManyAlternatives => "too-many-alternatives",
        }
    }
}

/// A refusal with what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub reason: Reason,
    /// Which of the originals stands in the way, by its place in the list given.
    pub original: Option<usize>,
    /// That original's licence.
    pub licence: Option<Box<Licence>>,
    /// Licences that would do.
    pub instead: Vec<&'static str>,
}

impl Refusal {
    /// The reason in one or two sentences.
    pub fn sentence(&self, lang: &str) -> String {
        let licence = self.licence.as_ref().map(|l| l.label(lang));
        let licence = licence.unwrap_or_else(|| pick(lang, "sans licence", "no licence").into());
        let (fr, en) = match self.reason {
            Reason::NoLicence => (
                "L’original ({}) n’a pas de licence qui permette de l’adapter. Demandez à son auteur.",
                "The original ({}) has no licence that allows adapting it. Ask its author.",
            ),
            Reason::NoDerivatives => (
                "La licence de l’original ({}) interdit de le modifier. Vous pouvez le mettre tel quel dans une collection.",
                "The licence of the original ({}) forbids changing it. You may put it into a collection as it is.",
            ),
            Reason::ShareAlike => (
                "La licence de l’original ({}) demande que les versions modifiées la gardent.",
                "The licence of the original ({}) asks that changed versions keep it.",
            ),
            Reason::NonCommercial => (
                "La licence de l’original ({}) interdit l’usage commercial, celle que vous voulez le permet.",
                "The licence of the original ({}) forbids commercial use, the one you want allows it.",
            ),
            Reason::Attribution => (
                "La licence de l’original ({}) demande de citer son auteur, celle que vous voulez en dispense.",
                "The licence of the original ({}) asks to credit its author, the one you want does not.",
            ),
            Reason::Conflict => (
                "Les licences des originaux ({} et une autre) demandent chacune d’être gardées. Elles vont côte à côte dans une collection, pas dans une même œuvre.",
                "The licences of the originals ({} and another) each ask to be kept. They go beside each other in a collection, not into one work.",
            ),
            Reason::NotAccepted => (
                "La charte de la fédération n’accepte pas cette licence.",
                "The charter of this commons does not accept this licence.",
            ),
            Reason::TooManyAlternatives => (
                "L’expression de licence ({}) offre trop de choix pour être jugée. Choisissez-en un.",
                "The licence expression ({}) gives too many choices to be judged. Choose one.",
            ),
        };
        let mut text = pick(lang, fr, en).replace("{}", &licence);
        if !self.instead.is_empty() {
            let list = self.instead.join(", ");
            text.push_str(&match pick(lang, "fr", "en") {
                "fr" => format!(" Possible\u{a0}: {list}."),
                _ => format!(" Possible: {list}."),
            });
        }
        text
    }
}

/// Whether a work made of these originals (`None`: no licence is known) may be shared under a licence. `accepted` is the
/// charter's list, empty where it accepts all.
///
/// Of an original's alternatives (`OR`) one suffices; all its parts (`AND`) count. A licence wanted with `AND` speaks of
/// separate parts, so that an original needs one of them; with `OR` each alternative must do.
///
/// # Errors
/// The first reason against it.
pub fn compatible(
    originals: &[Option<Licence>],
    wanted: &Licence,
    accepted: &[String],
) -> Result<(), Refusal> {
    let refusal = |reason, original: Option<usize>, instead| Refusal {
        reason,
        original,
        licence: original.and_then(|at| originals[at].clone().map(Box::new)),
        instead,
    };
    let choices = alternatives::of(&wanted.expression).ok_or(Refusal {
        reason: Reason::TooManyAlternatives,
        original: None,
        licence: Some(Box::new(wanted.clone())),
        instead: Vec::new(),
    })?;
    for (at, original) in originals.iter().enumerate() {
        let Some(licence) = original else {
            return Err(refusal(Reason::NoLicence, Some(at), Vec::new()));
        };
        let Some(offers) = alternatives::of(&licence.expression) else {
            return Err(refusal(Reason::TooManyAlternatives, Some(at), Vec::new()));
        };
        for parts in &choices {
            if let Some(reason) = against(&offers, parts) {
                let instead = common(originals, accepted);
                // What suits one original and not another, while nothing suits both, is a matter of the two.
                let kept = matches!(reason, Reason::ShareAlike | Reason::NonCommercial);
                let reason = if kept && instead.is_empty() && alone(licence, accepted) {
                    Reason::Conflict
                } else {
                    reason
                };
                return Err(refusal(reason, Some(at), instead));
            }
        }
    }
    if !licence_accepted(accepted, wanted.as_str()) {
        return Err(refusal(
            Reason::NotAccepted,
            None,
            common(originals, accepted),
        ));
    }
    Ok(())
}

/// Licences that are proposed where another is refused, freest first.
const PROPOSED: [&str; 12] = [
    "CC0-1.0",
    "CC-BY-4.0",
    "CC-BY-SA-4.0",
    "CC-BY-NC-4.0",
    "CC-BY-NC-SA-4.0",
    "etalab-2.0",
    "LAL-1.3",
    "EUPL-1.2",
    "MIT",
    "Apache-2.0",
    "GPL-3.0-or-later",
    "AGPL-3.0-or-later",
];

/// How many are proposed: a choice, not a list.
const MAX_PROPOSED: usize = 4;

/// Licences that would do for all of the originals.
fn common(originals: &[Option<Licence>], accepted: &[String]) -> Vec<&'static str> {
    let offers: Option<Vec<_>> = originals
        .iter()
        .map(|original| alternatives::of(&original.as_ref()?.expression))
        .collect();
    let Some(offers) = offers else {
        return Vec::new();
    };
    let fits = |id: &&str| {
        let parts = [(*id).to_owned()];
        licence_accepted(accepted, id) && offers.iter().all(|o| against(o, &parts).is_none())
    };
    PROPOSED
        .into_iter()
        .filter(fits)
        .take(MAX_PROPOSED)
        .collect()
}

/// Whether an original could be adapted at all if it were the only one.
fn alone(licence: &Licence, accepted: &[String]) -> bool {
    !common(&[Some(licence.clone())], accepted).is_empty()
}

/// Why none of the alternatives that an original offers allows these parts; nothing when one does.
fn against(offers: &[Vec<String>], parts: &[String]) -> Option<Reason> {
    let mut first = None;
    for offer in offers {
        let reason = offer.iter().find_map(|original| {
            let mut refused = None;
            for part in parts {
                match refuses(original, part) {
                    None => return None,
                    Some(reason) => refused = refused.or(Some(reason)),
                }
            }
            refused
        });
        match reason {
            None => return None,
            Some(reason) => first = first.or(Some(reason)),
        }
    }
    first.or(Some(Reason::NoLicence))
}

/// Why a work under one licence may not become part of one under another.
fn refuses(original: &str, wanted: &str) -> Option<Reason> {
    let terms = Terms::of_id(original);
    match Family::named(original) {
        Family::Unstated => return Some(Reason::NoLicence),
        Family::PublicDomain => return None,
        _ if !terms.adapt => return Some(Reason::NoDerivatives),
        _ if original == wanted => return None,
        _ => {}
    }
    let new = Terms::of_id(wanted);
    if !terms.commercial && new.commercial {
        return Some(Reason::NonCommercial);
    }
    if terms.share_alike && !keeps(original, wanted) {
        return Some(Reason::ShareAlike);
    }
    if !new.attribution {
        return Some(Reason::Attribution);
    }
    None
}

/// Whether a licence counts as "the same" for one that asks for itself: a later version where it says so, or one that it
/// names as compatible.
fn keeps(original: &str, wanted: &str) -> bool {
    if let Some((elements, version, _)) = creative_commons(original) {
        if let Some((others, later, _)) = creative_commons(wanted) {
            // Version 1.0 asks for exactly itself; from 2.0 on later versions and ports with the same elements do.
            return elements == others && later >= version && (version != "1.0" || later == "1.0");
        }
        return (elements.as_str(), version) == ("BY-SA", "4.0")
            && ["LAL-1.3", "GPL-3.0-only", "GPL-3.0-or-later"].contains(&wanted);
    }
    let (name, version, later) = gnu(original);
    if let Some(version) = version {
        let (new_name, new_version, _) = gnu(wanted);
        let Some(new_version) = new_version else {
            return named_compatible(original).contains(&wanted);
        };
        let fits = if later {
            new_version >= version
        } else {
            new_version == version
        };
        // The lesser licence may be turned into the ordinary one of the same or, for 2.1, of any later version.
        let lesser = name == "LGPL" && new_name == "GPL";
        return match lesser {
            true if version == "2.1" => new_version >= "2.0",
            true => new_version >= version,
            false => name == new_name && fits,
        };
    }
    named_compatible(original).contains(&wanted)
}

/// Name and version of a GNU licence, and whether later versions do.
fn gnu(id: &str) -> (&str, Option<&str>, bool) {
    let (plain, later) = match id.strip_suffix("-or-later") {
        Some(plain) => (plain, true),
        None => (id.strip_suffix("-only").unwrap_or(id), false),
    };
    match plain.rsplit_once('-') {
        Some((name @ ("GPL" | "LGPL" | "AGPL" | "GFDL"), version)) => (name, Some(version), later),
        _ => (id, None, false),
    }
}

/// The licences that a share-alike licence itself names as compatible, later versions included.
fn named_compatible(original: &str) -> &'static [&'static str] {
    match original {
        "LAL-1.2" => &["LAL-1.3"],
        "LAL-1.3" => &["CC-BY-SA-4.0"],
        "MPL-2.0" => &[
            "GPL-2.0-or-later",
            "GPL-3.0-only",
            "GPL-3.0-or-later",
            "LGPL-2.1-or-later",
            "LGPL-3.0-only",
            "LGPL-3.0-or-later",
            "AGPL-3.0-only",
            "AGPL-3.0-or-later",
        ],
        "EUPL-1.1" => &["EUPL-1.2", "GPL-2.0-only", "CECILL-2.0", "CECILL-2.1"],
        "EUPL-1.2" => &[
            "GPL-2.0-only",
            "GPL-2.0-or-later",
            "GPL-3.0-only",
            "GPL-3.0-or-later",
            "AGPL-3.0-only",
            "AGPL-3.0-or-later",
            "LGPL-2.1-only",
            "LGPL-2.1-or-later",
            "LGPL-3.0-only",
            "LGPL-3.0-or-later",
            "MPL-2.0",
            "CECILL-2.0",
            "CECILL-2.1",
            "CC-BY-SA-3.0",
        ],
        "CECILL-2.0" => &["CECILL-2.1", "GPL-2.0-or-later", "GPL-3.0-or-later"],
        "CECILL-2.1" => &[
            "GPL-2.0-only",
            "GPL-2.0-or-later",
            "GPL-3.0-only",
            "GPL-3.0-or-later",
            "AGPL-3.0-only",
            "AGPL-3.0-or-later",
            "EUPL-1.1",
            "EUPL-1.2",
        ],
        "CECILL-C" => &["CECILL-2.0", "CECILL-2.1"],
        _ => &[],
    }
}
