use super::*;
use crate::document::Kind;

fn catalogued(subjects: &[&str], levels: &[&str], types: &[&str]) -> Labels {
    let owned = |ids: &[&str]| ids.iter().map(|&id| id.to_owned()).collect();
    of(&Document {
        id: "a".to_owned(),
        name: String::new(),
        kind: Kind::Resource,
        institution: String::new(),
        titles: vec![],
        summaries: vec![],
        descriptions: vec![],
        keywords: vec![],
        creators: vec![],
        authors: vec![],
        resource_types: owned(types),
        licence: None,
        languages: vec![],
        levels: owned(levels),
        subjects: owned(subjects),
        labels: crate::document::Labels::default(),
        formats: vec![],
        duration: None,
        accessibility: vec![],
        file_names: vec![],
        text: vec![],
        places: vec![],
        updated: 0,
        adoptions: 0,
        reviews: 0,
        position_hint: 0,
    })
}

#[test]
fn a_concept_has_its_labels_in_both_languages_and_those_above_it() {
    let labels = catalogued(
        &["iscedf-0511"],
        &["fr-l1", "isced-6"],
        &["course", "unknown"],
    );
    for own in [
        ("fr", "Biologie"),
        ("en", "Biology"),
        ("fr", "Cours"),
        ("en", "Course"),
    ] {
        assert!(labels.own.contains(&own), "{own:?}");
    }
    let broad = vocab::find(Scheme::Subject, "iscedf-051").unwrap();
    assert!(labels.broader.contains(&("fr", broad.fr)) && !labels.own.contains(&("fr", broad.fr)));
    let level = vocab::find(Scheme::Level, "isced-6").unwrap();
    assert!(labels.broader.contains(&("en", level.en)));
    assert!(
        labels
            .own
            .contains(&("fr", vocab::find(Scheme::Level, "fr-l1").unwrap().fr))
    );
}

#[test]
fn a_label_that_the_broader_concept_has_too_is_said_once() {
    let labels = catalogued(&["iscedf-0011"], &[], &[]);
    assert_eq!(
        labels.own,
        [
            ("fr", "Programmes et certifications de base"),
            ("en", "Basic programmes and qualifications")
        ]
    );
    assert!(!labels.broader.contains(&labels.own[0]));
}
