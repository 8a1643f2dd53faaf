//! What Git is to hold and serve of an item's merge requests: `refs/merge-requests/<id>/head` and `/<n>`.

use std::collections::{BTreeMap, HashMap, HashSet};

use commun_forge::git::{Oid, RefName, Repository};
use commun_specs::{
    fold::{
        Catalogue, Item, RequestView,
        talk::served::{Asked, Served, served},
    },
    id::StatementId,
    name::Handle,
};

use super::{Talk, TalkError};

/// The refs of merge requests, with the institution whose node brought them: the first to ask for their objects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Every ref that is to be served, as far as its object is here.
    pub refs: BTreeMap<RefName, Oid>,
    /// The objects, by the institution whose log states them.
    pub by: BTreeMap<Handle, Vec<Oid>>,
}

/// What the merge requests to a repository need. Each version is signed, and stands in the catalogue; how many are refs,
/// every node draws alike (R-10-01, R-10-02).
pub fn wanted(catalogue: &Catalogue, item: &StatementId) -> Wanted {
    let requests = catalogue.requests(item);
    let asked: Vec<Asked> = requests.iter().map(RequestView::asked).collect();
    let room: HashMap<StatementId, Served> =
        served(&asked).into_iter().map(|s| (s.id, s)).collect();
    let mut wanted = Wanted::default();
    let mut known: HashSet<(Handle, Oid)> = HashSet::new();
    for request in requests {
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
        put(None, &request.current().new);
    }
    wanted
}

impl Talk {
    /// What the merge requests of each institution take on this node's disk beside the branches and tags of a repository,
    /// in bytes: for quotas, to be counted to who proposed and not to who owns. What two institutions propose alike
    /// counts for both. Reads the disk, about as long as what is proposed has objects.
    ///
    /// # Errors
    /// Git fails.
    pub async fn proposed_bytes(
        &self,
        item: &Item,
        repository: &Repository,
    ) -> Result<BTreeMap<Handle, u64>, TalkError> {
        let asked = wanted(self.core.state().catalogue(), &item.id);
        let served = item.served().filter_map(|(_, oid)| Oid::parse(oid).ok());
        let known = here(repository, served.collect()).await?;
        let mut bytes = BTreeMap::new();
        for (institution, oids) in asked.by {
            let oids = here(repository, oids).await?;
            if !oids.is_empty() {
                bytes.insert(institution, repository.size_beyond(&oids, &known).await?);
            }
        }
        Ok(bytes)
    }
}

async fn here(repository: &Repository, oids: Vec<Oid>) -> Result<Vec<Oid>, TalkError> {
    if oids.is_empty() {
        return Ok(oids);
    }
    let held = repository.holds(&oids).await?;
    let both = oids.into_iter().zip(held);
    Ok(both.filter(|(_, held)| *held).map(|(oid, _)| oid).collect())
}
