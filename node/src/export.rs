//! What goes out besides OAI-PMH: items in the standards and packages of others, each with the list of what the form could
//! not carry.
//!
//! [`format`] names the forms, [`select`] finds the items, [`plan`] lays out what is given: a document, or the members of
//! an archive, whose files are read while it is written. [`original`] decides where the record that came in goes out
//! again untouched; [`evidence`] gathers what proves an item without this node.

pub mod evidence;
pub mod format;
pub mod original;
pub mod plan;
mod record;
pub mod select;
pub mod view;

pub use format::Format;
pub use plan::{Content, Plan, Wish};
pub use select::{Asked, Selection};
