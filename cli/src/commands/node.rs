//! `commun node`.

use std::{ffi::OsString, net::SocketAddr};

use commun_client::Status;

use super::folder;
use crate::{failure::Failure, settings::Settings, table::Table, terminal};

/// Run a node, or say how one is
#[derive(clap::Subcommand, Debug)]
pub enum Command {
    /// Run the node of a data folder until Ctrl-C
    ///
    /// When it is ready, prints one line of JSON with its addresses.
    Run {
        /// Address and port for pages, API and Git
        #[arg(long, value_name = "ADDR")]
        http: Option<SocketAddr>,
        /// Multiaddress to listen on for other nodes (repeatable)
        #[arg(long, value_name = "ADDR")]
        listen: Vec<String>,
        /// Sign although no other institution answers: for the first node of a commons
        #[arg(long)]
        alone: bool,
    },
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
        Command::Run {
            http,
            listen,
            alone,
        } => {
            let mut arguments: Vec<OsString> = Vec::new();
            if let Some(address) = http {
                arguments.extend(["--http".into(), address.to_string().into()]);
            }
            for address in listen {
                arguments.extend(["--listen".into(), address.into()]);
            }
            if alone {
                arguments.push("--alone".into());
            }
            folder::node(settings, "run", arguments)
        }
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
         content: {} held ({}), {} wanted\n\n{}\n{}",
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
        logs.text(),
        peers.text(),
    )
}
