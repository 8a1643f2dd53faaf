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
}

impl Concept {
    /// The label in the language asked for: French for `fr` and its variants, English for all others.
    pub fn label(&self, lang: &str) -> &'static str {
        match lang.split('-').next() {
            Some(primary) if primary.eq_ignore_ascii_case("fr") => self.fr,
            _ => self.en,
        }
    }
}

/// A vocabulary with its two look-ups.
pub(super) struct Table {
    concepts: Vec<Concept>,
    by_id: HashMap<&'static str, usize>,
    by_name: HashMap<String, usize>,
}

const ITEM_TYPES: &str = "resource\t\tRessource\tResource\t\nrepository\t\tDépôt de code\tRepository\t\ncollection\t\tCollection\tCollection\t\n";

impl Table {
    pub(super) fn of(scheme: Scheme) -> &'static Table {
        static TABLES: [OnceLock<Table>; 5] = [const { OnceLock::new() }; 5];
        let (slot, text) = match scheme {
            Scheme::ResourceType => (0, include_str!("resource_type.tsv")),
            Scheme::Level => (1, include_str!("level.tsv")),
            Scheme::Subject => (2, include_str!("subject.tsv")),
            Scheme::Language => (3, include_str!("language.tsv")),
            Scheme::ItemType => (4, ITEM_TYPES),
        };
        TABLES[slot].get_or_init(|| Table::read(text))
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
        Table {
            concepts,
            by_id,
            by_name,
        }
    }

    pub(super) fn concepts(&self) -> &[Concept] {
        &self.concepts
    }

    pub(super) fn find(&self, id: &str) -> Option<&Concept> {
        self.by_id.get(id).map(|at| &self.concepts[*at])
    }

    pub(super) fn by_name(&self, name: &str) -> Option<&'static str> {
        self.by_name
            .get(&fold(name))
            .map(|at| self.concepts[*at].id)
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
