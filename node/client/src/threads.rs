//! Threads about an item: what people say about it, with labels and a state.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    client::{Client, Reply},
    error::Error,
    item::ItemRef,
};

/// Who said something.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Speaker {
    /// The institution in whose log it stands.
    pub institution: String,
    /// The person: their first enrolment there.
    pub person: Option<String>,
    /// Their name, if the node has it.
    pub name: Option<String>,
    /// `person` (signed with their key) or `node` (their node says that they were logged in).
    pub signed: String,
}

impl Speaker {
    /// The name, or what stands for it, with the institution.
    pub fn title(&self) -> String {
        let person = self.person.as_deref().unwrap_or_default();
        let short = person.get(..8).unwrap_or(person);
        format!(
            "{} ({})",
            self.name.as_deref().unwrap_or(short),
            self.institution
        )
    }
}

/// Which part of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// `open`, `closed`, `merged` (merge requests), `all`; the node takes `open` where it is absent.
    pub state: Option<String>,
    /// Only with this label.
    pub label: Option<String>,
    /// How many at most.
    pub limit: Option<u64>,
    /// How many to leave out first.
    pub offset: Option<u64>,
}

/// `GET …/{item}/threads`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Threads {
    /// How many the filter lets through.
    pub total: u64,
    /// Newest change first.
    pub threads: Vec<Thread>,
}

/// A thread.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Thread {
    /// The statement that opened it.
    pub id: String,
    /// Its title.
    pub title: String,
    /// `open` or `closed`.
    pub state: String,
    /// Its labels, sorted.
    pub labels: Vec<String>,
    /// Who opened it.
    pub by: Speaker,
    /// When, by the author's clock (RFC 3339).
    pub time: String,
    /// When the newest entry was made.
    pub updated: String,
    /// How many comments it has beside the first text.
    pub comments: u64,
    /// Its page.
    pub url: String,
    /// All that was said, in order; absent in lists.
    pub entries: Vec<Entry>,
}

/// One thing that somebody said or did in a thread or a merge request.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Entry {
    /// `comment`, `state`, `version` or `review`.
    pub kind: String,
    /// The statement; of a comment that was edited, the first one.
    pub id: String,
    /// Who.
    pub by: Speaker,
    /// When, by the author's clock (RFC 3339).
    pub time: String,
    /// What they wrote, CommonMark.
    pub text: Option<String>,
    /// Whether it was edited.
    pub edited: bool,
    /// Wordings that stand beside each other, where several do: none replaced the others.
    pub concurrent: Vec<Wording>,
    /// The comment that it answers.
    pub reply_to: Option<String>,
    /// `here`, `withheld` (the words have not come) or `erased`.
    pub words: String,
    /// A state change: `open` or `closed`.
    pub state: Option<String>,
    /// A state change: the labels from here on.
    pub labels: Option<Vec<String>>,
    /// A review: `approve`, `reject` or `comment`.
    pub verdict: Option<String>,
    /// A review: the number of the version that was looked at.
    pub of: Option<u64>,
    /// A version: `verified` (the person signed it), `none`, `absent` (the words are not here) or `broken`.
    pub certificate: Option<String>,
    /// A version: its number.
    pub number: Option<u64>,
    /// A version: its commit.
    pub new: Option<String>,
}

/// One of several wordings of a comment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Wording {
    /// The statement.
    pub id: String,
    /// When.
    pub time: String,
    /// The text.
    pub text: Option<String>,
}

/// What a statement made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Said {
    /// The statement.
    pub id: String,
    /// The thread or merge request that it belongs to.
    pub thread: String,
    /// Its position in the institution's log.
    pub position: u64,
}

/// Where somebody was named.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Mentions {
    /// Newest first.
    pub mentions: Vec<Mention>,
    /// Where to go on; none: that is all.
    pub next: Option<u64>,
}

/// One mention.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Mention {
    /// `handle/slug` of the item.
    pub item: String,
    /// The thread or merge request.
    pub thread: String,
    /// The comment.
    pub entry: String,
    /// Who wrote it.
    pub by: Speaker,
    /// When.
    pub time: String,
    /// The page.
    pub url: String,
}

impl Client {
    pub(crate) fn filtered(&self, item: &ItemRef, list: &str, filter: &Filter) -> url::Url {
        let mut url = self.item_url(item, &[list]);
        {
            let mut query = url.query_pairs_mut();
            for (name, value) in [
                ("state", filter.state.clone()),
                ("label", filter.label.clone()),
                ("limit", filter.limit.map(|n| n.to_string())),
                ("offset", filter.offset.map(|n| n.to_string())),
            ] {
                if let Some(value) = value {
                    query.append_pair(name, &value);
                }
            }
        }
        url
    }

    /// The threads about an item.
    pub fn threads(&self, item: &ItemRef, filter: &Filter) -> Result<Reply<Threads>, Error> {
        self.get(&self.filtered(item, "threads", filter), false)
    }

    /// One thread with all that was said. `id`: its id, or the first 8 characters or more.
    pub fn thread(&self, item: &ItemRef, id: &str) -> Result<Reply<Thread>, Error> {
        self.get(&self.item_url(item, &["threads", id]), false)
    }

    /// Opens a thread.
    pub fn open_thread(
        &self,
        item: &ItemRef,
        title: &str,
        text: &str,
        labels: &[String],
    ) -> Result<Reply<Said>, Error> {
        let body = json!({ "title": title, "text": text, "labels": labels });
        self.post(&self.item_url(item, &["threads"]), &body)
    }

    /// Adds a comment to a thread or merge request (`list`: `threads` or `merge-requests`).
    pub fn comment(
        &self,
        item: &ItemRef,
        list: &str,
        id: &str,
        text: &str,
        reply_to: Option<&str>,
    ) -> Result<Reply<Said>, Error> {
        let mut body = json!({ "text": text });
        if let Some(to) = reply_to {
            body["reply_to"] = to.into();
        }
        self.post(&self.item_url(item, &[list, id, "comments"]), &body)
    }

    /// Replaces the text of one's own comment (`comment` may be the thread itself: its first text).
    pub fn edit_comment(
        &self,
        item: &ItemRef,
        list: &str,
        id: &str,
        comment: &str,
        text: &str,
    ) -> Result<Reply<Said>, Error> {
        let body = json!({ "text": text });
        self.put(
            &self.item_url(item, &[list, id, "comments", comment]),
            &body,
        )
    }

    /// Opens or closes a thread or merge request, or sets a thread's labels: a developer of the item's institution.
    pub fn set_state(
        &self,
        item: &ItemRef,
        list: &str,
        id: &str,
        state: Option<&str>,
        labels: Option<&[String]>,
    ) -> Result<Reply<Said>, Error> {
        let mut body = Value::Object(serde_json::Map::new());
        if let Some(state) = state {
            body["state"] = state.into();
        }
        if let Some(labels) = labels {
            body["labels"] = labels.into();
        }
        self.post(&self.item_url(item, &[list, id, "state"]), &body)
    }

    /// Where an institution (`handle`) or a person of it (`handle/name`) was named, newest first, in parts: `before`
    /// is the `next` of the part before.
    pub fn mentions(&self, of: &str, before: Option<u64>) -> Result<Reply<Mentions>, Error> {
        let mut url = self.url(&["api", "v1", "mentions"]);
        url.query_pairs_mut().append_pair("of", of);
        if let Some(before) = before {
            url.query_pairs_mut()
                .append_pair("before", &before.to_string());
        }
        self.get(&url, false)
    }
}
