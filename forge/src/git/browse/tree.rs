//! Folders and files at a commit.

use super::{Browse, BrowseError, from_library};
use crate::git::Oid;
use crate::git::check::to_library;

/// The most entries of one folder that are listed; the rest is counted.
pub(super) const MAX_ENTRIES: usize = 5_000;

/// The most bytes of a README that are read.
const MAX_README: usize = 512 << 10;

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

impl Browse {
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

    /// What a path at a commit names. The empty path is a folder.
    pub fn entry(&self, commit: &Oid, path: &str) -> Result<EntryKind, BrowseError> {
        self.object_at(commit, path).map(|(kind, _)| kind)
    }

    /// What a path at a commit names, and the id of that object.
    pub fn object_at(&self, commit: &Oid, path: &str) -> Result<(EntryKind, Oid), BrowseError> {
        let commit = self.libgit.find_commit(to_library(commit)?)?;
        let path = path.trim_matches('/');
        if path.is_empty() {
            return Ok((EntryKind::Folder, from_library(commit.tree_id())));
        }
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let tree = self.tree_at(&commit, folder)?;
        let entry = tree.get_name_bytes(name.as_bytes());
        let entry = entry.ok_or(BrowseError::NotFound)?;
        Ok((kind_of(entry.filemode()), from_library(entry.id())))
    }

    /// The README of the top folder: its name and its content, at most 512 KiB of it.
    ///
    /// Markdown comes before plain text, and plain names before `README.fr.md`.
    pub fn readme(&self, rev: Option<&str>) -> Result<Option<(String, Vec<u8>)>, BrowseError> {
        self.readme_in(rev, "")
    }

    /// The README of a folder, likewise.
    pub fn readme_in(
        &self,
        rev: Option<&str>,
        path: &str,
    ) -> Result<Option<(String, Vec<u8>)>, BrowseError> {
        let tree = self.tree_at(&self.commit_of(rev)?, path)?;
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

    pub(super) fn tree_at(
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

pub(super) fn kind_of(mode: i32) -> EntryKind {
    match mode {
        0o040000 => EntryKind::Folder,
        0o120000 => EntryKind::Link,
        0o160000 => EntryKind::Submodule,
        _ if mode & 0o111 != 0 => EntryKind::Program,
        _ => EntryKind::File,
    }
}
