//! The formats that are taken in: their names, how they are told apart, who reads them.
//!
//! A standard that is read here is a line in [`reader`]; a format that is planned and has none says so.

use super::{
    Origin, Read, amb, dublin_core, json, lom, metadata_yml, schema_org, software, table, xml,
};
use crate::oai;
use crate::package;
use crate::problem::{Problem, Severity};

/// A format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// LOM and its French profiles, XML.
    Lom,
    /// AMB, JSON-LD or YAML.
    Amb,
    /// schema.org in JSON-LD or in pages.
    SchemaOrg,
    /// Simple Dublin Core, XML.
    OaiDc,
    /// An OAI-PMH source, or an answer of one in a file.
    OaiPmh,
    /// IMS Common Cartridge.
    Imscc,
    /// IMS Thin Common Cartridge.
    ThinCc,
    /// SCORM.
    Scorm,
    /// H5P.
    H5p,
    /// Moodle backup.
    Mbz,
    /// EPUB.
    Epub,
    /// A folder of files.
    Folder,
    /// A Git repository of a course.
    Git,
    /// A table.
    Csv,
    /// CodeMeta.
    CodeMeta,
    /// publiccode.yml.
    PublicCode,
}

impl Format {
    /// All formats with their names on the command line and in the API.
    pub const NAMES: [(Format, &'static str); 16] = [
        (Format::Lom, "lom"),
        (Format::Amb, "amb"),
        (Format::SchemaOrg, "schemaorg"),
        (Format::OaiDc, "oai_dc"),
        (Format::OaiPmh, "oai-pmh"),
        (Format::Imscc, "imscc"),
        (Format::ThinCc, "thincc"),
        (Format::Scorm, "scorm"),
        (Format::H5p, "h5p"),
        (Format::Mbz, "mbz"),
        (Format::Epub, "epub"),
        (Format::Folder, "folder"),
        (Format::Git, "git"),
        (Format::Csv, "csv"),
        (Format::CodeMeta, "codemeta"),
        (Format::PublicCode, "publiccode"),
    ];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        Self::NAMES[self as usize].1
    }

    /// The format of a name.
    pub fn parse(name: &str) -> Option<Format> {
        Self::NAMES
            .iter()
            .find(|(_, n)| *n == name)
            .map(|(format, _)| *format)
    }
}

/// Reads one record of a format.
pub type Reader = fn(&[u8], &Origin) -> Read;

/// Who reads single records of a format; `None` where this release does not, or where it holds more than records.
pub fn reader(format: Format) -> Option<Reader> {
    match format {
        Format::OaiDc => Some(dublin_core::read),
        Format::Lom => Some(lom::read),
        Format::Amb => Some(amb::read),
        Format::SchemaOrg => Some(schema_org::read),
        Format::CodeMeta => Some(software::codemeta),
        Format::PublicCode => Some(software::publiccode),
        _ => None,
    }
}

/// The media type of an original of a format, for who wants to read it again.
pub fn media_type(format: Format, original: &[u8]) -> &'static str {
    let first = original.trim_ascii_start().first();
    match format {
        Format::Lom | Format::OaiDc | Format::OaiPmh => "application/xml",
        Format::Amb | Format::SchemaOrg | Format::CodeMeta if json::is_json(original) => {
            amb::MEDIA_TYPE
        }
        Format::SchemaOrg if first == Some(&b'<') => "text/html",
        Format::Amb => match std::str::from_utf8(original)
            .ok()
            .and_then(metadata_yml::front_matter)
        {
            Some(_) => "text/markdown",
            None => metadata_yml::MEDIA_TYPE,
        },
        Format::CodeMeta | Format::SchemaOrg => "application/json",
        Format::PublicCode => metadata_yml::MEDIA_TYPE,
        Format::Csv => "text/csv",
        Format::Epub => "application/epub+zip",
        Format::Mbz if first == Some(&0x1f) => "application/gzip",
        Format::Imscc | Format::ThinCc | Format::Scorm if first != Some(&b'P') => "application/xml",
        Format::Imscc | Format::ThinCc | Format::Scorm | Format::H5p | Format::Mbz => {
            "application/zip"
        }
        Format::Folder | Format::Git => "application/octet-stream",
    }
}

/// The format of the metadata in an OAI-PMH list, by its prefix.
pub fn of_prefix(prefix: &str) -> Option<Format> {
    match prefix {
        "oai_dc" => Some(Format::OaiDc),
        "lom" | "oai_lom" | "lomfr" | "suplomfr" | "scolomfr" | "lomfrens" => Some(Format::Lom),
        _ => None,
    }
}

/// What packages are called. An archive of any kind is told apart once it is opened.
const PACKAGES: [(&str, Format); 5] = [
    (".h5p", Format::H5p),
    (".imscc", Format::Imscc),
    (".mbz", Format::Mbz),
    (".epub", Format::Epub),
    (".zip", Format::Scorm),
];

fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK") || bytes.starts_with(&[0x1f, 0x8b])
}

/// What a document is, by its first bytes and its name; `None` where nothing is sure.
pub fn detect(bytes: &[u8], name: &str) -> Option<Format> {
    let name = name.to_ascii_lowercase();
    let ends = |end: &str| name.ends_with(end);
    let package = PACKAGES.into_iter().find(|(end, _)| ends(end));
    if is_archive(bytes) {
        return package.map(|(_, format)| format);
    }
    // Whatever else is before the archive, such as a web page: no reader of packages opens it.
    if package.is_some() {
        return None;
    }
    if ends("codemeta.json") {
        return Some(Format::CodeMeta);
    }
    if ends("publiccode.yml") || ends("publiccode.yaml") {
        return Some(Format::PublicCode);
    }
    if ends(".csv") || ends(".tsv") {
        return Some(Format::Csv);
    }
    if json::is_json(bytes) {
        return Some(of_json(bytes));
    }
    let text = sketch(bytes);
    let text = text.trim_start();
    let head = text.get(..15).unwrap_or(text).to_ascii_lowercase();
    let page = head.starts_with("<!doctype html") || head.starts_with("<html");
    if page || ((ends(".html") || ends(".htm")) && head.starts_with('<')) {
        return Some(Format::SchemaOrg);
    }
    if head.starts_with('<') {
        let (name, inside) = xml::root(text)?;
        return match xml::local(name) {
            "OAI-PMH" => Some(Format::OaiPmh),
            "dc" | "record" | "metadata" if text.contains(dublin_core::ELEMENTS) => {
                Some(Format::OaiDc)
            }
            local if local.eq_ignore_ascii_case("lom") => Some(Format::Lom),
            _ if inside.contains(dublin_core::ELEMENTS) => Some(Format::OaiDc),
            local if local.eq_ignore_ascii_case("html") => Some(Format::SchemaOrg),
            "manifest" if ends("imsmanifest.xml") || is_of_ims(text) => Some(Format::Scorm),
            "courseStructure" => Some(Format::Scorm),
            _ => None,
        };
    }
    let says = |key: &str| text.lines().any(|line| line.starts_with(key));
    // Without its version it is known by the sections that nothing else has.
    let sections = [
        "legal:",
        "maintenance:",
        "softwareType:",
        "localisation:",
        "developmentStatus:",
    ];
    if says("publiccodeYmlVersion:") || sections.iter().filter(|key| says(key)).count() >= 3 {
        return Some(Format::PublicCode);
    }
    let yaml = ends(".yml") || ends(".yaml");
    let page = ends(".md") || ends(".markdown");
    let front = metadata_yml::front_matter(text).is_some();
    (yaml || (page && front)).then_some(Format::Amb)
}

/// Whether the manifest of something is that of a package of IMS or ADL.
fn is_of_ims(text: &str) -> bool {
    let hosts = ["imsglobal.org", "imsproject.org", "adlnet."];
    hosts.iter().any(|host| text.contains(host))
}

/// The text of a document as far as it can be read, to tell what it is: its reader says what is wrong with it.
fn sketch(bytes: &[u8]) -> String {
    match xml::decode(bytes) {
        Ok(decoded) => decoded.text,
        Err(xml::XmlError::TooLarge(_)) => {
            String::from_utf8_lossy(&bytes[..SKETCH.min(bytes.len())]).into_owned()
        }
        Err(_) => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// How much of a document that is too large is looked at, in bytes: its first tags are in it.
const SKETCH: usize = 64 << 10;

/// What can be said of a document that [`detect`] does not know, as the end of a sentence.
pub fn unknown(bytes: &[u8], name: &str) -> String {
    if bytes.trim_ascii().is_empty() {
        return "the document is empty".to_owned();
    }
    let name = name.to_ascii_lowercase();
    if PACKAGES.iter().any(|(end, _)| name.ends_with(end)) && !is_archive(bytes) {
        return "its name is that of a package, and it does not begin as one: it may be cut off, or something else stands \
                before it; pack it again"
            .to_owned();
    }
    let text = sketch(bytes);
    let root = xml::root(&text).map(|(name, _)| xml::local(name));
    if let Some(root) = root.filter(|name| name.len() <= 100) {
        return format!("it is XML, and what <{root}> stands for is not read here");
    }
    let wide = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    match std::str::from_utf8(bytes) {
        _ if wide => {
            "it is UTF-16, which only XML and tables may be: save it as UTF-8".to_owned()
        }
        Ok(text) if !text.contains('\0') => "it is text, and none of the standards that are read here; a table (.csv) comes in with --mapping FILE".to_owned(),
        _ => "it is no text, and no package that is read here; `commun publish` makes a resource of any file"
            .to_owned(),
    }
}

/// Which of the standards in JSON a document follows, as the context of its first record says.
fn of_json(bytes: &[u8]) -> Format {
    let part = json::parts(bytes)
        .ok()
        .and_then(|parts| parts.into_iter().next());
    let context = part.and_then(|part| {
        let outer = part
            .context
            .map(|context| String::from_utf8_lossy(context).into_owned());
        outer.or_else(|| {
            let object = json::object(part.bytes).ok()?;
            Some(object.get("@context")?.to_string())
        })
    });
    // What cannot be read, or names no context, is told by what it holds.
    let head = || String::from_utf8_lossy(&bytes[..bytes.len().min(HEAD)]).into_owned();
    let text = context.unwrap_or_else(head);
    if text.contains("w3id.org/kim/amb") {
        Format::Amb
    } else if text.contains("codemeta") {
        Format::CodeMeta
    } else {
        Format::SchemaOrg
    }
}

/// How much of a broken document is looked at, in bytes.
const HEAD: usize = 4 << 10;

/// A record of a document, with the bytes that it was read from.
#[derive(Debug)]
pub struct Found {
    /// Its identifier at the source, else its place in the document.
    pub record: String,
    /// What was understood.
    pub read: Read,
    /// The original, byte for byte.
    pub original: Vec<u8>,
    /// Whether the source says that it is gone.
    pub deleted: bool,
    /// The format of the original.
    pub format: Format,
}

/// What a document holds.
#[derive(Debug)]
pub struct Document {
    /// Its records.
    pub found: Vec<Found>,
    /// What was found before records were told apart, by record (empty: the document).
    pub problems: Vec<(String, Problem)>,
}

/// What is wrong with a document as a whole.
#[derive(Debug)]
pub enum Unread {
    /// Nothing of it can be read.
    Faulty(Box<Problem>),
    /// This release does not read the format.
    NotBuilt(Format),
}

impl From<Box<Problem>> for Unread {
    fn from(problem: Box<Problem>) -> Self {
        Unread::Faulty(problem)
    }
}

/// Reads all records of a document, and what is to be said of it as a whole, by record.
///
/// # Errors
/// See [`Unread`].
pub fn read(format: Format, bytes: &[u8], origin: &Origin) -> Result<Document, Unread> {
    if format == Format::OaiPmh {
        let page = oai::page(bytes)?;
        let mut problems = page.problems;
        // That nothing matches is an answer, and no fault.
        for (code, said) in page.errors {
            let (severity, rule) = match code.as_str() {
                "noRecordsMatch" => (Severity::Info, "source-empty"),
                _ => (Severity::Error, "source-error"),
            };
            let given = format!("{code}: {said}");
            let problem = Problem::new(severity, rule, "", &given, "");
            problems.push((String::new(), problem));
        }
        let found = page
            .entries
            .into_iter()
            .map(|entry| harvested(entry, None, origin));
        return Ok(Document {
            found: found.collect(),
            problems,
        });
    }
    if format == Format::Csv {
        return Ok(table::document(bytes, None, origin)?);
    }
    if matches!(format, Format::Amb | Format::SchemaOrg) {
        return many(format, bytes, origin);
    }
    let (format, read) = match format {
        Format::Imscc | Format::ThinCc | Format::Scorm => match package::manifest(bytes, origin) {
            Ok(mut alone) => {
                let without = Problem::new(Severity::Warning, "manifest-alone", "", "", "");
                alone.reading.problems.push(without);
                (alone.format, Ok(alone.reading))
            }
            Err(problem) => (format, Err(problem)),
        },
        _ => {
            let read = reader(format).ok_or(Unread::NotBuilt(format))?;
            (format, read(bytes, origin))
        }
    };
    let found = Found {
        record: origin.name.clone().unwrap_or_default(),
        read,
        original: bytes.to_vec(),
        deleted: false,
        format,
    };
    Ok(Document {
        found: vec![found],
        problems: Vec::new(),
    })
}

/// The records of a document that may hold many: those that are broken are reported, and the others come in.
fn many(format: Format, bytes: &[u8], origin: &Origin) -> Result<Document, Unread> {
    let items: Vec<schema_org::Item> = match format {
        Format::Amb if json::is_json(bytes) => amb::records(bytes, origin)?,
        Format::Amb => metadata_yml::records(bytes, origin)?,
        _ => schema_org::records(bytes, origin)?,
    };
    if items.is_empty() {
        return Err(json::problem("no-records", "", "LearningResource").into());
    }
    let name = origin.name.clone().unwrap_or_default();
    let found = items.into_iter().map(|item| Found {
        record: match (&item.read, item.place.is_empty()) {
            (Ok(reading), false) if reading.id.is_some() => reading.id.clone().unwrap_or_default(),
            (_, true) => name.clone(),
            (_, false) => format!("{name} {}", item.place).trim().to_owned(),
        },
        read: item.read,
        // What stands around the one record of a file, a last line's end above all, is of the original, too.
        original: match item.original == bytes.trim_ascii() {
            true => bytes.to_vec(),
            false => item.original,
        },
        deleted: false,
        format,
    });
    Ok(Document {
        found: found.collect(),
        problems: Vec::new(),
    })
}

/// A record of a harvest. `prefix`: the format that was asked for; where none was, the record's own form tells.
pub fn harvested(entry: oai::Entry, prefix: Option<&str>, origin: &Origin) -> Found {
    let original = entry.metadata.into_bytes();
    let format = prefix
        .and_then(of_prefix)
        .or_else(|| detect(&original, ""))
        .unwrap_or(Format::OaiDc);
    let read = match (entry.deleted, reader(format)) {
        (true, _) => Err(Problem::new(Severity::Info, "record-deleted", "", "", "").into()),
        (false, Some(read)) => read(&original, origin),
        (false, None) => Err(Problem::new(
            Severity::Error,
            "not-this-format",
            "",
            format.as_str(),
            "oai_dc, lom",
        )
        .into()),
    };
    let read = read.map(|mut reading| {
        // The source's own identifier is what it is recognised by.
        reading.id = Some(entry.identifier.clone());
        reading.problems.retain(|p| p.rule != "no-identifier");
        reading
    });
    Found {
        record: entry.identifier,
        read,
        original,
        deleted: entry.deleted,
        format,
    }
}

#[cfg(test)]
mod tests;
