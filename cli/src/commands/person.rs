//! `commun person`.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use clap::ValueEnum;
use commun_client::Client;

use crate::{
    failure::{Code, Failure},
    settings::Settings,
    table::Table,
    terminal,
};

/// Largest public key file that is read, in bytes: an ed25519 line has a hundred.
const MAX_KEY_FILE: u64 = 16 << 10;

/// Enrol the people of the institution
#[derive(clap::Subcommand, Debug)]
pub enum Command {
    /// Enrol a person
    Add {
        /// The person's name
        name: String,
        /// What the person may do (repeatable)
        #[arg(long, required = true)]
        role: Vec<Role>,
        /// File with the person's public SSH key (ed25519); without one the node makes a key and keeps it
        #[arg(long, value_name = "FILE.pub")]
        key: Option<PathBuf>,
        /// Print the enrolment as JSON
        #[arg(long)]
        json: bool,
    },
    /// List everybody enrolled
    List {
        /// Print all as JSON
        #[arg(long)]
        json: bool,
    },
    /// Give a person another key; the old one ends, and the person stays who they are
    Key {
        /// The person's id, or their name if nobody else has it
        person: String,
        /// File with the person's new public SSH key (ed25519)
        #[arg(long, value_name = "FILE.pub")]
        key: PathBuf,
        /// Print the enrolment as JSON
        #[arg(long)]
        json: bool,
    },
    /// End a person's enrolment, for good
    Revoke {
        /// The person's id, or their name if nobody else has it
        person: String,
        /// Print the revocation as JSON
        #[arg(long)]
        json: bool,
    },
}

/// What a person may do.
#[derive(ValueEnum, Clone, Copy, Debug)]
pub enum Role {
    /// All
    Admin,
    /// Resources, collections, withdrawals and corrections of the institution's items
    Librarian,
    /// Own resources and collections
    Publisher,
    /// Repositories
    Developer,
}

impl Role {
    fn as_str(self) -> &'static str {
        use commun_specs::name::Role as Known;
        match self {
            Role::Admin => Known::Admin,
            Role::Librarian => Known::Librarian,
            Role::Publisher => Known::Publisher,
            Role::Developer => Known::Developer,
        }
        .as_str()
    }
}

/// Does what was typed.
pub fn run(settings: &Settings, command: Command) -> Result<(), Failure> {
    match command {
        Command::Add {
            name,
            role,
            key,
            json,
        } => {
            let key = key.as_deref().map(read_key).transpose()?;
            let roles: Vec<&str> = role.iter().map(|role| role.as_str()).collect();
            let person = settings.writer()?.enrol(&name, &roles, key.as_deref())?;
            if json {
                terminal::json(&person.json);
            } else {
                terminal::data(&terminal::line(&person.id));
                terminal::talk(
                    "Enrolled. `commun token create` with this id makes an access token.",
                );
            }
        }
        Command::List { json } => {
            let all = settings.writer()?.persons()?;
            if json {
                terminal::json(&all.json);
                return Ok(());
            }
            let mut table = Table::new(&["ID", "NAME", "ROLES", "KEY KEPT BY", "KEY"]);
            for person in &all.persons {
                let name = person.name.as_deref().unwrap_or_default();
                let kept = match person.custody.as_str() {
                    "self" => "the person",
                    other => other,
                };
                table.row(&[
                    &person.id,
                    name,
                    &person.roles.join(", "),
                    kept,
                    &person.fingerprint,
                ]);
            }
            table.print();
        }
        Command::Key { person, key, json } => {
            let key = read_key(&key)?;
            let client = settings.writer()?;
            let person = id_of(&client, &person)?;
            let made = client.replace_key(&person, &key)?;
            if json {
                terminal::json(&made.json);
            } else {
                terminal::talk(&format!(
                    "The key is now {}",
                    terminal::line(&made.fingerprint)
                ));
            }
        }
        Command::Revoke { person, json } => {
            let client = settings.writer()?;
            let person = id_of(&client, &person)?;
            let revoked = client.revoke(&person)?;
            if json {
                terminal::json(&revoked.json);
            } else {
                terminal::talk(&format!("Revoked {}", terminal::line(&person)));
            }
        }
    }
    Ok(())
}

/// The id of a person: itself, or that of the one person of this name.
pub fn id_of(client: &Client, person: &str) -> Result<String, Failure> {
    if person.parse::<commun_specs::id::StatementId>().is_ok() {
        return Ok(person.to_owned());
    }
    let all = client.persons()?;
    let mut named = all
        .persons
        .iter()
        .filter(|p| p.name.as_deref() == Some(person));
    match (named.next(), named.next()) {
        (Some(one), None) => Ok(one.id.clone()),
        (None, _) => Err(Failure::new(
            Code::No,
            format!("Nobody of this name is enrolled: {person}"),
        )
        .hint("`commun person list` shows everybody with their id.")),
        (Some(_), Some(_)) => Err(Failure::new(
            Code::No,
            format!("Several persons have this name: {person}"),
        )
        .hint("Give the id; `commun person list` shows it.")),
    }
}

/// The first key of a file: an OpenSSH public key line or a `did:key`.
pub fn read_key(path: &Path) -> Result<String, Failure> {
    let failure = |what: String| {
        Failure::new(Code::Usage, format!("{}: {what}", path.display()))
            .hint("Give the public part of an ed25519 key, such as ~/.ssh/id_ed25519.pub.")
    };
    let mut text = String::new();
    let file = File::open(path).map_err(|cause| failure(cause.to_string()))?;
    file.take(MAX_KEY_FILE)
        .read_to_string(&mut text)
        .map_err(|cause| failure(cause.to_string()))?;
    if text.contains("PRIVATE KEY") {
        return Err(failure(
            "this is a private key, which never leaves its owner's machine".into(),
        ));
    }
    let line = text
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty() && !line.starts_with('#'));
    let line = line.ok_or_else(|| failure("there is no key in it".into()))?;
    let known = match line.starts_with("did:key:") {
        true => line.parse().map(|_: commun_specs::key::PublicKey| ()),
        false => commun_specs::key::PublicKey::from_openssh(line).map(|_| ()),
    };
    known.map_err(|cause| failure(cause.to_string()))?;
    Ok(line.to_owned())
}
