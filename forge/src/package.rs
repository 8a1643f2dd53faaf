//! Packages: files that hold other files.
//!
//! [`archive`] reads them, whatever they call themselves: H5P, Common Cartridge, SCORM, EPUB, OpenDocument and Office
//! files are ZIP, a Moodle backup is ZIP or tar.gz. Nothing here writes to a disk.

pub mod archive;
