//! From the model to Dublin Core.

use commun_specs::{
    licence::Licence,
    metadata::{Relation, View},
    vocab::{self, Scheme},
};
use serde_json::Value as Json;

use super::{ELEMENTS, EU_DDC, SCHEMA, WRAPPER};
use crate::crosswalk::{Loss, Written, carried::rest, in_order, words, xml::Writer};

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
    texts("dc:title", &view.all_texts("title", &view.titles));
    texts("dc:subject", &view.keywords);
    let descriptions = view.all_texts("description", &view.descriptions);
    texts("dc:description", &descriptions);
    // What the description says already is not said twice.
    let mut summaries = view.all_texts("summary", &view.summaries);
    summaries.retain(|summary| !descriptions.contains(summary));
    texts("dc:description", &summaries);
    texts("dc:coverage", &view.coverage);
    let statements = view.all_texts("licence_statement", &view.licence_statements);
    texts("dc:rights", &statements);
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
    if let Some(date) = dated(view) {
        plain("dc:date", date);
    }
    for other in view.beside_of("published") {
        plain("dc:date", other.value.as_str().unwrap_or_default());
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
        let text = related(relation);
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

/// The fields that Dublin Core carries as they are.
const CARRIED: [&str; 13] = [
    "title",
    "description",
    "keywords",
    "language",
    "published",
    "licence",
    "licence_statement",
    "document_type",
    "resource_type",
    "aliases",
    "coverage",
    "formats",
    // Where the untouched record is kept here.
    "original",
];

/// What is not carried: whole fields by their name and value, and parts of those that are.
fn losses(view: &View) -> Vec<Loss> {
    let mut losses = Vec::new();
    for (field, value) in view.to_json() {
        let list = value.as_array().map_or(&[][..], Vec::as_slice);
        match field.as_str() {
            "creators" | "contributors" | "publishers" => {
                for person in list {
                    let name = person["name"].as_str().unwrap_or_default();
                    part(&mut losses, &field, person, &[name, "contributor"], "name");
                }
            }
            "kind" if value == "resource" => {}
            "access" => {
                let known = view.access.as_deref();
                let known = known.and_then(|id| vocab::value(Scheme::Access, id, "eu-repo"));
                if known.is_none() {
                    losses.push(Loss::of(&field, &words(&value)));
                }
            }
            "summary" => {
                for (_, text) in &view.all_texts(&field, &view.summaries) {
                    losses.push(Loss::narrowed(&field, text, "dc:description"));
                }
            }
            "created" | "modified" => {
                let date = dated(view);
                let instead = if date == value.as_str() {
                    "dc:date"
                } else {
                    ""
                };
                losses.push(Loss::narrowed(&field, &words(&value), instead));
            }
            "subject" => {
                for (concept, value) in view.subjects.iter().zip(list) {
                    let (scheme, notation) = (concept.scheme.as_str(), concept.notation.as_str());
                    let carried = scheme.contains("://") || matches!(scheme, "ddc" | "iscedf");
                    match carried {
                        true => part(
                            &mut losses,
                            &field,
                            value,
                            &[scheme, notation],
                            "dc:subject",
                        ),
                        false => part(&mut losses, &field, value, &[], "dc:subject"),
                    }
                }
            }
            "classifications" => {
                for (kept, value) in view.classifications.iter().zip(list) {
                    let labels = kept.concept.label.iter().map(|(_, text)| text.as_str());
                    let carried: Vec<&str> = labels.chain(["type"]).collect();
                    match kept.purpose.as_str() {
                        "type" => part(&mut losses, &field, value, &carried, "dc:type"),
                        _ => part(&mut losses, &field, value, &[], ""),
                    }
                }
            }
            "relations" => {
                for (relation, value) in view.relations.iter().zip(list) {
                    let text = related(relation);
                    let (name, kind) = match relation.kind.as_str() {
                        "isBasedOn" => ("dc:source", "isBasedOn"),
                        _ => ("dc:relation", "isRelatedTo"),
                    };
                    // A description comes back as a title.
                    let same = relation.title.as_deref() == Some(text) || relation.target == text;
                    let carried: &[&str] = if same { &[text, kind] } else { &[kind] };
                    part(&mut losses, &field, value, carried, name);
                }
            }
            "identifiers" => {
                for (found, value) in view.identifiers.iter().zip(list) {
                    part(&mut losses, &field, value, &[&found.entry], "dc:identifier");
                }
            }
            "links" => {
                for (link, value) in view.links.iter().zip(list) {
                    match link.kind.as_str() {
                        "location" => {
                            let carried = ["location", link.url.as_str()];
                            part(&mut losses, &field, value, &carried, "dc:identifier");
                        }
                        _ => part(&mut losses, &field, value, &[], ""),
                    }
                }
            }
            "files" => {
                let count = view.files.len().to_string();
                losses.push(Loss::narrowed(&field, &count, "dc:format"));
            }
            name if CARRIED.contains(&name) => {}
            _ => losses.push(Loss::of(&field, &words(&value))),
        }
    }
    let repeated = [
        "title",
        "summary",
        "description",
        "licence_statement",
        "published",
    ];
    let others = view.beside.iter();
    losses.extend(
        others
            .filter(|other| !repeated.contains(&other.field))
            .map(Loss::beside),
    );
    in_order(&mut losses);
    losses
}

/// Tells what is not carried of a value, where there is anything.
fn part(losses: &mut Vec<Loss>, field: &str, value: &Json, carried: &[&str], instead: &str) {
    if !rest(value, carried).is_empty() {
        losses.push(Loss::narrowed(field, &rest(value, &[]), instead));
    }
}

/// The date that is written first.
fn dated(view: &View) -> Option<&str> {
    let dates = [&view.published, &view.created, &view.modified];
    dates.into_iter().flatten().map(String::as_str).next()
}

/// What is written of a relation.
fn related(relation: &Relation) -> &str {
    let said = relation.description.first().map(|(_, text)| text);
    match relation.target.as_str() {
        "" => relation.title.as_ref().or(said).map_or("", String::as_str),
        target => target,
    }
}
