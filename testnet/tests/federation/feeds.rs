//! Atom feeds of what is said: what is new comes first, however old the thread is in which it is said.

use std::{thread, time::Duration};

use anyhow::{Context, Result, ensure};
use commun_client::{Filter, ItemRef};
use commun_testnet::{content::git, federation::Federation, http, process::Node};

use super::{
    deeds::{commit, push, push_new_repository},
    turn::turn,
};

const NAME: &str = "univ-angers/atelier";
/// Threads and merge requests: more than are listed at once.
const MANY: usize = 52;

/// The titles and texts of a feed's entries, as they stand there.
fn entries(node: &Node, list: &str) -> Result<Vec<String>> {
    let path = format!("/{NAME}/feed/{list}?lang=en");
    let answer = http::get(node.ports().http, &path, &[])?;
    ensure!(answer.status == 200, "{path} answers {}", answer.status);
    let text = answer.text();
    let parts = text.split("<entry>").skip(1);
    Ok(parts.map(str::to_owned).collect())
}

#[test]
fn news_in_the_oldest_thread_and_merge_request_lead_the_feeds() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = Federation::temporary(1)?;
    push_new_repository(&f.nodes[0], "atelier", here.path())?;
    let node = &f.nodes[0];
    let client = node.client()?;
    let item: ItemRef = NAME.parse().map_err(anyhow::Error::msg)?;

    let first = client
        .open_thread(&item, "The first", "", &[])?
        .thread
        .clone();
    let local = here.path().join("atelier");
    let mut refs = Vec::new();
    for n in 0..MANY {
        client.open_thread(&item, &format!("Thread {n}"), "", &[])?;
        let made = commit(&local, "n.txt", &format!("{n}\n"), &format!("Change {n}"))?;
        refs.push(format!("{made}:refs/for/main/t{n:02}"));
    }
    // Times are whole seconds: what was proposed first is older than the rest.
    push(node, NAME, &local, &[&refs[0]])?;
    thread::sleep(Duration::from_millis(1_100));
    let rest: Vec<&str> = refs[1..].iter().map(String::as_str).collect();
    push(node, NAME, &local, &rest)?;
    let filter = Filter {
        state: Some("all".to_owned()),
        limit: Some(100),
        ..Filter::default()
    };
    let requests = client.merge_requests(&item, &filter)?.value.merge_requests;
    ensure!(requests.len() == MANY, "{} requests", requests.len());
    let oldest = requests.last().context("the oldest")?;
    ensure!(oldest.topic.as_deref() == Some("t00"), "{oldest:?}");

    thread::sleep(Duration::from_millis(1_100));
    client.comment(&item, "threads", &first, "News in the first", None)?;
    client.comment(&item, "merge-requests", &oldest.id, "News of t00", None)?;
    for (list, news, title) in [
        ("threads", "News in the first", "The first"),
        ("merge-requests", "News of t00", "Change 0"),
    ] {
        let entries = entries(node, list)?;
        let newest = entries.first().context("an entry")?;
        ensure!(
            newest.contains(news) && newest.contains(title),
            "{list}: {newest}"
        );
        ensure!(entries.len() == 30, "{list}: {} entries", entries.len());
    }
    let served = git(
        here.path(),
        None,
        &["ls-remote", &format!("{}/{NAME}.git", node.url())],
    )?;
    ensure!(served.contains("refs/merge-requests/"), "{served}");
    f.stop()
}
