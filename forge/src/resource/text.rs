//! The plain text of what is text already: of a README, and for [`crate::text`].

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use serde::Deserialize;

use super::html;

/// The most bytes of one file that are read.
pub const MAX_READ_BYTES: usize = 1 << 20;
/// The same for notebooks, whose pictures come before their text.
const MAX_NOTEBOOK_BYTES: usize = 8 << 20;
/// The most bytes of Markdown that are parsed: the rest of so long a document is searched without its beginning's peers.
const MAX_MARKDOWN_BYTES: usize = 256 << 10;
/// The most bytes of text that one such file gives: some thirty pages.
pub const MAX_TEXT_BYTES: usize = 64 << 10;
/// The longest first line of a table.
const MAX_HEADER_BYTES: usize = 4 << 10;

/// What is done with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Plain,
    Markdown,
    Html,
    Notebook,
    Table,
}

impl Kind {
    fn of(media_type: &str) -> Option<Kind> {
        match media_type {
            "text/markdown" => Some(Kind::Markdown),
            "text/html" | "application/xhtml+xml" => Some(Kind::Html),
            "application/x-ipynb+json" => Some(Kind::Notebook),
            "text/csv" | "text/tab-separated-values" => Some(Kind::Table),
            // Names and numbers, not sentences.
            "text/calendar" | "text/vcard" | "text/css" | "text/javascript" => None,
            other if other.starts_with("text/") => Some(Kind::Plain),
            "application/x-tex" | "application/x-latex" | "application/x-subrip" => {
                Some(Kind::Plain)
            }
            _ => None,
        }
    }
}

/// The plain text of one file, by its media type; nothing when it has none. Reads at most the bytes given, never
/// fails, never panics.
pub fn extract_text(media_type: &str, bytes: &[u8]) -> Option<String> {
    let kind = Kind::of(media_type)?;
    let text = match kind {
        Kind::Notebook => notebook(bytes)?,
        _ => {
            let text = decode(&bytes[..bytes.len().min(MAX_READ_BYTES)]);
            match kind {
                Kind::Markdown => markdown(&text),
                Kind::Html => html::to_text(&text),
                Kind::Table => cut(text.trim_start().lines().next()?, MAX_HEADER_BYTES)
                    .replace([',', ';', '\t', '"'], " "),
                _ => text,
            }
        }
    };
    let text = tidy(&text);
    (!text.is_empty()).then_some(text)
}

/// The beginning of a text, at most so many bytes, not inside a character.
pub(crate) fn cut(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

/// UTF-8, UTF-16 with a mark, or else Latin 1, which old French files are.
pub(crate) fn decode(bytes: &[u8]) -> String {
    let utf16 = |read: fn([u8; 2]) -> u16| {
        let units = bytes[2..]
            .chunks_exact(2)
            .map(|pair| read([pair[0], pair[1]]));
        char::decode_utf16(units)
            .map(|c| c.unwrap_or('\u{fffd}'))
            .collect()
    };
    match bytes {
        [0xff, 0xfe, ..] => return utf16(u16::from_le_bytes),
        [0xfe, 0xff, ..] => return utf16(u16::from_be_bytes),
        _ => {}
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        // The last character was cut by the limit.
        Err(cause) if cause.error_len().is_none() => {
            String::from_utf8_lossy(&bytes[..cause.valid_up_to()]).into_owned()
        }
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// The words of a Markdown text, code included, HTML left out.
pub(crate) fn markdown(text: &str) -> String {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let mut out = String::new();
    let mut in_front_matter = false;
    for event in Parser::new_ext(cut(text, MAX_MARKDOWN_BYTES), options) {
        match event {
            Event::Start(Tag::MetadataBlock(_)) => in_front_matter = true,
            Event::End(TagEnd::MetadataBlock(_)) => in_front_matter = false,
            Event::Text(_) if in_front_matter => {}
            Event::Text(text) | Event::Code(text) => out.push_str(&text),
            Event::SoftBreak | Event::HardBreak | Event::Rule => out.push('\n'),
            Event::Html(text) | Event::InlineHtml(text) => out.push_str(&html::to_text(&text)),
            Event::End(TagEnd::TableCell) => out.push(' '),
            Event::End(
                TagEnd::Emphasis | TagEnd::Strong | TagEnd::Link | TagEnd::Strikethrough,
            ) => {}
            Event::End(_) => out.push('\n'),
            _ => {}
        }
    }
    out
}

/// The first paragraph of a Markdown text that has words of its own, on one line: no heading, and nothing that consists of
/// pictures (badges), of HTML or of links alone.
pub fn first_paragraph(text: &str) -> Option<String> {
    let options = Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let mut open: Option<(String, bool)> = None;
    let (mut pictures, mut links) = (0usize, 0usize);
    for event in Parser::new_ext(cut(text, MAX_MARKDOWN_BYTES), options) {
        match event {
            Event::Start(Tag::Paragraph) => open = Some((String::new(), false)),
            Event::End(TagEnd::Paragraph) => {
                if let Some((words, true)) = open.take() {
                    return Some(words.split_whitespace().collect::<Vec<_>>().join(" "));
                }
            }
            Event::Start(Tag::Image { .. }) => pictures += 1,
            Event::End(TagEnd::Image) => pictures = pictures.saturating_sub(1),
            Event::Start(Tag::Link { .. }) => links += 1,
            Event::End(TagEnd::Link) => links = links.saturating_sub(1),
            Event::Text(_) | Event::Code(_) if pictures > 0 => {}
            Event::Text(words) | Event::Code(words) => {
                if let Some((paragraph, own)) = &mut open {
                    paragraph.push_str(&words);
                    *own |= links == 0 && words.contains(char::is_alphanumeric);
                }
            }
            Event::SoftBreak | Event::HardBreak => {
                if let Some((paragraph, _)) = &mut open {
                    paragraph.push(' ');
                }
            }
            _ => {}
        }
    }
    None
}

/// The sources of a notebook's cells; outputs are pictures and numbers.
pub(crate) fn notebook(bytes: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Notebook {
        cells: Vec<Cell>,
    }
    #[derive(Deserialize)]
    struct Cell {
        #[serde(default)]
        cell_type: String,
        #[serde(default)]
        source: Source,
    }
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Source {
        Text(String),
        Lines(Vec<String>),
        None(serde::de::IgnoredAny),
    }
    impl Default for Source {
        fn default() -> Source {
            Source::Lines(Vec::new())
        }
    }
    let bytes = &bytes[..bytes.len().min(MAX_NOTEBOOK_BYTES)];
    let notebook: Notebook = serde_json::from_slice(bytes).ok()?;
    let mut out = String::new();
    for Cell { cell_type, source } in notebook.cells {
        let source = match source {
            Source::Text(text) => text,
            Source::Lines(lines) => lines.concat(),
            Source::None(_) => continue,
        };
        match cell_type.as_str() {
            "markdown" => out.push_str(&markdown(&source)),
            "code" | "raw" => out.push_str(&source),
            _ => {}
        }
        out.push('\n');
        if out.len() > MAX_TEXT_BYTES {
            break;
        }
    }
    Some(out)
}

/// Lines without white space around them, no empty ones, no control or direction characters.
fn tidy(text: &str) -> String {
    tidy_to(text, MAX_TEXT_BYTES)
}

/// The same, of at most so many bytes.
pub(crate) fn tidy_to(text: &str, most: usize) -> String {
    let mut out = String::with_capacity(text.len().min(most));
    for line in text.lines() {
        let before = out.len();
        for word in line.split_whitespace() {
            if out.len() > before {
                out.push(' ');
            }
            out.extend(word.chars().filter(|c| {
                !c.is_control() && !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
            }));
        }
        if out.len() > before {
            out.push('\n');
        }
        if out.len() > most {
            break;
        }
    }
    cut(&out, most).trim_end().to_owned()
}
