mod page;
mod roundtrip;
mod twice;
mod wild;

use commun_specs::metadata::Record;

use super::report::{Line, MAX_LINES, Report};
use super::text::{Room, fit};
use super::xml::{self, Writer, XmlError};
use super::{Draft, Loss, Origin, Paragraphs, draft};
use crate::problem::{Problem, Severity};

fn error(text: &str) -> XmlError {
    let read = xml::decode(text.as_bytes()).and_then(|d| xml::parse(&d.text).map(|_| ()));
    read.expect_err(text)
}

#[test]
fn hostile_xml_is_refused_by_rule() {
    assert_eq!(error("  \n "), XmlError::Empty);
    assert_eq!(
        error("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"),
        XmlError::Doctype
    );
    let deep = "<a>".repeat(300) + &"</a>".repeat(300);
    assert_eq!(error(&deep), XmlError::TooDeep);
    let many: String = (0..300).map(|n| format!(" a{n}='1'")).collect();
    assert_eq!(error(&format!("<a{many}/>")), XmlError::TooManyAttributes);
    for illegal in [
        "<a>\0</a>",
        "<a>&#xD800;</a>",
        "<a>&#99999999999;</a>",
        "<a>&#0;</a>",
    ] {
        assert!(
            matches!(error(illegal), XmlError::IllegalChar(_)),
            "{illegal}"
        );
    }
    for broken in [
        "<a><b></a>",
        "<a/><b/>",
        "<a/>text",
        "<a",
        "<a><![CDATA[x</a>",
        "{}",
        "<p:a/>",
    ] {
        assert!(
            matches!(error(broken), XmlError::Malformed { .. }),
            "{broken}"
        );
    }
    let latin = xml::decode(b"<?xml version='1.0' encoding='UTF-8'?><a>\xe9</a>");
    assert_eq!(
        latin,
        Err(XmlError::Encoding {
            name: "UTF-8",
            at: 41
        })
    );
    assert!(matches!(
        xml::decode(&vec![b' '; xml::MAX_BYTES + 1]),
        Err(XmlError::TooLarge(_))
    ));
}

#[test]
fn encodings_are_found_and_control_characters_left_out() {
    let latin = xml::decode(b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9\x92</a>")
        .expect("Latin-1");
    assert!(latin.text.ends_with("<a>é’</a>"));
    let wide: Vec<u8> = "\u{feff}<?xml version='1.0' encoding='UTF-16'?><a>é</a>"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let wide = xml::decode(&wide).expect("UTF-16");
    assert_eq!(xml::text(xml::parse(&wide.text).expect("XML").root()), "é");
    let control = xml::decode("<a>Photo\u{b}synthèse&#x1;&#10;</a>".as_bytes()).expect("stripped");
    assert_eq!(
        (control.text.as_str(), control.stripped),
        ("<a>Photosynthèse&#10;</a>", 2)
    );
    assert_eq!(
        control.problem().expect("a warning").severity,
        Severity::Warning
    );
    let early = xml::decode(b"\n\n<?xml version='1.0'?><a>b</a>").expect("decoded");
    assert_eq!((early.stripped, early.problem()), (0, None));
    xml::parse(&early.text).expect("XML");
}

#[test]
fn what_is_written_is_read_back() {
    let nasty = "a & b < c > \"d\" 'e' ]]> \n\t é 😀";
    let mut writer = Writer::new();
    writer
        .open("r", &[("x", nasty)])
        .leaf("t", &[], nasty)
        .leaf("e", &[], "");
    let written = writer.finish();
    let read = xml::parse(&written).expect("well formed");
    let root = read.root_element();
    assert_eq!(root.attribute("x"), Some(nasty));
    assert_eq!(xml::child(root, "T").map(xml::text).as_deref(), Some(nasty));
    let mut part = Writer::part();
    part.leaf("a", &[], "x\u{1}y");
    assert_eq!(part.finish(), "<a>xy</a>");
}

#[test]
fn texts_are_made_fit() {
    assert_eq!(fit("  a\n   b  ", Room::Title).text, "a b");
    let markup = fit(
        "&lt;p&gt;Un &amp;eacute;l&amp;egrave;ve&lt;/p&gt;",
        Room::Prose,
    );
    assert_eq!((markup.text.as_str(), markup.markup), ("Un élève", true));
    let kept = fit("Tom & Jerry <b> a < b", Room::Title);
    assert_eq!(
        (kept.text.as_str(), kept.markup),
        ("Tom & Jerry <b> a < b", false)
    );
    let bidi = fit("a\u{202e}b\u{feff}\u{200b}c", Room::Line);
    assert_eq!((bidi.text.as_str(), bidi.hidden), ("abc", true));
    assert_eq!(fit("\u{200b}\u{2060} ", Room::Title).text, "");
    let long = fit(&"é".repeat(600), Room::Title);
    assert_eq!((long.text.chars().count(), long.clipped), (500, true));
    let prose = fit(
        "Lorem ipsum\n      dolor\n\n      sit amet\n   ",
        Room::Prose,
    );
    assert_eq!(prose.text, "Lorem ipsum dolor\n\nsit amet");
    assert_eq!(fit("- a\n- b", Room::Prose).text, "- a\n- b");
    assert_eq!(
        fit("<script>alert(1)</script>Bonjour", Room::Prose).text,
        "Bonjour"
    );
}

#[test]
fn dates_and_addresses_are_read_as_people_write_them() {
    for (written, read) in [
        ("2021-04-09 16:20:11", Some("2021-04-09T16:20:11Z")),
        ("2024-09-01T08:00:00", Some("2024-09-01T08:00:00Z")),
        (
            "2024-09-01T08:00:00+0200",
            Some("2024-09-01T08:00:00+02:00"),
        ),
        ("2024-09-01T08:30", Some("2024-09-01T08:30:00Z")),
        ("2024-09-01T08+01:00", Some("2024-09-01T08:00:00+01:00")),
        ("2024-09-01T8", None),
        ("20240901", Some("2024-09-01")),
        ("2024/09/01", Some("2024-09-01")),
        ("31/12/2024", Some("2024-12-31")),
        ("01/09/2024", None),
        ("9999-99-99", None),
        ("0000-00-00", None),
        ("2019-00-00", Some("2019")),
        ("2019-05-00 00:00:00", Some("2019-05")),
        ("2012-03-12+01:00", Some("2012-03-12")),
        ("2012-03-12 00:00:00.0", Some("2012-03-12T00:00:00.0Z")),
        ("20120312T101500Z", Some("2012-03-12T10:15:00Z")),
        ("2012-3-5", Some("2012-03-05")),
        ("01/01/2012", Some("2012-01-01")),
        ("12 mars 2012", Some("2012-03-12")),
        ("lundi 12 mars 2012", Some("2012-03-12")),
        // Two days, or a limit.
        ("1-2 mars 2012", None),
        ("mars 2012 - juin 2013", None),
        ("12 mars 2012 - 15 juin 2013", None),
        ("mars 2012 - 2013", None),
        ("avant 12 mars 2012", None),
        ("Until 31 December 2025", None),
        ("2011/12", None),
        ("2011/11", Some("2011-11")),
        ("0000-05-00", None),
        ("1er août 2019", Some("2019-08-01")),
        ("Septembre 2019", Some("2019-09")),
        ("Mon, 12 Mar 2012 10:00:00 GMT", Some("2012-03-12")),
        ("March 12, 2012", Some("2012-03-12")),
        ("3 jui. 2012", None),
        ("30 février 2012", None),
        ("cop. 2004", Some("2004")),
        ("DL 2004", Some("2004")),
        ("[2004]", Some("2004")),
        ("2004-2006", None),
        ("vers 2004", None),
        ("avant mars 2012", None),
        ("2024", Some("2024")),
    ] {
        assert_eq!(draft::date(written).as_deref(), read, "{written}");
    }
    for bad in [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://",
        "http://a b/",
        "https://a/\"onclick",
    ] {
        assert_eq!(draft::address(bad), None, "{bad}");
    }
    assert_eq!(
        draft::address(" https://a.example/x\n").as_deref(),
        Some("https://a.example/x")
    );
}

#[test]
fn a_draft_holds_what_is_fit_and_says_what_was_done() {
    let mut draft = Draft::new("test", &Origin::named("file.xml"));
    fn title(r: &mut Record) -> &mut Vec<commun_specs::metadata::Value<String>> {
        &mut r.title
    }
    draft.text(title, "Cours\u{202e}", Room::Title, Some("fr"), "title[0]");
    draft.text(title, "Cours", Room::Title, Some("fr"), "title[1]");
    draft.text(title, " ", Room::Title, None, "title[2]");
    for n in 0..300 {
        draft.line(
            |r| &mut r.aliases,
            &format!("https://a.example/{n}"),
            "aliases",
        );
    }
    assert_eq!(
        draft.language("http://id.loc.gov/vocabulary/iso639-2/fre", "language"),
        Some("fr".into())
    );
    assert_eq!(draft.language("\"><script>", "language"), None);
    let licence = draft.licence(
        "https://creativecommons.org/licenses/by/4.0/deed.de",
        "rights",
    );
    assert_eq!(licence.expect("a licence").as_str(), "CC-BY-4.0");
    assert!(
        draft
            .licence(
                "javascript:x//creativecommons.org/licenses/by/4.0/",
                "rights"
            )
            .is_none()
    );
    let reading = draft.finish(None);
    assert_eq!(reading.record.title.len(), 1);
    assert_eq!(reading.record.aliases.len(), 200);
    let rules: Vec<&str> = reading.problems.iter().map(|p| p.rule.as_str()).collect();
    assert_eq!(
        rules,
        [
            "hidden-characters",
            "empty-value",
            "too-many-values",
            "language-respelt",
            "not-a-language",
            "licence-unknown"
        ]
    );
    assert_eq!(reading.worst(), Some(Severity::Error));
    let body = reading.record.to_body().expect("a body");
    assert_eq!(Record::from_body(&body).expect("read").skipped, 0);
}

#[test]
fn a_report_counts_all_and_shows_some() {
    let mut report = Report::default();
    for n in 0..MAX_LINES + 5 {
        report.push(
            &format!("r{n}"),
            Problem::new(Severity::Warning, "no-title", "title", "", ""),
        );
    }
    report.push(
        "x",
        Problem::new(
            Severity::Error,
            "bad-address",
            "identifier",
            "=cmd(\"a\"),b",
            "",
        ),
    );
    assert_eq!((report.lines.len(), report.left_out), (MAX_LINES, 6));
    assert_eq!(
        (
            report.count(Severity::Warning),
            report.count(Severity::Error)
        ),
        (MAX_LINES as u64 + 5, 1)
    );
    let mut second = Report::default();
    second.push(
        "=r",
        Problem::new(Severity::Error, "bad-address", "id", "=cmd(\"a\")", ""),
    );
    let mut came = Report::default();
    for n in 0..25 {
        came.came(
            &format!("r{n}"),
            "record-added",
            "univ-a/x",
            &["title", "creators"],
        );
    }
    came.came("r1", "record-changed", "univ-a/x", &["title"]);
    let text = came.to_text("en");
    let begin = "r0: info: comes in as univ-a/x; filled: title, creators [record-added]\n";
    assert!(text.starts_with(begin), "{text}");
    let end = "… 6 more records came in\nmapped: creators 25, title 26\n\
        0 records: 25 added, 1 changed, 0 unchanged, 0 deleted at the source, 0 refused\n";
    assert!(text.ends_with(end), "{text}");
    let json = came.to_json("fr");
    assert_eq!(json["came_in"].as_array().map(Vec::len), Some(26));
    assert_eq!(json["mapped"]["title"], 26);
    assert_eq!(came.to_csv("en").lines().count(), 27);
    // As it is kept, and taken up again.
    let kept = Report::of(came.counts(), Vec::new(), came.came_in.clone());
    assert_eq!(kept.to_json("en"), came.to_json("en"));
    let mut twice = kept.clone();
    twice.merge(kept);
    assert_eq!(
        (twice.came_in.len(), twice.mapped["title"], twice.added),
        (52, 52, 50)
    );
    let csv = second.to_csv("en");
    assert!(csv.starts_with("record,rule,severity,path,found,what,fix\r\n'=r,bad-address,error,id,\"'=cmd(\"\"a\"\")\","), "{csv}");
    let json = second.to_json("fr");
    assert_eq!(json["lines"][0]["record"], "=r");
    assert_eq!(json["errors"], 1);
    assert!(
        json["lines"][0]["what"]
            .as_str()
            .expect("text")
            .contains("n’est pas une adresse")
    );
    let text = second.to_text("en");
    assert!(
        text.contains("=r: error:") && text.contains("[bad-address]"),
        "{text}"
    );
    let line = Line::new(
        "a\nb",
        Problem::new(Severity::Info, "no-such-rule", "p", "", ""),
    );
    assert!(!line.to_text("en").contains('\n'));
}

#[test]
fn a_loss_says_what_is_lost_in_two_languages() {
    let lost = Loss::of("level", "fr-l1").problem();
    assert_eq!(
        lost.what("en"),
        "`level` has no place in this format: “fr-l1”"
    );
    assert!(
        lost.what("fr")
            .starts_with("«\u{a0}level\u{a0}» n’a pas de place")
    );
}

#[test]
fn a_paragraph_follows_the_others_once() {
    let mut draft = Draft::new("test", &Origin::default());
    let mut texts = Paragraphs::default();
    for (lang, text) in [
        ("fr", "a"),
        ("fr", "b"),
        ("en", "a"),
        ("fr", "a"),
        ("fr", "a\n\nc"),
        ("fr", "c"),
    ] {
        draft.paragraph(&mut texts, lang.into(), text, "x");
    }
    // However often it is said.
    for _ in 0..10_000 {
        draft.paragraph(&mut texts, "fr".into(), "b", "x");
    }
    let said = |lang: &str, text: &str| (lang.to_owned(), text.to_owned());
    assert_eq!(
        texts.texts,
        [said("fr", "a\n\nb\n\na\n\nc"), said("en", "a")]
    );
    assert!(draft.problems().is_empty());
    // What there is no room for is kept aside.
    let long = "x".repeat(19_990);
    draft.paragraph(&mut texts, "fr".into(), &long, "x");
    let reading = draft.finish(None);
    assert_eq!(reading.problems[0].rule, "kept-aside");
}
