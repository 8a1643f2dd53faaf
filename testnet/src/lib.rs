//! The testnet: starts real nodes as processes, wires them, breaks them; and tortures the protocol before that.
//!
//! - [`process`], [`federation`]: nodes and the commons that they form;
//! - [`content`], [`demo`]: real content, and the demo;
//! - [`simulator`]: the protocol without I/O, on a virtual network, seed by seed.

pub mod commun;
pub mod content;
pub mod demo;
pub mod federation;
pub mod http;
pub mod process;
pub mod signal;
pub mod simulator;
pub mod wire;
