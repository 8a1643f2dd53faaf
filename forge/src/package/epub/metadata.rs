//! `metadata` of a package document: Dublin Core with what refines it.

use std::collections::HashMap;

use commun_specs::metadata::{
    Concept, Creator, Identifier, Image, MAX_VALUES, Record, Relation, Value, is_target,
};
use commun_specs::vocab::{self, Scheme};
use roxmltree::Node;
use serde_json::Map;

use crate::crosswalk::{Draft, Texts, text, text::Room, xml};
use crate::problem::Severity;

const DC: &str = "http://purl.org/dc/elements/1.1/";

/// Properties of refining `meta` elements that are read with what they refine, or say how to sort it.
const REFINING: [&str; 10] = [
    "role",
    "title-type",
    "alternate-script",
    "identifier-type",
    "authority",
    "term",
    "a11y:certifiedBy",
    "file-as",
    "display-seq",
    "collection-type",
];
/// Names and prefixes of `meta` elements that speak of the file and of programs, not of the book. The cover is found by
/// its item.
const TECHNICAL: [&str; 13] = [
    "cover",
    "generator",
    "Sigil version",
    "calibre:timestamp",
    "calibre:title_sort",
    "calibre:author_link_map",
    "calibre:user_",
    "rendition:",
    "media:active-class",
    "media:playback-active-class",
    "ibooks:",
    "fixed-layout",
    "primary-writing-mode",
];

/// Reads the metadata of one book.
pub(super) struct Reader<'a, 'i> {
    pub(super) draft: Draft,
    /// The language of texts that state none.
    pub(super) lang: Option<String>,
    root: Node<'a, 'i>,
    /// What refines an element, by its id: property and text.
    refined: HashMap<&'a str, Vec<(&'a str, String)>>,
    id: Option<String>,
    kept: Map<String, serde_json::Value>,
}

impl<'a, 'i> Reader<'a, 'i> {
    pub(super) fn new(draft: Draft, package: Node<'a, 'i>) -> Reader<'a, 'i> {
        // Not that of a `collection`, which is of a part.
        let root = xml::child(package, "metadata").unwrap_or(package);
        let mut refined: HashMap<&str, Vec<(&str, String)>> = HashMap::new();
        for meta in metas(root) {
            let property = meta.attribute("property");
            let target = meta
                .attribute("refines")
                .map(|id| id.trim_start_matches('#'));
            if let (Some(property), Some(target)) = (property, target) {
                let text = xml::text(meta).trim().to_owned();
                refined.entry(target).or_default().push((property, text));
            }
        }
        Reader {
            draft,
            lang: None,
            root,
            refined,
            id: None,
            kept: Map::new(),
        }
    }

    /// The draft, with the picture of the cover, and what the book is known by.
    pub(super) fn finish(mut self, cover: Option<&str>) -> (Draft, Option<String>) {
        // A path with these would not be taken for one.
        let fit = |path: &&str| !path.contains([':', '\\', '<', '>', '"']);
        if let Some(path) = cover.filter(fit) {
            let image = Image {
                url: path.to_owned(),
                alt: Vec::new(),
            };
            let value = self.draft.value(image, "manifest.item");
            self.draft.push(|r| &mut r.image, value);
        }
        if !self.kept.is_empty() {
            let kept = serde_json::Value::Object(self.kept);
            self.draft.record.extra.insert("epub".into(), kept);
        }
        (self.draft, self.id)
    }

    /// Takes all of it.
    pub(super) fn metadata(&mut self) {
        let elements: Vec<Node<'a, 'i>> = self
            .root
            .descendants()
            .filter(|node| node.is_element() && node.tag_name().namespace() == Some(DC))
            .take(2_000)
            .collect();
        let tags = elements
            .iter()
            .filter(|node| xml::named(**node, "language"));
        let first = tags.map(|node| xml::text(*node)).next();
        self.lang = first.and_then(|tag| self.draft.language(&tag, "dc:language"));
        for name in ["title", "language", "identifier"] {
            let said = |node: &&Node<'_, '_>| {
                xml::named(**node, name) && !xml::text(**node).trim().is_empty()
            };
            if !elements.iter().any(|node| said(&node)) {
                self.draft
                    .error("epub-required", &format!("dc:{name}"), "", "");
            }
        }
        self.titles(&elements);
        for node in &elements {
            self.element(*node);
        }
        for meta in metas(self.root) {
            self.meta(meta);
        }
        for link in self.root.descendants().filter(|n| xml::named(*n, "link")) {
            self.link(link);
        }
    }

    fn refinement(&self, node: Node<'_, '_>, property: &str) -> Option<String> {
        let all = self.refined.get(node.attribute("id")?)?;
        let found = all.iter().find(|(name, _)| *name == property)?;
        Some(found.1.clone())
    }

    fn language_of(&mut self, node: Node<'_, '_>) -> Option<String> {
        let own = xml::lang(node).map(str::to_owned);
        let own = own.and_then(|tag| self.draft.language(&tag, "@xml:lang"));
        own.or_else(|| self.lang.clone())
    }

    /// The title; subtitles and titles of series and editions are kept aside. Translations are other titles.
    fn titles(&mut self, elements: &[Node<'a, 'i>]) {
        let titles: Vec<Node<'a, 'i>> = elements
            .iter()
            .copied()
            .filter(|node| xml::named(*node, "title"))
            .collect();
        let kind = |reader: &Self, node: Node<'_, '_>| reader.refinement(node, "title-type");
        let main = titles
            .iter()
            .find(|node| kind(self, **node).as_deref() == Some("main"))
            .or_else(|| titles.iter().find(|node| kind(self, **node).is_none()))
            .or(titles.first())
            .copied();
        for node in titles.into_iter().take(MAX_VALUES) {
            let written = xml::text(node);
            let lang = self.language_of(node);
            if Some(node) == main {
                let lang = lang.as_deref();
                let field: Texts = |r| &mut r.title;
                self.draft
                    .text(field, &written, Room::Title, lang, "dc:title");
            } else {
                let what = kind(self, node).unwrap_or_else(|| "title".into());
                self.keep("dc:title", &what, &written);
            }
            for (_, other) in self.refinements(node, "alternate-script") {
                self.keep("dc:title", "alternate-script", &other);
            }
        }
    }

    fn refinements(&self, node: Node<'_, '_>, property: &str) -> Vec<(&'a str, String)> {
        let all = node.attribute("id").and_then(|id| self.refined.get(id));
        let all = all.into_iter().flatten();
        all.filter(|(name, _)| *name == property).cloned().collect()
    }

    fn keep(&mut self, path: &str, name: &str, written: &str) {
        let line = text::fit(written, Room::Line).text;
        let name = text::fit(name, Room::Line).text;
        if line.is_empty() {
            return;
        }
        if self.kept.len() >= MAX_VALUES {
            self.draft.warn("aside-left", path, &line, "");
            return;
        }
        self.draft.info("kept-aside", path, &line, "");
        let mut key = name.clone();
        let mut count = 1;
        while self.kept.contains_key(&key) {
            count += 1;
            key = format!("{name}-{count}");
        }
        self.kept.insert(key, line.into());
    }

    fn element(&mut self, node: Node<'a, 'i>) {
        let name = node.tag_name().name().to_ascii_lowercase();
        let path = format!("dc:{name}");
        let written = xml::text(node);
        let written = written.trim();
        if written.is_empty() {
            return;
        }
        let lang = match name.as_str() {
            "description" | "subject" | "coverage" | "rights" => self.language_of(node),
            _ => None,
        };
        let lang = lang.as_deref();
        match name.as_str() {
            "creator" => self.person(node, written, "aut", &path),
            "contributor" => self.person(node, written, "ctb", &path),
            "publisher" => {
                let field: fn(&mut Record) -> &mut Vec<Value<Creator>> = |r| &mut r.publishers;
                self.somebody(field, written, None, &path);
            }
            "language" => {
                if let Some(tag) = self.draft.language(written, &path) {
                    let value = self.draft.value(tag, &path);
                    self.draft.push(|r| &mut r.language, value);
                }
            }
            "identifier" => self.identifier(node, written, &path),
            "description" => {
                let field: Texts = |r| &mut r.description;
                self.draft.text(field, written, Room::Prose, lang, &path);
            }
            "subject" => self.subject(node, written, lang, &path),
            "coverage" => {
                let field: Texts = |r| &mut r.coverage;
                self.draft.text(field, written, Room::Line, lang, &path);
            }
            "date" => self.date(node, written, &path),
            "rights" => self.draft.rights(written, lang, &path, Severity::Info),
            "source" => self.relation("isBasedOn", written, &path),
            "relation" => self.relation("isRelatedTo", written, &path),
            "type" => match vocab::by_name(Scheme::DocumentType, written) {
                Some(id) => {
                    let value = self.draft.value(id.to_owned(), &path);
                    self.draft.push(|r| &mut r.document_type, value);
                }
                None => match vocab::by_name(Scheme::ResourceType, written) {
                    Some(id) => {
                        let value = self.draft.value(id.to_owned(), &path);
                        self.draft.push(|r| &mut r.resource_type, value);
                    }
                    None => self.keep(&path, "type", written),
                },
            },
            "format" => self.keep(&path, "format", written),
            _ => {}
        }
    }

    fn somebody(
        &mut self,
        field: fn(&mut Record) -> &mut Vec<Value<Creator>>,
        written: &str,
        role: Option<&str>,
        path: &str,
    ) {
        if let Some(name) = self.draft.fit(written, Room::Line, path) {
            let role = role.map(str::to_owned);
            let person = Creator {
                name,
                role,
                ..Creator::default()
            };
            let value = self.draft.value(person, path);
            self.draft.push(field, value);
        }
    }

    /// A person by their role, a code of MARC.
    fn person(&mut self, node: Node<'_, '_>, written: &str, otherwise: &str, path: &str) {
        let old = node
            .attributes()
            .find(|a| a.name() == "role")
            .map(|a| a.value().to_owned());
        let role = self.refinement(node, "role").or(old);
        let role = role.unwrap_or_default().trim().to_ascii_lowercase();
        let role = if role.is_empty() { otherwise } else { &role };
        // The program that packed it made nothing of it.
        if role == "bkp" {
            return;
        }
        let role = match role {
            "aut" | "cre" => {
                self.somebody(|r| &mut r.creators, written, None, path);
                return;
            }
            "pbl" => {
                self.somebody(|r| &mut r.publishers, written, None, path);
                return;
            }
            "fnd" => {
                self.somebody(|r| &mut r.funders, written, None, path);
                return;
            }
            "cph" => {
                self.somebody(|r| &mut r.rights_holders, written, None, path);
                return;
            }
            "edt" | "edc" => "editor",
            "trl" => "translator",
            "ill" | "art" | "pht" | "cov" | "bkd" => "graphical-designer",
            "rev" | "pfr" => "validator",
            _ => "contributor",
        };
        self.somebody(|r| &mut r.contributors, written, Some(role), path);
    }

    fn identifier(&mut self, node: Node<'_, '_>, written: &str, path: &str) {
        let scheme = node
            .attributes()
            .find(|a| a.name() == "scheme")
            .map(|a| a.value().trim().to_owned());
        let coded = self.refinement(node, "identifier-type");
        // ONIX code list 5.
        let coded = coded.map(|code| match code.as_str() {
            "15" | "02" => "ISBN".to_owned(),
            "06" => "DOI".to_owned(),
            "22" => "URN".to_owned(),
            _ => code,
        });
        let Some(entry) = self.draft.fit(written, Room::Line, path) else {
            return;
        };
        let catalog = scheme.or(coded).unwrap_or_default();
        let catalog = text::fit(&catalog, Room::Line).text;
        let digits = entry.replace(['-', ' '], "");
        let isbn = catalog.eq_ignore_ascii_case("isbn") && digits.len() <= 13;
        let found = match isbn {
            true => Some(format!("urn:isbn:{digits}")).filter(|urn| is_target(urn)),
            false => crate::crosswalk::lom::target(&catalog, &entry),
        };
        let main = self.root.attribute("unique-identifier");
        let unique = main.is_some() && node.attribute("id") == main;
        match found {
            Some(target) => {
                if unique || self.id.is_none() {
                    self.id = Some(target.clone());
                }
                let value = self.draft.value(target, path);
                self.draft.push(|r| &mut r.aliases, value);
            }
            None if crate::crosswalk::lom::runs(&entry) => {
                self.draft.warn("bad-address", path, &entry, "");
            }
            None => {
                // A bare UUID is one all the same.
                let hex = |c: char| c.is_ascii_hexdigit() || c == '-';
                if entry.len() == 36 && entry.chars().all(hex) {
                    let urn = format!("urn:uuid:{}", entry.to_ascii_lowercase());
                    if unique || self.id.is_none() {
                        self.id = Some(urn.clone());
                    }
                    let value = self.draft.value(urn, path);
                    self.draft.push(|r| &mut r.aliases, value);
                    return;
                }
                let value = self.draft.value(Identifier { catalog, entry }, path);
                self.draft.push(|r| &mut r.identifiers, value);
            }
        }
    }

    /// A keyword, and the concept that it is where an authority and its term are named.
    fn subject(&mut self, node: Node<'_, '_>, written: &str, lang: Option<&str>, path: &str) {
        let (authority, term) = (
            self.refinement(node, "authority"),
            self.refinement(node, "term"),
        );
        if let (Some(authority), Some(term)) = (authority, term) {
            let line = |text: &str| text::fit(text, Room::Line).text;
            let (scheme, notation) = (line(&authority), line(&term));
            let label = line(written);
            let shipped = scheme.eq_ignore_ascii_case("iscedf");
            if !scheme.is_empty() && !notation.is_empty() && !shipped {
                let concept = Concept {
                    scheme,
                    notation,
                    label: vec![(lang.unwrap_or("und").to_owned(), label)],
                    ..Concept::default()
                };
                let value = self.draft.value(concept, path);
                self.draft.push(|r| &mut r.subject, value);
                return;
            }
        }
        let field: Texts = |r| &mut r.keywords;
        self.draft.text(field, written, Room::Line, lang, path);
    }

    fn date(&mut self, node: Node<'_, '_>, written: &str, path: &str) {
        let event = node
            .attributes()
            .find(|a| a.name() == "event")
            .map(|a| a.value().trim().to_ascii_lowercase());
        let field: Texts = match event.as_deref() {
            Some("creation") => |r| &mut r.created,
            Some("modification") => |r| &mut r.modified,
            _ => |r| &mut r.published,
        };
        if let Some(date) = self.draft.date(written, path) {
            let value = self.draft.value(date, path);
            self.draft.push(field, value);
        }
    }

    fn relation(&mut self, kind: &str, written: &str, path: &str) {
        let Some(text) = self.draft.fit(written, Room::Title, path) else {
            return;
        };
        let target = crate::crosswalk::lom::target("", &text);
        if target.is_none() && crate::crosswalk::lom::runs(&text) {
            self.draft.warn("bad-address", path, &text, "");
            return;
        }
        let title = target.is_none().then_some(text);
        let relation = Relation {
            kind: kind.to_owned(),
            target: target.unwrap_or_default(),
            title,
            ..Relation::default()
        };
        let value = self.draft.value(relation, path);
        self.draft.push(|r| &mut r.relations, value);
    }

    /// A `meta` of either version.
    fn meta(&mut self, node: Node<'_, '_>) {
        let (property, written) = match node.attribute("property") {
            Some(property) => (property.trim(), xml::text(node)),
            None => {
                let name = node.attribute("name").unwrap_or_default();
                let content = node.attribute("content").unwrap_or_default();
                (name.trim(), content.to_owned())
            }
        };
        let written = written.trim();
        if written.is_empty() || property.is_empty() {
            return;
        }
        if node.has_attribute("refines") {
            let technical = TECHNICAL.iter().any(|name| property.starts_with(name));
            if !REFINING.contains(&property) && !technical {
                self.keep(property, property, written);
            }
            return;
        }
        if let Some(name) = property
            .strip_prefix("schema:")
            .filter(|name| *name != "license")
        {
            if !self.accessibility(name, written) {
                self.keep(property, property, written);
            }
            return;
        }
        let dated: Option<Texts> = match property {
            "dcterms:modified" => Some(|r| &mut r.modified),
            "dcterms:created" => Some(|r| &mut r.created),
            "dcterms:issued" => Some(|r| &mut r.published),
            _ => None,
        };
        if let Some(field) = dated {
            if let Some(date) = self.draft.date(written, property) {
                let value = self.draft.value(date, property);
                self.draft.push(field, value);
            }
            return;
        }
        match property {
            "schema:license" | "dcterms:license" | "dcterms:rights" | "cc:license"
            | "dcterms.license" | "dcterms.rights" | "DC.rights" | "dc.rights" => {
                let lang = self.lang.clone();
                self.draft
                    .rights(written, lang.as_deref(), property, Severity::Info);
            }
            "dcterms:conformsTo" => {
                let by = self.refinement(node, "a11y:certifiedBy");
                self.conforms(written, by.as_deref(), property);
            }
            "belongs-to-collection" | "calibre:series" => {
                let relation = Relation {
                    kind: "isPartOf".into(),
                    title: Some(text::fit(written, Room::Title).text).filter(|t| !t.is_empty()),
                    ..Relation::default()
                };
                if relation.title.is_some() {
                    let value = self.draft.value(relation, property);
                    self.draft.push(|r| &mut r.relations, value);
                }
            }
            name if TECHNICAL.iter().any(|known| name.starts_with(known)) => {}
            name => self.keep(name, name, written),
        }
    }

    /// A `link` of the package document: to a licence, to a standard.
    fn link(&mut self, node: Node<'_, '_>) {
        let rel = node.attribute("rel").unwrap_or_default();
        let href = node.attribute("href").unwrap_or_default().trim();
        let is = |names: &[&str]| rel.split(' ').any(|one| names.contains(&one));
        if node.has_attribute("refines") {
            // What is said of a part holds for that part.
            self.keep("link", rel, href);
        } else if is(&[
            "dcterms:license",
            "cc:license",
            "license",
            "schema:license",
            "dcterms:rights",
        ]) {
            self.draft.rights(href, None, "link", Severity::Info);
        } else if is(&["dcterms:conformsTo"]) {
            self.conforms(href, None, "link");
        } else if !rel.is_empty() {
            self.keep("link", rel, href);
        }
    }
}

/// The `meta` elements of a package document.
fn metas<'a, 'i>(root: Node<'a, 'i>) -> impl Iterator<Item = Node<'a, 'i>> {
    let all = root.descendants().filter(|node| xml::named(*node, "meta"));
    all.take(2_000)
}
