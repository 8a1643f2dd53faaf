//! What must be there to use something (row 33, LOM 4.4).

use serde_json::Value as Json;

use super::problem::Report;
use super::values::{line, list, object, only, optional};
use super::written::{Object, Written};

/// Alternatives of which one suffices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requirement {
    /// At least one.
    pub any: Vec<Need>,
}

/// One alternative.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Need {
    /// What sort of thing: `operating system`, `browser`, or other words.
    pub kind: String,
    /// Its name: `linux`, `firefox`.
    pub name: String,
    /// The first version that suffices.
    pub minimum: Option<String>,
    /// The last version that suffices.
    pub maximum: Option<String>,
}

pub(super) fn requirement(value: &Json, at: &str, report: &mut Report) -> Option<Requirement> {
    if let Json::Object(object) = value
        && object.contains_key("any")
    {
        let before = report.problems.len();
        let any = list(object, "any", at, need, report);
        only(object, &["any"], at, report);
        if any.is_empty() && report.problems.len() == before {
            report.problem(at, "names no alternative", "name at least one");
        }
        return (!any.is_empty()).then_some(Requirement { any });
    }
    need(value, at, report).map(|need| Requirement { any: vec![need] })
}

fn need(value: &Json, at: &str, report: &mut Report) -> Option<Need> {
    if let Json::String(_) = value {
        return line(value, at, report).map(|name| Need {
            name,
            ..Need::default()
        });
    }
    let object = object(value, at, "{type, name, minimum, maximum}", report)?;
    let kind = optional(object, "type", at, line, report).unwrap_or_default();
    let name = optional(object, "name", at, line, report).unwrap_or_default();
    let minimum = optional(object, "minimum", at, line, report);
    let maximum = optional(object, "maximum", at, line, report);
    only(object, &["type", "name", "minimum", "maximum"], at, report);
    if kind.is_empty() && name.is_empty() {
        report.problem(at, "names nothing", "add `name`");
        return None;
    }
    Some(Need {
        kind,
        name,
        minimum,
        maximum,
    })
}

impl Written for Need {
    fn written(&self) -> Json {
        Object::default()
            .text("type", &self.kind)
            .text("name", &self.name)
            .maybe("minimum", &self.minimum)
            .maybe("maximum", &self.maximum)
            .done()
    }
}

impl Written for Requirement {
    fn written(&self) -> Json {
        match self.any.as_slice() {
            [need] => need.written(),
            _ => Object::default().with("any", &self.any).done(),
        }
    }
}
