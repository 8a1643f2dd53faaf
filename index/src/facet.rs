//! Facets: the ways to narrow a search.

use commun_specs::licence::Licence;
use commun_specs::metadata::{NOT_CHECKED, duration_range};

use super::document::{Document, Kind};
use super::language::primary;
use super::query::Query;

/// One way to narrow a search. Its values are a multi-valued column of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Facet {
    Type,
    ResourceType,
    Licence,
    LicenceClass,
    Language,
    Level,
    Subject,
    Format,
    Duration,
    Accessibility,
    Institution,
}

impl Facet {
    /// All facets, in the order of their bits in a mask.
    pub(crate) const ALL: [Facet; 11] = [
        Facet::Type,
        Facet::ResourceType,
        Facet::Licence,
        Facet::LicenceClass,
        Facet::Language,
        Facet::Level,
        Facet::Subject,
        Facet::Format,
        Facet::Duration,
        Facet::Accessibility,
        Facet::Institution,
    ];

    /// Name of the facet in the answer, of the query parameter and of the column.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Facet::Type => "type",
            Facet::ResourceType => "resource_type",
            Facet::Licence => "licence",
            Facet::LicenceClass => "licence_class",
            Facet::Language => "language",
            Facet::Level => "level",
            Facet::Subject => "subject",
            Facet::Format => "format",
            Facet::Duration => "duration",
            Facet::Accessibility => "accessibility",
            Facet::Institution => "institution",
        }
    }

    /// The values that a query selects.
    pub(crate) fn selected(self, query: &Query) -> &[String] {
        match self {
            Facet::Type => &query.types,
            Facet::ResourceType => &query.resource_types,
            Facet::Licence => &query.licences,
            Facet::LicenceClass => &query.licence_classes,
            Facet::Language => &query.languages,
            Facet::Level => &query.levels,
            Facet::Subject => &query.subjects,
            Facet::Format => &query.formats,
            Facet::Duration => &query.durations,
            Facet::Accessibility => &query.accessibility,
            Facet::Institution => &query.institutions,
        }
    }

    /// The values that a document carries, each once, with the broader subjects and with the
    /// language of a regional tag (`fr` for `fr-CA`).
    pub(crate) fn values(self, document: &Document) -> Vec<String> {
        let mut values = match self {
            Facet::Type => vec![document.kind.as_str().to_owned()],
            Facet::ResourceType => document.resource_types.clone(),
            Facet::Licence => document.licence.iter().cloned().collect(),
            Facet::LicenceClass => licence_classes(document),
            Facet::Language => document
                .languages
                .iter()
                .flat_map(|tag| [tag.clone(), primary(tag)])
                .collect(),
            Facet::Level => document.levels.clone(),
            Facet::Subject => document
                .subjects
                .iter()
                .flat_map(|subject| with_broader(subject))
                .collect(),
            Facet::Format => document.formats.clone(),
            Facet::Duration => document
                .duration
                .iter()
                .filter_map(|duration| duration_range(duration))
                .map(str::to_owned)
                .collect(),
            Facet::Accessibility => accessibility(document),
            Facet::Institution => vec![document.institution.clone()],
        };
        values.retain(|value| !value.is_empty());
        values.sort_unstable();
        values.dedup();
        values
    }
}

/// What one may do with it; a collection is no work of its own.
fn licence_classes(document: &Document) -> Vec<String> {
    if document.kind == Kind::Collection && document.licence.is_none() {
        return Vec::new();
    }
    let classes = Licence::classes_of(document.licence.as_deref()).iter();
    classes.map(|class| (*class).to_owned()).collect()
}

/// What is known of its accessibility: that nothing is, where nobody says anything.
fn accessibility(document: &Document) -> Vec<String> {
    match (&document.accessibility[..], document.kind) {
        ([], Kind::Collection) => Vec::new(),
        ([], _) => vec![NOT_CHECKED.to_owned()],
        (stated, _) => stated.to_vec(),
    }
}

/// A subject and the broader ones that its ISCED-F code implies: detailed field (four digits),
/// narrow field (three), broad field (two).
fn with_broader(subject: &str) -> Vec<String> {
    const SCHEME: &str = "iscedf-";
    let mut ids = vec![subject.to_owned()];
    if let Some(code) = subject.strip_prefix(SCHEME)
        && code.len() <= 4
        && code.bytes().all(|digit| digit.is_ascii_digit())
    {
        ids.extend((2..code.len()).map(|digits| format!("{SCHEME}{}", &code[..digits])));
    }
    ids
}

#[cfg(test)]
mod tests {
    use super::with_broader;

    #[test]
    fn a_detailed_field_counts_for_its_broader_ones() {
        assert_eq!(
            with_broader("iscedf-0541"),
            ["iscedf-0541", "iscedf-05", "iscedf-054"]
        );
        assert_eq!(with_broader("iscedf-05"), ["iscedf-05"]);
    }

    #[test]
    fn other_subjects_stand_for_themselves() {
        assert_eq!(with_broader("iscedf-05x1"), ["iscedf-05x1"]);
        assert_eq!(with_broader("msc-34"), ["msc-34"]);
    }
}
