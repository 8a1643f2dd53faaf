//! `commun import` of a source that behaves as real ones do: pages, a pause, a broken record, deletions; the node is
//! killed in the middle; and what came in is harvested back.

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use anyhow::{Context, Result, ensure};
use commun_testnet::{
    commun::Typist,
    federation::{Federation, wait_until},
    http,
};

use super::turn::turn;

/// Records of one page.
const PAGE: usize = 2;

/// A record of the source: its number, its datestamp, its metadata (`None`: deleted).
pub(super) type Record = (u32, &'static str, Option<String>);

/// What the source has, and what it was asked.
#[derive(Default)]
pub(super) struct Shelf {
    pub(super) records: Vec<Record>,
    /// How many more requests are answered with 503, once the second page is asked for.
    busy: u32,
    asked: Vec<String>,
}

/// A strict OAI-PMH source on loopback.
pub(super) struct Source {
    pub(super) url: String,
    shelf: Arc<Mutex<Shelf>>,
}

pub(super) fn dc(title: &str, id: u32) -> Option<String> {
    Some(format!(
        "<oai_dc:dc xmlns:oai_dc='http://www.openarchives.org/OAI/2.0/oai_dc/' xmlns:dc='http://purl.org/dc/elements/1.1/'>\
         <dc:title xml:lang='fr'>{title}</dc:title><dc:creator>Essai, Anne</dc:creator><dc:language>fre</dc:language>\
         <dc:identifier>https://depot.example/{id}</dc:identifier><dc:rights>https://creativecommons.org/licenses/by/4.0/</dc:rights></oai_dc:dc>"
    ))
}

impl Source {
    pub(super) fn start(records: Vec<Record>) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}/oai", listener.local_addr()?);
        let shelf = Arc::new(Mutex::new(Shelf {
            records,
            ..Shelf::default()
        }));
        let (shared, base) = (shelf.clone(), url.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // The harvester asks one thing at a time.
                let _ = answer(stream, &shared, &base);
            }
        });
        Ok(Self { url, shelf })
    }

    pub(super) fn with<T>(&self, look: impl FnOnce(&mut Shelf) -> T) -> T {
        look(&mut self.shelf.lock().expect("the source lives"))
    }
}

fn answer(stream: TcpStream, shelf: &Mutex<Shelf>, base: &str) -> Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        line.clear();
    }
    let path = first
        .split(' ')
        .nth(1)
        .context("a request line")?
        .to_owned();
    let query = path
        .split_once('?')
        .map_or("", |(_, query)| query)
        .to_owned();
    let get = |name: &str| -> Option<String> {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let mut found = pairs.filter(|(n, _)| *n == name);
        found.next().map(|(_, v)| v.replace("%3A", ":"))
    };
    let mut shelf = shelf.lock().expect("the test lives");
    shelf.asked.push(query.clone());
    let token = get("resumptionToken");
    let send = |status: &str, more: &str, body: &str| -> Result<()> {
        let mut stream = &stream;
        write!(
            stream,
            "HTTP/1.1 {status}\r\nContent-Type: text/xml; charset=UTF-8\r\nContent-Length: {}\r\nConnection: close\r\n{more}\r\n{body}",
            body.len()
        )?;
        Ok(())
    };
    if token.is_some() && shelf.busy > 0 {
        shelf.busy -= 1;
        return send("503 Service Unavailable", "Retry-After: 1\r\n", "");
    }
    let inside = match get("verb").as_deref() {
        Some("Identify") => {
            "<Identify><repositoryName>Dépôt</repositoryName><protocolVersion>2.0</protocolVersion>\
                             <granularity>YYYY-MM-DDThh:mm:ssZ</granularity></Identify>"
                .to_owned()
        }
        Some("ListRecords") => {
            // A token says where the list goes on, and from when on it is.
            let (at, from) = match &token {
                Some(token) => {
                    let (at, from) = token.split_once('_').unwrap_or((token, ""));
                    (at.parse()?, from.to_owned())
                }
                None => (0, get("from").unwrap_or_default()),
            };
            let fit: Vec<&Record> = shelf
                .records
                .iter()
                .filter(|r| r.1 >= from.as_str())
                .collect();
            if fit.is_empty() {
                "<error code='noRecordsMatch'>nothing</error>".to_owned()
            } else {
                let records: String = fit.iter().skip(at).take(PAGE).map(|r| record(r)).collect();
                let next = at + PAGE;
                let token = if next < fit.len() {
                    format!("{next}_{from}")
                } else {
                    String::new()
                };
                format!(
                    "<ListRecords>{records}<resumptionToken completeListSize='{}'>{token}</resumptionToken></ListRecords>",
                    fit.len()
                )
            }
        }
        _ => "<error code='badVerb'>no</error>".to_owned(),
    };
    let body = format!(
        "<?xml version='1.0' encoding='UTF-8'?><OAI-PMH xmlns='http://www.openarchives.org/OAI/2.0/'>\
         <responseDate>2026-01-10T00:00:00Z</responseDate><request>{base}</request>{inside}</OAI-PMH>"
    );
    send("200 OK", "", &body)
}

fn record((id, stamp, metadata): &Record) -> String {
    let header = |status: &str| {
        format!(
            "<header{status}><identifier>oai:depot.example:{id}</identifier><datestamp>{stamp}</datestamp></header>"
        )
    };
    match metadata {
        Some(metadata) => format!(
            "<record>{}<metadata>{metadata}</metadata></record>",
            header("")
        ),
        None => format!("<record>{}</record>", header(" status='deleted'")),
    }
}

#[test]
fn a_source_is_harvested_again_and_again_and_harvested_back() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(1)?;
    let node = &mut f.nodes[0];
    node.stop()?;
    node.set_env("COMMUN_HARVEST_PRIVATE", "true");
    node.start()?;
    let here = tempfile::tempdir()?;
    let source = Source::start(vec![
        (1, "2026-01-01T00:00:00Z", dc("Suites récurrentes", 1)),
        (2, "2026-01-02T00:00:00Z", dc("Séries entières", 2)),
        // Not well formed: the other record of its page must come in all the same.
        (
            3,
            "2026-01-03T00:00:00Z",
            dc("Recherche & développement", 3),
        ),
        (4, "2026-01-04T00:00:00Z", dc("Intégrales généralisées", 4)),
        (5, "2026-01-05T00:00:00Z", None),
    ])?;
    source.with(|s| s.busy = 1);
    let operator = Typist::operator(&f.nodes[0])?;
    let csv = here
        .path()
        .join("rapport.csv")
        .to_string_lossy()
        .into_owned();
    let said = operator
        .done(
            here.path(),
            &["import", &source.url, "--json", "--csv", &csv],
        )?
        .json()?;
    ensure!(
        (
            said["added"].as_u64(),
            said["refused"].as_u64(),
            said["deleted"].as_u64()
        ) == (Some(3), Some(1), Some(1)),
        "{said}"
    );
    let table = std::fs::read_to_string(&csv)?;
    ensure!(
        table.contains("oai:depot.example:3,xml-malformed,error"),
        "{table}"
    );
    let asked = source.with(|s| std::mem::take(&mut s.asked));
    ensure!(
        asked
            .iter()
            .filter(|q| q.contains("resumptionToken=2"))
            .count()
            == 2,
        "503 is asked again: {asked:?}"
    );

    // One is mended and one is new: only what is newer than the last visit is asked for, and only that becomes a version.
    source.with(|s| {
        s.records[2] = (
            3,
            "2026-01-11T00:00:00Z",
            dc("Recherche et développement", 3),
        );
        s.records
            .push((6, "2026-01-12T00:00:00Z", dc("Espaces de Hilbert", 6)));
    });
    let said = operator
        .done(here.path(), &["import", "--visit", "1", "--json"])?
        .json()?;
    ensure!(
        (said["added"].as_u64(), said["changed"].as_u64()) == (Some(2), Some(0)),
        "{said}"
    );
    let asked = source.with(|s| std::mem::take(&mut s.asked));
    ensure!(
        asked
            .iter()
            .any(|q| q.contains("from=2026-01-09T23%3A00%3A00Z")),
        "{asked:?}"
    );
    let said = operator
        .done(here.path(), &["import", "--visit", "1", "--json"])?
        .json()?;
    ensure!(said["unchanged"] == said["records"], "{said}");

    // Nothing new is no reason to take anything away.
    source.with(|s| s.records.clear());
    let said = operator
        .done(here.path(), &["import", "--visit", "1", "--json"])?
        .json()?;
    ensure!(said["records"] == 0, "{said}");
    let listed = operator
        .done(here.path(), &["search", "intégrales", "--json"])?
        .json()?;
    ensure!(listed["total"] == 1, "{listed}");

    // The same, harvested back.
    let port = f.nodes[0].ports().http;
    let titles = || -> Result<usize> {
        let answer = http::get(
            port,
            "/oai?verb=ListRecords&metadataPrefix=oai_dc&set=type:resource",
            &[],
        )?;
        ensure!(
            answer.header("content-type") == Some("text/xml; charset=UTF-8"),
            "{:?}",
            answer.header("content-type")
        );
        Ok(answer.text().matches("<dc:title").count())
    };
    wait_until("the provider lists the five", || Ok(titles()? == 5))?;
    f.stop()
}

#[test]
fn what_a_source_deletes_is_withdrawn_and_comes_back_with_it() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(1)?;
    let node = &mut f.nodes[0];
    node.stop()?;
    node.set_env("COMMUN_HARVEST_PRIVATE", "true");
    node.start()?;
    let here = tempfile::tempdir()?;
    let stamp = "2026-01-01T00:00:00Z";
    let source = Source::start(vec![
        (1, stamp, dc("Suites récurrentes", 1)),
        (2, stamp, dc("Séries entières", 2)),
    ])?;
    let operator = Typist::operator(&f.nodes[0])?;
    let harvest = [
        "import",
        &source.url,
        "--deletions",
        "withdraw",
        "--every",
        "1h",
        "--json",
    ];
    operator.done(here.path(), &harvest)?;
    let found = operator
        .done(here.path(), &["search", "récurrentes", "--json"])?
        .json()?;
    let name = found["hits"][0]["name"].as_str().context("a hit")?;
    let port = f.nodes[0].ports().http;
    let page = || http::get(port, &format!("/{name}?lang=fr"), &[]);
    let visit = || {
        operator
            .done(here.path(), &["import", "--visit", "1", "--json"])?
            .json()
    };
    // It is not in the list any more, which says nothing.
    source.with(|s| s.records.remove(0));
    visit()?;
    ensure!(page()?.status == 200);
    source.with(|s| s.records.push((1, "2026-01-11T00:00:00Z", None)));
    let said = visit()?;
    ensure!(said["deleted"] == 1, "{said}");
    let gone = page()?;
    ensure!(
        gone.status == 410 && gone.text().contains("supprimé à la source"),
        "{} {}",
        gone.status,
        gone.text()
    );
    source.with(|s| s.records[1] = (1, "2026-01-12T00:00:00Z", dc("Suites récurrentes", 1)));
    let said = visit()?;
    ensure!(said["changed"] == 1, "{said}");
    wait_until("it is shown again", || Ok(page()?.status == 200))?;
    f.stop()
}

#[test]
fn a_harvest_goes_on_where_the_node_was_killed() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(1)?;
    let node = &mut f.nodes[0];
    node.stop()?;
    node.set_env("COMMUN_HARVEST_PRIVATE", "true");
    node.start()?;
    let here = tempfile::tempdir()?;
    let titles = ["Un", "Deux", "Trois", "Quatre", "Cinq"];
    let records = titles
        .iter()
        .zip(1..)
        .map(|(t, id)| (id, "2026-01-01T00:00:00Z", dc(t, id)));
    let source = Source::start(records.collect())?;
    // The second page does not come before the node is dead.
    source.with(|s| s.busy = 4);
    let operator = Typist::operator(&f.nodes[0])?;
    operator.done(here.path(), &["import", &source.url, "--no-wait", "--json"])?;
    wait_until("the first page is taken in", || {
        Ok(source.with(|s| s.asked.len()) >= 4)
    })?;
    f.nodes[0].kill();
    let before = source.with(|s| {
        s.busy = 0;
        std::mem::take(&mut s.asked)
    });
    ensure!(
        before.iter().any(|q| q.contains("metadataPrefix=oai_dc")),
        "{before:?}"
    );
    f.nodes[0].start()?;
    let operator = Typist::operator(&f.nodes[0])?;
    wait_until("the harvest ends", || {
        let sources = operator
            .done(here.path(), &["import", "--list", "--json"])?
            .json()?;
        Ok(sources["sources"][0]["state"] == "idle")
    })?;
    let after = source.with(|s| std::mem::take(&mut s.asked));
    ensure!(
        after
            .first()
            .is_some_and(|q| q.contains("resumptionToken=2")),
        "it began anew: {after:?}"
    );
    let report = operator
        .done(here.path(), &["import", "--report", "1", "--json"])?
        .json()?;
    ensure!(
        (report["records"].as_u64(), report["added"].as_u64()) == (Some(5), Some(5)),
        "{report}"
    );
    f.stop()
}

#[test]
fn a_source_on_this_machine_is_refused_unless_the_operator_allows_it() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(1)?;
    let here = tempfile::tempdir()?;
    let source = Source::start(Vec::new())?;
    let operator = Typist::operator(&f.nodes[0])?;
    for more in [&["--no-wait"][..], &["--dry-run"], &["--format", "lom"]] {
        let args = [&["import", source.url.as_str()], more].concat();
        let said = operator.run(here.path(), &args)?;
        ensure!(
            said.code == Some(4) && said.err.contains("private network"),
            "{}",
            said.err
        );
    }
    ensure!(source.with(|s| s.asked.is_empty()), "the node connected");
    let listed = operator
        .done(here.path(), &["import", "--list", "--json"])?
        .json()?;
    ensure!(listed["sources"] == serde_json::json!([]), "{listed}");
    f.stop()
}
