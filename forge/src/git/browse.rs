//! Reading repositories for pages and the index. Never a work tree, never a path on disk made from a name
//! in a tree.
//!
//! Folders and files are in [`tree`], branches and tags in [`refs`], history in [`history`], differences in
//! [`diff`]. Everything here blocks on the disk, and everything is bounded in size and time.

mod archive;
mod blame;
mod commit;
mod diff;
mod graph;
mod history;
mod refs;
mod signed;
mod swhid;
mod tree;

use std::path::Path;

use super::{NotAnOid, Oid, Repository};

pub use archive::{Archive, ArchiveError, ArchiveKind};
pub use blame::Blamed;
pub use commit::{Commit, Signature, Signed};
pub use diff::{Change, Diff, DiffLimits, FileDiff, Folded, Hunk, Line, LineKind};
pub use history::{Comparison, LastCommit};
pub use refs::{Annotation, Reference, Resolved};
pub use swhid::{SwhKind, Swhid};
pub use tree::{Blob, Entry, EntryKind};

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
}

impl std::fmt::Debug for Browse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Browse({})", self.libgit.path().display())
    }
}

fn from_library(oid: git2::Oid) -> Oid {
    let parsed: Result<Oid, NotAnOid> = Oid::parse(&oid.to_string());
    parsed.expect("libgit2 writes ids in lower case, and no object has the all-zero id")
}

/// At most `most` characters of bytes that somebody wrote.
fn text(bytes: &[u8], most: usize) -> String {
    // Four bytes are the longest character: what lies beyond is not even looked at.
    let bytes = &bytes[..bytes.len().min(most * 4)];
    String::from_utf8_lossy(bytes).chars().take(most).collect()
}

#[cfg(test)]
mod tests;
