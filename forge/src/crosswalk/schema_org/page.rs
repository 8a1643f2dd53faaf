//! The parts of an HTML page that say what it is about. One pass, linear; nothing is run.

use std::borrow::Cow;

use crate::crosswalk::{json, xml};
use crate::problem::Problem;
use crate::resource::html::{push_text, tag_end};

/// The most blocks of JSON-LD that are looked at.
const MAX_BLOCKS: usize = 50;

/// Where a page declares its encoding: within its first 1,024 bytes, says HTML.
const HEAD: usize = 1_024;

/// The text of a page: UTF-8, or the western encoding that it declares.
///
/// # Errors
/// Neither.
pub(super) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Box<Problem>> {
    let told = match json::decode(bytes) {
        Ok(text) => return Ok(Cow::Borrowed(text)),
        Err(told) => told,
    };
    let head = String::from_utf8_lossy(&bytes[..HEAD.min(bytes.len())]).to_ascii_lowercase();
    let named = ["charset", "encoding"].iter().find_map(|word| {
        let (_, after) = head.split_once(&format!("{word}="))?;
        let after = after.trim_start_matches(['"', '\'', ' ']);
        let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '-')?;
        Some(&after[..end])
    });
    match named {
        Some(name) if xml::is_latin9(name) => Ok(bytes
            .iter()
            .map(|b| xml::latin9(*b))
            .collect::<String>()
            .into()),
        Some(name) if xml::is_western(name) => Ok(bytes
            .iter()
            .map(|b| xml::western(*b))
            .collect::<String>()
            .into()),
        _ => Err(told),
    }
}

/// What a page says of itself.
#[derive(Debug, Default)]
pub(super) struct Page<'a> {
    /// The language of its text.
    pub(super) lang: Option<String>,
    /// The address that it wants to be known by.
    pub(super) canonical: Option<String>,
    /// Its JSON-LD.
    pub(super) blocks: Vec<&'a str>,
}

/// A tag of a page.
pub(super) struct Tag<'a> {
    /// Its name in small letters.
    pub(super) name: String,
    /// Whether it ends an element.
    pub(super) closing: bool,
    /// What stands behind its name.
    pub(super) inside: &'a str,
}

impl Tag<'_> {
    /// The value of an attribute, entities resolved; empty where it has none.
    pub(super) fn attribute(&self, wanted: &str) -> Option<String> {
        let mut rest = self.inside;
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
            if rest.is_empty() {
                return None;
            }
            let end = rest.find(|c: char| c.is_ascii_whitespace() || "=/>".contains(c));
            // Something always goes, so that this ends.
            let end = end
                .unwrap_or(rest.len())
                .max(rest.chars().next().map_or(1, char::len_utf8));
            let name = &rest[..end];
            rest = rest[end..].trim_start();
            let mut value = "";
            if let Some(after) = rest.strip_prefix('=') {
                let after = after.trim_start();
                let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''));
                let (text, next) = match quote {
                    Some(quote) => {
                        let inner = &after[1..];
                        let end = inner.find(quote).unwrap_or(inner.len());
                        (&inner[..end], inner.get(end + 1..).unwrap_or_default())
                    }
                    None => {
                        let end = after.find(|c: char| c.is_ascii_whitespace());
                        after.split_at(end.unwrap_or(after.len()))
                    }
                };
                value = text;
                rest = next;
            }
            if name.eq_ignore_ascii_case(wanted) {
                let mut out = String::new();
                push_text(value, &mut out);
                return Some(out);
            }
        }
    }
}

/// The next tag, the text before it, and what comes after; comments are passed over.
pub(super) fn next<'a>(mut text: &'a str) -> Option<(&'a str, Tag<'a>, &'a str)> {
    let whole = text;
    loop {
        let at = text.find('<')?;
        let rest = &text[at + 1..];
        let before = &whole[..whole.len() - rest.len() - 1];
        if let Some(comment) = rest.strip_prefix("!--") {
            text = comment.find("-->").map_or("", |end| &comment[end + 3..]);
            continue;
        }
        let closing = rest.starts_with('/');
        let body = &rest[usize::from(closing)..];
        let length = body
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '-')
            .unwrap_or(body.len());
        if length == 0 {
            text = rest;
            continue;
        }
        let end = tag_end(body);
        let inside = body[length..end].trim_end_matches('>');
        let tag = Tag {
            name: body[..length].to_ascii_lowercase(),
            closing,
            inside,
        };
        return Some((before, tag, &body[end..]));
    }
}

/// Where the content of an element ends that is not markup: before its closing tag.
pub(super) fn raw<'a>(text: &'a str, name: &str) -> (&'a str, &'a str) {
    let mut at = 0;
    while let Some(found) = text[at..].find("</") {
        let here = at + found;
        let after = &text[here + 2..];
        if after
            .get(..name.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(name))
        {
            return (&text[..here], &text[here..]);
        }
        at = here + 2;
    }
    (text, "")
}

/// Looks a page through.
pub(super) fn read(text: &str) -> Page<'_> {
    let mut page = Page::default();
    let mut rest = text;
    while let Some((_, tag, after)) = next(rest) {
        rest = after;
        if tag.closing {
            continue;
        }
        match tag.name.as_str() {
            "html" => page.lang = tag.attribute("lang").filter(|lang| !lang.is_empty()),
            "link" => {
                let rel = tag.attribute("rel").unwrap_or_default();
                if rel.eq_ignore_ascii_case("canonical") {
                    page.canonical = tag.attribute("href");
                }
            }
            "script" => {
                let (inside, after) = raw(rest, "script");
                rest = after;
                let kind = tag.attribute("type").unwrap_or_default();
                let kind = kind.split(';').next().unwrap_or_default().trim();
                let linked = kind.eq_ignore_ascii_case("application/ld+json");
                if linked && page.blocks.len() < MAX_BLOCKS {
                    page.blocks.push(bare(inside));
                }
            }
            name @ ("style" | "template" | "noscript" | "textarea" | "title") => {
                rest = raw(rest, name).1;
            }
            _ => {}
        }
    }
    page
}

/// A block without what old pages hide it in.
fn bare(block: &str) -> &str {
    let mut text = block.trim();
    for (head, tail) in [
        ("<!--", "-->"),
        ("//<![CDATA[", "//]]>"),
        ("<![CDATA[", "]]>"),
    ] {
        if let Some(inner) = text.strip_prefix(head) {
            text = inner.strip_suffix(tail).unwrap_or(inner).trim();
        }
    }
    // Who writes scripts ends a value as one ends a statement.
    text.trim_end_matches(|c: char| c == ';' || c.is_whitespace())
}
