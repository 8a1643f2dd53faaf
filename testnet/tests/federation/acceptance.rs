//! The shared collections, over a running node. They are not part of this repository: `COMMUN_SHARED` names the folder
//! that holds `data/hostile` and `data/repos`.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use commun_testnet::{content::git, federation::Federation, http, process::Node};
use data_encoding::BASE64;
use serde_json::{Value, json};

use super::{
    deeds::{commit, encoded, head, publish, push, push_new_repository},
    hostile::calm,
    kills::sound,
    turn::turn,
};

pub fn shared() -> Result<PathBuf> {
    let named = std::env::var_os("COMMUN_SHARED").map(PathBuf::from);
    named
        .filter(|p| p.join("data").is_dir())
        .context("COMMUN_SHARED names the shared folder")
}

pub fn json_file(path: &Path) -> Result<Value> {
    serde_json::from_slice(&fs::read(path).with_context(|| path.display().to_string())?)
        .context("JSON")
}

fn alive(node: &Node) -> Result<()> {
    ensure!(
        http::get(node.ports().http, "/healthz", &[])?.status == 200,
        "the node is ill"
    );
    calm(node)
}

/// Collects what went wrong, so that one run shows all of it.
#[derive(Default)]
struct Faults(Vec<String>);

impl Faults {
    fn note(&mut self, what: String) {
        println!("{what}");
        self.0.push(what);
    }

    fn none(self) -> Result<()> {
        ensure!(
            self.0.is_empty(),
            "{} faults:\n{}",
            self.0.len(),
            self.0.join("\n")
        );
        Ok(())
    }
}

#[test]
#[ignore = "needs COMMUN_SHARED"]
fn acceptance_hostile_http_requests() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(1)?;
    let here = tempfile::tempdir()?;
    push_new_repository(&f.nodes[0], "repo", here.path())?;
    let node = &f.nodes[0];
    let port = node.ports().http;
    let mut faults = Faults::default();
    for case in json_file(&shared()?.join("data/hostile/lists/http-requests.json"))?
        .as_array()
        .context("a list")?
    {
        let (what, expect) = (
            case["what"].as_str().unwrap_or_default(),
            case["expect"].as_str().unwrap_or_default(),
        );
        let Some(request) = case["request"].as_str() else {
            continue;
        };
        // The collection speaks of a node named « node » with a repository at /repo.git.
        let request = request
            .replace("Host: node\r\n", &format!("Host: 127.0.0.1:{port}\r\n"))
            .replace(
                "Host: 127.0.0.1:8080\r\n",
                &format!("Host: 127.0.0.1:{port}\r\n"),
            )
            .replace(" /repo.git/", " /univ-angers/repo.git/")
            .replacen("\r\n\r\n", "\r\nConnection: close\r\n\r\n", 1);
        let answer = match http::raw(port, request.as_bytes()) {
            Ok(answer) => answer,
            // Half a request is waited for until the node's own limit, which cuts it off.
            Err(e) => {
                println!("{what}: {e:#}");
                None
            }
        };
        let Some(answer) = answer else { continue };
        if answer.status >= 500 && answer.status != 501 {
            faults.note(format!("{what}: {}: {}", answer.status, answer.text()));
        }
        if answer.header("access-control-allow-origin").is_some() {
            faults.note(format!("{what}: another site may read the answer"));
        }
        let named: Vec<u16> = expect
            .split(|c: char| !c.is_ascii_digit())
            .filter_map(|t| t.parse().ok())
            .filter(|s| (400..600).contains(s))
            .collect();
        // Where no such place exists, that it is not there is as good a refusal as any.
        let refused = named.contains(&answer.status)
            || [400, 401, 403, 404, 405, 413, 414, 415, 421, 431].contains(&answer.status);
        if !named.is_empty() && !refused {
            faults.note(format!(
                "{what}: expected {expect}, was {}: {:.200}",
                answer.status,
                answer.text()
            ));
        }
    }
    alive(node)?;
    faults.none()?;
    f.stop()
}

/// The longest that any query takes, whatever it is made to cost.
const LONGEST: Duration = Duration::from_secs(1);

#[test]
#[ignore = "needs COMMUN_SHARED"]
fn acceptance_evil_queries() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(1)?;
    let node = &f.nodes[0];
    let port = node.ports().http;
    let metadata = json!({"slug": "photo", "title": {"en": "Photosynthesis"}, "licence": "CC0-1.0", "language": ["en"]});
    publish(
        node,
        None,
        &metadata,
        &[("photo.md", b"# Photosynthesis\n")],
    )?;
    f.wait("it can be found", |f| {
        Ok(f.nodes[0].client()?.status()?.index.documents == 1)
    })?;
    let list = json_file(&shared()?.join("data/hostile/lists/evil-queries.json"))?;
    let mut faults = Faults::default();
    let mut ask = |path: String, what: &str, may_refuse: bool| -> Result<()> {
        // The better of two: another program may have had the machine.
        let mut took = Duration::MAX;
        let mut answer = None;
        for _ in 0..2 {
            let began = Instant::now();
            answer = Some(http::get(port, &path, &[])?);
            took = took.min(began.elapsed());
            if took < LONGEST {
                break;
            }
        }
        let answer = answer.context("it was asked")?;
        if took >= LONGEST {
            faults.note(format!("{what}: {path:.120} takes {took:?}"));
        }
        let fine = answer.status == 200 || (may_refuse && (400..500).contains(&answer.status));
        if !fine {
            faults.note(format!(
                "{what}: {path:.120} answers {}: {:.300}",
                answer.status,
                answer.text()
            ));
        }
        Ok(())
    };
    for case in list["queries"].as_array().context("queries")? {
        let (q, what) = (
            case["q"].as_str().unwrap_or_default(),
            case["what"].as_str().unwrap_or_default(),
        );
        let q = encoded(q).replace('/', "%2F");
        let honest = case["expect"] == "accept";
        for place in ["/api/v1/search", "/search"] {
            ask(format!("{place}?q={q}"), what, !honest)?;
        }
    }
    for case in list["url_parameters"].as_array().into_iter().flatten() {
        let text = case["query"]
            .as_str()
            .or_else(|| case["param"].as_str())
            .or_else(|| case["params"].as_str())
            .or_else(|| case.as_str());
        let Some(text) = text else { continue };
        let text: String = text
            .trim_start_matches('?')
            .bytes()
            .map(|b| {
                if b.is_ascii_graphic() {
                    char::from(b).to_string()
                } else {
                    format!("%{b:02X}")
                }
            })
            .collect();
        for place in ["/api/v1/search", "/search"] {
            ask(
                format!("{place}?{text}"),
                case["what"].as_str().unwrap_or("parameter"),
                true,
            )?;
        }
    }
    alive(node)?;
    faults.none()?;
    f.stop()
}

#[test]
#[ignore = "needs COMMUN_SHARED"]
fn acceptance_hostile_git_requests() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(1)?;
    let here = tempfile::tempdir()?;
    let node = &f.nodes[0];
    let basic = format!(
        "Authorization: Basic {}",
        BASE64.encode(format!("x:{}", node.token()?).as_bytes())
    );
    let hostile = shared()?.join("data/hostile");
    let manifest = json_file(&hostile.join("MANIFEST.json"))?;
    let mut faults = Faults::default();
    let mut count = 0;
    for entry in manifest["entries"].as_array().context("entries")? {
        let path = entry["path"].as_str().unwrap_or_default();
        if !path.starts_with("git/requests/") {
            continue;
        }
        count += 1;
        let slug = format!("repo-{count}");
        push_new_repository(node, &slug, here.path())?;
        let name = format!("univ-angers/{slug}");
        let before = git(
            here.path(),
            None,
            &["ls-remote", &format!("{}/{name}.git", node.url())],
        )?;
        let upload = path.contains("/upload-");
        let service = if upload {
            "git-upload-pack"
        } else {
            "git-receive-pack"
        };
        let kind = format!("Content-Type: application/x-{service}-request");
        let mut headers = vec![basic.as_str(), kind.as_str()];
        if path.ends_with(".gz") {
            headers.push("Content-Encoding: gzip");
        }
        if upload {
            headers.push("Git-Protocol: version=2");
        }
        let body = fs::read(hostile.join(path))?;
        let answer = http::request(
            node.ports().http,
            "POST",
            &format!("/{name}.git/{service}"),
            &headers,
            &body,
        );
        let (status, text) = match answer {
            Ok(answer) => (answer.status, answer.text()),
            Err(e) => (0, format!("{e:#}")),
        };
        let after = git(
            here.path(),
            None,
            &["ls-remote", &format!("{}/{name}.git", node.url())],
        )?;
        let expect = entry["expect"].as_str().unwrap_or_default();
        if status >= 500 && status != 501 {
            faults.note(format!("{path}: {status}: {text:.200}"));
        }
        if expect == "reject" && before != after {
            faults.note(format!("{path}: a refused request changed refs"));
        }
        // A certificate is judged by our own code, before Git sees anything: the answer says so.
        if path.contains("/cert-") && !(text.contains("certificate") || status == 400) {
            faults.note(format!(
                "{path}: {status}, and not for its certificate: {text:.300}"
            ));
        }
        if expect == "accept"
            && !upload
            && before == after
            && !text.contains("ok ")
            && !text.contains("unpack ok")
        {
            println!(
                "{path}: an honest request for an empty repository, answered {status}: {text:.200}"
            );
        }
    }
    ensure!(count > 20, "the collection has {count} requests only");
    alive(node)?;
    faults.none()?;
    f.stop()
}

#[test]
#[ignore = "needs COMMUN_SHARED"]
fn acceptance_active_content_is_served_harmless() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(1)?;
    let node = &f.nodes[0];
    let web = shared()?.join("data/hostile/web");
    let mut files = Vec::new();
    for folder in fs::read_dir(&web)?.filter_map(Result::ok) {
        for file in fs::read_dir(folder.path())?.filter_map(Result::ok) {
            let name = format!(
                "{}/{}",
                folder.file_name().to_string_lossy(),
                file.file_name().to_string_lossy()
            );
            files.push((name, fs::read(file.path())?));
        }
    }
    ensure!(
        files.len() > 30,
        "the collection has {} files only",
        files.len()
    );
    let metadata = json!({"slug": "web", "title": {"en": "Active content"}, "licence": "CC0-1.0"});
    let borrowed: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(n, b)| (n.as_str(), b.as_slice()))
        .collect();
    publish(node, None, &metadata, &borrowed)?;
    let content = node
        .ready
        .as_ref()
        .context("ready")?
        .content
        .trim_start_matches("http://")
        .to_owned();
    let mut faults = Faults::default();
    for (name, bytes) in &files {
        let path = encoded(name);
        let main = http::get(
            node.ports().http,
            &format!("/api/v1/items/univ-angers/web/files/{path}"),
            &[],
        )?;
        if main.status != 200 || main.body != *bytes {
            faults.note(format!(
                "{name}: the download answers {} with {} bytes",
                main.status,
                main.body.len()
            ));
        }
        if !main
            .header("content-disposition")
            .is_some_and(|v| v.starts_with("attachment"))
        {
            faults.note(format!("{name}: not an attachment on the main host"));
        }
        let request = format!(
            "GET /univ-angers/web/files/{path} HTTP/1.1\r\nHost: {content}\r\nConnection: close\r\n\r\n"
        );
        let sandboxed = http::raw(node.ports().http, request.as_bytes())?.context("an answer")?;
        for answer in [&main, &sandboxed] {
            if answer.header("x-content-type-options") != Some("nosniff") {
                faults.note(format!("{name}: browsers may guess its type"));
            }
        }
        if !sandboxed
            .header("content-security-policy")
            .is_some_and(|v| v.starts_with("sandbox;"))
        {
            faults.note(format!("{name}: no sandbox on the content host"));
        }
    }
    // The item's page and each preview shows them without running anything.
    for (name, _) in &files {
        let page = http::get(
            node.ports().http,
            &format!("/univ-angers/web?file={}", encoded(name)),
            &[],
        )?;
        if page.status >= 500 {
            faults.note(format!("{name}: its preview answers {}", page.status));
        }
        let html = super::code::without_data(&page.text()).to_lowercase();
        // Uploaded text is shown as text; what stands inside a tag is ours.
        for tag in html.split('<').skip(1).filter_map(|t| t.split('>').next()) {
            let event = tag
                .split_whitespace()
                .any(|word| word.starts_with("on") && word.contains('='));
            if tag.starts_with("script") || event || tag.contains("=\"javascript:") {
                faults.note(format!("{name}: the page has <{tag}>"));
            }
        }
    }
    alive(node)?;
    faults.none()?;
    f.stop()
}

#[test]
#[ignore = "needs COMMUN_SHARED"]
fn acceptance_a_real_repository_is_pushed_replicated_and_cloned() -> Result<()> {
    let _turn = turn();
    let bundle = shared()?.join("data/repos/git-novice.bundle");
    if !bundle.is_file() {
        bail!("{} is missing", bundle.display());
    }
    let mut f = Federation::temporary(2)?;
    let here = tempfile::tempdir()?;
    let local = here.path().join("lesson");
    git(
        here.path(),
        None,
        &["clone", "--quiet", &bundle.to_string_lossy(), "lesson"],
    )?;
    let a = &f.nodes[0];
    let new = commun_client::NewRepository {
        slug: "git-novice".into(),
        title: Some("Git novice".into()),
        licence: Some("CC-BY-4.0".into()),
        ..Default::default()
    };
    a.client()?.create_repository(&new)?;
    let name = "univ-angers/git-novice";
    push(a, name, &local, &["HEAD:refs/heads/main"])?;
    let pushed = git(&local, None, &["rev-parse", "HEAD"])?.trim().to_owned();
    f.wait("the other node serves it", |f| {
        Ok(head(&f.nodes[1], name, here.path())? == pushed)
    })?;
    let got = here.path().join("got");
    git(
        here.path(),
        None,
        &[
            "clone",
            "--quiet",
            &format!("{}/{name}.git", f.nodes[1].url()),
            &got.to_string_lossy(),
        ],
    )?;
    ensure!(
        git(&got, None, &["rev-parse", "HEAD"])?.trim() == pushed,
        "another commit came"
    );
    let count = |folder: &Path| git(folder, None, &["rev-list", "--count", "HEAD"]);
    ensure!(count(&got)? == count(&local)?, "the history is another one");
    let next = commit(&local, "ADDED.md", "one more\n", "One more")?;
    push(&f.nodes[0], name, &local, &["HEAD:refs/heads/main"])?;
    f.wait("the other node serves the next commit", |f| {
        Ok(head(&f.nodes[1], name, here.path())? == next)
    })?;
    for page in [
        format!("/{name}"),
        format!("/{name}/commits"),
        format!("/{name}/tree"),
    ] {
        let status = http::get(f.nodes[1].ports().http, &page, &[])?.status;
        ensure!(status < 500, "{page} answers {status}");
    }
    for n in &f.nodes {
        alive(n)?;
    }
    f.stop()
}

#[test]
#[ignore = "needs COMMUN_SHARED"]
fn acceptance_hostile_objects_are_refused_or_inert_on_pages() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(2)?;
    let here = tempfile::tempdir()?;
    let node = &f.nodes[0];
    let client = node.client()?;
    let basic = format!(
        "Authorization: Basic {}",
        BASE64.encode(format!("x:{}", node.token()?).as_bytes())
    );
    let kind = "Content-Type: application/x-git-receive-pack-request";
    let mut faults = Faults::default();
    let (mut count, mut taken) = (0, 0);
    for entry in fs::read_dir(shared()?.join("data/hostile/git/objects"))? {
        let file = entry?.path();
        let bundle = fs::read(&file)?;
        count += 1;
        let slug = format!("objects-{count}");
        client.create_repository(&commun_client::NewRepository {
            slug: slug.clone(),
            licence: Some("EUPL-1.2".to_owned()),
            ..commun_client::NewRepository::default()
        })?;
        let name = format!("univ-angers/{slug}");
        let path = format!("/{name}.git/git-receive-pack");
        let body = push_of(&bundle).with_context(|| file.display().to_string())?;
        // Refused before it was sent whole, a push may end without an answer: what was taken is what counts.
        let _ = http::request(node.ports().http, "POST", &path, &[&basic, kind], &body);
        if !head(node, &name, here.path())?.is_empty() {
            taken += 1;
        }
        for fault in super::code::inert(node, &name)? {
            faults.note(format!("{}: {fault}", file.display()));
        }
    }
    ensure!(count > 40 && taken > 5, "{taken} of {count} were taken");
    alive(node)?;
    // What was taken is on the other node too, and Git finds nothing wrong on either.
    f.converge()?;
    f.wait("the other node holds what was taken", |f| {
        Ok(f.nodes[1].client()?.status()?.content.wanted == 0)
    })?;
    alive(&f.nodes[1])?;
    for node in &mut f.nodes {
        node.stop()?;
        if let Err(fault) = sound(&node.data) {
            faults.note(format!("{}: {fault:#}", node.handle));
        }
    }
    faults.none()?;
    f.stop()
}

/// The request that pushes what a bundle (version 2) holds.
fn push_of(bundle: &[u8]) -> Result<Vec<u8>> {
    let end = bundle
        .windows(2)
        .position(|two| two == b"\n\n")
        .context("a bundle has an empty line")?;
    let (head, pack) = (&bundle[..end], &bundle[end + 2..]);
    let mut body = Vec::new();
    for (n, line) in head.split(|b| *b == b'\n').skip(1).enumerate() {
        let (oid, name) = line.split_at(line.iter().position(|b| *b == b' ').context("a ref")?);
        let mut command = [b"0".repeat(40).as_slice(), b" ", oid, name].concat();
        if n == 0 {
            command.extend(b"\0 report-status agent=test");
        }
        body.extend(format!("{:04x}", command.len() + 4).bytes());
        body.extend(command);
    }
    body.extend(b"0000");
    body.extend(pack);
    Ok(body)
}
