//! Concepts of classifications: subjects, outcomes, competencies, prerequisites.

use serde_json::{Map, Value as Json};

use super::problem::Report;
use super::values::{self, line, only, optional, required, texts, wrong_type};
use super::written::{Object, Written};
use crate::vocab::{self, Scheme};

/// A concept in some scheme, or words alone (rows 22 to 24).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Concept {
    /// `iscedf`, `cefr`, or another scheme's short name or address; empty for words alone.
    pub scheme: String,
    /// The code in that scheme; empty where only the words are known.
    pub notation: String,
    /// Labels by language, where the record brought its own.
    pub label: Vec<(String, String)>,
    /// The concepts above it in its scheme as the record names them, from the root down.
    pub broader: Vec<Taxon>,
}

/// A step of the way from a scheme's root to a concept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taxon {
    /// The code; empty where only the words are known.
    pub notation: String,
    /// Labels by language.
    pub label: Vec<(String, String)>,
}

/// A concept with what it says about the item, where no field of its own says it (LOM 9).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Classification {
    /// What it says, in the words of the record (`skill level`, `idea`, `place`).
    pub purpose: String,
    /// The concept.
    pub concept: Concept,
}

impl Concept {
    /// Words alone, in one language.
    pub fn words(lang: &str, text: &str) -> Concept {
        Concept {
            label: vec![(lang.to_owned(), text.to_owned())],
            ..Concept::default()
        }
    }

    /// Its label for a reader: in their language as the record or a vocabulary that ships has it, else the first of the
    /// record, else the code.
    pub fn label_for(&self, lang: &str) -> &str {
        let primary = |tag: &str| tag.split('-').next().map(str::to_ascii_lowercase);
        let own = self
            .label
            .iter()
            .find(|(tag, _)| primary(tag) == primary(lang));
        if let Some((_, own)) = own {
            return own;
        }
        let ships = SHIPPED
            .iter()
            .find(|(prefix, _)| prefix.trim_end_matches('-') == self.scheme);
        if let Some(label) = ships.and_then(|(_, scheme)| vocab::label(*scheme, &self.id(), lang)) {
            return label;
        }
        match self.label.first() {
            Some((_, label)) => label,
            None => &self.notation,
        }
    }

    /// The id that searches use: `iscedf-0541`.
    pub fn id(&self) -> String {
        format!("{}-{}", self.scheme, self.notation)
    }
}

const MEMBERS: [&str; 4] = ["scheme", "notation", "label", "broader"];

/// Schemes whose concepts may be written by their id alone, with what their ids begin with.
const SHIPPED: [(&str, Scheme); 2] = [("iscedf-", Scheme::Subject), ("cefr-", Scheme::Cefr)];

/// The concept of a shipped scheme that an id names.
fn shipped(id: &str) -> Option<Concept> {
    let (prefix, _) = SHIPPED
        .iter()
        .find(|(prefix, scheme)| id.starts_with(prefix) && vocab::find(*scheme, id).is_some())?;
    Some(Concept {
        scheme: prefix.trim_end_matches('-').to_owned(),
        notation: id[prefix.len()..].to_owned(),
        ..Concept::default()
    })
}

pub(super) fn subject(value: &Json, at: &str, report: &mut Report) -> Option<Concept> {
    match value {
        Json::Object(object) => full(object, at, report),
        _ => shipped(&values::from_vocabulary(
            Scheme::Subject,
            value,
            at,
            report,
        )?),
    }
}

/// A concept, or words alone: a text, or `{language: text}`.
pub(super) fn concept(value: &Json, at: &str, report: &mut Report) -> Option<Concept> {
    match value {
        Json::Object(object) if MEMBERS.iter().any(|member| object.contains_key(*member)) => {
            full(object, at, report)
        }
        Json::String(text) if shipped(text.trim()).is_some() => shipped(text.trim()),
        Json::String(_) | Json::Object(_) => {
            let label = values::texts_of(value, at, values::prose, report);
            (!label.is_empty()).then(|| Concept {
                label,
                ..Concept::default()
            })
        }
        _ => {
            wrong_type(value, at, "words, or {scheme, notation, label}", report);
            None
        }
    }
}

fn full(object: &Map<String, Json>, at: &str, report: &mut Report) -> Option<Concept> {
    let before = report.problems.len();
    let words_alone = object.contains_key("label") && !object.contains_key("notation");
    // An outcome may take a paragraph, the name of a concept one line.
    let room = if words_alone { values::prose } else { line };
    let label = texts(object, "label", at, room, report);
    let scheme = if words_alone {
        optional(object, "scheme", at, line, report).unwrap_or_default()
    } else {
        required(object, "scheme", at, line, report).unwrap_or_default()
    };
    let notation = if words_alone {
        String::new()
    } else {
        required(object, "notation", at, line, report).unwrap_or_default()
    };
    let broader = values::list(object, "broader", at, taxon, report);
    only(object, &MEMBERS, at, report);
    let known = SHIPPED
        .iter()
        .find(|(prefix, _)| prefix.trim_end_matches('-') == scheme);
    if let Some((prefix, vocabulary)) = known
        && !words_alone
        && !notation.is_empty()
        && vocab::find(*vocabulary, &format!("{prefix}{notation}")).is_none()
    {
        let (what, fix) = match vocabulary {
            Scheme::Subject => (
                "is not a field of ISCED-F 2013",
                "use a code such as 0541".to_owned(),
            ),
            _ => (
                "is not in the vocabulary",
                format!("use one of {}", values::ids(*vocabulary)),
            ),
        };
        report.problem(&format!("{at}.notation"), what, fix);
    }
    (report.problems.len() == before).then_some(Concept {
        scheme,
        notation,
        label,
        broader,
    })
}

fn taxon(value: &Json, at: &str, report: &mut Report) -> Option<Taxon> {
    let object = values::object(value, at, "{notation, label}", report)?;
    let label = texts(object, "label", at, line, report);
    let notation = if label.is_empty() {
        required(object, "notation", at, line, report)?
    } else {
        optional(object, "notation", at, line, report).unwrap_or_default()
    };
    only(object, &["notation", "label"], at, report);
    Some(Taxon { notation, label })
}

pub(super) fn classification(
    value: &Json,
    at: &str,
    report: &mut Report,
) -> Option<Classification> {
    let object = values::object(value, at, "{purpose, scheme, notation, label}", report)?;
    let purpose = required(object, "purpose", at, line, report);
    let mut rest = object.clone();
    rest.remove("purpose");
    let concept = full(&rest, at, report);
    Some(Classification {
        purpose: purpose?,
        concept: concept?,
    })
}

impl Concept {
    fn members(&self) -> Object {
        Object::default()
            .text("scheme", &self.scheme)
            .text("notation", &self.notation)
            .texts("label", &self.label)
            .list("broader", &self.broader)
    }
}

impl Written for Concept {
    fn written(&self) -> Json {
        self.members().done()
    }
}

impl Written for Taxon {
    fn written(&self) -> Json {
        Object::default()
            .text("notation", &self.notation)
            .texts("label", &self.label)
            .done()
    }
}

impl Written for Classification {
    fn written(&self) -> Json {
        self.concept.members().with("purpose", &self.purpose).done()
    }
}
