//! TeX and LaTeX: the words, without the commands.

use super::document::{Document, Properties};
use crate::resource::text::decode;

/// The most bytes read.
const MAX_BYTES: usize = 4 << 20;

/// Commands whose argument is a name, a length or a file, not text.
const SILENT: [&str; 30] = [
    "documentclass",
    "usepackage",
    "begin",
    "end",
    "label",
    "ref",
    "eqref",
    "pageref",
    "cite",
    "input",
    "include",
    "includegraphics",
    "bibliography",
    "bibliographystyle",
    "newcommand",
    "renewcommand",
    "vspace",
    "hspace",
    "setlength",
    "pagestyle",
    "geometry",
    "hypersetup",
    "definecolor",
    "color",
    "addtocounter",
    "setcounter",
    "usetikzlibrary",
    "url",
    "newtheorem",
    "selectlanguage",
];

/// What an accent makes of a letter.
const ACCENTS: [(char, &str, &str); 6] = [
    ('\'', "aeiouyAEIOU", "áéíóúýÁÉÍÓÚ"),
    ('`', "aeiouAEIOU", "àèìòùÀÈÌÒÙ"),
    ('^', "aeiouAEIOU", "âêîôûÂÊÎÔÛ"),
    ('"', "aeiouyAEIOU", "äëïöüÿÄËÏÖÜ"),
    ('~', "anoANO", "ãñõÃÑÕ"),
    ('c', "cC", "çÇ"),
];

pub(super) fn read(bytes: &[u8]) -> Document {
    let text = decode(&bytes[..bytes.len().min(MAX_BYTES)]);
    let argument = |command: &str| {
        let rest = &text[text.find(command)? + command.len()..];
        Some(words(group(rest)?.0))
    };
    let properties = Properties {
        title: argument("\\title"),
        creators: argument("\\author").into_iter().collect(),
        ..Properties::default()
    };
    let body = text
        .find("\\begin{document}")
        .map_or(text.as_str(), |at| &text[at..]);
    let mut document = Document {
        properties,
        ..Document::of(words(body))
    };
    if let Some(title) = document.properties.title.clone() {
        document.sections[0]
            .text
            .insert_str(0, &format!("{title}\n"));
    }
    document
}

/// What stands in the braces with which a text begins, and what follows.
fn group(text: &str) -> Option<(&str, &str)> {
    let inner = text.trim_start().strip_prefix('{')?;
    let mut depth = 1;
    let mut escaped = false;
    for (at, c) in inner.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some((&inner[..at], &inner[at + 1..]));
        }
    }
    None
}

/// The words of a piece of TeX, in one pass.
fn words(tex: &str) -> String {
    let mut out = String::with_capacity(tex.len());
    let mut rest = tex;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '%' => rest = rest.find('\n').map_or("", |end| &rest[end + 1..]),
            '{' | '}' | '$' => {}
            '~' | '&' => out.push(' '),
            '\\' => rest = command(rest, &mut out),
            '-' if rest.starts_with('-') => {
                out.push('–');
                rest = rest.trim_start_matches('-');
            }
            _ => out.push(c),
        }
    }
    out
}

/// What follows a backslash.
fn command<'a>(rest: &'a str, out: &mut String) -> &'a str {
    let length = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
    let name = &rest[..length];
    let after = &rest[length..];
    let Some(symbol) = rest.chars().next() else {
        return "";
    };
    if length == 0 || name == "c" {
        if let Some((c, left)) = accent(symbol, &rest[symbol.len_utf8()..]) {
            out.push(c);
            return left;
        }
        if length == 0 {
            out.push(match symbol {
                '\\' => '\n',
                '%' | '&' | '$' | '#' | '_' | '{' | '}' => symbol,
                _ => ' ',
            });
            // `\\[2mm]` has a length.
            let left = &rest[symbol.len_utf8()..];
            return if symbol == '\\' { options(left) } else { left };
        }
    }
    let word = match name {
        "oe" => "œ",
        "OE" => "Œ",
        "ae" => "æ",
        "ss" => "ß",
        "og" => "« ",
        "fg" => " »",
        "item" | "par" | "newline" | "section" | "subsection" | "chapter" | "paragraph" => "\n",
        _ => "",
    };
    out.push_str(word);
    if matches!(name, "oe" | "OE" | "ae" | "ss" | "og") {
        // The space after a command of letters only ends its name.
        return after.trim_start_matches([' ', '{', '}']);
    }
    let mut left = options(after.strip_prefix('*').unwrap_or(after));
    if SILENT.contains(&name) {
        while let Some((_, more)) = group(left).filter(|_| left.starts_with('{')) {
            left = options(more);
        }
        out.push(' ');
    } else if word.is_empty() && !left.starts_with('{') {
        out.push(' ');
    }
    left
}

/// Skips `[…]`.
fn options(text: &str) -> &str {
    match text.strip_prefix('[') {
        Some(inner) => inner.find(']').map_or(text, |end| &inner[end + 1..]),
        None => text,
    }
}

/// A letter with its accent: `\'e`, `\'{e}`, `\^\i`, `\c{c}`.
fn accent(mark: char, rest: &str) -> Option<(char, &str)> {
    let (_, plain, accented) = ACCENTS.iter().find(|(known, ..)| *known == mark)?;
    let trimmed = rest.trim_start();
    let (letter, left) = match group(trimmed) {
        Some((inner, left)) => (inner, left),
        None => {
            let letter = trimmed.strip_prefix("\\i").map(|_| 2).unwrap_or(1);
            trimmed.split_at_checked(letter)?
        }
    };
    let letter = letter.trim_start_matches('\\').chars().next()?;
    let place = plain.chars().position(|c| c == letter)?;
    Some((accented.chars().nth(place)?, left))
}
