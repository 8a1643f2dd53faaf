//! `commun node`.

use commun_client::{MaintenanceStatus, Status};

use super::folder;
use crate::{failure::Failure, settings::Settings, table::Table, terminal};

/// Run a node, or say how one is
#[derive(clap::Subcommand, Debug)]
pub enum Command {
    /// Run the node of a data folder until Ctrl-C
    ///
    /// When it is ready, prints one line of JSON with its addresses.
    Run(folder::Sockets),
    /// Say how a running node is
    Status {
        /// Print all as JSON
        #[arg(long)]
        json: bool,
    },
    /// Make the catalogue and the index of a stopped node again, from its logs
    Rebuild,
    /// Check the logs and the catalogue of a stopped node
    Verify,
}

/// Does what was typed.
pub fn run(settings: &Settings, command: Command) -> Result<(), Failure> {
    match command {
        Command::Run(sockets) => folder::node(settings, "run", sockets.arguments()),
        Command::Status { json } => {
            let status = settings.reader()?.status()?;
            if json {
                terminal::json(&status.json);
            } else {
                terminal::data(&text(&status));
            }
            Ok(())
        }
        Command::Rebuild => folder::node(settings, "rebuild", Vec::new()),
        Command::Verify => folder::node(settings, "verify", Vec::new()),
    }
}

fn text(status: &Status) -> String {
    let mut logs = Table::new(&["LOG", "EPOCH", "SIZE", "BEHIND", "STATE", "ROOT"]);
    for log in &status.logs {
        logs.row(&[
            log.handle.clone(),
            log.epoch.to_string(),
            log.size.to_string(),
            log.behind.to_string(),
            log.state.clone(),
            terminal::cut(&log.root, 13),
        ]);
    }
    let mut peers = Table::new(&["PEER", "CONNECTED", "RTT", "PATH", "NODE"]);
    for peer in &status.peers {
        peers.row(&[
            peer.handle.clone(),
            if peer.connected { "yes" } else { "no" }.to_owned(),
            peer.rtt_ms
                .map(|ms| format!("{ms:.1} ms"))
                .unwrap_or_default(),
            peer.path.clone().unwrap_or_default(),
            peer.node.clone(),
        ]);
    }
    format!(
        "{} of {} (charter {}, {} institutions)\n\
         node {}, {}, release {}, up for {} s\n\
         catalogue: {} items, position {}, fold {}, root {}\n\
         index: {} documents, position {}\n\
         content: {} held ({}), {} wanted\n\
         repositories: {}\n{}{}\n{}\n{}",
        terminal::line(&status.handle),
        terminal::line(&status.commons.name),
        status.commons.charter,
        status.commons.institutions,
        terminal::line(&status.node),
        if status.writer {
            "writer of its log"
        } else {
            "does not write its log now"
        },
        terminal::line(&status.version),
        status.uptime_s.round(),
        status.catalogue.items,
        status.catalogue.position,
        status.catalogue.fold,
        terminal::line(&status.catalogue.root),
        status.index.documents,
        status.index.position,
        status.content.held,
        terminal::size(status.content.bytes),
        status.content.wanted,
        upkeep(&status.maintenance),
        over_quota(status),
        status
            .ssh
            .as_ref()
            .map(|ssh| format!(
                "git over SSH: {}, host key {}\n",
                terminal::line(&ssh.url),
                terminal::line(&ssh.fingerprint)
            ))
            .unwrap_or_default(),
        logs.text(),
        peers.text(),
    )
}

/// When repositories were last looked after, and what could not be done.
fn upkeep(upkeep: &MaintenanceStatus) -> String {
    let last = match &upkeep.last {
        Some(last) => format!("last looked after {}", terminal::line(last)),
        None => "not looked after since the start".to_owned(),
    };
    let failed: String = upkeep
        .failed
        .iter()
        .map(|f| {
            format!(
                "\n  {} could not be packed: {}",
                terminal::line(&f.item),
                terminal::line(&f.error)
            )
        })
        .collect();
    format!("{last}, {} packed{failed}", upkeep.packed)
}

/// The institutions of which no more content is taken, a line each.
fn over_quota(status: &Status) -> String {
    let full = status.usage.iter().filter(|usage| usage.full);
    full.map(|usage| {
        let held_back = match usage.held_back {
            0 => String::new(),
            n => format!("; what it proposes to {n} repositories is not fetched"),
        };
        format!(
            "{} has reached its quota here ({}, {} statements){held_back}\n",
            terminal::line(&usage.handle),
            terminal::size(usage.bytes),
            usage.statements
        )
    })
    .collect()
}
