//! Threads, merge requests and reviews: what people say about an item. The words are in the bodies.

use super::{Fields, MAX_REF_NAME, SchemaError, facts::oid, ref_name};
use crate::id::StatementId;

/// Most labels of a thread: what a list of threads can show beside a title.
pub const MAX_LABELS: usize = 16;
/// Longest label, in bytes.
pub const MAX_LABEL: usize = 40;

/// Whether a thread or merge request is being worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord, Hash)]
pub enum OpenState {
    /// From its opening on.
    #[default]
    Open,
    /// Done, or not to be done.
    Closed,
}

impl OpenState {
    /// The name in heads and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            OpenState::Open => "open",
            OpenState::Closed => "closed",
        }
    }

    fn read(f: &Fields<'_>) -> Result<Self, SchemaError> {
        match f.text("state")? {
            "open" => Ok(OpenState::Open),
            "closed" => Ok(OpenState::Closed),
            _ => Err(SchemaError::bad("state", "open or closed")),
        }
    }
}

/// `thread`: a discussion, a comment, or what the owner says of a discussion (R-02-21).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Thread {
    /// Opens one, which is named by this statement's id. The body has its title and text.
    Opens {
        /// Sorted labels of its author's choice.
        labels: Vec<String>,
    },
    /// A comment; or, where it supersedes one of the same person, that comment's new text.
    Comment {
        /// The statement that opened the thread or merge request.
        thread: StatementId,
        /// What it answers.
        reply_to: Option<StatementId>,
    },
    /// What the item's owner says of it. At least one of the two is there.
    Change {
        /// The statement that opened the thread or merge request.
        thread: StatementId,
        /// Of threads only: a merge request's state is said by a `merge-request`.
        state: Option<OpenState>,
        /// The labels from here on, sorted.
        labels: Option<Vec<String>>,
    },
}

impl Thread {
    pub(super) fn read(f: Fields<'_>) -> Result<Self, SchemaError> {
        let state = f.optional("state", OpenState::read)?;
        let labels = f.optional("labels", labels)?;
        let reply_to = f.optional("reply_to", |f| f.parsed("reply_to", "a statement id"))?;
        let thread = f.optional("thread", |f| f.parsed("thread", "a statement id"))?;
        match thread {
            None if state.is_some() => Err(SchemaError::bad("state", "absent in an opening")),
            None if reply_to.is_some() => Err(SchemaError::bad("reply_to", "absent in an opening")),
            None => Ok(Thread::Opens {
                labels: labels.unwrap_or_default(),
            }),
            Some(thread) if state.is_none() && labels.is_none() => {
                Ok(Thread::Comment { thread, reply_to })
            }
            Some(_) if reply_to.is_some() => Err(SchemaError::bad(
                "reply_to",
                "absent beside a state or labels",
            )),
            Some(thread) => Ok(Thread::Change {
                thread,
                state,
                labels,
            }),
        }
    }

    /// The opening statement that it names; `None` where it is one.
    pub fn root(&self) -> Option<StatementId> {
        match self {
            Thread::Opens { .. } => None,
            Thread::Comment { thread, .. } | Thread::Change { thread, .. } => Some(*thread),
        }
    }
}

fn labels(f: &Fields<'_>) -> Result<Vec<String>, SchemaError> {
    let all: Vec<String> = f.parsed_list("labels", MAX_LABELS, "a list of labels")?;
    let good = |l: &String| {
        (1..=MAX_LABEL).contains(&l.len())
            && l.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    if !all.iter().all(good) || !all.windows(2).all(|w| w[0] < w[1]) {
        return Err(SchemaError::bad(
            "labels",
            "a sorted list of distinct labels of 1 to 40 of a-z, 0-9 and -",
        ));
    }
    Ok(all)
}

/// `merge-request`: a commit that somebody asks to have merged, or what the owner says of it (R-02-22).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MergeRequest {
    /// Opens one, which is named by this statement's id. The body has its title and text.
    Opens {
        /// The branch to merge into, in full.
        target: String,
        /// The commit.
        new: String,
    },
    /// A later version by the same person, which supersedes the one before.
    Version {
        /// The opening statement.
        request: StatementId,
        /// The branch to merge into, in full.
        target: String,
        /// The commit.
        new: String,
    },
    /// What the repository's owner says of it.
    Change {
        /// The opening statement.
        request: StatementId,
        /// Open or closed. "Merged" is not said: Git shows it.
        state: OpenState,
    },
}

impl MergeRequest {
    pub(super) fn read(f: Fields<'_>) -> Result<Self, SchemaError> {
        let request = f.optional("request", |f| f.parsed("request", "a statement id"))?;
        if f.has("state") {
            let Some(request) = request else {
                return Err(SchemaError::Missing("request".to_owned()));
            };
            for other in ["target", "new"] {
                if f.has(other) {
                    return Err(SchemaError::bad(other, "absent beside a state"));
                }
            }
            return Ok(MergeRequest::Change {
                request,
                state: OpenState::read(&f)?,
            });
        }
        let target = f.short_text("target", MAX_REF_NAME)?;
        if !target.starts_with("refs/heads/") || ref_name(&target).is_err() {
            return Err(SchemaError::bad("target", "a branch as refs/heads/…"));
        }
        let new = oid(&f, "new")?;
        Ok(match request {
            None => MergeRequest::Opens { target, new },
            Some(request) => MergeRequest::Version {
                request,
                target,
                new,
            },
        })
    }

    /// The opening statement that it names; `None` where it is one.
    pub fn root(&self) -> Option<StatementId> {
        match self {
            MergeRequest::Opens { .. } => None,
            MergeRequest::Version { request, .. } | MergeRequest::Change { request, .. } => {
                Some(*request)
            }
        }
    }

    /// The branch and the commit, of an opening or a version.
    pub fn asks(&self) -> Option<(&str, &str)> {
        match self {
            MergeRequest::Opens { target, new } | MergeRequest::Version { target, new, .. } => {
                Some((target, new))
            }
            MergeRequest::Change { .. } => None,
        }
    }
}

/// What a reviewer thinks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Good as it is.
    Approve,
    /// Not like this.
    Reject,
    /// Neither.
    Comment,
}

impl Verdict {
    /// The verdict of a name in heads and JSON; `None` for any other word.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "approve" => Some(Verdict::Approve),
            "reject" => Some(Verdict::Reject),
            "comment" => Some(Verdict::Comment),
            _ => None,
        }
    }

    /// The name in heads and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Approve => "approve",
            Verdict::Reject => "reject",
            Verdict::Comment => "comment",
        }
    }
}

/// `review`: what a person thinks of one version of an item, or of a merge request (R-02-23).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// The version that was looked at.
    pub of: StatementId,
    /// The verdict. Words are in the body.
    pub verdict: Verdict,
    /// Whether it has words, as the head says: they may be erased, or not here yet.
    pub words: bool,
}

impl Review {
    pub(super) fn read(f: Fields<'_>, words: bool) -> Result<Self, SchemaError> {
        Ok(Self {
            words,
            of: f.parsed("of", "a statement id")?,
            verdict: Verdict::named(f.text("verdict")?)
                .ok_or_else(|| SchemaError::bad("verdict", "approve, reject or comment"))?,
        })
    }
}
