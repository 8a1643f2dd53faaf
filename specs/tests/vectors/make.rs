//! The cases, from fixed seeds: the same bytes on every run.

mod bytes;
mod certificates;
mod folded;
mod logs;
mod statements;

use serde_json::{Value, json};

/// The cases of a file.
pub(super) fn cases(file: &str) -> Vec<Value> {
    let mut out = Vec::new();
    match file {
        "certificate" => certificates::certificates(&mut out),
        "json" => bytes::json(&mut out),
        "ids" => bytes::ids(&mut out),
        "envelopes" => bytes::envelopes(&mut out),
        "heads" => statements::heads(&mut out),
        "kinds" => statements::kinds(&mut out),
        "lists" => statements::lists(&mut out),
        "notes" => logs::notes(&mut out),
        "charters" => logs::charters(&mut out),
        "successions" => logs::successions(&mut out),
        "register" => folded::register(&mut out),
        "catalogue" => folded::catalogue(&mut out),
        "requests" => super::requests::make(&mut out),
        _ => unreachable!("a file without cases"),
    }
    out
}

/// One case: `more` holds its input, and what it says if it is valid.
pub(super) fn case(rule: &str, comment: &str, valid: bool, more: Value) -> Value {
    let mut case = json!({"rule": rule, "comment": comment, "valid": valid});
    for (name, value) in more.as_object().unwrap() {
        case[name] = value.clone();
    }
    case
}
