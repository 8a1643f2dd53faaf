//! What Git is to hold and serve of an item's merge requests: `refs/merge-requests/<id>/head` and `/<n>`.

use std::collections::{BTreeMap, BTreeSet};

use commun_forge::git::{Oid, RefName, Repository};
use commun_specs::{
    fold::{Catalogue, Item},
    id::StatementId,
    name::Handle,
};

use crate::quota::Proposed;

/// The refs of merge requests, with the institution whose node brought them: the first to ask for their objects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Every ref that is to be served, as far as its object is here.
    pub refs: BTreeMap<RefName, Oid>,
    /// The objects, by the institution whose log states them.
    pub by: BTreeMap<Handle, Vec<Oid>>,
}

/// What the merge requests to a repository need. Each version is signed, and stands in the catalogue.
pub fn wanted(catalogue: &Catalogue, item: &StatementId) -> Wanted {
    let mut wanted = Wanted::default();
    let mut by: BTreeMap<Handle, BTreeSet<Oid>> = BTreeMap::new();
    for request in catalogue.requests(item) {
        let id = super::short(&request.root.id);
        let mut put = |version: Option<u64>, new: &str| {
            let (Ok(name), Ok(oid)) = (RefName::merge_request(&id, version), Oid::parse(new))
            else {
                return;
            };
            let of = by.entry(request.root.institution.clone()).or_default();
            of.insert(oid.clone());
            wanted.refs.insert(name, oid);
        };
        for (at, version) in request.versions.iter().enumerate() {
            put(Some(at as u64 + 1), &version.new);
        }
        put(None, &request.current().new);
    }
    wanted.by = by
        .into_iter()
        .map(|(handle, oids)| (handle, oids.into_iter().collect()))
        .collect();
    wanted
}

/// What the merge requests of institutions that do not own a repository take on this node's disk beside its branches
/// and tags: for quotas. Reads the disk, about as long as what is proposed has objects.
///
/// # Errors
/// Git fails.
pub async fn proposed(
    item: &Item,
    asked: &Wanted,
    repository: &Repository,
) -> Result<Proposed, commun_forge::git::Error> {
    let mut proposed = Proposed::default();
    let others: Vec<_> = asked.by.iter().filter(|(h, _)| **h != item.owner).collect();
    if others.is_empty() {
        return Ok(proposed);
    }
    let served = item.served().filter_map(|(_, oid)| Oid::parse(oid).ok());
    let mut known = here(repository, served.collect()).await?;
    // What the owner's people propose is the owner's.
    if let Some(own) = asked.by.get(&item.owner) {
        known.extend(here(repository, own.clone()).await?);
    }
    let mut all = Vec::new();
    for (institution, oids) in others {
        let oids = here(repository, oids.clone()).await?;
        if oids.is_empty() {
            continue;
        }
        let bytes = repository.size_beyond(&oids, &known).await?;
        if bytes > 0 {
            proposed.by.insert(institution.clone(), bytes);
            all.extend(oids);
        }
    }
    proposed.all = match proposed.by.len() {
        0 | 1 => proposed.by.values().sum(),
        _ => repository.size_beyond(&all, &known).await?,
    };
    Ok(proposed)
}

async fn here(
    repository: &Repository,
    oids: Vec<Oid>,
) -> Result<Vec<Oid>, commun_forge::git::Error> {
    if oids.is_empty() {
        return Ok(oids);
    }
    let held = repository.holds(&oids).await?;
    let both = oids.into_iter().zip(held);
    Ok(both.filter(|(_, held)| *held).map(|(oid, _)| oid).collect())
}
