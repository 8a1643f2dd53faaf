//! XML that other people wrote, within limits, and XML of ours.
//!
//! Reading is in two steps: [`decode`] finds the encoding and takes out characters that XML forbids, [`parse`] checks the
//! limits by a scan of the tags alone and only then builds the tree. No document type, no entity but the five, no
//! recursion that the text decides, nothing fetched.

mod scan;
mod write;

use roxmltree::{Document, Node, ParsingOptions};
use thiserror::Error;

use crate::problem::{Problem, Severity};

pub use scan::{Scan, Tag, local, root};
pub use write::{Writer, escape, escaped};

/// The largest document, in bytes: a generous page of a harvest.
pub const MAX_BYTES: usize = 10 << 20;
/// The deepest nesting; metadata need twenty.
pub const MAX_DEPTH: usize = 256;
/// The most attributes of one element: comparing them costs their square.
pub const MAX_ATTRIBUTES: usize = 256;

/// Why a document is not read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum XmlError {
    /// Nothing but white space.
    #[error("the document is empty")]
    Empty,
    /// More than [`MAX_BYTES`].
    #[error("the document has {0} bytes, the most is {MAX_BYTES}")]
    TooLarge(usize),
    /// The bytes are not in the encoding that they claim.
    #[error("not {name} at byte {at}")]
    Encoding {
        /// The encoding.
        name: &'static str,
        /// The first byte that is wrong.
        at: usize,
    },
    /// `<!DOCTYPE`.
    #[error("document types are refused")]
    Doctype,
    /// Deeper than [`MAX_DEPTH`].
    #[error("nested deeper than {MAX_DEPTH}")]
    TooDeep,
    /// More than [`MAX_ATTRIBUTES`].
    #[error("an element has more than {MAX_ATTRIBUTES} attributes")]
    TooManyAttributes,
    /// A character that no XML may have, and that is not left out silently.
    #[error("the character {0} may not stand in XML")]
    IllegalChar(String),
    /// Not well formed.
    #[error("not well formed: {what}")]
    Malformed {
        /// What, as the parser says it.
        what: String,
        /// The line, from 1, where it is known.
        line: Option<u32>,
    },
}

impl XmlError {
    /// The error as a line of a report.
    pub fn problem(&self) -> Problem {
        let (rule, given, want) = match self {
            XmlError::Empty => ("empty-file", String::new(), String::new()),
            XmlError::TooLarge(size) => ("xml-too-large", size.to_string(), MAX_BYTES.to_string()),
            XmlError::Encoding { name, at } => ("xml-encoding", at.to_string(), (*name).to_owned()),
            XmlError::Doctype => ("xml-doctype", String::new(), String::new()),
            XmlError::TooDeep => ("xml-too-deep", String::new(), MAX_DEPTH.to_string()),
            XmlError::TooManyAttributes => (
                "xml-too-many-attributes",
                String::new(),
                MAX_ATTRIBUTES.to_string(),
            ),
            XmlError::IllegalChar(c) => ("xml-illegal-char", c.clone(), String::new()),
            XmlError::Malformed { what, .. } => ("xml-malformed", what.clone(), String::new()),
        };
        let mut problem = Problem::new(Severity::Error, rule, "", &given, &want);
        if let XmlError::Malformed { line, .. } = self {
            problem.line = *line;
        }
        problem
    }
}

/// A document as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The text, without a byte order mark.
    pub text: String,
    /// How many characters that XML forbids were left out.
    pub stripped: usize,
}

impl Decoded {
    /// The warning that belongs to what was left out.
    pub fn problem(&self) -> Option<Problem> {
        let count = self.stripped.to_string();
        (self.stripped > 0)
            .then(|| Problem::new(Severity::Warning, "xml-illegal-char", "", &count, ""))
    }
}

/// Bytes as text: UTF-8, UTF-16, Latin-1, Latin-9 and Windows-1252 where they are declared. What says that it is UTF-16 and
/// has one byte for each character is read as UTF-8: programs that convert files forget the declaration. Control characters,
/// raw or as references, are left out and counted (exporters of old databases write them, and one would make a whole page
/// unreadable); white space before the declaration is left out; a NUL, a surrogate or a reference beyond Unicode is an error.
///
/// # Errors
/// [`XmlError::TooLarge`], [`XmlError::Encoding`], [`XmlError::IllegalChar`], [`XmlError::Empty`].
pub fn decode(bytes: &[u8]) -> Result<Decoded, XmlError> {
    let mut decoded = strip(transcode(bytes)?)?;
    // Programs that print a line too much before they print the document.
    let lead = decoded.text.len() - decoded.text.trim_start().len();
    if lead > 0 && decoded.text[lead..].starts_with("<?xml") {
        decoded.text.drain(..lead);
    }
    if decoded.text.trim().is_empty() {
        return Err(XmlError::Empty);
    }
    Ok(decoded)
}

/// Bytes as text as [`decode`] reads them, with all that XML forbids still in it.
///
/// # Errors
/// [`XmlError::TooLarge`], [`XmlError::Encoding`].
pub fn transcode(bytes: &[u8]) -> Result<String, XmlError> {
    if bytes.len() > MAX_BYTES {
        return Err(XmlError::TooLarge(bytes.len()));
    }
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        // Without a mark the first character tells (XML 1.0, appendix F).
        [b'<', 0, ..] => utf16(bytes, u16::from_le_bytes),
        [0, b'<', ..] => utf16(bytes, u16::from_be_bytes),
        _ => {
            let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
            match declared(bytes) {
                Some(Encoding::Western) => Ok(bytes.iter().map(|b| western(*b)).collect()),
                Some(Encoding::Latin9) => Ok(bytes.iter().map(|b| latin9(*b)).collect()),
                Some(Encoding::Other) => Err(XmlError::Encoding {
                    name: "UTF-8",
                    at: 0,
                }),
                None => match std::str::from_utf8(bytes) {
                    Ok(text) => Ok(text.to_owned()),
                    Err(e) => {
                        let at = e.valid_up_to();
                        Err(XmlError::Encoding { name: "UTF-8", at })
                    }
                },
            }
        }
    }
}

enum Encoding {
    /// Latin-1 and Windows-1252.
    Western,
    /// ISO 8859-15.
    Latin9,
    Other,
}

/// What the declaration says, where it is not UTF-8.
fn declared(bytes: &[u8]) -> Option<Encoding> {
    let head = &bytes[..bytes.len().min(200)];
    let end = head.windows(2).position(|w| w == b"?>")?;
    let head = std::str::from_utf8(&head[..end]).ok()?;
    if !head.trim_start().starts_with("<?xml") {
        return None;
    }
    let (_, name) = head.split_once("encoding")?;
    let name = name.trim_start().strip_prefix('=')?.trim_start();
    let name = name.trim_matches(['"', '\'', ' ']);
    let name: String = name
        .chars()
        .take_while(|c| *c != '"' && *c != '\'')
        .flat_map(char::to_lowercase)
        .collect();
    match name.as_str() {
        "utf-8" | "utf8" | "us-ascii" | "ascii" => None,
        // It could not be read so far.
        "utf-16" | "utf-16le" | "utf-16be" | "ucs-2" | "iso-10646-ucs-2" => None,
        name if is_latin9(name) => Some(Encoding::Latin9),
        name if is_western(name) => Some(Encoding::Western),
        _ => Some(Encoding::Other),
    }
}

/// Whether an encoding, in small letters, is Latin-1 or Windows-1252, which is read for both.
pub(super) fn is_western(name: &str) -> bool {
    matches!(
        name,
        "iso-8859-1" | "iso8859-1" | "latin1" | "latin-1" | "windows-1252" | "cp1252"
    )
}

/// Whether an encoding, in small letters, is ISO 8859-15.
pub(super) fn is_latin9(name: &str) -> bool {
    matches!(
        name,
        "iso-8859-15" | "iso8859-15" | "latin9" | "latin-9" | "l9"
    )
}

/// ISO 8859-15: Latin-1 with « œ », « Ÿ » and the euro in the place of eight signs.
pub(super) fn latin9(byte: u8) -> char {
    match byte {
        0xa4 => '€',
        0xa6 => 'Š',
        0xa8 => 'š',
        0xb4 => 'Ž',
        0xb8 => 'ž',
        0xbc => 'Œ',
        0xbd => 'œ',
        0xbe => 'Ÿ',
        _ => western(byte),
    }
}

/// Latin-1 as the web reads it: 0x80 to 0x9f are those of Windows-1252.
pub(crate) fn western(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
        '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}',
        'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => HIGH[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, XmlError> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let wrong = |at| XmlError::Encoding { name: "UTF-16", at };
    if !rest.is_empty() {
        return Err(wrong(bytes.len()));
    }
    let units = pairs.iter().map(|pair| unit(*pair));
    let mut text = String::with_capacity(pairs.len());
    for (at, c) in char::decode_utf16(units).enumerate() {
        text.push(c.map_err(|_| wrong(2 * at))?);
    }
    // What it declares no longer holds; the parser must not stumble over it.
    if let Some(end) = text.find("?>").filter(|_| text.starts_with("<?xml")) {
        text.replace_range(..end + 2, "");
    }
    Ok(text)
}

/// XML 1.0 section 2.2.
fn legal(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{fffd}' | '\u{10000}'..)
}

fn strip(text: String) -> Result<Decoded, XmlError> {
    if text.contains('\0') {
        return Err(XmlError::IllegalChar("U+0000".into()));
    }
    let clean = text.chars().all(legal) && !text.contains("&#");
    if clean {
        return Ok(Decoded { text, stripped: 0 });
    }
    let mut out = String::with_capacity(text.len());
    let mut stripped = 0;
    let mut rest = text.as_str();
    while let Some(c) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("&#") {
            let end = after.bytes().take(12).position(|b| b == b';');
            let digits = end.map_or("", |end| &after[..end]);
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok(),
                None => digits.parse().ok(),
            };
            let named = || XmlError::IllegalChar(format!("&#{digits};"));
            match code.map(char::from_u32) {
                Some(Some(c)) if legal(c) => {}
                Some(Some('\0')) | Some(None) => return Err(named()),
                Some(Some(_)) => {
                    stripped += 1;
                    rest = &after[digits.len() + 1..];
                    continue;
                }
                // Digits that are no number of 32 bits; anything else is for the parser to refuse.
                None if !digits.is_empty() => return Err(named()),
                None => {}
            }
            out.push_str("&#");
            rest = after;
            continue;
        }
        if legal(c) {
            out.push(c);
        } else {
            stripped += 1;
        }
        rest = &rest[c.len_utf8()..];
    }
    Ok(Decoded {
        text: out,
        stripped,
    })
}

/// The tree of one document, within the limits.
///
/// # Errors
/// [`XmlError`]: not well formed, or over a limit.
pub fn parse(text: &str) -> Result<Document<'_>, XmlError> {
    if text.len() > MAX_BYTES {
        return Err(XmlError::TooLarge(text.len()));
    }
    check(text)?;
    let options = ParsingOptions {
        allow_dtd: false,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(text, options).map_err(|e| match e {
        roxmltree::Error::DtdDetected => XmlError::Doctype,
        e => XmlError::Malformed {
            what: e.to_string(),
            line: Some(e.pos().row),
        },
    })
}

/// The limits, by the tags alone.
fn check(text: &str) -> Result<(), XmlError> {
    let mut depth = 0_usize;
    for tag in Scan::new(text) {
        match tag? {
            Tag::Start {
                empty, attributes, ..
            } => {
                if attributes > MAX_ATTRIBUTES {
                    return Err(XmlError::TooManyAttributes);
                }
                if !empty {
                    depth += 1;
                    if depth > MAX_DEPTH {
                        return Err(XmlError::TooDeep);
                    }
                }
            }
            Tag::End { .. } => depth = depth.saturating_sub(1),
        }
    }
    Ok(())
}

/// Whether an element has this local name, whatever its namespace and case: real files have every mixture.
pub fn named(node: Node<'_, '_>, name: &str) -> bool {
    node.is_element() && node.tag_name().name().eq_ignore_ascii_case(name)
}

/// The child elements with a local name.
pub fn children<'a, 'i>(node: Node<'a, 'i>, name: &'a str) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(move |child| named(*child, name))
}

/// The first child element with a local name.
pub fn child<'a, 'i>(node: Node<'a, 'i>, name: &'a str) -> Option<Node<'a, 'i>> {
    children(node, name).next()
}

/// All text inside an element, that of elements inside it too.
pub fn text(node: Node<'_, '_>) -> String {
    let texts = node.descendants().filter(Node::is_text);
    texts.filter_map(|text| text.text()).collect()
}

/// The text of the first child with a local name, without the white space around it.
pub fn child_text<'a>(node: Node<'a, '_>, name: &'a str) -> Option<String> {
    let text = text(child(node, name)?).trim().to_owned();
    (!text.is_empty()).then_some(text)
}

/// The value of `xml:lang`, of the element or of one around it.
pub fn lang<'a>(node: Node<'a, '_>) -> Option<&'a str> {
    const XML: &str = "http://www.w3.org/XML/1998/namespace";
    let tag = node.ancestors().find_map(|n| n.attribute((XML, "lang")))?;
    (!tag.trim().is_empty()).then(|| tag.trim())
}
