//! How much of an HTML text may be parsed: what a parser makes of hostile HTML is far larger than the text.
//!
//! Two things grow: every block opens the formatting elements again that are still open, and every start tag looks through
//! the elements that it stands in (HTML Living Standard, 13.2.4.3 and 13.2.4.2). A parser opens three *alike* again at most,
//! so formatting elements lose their attributes, which would make each another one; and tags and depth have a limit.

use std::collections::HashMap;

/// Tags of one text; it is cut at the next. A page of a course has some thousand.
const MAX_TAGS: usize = 15_000;
/// How deep elements may stand in one another; a text is cut where it goes deeper.
const MAX_DEPTH: usize = 300;
/// Longest name of an element that is looked at, in bytes.
const MAX_NAME: usize = 12;

/// Elements that hold nothing, or that the next one of their kind ends.
const FLAT: [&str; 24] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track",
    "wbr", "param", "p", "li", "dt", "dd", "tr", "td", "th", "option", "html", "body",
];

/// Elements that are opened again in each block, but for `a`, of which there is one at most.
const FORMATTING: [&str; 13] = [
    "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
];

/// A tag as it is written.
struct Tag {
    closing: bool,
    /// In lower case.
    name: String,
    /// Where its name ends.
    end: usize,
}

/// The tag that begins at a `<`; `None` where none does.
fn tag_at(html: &str, at: usize) -> Option<Tag> {
    let closing = html[at + 1..].starts_with('/');
    let start = at + 1 + usize::from(closing);
    let rest = &html.as_bytes()[start..];
    let length = rest
        .iter()
        .take_while(|c| c.is_ascii_alphanumeric())
        .count();
    (length > 0).then(|| Tag {
        closing,
        name: html[start..start + length.min(MAX_NAME)].to_ascii_lowercase(),
        end: start + length,
    })
}

/// How many bytes of a text stand within the limits. Counts tags as they are written, in one pass; what only looks like
/// a tag counts as one.
pub(super) fn within(html: &str) -> usize {
    let (mut tags, mut depth) = (0, 0usize);
    let mut open: HashMap<String, usize> = HashMap::new();
    let mut comment = 0;
    for (at, _) in html.match_indices('<') {
        tags += 1;
        if tags > MAX_TAGS {
            return at;
        }
        if at < comment {
            continue;
        }
        if html[at..].starts_with("<!--") {
            comment = html[at..].find("-->").map_or(html.len(), |end| at + end);
            continue;
        }
        let Some(tag) = tag_at(html, at) else {
            continue;
        };
        if FLAT.contains(&tag.name.as_str()) {
            continue;
        }
        let of_name = open.entry(tag.name).or_default();
        match tag.closing {
            // What ends nothing makes nothing less deep.
            true if *of_name == 0 => {}
            true => {
                *of_name -= 1;
                depth -= 1;
            }
            false => {
                *of_name += 1;
                depth += 1;
            }
        }
        if depth > MAX_DEPTH {
            return at;
        }
    }
    html.len()
}

/// A text whose formatting elements have no attributes.
pub(super) fn plainly_formatted(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut done = 0;
    for (at, _) in html.match_indices('<') {
        if at < done {
            continue;
        }
        let Some(tag) = tag_at(html, at) else {
            continue;
        };
        if tag.closing
            || !FORMATTING.contains(&tag.name.as_str())
            || html[tag.end..].starts_with('>')
        {
            continue;
        }
        let end = html[tag.end..].find('>');
        out.push_str(&html[done..tag.end]);
        out.push('>');
        done = end.map_or(html.len(), |end| tag.end + end + 1);
    }
    out.push_str(&html[done..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_nothing_makes_a_page_no_less_deep() {
        assert!(within(&"<div></x>".repeat(5_000)) < 5_000);
        assert!(within(&"<div><!--</div>-->".repeat(5_000)) < 10_000);
        let honest = "<div><b>a</b></div>".repeat(1_000);
        assert_eq!(within(&honest), honest.len());
        assert!(within(&"<p>x".repeat(100_000)) <= 4 * MAX_TAGS);
    }

    #[test]
    fn formatting_loses_its_attributes_and_nothing_else_does() {
        for (written, expected) in [
            ("<b title=1>a</b>", "<b>a</b>"),
            ("<B\nCLASS='x>y'>a", "<B>y'>a"),
            ("<code/x>", "<code>"),
            (
                "<body class=x><p id=a><a href=b>c</a>",
                "<body class=x><p id=a><a href=b>c</a>",
            ),
            ("<<b x>b y>", "<<b>b y>"),
            ("<em", "<em>"),
            ("a < b", "a < b"),
        ] {
            assert_eq!(plainly_formatted(written), expected);
        }
    }
}
