//! `commun config`.

use super::folder::node;
use crate::{failure::Failure, settings::Settings};

/// Print the node's settings in force, and where each comes from
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Print them as JSON
    #[arg(long)]
    json: bool,
}

/// Becomes `commun-node config`.
pub fn run(settings: &Settings, args: Args) -> Result<(), Failure> {
    let json = args.json.then(|| "--json".into());
    node(settings, "config", json.into_iter().collect())
}
