//! The testnet: what tortures a commons before its users can.
//!
//! - [`simulator`]: the protocol without I/O, on a virtual network, seed by seed.

pub mod simulator;
