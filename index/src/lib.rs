//! commun-index
