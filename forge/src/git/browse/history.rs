//! History: who changed what, and when.
//!
//! Commits are read from Git's commit-graph where it has them ([`Graph`]), one by one where not. A path's history
//! follows, at each merge, a parent that has the same content: as `git log -- PATH` does.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet, VecDeque};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::commit::describe;
use super::graph::{Graph, Key};
use super::{Browse, BrowseError, Commit, from_library};
use crate::git::Oid;
use crate::git::check::to_library;

/// How long one question may look at history.
const MAX_TIME: Duration = Duration::from_secs(2);

/// How long the last commits of a folder's entries are looked for: a page waits for it.
const MAX_TIME_LAST: Duration = Duration::from_millis(250);

/// Commits between two looks at the clock.
const BETWEEN_LOOKS: usize = 64;

/// Answers about folders that are kept, and the names in all of them.
const MAX_KEPT: usize = 2_000;
const MAX_KEPT_NAMES: usize = 200_000;

/// The commit that changed an entry last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastCommit {
    /// The entry's name, as in [`Entry`](super::Entry).
    pub name: String,
    /// The commit; `None` when the budget ended before it was found.
    pub commit: Option<Commit>,
}

/// What a commit has and another has not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The best common ancestor; `None` where there is none, or none was found in time.
    pub base: Option<Oid>,
    /// The commits that only the second has, newest first.
    pub commits: Vec<Commit>,
}

/// A commit: a position in the graph, or one that the graph does not have yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Spot {
    Known(u32),
    Loose(git2::Oid),
}

/// What a walk needs to know of a commit.
struct Facts {
    tree: git2::Oid,
    parents: Vec<Spot>,
    time: i64,
}

/// A repository's history, ready to be walked.
struct History<'a> {
    libgit: &'a git2::Repository,
    graph: Option<Arc<Graph>>,
}

/// Spots by time, the newest first, and among equals in the order of finding.
#[derive(Default)]
struct Queue(BinaryHeap<(i64, Reverse<usize>, Spot)>, usize);

impl Queue {
    fn push(&mut self, time: i64, spot: Spot) {
        self.1 += 1;
        self.0.push((time, Reverse(self.1), spot));
    }

    fn pop(&mut self) -> Option<Spot> {
        self.0.pop().map(|(_, _, spot)| spot)
    }
}

impl<'a> History<'a> {
    fn spot(&self, oid: git2::Oid) -> Spot {
        let known = self.graph.as_ref().and_then(|graph| graph.position(&oid));
        known.map_or(Spot::Loose(oid), Spot::Known)
    }

    fn oid(&self, spot: Spot) -> Result<git2::Oid, BrowseError> {
        match spot {
            Spot::Loose(oid) => Ok(oid),
            Spot::Known(at) => self
                .graph
                .as_ref()
                .and_then(|graph| graph.oid(at))
                .ok_or_else(|| BrowseError::Broken("the commit-graph is damaged".to_owned())),
        }
    }

    fn facts(&self, spot: Spot) -> Result<Facts, BrowseError> {
        match spot {
            Spot::Known(at) => {
                let node = self.graph.as_ref().and_then(|graph| graph.node(at));
                let node = node
                    .ok_or_else(|| BrowseError::Broken("the commit-graph is damaged".to_owned()))?;
                Ok(Facts {
                    tree: node.tree,
                    parents: node.parents.into_iter().map(Spot::Known).collect(),
                    time: node.time,
                })
            }
            Spot::Loose(oid) => {
                let commit = self.libgit.find_commit(oid)?;
                Ok(Facts {
                    tree: commit.tree_id(),
                    parents: commit.parent_ids().map(|oid| self.spot(oid)).collect(),
                    time: commit.time().seconds(),
                })
            }
        }
    }

    fn commit(&self, spot: Spot) -> Result<Commit, BrowseError> {
        Ok(describe(&self.libgit.find_commit(self.oid(spot)?)?))
    }

    /// Whether it is sure that a commit and its first parent have the same at a path.
    fn surely_same(&self, spot: Spot, key: &Key) -> bool {
        match (spot, &self.graph) {
            (Spot::Known(at), Some(graph)) => !graph.may_have_changed(at, key),
            _ => false,
        }
    }

    /// The tree of a folder below a tree.
    fn folder(&self, top: git2::Oid, path: &str) -> Option<git2::Tree<'a>> {
        let mut tree = self.libgit.find_tree(top).ok()?;
        for name in path.split('/').filter(|name| !name.is_empty()) {
            let id = {
                let entry = tree.get_name_bytes(name.as_bytes())?;
                (entry.kind() == Some(git2::ObjectType::Tree)).then(|| entry.id())?
            };
            tree = self.libgit.find_tree(id).ok()?;
        }
        Some(tree)
    }

    /// What is at a path below a tree.
    fn entry(&self, top: git2::Oid, path: &str) -> Option<(git2::Oid, i32)> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let tree = self.folder(top, folder)?;
        let entry = tree.get_name_bytes(name.as_bytes())?;
        Some((entry.id(), entry.filemode_raw()))
    }

    /// The first parent that has the same at a path as the commit.
    fn same_parent(
        &self,
        spot: Spot,
        facts: &Facts,
        path: &str,
        key: &Key,
    ) -> Result<Option<Spot>, BrowseError> {
        let Some(first) = facts.parents.first() else {
            return Ok(None);
        };
        if self.surely_same(spot, key) {
            return Ok(Some(*first));
        }
        let own = self.entry(facts.tree, path);
        for parent in &facts.parents {
            if self.entry(self.facts(*parent)?.tree, path) == own {
                return Ok(Some(*parent));
            }
        }
        Ok(None)
    }
}

impl Browse {
    fn history(&self) -> History<'_> {
        History {
            libgit: &self.libgit,
            graph: Graph::of(&self.libgit.path().join("objects")),
        }
    }

    /// Commits, newest first; with a path only those that changed it. Looks for two seconds: an answer shorter
    /// than `limit` may mean that this was not enough.
    pub fn commits(
        &self,
        rev: Option<&str>,
        path: Option<&str>,
        offset: usize,
        limit: usize,
    ) -> Result<Vec<Commit>, BrowseError> {
        let start = self.commit_of(rev)?;
        let history = self.history();
        let path = path.map(|path| path.trim_matches('/'));
        let path = path.filter(|path| !path.is_empty());
        let path = path.map(|path| (path, Key::new(path.as_bytes())));
        let deadline = Instant::now() + MAX_TIME;
        let (mut queue, mut seen) = (Queue::default(), HashSet::new());
        let spot = history.spot(start.id());
        seen.insert(spot);
        queue.push(start.time().seconds(), spot);
        let (mut found, mut skipped, mut walked) = (Vec::new(), 0, 0);
        while found.len() < limit
            && let Some(spot) = queue.pop()
        {
            walked += 1;
            if walked % BETWEEN_LOOKS == 0 && Instant::now() > deadline {
                break;
            }
            let mut facts = history.facts(spot)?;
            let shown = match &path {
                None => true,
                Some((path, key)) => match history.same_parent(spot, &facts, path, key)? {
                    Some(same) => {
                        facts.parents = vec![same];
                        false
                    }
                    None => !facts.parents.is_empty() || history.entry(facts.tree, path).is_some(),
                },
            };
            for parent in facts.parents {
                if seen.insert(parent) {
                    queue.push(history.facts(parent)?.time, parent);
                }
            }
            if shown && skipped < offset {
                skipped += 1;
            } else if shown {
                found.push(history.commit(spot)?);
            }
        }
        Ok(found)
    }

    /// For each entry of a folder, the commit that changed it last, as far as a quarter of a second reaches. In
    /// the order of [`tree`](Self::tree).
    pub fn last_commit_for_tree_entries(
        &self,
        rev: Option<&str>,
        path: &str,
    ) -> Result<Vec<LastCommit>, BrowseError> {
        let start = self.commit_of(rev)?;
        let names: Vec<String> = self.names(&start, path)?;
        let asked = (self.libgit.path().to_owned(), start.id(), path.to_owned());
        let last = match Recent::get(&asked) {
            Some(last) => last,
            None => {
                let last = Arc::new(self.history().last(&start, path)?);
                // What the clock cut short may be longer the next time.
                if last.len() == names.len() {
                    Recent::keep(asked, &last);
                }
                last
            }
        };
        // Many entries share a commit: each is read once.
        let mut read: HashMap<git2::Oid, Commit> = HashMap::new();
        let mut answer = Vec::with_capacity(names.len());
        for name in names {
            let commit = match last.get(&name) {
                None => None,
                Some(oid) => {
                    if !read.contains_key(oid) {
                        read.insert(*oid, describe(&self.libgit.find_commit(*oid)?));
                    }
                    read.get(oid).cloned()
                }
            };
            answer.push(LastCommit { name, commit });
        }
        Ok(answer)
    }

    fn names(&self, commit: &git2::Commit<'_>, path: &str) -> Result<Vec<String>, BrowseError> {
        let rev = commit.id().to_string();
        let entries = self.tree(Some(&rev), path)?;
        Ok(entries.into_iter().map(|entry| entry.name).collect())
    }

    /// What `new` has and `old` has not: at most `limit` commits, and the common ancestor.
    pub fn compare(&self, old: &Oid, new: &Oid, limit: usize) -> Result<Comparison, BrowseError> {
        let history = self.history();
        let (old, new) = (to_library(old)?, to_library(new)?);
        let (base, only) = history.meet(history.spot(old), history.spot(new))?;
        let base = base.map(|base| history.oid(base)).transpose()?;
        let commits = only.into_iter().take(limit);
        Ok(Comparison {
            base: base.map(from_library),
            commits: commits
                .map(|spot| history.commit(spot))
                .collect::<Result<_, _>>()?,
        })
    }
}

/// Reached from the old side; from the new side; from both, below a common ancestor.
const OLD: u8 = 1;
const NEW: u8 = 2;
const STALE: u8 = 4;

impl History<'_> {
    /// The newest common ancestor of two commits, and those that only the second reaches, newest first.
    fn meet(&self, old: Spot, new: Spot) -> Result<(Option<Spot>, Vec<Spot>), BrowseError> {
        let deadline = Instant::now() + MAX_TIME;
        let (mut queue, mut marks) = (Queue::default(), HashMap::<Spot, u8>::new());
        let mut fresh = 0usize;
        for (spot, mark) in [(old, OLD), (new, NEW)] {
            let known = marks.entry(spot).or_default();
            if *known == 0 {
                queue.push(self.facts(spot)?.time, spot);
                fresh += 1;
            }
            *known |= mark;
        }
        let (mut base, mut order, mut walked) = (None, Vec::new(), 0);
        let mut waiting: HashSet<Spot> = [old, new].into();
        // Until everything that waits is below a common ancestor.
        while fresh > 0
            && let Some(spot) = queue.pop()
        {
            walked += 1;
            if walked % BETWEEN_LOOKS == 0 && Instant::now() > deadline {
                break;
            }
            waiting.remove(&spot);
            let mut mark = marks.get(&spot).copied().unwrap_or_default();
            if mark & STALE == 0 {
                fresh -= 1;
            }
            if mark & (OLD | NEW) == OLD | NEW && mark & STALE == 0 {
                base = base.or(Some(spot));
                mark |= STALE;
            } else if mark == NEW {
                order.push(spot);
            }
            let facts = self.facts(spot)?;
            for parent in facts.parents {
                let known = marks.entry(parent).or_default();
                let before = *known;
                *known |= mark;
                if before == *known {
                    continue;
                }
                let (was, is) = (before & STALE != 0, *known & STALE != 0);
                if waiting.insert(parent) {
                    queue.push(self.facts(parent)?.time, parent);
                    fresh += usize::from(!is);
                } else if !was && is {
                    fresh -= 1;
                }
            }
        }
        order.retain(|spot| marks.get(spot) == Some(&NEW));
        Ok((base, order))
    }

    /// For each name in a folder the commit that gave it what it has, as far as the time reaches.
    ///
    /// From the start, each name follows a parent that has the same; the commit where none has is the answer.
    /// Names that are at the same commit walk together.
    fn last(
        &self,
        start: &git2::Commit<'_>,
        path: &str,
    ) -> Result<HashMap<String, git2::Oid>, BrowseError> {
        let path = path.trim_matches('/');
        let deadline = Instant::now() + MAX_TIME_LAST;
        let Some(tree) = self.folder(start.tree_id(), path) else {
            return Ok(HashMap::new());
        };
        let full = |name: &[u8]| match path {
            "" => name.to_vec(),
            path => [path.as_bytes(), b"/", name].concat(),
        };
        let entries: Vec<(Vec<u8>, Key, (git2::Oid, i32))> = tree
            .iter()
            .take(super::tree::MAX_ENTRIES)
            .map(|entry| {
                let name = entry.name_bytes().to_vec();
                let key = Key::new(&full(&name));
                (name, key, (entry.id(), entry.filemode_raw()))
            })
            .collect();
        let above = (!path.is_empty()).then(|| Key::new(path.as_bytes()));
        let mut found = HashMap::new();
        let (mut queue, mut at) = (Queue::default(), HashMap::<Spot, Vec<usize>>::new());
        let first = self.spot(start.id());
        queue.push(start.time().seconds(), first);
        at.insert(first, (0..entries.len()).collect());
        let mut walked = 0;
        while let Some(spot) = queue.pop() {
            walked += 1;
            if walked % BETWEEN_LOOKS == 0 && Instant::now() > deadline {
                break;
            }
            let mut here = at.remove(&spot).unwrap_or_default();
            let facts = self.facts(spot)?;
            let mut go = |parent: Spot, names: Vec<usize>| -> Result<(), BrowseError> {
                if names.is_empty() {
                    return Ok(());
                }
                match at.get_mut(&parent) {
                    Some(there) => there.extend(names),
                    None => {
                        queue.push(self.facts(parent)?.time, parent);
                        at.insert(parent, names);
                    }
                }
                Ok(())
            };
            for (n, parent) in facts.parents.iter().enumerate() {
                if n == 0
                    && above
                        .as_ref()
                        .is_some_and(|key| self.surely_same(spot, key))
                {
                    go(*parent, std::mem::take(&mut here))?;
                    break;
                }
                let (mut same, mut open) = (Vec::new(), Vec::new());
                for name in here {
                    match n == 0 && self.surely_same(spot, &entries[name].1) {
                        true => same.push(name),
                        false => open.push(name),
                    }
                }
                if !open.is_empty() {
                    let folder = self.folder(self.facts(*parent)?.tree, path);
                    let has = |name: &usize| {
                        let (name, _, what) = &entries[*name];
                        let entry = folder.as_ref().and_then(|tree| tree.get_name_bytes(name));
                        entry.is_some_and(|entry| (entry.id(), entry.filemode_raw()) == *what)
                    };
                    let (equal, other): (Vec<_>, Vec<_>) = open.into_iter().partition(has);
                    same.extend(equal);
                    open = other;
                }
                go(*parent, same)?;
                here = open;
                if here.is_empty() {
                    break;
                }
            }
            if !here.is_empty() {
                let oid = self.oid(spot)?;
                for name in here {
                    let name = String::from_utf8_lossy(&entries[name].0).into_owned();
                    found.insert(name, oid);
                }
            }
        }
        Ok(found)
    }
}

/// A folder at a commit of a repository.
type Asked = (PathBuf, git2::Oid, String);
/// The last commits of its entries.
type Last = Arc<HashMap<String, git2::Oid>>;

/// Answers about folders, which never change: the newest ones are kept.
#[derive(Default)]
struct Recent {
    answers: HashMap<Asked, Last>,
    order: VecDeque<Asked>,
    names: usize,
}

static RECENT: Mutex<Option<Recent>> = Mutex::new(None);

impl Recent {
    fn get(asked: &Asked) -> Option<Last> {
        let recent = RECENT.lock().unwrap_or_else(PoisonError::into_inner);
        recent.as_ref()?.answers.get(asked).cloned()
    }

    fn keep(asked: Asked, last: &Last) {
        let mut recent = RECENT.lock().unwrap_or_else(PoisonError::into_inner);
        let recent = recent.get_or_insert_default();
        if recent
            .answers
            .insert(asked.clone(), Arc::clone(last))
            .is_some()
        {
            return;
        }
        recent.names += last.len();
        recent.order.push_back(asked);
        while recent.order.len() > MAX_KEPT || recent.names > MAX_KEPT_NAMES {
            let Some(oldest) = recent.order.pop_front() else {
                break;
            };
            let gone = recent.answers.remove(&oldest);
            recent.names -= gone.map_or(0, |last| last.len());
        }
    }
}
