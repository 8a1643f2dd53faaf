//! The judgement: whether two sheets are offered as a pair, why, and how sure that is.

use serde::{Deserialize, Serialize};

use super::{
    description::common,
    name::{Agreement, agreement},
    sheet::Sheet,
    title::{LOST_AND_MORE, Title},
};
use crate::vocab::{self, Scheme};

/// Titles from here on are nearly the same.
const NEAR: f32 = 0.88;
/// From here on they are the same but for a letter.
const SAME: f32 = 0.95;
/// Titles with less in common speak of different things, whatever else is the same.
const APART: f32 = 0.3;
/// Descriptions from here on are of the same thing.
const SAME_WORDS: f32 = 0.5;
/// Descriptions with less are of different things, where the titles say little.
const OTHER_WORDS: f32 = 0.05;
/// The share of the bytes from which on content is the same.
const SAME_CONTENT: f64 = 0.9;
/// A title with so many words says by itself what it is.
const TELLING: usize = 5;
/// A title with fewer is shared by many courses.
const TERSE: usize = 2;

/// As what a pair is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The same thing.
    Same,
    /// The same in another language.
    Translation,
}

impl Kind {
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Same => "same",
            Kind::Translation => "translation",
        }
    }
}

/// What two items have in common, the strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rule {
    /// An identifier.
    Identifier,
    /// Their files, or the record that they were imported from.
    Content,
    /// Nearly the title, and the author.
    Title,
}

impl Rule {
    /// All of them.
    pub const ALL: [Rule; 3] = [Rule::Identifier, Rule::Content, Rule::Title];

    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Rule::Identifier => "identifier",
            Rule::Content => "content",
            Rule::Title => "title",
        }
    }
}

/// Why two items are offered as a pair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Likeness {
    /// As what.
    pub kind: Kind,
    /// What they have in common; at least one.
    pub rules: Vec<Rule>,
    /// How sure it is, in percent: to sort by, no probability.
    pub score: u8,
    /// The identifiers that they share.
    pub identifiers: Vec<String>,
}

/// What their titles say about each other.
#[derive(Clone, Copy, Debug, Default)]
struct Titles {
    /// The greatest likeness of two of them whose marks are the same.
    alike: f32,
    slips: bool,
    /// Words of the shorter of those two.
    words: usize,
    /// Whether they are alike but for their marks: two volumes of a work.
    volumes: bool,
    /// The greatest likeness at all.
    any: f32,
    /// Whether two titles are in the same language, so that a difference means something.
    comparable: bool,
}

/// Judges two sheets; `None` where there is nothing to offer. It does not matter which comes first.
pub fn compare(a: &Sheet, b: &Sheet) -> Option<Likeness> {
    let content = a.content.common(&b.content) >= SAME_CONTENT;
    // Most sheets that share a key have nothing else in common: what follows is not looked at for them.
    let named = a.identifiers.iter().any(|id| b.identifiers.contains(id));
    if !content && !named && !may_be_near(a, b) {
        return None;
    }
    let linked = |one: &Sheet, other: &Sheet| one.links.iter().any(|link| other.own.contains(link));
    if linked(a, b) || linked(b, a) {
        return None;
    }
    let titles = titles(a, b);
    let agreed = agreement(&a.names, &b.names);
    let words = descriptions(a, b);
    let mut rules = Vec::new();
    let mut score = 0;
    let shared = identifiers(a, b, titles);
    if !shared.is_empty() {
        rules.push(Rule::Identifier);
        let addresses = shared.iter().all(|id| id.starts_with("url:"));
        score = if addresses { 95 } else { 99 };
    }
    if content {
        rules.push(Rule::Content);
        score = score.max(97);
    }
    let mut kind = Kind::Same;
    if let Some(sure) = near(a, b, titles, agreed, words) {
        rules.push(Rule::Title);
        score = score.max(sure);
        let known = !a.languages.is_empty() && !b.languages.is_empty();
        if known && !a.languages.iter().any(|l| b.languages.contains(l)) && shared.is_empty() {
            kind = Kind::Translation;
        }
    }
    (!rules.is_empty()).then_some(Likeness {
        kind,
        rules,
        score,
        identifiers: shared,
    })
}

/// Whether two of their titles may be nearly the same: quickly, and rather once too often.
fn may_be_near(a: &Sheet, b: &Sheet) -> bool {
    const { assert!(LOST_AND_MORE < NEAR) };
    a.titles.iter().any(|one| {
        let near = |other: &Title| one.same_marks(other) && one.may_be_near(other);
        b.titles.iter().any(near)
    })
}

fn titles(a: &Sheet, b: &Sheet) -> Titles {
    let mut found = Titles::default();
    let pairs = a
        .titles
        .iter()
        .flat_map(|one| b.titles.iter().map(move |other| (one, other)));
    for (one, other) in pairs {
        let alike = match (one.len(), other.len()) {
            // Titles of marks alone: « TD 3 ».
            (0, 0) => f32::from(u8::from(!one.marks.is_empty() && one.same_marks(other))),
            _ => one.alike(other).share,
        };
        found.comparable |= one.lang == other.lang || one.lang == "und" || other.lang == "und";
        found.any = found.any.max(alike);
        if !one.same_marks(other) {
            found.volumes |= alike >= NEAR || (alike >= 0.6 && numbered(one) && numbered(other));
        } else if alike > found.alike {
            found.alike = alike;
            found.slips = one.alike(other).slips;
            found.words = one.len().min(other.len());
        }
    }
    found
}

fn numbered(title: &Title) -> bool {
    title.marks.iter().any(|mark| mark.starts_with('#'))
}

/// The identifiers that count: parts share those of their whole, and chapters those of their book.
fn identifiers(a: &Sheet, b: &Sheet, titles: Titles) -> Vec<String> {
    let volumes = titles.volumes && titles.alike < NEAR;
    let apart = titles.comparable && titles.any < APART;
    let shared = a.identifiers.iter().filter(|id| b.identifiers.contains(id));
    shared
        .filter(|id| id.starts_with("oai:") || !(volumes || apart))
        .cloned()
        .collect()
}

/// What their descriptions have in common, where two are in the same language.
fn descriptions(a: &Sheet, b: &Sheet) -> Option<f32> {
    let mut best = None;
    for (lang, one) in &a.descriptions {
        for (other_lang, other) in &b.descriptions {
            if lang == other_lang || lang == "und" || other_lang == "und" {
                best = best.max_by(common(one, other));
            }
        }
    }
    best
}

trait MaxBy {
    fn max_by(self, other: Self) -> Self;
}

impl MaxBy for Option<f32> {
    fn max_by(self, other: Self) -> Self {
        match (self, other) {
            (Some(a), Some(b)) => Some(a.max(b)),
            (a, b) => a.or(b),
        }
    }
}

/// Nearly the same title and author: how sure that is, in percent.
fn near(a: &Sheet, b: &Sheet, titles: Titles, agreed: Agreement, words: Option<f32>) -> Option<u8> {
    if titles.alike < NEAR || levels_apart(a, b) {
        return None;
    }
    let same_words = words.is_some_and(|share| share >= SAME_WORDS);
    let other_words = words.is_some_and(|share| share < OTHER_WORDS);
    let fits = match agreed {
        // A short title, and the same author: two courses of theirs, if the descriptions say so.
        Agreement::Yes if titles.words == 0 => same_words,
        Agreement::Yes if titles.words <= TERSE => !other_words,
        Agreement::Yes => !(other_words && titles.slips),
        Agreement::Unknown => {
            same_words || (titles.words >= TELLING && titles.alike >= SAME && !other_words)
        }
        // An editor here, an institution there.
        Agreement::No => words.is_some_and(|share| share >= 0.8) && titles.alike >= SAME,
    };
    if !fits {
        return None;
    }
    let mut sure = 100.0 * (titles.alike - 0.12);
    sure -= match agreed {
        Agreement::Yes => 0.0,
        Agreement::Unknown => 8.0,
        Agreement::No => 15.0,
    };
    if same_words {
        sure += 6.0;
    }
    if titles.words <= TERSE {
        sure -= 8.0;
    }
    let sure = sure.clamp(50.0, 94.0).round();
    // Between 50 and 94.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let sure = sure as u8;
    Some(sure)
}

/// Whether both say for which level they are, and none of one is within or above one of the other's.
fn levels_apart(a: &Sheet, b: &Sheet) -> bool {
    let up = |sheet: &Sheet| vocab::expand(Scheme::Level, sheet.levels.iter().map(String::as_str));
    if a.levels.is_empty() || b.levels.is_empty() {
        return false;
    }
    let (above_a, above_b) = (up(a), up(b));
    let within =
        |levels: &[String], above: &[String]| levels.iter().any(|level| above.contains(level));
    !(within(&a.levels, &above_b) || within(&b.levels, &above_a))
}
