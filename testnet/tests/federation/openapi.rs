//! The document of the interface (`/api/v1/openapi.json`) against a node that runs: Schemathesis, which shares no code with us,
//! asks every address with what the document allows and with what it does not, and holds each answer against the document.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use anyhow::{Context, Result, ensure};
use commun_testnet::{federation::Federation, http, process::Node};
use serde_json::{Value, json};

use super::{
    deeds::{publish, push_new_repository},
    hostile::calm,
    turn::turn,
};

/// Where examples begin: the same at each run.
const SEED: &str = "20261122";
/// Seconds for each of the two runs. On a machine that does nothing else, each takes ten.
const MOST: u64 = 150;

fn document(node: &Node) -> Result<Value> {
    let answer = http::get(node.ports().http, "/api/v1/openapi.json", &[])?;
    ensure!(answer.status == 200, "{}", answer.status);
    Ok(serde_json::from_slice(&answer.body)?)
}

/// One node with something of each kind at the names that the questions use.
fn node(work: &Path) -> Result<Federation> {
    let f = Federation::temporary(1)?;
    let node = &f.nodes[0];
    let about = json!({"slug": "cours", "title": {"fr": "Cours"}, "licence": "CC-BY-4.0", "language": ["fr"],
        "level": ["fr-l1"], "subject": ["iscedf-0541"], "creators": [{"name": "Ada Exemple"}]});
    publish(node, None, &about, &[("a.md", b"# A\n")])?;
    push_new_repository(node, "outils", work)?;
    Ok(f)
}

/// Asks with Schemathesis. `more`: which addresses, and with which values. Gives what it says where an answer is not as it should be.
fn ask(node: &Node, here: &Path, settings: &str, more: &[&str]) -> Result<Option<String>> {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tools/python/bin/python");
    let settings_file = here.join("schemathesis.toml");
    fs::write(&settings_file, settings)?;
    let auth = format!("Authorization: Bearer {}", node.token()?);
    let checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";
    let mut command = Command::new("timeout");
    command
        .arg(MOST.to_string())
        // As a module: the script beside it has the folder's path of the day in its first line.
        .arg(python)
        .args(["-m", "schemathesis.cli", "--config-file"])
        .arg(&settings_file)
        .arg("run")
        .arg(format!("{}/api/v1/openapi.json", node.url()))
        .args(["--seed", SEED, "--checks", checks, "--header", &auth])
        .args([
            "--generation-database",
            "none",
            "--no-color",
            "--request-timeout",
            "10",
        ])
        .args(["--warnings", "off", "--continue-on-failure", "--no-shrink"])
        .args(["--suppress-health-check", "all"])
        .args(more)
        .current_dir(here)
        .env("HOME", here);
    let ran = command
        .output()
        .context("Schemathesis is needed: run .ci/setup test")?;
    let said = String::from_utf8_lossy(&ran.stdout);
    ensure!(ran.status.code() != Some(124), "it took more than {MOST} s");
    let complaints = String::from_utf8_lossy(&ran.stderr);
    // What was asked is counted at the end: without it nothing was.
    ensure!(
        said.contains("Test cases:") || !ran.status.success(),
        "{said}{complaints}"
    );
    Ok((!ran.status.success()).then(|| format!("{said}{complaints}")))
}

/// Names that are there, so that answers are more than that there is nothing.
const THERE: &str = r#"
[parameters]
"path.handle" = "univ-angers"
"path.slug" = ["cours", "outils"]
"query.wait" = 0

# oEmbed 1.0 asks for 501 where a format is not there.
[[operations]]
include-path = "/oembed"
[operations.checks]
not_a_server_error.expected-statuses = ["2xx", "3xx", "4xx", 501]
"#;

#[test]
fn every_answer_is_as_the_document_of_the_interface_says() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = node(here.path())?;
    let node = &f.nodes[0];
    let read = ask(
        node,
        here.path(),
        THERE,
        &[
            "--include-method",
            "GET",
            "--phases",
            "examples,coverage,fuzzing",
            "--max-examples",
            "25",
        ],
    )?;
    // What writes is asked at names that are not there: it is refused, or makes something new.
    let written = ask(
        node,
        here.path(),
        "[parameters]\n\"query.wait\" = 0\n",
        &[
            "--exclude-method",
            "GET",
            // These would call out to others.
            "--exclude-path-regex",
            "imports/sources$|quality/links$",
            "--phases",
            "coverage,fuzzing",
            "--max-examples",
            "15",
        ],
    )?;
    let faults: Vec<String> = read.into_iter().chain(written).collect();
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    calm(node)?;
    f.stop()
}

/// The addresses that are routed in a folder of sources: whole ones, and the ends of those that are put together.
fn routed(folder: &Path, into: &mut BTreeSet<String>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            if !path.ends_with("tests") && !path.ends_with("pages") {
                routed(&path, into)?;
            }
            continue;
        }
        let text = fs::read_to_string(&path)?;
        for call in text.split(".route(").skip(1) {
            // The first argument: up to the first text in it.
            let Some((before, rest)) = call.split_once('"') else {
                continue;
            };
            let before = before.trim();
            let Some((said, _)) = rest.split_once('"') else {
                continue;
            };
            let end = before.is_empty() || before == "&at(" || before == "&format!(";
            // What is put together with `format!` begins with a name of this program's for the first part.
            let said = match before {
                "&format!(" => said
                    .replace("{one}/", "")
                    .replace("{{", "{")
                    .replace("}}", "}"),
                _ => said.to_owned(),
            };
            if end && !said.is_empty() && (said.starts_with("/api/v1/") || !said.starts_with('/')) {
                into.insert(said.replace("{*rest}", "{path}"));
            }
        }
    }
    Ok(())
}

#[test]
fn every_address_of_the_interface_is_in_its_document() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(1)?;
    let document = document(&f.nodes[0])?;
    let paths = document["paths"].as_object().context("paths")?;
    let mut routed_here = BTreeSet::new();
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../node/src/http");
    routed(&sources, &mut routed_here)?;
    ensure!(
        routed_here.len() > 50,
        "only {} are found",
        routed_here.len()
    );
    let said = |address: &str| {
        let address = address.replace("{id}/{slug}", "{handle}/{slug}");
        paths
            .keys()
            .any(|path| *path == address || path.ends_with(&format!("/{address}")))
    };
    // These take what the document says one by one.
    let whole = [
        "/api/v1/items/{id}/{slug}/{path}",
        "/api/v1/items/{handle}/{slug}/{path}",
    ];
    let missing: Vec<&String> = routed_here
        .iter()
        .filter(|address| !said(address) && !whole.contains(&address.as_str()))
        .collect();
    ensure!(
        missing.is_empty(),
        "the document does not name {missing:#?}"
    );

    // And what it names is there: no address of it is answered as one that nobody knows.
    let port = f.nodes[0].ports().http;
    for (path, operations) in paths {
        let mut asked = path.clone();
        while let Some((before, rest)) = asked.split_once('{') {
            let after = rest.split_once('}').map_or("", |(_, after)| after);
            asked = format!("{before}rien{after}");
        }
        for method in operations
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, _)| name)
        {
            if !["get", "post", "put", "patch", "delete"].contains(&method.as_str()) {
                continue;
            }
            let answer = http::request(port, &method.to_uppercase(), &asked, &[], b"")?;
            let unknown =
                answer.status == 405 || answer.text().contains("no such part of the interface");
            ensure!(!unknown, "{method} {path} is not there: {}", answer.status);
        }
    }
    f.stop()
}
