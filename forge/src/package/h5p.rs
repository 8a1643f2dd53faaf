//! H5P: `h5p.json` says what it is, `content/content.json` holds it, other folders are libraries that play it.
//!
//! The rules are those by which H5P platforms themselves refuse a package: the main library, the content, and only files
//! of known kinds. Licence codes are H5P's own and are no SPDX ids: a code without its version is not taken for a licence.

mod licence;

use std::io::{Read, Seek};

use commun_specs::metadata::{Creator, Link, MAX_VALUES, Record, Value};
use serde_json::{Map, Value as Json, json};

use self::licence::{Meant, meant};
use super::Package;
use super::archive::{Archive, ArchiveError};
use crate::crosswalk::format::Format;
use crate::crosswalk::{Draft, Origin, draft, text, text::Room};
use crate::problem::{Problem, Severity};

/// The largest `h5p.json`, in bytes: a real one has a thousand.
const MAX_HEAD_BYTES: u64 = 1 << 20;
/// The largest content, in bytes: an interactive book of hundreds of pages.
const MAX_CONTENT_BYTES: u64 = 32 << 20;

/// What content may hold (the list of H5P's core, and the two that earlier versions of it had).
const CONTENT: &str = "json png jpg jpeg gif bmp tif tiff svg eot ttf woff woff2 otf webm mp4 ogg mp3 m4a wav txt pdf rtf doc docx xls xlsx ppt pptx odt ods odp xml csv diff patch swf md textile vtt webvtt gltf glb";
/// What libraries may hold besides.
const LIBRARY: &str = "js css";

/// Members that are read, or that only tell a player how to play.
const READ: &str = "title language mainLibrary authors author changes license licenseVersion licenseExtras source yearFrom \
yearsFrom yearTo yearsTo embedTypes preloadedDependencies dynamicDependencies editorDependencies w h";

/// Main libraries whose content is of one kind, with that kind (HCRT). Others hold anything, and nothing is said of them.
const TYPES: [(&str, &str); 40] = [
    ("H5P.TrueFalse", "drill_and_practice"),
    ("H5P.MultiChoice", "questionnaire"),
    ("H5P.SingleChoiceSet", "questionnaire"),
    ("H5P.QuestionSet", "questionnaire"),
    ("H5P.Questionnaire", "questionnaire"),
    ("H5P.PersonalityQuiz", "questionnaire"),
    ("H5P.ArithmeticQuiz", "drill_and_practice"),
    ("H5P.Blanks", "drill_and_practice"),
    ("H5P.AdvancedBlanks", "drill_and_practice"),
    ("H5P.DragText", "drill_and_practice"),
    ("H5P.DragQuestion", "drill_and_practice"),
    ("H5P.MarkTheWords", "drill_and_practice"),
    ("H5P.Summary", "drill_and_practice"),
    ("H5P.Essay", "drill_and_practice"),
    ("H5P.Dictation", "drill_and_practice"),
    ("H5P.SpeakTheWords", "drill_and_practice"),
    ("H5P.SpeakTheWordsSet", "drill_and_practice"),
    ("H5P.SortParagraphs", "drill_and_practice"),
    ("H5P.ImageSequencing", "drill_and_practice"),
    ("H5P.ImageHotspotQuestion", "drill_and_practice"),
    ("H5P.ImageMultipleHotspotQuestion", "drill_and_practice"),
    ("H5P.GuessTheAnswer", "drill_and_practice"),
    ("H5P.Flashcards", "drill_and_practice"),
    ("H5P.Dialogcards", "drill_and_practice"),
    ("H5P.FindTheWords", "educational_game"),
    ("H5P.Crossword", "educational_game"),
    ("H5P.MemoryGame", "educational_game"),
    ("H5P.ImagePair", "educational_game"),
    ("H5P.GameMap", "educational_game"),
    ("H5P.CoursePresentation", "slide"),
    ("H5P.InteractiveVideo", "video"),
    ("H5P.InteractiveBook", "textbook"),
    ("H5P.BranchingScenario", "simulation"),
    ("H5P.ThreeImage", "simulation"),
    ("H5P.Audio", "audio"),
    ("H5P.Chart", "graph"),
    ("H5P.Collage", "image"),
    ("H5P.ImageHotspots", "image"),
    ("H5P.ImageJuxtaposition", "image"),
    ("H5P.DocumentationTool", "tool"),
];

/// Reads a package whose root has an `h5p.json`.
pub(super) fn read<R: Read + Seek>(
    archive: &mut Archive<R>,
    origin: &Origin,
) -> Result<Package, Box<Problem>> {
    let content = content(archive)?;
    let head = head(archive)?;
    extensions(archive)?;
    let main = main_library(&head)?;
    let mut draft = Draft::new("h5p", origin);
    required(&mut draft, &head, &main);
    let lang = language(&mut draft, &head);
    let lang = lang.as_deref();
    let said = |name: &str| head.get(name).and_then(Json::as_str).unwrap_or_default();
    draft.text(|r| &mut r.title, said("title"), Room::Title, lang, "title");
    people(&mut draft, &head);
    rights(&mut draft, &head, lang);
    dates(&mut draft, &head);
    if !said("source").trim().is_empty() {
        match draft.address(said("source"), "source") {
            Some(url) => {
                let kind = "location".to_owned();
                let title = None;
                let link = draft.value(Link { kind, url, title }, "source");
                draft.push(|r| &mut r.links, link);
            }
            None => draft.keep("source", said("source")),
        }
    }
    if let Some((_, kind)) = TYPES.iter().find(|(library, _)| *library == main) {
        let value = draft.value((*kind).to_owned(), "mainLibrary");
        draft.push(|r| &mut r.resource_type, value);
    }
    pieces(&mut draft, &content);
    rest(&mut draft, &head, &main);
    let version = library_version(&head, &main);
    let mut reading = draft.finish(None);
    super::complete(&mut reading, "h5p.json");
    Ok(Package {
        format: Format::H5p,
        reading,
        version: format!("{main} {version}").trim().to_owned(),
        outline: Vec::new(),
        start: None,
    })
}

fn fault(rule: &str, path: &str, given: &str, wanted: &str) -> Box<Problem> {
    Problem::new(Severity::Error, rule, path, given, wanted).into()
}

/// JSON as strangers write it: perhaps with a byte order mark.
fn parse(bytes: &[u8]) -> Result<Json, serde_json::Error> {
    serde_json::from_slice(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))
}

fn content<R: Read + Seek>(archive: &mut Archive<R>) -> Result<Json, Box<Problem>> {
    const PATH: &str = "content/content.json";
    match archive.read(PATH, MAX_CONTENT_BYTES) {
        Ok(bytes) => {
            parse(&bytes).map_err(|cause| fault("h5p-no-content", PATH, &cause.to_string(), ""))
        }
        Err(ArchiveError::Missing(_)) => Err(fault("h5p-no-content", PATH, "", "")),
        Err(cause) => Err(super::refused(&cause)),
    }
}

fn head<R: Read + Seek>(archive: &mut Archive<R>) -> Result<Map<String, Json>, Box<Problem>> {
    let bytes = archive
        .read("h5p.json", MAX_HEAD_BYTES)
        .map_err(|cause| super::refused(&cause))?;
    match parse(&bytes) {
        Ok(Json::Object(head)) => Ok(head),
        Ok(_) => Err(fault("h5p-not-json", "h5p.json", "", "")),
        Err(cause) => Err(fault("h5p-not-json", "h5p.json", &cause.to_string(), "")),
    }
}

/// Only files of known kinds; what begins with `.` or `_` is nobody's (platforms skip it).
fn extensions<R: Read + Seek>(archive: &Archive<R>) -> Result<(), Box<Problem>> {
    for entry in archive.entries().iter().filter(|entry| !entry.folder) {
        if entry
            .path
            .split('/')
            .any(|name| name.starts_with(['.', '_']))
        {
            continue;
        }
        let end = entry.path.rsplit_once('.').map_or("", |(_, end)| end);
        let end = end.to_ascii_lowercase();
        let among = |list: &str| list.split(' ').any(|known| known == end);
        let content = entry.path.starts_with("content/");
        if !among(CONTENT) && (content || !among(LIBRARY)) {
            return Err(fault("h5p-extension", "", &entry.path, ""));
        }
    }
    Ok(())
}

/// `H5P.InteractiveVideo`: letters, digits, `_`, `.`, `$`.
fn main_library(head: &Map<String, Json>) -> Result<String, Box<Problem>> {
    let main = head.get("mainLibrary").and_then(Json::as_str);
    let main = main.unwrap_or_default();
    let mut chars = main.chars();
    let first = |c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '$');
    let later = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '$' | '-');
    let good = chars.next().is_some_and(first) && chars.all(later) && main.len() <= 255;
    match good {
        true => Ok(main.to_owned()),
        false => Err(fault(
            "h5p-no-library",
            "mainLibrary",
            main,
            "H5P.TrueFalse",
        )),
    }
}

/// The other members that each `h5p.json` must have, in the form that platforms want.
fn required(draft: &mut Draft, head: &Map<String, Json>, main: &str) {
    let text = |name: &str| head.get(name).and_then(Json::as_str).unwrap_or_default();
    let title = text("title").trim();
    if title.is_empty() || title.chars().count() > 255 {
        draft.error("h5p-field", "title", title, "");
    }
    let language = text("language");
    let tag = |c: char| c.is_ascii_alphabetic() || c == '-';
    if language.is_empty() || language.len() > 10 || !language.chars().all(tag) {
        draft.error("h5p-field", "language", language, "fr");
    }
    let embeds = match head.get("embedTypes") {
        Some(Json::Array(list)) => {
            let known = |one: &Json| matches!(one.as_str(), Some("div" | "iframe"));
            !list.is_empty() && list.iter().all(known)
        }
        Some(Json::String(text)) => !text.is_empty(),
        _ => false,
    };
    if !embeds {
        draft.error("h5p-field", "embedTypes", "", "div, iframe");
    }
    let list = head.get("preloadedDependencies").and_then(Json::as_array);
    let Some(list) = list else {
        draft.error("h5p-field", "preloadedDependencies", "", "");
        return;
    };
    let number = |value: &Json| match value {
        Json::Number(number) => number.as_u64().is_some(),
        Json::String(text) => !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()),
        _ => false,
    };
    for one in list {
        let named = one["machineName"]
            .as_str()
            .is_some_and(|name| !name.is_empty());
        if !named || !number(&one["majorVersion"]) || !number(&one["minorVersion"]) {
            draft.error("h5p-field", "preloadedDependencies", &one.to_string(), "");
            return;
        }
    }
    if !list.iter().any(|one| one["machineName"] == main) {
        draft.warn("h5p-field", "preloadedDependencies", main, main);
    }
}

/// The version of the main library, as it is declared.
fn library_version(head: &Map<String, Json>, main: &str) -> String {
    let list = head.get("preloadedDependencies").and_then(Json::as_array);
    let found = list.and_then(|list| list.iter().find(|one| one["machineName"] == main));
    let part = |name: &str| {
        found.map_or(String::new(), |one| match &one[name] {
            Json::String(text) => text.chars().take(8).collect(),
            Json::Number(number) => number.to_string(),
            _ => String::new(),
        })
    };
    let (major, minor) = (part("majorVersion"), part("minorVersion"));
    match major.is_empty() || minor.is_empty() {
        true => String::new(),
        false => format!("{major}.{minor}"),
    }
}

/// The language of content and texts; `und` is none.
fn language(draft: &mut Draft, head: &Map<String, Json>) -> Option<String> {
    for name in ["language", "defaultLanguage"] {
        let written = head.get(name).and_then(Json::as_str).unwrap_or_default();
        if written.trim().is_empty() || written.eq_ignore_ascii_case("und") {
            continue;
        }
        if let Some(tag) = draft.language(written, name) {
            let value = draft.value(tag.clone(), name);
            draft.push(|r| &mut r.language, value);
            return Some(tag);
        }
    }
    None
}

/// A person with the role that H5P gives them: Author, Editor, Originator, Licensee.
fn person(draft: &mut Draft, name: &str, role: &str, date: Option<String>, path: &str) {
    let Some(name) = draft.fit(name, Room::Line, path) else {
        return;
    };
    let field: fn(&mut Record) -> &mut Vec<Value<Creator>>;
    let role = match role.trim().to_ascii_lowercase().as_str() {
        "" | "author" => {
            field = |r| &mut r.creators;
            None
        }
        other => {
            field = |r| &mut r.contributors;
            Some(match other {
                "editor" => "editor",
                "originator" => "initiator",
                _ => "contributor",
            })
        }
    };
    let person = Creator {
        name,
        role: role.map(str::to_owned),
        date,
        ..Creator::default()
    };
    let value = draft.value(person, path);
    draft.push(field, value);
}

fn people(draft: &mut Draft, head: &Map<String, Json>) {
    // A list of objects; some tools write names alone.
    let authors = match head.get("authors") {
        Some(Json::Array(list)) => list.as_slice(),
        Some(Json::Null) | None => &[],
        Some(one) => std::slice::from_ref(one),
    };
    for (at, author) in authors.iter().take(MAX_VALUES).enumerate() {
        let path = format!("authors[{at}]");
        let name = author.as_str().or(author["name"].as_str());
        let role = author["role"].as_str().unwrap_or_default();
        match name.filter(|name| !name.trim().is_empty()) {
            Some(name) => person(draft, name, role, None, &path),
            None => draft.error("person-without-name", &path, &author.to_string(), ""),
        }
    }
    // Before 2018 there was one name.
    if let Some(name) = head.get("author").and_then(Json::as_str) {
        person(draft, name, "", None, "author");
    }
    let changes = head.get("changes").and_then(Json::as_array);
    for (at, change) in changes.into_iter().flatten().take(MAX_VALUES).enumerate() {
        let path = format!("changes[{at}]");
        let date = change["date"].as_str().and_then(day);
        let name = change["author"].as_str().unwrap_or_default();
        if !name.trim().is_empty() {
            person(draft, name, "contributor", date, &path);
        }
    }
}

/// The licence and what is said beside it.
fn rights(draft: &mut Draft, head: &Map<String, Json>, lang: Option<&str>) {
    let said = |name: &str| head.get(name).and_then(Json::as_str).unwrap_or_default();
    let number = match head.get("licenseVersion") {
        Some(Json::Number(number)) if number.is_u64() => format!("{number}.0"),
        Some(Json::Number(number)) => number.to_string(),
        _ => said("licenseVersion").trim().to_owned(),
    };
    let (code, version) = (said("license").trim(), number.as_str());
    let path = "license";
    let words = |draft: &mut Draft, text: &str| {
        let field: crate::crosswalk::Texts = |r| &mut r.licence_statement;
        draft.text(field, text, Room::Prose, Some("en"), path);
    };
    match meant(code, version) {
        Meant::Nothing => {}
        Meant::Licence(id) => {
            if let Some(licence) = draft.licence(&id, path) {
                draft.licence_is(&licence, None, path);
            }
        }
        Meant::Undisclosed => draft.warn("licence-undisclosed", path, code, ""),
        Meant::Reserved => {
            draft.warn("licence-reserved", path, code, "");
            words(draft, "All rights reserved");
        }
        Meant::NoVersion(name) => {
            draft.warn("licence-no-version", path, &name, "4.0");
            words(draft, &name);
        }
        Meant::Unknown => {
            draft.warn("licence-unknown", path, code, "CC BY-SA");
            words(draft, [code, version].join(" ").trim());
        }
    }
    let extras = said("licenseExtras");
    if !extras.trim().is_empty() {
        draft.said(extras, "licenseExtras");
        let field: crate::crosswalk::Texts = |r| &mut r.licence_statement;
        draft.text(field, extras, Room::Prose, lang, "licenseExtras");
    }
}

/// `12-01-25 10:00:00`: day, month, year.
fn day(written: &str) -> Option<String> {
    let day = written.split_whitespace().next()?;
    let parts: Vec<&str> = day.split('-').collect();
    if let [d, m, y] = parts[..]
        && [d, m, y].iter().all(|part| part.len() == 2)
    {
        return draft::date(&format!("20{y}-{m}-{d}"));
    }
    draft::date(day)
}

/// The years of the copyright, and the day of the last change.
fn dates(draft: &mut Draft, head: &Map<String, Json>) {
    let year = |draft: &mut Draft, names: [&'static str; 2]| {
        names.into_iter().find_map(|name| {
            let written = match head.get(name)? {
                Json::Number(number) => number.to_string(),
                Json::String(text) => text.trim().to_owned(),
                _ => return None,
            };
            let year = (written.len() == 4)
                .then(|| draft::date(&written))
                .flatten();
            if year.is_none() && !written.is_empty() {
                draft.warn("not-a-date", name, &written, "");
                draft.keep(name, &written);
            }
            year.map(|year| (year, name))
        })
    };
    if let Some((year, path)) = year(draft, ["yearFrom", "yearsFrom"]) {
        let value = draft.value(year, path);
        draft.push(|r| &mut r.created, value);
    }
    let changes = head.get("changes").and_then(Json::as_array);
    let days = changes.into_iter().flatten().take(MAX_VALUES);
    let last = days
        .filter_map(|change| day(change["date"].as_str()?))
        .max();
    let until = year(draft, ["yearTo", "yearsTo"]);
    // The day of the last change says more than a year, and may not say the same.
    if let (Some(last), Some((year, path))) = (&last, &until)
        && !last.starts_with(year.as_str())
    {
        draft.keep(path, year);
    }
    let modified = last.map(|day| (day, "changes")).or(until);
    if let Some((date, path)) = modified {
        let value = draft.value(date, path);
        draft.push(|r| &mut r.modified, value);
    }
}

/// Pieces with licences of their own: pictures, videos and what an editor took from elsewhere.
fn pieces(draft: &mut Draft, content: &Json) {
    let mut found = (0, Vec::new());
    collect(content, &mut found);
    let (count, mut codes) = found;
    codes.sort();
    if count > 0 {
        let (count, codes) = (count.to_string(), codes.join(", "));
        draft.info("h5p-parts", "content/content.json", &count, &codes);
    }
}

/// As deep as the JSON, which has its limit.
fn collect(value: &Json, found: &mut (usize, Vec<String>)) {
    match value {
        Json::Array(list) => list.iter().for_each(|one| collect(one, found)),
        Json::Object(map) => {
            for (name, one) in map {
                let code = one["license"].as_str().unwrap_or_default().trim();
                let stated = matches!(&**name, "metadata" | "copyright");
                if stated && !code.is_empty() && code != "U" {
                    let version = match &one["licenseVersion"] {
                        Json::Null => &one["version"],
                        version => version,
                    };
                    let version = version.as_str().unwrap_or_default();
                    let full = format!("{code} {version}").trim().to_owned();
                    found.0 += 1;
                    if found.1.len() < 20 && !found.1.contains(&full) {
                        found.1.push(full);
                    }
                }
                collect(one, found);
            }
        }
        _ => {}
    }
}

/// What the model has no field for is kept by its name.
fn rest(draft: &mut Draft, head: &Map<String, Json>, main: &str) {
    let mut kept = Map::new();
    kept.insert("mainLibrary".into(), main.into());
    // A second language says what the texts are translated from.
    let original = draft
        .record
        .language
        .iter()
        .all(|tag| tag.path != "defaultLanguage");
    let unread = |name: &&String| {
        !READ.split_whitespace().any(|read| read == **name)
            && (*name != "defaultLanguage" || original)
    };
    for name in head.keys().filter(unread).take(MAX_VALUES) {
        let written = match &head[name] {
            Json::Null => continue,
            Json::String(text) => text.clone(),
            other => other.to_string(),
        };
        let name = text::fit(name, Room::Line).text;
        let line = text::fit(&written, Room::Line).text;
        if !line.is_empty() {
            draft.info("kept-aside", &name, &line, "");
            kept.insert(name, line.into());
        }
    }
    let changes = head.get("changes").and_then(Json::as_array);
    let logs: Vec<Json> = changes
        .into_iter()
        .flatten()
        .take(MAX_VALUES)
        .filter_map(|change| {
            let log = text::fit(change["log"].as_str()?, Room::Line).text;
            let date = change["date"].as_str().and_then(day);
            (!log.is_empty()).then(|| json!({"date": date, "log": log}))
        })
        .collect();
    if !logs.is_empty() {
        kept.insert("changes".into(), logs.into());
    }
    let aside = draft.record.extra.entry("h5p");
    if let Some(aside) = aside.or_insert_with(|| json!({})).as_object_mut() {
        aside.extend(kept);
    }
}
