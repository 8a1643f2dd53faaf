//! commun-specs
