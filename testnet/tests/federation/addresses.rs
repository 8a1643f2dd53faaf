//! `commun import URL`: one file with a format, and what is there in the place of a source.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    thread,
};

use anyhow::{Context, Result, ensure};
use commun_testnet::{commun::Typist, federation::Federation, http};

use super::{
    harvest::{Source, dc},
    turn::turn,
};

/// Answers each path of a site with its head after `HTTP/1.1` and its body; gives the site's address.
fn site(pages: Vec<(&'static str, &'static str, Vec<u8>)>) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}", listener.local_addr()?);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
            let first = lines.next().unwrap_or_default();
            lines.find(String::is_empty);
            let path = first.split(' ').nth(1).unwrap_or_default();
            let path = path.split('?').next().unwrap_or_default();
            let found = pages.iter().find(|(of, _, _)| *of == path);
            let (head, body) = found.map_or(("404 Not Found", &[][..]), |(_, head, body)| {
                (*head, &body[..])
            });
            // Who asked hangs up when it has seen enough.
            let _ = write!(
                &stream,
                "HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            let _ = (&stream).write_all(body);
        }
    });
    Ok(url)
}

#[test]
fn one_file_comes_in_from_its_address_and_what_is_no_source_is_told_and_leaves_nothing()
-> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(1)?;
    let node = &mut f.nodes[0];
    node.stop()?;
    node.set_env("COMMUN_HARVEST_PRIVATE", "true");
    node.start()?;
    let here = tempfile::tempdir()?;
    let record = dc("Suites récurrentes", 1).context("a record")?;
    let table = "Cote;Titre;Droits\nA1;Dunes mobiles;CC-BY-4.0\n";
    let page = b"<!DOCTYPE html><html><head><title>Introuvable</title></head><body>Introuvable</body></html>";
    let url = site(vec![
        ("/fiches/fiche%20un.xml", "200 OK", record.clone().into_bytes()),
        ("/ailleurs", "302 Found\r\nLocation: /fiches/fiche%20un.xml", Vec::new()),
        ("/rond", "302 Found\r\nLocation: /rond", Vec::new()),
        ("/catalogue.csv", "200 OK", table.into()),
        ("/page", "200 OK", page.to_vec()),
        ("/grand.xml", "200 OK", vec![b' '; (32 << 20) + 1]),
        ("/occupe", "503 Service Unavailable\r\nRetry-After: 60", Vec::new()),
        ("/erreur", "200 OK", b"<OAI-PMH xmlns='http://www.openarchives.org/OAI/2.0/'><error code='badVerb'>no</error></OAI-PMH>".to_vec()),
        ("/vide", "200 OK", Vec::new()),
    ])?;
    let operator = Typist::operator(&f.nodes[0])?;
    let at = |path: &str| format!("{url}{path}");

    // As the file itself: a dry run leaves nothing, then it comes in, then it is the same, also by way of another address.
    let file = at("/fiches/fiche%20un.xml");
    let import = |more: &[&str]| -> Result<serde_json::Value> {
        let args = [&["import", "--json"][..], more].concat();
        operator.done(here.path(), &args)?.json()
    };
    let said = import(&[&file, "--format", "oai_dc", "--dry-run"])?;
    ensure!(said["added"] == 1 && said["dry_run"] == true, "{said}");
    let said = import(&[&file, "--format", "oai_dc"])?;
    ensure!(said["added"] == 1 && said["format"] == "oai_dc", "{said}");
    let said = import(&[&at("/ailleurs"), "--format", "oai_dc"])?;
    ensure!(said["unchanged"] == 1, "{said}");
    let local = here.path().join("fiche un.xml");
    std::fs::write(&local, &record)?;
    let said = import(&[&local.to_string_lossy()])?;
    ensure!(said["unchanged"] == 1, "{said}");
    let mapping = here.path().join("mapping.yml");
    std::fs::write(
        &mapping,
        "id: Cote\ncolumns:\n  Titre: title\n  Droits: licence\n",
    )?;
    let said = import(&[
        &at("/catalogue.csv"),
        "--mapping",
        &mapping.to_string_lossy(),
    ])?;
    ensure!(said["added"] == 1 && said["format"] == "csv", "{said}");

    // What is no such file, or no source, is told with what to do.
    for (path, more, code, told) in [
        ("/perdu.xml", &["--format", "lom"][..], 4, "HTTP 404"),
        ("/page", &["--format", "lom"], 4, "a web page and not lom"),
        ("/rond", &["--format", "lom"], 4, "redirects"),
        ("/grand.xml", &["--format", "lom"], 4, "more than 32 MiB"),
        ("/vide", &["--format", "amb"], 1, "came in"),
        (
            "/fiches/fiche%20un.xml",
            &["--format", "oai_dc", "--slug", "nom"],
            2,
            "--slug",
        ),
        (
            "/fiches/fiche%20un.xml",
            &["--format", "oai_dc", "--every", "24h"],
            2,
            "--every",
        ),
        ("/fiches/fiche%20un.xml", &[], 4, "--format oai_dc"),
        ("/catalogue.csv", &["--no-wait"], 4, "--format csv"),
        ("/page", &[], 4, "a web page and no OAI-PMH source"),
        (
            "/page",
            &["--dry-run"],
            4,
            "a web page and no OAI-PMH source",
        ),
        ("/perdu", &["--every", "24h"], 4, "HTTP 404"),
        ("/occupe", &[], 4, "try again in 60 s"),
        ("/erreur", &[], 4, "badVerb"),
        ("/vide", &[], 4, "empty"),
    ] {
        let address = at(path);
        let args = [&["import", address.as_str()][..], more].concat();
        let said = operator.run(here.path(), &args)?;
        ensure!(
            said.code == Some(code) && said.err.contains(told),
            "{path} {more:?}: {:?} {}",
            said.code,
            said.err
        );
    }
    let listed = import(&["--list"])?;
    ensure!(listed["sources"] == serde_json::json!([]), "{listed}");
    let port = f.nodes[0].ports().http;
    let found = http::get(port, "/api/v1/search?q=", &[])?;
    let found: serde_json::Value = serde_json::from_str(&found.text())?;
    ensure!(found["total"] == 2, "{found}");

    // A source is noted as before.
    let source = Source::start(vec![(1, "2026-01-01T00:00:00Z", dc("Dunes", 7))])?;
    let said = import(&[&source.url])?;
    ensure!(said["added"] == 1, "{said}");
    f.stop()
}
