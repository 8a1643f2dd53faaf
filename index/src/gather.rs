//! One walk over the matches that counts them, counts facets and keeps the best.
//!
//! Matches come without the filters applied: a facet's counts ignore its own selection, so a
//! document that fails exactly one filter still counts for that facet.
//!
//! Matches are taken in blocks: a column that is asked for many documents at once answers several
//! times as fast as one that is asked for each.

use std::collections::{BTreeMap, BinaryHeap};
use std::sync::Arc;

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::{Column, StrColumn};
use tantivy::query::{AllQuery, EnableScoring, Query as EngineQuery};
use tantivy::{DocAddress, DocId, Score, Searcher, SegmentOrdinal, SegmentReader};

use super::facet::Facet;
use super::known::{Known, MAX_KEPT, Values};
use super::query::{Query, Sort};
use super::schema::{ADOPTIONS, ID, REVIEWS, UPDATED, title_key};
use super::signals::{Lift, Signs};
use super::statistics::part;

const FACETS: usize = Facet::ALL.len();

/// Matches that are looked at together.
const BLOCK: usize = 512;
/// How far the newest of everything are known without a walk: the first pages.
const KNOWN_REACH: usize = 100;

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

/// What the walk over one segment found.
#[derive(Debug)]
pub(crate) struct Found {
    total: usize,
    matches: Vec<Match>,
    counts: [Counts; FACETS],
}

/// How often each value of a facet was met in a segment.
#[derive(Debug)]
enum Counts {
    /// By its number there.
    Numbered(Vec<u64>),
    /// By itself, where there are too many to be numbered.
    Named(BTreeMap<String, u64>),
}

/// Collects matches for a query.
pub(crate) struct Gather<'a> {
    query: &'a Query,
    sort: Sort,
    /// Time of the newest statement, from which ages are counted.
    newest: u64,
    /// The facets' values, where these are counted.
    values: Option<&'a Values>,
}

impl<'a> Gather<'a> {
    /// `scored` is false where the text has no words: relevance then means newest first. `values` are those of
    /// the state that is searched; they are needed where facets are counted.
    pub(crate) fn new(
        query: &'a Query,
        scored: bool,
        newest: u64,
        values: Option<&'a Values>,
    ) -> Self {
        let sort = match query.sort {
            Sort::Relevance if !scored => Sort::Newest,
            sort => sort,
        };
        Gather {
            query,
            sort,
            newest,
            values,
        }
    }

    /// What a search for everything finds, from what is known of each segment; `None` where the query asks for something
    /// else.
    pub(crate) fn everything(
        self,
        searcher: &Searcher,
        known: &Known,
    ) -> tantivy::Result<Option<Gathered>> {
        let query = self.query;
        let all = matches!(query.text.trim(), "" | "*")
            && self.sort == Sort::Newest
            && query.authors.is_empty()
            && query.offset + query.limit <= KNOWN_REACH
            && Facet::ALL
                .iter()
                .all(|facet| facet.selected(query).is_empty());
        if !all {
            return Ok(None);
        }
        let whole = Query {
            limit: KNOWN_REACH,
            facets: true,
            ..Query::default()
        };
        let walk = Gather::new(&whole, false, self.newest, None);
        let weight = AllQuery.weight(EnableScoring::disabled_from_searcher(searcher))?;
        let mut found = Vec::new();
        for (segment, ordinal) in searcher.segment_readers().iter().zip(0..) {
            found.push(match known.everything(&part(segment)) {
                Some(found) => found,
                None => Arc::new(walk.collect_segment(&*weight, ordinal, segment)??),
            });
        }
        let parts = searcher.segment_readers().iter().map(part);
        known.keep_everything(parts.zip(found.iter().cloned()));
        Ok(Some(self.merge(found.iter().map(|found| &**found))))
    }

    /// Puts together what was found in each segment, in their order.
    fn merge<'f>(&self, found: impl Iterator<Item = &'f Found>) -> Gathered {
        let mut all = Gathered::default();
        let mut sums: [Vec<u64>; FACETS] = std::array::from_fn(|place| {
            let texts = self.values.map_or(0, |values| values.of(place).texts.len());
            vec![0; texts]
        });
        for (ordinal, found) in (0..).zip(found) {
            all.total += found.total;
            all.matches.extend(found.matches.iter().map(|one| Match {
                address: DocAddress::new(ordinal, one.address.doc_id),
                ..one.clone()
            }));
            let Some(values) = self.values else { continue };
            for (place, counts) in found.counts.iter().enumerate() {
                match counts {
                    Counts::Numbered(counts) => {
                        let numbers = values.of(place).numbers.get(ordinal as usize);
                        for (number, count) in numbers.into_iter().flatten().zip(counts) {
                            sums[place][*number as usize] += count;
                        }
                    }
                    Counts::Named(counts) => {
                        for (value, count) in counts {
                            *all.counts[place].entry(value.clone()).or_default() += count;
                        }
                    }
                }
            }
        }
        if let Some(values) = self.values {
            for (place, sums) in sums.into_iter().enumerate() {
                let texts = values.of(place).texts.iter().zip(sums);
                for (value, count) in texts.filter(|(_, count)| *count > 0) {
                    *all.counts[place].entry(value.to_string()).or_default() += count;
                }
            }
        }
        all.matches.sort_unstable();
        all.matches.truncate(self.query.offset + self.query.limit);
        all.matches
            .drain(..self.query.offset.min(all.matches.len()));
        all
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
                reviews: columns.u64(REVIEWS)?,
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
            filtered: facets.iter().any(|facet| facet.selected.is_some()),
            facets,
            counting: self.query.facets,
            reach: self.query.offset + self.query.limit,
            total: 0,
            best: BinaryHeap::new(),
            docs: Vec::with_capacity(BLOCK),
            scores: Vec::with_capacity(BLOCK),
            room: Room::default(),
        })
    }

    fn requires_scoring(&self) -> bool {
        self.sort == Sort::Relevance
    }

    fn merge_fruits(&self, fruits: Vec<tantivy::Result<Found>>) -> tantivy::Result<Gathered> {
        let fruits = fruits.into_iter().collect::<tantivy::Result<Vec<_>>>()?;
        Ok(self.merge(fruits.iter()))
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
    reviews: Column<u64>,
    updated: Column<u64>,
    newest: u64,
}

impl Order {
    /// Places of a block within the segment; smaller is earlier.
    fn places(&self, docs: &[DocId], scores: &[Score], places: &mut Vec<u64>) {
        places.clear();
        let firsts = |column: &Column<u64>| {
            let mut firsts = vec![None; docs.len()];
            column.first_vals(docs, &mut firsts);
            firsts
        };
        match self {
            Order::Score(signals) => {
                let adoptions = firsts(&signals.adoptions);
                let reviews = firsts(&signals.reviews);
                let updated = firsts(&signals.updated);
                places.extend(scores.iter().enumerate().map(|(at, score)| {
                    let signs = Signs {
                        adoptions: adoptions[at].unwrap_or(0),
                        reviews: reviews[at].unwrap_or(0),
                        updated: updated[at].unwrap_or(0),
                    };
                    // Steps are whole and below 2^24.
                    let steps = *score as u32;
                    let lift = Lift::of(steps, signs, signals.newest);
                    u64::from(u32::MAX - steps - lift.steps())
                }));
            }
            Order::Newest(updated) => {
                let firsts = firsts(updated).into_iter();
                places.extend(firsts.map(|updated| u64::MAX - updated.unwrap_or(0)));
            }
            Order::Title(Some(titles)) => {
                let firsts = firsts(titles.ords()).into_iter();
                places.extend(firsts.map(|title| title.unwrap_or(u64::MAX)));
            }
            Order::Title(None) => places.resize(docs.len(), u64::MAX),
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

    /// Notes which documents of a block have none of the selected values.
    fn sift(&self, place: usize, docs: &[DocId], fails: &mut [Fails], room: &mut Room) {
        let Some(selected) = &self.selected else {
            return;
        };
        room.passes.clear();
        room.passes.resize(docs.len(), false);
        if let Some(column) = &self.column {
            room.read(column.ords(), docs);
            // In the order of the documents, several values of one beside each other.
            let mut at = 0;
            for (doc, ord) in room.docs.iter().zip(&room.ords) {
                while docs[at] != *doc {
                    at += 1;
                }
                room.passes[at] |= selected.get(*ord as usize).copied().unwrap_or(false);
            }
        }
        for (fails, passes) in fails.iter_mut().zip(&room.passes) {
            *fails = match (*fails, passes) {
                (fails, true) => fails,
                (Fails::None, false) => Fails::One(place),
                (_, false) => Fails::Several,
            };
        }
    }

    fn count(&mut self, docs: &[DocId], room: &mut Room) {
        if let Some(column) = &self.column {
            room.read(column.ords(), docs);
            for ord in &room.ords {
                if let Some(count) = self.counts.get_mut(*ord as usize) {
                    *count += 1;
                }
            }
        }
    }

    fn counted(self) -> tantivy::Result<Counts> {
        if self.counts.len() <= MAX_KEPT {
            return Ok(Counts::Numbered(self.counts));
        }
        let mut counts = BTreeMap::new();
        for (ord, count) in self.counts.iter().enumerate() {
            if *count > 0
                && let Some(value) = text(self.column.as_ref(), ord as u64)?
            {
                counts.insert(value, *count);
            }
        }
        Ok(Counts::Named(counts))
    }
}

/// Which filters a document does not pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fails {
    None,
    /// That of this facet alone.
    One(usize),
    Several,
}

/// Room for the values of a block, used again and again.
#[derive(Default)]
struct Room {
    docs: Vec<DocId>,
    rows: Vec<u32>,
    ords: Vec<u64>,
    passes: Vec<bool>,
    fails: Vec<Fails>,
    places: Vec<u64>,
}

impl Room {
    /// Reads all values of a block: `docs` and `ords` in pairs.
    fn read(&mut self, column: &Column<u64>, docs: &[DocId]) {
        self.docs.clear();
        self.rows.clear();
        column.row_ids_for_docs(docs, &mut self.docs, &mut self.rows);
        self.ords.clear();
        self.ords.resize(self.rows.len(), 0);
        column.values.get_vals(&self.rows, &mut self.ords);
    }
}

/// The walk over one segment.
pub(crate) struct GatherSegment {
    ordinal: SegmentOrdinal,
    ids: Option<StrColumn>,
    order: Order,
    facets: Vec<FacetSegment>,
    filtered: bool,
    counting: bool,
    reach: usize,
    total: usize,
    /// The best so far, the worst of them on top: place, rank of the id, document.
    best: BinaryHeap<(u64, u64, DocId)>,
    /// Matches that were not looked at yet, with their scores, where they have any.
    docs: Vec<DocId>,
    scores: Vec<Score>,
    room: Room,
}

impl GatherSegment {
    /// Looks at the matches that have come.
    fn look(&mut self) {
        let (mut docs, mut scores) = (
            std::mem::take(&mut self.docs),
            std::mem::take(&mut self.scores),
        );
        if self.filtered {
            self.sift(&mut docs, &mut scores);
        }
        self.total += docs.len();
        self.keep(&docs, &scores);
        if self.counting {
            for facet in &mut self.facets {
                facet.count(&docs, &mut self.room);
            }
        }
        docs.clear();
        scores.clear();
        (self.docs, self.scores) = (docs, scores);
    }

    /// Leaves of a block what passes all filters, and counts what fails one for its facet.
    fn sift(&mut self, docs: &mut Vec<DocId>, scores: &mut Vec<Score>) {
        let room = &mut self.room;
        let mut fails = std::mem::take(&mut room.fails);
        fails.clear();
        fails.resize(docs.len(), Fails::None);
        for (place, facet) in self.facets.iter().enumerate() {
            facet.sift(place, docs, &mut fails, room);
        }
        if self.counting {
            for (place, facet) in self.facets.iter_mut().enumerate() {
                if facet.selected.is_some() {
                    let missed = docs.iter().zip(&fails);
                    let missed = missed.filter(|(_, fails)| **fails == Fails::One(place));
                    let missed: Vec<DocId> = missed.map(|(doc, _)| *doc).collect();
                    facet.count(&missed, room);
                }
            }
        }
        let passes = |at: usize| fails[at] == Fails::None;
        let mut at = 0..;
        scores.retain(|_| at.next().is_some_and(passes));
        let mut at = 0..;
        docs.retain(|_| at.next().is_some_and(passes));
        room.fails = fails;
    }

    fn keep(&mut self, docs: &[DocId], scores: &[Score]) {
        if self.reach == 0 {
            return;
        }
        self.order.places(docs, scores, &mut self.room.places);
        for (doc, place) in docs.iter().zip(&self.room.places) {
            if self.best.len() >= self.reach
                && self.best.peek().is_none_or(|(worst, ..)| place > worst)
            {
                continue;
            }
            // Ids are dense and sorted within a segment's dictionary.
            let id = self
                .ids
                .as_ref()
                .and_then(|ids| ids.ords().first(*doc))
                .unwrap_or(u64::MAX);
            self.best.push((*place, id, *doc));
            if self.best.len() > self.reach {
                self.best.pop();
            }
        }
    }

    fn finish(mut self) -> tantivy::Result<Found> {
        self.look();
        let mut matches = Vec::with_capacity(self.best.len());
        for (place, id, doc) in self.best {
            matches.push(Match {
                rank: self.order.rank(place)?,
                id: text(self.ids.as_ref(), id)?.unwrap_or_default(),
                steps: self.order.steps(place),
                address: DocAddress::new(self.ordinal, doc),
            });
        }
        let mut counts = [const { Counts::Numbered(Vec::new()) }; FACETS];
        for (counts, facet) in counts.iter_mut().zip(self.facets) {
            *counts = facet.counted()?;
        }
        Ok(Found {
            total: self.total,
            matches,
            counts,
        })
    }
}

impl SegmentCollector for GatherSegment {
    type Fruit = tantivy::Result<Found>;

    fn collect(&mut self, doc: DocId, score: Score) {
        self.docs.push(doc);
        self.scores.push(score);
        if self.docs.len() >= BLOCK {
            self.look();
        }
    }

    fn collect_block(&mut self, docs: &[DocId]) {
        self.docs.extend_from_slice(docs);
        self.scores.resize(self.docs.len(), 0.0);
        if self.docs.len() >= BLOCK {
            self.look();
        }
    }

    fn harvest(self) -> tantivy::Result<Found> {
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
