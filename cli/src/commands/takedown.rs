//! `commun withdraw`, `erase`, `hide`, `unhide` and `report`.

use commun_client::{ItemRef, Why};
use commun_specs::statement::REASON_CODES;
use serde_json::Value;

use crate::{
    failure::{Code, Failure},
    settings::Settings,
    table::Table,
    terminal,
};

/// Take an item of your institution back
///
/// Its page then says who took it back, when and why; it is not found any more, and its files are not given out, here
/// and at all other institutions. Publish a new version to bring it back.
#[derive(clap::Args, Debug)]
pub struct Withdraw {
    /// The item
    item: ItemRef,
    /// Why, for readers
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Why, in a word
    #[arg(long, value_name = "CODE", value_parser = REASON_CODES)]
    code: Option<String>,
    /// Only this version (its id)
    #[arg(long, value_name = "ID")]
    version: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Erase what your institution published, everywhere and for ever
///
/// The words and files of all versions are removed from the disks of every institution that hears of it; the item is
/// withdrawn. With --of only these statements about the item, such as a comment of yours. What others copied by hand,
/// the commits of a repository, and files that another item names too (one that was adapted from it), stay; such items
/// are named.
#[derive(clap::Args, Debug)]
pub struct Erase {
    /// The item
    item: ItemRef,
    /// Why, for readers
    #[arg(long, value_name = "TEXT", required_unless_present = "of")]
    reason: Option<String>,
    /// Why, in a word
    #[arg(long, value_name = "CODE", value_parser = REASON_CODES)]
    code: Option<String>,
    /// Only this statement (its id); may be given more than once
    #[arg(long, value_name = "ID")]
    of: Vec<String>,
    /// Do not ask: it cannot be undone
    #[arg(long)]
    yes: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Hide an item on your node alone, whoever published it
///
/// It is not found, shown or given out there any more; its files do not come back under another item. Items that hold
/// some of them already stay, and are named. Nothing changes for other institutions.
#[derive(clap::Args, Debug)]
pub struct Hide {
    /// The item
    #[arg(required_unless_present = "list")]
    item: Option<ItemRef>,
    /// Why, for readers
    #[arg(long, value_name = "TEXT", required_unless_present = "list")]
    reason: Option<String>,
    /// Do not give it to other nodes either
    #[arg(long)]
    quarantine: bool,
    /// List what is hidden
    #[arg(long, conflicts_with_all = ["item", "reason", "quarantine"])]
    list: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Show an item again that your node hides
///
/// Or let content come back, by the BLAKE3 hash of the file (64 characters).
#[derive(clap::Args, Debug)]
pub struct Unhide {
    /// The item, or the hash of a file
    item: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Report an item to the institution that published it and to your own; list and close reports
///
/// `commun report ITEM --text TEXT` reports; `commun report list` and `commun report close ID` are for librarians.
#[derive(clap::Args, Debug)]
pub struct Report {
    /// The item; or list, or close
    item: String,
    /// With close: the report
    id: Option<String>,
    /// What is wrong
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
    /// What is wrong, in a word
    #[arg(long, value_name = "CODE", value_parser = REASON_CODES)]
    code: Option<String>,
    /// Only this statement about the item (its id)
    #[arg(long, value_name = "ID")]
    of: Option<String>,
    /// With close: what was done
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// With list: those that were dealt with too
    #[arg(long)]
    all: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn done(json: bool, answer: &Value, sentence: &str) {
    if json {
        terminal::json(answer);
    } else {
        terminal::data(&terminal::line(sentence));
    }
}

/// Says which other items hold some of the same content, and what may be done about it.
fn warn_of_others(answer: &Value, advice: &str) {
    let others = answer["elsewhere"].as_array().into_iter().flatten();
    let names: Vec<&str> = others.filter_map(Value::as_str).collect();
    if !names.is_empty() {
        let count = answer["elsewhere_count"].as_u64().unwrap_or_default();
        let more = count.saturating_sub(names.len() as u64);
        let mut names = names.join(", ");
        if more > 0 {
            names.push_str(&format!(" and {more} more"));
        }
        let sentence = format!(
            "Some of its content is in other items too and stays there: {names}. Look at them, and {advice}."
        );
        terminal::talk(&terminal::line(&sentence));
    }
}

fn text<'a>(value: &'a Value, path: &str) -> &'a str {
    value.pointer(path).and_then(Value::as_str).unwrap_or("-")
}

/// Asks the node.
pub fn withdraw(settings: &Settings, args: Withdraw) -> Result<(), Failure> {
    let client = settings.writer()?;
    let item = client.resolve(&args.item)?;
    let why = Why {
        reason: Some(args.reason),
        code: args.code,
        version: args.version,
        ..Why::default()
    };
    let made = client.withdraw(&item, &why)?;
    let sentence = format!("{} is withdrawn", text(&made.json, "/item/name"));
    done(args.json, &made.json, &sentence);
    Ok(())
}

/// Asks the node.
pub fn erase(settings: &Settings, args: Erase) -> Result<(), Failure> {
    if !args.yes {
        return Err(Failure::new(
            Code::Usage,
            "An erasure cannot be undone, and other institutions follow it at once.",
        )
        .hint("Say --yes; `commun withdraw` takes an item back and can be undone."));
    }
    let client = settings.writer()?;
    let item = client.resolve(&args.item)?;
    let why = Why {
        reason: args.reason,
        code: args.code,
        ..Why::default()
    };
    let made = client.erase(&item, &why, &args.of)?;
    let count = made.json["erased"].as_u64().unwrap_or(0);
    let name = text(&made.json, "/item/name");
    done(
        args.json,
        &made.json,
        &format!("{name}: {count} statements are erased"),
    );
    warn_of_others(&made.json, "erase, report or hide them too");
    Ok(())
}

/// Asks the node.
pub fn hide(settings: &Settings, args: Hide) -> Result<(), Failure> {
    let client = settings.writer()?;
    let (Some(item), Some(reason)) = (&args.item, &args.reason) else {
        let found = client.hidden()?;
        if args.json {
            terminal::json(&found.json);
            return Ok(());
        }
        let mut table = Table::new(&["ITEM", "SINCE", "QUARANTINE", "REASON"]);
        let items = found.json["items"].as_array().cloned().unwrap_or_default();
        for item in &items {
            let quarantine = item["quarantine"].as_bool().unwrap_or(false);
            table.row(&[
                text(item, "/name"),
                text(item, "/since"),
                if quarantine { "yes" } else { "no" },
                text(item, "/reason"),
            ]);
        }
        if !items.is_empty() {
            terminal::data(&table.text());
        }
        return Ok(());
    };
    let item = match client.resolve(item) {
        Ok(item) => item,
        // What is hidden already is not shown: hide it again by the name that was given.
        Err(_) => item.clone(),
    };
    let made = client.hide(&item, reason, args.quarantine)?;
    let sentence = format!("{} is hidden on this node", text(&made.json, "/name"));
    done(args.json, &made.json, &sentence);
    warn_of_others(&made.json, "hide them too");
    Ok(())
}

/// Asks the node.
pub fn unhide(settings: &Settings, args: Unhide) -> Result<(), Failure> {
    let client = settings.writer()?;
    let hash = args.item.len() == 64 && args.item.bytes().all(|b| b.is_ascii_hexdigit());
    if hash {
        let made = client.unblock(&args.item)?;
        done(
            args.json,
            &made.json,
            &format!("{} may come back", args.item),
        );
        return Ok(());
    }
    let item: ItemRef = args
        .item
        .parse()
        .map_err(|e| Failure::new(Code::Usage, e))?;
    let made = client.unhide(&item)?;
    let sentence = format!("{} is shown again", text(&made.json, "/name"));
    done(args.json, &made.json, &sentence);
    Ok(())
}

/// Asks the node.
pub fn report(settings: &Settings, args: Report) -> Result<(), Failure> {
    match args.item.as_str() {
        "list" => return reports(settings, args.all, args.json),
        "close" => {
            let Some(id) = &args.id else {
                return Err(Failure::new(Code::Usage, "Name the report to close.")
                    .hint("`commun report list` lists them."));
            };
            let client = settings.writer()?;
            let note = args.note.unwrap_or_default();
            let made = client.close_report(id, &note)?;
            let sentence = format!("closed: {}", text(&made.json, "/item/name"));
            done(args.json, &made.json, &sentence);
            return Ok(());
        }
        _ => {}
    }
    let item: ItemRef = args
        .item
        .parse()
        .map_err(|e| Failure::new(Code::Usage, e))?;
    let Some(said) = args.text else {
        return Err(Failure::new(Code::Usage, "Say what is wrong with --text."));
    };
    let client = settings.writer()?;
    let item = client.resolve(&item)?;
    let why = Why {
        text: Some(said),
        code: args.code,
        ..Why::default()
    };
    let made = client.report(&item, &why, args.of.as_deref())?;
    let sentence = format!("reported: {}", text(&made.json, "/item/name"));
    done(args.json, &made.json, &sentence);
    Ok(())
}

fn reports(settings: &Settings, all: bool, json: bool) -> Result<(), Failure> {
    let client = settings.writer()?;
    let found = client.reports()?;
    if json {
        terminal::json(&found.json);
        return Ok(());
    }
    let mut table = Table::new(&["REPORT", "ITEM", "FROM", "CODE", "TEXT"]);
    let reports = found.json["reports"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let mut any = false;
    for report in &reports {
        if !all && !report["closed"].is_null() {
            continue;
        }
        any = true;
        table.row(&[
            &text(report, "/id").chars().take(13).collect::<String>(),
            text(report, "/item/name"),
            text(report, "/institution"),
            text(report, "/code"),
            text(report, "/text"),
        ]);
    }
    if any {
        terminal::data(&table.text());
    }
    Ok(())
}
