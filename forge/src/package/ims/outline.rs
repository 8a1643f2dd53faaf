//! The organisations of a manifest: what a reader opens, in order.

use std::collections::HashMap;

use roxmltree::Node;

use super::dialect::{Dialect, Kind};
use super::manifest::{Place, Reader, Resource, Resources, attribute, identifier};
use crate::crosswalk::{text, text::Room, xml};
use crate::package::{Part, Target};

/// The most lines of an outline: a course of a whole year has some hundred.
pub(super) const MAX_PARTS: usize = 5_000;

/// What stands in the files of links and tools, by path.
pub(super) type Links = HashMap<String, String>;

/// Chooses the organisation that is shown: the default, else the first. Says what is wrong with any of them.
pub(super) fn chosen<'a, 'i>(
    reader: &mut Reader<'_>,
    root: Node<'a, 'i>,
    resources: &Resources,
) -> Option<Node<'a, 'i>> {
    let section = xml::child(root, "organizations")?;
    let all: Vec<Node<'a, 'i>> = xml::children(section, "organization").collect();
    let default = identifier(section, "default");
    let named = default.and_then(|default| {
        all.iter()
            .find(|node| identifier(**node, "identifier") == Some(default))
    });
    let path = "organizations.default";
    match default {
        Some(default) if named.is_none() => {
            reader
                .draft
                .error("package-default-organization", path, default, "");
        }
        None if reader.dialect == Dialect::Scorm && all.len() > 1 => {
            reader.draft.warn("package-no-default", path, "", "");
        }
        _ => {}
    }
    if reader.dialect.is_cartridge() && all.len() > 1 {
        let count = all.len().to_string();
        reader
            .draft
            .error("package-organizations", "organizations", &count, "");
    }
    for organization in &all {
        check(reader, *organization, resources);
    }
    named.or(all.first()).copied()
}

/// The rules for one organisation and its items.
fn check(reader: &mut Reader<'_>, organization: Node<'_, '_>, resources: &Resources) {
    let id = identifier(organization, "identifier").unwrap_or_default();
    let at = format!("organization[{id}]");
    let scorm = reader.dialect == Dialect::Scorm;
    if scorm && xml::child_text(organization, "title").is_none() {
        let path = format!("{at}.title");
        reader
            .draft
            .error("package-no-organization-title", &path, "", "");
    }
    let structure = attribute(organization, "structure");
    if reader.dialect.is_cartridge() && structure != Some("rooted-hierarchy") {
        let path = format!("{at}.structure");
        let given = structure.unwrap_or_default();
        reader
            .draft
            .warn("package-structure", &path, given, "rooted-hierarchy");
    }
    for item in organization.descendants().filter(is_item) {
        let id = identifier(item, "identifier").unwrap_or_default();
        let at = format!("item[{id}]");
        if scorm && xml::child(item, "title").is_none() {
            let path = format!("{at}.title");
            reader.draft.warn("package-no-item-title", &path, "", "");
        }
        let Some(need) = identifier(item, "identifierref") else {
            continue;
        };
        match resources.by_id.get(need) {
            Some(resource) if scorm && !resource.has_href => {
                let path = format!("resource[{need}].href");
                reader.draft.error("package-no-launch", &path, id, "");
            }
            Some(_) => {}
            None => {
                let path = format!("{at}.identifierref");
                reader.draft.error("package-identifierref", &path, need, "");
            }
        }
    }
}

/// Whether an element is an item of an organisation.
fn is_item(node: &Node<'_, '_>) -> bool {
    let inside =
        |parent: Node<'_, '_>| xml::named(parent, "item") || xml::named(parent, "organization");
    xml::named(*node, "item") && node.parent().is_some_and(inside)
}

/// The outline of an organisation. Recursion is as deep as the XML, which has its limit.
pub(super) fn parts(
    reader: &mut Reader<'_>,
    organization: Node<'_, '_>,
    resources: &Resources,
    links: &Links,
) -> Vec<Part> {
    let mut parts = Vec::new();
    walk(organization, 0, resources, links, &mut parts);
    if parts.len() > MAX_PARTS {
        parts.truncate(MAX_PARTS);
        let most = MAX_PARTS.to_string();
        reader
            .draft
            .warn("package-too-many-items", "organizations", "", &most);
    }
    parts
}

fn walk(
    node: Node<'_, '_>,
    depth: usize,
    resources: &Resources,
    links: &Links,
    parts: &mut Vec<Part>,
) {
    for item in xml::children(node, "item") {
        if parts.len() > MAX_PARTS {
            return;
        }
        let title = title(item);
        let resource = identifier(item, "identifierref").and_then(|id| resources.by_id.get(id));
        let target = resource.and_then(|resource| {
            target(
                resource,
                attribute(item, "parameters").unwrap_or_default(),
                links,
            )
        });
        // The root of a cartridge has neither title nor target; what is hidden is not for the table of contents.
        let hidden = attribute(item, "isvisible") == Some("false");
        let shown = !hidden && (!title.is_empty() || target.is_some());
        if shown {
            let title = match (&target, title.is_empty()) {
                (Some(Target::File { path, .. }), true) => name(path).to_owned(),
                (Some(Target::Address(url)), true) => url.clone(),
                _ => title,
            };
            parts.push(Part {
                title,
                target,
                depth,
            });
        }
        walk(item, depth + usize::from(shown), resources, links, parts);
    }
}

/// The title of an item or organisation as inert text.
pub(super) fn title(node: Node<'_, '_>) -> String {
    let written = xml::child_text(node, "title").unwrap_or_default();
    plain(&written)
}

/// A title without markup; where nothing is left of it, the markup as text.
pub(crate) fn plain(written: &str) -> String {
    let fit = text::fit(written, Room::Title).text;
    if !fit.is_empty() {
        return fit;
    }
    let seen = |c: &char| !c.is_control() && !commun_specs::metadata::is_forbidden(*c);
    written.trim().chars().filter(seen).take(200).collect()
}

/// The last name of a path.
fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Where a resource leads a reader.
fn target(resource: &Resource, parameters: &str, links: &Links) -> Option<Target> {
    match resource.kind {
        Kind::Link | Kind::Tool => {
            let first = resource.files.first()?;
            return links.get(first).cloned().map(Target::Address);
        }
        Kind::Platform => return None,
        _ => {}
    }
    match &resource.place {
        Some(Place::Address(url)) => Some(Target::Address(with_parameters(url, parameters))),
        Some(Place::File { path, suffix }) => Some(Target::File {
            path: path.clone(),
            suffix: with_parameters(suffix, parameters),
        }),
        // A page without a `href` of its own is its only file.
        None if !resource.has_href && resource.files.len() == 1 => Some(Target::File {
            path: resource.files[0].clone(),
            suffix: with_parameters("", parameters),
        }),
        None => None,
    }
}

/// Appends the parameters of an item to an address (SCORM 2004 CAM 3.4.1.5.1, IMS CP 1.1.4 4.4.3).
fn with_parameters(address: &str, parameters: &str) -> String {
    let bad = |c: char| c.is_control() || c.is_whitespace() || "<>\"\\".contains(c);
    let rest = parameters.trim().trim_start_matches(['?', '&']);
    if rest.is_empty() || rest.contains(bad) || rest.len() > 1_000 {
        return address.to_owned();
    }
    if rest.starts_with('#') {
        return match address.contains('#') {
            true => address.to_owned(),
            false => format!("{address}{rest}"),
        };
    }
    let (front, fragment) = match address.find('#') {
        Some(at) => address.split_at(at),
        None => (address, ""),
    };
    let mark = if front.contains('?') { '&' } else { '?' };
    // A fragment of the parameters would come before that of the address.
    let rest = match fragment.is_empty() {
        true => rest,
        false => rest.split('#').next().unwrap_or_default(),
    };
    format!("{front}{mark}{rest}{fragment}")
}

/// The page to open first: of the outline, else of the resources; what a browser shows comes before what it does not.
pub(super) fn start(parts: &[Part], resources: &Resources) -> Option<String> {
    let mut all: Vec<&str> = Vec::new();
    for part in parts {
        if let Some(Target::File { path, .. }) = &part.target {
            all.push(path);
        }
    }
    let of = |sco: bool| {
        let order = resources.order.iter();
        order
            .filter_map(|id| resources.by_id.get(id))
            .filter(move |resource| !sco || resource.sco)
            .filter(|resource| !matches!(resource.kind, Kind::Platform | Kind::Link | Kind::Tool))
            .filter_map(|resource| match &resource.place {
                Some(Place::File { path, .. }) => Some(path.as_str()),
                _ => None,
            })
    };
    all.extend(of(true));
    all.extend(of(false));
    let page = |path: &&&str| {
        let lower = path.to_ascii_lowercase();
        [".html", ".htm", ".xhtml"]
            .iter()
            .any(|end| lower.ends_with(end))
    };
    let first = all.iter().find(page);
    first.or(all.first()).map(|path| (*path).to_owned())
}

#[cfg(test)]
mod tests {
    use super::with_parameters;

    #[test]
    fn parameters_are_added_as_the_standard_says() {
        assert_eq!(with_parameters("", "?a=1"), "?a=1");
        assert_eq!(with_parameters("?x=1", "&a=1"), "?x=1&a=1");
        assert_eq!(with_parameters("#s", "a=1"), "?a=1#s");
        assert_eq!(with_parameters("#s", "#t"), "#s");
        assert_eq!(with_parameters("?x=1", "#t"), "?x=1#t");
        assert_eq!(with_parameters("", "\"><script>"), "");
    }
}
