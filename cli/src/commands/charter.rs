//! `commun charter`.

use commun_client::{Admission, Reply};

use super::not_built::{CharterLog, CharterPropose, CharterRemove};
use crate::{failure::Failure, settings::Settings, table::Table, terminal};

/// Show and change the charter: the members and what they agreed on
#[derive(clap::Subcommand, Debug)]
pub enum Command {
    /// Show the members, who asks to join, and what waits for signatures
    Show {
        /// Print all as JSON
        #[arg(long)]
        json: bool,
    },
    /// Make and sign the amendment that admits an institution
    ///
    /// Compare the node's key with them first, by telephone or in person.
    Admit {
        /// The handle of an institution that asked to join
        handle: String,
        /// Print the amendment's state as JSON
        #[arg(long)]
        json: bool,
    },
    Remove(CharterRemove),
    Propose(CharterPropose),
    /// Sign an amendment that waits for signatures
    Sign {
        /// Its number
        #[arg(value_name = "N")]
        number: u64,
        /// Its id, where more than one of that number waits
        #[arg(long)]
        id: Option<String>,
        /// Print the amendment's state as JSON
        #[arg(long)]
        json: bool,
    },
    Log(CharterLog),
}

/// Does what was typed.
pub fn run(settings: &Settings, command: Command) -> Result<(), Failure> {
    match command {
        Command::Show { json } => show(settings, json),
        Command::Admit { handle, json } => state(&settings.writer()?.admit(&handle)?, json),
        Command::Sign { number, id, json } => {
            state(&settings.writer()?.sign(number, id.as_deref())?, json)
        }
        Command::Remove(args) => args.run(),
        Command::Propose(args) => args.run(),
        Command::Log(args) => args.run(),
    }
}

fn state(admission: &Reply<Admission>, json: bool) -> Result<(), Failure> {
    if json {
        terminal::json(&admission.json);
    } else {
        terminal::data(&format!(
            "Amendment {} is {}: signed by {} of {} needed ({})",
            admission.number,
            terminal::line(&admission.state),
            admission.signed.len(),
            admission.needed,
            terminal::line(&admission.signed.join(", ")),
        ));
    }
    Ok(())
}

fn show(settings: &Settings, json: bool) -> Result<(), Failure> {
    // Who asks to join is shown to admins only; the rest to everybody.
    let charter = settings.reader_with_token()?.charter()?;
    if json {
        terminal::json(&charter.json);
        return Ok(());
    }
    let mut text = format!(
        "{}, charter {} ({})\n\n",
        terminal::line(&charter.name),
        charter.number,
        terminal::line(&charter.id)
    );
    let mut members = Table::new(&["HANDLE", "NAME", "KEYS"]);
    for member in &charter.institutions {
        let keys = format!("{} of {}", member.threshold, member.keys.len());
        members.row(&[&member.handle, &member.name, &keys]);
    }
    text.push_str(&members.text());
    if !charter.requests.is_empty() {
        text.push_str("\nThey ask to join (`commun charter admit HANDLE`):\n");
        let mut requests = Table::new(&["HANDLE", "NAME", "NODE"]);
        for request in &charter.requests {
            requests.row(&[&request.handle, &request.name, &request.node]);
        }
        text.push_str(&requests.text());
    }
    if !charter.drafts.is_empty() {
        text.push_str("\nThese wait for signatures (`commun charter sign N`):\n");
        let mut drafts = Table::new(&["N", "ROUND", "SIGNED", "NEEDED", "CHANGES"]);
        for draft in &charter.drafts {
            drafts.row(&[
                draft.number.to_string(),
                draft.round.to_string(),
                draft.signed.join(", "),
                draft.needed.to_string(),
                draft.changes.clone(),
            ]);
        }
        text.push_str(&drafts.text());
    }
    terminal::data(&text);
    Ok(())
}
