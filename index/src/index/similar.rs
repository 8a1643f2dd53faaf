//! What is like an item, and items by their ids: for pages that show other items beside one.
//!
//! An item's own telling words are asked as a query: those that stand in its title, keywords and summaries and in few
//! other documents. What shares its subjects, levels or kind moves up. Nothing is computed ahead and nothing kept, so
//! that a removed item is gone with its document; and the figures are those of documents in force, so that every node
//! that has the same documents gives the same answer.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use tantivy::{DocAddress, Searcher, Term};

use super::complete::first;
use super::{Index, Snapshot};
use crate::answer::Hit;
use crate::document::Document;
use crate::error::QueryError;
use crate::facet::Facet;
use crate::gather::{Gather, Match, texts_of};
use crate::language::Analyser;
use crate::parse::{Ask, Clause, Group, Term as Word};
use crate::plan::{Plan, Planner};
use crate::query::{MAX_LIMIT, Query};
use crate::schema::cut;
use crate::show;
use crate::words::words;

/// Bytes of each text of the item that are looked at for words.
const MAX_TEXT: usize = 4_000;
/// Different words of the item that are looked up in the dictionary: each costs a look into every segment.
const MAX_WORDS: usize = 120;
/// Words that are asked. More of them find the same items more slowly.
const ASKED_WORDS: usize = 18;
/// Documents that the asked words may have together: it bounds the walk in a large index.
const MAX_DOCUMENTS: u64 = 300_000;
/// Items that are weighed against each other by what they share beside words.
const CANDIDATES: usize = 60;
/// What matches less than this part of what the item itself does is not like it.
const LEAST_SHARE: u64 = 8;

/// A question for what is like an item.
#[derive(Clone, Copy, Debug)]
pub struct Like<'a> {
    /// The item's id.
    pub id: &'a str,
    /// Ids of other items that are not to be named.
    pub without: &'a [String],
    /// How many, at most; never more than [`MAX_LIMIT`].
    pub limit: usize,
    /// Language of the page, for titles and summaries.
    pub interface_language: &'a str,
}

impl Index {
    /// What is like an item, most alike first; empty where the item is not in the index.
    ///
    /// # Errors
    ///
    /// [`QueryError::Index`].
    pub fn similar(&self, like: &Like<'_>) -> Result<Vec<Hit>, QueryError> {
        let snapshot = self.snapshot();
        self.guarded(|| self.alike(&snapshot, like))
    }

    /// The items with these ids that are in the index, in the order of the ids, without score.
    ///
    /// # Errors
    ///
    /// [`QueryError::Index`].
    pub fn hits(&self, ids: &[String], interface_language: &str) -> Result<Vec<Hit>, QueryError> {
        let snapshot = self.snapshot();
        self.guarded(|| {
            let mut found = Vec::new();
            for id in ids.iter().take(MAX_LIMIT) {
                let address = address(&snapshot.searcher, self, id)?;
                found.extend(address.map(|address| Match::at(id.clone(), 0, address)));
            }
            let query = Query {
                interface_language: interface_language.to_owned(),
                ..Query::default()
            };
            let group = Group::default();
            let plan = self.planner(&snapshot, &query, &group).plan(&group)?;
            self.shown(&snapshot, plan, &found, &query)
        })
    }

    fn alike(&self, snapshot: &Snapshot, like: &Like<'_>) -> tantivy::Result<Vec<Hit>> {
        let searcher = &snapshot.searcher;
        let Some(own) = address(searcher, self, like.id)? else {
            return Ok(Vec::new());
        };
        let document = self.document(searcher, own, like.id)?;
        let (text, group) = self.question(snapshot, &document)?;
        if group.0.is_empty() {
            return Ok(Vec::new());
        }
        let query = Query {
            text,
            limit: CANDIDATES + 1 + like.without.len().min(MAX_LIMIT),
            interface_language: like.interface_language.to_owned(),
            exact: true,
            ..Query::default()
        };
        let plan = self.planner(snapshot, &query, &group).plan(&group)?;
        let newest = snapshot.statistics.newest;
        let gather = Gather::new(&query, plan.scored, newest, None);
        let gathered = searcher.search(&*plan.query, &gather)?;
        let whole = gathered.matches.iter().find(|found| found.id == like.id);
        let whole = whole.map_or(0, |found| u64::from(found.steps));
        let near = gathered.matches.into_iter().filter(|found| {
            let steps = u64::from(found.steps);
            found.id != like.id && !like.without.contains(&found.id) && steps * LEAST_SHARE >= whole
        });
        let mut weighed = Vec::new();
        for found in near {
            let shared = shared(searcher, &document, &found)?;
            weighed.push((Reverse(u64::from(found.steps) * shared), found));
        }
        weighed.sort_unstable_by(|(one, a), (other, b)| (one, &a.id).cmp(&(other, &b.id)));
        weighed.truncate(like.limit.min(MAX_LIMIT));
        let found: Vec<Match> = weighed.into_iter().map(|(_, found)| found).collect();
        self.shown(snapshot, plan, &found, &query)
    }

    /// The item's telling words as a query.
    fn question(
        &self,
        snapshot: &Snapshot,
        document: &Document,
    ) -> tantivy::Result<(String, Group)> {
        let searcher = &snapshot.searcher;
        let all = searcher.num_docs() as f64;
        let mut telling = Vec::new();
        for (word, weight) in own_words(document) {
            let mut most = 0;
            for field in self.fields.neutral() {
                let term = Term::from_field_text(field.field, &word);
                most = most.max(snapshot.statistics.live_documents(searcher, &term)?);
            }
            // What nobody else has leads nowhere.
            if most > 1 {
                let rarity = (1.0 + all / most as f64).ln();
                let weight = (rarity * weight as f64 * 1_024.0).round() as u64;
                telling.push((Reverse(weight), word, most));
            }
        }
        telling.sort_unstable();
        let mut documents = 0;
        telling.retain(|(_, _, most)| {
            let fits = documents + most <= MAX_DOCUMENTS;
            documents += if fits { *most } else { 0 };
            fits
        });
        let mut text = String::new();
        let mut clauses = Vec::new();
        for (_, word, _) in telling.into_iter().take(ASKED_WORDS) {
            let start = text.len();
            text.push_str(&word);
            let span = start..text.len();
            text.push(' ');
            clauses.push(Clause::Word(Ask::May, Word { word, span }));
        }
        let group = Group(
            Some(clauses)
                .filter(|c| !c.is_empty())
                .into_iter()
                .collect(),
        );
        Ok((text, group))
    }

    pub(super) fn planner<'a>(
        &'a self,
        snapshot: &'a Snapshot,
        query: &'a Query,
        group: &Group,
    ) -> Planner<'a> {
        Planner::new(
            &snapshot.searcher,
            &self.fields,
            &snapshot.statistics,
            query,
            group,
        )
    }

    /// Matches as they are shown, without marks: nobody asked for words.
    fn shown(
        &self,
        snapshot: &Snapshot,
        mut plan: Plan,
        found: &[Match],
        query: &Query,
    ) -> tantivy::Result<Vec<Hit>> {
        plan.marks = Default::default();
        let mut page = show::Page {
            searcher: &snapshot.searcher,
            fields: &self.fields,
            query,
            plan: &plan,
            newest: snapshot.statistics.newest,
            analyser: Analyser::new(),
        };
        let mut hits = Vec::with_capacity(found.len());
        for found in found {
            let document = self.document(&snapshot.searcher, found.address, &found.id)?;
            hits.push(page.hit(found, document)?);
        }
        Ok(hits)
    }
}

/// Where the document with an id is.
fn address(searcher: &Searcher, index: &Index, id: &str) -> tantivy::Result<Option<DocAddress>> {
    first(searcher, &Term::from_field_text(index.fields.id, id))
}

/// The words of an item with their weights: what stands in its title and keywords tells most.
fn own_words(document: &Document) -> BTreeMap<String, u64> {
    let described = document.summaries.iter().chain(&document.descriptions);
    let texts = [(4, &document.titles), (3, &document.keywords)]
        .into_iter()
        .flat_map(|(weight, texts)| texts.iter().map(move |(_, text)| (weight, text)))
        .chain(described.map(|(_, text)| (1, text)))
        .chain(document.text.first().map(|(_, text)| (1, text)));
    let mut weights: BTreeMap<String, u64> = BTreeMap::new();
    for (weight, text) in texts {
        for word in words(cut(text, MAX_TEXT)) {
            let long = word.text.chars().count() > 2;
            if long && (weights.len() < MAX_WORDS || weights.contains_key(&word.text)) {
                let sum = weights.entry(word.text).or_default();
                // Who repeats a word says it no better.
                *sum = (*sum + weight).min(8);
            }
        }
    }
    weights
}

/// How much more a match counts for what it shares with the item beside words, in tenths.
fn shared(searcher: &Searcher, document: &Document, found: &Match) -> tantivy::Result<u64> {
    let segment = searcher.segment_reader(found.address.segment_ord);
    let mut tenths = 10;
    for (facet, worth) in [
        (Facet::Subject, 4),
        (Facet::Level, 2),
        (Facet::ResourceType, 1),
        (Facet::Type, 1),
    ] {
        let own = facet.values(document);
        let theirs = texts_of(segment, facet.name(), found.address.doc_id)?;
        if own.iter().any(|value| theirs.contains(value)) {
            tenths += worth;
        }
    }
    Ok(tenths)
}
