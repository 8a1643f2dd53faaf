//! What changed between two versions: which files, which values.

use std::collections::BTreeMap;

use commun_specs::{
    fold::Item,
    id::{ContentHash, StatementId},
    metadata::Record,
    statement::Facts,
};
use serde_json::{Map, Value};

use crate::{
    blobs::Blobs,
    core::Core,
    store,
    takedown::{self, Standing},
};

/// What is compared with what.
#[derive(Debug, Clone)]
pub struct Sides {
    /// Whose versions these are: the item, or what it was made from.
    pub item: Item,
    /// The older one.
    pub from: StatementId,
    /// The newer one.
    pub to: StatementId,
}

/// There is nothing to compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoSides {
    /// No version was named, and the item was made from nothing.
    #[error("the item was not made from another; give from=VERSION")]
    NotDerived,
    /// The log of what it was made from is not here.
    #[error("what the item was made from is not known here")]
    UnknownOrigin,
    /// Not a version of the item, or one that was taken down.
    #[error("the item has no such version, or it was taken down")]
    NoSuchVersion,
}

/// Finds what to compare: the versions `from` and `to` of an item. Without `from`, the version that the item was made
/// from; without `to`, the newest one.
///
/// # Errors
/// See [`NoSides`].
pub fn sides(
    core: &Core,
    item: &Item,
    from: Option<StatementId>,
    to: Option<StatementId>,
) -> Result<Sides, NoSides> {
    let (item, from) = match from {
        Some(from) => (item.clone(), from),
        None => {
            let state = core.state();
            let catalogue = state.catalogue();
            let origin = catalogue.origins(&item.id).first().cloned();
            let origin = origin.ok_or(NoSides::NotDerived)?;
            let upstream = catalogue.copy_of(&origin.item);
            (upstream.ok_or(NoSides::UnknownOrigin)?, origin.version)
        }
    };
    let to = to.unwrap_or_else(|| item.displayed());
    let stands = takedown::standing(core, &item) == Standing::Shown;
    let state = core.state();
    let of = |v: &StatementId| {
        item.versions.contains(v)
            && !item.withdrawn_versions.contains_key(v)
            && state.catalogue().erasure_of(v).is_none()
    };
    if !stands || !of(&from) || !of(&to) {
        return Err(NoSides::NoSuchVersion);
    }
    drop(state);
    Ok(Sides { item, from, to })
}

/// What changed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Comparison {
    /// Paths of files that are new, with their sizes.
    pub added: Vec<(String, u64)>,
    /// Paths of files that are gone, with their sizes.
    pub removed: Vec<(String, u64)>,
    /// Paths of files that are another now, with the sizes before and after.
    pub changed: Vec<(String, u64, u64)>,
    /// Fields of the metadata that are another now, with the values before and after.
    pub fields: Vec<(String, Value, Value)>,
    /// Whether both file lists are here: else nothing is said of files.
    pub files_here: bool,
}

struct Side {
    files: Option<BTreeMap<String, (ContentHash, u64)>>,
    values: Map<String, Value>,
}

async fn side(core: &Core, blobs: &Blobs, id: &StatementId) -> Result<Option<Side>, store::Error> {
    let Some(found) = core.statement(id)? else {
        return Ok(None);
    };
    let body = found.body.as_ref();
    let record = body.and_then(|b| Record::from_body(&b.bytes).ok());
    let mut values = record.unwrap_or_default().view().to_json();
    // What is said of files is seen in the files.
    values.remove("files");
    let mut files = None;
    if let Ok(Some(Facts::Resource(r))) = found.statement.facts() {
        values.insert("licence".into(), r.licence.into());
        let list = takedown::file_list(blobs, &r.files.blake3).await;
        files = list.map(|list| {
            let all = list.files().iter();
            all.map(|f| (f.path.to_string(), (f.blake3, f.size)))
                .collect()
        });
    }
    Ok(Some(Side { files, values }))
}

/// Compares two versions of resources; `None` where one of them is not here.
///
/// # Errors
/// `log.db` fails.
pub async fn compare(
    core: &Core,
    blobs: &Blobs,
    from: &StatementId,
    to: &StatementId,
) -> Result<Option<Comparison>, store::Error> {
    let (Some(from), Some(to)) = (side(core, blobs, from).await?, side(core, blobs, to).await?)
    else {
        return Ok(None);
    };
    let mut out = Comparison::default();
    if let (Some(old), Some(new)) = (&from.files, &to.files) {
        out.files_here = true;
        for (path, (hash, size)) in new {
            match old.get(path) {
                None => out.added.push((path.clone(), *size)),
                Some((before, was)) if before != hash => {
                    out.changed.push((path.clone(), *was, *size));
                }
                Some(_) => {}
            }
        }
        let gone = old.iter().filter(|(path, _)| !new.contains_key(*path));
        out.removed = gone.map(|(p, (_, size))| (p.clone(), *size)).collect();
    }
    let names = from.values.keys().chain(to.values.keys());
    let names: std::collections::BTreeSet<&String> = names.collect();
    for name in names {
        let value = |side: &Side| side.values.get(name).cloned().unwrap_or_default();
        let (before, after) = (value(&from), value(&to));
        if before != after {
            out.fields.push((name.clone(), before, after));
        }
    }
    Ok(Some(out))
}
