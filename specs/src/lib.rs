//! commun-specs

pub mod licence;
pub mod metadata;
pub mod vocab;
