//! JSON as YAML that people like to read and edit: block style, quotation marks where they are needed.

use serde_json::{Map, Value as Json};

/// What comes first, in this order; the rest follows.
const FIRST: [&str; 16] = [
    "@context",
    "id",
    "type",
    "creativeWorkStatus",
    "name",
    "abstract",
    "description",
    "keywords",
    "license",
    "creator",
    "contributor",
    "inLanguage",
    "about",
    "learningResourceType",
    "educationalLevel",
    "audience",
];

/// A document.
pub(super) fn document(top: Map<String, Json>) -> String {
    let mut out = String::new();
    members(&top, 0, &mut out);
    out
}

fn members(object: &Map<String, Json>, depth: usize, out: &mut String) {
    let rank = |name: &str| {
        FIRST
            .iter()
            .position(|known| *known == name)
            .unwrap_or(FIRST.len())
    };
    let mut sorted: Vec<(&String, &Json)> = object.iter().collect();
    sorted.sort_by(|a, b| rank(a.0).cmp(&rank(b.0)).then_with(|| a.0.cmp(b.0)));
    for (at, (name, value)) in sorted.into_iter().enumerate() {
        // The first member of an item of a list stands behind its hyphen.
        if !(at == 0 && out.ends_with("- ")) {
            indent(depth, out);
        }
        scalar(name, out);
        out.push(':');
        node(value, depth, out);
    }
}

fn indent(depth: usize, out: &mut String) {
    for _ in 0..depth {
        out.push_str("  ");
    }
}

/// What stands behind a name.
fn node(value: &Json, depth: usize, out: &mut String) {
    match value {
        Json::Object(object) if object.is_empty() => out.push_str(" {}\n"),
        Json::Array(list) if list.is_empty() => out.push_str(" []\n"),
        Json::Object(object) => {
            out.push('\n');
            members(object, depth + 1, out);
        }
        Json::Array(list) => {
            out.push('\n');
            items(list, depth + 1, out);
        }
        plain => {
            out.push(' ');
            leaf(plain, out);
            out.push('\n');
        }
    }
}

fn items(list: &[Json], depth: usize, out: &mut String) {
    for item in list {
        indent(depth, out);
        out.push_str("- ");
        match item {
            Json::Object(object) if !object.is_empty() => members(object, depth + 1, out),
            other => {
                leaf(other, out);
                out.push('\n');
            }
        }
    }
}

fn leaf(value: &Json, out: &mut String) {
    match value {
        Json::String(text) => scalar(text, out),
        // Flow style: JSON is YAML.
        other => out.push_str(&other.to_string()),
    }
}

/// A text, quoted where YAML would take it for something else.
fn scalar(text: &str, out: &mut String) {
    let word = text
        .chars()
        .all(|c| c.is_alphanumeric() || " -_./,()’éèàç".contains(c));
    let begins = text.starts_with(char::is_alphabetic) && !text.ends_with(' ');
    let word = word && begins && !text.contains("  ");
    // What YAML 1.1 takes for something that is no text.
    let meant = matches!(
        text.to_ascii_lowercase().as_str(),
        "true" | "false" | "yes" | "no" | "on" | "off" | "null" | "y" | "n"
    );
    let address = text.starts_with("https://")
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_./:~%+=&;@".contains(&b))
        && !text.ends_with(':');
    match (word && !meant) || address {
        true => out.push_str(text),
        false => out.push_str(&Json::from(text).to_string()),
    }
}
