//! Branches, tags and other refs: listed, and found in an address.

use super::commit::{MAX_MESSAGE, armour, signature};
use super::{Browse, BrowseError, Signature, Signed, from_library, text};
use crate::git::check::to_library;
use crate::git::{MAX_REF_NAME_BYTES, Oid};

/// Branches and tags that one listing has at most.
const MAX_REFS: usize = 5_000;

/// The longest part of an address in which a ref is looked for, bytes: a ref below `refs/diverged/HANDLE/`.
const MAX_REV_BYTES: usize = MAX_REF_NAME_BYTES + 80;

/// The refs that are listed.
const LISTED: [&str; 5] = [
    "refs/heads/*",
    "refs/tags/*",
    "refs/diverged/*",
    "refs/waiting/*",
    "refs/merge-requests/*",
];

/// A branch or tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Full name, `refs/heads/main`.
    pub name: String,
    /// What it points at; for an annotated tag, the commit behind it.
    pub oid: Oid,
    /// The commit's time, seconds since 1970; 0 when it is no commit.
    pub time: i64,
    /// What an annotated tag says.
    pub annotation: Option<Annotation>,
}

/// The words of an annotated tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// The tag object.
    pub oid: Oid,
    /// Who made it, and when, if it says so.
    pub tagger: Option<Signature>,
    /// The message without its signature, cut after 64 KiB.
    pub message: String,
    /// Whether it carries a signature.
    pub signed: Signed,
}

impl Reference {
    /// The name without `refs/heads/` or `refs/tags/`; of other refs without `refs/`.
    pub fn short(&self) -> &str {
        ["refs/heads/", "refs/tags/", "refs/"]
            .iter()
            .find_map(|prefix| self.name.strip_prefix(prefix))
            .unwrap_or(&self.name)
    }
}

/// The beginning of an address that names a commit, and the rest, which is a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// What names it, as written in the address.
    pub rev: String,
    /// The full name of the ref; `None` where the commit is named by its id.
    pub name: Option<String>,
    /// The commit.
    pub commit: Oid,
    /// The rest, without slashes around it.
    pub path: String,
}

impl Browse {
    /// The commit that a revision names: a whole id, a full ref name, a branch, or a tag; `None` is the
    /// default branch. No other syntax of Git (`~`, `^`, `@{…}`) is read.
    pub fn resolve(&self, rev: Option<&str>) -> Result<Oid, BrowseError> {
        Ok(from_library(self.commit_of(rev)?.id()))
    }

    /// Splits `feature/x/src/main.rs` into the longest name of a branch, tag or other ref (or the id of a
    /// commit) that it begins with, and the path that follows. Of a branch and a tag of one name, the branch.
    ///
    /// Names without `refs/` are those of branches and tags, and of what is below `diverged/`, `waiting/` and
    /// `merge-requests/`.
    pub fn split_address(&self, address: &str) -> Result<Resolved, BrowseError> {
        let address = address.trim_matches('/');
        let mut ends: Vec<usize> = address.match_indices('/').map(|(at, _)| at).collect();
        ends.push(address.len());
        for end in ends.into_iter().rev().filter(|end| *end <= MAX_REV_BYTES) {
            let rev = &address[..end];
            match self.named(rev) {
                Ok((commit, name)) => {
                    return Ok(Resolved {
                        rev: rev.to_owned(),
                        name,
                        commit: from_library(commit.id()),
                        path: address[end..].trim_matches('/').to_owned(),
                    });
                }
                Err(BrowseError::NotFound) => {}
                Err(other) => return Err(other),
            }
        }
        Err(BrowseError::NotFound)
    }

    /// Branches, then tags, then the heads that are not served under a name of their own. At most 5,000.
    pub fn refs(&self) -> Result<Vec<Reference>, BrowseError> {
        let mut found = Vec::new();
        for glob in LISTED {
            for reference in self.libgit.references_glob(glob)?.take(MAX_REFS) {
                let Ok(reference) = reference else { continue };
                let Ok(name) = reference.name() else { continue };
                let Ok(object) = reference.peel(git2::ObjectType::Any) else {
                    continue;
                };
                let time = object
                    .peel_to_commit()
                    .map_or(0, |commit| commit.time().seconds());
                found.push(Reference {
                    name: name.to_owned(),
                    oid: from_library(object.id()),
                    time,
                    annotation: self.annotation(&reference),
                });
                if found.len() == MAX_REFS {
                    return Ok(found);
                }
            }
        }
        Ok(found)
    }

    fn annotation(&self, reference: &git2::Reference<'_>) -> Option<Annotation> {
        let tag = self.libgit.find_tag(reference.target()?).ok()?;
        let message = tag.message_bytes().unwrap_or_default();
        let message = &message[..message.len().min(MAX_MESSAGE)];
        let begins = b"-----BEGIN ";
        let end = message
            .windows(begins.len())
            .position(|window| window == begins)
            .filter(|at| *at == 0 || message[at - 1] == b'\n');
        let (words, rest) = message.split_at(end.unwrap_or(message.len()));
        Some(Annotation {
            oid: from_library(tag.id()),
            tagger: tag.tagger().map(|tagger| signature(&tagger)),
            message: text(words, MAX_MESSAGE),
            signed: if rest.is_empty() {
                Signed::No
            } else {
                armour(rest)
            },
        })
    }

    pub(super) fn commit_of(&self, rev: Option<&str>) -> Result<git2::Commit<'_>, BrowseError> {
        match rev {
            None => Ok(self.libgit.head()?.peel_to_commit()?),
            Some(rev) => self.named(rev).map(|(commit, _)| commit),
        }
    }

    fn named(&self, rev: &str) -> Result<(git2::Commit<'_>, Option<String>), BrowseError> {
        if let Ok(oid) = Oid::parse(rev) {
            let object = self.libgit.find_object(to_library(&oid)?, None)?;
            let commit = object.peel_to_commit();
            return Ok((commit.map_err(|_| BrowseError::WrongKind("commit"))?, None));
        }
        let names = match rev.split('/').next() {
            // Not those that are hidden from every client.
            Some("refs")
                if LISTED
                    .iter()
                    .any(|glob| rev.starts_with(glob.trim_end_matches('*'))) =>
            {
                vec![rev.to_owned()]
            }
            Some("refs") => Vec::new(),
            Some("diverged" | "waiting" | "merge-requests") => vec![
                format!("refs/heads/{rev}"),
                format!("refs/tags/{rev}"),
                format!("refs/{rev}"),
            ],
            _ => vec![format!("refs/heads/{rev}"), format!("refs/tags/{rev}")],
        };
        for name in names {
            if let Ok(reference) = self.libgit.find_reference(&name) {
                let commit = reference.peel_to_commit();
                let commit = commit.map_err(|_| BrowseError::WrongKind("commit"))?;
                return Ok((commit, Some(name)));
            }
        }
        Err(BrowseError::NotFound)
    }
}
