//! What LOM has no place for.

use super::Out;
use crate::crosswalk::{Loss, words};

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
        for (field, value) in self.document.clone() {
            let there = match field.as_str() {
                "summary" if view.descriptions.is_empty() => {
                    for (_, text) in view.all_texts("summary", &view.summaries) {
                        self.narrowed("summary", &text, "1.4");
                    }
                    true
                }
                // Their types and the sum of their sizes are carried.
                "files" => {
                    let files = &view.files;
                    if !files.is_empty() {
                        self.narrowed("files", &files.len().to_string(), "4.1, 4.2");
                    }
                    true
                }
                name if FRENCH.contains(&name) => self.profile.french(),
                name => !NOWHERE.contains(&name),
            };
            if !there {
                self.losses.push(Loss::of(&field, &words(&value)));
            }
        }
        for value in &view.beside {
            // Those of the first are written, and these are lost with the whole field where it is.
            let text = value.lang.is_some() && !NOWHERE.contains(&value.field);
            let french = FRENCH.contains(&value.field) && self.profile.french();
            let summary = value.field == "summary" && view.descriptions.is_empty();
            if !(text || french || summary) {
                self.losses.push(Loss::beside(value));
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
