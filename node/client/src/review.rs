//! Reviews of items: what people think of them.

use serde::{Deserialize, Serialize};

use crate::{
    adoption::AdoptedItem,
    client::{Client, Reply},
    error::Error,
    item::ItemRef,
};

/// What somebody states.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewReview {
    /// Which version: its number from 1, its id or the beginning of it; by default the one that is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// `approve`, `reject`, `comment`, or `withdrawn`, which takes back what they said of the item.
    pub verdict: String,
    /// Why, in plain text of at most 4,000 characters.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
}

/// What somebody thinks of an item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Review {
    /// The institution of whoever reviewed.
    pub institution: String,
    /// Whether it is no member any more.
    pub former: bool,
    /// Whether it owns the item, or published the version: such a review counts for nothing.
    pub own: bool,
    /// The person, by their first enrolment.
    pub person: Option<String>,
    /// Their name, if the node has it.
    pub by: Option<String>,
    /// The version that they looked at.
    pub version: String,
    /// Its number, from 1.
    pub number: u64,
    /// Whether it is the one that is shown.
    pub current: bool,
    /// `approve`, `reject` or `comment`.
    pub verdict: String,
    /// Whether the text is `here`, `withheld` or `erased`.
    pub words: String,
    /// Why.
    pub text: String,
    /// The statement.
    pub statement: String,
    /// When, by the author's clock (RFC 3339).
    pub time: String,
    /// The item, in the answer to a review.
    pub item: Option<AdoptedItem>,
}

/// The reviews of an item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reviews {
    /// How many stand.
    pub count: u64,
    /// How many institutions approve, its own left out.
    pub approving: u64,
    /// The reviews, those of the version that is shown first.
    pub reviews: Vec<Review>,
}

impl Client {
    /// What people think of an item.
    pub fn reviews(&self, item: &ItemRef) -> Result<Reply<Reviews>, Error> {
        self.get(&self.item_url(item, &["reviews"]), false)
    }

    /// States what one thinks of an item, in place of what one said of it before.
    pub fn review_item(&self, item: &ItemRef, new: &NewReview) -> Result<Reply<Review>, Error> {
        self.post(&self.item_url(item, &["reviews"]), new)
    }
}
