//! What is kept beside the engine's files so that a search need not find it out again: the values of the facets, and
//! what a search for everything finds.
//!
//! Both are kept by segment, so that a commit costs no more than what it changed, and found out when the first search
//! asks.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tantivy::columnar::StrColumn;
use tantivy::index::SegmentId;
use tantivy::{Searcher, SegmentReader};

use super::facet::Facet;
use super::gather::Found;
use super::statistics::Part;

const FACETS: usize = Facet::ALL.len();

/// Most values of one facet in a segment that are kept in memory. Vocabularies are smaller; of what people make up
/// there may be as much as there are documents.
pub(crate) const MAX_KEPT: usize = 10_000;

/// The values of a facet in a segment in their order; none where there are too many.
type Texts = Option<Arc<[Box<str>]>>;

/// What is kept of all states of an index.
#[derive(Default)]
pub(crate) struct Known {
    texts: Mutex<HashMap<SegmentId, [Texts; FACETS]>>,
    everything: Mutex<HashMap<Part, Arc<Found>>>,
}

/// The values of the facets in one state of the index.
pub(crate) struct Values([Numbered; FACETS]);

/// The values of one facet, each with one number in all segments.
#[derive(Default)]
pub(crate) struct Numbered {
    /// In alphabetical order.
    pub(crate) texts: Vec<Box<str>>,
    /// For each segment the numbers of its values, in their order there.
    pub(crate) numbers: Vec<Vec<u32>>,
}

impl Values {
    pub(crate) fn of(&self, place: usize) -> &Numbered {
        &self.0[place]
    }
}

impl Known {
    /// The values of the facets in a state of the index.
    pub(crate) fn values(&self, searcher: &Searcher) -> tantivy::Result<Values> {
        let segments = searcher.segment_readers();
        let mut texts = lock(&self.texts);
        texts.retain(|id, _| segments.iter().any(|segment| segment.segment_id() == *id));
        for segment in segments {
            if let Entry::Vacant(vacant) = texts.entry(segment.segment_id()) {
                vacant.insert(read(segment)?);
            }
        }
        let of = |segment: &SegmentReader, place: usize| -> Texts {
            texts.get(&segment.segment_id())?[place].clone()
        };
        Ok(Values(std::array::from_fn(|place| {
            let all: Vec<Texts> = segments.iter().map(|s| of(s, place)).collect();
            number(&all)
        })))
    }

    /// What a search for everything finds in a segment, if that is known.
    pub(crate) fn everything(&self, part: &Part) -> Option<Arc<Found>> {
        lock(&self.everything).get(part).cloned()
    }

    /// Keeps what a search for everything finds, in all segments that there are.
    pub(crate) fn keep_everything(&self, all: impl Iterator<Item = (Part, Arc<Found>)>) {
        *lock(&self.everything) = all.collect();
    }
}

fn read(segment: &SegmentReader) -> tantivy::Result<[Texts; FACETS]> {
    let mut all: [Texts; FACETS] = Default::default();
    for (texts, facet) in all.iter_mut().zip(Facet::ALL) {
        let column = segment.fast_fields().str(facet.name())?;
        *texts = match &column {
            None => Some(Vec::new().into()),
            Some(column) if column.num_terms() <= MAX_KEPT => Some(texts_of(column)?.into()),
            Some(_) => None,
        };
    }
    Ok(all)
}

/// All values of a column in their order.
fn texts_of(column: &StrColumn) -> tantivy::Result<Vec<Box<str>>> {
    let mut texts = Vec::with_capacity(column.num_terms());
    let mut stream = column.dictionary().stream()?;
    while stream.advance() {
        texts.push(String::from_utf8_lossy(stream.key()).into());
    }
    Ok(texts)
}

fn number(segments: &[Texts]) -> Numbered {
    let kept = segments.iter().flatten();
    let all: BTreeSet<&str> = kept
        .flat_map(|texts| texts.iter().map(|text| &**text))
        .collect();
    let texts: Vec<Box<str>> = all.into_iter().map(Box::from).collect();
    let numbers = segments.iter().map(|segment| {
        let mut next = 0;
        let values = segment
            .iter()
            .flat_map(|texts| texts.iter().map(|text| &**text));
        // Both are in alphabetical order.
        let place = |value: &str| {
            while &*texts[next] < value {
                next += 1;
            }
            u32::try_from(next).expect("a segment has at most 2^32 documents, and each few values")
        };
        values.map(place).collect()
    });
    let numbers = numbers.collect();
    Numbered { texts, numbers }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is kept is whole at any moment: whoever panicked has put in nothing.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_several_segments_have_one_number_each() {
        let texts = |all: &[&str]| Some(all.iter().map(|text| Box::from(*text)).collect());
        let numbered = number(&[texts(&["a", "c"]), None, texts(&["b", "c", "d"])]);
        let all: Vec<&str> = numbered.texts.iter().map(|text| &**text).collect();
        assert_eq!(all, ["a", "b", "c", "d"]);
        assert_eq!(numbered.numbers, [vec![0, 2], vec![], vec![1, 2, 3]]);
    }
}
