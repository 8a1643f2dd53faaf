//! `commun publish`, `show`, `get`, `verify`, `log verify`, as people use them.

use std::{
    fs,
    io::Read,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use commun_specs::id::ContentHash;
use commun_testnet::{commun::Typist, federation::Federation};

use super::turn::turn;

#[test]
fn a_second_version_is_published_and_read_on_another_node() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(2)?;
    let here = tempfile::tempdir()?;
    let course = here.path().join("cours");
    fs::create_dir_all(course.join("chapitres"))?;
    fs::write(
        course.join("README.md"),
        "# Cours de test\n\nDeux chapitres.\n",
    )?;
    fs::write(
        course.join("chapitres/un.md"),
        "# Un\n\nPremière version.\n",
    )?;
    let operator = Typist::operator(&f.nodes[0])?;
    let path = course.to_string_lossy().into_owned();
    let publish = [
        "publish",
        &path,
        "--slug",
        "cours-de-test",
        "--title",
        "Cours de test",
        "--licence",
        "CC-BY-4.0",
        "--language",
        "fr",
        "--json",
    ];
    let first = operator.done(here.path(), &publish)?.json()?;
    fs::write(course.join("chapitres/un.md"), "# Un\n\nSeconde version.\n")?;
    fs::write(course.join("chapitres/deux é.md"), "# Deux\n")?;
    let second = operator.done(here.path(), &publish)?.json()?;
    ensure!(
        first["id"] == second["id"],
        "a second publish to the slug made another item"
    );
    ensure!(
        first["version"] != second["version"],
        "a second publish made no version"
    );

    let b = Typist::reader(&f.nodes[1]);
    let shown = || -> Result<serde_json::Value> {
        b.run(
            here.path(),
            &["show", "univ-angers/cours-de-test", "--json"],
        )?
        .json()
    };
    f.wait("the other node shows both versions", |_| {
        Ok(shown()?["versions"]
            .as_array()
            .is_some_and(|v| v.len() == 2))
    })?;
    let got = here.path().join("got");
    f.wait("the other node serves the files", |_| {
        Ok(b.run(
            here.path(),
            &["get", "univ-angers/cours-de-test", &got.to_string_lossy()],
        )?
        .code
            == Some(0))
    })?;
    ensure!(
        fs::read_to_string(got.join("chapitres/un.md"))?.contains("Seconde version"),
        "an old version came"
    );
    ensure!(
        fs::read_to_string(got.join("chapitres/deux é.md"))? == "# Deux\n",
        "a name with an accent is lost"
    );
    for item in [
        "univ-angers/cours-de-test",
        first["id"].as_str().context("an id")?,
    ] {
        b.done(here.path(), &["verify", item])?;
    }
    b.done(here.path(), &["log", "verify"])?;
    b.done(here.path(), &["log", "verify", "univ-angers"])?;
    f.stop()
}

#[test]
fn a_get_that_was_killed_goes_on_where_it_stopped() -> Result<()> {
    const SIZE: usize = 120 << 20;
    let _turn = turn();
    let mut f = Federation::temporary(1)?;
    let here = tempfile::tempdir()?;
    let file = here.path().join("grand.bin");
    let mut bytes = vec![0; SIZE];
    fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    fs::write(&file, &bytes)?;
    let hash = ContentHash::of(&bytes);
    drop(bytes);
    Typist::operator(&f.nodes[0])?.done(
        here.path(),
        &[
            "publish",
            &file.to_string_lossy(),
            "--slug",
            "grand",
            "--title",
            "Grand",
            "--licence",
            "CC0-1.0",
        ],
    )?;
    let reader = Typist::reader(&f.nodes[0]);
    let into = here.path().join("got");
    let target = into.to_string_lossy().into_owned();
    let part = || -> Option<u64> {
        let part = fs::read_dir(&into)
            .ok()?
            .filter_map(Result::ok)
            .find(|e| e.path().extension().is_some_and(|x| x == "part"))?;
        Some(part.metadata().ok()?.len())
    };
    let mut killed_at = 0;
    // A fast machine may finish before the kill; then it is tried again from the beginning.
    for _ in 0..10 {
        let mut getting = reader.begin(here.path(), &["get", "univ-angers/grand", &target])?;
        let begun = Instant::now();
        while part().unwrap_or(0) < (SIZE as u64) / 8
            && begun.elapsed() < Duration::from_secs(30)
            && getting.try_wait()?.is_none()
        {
            thread::yield_now();
        }
        let _ = getting.kill();
        getting.wait()?;
        killed_at = part().unwrap_or(0);
        if killed_at > 0 {
            break;
        }
        fs::remove_dir_all(&into)?;
    }
    ensure!(
        killed_at > 0 && killed_at < SIZE as u64,
        "the download was never caught midway"
    );
    println!("killed at {killed_at} of {SIZE} bytes");
    let served = |f: &Federation| -> Result<String> {
        Ok(commun_testnet::http::get(f.nodes[0].ports().http, "/metrics", &[])?.text())
    };
    let _ = served(&f)?;
    reader.done(here.path(), &["get", "univ-angers/grand", &target])?;
    ensure!(part().is_none(), "a part is left");
    ensure!(
        ContentHash::of(&fs::read(into.join("grand.bin"))?) == hash,
        "the file is not the one that was published"
    );
    f.stop()
}
