//! `commun quality`.

use std::{fs, path::PathBuf, thread, time::Duration};

use commun_client::Client;

use crate::{
    failure::{Code, Failure},
    settings::Settings,
    table::Table,
    terminal,
};

/// Pause between two looks at how many links wait.
const LOOK: Duration = Duration::from_secs(1);

/// Report what is to be mended in the records of an institution
///
/// How complete fields are, licences that cannot be told, missing languages and descriptions, subjects of no known
/// vocabulary, documents whose text could not be read, items that may be there twice, links that lead nowhere; each
/// with the items and the command that mends it.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The institution [default: the node's]
    handle: Option<String>,
    /// Only this rule, with all of its items, as missing-description
    #[arg(long, value_name = "RULE")]
    rule: Option<String>,
    /// Have the node look at the links of its institution first, and wait for it
    #[arg(long)]
    links: bool,
    /// With --links: do not wait
    #[arg(long, requires = "links")]
    no_wait: bool,
    /// Write every line as a table to a file
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Asks the node.
pub fn run(settings: &Settings, args: Args) -> Result<(), Failure> {
    let client = match args.links {
        true => settings.writer()?,
        false => settings.reader()?,
    };
    let handle = match &args.handle {
        Some(handle) => handle.clone(),
        None => client.status()?.handle.clone(),
    };
    if args.links {
        look(&client, &handle, args.no_wait)?;
    }
    if let Some(path) = &args.csv {
        let table = client.quality_table(&handle, args.rule.as_deref())?;
        fs::write(path, table).map_err(|e| {
            Failure::new(
                Code::Usage,
                format!("{} cannot be written: {e}.", path.display()),
            )
        })?;
    }
    // One rule alone is wanted whole, as far as one answer goes.
    let limit = if args.rule.is_some() { 1_000 } else { 100 };
    let report = client.quality(&handle, args.rule.as_deref(), limit, 0)?;
    if args.json {
        terminal::json(&report.json);
        return Ok(());
    }
    terminal::data(&format!(
        "{}: {} resources",
        terminal::line(&handle),
        report.items
    ));
    if args.rule.is_none() {
        let mut fields = Table::new(&["FIELD", "FILLED IN", "NEEDED FOR"]);
        for field in &report.fields {
            let share = (field.filled * 100)
                .checked_div(report.items)
                .unwrap_or(100);
            let share = format!("{share} %");
            fields.row(&[field.label.as_str(), &share, &field.need]);
        }
        fields.print();
    }
    let mut rules = Table::new(&["SEVERITY", "RULE", "ITEMS", "WHAT"]);
    for rule in &report.rules {
        rules.row(&[
            rule.severity.as_str(),
            &rule.rule,
            &rule.items.to_string(),
            &rule.what,
        ]);
    }
    if !report.rules.is_empty() {
        rules.print();
    }
    for rule in report.rules.iter().filter(|_| args.rule.is_some()) {
        terminal::talk(&terminal::line(&rule.fix));
        for line in &rule.lines {
            let text = format!("{}  {}  {}", line.name, line.detail, line.command);
            terminal::data(&terminal::line(&text));
        }
    }
    Ok(())
}

/// Has the links looked at, and waits until none waits.
fn look(client: &Client, handle: &str, no_wait: bool) -> Result<(), Failure> {
    client.check_links(handle)?;
    if no_wait {
        return Ok(());
    }
    let mut said = u64::MAX;
    loop {
        let waiting = client
            .quality(handle, Some("dead-link"), 0, 0)?
            .links
            .waiting;
        if waiting == 0 {
            return Ok(());
        }
        if waiting != said {
            terminal::talk(&format!("{waiting} links wait to be looked at"));
            said = waiting;
        }
        thread::sleep(LOOK);
    }
}
