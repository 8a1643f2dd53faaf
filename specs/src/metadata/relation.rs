//! Typed links between things.

use serde_json::Value as Json;

use super::problem::Report;
use super::terms::RELATIONS;
use super::values::{
    Read, licence, line, list, only, optional, prose, required, target, term, texts, title,
    wrong_type,
};
use super::written::{Object, Written};

/// A typed link to another item or to something outside (row 35).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Relation {
    /// One of [`RELATIONS`](super::RELATIONS).
    pub kind: String,
    /// `handle/slug`, an item id, an address or an identifier such as `doi:…`; empty where only the title or a
    /// description is known.
    pub target: String,
    /// The target's title, where known.
    pub title: Option<String>,
    /// What the record says about the target, per language.
    pub description: Vec<(String, String)>,
    /// Names of the target's authors, for attribution.
    pub creators: Vec<String>,
    /// The target's licence, an SPDX expression.
    pub licence: Option<String>,
}

pub(super) fn relation(value: &Json, at: &str, report: &mut Report) -> Option<Relation> {
    let Json::Object(object) = value else {
        wrong_type(value, at, "{type, target}", report);
        return None;
    };
    let read_type: Read<String> = |value, at, report| term(&RELATIONS, value, at, report);
    let kind = required(object, "type", at, read_type, report);
    let named = object.contains_key("title") || object.contains_key("description");
    let target = if named {
        Some(optional(object, "target", at, target, report).unwrap_or_default())
    } else {
        required(object, "target", at, target, report)
    };
    let title = optional(object, "title", at, title, report);
    let description = texts(object, "description", at, prose, report);
    let creators = list(object, "creators", at, line, report);
    let licence = optional(object, "licence", at, licence, report);
    only(
        object,
        &[
            "type",
            "target",
            "title",
            "description",
            "creators",
            "licence",
        ],
        at,
        report,
    );
    Some(Relation {
        kind: kind?,
        target: target?,
        title,
        description,
        creators,
        licence,
    })
}

impl Written for Relation {
    fn written(&self) -> Json {
        Object::default()
            .with("type", &self.kind)
            .text("target", &self.target)
            .maybe("title", &self.title)
            .texts("description", &self.description)
            .list("creators", &self.creators)
            .maybe("licence", &self.licence)
            .done()
    }
}
