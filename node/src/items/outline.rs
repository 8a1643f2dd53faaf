//! The table of contents that an import kept of a package.

use commun_specs::metadata::Record;

/// Lines that are shown, and characters of a title; other nodes may have stored more.
const MAX_LINES: usize = 200;
const MAX_TITLE: usize = 300;
/// The longest address, in bytes.
const MAX_URL: usize = 2_000;
/// The deepest line.
const MAX_DEPTH: u64 = 6;

/// A line of a table of contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its title.
    pub title: String,
    /// How deep it stands, from 0.
    pub depth: u64,
    /// Where it leads outside the package: `http` or `https`.
    pub url: Option<String>,
}

/// The table of contents that was kept; empty where none was.
pub fn outline(record: &Record) -> Vec<Line> {
    let lines = record.extra.get("outline").and_then(|o| o.as_array());
    let lines = lines.into_iter().flatten().take(MAX_LINES);
    lines
        .filter_map(|line| {
            let title: String = line["title"].as_str()?.chars().take(MAX_TITLE).collect();
            let depth = line["depth"].as_u64().unwrap_or(0).min(MAX_DEPTH);
            let url = line["url"].as_str().filter(|url| is_address(url));
            let url = url.map(str::to_owned);
            (!title.trim().is_empty()).then_some(Line { title, depth, url })
        })
        .collect()
}

/// Whether a browser may be led there: whoever stored it may be anybody.
fn is_address(url: &str) -> bool {
    let web = url.starts_with("https://") || url.starts_with("http://");
    let odd = |c: char| c.is_control() || c.is_whitespace();
    web && url.len() <= MAX_URL && !url.contains(odd)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_stored_as_a_table_of_contents_is_bounded() {
        let mut record = Record::default();
        assert!(outline(&record).is_empty());
        let lines = serde_json::json!([
            {"title": "Un", "depth": 0, "url": "https://a.example/1"},
            {"title": "Deux", "depth": 1_000_000, "url": "javascript:alert(1)"}, {"title": " "}, {"titre": "x"}, 7,
            {"title": "x".repeat(5_000)},
        ]);
        record.extra.insert("outline".to_owned(), lines);
        let read = outline(&record);
        let shown = |line: &Line| (line.title.clone(), line.depth, line.url.clone());
        let url = Some("https://a.example/1".to_owned());
        assert_eq!(shown(&read[0]), ("Un".to_owned(), 0, url));
        assert_eq!(shown(&read[1]), ("Deux".to_owned(), 6, None));
        assert_eq!((read.len(), read[2].title.len()), (3, MAX_TITLE));
        record.extra.insert("outline".to_owned(), "x".into());
        assert!(outline(&record).is_empty());
    }
}
