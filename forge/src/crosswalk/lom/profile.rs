//! What a record must and should say: the rules of LOM that readers need, and the working profile of SupLOMFR.
//!
//! The inter-UNT group's table of mandatory elements is not public; the profile here is deduced from templates, exporters
//! and the guide's table of contents, and is to be confirmed with the UNT before anybody claims conformance.

use roxmltree::Node;

use super::dialect::Dialect;
use super::words::fold;
use crate::crosswalk::{Draft, xml};

/// How much an element is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Want {
    Mandatory,
    Recommended,
}

/// What SupLOMFR wants: the number of the element, its place, how much.
const SUPLOMFR: [(&str, &str, Want); 25] = [
    ("1.1", "general.identifier", Want::Mandatory),
    ("1.2", "general.title", Want::Mandatory),
    ("1.3", "general.language", Want::Mandatory),
    ("1.4", "general.description", Want::Mandatory),
    ("1.9", "general.documentType", Want::Mandatory),
    ("3.2", "metaMetadata.contribute", Want::Mandatory),
    ("3.3", "metaMetadata.metadataSchema", Want::Mandatory),
    ("4.1", "technical.format", Want::Mandatory),
    ("4.3", "technical.location", Want::Mandatory),
    ("5.2", "educational.learningResourceType", Want::Mandatory),
    ("5.6", "educational.context", Want::Mandatory),
    ("6.1", "rights.cost", Want::Mandatory),
    (
        "6.2",
        "rights.copyrightAndOtherRestrictions",
        Want::Mandatory,
    ),
    ("6.3", "rights.description", Want::Mandatory),
    ("1.5", "general.keyword", Want::Recommended),
    ("1.7", "general.structure", Want::Recommended),
    ("1.8", "general.aggregationLevel", Want::Recommended),
    ("2.1", "lifeCycle.version", Want::Recommended),
    ("2.2", "lifeCycle.status", Want::Recommended),
    ("4.7", "technical.duration", Want::Recommended),
    ("5.5", "educational.intendedEndUserRole", Want::Recommended),
    ("5.9", "educational.typicalLearningTime", Want::Recommended),
    ("5.10", "educational.description", Want::Recommended),
    ("5.12", "educational.activity", Want::Recommended),
    ("7", "relation", Want::Recommended),
];

/// Checks a record that was read.
pub(super) fn check(draft: &mut Draft, top: Node<'_, '_>, dialect: Dialect) {
    if dialect == Dialect::SupLomFr {
        suplomfr(draft, top);
        return;
    }
    if draft.record.title.is_empty() {
        draft.warn("no-title", "lom.general.title", "", "");
    }
    if !draft.states_licence() {
        draft.warn("no-licence", "lom.rights.description", "", "");
    }
    if draft.record.language.is_empty() {
        draft.info("no-language", "lom.general.language", "", "");
    }
}

fn suplomfr(draft: &mut Draft, top: Node<'_, '_>) {
    for (number, place, want) in SUPLOMFR {
        if filled(top, place) {
            continue;
        }
        let path = format!("lom.{place}");
        match want {
            Want::Mandatory => draft.error("suplomfr-mandatory", &path, "", number),
            // Not everything plays.
            Want::Recommended if number == "4.7" && !plays(top) => {}
            // Relations are there where there are relations.
            Want::Recommended if number == "7" => {
                draft.info("suplomfr-recommended", &path, "", number)
            }
            Want::Recommended => draft.warn("suplomfr-recommended", &path, "", number),
        }
    }
    for role in ["author", "publisher"] {
        let path = "lom.lifeCycle.contribute";
        let contributes = contributions(top, role);
        if contributes.is_empty() {
            draft.error("suplomfr-role", path, "", role);
        }
        let dated = |node: &Node<'_, '_>| {
            xml::child(*node, "date").is_some_and(|date| !xml::text(date).trim().is_empty())
        };
        if !contributes.is_empty() && !contributes.iter().any(dated) {
            let path = format!("{path}.date");
            draft.error("suplomfr-mandatory", &path, "", "2.3.3");
        }
    }
    let discipline = xml::children(top, "classification").any(|node| {
        let purpose = xml::child(node, "purpose").and_then(|p| xml::child_text(p, "value"));
        purpose.is_some_and(|p| matches!(&*fold(&p), "discipline" | "dewey" | "cdd"))
            && xml::child(node, "taxonPath").is_some()
    });
    if !discipline {
        let path = "lom.classification";
        draft.error("suplomfr-mandatory", path, "", "9 (discipline)");
    }
    if !draft.states_licence() && filled(top, "rights.description") {
        draft.warn("no-licence", "lom.rights.description", "", "");
    }
}

/// Whether something stands at a place.
fn filled(top: Node<'_, '_>, place: &str) -> bool {
    let said = |node: Node<'_, '_>| !xml::text(node).trim().is_empty();
    match place.split_once('.') {
        Some((section, name)) => top
            .children()
            .filter(|node| xml::named(*node, section))
            .any(|node| node.children().any(|c| xml::named(c, name) && said(c))),
        None => top.children().any(|c| xml::named(c, place) && said(c)),
    }
}

fn plays(top: Node<'_, '_>) -> bool {
    let formats = xml::children(top, "technical").flat_map(|node| xml::children(node, "format"));
    formats.map(xml::text).any(|format| {
        let format = format.trim().to_ascii_lowercase();
        format.contains("video/") || format.contains("audio/")
    })
}

fn contributions<'a, 'i>(top: Node<'a, 'i>, role: &str) -> Vec<Node<'a, 'i>> {
    let all = xml::children(top, "lifeCycle").flat_map(|node| xml::children(node, "contribute"));
    all.filter(|node| {
        let said = xml::child(*node, "role").and_then(|r| xml::child_text(r, "value"));
        said.is_some_and(|said| said.trim().eq_ignore_ascii_case(role))
    })
    .collect()
}
