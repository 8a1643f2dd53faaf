//! Documents by a value of a facet: what `level:L1` asks for. It decides what matches and scores nothing.

use std::fmt;

use tantivy::columnar::StrColumn;
use tantivy::query::{EmptyScorer, EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::{DocId, DocSet, Score, SegmentReader, TERMINATED, TantivyError};

use super::facet::Facet;

/// Values of a facet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Values {
    /// One of these.
    Exact(Vec<String>),
    /// A licence, with or without its version, case aside: `cc-by` is CC-BY-4.0 and not CC-BY-SA-4.0.
    Licence(String),
}

impl Values {
    fn has(&self, value: &str) -> bool {
        match self {
            Values::Exact(values) => values.iter().any(|wanted| wanted == value),
            Values::Licence(wanted) => {
                value.eq_ignore_ascii_case(wanted)
                    || without_version(value).eq_ignore_ascii_case(wanted)
            }
        }
    }
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
        let mut values = column.dictionary().stream()?;
        while values.advance() {
            if let Ok(value) = std::str::from_utf8(values.key())
                && self.values.has(value)
                && let Some(flag) = meant.get_mut(values.term_ord() as usize)
            {
                (*flag, any) = (true, true);
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
    /// Goes to the first document from this one on that matches.
    fn find(&mut self) -> DocId {
        while self.doc < self.end {
            let mut values = self.column.ords().values_for_doc(self.doc);
            if values.any(|ord| self.meant.get(ord as usize) == Some(&true)) {
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
        let wanted = |text: &str| Values::Licence(text.to_owned());
        assert!(wanted("cc-by").has("CC-BY-4.0") && wanted("CC-BY-4.0").has("CC-BY-4.0"));
        assert!(wanted("mit").has("MIT"));
        assert!(!wanted("cc-by").has("CC-BY-SA-4.0") && !wanted("cc").has("CC-BY-4.0"));
    }
}
