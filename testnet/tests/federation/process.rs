//! One node as a program: what it prints, what it answers, how it ends; and how `commun` ends.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use commun_testnet::{
    commun::Typist,
    federation::Federation,
    http,
    process::{Ports, program, terminate},
};

use super::{deeds::publish_note, turn::turn};

#[test]
fn a_node_says_that_it_is_ready_answers_and_stops_in_order() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(1)?;
    let node = &mut f.nodes[0];
    let ready = node
        .ready
        .clone()
        .context("the node said that it is ready")?;
    ensure!(ready.http == node.url(), "ready says {}", ready.http);
    ensure!(
        ready.content.contains("localhost"),
        "the content host is {}",
        ready.content
    );
    ensure!(
        ready.node.starts_with("did:key:z6Mk"),
        "the node's key is {}",
        ready.node
    );

    let port = node.ports().http;
    let health = http::get(port, "/healthz", &[])?;
    ensure!(health.status == 200, "/healthz answers {}", health.status);
    let metrics = http::get(port, "/metrics", &[])?.text();
    for name in [
        "commun_uptime_seconds",
        "commun_log_entries",
        "commun_peers_connected",
    ] {
        ensure!(metrics.contains(name), "/metrics lacks {name}");
    }
    let status: serde_json::Value =
        serde_json::from_slice(&http::get(port, "/api/v1/status", &[])?.body)?;
    for path in [
        "/version",
        "/commons/id",
        "/commons/name",
        "/commons/charter",
        "/commons/institutions",
        "/node",
        "/handle",
        "/writer",
        "/uptime_s",
        "/logs/0/handle",
        "/logs/0/epoch",
        "/logs/0/size",
        "/logs/0/root",
        "/logs/0/behind",
        "/logs/0/state",
        "/peers",
        "/catalogue/items",
        "/catalogue/position",
        "/catalogue/fold",
        "/catalogue/root",
        "/index/position",
        "/index/documents",
        "/content/wanted",
        "/content/held",
        "/content/bytes",
    ] {
        ensure!(
            status.pointer(path).is_some_and(|v| !v.is_null()),
            "the status lacks {path}: {status}"
        );
    }
    ensure!(
        status["logs"][0]["state"] == "ok",
        "the founder's log is {}",
        status["logs"][0]["state"]
    );
    ensure!(
        status["writer"] == true,
        "the founder does not write its own log"
    );

    // A second node on the same folder is refused, and the first goes on.
    let ports = Ports::free()?;
    let second = Command::new(program("commun-node")?)
        .args([
            "run",
            "--data",
            &node.data.to_string_lossy(),
            "--http",
            &format!("127.0.0.1:{}", ports.http),
        ])
        .stdin(Stdio::null())
        .output()?;
    ensure!(
        second.status.code() == Some(4),
        "a second node ended with {:?}",
        second.status.code()
    );
    ensure!(!second.stderr.is_empty(), "a second node says nothing");
    ensure!(
        http::get(port, "/healthz", &[])?.status == 200,
        "the first node suffered"
    );

    let before = node.client()?.status()?.catalogue.root.clone();
    node.stop()?;
    node.start()?;
    ensure!(
        node.client()?.status()?.catalogue.root == before,
        "the catalogue changed over a restart"
    );
    f.stop()
}

#[test]
fn a_stop_lets_a_waiting_request_go() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(1)?;
    let node = &mut f.nodes[0];
    let port = node.ports().http;
    // A long poll hangs while the node is told to stop.
    let waiting =
        std::thread::spawn(move || http::get(port, "/api/v1/changes?since=999999&wait=50", &[]));
    let silent = http::connect(port)?;
    terminate(node.pid().context("it runs")?);
    node.stop()?;
    drop(silent);
    let _ = waiting.join();
    f.stop()
}

#[test]
fn the_command_line_ends_with_the_promised_codes() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(1)?;
    let node = &f.nodes[0];
    let here = tempfile::tempdir()?;
    publish_note(node, "une-note", "Une note")?;
    let closed = format!("http://127.0.0.1:{}", Ports::free()?.http);
    let operator = Typist::operator(node)?;
    let note = here.path().join("note.md");
    std::fs::write(&note, "# Note\n")?;
    let note = note.to_string_lossy();
    let publish = [
        "publish",
        &note,
        "--slug",
        "autre-note",
        "--title",
        "Autre note",
        "--licence",
        "CC0-1.0",
    ];
    let no_licence = [
        "publish",
        &*note,
        "--slug",
        "sans-licence",
        "--title",
        "Sans licence",
    ];
    let bad_licence = [
        "publish",
        &*note,
        "--slug",
        "autre",
        "--title",
        "Autre",
        "--licence",
        "Nothing-1.0",
    ];
    let cases: [(&str, &Typist, &[&str], i32); 14] = [
        ("done", &operator, &["show", "univ-angers/une-note"], 0),
        (
            "search",
            &Typist::reader(node),
            &["search", "note", "--json"],
            0,
        ),
        (
            "status",
            &Typist::reader(node),
            &["node", "status", "--json"],
            0,
        ),
        (
            "not found",
            &operator,
            &["show", "univ-angers/nulle-part"],
            1,
        ),
        ("no such id", &operator, &["show", "aaaaaaaaaaaa"], 1),
        ("not an item", &operator, &["show", "Not An Item"], 2),
        (
            "no such option",
            &operator,
            &["search", "--no-such-option"],
            2,
        ),
        (
            "unreachable",
            &Typist::at(&closed),
            &["show", "univ-angers/une-note"],
            3,
        ),
        ("no token", &Typist::reader(node), &publish, 4),
        ("published", &operator, &publish, 0),
        ("no licence", &operator, &no_licence, 4),
        ("unknown licence", &operator, &bad_licence, 4),
        (
            "without what it needs",
            &operator,
            &["review", "univ-angers/une-note"],
            2,
        ),
        ("not built", &operator, &["carry", "out", "x"], 6),
    ];
    for (what, who, args, code) in cases {
        let said = who.run(here.path(), args)?;
        ensure!(
            said.code == Some(code),
            "{what}: expected {code}, was {:?}: {}{}",
            said.code,
            said.out,
            said.err
        );
        ensure!(
            code == 0 || !said.err.is_empty(),
            "{what}: fails without a word"
        );
    }
    // Beside the data folder nothing needs to be said: address and token are found.
    let beside = Typist::beside(&node.data);
    let added = beside.done(
        here.path(),
        &["person", "add", "Ada", "--role", "developer"],
    )?;
    let id = added
        .out
        .split_whitespace()
        .find(|w| w.len() > 20)
        .unwrap_or_default()
        .to_owned();
    let token = beside
        .done(
            here.path(),
            &[
                "token",
                "create",
                if id.is_empty() { "Ada" } else { &id },
                "--json",
            ],
        )?
        .json()?;
    ensure!(
        token["token"].as_str().is_some_and(|t| t.len() > 20),
        "no token: {token}"
    );
    f.stop()
}
