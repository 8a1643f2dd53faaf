//! `commun repo transfer`, `commun repo accept`.

use commun_client::ItemRef;
use commun_specs::name::{Handle, Slug};

use super::{changed, name};
use crate::{failure::Failure, settings::Settings, terminal};

/// Hand a repository to another institution, for good; it becomes its owner once it accepts
#[derive(clap::Args, Debug)]
pub struct Transfer {
    /// The repository
    item: ItemRef,
    /// The institution that gets it
    #[arg(long, value_name = "HANDLE", value_parser = Handle::new)]
    to: Handle,
    /// Print the statement's id as JSON
    #[arg(long)]
    json: bool,
}

/// Take a repository that was handed to this institution
#[derive(clap::Args, Debug)]
pub struct Accept {
    /// The repository, by its name at its owner
    item: ItemRef,
    /// Its name here; without one it keeps the one that it has
    #[arg(long, value_name = "SLUG", value_parser = Slug::new)]
    slug: Option<Slug>,
    /// Print the statement's id as JSON
    #[arg(long)]
    json: bool,
}

/// Does what was typed.
pub fn transfer(settings: &Settings, args: Transfer) -> Result<(), Failure> {
    let client = settings.writer()?;
    let made = client.transfer(&name(&client, &args.item)?, args.to.as_str())?;
    let said = format!(
        "{} is handed to {}; an admin there takes it with `commun repo accept`",
        terminal::line(&made.name),
        args.to
    );
    changed(&made, args.json, &said);
    Ok(())
}

/// Does what was typed.
pub fn accept(settings: &Settings, args: Accept) -> Result<(), Failure> {
    let client = settings.writer()?;
    let slug = args.slug.as_ref().map(Slug::as_str);
    let made = client.accept(&name(&client, &args.item)?, slug)?;
    let said = format!("It is {} from now on", terminal::line(&made.name));
    changed(&made, args.json, &said);
    Ok(())
}
