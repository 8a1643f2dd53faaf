//! The whole walk: three institutions share a repository and a course, and nobody is in the middle.

use std::{fs, path::Path, time::Instant};

use anyhow::{Context, Result, ensure};
use commun_client::{ItemRef, Query};
use commun_specs::id::ContentHash;
use commun_testnet::{
    commun::Typist,
    content::git,
    demo,
    federation::{Federation, wait_until},
    http,
};

use super::{
    deeds::{
        clone, encoded, head, names, publish_note, push_new_repository, the_same_answers_everywhere,
    },
    turn::turn,
};

/// What the teacher types: no accent on the first word.
const TYPED: &str = "equations différentielles";
const COURSE: &str = "univ-lorraine/equations-differentielles";
const REPOSITORY: &str = "univ-angers/commun";
/// What every node must answer alike.
const QUERIES: [&str; 7] = [
    TYPED,
    "",
    "probabilités",
    "open education",
    "git",
    "rentrée",
    "cours licence",
];

/// The indexes of the nodes, by what is said of them in the issue.
const A: usize = 0;
const B: usize = 1;
const C: usize = 2;

#[test]
fn the_walk() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(3)?;
    let items = demo::fill(&f)?;
    demo::wait_served(&f, &items)?;
    let resources = items.iter().filter(|i| i.kind == "resource").count();
    ensure!(resources >= 30, "the demo has only {resources} resources");
    ensure!(
        items.len() - resources >= 2,
        "the demo has too few repositories"
    );
    let work = tempfile::tempdir()?;

    a_pushed_commit_is_everywhere(&f, work.path())?;
    a_teacher_finds_the_course(&f, work.path())?;
    let course = fs::read(work.path().join("course/README.md"))?;

    // A and B die; C goes on.
    f.nodes[A].kill();
    f.nodes[B].kill();
    let c = &f.nodes[C];
    ensure!(
        names(c, TYPED)?.iter().any(|n| n == COURSE),
        "C alone does not find the course"
    );
    clone(c, REPOSITORY, &work.path().join("from-c-alone"))?;
    let again = work.path().join("course-from-c-alone");
    Typist::reader(c).done(work.path(), &["get", COURSE, &again.to_string_lossy()])?;
    ensure!(
        course == fs::read(again.join("README.md"))?,
        "C alone serves other bytes"
    );

    // C's people go on as well.
    let late = publish_note(c, "note-de-rentree", "Note de rentrée sur les équations")?;
    let pushed = push_new_repository(c, "outils-de-c", work.path())?;

    f.nodes[A].start()?;
    f.nodes[B].start()?;
    f.wait("A and B have what C's people did meanwhile", |f| {
        for n in [&f.nodes[A], &f.nodes[B]] {
            let found = names(n, "note de rentrée")?.contains(&late);
            if !found || head(n, "insa-rennes/outils-de-c", work.path())? != pushed {
                return Ok(false);
            }
        }
        Ok(true)
    })?;
    let root = f.converge()?;
    ensure!(!root.is_empty(), "the catalogue has no root");
    the_same_answers_everywhere(&f, &QUERIES)?;
    f.stop()
}

/// Step 2: a commit pushed to A can be cloned from B and C, and B's page shows it.
fn a_pushed_commit_is_everywhere(f: &Federation, work: &Path) -> Result<()> {
    let (a, b, c) = (&f.nodes[A], &f.nodes[B], &f.nodes[C]);
    let mine = work.join("developer");
    clone(a, REPOSITORY, &mine)?;
    fs::write(
        mine.join("WALK.md"),
        "A commit that walks from one institution to two others.\n",
    )?;
    git(&mine, None, &["add", "WALK.md"])?;
    git(
        &mine,
        None,
        &[
            "commit",
            "--quiet",
            "--message",
            "Walk to the other institutions",
        ],
    )?;
    let commit = git(&mine, None, &["rev-parse", "HEAD"])?.trim().to_owned();
    let begun = Instant::now();
    let url = format!("{}/{REPOSITORY}.git", a.url());
    git(
        &mine,
        Some(&a.token()?),
        &["push", "--quiet", &url, "HEAD:refs/heads/main"],
    )?;
    let returned = begun.elapsed();
    wait_until("B and C serve the pushed commit", || {
        Ok(head(b, REPOSITORY, work)? == commit && head(c, REPOSITORY, work)? == commit)
    })?;
    println!(
        "the push returned after {returned:?}; B and C had the commit after {:?}",
        begun.elapsed()
    );
    for (node, folder) in [(b, "from-b"), (c, "from-c")] {
        let folder = work.join(folder);
        clone(node, REPOSITORY, &folder)?;
        ensure!(
            git(&folder, None, &["rev-parse", "HEAD"])?.trim() == commit,
            "{} serves another commit",
            node.handle
        );
    }
    wait_until("B's page shows the commit", || {
        let page = http::get(b.ports().http, &format!("/{REPOSITORY}"), &[])?;
        Ok(page.status == 200 && page.text().contains("Walk to the other institutions"))
    })
}

/// Step 3: search, narrow, read, download with verification.
fn a_teacher_finds_the_course(f: &Federation, work: &Path) -> Result<()> {
    let c = &f.nodes[C];
    let client = c.client()?;
    let found = client.search(&Query::new(TYPED))?;
    let hit = found
        .hits
        .iter()
        .find(|h| h.name == COURSE)
        .context("the search does not find the course")?;
    ensure!(
        hit.institution == "univ-lorraine",
        "the course is {}'s",
        hit.institution
    );
    let narrow = Query {
        licences: vec!["CC-BY-SA-4.0".to_owned()],
        levels: vec!["fr-l1".to_owned()],
        ..Query::new(TYPED)
    };
    let narrowed = client.search(&narrow)?;
    ensure!(
        narrowed.total < found.total,
        "licence and level narrow nothing: {} of {}",
        narrowed.total,
        found.total
    );
    ensure!(
        narrowed.hits.iter().any(|h| h.name == COURSE),
        "licence and level lose the course"
    );
    ensure!(
        narrowed
            .hits
            .iter()
            .all(|h| h.licence.as_deref() == Some("CC-BY-SA-4.0")
                && h.level.iter().any(|l| l == "fr-l1")),
        "a narrowed hit has another licence or level"
    );
    let page = http::get(
        c.ports().http,
        &format!("/{COURSE}"),
        &["Accept-Language: fr"],
    )?;
    ensure!(
        page.status == 200,
        "the course's page answers {}",
        page.status
    );
    ensure!(
        page.text().contains("Équations différentielles linéaires"),
        "the page lacks the course's title"
    );

    let item: ItemRef = COURSE.parse().map_err(anyhow::Error::msg)?;
    let files = client.files(&item)?;
    ensure!(files.files.len() > 1, "the course has one file only");
    for file in &files.files {
        let path = format!("/api/v1/items/{COURSE}/files/{}", encoded(&file.path));
        let got = http::get(c.ports().http, &path, &[])?;
        ensure!(got.status == 200, "{} answers {}", file.path, got.status);
        ensure!(
            ContentHash::of(&got.body).to_string() == file.blake3,
            "{} has another hash",
            file.path
        );
    }
    let folder = work.join("course");
    Typist::reader(c).done(work, &["get", COURSE, &folder.to_string_lossy()])?;
    Typist::reader(c).done(work, &["verify", COURSE])?;
    Ok(())
}
