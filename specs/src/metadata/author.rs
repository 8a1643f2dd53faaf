//! Who somebody is, across items: what an author's page and searches by author go by.

use std::{fmt, str::FromStr};

use super::{Creator, idref, orcid};
use crate::duplicates::fold;

/// Longest name that is gone by, in bytes: the parts of a long address.
const MAX_NAME_BYTES: usize = 300;

/// What somebody is told from others by: a number that an authority gave them, or else the words of their name.
///
/// A name tells nobody apart: two people may have the same. Written `orcid:0000-0002-1825-0097`, `idref:026800373`,
/// `name:curie-marie`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Author {
    /// An ORCID.
    Orcid(String),
    /// An IdRef number.
    Idref(String),
    /// The words of a name, folded, in alphabetical order: however it is written, family name first or last.
    Name(String),
}

/// Not what somebody is told from others by.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is none of orcid:…, idref:…, name:…")]
pub struct NotAnAuthor(pub String);

impl Author {
    /// The words of a name; `None` where it has none.
    pub fn named(name: &str) -> Option<Author> {
        let folded = fold(name);
        let mut words: Vec<&str> = folded
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect();
        words.sort_unstable();
        let words = words.join("-");
        (!words.is_empty() && words.len() <= MAX_NAME_BYTES).then_some(Author::Name(words))
    }

    /// Everything that somebody goes by, what tells them apart best first.
    pub fn all(creator: &Creator) -> Vec<Author> {
        let orcid = creator.orcid.clone().map(Author::Orcid);
        let idref = creator.idref.clone().map(Author::Idref);
        let name = Author::named(&creator.name);
        orcid.into_iter().chain(idref).chain(name).collect()
    }

    /// The kind and the value, as an address has them.
    pub fn parts(&self) -> (&'static str, &str) {
        match self {
            Author::Orcid(id) => ("orcid", id),
            Author::Idref(id) => ("idref", id),
            Author::Name(words) => ("name", words),
        }
    }

    /// The address of the authority's own page; none for a name.
    pub fn url(&self) -> Option<String> {
        match self {
            Author::Orcid(id) => Some(format!("https://orcid.org/{id}")),
            Author::Idref(id) => Some(format!("https://www.idref.fr/{id}")),
            Author::Name(_) => None,
        }
    }
}

impl fmt::Display for Author {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, value) = self.parts();
        write!(f, "{kind}:{value}")
    }
}

impl FromStr for Author {
    type Err = NotAnAuthor;

    fn from_str(text: &str) -> Result<Self, NotAnAuthor> {
        let none = || NotAnAuthor(text.chars().take(MAX_NAME_BYTES).collect());
        let (kind, value) = text.split_once(':').ok_or_else(none)?;
        match kind {
            "orcid" => orcid(value).map(Author::Orcid).map_err(|_| none()),
            "idref" => idref(value).map(Author::Idref).map_err(|_| none()),
            "name" => Author::named(value).ok_or_else(none),
            _ => Err(none()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_same_however_it_is_written() {
        let name = |text: &str| Author::named(text).map(|a| a.to_string());
        let marie = name("Marie Curie-Skłodowska");
        assert_eq!(marie.as_deref(), Some("name:curie-marie-sklodowska"));
        assert_eq!(name("CURIE-SKLODOWSKA, Marie"), marie);
        assert_eq!(name(" … "), None);
        assert_eq!(name(&"long ".repeat(100)), None);
        assert_eq!(name("毛泽东").as_deref(), Some("name:毛泽东"));
    }

    #[test]
    fn what_is_written_is_read_back() {
        for text in [
            "orcid:0000-0002-1825-0097",
            "idref:026800373",
            "name:curie-marie",
        ] {
            let author: Author = text.parse().unwrap();
            assert_eq!(author.to_string(), text);
        }
        let shuffled: Author = "name:Marie CURIE".parse().unwrap();
        assert_eq!(shuffled.to_string(), "name:curie-marie");
        for bad in ["orcid:0000-0002-1825-0098", "idref:1", "name:", "x:y", ""] {
            assert!(bad.parse::<Author>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_authorities_come_first() {
        let creator = Creator {
            name: "Ada Lovelace".into(),
            orcid: Some("0000-0002-1825-0097".into()),
            ..Creator::default()
        };
        let all: Vec<String> = Author::all(&creator)
            .iter()
            .map(Author::to_string)
            .collect();
        assert_eq!(all, ["orcid:0000-0002-1825-0097", "name:ada-lovelace"]);
    }
}
