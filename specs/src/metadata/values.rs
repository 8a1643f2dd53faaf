//! Reading one value of each field, strictly; shared by the input form and by bodies.

use serde_json::{Map, Value as Json};

use super::date::is_date;
use super::language;
use super::problem::{Report, shorten};
use super::terms::{RELATIONS, choose};
use super::text::{Room, check};
use super::view::{FileNote, Relation, Subject};
use crate::licence::Licence;
use crate::vocab::{self, Scheme};

/// Reads one value at a place in a document; says in the report why there is none.
pub(super) type Read<T> = fn(&Json, &str, &mut Report) -> Option<T>;

/// What a JSON value is called in messages.
fn name(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "true or false",
        Json::Number(_) => "a number",
        Json::String(_) => "a text",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
    }
}

pub(super) fn wrong_type(value: &Json, at: &str, wanted: &str, report: &mut Report) {
    let fix = match value {
        Json::Null => "leave the member out".into(),
        Json::Number(_) => format!("write {wanted} in quotation marks"),
        _ => format!("write {wanted}"),
    };
    report.problem(at, format!("is {}", name(value)), fix);
}

fn text(value: &Json, at: &str, room: Room, report: &mut Report) -> Option<String> {
    let Json::String(text) = value else {
        wrong_type(value, at, "a text", report);
        return None;
    };
    match check(text, room) {
        Ok(text) => Some(text.to_owned()),
        Err((what, fix)) => {
            report.problem(at, what, fix);
            None
        }
    }
}

pub(super) fn title(value: &Json, at: &str, report: &mut Report) -> Option<String> {
    text(value, at, Room::Title, report)
}

pub(super) fn line(value: &Json, at: &str, report: &mut Report) -> Option<String> {
    text(value, at, Room::Line, report)
}

pub(super) fn prose(value: &Json, at: &str, report: &mut Report) -> Option<String> {
    text(value, at, Room::Prose, report)
}

pub(super) fn language(value: &Json, at: &str, report: &mut Report) -> Option<String> {
    let written = line(value, at, report)?;
    match language::normalise(&written) {
        Ok(tag) => Some(tag),
        Err(fix) => {
            report.problem(
                at,
                format!("{:?} is not a language tag", shorten(&written)),
                fix,
            );
            None
        }
    }
}

pub(super) fn date(value: &Json, at: &str, report: &mut Report) -> Option<String> {
    let written = line(value, at, report)?;
    if is_date(&written) {
        return Some(written);
    }
    report.problem(
        at,
        format!("{:?} is not a date that exists", shorten(&written)),
        "write 2024, 2024-09, 2024-09-01 or 2024-09-01T08:00:00Z",
    );
    None
}

/// An SPDX expression (R-07-11).
pub(super) fn licence(value: &Json, at: &str, report: &mut Report) -> Option<String> {
    let written = line(value, at, report)?;
    match Licence::parse(&written) {
        Ok(licence) => Some(licence.as_str().to_owned()),
        Err(error) => {
            report.problem(at, error.what, error.fix);
            None
        }
    }
}

/// A term of a closed list.
pub(super) fn term(
    list: &[&'static str],
    value: &Json,
    at: &str,
    report: &mut Report,
) -> Option<String> {
    let written = line(value, at, report)?;
    match choose(list, &written) {
        Ok(term) => Some(term.to_owned()),
        Err(fix) => {
            report.problem(
                at,
                format!("{:?} is not a known value", shorten(&written)),
                fix,
            );
            None
        }
    }
}

pub(super) fn kind(value: &Json, at: &str, report: &mut Report) -> Option<String> {
    term(&super::terms::KINDS, value, at, report)
}

pub(super) fn status(value: &Json, at: &str, report: &mut Report) -> Option<String> {
    term(&super::terms::STATUSES, value, at, report)
}

/// A concept of a vocabulary; a label is taken for its id, with a warning (R-07-15).
fn concept(scheme: Scheme, value: &Json, at: &str, report: &mut Report) -> Option<String> {
    let written = line(value, at, report)?;
    let id = written.rsplit('/').next().unwrap_or_default();
    if let Some(concept) = vocab::find(scheme, &written) {
        return Some(concept.id.to_owned());
    }
    // An address of the HCRT scheme ends with the slug.
    if written.starts_with("https://w3id.org/kim/hcrt/") && vocab::find(scheme, id).is_some() {
        return Some(id.to_owned());
    }
    if let Some(id) = vocab::by_name(scheme, &written) {
        report.warning(
            at,
            format!("{:?} was taken for {id}", shorten(&written)),
            "",
        );
        return Some(id.to_owned());
    }
    let fix = match (vocab::suggest(scheme, &written), scheme) {
        (Some(id), _) => format!("did you mean {id}?"),
        (None, Scheme::ResourceType) => format!("use one of {}", ids(scheme)),
        (None, Scheme::Level) => format!("use one of {}", ids(scheme)),
        (None, _) => {
            "use an ISCED-F 2013 field such as iscedf-0541, or {scheme, notation, label}".into()
        }
    };
    report.problem(
        at,
        format!("{:?} is not in the vocabulary", shorten(&written)),
        fix,
    );
    None
}

fn ids(scheme: Scheme) -> String {
    let ids: Vec<&str> = vocab::concepts(scheme)
        .iter()
        .map(|concept| concept.id)
        .collect();
    ids.join(", ")
}

pub(super) fn resource_type(value: &Json, at: &str, report: &mut Report) -> Option<String> {
    concept(Scheme::ResourceType, value, at, report)
}

pub(super) fn level(value: &Json, at: &str, report: &mut Report) -> Option<String> {
    concept(Scheme::Level, value, at, report)
}

pub(super) fn subject(value: &Json, at: &str, report: &mut Report) -> Option<Subject> {
    let Json::Object(object) = value else {
        let id = concept(Scheme::Subject, value, at, report)?;
        let notation = id.strip_prefix("iscedf-")?.to_owned();
        return Some(Subject {
            scheme: "iscedf".into(),
            notation,
            label: Vec::new(),
        });
    };
    let scheme = required(object, "scheme", at, line, report);
    let notation = required(object, "notation", at, line, report);
    let label = match object.get("label") {
        None => Vec::new(),
        Some(Json::Object(labels)) => localised(labels, &format!("{at}.label"), line, report),
        Some(plain) => line(plain, &format!("{at}.label"), report)
            .map(|text| vec![("und".to_owned(), text)])
            .unwrap_or_default(),
    };
    only(object, &["scheme", "notation", "label"], at, report);
    let (scheme, notation) = (scheme?, notation?);
    if scheme == "iscedf" && vocab::find(Scheme::Subject, &format!("iscedf-{notation}")).is_none() {
        report.problem(
            &format!("{at}.notation"),
            "is not a field of ISCED-F 2013",
            "use a code such as 0541",
        );
        return None;
    }
    Some(Subject {
        scheme,
        notation,
        label,
    })
}

pub(super) fn relation(value: &Json, at: &str, report: &mut Report) -> Option<Relation> {
    let Json::Object(object) = value else {
        wrong_type(value, at, "{type, target}", report);
        return None;
    };
    let read_type: Read<String> = |value, at, report| term(&RELATIONS, value, at, report);
    let kind = required(object, "type", at, read_type, report);
    let target = required(object, "target", at, target, report);
    let title = object
        .get("title")
        .and_then(|value| title(value, &format!("{at}.title"), report));
    only(object, &["type", "target", "title"], at, report);
    Some(Relation {
        kind: kind?,
        target: target?,
        title,
    })
}

/// An item's name or id, an address or an identifier; never something that a browser would run (R-07-09).
pub(super) fn target(value: &Json, at: &str, report: &mut Report) -> Option<String> {
    let written = line(value, at, report)?;
    if is_target(&written) {
        return Some(written);
    }
    report.problem(
        at,
        format!("{:?} is not an address or an identifier", shorten(&written)),
        "write handle/slug, an item id, https://…, doi:…, hdl:…, ark:…, urn:… or swh:…",
    );
    None
}

fn is_target(text: &str) -> bool {
    const SCHEMES: [&str; 12] = [
        "doi", "hdl", "ark", "urn", "swh", "isbn", "issn", "oai", "info", "did", "commun", "hal",
    ];
    if text.contains(|c: char| c.is_whitespace() || matches!(c, '\\' | '<' | '>' | '"')) {
        return false;
    }
    if let Some((scheme, rest)) = text.split_once(':') {
        let scheme = scheme.to_ascii_lowercase();
        return match scheme.as_str() {
            "http" | "https" => rest.strip_prefix("//").is_some_and(|rest| {
                let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
                !host.is_empty() && !host.contains('@')
            }),
            _ => !rest.is_empty() && SCHEMES.contains(&scheme.as_str()),
        };
    }
    let word = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    match text.split_once('/') {
        Some((prefix, suffix)) if prefix.starts_with("10.") => !suffix.is_empty(),
        Some((handle, slug)) => word(handle) && word(slug),
        None => text.len() == 52 && word(text),
    }
}

pub(super) fn file(value: &Json, at: &str, report: &mut Report) -> Option<FileNote> {
    let Json::Object(object) = value else {
        wrong_type(value, at, "{path, type, size}", report);
        return None;
    };
    // A path may be longer than a line; the path rule of resources is stricter than this one.
    let path = required(object, "path", at, prose, report)?;
    let media_type = match object.get("type") {
        Some(value) => line(value, &format!("{at}.type"), report)?,
        None => String::new(),
    };
    let size = object.get("size").and_then(Json::as_u64).unwrap_or(0);
    Some(FileNote {
        path,
        media_type,
        size,
    })
}

pub(super) fn required<T>(
    object: &Map<String, Json>,
    member: &str,
    at: &str,
    read: Read<T>,
    report: &mut Report,
) -> Option<T> {
    match object.get(member) {
        Some(value) => read(value, &format!("{at}.{member}"), report),
        None => {
            report.problem(at, format!("has no `{member}`"), format!("add `{member}`"));
            None
        }
    }
}

/// Warns about members that are not used.
pub(super) fn only(object: &Map<String, Json>, known: &[&str], at: &str, report: &mut Report) {
    for member in object
        .keys()
        .filter(|member| !known.contains(&member.as_str()))
    {
        report.warning(
            &format!("{at}.{member}"),
            "is not a member that is known here, and is left out",
            format!("known are {}", known.join(", ")),
        );
    }
}

/// The texts of a `{language: text}` object.
pub(super) fn localised(
    object: &Map<String, Json>,
    at: &str,
    read: Read<String>,
    report: &mut Report,
) -> Vec<(String, String)> {
    let mut texts: Vec<(String, String)> = Vec::new();
    for (tag, value) in object {
        let at = format!("{at}.{tag}");
        let Some(tag) = tag_of(tag, &at, report) else {
            continue;
        };
        let Some(text) = read(value, &at, report) else {
            continue;
        };
        if texts.iter().any(|(known, _)| *known == tag) {
            report.problem(
                &at,
                format!("{tag} is there twice"),
                "keep one text per language",
            );
            continue;
        }
        texts.push((tag, text));
    }
    // Whatever order the map type keeps.
    texts.sort();
    texts
}

pub(super) fn tag_of(tag: &str, at: &str, report: &mut Report) -> Option<String> {
    match language::normalise(tag) {
        Ok(tag) => Some(tag),
        Err(fix) => {
            report.problem(at, format!("{:?} is not a language tag", shorten(tag)), fix);
            None
        }
    }
}
