//! Words of the index that begin so, most frequent first.
//!
//! The dictionaries of all fields and segments are read side by side in alphabetical order, and counted are documents in
//! force only. So what is found depends on the documents and not on how they came to lie in segments, nor on
//! removed ones, whose words stand in the dictionaries until their segments are merged.
//!
//! Whether a word is still in force, and how often, is read from its postings. That is done late: a dictionary says how many
//! documents a word has had, which is never less, so that only words that may be the next most frequent are counted.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io;
use std::sync::Arc;

use tantivy::postings::TermInfo;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::termdict::TermMerger;
use tantivy::{DocSet, InvertedIndexReader, SegmentReader, TERMINATED};

use super::super::Snapshot;

/// Words in force that are looked at, the first in alphabetical order: a longer beginning finds what is behind them.
const MAX_TERMS: usize = 10_000;
/// Words that are looked at, in force or not: it bounds the work where one institution has just removed a dictionary.
const MAX_LOOKED: usize = 50_000;

/// A word with the number of its documents, and where in the list of doubts stand those segments that may have fewer; none
/// where the number is right.
type Counted = (u64, Reverse<String>, (usize, usize));

/// Words that begin so with the number of documents in force that have them (counted once per field), most frequent
/// first, then in alphabetical order.
pub(super) struct Begun<'a> {
    snapshot: &'a Snapshot,
    parts: Vec<Part<'a>>,
    /// Part and postings of words in segments of which documents were removed.
    doubts: Vec<(usize, TermInfo)>,
    words: BinaryHeap<Counted>,
}

/// A field of a segment.
struct Part<'a> {
    segment: &'a SegmentReader,
    index: Arc<InvertedIndexReader>,
}

impl<'a> Begun<'a> {
    /// Looks for the words of some fields that begin so and that are `wanted`.
    pub(super) fn with(
        snapshot: &'a Snapshot,
        fields: &[Field],
        prefix: &str,
        wanted: impl Fn(&str) -> bool,
    ) -> tantivy::Result<Begun<'a>> {
        let mut parts = Vec::new();
        for field in fields {
            for segment in snapshot.searcher.segment_readers() {
                let index = segment.inverted_index(*field)?;
                parts.push(Part { segment, index });
            }
        }
        let mut doubts = Vec::new();
        let mut words = read(&parts, prefix, &mut doubts)?;
        words.retain(|(_, Reverse(word), _)| wanted(word));
        Ok(Begun {
            snapshot,
            parts,
            doubts,
            words: words.into(),
        })
    }

    /// The number of documents in force, of which `count` is the number with removed ones.
    fn in_force(&self, count: u64, (from, to): (usize, usize)) -> tantivy::Result<u64> {
        let mut live = count;
        for (part, info) in &self.doubts[from..to] {
            let Part { segment, index } = &self.parts[*part];
            live -= u64::from(info.doc_freq);
            live += self.snapshot.statistics.live_in(segment, index, info)?;
        }
        Ok(live)
    }
}

impl Iterator for Begun<'_> {
    type Item = tantivy::Result<(String, u64)>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (count, Reverse(word), doubts) = self.words.pop()?;
            if doubts.0 == doubts.1 {
                return Some(Ok((word, count)));
            }
            // Back among the others: one of them may have more.
            match self.in_force(count, doubts) {
                Ok(0) => {}
                Ok(live) => self.words.push((live, Reverse(word), (0, 0))),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

/// Reads the dictionaries: the first [`MAX_TERMS`] words that are in force, or all words where there are no more than
/// that with those that are not.
fn read(
    parts: &[Part<'_>],
    prefix: &str,
    doubts: &mut Vec<(usize, TermInfo)>,
) -> tantivy::Result<Vec<Counted>> {
    // What follows all words that begin so: no text has a byte of 255.
    let end = [prefix.as_bytes(), &[0xff]].concat();
    let streams = parts.iter().map(|part| {
        let range = part.index.terms().range();
        range.ge(prefix).lt(&end).into_stream()
    });
    let mut merged = TermMerger::new(streams.collect::<io::Result<_>>()?);
    let mut words: Vec<Counted> = Vec::new();
    let (mut looked, mut sure) = (0, 0);
    loop {
        while words.len() < MAX_TERMS && looked < MAX_LOOKED && merged.advance() {
            looked += 1;
            let from = doubts.len();
            let mut count = 0;
            for (part, info) in merged.current_segment_ords_and_term_infos() {
                count += u64::from(info.doc_freq);
                if parts[part].segment.alive_bitset().is_some() {
                    doubts.push((part, info));
                }
            }
            if let Ok(word) = std::str::from_utf8(merged.key()) {
                words.push((count, Reverse(word.to_owned()), (from, doubts.len())));
            }
        }
        if words.len() < MAX_TERMS {
            return Ok(words);
        }
        // There may be more than there is room for: what is not in force takes none.
        for word in words.split_off(sure) {
            if is_in_force(parts, word.0, &doubts[word.2.0..word.2.1])? {
                words.push(word);
            }
        }
        sure = words.len();
        if sure == MAX_TERMS {
            return Ok(words);
        }
    }
}

/// Whether any document in force has a word, of which `count` is the number of documents with removed ones.
fn is_in_force(
    parts: &[Part<'_>],
    count: u64,
    doubts: &[(usize, TermInfo)],
) -> tantivy::Result<bool> {
    let doubtful = doubts.iter().map(|(_, info)| u64::from(info.doc_freq));
    if count > doubtful.sum() {
        return Ok(true);
    }
    for (part, info) in doubts {
        let Part { segment, index } = &parts[*part];
        let mut postings = index.read_postings_from_terminfo(info, IndexRecordOption::Basic)?;
        let mut doc = postings.doc();
        while doc != TERMINATED {
            if !segment.is_deleted(doc) {
                return Ok(true);
            }
            doc = postings.advance();
        }
    }
    Ok(false)
}
