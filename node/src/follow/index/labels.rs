//! The labels of an item's concepts: what a record brings itself, and what a built-in vocabulary calls the same in other
//! languages. So is found in every language what is catalogued in one.

use commun_index::Labels;
use commun_specs::{
    metadata::{Concept, View},
    vocab::{self, Scheme},
};

/// Labels of one item that are indexed; a record with more lists a thesaurus.
const MAX_LABELS: usize = 500;

/// The labels of all concepts of a record, each once, in the order of the record. Those of ids in built-in vocabularies the
/// index knows itself.
pub(super) fn labels(view: &View) -> Labels {
    let mut labels = Labels::default();
    let classified = view.classifications.iter().map(|c| &c.concept);
    for concept in view.subjects.iter().chain(classified) {
        extend(&mut labels.own, concept.label.iter().cloned());
        extend(&mut labels.own, translated(concept));
        for taxon in &concept.broader {
            extend(&mut labels.broader, taxon.label.iter().cloned());
        }
    }
    labels.broader.retain(|label| !labels.own.contains(label));
    labels
}

/// What the built-in fields of study call a concept that another scheme, or only words, name alike.
fn translated(concept: &Concept) -> Vec<(String, String)> {
    let mut ids = concept
        .label
        .iter()
        .filter_map(|(_, label)| vocab::by_name(Scheme::Subject, label));
    let known = ids.next().and_then(|id| vocab::find(Scheme::Subject, id));
    let known = known.into_iter();
    known
        .flat_map(|known| [("fr", known.fr), ("en", known.en)])
        .map(|(language, label)| (language.to_owned(), label.to_owned()))
        .collect()
}

fn extend(all: &mut Vec<(String, String)>, more: impl IntoIterator<Item = (String, String)>) {
    for (language, label) in more {
        // The index guesses the language where it is not known; it says so with an empty tag.
        let language = if language == "und" {
            String::new()
        } else {
            language
        };
        let label = (language, label);
        if all.len() < MAX_LABELS && !all.contains(&label) {
            all.push(label);
        }
    }
}

#[cfg(test)]
mod tests {
    use commun_specs::metadata::Taxon;

    use super::*;

    fn pair(language: &str, label: &str) -> (String, String) {
        (language.to_owned(), label.to_owned())
    }

    #[test]
    fn a_record_s_own_labels_and_their_translations_are_searched() {
        let concept = Concept {
            scheme: "univ-a/thesaurus".to_owned(),
            notation: "cb".to_owned(),
            label: vec![
                pair("en", "cell biology"),
                pair("fr", "biologie cellulaire"),
            ],
            broader: vec![Taxon {
                notation: String::new(),
                label: vec![pair("und", "life")],
            }],
        };
        let view = View {
            subjects: vec![concept, Concept::words("en", "Physics")],
            ..View::default()
        };
        let labels = labels(&view);
        for own in [
            pair("en", "cell biology"),
            pair("fr", "biologie cellulaire"),
            pair("en", "Physics"),
            pair("fr", "Physique"),
        ] {
            assert!(labels.own.contains(&own), "{own:?}");
        }
        assert_eq!(labels.own.len(), 4);
        assert_eq!(labels.broader, [pair("", "life")]);
    }
}
