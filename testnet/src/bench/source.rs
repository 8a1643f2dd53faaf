//! A source of records as repositories have them: simple Dublin Core over OAI-PMH, page after page, on loopback.

use std::{
    collections::BTreeSet,
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::Command,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// Records of one page, as many repositories give.
const PAGE: usize = 250;
/// When all records were changed last.
const STAMP: &str = "2026-01-01T00:00:00Z";

/// A record.
#[derive(Debug, Clone, Default)]
pub(super) struct Record {
    pub(super) id: String,
    /// With their languages.
    pub(super) titles: Vec<(&'static str, String)>,
    pub(super) descriptions: Vec<(&'static str, String)>,
    pub(super) subjects: Vec<String>,
    pub(super) creators: Vec<String>,
    pub(super) language: String,
    pub(super) url: String,
}

/// So many records: real ones where the shared data are, invented ones beside them and elsewhere. Says where they are from.
pub(super) fn records(count: usize) -> Result<(Vec<Record>, &'static str)> {
    let shared = std::env::var_os("COMMUN_SHARED").map(PathBuf::from);
    let mut real = Vec::new();
    if let Some(folder) = shared
        .map(|shared| shared.join("data/scale"))
        .filter(|f| f.is_dir())
    {
        for name in [
            "debian-bookworm-components.jsonl.gz",
            "free-programming-books.jsonl.gz",
        ] {
            let read = Command::new("gzip")
                .arg("-dc")
                .arg(folder.join(name))
                .output()?;
            ensure!(read.status.success(), "gzip -dc {name}");
            for line in String::from_utf8(read.stdout)?.lines() {
                real.push(of_line(&serde_json::from_str(line)?));
            }
        }
    }
    // Some packages are there twice; a source names each record once.
    let mut seen = BTreeSet::new();
    real.retain(|record: &Record| seen.insert(record.id.clone()));
    let from = match real.is_empty() {
        true => "invented records",
        false => "real records of Debian and of free programming books, some of them twice",
    };
    if real.is_empty() {
        real = (0..1_000).map(invented).collect();
    }
    let again = |n: usize| {
        let mut record = real[n % real.len()].clone();
        if let round @ 1.. = n / real.len() {
            // No package has such a name already.
            record.id = format!("{}~{round}", record.id);
            record.url = format!("{}#{round}", record.url);
            for (_, title) in &mut record.titles {
                title.push_str(&format!(" ({round})"));
            }
        }
        record
    };
    Ok(((0..count).map(again).collect(), from))
}

fn of_line(line: &Value) -> Record {
    let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
    let list = |name: &str| -> Vec<String> {
        let values = line[name].as_array().into_iter().flatten();
        values
            .filter_map(|v| v.as_str().map(str::to_owned))
            .collect()
    };
    let with = |pairs: [(&'static str, String); 2]| -> Vec<(&'static str, String)> {
        pairs
            .into_iter()
            .filter(|(_, text)| !text.is_empty())
            .collect()
    };
    let book = line["kind"] == "book";
    let language = if book {
        text("language")
    } else {
        "en".to_owned()
    };
    let mut titles = with([("en", text("short_en")), ("fr", text("short_fr"))]);
    if titles.is_empty() {
        titles.push(("", text("title")));
    }
    Record {
        id: text("id"),
        titles,
        descriptions: with([("en", text("body_en")), ("fr", text("body_fr"))]),
        subjects: [list("tags"), list("subjects")].concat(),
        creators: match book {
            true => list("creators"),
            false => vec![text("maintainer")]
                .into_iter()
                .filter(|m| !m.is_empty())
                .collect(),
        },
        language,
        url: [text("url"), text("homepage")]
            .into_iter()
            .find(|u| !u.is_empty())
            .unwrap_or_default(),
    }
}

const WORDS: [&str; 24] = [
    "algèbre",
    "analyse",
    "probabilités",
    "statistique",
    "géométrie",
    "réseau",
    "langage",
    "compilateur",
    "noyau",
    "histoire",
    "économie",
    "littérature",
    "cours",
    "exercice",
    "corrigé",
    "module",
    "introduction",
    "théorie",
    "pratique",
    "données",
    "calcul",
    "modèle",
    "système",
    "méthode",
];

fn invented(n: usize) -> Record {
    let words = |from: usize, count: usize| -> String {
        let word = |k: usize| WORDS[(n * 31 + k * k * 7 + from) % WORDS.len()];
        (0..count).map(word).collect::<Vec<_>>().join(" ")
    };
    Record {
        id: format!("invented-{n}"),
        titles: vec![("fr", words(1, 7))],
        descriptions: vec![("fr", words(5, 90))],
        subjects: vec![words(3, 1), words(4, 1)],
        creators: vec![format!("Personne {}", n % 97)],
        language: "fr".to_owned(),
        url: format!("https://depot.example/{n}"),
    }
}

impl Record {
    /// The bytes that a repository gives.
    fn xml(&self) -> String {
        let mut inside = String::new();
        let mut put = |name: &str, language: &str, text: &str| {
            let language = match language {
                "" => String::new(),
                language => format!(" xml:lang=\"{language}\""),
            };
            inside.push_str(&format!(
                "<dc:{name}{language}>{}</dc:{name}>",
                escaped(text)
            ));
        };
        for (language, title) in &self.titles {
            put("title", language, title);
        }
        for (language, description) in &self.descriptions {
            put("description", language, description);
        }
        for subject in &self.subjects {
            put("subject", "", subject);
        }
        for creator in &self.creators {
            put("creator", "", creator);
        }
        put("language", "", &self.language);
        if !self.url.is_empty() {
            put("identifier", "", &self.url);
        }
        put("rights", "", "https://creativecommons.org/licenses/by/4.0/");
        format!(
            "<record><header><identifier>oai:depot.example:{}</identifier><datestamp>{STAMP}</datestamp></header>\
             <metadata><oai_dc:dc xmlns:oai_dc=\"http://www.openarchives.org/OAI/2.0/oai_dc/\" \
             xmlns:dc=\"http://purl.org/dc/elements/1.1/\">{inside}</oai_dc:dc></metadata></record>",
            escaped(&self.id)
        )
    }

    /// The document that a node's index has of it, in JSON, with an id of its own.
    pub(super) fn document(&self, n: usize) -> Value {
        let pairs = |all: &[(&'static str, String)]| -> Vec<(String, String)> {
            all.iter()
                .map(|(l, t)| ((*l).to_owned(), t.clone()))
                .collect()
        };
        let keywords: Vec<(String, String)> = self
            .subjects
            .iter()
            .map(|s| (String::new(), s.clone()))
            .collect();
        serde_json::json!({
            "id": format!("{n:0>52}"),
            "name": format!("univ-angers/{}", self.id),
            "kind": "resource",
            "institution": "univ-angers",
            "titles": pairs(&self.titles),
            "summaries": [],
            "descriptions": pairs(&self.descriptions),
            "keywords": keywords,
            "creators": self.creators,
            "resource_types": [],
            "licence": "CC-BY-4.0",
            "languages": [self.language],
            "levels": [],
            "subjects": [],
            "file_names": [],
            "text": [],
            "updated": 1_767_225_600,
            "position_hint": 0
        })
    }
}

fn escaped(text: &str) -> String {
    let allowed = |c: &char| !c.is_control() || *c == '\n';
    let text: String = text.chars().filter(allowed).collect();
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// How fast a source gives its records.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// Records of one page.
    page: usize,
    /// From the first page to the next.
    every: Duration,
}

impl Pace {
    /// As fast as it is asked.
    pub(super) const FREE: Pace = Pace {
        page: PAGE,
        every: Duration::ZERO,
    };

    /// So many in a second, in four pages.
    pub(super) fn per_second(records: usize) -> Self {
        Self {
            page: records / 4,
            every: Duration::from_millis(250),
        }
    }
}

/// Serves records until the program ends; gives back the base URL.
pub(super) fn serve(records: Arc<Vec<Record>>, pace: Pace) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}/oai", listener.local_addr()?);
    let base = url.clone();
    thread::spawn(move || {
        let mut next = Instant::now();
        for stream in listener.incoming().flatten() {
            thread::sleep(next.saturating_duration_since(Instant::now()));
            next = next.max(Instant::now()) + pace.every;
            // The harvester asks one thing at a time.
            let _ = answer(stream, &records, pace.page, &base);
        }
    });
    Ok(url)
}

fn answer(stream: TcpStream, records: &[Record], page: usize, base: &str) -> Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        line.clear();
    }
    let query = first.split(' ').nth(1).context("a request line")?;
    let query = query.split_once('?').map_or("", |(_, query)| query);
    let get = |name: &str| {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.into_iter().find(|(n, _)| *n == name).map(|(_, v)| v)
    };
    let inside = match get("verb") {
        Some("Identify") => format!(
            "<Identify><repositoryName>Dépôt</repositoryName><baseURL>{base}</baseURL><protocolVersion>2.0</protocolVersion>\
             <adminEmail>depot@example.org</adminEmail><earliestDatestamp>{STAMP}</earliestDatestamp>\
             <deletedRecord>persistent</deletedRecord><granularity>YYYY-MM-DDThh:mm:ssZ</granularity></Identify>"
        ),
        _ => {
            let from: usize = get("resumptionToken").map_or(Ok(0), str::parse)?;
            let to = records.len().min(from + page);
            let page: String = records[from..to].iter().map(Record::xml).collect();
            let token = match to < records.len() {
                true => to.to_string(),
                false => String::new(),
            };
            format!(
                "<ListRecords>{page}<resumptionToken completeListSize=\"{}\" cursor=\"{from}\">{token}</resumptionToken></ListRecords>",
                records.len()
            )
        }
    };
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><OAI-PMH xmlns=\"http://www.openarchives.org/OAI/2.0/\">\
         <responseDate>{STAMP}</responseDate><request>{base}</request>{inside}</OAI-PMH>"
    );
    let mut stream = &stream;
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=UTF-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )?;
    Ok(())
}
