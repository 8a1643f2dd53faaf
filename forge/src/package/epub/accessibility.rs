//! Accessibility metadata of EPUB: the vocabulary of schema.org, and the standards that a book says it meets.

use commun_specs::metadata::Check;
use commun_specs::vocab::{self, Scheme};

use super::metadata::Reader;
use crate::crosswalk::{Texts, draft, text::Room};

impl Reader<'_, '_> {
    /// One `schema:…` property; whether it is one that is known.
    pub(super) fn accessibility(&mut self, property: &str, written: &str) -> bool {
        let path = format!("schema:{property}");
        let (scheme, field): (Scheme, Texts) = match property {
            "accessMode" => (Scheme::AccessibilityMode, |r| &mut r.accessibility_modes),
            "accessibilityFeature" => (Scheme::AccessibilityFeature, |r| {
                &mut r.accessibility_features
            }),
            "accessibilityHazard" => (Scheme::AccessibilityHazard, |r| {
                &mut r.accessibility_hazards
            }),
            "accessibilityControl" => (Scheme::AccessibilityControl, |r| {
                &mut r.accessibility_controls
            }),
            "accessModeSufficient" => {
                self.sufficient(written, &path);
                return true;
            }
            "accessibilitySummary" => {
                let lang = self.lang.clone();
                let field: Texts = |r| &mut r.accessibility_summary;
                let lang = lang.as_deref();
                self.draft.text(field, written, Room::Prose, lang, &path);
                return true;
            }
            _ => return false,
        };
        for word in written.split([',', ' ']).filter(|word| !word.is_empty()) {
            if let Some(id) = self.term(scheme, word, &path) {
                let value = self.draft.value(id.to_owned(), &path);
                self.draft.push(field, value);
            }
        }
        true
    }

    fn term(&mut self, scheme: Scheme, word: &str, path: &str) -> Option<&'static str> {
        let word = word.trim();
        let found = vocab::find(scheme, word).map(|concept| concept.id);
        let found = found.or_else(|| vocab::by_name(scheme, word));
        if found.is_none() {
            let wanted = vocab::suggest(scheme, word).unwrap_or_default();
            self.draft.warn("not-understood", path, word, wanted);
        }
        found
    }

    /// `textual,visual`: modes that suffice together.
    fn sufficient(&mut self, written: &str, path: &str) {
        let mut modes = Vec::new();
        for word in written.split(',') {
            match self.term(Scheme::AccessibilityMode, word, path) {
                Some(id) => modes.push(id.to_owned()),
                None => return,
            }
        }
        modes.sort();
        modes.dedup();
        if !modes.is_empty() {
            let value = self.draft.value(modes, path);
            self.draft.push(|r| &mut r.accessibility_sufficient, value);
        }
    }

    /// `dcterms:conformsTo`: a name, or the address of one (EPUB Accessibility 1.0).
    pub(super) fn conforms(&mut self, written: &str, certified: Option<&str>, path: &str) {
        let Some(standard) = self.draft.fit(written, Room::Line, path) else {
            return;
        };
        let by = certified.and_then(|by| self.draft.fit(by, Room::Line, path));
        let check = Check {
            url: draft::address(&standard),
            standard,
            by,
            ..Check::default()
        };
        let value = self.draft.value(check, path);
        self.draft.push(|r| &mut r.accessibility_checks, value);
    }
}
