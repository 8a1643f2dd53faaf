//! A writer asks the others how long its log is before it signs.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};
use commun_testnet::{
    commun::Typist,
    federation::{Federation, wait_until},
    process::Node,
};
use serde_json::json;

use super::{
    deeds::{hits, publish, publish_note, the_same_answers_everywhere},
    turn::turn,
};

/// Publishes a note with a word that its file alone has.
fn publish_lamp(node: &Node, slug: &str) -> Result<String> {
    let metadata =
        json!({"slug": slug, "title": {"fr": slug}, "licence": "CC0-1.0", "language": ["fr"]});
    let file = ("note.md", b"# Note\n\nUn lampadaire.\n".as_slice());
    publish(node, None, &metadata, &[file])
}

/// Waits until every node has all. What only a disk held that is lost would be gone for good: also the text that is read
/// out of a file after it was published.
fn read_everywhere(f: &Federation) -> Result<()> {
    f.wait("the text is found everywhere", |f| {
        for node in &f.nodes {
            if hits(node, "lampadaire")?.is_empty() {
                return Ok(false);
            }
        }
        Ok(true)
    })?;
    the_same_answers_everywhere(f, &[""])
}

#[test]
fn a_node_restored_from_an_old_copy_adopts_the_longer_log_before_it_signs() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(2)?;
    publish_note(&f.nodes[0], "avant-la-copie", "Avant la copie")?;
    f.converge()?;
    f.nodes[0].stop()?;
    let old = f.dir.join("old-copy");
    copy(&f.nodes[0].data, &old)?;
    f.nodes[0].start()?;
    wait_until("the node may sign again", || {
        Ok(publish_lamp(&f.nodes[0], "apres-la-copie").is_ok())
    })?;
    read_everywhere(&f)?;
    f.converge()?;
    let size = log_at(&f, 1, 0)?.0;

    f.nodes[0].stop()?;
    fs::remove_dir_all(&f.nodes[0].data)?;
    fs::rename(&old, &f.nodes[0].data)?;
    f.nodes[0].start()?;
    wait_until("the restored node may sign", || {
        Ok(publish_note(&f.nodes[0], "apres-le-retour", "Après le retour").is_ok())
    })?;
    f.converge()?;
    for n in 0..2 {
        let (now, state) = log_at(&f, n, 0)?;
        ensure!(
            state == "ok",
            "{}: the restored log is {state}",
            f.nodes[n].handle
        );
        ensure!(
            now > size,
            "{}: the log has {now} entries after {size}",
            f.nodes[n].handle
        );
        for name in ["avant-la-copie", "apres-la-copie", "apres-le-retour"] {
            let item = format!("univ-angers/{name}")
                .parse()
                .map_err(anyhow::Error::msg)?;
            f.nodes[n]
                .client()?
                .item(&item)
                .with_context(|| format!("{} lacks {name}", f.nodes[n].handle))?;
        }
    }
    the_same_answers_everywhere(&f, &["", "copie"])?;
    f.stop()
}

#[test]
fn a_node_made_again_from_its_keys_goes_on_with_its_log() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(3)?;
    publish_lamp(&f.nodes[1], "avant-la-perte")?;
    read_everywhere(&f)?;
    let size = log_at(&f, 0, 1)?.0;

    // The disk is lost; the operator has the keys, and a member invites once more.
    f.nodes[1].kill();
    let data = f.nodes[1].data.clone();
    let keys = f.dir.join("keys-in-the-safe");
    copy(&data.join("keys"), &keys)?;
    fs::remove_dir_all(&data)?;
    fs::create_dir_all(&data)?;
    copy(&keys, &data.join("keys"))?;
    let invitation = f.nodes[0].client()?.invite()?.invitation.clone();
    let status = f.nodes[1].init(&["--join", &invitation])?.wait()?;
    ensure!(
        status.success(),
        "init ended with {status}: {}",
        f.nodes[1].log_end()
    );
    f.nodes[1].start()?;
    wait_until("the node may sign", || {
        Ok(publish_note(&f.nodes[1], "apres-la-perte", "Après la perte").is_ok())
    })?;
    f.converge()?;
    for n in 0..3 {
        let (now, state) = log_at(&f, n, 1)?;
        ensure!(
            state == "ok" && now > size,
            "{}: {now} entries after {size}, {state}",
            f.nodes[n].handle
        );
    }
    the_same_answers_everywhere(&f, &["", "perte"])?;
    f.stop()
}

#[test]
fn a_member_that_reaches_nobody_signs_only_when_told_to() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(2)?;
    f.converge()?;
    f.nodes[1].stop()?;
    f.nodes[0].stop()?;
    f.nodes[0].start()?;
    let here = tempfile::tempdir()?;
    let note = here.path().join("note.md");
    fs::write(&note, "# Note\n")?;
    let path = note.to_string_lossy().into_owned();
    let publish = [
        "publish",
        &path,
        "--slug",
        "seul",
        "--title",
        "Seul",
        "--licence",
        "CC0-1.0",
    ];
    let said = Typist::operator(&f.nodes[0])?.run(here.path(), &publish)?;
    ensure!(
        said.code == Some(5),
        "a node that reaches nobody signs: {said:?}"
    );
    ensure!(
        said.err.contains("503") && said.err.contains("log"),
        "the reason is not said: {}",
        said.err
    );
    // Reading goes on.
    ensure!(
        f.nodes[0].client()?.status()?.handle == "univ-angers",
        "the node does not answer"
    );

    f.nodes[0].stop()?;
    f.nodes[0].start_with(&["--alone"])?;
    // It still gives the others a while to answer.
    wait_until("the node signs although nobody answers", || {
        Ok(Typist::operator(&f.nodes[0])?
            .run(here.path(), &publish)?
            .code
            == Some(0))
    })?;
    f.nodes[1].start()?;
    f.converge()?;
    f.stop()
}

#[test]
fn a_founder_needs_nobody() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(1)?;
    f.nodes[0].stop()?;
    f.nodes[0].start()?;
    publish_note(&f.nodes[0], "seul-au-monde", "Seul au monde")?;
    f.stop()
}

/// Size and state of the first institution's log, as a node has it.
/// How long a node has the log of another, and how it stands.
fn log_at(f: &Federation, node: usize, whose: usize) -> Result<(u64, String)> {
    let status = f.nodes[node].client()?.status()?;
    let log = status
        .logs
        .iter()
        .find(|l| l.handle == f.nodes[whose].handle)
        .context("the log is known")?;
    Ok((log.size, log.state.clone()))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    fs::set_permissions(to, fs::metadata(from)?.permissions())?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else if entry.file_type()?.is_file() {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
