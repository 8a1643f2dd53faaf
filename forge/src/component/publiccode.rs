//! publiccode.yml, versions 0 to 1 (<https://docs.italia.it/italia/developers-italia/publiccodeyml>).

use commun_specs::metadata::{
    Concept, Contact, Creator, Dependency, Link, Record, Relation, Value, is_target, ror,
};

use super::{
    document::{Item, yaml},
    sheet::{Sheet, join},
};
use crate::crosswalk::text::Room;
use crate::problem::Severity;

const STATUSES: [&str; 5] = ["concept", "development", "beta", "stable", "obsolete"];
const TYPES: [&str; 9] = [
    "standalone/mobile",
    "standalone/iot",
    "standalone/desktop",
    "standalone/web",
    "standalone/backend",
    "standalone/other",
    "addon",
    "library",
    "configurationFiles",
];
const MAINTENANCE: [&str; 4] = ["internal", "contract", "community", "none"];
const SCOPES: [&str; 24] = [
    "agriculture",
    "culture",
    "defence",
    "education",
    "emergency-services",
    "employment",
    "energy",
    "environment",
    "finance-and-economic-development",
    "foreign-affairs",
    "government",
    "healthcare",
    "infrastructures",
    "justice",
    "local-authorities",
    "manufacturing",
    "research",
    "science-and-technology",
    "security",
    "society",
    "sport",
    "tourism",
    "transportation",
    "welfare",
];
const TOP: [&str; 30] = [
    "publiccodeYmlVersion",
    "name",
    "applicationSuite",
    "url",
    "landingURL",
    "isBasedOn",
    "softwareVersion",
    "releaseDate",
    "logo",
    "monochromeLogo",
    "platforms",
    "categories",
    "usedBy",
    "fundedBy",
    "organisation",
    "roadmap",
    "developmentStatus",
    "softwareType",
    "intendedAudience",
    "description",
    "legal",
    "maintenance",
    "localisation",
    "dependsOn",
    "inputTypes",
    "outputTypes",
    "supports",
    "it",
    "IT",
    "tags",
];
const DESCRIPTION: [&str; 11] = [
    "genericName",
    "localisedName",
    "shortDescription",
    "longDescription",
    "documentation",
    "apiDocumentation",
    "features",
    "screenshots",
    "videos",
    "awards",
    "freeTags",
];
/// The closed list of the standard.
const CATEGORIES: [&str; 106] = [
    "accounting",
    "agile-project-management",
    "applicant-tracking",
    "application-development",
    "appointment-scheduling",
    "backup",
    "billing-and-invoicing",
    "blog",
    "budgeting",
    "business-intelligence",
    "business-process-management",
    "cad",
    "call-center-management",
    "cloud-management",
    "collaboration",
    "communications",
    "compliance-management",
    "contact-management",
    "content-management",
    "crm",
    "customer-service-and-support",
    "data-analytics",
    "data-collection",
    "data-visualization",
    "design",
    "design-system",
    "digital-asset-management",
    "digital-citizenship",
    "document-management",
    "donor-management",
    "e-commerce",
    "e-signature",
    "educational-content",
    "email-management",
    "email-marketing",
    "employee-management",
    "enterprise-project-management",
    "enterprise-social-networking",
    "erp",
    "event-management",
    "facility-management",
    "feedback-and-reviews-management",
    "financial-reporting",
    "fleet-management",
    "fundraising",
    "gamification",
    "geographic-information-systems",
    "grant-management",
    "graphic-design",
    "help-desk",
    "hr",
    "ide",
    "identity-management",
    "instant-messaging",
    "integrated-library-system",
    "inventory-management",
    "it-asset-management",
    "it-development",
    "it-management",
    "it-security",
    "it-service-management",
    "knowledge-management",
    "learning-management-system",
    "local-government",
    "marketing",
    "mind-mapping",
    "mobile-marketing",
    "mobile-payment",
    "network-management",
    "office",
    "online-booking",
    "online-community",
    "payment-gateway",
    "payroll",
    "predictive-analysis",
    "procurement",
    "productivity-suite",
    "project-collaboration",
    "project-management",
    "property-management",
    "real-estate-management",
    "regulations-and-directives",
    "remote-support",
    "resource-management",
    "sales-management",
    "seo",
    "service-desk",
    "social-media-management",
    "survey",
    "talent-management",
    "task-management",
    "taxes",
    "test-management",
    "time-management",
    "time-tracking",
    "translation",
    "video-conferencing",
    "video-editor",
    "visitor-management",
    "voip",
    "warehouse-management",
    "web-collaboration",
    "web-conferencing",
    "website-builder",
    "whistleblowing",
    "workflow-management",
];

/// Characters of texts, as the standard limits them.
const MAX_SHORT: usize = 150;
const LONG: std::ops::RangeInclusive<usize> = 150..=10_000;
const MAX_GENERIC: usize = 35;

pub(super) fn read(sheet: &mut Sheet, text: &str) {
    let Some(top) = sheet.opened(yaml(text), "YAML") else {
        return;
    };
    sheet.members(&top, "", None);
    for member in top.map().unwrap_or_default() {
        // Two letters are a country's own section.
        let country =
            member.name.len() == 2 && member.name.bytes().all(|b| b.is_ascii_alphabetic());
        if !TOP.contains(&&*member.name) && !country {
            sheet.problem(
                "unknown-key",
                Severity::Warning,
                member.line,
                &member.name,
                "",
                "",
            );
        }
    }
    let must = version(sheet, &top);
    if let Some(name) = sheet.needed(&top, "name", "", Severity::Error)
        && let Some(name) = sheet.text(name, "name")
    {
        sheet.add_in(|r| &mut r.title, Room::Title, "und", name, "name");
    }
    links(sheet, &top);
    facts(sheet, &top, must);
    descriptions(sheet, &top, must);
    legal(sheet, &top);
    maintenance(sheet, &top, must);
    localisation(sheet, &top, must);
    audience(sheet, &top);
    depends(sheet, &top);
    parties(sheet, &top);
    sheet.keep_rest(&top, "");
}

/// Reads the version. Gives how bad it is that a key which the standard requires is missing: files of versions before 0.4
/// were written when most were left out by many, and are indexed with a warning.
fn version(sheet: &mut Sheet, top: &Item) -> Severity {
    const NAME: &str = "publiccodeYmlVersion";
    let Some(item) = sheet.needed(top, NAME, "", Severity::Error) else {
        return Severity::Error;
    };
    let Some(text) = sheet.text(item, NAME) else {
        return Severity::Error;
    };
    let mut parts = text.splitn(2, '.');
    let known = match (parts.next(), parts.next()) {
        (Some("0"), None) | (Some("1"), None) => true,
        (Some("0"), Some(minor)) => {
            let minor = minor.split('.').next().unwrap_or_default();
            minor.parse::<u8>().is_ok_and(|minor| minor <= 7)
        }
        (Some("1"), Some(minor)) => minor.starts_with('0'),
        _ => false,
    };
    if !known {
        sheet.error("not-in-list", item, NAME, text, "0.4, 0.5.0, 1");
    }
    let minor = text.split('.').nth(1);
    let old = text.starts_with("0.") && minor.is_some_and(|m| matches!(m, "0" | "1" | "2" | "3"));
    match old {
        true => Severity::Warning,
        false => Severity::Error,
    }
}

fn links(sheet: &mut Sheet, top: &Item) {
    let link = |sheet: &mut Sheet, item: Option<&Item>, path: &str, kind: &str| {
        if let Some(item) = item.filter(|item| item.says())
            && let Some(url) = sheet.url(item, path)
        {
            push_link(sheet, item, kind, url, path);
        }
    };
    let url = sheet.needed(top, "url", "", Severity::Error);
    link(sheet, url, "url", "repository");
    for (name, kind) in [("landingURL", "homepage"), ("roadmap", "roadmap")] {
        link(sheet, top.get(name), name, kind);
    }
    if let Some(item) = top.get("isBasedOn") {
        for (at, item) in item.each().iter().enumerate().filter(|(_, i)| i.says()) {
            let path = format!("isBasedOn[{at}]");
            let Some(url) = sheet.url(item, &path) else {
                continue;
            };
            if !is_target(url) {
                sheet.keep(item, &path, url);
            } else {
                let relation = Relation {
                    kind: "isBasedOn".into(),
                    target: url.to_owned(),
                    ..Relation::default()
                };
                let value = sheet.value(relation, &path);
                sheet.push(|r| &mut r.relations, value);
            }
        }
    }
    pictures(sheet, top, "logo", "", "logo");
}

/// Adds the addresses of a member as links. A path in the repository, which these may be too, is kept aside.
fn pictures(sheet: &mut Sheet, of: &Item, name: &str, at: &str, kind: &str) {
    let at = join(at, name);
    for (number, item) in of.values(name) {
        link_or_path(sheet, item, kind, &format!("{at}[{number}]"));
    }
}

/// Adds an address as a link; anything else is kept aside.
pub(super) fn link_or_path(sheet: &mut Sheet, item: &Item, kind: &str, path: &str) {
    match item.text() {
        Some(text) if text.starts_with("http") => push_link(sheet, item, kind, text, path),
        Some(text) => sheet.keep(item, path, text),
        None => {}
    }
}

/// Adds a link, once.
pub(super) fn push_link(sheet: &mut Sheet, item: &Item, kind: &str, url: &str, path: &str) {
    if !is_target(url) {
        return sheet.error("not-a-url", item, path, url, "");
    }
    let link = Link {
        kind: kind.to_owned(),
        url: url.to_owned(),
        title: None,
    };
    let value = sheet.value(link, path);
    sheet.push(|r| &mut r.links, value);
}

fn facts(sheet: &mut Sheet, top: &Item, must: Severity) {
    if let Some(list) = sheet.needed(top, "platforms", "", must) {
        for (at, item) in list.each().iter().enumerate() {
            let path = format!("platforms[{at}]");
            if let Some(text) = sheet.text(item, &path) {
                sheet.add(|r| &mut r.platform, text, &path);
            }
        }
    }
    for (at, item) in top.values("categories") {
        let path = format!("categories[{at}]");
        let Some(text) = sheet.text(item, &path) else {
            continue;
        };
        if !CATEGORIES.contains(&text) {
            // The list has a hundred words: the nearest one says more.
            let near = nearest(text);
            sheet.error("not-in-list", item, &path, text, &near);
        }
        sheet.add(|r| &mut r.category, text, &path);
    }
    if let Some(item) = sheet.needed(top, "developmentStatus", "", must)
        && let Some(text) = sheet.one_of(item, "developmentStatus", &STATUSES)
    {
        sheet.add(|r| &mut r.development_status, text, "developmentStatus");
    }
    if let Some(item) = sheet.needed(top, "softwareType", "", Severity::Error)
        && let Some(text) = sheet.one_of(item, "softwareType", &TYPES)
    {
        sheet.add(|r| &mut r.software_type, text, "softwareType");
    }
    if let Some(item) = top.get("softwareVersion").filter(|i| i.says())
        && let Some(text) = sheet.text(item, "softwareVersion")
    {
        sheet.add(|r| &mut r.version, text, "softwareVersion");
    }
    if let Some(item) = top.get("releaseDate").filter(|i| i.says())
        && let Some(text) = sheet.day(item, "releaseDate")
    {
        sheet.add(|r| &mut r.published, text, "releaseDate");
    }
    for (at, item) in top.values("usedBy") {
        let path = format!("usedBy[{at}]");
        if let Some(text) = sheet.text(item, &path) {
            sheet.add(|r| &mut r.used_by, text, &path);
        }
    }
}

fn nearest(text: &str) -> String {
    let mut near: Vec<(usize, &str)> = CATEGORIES
        .iter()
        .map(|known| {
            let shared = text.split('-').filter(|word| known.contains(word)).count();
            (usize::MAX - shared, *known)
        })
        .collect();
    near.sort();
    let near: Vec<&str> = near.iter().take(6).map(|(_, known)| *known).collect();
    format!("{}, …", near.join(", "))
}

fn descriptions(sheet: &mut Sheet, top: &Item, must: Severity) {
    let Some(all) = sheet.needed(top, "description", "", Severity::Error) else {
        return;
    };
    let Some(members) = all.map() else {
        sheet.error(
            "wrong-type",
            all,
            "description",
            "",
            "{fr: {shortDescription: …}}",
        );
        return;
    };
    for member in members {
        let at = join("description", &member.name);
        let lang = sheet
            .language(&member.name, &member.item, &at)
            .unwrap_or_else(|| "und".into());
        let item = &member.item;
        if item.map().is_none() {
            sheet.error("wrong-type", item, &at, "", "{shortDescription: …}");
            continue;
        }
        sheet.members(item, &at, Some(&DESCRIPTION));
        let length = |sheet: &mut Sheet,
                      name: &str,
                      range: std::ops::RangeInclusive<usize>,
                      missing: Option<Severity>| {
            let path = join(&at, name);
            let found = match missing {
                Some(severity) => sheet.needed(item, name, &at, severity),
                None => item.get(name).filter(|found| found.says()),
            }?;
            let text = sheet.text(found, &path)?.to_owned();
            let count = text.chars().count();
            if count > *range.end() {
                sheet.error(
                    "too-long",
                    found,
                    &path,
                    &count.to_string(),
                    &range.end().to_string(),
                );
            } else if count < *range.start() {
                sheet.error(
                    "too-short",
                    found,
                    &path,
                    &count.to_string(),
                    &range.start().to_string(),
                );
            }
            Some((text, path))
        };
        if let Some((text, path)) = length(
            sheet,
            "shortDescription",
            1..=MAX_SHORT,
            Some(Severity::Error),
        ) {
            sheet.add_in(|r| &mut r.summary, Room::Prose, &lang, &text, &path);
        }
        if let Some((text, path)) = length(sheet, "longDescription", LONG, Some(must)) {
            sheet.add_in(|r| &mut r.description, Room::Prose, &lang, &text, &path);
        }
        if let Some((text, path)) = length(sheet, "genericName", 1..=MAX_GENERIC, None) {
            sheet.add_in(|r| &mut r.keywords, Room::Line, &lang, &text, &path);
        }
        if let Some((text, path)) = length(sheet, "localisedName", 1..=500, None) {
            sheet.add_in(|r| &mut r.title, Room::Title, &lang, &text, &path);
        }
        for (number, feature) in item.values("features") {
            let path = format!("{at}.features[{number}]");
            if let Some(text) = sheet.text(feature, &path).map(str::to_owned) {
                sheet.add_in(|r| &mut r.keywords, Room::Line, &lang, &text, &path);
            }
        }
        for (name, kind) in [
            ("documentation", "documentation"),
            ("apiDocumentation", "api-documentation"),
        ] {
            let path = join(&at, name);
            if let Some(found) = item.get(name).filter(|found| found.says())
                && let Some(url) = sheet.url(found, &path)
            {
                push_link(sheet, found, kind, url, &path);
            }
        }
        pictures(sheet, item, "screenshots", &at, "screenshot");
        pictures(sheet, item, "videos", &at, "video");
    }
}

fn legal(sheet: &mut Sheet, top: &Item) {
    let Some(legal) = sheet.needed(top, "legal", "", Severity::Error) else {
        return;
    };
    sheet.members(
        legal,
        "legal",
        Some(&["license", "mainCopyrightOwner", "repoOwner", "authorsFile"]),
    );
    if let Some(item) = sheet.needed(legal, "license", "legal", Severity::Error)
        && let Some(text) = sheet.text(item, "legal.license")
        && let Some(licence) = sheet.licence(text, item, "legal.license", true)
    {
        sheet.add(|r| &mut r.licence, &licence, "legal.license");
    }
    if let Some(item) = legal.get("mainCopyrightOwner").filter(|i| i.says())
        && let Some(name) = sheet.text(item, "legal.mainCopyrightOwner")
    {
        party(
            sheet,
            |r| &mut r.rights_holders,
            name,
            None,
            "legal.mainCopyrightOwner",
        );
    }
    if let Some(item) = legal.get("repoOwner").filter(|i| i.says())
        && let Some(name) = sheet.text(item, "legal.repoOwner")
    {
        party(sheet, |r| &mut r.publishers, name, None, "legal.repoOwner");
    }
    if let Some(item) = legal.get("authorsFile") {
        link_or_path(sheet, item, "authors", "legal.authorsFile");
    }
}

/// Who publishes it and who paid for it: `{name, uri}`, of which one suffices.
fn parties(sheet: &mut Sheet, top: &Item) {
    for (name, field) in [
        ("organisation", (|r| &mut r.publishers) as People),
        ("fundedBy", |r| &mut r.funders),
    ] {
        for (at, item) in top.values(name) {
            let path = format!("{name}[{at}]");
            let text = |name: &str| item.get(name).and_then(Item::text);
            let uri = text("uri");
            if let Some(name) = item.text().or_else(|| text("name")).or(uri) {
                party(sheet, field, name, uri, &path);
            }
        }
    }
}

/// People and organisations of one kind.
type People = fn(&mut Record) -> &mut Vec<Value<Creator>>;

/// Adds an organisation, or a person whom the file calls by a name only.
fn party(sheet: &mut Sheet, field: People, name: &str, uri: Option<&str>, path: &str) {
    let Some(name) = sheet.line(name, path) else {
        return;
    };
    let mut who = Creator {
        name,
        ..Creator::default()
    };
    if let Some(uri) = uri {
        match ror(uri) {
            Ok(id) if uri.contains("ror.org/") => who.ror = Some(id),
            _ if is_target(uri) => who.ids.push(uri.to_owned()),
            _ => sheet.problem("not-an-id", Severity::Warning, None, path, uri, "URI"),
        }
    }
    let value = sheet.value(who, path);
    sheet.push(field, value);
}

fn maintenance(sheet: &mut Sheet, top: &Item, must: Severity) {
    const AT: &str = "maintenance";
    let Some(maintenance) = sheet.needed(top, AT, "", Severity::Error) else {
        return;
    };
    sheet.members(maintenance, AT, Some(&["type", "contractors", "contacts"]));
    let mut kind = None;
    if let Some(item) = sheet.needed(maintenance, "type", AT, Severity::Error) {
        kind = sheet
            .one_of(item, "maintenance.type", &MAINTENANCE)
            .map(str::to_owned);
    }
    if let Some(kind) = &kind {
        sheet.add(|r| &mut r.maintenance, kind, "maintenance.type");
    }
    match kind.as_deref() {
        Some("contract") => {
            sheet.needed(maintenance, "contractors", AT, Severity::Error);
        }
        Some("internal" | "community") => {
            sheet.needed(maintenance, "contacts", AT, must);
        }
        _ => {}
    }
    for (list, role) in [("contractors", "contractor"), ("contacts", "contact")] {
        for (at, item) in maintenance.values(list) {
            if item.says() {
                contact(sheet, item, &format!("maintenance.{list}[{at}]"), role);
            }
        }
    }
}

fn contact(sheet: &mut Sheet, item: &Item, at: &str, role: &str) {
    if item.map().is_none() {
        sheet.error("wrong-type", item, at, "", "{name: …}");
        return;
    }
    let contractor = role == "contractor";
    let name = sheet.needed(item, "name", at, Severity::Error);
    let name = name.and_then(|name| sheet.text(name, &join(at, "name")));
    let until = if contractor {
        sheet.needed(item, "until", at, Severity::Error)
    } else {
        None
    };
    let until = until.and_then(|until| sheet.day(until, &join(at, "until")));
    let url = match item.get("website").filter(|i| i.says()) {
        Some(there) => sheet
            .url(there, &join(at, "website"))
            .and_then(|_| sheet.link(item, "website", at)),
        None => None,
    };
    let text = |name: &str| item.get(name).and_then(Item::text).map(str::to_owned);
    let Some(name) = name.and_then(|name| sheet.line(name, &join(at, "name"))) else {
        return;
    };
    let contact = Contact {
        name,
        role: role.to_owned(),
        email: sheet.mail(item, "email", at),
        url,
        affiliation: text("affiliation")
            .and_then(|text| sheet.line(&text, &join(at, "affiliation"))),
        until: until.map(str::to_owned),
    };
    let value = sheet.value(contact, at);
    sheet.push(|r| &mut r.contacts, value);
}

fn localisation(sheet: &mut Sheet, top: &Item, must: Severity) {
    const AT: &str = "localisation";
    let Some(item) = sheet.needed(top, AT, "", must) else {
        return;
    };
    sheet.members(item, AT, Some(&["localisationReady", "availableLanguages"]));
    if let Some(ready) = sheet.needed(item, "localisationReady", AT, must) {
        const READY: &str = "localisation.localisationReady";
        if let Some(text) = sheet.one_of(ready, READY, &["true", "false"]) {
            sheet.keep(ready, READY, text);
        }
    }
    let Some(list) = sheet.needed(item, "availableLanguages", AT, must) else {
        return;
    };
    for (at, item) in list.each().iter().enumerate() {
        let path = format!("localisation.availableLanguages[{at}]");
        if let Some(text) = sheet.text(item, &path)
            && let Some(tag) = sheet.language(text, item, &path)
        {
            sheet.add(|r| &mut r.language, &tag, &path);
        }
    }
}

fn audience(sheet: &mut Sheet, top: &Item) {
    let Some(item) = top.get("intendedAudience") else {
        return;
    };
    for (at, scope) in item.values("scope") {
        let path = format!("intendedAudience.scope[{at}]");
        if let Some(scope) = sheet.one_of(scope, &path, &SCOPES) {
            let label = scope.replace('-', " ");
            let concept = Concept {
                scheme: "publiccode".into(),
                notation: scope.to_owned(),
                label: vec![("en".into(), label)],
                ..Concept::default()
            };
            let value = sheet.value(concept, &path);
            sheet.push(|r| &mut r.subject, value);
        }
    }
    for name in ["countries", "unsupportedCountries"] {
        for (at, country) in item.values(name) {
            let path = format!("intendedAudience.{name}[{at}]");
            let Some(text) = sheet.text(country, &path) else {
                continue;
            };
            if !(text.len() == 2 && text.bytes().all(|b| b.is_ascii_alphabetic())) {
                sheet.error("not-a-country", country, &path, text, "");
            } else if name == "countries" {
                sheet.add_in(
                    |r| &mut r.coverage,
                    Room::Line,
                    "und",
                    &text.to_ascii_uppercase(),
                    &path,
                );
            } else {
                sheet.keep(country, &path, text);
            }
        }
    }
}

fn depends(sheet: &mut Sheet, top: &Item) {
    let Some(all) = top.get("dependsOn") else {
        return;
    };
    sheet.members(all, "dependsOn", Some(&["open", "proprietary", "hardware"]));
    for kind in ["open", "proprietary", "hardware"] {
        for (at, item) in all.values(kind) {
            let path = format!("dependsOn.{kind}[{at}]");
            if item.map().is_none() {
                sheet.error("wrong-type", item, &path, "", "{name: …}");
                continue;
            }
            sheet.members(
                item,
                &path,
                Some(&[
                    "name",
                    "version",
                    "versionMin",
                    "versionMax",
                    "optional",
                    "url",
                ]),
            );
            let Some(name) = sheet.needed(item, "name", &path, Severity::Error) else {
                continue;
            };
            let Some(name) = sheet.text(name, &join(&path, "name")) else {
                continue;
            };
            let text = |name: &str| item.get(name).and_then(Item::text);
            // Beside a version, bounds are kept aside.
            let version = text("version").map(str::to_owned).or_else(|| {
                match (text("versionMin"), text("versionMax")) {
                    (Some(min), Some(max)) => Some(format!(">= {min}, <= {max}")),
                    (Some(min), None) => Some(format!(">= {min}")),
                    (None, Some(max)) => Some(format!("<= {max}")),
                    (None, None) => None,
                }
            });
            let Some(name) = sheet.line(name, &path) else {
                continue;
            };
            let dependency = Dependency {
                name,
                version: version.and_then(|version| sheet.line(&version, &path)),
                link: sheet.link(item, "url", &path),
                kind: kind.to_owned(),
                optional: text("optional").is_some_and(|o| o.eq_ignore_ascii_case("true")),
            };
            let value = sheet.value(dependency, &path);
            sheet.push(|r| &mut r.dependencies, value);
        }
    }
}
