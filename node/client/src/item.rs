//! Items: how one is named, what a node says of it, its files and its statements.

use std::{fmt, str::FromStr};

use commun_specs::{
    id::{self, StatementId},
    name::{Handle, Slug},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use crate::{
    client::{Client, Reply},
    error::Error,
};

/// Fewest characters of the beginning of an id: 40 bits, so that chance does not make it ambiguous.
const MIN_PREFIX: usize = 8;

/// How people name an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ItemRef {
    /// `handle/slug`.
    Name(Handle, Slug),
    /// An id.
    Id(StatementId),
    /// The beginning of an id.
    Prefix(String),
}

impl FromStr for ItemRef {
    type Err = String;

    /// Reads `handle/slug`, an id, or the first 8 characters or more of one.
    fn from_str(text: &str) -> Result<ItemRef, String> {
        if let Some((handle, slug)) = text.split_once('/') {
            let handle = Handle::new(handle).map_err(|cause| cause.to_string())?;
            let slug = Slug::new(slug).map_err(|cause| cause.to_string())?;
            return Ok(ItemRef::Name(handle, slug));
        }
        if let Ok(id) = text.parse() {
            return Ok(ItemRef::Id(id));
        }
        let digits = text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'2'..=b'7'));
        if digits && (MIN_PREFIX..id::CHARS).contains(&text.len()) {
            return Ok(ItemRef::Prefix(text.to_owned()));
        }
        Err("an item is handle/slug, an id, or the first 8 characters or more of one".into())
    }
}

impl fmt::Display for ItemRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ItemRef::Name(handle, slug) => write!(f, "{handle}/{slug}"),
            ItemRef::Id(id) => id.fmt(f),
            ItemRef::Prefix(prefix) => f.write_str(prefix),
        }
    }
}

/// What a node says of an item. Only `id`, `name` and `type` are sure to be there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// Its id.
    pub id: String,
    /// `handle/slug`.
    pub name: String,
    /// `repository`, `resource` or `collection`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The title in the best language.
    #[serde(default)]
    pub title: Option<String>,
    /// The summary in the best language.
    #[serde(default)]
    pub summary: Option<String>,
    /// The owner's handle.
    #[serde(default)]
    pub institution: Option<String>,
    /// SPDX expression.
    #[serde(default)]
    pub licence: Option<String>,
    /// When its newest statement was made, RFC 3339.
    #[serde(default)]
    pub updated: Option<String>,
    /// Why its institution took it back, if it did: a code.
    #[serde(default)]
    pub withdrawn: Option<String>,
    /// By whom and when, and the reason in words.
    #[serde(default)]
    pub withdrawal: Value,
    /// All metadata, in the form that people write (`specs/metadata.md`).
    #[serde(default)]
    pub metadata: Value,
    /// Its versions, newest first.
    #[serde(default)]
    pub versions: Vec<Version>,
    /// Who said what, and how it is known.
    #[serde(default)]
    pub provenance: Value,
    /// What it was made from, each with how many versions came since.
    #[serde(default)]
    pub derived_from: Value,
    /// The institutions that hold its content, as far as this node knows.
    #[serde(default)]
    pub holders: Value,
    /// What this node verified.
    #[serde(default)]
    pub verification: Value,
}

/// A version of a resource.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Version {
    /// The id of the statement that is the version.
    pub id: String,
    /// In whose log it stands.
    pub institution: String,
    /// Its place there.
    pub position: Option<u64>,
    /// When it was said, RFC 3339.
    pub time: Option<String>,
    /// The name of who said it, if it is known.
    pub author_name: Option<String>,
    /// Whether this is the version that is shown.
    pub current: bool,
    /// Its files in short.
    pub files: Option<VersionFiles>,
}

/// The files of a version in short.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionFiles {
    /// BLAKE3 of the list.
    pub blake3: String,
    /// How many.
    pub count: u64,
    /// Their bytes.
    pub size: u64,
}

/// `GET …/{item}/files`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Files {
    /// The files of the newest version, by path.
    pub files: Vec<StoredFile>,
}

/// A file of a resource.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredFile {
    /// Its path in the resource, with `/`.
    pub path: String,
    /// Its bytes.
    pub size: u64,
    /// Its media type.
    #[serde(rename = "type", default)]
    pub media_type: String,
    /// Its BLAKE3 hash, 64 hexadecimal digits.
    pub blake3: String,
}

/// A statement about an item, with what is needed to verify it. Salt and body are absent where the body was
/// erased or is withheld, and where the statement has none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Statement {
    /// In whose log it stands.
    pub institution: String,
    /// Where.
    pub position: u64,
    /// The body's salt: 32 bytes in base32.
    pub salt: Option<String>,
    /// The DSSE envelope.
    pub envelope: Value,
    /// The body: a text, or base64 where its bytes are not UTF-8.
    pub body: Value,
}

impl Client {
    /// The URL of an item in the API, or of something below it.
    pub(crate) fn item_url(&self, item: &ItemRef, below: &[&str]) -> Url {
        let mut segments = vec!["api", "v1", "items"];
        let text = item.to_string();
        segments.extend(text.split('/'));
        segments.extend(below);
        self.url(&segments)
    }

    /// One item. A [`ItemRef::Prefix`] is looked up as it is: [`Client::resolve`] makes an id of it.
    pub fn item(&self, item: &ItemRef) -> Result<Reply<Item>, Error> {
        self.get(&self.item_url(item, &[]), false)
    }

    /// The files of an item's newest version.
    pub fn files(&self, item: &ItemRef) -> Result<Reply<Files>, Error> {
        self.get(&self.item_url(item, &["files"]), false)
    }

    /// All statements about an item, with their proofs.
    pub fn statements(&self, item: &ItemRef) -> Result<Reply<Vec<Statement>>, Error> {
        self.get(&self.item_url(item, &["statements"]), false)
    }

    /// The ids that begin with `prefix`, at most two (one is an answer, two are an ambiguity), found in the
    /// feed of changes.
    pub fn ids_with_prefix(&self, prefix: &str) -> Result<Vec<StatementId>, Error> {
        /// Most pages of the feed that are read: a million changes of a hundred each.
        const MAX_PAGES: usize = 10_000;
        let mut found: Vec<StatementId> = Vec::new();
        let mut since = 0;
        for _ in 0..MAX_PAGES {
            let page = self.changes(since, None)?;
            for change in &page.changes {
                let id = change.item.parse().ok();
                if let Some(id) =
                    id.filter(|id| change.item.starts_with(prefix) && !found.contains(id))
                {
                    found.push(id);
                    if found.len() == 2 {
                        return Ok(found);
                    }
                }
            }
            if page.changes.is_empty() || page.next <= since {
                break;
            }
            since = page.next;
        }
        Ok(found)
    }

    /// Makes sure that a name is one that the node takes: the beginning of an id becomes the id.
    ///
    /// # Errors
    /// A problem with status 404 where no item begins so, and with status 409 where several do.
    pub fn resolve(&self, item: &ItemRef) -> Result<ItemRef, Error> {
        let ItemRef::Prefix(prefix) = item else {
            return Ok(item.clone());
        };
        let problem = |status, title: &str| {
            let problem = crate::Problem {
                status,
                title: title.to_owned(),
                ..crate::Problem::default()
            };
            Error::Problem(Box::new(problem))
        };
        match self.ids_with_prefix(prefix)?.as_slice() {
            [id] => Ok(ItemRef::Id(*id)),
            [] => Err(problem(404, "no item has an id that begins so")),
            _ => Err(problem(
                409,
                "several items have an id that begins so: give more characters",
            )),
        }
    }
}

impl Item {
    /// The items that it was made from and that have gone on since: by how many versions.
    pub fn behind(&self) -> Vec<(String, u64)> {
        let all = self.derived_from.as_array().into_iter().flatten();
        all.filter_map(|source| {
            let behind = source["behind"].as_u64().filter(|n| *n > 0)?;
            Some((source["name"].as_str()?.to_owned(), behind))
        })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_has_three_written_forms() {
        let id = StatementId::of(b"x");
        assert_eq!(id.to_string().parse(), Ok(ItemRef::Id(id)));
        assert_eq!(
            id.to_string()[..8].parse(),
            Ok(ItemRef::Prefix(id.to_string()[..8].into()))
        );
        assert!(matches!(
            "univ-angers/algebre-l1".parse(),
            Ok(ItemRef::Name(..))
        ));
        for bad in [
            "",
            "abc",
            "Univ/x",
            "a/b/c",
            "univ-angers/files",
            "../etc/passwd",
            "abcdefg1",
        ] {
            assert!(bad.parse::<ItemRef>().is_err(), "{bad:?} was taken");
        }
    }
}
