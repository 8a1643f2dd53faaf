use commun_specs::metadata::{Record, View};
use serde_json::{Value as Json, json};

use super::{CONTEXT, Place, check, read, write};
use crate::crosswalk::format::{self, Format};
use crate::crosswalk::linked::tests::{HERE, full};
use crate::crosswalk::{Origin, Read, Reading, metadata_yml, schema_org};
use crate::problem::{Problem, Severity};

mod acceptance;

/// The smallest record, with more members.
fn record(more: Json) -> Vec<u8> {
    let mut record = json!({
        "@context": [CONTEXT, {"@language": "fr"}],
        "id": "https://a.example/r",
        "type": ["LearningResource"],
        "name": "Un cours",
    });
    for (name, value) in more.as_object().expect("an object") {
        record[name] = value.clone();
    }
    record.to_string().into_bytes()
}

fn ok(more: Json) -> Reading {
    read(&record(more.clone()), &Origin::named("r.json"))
        .unwrap_or_else(|e| panic!("{more}: {e:?}"))
}

/// The worst severity of the problems at a path.
fn at(reading: &Reading, path: &str) -> Option<Severity> {
    let here = reading.problems.iter().filter(|p| p.path == path);
    here.map(|p| p.severity).max()
}

/// What is written, as an object that the schema takes.
fn valid(view: &View, place: Place<'_>) -> Json {
    let written = write(view, place);
    let document: Json = serde_json::from_slice(&written.bytes).expect("JSON");
    let problems = check(document.as_object().expect("an object"), Severity::Error);
    let broken: Vec<&Problem> = problems
        .iter()
        .filter(|p| p.severity > Severity::Info)
        .collect();
    assert!(broken.is_empty(), "{broken:#?}: {document:#}");
    document
}

#[test]
fn what_to_write_for_a_licence_is_that_licence() {
    for (written, wanted) in [
        (
            "https://creativecommons.org/licenses/by/4.0/",
            "https://creativecommons.org/licenses/by/4.0/",
        ),
        (
            "CC-BY-NC-4.0",
            "https://creativecommons.org/licenses/by-nc/4.0/",
        ),
    ] {
        let record = json!({"license": written});
        let told = super::check::check(record.as_object().expect("an object"), Severity::Error);
        let told = told.iter().find(|p| p.path == "license").expect("told");
        assert_eq!(told.wanted, json!({"id": wanted}).to_string());
    }
}

#[test]
fn what_is_written_is_valid_amb() {
    let document = valid(&full(), HERE);
    let kim = "https://w3id.org/kim/hochschulfaechersystematik/n37";
    assert_eq!(
        document["about"][2]["id"], kim,
        "the nearest of KIM's is added"
    );
    let mut view = full();
    view.subjects.retain(|subject| subject.scheme != "iscedf");
    let document = valid(&view, HERE);
    assert_eq!(document["about"], Json::Null, "no concept of KIM is known");
    let aligned = &document["educationalAlignment"][0];
    assert_eq!(aligned["alignmentType"], "educationalSubject");
    assert_eq!(
        document["mainEntityOfPage"][0]["provider"]["id"],
        "https://commun.example"
    );
    // Also where next to nothing is known.
    let document = valid(&View::default(), Place::default());
    assert!(
        document["id"]
            .as_str()
            .expect("a text")
            .starts_with("ni:///sha-256;")
    );
}

#[test]
fn each_rule_of_the_schema_speaks_at_its_place() {
    let cases = [
        (json!({"type": "LearningResource"}), "type"),
        (json!({"type": ["Course"]}), "type"),
        (
            json!({"type": ["LearningResource", "http://vivoweb.org/ontology/core#Course"]}),
            "type[1]",
        ),
        (json!({"@context": "https://schema.org"}), "@context"),
        (json!({"@context": [CONTEXT]}), "@context"),
        (
            json!({"@context": [CONTEXT, {"@language": "de-AT"}]}),
            "@context",
        ),
        (
            json!({"license": "https://creativecommons.org/licenses/by/4.0/"}),
            "license",
        ),
        (
            json!({"license": {"id": "https://www.etalab.gouv.fr/licence-ouverte-open-licence/"}}),
            "license.id",
        ),
        (
            json!({"license": {"id": "https://opensource.org/licenses/MPL-2.0"}}),
            "license.id",
        ),
        (
            json!({"creator": {"type": "Person", "name": "Ada"}}),
            "creator",
        ),
        (json!({"creator": [{"name": "Ada"}]}), "creator[0].type"),
        (
            json!({"creator": [{"type": "Person", "name": {"name": "x"}}]}),
            "creator[0].name",
        ),
        (
            json!({"publisher": [{"type": "Person", "name": "Ada", "affiliation": {"type": "Organization"}}]}),
            "publisher[0].affiliation.name",
        ),
        (
            json!({"funder": [{"type": "Offer", "name": "x"}]}),
            "funder[0].type",
        ),
        (json!({"about": [{"id": "https://a.example/x"}]}), "about"),
        (
            json!({"about": [{"id": "https://w3id.org/kim/hochschulfaechersystematik/n059", "prefLabel": "x"}]}),
            "about[0].prefLabel",
        ),
        (
            json!({"learningResourceType": {"id": "https://w3id.org/kim/hcrt/course"}}),
            "learningResourceType",
        ),
        (
            json!({"learningResourceType": [{"id": "http://a.example/course"}]}),
            "learningResourceType",
        ),
        (
            json!({"educationalLevel": [{"id": "https://w3id.org/kim/grundschule"}]}),
            "educationalLevel[0].id",
        ),
        (json!({"assesses": [{"id": 42}]}), "assesses[0].id"),
        (
            json!({"competencyRequired": {"id": "https://a.example/7"}}),
            "competencyRequired",
        ),
        (
            json!({"teaches": [{"id": "https://a.example/7", "prefLabel": {"xx": "y"}}]}),
            "teaches[0].prefLabel.xx",
        ),
        (json!({"inLanguage": "fr"}), "inLanguage"),
        (json!({"inLanguage": ["fre"]}), "inLanguage[0]"),
        (json!({"keywords": "a, b"}), "keywords"),
        (json!({"isAccessibleForFree": "no"}), "isAccessibleForFree"),
        (json!({"conditionsOfAccess": "libre"}), "conditionsOfAccess"),
        (
            json!({"interactivityType": {"prefLabel": {"en": "active"}}}),
            "interactivityType.id",
        ),
        (json!({"dateCreated": "10.09.2022"}), "dateCreated"),
        (json!({"dateModified": "2022"}), "dateModified"),
        (json!({"duration": "T47M58S"}), "duration"),
        (json!({"duration": "P"}), "duration"),
        (json!({"image": "image.png"}), "image"),
        (
            json!({"encoding": [{"type": "MediaObject"}]}),
            "encoding[0]",
        ),
        (
            json!({"encoding": [{"type": "MediaObject", "contentUrl": "https://a.example/a", "contentSize": "5 MB"}]}),
            "encoding[0].contentSize",
        ),
        (
            json!({"encoding": [{"type": "MediaObject", "contentUrl": "https://a.example/a", "encodingFormat": "pdf"}]}),
            "encoding[0].encodingFormat",
        ),
        (
            json!({"caption": {"type": "MediaObject", "id": "https://a.example/a"}}),
            "caption",
        ),
        (
            json!({"trailer": {"type": "MediaObject", "contentUrl": "https://a.example/a"}}),
            "trailer.type",
        ),
        (json!({"isBasedOn": [{"creator": []}]}), "isBasedOn[0]"),
        (json!({"hasPart": [{"name": "x"}]}), "hasPart[0].id"),
        (
            json!({"mainEntityOfPage": {"id": "https://a.example/p"}}),
            "mainEntityOfPage",
        ),
        (
            json!({"mainEntityOfPage": [{"id": "https://a.example/p", "type": "Text"}]}),
            "mainEntityOfPage[0].type",
        ),
        (
            json!({"mainEntityOfPage": [{"id": "https://a.example/p", "provider": {"name": "x"}}]}),
            "mainEntityOfPage[0].provider.id",
        ),
    ];
    for (more, path) in cases {
        let reading = ok(more.clone());
        assert_eq!(
            at(&reading, path),
            Some(Severity::Error),
            "{more}: {:?}",
            reading.problems
        );
        let told = reading
            .problems
            .iter()
            .find(|p| p.path == path)
            .expect("it is there");
        for lang in ["fr", "en"] {
            assert!(
                !told.fix(lang).is_empty() && told.what(lang).contains(path),
                "{told:?}"
            );
        }
    }
    assert_eq!(ok(json!({})).worst(), Some(Severity::Warning));
}

#[test]
fn the_meaning_of_what_breaks_the_schema_is_taken_where_it_is_certain() {
    let reading = ok(json!({
        "license": "https://creativecommons.org/licenses/by/4.0/deed.de",
        "keywords": "algèbre, matrices",
        "inLanguage": "fre",
        "creator": "Ada",
        "learningResourceType": "https://w3id.org/kim/hcrt/course",
        "dateCreated": "10.09.2022",
        "dateModified": "2022/11/05",
    }));
    let view = reading.record.view();
    assert_eq!(view.licence.as_deref(), Some("CC-BY-4.0"));
    assert_eq!(view.keywords.len(), 2);
    assert_eq!(view.languages, ["fr"]);
    assert_eq!(view.creators[0].name, "Ada");
    assert_eq!(view.resource_types, ["course"]);
    assert_eq!(view.created, None, "which is the month?");
    assert_eq!(view.modified.as_deref(), Some("2022-11-05"));
}

#[test]
fn without_a_name_or_an_address_of_its_own_a_record_does_not_come_in() {
    for (more, path) in [
        (json!({"name": ["a"]}), "name"),
        (json!({"name": {"fr": "a"}}), "name"),
        (json!({"name": null}), "name"),
        (json!({"name": ""}), "name"),
        (json!({"name": "\u{200b}\u{200b}"}), "name"),
        (json!({"id": null}), "id"),
        (json!({"id": 7}), "id"),
        (json!({"id": "cours/1"}), "id"),
        (json!({"id": "javascript:alert(1)"}), "id"),
    ] {
        let refused = read(&record(more.clone()), &Origin::default()).expect_err("it has none");
        assert_eq!(
            (refused.severity, &*refused.path),
            (Severity::Error, path),
            "{more}: {refused:?}"
        );
    }
    let swapped = json!({"@context": {"name": "https://schema.org/license"}});
    let refused = read(&record(swapped), &Origin::default()).expect_err("names are swapped");
    assert_eq!(refused.rule, "amb-redefined");
}

#[test]
fn one_file_may_hold_many_records() {
    let one = String::from_utf8(record(json!({}))).expect("UTF-8");
    let two = one.replace("/r\"", "/s\"");
    let pretty = serde_json::to_string_pretty(&serde_json::from_str::<Json>(&two).expect("JSON"))
        .expect("JSON");
    let bare = r#"{"id":"https://a.example/t","type":["LearningResource"],"name":"T"}"#;
    let graph =
        format!(r#"{{"@context":["{CONTEXT}",{{"@language":"fr"}}],"@graph":[{bare},{bare}]}}"#);
    for (text, ids) in [
        (one.clone(), vec!["r"]),
        (pretty.clone(), vec!["s"]),
        (format!("\u{feff}[{one},\n {pretty}]"), vec!["r", "s"]),
        (format!("{one}\n{two}\n"), vec!["r", "s"]),
        (graph, vec!["t", "t"]),
        (format!("{one}\n{{bad\n\n{two}"), vec!["r", "", "s"]),
        (format!("{{bad\n{one}\n{two}"), vec!["", "r", "s"]),
    ] {
        let format = format::detect(text.as_bytes(), "x.json").expect(&text);
        assert_eq!(format, Format::Amb, "{text}");
        let document =
            format::read(format, text.as_bytes(), &Origin::named("x.json")).expect(&text);
        let found: Vec<&str> = document
            .found
            .iter()
            .map(|found| match &found.read {
                Ok(reading) => {
                    // What is kept reads as the same.
                    let again = read(&found.original, &Origin::named("x.json")).expect("again");
                    assert_eq!(again, *reading, "{text}");
                    reading
                        .id
                        .as_deref()
                        .expect("an id")
                        .rsplit('/')
                        .next()
                        .unwrap_or_default()
                }
                Err(_) => "",
            })
            .collect();
        assert_eq!(found, ids, "{text}");
    }
    let document = format::read(
        Format::Amb,
        format!("{one}\n{{bad\n{two}").as_bytes(),
        &Origin::named("x"),
    );
    assert_eq!(document.expect("two records").found[1].record, "x line 2");
}

#[test]
fn hostile_json_is_refused_by_rule() {
    let deep = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
    let rule = |bytes: &[u8]| read(bytes, &Origin::default()).expect_err("hostile").rule;
    assert_eq!(rule(deep.as_bytes()), "json-too-deep");
    let nested = format!(
        "{{\"x\":{}1{}}}",
        "{\"a\":".repeat(5_000),
        "}".repeat(5_000)
    );
    assert_eq!(rule(nested.as_bytes()), "json-too-deep");
    assert_eq!(rule(b"{\"a\":1,\"\\u0061\":2}"), "json-twice");
    assert_eq!(rule(b"{\"a\":1,}"), "json-malformed");
    assert_eq!(rule(b"{\"a\":NaN}"), "json-malformed");
    assert_eq!(rule(b"{\"a\":1e999}"), "json-malformed");
    assert_eq!(rule(b"{\"a\":\"\\ud800\"}"), "json-malformed");
    assert_eq!(rule(b"{\"a\":\"\\u0000\"}"), "json-illegal-char");
    assert_eq!(rule(b"{\"a\":\"\xff\"}"), "json-encoding");
    let many: String = (0..2_000).map(|n| format!("\"k{n}\":1,")).collect();
    assert_eq!(
        rule(format!("{{{many}\"z\":1}}").as_bytes()),
        "json-too-many-members"
    );
    assert_eq!(
        rule(format!("{{\"a\":\"{}\"}}", "x".repeat(300_000)).as_bytes()),
        "json-too-large"
    );
    let many = |count: usize| vec![json!({"type": "Person", "name": "Ada"}); count];
    let long = |bytes: usize| "x".repeat(bytes);
    assert_eq!(
        rule(&record(json!({"creator": many(2_000)}))),
        "amb-too-many-values"
    );
    assert_eq!(
        rule(&record(json!({"description": long(100_000)}))),
        "amb-too-long"
    );
    // What people write is cut, and said to be.
    ok(json!({"creator": many(500), "description": long(60_000)}));
    let parts: Vec<Json> = (0..1_500)
        .map(|n| json!({"id": format!("https://a.example/{n}"), "type": ["LearningResource"]}))
        .collect();
    ok(json!({"hasPart": parts}));
    for broken in [
        "{",
        "[",
        "{\"a\"",
        "[1",
        "[1 2]",
        "{}}",
        "[]]",
        "{\"a\":[}",
        "\"",
        "[\"",
        "{\"\\",
        "",
    ] {
        assert!(
            read(broken.as_bytes(), &Origin::default()).is_err(),
            "{broken}"
        );
    }
}

#[test]
fn addresses_that_a_browser_would_run_do_not_come_in() {
    for bad in [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "blob:https://a.example/1",
        "//evil.example/x",
        "https://bank.example@evil.example/",
        "https:\\\\evil.example\\x",
    ] {
        let reading = ok(json!({
            "encoding": [{"type": "MediaObject", "contentUrl": bad}],
            "image": bad,
            "trailer": {"type": "VideoObject", "embedUrl": bad},
            "caption": [{"type": "MediaObject", "id": bad}],
            "mainEntityOfPage": [{"id": bad}],
            "isBasedOn": [{"id": bad, "name": "x"}],
            "about": [{"id": bad}],
            "teaches": [{"id": bad, "prefLabel": {"fr": "x"}}],
            "creator": [{"type": "Person", "name": "x", "id": bad}],
            "url": bad,
            "sameAs": [bad],
            "acquireLicensePage": bad,
        }));
        let view = reading.record.view();
        let mut shown = Json::Object(view.to_json());
        // What is kept as words is no link.
        shown["annotations"] = Json::Null;
        let told = shown.to_string();
        for word in ["evil", "script:", "alert", "passwd", "blob:"] {
            assert!(!told.contains(word), "{bad}: {told}");
        }
        let body = reading.record.to_body().expect("it fits");
        assert_eq!(
            Record::from_body(&body).expect("a body").skipped,
            0,
            "{bad}"
        );
    }
}

/// What may differ after a round trip, and why.
fn comparable(view: &View) -> View {
    let mut view = view.clone();
    // Labels that AMB has no language for are not written; those of shipped concepts are its own.
    view.aliases.sort();
    view.links
        .sort_by(|a, b| (&a.kind, &a.url).cmp(&(&b.kind, &b.url)));
    view
}

#[test]
fn what_was_written_is_read_as_the_same_but_for_its_losses() {
    let there = full();
    let document = valid(&there, HERE);
    let reading = read(document.to_string().as_bytes(), &Origin::default()).expect("AMB");
    assert_ne!(
        reading.worst(),
        Some(Severity::Error),
        "{:?}",
        reading.problems
    );
    let back = comparable(&reading.record.view());
    let there = comparable(&there);
    assert_eq!(back.titles, [("fr".to_owned(), "Algèbre".to_owned())]);
    assert_eq!(
        (&back.summaries, &back.descriptions),
        (&there.summaries, &there.descriptions)
    );
    assert_eq!((&back.keywords, &back.kind), (&there.keywords, &there.kind));
    assert_eq!(back.creators, there.creators);
    assert_eq!(back.licence, there.licence);
    assert_eq!(back.resource_types, ["course", "assessment"]);
    assert_eq!(back.levels, ["isced-6"]);
    assert_eq!(back.subjects, there.subjects);
    assert_eq!(back.outcomes.len(), 2);
    assert_eq!(back.competencies, there.competencies);
    assert_eq!(back.audience, ["student"]);
    assert_eq!(
        (&back.activities, &back.usages),
        (&there.activities, &there.usages)
    );
    assert_eq!(
        (&back.age_ranges, &back.learning_time),
        (&there.age_ranges, &there.learning_time)
    );
    assert_eq!(
        (&back.version, &back.status),
        (&there.version, &there.status)
    );
    assert_eq!((back.free, &back.access), (there.free, &there.access));
    assert_eq!(back.document_types, there.document_types);
    assert_eq!(back.accessibility_features, there.accessibility_features);
    assert_eq!(
        back.accessibility_sufficient,
        there.accessibility_sufficient
    );
    assert_eq!(back.aliases, there.aliases);
    assert_eq!(back.images, there.images);
    assert_eq!(back.relations[0].title.as_deref(), Some("Équations"));
}

/// A verdict in the words of the manifest.
fn verdict(read: &Read) -> &'static str {
    match read.as_ref().map(Reading::worst) {
        Err(_) | Ok(Some(Severity::Error)) => "invalid",
        Ok(Some(Severity::Warning)) => "accept-with-warning",
        Ok(_) => "valid",
    }
}

/// A graph: two courses by one author, told once; the author has a home, which is told inside another.
const GRAPH: &str = r##"{"@context": ["https://w3id.org/kim/amb/context.jsonld", {"@language": "fr"}], "@graph": [
    {"id": "https://a.example/1", "type": ["LearningResource"], "name": "Un", "creator": [{"id": "#ada"}],
     "publisher": [{"id": "https://a.example/u", "type": "Organization", "name": "Université A"}]},
    {"id": "#ada", "type": "Person", "name": "Ada Byron", "affiliation": {"id": "https://a.example/u"}, "knows": {"id": "#max"}},
    {"id": "#max", "type": "Person", "name": "Max Planté", "knows": {"id": "#ada"}},
    {"id": "https://a.example/2", "type": ["LearningResource"], "name": "Deux", "creator": [{"id": "#ada", "type": "Person"}],
     "contributor": ["#max"], "publisher": [{"id": "https://a.example/u", "type": "Organization"}],
     "isPartOf": [{"id": "https://a.example/1", "type": ["LearningResource"]}]}]}"##;

#[test]
fn what_a_graph_tells_once_completes_what_refers_to_it() {
    let items = super::records(GRAPH.as_bytes(), &Origin::default()).expect("a graph");
    let places: Vec<&str> = items.iter().map(|item| item.place.as_str()).collect();
    assert_eq!(places, ["@graph[0]", "@graph[3]"], "people are no records");
    for item in &items {
        // What is kept of a record says the same by itself.
        for reading in [
            item.read.clone(),
            super::read(&item.original, &Origin::default()),
        ] {
            let view = reading.expect("a record").record.view();
            assert_eq!(view.creators[0].name, "Ada Byron");
            let home = view.creators[0].affiliation.as_ref().expect("a home");
            assert_eq!(home.name, "Université A");
            assert_eq!(view.publishers[0].name, "Université A");
        }
    }
    let second = items[1].read.as_ref().expect("a record");
    let view = second.record.view();
    assert_eq!(view.contributors[0].name, "Max Planté");
    assert_eq!(view.relations[0].target, "https://a.example/1");
    assert_eq!(
        second.worst(),
        Some(Severity::Warning),
        "{:?}",
        second.problems
    );
}

/// A graph with a course that is no resource and one that is told inside another: both are referred to.
const PARTS: &str = r#"{"@context": ["https://w3id.org/kim/amb/context.jsonld", {"@language": "fr"}], "@graph": [
    {"id": "https://a.example/1", "type": ["LearningResource"], "name": "Un", "isPartOf": [{"id": "https://a.example/s"}]},
    {"id": "https://a.example/s", "type": ["Course"], "name": "Série"},
    {"id": "https://a.example/2", "type": ["LearningResource"], "name": "Deux",
     "hasPart": [{"id": "https://a.example/in", "type": ["LearningResource"], "name": "Dedans"}]},
    {"id": "https://a.example/3", "type": ["LearningResource"], "name": "Trois", "isPartOf": [{"id": "https://a.example/in"}]}]}"#;

#[test]
fn what_is_no_record_of_a_graph_is_told_and_what_is_kept_is_one_record() {
    let items = super::records(PARTS.as_bytes(), &Origin::default()).expect("a graph");
    let places: Vec<&str> = items.iter().map(|item| item.place.as_str()).collect();
    assert_eq!(places, ["@graph[0]", "@graph[2]", "@graph[3]"]);
    let told = |item: &schema_org::Item| {
        let problems = &item.read.as_ref().expect("a record").problems;
        let told = problems.iter().find(|p| p.rule == "amb-no-record");
        told.map(|problem| problem.given.clone())
    };
    assert_eq!(told(&items[0]).as_deref(), Some("https://a.example/s"));
    assert_eq!((told(&items[1]), told(&items[2])), (None, None));
    for (item, part) in items.iter().zip(["Série", "Dedans", "Dedans"]) {
        let record = &item.read.as_ref().expect("a record").record;
        assert_eq!(record.relations[0].v.title.as_deref(), Some(part));
        let again = super::records(&item.original, &Origin::default()).expect("a document");
        assert_eq!(again.len(), 1, "{}", item.place);
        let again = again[0].read.as_ref().expect("a record");
        assert_eq!(&again.record, record, "{}", item.place);
    }
}
