//! Git repositories: kept, served, checked, replicated, browsed.
//!
//! [`Git`] is the system's program with the settings under which we dare to run it. [`Repos`] is a
//! folder of bare repositories named by item id; it hands out [`Repository`] values. A push goes
//! through [`Push`] (the request is looked at before Git sees it), a clone through [`Service`], a
//! replica's fetch through [`Repository::fetch`]; [`Browse`] reads for pages and the index.
//!
//! Every process runs with an empty environment, no configuration but ours, limits on memory, time
//! and file size, in a process group of its own, and is ended when its owner is dropped.

#[cfg(test)]
mod acceptance;
mod browse;
mod cache;
mod check;
mod command;
mod fault;
mod fetch;
mod give;
mod hooks;
mod kept;
mod maintenance;
mod merge;
mod oid;
mod pack;
mod pktline;
mod places;
pub mod proc_receive;
mod push;
mod refname;
mod refs;
mod repos;
mod running;
mod service;
pub mod signature;
pub(crate) mod sys;
#[cfg(test)]
mod testing;
mod v2;
mod whole;

pub use browse::{
    Annotation, Archive, ArchiveError, ArchiveKind, Blamed, Blob, Browse, BrowseError, Change,
    Commit, Comparison, Diff, DiffLimits, Entry, EntryKind, FileDiff, Folded, Hunk, LastCommit,
    Line, LineKind, Reference, Resolved, Signature, Signed, SwhKind, Swhid,
};
pub use cache::{Cache, CacheStats, Reader};
pub use check::{Judged, Verdict};
pub use command::{Error, Git, Limits};
pub use fault::Fault;
pub use fetch::{Ask, FetchError};
pub use give::MAX_WANTED;
pub use hooks::{HookEnv, install_hooks};
pub use kept::KEPT_DAYS;
pub use maintenance::Wear;
pub use merge::{CommitLine, Ident, Merged};
pub use oid::{NotAnOid, ObjectFormat, Oid};
pub use pack::PackError;
pub use push::{Judge, Outcome, Push, PushError, offer_certificates};
pub use refname::{MAX_REF_NAME_BYTES, RefName, RefNameError, check_proposal, check_ref_name};
pub use refs::{FailedMove, RefMove};
pub use repos::{Repos, Repository};
pub use service::{Service, ServiceError, ServiceKind, sanitise_protocol};
pub use sys::room;
pub use v2::{Answered, MAX_LOOK};
