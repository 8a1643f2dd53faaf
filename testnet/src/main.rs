//! `commun-testnet`: the demo, benchmarks, and pictures of pages.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use commun_testnet::{bench, browser, demo, source};

/// A federation of real nodes on loopback
#[derive(Parser)]
#[command(name = "commun-testnet", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start a federation with real sample content and stay up until Ctrl-C
    Demo(demo::Args),
    /// Measure a federation and its peers; print a table, write JSON
    Bench(bench::Args),
    /// Run an OAI-PMH source with made-up records, to try harvesting with
    Source(source::Args),
    /// Take a picture of a page in a real browser
    Screenshot(browser::Args),
}

fn main() -> ExitCode {
    // As a CGI program of the benchmark's peer it is called by another name.
    let called = std::env::args_os().next().map(std::path::PathBuf::from);
    if called.is_some_and(|path| path.ends_with(bench::COUNTED)) {
        return bench::counted();
    }
    let done = match Cli::parse().command {
        Command::Demo(args) => demo::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Source(args) => source::run(&args),
        Command::Screenshot(args) => browser::screenshot(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("commun-testnet: {e:#}");
            ExitCode::from(5)
        }
    }
}
