//! commun-forge
