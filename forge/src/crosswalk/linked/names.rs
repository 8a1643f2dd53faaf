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
/// The levels of the European Qualifications Framework.
pub(super) const EQF: &str = "http://data.europa.eu/snb/eqf/";
/// Dewey's numbers.
pub(super) const DEWEY: &str = "http://dewey.info/class/";

/// KIM's subjects of universities.
pub(super) const KIM: &str = "https://w3id.org/kim/hochschulfaechersystematik";

/// Fields of ISCED-F 2013 and the nearest of KIM's subjects; what is not here is with the field above it.
const NEAR: [(&str, &str); 52] = [
    ("00", "n0"),
    ("01", "n33"),
    ("02", "n1"),
    ("021", "n74"),
    ("0212", "n76"),
    ("0213", "n75"),
    ("0214", "n75"),
    ("0215", "n78"),
    ("0222", "n05"),
    ("0223", "n04"),
    ("023", "n07"),
    ("03", "n3"),
    ("031", "n26"),
    ("0311", "n30"),
    ("0312", "n25"),
    ("0313", "n32"),
    ("032", "n34"),
    ("0322", "n06"),
    ("04", "n3"),
    ("041", "n30"),
    ("042", "n28"),
    ("05", "n4"),
    ("051", "n42"),
    ("052", "n57"),
    ("0531", "n40"),
    ("0532", "n43"),
    ("0533", "n39"),
    ("054", "n37"),
    ("06", "n71"),
    ("07", "n8"),
    ("071", "n61"),
    ("0711", "n63"),
    ("0713", "n64"),
    ("0714", "n64"),
    ("0715", "n63"),
    ("0716", "n65"),
    ("072", "n61"),
    ("0722", "n72"),
    ("0724", "n62"),
    ("073", "n66"),
    ("0732", "n68"),
    ("08", "n7"),
    ("081", "n58"),
    ("082", "n59"),
    ("084", "n51"),
    ("09", "n5"),
    ("0911", "n50"),
    ("0912", "n49"),
    ("0916", "n41"),
    ("092", "n27"),
    ("1014", "n22"),
    ("104", "n65"),
];

/// The nearest of KIM's subjects for a field of ISCED-F.
pub(super) fn near(field: &str) -> Option<&'static str> {
    let found = NEAR.iter().filter(|(code, _)| field.starts_with(code));
    found
        .max_by_key(|(code, _)| code.len())
        .map(|(_, subject)| *subject)
}
