//! People of several institutions work on one repository: merge requests and threads, with stock Git and `commun`.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};
use commun_client::{Filter, ItemRef, MergeRequest, Thread};
use commun_testnet::{
    commun::Typist,
    content::git,
    federation::{Federation, INSTITUTIONS},
    http,
    process::Node,
    wire::Wire,
};
use serde_json::Value;

use super::{
    deeds::{clone, commit, head, push, push_new_repository},
    turn::turn,
};

const NAME: &str = "univ-angers/atelier";

fn item() -> ItemRef {
    NAME.parse().expect("a name")
}

/// A federation with a repository of the first institution that every node serves, and a clone of it from the last.
fn workshop(n: usize, here: &Path) -> Result<Federation> {
    let f = Federation::temporary(n)?;
    let begun = push_new_repository(&f.nodes[0], "atelier", here)?;
    f.wait("every node serves the repository", |f| {
        for node in &f.nodes {
            if head(node, NAME, here)? != begun {
                return Ok(false);
            }
        }
        Ok(true)
    })?;
    clone(f.nodes.last().context("a node")?, NAME, &here.join("c"))?;
    Ok(f)
}

/// The only merge request in a state, as a node shows it.
fn request(node: &Node, state: &str) -> Result<Option<MergeRequest>> {
    let filter = Filter {
        state: Some(state.to_owned()),
        ..Filter::default()
    };
    let client = node.client()?;
    let all = client.merge_requests(&item(), &filter)?;
    match all.merge_requests.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(client.merge_request(&item(), &one.id)?.value)),
        more => anyhow::bail!("{} merge requests", more.len()),
    }
}

/// Waits until every node shows the one request in a state, and as `is` says.
fn everywhere(
    f: &Federation,
    what: &str,
    state: &str,
    is: impl Fn(&MergeRequest) -> bool,
) -> Result<()> {
    f.wait(what, |f| {
        for node in &f.nodes {
            if !request(node, state)?.is_some_and(|r| is(&r)) {
                return Ok(false);
            }
        }
        Ok(true)
    })
}

#[test]
fn a_change_is_proposed_discussed_and_merged_by_three_institutions() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = workshop(3, here.path())?;
    let local = here.path().join("c");
    let said = |n: usize, args: &[&str]| Typist::operator(&f.nodes[n])?.done(here.path(), args);

    // C proposes on its own node to a repository to which only A pushes.
    let one = commit(
        &local,
        "greeting.txt",
        "Bonjour\n",
        "Greet people\n\nIn *French*, for now.",
    )?;
    let refused = push(&f.nodes[2], NAME, &local, &["HEAD:refs/heads/main"]);
    let refused = format!("{:#}", refused.err().context("C pushed to the branch")?);
    ensure!(
        refused.contains(&f.nodes[0].url()),
        "not told where to push: {refused}"
    );
    push(&f.nodes[2], NAME, &local, &["HEAD:refs/for/main/greeting"])?;
    everywhere(
        &f,
        "every node has the request with its commits",
        "open",
        |r| r.local && r.new == one && r.commits.len() == 1,
    )?;
    let opened = request(&f.nodes[0], "open")?.context("it is open")?;
    ensure!(
        opened.title == "Greet people"
            && opened.text.as_deref() == Some("In *French*, for now.")
            && opened.topic.as_deref() == Some("greeting")
            && opened.target == "refs/heads/main"
            && opened.by.institution == f.nodes[2].handle,
        "{opened:#?}"
    );
    for node in &f.nodes {
        let url = format!("{}/{NAME}.git", node.url());
        let refs = git(
            here.path(),
            None,
            &["ls-remote", &url, "refs/merge-requests/*"],
        )?;
        ensure!(
            refs.contains(&format!("{one}\t{}", opened.reference))
                && refs.contains(&format!("{one}\t{}", opened.reference.replace("head", "1"))),
            "{refs}"
        );
    }

    // The same commit again changes nothing.
    push(&f.nodes[2], NAME, &local, &["HEAD:refs/for/main/greeting"])?;
    ensure!(
        request(&f.nodes[2], "open")?.is_some_and(|r| r.version == 1),
        "the same commit made a version"
    );

    // B comments, C answers with a new version, A approves and merges.
    let id = &opened.id[..16];
    let comment = said(
        1,
        &[
            "merge-request",
            "comment",
            NAME,
            id,
            "--text",
            "And in English?",
            "--json",
        ],
    )?;
    let comment = comment.json()?["id"].as_str().context("an id")?.to_owned();
    f.wait("C reads the comment", |f| {
        Ok(request(&f.nodes[2], "open")?.is_some_and(|r| r.comments == 1))
    })?;
    let two = commit(
        &local,
        "greeting.txt",
        "Bonjour, hello\n",
        "Greet people in two languages",
    )?;
    push(&f.nodes[2], NAME, &local, &["HEAD:refs/for/main/greeting"])?;
    said(
        2,
        &[
            "merge-request",
            "comment",
            NAME,
            id,
            "--text",
            "There.",
            "--reply-to",
            &comment,
        ],
    )?;
    everywhere(&f, "every node has the new version", "open", |r| {
        r.local && r.new == two && r.version == 2 && r.comments == 2
    })?;
    // Who looked at the first version approves and merges neither of them, and reads which one is there.
    let operator = Typist::operator(&f.nodes[0])?;
    for args in [
        &["merge-request", "approve", NAME, id, "--version", "1"][..],
        &["merge-request", "merge", NAME, id, "--version", &one[..12]],
    ] {
        let old = operator.run(here.path(), args)?;
        ensure!(
            old.code == Some(4) && old.err.contains("version 2") && old.err.contains(&two),
            "{args:?}: {old:?}"
        );
    }
    let none = operator.run(
        here.path(),
        &["merge-request", "merge", NAME, id, "--version", "3"],
    )?;
    ensure!(none.code == Some(2), "{none:?}");
    let bearer = format!("Authorization: Bearer {}", f.nodes[0].token()?);
    let port = f.nodes[0].ports().http;
    let address = format!("/api/v1/items/{NAME}/merge-requests/{id}");
    let headers = [bearer.as_str(), "Content-Type: application/json"];
    for (what, body, status) in [
        ("merge", format!("{{\"new\":\"{one}\"}}"), 409),
        (
            "reviews",
            format!("{{\"verdict\":\"approve\",\"new\":\"{one}\"}}"),
            409,
        ),
        ("merge", "{\"new\":\"abc\"}".to_owned(), 422),
    ] {
        let to = format!("{address}/{what}");
        let answer = http::request(port, "POST", &to, &headers, body.as_bytes())?;
        ensure!(answer.status == status, "{what}: {answer:?}");
        if status == 409 {
            let problem: Value = serde_json::from_slice(&answer.body)?;
            let newest = problem["errors"][0]["what"].as_str().unwrap_or_default();
            ensure!(newest.contains(&two), "{problem}");
        }
    }
    ensure!(
        request(&f.nodes[0], "open")?.is_some_and(|r| r.approvals == 0 && r.new == two),
        "the version that nobody looked at was approved or merged"
    );
    let approved = said(
        0,
        &["merge-request", "approve", NAME, id, "--text", "Good."],
    )?;
    ensure!(approved.err.contains(&two), "{approved:?}");
    let own =
        Typist::operator(&f.nodes[2])?.run(here.path(), &["merge-request", "approve", NAME, id])?;
    ensure!(own.code == Some(4), "C approves its own request");
    let merging =
        Typist::operator(&f.nodes[2])?.run(here.path(), &["merge-request", "merge", NAME, id])?;
    ensure!(
        merging.code == Some(4) && merging.err.contains("univ-angers"),
        "C merges where it may not push: {merging:?}"
    );
    let merged = said(
        0,
        &["merge-request", "merge", NAME, id, "--no-ff", "--json"],
    )?
    .json()?;
    ensure!(merged["outcome"] == "merged", "{merged}");
    let merge = merged["commit"].as_str().context("a commit")?.to_owned();
    everywhere(&f, "every node shows it as merged", "merged", |r| {
        r.state == "merged" && r.approvals == 1
    })?;
    git(&local, None, &["fetch", "--quiet", "origin"])?;
    f.wait("C's clone has the merge", |_| {
        git(&local, None, &["fetch", "--quiet", "origin"])?;
        Ok(git(&local, None, &["rev-parse", "origin/main"])?.trim() == merge)
    })?;
    let shown = git(
        &local,
        None,
        &["log", "-1", "--format=%ae%n%ce%n%B", &merge],
    )?;
    ensure!(
        shown.contains(&format!("@{}.commun.invalid", f.nodes[0].handle))
            && shown.contains("Merge-Request: univ-angers/atelier/merge-requests/")
            && shown.contains("Approved-By: "),
        "{shown}"
    );
    let again = said(0, &["merge-request", "merge", NAME, id, "--json"])?.json()?;
    ensure!(again["outcome"] == "unchanged", "{again}");

    // What was said stands in the same order everywhere.
    let entries = |n: usize| -> Result<Vec<(String, String)>> {
        let r = request(&f.nodes[n], "merged")?.context("it is merged")?;
        Ok(r.entries.into_iter().map(|e| (e.kind, e.id)).collect())
    };
    let first = entries(0)?;
    let kinds: Vec<&str> = first.iter().map(|(kind, _)| kind.as_str()).collect();
    // Within one second only what follows from what has an order.
    let at = |kind: &str, nth: usize| {
        let mut places = (0..kinds.len()).filter(|n| kinds[*n] == kind);
        places.nth(nth).unwrap_or(usize::MAX)
    };
    ensure!(
        kinds.len() == 5
            && at("version", 0) == 0
            && at("version", 1) < at("review", 0)
            && first[at("comment", 0)].1 == comment,
        "{kinds:?}"
    );
    ensure!(
        entries(1)? == first && entries(2)? == first,
        "another order"
    );
    f.converge()?;
    f.stop()
}

#[test]
fn a_request_that_conflicts_is_refused_with_the_files_and_merged_by_hand() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = workshop(2, here.path())?;
    let (ours, theirs) = (here.path().join("atelier"), here.path().join("c"));
    commit(&theirs, "README.md", "# Theirs\n", "Their title")?;
    push(&f.nodes[1], NAME, &theirs, &["HEAD:refs/for/main/title"])?;
    commit(&ours, "README.md", "# Ours\n", "Our title")?;
    push(&f.nodes[0], NAME, &ours, &["main"])?;
    everywhere(&f, "both nodes have the request", "open", |r| r.local)?;
    let open = request(&f.nodes[0], "open")?.context("it is open")?;
    let operator = Typist::operator(&f.nodes[0])?;
    let refused = operator.run(here.path(), &["merge-request", "merge", NAME, &open.id])?;
    ensure!(
        refused.code == Some(4)
            && refused.err.contains("README.md")
            && refused
                .err
                .contains(&format!("git fetch origin {}", open.reference)),
        "{refused:?}"
    );
    // By hand, with the commands that it printed: Git shows that it is merged.
    let url = format!("{}/{NAME}.git", f.nodes[0].url());
    git(&ours, None, &["fetch", "--quiet", &url, &open.reference])?;
    ensure!(
        git(&ours, None, &["merge", "--quiet", "FETCH_HEAD"]).is_err(),
        "no conflict"
    );
    commit(&ours, "README.md", "# Both\n", "Merge by hand")?;
    push(&f.nodes[0], NAME, &ours, &["main"])?;
    everywhere(&f, "both nodes show it as merged", "merged", |r| {
        r.id == open.id
    })?;
    // A request with this topic is a new one from now on.
    commit(&theirs, "more.txt", "more\n", "More")?;
    push(&f.nodes[1], NAME, &theirs, &["HEAD:refs/for/main/title"])?;
    let next = request(&f.nodes[1], "open")?.context("it is open")?;
    ensure!(next.id != open.id && next.version == 1, "{next:#?}");
    // The owner closes it; nobody else does.
    f.wait("the owner has it", |f| {
        Ok(request(&f.nodes[0], "open")?.is_some())
    })?;
    let other = Typist::operator(&f.nodes[1])?;
    let closing = other.run(here.path(), &["merge-request", "close", NAME, &next.id])?;
    ensure!(closing.code == Some(4), "{closing:?}");
    operator.done(here.path(), &["merge-request", "close", NAME, &next.id])?;
    everywhere(&f, "both nodes show it as closed", "closed", |r| {
        r.id == next.id
    })?;
    let merging = operator.run(here.path(), &["merge-request", "merge", NAME, &next.id])?;
    ensure!(
        merging.code == Some(4),
        "a closed one is merged: {merging:?}"
    );
    f.converge()?;
    f.stop()
}

#[test]
fn a_push_for_review_is_refused_where_it_makes_no_sense() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = workshop(1, here.path())?;
    let node = &f.nodes[0];
    let local = here.path().join("c");
    let why = |refs: &str| -> Result<String> {
        let refused = push(node, NAME, &local, &[refs]).err();
        Ok(format!(
            "{:#}",
            refused.with_context(|| format!("{refs} was taken"))?
        ))
    };
    ensure!(
        why("HEAD:refs/for/main/x")?.contains("already"),
        "contained in main"
    );
    commit(&local, "a.txt", "a\n", "A")?;
    ensure!(
        why("HEAD:refs/for/main")?.contains("refs/for/main/TOPIC"),
        "no topic"
    );
    ensure!(
        why("HEAD:refs/for/master/x")?.contains("there are: main"),
        "no such branch"
    );
    for evil in [
        "main/a..b",
        "main/.x",
        "main/x.lock",
        "main/con",
        "../main/x",
        "main/é\u{202e}x",
        "-x/y",
    ] {
        // Git itself refuses to send some of them; none may be taken.
        why(&format!("HEAD:refs/for/{evil}"))?;
    }
    why("HEAD:refs/merge-requests/aaaaaaaaaaaaaaaa/head")?;
    git(&local, None, &["checkout", "--quiet", "--orphan", "alone"])?;
    commit(&local, "b.txt", "b\n", "Alone")?;
    ensure!(
        why("HEAD:refs/for/main/alone")?.contains("in common"),
        "unrelated"
    );
    let none = request(node, "all")?;
    ensure!(none.is_none(), "something was opened: {none:#?}");

    // A branch and a proposal in one push, each answered.
    git(&local, None, &["checkout", "--quiet", "--force", "main"])?;
    push(
        node,
        NAME,
        &local,
        &["HEAD:refs/heads/side", "HEAD:refs/for/main/both"],
    )?;
    let open = request(node, "open")?.context("it is open")?;
    ensure!(open.topic.as_deref() == Some("both"), "{open:#?}");
    f.stop()
}

#[test]
fn a_thread_is_opened_answered_edited_labelled_and_closed() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = workshop(2, here.path())?;
    let operator = Typist::operator(&f.nodes[0])?;
    let other = Typist::operator(&f.nodes[1])?;
    let hostile =
        "**bold** <script>alert(1)</script> \u{202e}txt [x](javascript:alert(1)) @univ-angers/ada";
    let text = here.path().join("text.md");
    fs::write(&text, hostile)?;
    let opened = other
        .done(
            here.path(),
            &[
                "thread",
                "open",
                NAME,
                "--title",
                "It <b>fails</b>",
                "--file",
                "text.md",
                "--label",
                "bug",
                "--json",
            ],
        )?
        .json()?;
    let id = opened["id"].as_str().context("an id")?.to_owned();
    let thread =
        |n: usize| -> Result<Thread> { Ok(f.nodes[n].client()?.thread(&item(), &id)?.value) };
    f.wait("the owner reads it", |f| {
        Ok(f.nodes[0].client()?.thread(&item(), &id).is_ok())
    })?;
    ensure!(
        thread(0)?.title == "It <b>fails</b>"
            && thread(0)?.entries[0].text.as_deref() == Some(hostile.trim()),
        "{:#?}",
        thread(0)?
    );
    for lang in ["fr", "en"] {
        let path = format!("/{NAME}/threads/{}?lang={lang}", &id[..16]);
        let page = http::get(f.nodes[0].ports().http, &path, &["Accept: text/html"])?;
        let shown = page.text();
        ensure!(page.status == 200, "the page answers {}", page.status);
        ensure!(
            shown.contains("<strong>bold</strong>")
                && shown.contains("It &lt;b&gt;fails&lt;/b&gt;")
                && !shown.contains("<script")
                && !shown.contains("javascript:")
                && !shown.contains('\u{202e}'),
            "{shown}"
        );
        let list = http::get(
            f.nodes[0].ports().http,
            &format!("/{NAME}/threads?lang={lang}"),
            &["Accept: text/html"],
        )?;
        ensure!(
            list.status == 200 && list.text().contains("It &lt;b&gt;fails"),
            "{}",
            list.text()
        );
    }

    // Answers, an edit, labels, a state.
    let answer = operator.done(
        here.path(),
        &[
            "thread",
            "comment",
            NAME,
            &id,
            "--text",
            "Since when?",
            "--json",
        ],
    )?;
    let answer = answer.json()?["id"].as_str().context("an id")?.to_owned();
    let refused = other.run(
        here.path(),
        &["thread", "edit", NAME, &id, &answer, "--text", "Not yours"],
    )?;
    ensure!(
        matches!(refused.code, Some(1 | 4)),
        "somebody else's comment was edited: {refused:?}"
    );
    operator.done(
        here.path(),
        &[
            "thread",
            "edit",
            NAME,
            &id,
            &answer,
            "--text",
            "Since when exactly?",
        ],
    )?;
    let no_label = operator.run(here.path(), &["thread", "label", NAME, &id, "À voir"])?;
    ensure!(
        no_label.code == Some(4)
            && no_label.err.contains("such as needs-help")
            && !no_label.err.contains("role"),
        "what is wrong with the label is not said: {no_label:?}"
    );
    operator.done(
        here.path(),
        &["thread", "label", NAME, &id, "bug", "parser"],
    )?;
    operator.done(here.path(), &["thread", "close", NAME, &id])?;
    let closing = other.run(here.path(), &["thread", "reopen", NAME, &id])?;
    ensure!(closing.code == Some(4), "{closing:?}");
    f.wait("the other node has all of it", |f| {
        let t = f.nodes[1].client()?.thread(&item(), &id)?.value;
        Ok(t.state == "closed" && t.labels == ["bug", "parser"] && t.comments == 1)
    })?;
    // The page says what became different, and the feed is one and the same everywhere.
    let page = http::get(
        f.nodes[1].ports().http,
        &format!("/{NAME}/threads/{}?lang=en", &id[..16]),
        &[],
    )?
    .text();
    ensure!(
        page.contains("set the labels bug, parser")
            && page.matches("set the labels").count() == 1
            && page.contains("closed it")
            && !page.contains("opened it again"),
        "{page}"
    );
    let feeds = f
        .nodes
        .iter()
        .map(|node| {
            let path = format!("/{NAME}/feed/threads?lang=en");
            let feed = http::get(node.ports().http, &path, &[])?;
            ensure!(feed.status == 200, "the feed answers {}", feed.status);
            ensure!(feed.header("content-type") == Some("application/atom+xml; charset=utf-8"));
            Ok(feed.text().replace(&node.url(), ""))
        })
        .collect::<Result<Vec<String>>>()?;
    ensure!(
        feeds[0] == feeds[1]
            && feeds[0].matches("<entry>").count() == 4
            && feeds[0].contains("Since when exactly?")
            && feeds[0].contains("closed it")
            && !feeds[0].contains('\u{202e}'),
        "{}\n{}",
        feeds[0],
        feeds[1]
    );
    let said = thread(1)?;
    let comment = said
        .entries
        .iter()
        .find(|e| e.id == answer)
        .context("the answer")?;
    ensure!(
        comment.edited && comment.text.as_deref() == Some("Since when exactly?"),
        "{said:#?}"
    );
    let listed = |state: &str, label: Option<&str>| -> Result<u64> {
        let filter = Filter {
            state: Some(state.to_owned()),
            label: label.map(str::to_owned),
            ..Filter::default()
        };
        Ok(f.nodes[1].client()?.threads(&item(), &filter)?.total)
    };
    ensure!(
        listed("open", None)? == 0
            && listed("closed", Some("parser"))? == 1
            && listed("all", Some("x"))? == 0,
        "the filters"
    );
    let mentions = f.nodes[0].client()?.mentions("univ-angers/Ada", None)?;
    ensure!(
        mentions.mentions.len() == 1 && mentions.mentions[0].thread == id,
        "{mentions:?}"
    );

    // What is too large or nonsense is refused.
    let huge = "x".repeat((64 << 10) + 1);
    fs::write(here.path().join("huge.md"), &huge)?;
    let refused = other.run(
        here.path(),
        &["thread", "comment", NAME, &id, "--file", "huge.md"],
    )?;
    ensure!(refused.code == Some(4), "{refused:?}");
    let client = f.nodes[1].client()?;
    let status = |done: Result<_, commun_client::Error>| done.err().and_then(|e| e.status());
    ensure!(
        status(
            client
                .comment(&item(), "threads", &id, &huge, None)
                .map(|_| ())
        ) == Some(422),
        "huge"
    );
    ensure!(
        status(
            client
                .comment(&item(), "threads", &id, " ", None)
                .map(|_| ())
        ) == Some(422),
        "empty"
    );
    ensure!(
        status(client.open_thread(&item(), "a\nb", "x", &[]).map(|_| ())) == Some(422),
        "title"
    );
    ensure!(
        status(
            client
                .open_thread(&item(), "a", "x", &["Not A Label".to_owned()])
                .map(|_| ())
        )
        .is_some(),
        "label"
    );
    let anonymous = commun_client::Client::new(&f.nodes[1].url(), None)?;
    ensure!(
        status(
            anonymous
                .comment(&item(), "threads", &id, "x", None)
                .map(|_| ())
        ) == Some(401),
        "no token"
    );
    f.converge()?;
    f.stop()
}

#[test]
fn what_two_people_say_while_cut_apart_is_shown_in_one_order() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = Federation::empty()?;
    let mut wires = Vec::new();
    for (handle, name) in &INSTITUTIONS[..2] {
        let mut node = Node::new(&f.dir, handle, name)?;
        let wire = Wire::to(node.ports())?;
        node.set_env("COMMUN_ANNOUNCE", &wire.announced());
        wires.push(wire);
        f.add(node)?;
    }
    f.connected()?;
    let begun = push_new_repository(&f.nodes[0], "atelier", here.path())?;
    f.wait("the other half serves the repository", |f| {
        Ok(head(&f.nodes[1], NAME, here.path())? == begun)
    })?;
    let opened = f.nodes[1]
        .client()?
        .open_thread(&item(), "Apart", "Do we agree?", &[])?;
    let id = opened.thread.clone();
    f.wait("both have the thread", |f| {
        Ok(f.nodes[0].client()?.thread(&item(), &id).is_ok())
    })?;
    for w in &wires {
        w.cut();
    }
    f.wait("each half notices that the other is away", |f| {
        for n in &f.nodes {
            if n.client()?.status()?.peers.iter().any(|p| p.connected) {
                return Ok(false);
            }
        }
        Ok(true)
    })?;
    for (n, node) in f.nodes.iter().enumerate() {
        for text in ["one", "two"] {
            let text = format!("{n}: {text}");
            node.client()?
                .comment(&item(), "threads", &id, &text, None)?;
        }
    }
    f.nodes[0]
        .client()?
        .set_state(&item(), "threads", &id, Some("closed"), None)?;
    // A proposal is made while its repository's institution is away, too.
    let local = here.path().join("c");
    clone(&f.nodes[1], NAME, &local)?;
    commit(&local, "apart.txt", "apart\n", "While apart")?;
    push(&f.nodes[1], NAME, &local, &["HEAD:refs/for/main/apart"])?;
    for w in &wires {
        w.mend();
    }
    let texts = |node: &Node| -> Result<Vec<String>> {
        let thread = node.client()?.thread(&item(), &id)?.value;
        Ok(thread
            .entries
            .into_iter()
            .map(|e| e.text.unwrap_or(e.kind))
            .collect())
    };
    f.wait("both nodes show all of it", |f| {
        Ok(texts(&f.nodes[0])?.len() == 6 && texts(&f.nodes[1])?.len() == 6)
    })?;
    let (one, two) = (texts(&f.nodes[0])?, texts(&f.nodes[1])?);
    ensure!(one == two, "two orders: {one:?} and {two:?}");
    let at = |text: &str| one.iter().position(|t| t == text);
    ensure!(
        at("0: one") < at("0: two") && at("1: one") < at("1: two"),
        "{one:?}"
    );
    everywhere(&f, "the proposal is on both nodes", "open", |r| r.local)?;
    f.converge()?;
    f.stop()
}

#[test]
fn two_who_change_a_state_at_once_are_told_and_both_are_shown() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = workshop(1, here.path())?;
    let client = f.nodes[0].client()?;
    let id = client
        .open_thread(&item(), "State", "x", &[])?
        .thread
        .clone();
    client.set_state(&item(), "threads", &id, Some("closed"), None)?;
    let again = client.set_state(&item(), "threads", &id, Some("closed"), None);
    ensure!(
        again.err().and_then(|e| e.status()) == Some(409),
        "the same state twice"
    );
    client.set_state(
        &item(),
        "threads",
        &id,
        Some("open"),
        Some(&["late".to_owned()]),
    )?;
    let thread = client.thread(&item(), &id)?;
    let states: Vec<_> = thread
        .entries
        .iter()
        .filter(|e| e.kind == "state")
        .collect();
    ensure!(
        thread.state == "open" && thread.labels == ["late"] && states.len() == 2,
        "{thread:#?}"
    );
    let json: Value = thread.json.clone();
    ensure!(json["entries_total"] == 3, "{json}");
    f.stop()
}

#[test]
fn under_a_threshold_the_second_institution_states_the_same_merge() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = workshop(3, here.path())?;
    let owner = Typist::operator(&f.nodes[0])?;
    let second = Typist::operator(&f.nodes[1])?;
    let lorraine = f.nodes[1].handle.clone();
    owner.done(
        here.path(),
        &["repo", "maintainers", NAME, "add", &lorraine],
    )?;
    owner.done(
        here.path(),
        &["repo", "protect", NAME, "main", "--threshold", "2"],
    )?;
    f.converge()?;
    let begun = head(&f.nodes[0], NAME, here.path())?;
    let local = here.path().join("c");
    commit(&local, "two.txt", "two\n", "For two to agree")?;
    push(&f.nodes[2], NAME, &local, &["HEAD:refs/for/main/two"])?;
    everywhere(&f, "every node has the request", "open", |r| r.local)?;
    let id = request(&f.nodes[0], "open")?.context("it is open")?.id;

    let first = owner.done(
        here.path(),
        &["merge-request", "merge", NAME, &id, "--no-ff", "--json"],
    )?;
    let first = first.json()?;
    ensure!(first["outcome"] == "waiting", "{first}");
    ensure!(
        head(&f.nodes[0], NAME, here.path())? == begun,
        "one institution moved the branch"
    );
    let handle = f.nodes[0].handle.clone();
    everywhere(&f, "every node shows what waits", "open", |r| {
        r.waiting == [handle.as_str()]
    })?;
    let done = second.done(
        here.path(),
        &["merge-request", "merge", NAME, &id, "--no-ff", "--json"],
    )?;
    let done = done.json()?;
    ensure!(
        done["outcome"] == "merged" && done["commit"] == first["commit"],
        "{first} and {done}"
    );
    everywhere(&f, "every node shows it as merged", "merged", |r| {
        r.id == id
    })?;
    f.wait("every node serves the merge", |f| {
        for node in &f.nodes {
            if Some(head(node, NAME, here.path())?.as_str()) != first["commit"].as_str() {
                return Ok(false);
            }
        }
        Ok(true)
    })?;
    f.converge()?;
    f.stop()
}

#[test]
fn a_proposal_that_nobody_can_give_any_more_holds_up_no_branch() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = workshop(3, here.path())?;
    let local = here.path().join("c");
    // Everybody has the proposal, then one node loses its repository, and who proposed is away.
    commit(&local, "gone.txt", "gone\n", "Gone")?;
    push(&f.nodes[2], NAME, &local, &["HEAD:refs/for/main/gone"])?;
    everywhere(&f, "every node has the request", "open", |r| r.local)?;
    f.nodes[1].stop()?;
    f.nodes[2].stop()?;
    for entry in fs::read_dir(f.nodes[0].data.join("git"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "git") {
            let refs = path.join("refs/merge-requests");
            ensure!(
                refs.is_dir() || path.join("packed-refs").is_file(),
                "no request in {path:?}"
            );
        }
    }
    // The owner goes on alone: it takes pushes and merges.
    let ours = here.path().join("atelier");
    let pushed = commit(&ours, "on.txt", "on\n", "Going on")?;
    push(&f.nodes[0], NAME, &ours, &["main"])?;
    ensure!(
        head(&f.nodes[0], NAME, here.path())? == pushed,
        "the push is not served"
    );
    // Who was away gets what was proposed from whoever holds it, not only from who proposed it.
    fs::remove_dir_all(f.nodes[1].data.join("git"))?;
    f.nodes[1].start()?;
    f.wait(
        "the second node has the branch and the proposal from the owner",
        |f| {
            Ok(head(&f.nodes[1], NAME, here.path())? == pushed
                && request(&f.nodes[1], "open")?.is_some_and(|r| r.local))
        },
    )?;
    f.nodes[2].start()?;
    f.converge()?;
    f.stop()
}
