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
        Clause::Field(ask, field) => {
            let words: Vec<&str> = field.terms.iter().map(|term| term.word.as_str()).collect();
            let mark = if field.quoted { "=" } else { ":" };
            format!(
                "{}{}{mark}[{}]",
                sign(ask),
                field.named.name(),
                words.join(" ")
            )
        }
        Clause::Unknown(ask, unknown) => {
            let words: Vec<&str> = unknown
                .terms
                .iter()
                .map(|term| term.word.as_str())
                .collect();
            format!("{}?[{}]", sign(ask), words.join(" "))
        }
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
        ("Auteur : Zola", "auteur zola"),
        ("title: cell", "title cell"),
        ("titre:", "titre"),
        ("https://a.example/x:y", "https a example x y"),
        ("std::vector 12:30 a:b:c", "std vector 12 30 a b c"),
        ("doi:10.1234", "doi 10 1234"),
        ("of:, x", "of x"),
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
fn fields_are_read() {
    for (text, expected) in [
        ("title:cell", "+title:[cell]"),
        ("Titre:L'École optique", "+title:[l ecole] optique"),
        (
            "author:\"Marie Curie\" radium",
            "+author=[marie curie] radium",
        ),
        (
            "auteur:«\u{202f}Émile Zola\u{202f}»",
            "+author=[emile zola]",
        ),
        ("auteur:\"Émile Zola", "+author=[emile zola]"),
        ("-langue:fr x", "-language:[fr] x"),
        ("NOT langue:fr", "-language:[fr]"),
        ("level:L1 OR niveau:L2", "+level:[l1] | +level:[l2]"),
        ("MOT-CLÉ:onde", "+subject:[onde]"),
        ("moose Type::Tiny std::vec", "moose type tiny std vec"),
        ("micro:bit robot", "?[micro bit] robot"),
        ("-micro:bit", "-?[micro bit]"),
        ("title:title:x", "+title:[title x]"),
        (
            "level:L1 x niveau:L1 -level:L1 level:L2 -level:L1",
            "+level:[l1] x -level:[l1] +level:[l2]",
        ),
        (
            "level:L1 (level:L1 level:L1) OR level:L1",
            "+level:[l1] (+level:[l1]) | +level:[l1]",
        ),
    ] {
        assert_eq!(shape(text), expected, "{text}");
    }
}

#[test]
fn a_field_without_a_value_is_refused_with_its_place() {
    for (text, place) in [
        ("été titre:\"\"", 4..10),
        ("title:(a OR b)", 0..6),
        ("title:*", 0..6),
        ("a -title:>=", 3..9),
    ] {
        match parse(text) {
            Err(QueryError::NoValue { field, place: at }) => {
                assert_eq!((field, at), ("title", place))
            }
            other => panic!("{text}: {other:?}"),
        }
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
            _ => vec![],
        })
        .map(|term| &text[term.span])
        .collect();
    assert_eq!(spans, ["l", "École", "Élan", "Vital"]);
}

fn check_places(text: &str, group: &Group) {
    let length = text.chars().count();
    for clause in group.0.iter().flatten() {
        let terms: Vec<&Term> = match clause {
            Clause::Word(_, term) => vec![term],
            Clause::Phrase(_, terms) => terms.iter().collect(),
            Clause::Group(_, group) => {
                check_places(text, group);
                vec![]
            }
            Clause::Field(_, field) => {
                let place = super::characters(text, field.value.clone());
                assert!(place.end <= length);
                field.terms.iter().collect()
            }
            Clause::Unknown(_, unknown) => {
                let name = &text[unknown.name.clone()];
                assert!(!name.contains(':') && text[unknown.name.end..].starts_with(':'));
                unknown.terms.iter().collect()
            }
        };
        for term in terms {
            let folded: String = words(&text[term.span.clone()])
                .map(|word| word.text)
                .collect();
            assert_eq!(folded, term.word);
        }
    }
}

proptest! {
    #[test]
    fn no_text_breaks_the_parser_and_every_place_is_right(
        text in "[ab ()\"«»+!|&é:光\\-]{0,200}|\\PC{0,200}|( ?(NOT|AND|OR|a|\\(|\\)|\"|-|titre:|é:|langue:fr|x:y)){0,60}"
    ) {
        match parse(&text) {
            Ok(group) => check_places(&text, &group),
            Err(error) => {
                if let Some(place) = error.place() {
                    let named: String = text.chars().skip(place.start).take(place.len()).collect();
                    if let QueryError::TooManyFields { .. } = error {
                        prop_assert!(!named.is_empty(), "{text:?}");
                    } else {
                        prop_assert!(named.ends_with(':') && Named::parse(&named).is_some(), "{named:?}");
                    }
                }
            }
        }
    }
}
