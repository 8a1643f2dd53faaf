//! Packages: files that hold other files, made to be opened as one resource.
//!
//! [`archive`] reads them, whatever they call themselves: H5P, Common Cartridge, SCORM, EPUB, OpenDocument and Office
//! files are ZIP, a Moodle backup is ZIP or tar.gz. [`detect`] says by content which standard one follows, [`read`] what
//! it says of itself: a record with the provenance of each value, the parts that a reader opens, and what is wrong.
//! [`write`](mod@write) makes archives, [`cartridge`] Common Cartridges, [`bag`] bags that can be checked without us.
//! Nothing here writes to a disk, fetches what a package points to, or runs what is in it.
//!
//! A package that breaks its standard comes in as far as it can be understood, with an error for each part that does not.
//! Refused as a whole is what cannot be read, what names files outside the package, and what its own players refuse.

pub mod archive;
pub mod bag;
pub mod cartridge;
mod cmi5;
mod epub;
mod h5p;
mod ims;
pub mod moodle;
pub(crate) mod path;
pub mod write;

use std::io::{Read, Seek};

use crate::crosswalk::format::Format;
use crate::crosswalk::{Origin, Reading, xml};
use crate::problem::{Problem, Severity};

use archive::{Archive, ArchiveError};
use path::Files;

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
    origin: &Origin,
) -> Result<Package, Box<Problem>> {
    let Some(found) = detect(archive) else {
        return Err(unknown(archive));
    };
    if let Some(said) = format
        && family(said) != family(found)
    {
        let (given, wanted) = (found.as_str(), said.as_str());
        return Err(Problem::new(Severity::Error, "not-this-format", "", given, wanted).into());
    }
    let mut package = match found {
        Format::H5p => h5p::read(archive, origin)?,
        Format::Epub => epub::read(archive, origin)?,
        Format::Mbz => moodle::read(archive, origin)?,
        _ => manifested(archive, origin)?,
    };
    if let Some(said) = format
        && said != package.format
    {
        let (given, wanted) = (package.format.as_str(), said.as_str());
        let problem = Problem::new(Severity::Info, "package-other", "", given, wanted);
        package.reading.problems.push(problem);
    }
    Ok(package)
}

/// Reads a manifest alone (`imsmanifest.xml`, `cmi5.xml`): nothing can be said of the files that it names.
///
/// # Errors
/// As [`read`].
pub fn manifest(bytes: &[u8], origin: &Origin) -> Result<Package, Box<Problem>> {
    let files = Files::default();
    match ims::read(bytes, &files, &mut |_, _| None, origin) {
        Err(problem) if problem.rule == "not-this-format" => cmi5::read(bytes, &files, origin)
            .map_err(|other| match &*other.rule {
                "not-this-format" => problem,
                _ => other,
            }),
        read => read,
    }
}

/// The problem that an archive is which cannot be read.
pub fn refused(cause: &ArchiveError) -> Box<Problem> {
    let rule = cause.rule().replace('.', "-");
    let given = match cause {
        // The rule's sentence says the rest.
        ArchiveError::Malformed(what) | ArchiveError::Inconsistent(what) => what.clone(),
        cause => cause.to_string(),
    };
    Problem::new(Severity::Error, &rule, "", &given, "").into()
}

/// The formats that one reader reads.
fn family(format: Format) -> Format {
    match format {
        Format::Imscc | Format::ThinCc => Format::Scorm,
        other => other,
    }
}

/// Why an archive is no package: often it is a folder that holds one, packed once more.
fn unknown<R: Read + Seek>(archive: &Archive<R>) -> Box<Problem> {
    const HEADS: [&str; 5] = [
        "imsmanifest.xml",
        "h5p.json",
        "moodle_backup.xml",
        "cmi5.xml",
        "META-INF/container.xml",
    ];
    let inner = archive.entries().iter().find(|entry| {
        let ends = |head: &&str| {
            entry
                .path
                .strip_suffix(*head)
                .is_some_and(|folder| folder.ends_with('/'))
        };
        !entry.folder && HEADS.iter().any(ends)
    });
    match inner {
        Some(entry) => {
            let name = HEADS.iter().find(|head| entry.path.ends_with(**head));
            let wanted = name.copied().unwrap_or_default();
            Problem::new(
                Severity::Error,
                "package-in-folder",
                "",
                &entry.path,
                wanted,
            )
            .into()
        }
        None => {
            let wanted = HEADS.join(", ");
            Problem::new(Severity::Error, "package-no-manifest", "", "", &wanted).into()
        }
    }
}

/// Reads a package with a manifest of IMS or cmi5.
fn manifested<R: Read + Seek>(
    archive: &mut Archive<R>,
    origin: &Origin,
) -> Result<Package, Box<Problem>> {
    let files = Files::of(archive);
    let Some(entry) = archive.find_in_any_case("imsmanifest.xml") else {
        let bytes = head(archive, "cmi5.xml")?;
        return cmi5::read(&bytes, &files, origin);
    };
    let name = entry.path.clone();
    let bytes = head(archive, &name)?;
    let mut fetch = |path: &str, most: u64| archive.read(path, most).ok();
    let mut package = ims::read(&bytes, &files, &mut fetch, origin)?;
    if name != "imsmanifest.xml" {
        let (rule, wanted) = ("package-manifest-case", "imsmanifest.xml");
        let problem = Problem::new(Severity::Warning, rule, "", &name, wanted);
        package.reading.problems.push(problem);
    }
    Ok(package)
}

/// The file that says what a package is.
fn head<R: Read + Seek>(archive: &mut Archive<R>, path: &str) -> Result<Vec<u8>, Box<Problem>> {
    archive
        .read(path, xml::MAX_BYTES as u64)
        .map_err(|cause| refused(&cause))
}

/// Rules about a record as a whole, which parts of a package need not fulfil each.
fn is_rule_of_record(rule: &str) -> bool {
    matches!(
        rule,
        "no-title" | "no-licence" | "no-language" | "no-identifier"
    )
}

/// Says what the record as a whole lacks. Nothing is made up in its place.
fn complete(reading: &mut Reading, path: &str) {
    let record = &reading.record;
    let mut missing = Vec::new();
    if record.title.is_empty() {
        missing.push((Severity::Warning, "no-title"));
    }
    let said = |problem: &Problem| problem.rule.starts_with("licence-");
    if record.licence.is_empty() && !reading.problems.iter().any(said) {
        missing.push((Severity::Warning, "no-licence"));
    }
    if record.language.is_empty() {
        missing.push((Severity::Info, "no-language"));
    }
    for (severity, rule) in missing {
        reading
            .problems
            .push(Problem::new(severity, rule, path, "", ""));
    }
}

#[cfg(test)]
mod tests;
