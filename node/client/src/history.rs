//! The history of a repository's refs, and the check of it that believes no node.

use std::collections::{BTreeMap, BTreeSet};

use commun_specs::{
    history::{self, Replay, Told},
    id::{CommonsId, StatementId, from_base32},
    name::Handle,
    note::MAX_NOTE,
    statement::Body,
};
use data_encoding::BASE64;
use serde::Deserialize;

use crate::{client::Client, error::Error, item::ItemRef};

/// Pushes of one answer.
const PART: usize = 200;
/// Most answers that are read: two million pushes.
const MAX_PARTS: usize = 10_000;
/// Most bytes of a list of refs that are read: they are names and object ids.
const MAX_REFS_BYTES: u64 = 16 << 20;

/// What cannot be believed, or not be had.
#[derive(Debug, thiserror::Error)]
pub enum NoProof {
    /// The node does not answer as it should.
    #[error(transparent)]
    Node(#[from] Error),
    /// What it handed out does not hold.
    #[error(transparent)]
    Fault(#[from] history::Fault),
    /// What it handed out cannot be read.
    #[error("{0}")]
    Form(String),
}

/// `GET …/{item}/history`, the part of it that is needed for a check: what the node says besides is not believed.
#[derive(Debug, Deserialize)]
struct Answer {
    total: usize,
    pushes: Vec<Push>,
    charters: Vec<String>,
    successions: Vec<Of>,
}

#[derive(Debug, Deserialize)]
struct Of {
    institution: Handle,
    envelopes: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Push {
    statement: StatementId,
    salt: Option<String>,
    body: Option<String>,
    list: Option<String>,
    person: Option<StatementId>,
    person_name: Option<String>,
}

/// A repository's history, checked.
#[derive(Debug)]
pub struct Proven {
    /// The repository.
    pub item: StatementId,
    /// The logs that were read whole, with how many entries each has.
    pub logs: BTreeMap<Handle, u64>,
    /// Institutions that may push, or might once, and whose logs the node does not hand out: they may have none yet, and
    /// what they pushed is not told here.
    pub missing: BTreeSet<Handle>,
    /// The pushes, oldest first.
    pub history: Vec<Told>,
    /// Who cosigned a checkpoint that covers the push.
    pub witnesses: BTreeMap<StatementId, Vec<Handle>>,
    /// What the node calls the people, by their id: names are not proven.
    pub names: BTreeMap<StatementId, String>,
    /// What the logs add up to: the oid of each ref, by full name.
    pub refs: BTreeMap<String, String>,
}

impl Client {
    /// Fetches everything that bears on the history of a repository, and checks it here: the charter, the writers, every
    /// entry of the logs of all institutions that may push, the lists and the certificates. `commons` is the id that
    /// the reader knows; without one, the node's word is taken for it. `progress` is told of each log.
    ///
    /// # Errors
    /// The first thing that does not hold.
    pub fn prove(
        &self,
        item: &ItemRef,
        only: Option<&str>,
        commons: Option<CommonsId>,
        progress: impl Fn(&Handle, u64),
    ) -> Result<Proven, NoProof> {
        let found = self.item(&self.resolve(item)?)?;
        let form = |what: &str| NoProof::Form(what.to_owned());
        let id: StatementId = found
            .id
            .parse()
            .map_err(|_| form("the item has no valid id"))?;
        let commons = match commons {
            Some(commons) => commons,
            None => {
                let said = self.status()?.commons.id.clone();
                said.parse()
                    .map_err(|_| form("the node names no commons"))?
            }
        };
        let first = self.history_part(&id, 0, 0)?;
        // Memory grows with this repository, and else by some bytes for each entry.
        let mut replay = Replay::begin(&commons, &decoded(&first.charters)?)?.about(id);
        for of in &first.successions {
            replay.succeed(&of.institution, &decoded(&of.envelopes)?)?;
        }
        // Where the item is said to be; whether it is, the log says. What follows names every other log.
        let handle = found
            .name
            .split_once('/')
            .and_then(|(handle, _)| Handle::new(handle).ok())
            .ok_or_else(|| form("the item has no valid name"))?;
        let mut logs = BTreeMap::new();
        // Where it was made, if it was handed on since: the node names the logs to look at, what they say is checked.
        let said = self.statements(&ItemRef::Id(id))?;
        let hints = said.iter().filter_map(|s| Handle::new(&s.institution).ok());
        let hints: BTreeSet<Handle> = hints.collect();
        let mut missing = BTreeSet::new();
        let mut next = Some(handle.clone());
        while let Some(one) = next {
            if !self.read_log(&mut replay, &one, &mut logs, &progress)? {
                missing.insert(one);
            }
            let mut wanted = replay.wanted(&id).into_iter().chain(hints.iter().cloned());
            next = wanted.find(|handle| !missing.contains(handle) && !logs.contains_key(handle));
        }
        if replay.item(&id).is_none() {
            return Err(NoProof::Form(format!(
                "no log of {handle} creates this item: {id}"
            )));
        }
        let mut names = BTreeMap::new();
        // After the logs, so that what came meanwhile is too much and not too little.
        self.each_push(&id, |push| {
            if let (Some(person), Some(name)) = (push.person, push.person_name) {
                names.insert(person, name);
            }
            if let Some(list) = &push.list {
                replay.list(&base64(list)?);
            }
            if let (Some(salt), Some(body)) = (&push.salt, &push.body) {
                let salt = from_base32(salt).and_then(|s| s.try_into().ok());
                let body = Body {
                    salt: salt.ok_or_else(|| form("a salt is not 32 bytes"))?,
                    bytes: base64(body)?,
                };
                match replay.body(&push.statement, body) {
                    Err(history::Fault::NoStatement(_)) => {}
                    other => other?,
                }
            }
            Ok(())
        })?;
        if let Some(list) = replay.lists_wanted(&id).first() {
            return Err(NoProof::Form(format!(
                "the node hands out no list of changes: {list}"
            )));
        }
        let item = replay.item(&id);
        let refs = item.iter().flat_map(|item| item.served());
        let refs = refs
            .filter(|(name, _)| only.is_none_or(|only| only == *name))
            .map(|(name, oid)| (name.to_owned(), oid.to_owned()))
            .collect();
        let history = replay.history(&id, only);
        let witnesses = history
            .iter()
            .map(|told| {
                (
                    told.step.id,
                    replay
                        .witnesses(&told.step.log, told.step.position)
                        .to_vec(),
                )
            })
            .collect();
        Ok(Proven {
            item: id,
            history,
            logs,
            missing,
            names,
            witnesses,
            refs,
        })
    }

    fn history_part(
        &self,
        item: &StatementId,
        offset: usize,
        limit: usize,
    ) -> Result<Answer, NoProof> {
        let mut url = self.item_url(&ItemRef::Id(*item), &["history"]);
        url.query_pairs_mut()
            .append_pair("limit", &limit.to_string())
            .append_pair("offset", &offset.to_string());
        Ok(self.get::<Answer>(&url, false)?.value)
    }

    /// All pushes that the node tells of, one part after the other: only one is held.
    fn each_push(
        &self,
        item: &StatementId,
        mut take: impl FnMut(Push) -> Result<(), NoProof>,
    ) -> Result<(), NoProof> {
        let mut taken = 0;
        for _ in 0..MAX_PARTS {
            let part = self.history_part(item, taken, PART)?;
            let ends = part.pushes.is_empty();
            taken += part.pushes.len();
            for push in part.pushes {
                take(push)?;
            }
            if ends || taken >= part.total {
                break;
            }
        }
        Ok(())
    }

    /// Reads a log whole and checks it; false if the node has none of it.
    fn read_log(
        &self,
        replay: &mut Replay,
        handle: &Handle,
        logs: &mut BTreeMap<Handle, u64>,
        progress: &impl Fn(&Handle, u64),
    ) -> Result<bool, NoProof> {
        if !replay.has_writer(handle) {
            return Ok(false);
        }
        let note = match self.log(handle.as_str(), "checkpoint", MAX_NOTE as u64) {
            Err(error) if error.status() == Some(404) => return Ok(false),
            other => other?,
        };
        let size = replay.open(handle, &note)?;
        progress(handle, size);
        for index in 0..size.div_ceil(crate::log::TILE) {
            let entries = self.log_entries(handle.as_str(), index, size)?;
            let entries = entries.ok_or_else(|| {
                NoProof::Form(format!(
                    "a tile of entries is cut short: tile {index} of {handle}"
                ))
            })?;
            for entry in entries {
                replay.entry(handle, &entry)?;
            }
        }
        replay.close(handle)?;
        match self.log(handle.as_str(), "witnessed", MAX_NOTE as u64) {
            Ok(note) => replay.witnessed(handle, &note)?,
            Err(error) if error.status() == Some(404) => {}
            Err(error) => return Err(error.into()),
        }
        logs.insert(handle.clone(), size);
        Ok(true)
    }

    /// The refs that the node's Git serves, by full name, as a clone would see them. `None` where it does not hold the
    /// repository yet.
    pub fn git_refs(&self, name: &str) -> Result<Option<BTreeMap<String, String>>, Error> {
        let mut url = self.base().clone();
        let path = format!("{}{name}.git/info/refs", url.path());
        url.set_path(&path);
        url.set_query(Some("service=git-upload-pack"));
        let bytes = match self.bytes_of(&url, MAX_REFS_BYTES) {
            Err(error) if error.status() == Some(503) => return Ok(None),
            other => other?,
        };
        read_refs(&bytes).map(Some).ok_or_else(|| Error::Answer {
            url: url.to_string(),
            what: "it is not Git's list of refs".into(),
        })
    }
}

fn base64(text: &str) -> Result<Vec<u8>, NoProof> {
    let read = BASE64.decode(text.as_bytes());
    read.map_err(|_| NoProof::Form("the node's answer is not base64".to_owned()))
}

fn decoded(all: &[String]) -> Result<Vec<Vec<u8>>, NoProof> {
    all.iter().map(|text| base64(text)).collect()
}

/// Git's advertisement, protocol 0 (gitprotocol-http): packet lines, the service, a flush, `oid ref` each.
fn read_refs(mut bytes: &[u8]) -> Option<BTreeMap<String, String>> {
    let mut refs = BTreeMap::new();
    while let Some((digits, rest)) = bytes.split_at_checked(4) {
        let length = usize::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
        if length == 0 {
            bytes = rest;
            continue;
        }
        let (line, after) = rest.split_at_checked(length.checked_sub(4)?)?;
        bytes = after;
        let line = line.split(|b| *b == 0).next()?;
        let line = std::str::from_utf8(line).ok()?.trim_end();
        if let Some((oid, name)) = line.split_once(' ')
            && name.starts_with("refs/")
            && !name.ends_with("^{}")
        {
            refs.insert(name.to_owned(), oid.to_owned());
        }
    }
    bytes.is_empty().then_some(refs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_refs_that_git_serves_are_read() {
        let line = |text: &str| format!("{:04x}{text}", text.len() + 4);
        let (a, b) = ("1".repeat(40), "2".repeat(40));
        let text = [
            line("# service=git-upload-pack\n"),
            "0000".to_owned(),
            line(&format!(
                "{a} HEAD\0multi_ack symref=HEAD:refs/heads/main\n"
            )),
            line(&format!("{a} refs/heads/main\n")),
            line(&format!("{b} refs/tags/v1\n")),
            line(&format!("{a} refs/tags/v1^{{}}\n")),
            "0000".to_owned(),
        ]
        .concat();
        let refs = read_refs(text.as_bytes()).unwrap();
        assert_eq!(refs.len(), 2);
        assert_eq!(refs["refs/tags/v1"], b);
        for bad in ["00", "0003", "zzzz", "0010abc", "00zz"] {
            assert_eq!(read_refs(bad.as_bytes()), None, "{bad}");
        }
    }
}
