//! From what people write to a valid SPDX expression.

use spdx::{Expression, ParseMode};
use thiserror::Error;

use super::{Licence, family::CREATIVE_ELEMENTS};
use crate::vocab::distance;

/// The longest expression, in bytes: what the head of a statement takes. Compound licences of real packages stay far below.
pub const MAX_EXPRESSION_BYTES: usize = 200;

/// Why a licence was not understood, and what to write.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{what}; {fix}")]
pub struct Error {
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub fix: String,
}

const MODE: ParseMode = ParseMode {
    allow_slash_as_or_operator: false,
    allow_imprecise_license_names: false,
    allow_postfix_plus_on_gpl: false,
    // GPL-3.0 and the like are still what most records have.
    allow_deprecated: true,
    allow_unknown: false,
};

pub(super) fn read(written: &str) -> Result<Licence, Error> {
    let text = written.trim();
    if text.is_empty() {
        return Err(error("the licence is empty", None));
    }
    if text.len() > MAX_EXPRESSION_BYTES {
        return Err(Error {
            what: format!("the licence is longer than {MAX_EXPRESSION_BYTES} bytes"),
            fix: "give the SPDX id here and the text in licence_statement".into(),
        });
    }
    let text = if text.contains("://") || text.starts_with("//") {
        from_url(text).ok_or_else(|| Error {
            what: "this address is not one of a known licence".into(),
            fix: "use its SPDX id, such as CC-BY-SA-4.0, or LicenseRef-NAME".into(),
        })?
    } else if let Some(id) = from_creative_name(text).or_else(|| from_words(text)) {
        id
    } else {
        respell(text)
    };
    let expression = Expression::parse_mode(&text, MODE).map_err(|cause| {
        let part = text.get(cause.span.clone()).unwrap_or(&text);
        error(
            &format!("not a valid SPDX expression: {} ({part:?})", cause.reason),
            nearest(part),
        )
    })?;
    Ok(Licence { text, expression })
}

fn error(what: &str, suggestion: Option<String>) -> Error {
    let fix = match suggestion {
        Some(id) => format!("did you mean {id}?"),
        None => {
            "use an SPDX id such as CC-BY-SA-4.0, CC0-1.0, etalab-2.0, EUPL-1.2, or LicenseRef-NAME"
                .into()
        }
    };
    Error {
        what: what.to_owned(),
        fix,
    }
}

/// Puts ids and operators into the case of the SPDX list, one space between them.
fn respell(text: &str) -> String {
    let spaced = text.replace('(', " ( ").replace(')', " ) ");
    let mut out = String::new();
    for word in spaced.split_whitespace() {
        if !out.is_empty() && !out.ends_with('(') && word != ")" {
            out.push(' ');
        }
        match word.to_ascii_uppercase().as_str() {
            operator @ ("AND" | "OR" | "WITH") => out.push_str(operator),
            _ => out.push_str(&respell_id(word)),
        }
    }
    out
}

fn respell_id(word: &str) -> String {
    let (bare, plus) = match word.strip_suffix('+') {
        Some(bare) => (bare, "+"),
        None => (word, ""),
    };
    if spdx::license_id(bare).is_some() {
        return word.to_owned();
    }
    spdx::identifiers::LICENSES
        .iter()
        .find(|licence| licence.name.eq_ignore_ascii_case(bare))
        .map(|licence| format!("{}{plus}", licence.name))
        .or_else(|| from_creative_name(bare))
        .unwrap_or_else(|| word.to_owned())
}

/// `EUPL 1.2`, `Licence Art Libre 1.3`, “Apache License, version 2.0”: the id in words, with nothing else beside it. A name
/// without the version that its id has is none, nor is one of GNU, whose ids say whether later versions hold.
fn from_words(text: &str) -> Option<String> {
    if !text.contains(char::is_whitespace) || text.contains(['(', ')', '+']) {
        return None;
    }
    const IDLE: [&str; 7] = ["the", "la", "license", "licence", "version", "v", "l"];
    let folded = text
        .to_lowercase()
        .replace(['\'', '\u{2019}', ',', '_', '-'], " ");
    let words: Vec<&str> = folded
        .split_whitespace()
        .map(|word| {
            let word = word.trim_end_matches('.');
            let number = word.strip_prefix('v');
            number
                .filter(|n| n.starts_with(|c: char| c.is_ascii_digit()))
                .unwrap_or(word)
        })
        .filter(|word| !IDLE.contains(word))
        .collect();
    let id = match words.join("-").as_str() {
        "art-libre-1.3" | "free-art-1.3" => "LAL-1.3".to_owned(),
        "art-libre-1.2" | "free-art-1.2" => "LAL-1.2".to_owned(),
        id => id.to_owned(),
    };
    let gnu = ["gpl", "lgpl", "agpl", "gfdl", "gnu"];
    if gnu.contains(words.first()?) {
        return None;
    }
    let mut known = spdx::identifiers::LICENSES.iter();
    let found = known.find(|licence| licence.name.eq_ignore_ascii_case(&id))?;
    Some(found.name.to_owned())
}

/// `CC BY-SA 4.0`, `cc-by-nc-sa-3.0-fr`, `CC BY 3.0 FR`: names that are unambiguous.
fn from_creative_name(text: &str) -> Option<String> {
    let folded = text.to_ascii_uppercase().replace([' ', '_'], "-");
    if folded == "CC0" || folded == "CC-0" || folded == "CC-ZERO" {
        return Some("CC0-1.0".into());
    }
    let parts: Vec<&str> = folded
        .strip_prefix("CC-")?
        .split('-')
        .filter(|p| !p.is_empty())
        .collect();
    let version = parts
        .iter()
        .position(|p| p.starts_with(|c: char| c.is_ascii_digit()))?;
    creative_id(
        &parts[..version],
        parts[version],
        parts.get(version + 1).copied(),
        parts.len() - version,
    )
}

/// The SPDX id of a Creative Commons licence, or a `LicenseRef` for the ports that the SPDX list lacks.
pub(super) fn creative_id(
    elements: &[&str],
    version: &str,
    port: Option<&str>,
    tail: usize,
) -> Option<String> {
    const VERSIONS: [&str; 6] = ["1.0", "2.0", "2.1", "2.5", "3.0", "4.0"];
    if tail > 2 || !VERSIONS.contains(&version) {
        return None;
    }
    // Version 1.0 is called BY-ND-NC, and people write BY-SA-NC.
    let sorted = |text: &str| {
        let mut parts: Vec<String> = text.split('-').map(str::to_owned).collect();
        parts.sort();
        parts
    };
    let given = sorted(&elements.join("-"));
    let elements = CREATIVE_ELEMENTS.iter().find(|e| sorted(e) == given)?;
    let id = match port {
        None | Some("INT" | "INTL" | "INTERNATIONAL" | "UNPORTED") => {
            format!("CC-{elements}-{version}")
        }
        Some(port)
            if ["IGO", "SCOTLAND"].contains(&port)
                || (port.len() == 2 && port.chars().all(|c| c.is_ascii_uppercase())) =>
        {
            format!("CC-{elements}-{version}-{port}")
        }
        Some(_) => return None,
    };
    Some(if spdx::license_id(&id).is_some() {
        id
    } else {
        format!("LicenseRef-{id}")
    })
}

/// The licence that an address names. The host must be exact: look-alikes are not licences. What follows an address in the same
/// text may take back what it allows, so it is none then.
fn from_url(url: &str) -> Option<String> {
    // The end of the sentence that it was copied from.
    let url = url.trim_end_matches(['.', ',', ';', ')', '>']);
    let (scheme, rest) = url.split_once("://")?;
    let web = ["http", "https"]
        .iter()
        .any(|s| scheme.eq_ignore_ascii_case(s));
    if !web || rest.contains("://") || url.contains(char::is_whitespace) {
        return None;
    }
    let (host, path) = rest.split_once('/')?;
    let host = host.to_ascii_lowercase();
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let parts: Vec<&str> = path.split('/').filter(|p| !p.is_empty()).collect();
    match host.strip_prefix("www.").unwrap_or(&host) {
        "creativecommons.org" => match parts.as_slice() {
            ["publicdomain", "zero", "1.0", rest @ ..] if is_form(rest) => Some("CC0-1.0".into()),
            ["publicdomain", "mark", "1.0", rest @ ..] if is_form(rest) => {
                Some("CC-PDM-1.0".into())
            }
            ["licenses", "publicdomain", rest @ ..] if is_form(rest) => Some("CC-PDDC".into()),
            ["licenses", elements, version, rest @ ..] => {
                let elements = elements.to_ascii_uppercase();
                let elements: Vec<&str> = elements.split('-').collect();
                let (port, form) = match rest {
                    [port, form @ ..] if !is_form(&[port]) => (Some(*port), form),
                    form => (None, form),
                };
                let port = port.map(str::to_ascii_uppercase);
                creative_id(&elements, version, port.as_deref(), 2).filter(|_| is_form(form))
            }
            _ => None,
        },
        "spdx.org" => match parts.as_slice() {
            ["licenses", id] => {
                let endings = [".html", ".json", ".txt"];
                let bare = endings.iter().find_map(|ending| id.strip_suffix(ending));
                let id = respell_id(bare.unwrap_or(id));
                spdx::license_id(&id).map(|id| id.name.to_owned())
            }
            _ => None,
        },
        "etalab.gouv.fr" => {
            let last = parts.last()?.to_ascii_lowercase();
            ETALAB.contains(&last.as_str()).then(|| "etalab-2.0".into())
        }
        _ => None,
    }
}

/// The pages and files of the Licence Ouverte 2.0 at Etalab, by the last part of their path.
const ETALAB: [&str; 3] = [
    "licence-ouverte-open-licence",
    "etalab-licence-ouverte-v2.0.pdf",
    "open-licence.pdf",
];

/// Whether what follows a licence in an address of Creative Commons names its text, its summary or their translation, or
/// nothing: `deed.fr`, `legalcode.en.html`, `rdf`.
fn is_form(parts: &[&str]) -> bool {
    match parts {
        [] => true,
        [form] => {
            let (name, tongue) = form.split_once('.').unwrap_or((form, ""));
            let known = ["deed", "legalcode", "rdf", "index"];
            known.iter().any(|k| k.eq_ignore_ascii_case(name))
                && tongue.len() <= 12
                && tongue
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-_@.".contains(&b))
        }
        _ => false,
    }
}

/// The licence id nearest to what was written.
fn nearest(part: &str) -> Option<String> {
    let upper = part.trim().to_ascii_uppercase().replace([' ', '_'], "-");
    if upper.is_empty() {
        return None;
    }
    // "CC-BY-SA" without its version: the current one.
    let current = format!("{upper}-4.0");
    if spdx::license_id(&current).is_some() {
        return Some(current);
    }
    spdx::identifiers::LICENSES
        .iter()
        .map(|licence| {
            (
                distance(&upper, &licence.name.to_ascii_uppercase()),
                licence.name,
            )
        })
        .min_by_key(|(far, _)| *far)
        .filter(|(far, _)| *far <= (upper.chars().count() / 4).max(1))
        .map(|(_, name)| name.to_owned())
}
