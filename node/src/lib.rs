//! commun-node
