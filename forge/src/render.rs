//! Markdown that anybody may have written, as HTML that harms nobody.
//!
//! Two walls: [`ammonia`] lets through a short list of elements and attributes, and every address passes
//! through [`Target`] here, so that a page loads nothing from elsewhere. Pages add a third with their
//! content security policy. Plain text for the index is made by
//! [`resource::extract_text`](crate::resource::extract_text).

mod bounded;
mod named;
mod webpage;

pub use webpage::{MAX_HTML, html_to_html};

use std::borrow::Cow;
use std::collections::HashMap;

use ammonia::{Builder, UrlRelative};
use named::named;
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, html};

/// The most Markdown that is rendered, bytes; longer texts are cut, and the page says so.
pub const MAX_MARKDOWN: usize = 256 << 10;

/// How deep quotations and lists are nested in what is shown; deeper ones lose their frame.
const MAX_DEPTH: usize = 100;

/// How many tags of its own a Markdown text may hold; what follows is shown as text. The HTML parser takes
/// time with the square of the depth.
const MAX_RAW_TAGS: usize = 5_000;

/// Every id in what is rendered begins with this, so that no text captures a name of the page around it.
const ANCHOR: &str = "md-";

/// The longest anchor, in characters.
const MAX_ANCHOR: usize = 100;

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
    /// HTML for the inside of a block element. No scripts, styles, forms or frames; no ids but those of headings,
    /// which begin with `md-`; no address of a picture but those that the caller made.
    pub html: String,
    /// Whether the text was longer than [`MAX_MARKDOWN`], or had more tags or more depth than is shown.
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
                // Each piece is less than a tag or some of them: what is cut in two is no tag here, and none there.
                Event::Html(bounded::plainly_formatted(&text).into())
            };
            Some(shown)
        }
        // The box itself would be a control of a form.
        Event::TaskListMarker(done) => Some(Event::Text(
            if done { "\u{2611} " } else { "\u{2610} " }.into(),
        )),
        event => Some(event),
    });
    html::push_html(&mut raw, named(anchored(events.collect())).into_iter());
    let end = bounded::within(&raw);
    Rendered {
        html: sanitise_html(&raw[..end], rewrite),
        cut: cut || end < raw.len(),
    }
}

/// The id of the heading that a fragment (`install`, as forges make them of a heading's words) means;
/// nothing for what no heading can have.
pub fn anchor_of(fragment: &str) -> Option<String> {
    let slug = slug(&decode(fragment)?);
    (!slug.is_empty()).then(|| format!("{ANCHOR}{slug}"))
}

/// Letters and digits in lower case, spaces as hyphens, nothing else: as other forges do it, so that links
/// written for them work.
fn slug(text: &str) -> String {
    let kept = |c: char| match c {
        ' ' => Some('-'),
        '-' | '_' => Some(c),
        _ if c.is_alphanumeric() => Some(c),
        _ => None,
    };
    text.trim()
        .chars()
        .filter_map(kept)
        .flat_map(char::to_lowercase)
        .take(MAX_ANCHOR)
        .collect()
}

/// Gives every heading the id that its words make; a second one of the same words gets a number.
fn anchored(mut events: Vec<Event<'_>>) -> Vec<Event<'_>> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut open: Option<(usize, String)> = None;
    for at in 0..events.len() {
        match &events[at] {
            Event::Start(Tag::Heading { .. }) => open = Some((at, String::new())),
            Event::Text(text) | Event::Code(text) => {
                if let Some((_, words)) = &mut open
                    && words.len() < 4 * MAX_ANCHOR
                {
                    words.push_str(text);
                }
            }
            Event::End(pulldown_cmark::TagEnd::Heading(_)) => {
                let Some((start, words)) = open.take() else {
                    continue;
                };
                let slug = slug(&words);
                if slug.is_empty() {
                    continue;
                }
                let count = seen.entry(slug.clone()).or_default();
                let name = match *count {
                    0 => format!("{ANCHOR}{slug}"),
                    n => format!("{ANCHOR}{slug}-{n}"),
                };
                *count += 1;
                if let Event::Start(Tag::Heading { id, .. }) = &mut events[start] {
                    *id = Some(CowStr::from(name));
                }
            }
            _ => {}
        }
    }
    events
}

/// Removes from HTML everything that is not plain text layout.
fn sanitise_html(
    html: &str,
    rewrite: impl Fn(Target<'_>) -> Option<String> + Send + Sync + 'static,
) -> String {
    let filter = move |element: &str, attribute: &str, value: &str| match (element, attribute) {
        ("a", "href") => link(value, &rewrite),
        ("img", "src") => image(value, &rewrite),
        ("h1" | "h2" | "h3" | "h4" | "h5" | "h6", "id") => {
            value.starts_with(ANCHOR).then(|| value.to_owned())
        }
        (_, "id" | "href" | "src" | "srcset" | "cite" | "background") => None,
        _ => Some(value.to_owned()),
    };
    Builder::default()
        .rm_tags(["map", "area"])
        // The name of a page is not in it.
        .add_clean_content_tags(["title"])
        .add_tag_attributes("h1", ["id"])
        .add_tag_attributes("h2", ["id"])
        .add_tag_attributes("h3", ["id"])
        .add_tag_attributes("h4", ["id"])
        .add_tag_attributes("h5", ["id"])
        .add_tag_attributes("h6", ["id"])
        .url_schemes(["http", "https", "mailto"].into())
        .url_relative(UrlRelative::PassThrough)
        .link_rel(Some("nofollow noopener noreferrer"))
        // What is wider than the page is moved sideways by keyboard, too.
        .set_tag_attribute_value("pre", "tabindex", "0")
        .set_tag_attribute_value("table", "tabindex", "0")
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
        Address::Fragment => {
            anchor_of(value.trim().trim_start_matches('#')).map(|id| format!("#{id}"))
        }
        Address::Nowhere => None,
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
            "<h1 id=\"md-cours\">Cours</h1>",
            "href=\"/here/docs/guide.md#a\"",
            "href=\"https://example.org/\"",
            "rel=\"nofollow noopener noreferrer\"",
            "<img src=\"/raw/img/a.png\" alt=\"schéma\" title=\"A\">",
            "<table tabindex=\"0\">",
            "<pre tabindex=\"0\"><code>fn x() {}",
            "\u{2611} fait",
        ] {
            assert!(html.contains(part), "{part}: {html}");
        }
    }

    #[test]
    fn headings_can_be_linked_to_and_capture_no_name_of_the_page() {
        let html = render(
            "# Install & run!\n\n## Été\n\n## Été\n\n[a](#install--run) [b](#%C3%A9t%C3%A9-1) [c](#)\n\n\
             <h2 id=main>x</h2> <h2 id=\"md-own\">y</h2> <p id=\"md-z\">z</p>",
        );
        for part in [
            "<h1 id=\"md-install--run\">",
            "<h2 id=\"md-été\">",
            "<h2 id=\"md-été-1\">",
            "href=\"#md-install--run\"",
            "href=\"#md-été-1\"",
            "<h2 id=\"md-own\">",
        ] {
            assert!(html.contains(part), "{part}: {html}");
        }
        assert!(
            !html.contains("\"main\"") && !html.contains("md-z"),
            "{html}"
        );
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
            (0..4_000)
                .map(|n| format!("<b title={n}>"))
                .collect::<String>()
                + &"\n\nx".repeat(50_000),
            "<div></x>".repeat(20_000),
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
            // Some are cut because of what they would become.
            assert!(rendered.cut || text.len() <= MAX_MARKDOWN);
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
