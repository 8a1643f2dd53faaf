//! What the vocabulary has no place for.

use super::Out;
use crate::crosswalk::{Loss, in_order, words};

/// Fields that neither AMB nor schema.org has a place for.
const NOWHERE: [&str; 18] = [
    "restrictions",
    "difficulty",
    "interactivity_level",
    "semantic_density",
    "credit",
    "user_language",
    "structure",
    "aggregation_level",
    "requirements",
    "other_requirements",
    "installation",
    "accessibility_checks",
    "development_status",
    "software_type",
    "maintenance",
    "used_by",
    "contacts",
    "original",
];

/// Fields of which the second value of a language is carried, or told as lost, where the first is.
const SEVERAL: [&str; 6] = [
    "title",
    "summary",
    "description",
    "licence_statement",
    "accessibility_summary",
    "usage",
];

impl Out<'_> {
    /// The fields that are lost as a whole; then all losses in the order of the model's fields.
    pub(super) fn whole_losses(&mut self) {
        for (field, value) in self.document.clone() {
            if NOWHERE.contains(&field.as_str()) {
                self.lost(&field, &words(&value));
            }
        }
        for value in &self.view.beside {
            if !SEVERAL.contains(&value.field) {
                self.losses.push(Loss::beside(value));
            }
        }
        in_order(&mut self.losses);
    }
}
