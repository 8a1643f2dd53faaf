//! Texts of LOM: tokens, language tags, and strings in several languages.

use commun_specs::metadata::{MAX_VALUES, normalise_language};
use roxmltree::Node;

use super::{dialect::Dialect, read::Reader};
use crate::crosswalk::{
    Texts,
    text::{Room, last_of_address},
    xml,
};

/// Whether a tag says that there is no language, or that nobody knows it.
fn is_none(tag: &str) -> bool {
    ["x-none", "none", "und"]
        .iter()
        .any(|none| tag.trim().eq_ignore_ascii_case(none))
}

impl Reader {
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
        if bare.is_empty() || is_none(bare) {
            return None;
        }
        let code = last_of_address(bare);
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
        let count = node.children().filter(Node::is_element).count();
        if count > MAX_VALUES {
            // Nobody writes one text in so many languages: the rest of the record is no better.
            let (count, most) = (count.to_string(), MAX_VALUES.to_string());
            self.refuse("lom-too-many-strings", path, &count, &most);
        }
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
            let lang = match written {
                // Said to be in none: the language of the record is not that of this text. SCORM 1.2 tools say it of all.
                Some(tag) if is_none(tag) && self.dialect != Dialect::Lrm => Some("und".to_owned()),
                Some(tag) => self.tag(tag, &format!("{path}/@language")),
                None => None,
            };
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
}
