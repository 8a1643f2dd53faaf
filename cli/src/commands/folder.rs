//! What `commun-node` does with a data folder: `backup`, `restore`, `doctor`, `carry`, `scrub`.

use std::{ffi::OsString, net::SocketAddr, path::PathBuf};

use crate::{failure::Failure, program, settings::Settings};

/// Becomes `commun-node COMMAND --data DIR …`. Returns only a failure.
pub fn node(settings: &Settings, command: &str, arguments: Vec<OsString>) -> Result<(), Failure> {
    let mut all: Vec<OsString> = vec![command.into(), "--data".into(), settings.data()?.into()];
    all.extend(arguments);
    Err(program::become_program("commun-node", all))
}

/// Where a node can be reached, and whether it may write its log alone.
#[derive(clap::Args, Debug)]
pub struct Sockets {
    /// Address and port for pages, API and Git
    #[arg(long, value_name = "ADDR")]
    http: Option<SocketAddr>,
    /// Address and port for Git over SSH; without it there is none (port 0: a free one)
    #[arg(long, value_name = "ADDR")]
    ssh: Option<SocketAddr>,
    /// Multiaddress to listen on for other nodes (repeatable)
    #[arg(long, value_name = "ADDR")]
    listen: Vec<String>,
    /// Sign although no other institution answers: for the first node of a commons
    #[arg(long)]
    alone: bool,
}

impl Sockets {
    /// The same as arguments of `commun-node`.
    pub fn arguments(self) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = Vec::new();
        if let Some(address) = self.http {
            arguments.extend(["--http".into(), address.to_string().into()]);
        }
        if let Some(address) = self.ssh {
            arguments.extend(["--ssh".into(), address.to_string().into()]);
        }
        for address in self.listen {
            arguments.extend(["--listen".into(), address.into()]);
        }
        if self.alone {
            arguments.push("--alone".into());
        }
        arguments
    }
}

/// Check a data folder and its surroundings
#[derive(clap::Args, Debug)]
pub struct Doctor {}

/// Write a backup of a data folder
#[derive(clap::Args, Debug)]
pub struct Backup {
    /// File to write
    file: PathBuf,
    /// File with the passphrase that encrypts it
    #[arg(long, value_name = "F")]
    passphrase_file: Option<PathBuf>,
}

/// Make a data folder of a backup
#[derive(clap::Args, Debug)]
pub struct Restore {
    /// Backup to read
    file: PathBuf,
}

/// Carry data between nodes without a network
#[derive(clap::Subcommand, Debug)]
pub enum Carry {
    /// Write what another node may lack
    Out {
        /// Folder to write to
        dir: PathBuf,
    },
    /// Read what another node has written
    In {
        /// Folder to read
        dir: PathBuf,
    },
}

/// Read all content again and compare it with its hashes
#[derive(clap::Args, Debug)]
pub struct Scrub {}

/// Becomes `commun-node doctor`.
pub fn doctor(settings: &Settings, _: Doctor) -> Result<(), Failure> {
    node(settings, "doctor", Vec::new())
}

/// Becomes `commun-node backup`.
pub fn backup(settings: &Settings, args: Backup) -> Result<(), Failure> {
    let mut arguments: Vec<OsString> = vec![args.file.into()];
    if let Some(file) = args.passphrase_file {
        arguments.extend(["--passphrase-file".into(), file.into()]);
    }
    node(settings, "backup", arguments)
}

/// Becomes `commun-node restore`.
pub fn restore(settings: &Settings, args: Restore) -> Result<(), Failure> {
    node(settings, "restore", vec![args.file.into()])
}

/// Becomes `commun-node carry`.
pub fn carry(settings: &Settings, command: Carry) -> Result<(), Failure> {
    let (direction, dir) = match command {
        Carry::Out { dir } => ("out", dir),
        Carry::In { dir } => ("in", dir),
    };
    node(settings, "carry", vec![direction.into(), dir.into()])
}

/// Becomes `commun-node scrub`.
pub fn scrub(settings: &Settings, _: Scrub) -> Result<(), Failure> {
    node(settings, "scrub", Vec::new())
}
