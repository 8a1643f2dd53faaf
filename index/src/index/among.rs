//! What some items have in common.

use std::collections::BTreeMap;

use tantivy::Term;
use tantivy::query::TermSetQuery;

use super::Index;
use crate::authors::Tally;
use crate::error::QueryError;
use crate::facet::Facet;

/// Most items that are looked at: as many as a collection has.
const MAX_IDS: usize = 10_000;

impl Index {
    /// The licences of the items with these ids, each with how many of them have it. Items that are not in the index, and
    /// those without a licence, are in none of them.
    ///
    /// # Errors
    ///
    /// [`QueryError::Index`].
    pub fn licences_of(&self, ids: &[String]) -> Result<BTreeMap<String, u64>, QueryError> {
        let ids = ids.iter().take(MAX_IDS);
        let terms: Vec<Term> = ids
            .map(|id| Term::from_field_text(self.fields.id, id))
            .collect();
        let these = TermSetQuery::new(terms);
        let snapshot = self.snapshot();
        self.guarded(|| {
            snapshot
                .searcher
                .search(&these, &Tally(Facet::Licence.name()))
        })
    }
}
