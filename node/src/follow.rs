//! Followers of the journal: each does its own work after the door, at its own pace, with its own cursor.

mod git;

pub use git::GitFollower;
