use super::{Answer, Code, Error, Granularity, Header, List, Request, Stamp, Verb, request};
use crate::crosswalk::xml;

fn ask(query: &str) -> Result<Request, Code> {
    let pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|p| !p.is_empty())
        .map(|p| {
            p.split_once('=')
                .map_or((p.into(), String::new()), |(n, v)| (n.into(), v.into()))
        })
        .collect();
    request(&pairs).map(|(_, r)| r).map_err(|e| e.code)
}

#[test]
fn each_wrong_request_has_the_error_of_the_protocol() {
    use Code::{BadArgument, BadVerb};
    for (query, code) in [
        ("", BadVerb),
        ("verb=", BadVerb),
        ("verb=nothing", BadVerb),
        ("verb=identify", BadVerb),
        ("verb=Identify&verb=Identify", BadVerb),
        ("verb=Identify&x=1", BadArgument),
        ("verb=Identify&identifier=1", BadArgument),
        (
            "verb=ListMetadataFormats&metadataPrefix=oai_dc",
            BadArgument,
        ),
        ("verb=ListMetadataFormats&identifier=", BadArgument),
        ("verb=ListSets&set=a", BadArgument),
        ("verb=GetRecord", BadArgument),
        ("verb=GetRecord&identifier=a", BadArgument),
        ("verb=GetRecord&metadataPrefix=oai_dc", BadArgument),
        (
            "verb=GetRecord&identifier=a&metadataPrefix=oai_dc&set=a",
            BadArgument,
        ),
        ("verb=ListRecords", BadArgument),
        (
            "verb=ListRecords&metadataPrefix=a&metadataPrefix=a",
            BadArgument,
        ),
        (
            "verb=ListRecords&metadataPrefix=a&resumptionToken=t",
            BadArgument,
        ),
        (
            "verb=ListRecords&resumptionToken=t&from=2026-01-01",
            BadArgument,
        ),
        (
            "verb=ListRecords&metadataPrefix=a&from=yesterday",
            BadArgument,
        ),
        (
            "verb=ListRecords&metadataPrefix=a&from=2026-02-30",
            BadArgument,
        ),
        (
            "verb=ListRecords&metadataPrefix=a&from=2026-01-01T00:00:00",
            BadArgument,
        ),
        (
            "verb=ListRecords&metadataPrefix=a&from=2026-01-01T00:00:00.0Z",
            BadArgument,
        ),
        (
            "verb=ListRecords&metadataPrefix=a&from=2026-01-02&until=2026-01-01",
            BadArgument,
        ),
        (
            "verb=ListRecords&metadataPrefix=a&from=2026-01-01&until=2026-01-02T00:00:00Z",
            BadArgument,
        ),
    ] {
        assert_eq!(ask(query), Err(code), "{query}");
    }
    assert!(
        BadVerb.hides_arguments()
            && BadArgument.hides_arguments()
            && !Code::NoRecordsMatch.hides_arguments()
    );
}

#[test]
fn right_requests_are_read() {
    assert_eq!(ask("verb=Identify"), Ok(Request::Identify));
    assert_eq!(ask("verb=ListMetadataFormats"), Ok(Request::Formats(None)));
    assert_eq!(
        ask("verb=ListSets&resumptionToken=t"),
        Ok(Request::Resume(Verb::ListSets, "t".into()))
    );
    let list = |from, until| List {
        prefix: "oai_dc".into(),
        from,
        until,
        set: Some("a:b".into()),
    };
    assert_eq!(
        ask("verb=ListIdentifiers&metadataPrefix=oai_dc&from=1970-01-02&until=1970-01-02&set=a:b"),
        Ok(Request::List(
            Verb::ListIdentifiers,
            list(Some(86_400), Some(172_799))
        ))
    );
    assert_eq!(
        ask("verb=ListRecords&until=1970-01-01T00:00:09Z&metadataPrefix=oai_dc&set=a:b"),
        Ok(Request::List(Verb::ListRecords, list(None, Some(9))))
    );
}

#[test]
fn datestamps_are_written_as_they_are_read() {
    for text in [
        "2026-11-22",
        "1970-01-01",
        "2024-02-29T23:59:59Z",
        "9999-12-31T23:59:59Z",
    ] {
        let stamp = Stamp::parse(text).expect(text);
        assert_eq!(Stamp::write(stamp.seconds, stamp.granularity), text);
    }
    assert_eq!(Stamp::parse("1066-10-14").map(|s| s.seconds), Some(0));
    assert_eq!(Stamp::write(u64::MAX, Granularity::Day), "9999-12-31");
    for bad in [
        "2026-13-01",
        "2026-1-1",
        "2026-11-22T24:00:00Z",
        "２026-11-22",
        "2026-11-22 00:00:00Z",
        "+026-11-22",
    ] {
        assert_eq!(Stamp::parse(bad), None, "{bad}");
    }
}

#[test]
fn an_answer_is_well_formed_whatever_was_asked() {
    let asked = vec![("verb".to_owned(), "List\"<&Records".to_owned())];
    let mut answer = Answer::new("https://a.example/oai", 1_000_000_000, &asked);
    answer.begin(Verb::ListRecords);
    let header = Header {
        identifier: "oai:x.commun:<1>".into(),
        stamp: 86_400,
        sets: vec!["institution:a".into()],
        deleted: true,
    };
    answer.record(&header, "<never/>");
    let text = answer.finish();
    let tree = xml::parse(&text).expect("well formed");
    let root = tree.root_element();
    assert_eq!(
        xml::child_text(root, "responseDate").as_deref(),
        Some("2001-09-09T01:46:40Z")
    );
    assert_eq!(
        xml::child(root, "request").and_then(|n| n.attribute("verb")),
        Some("List\"<&Records")
    );
    assert!(!text.contains("never") && text.contains("status=\"deleted\""));
    let error = Answer::new("b", 0, &[]).error(&Error::new(Code::BadVerb, "a<b"));
    assert!(error.contains("<error code=\"badVerb\">a&lt;b</error>"));
    assert_eq!(Code::parse(" noSetHierarchy\n"), Some(Code::NoSetHierarchy));
}
