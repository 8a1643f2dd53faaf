//! The files of a resource's version: which paths are allowed, and the list that a version names by its hash.
//!
//! Both the node that publishes and whoever unpacks a version on a disk of their own check the same rules.

mod list;
mod path;

pub use list::{
    FileEntry, FileList, ListError, MAX_FILE_BYTES, MAX_FILES, MAX_LIST_BYTES, check_paths,
};
pub use path::{FilePath, MAX_COMPONENT_BYTES, MAX_DEPTH, MAX_PATH_BYTES, PathError};

#[cfg(test)]
mod tests;
