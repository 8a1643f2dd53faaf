//! Signed pushes, as people make them: an SSH key of their own, stock Git, and what everybody sees of it.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use commun_client::NewRepository;
use commun_testnet::{commun::Typist, content::git, federation::Federation, http, process::Node};
use data_encoding::BASE64;

use super::{
    deeds::{begin_repository, commit, head},
    turn::turn,
};

/// Somebody with a key and a token.
pub struct Signer {
    key: PathBuf,
    token: String,
}

impl Signer {
    /// Makes a key with `ssh-keygen`, and has it enrolled by the node's operator.
    pub fn enrolled(node: &Node, name: &str, folder: &Path) -> Result<Self> {
        let key = key(&folder.join(name))?;
        let public = fs::read_to_string(key.with_extension("pub"))?;
        let client = node.client()?;
        let person = client.enrol(name, &["developer"], Some(public.trim()))?;
        let token = client.create_token(&person.id, &[], None)?.token.clone();
        Ok(Self { key, token })
    }

    /// Git in a repository, signing with this key.
    pub fn git(&self, local: &Path, args: &[&str]) -> Result<String> {
        let key = format!("user.signingKey={}", self.key.display());
        let mut all = vec!["-c", "gpg.format=ssh", "-c", &key];
        all.extend(args);
        git(local, Some(&self.token), &all)
    }

    /// Pushes with a certificate.
    pub fn push(&self, node: &Node, name: &str, local: &Path, refs: &[&str]) -> Result<String> {
        let url = format!("{}/{name}.git", node.url());
        let mut args = vec!["push", "--signed=if-asked", url.as_str()];
        args.extend(refs);
        self.git(local, &args)
    }
}

/// A new SSH key.
fn key(path: &Path) -> Result<PathBuf> {
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-C", "", "-f"])
        .arg(path)
        .status()
        .context("ssh-keygen cannot be run")?;
    ensure!(made.success(), "ssh-keygen failed");
    Ok(path.to_owned())
}

/// A repository on a node, and one commit beside it that nobody pushed yet.
pub fn begin(node: &Node, slug: &str, work: &Path) -> Result<(String, PathBuf)> {
    let local = work.join(slug);
    begin_repository(&local)?;
    let new = NewRepository {
        slug: slug.to_owned(),
        licence: Some("EUPL-1.2".to_owned()),
        ..NewRepository::default()
    };
    let made = node.client()?.create_repository(&new)?;
    Ok((made.name.clone(), local))
}

#[test]
fn a_signed_push_is_taken_and_a_foreign_key_and_a_replay_are_not() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(1)?;
    let here = tempfile::tempdir()?;
    let node = &f.nodes[0];
    let ana = Signer::enrolled(node, "ana", here.path())?;
    let (name, local) = begin(node, "outil", here.path())?;
    ana.push(
        node,
        &name,
        &local,
        &["HEAD:refs/heads/main", "HEAD:refs/tags/v1"],
    )?;
    let first = head(node, &name, here.path())?;
    ensure!(!first.is_empty(), "nothing was pushed");
    let certificates = || -> Result<usize> {
        let said = node
            .client()?
            .statements(&name.parse().map_err(anyhow::Error::msg)?)?;
        let bodies = said.iter().filter(|s| {
            s.body.to_string().contains("push-cert")
                || s.body.to_string().contains("certificate version 0.1")
        });
        Ok(bodies.count())
    };
    ensure!(
        certificates()? == 1,
        "the certificate is not in the statement"
    );

    // The same person with a key that nobody enrolled.
    let foreign = Signer {
        key: key(&here.path().join("foreign"))?,
        token: ana.token.clone(),
    };
    let second = commit(&local, "b.md", "b\n", "Second")?;
    let refused = foreign.push(node, &name, &local, &["HEAD:refs/heads/main"]);
    let said = format!("{:#}", refused.err().context("a foreign key was taken")?);
    ensure!(
        said.contains("another key than the one that is enrolled"),
        "{said}"
    );
    ensure!(head(node, &name, here.path())? == first, "a ref moved");

    // Through another name of the machine: not an address of this node's, so it signs nothing there either.
    let plain = format!("{}/{name}.git", node.url());
    ana.git(
        &local,
        &["push", "--no-signed", &plain, "HEAD:refs/heads/main"],
    )?;
    ensure!(
        head(node, &name, here.path())? == second,
        "an unsigned push is still taken"
    );

    // Deletions and several refs, and a push over a megabyte, which Git sends in pieces.
    let big: Vec<u8> = (0..3_000_000_u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    fs::write(local.join("big.bin"), big)?;
    commit(&local, "c.md", "c\n", "Third")?;
    ana.push(
        node,
        &name,
        &local,
        &["HEAD:refs/heads/main", "HEAD:refs/heads/b", ":refs/tags/v1"],
    )?;
    ensure!(
        certificates()? == 1,
        "the second certificate is not in its statement"
    );
    replayed(node, &name, &ana, &local)?;
    over_ssh(node, &name, &ana, &local, here.path())?;
    f.stop()
}

/// The same key logs in and signs; the node speaks first there, and offers the nonce in its first words.
fn over_ssh(node: &Node, name: &str, who: &Signer, local: &Path, here: &Path) -> Result<()> {
    let url = format!("ssh://git@127.0.0.1:{}/{name}.git", node.ports().ssh);
    let ssh = format!(
        "core.sshCommand=ssh -F /dev/null -i {} -o IdentitiesOnly=yes -o IdentityAgent=none -o SetEnv=LC_ALL=C -o StrictHostKeyChecking=accept-new -o UserKnownHostsFile={}",
        who.key.display(),
        here.join("known_hosts").display()
    );
    let new = commit(local, "d.md", "d\n", "Over SSH")?;
    let signed = [
        "-c",
        &ssh,
        "-c",
        "ssh.variant=ssh",
        "push",
        "--signed=if-asked",
        &url,
    ];
    let refs = ["HEAD:refs/heads/main", "HEAD:refs/heads/of-ssh"];
    who.git(local, &[&signed[..], &refs[..]].concat())?;
    ensure!(
        head(node, name, here)? == new,
        "nothing was pushed over SSH"
    );
    // A deletion alone sends no pack, and nobody waits for one.
    who.git(local, &[&signed[..], &[":refs/heads/of-ssh"][..]].concat())?;
    let history = http::get(
        node.ports().http,
        &format!("/api/v1/items/{name}/history"),
        &[],
    )?;
    let history: serde_json::Value = serde_json::from_slice(&history.body)?;
    let pushes = history["pushes"].as_array().context("a history")?;
    let over: Vec<_> = pushes
        .iter()
        .filter(|p| p["certificate"]["state"] == "verified")
        .filter(|p| {
            p["certificate"]["pushee"]
                .as_str()
                .is_some_and(|p| p.starts_with("ssh://"))
        })
        .collect();
    ensure!(over.len() == 2, "{history:#}");
    // Somebody else's signature on a deletion: refused at once, though no pack follows.
    let foreign = format!("user.signingKey={}", key(&here.join("other"))?.display());
    let mut args = vec!["-c", foreign.as_str()];
    args.extend(signed);
    args.push(":refs/heads/b");
    let refused = who.git(local, &args);
    let said = format!(
        "{:#}",
        refused.err().context("a foreign key was taken over SSH")?
    );
    ensure!(
        said.contains("another key than the one that is enrolled"),
        "{said}"
    );
    Ok(())
}

#[test]
fn a_signed_push_is_verified_on_another_node_and_a_lying_one_is_found_out() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(2)?;
    let here = tempfile::tempdir()?;
    let a = &f.nodes[0];
    let ana = Signer::enrolled(a, "ana", here.path())?;
    let (name, local) = begin(a, "outil", here.path())?;
    ana.push(a, &name, &local, &["HEAD:refs/heads/main"])?;
    let url = format!("{}/{name}.git", a.url());
    commit(&local, "b.md", "b\n", "Second")?;
    ana.git(
        &local,
        &[
            "push",
            "--no-signed",
            &url,
            "HEAD:refs/heads/main",
            "HEAD:refs/tags/v1",
        ],
    )?;
    let last = head(a, &name, here.path())?;
    f.wait("the other node serves it", |f| {
        Ok(head(&f.nodes[1], &name, here.path())? == last)
    })?;
    let b = &f.nodes[1];
    let typist = Typist::reader(b);
    let told = typist
        .done(here.path(), &["verify", &name, "--json"])?
        .json()?;
    let history = told["history"].as_array().context("a history")?;
    let found: Vec<_> = history
        .iter()
        .map(|h| h["certificate"].as_str().unwrap_or_default())
        .collect();
    ensure!(found == ["verified", "none"], "{told:#}");
    ensure!(
        history[0]["custody"] == "self" && history[0]["person_name"] == "ana",
        "{told:#}"
    );
    ensure!(
        told["refs"]["refs/heads/main"] == last.as_str() && told["git_compared"] == true,
        "{told:#}"
    );
    let said = typist.done(here.path(), &["verify", &name, "--ref", "refs/tags/v1"])?;
    ensure!(
        said.out.contains("attested by the node") && !said.out.contains("signed by the person"),
        "{}",
        said.out
    );
    let page = http::get(
        b.ports().http,
        &format!("/{name}/verification?lang=en"),
        &[],
    )?
    .text();
    ensure!(
        page.contains("the push certificate holds") && page.contains("it says who was logged in"),
        "{page}"
    );
    f.wait("the other institution witnesses it", |f| {
        let told = Typist::reader(&f.nodes[0])
            .done(here.path(), &["verify", &name, "--json"])?
            .json()?;
        Ok(told["history"].as_array().is_some_and(|h| {
            h.iter()
                .all(|h| h["witnesses"].as_array().is_some_and(|w| !w.is_empty()))
        }))
    })?;

    // Whoever believes no node names the commons; another one than this is refused.
    let commons = b.client()?.status()?.commons.id.clone();
    typist.done(here.path(), &["verify", &name, "--commons", &commons])?;
    let other = commun_specs::id::CommonsId([7; 32]).to_string();
    let refused = typist.run(here.path(), &["verify", &name, "--commons", &other])?;
    ensure!(
        refused.code == Some(1) && refused.err.contains("another commons"),
        "{}",
        refused.err
    );

    let lies: [(&str, Lie); 4] = [
        ("are not those that its checkpoint signs", |path, body| {
            if path.contains("/tile/entries/") {
                let middle = body.len() - 40;
                body[middle] ^= 1;
            }
        }),
        ("the body is not the one that was signed", |path, body| {
            if path.contains("/history") {
                let text =
                    String::from_utf8_lossy(body).replace("\"body\":\"eyJ", "\"body\":\"eyK");
                *body = text.into_bytes();
            }
        }),
        ("is not what the statements say", |path, body| {
            if path.contains("/info/refs") {
                let text =
                    String::from_utf8_lossy(body).replace(" refs/heads/main", " refs/heads/mein");
                *body = text.into_bytes();
            }
        }),
        ("does not hold", |path, body| {
            if path.ends_with("/checkpoint") {
                let text = String::from_utf8_lossy(body).replacen("\n1", "\n2", 1);
                *body = text.into_bytes();
                body[60] ^= 1;
            }
        }),
    ];
    for (why, lie) in lies {
        let liar = Liar::start(b.ports().http, lie)?;
        let found = Typist::at(&liar.url).run(here.path(), &["verify", &name])?;
        ensure!(found.code == Some(1), "{why}: {}{}", found.out, found.err);
        ensure!(found.err.contains(why), "{why}: {}", found.err);
    }
    f.stop()
}

#[test]
fn a_commit_is_verified_by_its_key_and_never_by_its_name() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(2)?;
    let here = tempfile::tempdir()?;
    let node = &f.nodes[0];
    let ana = Signer::enrolled(node, "ana", here.path())?;
    let (name, local) = begin(node, "outil", here.path())?;
    let stranger = Signer {
        key: key(&here.path().join("stranger"))?,
        token: ana.token.clone(),
    };
    let commit = |who: &Signer, flag: &str, text: &str| -> Result<String> {
        fs::write(local.join("a.md"), text)?;
        who.git(&local, &["add", "a.md"])?;
        // All of them call themselves the same.
        let author = "--author=ana <ana@example.org>";
        who.git(&local, &["commit", "--quiet", flag, author, "-m", text])?;
        Ok(git(&local, None, &["rev-parse", "HEAD"])?.trim().to_owned())
    };
    let signed = commit(&ana, "-S", "one")?;
    let foreign = commit(&stranger, "-S", "two")?;
    let plain = commit(&ana, "--no-gpg-sign", "three")?;
    ana.git(&local, &["tag", "-s", "-m", "First", "v1"])?;
    let url = format!("{}/{name}.git", node.url());
    ana.git(
        &local,
        &[
            "push",
            "--quiet",
            "--no-signed",
            &url,
            "HEAD:refs/heads/main",
            "refs/tags/v1",
        ],
    )?;
    f.wait("the other node serves it", |f| {
        Ok(head(&f.nodes[1], &name, here.path())? == plain)
    })?;
    for node in &f.nodes {
        let page = |below: &str| -> Result<String> {
            let path = format!("/{name}/{below}?lang=en");
            Ok(http::get(node.ports().http, &path, &[])?.text())
        };
        let (one, two, three) = (
            page(&format!("commit/{signed}"))?,
            page(&format!("commit/{foreign}"))?,
            page(&format!("commit/{plain}"))?,
        );
        ensure!(
            one.contains("verified: ") && one.contains("univ-angers"),
            "{one}"
        );
        ensure!(
            two.contains("signed by an unknown key") && !two.contains("verified: "),
            "{two}"
        );
        ensure!(
            three.contains("not signed") && !three.contains("verified: "),
            "{three}"
        );
        let list = page("commits/main")?;
        ensure!(list.matches("verified: ").count() == 1, "{list}");
        ensure!(page("tags")?.contains("verified: "), "the tag");
    }
    f.stop()
}

/// Plain and signed pushes of one commit in turn, so that a busy machine is busy for both. What Git's client adds for
/// the signature (a second of its own, where a passphrase is asked for) is counted too.
#[test]
#[ignore = "a measurement"]
fn what_a_signature_costs() -> Result<()> {
    const ROUNDS: usize = 15;
    let _turn = turn();
    let mut f = Federation::temporary(1)?;
    let here = tempfile::tempdir()?;
    let node = &f.nodes[0];
    let ana = Signer::enrolled(node, "ana", here.path())?;
    let (name, local) = begin(node, "outil", here.path())?;
    ana.push(node, &name, &local, &["HEAD:refs/heads/main"])?;
    let url = format!("{}/{name}.git", node.url());
    let (mut plain, mut signed) = (Vec::new(), Vec::new());
    for n in 0..2 * ROUNDS {
        commit(&local, "n.md", &format!("{n}\n"), "Next")?;
        let (flag, times) = match n % 2 {
            0 => ("--no-signed", &mut plain),
            _ => ("--signed=yes", &mut signed),
        };
        let begun = std::time::Instant::now();
        ana.git(
            &local,
            &["push", "--quiet", flag, &url, "HEAD:refs/heads/main"],
        )?;
        times.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    let median = |times: &mut Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    };
    let (plain, signed) = (median(&mut plain), median(&mut signed));
    println!(
        "plain {plain:.1} ms, signed {signed:.1} ms: {:.2} times",
        signed / plain
    );
    f.stop()
}

/// Changes what a node answers.
type Lie = fn(&str, &mut Vec<u8>);

/// Stands before a node and changes what it says.
struct Liar {
    url: String,
    port: u16,
    stop: std::sync::Arc<std::sync::atomic::AtomicBool>,
}

impl Liar {
    fn start(node: u16, lie: Lie) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let stopped = stop.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stopped.load(std::sync::atomic::Ordering::Relaxed) {
                    return;
                }
                if let Err(e) = stream.map_err(Into::into).and_then(|s| pass(s, node, lie)) {
                    println!("the liar: {e:#}");
                }
            }
        });
        Ok(Self {
            url: format!("http://127.0.0.1:{port}"),
            port,
            stop,
        })
    }
}

impl Drop for Liar {
    fn drop(&mut self) {
        self.stop.store(true, std::sync::atomic::Ordering::Relaxed);
        // Wakes it up.
        let _ = std::net::TcpStream::connect(("127.0.0.1", self.port));
    }
}

/// One request and its answer.
fn pass(stream: std::net::TcpStream, node: u16, lie: Lie) -> Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        line.clear();
    }
    let Some(path) = first.split(' ').nth(1) else {
        return Ok(());
    };
    let answer = http::get(node, path, &["Accept: application/json"])?;
    let mut body = answer.body.clone();
    lie(path, &mut body);
    let kind = answer.header("content-type").unwrap_or("text/plain");
    let mut stream = stream;
    write!(
        stream,
        "HTTP/1.1 {} Said\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        answer.status,
        body.len()
    )?;
    stream.write_all(&body)?;
    Ok(())
}

/// Sends a signed push twice, byte for byte: a deletion and the making of the ref again would be worth something to a
/// thief, if the certificate served twice.
fn replayed(node: &Node, name: &str, who: &Signer, local: &Path) -> Result<()> {
    let basic = format!(
        "Authorization: Basic {}",
        BASE64.encode(format!("x:{}", who.token).as_bytes())
    );
    let port = node.ports().http;
    let refs = http::get(
        port,
        &format!("/{name}.git/info/refs?service=git-receive-pack"),
        &[&basic],
    )?;
    let text = refs.text();
    let nonce = text
        .split("push-cert=")
        .nth(1)
        .and_then(|rest| rest.split([' ', '\n']).next())
        .context("no nonce is offered")?;
    let zero = "0".repeat(40);
    let oid = git(local, None, &["rev-parse", "HEAD~1"])?
        .trim()
        .to_owned();
    let certificate = format!(
        "certificate version 0.1\npusher me 1700000000 +0000\npushee {}/{name}.git\nnonce {nonce}\n\n{zero} {oid} refs/heads/again\n",
        node.url()
    );
    let unsigned = local.join("certificate");
    fs::write(&unsigned, &certificate)?;
    let signed = Command::new("ssh-keygen")
        .args(["-q", "-Y", "sign", "-n", "git", "-f"])
        .arg(&who.key)
        .arg(&unsigned)
        .status()?;
    ensure!(signed.success(), "ssh-keygen did not sign");
    let signature = fs::read_to_string(local.join("certificate.sig"))?;
    let mut body = Vec::new();
    let mut line = |text: &str| body.extend(format!("{:04x}{text}", text.len() + 4).bytes());
    line("push-cert\0report-status side-band-64k agent=test");
    for text in format!("{certificate}{signature}").split_inclusive('\n') {
        line(text);
    }
    line("push-cert-end\n");
    body.extend_from_slice(b"0000");
    // An empty pack: the node has the commit.
    let empty = Command::new("git")
        .current_dir(local)
        .args(["pack-objects", "--stdout", "-q"])
        .stdin(std::process::Stdio::null())
        .output()?;
    body.extend(empty.stdout);
    let send = || {
        let path = format!("/{name}.git/git-receive-pack");
        let kind = "Content-Type: application/x-git-receive-pack-request";
        http::request(port, "POST", &path, &[&basic, kind], &body).map(|answer| answer.text())
    };
    let first = send()?;
    ensure!(first.contains("ok refs/heads/again"), "{first}");
    who.git(
        local,
        &[
            "push",
            "--no-signed",
            &format!("{}/{name}.git", node.url()),
            ":refs/heads/again",
        ],
    )?;
    let second = send()?;
    ensure!(
        second.contains("was used before"),
        "a certificate served twice: {second}"
    );
    Ok(())
}

#[test]
fn a_signed_proposal_keeps_its_certificate_and_every_node_shows_who_signed() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(2)?;
    let here = tempfile::tempdir()?;
    let ana = Signer::enrolled(&f.nodes[1], "ana", here.path())?;
    let (name, local) = begin(&f.nodes[0], "outil", here.path())?;
    let url = format!("{}/{name}.git", f.nodes[0].url());
    let token = f.nodes[0].token()?;
    git(
        &local,
        Some(&token),
        &["push", "--quiet", &url, "HEAD:refs/heads/main"],
    )?;
    let first = head(&f.nodes[0], &name, here.path())?;
    f.wait("the other node has it", |f| {
        Ok(head(&f.nodes[1], &name, here.path())? == first)
    })?;
    commit(&local, "b.md", "b\n", "Signed")?;
    ana.push(&f.nodes[1], &name, &local, &["HEAD:refs/for/main/one"])?;
    commit(&local, "c.md", "c\n", "Not signed")?;
    let there = format!("{}/{name}.git", f.nodes[1].url());
    ana.git(
        &local,
        &["push", "--no-signed", &there, "HEAD:refs/for/main/one"],
    )?;
    let item = name.parse().map_err(anyhow::Error::msg)?;
    f.wait("every node tells the signed version from the other", |f| {
        for node in &f.nodes {
            let client = node.client()?;
            let all = client.merge_requests(&item, &commun_client::Filter::default())?;
            let [request] = all.merge_requests.as_slice() else {
                return Ok(false);
            };
            let found = client.merge_request(&item, &request.id)?;
            let said = found.entries.iter().map(|e| e.certificate.as_deref());
            if said.collect::<Vec<_>>() != [Some("verified"), Some("none")] {
                return Ok(false);
            }
            let page = format!("/{name}/merge-requests/{}?lang=en", &request.id[..16]);
            let page = http::get(node.ports().http, &page, &[])?.text();
            ensure!(
                page.contains("signed by the person"),
                "the page does not say so"
            );
        }
        Ok(true)
    })?;
    f.stop()
}
