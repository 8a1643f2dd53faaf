//! What a query finds, compared with reading every document.

use proptest::prelude::*;

use super::*;
use crate::parse::{Ask, Clause, Group, Term, parse};

/// Too short to be corrected, in a language that is not stemmed.
const WORDS: [&str; 5] = ["ab", "cd", "ef", "gh", "zz"];

const PIECES: [&str; 17] = [
    "ab",
    "cd",
    "ef",
    "gh",
    "zz",
    "-ab",
    "+cd",
    "\"ab cd\"",
    "-\"cd ef\"",
    "\"zz gh\"",
    "(",
    ")",
    "-(",
    "OR",
    "AND",
    "NOT",
    "ef-gh",
];

fn group_holds(group: &Group, title: &[&str]) -> bool {
    group.0.iter().any(|clauses| sequence_holds(clauses, title))
}

fn sequence_holds(clauses: &[Clause], title: &[&str]) -> bool {
    let (mut may, mut asked) = (false, false);
    for clause in clauses {
        let (ask, holds) = match clause {
            Clause::Word(ask, term) => (ask, phrase_holds(std::slice::from_ref(term), title)),
            Clause::Phrase(ask, terms) => (ask, phrase_holds(terms, title)),
            Clause::Group(ask, group) => (ask, group_holds(group, title)),
            Clause::Field(..) | Clause::Unknown(..) => unreachable!("no piece has a colon"),
        };
        match ask {
            Ask::Must if !holds => return false,
            Ask::Not if holds => return false,
            Ask::Must => (asked, may) = (true, true),
            Ask::Not => {}
            Ask::May => (asked, may) = (true, may || holds),
        }
    }
    may || !asked
}

fn phrase_holds(terms: &[Term], title: &[&str]) -> bool {
    let holds = |window: &[&str]| {
        window
            .iter()
            .zip(terms)
            .all(|(word, term)| *word == term.word)
    };
    title.windows(terms.len()).any(holds)
}

/// 40 titles, a third of them replaced and a tenth removed, in several segments.
fn library() -> (Fixture, Vec<(String, Vec<&'static str>)>) {
    let title = |n: usize, round: usize| -> Vec<&str> {
        (0..n % 6)
            .map(|k| WORDS[(n * 7 + k * (n / 6 + 1) + round) % 4])
            .collect()
    };
    let index = empty();
    let mut titles = Vec::new();
    for part in (0..40).collect::<Vec<_>>().chunks(13) {
        let documents = part
            .iter()
            .map(|n| titled(&format!("{n:02}"), "de", &title(*n, 0).join(" ")));
        index.apply(puts(documents), 1).unwrap();
    }
    let mut changes = Vec::new();
    for n in 0..40 {
        let id = format!("{n:02}");
        match n {
            n if n % 10 == 9 => changes.push(Change::Remove(id)),
            n if n % 3 == 0 => {
                changes.extend(puts([titled(&id, "de", &title(n, 1).join(" "))]));
                titles.push((id, title(n, 1)));
            }
            n => titles.push((id, title(n, 0))),
        }
    }
    index.apply(changes, 2).unwrap();
    (index, titles)
}

#[test]
fn a_search_finds_what_reading_every_document_finds() {
    let (index, titles) = library();
    let texts = prop::collection::vec(prop::sample::select(&PIECES[..]), 1..12);
    let config = ProptestConfig {
        cases: 1_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let mut runner = prop::test_runner::TestRunner::new(config);
    let outcome = runner.run(&texts, |pieces| {
        // A lower-case letter somewhere keeps the operators operators.
        let text = pieces.join(" ");
        let group = parse(&text).unwrap();
        let expected: Vec<&str> = titles
            .iter()
            .filter(|(_, title)| group_holds(&group, title))
            .map(|(id, _)| id.as_str())
            .collect();
        let answer = index
            .search(&Query {
                limit: 100,
                exact: true,
                ..ask(&text)
            })
            .unwrap();
        let mut found = ids(&answer);
        found.sort_unstable();
        prop_assert_eq!(answer.total, expected.len(), "{}", text);
        prop_assert_eq!(found, expected, "{}", text);
        Ok(())
    });
    outcome.unwrap();
}
