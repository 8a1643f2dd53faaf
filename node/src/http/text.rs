//! Text that others wrote, shown so that it cannot pretend: escaped, isolated in its own direction, invisible
//! characters made visible. And numbers, sizes and dates as people write them.

use std::{borrow::Cow, fmt::Write as _};

use maud::{Markup, PreEscaped, html};

use super::{lang::Lang, words::Words};

/// Characters that change the direction of text or are not seen: an author can make a name or a file's extension
/// read as something else with them.
fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}'
        | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
        || (c.is_control() && !matches!(c, '\n' | '\t'))
}

/// The text with every hidden character written out as `⟨U+202E⟩`. Not escaped: for attributes and JSON.
pub(super) fn visible(text: &str) -> String {
    if !text.chars().any(is_hidden) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_hidden(c) {
            let _ = write!(out, "⟨U+{:04X}⟩", c as u32);
        } else {
            out.push(c);
        }
    }
    out
}

/// A text of unknown language, isolated.
pub(super) fn plain(text: &str) -> Markup {
    html! { bdi { (visible(text)) } }
}

/// An address as one can check it: a host in other letters than ASCII as the network knows it (`xn--…`, RFC 5891), so that no
/// letter passes for another.
pub(super) fn checkable(address: &str) -> Cow<'_, str> {
    let Some((scheme, rest)) = address.split_once("://").filter(|_| !address.is_ascii()) else {
        return address.into();
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let parsed = url::Url::parse(address).ok();
    match parsed.as_ref().and_then(|url| url.host_str()) {
        Some(host) if !rest[..end].is_ascii() => {
            let port = parsed.as_ref().and_then(|url| url.port());
            let port = port.map_or(String::new(), |port| format!(":{port}"));
            format!("{scheme}://{host}{port}{}", &rest[end..]).into()
        }
        _ => address.into(),
    }
}

/// A text with its language where that is not the page's.
pub(super) fn spoken(text: &str, tag: &str, page: Lang) -> Markup {
    html! { bdi lang=[foreign(tag, page)] { (visible(text)) } }
}

/// The `lang` attribute of a text: none where it is the page's or not known.
pub(super) fn foreign(tag: &str, page: Lang) -> Option<&str> {
    let known = !tag.is_empty() && tag != "und";
    (known && Lang::of_tag(tag) != Some(page)).then_some(tag)
}

/// A text of several paragraphs (blank lines part them).
pub(super) fn paragraphs(text: &str) -> Markup {
    html! {
        @for paragraph in text.split("\n\n").map(str::trim).filter(|p| !p.is_empty()) {
            p { (visible(paragraph)) }
        }
    }
}

/// A snippet of the index: escaped HTML with matches in `<b>`, made `<mark>` for those who do not see bold.
pub(super) fn snippet(html: &str) -> Markup {
    let marked = visible(html)
        .replace("<b>", "<mark>")
        .replace("</b>", "</mark>");
    PreEscaped(marked)
}

/// A number with its groups of three digits.
pub(super) fn number(lang: Lang, n: u64) -> String {
    let digits = n.to_string();
    let separator = Words::of(lang).say("number-group");
    let mut out = String::with_capacity(digits.len() + 4);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push_str(separator);
        }
        out.push(digit);
    }
    out
}

/// A number of bytes, in units of a thousand, with at most one decimal.
pub(super) fn size(lang: Lang, bytes: u64) -> String {
    let words = Words::of(lang);
    let tenths = |unit: u64| {
        let tenths = (u128::from(bytes) * 10 / u128::from(unit)) as u64;
        let (whole, tenth) = (tenths / 10, tenths % 10);
        if whole >= 100 || tenth == 0 {
            number(lang, whole)
        } else {
            format!("{whole}{}{tenth}", words.say("number-decimal"))
        }
    };
    let said = match bytes {
        1_000_000_000.. => words.say_with("gigabytes", [("size", tenths(1_000_000_000).into())]),
        1_000_000.. => words.say_with("megabytes", [("size", tenths(1_000_000).into())]),
        1_000.. => words.say_with("kilobytes", [("size", tenths(1_000).into())]),
        _ => words.say_with("bytes", [("size", bytes.into())]),
    };
    said.replace(' ', "\u{a0}")
}

/// Seconds since 1970 as RFC 3339 in UTC; the epoch where the clock that wrote it was absurd.
pub(super) fn rfc3339(seconds: u64) -> String {
    crate::core::rfc3339(seconds).unwrap_or_else(|| "1970-01-01T00:00:00Z".to_owned())
}

/// A day as people write it: `3 novembre 2026`, `3 November 2026`.
pub(super) fn day(lang: Lang, seconds: u64) -> Markup {
    let written = rfc3339(seconds);
    html! { time datetime=(written) { (date(lang, &written)) } }
}

/// A date of the metadata (year, month or day) in words; unchanged where it is something else.
pub(super) fn date(lang: Lang, text: &str) -> String {
    let words = Words::of(lang);
    let mut parts = text.split('T').next().unwrap_or_default().split('-');
    let year = parts.next().unwrap_or_default();
    let month = parts.next().and_then(|m| m.parse::<u8>().ok());
    let day = parts.next().and_then(|d| d.parse::<u8>().ok());
    let name = |month: u8| words.find(&format!("month-{month}"));
    match (month.and_then(name), day) {
        (Some(month), Some(day)) => words.say_with(
            "date-day",
            [
                ("day", day.into()),
                ("month", month.into()),
                ("year", year.into()),
            ],
        ),
        (Some(month), None) => words.say_with(
            "date-month",
            [("month", month.into()), ("year", year.into())],
        ),
        (None, _) => visible(text),
    }
}

/// A span of time in its two largest units.
pub(super) fn duration(lang: Lang, seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => span(lang, 'S', seconds),
        (0, 0, m) => span(lang, 'M', m),
        (0, h, m) => format!("{} {}", span(lang, 'H', h), span(lang, 'M', m)),
        (d, h, _) => format!("{} {}", span(lang, 'D', d), span(lang, 'H', h)),
    }
}

/// A number of one unit of time, by its letter in ISO 8601.
fn span(lang: Lang, unit: char, count: u64) -> String {
    let words = Words::of(lang);
    let count = [("count", count.into())];
    let said = match unit {
        'D' => words.say_with("unit-days", count),
        'H' => words.say_with("unit-hours", count),
        'M' => words.say_with("unit-minutes", count),
        _ => words.say_with("unit-seconds", count),
    };
    said.replace(' ', "\u{a0}")
}

/// A normalised ISO 8601 duration of hours and minutes in words; another one as it is written.
pub(super) fn iso_duration(lang: Lang, text: &str) -> String {
    let Some(mut rest) = text.strip_prefix("PT") else {
        return visible(text);
    };
    let mut parts = Vec::new();
    for unit in ['H', 'M', 'S'] {
        if let Some((count, after)) = rest.split_once(unit) {
            let Ok(count) = count.parse() else {
                return visible(text);
            };
            parts.push(span(lang, unit, count));
            rest = after;
        }
    }
    if rest.is_empty() && !parts.is_empty() {
        parts.join(" ")
    } else {
        visible(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_of_other_letters_is_shown_as_the_network_knows_it() {
        for (written, shown) in [
            // The first letter is Cyrillic.
            (
                "https://\u{435}xample.org/a?b#é",
                "https://xn--xample-2of.org/a?b#é",
            ),
            ("http://exämple.org:8080", "http://xn--exmple-cua.org:8080"),
            ("https://example.org/é", "https://example.org/é"),
            ("https://example.org/", "https://example.org/"),
            ("doi:10.5555/é", "doi:10.5555/é"),
        ] {
            assert_eq!(checkable(written), shown);
        }
    }

    #[test]
    fn durations_are_said_in_hours_and_minutes() {
        let said = |text| iso_duration(Lang::Fr, text).replace('\u{a0}', " ");
        assert_eq!(said("PT1H30M"), "1 h 30 min");
        assert_eq!(said("PT36H"), "36 h");
        assert_eq!(said("P2D"), "P2D");
        assert_eq!(said("PT"), "PT");
    }

    #[test]
    fn what_hides_is_shown_and_what_is_markup_is_text() {
        let hostile = "cours\u{202e}fdp.exe<script>alert(1)</script>\u{e0041}";
        let shown = plain(hostile).into_string();
        assert!(
            shown.contains("cours⟨U+202E⟩fdp.exe&lt;script&gt;"),
            "{shown}"
        );
        assert!(shown.contains("⟨U+E0041⟩") && !shown.contains('\u{202e}'));
        assert_eq!(visible("Équations, عربى\n"), "Équations, عربى\n");
    }

    #[test]
    fn a_foreign_title_says_its_language() {
        assert_eq!(
            spoken("Cours", "fr", Lang::Fr).into_string(),
            "<bdi>Cours</bdi>"
        );
        assert_eq!(
            spoken("Cours", "fr", Lang::En).into_string(),
            "<bdi lang=\"fr\">Cours</bdi>"
        );
        assert_eq!(foreign("und", Lang::En), None);
    }

    #[test]
    fn numbers_and_dates_read_as_each_language_writes_them() {
        assert_eq!(number(Lang::En, 1_234_567), "1,234,567");
        assert_eq!(number(Lang::Fr, 12_345), "12\u{202f}345");
        assert_eq!(size(Lang::Fr, 1_250_000), "1,2\u{a0}Mo");
        assert_eq!(size(Lang::En, 999), "999\u{a0}bytes");
        assert_eq!(size(Lang::En, u64::MAX), "18,446,744,073\u{a0}GB");
        assert_eq!(date(Lang::Fr, "2026-11-01"), "1er novembre 2026");
        assert_eq!(date(Lang::En, "2026-11"), "November 2026");
        assert_eq!(date(Lang::En, "2026"), "2026");
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(u64::MAX), "1970-01-01T00:00:00Z");
    }
}
