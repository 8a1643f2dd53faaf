use commun_specs::metadata::Method;

use super::*;

const POD: &str = r#"publiccodeYmlVersion: "0.4"
name: Pod des exemples
url: "https://git.example.org/pod.git"
landingURL: "https://pod.example.org"
softwareVersion: "3.1.0"
releaseDate: 2026-01-02
platforms: [web, linux]
categories: [video-editor]
usedBy: ["Université de l'Exemple"]
developmentStatus: stable
softwareType: "standalone/web"
description:
  fr:
    shortDescription: Dépôt et diffusion de vidéos pédagogiques.
    longDescription: >
      Les enseignants déposent leurs vidéos depuis un navigateur ; l'encodage est réparti entre plusieurs machines ;
      la recherche porte sur les titres, les descriptions et les transcriptions. Un greffon les insère dans un cours.
    features: [Direct]
legal: {license: LGPL-3.0-or-later}
maintenance:
  type: community
  contacts:
    - {name: Claire Exemple, email: claire@example.org}
localisation: {localisationReady: true, availableLanguages: [fr, en]}
dependsOn:
  open:
    - {name: PostgreSQL, versionMin: "15.0"}
"#;

fn check(name: &str, text: &str) -> Component {
    check_file(name, text.as_bytes())
}

/// A file that stands alone in a repository.
fn check_file(name: &str, bytes: &[u8]) -> Component {
    let mut files = Files::default();
    files.0.insert(name.to_owned(), bytes.to_vec());
    read(&files).expect("files in memory can be read")
}

fn rules(component: &Component) -> Vec<(&str, &str, Option<u32>)> {
    let problems = component.report.problems.iter();
    let wrong = problems.filter(|p| p.severity != Severity::Info);
    wrong.map(|p| (&*p.rule, &*p.path, p.line)).collect()
}

#[test]
fn a_valid_publiccode_gives_its_values_and_no_problem() {
    let read = check("publiccode.yml", POD);
    assert_eq!(rules(&read), []);
    let view = read.record.view();
    assert_eq!(view.titles, [("und".into(), "Pod des exemples".into())]);
    assert_eq!(view.licence.as_deref(), Some("LGPL-3.0-or-later"));
    assert_eq!(view.platforms, ["web", "linux"]);
    assert_eq!(view.dependencies[0].version.as_deref(), Some(">= 15.0"));
    assert_eq!(
        view.contacts[0].email.as_deref(),
        Some("claire@example.org")
    );
    assert_eq!(view.languages, ["fr", "en"]);
    let title = &read.record.title[0];
    assert_eq!(
        (title.path.as_str(), title.src.method),
        ("name", Method::Mapped)
    );
    assert_eq!(title.src.origin.as_deref(), Some("publiccode.yml"));
    // Everything that was read is fit for a body.
    let body = read.record.to_body().unwrap();
    assert_eq!(Record::from_body(&body).unwrap().skipped, 0);
}

#[test]
fn what_breaks_the_standard_is_said_with_its_line_in_two_languages() {
    let broken = POD
        .replace("developmentStatus: stable", "developmentStatus: production")
        .replace("LGPL-3.0-or-later", "lgpl-3.0-or-later")
        .replace("  fr:\n", "  francais:\n")
        .replace("2026-01-02", "02/01/2026")
        .replace("name: Pod des exemples\n", "");
    let read = check("publiccode.yml", &broken);
    let found = rules(&read);
    for wanted in [
        ("missing", "name", Some(1)),
        ("not-a-date", "releaseDate", Some(5)),
        ("not-in-list", "developmentStatus", Some(9)),
        ("not-a-language", "description.francais", Some(12)),
        ("licence-spelling", "legal.license", Some(18)),
    ] {
        assert!(found.contains(&wanted), "{wanted:?} is not in {found:?}");
    }
    assert_eq!(found.len(), 5, "{found:?}");
    let status = read
        .report
        .problems
        .iter()
        .find(|p| p.path == "developmentStatus")
        .unwrap();
    assert!(
        status
            .what("en")
            .contains("“production” is not one of the values"),
        "{}",
        status.what("en")
    );
    assert!(
        status.what("fr").contains("n’est pas une valeur"),
        "{}",
        status.what("fr")
    );
    assert!(status.fix("fr").contains("stable"));
    // Read all the same.
    let view = read.record.view();
    assert_eq!(view.licence.as_deref(), Some("LGPL-3.0-or-later"));
    assert_eq!(view.summaries.len(), 1);
    let again = Report::from_json(&read.report.to_json());
    assert_eq!(again, read.report);
}

#[test]
fn a_contract_needs_its_contractors() {
    let contract = POD.replace("type: community", "type: contract");
    assert_eq!(
        rules(&check("publiccode.yml", &contract)),
        [("missing", "maintenance.contractors", Some(20))]
    );
}

#[test]
fn what_publiccode_requires_is_an_error_where_it_is_missing_or_empty() {
    let cases = [
        ("platforms: [web, linux]\n", "", "platforms"),
        ("platforms: [web, linux]", "platforms: []", "platforms"),
        ("developmentStatus: stable\n", "", "developmentStatus"),
        ("longDescription:", "x:", "description.fr.longDescription"),
        (
            "  contacts:\n    - {name: Claire Exemple, email: claire@example.org}\n",
            "",
            "maintenance.contacts",
        ),
        (
            "localisation: {localisationReady: true, availableLanguages: [fr, en]}\n",
            "",
            "localisation",
        ),
        (
            "localisationReady: true, ",
            "",
            "localisation.localisationReady",
        ),
        ("[fr, en]", "[]", "localisation.availableLanguages"),
    ];
    for (there, instead, path) in cases {
        assert!(POD.contains(there), "{there}");
        let text = POD.replace(there, instead);
        let worst = |text: &str| {
            let read = check("publiccode.yml", text);
            assert!(!read.record.title.is_empty(), "it comes in");
            let mut found = read.report.problems.into_iter();
            let missing = found.find(|p| p.rule == "missing" && p.path == path);
            missing.map(|p| p.severity)
        };
        assert_eq!(worst(&text), Some(Severity::Error), "{path}");
        // Files of the standard's first years lack most of it.
        let old = text.replace("\"0.4\"", "\"0.2\"");
        assert_eq!(worst(&old), Some(Severity::Warning), "{path}");
    }
}

#[test]
fn codemeta_is_read_with_people_links_and_requirements() {
    let text = r#"{
  "@context": "https://w3id.org/codemeta/3.0",
  "type": "SoftwareSourceCode",
  "name": "outil",
  "description": [{"@value": "Un outil", "@language": "fr"}, {"@value": "A tool", "@language": "en"}],
  "codeRepository": "https://git.example.org/outil",
  "license": "https://spdx.org/licenses/EUPL-1.2",
  "programmingLanguage": [{"type": "ComputerLanguage", "name": "Rust"}, "SQL"],
  "keywords": "vidéo, cours",
  "author": [{"type": "Person", "givenName": "Ada", "familyName": "Exemple",
    "id": "https://orcid.org/0000-0002-1825-0097", "affiliation": {"name": "Université"}}],
  "maintainer": {"name": "Bob"},
  "developmentStatus": "https://www.repostatus.org/#active",
  "softwareRequirements": ["postgresql >= 15", "univ-angers/lecteur",
    {"name": "ffmpeg", "version": "6", "codeRepository": "https://git.example.org/ffmpeg"}]
}"#;
    let read = check("codemeta.json", text);
    assert_eq!(rules(&read), []);
    let view = read.record.view();
    assert_eq!(view.description_for(&["en"]), Some(("en", "A tool")));
    assert_eq!(view.programming_languages, ["Rust", "SQL"]);
    assert_eq!(view.keywords.len(), 2);
    assert_eq!(view.creators[0].name, "Ada Exemple");
    assert_eq!(view.development_status.as_deref(), Some("active"));
    let names: Vec<_> = view
        .dependencies
        .iter()
        .map(|d| (&*d.name, d.version.as_deref(), d.link.as_deref()))
        .collect();
    assert_eq!(
        names,
        [
            ("postgresql", Some(">= 15"), None),
            ("univ-angers/lecteur", None, Some("univ-angers/lecteur")),
            ("ffmpeg", Some("6"), Some("https://git.example.org/ffmpeg")),
        ]
    );
    let body = read.record.to_body().unwrap();
    assert_eq!(Record::from_body(&body).unwrap().skipped, 0);
}

#[test]
fn codemeta_that_is_none_is_told_from_codemeta_with_quirks() {
    let cases: [(&str, &str, Severity); 5] = [
        (
            r#"{"type":"SoftwareSourceCode","name":"x"}"#,
            "no-context",
            Severity::Error,
        ),
        (
            "{\"@context\": \"https://w3id.org/codemeta/3.0\",\n \"name\": \"x\",}",
            "syntax",
            Severity::Error,
        ),
        (
            r#"{"@context":"https://w3id.org/codemeta/3.0","type":"Book","name":"x"}"#,
            "not-in-list",
            Severity::Error,
        ),
        (
            r#"{"@context":"https://w3id.org/codemeta/3.0","type":"SoftwareSourceCode","name":"x","license":"MIT + file LICENSE"}"#,
            "licence-unknown",
            Severity::Warning,
        ),
        (
            r#"{"@context":"https://w3id.org/codemeta/3.0","@graph":[],"type":"SoftwareSourceCode","name":"x"}"#,
            "graph",
            Severity::Error,
        ),
    ];
    for (text, rule, severity) in cases {
        let read = check("codemeta.json", text);
        let problems = &read.report.problems;
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_eq!((&*problems[0].rule, problems[0].severity), (rule, severity));
    }
}

#[test]
fn hostile_yaml_and_json_end_at_a_limit() {
    let mut bomb = String::from("a: &a [x, x, x, x, x, x, x, x, x, x]\n");
    for (name, before) in ["b", "c", "d", "e", "f", "g", "h"]
        .iter()
        .zip(["a", "b", "c", "d", "e", "f", "g"])
    {
        bomb.push_str(&format!(
            "{name}: &{name} [{}]\n",
            vec![format!("*{before}"); 10].join(", ")
        ));
    }
    let deep = format!("a: {}{}", "[".repeat(10_000), "]".repeat(10_000));
    let deep_json = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let wide = format!("a: [{}]", "x, ".repeat(50_000));
    for (name, text) in [
        ("publiccode.yml", bomb.as_str()),
        ("publiccode.yml", &deep),
        ("publiccode.yml", &wide),
        ("publiccode.yml", "a: &a [*a]"),
        ("publiccode.yml", "- just\n- a list"),
        ("publiccode.yml", ""),
        ("publiccode.yml", "\u{0}\u{1}: ["),
        ("codemeta.json", &deep_json),
        ("codemeta.json", "[1,2"),
        ("codemeta.json", "null"),
    ] {
        let read = check(name, text);
        assert!(
            !read.report.problems.is_empty(),
            "{name}: {}",
            &text[..text.len().min(40)]
        );
        assert_eq!(read.record.view(), Default::default());
    }
}

#[test]
fn licence_files_are_recognised_and_compared_with_what_is_stated() {
    let mut files = Files::default();
    let text = "GNU AFFERO GENERAL PUBLIC LICENSE\n   Version 3, 19 November 2007\n";
    files.0.insert("LICENSE".into(), text.into());
    files.0.insert("publiccode.yml".into(), POD.into());
    let read = read(&files).unwrap();
    assert_eq!(read.report.licences[0].id, "AGPL-3.0");
    assert_eq!(rules(&read).last().unwrap().0, "licence-mismatch");
    assert!(licence_problem("AGPL-3.0-or-later", &read.report).is_none());
    assert!(licence_problem("MIT OR AGPL-3.0-only", &read.report).is_none());
    assert!(licence_problem("MIT", &read.report).is_some());
}

#[test]
fn a_notice_names_a_licence_and_what_only_links_to_one_does_not() {
    let of = |text: &str| {
        let mut files = Files::default();
        files.0.insert("LICENSE.md".into(), text.into());
        let found = read(&files).unwrap().report.licences;
        found.into_iter().next().map(|licence| licence.id)
    };
    let link = "<https://creativecommons.org/licenses/by/4.0/>";
    let notice = format!("# Licence\n\nThis course is made available under {link}.\n");
    assert_eq!(of(&notice).as_deref(), Some("CC-BY-4.0"));
    for other in [
        format!("All rights reserved. It is not under {link}."),
        format!("Les icônes viennent de A. Essai, {link}."),
        format!(
            "{notice}{}",
            "The licensor grants you a right. ".repeat(200)
        ),
        format!("{notice}The data: https://creativecommons.org/publicdomain/zero/1.0/"),
    ] {
        assert_eq!(of(&other), None, "{other}");
    }
}

#[test]
fn a_licence_text_alone_gives_an_inferred_licence() {
    let mut files = Files::default();
    files.0.insert(
        "LICENCE.txt".into(),
        "Apache License\nVersion 2.0, January 2004".into(),
    );
    let read = read(&files).unwrap();
    assert_eq!(read.record.view().licence.as_deref(), Some("Apache-2.0"));
    assert_eq!(read.record.licence[0].src.method, Method::Inferred);
}

#[test]
fn reuse_counts_the_files_that_say_their_licence() {
    let mut files = Files::default();
    let tagged = concat!(
        "// SPDX-FileCopyrightText: 2026 Exemple\n// SPDX-License",
        "-Identifier: MIT\n"
    );
    for (path, text) in [
        ("LICENSES/MIT.txt", "MIT License"),
        (
            "REUSE.toml",
            "version = 1\n[[annotations]]\npath = \"img/**\"\nSPDX-License-Identifier = \"CC0-1.0\"\nSPDX-FileCopyrightText = \"x\"\n",
        ),
        ("src/a.rs", tagged),
        ("src/b.rs", "fn main() {}"),
        ("img/a/b.png", "x"),
        ("empty", ""),
        ("data.bin", "x"),
        ("data.bin.license", tagged),
        ("README.md", "# x"),
    ] {
        files.0.insert(path.into(), text.into());
    }
    let reuse = read(&files).unwrap().report.reuse.unwrap();
    assert_eq!((reuse.files, reuse.covered, reuse.complete), (5, 3, true));
    assert_eq!(reuse.missing, ["README.md", "src/b.rs"]);
    assert!(!reuse.is_whole());
    files.0.remove("src/b.rs");
    files.0.insert("README.md".into(), tagged.into());
    assert!(read(&files).unwrap().report.reuse.unwrap().is_whole());
}

#[test]
fn releases_are_sorted_as_versions_are() {
    let tags = [
        "v1.9.0",
        "v1.10.0",
        "pod-2.0.0-rc.1",
        "nightly",
        "v1.10.0-beta.2",
        "2024",
        "v1.10.0-beta.11",
    ];
    let all = releases(tags.map(|tag| (tag, "oid", 0)));
    let names: Vec<_> = all.iter().map(|r| &*r.tag).collect();
    assert_eq!(
        names,
        [
            "pod-2.0.0-rc.1",
            "v1.10.0",
            "v1.10.0-beta.11",
            "v1.10.0-beta.2",
            "v1.9.0"
        ]
    );
    assert_eq!(newest(&all).unwrap().version, "1.10.0");
}

/// `valid`, `accept-with-warning` or `invalid`, as the manifest of the shared data names it.
fn verdict(component: &Component) -> &'static str {
    match component.report.counts() {
        (0, 0) => "valid",
        (0, _) => "accept-with-warning",
        _ => "invalid",
    }
}

#[test]
#[ignore = "needs COMMUN_SHARED"]
fn acceptance_codemeta_and_publiccode_as_the_manifest_expects() {
    let shared = std::env::var("COMMUN_SHARED").unwrap_or_else(|_| "../../shared".into());
    let folder = std::path::Path::new(&shared).join("data/metadata");
    let manifest =
        std::fs::read_to_string(folder.join("MANIFEST.csv")).expect("the shared data is there");
    let mut seen = 0;
    for line in manifest
        .lines()
        .filter(|l| l.starts_with("codemeta/") || l.starts_with("publiccode/"))
    {
        let mut cells = line.split(',');
        let (path, expected) = (cells.next().unwrap(), cells.next().unwrap());
        let name = if path.starts_with("codemeta/") {
            "codemeta.json"
        } else {
            "publiccode.yml"
        };
        let read = check_file(name, &std::fs::read(folder.join(path)).unwrap());
        assert_eq!(
            verdict(&read),
            expected,
            "{path}: {:?}",
            read.report.problems
        );
        if expected != "invalid" {
            assert!(
                read.record.view().title_for(&[]).is_some(),
                "{path} has no title"
            );
        }
        seen += 1;
    }
    assert!(seen > 10, "only {seen} files are in the manifest");
}

#[test]
fn a_citation_file_loses_nothing() {
    let cff = "cff-version: 1.2.0\nmessage: Citez ceci\ntitle: Dunes\nlicense: [MIT, Apache-2.0]\ndoi: 10.5281/zenodo.1\n\
        identifiers:\n  - {type: swh, value: 'swh:1:dir:bc286860f423ea7ced246ba7458eef4b4541cf2d'}\n  - {type: other, value: HAL-12}\n\
        authors:\n  - alias: pseudo\n  - {family-names: Noether, given-names: Emmy, website: 'https://a.example/e', tel: '+33 2 00 00 00 00', post-code: '49000'}\n\
        contact:\n  - {name: Assistance, email: aide@a.example}\n\
        references:\n  - {type: book, title: Sables}\nfoo: bar\n";
    let read = check("CITATION.cff", cff);
    let view = read.record.view();
    assert_eq!(view.licence.as_deref(), Some("MIT OR Apache-2.0"));
    assert_eq!(
        view.aliases,
        [
            "doi:10.5281/zenodo.1",
            "swh:1:dir:bc286860f423ea7ced246ba7458eef4b4541cf2d"
        ]
    );
    assert_eq!(view.identifiers[0].entry, "HAL-12");
    let names: Vec<&str> = view.creators.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["pseudo", "Emmy Noether"]);
    assert_eq!(view.contacts[0].email.as_deref(), Some("aide@a.example"));
    let kept = read.record.extra["cff"].as_object().expect("aside");
    let kept: Vec<&str> = kept.keys().map(String::as_str).collect();
    assert_eq!(kept, ["authors[1].website", "foo", "references[0].title"]);
}
