//! Repositories: making one. Finding and showing them is what it is for any item.

use serde::{Deserialize, Serialize};

use crate::{
    client::{Client, Reply},
    error::Error,
};

/// What a repository begins with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NewRepository {
    /// Its name in the institution.
    pub slug: String,
    /// Its title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// SPDX expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
    /// The language of title and description, BCP 47.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

/// A repository that was made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CreatedRepository {
    /// The item's id.
    pub id: String,
    /// `handle/slug`.
    pub name: String,
    /// What to clone and push to.
    pub url: String,
}

impl Client {
    /// Makes an empty repository.
    pub fn create_repository(
        &self,
        new: &NewRepository,
    ) -> Result<Reply<CreatedRepository>, Error> {
        self.post(&self.url(&["api", "v1", "repositories"]), new)
    }
}
