//! A search engine on loopback that is stricter than a real one: it takes the few calls of `commun feed opensearch`, checks
//! every line of a bulk request and every document against the mappings of its index, and makes trouble when it is told to.
//!
//! What it knows of the protocol is what the reference pages of OpenSearch and Elasticsearch say of `_bulk`, of
//! creating an index, and of writing a document with `if_seq_no`.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex, MutexGuard},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

/// Most bytes of a request that a client of ours makes, with room for one more line.
const MAX_BULK: usize = 6 << 20;
/// Longest term of a keyword, in bytes (Lucene).
const MAX_TERM: usize = 32_766;
/// The id of the document that is no item.
pub const NOTE: &str = "commun-feed";

/// What goes wrong with the next bulk requests, one for each.
#[derive(Debug, Clone)]
pub enum Trouble {
    /// All of it is refused with this status; perhaps it says after how many seconds to come back.
    Busy(u16, Option<u64>),
    /// These actions of it get this status; the others are done.
    Partly(Vec<usize>, u16),
    /// The document of this item does not fit.
    Unfit(String),
    /// The connection breaks before anything is done.
    BreaksBefore,
    /// It breaks when all is done.
    BreaksAfter,
    /// A page of a proxy comes in the place of an answer.
    Page,
}

/// Where everything stops, for who wants to kill the client there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Halt {
    /// At which request, counted from 0.
    pub request: usize,
    /// Whether it was done before.
    pub done: bool,
}

/// The engine's state.
#[derive(Debug, Default)]
pub struct Shelf {
    /// The body that made the index, where there is one.
    pub index: Option<Value>,
    /// The documents by id.
    pub documents: BTreeMap<String, Value>,
    /// Sequence numbers of documents.
    seen: BTreeMap<String, u64>,
    next: u64,
    /// What clients did that no engine takes.
    pub faults: Vec<String>,
    /// The ids of each bulk request that came.
    pub bulks: Vec<Vec<String>>,
    /// How many requests came.
    pub requests: usize,
    /// What goes wrong.
    pub troubles: VecDeque<Trouble>,
    /// Most bytes of a request; larger ones get 413.
    pub most: Option<usize>,
    /// The `Authorization` that is asked for.
    pub authorization: Option<String>,
    /// Where everything stops.
    pub halt: Option<Halt>,
    halted: bool,
}

/// The running engine; it ends with the program.
#[derive(Debug, Clone)]
pub struct Engine {
    port: u16,
    shared: Arc<(Mutex<Shelf>, Condvar)>,
}

impl Engine {
    /// Starts it, empty.
    pub fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let engine = Self {
            port: listener.local_addr()?.port(),
            shared: Arc::default(),
        };
        let shared = engine.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let engine = shared.clone();
                thread::spawn(move || {
                    // A client that leaves is no loss.
                    let _ = engine.serve(stream);
                });
            }
        });
        Ok(engine)
    }

    /// The address of its index.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/portail", self.port)
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What it has.
    pub fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shared.0.lock().expect("no thread panics with it")
    }

    /// The documents of items, by name.
    pub fn names(&self) -> BTreeSet<String> {
        let shelf = self.shelf();
        let items = shelf.documents.iter().filter(|(id, _)| *id != NOTE);
        items
            .map(|(_, document)| document["name"].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    /// Up to where the index says that it has everything.
    pub fn position(&self) -> Option<u64> {
        self.shelf().documents.get(NOTE)?["feed"]["position"].as_u64()
    }

    /// Waits until everything has stopped where it was told to; `false`: it did not within so long.
    pub fn wait_for_halt(&self, patience: Duration) -> bool {
        let shelf = self.shelf();
        let waited = self
            .shared
            .1
            .wait_timeout_while(shelf, patience, |shelf| !shelf.halted);
        waited.is_ok_and(|(shelf, _)| shelf.halted)
    }

    /// Goes on after a halt; whoever was halted gets no answer any more.
    pub fn go_on(&self) {
        let mut shelf = self.shelf();
        shelf.halt = None;
        shelf.halted = false;
        self.shared.1.notify_all();
    }

    fn serve(&self, stream: TcpStream) -> Result<()> {
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        let mut reader = BufReader::new(stream.try_clone()?);
        while let Some(request) = Request::read(&mut reader)? {
            let at = {
                let mut shelf = self.shelf();
                shelf.requests += 1;
                shelf.requests - 1
            };
            if self.halts(Halt {
                request: at,
                done: false,
            }) {
                return Ok(());
            }
            let answer = self.shelf().answer(&request);
            if self.halts(Halt {
                request: at,
                done: true,
            }) {
                return Ok(());
            }
            let Some(answer) = answer else {
                // Whoever asked finds the connection broken.
                return Ok(());
            };
            answer.write(&stream)?;
        }
        Ok(())
    }

    /// Stops here until the test goes on, if this is the place.
    fn halts(&self, here: Halt) -> bool {
        let mut shelf = self.shelf();
        if shelf.halt != Some(here) {
            return false;
        }
        shelf.halted = true;
        self.shared.1.notify_all();
        let _gone = self
            .shared
            .1
            .wait_while(shelf, |shelf| shelf.halted)
            .expect("no thread panics with it");
        true
    }
}

struct Request {
    method: String,
    path: String,
    query: BTreeMap<String, String>,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Request {
    fn read(reader: &mut impl BufRead) -> Result<Option<Self>> {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let mut words = line.split_whitespace();
        let method = words.next().context("a method")?.to_owned();
        let target = words.next().context("a target")?.to_owned();
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let mut headers = BTreeMap::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let Some((name, value)) = line.split_once(':') else {
                break;
            };
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
        let length = headers.get("content-length").map(|v| v.parse::<usize>());
        let length = length.transpose()?.unwrap_or(0);
        ensure!(length <= 64 << 20, "a body of {length} bytes");
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        Ok(Some(Self {
            method,
            path: path.to_owned(),
            query: pairs.map(|(n, v)| (n.to_owned(), v.to_owned())).collect(),
            headers,
            body,
        }))
    }
}

struct Answer {
    status: u16,
    retry_after: Option<u64>,
    kind: &'static str,
    body: String,
}

impl Answer {
    fn json(status: u16, body: Value) -> Option<Self> {
        Some(Self {
            status,
            retry_after: None,
            kind: "application/json",
            body: body.to_string(),
        })
    }

    fn error(status: u16, kind: &str, reason: &str) -> Option<Self> {
        let error = json!({"root_cause": [{"type": kind, "reason": reason}], "type": kind, "reason": reason});
        Self::json(status, json!({"error": error, "status": status}))
    }

    fn write(&self, mut stream: &TcpStream) -> Result<()> {
        let after = self.retry_after.map(|s| format!("Retry-After: {s}\r\n"));
        let head = format!(
            "HTTP/1.1 {} Told\r\nContent-Type: {}\r\nContent-Length: {}\r\n{}\r\n",
            self.status,
            self.kind,
            self.body.len(),
            after.unwrap_or_default()
        );
        stream.write_all(head.as_bytes())?;
        Ok(stream.write_all(self.body.as_bytes())?)
    }
}

impl Shelf {
    /// The answer; none: the connection breaks.
    fn answer(&mut self, request: &Request) -> Option<Answer> {
        if self.authorization.as_ref() != request.headers.get("authorization") {
            return Answer::error(
                401,
                "security_exception",
                "missing authentication credentials",
            );
        }
        let place: Vec<&str> = request.path.trim_start_matches('/').split('/').collect();
        let answer = match (request.method.as_str(), place.as_slice()) {
            ("PUT", ["portail"]) => self.create(request),
            ("GET", ["portail", "_mapping"]) => Ok(match &self.index {
                Some(index) => Answer::json(
                    200,
                    json!({"portail-000001": {"mappings": index["mappings"]}}),
                ),
                None => missing(),
            }),
            ("GET", ["portail", "_doc", NOTE]) => Ok(self.get(NOTE)),
            ("PUT", ["portail", "_doc", NOTE]) => self.put(NOTE, request),
            ("POST", ["portail", "_bulk"]) => self.bulk(request),
            (method, _) => Err(anyhow::anyhow!("nobody asks {method} {}", request.path)),
        };
        answer.unwrap_or_else(|fault| {
            self.faults.push(format!("{fault:#}"));
            Answer::error(400, "illegal_argument_exception", &format!("{fault:#}"))
        })
    }

    /// Somebody deletes the index.
    pub fn delete_index(&mut self) {
        self.index = None;
        self.documents.clear();
        self.seen.clear();
    }

    fn create(&mut self, request: &Request) -> Result<Option<Answer>> {
        let index = json_of(request)?;
        if self.index.is_some() {
            return Ok(Answer::error(
                400,
                "resource_already_exists_exception",
                "it is there",
            ));
        }
        for member in index.as_object().context("an object")?.keys() {
            ensure!(
                ["settings", "mappings", "aliases"].contains(&member.as_str()),
                "an index has no {member}"
            );
        }
        let analysis = &index["settings"]["analysis"];
        for (name, analyzer) in analysis["analyzer"].as_object().context("analyzers")? {
            for filter in analyzer["filter"].as_array().context("filters")? {
                let filter = filter.as_str().context("a name")?;
                let known = ["lowercase", "asciifolding"].contains(&filter)
                    || analysis["filter"][filter]["type"].is_string();
                ensure!(known, "{name}: nobody knows the filter {filter}");
            }
        }
        properties(&index["mappings"]["properties"], analysis)?;
        self.index = Some(index);
        Ok(Answer::json(
            200,
            json!({"acknowledged": true, "shards_acknowledged": true, "index": "portail"}),
        ))
    }

    fn get(&self, id: &str) -> Option<Answer> {
        if self.index.is_none() {
            return missing();
        }
        let told = json!({"_index": "portail", "_id": id});
        match self.documents.get(id) {
            Some(document) => {
                let mut told = told;
                told["found"] = true.into();
                told["_seq_no"] = self.seen[id].into();
                told["_primary_term"] = 1.into();
                told["_source"] = document.clone();
                Answer::json(200, told)
            }
            None => Answer::json(404, json!({"_index": "portail", "_id": id, "found": false})),
        }
    }

    fn put(&mut self, id: &str, request: &Request) -> Result<Option<Answer>> {
        let document = json_of(request)?;
        if self.index.is_none() {
            return Ok(missing());
        }
        self.fits(&document)?;
        let query = |name: &str| request.query.get(name).map(String::as_str);
        let there = self.seen.get(id).copied();
        let may = match (
            query("op_type"),
            query("if_seq_no"),
            query("if_primary_term"),
        ) {
            (Some("create"), None, None) => there.is_none(),
            (None, Some(number), Some(term)) => {
                there.map(|n| n.to_string()).as_deref() == Some(number) && term == "1"
            }
            _ => bail!("a note is written without a look at the one before"),
        };
        if !may {
            return Ok(Answer::error(
                409,
                "version_conflict_engine_exception",
                "it is another one",
            ));
        }
        self.store(id, document);
        let told = json!({"_index": "portail", "_id": id, "_seq_no": self.seen[id], "_primary_term": 1,
            "result": if there.is_some() { "updated" } else { "created" }});
        Ok(Answer::json(if there.is_some() { 200 } else { 201 }, told))
    }

    fn store(&mut self, id: &str, document: Value) {
        self.documents.insert(id.to_owned(), document);
        self.seen.insert(id.to_owned(), self.next);
        self.next += 1;
    }

    fn bulk(&mut self, request: &Request) -> Result<Option<Answer>> {
        ensure!(
            request.headers.get("content-type").map(String::as_str) == Some("application/x-ndjson"),
            "the media type is {:?}",
            request.headers.get("content-type")
        );
        ensure!(request.query.is_empty(), "parameters: {:?}", request.query);
        if self.most.is_some_and(|most| request.body.len() > most) {
            return Ok(Some(Answer {
                status: 413,
                retry_after: None,
                kind: "text/html",
                body: "<h1>Payload Too Large</h1>".to_owned(),
            }));
        }
        let actions = actions(&request.body)?;
        self.bulks
            .push(actions.iter().map(|(id, _)| id.clone()).collect());
        // A real engine would make an index by guessing; this one says that it was not asked to.
        ensure!(self.index.is_some(), "documents are sent without an index");
        let trouble = self.troubles.pop_front();
        match &trouble {
            Some(Trouble::Busy(status, after)) => {
                let mut answer = Answer::error(*status, "circuit_breaking_exception", "too much");
                if let Some(answer) = &mut answer {
                    answer.retry_after = *after;
                }
                return Ok(answer);
            }
            Some(Trouble::BreaksBefore) => return Ok(None),
            Some(Trouble::Page) => {
                return Ok(Some(Answer {
                    status: 502,
                    retry_after: None,
                    kind: "text/html",
                    body: "<h1>Bad Gateway</h1>".to_owned(),
                }));
            }
            _ => {}
        }
        let mut items = Vec::new();
        for (at, (id, document)) in actions.into_iter().enumerate() {
            let verb = if document.is_some() {
                "index"
            } else {
                "delete"
            };
            let failed = |status: u16, kind: &str| {
                json!({verb: {"_index": "portail", "_id": id, "status": status,
                    "error": {"type": kind, "reason": "for this test"}}})
            };
            match &trouble {
                Some(Trouble::Partly(which, status)) if which.contains(&at) => {
                    items.push(failed(*status, "es_rejected_execution_exception"));
                    continue;
                }
                Some(Trouble::Unfit(name))
                    if document
                        .as_ref()
                        .is_some_and(|d| d["name"] == name.as_str()) =>
                {
                    items.push(failed(400, "mapper_parsing_exception"));
                    continue;
                }
                _ => {}
            }
            let status = match document {
                Some(document) => {
                    self.fits(&document)
                        .with_context(|| format!("the document {id}"))?;
                    ensure!(
                        document["id"] == id.as_str(),
                        "{id} is the document of another item"
                    );
                    let there = self.documents.contains_key(&id);
                    self.store(&id, document);
                    if there { 200 } else { 201 }
                }
                None => match self.documents.remove(&id) {
                    Some(_) => 200,
                    None => 404,
                },
            };
            items.push(json!({verb: {"_index": "portail", "_id": id, "status": status}}));
        }
        if matches!(trouble, Some(Trouble::BreaksAfter)) {
            return Ok(None);
        }
        let errors = items
            .iter()
            .any(|item| item.to_string().contains("\"error\""));
        Ok(Answer::json(
            200,
            json!({"took": 1, "errors": errors, "items": items}),
        ))
    }

    /// Whether a document fits the mappings, which take no member that they do not name.
    fn fits(&self, document: &Value) -> Result<()> {
        let index = self.index.as_ref().context("an index")?;
        ensure!(
            index["mappings"]["dynamic"] == "strict",
            "the mappings guess"
        );
        for (name, value) in document.as_object().context("an object")? {
            let property = &index["mappings"]["properties"][name];
            let kind = property["type"].as_str();
            let kind = kind.with_context(|| format!("strict_dynamic_mapping_exception: {name}"))?;
            if kind == "object" {
                ensure!(value.is_object(), "{name} is no object");
                continue;
            }
            let list = match value {
                Value::Array(list) => list.as_slice(),
                one => std::slice::from_ref(one),
            };
            ensure!(!list.is_empty(), "{name} is empty");
            for value in list {
                let text = value.as_str().with_context(|| format!("{name}: {value}"))?;
                match kind {
                    "keyword" if property["ignore_above"].is_null() => {
                        ensure!(text.len() <= MAX_TERM, "immense term in {name}");
                    }
                    "date" => {
                        let plain = text.len() == 20 && text.ends_with('Z') && &text[10..11] == "T";
                        ensure!(plain, "{name}: {text} is no date");
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }
}

/// The actions of a bulk request, each with its id and, where it puts, its document; every line is checked.
fn actions(body: &[u8]) -> Result<Vec<(String, Option<Value>)>> {
    ensure!(!body.is_empty(), "an empty request");
    ensure!(body.len() <= MAX_BULK, "{} bytes", body.len());
    let text = std::str::from_utf8(body).context("not UTF-8")?;
    ensure!(text.ends_with('\n'), "the last line does not end");
    ensure!(!text.contains('\r'), "a carriage return");
    let mut lines = text[..text.len() - 1].split('\n');
    let mut all: Vec<(String, Option<Value>)> = Vec::new();
    let mut ids = BTreeSet::new();
    while let Some(line) = lines.next() {
        let action: Value =
            serde_json::from_str(line).with_context(|| format!("action {line:?}"))?;
        let mut members = action.as_object().context("an action")?.iter();
        let (Some((verb, about)), None) = (members.next(), members.next()) else {
            bail!("not one action: {line}");
        };
        let about = about.as_object().context("what an action is about")?;
        let id = about.get("_id").and_then(Value::as_str).context("an id")?;
        ensure!(about.len() == 1, "more than an id: {line}");
        ensure!((1..=512).contains(&id.len()), "an id of {} bytes", id.len());
        ensure!(id != NOTE, "an item with the id of the note");
        ensure!(ids.insert(id.to_owned()), "{id} twice in one request");
        let document = match verb.as_str() {
            "index" => {
                let line = lines.next().context("an action without its document")?;
                let document: Value =
                    serde_json::from_str(line).with_context(|| format!("document {line:?}"))?;
                ensure!(document.is_object(), "a document is an object: {line}");
                Some(document)
            }
            "delete" => None,
            other => bail!("the action {other}"),
        };
        all.push((id.to_owned(), document));
    }
    Ok(all)
}

/// Whether fields have types, and analyzers that are there.
fn properties(fields: &Value, analysis: &Value) -> Result<()> {
    for (name, field) in fields.as_object().context("properties")? {
        let kind = field["type"].as_str().unwrap_or("object");
        ensure!(
            ["keyword", "text", "date", "object"].contains(&kind),
            "{name} is a {kind}"
        );
        if let Some(analyzer) = field["analyzer"].as_str() {
            ensure!(kind == "text", "{name} is not analysed");
            ensure!(
                analysis["analyzer"][analyzer].is_object(),
                "{name}: {analyzer}"
            );
        }
        if let Some(normalizer) = field["normalizer"].as_str() {
            ensure!(
                analysis["normalizer"][normalizer].is_object(),
                "{name}: {normalizer}"
            );
        }
        if field["fields"].is_object() {
            properties(&field["fields"], analysis)?;
        }
    }
    Ok(())
}

fn json_of(request: &Request) -> Result<Value> {
    ensure!(
        request.headers.get("content-type").map(String::as_str) == Some("application/json"),
        "the media type is {:?}",
        request.headers.get("content-type")
    );
    serde_json::from_slice(&request.body).context("JSON")
}

fn missing() -> Option<Answer> {
    Answer::error(404, "index_not_found_exception", "no such index [portail]")
}
