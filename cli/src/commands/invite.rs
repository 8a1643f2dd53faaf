//! `commun invite`.

use crate::{failure::Failure, settings::Settings, terminal};

/// Make an invitation for an institution that may ask to join
///
/// It is good once. Send it by a way that you trust: who holds it can ask to be admitted, and
/// nothing else.
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// Print the invitation and its end as JSON
    #[arg(long)]
    json: bool,
}

/// Asks the node for an invitation.
pub fn run(settings: &Settings, args: Args) -> Result<(), Failure> {
    let invitation = settings.writer()?.invite()?;
    if args.json {
        terminal::json(&invitation.json);
    } else {
        terminal::data(&terminal::line(&invitation.invitation));
    }
    Ok(())
}
