//! Types, levels, subjects and other concepts on the way in.

use commun_specs::metadata::{Concept, MAX_VALUES, Value};
use commun_specs::vocab::{self, Scheme};
use serde_json::{Map, Value as Json};

use super::names::{self, CONCEPT, DEWEY, EQF, ISCED_F, KIM, OURS, WORDS};
use super::read::{Reader, called, each, get, id, leads, plain};
use crate::crosswalk::draft;
use crate::crosswalk::lom::runs;
use crate::crosswalk::text::{Room, fit};

/// Fields of concepts.
type Concepts = fn(&mut commun_specs::metadata::Record) -> &mut Vec<Value<Concept>>;
/// Fields of ids of a vocabulary.
type Ids = fn(&mut commun_specs::metadata::Record) -> &mut Vec<Value<String>>;

impl Reader {
    pub(super) fn concepts(&mut self, top: &Map<String, Json>) {
        const LISTS: [(&str, Scheme, Ids, &str); 3] = [
            (
                "learningResourceType",
                Scheme::ResourceType,
                |r| &mut r.resource_type,
                "type",
            ),
            (
                "educationalLevel",
                Scheme::Level,
                |r| &mut r.level,
                "educational level",
            ),
            (
                "audience",
                Scheme::Audience,
                |r| &mut r.audience,
                "audience",
            ),
        ];
        for (name, scheme, field, purpose) in LISTS {
            for (path, item) in self.items(top, name) {
                self.id_or_concept(scheme, field, purpose, item, &path);
            }
        }
        for (path, item) in self.items(top, "interactivityType") {
            match self.known(Scheme::Interactivity, item) {
                Some(id) => self.put(|r| &mut r.interactivity, id.to_owned(), &path),
                None => self.whole(&path, item),
            }
        }
        for (path, item) in self.items(top, "educationalUse") {
            if let Some(id) = self.known(Scheme::Activity, item) {
                self.put(|r| &mut r.activities, id.to_owned(), &path);
                continue;
            }
            for (lang, text) in self.spoken(item, &path) {
                self.draft
                    .text(|r| &mut r.usage, &text, Room::Prose, lang.as_deref(), &path);
            }
        }
        const FIELDS: [(&str, Concepts); 4] = [
            ("about", |r| &mut r.subject),
            ("teaches", |r| &mut r.outcomes),
            ("assesses", |r| &mut r.assesses),
            ("competencyRequired", |r| &mut r.prerequisites),
        ];
        for (name, field) in FIELDS {
            for (path, item) in self.items(top, name) {
                match self.concept(item, &path) {
                    Some(concept) => self.add(field, concept, &path),
                    None => self.whole(&path, item),
                }
            }
        }
        self.settle();
        for (path, item) in self.items(top, "educationalAlignment") {
            self.alignment(item, &path);
        }
        self.accessibility(top);
    }

    /// Leaves out what is beside a field of study only because AMB wants a concept of KIM.
    fn settle(&mut self) {
        let fields = self.draft.record.subject.iter();
        let fields = fields.filter(|value| value.v.scheme == "iscedf");
        let near: Vec<&str> = fields
            .filter_map(|value| names::near(&value.v.notation))
            .collect();
        self.draft.record.subject.retain(|value| {
            let concept = &value.v;
            let added = concept.scheme == KIM && near.contains(&&*concept.notation);
            !(added && concept.label.is_empty())
        });
    }

    /// Adds a concept, and the field of study that it is of, where KIM's says so.
    fn add(&mut self, field: Concepts, concept: Concept, path: &str) {
        self.put(field, concept, path);
    }

    /// The id that a vocabulary of ours has for a concept: by address, or by name.
    fn known(&self, scheme: Scheme, item: &Json) -> Option<&'static str> {
        let by_address = |text: &str| -> Option<&'static str> {
            let ours = text
                .strip_prefix(OURS)
                .and_then(|rest| rest.strip_prefix(scheme.id()));
            let ours = ours.and_then(|rest| vocab::find(scheme, rest.strip_prefix(':')?));
            let found = ours.map(|concept| concept.id);
            // Levels of the European framework, which are near those of ISCED and not the same.
            let framework = text.strip_prefix(EQF).filter(|_| scheme == Scheme::Level);
            let near = || vocab::by_name(scheme, &format!("eqf {}", framework?));
            found
                .or_else(|| vocab::by_address(scheme, text))
                .or_else(near)
        };
        if let Some(found) = leads(item).as_deref().and_then(by_address) {
            return Some(found);
        }
        let object = item.as_object();
        // `EducationalAudience` has its role.
        let role = object.and_then(|object| {
            let role = get(object, "educationalRole").or_else(|| get(object, "audienceType"));
            each(role?).iter().find_map(called)
        });
        let name = role.or_else(|| match object {
            // An address that is not known is another concept, whatever its name.
            Some(object) if id(object).is_some() => None,
            _ => called(item),
        })?;
        vocab::find(scheme, &name)
            .map(|concept| concept.id)
            .or_else(|| vocab::by_name(scheme, &name))
    }

    /// An id of a vocabulary of ours, else the concept as a classification.
    fn id_or_concept(
        &mut self,
        scheme: Scheme,
        field: Ids,
        purpose: &str,
        item: &Json,
        path: &str,
    ) {
        if let Some(id) = self.known(scheme, item) {
            self.put(field, id.to_owned(), path);
            return;
        }
        match self.concept(item, path) {
            Some(concept) => {
                let words = concept.notation.is_empty();
                if words {
                    let given = called(item).unwrap_or_default();
                    self.draft.info("not-understood", path, &given, scheme.id());
                }
                self.classify(purpose, concept, path);
            }
            None => self.whole(path, item),
        }
    }

    /// A concept: an address, an object with one and labels, or words.
    pub(super) fn concept(&mut self, item: &Json, path: &str) -> Option<Concept> {
        if let Json::Object(object) = item {
            let address = id(object).map(str::to_owned);
            let address = address.or_else(|| get(object, "url").and_then(plain));
            let mut concept = match address.as_deref() {
                Some(address) if runs(address) => {
                    self.draft.error("bad-address", path, address, "");
                    return None;
                }
                Some(address) => named_by(address),
                None => None,
            }
            .unwrap_or_default();
            let scheme = get(object, "inDefinedTermSet").or_else(|| get(object, "inScheme"));
            let code = get(object, "termCode").and_then(plain);
            if concept.notation.is_empty()
                && let (Some(scheme), Some(code)) = (scheme.and_then(leads), code)
            {
                concept.scheme = self.draft.fit(&scheme, Room::Line, path)?;
                concept.notation = self.draft.fit(&code, Room::Line, path)?;
                if !sound(&concept) {
                    concept.scheme = concept.scheme.to_uppercase();
                }
            }
            for name in ["prefLabel", "name", "description"] {
                let Some(label) = get(object, name) else {
                    continue;
                };
                for (lang, text) in self.spoken(label, path) {
                    let room = if concept.notation.is_empty() {
                        Room::Prose
                    } else {
                        Room::Line
                    };
                    let lang = lang.unwrap_or_else(|| "und".into());
                    self.draft
                        .label(&mut concept.label, lang, &text, room, path);
                }
                if !concept.label.is_empty() {
                    break;
                }
            }
            plain_labels(&mut concept);
            concept.label.truncate(MAX_VALUES);
            concept.label.sort();
            return (!concept.notation.is_empty() || !concept.label.is_empty()).then_some(concept);
        }
        let text = plain(item)?;
        if text.contains("://") || text.starts_with("urn:") {
            if runs(&text) {
                return None;
            }
            return named_by(&text).filter(|c| !c.notation.is_empty());
        }
        if let Some(id) = vocab::find(Scheme::Subject, &text).map(|c| c.id) {
            return shipped("iscedf", id.strip_prefix("iscedf-")?);
        }
        let text = self.draft.fit(&text, Room::Prose, path)?;
        let lang = self.lang.clone().unwrap_or_else(|| "und".into());
        Some(Concept::words(&lang, &text))
    }

    fn alignment(&mut self, item: &Json, path: &str) {
        let Some(object) = item.as_object() else {
            return;
        };
        let kind = get(object, "alignmentType")
            .and_then(called)
            .unwrap_or_default();
        let mut concept = Concept::default();
        if let Some(address) = get(object, "targetUrl").and_then(leads)
            && !runs(&address)
        {
            concept = named_by(&address).unwrap_or_default();
        }
        if let Some(name) = get(object, "targetName") {
            for (lang, text) in self.spoken(name, path) {
                let lang = lang.unwrap_or_else(|| "und".into());
                self.draft
                    .label(&mut concept.label, lang, &text, Room::Line, path);
            }
        }
        if concept.notation.is_empty() && concept.label.is_empty() {
            self.whole(path, item);
            return;
        }
        let framework = get(object, "educationalFramework").and_then(called);
        if concept.notation.is_empty() {
            let framework = fit(&framework.unwrap_or_default(), Room::Line).text;
            concept.scheme = framework;
        }
        plain_labels(&mut concept);
        concept.label.sort();
        let words = || {
            concept
                .label
                .first()
                .map(|(_, text)| text.clone())
                .unwrap_or_default()
        };
        match kind.as_str() {
            "educationalSubject" | "about" => self.add(|r| &mut r.subject, concept, path),
            "competency" => self.add(|r| &mut r.competencies, concept, path),
            "teaches" => self.add(|r| &mut r.outcomes, concept, path),
            "assesses" => self.add(|r| &mut r.assesses, concept, path),
            "requires" => self.add(|r| &mut r.prerequisites, concept, path),
            "educationalLevel" => match vocab::by_name(Scheme::Level, &words()) {
                Some(id) => self.put(|r| &mut r.level, id.to_owned(), path),
                None => self.classify("educational level", concept, path),
            },
            "" => self.classify("unknown", concept, path),
            other => self.classify(other, concept, path),
        }
    }

    fn accessibility(&mut self, top: &Map<String, Json>) {
        const LISTS: [(&str, Scheme, Ids); 4] = [
            ("accessMode", Scheme::AccessibilityMode, |r| {
                &mut r.accessibility_modes
            }),
            ("accessibilityFeature", Scheme::AccessibilityFeature, |r| {
                &mut r.accessibility_features
            }),
            ("accessibilityHazard", Scheme::AccessibilityHazard, |r| {
                &mut r.accessibility_hazards
            }),
            ("accessibilityControl", Scheme::AccessibilityControl, |r| {
                &mut r.accessibility_controls
            }),
        ];
        for (name, scheme, field) in LISTS {
            for (path, item) in self.items(top, name) {
                // One text of several words, as some pages have it.
                for word in called(item).unwrap_or_default().split(',').map(str::trim) {
                    let known = vocab::find(scheme, word).map(|concept| concept.id);
                    match known.or_else(|| vocab::by_name(scheme, word)) {
                        Some(id) => self.put(field, id.to_owned(), &path),
                        None => self.draft.keep(&path, word),
                    }
                }
            }
        }
        for (path, item) in self.items(top, "accessModeSufficient") {
            let written: Vec<String> = match item {
                Json::Array(list) => list.iter().filter_map(called).collect(),
                Json::Object(list) => {
                    let items = get(list, "itemListElement").map_or(&[][..], each);
                    items.iter().filter_map(called).collect()
                }
                other => plain(other)
                    .unwrap_or_default()
                    .split(',')
                    .map(|mode| mode.trim().to_owned())
                    .collect(),
            };
            let scheme = Scheme::AccessibilityMode;
            let known = written
                .iter()
                .map(|mode| vocab::find(scheme, mode).map(|c| c.id.to_owned()));
            let modes: Option<Vec<String>> = known.take(MAX_VALUES).collect();
            match modes.filter(|modes| !modes.is_empty()) {
                Some(mut modes) => {
                    modes.dedup();
                    self.put(|r| &mut r.accessibility_sufficient, modes, &path);
                }
                None => self.whole(&path, item),
            }
        }
    }
}

/// The concept that an address names, in the schemes of the model where it is of one; without a notation where the
/// address says nothing.
pub(super) fn named_by(address: &str) -> Option<Concept> {
    let address = address.trim();
    if address.starts_with(WORDS) {
        return None;
    }
    if let Some(id) = vocab::by_address(Scheme::Subject, address) {
        return shipped("iscedf", id.strip_prefix("iscedf-")?);
    }
    if let Some(rest) = address.strip_prefix(OURS) {
        if let Some(code) = rest.strip_prefix("cefr:cefr-") {
            return shipped("cefr", code);
        }
        if let Some(code) = rest.strip_prefix("iscedf:iscedf-") {
            return shipped("iscedf", code);
        }
    }
    if let Some(code) = address.strip_prefix(ISCED_F) {
        return shipped("iscedf", code);
    }
    let bare = address.trim_end_matches('/');
    let dewey = bare
        .strip_prefix(DEWEY)
        .or_else(|| bare.strip_prefix("https://dewey.info/class/"));
    if let Some(number) = dewey.and_then(dewey_number) {
        return Some(named("ddc", number));
    }
    // IdRef's addresses of its notices end so; those of its pages do not.
    let address = match bare.strip_suffix("/id") {
        Some(notice) if notice.contains("://www.idref.fr/") => notice,
        _ => address,
    };
    if let Some((scheme, code)) = address
        .strip_prefix(CONCEPT)
        .and_then(|r| r.split_once(':'))
    {
        let concept = named(&decoded(scheme), &decoded(code));
        return fits(&concept).then_some(concept);
    }
    let lower = address.get(..6).unwrap_or(address).to_ascii_lowercase();
    let web = lower.starts_with("http:") || lower == "https:";
    let named_so = address.split_once(':').is_some_and(|(scheme, _)| {
        scheme
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-')
    });
    if !named_so || (web && draft::address(address).is_none()) {
        return None;
    }
    // `…/n079`, `…#7`, `urn:x:7`; a final slash is part of the code.
    let head = address
        .get(..address.len().saturating_sub(1))
        .unwrap_or_default();
    let at = head.rfind(['/', '#']).or_else(|| head.rfind(':'))?;
    let (scheme, notation) = (&address[..=at], &address[at + 1..]);
    let scheme = match scheme.strip_suffix('/') {
        Some(bare) if !bare.ends_with(['/', '#', ':', '=']) => bare,
        _ => scheme,
    };
    let concept = named(scheme, notation);
    fits(&concept).then_some(concept)
}

/// The number in an address of Dewey's, which may name an edition after it: `516/e22`.
pub(in super::super) fn dewey_number(rest: &str) -> Option<&str> {
    let number = rest.split('/').next()?.trim();
    number
        .starts_with(|c: char| c.is_ascii_digit())
        .then_some(number)
}

fn named(scheme: &str, notation: &str) -> Concept {
    Concept {
        scheme: scheme.to_owned(),
        notation: notation.to_owned(),
        ..Concept::default()
    }
}

/// A concept of a vocabulary that ships.
fn shipped(scheme: &str, code: &str) -> Option<Concept> {
    let concept = named(scheme, code);
    sound(&concept).then_some(concept)
}

/// Whether the vocabulary that ships under this name has it.
fn sound(concept: &Concept) -> bool {
    let scheme = match concept.scheme.as_str() {
        "iscedf" => Scheme::Subject,
        "cefr" => Scheme::Cefr,
        _ => return true,
    };
    vocab::find(scheme, &concept.id()).is_some()
}

/// Whether a body may hold it.
fn fits(concept: &Concept) -> bool {
    let line = |text: &str| !text.is_empty() && fit(text, Room::Line).text == text;
    line(&concept.scheme) && line(&concept.notation) && sound(concept)
}

/// Leaves out labels that ship.
fn plain_labels(concept: &mut Concept) {
    let scheme = match concept.scheme.as_str() {
        "iscedf" => Scheme::Subject,
        "cefr" => Scheme::Cefr,
        _ => return,
    };
    if let Some(shipped) = vocab::find(scheme, &concept.id()) {
        concept
            .label
            .retain(|(_, text)| text != shipped.fr && text != shipped.en);
    }
}

/// A part of a URN without its percent signs.
fn decoded(text: &str) -> String {
    let mut out = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = (*first == b'%').then(|| tail.get(..2)).flatten();
        let byte = hex
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match byte {
            Some(byte) => {
                out.push(byte);
                rest = &tail[2..];
            }
            None => {
                out.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
