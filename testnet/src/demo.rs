//! `commun demo`: a federation on loopback with real content, until Ctrl-C.

use std::path::PathBuf;

use anyhow::{Context, Result};
use commun_client::{ItemRef, NewRepository};
use serde_json::json;

use crate::{
    content::{self, Published},
    federation::Federation,
    process::Node,
};

/// What `commun demo` is asked for.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// How many institutions
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=5))]
    pub nodes: u8,
    /// Where data folders go (default: a temporary folder, removed at the end)
    #[arg(long)]
    pub dir: Option<PathBuf>,
    /// Print one JSON object in place of the text
    #[arg(long)]
    pub json: bool,
}

/// Starts the demo, prints where to look, and stays up until SIGINT or SIGTERM.
pub fn run(args: &Args) -> Result<()> {
    let stop = crate::signal::watch()?;
    eprintln!("starting {} institutions…", args.nodes);
    let n = usize::from(args.nodes);
    let mut federation = match &args.dir {
        Some(dir) => Federation::in_folder(dir)?,
        None => Federation::empty()?,
    };
    // The demo is on loopback, and so are the sources that can be harvested in it.
    federation.set_env("COMMUN_HARVEST_PRIVATE", "true");
    federation.grow(n)?;
    eprintln!("publishing the demo's content…");
    let items = fill(&federation)?;
    eprintln!(
        "{} items are published; waiting until every node serves each of them…",
        items.len()
    );
    wait_served(&federation, &items)?;
    if args.json {
        println!("{}", object(&federation, &items)?);
    } else {
        print(&federation, &items);
    }
    let _ = stop.recv();
    eprintln!("stopping");
    federation.stop()
}

/// Publishes the demo's resources and repositories on the nodes that the content names.
pub fn fill(federation: &Federation) -> Result<Vec<Published>> {
    let folder = content::folder()?;
    let mut items = Vec::new();
    for (i, institution) in crate::federation::INSTITUTIONS.iter().enumerate() {
        // With fewer nodes than the content has institutions, the first publishes the rest.
        let node = federation.nodes.get(i).unwrap_or(&federation.nodes[0]);
        let client = node.client()?;
        for resource in content::resources(&folder, institution.0)? {
            items.push(content::publish(&client, &resource)?);
        }
    }
    let work = tempfile::Builder::new()
        .prefix("commun-demo-git-")
        .tempdir()?;
    let quiz = work.path().join("quiz-md");
    content::quiz_md(&folder, &quiz)?;
    let second = federation.nodes.get(1).unwrap_or(&federation.nodes[0]);
    items.push(content::push_repository(
        second,
        &repository("quiz-md", "quiz-md", QUIZ),
        &quiz,
    )?);
    let own = work.path().join("commun");
    let how = content::own_history(&own)?;
    eprintln!("this project's own repository is published {how}");
    items.push(content::push_repository(
        &federation.nodes[0],
        &repository("commun", "Commun", COMMUN),
        &own,
    )?);
    Ok(items)
}

const QUIZ: &str = "Transforme un questionnaire écrit en Markdown en une feuille HTML à imprimer. \
                    Turns a quiz written in Markdown into an HTML sheet to print.";
const COMMUN: &str = "A peer-to-peer commons for open-source components and open educational resources: the very \
                      software that serves this page.";

fn repository(slug: &str, title: &str, description: &str) -> NewRepository {
    NewRepository {
        slug: slug.to_owned(),
        title: Some(title.to_owned()),
        description: Some(description.to_owned()),
        licence: Some("EUPL-1.2".to_owned()),
        language: Some("en".to_owned()),
    }
}

/// Waits until every node serves every item: its page's data, its files or its Git refs, and a hit in its search.
pub fn wait_served(federation: &Federation, items: &[Published]) -> Result<()> {
    federation.wait("every node serves every item", |f| {
        for node in &f.nodes {
            if !serves_all(node, items)? {
                return Ok(false);
            }
        }
        Ok(true)
    })
}

fn serves_all(node: &Node, items: &[Published]) -> Result<bool> {
    let client = node.client()?;
    let status = client.status()?;
    if status.index.documents < items.len() as u64 || status.content.wanted > 0 {
        return Ok(false);
    }
    for item in items {
        let name: ItemRef = item.name.parse().map_err(anyhow::Error::msg)?;
        if item.kind == "repository" {
            let url = format!("{}/{}.git", node.url(), item.name);
            let refs = content::git(&node.data, None, &["ls-remote", &url, "refs/heads/main"])
                .unwrap_or_default();
            if refs.is_empty() {
                return Ok(false);
            }
        } else if client.item(&name)?.json.get("local") == Some(&json!(false)) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn object(federation: &Federation, items: &[Published]) -> Result<serde_json::Value> {
    let mut nodes = Vec::new();
    for n in &federation.nodes {
        let ready = n
            .ready
            .as_ref()
            .context("a node that was started said that it is ready")?;
        nodes.push(json!({
            "handle": n.handle, "http": ready.http, "content": ready.content, "data": n.data, "node": ready.node,
            "pid": n.pid(), "token": n.token()?, "ssh": ready.ssh,
        }));
    }
    let commons = federation.nodes[0].client()?.status()?.commons.id.clone();
    Ok(json!({"dir": federation.dir, "commons": commons, "nodes": nodes, "items": items}))
}

fn print(federation: &Federation, items: &[Published]) {
    println!(
        "\n{} institutions share {} items, and nobody is in the middle:\n",
        federation.nodes.len(),
        items.len()
    );
    for n in &federation.nodes {
        println!("  {:<16} {}/", n.handle, n.url());
        println!("  {:<16} data {}", "", n.data.display());
        if let Some(ssh) = n.ready.as_ref().and_then(|ready| ready.ssh.as_ref()) {
            println!("  {:<16} ssh {ssh}", "");
        }
        println!("  {:<16} token {}", "", n.token().unwrap_or_default());
    }
    let a = &federation.nodes[0];
    println!(
        "\nsearch:   {}/search?q=equations+différentielles",
        federation.nodes[federation.nodes.len() - 1].url()
    );
    println!("clone:    git clone {}/{}/commun.git", a.url(), a.handle);
    println!("status:   {}/status", a.url());
    println!("\nCtrl-C stops everything.");
}
