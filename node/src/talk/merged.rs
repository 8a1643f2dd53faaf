//! Whether a merge request is merged: nobody states it, Git shows it. The branch that it is for contains its commit.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex},
};

use commun_forge::git::Oid;
use commun_specs::{fold::Item, id::StatementId};

use super::{Listed, Talk, TalkError};

/// Answers that are kept: each a few hundred bytes. When there are more, all are looked up again.
const MAX_KEPT: usize = 20_000;

/// Merge requests to one branch that are looked up one by one; more are looked up all at once.
const FEW: usize = 4;
/// Branches whose merge requests one list looks up at once: of the others, what is not known counts as open.
const MAX_BRANCHES: usize = 50;

/// Repository, what the branch serves, and the commit.
type Asked = (StatementId, String, String);

/// Answers that Git gave: which commit contains which never changes.
#[derive(Debug, Clone, Default)]
pub(super) struct Merged(Arc<Mutex<HashMap<Asked, bool>>>);

impl Talk {
    /// Whether the branch contains the commit; `false` while one of them is not here.
    ///
    /// # Errors
    /// Git fails.
    pub async fn is_merged(&self, item: &Item, target: &str, new: &str) -> Result<bool, TalkError> {
        let Some(served) = item.refs.get(target).and_then(|r| r.served.clone()) else {
            return Ok(false);
        };
        let asked = (item.id, served, new.to_owned());
        if let Some(known) = self.merged.lock().get(&asked) {
            return Ok(*known);
        }
        let (Ok(branch), Ok(commit)) = (Oid::parse(&asked.1), Oid::parse(new)) else {
            return Ok(false);
        };
        let Ok(repository) = self.repos.get(&item.id.to_string()) else {
            return Ok(false);
        };
        let Some(merged) = repository.has_merged(&branch, &commit).await? else {
            return Ok(false);
        };
        let mut kept = self.merged.lock();
        if kept.len() >= MAX_KEPT {
            kept.clear();
        }
        kept.insert(asked, merged);
        Ok(merged)
    }

    /// Parts a list of merge requests: those that are merged, and the others.
    ///
    /// # Errors
    /// Git fails.
    pub async fn part_merged(
        &self,
        item: &Item,
        all: Vec<Listed>,
    ) -> Result<(Vec<Listed>, Vec<Listed>), TalkError> {
        self.learn(item, &all).await?;
        let (mut merged, mut others) = (Vec::new(), Vec::new());
        for listed in all {
            let known = asked(item, &listed).and_then(|a| self.merged.lock().get(&a).copied());
            if known.unwrap_or(false) {
                &mut merged
            } else {
                &mut others
            }
            .push(listed);
        }
        Ok((merged, others))
    }

    /// Looks up what is not known of a list: as many times as there are branches, not as there are requests.
    async fn learn(&self, item: &Item, all: &[Listed]) -> Result<(), TalkError> {
        let mut unknown: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        {
            let kept = self.merged.lock();
            let asked = all.iter().filter_map(|listed| asked(item, listed));
            for (_, served, new) in asked.filter(|asked| !kept.contains_key(asked)) {
                unknown.entry(served).or_default().insert(new);
            }
        }
        let Ok(repository) = self.repos.get(&item.id.to_string()) else {
            return Ok(());
        };
        for (served, commits) in unknown.into_iter().take(MAX_BRANCHES) {
            let Ok(branch) = Oid::parse(&served) else {
                continue;
            };
            let mut found = Vec::new();
            if commits.len() <= FEW {
                for new in commits {
                    let Ok(commit) = Oid::parse(&new) else {
                        continue;
                    };
                    if let Some(is) = repository.has_merged(&branch, &commit).await? {
                        found.push((new, is));
                    }
                }
            } else if repository.holds(std::slice::from_ref(&branch)).await? == [true] {
                let (merged, others) = repository.requests_merged(&branch).await?;
                for (part, is) in [(merged, true), (others, false)] {
                    found.extend(part.iter().map(|oid| (oid.to_string(), is)));
                }
            }
            let mut kept = self.merged.lock();
            if kept.len() + found.len() > MAX_KEPT {
                kept.clear();
            }
            for (new, is) in found.into_iter().take(MAX_KEPT) {
                kept.insert((item.id, served.clone(), new), is);
            }
        }
        Ok(())
    }
}

/// What is to be known of a line of a list, if it is a merge request to a branch that is there.
fn asked(item: &Item, listed: &Listed) -> Option<Asked> {
    let (target, new) = listed.asks.as_ref()?;
    let served = item.refs.get(target)?.served.clone()?;
    Some((item.id, served, new.clone()))
}

impl Merged {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Asked, bool>> {
        self.0
            .lock()
            .expect("a thread that panics ends the process")
    }
}
