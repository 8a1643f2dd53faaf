//! Reading repositories for pages and the index. Never a work tree, never a path on disk made from a name
//! in a tree.

mod signed;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::path::Path;
use std::time::{Duration, Instant};

use super::check::to_library;
use super::{NotAnOid, Oid, Repository};

/// The most entries of one folder that are listed; the rest is counted.
const MAX_ENTRIES: usize = 5_000;

/// The most commits that one question walks over; a page needs fifty, and history may be millions long.
const MAX_WALK: usize = 20_000;

/// How long one question may look at history.
const MAX_TIME: Duration = Duration::from_secs(2);

/// The most bytes of a commit's message that are kept; 8 MB of it fit in 8 kB of pack.
const MAX_MESSAGE: usize = 64 << 10;

/// The most bytes of a README that are read.
const MAX_README: usize = 512 << 10;

/// Branches and tags that one listing has at most.
const MAX_REFS: usize = 5_000;

/// Why there is nothing to show.
#[derive(Debug, thiserror::Error)]
pub enum BrowseError {
    /// No such branch, tag, commit, folder or file.
    #[error("not found")]
    NotFound,
    /// It is there, but of another kind than was asked for.
    #[error("it is not a {0}")]
    WrongKind(&'static str),
    /// A repository that libgit2 does not read: one of SHA-256.
    #[error("repositories of SHA-256 objects cannot be browsed yet; clone it")]
    Unreadable,
    /// The repository is damaged, or the disk fails.
    #[error("cannot read the repository: {0}")]
    Broken(String),
}

impl From<git2::Error> for BrowseError {
    fn from(error: git2::Error) -> Self {
        match error.code() {
            git2::ErrorCode::NotFound | git2::ErrorCode::UnbornBranch => Self::NotFound,
            git2::ErrorCode::InvalidSpec | git2::ErrorCode::Ambiguous => Self::NotFound,
            _ => Self::Broken(error.message().to_owned()),
        }
    }
}

/// What an entry of a folder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryKind {
    /// A folder.
    Folder,
    /// A file.
    File,
    /// A file that may be run.
    Program,
    /// A symbolic link: its content is where it points, shown as text and never followed.
    Link,
    /// Another repository at some commit; never fetched.
    Submodule,
}

/// One entry of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name, with bytes that are not UTF-8 replaced: for showing, escaped, and for asking again.
    pub name: String,
    /// What it is.
    pub kind: EntryKind,
    /// The object.
    pub oid: Oid,
    /// Bytes, of files and links.
    pub size: Option<u64>,
}

/// A file's content, or its beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// The object.
    pub oid: Oid,
    /// What kind of file.
    pub kind: EntryKind,
    /// The whole size, bytes.
    pub size: u64,
    /// The content; empty when it is larger than the caller's limit.
    pub bytes: Vec<u8>,
    /// Whether `bytes` is everything.
    pub complete: bool,
}

/// A commit, as it calls itself: nobody has checked that its author is who it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// The object.
    pub oid: Oid,
    /// The parents.
    pub parents: Vec<Oid>,
    /// The author's name as stated.
    pub author: String,
    /// When, in seconds since 1970; stated, too.
    pub time: i64,
    /// The first line of the message.
    pub summary: String,
    /// The message, cut after 64 KiB.
    pub message: String,
}

/// The commit that changed an entry last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastCommit {
    /// The entry's name, as in [`Entry`].
    pub name: String,
    /// The commit; `None` when the budget ended before it was found.
    pub commit: Option<Commit>,
}

/// A branch or tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Full name, `refs/heads/main`.
    pub name: String,
    /// What it points at; for an annotated tag, the commit behind it.
    pub oid: Oid,
    /// The commit's time, seconds since 1970; 0 when it is no commit.
    pub time: i64,
}

/// An open repository. Every method blocks on the disk: use it on a thread for blocking work.
pub struct Browse {
    libgit: git2::Repository,
}

impl Repository {
    /// Opens it for reading, about half a millisecond. One value sees what was there when it was opened,
    /// and mostly what came later.
    pub fn browse(&self) -> Result<Browse, BrowseError> {
        if self.format() == super::ObjectFormat::Sha256 {
            return Err(BrowseError::Unreadable);
        }
        Browse::open(self.path())
    }
}

impl Browse {
    /// Opens a bare repository.
    pub fn open(path: &Path) -> Result<Self, BrowseError> {
        Ok(Self {
            libgit: git2::Repository::open_bare(path)?,
        })
    }

    /// The commit that a revision names: a whole id, a full ref name, a branch, or a tag; `None` is the
    /// default branch. No other syntax of Git (`~`, `^`, `@{…}`) is read.
    pub fn resolve(&self, rev: Option<&str>) -> Result<Oid, BrowseError> {
        Ok(from_library(self.commit_of(rev)?.id()))
    }

    /// Branches, then tags, each by name. At most 5,000.
    pub fn refs(&self) -> Result<Vec<Reference>, BrowseError> {
        let mut found = Vec::new();
        for glob in ["refs/heads/*", "refs/tags/*", "refs/diverged/*"] {
            for reference in self.libgit.references_glob(glob)?.take(MAX_REFS) {
                let Ok(reference) = reference else { continue };
                let Ok(name) = reference.name() else { continue };
                let Ok(object) = reference.peel(git2::ObjectType::Any) else {
                    continue;
                };
                let time = object
                    .peel_to_commit()
                    .map_or(0, |commit| commit.time().seconds());
                let oid = from_library(object.id());
                found.push(Reference {
                    name: name.to_owned(),
                    oid,
                    time,
                });
                if found.len() == MAX_REFS {
                    return Ok(found);
                }
            }
        }
        Ok(found)
    }

    /// The entries of a folder: folders first, then by name; at most 5,000. An empty path is the top.
    pub fn tree(&self, rev: Option<&str>, path: &str) -> Result<Vec<Entry>, BrowseError> {
        let tree = self.tree_at(&self.commit_of(rev)?, path)?;
        let odb = self.libgit.odb()?;
        let mut entries: Vec<_> = tree
            .iter()
            .take(MAX_ENTRIES)
            .map(|entry| {
                let kind = kind_of(entry.filemode());
                let sized = !matches!(kind, EntryKind::Folder | EntryKind::Submodule);
                let header = sized.then(|| odb.read_header(entry.id()).ok()).flatten();
                Entry {
                    name: String::from_utf8_lossy(entry.name_bytes()).into_owned(),
                    kind,
                    oid: from_library(entry.id()),
                    size: header.map(|(size, _)| size as u64),
                }
            })
            .collect();
        entries.sort_by(|a, b| {
            let folder = |entry: &Entry| entry.kind != EntryKind::Folder;
            (folder(a), &a.name).cmp(&(folder(b), &b.name))
        });
        Ok(entries)
    }

    /// A file, if it is not larger than `max_bytes`; otherwise its size alone.
    pub fn blob(&self, rev: Option<&str>, path: &str, max_bytes: u64) -> Result<Blob, BrowseError> {
        let commit = self.commit_of(rev)?;
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let tree = self.tree_at(&commit, folder)?;
        let entry = tree
            .get_name_bytes(name.as_bytes())
            .ok_or(BrowseError::NotFound)?;
        let kind = kind_of(entry.filemode());
        self.read_blob(entry.id(), kind, max_bytes)
    }

    /// The README of the top folder: its name and its content, at most 512 KiB of it.
    ///
    /// Markdown comes before plain text, and plain names before `README.fr.md`.
    pub fn readme(&self, rev: Option<&str>) -> Result<Option<(String, Vec<u8>)>, BrowseError> {
        let tree = self.commit_of(rev)?.tree()?;
        let rank = |name: &str| {
            let name = name.to_ascii_lowercase();
            match name.as_str() {
                "readme.md" | "readme.markdown" => Some(0),
                "readme.txt" | "readme" | "readme.rst" | "readme.adoc" | "readme.org" => Some(1),
                _ if name.starts_with("readme.") => Some(2),
                _ => None,
            }
        };
        let mut best: Option<(i32, String, git2::Oid)> = None;
        for entry in tree.iter().take(MAX_ENTRIES) {
            let name = String::from_utf8_lossy(entry.name_bytes()).into_owned();
            let file = matches!(
                kind_of(entry.filemode()),
                EntryKind::File | EntryKind::Program
            );
            let Some(rank) = rank(&name).filter(|_| file) else {
                continue;
            };
            if best
                .as_ref()
                .is_none_or(|(least, other, _)| (rank, &name) < (*least, other))
            {
                best = Some((rank, name, entry.id()));
            }
        }
        let Some((_, name, oid)) = best else {
            return Ok(None);
        };
        let blob = self.read_blob(oid, EntryKind::File, MAX_README as u64)?;
        Ok(blob.complete.then_some((name, blob.bytes)))
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

    fn commit_of(&self, rev: Option<&str>) -> Result<git2::Commit<'_>, BrowseError> {
        let Some(rev) = rev else {
            return Ok(self.libgit.head()?.peel_to_commit()?);
        };
        if let Ok(oid) = Oid::parse(rev) {
            let object = self.libgit.find_object(to_library(&oid)?, None)?;
            return object
                .peel_to_commit()
                .map_err(|_| BrowseError::WrongKind("commit"));
        }
        let names = if rev.starts_with("refs/") {
            vec![rev.to_owned()]
        } else {
            vec![format!("refs/heads/{rev}"), format!("refs/tags/{rev}")]
        };
        for name in names {
            if let Ok(reference) = self.libgit.find_reference(&name) {
                return reference
                    .peel_to_commit()
                    .map_err(|_| BrowseError::WrongKind("commit"));
            }
        }
        Err(BrowseError::NotFound)
    }

    fn tree_at(
        &self,
        commit: &git2::Commit<'_>,
        path: &str,
    ) -> Result<git2::Tree<'_>, BrowseError> {
        let mut tree = self.libgit.find_tree(commit.tree_id())?;
        for name in path.split('/').filter(|name| !name.is_empty()) {
            let folder = {
                let entry = tree.get_name_bytes(name.as_bytes());
                let entry = entry.ok_or(BrowseError::NotFound)?;
                (kind_of(entry.filemode()) == EntryKind::Folder).then(|| entry.id())
            };
            let id = folder.ok_or(BrowseError::WrongKind("folder"))?;
            tree = self.libgit.find_tree(id)?;
        }
        Ok(tree)
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

    fn read_blob(
        &self,
        oid: git2::Oid,
        kind: EntryKind,
        max_bytes: u64,
    ) -> Result<Blob, BrowseError> {
        if matches!(kind, EntryKind::Folder | EntryKind::Submodule) {
            return Err(BrowseError::WrongKind("file"));
        }
        let (size, object) = self.libgit.odb()?.read_header(oid)?;
        if object != git2::ObjectType::Blob {
            return Err(BrowseError::WrongKind("file"));
        }
        let complete = size as u64 <= max_bytes;
        let bytes = if complete {
            self.libgit.find_blob(oid)?.content().to_vec()
        } else {
            Vec::new()
        };
        Ok(Blob {
            oid: from_library(oid),
            kind,
            size: size as u64,
            bytes,
            complete,
        })
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

impl std::fmt::Debug for Browse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Browse({})", self.libgit.path().display())
    }
}

fn kind_of(mode: i32) -> EntryKind {
    match mode {
        0o040000 => EntryKind::Folder,
        0o120000 => EntryKind::Link,
        0o160000 => EntryKind::Submodule,
        _ if mode & 0o111 != 0 => EntryKind::Program,
        _ => EntryKind::File,
    }
}

fn from_library(oid: git2::Oid) -> Oid {
    let parsed: Result<Oid, NotAnOid> = Oid::parse(&oid.to_string());
    parsed.expect("libgit2 writes ids in lower case, and no object has the all-zero id")
}

fn describe(commit: &git2::Commit<'_>) -> Commit {
    let message = commit.message_bytes();
    let message = String::from_utf8_lossy(&message[..message.len().min(MAX_MESSAGE)]);
    let summary: String = message
        .lines()
        .next()
        .unwrap_or_default()
        .chars()
        .take(300)
        .collect();
    let author = String::from_utf8_lossy(commit.author().name_bytes())
        .chars()
        .take(200)
        .collect();
    Commit {
        oid: from_library(commit.id()),
        // An octopus of ten thousand parents is no help on a page.
        parents: commit.parent_ids().take(64).map(from_library).collect(),
        author,
        time: commit.time().seconds(),
        summary,
        message: message.into_owned(),
    }
}

#[cfg(test)]
mod tests;
