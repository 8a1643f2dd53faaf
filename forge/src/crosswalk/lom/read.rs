//! From LOM to the model: the document, its dialect, and the datatypes that all of its parts share.

use commun_specs::metadata::{Creator, MAX_VALUES, Value, normalise_duration, normalise_language};
use roxmltree::Node;
use serde_json::{Map, Value as Json};

use super::words::{self, Term};
use super::{NAMESPACE, Profile, SCHEME, profile, vcard};
use crate::crosswalk::{
    Draft, Origin, Read, Texts, draft,
    text::{Room, fit},
    xml,
};
use crate::problem::{Problem, Severity};

/// Most elements that are looked at for one named `lom`.
const MAX_SEARCHED: usize = 20_000;

/// Which of the family a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Lom,
    LomFr,
    SupLomFr,
    ScoLomFr,
    /// IMS Learning Resource Meta-data 1.2.
    Lrm,
}

impl Dialect {
    fn name(self) -> &'static str {
        match self {
            Dialect::Lom => "LOM",
            Dialect::LomFr => "LOMFR",
            Dialect::SupLomFr => "SupLOMFR",
            Dialect::ScoLomFr => "ScoLOMFR",
            Dialect::Lrm => "IMS LRM 1.2",
        }
    }

    /// The French profiles write three letters for a language as a rule.
    pub(super) fn french(self) -> bool {
        matches!(self, Dialect::LomFr | Dialect::SupLomFr | Dialect::ScoLomFr)
    }
}

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
        extra: Map::new(),
    };
    if space.is_empty() {
        reader.draft.warn("wrong-namespace", "lom", "", NAMESPACE);
    }
    reader
        .draft
        .info("lom-dialect", "lom", dialect.name(), &tokens);
    let meta = xml::child(top, "metaMetadata");
    let spoken = meta.and_then(|meta| xml::child_text(meta, "language"));
    reader.lang = spoken.and_then(|tag| reader.tag(&tag, "lom.metaMetadata.language"));
    reader.sections(top);
    profile::check(&mut reader.draft, top, dialect);
    let Reader {
        mut draft,
        id,
        doi,
        extra,
        ..
    } = reader;
    if !extra.is_empty() {
        draft
            .record
            .extra
            .insert(SCHEME.to_owned(), Json::Object(extra));
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

/// The profile that a record follows, of those that are written here; `None` for the others of the family.
pub fn profile_of(top: Node<'_, '_>) -> Option<Profile> {
    match dialect(top).0 {
        Dialect::Lom => Some(Profile::Lom),
        Dialect::LomFr => Some(Profile::LomFr),
        Dialect::SupLomFr => Some(Profile::SupLomFr),
        Dialect::ScoLomFr | Dialect::Lrm => None,
    }
}

/// What the record says that it follows, else what its names and sources show.
fn dialect(top: Node<'_, '_>) -> (Dialect, String) {
    let mut tokens: Vec<String> = Vec::new();
    for meta in xml::children(top, "metaMetadata") {
        for name in ["metadataSchema", "metadatascheme"] {
            tokens.extend(xml::children(meta, name).map(|n| xml::text(n).trim().to_owned()));
        }
    }
    tokens.truncate(20);
    let mut shown = tokens.join(" ").to_lowercase();
    for node in top.descendants().filter(Node::is_element).take(5_000) {
        if xml::named(node, "source") && node.children().all(|c| c.is_text()) {
            shown.push(' ');
            shown.push_str(
                xml::text(node)
                    .trim()
                    .to_lowercase()
                    .get(..20)
                    .unwrap_or(&xml::text(node).trim().to_lowercase()),
            );
        }
    }
    let space = |word: &str| {
        top.namespaces()
            .any(|n| n.uri().to_lowercase().contains(word))
    };
    let own = top.tag_name().namespace().unwrap_or_default();
    let name = if shown.contains("scolom") {
        Dialect::ScoLomFr
    } else if shown.contains("suplom") || space("suplomfr") {
        Dialect::SupLomFr
    } else if space("scolomfr") {
        Dialect::ScoLomFr
    } else if shown.contains("lomfr") || space("xsd/lomfr") {
        Dialect::LomFr
    } else if own.contains("imsmd") || xml::child(top, "lifecycle").is_some_and(lower) {
        Dialect::Lrm
    } else {
        Dialect::Lom
    };
    tokens.retain(|token| !token.is_empty());
    (name, tokens.join(", "))
}

fn lower(node: Node<'_, '_>) -> bool {
    node.tag_name().name() == "lifecycle"
}

/// A value of a vocabulary as it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) source: String,
    pub(super) value: String,
    /// What ScoLOMFR says beside an address.
    pub(super) label: String,
}

impl Word {
    /// What people call it.
    pub(super) fn shown(&self) -> &str {
        match self.label.is_empty() {
            true => &self.value,
            false => &self.label,
        }
    }
}

/// What a word was found to be.
pub(super) enum Meant<'t> {
    /// A term.
    Term(&'t Term),
    /// A word of another vocabulary.
    Other(Word),
    /// Nothing, or against the vocabulary that it names, which was reported.
    None,
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
    extra: Map<String, Json>,
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

    /// Keeps what the model has no field for, and says so.
    pub(super) fn keep(&mut self, path: &str, text: &str) {
        let text = fit(text, Room::Prose).text;
        if text.is_empty() {
            return;
        }
        self.draft.info("kept-aside", path, &text, "");
        if self.extra.len() >= MAX_VALUES && !self.extra.contains_key(path) {
            return;
        }
        let short: String = path.chars().take(200).collect();
        let list = self
            .extra
            .entry(short)
            .or_insert_with(|| Json::Array(Vec::new()));
        if let Json::Array(list) = list
            && list.len() < MAX_VALUES
        {
            list.push(text.into());
        }
    }

    /// Keeps the children that nobody read.
    pub(super) fn rest(&mut self, node: Node<'_, '_>, known: &[&str], path: &str) {
        for child in node.children().filter(Node::is_element) {
            let name = child.tag_name().name();
            if !known.iter().any(|k| k.eq_ignore_ascii_case(name)) {
                self.keep(&format!("{path}.{name}"), &xml::text(child));
            }
        }
    }

    /// The text of an element, without the white space of pretty-printers, which is reported.
    pub(super) fn token(&mut self, node: Node<'_, '_>, path: &str) -> Option<String> {
        let text = match xml::child(node, "langstring").or_else(|| xml::child(node, "string")) {
            Some(inner) => xml::text(inner),
            None => xml::text(node),
        };
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return None;
        }
        if trimmed.len() != text.len() {
            self.draft.warn("padded-value", path, trimmed, trimmed);
        }
        Some(trimmed.to_owned())
    }

    /// A language tag; `None` for none, which is said with `x-none` and `none` too.
    pub(super) fn tag(&mut self, written: &str, path: &str) -> Option<String> {
        let bare = written.trim();
        if bare.is_empty() || matches!(&*bare.to_ascii_lowercase(), "x-none" | "none" | "und") {
            return None;
        }
        let code = match bare.split_once("://") {
            Some((_, rest)) => rest
                .trim_end_matches('/')
                .rsplit('/')
                .next()
                .unwrap_or(bare),
            None => bare,
        };
        match normalise_language(code) {
            Ok(tag) => {
                let plain = code == bare && !bare.contains('_');
                // « fre » is what the French profiles recommend.
                if tag != bare && plain && (self.dialect.french() || tag.eq_ignore_ascii_case(bare))
                {
                    self.draft.info("language-respelt", path, written, &tag);
                } else if tag != bare {
                    self.draft.warn("language-respelt", path, written, &tag);
                }
                Some(tag)
            }
            Err(_) => {
                self.draft.warn("not-a-language", path, written, "fr, en");
                None
            }
        }
    }

    /// The strings of a text in several languages, each with its language.
    pub(super) fn strings(&mut self, node: Node<'_, '_>, path: &str) -> Vec<(String, String)> {
        let mut all = Vec::new();
        let mut any = false;
        for string in node.children().filter(Node::is_element).take(MAX_VALUES) {
            if !xml::named(string, "string") && !xml::named(string, "langstring") {
                continue;
            }
            any = true;
            let text = xml::text(string);
            if text.trim().is_empty() {
                continue;
            }
            let written = string
                .attributes()
                .find(|a| a.name().eq_ignore_ascii_case("language") || a.name() == "lang")
                .map(|a| a.value());
            let lang = written.and_then(|tag| self.tag(tag, &format!("{path}/@language")));
            let lang = lang.or_else(|| self.lang.clone());
            all.push((lang.unwrap_or_else(|| "und".into()), text));
        }
        let stray = xml::text(node);
        if !any && !stray.trim().is_empty() {
            self.draft
                .error("lom-no-langstring", path, stray.trim(), "<string>");
        }
        all
    }

    /// Puts texts into a field that holds one per language: several paragraphs of a language become one text.
    pub(super) fn prose<'a, 'i: 'a>(
        &mut self,
        field: Texts,
        nodes: impl Iterator<Item = Node<'a, 'i>>,
        path: &str,
    ) {
        let mut joined: Vec<(String, String)> = Vec::new();
        for node in nodes.take(MAX_VALUES) {
            for (lang, text) in self.strings(node, path) {
                let Some(text) = self.draft.fit(&text, Room::Prose, path) else {
                    continue;
                };
                match joined.iter_mut().find(|(tag, _)| *tag == lang) {
                    Some((_, all)) if *all != text => {
                        all.push_str("\n\n");
                        all.push_str(&text);
                    }
                    Some(_) => {}
                    None => joined.push((lang, text)),
                }
            }
        }
        for (lang, text) in joined {
            self.draft
                .text(field, &text, Room::Prose, Some(&lang), path);
        }
    }

    /// Puts each text of an element into a field.
    pub(super) fn lines<'a, 'i: 'a>(
        &mut self,
        field: Texts,
        nodes: impl Iterator<Item = Node<'a, 'i>>,
        room: Room,
        path: &str,
    ) {
        for node in nodes.take(MAX_VALUES) {
            for (lang, text) in self.strings(node, path) {
                self.draft.text(field, &text, room, Some(&lang), path);
            }
        }
    }

    /// The pair (or triple) of a vocabulary.
    pub(super) fn word(&mut self, node: Node<'_, '_>, path: &str) -> Option<Word> {
        let part = |name: &'static str| {
            let text = xml::text(xml::child(node, name)?).trim().to_owned();
            (!text.is_empty()).then_some(text)
        };
        let value = match xml::child(node, "value") {
            Some(value) => self.token(value, path)?,
            None if node.children().any(|c| c.is_element()) => return None,
            None => self.token(node, path)?,
        };
        Some(Word {
            source: part("source").unwrap_or_default(),
            value,
            label: part("label").unwrap_or_default(),
        })
    }

    /// The term of a vocabulary that an element means; reports what is not as the standard wants it.
    pub(super) fn term<'t>(
        &mut self,
        node: Node<'_, '_>,
        terms: &'t [Term],
        path: &str,
    ) -> Meant<'t> {
        let Some(word) = self.word(node, path) else {
            return Meant::None;
        };
        let found = words::find(terms, &word.value);
        let Some(term) = found.or_else(|| words::find(terms, word.shown())) else {
            return self.foreign(word, path);
        };
        let plain = word.value.replace('’', "'");
        if plain != term.word && !word.value.contains("://") {
            match self.dialect {
                // Its binding has capitals.
                Dialect::Lrm => self.draft.info("kept-as", path, &word.value, term.word),
                _ => self.draft.warn("kept-as", path, &word.value, term.word),
            }
        }
        let other =
            words::ALL.iter().any(|source| *source == word.source) && word.source != term.source;
        // The profiles are thought of as including what they extend.
        if other && !term.source.is_empty() && word.source == words::LOM {
            self.draft
                .warn("lom-source", path, &word.source, term.source);
        }
        Meant::Term(term)
    }

    fn foreign<'t>(&mut self, word: Word, path: &str) -> Meant<'t> {
        match &*word.source {
            words::LOM | words::FR => {
                self.draft
                    .error("lom-not-in-list", path, &word.value, &word.source);
                self.keep(path, &word.value);
                Meant::None
            }
            _ => Meant::Other(word),
        }
    }

    /// Puts the id of a term into a field; keeps words of other vocabularies aside.
    pub(super) fn pick(
        &mut self,
        field: Texts,
        node: Option<Node<'_, '_>>,
        terms: &[Term],
        path: &str,
    ) {
        let Some(node) = node else {
            return;
        };
        match self.term(node, terms, path) {
            Meant::Term(term) => self.put(field, term.id.to_owned(), path),
            Meant::Other(word) => self.keep(path, word.shown()),
            Meant::None => {}
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

    /// A date as the model has it.
    pub(super) fn date(&mut self, node: Option<Node<'_, '_>>, path: &str) -> Option<String> {
        let node = node?;
        let inner = xml::child(node, "dateTime");
        for said in xml::children(node, "description") {
            for (_, text) in self.strings(said, path) {
                self.keep(&format!("{path}.description"), &text);
            }
        }
        let text = self.token(inner.unwrap_or(node), path)?;
        if inner.is_none() && node.children().any(|c| c.is_element()) {
            return None;
        }
        let whole = without_fraction(&text);
        let Some(read) = draft::date(&whole) else {
            self.draft.error("not-a-date", path, &text, "");
            self.keep(path, &text);
            return None;
        };
        let zone = text.ends_with('Z') || text.rfind(['+', '-']).is_some_and(|at| at > 10);
        if read != whole {
            self.draft.warn("date-respelt", path, &text, &read);
        } else if read.contains('T') && zone && !text.contains('.') {
            self.draft
                .warn("lom-date-zone", path, &text, &super::write::moment(&read));
        }
        Some(read)
    }

    /// A duration as the model has it.
    pub(super) fn duration(&mut self, field: Texts, node: Option<Node<'_, '_>>, path: &str) {
        let Some(node) = node else {
            return;
        };
        for said in xml::children(node, "description") {
            for (_, text) in self.strings(said, path) {
                self.keep(&format!("{path}.description"), &text);
            }
        }
        let inner = xml::child(node, "duration").or_else(|| xml::child(node, "dateTime"));
        if inner.is_none() && node.children().any(|c| c.is_element()) {
            return;
        }
        let Some(text) = self.token(inner.unwrap_or(node), path) else {
            return;
        };
        match normalise_duration(&text).filter(|_| text.starts_with('P')) {
            Some(read) => self.put(field, read, path),
            None => {
                self.draft.error("lom-duration", path, &text, "PT1H30M");
                self.keep(path, &text);
            }
        }
    }

    /// The person on a card.
    pub(super) fn person(&mut self, node: Node<'_, '_>, path: &str) -> Option<Creator> {
        // `centity/vcard` in the older binding.
        let text = xml::text(xml::child(node, "vcard").unwrap_or(node));
        if text.trim().is_empty() {
            return None;
        }
        let card = vcard::read(&text);
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
            self.keep(&format!("{path}.vcard"), rest);
        }
        if card.person.is_none() {
            self.draft.warn("vcard-no-name", path, text.trim(), "FN:");
        }
        card.person
    }
}

/// A moment without the fraction of zero seconds that the schema of LOM wants before a zone.
fn without_fraction(text: &str) -> String {
    let Some((head, tail)) = text.split_once('.') else {
        return text.to_owned();
    };
    let zone = tail.trim_start_matches('0');
    let zero = tail.starts_with('0') && (zone.is_empty() || zone.starts_with(['Z', '+', '-']));
    match zero {
        true => format!("{head}{zone}"),
        false => text.to_owned(),
    }
}
