//! The manifest as a tree: its resources by identifier, and the rules of its schema that matter to readers.

use std::collections::{HashMap, HashSet};

use roxmltree::Node;

use super::dialect::{self, Dialect, Kind};
use crate::crosswalk::{Draft, xml};
use crate::package::path::{Base, Files, Found, Reference};
use crate::problem::{Problem, Severity};

/// How many missing files are named one by one; more help nobody.
const MAX_MISSING_NAMED: usize = 20;

/// Where a `href` leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A file that is there.
    File { path: String, suffix: String },
    /// An address elsewhere.
    Address(String),
}

/// A resource of a manifest.
#[derive(Clone, Debug)]
pub(super) struct Resource {
    pub(super) kind: Kind,
    /// Whether the manifest gave it a `href` at all.
    pub(super) has_href: bool,
    /// Where that leads, if anywhere.
    pub(super) place: Option<Place>,
    /// Its files that are there, in order.
    pub(super) files: Vec<String>,
    /// Whether SCORM launches it (`sco`), or shows it.
    pub(super) sco: bool,
}

/// What was read of a manifest's resources.
#[derive(Debug, Default)]
pub(super) struct Resources {
    pub(super) by_id: HashMap<String, Resource>,
    /// Their order.
    pub(super) order: Vec<String>,
}

/// Reads a manifest's parts one after the other; collects what is wrong.
pub(super) struct Reader<'d> {
    pub(super) draft: &'d mut Draft,
    pub(super) files: &'d Files,
    pub(super) dialect: Dialect,
    missing: usize,
    alike: usize,
}

/// An attribute by its local name, in any case: `scormtype`, `adlcp:scormType`.
pub(super) fn attribute<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    node.attributes()
        .find(|attribute| attribute.name().eq_ignore_ascii_case(name))
        .map(|attribute| attribute.value())
}

/// An identifier as it is compared: without the white space that attributes of type ID lose.
pub(super) fn identifier<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    attribute(node, name)
        .map(str::trim)
        .filter(|id| !id.is_empty())
}

impl<'d> Reader<'d> {
    pub(super) fn new(draft: &'d mut Draft, files: &'d Files, dialect: Dialect) -> Reader<'d> {
        Reader {
            draft,
            files,
            dialect,
            missing: 0,
            alike: 0,
        }
    }

    /// Reads all resources, those of manifests within too. The error refuses the package.
    pub(super) fn resources(&mut self, root: Node<'_, '_>) -> Result<Resources, Box<Problem>> {
        self.sections(root);
        self.identifiers(root);
        let mut all = Resources::default();
        let mut needs: Vec<(String, String)> = Vec::new();
        let nodes = root.descendants().filter(|node| {
            xml::named(*node, "resource")
                && node
                    .parent()
                    .is_some_and(|parent| xml::named(parent, "resources"))
        });
        for node in nodes {
            let id = identifier(node, "identifier").unwrap_or_default();
            let at = format!("resource[{id}]");
            let resource = self.resource(node, &at)?;
            for dependency in xml::children(node, "dependency") {
                match identifier(dependency, "identifierref") {
                    Some(need) => needs.push((at.clone(), need.to_owned())),
                    None => {
                        let path = format!("{at}.dependency");
                        self.draft
                            .error("package-no-identifier", &path, "", "identifierref");
                    }
                }
            }
            // The first of two is taken; that there are two was said.
            if !id.is_empty() && !all.by_id.contains_key(id) {
                all.order.push(id.to_owned());
                all.by_id.insert(id.to_owned(), resource);
            }
        }
        for (at, need) in needs {
            if !all.by_id.contains_key(&need) {
                let path = format!("{at}.dependency");
                self.draft.error("package-dependency", &path, &need, "");
            }
        }
        if self.missing > MAX_MISSING_NAMED {
            let more = (self.missing - MAX_MISSING_NAMED).to_string();
            self.draft
                .error("package-files-missing", "resources", &more, "");
        }
        Ok(all)
    }

    /// The parts that every manifest has.
    fn sections(&mut self, root: Node<'_, '_>) {
        for name in ["organizations", "resources"] {
            let count = xml::children(root, name).count();
            if count != 1 {
                let path = format!("manifest.{name}");
                self.draft
                    .error("package-section", &path, &count.to_string(), name);
            }
        }
    }

    /// Identifiers are of the type ID: there, of its characters, and each once in the document.
    fn identifiers(&mut self, root: Node<'_, '_>) {
        let mut seen = HashSet::new();
        let mine = |node: &Node<'_, '_>| {
            let parent = node.parent().map(|parent| parent.tag_name().name());
            let inside = |names: &[&str]| {
                parent.is_some_and(|parent| names.iter().any(|n| n.eq_ignore_ascii_case(parent)))
            };
            match node.tag_name().name().to_ascii_lowercase().as_str() {
                "manifest" => true,
                "organization" => inside(&["organizations"]),
                "item" => inside(&["organization", "item"]),
                "resource" => inside(&["resources"]),
                _ => false,
            }
        };
        for node in root.descendants().filter(Node::is_element).filter(mine) {
            let name = node.tag_name().name();
            let Some(id) = identifier(node, "identifier") else {
                self.draft
                    .error("package-no-identifier", name, "", "identifier");
                continue;
            };
            let path = format!("{name}[{id}]");
            if !is_id(id) {
                self.draft.warn("package-identifier-form", &path, id, "");
            }
            if !seen.insert(id) {
                self.draft.error("package-identifier-twice", &path, id, "");
            }
        }
    }

    fn resource(&mut self, node: Node<'_, '_>, at: &str) -> Result<Resource, Box<Problem>> {
        let base = self.base(node)?;
        let written = attribute(node, "type").unwrap_or_default();
        let kind = dialect::kind(written);
        if written.trim().is_empty() {
            self.draft.error("package-no-type", at, "", "webcontent");
        } else if self.dialect == Dialect::Thin && !matches!(kind, Kind::Link | Kind::Tool) {
            let path = format!("{at}.type");
            self.draft.error("package-thin", &path, written, "");
        } else if self.dialect.is_cartridge() && kind == Kind::Unknown {
            let path = format!("{at}.type");
            self.draft.info("package-resource-type", &path, written, "");
        }
        let href = attribute(node, "href");
        let place = match href {
            Some(href) => self.place(&base, href, &format!("{at}.href"))?,
            None => None,
        };
        let mut files = Vec::new();
        for file in xml::children(node, "file") {
            let path = format!("{at}.file");
            let Some(written) = attribute(file, "href") else {
                self.draft.error("package-no-identifier", &path, "", "href");
                continue;
            };
            let base = match attribute_base(file) {
                Some(_) => self.base(file)?,
                None => base.clone(),
            };
            // What the resource itself leads to was looked at.
            let same = href == Some(written) && attribute_base(file).is_none();
            let found = match same {
                true => place.clone(),
                false => self.place(&base, written, &path)?,
            };
            if let Some(Place::File { path, .. }) = found {
                files.push(path);
            }
        }
        let sco =
            attribute(node, "scormtype").is_some_and(|t| t.trim().eq_ignore_ascii_case("sco"));
        Ok(Resource {
            kind,
            has_href: href.is_some_and(|href| !href.trim().is_empty()),
            place,
            files,
            sco,
        })
    }

    /// What the references of an element are relative to: all `xml:base` from the root down.
    pub(super) fn base(&mut self, node: Node<'_, '_>) -> Result<Base, Box<Problem>> {
        let mut bases: Vec<&str> = node.ancestors().filter_map(attribute_base).collect();
        bases.reverse();
        let mut base = Base::default();
        for written in bases {
            base = match base.within(written) {
                Ok(inner) => inner,
                Err(_) => return Err(refusal("xml:base", written)),
            };
        }
        Ok(base)
    }

    /// Where a reference leads; what cannot be followed is reported. The error refuses the package.
    pub(super) fn place(
        &mut self,
        base: &Base,
        written: &str,
        at: &str,
    ) -> Result<Option<Place>, Box<Problem>> {
        if written.trim().is_empty() {
            self.draft.error("package-href-empty", at, "", "");
            return Ok(None);
        }
        let reference = match base.refer(written) {
            Ok(reference) => reference,
            Err(fault) if !fault.refuses() => {
                self.draft.error("bad-address", at, written, "");
                return Ok(None);
            }
            Err(_) => return Err(refusal(at, written)),
        };
        match reference {
            Reference::Address(url) if super::super::path::is_local(&url) => {
                self.draft.error("package-local-address", at, &url, "");
                Ok(None)
            }
            Reference::Address(url) => {
                self.draft.warn("package-remote", at, &url, "");
                Ok(Some(Place::Address(url)))
            }
            Reference::File {
                path,
                raw,
                suffix,
                respelt,
            } => {
                let found = match self.files.find(&path, raw.as_deref()) {
                    Found::There(path) => path,
                    Found::Alike(path) => {
                        self.alike(at, written, &path);
                        return Ok(Some(Place::File { path, suffix }));
                    }
                    Found::Missing => {
                        self.missing += 1;
                        if self.missing <= MAX_MISSING_NAMED {
                            self.draft.error("package-file-missing", at, &path, "");
                        }
                        return Ok(None);
                    }
                };
                if respelt {
                    self.alike(at, written, &found);
                }
                Ok(Some(Place::File {
                    path: found,
                    suffix,
                }))
            }
        }
    }

    fn alike(&mut self, at: &str, written: &str, path: &str) {
        self.alike += 1;
        if self.alike <= MAX_MISSING_NAMED {
            self.draft.warn("package-href-spelling", at, written, path);
        }
    }
}

/// The `xml:base` of an element itself.
fn attribute_base<'a>(node: Node<'a, '_>) -> Option<&'a str> {
    node.attribute(("http://www.w3.org/XML/1998/namespace", "base"))
}

/// A reference that no package of good faith has.
fn refusal(at: &str, written: &str) -> Box<Problem> {
    Problem::new(Severity::Error, "package-href", at, written, "").into()
}

/// Whether a text has the form of an XML ID, near enough: a letter or `_` first, no white space or quotation marks.
fn is_id(id: &str) -> bool {
    id.chars().enumerate().all(|(at, c)| {
        c.is_alphabetic() || c == '_' || at > 0 && (c.is_numeric() || matches!(c, '-' | '.' | '·'))
    })
}
