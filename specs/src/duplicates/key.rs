//! The keys of a sheet: only sheets that share one are compared.

use std::collections::BTreeSet;

use super::sheet::Sheet;

/// Most keys of one sheet.
const MAX_KEYS: usize = 96;
/// Words of a title that make keys: its longest.
const STRONG: usize = 3;
/// Authors that make keys.
const AUTHORS: usize = 3;
/// Letters of a word that are looked at: what follows is an ending, or where slips of the pen are.
const LETTERS: usize = 5;

/// All keys of a sheet, each once, in order.
pub(super) fn keys(sheet: &Sheet) -> Vec<u64> {
    let mut keys = BTreeSet::new();
    let mut add = |kind: &str, parts: &[&str]| {
        if keys.len() < MAX_KEYS {
            keys.insert(key(kind, parts));
        }
    };
    for id in &sheet.identifiers {
        add("id", &[id]);
    }
    for content in sheet.content.keys() {
        add("content", &[content]);
    }
    let names = sheet.names.iter().take(AUTHORS);
    let names: Vec<&str> = names
        .flat_map(|name| name.words.iter())
        .map(|word| head(word))
        .collect();
    for title in &sheet.titles {
        let mut words: Vec<&str> = title.words().map(String::as_str).collect();
        let mut whole = words.clone();
        whole.sort_unstable();
        add("title", &whole);
        if !title.rest.is_empty() {
            let mut main: Vec<&str> = title.main.iter().map(String::as_str).collect();
            main.sort_unstable();
            add("title", &main);
        }
        words.sort_by_key(|word| (std::cmp::Reverse(word.chars().count()), *word));
        words.dedup();
        words.truncate(STRONG);
        for (at, one) in words.iter().enumerate() {
            for other in &words[at + 1..] {
                let mut pair = [head(one), head(other)];
                pair.sort_unstable();
                add("words", &pair);
            }
            for name in &names {
                add("name", &[head(one), name]);
            }
        }
        // A title of marks alone: « TD 3 ».
        if words.is_empty() {
            for name in &names {
                add("marks", &[&title.marks.join(" "), name]);
            }
        }
    }
    keys.into_iter().collect()
}

fn head(word: &str) -> &str {
    let end = word
        .char_indices()
        .nth(LETTERS)
        .map_or(word.len(), |(at, _)| at);
    &word[..end]
}

fn key(kind: &str, parts: &[&str]) -> u64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(kind.as_bytes());
    for part in parts {
        hasher.update(&[0]);
        hasher.update(part.as_bytes());
    }
    let hash = hasher.finalize();
    let first = hash.as_bytes().first_chunk().expect("a hash has 32 bytes");
    u64::from_be_bytes(*first)
}
