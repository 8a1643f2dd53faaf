//! Words of LOM's vocabularies, and what they mean in ours.

use roxmltree::Node;

use super::{
    dialect::Dialect,
    read::Reader,
    words::{self, Term},
};
use crate::crosswalk::{Texts, xml};

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

impl Reader {
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
        let of_lrm = |word: &Word| {
            let mut others = words::LRM_OTHERS.iter();
            others.any(|other| words::fold(other) == words::fold(&word.value))
        };
        match &*word.source {
            words::LOM if self.dialect == Dialect::Lrm && of_lrm(&word) => Meant::Other(word),
            words::LOM | words::FR => {
                self.draft
                    .error("lom-not-in-list", path, &word.value, &word.source);
                self.draft.keep(path, &word.value);
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
            Meant::Other(word) => self.keep_other(&word, path),
            Meant::None => {}
        }
    }

    /// Keeps a word of another vocabulary aside, which may not be SupLOMFR's: that has no such word.
    pub(super) fn keep_other(&mut self, word: &Word, path: &str) {
        if word.source == words::SUP {
            self.draft
                .error("lom-not-in-list", path, &word.value, &word.source);
        }
        self.draft.keep(path, word.shown());
    }
}
