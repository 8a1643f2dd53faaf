//! Items of which it is known which are the same: what precision and recall are measured on.
//!
//! Two sets of our own. [`hard`] is written by hand, pair by pair, in `labelled/hard.json`: what misleads (volumes, editions,
//! exercises beside the course, two courses of one name, chapters of a book) and what hides (slips of the pen, initials,
//! accents, subtitles). [`made`] makes as many as are wanted by rule, the same for the same number.

mod made;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::{About, Content, Kind, Memory, Rule, Sheet};
use crate::metadata::Input;

pub use made::made;

const HARD: &str = include_str!("labelled/hard.json");

/// A set with its truth.
#[derive(Debug, Default)]
pub struct Labelled {
    /// The sheets, by number.
    pub sheets: Vec<Sheet>,
    /// The pairs that are to be found (the smaller number first), as what, and by which rule one would find them.
    pub truth: BTreeMap<(u64, u64), (Kind, Rule)>,
    /// What each item is called, to tell what went wrong.
    pub names: Vec<String>,
}

/// One line of `hard.json`.
#[derive(Deserialize)]
struct Line {
    why: String,
    truth: String,
    a: Json,
    b: Json,
}

/// How well a rule does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Pairs offered that are right.
    pub right: usize,
    /// Pairs offered that are not.
    pub wrong: usize,
    /// Pairs that are to be found.
    pub wanted: usize,
    /// Those of them that were.
    pub found: usize,
}

impl Figures {
    /// The share of what is offered that is right, 0 to 1.
    pub fn precision(&self) -> f64 {
        ratio(self.right, self.right + self.wrong)
    }

    /// The share of what is to be found that is, 0 to 1.
    pub fn recall(&self) -> f64 {
        ratio(self.found, self.wanted)
    }
}

fn ratio(part: usize, all: usize) -> f64 {
    match all {
        0 => 1.0,
        all => part as f64 / all as f64,
    }
}

/// What came of a set.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// By rule: the pairs that it offers, alone or with others, and the pairs that are to be found by it.
    pub rules: BTreeMap<Rule, Figures>,
    /// Of all rules together.
    pub all: Figures,
    /// Pairs that were offered wrongly, or as something else.
    pub wrong: Vec<String>,
    /// Pairs that were not found.
    pub missed: Vec<String>,
}

impl Labelled {
    /// Compares all with all, as a node does, and counts.
    pub fn measure(&self) -> Outcome {
        let mut shelf = Memory::default();
        for (id, sheet) in (0..).zip(&self.sheets) {
            shelf.change(id, Some(sheet));
        }
        self.judge(&shelf)
    }

    /// Counts what a shelf that has the sheets has found.
    pub fn judge(&self, shelf: &Memory) -> Outcome {
        let mut out = Outcome::default();
        for rule in Rule::ALL {
            out.rules.insert(rule, Figures::default());
        }
        let name = |pair: &(u64, u64)| {
            let name = |id: u64| usize::try_from(id).ok().and_then(|at| self.names.get(at));
            format!(
                "{} = {}",
                name(pair.0).map_or("?", |n| n),
                name(pair.1).map_or("?", |n| n)
            )
        };
        for (pair, likeness) in shelf.all() {
            let right = self
                .truth
                .get(pair)
                .is_some_and(|(kind, _)| *kind == likeness.kind);
            let add = |figures: &mut Figures| match right {
                true => figures.right += 1,
                false => figures.wrong += 1,
            };
            add(&mut out.all);
            for rule in &likeness.rules {
                add(out.rules.entry(*rule).or_default());
            }
            if !right {
                let as_what = (
                    likeness.kind.as_str(),
                    likeness
                        .rules
                        .iter()
                        .map(|r| r.as_str())
                        .collect::<Vec<_>>(),
                );
                out.wrong.push(format!("{} {as_what:?}", name(pair)));
            }
        }
        for (pair, (kind, rule)) in &self.truth {
            let found = shelf
                .all()
                .get(pair)
                .is_some_and(|likeness| likeness.kind == *kind);
            for figures in [&mut out.all, out.rules.entry(*rule).or_default()] {
                figures.wanted += 1;
                figures.found += usize::from(found);
            }
            if !found {
                out.missed
                    .push(format!("{} ({})", name(pair), rule.as_str()));
            }
        }
        out
    }
}

/// The set that is written by hand.
///
/// # Panics
/// Never: the file is part of the program, and a test reads it.
pub fn hard() -> Labelled {
    let lines: Vec<Line> = serde_json::from_str(HARD).expect("hard.json is as its readers expect");
    let mut set = Labelled::default();
    for line in lines {
        let at = set.sheets.len() as u64;
        for (side, document) in [("a", line.a), ("b", line.b)] {
            set.names.push(format!("{} [{side}]", line.why));
            set.sheets.push(sheet(document, set.sheets.len()));
        }
        let rule = |text: &str| {
            let mut rules = Rule::ALL.into_iter();
            rules
                .find(|rule| rule.as_str() == text)
                .expect("a rule of the set")
        };
        match line.truth.split_once(' ') {
            Some(("same", by)) => {
                set.truth.insert((at, at + 1), (Kind::Same, rule(by)));
            }
            Some(("translation", by)) => {
                set.truth
                    .insert((at, at + 1), (Kind::Translation, rule(by)));
            }
            _ => assert!(line.truth == "different", "hard.json: {}", line.truth),
        }
    }
    set
}

/// A document as people write it, with `files` (`[[hash, size]]`) beside.
fn sheet(mut document: Json, number: usize) -> Sheet {
    let files: Vec<(String, u64)> = match document.as_object_mut().and_then(|d| d.remove("files")) {
        Some(files) => serde_json::from_value(files).expect("hard.json: files"),
        None => Vec::new(),
    };
    if document.get("language").is_none() {
        document["language"] = json!(["fr"]);
    }
    let input = Input::parse(document.to_string().as_bytes());
    let input = input.unwrap_or_else(|problems| panic!("hard.json: {problems:?} in {document}"));
    let mut content = Content::default();
    content.files(files);
    Sheet::of(
        &input.values,
        About {
            own: vec![format!("essai/numero-{number}")],
            content,
            ..About::default()
        },
    )
}

/// The same sheets, however they came: for tests.
#[cfg(test)]
pub(super) fn pairs_of(shelf: &Memory) -> std::collections::BTreeSet<(u64, u64)> {
    shelf.all().keys().copied().collect()
}
