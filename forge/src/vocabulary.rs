//! Vocabularies that institutions publish: SKOS, in Turtle or JSON, within limits.
//!
//! A vocabulary is a resource like any other, whose metadata say `"kind": "vocabulary"` and one of whose files is the
//! vocabulary. Nodes read labels from it, for concepts of records that name it as their scheme; nothing else follows
//! from what it says.

mod json;
mod turtle;

use std::collections::{BTreeMap, BTreeSet};

use commun_specs::metadata::{MAX_LINE_CHARS, is_forbidden, normalise_language};
use thiserror::Error;

/// The largest file that is read, in bytes: ScoLOMFR's largest list has three thousand concepts in a tenth of it.
pub const MAX_BYTES: usize = 2 << 20;
/// The most concepts that are kept.
pub const MAX_CONCEPTS: usize = 20_000;
/// The most labels and other names of one concept.
const MAX_NAMES: usize = 100;

/// A vocabulary.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vocabulary {
    /// Its own address, empty where it states none.
    pub address: String,
    /// Titles, (language, text); `und` where the language is not known.
    pub title: Vec<(String, String)>,
    /// The concepts by what records name them by: their notation, else the last part of their address.
    pub concepts: BTreeMap<String, Concept>,
}

/// A concept of a vocabulary.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Concept {
    /// Its own address.
    pub address: String,
    /// Labels, (language, text).
    pub label: Vec<(String, String)>,
    /// Other names, (language, text).
    pub names: Vec<(String, String)>,
    /// What it is below, by the keys of [`Vocabulary::concepts`].
    pub broader: Vec<String>,
}

/// Why a file is no vocabulary.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Error {
    /// More bytes than are read.
    #[error("the file has {0} bytes, the most is {MAX_BYTES}")]
    TooLarge(usize),
    /// More concepts than are kept.
    #[error("the vocabulary has more than {MAX_CONCEPTS} concepts")]
    TooMany,
    /// Not the syntax of its name.
    #[error("not readable: {0}")]
    Syntax(String),
    /// A name that says neither Turtle nor JSON.
    #[error("{0:?} ends neither in .ttl nor in .json or .jsonld")]
    Name(String),
    /// Nothing in it is a concept with a label.
    #[error("no concept with a label is in it")]
    Empty,
}

/// Whether a file's name says that it may be a vocabulary.
pub fn is_vocabulary_name(name: &str) -> bool {
    ["ttl", "json", "jsonld"].contains(&ending(name).as_str())
}

fn ending(name: &str) -> String {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    ending.to_ascii_lowercase()
}

/// Reads a vocabulary by its file's name and bytes. Labels that are not fit to be shown are left out.
///
/// # Errors
/// Why it is none; see [`Error`].
pub fn read(name: &str, bytes: &[u8]) -> Result<Vocabulary, Error> {
    if bytes.len() > MAX_BYTES {
        return Err(Error::TooLarge(bytes.len()));
    }
    let draft = match ending(name).as_str() {
        "ttl" => turtle::read(bytes)?,
        "json" | "jsonld" => json::read(bytes)?,
        _ => return Err(Error::Name(name.chars().take(80).collect())),
    };
    draft.finish()
}

impl Vocabulary {
    /// The label of a concept in a reader's language, else its first.
    pub fn label(&self, key: &str, lang: &str) -> Option<&str> {
        let primary = |tag: &str| tag.split('-').next().map(str::to_ascii_lowercase);
        let labels = &self.concepts.get(key)?.label;
        let own = labels.iter().find(|(tag, _)| primary(tag) == primary(lang));
        own.or(labels.first()).map(|(_, text)| text.as_str())
    }
}

/// What both readers collect, by the addresses of concepts.
#[derive(Default)]
struct Draft {
    address: String,
    title: Vec<(String, String)>,
    concepts: BTreeMap<String, Seen>,
}

#[derive(Default)]
struct Seen {
    is_concept: bool,
    notation: Option<String>,
    label: Vec<(String, String)>,
    names: Vec<(String, String)>,
    broader: BTreeSet<String>,
}

impl Draft {
    fn concept(&mut self, address: &str) -> Result<&mut Seen, Error> {
        if self.concepts.len() >= MAX_CONCEPTS && !self.concepts.contains_key(address) {
            return Err(Error::TooMany);
        }
        Ok(self.concepts.entry(address.to_owned()).or_default())
    }

    fn finish(mut self) -> Result<Vocabulary, Error> {
        // SKOS names a scheme by a label where it has no title.
        if self.title.is_empty()
            && let Some(scheme) = self.concepts.get(&self.address)
            && !scheme.is_concept
        {
            self.title.clone_from(&scheme.label);
        }
        // By language, whatever order a file has them in.
        self.title.sort();
        for seen in self.concepts.values_mut() {
            seen.label.sort();
            seen.names.sort();
        }
        let kept = self
            .concepts
            .iter()
            .filter(|(_, seen)| seen.is_concept && !seen.label.is_empty());
        // Two concepts with one notation: the first by address keeps it.
        let mut keys: BTreeMap<&str, String> = BTreeMap::new();
        let mut taken: BTreeSet<&str> = BTreeSet::new();
        for (address, seen) in kept.clone() {
            let last = address
                .rsplit(['/', '#', ':'])
                .find(|part| !part.is_empty());
            let key = match &seen.notation {
                Some(notation) => notation.as_str(),
                None => last.unwrap_or(address),
            };
            if taken.insert(key) {
                keys.insert(address, key.to_owned());
            }
        }
        let concepts: BTreeMap<String, Concept> = kept
            .filter_map(|(address, seen)| {
                let key = keys.get(address.as_str())?.clone();
                let broader = seen.broader.iter();
                let concept = Concept {
                    address: address.clone(),
                    label: seen.label.clone(),
                    names: seen.names.clone(),
                    broader: broader
                        .filter_map(|above| keys.get(above.as_str()).cloned())
                        .collect(),
                };
                Some((key, concept))
            })
            .collect();
        if concepts.is_empty() {
            return Err(Error::Empty);
        }
        Ok(Vocabulary {
            address: self.address,
            title: self.title,
            concepts,
        })
    }
}

/// Adds a text that is fit to be shown, once.
fn add(list: &mut Vec<(String, String)>, lang: &str, text: &str) {
    let Some(text) = line(text) else {
        return;
    };
    let lang = match lang {
        "" => "und".to_owned(),
        tag => normalise_language(tag).unwrap_or_else(|_| "und".into()),
    };
    let new = (lang, text);
    if list.len() < MAX_NAMES && !list.contains(&new) {
        list.push(new);
    }
}

/// A text of one line that is fit to be shown.
fn line(text: &str) -> Option<String> {
    let text = text.trim();
    let fits = !text.is_empty()
        && text.chars().count() <= MAX_LINE_CHARS
        && !text.chars().any(|c| c.is_control() || is_forbidden(c));
    fits.then(|| text.to_owned())
}

#[cfg(test)]
mod tests;
