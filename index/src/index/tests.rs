use std::collections::BTreeMap;

use super::*;
use crate::document::Kind;
use crate::query::{MAX_LIMIT, MAX_REACH, Sort};

mod acceptance;
mod authors;
mod complete;
mod crash;
mod histories;
mod hostile;
mod model;
mod narrow;
mod removed;
mod similar;

/// An index in a folder that goes with it.
struct Fixture {
    index: Index,
    _folder: tempfile::TempDir,
}

impl std::ops::Deref for Fixture {
    type Target = Index;

    fn deref(&self) -> &Index {
        &self.index
    }
}

fn empty() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    Fixture {
        index: Index::open(folder.path()).unwrap(),
        _folder: folder,
    }
}

fn filled(documents: impl IntoIterator<Item = Document>) -> Fixture {
    let fixture = empty();
    fixture.apply(puts(documents), 1).unwrap();
    fixture
}

fn puts(documents: impl IntoIterator<Item = Document>) -> Vec<Change> {
    let put = |document| Change::Put(Box::new(document));
    documents.into_iter().map(put).collect()
}

/// A resource in a language with a title and nothing else.
fn titled(id: &str, language: &str, title: &str) -> Document {
    Document {
        id: id.to_owned(),
        name: String::new(),
        kind: Kind::Resource,
        institution: "rennes".to_owned(),
        titles: vec![(language.to_owned(), title.to_owned())],
        summaries: vec![],
        descriptions: vec![],
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

/// A query from a French page, ten hits.
fn ask(text: &str) -> Query {
    Query {
        text: text.to_owned(),
        limit: 10,
        interface_language: "fr".to_owned(),
        ..Query::default()
    }
}

fn ids(answer: &Answer) -> Vec<&str> {
    answer.hits.iter().map(|hit| hit.id.as_str()).collect()
}

fn find(index: &Index, text: &str) -> Vec<String> {
    let answer = index.search(&ask(text)).unwrap();
    ids(&answer).into_iter().map(str::to_owned).collect()
}

#[test]
fn letters_that_leave_no_word_and_pairs_that_overlap_are_searched() {
    let index = filled([titled("kana", "", "ｶﾀｶﾅ")]);
    for text in ["ــ:ــ", "-ــ:ــ", "\"ــ\"", "ｶﾀｶﾅ漢ｶﾀｶﾅ", "ｶﾀｶﾅ"]
    {
        let answer = index.search(&Query {
            text: text.to_owned(),
            limit: 10,
            ..Query::default()
        });
        assert!(answer.is_ok(), "{text}: {answer:?}");
    }
}

#[test]
fn an_empty_index_answers_nothing_and_asks_to_be_fed() {
    let index = empty();
    assert_eq!(index.cursor(), None);
    assert_eq!(index.documents(), 0);
    assert_eq!(index.search(&ask("cours")).unwrap(), Answer::default());
    assert_eq!(index.search(&ask("")).unwrap().total, 0);
}

#[test]
fn accents_elision_and_inflection_do_not_hide_a_course() {
    let index = filled([
        titled("a", "fr", "Les équations différentielles à l’école"),
        titled("b", "en", "Teaching linear algebra"),
    ]);
    for text in [
        "equations différentielles",
        "EQUATION DIFFERENTIELLE",
        "l'ecole",
        "d’école",
        "\"equations differentielles\"",
    ] {
        assert_eq!(find(&index, text), ["a"], "{text}");
    }
    assert_eq!(find(&index, "teachers of algebras"), ["b"]);
}

#[test]
fn other_languages_are_found_as_they_are_written() {
    let index = filled([
        titled("a", "de", "Wahrscheinlichkeitsrechnung für Schüler"),
        titled("b", "zh", "光合作用入门"),
        titled("c", "ar", "البناء الضوئي"),
        titled("d", "zh", "合作"),
    ]);
    assert_eq!(find(&index, "schuler"), ["a"]);
    assert_eq!(find(&index, "光合作用"), ["b", "d"]);
    assert_eq!(find(&index, "\"光合作用\""), ["b"]);
    assert_eq!(find(&index, "الضوئي"), ["c"]);
}

#[test]
fn seven_languages_find_their_inflections_and_every_script_its_words() {
    let index = filled([
        titled("a", "de", "Wahrscheinlichkeitsrechnungen für Schülerinnen"),
        titled("b", "es", "Introducción a las ecuaciones diferenciales"),
        titled("c", "it", "Equazioni differenziali per gli studenti"),
        titled("d", "pt", "Equações e funções"),
        titled("e", "nl", "Oefeningen over vergelijkingen"),
        titled("f", "ru", "Дифференциальные уравнения"),
        titled("g", "el", "Οι διαφορικές εξισώσεις"),
        titled("h", "th", "สมการเชิงอนุพันธ์"),
        titled("i", "ko", "학교에서 배우는 수학"),
        titled("j", "he", "מְשׁוּאוֹת"),
        titled("k", "sv", "Språken i Norden"),
    ]);
    for (text, id) in [
        ("wahrscheinlichkeitsrechnung", "a"),
        ("introduccion ecuacion", "b"),
        ("equazione", "c"),
        ("funcao", "d"),
        ("oefening vergelijking", "e"),
        ("уравнение", "f"),
        ("εξισωσεις", "g"),
        ("สมการ", "h"),
        ("학교", "i"),
        ("משואות", "j"),
        ("språken", "k"),
    ] {
        assert_eq!(
            find(&index, text).first().map(String::as_str),
            Some(id),
            "{text}"
        );
    }
}

#[test]
fn what_is_only_catalogued_is_found_in_every_language() {
    let mut item = titled("a", "en", "Mitosis");
    item.subjects = vec!["iscedf-0511".to_owned()];
    let mut other = titled("b", "en", "Cells");
    other.labels.own = vec![
        ("en".to_owned(), "cell biology".to_owned()),
        ("fr".to_owned(), "biologie cellulaire".to_owned()),
    ];
    other.labels.broader = vec![("fr".to_owned(), "zoologie".to_owned())];
    let index = filled([item, other, titled("c", "fr", "Chimie")]);
    assert_eq!(find(&index, "biologie"), ["a", "b"]);
    assert_eq!(find(&index, "biologie cellulaire")[0], "b");
    assert_eq!(find(&index, "bilogie cellulaire")[0], "b");
    assert_eq!(find(&index, "sciences biologiques"), ["a", "b"]);
    assert_eq!(find(&index, "zoologie"), ["b"]);
}

/// Three items that differ in every field.
fn catalogue() -> Fixture {
    let course = Document {
        creators: vec!["Marie Curie".to_owned()],
        licence: Some("CC-BY-4.0".to_owned()),
        languages: vec!["fr".to_owned()],
        levels: vec!["fr-l1".to_owned(), "isced-6".to_owned()],
        subjects: vec!["iscedf-0533".to_owned()],
        resource_types: vec!["course".to_owned()],
        keywords: vec![("fr".to_owned(), "radioactivité".to_owned())],
        formats: vec!["pdf".to_owned()],
        ..titled("a", "fr", "Ondes et optique")
    };
    let video = Document {
        creators: vec!["Pierre Dupont".to_owned()],
        licence: Some("CC-BY-SA-4.0".to_owned()),
        languages: vec!["en-GB".to_owned(), "en".to_owned()],
        resource_types: vec!["video".to_owned()],
        institution: "nantes".to_owned(),
        descriptions: vec![(
            "en".to_owned(),
            "waves, by Curie and the micro:bit".to_owned(),
        )],
        ..titled("b", "en", "Physics of waves")
    };
    filled([
        course,
        video,
        Document {
            kind: Kind::Repository,
            ..titled("c", "fr", "Outils pour les ondes")
        },
    ])
}

#[test]
fn fields_narrow_by_english_and_french_names_and_by_words_of_the_vocabularies() {
    let index = catalogue();
    for (text, expected) in [
        ("titre:ondes", vec!["a", "c"]),
        ("title:onde optique", vec!["a"]),
        ("title:\"ondes et\"", vec!["a"]),
        ("title:\"optique ondes\"", vec![]),
        ("auteur:curie", vec!["a"]),
        ("author:\"Marie Curie\"", vec!["a"]),
        ("-auteur:curie", vec!["b", "c"]),
        ("sujet:physique", vec!["a"]),
        ("sujet:physics", vec!["a"]),
        ("keyword:radioactivite", vec!["a"]),
        ("niveau:L1", vec!["a"]),
        ("level:isced-6", vec!["a"]),
        ("niveau:L1 OR langue:anglais", vec!["a", "b"]),
        ("ondes niveau:L1", vec!["a"]),
        ("waves niveau:L1", vec![]),
        ("absent niveau:L1", vec![]),
        ("langue:fre", vec!["a"]),
        ("lang:en-GB", vec!["b"]),
        ("type:cours", vec!["a"]),
        ("type:repository", vec!["c"]),
        ("format:pdf", vec!["a"]),
        ("licence:cc-by", vec!["a"]),
        ("license:CC-BY-SA-4.0", vec!["b"]),
        ("institution:Nantes", vec!["b"]),
        ("institution:rennes -type:repository", vec!["a"]),
        ("micro:bit", vec!["b"]),
        ("-micro:bit", vec!["a", "c"]),
    ] {
        let mut found = find(&index, text);
        found.sort();
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn what_is_no_field_and_what_is_no_value_are_said_with_their_place() {
    let index = catalogue();
    let refused = |text: &str| index.search(&ask(text)).unwrap_err();
    match refused("élan tilte:ondes") {
        QueryError::UnknownField {
            name,
            place,
            nearest,
        } => {
            assert_eq!(
                (name.as_str(), place, nearest),
                ("tilte", 5..10, Some("title"))
            );
        }
        other => panic!("{other}"),
    }
    let said = refused("couleur:bleu").to_string();
    assert!(
        said.contains("character 1") && said.contains("title (titre)"),
        "{said}"
    );
    match refused("ondes niveau:Lisense") {
        QueryError::UnknownValue {
            field,
            value,
            place,
            ..
        } => {
            assert_eq!((field, value.as_str(), place), ("level", "Lisense", 13..20));
        }
        other => panic!("{other}"),
    }
    assert!(refused("type:nothing").is_refusal());
    // A sentence is not read for mistakes.
    let sentence = "les tp:exercices de chimie et de physique niveau:inconnu en ondes";
    assert!(find(&index, sentence).contains(&"a".to_owned()));
}

#[test]
fn what_was_typed_is_searched_when_asked() {
    let index = filled([titled("a", "fr", "Le théorème de Pythagore")]);
    let exact = Query {
        exact: true,
        ..ask("théormèe pitagore")
    };
    let answer = index.search(&exact).unwrap();
    assert_eq!((answer.total, answer.suggestion), (0, None));
    assert_eq!(index.search(&ask("théormèe")).unwrap().total, 1);
}

#[test]
fn quotation_marks_that_leave_nothing_are_taken_away_and_that_is_said() {
    let index = filled([
        titled("a", "fr", "Assembler des lectures autour de pivots"),
        titled("b", "fr", "Physique"),
    ]);
    for text in [
        "« pivot »",
        "assembleur « pivot » (x OR \"lecture des pivots\")",
    ] {
        let answer = index.search(&ask(text)).unwrap();
        assert_eq!((ids(&answer), answer.unquoted), (vec!["a"], true), "{text}");
        let exact = Query {
            exact: true,
            ..ask(text)
        };
        assert_eq!(index.search(&exact).unwrap().total, 0);
    }
    let answer = index.search(&ask("\"de pivots\"")).unwrap();
    assert_eq!((answer.total, answer.unquoted), (1, false));
    // What is excluded stays excluded, and what nobody has is not found.
    assert_eq!(
        index.search(&ask("\"nulle part\"")).unwrap(),
        Answer {
            cursor: 1,
            ..Answer::default()
        }
    );
    assert!(find(&index, "\"pivots de\" -assembler").is_empty());
}

#[test]
fn adoptions_and_freshness_lift_equals_and_are_explained() {
    const DAY: u64 = 86_400;
    let item = |id: &str, adoptions, updated| Document {
        adoptions,
        updated,
        ..titled(id, "fr", "Cours de chimie")
    };
    let index = filled([
        item("a", 0, 100 * DAY),
        item("b", 3, 100 * DAY),
        item("c", 0, 2_000 * DAY),
        item("d", 0, 2_010 * DAY),
    ]);
    let answer = index
        .search(&Query {
            explain: true,
            ..ask("chimie")
        })
        .unwrap();
    assert_eq!(ids(&answer), ["c", "d", "b", "a"]);
    for hit in &answer.hits {
        let sum: f32 = hit.explanation.iter().map(|part| part.score).sum();
        assert_eq!(sum, hit.score, "{}", hit.id);
    }
    let part = |at: usize, field: &str| {
        let mut parts = answer.hits[at].explanation.iter();
        parts
            .find(|part| part.field == field)
            .map(|part| part.word.clone())
    };
    assert_eq!(part(2, "adoptions").as_deref(), Some("3"));
    assert_eq!(part(0, "days before the newest").as_deref(), Some("10"));
    assert_eq!(part(3, "adoptions"), None);
    // Where other institutions approve, too.
    let reviewed = |id: &str, reviews| Document {
        reviews,
        ..titled(id, "fr", "Cours de chimie")
    };
    let others = ["d", "e", "f", "g"].map(|id| titled(id, "fr", "Chant choral"));
    let index = filled(
        [reviewed("a", 0), reviewed("b", 1), reviewed("c", 3)]
            .into_iter()
            .chain(others),
    );
    let answer = index
        .search(&Query {
            explain: true,
            ..ask("chimie")
        })
        .unwrap();
    assert_eq!(ids(&answer), ["c", "b", "a"]);
    for (hit, said) in answer.hits.iter().zip([Some("3"), Some("1"), None]) {
        let sum: f32 = hit.explanation.iter().map(|part| part.score).sum();
        assert_eq!(sum, hit.score, "{}", hit.id);
        let part = hit.explanation.iter().find(|part| part.field == "reviews");
        assert_eq!(part.map(|part| &*part.word), said);
    }
    // A better match stays first, however much another is used.
    let index = filled([
        item("a", 0, 0),
        Document {
            adoptions: 1_000,
            reviews: 1_000,
            ..titled(
                "b",
                "fr",
                "Physique et chimie et bien d'autres choses encore",
            )
        },
    ]);
    assert_eq!(find(&index, "cours de chimie"), ["a", "b"]);
}

#[test]
fn text_without_a_language_is_found_in_both() {
    let index = filled([titled("a", "", "Serveurs")]);
    assert_eq!(find(&index, "serveur"), ["a"]);
}

#[test]
fn small_words_are_not_searched_unless_they_are_all_there_is() {
    let index = filled([
        titled("a", "fr", "Le cours de chimie"),
        titled("b", "fr", "Le cours de physique"),
        titled("c", "en", "The Who"),
    ]);
    assert_eq!(index.search(&ask("le de chimie")).unwrap().total, 1);
    assert_eq!(find(&index, "the who"), ["c"]);
    assert_eq!(find(&index, "+the +chimie"), ["a"]);
}

#[test]
fn operators_narrow_and_exclude() {
    let index = filled([
        titled("a", "fr", "chimie organique"),
        titled("b", "fr", "chimie minérale"),
        titled("c", "fr", "physique quantique"),
        titled("d", "fr", "organique et chimie"),
    ]);
    for (text, expected) in [
        ("chimie AND organique", vec!["a", "d"]),
        ("\"chimie organique\"", vec!["a"]),
        ("chimie -organique", vec!["b"]),
        ("-chimie", vec!["c"]),
        ("chimie NOT (organique OR minerale)", vec![]),
        ("(physique OR mineral) AND quantique", vec!["c"]),
        ("absent -chimie", vec![]),
        ("chimie AND absent", vec![]),
        ("-\"organique et chimie\" +organique", vec!["a"]),
        ("-\"chimie organique\" chimie", vec!["b", "d"]),
        ("🙂", vec![]),
    ] {
        let mut found = find(&index, text);
        found.sort();
        assert_eq!(found, expected, "{text}");
    }
    assert_eq!(index.search(&ask("*")).unwrap().total, 4);
}

#[test]
fn titles_count_more_than_text() {
    let mut long = titled("a", "fr", "Recueil");
    long.text = vec![("fr".to_owned(), "la photosynthèse des plantes".to_owned())];
    let index = filled([long, titled("b", "fr", "La photosynthèse")]);
    assert_eq!(find(&index, "photosynthese"), ["b", "a"]);
}

#[test]
fn everything_that_describes_an_item_is_searched() {
    let mut item = titled("a", "fr", "Titre");
    let texts = |text: &str| vec![("fr".to_owned(), text.to_owned())];
    item.name = "rennes/cours-ondes".to_owned();
    item.summaries = texts("resume");
    item.descriptions = texts("description");
    item.keywords = texts("motclef");
    item.creators = vec!["Élise Žižek".to_owned()];
    item.file_names = vec!["chapitre_3/figure-optique.svg".to_owned()];
    item.text = texts("lisezmoi");
    let index = filled([item]);
    for text in [
        "titre",
        "ondes",
        "resume",
        "description",
        "motclef",
        "zizek",
        "figure",
        "lisezmoi",
    ] {
        assert_eq!(find(&index, text), ["a"], "{text}");
    }
}

#[test]
fn a_slip_is_corrected_and_said() {
    let index = filled([
        titled("a", "fr", "Le théorème de Pythagore"),
        titled("b", "fr", "Théorème des accroissements finis"),
    ]);
    let answer = index.search(&ask("un théormèe de Pythagore")).unwrap();
    assert_eq!(ids(&answer), ["a", "b"]);
    assert_eq!(
        answer.suggestion.as_deref(),
        Some("un théorème de Pythagore")
    );
    assert_eq!(
        answer.corrected,
        [crate::Correction {
            from: "théormèe".to_owned(),
            to: "théorème".to_owned()
        }]
    );
    assert_eq!(index.search(&ask("theoreme")).unwrap().suggestion, None);
    assert_eq!(find(&index, "-theoremme pythagore"), ["a"]);
}

#[test]
fn a_slip_goes_to_the_most_frequent_neighbour_in_force() {
    let index = filled([
        titled("a", "fr", "barque"),
        titled("b", "fr", "marque"),
        titled("c", "fr", "marque"),
    ]);
    let corrected = |index: &Index| index.search(&ask("tarque")).unwrap().suggestion;
    assert_eq!(corrected(&index).as_deref(), Some("marque"));
    let gone = vec![
        Change::Remove("b".to_owned()),
        Change::Remove("c".to_owned()),
    ];
    index.apply(gone, 2).unwrap();
    assert_eq!(corrected(&index).as_deref(), Some("barque"));
    index
        .apply(vec![Change::Remove("a".to_owned())], 3)
        .unwrap();
    assert_eq!(corrected(&index), None);
}

#[test]
fn a_slip_in_a_word_of_which_another_ending_is_known_is_corrected() {
    let index = filled([
        titled("a", "fr", "Calcul des amortissements"),
        titled("b", "fr", "La résistance des matériaux"),
    ]);
    for (typed, id) in [("amortisement", "a"), ("resisances", "b")] {
        let answer = index.search(&ask(typed)).unwrap();
        assert_eq!(ids(&answer), [id], "{typed}");
        assert!(answer.suggestion.is_some());
    }
}

#[test]
fn the_likelier_slip_wins_among_words_as_frequent() {
    let index = filled([
        titled("a", "en", "Contour lines"),
        titled("b", "en", "Colour wheels"),
    ]);
    assert_eq!(find(&index, "conour"), ["a"]);
}

#[test]
fn another_ending_is_not_a_slip() {
    let index = filled([titled("a", "fr", "Équations différentielles")]);
    let answer = index.search(&ask("équation différentielle")).unwrap();
    assert_eq!(ids(&answer), ["a"]);
    assert_eq!(answer.suggestion, None);
}

#[test]
fn a_purge_leaves_no_byte_of_what_was_removed() {
    let secret = "Zyxwvutsrqponmlkjihgfedcba";
    let folder = tempfile::tempdir().unwrap();
    let index = Index::open(folder.path()).unwrap();
    let documents = [titled("a", "fr", secret), titled("b", "fr", "chimie")];
    index.apply(puts(documents), 1).unwrap();
    let is_there = || {
        let segments = std::fs::read_dir(folder.path().join("segments")).unwrap();
        segments.into_iter().any(|entry| {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            [secret.to_owned(), secret.to_lowercase()]
                .iter()
                .any(|word| {
                    bytes
                        .windows(word.len())
                        .any(|part| part == word.as_bytes())
                })
        })
    };
    assert!(is_there());
    index
        .apply(vec![Change::Remove("a".to_owned())], 2)
        .unwrap();
    index.purge().unwrap();
    assert!(!is_there());
    assert_eq!((index.cursor(), index.documents()), (Some(2), 1));
    assert_eq!(find(&index, "chimie"), ["b"]);
    index.apply(puts([titled("c", "fr", "chimie")]), 3).unwrap();
    assert_eq!(find(&index, "chimie"), ["b", "c"]);
}

#[test]
fn facets_count_what_the_other_filters_leave() {
    let item = |id: &str, licence: &str, languages: &[&str], subject: &str| Document {
        licence: Some(licence.to_owned()),
        languages: languages.iter().map(|&l| l.to_owned()).collect(),
        subjects: vec![subject.to_owned()],
        ..titled(id, "fr", "cours")
    };
    let index = filled([
        item("a", "CC0-1.0", &["fr"], "iscedf-0541"),
        item("b", "CC0-1.0", &["fr", "en-GB"], "iscedf-0541"),
        item("c", "CC-BY-4.0", &["en"], "iscedf-0542"),
        item("d", "MIT", &["de"], "iscedf-0613"),
    ]);
    let query = Query {
        licences: vec!["CC0-1.0".to_owned(), "MIT".to_owned()],
        languages: vec!["fr".to_owned(), "it".to_owned()],
        facets: true,
        ..ask("cours")
    };
    let answer = index.search(&query).unwrap();
    assert_eq!(ids(&answer), ["a", "b"]);
    let counts = |facet: &str| -> BTreeMap<&str, u64> {
        let values = answer.facets[facet].iter();
        values
            .map(|(value, count)| (value.as_str(), *count))
            .collect()
    };
    assert_eq!(counts("licence"), [("CC0-1.0", 2), ("MIT", 0)].into());
    assert_eq!(
        counts("language"),
        [("fr", 2), ("en", 1), ("en-GB", 1), ("de", 1), ("it", 0)].into()
    );
    assert_eq!(
        counts("subject"),
        [("iscedf-05", 2), ("iscedf-054", 2), ("iscedf-0541", 2)].into()
    );
    assert_eq!(counts("type"), [("resource", 2)].into());

    let broader = Query {
        subjects: vec!["iscedf-054".to_owned()],
        ..ask("")
    };
    assert_eq!(index.search(&broader).unwrap().total, 3);
}

#[test]
fn pages_follow_each_other_and_end() {
    let index = filled((0..25).map(|n| Document {
        updated: n,
        ..titled(&format!("{n:02}"), "fr", "cours")
    }));
    let page = |offset| Query {
        offset,
        sort: Sort::Newest,
        ..ask("cours")
    };
    let mut seen = Vec::new();
    for offset in [0, 10, 20, 30] {
        let answer = index.search(&page(offset)).unwrap();
        assert_eq!(answer.total, 25);
        seen.extend(answer.hits.into_iter().map(|hit| hit.id));
    }
    let expected: Vec<String> = (0..25).rev().map(|n| format!("{n:02}")).collect();
    assert_eq!(seen, expected);
    // Equal scores go by id.
    assert_eq!(find(&index, "cours")[..3], ["00", "01", "02"]);

    let far = |offset, limit| {
        index.search(&Query {
            offset,
            limit,
            ..ask("cours")
        })
    };
    assert!(far(MAX_REACH - MAX_LIMIT, MAX_LIMIT).is_ok());
    assert!(matches!(
        far(MAX_REACH, 1),
        Err(QueryError::PageTooFar { .. })
    ));
    assert!(matches!(
        far(0, MAX_LIMIT + 1),
        Err(QueryError::PageTooLong { .. })
    ));
    assert_eq!(far(0, 0).unwrap().total, 25);
}

#[test]
fn titles_sort_without_accents_in_the_language_of_the_page() {
    let mut both = titled("a", "fr", "Zèbre");
    both.titles.push(("en".to_owned(), "Aardvark".to_owned()));
    let index = filled([
        both,
        titled("b", "fr", "Étude"),
        titled("c", "fr", "eau"),
        titled("d", "fr", "« Fable »"),
        titled("e", "fr", ""),
    ]);
    let by_title = |language: &str| Query {
        sort: Sort::Title,
        interface_language: language.to_owned(),
        ..ask("")
    };
    let french = index.search(&by_title("fr-FR")).unwrap();
    assert_eq!(ids(&french), ["c", "b", "d", "a", "e"]);
    let first = Query {
        limit: 2,
        ..by_title("fr")
    };
    assert_eq!(ids(&index.search(&first).unwrap()), ["c", "b"]);
    let english = index.search(&by_title("en")).unwrap();
    assert_eq!(ids(&english), ["a", "c", "b", "d", "e"]);
}

#[test]
fn a_hit_carries_what_a_page_shows_and_why() {
    let mut item = titled("a", "fr", "Optique");
    item.titles.push(("en".to_owned(), "Optics".to_owned()));
    item.summaries = vec![(
        "fr".to_owned(),
        "Un cours d'optique <ondulatoire>".to_owned(),
    )];
    item.updated = 7;
    item.position_hint = 9;
    let index = filled([item, titled("b", "fr", "Chimie")]);
    let answer = index
        .search(&Query {
            explain: true,
            interface_language: "en".to_owned(),
            ..ask("optique")
        })
        .unwrap();
    let hit = &answer.hits[0];
    assert_eq!(
        (hit.title.as_str(), hit.title_language.as_str()),
        ("Optics", "en")
    );
    assert_eq!((hit.updated, hit.position_hint), (7, 9));
    assert_eq!(
        hit.snippet,
        "Un cours d&#39;<b>optique</b> &lt;ondulatoire&gt;"
    );
    let sum: f32 = hit.explanation.iter().map(|part| part.score).sum();
    assert!(hit.score > 0.0 && (hit.score - sum).abs() < f32::EPSILON);
    assert!(hit.explanation.iter().any(|part| part.field == "title_fr"));
    assert_eq!(answer.cursor, 1);
}

#[test]
fn the_cursor_and_the_changes_survive_together() {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::open(folder.path()).unwrap();
    index.apply(puts([titled("a", "fr", "un")]), 41).unwrap();
    index
        .apply(
            puts([titled("a", "fr", "deux"), titled("b", "fr", "deux")]),
            42,
        )
        .unwrap();
    index.apply(vec![], 43).unwrap();
    drop(index);
    let index = Index::open(folder.path()).unwrap();
    assert_eq!(index.cursor(), Some(43));
    assert_eq!(index.documents(), 2);
    assert_eq!(find(&index, "deux"), ["a", "b"]);
    index.clear().unwrap();
    assert_eq!((index.cursor(), index.documents()), (None, 0));
    drop(index);
    assert_eq!(Index::open(folder.path()).unwrap().cursor(), None);
}

#[test]
fn the_last_change_of_a_batch_wins() {
    let index = empty();
    let mut batch = puts([titled("a", "fr", "un"), titled("a", "fr", "deux")]);
    batch.push(Change::Remove("b".to_owned()));
    batch.extend(puts([titled("b", "fr", "trois")]));
    batch.extend(puts([titled("c", "fr", "quatre")]));
    batch.push(Change::Remove("c".to_owned()));
    index.apply(batch, 1).unwrap();
    assert_eq!(index.documents(), 2);
    assert_eq!(find(&index, "deux"), ["a"]);
    assert_eq!(find(&index, "trois"), ["b"]);
    assert!(find(&index, "quatre").is_empty());
}

#[test]
fn parts_that_are_handed_over_are_found_with_the_batch_they_belong_to() {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::open(folder.path()).unwrap();
    index.apply(puts([titled("a", "fr", "chimie")]), 1).unwrap();
    index.stage(puts([titled("b", "fr", "chimie")])).unwrap();
    assert_eq!((index.cursor(), index.documents()), (Some(1), 1));
    let removed = vec![Change::Remove("a".to_owned())];
    index.stage(removed).unwrap();
    index.apply(puts([titled("c", "fr", "chimie")]), 2).unwrap();
    assert_eq!(index.cursor(), Some(2));
    assert_eq!(find(&index, "chimie"), ["b", "c"]);
    // What no batch ends is gone with the process.
    index.stage(puts([titled("d", "fr", "chimie")])).unwrap();
    drop(index);
    let index = Index::open(folder.path()).unwrap();
    assert_eq!((index.cursor(), index.documents()), (Some(2), 2));
}

#[test]
fn a_purge_in_the_middle_of_a_batch_loses_nothing_of_it() {
    let index = empty();
    let documents = [titled("a", "fr", "chimie"), titled("b", "fr", "chimie")];
    index.apply(puts(documents), 1).unwrap();
    let mut part = puts([titled("c", "fr", "chimie")]);
    part.push(Change::Remove("a".to_owned()));
    index.stage(part).unwrap();
    index.purge().unwrap();
    // As if the node ended here: what was handed over counts as not taken in.
    assert_eq!(index.cursor(), Some(1));
    index.apply(puts([titled("d", "fr", "chimie")]), 2).unwrap();
    assert_eq!(index.cursor(), Some(2));
    assert_eq!(find(&index, "chimie"), ["b", "c", "d"]);
}

#[test]
fn one_folder_has_one_index() {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::open(folder.path()).unwrap();
    assert!(matches!(
        Index::open(folder.path()),
        Err(Error::Locked { .. })
    ));
    drop(index);
    assert!(Index::open(folder.path()).is_ok());
}

#[test]
fn an_index_of_another_version_starts_anew() {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::open(folder.path()).unwrap();
    index.apply(puts([titled("a", "fr", "un")]), 1).unwrap();
    drop(index);
    std::fs::write(folder.path().join("version"), "0\n").unwrap();
    let index = Index::open(folder.path()).unwrap();
    assert_eq!((index.cursor(), index.documents()), (None, 0));
    index.apply(puts([titled("a", "fr", "un")]), 1).unwrap();
    assert_eq!(find(&index, "un cours"), Vec::<String>::new());
    assert_eq!(index.documents(), 1);
}

#[test]
fn damage_anywhere_is_found_at_the_start_and_mended_by_feeding() {
    let folder = tempfile::tempdir().unwrap();
    let feed = |index: &Index| {
        let documents = (0..50).map(|n| titled(&format!("{n:02}"), "fr", "cours de chimie"));
        index.apply(puts(documents), 1).unwrap();
    };
    feed(&Index::open(folder.path()).unwrap());
    let segments = folder.path().join("segments");
    let names = || -> Vec<std::path::PathBuf> {
        let mut names: Vec<_> = std::fs::read_dir(&segments)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| !path.file_name().unwrap().to_string_lossy().starts_with('.'))
            .collect();
        names.sort();
        names
    };
    type Damage = fn(&mut Vec<u8>);
    let kinds: [Damage; 3] = [
        |bytes| bytes.clear(),
        |bytes| bytes.truncate(bytes.len() / 2),
        |bytes| {
            let middle = bytes.len() / 3;
            bytes[middle] ^= 0x55;
        },
    ];
    for damage in kinds {
        for place in 0..names().len() {
            let path = &names()[place];
            let mut bytes = std::fs::read(path).unwrap();
            damage(&mut bytes);
            std::fs::write(path, bytes).unwrap();
            let index = Index::open(folder.path()).unwrap();
            assert_eq!(index.cursor(), None, "{}", path.display());
            feed(&index);
            assert_eq!(index.search(&ask("chimie")).unwrap().total, 50);
        }
    }
}

#[test]
fn damage_met_while_searching_is_an_error_and_condemns_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::open(folder.path()).unwrap();
    let text = (0..3_000).map(|n| format!("mot{n} ")).collect::<String>();
    index.apply(puts([titled("a", "fr", &text)]), 1).unwrap();
    for entry in std::fs::read_dir(folder.path().join("segments")).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_some_and(|extension| extension == "store")
        {
            // In place: the engine has the file mapped into memory.
            use std::os::unix::fs::FileExt;
            let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
            file.write_all_at(&[0xFF; 1_000], 0).unwrap();
        }
    }
    let answer = index.search(&ask("mot7"));
    assert!(
        matches!(answer, Err(QueryError::Index(Error::Damaged { .. }))),
        "{answer:?}"
    );
    drop(index);
    assert!(!folder.path().join("version").exists());
    assert_eq!(Index::open(folder.path()).unwrap().cursor(), None);
}

#[test]
fn searches_run_beside_changes_and_see_whole_batches() {
    let index = empty();
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    loop {
                        let answer = index.search(&ask("cours")).unwrap();
                        assert_eq!(answer.total as u64, 5 * answer.cursor);
                        if answer.cursor == 8 {
                            break;
                        }
                    }
                })
            })
            .collect();
        for batch in 0..8 {
            let documents = (0..5).map(|n| titled(&format!("{batch}-{n}"), "fr", "cours"));
            index.apply(puts(documents), batch + 1).unwrap();
        }
        for reader in readers {
            reader.join().unwrap();
        }
    });
}

#[test]
fn everything_is_counted_alike_whether_it_is_known_or_walked_through() {
    let fixture = empty();
    let document = |n: u64| Document {
        institution: format!("inst{}", n % 3),
        updated: n,
        ..titled(&format!("id{n:03}"), "fr", "Cours")
    };
    let check = || {
        let near = Query {
            facets: true,
            ..ask("")
        };
        // So far that it must be walked through.
        let far = Query {
            limit: 1,
            offset: 100,
            ..near.clone()
        };
        for _ in 0..2 {
            let (near, far) = (
                fixture.search(&near).unwrap(),
                fixture.search(&far).unwrap(),
            );
            assert_eq!((near.total, &near.facets), (far.total, &far.facets));
            assert_eq!(ids(&far).len(), usize::from(far.total > 100));
        }
        fixture.search(&near).unwrap()
    };
    fixture.apply(puts((0..90).map(document)), 1).unwrap();
    check();
    fixture.apply(puts((80..120).map(document)), 2).unwrap();
    let all = check();
    assert_eq!(all.total, 120);
    assert_eq!(ids(&all)[..2], ["id119", "id118"]);
    let gone = vec![Change::Remove("id119".to_owned())];
    fixture.apply(gone, 3).unwrap();
    let all = check();
    assert_eq!(ids(&all)[..2], ["id118", "id117"]);
    assert_eq!(all.facets["institution"][0], ("inst0".to_owned(), 40));
    assert_eq!(all.facets["institution"][2], ("inst2".to_owned(), 39));
}
