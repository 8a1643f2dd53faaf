//! From the model to Dublin Core.

use commun_specs::{
    licence::Licence,
    metadata::View,
    vocab::{self, Scheme},
};

use super::{ELEMENTS, EU_DDC, SCHEMA, WRAPPER};
use crate::crosswalk::{Loss, Written, xml::Writer};

/// What a record does not say of itself: where the item is, and whose it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place<'a> {
    /// The address of the item's page, the first `dc:identifier`.
    pub url: Option<&'a str>,
    /// The name of the institution, where the record names no publisher.
    pub institution: Option<&'a str>,
}

/// Writes `oai_dc:dc` with what the format carries, and says what it does not.
pub fn write(view: &View, place: Place<'_>) -> Written {
    let mut w = Writer::part();
    let schema = format!("{WRAPPER} {SCHEMA}");
    w.open(
        "oai_dc:dc",
        &[
            ("xmlns:oai_dc", WRAPPER),
            ("xmlns:dc", ELEMENTS),
            ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
            ("xsi:schemaLocation", &schema),
        ],
    );
    let mut texts = |name: &str, texts: &[(String, String)]| {
        for (lang, text) in texts {
            spoken(&mut w, name, lang, text);
        }
    };
    texts("dc:title", &view.titles);
    texts("dc:subject", &view.keywords);
    let said = if view.descriptions.is_empty() {
        &view.summaries
    } else {
        &view.descriptions
    };
    texts("dc:description", said);
    texts("dc:coverage", &view.coverage);
    texts("dc:rights", &view.licence_statements);
    let mut plain = |name: &str, text: &str| {
        w.leaf(name, &[], text);
    };
    for person in &view.creators {
        plain("dc:creator", &person.name);
    }
    for person in &view.contributors {
        plain("dc:contributor", &person.name);
    }
    for publisher in &view.publishers {
        plain("dc:publisher", &publisher.name);
    }
    if let (true, Some(name)) = (view.publishers.is_empty(), place.institution) {
        plain("dc:publisher", name);
    }
    let date = view
        .published
        .as_ref()
        .or(view.created.as_ref())
        .or(view.modified.as_ref());
    if let Some(date) = date {
        plain("dc:date", date);
    }
    for id in &view.document_types {
        plain(
            "dc:type",
            vocab::label(Scheme::DocumentType, id, "en").unwrap_or(id),
        );
    }
    for format in &view.formats {
        plain("dc:format", format);
    }
    if view.formats.is_empty() {
        let mut known: Vec<&str> = view.files.iter().map(|f| f.media_type.as_str()).collect();
        known.sort_unstable();
        known.dedup();
        for media in known.into_iter().filter(|m| !m.is_empty()) {
            plain("dc:format", media);
        }
    }
    if let Some(url) = place.url {
        plain("dc:identifier", url);
    }
    let aliases = view.aliases.iter().map(String::as_str);
    let locations = view
        .links
        .iter()
        .filter(|l| l.kind == "location")
        .map(|l| l.url.as_str());
    let local = view.identifiers.iter().map(|i| i.entry.as_str());
    let mut written: Vec<&str> = Vec::new();
    for id in aliases.chain(locations).chain(local) {
        if !written.contains(&id) && Some(id) != place.url {
            written.push(id);
            plain("dc:identifier", id);
        }
    }
    for tag in &view.languages {
        plain("dc:language", tag);
    }
    for relation in &view.relations {
        let name = match relation.kind.as_str() {
            "isBasedOn" => "dc:source",
            _ => "dc:relation",
        };
        let text = if relation.target.is_empty() {
            relation.title.as_deref().unwrap_or_default()
        } else {
            &relation.target
        };
        if !text.is_empty() {
            plain(name, text);
        }
    }
    if let Some(id) = &view.access
        && let Some(word) = vocab::value(Scheme::Access, id, "eu-repo")
    {
        plain("dc:rights", &format!("info:eu-repo/semantics/{word}"));
    }
    if let Some(licence) = &view.licence {
        let url = Licence::parse(licence).ok().and_then(|l| l.url());
        plain("dc:rights", url.as_deref().unwrap_or(licence));
    }
    for kept in view.classifications.iter().filter(|c| c.purpose == "type") {
        for (lang, text) in &kept.concept.label {
            spoken(&mut w, "dc:type", lang, text);
        }
    }
    for id in &view.resource_types {
        for lang in ["fr", "en"] {
            spoken(
                &mut w,
                "dc:type",
                lang,
                vocab::label(Scheme::ResourceType, id, lang).unwrap_or(id),
            );
        }
    }
    for subject in &view.subjects {
        match subject.scheme.as_str() {
            "ddc" => {
                w.leaf("dc:subject", &[], &format!("{EU_DDC}{}", subject.notation));
            }
            scheme if scheme.contains("://") => {
                w.leaf("dc:subject", &[], &format!("{scheme}/{}", subject.notation));
            }
            _ => {
                let id = subject.id();
                let shipped =
                    ["fr", "en"].map(|lang| (lang, vocab::label(Scheme::Subject, &id, lang)));
                for (lang, text) in shipped {
                    // A keyword of the same words says it already.
                    let text = text
                        .filter(|t| !view.keywords.iter().any(|(_, k)| k.eq_ignore_ascii_case(t)));
                    if let Some(text) = text {
                        spoken(&mut w, "dc:subject", lang, text);
                    }
                }
                if shipped.iter().all(|(_, text)| text.is_none()) {
                    for (lang, text) in &subject.label {
                        spoken(&mut w, "dc:subject", lang, text);
                    }
                }
            }
        }
    }
    w.close();
    Written {
        bytes: w.finish().into_bytes(),
        losses: losses(view),
    }
}

fn spoken(w: &mut Writer, name: &str, lang: &str, text: &str) {
    if lang == "und" || lang.is_empty() {
        w.leaf(name, &[], text);
    } else {
        w.leaf(name, &[("xml:lang", lang)], text);
    }
}

/// The fields that Dublin Core has a place for, at least for their text.
const CARRIED: [&str; 24] = [
    "kind",
    "title",
    "description",
    "summary",
    "keywords",
    "language",
    "creators",
    "contributors",
    "publishers",
    "published",
    "licence",
    "licence_statement",
    "access",
    "document_type",
    "resource_type",
    "subject",
    "relations",
    "aliases",
    "identifiers",
    "coverage",
    "formats",
    "files",
    "links",
    "original",
];

/// What is not carried: whole fields by their name and value, and parts of those that are.
fn losses(view: &View) -> Vec<Loss> {
    let mut losses = Vec::new();
    for (field, value) in view.to_json() {
        if field == "classifications" {
            for other in view.classifications.iter().filter(|c| c.purpose != "type") {
                losses.push(Loss::of(&field, &other.purpose));
            }
        } else if !CARRIED.contains(&field.as_str()) {
            losses.push(Loss::of(&field, &value.to_string()));
        }
    }
    let people = [
        ("creators", &view.creators),
        ("contributors", &view.contributors),
        ("publishers", &view.publishers),
    ];
    for (field, people) in people {
        for person in people {
            let more = person.orcid.is_some()
                || person.idref.is_some()
                || person.affiliation.is_some()
                || person.role.as_deref().is_some_and(|r| r != "contributor");
            if more {
                losses.push(Loss {
                    instead: "name".into(),
                    ..Loss::of(field, &person.name)
                });
            }
        }
    }
    for relation in &view.relations {
        if !matches!(relation.kind.as_str(), "isBasedOn" | "isRelatedTo") {
            losses.push(Loss {
                instead: "dc:relation".into(),
                ..Loss::of(
                    "relations",
                    &format!("{} {}", relation.kind, relation.target),
                )
            });
        }
    }
    losses
}
