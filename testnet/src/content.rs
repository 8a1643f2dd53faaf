//! Real content for a federation: the resources of `testnet/demo/`, and two Git repositories with history.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use commun_client::{Client, LocalFile, NewRepository};
use data_encoding::BASE64;

use crate::process::Node;

/// An item that was published.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Published {
    /// Its id.
    pub id: String,
    /// `handle/slug`.
    pub name: String,
    /// `repository` or `resource`.
    #[serde(rename = "type")]
    pub kind: &'static str,
}

/// Where the demo's content is: beside an installed program, or in the checkout that built it.
pub fn folder() -> Result<PathBuf> {
    let exe = std::env::current_exe()?;
    let installed = exe.parent().map(|bin| bin.join("../share/commun/demo"));
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo");
    installed
        .into_iter()
        .chain([checkout])
        .find(|p| p.is_dir())
        .context(
            "the demo's content (testnet/demo) is neither beside this program nor in its checkout",
        )
}

/// The demo's resources of an institution: folders with `metadata.json` and `files/`, in the order of their names.
pub fn resources(folder: &Path, handle: &str) -> Result<Vec<PathBuf>> {
    let institution = folder.join(handle);
    if !institution.is_dir() {
        return Ok(Vec::new());
    }
    let mut all: Vec<PathBuf> = fs::read_dir(institution)?
        .map(|e| Ok(e?.path()))
        .collect::<Result<_>>()?;
    all.retain(|p| p.join("metadata.json").is_file());
    all.sort();
    Ok(all)
}

/// Publishes one resource folder.
pub fn publish(client: &Client, resource: &Path) -> Result<Published> {
    let metadata = serde_json::from_slice(&fs::read(resource.join("metadata.json"))?)?;
    let mut files = Vec::new();
    collect(&resource.join("files"), "", &mut files)?;
    let done = client
        .publish(None, &metadata, &files, |_| {})
        .with_context(|| format!("publishing {}", resource.display()))?;
    Ok(Published {
        id: done.id.clone(),
        name: done.name.clone(),
        kind: "resource",
    })
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<LocalFile>) -> Result<()> {
    let mut entries: Vec<_> = fs::read_dir(folder)?.collect::<std::io::Result<_>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry
            .file_name()
            .into_string()
            .ok()
            .context("a file name is not UTF-8")?;
        let path = if prefix.is_empty() {
            name
        } else {
            format!("{prefix}/{name}")
        };
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &path, files)?;
        } else {
            files.push(LocalFile {
                source: entry.path(),
                path,
                size: entry.metadata()?.len(),
            });
        }
    }
    Ok(())
}

/// Makes a repository on a node and pushes a local one into it, with stock Git.
pub fn push_repository(node: &Node, new: &NewRepository, local: &Path) -> Result<Published> {
    let client = node.client()?;
    let created = client
        .create_repository(new)
        .with_context(|| format!("creating {}", new.slug))?;
    let url = format!("{}/{}.git", node.url(), created.name);
    git(
        local,
        Some(&node.token()?),
        &["push", "--quiet", &url, "HEAD:refs/heads/main"],
    )?;
    git(
        local,
        Some(&node.token()?),
        &["push", "--quiet", "--tags", &url],
    )?;
    Ok(Published {
        id: created.id.clone(),
        name: created.name.clone(),
        kind: "repository",
    })
}

/// What Git said and how it ended.
#[derive(Debug)]
pub struct Said {
    /// Whether it succeeded.
    pub done: bool,
    /// Its answer.
    pub out: String,
    /// Its talk, and what the other side said.
    pub err: String,
}

/// Runs stock Git in a folder, without the settings of whoever runs it. The token travels in the environment, where
/// other users do not see it. `env`: more variables.
pub fn git_said(
    folder: &Path,
    token: Option<&str>,
    env: &[(&str, &str)],
    args: &[&str],
) -> Result<Said> {
    let mut command = Command::new("git");
    command.current_dir(folder).args(args).stdin(Stdio::null());
    clean(&mut command);
    command.envs(env.iter().copied());
    if let Some(token) = token {
        let basic = BASE64.encode(format!("commun:{token}").as_bytes());
        command
            .env("GIT_CONFIG_COUNT", "1")
            .env("GIT_CONFIG_KEY_0", "http.extraHeader")
            .env(
                "GIT_CONFIG_VALUE_0",
                format!("Authorization: Basic {basic}"),
            );
    }
    let out = command.output().context("git cannot be run")?;
    Ok(Said {
        done: out.status.success(),
        out: String::from_utf8_lossy(&out.stdout).into_owned(),
        err: String::from_utf8_lossy(&out.stderr).into_owned(),
    })
}

/// The same where it succeeds; gives its answer.
pub fn git(folder: &Path, token: Option<&str>, args: &[&str]) -> Result<String> {
    let said = git_said(folder, token, &[], args)?;
    ensure!(
        said.done,
        "git {} failed: {}",
        args.first().unwrap_or(&""),
        said.err
    );
    Ok(said.out)
}

fn clean(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("GIT_") {
            command.env_remove(name);
        }
    }
    for (name, value) in [
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_TERMINAL_PROMPT", "0"),
        ("GIT_AUTHOR_NAME", "Commun"),
        ("GIT_AUTHOR_EMAIL", "demo@commun.invalid"),
        ("GIT_COMMITTER_NAME", "Commun"),
        ("GIT_COMMITTER_EMAIL", "demo@commun.invalid"),
    ] {
        command.env(name, value);
    }
}

/// The repository of `testnet/demo/repository/`: each numbered folder is a commit.
pub fn quiz_md(folder: &Path, into: &Path) -> Result<()> {
    fs::create_dir_all(into)?;
    git(into, None, &["init", "--quiet", "--initial-branch=main"])?;
    let mut steps: Vec<PathBuf> = fs::read_dir(folder.join("repository"))?
        .map(|e| Ok(e?.path()))
        .collect::<Result<_>>()?;
    steps.retain(|p| p.join("MESSAGE").is_file());
    steps.sort();
    ensure!(!steps.is_empty(), "testnet/demo/repository holds no steps");
    for step in steps {
        let mut files = Vec::new();
        collect(&step, "", &mut files)?;
        for file in files.iter().filter(|f| f.path != "MESSAGE") {
            let target = into.join(&file.path);
            fs::create_dir_all(target.parent().context("a file stands in a folder")?)?;
            fs::copy(&file.source, target)?;
        }
        git(into, None, &["add", "--all"])?;
        let message = step.join("MESSAGE");
        git(
            into,
            None,
            &["commit", "--quiet", "--file", &message.to_string_lossy()],
        )?;
    }
    Ok(())
}

/// This project's own repository, cloned from the checkout around the current folder. Where that has no history or only the end of
/// one, what is there becomes one commit; says what it did.
pub fn own_history(into: &Path) -> Result<&'static str> {
    let here = std::env::current_dir()?;
    let checkout = git(&here, None, &["rev-parse", "--show-toplevel"])
        .map(|t| PathBuf::from(t.trim()))
        .ok();
    let sources = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .context("testnet stands in the workspace")?
        .to_owned();
    if let Some(top) = checkout
        .as_ref()
        .filter(|t| t.join("testnet/demo").is_dir())
    {
        let whole = git(top, None, &["rev-parse", "--is-shallow-repository"])
            .is_ok_and(|t| t.trim() == "false");
        let commits = git(top, None, &["rev-parse", "--verify", "--quiet", "HEAD"]).is_ok();
        if whole && commits {
            let from = format!("file://{}", top.display());
            git(
                &here,
                None,
                &[
                    "clone",
                    "--quiet",
                    "--no-local",
                    &from,
                    &into.to_string_lossy(),
                ],
            )?;
            return Ok("with its history");
        }
    }
    let top = checkout
        .filter(|t| t.join("testnet/demo").is_dir())
        .unwrap_or(sources);
    fs::create_dir_all(into)?;
    git(into, None, &["init", "--quiet", "--initial-branch=main"])?;
    let skip: BTreeSet<&str> = ["target", ".git"].into();
    copy_tree(&top, into, &skip)?;
    git(into, None, &["add", "--all"])?;
    git(
        into,
        None,
        &[
            "commit",
            "--quiet",
            "--message",
            "Commun, as this checkout has it (its history is not here)",
        ],
    )?;
    Ok("as one commit, because its history is not here")
}

fn copy_tree(from: &Path, to: &Path, skip: &BTreeSet<&str>) -> Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        if skip.contains(name.to_string_lossy().as_ref()) {
            continue;
        }
        let target = to.join(&name);
        if entry.file_type()?.is_dir() {
            fs::create_dir_all(&target)?;
            copy_tree(&entry.path(), &target, skip)?;
        } else if entry.file_type()?.is_file() {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
