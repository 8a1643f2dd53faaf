//! What Git is to hold and serve of an item's merge requests: `refs/merge-requests/<id>/head` and `/<n>`.

use std::collections::BTreeMap;

use commun_forge::git::{Oid, RefName};
use commun_specs::{fold::Catalogue, id::StatementId, name::Handle};

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
    for request in catalogue.requests(item) {
        let id = super::short(&request.root.id);
        let mut put = |version: Option<u64>, new: &str| {
            let (Ok(name), Ok(oid)) = (RefName::merge_request(&id, version), Oid::parse(new))
            else {
                return;
            };
            let of = wanted
                .by
                .entry(request.root.institution.clone())
                .or_default();
            if !of.contains(&oid) {
                of.push(oid.clone());
            }
            wanted.refs.insert(name, oid);
        };
        for (at, version) in request.versions.iter().enumerate() {
            put(Some(at as u64 + 1), &version.new);
        }
        put(None, &request.current().new);
    }
    wanted
}
