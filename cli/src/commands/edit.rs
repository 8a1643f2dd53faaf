//! `commun edit`.

mod change;
mod editor;
mod many;

use std::path::PathBuf;

use commun_client::{CorrectHow, Corrected, CorrectedItem, CorrectionEntry, ItemRef, Reply};
use serde_json::Value;

use crate::{
    failure::{Code, Failure},
    settings::Settings,
    terminal,
};

/// Correct what records say: one item, many, or a table changed in a spreadsheet
///
/// A correction is a statement of its own, under your name: what the source or the author says stays below it, and
/// every harvest leaves it. FIELD is one of the documentation, as title, level or creators; a text is corrected in
/// one language, as title[fr] or with --lang. Several values stand between bars: --set "keywords[fr]=suite | série".
///
/// Without --set and the like, the record is opened in $EDITOR. Librarians correct all resources of their institution,
/// publishers their own.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The items
    items: Vec<ItemRef>,
    /// What a field says; may be given more than once
    #[arg(long, value_name = "FIELD=VALUE")]
    set: Vec<String>,
    /// The language of the texts that --set, --unset and --empty name without one
    #[arg(long, value_name = "L")]
    lang: Option<String>,
    /// Take the newest correction of a field back
    #[arg(long, value_name = "FIELD")]
    unset: Vec<String>,
    /// Say that a field is rightly empty
    #[arg(long, value_name = "FIELD")]
    empty: Vec<String>,
    /// Take back the newest correction, or with =VERSION what that version corrected
    #[arg(long, value_name = "VERSION", num_args = 0..=1, require_equals = true, default_missing_value = "last",
        conflicts_with_all = ["set", "unset", "empty", "history", "query", "csv_out", "csv_in", "from"])]
    undo: Option<String>,
    /// Print who changed what when
    #[arg(long, conflicts_with_all = ["set", "unset", "empty", "query", "csv_out", "csv_in", "from", "dry_run"])]
    history: bool,
    /// All resources of your institution that a search finds
    #[arg(long, value_name = "Q", conflicts_with = "items")]
    query: Option<String>,
    /// Do not ask before many are corrected
    #[arg(long)]
    yes: bool,
    /// Write items as a table [default: all resources of your institution]
    #[arg(long, value_name = "FILE", conflicts_with_all = ["set", "unset", "empty", "csv_in", "from", "dry_run"])]
    csv_out: Option<PathBuf>,
    /// Read a table that --csv-out wrote; the cells that were changed are corrected
    #[arg(long, value_name = "FILE", conflicts_with_all = ["set", "unset", "empty", "query", "items", "from"])]
    csv_in: Option<PathBuf>,
    /// The columns of the table, with commas between [default: the usual ones, and those with values]
    #[arg(
        long,
        value_name = "FIELD,…",
        value_delimiter = ',',
        requires = "csv_out"
    )]
    fields: Vec<String>,
    /// What stands between cells: , ; or tab [default: what spreadsheets of your language take]
    #[arg(long, value_name = "SIGN", requires = "csv_out")]
    delimiter: Option<String>,
    /// Read the record from a file instead of $EDITOR, as a failed edit leaves one
    #[arg(long, value_name = "FILE", conflicts_with_all = ["set", "unset", "empty"])]
    from: Option<PathBuf>,
    /// Correct none where one cannot be
    #[arg(long)]
    all: bool,
    /// Only say what would change
    #[arg(long)]
    dry_run: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Corrects, or says what was corrected.
pub fn run(settings: &Settings, args: Args) -> Result<(), Failure> {
    if let Some(file) = &args.csv_in {
        return many::table_in(settings, &args, file);
    }
    if let Some(file) = &args.csv_out {
        return many::table_out(settings, &args, file);
    }
    let corrections = change::read(&args)?;
    let how = CorrectHow {
        base: None,
        dry_run: args.dry_run,
        all: args.all,
    };
    let item = match (args.items.as_slice(), &args.query) {
        ([item], None) => item,
        ([], None) => return Err(usage("Name the items, or choose them with --query.")),
        _ if corrections.is_empty() => {
            return Err(usage("Several items need --set, --unset or --empty."));
        }
        _ => return many::correct(settings, &args, &corrections, &how),
    };
    if args.history {
        let client = settings.reader()?;
        let found = client.corrections(&client.resolve(item)?)?;
        if args.json {
            terminal::json(&found.json);
        } else {
            found.versions.iter().for_each(print_entry);
        }
        return Ok(());
    }
    let client = settings.writer()?;
    let item = client.resolve(item)?;
    let done = if let Some(version) = &args.undo {
        let version = Some(version.as_str()).filter(|version| *version != "last");
        client.undo_corrections(&item, version, &how)?
    } else if corrections.is_empty() {
        match editor::edit(&client, &item, &how, args.from.as_deref())? {
            Some(done) => done,
            None => {
                terminal::talk("Nothing was changed.");
                return Ok(());
            }
        }
    } else {
        client.correct(&item, &corrections, &how)?
    };
    print_done(&args, &done);
    Ok(())
}

fn usage(what: &str) -> Failure {
    Failure::new(Code::Usage, what)
}

fn print_done(args: &Args, done: &Reply<CorrectedItem>) {
    for warning in done.json["warnings"].as_array().into_iter().flatten() {
        let text = |name: &str| warning[name].as_str().unwrap_or_default();
        let line = format!("Note: {}: {}", text("field"), text("what"));
        terminal::talk(&terminal::line(&line));
    }
    if args.json {
        terminal::json(&done.json);
        return;
    }
    done.changes
        .iter()
        .for_each(|change| print_change("", change));
    match (done.position, args.dry_run) {
        (Some(_), _) => terminal::data(&format!("version {}", terminal::line(&done.version))),
        (None, true) if !done.changes.is_empty() => {
            terminal::talk("Nothing was stated (--dry-run).")
        }
        (None, _) => terminal::talk("Nothing was changed."),
    }
}

fn print_entry(entry: &CorrectionEntry) {
    let by = entry.by.as_deref().unwrap_or(&entry.key);
    let mut line = format!(
        "{} {} by {} {}",
        entry.time.as_deref().unwrap_or("-"),
        entry.what,
        by,
        entry.version
    );
    if let Some(undone) = &entry.undoes {
        line.push_str(&format!(" (takes back {undone})"));
    }
    if entry.current {
        line.push_str(" (shown)");
    }
    terminal::data(&terminal::line(&line));
    entry
        .changes
        .iter()
        .for_each(|change| print_change("  ", change));
}

fn print_change(indent: &str, change: &Corrected) {
    let lang = change.language.as_ref();
    let lang = lang.map(|lang| format!("[{lang}]")).unwrap_or_default();
    let line = format!(
        "{}{lang}: {} → {}",
        change.field,
        words(&change.old),
        words(&change.new)
    );
    terminal::data(&format!("{indent}{}", terminal::line(&line)));
}

/// A value in a line.
fn words(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(words).collect::<Vec<_>>().join(" | "),
        Value::Object(members) => match members.get("name").and_then(Value::as_str) {
            Some(name) => name.to_owned(),
            None => value.to_string(),
        },
        other => other.to_string(),
    }
}
