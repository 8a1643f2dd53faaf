//! What a node does without its operator: it keeps repositories fast, holds institutions to their quotas, and takes up
//! a transfer where it broke.

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use commun_client::Filter;
use commun_testnet::{
    content::git,
    federation::{Federation, PATIENCE, wait_until},
    http,
    process::Node,
};

use super::{
    deeds::{clone, commit, head, metric, push, push_new_repository},
    kills::sound,
    serving::noise,
    signed::begin,
    turn::{alone, turn},
};

const NAME: &str = "univ-angers/atelier";

/// The folder of the only repository of a node.
fn repository(node: &Node) -> Result<PathBuf> {
    let mut folders = fs::read_dir(node.data.join("git"))?;
    Ok(folders.next().context("one repository")??.path())
}

fn packs(folder: &Path) -> Result<usize> {
    let names = fs::read_dir(folder.join("objects/pack"))?;
    let pack = |name: &fs::DirEntry| name.path().extension().is_some_and(|kind| kind == "pack");
    Ok(names.filter_map(Result::ok).filter(pack).count())
}

#[test]
fn a_transfer_that_the_receiver_did_not_survive_goes_on() -> Result<()> {
    let _turn = alone();
    let here = tempfile::tempdir()?;
    let mut f = Federation::temporary(2)?;
    push_new_repository(&f.nodes[0], "atelier", here.path())?;
    let local = here.path().join("atelier");
    f.wait("the other node has it", |f| {
        Ok(head(&f.nodes[1], NAME, here.path()).is_ok())
    })?;
    f.nodes[1].stop()?;
    for n in 0..60 {
        noise(&local.join(format!("{n}.bin")), 1 << 20)?;
    }
    let large = commit(&local, "large.txt", "large\n", "Large files")?;
    push(&f.nodes[0], NAME, &local, &["main"])?;
    let folder = repository(&f.nodes[1])?;
    let incoming = || fs::metadata(folder.join("incoming.pack")).map_or(0, |file| file.len());
    f.nodes[1].start()?;
    let begun = Instant::now();
    while incoming() < 20 << 20 {
        ensure!(begun.elapsed() < PATIENCE, "the transfer never began");
        thread::sleep(Duration::from_millis(1));
    }
    f.nodes[1].kill();
    let kept = incoming();
    ensure!(kept < 60 << 20, "it was over before it could be broken");
    f.nodes[1].start()?;
    f.wait("the other node has the large files", |f| {
        Ok(head(&f.nodes[1], NAME, here.path())? == large)
    })?;
    let given = metric(&f.nodes[0], "commun_given_bytes_total ")?;
    println!(
        "{} MiB were there when it was killed; {} MiB were sent in all",
        kept >> 20,
        given >> 20
    );
    ensure!(given < 66 << 20, "{given} bytes were sent for 60 MiB");
    ensure!(incoming() == 0, "what was kept for going on is still there");
    f.nodes[1].stop()?;
    sound(&f.nodes[1].data)?;
    f.stop()
}

#[test]
fn a_transfer_that_the_giver_did_not_survive_goes_on() -> Result<()> {
    let _turn = alone();
    let here = tempfile::tempdir()?;
    let mut f = Federation::temporary(2)?;
    f.nodes[1].stop()?;
    let (name, local) = begin(&f.nodes[0], "atelier", here.path())?;
    for n in 0..60 {
        noise(&local.join(format!("{n}.bin")), 1 << 20)?;
    }
    let large = commit(&local, "large.txt", "large\n", "Large files")?;
    push(&f.nodes[0], &name, &local, &["main"])?;
    f.nodes[1].start()?;
    let git_folder = f.nodes[1].data.join("git");
    let incoming = || -> u64 {
        let folders = fs::read_dir(&git_folder).into_iter().flatten();
        let files = folders.filter_map(Result::ok).map(|folder| {
            fs::metadata(folder.path().join("incoming.pack")).map_or(0, |file| file.len())
        });
        files.sum()
    };
    let begun = Instant::now();
    while incoming() < 20 << 20 {
        ensure!(begun.elapsed() < PATIENCE, "the transfer never began");
        thread::sleep(Duration::from_millis(1));
    }
    f.nodes[0].kill();
    // What was on its way arrives still.
    thread::sleep(Duration::from_millis(200));
    let kept = incoming();
    ensure!(
        (20 << 20..60 << 20).contains(&kept),
        "it was over before it could be broken"
    );
    f.nodes[0].start()?;
    f.wait("the other node has the large files", |f| {
        Ok(head(&f.nodes[1], &name, here.path()).is_ok_and(|head| head == large))
    })?;
    // Counted since the giver's new start.
    let given = metric(&f.nodes[0], "commun_given_bytes_total ")?;
    println!(
        "{} MiB were there when the giver was killed; {} MiB were sent after it",
        kept >> 20,
        given >> 20
    );
    ensure!(
        given + kept < 66 << 20,
        "{given} bytes were sent where {kept} of 60 MiB were there"
    );
    ensure!(incoming() == 0, "what was kept for going on is still there");
    f.nodes[1].stop()?;
    sound(&f.nodes[1].data)?;
    f.stop()
}

#[test]
fn repositories_are_packed_by_themselves_and_a_kill_in_the_middle_harms_none() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = Federation::temporary(1)?;
    f.nodes[0].stop()?;
    f.nodes[0].set_env("COMMUN_MAINTENANCE", "1");
    f.nodes[0].start()?;
    push_new_repository(&f.nodes[0], "atelier", here.path())?;
    let local = here.path().join("atelier");
    let folder = repository(&f.nodes[0])?;
    for n in 0..8 {
        commit(&local, "file.txt", &format!("{n}\n"), "More")?;
        push(&f.nodes[0], NAME, &local, &["main"])?;
    }
    wait_until("eight pushes are packed", || Ok(packs(&folder)? < 6))?;
    let done = |f: &Federation| -> Result<bool> {
        let status = f.nodes[0].client()?.status()?;
        Ok(status.maintenance.packed > 0
            && status.maintenance.last.is_some()
            && status.maintenance.failed.is_empty())
    };
    f.wait("the status says so", done)?;
    let files = git(&folder, None, &["count-objects", "-v"])?;
    ensure!(files.contains("garbage: 0"), "{files}");

    // Large enough for indexes that take a moment to make.
    for round in 0..5 {
        for n in 0..3 {
            noise(&local.join(format!("{n}.bin")), 1 << 20)?;
            commit(&local, "file.txt", &format!("{round} {n}\n"), "Larger")?;
            push(&f.nodes[0], NAME, &local, &["main"])?;
        }
        thread::sleep(Duration::from_millis(700 + 130 * round));
        f.nodes[0].kill();
        // What ran for the node ends with it, a moment later.
        let fsck = ["fsck", "--strict", "--full", "--no-dangling"];
        wait_until("Git finds nothing wrong", || {
            git(&folder, None, &fsck).map(|_| true)
        })?;
        f.nodes[0].start()?;
    }
    let last = git(&local, None, &["rev-parse", "HEAD"])?;
    ensure!(
        head(&f.nodes[0], NAME, here.path())? == last.trim(),
        "a kill took a push back"
    );
    wait_until("the indexes are there", || {
        Ok(folder.join("objects/pack/multi-pack-index").exists()
            && folder
                .join("objects/info/commit-graphs/commit-graph-chain")
                .exists())
    })?;
    f.nodes[0].stop()?;
    git(&folder, None, &["multi-pack-index", "verify"])?;
    git(&folder, None, &["commit-graph", "verify"])?;
    sound(&f.nodes[0].data)?;
    f.stop()
}

#[test]
fn an_institution_over_its_quota_is_told_so_and_its_content_is_not_fetched() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = Federation::temporary(2)?;
    push_new_repository(&f.nodes[0], "atelier", here.path())?;
    let local = here.path().join("atelier");
    noise(&local.join("noise.bin"), 300_000)?;
    let first = commit(&local, "file.txt", "1\n", "Noise")?;
    push(&f.nodes[0], NAME, &local, &["main"])?;
    f.wait("the other node has it", |f| {
        Ok(head(&f.nodes[1], NAME, here.path())? == first)
    })?;
    for node in &mut f.nodes {
        node.stop()?;
    }
    // The second node takes less of the first institution than is there.
    f.nodes[1].set_env("COMMUN_QUOTA_BYTES", "200 kB");
    for node in &mut f.nodes {
        node.start()?;
    }
    f.connected()?;
    let second = commit(&local, "file.txt", "2\n", "Two")?;
    push(&f.nodes[0], NAME, &local, &["main"])?;
    f.wait(
        "the log is there, and the status says why the content is not",
        |f| {
            let (a, b) = (
                f.nodes[0].client()?.status()?,
                f.nodes[1].client()?.status()?,
            );
            let size = |s: &commun_client::Status| s.logs.iter().map(|l| l.size).sum::<u64>();
            let full = b.usage.iter().any(|u| u.handle == "univ-angers" && u.full);
            Ok(size(&a) == size(&b) && full)
        },
    )?;
    ensure!(
        head(&f.nodes[1], NAME, here.path())? == first,
        "content over the quota was fetched"
    );
    ensure!(
        metric(
            &f.nodes[1],
            "commun_institution_full{institution=\"univ-angers\"} "
        )? == 1,
        "the metric does not say so"
    );
    let page = http::get(f.nodes[1].ports().http, "/status?lang=en", &[])?.text();
    ensure!(page.contains("quota"), "the status page does not say so");

    // At home a push and a publication over it are refused, in words.
    f.nodes[0].stop()?;
    f.nodes[0].set_env("COMMUN_QUOTA_BYTES", "200 kB");
    f.nodes[0].start()?;
    f.wait("the first node has counted", |f| {
        let status = f.nodes[0].client()?.status()?;
        Ok(status.usage.iter().any(|u| u.full))
    })?;
    commit(&local, "file.txt", "3\n", "Three")?;
    let refused = push(&f.nodes[0], NAME, &local, &["main"])
        .err()
        .context("a push over the quota was taken")?;
    ensure!(format!("{refused:#}").contains("quota"), "{refused:#}");
    let bearer = format!("Authorization: Bearer {}", f.nodes[0].token()?);
    let answer = http::request(
        f.nodes[0].ports().http,
        "POST",
        "/api/v1/items",
        &[&bearer, "Content-Type: multipart/form-data; boundary=x"],
        b"--x--\r\n",
    )?;
    ensure!(answer.status == 507, "{answer:?}");
    ensure!(head(&f.nodes[0], NAME, here.path())? == second);
    f.stop()
}

#[test]
fn what_an_institution_proposes_counts_to_its_own_quota_and_over_it_is_held_back() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = Federation::temporary(2)?;
    let begun = push_new_repository(&f.nodes[0], "atelier", here.path())?;
    f.wait("the other node has it", |f| {
        Ok(head(&f.nodes[1], NAME, here.path())? == begun)
    })?;
    let local = here.path().join("b");
    clone(&f.nodes[1], NAME, &local)?;
    let (owner, proposer) = (f.nodes[0].handle.clone(), f.nodes[1].handle.clone());
    let usage = |node: &Node, handle: &str| -> Result<commun_client::UsageStatus> {
        let status = node.client()?.status()?.value;
        let found = status.usage.into_iter().find(|u| u.handle == handle);
        found.context("no usage of a member")
    };
    let propose = |f: &Federation, topic: &str| -> Result<String> {
        noise(&local.join(format!("{topic}.bin")), 300_000)?;
        let commit = commit(&local, "file.txt", topic, topic)?;
        push(
            &f.nodes[1],
            NAME,
            &local,
            &[&format!("HEAD:refs/for/main/{topic}")],
        )?;
        Ok(commit)
    };
    propose(&f, "one")?;
    f.wait("what is proposed counts to who proposes it", |f| {
        for node in &f.nodes {
            let (a, b) = (usage(node, &owner)?, usage(node, &proposer)?);
            if b.proposed < 300_000 || b.bytes < b.proposed || a.bytes > 100_000 {
                return Ok(false);
            }
        }
        Ok(true)
    })?;

    // The owner's node takes less of the other institution than it has proposed.
    f.nodes[0].stop()?;
    f.nodes[0].set_env("COMMUN_QUOTA_BYTES", "200 kB");
    f.nodes[0].start()?;
    f.connected()?;
    f.wait("the first node has counted", |f| {
        Ok(usage(&f.nodes[0], &proposer)?.full)
    })?;
    let two = propose(&f, "two")?;
    f.wait("what is over the quota is held back, and said so", |f| {
        Ok(usage(&f.nodes[0], &proposer)?.held_back == 1)
    })?;
    let page = http::get(f.nodes[0].ports().http, "/status?lang=en", &[])?.text();
    ensure!(
        page.contains(&format!("What {proposer} proposes")),
        "the status page does not say so"
    );
    let all = f.nodes[0]
        .client()?
        .merge_requests(&NAME.parse().expect("a name"), &Filter::default())?;
    let newest = all.merge_requests.iter().find(|r| r.new == two);
    ensure!(newest.is_some(), "the proposal itself is known");
    let url = format!("{}/{NAME}.git", f.nodes[0].url());
    let refs = git(here.path(), None, &["ls-remote", &url])?;
    ensure!(
        !refs.contains(&two),
        "what is over the quota was fetched: {refs}"
    );
    // It takes nothing from the owner, who goes on.
    let own = here.path().join("atelier");
    let next = commit(&own, "file.txt", "2\n", "Two")?;
    push(&f.nodes[0], NAME, &own, &["main"])?;
    ensure!(head(&f.nodes[0], NAME, here.path())? == next);

    // At home a proposal over the quota is refused, in words.
    f.nodes[1].stop()?;
    f.nodes[1].set_env("COMMUN_QUOTA_BYTES", "200 kB");
    f.nodes[1].start()?;
    f.wait("the second node has counted", |f| {
        Ok(usage(&f.nodes[1], &proposer)?.full)
    })?;
    let refused = propose(&f, "three")
        .err()
        .context("a proposal over the quota was taken")?;
    let refused = format!("{refused:#}");
    ensure!(
        refused.contains("quota") && refused.contains("merge what is ready"),
        "{refused}"
    );
    f.stop()
}
