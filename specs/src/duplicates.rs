//! Which items are probably the same thing: the same identifier, the same content, nearly the same title and author.
//!
//! What is compared of an item is its [`Sheet`]. [`compare`] judges two sheets; which sheets are compared at all is decided
//! by keys: a [`Shelf`] keeps for each key who has it, and [`change`] takes sheets in, finds those that share a key with
//! them, and keeps the pairs up to date. A key that more than [`CROWD`] items share tells nothing and counts for nothing, so
//! that the work for one item has a bound, however many there are. The pairs that stand depend on the sheets alone and
//! never on the order in which they came.
//!
//! Nothing here merges anything: a pair is an offer to a librarian.
//!
//! Careful by rule: numbers (volumes, parts, editions, years), kinds of documents (exercises, their corrections) and levels in a
//! title are never taken for slips of the pen; a title alone, without an author or a description that agrees, is no
//! reason; the same in another language is offered as that. How well it does on the set in [`labelled`] is printed by
//! `commun-testnet bench --duplicates`, and a test keeps it above a floor.

mod compare;
mod description;
mod identifier;
mod key;
pub mod labelled;
mod memory;
mod name;
mod sheet;
mod shelf;
mod title;
mod words;

pub use compare::{Kind, Likeness, Rule, compare};
pub use identifier::normalise as normalise_identifier;
pub use memory::Memory;
pub use sheet::{About, Content, Sheet};
pub use shelf::{CROWD, Shelf, Told, Turn, change};
pub(crate) use words::fold;

#[cfg(test)]
mod tests;
