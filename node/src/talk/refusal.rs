//! Why something is not said.

use commun_specs::fold::RefusalKind;

use crate::{core::WriteError, store};

/// Why something is not said, or not merged. Nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum TalkError {
    /// A field and what is wrong with it.
    #[error("{0}: {1}")]
    Invalid(String, String),
    /// The person may not.
    #[error("{0}")]
    NotAllowed(String),
    /// There is no such thread, request or comment.
    #[error("{0}")]
    NotFound(String),
    /// It contradicts what is there.
    #[error("{0}")]
    Conflict(String),
    /// A merge request has another version than the one that was looked at.
    #[error("version {number} of this merge request is the newest now: look at it first")]
    Newer {
        /// The newest version's number.
        number: u64,
        /// Its commit.
        new: String,
    },
    /// Both sides changed the same places of these files.
    #[error("{message}")]
    Merge {
        /// What to do, with the commands.
        message: String,
        /// The files.
        files: Vec<String>,
    },
    /// The node cannot do it now.
    #[error("{0}")]
    NotNow(String),
    /// The node failed.
    #[error("{0}")]
    Failed(String),
}

impl TalkError {
    pub(super) fn failed(e: impl std::fmt::Display) -> Self {
        TalkError::Failed(e.to_string())
    }
}

impl From<store::Error> for TalkError {
    fn from(e: store::Error) -> Self {
        TalkError::failed(e)
    }
}

impl From<commun_forge::git::Error> for TalkError {
    fn from(e: commun_forge::git::Error) -> Self {
        TalkError::failed(e)
    }
}

impl From<WriteError> for TalkError {
    fn from(e: WriteError) -> Self {
        let text = e.to_string();
        match e {
            WriteError::Refused(r) if r.kind() == RefusalKind::Stale => TalkError::Conflict(text),
            WriteError::Refused(r) if r.kind() == RefusalKind::NotYet => TalkError::NotNow(text),
            WriteError::Refused(r) if r.kind() == RefusalKind::Malformed => {
                TalkError::Invalid("statement".to_owned(), text)
            }
            WriteError::Refused(_) | WriteError::Expired => TalkError::NotAllowed(text),
            WriteError::Malformed(_) | WriteError::Incomplete(_) => {
                TalkError::Invalid("statement".to_owned(), text)
            }
            WriteError::NotNow(_) | WriteError::Busy => TalkError::NotNow(text),
            WriteError::Store(_) => TalkError::Failed(text),
        }
    }
}
