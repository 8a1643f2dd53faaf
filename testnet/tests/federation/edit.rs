//! `commun edit`: what a librarian corrects stays, whatever the source says later, everywhere; nobody overwrites what
//! another one has just written; and a killed node keeps whole what it acknowledged.

use std::{
    collections::BTreeMap,
    sync::Mutex,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use commun_client::{CorrectHow, Correction, Error, ItemRef};
use commun_testnet::{
    commun::Typist,
    federation::{Federation, wait_until},
    http,
    process::Node,
};
use serde_json::{Value, json};

use super::{
    harvest::{Source, dc},
    turn::turn,
};

/// Items of the table that is imported and corrected.
const MANY: usize = 1_000;
/// What a thousand corrections may take on a busy machine with a build for tests.
const PATIENCE: Duration = Duration::from_secs(60);

fn metadata(node: &Node, name: &str) -> Result<Value> {
    let path = format!("/api/v1/items/{name}/metadata");
    let answer = http::get(node.ports().http, &path, &[])?;
    ensure!(answer.status == 200, "{path}: {}", answer.text());
    Ok(serde_json::from_str(&answer.text())?)
}

fn title(node: &Node, name: &str) -> Result<Value> {
    Ok(metadata(node, name)?["metadata"]["title"]["fr"].clone())
}

#[test]
fn a_correction_outlives_every_harvest_and_is_taken_back() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(2)?;
    let node = &mut f.nodes[0];
    node.stop()?;
    node.set_env("COMMUN_HARVEST_PRIVATE", "true");
    node.start()?;
    let here = tempfile::tempdir()?;
    let source = Source::start(vec![(
        1,
        "2026-01-01T00:00:00Z",
        dc("Suites recurentes", 1),
    )])?;
    let operator = Typist::operator(&f.nodes[0])?;
    operator.done(here.path(), &["import", &source.url])?;
    let mut name = String::new();
    wait_until("it is found", || {
        let hits = operator
            .done(here.path(), &["search", "suites", "--json"])?
            .json()?;
        name = hits["hits"][0]["name"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        Ok(!name.is_empty())
    })?;

    // Dry, it only says so.
    let dry = [
        "edit",
        &name,
        "--set",
        "title[fr]=Suites récurrentes",
        "--dry-run",
    ];
    let said = operator.done(here.path(), &dry)?;
    ensure!(
        said.out.contains("Suites recurentes → Suites récurrentes"),
        "{}",
        said.out
    );
    ensure!(title(&f.nodes[0], &name)? == "Suites recurentes");
    operator.done(here.path(), &dry[..4])?;
    let set = [
        "edit",
        &name,
        "--lang",
        "fr",
        "--set",
        "keywords=suite | série",
        "--set",
        "level=L1",
        "--json",
    ];
    let said = operator.done(here.path(), &set)?.json()?;
    ensure!(
        said["changes"].as_array().map(Vec::len) == Some(2),
        "{said}"
    );

    // The source changes, and is harvested again.
    source.with(|s| s.records[0] = (1, "2026-02-01T00:00:00Z", dc("Suites, tome 2", 1)));
    let said = operator
        .done(here.path(), &["import", "--visit", "1", "--json"])?
        .json()?;
    ensure!(said["changed"] == 1, "{said}");
    let known = metadata(&f.nodes[0], &name)?;
    ensure!(
        known["metadata"]["title"]["fr"] == "Suites récurrentes",
        "{known}"
    );
    ensure!(known["metadata"]["level"] == json!(["fr-l1"]), "{known}");
    let titles = known["known"]["title"]
        .as_array()
        .context("titles")?
        .clone();
    let of = |value: &str| titles.iter().find(|t| t["value"] == value);
    let upstream = of("Suites, tome 2").context("the new value of the source is known")?;
    ensure!(
        upstream["shown"] == false && upstream["method"] == "mapped",
        "{upstream}"
    );
    let ours = of("Suites récurrentes").context("the correction")?;
    ensure!(
        ours["shown"] == true && ours["method"] == "corrected",
        "{ours}"
    );

    // The other institution sees it, its search finds it, its page says who; its people cannot correct it.
    f.wait("the other institution shows the correction", |f| {
        Ok(title(&f.nodes[1], &name).is_ok_and(|t| t == "Suites récurrentes"))
    })?;
    let page = http::get(
        f.nodes[1].ports().http,
        &format!("/{name}"),
        &["Accept-Language: fr"],
    )?;
    ensure!(
        page.text().contains("corrigé"),
        "the page says that it was corrected"
    );
    let other = Typist::operator(&f.nodes[1])?;
    let refused = other.run(here.path(), &["edit", &name, "--set", "title[fr]=Non"])?;
    ensure!(refused.code == Some(4), "{refused:?}");

    // Two librarians have read the same: one is told what the other has written.
    let read = known["version"].as_str().context("a version")?.to_owned();
    let item: ItemRef = name.parse().map_err(anyhow::Error::msg)?;
    let write = |text: &str| {
        let client = f.nodes[0].client()?;
        let correction = Correction {
            field: "title[fr]".into(),
            value: Some(text.into()),
            ..Correction::default()
        };
        let how = CorrectHow {
            base: Some(read.clone()),
            ..CorrectHow::default()
        };
        Ok::<_, anyhow::Error>(client.correct(&item, &[correction], &how))
    };
    let (a, b) = thread::scope(|s| {
        let (a, b) = (s.spawn(|| write("Suites A")), s.spawn(|| write("Suites B")));
        (a.join(), b.join())
    });
    let answers = [a.expect("no panic")?, b.expect("no panic")?];
    let won = answers.iter().filter(|a| a.is_ok()).count();
    let lost = answers.iter().find_map(|a| a.as_ref().err());
    let lost = lost.context("one of them is told")?;
    ensure!(won == 1 && lost.status() == Some(409), "{lost}");
    let Error::Problem(told) = lost else {
        anyhow::bail!("{lost}");
    };
    ensure!(
        told.errors[0].field == "title[fr]"
            && told.errors[0].what.contains("was “Suites récurrentes”"),
        "{told}"
    );

    // Step by step back, to what the source says today.
    let mut shown = Vec::new();
    for _ in 0..3 {
        operator.done(here.path(), &["edit", &name, "--undo"])?;
        shown.push(title(&f.nodes[0], &name)?);
    }
    ensure!(
        shown == ["Suites récurrentes", "Suites récurrentes", "Suites, tome 2"],
        "{shown:?}"
    );
    let nothing = operator.run(here.path(), &["edit", &name, "--undo"])?;
    ensure!(
        nothing.code == Some(1) || nothing.code == Some(4),
        "{nothing:?}"
    );
    let history = operator
        .done(here.path(), &["edit", &name, "--history", "--json"])?
        .json()?;
    let what: Vec<&str> = history["versions"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|v| v["what"].as_str())
        .collect();
    ensure!(
        what == [
            "undone",
            "undone",
            "undone",
            "corrected",
            "stated",
            "corrected",
            "corrected",
            "stated"
        ],
        "{what:?}"
    );
    let first = history["versions"][6]["version"]
        .as_str()
        .context("a version")?;
    let undone = history["versions"][0]["undoes"].as_str();
    ensure!(undone == Some(first), "{history}");
    f.stop()
}

#[test]
fn a_record_is_edited_in_an_editor_and_in_a_spreadsheet() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(1)?;
    let here = tempfile::tempdir()?;
    let operator = Typist::operator(&f.nodes[0])?;
    let write = |file: &str, text: &[u8]| std::fs::write(here.path().join(file), text);
    write(
        "catalogue.csv",
        // As Excel of a French office saves it.
        &"Cote;Titre;Auteurs;Niveau;Droits\r\nC1;Suites;Essai, Anne / Byron, Ada;Licence;CC BY 4.0\r\nC2;\"Séries; la suite\";;Master;?\r\n"
            .chars()
            .map(|c| c as u8)
            .collect::<Vec<u8>>(),
    )?;
    write(
        "table.yml",
        b"id: Cote\nlanguage: fr\ncolumns:\n  Titre: title\n  Auteurs: {field: creators, separator: /}\n\
          \x20 Niveau: {field: level, values: {licence: isced-6, master: isced-7}}\n  Droits: licence\n\
          constants:\n  language: fr\n",
    )?;
    let import = [
        "import",
        "catalogue.csv",
        "--mapping",
        "table.yml",
        "--json",
    ];
    let said = operator.done(here.path(), &import)?.json()?;
    ensure!(said["added"] == 2 && said["format"] == "csv", "{said}");
    let rules: Vec<&str> = said["lines"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|l| l["rule"].as_str())
        .collect();
    ensure!(
        rules.contains(&"csv-western") && rules.contains(&"csv-value"),
        "{rules:?}"
    );
    let again = operator.done(here.path(), &import)?.json()?;
    ensure!(again["unchanged"] == 2, "{again}");
    let names: BTreeMap<String, String> = said["items"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|i| {
            Some((
                i["record"].as_str()?.to_owned(),
                i["name"].as_str()?.to_owned(),
            ))
        })
        .collect();
    let name = &names["C1"];
    let edit = |editor: &str| -> Result<std::process::Output> {
        let mut command = operator.command(here.path(), &["edit", name])?;
        Ok(command
            .env("EDITOR", editor)
            .env_remove("VISUAL")
            .output()?)
    };
    let done = edit("sed -i s/Suites/Limites/")?;
    ensure!(done.status.success(), "{done:?}");
    ensure!(title(&f.nodes[0], name)? == "Limites");
    let before = metadata(&f.nodes[0], name)?["version"].clone();
    ensure!(edit("true")?.status.success());
    // A mistake keeps the text.
    let wrong = edit("sed -i s/isced-6/isced-99/")?;
    let said = String::from_utf8_lossy(&wrong.stderr).into_owned();
    ensure!(wrong.status.code() == Some(4), "{said}");
    let kept = said
        .split_whitespace()
        .find(|word| word.contains("commun-edit-"))
        .with_context(|| format!("the file is named: {said}"))?
        .to_owned();
    ensure!(
        metadata(&f.nodes[0], name)?["version"] == before,
        "nothing was done"
    );
    let text = std::fs::read_to_string(&kept)?.replace("isced-99", "isced-8");
    std::fs::write(&kept, text)?;
    operator.done(here.path(), &["edit", name, "--from", &kept])?;
    std::fs::remove_file(&kept)?;
    ensure!(metadata(&f.nodes[0], name)?["metadata"]["level"] == json!(["isced-8"]));

    // Out, and in again unchanged: nothing. Changed: those cells. Old: told.
    let out = [
        "edit",
        "--csv-out",
        "out.csv",
        &names["C1"],
        &names["C2"],
        "--delimiter",
        ";",
    ];
    operator.done(here.path(), &out)?;
    let table_in = ["edit", "--csv-in", "out.csv", "--json"];
    let said = operator.done(here.path(), &table_in)?.json()?;
    ensure!(said["unchanged"] == 2 && said["records"] == 2, "{said}");
    let text = std::fs::read_to_string(here.path().join("out.csv"))?;
    ensure!(text.starts_with("\u{feff}id;name;base;"), "{text}");
    let changed = text
        .replace("Limites", "=Limites")
        .replace("Séries; la suite", "Séries");
    std::fs::write(here.path().join("out.csv"), &changed)?;
    let said = operator
        .done(here.path(), &["edit", "--csv-in", "out.csv", "--dry-run"])?
        .out;
    ensure!(said.contains("2 would be corrected"), "{said}");
    operator.done(here.path(), &table_in)?;
    ensure!(title(&f.nodes[0], name)? == "=Limites");
    let old = changed
        .replace("=Limites", "Autre")
        .replace("\"Séries", "\"X");
    std::fs::write(here.path().join("out.csv"), &old)?;
    let refused = operator.run(here.path(), &table_in)?;
    ensure!(refused.code == Some(1), "{refused:?}");
    ensure!(
        refused.json()?["lines"][0]["rule"] == "changed-since",
        "{refused:?}"
    );
    ensure!(title(&f.nodes[0], name)? == "=Limites");
    // What one node wrote comes in at another as records.
    operator.done(here.path(), &out)?;
    let other = Federation::temporary(1)?;
    let there = Typist::operator(&other.nodes[0])?;
    let said = there
        .done(here.path(), &["import", "out.csv", "--json"])?
        .json()?;
    ensure!(said["added"] == 2, "{said}");
    let here = metadata(&f.nodes[0], &names["C1"])?;
    let items = said["items"].as_array().context("items")?;
    let same = items.iter().find(|i| i["record"] == here["item"]["id"]);
    let name = same.and_then(|i| i["name"].as_str()).context("a name")?;
    let there = metadata(&other.nodes[0], name)?;
    for field in ["title", "creators", "level", "licence", "language"] {
        ensure!(
            there["metadata"][field] == here["metadata"][field],
            "{field}: {there} {here}"
        );
    }
    let mut other = other;
    other.stop()?;
    f.stop()
}

/// What was acknowledged, by item.
type Acknowledged = Mutex<BTreeMap<String, u64>>;

#[test]
fn a_thousand_are_corrected_in_seconds_and_a_killed_node_keeps_each_whole() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(1)?;
    let here = tempfile::tempdir()?;
    let mut table = String::from("id,title[fr],language,licence\n");
    for n in 0..MANY {
        table.push_str(&format!("essai-{n},Exercice {n},fr,CC-BY-4.0\n"));
    }
    std::fs::write(here.path().join("many.csv"), table)?;
    let operator = Typist::operator(&f.nodes[0])?;
    let said = operator
        .done(here.path(), &["import", "many.csv", "--json"])?
        .json()?;
    let names: Vec<String> = said["items"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|item| item["name"].as_str().map(str::to_owned))
        .collect();
    ensure!(names.len() == MANY, "{} of {MANY}", names.len());
    // Both fields of a round, or none: an item with one of them would be half corrected.
    let lines = |names: &[String], round: u64| -> String {
        let line = |name: &String| {
            let tag = round.to_string();
            let changes = json!([{"field": "version", "value": tag}, {"field": "publishers", "value": [tag]}]);
            format!("{}\n", json!({"item": name, "changes": changes}))
        };
        names.iter().map(line).collect()
    };
    let client = f.nodes[0].client()?;
    let began = Instant::now();
    let done = client.correct_many(lines(&names, 1).as_bytes(), &CorrectHow::default())?;
    let took = began.elapsed();
    println!("{MANY} corrections in {took:?}");
    ensure!(
        done.report.changed == MANY as u64 && done.report.refused == 0,
        "{:?}",
        done.value
    );
    ensure!(took < PATIENCE, "{took:?}");

    let acknowledged: Acknowledged = Mutex::new(names.iter().map(|n| (n.clone(), 1)).collect());
    let over = AtomicBool::new(false);
    let mut victim = f.nodes.remove(0);
    let (url, token) = (victim.url(), victim.token()?);
    thread::scope(|people| -> Result<()> {
        people.spawn(|| {
            for round in 2.. {
                for part in names.chunks(40) {
                    if over.load(Ordering::Relaxed) {
                        return;
                    }
                    let client = commun_client::Client::new(&url, Some(&token)).expect("a URL");
                    let batch = lines(part, round);
                    match client.correct_many(batch.as_bytes(), &CorrectHow::default()) {
                        Ok(done) if done.report.changed == part.len() as u64 => {
                            let mut known = acknowledged.lock().expect("nobody panics with it");
                            known.extend(part.iter().map(|name| (name.clone(), round)));
                        }
                        // The node is away, or starting.
                        _ => thread::sleep(Duration::from_millis(50)),
                    }
                }
            }
        });
        let killed = (0..5).try_for_each(|n| {
            let count = || {
                let known = acknowledged.lock().expect("nobody panics with it");
                known.values().sum::<u64>()
            };
            let before = count();
            wait_until("somebody's work is acknowledged", || Ok(count() > before))?;
            thread::sleep(Duration::from_millis(13 * n));
            victim.kill();
            victim.start()
        });
        over.store(true, Ordering::Relaxed);
        killed
    })?;
    let known = acknowledged.into_inner().expect("nobody panics with it");
    for (name, round) in &known {
        let record = metadata(&victim, name)?;
        let tag = record["metadata"]["version"].as_str().unwrap_or_default();
        let publisher = record["metadata"]["publishers"][0].clone();
        let publisher = publisher["name"].as_str().or(publisher.as_str());
        ensure!(publisher == Some(tag), "{name} is half corrected: {record}");
        ensure!(
            tag.parse::<u64>()? >= *round,
            "{name}: {tag} and not {round}"
        );
    }
    f.nodes.insert(0, victim);
    f.stop()
}
