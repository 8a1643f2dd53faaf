//! What is asked.

use super::error::QueryError;

/// Longest query, in characters. People type tens; a pasted paragraph still fits.
pub const MAX_CHARACTERS: usize = 1_000;
/// Deepest nesting of parentheses. The parser recurses once per level.
pub const MAX_DEPTH: usize = 20;
/// Most words in a query: each costs a walk through several posting lists.
pub const MAX_CLAUSES: usize = 100;
/// Most fields in a text that are read from a column (`level:L1`), said again not counted: each may mean a look at every
/// document.
pub const MAX_FIELDS: usize = 12;
/// Most hits on one page.
pub const MAX_LIMIT: usize = 100;
/// Farthest hit that can be reached by paging (`offset + limit`): all hits before it are kept in
/// memory to be sorted.
pub const MAX_REACH: usize = 10_000;
/// Most alternatives in one filter; the widest vocabulary branch expands to fewer.
pub const MAX_FILTER_VALUES: usize = 500;

/// Order of the hits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Best match first; without words to match, newest first.
    #[default]
    Relevance,
    /// Most recently updated first.
    Newest,
    /// What most institutions say that they use first.
    Adoptions,
    /// By title, folded, in the interface language.
    Title,
}

/// One search. Values inside a filter are alternatives, filters narrow each other. The default is
/// the newest items: no text, no filter, relevance, limit 0.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// What the person typed. Quotes make a phrase, `-word` and `NOT` exclude, `+word` and `AND` require, `OR` and
    /// parentheses group, `field:value` narrows ([`field_names`](crate::field_names)); what makes no sense as an
    /// operator is read as plain words.
    pub text: String,
    /// Kinds of item: `repository`, `resource`, `collection`.
    pub types: Vec<String>,
    /// Kinds of learning resource.
    pub resource_types: Vec<String>,
    /// Licences.
    pub licences: Vec<String>,
    /// What one may do with them: ids of the vocabulary `licence-class`.
    pub licence_classes: Vec<String>,
    /// Languages of the content.
    pub languages: Vec<String>,
    /// Educational levels.
    pub levels: Vec<String>,
    /// Subjects.
    pub subjects: Vec<String>,
    /// What the files are: ids of the vocabulary `format`.
    pub formats: Vec<String>,
    /// Ranges of duration: ids of the vocabulary `duration`.
    pub durations: Vec<String>,
    /// What is known of the accessibility: `not-checked`, `stated`, or what helps.
    pub accessibility: Vec<String>,
    /// Publishing institutions.
    pub institutions: Vec<String>,
    /// Authors, by any of their keys.
    pub authors: Vec<String>,
    /// Order of the hits.
    pub sort: Sort,
    /// How many hits to return, at most [`MAX_LIMIT`]. 0 counts only.
    pub limit: usize,
    /// How many hits to skip; with `limit` at most [`MAX_REACH`].
    pub offset: usize,
    /// Language of the page, BCP 47: its stemmer counts a little more, and titles, summaries and
    /// snippets are taken in it where they exist.
    pub interface_language: String,
    /// Whether to count facets.
    pub facets: bool,
    /// Whether to say with each hit which words gave how much score.
    pub explain: bool,
    /// Whether to search what was typed, without correcting words that no item has, and without taking quotation marks
    /// away where nothing has the words together.
    pub exact: bool,
}

impl Query {
    /// Checks everything that can be checked before the text is parsed.
    pub(crate) fn check(&self) -> Result<(), QueryError> {
        // Bytes first: counting the characters of a megabyte is work for nothing.
        if self.text.len() > 4 * MAX_CHARACTERS || self.text.chars().count() > MAX_CHARACTERS {
            return Err(QueryError::TooLong {
                limit: MAX_CHARACTERS,
            });
        }
        if self.limit > MAX_LIMIT {
            return Err(QueryError::PageTooLong { limit: MAX_LIMIT });
        }
        if self.offset.saturating_add(self.limit) > MAX_REACH {
            return Err(QueryError::PageTooFar { limit: MAX_REACH });
        }
        if crate::facet::Facet::ALL
            .iter()
            .any(|facet| facet.selected(self).len() > MAX_FILTER_VALUES)
        {
            return Err(QueryError::TooManyValues {
                limit: MAX_FILTER_VALUES,
            });
        }
        if self.authors.len() > MAX_FILTER_VALUES {
            return Err(QueryError::TooManyValues {
                limit: MAX_FILTER_VALUES,
            });
        }
        Ok(())
    }
}
