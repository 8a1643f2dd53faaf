//! Markdown that anybody may have written, as HTML that harms nobody.
//!
//! Two walls: [`ammonia`] lets through a short list of elements and attributes, and every address passes
//! through [`Target`] here, so that a page loads nothing from elsewhere. Pages add a third with their
//! content security policy. Plain text for the index is made by
//! [`resource::extract_text`](crate::resource::extract_text).

use std::borrow::Cow;

use ammonia::{Builder, UrlRelative};
use pulldown_cmark::{Event, Options, Parser, html};

/// The most Markdown that is rendered, bytes; longer texts are cut, and the page says so.
pub const MAX_MARKDOWN: usize = 256 << 10;

/// How deep quotations and lists are nested in what is shown; deeper ones lose their frame.
const MAX_DEPTH: usize = 100;

/// How many tags of its own a Markdown text may hold; what follows is shown as text. The HTML parser takes
/// time with the square of the depth.
const MAX_RAW_TAGS: usize = 5_000;

/// A relative address in a text: what the caller turns into one of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target<'a> {
    /// Where a link leads, as written: `docs/guide.md#install`.
    Link(&'a str),
    /// What a picture shows, as written.
    Image(&'a str),
}

/// What came out of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// HTML for the inside of a block element. No scripts, styles, forms, frames or ids; no address of a
    /// picture but those that the caller made.
    pub html: String,
    /// Whether the text was longer than [`MAX_MARKDOWN`].
    pub cut: bool,
}

/// Renders Markdown (CommonMark with tables, strikethrough, task lists and footnotes).
///
/// `rewrite` gets each relative address and answers the one to use, or nothing: then the link or picture
/// has none. What it answers is put into an attribute as it is, escaped. Links to other hosts stay, with
/// `rel="nofollow noopener noreferrer"`; pictures of other hosts lose their address.
pub fn markdown_to_html(
    markdown: &str,
    rewrite: impl Fn(Target<'_>) -> Option<String> + Send + Sync + 'static,
) -> Rendered {
    let cut = markdown.len() > MAX_MARKDOWN;
    let markdown = &markdown[..markdown.floor_char_boundary(MAX_MARKDOWN)];
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let mut raw = String::with_capacity(markdown.len() * 3 / 2);
    let (mut tags, mut depth) = (0, 0usize);
    let events = Parser::new_ext(markdown, options).filter_map(|event| match event {
        Event::Start(_) => {
            depth += 1;
            (depth <= MAX_DEPTH).then_some(event)
        }
        Event::End(_) => {
            depth -= 1;
            (depth < MAX_DEPTH).then_some(event)
        }
        Event::Html(text) | Event::InlineHtml(text) => {
            tags += text.matches('<').count();
            let shown = if tags > MAX_RAW_TAGS {
                Event::Text(text)
            } else {
                Event::Html(text)
            };
            Some(shown)
        }
        event => Some(event),
    });
    html::push_html(&mut raw, events);
    Rendered {
        html: sanitise_html(&raw, rewrite),
        cut,
    }
}

/// Removes from HTML everything that is not plain text layout.
fn sanitise_html(
    html: &str,
    rewrite: impl Fn(Target<'_>) -> Option<String> + Send + Sync + 'static,
) -> String {
    let filter = move |element: &str, attribute: &str, value: &str| match (element, attribute) {
        ("a", "href") => link(value, &rewrite),
        ("img", "src") => image(value, &rewrite),
        (_, "href" | "src" | "srcset" | "cite" | "background") => None,
        _ => Some(value.to_owned()),
    };
    Builder::default()
        .rm_tags(["map", "area"])
        .url_schemes(["http", "https", "mailto"].into())
        .url_relative(UrlRelative::PassThrough)
        .link_rel(Some("nofollow noopener noreferrer"))
        .attribute_filter(move |element, attribute, value| {
            filter(element, attribute, value).map(Cow::Owned)
        })
        .clean(html)
        .to_string()
}

fn link(value: &str, rewrite: &impl Fn(Target<'_>) -> Option<String>) -> Option<String> {
    match address(value) {
        Address::Elsewhere => Some(value.to_owned()),
        Address::Here(path) => rewrite(Target::Link(path)),
        // There are no ids in what we render, so that no text captures a name of the page.
        Address::Fragment | Address::Nowhere => None,
    }
}

fn image(value: &str, rewrite: &impl Fn(Target<'_>) -> Option<String>) -> Option<String> {
    match address(value) {
        Address::Here(path) => rewrite(Target::Image(path)),
        Address::Elsewhere | Address::Fragment | Address::Nowhere => None,
    }
}

enum Address<'a> {
    /// With a scheme that is allowed.
    Elsewhere,
    /// A relative path.
    Here(&'a str),
    /// `#…`
    Fragment,
    /// Whatever browsers read in more than one way.
    Nowhere,
}

fn address(value: &str) -> Address<'_> {
    let value = value.trim();
    let strange = |c: char| c == '\\' || c.is_control() || c.is_whitespace() && c != ' ';
    if value.is_empty() || value.contains(strange) || value.starts_with("//") {
        return Address::Nowhere;
    }
    if value.starts_with('#') {
        return Address::Fragment;
    }
    match value.find([':', '/', '?', '#']) {
        Some(at) if value.as_bytes()[at] == b':' => {
            let scheme = value[..at].to_ascii_lowercase();
            let known = matches!(scheme.as_str(), "http" | "https" | "mailto");
            if known {
                Address::Elsewhere
            } else {
                Address::Nowhere
            }
        }
        _ => Address::Here(value),
    }
}

/// A relative address as a path from the top of a repository or resource, for a text that lies in
/// `folder` (empty: the top): the path, and the `?…#…` that follows it.
///
/// `/x` is read from the top, as people mean it. Nothing when it leads out of the top. Percent signs are
/// decoded; what does not decode to UTF-8 is nothing, too.
pub fn relative_path(folder: &str, address: &str) -> Option<(String, String)> {
    let end = address.find(['?', '#']).unwrap_or(address.len());
    let (path, rest) = address.split_at(end);
    let decoded = decode(path)?;
    let mut parts: Vec<&str> = match decoded.strip_prefix('/') {
        Some(_) => Vec::new(),
        None => folder.split('/').filter(|part| !part.is_empty()).collect(),
    };
    for part in decoded.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part if part.contains(['\\', '\0']) => return None,
            part => parts.push(part),
        }
    }
    Some((parts.join("/"), rest.to_owned()))
}

fn decode(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digits = text.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(markdown: &str) -> String {
        let rewrite = |target: Target<'_>| match target {
            Target::Link(path) => Some(format!("/here/{path}")),
            Target::Image(path) => Some(format!("/raw/{path}")),
        };
        markdown_to_html(markdown, rewrite).html
    }

    #[test]
    fn honest_markdown_keeps_its_form() {
        let html = render(
            "# Cours\n\nVoir [le guide](docs/guide.md#a) et [le site](https://example.org/).\n\n\
             ![schéma](img/a.png \"A\")\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n- [x] fait\n\n```rust\nfn x() {}\n```\n",
        );
        for part in [
            "<h1>Cours</h1>",
            "href=\"/here/docs/guide.md#a\"",
            "href=\"https://example.org/\"",
            "rel=\"nofollow noopener noreferrer\"",
            "<img src=\"/raw/img/a.png\" alt=\"schéma\" title=\"A\">",
            "<table>",
            "<pre><code>fn x() {}",
        ] {
            assert!(html.contains(part), "{part}: {html}");
        }
    }

    #[test]
    fn hostile_markdown_is_inert() {
        let html = render(
            "<script>alert(1)</script><style>*{}</style><iframe src=x></iframe>\n\n\
             <a href=\"javascript:alert(1)\" onclick=\"x()\" id=\"login\" style=\"position:fixed\">a</a>\n\n\
             [b](JaVaScRiPt:alert(1)) [c](data:text/html,x) [d](vbscript:x) [e](//evil.example/x)\n\n\
             ![t](https://evil.example/pixel.png) <img src=\"//evil.example/p\" srcset=\"https://e/x 2x\">\n\n\
             <img src=\"/\\evil.example/p\"> <form action=/logout><input name=q></form> <svg onload=x>\n\n\
             <svg><style><img src=x onerror=alert(1)></style></svg> <math><mtext></mtext></math>\n\n\
             <meta http-equiv=refresh content=0> <base href=//evil> <q cite=https://evil.example/>q</q>",
        );
        for part in [
            "script",
            "style",
            "iframe",
            "onclick",
            "id=",
            "data:",
            "evil.example",
            "srcset",
            "form",
            "input",
            "svg",
            "onerror",
            "onload",
            "meta",
            "<base",
        ] {
            assert!(!html.to_ascii_lowercase().contains(part), "{part}: {html}");
        }
    }

    #[test]
    fn a_rewriter_that_answers_quotes_cannot_leave_its_attribute() {
        let html = markdown_to_html("[a](b)", |_| Some("\"><script>x</script>".to_owned())).html;
        assert!(!html.contains("<script>"), "{html}");
    }

    #[test]
    fn long_and_deep_texts_take_bounded_time() {
        let start = std::time::Instant::now();
        for text in [
            "<div title='</div>'>".repeat(12_000),
            "<p><b><table>".repeat(20_000),
            "<div>".repeat(100_000),
            "> ".repeat(200_000),
            "[".repeat(300_000),
            "*a ".repeat(100_000),
            "<b>".repeat(4_000),
            "- ".repeat(100_000),
            "a\n".repeat(300_000),
        ] {
            let rendered = markdown_to_html(&text, |_| None);
            assert!(rendered.html.len() < 40 << 20);
            assert_eq!(rendered.cut, text.len() > MAX_MARKDOWN);
        }
        assert!(start.elapsed().as_secs() < 30, "{:?}", start.elapsed());
    }

    #[test]
    fn relative_addresses_stay_inside() {
        let path = |folder, address| relative_path(folder, address).map(|(path, _)| path);
        assert_eq!(path("docs", "a.md").as_deref(), Some("docs/a.md"));
        assert_eq!(
            path("docs/x", "../a%20b.md").as_deref(),
            Some("docs/a b.md")
        );
        assert_eq!(path("docs", "/LICENCE").as_deref(), Some("LICENCE"));
        assert_eq!(path("docs", "./").as_deref(), Some("docs"));
        assert_eq!(path("docs", "../../x"), None);
        assert_eq!(path("", "%2e%2e/x"), None);
        assert_eq!(path("", "%ff"), None);
        let split = relative_path("", "a.md?raw=1#top").unwrap();
        assert_eq!(split, ("a.md".to_owned(), "?raw=1#top".to_owned()));
    }
}
