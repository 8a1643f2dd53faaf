//! `commun-testnet bench`: how fast a small federation on loopback is, and how fast its peers are in the same run.
//!
//! A noisy machine slows both sides of a ratio, so ratios are what counts; each row says how often it was measured and
//! how busy the machine was. Peers that are not installed are said to be absent, never replaced by a guess.

use std::{
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};

use crate::{
    commun::Typist,
    demo,
    federation::{Federation, PATIENCE},
};

mod apache;
mod crowd;
mod disk;
mod duplicates;
mod files;
mod footprint;
mod history;
mod memory;
mod million;
mod pages;
mod processor;
mod records;
mod relevance;
mod replication;
mod repositories;
mod searches;
mod serving;
mod source;
mod syncthing;
mod table;
mod takedown;

use apache::Apache;
pub use processor::{COUNTED, counted};
use table::Table;

/// What `commun-testnet bench` is asked for.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where the figures go as JSON
    #[arg(long, default_value = "target/bench")]
    out: PathBuf,
    /// Measure a tenth as often: to see that it works
    #[arg(long)]
    quick: bool,
    /// Measure only the pages of a repository with a long history
    #[arg(long)]
    pages: bool,
    /// Measure only what serving and replicating repositories costs
    #[arg(long)]
    git: bool,
    /// Measure only a hundred thousand metadata records: taken in, and to a fresh node
    #[arg(long)]
    records: bool,
    /// Measure only a file of 1 GiB from one node to another
    #[arg(long)]
    large: bool,
    /// Measure only ten thousand small files from one node to another
    #[arg(long)]
    small: bool,
    /// Measure only how soon what is withdrawn, hidden or erased is gone
    #[arg(long)]
    takedown: bool,
    /// Measure only pushes: signed, unsigned, with a member dead, and their way to another node
    #[arg(long)]
    pushes: bool,
    /// Measure only searches among so many documents, beside the engine alone, and how soon something new is found
    #[arg(long, value_name = "DOCUMENTS", num_args = 0..=1, default_missing_value = "1000000")]
    million: Option<u64>,
    /// Measure only how well and how fast duplicates are found
    #[arg(long)]
    duplicates: bool,
    /// Measure only how well searches answer, beside Lucene
    #[arg(long)]
    relevance: bool,
}

/// How often things are measured.
#[derive(Debug, Clone, Copy)]
struct Effort(bool);

impl Effort {
    /// `n`, or a tenth of it in a quick run, at least three.
    fn times(self, n: usize) -> usize {
        if self.0 { (n / 10).max(3) } else { n }
    }
}

/// Measures everything, prints the table, writes the figures.
pub fn run(args: &Args) -> Result<()> {
    let effort = Effort(args.quick);
    let mut table = Table::default();
    if cfg!(debug_assertions) {
        table.remark("This is a debug build: its figures say nothing of a release.");
    }
    if args.records || args.large || args.small || args.takedown {
        return library(args, effort, table);
    }
    if args.duplicates {
        duplicates::duplicates(effort, &mut table)?;
        print!("{table}");
        return table.write(&args.out);
    }
    if let Some(documents) = args.million {
        million::million(documents, effort, &mut table)?;
        print!("{table}");
        return table.write(&args.out);
    }
    if args.relevance {
        relevance::relevance(effort, &args.out, &mut table)?;
        print!("{table}");
        return table.write(&args.out);
    }
    eprintln!("starting three institutions with the demo's content…");
    let mut f = Federation::temporary(3)?;
    let items = demo::fill(&f)?;
    demo::wait_served(&f, &items)?;
    f.converge()?;
    let work = tempfile::Builder::new().prefix("commun-bench-").tempdir()?;
    let apache = match Apache::start() {
        Ok(apache) => Some(apache),
        Err(e) => {
            table.remark(&format!(
                "No Apache to compare with: {e:#}. Plain Git over file:// stands in for it."
            ));
            None
        }
    };
    if args.pages {
        pages::pages(&f, work.path(), effort, &mut table)?;
        return finish(f, &table, args);
    }
    if args.pushes {
        repositories::push_to_peer(&f, work.path(), effort, &mut table)?;
        repositories::pushes(&mut f, apache.as_ref(), work.path(), effort, &mut table)?;
        return finish(f, &table, args);
    }
    table.remark("Radicle is not part of this run; its push reached a second node in 49 ms (0.21.1, on loopback, 2 cores).");

    if let Some(apache) = &apache {
        serving::serving(&f, apache, work.path(), effort, &mut table)?;
    }
    replication::small(&mut f, work.path(), &mut table)?;
    replication::large(&mut f, apache.as_ref(), work.path(), effort, &mut table)?;
    if args.git {
        return finish(f, &table, args);
    }
    footprint::idle(&f, effort, &mut table)?;
    footprint::ready(&mut f, effort, &mut table)?;
    searches::answers(&f, effort, &mut table)?;
    searches::publish_to_hit(&f, effort, &mut table)?;
    repositories::push_to_peer(&f, work.path(), effort, &mut table)?;
    repositories::clones(&f, apache.as_ref(), work.path(), effort, &mut table)?;
    repositories::pushes(&mut f, apache.as_ref(), work.path(), effort, &mut table)?;

    pages::pages(&f, work.path(), effort, &mut table)?;
    f.stop()?;
    relevance::relevance(effort, &args.out, &mut table)?;

    library(args, effort, table)
}

/// What the library costs, in federations of two of its own; all of it where no part was asked for.
fn library(args: &Args, effort: Effort, mut table: Table) -> Result<()> {
    type Part = fn(&mut Federation, &Path, Effort, &mut Table) -> Result<()>;
    let parts: [(bool, Part); 4] = [
        (args.takedown, takedown::takedown),
        (args.large, files::large),
        (args.small, files::small),
        (args.records, records::records),
    ];
    let all = parts.iter().all(|(asked, _)| !asked);
    for (_, part) in parts.into_iter().filter(|(asked, _)| *asked || all) {
        let mut f = Federation::temporary(2)?;
        let work = tempfile::Builder::new().prefix("commun-bench-").tempdir()?;
        part(&mut f, work.path(), effort, &mut table)?;
        f.stop()?;
    }
    print!("{table}");
    table.write(&args.out)
}

fn finish(mut f: Federation, table: &Table, args: &Args) -> Result<()> {
    print!("{table}");
    table.write(&args.out)?;
    f.stop()
}

/// Waits for what takes milliseconds: [`wait_until`](crate::federation::wait_until) asks too seldom to measure it.
fn soon(what: &str, mut done: impl FnMut() -> Result<bool>) -> Result<()> {
    let begun = Instant::now();
    while !done()? {
        ensure!(
            begun.elapsed() < PATIENCE,
            "it did not happen within {PATIENCE:?} that {what}"
        );
        thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

/// Something is published, so that the node may write from now on.
fn first(f: &Federation, work: &Path) -> Result<()> {
    std::fs::write(work.join("first.txt"), "first")?;
    let more = [
        "--title",
        "First",
        "--licence",
        "CC0-1.0",
        "--language",
        "en",
    ];
    let arguments = [&["publish", "first.txt", "--slug", "first"][..], &more].concat();
    Typist::operator(&f.nodes[0])?.done(work, &arguments)?;
    Ok(())
}
