//! `commun token`.

use super::person::id_of;
use crate::{
    failure::Failure,
    settings::Settings,
    table::Table,
    terminal,
    time::{minute, seconds},
};

/// Make, list and revoke access tokens
#[derive(clap::Subcommand, Debug)]
pub enum Command {
    /// Make an access token for a person; it is shown once
    ///
    /// Scopes: write (all that the person may do), repository (push to any repository),
    /// repository:HANDLE/SLUG (push to this one), publish (publish resources). Reading needs no token.
    #[command(verbatim_doc_comment)]
    Create {
        /// The person's id (`commun person list`), or their name if nobody else has it
        person: String,
        /// What the token is good for (repeatable) [default: write]
        #[arg(long, value_name = "S")]
        scope: Vec<String>,
        /// How long it is good, such as 30d, 12h or 15m; at most and by default 90d
        #[arg(long, value_name = "TIME", value_parser = seconds)]
        expires: Option<u64>,
        /// Print the token and its end as JSON
        #[arg(long)]
        json: bool,
    },
    /// List the access tokens in force, without their secrets
    List {
        /// Only this person's: an id, or a name if nobody else has it
        person: Option<String>,
        /// Print all as JSON
        #[arg(long)]
        json: bool,
    },
    /// End an access token at once
    Revoke {
        /// The token's id (`commun token list`)
        id: String,
        /// Print the revocation as JSON
        #[arg(long)]
        json: bool,
    },
}

/// Does what was typed.
pub fn run(settings: &Settings, command: Command) -> Result<(), Failure> {
    match command {
        Command::Create {
            person,
            scope,
            expires,
            json,
        } => {
            let client = settings.writer()?;
            let person = id_of(&client, &person)?;
            let token = client.create_token(&person, &scope, expires)?;
            if json {
                terminal::json(&token.json);
            } else {
                terminal::data(&terminal::line(&token.token));
                terminal::talk("It is shown this once; treat it as a password.");
            }
        }
        Command::List { person, json } => {
            let client = settings.writer()?;
            let person = person.map(|p| id_of(&client, &p)).transpose()?;
            let all = client.tokens()?;
            if json {
                let mut value = all.json;
                if let (Some(person), Some(list)) = (person, value["tokens"].as_array_mut()) {
                    list.retain(|token| token["person"] == person);
                }
                terminal::json(&value);
                return Ok(());
            }
            let mut table = Table::new(&["ID", "PERSON", "SCOPE", "MADE", "EXPIRES", "LAST USED"]);
            for token in &all.tokens {
                if person.as_ref().is_some_and(|p| *p != token.person) {
                    continue;
                }
                table.row(&[
                    &token.id,
                    token.name.as_deref().unwrap_or(&token.person),
                    &token.scopes.join(" "),
                    &minute(token.created),
                    &minute(token.expires),
                    &token.used.map(minute).unwrap_or_default(),
                ]);
            }
            table.print();
        }
        Command::Revoke { id, json } => {
            let revoked = settings.writer()?.revoke_token(&id)?;
            if json {
                terminal::json(&revoked.json);
            } else {
                terminal::talk(&format!("Revoked {}", terminal::line(&id)));
            }
        }
    }
    Ok(())
}
