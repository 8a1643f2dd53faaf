//! A commit's files as one archive: the same bytes on every node that runs the same release.
//!
//! Made by our own code and not by `git archive`, whose bytes have changed between releases of Git and depend on the
//! compression program that it finds. Here the order is Git's, the time is the commit's, the level is fixed, and
//! nothing of the machine goes in.
//!
//! What unpacking could misuse stays out: symbolic links, submodules, names that begin with `.git`, and names that
//! some system reads as more than a name.

use std::io::{self, Write};

use super::tree::kind_of;
use super::{Browse, BrowseError, EntryKind};
use crate::git::Oid;
use crate::git::check::to_library;
use crate::package::write::{Tar, Zip, gzip};

/// The most files of an archive: their paths are held in memory.
const MAX_FILES: usize = 60_000;
/// The most bytes of them all, unpacked: whoever wants more is better served by a clone.
const MAX_BYTES: u64 = 1 << 30;
/// How deep folders are nested.
const MAX_DEPTH: usize = 100;
/// The longest path, bytes.
const MAX_PATH: usize = 1_024;

/// A kind of archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArchiveKind {
    /// A ZIP file.
    Zip,
    /// A tar file (POSIX pax), compressed by gzip.
    TarGz,
}

impl ArchiveKind {
    /// How its file names end, with the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Zip => ".zip",
            Self::TarGz => ".tar.gz",
        }
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Zip => "application/zip",
            Self::TarGz => "application/gzip",
        }
    }
}

/// Why there is no archive.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The commit is not there, or cannot be read.
    #[error(transparent)]
    Browse(#[from] BrowseError),
    /// More than 60,000 files, or more than 1 GiB.
    #[error("the files are too many or too large for an archive: clone the repository")]
    TooLarge,
    /// Whoever reads it has gone.
    #[error("cannot write the archive")]
    Io(#[from] io::Error),
}

/// What goes into an archive, looked up and found to be within the limits.
#[derive(Debug)]
pub struct Archive {
    commit: Oid,
    time: u64,
    files: Vec<File>,
}

/// One file.
#[derive(Debug)]
struct File {
    path: String,
    oid: git2::Oid,
    program: bool,
}

impl Browse {
    /// Lists what an archive of a commit holds.
    pub fn archive(&self, commit: &Oid) -> Result<Archive, ArchiveError> {
        let found = self.libgit.find_commit(to_library(commit)?);
        let found = found.map_err(BrowseError::from)?;
        let mut list = Archive {
            commit: commit.clone(),
            time: u64::try_from(found.time().seconds()).unwrap_or(0),
            files: Vec::new(),
        };
        let odb = self.libgit.odb().map_err(BrowseError::from)?;
        let mut bytes = 0u64;
        // Folders that are still to be listed, the next one last.
        let mut folders = vec![(String::new(), found.tree_id(), 0)];
        while let Some((above, id, depth)) = folders.pop() {
            let tree = self.libgit.find_tree(id).map_err(BrowseError::from)?;
            if depth > MAX_DEPTH || list.files.len() > MAX_FILES || folders.len() > MAX_FILES {
                return Err(ArchiveError::TooLarge);
            }
            for entry in tree.iter() {
                let Some(name) = harmless(entry.name_bytes()) else {
                    continue;
                };
                let path = format!("{above}{name}");
                if path.len() > MAX_PATH {
                    continue;
                }
                match kind_of(entry.filemode()) {
                    EntryKind::Folder => folders.push((format!("{path}/"), entry.id(), depth + 1)),
                    kind @ (EntryKind::File | EntryKind::Program) => {
                        let (size, _) = odb.read_header(entry.id()).map_err(BrowseError::from)?;
                        bytes = bytes.saturating_add(size as u64);
                        list.files.push(File {
                            path,
                            oid: entry.id(),
                            program: kind == EntryKind::Program,
                        });
                    }
                    EntryKind::Link | EntryKind::Submodule => {}
                }
            }
        }
        if list.files.len() > MAX_FILES || bytes > MAX_BYTES {
            return Err(ArchiveError::TooLarge);
        }
        list.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(list)
    }

    /// Writes an archive, all files below a folder of the name `prefix`, one file in memory at a time.
    pub fn write_archive(
        &self,
        archive: &Archive,
        kind: ArchiveKind,
        prefix: &str,
        out: impl Write,
    ) -> Result<(), ArchiveError> {
        match kind {
            ArchiveKind::Zip => {
                let mut zip = Zip::new(out, archive.time);
                self.each(archive, prefix, |path, program, bytes| {
                    zip.file(path, program, bytes)
                })?;
                zip.finish(archive.commit.as_str())?;
            }
            ArchiveKind::TarGz => {
                let comment = Some(archive.commit.as_str());
                let mut tar = Tar::new(gzip(out), archive.time, comment)?;
                self.each(archive, prefix, |path, program, bytes| {
                    tar.file(path, program, bytes)
                })?;
                tar.finish()?.finish()?.flush()?;
            }
        }
        Ok(())
    }

    fn each(
        &self,
        archive: &Archive,
        prefix: &str,
        mut write: impl FnMut(&str, bool, &[u8]) -> io::Result<()>,
    ) -> Result<(), ArchiveError> {
        for file in &archive.files {
            let blob = self.libgit.find_blob(file.oid).map_err(BrowseError::from)?;
            write(
                &format!("{prefix}/{}", file.path),
                file.program,
                blob.content(),
            )?;
        }
        Ok(())
    }
}

impl From<git2::Error> for ArchiveError {
    fn from(error: git2::Error) -> Self {
        Self::Browse(error.into())
    }
}

/// A name that is nothing but a name wherever it is unpacked.
fn harmless(name: &[u8]) -> Option<&str> {
    let name = std::str::from_utf8(name).ok()?;
    let git = name
        .get(..4)
        .is_some_and(|four| four.eq_ignore_ascii_case(".git"));
    let strange = |c: char| {
        c.is_control()
            || matches!(c, '\\' | '/' | ':' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let short_git = name
        .get(..4)
        .is_some_and(|four| four.eq_ignore_ascii_case("git~"));
    let dots = name.chars().all(|c| matches!(c, '.' | ' '));
    (!git && !short_git && !dots && !name.contains(strange)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_unpacking_could_misuse_are_left_out() {
        for good in ["a", "été.txt", ".editorconfig", "a b", "con.txt", "..a"] {
            assert_eq!(harmless(good.as_bytes()), Some(good));
        }
        for bad in [
            "",
            ".",
            "..",
            "...",
            ".git",
            ".GIT",
            ".gitmodules",
            "git~1",
            "a\\b",
            "c:x",
            "a\nb",
            ".g\u{200c}it",
        ] {
            assert_eq!(harmless(bad.as_bytes()), None, "{bad:?}");
        }
        assert_eq!(harmless(b"\xff"), None);
    }
}
