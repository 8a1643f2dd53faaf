//! An item as it is shown: everything a page or the API says about it, gathered from the catalogue, the bodies
//! of its statements and its files. Plain values; nothing here decides anything.

mod component;
mod extraction;
mod gather;
mod outline;

use commun_index::Kind;
use commun_specs::{
    files::FileList,
    id::{ContentHash, StatementId},
    key::PublicKey,
    metadata::{Record, View},
    name::{Handle, Slug},
};

use crate::{adoptions::Adoption, collections::Member, reviews::Reviews};
pub(crate) use component::descriptions;
pub use component::{Component, Neighbour, Reading, Uses};
pub(crate) use extraction::MAX_PICTURE;
pub use extraction::{Extraction, Unread};
pub(crate) use gather::words;
pub use gather::{shown, statements, title};
pub use outline::outline;

/// One item.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Its id.
    pub id: StatementId,
    /// The institution that owns it.
    pub handle: Handle,
    /// Its name there.
    pub slug: Slug,
    /// Repository or resource.
    pub kind: Kind,
    /// What is known about it, one choice per field.
    pub view: View,
    /// Everything that is known about it, each value with where it came from.
    pub record: Record,
    /// Whether the words that go with the current statement are here.
    pub words: Words,
    /// Time of the newest statement about it, seconds since 1970.
    pub updated: u64,
    /// The withdrawal, if it was taken back.
    pub withdrawn: Option<Withdrawal>,
    /// Every version, newest first; for a repository its descriptions by its owner.
    pub versions: Vec<Version>,
    /// The record that the current version names: what came in, byte for byte.
    pub original: Option<ContentHash>,
    /// The files of the current version; `None` while this node lacks their list, and for repositories.
    pub files: Option<FileList>,
    /// What a repository has besides.
    pub repository: Option<Repository>,
    /// What a repository says of itself beyond its code.
    pub component: Option<Component>,
    /// What was read out of its files besides words.
    pub extraction: Extraction,
    /// Who uses it, as they say themselves; those that no longer do are left out.
    pub adoptions: Vec<Adoption>,
    /// What people think of it.
    pub reviews: Reviews,
    /// What it was made from.
    pub derived_from: Vec<Source>,
    /// What was made from it, anywhere in the commons.
    pub derived_into: Vec<Neighbour>,
    /// What is stated to be the same: as what (`same`, `translation`), and which item.
    pub twins: Vec<(String, Neighbour)>,
    /// The collections that list it.
    pub collected_in: Vec<Neighbour>,
    /// What a collection holds, in its order; `None` for what is none.
    pub members: Option<Vec<Member>>,
    /// The institutions that are known to hold its content, this one included if it does.
    pub holders: Vec<Handle>,
    /// Whether this node holds its content.
    pub local: bool,
}

impl Shown {
    /// `handle/slug`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.handle, self.slug)
    }

    /// The title for a reader's languages, with its language; the slug where there is none.
    pub fn title<'a>(&'a self, tags: &[&str]) -> (&'a str, &'a str) {
        self.view
            .title_for(tags)
            .unwrap_or(("", self.slug.as_str()))
    }
}

/// That an item was taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    /// The statement.
    pub statement: StatementId,
    /// Which institution took it back.
    pub institution: Handle,
    /// Who, if their profile says a name.
    pub by: Option<String>,
    /// Seconds since 1970, by their clock.
    pub time: u64,
    /// Why, for programs.
    pub code: String,
    /// Why, in words.
    pub reason: Option<String>,
}

impl Withdrawal {
    /// Why, in a sentence: for those who come by an old link.
    pub fn sentence(&self) -> String {
        let why = self.reason.as_deref().unwrap_or(&self.code);
        format!("{} has withdrawn this item: {why}", self.institution)
    }
}

/// Whether a body is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Words {
    /// It is.
    Here,
    /// It has not arrived.
    Withheld,
    /// Its institution erased it.
    Erased,
}

/// One version.
#[derive(Debug, Clone)]
pub struct Version {
    /// The statement.
    pub statement: StatementId,
    /// In whose log it stands.
    pub log: Handle,
    /// Where.
    pub position: u64,
    /// Seconds since 1970, by its author's clock.
    pub time: u64,
    /// Whose key signed it.
    pub author: PublicKey,
    /// The author's name, if their profile says one.
    pub author_name: Option<String>,
    /// Whether the author keeps that key (else their node does).
    pub custody_self: bool,
    /// Whether this is what is shown now.
    pub current: bool,
    /// The files that it names.
    pub files: Option<VersionFiles>,
}

/// The files of a version in short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VersionFiles {
    /// BLAKE3 of the file list.
    pub root: ContentHash,
    /// How many.
    pub count: u64,
    /// Their bytes in all.
    pub bytes: u64,
}

/// A version that something was made from.
#[derive(Debug, Clone)]
pub struct Source {
    /// The item.
    pub item: StatementId,
    /// `handle/slug`, if the item is known here.
    pub name: Option<String>,
    /// Its title, if known.
    pub title: Option<String>,
    /// The version that was taken.
    pub version: StatementId,
    /// How many versions came after that one, if that is known.
    pub behind: Option<u64>,
    /// The version that is displayed now.
    pub newest: Option<StatementId>,
}

/// What the catalogue says of a repository.
#[derive(Debug, Clone)]
pub struct Repository {
    /// The branch that is shown first.
    pub default_branch: String,
    /// `sha1` or `sha256`.
    pub object_format: String,
    /// Who may push, in the owner's order.
    pub pushers: Vec<Handle>,
    /// The refs as the logs state them, by name.
    pub refs: Vec<Ref>,
    /// What was pushed and moves nothing until more institutions push it too.
    pub waiting: Vec<Waiting>,
    /// What is protected: the pattern, and how many institutions must push a commit.
    pub protected: Vec<(String, u64)>,
}

/// A push that waits for other institutions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The ref that it would move: `refs/heads/main`.
    pub name: String,
    /// Who pushed.
    pub by: Handle,
    /// What they pushed.
    pub oid: String,
    /// How many institutions have pushed it.
    pub stated: u64,
    /// How many must.
    pub threshold: u64,
}

impl Waiting {
    /// The ref under which every node serves it.
    pub fn place(&self) -> String {
        let rest = self.name.strip_prefix("refs/").unwrap_or(&self.name);
        format!("refs/waiting/{}/{rest}", self.by)
    }
}

/// A ref of a repository.
#[derive(Debug, Clone)]
pub struct Ref {
    /// `refs/heads/main`.
    pub name: String,
    /// What the logs say it names.
    pub oid: String,
    /// Whose log says so.
    pub by: Handle,
    /// What this node serves; differs while objects are on their way.
    pub served: Option<String>,
    /// Other heads that nobody has merged: institution and oid.
    pub diverged: Vec<(Handle, String)>,
}

impl Ref {
    /// The name without `refs/heads/` or `refs/tags/`.
    pub fn short(&self) -> &str {
        self.name
            .strip_prefix("refs/heads/")
            .or_else(|| self.name.strip_prefix("refs/tags/"))
            .unwrap_or(&self.name)
    }

    /// Whether it is a branch.
    pub fn is_branch(&self) -> bool {
        self.name.starts_with("refs/heads/")
    }
}

/// A statement about an item, as the API hands it out.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// In whose log.
    pub log: Handle,
    /// Where.
    pub position: u64,
    /// The DSSE envelope.
    pub envelope: Vec<u8>,
    /// Salt and body, if there is one and it is here.
    pub body: Option<([u8; 32], Vec<u8>)>,
}
