//! The charter: who the institutions are, as a hash chain of amendments that a majority of them signs.

mod amendment;
mod chain;

pub use amendment::{Amendment, Institution, Malformed};
pub use chain::{Added, Chain, Error};
