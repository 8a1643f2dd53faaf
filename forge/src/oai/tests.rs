use super::{
    Answer, Code, Entry, Error, Granularity, Harvest, Header, Heard, List, Page, Progress, Request,
    Source, Stamp, Step, Verb, identity, page, request,
};
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

/// A page of a list, as repositories write it.
fn listed(inside: &str) -> String {
    format!(
        "<?xml version='1.0' encoding='UTF-8'?><OAI-PMH xmlns='http://www.openarchives.org/OAI/2.0/' \
         xmlns:dc='http://purl.org/dc/elements/1.1/'><responseDate>2026-11-22T08:00:00Z</responseDate>\
         <request verb='ListRecords'>http://a.example/oai</request><ListRecords>{inside}</ListRecords></OAI-PMH>"
    )
}

fn record(id: &str, stamp: &str, title: &str) -> String {
    format!(
        "<record><header><identifier>oai:a.example:{id}</identifier><datestamp>{stamp}</datestamp><setSpec>m:a</setSpec></header>\
         <metadata><oai_dc:dc xmlns:oai_dc='http://www.openarchives.org/OAI/2.0/oai_dc/'><dc:title>{title}</dc:title></oai_dc:dc></metadata></record>"
    )
}

fn ids(page: &Page) -> Vec<&str> {
    page.entries
        .iter()
        .map(|e| e.identifier.rsplit(':').next().unwrap_or_default())
        .collect()
}

fn rules(page: &Page) -> Vec<&str> {
    page.problems.iter().map(|(_, p)| p.rule.as_str()).collect()
}

#[test]
fn a_page_gives_its_records_with_metadata_that_can_be_read_alone() {
    let text = listed(&format!(
        "{}<record><header status='deleted'><identifier>oai:a.example:2</identifier><datestamp>2026-01-01</datestamp></header>\
         <metadata><x/></metadata></record><resumptionToken completeListSize='-7' cursor='0'> next&amp;1 </resumptionToken>",
        record("1", "2026-01-02", "Un &amp; deux")
    ));
    let page = page(text.as_bytes()).expect("readable");
    assert_eq!(ids(&page), ["1", "2"]);
    let Entry {
        metadata,
        stamp,
        sets,
        deleted,
        ..
    } = &page.entries[0];
    assert_eq!(
        (stamp.map(|s| s.granularity), sets.as_slice(), *deleted),
        (Some(Granularity::Day), &["m:a".to_owned()][..], false)
    );
    // The prefix that is declared at the top comes with it.
    let alone = crate::crosswalk::dublin_core::read(
        metadata.as_bytes(),
        &crate::crosswalk::Origin::default(),
    );
    assert_eq!(
        alone.expect("readable alone").record.title[0].v,
        "Un & deux"
    );
    assert!(
        page.entries[1].deleted && page.entries[1].metadata.is_empty(),
        "deleted wins"
    );
    assert_eq!(
        (page.token.as_deref(), page.complete),
        (Some("next&1"), None)
    );
    assert_eq!(
        page.responded,
        Stamp::parse("2026-11-22T08:00:00Z").map(|s| s.seconds)
    );
}

#[test]
fn one_bad_record_does_not_lose_the_page() {
    let good = |n: &str| record(n, "2026-01-01", "x");
    // An element that is not closed, an ampersand, a byte that is no text, a control character.
    let text = listed(&format!(
        "{}{}{}{}<resumptionToken cursor='0'>t2</resumptionToken>",
        good("1"),
        record("2", "2026-01-01", "<b>not closed"),
        record("3", "2026-01-01", "R & D"),
        good("4")
    ));
    let read = page(text.as_bytes()).expect("most of it");
    assert_eq!(ids(&read), ["1", "4"]);
    assert_eq!(read.token.as_deref(), Some("t2"));
    let named: Vec<&str> = read.problems.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(named, ["oai:a.example:2", "oai:a.example:3"]);
    assert_eq!(rules(&read), ["xml-malformed", "xml-malformed"]);
    // What no XML may have, raw or by its number.
    for wrong in ["&#0;", "&#xD800;", "\0", "&#99999999999;"] {
        let list = [good("1"), record("2", "2026-01-01", wrong), good("3")];
        let read = page(listed(&list.concat()).as_bytes()).expect("the others");
        assert_eq!(ids(&read), ["1", "3"], "{wrong:?}");
        assert_eq!(rules(&read), ["xml-illegal-char"], "{wrong:?}");
        assert_eq!(read.problems[0].0, "oai:a.example:2");
    }
    let mut bytes = listed(&format!(
        "{}{}",
        good("1"),
        record("2", "2026-01-01", "caf#")
    ))
    .into_bytes();
    let at = bytes.iter().position(|b| *b == b'#').expect("there");
    bytes[at] = 0xe9;
    assert_eq!(ids(&page(&bytes).expect("the other record")), ["1"]);
    // A NUL in a page of another encoding: the accents of the others stay, and a record without a header is told.
    let headless = "<record><header></header><metadata/></record>";
    let list = [
        record("1", "2026-01-01", "Photosynthèse"),
        record("2", "2026-01-01", "\0"),
        headless.to_owned(),
    ];
    let latin = listed(&list.concat());
    let body = latin
        .split_once("?>")
        .map_or(latin.as_str(), |(_, body)| body);
    let latin = format!("<?xml version='1.0' encoding='ISO-8859-1'?>{body}");
    let latin: Vec<u8> = latin
        .chars()
        .map(|c| u8::try_from(u32::from(c)).expect("Latin-1"))
        .collect();
    let latin = page(&latin).expect("the others");
    assert_eq!(ids(&latin), ["1"]);
    assert!(latin.entries[0].metadata.contains("Photosynthèse"));
    assert_eq!(rules(&latin), ["xml-illegal-char", "record-without-header"]);
    let control = page(listed(&record("1", "2026-01-01", "Photo\u{b}synthèse")).as_bytes())
        .expect("readable");
    assert_eq!(
        (ids(&control), rules(&control)),
        (vec!["1"], vec!["xml-illegal-char"])
    );
    // A record of another standard inside the metadata is not one of the page's.
    let marc = listed(&format!(
        "<record><header><identifier>oai:a.example:9</identifier><datestamp>2026-01-01</datestamp></header><metadata>\
         <record xmlns='http://www.loc.gov/MARC21/slim'><leader/></record></metadata></record>{}",
        record("2", "2026-01-01", "R & D")
    ));
    assert_eq!(ids(&page(marc.as_bytes()).expect("one")), ["9"]);
}

#[test]
fn what_is_no_answer_is_refused() {
    let refused = |text: &str| page(text.as_bytes()).expect_err(text).rule;
    assert_eq!(refused(""), "empty-file");
    assert_eq!(
        refused("<html><body>Please log in</body></html>"),
        "not-this-format"
    );
    assert_eq!(refused("<!DOCTYPE x><OAI-PMH/>"), "xml-doctype");
    let mixed =
        listed(&record("1", "2026-01-01", "x")).replace("</OAI-PMH>", "<Identify/></OAI-PMH>");
    assert_eq!(refused(&mixed), "source-error");
    let twice = listed(&format!(
        "{}{}",
        record("1", "2026-01-02", "new"),
        record("1", "2026-01-01", "old")
    ));
    let twice = page(twice.as_bytes()).expect("readable");
    assert!(twice.entries.len() == 1 && twice.entries[0].metadata.contains("new"));
    let bare =
        page(listed("<record><header status='deleted'/></record>").as_bytes()).expect("readable");
    assert_eq!(
        (ids(&bare).len(), rules(&bare)),
        (0, vec!["record-without-header"])
    );
    assert_eq!(
        rules(&page(listed("").as_bytes()).expect("empty")),
        ["empty-list"]
    );
    let who = "<OAI-PMH xmlns='http://www.openarchives.org/OAI/2.0/'><Identify><repositoryName>R</repositoryName>\
               <granularity>YYYY-MM-DD</granularity></Identify></OAI-PMH>";
    assert_eq!(
        identity(who.as_bytes()).expect("identity").granularity,
        Granularity::Day
    );
}

fn identify() -> String {
    "<OAI-PMH xmlns='http://www.openarchives.org/OAI/2.0/'><Identify><repositoryName>R</repositoryName>\
     <granularity>YYYY-MM-DDThh:mm:ssZ</granularity></Identify></OAI-PMH>"
        .to_owned()
}

fn error(code: &str) -> String {
    format!(
        "<OAI-PMH xmlns='http://www.openarchives.org/OAI/2.0/'><responseDate>2026-11-22T08:00:00Z</responseDate><error code='{code}'>x</error></OAI-PMH>"
    )
}

fn begun(from: Option<u64>) -> Harvest {
    let source = Source {
        url: "http://a.example/oai".into(),
        prefix: "oai_dc".into(),
        set: Some("m:a b".into()),
        ..Source::default()
    };
    let began = Stamp::parse("2026-11-22T09:00:00Z")
        .expect("a date")
        .seconds;
    let mut harvest = Harvest::new(
        source,
        Progress {
            from,
            began,
            ..Progress::default()
        },
    );
    assert_eq!(
        harvest.ask().as_deref(),
        Some("http://a.example/oai?verb=Identify")
    );
    assert_eq!(
        harvest.heard(Heard::Answer(identify().as_bytes())),
        Step::Go
    );
    harvest
}

fn take(harvest: &mut Harvest, text: &str) -> Page {
    match harvest.heard(Heard::Answer(text.as_bytes())) {
        Step::Take(page) => {
            harvest.taken();
            *page
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_harvest_walks_through_pages_and_moves_its_date_only_at_the_end() {
    let mut harvest = begun(Some(86_400));
    let first = "http://a.example/oai?verb=ListRecords&metadataPrefix=oai_dc&from=1970-01-02T00%3A00%3A00Z&set=m%3Aa%20b";
    assert_eq!(harvest.ask().as_deref(), Some(first));
    let page = |n: &str, token: &str| {
        listed(&format!(
            "{}<resumptionToken>{token}</resumptionToken>",
            record(n, "2026-01-01", "x")
        ))
    };
    assert_eq!(
        ids(&take(&mut harvest, &page("1", "a b&amp;c=\r\n"))),
        ["1"]
    );
    assert_eq!(
        harvest.ask().as_deref(),
        Some("http://a.example/oai?verb=ListRecords&resumptionToken=a%20b%26c%3D")
    );
    assert_eq!(
        harvest.progress().next_from(),
        Some(86_400),
        "not before the end"
    );
    // As after a crash: from what was written down.
    let written = serde_json::to_string(harvest.progress()).expect("JSON");
    let source = Source {
        url: "http://a.example/oai".into(),
        prefix: "oai_dc".into(),
        set: None,
        ..Source::default()
    };
    let mut harvest = Harvest::new(source, serde_json::from_str(&written).expect("read"));
    assert!(
        harvest
            .ask()
            .is_some_and(|url| url.contains("resumptionToken=a%20b"))
    );
    take(&mut harvest, &page("2", ""));
    assert_eq!((harvest.ask(), harvest.progress().records), (None, 2));
    // The source's clock is an hour behind ours: that counts, less an hour.
    assert_eq!(
        harvest.progress().next_from(),
        Stamp::parse("2026-11-22T07:00:00Z").map(|s| s.seconds)
    );
}

#[test]
fn nothing_new_is_no_fault_and_faults_end_or_wait() {
    let mut harvest = begun(None);
    assert!(
        take(&mut harvest, &error("noRecordsMatch"))
            .entries
            .is_empty()
    );
    assert!(harvest.progress().done);
    let stopped =
        |harvest: &mut Harvest, text: &str| match harvest.heard(Heard::Answer(text.as_bytes())) {
            Step::Stop(problem) => problem.rule,
            other => panic!("{other:?}"),
        };
    assert_eq!(
        stopped(&mut begun(None), &error("cannotDisseminateFormat")),
        "source-error"
    );
    // The same token again: the list leads nowhere.
    let mut harvest = begun(None);
    let page = |token: &str| {
        listed(&format!(
            "{}<resumptionToken>{token}</resumptionToken>",
            record("1", "2026-01-01", "x")
        ))
    };
    take(&mut harvest, &page("a"));
    take(&mut harvest, &page("b"));
    assert_eq!(stopped(&mut harvest, &page("a")), "token-repeated");
    // A token that the source has forgotten: once from the beginning.
    let mut harvest = begun(None);
    take(&mut harvest, &page("a"));
    assert_eq!(
        harvest.heard(Heard::Answer(error("badResumptionToken").as_bytes())),
        Step::Go
    );
    assert!(
        harvest
            .ask()
            .is_some_and(|url| url.contains("metadataPrefix"))
    );
    take(&mut harvest, &page("b"));
    assert_eq!(
        stopped(&mut harvest, &error("badResumptionToken")),
        "source-error"
    );
    // Waiting as asked, else longer each time, and not for ever.
    let mut harvest = begun(None);
    assert_eq!(harvest.heard(Heard::Status(503, Some(7))), Step::Wait(7));
    assert_eq!(
        harvest.heard(Heard::Status(503, Some(1 << 40))),
        Step::Wait(3_600)
    );
    assert_eq!(harvest.heard(Heard::Nothing("refused")), Step::Wait(20));
    assert!(matches!(
        harvest.heard(Heard::Status(404, None)),
        Step::Stop(_)
    ));
    let mut harvest = begun(None);
    let steps: Vec<Step> = (0..6)
        .map(|_| harvest.heard(Heard::Status(500, None)))
        .collect();
    assert!(
        matches!(steps[5], Step::Stop(_)) && steps[..5].iter().all(|s| matches!(s, Step::Wait(_)))
    );
    // A log-in page once is bad luck, twice is a fault.
    let mut harvest = begun(None);
    assert_eq!(harvest.heard(Heard::Answer(b"<html/>")), Step::Wait(5));
    assert_eq!(stopped(&mut harvest, "<html/>"), "not-this-format");
}

#[test]
fn the_visit_after_a_dead_token_begins_the_list_anew() {
    let page = |token: &str| {
        listed(&format!(
            "{}<resumptionToken>{token}</resumptionToken>",
            record("1", "2026-01-01", "x")
        ))
    };
    let dead = error("badResumptionToken");
    let mut harvest = begun(Some(86_400));
    take(&mut harvest, &page("a"));
    assert_eq!(harvest.heard(Heard::Answer(dead.as_bytes())), Step::Go);
    take(&mut harvest, &page("b"));
    assert!(matches!(
        harvest.heard(Heard::Answer(dead.as_bytes())),
        Step::Stop(_)
    ));
    assert_eq!(harvest.given_up(), None);
    let mut harvest = begun(None);
    take(&mut harvest, &page("a"));
    assert!(matches!(
        harvest.heard(Heard::Answer(page("a").as_bytes())),
        Step::Stop(_)
    ));
    assert_eq!(harvest.given_up(), None);
}

#[test]
fn a_page_that_stays_unreadable_is_asked_for_at_three_visits_then_the_list_begins_anew() {
    let token = |n: &str| {
        listed(&format!(
            "{}<resumptionToken>{n}</resumptionToken>",
            record("1", "2026-01-01", "x")
        ))
    };
    let mut harvest = begun(None);
    take(&mut harvest, &token("a"));
    let source = Source {
        url: "http://a.example/oai".into(),
        prefix: "oai_dc".into(),
        set: None,
        ..Source::default()
    };
    let fails = |harvest: &mut Harvest| {
        assert_eq!(harvest.heard(Heard::Answer(b"<html/>")), Step::Wait(5));
        assert!(matches!(
            harvest.heard(Heard::Answer(b"<html/>")),
            Step::Stop(_)
        ));
    };
    fails(&mut harvest);
    let progress = harvest.given_up().expect("it goes on there");
    let mut harvest = Harvest::new(source.clone(), progress);
    assert!(harvest.ask().is_some_and(|url| url.ends_with("Token=a")));
    fails(&mut harvest);
    let progress = harvest.given_up().expect("once more");
    // A page that comes after all counts from the beginning.
    let mut mended = Harvest::new(source.clone(), progress.clone());
    take(&mut mended, &token("b"));
    assert_eq!(mended.progress().given_up, 0);
    let mut harvest = Harvest::new(source.clone(), progress);
    fails(&mut harvest);
    assert_eq!(harvest.given_up(), None);
    // Tries are counted over the waits between visits.
    let mut harvest = begun(None);
    for _ in 0..5 {
        assert!(matches!(
            harvest.heard(Heard::Status(503, Some(600))),
            Step::Wait(600)
        ));
        let written = serde_json::to_string(harvest.progress()).expect("JSON");
        let progress = serde_json::from_str(&written).expect("read");
        harvest = Harvest::new(source.clone(), progress);
    }
    assert!(matches!(
        harvest.heard(Heard::Status(503, Some(600))),
        Step::Stop(_)
    ));
    // What an earlier release wrote down is read.
    let old = r#"{"from":null,"fine":true,"began":9,"source_began":null,"token":"a","pages":1,"records":1,"complete":null,"restarted":false,"done":false}"#;
    let old: Progress = serde_json::from_str(old).expect("read");
    assert_eq!((old.token.as_deref(), old.tries), (Some("a"), 0));
}

fn shared(below: &str) -> std::path::PathBuf {
    let shared = std::env::var("COMMUN_SHARED").unwrap_or_else(|_| "../../shared".into());
    std::path::Path::new(&shared).join(below)
}

#[test]
#[ignore = "needs COMMUN_SHARED"]
fn acceptance_answers_of_sources_as_the_manifest_expects() {
    let folder = shared("data/metadata");
    let manifest =
        std::fs::read_to_string(folder.join("MANIFEST.csv")).expect("the shared data is there");
    let mut seen = 0;
    for line in manifest
        .lines()
        .filter(|l| l.starts_with("oai_pmh_responses/"))
    {
        let mut cells = line.split(',');
        let (path, expected) = (cells.next().unwrap(), cells.next().unwrap());
        let bytes = std::fs::read(folder.join(path)).unwrap();
        seen += 1;
        if path.ends_with("Identify.xml") {
            assert!(identity(&bytes).is_ok(), "{path}");
            continue;
        }
        let read = page(&bytes).unwrap_or_else(|e| panic!("{path}: {e:?}"));
        match expected {
            "error-response" => assert!(Code::parse(&read.errors[0].0).is_some(), "{path}"),
            "accept-with-warning" => {
                let dc = read.entries.iter().map(|e| {
                    crate::crosswalk::dublin_core::read(
                        e.metadata.as_bytes(),
                        &crate::crosswalk::Origin::default(),
                    )
                });
                let said =
                    read.problems.len() + dc.map(|r| r.expect(path).problems.len()).sum::<usize>();
                assert!(said > 0, "{path}: no warning");
            }
            "detect" => {
                let mut harvest = begun(None);
                take(&mut harvest, &String::from_utf8(bytes.clone()).unwrap());
                assert!(
                    matches!(harvest.heard(Heard::Answer(&bytes)), Step::Stop(p) if p.rule == "token-repeated"),
                    "{path}"
                );
            }
            _ => {}
        }
    }
    assert!(seen > 20, "only {seen} files are in the manifest");
}

#[test]
#[ignore = "needs COMMUN_SHARED"]
fn acceptance_hostile_answers_as_their_manifest_expects() {
    let folder = shared("data/hostile");
    let manifest = std::fs::read(folder.join("MANIFEST.json")).expect("the shared data is there");
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    let mut seen = 0;
    for entry in manifest["entries"].as_array().unwrap() {
        let (path, expect) = (
            entry["path"].as_str().unwrap_or_default(),
            entry["expect"].as_str().unwrap_or_default(),
        );
        if !path.starts_with("xml/oai/") {
            continue;
        }
        seen += 1;
        let bytes = std::fs::read(folder.join(path)).unwrap();
        let read = page(&bytes);
        match (path.rsplit('/').next().unwrap(), expect) {
            // The list is to be stopped, not the page refused.
            ("token-self-loop.xml", _) => {
                let text = String::from_utf8(bytes).unwrap();
                let mut harvest = begun(None);
                take(&mut harvest, &text);
                assert!(
                    matches!(harvest.heard(Heard::Answer(text.as_bytes())), Step::Stop(p) if p.rule == "token-repeated")
                );
            }
            // METADATA, section 5: the character is left out, and the report says so.
            ("control-char.xml", _) => assert_eq!(rules(&read.expect(path)), ["xml-illegal-char"]),
            (_, "reject") => assert!(read.is_err(), "{path}: {read:?}"),
            (_, "accept") => assert!(read.expect(path).problems.is_empty(), "{path}"),
            _ => {
                if let Ok(page) = read {
                    for entry in page.entries.iter().filter(|e| !e.deleted) {
                        let dc = crate::crosswalk::dublin_core::read(
                            entry.metadata.as_bytes(),
                            &crate::crosswalk::Origin::default(),
                        );
                        let Ok(dc) = dc else { continue };
                        let view = dc.record.view();
                        assert!(
                            view.aliases
                                .iter()
                                .chain(view.links.iter().map(|l| &l.url))
                                .all(|a| !a.starts_with("javascript:")),
                            "{path}"
                        );
                    }
                }
            }
        }
    }
    assert!(seen >= 20, "only {seen} files are in the manifest");
}

#[test]
fn a_part_of_time_is_asked_for_and_not_what_is_after_it() {
    let day = |text: &str| Stamp::parse(text).expect("a day");
    let source = Source {
        url: "https://s.example/oai".to_owned(),
        prefix: "oai_dc".to_owned(),
        from: Some(day("2024-01-02").seconds),
        until: Some(day("2024-02-01").last()),
        ..Source::default()
    };
    let asked = |from: Option<&str>, fine| {
        let progress = Progress {
            from: from.map(|from| day(from).seconds),
            fine: Some(fine),
            ..Progress::default()
        };
        Harvest::new(source.clone(), progress).ask()
    };
    let base = "https://s.example/oai?verb=ListRecords&metadataPrefix=oai_dc";
    let until = "until=2024-02-01T23%3A59%3A59Z";
    assert_eq!(
        asked(None, true),
        Some(format!("{base}&from=2024-01-02T00%3A00%3A00Z&{until}"))
    );
    // The later of what was asked for and what was harvested.
    assert_eq!(
        asked(Some("2024-01-20"), false),
        Some(format!("{base}&from=2024-01-20&until=2024-02-01"))
    );
    assert_eq!(asked(Some("2024-03-01"), true), None);
}

#[test]
fn a_page_that_is_cut_off_is_asked_for_again_and_never_the_last_one() {
    let whole = "<OAI-PMH xmlns='http://www.openarchives.org/OAI/2.0/'><ListRecords><record><header status='deleted'>\
                 <identifier>oai:a:1</identifier></header></record><record><header><identifier>oai:a:2";
    let after = whole
        .find("<record><header><identifier>oai:a:2")
        .expect("there");
    for cut in [whole, &whole[..after]] {
        let mut harvest = begun(Some(86_400));
        let before = harvest.progress().clone();
        assert_eq!(harvest.heard(Heard::Answer(cut.as_bytes())), Step::Wait(5));
        // What is whole comes in, and the list stays where it is.
        let page = take(&mut harvest, cut);
        assert_eq!(page.entries.len(), 1, "{cut}");
        assert!(page.problems.iter().any(|(_, p)| p.rule == "page-cut"));
        let stopped = harvest.heard(Heard::Answer(cut.as_bytes()));
        assert!(
            matches!(stopped, Step::Stop(p) if p.rule == "page-cut"),
            "{cut}"
        );
        let next = harvest.given_up().expect("a place");
        assert!(!next.done);
        assert_eq!((next.next_from(), next.token), (before.from, before.token));
    }
}
