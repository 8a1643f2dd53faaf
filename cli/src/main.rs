//! `commun`: what people and scripts type.
//!
//! A command is one file in [`commands`]: its options (whose comments are the help) and `run`. A command talks to a
//! node over HTTP, or becomes one of the two programs beside this one ([`program`]). Data goes to stdout, talk to
//! stderr; [`failure::Failure`] carries the exit code that is promised.

use std::process::ExitCode;

use clap::Parser;

mod commands;
mod failure;
mod log;
mod program;
mod progress;
mod settings;
mod table;
mod terminal;
#[cfg(test)]
mod tests;
mod time;

fn main() -> ExitCode {
    match commands::run(commands::Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.print();
            ExitCode::from(failure.code as u8)
        }
    }
}
