//! `commun demo`.

use std::{ffi::OsString, path::PathBuf};

use crate::{failure::Failure, program};

/// Start a federation on this machine, with real sample content
///
/// Prints one line once every node serves every item, and stays up until Ctrl-C.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// How many institutions
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=5))]
    nodes: u8,
    /// Folder for the nodes' data [default: a temporary one]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Print the nodes and items as JSON
    #[arg(long)]
    json: bool,
}

/// Becomes `commun-testnet demo`.
pub fn run(args: Args) -> Result<(), Failure> {
    let mut arguments: Vec<OsString> = vec![
        "demo".into(),
        "--nodes".into(),
        args.nodes.to_string().into(),
    ];
    if let Some(dir) = args.dir {
        arguments.extend(["--dir".into(), dir.into()]);
    }
    if args.json {
        arguments.push("--json".into());
    }
    Err(program::become_program("commun-testnet", arguments))
}
