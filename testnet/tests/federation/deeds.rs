//! What people do with a node, in one call each.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};
use commun_client::{Client, ItemRef, LocalFile, NewRepository, Query};
use commun_testnet::{
    content::{self, git},
    federation::Federation,
    http,
    process::Node,
};
use serde_json::{Value, json};

/// Waits until every query has the same hits in the same order on every node: a node describes what it accepted and
/// reads files a moment later, and until then answers may differ. What still differs then is a fault.
pub fn the_same_answers_everywhere(f: &Federation, queries: &[&str]) -> Result<()> {
    f.wait("every index has all that the catalogue has", |f| {
        let mut seen = Vec::new();
        for n in &f.nodes {
            let s = n.client()?.status()?;
            if s.index.position != s.catalogue.position || s.content.wanted > 0 {
                return Ok(false);
            }
            seen.push((
                s.index.documents,
                s.catalogue.items,
                s.catalogue.root.clone(),
            ));
        }
        seen.dedup();
        Ok(seen.len() == 1 && seen[0].0 == seen[0].1)
    })?;
    for typed in queries {
        f.wait("the nodes give the same answers", |f| {
            let mut all = Vec::new();
            for n in &f.nodes {
                all.push(hits(n, typed)?);
            }
            all.dedup();
            ensure!(
                all.len() == 1,
                "the nodes answer {typed:?} differently: {all:#?}"
            );
            Ok(true)
        })?;
    }
    Ok(())
}

/// Ids and order of the hits.
pub fn hits(node: &Node, typed: &str) -> Result<Vec<String>> {
    let query = Query {
        limit: Some(100),
        ..Query::new(typed)
    };
    Ok(node
        .client()?
        .search(&query)?
        .hits
        .iter()
        .map(|h| h.id.clone())
        .collect())
}

/// Names of the hits.
pub fn names(node: &Node, typed: &str) -> Result<Vec<String>> {
    Ok(node
        .client()?
        .search(&Query::new(typed))?
        .hits
        .iter()
        .map(|h| h.name.clone())
        .collect())
}

/// Clones a repository from a node with stock Git.
pub fn clone(node: &Node, name: &str, into: &Path) -> Result<()> {
    let url = format!("{}/{name}.git", node.url());
    let here = into.parent().context("a clone goes below a folder")?;
    git(
        here,
        None,
        &["clone", "--quiet", &url, &into.to_string_lossy()],
    )?;
    Ok(())
}

/// The commit that a node serves as `main`; empty where there is none.
pub fn head(node: &Node, name: &str, folder: &Path) -> Result<String> {
    let url = format!("{}/{name}.git", node.url());
    let refs = git(folder, None, &["ls-remote", &url, "refs/heads/main"])?;
    Ok(refs
        .split_whitespace()
        .next()
        .unwrap_or_default()
        .to_owned())
}

/// Publishes a small text on a node; gives its name.
pub fn publish_note(node: &Node, slug: &str, title: &str) -> Result<String> {
    let metadata =
        json!({"slug": slug, "title": {"fr": title}, "licence": "CC0-1.0", "language": ["fr"]});
    publish(
        node,
        None,
        &metadata,
        &[("note.md", format!("# {title}\n\n{slug}\n").as_bytes())],
    )
}

/// Publishes files from memory on a node, as its operator; gives the item's name.
pub fn publish(
    node: &Node,
    item: Option<&str>,
    metadata: &Value,
    files: &[(&str, &[u8])],
) -> Result<String> {
    publish_files(&node.url(), &node.token()?, item, metadata, files)
}

/// The same at an address, with a token.
pub fn publish_files(
    url: &str,
    token: &str,
    item: Option<&str>,
    metadata: &Value,
    files: &[(&str, &[u8])],
) -> Result<String> {
    let folder = tempfile::tempdir()?;
    let mut local = Vec::new();
    for (i, (path, bytes)) in files.iter().enumerate() {
        let source = folder.path().join(i.to_string());
        fs::write(&source, bytes)?;
        local.push(LocalFile {
            source,
            path: (*path).to_owned(),
            size: bytes.len() as u64,
        });
    }
    let item = item
        .map(str::parse::<ItemRef>)
        .transpose()
        .map_err(anyhow::Error::msg)?;
    Ok(Client::new(url, Some(token))?
        .publish(item.as_ref(), metadata, &local, |_| {})?
        .name
        .clone())
}

/// Makes a repository on a node and pushes a first commit; gives the commit.
pub fn push_new_repository(node: &Node, slug: &str, work: &Path) -> Result<String> {
    let local = work.join(slug);
    begin_repository(&local)?;
    let new = NewRepository {
        slug: slug.to_owned(),
        title: Some(slug.to_owned()),
        licence: Some("EUPL-1.2".to_owned()),
        ..NewRepository::default()
    };
    content::push_repository(node, &new, &local)?;
    Ok(git(&local, None, &["rev-parse", "HEAD"])?.trim().to_owned())
}

/// A path for a URL, each byte that is not plain written as %XX.
pub fn encoded(path: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~/".contains(&b);
    path.bytes()
        .map(|b| {
            if plain(b) {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}

/// A local repository with one commit.
pub fn begin_repository(local: &Path) -> Result<()> {
    fs::create_dir_all(local)?;
    git(local, None, &["init", "--quiet", "--initial-branch=main"])?;
    commit(local, "README.md", "# A repository\n", "Begin")?;
    Ok(())
}

/// Writes a file and commits it; gives the commit.
pub fn commit(local: &Path, file: &str, text: &str, message: &str) -> Result<String> {
    fs::write(local.join(file), text)?;
    git(local, None, &["add", "--all"])?;
    git(local, None, &["commit", "--quiet", "--message", message])?;
    Ok(git(local, None, &["rev-parse", "HEAD"])?.trim().to_owned())
}

/// Pushes with the operator's token, in stock Git's words; gives what Git said where it failed.
pub fn push(node: &Node, name: &str, local: &Path, refs: &[&str]) -> Result<()> {
    let url = format!("{}/{name}.git", node.url());
    let mut args = vec!["push", "--quiet", url.as_str()];
    args.extend(refs);
    git(local, Some(&node.token()?), &args)?;
    Ok(())
}

/// A number of a node's `/metrics`. `name` ends where the value begins: with a space.
pub fn metric(node: &Node, name: &str) -> Result<u64> {
    let text = http::get(node.ports().http, "/metrics", &[])?.text();
    let line = text.lines().find_map(|l| l.strip_prefix(name));
    let value: f64 = line.context("the metric is there")?.trim().parse()?;
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "counts and bytes"
    )]
    Ok(value as u64)
}
