//! SKOS in Turtle.

use oxrdf::{NamedOrBlankNode, Term};
use oxttl::TurtleParser;

use super::{Draft, Error, add, line};

const SKOS: &str = "http://www.w3.org/2004/02/skos/core#";
const TYPE: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";
/// What relative addresses are resolved against where the file names no base; nobody owns it (RFC 2606).
const BASE: &str = "https://vocabulary.invalid/";

pub(super) fn read(bytes: &[u8]) -> Result<Draft, Error> {
    let syntax = |cause: &dyn std::fmt::Display| {
        Error::Syntax(cause.to_string().chars().take(200).collect())
    };
    let parser = TurtleParser::new()
        .with_base_iri(BASE)
        .map_err(|cause| syntax(&cause))?;
    let mut draft = Draft::default();
    for triple in parser.for_slice(bytes) {
        let triple = triple.map_err(|cause| syntax(&cause))?;
        let NamedOrBlankNode::NamedNode(subject) = &triple.subject else {
            continue;
        };
        let (subject, predicate) = (subject.as_str(), triple.predicate.as_str());
        let property = predicate.strip_prefix(SKOS);
        match (&triple.object, property) {
            (Term::NamedNode(kind), _) if predicate == TYPE => {
                match kind.as_str().strip_prefix(SKOS) {
                    Some("Concept") => draft.concept(subject)?.is_concept = true,
                    Some("ConceptScheme") if draft.address.is_empty() => {
                        subject.clone_into(&mut draft.address);
                    }
                    _ => {}
                }
            }
            (Term::NamedNode(above), Some("broader" | "broaderTransitive")) => {
                let above = above.as_str().to_owned();
                draft.concept(subject)?.broader.insert(above);
            }
            (Term::NamedNode(below), Some("narrower")) => {
                let above = subject.to_owned();
                draft.concept(below.as_str())?.broader.insert(above);
            }
            (Term::Literal(text), Some("prefLabel")) => {
                let seen = draft.concept(subject)?;
                add(
                    &mut seen.label,
                    text.language().unwrap_or_default(),
                    text.value(),
                );
            }
            (Term::Literal(text), Some("altLabel")) => {
                let seen = draft.concept(subject)?;
                add(
                    &mut seen.names,
                    text.language().unwrap_or_default(),
                    text.value(),
                );
            }
            // A typed notation is that of another scheme.
            (Term::Literal(text), Some("notation"))
                if text.datatype().as_str().ends_with("#string") =>
            {
                let seen = draft.concept(subject)?;
                seen.notation = seen.notation.take().or_else(|| line(text.value()));
            }
            (Term::Literal(text), None)
                if subject == draft.address
                    && [
                        "http://purl.org/dc/terms/title",
                        "http://purl.org/dc/elements/1.1/title",
                    ]
                    .contains(&predicate) =>
            {
                add(
                    &mut draft.title,
                    text.language().unwrap_or_default(),
                    text.value(),
                );
            }
            _ => {}
        }
    }
    Ok(draft)
}
