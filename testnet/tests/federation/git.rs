//! Stock Git against one node: what it takes, what it refuses, what it leaves behind.

use std::{
    fs,
    io::{Read, Write},
    path::Path,
};

use anyhow::{Context, Result, ensure};
use commun_testnet::{
    content::{git, git_said},
    federation::{Federation, wait_until},
    http,
    process::Node,
};
use data_encoding::BASE64;

use super::{
    deeds::{begin_repository, commit, head, push, push_new_repository},
    kills::sound,
    turn::{alone, turn},
};

const NAME: &str = "univ-angers/atelier";

/// A node with a repository, and a local clone of it.
fn workshop(here: &Path) -> Result<Federation> {
    let f = Federation::temporary(1)?;
    push_new_repository(&f.nodes[0], "atelier", here)?;
    Ok(f)
}

fn url(node: &Node) -> String {
    format!("{}/{NAME}.git", node.url())
}

#[test]
fn git_clones_in_both_versions_whole_and_shallow() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = workshop(here.path())?;
    let local = here.path().join("atelier");
    for n in 0..5 {
        commit(
            &local,
            "file.txt",
            &format!("{n}\n"),
            &format!("Commit {n}"),
        )?;
    }
    git(&local, None, &["tag", "v1"])?;
    push(&f.nodes[0], NAME, &local, &["main", "v1"])?;
    let wanted = git(&local, None, &["rev-parse", "HEAD"])?;
    let url = url(&f.nodes[0]);
    for (folder, args) in [
        ("v2", &["-c", "protocol.version=2", "clone"][..]),
        ("v0", &["-c", "protocol.version=0", "clone"]),
        ("v1", &["-c", "protocol.version=1", "clone"]),
        ("shallow", &["clone", "--depth", "2"]),
        (
            "shallow-v0",
            &["-c", "protocol.version=0", "clone", "--depth", "2"],
        ),
        ("partial", &["clone", "--filter=blob:none"]),
    ] {
        let mut all = args.to_vec();
        all.extend(["--quiet", &url, folder]);
        git(here.path(), None, &all).with_context(|| folder.to_owned())?;
        let got = here.path().join(folder);
        ensure!(
            git(&got, None, &["rev-parse", "HEAD"])? == wanted,
            "{folder}: another commit"
        );
        git(&got, None, &["fsck", "--full"])?;
        let count: usize = git(&got, None, &["rev-list", "--count", "HEAD"])?
            .trim()
            .parse()?;
        ensure!(
            count == if folder.starts_with("shallow") { 2 } else { 6 },
            "{folder}: {count} commits"
        );
    }
    git(
        &here.path().join("shallow"),
        None,
        &["fetch", "--quiet", "--unshallow"],
    )?;

    // A request may be compressed.
    let mut request = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    request.write_all(b"0014command=ls-refs\n00010009peel\n0000")?;
    let answer = http::request(
        f.nodes[0].ports().http,
        "POST",
        &format!("/{NAME}.git/git-upload-pack"),
        &[
            "Git-Protocol: version=2",
            "Content-Encoding: gzip",
            "Content-Type: application/x-git-upload-pack-request",
        ],
        &request.finish()?,
    )?;
    ensure!(
        answer.status == 200 && answer.text().contains(wanted.trim()),
        "a compressed request: {answer:?}"
    );
    f.stop()
}

#[test]
fn a_push_moves_makes_and_deletes_refs_as_git_expects() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = workshop(here.path())?;
    let local = here.path().join("atelier");
    let node = &f.nodes[0];
    let refs = |pattern: &str| git(here.path(), None, &["ls-remote", &url(node), pattern]);

    // A commit that is not a descendant needs force, as anywhere.
    let begun = git(&local, None, &["rev-parse", "HEAD"])?;
    commit(&local, "a.txt", "a\n", "A")?;
    push(node, NAME, &local, &["main"])?;
    git(&local, None, &["reset", "--quiet", "--hard", begun.trim()])?;
    let other = commit(&local, "b.txt", "b\n", "B")?;
    ensure!(
        push(node, NAME, &local, &["main"]).is_err(),
        "a push that is no fast-forward was taken"
    );
    push(node, NAME, &local, &["+main"])?;
    ensure!(
        head(node, NAME, here.path())? == other,
        "a forced push did not move the branch"
    );

    git(
        &local,
        None,
        &["tag", "--annotate", "v1", "--message", "One"],
    )?;
    push(node, NAME, &local, &["v1", "main:refs/heads/topic"])?;
    ensure!(
        !refs("refs/tags/v1")?.is_empty() && !refs("refs/heads/topic")?.is_empty(),
        "tag or branch is not there"
    );
    push(node, NAME, &local, &[":refs/heads/topic", ":refs/tags/v1"])?;
    ensure!(
        refs("refs/heads/topic")?.is_empty() && refs("refs/tags/v1")?.is_empty(),
        "deleted refs are served"
    );

    // More refs than one statement holds: they travel as a list.
    let many: Vec<String> = (0..150)
        .map(|n| format!("main:refs/heads/many/{n:03}"))
        .collect();
    push(
        node,
        NAME,
        &local,
        &many.iter().map(String::as_str).collect::<Vec<_>>(),
    )?;
    ensure!(
        refs("refs/heads/many/*")?.lines().count() == 150,
        "150 refs were pushed and others are served"
    );

    // A branch where a folder of branches is.
    let refused = push(node, NAME, &local, &["main:refs/heads/many"]);
    ensure!(
        refused.is_err(),
        "refs/heads/many was taken beside refs/heads/many/000"
    );
    ensure!(
        refs("refs/heads/many/*")?.lines().count() == 150,
        "a refused push changed refs"
    );
    commit(&local, "c.txt", "c\n", "C")?;
    push(node, NAME, &local, &["main"])?;

    // Names that only the node may use.
    for name in [
        "refs/diverged/x/main",
        "refs/commun/x",
        "HEAD",
        "refs/heads/-x",
    ] {
        let to = format!("main:{name}");
        let took = push(node, NAME, &local, &[&to]);
        ensure!(took.is_err() || name == "HEAD", "{name} was taken");
    }
    f.nodes[0].stop()?;
    sound(&f.nodes[0].data)?;
    f.stop()
}

#[test]
fn who_may_not_push_is_told_why_and_where() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = Federation::temporary(2)?;
    let begun = push_new_repository(&f.nodes[0], "atelier", here.path())?;
    let local = here.path().join("atelier");
    f.wait("the other node serves the repository", |f| {
        Ok(head(&f.nodes[1], NAME, here.path())? == begun)
    })?;
    commit(&local, "x.txt", "x\n", "X")?;

    let a = &f.nodes[0];
    let path = format!("/{NAME}.git/info/refs?service=git-receive-pack");
    let asked = http::get(a.ports().http, &path, &[])?;
    ensure!(
        asked.status == 401,
        "a push without a token answers {}",
        asked.status
    );
    ensure!(
        asked
            .header("www-authenticate")
            .is_some_and(|v| v.starts_with("Basic")),
        "Git is not asked for a password"
    );
    let wrong = format!("Authorization: Basic {}", BASE64.encode(b"x:not-a-token"));
    ensure!(
        http::get(a.ports().http, &path, &[&wrong])?.status == 401,
        "a wrong token is taken"
    );
    let body = format!("/{NAME}.git/git-receive-pack");
    let sent = http::request(
        a.ports().http,
        "POST",
        &body,
        &["Content-Type: application/x-git-receive-pack-request"],
        b"0000",
    )?;
    ensure!(
        sent.status == 401,
        "receive-pack without a token answers {}",
        sent.status
    );

    let b = &f.nodes[1];
    let elsewhere = push(b, NAME, &local, &["main"])
        .err()
        .context("the other node took a push")?;
    ensure!(
        format!("{elsewhere:#}").contains(&url(a)),
        "the refusal does not say where to push: {elsewhere:#}"
    );
    push(a, NAME, &local, &["main"])?;
    f.stop()
}

#[test]
fn options_of_a_push_are_refused_in_words_and_change_nothing() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = workshop(here.path())?;
    let node = &f.nodes[0];
    let local = here.path().join("atelier");
    let before = head(node, NAME, here.path())?;
    let next = commit(&local, "next.txt", "next\n", "Next")?;
    let (url, token) = (url(node), node.token()?);
    let push_with = |args: &[&str]| {
        let lang = [("LANGUAGE", "fr")];
        git_said(&local, Some(&token), &lang, &[&["push"], args].concat())
    };

    // Git itself sees that nobody reads them here.
    let said = push_with(&["-o", "ci.skip", &url, "main"])?;
    ensure!(
        !said.done && said.err.contains("push options"),
        "options were taken: {}",
        said.err
    );
    ensure!(head(node, NAME, here.path())? == before, "it was pushed");
    // A client that sends them all the same is told so, and not that its pack is corrupt.
    let line = format!("{before} {next} refs/heads/main\0 report-status push-options");
    let mut body = format!("{:04x}{line}0000", line.len() + 4).into_bytes();
    body.extend_from_slice(b"000bci.skip0000");
    body.extend_from_slice(&pack(&local, &here.path().join("all.bundle"))?);
    let basic = BASE64.encode(format!("x:{token}").as_bytes());
    for (lang, words) in [
        (
            "en",
            "this node takes no push options; push again without -o",
        ),
        ("fr", "poussez de nouveau sans -o"),
    ] {
        let answer = http::request(
            node.ports().http,
            "POST",
            &format!("/{NAME}.git/git-receive-pack"),
            &[
                "Content-Type: application/x-git-receive-pack-request",
                &format!("Authorization: Basic {basic}"),
                &format!("Accept-Language: {lang}"),
            ],
            &body,
        )?;
        ensure!(
            answer.status == 200 && answer.text().contains(words),
            "{lang}: {answer:?}"
        );
    }
    ensure!(head(node, NAME, here.path())? == before, "it was pushed");

    // What the forge refuses is said in the pusher's language too.
    let said = push_with(&[&url, "main:refs/heads/con"])?;
    ensure!(
        !said.done && said.err.contains("le nom est réservé"),
        "{}",
        said.err
    );
    let said = push_with(&[&url, "main"])?;
    ensure!(said.done, "{}", said.err);
    ensure!(head(node, NAME, here.path())? == next, "it was not pushed");
    f.stop()
}

/// A pack of all that a local repository has.
pub fn pack(local: &Path, bundle: &Path) -> Result<Vec<u8>> {
    let file = bundle.to_string_lossy();
    git(
        local,
        None,
        &["bundle", "create", "--quiet", &file, "--all"],
    )?;
    let bytes = fs::read(bundle)?;
    let end = bytes.windows(2).position(|two| two == b"\n\n");
    Ok(bytes[end.context("a bundle has an empty line")? + 2..].to_vec())
}

#[test]
fn a_push_that_breaks_off_leaves_nothing() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = workshop(here.path())?;
    let node = &f.nodes[0];
    let before = head(node, NAME, here.path())?;
    let mut noise = vec![0; 3 << 20];
    fs::File::open("/dev/urandom")?.read_exact(&mut noise)?;
    // The head of a pack of a thousand objects, and then noise that ends too early.
    let zero = "0".repeat(40);
    let line = format!("{zero} {before} refs/heads/broken\0 report-status\n");
    let mut body = format!("{:04x}{line}0000", line.len() + 4).into_bytes();
    body.extend_from_slice(b"PACK\0\0\0\x02\0\0\x03\xe8");
    body.extend_from_slice(&noise);
    let basic = BASE64.encode(format!("x:{}", node.token()?).as_bytes());
    let request = format!(
        "POST /{NAME}.git/git-receive-pack HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nAuthorization: Basic {basic}\r\n\
         Content-Type: application/x-git-receive-pack-request\r\nContent-Length: {}\r\n\r\n",
        node.ports().http,
        body.len() + 1_000_000
    );
    for _ in 0..3 {
        let mut stream = http::connect(node.ports().http)?;
        stream.write_all(request.as_bytes())?;
        // The node may have seen enough before the end.
        let _ = stream.write_all(&body);
        drop(stream);
    }
    let repository = fs::read_dir(node.data.join("git"))?
        .next()
        .context("one repository")??
        .path();
    wait_until("nothing is left of the broken pushes", || {
        let left = fs::read_dir(repository.join("objects"))?.filter_map(Result::ok);
        Ok(!left.into_iter().any(|e| {
            let n = e.file_name();
            let n = n.to_string_lossy();
            n.starts_with("tmp_") || n.starts_with("incoming")
        }))
    })?;
    ensure!(
        git(
            here.path(),
            None,
            &["ls-remote", &url(node), "refs/heads/broken"]
        )?
        .is_empty(),
        "a broken push made a ref"
    );
    ensure!(
        head(node, NAME, here.path())? == before,
        "a broken push moved a ref"
    );
    let local = here.path().join("atelier");
    commit(&local, "after.txt", "after\n", "After")?;
    push(node, NAME, &local, &["main"])?;
    f.nodes[0].stop()?;
    sound(&f.nodes[0].data)?;
    f.stop()
}

#[test]
fn a_large_push_does_not_enter_the_nodes_memory() -> Result<()> {
    const FILES: usize = 5;
    const SIZE: usize = 42 << 20;
    let _turn = alone();
    let here = tempfile::tempdir()?;
    let mut f = workshop(here.path())?;
    let local = here.path().join("atelier");
    let mut random = fs::File::open("/dev/urandom")?;
    for n in 0..FILES {
        let mut bytes = vec![0; SIZE];
        random.read_exact(&mut bytes)?;
        fs::write(local.join(format!("{n}.bin")), bytes)?;
    }
    // Random bytes neither compress nor differ little: trying would only take time.
    for (key, value) in [
        ("core.compression", "0"),
        ("core.bigFileThreshold", "1m"),
        ("pack.window", "0"),
    ] {
        git(&local, None, &["config", key, value])?;
    }
    let large = commit(&local, "large.txt", "large\n", "Large files")?;
    let node = &f.nodes[0];
    let (before, _) = memory(node)?;
    push(node, NAME, &local, &["main"])?;
    let got = here.path().join("got");
    git(
        here.path(),
        None,
        &[
            "clone",
            "--quiet",
            "--bare",
            &url(node),
            &got.to_string_lossy(),
        ],
    )?;
    let (_, peak) = memory(node)?;
    println!(
        "{} MiB pushed and cloned: {} MiB resident before, {} MiB at most",
        (FILES * SIZE) >> 20,
        before >> 20,
        peak >> 20
    );
    ensure!(
        peak < before + (64 << 20),
        "the node grew by {} MiB",
        (peak - before) >> 20
    );
    ensure!(
        git(&got, None, &["rev-parse", "main"])?.trim() == large,
        "another commit came back"
    );
    f.stop()
}

#[test]
fn a_push_that_unpacks_to_a_gigabyte_is_refused() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = workshop(here.path())?;
    let bomb = here.path().join("bomb");
    begin_repository(&bomb)?;
    // A file of zeros larger than the largest object that a push may bring; a few hundred kilobytes on the wire.
    fs::File::create(bomb.join("zeros.bin"))?.set_len(300 << 20)?;
    for (key, value) in [("core.bigFileThreshold", "1m"), ("core.compression", "1")] {
        git(&bomb, None, &["config", key, value])?;
    }
    commit(&bomb, "bomb.txt", "bomb\n", "A bomb")?;
    let node = &f.nodes[0];
    let (before, _) = memory(node)?;
    let refused = push(node, NAME, &bomb, &["main:refs/heads/bomb"])
        .err()
        .context("the bomb was taken")?;
    println!("{refused:#}");
    let (_, peak) = memory(node)?;
    ensure!(
        peak < before + (64 << 20),
        "the node grew by {} MiB",
        (peak - before) >> 20
    );
    ensure!(
        git(
            here.path(),
            None,
            &["ls-remote", &url(node), "refs/heads/bomb"]
        )?
        .is_empty(),
        "the bomb has a ref"
    );
    f.nodes[0].stop()?;
    sound(&f.nodes[0].data)?;
    f.stop()
}

/// Resident memory of a node's process, and the most it ever was, in bytes.
fn memory(node: &Node) -> Result<(u64, u64)> {
    let status = fs::read_to_string(format!(
        "/proc/{}/status",
        node.pid().context("the node runs")?
    ))?;
    let kilobytes = |name: &str| -> Result<u64> {
        let line = status
            .lines()
            .find(|l| l.starts_with(name))
            .with_context(|| name.to_owned())?;
        Ok(line
            .split_whitespace()
            .nth(1)
            .context("a number")?
            .parse::<u64>()?
            << 10)
    };
    Ok((kilobytes("VmRSS:")?, kilobytes("VmHWM:")?))
}
