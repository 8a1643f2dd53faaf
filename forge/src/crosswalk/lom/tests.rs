use std::path::Path;

use commun_specs::metadata::{Notice, Record, View};

use super::{Place, Profile, read, read_vcard, write, write_vcard};
use crate::crosswalk::{Origin, Read, Reading};
use crate::problem::Severity;

mod acceptance;
mod fixtures;

use fixtures::{FULL, IMS};

fn ok(text: &str) -> Reading {
    read(text.as_bytes(), &Origin::named("test.xml")).expect(text)
}

fn lom(inside: &str) -> String {
    format!("<lom xmlns='http://ltsc.ieee.org/xsd/LOM'>{inside}</lom>")
}

fn general(inside: &str) -> String {
    lom(&format!(
        "<general><title><string language='fr'>t</string></title>{inside}</general>"
    ))
}

fn rule(text: &str, rule: &str) -> Option<Severity> {
    let reading = ok(text);
    let found = reading.problems.iter().find(|p| p.rule == rule);
    found.map(|p| p.severity)
}

/// The record after it went out and came in again.
fn again(view: &View, profile: Profile) -> View {
    let written = write(view, Place::default(), profile);
    let reading = read(&written.bytes, &Origin::default());
    let reading = reading.unwrap_or_else(|p| panic!("{p:?}: {}", text(&written.bytes)));
    let wrong: Vec<_> = reading
        .problems
        .iter()
        .filter(|p| p.severity == Severity::Error && !p.rule.starts_with("suplomfr"))
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}: {}", text(&written.bytes));
    reading.record.view()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What may differ after a round trip: the record says which profile it now follows, and in which language.
fn comparable(view: &View) -> View {
    let mut view = view.clone();
    for notice in &mut view.records {
        notice.schemas.clear();
    }
    // The language of the title is said as that of the record where it had none.
    view.records.retain(|notice| {
        let language = notice.language.clone();
        *notice
            != Notice {
                language,
                ..Notice::default()
            }
    });
    view
}

#[test]
fn every_element_of_lom_comes_in() {
    let reading = ok(FULL);
    assert_ne!(
        reading.worst(),
        Some(Severity::Error),
        "{:?}",
        reading.problems
    );
    assert_eq!(reading.id.as_deref(), Some("doi:10.5555/lom"));
    let view = reading.record.view();
    assert_eq!(view.titles.len(), 2);
    assert_eq!(view.languages, ["fr", "en"]);
    assert_eq!(
        view.aliases,
        [
            "https://a.example/r",
            "doi:10.5555/lom",
            "urn:isbn:9782070000000"
        ]
    );
    assert_eq!(view.identifiers[0].entry, "12-B");
    assert_eq!(view.keywords.len(), 2);
    assert_eq!(view.structure.as_deref(), Some("hierarchical"));
    assert_eq!(view.aggregation_level, Some(2));
    assert_eq!(view.document_types, ["text"]);
    assert_eq!(view.version.as_deref(), Some("2.1"));
    assert_eq!(view.status.as_deref(), Some("final"));
    let ada = &view.creators[0];
    assert_eq!(ada.orcid.as_deref(), Some("0000-0002-1825-0097"));
    assert_eq!(
        ada.affiliation.as_ref().map(|a| &*a.name),
        Some("Université, test")
    );
    assert_eq!(ada.date.as_deref(), Some("2024-03-01"));
    assert_eq!(view.publishers[0].kind.as_deref(), Some("organisation"));
    assert_eq!(view.publishers[0].ids, ["urn:siren:130005481"]);
    assert_eq!(view.published.as_deref(), Some("2024-09-01T08:00:00+02:00"));
    assert_eq!(
        view.contributors[0].role.as_deref(),
        Some("graphical-designer")
    );
    assert_eq!(view.contributors[1].role.as_deref(), Some("contributor"));
    assert_eq!(view.records[0].schemas, ["LOMv1.0", "LOMFRv1.0"]);
    assert_eq!(
        view.records[0].contributions[0].role.as_deref(),
        Some("creator")
    );
    assert_eq!(view.formats, ["application/pdf"]);
    assert_eq!(view.size, Some(1200));
    assert_eq!(view.links[0].url, "https://a.example/r.pdf");
    assert_eq!(view.requirements[0].any.len(), 2);
    assert_eq!(view.duration.as_deref(), Some("PT1H30M"));
    assert_eq!(view.learning_time.as_deref(), Some("PT2H"));
    assert_eq!(view.interactivity_level.as_deref(), Some("very-low"));
    assert_eq!(view.resource_types, ["figure", "lecture", "tutorial"]);
    assert_eq!(
        view.levels,
        [
            "higher-education",
            "fr-licence",
            "continuing-education",
            "isced-7"
        ]
    );
    assert_eq!(view.audience, ["student"]);
    assert_eq!(view.age_ranges, ["18-25"]);
    assert_eq!(view.difficulty.as_deref(), Some("very-difficult"));
    assert_eq!(view.activities, ["practise"]);
    assert_eq!(view.credits[0].1, "6 ECTS");
    assert_eq!((view.free, view.restrictions), (Some(true), Some(true)));
    assert_eq!(view.licence.as_deref(), Some("CC-BY-SA-4.0"));
    assert_eq!(view.relations[0].kind, "isTranslationOf");
    assert_eq!(view.relations[0].target, "https://a.example/en");
    assert_eq!(view.relations[1].kind, "requires");
    assert_eq!(view.annotations[0].text[0].1, "Très clair.");
    assert_eq!(view.subjects[0].scheme, "ddc");
    assert_eq!(view.subjects[0].broader[0].notation, "500");
    assert_eq!(view.subjects[1].id(), "iscedf-0541");
    assert_eq!(view.outcomes[0].label[0].1, "Savoir calculer un noyau.");
    assert_eq!(view.accessibility_features, ["captions"]);
    let title = &reading.record.title[0];
    assert_eq!(title.path, "lom.general.title");
    assert_eq!(title.src.scheme, "lom");
    // What has no field is kept.
    let extra = &reading.record.extra["lom"];
    assert_eq!(
        extra["lom.lifeCycle.contribute.date.description"][0],
        "création"
    );
    let body = reading.record.to_body().expect("a body");
    assert_eq!(Record::from_body(&body).expect("read").skipped, 0);
}

#[test]
fn what_came_in_goes_out_unchanged() {
    let view = ok(FULL).record.view();
    for profile in [Profile::LomFr, Profile::SupLomFr] {
        assert_eq!(
            comparable(&again(&view, profile)),
            comparable(&view),
            "{profile:?}"
        );
    }
    // Plain LOM has no word for a licence, a contributor, a type of document.
    let plain = again(&view, Profile::Lom);
    assert_eq!(plain.titles, view.titles);
    assert_eq!(plain.levels, view.levels);
    assert_eq!(plain.creators, view.creators);
    assert_eq!(plain.subjects, view.subjects);
    assert_eq!(plain.licence, view.licence);
    let losses = write(&view, Place::default(), Profile::Lom).losses;
    let fields: Vec<&str> = losses.iter().map(|l| l.field.as_str()).collect();
    for field in [
        "activities",
        "credit",
        "document_type",
        "contributors",
        "relations",
    ] {
        assert!(fields.contains(&field), "{field}: {fields:?}");
    }
    assert!(
        write(&view, Place::default(), Profile::LomFr)
            .losses
            .is_empty()
    );
}

#[test]
fn the_older_standard_has_words_and_times_of_its_own() {
    let said = |name: &str, word: &str| {
        let text = |text: &str| format!("<langstring xml:lang='x-none'>{text}</langstring>");
        let (source, value) = (text("LOMv1.0"), text(word));
        format!("<{name}><source>{source}</source><value>{value}</value></{name}>")
    };
    let lrm = |structure: &str, inside: &str| {
        format!(
            "<lom xmlns='http://www.imsglobal.org/xsd/imsmd_rootv1p2p1'><general><title><langstring xml:lang='en'>t</langstring>\
             </title>{structure}</general><educational>{inside}</educational></lom>"
        )
    };
    let inside = [
        said("context", "University First Cycle"),
        said("context", "Continuous Formation"),
        said("context", "Technical School First Cycle"),
        "<typicallearningtime><datetime>0000-00-00T01:45</datetime></typicallearningtime>".into(),
    ];
    let reading = ok(&lrm(&said("structure", "Mixed"), &inside.concat()));
    let wrong: Vec<_> = reading
        .problems
        .iter()
        .filter(|p| p.severity == Severity::Error)
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    let view = reading.record.view();
    assert_eq!(view.levels, ["isced-6", "continuing-education"]);
    assert_eq!(view.learning_time.as_deref(), Some("PT1H45M"));
    assert_eq!(view.classifications.len(), 1);
    // In LOM they are no words.
    let context = "<educational><context><source>LOMv1.0</source><value>University First Cycle</value></context></educational>";
    let general = "<general><title><string language='fr'>t</string></title></general>";
    let inside = |source: &str| format!("{general}{}", context.replace("LOMv1.0", source));
    for source in ["LOMv1.0", "SupLOMFRv1.0"] {
        assert_eq!(
            rule(&lom(&inside(source)), "lom-not-in-list"),
            Some(Severity::Error)
        );
    }
    assert_eq!(rule(&lom(&inside("EUN")), "lom-not-in-list"), None);
}

#[test]
fn what_stands_once_too_often_is_kept_and_told() {
    let one = |value: &str| {
        format!("<structure><source>LOMv1.0</source><value>{value}</value></structure>")
    };
    let reading = ok(&general(&[one("linear"), one("atomic")].concat()));
    assert_eq!(reading.record.view().structure.as_deref(), Some("linear"));
    let told = |rule: &str| {
        let of = |p: &&crate::problem::Problem| p.rule == rule && p.path == "lom.general.structure";
        reading.problems.iter().filter(of).count()
    };
    assert_eq!((told("lom-too-many"), told("kept-aside")), (1, 1));
    let languages = "<lom:version><lom:string language='fr'>1re</lom:string><lom:string language='en'>1st</lom:string></lom:version>";
    let reading = ok(&lom(&format!(
        "<general><title><string language='fr'>t</string></title></general><lifeCycle>{}</lifeCycle>",
        languages.replace("lom:", "")
    )));
    assert!(
        reading
            .problems
            .iter()
            .any(|p| p.rule == "kept-aside" && p.given == "1st")
    );
}

#[test]
fn a_path_of_taxa_without_a_source_stays_a_path() {
    let taxon = |id: &str, entry: &str| {
        format!("<taxon><id>{id}</id><entry><string language='fr'>{entry}</string></entry></taxon>")
    };
    let path = [taxon("5", "Sciences"), taxon("51", "Algèbre")].concat();
    let inside = format!(
        "<general><title><string language='fr'>t</string></title></general><classification><purpose><source>LOMv1.0</source>\
         <value>discipline</value></purpose><taxonPath>{path}</taxonPath></classification>"
    );
    let view = ok(&lom(&inside)).record.view();
    let [subject] = &view.subjects[..] else {
        panic!("{:?}", view.subjects)
    };
    assert_eq!((&*subject.notation, subject.broader.len()), ("51", 1));
    assert_eq!(again(&view, Profile::Lom).subjects, view.subjects);
}

#[test]
fn the_older_binding_is_read_too() {
    let reading = ok(IMS);
    assert_ne!(
        reading.worst(),
        Some(Severity::Error),
        "{:?}",
        reading.problems
    );
    let view = reading.record.view();
    assert_eq!(view.titles, [("en".to_owned(), "Golf".to_owned())]);
    assert_eq!(view.aliases, ["https://a.example/golf"]);
    assert_eq!(view.status.as_deref(), Some("final"));
    assert_eq!(view.creators[0].name, "Ada Exemple");
    assert_eq!(view.created.as_deref(), Some("2003-05-01"));
    assert_eq!(view.learning_time.as_deref(), Some("PT1H"));
    assert_eq!(view.resource_types, ["drill_and_practice"]);
    assert_eq!(view.restrictions, Some(true));
    assert_eq!(view.subjects[0].notation, "796.352");
    assert_eq!(view.subjects[0].broader[0].notation, "796");
}

#[test]
fn what_exporters_write_is_taken_with_a_warning() {
    let contribute = |date: &str, card: &str| {
        lom(&format!(
            "<general><title><string>t</string></title></general><lifeCycle><contribute><role><source>LOMv1.0</source>\
             <value>author</value></role><entity>{card}</entity><date><dateTime>{date}</dateTime></date></contribute></lifeCycle>"
        ))
    };
    let card = "BEGIN:VCARD\nFN:X\nEND:VCARD";
    let rights = |text: &str| {
        lom(&format!(
            "<general><title><string>t</string></title></general><rights><description><string>{text}</string></description></rights>"
        ))
    };
    for (text, wanted) in [
        (
            contribute("2024-09-01T08:00:00+02:00", card),
            "lom-date-zone",
        ),
        (contribute("2021-04-09 16:20:11", card), "date-respelt"),
        (
            contribute(
                "2021",
                "BEGIN:VCARD VERSION:3.0 N:A;B;;; FN:B A ORG:U END:VCARD",
            ),
            "vcard-one-line",
        ),
        (contribute("2021", "Ada Exemple"), "vcard-missing"),
        (
            general("<language>http://id.loc.gov/vocabulary/iso639-2/fre</language>"),
            "language-respelt",
        ),
        (general("<language>fre</language>"), "language-respelt"),
        (general("<language>fr_FR</language>"), "language-respelt"),
        (
            general(
                "<description><string>&lt;p&gt;a &lt;b&gt;b&lt;/b&gt;&lt;/p&gt;</string></description>",
            ),
            "markup-removed",
        ),
        (
            lom("<technical><location>\n https://a.example/\n</location></technical>"),
            "padded-value",
        ),
        (
            lom("<technical><format>http://purl.org/NET/mediatypes/text/html</format></technical>"),
            "kept-as",
        ),
        (lom("<technical><size>0</size></technical>"), "lom-size"),
        (
            lom("<technical><location>javascript:alert(1)</location></technical>"),
            "bad-address",
        ),
        (
            lom("<rights><cost><source>LOMv1.0</source><value>Yes</value></cost></rights>"),
            "kept-as",
        ),
        (
            lom(
                "<classification><purpose><source>LOMv1.0</source><value>dewey</value></purpose></classification>",
            ),
            "kept-as",
        ),
        (
            rights(
                "Licence Creative Commons : Paternité - Pas d'Utilisation Commerciale 2.0 France.",
            ),
            "licence-guessed",
        ),
    ] {
        assert_eq!(
            rule(&text, wanted),
            Some(Severity::Warning),
            "{text}: {:?}",
            ok(&text).problems
        );
    }
    let read = ok(&contribute("2024-09-01T08:00:00.0+02:00", card));
    assert!(!read.problems.iter().any(|p| p.rule == "lom-date-zone"));
    assert_eq!(read.record.created[0].v, "2024-09-01T08:00:00+02:00");
}

#[test]
fn what_is_against_the_standard_is_an_error_by_rule() {
    let context = |source: &str, value: &str| {
        lom(&format!(
            "<educational><context><source>{source}</source><value>{value}</value></context></educational>"
        ))
    };
    for (text, wanted) in [
        (lom("<general/><general/>"), "lom-too-many"),
        (general("<title><string>u</string></title>"), "lom-too-many"),
        (
            lom("<general><title>bare</title></general>"),
            "lom-no-langstring",
        ),
        (context("LOMv1.0", "grande école"), "lom-not-in-list"),
        (
            lom("<technical><duration><duration>1h30</duration></duration></technical>"),
            "lom-duration",
        ),
        (
            lom(
                "<lifeCycle><contribute><date><dateTime>hier</dateTime></date></contribute></lifeCycle>",
            ),
            "not-a-date",
        ),
        (lom("<technical><size>big</size></technical>"), "lom-size"),
    ] {
        assert_eq!(
            rule(&text, wanted),
            Some(Severity::Error),
            "{text}: {:?}",
            ok(&text).problems
        );
    }
    // A word of somebody else's vocabulary is kept.
    let view = ok(&context("https://voc.example/", "grande école"))
        .record
        .view();
    assert_eq!(view.classifications[0].concept.notation, "grande école");
    let refused = |text: &str| {
        read(text.as_bytes(), &Origin::default())
            .expect_err("refused")
            .rule
    };
    assert_eq!(
        refused("<lom xmlns='http://a.example/'><general/></lom>"),
        "wrong-namespace"
    );
    assert_eq!(refused("<record/>"), "not-this-format");
    assert_eq!(refused(&lom("")), "no-values");
    assert_eq!(
        refused("<!DOCTYPE lom [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><lom>&x;</lom>"),
        "xml-doctype"
    );
    let laughs = "<!DOCTYPE lom [<!ENTITY a 'aa'><!ENTITY b '&a;&a;'>]><lom>&b;</lom>";
    assert_eq!(refused(laughs), "xml-doctype");
}

#[test]
fn the_profile_of_suplomfr_is_checked() {
    let sup = lom(
        "<metaMetadata><metadataSchema>SupLOMFRv1.0</metadataSchema></metaMetadata><general><title><string>t</string></title></general>",
    );
    let reading = ok(&sup);
    let missing: Vec<&str> = reading
        .problems
        .iter()
        .filter(|p| p.rule == "suplomfr-mandatory")
        .map(|p| p.wanted.as_str())
        .collect();
    assert!(
        missing.contains(&"6.3") && missing.contains(&"1.9") && !missing.contains(&"1.2"),
        "{missing:?}"
    );
    assert_eq!(rule(&sup, "suplomfr-role"), Some(Severity::Error));
    assert_eq!(rule(&sup, "suplomfr-recommended"), Some(Severity::Warning));
    let dialect = reading
        .problems
        .iter()
        .find(|p| p.rule == "lom-dialect")
        .expect("said");
    assert_eq!(
        (dialect.given.as_str(), dialect.wanted.as_str()),
        ("SupLOMFR", "SupLOMFRv1.0")
    );
    // What is written for a harvester fulfils it, as far as the record has the values.
    let mut view = ok(FULL).record.view();
    view.publishers.clear();
    view.published = None;
    let place = Place {
        url: Some("https://commun.example/u/r"),
        institution: Some("Université"),
    };
    let written = write(&view, place, Profile::SupLomFr);
    let reading = read(&written.bytes, &Origin::default()).expect("read");
    let missing: Vec<&str> = reading
        .problems
        .iter()
        .filter(|p| p.rule.starts_with("suplomfr-m"))
        .map(|p| p.path.as_str())
        .collect();
    // Nobody knows when it was published.
    assert_eq!(missing, ["lom.lifeCycle.contribute.date"]);
}

#[test]
fn cards_are_read_however_they_are_written() {
    let org = "BEGIN:VCARD\r\nVERSION:4.0\r\nKIND:org\r\nFN:Canopé\r\nNOTE:SIREN=180089013\r\nTEL:+33\r\nEND:VCARD";
    let card = read_vcard(org);
    let person = card.person.expect("a name");
    assert_eq!(person.kind.as_deref(), Some("organisation"));
    assert_eq!(person.ids, ["urn:siren:180089013"]);
    assert_eq!(card.private, ["TEL"]);
    let folded = "BEGIN:VCARD\n  FN:Ada Exem\n ple\n  N:Exemple;Ada;;Dr;\n  EMAIL;TYPE=\"a:b\":ada@example.org\nUID:https://orcid.org/0000-0002-1825-0097\nX-ISNI:0000 0001 2103 2683\nEND:VCARD";
    let person = read_vcard(folded).person.expect("a name");
    assert_eq!(person.name, "Ada Exemple");
    assert_eq!(person.email.as_deref(), Some("ada@example.org"));
    assert_eq!(person.honorific.as_deref(), Some("Dr"));
    assert_eq!(person.orcid.as_deref(), Some("0000-0002-1825-0097"));
    assert_eq!(person.ids, ["https://isni.org/isni/0000000121032683"]);
    assert_eq!(read_vcard(&write_vcard(&person)).person, Some(person));
    let wrong =
        read_vcard("BEGIN:VCARD\nFN:X\nURL:https://orcid.org/0000-0002-1825-0098\nEND:VCARD");
    assert_eq!(wrong.wrong.len(), 1);
    assert_eq!(wrong.person.expect("a name").orcid, None);
    for hostile in [
        "BEGIN:VCARD FN:Ada NOTE:voir l’auteur: x END:VCARD",
        "BEGIN:VCARD\na€b:x\n€:y\nEND:VCARD",
        "BEGIN:VCARD",
        "BEGIN:VCARD\n:\n;\nN:;;;;;;;;\n\\\nEND",
        "é",
        "",
        "BEGIN:VCARD\\nFN:\\",
    ] {
        let _ = read_vcard(hostile);
    }
}

#[test]
fn odd_input_is_read_without_a_panic() {
    // Every cut of the record, and the record with each element emptied.
    for at in (0..FULL.len())
        .step_by(37)
        .filter(|at| FULL.is_char_boundary(*at))
    {
        let _ = read(&FULL.as_bytes()[..at], &Origin::default());
    }
    for name in [
        "<lom:value>",
        "<lom:string language=\"fr\">",
        "<lom:entry>",
        "<lom:dateTime>",
        "<lom:id>",
    ] {
        let odd = FULL.replace(name, &format!("{name}\u{202e};:é&#1;"));
        if let Ok(reading) = read(odd.as_bytes(), &Origin::default()) {
            let body = reading.record.to_body().expect("a body");
            assert_eq!(Record::from_body(&body).expect("read").skipped, 0, "{name}");
            for (profile, _) in Profile::NAMES {
                again(&reading.record.view(), profile);
            }
        }
    }
}

fn shared(below: &str) -> std::path::PathBuf {
    let shared = std::env::var("COMMUN_SHARED").unwrap_or_else(|_| "../../shared".into());
    Path::new(&shared).join(below)
}

fn verdict(read: &Read) -> &'static str {
    match read {
        Err(_) => "invalid",
        Ok(reading) => match reading.worst() {
            Some(Severity::Error) => "invalid",
            Some(Severity::Warning) => "accept-with-warning",
            _ => "valid",
        },
    }
}

#[test]
fn cards_of_old_and_careless_programs_name_their_people() {
    let people = |entity: &str| {
        let xml = lom(&format!(
            "<general><title><string>t</string></title></general><lifeCycle><contribute><role><source>LOMv1.0</source>\
             <value>author</value></role><entity><![CDATA[{entity}]]></entity></contribute></lifeCycle>"
        ));
        let creators = ok(&xml).record.creators.into_iter().map(|c| c.v);
        creators.collect::<Vec<_>>()
    };
    // vCard 2.1: quoted-printable, with a soft line break; Latin-1 where it says nothing.
    let old = people(
        "BEGIN:VCARD\nVERSION:2.1\nN;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:Lef=C3=A8vre;No=C3=ABlle\n\
         FN;QUOTED-PRINTABLE:No=EBlle =\nLef=E8vre\nEND:VCARD",
    );
    assert_eq!(old[0].family.as_deref(), Some("Lefèvre"));
    assert_eq!(old[0].name, "Noëlle Lefèvre");
    let two = people(
        "BEGIN:VCARD\nFN:Ada Byron\nN:Byron;Ada\nEND:VCARD\nBEGIN:VCARD\nFN:Max Born\nN:Born;Max\nEND:VCARD",
    );
    // The first one counts.
    let names: Vec<&str> = two.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["Ada Byron"]);
    assert_eq!(two[0].family.as_deref(), Some("Byron"));
    // A folded line: its white space is the sign of folding, that before it belongs to the value.
    let folded = people("BEGIN:VCARD\nN:Marti\n n;Jean\nFN:Jean \n Martin\nEND:VCARD");
    assert_eq!(folded[0].name, "Jean Martin");
    assert_eq!(folded[0].family.as_deref(), Some("Martin"));
    let bare = people("Marie Curie <marie@e.example>");
    assert_eq!(bare[0].name, "Marie Curie");
    assert_eq!(bare[0].email.as_deref(), Some("marie@e.example"));
}

#[test]
fn a_word_that_was_understood_is_not_reported_as_unknown() {
    let reading = ok(&lom(
        "<general><title><string>t</string></title></general><educational><learningResourceType>\
         <source>http://data.education.fr/voc/scolomfr/scolomfr-voc-010</source>\
         <value>http://data.education.fr/voc/scolomfr/concept/scolomfr-voc-010-num-007</value><label>exercice</label>\
         </learningResourceType></educational>",
    ));
    assert_eq!(reading.record.resource_type.len(), 1);
    let unknown = reading.problems.iter().find(|p| p.rule == "not-understood");
    assert_eq!(unknown, None);
    assert_eq!(reading.record.classifications.len(), 1);
}

#[test]
fn a_card_of_any_length_is_read_in_a_moment_and_the_cut_is_told() {
    let card = format!(
        "BEGIN:VCARD\nFN:Ada\nNOTE;ENCODING=QUOTED-PRINTABLE:{}\nEND:VCARD",
        "=\n".repeat(5 << 20)
    );
    let begun = std::time::Instant::now();
    let read_card = read_vcard(&card);
    assert!(begun.elapsed() < std::time::Duration::from_secs(20));
    assert!(read_card.cut);
    assert_eq!(read_card.person.expect("a name").name, "Ada");
    let long = format!(
        "BEGIN:VCARD\nFN:Ada\nNOTE:{}\nEND:VCARD",
        "é".repeat(40_000)
    );
    let reading = ok(&lom(&format!(
        "<general><title><string>t</string></title></general><lifeCycle><contribute><role><source>LOMv1.0</source>\
         <value>author</value></role><entity>{long}</entity></contribute></lifeCycle>"
    )));
    assert!(reading.problems.iter().any(|p| p.rule == "vcard-too-long"));
    assert!(!read_vcard("BEGIN:VCARD\nFN:Ada\nEND:VCARD").cut);
}

#[test]
fn odd_cards_keep_their_person() {
    let name = |card: &str| read_vcard(card).person.expect("a name").name;
    let alone = read_vcard("<marie@e.example>").person.expect("a person");
    assert_eq!(alone.name, "marie@e.example");
    assert_eq!(alone.email.as_deref(), Some("marie@e.example"));
    assert_eq!(
        name("BEGIN:VCARD\nFN;ENCODING=QUOTED-PRINTABLE:Ada=+5B\nEND:VCARD"),
        "Ada=+5B"
    );
    assert_eq!(
        name("BEGIN:VCARD\nFN;ENCODING=QUOTED-PRINTABLE:Ad=C3=\n=A9\nEND:VCARD"),
        "Adé"
    );
    let printed =
        "BEGIN:VCARD\n  version:3.0\n  fn:Ada Exem\n   ple\n  email:ada@e.example\nEND:VCARD";
    let printed = read_vcard(printed).person.expect("a person");
    assert_eq!(printed.email.as_deref(), Some("ada@e.example"));
    let folded = "BEGIN:VCARD\nFN:Ada\nNOTE:a\n url:b\nEND:VCARD";
    assert!(read_vcard(folded).person.expect("a person").ids.is_empty());
}
