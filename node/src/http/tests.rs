//! The handlers, asked as browsers and programs ask.

mod around;
mod code;
mod finding;
mod following;
mod item;
mod jsonld;
mod lineage;
mod making;
mod sample;
mod similar;
mod verification;

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use commun_specs::tree;
use serde_json::Value;
use tower::ServiceExt;

use super::{Web, hosts::Hosts, router};
use sample::{HOSTILE, Sample, TOKEN};

const MAIN: &str = "127.0.0.1:8080";
const CONTENT: &str = "localhost:8080";

/// A web over the sample.
struct Served {
    web: Web,
    router: Router,
    sample: Arc<Sample>,
    data: tempfile::TempDir,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }
}

impl Served {
    fn new() -> Self {
        Self::with(Sample::new())
    }

    fn with(sample: Sample) -> Self {
        let sample = Arc::new(sample);
        let data = tempfile::tempdir().unwrap();
        let web = Web::new(
            sample.clone(),
            Hosts::loopback(8080),
            data.path().to_owned(),
        );
        Self {
            router: router(web.clone(), Router::new()),
            web,
            sample,
            data,
        }
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: to_bytes(body, 1 << 24).await.unwrap().to_vec(),
        }
    }

    async fn get_from(&self, host: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::get(path).header(header::HOST, host);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::empty()).unwrap()).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.get_from(MAIN, path, &[]).await
    }

    /// As a browser asks.
    async fn page(&self, path: &str) -> Answer {
        let accept = [("accept", "text/html,*/*;q=0.8"), ("accept-language", "fr")];
        self.get_from(MAIN, path, &accept).await
    }
}

#[tokio::test]
async fn foreign_host_names_are_misdirected() {
    let web = Served::new();
    for host in [
        "rebind.attacker.example",
        "127.0.0.1",
        "localhost",
        "127.0.0.1:9",
    ] {
        let answer = web.get_from(host, "/api/v1/status", &[]).await;
        assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST, "{host}");
    }
    let nobody = Request::get("/").body(Body::empty()).unwrap();
    assert_eq!(web.send(nobody).await.status, StatusCode::BAD_REQUEST);
    let large = [("cookie", &*"a".repeat(20_000))];
    let answer = web.get_from(MAIN, "/healthz", &large).await;
    assert_eq!(answer.status, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
    assert_eq!(web.get("/api/v1/status").await.status, StatusCode::OK);
}

#[tokio::test]
async fn pages_travel_compressed_to_who_takes_it_and_are_the_same() {
    use std::io::Read as _;
    let web = Served::new();
    for path in ["/search", "/api/v1/search"] {
        let plain = web.get(path).await;
        assert!(!plain.headers.contains_key(header::CONTENT_ENCODING));
        let vary: Vec<_> = plain.headers.get_all(header::VARY).iter().collect();
        assert!(vary.iter().any(|v| *v == "accept-encoding"), "{vary:?}");
        let packed = [("accept-encoding", "br, gzip")];
        let packed = web.get_from(MAIN, path, &packed).await;
        assert_eq!(packed.headers[header::CONTENT_ENCODING], "gzip");
        assert!(packed.body.len() < plain.body.len() / 2);
        let mut all = Vec::new();
        flate2::read::GzDecoder::new(&packed.body[..])
            .read_to_end(&mut all)
            .unwrap();
        // Each answer has a request id, a nonce and how long it took of its own at most: a few digits more or less.
        assert!(all.len().abs_diff(plain.body.len()) < 8, "{path}");
        let with_token = [("accept-encoding", "gzip"), ("authorization", "Bearer x")];
        let whole = web.get_from(MAIN, path, &with_token).await;
        assert!(!whole.headers.contains_key(header::CONTENT_ENCODING));
    }
    let short = web.get_from(MAIN, "/healthz", &[("accept-encoding", "gzip")]);
    assert!(!short.await.headers.contains_key(header::CONTENT_ENCODING));
}

#[tokio::test]
async fn pages_of_other_sites_change_nothing() {
    let web = Served::new();
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("origin", "http://localhost:8080"),
    ] {
        let request = Request::builder()
            .method(Method::POST)
            .uri("/api/v1/items")
            .header(header::HOST, MAIN)
            .header(name, value);
        let answer = web.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}: {value}");
    }
    let upgrade = [("upgrade", "websocket"), ("origin", "https://evil.example")];
    let answer = web.get_from(MAIN, "/", &upgrade).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let read = web
        .get_from(
            MAIN,
            "/api/v1/status",
            &[("origin", "https://evil.example")],
        )
        .await;
    assert!(!read.headers.contains_key("access-control-allow-origin"));
}

/// The page without the elements of our own script, and how many these are.
fn without_script(page: &str) -> (String, usize) {
    let mut parts = page.split("<script src=\"/static/");
    let mut text = parts.next().unwrap_or_default().to_owned();
    let mut scripts = 0;
    for part in parts {
        let (name, rest) = part.split_once("\" defer></script>").unwrap();
        let hash = name.strip_suffix(".js").unwrap();
        assert!(hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()));
        text.push_str(rest);
        scripts += 1;
    }
    (text, scripts)
}

#[tokio::test]
async fn every_page_carries_its_policy_and_no_cookie() {
    let web = Served::new();
    for path in [
        "/",
        "/search?q=cours",
        "/univ-a/cours",
        "/univ-a",
        "/status",
        "/nothing/here",
    ] {
        let answer = web.page(path).await;
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{path}"
        );
        // The large search box completes what is typed; nothing else runs, and nowhere else.
        let scripted = path == "/" || path.starts_with("/search");
        let allowed = "; script-src http://127.0.0.1:8080/static/; connect-src http://127.0.0.1:8080/api/v1/complete";
        assert_eq!(policy.ends_with(allowed), scripted, "{path}: {policy}");
        assert_eq!(policy.contains("script-src"), scripted, "{path}: {policy}");
        assert!(!policy.contains("unsafe"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert!(!answer.headers.contains_key("set-cookie"), "{path}");
        assert_eq!(answer.header("x-request-id").len(), 12, "{path}");
        let (text, scripts) = without_script(&jsonld::without(answer.text()));
        assert_eq!(scripts, usize::from(scripted), "{path}");
        assert!(
            !text.contains("<script")
                && !text.contains("style=")
                && !text.contains("onmouseover=\""),
            "{path}"
        );
        assert!(
            text.contains("<main id=\"main\"") && text.contains("<html lang=\"fr\""),
            "{path}"
        );
        assert_eq!(text.matches("<h1").count(), 1, "{path}");
    }
}

#[tokio::test]
async fn hostile_words_are_only_words() {
    let web = Served::new();
    for path in [
        "/univ-a/hostile",
        "/search?q=script",
        "/search?q=%3Cscript%3Ealert(1)%3C%2Fscript%3E%E2%80%AE",
        "/?lang=%3Cscript%3E",
        "/univ-a",
    ] {
        // What the reader typed stands in the box as it was typed.
        let answer = web.page(path).await;
        let text = without_script(&jsonld::without(answer.text()))
            .0
            .replace("alert(1)&lt;/script&gt;\u{202e}\" maxlength", "");
        assert!(
            !text.contains("<script") && !text.contains('\u{202e}'),
            "{path}"
        );
        assert!(!text.contains("href=\"javascript:"), "{path}");
    }
    let text = web.page("/univ-a/hostile").await.text().to_owned();
    assert!(text.contains("&lt;script&gt;alert(1)&lt;/script&gt;⟨U+202E⟩"));
    let json = web.get("/api/v1/items/univ-a/hostile").await.json();
    assert_eq!(json["title"], HOSTILE);
}

#[tokio::test]
async fn errors_are_problems_for_programs_and_pages_for_people() {
    let web = Served::new();
    let answer = web.get("/api/v1/items/univ-a/nothing").await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (StatusCode::NOT_FOUND, "application/problem+json")
    );
    assert_eq!(answer.json()["status"], 404);
    let answer = web.page("/univ-a/nothing").await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (StatusCode::NOT_FOUND, "text/html; charset=utf-8")
    );
    assert!(answer.text().contains("Page introuvable"));
    for (path, status) in [
        ("/api/v1/search?limit=1000", 400),
        ("/api/v1/search?q=a&offset=10001", 400),
        ("/api/v1/search?sort=best", 400),
        ("/api/v1/changes?since=x", 400),
        ("/api/v1/nothing", 404),
        ("/oembed", 400),
        ("/oembed?url=http%3A%2F%2F127.0.0.1%3A8080%2F", 404),
        ("/api/v1/items/abc", 404),
        ("/api/v1/items/univ-a/exercice-44/files/a.md", 410),
    ] {
        let answer = web.get(path).await;
        assert_eq!(answer.status.as_u16(), status, "{path}");
        assert_eq!(answer.json()["status"], status, "{path}");
    }
    let deep = format!("/api/v1/search?q={}", "(".repeat(733));
    assert_eq!(web.get(&deep).await.status, StatusCode::BAD_REQUEST);
    let long = format!("/search?q={}", "a".repeat(1_001));
    let page = web.page(&long).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(page.text().contains("type=\"search\""), "the box stays");
}

#[tokio::test]
async fn the_page_speaks_the_readers_language() {
    let web = Served::new();
    let french = [("accept-language", "fr-FR,fr;q=0.9,en;q=0.5")];
    assert!(
        web.get_from(MAIN, "/search?q=cours", &french)
            .await
            .text()
            .contains("Filtres")
    );
    let switched = web.get_from(MAIN, "/search?q=cours&lang=en", &french).await;
    assert!(switched.text().contains("Filters") && switched.text().contains("<bdi lang=\"fr\">"));
    assert!(
        switched.text().contains("/univ-a/cours?lang=en"),
        "links keep the choice"
    );
    assert!(switched.header("vary").contains("Accept-Language"));
}

#[tokio::test]
async fn vocabularies_are_served_as_skos_in_two_forms() {
    let web = Served::new();
    let list = web.get("/api/v1/vocabularies").await.json();
    let list = list["vocabularies"].as_array().unwrap().clone();
    assert!(list.len() >= 20);
    for entry in &list {
        let answer = web.get(entry["url"].as_str().unwrap()).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header("content-type"), "application/ld+json");
        let concepts = answer.json()["concepts"].as_array().unwrap().len();
        assert_eq!(entry["concepts"], concepts);
    }
    let turtle = [("accept", "text/turtle")];
    let answer = web
        .get_from(MAIN, "/api/v1/vocabularies/level", &turtle)
        .await;
    assert_eq!(answer.header("content-type"), "text/turtle; charset=utf-8");
    assert_eq!(answer.header("vary"), "Accept");
    assert!(answer.text().contains("skos:prefLabel \"Terminale\"@fr"));
    let answer = web.get("/api/v1/vocabularies/level?format=turtle").await;
    assert!(answer.text().starts_with("@prefix skos:"));
    for (path, status) in [
        ("/api/v1/vocabularies/nothing", 404),
        ("/api/v1/vocabularies/level?format=rdf", 400),
    ] {
        assert_eq!(web.get(path).await.status.as_u16(), status, "{path}");
    }
}

#[tokio::test]
async fn labels_come_from_vocabularies_that_institutions_publish() {
    let turtle = "@prefix skos: <http://www.w3.org/2004/02/skos/core#> . <https://example.org/25> a skos:Concept ; \
                  skos:notation \"25\" ; skos:prefLabel \"Mathématiques pures\"@fr , \"Pure mathematics\"@en .";
    let web = Served::with(Sample::with_vocabulary(turtle));
    let read = web.get("/api/v1/vocabularies/univ-a/sections").await.json();
    assert_eq!(read["concepts"][0]["prefLabel"]["en"], "Pure mathematics");
    let item = web.get("/api/v1/items/univ-a/classe").await.json();
    let subject = &item["metadata"]["subject"][0];
    assert_eq!(subject["label"]["fr"], "Mathématiques pures");
    let french = [("accept-language", "fr")];
    let page = web.get_from(MAIN, "/univ-a/classe", &french).await;
    assert!(page.text().contains("Mathématiques pures"));
    // A course is no vocabulary, and a file that is broken says so.
    let course = web.get("/api/v1/vocabularies/univ-a/cours").await;
    assert_eq!(course.status, StatusCode::NOT_FOUND);
    let web = Served::with(Sample::with_vocabulary("<a> <b"));
    let broken = web.get("/api/v1/vocabularies/univ-a/sections").await;
    assert_eq!(broken.status, StatusCode::UNPROCESSABLE_ENTITY);
    let item = web.get("/api/v1/items/univ-a/classe").await.json();
    assert!(item["metadata"]["subject"][0]["label"].is_null());
}

#[tokio::test]
async fn every_value_is_shown_with_where_it_came_from() {
    let web = Served::new();
    let item = web.get("/api/v1/items/univ-a/cours").await.json();
    let level = &item["known"]["level"][0];
    assert_eq!(level["value"], "fr-l1");
    assert_eq!(level["method"], "declared");
    assert_eq!(item["metadata"]["level"], serde_json::json!(["fr-l1"]));
    let french = [("accept-language", "fr")];
    let page = web.get_from(MAIN, "/univ-a/cours", &french).await;
    let text = page.text();
    assert!(text.contains("Tout ce qui est connu") && text.contains("déclaré"));
}

#[tokio::test]
async fn a_search_has_facets_with_labels_and_pages() {
    let web = Served::new();
    let found = web
        .get_from(
            MAIN,
            "/api/v1/search?q=algebre&limit=20&level=fr-l1",
            &[("accept-language", "fr")],
        )
        .await
        .json();
    assert_eq!(found["total"], 45);
    assert_eq!(found["hits"].as_array().unwrap().len(), 20);
    assert_eq!(found["hits"][0]["level"], serde_json::json!(["fr-l1"]));
    assert_eq!(found["facets"]["resource_type"][0]["label"], "Cours");
    assert_eq!(found["index_position"], 47);
    let page = web.page("/search?q=algebre&offset=20").await;
    let text = page.text();
    assert!(
        text.contains("rel=\"prev\"")
            && text.contains("rel=\"next\"")
            && text.contains("aria-current=\"page\"")
    );
    assert!(text.contains("<ol class=\"hits\" start=\"21\">"));
    let none = web.page("/search?q=algebre&level=isced-1").await;
    assert!(none.text().contains("Essayez autrement") && none.text().contains("45 résultats"));
    let adaptable = web
        .get("/api/v1/search?q=algebre&adaptable=1&licence=CC-BY-ND-4.0")
        .await
        .json();
    assert_eq!(adaptable["total"], 0);
}

#[tokio::test]
async fn an_item_is_told_to_people_and_to_programs() {
    let web = Served::new();
    let page = web.page("/univ-a/cours").await;
    let text = page.text();
    assert!(text.contains(
        "Vous pouvez réutiliser, modifier et partager, même à but commercial, à condition de citer \
         ses auteurs (univ-a) et de partager vos versions sous la même licence."
    ));
    assert!(
        text.contains("«\u{a0}Équations différentielles\u{a0}» par Ada &lt;b&gt;L&lt;/b&gt;,"),
        "a sentence to copy"
    );
    assert!(text.contains("Copies\u{a0}: 2 établissements"));
    assert!(text.contains("commun get univ-a/cours"));
    // The README is rendered, its link leads to the other file, its picture to the content host.
    assert!(text.contains("href=\"/univ-a/cours?file=chapitres%2Fun.md#preview\""));
    assert!(text.contains("src=\"http://localhost:8080/univ-a/cours/files/fig.png\""));
    assert!(!text.contains("alert(2)"));
    let json = web.get("/api/v1/items/univ-a/cours").await.json();
    assert_eq!(
        (&json["type"], &json["licence"]),
        (&"resource".into(), &"CC-BY-SA-4.0".into())
    );
    let id = json["id"].as_str().unwrap().to_owned();
    assert_eq!(
        web.get(&format!("/api/v1/items/{}", &id[..8])).await.json()["name"],
        "univ-a/cours"
    );
    let files = web.get(&format!("/api/v1/items/{id}/files")).await.json();
    assert_eq!(files["files"].as_array().unwrap().len(), 6);
    let statements = web
        .get("/api/v1/items/univ-a/cours/statements")
        .await
        .json();
    assert_eq!(statements[0]["envelope"]["payload"], "e30=");
    assert_eq!(statements[0]["salt"].as_str().unwrap().len(), 52);
    let gone = web.page("/univ-a/exercice-44").await;
    assert_eq!(gone.status, StatusCode::GONE);
    assert!(gone.text().contains("Retiré") && !gone.text().contains("Télécharger"));
}

#[tokio::test]
async fn files_come_as_attachments_in_ranges_and_once() {
    let web = Served::new();
    let path = "/api/v1/items/univ-a/cours/files/page.html";
    let whole = web.get(path).await;
    let etag = format!("\"{}\"", web.sample.file("cours", "page.html").blake3);
    assert_eq!(whole.header("etag"), etag);
    assert!(
        whole
            .header("content-disposition")
            .starts_with("attachment")
    );
    assert_eq!(whole.text(), "<script>alert(3)</script>");
    let part = web
        .get_from(MAIN, path, &[("range", "bytes=1-6"), ("if-range", &etag)])
        .await;
    assert_eq!(
        (part.status, part.text()),
        (StatusCode::PARTIAL_CONTENT, "script")
    );
    assert_eq!(part.header("content-range"), "bytes 1-6/25");
    let beyond = web.get_from(MAIN, path, &[("range", "bytes=25-")]).await;
    assert_eq!(
        (beyond.status, beyond.header("content-range")),
        (StatusCode::RANGE_NOT_SATISFIABLE, "bytes */25")
    );
    let known = web.get_from(MAIN, path, &[("if-none-match", &etag)]).await;
    assert_eq!(
        (known.status, known.body.len()),
        (StatusCode::NOT_MODIFIED, 0)
    );
}

#[tokio::test]
async fn the_content_host_shows_pictures_and_text_and_nothing_that_runs() {
    let web = Served::new();
    for (path, inline) in [
        ("/univ-a/cours/files/fig.png", true),
        ("/univ-a/cours/files/notes.txt", true),
        ("/univ-a/cours/files/page.html", false),
        ("/univ-a/cours/files/dessin.svg", false),
    ] {
        let answer = web.get_from(CONTENT, path, &[]).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(
            answer.header("content-disposition").starts_with("inline"),
            inline,
            "{path}"
        );
        assert!(
            answer
                .header("content-security-policy")
                .starts_with("sandbox; default-src 'none'"),
            "{path}"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert!(!answer.headers.contains_key("set-cookie"));
    }
    for path in [
        "/",
        "/search",
        "/api/v1/status",
        "/univ-a/cours",
        "/status",
        "/univ-a/cours/files/%ff",
    ] {
        let answer = web.get_from(CONTENT, path, &[]).await;
        assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST, "{path}");
    }
    for path in [
        "/univ-a/cours/files/../notes.txt",
        "/univ-a/cours/files/none",
    ] {
        assert_eq!(
            web.get_from(CONTENT, path, &[]).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
}

#[tokio::test]
async fn an_auditor_reads_the_log_from_its_tiles() {
    let web = Served::new();
    assert_eq!(web.get("/log/univ-a/checkpoint").await.text(), "a note");
    // The entries' hashes are the tile's, and the tree of these has the log's root.
    let mut hashes: Vec<[u8; 32]> = Vec::new();
    for (entries, leaves) in [("000", "000"), ("001.p/44", "001.p/44")] {
        let tile = web.get(&format!("/log/univ-a/tile/0/{leaves}")).await.body;
        let mut bytes = &*web
            .get(&format!("/log/univ-a/0/tile/entries/{entries}"))
            .await
            .body;
        let mut at = 0;
        while let [a, b, rest @ ..] = bytes {
            let (entry, more) = rest.split_at(usize::from(u16::from_be_bytes([*a, *b])));
            assert_eq!(tree::leaf_hash(entry), tile[at..at + 32]);
            hashes.push(tree::leaf_hash(entry));
            (bytes, at) = (more, at + 32);
        }
    }
    let empty: Vec<[u8; 32]> = Vec::new();
    let mut pending = tree::Pending::on(&empty, 0);
    for (n, hash) in hashes.iter().enumerate() {
        tree::append(&mut pending, n as u64, *hash).unwrap();
    }
    assert_eq!(tree::root(&pending, 300).unwrap(), web.sample.root());
    for path in [
        "/log/univ-b/checkpoint",
        "/log/univ-a/1/checkpoint",
        "/log/univ-a/tile/0/001",
        "/log/univ-a/tile/0/000.p/0",
    ] {
        assert_eq!(web.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn a_long_poll_answers_when_something_changes() {
    let web = Served::new();
    assert_eq!(
        web.get("/api/v1/changes?since=47").await.json(),
        serde_json::json!({"next": 47, "changes": []})
    );
    let waiting = web.get("/api/v1/changes?since=47&wait=20");
    let change = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        web.sample.grown.send_replace(48);
    };
    let (answer, ()) = tokio::join!(waiting, change);
    assert_eq!(answer.json()["next"], 48);
    assert_eq!(answer.json()["changes"][0]["op"], "put");
}

fn form(parts: &[(&str, Option<&str>, &str)]) -> (String, Vec<u8>) {
    let mut body = String::new();
    for (name, file, content) in parts {
        let file = file
            .map(|f| format!("; filename=\"{f}\""))
            .unwrap_or_default();
        body.push_str(&format!(
            "--B\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{content}\r\n"
        ));
    }
    body.push_str("--B--\r\n");
    ("multipart/form-data; boundary=B".into(), body.into_bytes())
}

async fn publish(web: &Served, token: &str, parts: &[(&str, Option<&str>, &str)]) -> Answer {
    let (kind, body) = form(parts);
    let request = Request::post("/api/v1/items")
        .header(header::HOST, MAIN)
        .header(header::CONTENT_TYPE, kind)
        .header(header::AUTHORIZATION, format!("Bearer {token}"));
    web.send(request.body(Body::from(body)).unwrap()).await
}

#[tokio::test]
async fn an_upload_is_streamed_handed_over_and_cleaned_up() {
    let web = Served::new();
    let large = "x".repeat(3 << 20);
    let parts = [
        ("metadata", None, "{}"),
        ("file", Some("chap/un.md"), "one"),
        ("file", Some("b.bin"), &*large),
    ];
    let answer = publish(&web, TOKEN, &parts).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    assert_eq!(answer.json()["position"], 8);
    let published = web.sample.published.lock().unwrap().clone();
    assert_eq!(published[1], ("chap/un.md".to_owned(), b"one".to_vec()));
    assert_eq!(published[2].1.len(), 3 << 20);
    assert_eq!(
        std::fs::read_dir(web.data.path().join("incoming"))
            .unwrap()
            .count(),
        0
    );
}

#[tokio::test]
async fn uploads_that_are_wrong_leave_nothing_behind() {
    let web = Served::new();
    let meta = ("metadata", None, "{}");
    for (status, parts) in [
        (400, vec![("file", Some("a.md"), "x"), meta]),
        (400, vec![meta]),
        (400, vec![meta, ("other", Some("a.md"), "x")]),
        (400, vec![meta, ("file", None, "x")]),
        (
            400,
            vec![
                meta,
                ("file", Some("a.md"), "x"),
                ("file", Some("a.md"), "y"),
            ],
        ),
        (422, vec![meta, ("file", Some("../a.md"), "x")]),
        (422, vec![meta, ("file", Some("/etc/passwd"), "x")]),
    ] {
        let answer = publish(&web, TOKEN, &parts).await;
        assert_eq!(
            answer.status.as_u16(),
            status,
            "{parts:?}: {}",
            answer.text()
        );
    }
    assert_eq!(
        publish(&web, "wrong", &[meta]).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert!(web.sample.published.lock().unwrap().is_empty());
    assert_eq!(
        std::fs::read_dir(web.data.path().join("incoming"))
            .unwrap()
            .count(),
        0
    );
}

#[tokio::test]
async fn the_status_says_what_is_wrong_and_what_to_do() {
    let web = Served::new();
    let page = web.page("/status").await;
    assert!(page.text().contains("5 choses à regarder"));
    assert!(page.text().contains("univ-b a atteint son quota"));
    assert!(
        page.text()
            .contains("Ce que univ-b propose en demandes de fusion")
    );
    assert!(page.text().contains("git repack failed"));
    assert!(
        page.text().contains("Le journal de univ-b est gelé") && page.text().contains("succession")
    );
    let json = web.get("/api/v1/status").await.json();
    assert_eq!(json["logs"][1]["state"], "frozen");
    assert_eq!(
        (
            &json["usage"][0]["proposed"],
            &json["usage"][0]["held_back"]
        ),
        (&3.into(), &2.into())
    );
    assert_eq!(json["catalogue"]["position"], 47);
    let metrics = web.get("/metrics").await;
    assert!(
        metrics
            .text()
            .contains("commun_log_entries{log=\"univ-a\"} 300")
    );
    assert!(
        metrics
            .text()
            .contains("commun_http_requests_total{route=\"/api/v1/status\",status=\"200\"} 1")
    );
    assert!(
        metrics
            .text()
            .contains("commun_offences_total{kind=\"garbage\"} 2")
    );
    assert_eq!(web.get("/healthz").await.text(), "ok\n");
}

#[tokio::test]
async fn the_style_sheet_is_named_by_its_bytes_and_kept() {
    let web = Served::new();
    let page = web.page("/").await;
    let at = page.text().find("/static/").unwrap();
    let path: String = page.text()[at..]
        .chars()
        .take_while(|c| *c != '"')
        .collect();
    let sheet = web.get(&path).await;
    assert_eq!(sheet.status, StatusCode::OK);
    assert!(sheet.header("cache-control").contains("immutable"));
    assert_eq!(
        web.get("/static/other.css").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn the_description_of_the_interface_names_what_is_there() {
    let web = Served::new();
    let api = web.get("/api/v1/openapi.json").await.json();
    assert_eq!(api["openapi"], "3.1.0");
    for path in [
        "/api/v1/search",
        "/api/v1/items/{handle}/{slug}",
        "/api/v1/status",
        "/api/v1/changes",
    ] {
        assert!(
            api["paths"][path]["get"]["responses"]["200"].is_object(),
            "{path}"
        );
    }
    assert!(api["paths"]["/api/v1/items"]["post"]["responses"]["201"].is_object());
}

/// A real socket: what the router alone does not decide.
#[tokio::test]
async fn a_connection_is_served_and_ends_with_the_node() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let web = Served::new();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = tokio_util::sync::CancellationToken::new();
    let serving = tokio::spawn(super::server::serve(
        listener,
        web.router.clone(),
        stop.clone(),
    ));
    let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!("GET /healthz HTTP/1.1\r\nHost: {MAIN}\r\n\r\n");
    let mut answer = vec![0; 4096];
    for _ in 0..2 {
        socket.write_all(request.as_bytes()).await.unwrap();
        let n = socket.read(&mut answer).await.unwrap();
        assert!(
            answer[..n].starts_with(b"HTTP/1.1 200 OK"),
            "the connection is kept"
        );
    }
    // Two lengths of one body: the connection is not used again, so nothing hides behind it.
    let smuggled = format!(
        "POST / HTTP/1.1\r\nHost: {MAIN}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{request}"
    );
    let mut other = tokio::net::TcpStream::connect(address).await.unwrap();
    other.write_all(smuggled.as_bytes()).await.unwrap();
    let mut all = Vec::new();
    other.read_to_end(&mut all).await.unwrap();
    assert_eq!(String::from_utf8_lossy(&all).matches("HTTP/1.1").count(), 1);
    stop.cancel();
    tokio::time::timeout(Duration::from_secs(4), serving)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        socket.read(&mut answer).await.unwrap(),
        0,
        "an idle connection is closed at once"
    );
}

#[test]
fn what_a_killed_process_had_received_is_swept_at_the_next_start() {
    let data = tempfile::tempdir().unwrap();
    super::publish::sweep(data.path()).unwrap();
    let left = data.path().join("incoming/upload-x");
    std::fs::create_dir_all(&left).unwrap();
    std::fs::write(left.join("0"), b"half a file").unwrap();
    super::publish::sweep(data.path()).unwrap();
    assert!(!left.exists());
}
