//! What is put into the index: one document per item.

use serde::{Deserialize, Serialize};

/// What an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A Git repository.
    Repository,
    /// An educational resource.
    Resource,
    /// A collection of items.
    Collection,
}

impl Kind {
    /// The word for the kind in facets, filters and JSON: `repository`, `resource`, `collection`.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Repository => "repository",
            Kind::Resource => "resource",
            Kind::Collection => "collection",
        }
    }
}

/// One item as the search sees it, built by the node from the catalogue.
///
/// Pairs are `(language, text)`; the language is a BCP 47 tag, or empty where it is not known.
/// The same document always gives the same hits: nothing here may depend on the node (arrival
/// times, local paths), but [`position_hint`](Self::position_hint), which never enters a score.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// The item's id, 52 characters of base32. Unique in the index; ties are broken by it.
    pub id: String,
    /// The item's name as people type it: handle and slug.
    pub name: String,
    /// What the item is.
    pub kind: Kind,
    /// Handle of the publishing institution.
    pub institution: String,
    /// Titles.
    pub titles: Vec<(String, String)>,
    /// Summaries of a sentence or two.
    pub summaries: Vec<(String, String)>,
    /// Descriptions.
    pub descriptions: Vec<(String, String)>,
    /// Keywords.
    pub keywords: Vec<(String, String)>,
    /// Names of the authors.
    pub creators: Vec<String>,
    /// The authors as they are told from one another; may be fewer than the names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authors: Vec<Author>,
    /// Ids of the kinds of learning resource.
    pub resource_types: Vec<String>,
    /// SPDX expression.
    pub licence: Option<String>,
    /// Languages of the content, BCP 47.
    pub languages: Vec<String>,
    /// Ids of the educational levels, with the broader ones that the caller expands.
    pub levels: Vec<String>,
    /// Ids of the subjects as declared; the broader ISCED-F fields are added here.
    pub subjects: Vec<String>,
    /// What its files are: ids of the vocabulary `format`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub formats: Vec<String>,
    /// How long it takes, an ISO 8601 duration in normal form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<String>,
    /// What is stated of its accessibility, ids with the broader ones; empty where nobody has looked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accessibility: Vec<String>,
    /// Labels of its concepts beyond those that the built-in vocabularies have for the ids above.
    #[serde(default, skip_serializing_if = "Labels::is_empty")]
    pub labels: Labels,
    /// Names of the item's files.
    pub file_names: Vec<String>,
    /// README or extracted text, bounded by the caller; best in sections of a page.
    pub text: Vec<(String, String)>,
    /// Where each text stands, in the same order; may be shorter.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<Place>,
    /// Time of the newest statement about the item, Unix seconds.
    pub updated: u64,
    /// How many institutions say that they use it: lifts it a little in the order of relevance.
    #[serde(default)]
    pub adoptions: u64,
    /// How many institutions approve of it in their reviews, its own left out: lifts it a little, too.
    #[serde(default)]
    pub reviews: u64,
    /// Where the caller's journal stood; returned with the hit, never searched.
    pub position_hint: u64,
}

/// Somebody who made an item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// What they are told from others by, the surest first: an identifier of an authority, the words of the name.
    pub keys: Vec<String>,
    /// The name as it is shown.
    pub name: String,
}

/// Labels of concepts as `(language, text)`, in all the languages that there are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Labels {
    /// Of the concepts that the item is catalogued as; searched like keywords.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub own: Vec<(String, String)>,
    /// Of the concepts above them; searched with a lower weight.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub broader: Vec<(String, String)>,
}

impl Labels {
    fn is_empty(&self) -> bool {
        self.own.is_empty() && self.broader.is_empty()
    }
}

/// Where a text stands in an item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Its page or slide, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// The path of the file; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub file: String,
}

/// One change to the index.
#[derive(Clone, Debug)]
pub enum Change {
    /// Adds the document, or replaces the one with the same id.
    Put(Box<Document>),
    /// Removes the document with this id; nothing happens where there is none.
    Remove(String),
}
