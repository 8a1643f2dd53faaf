//! What people say about items: threads, and merge requests with their versions, reviews and merges.
//!
//! Facts are in the catalogue ([`commun_specs::fold`]), words in bodies. [`heard`] puts both together for those who
//! read; [`say`] makes statements for those who write; [`propose`] turns a push to `refs/for/…` into a merge request;
//! [`merge`] merges one; [`refs`] says what Git is to serve of them. Everything works without the other nodes: what
//! two people say while they are cut apart stands in two logs, and both are shown, everywhere in the same order.

mod heard;
mod latest;
mod mentions;
mod merge;
mod merged;
mod outlines;
mod propose;
mod refs;
mod refusal;
mod say;
mod words;

use std::sync::{Arc, OnceLock};

use commun_forge::git::Repos;

pub use heard::{Asked, Deed, Discussion, Entry, Filter, Kind, Listed, Speaker, Version, Wording};
pub use mentions::{Mention, Mentions, named, slug};
pub use merge::{MergeOutcome, Outcome};
pub use propose::{PREFIX, Proposed, Unfit};
pub use refs::{Wanted, proposed, wanted};
pub use refusal::TalkError;
pub use words::{MAX_TEXT, MAX_TITLE};

use crate::core::Core;

/// How many characters of an id stand in addresses and ref names: 80 bits, far beyond what meets by chance.
pub const SHORT_ID: usize = 16;

/// Reads and writes what is said; cheap to clone.
#[derive(Clone)]
pub struct Talk {
    core: Core,
    repos: Repos,
    merged: merged::Merged,
    url: Arc<OnceLock<String>>,
}

impl Talk {
    /// Speaks through this core about the items of these repositories.
    pub fn new(core: Core, repos: Repos) -> Self {
        Self {
            core,
            repos,
            merged: merged::Merged::default(),
            url: Arc::default(),
        }
    }

    /// Notes the address of this node's pages, once it is known: for what a pusher reads.
    pub fn set_url(&self, url: &str) {
        let _ = self.url.set(url.to_owned());
    }

    /// The address of this node's pages.
    pub fn url(&self) -> &str {
        self.url.get().map_or("", String::as_str)
    }
}

/// The beginning of an id, as it stands in addresses.
pub fn short(id: &commun_specs::id::StatementId) -> String {
    let mut text = id.to_string();
    text.truncate(SHORT_ID);
    text
}

#[cfg(test)]
mod tests;
