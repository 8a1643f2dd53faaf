//! `commun merge-request`.

use commun_client::{Client, ItemRef, MergeRequest, RequestVersion};

use super::{
    show::clone_url,
    talk::{self, Text, Which},
    thread::Only,
};
use crate::{
    failure::{Code, Failure},
    settings::Settings,
    table::Table,
    terminal,
};

/// Propose and review changes to a repository
///
/// A merge request is opened with Git: `git push origin HEAD:refs/for/main/TOPIC`, on the node of one's own
/// institution. Pushing there again makes a new version of it.
#[derive(clap::Subcommand, Debug)]
#[command(verbatim_doc_comment)]
pub enum Command {
    /// List the merge requests to a repository
    List {
        /// The repository
        item: ItemRef,
        #[command(flatten)]
        only: Only,
        /// Print all as JSON
        #[arg(long)]
        json: bool,
    },
    /// Show a merge request: commits, versions, reviews, comments
    Show {
        /// The repository
        item: ItemRef,
        /// The merge request: its id, or the first 8 characters or more
        id: String,
        /// Print all as JSON
        #[arg(long)]
        json: bool,
    },
    /// Add a comment
    Comment {
        /// The repository
        item: ItemRef,
        /// The merge request
        id: String,
        #[command(flatten)]
        text: Text,
        /// The comment that it answers
        #[arg(long, value_name = "COMMENT")]
        reply_to: Option<String>,
        /// Print the statement as JSON
        #[arg(long)]
        json: bool,
    },
    /// Approve the newest version
    Approve {
        /// The repository
        item: ItemRef,
        /// The merge request
        id: String,
        #[command(flatten)]
        seen: Seen,
        #[command(flatten)]
        text: Text,
        /// Print the statement as JSON
        #[arg(long)]
        json: bool,
    },
    /// Say that the newest version should not be merged
    Reject {
        /// The repository
        item: ItemRef,
        /// The merge request
        id: String,
        #[command(flatten)]
        seen: Seen,
        #[command(flatten)]
        text: Text,
        /// Print the statement as JSON
        #[arg(long)]
        json: bool,
    },
    /// Close without merging: a developer of the repository's institution
    Close(Which),
    /// Open a closed one again: a developer of the repository's institution
    Reopen(Which),
    /// Merge it on the node of one's own institution, which must be one that pushes to the repository
    Merge {
        /// The repository
        item: ItemRef,
        /// The merge request
        id: String,
        #[command(flatten)]
        seen: Seen,
        /// Make a merge commit also where the branch could move forward without one
        #[arg(long)]
        no_ff: bool,
        /// Print what was done as JSON
        #[arg(long)]
        json: bool,
    },
    /// Fetch its newest version into the Git repository of this folder, and check it out
    Checkout {
        /// The repository
        item: ItemRef,
        /// The merge request
        id: String,
        /// Only print the Git commands
        #[arg(long)]
        print: bool,
        /// Print remote, ref, commit and commands as JSON; runs nothing
        #[arg(long)]
        json: bool,
    },
}

/// The version that one looked at: another one is neither approved nor merged.
#[derive(clap::Args, Debug)]
pub struct Seen {
    /// The version that you looked at: its number, or its commit or the first 8 characters of it; refused if another
    /// is the newest. Without it: the newest, which is printed
    #[arg(long, value_name = "VERSION")]
    version: Option<String>,
}

impl Seen {
    /// The commit to send with what is asked, having said which one it is.
    fn commit(&self, client: &Client, item: &ItemRef, id: &str) -> Result<String, Failure> {
        let request = client.merge_request(item, id)?.value;
        let (number, new) = match &self.version {
            None => (request.version, request.new),
            Some(asked) => {
                let meant = |v: &&RequestVersion| {
                    v.number.to_string() == *asked || (asked.len() >= 8 && v.new.starts_with(asked))
                };
                // Newest first: of an old version that came again, the last is meant.
                let found = request.versions.iter().rev().find(meant);
                let found = found.ok_or_else(|| {
                    let why = format!("This merge request has no version {asked}.");
                    Failure::new(Code::Usage, why)
                        .hint("commun merge-request show lists its versions.")
                })?;
                (found.number, found.new.clone())
            }
        };
        let line = format!("Version {number}, {new}: {}", request.title);
        terminal::talk(&terminal::line(&line));
        Ok(new)
    }
}

const LIST: &str = "merge-requests";

/// Does what was typed.
pub fn run(settings: &Settings, command: Command) -> Result<(), Failure> {
    match command {
        Command::List { item, only, json } => {
            let client = settings.reader()?;
            let all = client.merge_requests(&client.resolve(&item)?, &only.filter(None))?;
            if json {
                terminal::json(&all.json);
                return Ok(());
            }
            let mut table = Table::new(&["ID", "STATE", "TITLE", "TARGET", "BY", "APPROVALS"]);
            for request in &all.merge_requests {
                let cells = [
                    talk::short(&request.id),
                    request.state.clone(),
                    request.title.clone(),
                    branch(&request.target).to_owned(),
                    request.by.title(),
                    request.approvals.to_string(),
                ];
                table.row(&cells);
            }
            table.print();
            talk::rest(all.merge_requests.len(), all.total);
        }
        Command::Show { item, id, json } => {
            let client = settings.reader()?;
            let request = client.merge_request(&client.resolve(&item)?, &id)?;
            if json {
                terminal::json(&request.json);
            } else {
                terminal::data(&shown(&request));
            }
        }
        Command::Comment {
            item,
            id,
            text,
            reply_to,
            json,
        } => talk::comment(settings, LIST, &item, &id, &text, reply_to.as_deref(), json)?,
        Command::Approve {
            item,
            id,
            seen,
            text,
            json,
        } => review(settings, &item, &id, &seen, "approve", &text, json)?,
        Command::Reject {
            item,
            id,
            seen,
            text,
            json,
        } => review(settings, &item, &id, &seen, "reject", &text, json)?,
        Command::Close(which) => talk::state(settings, LIST, &which, "closed")?,
        Command::Reopen(which) => talk::state(settings, LIST, &which, "open")?,
        Command::Merge {
            item,
            id,
            seen,
            no_ff,
            json,
        } => {
            let client = settings.writer()?;
            let item = client.resolve(&item)?;
            let new = seen.commit(&client, &item, &id)?;
            let done = client.merge(&item, &id, !no_ff, &new)?;
            if json {
                terminal::json(&done.json);
                return Ok(());
            }
            terminal::data(&terminal::line(&done.commit));
            terminal::talk(&match done.outcome.as_str() {
                "merged" => format!("Merged into {}", branch(&done.target)),
                "waiting" => format!(
                    "Stated; {} is protected and waits for other institutions to merge the same",
                    branch(&done.target)
                ),
                _ => format!("{} contains it already", branch(&done.target)),
            });
            if let Some(message) = &done.message {
                terminal::talk(message);
            }
        }
        Command::Checkout {
            item,
            id,
            print,
            json,
        } => {
            let client = settings.reader()?;
            let item = client.item(&client.resolve(&item)?)?;
            let name: ItemRef = item
                .id
                .parse()
                .map_err(|e: String| Failure::new(Code::Fail, e))?;
            let request = client.merge_request(&name, &id)?;
            checkout(&client, &item.name, &request, print, json)?;
        }
    }
    Ok(())
}

fn branch(target: &str) -> &str {
    target.strip_prefix("refs/heads/").unwrap_or(target)
}

fn review(
    settings: &Settings,
    item: &ItemRef,
    id: &str,
    seen: &Seen,
    verdict: &str,
    text: &Text,
    json: bool,
) -> Result<(), Failure> {
    let text = text.read(false)?;
    let client = settings.writer()?;
    let item = client.resolve(item)?;
    let new = seen.commit(&client, &item, id)?;
    let said = client.review(&item, id, verdict, &text, &new)?;
    let what = match verdict {
        "approve" => "Approved",
        _ => "Rejected",
    };
    talk::said(&said, json, what);
    Ok(())
}

/// The parts of a fetch that Git could read as something else are checked: they came from the network.
fn checkout(
    client: &Client,
    name: &str,
    request: &MergeRequest,
    print: bool,
    json: bool,
) -> Result<(), Failure> {
    let safe = |text: &str| {
        text.starts_with("refs/merge-requests/")
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"/-".contains(&b))
    };
    if !safe(&request.reference) {
        return Err(Failure::new(
            Code::Fail,
            "The node names a ref that is none of a merge request.",
        ));
    }
    let url = clone_url(client, name);
    let id: String = request
        .reference
        .split('/')
        .nth(2)
        .unwrap_or_default()
        .to_owned();
    let local = format!("merge-request/{id}");
    let fetch = ["fetch", &url, &request.reference];
    let switch = ["checkout", "-B", &local, "FETCH_HEAD"];
    let commands = [
        format!("git {}", fetch.join(" ")),
        format!("git {}", switch.join(" ")),
    ];
    if json {
        terminal::json(&serde_json::json!({
            "url": url, "ref": request.reference, "commit": request.new, "commands": commands,
        }));
        return Ok(());
    }
    if print {
        terminal::data(&commands.join("\n"));
        return Ok(());
    }
    for args in [&fetch[..], &switch[..]] {
        let ended = std::process::Command::new("git").args(args).status();
        match ended {
            Ok(status) if status.success() => {}
            Ok(_) => {
                return Err(Failure::new(Code::No, "Git did not do it; see above.")
                    .hint("Run this inside a clone of the repository."));
            }
            Err(e) => return Err(Failure::new(Code::Fail, format!("Cannot run git: {e}"))),
        }
    }
    Ok(())
}

fn shown(request: &MergeRequest) -> String {
    let mut text = format!("{}\n\n", terminal::line(&request.title));
    let verdicts = format!(
        "{} approve, {} reject",
        request.approvals, request.rejections
    );
    for (name, value) in [
        ("id", request.id.as_str()),
        ("state", &request.state),
        ("into", branch(&request.target)),
        ("topic", request.topic.as_deref().unwrap_or_default()),
        ("version", &format!("{}: {}", request.version, request.new)),
        ("reviews", &verdicts),
        ("waiting", &request.waiting.join(", ")),
        ("ref", &request.reference),
        ("page", &request.url),
    ] {
        if !value.is_empty() {
            text.push_str(&format!("{name:12} {}\n", terminal::line(value)));
        }
    }
    if !request.local {
        text.push_str("\nThis node does not hold its commits yet.\n");
    }
    if !request.commits.is_empty() {
        text.push('\n');
    }
    for commit in &request.commits {
        let short: String = commit.oid.chars().take(12).collect();
        text.push_str(&format!(
            "{short}  {}  {}\n",
            terminal::line(&commit.subject),
            terminal::line(&commit.author)
        ));
    }
    text.push_str(&talk::entries(&request.entries));
    text
}
