//! One case of each file, judged by the crate.

use data_encoding::{BASE64, HEXLOWER};
use serde_json::Value;

use super::{register, requests};
use crate::{
    certificate::Certificate,
    charter::{Added, Chain},
    envelope::{self, Envelope, PayloadType, pae},
    fold::{Catalogue, Roots},
    id::{CommonsId, ContentHash, StatementId, TreeRoot, base32, from_base32, sha256},
    json,
    key::PublicKey,
    list,
    name::Handle,
    note::{Note, Origin},
    statement::{Body, Head, Statement, ref_name},
    succession::{self, Successions},
    tree,
};

/// What a case's verdict is, with the message of the refusal.
pub(super) fn case(file: &str, case: &Value) -> Result<(), String> {
    match file {
        "certificate" => one_certificate(case),
        "json" => one_json(case),
        "ids" => one_id(case),
        "envelopes" => one_envelope(case),
        "heads" => one_head(case),
        "kinds" => one_kind(case),
        "lists" => one_list(case),
        "notes" => one_note(case),
        "charters" => one_charter(case),
        "successions" => one_succession(case),
        "register" => register::check(case),
        "catalogue" => one_catalogue(case),
        "requests" => requests::check(case),
        _ => unreachable!("a file without a check"),
    }
}

pub(super) fn text<'a>(case: &'a Value, name: &str) -> &'a str {
    case[name]
        .as_str()
        .unwrap_or_else(|| panic!("{}: no {name}", case["id"]))
}

fn hex(case: &Value, name: &str) -> Vec<u8> {
    HEXLOWER.decode(text(case, name).as_bytes()).unwrap()
}

fn array<const N: usize>(case: &Value, name: &str) -> [u8; N] {
    hex(case, name).try_into().unwrap()
}

/// The input: text, or bytes that are none.
fn bytes(case: &Value, name: &str) -> Vec<u8> {
    match case[name].as_str() {
        Some(t) => t.as_bytes().to_vec(),
        None => hex(case, &format!("{name}_hex")),
    }
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: T, expected: T) -> Result<(), String> {
    if found == expected {
        Ok(())
    } else {
        Err(format!("{what}: {found:?} instead of {expected:?}"))
    }
}

fn message(e: impl std::fmt::Display) -> String {
    e.to_string()
}

fn one_json(case: &Value) -> Result<(), String> {
    let bytes = bytes(case, "text");
    let object = json::parse_object(&bytes).map_err(message)?;
    let again = json::Value::Object(object).to_bytes().map_err(message)?;
    same("written again", again, bytes)
}

fn one_certificate(case: &Value) -> Result<(), String> {
    let found = Certificate::read(&bytes(case, "text")).map_err(message)?;
    same("key", found.key.to_string(), text(case, "key").to_owned())?;
    same("nonce", found.nonce.as_str(), text(case, "nonce"))?;
    same("pushee", found.pushee.as_str(), text(case, "pushee"))?;
    same("time", Some(found.time), case["time"].as_u64())?;
    let commands: Vec<Value> = found
        .commands
        .iter()
        .map(|c| serde_json::json!([c.old, c.new, c.name]))
        .collect();
    same("commands", Value::from(commands), case["commands"].clone())
}

fn one_id(case: &Value) -> Result<(), String> {
    let written = text(case, "text");
    match text(case, "form") {
        "id" => {
            let id: StatementId = written.parse().map_err(message)?;
            same("bytes", id.0.to_vec(), hex(case, "bytes_hex"))?;
            same("text", id.to_string(), written.to_owned())
        }
        "base32" => {
            let found = from_base32(written).ok_or("not base32")?;
            same("bytes", &found, &hex(case, "bytes_hex"))?;
            same("text", base32(&found), written.to_owned())
        }
        "sha256" => same(
            "hash",
            base32(&sha256(&[&hex(case, "bytes_hex")])),
            written.to_owned(),
        ),
        "blake3" => {
            let hash: ContentHash = written.parse().map_err(message)?;
            same("hash", ContentHash::of(&hex(case, "bytes_hex")), hash)
        }
        "did:key" => {
            let key: PublicKey = written.parse().map_err(message)?;
            same("key", key.as_bytes().to_vec(), hex(case, "bytes_hex"))?;
            same("text", key.to_string(), written.to_owned())
        }
        "order" => {
            let list: Vec<StatementId> = case["sorted"]
                .as_array()
                .unwrap()
                .iter()
                .map(|v| v.as_str().unwrap().parse().unwrap())
                .collect();
            same("sorted", list.windows(2).all(|w| w[0] < w[1]), true)
        }
        "body" => {
            let body = Body {
                salt: array(case, "salt_hex"),
                bytes: hex(case, "bytes_hex"),
            };
            same("hash", body.matches(&written.parse().unwrap()), true)
        }
        other => panic!("{other}"),
    }
}

fn payload_type(case: &Value) -> PayloadType {
    match text(case, "type") {
        "statement" => PayloadType::Statement,
        "charter" => PayloadType::Charter,
        _ => PayloadType::Succession,
    }
}

fn one_envelope(case: &Value) -> Result<(), String> {
    let bytes = bytes(case, "envelope");
    let kind = payload_type(case);
    let envelope = Envelope::open(kind, &bytes).map_err(|e| match e {
        // Which key it was is not part of the verdict; the rule is.
        envelope::Error::Signature { source, .. } => source.to_string(),
        other => other.to_string(),
    })?;
    same("bytes", envelope.to_bytes(), bytes.clone())?;
    let payload = text(case, "payload").as_bytes();
    same("payload", envelope.payload(), payload)?;
    same("pae", pae(kind, payload), hex(case, "pae_hex"))?;
    let id = StatementId::of(payload).to_string();
    same("id", id.as_str(), text(case, "payload_id"))?;
    let leaf = HEXLOWER.encode(&tree::leaf_hash(&bytes));
    same("leaf", leaf.as_str(), text(case, "leaf_hash_hex"))
}

fn one_head(case: &Value) -> Result<(), String> {
    if case.get("entry").is_some() {
        let statement = Statement::open(&bytes(case, "entry")).map_err(message)?;
        let commons: CommonsId = text(case, "commons").parse().unwrap();
        let handle = Handle::new(text(case, "log")).unwrap();
        return statement.belongs_to(&commons, &handle).map_err(message);
    }
    let payload = bytes(case, "payload");
    let head = Head::read(&payload).map_err(message)?;
    same("known", head.is_some(), case["known"] == true)
}

fn one_kind(case: &Value) -> Result<(), String> {
    if let Some(name) = case["ref"].as_str() {
        return ref_name(name).map_err(message);
    }
    let head = Head::read(&bytes(case, "payload")).map_err(message)?;
    let facts = match &head {
        Some(head) => crate::statement::Facts::read(head).map_err(message)?,
        None => None,
    };
    same("known", facts.is_some(), case["known"] == true)
}

fn one_list(case: &Value) -> Result<(), String> {
    let bytes = bytes(case, "list");
    let (what, count) = if text(case, "rule") == "R-02-33" {
        (
            "members",
            list::read_members(&bytes).map_err(message)?.len(),
        )
    } else {
        (
            "changes",
            list::read_changes(&bytes).map_err(message)?.len(),
        )
    };
    same(what, count as u64, case[what].as_u64().unwrap())?;
    let hash = list::hash(&bytes).to_string();
    same("hash", hash.as_str(), text(case, "sha256"))
}

fn root(case: &Value, name: &str) -> TreeRoot {
    TreeRoot(array(case, name))
}

fn one_note(case: &Value) -> Result<(), String> {
    match text(case, "form") {
        "checkpoint" => {
            let origin: Origin = text(case, "origin").parse().map_err(message)?;
            let writer: PublicKey = text(case, "writer").parse().unwrap();
            let note = Note::read(&bytes(case, "note")).map_err(message)?;
            let checkpoint = note.open(&origin, &writer).map_err(message)?;
            same("size", checkpoint.size, case["size"].as_u64().unwrap())?;
            same("root", checkpoint.root, root(case, "root_hex"))
        }
        "cosignature" => {
            let note = Note::read(&bytes(case, "note")).map_err(message)?;
            let commons: CommonsId = text(case, "commons").parse().unwrap();
            let handle = Handle::new(text(case, "cosigner")).unwrap();
            let key: PublicKey = text(case, "key").parse().unwrap();
            let found = note
                .cosignature(&commons, &handle, &key)
                .ok_or("no cosignature that holds")?;
            same("time", found.time, case["time"].as_u64().unwrap())
        }
        "tree" => {
            let mut hashes: Vec<[u8; 32]> = Vec::new();
            let entries = case["entries_hex"].as_array().unwrap();
            for (n, entry) in entries.iter().enumerate() {
                let entry = HEXLOWER.decode(entry.as_str().unwrap().as_bytes()).unwrap();
                let mut pending = tree::Pending::on(&hashes, n as u64);
                tree::append(&mut pending, n as u64, tree::leaf_hash(&entry)).unwrap();
                let (_, new) = pending.into_new();
                hashes.extend(new);
            }
            let found = tree::root(&hashes, entries.len() as u64).map_err(message)?;
            same("root", found, root(case, "root_hex"))
        }
        _ => {
            let proof: Vec<[u8; 32]> = case["proof"]
                .as_array()
                .unwrap()
                .iter()
                .map(|h| {
                    let bytes = BASE64.decode(h.as_str().unwrap().as_bytes()).unwrap();
                    bytes.try_into().unwrap()
                })
                .collect();
            let size = |name: &str| case[name].as_u64().unwrap();
            tree::check(
                &proof,
                (size("new_size"), root(case, "new_root_hex")),
                (size("old_size"), root(case, "old_root_hex")),
            )
            .map_err(message)
        }
    }
}

/// The chain of a list of envelopes that are all taken.
fn chain(case: &Value, name: &str) -> Chain {
    let envelopes = case[name].as_array().unwrap();
    let bytes = |v: &Value| v.as_str().unwrap().as_bytes().to_vec();
    let mut chain = Chain::begin(&bytes(&envelopes[0])).unwrap();
    for next in &envelopes[1..] {
        assert!(matches!(chain.add(&bytes(next)), Ok(Added::New(_))));
    }
    chain
}

fn one_charter(case: &Value) -> Result<(), String> {
    let next = bytes(case, "amendment");
    if case["before"].as_array().unwrap().is_empty() {
        let chain = Chain::begin(&next).map_err(message)?;
        return same(
            "commons",
            chain.commons().to_string().as_str(),
            text(case, "commons"),
        );
    }
    let mut chain = chain(case, "before");
    let added = chain.add(&next).map_err(message)?;
    let found = match added {
        Added::New(_) => "new",
        Added::Known => "known",
        Added::Fork(_) => "fork",
    };
    same("verdict", found, text(case, "verdict"))
}

fn one_succession(case: &Value) -> Result<(), String> {
    let chain = chain(case, "charters");
    let mut all = Successions::default();
    for before in case["before"].as_array().unwrap() {
        all.add(&chain, before.as_str().unwrap().as_bytes())
            .unwrap();
    }
    let added = all
        .add(&chain, &bytes(case, "succession"))
        .map_err(message)?;
    let found = match added {
        succession::Added::New => "new",
        succession::Added::Known => "known",
        succession::Added::Fork => "fork",
    };
    same("verdict", found, text(case, "verdict"))
}

/// The logs of a case, whole.
struct Logs(std::collections::BTreeMap<Handle, Vec<[u8; 32]>>);

impl Roots for Logs {
    fn root(&self, log: &Handle, size: u64) -> Option<TreeRoot> {
        tree::root(self.0.get(log)?, size).ok()
    }
}

fn one_catalogue(case: &Value) -> Result<(), String> {
    let chain = chain(case, "charters");
    let entries: Vec<(Handle, Vec<Vec<u8>>)> = case["logs"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(h, list)| {
            let list = list.as_array().unwrap().iter();
            let list = list.map(|e| BASE64.decode(e.as_str().unwrap().as_bytes()).unwrap());
            (Handle::new(h).unwrap(), list.collect())
        })
        .collect();
    let mut logs = Logs(Default::default());
    for (handle, list) in &entries {
        let hashes = logs.0.entry(handle.clone()).or_default();
        for (n, entry) in list.iter().enumerate() {
            let mut pending = tree::Pending::on(&*hashes, n as u64);
            tree::append(&mut pending, n as u64, tree::leaf_hash(entry)).unwrap();
            let (_, new) = pending.into_new();
            hashes.extend(new);
        }
    }
    let mut catalogue = Catalogue::new(&chain);
    for list in case["lists"].as_array().unwrap() {
        let bytes = list.as_str().unwrap().as_bytes();
        catalogue.put_list(crate::list::hash(bytes), bytes, &logs);
    }
    for (handle, list) in &entries {
        for (n, entry) in list.iter().enumerate() {
            catalogue.append(handle, n as u64, entry, &logs);
        }
        let size = list.len() as u64;
        let epoch = case["epochs"][handle.as_str()].as_u64().unwrap();
        catalogue.set_tip(handle, epoch, size, logs.root(handle, size).unwrap());
    }
    let rows: Vec<String> = catalogue
        .rows()
        .iter()
        .map(|r| String::from_utf8(r.to_bytes()).unwrap())
        .collect();
    let expected: Vec<String> = case["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r.as_str().unwrap().to_owned())
        .collect();
    same("rows", rows, expected)?;
    same("sum", base32(&catalogue.sum()).as_str(), text(case, "sum"))?;
    same(
        "text",
        catalogue.root_text().as_str(),
        text(case, "root_text"),
    )?;
    same(
        "root",
        catalogue.root().to_string().as_str(),
        text(case, "root"),
    )
}
