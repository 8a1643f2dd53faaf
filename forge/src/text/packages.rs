//! What packed documents have in common; the text of H5P, Common Cartridge, SCORM and Moodle backups.

use std::io::Cursor;

use roxmltree::Node;
use serde_json::Value;

use super::Unread;
use super::document::{Document, Illustration, MAX_TEXT_BYTES, Properties};
use super::picture::{MAX_PICTURE_BYTES, Picture};
use crate::crosswalk::xml::{self, Scan, Tag, local};
use crate::package::archive::{Archive, ArchiveError, Limits};
use crate::package::moodle::words;
use crate::resource::html::to_text;
use crate::resource::text::decode;

/// The most bytes of one part that are read: the text of a long book in OpenDocument's words.
const MAX_PART_BYTES: u64 = 48 << 20;
/// The most pictures of a part that are tried.
pub(super) const MAX_PICTURES: usize = 5;
/// The most names of pictures that are looked for, so that a part with millions of them ends.
const MAX_NAMED: usize = 1_000;

/// A packed document in memory.
pub(super) type Zip<'a> = Archive<Cursor<&'a [u8]>>;

/// A part as text; nothing when it is not there.
pub(super) fn part(zip: &mut Zip<'_>, path: &str) -> Result<Option<String>, Unread> {
    match zip.read(path, MAX_PART_BYTES) {
        Ok(bytes) => Ok(Some(decode(&bytes))),
        Err(ArchiveError::Missing(_)) => Ok(None),
        Err(ArchiveError::TooLarge { .. }) => Err(Unread::TooLarge),
        Err(cause) => Err(cause.into()),
    }
}

/// What is found in a small part that is XML; nothing when it is missing or not well formed.
pub(super) fn tree_part<T>(
    zip: &mut Zip<'_>,
    path: &str,
    look: impl FnOnce(Node<'_, '_>) -> T,
) -> Option<T> {
    let bytes = zip.read(path, xml::MAX_BYTES as u64).ok()?;
    let decoded = xml::decode(&bytes).ok()?;
    let tree = xml::parse(&decoded.text).ok()?;
    Some(look(tree.root()))
}

/// A part that is a picture.
pub(super) fn picture_part(zip: &mut Zip<'_>, path: &str) -> Option<Picture> {
    Picture::new(zip.read(path, MAX_PICTURE_BYTES as u64).ok()?)
}

/// The first of these parts that is a picture of a fair size.
pub(super) fn first_picture(zip: &mut Zip<'_>, paths: &[String]) -> Option<Illustration> {
    let mut paths = paths.iter().take(2 * MAX_PICTURES);
    let found = paths.find_map(|path| picture_part(zip, path));
    found.map(Illustration::Inside)
}

/// The first of these parts that are there, each once: as many as are tried.
pub(super) fn here<'a>(zip: &Zip<'_>, paths: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for path in paths.take(MAX_NAMED) {
        if found.len() == MAX_PICTURES {
            break;
        }
        if found.iter().all(|known| known != path) && zip.find(path).is_some() {
            found.push(path.to_owned());
        }
    }
    found
}

/// The attributes of the elements of a name, but for those inside elements of other names: what was deleted.
pub(super) fn standing<'a>(
    xml: &'a str,
    wanted: &'static str,
    deleted: &'static [&'static str],
) -> impl Iterator<Item = &'a str> {
    let mut depth = 0_usize;
    let tags = Scan::new(xml).map_while(Result::ok);
    tags.filter_map(move |tag| match tag {
        Tag::Start {
            name,
            empty,
            inside,
            ..
        } => {
            let name = local(name);
            if deleted.contains(&name) {
                depth += usize::from(!empty);
            }
            (depth == 0 && name == wanted).then_some(inside)
        }
        Tag::End { name, .. } => {
            if deleted.contains(&local(name)) {
                depth = depth.saturating_sub(1);
            }
            None
        }
    })
}

/// H5P, IMS packages, Moodle backups; other archives have no text of their own.
pub(super) fn read(bytes: &[u8]) -> Result<Document, Unread> {
    let mut zip = Archive::open(Cursor::new(bytes), Limits::default())?;
    if zip.find("h5p.json").is_some() {
        return h5p(&mut zip);
    }
    if zip.find_in_any_case("imsmanifest.xml").is_some() {
        return Ok(ims(&mut zip));
    }
    if zip.find("moodle_backup.xml").is_some() {
        return moodle(&mut zip);
    }
    if zip.find("META-INF/container.xml").is_some() {
        return super::epub::read(bytes);
    }
    Ok(Document::default())
}

/// What teachers wrote: the course, its sections, pages, chapters and questions. Never what others did in them.
fn moodle(zip: &mut Zip<'_>) -> Result<Document, Unread> {
    let mut document = Document::default();
    zip.visit(|entry, body| {
        if document.len() <= MAX_TEXT_BYTES
            && let Some(words) = words(&entry.path, body)
        {
            document.add(None, words);
        }
        Ok::<(), ArchiveError>(())
    })?;
    Ok(document)
}

fn h5p(zip: &mut Zip<'_>) -> Result<Document, Unread> {
    const H5P: Unread = Unread::Damaged("an H5P package");
    let about = part(zip, "h5p.json")?.ok_or(H5P)?;
    let content = part(zip, "content/content.json")?.ok_or(H5P)?;
    let about: Value = serde_json::from_str(&about).map_err(|_| H5P)?;
    let content: Value = serde_json::from_str(&content).map_err(|_| H5P)?;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let authors = about["authors"].as_array().into_iter().flatten();
    let licence = text(&about["license"])
        .filter(|licence| licence != "U")
        .map(|licence| {
            let version = about["licenseVersion"].as_str().unwrap_or_default();
            format!("{licence} {version}").trim().to_owned()
        });
    let mut out = String::new();
    strings(&content, &mut out);
    let mut document = Document {
        properties: Properties {
            title: text(&about["title"]),
            creators: authors.filter_map(|author| text(&author["name"])).collect(),
            language: text(&about["language"]).filter(|language| language != "und"),
            licence,
        },
        ..Document::of(out)
    };
    let pictures: Vec<String> = zip
        .entries()
        .iter()
        .filter(|entry| entry.path.starts_with("content/images/"))
        .map(|entry| entry.path.clone())
        .take(MAX_PICTURES)
        .collect();
    document.picture = first_picture(zip, &pictures);
    Ok(document)
}

/// The strings that people read; what programs read has telling names.
fn strings(value: &Value, out: &mut String) {
    const SILENT: [&str; 14] = [
        "library",
        "subContentId",
        "mime",
        "path",
        "contentType",
        "license",
        "licenseVersion",
        "id",
        "uuid",
        "url",
        "codecs",
        "yearFrom",
        "yearTo",
        "color",
    ];
    // serde_json refuses what is nested deeper than 128, so this cannot go deep.
    match value {
        Value::String(text) if out.len() <= 2 * MAX_TEXT_BYTES => {
            out.push_str(&to_text(text));
            out.push('\n');
        }
        Value::Array(list) => list.iter().for_each(|one| strings(one, out)),
        Value::Object(map) => map
            .iter()
            .filter(|(key, _)| !SILENT.contains(&key.as_str()))
            .for_each(|(_, one)| strings(one, out)),
        _ => {}
    }
}

/// The titles of the manifest, and the pages.
fn ims(zip: &mut Zip<'_>) -> Document {
    let mut document = Document::default();
    let manifest = zip
        .find_in_any_case("imsmanifest.xml")
        .map(|entry| entry.path.clone());
    let titles = manifest.and_then(|path| {
        tree_part(zip, &path, |tree| {
            let titles = tree
                .descendants()
                .filter(|node| node.tag_name().name() == "title");
            let texts = titles.flat_map(|title| {
                title
                    .descendants()
                    .filter(Node::is_text)
                    .collect::<Vec<_>>()
            });
            texts
                .filter_map(|node| node.text())
                .collect::<Vec<_>>()
                .join("\n")
        })
    });
    document.add(None, titles.unwrap_or_default());
    let pages: Vec<String> = zip
        .entries()
        .iter()
        .filter(|entry| {
            let name = entry.path.to_ascii_lowercase();
            [".html", ".htm", ".xhtml"]
                .iter()
                .any(|end| name.ends_with(end))
        })
        .map(|entry| entry.path.clone())
        .collect();
    for path in pages {
        // A page that cannot be read is a page less.
        if let Ok(Some(html)) = part(zip, &path) {
            document.add(None, to_text(&html));
        }
        if document.len() > MAX_TEXT_BYTES {
            break;
        }
    }
    document
}
