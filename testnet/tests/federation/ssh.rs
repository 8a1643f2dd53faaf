//! Stock `git` and `ssh` against a node: who comes in, what they may ask for, and what is left when they go.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use commun_testnet::{
    commun::Typist,
    content,
    federation::{Federation, wait_until},
    process::Node,
};

use super::{
    deeds::{commit, push, push_new_repository},
    turn::turn,
};

const NAME: &str = "univ-angers/atelier";

/// Somebody with a key, their own `known_hosts`, and no other settings.
struct Somebody {
    home: PathBuf,
    key: PathBuf,
}

impl Somebody {
    fn new(here: &Path, name: &str, kind: &str) -> Result<Self> {
        let home = here.join(name);
        fs::create_dir_all(&home)?;
        let key = home.join("key");
        let made = Command::new("ssh-keygen")
            .args(["-q", "-t", kind, "-N", "", "-C", name, "-f"])
            .arg(&key)
            .output()
            .context("ssh-keygen cannot be run (package openssh-client)")?;
        ensure!(made.status.success(), "ssh-keygen: {made:?}");
        Ok(Self { home, key })
    }

    fn public(&self) -> String {
        self.key
            .with_extension("pub")
            .to_string_lossy()
            .into_owned()
    }

    /// Enrols them as an operator would; gives the person's id.
    fn enrol(&self, node: &Node, roles: &[&str]) -> Result<String> {
        let key = self.public();
        let mut args = vec!["person", "add", "Camille Martin", "--key", &key, "--json"];
        args.extend(roles.iter().flat_map(|role| ["--role", role]));
        let added = Typist::operator(node)?.done(&self.home, &args)?.json()?;
        Ok(added["id"].as_str().context("an id")?.to_owned())
    }

    fn ssh(&self) -> Vec<String> {
        let known = self.home.join("known_hosts");
        let mut words = vec![
            "ssh".to_owned(),
            "-F".into(),
            "/dev/null".into(),
            "-i".into(),
        ];
        words.push(self.key.to_string_lossy().into_owned());
        for option in [
            "IdentitiesOnly=yes",
            "IdentityAgent=none",
            "StrictHostKeyChecking=accept-new",
            "ConnectTimeout=20",
            "SendEnv=LC_ALL",
            &format!("UserKnownHostsFile={}", known.display()),
        ] {
            words.extend(["-o".to_owned(), option.to_owned()]);
        }
        words
    }

    /// `ssh` to the node, with more words.
    fn connect(&self, node: &Node, more: &[&str], command: &[&str]) -> Command {
        let words = self.ssh();
        let mut ssh = Command::new(&words[0]);
        ssh.args(&words[1..])
            .args(more)
            .args(["-p", &node.ports().ssh.to_string(), "git@127.0.0.1"])
            .args(command)
            .env_remove("SSH_AUTH_SOCK")
            .env("LC_ALL", "C")
            .stdin(Stdio::null());
        ssh
    }

    fn run(&self, node: &Node, more: &[&str], command: &[&str]) -> Result<Output> {
        Ok(self.connect(node, more, command).output()?)
    }

    /// Stock Git over this person's SSH.
    fn git(&self, folder: &Path, args: &[&str]) -> Result<String> {
        let ssh = self.ssh().join(" ");
        let setting = format!("core.sshCommand={ssh}");
        let mut all = vec!["-c", &setting, "-c", "ssh.variant=ssh"];
        all.extend(args);
        content::git(folder, None, &all)
    }
}

fn url(node: &Node, name: &str) -> String {
    format!("ssh://git@127.0.0.1:{}/{name}.git", node.ports().ssh)
}

fn said(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    format!(
        "{}{}",
        String::from_utf8_lossy(out),
        String::from_utf8_lossy(err)
    )
}

/// A node with a repository of a few commits, and a developer with a key.
fn workshop(here: &Path) -> Result<(Federation, Somebody, String)> {
    let f = Federation::temporary(1)?;
    push_new_repository(&f.nodes[0], "atelier", here)?;
    let local = here.join("atelier");
    for n in 0..4 {
        commit(
            &local,
            "file.txt",
            &format!("{n}\n"),
            &format!("Commit {n}"),
        )?;
    }
    push(&f.nodes[0], NAME, &local, &["main"])?;
    let camille = Somebody::new(here, "camille", "ed25519")?;
    let id = camille.enrol(&f.nodes[0], &["developer"])?;
    Ok((f, camille, id))
}

#[test]
fn a_developer_clones_and_pushes_over_ssh_with_the_enrolled_key() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let (mut f, camille, _) = workshop(here.path())?;
    let node = &f.nodes[0];
    let wanted = content::git(&here.path().join("atelier"), None, &["rev-parse", "HEAD"])?;
    let url = url(node, NAME);
    let plain = format!("ssh://git@127.0.0.1:{}/{NAME}", node.ports().ssh);
    for (folder, from, args) in [
        ("v2", &url, &["-c", "protocol.version=2", "clone"][..]),
        ("v0", &url, &["-c", "protocol.version=0", "clone"]),
        ("v1", &plain, &["-c", "protocol.version=1", "clone"]),
        ("shallow", &url, &["clone", "--depth", "2"]),
        (
            "shallow-v0",
            &url,
            &["-c", "protocol.version=0", "clone", "--depth", "2"],
        ),
        ("partial", &url, &["clone", "--filter=blob:none"]),
    ] {
        let mut all = args.to_vec();
        all.extend(["--quiet", from, folder]);
        camille
            .git(here.path(), &all)
            .with_context(|| folder.to_owned())?;
        let got = here.path().join(folder);
        ensure!(
            content::git(&got, None, &["rev-parse", "HEAD"])? == wanted,
            "{folder}: another commit"
        );
        let count = content::git(&got, None, &["rev-list", "--count", "HEAD"])?;
        let expected = if folder.starts_with("shallow") {
            "2"
        } else {
            "5"
        };
        ensure!(count.trim() == expected, "{folder}: {count} commits");
    }
    camille.git(
        &here.path().join("shallow"),
        &["fetch", "--quiet", "--unshallow"],
    )?;

    // Protocol 2 is really spoken, not only asked for.
    let packets = Command::new("git")
        .args(["-c", "protocol.version=2", "ls-remote", &url])
        .env("GIT_SSH_COMMAND", camille.ssh().join(" "))
        .env("GIT_TRACE_PACKET", "1")
        .output()?;
    ensure!(said(&packets).contains("< version 2"), "{}", said(&packets));

    // A push, one with nothing in it, a branch made and deleted again, and one that is refused.
    let local = here.path().join("v2");
    let new = commit(&local, "file.txt", "over ssh\n", "Over SSH")?;
    camille.git(&local, &["push", "--quiet", "origin", "main"])?;
    camille.git(&local, &["push", "--quiet", "origin", "main"])?;
    let refs = |pattern: &str| camille.git(here.path(), &["ls-remote", &url, pattern]);
    ensure!(
        refs("refs/heads/main")?.starts_with(&new),
        "main did not move"
    );
    camille.git(&local, &["push", "--quiet", "origin", "main:side"])?;
    ensure!(
        refs("refs/heads/side")?.starts_with(&new),
        "no branch was made"
    );
    let begun = Instant::now();
    camille.git(&local, &["push", "--quiet", "origin", ":side"])?;
    ensure!(
        begun.elapsed() < Duration::from_secs(20),
        "a deletion waited for the end of what never ends"
    );
    ensure!(
        refs("refs/heads/side")?.is_empty(),
        "the branch is still there"
    );
    let behind = here.path().join("v0");
    commit(&behind, "file.txt", "other\n", "Beside it")?;
    let refused = camille.git(&behind, &["push", "origin", "main"]);
    let refused = format!(
        "{:#}",
        refused
            .err()
            .context("an old branch was pushed over a new one")?
    );
    ensure!(refused.contains("rejected"), "{refused}");
    let forbidden = camille.git(&behind, &["push", "origin", "main:refs/evil/x"]);
    let forbidden = format!("{:#}", forbidden.err().context("any ref was taken")?);
    ensure!(forbidden.contains("refs/evil/x"), "{forbidden}");
    f.stop()
}

#[test]
fn only_keys_of_people_enrolled_here_come_in() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let (mut f, camille, id) = workshop(here.path())?;
    let node = &f.nodes[0];
    let url = url(node, NAME);
    let ask = |who: &Somebody| who.git(here.path(), &["ls-remote", &url]);
    ask(&camille)?;
    for kind in ["ed25519", "rsa", "ecdsa"] {
        let stranger = Somebody::new(here.path(), &format!("stranger-{kind}"), kind)?;
        let no = format!("{:#}", ask(&stranger).err().context("a stranger came in")?);
        ensure!(no.contains("Permission denied"), "{kind}: {no}");
        ensure!(
            no.contains("enrolled") && no.contains(&node.url()),
            "{kind}: they are not told what to do: {no}"
        );
    }
    // As another user, nobody.
    let other = camille.connect(node, &["-l", "root"], &[]).output()?;
    ensure!(other.status.code() == Some(255), "{}", said(&other));

    // Somebody without the role reads, and is told why they cannot push.
    let reader = Somebody::new(here.path(), "reader", "ed25519")?;
    reader.enrol(node, &["publisher"])?;
    let local = here.path().join("read");
    reader.git(here.path(), &["clone", "--quiet", &url, "read"])?;
    commit(&local, "file.txt", "mine\n", "Mine")?;
    let no = reader.git(&local, &["push", "origin", "main"]);
    let no = format!("{:#}", no.err().context("a publisher pushed")?);
    ensure!(no.contains("developer"), "{no}");

    // Revocation bites at once, also on a connection that stands.
    let control = here.path().join("control");
    let control = format!("ControlPath={}", control.display());
    let mut standing = camille
        .connect(
            node,
            &["-o", "ControlMaster=yes", "-o", &control, "-N"],
            &[],
        )
        .stderr(Stdio::null())
        .spawn()?;
    let over = |command: &[&str]| camille.run(node, &["-o", &control], command);
    let exchange = ["git-upload-pack", "'/univ-angers/atelier.git'"];
    wait_until("the connection stands", || {
        Ok(here.path().join("control").exists())
    })?;
    // More commands one after the other than there may be channels at a time.
    for _ in 0..12 {
        let exchanged = said(&over(&exchange)?);
        ensure!(exchanged.contains("refs/heads/main"), "{exchanged}");
    }
    Typist::operator(node)?.done(here.path(), &["person", "revoke", &id])?;
    let after = over(&exchange)?;
    ensure!(
        after.status.code() == Some(1) && said(&after).contains("your enrolment has ended"),
        "{}",
        said(&after)
    );
    let _ = standing.kill();
    standing.wait()?;
    let no = format!(
        "{:#}",
        ask(&camille).err().context("who was revoked came in")?
    );
    ensure!(no.contains("Permission denied"), "{no}");
    f.stop()
}

#[test]
fn there_is_no_shell_and_nothing_is_forwarded() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let (mut f, camille, _) = workshop(here.path())?;
    let node = &f.nodes[0];
    // The host key is a key of its own, and people can compare it before they trust it.
    let status = node.client()?.status()?;
    let stated = status.ssh.clone().context("the status names SSH")?;
    let known = camille.home.join("known_hosts");
    camille.run(node, &[], &[])?;
    let seen = Command::new("ssh-keygen")
        .args(["-l", "-f"])
        .arg(&known)
        .output()?;
    ensure!(said(&seen).contains(&stated.fingerprint), "{}", said(&seen));
    let page = commun_testnet::http::get(node.ports().http, "/status", &[])?.text();
    ensure!(page.contains(&stated.fingerprint) && page.contains(&stated.url));
    let key = |name: &str| fs::read_to_string(node.data.join("keys").join(name));
    ensure!(
        key("ssh.key")? != key("node.key")?,
        "the node's key is the host key"
    );
    for more in [&[][..], &["-t"], &["-o", "SendEnv=HOME", "-A", "-X"]] {
        let hello = camille.run(node, more, &[])?;
        ensure!(
            hello.status.code() == Some(1)
                && said(&hello).contains("Camille Martin")
                && said(&hello).contains("no shell"),
            "{more:?}: {}",
            said(&hello)
        );
    }
    let terminal = camille.run(node, &["-tt"], &[])?;
    ensure!(
        terminal.status.code() == Some(255)
            && said(&terminal).contains("PTY allocation request failed"),
        "{}",
        said(&terminal)
    );
    let french = camille
        .connect(node, &[], &[])
        .env("LC_ALL", "fr_FR.UTF-8")
        .output()?;
    ensure!(
        said(&french).contains("Bonjour Camille Martin"),
        "{}",
        said(&french)
    );
    // Who sends no locale is answered in the node's language.
    let mut unnamed = camille.connect(node, &[], &[]);
    let unnamed = unnamed.env_remove("LC_ALL").output()?;
    ensure!(
        said(&unnamed).contains("Bonjour Camille Martin"),
        "{}",
        said(&unnamed)
    );
    for (command, why) in [
        (&["id"][..], "nothing else"),
        (
            &["git-upload-pack", "'/univ-angers/atelier.git';", "id"],
            "not the path",
        ),
        (&["git-upload-pack", "'/../../etc/passwd'"], "not the path"),
        (
            &["git-upload-pack", "'/univ-angers/nothing.git'"],
            "no such repository",
        ),
        (
            &["git-upload-archive", "'/univ-angers/atelier.git'"],
            "archive",
        ),
        (&["scp", "-t", "/tmp"], "nothing else"),
    ] {
        let no = camille.run(node, &[], command)?;
        ensure!(
            no.status.code() == Some(1) && said(&no).contains(why),
            "{command:?} ended with {:?}: {}",
            no.status.code(),
            said(&no)
        );
        ensure!(
            !said(&no).contains("uid="),
            "{command:?} ran: {}",
            said(&no)
        );
    }
    let subsystem = camille.run(node, &["-s"], &["sftp"])?;
    ensure!(subsystem.status.code() == Some(255), "{}", said(&subsystem));

    // A port of this machine, through the node: not even to the node itself.
    let free = commun_testnet::process::Ports::free()?.http;
    let forward = format!("{free}:127.0.0.1:{}", node.ports().http);
    let mut tunnel = camille
        .connect(node, &["-N", "-L", &forward], &[])
        .spawn()?;
    let mut through = None;
    wait_until("the client listens", || {
        through = TcpStream::connect(("127.0.0.1", free)).ok();
        Ok(through.is_some())
    })?;
    let mut through = through.context("the loop above ends with one")?;
    through.write_all(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")?;
    let mut answer = Vec::new();
    let _ = through.read_to_end(&mut answer);
    ensure!(
        answer.is_empty(),
        "a port was forwarded: {}",
        String::from_utf8_lossy(&answer)
    );
    let _ = tunnel.kill();
    tunnel.wait()?;
    let back = format!("0:127.0.0.1:{}", node.ports().http);
    let back = camille.run(
        node,
        &["-N", "-o", "ExitOnForwardFailure=yes", "-R", &back],
        &[],
    )?;
    ensure!(back.status.code() == Some(255), "{}", said(&back));
    f.stop()
}

#[test]
fn git_gets_a_short_token_for_a_signature_and_pushes_over_http() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let (mut f, camille, id) = workshop(here.path())?;
    let node = &f.nodes[0];
    let local = here.path().join("atelier");
    let remote = format!("{}/{NAME}.git", node.url());
    let program = commun_testnet::process::program("commun")?;
    let helper = |key: &Path| {
        format!(
            "!{} git-credential --key {}",
            program.display(),
            key.display()
        )
    };
    let push = |key: &Path, message: &str| -> Result<String> {
        commit(&local, "file.txt", &format!("{message}\n"), message)?;
        let setting = format!("credential.{}.helper={}", node.url(), helper(key));
        content::git(
            &local,
            None,
            &["-c", &setting, "push", "--quiet", &remote, "main"],
        )
    };
    push(&camille.key, "With a token of a quarter of an hour")?;
    push(&camille.key, "With another")?;

    // What it was: short, for pushing only, and noted as used.
    let operator = Typist::operator(node)?;
    let listed = operator
        .done(&local, &["token", "list", &id, "--json"])?
        .json()?;
    let tokens = listed["tokens"].as_array().context("a list")?;
    ensure!(tokens.len() == 2, "{listed}");
    for token in tokens {
        let lasts = token["expires"].as_u64().unwrap_or(0) - token["created"].as_u64().unwrap_or(0);
        ensure!(
            token["scopes"][0] == "repository" && lasts <= 900,
            "{token}"
        );
        ensure!(
            token["used"].is_u64() && token["token"].is_null(),
            "{token}"
        );
    }

    // The helper alone: no secret on standard error, nothing for another host, nothing kept.
    let ask = |operation: &str, question: &str, key: Option<&Path>| -> Result<Output> {
        let mut command = Typist::default().command(here.path(), &["git-credential", operation])?;
        if let Some(key) = key {
            command.env("COMMUN_KEY", key);
        }
        let mut child = command
            .env("COMMUN_NODE", node.url())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        child
            .stdin
            .take()
            .context("piped")?
            .write_all(question.as_bytes())?;
        Ok(child.wait_with_output()?)
    };
    let question = format!("protocol=http\nhost=127.0.0.1:{}\n\n", node.ports().http);
    let got = ask("get", &question, Some(&camille.key))?;
    let out = String::from_utf8(got.stdout.clone())?;
    ensure!(
        out.starts_with("username=commun\npassword=ct_") && out.contains("\npassword_expiry_utc="),
        "{out}"
    );
    ensure!(got.stderr.is_empty(), "{}", said(&got));
    for (operation, question, key) in [
        ("store", question.as_str(), Some(camille.key.as_path())),
        ("erase", &question, Some(&camille.key)),
        (
            "get",
            "protocol=ssh\nhost=127.0.0.1\n\n",
            Some(&camille.key),
        ),
        ("get", &question, None),
    ] {
        let nothing = ask(operation, question, key)?;
        ensure!(
            nothing.status.success() && nothing.stdout.is_empty(),
            "{operation}: {}",
            said(&nothing)
        );
    }
    let token = out
        .lines()
        .find_map(|line| line.strip_prefix("password="))
        .context("a token")?;

    // It publishes nothing and administers nothing, and its end is the end of the person's enrolment.
    for refused in [
        vec!["token", "list"],
        vec!["token", "create", &id, "--scope", "write"],
        vec!["repo", "create", "autre", "--licence", "EUPL-1.2"],
    ] {
        let mut command = Typist::reader(node).command(here.path(), &refused)?;
        let no = command.env("COMMUN_TOKEN", token).output()?;
        ensure!(no.status.code() == Some(4), "{refused:?}: {}", said(&no));
    }
    let stranger = Somebody::new(here.path(), "stranger", "ed25519")?;
    ensure!(
        push(&stranger.key, "By nobody").is_err(),
        "a stranger was given a token"
    );
    let wrong = Somebody::new(here.path(), "rsa", "rsa")?;
    let no = ask("get", &question, Some(&wrong.key))?;
    ensure!(
        no.status.code() == Some(2) && said(&no).contains("ed25519"),
        "{}",
        said(&no)
    );

    // Another key for the same person: the old one ends, what they are stays.
    let renewed = Somebody::new(here.path(), "renewed", "ed25519")?;
    let key = renewed.public();
    operator.done(&local, &["person", "key", "Camille Martin", "--key", &key])?;
    ensure!(
        push(&camille.key, "With the old key").is_err(),
        "the old key still opens"
    );
    push(&renewed.key, "With the new key")?;
    renewed.git(here.path(), &["ls-remote", &url(node, NAME)])?;
    ensure!(
        camille
            .git(here.path(), &["ls-remote", &url(node, NAME)])
            .is_err(),
        "the old key still comes in"
    );
    let persons = operator
        .done(&local, &["person", "list", "--json"])?
        .json()?;
    let printed = Command::new("ssh-keygen")
        .args(["-l", "-f", &key])
        .output()?;
    let fingerprint = persons["persons"]
        .as_array()
        .and_then(|all| all.iter().find(|p| p["id"] == id.as_str()))
        .and_then(|p| p["fingerprint"].as_str())
        .context("a fingerprint")?;
    ensure!(said(&printed).contains(fingerprint), "{persons}");
    operator.done(&local, &["person", "revoke", &id])?;
    ensure!(
        push(&renewed.key, "After the end").is_err(),
        "who was revoked pushed"
    );
    let mut command = Typist::reader(node).command(here.path(), &["token", "list"])?;
    let no = command.env("COMMUN_TOKEN", token).output()?;
    ensure!(
        said(&no).contains("unknown, revoked or past its date"),
        "{}",
        said(&no)
    );
    f.stop()
}

#[test]
fn git_pushes_to_a_commun_url_and_a_second_node_serves_it_by_name_and_by_the_beginning_of_its_id()
-> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = Federation::temporary(2)?;
    push_new_repository(&f.nodes[0], "atelier", here.path())?;
    let local = here.path().join("atelier");
    let camille = Somebody::new(here.path(), "camille", "ed25519")?;
    camille.enrol(&f.nodes[0], &["developer"])?;
    let programs = commun_testnet::process::program("git-remote-commun")?;
    let programs = programs.parent().context("a folder")?.display().to_string();
    let git = |node: &Node, folder: &Path, args: &[&str]| -> Result<Output> {
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = Typist::reader(node).command(here.path(), &[])?;
        let mut git = Command::new("git");
        for (name, value) in command.env("GIT_CONFIG_GLOBAL", "/dev/null").get_envs() {
            match value {
                Some(value) => git.env(name, value),
                None => git.env_remove(name),
            };
        }
        git.env("PATH", format!("{programs}:{path}"))
            .env("COMMUN_KEY", &camille.key)
            .env("GIT_TERMINAL_PROMPT", "0")
            .stdin(Stdio::null());
        Ok(git.current_dir(folder).args(args).output()?)
    };
    let new = commit(&local, "file.txt", "by name\n", "By name")?;
    let push = ["push", "commun://univ-angers/atelier", "main"];
    let pushed = git(&f.nodes[0], &local, &push)?;
    ensure!(pushed.status.success(), "{}", said(&pushed));
    let item = f.nodes[0]
        .client()?
        .item(&NAME.parse().map_err(anyhow::Error::msg)?)?
        .id
        .clone();
    let urls = [
        format!("commun://{NAME}"),
        format!("commun://{}", &item[..12]),
    ];
    f.wait("the second node serves the push", |f| {
        for (n, url) in urls.iter().enumerate() {
            let into = here.path().join(format!("got-{n}"));
            let _ = fs::remove_dir_all(&into);
            let into = into.to_string_lossy().into_owned();
            let got = git(&f.nodes[1], here.path(), &["clone", "--quiet", url, &into])?;
            if !got.status.success() {
                return Ok(false);
            }
            let head = content::git(Path::new(&into), None, &["rev-parse", "HEAD"])?;
            if head.trim() != new {
                return Ok(false);
            }
        }
        Ok(true)
    })?;
    // On a node where they are nobody, they are told so, and Git is given no password.
    let elsewhere = git(&f.nodes[1], &local, &push)?;
    ensure!(
        !elsewhere.status.success()
            && said(&elsewhere).contains("no person with this key is enrolled here"),
        "{}",
        said(&elsewhere)
    );
    f.stop()
}

#[test]
fn a_signature_is_good_once_at_one_node_for_what_it_says() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let (mut f, camille, _) = workshop(here.path())?;
    let node = &f.nodes[0];
    let client = commun_client::Client::new(&node.url(), None)?;
    let line = fs::read_to_string(camille.public())?;
    let host = format!("127.0.0.1:{}", node.ports().http);
    let ask = |host: &str, scopes: &str, seconds: u64| -> Result<(String, String)> {
        let challenge = client.challenge(&line)?;
        let request = commun_specs::token::TokenRequest {
            commons: challenge.commons.parse()?,
            node: challenge.node.parse()?,
            host,
            key: commun_specs::key::PublicKey::from_openssh(&line)?,
            nonce: &challenge.nonce,
            scopes,
            seconds,
        };
        let message = here.path().join("message");
        fs::write(&message, request.message().context("a message")?)?;
        let signed = Command::new("ssh-keygen")
            .args(["-q", "-Y", "sign", "-n", "commun", "-f"])
            .arg(&camille.key)
            .stdin(fs::File::open(&message)?)
            .output()?;
        Ok((challenge.nonce.clone(), String::from_utf8(signed.stdout)?))
    };
    let answer = |(nonce, signature): &(String, String), scope: &str, seconds: u64| {
        let answer = commun_client::Answer {
            key: &line,
            nonce,
            signature,
            scope,
            expires_in: seconds,
        };
        client.answer(&answer).map_err(|e| e.status())
    };
    let good = ask(&host, "repository", 900)?;
    // Another scope or time than was signed is refused, and leaves the question open.
    ensure!(answer(&good, "write", 900).err() == Some(Some(403)));
    ensure!(answer(&good, "repository", 899).err() == Some(Some(403)));
    ensure!(answer(&good, "repository", 900).is_ok());
    ensure!(
        answer(&good, "repository", 900).err() == Some(Some(403)),
        "a nonce was good twice"
    );
    // Who was asked by another host in between signed that host.
    let passed_on = ask("evil.example", "repository", 900)?;
    ensure!(answer(&passed_on, "repository", 900).err() == Some(Some(403)));
    let long = ask(&host, "repository", 86_400)?;
    ensure!(
        answer(&long, "repository", 86_400).err() == Some(Some(422)),
        "a long token"
    );
    let stranger = Somebody::new(here.path(), "stranger", "ed25519")?;
    let unknown = client.challenge(&fs::read_to_string(stranger.public())?);
    ensure!(unknown.is_err_and(|e| e.status() == Some(403)));
    f.stop()
}

#[test]
fn a_token_is_good_for_its_scope_until_its_end_or_its_revocation() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let (mut f, camille, id) = workshop(here.path())?;
    let node = &f.nodes[0];
    let operator = Typist::operator(node)?;
    operator.done(
        here.path(),
        &[
            "repo",
            "create",
            "autre",
            "--title",
            "Autre",
            "--licence",
            "EUPL-1.2",
        ],
    )?;
    let publisher = Somebody::new(here.path(), "publisher", "ed25519")?;
    let publisher = publisher.enrol(node, &["developer", "publisher"])?;
    let token = |person: &str, more: &[&str]| -> Result<String> {
        let mut args = vec!["token", "create", person];
        args.extend(more);
        Ok(operator.done(here.path(), &args)?.out.trim().to_owned())
    };
    let local = here.path().join("atelier");
    let mut n = 0;
    let mut pushes = |token: &str, slug: &str| -> Result<String> {
        n += 1;
        commit(&local, "file.txt", &format!("{n}\n"), &format!("Try {n}"))?;
        let remote = format!("{}/univ-angers/{slug}.git", node.url());
        content::git(
            &local,
            Some(token),
            &["push", "--quiet", &remote, "HEAD:refs/heads/main"],
        )
    };
    fs::write(here.path().join("note.md"), "# Note\n")?;
    let publishes = |token: &str, slug: &str| -> Result<i32> {
        let mut command = Typist::reader(node).command(
            here.path(),
            &[
                "publish",
                "note.md",
                "--slug",
                slug,
                "--title",
                "Note",
                "--licence",
                "CC0-1.0",
                "--language",
                "fr",
            ],
        )?;
        let done = command.env("COMMUN_TOKEN", token).output()?;
        println!("{slug}: {}", String::from_utf8_lossy(&done.stderr));
        done.status.code().context("an exit code")
    };
    let everything = token(&publisher, &[])?;
    let any = token(&publisher, &["--scope", "repository"])?;
    let one = token(&publisher, &["--scope", "repository:univ-angers/autre"])?;
    let publish = token(&publisher, &["--scope", "publish"])?;
    for (token, atelier, autre, may_publish) in [
        (&everything, true, true, 0),
        (&any, true, true, 4),
        (&one, false, true, 4),
        (&publish, false, false, 0),
    ] {
        let pushed = pushes(token, "atelier");
        ensure!(pushed.is_ok() == atelier, "{pushed:?}");
        if !atelier {
            let why = format!("{:#}", pushed.err().context("it failed")?);
            ensure!(why.contains("403"), "{why}");
        }
        ensure!(pushes(token, "autre").is_ok() == autre);
        let slug = format!("note-{atelier}-{autre}-{may_publish}");
        ensure!(publishes(token, &slug)? == may_publish, "{slug}");
    }
    // Two scopes in one, and words that are none.
    let both = token(
        &publisher,
        &[
            "--scope",
            "publish",
            "--scope",
            "repository:univ-angers/atelier",
        ],
    )?;
    ensure!(pushes(&both, "atelier").is_ok() && publishes(&both, "deux")? == 0);
    for bad in ["read", "repository:x", "admin"] {
        let no = operator.run(
            here.path(),
            &["token", "create", &publisher, "--scope", bad],
        )?;
        ensure!(no.code == Some(4), "{bad}: {no:?}");
    }

    // Its end.
    let short = token(&id, &["--expires", "3s"])?;
    pushes(&short, "atelier")?;
    wait_until("the token ends", || Ok(pushes(&short, "atelier").is_err()))?;
    let no = operator.run(
        here.path(),
        &["token", "create", &id, "--expires", "tomorrow"],
    )?;
    ensure!(no.code == Some(2), "{no:?}");

    // Its revocation.
    let mine = token(&id, &["--expires", "1h"])?;
    pushes(&mine, "atelier")?;
    let listed = operator
        .done(here.path(), &["token", "list", &id, "--json"])?
        .json()?;
    let listed = &listed["tokens"];
    ensure!(listed.as_array().is_some_and(|l| l.len() == 1), "{listed}");
    let name = listed[0]["id"].as_str().context("an id")?;
    ensure!(!mine.contains(name));
    operator.done(here.path(), &["token", "revoke", name])?;
    ensure!(
        pushes(&mine, "atelier").is_err(),
        "a token outlived its revocation"
    );
    let again = operator.run(here.path(), &["token", "revoke", name])?;
    ensure!(again.code == Some(1), "{again:?}");
    drop(camille);
    f.stop()
}

/// Processes below a node.
fn children(node: &Node) -> Result<Vec<String>> {
    let parent = node.pid().context("it runs")?.to_string();
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let Ok(stat) = fs::read_to_string(entry?.path().join("stat")) else {
            continue;
        };
        // pid (name) state parent …
        let (Some(name), Some((_, rest))) = (stat.split(['(', ')']).nth(1), stat.rsplit_once(") "))
        else {
            continue;
        };
        if rest.split(' ').nth(1) == Some(&parent) {
            found.push(name.to_owned());
        }
    }
    Ok(found)
}

#[test]
fn a_client_that_is_killed_leaves_no_process_behind() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let (mut f, camille, _) = workshop(here.path())?;
    let node = &f.nodes[0];
    for program in ["git-upload-pack", "git-receive-pack"] {
        let command = [program, "'/univ-angers/atelier.git'"];
        let mut asking = camille
            .connect(node, &[], &command)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut first = [0; 4];
        asking
            .stdout
            .as_mut()
            .context("piped")?
            .read_exact(&mut first)?;
        // A push's process begins when its commands are there and its pack is on the way.
        if program == "git-receive-pack" {
            let zero = "0".repeat(40);
            let line = format!("{zero} {} refs/heads/x\0report-status", "1".repeat(40));
            let packet = format!("{:04x}{line}0000PACK", line.len() + 4);
            let input = asking.stdin.as_mut().context("piped")?;
            input.write_all(packet.as_bytes())?;
            input.flush()?;
        }
        wait_until(
            "Git runs below the node",
            || Ok(!children(node)?.is_empty()),
        )?;
        asking.kill()?;
        asking.wait()?;
        wait_until("nothing runs below the node", || {
            Ok(children(node)?.is_empty())
        })?;
    }
    // Nothing of the broken push stayed, and the next one is taken.
    let local = here.path().join("again");
    camille.git(
        here.path(),
        &["clone", "--quiet", &url(node, NAME), "again"],
    )?;
    commit(&local, "file.txt", "again\n", "Again")?;
    camille.git(&local, &["push", "--quiet", "origin", "main"])?;
    f.stop()
}
