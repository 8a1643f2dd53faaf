//! codemeta.json, versions 2 and 3 (<https://codemeta.github.io/terms/>). Plain JSON with known names: no context is
//! fetched or expanded.

use commun_specs::metadata::{Affiliation, Contact, Creator, Dependency, Identifier, MAX_VALUES};

use super::{
    document::{Item, Member, Value, json},
    publiccode::push_link,
    sheet::Sheet,
};
use crate::crosswalk::{lom, rights::all_hold, text};
use crate::problem::Severity;

const TYPES: [&str; 2] = ["SoftwareSourceCode", "SoftwareApplication"];
/// repostatus.org.
const STATUSES: [&str; 8] = [
    "concept",
    "wip",
    "suspended",
    "abandoned",
    "active",
    "inactive",
    "unsupported",
    "moved",
];
/// schema.org's terms of software and CodeMeta's own, of versions 1 to 3.
const TERMS: &str = "@context @type type @id id name description identifier codeRepository programmingLanguage runtimePlatform \
targetProduct applicationCategory applicationSubCategory downloadUrl fileSize installUrl memoryRequirements operatingSystem \
permissions processorRequirements releaseNotes softwareHelp softwareRequirements softwareVersion storageRequirements \
supportingData author citation contributor copyrightHolder copyrightYear dateCreated dateModified datePublished editor \
encoding fileFormat funder keywords license producer provider publisher sponsor version isAccessibleForFree isPartOf \
hasPart position sameAs url relatedLink review softwareSuggestions maintainer continuousIntegration contIntegration \
buildInstructions developmentStatus embargoEndDate embargoDate funding issueTracker referencePublication readme \
hasSourceCode isSourceCodeOf isBasedOn alternateName image screenshot inLanguage about audience award creator \
creditText conditionsOfAccess featureList abstract thumbnailUrl alternativeHeadline logo softwareAddOn \
availableOnDevice browserRequirements @graph";
/// Links, by the term that has them.
const LINKS: [(&str, &str); 10] = [
    ("codeRepository", "repository"),
    ("url", "homepage"),
    ("softwareHelp", "documentation"),
    ("issueTracker", "issues"),
    ("downloadUrl", "download"),
    ("releaseNotes", "release-notes"),
    ("continuousIntegration", "continuous-integration"),
    ("contIntegration", "continuous-integration"),
    ("readme", "readme"),
    ("buildInstructions", "documentation"),
];

pub(super) fn read(sheet: &mut Sheet, text: &str) {
    let Some(top) = sheet.opened(json(text), "JSON") else {
        return;
    };
    sheet.members(&top, "", None);
    for Member { name, line, .. } in top.map().unwrap_or_default() {
        // A name with a colon is another vocabulary's.
        if !TERMS.split_whitespace().any(|term| term == name) && !name.contains(':') {
            sheet.problem("unknown-key", Severity::Warning, *line, name, "", "");
        }
    }
    if let Some(graph) = top.get("@graph") {
        sheet.error("graph", graph, "@graph", "", "");
    }
    context(sheet, &top);
    kind(sheet, &top);
    if let Some(item) = sheet.needed(&top, "name", "", Severity::Warning) {
        texts(sheet, item, "name", |r| &mut r.title);
    }
    for (name, field) in [
        (
            "description",
            (|r| &mut r.description) as sheet_field::Field,
        ),
        ("abstract", |r| &mut r.summary),
    ] {
        if let Some(item) = top.get(name) {
            texts(sheet, item, name, field);
        }
    }
    licence(sheet, &top);
    facts(sheet, &top);
    for (name, kind) in LINKS {
        for (at, item) in each(&top, name) {
            if let Some(url) = id_or_text(item).filter(|_| item.says()).map(str::to_owned) {
                if url.starts_with("http://") || url.starts_with("https://") {
                    push_link(sheet, kind, &url, &at);
                } else if name == "codeRepository" {
                    sheet.url(item, &at);
                }
            }
        }
    }
    for (at, item) in each(&top, "referencePublication") {
        let target = ["url", "identifier", "@id", "id"]
            .iter()
            .find_map(|n| item.get(n)?.text());
        if let Some(target) = target
            .or_else(|| item.text())
            .filter(|t| t.starts_with("http"))
        {
            push_link(sheet, "publication", target, &at);
        }
    }
    for name in ["id", "@id", "identifier"] {
        for (at, item) in each(&top, name) {
            known_by(sheet, item, &at);
        }
    }
    people(sheet, &top);
    requirements(sheet, &top);
}

mod sheet_field {
    use commun_specs::metadata::{Record, Value};

    /// A field of texts.
    pub(super) type Field = fn(&mut Record) -> &mut Vec<Value<String>>;
}

fn context(sheet: &mut Sheet, top: &Item) {
    let Some(item) = top.get("@context").filter(|item| item.says()) else {
        sheet.whole("no-context", Severity::Error, "", "");
        return;
    };
    let known = |text: &str| text.contains("codemeta") || text.contains("schema.org");
    let any = item.each().iter().any(|one| match &one.value {
        Value::Text { text, .. } => known(text),
        Value::Map(members) => members.iter().any(|m| m.item.text().is_some_and(known)),
        Value::List(_) => false,
    });
    if !any {
        let given = item.text().unwrap_or_default().to_owned();
        sheet.warn("unknown-context", item, "@context", &given, "");
    }
}

fn kind(sheet: &mut Sheet, top: &Item) {
    let item = top.get("type").or_else(|| top.get("@type"));
    let Some(item) = item.filter(|item| item.says()) else {
        sheet.problem("missing", Severity::Error, top.line, "type", "", "");
        return;
    };
    let fits = |item: &Item| {
        let text = item.text().unwrap_or_default();
        TYPES.contains(&text.rsplit(['/', ':', '#']).next().unwrap_or_default())
    };
    if !item.each().iter().any(fits) {
        let given = item
            .each()
            .first()
            .and_then(Item::text)
            .unwrap_or_default()
            .to_owned();
        sheet.error("not-in-list", item, "type", &given, &TYPES.join(", "));
    }
}

/// The values of a member, each with its path.
fn each<'a>(top: &'a Item, name: &str) -> Vec<(String, &'a Item)> {
    let Some(item) = top.get(name) else {
        return Vec::new();
    };
    match &item.value {
        Value::List(items) => items
            .iter()
            .enumerate()
            .map(|(at, item)| (format!("{name}[{at}]"), item))
            .collect(),
        _ => vec![(name.to_owned(), item)],
    }
}

/// A text, or what an object is known by.
fn id_or_text(item: &Item) -> Option<&str> {
    item.text().or_else(|| {
        ["url", "@id", "id", "@value", "name"]
            .iter()
            .find_map(|name| item.get(name)?.text())
    })
}

/// What the software is known by: an address, a DOI, a SWHID as text or as `PropertyValue`; a number of some catalogue is an
/// identifier of that catalogue.
fn known_by(sheet: &mut Sheet, item: &Item, at: &str) {
    let part = |names: &[&str]| names.iter().find_map(|name| item.get(name)?.text());
    let entry = item.text().or_else(|| part(&["value", "@value"]));
    let entry = entry.or_else(|| part(&["url", "@id", "id"]));
    let line = |text: &str| text::fit(text, text::Room::Line).text;
    let entry = line(entry.unwrap_or_default());
    // `#this`, `_:b0` name something in the file only.
    if entry.is_empty() || entry.starts_with(['#', '/', '_', '.']) {
        return;
    }
    let catalog = line(part(&["propertyID", "name"]).unwrap_or_default());
    if let Some(alias) = lom::target(&catalog, &entry) {
        sheet.add(|r| &mut r.aliases, &alias, at);
    } else if lom::runs(&entry) {
        sheet.error("not-a-url", item, at, &entry, "");
    } else if sheet.record.identifiers.len() < MAX_VALUES {
        let value = sheet.value(Identifier { catalog, entry }, at);
        sheet.record.identifiers.push(value);
    }
}

/// A text, `{@value, @language}`, a list of those, or `{language: text}`.
fn texts(sheet: &mut Sheet, item: &Item, path: &str, field: sheet_field::Field) {
    for one in item.each() {
        if let Some(text) = one.text() {
            sheet.add_in(field, "und", text, path);
        } else if let Some(text) = one.get("@value").and_then(Item::text) {
            let lang = one.get("@language").and_then(Item::text).unwrap_or("und");
            let lang =
                commun_specs::metadata::normalise_language(lang).unwrap_or_else(|_| "und".into());
            sheet.add_in(field, &lang, text, path);
        } else if let Some(members) = one.map() {
            for member in members {
                if let (Some(text), Ok(lang)) = (
                    member.item.text(),
                    commun_specs::metadata::normalise_language(&member.name),
                ) {
                    sheet.add_in(field, &lang, text, &format!("{path}.{}", member.name));
                }
            }
        } else if !one.says() {
        } else {
            sheet.error("wrong-type", one, path, "", "a text");
        }
    }
}

fn licence(sheet: &mut Sheet, top: &Item) {
    let mut read = Vec::new();
    let mut unread = false;
    for (at, item) in each(top, "license") {
        let text = id_or_text(item).map(str::to_owned);
        match text.and_then(|text| sheet.licence(&text, item, &at, false)) {
            Some(licence) => read.push((licence, at, item)),
            None => unread |= item.says(),
        }
    }
    // Terms that nobody here understands may take back what the others allow.
    let Some((first, at, item)) = read.first().filter(|_| !unread) else {
        return;
    };
    let all: Vec<&str> = read.iter().map(|(licence, ..)| licence.as_str()).collect();
    if let Some(licence) = all_hold(&all) {
        if licence.as_str() != first {
            let given = all.join(" + ");
            sheet.warn("licences-joined", item, at, &given, licence.as_str());
        }
        sheet.add(|r| &mut r.licence, licence.as_str(), at);
    }
}

fn facts(sheet: &mut Sheet, top: &Item) {
    let names = |name: &str| -> Vec<(String, String)> {
        each(top, name)
            .into_iter()
            .filter_map(|(at, item)| {
                let text = item.text().or_else(|| item.get("name")?.text())?;
                Some((at, text.to_owned()))
            })
            .collect()
    };
    for (at, text) in names("keywords") {
        for word in text
            .split([',', ';'])
            .map(str::trim)
            .filter(|word| !word.is_empty())
        {
            sheet.add_in(|r| &mut r.keywords, "und", word, &at);
        }
    }
    for (at, text) in names("programmingLanguage") {
        for word in text
            .split(',')
            .map(str::trim)
            .filter(|word| !word.is_empty())
        {
            sheet.add(|r| &mut r.programming_language, word, &at);
        }
    }
    for name in ["operatingSystem", "runtimePlatform"] {
        for (at, text) in names(name) {
            sheet.add(|r| &mut r.platform, &text, &at);
        }
    }
    for name in ["applicationCategory", "applicationSubCategory"] {
        for (at, text) in names(name) {
            sheet.add(|r| &mut r.category, &text, &at);
        }
    }
    // HAL writes both: the software's own counts.
    let version = names("softwareVersion")
        .into_iter()
        .chain(names("version"))
        .next();
    if let Some((at, text)) = version {
        sheet.add(|r| &mut r.version, &text, &at);
    }
    for (at, item) in each(top, "developmentStatus") {
        let Some(text) = id_or_text(item).map(str::to_owned) else {
            continue;
        };
        let word = text
            .rsplit(['/', '#'])
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        if !STATUSES.contains(&&*word) {
            sheet.warn("not-in-list", item, &at, &text, &STATUSES.join(", "));
        }
        let word = if STATUSES.contains(&&*word) {
            word
        } else {
            text
        };
        sheet.add(|r| &mut r.development_status, &word, &at);
    }
    for (name, field) in [
        ("dateCreated", (|r| &mut r.created) as sheet_field::Field),
        ("datePublished", |r| &mut r.published),
        ("dateModified", |r| &mut r.modified),
    ] {
        for (at, item) in each(top, name).into_iter().filter(|(_, item)| item.says()) {
            let Some(text) = sheet.text(item, &at).map(str::to_owned) else {
                continue;
            };
            if commun_specs::metadata::is_date(&text) {
                sheet.add(field, &text, &at);
            } else {
                sheet.error("not-a-date", item, &at, &text, "");
            }
        }
    }
}

fn people(sheet: &mut Sheet, top: &Item) {
    for name in ["author", "creator"] {
        for (at, item) in each(top, name) {
            if let Some(creator) = person(sheet, item, &at) {
                let value = sheet.value(creator, &at);
                if !sheet.record.creators.iter().any(|known| known.v == value.v) {
                    sheet.record.creators.push(value);
                }
            }
        }
    }
    for (at, item) in each(top, "contributor") {
        if let Some(mut creator) = person(sheet, item, &at) {
            creator.role = Some("contributor".into());
            let value = sheet.value(creator, &at);
            sheet.record.contributors.push(value);
        }
    }
    for (at, item) in each(top, "maintainer") {
        let Some(creator) = person(sheet, item, &at) else {
            continue;
        };
        let email = item.get("email").and_then(Item::text);
        let contact = Contact {
            name: creator.name,
            role: "maintainer".into(),
            email: email
                .filter(|mail| mail.contains('@'))
                .map(|mail| mail.trim_start_matches("mailto:").to_owned()),
            url: item
                .get("url")
                .and_then(Item::text)
                .filter(|url| url.starts_with("http"))
                .map(str::to_owned),
            affiliation: creator.affiliation.map(|a| a.name),
            until: None,
        };
        let value = sheet.value(contact, &at);
        sheet.record.contacts.push(value);
    }
}

fn person(sheet: &mut Sheet, item: &Item, at: &str) -> Option<Creator> {
    if let Some(name) = item.text() {
        return Some(Creator {
            name: name.to_owned(),
            ..Creator::default()
        });
    }
    let text = |name: &str| item.get(name).and_then(Item::text);
    let parts = [text("givenName"), text("familyName")];
    let name = match text("name") {
        Some(name) => name.to_owned(),
        None => parts.into_iter().flatten().collect::<Vec<_>>().join(" "),
    };
    if name.is_empty() {
        sheet.warn("missing", item, &format!("{at}.name"), "", "");
        return None;
    }
    let affiliation = item.get("affiliation").and_then(|of| of.each().first());
    let affiliation = affiliation.and_then(|of| {
        let name = of.text().or_else(|| of.get("name")?.text())?;
        Some(Affiliation {
            name: name.to_owned(),
            ror: identifier(of, "ror.org/"),
            ..Affiliation::default()
        })
    });
    let [given, family] = parts.map(|part| part.map(str::to_owned));
    let mut creator = Creator {
        name,
        given,
        family,
        orcid: identifier(item, "orcid.org/"),
        affiliation,
        ..Creator::default()
    };
    tidy(sheet, item, at, &mut creator);
    Some(creator)
}

/// The part of an identifier behind its host.
fn identifier(item: &Item, host: &str) -> Option<String> {
    let ids = ["id", "@id", "identifier", "sameAs"];
    ids.iter().find_map(|name| {
        let text = item.get(name)?.text()?;
        Some(text.split_once(host)?.1.trim_end_matches('/').to_owned())
    })
}

/// Leaves out identifiers whose check digits are wrong, and says so.
pub(super) fn tidy(sheet: &mut Sheet, item: &Item, at: &str, creator: &mut Creator) {
    let blank = sheet.value((), "");
    let fits = |creator: &Creator| {
        let mut record = commun_specs::metadata::Record::default();
        record.creators.push(commun_specs::metadata::Value {
            v: creator.clone(),
            lang: None,
            path: String::new(),
            src: blank.src.clone(),
        });
        let body = record.to_body().ok();
        body.and_then(|body| commun_specs::metadata::Record::from_body(&body).ok())
            .is_some_and(|read| read.skipped == 0)
    };
    if fits(creator) {
        return;
    }
    let plain = Creator {
        orcid: None,
        ..creator.clone()
    };
    if fits(&plain) {
        let given = creator.orcid.take().unwrap_or_default();
        sheet.warn("not-an-id", item, at, &given, "ORCID");
        return;
    }
    let given = creator.affiliation.as_mut().and_then(|a| a.ror.take());
    if let Some(given) = given {
        sheet.warn("not-an-id", item, at, &given, "ROR");
        if !fits(creator) {
            creator.orcid = None;
        }
    }
}

fn requirements(sheet: &mut Sheet, top: &Item) {
    for (name, optional) in [
        ("softwareRequirements", false),
        ("softwareSuggestions", true),
    ] {
        for (at, item) in each(top, name) {
            let text = |name: &str| item.get(name).and_then(Item::text);
            let dependency = match item.text() {
                Some(written) => requirement(written),
                None => {
                    let link = ["codeRepository", "url", "identifier", "@id", "id"]
                        .iter()
                        .find_map(|n| text(n));
                    let Some(name) = text("name").or_else(|| text("identifier")).or(link) else {
                        continue;
                    };
                    Dependency {
                        name: name.to_owned(),
                        version: text("softwareVersion")
                            .or_else(|| text("version"))
                            .map(str::to_owned),
                        link: link.map(str::to_owned),
                        kind: "open".into(),
                        optional,
                    }
                }
            };
            let value = sheet.value(
                Dependency {
                    optional,
                    ..dependency
                },
                &at,
            );
            sheet.record.dependencies.push(value);
        }
    }
}

/// `postgresql >= 15`, `handle/slug`, or an address.
fn requirement(written: &str) -> Dependency {
    let cut = written.find(['<', '>', '=', '~', '^', '!']);
    let (name, version) = match cut.filter(|at| *at > 0 && !written.contains("://")) {
        Some(at) => (written[..at].trim(), Some(written[at..].trim().to_owned())),
        None => (written, None),
    };
    let address = name.contains("://");
    let named = address
        || name
            .split_once('/')
            .is_some_and(|(a, b)| !a.is_empty() && !b.is_empty() && !name.contains(' '));
    let last = name
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or(name);
    Dependency {
        name: if address {
            last.trim_end_matches(".git").to_owned()
        } else {
            name.to_owned()
        },
        version,
        link: named.then(|| name.to_owned()),
        kind: "open".into(),
        optional: false,
    }
}
