//! Commun's protocol as pure Rust: what institutions sign, what makes it valid, and what it adds up to.
//!
//! No I/O, no async, no clock. The prose with its numbered rules is in `specs/*.md`; test vectors that
//! another language can check are in `specs/vectors/`. Read the modules in this order:
//!
//! - [`json`], [`id`], [`key`], [`envelope`]: bytes, hashes, signatures (rules R-01);
//! - [`name`], [`statement`], [`list`]: what a statement says;
//! - [`tree`], [`note`], [`succession`], [`charter`]: logs, their checkpoints and writers, the members;
//! - [`fold`]: what the logs add up to, the catalogue and its root;
//! - [`certificate`], [`history`]: who moved the refs of a repository, and how everybody sees that;
//! - [`join`]: how an institution comes in; [`token`]: what a person signs to be given a short token;
//! - [`metadata`], [`vocab`], [`licence`]: what people say about an item;
//! - [`files`]: the files of a resource's version;
//! - [`duplicates`]: which items are probably the same thing.

pub mod certificate;
pub mod charter;
pub mod duplicates;
pub mod envelope;
pub mod files;
pub mod fold;
pub mod history;
pub mod id;
pub mod join;
pub mod json;
pub mod key;
pub mod licence;
pub mod list;
pub mod metadata;
pub mod name;
pub mod note;
pub mod statement;
pub mod succession;
pub mod sync;
pub mod token;
pub mod tree;
pub mod vocab;
