//! LOM 1 to 4: general, life cycle, about the record, technical.

use commun_specs::metadata::{
    Creator, Identifier, Link, MAX_VALUES, Need, Notice, Requirement, is_target,
};
use commun_specs::vocab::Scheme;
use roxmltree::Node;

use super::identifier::{runs, target};
use super::read::Reader;
use super::term::Meant;
use super::words;
use crate::crosswalk::{text::Room, xml};

/// The largest number that every JSON reader keeps exactly.
const MAX_SIZE: u64 = (1 << 53) - 1;

impl Reader {
    /// LOM 1.
    pub(super) fn general(&mut self, node: Node<'_, '_>) {
        const AT: &str = "lom.general";
        for (catalog, entry) in self.identifiers(node, AT) {
            let path = "lom.general.identifier";
            match target(&catalog, &entry) {
                Some(found) => {
                    match found.starts_with("http") {
                        true => self.id.get_or_insert_with(|| found.clone()),
                        false => self.doi.get_or_insert_with(|| found.clone()),
                    };
                    self.put(|r| &mut r.aliases, found, path);
                }
                None if entry.contains("://") || runs(&entry) => {
                    self.draft.warn("bad-address", path, &entry, "");
                    self.draft.keep(path, &entry);
                }
                None => self.put(|r| &mut r.identifiers, Identifier { catalog, entry }, path),
            }
        }
        let titles: Vec<_> = xml::children(node, "title").collect();
        if titles.len() > 1 {
            self.draft
                .error("lom-too-many", "lom.general.title", "", "1");
        }
        let path = "lom.general.title";
        let strings = titles.iter().flat_map(|title| title.children());
        let mut strings =
            strings.filter(|n| xml::named(*n, "string") || xml::named(*n, "langstring"));
        let written = strings.any(|string| !xml::text(string).trim().is_empty());
        self.lines(|r| &mut r.title, titles.into_iter(), Room::Title, path);
        if written && self.draft.record.title.is_empty() {
            // Of signs that nobody sees.
            self.refuse("no-title", path, "", "");
        }
        for language in xml::children(node, "language").take(MAX_VALUES) {
            let path = "lom.general.language";
            let Some(text) = self.token(language, path) else {
                continue;
            };
            let tag = match text.eq_ignore_ascii_case("none") {
                // What has no words.
                true => Some("zxx".to_owned()),
                false => self.tag(&text, path),
            };
            if let Some(tag) = tag {
                self.put(|r| &mut r.language, tag, path);
            }
        }
        let path = "lom.general.description";
        let nodes = xml::children(node, "description");
        self.prose(|r| &mut r.description, nodes, path);
        let path = "lom.general.keyword";
        let nodes = xml::children(node, "keyword");
        self.lines(|r| &mut r.keywords, nodes, Room::Line, path);
        let path = "lom.general.coverage";
        let nodes = xml::children(node, "coverage");
        self.lines(|r| &mut r.coverage, nodes, Room::Line, path);
        let path = "lom.general.structure";
        let found = xml::child(node, "structure");
        self.pick(|r| &mut r.structure, found, words::STRUCTURES, path);
        self.aggregation(node);
        let types = words::of_scheme(Scheme::DocumentType, &words::ALL);
        for found in xml::children(node, "documentType").take(MAX_VALUES) {
            let path = "lom.general.documentType";
            self.pick(|r| &mut r.document_type, Some(found), &types, path);
        }
        self.aside(node, "generalResourceType", "general resource type", AT);
        self.kind();
        const KNOWN: [&str; 12] = [
            "identifier",
            "catalogentry",
            "title",
            "language",
            "description",
            "keyword",
            "coverage",
            "structure",
            "aggregationLevel",
            "documentType",
            "generalResourceType",
            "catalog",
        ];
        self.rest(node, &KNOWN, AT);
    }

    fn aggregation(&mut self, node: Node<'_, '_>) {
        let path = "lom.general.aggregationLevel";
        let Some(found) = xml::child(node, "aggregationLevel") else {
            return;
        };
        if let Meant::Term(term) = self.term(found, words::AGGREGATIONS, path)
            && let Ok(level) = term.id.parse::<u64>()
        {
            self.put(|r| &mut r.aggregation_level, level, path);
        }
    }

    /// What the item is, guessed from 1.7 to 1.9; a plain resource is not said.
    fn kind(&mut self) {
        let record = &self.draft.record;
        let level = record.aggregation_level.first().map(|v| v.v);
        let software = record.document_type.iter().any(|v| v.v == "software");
        let gathered = record
            .structure
            .first()
            .is_some_and(|v| v.v == "collection");
        let guess = match (software, level, gathered) {
            (true, _, _) => ("component", "lom.general.documentType"),
            (_, Some(3 | 4), _) => ("course", "lom.general.aggregationLevel"),
            (_, _, true) => ("collection", "lom.general.structure"),
            _ => return,
        };
        let value = self.draft.guess(guess.0.to_owned(), guess.1);
        self.draft.push(|r| &mut r.kind, value);
    }

    /// The pairs of catalogue and entry of an element, in either binding.
    pub(super) fn identifiers(&mut self, node: Node<'_, '_>, at: &str) -> Vec<(String, String)> {
        let path = format!("{at}.identifier");
        let pairs = node
            .children()
            .filter(|child| xml::named(*child, "identifier") || xml::named(*child, "catalogentry"));
        let mut all = Vec::new();
        for pair in pairs.take(MAX_VALUES) {
            let part = |reader: &mut Reader, name: &'static str| {
                let found = xml::child(pair, name)?;
                let text = reader.token(found, &path)?;
                reader.draft.fit(&text, Room::Line, &path)
            };
            let catalog = part(self, "catalog").unwrap_or_default();
            let entry = match pair.children().any(|c| c.is_element()) {
                true => part(self, "entry"),
                // `<identifier>text</identifier>`
                false => self
                    .token(pair, &path)
                    .and_then(|text| self.draft.fit(&text, Room::Line, &path)),
            };
            match entry {
                Some(entry) => all.push((catalog, entry)),
                None if catalog.is_empty() => {}
                None => self.draft.keep(&format!("{path}.catalog"), &catalog),
            }
        }
        all
    }

    /// LOM 2.
    pub(super) fn life_cycle(&mut self, node: Node<'_, '_>) {
        if let Some(version) = xml::child(node, "version") {
            let path = "lom.lifeCycle.version";
            for (at, (_, text)) in self.strings(version, path).into_iter().enumerate() {
                match at {
                    0 => self.draft.line(|r| &mut r.version, &text, path),
                    _ => self.draft.keep(path, &text),
                }
            }
        }
        let status = xml::child(node, "status");
        let path = "lom.lifeCycle.status";
        self.pick(|r| &mut r.status, status, words::STATUSES, path);
        for node in xml::children(node, "contribute").take(MAX_VALUES) {
            self.contribution(node);
        }
        self.rest(node, &["version", "status", "contribute"], "lom.lifeCycle");
    }

    fn contribution(&mut self, node: Node<'_, '_>) {
        let path = "lom.lifeCycle.contribute";
        let (role, people, date) = self.contribute(node, path);
        if let Some(date) = &date {
            let when = format!("{path}.date");
            match &*role {
                "author" if self.draft.record.created.is_empty() => {
                    self.put(|r| &mut r.created, date.clone(), &when);
                }
                "publisher" if self.draft.record.published.is_empty() => {
                    self.put(|r| &mut r.published, date.clone(), &when);
                }
                _ => {}
            }
        }
        for person in people {
            let person = Creator {
                date: date.clone(),
                ..person
            };
            match &*role {
                "author" => self.put(|r| &mut r.creators, person, path),
                "publisher" => self.put(|r| &mut r.publishers, person, path),
                role => {
                    let role = Some(role.to_owned());
                    let person = Creator { role, ..person };
                    self.put(|r| &mut r.contributors, person, path);
                }
            }
        }
    }

    /// The role, the people and the date of a contribution.
    fn contribute(
        &mut self,
        node: Node<'_, '_>,
        path: &str,
    ) -> (String, Vec<Creator>, Option<String>) {
        let at = format!("{path}.role");
        let known: Vec<words::Term> = words::ROLES
            .iter()
            .chain(words::ROLE_LABELS)
            .copied()
            .collect();
        let role = match xml::child(node, "role") {
            Some(role) => match self.term(role, &known, &at) {
                Meant::Term(term) => term.id.to_owned(),
                Meant::Other(word) => {
                    self.draft.keep(&at, word.shown());
                    "contributor".to_owned()
                }
                Meant::None => "unknown".to_owned(),
            },
            None => "unknown".to_owned(),
        };
        let at = format!("{path}.entity");
        let cards = node
            .children()
            .filter(|child| xml::named(*child, "entity") || xml::named(*child, "centity"));
        let mut people = Vec::new();
        for card in cards.take(MAX_VALUES) {
            people.extend(self.people(card, &at));
        }
        let date = self.date(xml::child(node, "date"), &format!("{path}.date"));
        self.rest(node, &["role", "entity", "centity", "date"], path);
        (role, people, date)
    }

    /// LOM 3.
    pub(super) fn meta_metadata(&mut self, node: Node<'_, '_>) {
        const AT: &str = "lom.metaMetadata";
        let mut notice = Notice {
            language: self.lang.clone(),
            ..Notice::default()
        };
        for (catalog, entry) in self.identifiers(node, AT) {
            self.id.get_or_insert_with(|| entry.clone());
            notice.identifiers.push(Identifier { catalog, entry });
        }
        for found in xml::children(node, "contribute").take(MAX_VALUES) {
            let (role, people, date) = self.contribute(found, "lom.metaMetadata.contribute");
            let date = date.as_ref();
            notice
                .contributions
                .extend(people.into_iter().map(|p| Creator {
                    role: Some(role.clone()),
                    date: date.cloned(),
                    ..p
                }));
        }
        for name in ["metadataSchema", "metadatascheme"] {
            for schema in xml::children(node, name).take(MAX_VALUES) {
                let path = "lom.metaMetadata.metadataSchema";
                let text = self.token(schema, path);
                let fit = text.and_then(|text| self.draft.fit(&text, Room::Line, path));
                notice.schemas.extend(fit);
            }
        }
        if notice != Notice::default() {
            self.put(|r| &mut r.record, notice, AT);
        }
        const KNOWN: [&str; 6] = [
            "identifier",
            "catalogentry",
            "contribute",
            "metadataSchema",
            "metadatascheme",
            "language",
        ];
        self.rest(node, &KNOWN, AT);
    }

    /// LOM 4.
    pub(super) fn technical(&mut self, node: Node<'_, '_>) {
        const AT: &str = "lom.technical";
        for format in xml::children(node, "format").take(MAX_VALUES) {
            self.format(format);
        }
        if let Some(size) = xml::child(node, "size") {
            let path = "lom.technical.size";
            if let Some(text) = self.token(size, path) {
                match text.parse::<u64>() {
                    Ok(0) => self.draft.warn("lom-size", path, &text, ""),
                    Ok(bytes) if bytes <= MAX_SIZE => self.put(|r| &mut r.size, bytes, path),
                    _ => {
                        self.draft.error("lom-size", path, &text, "");
                        self.draft.keep(path, &text);
                    }
                }
            }
        }
        for location in xml::children(node, "location").take(MAX_VALUES) {
            self.location(location, None);
        }
        for extended in xml::children(node, "extendedLocation").take(MAX_VALUES) {
            let path = "lom.technical.extendedLocation";
            let platform = xml::child(extended, "platform").and_then(|p| self.token(p, path));
            for location in xml::children(extended, "location").take(MAX_VALUES) {
                self.location(location, platform.as_deref());
            }
            let purpose = "personal data process type";
            self.aside(extended, "personalDataProcessType", purpose, path);
            let known = ["platform", "location", "personalDataProcessType"];
            self.rest(extended, &known, path);
        }
        for requirement in xml::children(node, "requirement").take(MAX_VALUES) {
            self.requirement(requirement);
        }
        let path = "lom.technical.installationRemarks";
        let nodes = xml::children(node, "installationRemarks");
        self.prose(|r| &mut r.installation, nodes, path);
        let path = "lom.technical.otherPlatformRequirements";
        let nodes = xml::children(node, "otherPlatformRequirements");
        self.prose(|r| &mut r.other_requirements, nodes, path);
        let path = "lom.technical.duration";
        self.duration(|r| &mut r.duration, xml::child(node, "duration"), path);
        const KNOWN: [&str; 8] = [
            "format",
            "size",
            "location",
            "extendedLocation",
            "requirement",
            "installationRemarks",
            "otherPlatformRequirements",
            "duration",
        ];
        self.rest(node, &KNOWN, AT);
    }

    fn format(&mut self, node: Node<'_, '_>) {
        let path = "lom.technical.format";
        let Some(text) = self.token(node, path) else {
            return;
        };
        let bare = text.rsplit_once("mediatypes/").map_or(&*text, |(_, r)| r);
        let media = bare.trim().to_ascii_lowercase();
        let essence = media.split(';').next().unwrap_or_default().trim_end();
        let part = |p: &str| {
            !p.is_empty()
                && p.bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
        };
        let good = essence == "non-digital"
            || essence
                .split_once('/')
                .is_some_and(|(a, b)| part(a) && part(b));
        let fit = crate::crosswalk::text::fit(&media, Room::Line).text == media;
        if !good || !fit {
            self.draft
                .warn("not-understood", path, &text, "application/pdf");
            self.draft.keep(path, &text);
            return;
        }
        if media != text {
            self.draft.warn("kept-as", path, &text, &media);
        }
        self.put(|r| &mut r.formats, media, path);
    }

    fn location(&mut self, node: Node<'_, '_>, platform: Option<&str>) {
        let path = "lom.technical.location";
        let Some(text) = self.token(node, path) else {
            return;
        };
        if text
            .get(..5)
            .is_some_and(|head| head.eq_ignore_ascii_case("file:"))
        {
            self.refuse("local-address", path, &text, "https://");
            return;
        }
        let fit = self.draft.fit(&text, Room::Line, path);
        let Some(url) = fit.filter(|url| is_target(url) && url.contains(':')) else {
            self.draft.warn("bad-address", path, &text, "");
            self.draft.keep(path, &text);
            return;
        };
        let title = platform.and_then(|name| self.draft.fit(name, Room::Line, path));
        let kind = "location".to_owned();
        self.put(|r| &mut r.links, Link { kind, url, title }, path);
    }

    fn requirement(&mut self, node: Node<'_, '_>) {
        let path = "lom.technical.requirement";
        let mut any = Vec::new();
        let composites: Vec<_> = xml::children(node, "orComposite").collect();
        // The older binding has no composites.
        let needs = match composites.is_empty() {
            true => vec![node],
            false => composites,
        };
        for need in needs.into_iter().take(MAX_VALUES) {
            let word = |reader: &mut Reader, name: &'static str, terms| match reader.term(
                xml::child(need, name)?,
                terms,
                path,
            ) {
                Meant::Term(term) => Some(term.id.to_owned()),
                Meant::Other(word) => reader.draft.fit(word.shown(), Room::Line, path),
                Meant::None => None,
            };
            let kind = word(self, "type", words::NEEDS).unwrap_or_default();
            let name = word(self, "name", words::PLATFORMS).unwrap_or_default();
            let version = |reader: &mut Reader, name: &'static str| {
                let text = reader.token(xml::child(need, name)?, path)?;
                reader.draft.fit(&text, Room::Line, path)
            };
            let minimum = version(self, "minimumVersion");
            let maximum = version(self, "maximumVersion");
            if !kind.is_empty() || !name.is_empty() {
                any.push(Need {
                    kind,
                    name,
                    minimum,
                    maximum,
                });
            }
        }
        if !any.is_empty() {
            self.put(|r| &mut r.requirements, Requirement { any }, path);
        }
    }
}
