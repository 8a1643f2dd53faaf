//! Syncthing as a peer: two of its nodes on loopback, all discovery off, one folder.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::{
    http,
    process::{die_with_parent, terminate},
};

/// How long it may take for anything.
const PATIENCE: Duration = Duration::from_secs(600);

/// Whether it is installed.
pub(super) fn installed() -> bool {
    let asked = Command::new("syncthing").arg("--version").output();
    asked.is_ok_and(|said| said.status.success())
}

/// One of its nodes; stopped when dropped.
struct Node {
    home: PathBuf,
    folder: PathBuf,
    id: String,
    port: u16,
    gui: u16,
    child: Option<Child>,
}

/// Ports that nothing uses at this moment.
fn free() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// The key of the nodes' own interface: they listen on loopback only, and end with the benchmark.
const KEY: &str = "commun-bench";

impl Node {
    fn new(work: &Path, name: &str) -> Result<Self> {
        let home = work.join(format!("syncthing-{name}"));
        let folder = work.join(format!("syncthing-{name}-files"));
        fs::create_dir_all(&folder)?;
        let mut node = Self {
            home,
            folder,
            id: String::new(),
            port: free()?,
            gui: free()?,
            child: None,
        };
        let made = node.command(&["generate", "--no-default-folder", "--skip-port-probing"]);
        ensure!(made?.output()?.status.success(), "syncthing generate");
        let id = node.command(&["--device-id"])?.output()?;
        node.id = String::from_utf8(id.stdout)?.trim().to_owned();
        Ok(node)
    }

    fn command(&self, arguments: &[&str]) -> Result<Command> {
        let mut command = Command::new("syncthing");
        command
            .args(arguments)
            .arg(format!("--home={}", self.home.display()))
            .env("HOME", &self.home)
            .env("STNOUPGRADE", "1")
            .stdin(Stdio::null());
        fs::create_dir_all(&self.home)?;
        die_with_parent(&mut command);
        Ok(command)
    }

    /// Writes its settings: as it made them, but for who is where.
    fn configure(&self, other: &Node) -> Result<()> {
        let path = self.home.join("config.xml");
        let made = fs::read_to_string(&path)?;
        let version = made
            .split_once("<configuration version=\"")
            .and_then(|(_, rest)| rest.split_once('"'))
            .context("a version")?
            .0;
        let options = [
            ("listenAddress", format!("tcp://127.0.0.1:{}", self.port)),
            ("globalAnnounceEnabled", "false".to_owned()),
            ("localAnnounceEnabled", "false".to_owned()),
            ("relaysEnabled", "false".to_owned()),
            ("natEnabled", "false".to_owned()),
            ("urAccepted", "-1".to_owned()),
            ("startBrowser", "false".to_owned()),
            ("crashReportingEnabled", "false".to_owned()),
            ("autoUpgradeIntervalH", "0".to_owned()),
            ("progressUpdateIntervalS", "-1".to_owned()),
            ("reconnectionIntervalS", "1".to_owned()),
        ];
        let options: String = options
            .iter()
            .map(|(name, value)| format!("<{name}>{value}</{name}>"))
            .collect();
        let device = |node: &Node, address: &str| {
            format!(
                "<device id=\"{}\" name=\"n\" compression=\"metadata\"><address>{address}</address></device>",
                node.id
            )
        };
        let text = format!(
            "<configuration version=\"{version}\"><folder id=\"x\" label=\"x\" path=\"{}\" type=\"sendreceive\" \
             rescanIntervalS=\"3600\" fsWatcherEnabled=\"true\" fsWatcherDelayS=\"1\"><device id=\"{}\"/><device id=\"{}\"/></folder>\
             {}{}<gui enabled=\"true\" tls=\"false\"><address>127.0.0.1:{}</address><apikey>{KEY}</apikey></gui>\
             <options>{options}</options></configuration>",
            self.folder.display(),
            self.id,
            other.id,
            device(self, "dynamic"),
            device(other, &format!("tcp://127.0.0.1:{}", other.port)),
            self.gui,
        );
        Ok(fs::write(path, text)?)
    }

    fn start(&mut self) -> Result<()> {
        let mut command = self.command(&["serve", "--no-browser", "--no-restart"])?;
        command.stdout(Stdio::null()).stderr(Stdio::null());
        self.child = Some(command.spawn()?);
        self.wait("it answers", |node| {
            Ok(node.ask("GET", "system/ping").is_ok())
        })
    }

    fn ask(&self, method: &str, what: &str) -> Result<Value> {
        let key = format!("X-API-Key: {KEY}");
        let answer = http::request(self.gui, method, &format!("/rest/{what}"), &[&key], b"")?;
        ensure!(answer.status == 200, "{what}: {}", answer.status);
        Ok(serde_json::from_slice(&answer.body).unwrap_or_default())
    }

    fn wait(&self, what: &str, done: impl Fn(&Self) -> Result<bool>) -> Result<()> {
        let begun = Instant::now();
        while !done(self)? {
            ensure!(
                begun.elapsed() < PATIENCE,
                "Syncthing: waiting until {what}"
            );
            thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            terminate(child.id());
            let _ = child.wait();
        }
        let _ = fs::remove_dir_all(&self.home);
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Seconds from asking one node to look at the files of a folder (already in its own) until the other one has all.
pub(super) fn seconds(work: &Path, files: &Path) -> Result<f64> {
    let (mut a, mut b) = (Node::new(work, "a")?, Node::new(work, "b")?);
    a.configure(&b)?;
    b.configure(&a)?;
    a.start()?;
    b.start()?;
    a.wait("its nodes are connected", |a| {
        let connections = a.ask("GET", "system/connections")?;
        Ok(connections["connections"][&b.id]["connected"] == true)
    })?;
    thread::sleep(Duration::from_secs(3));
    let from = format!("{}/.", files.display());
    let copied = Command::new("cp")
        .arg("-a")
        .arg(from)
        .arg(&a.folder)
        .status()?;
    ensure!(copied.success(), "cp");
    let (count, bytes) = count(files)?;
    let begun = Instant::now();
    a.ask("POST", "db/scan?folder=x")?;
    b.wait("all files are there", |b| {
        let status = b.ask("GET", "db/status?folder=x")?;
        let number = |name: &str| status[name].as_u64().unwrap_or(0);
        Ok(number("localFiles") >= count
            && number("localBytes") >= bytes
            && number("needFiles") == 0
            && status["state"] == "idle")
    })?;
    Ok(begun.elapsed().as_secs_f64())
}

/// Files below a folder, and their bytes.
fn count(folder: &Path) -> Result<(u64, u64)> {
    let mut all = (0, 0);
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let more = match entry.file_type()?.is_dir() {
            true => count(&entry.path())?,
            false => (1, entry.metadata()?.len()),
        };
        all = (all.0 + more.0, all.1 + more.1);
    }
    Ok(all)
}
