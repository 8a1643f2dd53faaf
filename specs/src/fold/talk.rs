//! What is said about an item, as the catalogue shows it. Ids only: words are in the bodies.
//!
//! Concurrent edits are kept, all of them: wherever a `Vec` of heads has more than one, several people (or one person
//! at two nodes) wrote without having seen the other. In what is shown, the owner's comes first, then that of the
//! institutions that the repository lists, in its order, then the others' by handle; within one log the last.

pub mod served;

use crate::{
    id::StatementId,
    name::Handle,
    statement::{OpenState, Use, Verdict},
};

/// A statement, where it stands, and who made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoken {
    /// The statement.
    pub id: StatementId,
    /// In whose log.
    pub institution: Handle,
    /// Where.
    pub position: u64,
    /// The person who spoke, by the first enrolment in that log.
    pub person: Option<StatementId>,
}

/// A comment with its edits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// The first text: its id names the comment.
    pub first: Spoken,
    /// The texts that stand; several are concurrent edits, the one to show first.
    pub heads: Vec<Spoken>,
    /// What it answers, as the first text says.
    pub reply_to: Option<StatementId>,
}

/// What the owner said of a thread or merge request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnersChange {
    /// The statement.
    pub spoken: Spoken,
    /// Open or closed, if it says so.
    pub state: Option<OpenState>,
    /// The labels from there on, if it says so.
    pub labels: Option<Vec<String>>,
    /// Whether nothing replaced it.
    pub head: bool,
}

/// A discussion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThreadView {
    /// The item.
    pub item: StatementId,
    /// The opening statement: its id names the thread.
    pub root: Spoken,
    /// The opening texts that stand; several are concurrent edits.
    pub heads: Vec<Spoken>,
    /// The comments: the owner's log first, then listed institutions, then others; each log in its order.
    pub comments: Vec<Comment>,
    /// What the owner said last; open from the beginning.
    pub state: OpenState,
    /// What the owner said last, or the labels of the opening.
    pub labels: Vec<String>,
    /// All that the owner said of it, in the order of the log.
    pub changes: Vec<OwnersChange>,
}

/// A version of a merge request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestVersion {
    /// The statement: what a review is `of`.
    pub spoken: Spoken,
    /// The branch to merge into, in full.
    pub target: String,
    /// The commit.
    pub new: String,
    /// Whether nothing replaced it.
    pub head: bool,
}

/// A review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewView {
    /// The statement.
    pub spoken: Spoken,
    /// The version that was looked at.
    pub of: StatementId,
    /// What the reviewer thinks.
    pub verdict: Verdict,
}

/// A merge request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestView {
    /// The repository.
    pub item: StatementId,
    /// The opening statement: its id names the request.
    pub root: Spoken,
    /// All versions in the order of their log, the opening first: the n-th is version n. Usually only the last is a
    /// head; several are, where the person worked at two places.
    pub versions: Vec<RequestVersion>,
    /// As in a thread.
    pub comments: Vec<Comment>,
    /// Reviews that stand, of any version, in the order of the versions.
    pub reviews: Vec<ReviewView>,
    /// What the owner said last; open from the beginning. Whether it is merged, Git says.
    pub state: OpenState,
    /// What the owner said last.
    pub labels: Vec<String>,
    /// All that the owner said of it, in the order of the log.
    pub changes: Vec<OwnersChange>,
}

/// The version to look at: the last one that nothing replaced.
fn current(versions: &[RequestVersion]) -> Option<&RequestVersion> {
    let heads = versions.iter().rev().find(|v| v.head);
    heads.or(versions.last())
}

/// What a thread or merge request is, without what was said in it: what lists and refs need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// The item.
    pub item: StatementId,
    /// The opening statement.
    pub root: Spoken,
    /// What the owner said last; open from the beginning.
    pub state: OpenState,
    /// What the owner said last, or the labels of the opening.
    pub labels: Vec<String>,
    /// Of a merge request all versions, as in [`RequestView::versions`]; none of a thread.
    pub versions: Vec<RequestVersion>,
}

impl Outline {
    /// The version to look at, of a merge request.
    pub fn current(&self) -> Option<&RequestVersion> {
        current(&self.versions)
    }

    /// What decides which versions of a merge request are refs.
    pub fn asked(&self) -> served::Asked {
        served::Asked {
            id: self.root.id,
            institution: self.root.institution.clone(),
            position: self.root.position,
            open: self.state == OpenState::Open,
            versions: self.versions.len() as u64,
        }
    }
}

impl RequestView {
    /// The version to look at: the last one that nothing replaced.
    pub fn current(&self) -> &RequestVersion {
        current(&self.versions).expect("a request has the version that opened it")
    }

    /// The reviews of the version to look at.
    pub fn current_reviews(&self) -> impl Iterator<Item = &ReviewView> {
        let current = self.current().spoken.id;
        self.reviews.iter().filter(move |r| r.of == current)
    }
}

/// That an institution uses an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdoptionView {
    /// The item.
    pub item: StatementId,
    /// The statement. Several of one institution are concurrent; the last of its log comes first.
    pub spoken: Spoken,
    /// Which version, as people name it.
    pub version: String,
    /// Since which day, as `YYYY-MM-DD`.
    pub since: String,
    /// How: withdrawn ones are here too.
    pub status: Use,
}

/// That somebody thinks that something should not be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportView {
    /// The item.
    pub item: StatementId,
    /// The statement about it that is meant, if not the whole item.
    pub of: Option<StatementId>,
    /// What is wrong.
    pub code: String,
    /// The statement.
    pub spoken: Spoken,
}
