//! Every numbered rule of the prose has a vector, or a test or message that cites it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use super::folder;

/// The rule numbers in a text.
fn cited(text: &str) -> BTreeSet<String> {
    text.match_indices("R-")
        .filter_map(|(at, _)| text.get(at..at + 7))
        .filter(|t| {
            let digits =
                |range: std::ops::Range<usize>| t[range].bytes().all(|b| b.is_ascii_digit());
            t.is_ascii() && t.as_bytes()[4] == b'-' && digits(2..4) && digits(5..7)
        })
        .map(str::to_owned)
        .collect()
}

fn read_all(folder: &Path, ending: &str, out: &mut BTreeMap<String, BTreeSet<String>>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_all(&path, ending, out);
        } else if path.extension().is_some_and(|e| e == ending) {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            out.entry(name)
                .or_default()
                .extend(cited(&fs::read_to_string(&path).unwrap()));
        }
    }
}

#[test]
fn every_rule_has_a_vector_or_a_test_and_every_citation_a_rule() {
    // A rule is written as the bold beginning of a list item: `- **R-01-01** …`.
    let mut rules = BTreeSet::new();
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "md") {
            for line in fs::read_to_string(&path).unwrap().lines() {
                if let Some(rest) = line.strip_prefix("- **R-") {
                    let rule = format!("R-{}", &rest[..5]);
                    assert!(rules.insert(rule.clone()), "{rule} is written twice");
                }
            }
        }
    }
    assert!(rules.len() > 80, "the prose has {} rules", rules.len());
    let mut citing = BTreeMap::new();
    read_all(&folder().join("vectors"), "json", &mut citing);
    read_all(&folder().join("src"), "rs", &mut citing);
    read_all(&folder().join("tests"), "rs", &mut citing);
    let used: BTreeSet<String> = citing.into_values().flatten().collect();
    let uncited: Vec<&String> = rules.difference(&used).collect();
    assert!(
        uncited.is_empty(),
        "rules without a vector or test: {uncited:?}"
    );
    // A chapter is held to this as soon as its page is there.
    let chapters: BTreeSet<&str> = rules.iter().map(|r| &r[..4]).collect();
    let unwritten: Vec<&String> = used
        .difference(&rules)
        .filter(|r| chapters.contains(&r[..4]))
        .collect();
    assert!(
        unwritten.is_empty(),
        "rules that no page states: {unwritten:?}"
    );
}
