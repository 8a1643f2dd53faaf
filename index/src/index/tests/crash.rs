//! `kill -9` at any moment keeps whole batches, and all that were acknowledged.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::*;

/// Tells the feeder its folder.
const FOLDER: &str = "COMMUN_INDEX_FEEDER_FOLDER";
/// Documents per batch: each batch replaces them all.
const BATCH: u64 = 5;

fn batch(cursor: u64) -> Vec<Change> {
    puts((0..BATCH).map(|n| Document {
        updated: cursor,
        ..titled(&format!("item-{n}"), "fr", &format!("lot{cursor}"))
    }))
}

/// The process that is killed: feeds batch after batch and says so.
#[test]
#[ignore = "the other process of a_killed_process_loses_nothing_acknowledged"]
fn feeder() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let index = Index::open(Path::new(&folder)).unwrap();
    for cursor in index.cursor().unwrap_or(0) + 1.. {
        index.apply(batch(cursor), cursor).unwrap();
        println!("fed {cursor}");
    }
}

fn start(folder: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture"])
        .arg("index::tests::crash::feeder")
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn a_killed_process_loses_nothing_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    for round in 1..=6 {
        let mut feeder = start(folder.path());
        let lines = BufReader::new(feeder.stdout.take().unwrap()).lines();
        let acknowledged = lines
            .map(Result::unwrap)
            .filter_map(|line| line.split_once("fed ")?.1.parse::<u64>().ok())
            .nth(round * 2)
            .unwrap();
        feeder.kill().unwrap();
        feeder.wait().unwrap();

        let index = Index::open(folder.path()).unwrap();
        let cursor = index.cursor().unwrap();
        assert!(cursor >= acknowledged, "{cursor} {acknowledged}");
        assert_eq!(index.documents(), BATCH);
        let answer = index.search(&ask(&format!("lot{cursor}"))).unwrap();
        assert_eq!(answer.total as u64, BATCH);
        assert!(answer.hits.iter().all(|hit| hit.updated == cursor));
    }
}
