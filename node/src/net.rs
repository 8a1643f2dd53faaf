//! The network.

pub mod address;
mod codec;
mod control;
pub(crate) mod data;
mod frame;
pub mod ids;
pub mod limits;
pub mod members;
pub mod offence;
mod swarm;
