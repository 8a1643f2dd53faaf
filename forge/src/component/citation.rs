//! CITATION.cff (<https://citation-file-format.github.io/>): who made it, and under which name. Read, hardly checked: its
//! own tools check it.

use commun_specs::metadata::{Affiliation, Creator};

use super::{
    document::{Item, yaml},
    publiccode::push_link,
    sheet::{Sheet, tidy},
};
use crate::crosswalk::text::Room;
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
    for item in top
        .get("license")
        .map(Item::each)
        .unwrap_or_default()
        .iter()
        .take(1)
    {
        if let Some(written) = item.text().map(str::to_owned)
            && let Some(licence) = sheet.licence(&written, item, "license", true)
        {
            sheet.add(|r| &mut r.licence, &licence, "license");
        }
    }
    for (name, kind) in [("repository-code", "repository"), ("url", "homepage")] {
        if let Some(url) = text(name).filter(|url| url.starts_with("http")) {
            push_link(sheet, &top, kind, &url, name);
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
        let parts = [
            "given-names",
            "name-particle",
            "family-names",
            "name-suffix",
        ];
        let name = match text("name") {
            Some(name) => name.to_owned(),
            None => parts
                .iter()
                .filter_map(|part| text(part))
                .collect::<Vec<_>>()
                .join(" "),
        };
        if name.is_empty() {
            continue;
        }
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
        sheet.record.creators.push(value);
    }
}
