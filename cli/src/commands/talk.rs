//! What `commun thread` and `commun merge-request` share: where a text comes from, and how what was said is shown.

use std::{
    io::{IsTerminal, Read},
    path::PathBuf,
    process::Command,
};

use commun_client::{Entry, ItemRef, Said};

use crate::{
    failure::{Code, Failure},
    settings::Settings,
    terminal,
};

/// Longest text that is read, in bytes: what the node takes.
const MAX_TEXT: u64 = 64 << 10;

/// Where the text comes from: --text, --file, standard input, or the editor.
#[derive(clap::Args, Debug)]
pub struct Text {
    /// The text (CommonMark); without it and --file: standard input, or $EDITOR in a terminal
    #[arg(long, value_name = "TEXT", conflicts_with = "file")]
    text: Option<String>,
    /// File with the text; - is standard input
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

impl Text {
    /// Reads the text. `needed`: whether an empty one is refused, and an editor opened where none is given.
    pub fn read(&self, needed: bool) -> Result<String, Failure> {
        let stdin = || bounded(std::io::stdin().lock(), "standard input");
        let text = match (&self.text, &self.file) {
            (Some(text), _) => text.clone(),
            (None, Some(path)) if path.as_os_str() == "-" => stdin()?,
            (None, Some(path)) => {
                let name = path.display().to_string();
                let file = std::fs::File::open(path).map_err(|e| unreadable(&name, &e))?;
                bounded(file, &name)?
            }
            (None, None) if !needed => String::new(),
            (None, None) if std::io::stdin().is_terminal() => edited()?,
            (None, None) => stdin()?,
        };
        let text = text.trim().to_owned();
        if needed && text.is_empty() {
            return Err(Failure::new(Code::Usage, "There is no text.")
                .hint("Give it with --text, --file, on standard input, or in the editor."));
        }
        if text.len() as u64 > MAX_TEXT {
            return Err(too_long());
        }
        Ok(text)
    }
}

fn too_long() -> Failure {
    Failure::new(
        Code::Refuse,
        format!("The text has more than {MAX_TEXT} bytes."),
    )
}

fn unreadable(name: &str, cause: &dyn std::fmt::Display) -> Failure {
    Failure::new(
        Code::Usage,
        format!("Cannot read the text: {name}: {cause}"),
    )
}

fn bounded(from: impl Read, name: &str) -> Result<String, Failure> {
    let mut text = String::new();
    from.take(MAX_TEXT + 1)
        .read_to_string(&mut text)
        .map_err(|e| unreadable(name, &e))?;
    if text.len() as u64 > MAX_TEXT {
        return Err(too_long());
    }
    Ok(text)
}

/// Opens `$VISUAL` or `$EDITOR` on an empty file and reads what was left in it.
fn edited() -> Result<String, Failure> {
    let editor = ["VISUAL", "EDITOR"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|v| !v.trim().is_empty()));
    let Some(editor) = editor else {
        return Err(
            Failure::new(Code::Usage, "There is no text, and no editor is set.")
                .hint("Give it with --text or --file, or set EDITOR."),
        );
    };
    let file = std::env::temp_dir().join(format!("commun-text-{}.md", std::process::id()));
    let failed = |e: std::io::Error| unreadable(&file.display().to_string(), &e);
    std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&file)
        .map_err(failed)?;
    let mut words = editor.split_whitespace();
    let program = words.next().unwrap_or("vi");
    let ended = Command::new(program).args(words).arg(&file).status();
    let text = std::fs::File::open(&file)
        .map_err(failed)
        .and_then(|f| bounded(f, &file.display().to_string()));
    let _ = std::fs::remove_file(&file);
    match ended {
        Ok(status) if status.success() => text,
        Ok(_) => Err(Failure::new(
            Code::Usage,
            "The editor gave up; nothing was sent.",
        )),
        Err(e) => Err(Failure::new(
            Code::Usage,
            format!("Cannot start {program}: {e}"),
        )),
    }
}

/// The beginning of an id, enough to type.
pub fn short(id: &str) -> String {
    id.chars().take(16).collect()
}

/// Says that a list goes on.
pub fn rest(shown: usize, total: u64) {
    if (shown as u64) < total {
        terminal::talk(&format!(
            "{shown} of {total}; --offset and --limit show others"
        ));
    }
}

/// Says what a statement made.
pub fn said(said: &commun_client::Reply<Said>, json: bool, what: &str) {
    if json {
        terminal::json(&said.json);
    } else {
        terminal::data(&terminal::line(&said.id));
        terminal::talk(what);
    }
}

/// Adds a comment to a thread or a merge request.
pub fn comment(
    settings: &Settings,
    list: &str,
    item: &ItemRef,
    id: &str,
    text: &Text,
    reply_to: Option<&str>,
    json: bool,
) -> Result<(), Failure> {
    let text = text.read(true)?;
    let client = settings.writer()?;
    let added = client.comment(&client.resolve(item)?, list, id, &text, reply_to)?;
    said(&added, json, "Commented");
    Ok(())
}

/// A thread or merge request that is opened or closed.
#[derive(clap::Args, Debug)]
pub struct Which {
    /// The item that it is about
    item: ItemRef,
    /// Its id, or the first 8 characters or more
    id: String,
    /// Print the statement as JSON
    #[arg(long)]
    json: bool,
}

/// Opens or closes a thread or a merge request.
pub fn state(settings: &Settings, list: &str, which: &Which, state: &str) -> Result<(), Failure> {
    let client = settings.writer()?;
    let item = client.resolve(&which.item)?;
    let changed = client.set_state(&item, list, &which.id, Some(state), None)?;
    let what = if state == "open" {
        "Opened again"
    } else {
        "Closed"
    };
    said(&changed, which.json, what);
    Ok(())
}

/// What was said, one entry after the other.
pub fn entries(entries: &[Entry]) -> String {
    let mut text = String::new();
    for entry in entries {
        let did = match entry.kind.as_str() {
            "state" => match (&entry.state, &entry.labels) {
                (Some(state), None) => format!("made it {state}"),
                (None, Some(labels)) => format!("labels: {}", labels.join(", ")),
                (Some(state), Some(labels)) => {
                    format!("made it {state}, labels: {}", labels.join(", "))
                }
                (None, None) => String::new(),
            },
            "version" => format!(
                "version {}: {}{}",
                entry.number.unwrap_or(0),
                entry.new.as_deref().unwrap_or_default(),
                match entry.certificate.as_deref() {
                    Some("verified") => ", signed by the person",
                    Some("broken") => ", ITS CERTIFICATE DOES NOT HOLD",
                    _ => "",
                }
            ),
            "review" => format!(
                "{} version {}",
                match entry.verdict.as_deref() {
                    Some("approve") => "approves",
                    Some("reject") => "rejects",
                    _ => "looked at",
                },
                entry.of.unwrap_or(0)
            ),
            _ if entry.edited => "(edited)".to_owned(),
            _ => String::new(),
        };
        let head = format!(
            "{}  {}  {}  {did}",
            short(&entry.id),
            entry.time,
            entry.by.title()
        );
        text.push_str(&format!("\n{}\n", terminal::line(head.trim_end())));
        if let Some(reply) = &entry.reply_to {
            text.push_str(&format!(
                "    in answer to {}\n",
                terminal::line(&short(reply))
            ));
        }
        match entry.words.as_str() {
            "withheld" => text.push_str("    (the words have not arrived yet)\n"),
            "erased" => text.push_str("    (erased)\n"),
            _ => {}
        }
        let several = entry.concurrent.len() > 1;
        if several {
            for wording in &entry.concurrent {
                text.push_str(&format!(
                    "    wording {}:\n",
                    terminal::line(&short(&wording.id))
                ));
                text.push_str(&indented(wording.text.as_deref().unwrap_or_default()));
            }
        } else if let Some(words) = &entry.text {
            text.push_str(&indented(words));
        }
    }
    text
}

fn indented(text: &str) -> String {
    let text = terminal::lines(text.trim_end());
    text.lines().map(|line| format!("    {line}\n")).collect()
}
