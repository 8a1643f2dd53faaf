//! AMB, the Allgemeines Metadatenprofil für Bildungsressourcen: schema.org's LearningResource in JSON-LD, as German-speaking
//! repositories and OERSI exchange it (<https://w3id.org/kim/amb/>; version 20231019 and the draft after it).
//!
//! AMB's JSON Schema says what must be there and how it is spelt, and leaves all other properties of schema.org free, so a
//! document holds more than what the profile names. Which property is which field: the table in `linked.rs`.
//!
//! Reading: what breaks the schema is an error by its path ([`check`]), and the value is taken all the same where it is
//! certain what it means. Without a name that is a text, or an address of its own, a record does not come in. A file may
//! hold many records: a list, `@graph`, or one per line. No context is fetched; one that gives AMB's names another meaning is
//! refused.
//!
//! Writing: always valid by the schema, with the list of what it does not carry. Texts are in one language, that of the
//! content; licences that AMB does not know stand in `usageInfo`; subjects stand in `educationalAlignment` where none of
//! them has a concept of KIM; words that AMB wants an address for get one that says nothing (`urn:commun:words:…`).

mod check;
mod schema;

use std::collections::BTreeMap;

use commun_specs::metadata::View;
use serde_json::{Map, Value as Json};

use super::linked::{self, Dialect, Reader, Referred};
use super::schema_org::{self, Item};
use super::{Origin, Read, Written, json, metadata_yml};
use crate::problem::{Problem, Severity};

pub use super::linked::Place;
pub use check::{CONTEXT, check};

/// The scheme's name in the provenance of values.
pub const SCHEME: &str = "amb";
/// The media type of documents.
pub const MEDIA_TYPE: &str = "application/ld+json";

/// The longest text, in bytes, that is cut to what there is room for; a longer one is no text of metadata.
const MAX_TEXT: usize = 64 << 10;

/// Reads the first record of a document, in JSON or in YAML.
///
/// # Errors
/// The one reason why nothing comes in.
pub fn read(bytes: &[u8], origin: &Origin) -> Read {
    if !json::is_json(bytes) {
        return metadata_yml::read(bytes, origin);
    }
    match records(bytes, origin)?.into_iter().next() {
        Some(item) => item.read,
        None => Err(json::problem("no-records", "", "LearningResource")),
    }
}

/// All records of a document in JSON. In a graph they are completed by what they refer to, and what is referred to by them
/// and is none itself is not taken for a record.
///
/// # Errors
/// The one reason why nothing comes in.
pub fn records(bytes: &[u8], origin: &Origin) -> Result<Vec<Item>, Box<Problem>> {
    let parts = json::parts(bytes)?;
    let resource = |node: &Map<String, Json>| linked::is_of(node, "LearningResource");
    let mut referred = Referred::new();
    let graph = parts.iter().any(|part| part.place.starts_with('@'));
    if graph {
        let read = |part: &json::Part<'_>| json::object(part.bytes).ok();
        let others = |part: &json::Part<'_>| read(part).filter(|node| !resource(node));
        for part in &parts {
            if let Some(node) = others(part) {
                referred.add(&node, part.bytes);
            }
        }
        for node in parts.iter().filter_map(read) {
            referred.add_inside(&node);
        }
    }
    // By which record each node is used first.
    let mut used: BTreeMap<String, usize> = BTreeMap::new();
    let mut items: Vec<(Option<Other>, Item)> = Vec::with_capacity(parts.len());
    for part in parts {
        let mut original = part.whole();
        let mut other = None;
        let read = json::object(part.bytes).and_then(|object| {
            if !graph {
                return one(linked::alone(object), &part, origin);
            }
            let resolved = referred.resolved(&object);
            if !resource(&object) {
                let id = object.get("id").or_else(|| object.get("@id"));
                other = id.and_then(Json::as_str).map(|id| Other {
                    id: id.to_owned(),
                    is_work: schema_org::is_work(&linked::types(&object)),
                });
                return one(object, &part, origin);
            }
            let nodes: Vec<&[u8]> = resolved
                .used
                .iter()
                .filter_map(|id| referred.bytes(id))
                .collect();
            original = part.with(&nodes);
            let mut read = one(resolved.record, &part, origin);
            if let (Ok(reading), false) = (&mut read, resolved.all) {
                let most = linked::MAX_FOLLOWED_BYTES.to_string();
                let told = Problem::new(Severity::Warning, "json-references-left", "", "", &most);
                reading.problems.push(told);
            }
            for id in resolved.used {
                used.entry(id).or_insert(items.len());
            }
            read
        });
        let place = part.place;
        items.push((
            other,
            Item {
                place,
                original,
                read,
            },
        ));
    }
    // What describes a work might have been meant for a record.
    let taken = |other: &Option<Other>| used.get(&other.as_ref()?.id).copied();
    let works = items.iter().filter_map(|(other, item)| {
        let by = taken(other)?;
        let other = other.as_ref().filter(|other| other.is_work)?;
        let want = "LearningResource";
        let told = Problem::new(
            Severity::Warning,
            "amb-no-record",
            &item.place,
            &other.id,
            want,
        );
        Some((by, told))
    });
    for (by, told) in works.collect::<Vec<_>>() {
        if let Ok(reading) = &mut items[by].1.read {
            reading.problems.push(told);
        }
    }
    items.retain(|(other, _)| taken(other).is_none());
    Ok(items.into_iter().map(|(_, item)| item).collect())
}

/// A node of a graph that is no resource.
struct Other {
    id: String,
    is_work: bool,
}

/// Reads one record of a document.
fn one(mut record: Map<String, Json>, part: &json::Part<'_>, origin: &Origin) -> Read {
    if let (Some(context), false) = (part.context, record.contains_key("@context")) {
        let context = commun_specs::metadata::parse_json(context)
            .map_err(|e| json::problem("json-malformed", &e.what, ""))?;
        record.insert("@context".into(), context);
    }
    let problems = check(&record, Severity::Error);
    let context = record.get("@context").unwrap_or(&Json::Null);
    if let Some(name) = check::redefined(context) {
        return Err(json::problem("amb-redefined", name, CONTEXT));
    }
    bounded(&record)?;
    // What a record is called and known by must be what it seems to be.
    let fatal = |path: &str| {
        let at = |p: &&Problem| p.path == path || (path == "id" && p.path == "@id");
        problems.iter().find(at).cloned().map(Box::new)
    };
    if !record.get("name").is_some_and(Json::is_string) {
        let none = || Problem::new(Severity::Error, "no-title", "name", "", "").into();
        return Err(fatal("name").unwrap_or_else(none));
    }
    if let Some(problem) = fatal("id") {
        return Err(problem);
    }
    let reading = understood(&record, problems, language(context), origin)?;
    match reading.id.is_some() {
        true => Ok(reading),
        false => {
            let given = record.get("id").and_then(Json::as_str).unwrap_or_default();
            Err(Problem::new(Severity::Error, "bad-address", "id", given, "").into())
        }
    }
}

/// Refuses a record that nobody wrote by hand or meant to: what is longer than there is room for, within reason, is cut and
/// told. A collection may name as many parts as it has.
fn bounded(record: &Map<String, Json>) -> Result<(), Box<Problem>> {
    for (name, value) in record.iter().filter(|(name, _)| *name != "hasPart") {
        let (rule, size, most) = match value {
            Json::Array(list) => ("amb-too-many-values", list.len(), json::MAX_MEMBERS),
            Json::String(text) => ("amb-too-long", text.len(), MAX_TEXT),
            _ => continue,
        };
        if size > most {
            let (size, most) = (size.to_string(), most.to_string());
            return Err(Problem::new(Severity::Error, rule, name, &size, &most).into());
        }
    }
    Ok(())
}

/// The language that a context gives texts which name none.
pub(super) fn language(context: &Json) -> Option<&str> {
    let one = |context: &'_ Json| -> bool { context.get("@language").is_some() };
    let found = match context {
        Json::Array(list) => list.iter().find(|context| one(context)),
        other => Some(other).filter(|context| one(context)),
    };
    found?["@language"].as_str()
}

/// What a record says, with the problems of its spelling.
pub(super) fn understood(
    record: &Map<String, Json>,
    problems: Vec<Problem>,
    lang: Option<&str>,
    origin: &Origin,
) -> Read {
    let mut reader = Reader::new(SCHEME, origin, lang);
    for problem in problems {
        reader.draft.report(problem);
    }
    reader.record(record);
    let reading = reader.finish();
    if reading.record.title.is_empty() {
        return Err(Problem::new(Severity::Error, "no-title", "name", "", "").into());
    }
    Ok(reading)
}

/// Writes one record as JSON-LD, and says what it does not carry. It may stand in a `script` element as it is.
pub fn write(view: &View, place: Place<'_>) -> Written {
    linked::written(view, place, Dialect::Amb)
}

#[cfg(test)]
mod tests;
