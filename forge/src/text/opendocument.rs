//! OpenDocument 1.0 to 1.4 (ISO 26300): text, presentations, tables, drawings.

use std::io::Cursor;

use super::Unread;
use super::document::{Document, MAX_TEXT_BYTES, Properties};
use super::packages::{Zip, first_picture, here, part, standing, tree_part};
use crate::crosswalk::xml::{Scan, Tag};
use crate::package::archive::{Archive, Limits};
use crate::resource::html::push_text;

const DC: &str = "http://purl.org/dc/elements/1.1/";
const META: &str = "urn:oasis:names:tc:opendocument:xmlns:meta:1.0";

pub(super) fn read(bytes: &[u8]) -> Result<Document, Unread> {
    let mut zip = Archive::open(Cursor::new(bytes), Limits::default())?;
    let content = part(&mut zip, "content.xml")?.ok_or(Unread::Damaged("an OpenDocument file"))?;
    if part(&mut zip, "META-INF/manifest.xml")?.is_some_and(|m| m.contains("encryption-data")) {
        return Err(Unread::Encrypted);
    }
    let mut document = text(&content)?;
    document.properties = properties(&mut zip);
    // The page that the program drew, else what is shown first.
    let shown = standing(&content, "image", &["tracked-changes"]);
    let shown = shown.filter_map(|inside| attribute(inside, "xlink:href"));
    let shown = shown.map(|path| path.trim_start_matches("./"));
    let drawn = "Thumbnails/thumbnail.png";
    let here = here(&zip, std::iter::once(drawn).chain(shown));
    document.picture = first_picture(&mut zip, &here);
    Ok(document)
}

/// The text, page by page where the document says where they begin.
fn text(content: &str) -> Result<Document, Unread> {
    let mut document = Document::default();
    let paged = content.contains("<draw:page ") || content.contains("<text:soft-page-break/>");
    let mut page = 1;
    let mut out = String::new();
    let mut at = 0;
    // What was deleted, and where it stands, belongs to nobody's text.
    let mut deleted = 0u32;
    for tag in Scan::new(content) {
        let (name, range, end, empty, inside) =
            match tag.map_err(|_| Unread::Damaged("an OpenDocument file"))? {
                Tag::Start {
                    name,
                    range,
                    empty,
                    inside,
                    ..
                } => (name, range, false, empty, inside),
                Tag::End { name, range } => (name, range, true, false, ""),
            };
        if deleted == 0 {
            push_text(&content[at..range.start].replace('\n', " "), &mut out);
        }
        at = range.end;
        match (name, end) {
            ("text:tracked-changes", false) if !empty => deleted += 1,
            ("text:tracked-changes", true) => deleted = deleted.saturating_sub(1),
            ("text:p" | "text:h" | "table:table-row" | "draw:frame", true) => out.push('\n'),
            ("table:table-cell" | "text:s" | "text:tab", _) => out.push(' '),
            ("text:line-break", _) => out.push('\n'),
            ("draw:page", true) | ("text:soft-page-break", _) => {
                let text = std::mem::take(&mut out);
                document.add(paged.then_some(page), text);
                page += 1;
            }
            ("table:table", false) => {
                if let Some(name) = attribute(inside, "table:name") {
                    push_text(name, &mut out);
                    out.push('\n');
                }
            }
            _ => {}
        }
        if out.len() + document.len() > 2 * MAX_TEXT_BYTES {
            break;
        }
    }
    document.add(paged.then_some(page), out);
    Ok(document)
}

pub(super) fn attribute<'a>(inside: &'a str, name: &str) -> Option<&'a str> {
    ['"', '\''].into_iter().find_map(|quote| {
        let start = format!("{name}={quote}");
        let at = inside.find(&start)? + start.len();
        inside[at..].split(quote).next()
    })
}

fn properties(zip: &mut Zip<'_>) -> Properties {
    tree_part(zip, "meta.xml", |tree| {
        let all = |space: &str, name: &str| -> Vec<String> {
            let wanted = |node: &roxmltree::Node<'_, '_>| {
                node.tag_name().namespace() == Some(space) && node.tag_name().name() == name
            };
            tree.descendants()
                .filter(wanted)
                .filter_map(|node| node.text().map(str::to_owned))
                .collect()
        };
        let mut creators = all(META, "initial-creator");
        creators.extend(all(DC, "creator"));
        Properties {
            title: all(DC, "title").into_iter().next(),
            creators,
            language: all(DC, "language").into_iter().next(),
            licence: all(DC, "rights").into_iter().next(),
        }
    })
    .unwrap_or_default()
}
