//! What people here say: each call makes one statement of this institution's log.

use commun_specs::{
    fold::{Item, Spoken},
    id::StatementId,
    json::{Object, Value},
    name::Role,
    statement::{MAX_LABEL, MAX_LABELS, OpenState},
};

use super::{Talk, TalkError, heard::one_of, outlines::outlines, words::Words};
use crate::core::{Author, Draft, Person, Written};

/// Most comments of one thread: what a page can still be made of. A longer one is two threads.
const MAX_COMMENTS: usize = 10_000;
/// Most threads and merge requests of one person about one item that are open at a time: room for all honest work,
/// and none to bury a project.
pub(super) const MAX_OPEN: usize = 100;

impl Talk {
    /// Opens a thread about an item.
    ///
    /// # Errors
    /// See [`TalkError`]; nothing was said then.
    pub async fn open(
        &self,
        by: &Person,
        item: &Item,
        title: &str,
        text: &str,
        labels: &[String],
    ) -> Result<Written, TalkError> {
        let words = Words::new(Some(title), text)?;
        fit(labels)?;
        let mine = outlines(&self.core, &item.id, |root| self.is_by(root, by));
        let open = mine
            .iter()
            .filter(|t| t.versions.is_empty() && t.state == OpenState::Open);
        if open.count() >= MAX_OPEN {
            return Err(TalkError::NotAllowed(format!(
                "you have {MAX_OPEN} open threads here, the most that one person may have"
            )));
        }
        let mut fields = Object::new();
        if !labels.is_empty() {
            fields.insert("labels".to_owned(), self::labels(labels));
        }
        let draft = Draft {
            kind: "thread",
            item: Some(item.id),
            fields,
            body: Some(words.to_body()),
            ..Draft::default()
        };
        self.append(by, draft).await
    }

    /// Adds a comment to a thread or merge request. `reply_to`: an entry of it, or the beginning of its id.
    ///
    /// # Errors
    /// See [`TalkError`]; nothing was said then.
    pub async fn comment(
        &self,
        by: &Person,
        item: &Item,
        root: &StatementId,
        text: &str,
        reply_to: Option<&str>,
    ) -> Result<Written, TalkError> {
        let words = some(Words::new(None, text)?)?;
        let entries = self.spoken(root)?;
        if entries.len() >= MAX_COMMENTS {
            return Err(TalkError::NotAllowed(format!(
                "this has {MAX_COMMENTS} comments already; open another thread"
            )));
        }
        let mut fields = Object::from([("thread".to_owned(), root.to_string().into())]);
        if let Some(to) = reply_to {
            let ids: Vec<StatementId> = entries.iter().map(|(first, _)| first.id).collect();
            let to = one_of(&ids, to, "comment")?;
            fields.insert("reply_to".to_owned(), to.to_string().into());
        }
        let draft = Draft {
            kind: "thread",
            item: Some(item.id),
            fields,
            body: Some(words.to_body()),
            ..Draft::default()
        };
        self.append(by, draft).await
    }

    /// Replaces the text of one's own comment; of a thread's first text also the title, where one is given.
    ///
    /// # Errors
    /// See [`TalkError`]: [`TalkError::Conflict`] where the comment was edited meanwhile.
    pub async fn edit(
        &self,
        by: &Person,
        item: &Item,
        root: &StatementId,
        comment: &str,
        title: Option<&str>,
        text: &str,
    ) -> Result<Written, TalkError> {
        let entries = self.spoken(root)?;
        let ids: Vec<StatementId> = entries.iter().map(|(first, _)| first.id).collect();
        let id = one_of(&ids, comment, "comment")?;
        let (first, heads) = entries
            .into_iter()
            .find(|(first, _)| first.id == id)
            .expect("it was just found");
        if !self.is_by(&first, by) {
            return Err(TalkError::NotAllowed(
                "only who wrote a comment edits it".to_owned(),
            ));
        }
        let opening = id == *root;
        let title = match title {
            Some(_) if !opening => {
                let what = "only the first text of a thread has a title".to_owned();
                return Err(TalkError::Invalid("title".to_owned(), what));
            }
            None if opening => Some(self.discussion(root)?.title),
            title => title.map(str::to_owned),
        };
        let words = some(Words::new(title.as_deref(), text)?)?;
        // All wordings that stand are replaced: who edits has seen them.
        let mut supersedes: Vec<StatementId> = heads.iter().map(|h| h.id).collect();
        supersedes.sort();
        let draft = Draft {
            kind: "thread",
            item: Some(item.id),
            supersedes,
            fields: Object::from([("thread".to_owned(), root.to_string().into())]),
            body: Some(words.to_body()),
            ..Draft::default()
        };
        self.append(by, draft).await
    }

    /// Opens, closes or labels a thread or merge request: a developer of the institution that owns the item, on its
    /// node.
    ///
    /// # Errors
    /// See [`TalkError`].
    pub async fn set_state(
        &self,
        by: &Person,
        item: &Item,
        root: &StatementId,
        state: Option<OpenState>,
        labels: Option<&[String]>,
    ) -> Result<Written, TalkError> {
        let me = &self.core.identity().handle;
        if item.owner != *me {
            return Err(TalkError::NotAllowed(format!(
                "only developers of {} open, close and label what is said about this item, on their own node",
                item.owner
            )));
        }
        if !by.may(&[Role::Developer]) {
            return Err(TalkError::NotAllowed(
                "opening, closing and labelling needs the role developer".to_owned(),
            ));
        }
        fit(labels.unwrap_or_default())?;
        let (thread, request) = {
            let s = self.core.state();
            (s.catalogue().thread(root), s.catalogue().request(root))
        };
        let (kind, now, standing) = match (&thread, &request) {
            (Some(t), _) => ("thread", (t.state, t.labels.clone()), &t.changes),
            (None, Some(r)) => ("request", (r.state, r.labels.clone()), &r.changes),
            (None, None) => return Err(none()),
        };
        let same = state.is_none_or(|s| s == now.0) && labels.is_none_or(|l| sorted(l) == now.1);
        if same {
            return Err(TalkError::Conflict(
                "it is so already; nothing was changed".to_owned(),
            ));
        }
        let by_request = kind == "request" && state.is_some();
        if by_request && labels.is_some() {
            let what = "set the state and the labels of a merge request one after the other";
            return Err(TalkError::Invalid("labels".to_owned(), what.to_owned()));
        }
        // A change says all that stands, so that it may replace the ones before.
        let mut supersedes: Vec<StatementId> = standing
            .iter()
            .filter(|c| {
                c.head
                    && c.spoken.institution == *me
                    && (kind == "thread" || c.state.is_some() == by_request)
            })
            .map(|c| c.spoken.id)
            .collect();
        supersedes.sort();
        let mut fields = Object::new();
        let (kind, root_member) = if by_request {
            ("merge-request", "request")
        } else {
            ("thread", "thread")
        };
        fields.insert(root_member.to_owned(), root.to_string().into());
        if by_request || thread.is_some() {
            let state = state.unwrap_or(now.0);
            fields.insert("state".to_owned(), state.as_str().into());
        }
        if !by_request {
            let labels = labels.map_or(now.1, sorted);
            fields.insert("labels".to_owned(), self::labels(&labels));
        }
        let draft = Draft {
            kind,
            item: Some(item.id),
            supersedes,
            fields,
            ..Draft::default()
        };
        self.append(by, draft).await
    }

    /// Says what one thinks of the newest version of a merge request, in place of what one thought of it before.
    /// `seen`: the commit that one looked at, or its beginning.
    ///
    /// # Errors
    /// See [`TalkError`]: [`TalkError::Newer`] where another one than `seen` is the newest.
    pub async fn review(
        &self,
        by: &Person,
        item: &Item,
        root: &StatementId,
        verdict: &str,
        text: &str,
        seen: Option<&str>,
    ) -> Result<Written, TalkError> {
        if !["approve", "reject", "comment"].contains(&verdict) {
            let what = "a verdict is approve, reject or comment".to_owned();
            return Err(TalkError::Invalid("verdict".to_owned(), what));
        }
        let words = Words::new(None, text)?;
        if verdict == "comment" && words.text.trim().is_empty() {
            return Err(TalkError::Invalid(
                "text".to_owned(),
                "there is no text".to_owned(),
            ));
        }
        let request = self
            .core
            .state()
            .catalogue()
            .request(root)
            .ok_or_else(none)?;
        let number = |id: &StatementId| request.versions.iter().position(|v| v.spoken.id == *id);
        let current = request.current();
        is_seen(seen, &current.new, || {
            number(&current.spoken.id).map_or(0, |n| n as u64 + 1)
        })?;
        if self.is_by(&request.root, by) && verdict != "comment" {
            return Err(TalkError::NotAllowed(
                "nobody approves or rejects a merge request of their own".to_owned(),
            ));
        }
        let mut supersedes: Vec<StatementId> = request
            .current_reviews()
            .filter(|r| self.is_by(&r.spoken, by))
            .map(|r| r.spoken.id)
            .collect();
        supersedes.sort();
        let fields = Object::from([
            (
                "of".to_owned(),
                request.current().spoken.id.to_string().into(),
            ),
            ("verdict".to_owned(), verdict.into()),
        ]);
        let draft = Draft {
            kind: "review",
            item: Some(item.id),
            supersedes,
            fields,
            body: (!words.text.is_empty()).then(|| words.to_body()),
            ..Draft::default()
        };
        self.append(by, draft).await
    }

    /// Every text of a thread or merge request, with what stands of it.
    fn spoken(&self, root: &StatementId) -> Result<Vec<(Spoken, Vec<Spoken>)>, TalkError> {
        let state = self.core.state();
        let catalogue = state.catalogue();
        let comments =
            |all: Vec<commun_specs::fold::Comment>| all.into_iter().map(|c| (c.first, c.heads));
        if let Some(t) = catalogue.thread(root) {
            return Ok(std::iter::once((t.root, t.heads))
                .chain(comments(t.comments))
                .collect());
        }
        let request = catalogue.request(root).ok_or_else(none)?;
        Ok(comments(request.comments).collect())
    }

    /// Whether somebody here made a statement.
    pub(super) fn is_by(&self, spoken: &Spoken, person: &Person) -> bool {
        spoken.institution == self.core.identity().handle && spoken.person == Some(person.id)
    }

    /// Signs for somebody as all their statements are signed, and appends.
    pub(super) async fn append(&self, by: &Person, draft: Draft) -> Result<Written, TalkError> {
        let key = self.core.author_key(by).map_err(TalkError::failed)?;
        let author = Author::of(by, key.as_ref());
        let entry = self
            .core
            .compose(draft, &author)
            .map_err(|e| TalkError::Invalid("statement".to_owned(), e.to_string()))?;
        Ok(self.core.write(entry).await?)
    }
}

/// Shortest beginning of a commit's id that says which version somebody looked at.
const MIN_SEEN: usize = 8;

/// Whether what somebody looked at, if they say so, is the newest version.
pub(super) fn is_seen(
    seen: Option<&str>,
    new: &str,
    number: impl FnOnce() -> u64,
) -> Result<(), TalkError> {
    let Some(seen) = seen else { return Ok(()) };
    if seen.len() < MIN_SEEN || !seen.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        let what = format!(
            "it is the commit of the version that you looked at, or its first {MIN_SEEN} characters or more"
        );
        return Err(TalkError::Invalid("new".to_owned(), what));
    }
    if new.starts_with(seen) {
        return Ok(());
    }
    Err(TalkError::Newer {
        number: number(),
        new: new.to_owned(),
    })
}

fn none() -> TalkError {
    TalkError::NotFound("there is no such thread or merge request".to_owned())
}

fn some(words: Words) -> Result<Words, TalkError> {
    if words.text.trim().is_empty() {
        let what = "there is no text".to_owned();
        return Err(TalkError::Invalid("text".to_owned(), what));
    }
    Ok(words)
}

/// Labels are words for lists and addresses: what else people write is refused with what to write.
fn fit(labels: &[String]) -> Result<(), TalkError> {
    let invalid = |what: String| Err(TalkError::Invalid("labels".to_owned(), what));
    let good = |l: &&String| {
        (1..=MAX_LABEL).contains(&l.len())
            && l.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    if let Some(bad) = labels.iter().find(|l| !good(l)) {
        return invalid(format!(
            "a label is 1 to {MAX_LABEL} of a-z, 0-9 and -, such as needs-help, and this is none: {bad}"
        ));
    }
    if sorted(labels).len() > MAX_LABELS {
        return invalid(format!("there are more than {MAX_LABELS}"));
    }
    Ok(())
}

fn sorted(labels: &[String]) -> Vec<String> {
    let mut labels = labels.to_vec();
    labels.sort();
    labels.dedup();
    labels
}

fn labels(labels: &[String]) -> Value {
    let labels = sorted(labels);
    Value::List(labels.iter().map(|l| l.as_str().into()).collect())
}
