use super::{Item, MAX_IN_PAGE, read, records, write};
use crate::crosswalk::format::{self, Format};
use crate::crosswalk::linked::tests::{HERE, full};
use crate::crosswalk::{Origin, Reading};
use crate::problem::Severity;

/// A course as a site describes it for search engines.
const COURSE: &str = r##"{
  "@context": "https://schema.org/",
  "@type": ["Course", "LearningResource"],
  "@id": "#course",
  "url": "https://a.example/cours/algebre",
  "name": "Algèbre linéaire",
  "alternateName": "AL1",
  "description": [{"@value": "Un cours.", "@language": "fr"}, {"@value": "A course.", "@language": "en"}],
  "inLanguage": {"@type": "Language", "name": "French", "alternateName": "fr"},
  "keywords": "matrices, espaces vectoriels",
  "author": [{"@id": "#ada"}, "Bob"],
  "publisher": {"@type": "CollegeOrUniversity", "name": "Université", "url": "https://a.example"},
  "license": "https://creativecommons.org/licenses/by-sa/4.0/deed.fr",
  "learningResourceType": ["lecture", "Autre chose"],
  "educationalLevel": {"@type": "DefinedTerm", "name": "L1"},
  "audience": {"@type": "EducationalAudience", "educationalRole": "student"},
  "about": {"@type": "DefinedTerm", "@id": "http://data.europa.eu/snb/isced-f/0541", "name": "Maths"},
  "teaches": ["Résoudre un système", {"@type": "DefinedTerm", "termCode": "7", "inDefinedTermSet": "https://a.example/skills", "name": "Savoir"}],
  "educationalAlignment": {"@type": "AlignmentObject", "alignmentType": "educationalSubject", "targetName": "Algèbre", "educationalFramework": "Dewey"},
  "timeRequired": "PT20H", "typicalAgeRange": "18-",
  "isAccessibleForFree": "True",
  "interactivityType": "expositive",
  "accessMode": ["textual", "visual"],
  "accessModeSufficient": {"@type": "ItemList", "itemListElement": ["textual", "visual"]},
  "accessibilityFeature": ["captions", "hovercraft"],
  "isPartOf": {"@type": "Course", "url": "https://a.example/licence", "name": "Licence"},
  "image": {"@type": "ImageObject", "url": "https://a.example/i.png", "caption": "Une image"},
  "datePublished": "2024-09-01",
  "review": {"@type": "Review", "author": {"@type": "Person", "name": "Zoé"}, "reviewBody": "Très bien."},
  "aggregateRating": {"@type": "AggregateRating", "ratingValue": 4.5}
}"##;
const ADA: &str = r##"{"@type": "Person", "@id": "#ada", "name": "Ada Démo", "email": "ada@a.example",
  "sameAs": "https://orcid.org/0000-0002-1825-0097", "affiliation": {"@type": "Organization", "name": "Université"}}"##;

fn page(inside: &str) -> String {
    format!(
        "<!DOCTYPE html><html lang=\"fr\"><head><title>x</title><link rel=canonical href='https://a.example/page'>\
         <!-- <script type=\"application/ld+json\">{{\"@type\":\"Course\",\"name\":\"no\"}}</script> -->{inside}</head>\
         <body>a < b</body></html>"
    )
}

fn script(json: &str) -> String {
    format!("<SCRIPT async type='application/ld+json; charset=utf-8'>\n{json}\n</SCRIPT>")
}

fn the_course(reading: &Reading) {
    let view = reading.record.view();
    assert_eq!(
        reading.id.as_deref(),
        Some("https://a.example/cours/algebre")
    );
    assert_eq!(view.titles[0].1, "Algèbre linéaire");
    assert_eq!(view.titles.len(), 1);
    assert_eq!(view.descriptions.len(), 2);
    assert_eq!(view.languages, ["fr"]);
    assert_eq!(view.keywords.len(), 2);
    assert_eq!(view.kind.as_deref(), Some("course"));
    assert_eq!(view.creators.len(), 2);
    assert_eq!(view.publishers[0].kind.as_deref(), Some("organisation"));
    assert_eq!(view.licence.as_deref(), Some("CC-BY-SA-4.0"));
    assert_eq!(view.resource_types, ["lecture"]);
    assert!(
        view.classifications
            .iter()
            .any(|c| c.concept.label[0].1 == "Autre chose")
    );
    assert_eq!(view.levels, ["fr-l1"]);
    assert_eq!(view.audience, ["student"]);
    assert_eq!(view.subjects[0].id(), "iscedf-0541");
    assert_eq!(view.subjects[1].scheme, "Dewey");
    assert_eq!(view.outcomes[1].notation, "7");
    assert_eq!(view.learning_time.as_deref(), Some("PT20H"));
    assert_eq!(view.free, Some(true));
    assert_eq!(view.interactivity.as_deref(), Some("expositive"));
    assert_eq!(view.accessibility_sufficient, [["textual", "visual"]]);
    assert_eq!(view.accessibility_features, ["captions"]);
    assert_eq!(view.relations[0].target, "https://a.example/licence");
    assert_eq!(view.images[0].alt[0].1, "Une image");
    assert_eq!(
        view.annotations[0].person.as_ref().map(|p| &*p.name),
        Some("Zoé")
    );
    assert_ne!(
        reading.worst(),
        Some(Severity::Error),
        "{:?}",
        reading.problems
    );
    let body = reading.record.to_body().expect("it fits");
    let back = commun_specs::metadata::Record::from_body(&body).expect("a body");
    assert_eq!(back.skipped, 0);
}

#[test]
fn a_course_comes_in_from_json_and_from_pages() {
    let whole = COURSE.replace(
        "{\"@id\": \"#ada\"}",
        "{\"@type\": \"Person\", \"name\": \"Ada Démo\"}",
    );
    the_course(&read(whole.as_bytes(), &Origin::default()).expect("JSON"));
    let site = r#"{"@type":"WebSite","name":"Site","url":"https://a.example"}"#;
    let crumbs = r#"{"@type":"BreadcrumbList","name":"Fil"}"#;
    let bare = COURSE.replacen("\"@context\": \"https://schema.org/\",", "", 1);
    let graph = format!(
        "{{\"@context\":\"https://schema.org\",\"@graph\":[{site},{crumbs},{bare},{ADA}]}}"
    );
    for text in [
        page(&script(&graph)),
        page(&(script(site) + &script(COURSE) + &script(ADA) + &script("{oops"))),
        graph,
    ] {
        let format = format::detect(text.as_bytes(), "").expect("it is told");
        assert_eq!(format, Format::SchemaOrg);
        let found = records(text.as_bytes(), &Origin::named("page.html")).expect(&text);
        let [Item { read, original, .. }] = &found[..] else {
            panic!("{found:#?}");
        };
        let reading = read.as_ref().expect("a course");
        the_course(reading);
        let ada = &reading.record.creators[0].v;
        assert_eq!(ada.orcid.as_deref(), Some("0000-0002-1825-0097"));
        assert_eq!(ada.email, None);
        if text.starts_with('<') {
            assert_eq!(original, text.as_bytes());
            assert_eq!(format::media_type(format, original), "text/html");
        }
    }
}

#[test]
fn microdata_are_read_where_there_is_no_json() {
    let text = page(
        "<div itemscope itemtype='https://schema.org/LearningResource'><h1 itemprop=name>Les <b>matrices</b> &amp; \
         co</h1><p itemprop=description>Un cours.<p><span itemprop=creator itemscope itemtype=https://schema.org/Person>\
         <span itemprop=name>Ada</span></span><a itemprop=license href=https://creativecommons.org/licenses/by/4.0/>CC</a>\
         <meta itemprop=inLanguage content=fr><time itemprop=datePublished datetime=2024-09-01>hier</time>\
         <link itemprop=url href=https://a.example/m></div>",
    );
    let reading = read(text.as_bytes(), &Origin::default()).expect("microdata");
    let view = reading.record.view();
    assert_eq!(
        view.titles,
        [("fr".to_owned(), "Les matrices & co".to_owned())]
    );
    assert_eq!(view.creators[0].name, "Ada");
    assert_eq!(view.creators[0].kind.as_deref(), Some("person"));
    assert_eq!(view.licence.as_deref(), Some("CC-BY-4.0"));
    assert_eq!(view.published.as_deref(), Some("2024-09-01"));
    assert_eq!(reading.id.as_deref(), Some("https://a.example/m"));
}

#[test]
fn what_describes_no_resource_is_no_record() {
    for text in [
        page(""),
        page(&script(r#"{"@type":"Organization","name":"x"}"#)),
        r#"{"@type":"Person","name":"x"}"#.to_owned(),
        "<p>bonjour</p>".to_owned(),
        "<script type=application/ld+json>".to_owned(),
        "<div itemscope itemprop=x".to_owned(),
    ] {
        assert!(read(text.as_bytes(), &Origin::default()).is_err(), "{text}");
    }
    // The page itself is one where nothing else is, by its address.
    let text = page(&script(r#"{"@type":"WebPage","name":"Une page"}"#));
    let reading = read(text.as_bytes(), &Origin::default()).expect("a page");
    assert_eq!(reading.id.as_deref(), Some("https://a.example/page"));
}

#[test]
fn a_broken_block_beside_a_good_one_is_told() {
    let good = r#"{"@context":"https://schema.org","@type":"Course","name":"Un","url":"https://a.example/1"}"#;
    let read_page = |blocks: &[&str]| {
        let blocks: String = blocks.iter().map(|json| script(json)).collect();
        read(page(&blocks).as_bytes(), &Origin::default())
    };
    let reading = read_page(&["{\"@type\": \"Course\",}", good]).expect("the good one");
    let mut problems = reading.problems.iter();
    let told = problems
        .find(|p| p.rule == "page-block-broken")
        .expect("told");
    assert_eq!(
        (told.severity, &*told.path),
        (Severity::Warning, "script[0]")
    );
    assert!(told.what("fr").contains("bloc JSON-LD"));
    assert!(
        read_page(&[good])
            .expect("alone")
            .problems
            .iter()
            .all(|p| p.rule != "page-block-broken")
    );
    assert_eq!(
        read_page(&["{,}"]).expect_err("nothing else").rule,
        "json-malformed"
    );
}

#[test]
fn hostile_pages_end_quickly() {
    let began = std::time::Instant::now();
    for text in [
        "<".repeat(200_000),
        "<a ".repeat(50_000),
        "<!--".repeat(50_000),
        "<script type=application/ld+json></".repeat(20_000),
        "<b itemscope itemprop=x>".repeat(10_000),
        format!("{}{}", "<i>".repeat(30_000), "</x>".repeat(30_000)),
        "<p itemprop='".repeat(50_000),
        page(&script(&format!(
            "{{\"@graph\":[{}]}}",
            "[".repeat(100_000)
        ))),
    ] {
        let _ = records(text.as_bytes(), &Origin::default());
    }
    assert!(began.elapsed().as_secs() < 30, "{:?}", began.elapsed());
}

#[test]
fn nodes_that_refer_to_one_another_do_not_grow_without_end() {
    let nodes: Vec<String> = (0..100)
        .map(|n| {
            let others: Vec<String> = (0..50).map(|m| format!("{{\"@id\":\"#{m}\"}}")).collect();
            format!(
                r##"{{"@type":"Course","@id":"#{n}","name":"{n}","hasPart":[{}]}}"##,
                others.join(",")
            )
        })
        .collect();
    let text = format!(
        "{{\"@context\":\"https://schema.org\",\"@graph\":[{}]}}",
        nodes.join(",")
    );
    let found = records(text.as_bytes(), &Origin::default()).expect("courses");
    assert_eq!(found.len(), 100);
}

#[test]
fn what_was_written_is_read_as_the_same_in_every_language() {
    let there = full();
    let written = write(&there, HERE);
    let reading = read(&written.bytes, &Origin::default()).expect("what we write");
    assert_ne!(
        reading.worst(),
        Some(Severity::Error),
        "{:?}",
        reading.problems
    );
    let mut back = reading.record.view();
    let mut there = there;
    assert_eq!(back.titles[0], ("en".to_owned(), "Algebra".to_owned()));
    back.titles.clear();
    there.titles.clear();
    // The node that wrote it is one more place where it is described.
    assert_eq!(back.records.len(), 1);
    back.records.clear();
    // Addresses of items are those of their pages; `replaces` has no name in schema.org.
    assert_eq!(back.relations.len(), 1);
    back.relations.clear();
    there.relations.clear();
    // LOM's difficulty has no name either, nor what a graphical designer does.
    there.difficulty = None;
    for person in &mut there.contributors {
        person.kind = Some("person".into());
        if person.role.as_deref() == Some("graphical-designer") {
            person.role = Some("contributor".into());
        }
    }
    back.contributors.sort_by(|a, b| a.name.cmp(&b.name));
    there.contributors.sort_by(|a, b| a.name.cmp(&b.name));
    for view in [&mut back, &mut there] {
        // The address that it is known by is where it is found.
        view.links.retain(|link| link.kind != "location");
        for link in view.links.iter_mut().filter(|link| link.kind == "trailer") {
            link.title = None;
        }
        view.links.sort_by(|a, b| a.url.cmp(&b.url));
    }
    assert_eq!(back, there);
}

#[test]
fn things_in_things_of_many_names_cost_no_more_than_the_page() {
    let open = "<div itemscope itemprop='a b c d e'>".repeat(200);
    let text = "<span itemprop='v w x y z'>word</span>".repeat(2_000);
    let inside = format!(
        "<div itemscope itemtype='https://schema.org/Course'><b itemprop=name>Algèbre</b>{open}{text}"
    );
    let page = page("").replace("a < b", &inside);
    let reading = read(page.as_bytes(), &Origin::default()).expect("a course");
    assert_eq!(reading.record.view().titles[0].1, "Algèbre");
    // One text that everything around it has for its value.
    let open = "<i itemprop='a b c d e'>".repeat(200);
    let text = "x".repeat(19_000);
    let close = "</i>".repeat(200);
    let deep = format!("<div itemscope>{open}{text}{close}</div>");
    let things = super::microdata::read(&deep);
    let size = serde_json::to_string(&things).expect("JSON").len();
    assert!(size < 5 << 20, "{size}");
}

#[test]
fn a_context_that_is_kept_with_each_record_is_small() {
    let graph = |context: usize, records: usize| {
        let record = r#"{"@type": "Course", "name": "A", "url": "https://a.example/r"}"#;
        let records = vec![record; records].join(",");
        let context = "x".repeat(context);
        format!(r#"{{"@context": {{"a": "https://a.example/{context}"}}, "@graph": [{records}]}}"#)
    };
    let rule = |document: &str| match records(document.as_bytes(), &Origin::default()) {
        Ok(items) => items.len().to_string(),
        Err(problem) => problem.rule,
    };
    assert_eq!(rule(&graph(20_000, 1)), "1");
    assert_eq!(rule(&graph(20_000, 2)), "json-context-too-large");
    assert_eq!(rule(&graph(10_000, 2)), "2");
    assert_eq!(rule(&graph(10_000, 5_000)), "json-context-too-large");
}

#[test]
fn what_records_refer_to_is_counted_in_the_whole_document() {
    let big = "x".repeat(10_000);
    let people: Vec<String> = (0..100)
        .map(|n| {
            format!(r##"{{"@type": "Person", "@id": "#p{n}", "name": "P{n}", "x": "{big}"}}"##)
        })
        .collect();
    let all: Vec<String> = (0..100)
        .map(|n| format!(r##"{{"@id": "#p{n}"}}"##))
        .collect();
    let course = format!(
        r#"{{"@type": "Course", "name": "A", "author": [{}]}}"#,
        all.join(",")
    );
    let document = format!(
        r#"{{"@context": "https://schema.org", "@graph": [{},{}]}}"#,
        people.join(","),
        vec![course; 40].join(",")
    );
    let items = records(document.as_bytes(), &Origin::default()).expect("records");
    let told = |item: &Item| {
        let problems = &item.read.as_ref().expect("a course").problems;
        problems.iter().any(|p| p.rule == "json-references-left")
    };
    assert_eq!(items.len(), 40);
    assert!(!told(&items[0]) && told(&items[39]));
}

#[test]
fn a_licence_that_is_not_known_is_never_made_open_by_what_stands_beside_it() {
    let read = |more: &str| {
        let text = format!(r#"{{"@type": "Course", "name": "A", {more}}}"#);
        read(text.as_bytes(), &Origin::default()).expect("a course")
    };
    let by = "https://creativecommons.org/licenses/by/4.0/";
    let view = read(&format!(
        r#""license": "https://x.example/proprietary", "usageInfo": "{by}""#
    ));
    let view = view.record.view();
    assert_eq!(view.licence, None);
    assert!(
        view.links
            .iter()
            .any(|l| l.kind == "usage-info" && l.url == by)
    );
    let both = read(&format!(r#""license": ["{by}", "All rights reserved"]"#));
    let view = both.record.view();
    assert_eq!(view.licence, None);
    assert_eq!(view.licence_statements[0].1, "All rights reserved");
    let alone = read(&format!(r#""usageInfo": "{by}""#));
    assert_eq!(alone.record.view().licence.as_deref(), Some("CC-BY-4.0"));
    // An address that leads to the newest version.
    let newest = read(r#""license": "https://www.gnu.org/licenses/gpl.en.html""#);
    let rules: Vec<&str> = newest.problems.iter().map(|p| p.rule.as_str()).collect();
    assert_eq!(
        newest.record.view().licence.as_deref(),
        Some("GPL-3.0-only")
    );
    assert!(rules.contains(&"licence-guessed"), "{rules:?}");
    let exact = read(r#""license": "https://www.gnu.org/licenses/gpl-3.0.en.html""#);
    let guessed = exact.problems.iter().any(|p| p.rule == "licence-guessed");
    assert_eq!(exact.record.view().licence.as_deref(), Some("GPL-3.0-only"));
    assert!(!guessed);
}

#[test]
fn times_and_places_go_out_as_what_they_came_in_as() {
    let text = r#"{"@context": ["https://schema.org", {"@language": "fr"}], "@type": "Course", "name": "A",
        "inLanguage": "fr", "temporalCoverage": "Antiquité",
        "spatialCoverage": ["18e arrondissement", {"@value": "Paris's north", "@language": "en"}]}"#;
    let view = read(text.as_bytes(), &Origin::default()).expect("a course");
    let mut view = view.record.view();
    let out = |view: &commun_specs::metadata::View| {
        let written = write(view, HERE);
        let json: serde_json::Value = serde_json::from_slice(&written.bytes).expect("JSON");
        (json, written.losses)
    };
    let (json, losses) = out(&view);
    assert_eq!(json["temporalCoverage"], serde_json::json!(["Antiquité"]));
    assert_eq!(
        json["spatialCoverage"],
        serde_json::json!(["18e arrondissement", {"@value": "Paris's north", "@language": "en"}])
    );
    assert!(
        !losses.iter().any(|loss| loss.field == "coverage"),
        "{losses:?}"
    );
    // Where nobody said which it is, that is said.
    view.coverage_paths.clear();
    let (_, losses) = out(&view);
    assert_eq!(
        losses
            .iter()
            .filter(|loss| loss.field == "coverage")
            .count(),
        3
    );
}

#[test]
fn one_record_may_refer_to_what_it_tells_elsewhere() {
    let text = r##"{"@context": "https://schema.org", "@type": "Course", "@id": "https://a.example/c", "name": "Cours",
        "creator": {"@type": "Person", "@id": "_:ada", "name": "Ada Byron", "affiliation": {"@id": "_:u", "@type": "Organization", "name": "Université A"}},
        "editor": {"@id": "_:ada"}, "publisher": "_:u", "about": {"@id": "https://a.example/unknown"}, "isPartOf": {"@id": "https://a.example/c"}}"##;
    let view = read(text.as_bytes(), &Origin::default())
        .expect("a record")
        .record
        .view();
    assert_eq!(view.creators[0].name, "Ada Byron");
    assert_eq!(
        (
            view.contributors[0].name.as_str(),
            view.contributors[0].role.as_deref()
        ),
        ("Ada Byron", Some("editor"))
    );
    assert_eq!(view.publishers[0].name, "Université A");
    // What is not in the document is not looked for, and what refers to itself ends.
    assert_eq!(view.subjects[0].notation, "unknown");
    assert_eq!(view.relations[0].target, "https://a.example/c");
}

#[test]
fn what_a_document_has_no_room_for_is_told() {
    let big = "x".repeat(20_000);
    let graph = |nodes: &str| {
        let text = format!(r#"{{"@context": "https://schema.org", "@graph": [{nodes}]}}"#);
        let items = records(text.as_bytes(), &Origin::default()).expect("records");
        let reading = items[0].read.as_ref().expect("a course");
        let told = reading.problems.iter();
        told.filter(|p| p.rule == "json-references-left").count()
    };
    let course = |more: &str| {
        format!(
            r##"{{"@type": "Course", "@id": "#c", "name": "A", "author": {{"@id": "#p"}}{more}}}"##
        )
    };
    let person =
        |more: &str| format!(r##"{{"@type": "Person", "@id": "#p", "name": "P", "x": "{more}"}}"##);
    assert_eq!(graph(&format!("{},{}", course(""), person(""))), 0);
    assert_eq!(graph(&format!("{},{}", course(""), person(&big))), 1);
    // It is not missing in itself, however large it is.
    let large = course(&format!(r##", "isPartOf": {{"@id": "#c"}}, "x": "{big}""##));
    assert_eq!(graph(&format!("{large},{}", person(""))), 0);
    // A page that says the same in two vocabularies, as an item's page here.
    let here = r#""@id": "https://a.example/1", "name": "Un""#;
    let again = r#""id": "https://a.example/1", "type": ["LearningResource"], "name": "Un""#;
    let both = [
        format!(r#"{{"@context": "https://schema.org", "@type": "LearningResource", {here}}}"#),
        format!(r#"{{"@context": ["https://w3id.org/kim/amb/context.jsonld"], {again}}}"#),
    ];
    let both = page(&both.map(|block| script(&block)).concat());
    let items = records(both.as_bytes(), &Origin::default()).expect("a record");
    assert_eq!((items.len(), items[0].place.as_str()), (1, "script[0]"));
    let reading = items[0].read.as_ref().expect("a record");
    let told = reading.problems.iter().find(|p| p.rule == "page-twice");
    assert_eq!(told.map(|p| p.path.as_str()), Some("script[1]"));
    assert!(!reading.problems.iter().any(|p| p.rule == "page-beside"));
    // Courses of a page that all have its address are courses; so are things with a name for use within the page.
    for id in ["https://a.example/all", "_:b0"] {
        let two = ["Un", "Deux"].map(|name| {
            let course = format!(r#"{{"@type": "Course", "@id": "{id}", "name": "{name}"}}"#);
            script(&course)
        });
        let two = page(&two.concat());
        let items = records(two.as_bytes(), &Origin::default()).expect("courses");
        assert_eq!(items.len(), 2, "{id}");
    }
    // A page that is a catalogue.
    let courses: Vec<String> = (0..60)
        .map(|n| format!(r#"{{"@type": "Course", "name": "{n}", "url": "https://a.example/{n}"}}"#))
        .collect();
    let page = page(&script(&format!("[{}]", courses.join(","))));
    let items = records(page.as_bytes(), &Origin::default()).expect("courses");
    assert_eq!(items.len(), MAX_IN_PAGE);
    let last = items[MAX_IN_PAGE - 1].read.as_ref().expect("a course");
    let told = last.problems.iter().find(|p| p.rule == "page-left");
    assert_eq!(told.map(|p| p.given.as_str()), Some("10"));
}

#[test]
fn a_work_beside_the_record_is_told_and_what_the_record_refers_to_is_not() {
    let page = r##"<html><script type="application/ld+json">{"@context": "https://schema.org", "@graph": [
      {"@type": "Course", "@id": "https://a.example/c", "name": "Dunes", "hasPart": {"@id": "https://a.example/p"}},
      {"@type": "Chapter", "@id": "https://a.example/p", "name": "Sable"},
      {"@type": "VideoObject", "@id": "https://a.example/v", "name": "Vent", "contentUrl": "https://a.example/v.mp4"},
      {"@type": "WebPage", "name": "Accueil"}]}</script></html>"##;
    let found = records(page.as_bytes(), &Origin::default()).expect("a course");
    assert_eq!(found.len(), 1);
    let read = found[0].read.as_ref().expect("a record");
    let told = read.problems.iter().filter(|p| p.rule == "page-beside");
    let told: Vec<&str> = told.map(|p| p.given.as_str()).collect();
    assert_eq!(told, ["Vent"]);
}

#[test]
fn the_name_of_a_licence_may_say_less_than_its_address() {
    let read = |name: &str| {
        let record = format!(
            r#"{{"@type":"Course","name":"C","@id":"https://a.example/c","license":{{"@type":"CreativeWork","name":"{name}","url":"https://creativecommons.org/licenses/by/4.0/"}}}}"#
        );
        read(record.as_bytes(), &Origin::default()).expect("a course")
    };
    let plain = read("CC BY 4.0");
    assert_eq!(plain.record.licence[0].v, "CC-BY-4.0");
    assert!(plain.record.extra.is_empty());
    let limited = read("Tous droits réservés");
    assert_ne!(limited.record.licence[0].v, "CC-BY-4.0");
    let mut told = limited.problems.iter();
    assert!(told.any(|p| p.rule == "licence-limited"));
}
