//! Resources: from files on a disk to the list that a version names, and the text that is searched.
//!
//! ```no_run
//! use commun_forge::resource::{Scan, scan};
//!
//! let Scan { files, warnings } = scan("cours".as_ref())?;
//! for file in files {
//!     println!("{} {} {}", file.path, file.media_type, file.size);
//! }
//! # Ok::<(), commun_forge::resource::ScanError>(())
//! ```

mod disposition;
pub(crate) mod html;
mod media;
mod scan;
pub(crate) mod text;

pub use commun_specs::files::{
    FileEntry, FileList, FilePath, ListError, MAX_FILE_BYTES, MAX_FILES, PathError,
};
pub use disposition::{content_disposition, safe_file_name};
pub use html::to_text as html_to_text;
pub use media::media_type;
pub use scan::{Found, MAX_VISITED, Scan, ScanError, scan};
pub use text::{MAX_TEXT_BYTES, extract_text, first_paragraph};

#[cfg(test)]
mod tests;
