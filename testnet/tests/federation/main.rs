//! Real nodes, real sockets, real Git: what the federation promises, each promise with a test that tries it.
//!
//! Every test starts the nodes that it needs and asks for a [`turn`] first, so that at most two federations run at
//! once. The nodes' folders are kept where a test fails.

mod acceptance;
mod addresses;
mod around;
mod backups;
mod code;
mod collab;
mod component;
mod crosswalks;
mod deeds;
mod edit;
mod engine;
mod export;
mod feeds;
mod git;
mod halves;
mod harvest;
mod homes;
mod hostile;
mod housekeeping;
mod inert;
mod intake;
mod item;
mod joining;
mod kills;
mod librarian;
mod looks;
mod openapi;
mod pages;
mod people;
mod previews;
mod process;
mod quality;
mod reading;
mod rebuild;
mod refnames;
mod remains;
mod resume;
mod reviews;
mod serving;
mod sickle;
mod signed;
mod sockets;
mod ssh;
mod story;
mod taking;
mod teacher;
mod turn;
mod walk;
mod witnesses;
mod writer;
