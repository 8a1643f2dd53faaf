//! The table of contents that an import kept of a package.

use commun_specs::metadata::Record;

/// Lines that are shown, and characters of a title; other nodes may have stored more.
const MAX_LINES: usize = 200;
const MAX_TITLE: usize = 300;
/// The deepest line.
const MAX_DEPTH: u64 = 6;

/// Titles and how deep they stand, from 0. Empty where none was kept.
pub fn outline(record: &Record) -> Vec<(String, u64)> {
    let lines = record.extra.get("outline").and_then(|o| o.as_array());
    let lines = lines.into_iter().flatten().take(MAX_LINES);
    lines
        .filter_map(|line| {
            let title: String = line["title"].as_str()?.chars().take(MAX_TITLE).collect();
            let depth = line["depth"].as_u64().unwrap_or(0).min(MAX_DEPTH);
            (!title.trim().is_empty()).then_some((title, depth))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_stored_as_a_table_of_contents_is_bounded() {
        let mut record = Record::default();
        assert!(outline(&record).is_empty());
        let lines = serde_json::json!([
            {"title": "Un", "depth": 0}, {"title": "Deux", "depth": 1_000_000}, {"title": " "}, {"titre": "x"}, 7,
            {"title": "x".repeat(5_000)},
        ]);
        record.extra.insert("outline".to_owned(), lines);
        let read = outline(&record);
        assert_eq!(read[..2], [("Un".to_owned(), 0), ("Deux".to_owned(), 6)]);
        assert_eq!((read.len(), read[2].0.len()), (3, MAX_TITLE));
        record.extra.insert("outline".to_owned(), "x".into());
        assert!(outline(&record).is_empty());
    }
}
