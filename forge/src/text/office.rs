//! Office Open XML (ISO 29500): docx, pptx, xlsx.

use std::collections::HashMap;
use std::io::Cursor;

use super::Unread;
use super::document::{Document, MAX_TEXT_BYTES, Properties};
use super::opendocument::attribute;
use super::packages::{MAX_PICTURES, Zip, first_picture, here, part, standing, tree_part};
use crate::crosswalk::xml::{Scan, Tag, local};
use crate::package::archive::{Archive, Limits};
use crate::package::path::join;
use crate::resource::html::push_text;

const DC: &str = "http://purl.org/dc/elements/1.1/";
/// The most slides.
const MAX_SLIDES: usize = 1_000;
const OFFICE: Unread = Unread::Damaged("an Office document");

pub(super) fn read(bytes: &[u8]) -> Result<Document, Unread> {
    // What a password protects is in another format altogether (MS-CFB).
    if bytes.starts_with(b"\xd0\xcf\x11\xe0") {
        return Err(Unread::Encrypted);
    }
    let mut zip = Archive::open(Cursor::new(bytes), Limits::default())?;
    let mut document = Document::default();
    // The page that the program drew, which few do, and then what is shown first.
    let mut shown: Vec<String> = ["jpeg", "png"]
        .map(|kind| format!("docProps/thumbnail.{kind}"))
        .into();
    if let Some(main) = part(&mut zip, "word/document.xml")? {
        word(&main, &mut document)?;
        shown.extend(pictures(&mut zip, "word/document.xml", &main));
        for notes in ["word/footnotes.xml", "word/endnotes.xml"] {
            if let Some(notes) = part(&mut zip, notes)? {
                document.add(None, runs(&notes)?);
            }
        }
    } else if let Some(main) = part(&mut zip, "ppt/presentation.xml")? {
        slides(&mut zip, &main, &mut document, &mut shown)?;
    } else if let Some(main) = part(&mut zip, "xl/workbook.xml")? {
        let names: Vec<&str> = starts(&main, "sheet")
            .filter_map(|inside| attribute(inside, "name"))
            .collect();
        let mut text = String::new();
        push_text(&names.join("\n"), &mut text);
        document.add(None, text);
        if let Some(strings) = part(&mut zip, "xl/sharedStrings.xml")? {
            document.add(None, runs(&strings)?);
        }
    } else {
        return Err(OFFICE);
    }
    document.properties = properties(&mut zip);
    document.picture = first_picture(&mut zip, &shown);
    Ok(document)
}

/// The paths of the first pictures that a part shows, but for deleted ones; none where its relations are damaged, which its words
/// do not need.
fn pictures(zip: &mut Zip<'_>, path: &str, xml: &str) -> Vec<String> {
    let targets = relations(zip, path).unwrap_or_default();
    let shown = standing(xml, "blip", &["del", "moveFrom"]);
    let shown = shown.filter_map(|inside| targets.get(attribute(inside, "r:embed")?));
    here(zip, shown.map(|(_, target)| target.as_str()))
}

/// The attributes of all elements of a name.
pub(super) fn starts<'a>(xml: &'a str, wanted: &'static str) -> impl Iterator<Item = &'a str> {
    Scan::new(xml)
        .map_while(Result::ok)
        .filter_map(move |tag| match tag {
            Tag::Start { name, inside, .. } if local(name) == wanted => Some(inside),
            _ => None,
        })
}

/// The text of a document, page by page where the program that saved it noted where they began.
fn word(main: &str, document: &mut Document) -> Result<(), Unread> {
    let marker = "<w:lastRenderedPageBreak/>";
    if !main.contains(marker) {
        document.add(None, runs(main)?);
        return Ok(());
    }
    let mut page = 0;
    let mut walk = Runs::default();
    for tag in Scan::new(main) {
        let tag = tag.map_err(|_| OFFICE)?;
        if matches!(
            &tag,
            Tag::Start {
                name: "w:lastRenderedPageBreak",
                ..
            }
        ) {
            page += 1;
            document.add(Some(page), std::mem::take(&mut walk.out));
        }
        walk.take(main, tag);
        if walk.out.len() + document.len() > 2 * MAX_TEXT_BYTES {
            break;
        }
    }
    document.add(Some(page + 1), walk.out);
    Ok(())
}

/// All text of a part.
fn runs(xml: &str) -> Result<String, Unread> {
    let mut walk = Runs::default();
    for tag in Scan::new(xml) {
        walk.take(xml, tag.map_err(|_| OFFICE)?);
        if walk.out.len() > 2 * MAX_TEXT_BYTES {
            break;
        }
    }
    Ok(walk.out)
}

/// The text of `t` elements; paragraphs and cells end lines. What was deleted has elements of another name.
#[derive(Default)]
struct Runs {
    out: String,
    inside: bool,
    at: usize,
}

impl Runs {
    fn take(&mut self, xml: &str, tag: Tag<'_>) {
        match tag {
            Tag::Start {
                name, range, empty, ..
            } => {
                match local(name) {
                    "t" => self.inside = !empty,
                    "tab" => self.out.push(' '),
                    "br" | "cr" => self.out.push('\n'),
                    _ => {}
                }
                self.at = range.end;
            }
            Tag::End { name, range } => match local(name) {
                "t" => {
                    if self.inside {
                        push_text(&xml[self.at..range.start], &mut self.out);
                    }
                    self.inside = false;
                }
                "p" | "si" => self.out.push('\n'),
                "tc" => self.out.push(' '),
                _ => {}
            },
        }
    }
}

/// The slides in their order, each with the notes of who speaks; and the first pictures.
fn slides(
    zip: &mut Zip<'_>,
    main: &str,
    document: &mut Document,
    shown: &mut Vec<String>,
) -> Result<(), Unread> {
    let drawn = shown.len();
    let targets = relations(zip, "ppt/presentation.xml")?;
    let order: Vec<String> = starts(main, "sldId")
        .filter_map(|inside| {
            targets
                .get(attribute(inside, "r:id")?)
                .map(|(_, target)| target.clone())
        })
        .take(MAX_SLIDES)
        .collect();
    for (number, path) in (1u32..).zip(order) {
        let Some(slide) = part(zip, &path)? else {
            continue;
        };
        if shown.len() < drawn + MAX_PICTURES {
            for picture in pictures(zip, &path, &slide) {
                if !shown.contains(&picture) {
                    shown.push(picture);
                }
            }
        }
        let mut text = runs(&slide)?;
        for (kind, target) in relations(zip, &path)?.into_values() {
            if kind.ends_with("/notesSlide")
                && let Some(notes) = part(zip, &target)?
            {
                text.push('\n');
                text.push_str(&runs(&notes)?);
            }
        }
        document.add(Some(number), text);
        if document.len() > MAX_TEXT_BYTES {
            break;
        }
    }
    Ok(())
}

/// The relations of a part: by id, kind and path of what is meant.
fn relations(zip: &mut Zip<'_>, path: &str) -> Result<HashMap<String, (String, String)>, Unread> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let Some(found) = part(zip, &format!("{folder}/_rels/{name}.rels"))? else {
        return Ok(HashMap::new());
    };
    let relation = |inside: &str| {
        let target = attribute(inside, "Target")?;
        let target = match target.strip_prefix('/') {
            Some(absolute) => absolute.to_owned(),
            None => join(folder, target)?,
        };
        let kind = attribute(inside, "Type").unwrap_or_default().to_owned();
        Some((attribute(inside, "Id")?.to_owned(), (kind, target)))
    };
    Ok(starts(&found, "Relationship")
        .filter_map(relation)
        .collect())
}

fn properties(zip: &mut Zip<'_>) -> Properties {
    tree_part(zip, "docProps/core.xml", |tree| {
        let first = |name: &str| {
            tree.descendants()
                .find(|node| {
                    node.tag_name().namespace() == Some(DC) && node.tag_name().name() == name
                })
                .and_then(|node| node.text().map(str::to_owned))
        };
        let creators = first("creator").unwrap_or_default();
        Properties {
            title: first("title"),
            creators: creators.split(';').map(str::to_owned).collect(),
            language: first("language"),
            licence: first("rights"),
        }
    })
    .unwrap_or_default()
}
