//! The table of contents of a book: the navigation document of EPUB 3, the NCX of EPUB 2.

use std::collections::BTreeMap;
use std::io::{Read, Seek};

use roxmltree::Node;

use super::Item;
use crate::crosswalk::{Draft, xml};
use crate::package::archive::Archive;
use crate::package::ims::plain_title;
use crate::package::path::{Base, Files, Found, Reference, is_local};
use crate::package::{Part, Target};

/// The most lines.
const MAX_PARTS: usize = 5_000;

/// The table of contents; empty where there is none that can be read.
pub(super) fn outline<R: Read + Seek>(
    archive: &mut Archive<R>,
    root: Node<'_, '_>,
    items: &BTreeMap<String, Item>,
    files: &Files,
    draft: &mut Draft,
) -> Vec<Part> {
    let navigation = items
        .values()
        .find(|item| item.properties.split(' ').any(|one| one == "nav"));
    let spine = xml::child(root, "spine");
    let named = spine.and_then(|spine| items.get(spine.attribute("toc")?));
    let ncx = named.or_else(|| {
        let mut all = items.values();
        all.find(|item| item.media_type == "application/x-dtbncx+xml")
    });
    for (item, read) in [
        (navigation, nav as fn(Node<'_, '_>, &mut Walk<'_>)),
        (ncx, points),
    ] {
        let Some(path) = item.and_then(|item| item.path.as_deref()) else {
            continue;
        };
        let Ok(bytes) = archive.read(path, xml::MAX_BYTES as u64) else {
            continue;
        };
        let Ok(text) = super::plain(&bytes) else {
            continue;
        };
        let Ok(tree) = xml::parse(&text) else {
            draft.warn("xml-malformed", path, "", "");
            continue;
        };
        let mut walk = Walk {
            base: Base::of(path),
            files,
            parts: Vec::new(),
        };
        read(tree.root(), &mut walk);
        if !walk.parts.is_empty() {
            return walk.parts;
        }
    }
    Vec::new()
}

struct Walk<'f> {
    base: Base,
    files: &'f Files,
    parts: Vec<Part>,
}

impl Walk<'_> {
    /// Where a reference of the table leads; nothing where it leads nowhere.
    fn target(&self, href: &str) -> Option<Target> {
        match self.base.refer(href).ok()? {
            Reference::Address(url) => (!is_local(&url)).then_some(Target::Address(url)),
            Reference::File {
                path, raw, suffix, ..
            } => match self.files.find(&path, raw.as_deref()) {
                Found::There(path) | Found::Alike(path) => Some(Target::File { path, suffix }),
                Found::Missing => None,
            },
        }
    }

    fn add(&mut self, title: &str, href: Option<&str>, depth: usize) {
        let title = plain_title(title.trim());
        let target = href.filter(|href| !href.is_empty());
        let target = target.and_then(|href| self.target(href));
        if !title.is_empty() && self.parts.len() < MAX_PARTS {
            self.parts.push(Part {
                title,
                target,
                depth,
            });
        }
    }
}

/// `nav epub:type="toc"`: lists of links in lists.
fn nav(tree: Node<'_, '_>, walk: &mut Walk<'_>) {
    let navs = || tree.descendants().filter(|node| xml::named(*node, "nav"));
    let toc = navs().find(|node| {
        node.attributes()
            .any(|a| a.name() == "type" && a.value().split(' ').any(|one| one == "toc"))
    });
    if let Some(list) = toc
        .or_else(|| navs().next())
        .and_then(|nav| xml::child(nav, "ol"))
    {
        lists(list, 0, walk);
    }
}

/// As deep as the XML, which has its limit.
fn lists(list: Node<'_, '_>, depth: usize, walk: &mut Walk<'_>) {
    for line in xml::children(list, "li") {
        let link = xml::child(line, "a");
        if let Some(label) = link.or_else(|| xml::child(line, "span")) {
            let href = link.and_then(|link| link.attribute("href"));
            walk.add(&xml::text(label), href, depth);
        }
        if let Some(inner) = xml::child(line, "ol") {
            lists(inner, depth + 1, walk);
        }
    }
}

/// `navMap/navPoint`.
fn points(tree: Node<'_, '_>, walk: &mut Walk<'_>) {
    let map = tree.descendants().find(|node| xml::named(*node, "navMap"));
    if let Some(map) = map {
        point(map, 0, walk);
    }
}

fn point(node: Node<'_, '_>, depth: usize, walk: &mut Walk<'_>) {
    for inner in xml::children(node, "navPoint") {
        let label = xml::child(inner, "navLabel").map(xml::text);
        let href = xml::child(inner, "content").and_then(|content| content.attribute("src"));
        walk.add(&label.unwrap_or_default(), href, depth);
        point(inner, depth + 1, walk);
    }
}
