//! The testnet: starts real nodes as processes, wires them, breaks them; and tortures the protocol before that.
//!
//! - [`process`], [`federation`], [`wire`]: nodes, the commons that they form, and what is between them;
//! - [`content`], [`demo`]: real content, and the demo;
//! - [`source`]: a source of records to harvest; [`handbook`]: pages of the handbook, followed word by word;
//! - [`commun`], [`http`], [`browser`]: the ways in which people and programs meet a node;
//! - [`bench`]: what is promised in figures, measured;
//! - [`simulator`]: the protocol without I/O, on a virtual network, seed by seed.

pub mod bench;
pub mod browser;
pub mod commun;
pub mod content;
pub mod demo;
pub mod federation;
pub mod handbook;
pub mod http;
pub mod process;
pub mod signal;
pub mod simulator;
pub mod source;
pub mod wire;
