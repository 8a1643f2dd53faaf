//! Closed lists of the model that are too short for a vocabulary.

/// What an item is (R-07-03).
pub const KINDS: [&str; 5] = [
    "resource",
    "component",
    "collection",
    "course",
    "vocabulary",
];

/// How finished a resource is (LOM 2.2).
pub const STATUSES: [&str; 4] = ["draft", "final", "revised", "unavailable"];

/// How a learner and the thing act on each other (LOM 5.1).
pub const INTERACTIVITIES: [&str; 3] = ["active", "expositive", "mixed"];

/// How much (LOM 5.3, 5.4).
pub const DEGREES: [&str; 5] = ["very-low", "low", "medium", "high", "very-high"];

/// How the parts hang together (LOM 1.7).
pub const STRUCTURES: [&str; 5] = [
    "atomic",
    "collection",
    "networked",
    "hierarchical",
    "linear",
];

/// Who somebody is.
pub const PARTIES: [&str; 2] = ["person", "organisation"];

/// What links lead to.
pub const LINKS: [&str; 23] = [
    "location",
    "embed",
    "preview",
    "video",
    "trailer",
    "caption",
    "screenshot",
    "licence",
    "usage-info",
    "other",
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

/// How items relate to one another: LOM 7.1, LOMFR's, `replaces` and its inverse, source code and what is built from it.
pub const RELATIONS: [&str; 21] = [
    "isBasedOn",
    "isTranslationOf",
    "isPartOf",
    "hasPart",
    "isVersionOf",
    "isFormatOf",
    "references",
    "requires",
    "replaces",
    "isBasisFor",
    "hasTranslation",
    "hasVersion",
    "hasFormat",
    "isReferencedBy",
    "isRequiredBy",
    "isReplacedBy",
    "hasPrerequisite",
    "isPrerequisiteOf",
    "isRelatedTo",
    "isSourceCodeOf",
    "hasSourceCode",
];

/// What a contributor did (LOM 2.3.1 with hyphens, LOMFR's contributor, translator; `creator` of a record, LOM 3.2).
pub const ROLES: [&str; 18] = [
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
    "creator",
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
