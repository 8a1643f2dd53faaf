//! IMS manifests: Common Cartridge 1.0 to 1.4, Thin Common Cartridge, SCORM 1.2 and 2004, plain content packages.
//!
//! All stand on IMS Content Packaging: an `imsmanifest.xml` at the root, organisations of items that refer to resources,
//! resources that name their files. What is taken as metadata is the LOM of the manifest (or of its default organisation),
//! in it or in a file that `adlcp:location` names; LOM about single items, resources and files stays in the manifest.

mod dialect;
mod manifest;
mod outline;

use roxmltree::Node;
use serde_json::json;

use self::dialect::Kind;
use self::manifest::{Place, Reader, Resources, attribute, identifier};
use self::outline::Links;
use super::path::Files;
use super::{Package, is_rule_of_record};
use crate::crosswalk::{Draft, Origin, Read, Reading, draft, lom, text, text::Room, xml};
use crate::problem::{Problem, Severity};

pub(crate) use outline::plain as plain_title;

/// The most records of the whole that are read.
const MAX_RECORDS: usize = 20;
/// The most files of links and tools that are looked into.
const MAX_LINKS: usize = 1_000;
/// The largest of them, in bytes.
pub(super) const MAX_LINK_BYTES: u64 = 256 << 10;

/// Gives the bytes of a file of the package, at most so many; nothing where it is not there or cannot be read.
pub(super) type Fetch<'f> = dyn FnMut(&str, u64) -> Option<Vec<u8>> + 'f;

/// Reads a manifest. `files`: what is in the package, `fetch`: how to look into it.
pub(super) fn read(
    bytes: &[u8],
    files: &Files,
    fetch: &mut Fetch<'_>,
    origin: &Origin,
) -> Result<Package, Box<Problem>> {
    let decoded = xml::decode(bytes).map_err(|e| e.problem())?;
    let tree = xml::parse(&decoded.text).map_err(|e| e.problem())?;
    let root = tree.root_element();
    if !xml::named(root, "manifest") {
        let given = root.tag_name().name();
        return Err(Problem::new(Severity::Error, "not-this-format", "", given, "manifest").into());
    }
    let (dialect, version) = dialect::of(root);
    let mut draft = Draft::new(dialect.scheme(), origin);
    if let Some(problem) = decoded.problem() {
        draft.report(problem);
    }
    dialect::check(&mut draft, root, dialect, &version);
    let mut reader = Reader::new(&mut draft, files, dialect);
    let resources = reader.resources(root)?;
    let links = links(&mut reader, &resources, fetch);
    let chosen = outline::chosen(&mut reader, root, &resources);
    let outline = match chosen {
        Some(organization) => outline::parts(&mut reader, organization, &resources, &links),
        None => Vec::new(),
    };
    let start = outline::start(&outline, &resources);
    let described = described(&mut reader, root, chosen, fetch, origin)?;
    protection(&mut draft, root);
    about(&mut draft, root, chosen, &described);
    let mut reading = described.unwrap_or_default();
    let own = draft.finish(None);
    reading.record.merge(own.record);
    let mut problems = own.problems;
    problems.append(&mut reading.problems);
    reading.problems = problems;
    super::complete(&mut reading, "manifest.metadata");
    Ok(Package {
        format: dialect.format(),
        reading,
        version,
        outline,
        start,
    })
}

/// The addresses in the files of web links and tools of a cartridge.
fn links(reader: &mut Reader<'_>, resources: &Resources, fetch: &mut Fetch<'_>) -> Links {
    let mut links = Links::new();
    if !reader.files.known() {
        return links;
    }
    let wanted = resources.order.iter().filter_map(|id| {
        let resource = resources.by_id.get(id)?;
        let link = matches!(resource.kind, Kind::Link | Kind::Tool);
        link.then_some((id, resource.kind, resource.files.first()))
    });
    for (id, kind, path) in wanted.take(MAX_LINKS) {
        let Some(path) = path else {
            let at = format!("resource[{id}]");
            reader.draft.warn("package-link", &at, id, "");
            continue;
        };
        let found = fetch(path, MAX_LINK_BYTES).and_then(|bytes| link(&bytes, kind));
        match found.as_ref().map(|url| draft::address(url)) {
            Some(Some(url)) if !super::path::is_local(&url) => {
                links.insert(path.clone(), url);
            }
            Some(_) => {
                let given = found.unwrap_or_default();
                let at = format!("resource[{id}]");
                reader.draft.error("bad-address", &at, &given, "");
            }
            None => {
                let at = format!("resource[{id}]");
                reader.draft.error("package-link", &at, path, "");
            }
        }
    }
    links
}

/// `<webLink><url href="…"/>`, `<cartridge_basiclti_link><blti:secure_launch_url>`.
fn link(bytes: &[u8], kind: Kind) -> Option<String> {
    let decoded = xml::decode(bytes).ok()?;
    let tree = xml::parse(&decoded.text).ok()?;
    let find = |name: &'static str| tree.descendants().find(move |node| xml::named(*node, name));
    if kind == Kind::Link {
        return attribute(find("url")?, "href").map(|url| url.trim().to_owned());
    }
    ["secure_launch_url", "launch_url"]
        .into_iter()
        .find_map(|name| {
            let text = xml::text(find(name)?).trim().to_owned();
            (!text.is_empty()).then_some(text)
        })
}

/// The LOM of the whole: that of the manifest, completed by that of the organisation that is shown.
fn described(
    reader: &mut Reader<'_>,
    root: Node<'_, '_>,
    chosen: Option<Node<'_, '_>>,
    fetch: &mut Fetch<'_>,
    origin: &Origin,
) -> Result<Option<Reading>, Box<Problem>> {
    let mut taken: Option<Reading> = None;
    for place in [Some(root), chosen].into_iter().flatten() {
        for meta in xml::children(place, "metadata") {
            for more in of_metadata(reader, meta, fetch, origin)? {
                match &mut taken {
                    Some(first) => first.complete(more),
                    None => taken = Some(more),
                }
            }
        }
    }
    let parts = root
        .descendants()
        .filter(|node| {
            let parent = node.parent();
            let of = |names: &[&str]| {
                parent.is_some_and(|parent| names.iter().any(|name| xml::named(parent, name)))
            };
            xml::named(*node, "metadata") && of(&["item", "resource", "file"])
        })
        .filter(|node| node.children().any(|child| child.is_element()))
        .count();
    if parts > 0 {
        let count = parts.to_string();
        reader
            .draft
            .info("package-part-metadata", "manifest", &count, "");
    }
    Ok(taken)
}

/// The LOM in a `metadata` element, and in the files that it names.
fn of_metadata(
    reader: &mut Reader<'_>,
    meta: Node<'_, '_>,
    fetch: &mut Fetch<'_>,
    origin: &Origin,
) -> Result<Vec<Reading>, Box<Problem>> {
    let mut all = Vec::new();
    let inside = meta
        .descendants()
        .skip(1)
        .filter(|node| xml::named(*node, "lom") || xml::named(*node, "record"));
    for node in inside.take(MAX_RECORDS) {
        let read = lom::element(node, origin);
        all.extend(taken(reader, read, "manifest.metadata"));
    }
    for location in xml::children(meta, "location").take(MAX_RECORDS) {
        let written = xml::text(location);
        let at = "manifest.metadata.location";
        let base = reader.base(location)?;
        let Some(Place::File { path, .. }) = reader.place(&base, &written, at)? else {
            continue;
        };
        if !reader.files.known() {
            continue;
        }
        let read = match fetch(&path, xml::MAX_BYTES as u64) {
            Some(bytes) => lom::read(&bytes, origin),
            None => {
                Err(Problem::new(Severity::Error, "package-file-missing", at, &path, "").into())
            }
        };
        all.extend(taken(reader, read, &path));
    }
    Ok(all)
}

/// A reading of LOM without what is said of the whole package once more; that there is none is no fault of the package.
fn taken(reader: &mut Reader<'_>, read: Read, at: &str) -> Option<Reading> {
    match read {
        Ok(mut reading) => {
            reading
                .problems
                .retain(|problem| !is_rule_of_record(&problem.rule));
            Some(reading)
        }
        Err(problem) if problem.rule == "no-values" => {
            reader.draft.info("no-values", at, "", "");
            None
        }
        Err(problem) => {
            reader.draft.report(*problem);
            None
        }
    }
}

/// Parts that only who has a key may see (Common Cartridge 1.0 to 1.2: `authorizations`; `protected` on resources).
fn protection(draft: &mut Draft, root: Node<'_, '_>) {
    let found = root
        .descendants()
        .any(|node| xml::named(node, "authorizations"));
    if found {
        draft.warn("package-protected", "manifest.authorizations", "", "");
    }
}

/// What the manifest itself says of the whole: the title of the organisation, where LOM has none; its identifier.
fn about(
    draft: &mut Draft,
    root: Node<'_, '_>,
    chosen: Option<Node<'_, '_>>,
    described: &Option<Reading>,
) {
    let titled = described
        .as_ref()
        .is_some_and(|reading| !reading.record.title.is_empty());
    if let Some(organization) = chosen.filter(|_| !titled)
        && let Some(written) = xml::child_text(organization, "title")
    {
        let lang = xml::lang(organization).map(str::to_owned);
        let lang = lang.and_then(|tag| draft.language(&tag, "manifest.@xml:lang"));
        let path = "organization.title";
        draft.text(
            |r| &mut r.title,
            &written,
            Room::Title,
            lang.as_deref(),
            path,
        );
    }
    let said = |name: &str| {
        let written = identifier(root, name)?;
        let line = text::fit(written, Room::Line).text;
        (!line.is_empty()).then_some(line)
    };
    let manifest = json!({"identifier": said("identifier"), "version": said("version")});
    draft
        .record
        .extra
        .insert("imsmanifest".to_owned(), manifest);
}
