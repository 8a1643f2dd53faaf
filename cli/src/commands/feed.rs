//! `commun feed`.

mod document;
mod opensearch;
mod patience;

use clap::Subcommand;

use crate::{failure::Failure, settings::Settings};

/// Keep a search engine of your own current with the commons
#[derive(Subcommand, Debug)]
pub enum Command {
    Opensearch(opensearch::Args),
}

/// Does what was typed.
pub fn run(settings: &Settings, command: Command) -> Result<(), Failure> {
    match command {
        Command::Opensearch(args) => opensearch::run(settings, args),
    }
}
