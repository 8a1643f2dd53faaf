//! What citations and credits do not say.

use commun_forge::{
    citation::shown,
    crosswalk::{Loss, carried::unsaid},
};
use commun_specs::metadata::View;

use super::{super::format::Format, Credited};

/// The fields that citations have a place for.
const CITED: [&str; 8] = [
    "title",
    "creators",
    "published",
    "created",
    "publishers",
    "version",
    "language",
    "aliases",
];
/// Those of credits.
const CREDITED: [&str; 2] = ["title", "creators"];

/// What a citation or the credits of an item leave out of its record.
pub(super) fn uncited(view: &View, credited: &Credited, format: Format) -> Vec<Loss> {
    let cited = &credited.cited;
    let own = credited.chain.first();
    let mut said: Vec<&str> = Vec::new();
    let mut fields: Vec<&str> = vec!["licence"];
    // The licence is said by its name.
    said.extend(view.licence.as_deref());
    match format {
        Format::Attribution => {
            fields.extend(CREDITED);
            said.extend(own.map(|credit| credit.title.as_str()));
            let authors = own.map_or(&[][..], |credit| credit.authors.as_slice());
            said.extend(authors.iter().map(String::as_str));
        }
        _ => {
            fields.extend(CITED);
            said.push(&cited.title);
            said.extend(cited.creators.iter().flat_map(shown));
            // BibTeX has years and months.
            let day = cited.issued.as_deref();
            let months = |date: &&str| format != Format::Bibtex || date.len() <= "2026-01".len();
            said.extend(day.filter(months));
            let publishers = view.publishers.iter().map(|p| p.name.as_str());
            said.extend(publishers.filter(|name| cited.publisher.contains(name)));
            let facts = [&cited.version, &cited.language, &cited.doi];
            said.extend(facts.into_iter().flatten().map(String::as_str));
            said.push(&cited.url);
        }
    }
    if format == Format::Csl {
        fields.push("summary");
        said.extend(cited.summary.as_deref());
    }
    unsaid(view, &fields, &said)
}

#[cfg(test)]
mod tests {
    use commun_forge::citation::Cited;
    use commun_specs::metadata::Input;

    use super::*;

    #[test]
    fn what_a_citation_leaves_out_is_told_value_by_value() {
        let text = r#"{"title": {"fr": "Sommes", "en": "Sums"}, "licence": "CC-BY-4.0", "language": ["fr", "en"],
            "creators": [{"name": "Ada", "orcid": "0000-0002-1825-0097"}, "Max"], "published": "2024-05-06", "created": "2020",
            "aliases": ["doi:10.5555/x", "https://a.example/x"], "level": ["fr-l1"]}"#;
        let view = Input::parse(text.as_bytes()).expect("right").values;
        let credited = Credited {
            cited: Cited {
                title: "Sommes".into(),
                creators: view.creators.clone(),
                issued: Some("2024-05-06".into()),
                language: Some("fr".into()),
                doi: Some("10.5555/x".into()),
                licence: Some("CC-BY-4.0".into()),
                ..Cited::default()
            },
            chain: Vec::new(),
        };
        let told = |format| -> Vec<(String, String)> {
            let losses = uncited(&view, &credited, format).into_iter();
            losses.map(|loss| (loss.field, loss.value)).collect()
        };
        let pairs = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            let pairs = pairs.iter();
            pairs
                .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
                .collect()
        };
        let mut expected = pairs(&[
            ("title", "en: Sums"),
            ("language", "en"),
            ("creators", "0000-0002-1825-0097"),
            ("created", "2020"),
            ("level", "[\"fr-l1\"]"),
            ("aliases", "https://a.example/x"),
        ]);
        assert_eq!(told(Format::Csl), expected);
        expected.insert(4, ("published".into(), "2024-05-06".into()));
        assert_eq!(told(Format::Bibtex), expected);
    }
}
