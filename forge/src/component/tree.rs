//! The files of one commit, as the reader sees them.

use std::collections::BTreeMap;

use crate::git::{Browse, BrowseError, EntryKind};

/// A repository cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct TreeError(pub String);

/// An entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its name.
    pub name: String,
    /// Whether it is a file (no folder, link or submodule).
    pub file: bool,
    /// Whether it is a folder.
    pub folder: bool,
    /// Bytes of a file.
    pub size: u64,
}

/// Files by path, with `/`.
pub trait Tree {
    /// The entries of a folder, empty where there is none; `""` is the top.
    ///
    /// # Errors
    /// The repository cannot be read.
    fn list(&self, folder: &str) -> Result<Vec<Node>, TreeError>;

    /// A file's bytes; `None` where it is not there, is no file or is larger than `max_bytes`.
    ///
    /// # Errors
    /// The repository cannot be read.
    fn read(&self, path: &str, max_bytes: u64) -> Result<Option<Vec<u8>>, TreeError>;
}

/// A commit of a repository.
pub struct Revision<'a> {
    git: &'a Browse,
    commit: &'a str,
}

impl<'a> Revision<'a> {
    /// The tree of a commit, named by its id.
    pub fn new(git: &'a Browse, commit: &'a str) -> Self {
        Self { git, commit }
    }
}

impl Tree for Revision<'_> {
    fn list(&self, folder: &str) -> Result<Vec<Node>, TreeError> {
        match self.git.tree(Some(self.commit), folder) {
            Ok(entries) => Ok(entries
                .into_iter()
                .map(|entry| Node {
                    name: entry.name,
                    file: matches!(entry.kind, EntryKind::File | EntryKind::Program),
                    folder: entry.kind == EntryKind::Folder,
                    size: entry.size.unwrap_or(0),
                })
                .collect()),
            Err(BrowseError::NotFound | BrowseError::WrongKind(_)) => Ok(Vec::new()),
            Err(error) => Err(TreeError(error.to_string())),
        }
    }

    fn read(&self, path: &str, max_bytes: u64) -> Result<Option<Vec<u8>>, TreeError> {
        match self.git.blob(Some(self.commit), path, max_bytes) {
            Ok(blob) => {
                let file = matches!(blob.kind, EntryKind::File | EntryKind::Program);
                Ok((file && blob.complete).then_some(blob.bytes))
            }
            Err(BrowseError::NotFound | BrowseError::WrongKind(_)) => Ok(None),
            Err(error) => Err(TreeError(error.to_string())),
        }
    }
}

/// Files in memory, by path.
#[derive(Clone, Debug, Default)]
pub struct Files(pub BTreeMap<String, Vec<u8>>);

impl Tree for Files {
    fn list(&self, folder: &str) -> Result<Vec<Node>, TreeError> {
        let below = if folder.is_empty() {
            String::new()
        } else {
            format!("{folder}/")
        };
        let mut found: BTreeMap<String, Node> = BTreeMap::new();
        for (path, bytes) in &self.0 {
            let Some(rest) = path.strip_prefix(&below) else {
                continue;
            };
            let (name, file) = match rest.split_once('/') {
                Some((name, _)) => (name, false),
                None => (rest, true),
            };
            found.entry(name.to_owned()).or_insert(Node {
                name: name.to_owned(),
                file,
                folder: !file,
                size: if file { bytes.len() as u64 } else { 0 },
            });
        }
        Ok(found.into_values().collect())
    }

    fn read(&self, path: &str, max_bytes: u64) -> Result<Option<Vec<u8>>, TreeError> {
        let bytes = self.0.get(path);
        Ok(bytes.filter(|b| b.len() as u64 <= max_bytes).cloned())
    }
}
