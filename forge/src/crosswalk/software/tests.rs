use super::{codemeta, publiccode};
use crate::crosswalk::Origin;
use crate::crosswalk::format::{self, Format};
use crate::problem::Severity;

const CODEMETA: &str = r#"{"@context": "https://w3id.org/codemeta/3.0", "type": "SoftwareSourceCode", "name": "pod",
  "codeRepository": "https://git.example/pod", "license": "https://spdx.org/licenses/EUPL-1.2",
  "author": [{"type": "Person", "givenName": "Ada", "familyName": "Démo"}]}"#;

#[test]
fn software_comes_in_as_a_component() {
    let reading = codemeta(CODEMETA.as_bytes(), &Origin::named("pod.json")).expect("CodeMeta");
    let view = reading.record.view();
    assert_eq!(reading.id.as_deref(), Some("https://git.example/pod"));
    assert_eq!(view.kind.as_deref(), Some("component"));
    assert_eq!(view.licence.as_deref(), Some("EUPL-1.2"));
    assert_eq!(view.creators[0].name, "Ada Démo");
    assert_eq!(
        reading.record.kind[0].src.origin.as_deref(),
        Some("pod.json")
    );
    let yml = "publiccodeYmlVersion: \"0.4\"\nname: Pod\nurl: https://git.example/pod.git\n";
    let reading = publiccode(yml.as_bytes(), &Origin::default()).expect("publiccode");
    assert_eq!(reading.record.title[0].v, "Pod");
    assert_eq!(
        reading.worst(),
        Some(Severity::Error),
        "most of it is missing, and is said"
    );
}

#[test]
fn what_is_broken_is_refused_with_its_reason() {
    for broken in [
        "",
        "{",
        "[]",
        "{\"name\": \"x\",}",
        "{\"@context\": \"https://w3id.org/codemeta/3.0\"}",
    ] {
        assert!(
            codemeta(broken.as_bytes(), &Origin::default()).is_err(),
            "{broken}"
        );
    }
    assert!(publiccode(b"name: [", &Origin::default()).is_err());
}

#[test]
fn documents_are_told_by_what_they_hold() {
    let amb = r#"{"@context": ["https://w3id.org/kim/amb/context.jsonld"], "name": "codemeta"}"#;
    let page = "<!doctype HTML><p>";
    let xml = "<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'/>";
    let cases = [
        (CODEMETA, "x.json", Some(Format::CodeMeta)),
        ("{\"name\": 1}", "codemeta.json", Some(Format::CodeMeta)),
        (amb, "", Some(Format::Amb)),
        (
            "[{\"@context\": \"https://schema.org\", \"description\": \"https://w3id.org/kim/amb/\"}]",
            "",
            Some(Format::SchemaOrg),
        ),
        (page, "", Some(Format::SchemaOrg)),
        (xml, "", Some(Format::SchemaOrg)),
        ("name: x", "metadata.yml", Some(Format::Amb)),
        ("name: x", "notes.txt", None),
        ("---\nname: x\n---\n# X", "README.md", Some(Format::Amb)),
        ("# X", "README.md", None),
        (
            "# c\npubliccodeYmlVersion: 0.4\n",
            "software.yml",
            Some(Format::PublicCode),
        ),
    ];
    for (text, name, format) in cases {
        assert_eq!(
            format::detect(text.as_bytes(), name),
            format,
            "{text} {name}"
        );
    }
}
