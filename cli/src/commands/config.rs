//! `commun config`.

use super::folder::node;
use crate::{failure::Failure, settings::Settings};

/// Print the node's settings in force, and where each comes from
#[derive(clap::Args, Debug)]
pub struct Args {}

/// Becomes `commun-node config`.
pub fn run(settings: &Settings, _: Args) -> Result<(), Failure> {
    node(settings, "config", Vec::new())
}
