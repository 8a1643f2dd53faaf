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
    /// Addresses of the same concept in other publications.
    pub same: Vec<&'static str>,
    /// What standards call it: (`LOMv1.0`, `narrative text`), the first of each standard is the one to write.
    pub values: Vec<(&'static str, &'static str)>,
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

/// An address without its scheme and final slash, which publications vary.
fn bare(address: &str) -> &str {
    let address = address
        .strip_prefix("https")
        .or_else(|| address.strip_prefix("http"));
    address.unwrap_or_default().trim_end_matches('/')
}

/// A vocabulary with its look-ups.
pub(super) struct Table {
    concepts: Vec<Concept>,
    by_id: HashMap<&'static str, usize>,
    by_name: HashMap<String, usize>,
    by_address: HashMap<&'static str, usize>,
    by_value: HashMap<(&'static str, String), usize>,
}

const ITEM_TYPES: &str = "resource\t\tRessource\tResource\t\nrepository\t\tDépôt de code\tRepository\t\ncollection\t\tCollection\tCollection\t\n";

impl Table {
    pub(super) fn of(scheme: Scheme) -> &'static Table {
        static TABLES: [OnceLock<Table>; Scheme::ALL.len()] =
            [const { OnceLock::new() }; Scheme::ALL.len()];
        let text = match scheme {
            Scheme::ResourceType => include_str!("resource_type.tsv"),
            Scheme::Level => include_str!("level.tsv"),
            Scheme::Subject => include_str!("subject.tsv"),
            Scheme::Language => include_str!("language.tsv"),
            Scheme::ItemType => ITEM_TYPES,
            Scheme::Access => include_str!("access.tsv"),
            Scheme::DocumentType => include_str!("document_type.tsv"),
            Scheme::Audience => include_str!("audience.tsv"),
            Scheme::Difficulty => include_str!("difficulty.tsv"),
            Scheme::Activity => include_str!("activity.tsv"),
            Scheme::AccessibilityMode => include_str!("accessibility_mode.tsv"),
            Scheme::AccessibilityFeature => include_str!("accessibility_feature.tsv"),
            Scheme::AccessibilityHazard => include_str!("accessibility_hazard.tsv"),
            Scheme::AccessibilityControl => include_str!("accessibility_control.tsv"),
            Scheme::Cefr => include_str!("cefr.tsv"),
        };
        TABLES[scheme as usize].get_or_init(|| Table::read(text))
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
                same: cell().split(' ').filter(|same| !same.is_empty()).collect(),
                values: cell()
                    .split(';')
                    .filter_map(|value| value.split_once('='))
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
            for same in &concept.same {
                by_address.entry(bare(same)).or_insert(at);
            }
            for (standard, value) in &concept.values {
                by_value.entry((*standard, fold(value))).or_insert(at);
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
        self.by_name
            .get(&fold(name))
            .map(|at| self.concepts[*at].id)
    }

    pub(super) fn by_address(&self, address: &str) -> Option<&'static str> {
        let at = self.by_address.get(bare(address.trim()))?;
        Some(self.concepts[*at].id)
    }

    pub(super) fn by_value(&self, standard: &str, value: &str) -> Option<&'static str> {
        let standard = self
            .concepts
            .iter()
            .flat_map(|concept| &concept.values)
            .find(|(known, _)| known.eq_ignore_ascii_case(standard))?
            .0;
        let at = self.by_value.get(&(standard, fold(value)))?;
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
