//! What Git is to hold and serve of an item's merge requests: `refs/merge-requests/<id>/head` and `/<n>`.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use commun_forge::git::{Oid, RefName, Repository};
use commun_specs::{
    fold::{
        Item, Outline,
        talk::served::{Asked, Served, served},
    },
    id::StatementId,
    name::Handle,
};

use super::outlines::outlines;
use crate::{core::Core, quota::Proposed};

/// The refs of merge requests, with the institution whose node brought them: the first to ask for their objects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Every ref that is to be served, as far as its object is here.
    pub refs: BTreeMap<RefName, Oid>,
    /// The objects, by the institution whose log states them.
    pub by: BTreeMap<Handle, Vec<Oid>>,
    /// Those, and the ones of versions that are refs no longer: they are kept where they are, and somebody bears them.
    pub stated: BTreeMap<Handle, BTreeSet<Oid>>,
}

/// What the merge requests to a repository need. Each version is signed, and stands in the catalogue; how many are refs,
/// every node draws alike (R-10-01, R-10-02).
pub fn wanted(core: &Core, item: &StatementId) -> Wanted {
    let mut requests = outlines(core, item, |_| true);
    requests.retain(|request| !request.versions.is_empty());
    let asked: Vec<Asked> = requests.iter().map(Outline::asked).collect();
    let room: HashMap<StatementId, Served> =
        served(&asked).into_iter().map(|s| (s.id, s)).collect();
    let mut wanted = Wanted::default();
    let mut known: HashSet<(Handle, Oid)> = HashSet::new();
    for request in requests {
        let stated = request.versions.iter().map(|v| Oid::parse(&v.new));
        let of = wanted.stated.entry(request.root.institution.clone());
        of.or_default().extend(stated.filter_map(Result::ok));
        let Some(served) = room.get(&request.root.id) else {
            continue;
        };
        let id = super::short(&request.root.id);
        let mut put = |version: Option<u64>, new: &str| {
            let (Ok(name), Ok(oid)) = (RefName::merge_request(&id, version), Oid::parse(new))
            else {
                return;
            };
            let institution = &request.root.institution;
            if known.insert((institution.clone(), oid.clone())) {
                let of = wanted.by.entry(institution.clone()).or_default();
                of.push(oid.clone());
            }
            wanted.refs.insert(name, oid);
        };
        for (number, version) in (1..).zip(&request.versions) {
            if (served.first..=served.last).contains(&number) {
                put(Some(number), &version.new);
            }
        }
        if let Some(current) = request.current() {
            put(None, &current.new);
        }
    }
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
    let others = asked.stated.iter().filter(|(h, _)| **h != item.owner);
    let others: Vec<_> = others.collect();
    if others.is_empty() {
        return Ok(proposed);
    }
    let served = item.served().filter_map(|(_, oid)| Oid::parse(oid).ok());
    let mut known = here(repository, served.collect()).await?;
    // What the owner's people propose is the owner's.
    if let Some(own) = asked.stated.get(&item.owner) {
        known.extend(here(repository, own.iter().cloned().collect()).await?);
    }
    let mut all = Vec::new();
    for (institution, oids) in others {
        let oids = here(repository, oids.iter().cloned().collect()).await?;
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
