//! Software Hash Identifiers (ISO/IEC 18670): names of contents, folders, commits and tags that are the same
//! wherever these are kept. They are the ids that Git gives with SHA-1.

use std::fmt;
use std::time::{Duration, Instant};

use super::tree::kind_of;
use super::{Browse, EntryKind, from_library};
use crate::git::check::to_library;
use crate::git::{ObjectFormat, Oid};

/// How long a path of an object is looked for.
const MAX_TIME: Duration = Duration::from_millis(500);
/// Branches and tags at whose newest commit it is looked for.
const MAX_REFS: usize = 20;
/// Folders that are opened in all.
const MAX_FOLDERS: usize = 20_000;

/// What an identifier names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SwhKind {
    /// `cnt`: the bytes of a file.
    Content,
    /// `dir`: a folder.
    Directory,
    /// `rev`: a commit.
    Revision,
    /// `rel`: an annotated tag.
    Release,
}

impl SwhKind {
    /// The three letters.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Content => "cnt",
            Self::Directory => "dir",
            Self::Revision => "rev",
            Self::Release => "rel",
        }
    }

    fn object(self) -> git2::ObjectType {
        match self {
            Self::Content => git2::ObjectType::Blob,
            Self::Directory => git2::ObjectType::Tree,
            Self::Revision => git2::ObjectType::Commit,
            Self::Release => git2::ObjectType::Tag,
        }
    }
}

/// An identifier, `swh:1:rev:…`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Swhid {
    /// What it names.
    pub kind: SwhKind,
    /// Git's id of it.
    pub oid: Oid,
}

impl Swhid {
    /// The identifier of an object; none in repositories of SHA-256, whose ids are others.
    pub fn new(kind: SwhKind, oid: &Oid) -> Option<Self> {
        (oid.format() == ObjectFormat::Sha1).then(|| Self {
            kind,
            oid: oid.clone(),
        })
    }

    /// Reads an identifier; qualifiers (`;origin=…`) are not looked at. Snapshots (`snp`) are not read: what
    /// branches a repository has is stated in logs here.
    pub fn parse(text: &str) -> Option<Self> {
        let core = text.trim().split(';').next()?;
        let (kind, oid) = core.strip_prefix("swh:1:")?.split_once(':')?;
        let kind = [
            SwhKind::Content,
            SwhKind::Directory,
            SwhKind::Revision,
            SwhKind::Release,
        ]
        .into_iter()
        .find(|known| known.as_str() == kind)?;
        Self::new(kind, &Oid::parse(oid).ok()?)
    }
}

impl fmt::Display for Swhid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "swh:1:{}:{}", self.kind.as_str(), self.oid)
    }
}

impl Browse {
    /// Whether the object is in this repository, whatever leads to it.
    pub fn holds(&self, id: &Swhid) -> bool {
        let header = to_library(&id.oid).and_then(|oid| self.libgit.odb()?.read_header(oid));
        header.is_ok_and(|(_, kind)| kind == id.kind.object())
    }

    /// A commit and a path at which a file or folder is, looked for at the newest commits of the default branch,
    /// of the other branches and of tags, for half a second.
    pub fn locate(&self, id: &Swhid) -> Option<(Oid, String)> {
        let wanted = to_library(&id.oid).ok()?;
        let deadline = Instant::now() + MAX_TIME;
        let mut commits: Vec<Oid> = self.resolve(None).into_iter().collect();
        commits.extend(self.refs().ok()?.into_iter().map(|r| r.oid).take(MAX_REFS));
        let mut opened = 0;
        let mut seen = std::collections::HashSet::new();
        for commit in commits {
            let Ok(found) = to_library(&commit).and_then(|oid| self.libgit.find_commit(oid)) else {
                continue;
            };
            let mut folders = vec![(found.tree_id(), String::new())];
            while let Some((folder, path)) = folders.pop() {
                if folder == wanted {
                    return Some((from_library(found.id()), path));
                }
                opened += 1;
                if opened > MAX_FOLDERS || Instant::now() > deadline {
                    return None;
                }
                // A folder that was looked through under another commit holds nothing new.
                if !seen.insert(folder) {
                    continue;
                }
                let Ok(tree) = self.libgit.find_tree(folder) else {
                    continue;
                };
                for entry in tree.iter() {
                    let Ok(name) = std::str::from_utf8(entry.name_bytes()) else {
                        continue;
                    };
                    let below = match path.as_str() {
                        "" => name.to_owned(),
                        path => format!("{path}/{name}"),
                    };
                    match kind_of(entry.filemode()) {
                        EntryKind::Folder => folders.push((entry.id(), below)),
                        EntryKind::Submodule => {}
                        _ if entry.id() == wanted => {
                            return Some((from_library(found.id()), below));
                        }
                        _ => {}
                    }
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_read_and_written() {
        let text = format!("swh:1:rev:{}", "1".repeat(40));
        let id = Swhid::parse(&text).unwrap();
        assert_eq!((id.kind, id.to_string()), (SwhKind::Revision, text.clone()));
        assert_eq!(
            Swhid::parse(&format!(" {text};origin=https://x ")),
            Some(id)
        );
        for bad in [
            "",
            "swh:1:rev",
            "swh:2:rev:1111111111111111111111111111111111111111",
            "swh:1:snp:1111111111111111111111111111111111111111",
            "swh:1:cnt:11111111111111111111111111111111111111",
            "swh:1:cnt:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "swh:1:cnt:1111111111111111111111111111111111111111111111111111111111111111",
        ] {
            assert_eq!(Swhid::parse(bad), None, "{bad}");
        }
    }
}
