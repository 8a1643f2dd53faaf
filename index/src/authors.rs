//! Items by who made them, and who made something together.
//!
//! An author's items are found by their keys, each a term of its own, so that a page of an author costs as much as
//! the author has made, however many items there are.

use std::collections::{BTreeMap, HashMap};

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::StrColumn;
use tantivy::query::{BooleanQuery, ConstScoreQuery, Occur, Query as EngineQuery, TermQuery};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, Score, Searcher, SegmentOrdinal, SegmentReader, Term};

use super::document::Author;
use super::schema::{AUTHOR_NAMES, Fields};

/// Most authors that are counted beside one: nobody reads more, and a list of a thousand signers is no authorship.
const MAX_COUNTED: usize = 500;
/// Between the keys and the name in the column, and between keys: no key has either.
const SEPARATOR: char = '\u{1f}';
const BETWEEN_KEYS: char = ' ';

/// An author and how many items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Their keys, the surest first.
    pub keys: Vec<String>,
    /// The name as some of the items write it.
    pub name: String,
    /// How many items.
    pub items: u64,
}

/// What the column says of an author.
pub(crate) fn column_value(author: &Author) -> Option<String> {
    let fits = |key: &&str| !key.contains([SEPARATOR, BETWEEN_KEYS]);
    let keys: Vec<&str> = author
        .keys
        .iter()
        .map(String::as_str)
        .filter(fits)
        .collect();
    let name = author.name.replace(SEPARATOR, " ");
    (!keys.is_empty()).then(|| format!("{}{SEPARATOR}{name}", keys.join(" ")))
}

/// The query, narrowed to the items of any of these authors; itself where there are none.
pub(crate) fn narrowed(
    fields: &Fields,
    authors: &[String],
    query: Box<dyn EngineQuery>,
) -> Box<dyn EngineQuery> {
    if authors.is_empty() {
        return query;
    }
    let any = authors.iter().map(|key| (Occur::Should, by(fields, key)));
    let any: Box<dyn EngineQuery> = Box::new(BooleanQuery::new(any.collect()));
    let any: Box<dyn EngineQuery> = Box::new(ConstScoreQuery::new(any, 0.0));
    Box::new(BooleanQuery::new(vec![
        (Occur::Must, query),
        (Occur::Must, any),
    ]))
}

fn by(fields: &Fields, key: &str) -> Box<dyn EngineQuery> {
    let term = Term::from_field_text(fields.author, key);
    Box::new(TermQuery::new(term, IndexRecordOption::Basic))
}

/// Who made something with an author, the author too: most items first, then by keys and name.
pub(crate) fn with(
    fields: &Fields,
    searcher: &Searcher,
    key: &str,
) -> tantivy::Result<Vec<Counted>> {
    let counts = searcher.search(&*by(fields, key), &Tally(AUTHOR_NAMES))?;
    let counted = counts.into_iter().filter_map(|(value, items)| {
        let (keys, name) = value.split_once(SEPARATOR)?;
        Some(Counted {
            keys: keys.split(BETWEEN_KEYS).map(str::to_owned).collect(),
            name: name.to_owned(),
            items,
        })
    });
    let mut all: Vec<Counted> = counted.collect();
    all.sort_by(|a, b| {
        let rank = |c: &Counted| std::cmp::Reverse(c.items);
        (rank(a), &a.keys, &a.name).cmp(&(rank(b), &b.keys, &b.name))
    });
    all.truncate(MAX_COUNTED);
    Ok(all)
}

/// Counts the values of a column.
pub(crate) struct Tally(pub(crate) &'static str);

pub(crate) struct TallySegment {
    column: Option<StrColumn>,
    counts: HashMap<u64, u64>,
}

impl Collector for Tally {
    type Fruit = BTreeMap<String, u64>;
    type Child = TallySegment;

    fn for_segment(
        &self,
        _: SegmentOrdinal,
        segment: &SegmentReader,
    ) -> tantivy::Result<TallySegment> {
        Ok(TallySegment {
            column: segment.fast_fields().str(self.0)?,
            counts: HashMap::new(),
        })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(
        &self,
        fruits: Vec<tantivy::Result<BTreeMap<String, u64>>>,
    ) -> tantivy::Result<BTreeMap<String, u64>> {
        let mut all = BTreeMap::new();
        for fruit in fruits {
            for (value, count) in fruit? {
                *all.entry(value).or_default() += count;
            }
        }
        Ok(all)
    }
}

impl SegmentCollector for TallySegment {
    type Fruit = tantivy::Result<BTreeMap<String, u64>>;

    fn collect(&mut self, doc: DocId, _: Score) {
        if let Some(column) = &self.column {
            for ord in column.ords().values_for_doc(doc) {
                *self.counts.entry(ord).or_default() += 1;
            }
        }
    }

    fn harvest(self) -> tantivy::Result<BTreeMap<String, u64>> {
        let mut counts = BTreeMap::new();
        if let Some(column) = &self.column {
            for (ord, count) in self.counts {
                let mut text = String::new();
                if column.ord_to_str(ord, &mut text)? {
                    counts.insert(text, count);
                }
            }
        }
        Ok(counts)
    }
}
