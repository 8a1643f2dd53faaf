//! Whether what is made from a work may be shared under a licence.

use commun_specs::{
    fold::licence_accepted,
    licence::{Family, Licence},
};

/// Whether a licence's text asks that changed versions keep it.
fn keeps(licence: &Licence) -> bool {
    let text = licence.as_str();
    licence.family() == Family::ShareAlike || text.contains("-SA-") || text.contains("GPL")
}

/// Asks the licences: that of the origin, the one that is wanted, and the charter's list.
///
/// # Errors
/// Why not, and what would do, in the reader's language.
pub(super) fn may_derive(
    origin: &str,
    wanted: &str,
    accepted: &[String],
    lang: &str,
) -> Result<(), String> {
    let say = |fr: String, en: String| if lang == "fr" { fr } else { en };
    let Ok(from) = Licence::parse(origin) else {
        return Err(say(
            "L’original n’a pas de licence qui permette de l’adapter. Demandez à son auteur."
                .into(),
            "The original has no licence that allows adapting it. Ask its author.".into(),
        ));
    };
    let Ok(to) = Licence::parse(wanted) else {
        return Err(say(
            format!("La licence voulue n’est pas une expression SPDX\u{a0}: {wanted}"),
            format!("The licence wanted is no SPDX expression: {wanted}"),
        ));
    };
    let label = from.label(lang);
    match from.family() {
        Family::Unstated => {
            return Err(say(
                format!(
                    "La licence de l’original ({label}) ne permet pas de l’adapter. Demandez à son auteur."
                ),
                format!(
                    "The licence of the original ({label}) does not allow adapting it. Ask its author."
                ),
            ));
        }
        Family::NoDerivatives => {
            return Err(say(
                format!(
                    "La licence de l’original ({label}) interdit de le modifier. Vous pouvez le mettre tel quel dans une collection."
                ),
                format!(
                    "The licence of the original ({label}) forbids changing it. You may put it into a collection as it is."
                ),
            ));
        }
        _ => {}
    }
    if keeps(&from) && to.as_str() != from.as_str() {
        return Err(say(
            format!(
                "La licence de l’original ({label}) demande que les versions modifiées la gardent. Possible\u{a0}: {}.",
                from.as_str()
            ),
            format!(
                "The licence of the original ({label}) asks that changed versions keep it. Possible: {}.",
                from.as_str()
            ),
        ));
    }
    if from.family() == Family::NonCommercial && to.family() < Family::NonCommercial {
        return Err(say(
            format!(
                "La licence de l’original ({label}) interdit l’usage commercial, celle que vous voulez le permet. Possible\u{a0}: {}.",
                from.as_str()
            ),
            format!(
                "The licence of the original ({label}) forbids commercial use, the one you want allows it. Possible: {}.",
                from.as_str()
            ),
        ));
    }
    if from.family() == Family::Attribution && to.family() == Family::PublicDomain {
        return Err(say(
            format!(
                "La licence de l’original ({label}) demande de citer son auteur, celle que vous voulez en dispense."
            ),
            format!(
                "The licence of the original ({label}) asks to credit its author, the one you want does not."
            ),
        ));
    }
    if !licence_accepted(accepted, to.as_str()) {
        return Err(say(
            format!(
                "La charte n’accepte pas cette licence\u{a0}: {}",
                to.as_str()
            ),
            format!(
                "The charter of this commons does not accept this licence: {}",
                to.as_str()
            ),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_licence_is_kept_as_far_as_it_asks() {
        let may = |from: &str, to: &str| may_derive(from, to, &[], "en").is_ok();
        assert!(may("CC-BY-4.0", "CC-BY-4.0") && may("CC-BY-4.0", "CC-BY-SA-4.0"));
        assert!(may("CC0-1.0", "CC-BY-4.0") && !may("CC-BY-4.0", "CC0-1.0"));
        assert!(may("CC-BY-SA-4.0", "CC-BY-SA-4.0") && !may("CC-BY-SA-4.0", "CC-BY-4.0"));
        assert!(may("CC-BY-NC-4.0", "CC-BY-NC-4.0") && !may("CC-BY-NC-4.0", "CC-BY-4.0"));
        assert!(!may("CC-BY-NC-SA-4.0", "CC-BY-NC-4.0"));
        assert!(!may("CC-BY-ND-4.0", "CC-BY-ND-4.0") && !may("NOASSERTION", "CC-BY-4.0"));
        let only = ["CC-BY-SA-4.0".to_owned()];
        let refused = may_derive("CC-BY-4.0", "CC-BY-4.0", &only, "fr").unwrap_err();
        assert!(refused.contains("charte"));
    }
}
