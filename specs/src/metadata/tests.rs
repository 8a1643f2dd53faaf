use proptest::prelude::*;

use super::*;

mod correct;
mod vectors;

const COURSE: &str = r#"{
  "slug": "algebre-l1",
  "kind": "course",
  "title": {"fr": "Algèbre linéaire", "en": "Linear algebra"},
  "description": "Espaces vectoriels.\n\nApplications linéaires.",
  "keywords": {"fr": ["matrice", "déterminant"], "en": ["matrix"]},
  "language": ["fre", "en"],
  "creators": ["Ada Byron", {"name": "Josiah Carberry", "orcid": "https://orcid.org/0000-0002-1825-0097",
     "affiliation": {"name": "Université d'Angers", "ror": "https://ror.org/04yrqp957"}}],
  "contributors": [{"name": "Éditions Libres", "role": "Graphical designer"}],
  "created": "2023", "published": "2024-02", "modified": "2024-02-29T08:00:00+01:00",
  "version": "2.1", "status": "final",
  "licence": "CC BY-SA 4.0",
  "licence_statement": {"fr": "Citez les auteurs."},
  "resource_type": ["course", "slide"],
  "level": ["fr-l1", "isced-6"],
  "subject": ["iscedf-0541", {"scheme": "dewey", "notation": "512.5", "label": {"fr": "Algèbre linéaire"}}],
  "relations": [{"type": "isBasedOn", "target": "doi:10.5281/zenodo.1", "title": "Ancien cours"}],
  "aliases": ["https://example.org/algebre"]
}"#;

fn course() -> Input {
    Input::parse(COURSE.as_bytes()).expect("the course is valid")
}

fn declared() -> Source {
    Source::declared(
        Some("metadata.json".into()),
        Some("2026-11-22T00:00:00Z".into()),
        None,
    )
}

fn problems(text: &str) -> Vec<(String, String)> {
    match Input::parse(text.as_bytes()) {
        Ok(_) => Vec::new(),
        Err(Problems(list)) => list
            .into_iter()
            .map(|p| (p.field, format!("{}; {}", p.what, p.fix)))
            .collect(),
    }
}

fn fields(text: &str) -> Vec<String> {
    problems(text).into_iter().map(|(field, _)| field).collect()
}

#[test]
fn a_full_document_is_read_as_meant() {
    let input = course();
    assert_eq!(input.slug.as_deref(), Some("algebre-l1"));
    assert_eq!(input.warnings, []);
    let view = &input.values;
    assert_eq!(view.languages, ["fr", "en"]);
    assert_eq!(view.descriptions[0].0, "fr");
    assert_eq!(view.licence.as_deref(), Some("CC-BY-SA-4.0"));
    assert_eq!(
        view.creators[1].orcid.as_deref(),
        Some("0000-0002-1825-0097")
    );
    let affiliation = view.creators[1].affiliation.as_ref().expect("stated");
    assert_eq!(affiliation.ror.as_deref(), Some("04yrqp957"));
    assert_eq!(
        view.contributors[0].role.as_deref(),
        Some("graphical-designer")
    );
    assert_eq!(view.subject_ids(), ["iscedf-0541", "dewey-512.5"]);
    assert_eq!(view.relations[0].kind, "isBasedOn");
}

#[test]
fn all_problems_are_reported_at_once_each_with_its_place_and_its_fix() {
    let found = problems(
        r#"{"title": "", "creators": ["A", "B", {"name": "C", "orcid": "0000-0002-1825-0098"}],
            "resource_type": ["coruse"], "created": "31/12/2024", "licence": "CC-BY-SA", "version": 2}"#,
    );
    let by_field: Vec<&str> = found.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(
        by_field,
        [
            "title",
            "creators[2].orcid",
            "created",
            "version",
            "licence",
            "resource_type[0]"
        ]
    );
    assert!(found[1].1.contains("check digit"));
    assert!(found[3].1.contains("quotation marks"));
    assert!(found[4].1.contains("did you mean CC-BY-SA-4.0?"));
    assert!(found[5].1.contains("did you mean course?"));
}

#[test]
fn a_plain_text_takes_the_first_language_of_the_content() {
    let input =
        Input::parse(br#"{"title":"Hallo","keywords":["a"],"language":"de"}"#).expect("valid");
    assert_eq!(input.values.titles, [("de".to_owned(), "Hallo".to_owned())]);
    assert_eq!(input.values.keywords, [("de".to_owned(), "a".to_owned())]);
    let input = Input::parse(br#"{"title":"Hallo"}"#).expect("valid");
    assert_eq!(input.values.titles[0].0, "und");
}

#[test]
fn labels_are_taken_for_ids_with_a_warning() {
    let input = Input::parse(r#"{"level":"Terminale","subject":"Mathématiques"}"#.as_bytes())
        .expect("valid");
    assert_eq!(input.values.levels, ["fr-terminale"]);
    assert_eq!(input.values.subjects[0].id(), "iscedf-0541");
    assert_eq!(input.warnings.len(), 2);
}

#[test]
fn unknown_members_are_kept_and_named() {
    let input = Input::parse(br#"{"$schema":"x","titel":"A","author":"B","zzz":[1.5,{"a":null}]}"#)
        .expect("valid");
    let warned: Vec<String> = input.warnings.iter().map(Problem::to_string).collect();
    assert!(
        warned
            .iter()
            .any(|w| w.starts_with("titel") && w.contains("did you mean title?"))
    );
    assert!(
        warned
            .iter()
            .any(|w| w.starts_with("author") && w.contains("did you mean creators?"))
    );
    let body = Record::from_input(&input, declared())
        .to_body()
        .expect("small");
    let back = Record::from_body(&body).expect("ours");
    assert_eq!(back.extra, input.extra);
    assert_eq!(back.extra.len(), 3);
}

#[test]
fn hostile_texts_are_refused_with_the_place() {
    assert_eq!(fields(r#"{"title":"a\u0000b"}"#), ["title"]);
    assert_eq!(fields(r#"{"title":{"fr":"abc\u202Etxt"}}"#), ["title.fr"]);
    assert_eq!(fields(r#"{"title":"\u200b\u2060 "}"#), ["title"]);
    assert_eq!(fields(r#"{"title":"two\nlines"}"#), ["title"]);
    assert_eq!(
        fields(r#"{"creators":[{"name":"x\u001b[31m"}]}"#),
        ["creators[0].name"]
    );
    assert_eq!(
        fields(r#"{"aliases":["javascript:alert(1)"]}"#),
        ["aliases[0]"]
    );
    assert_eq!(
        fields(r#"{"relations":[{"type":"requires","target":"//evil.example"}]}"#),
        ["relations[0].target"]
    );
    assert_eq!(
        fields(r#"{"relations":[{"type":"requires","target":"https://a@evil.example/"}]}"#),
        ["relations[0].target"]
    );
    // Writing from right to left is no attack.
    assert_eq!(
        fields(r#"{"title":{"ar":"الجبر الخطي","he":"אלגברה\u200f"}}"#),
        [""; 0]
    );
}

#[test]
fn limits_hold() {
    assert_eq!(
        fields(&format!(r#"{{"title":"{}"}}"#, "a".repeat(501))),
        ["title"]
    );
    assert_eq!(
        fields(&format!(r#"{{"title":"{}"}}"#, "é".repeat(500))),
        [""; 0]
    );
    assert_eq!(
        fields(&format!(r#"{{"description":"{}"}}"#, "a".repeat(20_001))),
        ["description"]
    );
    let creators = vec!["\"x\""; 201].join(",");
    assert_eq!(
        fields(&format!(r#"{{"creators":[{creators}]}}"#)),
        ["creators"]
    );
    assert_eq!(
        fields(&format!(r#"{{"x":{}1{}}}"#, "[".repeat(40), "]".repeat(40))),
        [""]
    );
    assert_eq!(fields(&format!(r#"{{"x":{}"#, "[".repeat(100_000))), [""]);
    assert_eq!(
        fields(&format!(r#"{{"x":"{}"}}"#, "a".repeat(MAX_BODY_BYTES))),
        [""]
    );
}

#[test]
fn members_that_are_there_twice_are_refused_however_they_are_written() {
    for text in [
        r#"{"title":"a","title":"b"}"#,
        r#"{"title":"a","t\u0069tle":"b"}"#,
        r#"{"x":{"a":1,"a":1}}"#,
    ] {
        let found = problems(text);
        assert!(found[0].1.contains("twice"), "{found:?}");
    }
    assert_eq!(fields(r#"{"title":{"fr":"a","FR":"b"}}"#), ["title.fr"]);
    assert_eq!(fields(r#"{"licence":"MIT","license":"MIT"}"#), ["license"]);
}

#[test]
fn what_is_not_json_is_refused() {
    for bytes in [
        &b""[..],
        b"null",
        b"[]",
        b"{'a':1}",
        b"{\"a\":1,}",
        b"{\"a\":NaN}",
        b"{\"a\":1e999}",
        b"{\"a\":\"\xff\"}",
        b"{\"a\":\"\\ud800\"}",
        b"{\"a\":\"\x00\"}",
        b"{} {}",
        b"\xff\xfe{\x00}\x00",
    ] {
        assert!(
            Input::parse(bytes).is_err(),
            "{}",
            String::from_utf8_lossy(bytes)
        );
    }
    assert!(Input::parse(b"\xef\xbb\xbf{\"title\":\"a\"}").is_ok());
}

#[test]
fn the_body_is_the_same_bytes_every_time_and_reads_back() {
    let record = Record::from_input(&course(), declared());
    let body = record.to_body().expect("small");
    let back = Record::from_body(&body).expect("ours");
    assert_eq!(back, record);
    assert_eq!(back.skipped, 0);
    assert_eq!(back.to_body().expect("small"), body);
    assert_eq!(back.view(), course().values);
    assert!(!body.contains(&b'\n'));
}

#[test]
fn files_are_noted_up_to_the_most_values() {
    let note = |at: usize| FileNote {
        path: format!("cours/{at}.md"),
        media_type: "text/markdown".into(),
        size: at as u64,
        ..FileNote::default()
    };
    let mut record = Record::from_input(&course(), declared());
    record.add_files(
        (0..1000).map(note),
        Source {
            method: Method::Extracted,
            ..declared()
        },
    );
    assert_eq!(record.files.len(), MAX_VALUES);
    let back = Record::from_body(&record.to_body().expect("small")).expect("ours");
    assert_eq!(back, record);
    assert_eq!(back.view().files[7], note(7));
}

#[test]
fn the_displayed_value_is_chosen_by_method_then_date() {
    let view = |title: &str| View {
        titles: vec![("fr".into(), title.into())],
        ..View::default()
    };
    let source = |method, date: &str| Source {
        method,
        date: Some(date.into()),
        ..declared()
    };
    let mut record = Record::from_view(
        &view("deviné"),
        source(Method::Inferred, "2030-01-01T00:00:00Z"),
    );
    for (title, method, date) in [
        ("déclaré", Method::Declared, "2020-01-01T00:00:00Z"),
        ("corrigé", Method::Corrected, "2021-01-01T00:00:00Z"),
        ("corrigé encore", Method::Corrected, "2022-01-01T00:00:00Z"),
        ("extrait", Method::Extracted, "2029-01-01T00:00:00Z"),
    ] {
        record.merge(Record::from_view(&view(title), source(method, date)));
    }
    assert_eq!(record.title.len(), 5);
    assert_eq!(
        record.view().titles,
        [("fr".to_owned(), "corrigé encore".to_owned())]
    );
    let back = Record::from_body(&record.to_body().expect("small")).expect("ours");
    assert_eq!(back.view(), record.view());
}

#[test]
fn what_stands_beside_a_shown_value_is_known() {
    let view = |title: &str, date: &str| View {
        titles: vec![("fr".into(), title.into()), ("en".into(), "Sums".into())],
        published: Some(date.into()),
        ..View::default()
    };
    let mut record = Record::from_view(&view("Sommes", "2024"), declared());
    record.merge(Record::from_view(&view("Additions", "2025"), declared()));
    let inferred = Source {
        method: Method::Inferred,
        ..declared()
    };
    record.merge(Record::from_view(&view("Deviné", "1900"), inferred));
    let shown = record.view();
    assert_eq!(shown.published.as_deref(), Some("2024"));
    let beside: Vec<_> = shown
        .beside
        .iter()
        .map(|b| (b.field, b.lang.as_deref(), b.value.as_str()))
        .collect();
    assert_eq!(
        beside,
        [
            ("title", Some("fr"), Some("Additions")),
            ("published", None, Some("2025"))
        ]
    );
    let pair = |lang: &str, text: &str| (lang.to_owned(), text.to_owned());
    assert_eq!(
        shown.all_texts("title", &shown.titles),
        [
            pair("fr", "Sommes"),
            pair("fr", "Additions"),
            pair("en", "Sums")
        ]
    );
}

#[test]
fn a_title_is_chosen_for_the_reader() {
    let view = View {
        titles: vec![
            ("en".into(), "Rain".into()),
            ("fr-CA".into(), "Pluie".into()),
            ("de".into(), "Regen".into()),
        ],
        languages: vec!["de".into()],
        ..View::default()
    };
    assert_eq!(view.title_for(&["fr-CA"]), Some(("fr-CA", "Pluie")));
    assert_eq!(view.title_for(&["fr-FR", "en"]), Some(("fr-CA", "Pluie")));
    assert_eq!(view.title_for(&["it", "en"]), Some(("en", "Rain")));
    assert_eq!(view.title_for(&["it"]), Some(("de", "Regen")));
    assert_eq!(
        View {
            languages: vec![],
            ..view
        }
        .title_for(&[]),
        Some(("en", "Rain"))
    );
    assert_eq!(View::default().title_for(&["fr"]), None);
}

#[test]
fn a_summary_is_made_of_the_description_where_there_is_none() {
    let long = format!("Une phrase. {}", "mot ".repeat(200));
    let view = View {
        descriptions: vec![("fr".into(), long)],
        ..View::default()
    };
    let (_, text) = view.summary_for(&["fr"]).expect("made");
    assert!(text.chars().count() <= 300 && text.ends_with("mot"));
    let view = View {
        descriptions: vec![("fr".into(), "é".repeat(1000))],
        ..View::default()
    };
    assert_eq!(view.summary_for(&[]).expect("made").1.chars().count(), 300);
}

#[test]
fn bodies_of_others_lose_only_what_is_not_fit() {
    let body = br#"{"sources":[{"scheme":"commun","method":"declared"},{"method":"magic"}],
        "title":[{"v":"bon","lang":"fr","src":0},{"v":"sans source"},{"v":"x\u0007","src":0},
                 {"v":"mauvaise source","src":1},{"v":"loin","src":9},{"v":"neg","src":-1},7,null],
        "level":"fr-l1","future":{"deep":[1]}}"#;
    let record = Record::from_body(body).expect("an object");
    assert_eq!(record.view().titles, [("fr".to_owned(), "bon".to_owned())]);
    assert_eq!(record.skipped, 8);
    let again = Record::from_body(&record.to_body().expect("small")).expect("ours");
    assert_eq!(again.unknown, record.unknown);
    assert!(again.unknown.contains_key("future"));
}

#[test]
fn a_record_that_is_too_large_is_not_written() {
    let mut view = View::default();
    for at in 0..100 {
        view.keywords
            .push(("fr".into(), format!("{at}{}", "é".repeat(490))));
        view.aliases
            .push(format!("https://example.org/{at}/{}", "x".repeat(450)));
        view.creators.push(Creator {
            name: format!("{at}{}", "字".repeat(490)),
            ..Creator::default()
        });
    }
    let record = Record::from_view(&view, declared());
    assert!(matches!(record.to_body(), Err(BodyError::TooLarge { .. })));
}

#[test]
fn the_charter_can_require_every_field_and_all_that_lack_are_told() {
    let input = course();
    let members = input.values.to_json();
    let (present, absent): (Vec<&str>, Vec<&str>) = FIELDS
        .iter()
        .partition(|field| members.contains_key(**field));
    assert!(present.len() > 18 && absent.contains(&"summary"));
    assert_eq!(validate_rules(&input.values, &present), Ok(()));
    let Err(Problems(missing)) = validate_rules(&input.values, &absent) else {
        panic!("absent fields satisfy nothing")
    };
    assert_eq!(missing.len(), absent.len());
    let Err(Problems(missing)) = validate_rules(&View::default(), FIELDS) else {
        panic!("an empty record satisfies nothing")
    };
    assert_eq!(missing.len(), FIELDS.len());
    let Err(Problems(unknown)) = validate_rules(&input.values, &["accessibility"]) else {
        panic!("an unknown rule is not satisfied")
    };
    assert!(unknown[0].fix.contains("update"));
}

#[test]
fn dates_are_days_that_exist() {
    for good in [
        "2024",
        "2024-12",
        "2024-02-29",
        "2000-02-29",
        "2024-02-29T23:59:60Z",
        "2024-01-01T00:00:00.123-05:30",
    ] {
        assert!(is_date(good), "{good}");
    }
    for bad in [
        "",
        "24",
        "0000",
        "2024-13",
        "2024-00",
        "2023-02-29",
        "1900-02-29",
        "2024-1-1",
        "2024-01-01 10:00:00",
        "2024T10:00:00Z",
        "2024-01-01T25:00:00Z",
        "2024-01-01T10:00Z",
        "2024-01-01T10:00:00",
        "+2024",
        "2024-01-01T10:00:00.Z",
        "２０２４",
        "2024-01-01T10:00:00+1:00",
        "2024-01-01é",
        "2024-01-01Té",
    ] {
        assert!(!is_date(bad), "{bad}");
    }
}

#[test]
fn languages_are_normalised_or_explained() {
    for (written, tag) in [
        ("FR", "fr"),
        ("fra", "fr"),
        ("fr_fr", "fr-FR"),
        ("pt-br", "pt-BR"),
        ("French", "fr"),
        ("zh-hant", "zh-Hant"),
        ("grc", "grc"),
        ("Greek, Ancient (to 1453)", "grc"),
        ("Greek (Ancient)", "grc"),
        ("grec ancien (jusqu’à 1453)", "grc"),
        ("Greek, Modern (1453-)", "el"),
        ("grec moderne (après 1453)", "el"),
        ("French, Old (842-ca.1400)", "fro"),
        ("moyen français (1400-1600)", "frm"),
        ("allemand, vieux haut (ca. 750-1050)", "goh"),
        ("German, Old High (ca.750-1050)", "goh"),
        ("Provençal, Old (to 1500)", "pro"),
        ("Occitan (post 1500)", "oc"),
        ("anglo-saxon (ca.450-1100)", "ang"),
        ("Norwegian (Bokmål)", "nb"),
        ("Nynorsk, Norwegian", "nn"),
        ("French (CA)", "fr-CA"),
        ("français (Canada)", "fr"),
    ] {
        assert_eq!(normalise_language(written).as_deref(), Ok(tag), "{written}");
    }
    for bad in [
        "",
        "mul",
        "francais de france",
        "f",
        "12",
        "fr--",
        "é",
        "frç",
        "French (Ancient)",
        "French, Greek",
        "(fr)",
        ")",
    ] {
        assert!(normalise_language(bad).is_err(), "{bad}");
    }
    assert_eq!(normalise_language("frnch"), Err("did you mean fr?".into()));
}

#[test]
fn identifiers_of_people_and_places_are_checked() {
    assert_eq!(
        person::orcid("0000-0002-1694-233x").as_deref(),
        Ok("0000-0002-1694-233X")
    );
    assert!(person::orcid("0000-0002-1694-2330").is_err());
    assert!(person::orcid("０000-0002-1825-0097").is_err());
    assert_eq!(
        person::idref("https://www.idref.fr/026800373").as_deref(),
        Ok("026800373")
    );
    assert!(person::idref("12").is_err());
    assert!(person::ror("https://ror.org/14yrqp957").is_err());
}

#[test]
fn the_schema_lists_what_the_vocabularies_list() {
    let schema: serde_json::Value =
        serde_json::from_str(include_str!("../../schemas/metadata.schema.json"))
            .expect("the schema is JSON");
    let list = |pointer: &str| -> Vec<String> {
        let found = schema
            .pointer(pointer)
            .and_then(|v| v.as_array())
            .expect(pointer);
        found
            .iter()
            .map(|v| v.as_str().expect("a text").to_owned())
            .collect()
    };
    let ids = |scheme| -> Vec<&str> {
        crate::vocab::concepts(scheme)
            .iter()
            .map(|c| c.id)
            .collect()
    };
    assert_eq!(
        list("/$defs/resource_type/enum"),
        ids(crate::vocab::Scheme::ResourceType)
    );
    assert_eq!(list("/$defs/level/enum"), ids(crate::vocab::Scheme::Level));
    assert_eq!(
        list("/$defs/iscedf/enum"),
        ids(crate::vocab::Scheme::Subject)
    );
    assert_eq!(list("/$defs/kind/enum"), KINDS);
    assert_eq!(list("/$defs/status/enum"), STATUSES);
    use crate::vocab::Scheme;
    for (name, scheme) in [
        ("access", Scheme::Access),
        ("document_type", Scheme::DocumentType),
        ("audience", Scheme::Audience),
        ("difficulty", Scheme::Difficulty),
        ("activity", Scheme::Activity),
        ("accessibility_mode", Scheme::AccessibilityMode),
        ("accessibility_feature", Scheme::AccessibilityFeature),
        ("accessibility_hazard", Scheme::AccessibilityHazard),
        ("accessibility_control", Scheme::AccessibilityControl),
        ("cefr", Scheme::Cefr),
    ] {
        assert_eq!(list(&format!("/$defs/{name}/enum")), ids(scheme));
    }
    assert_eq!(list("/$defs/relation/properties/type/enum"), RELATIONS);
    assert_eq!(list("/$defs/link/properties/type/enum"), LINKS);
    assert_eq!(list("/$defs/role/enum"), ROLES);
    assert_eq!(list("/$defs/degree/enum"), DEGREES);
    assert_eq!(list("/$defs/interactivity/enum"), INTERACTIVITIES);
    assert_eq!(list("/$defs/structure/enum"), STRUCTURES);
    let properties = schema["properties"].as_object().expect("an object");
    let mut names: Vec<&str> = properties
        .keys()
        .map(String::as_str)
        .filter(|name| *name != "$schema")
        .collect();
    let mut members: Vec<&str> = input::members().collect();
    names.sort_unstable();
    members.sort_unstable();
    assert_eq!(names, members);
    assert_eq!(
        schema.pointer("/$defs/titleText/maxLength"),
        Some(&MAX_TITLE_CHARS.into())
    );
}

/// JSON that has the shape of a document without being one.
fn some_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        "\\PC{0,12}".prop_map(Into::into),
        prop::sample::select(vec![
            "fr",
            "course",
            "fr-l1",
            "iscedf-0541",
            "MIT",
            "2024-02-29",
            "doi:10.1/a",
            "isBasedOn"
        ])
        .prop_map(Into::into),
    ];
    let name = prop_oneof![
        prop::sample::select(
            input::members()
                .chain(FIELDS.iter().copied())
                .chain([
                    "v", "lang", "src", "sources", "scheme", "method", "name", "type", "target",
                    "fr", "en", "extra", "notation", "label", "broader", "purpose", "any", "url",
                    "entry", "text", "standard", "cleared", "modes"
                ])
                .collect::<Vec<_>>()
        )
        .prop_map(str::to_owned),
        "\\PC{0,6}",
    ];
    leaf.prop_recursive(4, 64, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(serde_json::Value::Array),
            prop::collection::btree_map(name.clone(), inner, 0..8)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_bytes_make_the_readers_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Input::parse(&bytes);
        let _ = Record::from_body(&bytes);
    }

    #[test]
    fn no_document_makes_the_readers_panic_and_what_is_read_round_trips(document in some_json()) {
        let bytes = document.to_string();
        if let Ok(input) = Input::parse(bytes.as_bytes()) {
            let record = Record::from_input(&input, declared());
            // What people write has no place in a document of another system.
            let view = View { coverage_paths: Vec::new(), ..record.view() };
            prop_assert_eq!(&view, &input.values);
            let again = Input::from_json(input.values.to_json().into()).expect("our own form");
            prop_assert_eq!(&again.values, &input.values);
            let body = record.to_body().expect("smaller than the most");
            let back = Record::from_body(&body).expect("ours");
            prop_assert_eq!(back.skipped, 0);
            prop_assert_eq!(back.to_body().expect("small"), body);
        }
        if let Ok(record) = Record::from_body(bytes.as_bytes()) {
            let body = record.to_body().expect("smaller than the most");
            let back = Record::from_body(&body).expect("ours");
            prop_assert_eq!(back.skipped, 0);
            prop_assert_eq!(back.to_body().expect("small"), body);
        }
    }

    #[test]
    fn a_cut_or_changed_body_never_panics(cut in 0usize..4000, change in any::<u8>()) {
        let mut body = Record::from_input(&course(), declared()).to_body().expect("small");
        let at = cut % body.len();
        let _ = Record::from_body(&body[..at]);
        body[at] = change;
        if let Ok(record) = Record::from_body(&body) {
            let _ = record.view().title_for(&["fr"]);
        }
    }
}

//= R-07-17
#[test]
fn what_a_component_has_comes_back_from_a_body() {
    let view = View {
        titles: vec![("und".into(), "Pod".into())],
        programming_languages: vec!["Python".into()],
        platforms: vec!["web".into(), "linux".into()],
        development_status: Some("stable".into()),
        software_type: Some("standalone/web".into()),
        maintenance: Some("community".into()),
        categories: vec!["video-editor".into()],
        used_by: vec!["Université de l'Exemple".into()],
        links: vec![Link {
            kind: "documentation".into(),
            url: "https://docs.example.org/pod".into(),
            title: None,
        }],
        dependencies: vec![Dependency {
            name: "PostgreSQL".into(),
            version: Some(">= 15".into()),
            link: Some("univ-angers/postgres".into()),
            kind: "open".into(),
            optional: true,
        }],
        contacts: vec![Contact {
            name: "Claire Démo".into(),
            role: "contractor".into(),
            email: Some("claire@example.org".into()),
            url: Some("https://example.org".into()),
            affiliation: Some("Exemple SARL".into()),
            until: Some("2030-01-31".into()),
        }],
        ..View::default()
    };
    let source = Source {
        scheme: "publiccode".into(),
        origin: Some("publiccode.yml".into()),
        date: None,
        method: Method::Mapped,
        by: None,
    };
    let record = Record::from_view(&view, source);
    let read = Record::from_body(&record.to_body().unwrap()).unwrap();
    assert_eq!(read, record);
    assert_eq!(read.view(), view);
    // What others wrote is checked as everything in a body is: here an address that a browser would run.
    let bad = br#"{"links":[{"src":0,"v":{"type":"homepage","url":"javascript:alert(1)"}}],"sources":[{"method":"mapped","scheme":"x"}]}"#;
    let read = Record::from_body(bad).unwrap();
    assert_eq!((read.links.len(), read.skipped), (0, 1));
}
