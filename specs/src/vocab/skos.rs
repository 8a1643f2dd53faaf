//! Vocabularies as SKOS, in Turtle and in JSON-LD: how they are served, exported and taken up elsewhere.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::{Concept, Scheme, concepts};

const SKOS: &str = "http://www.w3.org/2004/02/skos/core#";
const DCT: &str = "http://purl.org/dc/terms/";

/// The address of a vocabulary: the same on every node.
pub fn address(scheme: Scheme) -> String {
    format!("urn:commun:vocabulary:{}", scheme.id())
}

/// The address of a concept: the same on every node.
pub fn concept_address(scheme: Scheme, id: &str) -> String {
    format!("{}:{id}", address(scheme))
}

/// The type of values of a standard.
fn standard_address(standard: &str) -> String {
    format!("urn:commun:standard:{standard}")
}

/// The concepts directly below one.
fn narrower<'a>(all: &'a [Concept], id: &'a str) -> impl Iterator<Item = &'a Concept> {
    all.iter().filter(move |below| below.broader == Some(id))
}

/// A vocabulary as Turtle, `text/turtle`.
pub fn turtle(scheme: Scheme) -> String {
    let all = concepts(scheme);
    let mut out = format!("@prefix skos: <{SKOS}> .\n@prefix dct: <{DCT}> .\n\n");
    let mut subject = |name: String, statements: Vec<String>| {
        let _ = writeln!(out, "<{name}> {} .\n", statements.join(" ;\n    "));
    };
    let mut head = vec![
        "a skos:ConceptScheme".to_owned(),
        format!(
            "dct:title {}@fr , {}@en",
            quoted(scheme.title("fr")),
            quoted(scheme.title("en"))
        ),
    ];
    if let Some(source) = scheme.source() {
        head.push(format!("dct:source <{source}>"));
    }
    subject(address(scheme), head);
    for concept in all {
        let node = |id: &str| format!("<{}>", concept_address(scheme, id));
        let mut says = vec![
            "a skos:Concept".to_owned(),
            format!("skos:inScheme <{}>", address(scheme)),
            format!("skos:notation {}", quoted(concept.id)),
            format!(
                "skos:prefLabel {}@fr , {}@en",
                quoted(concept.fr),
                quoted(concept.en)
            ),
        ];
        let mut list = |property: &str, values: Vec<String>| {
            if !values.is_empty() {
                says.push(format!("{property} {}", values.join(" , ")));
            }
        };
        list(
            "skos:altLabel",
            concept.names.iter().map(|name| quoted(name)).collect(),
        );
        match concept.broader {
            Some(above) => list("skos:broader", vec![node(above)]),
            None => list("skos:topConceptOf", vec![format!("<{}>", address(scheme))]),
        }
        list(
            "skos:narrower",
            narrower(all, concept.id)
                .map(|below| node(below.id))
                .collect(),
        );
        for (property, exact) in [("skos:exactMatch", true), ("skos:closeMatch", false)] {
            let same = concept.same.iter().filter(|same| same.exact == exact);
            list(
                property,
                same.map(|same| format!("<{}>", same.address)).collect(),
            );
        }
        let said = concept.values.iter().filter(|said| said.exact);
        list(
            "skos:notation",
            said.map(|said| {
                let standard = standard_address(said.standard);
                format!("{}^^<{standard}>", quoted(said.value))
            })
            .collect(),
        );
        subject(concept_address(scheme, concept.id), says);
    }
    out
}

/// A text as Turtle writes it.
fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{escaped}\"")
}

/// A vocabulary as JSON-LD.
pub fn json_ld(scheme: Scheme) -> Json {
    let all = concepts(scheme);
    let top = all.iter().filter(|concept| concept.broader.is_none());
    let top = top.map(|concept| concept_address(scheme, concept.id));
    let mut out = json!({
        "@context": {
            "id": "@id",
            "type": "@type",
            "title": {"@id": format!("{DCT}title"), "@container": "@language"},
            "source": {"@id": format!("{DCT}source"), "@type": "@id"},
            "ConceptScheme": format!("{SKOS}ConceptScheme"),
            "Concept": format!("{SKOS}Concept"),
            "hasTopConcept": {"@id": format!("{SKOS}hasTopConcept"), "@type": "@id"},
            "concepts": {"@reverse": format!("{SKOS}inScheme")},
            "notation": format!("{SKOS}notation"),
            "values": {"@id": format!("{SKOS}notation")},
            "prefLabel": {"@id": format!("{SKOS}prefLabel"), "@container": "@language"},
            "altLabel": {"@id": format!("{SKOS}altLabel")},
            "broader": {"@id": format!("{SKOS}broader"), "@type": "@id"},
            "narrower": {"@id": format!("{SKOS}narrower"), "@type": "@id"},
            "exactMatch": {"@id": format!("{SKOS}exactMatch"), "@type": "@id"},
            "closeMatch": {"@id": format!("{SKOS}closeMatch"), "@type": "@id"},
        },
        "id": address(scheme),
        "type": "ConceptScheme",
        "title": {"fr": scheme.title("fr"), "en": scheme.title("en")},
        "hasTopConcept": top.collect::<Vec<_>>(),
        "concepts": all.iter().map(|concept| concept_json(scheme, all, concept)).collect::<Vec<_>>(),
    });
    if let Some(source) = scheme.source() {
        out["source"] = source.into();
    }
    out
}

fn concept_json(scheme: Scheme, all: &[Concept], concept: &Concept) -> Json {
    let mut out = json!({
        "id": concept_address(scheme, concept.id),
        "type": "Concept",
        "notation": concept.id,
        "prefLabel": {"fr": concept.fr, "en": concept.en},
    });
    if let Some(above) = concept.broader {
        out["broader"] = concept_address(scheme, above).into();
    }
    let mut list = |member: &str, values: Vec<Json>| {
        if !values.is_empty() {
            out[member] = values.into();
        }
    };
    list(
        "altLabel",
        concept.names.iter().map(|name| (*name).into()).collect(),
    );
    let below = narrower(all, concept.id);
    list(
        "narrower",
        below
            .map(|below| concept_address(scheme, below.id).into())
            .collect(),
    );
    for (member, exact) in [("exactMatch", true), ("closeMatch", false)] {
        let same = concept.same.iter().filter(|same| same.exact == exact);
        list(member, same.map(|same| same.address.into()).collect());
    }
    let said = concept.values.iter().filter(|said| said.exact);
    list(
        "values",
        said.map(|said| json!({"@type": standard_address(said.standard), "@value": said.value}))
            .collect(),
    );
    out
}
