//! Types, levels, subjects and other concepts on the way out.

use commun_specs::metadata::{Classification, Concept};
use commun_specs::vocab::{self, Scheme};
use data_encoding::BASE32_NOPAD;
use serde_json::{Map, Value as Json, json};

use super::super::names::{self, CONCEPT, DEWEY, ISCED_F, KIM, OURS, SCHEMA, WORDS};
use super::{Out, amb_language};

/// Where HCRT is published.
pub(super) const HCRT: &str = "https://w3id.org/kim/hcrt/";
/// Where KIM's levels are published.
const KIM_LEVELS: &str = "https://w3id.org/kim/educationalLevel/";
/// The schemes of which AMB wants one among the subjects.
const KIM_SUBJECTS: [&str; 2] = [
    "https://w3id.org/kim/hochschulfaechersystematik/",
    "http://w3id.org/kim/schulfaecher/",
];
/// LRMI's roles.
const ROLES: &str = "http://purl.org/dcx/lrmi-vocabs/educationalAudienceRole/";
/// LRMI's interactivity.
const INTERACTIVITY: &str = "http://purl.org/dcx/lrmi-vocabs/interactivityType/";

impl Out<'_> {
    pub(super) fn concepts(&mut self) {
        let view = self.view;
        self.published(
            "resource_type",
            "learningResourceType",
            Scheme::ResourceType,
            HCRT,
        );
        self.published("level", "educationalLevel", Scheme::Level, KIM_LEVELS);
        self.audience();
        if let Some(id) = &view.interactivity {
            match self.amb() {
                true => {
                    let address = format!("{INTERACTIVITY}{id}");
                    let shown = self.shipped(Scheme::Interactivity, id, &address);
                    self.set("interactivityType", shown);
                }
                false => self.set("interactivityType", id.as_str()),
            }
        }
        self.access();
        for id in &view.activities {
            let address = format!("{OURS}{}:{id}", Scheme::Activity.id());
            let shown = self.shipped(Scheme::Activity, id, &address);
            self.add("educationalUse", shown);
        }
        let usages = view.all_texts("usage", &view.usages);
        if let Some(text) = self.spoken("usage", &usages) {
            match text {
                Json::Array(texts) => texts
                    .into_iter()
                    .for_each(|t| self.add("educationalUse", t)),
                text => self.add("educationalUse", text),
            }
        }
        self.subjects();
        for (field, name, list) in [
            ("outcomes", "teaches", &view.outcomes),
            ("assesses", "assesses", &view.assesses),
            ("prerequisites", "competencyRequired", &view.prerequisites),
        ] {
            for concept in list {
                let made = self.concept(concept, field);
                self.add(name, made);
            }
        }
        for concept in &view.competencies {
            self.aligned("competency", concept, "competencies");
        }
        self.classifications();
    }

    /// Ids of a vocabulary of ours as concepts of a publication that others know.
    fn published(&mut self, field: &str, name: &str, scheme: Scheme, publication: &str) {
        let view = self.view;
        let ids = match scheme {
            Scheme::ResourceType => &view.resource_types,
            _ => &view.levels,
        };
        for id in ids {
            let Some(address) = vocab::address(scheme, id, publication) else {
                match self.amb() {
                    true => self.lost(field, id),
                    false => {
                        let ours = format!("{OURS}{}:{id}", scheme.id());
                        let shown = self.shipped(scheme, id, &ours);
                        self.add(name, shown);
                    }
                }
                continue;
            };
            let back = vocab::by_address(scheme, address);
            if back == Some(id) {
                let shown = self.shipped(scheme, id, address);
                self.add(name, shown);
            } else if self.amb() {
                self.narrowed(field, id, address);
                let shown = self.shipped(scheme, back.unwrap_or(id), address);
                self.add(name, shown);
            } else {
                let ours = format!("{OURS}{}:{id}", scheme.id());
                let shown = self.shipped(scheme, id, &ours);
                self.add(name, shown);
            }
        }
    }

    /// A concept of a vocabulary that ships, under an address.
    pub(super) fn shipped(&self, scheme: Scheme, id: &str, address: &str) -> Json {
        let labels: Vec<(String, String)> = match vocab::find(scheme, id) {
            Some(concept) => vec![
                ("fr".to_owned(), concept.fr.to_owned()),
                ("en".to_owned(), concept.en.to_owned()),
            ],
            None => Vec::new(),
        };
        let mut made = Map::new();
        made.insert(self.id().to_owned(), address.into());
        self.label(&mut made, &labels);
        Json::Object(made)
    }

    /// The class and the labels of a concept.
    fn label(&self, made: &mut Map<String, Json>, labels: &[(String, String)]) {
        if !self.amb() {
            made.insert("@type".into(), "DefinedTerm".into());
            let mut names: Vec<Json> = labels.iter().map(|(l, t)| self.text_in(l, t)).collect();
            match names.len() {
                0 => None,
                1 => made.insert("name".into(), names.remove(0)),
                _ => made.insert("name".into(), names.into()),
            };
            return;
        }
        made.insert("type".into(), "Concept".into());
        let mut by_language = Map::new();
        for (lang, text) in labels {
            let known = match lang.as_str() {
                "und" => Some(&*self.lang),
                lang => amb_language(lang),
            };
            if let Some(tag) = known.filter(|tag| !by_language.contains_key(*tag)) {
                by_language.insert(tag.to_owned(), text.as_str().into());
            }
        }
        if !by_language.is_empty() {
            made.insert("prefLabel".into(), Json::Object(by_language));
        }
    }

    fn audience(&mut self) {
        let view = self.view;
        for id in &view.audience {
            let address = vocab::address(Scheme::Audience, id, ROLES);
            match (self.amb(), address) {
                (true, Some(address)) => {
                    let shown = self.shipped(Scheme::Audience, id, address);
                    self.add("audience", shown);
                }
                (true, None) => self.lost("audience", id),
                (false, address) => {
                    let word = address.map_or(id.as_str(), |a| &a[ROLES.len()..]);
                    let mut made = self.thing("EducationalAudience");
                    made.insert("educationalRole".into(), word.into());
                    self.add("audience", made);
                }
            }
        }
    }

    fn access(&mut self) {
        let Some(id) = &self.view.access else {
            return;
        };
        let kim = vocab::address(Scheme::Access, id, "http://w3id.org/kim/");
        match (self.amb(), kim) {
            (true, Some(address)) => {
                let shown = self.shipped(Scheme::Access, id, address);
                self.set("conditionsOfAccess", shown);
            }
            (true, None) => self.lost("access", id),
            (false, _) => {
                let label = vocab::label(Scheme::Access, id, "en").unwrap_or(id);
                self.set("conditionsOfAccess", label);
            }
        }
    }

    /// An address for a concept that is read back as the same.
    fn address_of_concept(&self, concept: &Concept) -> Option<String> {
        let Concept {
            scheme, notation, ..
        } = concept;
        if notation.is_empty() {
            return None;
        }
        Some(match scheme.as_str() {
            "iscedf" => format!("{ISCED_F}{notation}"),
            "ddc" => format!("{DEWEY}{notation}/"),
            "cefr" => format!("{OURS}cefr:cefr-{notation}"),
            scheme if scheme.contains(':') => join(scheme, notation),
            scheme => format!("{CONCEPT}{}:{}", encoded(scheme), encoded(notation)),
        })
        .filter(|id| !id.contains(|c: char| c.is_whitespace() || "<>\"\\^`{|}".contains(c)))
    }

    /// A concept with its address and labels.
    pub(super) fn concept(&mut self, concept: &Concept, field: &str) -> Json {
        let address = self.address_of_concept(concept);
        let mut made = Map::new();
        let labels = self.labels(concept);
        match (address, self.amb()) {
            (Some(address), _) => {
                made.insert(self.id().to_owned(), address.into());
            }
            (None, true) => {
                let text: String = labels.iter().map(|(_, t)| t.as_str()).collect();
                let hash = BASE32_NOPAD.encode(&blake3::hash(text.as_bytes()).as_bytes()[..10]);
                let id = format!("{WORDS}{}", hash.to_ascii_lowercase());
                made.insert("id".into(), id.into());
            }
            // Words alone need no object.
            (None, false) if labels.len() == 1 && concept.scheme.is_empty() => {
                return self.text_in(&labels[0].0, &labels[0].1);
            }
            (None, false) => {}
        }
        if !self.amb() {
            let short = !concept.scheme.is_empty() && !concept.scheme.contains(':');
            if short {
                made.insert("inDefinedTermSet".into(), concept.scheme.as_str().into());
                if !concept.notation.is_empty() {
                    made.insert("termCode".into(), concept.notation.as_str().into());
                }
            }
        }
        self.label(&mut made, &labels);
        self.above(concept, field);
        Json::Object(made)
    }

    /// What stands above a concept has no place.
    fn above(&mut self, concept: &Concept, field: &str) {
        for step in &concept.broader {
            let labels = step.label.iter().map(|(_, text)| text.as_str());
            let said: Vec<&str> = std::iter::once(step.notation.as_str())
                .chain(labels)
                .collect();
            self.lost(field, said.join(" ").trim());
        }
    }

    /// The labels of a concept: its own, else those that ship.
    fn labels(&self, concept: &Concept) -> Vec<(String, String)> {
        if !concept.label.is_empty() {
            return concept.label.clone();
        }
        let scheme = match concept.scheme.as_str() {
            "iscedf" => Scheme::Subject,
            "cefr" => Scheme::Cefr,
            _ => return Vec::new(),
        };
        let shipped = vocab::find(scheme, &concept.id());
        shipped.map_or(Vec::new(), |shipped| {
            vec![
                ("fr".to_owned(), shipped.fr.to_owned()),
                ("en".to_owned(), shipped.en.to_owned()),
            ]
        })
    }

    /// What it is about. AMB wants a concept of KIM among them; where none can be given, the subjects are told as
    /// alignments, which its schema does not look at.
    fn subjects(&mut self) {
        let view = self.view;
        let mut made: Vec<Json> = Vec::new();
        for concept in &view.subjects {
            made.push(self.concept(concept, "subject"));
        }
        if !self.amb() {
            made.into_iter().for_each(|one| self.add("about", one));
            return;
        }
        let kim = |one: &Json| {
            let id = one["id"].as_str().unwrap_or_default();
            KIM_SUBJECTS.iter().any(|scheme| id.starts_with(scheme))
        };
        if !made.iter().any(kim) {
            let fields = view.subjects.iter().filter(|c| c.scheme == "iscedf");
            let mut near: Vec<String> = fields
                .filter_map(|c| Some(format!("{KIM}/{}", names::near(&c.notation)?)))
                .collect();
            near.dedup();
            made.extend(near.iter().map(|id| json!({"id": id, "type": "Concept"})));
            if near.is_empty() {
                for concept in &view.subjects {
                    self.aligned("educationalSubject", concept, "");
                }
                return;
            }
        }
        made.into_iter().for_each(|one| self.add("about", one));
    }

    /// An alignment: a concept and what it has to do with the resource.
    fn aligned(&mut self, kind: &str, concept: &Concept, field: &str) {
        let mut made = self.thing("AlignmentObject");
        made.insert("alignmentType".into(), kind.into());
        if let Some(address) = self.address_of_concept(concept) {
            made.insert("targetUrl".into(), address.into());
        }
        if !concept.scheme.is_empty() {
            made.insert(
                "educationalFramework".into(),
                concept.scheme.as_str().into(),
            );
        }
        let labels = self.labels(concept);
        let name = match self.amb() {
            false => self.spoken(field, &labels),
            true => {
                // One text; another language is not worth a second line of the list of losses.
                let own = labels
                    .iter()
                    .find(|(l, _)| amb_language(l) == Some(&*self.lang));
                own.or(labels.first())
                    .map(|(_, text)| Json::from(text.as_str()))
            }
        };
        if let Some(name) = name {
            made.insert("targetName".into(), name);
        }
        if !field.is_empty() {
            self.above(concept, field);
        }
        self.add("educationalAlignment", made);
    }

    fn classifications(&mut self) {
        let view = self.view;
        for Classification { purpose, concept } in &view.classifications {
            let address = self.address_of_concept(concept);
            match (purpose.as_str(), address) {
                ("type", _) if concept.scheme == SCHEMA => {}
                ("type", Some(_)) => {
                    let made = self.concept(concept, "classifications");
                    self.add("learningResourceType", made);
                }
                ("type", None) if !self.amb() => {
                    let made = self.concept(concept, "classifications");
                    self.add("learningResourceType", made);
                }
                ("educational level", Some(id)) if id.starts_with(KIM_LEVELS) || !self.amb() => {
                    let made = self.concept(concept, "classifications");
                    self.add("educationalLevel", made);
                }
                ("audience", Some(_)) => {
                    let made = self.concept(concept, "classifications");
                    self.add("audience", made);
                }
                (purpose, _) => self.aligned(purpose, concept, "classifications"),
            }
        }
        self.types_of_amb();
    }

    /// AMB wants a concept of HCRT or of OpenEduHub among the types.
    fn types_of_amb(&mut self) {
        if !self.amb() {
            return;
        }
        let Some(Json::Array(list)) = self.top.get("learningResourceType") else {
            return;
        };
        let known = list.iter().filter_map(|one| one["id"].as_str());
        let mut known = known.filter(|id| {
            id.starts_with(HCRT) || id.starts_with("http://w3id.org/openeduhub/vocabs/new_lrt/")
        });
        if known.next().is_none() {
            let shown = self.shipped(Scheme::ResourceType, "other", &format!("{HCRT}other"));
            self.add("learningResourceType", shown);
        }
    }
}

/// Scheme and notation as one address.
fn join(scheme: &str, notation: &str) -> String {
    match scheme.ends_with(['#', '/', ':', '=']) {
        true => format!("{scheme}{notation}"),
        false => format!("{scheme}/{notation}"),
    }
}

/// A part of a URN.
fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => out.push(byte.into()),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
