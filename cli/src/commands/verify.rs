//! `commun verify`.

mod history;

use commun_client::{Client, Item, ItemRef, Statement as Sent};
use commun_specs::{
    id::{CommonsId, StatementId, from_base32},
    statement::{Body, Facts, Statement},
};
use serde_json::Value;

use super::get;
use crate::{
    failure::{Code, Failure},
    settings::Settings,
    terminal,
};

/// Verify what was said about an item: signatures, ids, bodies, files, and who moved the refs of a repository
///
/// Computed here, from bytes that the node hands out: for a repository the charter, the logs of all institutions that
/// may push, each push with the enrolment, the policy and the charter under which it was taken, the certificates of
/// signed pushes, and what Git holds. The first thing that does not hold ends it with exit code 1.
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// The item
    item: ItemRef,
    /// Only the history of this ref, such as refs/heads/main
    #[arg(long, value_name = "REF")]
    r#ref: Option<String>,
    /// The commons that it must be of; without it, the node's word is taken for that
    #[arg(long, value_name = "ID")]
    commons: Option<CommonsId>,
    /// Print the history of a repository as JSON
    #[arg(long)]
    json: bool,
}

/// Fetches and verifies.
pub fn run(settings: &Settings, args: Args) -> Result<(), Failure> {
    let client = settings.reader()?;
    let item = client.item(&client.resolve(&args.item)?)?;
    let id: StatementId = item
        .id
        .parse()
        .map_err(|_| no(format!("the item has no valid id: {}", item.id)))?;
    let sent = client.statements(&ItemRef::Id(id))?;
    let mut bad = 0;
    let mut seen = Vec::new();
    for statement in &sent.value {
        let place = format!(
            "{} {}",
            terminal::line(&statement.institution),
            statement.position
        );
        match check(statement, &id) {
            Ok((opened, words)) => {
                let kind = opened
                    .head
                    .as_ref()
                    .map_or("of an unknown version", |head| &head.kind);
                let line = format!("{place}  {kind}  {}  {words}", opened.id);
                if args.json {
                    terminal::talk(&line);
                } else {
                    terminal::data(&line);
                }
                seen.push(opened);
            }
            Err(what) => {
                terminal::talk(&format!(
                    "{place}  does not hold: {}",
                    terminal::line(&what)
                ));
                bad += 1;
            }
        }
    }
    if !seen.iter().any(|statement| statement.id == id) {
        terminal::talk("The statement that made the item is not among them.");
        bad += 1;
    }
    if let Err(what) = check_files(&client, &item, &id, &seen)? {
        terminal::talk(&format!("The files do not hold: {what}"));
        bad += 1;
    }
    if bad > 0 {
        return Err(no(format!("{bad} of the checks failed")));
    }
    terminal::talk(&format!("{} statements hold", seen.len()));
    if item.kind == "repository" {
        let asked = history::Asked {
            item: &ItemRef::Id(id),
            name: &item.name,
            only: args.r#ref.as_deref(),
            commons: args.commons,
            json: args.json,
        };
        history::run(&client, &asked)?;
    }
    Ok(())
}

fn no(what: String) -> Failure {
    Failure::new(Code::No, format!("Verification failed: {what}"))
}

/// A statement whose signatures hold, that is about the item, and whose body is the one that was signed.
fn check(sent: &Sent, item: &StatementId) -> Result<(Statement, &'static str), String> {
    let statement = Statement::open(&entry(&sent.envelope)).map_err(|cause| cause.to_string())?;
    let Some(head) = &statement.head else {
        return Ok((statement, "not interpreted"));
    };
    if head.institution.as_str() != sent.institution {
        return Err(format!("it is of {}", head.institution));
    }
    if head.item.unwrap_or(statement.id) != *item {
        return Err("it is about another item".into());
    }
    if let Err(cause) = statement.facts() {
        terminal::talk(&format!(
            "Statement {} holds but says nothing to this release: {cause}",
            statement.id
        ));
    }
    let words = match (&head.body, bodies(sent)) {
        (None, _) => "no body",
        (Some(_), None) => "body absent (erased or withheld)",
        (Some(hash), Some(bodies)) => {
            if !bodies.iter().any(|body| body.matches(hash)) {
                return Err("the body is not the one that was signed".into());
            }
            "body holds"
        }
    };
    Ok((statement, words))
}

/// The entry's bytes. Its one form is that of strict JSON, which serde_json writes for sorted members and texts without
/// control characters; what differs does not open.
fn entry(envelope: &Value) -> Vec<u8> {
    match envelope {
        Value::String(text) => text.clone().into_bytes(),
        other => other.to_string().into_bytes(),
    }
}

/// The body in each way in which it may be written; the hash decides. None where the node has none.
fn bodies(sent: &Sent) -> Option<Vec<Body>> {
    let salt = sent.salt.as_deref()?;
    let text = match &sent.body {
        Value::Null => return None,
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let salts = [from_base32(salt), base64(salt)]
        .into_iter()
        .flatten()
        .filter_map(|salt| salt.try_into().ok());
    let contents = [base64(&text), Some(text.into_bytes())];
    let salts: Vec<[u8; 32]> = salts.collect();
    let pairs = salts.iter().flat_map(|salt| {
        contents.iter().flatten().map(|bytes| Body {
            salt: *salt,
            bytes: bytes.clone(),
        })
    });
    Some(pairs.collect())
}

/// Reads padded base64 (RFC 4648, section 4).
fn base64(text: &str) -> Option<Vec<u8>> {
    data_encoding::BASE64.decode(text.as_bytes()).ok()
}

/// Whether the files that the node offers are those that a version signed: the list's root is in its head.
fn check_files(
    client: &Client,
    item: &Item,
    id: &StatementId,
    seen: &[Statement],
) -> Result<Result<(), String>, Failure> {
    if item.kind != "resource" {
        return Ok(Ok(()));
    }
    let files = match client.files(&ItemRef::Id(*id)) {
        Ok(files) => files.value.files,
        Err(error) if matches!(error.status(), Some(404 | 410 | 503)) => {
            terminal::talk("The node does not have the list of files (yet): not checked.");
            return Ok(Ok(()));
        }
        Err(error) => return Err(error.into()),
    };
    let list = match get::list(files) {
        Ok(list) => list,
        Err(failure) => return Ok(Err(failure.message)),
    };
    let signed = seen.iter().any(|statement| {
        matches!(statement.facts(), Ok(Some(Facts::Resource(resource))) if resource.files.blake3 == list.root())
    });
    Ok(if signed {
        terminal::data(&format!(
            "files  {} ({}), the list is signed: {}",
            list.count(),
            terminal::size(list.total_size()),
            list.root()
        ));
        Ok(())
    } else {
        Err(format!(
            "no version names a list with the root {}",
            list.root()
        ))
    })
}
