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
