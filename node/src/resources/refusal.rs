//! Why something is not published.

use commun_specs::{fold::RefusalKind, metadata::Problems};

use crate::core::WriteError;

/// Nothing was published, and nothing is visible.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The metadata or the files break rules: all that is wrong, each with what to do (HTTP 422).
    #[error("{0}")]
    Invalid(Problems),
    /// The person may not do this (403).
    #[error("{0}")]
    NotAllowed(String),
    /// It was taken down, and does not come back (403).
    #[error("{0}; an admin may let it come back (commun unhide BLAKE3)")]
    Blocked(String),
    /// There is no such item (404).
    #[error("there is no such item here")]
    NoSuchItem,
    /// The name is taken, or somebody published meanwhile (409).
    #[error("{0}")]
    Conflict(String),
    /// This node cannot write now; trying again later makes sense (503).
    #[error("{0}")]
    NotNow(String),
    /// The node failed; the words are for its log (500).
    #[error("{0}")]
    Failed(String),
}

impl PublishError {
    /// This node fails.
    pub(super) fn failed(cause: impl std::fmt::Display) -> Self {
        Self::Failed(cause.to_string())
    }

    /// What the store's no means to whoever publishes.
    pub(super) fn of_blob(e: crate::blobs::Error) -> Self {
        match e {
            crate::blobs::Error::Blocked(why) => Self::Blocked(why),
            e => Self::failed(e),
        }
    }

    /// What the door's no means to whoever publishes.
    pub(super) fn of(e: WriteError) -> Self {
        match e {
            WriteError::Refused(refusal) => match refusal.kind() {
                RefusalKind::NotAllowed => {
                    use commun_specs::fold::{Reason, Refusal};
                    match refusal {
                        Refusal::Rule(Reason::SlugTaken) => Self::Conflict(refusal.to_string()),
                        _ => Self::NotAllowed(refusal.to_string()),
                    }
                }
                RefusalKind::Stale | RefusalKind::Known => Self::Conflict(refusal.to_string()),
                RefusalKind::NotYet => Self::NotNow(refusal.to_string()),
                RefusalKind::Malformed => Self::Failed(refusal.to_string()),
            },
            WriteError::Expired => Self::NotAllowed(WriteError::Expired.to_string()),
            WriteError::NotNow(why) => Self::NotNow(why.to_string()),
            WriteError::Busy => Self::NotNow(WriteError::Busy.to_string()),
            e @ (WriteError::Malformed(_) | WriteError::Incomplete(_) | WriteError::Store(_)) => {
                Self::Failed(e.to_string())
            }
        }
    }
}
