use super::*;

#[test]
fn every_concept_has_both_labels_a_known_broader_and_an_id_of_its_own() {
    for &scheme in Scheme::ALL {
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
    let hcrt = concepts(Scheme::ResourceType).iter();
    let hcrt = hcrt.filter(|c| {
        c.same
            .iter()
            .any(|s| s.address.ends_with(&format!("/hcrt/{}", c.id)))
    });
    assert_eq!(hcrt.count(), 26);
    let fields = concepts(Scheme::Subject);
    let of_length = |n| fields.iter().filter(|c| c.id.len() == n).count();
    assert_eq!((of_length(9), of_length(10), of_length(11)), (11, 29, 80));
    assert!(concepts(Scheme::Language).len() >= 60);
}

#[test]
fn licences_have_their_older_versions_and_the_french_ports() {
    for (id, address) in [
        ("CC-BY-3.0", "https://creativecommons.org/licenses/by/3.0/"),
        (
            "LicenseRef-CC-BY-SA-3.0-FR",
            "https://creativecommons.org/licenses/by-sa/3.0/fr/",
        ),
        (
            "CC-BY-NC-SA-2.0-FR",
            "https://creativecommons.org/licenses/by-nc-sa/2.0/fr/",
        ),
        (
            "etalab-2.0",
            "https://www.etalab.gouv.fr/licence-ouverte-open-licence/",
        ),
    ] {
        let found = find(Scheme::Licence, id).expect(id);
        assert!(found.same.iter().any(|s| s.address == address), "{id}");
    }
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

#[test]
fn addresses_and_values_of_standards_lead_to_one_concept_each() {
    for &scheme in Scheme::ALL {
        for concept in concepts(scheme) {
            for same in concept.same.iter().filter(|same| same.exact) {
                assert_eq!(
                    by_address(scheme, same.address),
                    Some(concept.id),
                    "{}",
                    same.address
                );
                assert!(same.address.starts_with("http"), "{}", same.address);
            }
            for said in concept.values.iter().filter(|said| said.exact) {
                let found = by_value(scheme, said.standard, &said.value.to_uppercase());
                assert_eq!(found, Some(concept.id), "{}", said.value);
            }
        }
    }
    assert_eq!(
        by_address(Scheme::ResourceType, "http://w3id.org/kim/hcrt/course/"),
        Some("course")
    );
    assert_eq!(
        by_value(Scheme::ResourceType, "lomv1.0", "narrative text"),
        Some("text")
    );
    assert_eq!(by_value(Scheme::ResourceType, "LOMv1.0", "nothing"), None);
}

#[test]
fn what_a_standard_lacks_is_written_as_the_nearest_it_has() {
    let value = |id, standard| value(Scheme::ResourceType, id, standard);
    assert_eq!(value("exam", "LOMv1.0"), Some("exam"));
    assert_eq!(value("script", "LOMv1.0"), Some("narrative text"));
    assert_eq!(
        value("guide", "LOMv1.0"),
        Some("narrative text"),
        "through what is broader"
    );
    assert_eq!(value("guide", "LOMFRv1.0"), Some("guide"));
    assert_eq!(value("portal", "LOMv1.0"), None);
    assert_eq!(
        super::value(Scheme::Level, "fr-l1", "LOMv1.0"),
        Some("higher education")
    );
    assert_eq!(
        super::value(Scheme::Level, "fr-6e", "LOMv1.0"),
        Some("school")
    );
    let address = |scheme, id, publication| super::address(scheme, id, publication);
    assert_eq!(
        address(
            Scheme::Level,
            "fr-l1",
            "https://w3id.org/kim/educationalLevel/"
        ),
        Some("https://w3id.org/kim/educationalLevel/level_06")
    );
    assert_eq!(
        address(Scheme::ResourceType, "exam", "https://w3id.org/kim/hcrt/"),
        Some("https://w3id.org/kim/hcrt/assessment")
    );
}

#[test]
fn roles_relations_and_other_closed_lists_are_those_of_the_model() {
    use crate::metadata::{DEGREES, INTERACTIVITIES, RELATIONS, ROLES, STATUSES, STRUCTURES};
    let ids = |scheme| concepts(scheme).iter().map(|c| c.id).collect::<Vec<_>>();
    assert_eq!(ids(Scheme::Role), ROLES);
    assert_eq!(ids(Scheme::Relation), RELATIONS);
    assert_eq!(ids(Scheme::Interactivity), INTERACTIVITIES);
    assert_eq!(ids(Scheme::Degree), DEGREES);
    assert_eq!(ids(Scheme::Structure), STRUCTURES);
    assert_eq!(ids(Scheme::Status), STATUSES);
}

//= R-07-24
#[test]
fn every_vocabulary_is_written_as_skos_twice_with_the_same_concepts() {
    for &scheme in Scheme::ALL {
        assert_eq!(Scheme::parse(scheme.id()), Some(scheme));
        let turtle = skos::turtle(scheme);
        let json = skos::json_ld(scheme);
        let listed = json["concepts"].as_array().expect("a list");
        assert_eq!(listed.len(), concepts(scheme).len());
        assert_eq!(turtle.matches("a skos:Concept ;").count(), listed.len());
        for (concept, written) in concepts(scheme).iter().zip(listed) {
            assert_eq!(written["prefLabel"]["fr"], concept.fr);
            let node = format!(
                "<{}> a skos:Concept",
                skos::concept_address(scheme, concept.id)
            );
            assert!(turtle.contains(&node), "{node}");
            assert_eq!(written["broader"].is_string(), concept.broader.is_some());
        }
        // Nothing that ends a text or an address in Turtle stands in one.
        assert_eq!(turtle.replace("\\\"", "").matches('"').count() % 2, 0);
        assert!(
            !turtle
                .lines()
                .any(|line| line.contains("< ") || line.contains("<>"))
        );
    }
    assert_eq!(Scheme::parse("nothing"), None);
}
