//! The making side of Commun: Git repositories and resources.
//!
//! [`git`] keeps, serves, checks, replicates and browses repositories. The system's `git` speaks the
//! wire protocol and takes packs in; `git2` only reads. [`component`] reads what a repository says of itself; [`crosswalk`] takes metadata in and out in the standards of libraries; both
//! say what is wrong as a [`problem`]. [`render`] turns
//! text that people wrote into HTML that harms nobody; [`highlight`] finds the words of a program in it. [`resource`] finds the files that people
//! publish, and the text in them. [`package`] reads files that hold other files, [`vocabulary`] vocabularies that institutions publish; [`text`] finds words
//! and a first picture in documents.
//!
//! [`attribution`] and [`citation`] say how an item is credited.
//!
//! Nothing here opens a network connection: it starts processes, and moves bytes that it is given.

pub mod attribution;
pub mod citation;
pub mod component;
pub mod crosswalk;
pub mod git;
pub mod highlight;
pub mod oai;
pub mod package;
pub mod problem;
pub mod render;
pub mod resource;
pub mod subtitles;
pub mod text;
pub mod vocabulary;
