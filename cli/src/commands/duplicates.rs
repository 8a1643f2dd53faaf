//! `commun duplicates`.

use commun_client::{AcceptPair, Duplicate};

use crate::{failure::Failure, settings::Settings, table::Table, terminal};

/// Look at items that may be the same, and decide
///
/// Pairs are found by identifier, by content, and by nearly the same title and author. Nothing is merged: accepting a
/// pair links the two items by a correction of your own one, which others see and which can be taken back; refusing is a
/// note of your institution, so that the pair is not offered again.
#[derive(clap::Subcommand, Debug)]
#[command(verbatim_doc_comment)]
pub enum Command {
    /// List pairs, the surest first
    List(List),
    /// State that the two are the same
    Accept(Accept),
    /// Note that the two are not the same
    Refuse(Refuse),
}

/// Which pairs.
#[derive(clap::Args, Debug)]
pub struct List {
    /// With an item of this institution [default: the node's]
    #[arg(long, value_name = "H", conflicts_with = "everywhere")]
    institution: Option<String>,
    /// Of all institutions
    #[arg(long)]
    everywhere: bool,
    /// Which: those that wait, those that are linked, those that your institution refused
    #[arg(long, default_value = "open", value_parser = ["open", "accepted", "refused"])]
    state: String,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: u64,
    /// Leave out so many
    #[arg(long, value_name = "N", default_value_t = 0)]
    offset: u64,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// A pair that is accepted.
#[derive(clap::Args, Debug)]
pub struct Accept {
    /// The pair: its id, or the first characters of it
    pair: String,
    /// In which of your own items the link is stated, where both are yours [default: the later one]
    #[arg(long, value_name = "ITEM")]
    item: Option<String>,
    /// As what [default: as it is offered]
    #[arg(long = "as", value_name = "KIND", value_parser = ["same", "translation"])]
    kind: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// A pair that is refused.
#[derive(clap::Args, Debug)]
pub struct Refuse {
    /// The pair: its id, or the first characters of it
    pair: String,
    /// Why
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Asks the node.
pub fn run(settings: &Settings, command: Command) -> Result<(), Failure> {
    match command {
        Command::List(args) => list(settings, &args),
        Command::Accept(args) => {
            let how = AcceptPair {
                item: args.item,
                kind: args.kind,
            };
            let done = settings.writer()?.accept_pair(&args.pair, &how)?;
            if args.json {
                terminal::json(&done.json);
            } else {
                terminal::data(&row(&done.value).join("  "));
            }
            Ok(())
        }
        Command::Refuse(args) => {
            let done = settings.writer()?.refuse_pair(&args.pair, &args.reason)?;
            if args.json {
                terminal::json(&done.json);
            } else {
                terminal::data(&row(&done.value).join("  "));
            }
            Ok(())
        }
    }
}

fn list(settings: &Settings, args: &List) -> Result<(), Failure> {
    let client = settings.reader_with_token()?;
    let own = match (&args.institution, args.everywhere) {
        (Some(handle), _) => Some(handle.clone()),
        (None, true) => None,
        (None, false) => Some(client.status()?.handle.clone()),
    };
    let found = client.duplicates(own.as_deref(), &args.state, args.limit, args.offset)?;
    if args.json {
        terminal::json(&found.json);
        return Ok(());
    }
    let mut table = Table::new(&["PAIR", "AS", "SURE", "BECAUSE", "ITEM", "AND"]);
    for pair in &found.duplicates {
        table.row(&row(pair));
    }
    if !found.duplicates.is_empty() {
        table.print();
    } else if found.total == 0 {
        let of = own.map_or("of anybody".to_owned(), |own| {
            format!("with an item of {own}")
        });
        terminal::talk(&format!("No pairs ({}) {of}.", terminal::line(&args.state)));
    }
    let shown = found.duplicates.len() as u64 + args.offset;
    if shown < found.total {
        terminal::talk(&format!(
            "{shown} of {}; --offset {shown} shows more",
            found.total
        ));
    }
    Ok(())
}

fn row(pair: &Duplicate) -> Vec<String> {
    let sure = match pair.score {
        0 => "-".to_owned(),
        score => format!("{score} %"),
    };
    let because = match pair.rules.is_empty() {
        true => pair.state.clone(),
        false => pair.rules.join(", "),
    };
    let mut cells = vec![pair.id.clone(), pair.kind.clone(), sure, because];
    cells.extend(pair.items.iter().map(|item| item.name.clone()));
    cells.iter().map(|cell| terminal::line(cell)).collect()
}
