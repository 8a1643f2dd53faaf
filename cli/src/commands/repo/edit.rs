//! `commun repo edit`.

use commun_client::{EditRepository, ItemRef};
use commun_specs::name::Slug;

use super::{changed, name};
use crate::{
    failure::{Code, Failure},
    settings::Settings,
    terminal,
};

/// Change a repository's words, licence, name or default branch; what is not named stays
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The repository
    item: ItemRef,
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
    /// The branch that is shown first
    #[arg(long, value_name = "BRANCH")]
    default_branch: Option<String>,
    /// A new name; the former one goes on to work
    #[arg(long, value_name = "SLUG", value_parser = Slug::new)]
    slug: Option<Slug>,
    /// Print the statement's id as JSON
    #[arg(long)]
    json: bool,
}

/// Does what was typed.
pub fn run(settings: &Settings, args: Args) -> Result<(), Failure> {
    let edit = EditRepository {
        slug: args.slug.map(|s| s.to_string()),
        title: args.title,
        description: args.description,
        licence: args.licence,
        language: args.language,
        default_branch: args.default_branch,
    };
    if edit == EditRepository::default() {
        return Err(Failure::new(Code::Usage, "Nothing to change was given.")
            .hint("Name what is new, for example --title \"My tool\" or --default-branch trunk."));
    }
    let client = settings.writer()?;
    let made = client.edit_repository(&name(&client, &args.item)?, &edit)?;
    let said = format!("Changed {}", terminal::line(&made.name));
    changed(&made, args.json, &said);
    Ok(())
}
