//! Whether a merge request is merged: nobody states it, Git shows it. The branch that it is for contains its commit.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use commun_forge::git::Oid;
use commun_specs::{fold::Item, id::StatementId};

use super::{Listed, Talk, TalkError};

/// Answers that are kept: each a few hundred bytes. When there are more, all are looked up again.
const MAX_KEPT: usize = 20_000;

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
        let (mut merged, mut others) = (Vec::new(), Vec::new());
        for listed in all {
            let is = match &listed.asks {
                Some((target, new)) => self.is_merged(item, target, new).await?,
                None => false,
            };
            if is { &mut merged } else { &mut others }.push(listed);
        }
        Ok((merged, others))
    }
}

impl Merged {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Asked, bool>> {
        self.0
            .lock()
            .expect("a thread that panics ends the process")
    }
}
