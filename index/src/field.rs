//! Named fields of the query language: `title:ondes`, `niveau:L1`.

use super::fold::fold;

/// What a named field looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    Title,
    Author,
    Subject,
    Level,
    Type,
    Licence,
    Language,
    Institution,
    Format,
}

/// The names of a field: in English, in French, and what else people write, folded.
struct Names {
    named: Named,
    english: &'static str,
    french: &'static str,
    others: &'static [&'static str],
}

const NAMES: [Names; 9] = [
    Names {
        named: Named::Title,
        english: "title",
        french: "titre",
        others: &["titles", "titres", "titulo", "titel"],
    },
    Names {
        named: Named::Author,
        english: "author",
        french: "auteur",
        others: &[
            "authors", "auteurs", "autrice", "autrices", "creator", "autor", "autore",
        ],
    },
    Names {
        named: Named::Subject,
        english: "subject",
        french: "sujet",
        others: &[
            "keyword",
            "keywords",
            "motcle",
            "motscles",
            "matiere",
            "discipline",
            "subjects",
            "sujets",
        ],
    },
    Names {
        named: Named::Level,
        english: "level",
        french: "niveau",
        others: &["levels", "niveaux"],
    },
    Names {
        named: Named::Type,
        english: "type",
        french: "type",
        others: &["types", "kind", "sorte"],
    },
    Names {
        named: Named::Licence,
        english: "licence",
        french: "licence",
        others: &["license", "licences"],
    },
    Names {
        named: Named::Language,
        english: "language",
        french: "langue",
        others: &["lang", "languages", "langues"],
    },
    Names {
        named: Named::Institution,
        english: "institution",
        french: "institution",
        others: &["etablissement", "institutions"],
    },
    Names {
        named: Named::Format,
        english: "format",
        french: "format",
        others: &["formats", "fichier"],
    },
];

/// The fields that a search may name: their names in English and in French.
pub fn field_names() -> impl Iterator<Item = (&'static str, &'static str)> {
    NAMES.iter().map(|names| (names.english, names.french))
}

impl Named {
    /// The field of this name, case, accents and hyphens aside.
    pub(crate) fn parse(name: &str) -> Option<Named> {
        let name = fold(name);
        let found = NAMES.iter().find(|names| {
            names.english == name || names.french == name || names.others.contains(&&*name)
        });
        found.map(|names| names.named)
    }

    /// Whether its values are read from a column.
    pub(crate) fn is_column(self) -> bool {
        !matches!(self, Named::Title | Named::Author)
    }

    /// Its name in English, which is also its place in errors.
    pub(crate) fn name(self) -> &'static str {
        NAMES[self as usize].english
    }
}

/// The name that somebody may have meant who wrote one that there is not: at most two letters away.
pub(crate) fn nearest(name: &str) -> Option<&'static str> {
    let name = fold(name);
    let all = NAMES.iter().flat_map(|names| [names.english, names.french]);
    all.map(|known| (commun_specs::vocab::distance(known, &name), known))
        .filter(|(distance, known)| *distance <= 2 && *distance * 2 < known.len())
        .min()
        .map(|(_, known)| known)
}

/// What stands before a colon in addresses and identifiers, which people paste: no fields.
const SCHEMES: [&str; 16] = [
    "http", "https", "ftp", "mailto", "file", "git", "ssh", "urn", "doi", "isbn", "issn", "hdl",
    "ark", "hal", "arxiv", "orcid",
];

/// Whether what stands before a colon may be meant as the name of a field.
pub(crate) fn may_be_name(before: &str) -> bool {
    let letters = before.chars().filter(|c| c.is_alphabetic()).count();
    (2..=20).contains(&letters)
        && before.starts_with(char::is_alphabetic)
        && before
            .chars()
            .all(|c| c.is_alphabetic() || matches!(c, '-' | '_'))
        && !SCHEMES.contains(&&*before.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_have_english_and_french_names() {
        for (at, names) in NAMES.iter().enumerate() {
            assert_eq!(names.named as usize, at);
            for name in [names.english, names.french].iter().chain(names.others) {
                assert_eq!(Named::parse(name), Some(names.named));
                assert_eq!(fold(name), **name);
            }
        }
        assert_eq!(Named::parse("Mot-clé"), Some(Named::Subject));
        assert_eq!(Named::parse("Établissement"), Some(Named::Institution));
        assert_eq!(Named::parse("colour"), None);
    }

    #[test]
    fn a_slip_in_a_name_is_understood_and_a_far_word_is_not() {
        assert_eq!(nearest("tilte"), Some("title"));
        assert_eq!(nearest("langage"), Some("language"));
        assert_eq!(nearest("colour"), None);
    }

    #[test]
    fn addresses_and_times_are_not_fields() {
        for before in ["https", "12", "a", "x2", "doi", "C++", "$x", "-"] {
            assert!(!may_be_name(before), "{before}");
        }
        assert!(may_be_name("titre") && may_be_name("mot-clé"));
    }
}
