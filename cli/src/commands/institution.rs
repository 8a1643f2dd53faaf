//! `commun institution`.

use crate::{failure::Failure, settings::Settings, table::Table, terminal};

/// Show the institutions of the commons
#[derive(clap::Subcommand, Debug)]
pub enum Command {
    /// List all
    List {
        /// Print all as JSON
        #[arg(long)]
        json: bool,
    },
    /// Show one
    Show {
        /// Its handle
        handle: String,
        /// Print all as JSON
        #[arg(long)]
        json: bool,
    },
}

/// Does what was typed.
pub fn run(settings: &Settings, command: Command) -> Result<(), Failure> {
    match command {
        Command::List { json } => {
            let all = settings.reader()?.institutions()?;
            if json {
                terminal::json(&all.json);
                return Ok(());
            }
            let mut table = Table::new(&["HANDLE", "NAME", "LOG", "URL"]);
            for institution in &all.institutions {
                let size = institution
                    .log
                    .map(|log| log.size.to_string())
                    .unwrap_or_default();
                let url = institution.urls.first().cloned().unwrap_or_default();
                table.row(&[&institution.handle, &institution.name, &size, &url]);
            }
            table.print();
        }
        Command::Show { handle, json } => {
            let institution = settings.reader()?.institution(&handle)?;
            if json {
                terminal::json(&institution.json);
                return Ok(());
            }
            let log = match institution.log {
                Some(log) => format!("{} entries, epoch {}", log.size, log.epoch),
                None => "not known".to_owned(),
            };
            terminal::data(&format!(
                "{}  {}\nnode  {}\nlog   {log}\nurls  {}",
                terminal::line(&institution.handle),
                terminal::line(&institution.name),
                terminal::line(institution.node.as_deref().unwrap_or("not known")),
                terminal::line(&institution.urls.join(" ")),
            ));
        }
    }
    Ok(())
}
