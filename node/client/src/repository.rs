//! Repositories: making one, its rules, the state of its branches. Finding them is what it is for any item.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use url::Url;

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

/// What a repository is like, `GET /api/v1/repositories/{handle}/{slug}`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RepositoryState {
    /// The item's id.
    pub id: String,
    /// `handle/slug`.
    pub name: String,
    /// The institution that owns it.
    pub institution: String,
    /// The statement whose rules these are.
    pub policy: String,
    /// What to clone from this node.
    pub clone_url: String,
    /// The branch that is shown first.
    pub default_branch: String,
    /// Who may push, in the owner's order.
    pub maintainers: Vec<Maintainer>,
    /// What is protected.
    pub protected: Vec<Protection>,
    /// Its branches and tags.
    pub refs: Vec<RefState>,
}

/// An institution that accepts pushes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Maintainer {
    /// Its handle.
    pub institution: String,
    /// Where to push, if its node states an address.
    pub url: Option<String>,
    /// Only these persons; absent = its developers.
    pub persons: Option<Vec<NamedPerson>>,
}

/// A person, by id and name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NamedPerson {
    /// The first enrolment.
    pub id: String,
    /// The name, if the node has it.
    pub name: Option<String>,
}

/// A protected pattern.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Protection {
    /// A ref name, or one that ends in `/*`.
    pub pattern: String,
    /// How many institutions must state a commit.
    pub threshold: u64,
    /// Whether history may be rewritten.
    pub force: bool,
    /// Whether the ref may be deleted.
    pub delete: bool,
}

/// A branch or tag.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RefState {
    /// Its full name.
    pub name: String,
    /// The commit that is served; absent = none yet.
    pub oid: Option<String>,
    /// `ok`, `behind` (objects are on their way), `diverged` or `waiting`.
    pub state: String,
    /// Its heads, the served one first.
    pub heads: Vec<RefHead>,
    /// Changes that wait for other institutions.
    pub waiting: Vec<RefHead>,
}

/// A head of a branch.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RefHead {
    /// Whose.
    pub institution: String,
    /// The commit.
    pub oid: String,
    /// The statement.
    pub statement: String,
    /// Whether the node that was asked holds the commit.
    pub held: bool,
    /// The ref to fetch.
    #[serde(rename = "ref")]
    pub place: Option<String>,
}

/// How an institution is to be listed among those that accept pushes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Maintain {
    /// Its handle.
    pub institution: String,
    /// Only these persons, by id or name; absent = its developers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persons: Option<Vec<String>>,
    /// Before all others.
    #[serde(default)]
    pub first: bool,
    /// Before this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
}

/// New words of a repository; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EditRepository {
    /// A new name; the former one stays an alias.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// Title.
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
    /// The branch that is shown first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_branch: Option<String>,
}

/// A change of a repository that was stated.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChangedRepository {
    /// The item's id.
    pub id: String,
    /// `handle/slug`.
    pub name: String,
    /// The new statement.
    pub policy: String,
}

impl Client {
    /// Whether the node holds a repository that it knows, so that it can be cloned now. `name` is `handle/slug`.
    pub fn holds_repository(&self, name: &str) -> Result<bool, Error> {
        let (handle, slug) = name.split_once('/').unwrap_or((name, ""));
        let mut url = self.url(&[handle, &format!("{slug}.git"), "info", "refs"]);
        url.set_query(Some("service=git-upload-pack"));
        match self.bytes(&url, 0) {
            Ok(_) => Ok(true),
            Err(e) if e.status() == Some(503) => Ok(false),
            Err(e) => Err(e),
        }
    }

    /// What a repository is like. `name`: `handle/slug`.
    pub fn repository(&self, name: &str) -> Result<Reply<RepositoryState>, Error> {
        self.get(&self.repository_url(name, &[]), false)
    }

    /// Lists an institution among those that accept pushes, or lists it otherwise.
    pub fn maintain(
        &self,
        name: &str,
        maintain: &Maintain,
    ) -> Result<Reply<ChangedRepository>, Error> {
        self.post(&self.repository_url(name, &["maintainers"]), maintain)
    }

    /// Lets an institution accept no pushes any more.
    pub fn dismiss(
        &self,
        name: &str,
        institution: &str,
    ) -> Result<Reply<ChangedRepository>, Error> {
        let url = self.repository_url(name, &["maintainers", institution, "remove"]);
        self.post(&url, &Value::Object(Map::new()))
    }

    /// Protects a pattern.
    pub fn protect(
        &self,
        name: &str,
        protection: &Protection,
    ) -> Result<Reply<ChangedRepository>, Error> {
        self.post(&self.repository_url(name, &["protections"]), protection)
    }

    /// Ends the protection of a pattern.
    pub fn unprotect(&self, name: &str, pattern: &str) -> Result<Reply<ChangedRepository>, Error> {
        let url = self.repository_url(name, &["protections", "remove"]);
        self.post(&url, &json!({"pattern": pattern}))
    }

    /// Changes a repository's words.
    pub fn edit_repository(
        &self,
        name: &str,
        edit: &EditRepository,
    ) -> Result<Reply<ChangedRepository>, Error> {
        self.post(&self.repository_url(name, &["edit"]), edit)
    }

    /// Hands a repository to another institution; it is final.
    pub fn transfer(&self, name: &str, to: &str) -> Result<Reply<ChangedRepository>, Error> {
        self.post(
            &self.repository_url(name, &["transfer"]),
            &json!({"to": to}),
        )
    }

    /// Takes a repository that was handed to the node's institution. `name`: its name at its owner.
    pub fn accept(
        &self,
        name: &str,
        slug: Option<&str>,
    ) -> Result<Reply<ChangedRepository>, Error> {
        let body = match slug {
            Some(slug) => json!({"slug": slug}),
            None => json!({}),
        };
        self.post(&self.repository_url(name, &["accept"]), &body)
    }

    fn repository_url(&self, name: &str, below: &[&str]) -> Url {
        let mut segments = vec!["api", "v1", "repositories"];
        segments.extend(name.split('/'));
        segments.extend(below);
        self.url(&segments)
    }

    /// Makes an empty repository.
    pub fn create_repository(
        &self,
        new: &NewRepository,
    ) -> Result<Reply<CreatedRepository>, Error> {
        self.post(&self.url(&["api", "v1", "repositories"]), new)
    }
}
