//! A federation of real nodes on loopback, one commons.

use std::{
    path::{Path, PathBuf},
    process::Child,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};

use crate::process::Node;

/// How long the members may take to agree on something, on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The institutions of the demo: handle and name.
pub const INSTITUTIONS: [(&str, &str); 5] = [
    ("univ-angers", "Université d'Angers (démonstration)"),
    ("univ-lorraine", "Université de Lorraine (démonstration)"),
    ("insa-rennes", "INSA Rennes (démonstration)"),
    ("univ-corse", "Université de Corse (démonstration)"),
    ("ens-lyon", "ENS de Lyon (démonstration)"),
];

/// Nodes of one commons; killed when dropped. A temporary folder is removed once all of them stopped in order; after
/// anything else it stays, for its logs.
#[derive(Debug)]
pub struct Federation {
    /// Where data folders and logs are.
    pub dir: PathBuf,
    /// The nodes, the founder first.
    pub nodes: Vec<Node>,
    /// Variables of the nodes that [`Federation::grow`] makes.
    env: Vec<(String, String)>,
    temporary: bool,
    stopped: bool,
}

impl Federation {
    /// Starts `n` nodes in a new temporary folder.
    pub fn temporary(n: usize) -> Result<Self> {
        let mut it = Self::empty()?;
        it.grow(n)?;
        Ok(it)
    }

    /// No node yet, in a new temporary folder.
    pub fn empty() -> Result<Self> {
        let dir = tempfile::Builder::new()
            .prefix("commun-testnet-")
            .tempdir()?
            .keep();
        Ok(Self {
            dir,
            nodes: Vec::new(),
            env: Vec::new(),
            temporary: true,
            stopped: false,
        })
    }

    /// No node yet, in a folder of the caller's.
    pub fn in_folder(dir: &Path) -> Result<Self> {
        std::fs::create_dir_all(dir)?;
        Ok(Self {
            dir: dir.to_owned(),
            nodes: Vec::new(),
            env: Vec::new(),
            temporary: false,
            stopped: false,
        })
    }

    /// Sets a variable for the nodes that are made from now on.
    pub fn set_env(&mut self, name: &str, value: &str) {
        self.env.push((name.to_owned(), value.to_owned()));
    }

    /// Makes and starts the first `n` nodes, and waits until they are one commons.
    pub fn grow(&mut self, n: usize) -> Result<()> {
        ensure!(
            (1..=INSTITUTIONS.len()).contains(&n),
            "a testnet has 1 to {} nodes",
            INSTITUTIONS.len()
        );
        for (handle, name) in &INSTITUTIONS[..n] {
            let mut node = Node::new(&self.dir, handle, name)?;
            for (name, value) in &self.env {
                node.set_env(name, value);
            }
            self.add(node)?;
        }
        self.connected()
    }

    /// Waits until every node is connected to every other and may sign.
    pub fn connected(&self) -> Result<()> {
        let n = self.nodes.len();
        self.wait("every node is connected to every other and may sign", |f| {
            for node in &f.nodes {
                let status = node.client()?.status()?;
                if status.commons.institutions as usize != n
                    || status.peers.iter().filter(|p| p.connected).count() != n - 1
                {
                    return Ok(false);
                }
                // A node states where it is reached once it may sign.
                let stated = node.client()?.institutions()?;
                if stated.institutions.iter().any(|i| i.urls.is_empty()) {
                    return Ok(false);
                }
            }
            Ok(true)
        })
    }

    /// Lets a node join (or begin) the commons as its operator and the members would: an invitation, a request, an
    /// amendment, and the signatures that a majority needs.
    pub fn add(&mut self, mut node: Node) -> Result<()> {
        if self.nodes.is_empty() {
            finish(node.init(&["--commons", "Commun de démonstration"])?, &node)?;
        } else {
            let invitation = self.nodes[0].client()?.invite()?.invitation.clone();
            let mut joining = node.init(&["--join", &invitation])?;
            self.admit(&node.handle).inspect_err(|_| {
                let _ = joining.kill();
            })?;
            finish(joining, &node)?;
        }
        node.start()?;
        self.nodes.push(node);
        Ok(())
    }

    fn admit(&self, handle: &str) -> Result<()> {
        let first = self.nodes[0].client()?;
        let mut admission = None;
        wait_until("the request to join arrives", || {
            if first.charter()?.requests.iter().any(|r| r.handle == handle) {
                admission = Some(first.admit(handle)?);
            }
            Ok(admission.is_some())
        })?;
        let number = admission.context("the loop above ends with one")?.number;
        for other in &self.nodes[1..] {
            let client = other.client()?;
            let in_force = || anyhow::Ok(client.charter()?.number >= number);
            wait_until("the draft reaches the other members", || {
                Ok(in_force()? || client.charter()?.drafts.iter().any(|d| d.number == number))
            })?;
            if in_force()? {
                break;
            }
            client.sign(number, None)?;
        }
        wait_until("the amendment is in force", || {
            Ok(first.charter()?.number >= number)
        })
    }

    /// The node of a handle.
    pub fn node(&mut self, handle: &str) -> &mut Node {
        self.nodes
            .iter_mut()
            .find(|n| n.handle == handle)
            .expect("the scenario names its own nodes")
    }

    /// Waits for something to become true of the whole federation.
    ///
    /// # Errors
    /// It did not within [`PATIENCE`]; says what was last seen.
    pub fn wait(&self, what: &str, mut done: impl FnMut(&Self) -> Result<bool>) -> Result<()> {
        wait_until(what, || done(self)).map_err(|e| e.context(self.seen()))
    }

    /// What each node says of the logs and of its peers, for people who look for a fault.
    fn seen(&self) -> String {
        let mut all = String::from("what the nodes say:");
        for node in &self.nodes {
            all.push_str(&format!("\n  {}: ", node.handle));
            match node.client().and_then(|c| Ok(c.status()?)) {
                Err(e) => all.push_str(&format!("{e}")),
                Ok(s) => {
                    for l in &s.logs {
                        all.push_str(&format!(
                            "{} {} ({}, behind {}), ",
                            l.handle, l.size, l.state, l.behind
                        ));
                    }
                    for p in &s.peers {
                        all.push_str(&format!(
                            "{} {}, ",
                            p.handle,
                            if p.connected { "connected" } else { "away" }
                        ));
                    }
                    all.push_str(&format!(
                        "charter {}, index {} of {}, wanted {}",
                        s.commons.charter, s.index.position, s.catalogue.position, s.content.wanted
                    ));
                    let metrics = crate::http::get(node.ports().http, "/metrics", &[]);
                    let metrics = metrics.map(|m| m.text()).unwrap_or_default();
                    for line in metrics
                        .lines()
                        .filter(|l| l.starts_with("commun_offences_total"))
                    {
                        all.push_str(&format!(", {line}"));
                    }
                }
            }
        }
        all
    }

    /// Waits until all running nodes report the same catalogue root, and gives it.
    pub fn converge(&mut self) -> Result<String> {
        let mut root = String::new();
        let running: Vec<usize> = (0..self.nodes.len())
            .filter(|i| self.nodes[*i].runs())
            .collect();
        self.wait("all nodes have the same catalogue", |f| {
            let mut roots = Vec::new();
            for i in &running {
                roots.push(f.nodes[*i].client()?.status()?.catalogue.root.clone());
            }
            roots.dedup();
            root = roots.first().cloned().unwrap_or_default();
            Ok(roots.len() == 1)
        })?;
        Ok(root)
    }

    /// Stops every node in order.
    pub fn stop(&mut self) -> Result<()> {
        for node in &mut self.nodes {
            node.stop()?;
        }
        self.stopped = true;
        Ok(())
    }
}

impl Drop for Federation {
    fn drop(&mut self) {
        for node in &mut self.nodes {
            node.kill();
        }
        if !self.temporary {
            return;
        }
        if self.stopped && !thread::panicking() {
            let _ = std::fs::remove_dir_all(&self.dir);
        } else {
            eprintln!(
                "the nodes' logs and data are kept in {}",
                self.dir.display()
            );
        }
    }
}

fn finish(mut init: Child, node: &Node) -> Result<()> {
    let status = init.wait()?;
    ensure!(
        status.success(),
        "init of {} ended with {status}:\n{}",
        node.handle,
        node.log_end()
    );
    Ok(())
}

/// Asks again and again until the answer is yes. Errors count as no until time is up.
pub fn wait_until(what: &str, mut done: impl FnMut() -> Result<bool>) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let last = done();
        if matches!(last, Ok(true)) {
            return Ok(());
        }
        if Instant::now() > deadline {
            match last {
                Err(e) => return Err(e.context(format!("waiting until {what}"))),
                Ok(_) => bail!("it did not happen within {PATIENCE:?} that {what}"),
            }
        }
        thread::sleep(Duration::from_millis(20));
    }
}
