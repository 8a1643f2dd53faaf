//! commun-forge

pub mod resource;
