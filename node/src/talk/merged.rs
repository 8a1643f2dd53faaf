//! Whether a merge request is merged: nobody states it, Git shows it. The branch that it is for contains its commit.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use commun_forge::git::{Oid, Repository};
use commun_specs::{fold::Item, id::StatementId};

use super::{Listed, Talk, TalkError};

/// Answers that are kept: each a few hundred bytes. When there are more, all are looked up again.
const MAX_KEPT: usize = 20_000;

/// Merge requests to one branch that are looked up one by one; more are looked up all at once, if they are refs here.
const FEW: usize = 4;
/// How long what is not here, or could not be looked up, counts as open before it is looked for again: nobody's reading
/// makes a node look for what somebody only named.
const LATER: Duration = Duration::from_secs(10);
/// Repositories in which lists look things up at once, each once: a walk reads as far as history is deep.
const AT_ONCE: usize = 16;
/// Branches whose merge requests one list looks up at once: of the others, what is not known counts as open.
const MAX_BRANCHES: usize = 50;

/// Repository, what the branch serves, and the commit.
type Asked = (StatementId, String, String);

/// Answers that Git gave: which commit contains which never changes.
#[derive(Debug, Clone, Default)]
pub(super) struct Merged {
    kept: Arc<Mutex<HashMap<Asked, bool>>>,
    /// When Git gave no answer.
    unknown: Arc<Mutex<HashMap<Asked, Instant>>>,
    /// Held while a list looks something up; which one, the repository decides.
    turns: Arc<[tokio::sync::Mutex<()>; AT_ONCE]>,
}

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
        self.merged.keep(asked, merged);
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
        let known = self.learn(item, &all).await?;
        let (mut merged, mut others) = (Vec::new(), Vec::new());
        for listed in all {
            let is = asked(item, &listed).and_then(|asked| known.get(&asked).copied());
            if is.unwrap_or(false) {
                &mut merged
            } else {
                &mut others
            }
            .push(listed);
        }
        Ok((merged, others))
    }

    /// What is known of a list. What is not is looked up: as many times as there are branches, not as there are requests.
    async fn learn(&self, item: &Item, all: &[Listed]) -> Result<HashMap<Asked, bool>, TalkError> {
        let all: BTreeSet<Asked> = all.iter().filter_map(|l| asked(item, l)).collect();
        let (known, open) = self.merged.part(&all);
        if open.is_empty() {
            return Ok(known);
        }
        let Ok(repository) = self.repos.get(&item.id.to_string()) else {
            return Ok(known);
        };
        let turn = &self.merged.turns[usize::from(item.id.0[0]) % AT_ONCE];
        let _turn = turn.lock().await;
        // Who had the turn before has learnt the same, most often.
        let (mut known, open) = self.merged.part(&all);
        if open.is_empty() {
            return Ok(known);
        }
        let found = look_up(&repository, &open).await;
        // Also where Git failed: the next reader does not make it fail again.
        self.merged.put_off(open);
        for (asked, is) in found? {
            self.merged.keep(asked.clone(), is);
            known.insert(asked, is);
        }
        Ok(known)
    }
}

/// Asks Git. What it does not hold is left out before; what cannot be told now is not in the answer.
async fn look_up(repository: &Repository, open: &[Asked]) -> Result<Vec<(Asked, bool)>, TalkError> {
    let here = here(repository, open).await?;
    let mut branches: BTreeMap<&str, Vec<(&Asked, &Oid)>> = BTreeMap::new();
    for asked in open {
        if let (true, Some(commit)) = (here.contains_key(&asked.1), here.get(&asked.2)) {
            branches.entry(&asked.1).or_default().push((asked, commit));
        }
    }
    let many = branches.values().any(|commits| commits.len() > FEW);
    let refs: BTreeSet<Oid> = match many {
        true => repository.refs().await?.into_values().collect(),
        false => BTreeSet::new(),
    };
    let mut found = Vec::new();
    for (served, commits) in branches.into_iter().take(MAX_BRANCHES) {
        let Some(branch) = here.get(served) else {
            continue;
        };
        match contained(repository, branch, commits, &refs).await {
            Ok(answers) => found.extend(answers),
            Err(e) => tracing::warn!("what {branch} contains is not known now: {e}"),
        }
    }
    Ok(found)
}

/// Which of these commits a branch contains; `refs`: those that one walk can tell of together.
async fn contained(
    repository: &Repository,
    branch: &Oid,
    commits: Vec<(&Asked, &Oid)>,
    refs: &BTreeSet<Oid>,
) -> Result<Vec<(Asked, bool)>, TalkError> {
    let (mut together, mut single): (Vec<_>, Vec<_>) = commits
        .into_iter()
        .partition(|(_, commit)| refs.contains(*commit));
    if together.len() <= FEW {
        single.splice(..0, together.drain(..));
    }
    let mut answers = Vec::new();
    if !together.is_empty() {
        let (merged, others) = repository.requests_merged(branch).await?;
        for (asked, commit) in together {
            if merged.contains(commit) || others.contains(commit) {
                answers.push((asked.clone(), merged.contains(commit)));
            }
        }
    }
    // What is no ref: some now, and the next ones later.
    for (asked, commit) in single.into_iter().take(FEW) {
        if let Some(is) = repository.has_merged(branch, commit).await? {
            answers.push((asked.clone(), is));
        }
    }
    Ok(answers)
}

/// The branches and commits of these that the repository holds, by their names.
async fn here(repository: &Repository, open: &[Asked]) -> Result<BTreeMap<String, Oid>, TalkError> {
    let names: BTreeSet<&String> = open.iter().flat_map(|(_, a, b)| [a, b]).collect();
    let all = names.into_iter();
    let all: Vec<Oid> = all.filter_map(|name| Oid::parse(name).ok()).collect();
    let held = repository.holds(&all).await?;
    let both = all.into_iter().zip(held).filter(|(_, held)| *held);
    Ok(both.map(|(oid, _)| (oid.to_string(), oid)).collect())
}

/// What is to be known of a line of a list, if it is a merge request to a branch that is there.
fn asked(item: &Item, listed: &Listed) -> Option<Asked> {
    let (target, new) = listed.asks.as_ref()?;
    let served = item.refs.get(target)?.served.clone()?;
    Some((item.id, served, new.clone()))
}

impl Merged {
    /// What is known of these, and what is to be looked up now.
    fn part(&self, all: &BTreeSet<Asked>) -> (HashMap<Asked, bool>, Vec<Asked>) {
        let (kept, unknown) = (self.lock(), self.lock_unknown());
        let (mut known, mut open) = (HashMap::new(), Vec::new());
        for asked in all {
            match kept.get(asked) {
                Some(is) => {
                    known.insert(asked.clone(), *is);
                }
                None if unknown.get(asked).is_none_or(|at| at.elapsed() >= LATER) => {
                    open.push(asked.clone());
                }
                None => {}
            }
        }
        (known, open)
    }

    /// Notes an answer.
    fn keep(&self, asked: Asked, is: bool) {
        let (mut kept, mut unknown) = (self.lock(), self.lock_unknown());
        if kept.len() >= MAX_KEPT {
            kept.clear();
        }
        unknown.remove(&asked);
        kept.insert(asked, is);
    }

    /// Lets these be for a while, unless an answer comes.
    fn put_off(&self, open: Vec<Asked>) {
        let mut unknown = self.lock_unknown();
        if unknown.len() + open.len() > MAX_KEPT {
            unknown.retain(|_, at| at.elapsed() < LATER);
        }
        if unknown.len() + open.len() > MAX_KEPT {
            unknown.clear();
        }
        let now = Instant::now();
        unknown.extend(open.into_iter().map(|asked| (asked, now)));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Asked, bool>> {
        self.kept
            .lock()
            .expect("a thread that panics ends the process")
    }

    /// Taken after the other one.
    fn lock_unknown(&self) -> std::sync::MutexGuard<'_, HashMap<Asked, Instant>> {
        self.unknown
            .lock()
            .expect("a thread that panics ends the process")
    }
}

#[cfg(test)]
mod tests;
