//! Packages: files that hold other files.
//!
//! [`archive`] reads them, whatever they call themselves: H5P, Common Cartridge, SCORM, EPUB, OpenDocument and Office
//! files are ZIP, a Moodle backup is ZIP or tar.gz. [`write`](mod@write) makes them; [`cartridge`] makes Common Cartridges, [`bag`]
//! bags that can be checked without us. Nothing here writes to a disk.

pub mod archive;
pub mod bag;
pub mod cartridge;
pub mod write;
