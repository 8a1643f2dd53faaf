//! Corrections, their undo, and the harvest that comes again.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::json;

use super::super::*;
use super::{course, declared};

fn harvest(origin: &str, date: &str) -> Source {
    Source {
        scheme: "lom".into(),
        origin: Some(origin.into()),
        date: Some(date.into()),
        method: Method::Mapped,
        by: None,
    }
}

fn titled(title: &str, source: Source) -> Record {
    let view = View {
        titles: vec![("fr".into(), title.into())],
        languages: vec!["fr".into()],
        ..View::default()
    };
    Record::from_view(&view, source)
}

fn title(record: &Record) -> String {
    let view = record.view();
    let title = view.title_for(&["fr"]);
    title.map(|(_, title)| title.to_owned()).unwrap_or_default()
}

const BY: Option<&str> = Some("did:key:z6MkLibrarian");

//= R-07-20
#[test]
fn a_correction_is_shown_and_undone_step_by_step() {
    let mut record = titled("Algebre", harvest("oai:a:1", "2026-01-01T00:00:00Z"));
    record
        .corrected("title", &json!("Algèbre"), BY, "2026-02-01T00:00:00Z")
        .expect("a title");
    record
        .corrected(
            "title",
            &json!({"fr": "Algèbre linéaire", "en": "Linear algebra"}),
            BY,
            "2026-03-01T00:00:00Z",
        )
        .expect("titles");
    assert_eq!(title(&record), "Algèbre linéaire");
    assert_eq!(record.title[0].src.by.as_deref(), BY);
    assert_eq!(record.corrections(), ["title"]);
    let back = Record::from_body(&record.to_body().expect("small")).expect("ours");
    assert_eq!(back.view(), record.view());
    assert!(record.uncorrected("title", None));
    assert_eq!(title(&record), "Algèbre");
    assert!(record.uncorrected("title", Some("fr")));
    assert_eq!(title(&record), "Algebre");
    assert!(!record.uncorrected("title", None));
}

#[test]
fn a_field_can_be_corrected_to_nothing_and_back() {
    let mut record = Record::from_input(&course(), declared());
    record
        .corrected("creators", &json!(null), BY, "2027-01-01T00:00:00Z")
        .expect("nothing");
    record
        .corrected("title", &json!({"en": null}), BY, "2027-01-01T00:00:00Z")
        .expect("no English title");
    let body = record.to_body().expect("small");
    let mut record = Record::from_body(&body).expect("ours");
    let view = record.view();
    assert!(view.creators.is_empty());
    assert_eq!(
        view.titles,
        [("fr".to_owned(), "Algèbre linéaire".to_owned())]
    );
    assert!(record.uncorrected("creators", None) && record.uncorrected("title", Some("en")));
    assert_eq!(record.view(), course().values);
    assert_eq!(
        record.to_body(),
        Record::from_input(&course(), declared()).to_body()
    );
}

#[test]
fn a_wrong_correction_says_why_and_changes_nothing() {
    let mut record = Record::from_input(&course(), declared());
    let before = record.clone();
    for (field, value) in [
        ("licence", json!("CC-BY-SA")),
        ("titel", json!("x")),
        ("created", json!("31/12/2024")),
        ("title", json!({"???": null})),
        ("original", json!({"scheme": "lom"})),
    ] {
        let Err(Problems(problems)) = record.corrected(field, &value, BY, "2027-01-01T00:00:00Z")
        else {
            panic!("{field} is wrong")
        };
        assert!(problems[0].field.starts_with(field) && !problems[0].fix.is_empty());
        assert_eq!(record, before);
    }
}

#[test]
fn two_words_in_one_second_are_the_later_one() {
    let mut record = Record::from_input(&course(), declared());
    let date = "2027-01-01T00:00:00Z";
    for who in ["Ada", "Emmy"] {
        record
            .corrected("creators", &json!([who]), BY, date)
            .expect("a name");
    }
    let names: Vec<String> = record.view().creators.into_iter().map(|c| c.name).collect();
    assert_eq!(names, ["Emmy"]);
    assert!(record.uncorrected("creators", None));
    assert_eq!(record.view(), course().values);
}

//= R-07-21
#[test]
fn a_harvest_that_comes_again_replaces_its_own_values_and_nothing_else() {
    let mut record = titled("Algebre", harvest("oai:a:1", "2026-01-01T00:00:00Z"));
    record.merge(titled(
        "Autre source",
        harvest("oai:b:9", "2025-01-01T00:00:00Z"),
    ));
    record
        .corrected("level", &json!("fr-l1"), BY, "2026-02-01T00:00:00Z")
        .expect("a level");
    let again = titled("Algèbre", harvest("oai:a:1", "2026-06-01T00:00:00Z"));
    let merged = Record::merged(again.clone(), &record);
    let titles: Vec<&str> = merged.title.iter().map(|title| title.v.as_str()).collect();
    assert_eq!(titles, ["Algèbre", "Autre source"]);
    assert_eq!(merged.view().levels, ["fr-l1"]);
    assert_eq!(Record::merged(again, &merged), merged);
}

//= R-07-21
#[test]
fn a_version_by_hand_is_shown_first_and_what_was_imported_stays_below() {
    let mut record = titled("Algebre", harvest("oai:a:1", "2026-01-01T00:00:00Z"));
    for (field, value) in [
        ("title", json!("Algèbre corrigée")),
        ("level", json!("fr-l1")),
        ("subject", json!("iscedf-0541")),
        ("creators", json!(null)),
    ] {
        let date = "2026-02-01T00:00:00Z";
        record.corrected(field, &value, BY, date).expect("fit");
    }
    let by_hand = |document: serde_json::Value| {
        let input = Input::from_json(document).expect("sound");
        Record::from_input(&input, declared())
    };
    let stated = by_hand(json!({
        "title": "Algèbre, ma version", "language": "fr", "licence": "CC0-1.0", "level": "fr-l2", "subject": "iscedf-0541",
        "creators": ["Emmy"],
    }));
    let restated = Record::restated(stated, &record);
    let view = restated.view();
    assert_eq!(title(&restated), "Algèbre, ma version");
    assert_eq!(
        (view.levels, view.creators.len()),
        (vec!["fr-l2".to_owned()], 1)
    );
    // What was corrected as it is stated now is still known to have been corrected, and by whom.
    assert_eq!(restated.corrections(), ["subject"]);
    let titles: Vec<Method> = restated.title.iter().map(|t| t.src.method).collect();
    assert_eq!(titles, [Method::Declared, Method::Mapped]);
    let again = by_hand(json!({"title": "Encore", "language": "fr", "licence": "CC0-1.0"}));
    let again = Record::restated(again, &restated);
    assert_eq!((title(&again).as_str(), again.title.len()), ("Encore", 2));
    assert!(again.view().creators.is_empty() && again.view().levels.is_empty());
    assert_eq!(again.corrections(), ["subject"]);
}

#[test]
fn values_are_put_as_people_write_them_and_checked() {
    let mut record = Record::default();
    let value = |v| Value {
        v,
        lang: None,
        path: "5.2".into(),
        src: Arc::new(declared()),
    };
    assert_eq!(
        record
            .put("level", &value(json!("Terminale")))
            .map(|w| w.len()),
        Ok(1)
    );
    assert_eq!(record.level[0].v, "fr-terminale");
    assert!(record.put("level", &value(json!("zzz"))).is_err());
    assert!(record.put("nothing", &value(json!("zzz"))).is_err());
    let hash = "a".repeat(64);
    let original =
        json!({"scheme": "lom", "media_type": "application/xml", "blake3": hash, "size": 7});
    assert!(record.put("original", &value(original)).is_ok());
    assert_eq!(record.view().originals[0].size, 7);
    assert!(
        record
            .put("original", &value(json!({"scheme": "lom"})))
            .is_err()
    );
    assert_eq!(record.level.len() + record.original.len(), 2);
}

/// Corrections that people make.
fn some_correction() -> impl Strategy<Value = (&'static str, serde_json::Value)> {
    prop::sample::select(vec![
        ("title", json!("Un titre")),
        ("title", json!({"en": "A title"})),
        ("title", json!({"fr": null, "de": "Ein Titel"})),
        ("keywords", json!({"fr": ["un", "deux"]})),
        ("creators", json!(["Emmy Noether"])),
        ("creators", json!(null)),
        ("licence", json!("CC BY 4.0")),
        ("subject", json!(["iscedf-0542"])),
        ("free", json!(true)),
        ("learning_time", json!("1h30")),
        ("accessibility_features", json!(["captions"])),
    ])
}

proptest! {
    #[test]
    fn undoing_every_correction_gives_the_record_back(
        corrections in prop::collection::vec(some_correction(), 0..8),
    ) {
        let first = Record::from_input(&course(), declared());
        let mut record = first.clone();
        for (at, (field, value)) in corrections.iter().enumerate() {
            let date = format!("2027-01-01T00:00:{at:02}Z");
            prop_assert!(record.corrected(field, value, BY, &date).is_ok());
        }
        let shown = record.view();
        let read = Record::from_body(&record.to_body().expect("small")).expect("ours");
        prop_assert_eq!(read.view(), shown);
        for (field, _) in corrections.iter().rev() {
            prop_assert!(record.uncorrected(field, None));
        }
        prop_assert_eq!(record, first);
    }

    #[test]
    fn corrections_survive_every_harvest(
        corrections in prop::collection::vec(some_correction(), 0..8),
        titles in prop::collection::vec("[a-z]{1,8}", 1..4),
    ) {
        let mut record = titled("premier", harvest("oai:a:1", "2026-01-01T00:00:00Z"));
        for (at, (field, value)) in corrections.iter().enumerate() {
            let date = format!("2027-01-01T00:00:{at:02}Z");
            prop_assert!(record.corrected(field, value, BY, &date).is_ok());
        }
        let mut only = record.clone();
        only.retain(|_, _, src| src.method == Method::Corrected);
        for (at, title) in titles.iter().enumerate() {
            let date = format!("2028-01-01T00:00:{at:02}Z");
            record = Record::merged(titled(title, harvest("oai:a:1", &date)), &record);
        }
        let mut after = record.clone();
        after.retain(|_, _, src| src.method == Method::Corrected);
        prop_assert_eq!(after.view(), only.view());
        // Of the harvests the last one alone is left.
        let mapped = record.title.iter().filter(|t| t.src.method == Method::Mapped);
        prop_assert_eq!(mapped.map(|t| &t.v).collect::<Vec<_>>(), vec![titles.last().expect("one")]);
    }
}

//= R-07-21
#[test]
fn a_newer_file_of_a_standard_replaces_what_an_older_one_said_whatever_their_names() {
    let mut first = titled("Flore", harvest("cours-2024.mbz", "2026-01-01T00:00:00Z"));
    let source = harvest("cours-2024.mbz", "2026-01-01T00:00:00Z");
    let view = View {
        licence: Some("CC-BY-SA-4.0".into()),
        ..View::default()
    };
    first.merge(Record::from_view(&view, source));
    let other = Source {
        scheme: "oai_dc".into(),
        ..harvest("notice.xml", "2026-01-01T00:00:00Z")
    };
    let view = View {
        publishers: vec![Creator {
            name: "Presses".into(),
            ..Creator::default()
        }],
        ..View::default()
    };
    first.merge(Record::from_view(&view, other));
    let second = titled("Flore", harvest("cours-2025.mbz", "2026-02-01T00:00:00Z"));
    let merged = Record::merged(second, &first);
    assert_eq!(
        (title(&merged).as_str(), merged.view().licence),
        ("Flore", None)
    );
    assert_eq!(merged.publishers.len(), 1, "another standard's file stays");
}

//= R-07-21
#[test]
fn a_second_table_leaves_what_the_first_one_said() {
    let table = |name: &str| Source {
        scheme: "csv".into(),
        ..harvest(name, "2026-01-01T00:00:00Z")
    };
    let mut first = titled("Flore", table("titres.csv"));
    let view = View {
        licence: Some("CC-BY-SA-4.0".into()),
        ..View::default()
    };
    first.merge(Record::from_view(&view, table("titres.csv")));
    let levels = View {
        levels: vec!["fr-l1".into()],
        ..View::default()
    };
    let second = Record::from_view(&levels, table("niveaux.csv"));
    let merged = Record::merged(second.clone(), &first);
    assert_eq!(title(&merged), "Flore");
    assert_eq!(merged.view().licence.as_deref(), Some("CC-BY-SA-4.0"));
    assert_eq!(merged.view().levels, ["fr-l1"]);
    assert_eq!(Record::merged(second, &merged), merged);
    let again = Record::from_view(&levels, table("titres.csv"));
    assert_eq!(Record::merged(again, &first).view().licence, None);
}

//= R-07-21
#[test]
fn a_file_may_have_a_colon_in_its_name_and_an_address_is_no_file() {
    let same = |a: &str, b: &str| harvest(a, "").is_same_origin(&harvest(b, ""));
    assert!(same("Cours : 2024.mbz", "cours-2025.mbz"));
    assert!(same("Cours:2024.mbz", "Cours:2025.mbz"));
    assert!(!same("https://a.example/oai", "https://b.example/oai"));
    assert!(!same("https://a.example/oai", "cours.mbz"));
    assert!(!same("oai:a:1", "oai:a:2"));
    assert!(same("oai:a:1", "oai:a:1"));
}
