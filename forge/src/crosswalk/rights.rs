//! What a record says about its licence, gathered from all its places: one expression of everything that holds.
//!
//! Nobody may be told that more is allowed than a record says. So:
//!
//! - All licences that a record states hold together (`AND`), whether by address, by name or in a sentence: nobody says
//!   that one may choose.
//! - One licence of Creative Commons of which one place names the port of a country and another does not, or which two
//!   languages name with two ports, is one. It counts as it is read best: an address before a sentence, then a port before
//!   none, then the first.
//! - Words beside a licence that forbid what it allows ([`words::limits`]) hold too. Alone they make no licence.
//! - Words beside it that are not understood, and a licence that is not known, are told. In a place that is for licences
//!   only (`license` of schema.org) an unknown one makes all of them unknown.
//! - What does not fit into an expression is no licence: it stands among the statements.
//!
//! All of it is told in the report.

mod sentence;
#[cfg(test)]
mod tests;
mod words;

use std::mem;

use commun_specs::licence::Licence;
use commun_specs::metadata::{MAX_VALUES, Method, Record, Value};

use super::Reading;
use super::draft::Draft;
use super::linked;
use super::text::Room;
use crate::problem::{Problem, Severity};

pub(crate) use sentence::{Rights, rights};

/// Words about rights that were met while a record was read.
#[derive(Debug)]
pub(super) struct Said {
    path: String,
    /// As much of them as a report quotes.
    text: String,
    /// A licence was taken from them, which was told.
    named: bool,
    /// What they forbid, as ids of licences.
    limits: Vec<&'static str>,
    /// They say nothing that a licence beside them does not say better.
    plain: bool,
}

/// A licence among several.
struct Part {
    id: String,
    method: Method,
    lang: Option<String>,
    path: String,
}

impl Draft {
    /// Adds a licence that stands alone at a place: its address, its name, its id. `lang`: the language of that text.
    pub fn licence_is(&mut self, licence: &Licence, lang: Option<&str>, path: &str) {
        let value = self.value(licence.as_str().to_owned(), path);
        self.add(value, lang);
    }

    /// Adds a licence that is guessed from a sentence or from what the files of a package say.
    pub fn licence_guessed(&mut self, licence: &Licence, lang: Option<&str>, path: &str) {
        let value = self.guess(licence.as_str().to_owned(), path);
        self.add(value, lang);
    }

    /// While a record is read a licence keeps the language of its text; none of them has one in the end.
    fn add(&mut self, mut value: Value<String>, lang: Option<&str>) {
        value.lang = lang.filter(|lang| *lang != "und").map(str::to_owned);
        self.push(|r| &mut r.licence, value);
    }

    /// Says that a place for licences holds one that is not known, which may forbid what the others allow.
    pub fn licence_unread(&mut self) {
        self.unread = true;
    }

    /// Whether there is a licence so far.
    pub fn states_licence(&self) -> bool {
        !self.unread && !self.record.licence.is_empty()
    }

    /// Reads a statement about rights: a licence where one is certain, and the words. `guessed`: how it is told that a
    /// licence was taken from a sentence.
    pub fn rights(&mut self, text: &str, lang: Option<&str>, path: &str, guessed: Severity) {
        let text = text.trim();
        match rights(text) {
            Rights::Exact(licence) => {
                if linked::is_guess(text) {
                    self.warn("licence-guessed", path, text, licence.as_str());
                    return self.licence_guessed(&licence, lang, path);
                }
                return self.licence_is(&licence, lang, path);
            }
            Rights::Named(licence) => {
                let id = licence.as_str();
                self.report(Problem::new(guessed, "licence-guessed", path, text, id));
                self.licence_guessed(&licence, lang, path);
                self.say(text, path, true);
            }
            Rights::Words => self.say(text, path, false),
        }
        self.text(|r| &mut r.licence_statement, text, Room::Prose, lang, path);
    }

    /// Takes note of words about rights that are kept elsewhere: they may forbid what a licence beside them allows.
    pub fn said(&mut self, text: &str, path: &str) {
        self.say(text, path, false);
    }

    fn say(&mut self, text: &str, path: &str, named: bool) {
        let limits = words::limits(text);
        // The words of one that has no place are in none; what it forbids holds all the same.
        if self.said.len() >= MAX_VALUES
            && let Some(last) = self.said.last_mut()
        {
            last.limits.extend(limits);
            last.limits.sort_unstable();
            last.limits.dedup();
            return;
        }
        self.said.push(Said {
            path: path.to_owned(),
            text: crate::problem::quoted(text),
            named,
            limits,
            plain: words::adds_nothing(text),
        });
    }

    /// Makes one licence of all that was read.
    pub(super) fn settle_licence(&mut self) {
        let said = mem::take(&mut self.said);
        let mut values = mem::take(&mut self.record.licence);
        if mem::take(&mut self.unread) {
            // Each that is not known was told where it stood.
            values.clear();
        }
        values.sort_by_key(|value| value.src.method);
        let Some(first) = values.first().cloned() else {
            return self.words_alone(&said);
        };
        let (stated, from) = match values.len() {
            // As it stands.
            1 => (Licence::parse(&first.v).ok(), first),
            _ => self.joined(&values),
        };
        let Some(licence) = stated.and_then(|stated| self.limited(stated, &said)) else {
            let limits = said.iter().flat_map(|said| said.limits.iter().copied());
            let all = values.iter().map(|value| value.v.as_str()).chain(limits);
            self.too_many(all.collect(), &from.path);
            return self.words_alone(&said);
        };
        for said in said.iter().filter(|said| !said.named) {
            match said.plain || !said.limits.is_empty() {
                true => self.info("rights-in-words", &said.path, &said.text, ""),
                false => self.warn("rights-beside", &said.path, &said.text, licence.as_str()),
            }
        }
        self.record.licence.push(Value {
            v: licence.as_str().to_owned(),
            lang: None,
            ..from
        });
    }

    /// One licence of several values, with the value that says where it is from; no licence where it is too long.
    fn joined(&mut self, values: &[Value<String>]) -> (Option<Licence>, Value<String>) {
        let parts = self.parts(values);
        let ids: Vec<&str> = parts.iter().map(|part| part.id.as_str()).collect();
        // One that says all of it already stays as it stands.
        if let Some(all) = values.iter().find(|value| split(&value.v) == ids) {
            return (Licence::parse(&all.v).ok(), all.clone());
        }
        let from = values[0].clone();
        let licence = all_hold(&ids);
        if let Some(licence) = &licence {
            let given = values.iter().map(|value| value.v.as_str());
            let given: Vec<&str> = given.collect();
            self.tell(
                "licences-joined",
                &from.path,
                &given.join(" + "),
                licence.as_str(),
            );
        }
        (licence, from)
    }

    fn words_alone(&mut self, said: &[Said]) {
        for said in said.iter().filter(|said| !said.named) {
            self.info("rights-in-words", &said.path, &said.text, "");
        }
    }

    /// The licences that hold, each once, best read first; tells of which two were taken for one.
    fn parts(&mut self, values: &[Value<String>]) -> Vec<Part> {
        let mut all: Vec<Part> = Vec::new();
        for value in values {
            for id in split(&value.v) {
                if !all.iter().any(|part| part.id == id) {
                    all.push(Part {
                        id: id.to_owned(),
                        method: value.src.method,
                        lang: value.lang.clone(),
                        path: value.path.clone(),
                    });
                }
            }
        }
        // Of equals one that names a country comes first.
        let rank = |part: &Part| {
            let port = port(&part.id).and_then(|(_, port)| port);
            (part.method, port.is_none())
        };
        let mut order: Vec<usize> = (0..all.len()).collect();
        order.sort_by_key(|at| rank(&all[*at]));
        let mut dropped = vec![false; all.len()];
        for (n, at) in order.iter().enumerate() {
            let mut better = order[..n].iter().filter(|at| !dropped[**at]);
            let same = better.find(|better| is_one(&all[**better], &all[*at]));
            if let Some(same) = same {
                let (path, one, other) = (&all[*at].path, &all[*same].id, &all[*at].id);
                self.info("licence-twice", path, other, one);
                dropped[*at] = true;
            }
        }
        let kept = all.into_iter().zip(dropped);
        kept.filter(|(_, dropped)| !dropped)
            .map(|(part, _)| part)
            .collect()
    }

    /// A licence with what words beside it forbid; `None` where that does not fit.
    fn limited(&mut self, stated: Licence, said: &[Said]) -> Option<Licence> {
        let mut licence = stated;
        for said in said {
            for limit in &said.limits {
                let limited = all_hold(&[licence.as_str(), limit])?;
                if !is_same(&licence, &limited) {
                    self.tell("licence-limited", &said.path, &said.text, limited.as_str());
                    licence = limited;
                }
            }
        }
        Some(licence)
    }

    /// What does not fit into an expression stands in words, and allows nothing.
    fn too_many(&mut self, ids: Vec<&str>, path: &str) {
        let all = ids.join(" AND ");
        self.tell("licences-too-long", path, &all, "");
        self.text(|r| &mut r.licence_statement, &all, Room::Prose, None, path);
    }
}

impl Reading {
    /// Takes what another record of the same thing says where this one says nothing. The licences of both hold, and what the
    /// words of one forbid.
    pub(crate) fn complete(&mut self, mut other: Reading) {
        let said = |record: &Record| -> Vec<(String, Vec<&'static str>)> {
            let statements = record.licence_statement.iter();
            statements
                .map(|s| (s.v.clone(), words::limits(&s.v)))
                .collect()
        };
        let limits = [said(&self.record), said(&other.record)].concat();
        let second = std::mem::take(&mut other.record.licence);
        let first = self.record.licence.first().or(second.first()).cloned();
        if let Some(mut held) = first {
            let ids = self.record.licence.drain(..).chain(second);
            let ids: Vec<String> = ids.map(|value| value.v).collect();
            let mut all = all_hold(&ids.iter().map(String::as_str).collect::<Vec<_>>());
            for limit in limits.iter().flat_map(|(_, limits)| limits) {
                all = all.and_then(|licence| {
                    let limited = all_hold(&[licence.as_str(), limit])?;
                    Some(if is_same(&licence, &limited) {
                        licence
                    } else {
                        limited
                    })
                });
            }
            let given = ids.join(" + ");
            let id = all
                .map(|licence| licence.as_str().to_owned())
                .unwrap_or_default();
            if id != held.v {
                let told = Problem::new(
                    Severity::Warning,
                    "licences-joined",
                    &held.path,
                    &given,
                    &id,
                );
                self.problems.push(told);
            }
            if !id.is_empty() {
                held.v = id;
                self.record.licence.push(held);
            }
        }
        let statements = std::mem::take(&mut other.record.licence_statement);
        for statement in statements {
            let known = self
                .record
                .licence_statement
                .iter()
                .any(|s| s.v == statement.v);
            if !known && self.record.licence_statement.len() < MAX_VALUES {
                self.record.licence_statement.push(statement);
            }
        }
        self.record.fill(other.record);
        self.problems.append(&mut other.problems);
    }
}

/// Whether two licences allow and ask for the same.
fn is_same(one: &Licence, other: &Licence) -> bool {
    (one.terms(), one.family()) == (other.terms(), other.family())
}

/// Whether words beside a licence do no more than name it: in the words of Creative Commons or its own, with its version.
pub(super) fn names_only(text: &str, licence: &Licence) -> bool {
    let held = |limit: &&'static str| {
        all_hold(&[licence.as_str(), limit]).is_some_and(|limited| is_same(licence, &limited))
    };
    let labels = ["fr", "en"].map(|lang| licence.label(lang)).join(" ");
    let own = [licence.full_name().unwrap_or_default(), &labels].join(" ");
    let numbers = text.split(|c: char| !c.is_ascii_digit());
    let mut numbers = numbers.filter(|number| !number.is_empty());
    words::only_names(text, &own)
        && numbers.all(|number| licence.as_str().contains(number))
        && words::limits(text).iter().all(held)
}

/// Whether two licences of one record are one: the same of Creative Commons, once with the port of a country and once
/// without, or with two ports in two languages. `better` is the one that is read better.
fn is_one(better: &Part, other: &Part) -> bool {
    let (Some((kind, one)), Some((same, two))) = (port(&better.id), port(&other.id)) else {
        return false;
    };
    let tongues = better.lang.is_some() && other.lang.is_some() && better.lang != other.lang;
    kind == same && (one.is_none() || two.is_none() || tongues)
}

/// A licence of Creative Commons with its version, and the country of its port: `CC-BY-3.0`, `FR`.
fn port(id: &str) -> Option<(&str, Option<&str>)> {
    let bare = id.strip_prefix("LicenseRef-").unwrap_or(id);
    if !bare.starts_with("CC-BY-") {
        return None;
    }
    let digit = bare.find(|c: char| c.is_ascii_digit())?;
    match bare[digit..].find('-') {
        Some(end) => Some((&bare[..digit + end], Some(&bare[digit + end + 1..]))),
        None => Some((bare, None)),
    }
}

/// The licences of which all hold, as an expression says them: of `A AND (B OR C)` `A` and `B OR C`.
fn split(expression: &str) -> Vec<&str> {
    if !parted(expression, " OR ").is_empty() {
        return vec![expression];
    }
    let mut parts = Vec::new();
    let mut start = 0;
    for at in parted(expression, " AND ") {
        parts.push(&expression[start..at]);
        start = at + " AND ".len();
    }
    parts.push(&expression[start..]);
    let bare = |part| -> &str {
        let inner = str::strip_prefix(part, "(").and_then(|part| part.strip_suffix(")"));
        // Of brackets in brackets nobody knows which are a pair.
        let inner = inner.filter(|part| !part.contains(['(', ')']));
        inner.unwrap_or(part)
    };
    parts.into_iter().map(bare).collect()
}

/// Where an operator stands in an expression, outside of brackets.
fn parted(expression: &str, operator: &str) -> Vec<usize> {
    let mut depth = 0usize;
    let mut places = Vec::new();
    for (at, c) in expression.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ' ' if depth == 0 && expression[at..].starts_with(operator) => places.push(at),
            _ => {}
        }
    }
    places
}

/// One expression of licences that all hold, each once; `None` where it is longer than an expression may be.
pub(crate) fn all_hold(licences: &[&str]) -> Option<Licence> {
    let mut parts: Vec<&str> = Vec::new();
    for part in licences.iter().flat_map(|licence| split(licence)) {
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    if let [one] = parts.as_slice() {
        return Licence::parse(one).ok();
    }
    let parts = parts
        .iter()
        .map(|part| match parted(part, " OR ").is_empty() {
            true => (*part).to_owned(),
            false => format!("({part})"),
        });
    Licence::parse(&parts.collect::<Vec<_>>().join(" AND ")).ok()
}
