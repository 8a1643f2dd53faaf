//! Making texts of other systems fit to be stored: no hidden characters, no markup, within the model's limits.

use commun_specs::metadata::{
    MAX_DESCRIPTION_BYTES, MAX_LINE_CHARS, MAX_TITLE_CHARS, is_forbidden,
};

/// What the last part of an address says, and other texts as they are: languages are also written
/// `http://id.loc.gov/vocabulary/iso639-2/fre` and `http://lexvo.org/id/iso639-3/fra`.
pub(super) fn last_of_address(text: &str) -> &str {
    match text.split_once("://") {
        Some((_, rest)) => rest
            .trim_end_matches('/')
            .rsplit('/')
            .next()
            .unwrap_or(text),
        None => text,
    }
}

/// How long a text may be, and whether it may have several lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// A title: one line.
    Title,
    /// A name, a keyword…: one line.
    Line,
    /// A description: paragraphs.
    Prose,
}

impl Room {
    /// The limit, as reports name it.
    pub fn limit(self) -> &'static str {
        match self {
            Room::Title | Room::Line => "500",
            Room::Prose => "20 000",
        }
    }
}

/// A text made fit, and what was done to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fit {
    /// The text; empty where nothing visible is left.
    pub text: String,
    /// Characters that cannot be seen, or that change how it reads, were removed.
    pub hidden: bool,
    /// It had markup.
    pub markup: bool,
    /// It was longer than there is room.
    pub clipped: bool,
}

/// Makes a text fit: control and hidden characters removed, markup (also escaped twice) turned into text, white space
/// of pretty-printers folded, cut at the model's limit.
pub fn fit(written: &str, room: Room) -> Fit {
    let mut out = Fit::default();
    let plain = plain(written);
    out.markup = plain.is_some();
    let text = plain.as_deref().unwrap_or(written);
    let mut kept = String::with_capacity(text.len());
    for c in text.chars() {
        let space = matches!(c, '\n' | '\r' | '\t');
        if !space && (c.is_control() || is_forbidden(c) || matches!(c, '\u{200b}' | '\u{2060}')) {
            out.hidden = true;
        } else if matches!(c, '\u{2028}' | '\u{2029}') {
            kept.push('\n');
        } else {
            kept.push(c);
        }
    }
    let mut text = match room {
        Room::Prose => paragraphs(&kept),
        Room::Title | Room::Line => one_line(&kept),
    };
    let end = match room {
        Room::Title => nth(&text, MAX_TITLE_CHARS),
        Room::Line => nth(&text, MAX_LINE_CHARS),
        Room::Prose if text.len() > MAX_DESCRIPTION_BYTES => {
            Some(text.floor_char_boundary(MAX_DESCRIPTION_BYTES))
        }
        Room::Prose => None,
    };
    if let Some(end) = end {
        text.truncate(end);
        text.truncate(text.trim_end().len());
        out.clipped = true;
    }
    if !text.chars().all(invisible) {
        out.text = text;
    }
    out
}

fn nth(text: &str, count: usize) -> Option<usize> {
    text.char_indices().nth(count).map(|(at, _)| at)
}

/// Characters that show nothing by themselves.
fn invisible(c: char) -> bool {
    c.is_whitespace()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{206a}'..='\u{206f}'
            | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{e0100}'..='\u{e01ef}')
}

fn one_line(text: &str) -> String {
    // `split_whitespace` would also take the no-break spaces of French out.
    let mut out = String::with_capacity(text.len());
    for word in text
        .split([' ', '\t', '\n', '\r'])
        .filter(|word| !word.is_empty())
    {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out.trim().to_owned()
}

/// Paragraphs stay apart; the lines of one are joined where a pretty-printer indented them.
fn paragraphs(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<&str> = text.trim().lines().collect();
    let indented = |line: &&str| line.starts_with("  ") || line.starts_with('\t');
    let mut later = lines
        .iter()
        .skip(1)
        .filter(|line| !line.trim().is_empty())
        .peekable();
    let printed = later.peek().is_some() && later.all(indented);
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    for line in lines {
        let line = one_line(line);
        if line.is_empty() {
            gap = !out.is_empty();
            continue;
        }
        if gap {
            out.push_str("\n\n");
        } else if !out.is_empty() {
            out.push(if printed { ' ' } else { '\n' });
        }
        gap = false;
        out.push_str(&line);
    }
    out
}

/// The text of a value that has HTML in it, or entities that were escaped twice; `None` where it has neither.
pub fn plain(text: &str) -> Option<String> {
    let mut now: Option<String> = None;
    // Twice: `&amp;lt;p&amp;gt;` is a tag that was escaped two times too often.
    for _ in 0..2 {
        let text = now.as_deref().unwrap_or(text);
        if !(has_tag(text) || has_entity(text)) {
            break;
        }
        now = Some(crate::resource::html_to_text(text));
    }
    now
}

/// Elements that are markup wherever they begin.
const OPENING: [&str; 8] = ["p", "br", "img", "li", "div", "script", "iframe", "hr"];
/// Elements that are markup where they end: « la balise <b> » in a title is not.
const CLOSING: [&str; 26] = [
    "p",
    "b",
    "i",
    "em",
    "strong",
    "a",
    "ul",
    "ol",
    "li",
    "div",
    "span",
    "h1",
    "h2",
    "h3",
    "h4",
    "table",
    "tr",
    "td",
    "th",
    "sup",
    "sub",
    "blockquote",
    "script",
    "style",
    "code",
    "pre",
];

fn has_tag(text: &str) -> bool {
    text.match_indices('<').any(|(at, _)| {
        let rest = &text[at + 1..];
        let (name, tags) = match rest.strip_prefix('/') {
            Some(name) => (name, &CLOSING[..]),
            None => (rest, &OPENING[..]),
        };
        let end = name
            .find(|c: char| !c.is_ascii_alphanumeric())
            .unwrap_or(name.len());
        tags.iter().any(|tag| name[..end].eq_ignore_ascii_case(tag)) && name[end..].contains('>')
    })
}

fn has_entity(text: &str) -> bool {
    text.match_indices('&').any(|(at, _)| {
        let rest = &text[at + 1..];
        let Some(end) = rest.bytes().take(12).position(|b| b == b';') else {
            return false;
        };
        let name = &rest[..end];
        name.strip_prefix('#').is_some_and(|n| {
            let digits = n.strip_prefix(['x', 'X']).unwrap_or(n);
            !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit())
        }) || matches!(
            name,
            "amp"
                | "lt"
                | "gt"
                | "quot"
                | "apos"
                | "nbsp"
                | "eacute"
                | "egrave"
                | "agrave"
                | "ccedil"
                | "ecirc"
                | "rsquo"
                | "laquo"
                | "raquo"
        )
    })
}
