use super::*;

/// The forms of a word as written in a text of a language.
fn forms(tag: &str, word: &str) -> Vec<String> {
    let mut forms = Vec::new();
    let spoken = Spoken::of(tag, "", &[]);
    Analyser::new().forms(spoken, &crate::fold::fold(word), &mut forms);
    forms
}

#[test]
fn words_of_one_family_meet_with_and_without_accents() {
    for (tag, written) in [
        ("fr", ["équations", "equation", "ÉQUATION"]),
        ("fr", ["différentielles", "differentielle", "différentiel"]),
        ("en", ["equations", "equation", "Equation"]),
        ("en", ["teaching", "teach", "teaches"]),
        ("de", ["Schüler", "Schueler", "schulern"]),
        ("de", ["Prüfungen", "prufung", "Pruefung"]),
        ("de", ["Größe", "Groesse", "grossen"]),
        ("de", ["Universität", "Universitäten", "universitaten"]),
        ("es", ["informaciones", "información", "informacion"]),
        ("es", ["ecuación", "ecuaciones", "ecuacion"]),
        ("es", ["expresión", "expresiones", "expresion"]),
        ("es", ["matemáticas", "matemática", "matematica"]),
        ("it", ["equazione", "equazioni", "EQUAZIONI"]),
        ("it", ["università", "universita", "Universita\u{300}"]),
        ("it", ["matematica", "matematiche", "matematico"]),
        ("pt", ["equação", "equações", "equacoes"]),
        ("pt", ["informação", "informações", "informacao"]),
        ("pt", ["funções", "funcao", "função"]),
        ("pt", ["expressão", "expressões", "expressao"]),
        ("pt", ["razão", "razões", "razoes"]),
        ("nl", ["vergelijkingen", "vergelijking", "Vergelijking"]),
        ("nl", ["oefening", "oefeningen", "OEFENINGEN"]),
        ("ru", ["уравнения", "уравнение", "уравнений"]),
        ("ru", ["учебный", "учебная", "учебные"]),
        ("el", ["εξισώσεις", "εξισωσεις", "ΕΞΙΣΏΣΕΙΣ"]),
        ("ar", ["المدرسة", "مدرسة", "مَدْرَسَة"]),
    ] {
        let first = forms(tag, written[0]);
        assert_eq!(first.len(), 1, "{written:?}");
        for other in &written[1..] {
            assert_eq!(forms(tag, other), first, "{written:?}");
        }
    }
}

#[test]
fn words_of_different_families_stay_apart() {
    for (tag, one, other) in [
        ("fr", "plan", "planète"),
        ("de", "neue", "nun"),
        ("es", "nación", "nacer"),
        ("pt", "mães", "mas"),
        ("nl", "boom", "bom"),
    ] {
        assert_ne!(forms(tag, one), forms(tag, other), "{tag}");
    }
}

#[test]
fn every_script_has_forms() {
    for (tag, word, expected) in [
        ("sv", "språken", vec!["ospraken"]),
        ("he", "שָׁלוֹם", vec!["oשלום"]),
        ("hi", "हिन्दी", vec!["oहिन्दी"]),
        ("ko", "학교에서", vec!["g학교", "g교에", "g에서"]),
        ("zh", "光", vec![]),
    ] {
        assert_eq!(forms(tag, word), expected, "{word}");
    }
    // A script says itself what it is, in a text of any language.
    assert_eq!(forms("fr", "уравнения"), forms("ru", "уравнения"));
}

#[test]
fn stop_words_have_no_stem() {
    let mut analyser = Analyser::new();
    assert_eq!(analyser.stem(Stemmed::French, "les"), None);
    assert_eq!(analyser.stem(Stemmed::English, "the"), None);
    assert_eq!(
        analyser.stem(Stemmed::French, "the").as_deref(),
        Some("the")
    );
}

#[test]
fn tags_and_small_words_tell_the_language() {
    let only = |language: Stemmed| Spoken(language.bit());
    for (tag, text, spoken) in [
        ("fr", "", only(Stemmed::French)),
        ("fr-CA", "", only(Stemmed::French)),
        ("en_GB", "", only(Stemmed::English)),
        ("sv", "der the les", Spoken(OTHER)),
        (
            "",
            "This is the README of a tool that converts files",
            only(Stemmed::English),
        ),
        (
            "",
            "Ceci est un cours sur les équations dans le plan",
            only(Stemmed::French),
        ),
        (
            "",
            "Eine Einführung in die Wahrscheinlichkeitsrechnung für die Schüler der Oberstufe",
            only(Stemmed::German),
        ),
        (
            "",
            "Curso de introducción a las ecuaciones diferenciales para los estudiantes y sus profesores",
            only(Stemmed::Spanish),
        ),
        (
            "",
            "Un corso di matematica per gli studenti del primo anno, con esercizi e soluzioni della prova",
            only(Stemmed::Italian),
        ),
        (
            "",
            "Um curso de introdução às equações com exercícios para os alunos do ensino e não só",
            only(Stemmed::Portuguese),
        ),
        (
            "",
            "Een cursus over de vergelijkingen van het vlak voor leerlingen die niet meer zijn",
            only(Stemmed::Dutch),
        ),
        ("und", "Debian", Spoken::UNKNOWN),
    ] {
        assert_eq!(Spoken::of(tag, text, &[]), spoken, "{tag} {text}");
    }
    let usual = ["de".to_owned(), "pl".to_owned()];
    let spoken = Spoken::of("", "Serveurs", &usual);
    assert!(spoken.stems(Stemmed::German) && spoken.is_other() && !spoken.stems(Stemmed::French));
}

#[test]
fn marks_come_back() {
    for bits in 0..=u8::MAX {
        let spoken = Spoken(bits);
        assert_eq!(Spoken::from_mark(spoken.to_mark()), Some(spoken));
    }
    assert_eq!(Spoken::from_mark('a'), None);
}

#[test]
fn small_words_are_silent_in_the_language_of_the_question() {
    let silent = |page, text: &str| Silent::of(page, text.split(' '));
    let german = silent(Stemmed::French, "einfuhrung in die informatik");
    assert!(german.has("die") && german.has("les") && !german.has("informatik"));
    assert!(!silent(Stemmed::English, "how to die in python").has("die"));
    assert!(silent(Stemmed::German, "die informatik").has("die"));
}

#[test]
fn the_page_is_served_in_its_language_where_possible() {
    let texts: Vec<(String, String)> = [("de", "Kurs"), ("fr", "Cours"), ("en-GB", "Course")]
        .map(|(tag, text)| (tag.to_owned(), text.to_owned()))
        .to_vec();
    let shown = |language| best(&texts, language).map(|(_, text)| text.as_str());
    assert_eq!(shown("fr-FR"), Some("Cours"));
    assert_eq!(shown("es"), Some("Course"));
    assert_eq!(
        best(&texts[..1], "fr").map(|(_, text)| text.as_str()),
        Some("Kurs")
    );
    assert_eq!(best(&[], "fr"), None);
}
