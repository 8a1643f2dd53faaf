//! `commun-testnet`: the demo, and benchmarks.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use commun_testnet::demo;

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
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Demo(args) => demo::run(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("commun-testnet: {e:#}");
            ExitCode::from(5)
        }
    }
}
