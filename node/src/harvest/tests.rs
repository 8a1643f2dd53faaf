//! Visits to sources on loopback.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use commun_forge::oai::Source;

use super::{Asked, Harvests, Job, VISIT};
use crate::{
    core::now,
    imports::Imports,
    testing::{Node, eventually},
};

type Log = Arc<Mutex<Vec<String>>>;

/// A source: its address. `answer`: from the query to the head after `HTTP/1.1` and the body.
fn serve(
    name: &'static str,
    log: &Log,
    answer: impl Fn(&str) -> (&'static str, String) + Send + 'static,
) -> Source {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/oai", listener.local_addr().unwrap());
    let log = log.clone();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
            let first = lines.next().unwrap_or_default();
            lines.find(String::is_empty);
            let path = first.split(' ').nth(1).unwrap_or_default();
            let query = path.split_once('?').map_or("", |(_, query)| query);
            log.lock().unwrap().push(format!("{name} {query}"));
            let (head, inside) = match query {
                "verb=Identify" => (
                    "200 OK",
                    "<Identify><repositoryName>D</repositoryName><granularity>YYYY-MM-DD</granularity></Identify>".to_owned(),
                ),
                query => answer(query),
            };
            let body = format!(
                "<OAI-PMH xmlns='http://www.openarchives.org/OAI/2.0/'><responseDate>2026-01-10T00:00:00Z</responseDate>{inside}</OAI-PMH>"
            );
            let _ = write!(
                &stream,
                "HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
        }
    });
    Source {
        url,
        prefix: "oai_dc".to_owned(),
        set: None,
        ..Source::default()
    }
}

/// A page that has one record that is gone.
fn page(token: &str) -> String {
    format!(
        "<ListRecords><record><header status='deleted'><identifier>oai:a:1</identifier><datestamp>2026-01-01</datestamp></header></record>\
         <resumptionToken>{token}</resumptionToken></ListRecords>"
    )
}

fn harvests(node: &Node, visit: Duration) -> Harvests {
    let imports = Imports::new(node.core.clone(), node.blobs.clone());
    Harvests::open(node.core.clone(), imports, node.dir.path(), true, visit).unwrap()
}

fn add(node: &Node, harvests: &Harvests, source: &Source) -> i64 {
    let asked = Asked {
        source: source.clone(),
        every: None,
        person: node.admin().id,
        deletions: None,
    };
    harvests.note(&asked).unwrap().id
}

fn job(harvests: &Harvests, id: i64) -> Job {
    harvests.one(id).unwrap().expect("a source")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_asks_for_a_long_wait_does_not_hold_up_the_others() {
    let node = Node::first().await;
    let log = Log::default();
    let slow = serve("slow", &log, |query| {
        if query.contains("resumptionToken") {
            ("503 No\r\nRetry-After: 600", String::new())
        } else {
            ("200 OK", page("a"))
        }
    });
    let quick = serve("quick", &log, |_| ("200 OK", page("")));
    let harvests = harvests(&node, VISIT);
    let slow = add(&node, &harvests, &slow);
    let quick = add(&node, &harvests, &quick);
    let began = now();
    node.tasks
        .spawn(harvests.clone().run(node.stop.child_token()));
    eventually("end of the quick one", || {
        job(&harvests, quick).ended.is_some()
    })
    .await;
    let waiting = job(&harvests, slow);
    assert!(waiting.due >= Some(began + 600) && waiting.waits == waiting.due);
    let progress = waiting.progress.expect("it goes on there");
    assert_eq!((progress.token.as_deref(), progress.tries), (Some("a"), 1));
    assert!(waiting.error.is_none() && job(&harvests, quick).error.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn sources_with_long_lists_take_turns() {
    let node = Node::first().await;
    let log = Log::default();
    let long = |query: &str| {
        let next = match query.split_once("resumptionToken=") {
            None => "b",
            Some((_, "b")) => "c",
            _ => "",
        };
        ("200 OK", page(next))
    };
    let sources = [serve("one", &log, long), serve("two", &log, long)];
    let harvests = harvests(&node, Duration::ZERO);
    let ids = sources
        .each_ref()
        .map(|source| add(&node, &harvests, source));
    // Both have waited, one longer.
    harvests.book().due(ids[0], 1).unwrap();
    harvests.book().due(ids[1], 2).unwrap();
    node.tasks
        .spawn(harvests.clone().run(node.stop.child_token()));
    eventually("end of both", || {
        ids.iter().all(|id| job(&harvests, *id).ended.is_some())
    })
    .await;
    let log = log.lock().unwrap();
    let at = |asked: &str| log.iter().position(|l| l == asked).expect(asked);
    assert!(
        at("two verb=Identify") < at("one verb=ListRecords&resumptionToken=c"),
        "{log:?}"
    );
    assert_eq!(log.len(), 8, "{log:?}");
    for id in ids {
        let job = job(&harvests, id);
        assert_eq!(
            (job.counts.deleted, job.progress, job.error.is_none()),
            (3, None, true)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_visit_after_a_token_that_died_twice_begins_the_list_anew() {
    let node = Node::first().await;
    let log = Log::default();
    let forgetful = serve("it", &log, |query| {
        if query.contains("resumptionToken") {
            (
                "200 OK",
                "<error code='badResumptionToken'>what?</error>".to_owned(),
            )
        } else {
            ("200 OK", page("a"))
        }
    });
    let harvests = harvests(&node, VISIT);
    let id = add(&node, &harvests, &forgetful);
    let visit = || async {
        let job = harvests.book().next(now()).unwrap().expect("it is due");
        harvests.visit_one(job).await;
        std::mem::take(&mut *log.lock().unwrap())
    };
    let (list, dead) = (
        "it verb=ListRecords&metadataPrefix=oai_dc",
        "it verb=ListRecords&resumptionToken=a",
    );
    let whole = ["it verb=Identify", list, dead, list, dead];
    assert_eq!(visit().await, whole);
    let stopped = job(&harvests, id);
    assert!(stopped.error.is_some() && stopped.progress.is_none());
    assert!(harvests.visit(id).unwrap());
    assert!(
        job(&harvests, id).error.is_none(),
        "it waits, it has not failed again"
    );
    assert_eq!(visit().await, whole);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_tells_of_the_first_page_and_leaves_nothing_behind() {
    let node = Node::first().await;
    let log = Log::default();
    let source = serve("it", &log, |_| {
        let record = "<ListRecords><record><header><identifier>oai:a:2</identifier><datestamp>2026-01-01</datestamp></header>\
            <metadata><dc xmlns='http://www.openarchives.org/OAI/2.0/oai_dc/'><title xmlns='http://purl.org/dc/elements/1.1/'>\
            Suites</title></dc></metadata></record><resumptionToken completeListSize='7'>b</resumptionToken></ListRecords>";
        ("200 OK", record.to_owned())
    });
    let harvests = harvests(&node, VISIT);
    let mut asked = Asked {
        source,
        every: None,
        person: node.admin().id,
        deletions: None,
    };
    let before = node.core.changes_cursor();
    let report = harvests.preview(&asked).await.expect("a report");
    assert_eq!((report.records, report.added), (1, 1), "{:?}", report.lines);
    let more = report.lines.iter().find(|l| l.problem.rule == "first-page");
    assert_eq!(more.expect("it goes on").problem.given, "7");
    let whole = [
        "it verb=Identify",
        "it verb=ListRecords&metadataPrefix=oai_dc",
    ];
    assert_eq!(*log.lock().unwrap(), whole);
    assert_eq!(node.core.changes_cursor(), before);
    assert!(harvests.all().unwrap().is_empty());
    asked.source.prefix = "marc".to_owned();
    assert!(harvests.preview(&asked).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_says_why_it_failed_and_has_its_limits() {
    let node = Node::first().await;
    let log = Log::default();
    let source = serve("bad", &log, |_| {
        ("503 Service Unavailable", "<error/>".to_owned())
    });
    let mut asked = Asked {
        source,
        every: None,
        person: node.admin().id,
        deletions: None,
    };
    let tried = harvests(&node, VISIT);
    let why = tried
        .preview(&asked)
        .await
        .expect_err("no page")
        .to_string();
    assert!(why.contains("HTTP 503"), "{why}");
    let permits = tried.looks.acquire_many(2).await.expect("open");
    let busy = tried.preview(&asked).await;
    assert!(matches!(busy, Err(super::Error::Busy)), "{busy:?}");
    drop(permits);
    asked.source = serve("slow", &log, |_| {
        thread::sleep(Duration::from_secs(3));
        ("200 OK", String::new())
    });
    let brief = harvests(&node, Duration::from_millis(500));
    let why = brief.preview(&asked).await.expect_err("late").to_string();
    assert!(why.contains("within"), "{why}");
    // The request goes on without the one who waited for it, and so does its place.
    let free = || brief.looks.available_permits();
    assert_eq!(free(), super::LOOKS - 1);
    eventually("end of the slow request", || free() == super::LOOKS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_tells_what_would_be_withdrawn_and_withdraws_nothing() {
    let node = Node::first().await;
    let log = Log::default();
    let gone = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let now_gone = gone.clone();
    let source = serve("gone", &log, move |_| {
        let (status, inside) = match now_gone.load(std::sync::atomic::Ordering::SeqCst) {
            true => (" status='deleted'", ""),
            false => (
                "",
                "<metadata><dc xmlns='http://www.openarchives.org/OAI/2.0/oai_dc/'><title xmlns='http://purl.org/dc/elements/1.1/'>\
                 Dunes</title></dc></metadata>",
            ),
        };
        let record = format!(
            "<ListRecords><record><header{status}><identifier>oai:d:1</identifier><datestamp>2026-01-01</datestamp></header>\
             {inside}</record></ListRecords>"
        );
        ("200 OK", record)
    });
    let asked = Asked {
        source,
        every: None,
        person: node.admin().id,
        deletions: Some(crate::imports::Deletions::Withdraw),
    };
    let harvests = harvests(&node, VISIT);
    let id = harvests.note(&asked).expect("a source").id;
    let job = harvests.book().next(now()).unwrap().expect("due");
    assert_eq!(job.id, id);
    harvests.visit_one(job).await;
    gone.store(true, std::sync::atomic::Ordering::SeqCst);
    let before = node.core.changes_cursor();
    let report = harvests.preview(&asked).await.expect("a report");
    let rules: Vec<&str> = report
        .lines
        .iter()
        .map(|l| l.problem.rule.as_str())
        .collect();
    assert!(rules.contains(&"withdrawn-with-source"), "{rules:?}");
    assert_eq!(node.core.changes_cursor(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_never_said_who_it_is_is_not_noted() {
    let node = Node::first().await;
    let log = Log::default();
    let harvests = harvests(&node, Duration::from_millis(500));
    let mut asked = Asked {
        source: serve("good", &log, |_| ("200 OK", page(""))),
        every: Some(3_600),
        person: node.admin().id,
        deletions: None,
    };
    let id = harvests.add(&asked).await.expect("a source").id;
    assert_eq!(*log.lock().unwrap(), ["good verb=Identify"]);
    // One that is noted is not asked again to change its schedule.
    asked.every = None;
    let job = harvests.add(&asked).await.expect("the same source");
    assert_eq!((job.id, job.every), (id, None));
    assert_eq!(log.lock().unwrap().len(), 1);

    // A server that takes the connection and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    asked.source.url = format!("http://{}/oai", silent.local_addr().unwrap());
    for why in [
        harvests.add(&asked).await.expect_err("late").to_string(),
        harvests
            .file(&asked.source.url, 10)
            .await
            .expect_err("late")
            .to_string(),
    ] {
        assert!(why.contains("did not come within"), "{why}");
    }
    drop(silent);
    let gone = harvests.add(&asked).await;
    assert!(
        matches!(gone, Err(super::Error::Refused(_) | super::Error::Busy)),
        "{gone:?}"
    );
    assert_eq!(harvests.all().unwrap().len(), 1);
}

#[test]
fn a_file_is_named_as_a_browser_would_save_it() {
    for (url, name) in [
        ("http://a.example/b/fiche%20un.xml?v=1#x", "fiche un.xml"),
        ("http://a.example/a+b=c&d.csv", "a+b=c&d.csv"),
        ("http://a.example/", ""),
        ("http://a.example/a/%2e%2e%2f%2e%2e%2fb.xml", "b.xml"),
        ("no address", ""),
    ] {
        assert_eq!(super::file_name(url), name, "{url}");
    }
}
