//! Spelling: words that no document has, replaced by the most frequent word one slip away.
//!
//! A slip is a letter too many, too few, wrong, or two letters swapped. The dictionary is the
//! index itself, so that names and technical words of this commons are known.

use std::collections::BTreeSet;

use tantivy::query::FuzzyTermQuery;
use tantivy::{Searcher, Term};

use super::schema::Fields;
use super::statistics::Statistics;

/// Words shorter than this have too many neighbours for a guess to be worth anything.
const MIN_CHARACTERS: usize = 4;
/// Longer words are not slips of a word; and it bounds the automaton.
const MAX_CHARACTERS: usize = 30;

/// Most words of one query that are corrected: a query in a language that the index does not hold
/// would have each of its words looked up.
pub(crate) const MAX_CORRECTIONS: usize = 10;

/// Whether a word is one to be guessed.
pub(crate) fn is_guessable(word: &str) -> bool {
    let characters = word.chars().count();
    (MIN_CHARACTERS..=MAX_CHARACTERS).contains(&characters) && word.chars().all(char::is_alphabetic)
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

    /// The most frequent word one slip away; of equally frequent ones the first in the alphabet.
    /// `None` where there is none.
    pub(crate) fn correct(&self, word: &str) -> tantivy::Result<Option<String>> {
        let mut best: Option<(u64, String)> = None;
        for neighbour in self.neighbours(word)? {
            let frequency = self.frequency(&neighbour)?;
            // In alphabetical order, so the first of equals stays.
            if frequency > best.as_ref().map_or(0, |(most, _)| *most) {
                best = Some((frequency, neighbour));
            }
        }
        Ok(best.map(|(_, neighbour)| neighbour))
    }

    /// All words of the dictionary one slip away, live or not, in alphabetical order.
    fn neighbours(&self, word: &str) -> tantivy::Result<Vec<String>> {
        let mut neighbours = BTreeSet::new();
        for text in self.fields.neutral() {
            let slips = FuzzyTermQuery::new(Term::from_field_text(text.field, word), 1, true);
            for segment in self.searcher.segment_readers() {
                let index = segment.inverted_index(text.field)?;
                let mut terms = index.terms().search(slips.automaton()?).into_stream()?;
                while terms.advance() {
                    if let Ok(term) = std::str::from_utf8(terms.key())
                        && term.chars().all(char::is_alphabetic)
                    {
                        neighbours.insert(term.to_owned());
                    }
                }
            }
        }
        Ok(neighbours.into_iter().collect())
    }
}
