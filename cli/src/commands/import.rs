//! `commun import`.

use std::{fs, path::PathBuf, thread, time::Duration};

use clap::builder::PossibleValuesParser;
use commun_client::{Client, Imported, NewSource, Reply, Source};

use super::not_built::not_built;
use crate::{
    failure::{Code, Failure},
    settings::Settings,
    table::Table,
    terminal,
};

/// The formats of INTERFACES.
const FORMATS: [&str; 16] = [
    "lom",
    "amb",
    "schemaorg",
    "oai_dc",
    "oai-pmh",
    "imscc",
    "thincc",
    "scorm",
    "h5p",
    "mbz",
    "epub",
    "folder",
    "git",
    "csv",
    "codemeta",
    "publiccode",
];
/// Largest document, in bytes: what a node takes.
const MAX_DOCUMENT: u64 = 32 << 20;
/// Pause between two looks at a harvest.
const LOOK: Duration = Duration::from_millis(500);

/// Import records from a file, or harvest a source
///
/// A file is taken in at once. The address of an OAI-PMH source is noted by the node, which harvests it now and, with
/// --every, again and again: only what is new, resumed after an interruption. The command shows how far it is
/// and ends with the report; interrupting the command does not stop the harvest.
///
/// The report says for each record and rule what did not come in, and how to mend it. Imported again, a record that did not
/// change makes nothing new, and what was corrected here stays.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// A file, or the address of an OAI-PMH source
    #[arg(required_unless_present_any = ["list", "remove", "visit", "report"])]
    from: Option<String>,
    /// What it is [default: told by its content]
    #[arg(long, value_name = "F", value_parser = PossibleValuesParser::new(FORMATS))]
    format: Option<String>,
    /// Of a table: the file that says which column is which field, YAML or JSON [default: headers are fields, as in the
    /// tables of `commun edit --csv-out`]
    #[arg(long, value_name = "FILE", conflicts_with_all = ["list", "remove", "visit", "report", "set", "prefix"])]
    mapping: Option<PathBuf>,
    /// Only say what would come in (files)
    #[arg(long)]
    dry_run: bool,
    /// Of a source: this set only
    #[arg(long, value_name = "S")]
    set: Option<String>,
    /// Of a source: the format to ask for [default: oai_dc]
    #[arg(long, value_name = "P")]
    prefix: Option<String>,
    /// Of a source: visit it again after this time, as 24h, 30m or 7d
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    every: Option<u64>,
    /// Of a source: what to do about records that it deleted: say it in the report, or withdraw their items too, until it has
    /// them again [default: report]
    #[arg(long, value_name = "WHAT", value_parser = PossibleValuesParser::new(["report", "withdraw"]))]
    deletions: Option<String>,
    /// Of a source: return at once, without waiting for the harvest
    #[arg(long)]
    no_wait: bool,
    /// List the sources
    #[arg(long, conflicts_with_all = ["from", "remove", "visit", "report"])]
    list: bool,
    /// Forget a source; what came from it stays
    #[arg(long, value_name = "N", conflicts_with_all = ["from", "visit", "report"])]
    remove: Option<i64>,
    /// Visit a source now
    #[arg(long, value_name = "N", conflicts_with_all = ["from", "report"])]
    visit: Option<i64>,
    /// Print the report of a source's last harvest
    #[arg(long, value_name = "N", conflicts_with = "from")]
    report: Option<i64>,
    /// Write the report as CSV to a file, too
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// `24h`, `30m`, `7d`, `90s` in seconds.
fn seconds(text: &str) -> Result<u64, String> {
    let (number, unit) = text.split_at(text.len() - text.chars().last().map_or(0, char::len_utf8));
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return Err("write a number with s, m, h or d, such as 24h".into()),
    };
    let number: u64 = number
        .parse()
        .map_err(|_| "write a number with s, m, h or d, such as 24h")?;
    number
        .checked_mul(unit)
        .ok_or_else(|| "this is too long".into())
}

/// Sends the file, or talks about sources.
pub fn run(settings: &Settings, args: Args) -> Result<(), Failure> {
    let client = settings.writer()?;
    if args.list {
        return list(&client, args.json);
    }
    if let Some(id) = args.remove {
        let done = client.remove_source(id)?;
        if args.json {
            terminal::json(&done.json);
        }
        return Ok(());
    }
    if let Some(id) = args.report {
        return finish(&args, &client.source_report(id)?);
    }
    if let Some(id) = args.visit {
        client.visit_source(id)?;
        return follow(&client, &args, id);
    }
    let from = args.from.as_deref().unwrap_or_default();
    let address = from.starts_with("http://") || from.starts_with("https://");
    if address {
        return harvest(&client, &args, from);
    }
    if let Some(format @ ("git" | "folder")) = args.format.as_deref() {
        return Err(not_built(&format!("import --format {format}"), ""));
    }
    let read =
        |e: std::io::Error| Failure::new(Code::Usage, format!("{from} cannot be read: {e}."));
    let size = fs::metadata(from).map_err(read)?.len();
    if size > MAX_DOCUMENT {
        return Err(Failure::new(
            Code::Refuse,
            format!("{from} has more than {MAX_DOCUMENT} bytes."),
        ));
    }
    let bytes = fs::read(from).map_err(read)?;
    let name = std::path::Path::new(from)
        .file_name()
        .map(|n| n.to_string_lossy().into_owned());
    let name = name.unwrap_or_default();
    let imported = match &args.mapping {
        Some(mapping) => {
            let mapping = fs::read(mapping).map_err(|e| {
                let message = format!("{} cannot be read: {e}.", mapping.display());
                Failure::new(Code::Usage, message)
            })?;
            client.import_table(&name, args.dry_run, &bytes, &mapping)?
        }
        None => client.import(&name, args.format.as_deref(), args.dry_run, &bytes)?,
    };
    finish(&args, &imported)
}

/// Prints a report. Exit code 1 where nothing came in, and something should have.
fn finish(args: &Args, imported: &Reply<Imported>) -> Result<(), Failure> {
    if let Some(path) = &args.csv {
        fs::write(path, &imported.csv).map_err(|e| {
            Failure::new(
                Code::Usage,
                format!("{} cannot be written: {e}.", path.display()),
            )
        })?;
    }
    if args.json {
        let mut json = imported.json.clone();
        if let Some(members) = json.as_object_mut() {
            members.remove("text");
            members.remove("csv");
        }
        terminal::json(&json);
    } else {
        for line in imported.text.lines() {
            terminal::data(&terminal::line(line));
        }
    }
    let r = &imported.report;
    if r.refused > 0 && r.added + r.changed + r.unchanged + r.deleted == 0 {
        return Err(Failure::new(Code::No, "Nothing came in.")
            .hint("The report says why, and how to mend it."));
    }
    Ok(())
}

fn harvest(client: &Client, args: &Args, url: &str) -> Result<(), Failure> {
    if let Some(format) = args.format.as_deref().filter(|f| *f != "oai-pmh") {
        return Err(not_built(
            &format!("import URL --format {format}"),
            "; fetch the file, and import that",
        ));
    }
    if args.dry_run {
        return Err(
            Failure::new(Code::Usage, "A source cannot be harvested in a dry run.")
                .hint("Save a page of it to a file, and import that with --dry-run."),
        );
    }
    let new = NewSource {
        url: url.to_owned(),
        prefix: args.prefix.clone(),
        set: args.set.clone(),
        every: args.every,
        deletions: args.deletions.clone(),
    };
    let source = client.add_source(&new)?;
    if args.no_wait {
        if args.json {
            terminal::json(&source.json);
        } else {
            terminal::data(&row(&source.value));
        }
        return Ok(());
    }
    follow(client, args, source.id)
}

/// Shows how far a harvest is until it ends.
fn follow(client: &Client, args: &Args, id: i64) -> Result<(), Failure> {
    let mut said = String::new();
    loop {
        let source = client.source(id)?;
        let now = row(&source.value);
        if now != said {
            terminal::talk(&now);
            said = now;
        }
        match source.state.as_str() {
            "waiting" | "running" => thread::sleep(LOOK),
            "failed" => {
                finish(args, &client.source_report(id)?)?;
                let why = source.error.clone().unwrap_or_default();
                return Err(Failure::new(
                    Code::No,
                    format!("The harvest was given up: {}.", terminal::line(&why)),
                ));
            }
            _ => return finish(args, &client.source_report(id)?),
        }
    }
}

fn row(source: &Source) -> String {
    let of = source
        .complete
        .map(|n| format!(" of {n}"))
        .unwrap_or_default();
    let r = &source.report;
    terminal::line(&format!(
        "{} {} {}: {}{of} records, {} added, {} changed, {} refused",
        source.id, source.url, source.state, r.records, r.added, r.changed, r.refused
    ))
}

fn list(client: &Client, json: bool) -> Result<(), Failure> {
    let sources = client.sources()?;
    if json {
        terminal::json(&sources.json);
        return Ok(());
    }
    let mut table = Table::new(&["N", "URL", "FORMAT", "SET", "STATE", "RECORDS", "NEXT"]);
    for s in &sources.sources {
        table.row(&[
            s.id.to_string().as_str(),
            &s.url,
            &s.prefix,
            &s.set,
            &s.state,
            &s.report.records.to_string(),
            s.due.as_deref().unwrap_or_default(),
        ]);
    }
    table.print();
    Ok(())
}
