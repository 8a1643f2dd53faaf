//! What people think of an item is on its page everywhere, moves it in searches within bounds, and goes when it is taken back
//! or erased.

use anyhow::{Context, Result, ensure};
use commun_testnet::{
    commun::Typist,
    federation::{Federation, wait_until},
    http,
    process::Node,
};
use serde_json::{Value, json};

use super::{
    deeds::{publish, publish_note, the_same_answers_everywhere},
    turn::turn,
};

const NAME: &str = "univ-angers/acoustique-b";
const WORDS: &str = "Avec 30 étudiants de L1.\n<script>alert(1)</script> & deux heures";

fn page(node: &Node, path: &str) -> Result<String> {
    let answer = http::get(node.ports().http, path, &[])?;
    ensure!(answer.status == 200, "{path}: {}", answer.status);
    Ok(answer.text())
}

fn document(node: &Node, path: &str) -> Result<Value> {
    Ok(serde_json::from_str(&page(node, path)?)?)
}

fn reviews(node: &Node) -> Result<Value> {
    document(node, &format!("/api/v1/items/{NAME}/reviews"))
}

/// Names, scores and explanations of a search.
fn explained(node: &Node) -> Result<Vec<Value>> {
    let found = document(node, "/api/v1/search?q=acoustique&explain=true")?;
    let hits = found["hits"].as_array().context("hits")?;
    let parts = |hit: &Value| json!([hit["name"], hit["score"], hit["explanation"]]);
    Ok(hits.iter().map(parts).collect())
}

/// Waits until every node counts so many approvals, and explains its searches as the first one does.
fn counted(f: &Federation, approvals: Option<&str>) -> Result<Vec<Value>> {
    for node in &f.nodes {
        wait_until("the searches of every node count what was said", || {
            let all = explained(node)?;
            let parts = all.iter().flat_map(|hit| hit[2].as_array());
            let said: Vec<&str> = parts
                .flatten()
                .filter(|part| part["field"] == "reviews")
                .filter_map(|part| part["word"].as_str())
                .collect();
            Ok(said == approvals.into_iter().collect::<Vec<_>>())
        })?;
    }
    let first = explained(&f.nodes[0])?;
    for node in &f.nodes {
        ensure!(explained(node)? == first, "the nodes explain differently");
    }
    Ok(first)
}

/// What is no item is told in the same words, whatever is asked of it.
fn no_item_is_told_alike(node: &Node) -> Result<()> {
    for (id, why) in [
        ("univ-angers".to_owned(), "or by its whole id"),
        ("1".repeat(52), "the first 8 characters or more of one"),
        ("a".repeat(52), "there is no such item"),
    ] {
        for part in ["reviews", "adoptions"] {
            let path = format!("/api/v1/items/{id}/{part}");
            let answer = http::get(node.ports().http, &path, &[])?;
            let told = answer.text();
            ensure!(answer.status == 404 && told.contains(why), "{path}: {told}");
        }
    }
    Ok(())
}

#[test]
fn a_review_is_read_counted_taken_back_and_erased_on_every_node() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = Federation::temporary(3)?;
    for slug in ["acoustique-a", "acoustique-b"] {
        let about = json!({"slug": slug, "title": {"fr": "Cours d'acoustique"}, "licence": "CC0-1.0", "language": ["fr"]});
        publish(&f.nodes[0], None, &about, &[("cours.md", b"# Cours")])?;
    }
    // So that the word says something.
    for other in ["chant", "dessin", "solfege", "theatre"] {
        publish_note(&f.nodes[2], other, other)?;
    }
    let about = json!({"title": {"fr": "Cours d'acoustique"}, "licence": "CC0-1.0"});
    publish(
        &f.nodes[0],
        Some(NAME),
        &about,
        &[("cours.md", b"# Le cours")],
    )?;
    the_same_answers_everywhere(&f, &["acoustique"])?;

    let (a, b) = (
        Typist::operator(&f.nodes[0])?,
        Typist::operator(&f.nodes[1])?,
    );
    let say = |more: &[&str]| b.done(here.path(), &[&["review", NAME, "--json"], more].concat());
    no_item_is_told_alike(&f.nodes[0])?;
    // Who published it has no say, and what nobody can read is not said.
    let own = a.run(here.path(), &["review", NAME, "--verdict", "approve"])?;
    ensure!(own.err.contains("others review it"), "{}", own.err);
    let silent = b.run(here.path(), &["review", NAME, "--verdict", "comment"])?;
    ensure!(
        silent.err.contains("a comment has a text"),
        "{}",
        silent.err
    );
    let no_version = ["review", NAME, "--verdict", "approve", "--version", "7"];
    let no_version = b.run(here.path(), &no_version)?;
    ensure!(
        no_version.err.contains("no version 7"),
        "{}",
        no_version.err
    );

    let of_old = say(&["--verdict", "reject", "--version", "1", "--text", WORDS])?.json()?;
    ensure!(
        of_old["number"] == 1 && of_old["current"] == false,
        "{of_old}"
    );
    for node in &f.nodes {
        wait_until("every node has the review", || {
            let all = reviews(node)?;
            Ok(all["count"] == 1 && all["reviews"][0]["words"] == "here")
        })?;
        let read = page(node, &format!("/{NAME}?lang=en"))?;
        for wanted in [
            "advises against it",
            "another version than the one shown",
            "Avec 30 étudiants de L1.",
            "&lt;script&gt;alert(1)&lt;/script&gt; &amp; deux heures",
        ] {
            ensure!(read.contains(wanted), "{wanted:?} is not on the page");
        }
        ensure!(!read.contains("<script>alert"), "a review runs");
    }
    counted(&f, None)?;

    // One opinion of each: the newer one stands, of whatever version.
    let before = counted(&f, None)?;
    say(&["--verdict", "approve", "--text", "Bien mieux."])?;
    let after = counted(&f, Some("1"))?;
    ensure!(after[0][0] == NAME, "{after:?}");
    let score = |hit: &Value| hit[1].as_f64().unwrap_or_default();
    ensure!(
        score(&after[0]) > score(&before[0]) && score(&after[0]) < 1.16 * score(&before[0]),
        "{before:?} {after:?}"
    );
    for node in &f.nodes {
        let all = reviews(node)?;
        ensure!(all["count"] == 1 && all["approving"] == 1, "{all}");
        ensure!(all["reviews"][0]["current"] == true, "{all}");
        let fr = page(node, &format!("/{NAME}?lang=fr"))?;
        for wanted in [
            "1 autre établissement l’approuve.",
            "approuve",
            "Bien mieux.",
        ] {
            ensure!(fr.contains(wanted), "{wanted:?} is not on the page");
        }
        ensure!(!fr.contains("Avec 30 étudiants"), "the older one stands");
    }
    let listed = Typist::reader(&f.nodes[2]).done(here.path(), &["review", NAME, "--list"])?;
    ensure!(listed.out.contains("Bien mieux."), "{}", listed.out);

    say(&["--verdict", "withdrawn"])?;
    counted(&f, None)?;
    for node in &f.nodes {
        ensure!(reviews(node)?["count"] == 0, "it is still there");
        let read = page(node, &format!("/{NAME}?lang=en"))?;
        ensure!(!read.contains("id=\"reviews\""), "it is still on the page");
    }

    let again = say(&["--verdict", "approve", "--text", "Un mot de trop"])?.json()?;
    counted(&f, Some("1"))?;
    let id = again["statement"].as_str().context("an id")?;
    b.done(here.path(), &["erase", NAME, "--of", id, "--yes"])?;
    counted(&f, None)?;
    ensure!(reviews(&f.nodes[2])?["count"] == 0, "it is still there");
    f.stop()
}
