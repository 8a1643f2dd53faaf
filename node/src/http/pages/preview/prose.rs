//! Markdown and HTML of an item, as text and pictures in its page.

use commun_forge::render::{Target, html_to_html, markdown_to_html};

use super::super::{Page, decode_path, encode_path};
use crate::{
    http::{content, text::visible},
    items::Shown,
};

/// Markdown of a file, its links and pictures leading to the item's other files.
pub(super) fn markdown(page: &Page<'_>, item: &Shown, path: &str, text: &str) -> String {
    lowered(&markdown_to_html(text, rewrite(page, item, path)).html)
}

/// An HTML page of the item in the same way: its text and pictures, in our look.
pub(super) fn webpage(page: &Page<'_>, item: &Shown, path: &str, text: &str) -> String {
    lowered(&html_to_html(text, rewrite(page, item, path)).html)
}

/// Where the links and pictures of a file lead: to the item's other files, and nowhere else.
fn rewrite(
    page: &Page<'_>,
    item: &Shown,
    path: &str,
) -> impl Fn(Target<'_>) -> Option<String> + Send + Sync + 'static {
    let name = item.name();
    let folder = path
        .rsplit_once('/')
        .map_or(String::new(), |(folder, _)| folder.to_owned());
    let files = item.files.iter().flat_map(|list| list.files());
    let known: Vec<String> = files.map(|file| file.path.as_str().to_owned()).collect();
    let origin = page.web.hosts().content.clone();
    let lang = page.wanted.explicit.then(|| page.lang().tag());
    move |target: Target<'_>| {
        let (Target::Link(written) | Target::Image(written)) = target;
        let path = resolve(&folder, written)?;
        if !known.contains(&path) {
            return None;
        }
        Some(match target {
            Target::Image(_) => format!("{origin}{}", content::path(&name, &path)),
            Target::Link(_) => {
                let lang = lang.map(|lang| format!("&lang={lang}")).unwrap_or_default();
                format!(
                    "/{name}?file={}{lang}#preview",
                    encode_path(&path).replace('/', "%2F")
                )
            }
        })
    }
}

/// A relative address of a text as a path of the item; `None` where it leads out of it.
pub(in crate::http::pages) fn resolve(folder: &str, written: &str) -> Option<String> {
    let written = written.split(['?', '#']).next().unwrap_or_default();
    let written = decode_path(written)?;
    let (mut parts, written): (Vec<&str>, &str) = match written.strip_prefix('/') {
        Some(rooted) => (Vec::new(), rooted),
        None => (
            folder.split('/').filter(|p| !p.is_empty()).collect(),
            &written,
        ),
    };
    for part in written.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}

/// Headings of a text, two steps lower: the page has its own first and second ones.
pub(in crate::http::pages) fn lowered(html: &str) -> String {
    let mut html = visible(html);
    for (level, lower) in [(6, 6), (5, 6), (4, 6), (3, 5), (2, 4), (1, 3)] {
        html = html
            .replace(&format!("<h{level} "), &format!("<h{lower} "))
            .replace(&format!("<h{level}>"), &format!("<h{lower}>"))
            .replace(&format!("</h{level}>"), &format!("</h{lower}>"));
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_in_a_text_stay_inside_the_item() {
        assert_eq!(
            resolve("chap", "img/a%20b.png#x").as_deref(),
            Some("chap/img/a b.png")
        );
        assert_eq!(
            resolve("chap/one", "../two.md?raw").as_deref(),
            Some("chap/two.md")
        );
        assert_eq!(resolve("chap", "/top.md").as_deref(), Some("top.md"));
        assert_eq!(resolve("chap", "../../etc/passwd"), None);
        assert_eq!(resolve("", "."), None);
    }

    #[test]
    fn headings_of_a_text_stand_below_the_pages_own() {
        assert_eq!(
            lowered("<h1 id=\"md-a\">A</h1><h2>B</h2><h4>C</h4>"),
            "<h3 id=\"md-a\">A</h3><h4>B</h4><h6>C</h6>"
        );
    }
}
