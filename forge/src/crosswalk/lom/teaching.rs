//! LOM 5 to 8: educational, rights, relations, annotations.

use commun_specs::metadata::{Annotation, Classification, Concept, Image, MAX_VALUES, Relation};
use commun_specs::vocab::{self, Scheme};
use roxmltree::Node;

use super::dialect::Dialect;
use super::identifier::{runs, target};
use super::read::Reader;
use super::term::{Meant, Word};
use super::words::{self, Term};
use crate::crosswalk::{
    Paragraphs,
    text::{Room, fit},
    xml,
};
use crate::problem::Severity;

impl Reader {
    /// LOM 5. Several of them flow together: the model describes one use.
    pub(super) fn educational(&mut self, node: Node<'_, '_>) {
        const AT: &str = "lom.educational";
        let path = "lom.educational.interactivityType";
        let found = xml::child(node, "interactivityType");
        self.pick(
            |r| &mut r.interactivity,
            found,
            words::INTERACTIVITIES,
            path,
        );
        let path = "lom.educational.interactivityLevel";
        let found = xml::child(node, "interactivityLevel");
        self.pick(|r| &mut r.interactivity_level, found, words::DEGREES, path);
        let path = "lom.educational.semanticDensity";
        let found = xml::child(node, "semanticDensity");
        self.pick(|r| &mut r.semantic_density, found, words::DEGREES, path);
        let types = words::of_scheme(Scheme::ResourceType, &words::ALL);
        for found in xml::children(node, "learningResourceType").take(MAX_VALUES) {
            self.resource_type(found, &types);
        }
        let mut levels = words::of_scheme(Scheme::Level, &words::ALL);
        if self.dialect == Dialect::Lrm {
            levels.extend(words::LRM_CONTEXTS);
        }
        for found in xml::children(node, "context").take(MAX_VALUES) {
            self.context(found, &levels);
        }
        let roles = words::of_scheme(Scheme::Audience, &words::ALL);
        for found in xml::children(node, "intendedEndUserRole").take(MAX_VALUES) {
            let path = "lom.educational.intendedEndUserRole";
            match self.term(found, &roles, path) {
                Meant::Term(term) => self.put(|r| &mut r.audience, term.id.to_owned(), path),
                Meant::Other(word) => match vocab::by_name(Scheme::Audience, word.shown()) {
                    Some(id) => self.put(|r| &mut r.audience, id.to_owned(), path),
                    None => self.keep_other(&word, path),
                },
                Meant::None => {}
            }
        }
        let difficulties = words::of_scheme(Scheme::Difficulty, &words::ALL);
        let path = "lom.educational.difficulty";
        let found = xml::child(node, "difficulty");
        self.pick(|r| &mut r.difficulty, found, &difficulties, path);
        for age in xml::children(node, "typicalAgeRange").take(MAX_VALUES) {
            let path = "lom.educational.typicalAgeRange";
            for (_, text) in self.strings(age, path) {
                let plain: String = text.split_whitespace().collect();
                let ages = plain.bytes().all(|b| b.is_ascii_digit() || b == b'-');
                let text = if ages { plain } else { text };
                self.draft.line(|r| &mut r.age_range, &text, path);
            }
        }
        let path = "lom.educational.typicalLearningTime";
        let found = xml::child(node, "typicalLearningTime");
        self.duration(|r| &mut r.learning_time, found, path);
        let path = "lom.educational.description";
        let nodes = xml::children(node, "description");
        self.prose(|r| &mut r.usage, nodes, path);
        for language in xml::children(node, "language").take(MAX_VALUES) {
            let path = "lom.educational.language";
            let text = self.token(language, path);
            if let Some(tag) = text.and_then(|text| self.tag(&text, path)) {
                self.put(|r| &mut r.user_language, tag, path);
            }
        }
        let activities = words::of_scheme(Scheme::Activity, &words::ALL);
        for found in xml::children(node, "activity").take(MAX_VALUES) {
            let path = "lom.educational.activity";
            self.pick(|r| &mut r.activities, Some(found), &activities, path);
        }
        let path = "lom.educational.credit";
        let nodes = xml::children(node, "credit");
        self.prose(|r| &mut r.credit, nodes, path);
        self.aside(node, "place", "place", AT);
        self.aside(node, "educationalMethod", "educational method", AT);
        self.aside(node, "tool", "tool", AT);
        const KNOWN: [&str; 16] = [
            "interactivityType",
            "learningResourceType",
            "interactivityLevel",
            "semanticDensity",
            "intendedEndUserRole",
            "context",
            "typicalAgeRange",
            "difficulty",
            "typicalLearningTime",
            "description",
            "language",
            "activity",
            "credit",
            "place",
            "educationalMethod",
            "tool",
        ];
        self.rest(node, &KNOWN, AT);
    }

    fn resource_type(&mut self, node: Node<'_, '_>, types: &[Term]) {
        let path = "lom.educational.learningResourceType";
        match self.term(node, types, path) {
            Meant::Term(term) => self.put(|r| &mut r.resource_type, term.id.to_owned(), path),
            Meant::Other(word) => {
                let known = vocab::by_address(Scheme::ResourceType, &word.value)
                    .or_else(|| vocab::by_name(Scheme::ResourceType, word.shown()));
                match known {
                    Some(id) => {
                        self.put(|r| &mut r.resource_type, id.to_owned(), path);
                        self.keep_word("type", &word, path);
                    }
                    None => self.classify("type", &word, path),
                }
            }
            Meant::None => {}
        }
    }

    fn context(&mut self, node: Node<'_, '_>, levels: &[Term]) {
        let path = "lom.educational.context";
        match self.term(node, levels, path) {
            Meant::Term(term) => self.put(|r| &mut r.level, term.id.to_owned(), path),
            Meant::Other(word) => {
                let known = vocab::by_address(Scheme::Level, &word.value)
                    .or_else(|| vocab::by_name(Scheme::Level, word.shown()));
                match known {
                    Some(id) => {
                        self.put(|r| &mut r.level, id.to_owned(), path);
                        if word.value.contains("://") {
                            self.keep_word("context", &word, path);
                        }
                    }
                    None => self.classify("context", &word, path),
                }
            }
            Meant::None => {}
        }
    }

    /// Keeps a word of another vocabulary whose meaning is not known as a classification.
    pub(super) fn classify(&mut self, purpose: &str, word: &Word, path: &str) {
        match word.source == words::SUP {
            true => self
                .draft
                .error("lom-not-in-list", path, &word.value, &word.source),
            false => self
                .draft
                .info("not-understood", path, word.shown(), words::LOM),
        }
        self.keep_word(purpose, word, path);
    }

    /// Keeps a word of another vocabulary as a classification.
    fn keep_word(&mut self, purpose: &str, word: &Word, path: &str) {
        let line = |text: &str| fit(text, Room::Line).text;
        let (scheme, value, label) = (line(&word.source), line(&word.value), line(&word.label));
        if value.is_empty() {
            return;
        }
        let lang = self.lang.clone().unwrap_or_else(|| "fr".into());
        let concept = match scheme.is_empty() {
            true => Concept::words(&lang, if label.is_empty() { &value } else { &label }),
            false => Concept {
                scheme,
                notation: value,
                label: match label.is_empty() {
                    true => Vec::new(),
                    false => vec![(lang, label)],
                },
                ..Concept::default()
            },
        };
        let purpose = purpose.to_owned();
        self.put(
            |r| &mut r.classifications,
            Classification { purpose, concept },
            path,
        );
    }

    /// Keeps what only ScoLOMFR has as a classification.
    pub(super) fn aside(
        &mut self,
        node: Node<'_, '_>,
        name: &'static str,
        purpose: &str,
        at: &str,
    ) {
        let path = format!("{at}.{name}");
        for found in xml::children(node, name).take(MAX_VALUES) {
            if let Some(word) = self.word(found, &path) {
                self.classify(purpose, &word, &path);
            }
        }
    }

    /// LOM 6.
    pub(super) fn rights(&mut self, node: Node<'_, '_>) {
        if let Some(found) = xml::child(node, "cost")
            && let Meant::Term(term) = self.term(found, words::ANSWERS, "lom.rights.cost")
        {
            self.put(|r| &mut r.free, term.id == "no", "lom.rights.cost");
        }
        let path = "lom.rights.copyrightAndOtherRestrictions";
        if let Some(found) = xml::child(node, "copyrightAndOtherRestrictions")
            && let Meant::Term(term) = self.term(found, words::ANSWERS, path)
        {
            self.put(|r| &mut r.restrictions, term.id == "yes", path);
        }
        let path = "lom.rights.description";
        for found in xml::children(node, "description").take(MAX_VALUES) {
            for (lang, text) in self.strings(found, path) {
                self.draft
                    .rights(&text, Some(&lang), path, Severity::Warning);
            }
        }
        let known = ["cost", "copyrightAndOtherRestrictions", "description"];
        self.rest(node, &known, "lom.rights");
    }

    /// LOM 7.
    pub(super) fn relation(&mut self, node: Node<'_, '_>) {
        const AT: &str = "lom.relation";
        let known: Vec<Term> = words::KINDS
            .iter()
            .chain(words::KIND_LABELS)
            .copied()
            .collect();
        let path = "lom.relation.kind";
        let kind = match xml::child(node, "kind") {
            Some(kind) => match self.term(kind, &known, path) {
                Meant::Term(term) => term.id.to_owned(),
                Meant::Other(word) => {
                    self.draft
                        .warn("kept-as", path, word.shown(), "isRelatedTo");
                    self.draft.keep(path, word.shown());
                    "isRelatedTo".to_owned()
                }
                // Against the vocabulary: that it is a relation is still known.
                Meant::None => "isRelatedTo".to_owned(),
            },
            None => {
                self.draft.warn("empty-value", path, "", "");
                "isRelatedTo".to_owned()
            }
        };
        let Some(resource) = xml::child(node, "resource") else {
            return;
        };
        let path = "lom.relation.resource";
        let mut relation = Relation {
            kind,
            ..Relation::default()
        };
        for (catalog, entry) in self.identifiers(resource, path) {
            match target(&catalog, &entry) {
                Some(found) if relation.target.is_empty() => relation.target = found,
                Some(found) => self.draft.keep(&format!("{path}.identifier"), &found),
                None if entry.contains("://") || runs(&entry) => {
                    self.draft.warn("bad-address", path, &entry, "");
                    self.draft.keep(&format!("{path}.identifier"), &entry);
                }
                None => relation.title = Some(format!("{catalog} {entry}").trim().to_owned()),
            }
        }
        let mut said = Paragraphs::default();
        for found in xml::children(resource, "description").take(MAX_VALUES) {
            for (lang, text) in self.strings(found, path) {
                self.draft.paragraph(&mut said, lang, &text, path);
            }
        }
        relation.description = said.texts;
        let named = relation.title.is_some() || !relation.description.is_empty();
        if relation.target.is_empty() && !named {
            self.draft.warn("empty-value", path, "", "");
        } else if relation.kind == "vignette" {
            self.vignette(relation);
        } else {
            self.put(|r| &mut r.relations, relation, AT);
        }
        let known = ["identifier", "catalogentry", "description"];
        self.rest(resource, &known, path);
        self.rest(node, &["kind", "resource"], AT);
    }

    /// ScoLOMFR says with a relation which picture stands for the resource.
    fn vignette(&mut self, relation: Relation) {
        if relation.target.starts_with("http") {
            let image = Image {
                url: relation.target,
                alt: relation.description,
            };
            self.put(|r| &mut r.image, image, "lom.relation");
        } else {
            self.draft.keep("lom.relation.vignette", &relation.target);
        }
    }

    /// LOM 8.
    pub(super) fn annotation(&mut self, node: Node<'_, '_>) {
        const AT: &str = "lom.annotation";
        let cards = node
            .children()
            .find(|child| xml::named(*child, "entity") || xml::named(*child, "person"));
        let person = cards.and_then(|card| {
            let people = self.people(card, "lom.annotation.entity");
            people.into_iter().next()
        });
        let date = self.date(xml::child(node, "date"), "lom.annotation.date");
        let mut text = Paragraphs::default();
        for found in xml::children(node, "description") {
            for (lang, said) in self.strings(found, AT) {
                self.draft.paragraph(&mut text, lang, &said, AT);
            }
        }
        let text = text.texts;
        if person.is_some() || !text.is_empty() {
            let annotation = Annotation { person, date, text };
            self.put(|r| &mut r.annotations, annotation, AT);
        }
        let known = ["entity", "person", "date", "description"];
        self.rest(node, &known, AT);
    }
}
