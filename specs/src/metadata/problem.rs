//! What is wrong with a document, where, and what to do about it.

use std::fmt;

use super::limits::MAX_PROBLEMS;

/// One thing wrong (or, among warnings, one thing worth knowing).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where: `creators[2].orcid`; empty for the document as a whole.
    pub field: String,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub fix: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.field.is_empty() {
            write!(f, "{}: ", self.field)?;
        }
        f.write_str(&self.what)?;
        if !self.fix.is_empty() {
            write!(f, "; {}", self.fix)?;
        }
        Ok(())
    }
}

/// All that is wrong with a document, at least one problem, in the order of the fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// Collects problems while a document is read.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) problems: Vec<Problem>,
    pub(super) warnings: Vec<Problem>,
    /// The language of texts that name none (R-07-06).
    pub(super) language: String,
}

impl Default for Report {
    fn default() -> Self {
        Report {
            problems: Vec::new(),
            warnings: Vec::new(),
            language: "und".into(),
        }
    }
}

impl Report {
    pub(super) fn problem(&mut self, field: &str, what: impl Into<String>, fix: impl Into<String>) {
        push(&mut self.problems, field, what.into(), fix.into());
    }

    pub(super) fn warning(&mut self, field: &str, what: impl Into<String>, fix: impl Into<String>) {
        push(&mut self.warnings, field, what.into(), fix.into());
    }
}

fn push(list: &mut Vec<Problem>, field: &str, what: String, fix: String) {
    if list.len() < MAX_PROBLEMS {
        list.push(Problem {
            field: shorten(field),
            what,
            fix,
        });
    }
}

/// A field path or value as messages quote it: member names come from outside and may be anything.
pub(super) fn shorten(text: &str) -> String {
    const MAX_QUOTED_CHARS: usize = 80;
    let mut short: String = text
        .chars()
        .take(MAX_QUOTED_CHARS)
        .map(|c| {
            if super::text::is_forbidden(c) || c.is_control() {
                '\u{fffd}'
            } else {
                c
            }
        })
        .collect();
    if text.chars().nth(MAX_QUOTED_CHARS).is_some() {
        short.push('…');
    }
    short
}
