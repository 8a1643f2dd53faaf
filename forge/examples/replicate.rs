//! Two nodes' repositories in one process: a commit is made in one, taken in by the other through
//! quarantine, given a ref, read and rendered.
//!
//!     cargo run --example replicate

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, ensure};
use commun_forge::git::{Ask, Git, Limits, ObjectFormat, RefName, Repos};
use commun_forge::render::{Target, markdown_to_html};

/// A history of one commit, as `git fast-import` reads it.
const HISTORY: &str = "commit refs/heads/main
committer Ana <ana@example.org> 1700000000 +0000
data <<END
Begin
END
M 100644 inline README.md
data <<END
# Algebra

See [chapter one](chapters/1.md).
END
";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let git = Git::new(Limits::default())?;
    let ours = Repos::open(git.clone(), folder.path().join("a"))?;
    let theirs = Repos::open(git, folder.path().join("b"))?;
    let from = ours.create("algebra", "main", ObjectFormat::Sha1).await?;
    let to = theirs.create("algebra", "main", ObjectFormat::Sha1).await?;

    // Where a push would do it, the system's Git makes a commit.
    let mut import = Command::new("git")
        .args(["fast-import", "--quiet"])
        .current_dir(from.path())
        .stdin(Stdio::piped())
        .spawn()?;
    import
        .stdin
        .take()
        .context("piped above")?
        .write_all(HISTORY.as_bytes())?;
    ensure!(import.wait()?.success());
    let refs: BTreeMap<RefName, _> = from.refs().await?;
    let wanted: Vec<_> = refs.values().cloned().collect();

    // In a node this is a stream to another institution.
    let stall = Duration::from_secs(5);
    let (near, far) = tokio::io::duplex(64 << 10);
    let ask = Ask {
        wanted: &wanted,
        known: &[],
        holder: "theirs",
        stall,
    };
    let (served, fetched) = tokio::join!(from.give(far, stall), to.fetch(near, ask));
    fetched?;
    served?;
    ensure!(to.refs().await?.is_empty(), "a fetch moves no ref");
    let failed = to.set_refs(&refs).await?;
    ensure!(failed.is_empty(), "{failed:?}");

    let browse = to.browse()?;
    let (name, bytes) = browse.readme(None)?.context("there is a README")?;
    let rendered = markdown_to_html(&String::from_utf8_lossy(&bytes), |target| match target {
        Target::Link(path) => Some(format!("/file/{path}")),
        Target::Image(path) => Some(format!("/raw/{path}")),
    });
    println!("{} of {}:\n{}", name, browse.resolve(None)?, rendered.html);
    Ok(())
}
