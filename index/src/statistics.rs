//! Statistics of the living: how many documents hold a word, and how long fields are, over
//! exactly the documents that are in force.
//!
//! The engine counts deleted documents until a merge drops them, and estimates lengths when it
//! merges. Scores would then depend on a node's history. Here both are counted over live
//! documents, from values that a merge copies unchanged, so that a node that was rebuilt and a
//! node that has seen every update give the same scores.

use std::collections::HashMap;
use std::sync::Arc;

use tantivy::fastfield::AliveBitSet;
use tantivy::index::{InvertedIndexReader, SegmentId};
use tantivy::postings::TermInfo;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, Opstamp, Searcher, SegmentReader, Term};

use super::ages::{Newest, confirmed};
use super::letters::Letters;
use super::schema::{Fields, TEXT_FIELDS, TextField};

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
pub(crate) type Part = (SegmentId, Option<Opstamp>);

/// Which part of the index a segment is.
pub(crate) fn part(segment: &SegmentReader) -> Part {
    (segment.segment_id(), segment.delete_opstamp())
}

/// Looking for one document among those that hold a term costs as much as passing so many of them.
const FEW: usize = 8;

/// What is counted of a segment.
#[derive(Clone, Debug)]
struct Counted {
    /// Which of its documents are in force.
    part: Part,
    /// Lengths over all documents that were ever in it.
    whole: Lengths,
    /// Lengths over those in force.
    live: Lengths,
    /// The newest statements about those in force.
    newest: Newest,
    /// The documents that are not in force any more, in order.
    deleted: Arc<[DocId]>,
}

/// Lengths by segment, so that a commit counts only what it changed: of a new segment all documents, of another one those
/// that were deleted in it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Statistics {
    segments: HashMap<SegmentId, Counted>,
    /// Sums over all segments.
    pub(crate) lengths: Lengths,
    /// Time from which ages are counted, Unix seconds ([`confirmed`]).
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
            let id = segment.segment_id();
            let counted = match old.and_then(|old| old.segments.get(&id)) {
                Some(counted) if counted.part == part(segment) => counted.clone(),
                Some(counted) => count(segment, fields, Some(counted))?,
                None => count(segment, fields, None)?,
            };
            for (sum, length) in statistics.lengths.iter_mut().zip(&counted.live) {
                sum.documents += length.documents;
                sum.words += length.words;
            }
            statistics.segments.insert(id, counted);
        }
        let newest = statistics.segments.values().map(|counted| &counted.newest);
        statistics.newest = confirmed(newest);
        Ok(statistics)
    }
}

impl Statistics {
    /// How many live documents hold a term.
    pub(crate) fn live_documents(&self, searcher: &Searcher, term: &Term) -> tantivy::Result<u64> {
        let mut documents = 0;
        for segment in searcher.segment_readers() {
            let index = segment.inverted_index(term.field())?;
            if let Some(info) = index.get_term_info(term)? {
                documents += self.live_in(segment, &index, &info)?;
            }
        }
        Ok(documents)
    }

    /// How many live documents of a segment hold the term that the segment says this of.
    pub(crate) fn live_in(
        &self,
        segment: &SegmentReader,
        index: &InvertedIndexReader,
        info: &TermInfo,
    ) -> tantivy::Result<u64> {
        let Some(alive) = segment.alive_bitset() else {
            return Ok(u64::from(info.doc_freq));
        };
        let mut postings = index.read_postings_from_terminfo(info, IndexRecordOption::Basic)?;
        let counted = self.segments.get(&segment.segment_id());
        Ok(
            match counted.filter(|counted| counted.part == part(segment)) {
                // Where few are deleted, it is faster to look for these.
                Some(counted) if counted.deleted.len() * FEW < info.doc_freq as usize => {
                    let holds = |doc: &&DocId| {
                        if postings.doc() < **doc {
                            postings.seek(**doc);
                        }
                        postings.doc() == **doc
                    };
                    u64::from(info.doc_freq) - counted.deleted.iter().filter(holds).count() as u64
                }
                _ => u64::from(postings.doc_freq_given_deletes(alive)),
            },
        )
    }
}

/// Counts a segment, of which something may be known from before more of it was deleted.
fn count(
    segment: &SegmentReader,
    fields: &Fields,
    known: Option<&Counted>,
) -> tantivy::Result<Counted> {
    let dead = |alive: &AliveBitSet| -> Vec<DocId> {
        let all = 0..segment.max_doc();
        all.filter(|doc| alive.is_deleted(*doc)).collect()
    };
    let deleted = segment.alive_bitset().map(dead).unwrap_or_default();
    let lengths = |text: &TextField, docs: &mut dyn Iterator<Item = DocId>| {
        let norms = segment.get_fieldnorms_reader(text.field)?;
        let mut length = Length::default();
        for doc in docs {
            let words = norms.fieldnorm(doc);
            length.documents += u64::from(words > 0);
            length.words += u64::from(words);
        }
        tantivy::Result::Ok(length)
    };
    let (mut whole, mut live) = (Lengths::default(), Lengths::default());
    for text in &fields.texts {
        let all = match known {
            Some(known) => known.whole[text.place],
            None => lengths(text, &mut (0..segment.max_doc()))?,
        };
        let gone = lengths(text, &mut deleted.iter().copied())?;
        whole[text.place] = all;
        live[text.place] = Length {
            documents: all.documents - gone.documents,
            words: all.words - gone.words,
        };
    }
    let newest = match known {
        Some(known) => {
            // Both lists are in order, and no document comes back.
            let gone = deleted.iter().copied();
            let gone = gone.filter(|doc| known.deleted.binary_search(doc).is_err());
            known.newest.without(segment, gone)?
        }
        None => Newest::of(segment)?,
    };
    Ok(Counted {
        part: part(segment),
        whole,
        live,
        newest,
        deleted: deleted.into(),
    })
}
