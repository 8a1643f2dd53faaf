//! Every client gets the whole history, in every way to ask for it, and leaves no process behind.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use commun_client::NewRepository;
use commun_testnet::{
    content::git,
    federation::{Federation, wait_until},
    http,
    process::Node,
};

use super::{
    deeds::{commit, push, push_new_repository},
    turn::turn,
};

const NAME: &str = "univ-angers/atelier";

fn url(node: &Node) -> String {
    format!("{}/{NAME}.git", node.url())
}

/// A file that nothing compresses.
pub fn noise(path: &Path, bytes: usize) -> Result<()> {
    let mut noise = vec![0; bytes];
    fs::File::open("/dev/urandom")?.read_exact(&mut noise)?;
    Ok(fs::write(path, noise)?)
}

/// A node with a repository of some commits, large enough for its packs to be kept.
fn workshop(here: &Path, bytes: usize) -> Result<Federation> {
    let f = Federation::temporary(1)?;
    push_new_repository(&f.nodes[0], "atelier", here)?;
    let local = here.join("atelier");
    for n in 0..4 {
        noise(&local.join("noise.bin"), bytes / 4)?;
        commit(
            &local,
            "file.txt",
            &format!("{n}\n"),
            &format!("Commit {n}"),
        )?;
    }
    git(
        &local,
        None,
        &["tag", "--annotate", "v1", "--message", "One"],
    )?;
    push(&f.nodes[0], NAME, &local, &["main", "v1"])?;
    Ok(f)
}

#[test]
fn every_client_gets_what_it_asks_for_and_the_same_again() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = workshop(here.path(), 3 << 20)?;
    let url = url(&f.nodes[0]);
    let wanted = git(&here.path().join("atelier"), None, &["rev-parse", "HEAD"])?;
    let ways: [(&str, &[&str], usize); 7] = [
        ("v0", &["-c", "protocol.version=0", "clone"], 5),
        ("v1", &["-c", "protocol.version=1", "clone"], 5),
        ("v2", &["-c", "protocol.version=2", "clone"], 5),
        ("shallow", &["clone", "--depth", "2"], 2),
        ("no-tags", &["clone", "--no-tags", "--single-branch"], 5),
        (
            "blobless",
            &["clone", "--filter=blob:none", "--no-checkout"],
            5,
        ),
        (
            "treeless",
            &["clone", "--filter=tree:0", "--no-checkout"],
            5,
        ),
    ];
    for round in 0..2 {
        for (name, args, commits) in ways {
            let got = here.path().join(format!("{name}-{round}"));
            let into = got.to_string_lossy();
            let all = [args, &["--quiet", &url, &into]].concat();
            git(here.path(), None, &all).with_context(|| name.to_owned())?;
            let head = git(&got, None, &["rev-parse", "HEAD"])?;
            ensure!(head == wanted, "{name}: another commit");
            git(&got, None, &["fsck", "--strict", "--full"])?;
            let count = git(&got, None, &["rev-list", "--count", "HEAD"])?;
            ensure!(
                count.trim() == commits.to_string(),
                "{name}: {count} commits"
            );
            let missing = git(
                &got,
                None,
                &["rev-list", "--objects", "--missing=print", "HEAD"],
            )?;
            let lacks = missing.lines().any(|line| line.starts_with('?'));
            ensure!(
                lacks == name.ends_with("less"),
                "{name}: something is missing, or nothing"
            );
            // What a partial clone lacks it fetches when it is needed.
            let read = Command::new("git")
                .arg("-C")
                .arg(&got)
                .args(["cat-file", "blob", "HEAD:noise.bin"])
                .output()?;
            ensure!(
                read.stdout.len() == (3 << 20) / 4,
                "{name}: the file is not whole"
            );
        }
    }
    let shallow = here.path().join("shallow-1");
    git(&shallow, None, &["fetch", "--quiet", "--deepen", "1"])?;
    let count = git(&shallow, None, &["rev-list", "--count", "HEAD"])?;
    ensure!(count.trim() == "3", "deepened by one: {count} commits");
    git(&shallow, None, &["fetch", "--quiet", "--unshallow"])?;
    git(&shallow, None, &["fsck", "--strict", "--full"])?;

    // Two that are not Git: libgit2, and Dulwich (written in Python).
    let by_libgit2 = here.path().join("libgit2.git");
    git2::build::RepoBuilder::new()
        .bare(true)
        .clone(&url, &by_libgit2)
        .context("libgit2")?;
    let by_dulwich = here.path().join("dulwich.git");
    let done = Command::new("/usr/bin/python3")
        .args(["-c", "import sys; from dulwich import porcelain; porcelain.clone(sys.argv[1], sys.argv[2], bare=True, errstream=porcelain.NoneStream())"])
        .arg(&url)
        .arg(&by_dulwich)
        .output()
        .context("Dulwich is needed: run .ci/setup test")?;
    ensure!(
        done.status.success(),
        "Dulwich: {}",
        String::from_utf8_lossy(&done.stderr)
    );
    for got in [by_libgit2, by_dulwich] {
        git(&got, None, &["fsck", "--strict", "--full"])?;
        let head = git(&got, None, &["rev-parse", "main"])
            .or_else(|_| git(&got, None, &["rev-parse", "origin/main"]))?;
        ensure!(head == wanted, "{}: another commit", got.display());
    }
    f.stop()
}

#[test]
fn a_pack_is_made_once_and_a_new_push_is_in_the_next() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = workshop(here.path(), 3 << 20)?;
    let made = |f: &Federation| -> Result<(u64, u64)> {
        let text = http::get(f.nodes[0].ports().http, "/metrics", &[])?.text();
        let read = |label: &str| {
            let line = text.lines().find_map(|l| l.strip_prefix(label));
            line.and_then(|l| l.trim().parse().ok()).context("a metric")
        };
        Ok((
            read("commun_packs_total{made=\"yes\"} ")?,
            read("commun_packs_total{made=\"no\"} ")?,
        ))
    };
    let clone = |n: usize| {
        let into = here.path().join(format!("clone-{n}"));
        git(
            here.path(),
            None,
            &[
                "clone",
                "--quiet",
                "--bare",
                &url(&f.nodes[0]),
                &into.to_string_lossy(),
            ],
        )?;
        git(&into, None, &["rev-parse", "main"])
    };
    for n in 0..4 {
        clone(n)?;
    }
    ensure!(
        made(&f)? == (1, 3),
        "four clones: {:?} made and not",
        made(&f)?
    );
    let local = here.path().join("atelier");
    let newer = commit(&local, "file.txt", "newer\n", "Newer")?;
    push(&f.nodes[0], NAME, &local, &["main"])?;
    ensure!(
        clone(4)?.trim() == newer,
        "a clone after a push is of before it"
    );
    ensure!(made(&f)?.0 == 2, "the newer pack is another");
    f.stop()
}

#[test]
fn git_lfs_is_refused_in_words() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = workshop(here.path(), 1000)?;
    let answer = http::request(
        f.nodes[0].ports().http,
        "POST",
        &format!("/{NAME}.git/info/lfs/objects/batch"),
        &["Content-Type: application/vnd.git-lfs+json"],
        b"{\"operation\":\"upload\",\"objects\":[]}",
    )?;
    ensure!(answer.status == 501, "{}", answer.status);
    ensure!(answer.header("content-type") == Some("application/vnd.git-lfs+json"));
    ensure!(answer.text().contains("\"message\"") && answer.text().contains("resource"));
    f.stop()
}

#[test]
fn no_process_outlives_its_request() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = workshop(here.path(), 24 << 20)?;
    let node = &f.nodes[0];
    let pid = node.pid().context("it runs")?;
    let none_left = || wait_until("no process is left", || Ok(children(pid)?.is_empty()));
    let local = here.path().join("atelier");
    noise(&local.join("more.bin"), 24 << 20)?;
    commit(&local, "file.txt", "more\n", "More")?;
    let token = node.token()?;
    let with_token = node.url().replace("http://", &format!("http://x:{token}@"));
    let to = format!("{with_token}/{NAME}.git");
    let (clone, fetched) = (url(node), here.path().join("broken"));
    let into = fetched.to_string_lossy();
    for pause in [5, 20, 60, 150] {
        for args in [
            &[
                "-c",
                "protocol.version=0",
                "clone",
                "--quiet",
                &clone,
                &into,
            ][..],
            &["clone", "--quiet", &clone, &into],
            &["clone", "--quiet", "--depth", "2", &clone, &into],
            &["push", "--quiet", &to, "main:refs/heads/broken"],
        ] {
            let mut client = Command::new("git")
                .current_dir(&local)
                .args(args)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()?;
            let begun = Instant::now();
            // In the middle: while the node has a process for it, or it is over.
            while children(pid)?.is_empty()
                && client.try_wait()?.is_none()
                && begun.elapsed() < Duration::from_secs(5)
            {
                thread::sleep(Duration::from_millis(1));
            }
            thread::sleep(Duration::from_millis(pause));
            let _ = client.kill();
            client.wait()?;
            let _ = fs::remove_dir_all(&fetched);
        }
        none_left()?;
    }
    git(
        here.path(),
        None,
        &["clone", "--quiet", "--bare", &clone, &into],
    )?;
    git(&fetched, None, &["fsck", "--strict", "--full"])?;
    none_left()?;
    f.stop()
}

#[test]
fn who_asks_slowly_keeps_nobody_else_from_being_served() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = workshop(here.path(), 3 << 20)?;
    let node = &f.nodes[0];
    // Requests without their end, more than there are places.
    let mut slow = Vec::new();
    for n in 0..40 {
        let protocol = if n < 36 { "version=1" } else { "version=2" };
        let head = format!(
            "POST /{NAME}.git/git-upload-pack HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000\r\n\
             Content-Type: application/x-git-upload-pack-request\r\nGit-Protocol: {protocol}\r\n\r\n00"
        );
        let mut stream = TcpStream::connect(("127.0.0.1", node.ports().http))?;
        stream.write_all(head.as_bytes())?;
        slow.push(stream);
    }
    thread::sleep(Duration::from_millis(500));
    let pid = node.pid().context("it runs")?;
    ensure!(children(pid)?.is_empty(), "a process waits for who is slow");
    let begun = Instant::now();
    for version in ["protocol.version=0", "protocol.version=2"] {
        let into = here.path().join(version);
        let into = into.to_string_lossy();
        let all = ["-c", version, "clone", "--quiet", &url(node), &into];
        git(here.path(), None, &all)?;
    }
    let local = here.path().join("atelier");
    commit(&local, "file.txt", "more\n", "More")?;
    push(node, NAME, &local, &["main"])?;
    // Whoever finds no place hears so after 20 seconds.
    let took = begun.elapsed();
    ensure!(took < Duration::from_secs(15), "{took:?}");
    for stream in &mut slow {
        stream.write_all(b"0")?;
    }
    f.stop()
}

#[test]
fn a_pack_with_objects_of_a_refused_proposal_is_not_passed_on() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = Federation::temporary(2)?;
    for (slug, proposes) in [("plain", false), ("padded", true)] {
        let node = &f.nodes[0];
        let client = node.client()?;
        let made = client.create_repository(&NewRepository {
            slug: slug.to_owned(),
            title: Some(slug.to_owned()),
            licence: Some("EUPL-1.2".to_owned()),
            ..NewRepository::default()
        })?;
        let local = here.path().join(slug);
        fs::create_dir(&local)?;
        git(
            &local,
            None,
            &["init", "--quiet", "--initial-branch", "main"],
        )?;
        noise(&local.join("noise.bin"), 2 << 20)?;
        let first = commit(&local, "file.txt", "one\n", "One")?;
        git(&local, None, &["checkout", "--quiet", "-b", "secret"])?;
        let secret = commit(&local, "secret.txt", "for nobody\n", "Secret")?;
        let mut args = vec!["push", "--quiet"];
        let to = format!("{}/{}.git", node.url(), made.name);
        args.extend([to.as_str(), "main"]);
        if proposes {
            args.push("secret:refs/for/main/x");
        }
        // There is nothing yet that could be changed by a proposal: that part is refused.
        let pushed = git(&local, Some(&node.token()?), &args);
        ensure!(pushed.is_err() == proposes, "{slug}: {pushed:?}");
        let at = |n: usize| f.nodes[n].data.join(format!("git/{}.git", made.id));
        wait_until("the other node has it", || {
            Ok(git(&at(1), None, &["rev-parse", "main"]).is_ok_and(|head| head.trim() == first))
        })?;
        ensure!(
            at(0).join("whole.json").exists() != proposes,
            "{slug}: noted, or not"
        );
        let holds = |n: usize| git(&at(n), None, &["cat-file", "-e", &secret]).is_ok();
        ensure!(holds(0) == proposes, "{slug}: what was refused came along");
        ensure!(!holds(1), "{slug}: what was refused was passed on");
    }
    f.stop()
}

/// The processes that a node has started and that are there.
pub fn children(parent: u32) -> Result<Vec<u32>> {
    let mut all = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let Some(pid) = name.to_str().and_then(|n| n.parse::<u32>().ok()) else {
            continue;
        };
        let Ok(text) = fs::read_to_string(format!("/proc/{pid}/stat")) else {
            continue;
        };
        let after = text.rsplit_once(')').map_or("", |(_, after)| after);
        if after.split_whitespace().nth(1) == Some(&parent.to_string()) {
            all.push(pid);
        }
    }
    Ok(all)
}
