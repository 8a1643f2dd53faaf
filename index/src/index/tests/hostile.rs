//! Queries that were made to break a search.

use std::time::{Duration, Instant};

use super::*;
use crate::query::{MAX_CHARACTERS, MAX_CLAUSES, MAX_FILTER_VALUES};

/// No query may take longer, however slow the machine.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);

#[test]
fn oversize_queries_are_refused_at_once() {
    let index = filled([titled("a", "fr", "cours")]);
    for text in [
        "(".repeat(100_000),
        "NOT ".repeat(100_000),
        "-".repeat(100_000),
        "a ".repeat(500_000),
        "\"".repeat(1_000_001),
        "é".repeat(1_000_000),
        "\u{200D}".repeat(MAX_CHARACTERS + 1),
    ] {
        let start = Instant::now();
        let refused = index.search(&ask(&text));
        assert!(matches!(refused, Err(QueryError::TooLong { .. })));
        assert!(start.elapsed() < PATIENCE);
    }
}

#[test]
fn queries_at_the_limit_are_answered() {
    let index = filled([titled("a", "fr", "cours a b")]);
    let fill = |piece: &str| piece.repeat(MAX_CHARACTERS / piece.chars().count());
    for text in [
        fill(")"),
        fill("NOT "),
        fill("-"),
        fill("\""),
        fill("é"),
        fill("()"),
        fill(") ("),
        fill("AND OR "),
        fill("ﷺ"),
        fill("\u{0}"),
        "a ".repeat(MAX_CLAUSES),
        "b OR ".repeat(MAX_CLAUSES),
        format!("\"{}\"", "a ".repeat(MAX_CLAUSES)),
        "-a ".repeat(MAX_CLAUSES),
        "cuors ".repeat(MAX_CLAUSES),
        format!("{}a{}", "(".repeat(20), ")".repeat(20)),
    ] {
        let start = Instant::now();
        if let Err(error) = index.search(&ask(&text)) {
            assert!(error.is_refusal(), "{error}");
        }
        assert!(start.elapsed() < PATIENCE, "{text}");
    }
}

#[test]
fn a_thousand_parentheses_are_too_deep() {
    let refused = empty().search(&ask(&"(".repeat(1_000)));
    assert!(matches!(refused, Err(QueryError::TooDeep { .. })));
}

#[test]
fn filters_are_bounded_and_may_name_what_nobody_has() {
    let index = filled([titled("a", "fr", "cours")]);
    let filtered = |values: usize| Query {
        levels: vec!["\u{0}no\u{202E}where".to_owned(); values],
        ..ask("")
    };
    assert_eq!(index.search(&filtered(MAX_FILTER_VALUES)).unwrap().total, 0);
    assert!(matches!(
        index.search(&filtered(MAX_FILTER_VALUES + 1)),
        Err(QueryError::TooManyValues { .. })
    ));
}

#[test]
fn documents_of_any_shape_are_taken() {
    let mut item = titled("a", "fr", &"x".repeat(100_000));
    item.descriptions = vec![
        ("!".repeat(10_000), "\u{0}<b>\u{202E}".repeat(1_000)),
        (String::new(), "é".repeat(1_000_000)),
    ];
    item.licence = Some("L".repeat(100_000));
    item.levels = vec![String::new(), "x".to_owned(), "x".to_owned()];
    item.updated = u64::MAX;
    let index = filled([item, titled("", "", "")]);
    assert_eq!(index.documents(), 2);
    let answer = index
        .search(&Query {
            facets: true,
            ..ask("")
        })
        .unwrap();
    assert_eq!(answer.total, 2);
    assert_eq!(answer.facets["level"], [("x".to_owned(), 1)]);
}
