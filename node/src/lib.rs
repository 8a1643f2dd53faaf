//! commun-node

pub mod blobs;
pub mod net;
