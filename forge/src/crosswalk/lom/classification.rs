//! LOM 9: subjects, outcomes, levels, accessibility, and whatever else is classified.

use commun_specs::metadata::{Classification, Concept, MAX_VALUES, Taxon};
use commun_specs::vocab::{self, Scheme};
use roxmltree::Node;

use super::read::Reader;
use super::term::Meant;
use super::words::{self, fold};
use crate::crosswalk::{
    Paragraphs,
    text::{Room, fit},
    xml,
};

/// The vocabularies of accessibility with the source that they are written under.
pub(super) const ACCESS: [(&str, Scheme); 4] = [
    ("schema.org accessMode", Scheme::AccessibilityMode),
    (
        "schema.org accessibilityFeature",
        Scheme::AccessibilityFeature,
    ),
    (
        "schema.org accessibilityHazard",
        Scheme::AccessibilityHazard,
    ),
    (
        "schema.org accessibilityControl",
        Scheme::AccessibilityControl,
    ),
];

/// The source that our levels are written under, all of them where 5.6 cannot say each exactly.
pub(super) const LEVELS: &str = "Commun level";

/// The source of the fields of study that ship with Commun.
pub(super) const ISCED_F: &str = "ISCED-F 2013";

/// Where LOM's 9.1 is wrong in files that are met.
const PURPOSES: [(&str, &str); 4] = [
    ("dewey", "discipline"),
    ("cdd", "discipline"),
    ("domaine d'enseignement", "discipline"),
    ("enseignement", "discipline"),
];

impl Reader {
    /// LOM 9.
    pub(super) fn classification(&mut self, node: Node<'_, '_>) {
        const AT: &str = "lom.classification";
        let purpose = self.purpose(node);
        let mut taxa = 0;
        for path in xml::children(node, "taxonPath").take(MAX_VALUES) {
            if let Some(concept) = self.taxon_path(path) {
                taxa += 1;
                self.file(&purpose, concept, "lom.classification.taxonPath");
            }
        }
        for found in xml::children(node, "description").take(MAX_VALUES) {
            let path = "lom.classification.description";
            let mut label = Paragraphs::default();
            for (lang, text) in self.strings(found, path) {
                self.draft.paragraph(&mut label, lang, &text, path);
            }
            let label = label.texts;
            if label.is_empty() {
                continue;
            }
            if purpose == "accessibility restrictions" {
                for (lang, text) in &label {
                    self.draft.text(
                        |r| &mut r.accessibility_summary,
                        text,
                        Room::Prose,
                        Some(lang),
                        path,
                    );
                }
            } else if taxa == 0 {
                let words = Concept {
                    label,
                    ..Concept::default()
                };
                self.file(&purpose, words, path);
            } else {
                for (_, text) in &label {
                    self.draft.keep(path, text);
                }
            }
        }
        for found in xml::children(node, "keyword").take(MAX_VALUES) {
            let path = "lom.classification.keyword";
            for (_, text) in self.strings(found, path) {
                self.draft.keep(path, &text);
            }
        }
        let known = ["purpose", "taxonPath", "description", "keyword"];
        self.rest(node, &known, AT);
    }

    fn purpose(&mut self, node: Node<'_, '_>) -> String {
        let path = "lom.classification.purpose";
        let Some(found) = xml::child(node, "purpose") else {
            self.draft.warn("empty-value", path, "", "");
            return "unknown".into();
        };
        // Exporters write what they like here under the name of LOM; it is not worth losing the subject for.
        let written = self.word(found, path);
        let Some(word) = written else {
            self.draft.warn("empty-value", path, "", "");
            return "unknown".into();
        };
        if words::find(words::PURPOSES, &word.value).is_some() {
            return match self.term(found, words::PURPOSES, path) {
                Meant::Term(term) => term.id.to_owned(),
                _ => "unknown".into(),
            };
        }
        let shown = fold(word.shown());
        let meant = PURPOSES.iter().find(|(name, _)| fold(name) == shown);
        match meant {
            Some((_, purpose)) => {
                self.draft.warn("kept-as", path, word.shown(), purpose);
                (*purpose).to_owned()
            }
            None => {
                if word.source == words::LOM {
                    self.draft
                        .warn("lom-not-in-list", path, &word.value, words::LOM);
                }
                let text = fit(word.shown(), Room::Line).text;
                if text.is_empty() {
                    "unknown".into()
                } else {
                    text
                }
            }
        }
    }

    /// A concept with what is above it.
    fn taxon_path(&mut self, node: Node<'_, '_>) -> Option<Concept> {
        let path = "lom.classification.taxonPath";
        let source = xml::child(node, "source");
        let names = source.map_or_else(Vec::new, |source| self.strings(source, path));
        let named = names.iter().find(|(lang, _)| lang.starts_with("fr"));
        let name = named.or(names.first()).map(|(_, text)| text.as_str());
        let name = name.unwrap_or_default();
        let source = self.draft.fit(name, Room::Line, path).unwrap_or_default();
        let mut steps: Vec<Taxon> = Vec::new();
        let mut next: Vec<Node<'_, '_>> = xml::children(node, "taxon").take(MAX_VALUES).collect();
        // The older binding puts each taxon into the one above it.
        next.reverse();
        while let Some(taxon) = next.pop() {
            if steps.len() >= MAX_VALUES {
                break;
            }
            next.extend(xml::child(taxon, "taxon"));
            let id = xml::child(taxon, "id").and_then(|id| self.token(id, path));
            let notation = id.and_then(|id| self.draft.fit(&id, Room::Line, path));
            let mut label: Vec<(String, String)> = Vec::new();
            if let Some(entry) = xml::child(taxon, "entry") {
                for (lang, text) in self.strings(entry, path) {
                    self.draft.label(&mut label, lang, &text, Room::Line, path);
                }
            }
            if notation.is_some() || !label.is_empty() {
                steps.push(Taxon {
                    notation: notation.unwrap_or_default(),
                    label,
                });
            }
        }
        let last = steps.pop()?;
        Some(concept(source, last, steps))
    }

    /// Puts a concept where its purpose says.
    fn file(&mut self, purpose: &str, concept: Concept, path: &str) {
        match purpose {
            "discipline" => self.put(|r| &mut r.subject, concept, path),
            "educational objective" => self.put(|r| &mut r.outcomes, concept, path),
            "competency" => self.put(|r| &mut r.competencies, concept, path),
            "prerequisite" => self.put(|r| &mut r.prerequisites, concept, path),
            "educational level" => match level(&concept) {
                Some(id) => {
                    if concept.scheme == LEVELS {
                        self.levels.push(id.to_owned());
                    }
                    self.put(|r| &mut r.level, id.to_owned(), path);
                }
                None => self.other(purpose, concept, path),
            },
            "accessibility restrictions" => {
                let found = ACCESS.iter().find(|(source, _)| *source == concept.scheme);
                let found = found.filter(|(_, s)| vocab::find(*s, &concept.notation).is_some());
                let id = concept.notation.clone();
                match found.map(|(_, scheme)| scheme) {
                    Some(Scheme::AccessibilityMode) => {
                        self.put(|r| &mut r.accessibility_modes, id, path);
                    }
                    Some(Scheme::AccessibilityFeature) => {
                        self.put(|r| &mut r.accessibility_features, id, path);
                    }
                    Some(Scheme::AccessibilityHazard) => {
                        self.put(|r| &mut r.accessibility_hazards, id, path);
                    }
                    Some(_) => self.put(|r| &mut r.accessibility_controls, id, path),
                    None => self.other(purpose, concept, path),
                }
            }
            _ => self.other(purpose, concept, path),
        }
    }

    fn other(&mut self, purpose: &str, concept: Concept, path: &str) {
        let purpose = purpose.to_owned();
        self.put(
            |r| &mut r.classifications,
            Classification { purpose, concept },
            path,
        );
    }

    /// Where Commun wrote all levels into 9, those in 5.6 are only the nearest that LOM has words for.
    pub(super) fn settle(&mut self) {
        let levels = &self.levels;
        if !levels.is_empty() {
            let record = &mut self.draft.record;
            record.level.retain(|level| levels.contains(&level.v));
        }
    }
}

/// The level that a concept is.
fn level(concept: &Concept) -> Option<&'static str> {
    let ours = [LEVELS, "ISCED 2011"].contains(&concept.scheme.as_str());
    let found = match concept.notation.is_empty() {
        false => vocab::find(Scheme::Level, &concept.notation).map(|c| c.id),
        true => None,
    };
    let named = || {
        let mut labels = concept.label.iter();
        labels.find_map(|(_, text)| vocab::by_name(Scheme::Level, text))
    };
    found.filter(|_| ours).or_else(|| {
        // With a code of another scheme the name alone would lose the code.
        concept.notation.is_empty().then(named).flatten()
    })
}

/// The concept of a path, in the model's own schemes where it is of one.
fn concept(source: String, last: Taxon, broader: Vec<Taxon>) -> Concept {
    let Taxon {
        notation,
        mut label,
    } = last;
    if notation.is_empty() {
        return Concept {
            scheme: scheme(&source).map_or(source.clone(), str::to_owned),
            notation,
            label,
            broader,
        };
    }
    let code = notation.rsplit('/').next().unwrap_or_default();
    let code = code.strip_prefix("iscedf-").unwrap_or(code).to_owned();
    let field = vocab::find(Scheme::Subject, &format!("iscedf-{code}"));
    if let Some(field) = field.filter(|_| scheme(&source) == Some("iscedf")) {
        // The labels that ship are not kept twice.
        label.retain(|(_, text)| text != field.fr && text != field.en);
        return Concept {
            scheme: "iscedf".into(),
            notation: code,
            label,
            broader: Vec::new(),
        };
    }
    let bare = notation.strip_prefix("ddc:").unwrap_or(&notation);
    let dewey = scheme(&source) == Some("ddc") && bare.starts_with(|c: char| c.is_ascii_digit());
    if dewey {
        return Concept {
            scheme: "ddc".into(),
            notation: bare.to_owned(),
            label,
            broader,
        };
    }
    let level = format!("cefr-{notation}");
    if scheme(&source) == Some("cefr") && vocab::find(Scheme::Cefr, &level).is_some() {
        return Concept {
            scheme: "cefr".into(),
            notation,
            label,
            broader,
        };
    }
    let scheme = match (source.is_empty(), notation.rsplit_once('/')) {
        (false, _) => source,
        (true, Some((head, _))) if head.contains("://") => head.to_owned(),
        (true, _) => "unknown".into(),
    };
    // The short names are for what the shipped vocabularies have.
    let shipped = match scheme.as_str() {
        "iscedf" => Some(Scheme::Subject),
        "cefr" => Some(Scheme::Cefr),
        _ => None,
    };
    let absent = shipped.is_some_and(|s| vocab::find(s, &format!("{scheme}-{notation}")).is_none());
    let scheme = match absent {
        true => scheme.to_uppercase(),
        false => scheme,
    };
    Concept {
        scheme,
        notation,
        label,
        broader,
    }
}

/// The model's short name of a scheme.
fn scheme(source: &str) -> Option<&'static str> {
    let plain = fold(source);
    if plain.contains("dewey") || plain.starts_with("cdd") || plain.starts_with("ddc") {
        return Some("ddc");
    }
    let isced = ["iscedf", "citef", "iscedf2013", "citef2013"];
    if isced.contains(&plain.as_str()) || plain.ends_with("iscedf") {
        return Some("iscedf");
    }
    (plain == "cecrl" || plain == "cefr").then_some("cefr")
}
