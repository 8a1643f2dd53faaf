//! What an import or an export ends with: lines per record and rule, counts, and its three forms.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::problem::{Problem, Severity, quoted};

/// Lines that a report keeps; the counts go on. A table of more rows is not read by anybody.
pub const MAX_LINES: usize = 10_000;
/// Records that came in of which the text has a line; the other forms have as many as lines.
const MAX_SHOWN: usize = 20;
/// Different rules that are counted; what comes after is counted under `other`. There are far fewer.
const MAX_RULES: usize = 500;

/// One line: a record, and what is to be said about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The record: its identifier at the source, or its place in a file (`row 17`).
    pub record: String,
    /// What, where, how to mend it.
    pub problem: Problem,
}

impl Line {
    /// A line about a record.
    pub fn new(record: &str, problem: Problem) -> Line {
        Line {
            record: quoted(record),
            problem,
        }
    }

    /// `{record, rule, severity, path, found, what, fix}`, with sentences in the language asked for (`fr`, else English).
    pub fn to_json(&self, lang: &str) -> Json {
        let p = &self.problem;
        let mut line = json!({
            "record": self.record,
            "rule": p.rule,
            "severity": p.severity.as_str(),
            "path": self.path(),
            "found": p.given,
            "what": p.what(lang),
            "fix": p.fix(lang),
        });
        if let Some(at) = p.line {
            line["line"] = at.into();
        }
        line
    }

    /// One line of text.
    pub fn to_text(&self, lang: &str) -> String {
        let p = &self.problem;
        let fix = p.fix(lang);
        let sep = if fix.is_empty() { "" } else { "; " };
        let what = p.what(lang);
        format!(
            "{}: {}: {what}{sep}{fix} [{}]",
            self.record,
            p.severity.as_str(),
            p.rule
        )
    }

    fn path(&self) -> String {
        match (self.problem.file.as_str(), self.problem.path.as_str()) {
            ("", path) => path.to_owned(),
            (file, "") => file.to_owned(),
            (file, path) => format!("{file}: {path}"),
        }
    }

    fn csv(&self, lang: &str, out: &mut String) {
        let p = &self.problem;
        let cells = [
            self.record.as_str(),
            &p.rule,
            p.severity.as_str(),
            &self.path(),
            &p.given,
            &p.what(lang),
            &p.fix(lang),
        ];
        for (at, text) in cells.into_iter().enumerate() {
            if at > 0 {
                out.push(',');
            }
            cell(text, out);
        }
        out.push_str("\r\n");
    }
}

/// The first row of a report in CSV (RFC 4180).
pub const CSV_HEADER: &str = "record,rule,severity,path,found,what,fix\r\n";

/// A cell of CSV. One that a spreadsheet would run as a formula gets an apostrophe before it.
pub fn cell(text: &str, out: &mut String) {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let quote = text.contains([',', '"', '\n', '\r']);
    if quote {
        out.push('"');
    }
    if formula {
        out.push('\'');
    }
    for c in text.chars() {
        if c == '"' {
            out.push('"');
        }
        out.push(c);
    }
    if quote {
        out.push('"');
    }
}

/// The counts of a report, as they are written down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// Records that were read, fit or not.
    pub records: u64,
    /// Items made.
    pub added: u64,
    /// Items that got a new version.
    pub changed: u64,
    /// Items that were the same already.
    pub unchanged: u64,
    /// Records that the source deleted.
    pub deleted: u64,
    /// Records that did not come in.
    pub refused: u64,
    /// Severity, rule, how often.
    pub rules: Vec<(String, String, u64)>,
    /// In how many of the records that came in each field of the model was filled.
    pub mapped: BTreeMap<String, u64>,
}

impl Counts {
    /// Adds what a report counts.
    pub fn add(&mut self, report: &Report) {
        let mut all = Report::of(std::mem::take(self), Vec::new(), Vec::new());
        all.merge(Report {
            lines: Vec::new(),
            came_in: Vec::new(),
            ..report.clone()
        });
        *self = all.counts();
    }
}

/// What came of many records. Bounded: lines end at [`MAX_LINES`], counts go on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Records that were read, fit or not.
    pub records: u64,
    /// Items made.
    pub added: u64,
    /// Items that got a new version.
    pub changed: u64,
    /// Items that were the same already.
    pub unchanged: u64,
    /// Records that the source deleted.
    pub deleted: u64,
    /// Records that did not come in.
    pub refused: u64,
    /// The lines, in the order of the records.
    pub lines: Vec<Line>,
    /// How many lines are not here.
    pub left_out: u64,
    /// What came in, a line for each item that was made or got a new version; the first [`MAX_LINES`].
    pub came_in: Vec<Line>,
    /// In how many of them each field of the model was filled.
    pub mapped: BTreeMap<String, u64>,
    /// How often each rule spoke.
    rules: BTreeMap<(Severity, String), u64>,
}

impl Report {
    /// Adds a line about a record.
    pub fn push(&mut self, record: &str, problem: Problem) {
        let mut key = (problem.severity, problem.rule.clone());
        if self.rules.len() >= MAX_RULES && !self.rules.contains_key(&key) {
            key.1 = "other".into();
        }
        *self.rules.entry(key).or_default() += 1;
        if self.lines.len() < MAX_LINES {
            self.lines.push(Line::new(record, problem));
        } else {
            self.left_out += 1;
        }
    }

    /// Notes that a record came in: counts it, its fields, and keeps a line about it. `rule`: `record-added` or
    /// `record-changed`; `name`: of the item.
    pub fn came(&mut self, record: &str, rule: &str, name: &str, fields: &[&str]) {
        match rule {
            "record-added" => self.added += 1,
            _ => self.changed += 1,
        }
        for field in fields {
            *self.mapped.entry((*field).to_owned()).or_default() += 1;
        }
        if self.came_in.len() < MAX_LINES {
            let fields = fields.join(", ");
            let what = Problem::new(Severity::Info, rule, "", name, &fields);
            self.came_in.push(Line::new(record, what));
        }
    }

    /// Adds what a reader found before records were told apart: a record that is lost counts as refused.
    pub fn found(&mut self, record: &str, problem: Problem) {
        if !record.is_empty() && problem.severity == Severity::Error {
            self.records += 1;
            self.refused += 1;
        }
        self.push(record, problem);
    }

    /// A report from what was kept of it.
    pub fn of(counts: Counts, lines: Vec<Line>, came_in: Vec<Line>) -> Report {
        let mut rules = BTreeMap::new();
        for (severity, rule, count) in counts.rules {
            let severity = [Severity::Info, Severity::Warning, Severity::Error]
                .into_iter()
                .find(|s| s.as_str() == severity);
            rules.insert((severity.unwrap_or(Severity::Info), rule), count);
        }
        let all: u64 = rules.values().sum();
        Report {
            records: counts.records,
            added: counts.added,
            changed: counts.changed,
            unchanged: counts.unchanged,
            deleted: counts.deleted,
            refused: counts.refused,
            left_out: all.saturating_sub(lines.len() as u64),
            lines,
            rules,
            came_in,
            mapped: counts.mapped,
        }
    }

    /// The counts alone, to be kept.
    pub fn counts(&self) -> Counts {
        let rules = self.rules();
        Counts {
            records: self.records,
            added: self.added,
            changed: self.changed,
            unchanged: self.unchanged,
            deleted: self.deleted,
            refused: self.refused,
            mapped: self.mapped.clone(),
            rules: rules
                .map(|(severity, rule, count)| {
                    (severity.as_str().to_owned(), rule.to_owned(), count)
                })
                .collect(),
        }
    }

    /// How often each rule spoke, worst first: (severity, rule, count).
    pub fn rules(&self) -> impl Iterator<Item = (Severity, &str, u64)> {
        let rules = self.rules.iter().rev();
        rules.map(|((severity, rule), count)| (*severity, rule.as_str(), *count))
    }

    /// How many lines have this severity.
    pub fn count(&self, severity: Severity) -> u64 {
        let rules = self.rules().filter(|(s, _, _)| *s == severity);
        rules.map(|(_, _, count)| count).sum()
    }

    /// Adds what another report has.
    pub fn merge(&mut self, other: Report) {
        self.records += other.records;
        self.added += other.added;
        self.changed += other.changed;
        self.unchanged += other.unchanged;
        self.deleted += other.deleted;
        self.refused += other.refused;
        self.left_out += other.left_out;
        for (key, count) in other.rules {
            *self.rules.entry(key).or_default() += count;
        }
        for (field, count) in other.mapped {
            *self.mapped.entry(field).or_default() += count;
        }
        let room = MAX_LINES.saturating_sub(self.came_in.len());
        self.came_in.extend(other.came_in.into_iter().take(room));
        for line in other.lines {
            if self.lines.len() < MAX_LINES {
                self.lines.push(line);
            } else {
                self.left_out += 1;
            }
        }
    }

    /// The report without its lines.
    pub fn summary(&self) -> Json {
        let rules = self.rules();
        let rules: Vec<Json> = rules
            .map(|(severity, rule, count)| json!({"severity": severity.as_str(), "rule": rule, "count": count}))
            .collect();
        json!({
            "records": self.records,
            "added": self.added,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "deleted": self.deleted,
            "refused": self.refused,
            "errors": self.count(Severity::Error),
            "warnings": self.count(Severity::Warning),
            "rules": rules,
            "mapped": self.mapped,
        })
    }

    /// All of it as JSON.
    pub fn to_json(&self, lang: &str) -> Json {
        let mut value = self.summary();
        value["lines"] = self.lines.iter().map(|line| line.to_json(lang)).collect();
        value["left_out"] = self.left_out.into();
        value["came_in"] = self.came_in.iter().map(|line| line.to_json(lang)).collect();
        value
    }

    /// The lines as CSV with a header, those of what came in at the end.
    pub fn to_csv(&self, lang: &str) -> String {
        let mut out = CSV_HEADER.to_owned();
        for line in self.lines.iter().chain(&self.came_in) {
            line.csv(lang, &mut out);
        }
        out
    }

    /// What came in, as much as one reads, and the lines; then how often each rule spoke, what was mapped, and one sentence.
    pub fn to_text(&self, lang: &str) -> String {
        let mut out = String::new();
        for line in self.came_in.iter().take(MAX_SHOWN) {
            out.push_str(&line.to_text(lang));
            out.push('\n');
        }
        // Where they are kept at all.
        let more = (self.added + self.changed).saturating_sub(MAX_SHOWN as u64);
        if more > 0 && !self.came_in.is_empty() {
            out.push_str(&format!("… {more} more records came in\n"));
        }
        for line in &self.lines {
            out.push_str(&line.to_text(lang));
            out.push('\n');
        }
        if self.left_out > 0 {
            out.push_str(&format!("… {} more lines\n", self.left_out));
        }
        for (severity, rule, count) in self.rules() {
            out.push_str(&format!("{count:>8} {} {rule}\n", severity.as_str()));
        }
        if !self.mapped.is_empty() {
            let fields = self.mapped.iter();
            let fields: Vec<String> = fields
                .map(|(field, count)| format!("{field} {count}"))
                .collect();
            out.push_str(&format!("mapped: {}\n", fields.join(", ")));
        }
        out.push_str(&format!(
            "{} records: {} added, {} changed, {} unchanged, {} deleted at the source, {} refused\n",
            self.records, self.added, self.changed, self.unchanged, self.deleted, self.refused
        ));
        out
    }
}
