//! The classes of licences that searches filter by, in the words of the vocabulary `licence-class`.

use super::{Family, Licence};

/// The class of what states no licence that is known.
pub const UNCLEAR: &str = "unclear";
/// The class of what may be changed: the switch "free to adapt".
pub const ADAPT: &str = "adapt";

impl Licence {
    /// The ids of its classes in the vocabulary `licence-class`, the narrower one first: what one may do, and whether
    /// for any purpose.
    pub fn classes(&self) -> &'static [&'static str] {
        match self.family() {
            Family::PublicDomain | Family::Attribution | Family::ShareAlike => {
                &["adapt-any", ADAPT]
            }
            Family::NonCommercial => &["adapt-nc", ADAPT],
            Family::NoDerivatives if self.terms().commercial => &["share-any", "share"],
            Family::NoDerivatives => &["share-nc", "share"],
            Family::Unstated => &[UNCLEAR],
        }
    }

    /// The classes of what states this licence, or none: [`UNCLEAR`] for none and for what cannot be read.
    pub fn classes_of(stated: Option<&str>) -> &'static [&'static str] {
        let read = stated.and_then(|text| Licence::parse(text).ok());
        read.map_or(&[UNCLEAR], |licence| licence.classes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocab::{Scheme, broader, find};

    #[test]
    fn every_licence_has_a_class_that_the_vocabulary_knows() {
        for (licence, class) in [
            ("CC-BY-4.0", "adapt-any"),
            ("CC0-1.0", "adapt-any"),
            ("MIT OR CC-BY-NC-4.0", "adapt-any"),
            ("CC-BY-NC-SA-4.0", "adapt-nc"),
            ("CC-BY-ND-4.0", "share-any"),
            ("CC-BY-NC-ND-4.0", "share-nc"),
            ("LicenseRef-secret", "unclear"),
        ] {
            let classes = Licence::classes_of(Some(licence));
            assert_eq!(classes[0], class, "{licence}");
            assert!(find(Scheme::LicenceClass, class).is_some());
            assert_eq!(
                classes.get(1).copied(),
                broader(Scheme::LicenceClass, class),
                "{licence}"
            );
        }
        assert_eq!(Licence::classes_of(None), [UNCLEAR]);
        assert_eq!(Licence::classes_of(Some("((")), [UNCLEAR]);
    }

    #[test]
    fn the_classes_that_may_be_changed_are_those_of_the_switch() {
        for id in [
            "CC-BY-SA-4.0",
            "CC-BY-NC-4.0",
            "CC-BY-ND-4.0",
            "GPL-3.0-only",
            "etalab-2.0",
        ] {
            let licence = Licence::parse(id).unwrap();
            assert_eq!(
                licence.classes().contains(&ADAPT),
                licence.class().may_adapt(),
                "{id}"
            );
        }
    }
}
