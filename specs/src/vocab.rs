//! The vocabularies that values are chosen from: what may be written, how it is shown, what is broader.
//!
//! Every table is data in a `.tsv` file beside this one (id, broader, French, English, other names, addresses,
//! values of standards), read once. Ids are what is stored, indexed and written in URLs; labels are only ever shown.

mod nearest;
mod table;

pub use nearest::distance;
pub use table::Concept;

use table::Table;

/// A vocabulary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// Kinds of learning material, HCRT slugs (`course`, `case_study`).
    ResourceType,
    /// Levels, ISCED 2011 and French children (`isced-6`, `fr-l1`).
    Level,
    /// Subjects, ISCED-F 2013 (`iscedf-0541`).
    Subject,
    /// Languages, BCP 47 primary subtags (`fr`).
    Language,
    /// What an item is (`resource`, `repository`, `collection`).
    ItemType,
    /// Who gets at it (`no-login`).
    Access,
    /// DCMI types (`moving-image`).
    DocumentType,
    /// Whom it is made for (`student`).
    Audience,
    /// How hard it is (`medium`).
    Difficulty,
    /// What learners do with it (`practise`).
    Activity,
    /// Senses that perceive it (`textual`).
    AccessibilityMode,
    /// What helps people with disabilities (`captions`).
    AccessibilityFeature,
    /// What may harm (`flashing`).
    AccessibilityHazard,
    /// What it can be steered with (`fullKeyboardControl`).
    AccessibilityControl,
    /// Levels of languages (`cefr-b2`).
    Cefr,
}

impl Scheme {
    /// All vocabularies.
    pub const ALL: [Scheme; 15] = [
        Scheme::ResourceType,
        Scheme::Level,
        Scheme::Subject,
        Scheme::Language,
        Scheme::ItemType,
        Scheme::Access,
        Scheme::DocumentType,
        Scheme::Audience,
        Scheme::Difficulty,
        Scheme::Activity,
        Scheme::AccessibilityMode,
        Scheme::AccessibilityFeature,
        Scheme::AccessibilityHazard,
        Scheme::AccessibilityControl,
        Scheme::Cefr,
    ];
}

/// All concepts of a vocabulary, in the order of its table.
pub fn concepts(scheme: Scheme) -> &'static [Concept] {
    Table::of(scheme).concepts()
}

/// The concept with this id.
pub fn find(scheme: Scheme, id: &str) -> Option<&'static Concept> {
    Table::of(scheme).find(id)
}

/// The label of a concept in the language asked for (`fr…` gives French, all else English).
///
/// A language tag with subtags (`pt-BR`) falls back on its primary subtag.
pub fn label(scheme: Scheme, id: &str, lang: &str) -> Option<&'static str> {
    let concept = find(scheme, id).or_else(|| match scheme {
        Scheme::Language => find(scheme, id.split('-').next().unwrap_or(id)),
        _ => None,
    })?;
    Some(concept.label(lang))
}

/// The concept one step above this one.
pub fn broader(scheme: Scheme, id: &str) -> Option<&'static str> {
    find(scheme, id)?.broader
}

/// The ids given and all that are broader, each once: first the given ones, then those above, in order of meeting.
///
/// Ids that the vocabulary does not have are kept: they are facets too.
pub fn expand<'a>(scheme: Scheme, ids: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut push = |id: &str| {
        let new = !all.iter().any(|known| known == id);
        if new {
            all.push(id.to_owned());
        }
        new
    };
    let given: Vec<&str> = ids.into_iter().collect();
    for id in &given {
        push(id);
    }
    for id in given {
        let mut next = broader(scheme, id);
        while let Some(above) = next {
            push(above);
            next = broader(scheme, above);
        }
    }
    all
}

/// The id whose id, label or other name is nearest to what was written, for "did you mean"; nothing when all are far.
pub fn suggest(scheme: Scheme, written: &str) -> Option<&'static str> {
    Table::of(scheme).suggest(written)
}

/// The id meant by a label or another name in either language (`L2`, `Mathématiques`, `fre`), case and accents aside.
pub fn by_name(scheme: Scheme, name: &str) -> Option<&'static str> {
    Table::of(scheme).by_name(name)
}

/// The id of the concept that has this address in another publication of the scheme (`https://w3id.org/kim/hcrt/course`).
pub fn by_address(scheme: Scheme, address: &str) -> Option<&'static str> {
    Table::of(scheme).by_address(address)
}

/// The id of the concept that a standard calls so (`LOMv1.0`, `narrative text`), case aside.
pub fn by_value(scheme: Scheme, standard: &str, value: &str) -> Option<&'static str> {
    Table::of(scheme).by_value(standard, value)
}

#[cfg(test)]
mod tests;
