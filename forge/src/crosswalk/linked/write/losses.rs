//! What the vocabulary has no place for.

use commun_specs::metadata::FIELDS;

use super::Out;

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

impl Out<'_> {
    /// The fields that are lost as a whole; then all losses in the order of the model's fields.
    pub(super) fn whole_losses(&mut self) {
        for (field, value) in self.view.to_json() {
            if NOWHERE.contains(&field.as_str()) {
                let text = value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned);
                self.lost(&field, &text);
            }
        }
        let place = |field: &str| FIELDS.iter().position(|known| *known == field);
        self.losses.sort_by_key(|loss| place(&loss.field));
    }
}
