//! The vectors of `specs/vectors/`: made once by an ignored test, held to by a normal one, and by
//! `specs/check.py` without this code.
//!
//! Make them again after a rule or a case was added:
//! `cargo test --workspace --test vectors -- --ignored`.

mod check;
#[path = "../../src/fold/tests/federation.rs"]
mod federation;
#[path = "../../src/fold/tests/histories.rs"]
mod histories;
mod make;
mod register;
mod requests;
mod rules;

use std::path::PathBuf;

use serde_json::Value;

// The crate's modules under the names that the shared test modules use inside the crate.
use commun_specs::{
    certificate, charter, envelope, fold, id, json, key, list, name, note, statement, succession,
    tree,
};

/// The crate's folder.
fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The cases of a file of vectors.
fn cases(file: &str) -> Vec<Value> {
    let path = folder().join("vectors").join(format!("{file}.json"));
    let text = std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_slice(&text).unwrap()
}

/// The files that this module makes and checks.
const FILES: [&str; 13] = [
    "certificate",
    "json",
    "ids",
    "envelopes",
    "heads",
    "kinds",
    "lists",
    "notes",
    "charters",
    "successions",
    "register",
    "catalogue",
    "requests",
];

#[test]
#[ignore = "writes specs/vectors/"]
fn make_the_vectors() {
    for file in FILES {
        let cases: Vec<Value> = make::cases(file)
            .into_iter()
            .enumerate()
            .map(|(n, mut case)| {
                case["id"] = format!("{file}-{:03}", n + 1).into();
                case
            })
            .collect();
        let mut text = serde_json::to_string_pretty(&cases).unwrap();
        text.push('\n');
        std::fs::write(folder().join("vectors").join(format!("{file}.json")), text).unwrap();
    }
}

#[test]
fn the_vectors_hold() {
    let mut wrong = Vec::new();
    for file in FILES {
        let cases = cases(file);
        for verdict in [true, false] {
            let only_one = ["register", "catalogue", "requests"].contains(&file);
            let some = cases.iter().any(|c| c["valid"] == verdict);
            assert!(
                some || (only_one && !verdict),
                "{file} has no case of {verdict}"
            );
        }
        for case in cases {
            let found = check::case(file, &case);
            let expected = case["valid"].as_bool().unwrap();
            match found {
                Ok(()) if expected => {}
                Err(e) if !expected => {
                    let rule = case["rule"].as_str().unwrap();
                    let cited = e.starts_with("R-").then(|| &e[..7]);
                    // The reader of strict JSON reports its whole grammar as R-01-01.
                    let grammar = |c: &str| c == "R-01-01" && rule.starts_with("R-01-0");
                    if cited.is_some_and(|c| c != rule && !grammar(c)) {
                        wrong.push(format!("{}: refused for another rule: {e}", case["id"]));
                    }
                }
                Ok(()) => wrong.push(format!("{}: was taken", case["id"])),
                Err(e) => wrong.push(format!("{}: {e}", case["id"])),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
