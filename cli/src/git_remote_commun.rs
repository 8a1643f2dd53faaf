//! `git-remote-commun`: lets Git read and push `commun://handle/slug` and `commun://<item id>` through the local node.
//!
//! Git starts it as `git-remote-commun <remote> <url>` (gitremote-helpers(7)). It asks the node which repository is
//! meant, waits until the node has it from whoever holds it, and becomes Git's own helper for HTTP at the node's URL of
//! it: nothing of Git's protocol is done here. Where a push asks for a password, `commun git-credential` gives it. The
//! node is that of `COMMUN_NODE`, else that of the data folder (`COMMUN_DATA`).

use std::{
    os::unix::process::CommandExt,
    process::{Command, ExitCode},
    thread,
    time::{Duration, Instant},
};

use commun_client::{Client, ItemRef};
use commun_specs::name::{Handle, Slug};

use crate::failure::{Code, Failure};

/// How long the node may take to fetch a repository that it does not hold yet.
const FETCH: Duration = Duration::from_secs(120);
/// How often it is asked.
const PAUSE: Duration = Duration::from_millis(500);
/// Settings of Git that may be in the environment already, at most: more are somebody else's loop.
const MAX_SETTINGS: usize = 1_000;

// Shared with `commun`, which uses more of them.
#[allow(dead_code)]
mod failure;
#[allow(dead_code)]
mod settings;
#[allow(dead_code)]
mod terminal;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let failure = match arguments.as_slice() {
        [flag] if flag == "--version" || flag == "-V" => {
            terminal::data(concat!("git-remote-commun ", env!("CARGO_PKG_VERSION")));
            return ExitCode::SUCCESS;
        }
        [remote, url] => run(remote, url),
        _ => Failure::new(
            Code::Usage,
            "Git starts this program, for URLs such as commun://handle/slug.",
        )
        .hint("git clone commun://handle/slug"),
    };
    failure.print();
    ExitCode::from(failure.code as u8)
}

/// Becomes Git's helper; returns only a failure.
fn run(remote: &str, url: &str) -> Failure {
    let target = match resolve(url) {
        Ok(target) => target,
        Err(failure) => return failure,
    };
    let scheme = if target.starts_with("https:") {
        "remote-https"
    } else {
        "remote-http"
    };
    let mut git = Command::new("git");
    git.arg(scheme).arg(remote).arg(&target);
    for (name, value) in credentials(&target) {
        git.env(name, value);
    }
    let cause = git.exec();
    Failure::new(Code::Fail, format!("Cannot execute git {scheme}: {cause}"))
}

/// The settings by which Git asks `commun git-credential` for the password of this URL, after those that the
/// environment has already. None where the program is not beside this one.
fn credentials(target: &str) -> Vec<(String, String)> {
    let beside = std::env::current_exe()
        .ok()
        .and_then(|here| Some(here.parent()?.join("commun")))
        .filter(|path| path.is_file());
    let Some(program) = beside else {
        return Vec::new();
    };
    let count = match std::env::var("GIT_CONFIG_COUNT") {
        Ok(count) => count.parse().unwrap_or(MAX_SETTINGS),
        Err(_) => 0,
    };
    if count >= MAX_SETTINGS {
        return Vec::new();
    }
    // In single quotes, as sh reads them: Git hands the line to it.
    let program = program.to_string_lossy().replace('\'', "'\\''");
    vec![
        ("GIT_CONFIG_COUNT".to_owned(), (count + 1).to_string()),
        (
            format!("GIT_CONFIG_KEY_{count}"),
            format!("credential.{target}.helper"),
        ),
        (
            format!("GIT_CONFIG_VALUE_{count}"),
            format!("!'{program}' git-credential"),
        ),
    ]
}

/// Waits until the node holds a repository that it knows.
fn wait_until_held(client: &Client, name: &str) -> Result<(), Failure> {
    let begun = Instant::now();
    let mut told = false;
    while !client.holds_repository(name)? {
        if begun.elapsed() >= FETCH {
            return Err(Failure::new(
                Code::Refuse,
                format!(
                    "The node still does not hold {name} after {} seconds.",
                    FETCH.as_secs()
                ),
            )
            .hint("It goes on fetching from whoever holds it; `commun node status` shows which members it reaches."));
        }
        if !told {
            terminal::talk(&format!("The node fetches {name} from the commons first…"));
            told = true;
        }
        thread::sleep(PAUSE);
    }
    Ok(())
}

/// The node's HTTP URL of the repository that a `commun://` URL names.
fn resolve(url: &str) -> Result<String, Failure> {
    let usage = |what: String| {
        Failure::new(Code::Usage, what).hint("Write commun://handle/slug or commun://<item id>.")
    };
    let name = url
        .strip_prefix("commun://")
        .or_else(|| url.strip_prefix("commun::"))
        .unwrap_or(url);
    let name = name.trim_end_matches('/');
    let name = name.strip_suffix(".git").unwrap_or(name);
    let item: ItemRef = name
        .parse()
        .map_err(|cause| usage(format!("Not the URL of an item: {cause}: {url}")))?;
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let settings = settings::Settings {
        data: set("COMMUN_DATA").map(Into::into),
        node: set("COMMUN_NODE").and_then(|url| url.into_string().ok()),
    };
    let client = settings.reader()?;
    let item = client.item(&client.resolve(&item)?)?;
    if item.kind != "repository" {
        return Err(Failure::new(
            Code::No,
            format!("This is a {}, not a repository: {}", item.kind, item.name),
        )
        .hint("`commun get` fetches its files."));
    }
    // The name becomes part of a URL that Git obeys: only what a name can be.
    let (handle, slug) = item.name.split_once('/').unwrap_or_default();
    let (Ok(handle), Ok(slug)) = (Handle::new(handle), Slug::new(slug)) else {
        return Err(Failure::new(
            Code::Fail,
            "The node gives the repository a name that is none.",
        ));
    };
    wait_until_held(&client, &item.name)?;
    Ok(format!("{}{handle}/{slug}.git", client.base()))
}
