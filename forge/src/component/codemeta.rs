//! codemeta.json, versions 2 and 3 (<https://codemeta.github.io/terms/>). Plain JSON with known names: no context is
//! fetched or expanded.

use commun_specs::metadata::{Contact, Dependency, Identifier, Relation, is_target};
use serde_json::Value as Json;

use super::{
    document::{Item, Member, Value, json},
    publiccode::push_link,
    sheet::Sheet,
};
use crate::crosswalk::{
    Origin, Texts,
    linked::Reader,
    lom,
    rights::all_hold,
    text::{self, Room},
};
use crate::problem::{Problem, Severity};

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
/// Terms that are read here, beside the links; all others are read as those of any work.
const OWN: &str = "@context @type type @id id @graph name description abstract identifier license keywords \
programmingLanguage runtimePlatform operatingSystem applicationCategory applicationSubCategory version softwareVersion \
developmentStatus dateCreated datePublished dateModified softwareRequirements softwareSuggestions maintainer \
referencePublication memoryRequirements processorRequirements storageRequirements isSourceCodeOf hasSourceCode";
/// What must be there, in words.
const NEEDS: [&str; 3] = [
    "memoryRequirements",
    "processorRequirements",
    "storageRequirements",
];
/// Links, by the term that has them.
const LINKS: [(&str, &str); 12] = [
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
    ("installUrl", "download"),
    ("relatedLink", "other"),
];

/// Whether a term is read here.
fn own(name: &str) -> bool {
    OWN.split_whitespace().any(|own| own == name) || LINKS.iter().any(|(link, _)| *link == name)
}

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
        texts(sheet, item, "name", Room::Title, |r| &mut r.title);
    }
    for (name, field) in [
        ("description", (|r| &mut r.description) as Texts),
        ("abstract", |r| &mut r.summary),
    ] {
        if let Some(item) = top.get(name) {
            texts(sheet, item, name, Room::Prose, field);
        }
    }
    licence(sheet, &top);
    facts(sheet, &top);
    for (name, kind) in LINKS {
        for (at, item) in each(&top, name) {
            let Some(url) = id_or_text(item) else {
                continue;
            };
            if url.starts_with("http://") || url.starts_with("https://") {
                push_link(sheet, item, kind, url, &at);
            } else if name == "codeRepository"
                && item.text().is_some()
                && sheet.url(item, &at).is_none()
            {
                // Told: it is no address.
            } else {
                // A file of the repository, or instructions in words.
                sheet.keep(item, &at, url);
            }
        }
    }
    for (at, item) in each(&top, "referencePublication") {
        let target = ["url", "identifier", "@id", "id"]
            .iter()
            .find_map(|n| item.get(n)?.text());
        let Some(text) = target.or_else(|| item.text()) else {
            continue;
        };
        match lom::target("", text).filter(|target| target.contains(':')) {
            Some(target) => push_link(sheet, item, "publication", &target, &at),
            None => sheet.keep(item, &at, text),
        }
    }
    for name in ["isSourceCodeOf", "hasSourceCode"] {
        for (at, item) in each(&top, name) {
            related(sheet, item, name, &at);
        }
    }
    for name in ["id", "@id", "identifier"] {
        for (at, item) in each(&top, name) {
            known_by(sheet, item, &at);
        }
    }
    maintainers(sheet, &top);
    requirements(sheet, &top);
    works(sheet, &top);
    for Member { name, item, .. } in top.map().unwrap_or_default() {
        if own(name) && !matches!(name.as_str(), "@context" | "@graph" | "type" | "@type") {
            sheet.keep_rest(item, name);
        }
    }
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
    let line = |text: &str| text::fit(text, Room::Line).text;
    let entry = line(entry.unwrap_or_default());
    // `#this`, `_:b0` name something in the file only.
    let local = !at.starts_with("identifier") && entry.starts_with(['#', '/', '_', '.']);
    if entry.is_empty() || local {
        return;
    }
    let catalog = line(part(&["propertyID", "name"]).unwrap_or_default());
    if let Some(alias) = lom::target(&catalog, &entry) {
        sheet.add(|r| &mut r.aliases, &alias, at);
    } else if lom::runs(&entry) {
        sheet.error("not-a-url", item, at, &entry, "");
    } else {
        let value = sheet.value(Identifier { catalog, entry }, at);
        sheet.push(|r| &mut r.identifiers, value);
    }
}

/// A text, `{@value, @language}`, a list of those, or `{language: text}`.
fn texts(sheet: &mut Sheet, item: &Item, path: &str, room: Room, field: Texts) {
    for one in item.each() {
        if let Some(text) = one.text() {
            sheet.add_in(field, room, "und", text, path);
        } else if let Some(text) = one.get("@value").and_then(Item::text) {
            let lang = one.get("@language").and_then(Item::text).unwrap_or("und");
            let lang =
                commun_specs::metadata::normalise_language(lang).unwrap_or_else(|_| "und".into());
            sheet.add_in(field, room, &lang, text, path);
        } else if let Some(members) = one.map() {
            for member in members {
                let lang = commun_specs::metadata::normalise_language(&member.name);
                // What is no language's is looked at later.
                if let Some((lang, text)) = lang.ok().and_then(|l| Some((l, member.item.text()?))) {
                    sheet.add_in(field, room, &lang, text, &format!("{path}.{}", member.name));
                }
            }
        } else if one.says() {
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
    let all: Vec<&str> = read.iter().map(|(licence, ..)| licence.as_str()).collect();
    let joined = all_hold(&all).filter(|_| !unread);
    if joined.is_none() {
        for (licence, at, item) in &read {
            sheet.keep(item, at, licence);
        }
    }
    if let (Some(licence), Some((first, at, item))) = (joined, read.first()) {
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
            sheet.add_in(|r| &mut r.keywords, Room::Line, "und", word, &at);
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
    let versions = names("softwareVersion").into_iter().chain(names("version"));
    for (at, text) in versions {
        sheet.add(|r| &mut r.version, &text, &at);
    }
    let needs = NEEDS.iter().flat_map(|name| {
        let all = names(name).into_iter();
        all.map(move |(_, text)| format!("{name}: {text}"))
    });
    let needs: Vec<String> = needs.collect();
    sheet.add_in(
        |r| &mut r.other_requirements,
        Room::Prose,
        "und",
        &needs.join("\n"),
        NEEDS[0],
    );
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
        ("dateCreated", (|r| &mut r.created) as Texts),
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

/// People who look after it are asked, and are not its authors for that.
fn maintainers(sheet: &mut Sheet, top: &Item) {
    for (at, item) in each(top, "maintainer") {
        let text = |name: &str| item.get(name).and_then(Item::text);
        let both = || {
            let parts = [text("givenName"), text("familyName")];
            parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
        };
        let name = item.text().or_else(|| text("name"));
        let Some(name) = sheet.line(&name.map_or_else(both, str::to_owned), &at) else {
            if item.says() {
                sheet.warn("missing", item, &format!("{at}.name"), "", "");
            }
            continue;
        };
        let home = item.get("affiliation").and_then(|of| of.each().first());
        let home = home.and_then(|of| of.text().or_else(|| of.get("name")?.text()));
        let contact = Contact {
            name,
            role: "maintainer".into(),
            email: sheet.mail(item, "email", &at),
            url: sheet.link(item, "url", &at),
            affiliation: home.and_then(|home| sheet.line(home, &at)),
            until: None,
        };
        let value = sheet.value(contact, &at);
        sheet.push(|r| &mut r.contacts, value);
    }
}

/// What software has in common with other works: people and organisations, relations, pictures, reviews. What there is no
/// field for is kept aside.
fn works(sheet: &mut Sheet, top: &Item) {
    // Of a member that stands twice the first counts, as everywhere in the file.
    let Json::Object(all) = top.to_json("", &mut Vec::new()) else {
        return;
    };
    // What else is said of rights may limit the licence.
    let theirs = |name: &str| name == "license" || !own(name);
    let others = all.into_iter().filter(|(name, _)| theirs(name)).collect();
    let origin = Origin {
        name: Some(sheet.file().to_owned()),
        ..Origin::default()
    };
    let mut reader = Reader::new("codemeta", &origin, None);
    reader.record(&others);
    let mut reading = reader.draft.finish(None);
    let limited = std::mem::take(&mut reading.record.licence);
    if !limited.is_empty() && !sheet.record.licence.is_empty() {
        sheet.record.licence = limited;
    }
    let read_here = |p: &Problem| p.path.starts_with("license") && p.rule != "licence-limited";
    for problem in reading.problems.into_iter().filter(|p| !read_here(p)) {
        let member = problem.path.split(['.', '[']).next().unwrap_or_default();
        let line = top.get(member).map(|item| item.line);
        // That authors have an address is usual here.
        let severity = match &*problem.rule {
            "personal-data" => Severity::Info,
            _ => problem.severity,
        };
        sheet.tell(Problem {
            line,
            severity,
            ..problem
        });
    }
    sheet.merge(reading.record);
}

fn requirements(sheet: &mut Sheet, top: &Item) {
    for (name, optional) in [
        ("softwareRequirements", false),
        ("softwareSuggestions", true),
    ] {
        for (at, item) in each(top, name) {
            let text = |name: &str| item.get(name).and_then(Item::text);
            let mut dependency = match item.text() {
                Some(written) => requirement(written),
                None => {
                    let link = ["codeRepository", "url", "identifier", "@id", "id"]
                        .iter()
                        .find_map(|n| text(n));
                    let Some(name) = text("name").or(link) else {
                        continue;
                    };
                    let version = text("softwareVersion").or_else(|| text("version"));
                    Dependency {
                        name: name.to_owned(),
                        version: version.map(str::to_owned),
                        link: link.map(str::to_owned),
                        kind: "open".into(),
                        optional,
                    }
                }
            };
            let Some(name) = sheet.line(&dependency.name, &at) else {
                continue;
            };
            dependency.name = name;
            let version = dependency.version.take();
            dependency.version = version.and_then(|version| sheet.line(&version, &at));
            if let Some(link) = dependency.link.take() {
                match is_target(&link) {
                    true => dependency.link = Some(link),
                    // A package's name in some registry, as it is in the name.
                    false if link == dependency.name => {}
                    false => sheet.keep(item, &at, &link),
                }
            }
            dependency.optional = optional;
            let value = sheet.value(dependency, &at);
            sheet.push(|r| &mut r.dependencies, value);
        }
    }
}

/// Software that this is the source code of, or the source code of this.
fn related(sheet: &mut Sheet, item: &Item, kind: &str, at: &str) {
    let Some(text) = id_or_text(item) else { return };
    let title = item.get("name").and_then(Item::text);
    let target = lom::target("", text).filter(|target| target.contains(':'));
    if target.is_none() && title.is_some() {
        sheet.keep(item, at, text);
    }
    let title = title.or(target.is_none().then_some(text));
    let relation = Relation {
        kind: kind.to_owned(),
        target: target.unwrap_or_default(),
        title: title.and_then(|title| sheet.line(title, at)),
        ..Relation::default()
    };
    if relation.title.is_some() || !relation.target.is_empty() {
        let value = sheet.value(relation, at);
        sheet.push(|r| &mut r.relations, value);
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
