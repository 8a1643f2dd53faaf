//! The fold: what the logs add up to (rules, FORMATS sections 4 and 5).
//!
//! Two phases. [`log`](LogState), one log at a time and in its order: who may say what, which names are taken,
//! which charter holds. Then [`register`] and [`item`], one item at a time: a pure function of what all logs say
//! about it. [`Catalogue`] keeps both up to date as entries come, recomputing only what an entry touches (of an item, mostly
//! what follows from what is kept of it), and holds the sum from which [`Catalogue::root`] follows: two nodes with the same logs have the same root.
//!
//! The fold reads heads, lists and charters. Bodies, the clock and the network do not enter it.

mod authority;
mod catalogue;
mod door;
mod effort;
mod few;
mod ids;
pub mod item;
mod licence;
mod log;
pub mod register;
pub mod row;
mod state;
pub mod supersession;
pub mod talk;

pub use authority::{Enrolments, Node, Person};
pub use catalogue::{Catalogue, Delta, Push};
pub use door::{Placement, Refusal, RefusalKind};
pub use item::{Described, Head, Item, ItemKind, RefState, Waiting};
pub use licence::accepted as licence_accepted;
pub(crate) use log::LogState;
pub use state::{Needed, Reason, State};
pub use talk::{
    AdoptionView, Comment, Outline, OwnersChange, ReportView, RequestVersion, RequestView,
    ReviewView, Spoken, ThreadView,
};

use crate::{id::TreeRoot, name::Handle};

/// The version of the rules that decide what is in force. It is part of every catalogue root.
pub const FOLD_VERSION: u64 = 3;

/// The trees of the logs that a node holds: what cuts are checked against.
pub trait Roots {
    /// The tree root of the first `size` leaves of a log; `None` where fewer are held.
    fn root(&self, log: &Handle, size: u64) -> Option<TreeRoot>;
}

#[cfg(test)]
mod tests;
