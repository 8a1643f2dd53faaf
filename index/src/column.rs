//! Documents by a value of a facet: what `level:L1` asks for. It decides what matches and scores nothing.

use std::fmt;

use tantivy::columnar::StrColumn;
use tantivy::query::{EmptyScorer, EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::{
    DocId, DocSet, Score, Searcher, SeekDangerResult, SegmentReader, TERMINATED, TantivyError,
};

use super::facet::Facet;

/// Values of a facet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Values {
    /// One of these.
    Exact(Vec<String>),
    /// A licence, with or without its version, case aside: `cc-by` is CC-BY-4.0 and not CC-BY-SA-4.0.
    Licence(String),
}

/// Whether a licence is the wanted one.
fn is_meant(wanted: &str, licence: &str) -> bool {
    licence.eq_ignore_ascii_case(wanted) || without_version(licence).eq_ignore_ascii_case(wanted)
}

/// `CC-BY` of `CC-BY-4.0`.
fn without_version(licence: &str) -> &str {
    match licence.rsplit_once('-') {
        Some((name, version))
            if !version.is_empty() && version.chars().all(|c| c.is_ascii_digit() || c == '.') =>
        {
            name
        }
        _ => licence,
    }
}

/// Documents of which one value is looked for at once: few enough to stop early, enough to be read fast.
const STRIDE: u32 = 1 << 16;

/// Whether a document in force has a value. A column knows the values of removed ones too, until its segment is
/// merged.
pub(crate) fn is_in_force(searcher: &Searcher, facet: Facet, value: &str) -> tantivy::Result<bool> {
    let mut docs = Vec::new();
    for segment in searcher.segment_readers() {
        let Some(column) = segment.fast_fields().str(facet.name())? else {
            continue;
        };
        let Some(ord) = column.dictionary().term_ord(value)? else {
            continue;
        };
        if segment.alive_bitset().is_none() {
            return Ok(true);
        }
        let mut from = 0;
        while from < segment.max_doc() {
            let to = segment.max_doc().min(from + STRIDE);
            docs.clear();
            column
                .ords()
                .get_docids_for_value_range(ord..=ord, from..to, &mut docs);
            if docs.iter().any(|doc| !segment.is_deleted(*doc)) {
                return Ok(true);
            }
            from = to;
        }
    }
    Ok(false)
}

/// The documents that have one of some values.
#[derive(Clone)]
pub(crate) struct ColumnQuery {
    pub(crate) facet: Facet,
    pub(crate) values: Values,
}

impl ColumnQuery {
    /// Which values of a segment are meant, by their ordinals; `None` where the segment has no values.
    fn meant(&self, segment: &SegmentReader) -> tantivy::Result<Option<(StrColumn, Vec<bool>)>> {
        let Some(column) = segment.fast_fields().str(self.facet.name())? else {
            return Ok(None);
        };
        let mut meant = vec![false; column.num_terms()];
        let mut any = false;
        let mut mean = |ord: u64| {
            if let Some(flag) = meant.get_mut(ord as usize) {
                (*flag, any) = (true, true);
            }
        };
        match &self.values {
            Values::Exact(values) => {
                for value in values {
                    column.dictionary().term_ord(value)?.map(&mut mean);
                }
            }
            Values::Licence(wanted) => {
                let mut values = column.dictionary().stream()?;
                while values.advance() {
                    if std::str::from_utf8(values.key()).is_ok_and(|value| is_meant(wanted, value))
                    {
                        mean(values.term_ord());
                    }
                }
            }
        }
        Ok(any.then_some((column, meant)))
    }
}

impl fmt::Debug for ColumnQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Column({}, {:?})", self.facet.name(), self.values)
    }
}

impl Query for ColumnQuery {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(ColumnWeight(self.clone())))
    }
}

struct ColumnWeight(ColumnQuery);

impl Weight for ColumnWeight {
    fn scorer(&self, segment: &SegmentReader, _boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let Some((column, meant)) = self.0.meant(segment)? else {
            return Ok(Box::new(EmptyScorer));
        };
        let mut scorer = ColumnScorer {
            column,
            meant,
            doc: 0,
            end: segment.max_doc(),
        };
        scorer.find();
        Ok(Box::new(scorer))
    }

    fn explain(&self, _: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        Err(TantivyError::InvalidArgument(format!(
            "a facet does not score document {doc}"
        )))
    }
}

struct ColumnScorer {
    column: StrColumn,
    meant: Vec<bool>,
    doc: DocId,
    end: DocId,
}

impl ColumnScorer {
    fn matches(&self, doc: DocId) -> bool {
        let mut values = self.column.ords().values_for_doc(doc);
        values.any(|ord| self.meant.get(ord as usize) == Some(&true))
    }

    /// Goes to the first document from this one on that matches.
    fn find(&mut self) -> DocId {
        while self.doc < self.end {
            if self.matches(self.doc) {
                return self.doc;
            }
            self.doc += 1;
        }
        self.doc = TERMINATED;
        TERMINATED
    }
}

impl DocSet for ColumnScorer {
    fn advance(&mut self) -> DocId {
        if self.doc != TERMINATED {
            self.doc += 1;
            self.find();
        }
        self.doc
    }

    fn seek(&mut self, target: DocId) -> DocId {
        if target > self.doc {
            self.doc = target;
            self.find();
        }
        self.doc
    }

    /// Looks at the one document that is asked for, and not for the next one that matches: what narrows a rare word is
    /// read for the documents of that word only.
    fn seek_danger(&mut self, target: DocId) -> SeekDangerResult {
        if self.doc > target || target >= self.end {
            // Behind the last document stands none.
            let next = if target >= self.end {
                TERMINATED
            } else {
                self.doc
            };
            return SeekDangerResult::SeekLowerBound(next);
        }
        self.doc = target;
        if self.matches(target) {
            SeekDangerResult::Found
        } else {
            SeekDangerResult::SeekLowerBound(target + 1)
        }
    }

    fn doc(&self) -> DocId {
        self.doc
    }

    fn size_hint(&self) -> u32 {
        self.end
    }
}

impl Scorer for ColumnScorer {
    fn score(&mut self) -> Score {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_licence_is_meant_with_and_without_its_version() {
        assert!(is_meant("cc-by", "CC-BY-4.0") && is_meant("CC-BY-4.0", "CC-BY-4.0"));
        assert!(is_meant("mit", "MIT"));
        assert!(!is_meant("cc-by", "CC-BY-SA-4.0") && !is_meant("cc", "CC-BY-4.0"));
    }
}
