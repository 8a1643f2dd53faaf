//! Many items: a query, a list, a table out and in.

use std::{
    fs,
    io::{BufRead as _, IsTerminal as _},
    path::Path,
};

use commun_client::{Client, CorrectHow, Correction, ItemRef, Query, Reply};
use serde_json::{Value, json};

use super::{Args, usage};
use crate::{
    failure::{Code, Failure},
    settings::Settings,
    terminal,
};

/// Items that are sent at once: what was answered is durable, so that an interruption costs little.
const AT_ONCE: usize = 500;
/// Hits of one page of a search, and how far searches go.
const PAGE: u64 = 100;
const FARTHEST: u64 = 10_000;
/// Largest table, in bytes: what a node takes.
const MAX_TABLE: u64 = 32 << 20;

/// Corrects all items that were named or found.
pub(super) fn correct(
    settings: &Settings,
    args: &Args,
    corrections: &[Correction],
    how: &CorrectHow,
) -> Result<(), Failure> {
    let client = settings.writer()?;
    let items = chosen(&client, args)?;
    if items.is_empty() {
        return Err(Failure::new(
            Code::No,
            "Nothing was found that could be corrected.",
        ));
    }
    if args.query.is_some() {
        let count = terminal::counted(items.len() as u64, "resource");
        terminal::talk(&format!("{count} of your institution."));
        if !args.yes && !args.dry_run {
            confirm(items.len())?;
        }
    }
    // All or none is one question to the node.
    let size = if how.all { items.len() } else { AT_ONCE };
    let mut sum = Sum::default();
    for part in items.chunks(size) {
        let mut lines = String::new();
        for item in part {
            let line = json!({"item": item, "changes": corrections});
            lines.push_str(&line.to_string());
            lines.push('\n');
        }
        let done = match client.correct_many(lines.as_bytes(), how) {
            Ok(done) => done,
            Err(error) => return Err(sum.stopped(args, items.len(), error.into())),
        };
        sum.add(&done.json);
        if items.len() > size {
            terminal::talk(&format!("{} of {}", sum.records, items.len()));
        }
    }
    sum.print(args)
}

/// Reads a table that was changed.
pub(super) fn table_in(settings: &Settings, args: &Args, file: &Path) -> Result<(), Failure> {
    let unread = |e: &dyn std::fmt::Display| {
        Failure::new(
            Code::Usage,
            format!("{} cannot be read: {e}.", file.display()),
        )
    };
    let size = fs::metadata(file).map_err(|e| unread(&e))?.len();
    if size > MAX_TABLE {
        let message = format!("{} has more than {MAX_TABLE} bytes.", file.display());
        return Err(Failure::new(Code::Refuse, message));
    }
    let bytes = fs::read(file).map_err(|e| unread(&e))?;
    let client = settings.writer()?;
    let how = CorrectHow {
        dry_run: args.dry_run,
        all: args.all,
        ..CorrectHow::default()
    };
    let mut sum = Sum::default();
    sum.add(&client.correct_many(&bytes, &how)?.json);
    sum.print(args)
}

/// Writes items as a table.
pub(super) fn table_out(settings: &Settings, args: &Args, file: &Path) -> Result<(), Failure> {
    let client = settings.reader_with_token()?;
    let items = chosen(&client, args)?;
    let table = client.correction_table(&items, &args.fields, args.delimiter.as_deref())?;
    fs::write(file, &table.csv).map_err(|e| {
        Failure::new(
            Code::Usage,
            format!("{} cannot be written: {e}.", file.display()),
        )
    })?;
    for line in table.json["lines"].as_array().into_iter().flatten() {
        let text = |name: &str| line[name].as_str().unwrap_or_default();
        terminal::talk(&terminal::line(&format!(
            "{}: {}",
            text("record"),
            text("what")
        )));
    }
    let written = table.records.saturating_sub(table.refused);
    if args.json {
        let file = file.display().to_string();
        terminal::json(&json!({"file": file, "items": written, "left_out": table.refused}));
    } else {
        terminal::data(&format!("{written} items"));
    }
    Ok(())
}

/// The items that were named; else what the query finds in one's own institution.
fn chosen(client: &Client, args: &Args) -> Result<Vec<String>, Failure> {
    if !args.items.is_empty() {
        let items = args.items.iter().map(|item| {
            let item: ItemRef = client.resolve(item)?;
            Ok(item.to_string())
        });
        return items.collect();
    }
    let handle = client.status()?.handle.clone();
    let mut query = Query {
        types: vec!["resource".to_owned()],
        institutions: vec![handle],
        limit: Some(PAGE),
        offset: Some(0),
        ..Query::new(args.query.as_deref().unwrap_or_default())
    };
    let mut items: Vec<String> = Vec::new();
    loop {
        let found: Reply<_> = client.search(&query)?;
        items.extend(found.hits.iter().map(|hit| hit.name.clone()));
        let next = query.offset.unwrap_or_default() + PAGE;
        if found.hits.is_empty() || next >= found.total {
            break;
        }
        if next + PAGE > FARTHEST {
            terminal::talk(&format!(
                "Note: the search finds {}; the first {} are taken. Narrow the query for the others.",
                found.total,
                items.len()
            ));
            break;
        }
        query.offset = Some(next);
    }
    Ok(items)
}

fn confirm(count: usize) -> Result<(), Failure> {
    let input = std::io::stdin();
    if !input.is_terminal() {
        return Err(usage("Nobody can be asked whether to correct them.")
            .hint("Look at --dry-run, then give --yes."));
    }
    terminal::talk(&format!("Correct all {count}? [y/N]"));
    let mut answer = String::new();
    let read = input.lock().read_line(&mut answer);
    match (read, answer.trim().to_ascii_lowercase().as_str()) {
        (Ok(_), "y" | "yes" | "o" | "oui") => Ok(()),
        _ => Err(Failure::new(Code::No, "Nothing was done.")),
    }
}

/// The reports of several requests as one.
#[derive(Default)]
struct Sum {
    records: u64,
    changed: u64,
    unchanged: u64,
    refused: u64,
    rules: Vec<Value>,
    lines: Vec<Value>,
    items: Vec<Value>,
    left_out: u64,
}

impl Sum {
    fn add(&mut self, report: &Value) {
        let count = |name: &str| report[name].as_u64().unwrap_or_default();
        self.records += count("records");
        self.changed += count("changed");
        self.unchanged += count("unchanged");
        self.refused += count("refused");
        self.left_out += count("left_out");
        let list = |name: &str| report[name].as_array().cloned().unwrap_or_default();
        self.lines.extend(list("lines"));
        self.items.extend(list("items"));
        for rule in list("rules") {
            let same = |known: &&mut Value| {
                known["rule"] == rule["rule"] && known["severity"] == rule["severity"]
            };
            match self.rules.iter_mut().find(same) {
                Some(known) => {
                    let all = known["count"].as_u64().unwrap_or_default();
                    known["count"] = (all + rule["count"].as_u64().unwrap_or_default()).into();
                }
                None => self.rules.push(rule),
            }
        }
    }

    /// Prints what was done before a part failed; gives the failure, with how many it leaves.
    fn stopped(&self, args: &Args, all: usize, failure: Failure) -> Failure {
        let left = (all as u64).saturating_sub(self.records);
        if self.records == 0 {
            return failure;
        }
        // That some of these were refused is less than what is told now.
        let _ = self.print(args);
        let message = format!(
            "{} {left} of {all} items were not sent, or no answer came for them.",
            failure.message
        );
        Failure { message, ..failure }.hint(
            "What the report says is done. Give the same command again: what is corrected already is not stated twice.",
        )
    }

    /// Prints it. Exit code 1 where something was not corrected.
    fn print(&self, args: &Args) -> Result<(), Failure> {
        if args.json {
            terminal::json(&json!({
                "dry_run": args.dry_run,
                "records": self.records,
                "changed": self.changed,
                "unchanged": self.unchanged,
                "refused": self.refused,
                "rules": self.rules,
                "lines": self.lines,
                "left_out": self.left_out,
                "items": self.items,
            }));
        } else {
            for line in &self.lines {
                let text = |name: &str| line[name].as_str().unwrap_or_default();
                let mut told =
                    format!("{}: {}: {}", text("record"), text("severity"), text("what"));
                if text("severity") != "info" {
                    told.push_str(&format!("; {}", text("fix")));
                }
                terminal::data(&terminal::line(&told));
            }
            if self.left_out > 0 {
                terminal::data(&format!("… {} more lines", self.left_out));
            }
            let would = if args.dry_run { "would be " } else { "" };
            terminal::data(&format!(
                "{}: {} {would}corrected, {} unchanged, {} refused",
                terminal::counted(self.records, "item"),
                self.changed,
                self.unchanged,
                self.refused
            ));
        }
        match self.refused {
            0 => Ok(()),
            count => Err(
                Failure::new(Code::No, format!("{count} items were not corrected."))
                    .hint("The report says why, and how to mend it."),
            ),
        }
    }
}
