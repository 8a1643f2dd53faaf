//! commun-client
