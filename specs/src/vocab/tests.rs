use super::*;

#[test]
fn every_concept_has_both_labels_a_known_broader_and_an_id_of_its_own() {
    for scheme in Scheme::ALL {
        let concepts = concepts(scheme);
        assert!(!concepts.is_empty());
        for (at, concept) in concepts.iter().enumerate() {
            assert!(
                !concept.fr.is_empty() && !concept.en.is_empty(),
                "{}",
                concept.id
            );
            assert!(
                !concepts[..at].iter().any(|c| c.id == concept.id),
                "{} twice",
                concept.id
            );
            if let Some(above) = concept.broader {
                assert!(
                    find(scheme, above).is_some(),
                    "{} below unknown {above}",
                    concept.id
                );
                assert_ne!(above, concept.id);
            }
        }
    }
}

#[test]
fn the_tables_have_the_sizes_of_their_sources() {
    assert_eq!(concepts(Scheme::ResourceType).len(), 26);
    let fields = concepts(Scheme::Subject);
    let of_length = |n| fields.iter().filter(|c| c.id.len() == n).count();
    assert_eq!((of_length(9), of_length(10), of_length(11)), (11, 29, 80));
    assert!(concepts(Scheme::Language).len() >= 60);
}

#[test]
fn labels_come_in_the_language_asked_for() {
    assert_eq!(
        label(Scheme::ResourceType, "course", "fr-CA"),
        Some("Cours")
    );
    assert_eq!(
        label(Scheme::Subject, "iscedf-0541", "en"),
        Some("Mathematics")
    );
    assert_eq!(
        label(Scheme::Level, "fr-terminale", "de"),
        Some("Terminale (France, age 17)")
    );
    assert_eq!(label(Scheme::Language, "pt-BR", "fr"), Some("portugais"));
    assert_eq!(label(Scheme::Level, "nothing", "fr"), None);
}

#[test]
fn expansion_adds_what_is_broader_once() {
    assert_eq!(
        expand(Scheme::Level, ["fr-l1", "fr-l2", "x-local"]),
        ["fr-l1", "fr-l2", "x-local", "fr-licence", "isced-6"]
    );
    assert_eq!(
        expand(Scheme::Subject, ["iscedf-0541"]),
        ["iscedf-0541", "iscedf-054", "iscedf-05"]
    );
}

#[test]
fn a_slip_of_the_hand_is_recognised_and_noise_is_not() {
    assert_eq!(suggest(Scheme::ResourceType, "coruse"), Some("course"));
    assert_eq!(
        suggest(Scheme::ResourceType, "case-study"),
        Some("case_study")
    );
    assert_eq!(suggest(Scheme::Level, "fr-l4"), Some("fr-l1"));
    assert_eq!(
        suggest(Scheme::Subject, "mathematique"),
        Some("iscedf-0541")
    );
    assert_eq!(suggest(Scheme::Subject, "zzzzzzzzzz"), None);
    assert_eq!(suggest(Scheme::Subject, &"a".repeat(100_000)), None);
}

#[test]
fn names_people_write_lead_to_ids() {
    assert_eq!(by_name(Scheme::Level, "Terminale"), Some("fr-terminale"));
    assert_eq!(by_name(Scheme::Level, "l2"), Some("fr-l2"));
    assert_eq!(by_name(Scheme::Language, "fre"), Some("fr"));
    assert_eq!(
        by_name(Scheme::Subject, "Mathématiques"),
        Some("iscedf-0541")
    );
    assert_eq!(
        by_name(Scheme::Subject, "Mathe\u{301}matiques"),
        Some("iscedf-0541")
    );
    assert_eq!(by_name(Scheme::Subject, "Droit"), Some("iscedf-042"));
}

#[test]
fn the_distance_counts_a_transposition_once() {
    assert_eq!(distance("course", "coruse"), 1);
    assert_eq!(distance("", "abc"), 3);
    assert_eq!(distance("même", "meme"), 1);
}
