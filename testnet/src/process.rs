//! One real node as a process: started, waited for, stopped, killed.

use std::{
    fs::{File, OpenOptions},
    io::{BufRead, BufReader, Read},
    net::{TcpListener, UdpSocket},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU16, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use commun_client::Client;
use serde::Deserialize;

/// How long a node may take until it says that it is ready. Debug builds on a busy machine need most of it.
pub const READY: Duration = Duration::from_secs(60);
/// How long a node may take to end after SIGTERM.
const STOP: Duration = Duration::from_secs(30);

/// The sockets of a node, chosen once and kept over restarts.
#[derive(Debug, Clone, Copy)]
pub struct Ports {
    /// Pages, API, Git.
    pub http: u16,
    /// Git over SSH.
    pub ssh: u16,
    /// libp2p.
    pub tcp: u16,
    /// iroh.
    pub udp: u16,
}

/// Where this program's ports begin, and the socket that claims them for as long as it runs.
static BLOCK: OnceLock<(u16, TcpListener)> = OnceLock::new();
/// How many ports this program gave away.
static GIVEN: AtomicU16 = AtomicU16::new(0);
/// Ports of one program; what is given again after so many belongs to a node that is long gone.
const PORTS: u16 = 2048;

impl Ports {
    /// Ports that nothing uses at this moment, and that the kernel gives to nobody while a node is down: they lie below
    /// those that it takes for outgoing connections (from 32,768 on, `ip_local_port_range`).
    pub fn free() -> Result<Self> {
        Ok(Self {
            http: free_port()?,
            ssh: free_port()?,
            tcp: free_port()?,
            udp: free_port()?,
        })
    }

    fn flags(&self) -> [String; 8] {
        [
            "--http".to_owned(),
            format!("127.0.0.1:{}", self.http),
            "--ssh".to_owned(),
            format!("127.0.0.1:{}", self.ssh),
            "--listen".to_owned(),
            format!("/ip4/127.0.0.1/tcp/{}", self.tcp),
            "--listen".to_owned(),
            format!("/ip4/127.0.0.1/udp/{}/quic-v1", self.udp),
        ]
    }
}

/// The next port of this program's block that is free for TCP and for UDP.
fn free_port() -> Result<u16> {
    let (first, _) = match BLOCK.get() {
        Some(block) => block,
        None => {
            // A second thread that claims a block as well only makes one less for others.
            let claimed = (10_240..32_768 - PORTS)
                .step_by(usize::from(PORTS))
                .find_map(|first| Some((first, TcpListener::bind(("127.0.0.1", first)).ok()?)))
                .context("ten programs hold all ports for tests")?;
            BLOCK.get_or_init(|| claimed)
        }
    };
    (0..PORTS)
        .map(|_| first + 1 + GIVEN.fetch_add(1, Ordering::Relaxed) % (PORTS - 1))
        .find(|port| {
            TcpListener::bind(("127.0.0.1", *port)).is_ok()
                && UdpSocket::bind(("127.0.0.1", *port)).is_ok()
        })
        .context("no port is free")
}

/// The programs under test: those beside this one, or one folder above (as `cargo test` lays them).
pub fn program(name: &str) -> Result<PathBuf> {
    let here = std::env::current_exe()?;
    here.ancestors()
        .skip(1)
        .take(2)
        .map(|folder| folder.join(name))
        .find(|p| p.is_file())
        .with_context(|| format!("{name} is not built; run cargo build --workspace"))
}

/// The ready line of `commun-node run`.
#[derive(Debug, Clone, Deserialize)]
pub struct Ready {
    /// The pages' address.
    pub http: String,
    /// The content host's address.
    pub content: String,
    /// The node's key.
    pub node: String,
    /// Where Git is served over SSH.
    pub ssh: Option<String>,
}

/// A node with its data folder, running or not.
#[derive(Debug)]
pub struct Node {
    /// The institution's handle.
    pub handle: String,
    /// The institution's name.
    pub name: String,
    /// The data folder.
    pub data: PathBuf,
    /// What it said when it was ready last.
    pub ready: Option<Ready>,
    ports: Ports,
    child: Option<Child>,
    wrapper: Option<Vec<String>>,
    env: Vec<(String, String)>,
}

impl Node {
    /// A node that is not made yet.
    pub fn new(dir: &Path, handle: &str, name: &str) -> Result<Self> {
        let data = dir.join(handle);
        Ok(Self {
            handle: handle.to_owned(),
            name: name.to_owned(),
            data,
            ready: None,
            ports: Ports::free()?,
            child: None,
            wrapper: None,
            env: Vec::new(),
        })
    }

    /// Runs the node under another program (a tracer, a limiter): its command line, before ours.
    pub fn wrap(&mut self, command: &[&str]) {
        self.wrapper = Some(command.iter().map(|s| (*s).to_owned()).collect());
    }

    /// Sets a variable for this node's programs, from the next start on.
    pub fn set_env(&mut self, name: &str, value: &str) {
        self.env.push((name.to_owned(), value.to_owned()));
    }

    /// `commun-node init` with these arguments more.
    pub fn init(&self, more: &[&str]) -> Result<Child> {
        let mut command = self.command("init", &[])?;
        command
            .args(["--institution", &self.name, "--handle", &self.handle])
            .args(more)
            .args(self.ports.flags());
        command.stdout(Stdio::null()).stderr(self.log()?);
        command.spawn().context("commun-node init")
    }

    fn command(&self, verb: &str, wrapper: &[String]) -> Result<Command> {
        let node = program("commun-node")?;
        let mut command = match wrapper.split_first() {
            Some((first, rest)) => {
                let mut c = Command::new(first);
                c.args(rest).arg(node);
                c
            }
            None => Command::new(node),
        };
        command
            .arg(verb)
            .arg("--data")
            .arg(&self.data)
            .env_remove("COMMUN_NODE")
            .env_remove("COMMUN_TOKEN");
        command.env_remove("COMMUN_DATA").stdin(Stdio::null());
        // Ten minutes, as is usual, is longer than a demonstration.
        command.env("COMMUN_COSIGN_EVERY", "5");
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        die_with_parent(&mut command);
        Ok(command)
    }

    /// The node's log: standard error of all its runs, one after the other.
    pub fn log_path(&self) -> PathBuf {
        self.data.with_extension("log")
    }

    fn log(&self) -> Result<File> {
        Ok(OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.log_path())?)
    }

    /// Starts the node and waits until it is ready.
    pub fn start(&mut self) -> Result<()> {
        self.start_with(&[])
    }

    /// Starts the node with more arguments and waits until it is ready.
    pub fn start_with(&mut self, more: &[&str]) -> Result<()> {
        ensure!(self.child.is_none(), "{} runs already", self.handle);
        let mut command = self.command("run", self.wrapper.as_deref().unwrap_or_default())?;
        command
            .args(self.ports.flags())
            .args(more)
            .stdout(Stdio::piped())
            .stderr(self.log()?);
        let mut child = command.spawn().context("commun-node run")?;
        let out = child.stdout.take().context("the pipe was asked for")?;
        let (said, line) = mpsc::channel();
        thread::spawn(move || {
            let mut reader = BufReader::new(out);
            let mut first = String::new();
            let _ = reader.read_line(&mut first);
            let _ = said.send(first);
            let _ = reader.read_to_end(&mut Vec::new());
        });
        let line = line.recv_timeout(READY).unwrap_or_default();
        self.child = Some(child);
        let Ok(ready) = serde_json::from_str(&line) else {
            self.kill();
            bail!(
                "{} did not become ready; its log is {}:\n{}",
                self.handle,
                self.log_path().display(),
                self.log_end()
            );
        };
        self.ready = Some(ready);
        Ok(())
    }

    /// The last lines of the log, for people.
    pub fn log_end(&self) -> String {
        let text = std::fs::read_to_string(self.log_path()).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// SIGTERM, then waits for the end.
    pub fn stop(&mut self) -> Result<()> {
        let Some(mut child) = self.child.take() else {
            return Ok(());
        };
        terminate(child.id());
        let deadline = Instant::now() + STOP;
        loop {
            if let Some(status) = child.try_wait()? {
                ensure!(
                    status.success(),
                    "{} ended with {status}; its log is {}",
                    self.handle,
                    self.log_path().display()
                );
                return Ok(());
            }
            if Instant::now() > deadline {
                let _ = child.kill();
                bail!("{} did not stop within {STOP:?}", self.handle);
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Whether the process runs.
    pub fn runs(&mut self) -> bool {
        matches!(self.child.as_mut().map(Child::try_wait), Some(Ok(None)))
    }

    /// The process id.
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// The pages' address, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.http)
    }

    /// The sockets.
    pub fn ports(&self) -> Ports {
        self.ports
    }

    /// The operator's access token.
    pub fn token(&self) -> Result<String> {
        let path = self.data.join("keys/admin.token");
        Ok(std::fs::read_to_string(&path)
            .with_context(|| path.display().to_string())?
            .trim()
            .to_owned())
    }

    /// A client with the operator's token.
    pub fn client(&self) -> Result<Client> {
        Ok(Client::new(&self.url(), Some(&self.token()?))?)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Asks a process to end.
pub fn terminate(pid: u32) {
    if let Ok(pid) = i32::try_from(pid) {
        // SAFETY: kill takes two integers and touches no memory of ours.
        #[allow(unsafe_code, reason = "std cannot send SIGTERM")]
        unsafe {
            libc::kill(pid, libc::SIGTERM);
        }
    }
}

/// A child never outlives the program that tests it, however that ends.
pub(crate) fn die_with_parent(command: &mut Command) {
    // SAFETY: prctl with PR_SET_PDEATHSIG is async-signal-safe and allocates nothing, as the time after fork asks.
    #[allow(
        unsafe_code,
        reason = "std cannot set the signal that the death of the parent sends"
    )]
    unsafe {
        command.pre_exec(|| {
            libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
            Ok(())
        });
    }
}
