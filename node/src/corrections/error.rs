//! Why something is not corrected.

use commun_specs::{
    fold::RefusalKind,
    id::StatementId,
    metadata::{Change, Problems},
};

use crate::{core::WriteError, resources::PublishError};

/// Nothing was stated.
#[derive(Debug, thiserror::Error)]
pub enum CorrectError {
    /// Values that the model, the charter or a licence does not allow: all of them (HTTP 422).
    #[error("{0}")]
    Invalid(Problems),
    /// The person may not do this (403).
    #[error("{0}")]
    NotAllowed(String),
    /// There is no such item (404).
    #[error("there is no such item here")]
    NoSuchItem,
    /// There is nothing to do it to (409).
    #[error("{0}")]
    Nothing(String),
    /// It was withdrawn (410).
    #[error("{0} was withdrawn; publish a version to bring it back")]
    Gone(String),
    /// Another version than the one that the correction was made from is shown (409).
    #[error(
        "the item has changed since you read it: {version} is shown now{}",
        from(by)
    )]
    Changed {
        /// What is shown now.
        version: StatementId,
        /// Who stated it.
        by: Option<String>,
        /// What is shown otherwise since.
        changes: Vec<Change>,
    },
    /// The version that is shown is being written at this moment (503, after a while of waiting).
    #[error("a version of this item is being written; try again in a moment")]
    Settling,
    /// This node cannot write now; trying again later makes sense (503).
    #[error("{0}")]
    NotNow(String),
    /// The node failed; the words are for its log (500).
    #[error("{0}")]
    Failed(String),
}

fn from(by: &Option<String>) -> String {
    by.as_ref()
        .map(|by| format!(", by {by}"))
        .unwrap_or_default()
}

impl CorrectError {
    /// This node fails.
    pub(super) fn failed(cause: impl std::fmt::Display) -> Self {
        Self::Failed(cause.to_string())
    }

    /// What the door's no means to whoever corrects.
    pub(super) fn of(e: WriteError) -> Self {
        match e {
            WriteError::Refused(r) => match r.kind() {
                RefusalKind::NotAllowed => Self::NotAllowed(r.to_string()),
                RefusalKind::Stale | RefusalKind::Known | RefusalKind::NotYet => {
                    Self::NotNow(r.to_string())
                }
                RefusalKind::Malformed => Self::Failed(r.to_string()),
            },
            WriteError::Expired => Self::NotAllowed(WriteError::Expired.to_string()),
            e @ (WriteError::NotNow(_) | WriteError::Busy) => Self::NotNow(e.to_string()),
            e => Self::Failed(e.to_string()),
        }
    }

    /// What a rule of publishing means here.
    pub(super) fn of_publishing(e: PublishError) -> Self {
        match e {
            PublishError::Invalid(problems) => Self::Invalid(problems),
            PublishError::NotAllowed(why) | PublishError::Blocked(why) => Self::NotAllowed(why),
            e => Self::Failed(e.to_string()),
        }
    }

    /// Whether the next item would fail too.
    pub(super) fn stops_all(&self) -> bool {
        matches!(self, Self::NotNow(_) | Self::Failed(_))
    }
}
