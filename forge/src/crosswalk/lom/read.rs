//! From LOM to the model: the document, its sections, and what all of them share.

use commun_specs::metadata::{Creator, MAX_VALUES, Value};
use roxmltree::Node;

use super::{
    NAMESPACE, SCHEME,
    dialect::{Dialect, dialect},
    profile, vcard,
};
use crate::crosswalk::{Draft, Origin, Read, xml};
use crate::problem::{Problem, Severity};

/// Most elements that are looked at for one named `lom`.
const MAX_SEARCHED: usize = 20_000;

/// What IEEE 1484.12.1 has once in the element that holds it, and of which the first is read.
const SINGLE: [&str; 17] = [
    "structure",
    "aggregationLevel",
    "version",
    "status",
    "role",
    "date",
    "size",
    "duration",
    "interactivityType",
    "interactivityLevel",
    "semanticDensity",
    "difficulty",
    "typicalLearningTime",
    "cost",
    "copyrightAndOtherRestrictions",
    "resource",
    "purpose",
];

/// Reads one record: `lom`, alone or inside something else such as a manifest.
///
/// # Errors
/// The one reason why nothing comes in: not XML, no LOM in it, a namespace of something else.
pub fn read(bytes: &[u8], origin: &Origin) -> Read {
    let decoded = xml::decode(bytes).map_err(|e| e.problem())?;
    let tree = xml::parse(&decoded.text).map_err(|e| e.problem())?;
    let root = tree.root_element();
    let found = root
        .descendants()
        .take(MAX_SEARCHED)
        .find(|node| xml::named(*node, "lom"));
    let Some(top) = found else {
        let given = root.tag_name().name();
        return Err(Problem::new(Severity::Error, "not-this-format", "", given, "LOM").into());
    };
    let mut reading = element(top, origin)?;
    if let Some(problem) = decoded.problem() {
        reading.problems.insert(0, problem);
    }
    Ok(reading)
}

/// Reads the record that an element named `lom` holds; for packages, whose manifests have many.
///
/// # Errors
/// The namespace is that of something else, or nothing is said.
pub fn element(top: Node<'_, '_>, origin: &Origin) -> Read {
    let space = top.tag_name().namespace().unwrap_or_default();
    const HOSTS: [&str; 6] = [
        "ltsc.ieee.org",
        "imsglobal.org",
        "imsproject.org",
        "lom-fr.fr",
        "adlnet.org",
        "adlnet.gov",
    ];
    if !space.is_empty() && !HOSTS.iter().any(|host| space.contains(host)) {
        let fault = Problem::new(Severity::Error, "wrong-namespace", "lom", space, NAMESPACE);
        return Err(fault.into());
    }
    let (dialect, tokens) = dialect(top);
    let mut reader = Reader {
        draft: Draft::new(SCHEME, origin),
        lang: None,
        dialect,
        id: None,
        doi: None,
        levels: Vec::new(),
        refused: None,
    };
    if space.is_empty() {
        reader.draft.warn("wrong-namespace", "lom", "", NAMESPACE);
    }
    let named = if tokens.is_empty() { "–" } else { &tokens };
    reader
        .draft
        .info("lom-dialect", "lom", dialect.name(), named);
    let meta = xml::child(top, "metaMetadata");
    let spoken = meta.and_then(|meta| xml::child_text(meta, "language"));
    reader.lang = spoken.and_then(|tag| reader.tag(&tag, "lom.metaMetadata.language"));
    reader.sections(top);
    profile::check(&mut reader.draft, top, dialect);
    let Reader {
        mut draft,
        id,
        doi,
        refused,
        ..
    } = reader;
    if let Some(fault) = refused {
        return Err(fault);
    }
    if !top.children().any(|child| child.is_element()) {
        return Err(Problem::new(Severity::Error, "no-values", "lom", "", "").into());
    }
    let id = doi.or(id);
    if id.is_none() {
        draft.warn("no-identifier", "lom.general.identifier", "", "");
    }
    Ok(draft.finish(id))
}

/// Reads one record.
pub(super) struct Reader {
    pub(super) draft: Draft,
    /// The language of texts that state none.
    pub(super) lang: Option<String>,
    pub(super) dialect: Dialect,
    pub(super) id: Option<String>,
    pub(super) doi: Option<String>,
    /// The levels of a record that Commun wrote, all of them.
    pub(super) levels: Vec<String>,
    /// The first thing for which nothing of the record comes in.
    pub(super) refused: Option<Box<Problem>>,
}

/// The texts inside an element, with a space between those of two elements.
fn texts(node: Node<'_, '_>) -> String {
    let texts = node.descendants().filter(Node::is_text);
    let texts = texts.filter_map(|text| text.text()).map(str::trim);
    texts
        .filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

impl Reader {
    fn sections(&mut self, top: Node<'_, '_>) {
        const ONCE: [&str; 5] = [
            "general",
            "lifeCycle",
            "metaMetadata",
            "technical",
            "rights",
        ];
        for name in ONCE {
            let path = format!("lom.{name}");
            for (at, node) in xml::children(top, name).enumerate() {
                if at > 0 {
                    self.draft.error("lom-too-many", &path, "", "1");
                    continue;
                }
                match name {
                    "general" => self.general(node),
                    "lifeCycle" => self.life_cycle(node),
                    "metaMetadata" => self.meta_metadata(node),
                    "technical" => self.technical(node),
                    _ => self.rights(node),
                }
            }
        }
        for node in xml::children(top, "educational").take(MAX_VALUES) {
            self.educational(node);
        }
        for node in xml::children(top, "relation").take(MAX_VALUES) {
            self.relation(node);
        }
        for node in xml::children(top, "annotation").take(MAX_VALUES) {
            self.annotation(node);
        }
        for node in xml::children(top, "classification").take(MAX_VALUES) {
            self.classification(node);
        }
        self.settle();
        const MANY: [&str; 4] = ["educational", "relation", "annotation", "classification"];
        let known: Vec<&str> = ONCE.into_iter().chain(MANY).collect();
        self.rest(top, &known, "lom");
    }

    /// Lets nothing of the record come in.
    pub(super) fn refuse(&mut self, rule: &str, path: &str, given: &str, want: &str) {
        let fault = || Problem::new(Severity::Error, rule, path, given, want).into();
        self.refused.get_or_insert_with(fault);
    }

    /// Keeps the children that nobody read: those that LOM does not have, and those that it has once and that are there again.
    pub(super) fn rest(&mut self, node: Node<'_, '_>, known: &[&str], path: &str) {
        let mut seen: Vec<&str> = Vec::new();
        for child in node.children().filter(Node::is_element) {
            let name = child.tag_name().name();
            let once = SINGLE.iter().find(|k| k.eq_ignore_ascii_case(name));
            let again = once.is_some_and(|name| seen.contains(name));
            seen.extend(once);
            if again || !known.iter().any(|k| k.eq_ignore_ascii_case(name)) {
                let path = format!("{path}.{name}");
                if again {
                    self.draft.error("lom-too-many", &path, "", "1");
                }
                self.draft.keep(&path, &texts(child));
            }
        }
    }

    /// Adds a value that is fit already.
    pub(super) fn put<T: PartialEq>(
        &mut self,
        field: fn(&mut commun_specs::metadata::Record) -> &mut Vec<Value<T>>,
        v: T,
        path: &str,
    ) {
        let value = self.draft.value(v, path);
        self.draft.push(field, value);
    }

    /// The person on the card of an element. Of further cards in it the names are kept.
    pub(super) fn people(&mut self, node: Node<'_, '_>, path: &str) -> Vec<Creator> {
        // `centity/vcard` in the older binding.
        let text = xml::text(xml::child(node, "vcard").unwrap_or(node));
        let cards = vcard::apart(&text);
        if cards.len() > 1 {
            let several = cards.len().to_string();
            self.draft.warn("vcard-several", path, &several, "1");
        }
        let mut people = Vec::new();
        for (at, card) in cards.into_iter().take(MAX_VALUES).enumerate() {
            if at == 0 {
                people.extend(self.person(card, path));
            } else if let Some(person) = vcard::read(card).person {
                self.draft.keep(&format!("{path}.vcard"), &person.name);
            }
        }
        people
    }

    /// The person on a card.
    fn person(&mut self, text: &str, path: &str) -> Option<Creator> {
        if text.trim().is_empty() {
            return None;
        }
        let card = vcard::read(text);
        if card.cut {
            let (length, most) = (text.len().to_string(), vcard::MAX_CARD.to_string());
            self.draft.warn("vcard-too-long", path, &length, &most);
        }
        if card.one_line {
            self.draft.warn("vcard-one-line", path, text.trim(), "");
        }
        if card.bare {
            self.draft
                .warn("vcard-missing", path, text.trim(), "BEGIN:VCARD");
        }
        for wrong in &card.wrong {
            self.draft.warn("vcard-bad-id", path, wrong, "");
        }
        if !card.private.is_empty() {
            let names = card.private.join(", ");
            self.draft.info("personal-data", path, &names, "");
        }
        for rest in &card.rest {
            self.draft.keep(&format!("{path}.vcard"), rest);
        }
        if card.person.is_none() {
            self.draft.warn("vcard-no-name", path, text.trim(), "FN:");
        }
        card.person
    }
}
