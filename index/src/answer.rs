//! What is answered.

use std::collections::BTreeMap;

use super::document::{Kind, Place};

/// The answer to a [`Query`](crate::Query).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// How many items match the text and all filters. Exact.
    pub total: usize,
    /// The page that was asked for, in order.
    pub hits: Vec<Hit>,
    /// For each facet (`type`, `resource_type`, `licence`, `licence_class`, `language`, `level`, `subject`,
    /// `format`, `duration`, `accessibility`, `institution`) its values with exact counts, most frequent first, then alphabetical;
    /// selected values are always among them. A facet's counts ignore its own selection. Empty
    /// unless asked for.
    pub facets: BTreeMap<&'static str, Vec<(String, u64)>>,
    /// The query as it was searched, where words were corrected: "Résultats pour …".
    pub suggestion: Option<String>,
    /// The words that no item has, and what was searched instead.
    pub corrected: Vec<Correction>,
    /// Whether nothing has the quoted words together, so that they were searched one by one.
    pub unquoted: bool,
    /// Cursor of the state that was searched; 0 for an index that was never fed.
    pub cursor: u64,
}

/// A word of the query that was replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// The word as typed.
    pub from: String,
    /// The word that was searched, as the hits write it where they have it.
    pub to: String,
}

/// One item that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// The item's id.
    pub id: String,
    /// How well it matches: greater than 0 in the order of relevance, comparable within one
    /// answer only; 0 in other orders.
    pub score: f32,
    /// HTML: escaped text with matches in `<b>`, nothing else.
    pub snippet: String,
    /// Where the snippet stands, if it is of the item's own text and that is known.
    pub place: Option<Place>,
    /// The item's name: handle and slug.
    pub name: String,
    /// What the item is.
    pub kind: Kind,
    /// Handle of the publishing institution.
    pub institution: String,
    /// Title in the best language for the page (plain text, not escaped); may be empty.
    pub title: String,
    /// BCP 47 tag of the title; may be empty.
    pub title_language: String,
    /// Summary in the best language for the page (plain text, not escaped); may be empty.
    pub summary: String,
    /// BCP 47 tag of the summary; may be empty.
    pub summary_language: String,
    /// Names of the authors.
    pub creators: Vec<String>,
    /// Kinds of learning resource.
    pub resource_types: Vec<String>,
    /// SPDX expression.
    pub licence: Option<String>,
    /// Languages of the content.
    pub languages: Vec<String>,
    /// Levels as the document gave them.
    pub levels: Vec<String>,
    /// Subjects as the document gave them.
    pub subjects: Vec<String>,
    /// What its files are, as the document gave it.
    pub formats: Vec<String>,
    /// How long it takes, ISO 8601.
    pub duration: Option<String>,
    /// Time of the newest statement, Unix seconds.
    pub updated: u64,
    /// How many institutions say that they use it.
    pub adoptions: u64,
    /// As the document gave it.
    pub position_hint: u64,
    /// Where the score comes from, greatest first; empty unless asked for.
    pub explanation: Vec<Contribution>,
}

/// What one word in one field gave a hit, or one of the commons' signals.
#[derive(Clone, Debug, PartialEq)]
pub struct Contribution {
    /// Name of the field: tier and analysis, as in `title_fr`, `body_neutral`; of a signal `adoptions`, `reviews` or
    /// `days before the newest`.
    pub field: String,
    /// The word as looked up, stemmed or folded; the number of a signal.
    pub word: String,
    /// Its part of the score.
    pub score: f32,
}
