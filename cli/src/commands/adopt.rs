//! `commun adopt`.

use commun_client::{Adoption, ItemRef, NewAdoption};

use crate::{
    failure::{Code, Failure},
    settings::Settings,
    table::Table,
    terminal,
};

/// Say that your institution uses an item, or list who does
///
/// Your institution's statement replaces the one that it made before; what is not given stays as it was. Others see the
/// contact on the item's page as "who can help".
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The item
    item: Option<ItemRef>,
    /// Which version [default: the newest release]
    #[arg(long, value_name = "V")]
    version: Option<String>,
    /// Since which day, as 2026-01-31 [default: today]
    #[arg(long, value_name = "DATE")]
    since: Option<String>,
    /// How
    #[arg(long, value_name = "S", value_parser = ["in-use", "testing", "withdrawn"])]
    status: Option<String>,
    /// Who can help: a name and an address
    #[arg(long, value_name = "TEXT")]
    contact: Option<String>,
    /// More words
    #[arg(long, value_name = "TEXT")]
    comment: Option<String>,
    /// List who uses the item, or with --institution what it uses
    #[arg(long, conflicts_with_all = ["version", "since", "status", "contact", "comment"])]
    list: bool,
    /// With --list: what this institution uses
    #[arg(long, value_name = "H", requires = "list", conflicts_with = "item")]
    institution: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Asks the node.
pub fn run(settings: &Settings, args: Args) -> Result<(), Failure> {
    let Args {
        item,
        version,
        since,
        status,
        contact,
        comment,
        list,
        institution,
        json,
    } = args;
    if list {
        return self::list(settings, item.as_ref(), institution.as_deref(), json);
    }
    let Some(item) = item else {
        return Err(
            Failure::new(Code::Usage, "Name the item that your institution uses.")
                .hint("`commun adopt --list --institution H` lists what an institution uses."),
        );
    };
    let client = settings.writer()?;
    let item = client.resolve(&item)?;
    let new = NewAdoption {
        version,
        since,
        status,
        contact,
        comment,
    };
    let made = client.adopt(&item, &new)?;
    if json {
        terminal::json(&made.json);
        return Ok(());
    }
    let name = made.item.as_ref().map_or("", |item| &item.name);
    terminal::data(&format!(
        "{} {} {}",
        terminal::line(&made.institution),
        terminal::line(&made.status),
        terminal::line(&format!("{name} {}", facts(&made)))
    ));
    Ok(())
}

fn list(
    settings: &Settings,
    item: Option<&ItemRef>,
    institution: Option<&str>,
    json: bool,
) -> Result<(), Failure> {
    let client = settings.reader()?;
    let (found, title) = match (item, institution) {
        (Some(item), _) => (client.adoptions(&client.resolve(item)?)?, "INSTITUTION"),
        (None, Some(handle)) => (client.adopted_by(handle)?, "ITEM"),
        (None, None) => {
            let own = client.status()?.handle.clone();
            (client.adopted_by(&own)?, "ITEM")
        }
    };
    if json {
        terminal::json(&found.json);
        return Ok(());
    }
    let mut table = Table::new(&[title, "STATUS", "SINCE", "VERSION", "CONTACT"]);
    for adoption in &found.adoptions {
        let who = match &adoption.item {
            Some(item) => item.name.clone(),
            None if adoption.former => format!("{} (former member)", adoption.institution),
            None => adoption.institution.clone(),
        };
        table.row(&[
            who.as_str(),
            &adoption.status,
            &adoption.since,
            adoption.version.as_deref().unwrap_or("-"),
            adoption.contact.as_deref().unwrap_or("-"),
        ]);
    }
    if !found.adoptions.is_empty() {
        terminal::data(&table.text());
    }
    Ok(())
}

fn facts(adoption: &Adoption) -> String {
    let version = adoption.version.as_deref().unwrap_or("(version not known)");
    format!("{version} since {}", adoption.since)
}
