//! `commun repo`.

mod component;
mod edit;
mod handover;
mod import;
mod maintainers;
mod protect;
mod state;

pub(super) use import::course;

use commun_client::{ChangedRepository, Client, ItemRef, NewRepository, Query, Reply};
use commun_specs::name::Slug;

use super::{search, show};
use crate::{
    failure::{Code, Failure},
    settings::Settings,
    terminal,
};

/// Make and list Git repositories
#[derive(clap::Subcommand, Debug)]
pub enum Command {
    /// Make an empty repository
    Create {
        /// Its name in the institution: a-z, 0-9 and single hyphens, 2 to 100 characters
        #[arg(value_parser = Slug::new)]
        slug: Slug,
        /// Title
        #[arg(long, value_name = "T")]
        title: Option<String>,
        /// What it is for
        #[arg(long, value_name = "D")]
        description: Option<String>,
        /// Licence, such as EUPL-1.2
        #[arg(long, value_name = "SPDX")]
        licence: Option<String>,
        /// Language of title and description
        #[arg(long, value_name = "L")]
        language: Option<String>,
        /// Print id, name and URL as JSON
        #[arg(long)]
        json: bool,
    },
    /// List the repositories of the commons
    List {
        /// Only those of this institution
        #[arg(long, value_name = "H")]
        institution: Vec<String>,
        /// Most to print
        #[arg(long, value_name = "N", default_value_t = 100)]
        limit: u64,
        /// Print all as JSON
        #[arg(long)]
        json: bool,
    },
    /// Show a repository
    Show {
        /// The repository
        item: ItemRef,
        /// Print all that the node knows as JSON
        #[arg(long)]
        json: bool,
    },
    Import(import::Args),
    Edit(edit::Args),
    Maintainers(maintainers::Args),
    Protect(protect::Args),
    Transfer(handover::Transfer),
    Accept(handover::Accept),
}

/// The `handle/slug` of a repository that was named in any of the three ways.
fn name(client: &Client, item: &ItemRef) -> Result<String, Failure> {
    match item {
        ItemRef::Name(handle, slug) => Ok(format!("{handle}/{slug}")),
        other => Ok(client.item(&client.resolve(other)?)?.name.clone()),
    }
}

/// Says what a change made.
fn changed(made: &Reply<ChangedRepository>, json: bool, what: &str) {
    if json {
        terminal::json(&made.json);
    } else {
        terminal::talk(what);
    }
}

/// Does what was typed.
pub fn run(settings: &Settings, command: Command) -> Result<(), Failure> {
    match command {
        Command::Create {
            slug,
            title,
            description,
            licence,
            language,
            json,
        } => {
            let new = NewRepository {
                slug: slug.to_string(),
                title,
                description,
                licence,
                language,
            };
            let made = settings.writer()?.create_repository(&new)?;
            if json {
                terminal::json(&made.json);
            } else {
                terminal::data(&terminal::line(&made.url));
                terminal::talk(&format!(
                    "Made {}; push to the URL with the access token as password",
                    terminal::line(&made.name)
                ));
            }
            Ok(())
        }
        Command::List {
            institution,
            limit,
            json,
        } => {
            let query = Query {
                types: vec!["repository".into()],
                institutions: institution,
                limit: Some(limit),
                ..Query::default()
            };
            let found = settings.reader()?.search(&query)?;
            if json {
                terminal::json(&found.json);
            } else if !found.hits.is_empty() {
                terminal::data(&search::text(&found.hits));
            }
            Ok(())
        }
        Command::Show { item, json } => {
            let client = settings.reader()?;
            let item = client.item(&client.resolve(&item)?)?;
            if item.kind != "repository" {
                let message = format!(
                    "This is a {}, not a repository: {}",
                    terminal::line(&item.kind),
                    terminal::line(&item.name)
                );
                return Err(Failure::new(Code::No, message).hint("`commun show` shows it."));
            }
            let state = client.repository(&item.name)?;
            if json {
                let mut all = item.json.clone();
                all["rules"] = state.json.clone();
                terminal::json(&all);
            } else {
                terminal::data(&format!(
                    "{}{}clone        {}\n{}",
                    show::text(&item),
                    component::lines(&item.json),
                    show::clone_url(&client, &item.name),
                    state::text(&state)
                ));
            }
            Ok(())
        }
        Command::Import(args) => import::run(settings, args),
        Command::Edit(args) => edit::run(settings, args),
        Command::Maintainers(args) => maintainers::run(settings, args),
        Command::Protect(args) => protect::run(settings, args),
        Command::Transfer(args) => handover::transfer(settings, args),
        Command::Accept(args) => handover::accept(settings, args),
    }
}
