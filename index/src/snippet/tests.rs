use super::*;
use crate::document::Kind;
use crate::fold::fold;

fn document(texts: &[(&str, &str)]) -> Document {
    let pair = |(tag, text): &(&str, &str)| ((*tag).to_owned(), (*text).to_owned());
    Document {
        id: "a".to_owned(),
        name: String::new(),
        kind: Kind::Resource,
        institution: String::new(),
        titles: vec![],
        summaries: vec![],
        descriptions: texts.iter().map(pair).collect(),
        keywords: vec![],
        creators: vec![],
        authors: vec![],
        resource_types: vec![],
        licence: None,
        languages: vec![],
        levels: vec![],
        subjects: vec![],
        formats: vec![],
        duration: None,
        accessibility: vec![],
        labels: crate::Labels::default(),
        file_names: vec![],
        text: vec![],
        places: vec![],
        updated: 0,
        adoptions: 0,
        reviews: 0,
        position_hint: 0,
    }
}

fn cut_out(texts: &[(&str, &str)], query: &str) -> String {
    let mut analyser = Analyser::new();
    let mut marks = Marks::default();
    for word in query.split(' ').map(fold) {
        let mut forms = Vec::new();
        analyser.forms(Spoken::ANY, &word, &mut forms);
        marks.forms.extend(forms);
        marks.words.insert(word);
    }
    snippet(&document(texts), &marks, &mut analyser, "fr").0
}

#[test]
fn matches_are_marked_whatever_their_ending() {
    assert_eq!(
        cut_out(
            &[("fr", "Des équations  du\nsecond degré")],
            "equation degre"
        ),
        "Des <b>équations</b> du second <b>degré</b>"
    );
}

#[test]
fn a_piece_of_the_items_own_text_says_its_page() {
    let mut document = document(&[("fr", "Un cours")]);
    for (page, text) in [(1, "La plage"), (2, "Le vent et les dunes")] {
        document.text.push(("fr".to_owned(), text.to_owned()));
        let file = "cours.pdf".to_owned();
        document.places.push(Place {
            page: Some(page),
            file,
        });
    }
    let find = |word: &str| {
        let mut marks = Marks::default();
        marks.words.insert(fold(word));
        let (html, place) = snippet(&document, &marks, &mut Analyser::new(), "fr");
        (html, place.and_then(|place| place.page))
    };
    assert_eq!(
        find("vent"),
        ("Le <b>vent</b> et les dunes".to_owned(), Some(2))
    );
    assert_eq!(find("cours"), ("Un <b>cours</b>".to_owned(), None));
    assert_eq!(find("absent").1, None);
}

#[test]
fn html_of_the_text_stays_text() {
    assert_eq!(
        cut_out(
            &[("", "<script>alert('a & \"b\"')</script> cours\u{202E}")],
            "script cours"
        ),
        "&lt;<b>script</b>&gt;alert(&#39;a &amp; &quot;b&quot;&#39;)&lt;/<b>script</b>&gt; <b>cours</b>"
    );
}

#[test]
fn the_piece_with_most_of_the_words_is_shown() {
    let filler = "rien à voir ici, ".repeat(40);
    let text = format!("chimie {filler} la chimie organique {filler}");
    let shown = cut_out(&[("fr", &text)], "chimie organique");
    assert!(shown.contains("<b>chimie</b> <b>organique</b>"), "{shown}");
    assert!(shown.starts_with('…') && shown.ends_with('…'));
    assert!(shown.chars().count() < CHARACTERS + 20, "{shown}");
}

#[test]
fn the_language_of_the_page_comes_first_among_equals() {
    let texts = [
        ("en", "A course on optics"),
        ("fr", "Un cours sur l'optique"),
    ];
    assert_eq!(
        cut_out(&texts, "cours"),
        "Un <b>cours</b> sur l&#39;optique"
    );
    assert_eq!(cut_out(&texts, "optics"), "A course on <b>optics</b>");
    assert_eq!(cut_out(&texts, "absent"), "Un cours sur l&#39;optique");
}

#[test]
fn a_document_without_text_has_no_snippet() {
    assert_eq!(cut_out(&[], "cours"), "");
    assert_eq!(cut_out(&[("fr", " \n ")], "cours"), "");
}

proptest::proptest! {
    #[test]
    fn any_text_gives_balanced_bold_and_no_other_tag(text in "\\PC{0,400}|([a-c<>&é ]{0,20}mot ){0,30}", query in "mot|[a-cé]{1,3}") {
        let shown = cut_out(&[("fr", &text)], &query);
        let bare = shown.replace("<b>", "").replace("</b>", "");
        proptest::prop_assert!(!bare.contains(['<', '>', '"', '\'']));
        proptest::prop_assert_eq!(shown.matches("<b>").count(), shown.matches("</b>").count());
    }
}
