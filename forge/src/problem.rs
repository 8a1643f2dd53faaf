//! What is wrong with metadata that somebody wrote: where, which rule, and how to mend it, in two languages.
//!
//! Every reader of a file or a standard reports by rules, words for programs such as `not-a-date`; each rule has its
//! sentences in a table beside this file, so that a report can be read in either language wherever it was made.

mod amb;
mod component;
mod crosswalk;
mod export;
mod intake;
mod lom;
pub(crate) mod package;
mod table;

use serde_json::{Value as Json, json};

/// Longest quoted value and path, in characters.
const MAX_QUOTED: usize = 120;
/// Longest list of values that a sentence names, in characters.
const MAX_WANTED: usize = 400;

/// How bad it is, least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Good to know: what was understood in a way that is not quite what was written.
    Info,
    /// The value is read, or nothing of weight is missing.
    Warning,
    /// The file breaks its standard; in an import, this record or value did not come in.
    Error,
}

impl Severity {
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// How bad.
    pub severity: Severity,
    /// The file; empty where it is about the repository as a whole.
    pub file: String,
    /// The line, from 1, where it is known.
    pub line: Option<u32>,
    /// The place in the file: `legal.license`.
    pub path: String,
    /// Which rule, a word for programs: `not-in-list`.
    pub rule: String,
    /// What was found.
    pub given: String,
    /// What is wanted.
    pub wanted: String,
}

/// A rule's sentences: code, what is wrong (English, French), what to do (English, French). `{path}`, `{given}`, `{wanted}`
/// stand for the problem's own.
pub(crate) type Rule = (&'static str, [&'static str; 2], [&'static str; 2]);

/// The tables that a rule is looked up in. A standard with rules of its own adds a file and a line.
const TABLES: &[&[Rule]] = &[
    amb::RULES,
    component::RULES,
    crosswalk::RULES,
    export::RULES,
    intake::RULES,
    lom::RULES,
    package::RULES,
    table::RULES,
];

impl Problem {
    /// A problem at a place of a record. What is quoted from outside is cut and cleaned.
    pub fn new(severity: Severity, rule: &str, path: &str, given: &str, want: &str) -> Problem {
        Problem {
            severity,
            file: String::new(),
            line: None,
            path: quoted(path),
            rule: rule.to_owned(),
            given: quoted(given),
            wanted: wanted(want),
        }
    }

    /// What is wrong, for `fr` or any other language (English).
    pub fn what(&self, lang: &str) -> String {
        self.sentence(lang, |rule| rule.1)
            .unwrap_or_else(|| format!("{}: {}", self.path, self.rule))
    }

    /// What to do; empty where a newer node has a rule that is not known here.
    pub fn fix(&self, lang: &str) -> String {
        self.sentence(lang, |rule| rule.2).unwrap_or_default()
    }

    fn sentence(&self, lang: &str, pick: fn(&Rule) -> [&'static str; 2]) -> Option<String> {
        let mut rules = TABLES.iter().flat_map(|table| table.iter());
        let rule = rules.find(|rule| rule.0 == self.rule)?;
        let text = pick(rule)[usize::from(lang.starts_with("fr"))];
        let mut out = String::new();
        let mut rest = text;
        // Not `replace` three times: a value that is itself `{given}` must stay what it is.
        while let Some(at) = rest.find('{') {
            out.push_str(&rest[..at]);
            let end = rest[at..].find('}').map_or(rest.len(), |end| at + end + 1);
            out.push_str(match &rest[at..end] {
                "{path}" => &self.path,
                "{given}" => &self.given,
                "{wanted}" => &self.wanted,
                other => other,
            });
            rest = &rest[end..];
        }
        out.push_str(rest);
        Some(out)
    }

    /// As it stands in the body of a description.
    pub fn to_json(&self) -> Json {
        let mut value = json!({"severity": self.severity.as_str(), "rule": self.rule});
        for (name, text) in [
            ("file", &self.file),
            ("path", &self.path),
            ("given", &self.given),
            ("wanted", &self.wanted),
        ] {
            if !text.is_empty() {
                value[name] = text.as_str().into();
            }
        }
        if let Some(line) = self.line {
            value["line"] = line.into();
        }
        value
    }

    /// Reads one that another node wrote; texts are cut and cleaned, what has no rule is left out.
    pub fn from_json(value: &Json) -> Option<Problem> {
        let text = |name: &str, most| quote(value[name].as_str().unwrap_or_default(), most);
        let rule = text("rule", 40);
        let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if rule.is_empty() || !rule.bytes().all(word) {
            return None;
        }
        Some(Problem {
            severity: match value["severity"].as_str()? {
                "error" => Severity::Error,
                "info" => Severity::Info,
                _ => Severity::Warning,
            },
            file: text("file", MAX_QUOTED),
            line: value["line"].as_u64().and_then(|line| line.try_into().ok()),
            path: text("path", MAX_QUOTED),
            rule,
            given: text("given", MAX_QUOTED),
            wanted: text("wanted", MAX_WANTED),
        })
    }
}

/// A text from a file as messages quote it: short, on one line, without characters that change how it reads.
pub(crate) fn quoted(text: &str) -> String {
    quote(text, MAX_QUOTED)
}

pub(crate) fn wanted(text: &str) -> String {
    quote(text, MAX_WANTED)
}

fn quote(text: &str, most: usize) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
    };
    let mut short: String = text
        .chars()
        .take(most)
        .map(|c| if hidden(c) { '\u{fffd}' } else { c })
        .collect();
    if text.chars().nth(most).is_some() {
        short.push('…');
    }
    short
}
