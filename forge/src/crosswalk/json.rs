//! JSON that other people wrote, within limits: a document is cut into records first, and each is read by itself.
//!
//! Cutting looks at brackets and quotation marks only, needs no memory but the places, and knows no recursion. So a file of
//! many records costs as much as its largest one, and a record that is broken does not take the others with it.

use commun_specs::metadata::{MAX_BODY_BYTES, MAX_DEPTH, parse_json};
use serde_json::{Map, Value as Json};

use super::linked::INCLUDED;
use crate::problem::{Problem, Severity};

/// The largest record, in bytes: what the body of a statement can hold.
pub const MAX_RECORD: usize = MAX_BODY_BYTES;
/// The most records of one document; a larger collection comes in parts.
pub const MAX_RECORDS: usize = 50_000;
/// The largest context that several records share, in bytes: it is read and kept with each of them.
pub const MAX_CONTEXT: usize = 16 << 10;
/// What the copies of a context may take together, in bytes.
const MAX_CONTEXTS: usize = 32 << 20;
/// The most members of an object: no vocabulary has as many.
pub const MAX_MEMBERS: usize = 1_000;

/// A record of a document: its bytes, or why there are none.
#[derive(Clone, Debug, PartialEq)]
pub struct Part<'a> {
    /// Its place in the document, as reports name it: `[3]`, `line 7`; empty where it is the document.
    pub place: String,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// What stands in `@context` beside the graph that it is part of, byte for byte.
    pub context: Option<&'a [u8]>,
}

impl Part<'_> {
    /// The record with the context of its document: what is kept as its original. Where there is none to add, its bytes.
    pub fn whole(&self) -> Vec<u8> {
        self.with(&[])
    }

    /// The record with its context and the nodes of its document that it refers to, each as it stands there. The nodes are
    /// inside it: beside it some of them would be read as records.
    pub fn with(&self, nodes: &[&[u8]]) -> Vec<u8> {
        let whole = |context: &[u8]| {
            [
                b"{\"@context\":",
                context,
                b",\"@graph\":[",
                self.bytes,
                b"]}",
            ]
            .concat()
        };
        let inside = self.bytes.strip_prefix(b"{").filter(|_| !nodes.is_empty());
        let Some((inside, record)) = inside.zip(object(self.bytes).ok()) else {
            return self.context.map_or_else(|| self.bytes.to_vec(), whole);
        };
        let mut out = b"{".to_vec();
        if let Some(context) = self.context.filter(|_| !record.contains_key("@context")) {
            out.extend([b"\"@context\":", context, b","].concat());
        }
        if record.contains_key(INCLUDED) {
            // Nobody writes that; what it says of its own stays.
            return self.context.map_or_else(|| self.bytes.to_vec(), whole);
        }
        out.extend(format!("\"{INCLUDED}\":[").bytes());
        out.extend(nodes.join(&b','));
        out.extend(b"],");
        out.extend(inside);
        out
    }
}

/// What is wrong with a document as a whole, or a record.
pub fn problem(rule: &str, given: &str, want: &str) -> Box<Problem> {
    Problem::new(Severity::Error, rule, "", given, want).into()
}

/// Whether this looks like JSON: an object or a list.
pub fn is_json(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let first = bytes.iter().find(|b| !b.is_ascii_whitespace());
    matches!(first, Some(b'{' | b'['))
}

/// The text of a document: UTF-8, with or without its mark.
///
/// # Errors
/// Another encoding, which JSON does not have (RFC 8259 section 8.1).
pub fn decode(bytes: &[u8]) -> Result<&str, Box<Problem>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes)
        .map_err(|e| problem("json-encoding", &e.valid_up_to().to_string(), "UTF-8"))
}

/// The records of a document: one object; a list; the members of `@graph`; or one object per line.
///
/// # Errors
/// Nothing can be cut: not UTF-8, brackets that do not close, deeper than is read, too many records, a context that is too
/// large to be kept with each of them.
pub fn parts(bytes: &[u8]) -> Result<Vec<Part<'_>>, Box<Problem>> {
    let text = decode(bytes)?.as_bytes();
    let mut scan = Scan { text, at: 0 };
    scan.space();
    let start = scan.at;
    match scan.peek() {
        None => Err(problem("empty-file", "", "")),
        Some(b'[') => {
            let mut list = scan.list(None)?;
            scan.end()?;
            for (at, part) in list.iter_mut().enumerate() {
                part.place = format!("[{at}]");
            }
            Ok(list)
        }
        Some(b'{') => {
            let first = match scan.value() {
                Ok(()) => &text[start..scan.at],
                // A line that is broken is not the end of those that are not.
                Err(_) if lines(text).len() > 1 => return many(lines(text)),
                Err(fault) => return Err(fault),
            };
            scan.space();
            if scan.peek().is_some() {
                return many(lines(text));
            }
            graph(first)
        }
        Some(_) => {
            // What is no object: the parser says what it is.
            Ok(vec![Part {
                place: String::new(),
                bytes: &text[start..],
                context: None,
            }])
        }
    }
}

/// The lines that say something, with their numbers, where the first of them is an object by itself.
fn lines(text: &[u8]) -> Vec<(usize, &[u8])> {
    let lines = text.split(|b| *b == b'\n').map(<[u8]>::trim_ascii);
    let lines: Vec<(usize, &[u8])> = lines
        .enumerate()
        .filter(|(_, line)| !line.is_empty())
        .take(MAX_RECORDS + 1)
        .collect();
    let whole = |line: &[u8]| {
        let mut scan = Scan { text: line, at: 0 };
        line.starts_with(b"{") && scan.value().is_ok() && scan.at == line.len()
    };
    // Most of them: one broken line among three is a broken line, a pretty-printed object is not a file of lines.
    let good = lines
        .iter()
        .take(100)
        .filter(|(_, line)| whole(line))
        .count();
    match good * 2 > lines.len().min(100) {
        true => lines,
        false => Vec::new(),
    }
}

fn many<'a>(lines: Vec<(usize, &'a [u8])>) -> Result<Vec<Part<'a>>, Box<Problem>> {
    if lines.is_empty() {
        return Err(problem("json-malformed", "more than one value", ""));
    }
    if lines.len() > MAX_RECORDS {
        return Err(problem("too-many-records", "", &MAX_RECORDS.to_string()));
    }
    let parts = lines.into_iter().map(|(at, bytes)| Part {
        place: format!("line {}", at + 1),
        bytes,
        context: None,
    });
    Ok(parts.collect())
}

/// The members of the graph of an object, or the object.
fn graph(object: &[u8]) -> Result<Vec<Part<'_>>, Box<Problem>> {
    let mut scan = Scan {
        text: object,
        at: 1,
    };
    let mut context = None;
    let mut nodes = None;
    loop {
        scan.space();
        if scan.peek() != Some(b'"') {
            break;
        }
        let name = scan.at;
        scan.string()?;
        let name = &object[name..scan.at];
        scan.space();
        if scan.peek() != Some(b':') {
            break;
        }
        scan.at += 1;
        scan.space();
        let value = scan.at;
        scan.value()?;
        match name {
            b"\"@context\"" => context = Some(&object[value..scan.at]),
            b"\"@graph\"" if object[value] == b'[' => nodes = Some(value),
            _ => {}
        }
        scan.space();
        if scan.peek() != Some(b',') {
            break;
        }
        scan.at += 1;
    }
    let Some(at) = nodes else {
        return Ok(vec![Part {
            place: String::new(),
            bytes: object,
            context: None,
        }]);
    };
    let mut list = Scan { text: object, at }.list(context)?;
    let most = match list.len() {
        0 | 1 => MAX_RECORD,
        many => MAX_CONTEXT.min(MAX_CONTEXTS / many),
    };
    if let Some(context) = context.filter(|context| context.len() > most) {
        let size = context.len().to_string();
        return Err(problem("json-context-too-large", &size, &most.to_string()));
    }
    for (at, part) in list.iter_mut().enumerate() {
        part.place = format!("@graph[{at}]");
    }
    Ok(list)
}

/// Reads one record: an object of at most [`MAX_RECORD`] bytes, without a member twice and without the character NUL.
///
/// # Errors
/// Each by its rule; the first that is met.
pub fn object(bytes: &[u8]) -> Result<Map<String, Json>, Box<Problem>> {
    let text = decode(bytes)?;
    if text.len() > MAX_RECORD {
        let size = text.len().to_string();
        return Err(problem("json-too-large", &size, &MAX_RECORD.to_string()));
    }
    let mut scan = Scan {
        text: text.as_bytes(),
        at: 0,
    };
    scan.space();
    scan.value()?;
    let value = parse_json(text.as_bytes()).map_err(|e| {
        let rule = if e.what.contains("is there twice") {
            "json-twice"
        } else {
            "json-malformed"
        };
        problem(rule, &e.what, "")
    })?;
    let Json::Object(object) = value else {
        return Err(problem("not-an-object", "", ""));
    };
    if object.len() > MAX_MEMBERS {
        let count = object.len().to_string();
        return Err(problem(
            "json-too-many-members",
            &count,
            &MAX_MEMBERS.to_string(),
        ));
    }
    // Escaped, it is good JSON, and no text that anybody means to write.
    if text.contains("\\u0000") && object.values().any(has_nul) {
        return Err(problem("json-illegal-char", "U+0000", ""));
    }
    Ok(object)
}

fn has_nul(value: &Json) -> bool {
    match value {
        Json::String(text) => text.contains('\0'),
        Json::Array(list) => list.iter().any(has_nul),
        Json::Object(object) => object.iter().any(|(k, v)| k.contains('\0') || has_nul(v)),
        _ => false,
    }
}

/// A walk over JSON that looks at brackets and quotation marks only. What it lets pass the parser judges.
struct Scan<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Scan<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn space(&mut self) {
        while self.peek().is_some_and(|b| b.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    fn end(&mut self) -> Result<(), Box<Problem>> {
        self.space();
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(problem("json-malformed", "more than one value", "")),
        }
    }

    fn string(&mut self) -> Result<(), Box<Problem>> {
        self.at += 1;
        loop {
            match self.peek() {
                None => return Err(problem("json-malformed", "a text without its end", "")),
                Some(b'"') => break,
                Some(b'\\') => self.at += 2,
                Some(_) => self.at += 1,
            }
        }
        self.at += 1;
        Ok(())
    }

    /// Passes one value.
    fn value(&mut self) -> Result<(), Box<Problem>> {
        // What is open, as the brackets that close it.
        let mut open: Vec<u8> = Vec::new();
        loop {
            match self.peek() {
                None if open.is_empty() => return Ok(()),
                None => return Err(problem("json-malformed", "it ends in the middle", "")),
                Some(b'"') => self.string()?,
                Some(byte @ (b'{' | b'[')) => {
                    if open.len() >= MAX_DEPTH {
                        return Err(problem("json-too-deep", "", &MAX_DEPTH.to_string()));
                    }
                    open.push(if byte == b'{' { b'}' } else { b']' });
                    self.at += 1;
                    continue;
                }
                Some(byte @ (b'}' | b']')) => {
                    match open.pop() {
                        Some(wanted) if wanted == byte => self.at += 1,
                        // The bracket of the list that it stands in.
                        None => return Ok(()),
                        Some(_) => {
                            return Err(problem("json-malformed", "brackets do not fit", ""));
                        }
                    }
                }
                Some(b',') if open.is_empty() => return Ok(()),
                Some(_) => {
                    self.at += 1;
                    continue;
                }
            }
            if open.is_empty() {
                return Ok(());
            }
        }
    }

    /// The items of a list that begins here.
    fn list(&mut self, context: Option<&'a [u8]>) -> Result<Vec<Part<'a>>, Box<Problem>> {
        let mut parts = Vec::new();
        self.at += 1;
        loop {
            self.space();
            match self.peek() {
                Some(b']') => break,
                None => return Err(problem("json-malformed", "a list without its end", "")),
                _ => {}
            }
            let start = self.at;
            self.value()?;
            if parts.len() >= MAX_RECORDS {
                return Err(problem("too-many-records", "", &MAX_RECORDS.to_string()));
            }
            parts.push(Part {
                place: String::new(),
                bytes: self.text[start..self.at].trim_ascii_end(),
                context,
            });
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => break,
                _ => {
                    return Err(problem(
                        "json-malformed",
                        "items without a comma between",
                        "",
                    ));
                }
            }
        }
        self.at += 1;
        Ok(parts)
    }
}
