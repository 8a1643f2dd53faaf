//! A large file whose receiver is killed in the middle goes on where it was.

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use commun_testnet::{
    commun::Typist,
    federation::{Federation, PATIENCE, wait_until},
    process::Node,
};

use super::{deeds::metric, kills::sound, serving::noise, turn::alone};

/// Large enough that a kill finds it in the middle, small enough for a debug build.
const SIZE: u64 = 96 << 20;

/// Bytes of large blobs that are on the disk.
fn arrived(node: &Node) -> u64 {
    let folder = fs::read_dir(node.data.join("blobs/data"));
    let files = folder.into_iter().flatten().filter_map(Result::ok);
    let large = |x: &std::ffi::OsStr| x == "data" || x == "part";
    let data = files.filter(|f| f.path().extension().is_some_and(large));
    data.filter_map(|f| f.metadata().ok())
        .map(|m| m.len())
        .sum()
}

#[test]
fn a_large_file_whose_receiver_is_killed_in_the_middle_is_not_sent_again() -> Result<()> {
    let _turn = alone();
    let here = tempfile::tempdir()?;
    let mut f = Federation::temporary(2)?;
    f.nodes[1].stop()?;
    let file = here.path().join("film.bin");
    noise(&file, usize::try_from(SIZE)?)?;
    let more = [
        "--title",
        "Film",
        "--licence",
        "CC0-1.0",
        "--language",
        "fr",
    ];
    let arguments = [&["publish", "film.bin", "--slug", "film"][..], &more].concat();
    Typist::operator(&f.nodes[0])?.done(here.path(), &arguments)?;
    let receiver = &mut f.nodes[1];
    receiver.start()?;
    let begun = Instant::now();
    while arrived(receiver) < SIZE / 4 {
        ensure!(begun.elapsed() < PATIENCE, "the transfer never began");
        thread::sleep(Duration::from_millis(1));
    }
    receiver.kill();
    let kept = arrived(receiver);
    ensure!(kept < SIZE, "it was over before it could be broken");
    receiver.start()?;
    wait_until("the receiver holds the file", || {
        Ok(metric(receiver, "commun_content_bytes ")? >= SIZE)
    })?;
    // Counted since the receiver's new start: the file, its list, its record.
    let again = metric(receiver, "commun_content_received_bytes_total ")?;
    println!(
        "{} MiB were there when the receiver was killed; {} MiB came after it",
        kept >> 20,
        again >> 20
    );
    ensure!(
        kept + again < SIZE + SIZE / 20,
        "{again} bytes came where {kept} of {SIZE} were there"
    );
    for node in &mut f.nodes {
        node.stop()?;
        sound(&node.data)?;
    }
    f.stop()
}
