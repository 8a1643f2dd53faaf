//! `commun repo protect`.

use commun_client::{ItemRef, Protection, RepositoryState};

use super::{changed, name};
use crate::{failure::Failure, settings::Settings, table::Table, terminal};

/// Show or change what is protected in a repository
///
/// A protected branch is neither rewritten nor deleted. With a threshold, a commit becomes the branch once that many
/// of the institutions that may push have pushed it; until then it waits as refs/waiting/HANDLE/….
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The repository
    item: ItemRef,
    /// A branch, a folder of branches (release/*), or a full ref name (refs/tags/*)
    pattern: Option<String>,
    /// How many institutions must push a commit before it counts
    #[arg(long, value_name = "N", default_value_t = 1, requires = "pattern",
        value_parser = clap::value_parser!(u64).range(1..=64))]
    threshold: u64,
    /// History may be rewritten all the same
    #[arg(long, requires = "pattern")]
    force: bool,
    /// The branch may be deleted all the same
    #[arg(long, requires = "pattern")]
    delete: bool,
    /// End the protection of this pattern
    #[arg(long, value_name = "PATTERN", conflicts_with = "pattern")]
    remove: Option<String>,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

/// Does what was typed.
pub fn run(settings: &Settings, args: Args) -> Result<(), Failure> {
    if let Some(pattern) = &args.remove {
        let client = settings.writer()?;
        let made = client.unprotect(&name(&client, &args.item)?, pattern)?;
        let said = format!("{} is not protected any more", terminal::line(pattern));
        changed(&made, args.json, &said);
        return Ok(());
    }
    let Some(pattern) = args.pattern else {
        let client = settings.reader()?;
        let state = client.repository(&name(&client, &args.item)?)?;
        if args.json {
            terminal::json(&state.json["protected"]);
        } else if state.protected.is_empty() {
            terminal::talk("Nothing is protected");
        } else {
            table(&state).print();
        }
        return Ok(());
    };
    let client = settings.writer()?;
    let protection = Protection {
        pattern: pattern.clone(),
        threshold: args.threshold,
        force: args.force,
        delete: args.delete,
    };
    let made = client.protect(&name(&client, &args.item)?, &protection)?;
    let said = format!("{} is protected", terminal::line(&pattern));
    changed(&made, args.json, &said);
    Ok(())
}

fn table(state: &RepositoryState) -> Table {
    let mut table = Table::new(&["PATTERN", "INSTITUTIONS", "REWRITE", "DELETE"]);
    for p in &state.protected {
        let yes = |may: bool| if may { "yes" } else { "no" };
        table.row(&[
            &p.pattern,
            &p.threshold.to_string(),
            yes(p.force),
            yes(p.delete),
        ]);
    }
    table
}
