//! Search: what is asked, and what is found.

use serde::{Deserialize, Serialize};

use crate::{
    client::{Client, Reply},
    error::Error,
};

/// The order of the hits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Best first.
    #[default]
    Relevance,
    /// Newest first.
    Newest,
    /// By title.
    Title,
}

impl Sort {
    /// The name in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Sort::Relevance => "relevance",
            Sort::Newest => "newest",
            Sort::Title => "title",
        }
    }
}

/// A question. Several values of one facet are alternatives; different facets all must match.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// The words; empty finds everything.
    pub text: String,
    /// `repository`, `resource`, `collection`.
    pub types: Vec<String>,
    /// HCRT ids such as `course`.
    pub resource_types: Vec<String>,
    /// SPDX identifiers.
    pub licences: Vec<String>,
    /// What one may do with them: `adapt`, `adapt-any`, `share`, `unclear`…
    pub licence_classes: Vec<String>,
    /// Only what may be changed.
    pub adaptable: bool,
    /// Ids of the vocabulary `format`, such as `pdf`.
    pub formats: Vec<String>,
    /// Ids of the vocabulary `duration`, such as `up-to-1h`.
    pub durations: Vec<String>,
    /// `not-checked`, `stated`, or what helps, such as `captions`.
    pub accessibility: Vec<String>,
    /// BCP 47 tags.
    pub languages: Vec<String>,
    /// Level ids such as `fr-l1`.
    pub levels: Vec<String>,
    /// ISCED-F ids such as `iscedf-0541`.
    pub subjects: Vec<String>,
    /// Handles.
    pub institutions: Vec<String>,
    /// The order; absent lets the node choose.
    pub sort: Option<Sort>,
    /// Most hits in one answer.
    pub limit: Option<u64>,
    /// How many hits to skip.
    pub offset: Option<u64>,
}

impl Query {
    /// A question of words alone.
    pub fn new(text: &str) -> Query {
        Query {
            text: text.to_owned(),
            ..Query::default()
        }
    }

    /// The parameters of the URL.
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = vec![("q", self.text.clone())];
        let lists = [
            ("type", &self.types),
            ("resource_type", &self.resource_types),
            ("licence", &self.licences),
            ("licence_class", &self.licence_classes),
            ("format", &self.formats),
            ("duration", &self.durations),
            ("accessibility", &self.accessibility),
            ("language", &self.languages),
            ("level", &self.levels),
            ("subject", &self.subjects),
            ("institution", &self.institutions),
        ];
        for (name, values) in lists {
            pairs.extend(values.iter().map(|value| (name, value.clone())));
        }
        pairs.extend(self.adaptable.then(|| ("adaptable", "1".to_owned())));
        pairs.extend(self.sort.map(|sort| ("sort", sort.as_str().to_owned())));
        pairs.extend(self.limit.map(|n| ("limit", n.to_string())));
        pairs.extend(self.offset.map(|n| ("offset", n.to_string())));
        pairs
    }
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Search {
    /// The words as the node read them.
    pub query: String,
    /// How many items match in all.
    pub total: u64,
    /// How long the node searched, in milliseconds.
    pub took_ms: f64,
    /// Up to where in its journal the node has indexed.
    pub index_position: u64,
    /// This page of hits, in order.
    pub hits: Vec<Hit>,
    /// Counts by facet.
    pub facets: Facets,
    /// Another spelling that finds more.
    pub suggestion: Option<String>,
}

/// One item found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Hit {
    /// The item's id.
    pub id: String,
    /// `handle/slug`.
    pub name: String,
    /// `repository`, `resource` or `collection`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The title in the best language.
    pub title: String,
    /// The summary in the best language.
    pub summary: Option<String>,
    /// Matching text with `<b>` around the words, HTML-escaped by the node.
    pub snippet: Option<String>,
    /// How well it matches.
    pub score: f64,
    /// The owner's handle.
    pub institution: String,
    /// SPDX expression.
    pub licence: Option<String>,
    /// HCRT ids.
    pub resource_type: Vec<String>,
    /// BCP 47 tags.
    pub language: Vec<String>,
    /// Level ids.
    pub level: Vec<String>,
    /// ISCED-F ids.
    pub subject: Vec<String>,
    /// When its newest statement was made, RFC 3339.
    pub updated: Option<String>,
    /// How many institutions hold its content, as far as this node knows.
    pub copies: u64,
    /// Whether this node holds its content.
    pub local: bool,
}

/// Counts by facet. A facet's counts ignore its own selection.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facets {
    /// Kinds of items.
    #[serde(rename = "type")]
    pub kind: Vec<Count>,
    /// Kinds of resources.
    pub resource_type: Vec<Count>,
    /// Licences.
    pub licence: Vec<Count>,
    /// Classes of licences.
    pub licence_class: Vec<Count>,
    /// What the files are.
    pub format: Vec<Count>,
    /// Ranges of durations.
    pub duration: Vec<Count>,
    /// What is known of accessibility.
    pub accessibility: Vec<Count>,
    /// Languages.
    pub language: Vec<Count>,
    /// Levels.
    pub level: Vec<Count>,
    /// Subjects.
    pub subject: Vec<Count>,
    /// Owners.
    pub institution: Vec<Count>,
}

/// How many items have a value.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Count {
    /// The id to filter by.
    pub value: String,
    /// Its name in the best language.
    pub label: Option<String>,
    /// Items that match the rest of the question.
    pub count: u64,
}

impl Client {
    /// Searches the whole commons.
    pub fn search(&self, query: &Query) -> Result<Reply<Search>, Error> {
        let mut url = self.url(&["api", "v1", "search"]);
        url.query_pairs_mut().extend_pairs(query.pairs());
        self.get(&url, false)
    }
}
