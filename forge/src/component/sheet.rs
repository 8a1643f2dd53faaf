//! Values and problems of one file, while it is read.

use std::collections::HashSet;
use std::sync::Arc;

use commun_specs::{
    licence::Licence,
    metadata::{
        Creator, MAX_LINE_CHARS, MAX_VALUES, Method, Record, Source, Value, is_date, is_target,
        normalise_language,
    },
};

use serde_json::Value as Json;

use super::{
    MAX_PROBLEMS,
    document::{Fault, Item, Member, Value as Form},
};
use crate::crosswalk::{
    Texts, keep_aside,
    linked::is_personal,
    lom::is_mail,
    text::{Room, fit},
    told_aside,
};
use crate::problem::{Problem, Severity, quoted, wanted};

/// What one file gave.
pub(super) struct Sheet {
    pub(super) record: Record,
    pub(super) problems: Vec<Problem>,
    file: String,
    src: Arc<Source>,
    /// Bytes that are kept aside.
    aside: usize,
}

impl Sheet {
    pub(super) fn new(file: &str, scheme: &str) -> Self {
        let source = Source {
            scheme: scheme.to_owned(),
            origin: Some(file.to_owned()),
            date: None,
            method: Method::Mapped,
            by: None,
        };
        Self {
            record: Record::default(),
            problems: Vec::new(),
            file: file.to_owned(),
            src: Arc::new(source),
            aside: 0,
        }
    }

    /// A value from this file.
    pub(super) fn value<T>(&self, v: T, path: &str) -> Value<T> {
        Value {
            v,
            lang: None,
            path: path.chars().take(MAX_LINE_CHARS).collect(),
            src: self.src.clone(),
        }
    }

    /// Adds one line of text to a field.
    pub(super) fn add(&mut self, field: Texts, text: &str, path: &str) {
        if let Some(text) = self.fit(text, Room::Line, path) {
            let value = self.value(text, path);
            self.push(field, value);
        }
    }

    /// Adds a text in a language.
    pub(super) fn add_in(&mut self, field: Texts, room: Room, lang: &str, text: &str, path: &str) {
        if let Some(text) = self.fit(text, room, path) {
            let mut value = self.value(text, path);
            value.lang = Some(lang.to_owned());
            self.push(field, value);
        }
    }

    /// Adds a value of any field, once; where the field is full, a problem says so.
    pub(super) fn push<T: PartialEq>(
        &mut self,
        field: fn(&mut Record) -> &mut Vec<Value<T>>,
        value: Value<T>,
    ) {
        let list = field(&mut self.record);
        if list.iter().any(|v| v.v == value.v && v.lang == value.lang) {
            return;
        }
        if list.len() < MAX_VALUES {
            return list.push(value);
        }
        let member = |path: &str| path.split('[').next().map(str::to_owned);
        let full =
            |p: &Problem| p.rule == "too-many-values" && member(&p.path) == member(&value.path);
        if !self.problems.iter().any(full) {
            let most = MAX_VALUES.to_string();
            self.problem(
                "too-many-values",
                Severity::Error,
                None,
                &value.path,
                "",
                &most,
            );
        }
    }

    /// A text made fit to be stored; says where it is cut.
    fn fit(&mut self, text: &str, room: Room, path: &str) -> Option<String> {
        let fit = fit(text, room);
        if fit.clipped {
            self.problem("clipped", Severity::Warning, None, path, "", room.limit());
        }
        Some(fit.text).filter(|text| !text.is_empty())
    }

    /// One line of text, fit to be stored.
    pub(super) fn line(&mut self, text: &str, path: &str) -> Option<String> {
        self.fit(text, Room::Line, path)
    }

    /// The mail address of somebody, where it is one; otherwise it is kept aside.
    pub(super) fn mail(&mut self, of: &Item, name: &str, at: &str) -> Option<String> {
        let item = of.get(name)?;
        let text = item.text()?;
        let mail = text.trim_start_matches("mailto:").trim();
        if is_mail(mail) {
            return Some(mail.to_owned());
        }
        self.keep(item, &join(at, name), text);
        None
    }

    /// An address that a member of an object is, where it is one; otherwise it is kept aside.
    pub(super) fn link(&mut self, of: &Item, name: &str, at: &str) -> Option<String> {
        let item = of.get(name)?;
        let text = item.text()?;
        if text.starts_with("http") && is_target(text) {
            return Some(text.to_owned());
        }
        self.keep(item, &join(at, name), text);
        None
    }

    /// Takes what another reader found in this file. What both keep aside stays.
    pub(super) fn merge(&mut self, mut other: Record) {
        let aside = other.extra.remove(&self.src.scheme);
        let aside = aside.as_ref().and_then(Json::as_object);
        for (path, texts) in aside.into_iter().flatten() {
            for text in texts
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Json::as_str)
            {
                let scheme = &self.src.scheme;
                keep_aside(&mut self.record, scheme, path, text, &mut self.aside);
            }
        }
        self.record.merge(other);
    }

    /// The name of the file.
    pub(super) fn file(&self) -> &str {
        &self.file
    }

    /// Adds a problem that another reader found in this file.
    pub(super) fn tell(&mut self, problem: Problem) {
        if self.room(problem.severity) {
            let file = self.file.clone();
            self.problems.push(Problem { file, ..problem });
        }
    }

    /// Keeps aside what no field takes, under its path, and says so.
    pub(super) fn keep(&mut self, item: &Item, path: &str, text: &str) {
        let fit = fit(text, Room::Prose);
        if fit.text.is_empty() {
            return;
        }
        let scheme = &self.src.scheme;
        let kept = keep_aside(&mut self.record, scheme, path, &fit.text, &mut self.aside);
        let (rule, severity) = told_aside(kept && !fit.clipped);
        self.problem(rule, severity, item.line, path, text, "");
    }

    /// Keeps aside all texts that nobody has asked for.
    pub(super) fn keep_rest(&mut self, item: &Item, path: &str) {
        let path: String = path.chars().take(MAX_LINE_CHARS).collect();
        match &item.value {
            Form::Text { .. } => {
                if let Some(text) = item.unread() {
                    self.keep(item, &path, text);
                }
            }
            Form::List(items) => {
                for (at, item) in items.iter().enumerate() {
                    self.keep_rest(item, &format!("{path}[{at}]"));
                }
            }
            Form::Map(members) => {
                for Member { name, item, line } in members {
                    let at = join(&path, name);
                    let text = matches!(item.value, Form::Text { .. });
                    if is_personal(name) {
                        if !item.read() {
                            self.problem("personal-data", Severity::Info, *line, &at, name, "");
                        }
                    } else if !(text && matches!(&**name, "type" | "@type" | "@context")) {
                        // What sort of thing something is was looked at in its place.
                        self.keep_rest(item, &at);
                    }
                }
            }
        }
    }

    /// What a file holds, as an object; otherwise a problem says why it cannot be read. `format`: what it should be.
    pub(super) fn opened(&mut self, read: Result<Item, Fault>, format: &str) -> Option<Item> {
        match read {
            Ok(top) if top.map().is_some() => return Some(top),
            Ok(_) => self.whole("not-an-object", Severity::Error, "", ""),
            Err(f) => self.problem(f.rule, Severity::Error, f.line, "", &f.what, format),
        }
        None
    }

    /// Whether there is room for another problem: what is only worth knowing takes none from what is wrong.
    fn room(&self, severity: Severity) -> bool {
        let info = severity == Severity::Info;
        let same = self.problems.iter();
        let same = same.filter(|p| (p.severity == Severity::Info) == info);
        same.count() < MAX_PROBLEMS
    }

    /// A problem at a place.
    pub(super) fn problem(
        &mut self,
        rule: &str,
        severity: Severity,
        line: impl Into<Option<u32>>,
        path: &str,
        given: &str,
        want: &str,
    ) {
        if self.room(severity) {
            self.problems.push(Problem {
                severity,
                file: self.file.clone(),
                line: line.into().map(|line| line.max(1)),
                path: quoted(path),
                rule: rule.to_owned(),
                given: quoted(given),
                wanted: wanted(want),
            });
        }
    }

    pub(super) fn error(&mut self, rule: &str, item: &Item, path: &str, given: &str, want: &str) {
        self.problem(rule, Severity::Error, item.line, path, given, want);
    }

    pub(super) fn warn(&mut self, rule: &str, item: &Item, path: &str, given: &str, want: &str) {
        self.problem(rule, Severity::Warning, item.line, path, given, want);
    }

    /// A problem of the file as a whole.
    pub(super) fn whole(&mut self, rule: &str, severity: Severity, given: &str, want: &str) {
        self.problem(rule, severity, 1, "", given, want);
    }

    /// A member; reports that it is missing.
    pub(super) fn needed<'a>(
        &mut self,
        item: &'a Item,
        name: &str,
        at: &str,
        severity: Severity,
    ) -> Option<&'a Item> {
        let found = item.get(name).filter(|found| found.says());
        if found.is_none() {
            let line = item.get(name).map_or(item.line, |there| there.line);
            self.problem("missing", severity, line, &join(at, name), "", "");
        }
        found
    }

    /// The text of a member that is one; reports anything else.
    pub(super) fn text<'a>(&mut self, item: &'a Item, path: &str) -> Option<&'a str> {
        if let Form::Text { .. } = item.value {
            return item.text();
        }
        self.error("wrong-type", item, path, "", "a text");
        None
    }

    /// One of a closed list.
    pub(super) fn one_of<'a>(
        &mut self,
        item: &'a Item,
        path: &str,
        list: &[&str],
    ) -> Option<&'a str> {
        let text = self.text(item, path)?;
        if !list.contains(&text) {
            self.error("not-in-list", item, path, text, &list.join(", "));
            return None;
        }
        Some(text)
    }

    /// A web address (or, for repositories, one that Git knows).
    pub(super) fn url<'a>(&mut self, item: &'a Item, path: &str) -> Option<&'a str> {
        let text = self.text(item, path)?;
        let rest = [
            "https://",
            "http://",
            "git://",
            "ssh://",
            "git+https://",
            "ftp://",
        ]
        .iter()
        .find_map(|scheme| text.strip_prefix(scheme));
        let host = rest.and_then(|rest| rest.split(['/', '?', '#', ':']).next());
        if host.is_none_or(str::is_empty)
            || text.contains(|c: char| c.is_whitespace() || "<>\"\\".contains(c))
        {
            self.error("not-a-url", item, path, text, "");
            return None;
        }
        Some(text)
    }

    /// A day.
    pub(super) fn day<'a>(&mut self, item: &'a Item, path: &str) -> Option<&'a str> {
        let text = self.text(item, path)?;
        if !is_date(text) || text.len() < 10 {
            self.error("not-a-date", item, path, text, "");
            return None;
        }
        Some(text)
    }

    /// A language tag in normal case.
    pub(super) fn language(&mut self, written: &str, item: &Item, path: &str) -> Option<String> {
        let tag = normalise_language(written).ok();
        let primary = written.split(['-', '_']).next().unwrap_or_default();
        // A language's name is understood; it is still not a tag.
        if tag.is_none() || !(2..=3).contains(&primary.len()) {
            let example = tag.clone().unwrap_or_else(|| "fr, en".into());
            self.error("not-a-language", item, path, written, &example);
        }
        tag
    }

    /// A licence as an SPDX expression. One that is none is an error where the standard wants SPDX.
    pub(super) fn licence(
        &mut self,
        written: &str,
        item: &Item,
        path: &str,
        strict: bool,
    ) -> Option<String> {
        match Licence::parse(written) {
            Ok(licence) => {
                let bare = written
                    .trim_start_matches("https://spdx.org/licenses/")
                    .trim_start_matches("http://spdx.org/licenses/")
                    .trim_end_matches(".html")
                    .trim_end_matches(".json");
                let address = written.starts_with("http");
                if bare != licence.as_str() && (strict || !address) {
                    self.warn("licence-spelling", item, path, written, licence.as_str());
                }
                Some(licence.as_str().to_owned())
            }
            Err(_) => {
                let severity = if strict {
                    Severity::Error
                } else {
                    Severity::Warning
                };
                self.problem("licence-unknown", severity, item.line, path, written, "");
                None
            }
        }
    }

    /// Says which members are there twice, and which are not known.
    pub(super) fn members(&mut self, item: &Item, at: &str, known: Option<&[&str]>) {
        let mut seen: HashSet<&str> = HashSet::new();
        for member in item.map().unwrap_or_default() {
            let path = join(at, &member.name);
            if !seen.insert(&member.name) {
                self.problem("twice", Severity::Warning, member.line, &path, "", "");
            } else if known.is_some_and(|known| !known.contains(&&*member.name)) {
                self.problem("unknown-key", Severity::Warning, member.line, &path, "", "");
            }
        }
    }
}

/// Leaves out identifiers whose check digits are wrong, and says so.
pub(super) fn tidy(sheet: &mut Sheet, item: &Item, at: &str, creator: &mut Creator) {
    let blank = sheet.value((), "");
    let fits = |creator: &Creator| {
        let mut record = commun_specs::metadata::Record::default();
        record.creators.push(commun_specs::metadata::Value {
            v: creator.clone(),
            lang: None,
            path: String::new(),
            src: blank.src.clone(),
        });
        let body = record.to_body().ok();
        body.and_then(|body| commun_specs::metadata::Record::from_body(&body).ok())
            .is_some_and(|read| read.skipped == 0)
    };
    if fits(creator) {
        return;
    }
    let plain = Creator {
        orcid: None,
        ..creator.clone()
    };
    if fits(&plain) {
        let given = creator.orcid.take().unwrap_or_default();
        sheet.warn("not-an-id", item, at, &given, "ORCID");
        return;
    }
    let given = creator.affiliation.as_mut().and_then(|a| a.ror.take());
    if let Some(given) = given {
        sheet.warn("not-an-id", item, at, &given, "ROR");
        if !fits(creator) {
            creator.orcid = None;
        }
    }
}

/// The path of a member.
pub(super) fn join(at: &str, name: &str) -> String {
    if at.is_empty() {
        name.to_owned()
    } else {
        format!("{at}.{name}")
    }
}
