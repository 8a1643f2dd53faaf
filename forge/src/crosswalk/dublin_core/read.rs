//! From Dublin Core to the model.

use commun_specs::{
    metadata::{Classification, Concept, Creator, Identifier, Link, Relation, is_target},
    vocab::{self, Scheme},
};
use roxmltree::Node;

use super::{DCTERMS, ELEMENTS, EU_DDC, EU_EMBARGO, EU_REPO, SCHEME, WRAPPER};
use crate::crosswalk::{
    Draft, Origin, Read, Texts, draft, linked::dewey_number, lom::runs, text::Room, xml,
};
use crate::problem::{Problem, Severity};

/// Elements of `dcterms` that some exporters mix in, and the simple element that they refine; those that refine none are
/// fields of their own.
const TERMS: [(&str, &str); 27] = [
    ("audience", "audience"),
    ("educationLevel", "educationLevel"),
    ("created", "created"),
    ("modified", "modified"),
    ("extent", "format"),
    ("medium", "format"),
    ("isReferencedBy", "relation"),
    ("isReplacedBy", "relation"),
    ("replaces", "relation"),
    ("hasVersion", "relation"),
    ("isFormatOf", "relation"),
    ("hasFormat", "relation"),
    ("requires", "relation"),
    ("abstract", "description"),
    ("tableOfContents", "description"),
    ("alternative", "title"),
    ("issued", "date"),
    ("available", "date"),
    ("license", "rights"),
    ("accessRights", "rights"),
    ("rightsHolder", "rights"),
    ("isPartOf", "relation"),
    ("hasPart", "relation"),
    ("isVersionOf", "relation"),
    ("references", "relation"),
    ("spatial", "coverage"),
    ("temporal", "coverage"),
];

/// The fifteen.
const FIFTEEN: [&str; 15] = [
    "title",
    "creator",
    "subject",
    "description",
    "publisher",
    "contributor",
    "date",
    "type",
    "format",
    "identifier",
    "source",
    "language",
    "relation",
    "coverage",
    "rights",
];

/// Namespaces whose attributes are no part of Dublin Core and may stand everywhere.
const XML: &str = "http://www.w3.org/XML/1998/namespace";
const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";

/// Reads one record: `oai_dc:dc`, or its elements inside something else.
///
/// # Errors
/// The one reason why nothing comes in: not XML, not Dublin Core, no title.
pub fn read(bytes: &[u8], origin: &Origin) -> Read {
    let decoded = xml::decode(bytes).map_err(|e| e.problem())?;
    let tree = xml::parse(&decoded.text).map_err(|e| e.problem())?;
    let mut draft = Draft::new(SCHEME, origin);
    if let Some(problem) = decoded.problem() {
        draft.report(problem);
    }
    let root = tree.root_element();
    let top = wrapper(root, &mut draft)?;
    let lang = xml::lang(root).and_then(|tag| draft.language(tag, "@xml:lang"));
    let mut reader = Reader {
        draft,
        lang,
        id: None,
        doi: None,
    };
    let mut said = 0;
    for node in top.children() {
        if let Some(text) = node
            .text()
            .filter(|t| node.is_text() && !t.trim().is_empty())
        {
            reader.draft.warn("stray-text", "dc", text.trim(), "");
        }
        if node.is_element() {
            said += usize::from(reader.element(node));
        }
    }
    let Reader {
        mut draft, id, doi, ..
    } = reader;
    if said == 0 {
        // What was wrong with the only elements says more than that there are none.
        let fault = draft
            .problems()
            .iter()
            .find(|p| p.severity == Severity::Error);
        let none = || Problem::new(Severity::Error, "no-values", "dc", "", "");
        return Err(fault.cloned().unwrap_or_else(none).into());
    }
    if draft.record.title.is_empty() {
        return Err(Problem::new(Severity::Error, "no-title", "dc:title", "", "").into());
    }
    if !draft.states_licence() {
        draft.warn("no-licence", "dc:rights", "", "");
    }
    if draft.record.language.is_empty() {
        draft.info("no-language", "dc:language", "", "");
    }
    let id = doi.or(id);
    if id.is_none() {
        draft.warn("no-identifier", "dc:identifier", "", "");
    }
    Ok(draft.finish(id))
}

/// The element whose children are the fifteen.
fn wrapper<'a, 'i>(root: Node<'a, 'i>, draft: &mut Draft) -> Result<Node<'a, 'i>, Box<Problem>> {
    let has = |node: &Node<'_, '_>| {
        node.children()
            .any(|c| c.is_element() && c.tag_name().namespace() == Some(ELEMENTS))
    };
    let space = root.tag_name().namespace().unwrap_or_default();
    if xml::named(root, "dc") && space == WRAPPER {
        return Ok(root);
    }
    // `<dc xmlns="…/elements/1.1/">`, `<record>`, `<rdf:Description>`: a wrapper of the exporter's own.
    let found = root
        .descendants()
        .filter(Node::is_element)
        .take(100)
        .find(has);
    match found {
        Some(node) => {
            draft.warn(
                "no-wrapper",
                "",
                root.tag_name().name(),
                "{http://www.openarchives.org/OAI/2.0/oai_dc/}dc",
            );
            Ok(node)
        }
        None if xml::named(root, "dc") && (space.is_empty() || space == ELEMENTS) => {
            draft.warn("wrong-namespace", "dc", space, WRAPPER);
            Ok(root)
        }
        None => Err(Problem::new(
            Severity::Error,
            "not-this-format",
            "",
            root.tag_name().name(),
            "Dublin Core",
        )
        .into()),
    }
}

struct Reader {
    draft: Draft,
    lang: Option<String>,
    id: Option<String>,
    doi: Option<String>,
}

impl Reader {
    /// Reads one element; whether it said something.
    fn element(&mut self, node: Node<'_, '_>) -> bool {
        let written = node.tag_name().name();
        let space = node.tag_name().namespace();
        let prefix = if space == Some(DCTERMS) {
            "dcterms"
        } else {
            "dc"
        };
        let path = format!("{prefix}:{written}");
        let lower = written.to_ascii_lowercase();
        let mut terms = TERMS.iter();
        let term = terms.find(|(term, _)| term.eq_ignore_ascii_case(written));
        let name = match term {
            Some((term, simple)) => {
                let right = match term == simple {
                    true => format!("dcterms:{term}"),
                    false => format!("dc:{simple}"),
                };
                if space == Some(ELEMENTS) {
                    self.draft.error("not-of-fifteen", &path, written, &right);
                } else if *term != written {
                    let right = format!("{prefix}:{term}");
                    self.draft.warn("element-case", &path, "", &right);
                }
                // A relation keeps its kind, and a field of its own is as it was.
                let same =
                    term == simple || (*simple == "relation" && related(&lower) != "isRelatedTo");
                if space != Some(ELEMENTS) && !same {
                    self.draft.warn("kept-as", &path, written, &right);
                }
                *simple
            }
            None => match FIFTEEN.iter().find(|known| **known == lower) {
                Some(known) => {
                    if *known != written {
                        let right = format!("{prefix}:{known}");
                        self.draft.warn("element-case", &path, "", &right);
                    }
                    known
                }
                None => {
                    self.draft
                        .error("unknown-element", &path, &xml::text(node), "");
                    return false;
                }
            },
        };
        if node.children().any(|c| c.is_element()) {
            self.draft
                .error("nested-element", &path, &xml::text(node), "");
            return false;
        }
        let text = xml::text(node);
        let text = text.trim();
        if text.is_empty() {
            self.draft.warn("empty-value", &path, "", "");
            return false;
        }
        self.attributes(node, &path);
        let lang = match xml::lang(node) {
            Some(tag) => self.draft.language(tag, &format!("{path}/@xml:lang")),
            None => None,
        };
        let lang = lang.or_else(|| self.lang.clone());
        let lang = lang.as_deref();
        let d = &mut self.draft;
        match name {
            "title" => d.text(|r| &mut r.title, text, Room::Title, lang, &path),
            "description" => d.text(|r| &mut r.description, text, Room::Prose, lang, &path),
            "coverage" => d.text(|r| &mut r.coverage, text, Room::Line, lang, &path),
            "creator" => self.person(|r| &mut r.creators, text, None, &path),
            "contributor" => self.person(|r| &mut r.contributors, text, Some("contributor"), &path),
            "publisher" => self.person(|r| &mut r.publishers, text, None, &path),
            "subject" => self.subject(text, encoding(node), lang, &path),
            "date" if text.starts_with(EU_EMBARGO) => self.embargo(text, &path),
            "date" => {
                if let Some(date) = d.date(text, &path) {
                    let value = d.value(date, &path);
                    d.push(|r| &mut r.published, value);
                }
            }
            "type" => self.kind(text, lang, &path),
            "format" => self.format(text, &path),
            "identifier" => self.identifier(text, &path),
            "created" | "modified" => {
                if let Some(date) = d.date(text, &path) {
                    let value = d.value(date, &path);
                    match name {
                        "created" => d.push(|r| &mut r.created, value),
                        _ => d.push(|r| &mut r.modified, value),
                    };
                }
            }
            "audience" => self.coded(Scheme::Audience, |r| &mut r.audience, text, lang, &path),
            "educationLevel" => {
                self.coded(Scheme::Level, |r| &mut r.level, text, lang, &path);
            }
            "language" => {
                for tag in d.languages(text, &path) {
                    let value = d.value(tag, &path);
                    d.push(|r| &mut r.language, value);
                }
            }
            "source" => self.relation("isBasedOn", text, &path),
            "relation" => self.relation(related(&lower), text, &path),
            _ => self.rights(text, lang, &path),
        }
        true
    }

    /// A level or an audience: the vocabulary's, else the words.
    fn coded(&mut self, scheme: Scheme, field: Texts, text: &str, lang: Option<&str>, path: &str) {
        let known = vocab::by_address(scheme, text).or_else(|| vocab::by_name(scheme, text));
        if let Some(id) = known {
            let value = self.draft.value(id.to_owned(), path);
            self.draft.push(field, value);
            return;
        }
        let Some(text) = self.draft.fit(text, Room::Line, path) else {
            return;
        };
        self.draft.info("not-understood", path, &text, scheme.id());
        let purpose = match scheme {
            Scheme::Level => "educational level",
            _ => "audience",
        };
        let kept = Classification {
            purpose: purpose.into(),
            concept: Concept::words(lang.unwrap_or("und"), &text),
        };
        let value = self.draft.value(kept, path);
        self.draft.push(|r| &mut r.classifications, value);
    }

    /// Tells attributes that the schema does not have, each once.
    fn attributes(&mut self, node: Node<'_, '_>, path: &str) {
        for attribute in node.attributes() {
            let known = [XML, XSI, RDF].map(Some).contains(&attribute.namespace());
            let at = format!("{path}/@{}", attribute.name());
            let told = |p: &Problem| p.rule == "unknown-attribute" && p.path == at;
            if !known && !self.draft.problems().iter().any(told) {
                self.draft
                    .warn("unknown-attribute", &at, attribute.value(), "");
            }
        }
    }

    /// The end of an embargo, as repositories of OpenAIRE state it: the model has no field for it.
    fn embargo(&mut self, text: &str, path: &str) {
        match draft::date(text[EU_EMBARGO.len()..].trim()) {
            Some(day) => self.draft.info("embargo-end", path, &day, ""),
            None => self.draft.warn("not-a-date", path, text, ""),
        }
        self.draft.keep(path, text);
    }

    fn person(
        &mut self,
        field: fn(
            &mut commun_specs::metadata::Record,
        ) -> &mut Vec<commun_specs::metadata::Value<Creator>>,
        text: &str,
        role: Option<&str>,
        path: &str,
    ) {
        let Some(name) = self.draft.fit(text, Room::Line, path) else {
            return;
        };
        let person = Creator {
            name,
            role: role.map(str::to_owned),
            ..Creator::default()
        };
        let value = self.draft.value(person, path);
        self.draft.push(field, value);
    }

    /// A subject; `encoding` is the scheme that an attribute names.
    fn subject(&mut self, text: &str, encoding: Option<&str>, lang: Option<&str>, path: &str) {
        let dewey = [
            EU_DDC,
            "ddc:",
            "DDC:",
            "http://dewey.info/class/",
            "https://dewey.info/class/",
        ]
        .iter()
        .find_map(|prefix| text.strip_prefix(prefix))
        .map(|rest| rest.trim_matches(['/', ' ']));
        let concept = match (dewey.and_then(dewey_number), draft::address(text)) {
            (Some(number), _) => Some(Concept {
                scheme: "ddc".into(),
                notation: number.to_owned(),
                ..Concept::default()
            }),
            (_, Some(url)) => match vocab::by_address(Scheme::Subject, &url) {
                Some(id) => shipped(id),
                // IdRef's addresses of its notices end in `/id`.
                None => url
                    .strip_suffix("/id")
                    .filter(|url| url.contains("://www.idref.fr/"))
                    .unwrap_or(&url)
                    .trim_end_matches('/')
                    .rsplit_once('/')
                    .map(|(scheme, code)| Concept {
                        scheme: scheme.to_owned(),
                        notation: code.to_owned(),
                        ..Concept::default()
                    }),
            },
            _ => encoding
                .filter(|scheme| is_notation(scheme, text))
                .map(|scheme| Concept {
                    scheme: scheme.to_owned(),
                    notation: text.to_owned(),
                    // A heading is words, a class of Dewey or of the UDC a number.
                    label: match scheme {
                        "lcsh" | "mesh" => {
                            vec![(lang.unwrap_or("und").to_owned(), text.to_owned())]
                        }
                        _ => Vec::new(),
                    },
                    ..Concept::default()
                }),
        };
        if let Some(concept) = concept {
            let fits =
                |s: &str| !s.is_empty() && crate::crosswalk::text::fit(s, Room::Line).text == s;
            if fits(&concept.scheme) && fits(&concept.notation) {
                let value = self.draft.value(concept, path);
                self.draft.push(|r| &mut r.subject, value);
                return;
            }
        }
        self.draft
            .text(|r| &mut r.keywords, text, Room::Line, lang, path);
        // A word that is also the name of a field of study is taken for it, as a guess.
        if let Some(concept) = vocab::by_name(Scheme::Subject, text).and_then(shipped) {
            let value = self.draft.guess(concept, path);
            self.draft.push(|r| &mut r.subject, value);
        }
    }

    fn kind(&mut self, text: &str, lang: Option<&str>, path: &str) {
        let word = text
            .strip_prefix("info:eu-repo/semantics/")
            .or_else(|| text.strip_prefix("doc-type:"))
            .unwrap_or(text)
            .trim();
        let document = vocab::by_address(Scheme::DocumentType, text)
            .or_else(|| vocab::by_name(Scheme::DocumentType, word));
        let learning = vocab::by_address(Scheme::ResourceType, text)
            .or_else(|| vocab::by_value(Scheme::ResourceType, "eu-repo", word))
            .or_else(|| vocab::by_name(Scheme::ResourceType, word));
        if let Some(id) = document {
            let value = self.draft.value(id.to_owned(), path);
            self.draft.push(|r| &mut r.document_type, value);
        }
        // « Text » is a type of document before it is one of learning material; « Cours » is the second only.
        if let Some(id) = learning.filter(|_| document.is_none()) {
            let value = self.draft.value(id.to_owned(), path);
            self.draft.push(|r| &mut r.resource_type, value);
        }
        if document.is_none() && learning.is_none() {
            let Some(text) = self.draft.fit(text, Room::Line, path) else {
                return;
            };
            self.draft.info("not-understood", path, &text, "HCRT, DCMI");
            let kept = Classification {
                purpose: "type".into(),
                concept: Concept::words(lang.unwrap_or("und"), &text),
            };
            let value = self.draft.value(kept, path);
            self.draft.push(|r| &mut r.classifications, value);
        }
    }

    fn format(&mut self, text: &str, path: &str) {
        // `http://purl.org/NET/mediatypes/text/html`
        let bare = text
            .rsplit_once("mediatypes/")
            .map_or(text, |(_, rest)| rest)
            .trim();
        let media = bare
            .split(';')
            .next()
            .unwrap_or(bare)
            .trim()
            .to_ascii_lowercase();
        let part = |p: &str| {
            !p.is_empty()
                && p.len() <= 80
                && p.bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
        };
        if media
            .split_once('/')
            .is_some_and(|(a, b)| part(a) && part(b))
        {
            let value = self.draft.value(media, path);
            self.draft.push(|r| &mut r.formats, value);
        } else {
            self.draft
                .info("not-understood", path, text, "application/pdf");
        }
    }

    fn identifier(&mut self, text: &str, path: &str) {
        let Some(text) = self.draft.fit(text, Room::Line, path) else {
            return;
        };
        match target(&text) {
            Some(target) if target.starts_with("http") => {
                let value = self.draft.value(target.clone(), path);
                self.draft.push(|r| &mut r.aliases, value);
                let link = Link {
                    kind: "location".into(),
                    url: target.clone(),
                    title: None,
                };
                let value = self.draft.value(link, path);
                self.draft.push(|r| &mut r.links, value);
                self.id.get_or_insert(target);
            }
            Some(target) => {
                let value = self.draft.value(target.clone(), path);
                self.draft.push(|r| &mut r.aliases, value);
                self.doi.get_or_insert(target);
            }
            None if text.contains("://") || runs(&text) => {
                self.draft.error("bad-address", path, &text, "");
            }
            None => {
                let local = Identifier {
                    catalog: String::new(),
                    entry: text,
                };
                let value = self.draft.value(local, path);
                self.draft.push(|r| &mut r.identifiers, value);
            }
        }
    }

    fn relation(&mut self, kind: &str, text: &str, path: &str) {
        let Some(text) = self.draft.fit(text, Room::Title, path) else {
            return;
        };
        let (target, title) = match target(&text) {
            Some(target) => (target, None),
            None if runs(&text) => {
                self.draft.error("bad-address", path, &text, "");
                return;
            }
            None => (String::new(), Some(text)),
        };
        let relation = Relation {
            kind: kind.to_owned(),
            target,
            title,
            ..Relation::default()
        };
        let value = self.draft.value(relation, path);
        self.draft.push(|r| &mut r.relations, value);
    }

    fn rights(&mut self, text: &str, lang: Option<&str>, path: &str) {
        if let Some(word) = text.strip_prefix("info:eu-repo/semantics/") {
            match vocab::by_value(Scheme::Access, "eu-repo", word.trim()) {
                Some(id) => {
                    let value = self.draft.value(id.to_owned(), path);
                    self.draft.push(|r| &mut r.access, value);
                }
                None => self.draft.info(
                    "not-understood",
                    path,
                    text,
                    "info:eu-repo/semantics/openAccess",
                ),
            }
            return;
        }
        // Who holds the rights and who may come in are no terms of use.
        let lower = path.to_ascii_lowercase();
        let other = lower.ends_with("rightsholder") || lower.ends_with("accessrights");
        match text.starts_with(EU_REPO) || other {
            true => self
                .draft
                .text(|r| &mut r.licence_statement, text, Room::Prose, lang, path),
            false => self.draft.rights(text, lang, path, Severity::Info),
        }
    }
}

/// The relation that an element of `dcterms`, in small letters, says; `relation` says none.
fn related(element: &str) -> &'static str {
    match element {
        "ispartof" => "isPartOf",
        "haspart" => "hasPart",
        "isversionof" => "isVersionOf",
        "hasversion" => "hasVersion",
        "isformatof" => "isFormatOf",
        "hasformat" => "hasFormat",
        "references" => "references",
        "isreferencedby" => "isReferencedBy",
        "replaces" => "replaces",
        "isreplacedby" => "isReplacedBy",
        "requires" => "requires",
        _ => "isRelatedTo",
    }
}

/// A concept of the fields of study that ship with Commun.
fn shipped(id: &str) -> Option<Concept> {
    let notation = id.strip_prefix("iscedf-")?.to_owned();
    Some(Concept {
        scheme: "iscedf".into(),
        notation,
        ..Concept::default()
    })
}

/// Whether a text may be what a scheme has: a class of Dewey or of the UDC begins with a digit.
fn is_notation(scheme: &str, text: &str) -> bool {
    !matches!(scheme, "ddc" | "udc") || text.starts_with(|c: char| c.is_ascii_digit())
}

/// The scheme of a subject that `xsi:type="dcterms:DDC"` names, by the short name that concepts have.
fn encoding(node: Node<'_, '_>) -> Option<&'static str> {
    let written = node.attribute((XSI, "type"))?;
    let name = written.rsplit(':').next().unwrap_or_default().trim();
    ["ddc", "udc", "lcsh", "lcc", "mesh"]
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(name))
}

/// What an identifier leads to, in the one spelling that aliases have: an address, `doi:`, `urn:isbn:`…
pub(super) fn target(text: &str) -> Option<String> {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    for (prefix, scheme) in [
        ("doi:", "doi:"),
        ("doi ", "doi:"),
        ("info:doi/", "doi:"),
        ("isbn:", "urn:isbn:"),
        ("isbn ", "urn:isbn:"),
        ("issn:", "urn:issn:"),
        ("issn ", "urn:issn:"),
        ("info:hdl/", "hdl:"),
    ] {
        if lower.starts_with(prefix) {
            let rest = text[prefix.len()..].trim();
            let made = format!("{scheme}{rest}");
            return is_target(&made).then_some(made);
        }
    }
    if text.starts_with("10.") && text.contains('/') {
        let made = format!("doi:{text}");
        return is_target(&made).then_some(made);
    }
    // `handle/slug` is a target of ours, never what a stranger means.
    text.contains(':')
        .then(|| text.to_owned())
        .filter(|text| is_target(text))
}
