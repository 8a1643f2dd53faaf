//! Names of schema.org and what the model calls the same.

/// Classes that say what an item is.
pub(super) const KINDS: [(&str, &str); 3] = [
    ("Course", "course"),
    ("Collection", "collection"),
    ("SoftwareSourceCode", "component"),
];

/// Classes that say what sort of document it is. The first of each sort is written.
pub(super) const DOCUMENTS: [(&str, &str); 7] = [
    ("VideoObject", "moving-image"),
    ("ImageObject", "still-image"),
    ("AudioObject", "sound"),
    ("TextDigitalDocument", "text"),
    ("SoftwareApplication", "software"),
    ("DataDownload", "dataset"),
    ("Dataset", "dataset"),
];

/// The namespace of the classes, as the scheme of those that are kept as classifications.
pub(super) const SCHEMA: &str = "http://schema.org";

/// Relations by the property that says them.
pub(super) const RELATIONS: [(&str, &str); 10] = [
    ("isBasedOn", "isBasedOn"),
    ("isPartOf", "isPartOf"),
    ("hasPart", "hasPart"),
    ("translationOfWork", "isTranslationOf"),
    ("workTranslation", "hasTranslation"),
    ("exampleOfWork", "isVersionOf"),
    ("workExample", "hasVersion"),
    ("citation", "references"),
    ("coursePrerequisites", "hasPrerequisite"),
    ("mentions", "isRelatedTo"),
];

/// Links by the property that holds their address and nothing else.
pub(super) const LINKS: [(&str, &str); 10] = [
    ("url", "location"),
    ("embedUrl", "embed"),
    ("thumbnailUrl", "preview"),
    ("screenshot", "screenshot"),
    ("acquireLicensePage", "licence"),
    ("usageInfo", "usage-info"),
    ("codeRepository", "repository"),
    ("downloadUrl", "download"),
    ("softwareHelp", "documentation"),
    ("releaseNotes", "release-notes"),
];

/// Words of `creativeWorkStatus`; the first of each status is written.
pub(super) const STATUSES: [(&str, &str); 10] = [
    ("Draft", "draft"),
    ("Published", "final"),
    ("Revised", "revised"),
    ("Obsolete", "unavailable"),
    ("Incomplete", "draft"),
    ("Final", "final"),
    ("Complete", "final"),
    ("Unavailable", "unavailable"),
    ("Archived", "unavailable"),
    ("Deprecated", "unavailable"),
];

/// Concepts of ours that no other publication has an address for.
pub(super) const OURS: &str = "urn:commun:vocabulary:";
/// Concepts of schemes that have a short name only, as scheme and notation.
pub(super) const CONCEPT: &str = "urn:commun:concept:";
/// Words alone, where a standard wants an address.
pub(super) const WORDS: &str = "urn:commun:words:";

/// Fields of education as the European Union publishes them.
pub(super) const ISCED_F: &str = "http://data.europa.eu/snb/isced-f/";
/// Dewey's numbers.
pub(super) const DEWEY: &str = "http://dewey.info/class/";
