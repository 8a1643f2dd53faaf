//! Spelling: words that no document has, replaced by the likeliest word one slip away.
//!
//! A slip is a letter too many, too few, wrong, or two letters swapped. The dictionary is the index itself, so that names
//! and technical words of this commons are known. The likeliest word is the one that is frequent *and* from which people
//! come to what was typed: there are few ways to leave out a letter, to double one or to swap two, and very many to hit a
//! wrong one, so that each of the former is likelier. Where no word is one slip away, the dictionary may have another
//! ending of the word that was meant: its plural, or its singular.

use std::collections::BTreeSet;

use tantivy::query::FuzzyTermQuery;
use tantivy::{Searcher, Term};

use super::schema::Fields;
use super::statistics::Statistics;
use super::words::is_unspaced;

/// Words shorter than this have too many neighbours for a guess to be worth anything.
const MIN_CHARACTERS: usize = 4;
/// Longer words are not slips of a word; and it bounds the automaton.
const MAX_CHARACTERS: usize = 30;

/// Shorter words have too many words that begin alike.
const MIN_ENDING: usize = 7;
/// Longest ending that a word may have more than what was typed.
const MAX_ENDING: usize = 2;
/// How much likelier than another slip it is to leave out a letter, to double one, or to swap two.
const EASY: u64 = 10;

/// Most words of one query that are corrected: a query in a language that the index does not hold
/// would have each of its words looked up.
pub(crate) const MAX_CORRECTIONS: usize = 10;

/// Whether a word is one to be guessed.
pub(crate) fn is_guessable(word: &str) -> bool {
    let characters = word.chars().count();
    (MIN_CHARACTERS..=MAX_CHARACTERS).contains(&characters)
        && word.chars().all(|c| c.is_alphabetic() && !is_unspaced(c))
}

/// The dictionary of one state of the index.
pub(crate) struct Dictionary<'a> {
    pub(crate) searcher: &'a Searcher,
    pub(crate) fields: &'a Fields,
    pub(crate) statistics: &'a Statistics,
}

impl Dictionary<'_> {
    /// In how many live documents a folded word stands (counted once per tier).
    pub(crate) fn frequency(&self, word: &str) -> tantivy::Result<u64> {
        self.fields.neutral().try_fold(0, |sum, text| {
            let term = Term::from_field_text(text.field, word);
            Ok(sum + self.statistics.live_documents(self.searcher, &term)?)
        })
    }

    /// The likeliest word one slip away; of equally likely ones the first in the alphabet. `None` where there is none.
    pub(crate) fn correct(&self, word: &str) -> tantivy::Result<Option<String>> {
        let near = self.likeliest(word, self.neighbours(word, false)?)?;
        if near.is_some() || word.chars().count() < MIN_ENDING {
            return Ok(near);
        }
        // `amortisement`, where only `amortissements` is known; then `amortisements`, where only `amortissement` is.
        let longer = self.likeliest(word, self.neighbours(word, true)?)?;
        match word.strip_suffix('s') {
            Some(singular) if longer.is_none() => {
                self.likeliest(singular, self.neighbours(singular, false)?)
            }
            _ => Ok(longer),
        }
    }

    fn likeliest(&self, word: &str, neighbours: Vec<String>) -> tantivy::Result<Option<String>> {
        let mut best: Option<(u64, String)> = None;
        for neighbour in neighbours {
            let likely = self
                .frequency(&neighbour)?
                .saturating_mul(likelihood(&neighbour, word));
            // In alphabetical order, so the first of equals stays.
            if likely > best.as_ref().map_or(0, |(most, _)| *most) {
                best = Some((likely, neighbour));
            }
        }
        Ok(best.map(|(_, neighbour)| neighbour))
    }

    /// All words of the dictionary one slip away, live or not, in alphabetical order; with an ending more, if asked.
    fn neighbours(&self, word: &str, ending: bool) -> tantivy::Result<Vec<String>> {
        let longest = word.chars().count() + 1 + if ending { MAX_ENDING } else { 0 };
        let mut neighbours = BTreeSet::new();
        for text in self.fields.neutral() {
            let term = Term::from_field_text(text.field, word);
            let slips = if ending {
                FuzzyTermQuery::new_prefix(term, 1, true)
            } else {
                FuzzyTermQuery::new(term, 1, true)
            };
            for segment in self.searcher.segment_readers() {
                let index = segment.inverted_index(text.field)?;
                let mut terms = index.terms().search(slips.automaton()?).into_stream()?;
                while terms.advance() {
                    if let Ok(term) = std::str::from_utf8(terms.key())
                        && term.chars().all(char::is_alphabetic)
                        && term.chars().count() <= longest
                    {
                        neighbours.insert(term.to_owned());
                    }
                }
            }
        }
        Ok(neighbours.into_iter().collect())
    }
}

/// How likely what was typed is, where a word one slip away was meant.
fn likelihood(meant: &str, typed: &str) -> u64 {
    let meant: Vec<char> = meant.chars().collect();
    let typed: Vec<char> = typed.chars().collect();
    let same = meant.iter().zip(&typed).take_while(|(a, b)| a == b).count();
    let easy = if meant.len() > typed.len() {
        // Left out; or another ending, which is the same to all.
        true
    } else if meant.len() < typed.len() {
        // Behind the letters that are the same stands the one too many: the double of the one before it.
        same > 0 && typed[same] == typed[same - 1]
    } else {
        matches!((&meant[same..], &typed[same..]), ([a, b, ..], [c, d, ..]) if a == d && b == c)
    };
    if easy { EASY } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_ways_are_likelier_than_many() {
        for (meant, typed) in [
            ("contour", "conour"),
            ("theoreme", "theoremme"),
            ("theoreme", "theroeme"),
            ("lentille", "lentill"),
        ] {
            assert_eq!(likelihood(meant, typed), EASY, "{typed}");
        }
        for (meant, typed) in [
            ("colour", "conour"),
            ("chat", "chatx"),
            ("chat", "xchat"),
            ("barque", "tarque"),
        ] {
            assert_eq!(likelihood(meant, typed), 1, "{typed}");
        }
    }
}
