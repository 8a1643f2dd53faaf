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
fn codemeta_is_known_by_its_identifiers() {
    let read = |members: &str| {
        let text = format!(
            r#"{{"@context": "https://w3id.org/codemeta/3.0", "type": "SoftwareSourceCode", "name": "x", {members}}}"#
        );
        codemeta(text.as_bytes(), &Origin::default()).expect("CodeMeta")
    };
    let doi = r#"{"@type": "PropertyValue", "propertyID": "doi", "value": "10.5281/zenodo.124"}"#;
    for (members, alias) in [
        (
            r#""identifier": "https://doi.org/10.5281/zenodo.123""#.to_owned(),
            "https://doi.org/10.5281/zenodo.123",
        ),
        (
            r#""identifier": "10.5281/zenodo.123""#.to_owned(),
            "doi:10.5281/zenodo.123",
        ),
        (format!(r#""identifier": {doi}"#), "doi:10.5281/zenodo.124"),
        (
            format!(r#""identifier": ["outil-7", {doi}]"#),
            "doi:10.5281/zenodo.124",
        ),
        (
            r#""id": "https://doi.org/10.5281/zenodo.125""#.to_owned(),
            "https://doi.org/10.5281/zenodo.125",
        ),
        (
            r##""@id": "https://x.example/1", "identifier": "#this""##.to_owned(),
            "https://x.example/1",
        ),
    ] {
        let reading = read(&members);
        assert_eq!(reading.record.view().aliases, [alias], "{members}");
        assert_eq!(reading.id.as_deref(), Some(alias), "{members}");
        assert!(
            reading.problems.iter().all(|p| p.rule != "no-identifier"),
            "{members}"
        );
        let body = reading.record.to_body().expect("a body");
        let back = commun_specs::metadata::Record::from_body(&body).expect("read");
        assert_eq!(back.skipped, 0, "{members}");
    }
    let kept = read(r#""identifier": "outil-7""#).record.view();
    assert_eq!(kept.identifiers[0].entry, "outil-7");
    // Where the code is stays what it is found under.
    let both = read(r#""codeRepository": "https://git.example/x", "identifier": "doi:10.5281/y""#);
    assert_eq!(both.id.as_deref(), Some("https://git.example/x"));
    assert_eq!(both.record.aliases.len(), 2);
    let bad = read(r#""identifier": "javascript:alert(1)""#);
    assert!(bad.record.aliases.is_empty() && bad.record.identifiers.is_empty());
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
