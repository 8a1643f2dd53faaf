//! Rights on the way in: the licence, what else its object says, and where the terms are.

use commun_specs::licence::Licence;
use commun_specs::vocab::{self, Scheme};
use serde_json::{Map, Value as Json};

use super::licence::{is_guess, parse};
use super::read::{Reader, called, each, get, leads, plain};
use crate::crosswalk::rights::{Rights, names_only, rights};
use crate::crosswalk::text::Room;

/// Members of a licence's object that are words about it, the names before the sentences.
const LABELS: [&str; 5] = ["name", "prefLabel", "title", "alternateName", "description"];
/// Members of a licence's object that are its addresses or ids.
const ADDRESSES: [&str; 6] = ["@id", "id", "url", "sameAs", "identifier", "license"];

impl Reader {
    pub(super) fn rights(&mut self, top: &Map<String, Json>) {
        let mut stated = false;
        for (path, item) in self.items(top, "license") {
            stated |= !item.is_null();
            let Some(written) = leads(item).or_else(|| called(item)) else {
                if !item.is_null() {
                    self.draft.licence_unread();
                }
                continue;
            };
            match self.licence(&written, &path) {
                Some(licence) => {
                    self.licence_is(&written, &licence, &path);
                    self.beside_licence(item, &written, &licence, &path);
                }
                None => {
                    self.draft.licence_unread();
                    self.draft.warn("licence-unknown", &path, &written, "");
                    let lang = self.lang.clone();
                    let words = called(item).filter(|words| !words.contains("://"));
                    if words.as_ref().is_some_and(|words| *words != written) {
                        self.draft.keep(&format!("{path}.url"), &written);
                    }
                    let said = words.unwrap_or(written);
                    self.draft.text(
                        |r| &mut r.licence_statement,
                        &said,
                        Room::Prose,
                        lang.as_deref(),
                        &path,
                    );
                }
            }
        }
        for (path, item) in self.items(top, "usageInfo") {
            let Some(url) = leads(item) else { continue };
            // Where a standard has no place for a licence, this says where its terms are.
            if !stated && let Some(licence) = self.licence(&url, &path) {
                stated = true;
                self.licence_is(&url, &licence, &path);
            } else if let Some(url) = self.draft.address(&url, &path) {
                self.link("usage-info", &url, None, &path);
            }
        }
        // A notice may forbid what the licence allows.
        let notices = self.draft.record.licence_statement.iter();
        let notices = notices.filter(|notice| notice.path.starts_with("copyrightNotice"));
        let notices: Vec<_> = notices.map(|n| (n.v.clone(), n.path.clone())).collect();
        for (text, path) in notices {
            self.draft.said(&text, &path);
        }
        for (path, item) in self.items(top, "conditionsOfAccess") {
            let address = leads(item).and_then(|url| vocab::by_address(Scheme::Access, &url));
            let name = || vocab::by_name(Scheme::Access, &called(item)?);
            match address.or_else(name) {
                Some(id) => self.put(|r| &mut r.access, id.to_owned(), &path),
                None => {
                    if let Some(text) = leads(item).or_else(|| called(item)) {
                        self.draft.keep(&path, &text);
                    }
                }
            }
        }
    }

    /// What the object of a licence says beside what was read: words may limit it, and another licence holds as well.
    fn beside_licence(&mut self, item: &Json, written: &str, licence: &Licence, path: &str) {
        let Some(object) = item.as_object() else {
            return;
        };
        for name in LABELS {
            let at = format!("{path}.{name}");
            let Some(said) = get(object, name) else {
                continue;
            };
            for (_, words) in self.spoken(said, &at) {
                self.words_of_licence(&words, written, licence, &at);
            }
            self.done(at);
        }
        for name in ADDRESSES {
            let addresses = get(object, name).map_or(&[][..], each).iter();
            for address in addresses.filter_map(plain).filter(|a| a != written) {
                let at = format!("{path}.{name}");
                if let Some(other) = parse(&address).filter(|other| other != licence) {
                    self.draft.licence_guessed(&other, None, &at);
                }
            }
        }
    }

    /// One text of a licence's object: nothing more where it only names the same licence.
    fn words_of_licence(&mut self, words: &str, written: &str, licence: &Licence, path: &str) {
        let name = vocab::by_name(Scheme::Licence, words);
        if words == written || name == Some(licence.as_str()) {
            return;
        }
        match rights(words) {
            Rights::Exact(same) if same == *licence => return,
            Rights::Exact(other) => self.draft.licence_guessed(&other, None, path),
            Rights::Named(other) if other != *licence => {
                self.draft.licence_guessed(&other, None, path);
                self.draft.said(words, path);
            }
            _ if names_only(words, licence) => return,
            _ => self.draft.said(words, path),
        }
        self.draft.keep(path, words);
    }

    /// Takes a licence, as a guess where its version is one.
    fn licence_is(&mut self, written: &str, licence: &Licence, path: &str) {
        match is_guess(written) {
            true => self.draft.licence_guessed(licence, None, path),
            false => self.draft.licence_is(licence, None, path),
        }
    }

    /// The licence that is meant; a warning where its version is a guess.
    pub(super) fn licence(&mut self, written: &str, path: &str) -> Option<Licence> {
        let licence = parse(written)?;
        if is_guess(written) {
            self.draft
                .warn("licence-guessed", path, written.trim(), licence.as_str());
        }
        Some(licence)
    }
}
