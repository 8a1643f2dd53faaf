//! `commun repo import`: a repository from elsewhere, with its history.
//!
//! Everything happens here, with the user's own Git: it fetches branches and tags into a temporary folder, and pushes them to
//! the node, a long history in parts that each stay below what one push may hold. What was interrupted goes on where it
//! stopped, because the node has the parts that arrived; running it again later brings what is new.

mod git;
mod parts;
mod source;

use std::collections::{BTreeMap, BTreeSet};

use commun_client::{Client, EditRepository, ItemRef, NewRepository};
use commun_specs::name::Slug;
use serde_json::json;

use crate::{
    failure::{Code, Failure},
    settings::Settings,
    terminal,
};
use git::{Git, Outcome};
use source::{Advertised, Source};

/// Refs that one push names; the node takes 500.
const REFS_PER_PUSH: usize = 200;
/// Refused refs that are printed one by one.
const MAX_PRINTED: usize = 50;

/// Copy a repository from elsewhere, with its history; again, to bring it up to date
///
/// URL is http, https, ssh, git or user@host:path; DIR a repository on this machine. Branches and tags are copied.
/// Without --mirror, a branch that was changed here as well as there is left as it is, and said.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Where it is
    #[arg(value_name = "URL|DIR")]
    from: String,
    /// Its name in the institution [default: from the URL]
    #[arg(long, value_name = "S", value_parser = Slug::new)]
    slug: Option<Slug>,
    /// Title, for a new repository
    #[arg(long, value_name = "T")]
    title: Option<String>,
    /// Licence, for a new repository, such as EUPL-1.2
    #[arg(long, value_name = "SPDX")]
    licence: Option<String>,
    /// Also force and delete, so that branches and tags become those of the source, where protection lets it
    #[arg(long)]
    mirror: bool,
    /// Print what was taken as JSON
    #[arg(long)]
    json: bool,
}

/// What became of the refs.
#[derive(Default)]
struct Tally {
    taken: BTreeSet<String>,
    unchanged: usize,
    deleted: Vec<String>,
    refused: BTreeMap<String, String>,
}

impl Tally {
    fn add(&mut self, outcome: Outcome) {
        self.taken.extend(outcome.taken);
        self.refused.extend(outcome.refused);
    }
}

/// A repository from elsewhere, fetched to this machine.
struct Fetched {
    source: Source,
    slug: Slug,
    client: Client,
    git: Git,
    advertised: Advertised,
}

fn fetch(settings: &Settings, from: &str, slug: Option<Slug>) -> Result<Fetched, Failure> {
    let source = Source::parse(from)?;
    let slug = match slug {
        Some(slug) => slug,
        None => source.slug()?,
    };
    let client = settings.writer()?;
    let git = Git::new(settings.access_token()?, client.base().as_str())?;
    terminal::talk(&format!("Reading {}", terminal::line(from)));
    let advertised = git.ask(&source)?;
    if advertised.refs.is_empty() {
        return Err(Failure::new(
            Code::No,
            "There are no branches or tags there.",
        ));
    }
    git.fetch(&source)?;
    Ok(Fetched {
        source,
        slug,
        client,
        git,
        advertised,
    })
}

/// Does what was typed.
pub fn run(settings: &Settings, args: Args) -> Result<(), Failure> {
    let Fetched {
        slug,
        client,
        git,
        advertised,
        ..
    } = fetch(settings, &args.from, args.slug)?;
    let (name, url, created) = target(&client, &slug, args.title, args.licence)?;
    let there = git.there(&url)?;
    if created || there.is_empty() {
        first_branch(&client, &name, advertised.head.as_deref())?;
    }
    let tally = push(&git, &url, &advertised, &there, args.mirror)?;
    let commits = git.count_commits()?;
    report(
        &git,
        &name,
        &url,
        created,
        &advertised,
        &tally,
        commits,
        args.json,
    );
    if tally.refused.is_empty() {
        return Ok(());
    }
    let some = if tally.refused.len() == 1 {
        "1 ref was".into()
    } else {
        format!("{} refs were", tally.refused.len())
    };
    Err(
        Failure::new(Code::Refuse, format!("{some} not taken; the others were."))
            .hint(hint(&tally)),
    )
}

/// A course that was copied, or in a dry run would be.
pub(in crate::commands) struct Course {
    /// `handle/slug` of the repository.
    pub(in crate::commands) name: String,
    /// Where it came from, if that is an address.
    pub(in crate::commands) source: Option<String>,
    /// The small files at the top of the branch that is shown first, by name.
    pub(in crate::commands) top: BTreeMap<String, Vec<u8>>,
}

/// Copies a repository as [`run`] does, and reads what stands at its top.
pub(in crate::commands) fn course(
    settings: &Settings,
    from: &str,
    slug: Option<&Slug>,
    dry_run: bool,
) -> Result<Course, Failure> {
    let Fetched {
        source,
        slug,
        client,
        git,
        advertised,
    } = fetch(settings, from, slug.cloned())?;
    let head = advertised.head.as_deref();
    let first = head.or_else(|| advertised.refs.keys().next().map(String::as_str));
    let top = git.top(first.unwrap_or("HEAD"))?;
    let name = format!("{}/{slug}", client.status()?.handle);
    if !dry_run {
        let (name, url, created) = target(&client, &slug, None, None)?;
        let there = git.there(&url)?;
        if created || there.is_empty() {
            first_branch(&client, &name, head)?;
        }
        let tally = push(&git, &url, &advertised, &there, false)?;
        if let Some((name, why)) = tally.refused.iter().next() {
            let message = format!(
                "{} was not taken: {}",
                terminal::line(name),
                terminal::line(why)
            );
            return Err(Failure::new(Code::Refuse, message).hint(hint(&tally)));
        }
        terminal::talk(&format!("Copied to {}", terminal::line(&url)));
    }
    Ok(Course {
        name,
        source: (!source.local).then(|| source.place.clone()),
        top,
    })
}

/// What to do about what the node refused.
fn hint(tally: &Tally) -> &'static str {
    let says = |word: &str| tally.refused.values().any(|why| why.contains(word));
    if says("zeroPaddedFilemode") {
        "The history holds folders that very old tools wrote with zero-padded modes. The node takes only objects that pass \
         `git fsck --strict`; rewrite it (`git fast-export --all | git fast-import` in a new repository) and import that."
    } else if says("fsck") || says("unpacker") || says("index-pack") {
        "The history holds objects that break Git's rules; `git fsck --strict` in a clone names them."
    } else if says("non-fast-forward") || says("fetch first") || says("stale") {
        "It was changed here as well as there. Merge the two, or run this with --mirror to make it what the source has."
    } else {
        "Run the same command again to go on."
    }
}

/// The repository on the node: `handle/slug`, its URL, and whether it was made now.
fn target(
    client: &Client,
    slug: &Slug,
    title: Option<String>,
    licence: Option<String>,
) -> Result<(String, String, bool), Failure> {
    let handle = client.status()?.handle.clone();
    let name = format!("{handle}/{slug}");
    let item: ItemRef = name.parse().map_err(|_| {
        Failure::new(
            Code::Fail,
            "The node gives its institution a name that is none.",
        )
    })?;
    let url = format!("{}{name}.git", client.base());
    match client.item(&item) {
        Ok(found) if found.kind == "repository" => return Ok((name, url, false)),
        Ok(found) => {
            let message = format!(
                "{name} is there already, and it is a {}.",
                terminal::line(&found.kind)
            );
            return Err(Failure::new(Code::Usage, message).hint("Choose another name with --slug."));
        }
        Err(commun_client::Error::Problem(problem)) if problem.status == 404 => {}
        Err(other) => return Err(other.into()),
    }
    let new = NewRepository {
        slug: slug.to_string(),
        title,
        licence,
        ..NewRepository::default()
    };
    let made = client.create_repository(&new)?;
    terminal::talk(&format!("Made {}", terminal::line(&made.name)));
    Ok((name, url, true))
}

/// Lets the branch that the source shows first be shown first here.
fn first_branch(client: &Client, name: &str, head: Option<&str>) -> Result<(), Failure> {
    let Some(branch) = head.and_then(|head| head.strip_prefix("refs/heads/")) else {
        return Ok(());
    };
    if branch != client.repository(name)?.default_branch {
        let edit = EditRepository {
            default_branch: Some(branch.to_owned()),
            ..EditRepository::default()
        };
        client.edit_repository(name, &edit)?;
    }
    Ok(())
}

/// Pushes what the node does not have: the first branch in parts, then the rest of the branches, then tags.
fn push(
    git: &Git,
    url: &str,
    source: &Advertised,
    there: &BTreeMap<String, String>,
    mirror: bool,
) -> Result<Tally, Failure> {
    let mut tally = Tally::default();
    let mut branches: Vec<&String> = source
        .refs
        .keys()
        .filter(|name| name.starts_with("refs/heads/"))
        .collect();
    // The branch that is shown first brings most of the history.
    branches.sort_by_key(|name| (Some(name.as_str()) != source.head.as_deref(), *name));
    let tags = source
        .refs
        .keys()
        .filter(|name| name.starts_with("refs/tags/"));
    let mut waiting: Vec<String> = Vec::new();
    let plus = if mirror { "+" } else { "" };
    for name in branches.into_iter().chain(tags) {
        if there.get(name) == source.refs.get(name) {
            tally.unchanged += 1;
            continue;
        }
        let known = there.values().map(String::as_str);
        let cuts = parts::cuts(git, name, known, there.get(name).map(String::as_str))?;
        if !cuts.is_empty() {
            let all = cuts.len() + 1;
            for (at, cut) in cuts.iter().enumerate() {
                terminal::talk(&format!(
                    "Pushing {}: part {} of {all}",
                    terminal::line(name),
                    at + 1
                ));
                let part = git.push(url, &[format!("{plus}{cut}:{name}")])?;
                // What follows builds on it: the last push says why it is not taken.
                if !part.refused.is_empty() {
                    break;
                }
            }
        }
        waiting.push(format!("{plus}{name}:{name}"));
        if waiting.len() == REFS_PER_PUSH || !cuts.is_empty() {
            tally.add(some(git, url, &std::mem::take(&mut waiting))?);
        }
    }
    if !waiting.is_empty() {
        tally.add(some(git, url, &waiting)?);
    }
    if mirror {
        let gone: Vec<String> = there
            .keys()
            .filter(|name| !source.refs.contains_key(*name))
            .cloned()
            .collect();
        for names in gone.chunks(REFS_PER_PUSH) {
            let specs: Vec<String> = names.iter().map(|name| format!(":{name}")).collect();
            let outcome = some(git, url, &specs)?;
            tally.deleted.extend(outcome.taken);
            tally.refused.extend(outcome.refused);
        }
    }
    Ok(tally)
}

/// Pushes some refs. Where one object among them is refused Git refuses them all: then each half is tried.
fn some(git: &Git, url: &str, specs: &[String]) -> Result<Outcome, Failure> {
    terminal::talk(&format!("Pushing {} refs", specs.len()));
    let mut stack = vec![specs.to_vec()];
    let mut all = Outcome::default();
    while let Some(specs) = stack.pop() {
        let outcome = git.push(url, &specs)?;
        if outcome.taken.is_empty() && outcome.whole && specs.len() > 1 {
            let (a, b) = specs.split_at(specs.len() / 2);
            stack.push(b.to_vec());
            stack.push(a.to_vec());
            continue;
        }
        all.taken.extend(outcome.taken);
        all.refused.extend(outcome.refused);
    }
    Ok(all)
}

#[allow(clippy::too_many_arguments)]
fn report(
    git: &Git,
    name: &str,
    url: &str,
    created: bool,
    source: &Advertised,
    tally: &Tally,
    commits: u64,
    as_json: bool,
) {
    let lfs = git.uses_lfs(source.head.as_deref());
    if as_json {
        let refused = tally
            .refused
            .iter()
            .map(|(name, why)| json!({"ref": name, "why": why}));
        terminal::json(&json!({
            "name": name,
            "url": url,
            "created": created,
            "commits": commits,
            "taken": tally.taken,
            "unchanged": tally.unchanged,
            "deleted": tally.deleted,
            "refused": refused.collect::<Vec<_>>(),
            "left_out": source.others.iter().map(|(prefix, count)| json!({"prefix": prefix, "count": count})).collect::<Vec<_>>(),
            "lfs": lfs,
        }));
    } else {
        terminal::data(&terminal::line(url));
    }
    let mut talk = format!(
        "{}: {} refs taken, {} as they were, {commits} commits",
        terminal::line(name),
        tally.taken.len(),
        tally.unchanged
    );
    if !tally.deleted.is_empty() {
        talk.push_str(&format!(", {} deleted", tally.deleted.len()));
    }
    terminal::talk(&talk);
    for (prefix, count) in &source.others {
        terminal::talk(&format!(
            "Left out: {count} refs below {} (only branches and tags are taken)",
            terminal::line(prefix)
        ));
    }
    for (name, why) in tally.refused.iter().take(MAX_PRINTED) {
        terminal::talk(&format!(
            "Not taken: {}: {}",
            terminal::line(name),
            terminal::line(why)
        ));
    }
    if tally.refused.len() > MAX_PRINTED {
        terminal::talk(&format!("… and {} more", tally.refused.len() - MAX_PRINTED));
    }
    if lfs {
        terminal::talk(
            "Note: files are kept with Git LFS there. Only their pointers were copied; the contents stay where they were.",
        );
    }
}
