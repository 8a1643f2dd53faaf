//! An OAI-PMH source on loopback that behaves as real ones do: pages, a pause that it asks for, dates in three forms, records
//! without a licence or a title, one that is not XML, one that was deleted. Later it has changed.
//!
//! What it has is in `demo/source/`, as people would find it; all of it is made up.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard},
    thread,
    time::Duration,
};

use anyhow::{Context, Result};

/// Records of one page.
const PAGE: usize = 4;
/// Longest request line, in bytes.
const MAX_LINE: u64 = 8 << 10;
/// How long a client may be silent.
const SILENCE: Duration = Duration::from_secs(10);

const FIRST: &str = include_str!("../demo/source/first.xml");
const SECOND: &str = include_str!("../demo/source/second.xml");

/// What `commun-testnet source` is asked for.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Port on loopback
    #[arg(long, default_value_t = 4999)]
    pub port: u16,
}

/// Runs the source; it changes when somebody presses Enter, and ends with Ctrl-C.
pub fn run(args: &Args) -> Result<()> {
    let stop = crate::signal::watch()?;
    let source = Source::on(args.port)?;
    println!("{}", source.url());
    eprintln!("Enter: the source changes. Ctrl-C ends it.");
    thread::spawn(move || {
        let mut line = String::new();
        if matches!(std::io::stdin().read_line(&mut line), Ok(1..)) {
            source.change();
            eprintln!("The source has changed.");
        }
    });
    let _ = stop.recv();
    Ok(())
}

/// The running source; it ends with the program.
#[derive(Debug)]
pub struct Source {
    url: String,
    shelf: Arc<Mutex<Shelf>>,
}

/// What it has, and what it was asked.
#[derive(Debug)]
struct Shelf {
    /// The records as XML, by their datestamps.
    records: Vec<(String, String)>,
    /// What time it is there.
    now: &'static str,
    /// Whether it asks for a pause before the second page.
    busy: bool,
    asked: Vec<String>,
}

impl Source {
    /// Starts it.
    pub fn start() -> Result<Self> {
        Self::on(0)
    }

    fn on(port: u16) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port))?;
        let url = format!("http://{}/oai", listener.local_addr()?);
        let shelf = Arc::new(Mutex::new(Shelf {
            records: records(FIRST),
            now: "2026-01-12T06:00:00Z",
            busy: true,
            asked: Vec::new(),
        }));
        let (shared, base) = (shelf.clone(), url.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A harvester asks one thing at a time; one that leaves is no loss.
                let _ = answer(stream, &shared, &base);
            }
        });
        Ok(Self { url, shelf })
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf
            .lock()
            .expect("a thread that panics holds no lock here")
    }

    /// Its base address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Two weeks go by: some records are mended, one is deleted, one is new, one was changed.
    pub fn change(&self) {
        let mut shelf = self.shelf();
        shelf.records = records(SECOND);
        shelf.now = "2026-02-02T06:00:00Z";
        shelf.busy = true;
    }

    /// What it was asked since the last time, as query strings.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.shelf().asked)
    }
}

/// Cuts a file into its records; by hand, since one of them is not XML.
fn records(file: &str) -> Vec<(String, String)> {
    let between = |text: &str, from: &str, to: &str| {
        let rest = text.split_once(from).map_or("", |(_, rest)| rest);
        rest.split_once(to).map_or("", |(part, _)| part).to_owned()
    };
    let all = file.split_inclusive("</record>\n");
    let all = all.map(|record| {
        let stamp = between(record, "<datestamp>", "</datestamp>");
        (stamp, record.to_owned())
    });
    let mut all: Vec<(String, String)> = all.collect();
    all.sort();
    all
}

fn answer(stream: TcpStream, shelf: &Mutex<Shelf>, base: &str) -> Result<()> {
    stream.set_read_timeout(Some(SILENCE))?;
    let mut reader = BufReader::new(stream.try_clone()?).take(MAX_LINE);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        line.clear();
    }
    let path = first.split(' ').nth(1).context("a request line")?;
    let query = path.split_once('?').map_or("", |(_, query)| query);
    let get = |name: &str| -> Option<String> {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let found = pairs.find(|(n, _)| *n == name);
        found.map(|(_, value)| value.replace("%3A", ":"))
    };
    let mut shelf = shelf.lock().expect("a thread that panics holds no lock");
    shelf.asked.push(query.to_owned());
    let token = get("resumptionToken");
    let busy = token.is_some() && std::mem::take(&mut shelf.busy);
    let (status, more, inside) = if busy {
        (
            "503 Service Unavailable",
            "Retry-After: 1\r\n",
            String::new(),
        )
    } else {
        let verb = get("verb");
        ("200 OK", "", said(&shelf, verb.as_deref(), token, &get))
    };
    let body = match busy {
        true => String::new(),
        false => format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<OAI-PMH xmlns=\"http://www.openarchives.org/OAI/2.0/\">\n\
             <responseDate>{}</responseDate>\n<request>{base}</request>\n{inside}\n</OAI-PMH>\n",
            shelf.now
        ),
    };
    let mut stream = &stream;
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: text/xml; charset=UTF-8\r\nContent-Length: {}\r\nConnection: close\r\n{more}\r\n{body}",
        body.len()
    )?;
    Ok(())
}

/// The element of a verb, or an error.
fn said(
    shelf: &Shelf,
    verb: Option<&str>,
    token: Option<String>,
    get: &dyn Fn(&str) -> Option<String>,
) -> String {
    let error = |code: &str| format!("<error code=\"{code}\"/>");
    match verb {
        Some("Identify") => "<Identify><repositoryName>Ressources de l’Université ouverte de l’Ouest</repositoryName>\
             <baseURL>https://ori.univ.example/oai</baseURL><protocolVersion>2.0</protocolVersion>\
             <adminEmail>ori@univ.example</adminEmail><earliestDatestamp>2025-03-04T09:12:41Z</earliestDatestamp>\
             <deletedRecord>persistent</deletedRecord><granularity>YYYY-MM-DDThh:mm:ssZ</granularity></Identify>"
            .to_owned(),
        Some("ListRecords") => {
            // A token says where the list goes on, and from when on it is.
            let (at, from) = match &token {
                Some(token) => {
                    let (at, from) = token.split_once('_').unwrap_or((token, ""));
                    match at.parse::<usize>() {
                        Ok(at) => (at, from.to_owned()),
                        Err(_) => return error("badResumptionToken"),
                    }
                }
                None if get("metadataPrefix").as_deref() != Some("oai_dc") => {
                    return error("cannotDisseminateFormat");
                }
                None => (0, get("from").unwrap_or_default()),
            };
            let fit = shelf.records.iter().filter(|(stamp, _)| *stamp >= from);
            let fit: Vec<&str> = fit.map(|(_, record)| record.as_str()).collect();
            if fit.len() <= at {
                return error("noRecordsMatch");
            }
            let next = at + PAGE;
            let token = match next < fit.len() {
                true => format!("{next}_{from}"),
                false => String::new(),
            };
            let records: String = fit.iter().skip(at).take(PAGE).copied().collect();
            format!(
                "<ListRecords>\n{records}<resumptionToken completeListSize=\"{}\" cursor=\"{at}\">{token}</resumptionToken>\n</ListRecords>",
                fit.len()
            )
        }
        _ => error("badVerb"),
    }
}
