//! cmi5: a course structure (`cmi5.xml`) of blocks and assignable units, at the root of a package or alone.

use std::collections::HashSet;

use commun_specs::metadata::is_target;
use roxmltree::Node;

use super::ims::plain_title;
use super::path::{Base, Files, Found, Reference, is_local};
use super::{Package, Part, Target};
use crate::crosswalk::format::Format;
use crate::crosswalk::{Draft, Origin, Texts, text::Room, xml};
use crate::problem::{Problem, Severity};

/// The most lines of an outline.
const MAX_PARTS: usize = 5_000;
/// The most languages of one text.
const MAX_LANGUAGES: usize = 50;

/// Reads a course structure.
pub(super) fn read(bytes: &[u8], files: &Files, origin: &Origin) -> Result<Package, Box<Problem>> {
    let decoded = xml::decode(bytes).map_err(|e| e.problem())?;
    let tree = xml::parse(&decoded.text).map_err(|e| e.problem())?;
    let root = tree.root_element();
    if !xml::named(root, "courseStructure") {
        let given = root.tag_name().name();
        let wanted = "courseStructure";
        return Err(Problem::new(Severity::Error, "not-this-format", "", given, wanted).into());
    }
    let mut draft = Draft::new("cmi5", origin);
    if let Some(problem) = decoded.problem() {
        draft.report(problem);
    }
    let space = root.tag_name().namespace().unwrap_or_default();
    let wanted = "https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd";
    if space != wanted {
        draft.warn("wrong-namespace", "courseStructure", space, wanted);
    }
    let mut id = None;
    match xml::child(root, "course") {
        Some(course) => {
            texts(&mut draft, |r| &mut r.title, course, "title", Room::Title);
            let field: Texts = |r| &mut r.description;
            texts(&mut draft, field, course, "description", Room::Prose);
            id = course.attribute("id").map(str::trim).map(str::to_owned);
            let lasting = id.as_deref().filter(|id| is_target(id) && id.contains(':'));
            if let Some(alias) = lasting {
                let value = draft.value(alias.to_owned(), "course.id");
                draft.push(|r| &mut r.aliases, value);
            }
            id = lasting.map(str::to_owned);
        }
        None => draft.error("package-section", "courseStructure", "0", "course"),
    }
    let mut walk = Walk {
        draft: &mut draft,
        files,
        seen: HashSet::new(),
        outline: Vec::new(),
        units: 0,
    };
    walk.identified(xml::child(root, "course"));
    walk.children(root, 0)?;
    let Walk {
        mut outline, units, ..
    } = walk;
    if units == 0 {
        draft.error("package-section", "courseStructure", "0", "au");
    }
    if outline.len() > MAX_PARTS {
        outline.truncate(MAX_PARTS);
        let most = MAX_PARTS.to_string();
        draft.warn("package-too-many-items", "courseStructure", "", &most);
    }
    let start = outline.iter().find_map(|part| match &part.target {
        Some(Target::File { path, .. }) => Some(path.clone()),
        _ => None,
    });
    let mut reading = draft.finish(id);
    super::complete(&mut reading, "course");
    Ok(Package {
        format: Format::Scorm,
        reading,
        version: "cmi5".into(),
        outline,
        start,
    })
}

/// Puts the `langstring`s of an element into a field.
fn texts(draft: &mut Draft, field: Texts, node: Node<'_, '_>, name: &'static str, room: Room) {
    let Some(node) = xml::child(node, name) else {
        return;
    };
    let path = format!("course.{name}");
    for string in xml::children(node, "langstring").take(MAX_LANGUAGES) {
        let lang = string
            .attribute("lang")
            .and_then(|tag| draft.language(tag, &format!("{path}.lang")));
        draft.text(field, &xml::text(string), room, lang.as_deref(), &path);
    }
}

struct Walk<'d> {
    draft: &'d mut Draft,
    files: &'d Files,
    seen: HashSet<String>,
    outline: Vec<Part>,
    units: usize,
}

impl Walk<'_> {
    /// Every course, block and unit has an identifier of its own.
    fn identified(&mut self, node: Option<Node<'_, '_>>) {
        let Some(node) = node else {
            return;
        };
        let name = node.tag_name().name();
        match node.attribute("id").map(str::trim) {
            None | Some("") => self.draft.error("package-no-identifier", name, "", "id"),
            Some(id) if !self.seen.insert(id.to_owned()) => {
                self.draft.error("package-identifier-twice", name, id, "");
            }
            Some(_) => {}
        }
    }

    /// Units and blocks in order; as deep as the XML, which has its limit.
    fn children(&mut self, node: Node<'_, '_>, depth: usize) -> Result<(), Box<Problem>> {
        for child in node.children().filter(Node::is_element) {
            if self.outline.len() > MAX_PARTS {
                return Ok(());
            }
            let unit = xml::named(child, "au");
            if !unit && !xml::named(child, "block") {
                continue;
            }
            self.identified(Some(child));
            let target = if unit { self.unit(child)? } else { None };
            self.outline.push(Part {
                title: title(child),
                target,
                depth,
            });
            if !unit {
                self.children(child, depth + 1)?;
            }
        }
        Ok(())
    }

    /// Where a unit is launched. The error refuses the package.
    fn unit(&mut self, node: Node<'_, '_>) -> Result<Option<Target>, Box<Problem>> {
        self.units += 1;
        let at = "au.url";
        let Some(written) = xml::child_text(node, "url") else {
            self.draft.error("package-href-empty", at, "", "");
            return Ok(None);
        };
        match Base::default().refer(&written) {
            Ok(Reference::Address(url)) if is_local(&url) => {
                self.draft.error("package-local-address", at, &url, "");
                Ok(None)
            }
            Ok(Reference::Address(url)) => {
                self.draft.warn("package-remote", at, &url, "");
                Ok(Some(Target::Address(url)))
            }
            Ok(Reference::File {
                path, raw, suffix, ..
            }) => match self.files.find(&path, raw.as_deref()) {
                Found::There(path) => Ok(Some(Target::File { path, suffix })),
                Found::Alike(path) => {
                    self.draft
                        .warn("package-href-spelling", at, &written, &path);
                    Ok(Some(Target::File { path, suffix }))
                }
                Found::Missing => {
                    self.draft.error("package-file-missing", at, &path, "");
                    Ok(None)
                }
            },
            Err(fault) if !fault.refuses() => {
                self.draft.error("bad-address", at, &written, "");
                Ok(None)
            }
            Err(_) => Err(Problem::new(Severity::Error, "package-href", at, &written, "").into()),
        }
    }
}

/// The first title.
fn title(node: Node<'_, '_>) -> String {
    let title = xml::child(node, "title");
    let string = title.and_then(|title| xml::child(title, "langstring"));
    string.map_or(String::new(), |string| {
        plain_title(xml::text(string).trim())
    })
}
