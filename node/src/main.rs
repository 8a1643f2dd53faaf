//! `commun-node`: the daemon, and whatever touches a data folder. People type `commun`, which runs this program.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use commun_node::{
    config::{Config, Flags},
    daemon, join, offline, pushes,
};
use commun_specs::name::Handle;

/// The node of an institution in a commons
#[derive(Parser)]
#[command(name = "commun-node", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Args)]
struct Folder {
    /// The data folder
    #[arg(long, env = "COMMUN_DATA")]
    data: PathBuf,
}

#[derive(clap::Args)]
struct Sockets {
    /// Where pages, API and Git are served
    #[arg(long)]
    http: Option<SocketAddr>,
    /// Where Git is served over SSH too (port 0: a free one)
    #[arg(long)]
    ssh: Option<SocketAddr>,
    /// Where other nodes reach this one: /ip4/…/tcp/… or /ip4/…/udp/…/quic-v1
    #[arg(long)]
    listen: Vec<String>,
    /// Sign although no other institution answers
    #[arg(long)]
    alone: bool,
}

impl Sockets {
    fn flags(&self) -> Flags {
        Flags {
            http: self.http,
            ssh: self.ssh,
            listen: self.listen.clone(),
            alone: self.alone,
        }
    }
}

/// The arguments of a command that is not built: any.
#[derive(clap::Args)]
struct Planned {
    #[arg(hide = true, trailing_var_arg = true, allow_hyphen_values = true)]
    _rest: Vec<std::ffi::OsString>,
}

#[derive(Subcommand)]
enum Command {
    /// Make a data folder: begin a commons, or join one
    Init {
        #[command(flatten)]
        folder: Folder,
        #[command(flatten)]
        sockets: Sockets,
        /// The institution's name, as people write it
        #[arg(long)]
        institution: String,
        /// The institution's handle: 2 to 39 of a-z, 0-9 and single hyphens; never changed
        #[arg(long)]
        handle: String,
        /// Begin a commons of this name
        #[arg(long, required_unless_present = "join", conflicts_with = "join")]
        commons: Option<String>,
        /// Join a commons with an invitation
        #[arg(long)]
        join: Option<String>,
    },
    /// Run the node until SIGINT or SIGTERM
    Run {
        #[command(flatten)]
        folder: Folder,
        #[command(flatten)]
        sockets: Sockets,
    },
    /// Print the settings in force and where each comes from
    Config {
        #[command(flatten)]
        folder: Folder,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Derive catalogue, index and refs again from the logs (the node must be stopped)
    Rebuild {
        #[command(flatten)]
        folder: Folder,
    },
    /// Check every stored signature, hash and root (the node must be stopped)
    Verify {
        #[command(flatten)]
        folder: Folder,
    },
    /// Answer Git during a push (run by the node, not by hand)
    #[command(hide = true)]
    Hook,
    /// Read documents (run by the node, not by hand)
    #[command(hide = true)]
    Extract,
    /// Not built yet
    Backup(Planned),
    /// Not built yet
    Restore(Planned),
    /// Not built yet
    Doctor(Planned),
    /// Not built yet
    Carry(Planned),
    /// Not built yet
    Scrub(Planned),
}

/// See `commun_node::memory`.
#[global_allocator]
static HEAP: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli.command) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("commun-node: {}", failure.message);
            ExitCode::from(failure.code)
        }
    }
}

fn run(command: Command) -> Result<ExitCode, daemon::Failure> {
    match command {
        Command::Hook => {
            return Ok(match pushes::hook() {
                Ok(()) => ExitCode::SUCCESS,
                Err(e) => {
                    eprintln!("commun-node: {e:#}");
                    ExitCode::from(5)
                }
            });
        }
        Command::Extract => {
            // Whoever asked sees a closed pipe.
            return Ok(match commun_forge::text::worker::serve() {
                Ok(()) => ExitCode::SUCCESS,
                Err(_) => ExitCode::from(5),
            });
        }
        Command::Init {
            folder,
            sockets,
            institution,
            handle,
            commons,
            join,
        } => {
            let handle = Handle::new(&handle).map_err(|e| daemon::Failure::usage(&e))?;
            daemon::block_on(async {
                match (commons, join) {
                    (Some(commons), _) => {
                        join::found(
                            &folder.data,
                            &sockets.flags(),
                            &commons,
                            &institution,
                            &handle,
                        )
                        .await
                    }
                    (None, Some(invitation)) => {
                        join::join(
                            &folder.data,
                            &sockets.flags(),
                            &invitation,
                            &institution,
                            &handle,
                        )
                        .await
                    }
                    (None, None) => Err(daemon::Failure::usage(
                        &"either --commons or --join is needed",
                    )),
                }
            })?;
        }
        Command::Run { folder, sockets } => {
            let config = Config::load(&folder.data, &sockets.flags())
                .map_err(|e| daemon::Failure::usage(&e))?;
            daemon::block_on(daemon::run(config))?;
        }
        Command::Config { folder, json } => {
            let config = Config::load(&folder.data, &Flags::default())
                .map_err(|e| daemon::Failure::usage(&e))?;
            if json {
                let all: serde_json::Map<_, _> = config
                    .report()
                    .into_iter()
                    .map(|(name, value, from)| {
                        (
                            name.to_owned(),
                            serde_json::json!({"value": value, "from": from.to_string()}),
                        )
                    })
                    .collect();
                println!("{}", serde_json::Value::Object(all));
            } else {
                println!("data = {}", folder.data.display());
                for (name, value, from) in config.report() {
                    println!("{name} = {value}    ({from})");
                }
            }
        }
        Command::Rebuild { folder } => offline::rebuild(&folder.data)?,
        Command::Verify { folder } => offline::verify(&folder.data)?,
        Command::Backup(_)
        | Command::Restore(_)
        | Command::Doctor(_)
        | Command::Carry(_)
        | Command::Scrub(_) => {
            eprintln!(
                "commun-node: not built yet; docs/not-yet.md says what this release does not do"
            );
            return Ok(ExitCode::from(6));
        }
    }
    Ok(ExitCode::SUCCESS)
}
