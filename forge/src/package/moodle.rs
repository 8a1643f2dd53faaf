//! Moodle backups (`.mbz`, ZIP or tar.gz): what a course says of itself, and a copy without anybody's data.
//!
//! A backup mixes what teachers wrote with what the platform knows of people. [`read`](super::read) takes only what
//! describes the course. [`stripped`] writes the same backup as one made without users: what is published is that copy,
//! never the backup itself.

mod files;
mod filter;
mod pack;
mod rules;
mod strip;
mod words;

use std::collections::HashMap;
use std::io::{self, Read, Seek};

use commun_specs::metadata::Identifier;
use roxmltree::Node;
use serde_json::{Map, Value as Json};

use self::files::Licences;
use super::archive::{Archive, ArchiveError};
use super::ims::plain_title;
use super::path::is_local;
use super::{Package, Part, Target};
use crate::crosswalk::format::Format;
use crate::crosswalk::{Draft, Origin, Texts, draft, text, text::Room, xml};
use crate::problem::Problem;

pub use strip::{StripError, Stripped, stripped};
pub(crate) use words::words;

/// The largest file about one section or link that is looked at, in bytes.
const MAX_PART_BYTES: u64 = 2 << 20;
/// The most lines of an outline.
const MAX_PARTS: usize = 5_000;

/// A text of Moodle's that stands for nothing.
const NULL: &str = "$@NULL@$";

/// What was found beside `moodle_backup.xml`.
#[derive(Default)]
struct Found {
    course: Option<Vec<u8>>,
    /// By folder: the name, and the activities in their order.
    sections: HashMap<String, (String, Vec<String>)>,
    /// By folder: where a link leads.
    links: HashMap<String, String>,
    licences: Licences,
    /// What holds data of people.
    people: Vec<&'static str>,
    problems: Vec<(String, String)>,
}

/// Reads a backup whose root has a `moodle_backup.xml`.
pub(super) fn read<R: Read + Seek>(
    archive: &mut Archive<R>,
    origin: &Origin,
) -> Result<Package, Box<Problem>> {
    let bytes = super::head(archive, "moodle_backup.xml")?;
    let found = look(archive).map_err(|cause| super::refused(&cause))?;
    let decoded = xml::decode(&bytes).map_err(|e| e.problem())?;
    let tree = xml::parse(&decoded.text).map_err(|e| e.problem())?;
    let mut draft = Draft::new("moodle", origin);
    if let Some(problem) = decoded.problem() {
        draft.report(problem);
    }
    let root = tree.root_element();
    let Some(information) = xml::child(root, "information") else {
        let (rule, path) = ("moodle-part", "moodle_backup.xml");
        let severity = crate::problem::Severity::Error;
        return Err(Problem::new(severity, rule, path, "information", "").into());
    };
    let said = |name: &'static str| value(information, name);
    for (path, given) in &found.problems {
        draft.error("moodle-part", path, given, "");
    }
    let id = identity(&mut draft, information);
    let mut kept = Map::new();
    match &found.course {
        Some(bytes) => course(&mut draft, bytes, &mut kept),
        None => draft.warn("moodle-part", "course/course.xml", "", ""),
    }
    if draft.record.title.is_empty()
        && let Some(title) = said("original_course_fullname")
    {
        let path = "information.original_course_fullname";
        draft.text(|r| &mut r.title, &title, Room::Title, None, path);
    }
    kind(&mut draft, information);
    found.licences.settle(&mut draft);
    people(&mut draft, information, &found.people);
    let outline = outline(information, &found);
    let release = said("moodle_release").unwrap_or_default();
    if !kept.is_empty() {
        draft
            .record
            .extra
            .insert("moodle".into(), Json::Object(kept));
    }
    let mut reading = draft.finish(id);
    super::complete(&mut reading, "course.fullname");
    Ok(Package {
        format: Format::Mbz,
        reading,
        // `4.1.2 (Build: 20230313)`
        version: release
            .split(" (")
            .next()
            .unwrap_or_default()
            .chars()
            .take(40)
            .collect(),
        outline,
        start: None,
    })
}

/// The text of a child element, unless it stands for nothing.
fn value(node: Node<'_, '_>, name: &'static str) -> Option<String> {
    xml::child_text(node, name).filter(|text| text != NULL)
}

/// Goes through the backup once.
fn look<R: Read + Seek>(archive: &mut Archive<R>) -> Result<Found, ArchiveError> {
    let mut found = Found::default();
    // Of all sections together.
    let mut left = MAX_PARTS;
    archive.visit(|entry, body| {
        let path = entry.path.as_str();
        let parts: Vec<&str> = path.split('/').collect();
        match parts[..] {
            ["course", "course.xml"] => found.course = small(body)?,
            ["sections", folder, "section.xml"] => {
                if left == 0 {
                    return Ok(());
                }
                let section = small(body)?.and_then(|bytes| section(&bytes, left));
                if let Some(section) = section {
                    left = left.saturating_sub(1 + section.1.len());
                    found.sections.insert(format!("sections/{folder}"), section);
                }
            }
            ["activities", folder, "url.xml"] if found.links.len() < MAX_PARTS => {
                if let Some(url) = small(body)?.as_deref().and_then(link) {
                    found.links.insert(format!("activities/{folder}"), url);
                }
            }
            ["files.xml"] => {
                if let Err(fault) = found.licences.read(body) {
                    match fault {
                        filter::FilterError::Io(cause) => return Err(cause.into()),
                        fault => found.problems.push((path.to_owned(), fault.to_string())),
                    }
                }
            }
            _ => {
                if let Some((what, mark)) = about_people(&parts)
                    && !found.people.contains(&what)
                    && has(body, mark)?
                {
                    found.people.push(what);
                }
            }
        }
        Ok::<(), ArchiveError>(())
    })?;
    Ok(found)
}

/// The files of which all is about people: what they hold, and by what one sees that they hold any.
fn about_people(parts: &[&str]) -> Option<(&'static str, &'static [u8])> {
    match parts {
        ["users.xml"] => Some(("users.xml", b"<user ")),
        ["badges.xml"] => Some(("badges.xml", b"<badge ")),
        ["course", "logs.xml" | "logstores.xml"] => Some(("logs", b"<log")),
        _ => None,
    }
}

/// A small file whole; nothing where it is larger.
fn small(body: &mut dyn Read) -> Result<Option<Vec<u8>>, ArchiveError> {
    let mut bytes = Vec::new();
    body.take(MAX_PART_BYTES + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= MAX_PART_BYTES).then_some(bytes))
}

/// Whether some bytes stand near the beginning of a file.
fn has(body: &mut dyn Read, wanted: &[u8]) -> io::Result<bool> {
    let mut bytes = Vec::new();
    body.take(64 << 10).read_to_end(&mut bytes)?;
    Ok(bytes.windows(wanted.len()).any(|window| window == wanted))
}

/// What is found in a small file that is XML.
fn tree<T>(bytes: &[u8], look: impl FnOnce(Node<'_, '_>) -> Option<T>) -> Option<T> {
    let decoded = xml::decode(bytes).ok()?;
    let tree = xml::parse(&decoded.text).ok()?;
    look(tree.root_element())
}

/// The name of a section, and the first of its activities.
fn section(bytes: &[u8], most: usize) -> Option<(String, Vec<String>)> {
    tree(bytes, |root| {
        let name = value(root, "name").unwrap_or_default();
        let sequence = value(root, "sequence").unwrap_or_default();
        let activities = sequence.split(',').map(|id| id.trim().to_owned());
        Some((plain_title(&name), activities.take(most).collect()))
    })
}

/// Where a link of a course leads.
fn link(bytes: &[u8]) -> Option<String> {
    tree(bytes, |root| {
        let written = root
            .descendants()
            .find(|node| xml::named(*node, "externalurl"))?;
        draft::address(&xml::text(written)).filter(|url| !is_local(url))
    })
}

/// Where the course was: an address that only there is its own, by which it is known again.
fn identity(draft: &mut Draft, information: Node<'_, '_>) -> Option<String> {
    let root = value(information, "original_wwwroot")?;
    let root = draft::address(&root)?;
    let number = value(information, "original_course_id")?;
    let digits =
        !number.is_empty() && number.len() < 12 && number.bytes().all(|b| b.is_ascii_digit());
    let root = root.trim_end_matches('/');
    if !digits || is_local(root) {
        return None;
    }
    let address = format!("{root}/course/view.php?id={number}");
    let path = "information.original_wwwroot";
    let value_of = draft.value(address.clone(), path);
    draft.push(|r| &mut r.aliases, value_of);
    if let Some(short) = value(information, "original_course_shortname")
        && let Some(entry) = draft.fit(&short, Room::Line, "information.original_course_shortname")
    {
        let catalog = root.to_owned();
        let path = "information.original_course_shortname";
        let short = draft.value(Identifier { catalog, entry }, path);
        draft.push(|r| &mut r.identifiers, short);
    }
    Some(address)
}

/// `course/course.xml`.
fn course(draft: &mut Draft, bytes: &[u8], kept: &mut Map<String, Json>) {
    let decoded = match xml::decode(bytes) {
        Ok(decoded) => decoded,
        Err(cause) => {
            draft.error("moodle-part", "course/course.xml", &cause.to_string(), "");
            return;
        }
    };
    let tree = match xml::parse(&decoded.text) {
        Ok(tree) => tree,
        Err(cause) => {
            draft.error("moodle-part", "course/course.xml", &cause.to_string(), "");
            return;
        }
    };
    let root = tree.root_element();
    let lang = value(root, "lang").and_then(|tag| draft.language(&tag, "course.lang"));
    if let Some(tag) = lang.clone() {
        let tag = draft.value(tag, "course.lang");
        draft.push(|r| &mut r.language, tag);
    }
    let lang = lang.as_deref();
    if let Some(title) = value(root, "fullname") {
        draft.text(
            |r| &mut r.title,
            &title,
            Room::Title,
            lang,
            "course.fullname",
        );
    }
    if let Some(summary) = value(root, "summary") {
        // A summary is HTML by its nature: that it was turned into text is no news.
        let plain = text::fit(&summary, Room::Prose).text;
        if !plain.is_empty() {
            let field: Texts = |r| &mut r.description;
            draft.text(field, &plain, Room::Prose, lang, "course.summary");
        }
    }
    for tag in xml::child(root, "tags")
        .into_iter()
        .flat_map(|tags| xml::children(tags, "tag"))
    {
        if let Some(word) = value(tag, "rawname").or_else(|| value(tag, "name")) {
            let field: Texts = |r| &mut r.keywords;
            draft.text(field, &word, Room::Line, lang, "course.tags");
        }
    }
    for (name, field) in [
        ("timecreated", (|r| &mut r.created) as Texts),
        ("timemodified", |r| &mut r.modified),
    ] {
        if let Some(moment) = value(root, name).as_deref().and_then(moment) {
            let path = format!("course.{name}");
            let moment = draft.value(moment, &path);
            draft.push(field, moment);
        }
    }
    // When it was taught is not when it was made: it is kept, and is no date of the resource.
    for name in ["startdate", "enddate"] {
        if let Some(moment) = value(root, name).as_deref().and_then(moment) {
            draft.info("kept-aside", &format!("course.{name}"), &moment, "");
            kept.insert(name.into(), moment.into());
        }
    }
    for name in ["shortname", "idnumber", "format"] {
        let line = value(root, name).map(|written| text::fit(&written, Room::Line).text);
        if let Some(line) = line.filter(|line| !line.is_empty()) {
            kept.insert(name.into(), line.into());
        }
    }
}

/// Seconds since 1970 as a moment; 0 is none.
fn moment(written: &str) -> Option<String> {
    let seconds: i64 = written.trim().parse().ok().filter(|seconds| *seconds > 0)?;
    let moment = time::OffsetDateTime::from_unix_timestamp(seconds).ok()?;
    let text = moment
        .format(&time::format_description::well_known::Rfc3339)
        .ok()?;
    draft::date(&text)
}

/// A backup of a course is one; one of a section or an activity is what it is.
fn kind(draft: &mut Draft, information: Node<'_, '_>) {
    let details = xml::child(information, "details");
    let detail = details.and_then(|details| xml::child(details, "detail"));
    match detail.and_then(|detail| value(detail, "type")).as_deref() {
        Some("course") => {
            let kind = draft.value("course".to_owned(), "information.details.detail.type");
            draft.push(|r| &mut r.kind, kind);
        }
        Some(other) => {
            let path = "information.details.detail.type";
            draft.info("moodle-not-a-course", path, other, "");
        }
        None => {}
    }
}

/// What the backup knows of people.
fn people(draft: &mut Draft, information: Node<'_, '_>, found: &[&'static str]) {
    let mut held: Vec<&str> = found.to_vec();
    let settings = xml::child(information, "settings");
    let set = settings
        .into_iter()
        .flat_map(|settings| xml::children(settings, "setting"))
        .any(|setting| {
            let is = |name: &'static str, wanted: &str| {
                xml::child_text(setting, name).as_deref() == Some(wanted)
            };
            is("name", "users") && is("value", "1")
        });
    if set {
        held.push("users = 1");
    }
    if !held.is_empty() {
        draft.warn("moodle-users", "moodle_backup.xml", &held.join(", "), "");
    }
}

/// Sections with their activities, in the order in which the course shows them.
fn outline(information: Node<'_, '_>, found: &Found) -> Vec<Part> {
    let contents = xml::child(information, "contents");
    let list = |of: &'static str, one: &'static str| {
        let list = contents.and_then(|contents| xml::child(contents, of));
        list.into_iter()
            .flat_map(move |list| xml::children(list, one))
    };
    let mut activities: Vec<(String, String, Part)> = Vec::new();
    for node in list("activities", "activity").take(MAX_PARTS) {
        let said = |name: &'static str| value(node, name).unwrap_or_default();
        let url = found.links.get(&said("directory")).cloned();
        let part = Part {
            title: plain_title(&said("title")),
            target: url.map(Target::Address),
            depth: 1,
        };
        // A label has no title of its own: Moodle shows its text in its place.
        activities.push((said("moduleid"), said("sectionid"), part));
    }
    let mut parts = Vec::new();
    let mut taken = vec![false; activities.len()];
    let places: HashMap<String, usize> = activities
        .iter()
        .enumerate()
        .map(|(at, (module, _, _))| (module.clone(), at))
        .collect();
    let mut by_section: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, (_, section, _)) in activities.iter().enumerate() {
        by_section.entry(section).or_default().push(at);
    }
    let mut sections: HashMap<&str, &(String, Vec<String>)> = found
        .sections
        .iter()
        .map(|(folder, section)| (folder.as_str(), section))
        .collect();
    for node in list("sections", "section").take(MAX_PARTS) {
        let said = |name: &'static str| value(node, name).unwrap_or_default();
        // Each once: a backup that names one again and again gains nothing by it.
        let (name, sequence) = match sections.remove(said("directory").as_str()) {
            Some((name, sequence)) => (name.clone(), &sequence[..]),
            None => (plain_title(&said("title")), &[][..]),
        };
        // A section without a name is shown by its number, which says nothing outside the course.
        let named = !name.is_empty() && !name.bytes().all(|b| b.is_ascii_digit());
        if named {
            parts.push(Part {
                title: name,
                target: None,
                depth: 0,
            });
        }
        let in_order = sequence
            .iter()
            .filter_map(|module| places.get(module).copied());
        let others = by_section.remove(said("sectionid").as_str());
        let others = others.unwrap_or_default();
        for at in in_order.chain(others) {
            if !std::mem::replace(&mut taken[at], true) {
                let mut part = activities[at].2.clone();
                part.depth = usize::from(named);
                parts.push(part);
            }
        }
    }
    let rest = activities.iter().zip(&taken).filter(|(_, taken)| !**taken);
    parts.extend(rest.map(|((_, _, part), _)| Part {
        depth: 0,
        ..part.clone()
    }));
    parts.retain(|part| !part.title.is_empty());
    parts.truncate(MAX_PARTS);
    parts
}
