//! Labels of concepts: what an item is catalogued as, in words of every language.

use commun_specs::vocab::{self, Concept, Scheme};

use super::document::Document;

/// Labels with their languages: of the item's own concepts, and of those above them.
#[derive(Debug, Default)]
pub(crate) struct Labels {
    pub(crate) own: Vec<(&'static str, &'static str)>,
    pub(crate) broader: Vec<(&'static str, &'static str)>,
}

/// The labels that the built-in vocabularies give the subjects, levels and resource types of a document.
pub(crate) fn of(document: &Document) -> Labels {
    let mut labels = Labels::default();
    for (scheme, ids) in [
        (Scheme::Subject, &document.subjects),
        (Scheme::Level, &document.levels),
        (Scheme::ResourceType, &document.resource_types),
    ] {
        let own = ids.iter().filter_map(|id| vocab::find(scheme, id));
        let own: Vec<&Concept> = own.collect();
        let mut above: Vec<&Concept> = Vec::new();
        for concept in &own {
            let mut next = concept.broader;
            while let Some(concept) = next.and_then(|id| vocab::find(scheme, id)) {
                if above.iter().any(|known| known.id == concept.id) {
                    break;
                }
                above.push(concept);
                next = concept.broader;
            }
        }
        // The caller gives the broader levels with the narrow ones.
        for concept in own {
            if !above.iter().any(|broad| broad.id == concept.id) {
                add(concept, &mut labels.own);
            }
        }
        for concept in above {
            add(concept, &mut labels.broader);
        }
    }
    let own = &labels.own;
    labels.broader.retain(|label| !own.contains(label));
    labels
}

fn add(concept: &'static Concept, labels: &mut Vec<(&'static str, &'static str)>) {
    let names = concept.names.iter().map(|name| ("", *name));
    for label in [("fr", concept.fr), ("en", concept.en)]
        .into_iter()
        .chain(names)
    {
        if !labels.contains(&label) {
            labels.push(label);
        }
    }
}

#[cfg(test)]
mod tests;
