//! What the web asks about the repositories on this disk.

use commun_forge::git::{Reference, Repository};
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

    /// What a repository on this disk serves.
    pub(super) fn refs(&self, item: &StatementId) -> Vec<Reference> {
        let refs = self.held(item).and_then(|r| r.browse().ok()?.refs().ok());
        refs.unwrap_or_default()
    }
}
