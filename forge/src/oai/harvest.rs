//! Harvesting, decided without a network and without a clock: what to ask next, given what was heard.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::page::{Page, identity, page};
use super::{Code, Granularity, Stamp};
use crate::problem::{Problem, Severity};

/// Pages of one harvest: ten million records at 100 a page.
const MAX_PAGES: u32 = 100_000;
/// How often the same question is put before the harvest is given up until its next time.
const MAX_TRIES: u32 = 6;
/// The longest wait that a source may ask for, in seconds; it is asked again then, whatever it said.
const MAX_WAIT: u64 = 3_600;
/// The first pause after a failure, in seconds; it doubles.
const PAUSE: u64 = 5;
/// How often a harvest is given up at one place before the next one begins at the beginning: a token, or a page, that is dead
/// stays so.
const MAX_GIVEN_UP: u32 = 3;
/// How much of the last harvest is asked for again, in seconds: clocks differ, and sources stamp before they publish.
const OVERLAP: u64 = 3_600;

/// What is harvested.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The base URL.
    pub url: String,
    /// The format.
    pub prefix: String,
    /// The set; all where there is none.
    pub set: Option<String>,
    /// What changed since then only, seconds since 1970.
    pub from: Option<u64>,
    /// What changed until then only, seconds since 1970.
    pub until: Option<u64>,
}

/// A harvest under way, as it is written down after each page: from there it goes on after a crash.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// From when on, seconds since 1970; everything where there is none.
    pub from: Option<u64>,
    /// Whether the source's datestamps are as fine as seconds; not known before it was asked.
    pub fine: Option<bool>,
    /// When the harvest began, by our clock.
    pub began: u64,
    /// When the source said that it was, in its first answer.
    pub source_began: Option<u64>,
    /// How the list goes on.
    pub token: Option<String>,
    /// Pages so far.
    pub pages: u32,
    /// Records so far.
    pub records: u64,
    /// How many the source says there are.
    pub complete: Option<u64>,
    /// Whether the list was begun again because its token was not known any more.
    pub restarted: bool,
    /// How often what comes next was asked for in vain; the waits between are longer than a visit.
    pub tries: u32,
    /// How often the harvest was given up at this place.
    pub given_up: u32,
    /// Whether it is over.
    pub done: bool,
}

impl Progress {
    /// From when on the next harvest asks: our clock at the beginning of this one, or the source's where that is behind,
    /// less an overlap. Only a harvest that is over moves it.
    pub fn next_from(&self) -> Option<u64> {
        if !self.done {
            return self.from;
        }
        let began = self
            .source_began
            .map_or(self.began, |theirs| theirs.min(self.began));
        let overlap = match self.fine {
            Some(true) => OVERLAP,
            _ => OVERLAP + Granularity::Day.seconds(),
        };
        Some(began.saturating_sub(overlap))
    }
}

/// What was heard.
#[derive(Clone, Copy, Debug)]
pub enum Heard<'a> {
    /// An answer with status 200.
    Answer(&'a [u8]),
    /// Another status, and how many seconds one shall wait.
    Status(u16, Option<u64>),
    /// No answer.
    Nothing(&'a str),
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Records to take in; when that is durable, [`Harvest::taken`] moves on.
    Take(Box<Page>),
    /// Ask the same again after so many seconds.
    Wait(u64),
    /// Ask what comes next.
    Go,
    /// The harvest is given up until its next time.
    Stop(Box<Problem>),
}

/// A harvest.
#[derive(Clone, Debug)]
pub struct Harvest {
    source: Source,
    progress: Progress,
    tokens: HashSet<String>,
    next: Option<Progress>,
    /// Whether the list cannot be gone on with.
    anew: bool,
}

impl Harvest {
    /// Begins a harvest, or goes on with one that was interrupted.
    pub fn new(source: Source, progress: Progress) -> Harvest {
        Harvest {
            source,
            progress,
            tokens: HashSet::new(),
            next: None,
            anew: false,
        }
    }

    /// How far it is.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// What to ask, as an address; `None` when it is over.
    pub fn ask(&self) -> Option<String> {
        let p = &self.progress;
        let (from, until) = (p.from.max(self.source.from), self.source.until);
        // All that was asked for was told at an earlier harvest: a source would call what is left an error.
        let nothing = p.token.is_none() && until.is_some_and(|until| from > Some(until));
        if p.done || nothing {
            return None;
        }
        let mut arguments: Vec<(&str, String)> = Vec::new();
        match (&p.fine, &p.token) {
            (None, _) => arguments.push(("verb", "Identify".into())),
            (Some(_), Some(token)) => {
                arguments.push(("verb", "ListRecords".into()));
                arguments.push(("resumptionToken", token.clone()));
            }
            (Some(fine), None) => {
                arguments.push(("verb", "ListRecords".into()));
                arguments.push(("metadataPrefix", self.source.prefix.clone()));
                let granularity = if *fine {
                    Granularity::Second
                } else {
                    Granularity::Day
                };
                for (name, at) in [("from", from), ("until", until)] {
                    arguments.extend(at.map(|at| (name, Stamp::write(at, granularity))));
                }
                if let Some(set) = &self.source.set {
                    arguments.push(("set", set.clone()));
                }
            }
        }
        let mut url = self.source.url.clone();
        for (at, (name, value)) in arguments.iter().enumerate() {
            let mark = if at > 0 || url.contains('?') {
                '&'
            } else {
                '?'
            };
            url.push(mark);
            url.push_str(name);
            url.push('=');
            escape(value, &mut url);
        }
        Some(url)
    }

    /// Takes in what was heard.
    pub fn heard(&mut self, heard: Heard<'_>) -> Step {
        let bytes = match heard {
            Heard::Answer(bytes) => bytes,
            Heard::Status(status @ (429 | 500..=599), after) => {
                return self.again(after, &format!("HTTP {status}"));
            }
            Heard::Status(status, _) => return stop("source-error", &format!("HTTP {status}")),
            Heard::Nothing(why) => return self.again(None, why),
        };
        if self.progress.fine.is_none() {
            return match identity(bytes) {
                Ok(identity) => {
                    self.progress.fine = Some(identity.granularity == Granularity::Second);
                    self.progress.tries = 0;
                    Step::Go
                }
                Err(problem) => self.unreadable(problem),
            };
        }
        match page(bytes) {
            Ok(page) => self.page(page),
            Err(problem) => self.unreadable(problem),
        }
    }

    fn page(&mut self, page: Page) -> Step {
        let mut next = self.progress.clone();
        next.source_began = next.source_began.or(page.responded);
        if page.has(Code::BadResumptionToken) && next.token.is_some() {
            // The source has forgotten it, most often after a long pause: from the beginning of this harvest, once; if it
            // forgets faster than we read, from the beginning at the next time.
            self.progress.token = None;
            if self.progress.restarted {
                self.anew = true;
                return stop("source-error", Code::BadResumptionToken.as_str());
            }
            self.progress.tries = 0;
            self.progress.restarted = true;
            self.tokens.clear();
            return Step::Go;
        }
        if let Some((code, said)) = page
            .errors
            .first()
            .filter(|_| !page.has(Code::NoRecordsMatch))
        {
            return stop("source-error", &format!("{code}: {said}"));
        }
        if page.cut {
            // A source that is stopped while it answers: the page is asked for again. What is whole in it comes in, but the list
            // is not over, and goes on here at the next visit.
            self.progress.tries += 1;
            return match self.progress.tries {
                1 => Step::Wait(PAUSE),
                2 => {
                    self.next = Some(self.progress.clone());
                    Step::Take(Box::new(page))
                }
                _ => stop("page-cut", ""),
            };
        }
        next.pages += 1;
        next.records += page.entries.len() as u64;
        next.complete = page.complete.or(next.complete);
        let token = page.token.clone().filter(|token| !token.is_empty());
        next.done = token.is_none();
        if let Some(token) = &token {
            let again = next.token.as_ref() == Some(token) || !self.tokens.insert(token.clone());
            if again || next.pages >= MAX_PAGES {
                // What this page has was told before, or will be at the next harvest: nothing of it is lost.
                self.anew = true;
                return stop("token-repeated", token);
            }
        }
        next.token = token;
        (next.tries, next.given_up) = (0, 0);
        self.next = Some(next);
        Step::Take(Box::new(page))
    }

    /// The records of the last page are durable: moves on.
    pub fn taken(&mut self) -> &Progress {
        if let Some(next) = self.next.take() {
            self.progress = next;
        }
        &self.progress
    }

    /// Gives it up until its next time. From where that goes on; `None`: from the beginning of the list.
    pub fn given_up(self) -> Option<Progress> {
        let mut progress = self.progress;
        progress.tries = 0;
        progress.given_up += 1;
        (!self.anew && progress.given_up < MAX_GIVEN_UP).then_some(progress)
    }

    fn again(&mut self, after: Option<u64>, why: &str) -> Step {
        self.progress.tries += 1;
        let tries = self.progress.tries;
        if tries >= MAX_TRIES {
            return stop("source-error", why);
        }
        let pause = PAUSE << (tries - 1);
        Step::Wait(after.unwrap_or(pause).min(MAX_WAIT))
    }

    /// An answer that cannot be read may be a page of an overloaded server: it is asked for again.
    fn unreadable(&mut self, problem: Box<Problem>) -> Step {
        self.progress.tries += 1;
        // A refusal by rule does not change when one asks again.
        if self.progress.tries > 1
            || problem.rule == "xml-doctype"
            || problem.rule == "source-error"
        {
            return Step::Stop(problem);
        }
        Step::Wait(PAUSE)
    }
}

fn stop(rule: &str, given: &str) -> Step {
    Step::Stop(Box::new(Problem::new(Severity::Error, rule, "", given, "")))
}

/// Everything but letters, digits and four marks as `%XX`: no argument breaks out of its place.
fn escape(value: &str, out: &mut String) {
    for byte in value.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte))
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
}
