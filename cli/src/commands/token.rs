//! `commun token`.

use crate::{failure::Failure, settings::Settings, terminal};

/// Make access tokens
#[derive(clap::Subcommand, Debug)]
pub enum Command {
    /// Make an access token for a person; it is shown once
    Create {
        /// The person's id (`commun person list`)
        person: String,
        /// What the token is good for [default: all that the person may do]
        #[arg(long, value_name = "S")]
        scope: Option<String>,
        /// Print the token and its end as JSON
        #[arg(long)]
        json: bool,
    },
}

/// Does what was typed.
pub fn run(settings: &Settings, command: Command) -> Result<(), Failure> {
    let Command::Create {
        person,
        scope,
        json,
    } = command;
    let token = settings.writer()?.create_token(&person, scope.as_deref())?;
    if json {
        terminal::json(&token.json);
    } else {
        terminal::data(&terminal::line(&token.token));
        terminal::talk("It is shown this once; treat it as a password.");
    }
    Ok(())
}
