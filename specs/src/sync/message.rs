//! What two connected nodes say to each other: small, and in JSON. Log ranges travel elsewhere ([`super::Range`]).

use serde::{Deserialize, Serialize};

use super::Evidence;
use crate::{
    id::{CharterId, CommonsId},
    name::Handle,
};

/// One message. None needs an answer to be understood, and any may be lost: timers ask again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    /// What the sender holds.
    Hello(Hello),
    /// Asks for the amendments from this number on.
    AskCharter {
        /// The first amendment that the asker lacks.
        from: u64,
    },
    /// Amendments, the lowest first: envelopes as text.
    Charter(Vec<String>),
    /// Asks for all drafts of the next amendment.
    AskDrafts,
    /// Drafts of the next amendment: envelopes as text.
    Drafts(Vec<String>),
    /// Asks for a log's successions.
    AskSuccessions {
        /// Whose log.
        handle: Handle,
        /// The first epoch asked for.
        from: u64,
    },
    /// Successions of one log: envelopes as text.
    Successions(Vec<String>),
    /// Asks why a log is frozen.
    AskEvidence {
        /// Whose log.
        handle: Handle,
    },
    /// Why a log is frozen.
    Evidence(Evidence),
    /// A writer asks for a cosignature of its note.
    Cosign(String),
    /// A note with cosignatures: one for the writer, or all that it gathered.
    Cosigned(String),
}

/// What a node holds: sent on connect, on a timer and when it changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// The commons; a node of another one is not heard.
    pub commons: CommonsId,
    /// A number that the sender chose when it started.
    pub nonce: u64,
    /// The receiver's number, if the sender heard it: shows that this is an answer to this start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub echo: Option<u64>,
    /// Number of the last amendment.
    pub charter: u64,
    /// Id of the last amendment.
    pub charter_id: CharterId,
    /// Digest of the drafts of the next amendment, signatures included; absent when there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drafts: Option<Digest>,
    /// The logs, at most [`super::limits::MAX_LOGS`].
    pub logs: Vec<Summary>,
}

/// What a node holds of one log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Whose log.
    pub handle: Handle,
    /// The epoch of the last succession.
    pub epoch: u64,
    /// Digest of all successions.
    pub successions: Digest,
    /// Every leaf below this position can be asked for.
    pub size: u64,
    /// The checkpoint under which all `size` leaves stand; absent if that is the succession's cut.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// A longer checkpoint that the node heard of and holds not whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard: Option<String>,
    /// Digest of the evidence, if the log is frozen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frozen: Option<Digest>,
}

/// SHA-256 of what is compared, written in base32 like every hash.
pub type Digest = crate::id::ListHash;
