//! History: who changed what, and when.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::path::Path;
use std::time::{Duration, Instant};

use super::commit::describe;
use super::tree::MAX_ENTRIES;
use super::{Browse, BrowseError, Commit, from_library};
use crate::git::Oid;
use crate::git::check::to_library;

/// The most commits that one question walks over; a page needs fifty, and history may be millions long.
const MAX_WALK: usize = 20_000;

/// How long one question may look at history.
const MAX_TIME: Duration = Duration::from_secs(2);

/// The commit that changed an entry last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastCommit {
    /// The entry's name, as in [`Entry`].
    pub name: String,
    /// The commit; `None` when the budget ended before it was found.
    pub commit: Option<Commit>,
}

/// What a commit has and another has not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The best common ancestor; `None` where there is none.
    pub base: Option<Oid>,
    /// The commits that only the second has, newest first.
    pub commits: Vec<Commit>,
}

impl Browse {
    /// What `new` has and `old` has not: at most `limit` commits, and the common ancestor.
    pub fn compare(&self, old: &Oid, new: &Oid, limit: usize) -> Result<Comparison, BrowseError> {
        let (old, new) = (to_library(old)?, to_library(new)?);
        let base = match self.libgit.merge_base(old, new) {
            Ok(base) => Some(from_library(base)),
            Err(error) if error.code() == git2::ErrorCode::NotFound => None,
            Err(error) => return Err(error.into()),
        };
        let mut walk = self.libgit.revwalk()?;
        walk.push(new)?;
        walk.hide(old)?;
        let mut commits = Vec::new();
        for oid in walk.take(limit) {
            commits.push(describe(&self.libgit.find_commit(oid?)?));
        }
        Ok(Comparison { base, commits })
    }

    /// Commits, newest first; with a path only those that changed it. Looks at most at 20,000 commits and
    /// for two seconds: an answer shorter than `limit` may mean either.
    pub fn commits(
        &self,
        rev: Option<&str>,
        path: Option<&str>,
        offset: usize,
        limit: usize,
    ) -> Result<Vec<Commit>, BrowseError> {
        let start = self.commit_of(rev)?;
        let deadline = Instant::now() + MAX_TIME;
        let mut found = Vec::new();
        let mut skipped = 0;
        for commit in self.walk(&start).take(MAX_WALK) {
            let commit = commit?;
            let shown = match path {
                Some(path) if !path.is_empty() => self.changed(&commit, path)?,
                _ => true,
            };
            if shown && skipped < offset {
                skipped += 1;
            } else if shown && found.len() < limit {
                found.push(describe(&commit));
            }
            if found.len() == limit || Instant::now() > deadline {
                break;
            }
        }
        Ok(found)
    }

    /// For each entry of a folder, the commit that changed it last, as far as the budget reaches: 20,000
    /// commits or two seconds. In the order of [`tree`](Self::tree).
    pub fn last_commit_for_tree_entries(
        &self,
        rev: Option<&str>,
        path: &str,
    ) -> Result<Vec<LastCommit>, BrowseError> {
        let start = self.commit_of(rev)?;
        let names: Vec<_> = self
            .tree(rev, path)?
            .into_iter()
            .map(|entry| entry.name)
            .collect();
        let deadline = Instant::now() + MAX_TIME;
        let mut found: HashMap<String, Commit> = HashMap::new();
        for commit in self.walk(&start).take(MAX_WALK) {
            if found.len() == names.len() || Instant::now() > deadline {
                break;
            }
            let commit = commit?;
            let now = self.folder_of(&commit, path);
            let before = match commit.parents().next() {
                Some(parent) => self.folder_of(&parent, path),
                None => HashMap::new(),
            };
            for name in &names {
                if now.contains_key(name) && now.get(name) != before.get(name) {
                    // Newest first: what is there already is newer.
                    found
                        .entry(name.clone())
                        .or_insert_with(|| describe(&commit));
                }
            }
        }
        let answer = |name: String| LastCommit {
            commit: found.get(&name).cloned(),
            name,
        };
        Ok(names.into_iter().map(answer).collect())
    }

    fn folder_of(&self, commit: &git2::Commit<'_>, path: &str) -> HashMap<String, git2::Oid> {
        let Ok(tree) = self.tree_at(commit, path) else {
            return HashMap::new();
        };
        let pair = |entry: git2::TreeEntry<'_>| {
            (
                String::from_utf8_lossy(entry.name_bytes()).into_owned(),
                entry.id(),
            )
        };
        tree.iter().take(MAX_ENTRIES).map(pair).collect()
    }

    /// Whether a commit gave `path` another content than its first parent had.
    fn changed(&self, commit: &git2::Commit<'_>, path: &str) -> Result<bool, BrowseError> {
        let path = Path::new(path);
        let at = |commit: &git2::Commit<'_>| -> Result<Option<git2::Oid>, BrowseError> {
            Ok(commit.tree()?.get_path(path).ok().map(|entry| entry.id()))
        };
        let before = match commit.parents().next() {
            Some(parent) => at(&parent)?,
            None => None,
        };
        Ok(at(commit)? != before)
    }

    /// From `start` back: newest first, a commit never after its parents.
    fn walk(&self, start: &git2::Commit<'_>) -> Walk<'_> {
        let mut walk = Walk {
            libgit: &self.libgit,
            queue: BinaryHeap::new(),
            seen: HashSet::new(),
        };
        walk.push(start);
        walk
    }
}

/// A walk over history that looks no further than it is asked: libgit2's own loads everything first when
/// it sorts.
struct Walk<'a> {
    libgit: &'a git2::Repository,
    /// By time, and among equals in the order of finding.
    queue: BinaryHeap<(i64, Reverse<usize>, git2::Oid)>,
    seen: HashSet<git2::Oid>,
}

impl Walk<'_> {
    fn push(&mut self, commit: &git2::Commit<'_>) {
        if self.seen.insert(commit.id()) {
            let order = Reverse(self.seen.len());
            self.queue
                .push((commit.time().seconds(), order, commit.id()));
        }
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = Result<git2::Commit<'a>, git2::Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let (_, _, oid) = self.queue.pop()?;
        let library = self.libgit;
        Some(library.find_commit(oid).inspect(|commit| {
            for parent in commit.parents() {
                self.push(&parent);
            }
        }))
    }
}
