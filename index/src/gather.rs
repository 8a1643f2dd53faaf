//! One walk over the matches that counts them, counts facets and keeps the best.
//!
//! Matches come without the filters applied: a facet's counts ignore its own selection, so a
//! document that fails exactly one filter still counts for that facet.

use std::collections::{BTreeMap, BinaryHeap};

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::{Column, StrColumn};
use tantivy::{DocAddress, DocId, Score, SegmentOrdinal, SegmentReader};

use super::facet::Facet;
use super::query::{Query, Sort};
use super::schema::{ADOPTIONS, ID, UPDATED, title_key};
use super::signals::Lift;

const FACETS: usize = Facet::ALL.len();

/// What decides the order, comparable between segments: smaller is earlier.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Number(u64),
    Text(String),
    /// Without a title: after all that have one.
    Last,
}

/// A match with its place in the order. Ties go to the smaller id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Match {
    rank: Rank,
    pub(crate) id: String,
    /// Score in steps; 0 where the order is not by score.
    pub(crate) steps: u32,
    pub(crate) address: DocAddress,
}

impl Match {
    /// A document that was found otherwise than by a walk, with its score in steps.
    pub(crate) fn at(id: String, steps: u32, address: DocAddress) -> Match {
        let rank = Rank::Last;
        Match {
            rank,
            id,
            steps,
            address,
        }
    }
}

/// What the walk found.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    /// How many documents match the query and all filters.
    pub(crate) total: usize,
    /// The first of them in order.
    pub(crate) matches: Vec<Match>,
    /// Counts by facet and value.
    pub(crate) counts: [BTreeMap<String, u64>; FACETS],
}

/// Collects matches for a query.
pub(crate) struct Gather<'a> {
    query: &'a Query,
    sort: Sort,
    /// Time of the newest statement, from which ages are counted.
    newest: u64,
}

impl<'a> Gather<'a> {
    /// `scored` is false where the text has no words: relevance then means newest first.
    pub(crate) fn new(query: &'a Query, scored: bool, newest: u64) -> Self {
        let sort = match query.sort {
            Sort::Relevance if !scored => Sort::Newest,
            sort => sort,
        };
        Gather {
            query,
            sort,
            newest,
        }
    }
}

impl Collector for Gather<'_> {
    type Fruit = Gathered;
    type Child = GatherSegment;

    fn for_segment(
        &self,
        ordinal: SegmentOrdinal,
        segment: &SegmentReader,
    ) -> tantivy::Result<GatherSegment> {
        let columns = segment.fast_fields();
        let order = match self.sort {
            Sort::Relevance => Order::Score(Signals {
                adoptions: columns.u64(ADOPTIONS)?,
                updated: columns.u64(UPDATED)?,
                newest: self.newest,
            }),
            Sort::Newest => Order::Newest(columns.u64(UPDATED)?),
            Sort::Adoptions => Order::Newest(columns.u64(ADOPTIONS)?),
            Sort::Title => Order::Title(columns.str(title_key(&self.query.interface_language))?),
        };
        let mut facets = Vec::with_capacity(FACETS);
        for facet in Facet::ALL {
            let column = columns.str(facet.name())?;
            facets.push(FacetSegment::new(
                column,
                facet.selected(self.query),
                self.query.facets,
            )?);
        }
        Ok(GatherSegment {
            ordinal,
            ids: columns.str(ID)?,
            order,
            facets,
            counting: self.query.facets,
            reach: self.query.offset + self.query.limit,
            total: 0,
            best: BinaryHeap::new(),
        })
    }

    fn requires_scoring(&self) -> bool {
        self.sort == Sort::Relevance
    }

    fn merge_fruits(&self, fruits: Vec<tantivy::Result<Gathered>>) -> tantivy::Result<Gathered> {
        let mut all = Gathered::default();
        for fruit in fruits {
            let fruit = fruit?;
            all.total += fruit.total;
            all.matches.extend(fruit.matches);
            for (sums, counts) in all.counts.iter_mut().zip(fruit.counts) {
                for (value, count) in counts {
                    *sums.entry(value).or_default() += count;
                }
            }
        }
        all.matches.sort_unstable();
        all.matches.truncate(self.query.offset + self.query.limit);
        all.matches
            .drain(..self.query.offset.min(all.matches.len()));
        Ok(all)
    }
}

/// Where a segment's order comes from.
enum Order {
    Score(Signals),
    /// The greatest number first: a time, or how many use it.
    Newest(Column<u64>),
    Title(Option<StrColumn>),
}

/// What lifts a match beside its words.
struct Signals {
    adoptions: Column<u64>,
    updated: Column<u64>,
    newest: u64,
}

impl Signals {
    fn lifted(&self, doc: DocId, score: Score) -> u32 {
        // Steps are whole and below 2^24.
        let steps = score as u32;
        let adoptions = self.adoptions.first(doc).unwrap_or(0);
        let updated = self.updated.first(doc).unwrap_or(0);
        steps + Lift::of(steps, adoptions, updated, self.newest).steps()
    }
}

impl Order {
    /// Place within the segment; smaller is earlier.
    fn place(&self, doc: DocId, score: Score) -> u64 {
        match self {
            Order::Score(signals) => u64::from(u32::MAX - signals.lifted(doc, score)),
            Order::Newest(updated) => u64::MAX - updated.first(doc).unwrap_or(0),
            Order::Title(titles) => titles
                .as_ref()
                .and_then(|titles| titles.ords().first(doc))
                .unwrap_or(u64::MAX),
        }
    }

    fn rank(&self, place: u64) -> tantivy::Result<Rank> {
        Ok(match self {
            Order::Score(_) | Order::Newest(_) => Rank::Number(place),
            Order::Title(titles) => match text(titles.as_ref(), place)? {
                Some(title) => Rank::Text(title),
                None => Rank::Last,
            },
        })
    }

    fn steps(&self, place: u64) -> u32 {
        match self {
            Order::Score(_) => u32::MAX - place as u32,
            Order::Newest(_) | Order::Title(_) => 0,
        }
    }
}

/// One facet in one segment.
struct FacetSegment {
    column: Option<StrColumn>,
    /// For each value of the segment whether it is selected; `None` where nothing is.
    selected: Option<Vec<bool>>,
    counts: Vec<u64>,
}

impl FacetSegment {
    fn new(column: Option<StrColumn>, values: &[String], counting: bool) -> tantivy::Result<Self> {
        let known = column.as_ref().map_or(0, |column| column.num_terms());
        let mut selected = None;
        if !values.is_empty() {
            let mut flags = vec![false; known];
            for value in values {
                if let Some(column) = &column
                    && let Some(ord) = column.dictionary().term_ord(value)?
                    && let Some(flag) = flags.get_mut(ord as usize)
                {
                    *flag = true;
                }
            }
            selected = Some(flags);
        }
        Ok(FacetSegment {
            selected,
            counts: vec![0; if counting { known } else { 0 }],
            column,
        })
    }

    fn passes(&self, doc: DocId) -> bool {
        let Some(selected) = &self.selected else {
            return true;
        };
        self.column.as_ref().is_some_and(|column| {
            column
                .ords()
                .values_for_doc(doc)
                .any(|ord| selected.get(ord as usize).copied().unwrap_or(false))
        })
    }

    fn count(&mut self, doc: DocId) {
        if let Some(column) = &self.column {
            for ord in column.ords().values_for_doc(doc) {
                if let Some(count) = self.counts.get_mut(ord as usize) {
                    *count += 1;
                }
            }
        }
    }

    fn counted(&self) -> tantivy::Result<BTreeMap<String, u64>> {
        let mut counts = BTreeMap::new();
        for (ord, count) in self.counts.iter().enumerate() {
            if *count > 0
                && let Some(value) = text(self.column.as_ref(), ord as u64)?
            {
                counts.insert(value, *count);
            }
        }
        Ok(counts)
    }
}

/// The walk over one segment.
pub(crate) struct GatherSegment {
    ordinal: SegmentOrdinal,
    ids: Option<StrColumn>,
    order: Order,
    facets: Vec<FacetSegment>,
    counting: bool,
    reach: usize,
    total: usize,
    /// The best so far, the worst of them on top: place, rank of the id, document.
    best: BinaryHeap<(u64, u64, DocId)>,
}

impl GatherSegment {
    fn keep(&mut self, doc: DocId, score: Score) {
        let place = self.order.place(doc, score);
        if self.best.len() >= self.reach
            && self.best.peek().is_none_or(|(worst, ..)| place > *worst)
        {
            return;
        }
        // Ids are dense and sorted within a segment's dictionary.
        let id = self
            .ids
            .as_ref()
            .and_then(|ids| ids.ords().first(doc))
            .unwrap_or(u64::MAX);
        self.best.push((place, id, doc));
        if self.best.len() > self.reach {
            self.best.pop();
        }
    }

    fn finish(self) -> tantivy::Result<Gathered> {
        let mut matches = Vec::with_capacity(self.best.len());
        for (place, id, doc) in self.best {
            matches.push(Match {
                rank: self.order.rank(place)?,
                id: text(self.ids.as_ref(), id)?.unwrap_or_default(),
                steps: self.order.steps(place),
                address: DocAddress::new(self.ordinal, doc),
            });
        }
        let mut counts: [BTreeMap<String, u64>; FACETS] = Default::default();
        for (counts, facet) in counts.iter_mut().zip(&self.facets) {
            *counts = facet.counted()?;
        }
        Ok(Gathered {
            total: self.total,
            matches,
            counts,
        })
    }
}

impl SegmentCollector for GatherSegment {
    type Fruit = tantivy::Result<Gathered>;

    fn collect(&mut self, doc: DocId, score: Score) {
        let mut failed = None;
        for (place, facet) in self.facets.iter().enumerate() {
            if !facet.passes(doc) {
                if failed.is_some() || !self.counting {
                    return;
                }
                failed = Some(place);
            }
        }
        if let Some(place) = failed {
            self.facets[place].count(doc);
            return;
        }
        self.total += 1;
        self.keep(doc, score);
        if self.counting {
            for facet in &mut self.facets {
                facet.count(doc);
            }
        }
    }

    fn harvest(self) -> tantivy::Result<Gathered> {
        self.finish()
    }
}

fn text(column: Option<&StrColumn>, ord: u64) -> tantivy::Result<Option<String>> {
    let Some(column) = column else {
        return Ok(None);
    };
    let mut text = String::new();
    Ok(column.ord_to_str(ord, &mut text)?.then_some(text))
}

/// The values of a document in a column of texts.
pub(crate) fn texts_of(
    segment: &SegmentReader,
    column: &str,
    doc: DocId,
) -> tantivy::Result<Vec<String>> {
    let Some(column) = segment.fast_fields().str(column)? else {
        return Ok(Vec::new());
    };
    let mut all = Vec::new();
    for ord in column.ords().values_for_doc(doc) {
        all.extend(text(Some(&column), ord)?);
    }
    Ok(all)
}
