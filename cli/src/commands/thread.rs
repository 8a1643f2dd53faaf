//! `commun thread`.

use commun_client::{Filter, ItemRef, Thread};

use super::talk::{self, Text, Which};
use crate::{failure::Failure, settings::Settings, table::Table, terminal};

/// Discuss an item: questions, faults, wishes
#[derive(clap::Subcommand, Debug)]
pub enum Command {
    /// List the threads about an item
    List {
        /// The item
        item: ItemRef,
        #[command(flatten)]
        only: Only,
        /// Only with this label
        #[arg(long, value_name = "L")]
        label: Option<String>,
        /// Print all as JSON
        #[arg(long)]
        json: bool,
    },
    /// Show a thread with its comments
    Show {
        /// The item
        item: ItemRef,
        /// The thread: its id, or the first 8 characters or more
        id: String,
        /// Print all as JSON
        #[arg(long)]
        json: bool,
    },
    /// Open a thread
    Open {
        /// The item
        item: ItemRef,
        /// Its title, in one line
        #[arg(long, value_name = "T")]
        title: String,
        #[command(flatten)]
        text: Text,
        /// A label: a-z, 0-9 and hyphens (repeatable)
        #[arg(long, value_name = "L")]
        label: Vec<String>,
        /// Print the statement as JSON
        #[arg(long)]
        json: bool,
    },
    /// Add a comment
    Comment {
        /// The item
        item: ItemRef,
        /// The thread
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
    /// Replace the text of a comment of one's own
    Edit {
        /// The item
        item: ItemRef,
        /// The thread
        id: String,
        /// The comment; the thread's own id stands for its first text
        comment: String,
        #[command(flatten)]
        text: Text,
        /// Print the statement as JSON
        #[arg(long)]
        json: bool,
    },
    /// Set the labels of a thread: a developer of the item's institution
    Label {
        /// The item
        item: ItemRef,
        /// The thread
        id: String,
        /// The labels from now on; none takes all away
        label: Vec<String>,
        /// Print the statement as JSON
        #[arg(long)]
        json: bool,
    },
    /// Close a thread: a developer of the item's institution
    Close(Which),
    /// Open a closed thread again: a developer of the item's institution
    Reopen(Which),
}

/// Which ones of a list.
#[derive(clap::Args, Debug, Clone)]
pub struct Only {
    /// open, closed, merged (merge requests) or all
    #[arg(long, value_name = "STATE", default_value = "open", value_parser = ["open", "closed", "merged", "all"])]
    state: String,
    /// Most to print
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: u64,
    /// How many to leave out first
    #[arg(long, value_name = "N", default_value_t = 0)]
    offset: u64,
}

impl Only {
    /// What the node is asked.
    pub fn filter(&self, label: Option<String>) -> Filter {
        Filter {
            state: Some(self.state.clone()),
            label,
            limit: Some(self.limit),
            offset: Some(self.offset),
        }
    }
}

const LIST: &str = "threads";

/// Does what was typed.
pub fn run(settings: &Settings, command: Command) -> Result<(), Failure> {
    match command {
        Command::List {
            item,
            only,
            label,
            json,
        } => {
            let client = settings.reader()?;
            let all = client.threads(&client.resolve(&item)?, &only.filter(label))?;
            if json {
                terminal::json(&all.json);
                return Ok(());
            }
            let mut table = Table::new(&["ID", "STATE", "TITLE", "BY", "COMMENTS", "LABELS"]);
            for thread in &all.threads {
                let cells = [
                    talk::short(&thread.id),
                    thread.state.clone(),
                    thread.title.clone(),
                    thread.by.title(),
                    thread.comments.to_string(),
                    thread.labels.join(", "),
                ];
                table.row(&cells);
            }
            table.print();
            talk::rest(all.threads.len(), all.total);
        }
        Command::Show { item, id, json } => {
            let client = settings.reader()?;
            let thread = client.thread(&client.resolve(&item)?, &id)?;
            if json {
                terminal::json(&thread.json);
            } else {
                terminal::data(&shown(&thread));
            }
        }
        Command::Open {
            item,
            title,
            text,
            label,
            json,
        } => {
            let text = text.read(true)?;
            let client = settings.writer()?;
            let said = client.open_thread(&client.resolve(&item)?, &title, &text, &label)?;
            talk::said(&said, json, "Opened");
        }
        Command::Comment {
            item,
            id,
            text,
            reply_to,
            json,
        } => talk::comment(settings, LIST, &item, &id, &text, reply_to.as_deref(), json)?,
        Command::Edit {
            item,
            id,
            comment,
            text,
            json,
        } => {
            let text = text.read(true)?;
            let client = settings.writer()?;
            let item = client.resolve(&item)?;
            let said = client.edit_comment(&item, LIST, &id, &comment, &text)?;
            talk::said(&said, json, "Edited");
        }
        Command::Label {
            item,
            id,
            label,
            json,
        } => {
            let client = settings.writer()?;
            let said = client.set_state(&client.resolve(&item)?, LIST, &id, None, Some(&label))?;
            talk::said(&said, json, "Labelled");
        }
        Command::Close(which) => talk::state(settings, LIST, &which, "closed")?,
        Command::Reopen(which) => talk::state(settings, LIST, &which, "open")?,
    }
    Ok(())
}

fn shown(thread: &Thread) -> String {
    let mut text = format!("{}\n\n", terminal::line(&thread.title));
    for (name, value) in [
        ("id", thread.id.as_str()),
        ("state", &thread.state),
        ("labels", &thread.labels.join(", ")),
        ("page", &thread.url),
    ] {
        if !value.is_empty() {
            text.push_str(&format!("{name:12} {}\n", terminal::line(value)));
        }
    }
    text.push_str(&talk::entries(&thread.entries));
    text
}
