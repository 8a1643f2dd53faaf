//! How soon what is published is found on its node, while statements of another member come in.

use std::{
    fs,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use commun_client::{LocalFile, NewSource};
use serde_json::json;

use super::row;
use crate::{
    bench::{
        Effort, processor, source,
        table::{Table, median, quantile},
    },
    federation::{Federation, PATIENCE},
    http::Kept,
};

/// Statements that come in each second.
const COMING: usize = 200;
/// For so long, in seconds.
const SECONDS: usize = 60;
/// Between two things that are published.
const PAUSE: Duration = Duration::from_millis(300);
/// How often is looked whether it is found.
const LOOK: Duration = Duration::from_millis(5);

/// Publishes on the first node while the second one harvests.
pub(super) fn arrival(f: &mut Federation, effort: Effort, table: &mut Table) -> Result<()> {
    let seconds = effort.times(SECONDS);
    // The harvest goes on until all is measured.
    let (records, _) = source::records(COMING * (seconds + 60))?;
    let url = source::serve(Arc::new(records), source::Pace::per_second(COMING))?;
    let other = &mut f.nodes[1];
    other.stop()?;
    other.set_env("COMMUN_HARVEST_PRIVATE", "true");
    other.start()?;
    f.connected()?;
    let source = NewSource {
        url,
        ..NewSource::default()
    };
    f.nodes[1].client()?.add_source(&source)?;
    let node = &f.nodes[0];
    let client = node.client()?;
    let position = || anyhow::Ok(client.status()?.catalogue.position);
    let begun = Instant::now();
    let first = position()?;
    while position()? < first + COMING as u64 {
        ensure!(
            begun.elapsed() < PATIENCE,
            "nothing comes from the other member"
        );
        thread::sleep(Duration::from_millis(100));
    }
    let pid = node.pid().context("it runs")?;
    let (begun, first, spent) = (Instant::now(), position()?, processor::of_tree(pid)?);
    let folder = tempfile::tempdir()?;
    let mut kept = Kept::open(node.ports().http)?;
    let (mut after, mut whole) = (Vec::new(), Vec::new());
    let mut n = 0;
    while begun.elapsed() < Duration::from_secs(seconds as u64) {
        n += 1;
        // With digits, so that it is not taken for a slip of another word.
        let word = format!("mesure{n}x{}", n * 7);
        let path = folder.path().join("note.md");
        fs::write(&path, format!("# {word}\n\nUne note qui se cherche.\n"))?;
        let metadata = json!({"slug": format!("note-{n}"), "title": {"fr": format!("Note {word}")}, "licence": "CC0-1.0", "language": ["fr"]});
        let file = LocalFile {
            size: fs::metadata(&path)?.len(),
            source: path,
            path: "note.md".to_owned(),
        };
        let asked = Instant::now();
        let published = client.publish(None, &metadata, &[file], |_| {})?;
        let returned = Instant::now();
        let address = format!("/api/v1/search?q={word}&facets=false&limit=1");
        while !kept.get(&address)?.text().contains(&published.id) {
            ensure!(returned.elapsed() < PATIENCE, "{word} is never found");
            thread::sleep(LOOK);
        }
        after.push(returned.elapsed());
        whole.push(asked.elapsed());
        thread::sleep(PAUSE);
    }
    let took = begun.elapsed().as_secs_f64();
    let came = (position()? - first) as f64 / took;
    let busy = (processor::of_tree(pid)? - spent) / took;
    let mut coming = row("statements that came in each second meanwhile", came, "/s");
    coming.n = n;
    table.add(coming);
    table.add(row(
        "  processor of the node meanwhile, of one core",
        busy * 100.0,
        "%",
    ));
    for (name, ms, goal) in [
        ("median", median(&after), 300.0),
        ("p99", quantile(&after, 0.99), 1_000.0),
    ] {
        let mut found = row(
            &format!("publish returns to found on its node: {name}"),
            ms,
            "ms",
        );
        found.n = n;
        found.goal = format!("under {goal} ms");
        found.met = Some(ms < goal);
        table.add(found);
    }
    let mut all = row("  publish begins to found: median", median(&whole), "ms");
    all.n = n;
    table.add(all);
    Ok(())
}
