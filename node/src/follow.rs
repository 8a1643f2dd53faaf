//! Followers of the journal: each does its own work after the door, at its own pace, with its own cursor.

mod content;
pub(crate) mod derived;
mod git;
mod index;
pub mod projection;
mod providers;

pub use content::{Behind, ContentFollower, Copies};
pub use git::GitFollower;
pub use index::{FeedError, IndexFollower, rebuild};
pub use providers::Providers;
