use std::path::Path;

use commun_specs::metadata::{Method, Record};

use super::{Place, read, write};
use crate::crosswalk::{Origin, Read, Reading, xml};
use crate::problem::Severity;

/// All fifteen elements, as repositories write them.
const FULL: &str = r#"<?xml version="1.0"?>
<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/">
  <dc:title xml:lang="fr">Introduction aux séries de Fourier</dc:title>
  <dc:title xml:lang="eng">Introduction to Fourier series</dc:title>
  <dc:creator>Essai, Anne</dc:creator>
  <dc:subject xml:lang="fr">séries de Fourier</dc:subject>
  <dc:subject>Mathématiques</dc:subject>
  <dc:subject>info:eu-repo/classification/ddc/515</dc:subject>
  <dc:description>Un cours
     en deux parties.

     Avec des exercices.</dc:description>
  <dc:publisher>Université d'essai</dc:publisher>
  <dc:contributor>Modèle, Jean</dc:contributor>
  <dc:date>2024-09-01</dc:date>
  <dc:type>info:eu-repo/semantics/lecture</dc:type>
  <dc:type>Text</dc:type>
  <dc:type>Cours</dc:type>
  <dc:format>application/pdf</dc:format>
  <dc:identifier>https://depot.example/fiches/12</dc:identifier>
  <dc:identifier>doi:10.5555/essai.12</dc:identifier>
  <dc:identifier>ISBN 9782100000000</dc:identifier>
  <dc:identifier>uid-12</dc:identifier>
  <dc:source>https://depot.example/fiches/3</dc:source>
  <dc:language>fre</dc:language>
  <dc:relation>Cahier d'exercices</dc:relation>
  <dc:coverage xml:lang="fr">Europe</dc:coverage>
  <dc:rights>info:eu-repo/semantics/openAccess</dc:rights>
  <dc:rights>https://creativecommons.org/licenses/by-sa/4.0/deed.fr</dc:rights>
  <dc:rights xml:lang="fr">Citez l'université.</dc:rights>
</oai_dc:dc>"#;

fn ok(text: &str) -> Reading {
    read(text.as_bytes(), &Origin::named("https://depot.example/oai")).expect("readable")
}

fn rules(reading: &Reading) -> Vec<&str> {
    reading.problems.iter().map(|p| p.rule.as_str()).collect()
}

#[test]
fn every_element_finds_its_field() {
    let reading = ok(FULL);
    let view = reading.record.view();
    let pairs = |list: &[(&str, &str)]| -> Vec<(String, String)> {
        list.iter()
            .map(|(l, t)| ((*l).into(), (*t).into()))
            .collect()
    };
    assert_eq!(
        view.titles,
        pairs(&[
            ("fr", "Introduction aux séries de Fourier"),
            ("en", "Introduction to Fourier series")
        ])
    );
    assert_eq!(
        view.descriptions,
        pairs(&[("und", "Un cours en deux parties.\n\nAvec des exercices.")])
    );
    assert_eq!(
        view.keywords,
        pairs(&[("fr", "séries de Fourier"), ("und", "Mathématiques")])
    );
    assert_eq!(view.creators[0].name, "Essai, Anne");
    assert_eq!(view.contributors[0].role.as_deref(), Some("contributor"));
    assert_eq!(view.publishers[0].name, "Université d'essai");
    assert_eq!(view.published.as_deref(), Some("2024-09-01"));
    assert_eq!(view.resource_types, ["lecture", "course"]);
    assert_eq!(view.document_types, ["text"]);
    assert_eq!(view.formats, ["application/pdf"]);
    assert_eq!(
        view.aliases,
        [
            "https://depot.example/fiches/12",
            "doi:10.5555/essai.12",
            "urn:isbn:9782100000000"
        ]
    );
    assert_eq!(view.identifiers[0].entry, "uid-12");
    assert_eq!(view.links[0].url, "https://depot.example/fiches/12");
    assert_eq!(view.languages, ["fr"]);
    let relations: Vec<_> = view
        .relations
        .iter()
        .map(|r| (r.kind.as_str(), r.target.as_str()))
        .collect();
    assert_eq!(
        relations,
        [
            ("isBasedOn", "https://depot.example/fiches/3"),
            ("isRelatedTo", "")
        ]
    );
    assert_eq!(view.coverage, pairs(&[("fr", "Europe")]));
    assert_eq!(view.access.as_deref(), Some("no-login"));
    assert_eq!(view.licence.as_deref(), Some("CC-BY-SA-4.0"));
    assert_eq!(
        view.licence_statements,
        pairs(&[("fr", "Citez l'université.")])
    );
    assert_eq!(reading.id.as_deref(), Some("doi:10.5555/essai.12"));
    // A word that names a field of study is a guess; a number of a scheme is not.
    let subjects: Vec<_> = reading
        .record
        .subject
        .iter()
        .map(|s| (s.v.id(), s.src.method))
        .collect();
    assert_eq!(
        subjects,
        [
            ("iscedf-0541".into(), Method::Inferred),
            ("ddc-515".into(), Method::Mapped)
        ]
    );
    assert_eq!(reading.record.title[1].path, "dc:title");
    assert_eq!(reading.record.title[1].src.scheme, "oai_dc");
    assert!(
        reading.worst() < Some(Severity::Error),
        "{:?}",
        reading.problems
    );
    // Nothing that was read is refused when it is stored.
    let body = reading.record.to_body().expect("a body");
    let back = Record::from_body(&body).expect("read");
    assert_eq!((back.skipped, back.view()), (0, view));
}

#[test]
fn what_came_in_goes_out_with_the_same_meaning() {
    let first = ok(FULL).record.view();
    let written = write(&first, Place::default());
    let text = String::from_utf8(written.bytes).expect("UTF-8");
    let second = ok(&text).record.view();
    // The types of learning material are told in two languages, and come back as one.
    assert_eq!(second.resource_types, first.resource_types);
    let mut expected = first.clone();
    let mut found = second.clone();
    // Elements have no order: what was one list comes back as one, in the order in which it is written.
    for view in [&mut expected, &mut found] {
        view.classifications
            .sort_by(|a, b| a.purpose.cmp(&b.purpose));
        view.aliases.sort();
        view.subjects.sort_by_key(|s| s.id());
    }
    assert_eq!(found, expected);
    assert_eq!(written.losses, []);
}

#[test]
fn what_cannot_be_carried_is_told() {
    let mut view = ok(FULL).record.view();
    view.levels = vec!["fr-l1".into()];
    view.creators[0].orcid = Some("0000-0002-1825-0097".into());
    view.relations[0].kind = "isTranslationOf".into();
    let losses = write(&view, Place::default()).losses;
    let fields: Vec<&str> = losses.iter().map(|l| l.field.as_str()).collect();
    assert_eq!(fields, ["creators", "level", "relations"]);
    assert_eq!(losses[0].instead, "name");
}

#[test]
fn the_place_of_the_item_comes_first_and_its_institution_publishes() {
    let view = ok("<dc xmlns='http://purl.org/dc/elements/1.1/'><title>x</title></dc>")
        .record
        .view();
    let place = Place {
        url: Some("https://a.example/univ-a/x?a=1&b=2"),
        institution: Some("Université A & B"),
    };
    let text = String::from_utf8(write(&view, place).bytes).expect("UTF-8");
    let tree = xml::parse(&text).expect("well formed");
    let root = tree.root_element();
    assert_eq!(xml::child_text(root, "identifier").as_deref(), place.url);
    assert_eq!(
        xml::child_text(root, "publisher").as_deref(),
        place.institution
    );
}

/// One record: a title and these elements.
fn with(inside: &str) -> Reading {
    ok(&format!(
        "<oai_dc:dc xmlns:oai_dc='http://www.openarchives.org/OAI/2.0/oai_dc/' \
         xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:dcterms='http://purl.org/dc/terms/' \
         xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'><dc:title>x</dc:title>{inside}</oai_dc:dc>"
    ))
}

#[test]
fn what_is_no_element_or_attribute_of_dublin_core_is_told() {
    let told = |inside: &str, rule: &str| {
        let reading = with(inside);
        let found = reading.problems.iter().find(|p| p.rule == rule).cloned();
        let found = found.unwrap_or_else(|| panic!("{inside}: {:?}", reading.problems));
        (reading.record.view(), found)
    };
    let (view, problem) = told("<dc:license>CC BY 4.0</dc:license>", "not-of-fifteen");
    assert_eq!(problem.severity, Severity::Error);
    assert_eq!(
        view.licence.as_deref(),
        Some("CC-BY-4.0"),
        "read all the same"
    );
    let (_, problem) = told("<dc:licence>CC BY 4.0</dc:licence>", "unknown-element");
    assert_eq!(problem.severity, Severity::Error);
    let (view, problem) = told("<dc:Creator>X</dc:Creator>", "element-case");
    assert_eq!(problem.severity, Severity::Warning);
    assert_eq!(
        (problem.path.as_str(), problem.wanted.as_str()),
        ("dc:Creator", "dc:creator")
    );
    assert_eq!(view.creators[0].name, "X");
    for (given, right) in [
        ("<dc:created>2020</dc:created>", "dcterms:created"),
        (
            "<dc:educationLevel>L1</dc:educationLevel>",
            "dcterms:educationLevel",
        ),
        ("<dc:isPartOf>doi:10.5555/a</dc:isPartOf>", "dc:relation"),
    ] {
        let (_, problem) = told(given, "not-of-fifteen");
        assert_eq!(problem.wanted, right);
    }
    let (view, problem) = told(
        "<dcterms:educationlevel>L1</dcterms:educationlevel>",
        "element-case",
    );
    assert_eq!(problem.wanted, "dcterms:educationLevel");
    assert_eq!(view.levels, ["fr-l1"]);
    let (view, problem) = told("<dc:subject foo='x'>S</dc:subject>", "unknown-attribute");
    assert_eq!(problem.path, "dc:subject/@foo");
    assert_eq!(view.keywords[0].1, "S");
    // A term keeps its name.
    let (view, problem) = told("<dcterms:abstract>R</dcterms:abstract>", "kept-as");
    assert_eq!(
        (problem.severity, problem.path.as_str()),
        (Severity::Warning, "dcterms:abstract")
    );
    assert_eq!(view.descriptions[0].1, "R");
    let fine = with("<dc:language xml:lang='fr' xsi:type='dcterms:RFC3066'>fr</dc:language>");
    assert!(
        !rules(&fine).contains(&"unknown-attribute"),
        "{:?}",
        fine.problems
    );
}

#[test]
fn an_attribute_names_the_scheme_of_a_subject() {
    let reading = with(
        "<dc:subject xsi:type='dcterms:DDC'>510</dc:subject><dc:subject xsi:type='dcterms:UDC'>512.5</dc:subject>\
         <dc:subject xml:lang='en' xsi:type='dcterms:LCSH'>Algebra</dc:subject>\
         <dc:subject xsi:type='dcterms:Other'>510</dc:subject>",
    );
    let view = reading.record.view();
    let ids: Vec<String> = view.subjects.iter().map(|s| s.id()).collect();
    assert_eq!(ids, ["ddc-510", "udc-512.5", "lcsh-Algebra"]);
    assert_eq!(view.subjects[2].label, [("en".into(), "Algebra".into())]);
    assert_eq!(view.keywords, [("und".into(), "510".into())]);
    let body = reading.record.to_body().expect("a body");
    assert_eq!(Record::from_body(&body).expect("read").skipped, 0);
}

#[test]
fn the_end_of_an_embargo_is_no_date_of_publication() {
    let reading = with(
        "<dc:date>2026-01-02</dc:date><dc:date>info:eu-repo/date/embargoEnd/2027-01-01</dc:date>",
    );
    assert_eq!(reading.record.published.len(), 1);
    let told = reading.problems.iter().find(|p| p.rule == "embargo-end");
    assert_eq!(told.expect("told").given, "2027-01-01");
    assert!(!rules(&reading).contains(&"not-a-date"));
    assert_eq!(
        reading.record.extra["oai_dc"]["dc:date"][0],
        "info:eu-repo/date/embargoEnd/2027-01-01"
    );
    let bad = with("<dc:date>info:eu-repo/date/embargoEnd/soon</dc:date>");
    assert!(rules(&bad).contains(&"not-a-date"));
}

#[test]
fn levels_audiences_and_relations_of_dcterms_are_what_they_say() {
    let read = with(
        "<dcterms:educationLevel>Master</dcterms:educationLevel><dcterms:educationLevel>EQF 6</dcterms:educationLevel><dcterms:audience>étudiants</dcterms:audience>\
         <dcterms:audience>apiculteurs</dcterms:audience><dcterms:isPartOf>https://a.example/c</dcterms:isPartOf>\
         <dc:subject>http://www.idref.fr/027234606/id</dc:subject><dc:subject>http://dewey.info/class/516/e22/</dc:subject>",
    );
    let view = read.record.view();
    assert_eq!(view.levels, ["fr-master", "isced-6"]);
    assert_eq!(view.audience, ["student"]);
    assert_eq!(read.record.classifications[0].v.purpose, "audience");
    assert_eq!(view.relations[0].kind, "isPartOf");
    let subjects: Vec<(&str, &str)> = view
        .subjects
        .iter()
        .map(|c| (c.scheme.as_str(), c.notation.as_str()))
        .collect();
    let wanted = [("http://www.idref.fr", "027234606"), ("ddc", "516")];
    assert_eq!(subjects, wanted);
}

#[test]
fn a_bare_doi_is_one() {
    let reading = with("<dc:identifier>10.5555/essai.12</dc:identifier>");
    assert_eq!(reading.id.as_deref(), Some("doi:10.5555/essai.12"));
    assert_eq!(reading.record.aliases[0].v, "doi:10.5555/essai.12");
}

#[test]
fn deviations_are_taken_with_a_warning_and_faults_are_named() {
    let dc = |inside: &str| {
        format!(
            "<oai_dc:dc xmlns:oai_dc='http://www.openarchives.org/OAI/2.0/oai_dc/' \
             xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:dcterms='http://purl.org/dc/terms/'>{inside}</oai_dc:dc>"
        )
    };
    let title = "<dc:title>x</dc:title>";
    for (inside, rule, severity) in [
        (
            "<dc:licence>CC BY</dc:licence>",
            "unknown-element",
            Severity::Error,
        ),
        (
            "<dc:creator><b>x</b></dc:creator>",
            "nested-element",
            Severity::Error,
        ),
        (
            "<dc:identifier>javascript:alert(1)</dc:identifier>",
            "bad-address",
            Severity::Error,
        ),
        (
            "<dc:identifier>file:///etc/passwd</dc:identifier>",
            "bad-address",
            Severity::Error,
        ),
        (
            "<dc:rights>Tous droits réservés</dc:rights>",
            "rights-in-words",
            Severity::Info,
        ),
        (
            "<dc:rights>Sous licence (https://creativecommons.org/licenses/by/4.0/).</dc:rights>",
            "licence-guessed",
            Severity::Info,
        ),
        (
            "<dc:date>la semaine dernière</dc:date>",
            "not-a-date",
            Severity::Warning,
        ),
        (
            "<dc:language>klingon</dc:language>",
            "not-a-language",
            Severity::Warning,
        ),
        ("<dc:subject/>", "empty-value", Severity::Warning),
        ("texte perdu", "stray-text", Severity::Warning),
        (
            "<dcterms:abstract>résumé</dcterms:abstract>",
            "kept-as",
            Severity::Warning,
        ),
        (
            "<dc:type>quelque chose</dc:type>",
            "not-understood",
            Severity::Info,
        ),
    ] {
        let reading = ok(&dc(&format!("{title}{inside}")));
        let found = reading.problems.iter().find(|p| p.rule == rule);
        assert_eq!(
            found.map(|p| p.severity),
            Some(severity),
            "{inside}: {:?}",
            rules(&reading)
        );
    }
    let refused = |text: &str| {
        read(text.as_bytes(), &Origin::default())
            .expect_err("refused")
            .rule
    };
    assert_eq!(refused(&dc("")), "no-values");
    assert_eq!(refused(&dc("<dc:creator>x</dc:creator>")), "no-title");
    assert_eq!(refused(&dc("<dc:title>\u{200b}</dc:title>")), "no-title");
    assert_eq!(
        refused("<html><body>Please log in</body></html>"),
        "not-this-format"
    );
    assert_eq!(
        refused("<!DOCTYPE x SYSTEM 'file:///etc/passwd'><dc/>"),
        "xml-doctype"
    );
    let reading = ok("<dc xmlns='http://purl.org/dc/elements/1.1/'><title>x</title></dc>");
    assert!(rules(&reading).contains(&"no-wrapper"));
    assert!(reading.record.licence.is_empty() && rules(&reading).contains(&"no-licence"));
}

fn shared(below: &str) -> std::path::PathBuf {
    let shared = std::env::var("COMMUN_SHARED").unwrap_or_else(|_| "../../shared".into());
    Path::new(&shared).join(below)
}

fn verdict(read: &Read) -> &'static str {
    match read {
        Err(p) if matches!(&*p.rule, "no-values") => "valid-but-useless",
        Err(_) => "invalid",
        Ok(reading) if reading.worst() == Some(Severity::Error) => "invalid",
        Ok(_) => "valid",
    }
}

#[test]
#[ignore = "needs COMMUN_SHARED"]
fn acceptance_dublin_core_as_the_manifest_expects() {
    let folder = shared("data/metadata");
    let manifest =
        std::fs::read_to_string(folder.join("MANIFEST.csv")).expect("the shared data is there");
    let mut seen = 0;
    for line in manifest.lines().filter(|l| l.starts_with("oai_dc/")) {
        let mut cells = line.split(',');
        let (path, expected) = (cells.next().unwrap(), cells.next().unwrap());
        let bytes = std::fs::read(folder.join(path)).unwrap();
        let read = read(&bytes, &Origin::named(path));
        // A file without a title is invalid for us, whatever else it has: « nested » leaves none.
        assert_eq!(verdict(&read), expected, "{path}: {read:?}");
        if let Ok(reading) = read {
            let view = reading.record.view();
            let again = super::read(&write(&view, Place::default()).bytes, &Origin::default());
            let again = again.expect("what is written is read").record.view();
            assert_eq!(again.titles, view.titles, "{path}");
            assert_eq!(again.creators, view.creators, "{path}");
            assert_eq!(again.licence, view.licence, "{path}");
            assert_eq!(again.aliases, view.aliases, "{path}");
            assert_eq!(again.published, view.published, "{path}");
            assert_eq!(again.languages, view.languages, "{path}");
            assert_eq!(again.keywords, view.keywords, "{path}");
            assert_eq!(again.publishers, view.publishers, "{path}");
        }
        seen += 1;
    }
    assert!(seen > 4, "only {seen} files are in the manifest");
}
