//! `commun init`.

use commun_specs::name::Handle;

use super::folder::{Sockets, node};
use crate::{failure::Failure, settings::Settings};

/// Make the data folder of an institution's node
///
/// Founds a commons (--commons), or asks to join one (--join).
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Name of the institution, as people write it
    #[arg(long, value_name = "NAME")]
    institution: String,
    /// Handle of the institution, for ever: a-z, 0-9 and single hyphens, 2 to 39 characters
    #[arg(long, value_parser = Handle::new)]
    handle: Handle,
    /// Found a commons of this name
    #[arg(
        long,
        value_name = "NAME",
        required_unless_present = "join",
        conflicts_with = "join"
    )]
    commons: Option<String>,
    /// Ask to join the commons that this invitation is from
    #[arg(long, value_name = "INVITE")]
    join: Option<String>,
    #[command(flatten)]
    sockets: Sockets,
}

/// Becomes `commun-node init`.
pub fn run(settings: &Settings, args: Args) -> Result<(), Failure> {
    let mut arguments = vec![
        "--institution".into(),
        args.institution.into(),
        "--handle".into(),
        args.handle.to_string().into(),
    ];
    if let Some(commons) = args.commons {
        arguments.extend(["--commons".into(), commons.into()]);
    }
    if let Some(join) = args.join {
        arguments.extend(["--join".into(), join.into()]);
    }
    arguments.extend(args.sockets.arguments());
    node(settings, "init", arguments)
}
