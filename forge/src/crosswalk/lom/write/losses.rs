//! What LOM has no place for.

use super::Out;
use crate::crosswalk::Loss;

/// Fields that LOM has no place for.
const NOWHERE: [&str; 22] = [
    "funders",
    "rights_holders",
    "modified",
    "access",
    "assesses",
    "image",
    "accessibility_sufficient",
    "accessibility_checks",
    "programming_language",
    "platform",
    "development_status",
    "software_type",
    "maintenance",
    "category",
    "used_by",
    "dependencies",
    "contacts",
    "credit",
    "document_type",
    "activities",
    "summary",
    "files",
];

/// Those of them that LOMFR has.
const FRENCH: [&str; 3] = ["credit", "document_type", "activities"];

impl Out<'_> {
    /// The fields that are lost as a whole.
    pub(super) fn whole_losses(&mut self) {
        let view = self.view;
        for (field, value) in view.to_json() {
            let there = match field.as_str() {
                "summary" => view.descriptions.is_empty(),
                // Their types and the sum of their sizes are carried.
                "files" => {
                    let files = &view.files;
                    if !files.is_empty() {
                        self.narrowed(
                            "files",
                            &files.len().to_string(),
                            "their types (4.1) and the sum of their sizes (4.2)",
                        );
                    }
                    true
                }
                name if FRENCH.contains(&name) => self.profile.french(),
                name => !NOWHERE.contains(&name),
            };
            if !there {
                let text = value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned);
                self.losses.push(Loss::of(&field, &text));
            }
        }
        if let Some(kind) = &view.kind {
            let told = match kind.as_str() {
                "resource" => true,
                "component" => {
                    self.profile.french() && view.document_types.iter().any(|d| d == "software")
                }
                "course" => matches!(view.aggregation_level, Some(3 | 4)),
                _ => view.structure.as_deref() == Some("collection"),
            };
            if !told {
                self.losses.push(Loss::of("kind", kind));
            }
        }
    }
}
