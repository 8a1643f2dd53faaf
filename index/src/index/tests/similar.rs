use super::*;

/// A course with a title and a summary.
fn course(id: &str, title: &str, summary: &str) -> Document {
    Document {
        summaries: vec![("fr".to_owned(), summary.to_owned())],
        ..titled(id, "fr", title)
    }
}

fn library() -> Vec<Document> {
    let mut all = vec![
        course(
            "a",
            "Équations différentielles linéaires",
            "Le cours et des exercices sur les équations.",
        ),
        course(
            "b",
            "Résoudre des équations différentielles",
            "Exercices corrigés.",
        ),
        course(
            "c",
            "Les équations de Maxwell",
            "Un cours d’électromagnétisme.",
        ),
        course("d", "Photosynthèse des plantes", "Un cours de biologie."),
    ];
    for n in 0..20 {
        all.push(course(
            &format!("z{n:02}"),
            &format!("Leçon {n} de latin"),
            "Déclinaisons et exercices.",
        ));
    }
    all
}

fn like(index: &Index, id: &str) -> Vec<String> {
    without(index, id, &[])
}

fn without(index: &Index, id: &str, without: &[String]) -> Vec<String> {
    let asked = Like {
        id,
        without,
        limit: 5,
        interface_language: "fr",
    };
    let hits = index.similar(&asked).unwrap();
    hits.into_iter().map(|hit| hit.id).collect()
}

#[test]
fn what_shares_telling_words_is_alike_and_the_item_itself_is_not_named() {
    let index = filled(library());
    assert_eq!(like(&index, "a")[..2], ["b", "c"]);
    assert!(!like(&index, "a").iter().any(|id| id.starts_with('z')));
    assert!(like(&index, "d").iter().all(|id| id != "d"));
    assert_eq!(like(&index, "nobody"), Vec::<String>::new());
    assert_eq!(without(&index, "a", &["b".to_owned()])[0], "c");
}

#[test]
fn what_shares_the_subject_comes_before_what_does_not() {
    let mut all = library();
    all[0].subjects = vec!["iscedf-0541".to_owned()];
    all.push(course(
        "e",
        "Des équations différentielles",
        "Exercices corrigés.",
    ));
    all.push(Document {
        subjects: vec!["iscedf-0541".to_owned()],
        ..course("f", "Des équations différentielles", "Exercices corrigés.")
    });
    let found = like(&filled(all), "a");
    let place = |id: &str| found.iter().position(|found| found == id).unwrap();
    assert!(place("f") < place("e"), "{found:?}");
}

#[test]
fn a_removed_item_is_neither_named_nor_in_the_way() {
    let index = filled(library());
    index
        .apply(vec![Change::Remove("b".to_owned())], 2)
        .unwrap();
    let found = like(&index, "a");
    assert!(found[0] == "c" && !found.contains(&"b".to_owned()));
    assert_eq!(like(&index, "b"), Vec::<String>::new());
    let ids = ["c", "b", "a"].map(str::to_owned);
    let hits = index.hits(&ids, "fr").unwrap();
    let names: Vec<&str> = hits.iter().map(|hit| hit.id.as_str()).collect();
    assert_eq!(names, ["c", "a"]);
    assert_eq!(hits[1].title, "Équations différentielles linéaires");
}

#[test]
fn an_index_with_a_history_finds_the_same_as_one_that_was_rebuilt() {
    let rebuilt = filled(library());
    let lived = empty();
    for (cursor, document) in library().into_iter().rev().enumerate() {
        let mut draft = document.clone();
        draft.titles[0].1 = "Équations d’autrefois".to_owned();
        lived.apply(puts([draft]), 2 * cursor as u64 + 1).unwrap();
        lived
            .apply(puts([document]), 2 * cursor as u64 + 2)
            .unwrap();
    }
    for id in ["a", "c", "d", "z03"] {
        let asked = Like {
            id,
            without: &[],
            limit: 10,
            interface_language: "en",
        };
        assert_eq!(
            lived.similar(&asked).unwrap(),
            rebuilt.similar(&asked).unwrap(),
            "{id}"
        );
    }
}
