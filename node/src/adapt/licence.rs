//! Whether what is made from a work may be shared under a licence.

use commun_specs::licence::{Licence, compatible};

use crate::resources::stated_licence;

/// Asks the licences: those of the origins, the one that is wanted, and the charter's list.
///
/// # Errors
/// Why not, and what would do, in the reader's language.
pub(crate) fn may_derive(
    origins: &[&str],
    wanted: &str,
    accepted: &[String],
    lang: &str,
) -> Result<(), String> {
    let originals: Vec<Option<Licence>> = origins
        .iter()
        .map(|origin| stated_licence(origin).and_then(|l| Licence::parse(l).ok()))
        .collect();
    let Ok(wanted) = Licence::parse(wanted) else {
        if originals.contains(&None) {
            return refused(&originals, accepted, lang);
        }
        return Err(match lang {
            "fr" => {
                format!("La licence voulue n’est pas une expression SPDX\u{a0}: {wanted}")
            }
            _ => format!("The licence wanted is no SPDX expression: {wanted}"),
        });
    };
    compatible(&originals, &wanted, accepted).map_err(|refusal| refusal.sentence(lang))
}

/// Originals of which no licence is known allow nothing, whatever is wanted.
fn refused(originals: &[Option<Licence>], accepted: &[String], lang: &str) -> Result<(), String> {
    let any = Licence::parse("CC-BY-4.0").expect("a licence of the list");
    compatible(originals, &any, accepted).map_err(|refusal| refusal.sentence(lang))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_licence_is_kept_as_far_as_it_asks() {
        let may = |from: &str, to: &str| may_derive(&[from], to, &[], "en").is_ok();
        assert!(may("CC-BY-4.0", "CC-BY-4.0") && may("CC-BY-4.0", "CC-BY-SA-4.0"));
        assert!(may("CC0-1.0", "CC-BY-4.0") && !may("CC-BY-4.0", "CC0-1.0"));
        assert!(may("CC-BY-SA-4.0", "CC-BY-SA-4.0") && !may("CC-BY-SA-4.0", "CC-BY-4.0"));
        assert!(may("CC-BY-NC-4.0", "CC-BY-NC-4.0") && !may("CC-BY-NC-4.0", "CC-BY-4.0"));
        assert!(!may("CC-BY-NC-SA-4.0", "CC-BY-NC-4.0"));
        assert!(!may("CC-BY-ND-4.0", "CC-BY-ND-4.0") && !may("NOASSERTION", "CC-BY-4.0"));
        assert!(!may("NOASSERTION", "NOASSERTION"));
        let only = ["CC-BY-SA-4.0".to_owned()];
        let refused = may_derive(&["CC-BY-4.0"], "CC-BY-4.0", &only, "fr").unwrap_err();
        assert!(refused.contains("charte"));
    }
}
