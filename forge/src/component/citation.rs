//! CITATION.cff (<https://citation-file-format.github.io/>): who made it, and under which name. Read, hardly checked: its
//! own tools check it.

use commun_specs::{
    licence::Licence,
    metadata::{Affiliation, Contact, Creator, Identifier},
};

use super::{
    document::{Item, yaml},
    publiccode::link_or_path,
    sheet::{Sheet, tidy},
};
use crate::crosswalk::{lom, text::Room};
use crate::problem::Severity;

pub(super) fn read(sheet: &mut Sheet, text: &str) {
    let Some(top) = sheet.opened(yaml(text), "YAML") else {
        return;
    };
    for name in ["cff-version", "message", "title", "authors"] {
        sheet.needed(&top, name, "", Severity::Warning);
    }
    let text = |name: &str| top.get(name).and_then(Item::text).map(str::to_owned);
    if let Some(title) = text("title") {
        sheet.add_in(|r| &mut r.title, Room::Title, "und", &title, "title");
    }
    if let Some(summary) = text("abstract") {
        sheet.add_in(
            |r| &mut r.description,
            Room::Prose,
            "und",
            &summary,
            "abstract",
        );
    }
    if let Some(version) = text("version") {
        sheet.add(|r| &mut r.version, &version, "version");
    }
    if let Some(item) = top.get("date-released").filter(|item| item.says())
        && let Some(day) = sheet.day(item, "date-released")
    {
        sheet.add(|r| &mut r.published, day, "date-released");
    }
    // Of several one may choose, says the format.
    let mut licences: Vec<String> = Vec::new();
    for (_, item) in top.values("license") {
        if let Some(written) = item.text().map(str::to_owned) {
            licences.extend(sheet.licence(&written, item, "license", true));
        }
    }
    match Licence::parse(&licences.join(" OR ")) {
        Ok(licence) => sheet.add(|r| &mut r.licence, licence.as_str(), "license"),
        Err(_) => {
            for licence in &licences {
                sheet.keep(&top, "license", licence);
            }
        }
    }
    known_by(sheet, &top);
    for (name, kind) in [("repository-code", "repository"), ("url", "homepage")] {
        if let Some(item) = top.get(name) {
            link_or_path(sheet, item, kind, name);
        }
    }
    for (at, item) in top.values("keywords") {
        if let Some(word) = item.text() {
            sheet.add_in(
                |r| &mut r.keywords,
                Room::Line,
                "und",
                word,
                &format!("keywords[{at}]"),
            );
        }
    }
    for (at, item) in top.values("authors") {
        let at = format!("authors[{at}]");
        let text = |name: &str| item.get(name).and_then(Item::text);
        let Some(name) = name(item) else { continue };
        let joined = |parts: &[&str]| {
            let parts: Vec<&str> = parts.iter().filter_map(|part| text(part)).collect();
            (!parts.is_empty()).then(|| parts.join(" "))
        };
        let mut creator = Creator {
            name,
            given: joined(&["given-names"]),
            family: joined(&["name-particle", "family-names"]),
            orcid: text("orcid").map(|id| id.rsplit('/').next().unwrap_or_default().to_owned()),
            affiliation: text("affiliation").map(|name| Affiliation {
                name: name.to_owned(),
                ..Affiliation::default()
            }),
            ..Creator::default()
        };
        tidy(sheet, item, &at, &mut creator);
        let value = sheet.value(creator, &at);
        sheet.push(|r| &mut r.creators, value);
    }
    for (at, item) in top.values("contact") {
        contact(sheet, item, &format!("contact[{at}]"));
    }
    for member in top.map().unwrap_or_default() {
        // How to cite, and what the file is, say nothing of the software.
        if !matches!(&*member.name, "cff-version" | "message" | "type") {
            sheet.keep_rest(&member.item, &member.name);
        }
    }
}

/// The identifiers: `doi`, and `identifiers` with DOI, SWHID, addresses and others.
fn known_by(sheet: &mut Sheet, top: &Item) {
    let doi = top.get("doi").and_then(Item::text);
    let mut all: Vec<(String, String, String)> = doi
        .map(|doi| ("doi".into(), doi.to_owned(), "doi".into()))
        .into_iter()
        .collect();
    for (at, item) in top.values("identifiers") {
        let part = |name: &str| item.get(name).and_then(Item::text);
        if let Some(value) = part("value") {
            let kind = part("type").unwrap_or_default();
            all.push((
                kind.to_owned(),
                value.to_owned(),
                format!("identifiers[{at}].value"),
            ));
        }
    }
    for (kind, value, at) in all {
        let Some(entry) = sheet.line(&value, &at) else {
            continue;
        };
        let catalog = match kind.as_str() {
            "other" | "url" => "",
            kind => kind,
        };
        let alias = match kind.as_str() {
            "doi" if entry.starts_with("10.") => lom::target("", &format!("doi:{entry}")),
            _ => lom::target(catalog, &entry),
        };
        match alias {
            Some(alias) => sheet.add(|r| &mut r.aliases, &alias, &at),
            None => {
                let catalog = sheet.line(catalog, &at).unwrap_or_default();
                let value = sheet.value(Identifier { catalog, entry }, &at);
                sheet.push(|r| &mut r.identifiers, value);
            }
        }
    }
}

/// What somebody is called: an entity's name, a person's in its parts, else another name.
fn name(item: &Item) -> Option<String> {
    let text = |name: &str| item.get(name).and_then(Item::text);
    let parts = [
        "given-names",
        "name-particle",
        "family-names",
        "name-suffix",
    ];
    let parts: Vec<&str> = parts.iter().filter_map(|part| text(part)).collect();
    let whole = (!parts.is_empty()).then(|| parts.join(" "));
    let name = text("name").map(str::to_owned).or(whole);
    name.or_else(|| text("alias").map(str::to_owned))
}

/// Whom to write to.
fn contact(sheet: &mut Sheet, item: &Item, at: &str) {
    let text = |name: &str| item.get(name).and_then(Item::text);
    let Some(name) = name(item).and_then(|name| sheet.line(&name, at)) else {
        return;
    };
    let home = text("affiliation").map(str::to_owned);
    let contact = Contact {
        name,
        role: "contact".into(),
        email: sheet.mail(item, "email", at),
        url: sheet.link(item, "website", at),
        affiliation: home.and_then(|home| sheet.line(&home, at)),
        until: None,
    };
    let value = sheet.value(contact, at);
    sheet.push(|r| &mut r.contacts, value);
}
