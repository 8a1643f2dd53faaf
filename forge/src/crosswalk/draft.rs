//! Values and problems of one record, while it is read.

use std::sync::Arc;

use commun_specs::{
    licence::Licence,
    metadata::{
        MAX_LINE_CHARS, MAX_VALUES, Method, Record, Source, Value, is_date, normalise_language,
    },
};

use serde_json::{Map, Value as Json};

use super::{
    Origin, Reading,
    text::{Fit, Room, fit, last_of_address},
};
use crate::problem::{Problem, Severity};

/// Problems of one record: more help nobody, and a hostile record could have a million.
const MAX_PROBLEMS: usize = 200;

/// A field of the model that holds texts or codes.
pub type Texts = fn(&mut Record) -> &mut Vec<Value<String>>;

/// Collects what one record says. Everything that is put in comes out fit to be stored.
#[derive(Debug)]
pub struct Draft {
    /// The values so far. Set with the methods, which clean, bound and say where a value came from.
    pub record: Record,
    problems: Vec<Problem>,
    mapped: Arc<Source>,
    inferred: Arc<Source>,
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
        }
    }

    /// The reading, under the identifier by which the source knows the record.
    pub fn finish(self, id: Option<String>) -> Reading {
        Reading {
            record: self.record,
            id,
            problems: self.problems,
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
        self.info("kept-aside", path, &text, "");
        let aside = self.record.extra.entry(self.mapped.scheme.clone());
        let aside = aside.or_insert_with(|| Json::Object(Map::new()));
        let Some(aside) = aside.as_object_mut() else {
            return;
        };
        let path = fit(path, Room::Line).text;
        if aside.len() >= MAX_VALUES && !aside.contains_key(&path) {
            return;
        }
        let list = aside.entry(path).or_insert_with(|| Json::Array(Vec::new()));
        if let Json::Array(list) = list
            && list.len() < MAX_VALUES
        {
            list.push(text.into());
        }
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
        let text = written.trim();
        // The languages of deeds: `…/by/4.0/deed.de`.
        let bare = match text.rfind("/deed") {
            Some(at) if text.contains("creativecommons.org/") => &text[..=at],
            _ => text,
        };
        match Licence::parse(bare) {
            Ok(licence) => Some(licence),
            Err(_) => {
                self.warn("licence-unknown", path, written, "");
                None
            }
        }
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

/// What people write as a date, as the model writes it: `2021-04-09 16:20:11`, `2024-09-01T08:00:00` (no zone: UTC),
/// `20240901`, `2024/09/01`, `01/09/2024` (days come first, as in French; only where the day cannot be a month is the
/// order certain, so others are not read).
pub fn date(text: &str) -> Option<String> {
    let text = text.trim();
    if is_date(text) {
        return Some(text.to_owned());
    }
    let spaced = text.replacen(' ', "T", 1);
    let tried = [
        spaced.clone(),
        format!("{spaced}Z"),
        text.replace('/', "-"),
        with_colon(&spaced),
    ];
    if let Some(good) = tried.into_iter().find(|t| is_date(t)) {
        return Some(good);
    }
    if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        let day = format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..]);
        return is_date(&day).then_some(day);
    }
    let parts: Vec<&str> = text.split(['/', '.', '-']).collect();
    if let [d, m, y] = parts[..]
        && y.len() == 4
        && d.parse::<u8>().is_ok_and(|d| d > 12)
    {
        let day = format!("{y}-{m:0>2}-{d:0>2}");
        return is_date(&day).then_some(day);
    }
    None
}

/// A moment whose zone is written without a colon, `+0200`, with one: what ISO 8601 calls basic, and programs print.
fn with_colon(text: &str) -> String {
    let at = text.len().saturating_sub(5);
    match text.get(at..) {
        Some(zone)
            if text.contains('T')
                && zone.starts_with(['+', '-'])
                && zone[1..].bytes().all(|b| b.is_ascii_digit()) =>
        {
            format!("{}:{}", &text[..at + 3], &text[at + 3..])
        }
        _ => text.to_owned(),
    }
}
