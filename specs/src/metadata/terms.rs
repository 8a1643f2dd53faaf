//! Closed lists of the model that are too short for a vocabulary.

/// What an item is (R-07-03).
pub const KINDS: [&str; 4] = ["resource", "component", "collection", "course"];

/// How finished a resource is (LOM 2.2).
pub const STATUSES: [&str; 4] = ["draft", "final", "revised", "unavailable"];

/// What a component's links lead to.
pub const LINKS: [&str; 13] = [
    "repository",
    "homepage",
    "documentation",
    "api-documentation",
    "issues",
    "roadmap",
    "release-notes",
    "download",
    "continuous-integration",
    "readme",
    "publication",
    "logo",
    "authors",
];

/// How free what a component needs is (publiccode.yml's `dependsOn`).
pub const DEPENDENCY_KINDS: [&str; 3] = ["open", "proprietary", "hardware"];

/// Why somebody is asked about a component.
pub const CONTACT_ROLES: [&str; 3] = ["contact", "contractor", "maintainer"];

/// How items relate to one another.
pub const RELATIONS: [&str; 9] = [
    "isBasedOn",
    "isTranslationOf",
    "isPartOf",
    "hasPart",
    "isVersionOf",
    "isFormatOf",
    "references",
    "requires",
    "replaces",
];

/// What a contributor did (LOM 2.3.1 with hyphens, LOMFR's contributor, and translator).
pub const ROLES: [&str; 17] = [
    "author",
    "contributor",
    "publisher",
    "editor",
    "translator",
    "validator",
    "technical-validator",
    "educational-validator",
    "graphical-designer",
    "technical-implementer",
    "content-provider",
    "script-writer",
    "instructional-designer",
    "subject-matter-expert",
    "initiator",
    "terminator",
    "unknown",
];

/// The member of a closed list that was written, case and separators aside; else the fix to suggest.
pub(super) fn choose(list: &[&'static str], written: &str) -> Result<&'static str, String> {
    let plain = |text: &str| -> String {
        text.chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect()
    };
    let wanted = plain(written);
    if let Some(found) = list.iter().find(|term| plain(term) == wanted) {
        return Ok(found);
    }
    let near = list
        .iter()
        .map(|term| (crate::vocab::distance(&wanted, &plain(term)), *term))
        .min_by_key(|(far, _)| *far)
        .filter(|(far, term)| *far <= (term.len() / 3).max(1));
    let all = format!("use one of {}", list.join(", "));
    Err(match near {
        Some((_, term)) => format!("did you mean {term}? {all}"),
        None => all,
    })
}
