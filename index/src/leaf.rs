//! Leaves: one word in one field, scored the same on every node.
//!
//! The score is BM25 (k1 1.2, b 0.75) over live documents, rounded to a whole number of steps, 256 to a point
//! (fewer for very long questions). Sums of whole numbers are exact in the engine's 32-bit floats as long as they stay
//! under 2^24, so it does not matter in which order the engine adds them up, which depends on
//! the segments.

use std::fmt;
use std::sync::Arc;

use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::query::{EmptyScorer, EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, Score, SegmentReader, TantivyError, Term};

use super::query::MAX_CLAUSES;
use super::schema::TEXT_FIELDS;
use super::statistics::Length;

/// Steps per point of score, for questions of up to twenty words.
const STEPS: u32 = 256;
/// Most points that one leaf gives: what BM25 with our weights does not reach before there are billions of documents.
const MAX_POINTS: u32 = 64;
/// Most forms of one word that are looked for: its stems in seven languages and itself.
pub(crate) const MAX_FORMS: usize = 8;
/// Most leaves of one word: each form in each field.
const MAX_LEAVES: usize = MAX_FORMS * TEXT_FIELDS;

/// How many steps a point has, so that all leaves of a question with this many words add up exactly: below 2^24.
pub(crate) fn steps_per_point(words: usize) -> f64 {
    let points = words.clamp(1, MAX_CLAUSES) as u64 * MAX_LEAVES as u64 * u64::from(MAX_POINTS);
    let mut steps = STEPS;
    while points * u64::from(steps) >= 1 << 24 {
        steps /= 2;
    }
    f64::from(steps)
}
// The largest question still has some.
const _: () = assert!((MAX_CLAUSES * MAX_LEAVES) as u64 * (MAX_POINTS as u64) * 16 < 1 << 24);

/// How fast repetition of a word saturates, and how much length counts: the values of the
/// baseline.
const K1: f64 = 1.2;
const B: f64 = 0.75;

/// A word to look for in a field, with all that its score needs.
pub(crate) struct Leaf {
    pub(crate) term: Term,
    /// The word as looked for: one of its forms, or folded.
    pub(crate) word: String,
    /// Inverse document frequency times the field's weight.
    weight: f64,
    /// Steps per point.
    steps: f64,
    /// The part of the denominator that depends on the length, by the one-byte length.
    norms: [f64; 256],
}

impl Leaf {
    /// A leaf for a word that `documents` live documents hold (at least one).
    pub(crate) fn new(
        term: Term,
        word: String,
        weight: f64,
        documents: u64,
        length: Length,
        steps: f64,
    ) -> Leaf {
        let all = length.documents.max(documents) as f64;
        let documents = documents as f64;
        let rarity = (1.0 + (all - documents + 0.5) / (documents + 0.5)).ln();
        let average = (length.words as f64 / all).max(1.0);
        let norms = std::array::from_fn(|id| {
            let words = f64::from(FieldNormReader::id_to_fieldnorm(id as u8));
            K1 * (1.0 - B + B * words / average)
        });
        Leaf {
            term,
            word,
            weight: rarity * weight,
            norms,
            steps,
        }
    }

    fn steps(&self, frequency: u32, norm: u8) -> f64 {
        let frequency = f64::from(frequency);
        let score = self.weight * frequency * (K1 + 1.0) / (frequency + self.norms[norm as usize]);
        // A word that is everywhere still counts a little: a hit has a positive score.
        (score * self.steps)
            .round()
            .clamp(1.0, f64::from(MAX_POINTS) * self.steps - 1.0)
    }

    fn postings(&self, segment: &SegmentReader) -> tantivy::Result<Option<SegmentPostings>> {
        let index = segment.inverted_index(self.term.field())?;
        Ok(index.read_postings(&self.term, IndexRecordOption::WithFreqs)?)
    }

    /// The score that the leaf gives one document, in steps; `None` where it does not match.
    pub(crate) fn steps_for(
        &self,
        segment: &SegmentReader,
        doc: DocId,
    ) -> tantivy::Result<Option<f64>> {
        let Some(mut postings) = self.postings(segment)? else {
            return Ok(None);
        };
        if postings.doc() > doc || postings.seek(doc) != doc {
            return Ok(None);
        }
        let norms = segment.get_fieldnorms_reader(self.term.field())?;
        let norm = norms.fieldnorm_id(doc);
        Ok(Some(self.steps(postings.term_freq(), norm)))
    }
}

/// The engine's view of a [`Leaf`].
#[derive(Clone)]
pub(crate) struct LeafQuery(pub(crate) Arc<Leaf>);

impl fmt::Debug for LeafQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Leaf({:?}, {})", self.0.term, self.0.weight)
    }
}

impl Query for LeafQuery {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(LeafWeight(self.0.clone())))
    }
}

struct LeafWeight(Arc<Leaf>);

impl Weight for LeafWeight {
    // The boost is always 1: weights are in the leaf, where they are rounded.
    fn scorer(&self, segment: &SegmentReader, _boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let Some(postings) = self.0.postings(segment)? else {
            return Ok(Box::new(EmptyScorer));
        };
        Ok(Box::new(LeafScorer {
            norms: segment.get_fieldnorms_reader(self.0.term.field())?,
            leaf: self.0.clone(),
            postings,
        }))
    }

    fn explain(&self, segment: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        match self.0.steps_for(segment, doc)? {
            Some(steps) => Ok(Explanation::new("leaf", steps as Score)),
            None => Err(TantivyError::InvalidArgument(format!(
                "document {doc} does not match"
            ))),
        }
    }
}

struct LeafScorer {
    leaf: Arc<Leaf>,
    postings: SegmentPostings,
    norms: FieldNormReader,
}

impl DocSet for LeafScorer {
    fn advance(&mut self) -> DocId {
        self.postings.advance()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        self.postings.seek(target)
    }

    fn doc(&self) -> DocId {
        self.postings.doc()
    }

    fn size_hint(&self) -> u32 {
        self.postings.size_hint()
    }
}

impl Scorer for LeafScorer {
    fn score(&mut self) -> Score {
        let norm = self.norms.fieldnorm_id(self.postings.doc());
        self.leaf.steps(self.postings.term_freq(), norm) as Score
    }
}
