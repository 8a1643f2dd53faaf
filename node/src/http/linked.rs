//! What pages say of themselves to programs: schema.org in JSON-LD.

use commun_index::Hit;
use serde_json::{Value, json};

/// JSON that may stand in a page as it is: nothing in it ends the element that it stands in.
pub(super) fn script(value: &Value) -> String {
    let text = value.to_string();
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '<' => out.push_str("\\u003c"),
            '>' => out.push_str("\\u003e"),
            '&' => out.push_str("\\u0026"),
            '\u{2028}' => out.push_str("\\u2028"),
            '\u{2029}' => out.push_str("\\u2029"),
            c => out.push(c),
        }
    }
    out
}

/// Several things that a page says, in one document.
pub(super) fn graph(things: Vec<Value>) -> String {
    script(&json!({"@context": "https://schema.org", "@graph": things}))
}

/// The way to a page from the first one: names and paths, the page itself last.
pub(super) fn breadcrumbs(main: &str, way: &[(String, String)]) -> Value {
    let steps = way.iter().enumerate().map(|(at, (name, path))| {
        json!({"@type": "ListItem", "position": at + 1, "name": name, "item": format!("{main}{path}")})
    });
    json!({"@type": "BreadcrumbList", "itemListElement": steps.collect::<Vec<_>>()})
}

/// Items of a page in their order; `first` is the place of the first of them among all `total`.
pub(super) fn items(main: &str, hits: &[Hit], first: usize, total: usize) -> Value {
    let list = hits.iter().enumerate().map(|(at, hit)| {
        json!({
            "@type": "ListItem", "position": first + at, "name": hit.title,
            "url": format!("{main}/{}", hit.name),
        })
    });
    json!({"@type": "ItemList", "numberOfItems": total, "itemListElement": list.collect::<Vec<_>>()})
}

/// The commons and its search, of which each node is a door.
pub(super) fn site(main: &str, name: &str, languages: &[&str]) -> Value {
    json!({
        "@type": "WebSite", "@id": format!("{main}/#site"), "url": format!("{main}/"), "name": name,
        "inLanguage": languages,
        "potentialAction": {
            "@type": "SearchAction",
            "target": {"@type": "EntryPoint", "urlTemplate": format!("{main}/search?q={{search_term_string}}")},
            "query-input": "required name=search_term_string",
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_the_element() {
        let text = graph(vec![json!({"name": "</script><!-- & \u{2028}"})]);
        assert!(!text.contains(['<', '>', '&', '\u{2028}']), "{text}");
        let read: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["@graph"][0]["name"], "</script><!-- & \u{2028}");
    }
}
