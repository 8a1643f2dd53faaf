//! The engine by itself, asked: what a node's search is measured against.

use std::path::Path;

use tantivy::aggregation::agg_req::Aggregations;
use tantivy::aggregation::{AggContextParams, AggregationCollector};
use tantivy::collector::{Count, TopDocs};
use tantivy::query::{BooleanQuery, ConstScoreQuery, Occur, Query as EngineQuery, TermQuery};
use tantivy::schema::{IndexRecordOption, Schema, TextFieldIndexing, TextOptions, Value};
use tantivy::{IndexReader, IndexWriter, TantivyDocument, Term};

use crate::document::Document;
use crate::error::{Error, QueryError};
use crate::facet::Facet;
use crate::leaf::LeafQuery;
use crate::parse::parse;
use crate::plan::Planner;
use crate::query::Query;
use crate::schema::Fields;
use crate::statistics::Statistics;
use crate::steady::Steady;
use crate::tokens;

/// Memory in which segments are built: what is usual, and more than a node takes.
const WRITER_BYTES: usize = 100_000_000;
/// Values of a facet that are counted in an answer, as many as a node gives.
const FACET_VALUES: u32 = 200;

/// An index that nothing but the engine has made and reads: the fields and words of an [`Index`](crate::Index), and
/// postings of the facets, by which whoever uses the engine alone would filter.
#[doc(hidden)]
pub struct Engine {
    fields: Fields,
    index: tantivy::Index,
    reader: IndexReader,
    statistics: Statistics,
}

/// What the engine found.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Found {
    /// How many documents match.
    pub total: usize,
    /// How many of the best were read.
    pub hits: usize,
    /// How many values of facets were counted.
    pub values: usize,
}

/// A question in the engine's own words.
#[doc(hidden)]
pub struct Question {
    query: Box<dyn EngineQuery>,
    counts: Aggregations,
    limit: usize,
}

impl Engine {
    /// Makes an index of documents in a new folder: no document is replaced, there is one commit at the end, by one thread.
    ///
    /// # Errors
    /// The folder cannot be made, or the engine fails.
    pub fn fill(dir: &Path, documents: impl Iterator<Item = Document>) -> Result<u64, Error> {
        let fields = Fields::new();
        std::fs::create_dir_all(dir).map_err(|source| Error::Folder {
            folder: dir.to_owned(),
            source,
        })?;
        let index = tantivy::Index::create_in_dir(dir, filterable(&fields))?;
        tokens::register(index.tokenizers());
        let mut writer: IndexWriter = index.writer_with_num_threads(1, WRITER_BYTES)?;
        for document in documents {
            writer.add_document(fields.project(&document))?;
        }
        writer.commit()?;
        writer.wait_merging_threads()?;
        Ok(index.reader()?.searcher().num_docs())
    }

    /// Opens what [`fill`](Self::fill) has made.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn open(dir: &Path) -> Result<Self, Error> {
        let fields = Fields::new();
        let index = tantivy::Index::open_in_dir(dir)?;
        tokens::register(index.tokenizers());
        let reader = index.reader()?;
        let statistics = Statistics::of(&reader.searcher(), &fields, None)?;
        Ok(Self {
            fields,
            index,
            reader,
            statistics,
        })
    }

    /// Puts a query in the engine's words: the same words in the same fields, scored as the engine scores; the same filters;
    /// the same facets.
    ///
    /// # Errors
    /// The query is refused.
    pub fn question(&self, query: &Query) -> Result<Question, QueryError> {
        let failed = |error: tantivy::TantivyError| QueryError::from(Error::from(error));
        let searcher = self.reader.searcher();
        let group = parse(&query.text)?;
        let planner = Planner::new(&searcher, &self.fields, &self.statistics, query, &group);
        let plan = planner.plan(&group).map_err(failed)?;
        let mut parts = vec![(Occur::Must, plainly(&*plan.query))];
        let schema = self.index.schema();
        let mut counts = serde_json::Map::new();
        for facet in Facet::ALL {
            let field = schema.get_field(facet.name()).map_err(failed)?;
            let values = facet.selected(query).iter().map(|value| {
                let term = Term::from_field_text(field, value);
                let query: Box<dyn EngineQuery> =
                    Box::new(TermQuery::new(term, IndexRecordOption::Basic));
                (Occur::Should, query)
            });
            let values: Vec<_> = values.collect();
            if !values.is_empty() {
                let any = Box::new(BooleanQuery::new(values));
                parts.push((Occur::Must, Box::new(ConstScoreQuery::new(any, 0.0))));
            }
            counts.insert(
                facet.name().to_owned(),
                serde_json::json!({"terms": {"field": facet.name(), "size": FACET_VALUES}}),
            );
        }
        let query_of = |mut parts: Vec<(Occur, Box<dyn EngineQuery>)>| match parts.len() {
            1 => parts.remove(0).1,
            _ => Box::new(BooleanQuery::new(parts)),
        };
        let counts = serde_json::from_value(counts.into())
            .expect("a request for counts of terms is one that the engine knows");
        Ok(Question {
            query: query_of(parts),
            counts,
            limit: query.limit.max(1),
        })
    }

    /// Answers: the best documents, read whole; how many there are; all facets counted.
    ///
    /// # Errors
    /// The engine fails.
    pub fn answer(&self, question: &Question) -> Result<Found, Error> {
        let searcher = self.reader.searcher();
        let counts =
            AggregationCollector::from_aggs(question.counts.clone(), AggContextParams::default());
        let best = TopDocs::with_limit(question.limit).order_by_score();
        let (best, total, counted) = searcher.search(&*question.query, &(best, Count, counts))?;
        let mut found = Found {
            total,
            ..Found::default()
        };
        for (_, address) in best {
            let document: TantivyDocument = searcher.doc(address)?;
            let text = document.get_first(self.fields.stored);
            found.hits += usize::from(text.and_then(|text| text.as_str()).is_some());
        }
        // As an answer would carry them.
        let counted = serde_json::to_value(counted).unwrap_or_default();
        found.values = Facet::ALL
            .iter()
            .filter_map(|facet| counted[facet.name()]["buckets"].as_array())
            .map(Vec::len)
            .sum();
        Ok(found)
    }
}

/// The fields in the same order, those of facets with postings.
fn filterable(fields: &Fields) -> Schema {
    let exact = TextFieldIndexing::default()
        .set_tokenizer("raw")
        .set_fieldnorms(false)
        .set_index_option(IndexRecordOption::Basic);
    let mut schema = Schema::builder();
    for (_, entry) in fields.schema.fields() {
        if Facet::ALL.iter().any(|facet| facet.name() == entry.name()) {
            let options = TextOptions::default().set_fast("raw");
            schema.add_text_field(entry.name(), options.set_indexing_options(exact.clone()));
        } else {
            schema.add_field(entry.clone());
        }
    }
    schema.build()
}

/// The same query with the engine's own scores and without what keeps answers equal on all nodes.
fn plainly(query: &dyn EngineQuery) -> Box<dyn EngineQuery> {
    if let Some(query) = query.downcast_ref::<BooleanQuery>() {
        let clauses = query.clauses().iter();
        let clauses = clauses.map(|(occur, query)| (*occur, plainly(&**query)));
        return Box::new(BooleanQuery::new(clauses.collect()));
    }
    if let Some(LeafQuery(leaf)) = query.downcast_ref::<LeafQuery>() {
        return Box::new(TermQuery::new(
            leaf.term.clone(),
            IndexRecordOption::WithFreqs,
        ));
    }
    if let Some(Steady(query)) = query.downcast_ref::<Steady>() {
        return query.box_clone();
    }
    query.box_clone()
}
