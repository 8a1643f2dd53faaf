//! Whether a document is AMB: its JSON Schema, said by rules.

use commun_specs::licence::Licence;
use commun_specs::metadata::{MAX_DESCRIPTION_BYTES, is_date};
use serde_json::{Map, Value as Json, json};

use super::super::linked;
use super::schema::{RECORD, Shape, TYPES, Thing};
use crate::problem::{Problem, Severity};

/// The address of the context.
pub const CONTEXT: &str = "https://w3id.org/kim/amb/context.jsonld";
/// The most problems of one record.
const MAX_PROBLEMS: usize = 100;
/// The licences that AMB knows, as reports name them.
const LICENCES: &str = "creativecommons.org, gnu.org, apache.org, opensource.org/licenses/MIT, www.opensource.org/licenses/BSD";

/// What in a record is against AMB's schema, by the path of each value; nothing where it is valid.
pub fn check(record: &Map<String, Json>, severity: Severity) -> Vec<Problem> {
    let mut check = Check {
        severity,
        problems: Vec::new(),
    };
    check.thing(record, &RECORD, "");
    check.problems
}

/// A name of AMB that the context of a document gives another meaning.
pub(super) fn redefined(context: &Json) -> Option<&str> {
    let one = |context: &'_ Json| -> Option<String> {
        let object = context.as_object()?;
        let known = |name: &str| RECORD.members.iter().any(|(member, _)| *member == name);
        object
            .keys()
            .find(|name| !name.starts_with('@') && (known(name) || *name == "prefLabel"))
            .cloned()
    };
    let found = match context {
        Json::Array(list) => list.iter().find_map(one),
        other => one(other),
    }?;
    let mut members = RECORD.members.iter().map(|(member, _)| *member);
    members
        .find(|member| *member == found)
        .or(Some("prefLabel"))
}

struct Check {
    severity: Severity,
    problems: Vec<Problem>,
}

/// What a value is, in the words of JSON, shortened.
fn shown(value: &Json) -> String {
    match value {
        Json::String(text) => format!("“{text}”"),
        other => other.to_string().chars().take(60).collect(),
    }
}

/// The object to write in the place of a text: with that address or licence, where it is one.
fn instead(value: &Json, thing: &Thing) -> String {
    let text = value.as_str().unwrap_or_default().trim();
    let licence = thing
        .members
        .iter()
        .any(|(_, shape)| matches!(shape, Shape::Licence));
    let address = match text.starts_with("https://") || text.starts_with("http://") {
        true => Some(text.to_owned()),
        false if licence => Licence::parse(text).ok().and_then(|licence| licence.url()),
        false => None,
    };
    match address.filter(|_| thing.required == ["id"]) {
        Some(address) => json!({ "id": address }).to_string(),
        None => thing.example.to_owned(),
    }
}

impl Check {
    fn tell(&mut self, rule: &str, path: &str, given: &str, want: &str) {
        if self.problems.len() < MAX_PROBLEMS {
            let problem = Problem::new(self.severity, rule, path, given, want);
            self.problems.push(problem);
        }
    }

    fn value(&mut self, value: &Json, shape: &Shape, path: &str) {
        match shape {
            Shape::Context => self.context(value),
            Shape::Thing(thing) => match value {
                Json::Object(object) => self.thing(object, thing, path),
                other => {
                    let wanted = instead(other, thing);
                    self.tell("amb-not-an-object", path, &shown(other), &wanted);
                }
            },
            Shape::List(items) => self.list(value, items, path),
            Shape::Among(items, heads) => {
                self.list(value, items, path);
                if let Json::Array(list) = value {
                    let ids = list.iter().filter_map(|item| item["id"].as_str());
                    let mut known = ids.filter(|id| heads.iter().any(|head| id.starts_with(head)));
                    if known.next().is_none() {
                        self.tell("amb-none-of", path, "", &heads.join(", "));
                    }
                }
            }
            Shape::Types => {
                self.list(value, &Shape::Text, path);
                let Json::Array(list) = value else { return };
                for (at, class) in list.iter().enumerate() {
                    let class = class.as_str().unwrap_or("LearningResource");
                    if !TYPES.split_whitespace().any(|known| known == class) {
                        let path = format!("{path}[{at}]");
                        self.tell(
                            "amb-not-in-list",
                            &path,
                            class,
                            "LearningResource, Course, VideoObject…",
                        );
                    }
                }
                if !list.iter().any(|class| class == "LearningResource") {
                    self.tell("amb-missing", path, "", "LearningResource");
                }
            }
            Shape::Flag => {
                if !value.is_boolean() {
                    self.tell("amb-not-true-or-false", path, &shown(value), "");
                }
            }
            Shape::Labels => match value {
                Json::Object(labels) => {
                    for (tag, text) in labels {
                        let path = format!("{path}.{tag}");
                        self.text(text, &Shape::Text, &path);
                        if !linked::is_amb_language(tag) {
                            self.tell("amb-not-in-list", &path, tag, "de, en, fr…");
                        }
                    }
                }
                other => self.tell("amb-not-an-object", path, &shown(other), "{\"fr\": \"…\"}"),
            },
            plain => self.text(value, plain, path),
        }
    }

    fn list(&mut self, value: &Json, items: &Shape, path: &str) {
        let Json::Array(list) = value else {
            self.tell("amb-not-a-list", path, &shown(value), "");
            return;
        };
        for (at, item) in list.iter().enumerate() {
            if self.problems.len() >= MAX_PROBLEMS {
                return;
            }
            self.value(item, items, &format!("{path}[{at}]"));
        }
    }

    fn thing(&mut self, object: &Map<String, Json>, thing: &Thing, path: &str) {
        let at = |name: &str| match path {
            "" => name.to_owned(),
            path => format!("{path}.{name}"),
        };
        for name in thing.required {
            if !object.contains_key(*name) {
                self.tell("amb-missing", &at(name), "", name);
            }
        }
        if !thing.any.is_empty() && !thing.any.iter().any(|name| object.contains_key(*name)) {
            self.tell("amb-missing-one", path, "", &thing.any.join(", "));
        }
        for (name, shape) in thing.members {
            if let Some(value) = object.get(*name) {
                self.value(value, shape, &at(name));
            }
        }
        let alone = thing.any == ["name", "id"] && !object.contains_key("name");
        if alone && object.contains_key("id") && self.problems.len() < MAX_PROBLEMS {
            let draft = Problem::new(Severity::Info, "amb-draft", path, "", "20231019");
            self.problems.push(draft);
        }
    }

    fn text(&mut self, value: &Json, shape: &Shape, path: &str) {
        let Json::String(text) = value else {
            self.tell("amb-not-a-text", path, &shown(value), "");
            return;
        };
        match shape {
            Shape::Uri if !is_uri(text) => self.tell("amb-not-an-address", path, text, ""),
            Shape::Date if !is_moment(text) => {
                self.tell(
                    "amb-not-a-date",
                    path,
                    text,
                    "2024-09-01, 2024-09-01T08:00:00Z",
                );
            }
            Shape::Form(fits, example) if !fits(text) => self.tell("amb-form", path, text, example),
            Shape::OneOf(list) if !list.contains(&text.as_str()) => {
                self.tell("amb-not-in-list", path, text, &list.join(", "));
            }
            Shape::Language if !linked::is_amb_language(text) => {
                self.tell("amb-not-in-list", path, text, "de, en, fr…");
            }
            Shape::Licence if !linked::is_allowed(text) => self.licence(text, path),
            Shape::Text if text.len() > MAX_DESCRIPTION_BYTES => {
                self.tell("amb-too-long", path, "", &MAX_DESCRIPTION_BYTES.to_string());
            }
            _ => {}
        }
    }

    /// A licence that AMB knows under another spelling is worth a warning; one that it does not know breaks the schema.
    fn licence(&mut self, text: &str, path: &str) {
        let known = linked::stated_licence(text).and_then(|l| linked::amb_licence(l.as_str()));
        match known {
            Some(address) => {
                let spelt = Problem::new(Severity::Warning, "amb-form", path, text, &address);
                self.problems.push(spelt);
            }
            None => self.tell("amb-licence", path, text, LICENCES),
        }
    }

    fn context(&mut self, value: &Json) {
        let wanted = format!("[\"{CONTEXT}\", {{\"@language\": \"fr\"}}]");
        let Json::Array(list) = value else {
            self.tell("amb-context", "@context", &shown(value), &wanted);
            return;
        };
        let named = list.iter().any(|one| one == CONTEXT);
        let spoken = list.iter().find_map(|one| one.get("@language"));
        let good = spoken
            .and_then(Json::as_str)
            .is_some_and(linked::is_amb_language);
        if !named || !good {
            self.tell("amb-context", "@context", &shown(value), &wanted);
        }
    }
}

/// An absolute URI (RFC 3986), or such an address with letters of other alphabets (RFC 3987).
fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let named = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    let broken = |c: char| c.is_whitespace() || c.is_control() || "<>\"\\^`{|}".contains(c);
    named && !rest.is_empty() && !rest.contains(broken)
}

/// A day, or a moment; one without its zone is met in AMB's own examples.
fn is_moment(text: &str) -> bool {
    text.len() >= 10 && (is_date(text) || is_date(&format!("{text}Z")))
}
