//! Files of courses as their tools write them, and as nobody should.

use super::*;

fn read(all: &[(&str, &str)]) -> Component {
    let mut files = Files::default();
    for (name, text) in all {
        let bytes = text.as_bytes().to_vec();
        files.0.insert((*name).to_owned(), bytes);
    }
    course(&files)
}

#[test]
fn a_lesson_of_the_carpentries_says_what_it_is() {
    let yaml = "carpentry: 'swc'\ntitle: 'Version Control'\ncreated: '2014-12-04'\nkeywords: 'software, data'\n\
        license: 'CC-BY 4.0'\nsource: 'https://g.example/x'\ncontact: 'team@c.example'\nlang: en\nlearners: \n";
    let found = read(&[("config.yaml", yaml)]);
    let title = &found.record.title[0];
    assert_eq!(title.v, "Version Control");
    assert_eq!(title.src.origin.as_deref(), Some("config.yaml"));
    assert_eq!((&*title.src.scheme, &*title.path), ("carpentries", "title"));
    assert_eq!(found.record.publishers[0].v.name, "Software Carpentry");
    assert_eq!(found.record.created[0].v, "2014-12-04");
    let view = found.record.view();
    let words: Vec<&str> = view.keywords.iter().map(|(_, word)| &**word).collect();
    assert_eq!(words, ["software", "data"]);
    assert_eq!(view.licence.as_deref(), Some("CC-BY-4.0"));
    assert_eq!(view.languages, ["en"]);
    assert_eq!(view.links[0].url, "https://g.example/x");
    assert_eq!(view.contacts[0].email.as_deref(), Some("team@c.example"));
    let template = read(&[("config.yaml", "title: 'FIXME'\n")]);
    assert!(template.record.title.is_empty());
}

#[test]
fn jekyll_and_myst_name_authors_as_texts_and_as_sets() {
    let jekyll = "title: Les dunes\ndescription: Du sable\nlang: fr\nauthor:\n  name: Anne Essai\n";
    let found = read(&[("_config.yml", jekyll)]);
    assert_eq!(found.record.creators[0].v.name, "Anne Essai");
    assert_eq!(found.record.creators[0].v.given, None);
    assert_eq!(found.record.description[0].v, "Du sable");
    let myst = "version: 1\nproject:\n  title: Cartes\n  license:\n    content: CC-BY-4.0\n    code: MIT\n  authors:\n    - Zoé\n    \
        - name:\n        given: Emmy\n        family: Noether\n      orcid: 0000-0002-1825-0097\n  doi: https://doi.org/10.5555/x\n  \
        github: https://github.example/x\n";
    let found = read(&[("myst.yml", myst)]);
    let [first, second] = &found.record.creators[..] else {
        panic!("two authors");
    };
    assert_eq!((&*first.v.name, &first.v.family), ("Zoé", &None));
    assert_eq!(second.v.name, "Emmy Noether");
    assert_eq!(second.v.given.as_deref(), Some("Emmy"));
    assert_eq!(second.v.family.as_deref(), Some("Noether"));
    assert_eq!(second.v.orcid.as_deref(), Some("0000-0002-1825-0097"));
    assert_eq!(found.record.licence[0].v, "CC-BY-4.0");
    assert_eq!(found.record.aliases[0].v, "doi:10.5555/x");
}

#[test]
fn an_archive_comes_before_a_site_and_a_site_before_a_list_of_names() {
    let zenodo = r#"{"creators": [{"name": "Wolff, Benjamin", "orcid": "0000-0002-1825-0097"}],
        "contributors": [{"type": "Editor", "name": "Kat"}], "description": "<p>Git <b>for</b> all</p>",
        "license": {"id": "CC-BY-4.0"}, "keywords": ["git"], "language": "eng"}"#;
    let all = [
        (".zenodo.json", zenodo),
        ("config.yaml", "title: Git\nlicense: MIT\n"),
        ("AUTHORS", "Ada Lovelace\nZoé <z@a.example>\n"),
        (
            "CITATION",
            "Please cite as:\n\nWolff: Git. 10.5281/zenodo.1\n",
        ),
    ];
    let found = read(&all).record;
    assert_eq!(found.creators.len(), 1);
    // The name as it stands there, no part of it guessed.
    assert_eq!(found.creators[0].v.name, "Wolff, Benjamin");
    assert_eq!(found.creators[0].v.family, None);
    assert_eq!(found.contributors[0].v.role.as_deref(), Some("editor"));
    assert_eq!(found.description[0].v, "Git for all");
    assert_eq!(found.title[0].v, "Git");
    assert_eq!(found.licence[0].v, "CC-BY-4.0");
    assert_eq!(found.language[0].v, "en");
    assert!(found.annotations[0].v.text[0].1.starts_with("Please cite"));
    assert!(
        found.aliases.is_empty(),
        "whose DOI that is, is not guessed"
    );
}

#[test]
fn a_notice_beside_authors_takes_no_name_with_it() {
    let text = "Ada Lovelace\nBlaise Pascal\n\u{a9}2024 the authors\nCopyright: Nobody Else\n\n- Zo\u{e9} Un\n- Max Born\n---\n";
    let found = read(&[("AUTHORS.md", text)]).record;
    let names: Vec<String> = found.creators.iter().map(|c| c.v.name.clone()).collect();
    assert_eq!(
        names,
        ["Ada Lovelace", "Blaise Pascal", "Zo\u{e9} Un", "Max Born"]
    );
}

#[test]
fn a_list_of_authors_is_names_and_its_prose_is_not() {
    let text = "# Authors\n\nThe following people have helped to write this course over many years:\n\n- [Ada Lovelace](https://a.example)\n\
        * Émilie du Châtelet <e@a.example>\nMax (2019)\n\nCopyright (c) 2020 Ada\n\nContributors\n------------\nBlaise\n\nThanks to everybody who opened an issue\nand to their cats, as well.\n";
    let found = read(&[("AUTHORS.md", text)]).record;
    let names: Vec<&str> = found.creators.iter().map(|c| &*c.v.name).collect();
    assert_eq!(
        names,
        ["Ada Lovelace", "Émilie du Châtelet", "Max", "Blaise"]
    );
    let many: String = (0..300).map(|at| format!("Person {at}\n")).collect();
    let found = read(&[("AUTHORS", &many)]);
    assert_eq!(found.record.creators.len(), MAX_VALUES);
    assert_eq!(found.report.problems[0].rule, "too-many-values");
}

#[test]
fn hostile_and_mistaken_files_are_told_and_never_fatal() {
    let mut bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n".to_owned();
    for at in 1..9u8 {
        let (this, last) = (char::from(b'a' + at), char::from(b'a' + at - 1));
        let nine = vec![format!("*{last}"); 9].join(",");
        bomb.push_str(&format!("{this}: &{this} [{nine}]\n"));
    }
    let huge = format!("title: {}", "x".repeat(300 << 10));
    let wrong = "title: [1, {a: b}]\nlicense: {a: b}\nkeywords: {a: b}\nlang: 12345\ncreated: hier\nauthor: [[x]]\nsource: javascript:alert(1)\n\
        carpentry: [x]\ncontact: {a: b}\n";
    let deep = format!("title: {}", "[".repeat(500));
    for (name, text, rule) in [
        ("config.yaml", &*bomb, "too-complex"),
        ("config.yaml", &*huge, "too-large"),
        ("_config.yml", wrong, "wrong-type"),
        ("_config.yml", &*deep, "syntax"),
        ("_config.yml", "title: 'x\n", "syntax"),
        ("myst.yml", "- a\n- b\n", "not-an-object"),
        ("myst.yml", "project: text\n", "wrong-type"),
        (".zenodo.json", "{\"title\": ", "syntax"),
        (".zenodo.json", "{\"creators\": [3, {}]}", "missing"),
    ] {
        let found = read(&[(name, text), ("AUTHORS", "Ada Lovelace\n")]);
        let problems = &found.report.problems;
        assert!(
            problems.iter().any(|p| p.rule == rule && p.file == name),
            "{name} {rule}: {problems:?}"
        );
        assert!(problems.iter().all(|p| p.severity < Severity::Error));
        let body = found.record.to_body().expect("a record");
        let read = commun_specs::metadata::Record::from_body(&body).expect("read again");
        assert_eq!(read.skipped, 0, "{name} {rule}");
    }
    let found = read(&[("_config.yml", wrong), ("AUTHORS", "Ada Lovelace\n")]);
    assert!(found.record.title.is_empty() && found.record.links.is_empty());
    assert_eq!(found.record.creators[0].v.name, "Ada Lovelace");
}
