//! Values and problems of one record, while it is read.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use commun_specs::{
    licence::Licence,
    metadata::{
        MAX_DESCRIPTION_BYTES, MAX_LINE_CHARS, MAX_VALUES, Method, Record, Source, Value,
        normalise_language,
    },
};

use serde_json::{Map, Value as Json};

use super::{
    Origin, Reading,
    languages::languages,
    linked,
    rights::Said,
    text::{Fit, Room, fit, last_of_address},
};
use crate::problem::{Problem, Severity};

pub use super::dates::date;

/// Problems of one record: more help nobody, and a hostile record could have a million.
const MAX_PROBLEMS: usize = 200;

/// A field of the model that holds texts or codes.
pub type Texts = fn(&mut Record) -> &mut Vec<Value<String>>;

/// The texts of an object, one in each language, while their paragraphs are met.
#[derive(Debug, Default)]
pub struct Paragraphs {
    /// Language and text.
    pub texts: Vec<(String, String)>,
    /// Each paragraph by the place of its language and its hash: it is not looked for in a text that may be long.
    seen: HashSet<u64>,
    hashes: RandomState,
}

impl Paragraphs {
    /// Adds a paragraph at the end of the text of its language; one that is there is not added again. `false` where there
    /// is no room.
    fn add(&mut self, lang: String, text: &str) -> bool {
        let known = self.texts.iter().position(|(tag, _)| *tag == lang);
        let at = known.unwrap_or(self.texts.len());
        let hash = |text: &str| self.hashes.hash_one((at, text));
        if self.seen.contains(&hash(text)) {
            return true;
        }
        let hashes: Vec<u64> = text.split("\n\n").chain([text]).map(hash).collect();
        match self.texts.get_mut(at) {
            None if at < MAX_VALUES => self.texts.push((lang, text.to_owned())),
            Some((_, there)) if there.len() + text.len() + 2 <= MAX_DESCRIPTION_BYTES => {
                there.push_str("\n\n");
                there.push_str(text);
            }
            _ => return false,
        }
        self.seen.extend(hashes);
        true
    }
}

/// Most bytes of a record that are kept aside, as they are written: a quarter of what a body may have.
const MAX_ASIDE: usize = 64 << 10;

/// Keeps aside a text that the model has no field for, under its scheme and path, within the model's limits. `used`: the
/// bytes of the record that are kept aside already. `false` where there is no room.
pub fn keep_aside(
    record: &mut Record,
    scheme: &str,
    path: &str,
    text: &str,
    used: &mut usize,
) -> bool {
    let path = fit(path, Room::Line).text;
    let value = Json::from(text);
    let bytes = value.to_string().len() + path.len();
    if *used + bytes > MAX_ASIDE {
        return false;
    }
    let aside = record.extra.entry(scheme.to_owned());
    let aside = aside.or_insert_with(|| Json::Object(Map::new()));
    let Some(aside) = aside.as_object_mut() else {
        return false;
    };
    if aside.len() >= MAX_VALUES && !aside.contains_key(&path) {
        return false;
    }
    let list = aside.entry(path).or_insert_with(|| Json::Array(Vec::new()));
    match list {
        Json::Array(list) if list.len() < MAX_VALUES => {
            list.push(value);
            *used += bytes;
            true
        }
        _ => false,
    }
}

/// How to say that a text was kept aside, or that it was not.
pub fn told_aside(kept: bool) -> (&'static str, Severity) {
    match kept {
        true => ("kept-aside", Severity::Info),
        false => ("aside-left", Severity::Warning),
    }
}

/// Collects what one record says. Everything that is put in comes out fit to be stored.
#[derive(Debug)]
pub struct Draft {
    /// The values so far. Set with the methods, which clean, bound and say where a value came from.
    pub record: Record,
    problems: Vec<Problem>,
    mapped: Arc<Source>,
    inferred: Arc<Source>,
    /// Words about rights.
    pub(super) said: Vec<Said>,
    /// Whether a place for licences holds one that is not known.
    pub(super) unread: bool,
    /// Bytes that are kept aside.
    aside: usize,
}

impl Draft {
    /// A draft of a record in a scheme (`oai_dc`, `lom`…).
    pub fn new(scheme: &str, origin: &Origin) -> Draft {
        let source = |method| {
            Arc::new(Source {
                scheme: scheme.to_owned(),
                origin: origin.name.clone(),
                date: origin.date.clone(),
                method,
                by: None,
            })
        };
        Draft {
            record: Record::default(),
            problems: Vec::new(),
            mapped: source(Method::Mapped),
            inferred: source(Method::Inferred),
            said: Vec::new(),
            unread: false,
            aside: 0,
        }
    }

    /// The reading, under the identifier by which the source knows the record.
    pub fn finish(mut self, id: Option<String>) -> Reading {
        self.settle_licence();
        self.leave_out_addresses();
        Reading {
            record: self.record,
            id,
            problems: self.problems,
        }
    }

    /// Takes addresses of mail out of names: `Zoé <zoe@a.example>`. An address alone leaves what stands before its sign.
    fn leave_out_addresses(&mut self) {
        let record = &mut self.record;
        let people = [
            &mut record.creators,
            &mut record.contributors,
            &mut record.publishers,
            &mut record.funders,
            &mut record.rights_holders,
        ];
        let mut paths = Vec::new();
        for person in people.into_iter().flatten() {
            let is_address = |word: &str| {
                let bare = word.trim_matches(|c: char| "<>()[],;".contains(c));
                linked::is_contact(bare)
            };
            let name = &person.v.name;
            if !name.split_whitespace().any(is_address) {
                continue;
            }
            let words = name.split_whitespace().filter(|word| !is_address(word));
            let mut left = words.collect::<Vec<_>>().join(" ");
            if left.is_empty() {
                let bare = name.trim_start_matches(|c: char| "<(".contains(c));
                let bare = bare.strip_prefix("mailto:").unwrap_or(bare);
                left = bare.split('@').next().unwrap_or_default().to_owned();
            }
            if !left.is_empty() {
                person.v.name = left;
                paths.push(person.path.clone());
            }
        }
        for path in paths {
            self.warn("personal-data", &path, "email", "");
        }
    }

    /// What was found wrong so far.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Adds a problem that was made elsewhere.
    pub fn report(&mut self, problem: Problem) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(problem);
        }
    }

    /// Adds a warning that must not be lost among others, of which a record has few.
    pub(super) fn tell(&mut self, rule: &str, path: &str, given: &str, want: &str) {
        let problem = Problem::new(Severity::Warning, rule, path, given, want);
        self.problems.push(problem);
    }

    /// This value, or all of the record, did not come in.
    pub fn error(&mut self, rule: &str, path: &str, given: &str, want: &str) {
        self.report(Problem::new(Severity::Error, rule, path, given, want));
    }

    /// It was taken, and something is not as the standard wants it.
    pub fn warn(&mut self, rule: &str, path: &str, given: &str, want: &str) {
        self.report(Problem::new(Severity::Warning, rule, path, given, want));
    }

    /// It was taken in a way that is worth knowing.
    pub fn info(&mut self, rule: &str, path: &str, given: &str, want: &str) {
        self.report(Problem::new(Severity::Info, rule, path, given, want));
    }

    /// A value that the crosswalk took from this place.
    pub fn value<T>(&self, v: T, path: &str) -> Value<T> {
        Value {
            v,
            lang: None,
            path: path.chars().take(MAX_LINE_CHARS).collect(),
            src: self.mapped.clone(),
        }
    }

    /// A value that was guessed from what stands at this place.
    pub fn guess<T>(&self, v: T, path: &str) -> Value<T> {
        Value {
            src: self.inferred.clone(),
            ..self.value(v, path)
        }
    }

    /// Adds a value of any field; the same value again is not added. `false` where the field is full, which is reported.
    pub fn push<T: PartialEq>(
        &mut self,
        field: fn(&mut Record) -> &mut Vec<Value<T>>,
        value: Value<T>,
    ) -> bool {
        let list = field(&mut self.record);
        if list
            .iter()
            .any(|there| there.v == value.v && there.lang == value.lang)
        {
            return true;
        }
        if list.len() >= MAX_VALUES {
            let path = value.path;
            let limit = MAX_VALUES.to_string();
            let told = |p: &Problem| p.rule == "too-many-values" && p.path == path;
            if !self.problems.iter().any(told) {
                self.error("too-many-values", &path, "", &limit);
            }
            return false;
        }
        list.push(value);
        true
    }

    /// Adds a text without a language: a name, a version, a code.
    pub fn line(&mut self, field: Texts, written: &str, path: &str) {
        if let Some(text) = self.fit(written, Room::Line, path) {
            let value = self.value(text, path);
            self.push(field, value);
        }
    }

    /// Adds a text in a language (`None`: it is not known).
    pub fn text(
        &mut self,
        field: Texts,
        written: &str,
        room: Room,
        lang: Option<&str>,
        path: &str,
    ) {
        if let Some(text) = self.fit(written, room, path) {
            let mut value = self.value(text, path);
            value.lang = Some(lang.unwrap_or("und").to_owned());
            // One title for each language is shown and goes out.
            let there = field(&mut self.record)
                .iter()
                .find(|t| t.lang == value.lang);
            let shown = there.filter(|t| t.v != value.v).map(|t| t.v.clone());
            if let Some(shown) = shown.filter(|_| matches!(room, Room::Title)) {
                self.info("title-below", path, &value.v, &shown);
            }
            self.push(field, value);
        }
    }

    /// Adds a label to those of an object, which has one in each language; another one is kept aside.
    pub fn label(
        &mut self,
        labels: &mut Vec<(String, String)>,
        lang: String,
        text: &str,
        room: Room,
        path: &str,
    ) {
        let Some(text) = self.fit(text, room, path) else {
            return;
        };
        match labels.iter().find(|(tag, _)| *tag == lang) {
            None if labels.len() < MAX_VALUES => labels.push((lang, text)),
            Some((_, there)) if *there == text => {}
            _ => self.keep(path, &text),
        }
    }

    /// Adds a paragraph to the texts of an object, which has one in each language: it follows those that are there.
    pub fn paragraph(&mut self, texts: &mut Paragraphs, lang: String, text: &str, path: &str) {
        let Some(text) = self.fit(text, Room::Prose, path) else {
            return;
        };
        if !texts.add(lang, &text) {
            self.keep(path, &text);
        }
    }

    /// A text made fit to be stored; says what was done to it. `None` where nothing is left.
    pub fn fit(&mut self, written: &str, room: Room, path: &str) -> Option<String> {
        let Fit {
            text,
            hidden,
            markup,
            clipped,
        } = fit(written, room);
        if text.is_empty() {
            self.warn("empty-value", path, "", "");
            return None;
        }
        if hidden {
            self.warn("hidden-characters", path, written, "");
        }
        if markup {
            self.warn("markup-removed", path, written, "");
        }
        if clipped {
            self.warn("clipped", path, "", room.limit());
        }
        Some(text)
    }

    /// Keeps aside what the model has no field for, under its scheme and path, and says so.
    pub fn keep(&mut self, path: &str, text: &str) {
        let text = fit(text, Room::Prose).text;
        if text.is_empty() {
            return;
        }
        let scheme = &self.mapped.scheme;
        let kept = keep_aside(&mut self.record, scheme, path, &text, &mut self.aside);
        let (rule, severity) = told_aside(kept);
        self.report(Problem::new(severity, rule, path, &text, ""));
    }

    /// A language tag as it is stored.
    pub fn language(&mut self, written: &str, path: &str) -> Option<String> {
        let bare = written.trim();
        let code = last_of_address(bare);
        if code.is_empty() {
            return None;
        }
        match normalise_language(code) {
            Ok(tag) => {
                if tag != bare {
                    self.info("language-respelt", path, written, &tag);
                }
                Some(tag)
            }
            Err(_) => {
                self.warn("not-a-language", path, written, "fr, en");
                None
            }
        }
    }

    /// The languages that a text names: one, or several with a sign between them (`fre;eng`). Names have signs of their own
    /// (`Greek, Ancient (to 1453)`), and so do regions (`pt/BR`).
    pub fn languages(&mut self, written: &str, path: &str) -> Vec<String> {
        let names = languages(written);
        let names = names.into_iter().take(MAX_VALUES);
        names
            .filter_map(|name| self.language(&name, path))
            .collect()
    }

    /// A date as it is stored: a year, a month, a day or a moment. Takes what databases and people write.
    pub fn date(&mut self, written: &str, path: &str) -> Option<String> {
        let text = written.trim();
        if text.is_empty() {
            return None;
        }
        match date(text) {
            Some(read) => {
                if read != text {
                    self.info("date-respelt", path, written, &read);
                }
                Some(read)
            }
            None => {
                self.warn("not-a-date", path, written, "");
                None
            }
        }
    }

    /// A licence by its address, its SPDX id or its usual name.
    pub fn licence(&mut self, written: &str, path: &str) -> Option<Licence> {
        let licence = linked::stated_licence(written);
        if licence.is_none() {
            self.warn("licence-unknown", path, written, "");
        }
        licence
    }

    /// An address that may be followed: `http` or `https` with a host, nothing hidden in it.
    pub fn address(&mut self, written: &str, path: &str) -> Option<String> {
        match address(written) {
            Some(url) => Some(url),
            None => {
                self.warn("bad-address", path, written, "");
                None
            }
        }
    }
}

/// `http(s)://host…` without white space and characters that break out of an attribute; `None` otherwise.
pub fn address(written: &str) -> Option<String> {
    let url = written.trim();
    let (scheme, rest) = url.split_once("://")?;
    let known = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let fit = !host.is_empty()
        && !host.contains('@')
        && url.chars().count() <= MAX_LINE_CHARS
        && !url.contains(|c: char| c.is_whitespace() || c.is_control() || "<>\"\\".contains(c))
        && !url.chars().any(commun_specs::metadata::is_forbidden);
    (known && fit).then(|| url.to_owned())
}
