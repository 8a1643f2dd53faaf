//! What stands inside the objects of a record (somebody's, a work's, a review's) and came into no field: kept aside and told.
//!
//! Readers take from an object what the model has room for. What they left is found by its words: a text that stands nowhere
//! in what was read, and in no message, was not taken. So no list of members can be forgotten.

use std::cell::Cell;
use std::collections::BTreeSet;

use commun_specs::metadata::{idref, normalise_language, orcid, parse_json, ror};
use serde_json::{Map, Value as Json};

use super::people::is_personal;
use super::read::{Reader, each, placed, plain_name};
use crate::crosswalk::lom::target;
use crate::crosswalk::text::{Room, fit};
use crate::problem::Problem;

/// Properties whose values become ids of vocabularies, languages or licences, whose own words are not kept.
const CODED: &str = "learningResourceType educationalLevel audience interactivityType educationalUse about teaches assesses \
competencyRequired educationalAlignment inLanguage conditionsOfAccess creativeWorkStatus accessMode accessModeSufficient \
accessibilityFeature accessibilityHazard accessibilityControl isAccessibleForFree timeRequired duration";
/// What names a code.
const NAMES: &str = "id url name prefLabel description inScheme inDefinedTermSet termCode identifier alternateName \
educationalRole audienceType alignmentType targetUrl targetName educationalFramework itemListElement";
/// A text may stand inside another one if it is so long: shorter ones do so by chance.
const TELLING: usize = 12;

/// What looking at the texts of one record may cost: one for each, and more where one is searched for inside all others.
const MAX_LOOKED: usize = 10_000;
const SEARCH: usize = 30;

/// Whether a list of names has this one.
fn among(list: &str, name: &str) -> bool {
    list.split_whitespace().any(|one| one == name)
}

/// What came of a record: the texts in its fields, and of its messages the places and what they quote.
struct Taken {
    texts: BTreeSet<String>,
    told: Vec<(String, String)>,
    /// What looking may still cost.
    left: Cell<usize>,
}

impl Taken {
    fn of(reader: &Reader) -> Option<Taken> {
        let body = parse_json(&reader.draft.record.to_body().ok()?).ok()?;
        let mut texts = BTreeSet::new();
        let fields = body.as_object()?.iter();
        for (_, field) in fields.filter(|(name, _)| *name != "sources" && *name != "extra") {
            // Beside each value stands where it is from, which is no text of the record.
            let values = field.as_array().into_iter().flatten();
            values.for_each(|value| collect(&value["v"], &mut texts));
        }
        let told = |p: &Problem| (p.path.clone(), p.given.to_lowercase());
        let told = reader.draft.problems().iter().map(told).collect();
        Some(Taken {
            texts,
            told,
            left: Cell::new(MAX_LOOKED),
        })
    }

    /// Whether a text that stands at this place is in what was read, as it is or as the model writes it.
    fn has(&self, written: &str, path: &str) -> bool {
        let Some(left) = self.left.get().checked_sub(1) else {
            return true;
        };
        self.left.set(left);
        let text = fit(written, Room::Prose).text.to_lowercase();
        if text.is_empty() || self.texts.contains(&text) {
            return true;
        }
        let licence = || super::licence::parse(written).map(|licence| licence.as_str().to_owned());
        let sort = || {
            let sort = format!("{text}:");
            let mut texts = self.texts.range(sort.clone()..);
            texts
                .next()
                .filter(|there| there.starts_with(&sort))
                .cloned()
        };
        let media = || text.split(';').next().map(|media| media.trim().to_owned());
        let spelt = [
            target("", &text),
            normalise_language(&text).ok(),
            path.contains("icense").then(licence).flatten(),
            path.ends_with("Format").then(media).flatten(),
            // What sort an identifier is stands before it.
            path.ends_with("propertyID").then(sort).flatten(),
            [orcid, idref, ror].iter().find_map(|read| read(&text).ok()),
        ];
        let mut spelt = spelt.into_iter().flatten();
        if spelt.any(|text| self.texts.contains(&text.to_lowercase())) {
            return true;
        }
        let Some(left) = self.left.get().checked_sub(SEARCH) else {
            self.left.set(0);
            return true;
        };
        self.left.set(left);
        let word = !text.contains(char::is_whitespace);
        let inside = |there: &String| {
            // An identifier without its address.
            let head = text.trim_end_matches('/').strip_suffix(there.as_str());
            (word && there.len() >= 8 && head.is_some_and(|head| head.ends_with(['/', ':', '='])))
                // A day without its hour.
                || text.strip_prefix(there.as_str()).is_some_and(|rest| {
                    there.len() == 10 && rest.starts_with(['t', ' ']) && date(&text)
                })
                // A paragraph, or the start of a text that was cut.
                || (text.len() >= TELLING && there.contains(&text))
                || (there.len() >= 100 && text.starts_with(there.as_str()))
        };
        if self.texts.iter().any(inside) {
            return true;
        }
        let mut told = self.told.iter();
        told.any(|(at, given)| {
            let here = path
                .strip_prefix(at.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
            here && !given.is_empty() && (given.contains(&text) || text.contains(given.as_str()))
        })
    }
}

/// Whether a text begins as a day is written.
fn date(text: &str) -> bool {
    let shape = b"0000-00-00".iter().zip(text.bytes());
    shape.into_iter().all(|(form, byte)| match form {
        b'0' => byte.is_ascii_digit(),
        form => byte == *form,
    })
}

/// The texts of a value.
fn collect(value: &Json, texts: &mut BTreeSet<String>) {
    match value {
        Json::Array(list) => list.iter().for_each(|one| collect(one, texts)),
        Json::Object(object) => object.values().for_each(|one| collect(one, texts)),
        Json::String(text) => {
            texts.insert(text.to_lowercase());
        }
        Json::Number(number) => {
            texts.insert(number.to_string());
        }
        Json::Bool(_) | Json::Null => {}
    }
}

/// A text, a number, or a yes or no.
fn said(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(yes) => Some(yes.to_string()),
        _ => None,
    }
}

/// Whether anything of a value was read.
fn any_read(value: &Json, path: &str, taken: &Taken) -> bool {
    match value {
        Json::Array(list) => list.iter().any(|one| any_read(one, path, taken)),
        Json::Object(object) => {
            let mut members = object.iter().filter(|(name, _)| !is_form(name));
            members.any(|(name, one)| is_personal(name) || any_read(one, path, taken))
        }
        one => said(one).is_some_and(|text| taken.has(&text, path)),
    }
}

/// Whether a member says of what sort its object is, or how it is written.
fn is_form(name: &str) -> bool {
    matches!(name, "type" | "@type" | "@context" | "@language")
}

impl Reader {
    /// Keeps aside what stands in the objects of a record and was not read, as this is called after all else.
    pub(super) fn rest(&mut self, top: &Map<String, Json>) {
        let holds = |value: &&Json| each(value).iter().any(Json::is_object);
        let known: Vec<(&str, &Json)> = top
            .iter()
            .filter(|(name, value)| self.reads(plain_name(name)) && holds(value))
            .map(|(name, value)| (plain_name(name), value))
            .collect();
        if known.is_empty() {
            return;
        }
        let Some(taken) = Taken::of(self) else { return };
        for (name, value) in known {
            self.inside(value, name, among(CODED, name), &taken);
        }
        if taken.left.get() == 0 {
            self.draft.warn("aside-unread", "", "", "");
        }
    }

    fn inside(&mut self, value: &Json, path: &str, coded: bool, taken: &Taken) {
        for (path, one) in placed(path, value) {
            if self.is_done(&path) {
                continue;
            }
            match one {
                Json::Array(_) => self.inside(one, &path, coded, taken),
                Json::Object(object) => {
                    for (name, one) in object {
                        self.named_member(name, one, &path, coded, taken);
                    }
                }
                _ => {}
            }
        }
    }

    fn named_member(&mut self, name: &str, one: &Json, path: &str, coded: bool, taken: &Taken) {
        let bare = plain_name(name);
        let at = format!("{path}.{bare}");
        if is_personal(bare) {
            return self.personal(&at, bare);
        }
        let read = is_form(name) || (coded && among(NAMES, bare.trim_start_matches('@')));
        if !read && !self.is_done(&at) {
            self.member(one, &at, coded, taken);
        }
    }

    /// A member of an object: kept as a whole where nobody read any of it.
    fn member(&mut self, value: &Json, path: &str, coded: bool, taken: &Taken) {
        for (path, one) in placed(path, value) {
            match one {
                Json::Array(_) => self.member(one, &path, coded, taken),
                Json::Object(_) => match any_read(one, &path, taken) {
                    true => self.inside(one, &path, coded, taken),
                    false => self.whole(&path, one),
                },
                one => {
                    if let Some(text) = said(one).filter(|text| !taken.has(text, &path)) {
                        self.aside(&path, &text);
                    }
                }
            }
        }
    }
}
