//! `git-remote-commun`: lets Git read `commun://handle/slug` and `commun://<item id>` through the local node.
//!
//! Git starts it as `git-remote-commun <remote> <url>` (gitremote-helpers(7)). It asks the node which repository is
//! meant, and becomes Git's own helper for HTTP at the node's URL of it: nothing of Git's protocol is done here. The node
//! is that of `COMMUN_NODE`, else that of the data folder (`COMMUN_DATA`).

use std::{
    os::unix::process::CommandExt,
    process::{Command, ExitCode},
};

use commun_client::ItemRef;
use commun_specs::name::{Handle, Slug};

use crate::failure::{Code, Failure};

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
    let cause = Command::new("git")
        .arg(scheme)
        .arg(remote)
        .arg(target)
        .exec();
    Failure::new(Code::Fail, format!("Cannot execute git {scheme}: {cause}"))
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
    Ok(format!("{}{handle}/{slug}.git", client.base()))
}
