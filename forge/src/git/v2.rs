//! Protocol version 2 without a process: what a node can do, what refs it has, and what is cached.
//!
//! Most requests ask only what refs there are; a process for each costs more than the answer. Here they are read in
//! place and answered as Git would. Whatever is unusual (SHA-256, many refs, symbolic ones) is left to Git.

use std::time::Duration;

use super::cache::{Key, Question, Reader};
use super::check::to_library;
use super::command::Error;
use super::places::Work;
use super::service::{Service, ServiceError};
use super::{ObjectFormat, Oid, Repository, pktline};

/// The longest request that is looked at, bytes: a clone's has a line of 50 for each ref that it wants.
pub const MAX_LOOK: usize = 256 << 10;

/// The most refs that are listed here. Git does more in less memory.
const MAX_REFS: usize = 5_000;

/// The most prefixes that are compared with each ref; Git's own clients send about ten.
const MAX_PREFIXES: usize = 100;

/// Packs below this are made anew each time, bytes: it costs less than a file.
const MIN_CACHED: u64 = 1 << 20;

/// The refs of a repository at one moment, in Git's order.
#[derive(Debug, Clone, Default)]
pub(super) struct Snapshot {
    /// What `HEAD` names.
    head: String,
    refs: Vec<Listed>,
}

#[derive(Debug, Clone)]
struct Listed {
    name: String,
    oid: String,
    /// What a tag object is about, if this is one.
    peeled: Option<String>,
}

/// The answer to a request.
#[derive(Debug)]
pub enum Answered {
    /// It is here.
    Whole(Vec<u8>),
    /// It is read from a file that was made once.
    Cached(Reader),
    /// Git makes it, from the same request.
    Process(Box<Service>),
}

/// What a request asks for.
#[derive(Debug, PartialEq, Eq)]
enum Asked<'a> {
    Refs(Vec<&'a [u8]>),
    /// A clone: its lines without those that name the program that asks.
    Clone(Vec<&'a [u8]>),
    /// Anything else.
    Other,
}

impl Repository {
    /// Answers one request of protocol version 2 that is here whole (at most [`MAX_LOOK`] bytes).
    pub async fn answer(&self, request: &[u8]) -> Result<Answered, ServiceError> {
        let process = async || -> Result<Answered, ServiceError> {
            let service = self.upload_pack(Some("version=2")).await?;
            Ok(Answered::Process(Box::new(service)))
        };
        match read(request) {
            Asked::Refs(arguments) => match self.snapshot().await? {
                Some(snapshot) => Ok(Answered::Whole(snapshot.list(&arguments))),
                None => process().await,
            },
            Asked::Clone(lines) => match self.cached(request, &lines).await? {
                Some(reader) => Ok(Answered::Cached(reader)),
                None => process().await,
            },
            Asked::Other => process().await,
        }
    }

    /// Whether any ref is there that is served.
    pub async fn has_refs(&self) -> Result<bool, Error> {
        match self.snapshot().await? {
            Some(snapshot) => Ok(!snapshot.refs.is_empty()),
            None => Ok(!self.refs().await?.is_empty()),
        }
    }

    async fn cached(
        &self,
        request: &[u8],
        lines: &[&[u8]],
    ) -> Result<Option<Reader>, ServiceError> {
        let (Some(cache), estimate) = (&self.cache, self.packed_bytes()) else {
            return Ok(None);
        };
        if estimate < MIN_CACHED {
            return Ok(None);
        }
        let Some(snapshot) = self.snapshot().await? else {
            return Ok(None);
        };
        let name = self.path.to_string_lossy();
        let mut parts: Vec<&[u8]> = vec![b"upload-pack", name.as_bytes(), snapshot.head.as_bytes()];
        // Tags that come along depend on what refs there are.
        for listed in &snapshot.refs {
            parts.extend([listed.name.as_bytes(), listed.oid.as_bytes()]);
        }
        parts.push(b"");
        parts.extend(lines);
        let question = Question {
            key: Key::of(&parts),
            estimate,
            linger: Duration::ZERO,
            work: Work::Filling,
        };
        let make = |file, most, place| self.upload_pack_into(file, most, request.to_vec(), place);
        cache.ask(question, self.git.places(), make).await
    }

    /// What the packs take on the disk: about what a clone is sent.
    pub fn packed_bytes(&self) -> u64 {
        let Ok(files) = std::fs::read_dir(self.path.join("objects/pack")) else {
            return 0;
        };
        let sizes = files.filter_map(Result::ok).filter_map(|file| {
            let name = file.file_name();
            let pack = name.to_string_lossy().ends_with(".pack");
            pack.then(|| file.metadata().map_or(0, |file| file.len()))
        });
        sizes.sum()
    }

    /// Reads the refs; `None` where Git must be asked.
    pub(super) async fn snapshot(&self) -> Result<Option<Snapshot>, Error> {
        if self.format() != ObjectFormat::Sha1 {
            return Ok(None);
        }
        let repository = self.clone();
        tokio::task::spawn_blocking(move || repository.read_snapshot())
            .await
            .map_err(|error| Error::io("read the refs")(error.into()))
    }

    /// Errors of the library are Git's to explain.
    fn read_snapshot(&self) -> Option<Snapshot> {
        let library = self.libgit().ok()?;
        let head = library.find_reference("HEAD").ok()?;
        let mut snapshot = Snapshot {
            head: head.symbolic_target().ok()??.to_owned(),
            refs: Vec::new(),
        };
        let odb = library.odb().ok()?;
        for found in library.references().ok()? {
            let found = found.ok()?;
            let name = found.name().ok()?.to_owned();
            let oid = found.target()?;
            if super::command::hidden(&name) {
                continue;
            }
            if snapshot.refs.len() == MAX_REFS {
                return None;
            }
            // A ref whose object is not here is not served.
            let Ok((_, kind)) = odb.read_header(oid) else {
                continue;
            };
            let peeled = if kind == git2::ObjectType::Tag {
                let tag = library.find_object(oid, None).ok()?;
                Some(tag.peel(git2::ObjectType::Any).ok()?.id().to_string())
            } else {
                None
            };
            let oid = oid.to_string();
            snapshot.refs.push(Listed { name, oid, peeled });
        }
        snapshot.refs.sort_by(|a, b| a.name.cmp(&b.name));
        Some(snapshot)
    }

    /// Which of these objects are here, by libgit2.
    pub(super) fn holds_in_library(&self, oids: &[Oid]) -> Option<Vec<bool>> {
        let library = self.libgit().ok()?;
        let odb = library.odb().ok()?;
        oids.iter()
            .map(|oid| to_library(oid).ok().map(|oid| odb.exists(oid)))
            .collect()
    }
}

impl Snapshot {
    /// The answer to `ls-refs` with these arguments.
    fn list(&self, arguments: &[&[u8]]) -> Vec<u8> {
        let has = |word: &[u8]| arguments.contains(&word);
        let mut prefixes: Vec<&[u8]> = arguments
            .iter()
            .filter_map(|argument| argument.strip_prefix(b"ref-prefix "))
            .collect();
        if prefixes.len() > MAX_PREFIXES {
            // More than is asked for may always be listed.
            prefixes.clear();
        }
        let wanted = |name: &str| {
            prefixes.is_empty()
                || prefixes
                    .iter()
                    .any(|prefix| name.as_bytes().starts_with(prefix))
        };
        let mut out = Vec::new();
        let at_head = self.refs.iter().find(|listed| listed.name == self.head);
        if wanted("HEAD") {
            let target = match has(b"symrefs") {
                true => format!(" symref-target:{}", self.head),
                false => String::new(),
            };
            match at_head {
                Some(listed) => line(&mut out, &format!("{} HEAD{target}\n", listed.oid)),
                None if has(b"unborn") => line(&mut out, &format!("unborn HEAD{target}\n")),
                None => {}
            }
        }
        for listed in self.refs.iter().filter(|listed| wanted(&listed.name)) {
            let peeled = match &listed.peeled {
                Some(oid) if has(b"peel") => format!(" peeled:{oid}"),
                _ => String::new(),
            };
            line(
                &mut out,
                &format!("{} {}{peeled}\n", listed.oid, listed.name),
            );
        }
        pktline::flush(&mut out);
        out
    }
}

fn line(out: &mut Vec<u8>, text: &str) {
    pktline::write(out, text.as_bytes());
}

/// Understands a request as far as it can be answered here.
fn read(request: &[u8]) -> Asked<'_> {
    let Some((command, capabilities, arguments)) = lines(request) else {
        return Asked::Other;
    };
    // What the answer is written in is not ours to choose.
    let plain = |capability: &&[u8]| {
        capability.starts_with(b"agent=")
            || capability.starts_with(b"session-id=")
            || *capability == b"object-format=sha1"
    };
    if !capabilities.iter().all(plain) {
        return Asked::Other;
    }
    match command {
        b"command=ls-refs" => {
            let known = |argument: &&[u8]| {
                [&b"peel"[..], b"symrefs", b"unborn"].contains(argument)
                    || argument.starts_with(b"ref-prefix ")
            };
            match arguments.iter().all(known) {
                true => Asked::Refs(arguments),
                false => Asked::Other,
            }
        }
        // What the asker has decides about the answer, and hardly two have the same.
        b"command=fetch" => {
            let clone = arguments.contains(&&b"done"[..])
                && !arguments
                    .iter()
                    .any(|argument| argument.starts_with(b"have "));
            match clone {
                true => Asked::Clone(arguments),
                false => Asked::Other,
            }
        }
        _ => Asked::Other,
    }
}

type Lines<'a> = (&'a [u8], Vec<&'a [u8]>, Vec<&'a [u8]>);

/// Command, capabilities and arguments of a request that is whole and nothing else.
fn lines(mut bytes: &[u8]) -> Option<Lines<'_>> {
    let (mut before, mut after) = (Vec::new(), Vec::new());
    let mut delimited = false;
    loop {
        if let Some(rest) = bytes.strip_prefix(b"0001") {
            if delimited {
                return None;
            }
            (delimited, bytes) = (true, rest);
            continue;
        }
        let (packet, length) = pktline::split(bytes).ok()??;
        bytes = &bytes[length..];
        match packet {
            pktline::Packet::Flush => break,
            pktline::Packet::Data(text) => {
                let text = text.strip_suffix(b"\n").unwrap_or(text);
                if delimited { &mut after } else { &mut before }.push(text);
            }
        }
    }
    if !bytes.is_empty() || before.is_empty() {
        return None;
    }
    let command = before.remove(0);
    Some((command, before, after))
}

#[cfg(test)]
mod tests;
