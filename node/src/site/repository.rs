//! What the web asks about the repositories on this disk.

use std::collections::BTreeMap;

use commun_forge::git::Repository;
use commun_specs::id::StatementId;

use super::NodeSite;
use crate::http::site::Fault;

impl NodeSite {
    /// The repository of an item, if it is on this disk.
    pub(super) fn held(&self, item: &StatementId) -> Option<Repository> {
        self.0.repos.get(&item.to_string()).ok()
    }

    /// The items whose repositories are on this disk.
    pub(super) fn all_held(&self) -> Result<Vec<StatementId>, Fault> {
        let all = self.0.repos.list().map_err(|e| Fault(e.to_string()))?;
        Ok(all.iter().filter_map(|id| id.parse().ok()).collect())
    }

    /// What a repository on this disk serves: oids by full ref name.
    pub(super) fn served(&self, item: &StatementId) -> BTreeMap<String, String> {
        let refs = self.held(item).and_then(|r| r.browse().ok()?.refs().ok());
        refs.into_iter()
            .flatten()
            .map(|r| {
                // Statements name the tag itself, not the commit behind it.
                let oid = r.annotation.map_or(r.oid, |annotation| annotation.oid);
                (r.name, oid.to_string())
            })
            .collect()
    }
}
