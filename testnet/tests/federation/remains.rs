//! What happens where something is missing in the middle: a file of one item of many, an answer for one part of many,
//! room on the disk.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    thread,
};

use anyhow::{Context, Result, ensure};
use commun_testnet::{commun::Typist, federation::Federation, http};
use serde_json::{Value, json};

use super::{
    deeds::{names, publish, publish_note},
    turn::turn,
};

#[test]
fn an_item_whose_files_are_not_held_is_left_out_of_an_export_and_named() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = Federation::temporary(2)?;
    let published = |f: &Federation, slug: &str, bytes: &[u8]| {
        let about = json!({"slug": slug, "title": {"fr": slug}, "licence": "CC0-1.0"});
        publish(&f.nodes[0], None, &about, &[("cours.md", bytes)])
    };
    let there = "/api/v1/items/univ-angers/autre/files/cours.md";
    published(&f, "autre", &[b'a'; 300_000])?;
    f.wait("the other node has it", |f| {
        Ok(http::get(f.nodes[1].ports().http, there, &[])?.status == 200)
    })?;
    // The other node takes no more of this institution: it knows what comes next, and does not hold it.
    f.nodes[1].stop()?;
    f.nodes[1].set_env("COMMUN_QUOTA_BYTES", "200 kB");
    f.nodes[1].start()?;
    f.connected()?;
    f.wait("it has counted", |f| {
        let status = f.nodes[1].client()?.status()?;
        Ok(status.usage.iter().any(|u| u.full))
    })?;
    published(&f, "copie", b"what is not fetched")?;
    f.wait("the other node knows the next one", |f| {
        Ok(names(&f.nodes[1], "copie")?.contains(&"univ-angers/copie".to_owned()))
    })?;
    let operator = Typist::operator(&f.nodes[1])?;
    let node = &f.nodes[1];
    let both = ["univ-angers/copie", "univ-angers/autre"];
    for format in ["package", "imscc", "bagit"] {
        let dir = here.path().join(format);
        let out = dir.to_str().context("a path")?;
        let said = operator.done(
            here.path(),
            &[
                "export", both[0], both[1], "--format", format, out, "--json",
            ],
        )?;
        let report = said.json()?;
        let told = report["lines"].as_array().into_iter().flatten();
        let told: Vec<&Value> = told.filter(|line| line["rule"] == "not-given").collect();
        ensure!(
            told.len() == 1 && told[0]["record"] == both[0],
            "{format}: {report}"
        );
        ensure!(
            report["items"].as_array().map(Vec::len) == Some(1),
            "{format}: {report}"
        );
        ensure!(
            said.err.contains("1 items are not in it"),
            "{format}: {}",
            said.err
        );
        let files: Vec<_> = fs::read_dir(&dir)?.collect::<Result<_, _>>()?;
        ensure!(!files.is_empty(), "{format}: nothing came");
        // What is downloaded says so by itself, too.
        let inside = match format {
            "bagit" => fs::read_to_string(dir.join("data/report.csv"))
                .or_else(|_| find(&dir, "report.csv"))?,
            _ => {
                let archive = files[0].path();
                let (name, archive) = match format {
                    "package" => ("NOT-GIVEN.txt", archive),
                    _ => ("credits.html", archive),
                };
                let read = std::process::Command::new("python3")
                    .args(["-c", "import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nsys.stdout.buffer.write(b''.join(z.read(n) for n in z.namelist() if n.endswith(sys.argv[2])))"])
                    .arg(&archive)
                    .arg(name)
                    .output()?;
                String::from_utf8_lossy(&read.stdout).into_owned()
            }
        };
        ensure!(inside.contains(both[0]), "{format}: {inside}");
    }
    // Asked for alone, it is refused, and says why.
    let path = "/api/v1/export?format=package&item=univ-angers/copie";
    let alone = http::get(node.ports().http, path, &[])?;
    ensure!(alone.status == 503, "{}: {}", alone.status, alone.text());
    f.stop()
}

/// The text of a file somewhere below a folder.
fn find(folder: &std::path::Path, name: &str) -> Result<String> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            if let Ok(text) = find(&path, name) {
                return Ok(text);
            }
        } else if path.file_name().is_some_and(|n| n == name) {
            return Ok(fs::read_to_string(path)?);
        }
    }
    anyhow::bail!("no {name} in {}", folder.display())
}

/// A node that answers the first batch of corrections and fails at the second.
fn half_a_node() -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}", listener.local_addr()?);
    thread::spawn(move || {
        let mut batches = 0;
        for stream in listener.incoming().flatten() {
            let _ = answered(&stream, &mut batches);
        }
    });
    Ok(url)
}

fn answered(stream: &TcpStream, batches: &mut usize) -> Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    loop {
        let mut length = 0;
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        while line.trim() != "" {
            let lower = line.to_ascii_lowercase();
            if let Some(value) = lower.strip_prefix("content-length:") {
                length = value.trim().parse()?;
            }
            line.clear();
            reader.read_line(&mut line)?;
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        *batches += 1;
        let count = body.iter().filter(|b| **b == b'\n').count();
        let line = json!({"record": "univ-angers/a-0", "rule": "corrected", "severity": "info",
            "path": "title", "found": "", "what": "title: → Neuf", "fix": ""});
        let (status, kind, said) = match batches {
            1 => (
                "200 OK",
                "application/json",
                json!({"records": count, "changed": count, "unchanged": 0,
                "refused": 0, "rules": [], "lines": [line], "left_out": 0, "items": []}),
            ),
            _ => (
                "503 Service Unavailable",
                "application/problem+json",
                json!({"status": 503, "title": "Service Unavailable", "detail": "another node writes"}),
            ),
        };
        let said = said.to_string();
        let mut stream = stream;
        write!(
            stream,
            "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n{said}",
            said.len()
        )?;
    }
}

#[test]
fn a_part_that_fails_does_not_take_the_reports_of_those_before_it_along() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let url = half_a_node()?;
    let items: Vec<String> = (0..700).map(|n| format!("univ-angers/a-{n}")).collect();
    let mut args = vec!["edit"];
    args.extend(items.iter().map(String::as_str));
    args.extend(["--set", "title[fr]=Neuf"]);
    let mut command = Typist::at(&url).command(here.path(), &args)?;
    let out = command.env("COMMUN_TOKEN", "x").output()?;
    let (said, err) = (
        String::from_utf8_lossy(&out.stdout),
        String::from_utf8_lossy(&out.stderr),
    );
    ensure!(
        out.status.code() == Some(5),
        "{:?}: {said}{err}",
        out.status
    );
    ensure!(said.contains("500 items: 500 corrected"), "{said}{err}");
    ensure!(
        err.contains("another node writes") && err.contains("200 of 700"),
        "{err}"
    );
    Ok(())
}

#[test]
fn a_folder_of_five_thousand_long_paths_is_tried_without_sending_it() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = Federation::temporary(1)?;
    let folder = here.path().join("cours");
    let inside = format!("{0}/{0}", "un-nom-de-dossier-sans-fin".repeat(6));
    fs::create_dir_all(folder.join(&inside))?;
    for n in 0..4_999 {
        fs::write(folder.join(format!("{inside}/{n}.txt")), n.to_string())?;
    }
    fs::write(folder.join("README.md"), "# Un cours\n")?;
    let operator = Typist::operator(&f.nodes[0])?;
    let said = operator.done(here.path(), &["import", "cours", "--dry-run", "--json"])?;
    let report = said.json()?;
    ensure!(report["added"] == 1 && report["refused"] == 0, "{report}");
    ensure!(
        names(&f.nodes[0], "cours")?.is_empty(),
        "a dry run published"
    );
    f.stop()
}

#[test]
fn a_disk_that_fills_up_during_an_upload_is_told_as_such_and_is_free_again() -> Result<()> {
    /// More than the disk has.
    const LARGE: usize = 96 << 20;
    let _turn = turn();
    let mut f = Federation::temporary(1)?;
    let node = &mut f.nodes[0];
    let (port, token) = (node.ports().http, node.token()?);
    node.stop()?;
    // A disk of its own for content, in a mount namespace of the node's.
    let blobs = node.data.join("blobs");
    let blobs = blobs.to_str().context("a path")?.to_owned();
    let script = format!("mount -t tmpfs -o size=48m none '{blobs}' && exec \"$@\"");
    node.wrap(&[
        "unshare",
        "--map-root-user",
        "--mount",
        "sh",
        "-c",
        &script,
        "sh",
    ]);
    node.start()
        .context("this test mounts a small disk: user namespaces must be allowed")?;
    let auth = format!("Authorization: Bearer {token}");
    let form = "Content-Type: multipart/form-data; boundary=x";
    let head = "--x\r\nContent-Disposition: form-data; name=\"metadata\"\r\nContent-Type: application/json\r\n\r\n\
        {\"slug\": \"grand\", \"title\": {\"fr\": \"Grand\"}, \"licence\": \"CC0-1.0\"}\r\n\
        --x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"grand.bin\"\r\n\r\n";
    let mut body = head.as_bytes().to_vec();
    body.extend((0..LARGE).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8));
    body.extend(b"\r\n--x--\r\n");
    for path in ["/api/v1/items", "/api/v1/imports?format=folder&name=x"] {
        let answer = http::request(port, "POST", path, &[&auth, form], &body)?;
        ensure!(
            answer.status == 507,
            "{path}: {}: {}",
            answer.status,
            answer.text()
        );
        ensure!(
            answer.text().contains("disk is full"),
            "{path}: {}",
            answer.text()
        );
    }
    // What was not taken takes no room.
    let inside = format!("/proc/{}/root{blobs}/temp", node.pid().context("it runs")?);
    let left = fs::read_dir(&inside).map_or(0, |all| all.flatten().count());
    ensure!(left == 0, "{left} files are left in {inside}");
    let name = publish(
        node,
        None,
        &json!({"slug": "petit", "title": {"fr": "Petit"}, "licence": "CC0-1.0"}),
        &[("petit.txt", b"petit")],
    )?;
    ensure!(name == "univ-angers/petit", "{name}");
    // What is announced as more than there is room for is refused before it is sent.
    let ask = format!(
        "POST /api/v1/items HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{auth}\r\n{form}\r\nContent-Length: {}\r\n\
         Expect: 100-continue\r\nConnection: close\r\n\r\n",
        u64::MAX >> 1
    );
    let answer = http::raw(port, ask.as_bytes())?.context("an answer")?;
    ensure!(answer.status == 507, "{}: {}", answer.status, answer.text());
    publish_note(node, "apres", "Après")?;
    let status = http::get(port, "/healthz", &[])?.status;
    ensure!(status == 200, "the node is ill");
    let log = fs::read_to_string(node.log_path())?;
    ensure!(!log.contains("panicked"), "{}", node.log_end());
    f.stop()
}
