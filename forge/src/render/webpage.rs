//! HTML pages of courses and books, shown as text and pictures: what [`super::markdown_to_html`] lets through, no more.

use super::{
    Rendered, Target,
    bounded::{plainly_formatted, within},
    sanitise_html,
};

/// The most HTML that is rendered, bytes; longer pages are cut, and the page says so.
pub const MAX_HTML: usize = 512 << 10;

/// Renders an HTML or XHTML page. `rewrite` as in [`super::markdown_to_html`].
///
/// Scripts, styles, forms, frames, `head` and ids are left out; so the look of the page is that of ours, and nothing in it
/// runs, loads or leads anywhere that the caller does not say.
pub fn html_to_html(
    page: &str,
    rewrite: impl Fn(Target<'_>) -> Option<String> + Send + Sync + 'static,
) -> Rendered {
    let end = page.floor_char_boundary(MAX_HTML);
    let end = within(&page[..end]);
    Rendered {
        html: sanitise_html(&plainly_formatted(&page[..end]), rewrite),
        cut: end < page.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(page: &str) -> Rendered {
        html_to_html(page, |target| match target {
            Target::Link(path) => Some(format!("/here/{path}")),
            Target::Image(path) => Some(format!("/raw/{path}")),
        })
    }

    #[test]
    fn a_page_of_a_course_keeps_its_text_pictures_and_links() {
        let page = shown(
            "<!doctype html><html><head><title>T</title><style>p{color:red}</style></head><body>\
             <h1 id=top>Les dunes</h1><p>Le <em>vent</em> <img src='img/a.png' alt='dune'> \
             <a href='suite.html'>suite</a></p></body></html>",
        );
        assert!(!page.cut);
        for part in [
            "<h1>Les dunes</h1>",
            "<em>vent</em>",
            "<img src=\"/raw/img/a.png\" alt=\"dune\">",
            "href=\"/here/suite.html\"",
        ] {
            assert!(page.html.contains(part), "{part}: {}", page.html);
        }
        assert!(!page.html.contains("color"), "{}", page.html);
        assert!(page.html.trim_start().starts_with("<h1>"), "{}", page.html);
    }

    #[test]
    fn a_hostile_page_is_inert() {
        let page = shown(
            "<html onload=x><base href='//evil.example/'><meta http-equiv=refresh content='0;url=//evil.example'>\
             <link rel=dns-prefetch href='//evil.example'><script>alert(1)</script><iframe src='//evil.example'></iframe>\
             <form action='//evil.example'><input name=q autofocus></form><img src=x onerror=alert(1)>\
             <img src='https://evil.example/p.png'><svg onload=alert(1)><script>x</script></svg><a href='javascript:x'>a</a>",
        );
        for part in [
            "evil.example",
            "onerror",
            "onload",
            "<script",
            "<form",
            "<input",
            "<svg",
            "javascript",
            "<base",
            "<meta",
            "<link",
        ] {
            assert!(!page.html.contains(part), "{part}: {}", page.html);
        }
    }

    #[test]
    fn deep_and_long_pages_take_bounded_time() {
        let start = std::time::Instant::now();
        for page in [
            "<div>".repeat(200_000),
            "<p><b><table>".repeat(50_000),
            "<p>a".repeat(200_000),
            "<li><ul>".repeat(100_000),
            "<".repeat(1_000_000),
            "<a b='".repeat(100_000),
        ] {
            let rendered = shown(&page);
            assert!(rendered.html.len() < 40 << 20);
        }
        assert!(start.elapsed().as_secs() < 30, "{:?}", start.elapsed());
        assert!(shown(&"<div>".repeat(1_000)).cut);
    }
}
