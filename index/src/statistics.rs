//! Statistics of the living: how many documents hold a word, and how long fields are, over
//! exactly the documents that are in force.
//!
//! The engine counts deleted documents until a merge drops them, and estimates lengths when it
//! merges. Scores would then depend on a node's history. Here both are counted over live
//! documents, from values that a merge copies unchanged, so that a node that was rebuilt and a
//! node that has seen every update give the same scores.

use std::collections::HashMap;

use tantivy::index::SegmentId;
use tantivy::schema::IndexRecordOption;
use tantivy::{Opstamp, Searcher, SegmentReader, Term};

use super::letters::Letters;
use super::schema::{Fields, TEXT_FIELDS, UPDATED};

/// Length of one field over the live documents that have it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Length {
    /// How many live documents have at least one word in the field.
    pub(crate) documents: u64,
    /// How many words they have in it, as rounded by the engine's one-byte lengths.
    pub(crate) words: u64,
}

/// Lengths of all text fields, in the order of [`Fields::texts`].
pub(crate) type Lengths = [Length; TEXT_FIELDS];

/// A segment with its deletes: what its lengths depend on.
type Part = (SegmentId, Option<Opstamp>);

/// What is counted, by segment, so that a commit counts only what it changed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Statistics {
    parts: HashMap<Part, (Lengths, u64)>,
    /// Sums over all segments.
    pub(crate) lengths: Lengths,
    /// Time of the newest statement about a live document, Unix seconds.
    pub(crate) newest: u64,
    /// Which kinds of forms there are.
    pub(crate) letters: Letters,
}

impl Statistics {
    /// Counts for a new state of the index, taking what did not change from the old one.
    pub(crate) fn of(
        searcher: &Searcher,
        fields: &Fields,
        old: Option<&Statistics>,
    ) -> tantivy::Result<Statistics> {
        let mut statistics = Statistics {
            letters: Letters::of(searcher, fields, old.map(|old| &old.letters))?,
            ..Statistics::default()
        };
        for segment in searcher.segment_readers() {
            let part = (segment.segment_id(), segment.delete_opstamp());
            let counted = match old.and_then(|old| old.parts.get(&part)) {
                Some(counted) => *counted,
                None => count(segment, fields)?,
            };
            statistics.newest = statistics.newest.max(counted.1);
            for (sum, length) in statistics.lengths.iter_mut().zip(&counted.0) {
                sum.documents += length.documents;
                sum.words += length.words;
            }
            statistics.parts.insert(part, counted);
        }
        Ok(statistics)
    }
}

fn count(segment: &SegmentReader, fields: &Fields) -> tantivy::Result<(Lengths, u64)> {
    let mut lengths = Lengths::default();
    for text in &fields.texts {
        let norms = segment.get_fieldnorms_reader(text.field)?;
        let length = &mut lengths[text.place];
        for doc in segment.doc_ids_alive() {
            let words = norms.fieldnorm(doc);
            length.documents += u64::from(words > 0);
            length.words += u64::from(words);
        }
    }
    let updated = segment.fast_fields().u64(UPDATED)?;
    let times = segment.doc_ids_alive().filter_map(|doc| updated.first(doc));
    Ok((lengths, times.max().unwrap_or(0)))
}

/// How many live documents hold a term.
pub(crate) fn live_documents(searcher: &Searcher, term: &Term) -> tantivy::Result<u64> {
    let mut documents = 0;
    for segment in searcher.segment_readers() {
        let index = segment.inverted_index(term.field())?;
        let Some(info) = index.get_term_info(term)? else {
            continue;
        };
        documents += u64::from(match segment.alive_bitset() {
            None => info.doc_freq,
            Some(alive) => index
                .read_postings_from_terminfo(&info, IndexRecordOption::Basic)?
                .doc_freq_given_deletes(alive),
        });
    }
    Ok(documents)
}
