//! What is written, in all spellings.

use commun_specs::metadata::{Input, Record, Source, View};
use serde_json::Value as Json;

use super::Place;
use crate::crosswalk::{Origin, Written, amb, metadata_yml, schema_org};

/// A record with a value in most of the fields that people write.
pub(in super::super) const FULL: &str = r#"{
  "title": {"fr": "Algèbre </script><b>", "en": "Algebra"},
  "summary": {"fr": "Un cours."},
  "description": {"fr": "Un cours en quatre chapitres."},
  "keywords": {"fr": ["matrices", "espaces vectoriels"]},
  "language": ["fr", "pt-BR"],
  "kind": "course",
  "creators": [{"name": "Claire Martin", "orcid": "0000-0002-1825-0097", "type": "person",
    "affiliation": {"name": "Université d'Angers", "ror": "04yrqp957"}}],
  "contributors": [{"name": "Bob", "role": "editor"}, {"name": "Zoé", "role": "graphical-designer"}],
  "publishers": [{"name": "Université", "type": "organisation"}],
  "licence": "CC-BY-SA-4.0",
  "resource_type": ["course", "exam"],
  "level": ["isced-6", "fr-l1"],
  "subject": ["iscedf-0541", {"scheme": "cnu", "notation": "25", "label": {"fr": "Mathématiques"}}],
  "outcomes": ["Résoudre un système", {"scheme": "https://a.example/skills", "notation": "7", "label": {"fr": "Savoir"}}],
  "competencies": ["Raisonner"],
  "audience": ["student", "author"],
  "age_range": ["18-25"],
  "learning_time": "PT20H",
  "activities": ["practise"],
  "usage": {"fr": "En travaux dirigés."},
  "published": "2024",
  "modified": "2024-09-01",
  "version": "2.1",
  "status": "final",
  "free": true,
  "access": "no-login",
  "document_type": ["text"],
  "accessibility_features": ["captions"],
  "accessibility_sufficient": ["textual,visual"],
  "aliases": ["https://a.example/r", "doi:10.5555/lom"],
  "links": [{"type": "caption", "url": "https://a.example/s.vtt", "title": "fr"},
            {"type": "trailer", "url": "https://a.example/t.mp4"}],
  "image": ["https://a.example/i.png"],
  "relations": [{"type": "isBasedOn", "target": "univ-x/equations", "title": "Équations", "licence": "CC-BY-4.0"},
                {"type": "replaces", "target": "doi:10.5555/old"}],
  "difficulty": "easy"
}"#;

pub(in super::super) fn full() -> View {
    let input = Input::parse(FULL.as_bytes()).expect("the form is right");
    Record::from_input(&input, Source::declared(None, None, None)).view()
}

pub(in super::super) const HERE: Place<'static> = Place {
    url: Some("https://commun.example/u/r"),
    institution: Some("Université"),
    files: Some("https://files.example/u/r/"),
};

fn json(written: &Written) -> Json {
    serde_json::from_slice(&written.bytes).expect("JSON")
}

#[test]
fn main_fields_go_out_in_each_spelling() {
    let view = full();
    let written = amb::write(&view, HERE);
    let amb = json(&written);
    assert_eq!(amb["@context"][1]["@language"], "fr");
    assert_eq!(amb["id"], "https://a.example/r");
    assert_eq!(amb["name"], "Algèbre </script><b>");
    assert_eq!(
        amb["license"]["id"],
        "https://creativecommons.org/licenses/by-sa/4.0/"
    );
    assert_eq!(amb["inLanguage"], serde_json::json!(["fr", "pt"]));
    assert_eq!(amb["datePublished"], Json::Null);
    assert_eq!(
        amb["isBasedOn"][0]["id"],
        "https://commun.example/univ-x/equations"
    );
    assert_eq!(amb["isBasedOn"][0]["name"], "Équations");
    let lost = |field: &str| written.losses.iter().filter(|l| l.field == field).count();
    assert_eq!(
        (lost("title"), lost("published"), lost("difficulty")),
        (1, 1, 1)
    );
    assert_eq!(
        (lost("audience"), lost("level"), lost("relations")),
        (1, 1, 1)
    );
    let page = json(&schema_org::write(&view, HERE));
    assert_eq!(page["@id"], "https://a.example/r");
    assert_eq!(page["name"][0]["@value"], "Algebra");
    assert_eq!(
        page["license"],
        "https://creativecommons.org/licenses/by-sa/4.0/"
    );
    let yaml = String::from_utf8(metadata_yml::write(&view, HERE).bytes).expect("UTF-8");
    assert!(yaml.contains("\nid: https://a.example/r\n"), "{yaml}");
}

#[test]
fn what_is_written_may_stand_in_a_script_element() {
    let view = full();
    for written in [amb::write(&view, HERE), schema_org::write(&view, HERE)] {
        let text = String::from_utf8(written.bytes).expect("UTF-8");
        assert!(!text.contains(['<', '>', '&', '\u{2028}']), "{text}");
    }
}

#[test]
fn what_something_is_based_on_has_a_name_in_amb_and_its_address_is_no_title() {
    let mut view = full();
    for relation in &mut view.relations {
        relation.title = None;
    }
    let based = |written: &Written| json(written)["isBasedOn"][0].clone();
    let written = amb::write(&view, HERE);
    let address = "https://commun.example/univ-x/equations";
    assert_eq!(based(&written)["name"], address);
    let back = amb::read(&written.bytes, &Origin::named("r.json")).expect("AMB");
    let back = back.record.view();
    let one = back.relations.iter().find(|r| r.target == address);
    assert_eq!(one.expect("a relation").title, None);
    assert_eq!(based(&schema_org::write(&view, HERE))["name"], Json::Null);
}

#[test]
fn what_nobody_reads_inside_an_object_is_kept_aside_and_told() {
    let record = r#"{"@context": "https://schema.org", "@type": "Course", "@id": "https://a.example/c", "name": "Dunes",
      "inLanguage": "fr", "license": {"@id": "https://creativecommons.org/licenses/by/4.0/", "validFrom": "2031"},
      "learningResourceType": {"@type": "DefinedTerm", "name": "Lecture", "inDefinedTermSet": "https://a.example/t"},
      "author": {"@type": "Person", "name": "Zoé", "jobTitle": "Maîtresse de conférences", "@id": "https://orcid.org/0000-0002-1825-0097",
        "email": "zoe@a.example", "affiliation": [{"name": "Université d'Angers"}, {"name": "CNRS", "@type": "Organization"}]},
      "isBasedOn": {"@id": "https://doi.org/10.5555/abc", "name": "Sables", "license": "https://creativecommons.org/licenses/by/4.0/",
        "datePublished": "2019-03-01T10:00:00Z", "numberOfPages": 12, "position": 0},
      "review": {"@type": "Review", "reviewBody": "Utile.", "reviewRating": {"@type": "Rating", "ratingValue": 4}}}"#;
    let read = schema_org::read(record.as_bytes(), &Origin::default()).expect("a course");
    let told = read.problems.iter().filter(|p| p.rule == "kept-aside");
    let mut told: Vec<(&str, &str)> = told.map(|p| (p.path.as_str(), p.given.as_str())).collect();
    told.sort_unstable();
    let here = [
        (
            "author.affiliation[1]",
            r#"{"@type":"Organization","name":"CNRS"}"#,
        ),
        ("author.jobTitle", "Maîtresse de conférences"),
        ("isBasedOn.datePublished", "2019-03-01T10:00:00Z"),
        ("isBasedOn.numberOfPages", "12"),
        ("isBasedOn.position", "0"),
        ("license.validFrom", "2031"),
        (
            "review.reviewRating",
            r#"{"@type":"Rating","ratingValue":4}"#,
        ),
    ];
    assert_eq!(told, here);
    let kept = read.record.extra["schemaorg"].as_object().expect("aside");
    assert_eq!(kept.len(), here.len());
    assert!(!kept.values().any(|v| v.to_string().contains("zoe@")));
}

#[test]
fn lists_of_json_ld_are_lists() {
    let record = r#"{"@type": "Course", "@id": "https://a.example/c", "name": "Dunes", "keywords": {"@set": ["sable", "vent"]},
      "author": {"@list": [{"name": "Zoé"}, {"name": "Ali"}]}, "license": {"@list": ["https://creativecommons.org/licenses/by/4.0/"]},
      "teaches": {"@set": {"@type": "DefinedTerm", "name": "Mesurer"}}}"#;
    let read = schema_org::read(record.as_bytes(), &Origin::default()).expect("a course");
    assert!(
        !read.problems.iter().any(|p| p.rule == "kept-aside"),
        "{:?}",
        read.problems
    );
    let record = read.record;
    assert_eq!((record.keywords.len(), record.creators.len()), (2, 2));
    assert_eq!((record.licence.len(), record.outcomes.len()), (1, 1));
}

/// A course with these members more.
fn course(more: &str) -> crate::crosswalk::Reading {
    let record = format!(
        r#"{{"@type": "Course", "@id": "https://a.example/c", "name": "Dunes", "inLanguage": "fr", {more}}}"#
    );
    schema_org::read(record.as_bytes(), &Origin::default()).expect("a course")
}

/// What was kept aside, by path.
fn aside(reading: &crate::crosswalk::Reading) -> Vec<(&str, &str)> {
    let told = reading.problems.iter().filter(|p| p.rule == "kept-aside");
    let mut told: Vec<_> = told.map(|p| (p.path.as_str(), p.given.as_str())).collect();
    told.sort_unstable();
    told
}

#[test]
fn all_that_the_object_of_a_licence_says_counts() {
    let by = "https://creativecommons.org/licenses/by/4.0/";
    let read = |more: &str| course(&format!(r#""license": {{"@id": "{by}", {more}}}"#));
    // Its usual names say nothing more, nor does its address in another spelling.
    for name in [
        "Creative Commons Attribution 4.0 International",
        "Attribution 4.0 International (CC BY 4.0)",
        "Licence CC-BY",
        "CC BY 4.0 Deed",
        "Creative Commons Namensnennung 4.0 International",
    ] {
        let named = read(&format!(
            r#""name": "{name}", "url": "https://creativecommons.org/licenses/by/4.0/deed.fr""#
        ));
        let rules: Vec<_> = named.problems.iter().map(|p| p.rule.clone()).collect();
        assert_eq!(named.record.licence[0].v, "CC-BY-4.0", "{name}");
        assert!(rules.is_empty(), "{name}: {rules:?}");
    }
    // A limit in any label of it, and another licence, hold too.
    for more in [
        r#""description": "Usage commercial interdit.""#,
        r#""name": ["CC BY 4.0", "CC BY 4.0, pas d’usage commercial"]"#,
        r#""name": {"fr": "CC BY 4.0", "en": "no commercial use"}"#,
    ] {
        let limited = read(more);
        assert_eq!(
            limited.record.licence[0].v, "CC-BY-4.0 AND LicenseRef-non-commercial",
            "{more}"
        );
        assert_eq!(aside(&limited).len(), 1, "{more}");
    }
    let two = read(r#""sameAs": "https://creativecommons.org/licenses/by-nd/4.0/""#);
    assert_eq!(two.record.licence[0].v, "CC-BY-4.0 AND CC-BY-ND-4.0");
    let own = course(
        r#""license": [{"@id": "https://opensource.org/licenses/MIT", "name": "The MIT License (MIT)"},
          {"@id": "https://www.gnu.org/licenses/gpl-3.0.html", "name": "GNU General Public License v3.0"}]"#,
    );
    assert_eq!(aside(&own), []);
    let alike = read(r#""name": "Namensnennung - Weitergabe unter gleichen Bedingungen 4.0""#);
    assert_eq!(
        alike.record.licence[0].v,
        "CC-BY-4.0 AND LicenseRef-share-alike"
    );
    // What is no licence is kept.
    let page =
        read(r#""sameAs": "https://a.example/terms", "name": "CC BY 4.0 pour nos étudiants""#);
    assert_eq!(
        aside(&page),
        [
            ("license.name", "CC BY 4.0 pour nos étudiants"),
            ("license.sameAs", "https://a.example/terms")
        ]
    );
}

#[test]
fn how_people_are_reached_is_kept_nowhere() {
    let reading = course(
        r#""author": {"name": "Zoé", "schema:email": "zoe@a.example", "url": "mailto:zoe@a.example",
             "contactPoint": {"@type": "ContactPoint", "email": "bureau@a.example", "contactType": "bureau"},
             "note": ["tel:+33100000000", "le lundi"]},
           "helpdesk": "aide@a.example", "desk": {"where": "aide@a.example", "hours": "le mardi"}"#,
    );
    let kept = reading.record.extra["schemaorg"].to_string();
    assert!(
        !kept.contains("a.example") && !kept.contains("+33"),
        "{kept}"
    );
    assert!(kept.contains("le lundi") && kept.contains("le mardi") && kept.contains("bureau"));
    assert!(reading.record.creators[0].v.ids.is_empty());
    let told = reading
        .problems
        .iter()
        .filter(|p| p.rule == "personal-data");
    let mut told: Vec<&str> = told.map(|p| p.path.as_str()).collect();
    told.sort_unstable();
    let places = [
        "author.contactPoint.email",
        "author.email",
        "author.note[0]",
        "author.url",
        "desk",
        "helpdesk",
    ];
    assert_eq!(told, places);
}

#[test]
fn what_is_kept_whole_is_kept_once_and_an_address_below_another_is_another() {
    let reading = course(
        r#""creator": {"@type": "Role", "roleName": "relecture", "creator": {"name": "Ali"}},
           "publisher": {"name": "Presses", "url": "https://presses.example/", "logo": "https://presses.example/logo.png"},
           "encoding": {"contentUrl": "https://a.example/f.html", "encodingFormat": "text/html; charset=utf-8"},
           "review": {"reviewBody": "Utile.", "author": {"name": "Bob", "@id": "https://orcid.org/0000-0002-1825-0097"}}"#,
    );
    let places: Vec<&str> = aside(&reading).into_iter().map(|(path, _)| path).collect();
    assert_eq!(places, ["creator", "publisher.logo"]);
}
