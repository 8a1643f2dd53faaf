//! `codemeta.json` and `publiccode.yml` as formats of import: what describes a piece of software that is elsewhere.
//!
//! The readers are those of repositories ([`crate::component`]); what they say becomes a record of kind `component`.

use std::sync::Arc;

use commun_specs::metadata::{Method, Source, Value};

use super::{Origin, Read, Reading};
use crate::component;
use crate::problem::{Problem, Severity};

/// Reads a `codemeta.json`, versions 2 and 3.
///
/// # Errors
/// The one reason why nothing comes in: not JSON, no name.
pub fn codemeta(bytes: &[u8], origin: &Origin) -> Read {
    read("codemeta.json", "codemeta", bytes, origin)
}

/// Reads a `publiccode.yml`, versions 0 to 1.
///
/// # Errors
/// The one reason why nothing comes in: not YAML, no name.
pub fn publiccode(bytes: &[u8], origin: &Origin) -> Read {
    read("publiccode.yml", "publiccode", bytes, origin)
}

fn read(name: &str, scheme: &str, bytes: &[u8], origin: &Origin) -> Read {
    let (mut record, mut problems) = component::read_file(name, bytes);
    if record.title.is_empty() {
        let worst = problems.iter().find(|p| p.severity == Severity::Error);
        let none = || Problem::new(Severity::Error, "no-title", "name", "", "");
        return Err(worst.cloned().unwrap_or_else(none).into());
    }
    let source = Arc::new(Source {
        scheme: scheme.to_owned(),
        origin: origin.name.clone().or_else(|| Some(name.to_owned())),
        date: origin.date.clone(),
        method: Method::Mapped,
        by: None,
    });
    record.kind.push(Value {
        v: "component".to_owned(),
        lang: None,
        path: String::new(),
        src: source.clone(),
    });
    let kinds = ["repository", "homepage", "download"];
    let mut ids = kinds.iter().filter_map(|kind| {
        let link = record.links.iter().find(|link| link.v.kind == *kind)?;
        super::draft::address(&link.v.url).map(|url| (url, link.path.clone()))
    });
    let place = ids.next();
    let alias = || record.aliases.first().map(|alias| alias.v.clone());
    let id = place.as_ref().map(|(url, _)| url.clone()).or_else(alias);
    if id.is_none() {
        problems.push(Problem::new(Severity::Warning, "no-identifier", "", "", ""));
    }
    if let Some((url, path)) = place
        && record.aliases.iter().all(|alias| alias.v != url)
    {
        let alias = Value {
            v: url,
            lang: None,
            path,
            src: source,
        };
        record.aliases.push(alias);
    }
    if record.licence.is_empty() {
        problems.push(Problem::new(
            Severity::Warning,
            "no-licence",
            "license",
            "",
            "",
        ));
    }
    Ok(Reading {
        record,
        id,
        problems,
    })
}

#[cfg(test)]
mod tests;
