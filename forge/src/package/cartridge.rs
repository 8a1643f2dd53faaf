//! Common Cartridge 1.3 (IMS/1EdTech), as learning platforms import it: a manifest with the record in LOM, a table of
//! contents, web content and web links.
//! <https://www.imsglobal.org/cc/ccv1p3/imscc_Overview-v1p3.html>
//!
//! Files are web content, each a resource of its own at its own path, so that links between them hold. What is only
//! elsewhere is a web link. Folders of the table of contents have titles only.

use super::write::{Bytes, Member};
use crate::crosswalk::{lom, xml::Writer};

/// Namespace of the manifest.
pub const NAMESPACE: &str = "http://www.imsglobal.org/xsd/imsccv1p3/imscp_v1p1";
/// Namespace of the record in the manifest.
pub const LOM_NAMESPACE: &str = "http://ltsc.ieee.org/xsd/imsccv1p3/LOM/manifest";
/// Namespace of a web link.
pub const LINK_NAMESPACE: &str = "http://www.imsglobal.org/xsd/imsccv1p3/imswl_v1p3";
/// The file that makes it a cartridge.
pub const MANIFEST: &str = "imsmanifest.xml";
/// The type of a resource that is a web link.
const LINK_TYPE: &str = "imswl_xmlv1p3";
/// Where web links are.
const LINKS: &str = "links";

/// What stands in the table of contents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part<K> {
    /// A title with others below it.
    Folder {
        /// What it is called.
        title: String,
        /// What is in it.
        parts: Vec<Part<K>>,
    },
    /// A file.
    File {
        /// What it is called.
        title: String,
        /// Where it is in the cartridge; never `imsmanifest.xml`, and not below `links`.
        path: String,
        /// Its bytes.
        bytes: Bytes<K>,
    },
    /// Something that is elsewhere.
    Link {
        /// What it is called.
        title: String,
        /// Where it is.
        url: String,
    },
}

/// What a cartridge is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cartridge<K> {
    /// A name for it: letters, digits and hyphens.
    pub identifier: String,
    /// The record of the whole, as [`lom::write`] gives it.
    pub record: Vec<u8>,
    /// The table of contents.
    pub parts: Vec<Part<K>>,
    /// Files that are not in the table of contents.
    pub aside: Vec<Member<K>>,
}

impl<K> Cartridge<K> {
    /// The files of the cartridge, the manifest first, the others by their paths.
    pub fn members(self) -> Vec<Member<K>> {
        let mut making = Making {
            items: Writer::part(),
            resources: Writer::part(),
            members: Vec::new(),
            items_so_far: 0,
            links: 0,
        };
        for part in self.parts {
            making.part(part);
        }
        for member in self.aside {
            making.resource("webcontent", Some(&member.path));
            making.members.push(member);
        }
        let mut w = Writer::new();
        w.open(
            "manifest",
            &[
                ("identifier", &format!("M-{}", self.identifier)),
                ("xmlns", NAMESPACE),
            ],
        )
        .newline();
        w.open("metadata", &[])
            .leaf("schema", &[], "IMS Common Cartridge")
            .leaf("schemaversion", &[], "1.3.0")
            .newline()
            .raw(&record(&self.record))
            .close()
            .newline();
        w.open("organizations", &[]).newline();
        let organization = [("identifier", "O-1"), ("structure", "rooted-hierarchy")];
        w.open("organization", &organization)
            .open("item", &[("identifier", "I-0")])
            .newline()
            .raw(&making.items.finish())
            .close()
            .close()
            .close()
            .newline();
        w.open("resources", &[])
            .newline()
            .raw(&making.resources.finish())
            .close()
            .close();
        let mut members = making.members;
        members.sort_by(|a, b| a.path.cmp(&b.path));
        members.insert(0, Member::here(MANIFEST, w.finish()));
        members
    }
}

/// A cartridge on its way.
struct Making<K> {
    items: Writer,
    resources: Writer,
    members: Vec<Member<K>>,
    items_so_far: usize,
    links: usize,
}

impl<K> Making<K> {
    fn part(&mut self, part: Part<K>) {
        match part {
            Part::Folder { title, parts } => {
                self.open(&title, None);
                for part in parts {
                    self.part(part);
                }
                self.items.close().newline();
            }
            Part::File { title, path, bytes } => {
                let resource = self.resource("webcontent", Some(&path));
                self.open(&title, Some(&resource));
                self.items.close().newline();
                self.members.push(Member { path, bytes });
            }
            Part::Link { title, url } => {
                self.links += 1;
                let path = format!("{LINKS}/{:04}.xml", self.links);
                let mut w = Writer::new();
                w.open("webLink", &[("xmlns", LINK_NAMESPACE)])
                    .leaf("title", &[], &title)
                    .leaf("url", &[("href", &url), ("target", "_blank")], "")
                    .close();
                let resource = self.resource(LINK_TYPE, None);
                // A web link has a file and no address of its own.
                self.file(&path);
                self.open(&title, Some(&resource));
                self.items.close().newline();
                self.members.push(Member::here(path, w.finish()));
            }
        }
    }

    /// Opens a line of the table of contents.
    fn open(&mut self, title: &str, resource: Option<&str>) {
        self.items_so_far += 1;
        let id = format!("I-{}", self.items_so_far);
        let mut attributes = vec![("identifier", id.as_str())];
        attributes.extend(resource.map(|r| ("identifierref", r)));
        self.items
            .open("item", &attributes)
            .leaf("title", &[], title);
    }

    /// Notes a resource: one of a file is complete, one without waits for [`Making::file`].
    fn resource(&mut self, kind: &str, path: Option<&str>) -> String {
        let id = format!("R-{}", self.members.len() + 1);
        let href = path.map(href);
        let mut attributes = vec![("identifier", id.as_str()), ("type", kind)];
        attributes.extend(href.as_deref().map(|href| ("href", href)));
        self.resources.open("resource", &attributes);
        if let Some(path) = path {
            self.file(path);
        }
        id
    }

    fn file(&mut self, path: &str) {
        self.resources
            .leaf("file", &[("href", &href(path))], "")
            .close()
            .newline();
    }
}

/// A path as an address in the manifest. Many platforms read it as it stands, so only what would mean something else is
/// encoded.
fn href(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for c in path.chars() {
        match c {
            '%' => out.push_str("%25"),
            '#' => out.push_str("%23"),
            '?' => out.push_str("%3F"),
            c => out.push(c),
        }
    }
    out
}

/// The record in the namespace that manifests have for it, without the other's schema.
fn record(lom: &[u8]) -> String {
    let text = String::from_utf8_lossy(lom);
    let Some((start, rest)) = text.split_once('>') else {
        return String::new();
    };
    let mut start = start.replacen(
        &format!("\"{}\"", lom::NAMESPACE),
        &format!("\"{LOM_NAMESPACE}\""),
        1,
    );
    const SCHEMA: &str = " xsi:schemaLocation=\"";
    if let Some(at) = start.find(SCHEMA)
        && let Some(end) = start[at + SCHEMA.len()..].find('"')
    {
        start.replace_range(at..at + SCHEMA.len() + end + 1, "");
    }
    format!("{start}>{rest}")
}

#[cfg(test)]
mod tests;
