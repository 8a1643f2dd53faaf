//! A component is more than its code: what its files say is read, shown and found on every node, who uses it says so, and
//! one from elsewhere is taken in with its history.

use std::{fmt::Write as _, fs, path::Path, process::Stdio};

use anyhow::{Context, Result, ensure};
use commun_client::Maintain;
use commun_testnet::{
    commun::Typist,
    content::git,
    federation::{Federation, wait_until},
    http,
    process::Node,
};
use serde_json::Value;

use super::{
    deeds::{begin_repository, commit, head, push, push_new_repository},
    turn::turn,
};

const PUBLICCODE: &str = r#"publiccodeYmlVersion: "0.4"
name: Vidéothèque des exemples
url: "https://git.example.org/videotheque"
platforms: [web]
categories: [video-editor]
developmentStatus: stable
softwareType: "standalone/web"
description:
  fr:
    shortDescription: Diffusion de captations pédagogiques sous-titrées.
    longDescription: >
      Les enseignants déposent leurs captations depuis un navigateur ; l'encodage est réparti entre plusieurs machines ;
      la recherche porte sur les titres, les descriptions et les transcriptions. Un greffon les insère dans un cours.
legal: {license: AGPL-3.0-or-later}
maintenance: {type: community, contacts: [{name: Ada Exemple, email: ada@example.org}]}
localisation: {localisationReady: true, availableLanguages: [fr]}
dependsOn:
  open:
    - {name: univ-lorraine/lecteur, versionMin: "2.0"}
    - {name: PostgreSQL, versionMin: "15"}
"#;

fn json(node: &Node, path: &str, language: &str) -> Result<Value> {
    let language = format!("Accept-Language: {language}");
    let answer = http::get(node.ports().http, path, &[&language])?;
    ensure!(answer.status == 200, "{path}: {answer:?}");
    Ok(serde_json::from_str(&answer.text())?)
}

fn page(node: &Node, path: &str) -> Result<String> {
    let answer = http::get(node.ports().http, path, &[])?;
    ensure!(answer.status == 200, "{path}: {}", answer.status);
    Ok(answer.text())
}

#[test]
fn a_component_is_described_found_adopted_and_linked_on_every_node() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = Federation::temporary(3)?;
    push_new_repository(&f.nodes[1], "lecteur", here.path())?;
    push_new_repository(&f.nodes[0], "videotheque", here.path())?;
    let local = here.path().join("videotheque");
    git(&local, None, &["tag", "v1.9.0"])?;
    git(&local, None, &["tag", "v1.10.0"])?;
    fs::write(local.join("publiccode.yml"), PUBLICCODE)?;
    let described = commit(&local, "LICENSE", "MIT License\n", "Describe")?;
    push(
        &f.nodes[0],
        "univ-angers/videotheque",
        &local,
        &["main", "v1.9.0", "v1.10.0"],
    )?;

    for node in &f.nodes {
        wait_until("every node shows what the files say", || {
            let component = json(
                node,
                "/api/v1/items/univ-angers/videotheque/component",
                "fr",
            )?;
            Ok(component["commit"] == described.as_str() && component["newest"] == "v1.10.0")
        })?;
        let component = json(
            node,
            "/api/v1/items/univ-angers/videotheque/component",
            "fr",
        )?;
        let title = &component["values"]["title"];
        ensure!(
            title
                .as_array()
                .is_some_and(
                    |all| all.iter().any(|t| t["value"] == "Vidéothèque des exemples"
                        && t["file"] == "publiccode.yml"
                        && t["path"] == "name"
                        && t["method"] == "mapped")
                ),
            "the title does not say where it stood: {title}"
        );
        // The text of LICENSE is MIT, the repository's statement and publiccode.yml say something else.
        ensure!(
            component["warnings"] == 2 && component["errors"] == 0,
            "{}",
            component["problems"]
        );
        wait_until("both ends of a dependency show it", || {
            let uses = json(
                node,
                "/api/v1/items/univ-angers/videotheque/component",
                "fr",
            )?;
            let by = json(node, "/api/v1/items/univ-lorraine/lecteur/component", "fr")?;
            Ok(uses["uses"][0]["item"]["name"] == "univ-lorraine/lecteur"
                && uses["uses"][1]["item"].is_null()
                && uses["uses"][1]["name"] == "PostgreSQL"
                && by["used_by"][0]["name"] == "univ-angers/videotheque")
        })?;
        wait_until("search finds it by what the files say", || {
            let found = json(node, "/api/v1/search?q=captations", "fr")?;
            Ok(found["hits"][0]["name"] == "univ-angers/videotheque")
        })?;
        let fr = page(node, "/univ-angers/videotheque?lang=fr")?;
        let en = page(node, "/univ-angers/videotheque?lang=en")?;
        for (text, wanted) in [
            (&fr, "Métadonnées à corriger"),
            (&fr, "la licence déclarée est"),
            (&fr, "PostgreSQL"),
            (&fr, "Ada Exemple"),
            (&en, "Metadata to mend"),
            (&en, "the licence is stated as"),
            (&en, "1.10.0"),
        ] {
            ensure!(text.contains(wanted), "{wanted:?} is not on the page");
        }
    }

    adopted(&f, here.path())?;
    broken_by_another_home(&f, here.path())?;
    f.stop()
}

/// Another institution says that it uses it, and takes that back.
fn adopted(f: &Federation, here: &Path) -> Result<()> {
    const PATH: &str = "/api/v1/items/univ-angers/videotheque/adoptions";
    let b = Typist::operator(&f.nodes[1])?;
    let said = b.done(
        here,
        &[
            "adopt",
            "univ-angers/videotheque",
            "--since",
            "2026-01-02",
            "--contact",
            "Bob, bob@example.org",
            "--json",
        ],
    )?;
    // The newest release is what one runs if one does not say.
    ensure!(said.json()?["version"] == "1.10.0", "{}", said.out);
    for node in [&f.nodes[0], &f.nodes[2]] {
        wait_until("the others see who uses it", || {
            let all = json(node, PATH, "en")?;
            Ok(all["count"] == 1 && all["adoptions"][0]["contact"] == "Bob, bob@example.org")
        })?;
        let page_en = page(node, "/univ-angers/videotheque?lang=en")?;
        ensure!(
            page_en.contains("Bob, bob@example.org") && page_en.contains("Who can help"),
            "no contact on the page"
        );
        let institution = page(node, "/univ-lorraine?lang=en")?;
        ensure!(
            institution.contains("What it receives")
                && institution.contains("/univ-angers/videotheque"),
            "{institution}"
        );
    }
    let listed = Typist::reader(&f.nodes[2])
        .done(here, &["adopt", "--list", "--institution", "univ-lorraine"])?;
    ensure!(
        listed.out.contains("univ-angers/videotheque"),
        "{}",
        listed.out
    );
    b.done(
        here,
        &["adopt", "univ-angers/videotheque", "--status", "withdrawn"],
    )?;
    wait_until("it is seen that it was taken back", || {
        Ok(json(&f.nodes[2], PATH, "en")?["count"] == 0)
    })
}

/// Whoever accepts a push describes it; what is wrong is said with its line.
fn broken_by_another_home(f: &Federation, here: &Path) -> Result<()> {
    let name = "univ-angers/videotheque";
    let maintain = Maintain {
        institution: "univ-lorraine".to_owned(),
        ..Maintain::default()
    };
    f.nodes[0].client()?.maintain(name, &maintain)?;
    let local = here.join("videotheque");
    let broken = PUBLICCODE.replace("developmentStatus: stable", "developmentStatus: production");
    fs::write(local.join("publiccode.yml"), broken)?;
    let pushed = commit(
        &local,
        "codemeta.json",
        "{\"@context\": \"https://w3id.org/codemeta/3.0\",}\n",
        "Break",
    )?;
    wait_until("the other home takes the push", || {
        Ok(push(&f.nodes[1], name, &local, &["main"]).is_ok())
    })?;
    for node in &f.nodes {
        wait_until("the description of the other home is shown", || {
            let component = json(
                node,
                "/api/v1/items/univ-angers/videotheque/component",
                "en",
            )?;
            Ok(component["commit"] == pushed.as_str()
                && component["described_by"]["institution"] == "univ-lorraine")
        })?;
        let component = json(
            node,
            "/api/v1/items/univ-angers/videotheque/component",
            "fr",
        )?;
        let problems = component["problems"].as_array().context("problems")?;
        let status = problems
            .iter()
            .find(|p| p["path"] == "developmentStatus")
            .context("no problem of the status")?;
        ensure!(
            status["line"] == 6 && status["rule"] == "not-in-list",
            "{status}"
        );
        ensure!(
            status["what"]
                .as_str()
                .is_some_and(|what| what.contains("valeur du standard")),
            "{status}"
        );
        ensure!(
            problems
                .iter()
                .any(|p| p["file"] == "codemeta.json" && p["rule"] == "syntax"),
            "{problems:?}"
        );
        // Read all the same.
        ensure!(
            component["values"]["platform"][0]["value"] == "web",
            "{}",
            component["values"]
        );
    }
    Ok(())
}

#[test]
fn a_repository_from_elsewhere_is_taken_with_its_history_and_brought_up_to_date() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = Federation::temporary(2)?;
    let local = here.path().join("Old_Tool");
    begin_repository(&local)?;
    git(&local, None, &["branch", "-m", "main", "trunk"])?;
    long_history(&local)?;
    commit(&local, ".gitattributes", "*.bin filter=lfs\n", "Use LFS")?;
    git(&local, None, &["branch", "topic"])?;
    git(
        &local,
        None,
        &["tag", "--annotate", "v1", "--message", "One"],
    )?;
    git(&local, None, &["update-ref", "refs/pull/1/head", "trunk"])?;
    let folder = local.to_str().context("a path")?;
    let a = Typist::operator(&f.nodes[0])?;
    let name = "univ-angers/old-tool";

    let said = a.done(here.path(), &["repo", "import", folder, "--json"])?;
    let first = said.json()?;
    ensure!(
        first["created"] == true && first["name"] == name && first["lfs"] == true,
        "{first}"
    );
    ensure!(
        first["taken"].as_array().map(Vec::len) == Some(3),
        "{first}"
    );
    ensure!(first["left_out"][0]["prefix"] == "refs/pull/", "{first}");
    ensure!(
        said.err.contains("part 1 of 3"),
        "the history was not cut: {}",
        said.err
    );
    ensure!(
        !said.err.contains(&f.nodes[0].token()?),
        "the token was printed"
    );
    let wanted = git(&local, None, &["rev-parse", "HEAD"])?;
    let state = f.nodes[0].client()?.repository(name)?;
    ensure!(state.default_branch == "trunk", "{state:?}");
    let copy = here.path().join("copy");
    git(
        here.path(),
        None,
        &[
            "clone",
            "--quiet",
            &format!("{}/{name}.git", f.nodes[0].url()),
            "copy",
        ],
    )?;
    ensure!(
        git(&copy, None, &["rev-parse", "HEAD"])? == wanted,
        "another commit"
    );
    git(&copy, None, &["rev-parse", "v1^{tag}"])?;

    // Nothing is new; then a commit is.
    let again = a
        .done(here.path(), &["repo", "import", folder, "--json"])?
        .json()?;
    ensure!(
        again["created"] == false
            && again["unchanged"] == 3
            && again["taken"] == serde_json::json!([]),
        "{again}"
    );
    let newer = commit(&local, "a.txt", "a\n", "A")?;
    git(&local, None, &["branch", "-D", "topic"])?;
    let again = a
        .done(here.path(), &["repo", "import", folder, "--json"])?
        .json()?;
    ensure!(
        again["taken"] == serde_json::json!(["refs/heads/trunk"]),
        "{again}"
    );
    let listed = git(
        here.path(),
        None,
        &["ls-remote", &format!("{}/{name}.git", f.nodes[0].url())],
    )?;
    ensure!(
        listed.contains(&newer) && listed.contains("refs/heads/topic"),
        "{listed}"
    );
    let mirrored = a
        .done(
            here.path(),
            &["repo", "import", folder, "--mirror", "--json"],
        )?
        .json()?;
    ensure!(
        mirrored["deleted"] == serde_json::json!(["refs/heads/topic"]),
        "{mirrored}"
    );

    // Changed on both sides: left as it is, and said.
    git(&local, None, &["reset", "--quiet", "--hard", "HEAD~1"])?;
    commit(&local, "b.txt", "b\n", "B")?;
    let refused = a.run(here.path(), &["repo", "import", folder, "--json"])?;
    ensure!(
        refused.code == Some(4) && refused.err.contains("--mirror"),
        "{refused:?}"
    );
    let mirrored = a
        .done(
            here.path(),
            &["repo", "import", folder, "--mirror", "--json"],
        )?
        .json()?;
    ensure!(
        mirrored["taken"] == serde_json::json!(["refs/heads/trunk"]),
        "{mirrored}"
    );

    // From an address: another institution's node.
    let url = format!("{}/{name}.git", f.nodes[0].url());
    let b = Typist::operator(&f.nodes[1])?;
    let there = b
        .done(
            here.path(),
            &[
                "repo", "import", &url, "--slug", "tool", "--title", "Tool", "--json",
            ],
        )?
        .json()?;
    ensure!(
        there["name"] == "univ-lorraine/tool" && there["created"] == true,
        "{there}"
    );
    ensure!(
        b.done(
            here.path(),
            &["repo", "import", &url, "--slug", "tool", "--json"]
        )?
        .json()?["taken"]
            == serde_json::json!([]),
        "taken twice"
    );
    f.stop()
}

#[test]
fn what_the_node_does_not_take_is_said_and_the_rest_is_taken() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = Federation::temporary(1)?;
    let local = here.path().join("ancient");
    begin_repository(&local)?;
    // A tree with a zero-padded mode, as tools of 2006 wrote them.
    let blob = git(&local, None, &["hash-object", "-w", "README.md"])?;
    let inner = tree(&local, b"100644", "a", &blob)?;
    let outer = tree(&local, b"040000", "folder", &inner)?;
    let odd = git(&local, None, &["commit-tree", outer.trim(), "-m", "Old"])?;
    git(&local, None, &["update-ref", "refs/heads/odd", odd.trim()])?;
    let a = Typist::operator(&f.nodes[0])?;
    let said = a.run(
        here.path(),
        &[
            "repo",
            "import",
            local.to_str().context("a path")?,
            "--json",
        ],
    )?;
    let taken = said.json()?;
    ensure!(said.code == Some(4), "{said:?}");
    ensure!(
        taken["taken"] == serde_json::json!(["refs/heads/main"]),
        "{taken}"
    );
    ensure!(taken["refused"][0]["ref"] == "refs/heads/odd", "{taken}");
    ensure!(
        said.err.contains("zero-padded"),
        "the reason is not said: {}",
        said.err
    );
    ensure!(
        !head(&f.nodes[0], "univ-angers/ancient", here.path())?.is_empty(),
        "nothing was taken"
    );
    f.stop()
}

/// Writes a tree object byte by byte.
fn tree(local: &Path, mode: &[u8], name: &str, oid: &str) -> Result<String> {
    let mut bytes = mode.to_vec();
    bytes.push(b' ');
    bytes.extend(name.as_bytes());
    bytes.push(0);
    bytes.extend(data_encoding::HEXLOWER.decode(oid.trim().as_bytes())?);
    fs::write(local.join("tree.bin"), &bytes)?;
    git(
        local,
        None,
        &["hash-object", "-t", "tree", "-w", "--literally", "tree.bin"],
    )
}

/// Eleven thousand commits, so that the import cuts them.
fn long_history(local: &Path) -> Result<()> {
    let mut script = String::new();
    for n in 0..11_000 {
        let message = format!("Commit {n}");
        writeln!(
            script,
            "commit refs/heads/trunk\ncommitter A <a@example.org> {} +0000\ndata {}\n{message}",
            1_600_000_000 + n,
            message.len()
        )?;
        if n == 0 {
            writeln!(script, "from refs/heads/trunk^0")?;
        }
        writeln!(
            script,
            "M 644 inline n.txt\ndata {}\n{n}\n",
            n.to_string().len() + 1
        )?;
    }
    let mut child = std::process::Command::new("git")
        .arg("-C")
        .arg(local)
        .args(["fast-import", "--quiet"])
        .stdin(Stdio::piped())
        .spawn()?;
    let mut pipe = child.stdin.take().context("a pipe")?;
    std::io::Write::write_all(&mut pipe, script.as_bytes())?;
    drop(pipe);
    ensure!(child.wait()?.success(), "fast-import failed");
    git(local, None, &["reset", "--quiet", "--hard", "trunk"])?;
    Ok(())
}
