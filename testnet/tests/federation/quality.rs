//! What librarians mend: pairs of items that may be the same across institutions, links that lead nowhere, what lacks.

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use anyhow::{Context, Result, ensure};
use commun_testnet::{
    browser::{Browser, Settings},
    commun::Typist,
    federation::{Federation, wait_until},
    http,
    process::Node,
};
use serde_json::{Value, json};

use super::{deeds::publish, turn::turn};

fn course(slug: &str, title: &str, more: &Value) -> Value {
    let mut metadata = json!({
        "slug": slug, "title": {"fr": title}, "language": ["fr"], "licence": "CC-BY-4.0", "creators": ["Anne Essai"],
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        metadata[name] = value.clone();
    }
    metadata
}

fn document(node: &Node, path: &str) -> Result<Value> {
    let answer = http::get(node.ports().http, path, &[])?;
    ensure!(
        answer.status == 200,
        "{path}: {} {}",
        answer.status,
        answer.text()
    );
    Ok(serde_json::from_str(&answer.text())?)
}

fn open(node: &Node, institution: &str) -> Result<Value> {
    document(
        node,
        &format!("/api/v1/duplicates?institution={institution}"),
    )
}

#[test]
fn a_pair_across_institutions_is_linked_by_one_and_seen_by_all() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = Federation::temporary(2)?;
    let title = "Histoire des probabilités appliquées";
    let none = json!({});
    let text = [("cours.md", &b"# Un cours\n"[..])];
    let other = publish(&f.nodes[1], None, &course("proba", title, &none), &text)?;
    let mine = publish(
        &f.nodes[0],
        None,
        &course(
            "probabilites",
            "Histoire des probabilites appliquees",
            &none,
        ),
        &[("autre.md", b"# Un autre\n")],
    )?;
    let volumes = ["Physique générale, tome 1", "Physique générale, tome 2"];
    for (at, title) in volumes.iter().enumerate() {
        let slug = format!("physique-{at}");
        let file = format!("# {title}\n");
        publish(
            &f.nodes[0],
            None,
            &course(&slug, title, &none),
            &[("c.md", file.as_bytes())],
        )?;
    }
    f.wait("both nodes offer the pair, and only that", |f| {
        let mut all = Vec::new();
        for node in &f.nodes {
            let found = open(node, "univ-angers")?;
            all.push((
                found["total"].as_u64(),
                found["duplicates"][0]["id"].clone(),
            ));
        }
        Ok(all[0] == all[1] && all[0].0 == Some(1))
    })?;
    let operator = Typist::operator(&f.nodes[0])?;
    let listed = operator
        .done(here.path(), &["duplicates", "list", "--json"])?
        .json()?;
    let pair = &listed["duplicates"][0];
    let id = pair["id"].as_str().context("an id")?.to_owned();
    ensure!(
        pair["rules"] == json!(["title"]) && pair["kind"] == "same",
        "{pair}"
    );

    // Who is of neither institution's library does not decide.
    let refused = http::request(
        f.nodes[0].ports().http,
        "POST",
        &format!("/api/v1/duplicates/{id}/refuse"),
        &["Content-Type: application/json"],
        b"{}",
    )?;
    ensure!(refused.status == 401, "{}", refused.status);

    // Refused here, still offered there: each institution decides for itself.
    operator.done(
        here.path(),
        &["duplicates", "refuse", &id, "--reason", "autre cours"],
    )?;
    ensure!(
        open(&f.nodes[0], "univ-angers")?["total"] == 0,
        "it is offered again"
    );
    ensure!(
        open(&f.nodes[1], "univ-lorraine")?["total"] == 1,
        "a note travelled"
    );
    let noted = operator
        .done(
            here.path(),
            &["duplicates", "list", "--state", "refused", "--json"],
        )?
        .json()?;
    ensure!(
        noted["duplicates"][0]["refused"]["reason"] == "autre cours",
        "{noted}"
    );
    let node = &mut f.nodes[0];
    node.stop()?;
    std::fs::remove_file(node.data.join("quality.db"))?;
    node.start()?;
    let operator = Typist::operator(&f.nodes[0])?;
    wait_until("everything is derived again", || {
        let report = document(&f.nodes[0], "/api/v1/institutions/univ-angers/quality")?;
        Ok(report["items"] == 3)
    })?;
    ensure!(
        open(&f.nodes[0], "univ-angers")?["total"] == 0,
        "it is offered again"
    );

    // Accepted after all.
    let done = operator
        .done(here.path(), &["duplicates", "accept", &id[..6], "--json"])?
        .json()?;
    ensure!(done["item"]["name"] == json!(mine), "{done}");
    f.wait("both pages say so", |f| {
        for (node, (item, twin)) in f.nodes.iter().zip([(&mine, &other), (&other, &mine)]) {
            let shown = document(node, &format!("/api/v1/items/{item}"))?;
            let page = http::get(node.ports().http, &format!("/{item}?lang=fr"), &[])?.text();
            if shown["same_as"][0]["name"] != json!(twin) || !page.contains("Aussi publié sous") {
                return Ok(false);
            }
        }
        Ok(open(&f.nodes[1], "univ-lorraine")?["total"] == 0)
    })?;
    let accepted = operator
        .done(
            here.path(),
            &["duplicates", "list", "--state", "accepted", "--json"],
        )?
        .json()?;
    ensure!(accepted["duplicates"][0]["id"] == json!(id), "{accepted}");
    // Nothing was merged, and it can be taken back.
    operator.done(here.path(), &["edit", &mine, "--undo"])?;
    f.wait("it is offered again", |f| {
        Ok(open(&f.nodes[1], "univ-lorraine")?["total"] == 1)
    })?;
    f.stop()
}

/// A server on loopback that has what some links promise.
struct Shelf {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Shelf {
    fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}", listener.local_addr()?);
        let asked = Arc::new(Mutex::new(Vec::new()));
        let shared = asked.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let _ = answer(stream, &shared);
            }
        });
        Ok(Self { url, asked })
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("the test lives").clone()
    }
}

fn answer(stream: TcpStream, asked: &Mutex<Vec<String>>) -> Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut agent = String::new();
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        if line.to_lowercase().starts_with("user-agent:") {
            agent = line.trim().to_owned();
        }
        line.clear();
    }
    asked
        .lock()
        .expect("the test lives")
        .push(format!("{} {agent}", first.trim()));
    let mut words = first.split(' ');
    let (method, path) = (
        words.next().unwrap_or_default(),
        words.next().unwrap_or_default(),
    );
    let (status, more) = match (method, path) {
        (_, "/ici") => ("200 OK", ""),
        (_, "/ailleurs") => ("302 Found", "Location: /ici\r\n"),
        ("HEAD", "/sans-tete") => ("405 Method Not Allowed", ""),
        ("GET", "/sans-tete") => ("206 Partial Content", ""),
        (_, "/ferme") => ("403 Forbidden", ""),
        _ => ("404 Not Found", ""),
    };
    let mut stream = &stream;
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n{more}\r\n"
    )?;
    Ok(())
}

#[test]
fn links_are_looked_at_when_asked_and_a_kill_loses_none() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = Federation::temporary(1)?;
    let node = &mut f.nodes[0];
    node.stop()?;
    node.set_env("COMMUN_HARVEST_PRIVATE", "true");
    node.start()?;
    let shelf = Shelf::start()?;
    let link = |path: &str| json!({"type": "location", "url": format!("{}{path}", shelf.url)});
    let good = json!({"links": [link("/ici"), link("/ailleurs"), link("/sans-tete")]});
    let bad = json!({"links": [link("/perdu"), link("/ferme")]});
    let text = [("c.md", &b"# Un cours\n"[..])];
    publish(
        &f.nodes[0],
        None,
        &course("bons-liens", "Des liens qui mènent loin", &good),
        &text,
    )?;
    let broken = publish(
        &f.nodes[0],
        None,
        &course("liens-morts", "Un lien mort", &bad),
        &text,
    )?;
    let path = "/api/v1/institutions/univ-angers/quality";
    let report = |f: &Federation| document(&f.nodes[0], path);
    f.wait("the links are known", |f| {
        Ok(report(f)?["links"]["links"] == 5)
    })?;
    ensure!(
        shelf.asked().is_empty(),
        "nobody asked for it: {:?}",
        shelf.asked()
    );

    let operator = Typist::operator(&f.nodes[0])?;
    operator.done(here.path(), &["quality", "--links", "--no-wait", "--json"])?;
    wait_until("the first link is asked for", || {
        Ok(!shelf.asked().is_empty())
    })?;
    f.nodes[0].kill();
    f.nodes[0].start()?;
    f.wait("all were looked at", |f| {
        let report = report(f)?;
        Ok(report["links"]["waiting"] == 0 && report["links"]["checked"] == 5)
    })?;
    let asked = shelf.asked();
    ensure!(
        asked.iter().all(|a| a.contains("(links; commons-")),
        "who asks: {asked:?}"
    );
    let found = report(&f)?;
    let rule = |id: &str| -> Value {
        let rules = found["rules"].as_array().into_iter().flatten();
        rules
            .into_iter()
            .find(|r| r["rule"] == id)
            .cloned()
            .unwrap_or_default()
    };
    let dead = rule("dead-link");
    ensure!(
        dead["items"] == 1 && dead["lines"][0]["name"] == json!(broken),
        "{found}"
    );
    let detail = dead["lines"][0]["detail"].as_str().unwrap_or_default();
    ensure!(detail.contains("/perdu (HTTP 404, 20"), "{detail}");
    ensure!(
        rule("unsure-link")["lines"][0]["detail"]
            .as_str()
            .unwrap_or_default()
            .contains("/ferme"),
        "{found}"
    );

    // The same as a table.
    let csv = here
        .path()
        .join("qualite.csv")
        .to_string_lossy()
        .into_owned();
    let operator = Typist::operator(&f.nodes[0])?;
    operator.done(here.path(), &["quality", "--csv", &csv])?;
    let table = std::fs::read_to_string(&csv)?;
    ensure!(
        table.contains("dead-link,error,univ-angers/liens-morts,"),
        "{table}"
    );
    ensure!(
        table.contains("commun edit univ-angers/bons-liens --set level=…"),
        "{table}"
    );

    // Mended: the line goes.
    let links = format!(
        "links=[{{\"type\":\"location\",\"url\":\"{}/ici\"}}]",
        shelf.url
    );
    let operator = Typist::operator(&f.nodes[0])?;
    operator.done(here.path(), &["edit", &broken, "--set", &links])?;
    f.wait("nothing is dead", |f| {
        let report = report(f)?;
        let mut rules = report["rules"].as_array().context("rules")?.iter();
        Ok(!rules.any(|r| r["rule"] == "dead-link"))
    })?;
    f.stop()
}

#[test]
fn the_page_of_an_institutions_records_is_read_in_two_languages() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(1)?;
    let text = [("c.md", &b"# Un cours\n"[..])];
    publish(
        &f.nodes[0],
        None,
        &course("cours", "Un cours sans niveau", &json!({})),
        &text,
    )?;
    f.wait("the report has it", |f| {
        let report = document(&f.nodes[0], "/api/v1/institutions/univ-angers/quality")?;
        Ok(report["items"] == 1)
    })?;
    for (language, heading, rule) in [
        ("fr", "Qualité des notices", "Sans valeur"),
        ("en", "Quality of the records", "No value"),
    ] {
        let browser = Browser::start(&Settings {
            language: language.to_owned(),
            ..Settings::default()
        })?;
        browser.open(&format!("{}/univ-angers", f.nodes[0].url()))?;
        browser.click(&browser.find("a[href*='/univ-angers/quality']")?)?;
        browser.wait("the report is open", |b| Ok(b.url()?.contains("/quality")))?;
        let title = browser.text(&browser.find("h1")?)?;
        ensure!(title.contains(heading), "{title} in {language}");
        let summary = browser.find("#missing-level summary")?;
        ensure!(browser.text(&summary)?.contains(rule), "{language}");
        browser.click(&summary)?;
        let lines = browser.text(&browser.find("#missing-level ul")?)?;
        ensure!(lines.contains("Un cours sans niveau"), "{lines}");
        let complaints = browser.complaints()?;
        ensure!(complaints.is_empty(), "{complaints:?}");
    }
    // An item of this name keeps its address.
    let name = publish(
        &f.nodes[0],
        None,
        &course("quality", "La qualité, un cours", &json!({})),
        &text,
    )?;
    let page = http::get(f.nodes[0].ports().http, &format!("/{name}"), &[])?.text();
    ensure!(page.contains("La qualité, un cours"), "{page}");
    f.stop()
}
