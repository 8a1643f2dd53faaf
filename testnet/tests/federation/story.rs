//! The story of a component, from three empty machines to a release that a second institution runs: what the
//! developers' handbook tells, with real nodes, real `git` and real `ssh`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use commun_testnet::{
    commun::{Said, Typist},
    content,
    federation::Federation,
    http,
    process::{Node, program},
};

use super::{
    deeds::{begin_repository, clone, head, names, the_same_answers_everywhere},
    kills::sound,
    turn::turn,
};

const NAME: &str = "univ-angers/atelier";
const MAIN: &str = "refs/heads/main";
/// The owner's node, another home's, and that of an institution that only takes part.
const A: usize = 0;
const B: usize = 1;
const C: usize = 2;

/// A developer: a folder of their own, an SSH key that their institution enrolled, and an access token.
struct Developer {
    home: PathBuf,
    key: PathBuf,
    typist: Typist,
    ssh_port: u16,
}

impl Developer {
    fn enrolled(node: &Node, name: &str, here: &Path) -> Result<Self> {
        let home = here.join(name);
        fs::create_dir_all(&home)?;
        let key = home.join("id_ed25519");
        let made = Command::new("ssh-keygen")
            .args(["-q", "-t", "ed25519", "-N", "", "-C", name, "-f"])
            .arg(&key)
            .status()
            .context("ssh-keygen cannot be run (package openssh-client)")?;
        ensure!(made.success(), "ssh-keygen failed");
        let public = key.with_extension("pub").to_string_lossy().into_owned();
        let operator = Typist::operator(node)?;
        let enrol = [
            "person",
            "add",
            name,
            "--role",
            "developer",
            "--json",
            "--key",
        ];
        let person = [&enrol[..], &[&*public]].concat();
        let person = operator.done(&home, &person)?.json()?;
        let id = person["id"].as_str().context("a person's id")?;
        let token = operator
            .done(&home, &["token", "create", id, "--json"])?
            .json()?;
        let token = token["token"].as_str().context("a token")?;
        Ok(Self {
            typist: Typist::holding(node, token),
            ssh_port: node.ports().ssh,
            home,
            key,
        })
    }

    /// Stock Git over SSH, signing commits, tags and pushes with the same key.
    fn git(&self, folder: &Path, args: &[&str]) -> Result<String> {
        let (key, known) = (self.key.display(), self.home.join("known_hosts"));
        let ssh = format!(
            "core.sshCommand=ssh -F /dev/null -i {key} -o IdentitiesOnly=yes -o IdentityAgent=none \
             -o StrictHostKeyChecking=accept-new -o UserKnownHostsFile={}",
            known.display()
        );
        let signing = format!("user.signingKey={key}");
        let settings = [
            &*ssh,
            "ssh.variant=ssh",
            "gpg.format=ssh",
            &*signing,
            "commit.gpgSign=true",
            "tag.gpgSign=true",
            "push.gpgSign=if-asked",
        ];
        let mut all: Vec<&str> = settings.iter().flat_map(|s| ["-c", *s]).collect();
        all.extend(args);
        content::git(folder, None, &all)
    }

    /// The repository at their institution's node.
    fn url(&self) -> String {
        format!("ssh://git@127.0.0.1:{}/{NAME}.git", self.ssh_port)
    }

    fn commun(&self, args: &[&str]) -> Result<Said> {
        self.typist.done(&self.home, args)
    }

    /// A commit of their own.
    fn commit(&self, local: &Path, file: &str, text: &str, message: &str) -> Result<String> {
        let path = local.join(file);
        fs::create_dir_all(path.parent().context("a folder")?)?;
        fs::write(path, text)?;
        self.git(local, &["add", "-A"])?;
        self.git(local, &["commit", "--quiet", "-m", message])?;
        Ok(self.git(local, &["rev-parse", "HEAD"])?.trim().to_owned())
    }
}

#[test]
fn a_component_grows_in_three_institutions_and_a_second_one_runs_its_release() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = Federation::temporary(3)?;
    let ada = Developer::enrolled(&f.nodes[A], "Ada", here.path())?;
    let bao = Developer::enrolled(&f.nodes[B], "Bao", here.path())?;
    let chloe = Developer::enrolled(&f.nodes[C], "Chloé", here.path())?;

    let begun = ada_shares_a_component(&f, &ada)?;
    everywhere(&mut f, here.path(), &begun)?;
    ensure!(
        names(&f.nodes[C], "atelier de calcul")?.contains(&NAME.to_owned()),
        "C does not find the component"
    );

    let at_bao = bao_pushes_at_home(&mut f, &ada, &bao)?;
    everywhere(&mut f, here.path(), &at_bao)?;
    let merged = chloe_proposes_and_ada_merges(&mut f, &ada, &bao, &chloe)?;
    everywhere(&mut f, here.path(), &merged)?;
    chloe_asks_and_ada_answers(&mut f, &ada, &chloe)?;
    ada_releases(&mut f, &ada)?;
    insa_adopts(&mut f, &chloe)?;
    the_same_answers_everywhere(&f, &["atelier", ""])?;
    the_owner_is_gone(&mut f, here.path(), &merged)?;
    for node in &mut f.nodes {
        node.stop()?;
        sound(&node.data)?;
    }
    f.stop()
}

fn ada_shares_a_component(f: &Federation, ada: &Developer) -> Result<String> {
    ada.commun(&[
        "repo",
        "create",
        "atelier",
        "--title",
        "Atelier de calcul",
        "--licence",
        "EUPL-1.2",
        "--language",
        "fr",
    ])?;
    let local = ada.home.join("atelier");
    begin_repository(&local)?;
    ada.commit(
        &local,
        "README.md",
        "# Atelier\n\nDes exercices de calcul, [à lire](docs/lire.md).\n",
        "Say what it is",
    )?;
    ada.commit(&local, "docs/lire.md", "# Lire\n", "Explain")?;
    ada.commit(
        &local,
        "codemeta.json",
        r#"{"@context":"https://w3id.org/codemeta/3.0","@type":"SoftwareSourceCode","name":"Atelier","description":"Exercices de calcul corrigés.","license":"https://spdx.org/licenses/EUPL-1.2","version":"1.0.0","programmingLanguage":"Python"}"#,
        "Describe it for catalogues",
    )?;
    let head = ada.commit(&local, "calcul.py", "print(2 + 2)\n", "Begin to count")?;
    ada.git(&local, &["remote", "add", "origin", &ada.url()])?;
    ada.git(
        &local,
        &["push", "--quiet", "origin", "HEAD:refs/heads/main"],
    )?;
    ada.commun(&["repo", "protect", NAME, "main"])?;
    let page = http::get(f.nodes[A].ports().http, &format!("/{NAME}"), &[])?;
    ensure!(
        page.text().contains("exercices de calcul"),
        "the README is not on the page"
    );
    Ok(head)
}

fn bao_pushes_at_home(f: &mut Federation, ada: &Developer, bao: &Developer) -> Result<String> {
    ada.commun(&["repo", "maintainers", NAME, "add", &f.nodes[B].handle])?;
    f.converge()?;
    bao.git(&bao.home, &["clone", "--quiet", &bao.url(), "atelier"])?;
    let local = bao.home.join("atelier");
    let new = bao.commit(&local, "produit.py", "print(6 * 7)\n", "Multiply")?;
    bao.git(
        &local,
        &["push", "--quiet", "origin", "HEAD:refs/heads/main"],
    )?;
    Ok(new)
}

fn chloe_proposes_and_ada_merges(
    f: &mut Federation,
    ada: &Developer,
    bao: &Developer,
    chloe: &Developer,
) -> Result<String> {
    chloe.git(&chloe.home, &["clone", "--quiet", &chloe.url(), "atelier"])?;
    let local = chloe.home.join("atelier");
    let proposed = chloe.commit(
        &local,
        "quotient.py",
        "print(84 / 2)\n",
        "Divide\n\nFor the third exercise.",
    )?;
    // Her institution may not push to main; everybody may propose.
    let refused = chloe.git(&local, &["push", "origin", "HEAD:refs/heads/main"]);
    ensure!(
        refused.is_err(),
        "an institution that is not listed pushed to main"
    );
    chloe.git(
        &local,
        &["push", "--quiet", "origin", "HEAD:refs/for/main/quotient"],
    )?;
    f.converge()?;
    let listed = |who: &Developer| -> Result<serde_json::Value> {
        let all = who.commun(&["merge-request", "list", NAME, "--state", "all", "--json"])?;
        let first = all.json()?["merge_requests"][0].clone();
        ensure!(
            first["title"] == "Divide",
            "another request is listed: {first}"
        );
        Ok(first)
    };
    let request = listed(ada)?;
    ensure!(request["new"] == proposed.as_str());
    let id = request["id"].as_str().context("an id")?;
    bao.commun(&[
        "merge-request",
        "comment",
        NAME,
        id,
        "--text",
        "Good for Lorraine.",
    ])?;
    ada.commun(&["merge-request", "approve", NAME, id, "--text", "Thank you."])?;
    f.wait("Ada's node holds what is proposed", |_| {
        let shown = ada.commun(&["merge-request", "show", NAME, id, "--json"])?;
        Ok(shown.json()?["local"] == true)
    })?;
    ada.commun(&["merge-request", "merge", NAME, id])?;
    let merged = head(&f.nodes[A], NAME, &ada.home)?;
    f.converge()?;
    f.wait("Chloé sees that it is merged", |_| {
        Ok(listed(chloe)?["state"] == "merged")
    })?;
    let told = chloe.commun(&["merge-request", "show", NAME, id])?;
    for words in ["Good for Lorraine.", "Thank you."] {
        ensure!(
            told.out.contains(words),
            "{words:?} is not shown: {}",
            told.out
        );
    }
    Ok(merged)
}

fn chloe_asks_and_ada_answers(
    f: &mut Federation,
    ada: &Developer,
    chloe: &Developer,
) -> Result<()> {
    let title = "Division by zero";
    let opened = chloe.commun(&[
        "thread",
        "open",
        NAME,
        "--title",
        title,
        "--text",
        "What then?",
        "--json",
    ])?;
    let id = opened.json()?["id"].as_str().context("an id")?.to_owned();
    f.converge()?;
    ada.commun(&[
        "thread",
        "comment",
        NAME,
        &id,
        "--text",
        "It is an error, and says so.",
    ])?;
    ada.commun(&["thread", "label", NAME, &id, "question"])?;
    ada.commun(&["thread", "close", NAME, &id])?;
    f.converge()?;
    let seen = chloe.commun(&["thread", "show", NAME, &id])?.out;
    for words in [title, "It is an error, and says so.", "question", "closed"] {
        ensure!(seen.contains(words), "{words:?} is not shown: {seen}");
    }
    Ok(())
}

fn ada_releases(f: &mut Federation, ada: &Developer) -> Result<()> {
    let local = ada.home.join("atelier");
    ada.git(&local, &["pull", "--quiet", "--ff-only", "origin", "main"])?;
    ada.git(&local, &["tag", "-m", "First release", "v1.0.0"])?;
    ada.git(&local, &["push", "--quiet", "origin", "v1.0.0"])?;
    f.converge()?;
    // The log names the signed tag itself, and so does what is served: nothing is on its way.
    f.wait("every node shows the signed tag as served", |f| {
        for node in &f.nodes {
            let page = http::get(
                node.ports().http,
                &format!("/{NAME}/verification?lang=en"),
                &[],
            )?;
            let page = page.text();
            ensure!(page.contains("refs/tags/v1.0.0"), "{page}");
            if page.contains("still on their way") || page.contains("not here yet") {
                return Ok(false);
            }
        }
        Ok(true)
    })?;
    let path = format!("/{NAME}/archive/v1.0.0.tar.gz");
    f.wait("every node gives the same archive of the release", |f| {
        let mut seen = Vec::new();
        for node in &f.nodes {
            let got = http::get(node.ports().http, &path, &[])?;
            seen.push((got.status, got.body));
        }
        Ok(seen.iter().all(|s| s.0 == 200 && *s == seen[0]))
    })
}

fn insa_adopts(f: &mut Federation, chloe: &Developer) -> Result<()> {
    Typist::operator(&f.nodes[C])?.done(
        &chloe.home,
        &[
            "adopt",
            NAME,
            "--version",
            "1.0.0",
            "--contact",
            "Chloé, atelier@insa.example",
        ],
    )?;
    f.converge()?;
    let page = http::get(f.nodes[A].ports().http, &format!("/{NAME}"), &[])?.text();
    for words in ["insa-rennes", "1.0.0", "atelier@insa.example"] {
        ensure!(
            page.contains(words),
            "the owner's page does not show {words:?}"
        );
    }
    Ok(())
}

/// The owner's node dies: the rest have all of it, and can prove it.
fn the_owner_is_gone(f: &mut Federation, here: &Path, merged: &str) -> Result<()> {
    f.nodes[A].kill();
    for n in [B, C] {
        clone(&f.nodes[n], NAME, &here.join(format!("orphan-{n}")))?;
        ensure!(head(&f.nodes[n], NAME, here)? == merged);
    }
    // By name, through the local node.
    let by_name = here.join("by-name");
    let helper = program("git-remote-commun")?;
    let path = std::env::join_paths(helper.parent().into_iter().map(Path::to_owned).chain(
        std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()),
    ))?;
    let cloned = Command::new("git")
        .args(["clone", "--quiet", &format!("commun://{NAME}")])
        .arg(&by_name)
        .env("PATH", path)
        .env("COMMUN_NODE", f.nodes[C].url())
        .stdin(Stdio::null())
        .status()?;
    ensure!(
        cloned.success(),
        "the component cannot be cloned by its name"
    );
    let verified = Typist::reader(&f.nodes[C])
        .done(here, &["verify", NAME])?
        .out;
    for words in [MAIN, "univ-angers", "univ-lorraine"] {
        ensure!(
            verified.contains(words),
            "{words:?} is not in the history: {verified}"
        );
    }
    f.nodes[A].start()?;
    f.converge()?;
    Ok(())
}

/// Waits until every node serves this commit.
fn everywhere(f: &mut Federation, here: &Path, wanted: &str) -> Result<()> {
    f.converge()?;
    f.wait("every node serves the commit", |f| {
        for node in &f.nodes {
            if head(node, NAME, here)? != wanted {
                return Ok(false);
            }
        }
        Ok(true)
    })
}
