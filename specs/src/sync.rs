//! How nodes come to hold the same logs, as a value: no I/O, no clock (prose: `specs/06-sync.md`).
//!
//! [`Sync::step`] takes what happened and says what to do. The node's shell and the seeded simulator of
//! `testnet` drive the same machine. Read in this order:
//!
//! - [`limits`]: every number, with its reason;
//! - [`Input`], [`Output`], [`Message`]: what goes in, what comes out, what nodes say to each other;
//! - [`Range`], [`check_range`]: a part of a log on its way, and the check before it is stored;
//! - [`Evidence`]: two histories of one log;
//! - [`Sync`]: the decisions, one file for each kind.

pub mod limits;

mod evidence;
mod input;
mod machine;
mod message;
mod output;
mod range;
#[cfg(test)]
mod tests;

pub use evidence::{Evidence, contradiction};
pub use input::{Input, Member, Millis};
pub use machine::{Config, Initial, LogState, LogView, PeerView, Sync, View};
pub use message::{Digest, Hello, Message, Summary};
pub use output::{Fetch, Offence, Output, Tip, Verdict};
pub use range::{
    Checked, CodecError, Proofs, Range, RangeEntry, RangeErasure, RangeFault, RangeRequest, Terms,
    check_bodies, check_range, prove_range,
};
