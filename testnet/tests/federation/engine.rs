//! `commun feed opensearch` against an engine that checks every line: complete, after every trouble and every kill.
//!
//! No real OpenSearch or Elasticsearch is started here.

mod stand_in;

use std::{
    collections::BTreeSet,
    process::{Child, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use commun_testnet::{
    commun::{Said, Typist},
    federation::{Federation, wait_until},
    http,
    process::Node,
};
use data_encoding::BASE64;
use serde_json::json;

use super::{
    deeds::{publish, publish_note, push_new_repository},
    intake::hits,
    turn::turn,
};
use stand_in::{Engine, Halt, NOTE, Trouble};

/// Titles that are at home in no line of JSON.
const ODD: &str = "Deux \"lignes\" et une \\ barre, \u{1f9ec} {} </script>";

fn feed(typist: &Typist, folder: &std::path::Path, engine: &Engine, more: &[&str]) -> Result<Said> {
    let url = engine.url();
    let mut args = vec!["feed", "opensearch", url.as_str(), "--once"];
    args.extend(more);
    typist.run(folder, &args)
}

fn done(said: &Said) -> Result<()> {
    ensure!(
        said.code == Some(0),
        "{:?}: {}{}",
        said.code,
        said.err,
        said.out
    );
    Ok(())
}

fn no_faults(engine: &Engine) -> Result<()> {
    let faults = &engine.shelf().faults;
    ensure!(faults.is_empty(), "{faults:#?}");
    Ok(())
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names
        .iter()
        .map(|name| format!("univ-angers/{name}"))
        .collect()
}

/// One node with some items of every kind.
fn library(work: &std::path::Path) -> Result<Federation> {
    let f = Federation::temporary(1)?;
    let node = &f.nodes[0];
    for n in 1..=4 {
        let title = format!("Note {n}");
        let metadata = json!({"slug": format!("note-{n}"), "title": {"fr": title}, "licence": "CC0-1.0", "language": ["fr"]});
        let text = format!("# {title}\n\nmitochondrie\n");
        publish(node, None, &metadata, &[("note.md", text.as_bytes())])?;
    }
    let metadata = json!({"slug": "cellules", "title": {"fr": ODD, "en": "Cells"}, "licence": "CC-BY-4.0",
        "language": ["fr"], "level": ["fr-l1"], "subject": ["iscedf-0511"], "resource_type": ["course"],
        "keywords": {"fr": ["mitose"]}, "creators": [{"name": "Noëlle Lefèvre"}],
        "description": {"fr": "Une ligne.\n\nUne autre."}});
    let text = b"# Cours\n\nmitochondrie\n";
    publish(node, None, &metadata, &[("cours.md", text)])?;
    push_new_repository(node, "outils", work)?;
    // What is read out of a file is stated after it was published; an item that was fed before is sent again then.
    f.wait("every text was read", |f| {
        Ok(hits(&f.nodes[0], "mitochondrie")? == 5)
    })?;
    Ok(f)
}

const ALL: [&str; 6] = ["note-1", "note-2", "note-3", "note-4", "cellules", "outils"];

#[test]
fn an_engine_has_what_the_node_shows_and_nothing_of_what_was_taken_down() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = library(here.path())?;
    let node = &f.nodes[0];
    let operator = Typist::operator(node)?;
    let reader = Typist::reader(node);
    let engine = Engine::start()?;
    let said = feed(&reader, here.path(), &engine, &["--json"])?;
    done(&said)?;
    ensure!(
        said.json()?["put"] == 6 && said.json()?["deleted"] == 0,
        "{}",
        said.out
    );
    ensure!(engine.names() == set(&ALL), "{:?}", engine.names());
    {
        let shelf = engine.shelf();
        let mut all = shelf.documents.values();
        let document = all
            .find(|d| d["name"] == "univ-angers/cellules")
            .context("the course")?;
        ensure!(document["title"] == ODD, "{document}");
        ensure!(
            document["level_in"].to_string().contains("isced-6"),
            "{document}"
        );
        ensure!(
            document["labels"].to_string().contains("Biolog"),
            "{document}"
        );
        ensure!(
            document["creators"] == json!(["Noëlle Lefèvre"]),
            "{document}"
        );
        ensure!(document["licence_class"].is_string(), "{document}");
    }
    let before = engine.position().context("a note")?;

    // Nothing new: nothing is sent.
    let bulks = engine.shelf().bulks.len();
    let said = feed(&reader, here.path(), &engine, &[])?;
    done(&said)?;
    ensure!(engine.shelf().bulks.len() == bulks, "it was sent again");

    operator.done(
        here.path(),
        &["withdraw", "univ-angers/note-1", "--reason", "faux"],
    )?;
    operator.done(
        here.path(),
        &["hide", "univ-angers/note-2", "--reason", "plainte"],
    )?;
    operator.done(
        here.path(),
        &["edit", "univ-angers/note-3", "--set", "title[fr]=Autrement"],
    )?;
    done(&feed(&reader, here.path(), &engine, &[])?)?;
    ensure!(
        engine.names() == set(&["note-3", "note-4", "cellules", "outils"]),
        "{:?}",
        engine.names()
    );
    let title = |name: &str| {
        let shelf = engine.shelf();
        let mut all = shelf.documents.values();
        let found = all.find(|d| d["name"] == format!("univ-angers/{name}"));
        found.map(|d| d["title"].clone())
    };
    ensure!(
        title("note-3") == Some("Autrement".into()),
        "{:?}",
        title("note-3")
    );
    operator.done(here.path(), &["unhide", "univ-angers/note-2"])?;
    operator.done(
        here.path(),
        &["erase", "univ-angers/note-4", "--reason", "droit", "--yes"],
    )?;
    done(&feed(&reader, here.path(), &engine, &[])?)?;
    ensure!(
        engine.names() == set(&["note-2", "note-3", "cellules", "outils"]),
        "{:?}",
        engine.names()
    );
    ensure!(
        engine.position() > Some(before),
        "the note stays where it was"
    );
    no_faults(&engine)?;
    f.stop()
}

#[test]
fn a_busy_engine_is_asked_again_and_one_that_refuses_ends_the_feed_with_the_items_name()
-> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = library(here.path())?;
    let reader = Typist::reader(&f.nodes[0]);
    let engine = Engine::start()?;
    engine.shelf().troubles = [
        Trouble::Busy(429, Some(1)),
        Trouble::Partly(vec![0, 2], 429),
        Trouble::Partly(vec![1], 503),
        Trouble::BreaksBefore,
        Trouble::Page,
        Trouble::BreaksAfter,
    ]
    .into();
    let said = feed(&reader, here.path(), &engine, &["--batch", "3"])?;
    done(&said)?;
    ensure!(engine.names() == set(&ALL), "{:?}", engine.names());
    let bulks = engine.shelf().bulks.clone();
    // All three again; then the two that were refused; then the one of these.
    ensure!(bulks[0] == bulks[1] && bulks[0].len() == 3, "{bulks:?}");
    ensure!(
        bulks[2] == [bulks[1][0].clone(), bulks[1][2].clone()],
        "{bulks:?}"
    );
    ensure!(bulks[3] == [bulks[2][1].clone()], "{bulks:?}");
    ensure!(
        said.err.contains("1.0 s"),
        "it did not wait as asked: {}",
        said.err
    );

    // What does not fit ends it, and says which item; the others are there.
    let engine = Engine::start()?;
    let name = "univ-angers/note-2";
    engine
        .shelf()
        .troubles
        .push_back(Trouble::Unfit(name.to_owned()));
    let said = feed(&reader, here.path(), &engine, &[])?;
    ensure!(said.code == Some(4), "{:?}: {}", said.code, said.err);
    ensure!(
        said.err.contains(name) && said.err.contains("mapper_parsing_exception"),
        "{}",
        said.err
    );
    ensure!(
        engine.position() == Some(0),
        "the note says that it is complete"
    );
    ensure!(engine.names().len() == 5, "{:?}", engine.names());
    done(&feed(&reader, here.path(), &engine, &[])?)?;
    ensure!(engine.names() == set(&ALL), "{:?}", engine.names());

    // A request that is too large is halved; a document that is, is named.
    let engine = Engine::start()?;
    engine.shelf().most = Some(2_500);
    done(&feed(&reader, here.path(), &engine, &[])?)?;
    ensure!(engine.names() == set(&ALL), "{:?}", engine.names());
    let engine = Engine::start()?;
    engine.shelf().most = Some(100);
    let said = feed(&reader, here.path(), &engine, &[])?;
    ensure!(
        said.code == Some(4) && said.err.contains("univ-angers/"),
        "{}",
        said.err
    );

    // An engine that stays busy, one that is not there, and one that speaks otherwise.
    let engine = Engine::start()?;
    let other = format!("http://127.0.0.1:{}/portail", f.nodes[0].ports().http);
    let said = reader.run(here.path(), &["feed", "opensearch", &other, "--once"])?;
    ensure!(
        said.code == Some(4) || said.code == Some(5),
        "{:?} {}",
        said.code,
        said.err
    );
    let said = reader.run(
        here.path(),
        &[
            "feed",
            "opensearch",
            "http://a:geheim@127.0.0.1:1/x y",
            "--once",
        ],
    )?;
    ensure!(
        said.code == Some(2) && !said.err.contains("geheim"),
        "{}",
        said.err
    );
    engine.shelf().index = Some(json!({"mappings": {"properties": {}}}));
    let said = feed(&reader, here.path(), &engine, &[])?;
    ensure!(said.code == Some(4), "{:?} {}", said.code, said.err);
    ensure!(
        engine.shelf().documents.is_empty(),
        "the index of somebody else was written to"
    );
    f.stop()
}

#[test]
fn credentials_are_sent_and_never_shown() -> Result<()> {
    const SECRET: &str = "très-geheim:42";
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = Federation::temporary(1)?;
    let node = &f.nodes[0];
    publish_note(node, "note-1", "Note")?;
    let engine = Engine::start()?;
    let basic = BASE64.encode(format!("portail:{SECRET}").as_bytes());
    let mut shown = String::new();
    let mut run = |url: &str, env: &[(&str, &str)]| -> Result<Option<i32>> {
        let mut command =
            Typist::reader(node).command(here.path(), &["feed", "opensearch", url, "--once"])?;
        let out = command.envs(env.iter().copied()).output()?;
        shown.push_str(&String::from_utf8_lossy(&out.stdout));
        shown.push_str(&String::from_utf8_lossy(&out.stderr));
        Ok(out.status.code())
    };
    engine.shelf().authorization = Some(format!("Basic {basic}"));
    let user = ("COMMUN_FEED_USER", "portail");
    ensure!(
        run(&engine.url(), &[user, ("COMMUN_FEED_PASSWORD", SECRET)])? == Some(0),
        "by the environment"
    );
    let in_url = format!(
        "http://portail:tr%C3%A8s-geheim%3A42@127.0.0.1:{}/portail",
        engine.port()
    );
    ensure!(run(&in_url, &[])? == Some(0), "by the URL");
    ensure!(
        run(
            &engine.url(),
            &[user, ("COMMUN_FEED_PASSWORD", "falsch-geheim")]
        )? == Some(4),
        "a wrong one"
    );
    engine.shelf().authorization = Some("ApiKey Z2VoZWlt".to_owned());
    ensure!(
        run(&engine.url(), &[("COMMUN_FEED_API_KEY", "Z2VoZWlt")])? == Some(0),
        "by a key"
    );
    ensure!(
        run(&in_url, &[])? == Some(4),
        "the other way is not asked for"
    );
    for secret in ["geheim", "Z2VoZWlt", &basic] {
        ensure!(!shown.contains(secret), "{secret} was shown: {shown}");
    }
    ensure!(engine.names() == set(&["note-1"]), "{:?}", engine.names());
    no_faults(&engine)?;
    f.stop()
}

/// A feed that is killed at one place, and then another that goes on.
fn killed_at(node: &Node, work: &std::path::Path, halt: Halt) -> Result<Option<Engine>> {
    let reader = Typist::reader(node);
    let engine = Engine::start()?;
    engine.shelf().halt = Some(halt);
    let url = engine.url();
    let mut child = reader.begin(
        work,
        &["feed", "opensearch", &url, "--once", "--batch", "2"],
    )?;
    let halted = loop {
        if engine.wait_for_halt(Duration::from_millis(20)) {
            break true;
        }
        if child.try_wait()?.is_some() {
            break false;
        }
    };
    child.kill().ok();
    child.wait()?;
    engine.go_on();
    if !halted {
        return Ok(None);
    }
    done(&feed(&reader, work, &engine, &[])?)?;
    Ok(Some(engine))
}

#[test]
fn a_feed_that_is_killed_at_any_request_loses_nothing() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = library(here.path())?;
    let operator = Typist::operator(&f.nodes[0])?;
    operator.done(
        here.path(),
        &["withdraw", "univ-angers/note-1", "--reason", "faux"],
    )?;
    let mut places = 0;
    'all: for request in 0..100 {
        for done in [false, true] {
            let halt = Halt { request, done };
            let Some(engine) = killed_at(&f.nodes[0], here.path(), halt)? else {
                break 'all;
            };
            places += 1;
            ensure!(
                engine.names() == set(&ALL[1..]),
                "{halt:?}: {:?}",
                engine.names()
            );
            let size = f.nodes[0].client()?.status()?.catalogue.position;
            ensure!(engine.position() <= Some(size), "{halt:?}");
            no_faults(&engine).with_context(|| format!("{halt:?}"))?;
        }
    }
    // The mappings, the index, the note twice; for the page a look, three requests, the note.
    ensure!(places >= 18, "only {places} places to be killed at");
    f.stop()
}

fn follow(node: &Node, work: &std::path::Path, engine: &Engine) -> Result<Child> {
    let url = engine.url();
    let mut command = Typist::reader(node).command(work, &["feed", "opensearch", &url])?;
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    Ok(command.spawn()?)
}

/// Waits for the end of a command; gives its exit code and what it said.
fn ended(mut child: Child) -> Result<(Option<i32>, String)> {
    wait_until("the command ends", || Ok(child.try_wait()?.is_some()))?;
    let out = child.wait_with_output()?;
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    Ok((out.status.code(), said))
}

#[test]
fn a_feed_follows_the_node_until_another_takes_its_place() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = Federation::temporary(1)?;
    publish_note(&f.nodes[0], "note-1", "Note")?;
    let engine = Engine::start()?;
    let first = follow(&f.nodes[0], here.path(), &engine)?;
    wait_until("the first item is there", || {
        Ok(engine.names() == set(&["note-1"]))
    })?;
    publish_note(&f.nodes[0], "note-2", "Note")?;
    wait_until("the next one follows", || Ok(engine.names().len() == 2))?;

    // A node that restarts is waited for.
    f.nodes[0].stop()?;
    f.nodes[0].start()?;
    publish_note(&f.nodes[0], "note-3", "Note")?;
    wait_until("what came after the restart follows", || {
        Ok(engine.names().len() == 3)
    })?;

    let feeder = || {
        let shelf = engine.shelf();
        shelf
            .documents
            .get(NOTE)
            .map(|n| n["feed"]["feeder"].clone())
    };
    let before = feeder();
    let second = follow(&f.nodes[0], here.path(), &engine)?;
    wait_until("the second has taken over", || Ok(feeder() != before))?;
    publish_note(&f.nodes[0], "note-4", "Note")?;
    let (code, said) = ended(first)?;
    ensure!(code == Some(4), "the first goes on: {code:?} {said}");
    wait_until("the second goes on", || Ok(engine.names().len() == 4))?;

    // An index that is deleted ends the feed, which would fill half of a new one.
    let all = f.nodes[0].client()?.status()?.catalogue.position;
    wait_until("the note says so", || Ok(engine.position() >= Some(all)))?;
    engine.shelf().delete_index();
    publish_note(&f.nodes[0], "note-5", "Note")?;
    let (code, said) = ended(second)?;
    ensure!(
        code == Some(4),
        "it fills an index that is not there: {code:?} {said}"
    );
    ensure!(engine.shelf().documents.is_empty(), "it wrote into nothing");
    done(&feed(
        &Typist::reader(&f.nodes[0]),
        here.path(),
        &engine,
        &[],
    )?)?;
    ensure!(engine.names().len() == 5, "{:?}", engine.names());
    no_faults(&engine)?;
    ensure!(
        http::get(f.nodes[0].ports().http, "/healthz", &[])?.status == 200,
        "the node is ill"
    );
    f.stop()
}
