//! Reading one value of each field, strictly; shared by the input form and by bodies.

use serde_json::{Map, Value as Json};

use super::date::is_date;
use super::language;
use super::limits::{MAX_LINE_CHARS, MAX_VALUES};
use super::problem::{Report, shorten};
use super::terms::choose;
use super::text::{Room, check, is_forbidden};
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

/// The id of a concept of a vocabulary; a label is taken for its id, with a warning (R-07-15).
pub(super) fn from_vocabulary(
    scheme: Scheme,
    value: &Json,
    at: &str,
    report: &mut Report,
) -> Option<String> {
    let written = line(value, at, report)?;
    if let Some(concept) = vocab::find(scheme, &written) {
        return Some(concept.id.to_owned());
    }
    // The address of a concept that is the same in another publication of the scheme.
    if let Some(id) = vocab::by_address(scheme, &written) {
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
        (None, Scheme::Subject) => {
            "use an ISCED-F 2013 field such as iscedf-0541, or {scheme, notation, label}".into()
        }
        (None, _) => format!("use one of {}", ids(scheme)),
    };
    report.problem(
        at,
        format!("{:?} is not in the vocabulary", shorten(&written)),
        fix,
    );
    None
}

/// The ids of a vocabulary, for messages.
pub(super) fn ids(scheme: Scheme) -> String {
    let ids: Vec<&str> = vocab::concepts(scheme)
        .iter()
        .map(|concept| concept.id)
        .collect();
    ids.join(", ")
}

/// Readers of the fields whose values are ids of a vocabulary.
macro_rules! vocabularies {
    ($($reader:ident $scheme:ident),* $(,)?) => {
        $(pub(super) fn $reader(value: &Json, at: &str, report: &mut Report) -> Option<String> {
            from_vocabulary(Scheme::$scheme, value, at, report)
        })*
    };
}

vocabularies! {
    resource_type ResourceType,
    level Level,
    access Access,
    document_type DocumentType,
    audience Audience,
    difficulty Difficulty,
    activity Activity,
    accessibility_mode AccessibilityMode,
    accessibility_feature AccessibilityFeature,
    accessibility_hazard AccessibilityHazard,
    accessibility_control AccessibilityControl,
}

/// A set of modes that suffices: a list, or the modes with commas between.
pub(super) fn sufficient_modes(value: &Json, at: &str, report: &mut Report) -> Option<Vec<String>> {
    let written: Vec<Json> = match value {
        Json::Array(items) => items.iter().take(MAX_VALUES).cloned().collect(),
        Json::String(text) => text.split(',').map(|mode| mode.trim().into()).collect(),
        _ => {
            wrong_type(value, at, "a list of modes", report);
            return None;
        }
    };
    let mut modes: Vec<String> = Vec::new();
    for mode in &written {
        let mode = accessibility_mode(mode, at, report)?;
        if !modes.contains(&mode) {
            modes.push(mode);
        }
    }
    if modes.is_empty() {
        report.problem(at, "names no mode", "name at least one");
        return None;
    }
    Some(modes)
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

/// Whether a text is an item's name or id, an address or an identifier that may stand in relations and aliases (R-07-09).
pub fn is_target(text: &str) -> bool {
    const SCHEMES: [&str; 12] = [
        "doi", "hdl", "ark", "urn", "swh", "isbn", "issn", "oai", "info", "did", "commun", "hal",
    ];
    let unfit = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || is_forbidden(c)
            || matches!(c, '\\' | '<' | '>' | '"')
    };
    if text.contains(unfit) || text.chars().nth(MAX_LINE_CHARS).is_some() {
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

/// A mail address as far as it is worth looking: one `@`, nothing that ends it.
pub(super) fn email(value: &Json, at: &str, report: &mut Report) -> Option<String> {
    let written = line(value, at, report)?;
    let fits = written.split('@').filter(|part| !part.is_empty()).count() == 2
        && !written.contains(|c: char| {
            c.is_whitespace() || matches!(c, '<' | '>' | '"' | '?' | '&' | ',' | ':')
        });
    if fits {
        return Some(written);
    }
    report.problem(at, "is not a mail address", "write name@example.org");
    None
}

pub(super) fn flag(value: &Json, at: &str, report: &mut Report) -> Option<bool> {
    let flag = value.as_bool();
    if flag.is_none() {
        report.problem(at, format!("is {}", name(value)), "write true or false");
    }
    flag
}

pub(super) fn number(value: &Json, at: &str, report: &mut Report) -> Option<u64> {
    /// What every JSON reader keeps exactly.
    const MOST: u64 = (1 << 53) - 1;
    let number = value.as_u64().filter(|number| *number <= MOST);
    if number.is_none() {
        report.problem(
            at,
            "is not a number that fits",
            "write a whole number without quotation marks",
        );
    }
    number
}

pub(super) fn aggregation_level(value: &Json, at: &str, report: &mut Report) -> Option<u64> {
    let level = number(value, at, report)?;
    if (1..=4).contains(&level) {
        return Some(level);
    }
    report.problem(at, format!("is {level}"), "write 1, 2, 3 or 4");
    None
}

/// A media type, or `non-digital` (LOM 4.1).
pub(super) fn media_type(value: &Json, at: &str, report: &mut Report) -> Option<String> {
    let written = line(value, at, report)?;
    let token = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&b))
    };
    let essence = written.split(';').next().unwrap_or_default().trim_end();
    let fits = essence == "non-digital"
        || essence
            .split_once('/')
            .is_some_and(|(kind, subtype)| token(kind) && token(subtype));
    if fits {
        return Some(written.to_ascii_lowercase());
    }
    report.problem(
        at,
        format!("{:?} is not a media type", shorten(&written)),
        "write text/html, application/pdf… or non-digital",
    );
    None
}

/// `18-25`, `15-`, `-6`; other words are kept as they are (R-07-19).
pub(super) fn age_range(value: &Json, at: &str, report: &mut Report) -> Option<String> {
    let written = line(value, at, report)?;
    let plain: String = written
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| {
            if matches!(c, '–' | '—' | '‐' | '‑') {
                '-'
            } else {
                c
            }
        })
        .collect();
    let plain = match plain.strip_suffix('+') {
        Some(least) => format!("{least}-"),
        None => plain,
    };
    let age = |text: &str| text.len() <= 3 && text.bytes().all(|b| b.is_ascii_digit());
    let normal = plain
        .split_once('-')
        .is_some_and(|(least, most)| age(least) && age(most) && plain.len() > 1)
        || (!plain.is_empty() && age(&plain));
    Some(if normal { plain } else { written })
}

pub(super) fn interactivity(value: &Json, at: &str, report: &mut Report) -> Option<String> {
    term(&super::terms::INTERACTIVITIES, value, at, report)
}

pub(super) fn degree(value: &Json, at: &str, report: &mut Report) -> Option<String> {
    term(&super::terms::DEGREES, value, at, report)
}

pub(super) fn structure(value: &Json, at: &str, report: &mut Report) -> Option<String> {
    term(&super::terms::STRUCTURES, value, at, report)
}

/// An object, as a part of a document.
pub(super) fn object<'a>(
    value: &'a Json,
    at: &str,
    wanted: &str,
    report: &mut Report,
) -> Option<&'a Map<String, Json>> {
    match value {
        Json::Object(object) => Some(object),
        _ => {
            wrong_type(value, at, wanted, report);
            None
        }
    }
}

/// A member that may be absent.
pub(super) fn optional<T>(
    object: &Map<String, Json>,
    member: &str,
    at: &str,
    read: Read<T>,
    report: &mut Report,
) -> Option<T> {
    let value = object.get(member)?;
    read(value, &format!("{at}.{member}"), report)
}

/// A list that may be absent, or one value alone.
pub(super) fn list<T>(
    object: &Map<String, Json>,
    member: &str,
    at: &str,
    read: Read<T>,
    report: &mut Report,
) -> Vec<T> {
    let Some(value) = object.get(member) else {
        return Vec::new();
    };
    let at = format!("{at}.{member}");
    let Json::Array(items) = value else {
        return read(value, &at, report).into_iter().collect();
    };
    if items.len() > MAX_VALUES {
        report.problem(
            &at,
            format!("has {} values, the most is {MAX_VALUES}", items.len()),
            "keep the best ones",
        );
    }
    let items = items.iter().take(MAX_VALUES).enumerate();
    items
        .filter_map(|(number, item)| read(item, &format!("{at}[{number}]"), report))
        .collect()
}

/// `{language: text}`, or a text in the language of the document (R-07-06); a member that may be absent.
pub(super) fn texts(
    object: &Map<String, Json>,
    member: &str,
    at: &str,
    read: Read<String>,
    report: &mut Report,
) -> Vec<(String, String)> {
    match object.get(member) {
        None => Vec::new(),
        Some(value) => texts_of(value, &format!("{at}.{member}"), read, report),
    }
}

/// `{language: text}`, or a text in the language of the document.
pub(super) fn texts_of(
    value: &Json,
    at: &str,
    read: Read<String>,
    report: &mut Report,
) -> Vec<(String, String)> {
    match value {
        Json::Object(texts) => {
            if texts.len() > MAX_VALUES {
                report.problem(
                    at,
                    format!("has {} values, the most is {MAX_VALUES}", texts.len()),
                    "keep the best ones",
                );
            }
            localised(texts, at, read, report)
        }
        Json::String(_) => {
            let text = read(value, at, report);
            text.map(|text| vec![(report.language.clone(), text)])
                .unwrap_or_default()
        }
        _ => {
            wrong_type(
                value,
                at,
                "a text, or an object such as {\"fr\": \"…\"}",
                report,
            );
            Vec::new()
        }
    }
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
