use super::*;

#[test]
fn stop_lists_are_sorted_and_folded() {
    for list in [FRENCH_STOP_WORDS, ENGLISH_STOP_WORDS] {
        assert!(list.is_sorted());
        for word in list {
            assert_eq!(&crate::fold::fold(word), word);
        }
    }
}

#[test]
fn accents_do_not_change_a_stem() {
    let mut analyser = Analyser::new();
    for (one, other) in [
        ("équations", "equation"),
        ("différentielles", "differentielle"),
    ] {
        let mut stem = |word| analyser.stem(Stemmed::French, &crate::fold::fold(word));
        assert_eq!(stem(one), stem(other));
    }
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
    for (tag, text, spoken) in [
        ("fr", "", Spoken::French),
        ("fr-CA", "", Spoken::French),
        ("en_GB", "", Spoken::English),
        ("de", "der the les", Spoken::Other),
        (
            "",
            "This is the README of a tool that converts files",
            Spoken::English,
        ),
        (
            "",
            "Ceci est un cours sur les équations dans le plan",
            Spoken::French,
        ),
        ("und", "Debian", Spoken::Unknown),
    ] {
        assert_eq!(Spoken::of(tag, text), spoken, "{tag} {text}");
    }
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
