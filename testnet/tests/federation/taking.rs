//! What is taken down is gone where it should be gone, and nowhere else; what is adapted keeps its origin.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};
use commun_testnet::{
    commun::Typist,
    federation::{Federation, wait_until},
    http,
    process::Node,
};
use serde_json::{Value, json};

use super::{deeds::publish, turn::turn};

const SECRET: &str = "quelque chose que personne ne devait jamais lire, sous aucun pretexte";
const TITLE: &str = "Liste nominative des absents";

fn metadata(slug: &str, title: &str, licence: &str) -> Value {
    json!({"slug": slug, "title": {"fr": title}, "licence": licence, "language": ["fr"]})
}

fn status(node: &Node, path: &str) -> Result<(u16, String)> {
    let answer = http::get(node.ports().http, path, &[])?;
    Ok((answer.status, answer.text()))
}

fn document(node: &Node, path: &str) -> Result<Value> {
    let (status, text) = status(node, path)?;
    ensure!(status == 200, "{path}: {status} {text}");
    Ok(serde_json::from_str(&text)?)
}

fn hits(node: &Node, query: &str) -> Result<u64> {
    let found = document(node, &format!("/api/v1/search?q={query}"))?;
    found["total"].as_u64().context("a total")
}

/// Whether any file of a node holds these bytes.
fn on_disk(folder: &Path, needle: &[u8]) -> Result<bool> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        // Sockets and pipes are no files.
        if path.is_dir() {
            if on_disk(&path, needle)? {
                return Ok(true);
            }
        } else if path.is_file()
            && let Ok(bytes) = fs::read(&path)
            && bytes.windows(needle.len()).any(|w| w == needle)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

fn holds(node: &Node) -> Result<bool> {
    Ok(on_disk(&node.data, &SECRET.as_bytes()[..40])? || on_disk(&node.data, TITLE.as_bytes())?)
}

#[test]
fn what_is_erased_is_gone_from_every_disk_also_from_one_that_was_away() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = Federation::temporary(3)?;
    let made = metadata("absents", TITLE, "CC0-1.0");
    let files = [("liste.txt", SECRET.as_bytes())];
    let name = publish(&f.nodes[0], None, &made, &files)?;
    f.wait("every node holds it", |f| {
        for node in &f.nodes {
            let file = format!("/api/v1/items/{name}/files/liste.txt");
            if status(node, &file)?.0 != 200 || hits(node, "nominative")? != 1 {
                return Ok(false);
            }
        }
        Ok(true)
    })?;
    for node in &f.nodes {
        ensure!(holds(node)?, "the bytes are not where they should be");
    }
    f.nodes[2].stop()?;
    let operator = Typist::operator(&f.nodes[0])?;
    let refused = operator.run(here.path(), &["erase", &name, "--reason", "x"])?;
    ensure!(refused.code == Some(2), "an erasure must be confirmed");
    let erase = [
        "erase",
        &name,
        "--reason",
        "des noms",
        "--code",
        "personal-data",
        "--yes",
    ];
    operator.done(here.path(), &erase)?;
    for node in &f.nodes[..2] {
        wait_until("the bytes are gone", || Ok(!holds(node)?))?;
        wait_until("it is withdrawn", || {
            Ok(status(node, &format!("/{name}"))?.0 == 410)
        })?;
        let (code, why) = status(node, &format!("/api/v1/items/{name}/files/liste.txt"))?;
        ensure!(code == 410, "{code} {why}");
        wait_until("nobody finds it", || Ok(hits(node, "nominative")? == 0))?;
    }
    ensure!(holds(&f.nodes[2])?, "it was away");
    // It comes back, and gives nothing back.
    f.nodes[2].start()?;
    let root = f.converge()?;
    ensure!(!root.is_empty());
    for node in &f.nodes {
        wait_until("the bytes are gone everywhere", || Ok(!holds(node)?))?;
    }
    // Nor by publishing them again.
    let again = metadata("autre", "Autre", "CC0-1.0");
    let refused = publish(&f.nodes[0], None, &again, &files);
    ensure!(refused.is_err(), "what was erased came back");
    wait_until("it is not on the disk", || Ok(!holds(&f.nodes[0])?))?;
    f.stop()
}

/// The word "jamais" is in one of the files only.
#[test]
fn in_another_item_no_file_comes_back() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = Federation::temporary(2)?;
    let secret = ("liste.txt", SECRET.as_bytes());
    let common = (
        "notes.txt",
        "ce que tout le monde lit, autant qu’il veut".as_bytes(),
    );
    let erased = publish(
        &f.nodes[0],
        None,
        &metadata("un", "Un", "CC0-1.0"),
        &[secret],
    )?;
    let operators = [
        Typist::operator(&f.nodes[0])?,
        Typist::operator(&f.nodes[1])?,
    ];
    f.wait("both know it", |f| {
        Ok(hits(&f.nodes[0], "jamais")? == 1 && hits(&f.nodes[1], "jamais")? == 1)
    })?;
    let adapted = publish(
        &f.nodes[0],
        None,
        &metadata("deux", "Deux", "CC0-1.0"),
        &[common, secret],
    )?;
    let erase = |name: &str| {
        operators[0].done(
            here.path(),
            &["erase", name, "--reason", "des noms", "--yes"],
        )
    };
    // What another item names stays, and whoever erases is told.
    let said = erase(&erased)?;
    ensure!(said.err.contains(&adapted), "{}", said.err);
    let said = erase(&adapted)?;
    ensure!(!said.err.contains("stays"), "{}", said.err);
    // At once, not when the bytes are gone.
    let again = publish(
        &f.nodes[0],
        None,
        &metadata("trois", "Trois", "CC0-1.0"),
        &[secret],
    );
    ensure!(again.is_err(), "what was erased came back");
    f.wait("the bytes are gone", |f| {
        Ok(!holds(&f.nodes[0])? && !holds(&f.nodes[1])?)
    })?;

    let other = ("notes.txt", b"autre chose".as_slice());
    // The other institution publishes the same: that is its decision. Here comes of it what was not erased.
    let theirs = publish(
        &f.nodes[1],
        None,
        &metadata("quatre", "Quatre", "CC0-1.0"),
        &[other, secret],
    )?;
    wait_until("it is found there by its words", || {
        Ok(hits(&f.nodes[1], "jamais")? == 1)
    })?;
    let file = |name: &str, file: &str| format!("/api/v1/items/{name}/files/{file}");
    wait_until("its other file is here", || {
        Ok(status(&f.nodes[0], &file(&theirs, "notes.txt"))?.0 == 200)
    })?;
    ensure!(status(&f.nodes[0], &file(&theirs, "liste.txt"))?.0 == 410);
    // The other institution says which words are in it; those of the erased file are among them.
    let four = theirs.clone();

    // What is hidden comes back as little, and is there again when it is shown.
    let hide = ["hide", &theirs, "--reason", "une plainte"];
    operators[1].done(here.path(), &hide)?;
    let again = publish(
        &f.nodes[1],
        None,
        &metadata("cinq", "Cinq", "CC0-1.0"),
        &[secret],
    );
    ensure!(again.is_err(), "what is hidden came back");
    ensure!(status(&f.nodes[1], &file(&theirs, "liste.txt"))?.0 == 451);
    operators[1].done(here.path(), &["unhide", &theirs])?;
    wait_until(
        "it is found again",
        || Ok(hits(&f.nodes[1], "jamais")? == 1),
    )?;

    // So is what another item could not have meanwhile.
    let shared = ("tiers.txt", "la part commune du sanctuaire".as_bytes());
    let hidden = publish(
        &f.nodes[0],
        None,
        &metadata("six", "Six", "CC0-1.0"),
        &[shared],
    )?;
    let hide = ["hide", &hidden, "--reason", "une plainte"];
    operators[0].done(here.path(), &hide)?;
    let theirs = publish(
        &f.nodes[1],
        None,
        &metadata("sept", "Sept", "CC0-1.0"),
        &[("notes.txt", b"un tambour".as_slice()), shared],
    )?;
    wait_until("its other file is here", || {
        Ok(status(&f.nodes[0], &file(&theirs, "notes.txt"))?.0 == 200)
    })?;
    ensure!(status(&f.nodes[0], &file(&theirs, "tiers.txt"))?.0 == 451);
    wait_until("it is found there by its words", || {
        Ok(hits(&f.nodes[1], "tambour")? == 1)
    })?;
    wait_until("it is found here by its title", || {
        Ok(hits(&f.nodes[0], "sept")? == 1)
    })?;
    for (word, name) in [("jamais", &four), ("sanctuaire", &theirs)] {
        ensure!(hits(&f.nodes[0], word)? == 0, "{name} is found by {word}");
    }
    operators[0].done(here.path(), &["unhide", &hidden])?;
    wait_until("the file comes back", || {
        Ok(status(&f.nodes[0], &file(&theirs, "tiers.txt"))?.0 == 200)
    })?;
    wait_until(
        "and its words",
        || Ok(hits(&f.nodes[0], "sanctuaire")? == 2),
    )?;
    ensure!(hits(&f.nodes[0], "jamais")? == 0);
    f.stop()
}

#[test]
fn a_withdrawal_says_why_everywhere_and_a_hiding_on_one_node_only() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = Federation::temporary(2)?;
    let name = publish(
        &f.nodes[0],
        None,
        &metadata("cours", "Cours de topologie", "CC-BY-4.0"),
        &[("cours.md", b"# Topologie")],
    )?;
    f.wait("both find it", |f| {
        let mut all = true;
        for node in &f.nodes {
            all &= hits(node, "topologie")? == 1;
        }
        Ok(all)
    })?;
    let operators = [
        Typist::operator(&f.nodes[0])?,
        Typist::operator(&f.nodes[1])?,
    ];
    // The other institution hides it: at once, there, and nowhere else; also after a restart.
    let hide = ["hide", &name, "--reason", "une plainte", "--quarantine"];
    operators[1].done(here.path(), &hide)?;
    let file = format!("/api/v1/items/{name}/files/cours.md");
    for path in [&format!("/{name}"), &format!("/api/v1/items/{name}"), &file] {
        let (code, text) = status(&f.nodes[1], path)?;
        ensure!(code == 451, "{path}: {code} {text}");
        ensure!(status(&f.nodes[0], path)?.0 == 200, "{path}");
    }
    wait_until("it is not found there", || {
        Ok(hits(&f.nodes[1], "topologie")? == 0)
    })?;
    ensure!(hits(&f.nodes[0], "topologie")? == 1);
    f.nodes[1].stop()?;
    f.nodes[1].start()?;
    ensure!(
        status(&f.nodes[1], &file)?.0 == 451,
        "it came back with a restart"
    );
    operators[1].done(here.path(), &["unhide", &name])?;
    wait_until("it is found again", || {
        Ok(hits(&f.nodes[1], "topologie")? == 1)
    })?;

    // Somebody reports it; both institutions read that, nobody else does.
    let report = ["report", &name, "--text", "la figure 3", "--code", "rights"];
    operators[1].done(here.path(), &report)?;
    wait_until("the publisher hears of it", || {
        let said = operators[0]
            .done(here.path(), &["report", "list", "--json"])?
            .json()?;
        Ok(said["reports"][0]["text"] == "la figure 3")
    })?;
    ensure!(status(&f.nodes[0], "/api/v1/reports")?.0 == 401);
    let said = operators[0]
        .done(here.path(), &["report", "list", "--json"])?
        .json()?;
    let id = said["reports"][0]["id"]
        .as_str()
        .context("an id")?
        .to_owned();
    operators[0].done(here.path(), &["report", "close", &id, "--note", "retiré"])?;

    let withdraw = [
        "withdraw",
        &name,
        "--reason",
        "La figure 3 n’est pas libre",
        "--code",
        "rights",
    ];
    operators[0].done(here.path(), &withdraw)?;
    for node in &f.nodes {
        wait_until("its page says why", || {
            let (code, text) = status(node, &format!("/{name}"))?;
            Ok(code == 410 && text.contains("La figure 3 n’est pas libre"))
        })?;
        let (code, text) = status(node, &file)?;
        ensure!(code == 410 && text.contains("figure 3"), "{code} {text}");
        wait_until("nobody finds it", || Ok(hits(node, "topologie")? == 0))?;
    }
    // Lifted by publishing again.
    publish(
        &f.nodes[0],
        None,
        &metadata("cours", "Cours de topologie", "CC-BY-4.0"),
        &[("cours.md", b"# Topologie, sans la figure")],
    )?;
    for node in &f.nodes {
        wait_until("it is back", || {
            Ok(status(node, &format!("/{name}"))?.0 == 200 && hits(node, "topologie")? == 1)
        })?;
    }
    f.stop()
}

#[test]
fn a_course_is_adapted_collected_and_credited_across_institutions() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = Federation::temporary(2)?;
    let origin = metadata("algebre", "Algèbre linéaire", "CC-BY-SA-4.0");
    let files: [(&str, &[u8]); 2] = [("cours.md", b"# Cours"), ("td.md", b"# Exercices")];
    let name = publish(&f.nodes[0], None, &origin, &files)?;
    let other = Typist::operator(&f.nodes[1])?;
    let file = format!("/api/v1/items/{name}/files/td.md");
    wait_until("the other node holds it", || {
        Ok(status(&f.nodes[1], &file)?.0 == 200)
    })?;
    fs::write(here.path().join("td.md"), "# Autres exercices")?;
    // Each licence is kept as far as it asks, and the refusal says why and what would do.
    let for_sale = metadata("calcul", "Calcul", "CC-BY-NC-4.0");
    let as_it_is = metadata("poemes", "Poèmes", "CC-BY-ND-4.0");
    let files: [(&str, &[u8]); 1] = [("texte.md", b"# Texte")];
    let mut refusals = vec![(name.clone(), "CC0-1.0", "changed versions keep it")];
    for (metadata, wanted, why) in [
        (&for_sale, "CC-BY-4.0", "forbids commercial use"),
        (&as_it_is, "CC-BY-ND-4.0", "forbids changing it"),
    ] {
        let origin = publish(&f.nodes[0], None, metadata, &files)?;
        let file = format!("/api/v1/items/{origin}/files/texte.md");
        wait_until("the other node holds it", || {
            Ok(status(&f.nodes[1], &file)?.0 == 200)
        })?;
        refusals.push((origin, wanted, why));
    }
    for (origin, wanted, why) in refusals {
        let args = ["derive", &origin, "--slug", "libre", "--licence", wanted];
        let refused = other.run(here.path(), &args)?;
        ensure!(
            refused.code == Some(4) && refused.err.contains(why),
            "{:?} {}",
            refused.code,
            refused.err
        );
    }
    let derive = [
        "derive",
        &name,
        "--slug",
        "algebre-bis",
        "--title",
        "Algèbre adaptée",
        "--with",
        "td.md",
        "--json",
    ];
    let made = other.done(here.path(), &derive)?.json()?;
    let adapted = made["name"].as_str().context("a name")?.to_owned();
    let shown = document(&f.nodes[1], &format!("/api/v1/items/{adapted}"))?;
    ensure!(
        shown["derived_from"][0]["name"] == name.as_str()
            && shown["derived_from"][0]["behind"] == 0
    );
    wait_until("the origin shows what was made from it", || {
        let shown = document(&f.nodes[0], &format!("/api/v1/items/{name}"))?;
        Ok(shown["derived_into"][0]["name"] == adapted.as_str())
    })?;
    // AMB 20231019 asks for the name of what it was made from.
    let amb = document(
        &f.nodes[1],
        &format!("/api/v1/items/{adapted}/export?format=amb"),
    )?;
    ensure!(amb["isBasedOn"][0]["name"] == "Algèbre linéaire", "{amb}");
    // The origin goes on.
    publish(
        &f.nodes[0],
        None,
        &origin,
        &[("cours.md", b"# Cours corrige")],
    )?;
    wait_until("who derived is told", || {
        let said = other.done(here.path(), &["show", &adapted])?;
        Ok(said.out.contains(&format!("1 version behind {name}")))
    })?;
    let (_, page) = status(&f.nodes[1], &format!("/{adapted}?lang=en"))?;
    ensure!(
        page.contains("1 version behind"),
        "the page does not say it"
    );
    wait_until("what changed there is known", || {
        let said = other.done(here.path(), &["derive", &adapted, "--compare"])?;
        Ok(said.out.contains("~ cours.md") && said.out.contains("- td.md"))
    })?;
    let (_, credits) = status(
        &f.nodes[1],
        &format!("/api/v1/items/{adapted}/attribution?format=markdown&lang=en"),
    )?;
    ensure!(
        credits.contains("Based on “[Algèbre linéaire](<http://"),
        "{credits}"
    );
    ensure!(credits.contains("Changes: 1 file changed."), "{credits}");
    let (_, entry) = status(
        &f.nodes[1],
        &format!("/api/v1/items/{adapted}/citation?format=bibtex"),
    )?;
    ensure!(entry.starts_with("@misc{"), "{entry}");

    let create = [
        "collection",
        "create",
        "semestre",
        "--title",
        "Semestre 1",
        &name,
        &adapted,
        "--json",
    ];
    let made = other.done(here.path(), &create)?.json()?;
    let collection = made["name"].as_str().context("a name")?.to_owned();
    other.done(
        here.path(),
        &["collection", "move", &collection, &adapted, "--to", "1"],
    )?;
    for node in &f.nodes {
        wait_until("every node shows the collection in its order", || {
            let (code, text) = status(node, &format!("/api/v1/items/{collection}/members"))?;
            let answer: Value = serde_json::from_str(&text).unwrap_or_default();
            Ok(code == 200 && answer["members"][0]["name"] == adapted.as_str())
        })?;
        let (code, page) = status(node, &format!("/{collection}"))?;
        ensure!(code == 200 && page.contains("Algèbre adaptée"), "{code}");
        let (code, feed) = status(node, &format!("/{collection}/feed.atom"))?;
        ensure!(code == 200 && feed.contains("<feed"), "{code} {feed}");
    }
    let first = Typist::operator(&f.nodes[0])?;
    first.done(here.path(), &["withdraw", &name, "--reason", "remplacé"])?;
    wait_until("a member that is withdrawn is shown as such", || {
        let answer = document(&f.nodes[1], &format!("/api/v1/items/{collection}/members"))?;
        Ok(answer["members"][1]["state"] == "withdrawn")
    })?;
    let fork = [
        "collection",
        "fork",
        &collection,
        "--slug",
        "mien",
        "--json",
    ];
    let mine = first.done(here.path(), &fork)?.json()?;
    ensure!(mine["name"] == "univ-angers/mien", "{mine}");
    f.stop()
}
