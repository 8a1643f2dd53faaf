//! EPUB 2 and 3: the package document's metadata, its reading order, its table of contents.
//!
//! What EPUB says in Dublin Core and its refinements is taken field by field, as are the accessibility metadata of
//! schema.org that it has adopted; what refines nothing that the model has stays in the book.

mod accessibility;
mod contents;
mod metadata;

use std::collections::BTreeMap;
use std::io::{Read, Seek};

use roxmltree::Node;

use self::metadata::Reader;
use super::archive::Archive;
use super::path::{Base, Files, Found, Reference, join};
use super::{Package, Part, Target};
use crate::crosswalk::format::Format;
use crate::crosswalk::{Draft, Origin, xml};
use crate::problem::{Problem, Severity};

/// How many missing files are named one by one.
const MAX_MISSING_NAMED: usize = 20;
const MEDIA_TYPE: &str = "application/epub+zip";

/// A file of the book.
#[derive(Clone, Debug)]
struct Item {
    /// Its path, where it is in the book.
    path: Option<String>,
    media_type: String,
    properties: String,
}

/// Reads a book, whose container was found.
pub(super) fn read<R: Read + Seek>(
    archive: &mut Archive<R>,
    origin: &Origin,
) -> Result<Package, Box<Problem>> {
    let files = Files::of(archive);
    let mut draft = Draft::new("epub", origin);
    mimetype(&mut draft, archive);
    let opf = package_document(archive, &files)?;
    if encrypted(archive) {
        draft.warn("epub-encrypted", "META-INF/encryption.xml", "", "");
    }
    let bytes = super::head(archive, &opf)?;
    let text = plain(&bytes)?;
    let tree = xml::parse(&text).map_err(|e| e.problem())?;
    let root = tree.root_element();
    if !xml::named(root, "package") {
        let given = root.tag_name().name();
        return Err(
            Problem::new(Severity::Error, "not-this-format", &opf, given, "package").into(),
        );
    }
    let version = root.attribute("version").unwrap_or_default().trim();
    let base = Base::of(&opf);
    let items = items(&mut draft, root, &base, &files)?;
    let spine = spine(&mut draft, root, &items);
    let mut reader = Reader::new(draft, root);
    reader.metadata();
    let cover = cover(root, &items);
    let (mut draft, id) = reader.finish(cover.as_deref());
    let outline = contents::outline(archive, root, &items, &files, &mut draft);
    let outline = match outline.is_empty() {
        true => spine.iter().map(|path| chapter(path)).collect(),
        false => outline,
    };
    let mut reading = draft.finish(id);
    super::complete(&mut reading, "package.metadata");
    Ok(Package {
        format: Format::Epub,
        reading,
        version: version.chars().take(10).collect(),
        outline,
        start: spine.into_iter().next(),
    })
}

/// A chapter that no table of contents names.
fn chapter(path: &str) -> Part {
    let name = path.rsplit('/').next().unwrap_or(path);
    Part {
        title: name.to_owned(),
        target: Some(Target::File {
            path: path.to_owned(),
            suffix: String::new(),
        }),
        depth: 0,
    }
}

/// The text of an XML file of a book. A document type without declarations of its own is left out: EPUB 2 asks for it, and
/// nothing of it is needed.
fn plain(bytes: &[u8]) -> Result<String, Box<Problem>> {
    let text = xml::decode(bytes).map_err(|e| e.problem())?.text;
    let Some(at) = text.find("<!DOCTYPE").or_else(|| text.find("<!doctype")) else {
        return Ok(text);
    };
    // After the first element it is no document type, and with brackets it declares something.
    let before = text[..at].trim();
    let prolog = before.is_empty() || before.ends_with("?>") || before.ends_with("-->");
    let end = text[at..].find('>').map(|end| at + end + 1);
    match end {
        Some(end) if prolog && !text[at..end].contains('[') => {
            Ok(format!("{}{}", &text[..at], &text[end..]))
        }
        _ => Ok(text),
    }
}

/// OCF 4.3: the first file says what it is.
fn mimetype<R: Read + Seek>(draft: &mut Draft, archive: &mut Archive<R>) {
    let first = archive.entries().first().map(|entry| entry.path.clone());
    let said = archive.read("mimetype", 100).unwrap_or_default();
    let said = String::from_utf8_lossy(&said).into_owned();
    if said != MEDIA_TYPE || first.as_deref() != Some("mimetype") {
        draft.warn("epub-mimetype", "mimetype", &said, MEDIA_TYPE);
    }
}

/// The path of the package document that the container names.
fn package_document<R: Read + Seek>(
    archive: &mut Archive<R>,
    files: &Files,
) -> Result<String, Box<Problem>> {
    const PATH: &str = "META-INF/container.xml";
    let bytes = super::head(archive, PATH)?;
    let text = plain(&bytes)?;
    let tree = xml::parse(&text).map_err(|e| e.problem())?;
    let none = || Problem::new(Severity::Error, "epub-container", PATH, "", "");
    let mut roots = tree
        .descendants()
        .filter(|node| xml::named(*node, "rootfile"));
    let written = roots.find_map(|node| {
        let media = node.attribute("media-type").unwrap_or_default().trim();
        let book = media.is_empty() || media == "application/oebps-package+xml";
        book.then(|| node.attribute("full-path")).flatten()
    });
    let written = written.ok_or_else(none)?;
    let path = join("", written)
        .ok_or_else(|| Problem::new(Severity::Error, "package-href", PATH, written, ""))?;
    match files.find(&path, Some(written)) {
        Found::There(path) | Found::Alike(path) => Ok(path),
        Found::Missing => Err(none().into()),
    }
}

/// Whether more than fonts is encrypted. What hides fonts hides nothing of the text.
fn encrypted<R: Read + Seek>(archive: &mut Archive<R>) -> bool {
    if archive.find("META-INF/rights.xml").is_some() {
        return true;
    }
    let Ok(bytes) = archive.read("META-INF/encryption.xml", xml::MAX_BYTES as u64) else {
        return false;
    };
    let Ok(text) = plain(&bytes) else {
        return true;
    };
    let Ok(tree) = xml::parse(&text) else {
        return true;
    };
    const FONTS: [&str; 2] = [
        "http://www.idpf.org/2008/embedding",
        "http://ns.adobe.com/pdf/enc#RC",
    ];
    let mut data = tree
        .descendants()
        .filter(|node| xml::named(*node, "EncryptedData"));
    data.any(|data| {
        let method = xml::child(data, "EncryptionMethod");
        let algorithm = method.and_then(|method| method.attribute("Algorithm"));
        !algorithm.is_some_and(|algorithm| FONTS.contains(&algorithm))
    })
}

/// The files of the manifest by identifier, in an order that is always the same. The error refuses the book.
fn items(
    draft: &mut Draft,
    root: Node<'_, '_>,
    base: &Base,
    files: &Files,
) -> Result<BTreeMap<String, Item>, Box<Problem>> {
    let mut items = BTreeMap::new();
    let mut missing = 0;
    let manifest = xml::child(root, "manifest");
    for node in manifest.into_iter().flat_map(|m| xml::children(m, "item")) {
        let said = |name: &str| node.attribute(name).unwrap_or_default().trim();
        let id = said("id");
        let at = format!("manifest.item[{id}]");
        let mut path = None;
        match base.refer(said("href")) {
            _ if said("href").is_empty() => draft.error("package-href-empty", &at, "", ""),
            Ok(Reference::Address(_)) => {}
            Ok(Reference::File { path: p, raw, .. }) => match files.find(&p, raw.as_deref()) {
                Found::There(there) => path = Some(there),
                Found::Alike(there) => {
                    let href = said("href");
                    draft.warn("package-href-spelling", &at, href, &there);
                    path = Some(there);
                }
                Found::Missing => {
                    missing += 1;
                    if missing <= MAX_MISSING_NAMED {
                        draft.error("package-file-missing", &at, &p, "");
                    }
                }
            },
            Err(fault) if !fault.refuses() => draft.error("bad-address", &at, said("href"), ""),
            Err(_) => {
                let (rule, href) = ("package-href", said("href"));
                return Err(Problem::new(Severity::Error, rule, &at, href, "").into());
            }
        }
        let item = Item {
            path,
            media_type: said("media-type").to_ascii_lowercase(),
            properties: said("properties").to_owned(),
        };
        if items.insert(id.to_owned(), item).is_some() {
            draft.error("package-identifier-twice", &at, id, "");
        }
    }
    if missing > MAX_MISSING_NAMED {
        let more = (missing - MAX_MISSING_NAMED).to_string();
        draft.error("package-files-missing", "manifest", &more, "");
    }
    if items.is_empty() {
        draft.error("package-section", "manifest", "0", "item");
    }
    Ok(items)
}

/// The chapters in reading order: first those that are read on, then what stands beside them.
fn spine(draft: &mut Draft, root: Node<'_, '_>, items: &BTreeMap<String, Item>) -> Vec<String> {
    let mut linear = Vec::new();
    let mut beside = Vec::new();
    let mut told = 0;
    let spine = xml::child(root, "spine");
    for node in spine.into_iter().flat_map(|s| xml::children(s, "itemref")) {
        let id = node.attribute("idref").unwrap_or_default().trim();
        match items.get(id) {
            Some(item) => {
                let aside = node.attribute("linear") == Some("no");
                let list = if aside { &mut beside } else { &mut linear };
                list.extend(item.path.clone());
            }
            None => {
                told += 1;
                if told <= MAX_MISSING_NAMED {
                    draft.error("epub-spine", "spine.itemref", id, "");
                }
            }
        }
    }
    if spine.is_none_or(|spine| xml::child(spine, "itemref").is_none()) {
        draft.error("package-section", "spine", "0", "itemref");
    }
    linear.append(&mut beside);
    linear
}

/// The picture of the cover (EPUB 3: a property; EPUB 2: a `meta`).
fn cover(root: Node<'_, '_>, items: &BTreeMap<String, Item>) -> Option<String> {
    let has = |item: &&Item| item.properties.split(' ').any(|one| one == "cover-image");
    let picture = |item: &Item| {
        let shown = item.media_type.starts_with("image/");
        item.path.clone().filter(|_| shown)
    };
    if let Some(item) = items.values().find(has) {
        return picture(item);
    }
    let meta = root
        .descendants()
        .find(|node| xml::named(*node, "meta") && node.attribute("name") == Some("cover"))?;
    picture(items.get(meta.attribute("content")?)?)
}
