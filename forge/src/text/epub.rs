//! EPUB 2 and 3: the chapters in reading order, the cover.

use std::collections::HashMap;
use std::io::Cursor;

use roxmltree::Node;

use super::Unread;
use super::document::{Document, Illustration, MAX_TEXT_BYTES, Properties};
use super::markup::first_picture;
use super::packages::{part, picture_part, tree_part};
use crate::package::archive::{Archive, Limits};
use crate::package::path::join;
use crate::resource::html::to_text;
use crate::resource::text::cut;

const DC: &str = "http://purl.org/dc/elements/1.1/";
/// The most chapters.
const MAX_CHAPTERS: usize = 2_000;
/// How far into a chapter a picture is looked for, in bytes.
const MAX_HEAD_BYTES: usize = 64 << 10;
const EPUB: Unread = Unread::Damaged("an EPUB");

/// What the package document says.
struct Book {
    properties: Properties,
    chapters: Vec<String>,
    cover: Option<String>,
}

pub(super) fn read(bytes: &[u8]) -> Result<Document, Unread> {
    let mut zip = Archive::open(Cursor::new(bytes), Limits::default())?;
    if part(&mut zip, "META-INF/rights.xml")?.is_some() {
        return Err(Unread::Encrypted);
    }
    let opf = tree_part(&mut zip, "META-INF/container.xml", |tree| {
        let root = tree
            .descendants()
            .find(|node| node.tag_name().name() == "rootfile")?;
        root.attribute("full-path").map(str::to_owned)
    })
    .flatten()
    .ok_or(EPUB)?;
    let folder = opf
        .rsplit_once('/')
        .map_or("", |(folder, _)| folder)
        .to_owned();
    let book = tree_part(&mut zip, &opf, |tree| book(tree, &folder)).ok_or(EPUB)?;
    let mut document = Document {
        properties: book.properties,
        ..Document::default()
    };
    let cover = book.cover.and_then(|path| picture_part(&mut zip, &path));
    document.picture = cover.map(Illustration::Inside);
    for chapter in book.chapters {
        if let Some(html) = part(&mut zip, &chapter)? {
            document.add(None, to_text(&html));
            if document.picture.is_none() {
                document.picture = match first_picture(cut(&html, MAX_HEAD_BYTES)) {
                    Some(Illustration::Beside(path)) => {
                        let folder = chapter.rsplit_once('/').map_or("", |(folder, _)| folder);
                        let path = join(folder, &path);
                        let found = path.and_then(|path| picture_part(&mut zip, &path));
                        found.map(Illustration::Inside)
                    }
                    inside => inside,
                };
            }
        }
        if document.len() > MAX_TEXT_BYTES {
            break;
        }
    }
    Ok(document)
}

fn book(tree: Node<'_, '_>, folder: &str) -> Book {
    let named = |name: &'static str| {
        tree.descendants()
            .filter(move |node| node.tag_name().name() == name)
    };
    let dc = |name: &'static str| {
        named(name)
            .filter(|node| node.tag_name().namespace() == Some(DC))
            .filter_map(|node| node.text().map(str::to_owned))
            .collect::<Vec<_>>()
    };
    let items: HashMap<&str, Node<'_, '_>> = named("item")
        .filter_map(|item| Some((item.attribute("id")?, item)))
        .collect();
    let path = |item: &Node<'_, '_>| join(folder, item.attribute("href")?);
    let chapters = named("itemref")
        .filter_map(|chapter| path(items.get(chapter.attribute("idref")?)?))
        .take(MAX_CHAPTERS)
        .collect();
    let has = |item: &&Node<'_, '_>, property: &str| {
        item.attribute("properties")
            .is_some_and(|all| all.split(' ').any(|one| one == property))
    };
    let old = named("meta")
        .find(|meta| meta.attribute("name") == Some("cover"))
        .and_then(|meta| items.get(meta.attribute("content")?));
    let cover = items
        .values()
        .find(|item| has(item, "cover-image"))
        .or(old)
        .and_then(path);
    Book {
        properties: Properties {
            title: dc("title").into_iter().next(),
            creators: dc("creator"),
            language: dc("language").into_iter().next(),
            licence: dc("rights").into_iter().next(),
        },
        chapters,
        cover,
    }
}
