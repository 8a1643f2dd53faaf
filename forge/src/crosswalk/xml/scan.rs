//! The tags of a document, one after the other, without building anything.

use std::ops::Range;

use super::XmlError;

/// A tag, with its place in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tag<'a> {
    /// `<name …>` or `<name …/>`.
    Start {
        /// The name with its prefix.
        name: &'a str,
        /// What stands between the name and the end of the tag.
        inside: &'a str,
        /// Where the tag stands.
        range: Range<usize>,
        /// Whether it ends itself.
        empty: bool,
        /// How many attributes it has.
        attributes: usize,
    },
    /// `</name>`.
    End {
        /// The name with its prefix.
        name: &'a str,
        /// Where the tag stands.
        range: Range<usize>,
    },
}

/// The part of a name after its prefix.
pub fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// Walks over the tags; comments, CDATA and processing instructions are skipped, a document type is an error. Ends after
/// the first error. Linear in the text.
#[derive(Clone, Debug)]
pub struct Scan<'a> {
    text: &'a str,
    at: usize,
    over: bool,
}

impl<'a> Scan<'a> {
    /// A walk over a text from its beginning.
    pub fn new(text: &'a str) -> Scan<'a> {
        Scan {
            text,
            at: 0,
            over: false,
        }
    }

    fn cut(&mut self, what: &str) -> Option<Result<Tag<'a>, XmlError>> {
        self.over = true;
        Some(Err(XmlError::Malformed {
            what: what.to_owned(),
            line: None,
        }))
    }
}

impl<'a> Iterator for Scan<'a> {
    type Item = Result<Tag<'a>, XmlError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.over {
            let Some(found) = self.text[self.at..].find('<') else {
                self.over = true;
                return None;
            };
            let start = self.at + found;
            let rest = &self.text[start..];
            let skipped = [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")]
                .into_iter()
                .find(|(open, _)| rest.starts_with(open));
            if let Some((open, close)) = skipped {
                let Some(end) = rest[open.len()..].find(close) else {
                    return self.cut("a comment, CDATA section or instruction does not end");
                };
                self.at = start + open.len() + end + close.len();
                continue;
            }
            if rest.starts_with("<!") {
                self.over = true;
                return Some(Err(XmlError::Doctype));
            }
            let Some((length, attributes)) = tag_end(rest) else {
                return self.cut("a tag does not end");
            };
            self.at = start + length;
            let range = start..self.at;
            let inner = &rest[1..length - 1];
            if let Some(name) = inner.strip_prefix('/') {
                let name = name.trim_end();
                return Some(Ok(Tag::End { name, range }));
            }
            let (inner, empty) = match inner.strip_suffix('/') {
                Some(inner) => (inner, true),
                None => (inner, false),
            };
            let end = inner
                .find(|c: char| c.is_ascii_whitespace())
                .unwrap_or(inner.len());
            let (name, inside) = inner.split_at(end);
            return Some(Ok(Tag::Start {
                name,
                inside,
                range,
                empty,
                attributes,
            }));
        }
        None
    }
}

/// The name of the first element and what stands in its tag, whatever is wrong with the rest of the text: to tell what a
/// document is before it is read. A document type is passed over.
pub fn root(text: &str) -> Option<(&str, &str)> {
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    loop {
        let skipped = [("<!--", "-->"), ("<?", "?>")]
            .into_iter()
            .find(|(open, _)| rest.starts_with(open));
        if let Some((open, close)) = skipped {
            let end = rest[open.len()..].find(close)?;
            rest = rest[open.len() + end + close.len()..].trim_start();
        } else if rest.starts_with("<!") {
            rest = rest[doctype_end(rest)?..].trim_start();
        } else {
            break;
        }
    }
    let inner = rest.strip_prefix('<')?;
    if !inner.starts_with(|c: char| c.is_alphabetic() || c == '_') {
        return None;
    }
    let (length, _) = tag_end(rest)?;
    let inner = &rest[1..length - 1];
    let inner = inner.strip_suffix('/').unwrap_or(inner);
    let end = inner
        .find(|c: char| c.is_ascii_whitespace())
        .unwrap_or(inner.len());
    Some(inner.split_at(end))
}

/// Where a document type ends: its own declarations stand between square brackets.
fn doctype_end(text: &str) -> Option<usize> {
    let (mut quote, mut inside) = (None, false);
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), byte) if open == byte => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'[') => inside = true,
            (None, b']') => inside = false,
            (None, b'>') if !inside => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// How long a tag is, with `<` and `>`, and how many values in quotation marks it has.
fn tag_end(tag: &str) -> Option<(usize, usize)> {
    let mut quote = None;
    let mut attributes = 0;
    for (at, byte) in tag.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some((at + 1, attributes)),
            (None, b'"' | b'\'') => {
                quote = Some(byte);
                attributes += 1;
            }
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}
