//! `commun collection`.

use clap::Subcommand;
use commun_client::ItemRef;
use serde_json::{Value, json};

use crate::{failure::Failure, settings::Settings, table::Table, terminal};

/// Group items of any institution, in an order
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Make a collection
    Create {
        /// Its name
        slug: String,
        /// Its members, in their order
        members: Vec<String>,
        /// Its title
        #[arg(long, value_name = "T")]
        title: Option<String>,
        /// What it is about
        #[arg(long, value_name = "D")]
        description: Option<String>,
        /// The language of these words
        #[arg(long, value_name = "L")]
        language: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Add items, at the end or at a place
    Add {
        /// The collection
        collection: ItemRef,
        /// The items
        #[arg(required = true)]
        members: Vec<String>,
        /// The place, counted from 1
        #[arg(long, value_name = "N")]
        at: Option<usize>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Take items out
    Remove {
        /// The collection
        collection: ItemRef,
        /// The items
        #[arg(required = true)]
        members: Vec<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Move an item to another place
    Move {
        /// The collection
        collection: ItemRef,
        /// The item
        member: String,
        /// The place, counted from 1
        #[arg(long, value_name = "N")]
        to: usize,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show what a collection holds
    Show {
        /// The collection
        collection: ItemRef,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Make a collection of your institution with the members of another
    Fork {
        /// The collection
        collection: ItemRef,
        /// The name of yours
        #[arg(long, value_name = "SLUG")]
        slug: String,
        /// Its title [default: that of the origin]
        #[arg(long, value_name = "T")]
        title: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// List the collections
    List {
        /// Only those of this institution
        #[arg(long, value_name = "H")]
        institution: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or("-")
}

fn made(json: bool, answer: &Value) {
    if json {
        terminal::json(answer);
        return;
    }
    terminal::data(&terminal::line(&format!(
        "{} {}",
        text(answer, "name"),
        text(answer, "id")
    )));
}

/// Asks the node.
pub fn run(settings: &Settings, command: Command) -> Result<(), Failure> {
    match command {
        Command::Create {
            slug,
            members,
            title,
            description,
            language,
            json,
        } => {
            let new = json!({"slug": slug, "members": members, "title": title, "description": description,
                "language": language});
            let answer = settings.writer()?.create_collection(&new)?;
            made(json, &answer.json);
        }
        Command::Add {
            collection,
            members,
            at,
            json,
        } => edit(
            settings,
            &collection,
            &json!({"add": members, "at": at}),
            json,
        )?,
        Command::Remove {
            collection,
            members,
            json,
        } => edit(settings, &collection, &json!({ "remove": members }), json)?,
        Command::Move {
            collection,
            member,
            to,
            json,
        } => edit(
            settings,
            &collection,
            &json!({"move": member, "at": to}),
            json,
        )?,
        Command::Show { collection, json } => {
            let client = settings.reader()?;
            let found = client.members(&client.resolve(&collection)?)?;
            if json {
                terminal::json(&found.json);
            } else {
                list_members(&found.json);
            }
        }
        Command::Fork {
            collection,
            slug,
            title,
            json,
        } => {
            let client = settings.writer()?;
            let origin = client.resolve(&collection)?;
            let answer = client.fork_collection(&origin, &json!({"slug": slug, "title": title}))?;
            made(json, &answer.json);
        }
        Command::List { institution, json } => {
            let found = settings.reader()?.collections(institution.as_deref())?;
            if json {
                terminal::json(&found.json);
                return Ok(());
            }
            let mut table = Table::new(&["COLLECTION", "MEMBERS", "TITLE"]);
            let all = found.json["collections"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            for line in &all {
                let members = line["members"].to_string();
                table.row(&[text(line, "name"), members.as_str(), text(line, "title")]);
            }
            if !all.is_empty() {
                terminal::data(&table.text());
            }
        }
    }
    Ok(())
}

fn edit(
    settings: &Settings,
    collection: &ItemRef,
    change: &Value,
    json: bool,
) -> Result<(), Failure> {
    let client = settings.writer()?;
    let answer = client.edit_collection(&client.resolve(collection)?, change)?;
    if json {
        terminal::json(&answer.json);
    } else {
        list_members(&answer.json);
    }
    Ok(())
}

fn list_members(answer: &Value) {
    let mut table = Table::new(&["", "ITEM", "STATE", "TITLE"]);
    let all = answer["members"].as_array().cloned().unwrap_or_default();
    for (n, member) in all.iter().enumerate() {
        let place = (n + 1).to_string();
        let name = member["name"]
            .as_str()
            .unwrap_or_else(|| text(member, "id"));
        table.row(&[
            place.as_str(),
            name,
            text(member, "state"),
            text(member, "title"),
        ]);
    }
    if !all.is_empty() {
        terminal::data(&table.text());
    }
}
