//! The program `commun`, run as people run it.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result, ensure};

use crate::process::{Node, program};

/// What a run of `commun` left behind.
#[derive(Debug)]
pub struct Said {
    /// The exit code; absent where a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Said {
    /// Its standard output as JSON.
    pub fn json(&self) -> Result<serde_json::Value> {
        serde_json::from_str(&self.out).with_context(|| format!("not JSON: {}", self.out))
    }
}

/// Who types: which node they talk to, and with which token.
#[derive(Debug, Default, Clone)]
pub struct Typist {
    url: Option<String>,
    token: Option<String>,
    data: Option<std::path::PathBuf>,
}

impl Typist {
    /// Somebody who talks to a node without a token.
    pub fn reader(node: &Node) -> Self {
        Self {
            url: Some(node.url()),
            ..Self::default()
        }
    }

    /// The operator of a node.
    pub fn operator(node: &Node) -> Result<Self> {
        Ok(Self {
            url: Some(node.url()),
            token: Some(node.token()?),
            data: None,
        })
    }

    /// Somebody with an access token of theirs.
    pub fn holding(node: &Node, token: &str) -> Self {
        Self {
            url: Some(node.url()),
            token: Some(token.to_owned()),
            data: None,
        }
    }

    /// Somebody beside a data folder, without any other setting.
    pub fn beside(data: &Path) -> Self {
        Self {
            data: Some(data.to_owned()),
            ..Self::default()
        }
    }

    /// Somebody who talks to a URL.
    pub fn at(url: &str) -> Self {
        Self {
            url: Some(url.to_owned()),
            ..Self::default()
        }
    }

    /// The command, not yet started. Nothing of the caller's settings reaches it.
    pub fn command(&self, folder: &Path, args: &[&str]) -> Result<Command> {
        let mut command = Command::new(program("commun")?);
        command.current_dir(folder).args(args).stdin(Stdio::null());
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("COMMUN_") {
                command.env_remove(name);
            }
        }
        command.env("HOME", folder);
        if let Some(url) = &self.url {
            command.env("COMMUN_NODE", url);
        }
        if let Some(token) = &self.token {
            command.env("COMMUN_TOKEN", token);
        }
        if let Some(data) = &self.data {
            command.env("COMMUN_DATA", data);
        }
        Ok(command)
    }

    /// Runs it to its end.
    pub fn run(&self, folder: &Path, args: &[&str]) -> Result<Said> {
        let out = self
            .command(folder, args)?
            .output()
            .context("commun cannot be run")?;
        Ok(Said {
            code: out.status.code(),
            out: String::from_utf8_lossy(&out.stdout).into_owned(),
            err: String::from_utf8_lossy(&out.stderr).into_owned(),
        })
    }

    /// Runs it to its end, which must be a success.
    pub fn done(&self, folder: &Path, args: &[&str]) -> Result<Said> {
        let said = self.run(folder, args)?;
        ensure!(
            said.code == Some(0),
            "commun {} ended with {:?}: {}{}",
            args.join(" "),
            said.code,
            said.err,
            said.out
        );
        Ok(said)
    }

    /// Starts it and does not wait.
    pub fn begin(&self, folder: &Path, args: &[&str]) -> Result<Child> {
        let mut command = self.command(folder, args)?;
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().context("commun cannot be run")
    }
}
