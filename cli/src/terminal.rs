//! What is written to the terminal: nothing that came from elsewhere can steer it.

use std::io::{self, Write};

use serde::Serialize;

/// Whether a character could steer a terminal or make a text look like another one: controls, bidirectional
/// formatting (Unicode UAX 9), line separators, and invisible tags.
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// A text as one line that is safe to print: what could steer the terminal is written as an escape.
pub fn line(text: &str) -> String {
    escape(text, false)
}

/// The same for a text of several lines.
pub fn lines(text: &str) -> String {
    escape(text, true)
}

fn escape(text: &str, keep_lines: bool) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if keep_lines && c == '\n' || !steers(c) {
            safe.push(c);
        } else {
            safe.extend(c.escape_unicode());
        }
    }
    safe
}

/// Writes data to stdout, ending in a newline. A reader that has gone (`| head`) is no failure.
pub fn data(text: &str) {
    let mut out = io::stdout().lock();
    let text = text.trim_end_matches('\n');
    // There is nobody to tell if this fails.
    let _ = writeln!(out, "{}", lines(text)).and_then(|()| out.flush());
}

/// Writes talk to stderr.
pub fn talk(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", lines(text));
}

/// Writes one JSON value to stdout. What could steer a terminal is escaped as JSON escapes it, so that the value is
/// the same.
pub fn json(value: &impl Serialize) {
    let text = serde_json::to_string(value).expect("the values that are printed have text keys");
    let _ = writeln!(io::stdout().lock(), "{}", json_escaped(&text));
}

fn json_escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if steers(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                safe.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            safe.push(c);
        }
    }
    safe
}

/// At most so many characters, with an ellipsis where some were cut.
pub fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars()
        .take(most.saturating_sub(1))
        .chain(['…'])
        .collect()
}

/// A moment, from seconds since 1970: `2026-11-22 04:27:24 UTC`.
pub fn time(seconds: u64) -> String {
    const DAY: u64 = 86_400;
    let (days, rest) = (seconds / DAY, seconds % DAY);
    // Days from 0000-03-01 on, in eras of 400 years (H. Hinnant, "chrono-compatible low-level date algorithms").
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = era * 400 + year + u64::from(month <= 2);
    format!(
        "{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02} UTC",
        rest / 3_600,
        rest / 60 % 60,
        rest % 60
    )
}

/// How many of something: `1 file`, `2 files`.
pub fn counted(count: u64, one: &str) -> String {
    let many = if count == 1 { "" } else { "s" };
    format!("{count} {one}{many}")
}

/// Bytes as people read them.
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["bytes", "KiB", "MiB", "GiB", "TiB"];
    let mut unit = 0;
    let mut value = bytes as f64;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 {
        format!("{bytes} bytes")
    } else {
        format!("{value:.1} {}", UNITS[unit])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_for_people() {
        assert_eq!(time(0), "1970-01-01 00:00:00 UTC");
        assert_eq!(time(951_782_400), "2000-02-29 00:00:00 UTC");
        assert_eq!(time(1_700_000_000), "2023-11-14 22:13:20 UTC");
        assert_eq!(time(4_102_444_799), "2099-12-31 23:59:59 UTC");
    }

    #[test]
    fn nothing_that_steers_a_terminal_is_printed() {
        assert_eq!(line("Équation é 数学"), "Équation é 数学");
        assert_eq!(line("\u{1b}[2J"), "\\u{1b}[2J");
        assert_eq!(line("a\u{202e}b\nc\u{9b}d"), "a\\u{202e}b\\u{a}c\\u{9b}d");
        assert_eq!(lines("a\nb\r"), "a\nb\\u{d}");
    }

    #[test]
    fn escaped_json_is_the_same_value() {
        let value = serde_json::json!({"a": "\u{202e}\u{9b}\u{e0041}\u{7f} é"});
        let text = json_escaped(&value.to_string());
        assert!(!text.chars().any(steers));
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&text).unwrap(),
            value
        );
    }
}
