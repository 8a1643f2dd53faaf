use super::{Place, front_matter, read, records, write};
use crate::crosswalk::linked::tests::{HERE, full};
use crate::crosswalk::{Origin, amb};
use crate::problem::Severity;

/// As people write it.
const PEOPLE: &str = r#"# commonMetadata
'@context': https://schema.org/
creativeWorkStatus: Published
type: LearningResource
name: 'Les données : une infrastructure'
description: >-
  Sur deux
  lignes.
license: https://creativecommons.org/licenses/by/4.0/deed.fr
id: https://a.example/donnees
creator:
  - givenName: Ada
    familyName: Démo
    id: https://orcid.org/0000-0002-1825-0097
    type: Person
inLanguage:
  - fr
about:
  - https://w3id.org/kim/hochschulfaechersystematik/n053
learningResourceType:
  - https://w3id.org/kim/hcrt/text
datePublished: 2026-09-10
isAccessibleForFree: true
keywords: [données, "42"]
"#;

#[test]
fn what_people_write_comes_in_with_warnings() {
    let page = format!("---\n{PEOPLE}---\n# Le texte\n\n--- et la suite");
    assert_eq!(front_matter(&page), Some(PEOPLE));
    let readings = [PEOPLE.to_owned(), page, PEOPLE.replace('\n', "\r\n")];
    for text in readings {
        let reading =
            read(text.as_bytes(), &Origin::named("metadata.yml")).expect("it is tolerant");
        assert_eq!(
            reading.worst(),
            Some(Severity::Warning),
            "{:?}",
            reading.problems
        );
        assert_eq!(reading.id.as_deref(), Some("https://a.example/donnees"));
        let view = reading.record.view();
        let french = |text: &str| ("fr".to_owned(), text.to_owned());
        assert_eq!(view.titles, [french("Les données : une infrastructure")]);
        assert_eq!(view.descriptions, [french("Sur deux lignes.")]);
        assert_eq!(view.licence.as_deref(), Some("CC-BY-4.0"));
        assert_eq!(view.creators[0].name, "Ada Démo");
        assert_eq!(
            view.creators[0].orcid.as_deref(),
            Some("0000-0002-1825-0097")
        );
        assert_eq!(view.resource_types, ["text"]);
        assert_eq!(view.published.as_deref(), Some("2026-09-10"));
        assert_eq!(view.status.as_deref(), Some("final"));
        assert_eq!(view.free, Some(true));
        assert_eq!(view.keywords, [french("données"), french("42")]);
        let value = &reading.record.title[0];
        assert_eq!((&*value.path, &*value.src.scheme), ("name", "amb"));
    }
}

#[test]
fn what_is_written_is_read_as_what_amb_says() {
    for place in [HERE, Place::default()] {
        let view = full();
        let yaml = write(&view, place);
        let json = amb::write(&view, place);
        assert_eq!(yaml.losses, json.losses);
        let of = |bytes: &[u8]| amb::read(bytes, &Origin::default()).expect("what we write");
        let (yaml, json) = (of(&yaml.bytes), of(&json.bytes));
        assert_eq!(yaml.record.view(), json.record.view());
        assert_ne!(yaml.worst(), Some(Severity::Error));
    }
}

#[test]
fn texts_that_look_like_something_else_stay_texts() {
    let mut view = full();
    for nasty in [
        "true",
        "null",
        "~",
        "42",
        "- a",
        "a: b",
        "a #b",
        "&x",
        "*x",
        "!x",
        "'",
        "\"",
        "{a}",
        "[a]",
        "|",
        ">",
        "%",
        "@x",
        "`x",
        "é : è",
        "no",
        "2024-01-01",
        "a\\b",
        "?",
        "---",
        "...",
        "<<",
        "=",
    ] {
        view.titles = vec![("fr".into(), nasty.into())];
        view.summaries = vec![("fr".into(), nasty.into())];
        let written = write(&view, Place::default());
        let text = String::from_utf8(written.bytes).expect("UTF-8");
        let back = read(text.as_bytes(), &Origin::default())
            .unwrap_or_else(|e| panic!("{nasty}: {e:?}: {text}"));
        assert_eq!(back.record.view().titles, view.titles, "{text}");
        assert_eq!(back.record.view().summaries, view.summaries, "{text}");
    }
}

#[test]
fn hostile_yaml_is_refused() {
    let mut bomb = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
    for n in 1..12 {
        let last = n - 1;
        let line = format!("*a{last},").repeat(10);
        bomb.push_str(&format!("a{n}: &a{n} [{}]\n", line.trim_end_matches(',')));
    }
    let deep = "- ".repeat(5_000);
    let large = format!("name: {}", "x".repeat(300_000));
    for (text, rule) in [
        (bomb, "too-complex"),
        (deep, "too-complex"),
        (large, "json-too-large"),
        ("name: [".to_owned(), "syntax"),
        ("- a\n- b".to_owned(), "not-an-object"),
        ("title:".to_owned(), "no-title"),
    ] {
        let refused = read(text.as_bytes(), &Origin::default()).expect_err(rule);
        assert_eq!(refused.rule, rule);
    }
    let twice = read(
        b"name: a\nname: b\nid: https://a.example/r",
        &Origin::default(),
    )
    .expect("the first counts");
    assert_eq!(twice.record.title[0].v, "a");
    assert!(twice.problems.iter().any(|p| p.rule == "twice"));
}

#[test]
fn several_documents_are_as_many_records_and_none_goes_silently() {
    let second = PEOPLE
        .replace("donnees", "textes")
        .replace("Les données", "Les textes");
    let stream = format!("%YAML 1.2\n---\n{PEOPLE}---\n{second}...\n---\n- rien\n");
    let origin = Origin::named("cours/metadata.yml");
    let items = records(stream.as_bytes(), &origin).expect("a stream");
    let ids: Vec<Option<&str>> = items
        .iter()
        .map(|item| {
            item.read
                .as_ref()
                .ok()
                .and_then(|reading| reading.id.as_deref())
        })
        .collect();
    assert_eq!(
        ids,
        [
            Some("https://a.example/donnees"),
            Some("https://a.example/textes"),
            None
        ]
    );
    assert_eq!(items[1].place, "document 2");
    assert_eq!(items[1].original, second.as_bytes());
    assert_eq!(
        items[2].read.as_ref().expect_err("a list").rule,
        "not-an-object"
    );
    // Who reads one record is told that there are more.
    let first = read(stream.as_bytes(), &origin).expect("the first");
    let told = first
        .problems
        .iter()
        .find(|p| p.rule == "yaml-more-documents");
    assert_eq!(told.expect("told").given, "2");
    // The text of a page is no document, whatever stands in it.
    let page = format!("---\n{PEOPLE}---\nNote: du texte\n\n---\n\nname of nothing\n");
    for name in ["cours.md", "cours"] {
        let items = records(page.as_bytes(), &Origin::named(name)).expect("a page");
        assert_eq!(items.len(), 1);
        assert_eq!(items[0].original, page.as_bytes());
    }
}

#[test]
fn a_page_is_told_from_a_stream_of_records() {
    let front = format!("---\n{PEOPLE}---\n");
    let count = |text: &str, name: &str| {
        let records = records(text.as_bytes(), &Origin::named(name));
        records.expect("records").len()
    };
    // A rule, and a line that looks like a member.
    let page =
        format!("{front}Du texte.\n\n---\n\nUn exemple de carte :\ntitle: Suites\nEt du texte.\n");
    let cards = format!("{front}title: Un\n\n---\n\ntitle: Deux\n");
    for name in ["cours.md", "COURS.MD", "a/b.qmd"] {
        assert_eq!((count(&page, name), count(&cards, name)), (1, 1), "{name}");
    }
    // Without a name that tells, each part must be a record, and nothing besides.
    assert_eq!((count(&page, ""), count(&cards, "")), (1, 3));
    assert_eq!((count(&page, "a.yml"), count(&cards, "a.yml")), (3, 3));
}
