//! Merge requests to a repository: opened by a push to `refs/for/…`, talked about and merged over the API.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    client::{Client, Reply},
    error::Error,
    item::ItemRef,
    threads::{Entry, Filter, Said, Speaker},
};

/// `GET …/{item}/merge-requests`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MergeRequests {
    /// How many the filter lets through.
    pub total: u64,
    /// Newest change first.
    pub merge_requests: Vec<MergeRequest>,
}

/// A merge request.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MergeRequest {
    /// The statement that opened it.
    pub id: String,
    /// Its title: the first line of the newest commit.
    pub title: String,
    /// What it is for: the rest of the message.
    pub text: Option<String>,
    /// `open`, `closed` or `merged`.
    pub state: String,
    /// The topic that it was pushed with.
    pub topic: Option<String>,
    /// The branch it is for, `refs/heads/main`.
    pub target: String,
    /// The commit of its newest version.
    pub new: String,
    /// The number of its newest version, from 1.
    pub version: u64,
    /// Its versions, oldest first.
    pub versions: Vec<RequestVersion>,
    /// The ref under which every node serves it.
    #[serde(rename = "ref")]
    pub reference: String,
    /// Who opened it.
    pub by: Speaker,
    /// When, by the author's clock (RFC 3339).
    pub time: String,
    /// When the newest entry was made.
    pub updated: String,
    /// How many comments it has.
    pub comments: u64,
    /// How many people approve its newest version.
    pub approvals: u64,
    /// How many people reject it.
    pub rejections: u64,
    /// Its page.
    pub url: String,
    /// Whether this node holds its commits.
    pub local: bool,
    /// The institutions that state its merge into a branch whose protection waits for more.
    pub waiting: Vec<String>,
    /// The commits that it brings, newest first; absent in lists.
    pub commits: Vec<RequestCommit>,
    /// The commit that both sides have; absent in lists.
    pub base: Option<String>,
    /// All that was said, in order; absent in lists.
    pub entries: Vec<Entry>,
}

/// A version of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RequestVersion {
    /// From 1.
    pub number: u64,
    /// The statement.
    pub id: String,
    /// The commit.
    pub new: String,
}

/// A commit of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RequestCommit {
    /// Its id.
    pub oid: String,
    /// The author's name as stated.
    pub author: String,
    /// The first line of its message.
    pub subject: String,
}

/// What a merge did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Merge {
    /// The commit that the branch has now, or that waits.
    pub commit: String,
    /// `merged`, `waiting` (the protection asks for more institutions) or `unchanged` (it was merged already).
    pub outcome: String,
    /// The branch.
    pub target: String,
    /// What is to be known besides, in words.
    pub message: Option<String>,
}

impl Client {
    /// The merge requests of a repository.
    pub fn merge_requests(
        &self,
        item: &ItemRef,
        filter: &Filter,
    ) -> Result<Reply<MergeRequests>, Error> {
        self.get(&self.filtered(item, "merge-requests", filter), false)
    }

    /// One merge request. `id`: its id, or the first 8 characters or more.
    pub fn merge_request(&self, item: &ItemRef, id: &str) -> Result<Reply<MergeRequest>, Error> {
        self.get(&self.item_url(item, &["merge-requests", id]), false)
    }

    /// Says what one thinks of its newest version: `approve`, `reject` or `comment`. `new`: the commit that one looked
    /// at; the node refuses (409) where another is the newest.
    pub fn review(
        &self,
        item: &ItemRef,
        id: &str,
        verdict: &str,
        text: &str,
        new: &str,
    ) -> Result<Reply<Said>, Error> {
        let body = json!({ "verdict": verdict, "text": text, "new": new });
        self.post(
            &self.item_url(item, &["merge-requests", id, "reviews"]),
            &body,
        )
    }

    /// Asks the node to merge it. `fast_forward`: without a merge commit where that is possible. `new`: as of a review.
    pub fn merge(
        &self,
        item: &ItemRef,
        id: &str,
        fast_forward: bool,
        new: &str,
    ) -> Result<Reply<Merge>, Error> {
        let body = json!({ "fast_forward": fast_forward, "new": new });
        self.post(
            &self.item_url(item, &["merge-requests", id, "merge"]),
            &body,
        )
    }
}
