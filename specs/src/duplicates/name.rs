//! Names of authors as they are compared, whatever order and however short they are written.

use serde::{Deserialize, Serialize};

use super::words::{fold, slips};
use crate::metadata::Creator;

/// Authors that are compared.
const MAX_NAMES: usize = 20;
/// What stands before names, and between them.
const TITLES: [&str; 25] = [
    "dr", "prof", "pr", "m", "mr", "mrs", "ms", "mme", "mlle", "phd", "ing", "de", "du", "des",
    "la", "le", "van", "von", "der", "den", "el", "al", "ben", "di", "da",
];

/// Somebody, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Name {
    /// The words of the name, folded, in order.
    pub(super) words: Vec<String>,
    /// Its initials.
    pub(super) initials: String,
    /// The ORCID, or the IdRef number.
    pub(super) id: Option<String>,
}

/// Whether two lists of authors agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Agreement {
    /// At least half of the shorter list is in the other.
    Yes,
    /// Less is.
    No,
    /// One of them is empty.
    Unknown,
}

impl Name {
    /// The authors of an item; one value may name several.
    pub(super) fn all(creators: &[Creator]) -> Vec<Name> {
        let mut names: Vec<Name> = Vec::new();
        for creator in creators {
            let text = creator.name.split('(').next().unwrap_or_default();
            let parts: Vec<&str> = several(text);
            let alone = parts.len() == 1;
            for part in parts {
                let mut name = Name::of(part);
                if alone {
                    name.id = creator.orcid.clone().or_else(|| creator.idref.clone());
                }
                let says = !name.words.is_empty() || name.id.is_some();
                if says && !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        names.truncate(MAX_NAMES);
        names
    }

    fn of(text: &str) -> Name {
        let mut name = Name::default();
        let folded = fold(text);
        for word in folded.split(|c: char| !c.is_alphanumeric()) {
            if word.is_empty() || TITLES.contains(&word) && word.len() > 1 {
                continue;
            }
            match word.chars().count() {
                1 => name.initials.push_str(word),
                _ => name.words.push(word.to_owned()),
            }
        }
        name.words.sort();
        name.initials = sorted(&name.initials);
        name
    }

    /// Whether they may be the same.
    pub(super) fn agrees(&self, other: &Name) -> bool {
        if let (Some(a), Some(b)) = (&self.id, &other.id)
            && a.len() == b.len()
        {
            return a == b;
        }
        let mut theirs: Vec<&String> = other.words.iter().collect();
        let mut shared = false;
        let mut mine: Vec<&String> = Vec::new();
        for word in &self.words {
            let same = theirs.iter().position(|w| *w == word);
            let near = || {
                theirs
                    .iter()
                    .position(|w| word.len() > 5 && slips(w, word).is_some())
            };
            match same.or_else(near) {
                Some(at) => {
                    theirs.remove(at);
                    shared |= word.chars().count() > 1;
                }
                None => mine.push(word),
            }
        }
        shared && fits(&mine, &self.initials, &theirs, &other.initials)
    }
}

/// Whether what two names do not share can stand for one another: all of the side that has less.
fn fits(a: &[&String], a_initials: &str, b: &[&String], b_initials: &str) -> bool {
    let count = |words: &[&String], initials: &str| words.len() + initials.chars().count();
    let (less, more) = match count(a, a_initials) <= count(b, b_initials) {
        true => ((a, a_initials), (b, b_initials)),
        false => ((b, b_initials), (a, a_initials)),
    };
    let (words, initials) = less;
    let mut open_words: Vec<&String> = more.0.to_vec();
    let mut open_initials: Vec<char> = more.1.chars().collect();
    for word in words {
        let short_of =
            |other: &&&String| other.starts_with(word.as_str()) || word.starts_with(other.as_str());
        if let Some(at) = open_words.iter().position(|w| short_of(&w)) {
            open_words.remove(at);
        } else if let Some(at) = open_initials.iter().position(|i| word.starts_with(*i)) {
            open_initials.remove(at);
        } else {
            return false;
        }
    }
    for initial in initials.chars() {
        if let Some(at) = open_initials.iter().position(|i| *i == initial) {
            open_initials.remove(at);
        } else if let Some(at) = open_words.iter().position(|w| w.starts_with(initial)) {
            open_words.remove(at);
        } else {
            return false;
        }
    }
    true
}

fn sorted(text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    letters.sort_unstable();
    letters.into_iter().collect()
}

/// The names in a text that may hold several.
fn several(text: &str) -> Vec<&str> {
    let mut parts = vec![text];
    for separator in [";", " and ", " et ", " & ", " und "] {
        parts = parts
            .into_iter()
            .flat_map(|part| part.split(separator))
            .collect();
    }
    // « Anne Essai, Paul Test », but not « Essai, Anne ».
    parts = parts
        .into_iter()
        .flat_map(|part| {
            let pieces: Vec<&str> = part.split(',').map(str::trim).collect();
            match pieces.len() > 1 && pieces.iter().all(|piece| piece.contains(' ')) {
                true => pieces,
                false => vec![part],
            }
        })
        .collect();
    parts
}

/// Whether two lists of authors agree.
pub(super) fn agreement(a: &[Name], b: &[Name]) -> Agreement {
    if a.is_empty() || b.is_empty() {
        return Agreement::Unknown;
    }
    let (short, long) = match a.len() <= b.len() {
        true => (a, b),
        false => (b, a),
    };
    let found = short
        .iter()
        .filter(|name| long.iter().any(|other| name.agrees(other)));
    match found.count() * 2 >= short.len() {
        true => Agreement::Yes,
        false => Agreement::No,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<Name> {
        let creator = Creator {
            name: text.to_owned(),
            ..Creator::default()
        };
        Name::all(&[creator])
    }

    #[test]
    fn names_agree_however_they_are_written() {
        for (a, b) in [
            ("Dupont, Marie", "Marie Dupont"),
            ("M. Dupont", "Dupont, Marie"),
            ("Dr Marie DUPONT (Univ. Angers)", "Dupont"),
            ("Jean-Paul Müller", "J.-P. Muller"),
            ("Marie Dupont; Paul Martin", "Paul Martin et Marie Dupont"),
            ("Anne Essai, Paul Test", "Test, Paul"),
            ("Université d’Angers", "Univ. Angers"),
            ("Lefebvre, Catherine", "Catherine Lefèbvre"),
        ] {
            assert_eq!(agreement(&names(a), &names(b)), Agreement::Yes, "{a} {b}");
            assert_eq!(agreement(&names(b), &names(a)), Agreement::Yes, "{b} {a}");
        }
        for (a, b) in [
            ("Marie Dupont", "Marie Durand"),
            ("Marie Dupont", "Pierre Dupont"),
            ("A. Martin", "B. Martin"),
            ("Marie Curie", "Pierre Martin"),
        ] {
            assert_eq!(agreement(&names(a), &names(b)), Agreement::No, "{a} {b}");
        }
        assert_eq!(agreement(&names(""), &names("Marie")), Agreement::Unknown);
    }

    #[test]
    fn an_orcid_decides() {
        let with = |name: &str, orcid: &str| Name {
            id: Some(orcid.to_owned()),
            ..Name::of(name)
        };
        let a = with("Jean Martin", "0000-0002-1825-0097");
        assert!(!a.agrees(&with("Jean Martin", "0000-0001-5109-3700")));
        assert!(a.agrees(&with("J. M.", "0000-0002-1825-0097")));
    }
}
