//! Snippets: the piece of a document that shows why it was found.

use std::collections::HashSet;

use super::document::{Document, Place};
use super::language::{Analyser, Spoken, primary};
use super::plan::Marks;
use super::schema::cut;
use super::words::{Word, words};

/// Length of a snippet, in characters of text: two lines on a page.
const CHARACTERS: usize = 200;
/// How many of them stand before the first match.
const LEAD_CHARACTERS: usize = 50;
/// How much of one text is looked at, in bytes: a dense page has five thousand.
const SCAN_BYTES: usize = 20_000;
/// How much of all texts of a document is looked at, in bytes: a hundred pages, at some ten milliseconds.
const SCAN_ALL_BYTES: usize = 300_000;
/// Most matches of one text that are compared.
const MAX_MATCHES: usize = 200;

/// The snippet of a document as HTML: escaped text in which matches stand in `<b>`. The texts of
/// the page's language come first, summaries and descriptions before the item's own text; without
/// a match the beginning of the first text. Titles are shown beside the snippet and not in it;
/// empty where the document has nothing else.
pub(crate) fn snippet<'a>(
    document: &'a Document,
    marks: &Marks,
    analyser: &mut Analyser,
    interface_language: &str,
) -> (String, Option<&'a Place>) {
    let mut best: Option<(usize, Piece<'_>, Option<&Place>)> = None;
    let mut scanned = 0;
    for (tag, text, place) in candidates(document, interface_language) {
        let text = cut(text, SCAN_BYTES);
        scanned += text.len();
        if scanned > SCAN_ALL_BYTES {
            break;
        }
        let spoken = Spoken::of(tag, text, &document.languages);
        let matches = matches(text, spoken, marks, analyser);
        let (different, first) = densest(text, &matches);
        if best.as_ref().is_none_or(|(most, ..)| different > *most) {
            best = Some((
                different,
                Piece {
                    text,
                    matches,
                    first,
                },
                place,
            ));
        }
    }
    best.map_or_else(Default::default, |(different, piece, place)| {
        (piece.html(), place.filter(|_| different > 0))
    })
}

/// Texts to take a snippet from, best first.
fn candidates<'a>(
    document: &'a Document,
    interface_language: &str,
) -> impl Iterator<Item = (&'a str, &'a str, Option<&'a Place>)> {
    let wanted = primary(interface_language);
    let said = document.summaries.iter().chain(&document.descriptions);
    let places = document
        .places
        .iter()
        .map(Some)
        .chain(std::iter::repeat(None));
    let own = document.text.iter().zip(places);
    let mut texts: Vec<_> = said
        .map(|pair| (pair, None))
        .chain(own)
        .filter(|((_, text), _)| !text.trim().is_empty())
        .map(|((tag, text), place)| (primary(tag) != wanted, tag.as_str(), text.as_str(), place))
        .collect();
    texts.sort_by_key(|(foreign, ..)| *foreign);
    texts
        .into_iter()
        .map(|(_, tag, text, place)| (tag, text, place))
}

/// A word that the query asked for.
struct Found {
    word: Word,
    /// What it was found as, to tell different words from repetitions.
    form: String,
}

fn matches(text: &str, spoken: Spoken, marks: &Marks, analyser: &mut Analyser) -> Vec<Found> {
    let mut found = Vec::new();
    let mut forms = Vec::new();
    let begins = Begins::of(marks);
    for word in words(text) {
        if let Some(form) = form(&word, spoken, marks, &begins, analyser, &mut forms) {
            found.push(Found { word, form });
            if found.len() == MAX_MATCHES {
                break;
            }
        }
    }
    found
}

fn form(
    word: &Word,
    spoken: Spoken,
    marks: &Marks,
    begins: &Begins,
    analyser: &mut Analyser,
    forms: &mut Vec<String>,
) -> Option<String> {
    if marks.words.contains(&word.text) {
        return Some(word.text.clone());
    }
    // Stemming costs more than all the rest of a snippet, and keeps the first two letters (but for `dying`, `lying` and
    // `tying`).
    if !begins.alike(&word.text) {
        return None;
    }
    analyser.forms(spoken, &word.text, forms);
    forms
        .iter()
        .find(|form| marks.forms.contains(*form))
        .cloned()
}

/// The first two letters of all forms.
struct Begins(HashSet<[Option<char>; 2]>);

impl Begins {
    fn of(marks: &Marks) -> Self {
        // A form's first character is its language's.
        let forms = marks.forms.iter();
        Self(forms.map(|form| first_two(form.chars().skip(1))).collect())
    }

    /// Whether a form and a word begin with the same letters, or the word is of a script where that says nothing.
    fn alike(&self, word: &str) -> bool {
        self.0.contains(&first_two(word.chars()))
            || !self.0.is_empty() && word.starts_with(|c: char| c >= '\u{530}')
    }
}

fn first_two(mut letters: impl Iterator<Item = char>) -> [Option<char>; 2] {
    let first = letters.next();
    [first, letters.next()]
}

/// How many different words the best piece of the text holds, and the match it begins with.
fn densest(text: &str, matches: &[Found]) -> (usize, usize) {
    let mut best = (0, 0);
    for (first, from) in matches.iter().enumerate() {
        let mut forms: Vec<&str> = Vec::new();
        for found in &matches[first..] {
            let piece = &text[from.word.start..found.word.end];
            if piece.chars().count() > CHARACTERS - LEAD_CHARACTERS {
                break;
            }
            if !forms.contains(&found.form.as_str()) {
                forms.push(&found.form);
            }
        }
        if forms.len() > best.0 {
            best = (forms.len(), first);
        }
    }
    best
}

struct Piece<'a> {
    text: &'a str,
    matches: Vec<Found>,
    /// The match that the piece is built around.
    first: usize,
}

impl Piece<'_> {
    fn html(&self) -> String {
        let anchor = self.matches.get(self.first).map_or(0, |m| m.word.start);
        let start = self.start(anchor);
        let end = self.end(start);
        let mut html = String::new();
        if !self.text[..start].trim().is_empty() {
            html.push('…');
        }
        let mut at = start;
        for found in &self.matches {
            let Word {
                start: from,
                end: to,
                ..
            } = found.word;
            if from < at || to > end {
                continue;
            }
            escape(&self.text[at..from], &mut html);
            html.push_str("<b>");
            escape(&self.text[from..to], &mut html);
            html.push_str("</b>");
            at = to;
        }
        escape(self.text[at..end].trim_end(), &mut html);
        if !self.text[end..].trim().is_empty() {
            html.push('…');
        }
        html
    }

    /// A word boundary some characters before the first match.
    fn start(&self, anchor: usize) -> usize {
        let before = &self.text[..anchor];
        let lead = before
            .char_indices()
            .rev()
            .take(LEAD_CHARACTERS)
            .last()
            .map_or(anchor, |(at, _)| at);
        if lead == 0 {
            return anchor - before.trim_start().len();
        }
        let cut = &before[lead..];
        cut.find(char::is_whitespace)
            .map_or(anchor, |space| lead + space + first_length(&cut[space..]))
    }

    fn end(&self, start: usize) -> usize {
        let rest = &self.text[start..];
        let Some((longest, _)) = rest.char_indices().nth(CHARACTERS) else {
            return self.text.len();
        };
        // Not in the middle of a word, unless the word is the whole piece.
        let piece = &rest[..longest];
        start + piece.rfind(char::is_whitespace).unwrap_or(longest)
    }
}

fn first_length(text: &str) -> usize {
    text.chars().next().map_or(0, char::len_utf8)
}

/// Appends text as HTML: on one line, without characters that turn the reading direction of what
/// follows.
fn escape(text: &str, html: &mut String) {
    let mut space = html.ends_with(char::is_whitespace);
    for c in text.chars() {
        if c.is_whitespace() || c.is_control() {
            if !space {
                html.push(' ');
            }
            space = true;
            continue;
        }
        space = false;
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => {}
            c => html.push(c),
        }
    }
}

#[cfg(test)]
mod tests;
