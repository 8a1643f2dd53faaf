//! `commun log`.

use commun_client::Client;
use commun_specs::{
    id::CommonsId,
    key::PublicKey,
    name::Handle,
    note::{Checkpoint, Note},
    statement::Statement,
    tree::{self, Pending},
};

use crate::{
    failure::{Code, Failure},
    log::{self, TILE},
    settings::Settings,
    table::Table,
    terminal,
};

/// Show and verify the logs of the institutions
#[derive(clap::Subcommand, Debug)]
pub enum Command {
    /// List the logs that the node has, or the newest entries of one
    Show {
        /// Whose log
        handle: Option<Handle>,
        /// How many entries to print
        #[arg(long, value_name = "N", default_value_t = 20)]
        limit: u64,
        /// Print as JSON
        #[arg(long)]
        json: bool,
    },
    /// Fetch a log, verify every signature, and compute its root again
    ///
    /// Without a handle, the logs of all institutions.
    Verify {
        /// Whose log
        handle: Option<Handle>,
    },
}

/// Does what was typed.
pub fn run(settings: &Settings, command: Command) -> Result<(), Failure> {
    let client = settings.reader()?;
    match command {
        Command::Show {
            handle: None, json, ..
        } => list(&client, json),
        Command::Show {
            handle: Some(handle),
            limit,
            json,
        } => show(&client, &handle, limit, json),
        Command::Verify {
            handle: Some(handle),
        } => verify(&client, &handle),
        Command::Verify { handle: None } => {
            let mut worst = None;
            for institution in &client.institutions()?.institutions {
                let result = Handle::new(&institution.handle)
                    .map_err(|cause| Failure::new(Code::No, cause.to_string()))
                    .and_then(|handle| verify(&client, &handle));
                if let Err(failure) = result {
                    if failure.code != Code::No {
                        return Err(failure);
                    }
                    failure.print();
                    worst = Some(Failure::new(Code::No, "Not every log holds."));
                }
            }
            worst.map_or(Ok(()), Err)
        }
    }
}

fn list(client: &Client, json: bool) -> Result<(), Failure> {
    let status = client.status()?;
    if json {
        terminal::json(&status.json["logs"]);
        return Ok(());
    }
    let mut table = Table::new(&["LOG", "EPOCH", "SIZE", "BEHIND", "STATE", "ROOT"]);
    for log in &status.logs {
        table.row(&[
            log.handle.clone(),
            log.epoch.to_string(),
            log.size.to_string(),
            log.behind.to_string(),
            log.state.clone(),
            log.root.clone(),
        ]);
    }
    table.print();
    Ok(())
}

fn show(client: &Client, handle: &Handle, limit: u64, json: bool) -> Result<(), Failure> {
    let (_, checkpoint) = log::checkpoint(client, handle.as_str())?;
    let first = checkpoint.size.saturating_sub(limit);
    let mut table = Table::new(&["POSITION", "KIND", "ID", "ITEM"]);
    let mut values = Vec::new();
    for index in first / TILE..checkpoint.size.div_ceil(TILE) {
        for (entry, position) in log::entries(client, handle.as_str(), index, checkpoint.size)?
            .iter()
            .zip(index * TILE..)
        {
            if position < first {
                continue;
            }
            let (kind, id, item) = match Statement::open(entry) {
                Ok(statement) => {
                    let kind = statement
                        .head
                        .as_ref()
                        .map_or("unknown", |head| &head.kind)
                        .to_owned();
                    let item = statement
                        .head
                        .as_ref()
                        .and_then(|head| head.item)
                        .map(|item| item.to_string());
                    (kind, statement.id.to_string(), item)
                }
                Err(_) => ("void".to_owned(), String::new(), None),
            };
            values.push(
                serde_json::json!({ "position": position, "kind": kind, "id": id, "item": item }),
            );
            table.row(&[
                &position.to_string(),
                &kind,
                &id,
                item.as_deref().unwrap_or_default(),
            ]);
        }
    }
    if json {
        terminal::json(&values);
    } else {
        table.print();
    }
    Ok(())
}

/// The writer's key, as the node knows it.
fn writer(client: &Client, handle: &Handle) -> Result<PublicKey, Failure> {
    let institution = client.institution(handle.as_str())?;
    let key = institution.node.as_deref().and_then(|key| key.parse().ok());
    key.ok_or_else(|| {
        Failure::new(
            Code::No,
            format!("The node does not know the key that writes the log of {handle}"),
        )
    })
}

fn verify(client: &Client, handle: &Handle) -> Result<(), Failure> {
    let no = |what: String| {
        Failure::new(
            Code::No,
            format!("The log of {handle} does not hold: {what}"),
        )
    };
    let commons: CommonsId = client
        .status()?
        .commons
        .id
        .parse()
        .map_err(|_| no("the node names no commons".into()))?;
    let (note, claim) = log::checkpoint(client, handle.as_str())?;
    if claim.origin.commons != commons || claim.origin.handle != *handle {
        return Err(no(format!(
            "the checkpoint is of another log: {}",
            claim.origin
        )));
    }
    let checkpoint = signed(&note, &claim, &writer(client, handle)?).map_err(no)?;
    let mut hashes: Vec<[u8; 32]> = Vec::new();
    let mut void = 0;
    let mut position = 0;
    for index in 0..checkpoint.size.div_ceil(TILE) {
        let mut tree = Pending::on(&hashes, position);
        for entry in log::entries(client, handle.as_str(), index, checkpoint.size)? {
            let opened = Statement::open(&entry)
                .and_then(|statement| statement.belongs_to(&commons, handle));
            if let Err(cause) = opened {
                // A void leaf is allowed in a log; it says nothing.
                terminal::talk(&format!("Entry {position} of {handle} is void: {cause}"));
                void += 1;
            }
            tree::append(&mut tree, position, tree::leaf_hash(&entry))
                .map_err(|cause| no(cause.to_string()))?;
            position += 1;
        }
        let (_, new) = tree.into_new();
        hashes.extend(new);
    }
    let root = tree::root(&hashes, checkpoint.size).map_err(|cause| no(cause.to_string()))?;
    if root != checkpoint.root {
        return Err(no(format!(
            "its entries have the root {root}, its checkpoint says {}",
            checkpoint.root
        )));
    }
    let void = if void == 0 {
        String::new()
    } else {
        format!(", {void} void")
    };
    terminal::data(&format!(
        "{handle}: {} entries hold{void}, epoch {}, root {root}",
        checkpoint.size, checkpoint.origin.epoch
    ));
    Ok(())
}

fn signed(note: &Note, claim: &Checkpoint, key: &PublicKey) -> Result<Checkpoint, String> {
    note.open(&claim.origin, key)
        .map_err(|cause| cause.to_string())
}
