//! Which strings are fit to be stored and shown.

use super::limits::{MAX_DESCRIPTION_BYTES, MAX_LINE_CHARS, MAX_TITLE_CHARS};

/// How long a text may be, and whether it may have several lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
    /// A title: one line.
    Title,
    /// A name, keyword, notation…: one line.
    Line,
    /// A description: paragraphs.
    Prose,
}

/// Characters that make a text look like another one, wherever they stand: overrides of the writing
/// direction, isolates, tag characters, the byte order mark, noncharacters (R-07-05).
pub fn is_forbidden(c: char) -> bool {
    matches!(c,
        '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{e0000}'..='\u{e007f}'
        | '\u{feff}'
        | '\u{fffe}' | '\u{ffff}')
}

/// Characters that show nothing by themselves.
fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}' | '\u{2029}'
            | '\u{2060}'..='\u{2064}' | '\u{206a}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{e0100}'..='\u{e01ef}')
}

/// Says why a text is not fit (R-07-04, R-07-05), and what to do; `Ok` gives it without the white space around it.
pub(super) fn check(text: &str, room: Room) -> Result<&str, (String, &'static str)> {
    let text = text.trim();
    if text.chars().all(is_invisible) {
        return Err((
            "is empty".into(),
            "write something, or leave the member out",
        ));
    }
    let found = text.chars().find(|c| match c {
        '\n' | '\t' | '\r' => room != Room::Prose,
        // Line and paragraph separators break lines where one was promised.
        '\u{2028}' | '\u{2029}' => room != Room::Prose,
        c => c.is_control() || is_forbidden(*c),
    });
    if let Some(c) = found {
        return Err((
            format!(
                "has the character U+{:04X}, which may not stand here",
                c as u32
            ),
            "remove it",
        ));
    }
    let (length, most, unit) = match room {
        Room::Title => (text.chars().count(), MAX_TITLE_CHARS, "characters"),
        Room::Line => (text.chars().count(), MAX_LINE_CHARS, "characters"),
        Room::Prose => (text.len(), MAX_DESCRIPTION_BYTES, "bytes"),
    };
    if length > most {
        return Err((
            format!("has {length} {unit}, the most is {most}"),
            "shorten it",
        ));
    }
    Ok(text)
}
