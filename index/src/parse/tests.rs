use proptest::prelude::*;

use super::*;

/// A query in a notation of its own: `a`, `+a`, `-a`, phrases in `[]`, groups in `()`,
/// alternatives joined by `|`.
fn shape(text: &str) -> String {
    parse(text).map_or_else(|error| format!("error: {error}"), |group| show(&group))
}

fn show(group: &Group) -> String {
    let sequences: Vec<String> = group
        .0
        .iter()
        .map(|clauses| {
            clauses
                .iter()
                .map(show_clause)
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect();
    sequences.join(" | ")
}

fn show_clause(clause: &Clause) -> String {
    let sign = |ask: &Ask| match ask {
        Ask::May => "",
        Ask::Must => "+",
        Ask::Not => "-",
    };
    match clause {
        Clause::Word(ask, term) => format!("{}{}", sign(ask), term.word),
        Clause::Phrase(ask, terms) => {
            let words: Vec<&str> = terms.iter().map(|term| term.word.as_str()).collect();
            format!("{}[{}]", sign(ask), words.join(" "))
        }
        Clause::Group(ask, group) => format!("{}({})", sign(ask), show(group)),
    }
}

#[test]
fn operators_are_read() {
    for (text, expected) in [
        ("équations différentielles", "equations differentielles"),
        ("\"exact phrase\" x", "+[exact phrase] x"),
        ("« les équations »", "+[les equations]"),
        ("a -b", "a -b"),
        ("a -b-c", "a -[b c]"),
        ("a NOT b", "a -b"),
        ("a AND b c", "+a +b c"),
        ("a AND NOT b", "+a -b"),
        ("a OR b c", "a | b c"),
        ("a && b || !c", "+a +b | -c"),
        ("+a b", "+a b"),
        ("(a OR b) AND c", "+(a | b) +c"),
        ("-(a b)", "-(a b)"),
        ("-\"a b\" c", "-[a b] c"),
        ("光合作用", "光合 合作 作用"),
        ("光 合作x用", "光 合作 x 用"),
        ("-光合作", "-[光 合 作]"),
        ("\"光合作\"", "+[光 合 作]"),
        ("l'école", "l ecole"),
        ("a - b", "a b"),
    ] {
        assert_eq!(shape(text), expected, "{text}");
    }
}

#[test]
fn nonsense_is_read_as_words() {
    for (text, expected) in [
        ("", ""),
        (")", ""),
        ("((((", ""),
        ("\"", ""),
        ("\"a b", "a b"),
        ("a) b", "a | b"),
        ("AND", "and"),
        ("a AND", "+a"),
        ("not a OR", "not a"),
        ("NOT NOT NOT a", "-a"),
        ("title:cell", "title cell"),
        ("a^NaN", "a nan"),
        ("[* TO *]", "to"),
        ("***", ""),
        ("a ” b", "a b"),
        ("- + !", ""),
        ("()()", ""),
    ] {
        assert_eq!(shape(text), expected, "{text}");
    }
}

#[test]
fn operators_are_words_in_a_query_in_capitals() {
    assert_eq!(shape("READING AND WRITING"), "reading and writing");
}

#[test]
fn limits_refuse_with_their_name() {
    let nested = |depth: usize| format!("{}a{}", "(".repeat(depth), ")".repeat(depth));
    assert!(parse(&nested(MAX_DEPTH)).is_ok());
    assert!(matches!(
        parse(&nested(MAX_DEPTH + 1)),
        Err(QueryError::TooDeep { .. })
    ));
    assert!(parse(&"a ".repeat(MAX_CLAUSES)).is_ok());
    assert!(matches!(
        parse(&"a ".repeat(MAX_CLAUSES + 1)),
        Err(QueryError::TooManyWords { .. })
    ));
}

#[test]
fn spans_point_at_the_words_as_typed() {
    let text = "l'École \"Élan Vital\"";
    let Group(sequences) = parse(text).unwrap();
    let spans: Vec<&str> = sequences[0]
        .iter()
        .flat_map(|clause| match clause {
            Clause::Word(_, term) => vec![term.clone()],
            Clause::Phrase(_, terms) => terms.clone(),
            Clause::Group(..) => vec![],
        })
        .map(|term| &text[term.span])
        .collect();
    assert_eq!(spans, ["l", "École", "Élan", "Vital"]);
}

proptest! {
    #[test]
    fn no_text_breaks_the_parser(text in "[ab ()\"«»+!|&é\\-]{0,200}|\\PC{0,200}|( ?(NOT|AND|OR|a|\\(|\\)|\"|-)){0,60}") {
        let _ = parse(&text);
    }
}
