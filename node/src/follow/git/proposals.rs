//! The commits of merge requests: fetched beside all else, so that what somebody proposes, and does not give, holds up
//! no branch.
//!
//! Each repository has at most one such task. It ends when everything that is proposed is here; until then it asks
//! again, less and less often, and at once when a node comes or goes.

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{DefaultHasher, Hash, Hasher},
    time::Duration,
};

use commun_forge::git::{Oid, Repository};
use commun_specs::{
    fold::{Item, ItemKind},
    id::StatementId,
    name::Handle,
};
use tokio_util::sync::CancellationToken;

use super::{Behind, GitFollower, lacking};
use crate::talk::{self, Wanted};

/// Repositories whose proposals are fetched at the same time: others wait, and no branch waits for them.
pub(super) const PARALLEL: usize = 2;
/// The wait after a first failure, and the longest.
const FIRST: Duration = Duration::from_secs(2);
const LONGEST: Duration = Duration::from_secs(60);

impl GitFollower {
    /// Sees to it that the commits of a repository's merge requests are fetched.
    pub(super) fn see_to_proposals(&self, item: StatementId) {
        let mut under_way = self.under_way();
        if let Some(again) = under_way.get_mut(&item) {
            *again = true;
            return;
        }
        under_way.insert(item, false);
        drop(under_way);
        let (it, stop) = (self.clone(), self.0.stop.clone());
        self.0
            .tasks
            .spawn(async move { it.propose(item, stop).await });
    }

    /// The repositories in the catalogue that have merge requests: looked at once at the start.
    pub(super) fn with_proposals(&self) -> Vec<StatementId> {
        let repositories: Vec<StatementId> = {
            let state = self.0.core.state();
            let all = state.catalogue().items();
            let repositories = all.filter(|item| item.kind == ItemKind::Repository);
            repositories.map(|item| item.id).collect()
        };
        let asked = |id: &StatementId| !talk::wanted(&self.0.core, id).refs.is_empty();
        repositories.into_iter().filter(asked).collect()
    }

    async fn propose(self, item: StatementId, stop: CancellationToken) {
        let mut peers = self.0.net.watch();
        let mut delay = FIRST;
        loop {
            let complete = tokio::select! {
                () = stop.cancelled() => return,
                done = self.fetch_proposals(&item) => match done {
                    Ok(complete) => complete,
                    Err(e) => {
                        tracing::debug!(%item, "commits of a merge request are not here yet: {e}");
                        false
                    }
                },
            };
            if complete {
                let mut under_way = self.under_way();
                if under_way.get(&item) != Some(&true) {
                    under_way.remove(&item);
                    return;
                }
                // Something new was proposed meanwhile.
                under_way.insert(item, false);
                delay = FIRST;
                continue;
            }
            tokio::select! {
                () = stop.cancelled() => return,
                _ = peers.changed() => delay = FIRST,
                () = tokio::time::sleep(delay) => delay = (delay * 2).min(LONGEST),
            }
        }
    }

    /// One round: each institution's by itself, and none of one that has reached its quota. Whether all is here.
    async fn fetch_proposals(&self, id: &StatementId) -> Result<bool, Behind> {
        let Some(item) = self.0.core.state().catalogue().copy_of(id) else {
            return Ok(true);
        };
        let Ok(repository) = self.0.repos.get(&id.to_string()) else {
            return Ok(true);
        };
        let asked = talk::wanted(&self.0.core, id);
        let now = mark(item.owner.as_str(), item.served(), &asked.stated);
        let before = self.charged().get(id).copied();
        if before != Some(now) {
            let _slot = self.0.proposal_slots.acquire().await;
            self.charge(&item, &asked, &repository, now).await;
        }
        // Since the start: what was fetched may not have been settled before this node stopped.
        let mut got = before.is_none();
        let left = self.gather(&item, &repository, &asked, &mut got).await;
        if got {
            self.settle(&repository, item).await?;
        }
        left
    }

    /// Fetches what is not here. `got` is set as soon as something came, whatever becomes of the rest.
    async fn gather(
        &self,
        item: &Item,
        repository: &Repository,
        asked: &Wanted,
        got: &mut bool,
    ) -> Result<bool, Behind> {
        let now = mark(item.owner.as_str(), item.served(), &asked.stated);
        let mut left = Ok(true);
        let mut held_back = BTreeSet::new();
        for (institution, oids) in &asked.by {
            let missing = lacking(repository, oids).await?;
            if missing.is_empty() {
                continue;
            }
            if let Some(full) = self.0.quotas.full(institution) {
                held_back.insert(institution.clone());
                left = Err(Behind::Full(full));
                continue;
            }
            let _slot = self.0.proposal_slots.acquire().await;
            let fetched = self.fetch_from(repository, item, Some(institution), missing);
            match fetched.await {
                Ok(()) => *got = true,
                Err(e) => left = Err(e),
            }
            // What one institution brought counts before the next one's is fetched, and before its next repository.
            self.charge(item, asked, repository, now).await;
        }
        self.0.quotas.hold_back(&item.id, held_back);
        left
    }

    /// Counts what is here of a repository's proposals to those who proposed it. It walks all of them: the caller holds a
    /// slot. What cannot be counted now holds up nothing: the count before stands, and it is tried again.
    async fn charge(&self, item: &Item, asked: &Wanted, repository: &Repository, now: u64) {
        match talk::proposed(item, asked, repository).await {
            Ok(proposed) => {
                self.0.quotas.charge(&item.id, proposed);
                self.charged().insert(item.id, now);
            }
            Err(e) => {
                tracing::warn!(item = %item.id, "what is proposed to it cannot be counted now: {e}");
            }
        }
    }

    fn charged(&self) -> std::sync::MutexGuard<'_, BTreeMap<StatementId, u64>> {
        self.0
            .charged
            .lock()
            .expect("a thread that panics ends the process")
    }

    fn under_way(&self) -> std::sync::MutexGuard<'_, BTreeMap<StatementId, bool>> {
        self.0
            .proposals
            .lock()
            .expect("a thread that panics ends the process")
    }
}

/// What a count depends on: who proposes what, and what is the repository's own.
fn mark<'a>(
    owner: &str,
    served: impl Iterator<Item = (&'a str, &'a str)>,
    stated: &BTreeMap<Handle, BTreeSet<Oid>>,
) -> u64 {
    let mut hasher = DefaultHasher::new();
    for (institution, oids) in stated {
        // With its length, so that what one states is not taken for another's.
        (institution.as_str(), oids.len()).hash(&mut hasher);
        oids.iter().for_each(|oid| oid.as_str().hash(&mut hasher));
    }
    served.for_each(|(_, oid)| oid.hash(&mut hasher));
    owner.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_institution_states_is_counted_anew() {
        let oid = |n: u64| Oid::parse(&format!("{n:040x}")).unwrap();
        let of = |a: &[u64], b: &[u64]| {
            let set = |oids: &[u64]| oids.iter().map(|n| oid(*n)).collect::<BTreeSet<_>>();
            let stated = [("univ-a", set(a)), ("univ-b", set(b))];
            let stated = stated.map(|(handle, oids)| (Handle::new(handle).unwrap(), oids));
            mark("univ-c", std::iter::empty(), &BTreeMap::from(stated))
        };
        assert_eq!(of(&[1, 2], &[3]), of(&[1, 2], &[3]));
        assert_ne!(of(&[1, 2], &[3]), of(&[1], &[2, 3]));
        assert_ne!(of(&[1, 2], &[]), of(&[], &[1, 2]));
    }
}
