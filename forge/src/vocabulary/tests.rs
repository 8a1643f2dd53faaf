use commun_specs::vocab::{Scheme, concepts, skos};

use super::*;

const TURTLE: &str = r#"@base <https://example.org/cnu/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix dct: <http://purl.org/dc/terms/> .
<> a skos:ConceptScheme ; dct:title "Sections du CNU"@fr .
<25> a skos:Concept ; skos:notation "25" ; skos:prefLabel "Mathématiques"@fr , "Mathematics"@en ; skos:broader <g5> .
<g5> a skos:Concept ; skos:prefLabel "Groupe 5"@fr ; skos:altLabel "G5" .
<hidden> a skos:Concept ; skos:prefLabel "cours\u202Efdp"@fr .
<note> skos:prefLabel "Not a concept"@en .
[] a skos:Concept ; skos:prefLabel "Without an address"@en .
"#;

#[test]
fn a_turtle_file_gives_its_concepts() {
    let read = read("cnu.ttl", TURTLE.as_bytes()).expect("a vocabulary");
    assert_eq!(read.address, "https://example.org/cnu/");
    assert_eq!(
        read.title,
        [("fr".to_owned(), "Sections du CNU".to_owned())]
    );
    assert_eq!(read.concepts.keys().collect::<Vec<_>>(), ["25", "g5"]);
    assert_eq!(read.label("25", "en-GB"), Some("Mathematics"));
    assert_eq!(read.label("g5", "en"), Some("Groupe 5"));
    assert_eq!(read.concepts["25"].broader, ["g5"]);
    assert_eq!(
        read.concepts["g5"].names,
        [("und".to_owned(), "G5".to_owned())]
    );
    assert_eq!(read.label("hidden", "fr"), None);
}

#[test]
fn a_json_file_gives_the_same_nested_or_not() {
    let nested = r#"{"id": "https://example.org/cnu/", "title": {"fr": "Sections du CNU"}, "hasTopConcept": [
        {"id": "https://example.org/cnu/g5", "prefLabel": {"fr": "Groupe 5"}, "altLabel": "G5", "narrower": [
            {"id": "https://example.org/cnu/25", "notation": ["25"], "prefLabel": {"fr": "Mathématiques", "en": "Mathematics"}}]}]}"#;
    let nested = read("cnu.json", nested.as_bytes()).expect("a vocabulary");
    assert_eq!(
        nested,
        read("cnu.ttl", TURTLE.as_bytes()).expect("a vocabulary")
    );
}

//= R-07-24
#[test]
fn a_scheme_may_be_named_by_a_label() {
    let labelled = r#"{"id": "https://example.org/v/", "prefLabel": {"de": "Fächer"}, "hasTopConcept": [
        {"id": "https://example.org/v/1", "prefLabel": {"de": "Eins"}}]}"#;
    let wanted = [("de".to_owned(), "Fächer".to_owned())];
    assert_eq!(read("v.json", labelled.as_bytes()).unwrap().title, wanted);
    let both = labelled.replace(
        "\"prefLabel\": {\"de\": \"Fächer\"}",
        "\"title\": {\"de\": \"Fächer\"}, \"prefLabel\": {\"de\": \"X\"}",
    );
    assert_eq!(read("v.json", both.as_bytes()).unwrap().title, wanted);
    let turtle = TURTLE.replace("dct:title", "skos:prefLabel");
    let named = read("cnu.ttl", turtle.as_bytes()).unwrap();
    assert_eq!(named.title[0].1, "Sections du CNU");
}

#[test]
fn what_nodes_serve_is_read_back_from_both_forms() {
    for &scheme in Scheme::ALL {
        let turtle = read("v.ttl", skos::turtle(scheme).as_bytes()).expect("a vocabulary");
        let json =
            read("v.jsonld", skos::json_ld(scheme).to_string().as_bytes()).expect("a vocabulary");
        assert_eq!(turtle, json, "{}", scheme.id());
        assert_eq!(turtle.address, skos::address(scheme));
        for concept in concepts(scheme) {
            assert_eq!(
                turtle.label(concept.id, "fr"),
                Some(concept.fr.trim()),
                "{}",
                concept.id
            );
            let broader: Vec<&str> = concept.broader.into_iter().collect();
            assert_eq!(turtle.concepts[concept.id].broader, broader);
        }
    }
}

#[test]
fn what_is_no_vocabulary_says_why() {
    assert!(matches!(read("a.ttl", b"<a> <b"), Err(Error::Syntax(_))));
    assert!(matches!(read("a.json", b"[]"), Err(Error::Syntax(_))));
    assert!(matches!(
        read("a.json", "[".repeat(100_000).as_bytes()),
        Err(Error::Syntax(_))
    ));
    assert!(matches!(read("a.pdf", b""), Err(Error::Name(_))));
    assert_eq!(read("a.ttl", b""), Err(Error::Empty));
    assert_eq!(read("a.json", b"{}"), Err(Error::Empty));
    assert_eq!(
        read("a.ttl", &vec![b' '; MAX_BYTES + 1]),
        Err(Error::TooLarge(MAX_BYTES + 1))
    );
    let many: String = (0..=MAX_CONCEPTS)
        .map(|n| format!("<a{n}> a <http://www.w3.org/2004/02/skos/core#Concept> .\n"))
        .collect();
    assert_eq!(read("a.ttl", many.as_bytes()), Err(Error::TooMany));
}

#[test]
fn concepts_that_are_below_each_other_or_deep_harm_nothing() {
    let round = r#"{"concepts": [{"id": "a", "prefLabel": "A", "broader": "b"}, {"id": "b", "prefLabel": "B", "broader": "a"}]}"#;
    assert_eq!(
        read("a.json", round.as_bytes())
            .expect("two")
            .concepts
            .len(),
        2
    );
    let mut deep = String::from(r#"{"id": "x", "prefLabel": "X"}"#);
    for n in 0..50 {
        deep = format!(r#"{{"id": "{n}", "prefLabel": "{n}", "narrower": [{deep}]}}"#);
    }
    let deep = format!(r#"{{"concepts": [{deep}]}}"#);
    assert_eq!(
        read("a.json", deep.as_bytes())
            .expect("some")
            .concepts
            .len(),
        20
    );
}

#[test]
#[ignore = "needs COMMUN_SHARED"]
fn acceptance_vocabularies_of_others_are_read_whole() {
    let shared = std::env::var("COMMUN_SHARED").expect("make acceptance sets it");
    let folder = std::path::Path::new(&shared).join("data/metadata/vocab");
    let mut folders = vec![folder];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the shared data is there") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().and_then(|n| n.to_str()).expect("a name");
            if path.is_dir() {
                folders.push(path);
            } else if name.ends_with(".ttl") {
                let bytes = std::fs::read(&path).expect("a file");
                let read = read(name, &bytes).unwrap_or_else(|e| panic!("{name}: {e}"));
                let stated = String::from_utf8_lossy(&bytes)
                    .matches("a skos:Concept ")
                    .count()
                    + String::from_utf8_lossy(&bytes)
                        .matches("a skos:Concept;")
                        .count();
                assert_eq!(read.concepts.len(), stated, "{name}");
                let labelled = |id: &String| read.label(id, "fr").is_some();
                assert!(read.concepts.keys().all(labelled), "{name}");
                seen += 1;
            }
        }
    }
    assert!(seen > 0);
}
