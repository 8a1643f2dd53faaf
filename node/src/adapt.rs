//! Adapting: a resource of one's own that is made from one of anybody, with its files by reference, its licence checked
//! and its origin stated; and what follows from that: how far one is behind, what changed, who is to be credited.

mod compare;
mod credits;
pub(crate) mod licence;

use std::collections::BTreeSet;

use commun_specs::{
    fold::{Catalogue, Item, ItemKind},
    id::StatementId,
    metadata::Record,
    name::Slug,
    statement::{Facts, VersionRef},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    blobs::Blobs,
    core::{Core, Person},
    resources::{Base, PublishError, Published, Resources, Upload, UploadedFile},
    store,
    takedown::{self, Standing},
};

pub use compare::{Comparison, NoSides, Sides, compare, sides};
pub(crate) use credits::named;
pub use credits::{cited, credits};

/// Members of the origin's metadata that are not those of what is made from it.
const NOT_INHERITED: [&str; 10] = [
    "files",
    "aliases",
    "identifiers",
    "relations",
    "created",
    "published",
    "modified",
    "version",
    "slug",
    "dependencies",
];

/// What somebody wants to derive.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewDerivation {
    /// The name of what is made.
    pub slug: String,
    /// Its title; that of the origin where it is absent.
    pub title: Option<String>,
    /// Its licence; that of the origin where it is absent.
    pub licence: Option<String>,
    /// Which version it is made from; the displayed one where it is absent.
    pub version: Option<StatementId>,
    /// Files of the origin that are left out.
    #[serde(default)]
    pub remove: BTreeSet<String>,
}

/// Nothing was derived.
#[derive(Debug, thiserror::Error)]
pub enum DeriveError {
    /// The origin's licence does not allow it: why, in the reader's language.
    #[error("{0}")]
    Licence(String),
    /// A value is wrong: which, and what to do.
    #[error("{0}: {1}")]
    Invalid(&'static str, String),
    /// The origin is not shown here any more.
    #[error("the item was taken down; its page says why")]
    Gone,
    /// The origin's files are not here yet.
    #[error("this node has not received the files of the item yet; try again")]
    NotYet,
    /// Publishing failed.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// The node fails.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// The parts of the node that it takes.
#[derive(Clone, Copy)]
pub struct Here<'a> {
    /// What is known.
    pub core: &'a Core,
    /// Files.
    pub blobs: &'a Blobs,
    /// Publishing.
    pub resources: &'a Resources,
}

/// Makes a resource of this institution from a version of another, with `files` on top. Nothing is copied: files that are
/// kept are named by the hash that they have.
///
/// # Errors
/// See [`DeriveError`]; nothing is visible then.
pub async fn derive(
    Here {
        core,
        blobs,
        resources,
    }: Here<'_>,
    person: &Person,
    item: &Item,
    new: NewDerivation,
    files: Vec<UploadedFile>,
    lang: &str,
) -> Result<Published, DeriveError> {
    resources.may_publish(person)?;
    if takedown::standing(core, item) != Standing::Shown {
        return Err(DeriveError::Gone);
    }
    if item.kind != ItemKind::Resource {
        let rule = "only a resource is derived; a repository is cloned, a collection forked";
        return Err(DeriveError::Invalid("item", rule.into()));
    }
    let slug = Slug::new(&new.slug).map_err(|e| DeriveError::Invalid("slug", e.to_string()))?;
    let me = core.identity().handle.clone();
    if core.state().catalogue().by_name(&me, &slug).is_some() {
        return Err(PublishError::Conflict(format!(
            "{me}/{slug} is already the name of an item; choose another slug"
        ))
        .into());
    }
    let version = new.version.unwrap_or_else(|| item.displayed());
    let counts =
        item.versions.contains(&version) && !item.withdrawn_versions.contains_key(&version);
    let found = core.statement(&version)?.filter(|_| counts);
    let facts = found
        .as_ref()
        .and_then(|f| f.statement.facts().ok().flatten());
    let (Some(found), Some(Facts::Resource(origin))) = (found, facts) else {
        let rule = "the item has no such version, or it was withdrawn";
        return Err(DeriveError::Invalid("version", rule.into()));
    };
    let wanted = new
        .licence
        .clone()
        .unwrap_or_else(|| origin.licence.clone());
    let accepted = core.state().chain().head().0.licences.clone();
    licence::may_derive(&[&origin.licence], &wanted, &accepted, lang)
        .map_err(DeriveError::Licence)?;
    let list = takedown::file_list(blobs, &origin.files.blake3).await;
    let list = list.ok_or(DeriveError::NotYet)?;
    let paths: BTreeSet<&str> = list.files().iter().map(|f| f.path.as_str()).collect();
    if let Some(none) = new.remove.iter().find(|p| !paths.contains(p.as_str())) {
        let rule = format!("the item has no file {none}");
        return Err(DeriveError::Invalid("remove", rule));
    }
    let replaced: BTreeSet<&str> = files.iter().map(|f| f.path.as_str()).collect();
    let kept = list.files().iter().filter(|f| {
        let path = f.path.as_str();
        !new.remove.contains(path) && !replaced.contains(path)
    });
    let kept: Vec<_> = kept.cloned().collect();
    for file in &kept {
        if !blobs.has(&file.blake3).await {
            return Err(DeriveError::NotYet);
        }
    }
    if kept.is_empty() && files.is_empty() {
        let rule =
            "nothing would be in it: what is adapted has no files here, so add your own (with)";
        return Err(DeriveError::Invalid("files", rule.into()));
    }
    let body = found.body.as_ref();
    let record = body.and_then(|b| Record::from_body(&b.bytes).ok());
    let view = record.unwrap_or_default().view();
    let mut document = view.to_json();
    for name in NOT_INHERITED {
        document.remove(name);
    }
    let title = match (&new.title, &view.languages[..]) {
        (Some(title), [language, ..]) => json!({ language: title }),
        (Some(title), []) => json!(title),
        (None, _) => document
            .get("title")
            .cloned()
            .unwrap_or_else(|| json!(slug.as_str())),
    };
    let name = format!("{}/{}", item.owner, item.slug);
    document.insert("slug".into(), slug.as_str().into());
    document.insert("title".into(), title);
    document.insert("licence".into(), wanted.into());
    document.insert(
        "relations".into(),
        json!([{"type": "isBasedOn", "target": name}]),
    );
    let upload = Upload {
        metadata: Value::Object(document).to_string().into_bytes(),
        files,
    };
    let base = Base {
        files: kept,
        from: vec![VersionRef {
            item: item.id,
            version,
        }],
    };
    Ok(resources.publish_from(person, upload, None, base).await?)
}

/// How many versions of an item came after the one that something was made from; `None` where that is not known.
pub fn behind(catalogue: &Catalogue, origin: &VersionRef) -> Option<u64> {
    let item = catalogue.item(&origin.item)?;
    let at = item.versions.iter().position(|v| *v == origin.version)?;
    let newer = item.versions[at + 1..].iter();
    let newer = newer.filter(|v| !item.withdrawn_versions.contains_key(v));
    Some(newer.count() as u64)
}

#[cfg(test)]
mod tests;
