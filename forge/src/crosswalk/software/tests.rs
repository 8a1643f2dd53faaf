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

/// A text that says what it is, and what it must be found in again: in a field, kept aside, or in the report.
fn marked(n: usize) -> String {
    format!("essai{n:03}")
}

/// What a reading says of a text: where it is kept, or that it is told.
fn found(reading: &crate::crosswalk::Reading, text: &str) -> bool {
    let body = reading.record.to_body().expect("a body");
    let body = String::from_utf8(body).expect("UTF-8");
    body.contains(text) || reading.problems.iter().any(|p| p.given.contains(text))
}

#[test]
fn each_term_of_codemeta_fills_a_field_or_is_kept_aside() {
    // Those of METADATA.md section 6, and some of schema.org's besides.
    let terms = "identifier programmingLanguage runtimePlatform targetProduct applicationCategory applicationSubCategory \
                 fileSize memoryRequirements operatingSystem permissions processorRequirements softwareHelp \
                 softwareRequirements softwareVersion storageRequirements supportingData author citation contributor \
                 copyrightHolder copyrightYear editor encoding fileFormat funder keywords producer provider publisher sponsor \
                 version isPartOf hasPart position review softwareSuggestions maintainer buildInstructions developmentStatus \
                 embargoEndDate funding referencePublication readme isSourceCodeOf hasSourceCode about audience award \
                 alternateName creditText featureList unheardOf codeRepository url issueTracker relatedLink installUrl";
    for (n, term) in terms.split_whitespace().enumerate() {
        let mark = marked(n);
        for value in [
            format!("\"{mark}\""),
            format!(r#"[{{"type": "Thing", "name": "{mark}"}}]"#),
            format!(r#"{{"@value": "{mark}", "@language": "fr"}}"#),
            // What only software has is looked at to its last leaf.
            match ["codeRepository", "url", "issueTracker", "relatedLink"].contains(&term) {
                true => format!(r#"{{"url": "https://x.example/", "comment": "{mark}"}}"#),
                false => format!("[\"{mark}\"]"),
            },
        ] {
            let text = format!(
                r#"{{"@context": "https://w3id.org/codemeta/3.0", "type": "SoftwareSourceCode", "name": "x", "{term}": {value}}}"#
            );
            let reading = codemeta(text.as_bytes(), &Origin::default()).expect("CodeMeta");
            assert!(
                found(&reading, &mark),
                "{term}: {value}: {:?}",
                reading.problems
            );
            let body = reading.record.to_body().expect("a body");
            let back = commun_specs::metadata::Record::from_body(&body).expect("read");
            assert_eq!(back.skipped, 0, "{term}: {value}");
        }
    }
}

#[test]
fn people_and_relations_of_codemeta_are_in_their_fields() {
    let text = r#"{"@context": "https://w3id.org/codemeta/3.0", "type": "SoftwareSourceCode", "name": "x",
      "author": [{"type": "Person", "givenName": "Ada", "familyName": "Exemple", "email": "ada@example.org",
        "id": "https://orcid.org/0000-0002-1825-0097"},
        {"type": "Role", "schema:author": "_:a", "roleName": "Développeuse"}],
      "editor": {"name": "Bob"}, "publisher": {"type": "Organization", "name": "Université"}, "producer": "Labo",
      "funder": {"name": "ANR", "id": "https://ror.org/00rbzpz17"}, "funding": "ANR-21-CE23-0001",
      "copyrightHolder": "CNRS", "isAccessibleForFree": true, "inLanguage": "fr", "isPartOf": "https://git.example/suite",
      "fileFormat": "application/zip", "fileSize": "4096", "memoryRequirements": "4 GB",
      "relatedLink": "https://x.example/plus", "maintainer": {"name": "Zoé", "email": "pas une adresse"},
      "codeRepository": "https://git.example/x"}"#;
    let reading = codemeta(text.as_bytes(), &Origin::default()).expect("CodeMeta");
    let view = reading.record.view();
    assert_eq!(view.creators.len(), 1);
    assert_eq!(
        view.creators[0].orcid.as_deref(),
        Some("0000-0002-1825-0097")
    );
    assert_eq!(view.contributors[0].role.as_deref(), Some("editor"));
    let names = |all: &[commun_specs::metadata::Creator]| -> Vec<String> {
        all.iter().map(|who| who.name.clone()).collect()
    };
    assert_eq!(names(&view.publishers), ["Université", "Labo"]);
    assert_eq!(names(&view.funders), ["ANR"]);
    assert_eq!(names(&view.rights_holders), ["CNRS"]);
    assert_eq!((view.free, view.size), (Some(true), Some(4096)));
    assert_eq!(
        (&*view.languages[0], &*view.formats[0]),
        ("fr", "application/zip")
    );
    assert_eq!(view.relations[0].target, "https://git.example/suite");
    assert_eq!(view.other_requirements[0].1, "memoryRequirements: 4 GB");
    assert!(view.links.iter().any(|link| link.kind == "other"));
    assert_eq!(view.contacts[0].email, None);
    let aside = &reading.record.extra["codemeta"];
    assert_eq!(aside["funding"][0], "ANR-21-CE23-0001");
    assert_eq!(aside["maintainer.email"][0], "pas une adresse");
    assert!(
        aside["author[1]"][0]
            .as_str()
            .expect("a text")
            .contains("Développeuse")
    );
    // Mail addresses of people are left out on purpose, and no report repeats them.
    let personal = reading.problems.iter().find(|p| p.rule == "personal-data");
    assert_eq!(personal.expect("told").severity, Severity::Info);
    assert!(!found(&reading, "ada@example.org"));
}

#[test]
fn each_key_of_publiccode_fills_a_field_or_is_kept_aside() {
    let yml = r#"publiccodeYmlVersion: "0.5"
name: essai001
applicationSuite: essai002
url: https://git.example.org/essai003
landingURL: https://x.example/essai004
isBasedOn: https://git.example.org/essai005
softwareVersion: essai006
logo: img/essai007.svg
monochromeLogo: img/essai008.svg
platforms: [essai009]
categories: [essai010]
usedBy: [essai011]
fundedBy: [{name: essai012, uri: "urn:x-essai:essai013"}]
organisation: {name: essai014, uri: "https://x.example/essai015"}
roadmap: https://x.example/essai016
softwareType: library
inputTypes: [essai017]
supports: [essai018]
tags: [essai019]
intendedAudience: {scope: [essai020, education], countries: [FR], unsupportedCountries: [DE]}
description:
  fr:
    genericName: essai021
    localisedName: essai022
    shortDescription: essai023
    longDescription: essai024
    documentation: https://x.example/essai025
    apiDocumentation: https://x.example/essai026
    features: [essai027]
    screenshots: [img/essai028.png, "https://x.example/essai029.png"]
    videos: ["https://x.example/essai030"]
    awards: [essai031]
    unheardOf: essai032
legal: {license: MIT, mainCopyrightOwner: essai033, repoOwner: essai034, authorsFile: essai035}
maintenance:
  type: contract
  contractors: [{name: essai036, until: 2027-01-01, email: "essai037@example.org", website: "https://x.example/essai038", phone: "02 41 00 00 00", x: essai039}]
localisation: {localisationReady: true, availableLanguages: [fr]}
dependsOn:
  open: [{name: essai040, version: essai041, url: "essai042"}]
it: {piattaforme: {spid: essai043}}
"#;
    let reading = publiccode(yml.as_bytes(), &Origin::default()).expect("publiccode");
    for n in 1..=43 {
        assert!(
            found(&reading, &marked(n)),
            "{}: {:?}",
            marked(n),
            reading.problems
        );
    }
    let view = reading.record.view();
    assert_eq!(view.rights_holders[0].name, marked(33));
    assert!(view.creators.is_empty());
    let publishers: Vec<&str> = view.publishers.iter().map(|who| &*who.name).collect();
    assert_eq!(publishers, [marked(34), marked(14)]);
    assert_eq!(view.funders[0].ids, ["urn:x-essai:essai013"]);
    assert_eq!(view.coverage, [("und".into(), "FR".into())]);
    assert_eq!(view.subjects[0].id(), "publiccode-education");
    assert_eq!(
        reading.record.extra["publiccode"]["it.piattaforme.spid"][0],
        marked(43)
    );
    let body = reading.record.to_body().expect("a body");
    let back = commun_specs::metadata::Record::from_body(&body).expect("read");
    assert_eq!(back.skipped, 0);
}

#[test]
fn whatever_stands_in_a_file_is_fit_to_be_stored() {
    let long = "long ".repeat(1_500);
    for odd in [
        long.as_str(),
        "a\u{202e}b",
        "javascript:alert(1)",
        "<b>x</b>",
        "@a/b",
        "a@b@c",
        "10.1/ x",
        "\u{200b}",
    ] {
        let text = serde_json::json!({
            "@context": "https://w3id.org/codemeta/3.0", "type": "SoftwareSourceCode", "name": ["x", odd],
            "description": odd, "keywords": odd, "version": odd, "author": [{"name": odd, "id": odd, "email": odd}],
            "maintainer": {"name": odd, "email": odd, "url": odd, "affiliation": odd},
            "softwareRequirements": [odd, {"name": odd, "identifier": odd, "version": odd}],
            "codeRepository": odd, "url": format!("https://x.example/{odd}"), "identifier": odd, "sameAs": odd,
            "referencePublication": odd, "isSourceCodeOf": odd, "publisher": odd, "fileFormat": odd, "dateCreated": odd,
        });
        let reading = codemeta(text.to_string().as_bytes(), &Origin::default()).expect("CodeMeta");
        let body = reading.record.to_body().expect("a body");
        let back = commun_specs::metadata::Record::from_body(&body).expect("read");
        assert_eq!(back.skipped, 0, "{}", &odd[..odd.len().min(20)]);
        let yml = serde_json::json!({
            "publiccodeYmlVersion": "0.5", "name": "x", "url": odd, "landingURL": format!("https://x.example/{odd}"),
            "isBasedOn": format!("https://x.example/{odd}"), "fundedBy": {"name": odd, "uri": odd}, "softwareVersion": odd,
            "description": {"fr": {"shortDescription": odd, "longDescription": odd, "features": [odd], "videos": [odd]}},
            "legal": {"repoOwner": odd, "mainCopyrightOwner": odd},
            "maintenance": {"type": "community", "contacts": [{"name": odd, "email": odd, "affiliation": odd, "website": odd}]},
            "dependsOn": {"open": [{"name": odd, "url": odd, "version": odd}]},
        });
        let reading =
            publiccode(yml.to_string().as_bytes(), &Origin::default()).expect("publiccode");
        let body = reading.record.to_body().expect("a body");
        let back = commun_specs::metadata::Record::from_body(&body).expect("read");
        assert_eq!(back.skipped, 0, "{}", &odd[..odd.len().min(20)]);
    }
}
