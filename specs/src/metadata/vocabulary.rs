//! Which vocabulary the values of a field are ids of.

use crate::vocab::Scheme;

/// The vocabulary that a field's values come from, where they are ids or terms; nothing for texts, people and the like.
pub fn of_field(field: &str) -> Option<Scheme> {
    Some(match field {
        "resource_type" => Scheme::ResourceType,
        "level" => Scheme::Level,
        "language" | "user_language" => Scheme::Language,
        "access" => Scheme::Access,
        "document_type" => Scheme::DocumentType,
        "audience" => Scheme::Audience,
        "difficulty" => Scheme::Difficulty,
        "activities" => Scheme::Activity,
        "accessibility_modes" | "accessibility_sufficient" => Scheme::AccessibilityMode,
        "accessibility_features" => Scheme::AccessibilityFeature,
        "accessibility_hazards" => Scheme::AccessibilityHazard,
        "accessibility_controls" => Scheme::AccessibilityControl,
        "interactivity" => Scheme::Interactivity,
        "interactivity_level" | "semantic_density" => Scheme::Degree,
        "structure" => Scheme::Structure,
        "status" => Scheme::Status,
        "licence" => Scheme::Licence,
        _ => return None,
    })
}
