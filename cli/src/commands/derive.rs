//! `commun derive`.

use std::path::PathBuf;

use commun_client::ItemRef;
use serde_json::{Value, json};

use super::publish;
use crate::{
    failure::{Code, Failure},
    settings::Settings,
    terminal,
};
/// Make a resource of your institution from one of any institution
///
/// Its files are named again, not copied; the origin is stated, and its licence asked. Files given with --with go on top.
/// --compare says what changed in the origin since.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The item to start from; with --compare, what was made from it
    item: ItemRef,
    /// The name of what is made
    #[arg(long, value_name = "SLUG", required_unless_present = "compare")]
    slug: Option<String>,
    /// Its title [default: that of the origin]
    #[arg(long, value_name = "T")]
    title: Option<String>,
    /// Its licence, as SPDX [default: that of the origin]
    #[arg(long, value_name = "SPDX")]
    licence: Option<String>,
    /// A file or folder whose files go on top of those of the origin
    #[arg(long, value_name = "FILE|DIR")]
    with: Option<PathBuf>,
    /// A file of the origin to leave out; may be given more than once
    #[arg(long, value_name = "PATH")]
    remove: Vec<String>,
    /// The version to start from (its id) [default: the one that is shown]
    #[arg(long, value_name = "ID")]
    version: Option<String>,
    /// Say what changed in the origin since this was made from it
    #[arg(long, conflicts_with_all = ["slug", "title", "licence", "with", "remove", "version"])]
    compare: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Asks the node.
pub fn run(settings: &Settings, args: Args) -> Result<(), Failure> {
    if args.compare {
        return compare(settings, &args.item, args.json);
    }
    let Some(slug) = args.slug else {
        return Err(Failure::new(Code::Usage, "Name what is made with --slug."));
    };
    let mut new = json!({"slug": slug, "remove": args.remove});
    for (name, value) in [
        ("title", args.title),
        ("licence", args.licence),
        ("version", args.version),
    ] {
        if let Some(value) = value {
            new[name] = value.into();
        }
    }
    let files = match &args.with {
        Some(path) => publish::collect(path)?,
        None => Vec::new(),
    };
    let client = settings.writer()?;
    let item = client.resolve(&args.item)?;
    let made = client.derive(&item, &new, &files)?;
    if args.json {
        terminal::json(&made.json);
    } else {
        terminal::data(&format!("{} {}", terminal::line(&made.name), made.id));
    }
    Ok(())
}

fn compare(settings: &Settings, item: &ItemRef, json: bool) -> Result<(), Failure> {
    let client = settings.reader()?;
    let found = client.compare(&client.resolve(item)?)?;
    if json {
        terminal::json(&found.json);
        return Ok(());
    }
    let mut text = String::new();
    let list = |name: &str| {
        let all = found.json["files"][name].as_array().cloned();
        all.unwrap_or_default()
    };
    for (name, sign) in [("added", "+"), ("changed", "~"), ("removed", "-")] {
        for file in list(name) {
            let path = file["path"].as_str().unwrap_or_default();
            text.push_str(&format!("{sign} {}\n", terminal::line(path)));
        }
    }
    for field in found.json["metadata"].as_array().into_iter().flatten() {
        let words = |value: &Value| match value {
            Value::Null => "-".to_owned(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let line = format!(
            "{}: {} → {}",
            field["field"].as_str().unwrap_or_default(),
            words(&field["before"]),
            words(&field["after"])
        );
        text.push_str(&format!("{}\n", terminal::line(&line)));
    }
    if text.is_empty() {
        terminal::talk("Nothing changed.");
    } else {
        terminal::data(text.trim_end());
    }
    Ok(())
}
