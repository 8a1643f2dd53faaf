//! Values and problems of one file, while it is read.

use std::sync::Arc;

use commun_specs::{
    licence::Licence,
    metadata::{
        MAX_LINE_CHARS, MAX_VALUES, Method, Record, Source, Value, is_date, normalise_language,
    },
};

use super::{
    MAX_PROBLEMS,
    document::{Fault, Item, Value as Form},
};
use crate::problem::{Problem, Severity, quoted, wanted};

/// What one file gave.
pub(super) struct Sheet {
    pub(super) record: Record,
    pub(super) problems: Vec<Problem>,
    file: String,
    src: Arc<Source>,
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

    pub(super) fn put(
        &self,
        into: fn(&mut Record) -> &mut Vec<Value<String>>,
        record: &mut Record,
        text: &str,
        path: &str,
    ) {
        let list = into(record);
        if list.len() < MAX_VALUES && !list.iter().any(|v| v.v == text) {
            list.push(self.value(text.to_owned(), path));
        }
    }

    /// Adds one line of text to a field.
    pub(super) fn add(
        &mut self,
        field: fn(&mut Record) -> &mut Vec<Value<String>>,
        text: &str,
        path: &str,
    ) {
        let mut record = std::mem::take(&mut self.record);
        self.put(field, &mut record, text, path);
        self.record = record;
    }

    /// Adds a text in a language.
    pub(super) fn add_in(
        &mut self,
        field: fn(&mut Record) -> &mut Vec<Value<String>>,
        lang: &str,
        text: &str,
        path: &str,
    ) {
        let mut value = self.value(text.to_owned(), path);
        value.lang = Some(lang.to_owned());
        let list = field(&mut self.record);
        if list.len() < MAX_VALUES && !list.contains(&value) {
            list.push(value);
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

    /// A problem at a place.
    pub(super) fn problem(
        &mut self,
        rule: &str,
        severity: Severity,
        line: u32,
        path: &str,
        given: &str,
        want: &str,
    ) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(Problem {
                severity,
                file: self.file.clone(),
                line: Some(line.max(1)),
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
        let members = item.map().unwrap_or_default();
        for (place, member) in members.iter().enumerate() {
            let path = join(at, &member.name);
            if members[..place]
                .iter()
                .any(|before| before.name == member.name)
            {
                self.problem("twice", Severity::Warning, member.line, &path, "", "");
            } else if known.is_some_and(|known| !known.contains(&&*member.name)) {
                self.problem("unknown-key", Severity::Warning, member.line, &path, "", "");
            }
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
