//! Plain text, tables, Markdown and HTML.

use pulldown_cmark::{Event, Parser, Tag};

use super::document::{Document, Illustration, MAX_TEXT_BYTES, Properties};
use super::picture::Picture;
use crate::resource::html::{push_text, tag_end, to_text};
use crate::resource::text::{cut, decode, markdown as words_of_markdown};

/// The most bytes of markup that are read: its text is not longer than itself.
const MAX_MARKUP_BYTES: usize = 4 << 20;
/// The longest first line of a table.
const MAX_HEADER_BYTES: usize = 4 << 10;
/// How far into a document a picture or a title is looked for.
const MAX_HEAD_BYTES: usize = 64 << 10;

fn text(bytes: &[u8]) -> String {
    decode(&bytes[..bytes.len().min(MAX_MARKUP_BYTES)])
}

pub(super) fn plain(bytes: &[u8]) -> Document {
    Document::of(cut(&text(bytes), 2 * MAX_TEXT_BYTES).to_owned())
}

/// The names of the columns: numbers are not searched.
pub(super) fn table(bytes: &[u8]) -> Document {
    let text = text(bytes);
    let first = text.trim_start().lines().next().unwrap_or_default();
    Document::of(cut(first, MAX_HEADER_BYTES).replace([',', ';', '\t', '"'], " "))
}

pub(super) fn markdown(bytes: &[u8]) -> Document {
    let text = text(bytes);
    let picture = Parser::new(cut(&text, MAX_HEAD_BYTES)).find_map(|event| match event {
        Event::Start(Tag::Image { dest_url, .. }) => illustration(&dest_url),
        Event::Html(html) | Event::InlineHtml(html) => first_picture(&html),
        _ => None,
    });
    Document {
        picture,
        ..Document::of(words_of_markdown(&text))
    }
}

pub(super) fn html(bytes: &[u8]) -> Document {
    let text = text(bytes);
    let head = cut(&text, MAX_HEAD_BYTES);
    let properties = Properties {
        title: between(head, "<title", "</title"),
        language: tags(head).find_map(|tag| {
            (name(tag) == "html")
                .then(|| attribute(tag, "lang").or_else(|| attribute(tag, "xml:lang")))?
        }),
        creators: tags(head)
            .filter(|tag| name(tag) == "meta")
            .filter(|tag| attribute(tag, "name").is_some_and(|n| n.eq_ignore_ascii_case("author")))
            .filter_map(|tag| attribute(tag, "content"))
            .collect(),
        licence: tags(head)
            .filter(|tag| matches!(name(tag).as_str(), "link" | "a"))
            .filter(|tag| {
                attribute(tag, "rel").is_some_and(|rel| rel.split(' ').any(|r| r == "license"))
            })
            .find_map(|tag| attribute(tag, "href")),
    };
    Document {
        properties,
        picture: first_picture(head),
        ..Document::of(to_text(&text))
    }
}

/// The first picture of a piece of HTML.
pub(super) fn first_picture(html: &str) -> Option<Illustration> {
    tags(html)
        .filter(|tag| name(tag) == "img")
        .filter_map(|tag| attribute(tag, "src"))
        .find_map(|src| illustration(&src))
}

/// A picture by its address: beside the document, or in the address itself. Nothing is fetched.
pub(super) fn illustration(address: &str) -> Option<Illustration> {
    if let Some(data) = address.strip_prefix("data:image/") {
        let (_, base64) = data.split_once(";base64,")?;
        return Picture::from_base64(base64).map(Illustration::Inside);
    }
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let relative =
        !path.is_empty() && !path.starts_with('/') && !path.contains(':') && !path.contains('\\');
    relative.then(|| Illustration::Beside(cut(path, 1024).to_owned()))
}

/// The opening tags of a piece of HTML, from `<` on.
fn tags(html: &str) -> impl Iterator<Item = &str> {
    let mut rest = html;
    std::iter::from_fn(move || {
        loop {
            let at = rest.find('<')?;
            let tag = &rest[at + 1..];
            let end = tag_end(tag);
            rest = &tag[end..];
            if tag.starts_with(|c: char| c.is_ascii_alphabetic()) {
                return Some(&tag[..end]);
            }
        }
    })
}

fn name(tag: &str) -> String {
    let end = tag
        .find(|c: char| !c.is_ascii_alphanumeric())
        .unwrap_or(tag.len());
    tag[..end].to_ascii_lowercase()
}

/// The value of an attribute, entities resolved.
fn attribute(tag: &str, wanted: &str) -> Option<String> {
    let lower = tag.to_ascii_lowercase();
    let mut from = 0;
    while let Some(found) = lower[from..].find(wanted) {
        let at = from + found;
        from = at + wanted.len();
        let alone =
            lower[..at].ends_with(|c: char| c.is_ascii_whitespace() || matches!(c, '"' | '\''));
        let Some(value) = tag[from..].trim_start().strip_prefix('=').filter(|_| alone) else {
            continue;
        };
        let value = value.trim_start();
        let value = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => value[1..].split(quote).next(),
            _ => value
                .split(|c: char| c.is_ascii_whitespace() || c == '>')
                .next(),
        };
        let mut out = String::new();
        push_text(value.unwrap_or_default(), &mut out);
        return Some(out);
    }
    None
}

/// What stands between a tag and its end.
fn between(html: &str, open: &str, close: &str) -> Option<String> {
    let lower = html.to_ascii_lowercase();
    let start = lower.find(open)?;
    let start = start + lower[start..].find('>')? + 1;
    let end = start + lower[start..].find(close)?;
    let mut out = String::new();
    push_text(&html[start..end], &mut out);
    Some(out)
}
