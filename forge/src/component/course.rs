//! What a course in Git says of itself in the files of the tools that make and archive it: Zenodo, Carpentries, Jekyll, MyST,
//! lists of authors, words about citing it (METADATA section 10, the row of Git trees).
//!
//! Only what a file states is taken: no name is split, and the words of a `CITATION` stay words. Nothing here refuses a
//! folder: what has another form than its tool writes is told and left out.

use commun_specs::metadata::{
    Affiliation, Annotation, Contact, Creator, MAX_LINE_CHARS, MAX_VALUES,
};

use super::{
    Component, Files, MAX_METADATA_FILE, MAX_PROBLEMS,
    document::{self, Item},
    publiccode::push_link,
    sheet::{Sheet, tidy},
};
use crate::crosswalk::text::Room;
use crate::problem::Severity;
use crate::resource::html_to_text;

type Read = fn(&mut Sheet, &str);

/// The files, best first, with the scheme of their values. What an archive was told on purpose comes before what a page's
/// generator shows.
const FILES: [(&str, &str, Read); 9] = [
    (".zenodo.json", "zenodo", zenodo),
    ("config.yaml", "carpentries", config),
    ("_config.yml", "jekyll", config),
    ("_config.yaml", "jekyll", config),
    ("myst.yml", "myst", myst),
    ("CITATION", "citation", citation),
    ("AUTHORS", "authors", authors),
    ("AUTHORS.md", "authors", authors),
    ("AUTHORS.txt", "authors", authors),
];

/// What the letters of `carpentry` stand for, as the comment above it in each lesson says.
const CARPENTRIES: [(&str, &str); 5] = [
    ("swc", "Software Carpentry"),
    ("dc", "Data Carpentry"),
    ("lc", "Library Carpentry"),
    ("cp", "The Carpentries"),
    ("incubator", "The Carpentries Incubator"),
];

/// Longest text about citing that is kept, in characters.
const MAX_CITATION: usize = 2_000;
/// A line of more words is a sentence and no name.
const MAX_NAME_WORDS: usize = 6;

/// Whether [`course`] reads a file of this name at the top.
pub fn speaks_for_course(name: &str) -> bool {
    FILES.iter().any(|(known, ..)| *known == name)
}

/// Reads the files at the top. A field is taken from the first file that states it.
pub fn course(files: &Files) -> Component {
    let mut component = Component::default();
    for (name, scheme, read) in FILES {
        let Some(bytes) = files.0.get(name) else {
            continue;
        };
        let mut sheet = Sheet::new(name, scheme);
        if bytes.len() as u64 > MAX_METADATA_FILE {
            let most = (MAX_METADATA_FILE >> 10).to_string();
            sheet.whole("too-large", Severity::Warning, "", &most);
        } else {
            match std::str::from_utf8(bytes) {
                Err(_) => sheet.whole("not-utf8", Severity::Warning, "", ""),
                Ok(text) => read(&mut sheet, text.strip_prefix('\u{feff}').unwrap_or(text)),
            }
        }
        for problem in &mut sheet.problems {
            // The tool that reads the file judges it; here it is only one source among several.
            problem.severity = problem.severity.min(Severity::Warning);
        }
        component.files.push(name.to_owned());
        component.report.problems.append(&mut sheet.problems);
        component.record.fill(sheet.record);
    }
    component.report.problems.truncate(MAX_PROBLEMS);
    component
}

/// `.zenodo.json` (<https://developers.zenodo.org/#representation>).
fn zenodo(sheet: &mut Sheet, text: &str) {
    let Some(top) = sheet.opened(document::json(text), "JSON") else {
        return;
    };
    line(sheet, &top, "title", "title", |r| &mut r.title);
    if let Some(item) = said(&top, "description")
        && let Some(html) = sheet.text(item, "description")
    {
        let plain = html_to_text(html);
        sheet.add_in(
            |r| &mut r.description,
            Room::Prose,
            "und",
            plain.trim(),
            "description",
        );
    }
    licence(sheet, &top, "license", "id");
    words(sheet, &top, "keywords");
    language(sheet, &top, "language");
    day(sheet, &top, "publication_date", |r| &mut r.published);
    line(sheet, &top, "version", "version", |r| &mut r.version);
    doi(sheet, &top, "doi");
    people(sheet, &top, "creators", false);
    people(sheet, &top, "contributors", true);
}

/// `config.yaml` of a lesson of the Carpentries (<https://carpentries.github.io/sandpaper-docs/>), `_config.yml` of Jekyll
/// (<https://jekyllrb.com/docs/configuration/>).
fn config(sheet: &mut Sheet, text: &str) {
    let Some(top) = sheet.opened(document::yaml(text), "YAML") else {
        return;
    };
    line(sheet, &top, "title", "title", |r| &mut r.title);
    line(sheet, &top, "description", "description", |r| {
        &mut r.description
    });
    licence(sheet, &top, "license", "");
    words(sheet, &top, "keywords");
    for name in ["lang", "language"] {
        if sheet.record.language.is_empty() {
            language(sheet, &top, name);
        }
    }
    day(sheet, &top, "created", |r| &mut r.created);
    for name in ["author", "authors"] {
        people(sheet, &top, name, false);
    }
    if let Some(item) = said(&top, "carpentry")
        && let Some(letters) = sheet.text(item, "carpentry")
        && let Some((_, name)) = CARPENTRIES.iter().find(|(known, _)| *known == letters)
    {
        let publisher = Creator {
            name: (*name).to_owned(),
            kind: Some("organisation".to_owned()),
            ..Creator::default()
        };
        let value = sheet.value(publisher, "carpentry");
        sheet.record.publishers.push(value);
    }
    if let Some(item) = said(&top, "contact")
        && let Some(mail) = sheet.text(item, "contact").map(str::to_owned)
        && fits(&mail)
        && is_mail(mail.trim_start_matches("mailto:"))
    {
        let mail = mail.trim_start_matches("mailto:").to_owned();
        let contact = Contact {
            name: mail.clone(),
            role: "contact".to_owned(),
            email: Some(mail),
            ..Contact::default()
        };
        let value = sheet.value(contact, "contact");
        sheet.record.contacts.push(value);
    }
    link(sheet, &top, "source", "repository");
    // Jekyll's `url` is the host, and its `baseurl` the rest: alone neither is the page of a course.
    if said(&top, "baseurl").is_none() {
        link(sheet, &top, "url", "homepage");
    }
}

/// `project` of `myst.yml` (<https://mystmd.org/guide/frontmatter>).
fn myst(sheet: &mut Sheet, text: &str) {
    let Some(top) = sheet.opened(document::yaml(text), "YAML") else {
        return;
    };
    let Some(project) = said(&top, "project") else {
        return;
    };
    if project.map().is_none() {
        sheet.warn("wrong-type", project, "project", "", "a set of members");
        return;
    }
    line(sheet, project, "title", "title", |r| &mut r.title);
    line(sheet, project, "description", "description", |r| {
        &mut r.description
    });
    licence(sheet, project, "license", "content");
    words(sheet, project, "keywords");
    language(sheet, project, "language");
    day(sheet, project, "date", |r| &mut r.published);
    doi(sheet, project, "doi");
    people(sheet, project, "authors", false);
    people(sheet, project, "contributors", true);
    link(sheet, project, "github", "repository");
}

/// A plain `CITATION`: words for people, kept as they are. Who is named in them, and which work, is not guessed.
fn citation(sheet: &mut Sheet, text: &str) {
    let text: String = text.trim().chars().take(MAX_CITATION).collect();
    if text.is_empty() {
        return;
    }
    let said = Annotation {
        text: vec![("und".to_owned(), text)],
        ..Annotation::default()
    };
    let value = sheet.value(said, "");
    sheet.record.annotations.push(value);
}

/// `AUTHORS`: a name on each line. A paragraph that holds a sentence is prose, and none of its lines is a name.
fn authors(sheet: &mut Sheet, text: &str) {
    let mut paragraph: Vec<(usize, String)> = Vec::new();
    let (mut prose, mut listed) = (false, false);
    let lines = text.lines().map(str::trim).chain([""]);
    for (at, line) in lines.enumerate() {
        let underline = line.starts_with("---") || line.starts_with("===");
        if underline && !listed {
            // What stands above it is a heading.
            paragraph.pop();
        }
        listed = LIST.iter().any(|mark| line.starts_with(mark));
        if is_notice(line) {
            continue;
        }
        if line.is_empty() || line.starts_with('#') || underline {
            for (at, name) in std::mem::take(&mut paragraph) {
                if !prose {
                    let named = Creator {
                        name,
                        ..Creator::default()
                    };
                    creator(sheet, named, &format!("line {at}"), false);
                }
            }
            prose = false;
            continue;
        }
        match name(line) {
            Some(name) => paragraph.push((at + 1, name)),
            None => prose = true,
        }
    }
}

/// What begins a line of a list.
const LIST: [&str; 3] = ["- ", "* ", "+ "];

/// `Copyright: Ada Lovelace`, `©2024 the authors`: a line that names no author by itself.
fn is_notice(line: &str) -> bool {
    let line = line.to_lowercase();
    ["copyright", "©", "(c)", "license", "licence"]
        .iter()
        .any(|word| {
            let rest = line.strip_prefix(word);
            rest.is_some_and(|rest| !rest.starts_with(char::is_alphabetic))
        })
}

/// The name on a line: without a list's mark, a link or a mail address.
fn name(line: &str) -> Option<String> {
    let line = LIST
        .iter()
        .find_map(|mark| line.strip_prefix(mark))
        .unwrap_or(line);
    let line = match line.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((text, _)) => text,
        None => line.split(['<', '(']).next().unwrap_or_default(),
    };
    let name = line.trim().trim_end_matches(',').trim();
    let sentence = name.ends_with(['.', ':', ';', '!', '?', '=']) || name.contains("://");
    let words = name.split_whitespace().count();
    (fits(name) && !sentence && words <= MAX_NAME_WORDS && name.contains(char::is_alphabetic))
        .then(|| name.to_owned())
}

/// A member that says something.
fn said<'a>(item: &'a Item, name: &str) -> Option<&'a Item> {
    item.get(name).filter(|item| item.says())
}

/// Whether a text looks like one mail address.
fn is_mail(text: &str) -> bool {
    let plain =
        !text.contains(|c: char| c.is_whitespace() || c.is_control() || "<>(),;".contains(c));
    let parts = text.split_once('@');
    plain
        && parts
            .is_some_and(|(who, host)| !who.is_empty() && host.contains('.') && !host.contains('@'))
}

/// Whether a text is short enough for one line of a record.
fn fits(text: &str) -> bool {
    !text.is_empty() && text.chars().nth(MAX_LINE_CHARS).is_none()
}

type Field =
    fn(&mut commun_specs::metadata::Record) -> &mut Vec<commun_specs::metadata::Value<String>>;

/// One text: a title or description in no stated language, or a version.
fn line(sheet: &mut Sheet, top: &Item, name: &str, path: &str, field: Field) {
    let Some(item) = said(top, name) else { return };
    let Some(text) = sheet.text(item, path).map(str::to_owned) else {
        return;
    };
    // What the template asks for and nobody wrote.
    if text.starts_with("FIXME") {
        return;
    }
    match name {
        "description" => sheet.add_in(field, Room::Prose, "und", &text, path),
        "title" => {
            sheet.add_in(field, Room::Title, "und", &text, path);
        }
        _ if fits(&text) => sheet.add(field, &text, path),
        _ => {}
    }
}

/// A licence as its name or id, or as a set of which `inner` is the id.
fn licence(sheet: &mut Sheet, top: &Item, name: &str, inner: &str) {
    let Some(item) = said(top, name) else { return };
    let item = match item.map() {
        Some(_) if !inner.is_empty() => match said(item, inner) {
            Some(inner) => inner,
            None => return,
        },
        _ => item,
    };
    if let Some(written) = sheet.text(item, name).map(str::to_owned)
        && let Some(licence) = sheet.licence(&written, item, name, false)
    {
        sheet.add(|r| &mut r.licence, &licence, name);
    }
}

/// Keywords as a list, or in one text with commas between them.
fn words(sheet: &mut Sheet, top: &Item, name: &str) {
    let Some(item) = said(top, name) else { return };
    for (at, item) in item.each().iter().enumerate().take(MAX_VALUES) {
        let path = format!("{name}[{at}]");
        let Some(text) = sheet.text(item, &path).map(str::to_owned) else {
            continue;
        };
        for word in text.split(',').map(str::trim).filter(|word| fits(word)) {
            sheet.add_in(|r| &mut r.keywords, Room::Line, "und", word, &path);
        }
    }
}

fn language(sheet: &mut Sheet, top: &Item, name: &str) {
    let Some(item) = said(top, name) else { return };
    if let Some(written) = sheet.text(item, name).map(str::to_owned)
        && let Some(tag) = sheet.language(&written, item, name)
    {
        sheet.add(|r| &mut r.language, &tag, name);
    }
}

fn day(sheet: &mut Sheet, top: &Item, name: &str, field: Field) {
    let Some(item) = said(top, name) else { return };
    if let Some(day) = sheet.day(item, name).map(str::to_owned) {
        sheet.add(field, &day, name);
    }
}

fn doi(sheet: &mut Sheet, top: &Item, name: &str) {
    let Some(item) = said(top, name) else { return };
    let Some(text) = sheet.text(item, name).map(str::to_owned) else {
        return;
    };
    let bare = text.rsplit("doi.org/").next().unwrap_or(&text);
    let bare = bare.strip_prefix("doi:").unwrap_or(bare);
    if bare.starts_with("10.") && bare.contains('/') && fits(bare) && !bare.contains(' ') {
        sheet.add(|r| &mut r.aliases, &format!("doi:{bare}"), name);
    } else {
        sheet.warn("not-an-id", item, name, &text, "DOI");
    }
}

fn link(sheet: &mut Sheet, top: &Item, name: &str, kind: &str) {
    let Some(item) = said(top, name) else { return };
    if let Some(url) = sheet.url(item, name).map(str::to_owned)
        && url.starts_with("http")
        && fits(&url)
    {
        push_link(sheet, item, kind, &url, name);
    }
}

/// People, each a text or a set of members.
fn people(sheet: &mut Sheet, top: &Item, name: &str, helped: bool) {
    let Some(list) = said(top, name) else { return };
    for (at, item) in list.each().iter().enumerate() {
        let path = format!("{name}[{at}]");
        if let Some(person) = person(sheet, item, &path, helped) {
            creator(sheet, person, &path, helped);
        }
    }
}

fn person(sheet: &mut Sheet, item: &Item, at: &str, helped: bool) -> Option<Creator> {
    // MyST keeps the parts of a name below `name`.
    let parts = said(item, "name").filter(|name| name.map().is_some());
    let text = |name: &str| parts.unwrap_or(item).get(name).and_then(Item::text);
    let whole = match parts {
        None => item.text().or_else(|| text("name")),
        Some(_) => text("literal"),
    };
    let [given, family] = [text("given"), text("family")].map(|part| part.map(str::to_owned));
    let joined: Vec<&str> = [given.as_deref(), family.as_deref()]
        .into_iter()
        .flatten()
        .collect();
    let name = whole.map_or_else(|| joined.join(" "), str::to_owned);
    if !fits(&name) {
        sheet.warn("missing", item, &format!("{at}.name"), "", "");
        return None;
    }
    let stated = |name: &str| item.get(name).and_then(Item::text).map(str::to_owned);
    let role = helped.then(|| {
        let role = stated("type").unwrap_or_default();
        if role == "Editor" {
            "editor"
        } else {
            "contributor"
        }
        .to_owned()
    });
    let mut creator = Creator {
        name,
        given,
        family,
        role,
        orcid: stated("orcid").map(|id| id.rsplit('/').next().unwrap_or_default().to_owned()),
        affiliation: stated("affiliation")
            .filter(|name| fits(name))
            .map(|name| Affiliation {
                name,
                ..Affiliation::default()
            }),
        ..Creator::default()
    };
    tidy(sheet, item, at, &mut creator);
    Some(creator)
}

/// Adds somebody once; what is above the bound of a record is told once.
fn creator(sheet: &mut Sheet, person: Creator, at: &str, helped: bool) {
    let value = sheet.value(person, at);
    let list = if helped {
        &mut sheet.record.contributors
    } else {
        &mut sheet.record.creators
    };
    if list.iter().any(|known| known.v == value.v) {
        return;
    }
    if list.len() < MAX_VALUES {
        list.push(value);
    } else if !sheet.problems.iter().any(|p| p.rule == "too-many-values") {
        let most = MAX_VALUES.to_string();
        sheet.whole("too-many-values", Severity::Warning, "", &most);
    }
}

#[cfg(test)]
mod tests;
