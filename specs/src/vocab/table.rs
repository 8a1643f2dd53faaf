//! One vocabulary in memory, read once from its `.tsv`.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::Scheme;
use super::nearest::{fold, nearest};

/// One entry of a vocabulary.
#[derive(Debug, PartialEq, Eq)]
pub struct Concept {
    /// What is stored and indexed.
    pub id: &'static str,
    /// The concept above, in the same vocabulary.
    pub broader: Option<&'static str>,
    /// Label in French.
    pub fr: &'static str,
    /// Label in English.
    pub en: &'static str,
    /// Other names that people write, in either language.
    pub names: Vec<&'static str>,
    /// Addresses of the same or a near concept in other publications.
    pub same: Vec<Same>,
    /// What standards call it; the first of each standard is the one to write.
    pub values: Vec<Said>,
}

/// A concept of another publication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Same {
    /// Its address.
    pub address: &'static str,
    /// Whether it means the same; else it is the nearest one that there is.
    pub exact: bool,
}

/// A value of a standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// The standard as it names itself: `LOMv1.0`, `SupLOMFRv1.0`.
    pub standard: &'static str,
    /// The value: `narrative text`.
    pub value: &'static str,
    /// Whether it means the same; else it is only written, never read.
    pub exact: bool,
}

impl Concept {
    /// The label in the language asked for: French for `fr` and its variants, English for all others.
    pub fn label(&self, lang: &str) -> &'static str {
        if super::is_french(lang) {
            self.fr
        } else {
            self.en
        }
    }
}

/// An address without its scheme and final slash, which publications vary.
fn bare(address: &str) -> &str {
    let address = address
        .strip_prefix("https")
        .or_else(|| address.strip_prefix("http"));
    address.unwrap_or_default().trim_end_matches('/')
}

/// Standard and value as one key; standards write themselves in many cases.
fn key(standard: &str, value: &str) -> String {
    format!("{}={}", standard.to_ascii_lowercase(), fold(value))
}

/// A vocabulary with its look-ups.
pub(super) struct Table {
    concepts: Vec<Concept>,
    by_id: HashMap<&'static str, usize>,
    by_name: HashMap<String, usize>,
    by_address: HashMap<&'static str, usize>,
    by_value: HashMap<String, usize>,
}

impl Table {
    pub(super) fn of(scheme: Scheme) -> &'static Table {
        static TABLES: [OnceLock<Table>; Scheme::ALL.len()] =
            [const { OnceLock::new() }; Scheme::ALL.len()];
        TABLES[scheme as usize].get_or_init(|| Table::read(scheme.text()))
    }

    fn read(text: &'static str) -> Table {
        let mut concepts: Vec<Concept> = Vec::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let mut cells = line.split('\t');
            let mut cell = || cells.next().unwrap_or_default();
            let (id, above, fr, en) = (cell(), cell(), cell(), cell());
            concepts.push(Concept {
                id,
                broader: (!above.is_empty()).then_some(above),
                fr,
                en,
                names: cell().split(';').filter(|name| !name.is_empty()).collect(),
                same: cell()
                    .split(' ')
                    .filter(|same| !same.trim_start_matches('>').is_empty())
                    .map(|same| Same {
                        address: same.trim_start_matches('>'),
                        exact: !same.starts_with('>'),
                    })
                    .collect(),
                values: cell()
                    .split(';')
                    .filter_map(|value| value.split_once('='))
                    .map(|(standard, value)| Said {
                        standard: standard.trim_start_matches('>'),
                        value,
                        exact: !standard.starts_with('>'),
                    })
                    .collect(),
            });
        }
        let mut by_id = HashMap::new();
        let mut by_name = HashMap::new();
        for (at, concept) in concepts.iter().enumerate() {
            by_id.insert(concept.id, at);
        }
        // A label shared by a field and its only part (« Droit ») means the broader one, which comes first.
        for (at, concept) in concepts.iter().enumerate() {
            for name in [concept.id, concept.fr, concept.en] {
                by_name.entry(fold(name)).or_insert(at);
            }
        }
        for (at, concept) in concepts.iter().enumerate() {
            for name in &concept.names {
                by_name.entry(fold(name)).or_insert(at);
            }
        }
        let mut by_address = HashMap::new();
        let mut by_value = HashMap::new();
        for (at, concept) in concepts.iter().enumerate() {
            for same in concept.same.iter().filter(|same| same.exact) {
                by_address.entry(bare(same.address)).or_insert(at);
            }
            for said in concept.values.iter().filter(|said| said.exact) {
                by_value.entry(key(said.standard, said.value)).or_insert(at);
            }
        }
        Table {
            concepts,
            by_id,
            by_name,
            by_address,
            by_value,
        }
    }

    pub(super) fn concepts(&self) -> &[Concept] {
        &self.concepts
    }

    pub(super) fn find(&self, id: &str) -> Option<&Concept> {
        self.by_id.get(id).map(|at| &self.concepts[*at])
    }

    pub(super) fn by_name(&self, name: &str) -> Option<&'static str> {
        // « Bac + 5 » is « bac+5 ».
        let name = fold(name).replace(" +", "+").replace("+ ", "+");
        self.by_name.get(&name).map(|at| self.concepts[*at].id)
    }

    pub(super) fn by_address(&self, address: &str) -> Option<&'static str> {
        let at = self.by_address.get(bare(address.trim()))?;
        Some(self.concepts[*at].id)
    }

    pub(super) fn by_value(&self, standard: &str, value: &str) -> Option<&'static str> {
        let at = self.by_value.get(&key(standard, value))?;
        Some(self.concepts[*at].id)
    }

    pub(super) fn suggest(&self, written: &str) -> Option<&'static str> {
        if let Some(id) = self.by_name(written) {
            return Some(id);
        }
        let names = self.concepts.iter().flat_map(|concept| {
            [concept.id, concept.fr, concept.en]
                .into_iter()
                .chain(concept.names.iter().copied())
                .map(|name| (name, concept.id))
        });
        nearest(written, names)
    }
}
