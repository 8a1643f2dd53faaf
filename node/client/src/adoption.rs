//! Adoptions: which institution uses an item.

use serde::{Deserialize, Serialize};

use crate::{
    client::{Client, Reply},
    error::Error,
    item::ItemRef,
};

/// What is stated; what is absent stays as it was stated before, or has a default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewAdoption {
    /// Which version; by default the newest release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Since which day (`YYYY-MM-DD`); by default today.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// `in-use`, `testing` or `withdrawn`; by default `in-use`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Who can help.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// More words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// An institution's statement that it uses an item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Adoption {
    /// The institution.
    pub institution: String,
    /// Whether it is no member any more.
    pub former: bool,
    /// Which version; absent where it is not known.
    pub version: Option<String>,
    /// Since which day.
    pub since: String,
    /// `in-use`, `testing` or `withdrawn`.
    pub status: String,
    /// Who can help.
    pub contact: Option<String>,
    /// More words.
    pub comment: Option<String>,
    /// The item, where the answer is about an institution.
    pub item: Option<AdoptedItem>,
}

/// An item in short.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AdoptedItem {
    /// Its id.
    pub id: String,
    /// `handle/slug`.
    pub name: String,
    /// Its title, if it has one.
    pub title: Option<String>,
}

/// A list of adoptions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Adoptions {
    /// The adoptions.
    pub adoptions: Vec<Adoption>,
}

impl Client {
    /// Who uses an item.
    pub fn adoptions(&self, item: &ItemRef) -> Result<Reply<Adoptions>, Error> {
        self.get(&self.item_url(item, &["adoptions"]), false)
    }

    /// What an institution uses.
    pub fn adopted_by(&self, handle: &str) -> Result<Reply<Adoptions>, Error> {
        let url = self.url(&["api", "v1", "institutions", handle, "adoptions"]);
        self.get(&url, false)
    }

    /// States that one's institution uses an item.
    pub fn adopt(&self, item: &ItemRef, new: &NewAdoption) -> Result<Reply<Adoption>, Error> {
        self.post(&self.item_url(item, &["adoptions"]), new)
    }
}
