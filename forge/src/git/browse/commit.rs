//! A commit, as it calls itself.

use super::{Browse, BrowseError, from_library, text};
use crate::git::Oid;
use crate::git::check::to_library;

/// The most bytes of a commit's message that are kept; 8 MB of it fit in 8 kB of pack.
pub(super) const MAX_MESSAGE: usize = 64 << 10;

/// The most characters of a name or mail address that are kept.
const MAX_NAME: usize = 200;

/// Somebody and a moment, as a commit or tag states them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// A name.
    pub name: String,
    /// A mail address, or whatever stands in its place.
    pub email: String,
    /// Seconds since 1970.
    pub time: i64,
}

/// Which kind of signature an object carries. Whether it holds is not decided here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signed {
    /// None.
    No,
    /// Made with an SSH key.
    Ssh,
    /// Another kind: OpenPGP or X.509.
    Other,
}

/// A commit, as it calls itself: nobody has checked that its author is who it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// The object.
    pub oid: Oid,
    /// Its folder.
    pub tree: Oid,
    /// The parents.
    pub parents: Vec<Oid>,
    /// The author's name as stated.
    pub author: String,
    /// The author and when they wrote it.
    pub written: Signature,
    /// Who made the commit, and when.
    pub committed: Signature,
    /// When it was committed, in seconds since 1970; stated, too.
    pub time: i64,
    /// The first line of the message.
    pub summary: String,
    /// The message, cut after 64 KiB.
    pub message: String,
    /// Whether it carries a signature.
    pub signed: Signed,
}

impl Browse {
    /// One commit.
    pub fn commit(&self, oid: &Oid) -> Result<Commit, BrowseError> {
        let commit = self.libgit.find_commit(to_library(oid)?)?;
        Ok(describe(&commit))
    }
}

/// A signature line of libgit2's.
pub(super) fn signature(signature: &git2::Signature<'_>) -> Signature {
    Signature {
        name: text(signature.name_bytes(), MAX_NAME),
        email: text(signature.email_bytes(), MAX_NAME),
        time: signature.when().seconds(),
    }
}

/// The kind of a signature by its armour.
pub(super) fn armour(text: &[u8]) -> Signed {
    if text.starts_with(b"-----BEGIN SSH SIGNATURE-----") {
        Signed::Ssh
    } else {
        Signed::Other
    }
}

pub(super) fn describe(commit: &git2::Commit<'_>) -> Commit {
    let message = commit.message_bytes();
    let message = String::from_utf8_lossy(&message[..message.len().min(MAX_MESSAGE)]);
    let summary: String = message
        .lines()
        .next()
        .unwrap_or_default()
        .chars()
        .take(300)
        .collect();
    let written = signature(&commit.author());
    let signed = commit
        .header_field_bytes("gpgsig")
        .map_or(Signed::No, |text| armour(&text));
    Commit {
        oid: from_library(commit.id()),
        tree: from_library(commit.tree_id()),
        // An octopus of ten thousand parents is no help on a page.
        parents: commit.parent_ids().take(64).map(from_library).collect(),
        author: written.name.clone(),
        written,
        committed: signature(&commit.committer()),
        time: commit.time().seconds(),
        summary,
        message: message.into_owned(),
        signed,
    }
}
