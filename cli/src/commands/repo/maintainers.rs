//! `commun repo maintainers`.

use commun_client::{ItemRef, Maintain, RepositoryState};
use commun_specs::name::Handle;

use super::{changed, name};
use crate::{failure::Failure, settings::Settings, table::Table, terminal};

/// Show or change who may push to a repository, each on its own node
///
/// Institutions stand in the owner's order: where two have pushed different commits, the head of the first one is
/// served and the other stands beside it until somebody merges.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The repository
    item: ItemRef,
    #[command(subcommand)]
    change: Option<Change>,
    /// Print as JSON
    #[arg(long, global = true)]
    json: bool,
}

/// A change of the list.
#[derive(clap::Subcommand, Debug)]
enum Change {
    /// Let an institution accept pushes on its node, or change how it is listed
    Add {
        /// The institution
        #[arg(value_parser = Handle::new)]
        handle: Handle,
        /// Only this person of it, by name or id (repeatable); without one, all its developers
        #[arg(long, value_name = "NAME|ID")]
        person: Vec<String>,
        /// Before all others
        #[arg(long, conflicts_with = "before")]
        first: bool,
        /// Before this institution
        #[arg(long, value_name = "HANDLE", value_parser = Handle::new)]
        before: Option<Handle>,
    },
    /// Let an institution accept no more pushes: what it pushes from now on does not count
    Remove {
        /// The institution
        #[arg(value_parser = Handle::new)]
        handle: Handle,
    },
}

/// Does what was typed.
pub fn run(settings: &Settings, args: Args) -> Result<(), Failure> {
    match args.change {
        None => {
            let client = settings.reader()?;
            let state = client.repository(&name(&client, &args.item)?)?;
            if args.json {
                terminal::json(&state.json["maintainers"]);
            } else {
                table(&state).print();
            }
        }
        Some(Change::Add {
            handle,
            person,
            first,
            before,
        }) => {
            let client = settings.writer()?;
            let maintain = Maintain {
                institution: handle.to_string(),
                persons: Some(person).filter(|p| !p.is_empty()),
                first,
                before: before.map(|h| h.to_string()),
            };
            let made = client.maintain(&name(&client, &args.item)?, &maintain)?;
            let said = format!(
                "{handle} may push to {}, on its own node",
                terminal::line(&made.name)
            );
            changed(&made, args.json, &said);
        }
        Some(Change::Remove { handle }) => {
            let client = settings.writer()?;
            let made = client.dismiss(&name(&client, &args.item)?, handle.as_str())?;
            let said = format!(
                "{handle} may not push to {} any more; what it pushed so far stays",
                terminal::line(&made.name)
            );
            changed(&made, args.json, &said);
        }
    }
    Ok(())
}

fn table(state: &RepositoryState) -> Table {
    let mut table = Table::new(&["INSTITUTION", "WHO", "PUSH TO"]);
    for m in &state.maintainers {
        table.row(&[
            &m.institution,
            &who(m),
            m.url.as_deref().unwrap_or_default(),
        ]);
    }
    table
}

/// The persons of an institution who may push.
pub(super) fn who(maintainer: &commun_client::Maintainer) -> String {
    match &maintainer.persons {
        None => "its developers".to_owned(),
        Some(persons) => {
            let name = |p: &commun_client::NamedPerson| {
                let id = terminal::cut(&p.id, 13);
                p.name.clone().unwrap_or(id)
            };
            persons.iter().map(name).collect::<Vec<_>>().join(", ")
        }
    }
}
