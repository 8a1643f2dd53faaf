//! What others said about a thing: annotations (row 38, LOM 8) and checks of accessibility (row 36).

use serde_json::Value as Json;

use super::person::{Creator, creator};
use super::problem::Report;
use super::values::{date, line, object, only, optional, prose, target, texts};
use super::written::{Object, Written};

/// A remark or a review that came with a record. Reviews made here are statements of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Annotation {
    /// Who said it.
    pub person: Option<Creator>,
    /// When.
    pub date: Option<String>,
    /// What, per language.
    pub text: Vec<(String, String)>,
}

/// A check of accessibility.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Check {
    /// Against what: `WCAG 2.1 AA`, `RGAA 4.1`.
    pub standard: String,
    /// What came out, in words.
    pub result: Option<String>,
    /// Who or which program checked.
    pub by: Option<String>,
    /// When.
    pub date: Option<String>,
    /// Where the report is.
    pub url: Option<String>,
}

pub(super) fn annotation(value: &Json, at: &str, report: &mut Report) -> Option<Annotation> {
    if let Json::String(_) = value {
        let text = prose(value, at, report)?;
        return Some(Annotation {
            text: vec![(report.language.clone(), text)],
            ..Annotation::default()
        });
    }
    let object = object(value, at, "{person, date, text}", report)?;
    let person = optional(object, "person", at, creator, report);
    let date = optional(object, "date", at, date, report);
    let text = texts(object, "text", at, prose, report);
    only(object, &["person", "date", "text"], at, report);
    if person.is_none() && text.is_empty() {
        report.problem(at, "says nothing", "add `text`");
        return None;
    }
    Some(Annotation { person, date, text })
}

pub(super) fn check(value: &Json, at: &str, report: &mut Report) -> Option<Check> {
    if let Json::String(_) = value {
        return line(value, at, report).map(|standard| Check {
            standard,
            ..Check::default()
        });
    }
    let object = object(value, at, "{standard, result, by, date, url}", report)?;
    let standard = super::values::required(object, "standard", at, line, report);
    let result = optional(object, "result", at, line, report);
    let by = optional(object, "by", at, line, report);
    let date = optional(object, "date", at, date, report);
    let url = optional(object, "url", at, target, report);
    only(
        object,
        &["standard", "result", "by", "date", "url"],
        at,
        report,
    );
    Some(Check {
        standard: standard?,
        result,
        by,
        date,
        url,
    })
}

impl Written for Annotation {
    fn written(&self) -> Json {
        Object::default()
            .maybe("person", &self.person)
            .maybe("date", &self.date)
            .texts("text", &self.text)
            .done()
    }
}

impl Written for Check {
    fn written(&self) -> Json {
        Object::default()
            .with("standard", &self.standard)
            .maybe("result", &self.result)
            .maybe("by", &self.by)
            .maybe("date", &self.date)
            .maybe("url", &self.url)
            .done()
    }
}
