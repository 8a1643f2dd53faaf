use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use super::*;
use crate::http::text::plain;

/// One use of a sentence in the sources: where, its key, the variables that are given where they stand there.
struct Use {
    place: String,
    key: String,
    names: Option<BTreeSet<String>>,
}

/// Keys that are made at run time, each out of a closed list.
fn made_at_run_time() -> BTreeSet<String> {
    let fields = commun_specs::metadata::FIELDS.iter();
    let months = (1..=12).map(|month| format!("month-{month}"));
    fields.map(|f| known::field_key(f)).chain(months).collect()
}

/// A literal at the beginning of a text.
fn literal(text: &str) -> Option<&str> {
    text.trim_start().strip_prefix('"')?.split('"').next()
}

/// The names of `[("name", value), …]` at the beginning of a text; `None` where something else stands there.
fn names(text: &str) -> Option<BTreeSet<String>> {
    let text = text.trim_start().strip_prefix(',')?.trim_start();
    let mut found = BTreeSet::new();
    let (mut depth, mut quoted) = (0, false);
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            _ if quoted => {}
            '[' | '(' | '{' => {
                depth += 1;
                // A pair of the list itself.
                if depth == 2 && c == '(' {
                    found.extend(literal(&text[at + 1..]).map(str::to_owned));
                }
            }
            ']' | ')' | '}' => depth -= 1,
            _ if depth == 0 => return None,
            _ => {}
        }
        if depth == 0 && !quoted {
            return Some(found);
        }
    }
    None
}

fn read(folder: &Path, uses: &mut Vec<Use>, faults: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        // This folder's own files define what is looked for.
        if path.ends_with("http/words.rs") || path.ends_with("words/tests.rs") {
            continue;
        }
        if path.is_dir() {
            read(&path, uses, faults);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            for way in [".say(", ".say_with(", ".say_html("] {
                for (at, _) in text.match_indices(way) {
                    let line = text[..at].matches('\n').count() + 1;
                    let place = format!("{}:{line}", path.display());
                    let after = &text[at + way.len()..];
                    let Some(key) = literal(after) else {
                        faults.push(format!("{place}: the key is not written here"));
                        continue;
                    };
                    let rest = &after[after.find('"').unwrap() + key.len() + 2..];
                    let names = match way {
                        ".say(" => Some(BTreeSet::new()),
                        _ => names(rest),
                    };
                    let key = key.to_owned();
                    uses.push(Use { place, key, names });
                }
            }
        }
    }
}

/// The sentences of a language by their keys, each with the file's text of it.
fn written(lang: Lang) -> BTreeMap<&'static str, String> {
    let mut all = BTreeMap::new();
    for (name, text) in lang.files() {
        let mut key = None;
        for line in text.lines() {
            if line.starts_with('#') {
                key = None;
            } else if let Some(found) = key_of(line) {
                key = Some(found);
                let (_, value) = line.split_once('=').unwrap();
                let before = all.insert(found, format!("{}\n", value.trim()));
                assert!(before.is_none(), "{found} is there twice ({name}.ftl)");
            } else if let Some(key) = key {
                let text = all.get_mut(key).unwrap();
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    all
}

fn variables(text: &str) -> BTreeSet<String> {
    let after = text.split('$').skip(1);
    let names = after.map(|rest| rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '-'));
    names
        .filter_map(|mut parts| parts.next())
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_sentence_that_is_said_is_written_and_every_one_that_is_written_is_said() {
    let (mut uses, mut faults) = (Vec::new(), Vec::new());
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http");
    read(&sources, &mut uses, &mut faults);
    assert!(uses.len() > 500, "{} uses are read", uses.len());
    let english = written(Lang::En);
    for used in &uses {
        match english.get(used.key.as_str()) {
            None => faults.push(format!("{}: nothing is called {}", used.place, used.key)),
            Some(text) => {
                let wanted = variables(text);
                if used.names.as_ref().is_some_and(|names| *names != wanted) {
                    let key = &used.key;
                    faults.push(format!(
                        "{}: {key} has the variables {wanted:?}",
                        used.place
                    ));
                }
            }
        }
    }
    let made = made_at_run_time();
    let used: BTreeSet<&str> = uses.iter().map(|one| one.key.as_str()).collect();
    for key in &made {
        if !english.contains_key(key.as_str()) {
            faults.push(format!("nothing is called {key}"));
        }
    }
    for key in english.keys() {
        if !used.contains(key) && !made.contains(*key) {
            faults.push(format!("{key} is never said"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_language_says_the_same_with_the_same_variables() {
    let english = written(Lang::En);
    for lang in Lang::ALL.iter().copied() {
        let own = written(lang);
        for (key, text) in &own {
            let theirs = english.get(key).map(|text| variables(text));
            assert_eq!(Some(variables(text)), theirs, "{key} in {}", lang.tag());
        }
        // French is whole; of another language it is told what it leaves to English.
        let missing: Vec<_> = english
            .keys()
            .filter(|key| !own.contains_key(*key))
            .collect();
        assert!(
            lang != Lang::Fr || missing.is_empty(),
            "French lacks {missing:?}"
        );
        if !missing.is_empty() {
            println!("{} lacks {missing:?}", lang.tag());
        }
    }
}

#[test]
fn every_file_is_read_whole_and_every_sentence_can_be_put_together() {
    for lang in Lang::ALL.iter().copied() {
        for (name, text) in lang.files() {
            let faults = FluentResource::try_new((*text).to_owned()).map_err(|(_, faults)| faults);
            assert!(faults.is_ok(), "{}/{name}.ftl: {faults:?}", lang.tag());
        }
        for (key, text) in written(lang) {
            for number in [0_u64, 1, 2, 5, 21, 1_234_567] {
                let values = variables(&text).into_iter();
                let values = values.map(|name| (name, Value::from(number)));
                let said = Words::of(lang).0.put(key, &values.collect());
                let said = said.unwrap_or_else(|| panic!("{key} in {}", lang.tag()));
                assert!(!said.trim().is_empty() || key == "number-group", "{key}");
                assert!(!said.contains(['{', '}']), "{key}: {said}");
            }
        }
    }
}

#[test]
fn french_has_its_own_spaces_and_apostrophes() {
    let mut faults = Vec::new();
    for (key, text) in written(Lang::Fr) {
        for line in text.lines().map(str::trim) {
            // The lines of a choice are Fluent's own.
            if line.ends_with("->") || line == "}" {
                continue;
            }
            let mut before = ' ';
            let mut inside = 0;
            for c in line.chars() {
                match c {
                    '{' => inside += 1,
                    '}' => inside -= 1,
                    ';' | '!' | '?' | '»' if inside == 0 && before != '\u{202f}' => {
                        faults.push(format!("{key}: U+202F before {c} in {line}"));
                    }
                    ':' if inside == 0 && before != '\u{a0}' => {
                        faults.push(format!("{key}: U+00A0 before the colon in {line}"));
                    }
                    '\'' => faults.push(format!("{key}: a straight apostrophe in {line}")),
                    c if before == '«' && c != '\u{202f}' => {
                        faults.push(format!("{key}: U+202F after « in {line}"));
                    }
                    _ => {}
                }
                before = c;
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn numbers_choose_the_form_and_are_written_as_the_language_does() {
    let said = |lang, n: u64| Words::of(lang).say_with("results", [("count", n.into())]);
    assert_eq!(said(Lang::En, 0), "No results");
    assert_eq!(said(Lang::En, 1), "1 result");
    assert_eq!(said(Lang::En, 12_345), "12,345 results");
    assert_eq!(said(Lang::Fr, 1), "1 résultat");
    assert_eq!(said(Lang::Fr, 12_345), "12\u{202f}345 résultats");
}

#[test]
fn what_fills_a_sentence_never_becomes_markup_and_markup_stays() {
    let words = Words::of(Lang::Fr);
    let hostile = "<script>\u{f0000}{ $query }";
    let said = words.say_html("results-not-for", [("query", hostile.into())]);
    let said = said.into_string();
    assert!(said.contains("&lt;script&gt;\u{f0000}{ $query }"), "{said}");
    let said = words.say_html("results-not-for", [("query", plain("a & b").into())]);
    assert!(said.into_string().contains("<bdi>a &amp; b</bdi>"));
    let said = words.say_with("results-not-for", [("query", "\u{202e}{ x }".into())]);
    assert!(said.contains("\u{202e}{ x }"), "{said}");
}

#[test]
fn what_a_language_does_not_say_is_said_in_english() {
    let own = Sentences::read(Lang::Fr, &[("frame", "brand = Kommun\nby-authors =\n")]);
    let words = Words(Box::leak(Box::new(own)));
    assert_eq!(words.say("brand"), "Kommun");
    assert_eq!(words.say("search-button"), "Search");
    let said = words.say_with("by-authors", [("authors", "Ada".into())]);
    assert_eq!(said, "by Ada");
    assert_eq!(words.find("no-such-sentence"), None);
}
