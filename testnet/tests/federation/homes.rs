//! One project of several homes: every listed institution pushes on its own node, and it is one repository.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use commun_client::RefState;
use commun_testnet::{
    commun::Typist,
    content::{Said, git, git_said},
    federation::{Federation, INSTITUTIONS},
    http,
    process::Node,
    wire::Wire,
};

use super::{
    deeds::{clone, commit, head, push_new_repository},
    turn::turn,
};

const NAME: &str = "univ-angers/atelier";
const MAIN: &str = "refs/heads/main";
/// The nodes: the owner's, another home's, a third one's.
const A: usize = 0;
const B: usize = 1;
const C: usize = 2;

/// What the owner's operator types about the repository.
fn owner(f: &Federation, here: &Path, verb: &str, args: &[&str]) -> Result<()> {
    let all = [&["repo", verb, NAME], args].concat();
    Typist::operator(&f.nodes[A])?.done(here, &all)?;
    Ok(())
}

/// Lists an institution's developers among those who may push.
fn maintain(f: &Federation, here: &Path, at: usize) -> Result<()> {
    owner(f, here, "maintainers", &["add", &f.nodes[at].handle])
}

/// Waits until something is so on every node.
fn everywhere(f: &Federation, what: &str, is: impl Fn(&Node) -> Result<bool>) -> Result<()> {
    f.wait(what, |f| {
        for node in &f.nodes {
            if !is(node)? {
                return Ok(false);
            }
        }
        Ok(true)
    })
}

/// Waits until every node knows the owner's newest rules and serves this commit.
fn settled(f: &mut Federation, here: &Path, wanted: &str) -> Result<()> {
    f.converge()?;
    everywhere(f, "every node serves the commit", |node| {
        Ok(head(node, NAME, here)? == wanted)
    })
}

/// A repository of A's to which B pushes too, known everywhere: its first commit.
fn two_homes(f: &mut Federation, here: &Path) -> Result<String> {
    let begun = push_new_repository(&f.nodes[A], "atelier", here)?;
    maintain(f, here, B)?;
    settled(f, here, &begun)?;
    Ok(begun)
}

/// The commit that a desk is at.
fn at(local: &Path) -> Result<String> {
    Ok(git(local, None, &["rev-parse", "HEAD"])?.trim().to_owned())
}

/// Types commands as a message gives them, joined by `&&`.
fn typed(node: &Node, local: &Path, line: &str) -> Result<()> {
    let token = node.token()?;
    for command in line.split(" && ") {
        let args: Vec<&str> = command.split(' ').skip(1).collect();
        git(local, Some(&token), &args)?;
    }
    Ok(())
}

/// A clone of somebody at an institution: `origin` is that institution's node.
fn desk(f: &Federation, at: usize, here: &Path) -> Result<PathBuf> {
    let local = here.join(&f.nodes[at].handle);
    clone(&f.nodes[at], NAME, &local)?;
    Ok(local)
}

/// `git push origin …` at a desk, with the operator's token, in a language.
fn push(node: &Node, local: &Path, lang: &str, refs: &[&str]) -> Result<Said> {
    let args = [&["push", "origin"], refs].concat();
    git_said(local, Some(&node.token()?), &[("LANGUAGE", lang)], &args)
}

fn taken(said: &Said) -> Result<()> {
    ensure!(said.done, "the push was refused: {}", said.err);
    Ok(())
}

fn refused(said: &Said, with: &str) -> Result<()> {
    ensure!(!said.done, "the push was taken: {}", said.err);
    ensure!(
        said.err.contains(with),
        "the refusal does not say {with:?}: {}",
        said.err
    );
    Ok(())
}

/// Every ref that a node serves.
fn served(node: &Node, here: &Path) -> Result<BTreeMap<String, String>> {
    let url = format!("{}/{NAME}.git", node.url());
    let all = git(here, None, &["ls-remote", &url])?;
    let pair = |line: &str| {
        let (oid, name) = line.split_once('\t')?;
        Some((name.to_owned(), oid.to_owned()))
    };
    Ok(all
        .lines()
        .filter_map(pair)
        .filter(|(n, _)| n != "HEAD")
        .collect())
}

/// A page of a node.
fn page(node: &Node, path: &str) -> Result<String> {
    let answer = http::get(node.ports().http, path, &[])?;
    ensure!(answer.status == 200, "{path} answers {}", answer.status);
    Ok(answer.text())
}

/// What a node says of the default branch.
fn main_branch(node: &Node) -> Result<RefState> {
    let state = node.client()?.repository(NAME)?;
    let main = state.refs.iter().find(|r| r.name == MAIN);
    main.cloned().context("there is a main branch")
}

/// The commands of a message that begin so, as one types them.
fn commands<'a>(said: &'a str, begin: &str) -> Vec<&'a str> {
    said.lines()
        .map(|l| l.trim_start_matches("remote:").trim())
        .filter(|l| l.starts_with(begin))
        .collect()
}

#[test]
fn a_listed_institution_pushes_at_home_until_the_owner_ends_it() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = Federation::temporary(3)?;
    let begun = push_new_repository(&f.nodes[A], "atelier", here.path())?;
    settled(&mut f, here.path(), &begun)?;
    let (at_b, at_c) = (desk(&f, B, here.path())?, desk(&f, C, here.path())?);

    // Before it is listed, it says where to push; afterwards it takes the push, and the others have it.
    commit(&at_b, "b.txt", "b\n", "From B")?;
    refused(
        &push(&f.nodes[B], &at_b, "en", &["main"])?,
        &format!("{}/{NAME}.git", f.nodes[A].url()),
    )?;
    maintain(&f, here.path(), B)?;
    f.converge()?;
    taken(&push(&f.nodes[B], &at_b, "en", &["main"])?)?;
    let pushed = at(&at_b)?;
    settled(&mut f, here.path(), &pushed)?;
    refused(
        &push(&f.nodes[C], &at_c, "fr", &["main:refs/heads/from-c"])?,
        "acceptent les push vers ce dépôt",
    )?;

    // What the owner says of protection holds on every home's node.
    owner(&f, here.path(), "protect", &["main"])?;
    f.converge()?;
    git(
        &at_b,
        None,
        &["commit", "--quiet", "--amend", "--message", "Rewritten"],
    )?;
    refused(
        &push(&f.nodes[B], &at_b, "en", &["+main"])?,
        "protected branch",
    )?;
    refused(
        &push(&f.nodes[B], &at_b, "fr", &["+main"])?,
        "branche protégée",
    )?;
    refused(
        &push(&f.nodes[B], &at_b, "en", &[":main"])?,
        "cannot be deleted",
    )?;
    let url = format!("{}/{NAME}.git", f.nodes[A].url());
    let token = f.nodes[A].token()?;
    let by_owner = git_said(&at_b, Some(&token), &[], &["push", &url, "+main"])?;
    refused(&by_owner, "protected branch")?;
    ensure!(
        head(&f.nodes[B], NAME, here.path())? == pushed,
        "a refused push moved main"
    );

    // Where nothing is protected, force and deletion are everybody's to see, and nothing is lost at once.
    taken(&push(&f.nodes[B], &at_b, "en", &["HEAD:refs/heads/topic"])?)?;
    let first = at(&at_b)?;
    git(
        &at_b,
        None,
        &["commit", "--quiet", "--amend", "--message", "Again"],
    )?;
    refused(
        &push(&f.nodes[B], &at_b, "en", &["HEAD:refs/heads/topic"])?,
        "non-fast-forward",
    )?;
    taken(&push(
        &f.nodes[B],
        &at_b,
        "en",
        &["+HEAD:refs/heads/topic"],
    )?)?;
    taken(&push(&f.nodes[B], &at_b, "en", &[":refs/heads/topic"])?)?;
    everywhere(&f, "the topic is gone", |node| {
        Ok(!served(node, here.path())?.contains_key("refs/heads/topic"))
    })?;
    let kept = kept(&f.nodes[B])?;
    ensure!(
        kept.iter().any(|k| k.ends_with(&first)),
        "{first} is not kept: {kept:?}"
    );

    // The owner takes B off the list, with a cut: what it pushed stays, what it pushes does not count.
    git(&at_b, None, &["reset", "--quiet", "--hard", &pushed])?;
    owner(
        &f,
        here.path(),
        "maintainers",
        &["remove", &f.nodes[B].handle],
    )?;
    f.converge()?;
    commit(&at_b, "b.txt", "late\n", "Late")?;
    refused(
        &push(&f.nodes[B], &at_b, "en", &["main"])?,
        "univ-angers accepts pushes to this repository",
    )?;
    settled(&mut f, here.path(), &pushed)?;
    maintain(&f, here.path(), B)?;
    f.converge()?;
    taken(&push(&f.nodes[B], &at_b, "en", &["main"])?)?;
    let late = at(&at_b)?;
    settled(&mut f, here.path(), &late)?;
    f.stop()
}

/// The names of the hidden refs that hold what refs left behind.
fn kept(node: &Node) -> Result<Vec<String>> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(node.data.join("git"))? {
        let folder = entry?.path();
        let names = git(
            &folder,
            None,
            &["for-each-ref", "--format=%(refname)", "refs/commun"],
        )?;
        all.extend(names.lines().map(str::to_owned));
    }
    Ok(all)
}

#[test]
fn two_homes_that_push_apart_are_told_and_one_merge_mends_it() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = Federation::empty()?;
    let mut wires = Vec::new();
    for (handle, name) in &INSTITUTIONS[..3] {
        let mut node = Node::new(&f.dir, handle, name)?;
        let wire = Wire::to(node.ports())?;
        node.set_env("COMMUN_ANNOUNCE", &wire.announced());
        wires.push(wire);
        f.add(node)?;
    }
    f.connected()?;
    two_homes(&mut f, here.path())?;
    let (at_a, at_b) = (desk(&f, A, here.path())?, desk(&f, B, here.path())?);

    for w in &wires {
        w.cut();
    }
    everywhere(&f, "everybody is alone", |node| {
        Ok(!node.client()?.status()?.peers.iter().any(|p| p.connected))
    })?;
    let from_a = commit(&at_a, "a.txt", "a\n", "From A")?;
    let from_b = commit(&at_b, "b.txt", "b\n", "From B")?;
    taken(&push(&f.nodes[A], &at_a, "en", &["main"])?)?;
    taken(&push(&f.nodes[B], &at_b, "fr", &["main"])?)?;
    ensure!(
        head(&f.nodes[A], NAME, here.path())? == from_a,
        "A does not serve its own push"
    );
    ensure!(
        head(&f.nodes[B], NAME, here.path())? == from_b,
        "B does not serve its own push"
    );

    for w in &wires {
        w.mend();
    }
    f.connected()?;
    f.converge()?;
    // Every node serves the owner's head as the branch, and the other one beside it.
    let beside = format!("refs/diverged/{}/heads/main", f.nodes[B].handle);
    everywhere(&f, "every node serves both heads", |node| {
        let refs = served(node, here.path())?;
        Ok(refs.get(MAIN) == Some(&from_a) && refs.get(&beside) == Some(&from_b))
    })?;
    for node in &f.nodes {
        let main = main_branch(node)?;
        ensure!(
            main.state == "diverged",
            "{} says {}",
            node.handle,
            main.state
        );
        ensure!(main.heads.len() == 2 && main.heads[1].place.as_deref() == Some(&beside));
    }
    let typist = Typist::reader(&f.nodes[C]);
    let shown = typist.done(here.path(), &["repo", "show", NAME])?.out;
    ensure!(
        shown.contains("diverged") && commands(&shown, "git fetch").len() == 1,
        "repo show does not tell: {shown}"
    );

    // Both are told at their next push, whatever they push, each in their language.
    git(&at_a, None, &["branch", "other"])?;
    let told = push(&f.nodes[A], &at_a, "en", &["other"])?;
    taken(&told)?;
    ensure!(
        told.err.contains("main has several heads"),
        "A is not told: {}",
        told.err
    );
    git(&at_b, None, &["branch", "autre"])?;
    let told = push(&f.nodes[B], &at_b, "fr", &["autre"])?;
    taken(&told)?;
    ensure!(
        told.err.contains("main a plusieurs têtes"),
        "B is not told: {}",
        told.err
    );

    // At B, a push over what is served would lose what B pushed: it says how not to.
    let fresh = here.path().join("fresh");
    clone(&f.nodes[B], NAME, &fresh)?;
    commit(&fresh, "c.txt", "c\n", "Over the served head only")?;
    let lost = push(&f.nodes[B], &fresh, "en", &["main"])?;
    refused(&lost, "non-fast-forward")?;
    // The commands of the message mend it, as they stand there.
    let lines = commands(&lost.err, "git ");
    ensure!(
        lines.len() == 2 && lines[1] == "git push",
        "the commands are {lines:?}"
    );
    typed(&f.nodes[B], &fresh, lines[0])?;
    taken(&push(&f.nodes[B], &fresh, "en", &["main"])?)?;
    let merged = at(&fresh)?;
    settled(&mut f, here.path(), &merged)?;
    everywhere(&f, "no head stands beside the branch any more", |node| {
        let refs = served(node, here.path())?;
        Ok(!refs.keys().any(|n| n.starts_with("refs/diverged/")))
    })?;
    for oid in [&from_a, &from_b] {
        git(&fresh, None, &["merge-base", "--is-ancestor", oid, &merged])?;
    }
    let main = main_branch(&f.nodes[A])?;
    ensure!(main.state == "ok" && main.heads.len() == 1, "{main:?}");

    // Apart once more; this time the owner's side merges, with the page's commands.
    for w in &wires {
        w.cut();
    }
    git(
        &at_a,
        None,
        &["pull", "--quiet", "--ff-only", "origin", "main"],
    )?;
    commit(&at_a, "a.txt", "aa\n", "From A again")?;
    commit(&fresh, "b.txt", "bb\n", "From B again")?;
    taken(&push(&f.nodes[A], &at_a, "en", &["main"])?)?;
    taken(&push(&f.nodes[B], &fresh, "en", &["main"])?)?;
    for w in &wires {
        w.mend();
    }
    f.connected()?;
    f.converge()?;
    f.wait("A has B's head", |f| {
        Ok(served(&f.nodes[A], here.path())?.contains_key(&beside))
    })?;
    git(&at_a, None, &["fetch", "--quiet", "origin", &beside])?;
    git(&at_a, None, &["merge", "--quiet", "FETCH_HEAD"])?;
    taken(&push(&f.nodes[A], &at_a, "en", &["main"])?)?;
    let merged = at(&at_a)?;
    settled(&mut f, here.path(), &merged)?;
    f.stop()
}

#[test]
fn a_silent_owner_stops_nobody() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = Federation::temporary(3)?;
    two_homes(&mut f, here.path())?;
    let at_b = desk(&f, B, here.path())?;
    f.nodes[A].kill();
    let pushed = commit(&at_b, "b.txt", "b\n", "While A is away")?;
    taken(&push(&f.nodes[B], &at_b, "en", &["main"])?)?;
    f.wait("C serves what B pushed", |f| {
        Ok(head(&f.nodes[C], NAME, here.path())? == pushed)
    })?;
    let at_c = here.path().join("from-c");
    clone(&f.nodes[C], NAME, &at_c)?;
    ensure!(at(&at_c)? == pushed);
    f.nodes[A].start()?;
    settled(&mut f, here.path(), &pushed)?;
    f.stop()
}

#[test]
fn commits_that_nobody_gives_stop_nobody() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = Federation::temporary(2)?;
    two_homes(&mut f, here.path())?;
    let (at_a, at_b) = (desk(&f, A, here.path())?, desk(&f, B, here.path())?);
    // A's statement survives, its objects do not: B learns of a head that it cannot have.
    f.nodes[B].stop()?;
    let lost = commit(&at_a, "a.txt", "a\n", "Lost on A's disk")?;
    taken(&push(&f.nodes[A], &at_a, "en", &["main"])?)?;
    f.nodes[A].stop()?;
    std::fs::remove_dir_all(f.nodes[A].data.join("git"))?;
    f.nodes[A].start()?;
    f.nodes[B].start()?;
    f.connected()?;
    f.converge()?;
    f.wait("B knows that it is behind", |f| {
        Ok(main_branch(&f.nodes[B])?.state == "behind")
    })?;
    let pushed = commit(&at_b, "b.txt", "b\n", "B goes on")?;
    f.wait("B's push is taken", |f| {
        let said = push(&f.nodes[B], &at_b, "en", &["main"])?;
        ensure!(
            said.done || said.err.contains("does not hold the newest"),
            "{}",
            said.err
        );
        ensure!(
            !said.done || said.err.contains("no node gives to this one"),
            "{}",
            said.err
        );
        Ok(said.done)
    })?;
    ensure!(head(&f.nodes[B], NAME, here.path())? == pushed);
    // Whoever has the lost commit merges, and it is one branch again.
    f.wait("A serves what B pushed", |f| {
        Ok(served(&f.nodes[A], here.path())?
            .values()
            .any(|o| *o == pushed))
    })?;
    git(
        &at_a,
        None,
        &[
            "pull",
            "--quiet",
            "--no-rebase",
            "--no-edit",
            "origin",
            "main",
        ],
    )?;
    f.wait("A takes the merge", |f| {
        let said = push(&f.nodes[A], &at_a, "en", &["main"])?;
        if !said.done {
            git(&at_a, None, &["fetch", "--quiet", "origin"])?;
        }
        Ok(said.done)
    })?;
    let merged = at(&at_a)?;
    git(
        &at_a,
        None,
        &["merge-base", "--is-ancestor", &lost, &merged],
    )?;
    settled(&mut f, here.path(), &merged)?;
    f.stop()
}

#[test]
fn what_needs_two_institutions_waits_for_the_second() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = Federation::temporary(3)?;
    let begun = push_new_repository(&f.nodes[A], "atelier", here.path())?;
    maintain(&f, here.path(), B)?;
    owner(&f, here.path(), "protect", &["main", "--threshold", "2"])?;
    settled(&mut f, here.path(), &begun)?;
    let (at_a, at_b) = (desk(&f, A, here.path())?, desk(&f, B, here.path())?);

    let wanted = commit(&at_a, "a.txt", "a\n", "From A")?;
    let told = push(&f.nodes[A], &at_a, "en", &["main"])?;
    taken(&told)?;
    let waiting = format!("refs/waiting/{}/heads/main", f.nodes[A].handle);
    for part in [
        waiting.as_str(),
        "what you pushed waits; 1 of 2 institutions",
    ] {
        ensure!(
            told.err.contains(part),
            "A is not told {part:?}: {}",
            told.err
        );
    }
    everywhere(
        &f,
        "every node serves what waits beside the branch",
        |node| {
            let refs = served(node, here.path())?;
            Ok(refs.get(MAIN) == Some(&begun) && refs.get(&waiting) == Some(&wanted))
        },
    )?;
    for node in &f.nodes {
        let main = main_branch(node)?;
        ensure!(
            main.state == "waiting",
            "{} says {}",
            node.handle,
            main.state
        );
        ensure!(
            main.waiting[0].place.as_deref() == Some(&waiting),
            "{main:?}"
        );
    }
    // Every node's page says so, with how another institution agrees and what it would change.
    for (node, lang, words) in [
        (&f.nodes[A], "en", "waits for another institution"),
        (&f.nodes[C], "fr", "attend un autre établissement"),
    ] {
        let agree = format!("git fetch origin {waiting}\ngit push origin FETCH_HEAD:{MAIN}");
        let compare = format!("/{NAME}/compare/main...{}", &waiting["refs/".len()..]);
        let page = page(node, &format!("/{NAME}?lang={lang}"))?;
        for part in [words, &agree, &compare] {
            ensure!(page.contains(part), "{part:?} is not on the page: {page}");
        }
        ensure!(self::page(node, &compare)?.contains("a.txt"));
        let proof = self::page(node, &format!("/{NAME}/verification?lang={lang}"))?;
        ensure!(
            proof.contains(words),
            "{words:?} is not on the page: {proof}"
        );
    }
    // Once more says nothing new, and not that the branch moved.
    let before = f.nodes[A].client()?.status()?.logs.clone();
    let again = push(&f.nodes[A], &at_a, "fr", &["main"])?;
    taken(&again)?;
    ensure!(
        again.err.contains("attend") && again.err.contains(&format!("main -> {waiting}")),
        "A is not told again: {}",
        again.err
    );
    ensure!(
        f.nodes[A].client()?.status()?.logs == before,
        "it was stated twice"
    );

    // B agrees, by the command that A was told.
    let line = commands(&told.err, "git fetch");
    ensure!(line.len() == 1, "{}", told.err);
    typed(&f.nodes[B], &at_b, line[0])?;
    settled(&mut f, here.path(), &wanted)?;
    everywhere(&f, "nothing waits any more", |node| {
        let refs = served(node, here.path())?;
        Ok(
            main_branch(node)?.state == "ok"
                && !refs.keys().any(|n| n.starts_with("refs/waiting/")),
        )
    })?;
    f.stop()
}

#[test]
fn a_branch_that_needs_two_institutions_is_made_by_the_second() -> Result<()> {
    const RELEASE: &str = "refs/heads/release/1";
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = Federation::temporary(2)?;
    let begun = two_homes(&mut f, here.path())?;
    let rule = ["release/*", "--threshold", "2"];
    owner(&f, here.path(), "protect", &rule)?;
    settled(&mut f, here.path(), &begun)?;
    let (at_a, at_b) = (desk(&f, A, here.path())?, desk(&f, B, here.path())?);

    let wanted = commit(&at_a, "a.txt", "a\n", "Ready")?;
    let refspec = format!("HEAD:{RELEASE}");
    let told = push(&f.nodes[A], &at_a, "en", &[&refspec])?;
    taken(&told)?;
    let waiting = format!("refs/waiting/{}/heads/release/1", f.nodes[A].handle);
    for part in [
        waiting.as_str(),
        "what you pushed waits; 1 of 2 institutions",
    ] {
        ensure!(told.err.contains(part), "no {part:?}: {}", told.err);
    }
    // Nobody serves a branch, and everybody what waits for it.
    let branch = format!("/{NAME}/tree/release/1");
    everywhere(&f, "every node serves what waits, no branch", |node| {
        let refs = served(node, here.path())?;
        ensure!(!refs.contains_key(RELEASE), "{} serves it", node.handle);
        Ok(refs.get(&waiting) == Some(&wanted))
    })?;
    for node in &f.nodes {
        let status = http::get(node.ports().http, &branch, &[])?.status;
        ensure!(status == 404, "{}: {branch} answers {status}", node.handle);
        let state = node.client()?.repository(NAME)?;
        let release = state.refs.iter().find(|r| r.name == RELEASE);
        let release = release.context("what waits is listed")?;
        ensure!(
            release.state == "waiting" && release.oid.is_none() && release.heads.is_empty(),
            "{release:?}"
        );
    }
    // Once more says nothing new.
    let before = f.nodes[A].client()?.status()?.logs.clone();
    taken(&push(&f.nodes[A], &at_a, "en", &[&refspec])?)?;
    ensure!(
        f.nodes[A].client()?.status()?.logs == before,
        "it was stated twice"
    );
    // Another commit of B's does not agree with it: both wait.
    commit(&at_b, "b.txt", "b\n", "Not the same")?;
    let other = push(&f.nodes[B], &at_b, "en", &[&refspec])?;
    taken(&other)?;
    everywhere(&f, "both wait and none is served", |node| {
        let refs = served(node, here.path())?;
        ensure!(!refs.contains_key(RELEASE), "{} serves it", node.handle);
        Ok(refs
            .keys()
            .filter(|n| n.starts_with("refs/waiting/"))
            .count()
            == 2)
    })?;

    // B agrees, by the command that A was told.
    let line = commands(&told.err, "git fetch");
    ensure!(line.len() == 1, "{}", told.err);
    typed(&f.nodes[B], &at_b, line[0])?;
    f.converge()?;
    everywhere(&f, "the branch is there and nothing waits", |node| {
        let refs = served(node, here.path())?;
        ensure!(refs.get(MAIN) == Some(&begun), "the main branch moved");
        Ok(refs.get(RELEASE) == Some(&wanted)
            && !refs.keys().any(|n| n.starts_with("refs/waiting/")))
    })?;
    for node in &f.nodes {
        page(node, &branch)?;
    }
    f.stop()
}

#[test]
fn a_repository_is_handed_to_another_institution() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = Federation::temporary(2)?;
    let begun = two_homes(&mut f, here.path())?;
    let to = f.nodes[B].handle.clone();
    owner(&f, here.path(), "transfer", &["--to", &to])?;
    f.converge()?;
    let at_b = Typist::operator(&f.nodes[B])?;
    at_b.done(here.path(), &["repo", "accept", NAME, "--slug", "fabrique"])?;
    f.converge()?;
    let name = format!("{to}/fabrique");
    // The old address goes on to work, everywhere; the new one too.
    for node in &f.nodes {
        ensure!(
            head(node, NAME, here.path())? == begun,
            "{}: the old address",
            node.handle
        );
        ensure!(
            head(node, &name, here.path())? == begun,
            "{}: the new address",
            node.handle
        );
    }
    // The new owner makes the rules, and the former one pushes only while it is listed.
    at_b.done(
        here.path(),
        &["repo", "maintainers", &name, "remove", &f.nodes[A].handle],
    )?;
    f.converge()?;
    let local = desk(&f, A, here.path())?;
    commit(&local, "a.txt", "a\n", "From the former owner")?;
    refused(
        &push(&f.nodes[A], &local, "en", &["main"])?,
        &format!("{}/{name}.git", f.nodes[B].url()),
    )?;
    let url = format!("{}/{name}.git", f.nodes[B].url());
    let token = f.nodes[B].token()?;
    git(&local, Some(&token), &["push", "--quiet", &url, "main"])?;
    let pushed = at(&local)?;
    settled(&mut f, here.path(), &pushed)?;
    f.stop()
}
