//! commun-testnet
