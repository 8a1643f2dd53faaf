//! A node of the commons: the daemon, and everything that touches a data folder.
//!
//! Data flows one way. A push ([`pushes`]), a publication or a statement of an admin comes in over HTTP; a range of another log comes
//! in from the network; all of it goes through the one door of [`core`], which stores it in `log.db`
//! ([`store`]) and folds it into the catalogue. What follows ([`follow`]) reads the journal's changes.
//!
//! Start reading at [`core`].

pub mod adapt;
pub mod adoptions;
pub mod app;
pub mod blobs;
pub mod bricks;
pub mod certificates;
pub mod changes;
pub mod collections;
pub mod config;
pub mod core;
pub mod corrections;
pub mod daemon;
pub mod data;
pub mod describe;
pub mod door;
pub mod drawings;
pub mod duplicates;
pub mod export;
pub mod follow;
pub mod harvest;
pub mod history;
pub mod http;
pub mod imports;
pub mod init;
pub mod items;
pub mod join;
pub mod keys;
pub mod maintenance;
pub mod memory;
pub mod net;
pub mod oai;
pub mod offline;
pub mod operator;
pub mod pushes;
pub mod quality;
pub mod quota;
pub mod resources;
pub mod reviews;
pub mod similar;
pub mod site;
pub mod ssh;
pub mod store;
pub mod takedown;
pub mod talk;
#[cfg(test)]
mod testing;
