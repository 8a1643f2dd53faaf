//! A push's way in: what we look at before and while Git takes it.
//!
//! The request is read up to its pack before Git is started: who names refs that no rule allows, or sends
//! a certificate that nobody would verify, is refused before an object is stored. The pack then streams
//! through the [`Scanner`] into `receive-pack`, which checks and stores it in quarantine and calls our
//! hook once. What the hook decides reaches the client as Git's own report.

mod certificate;

pub use certificate::{Judge, offer_certificates};

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::command::{Error, Role, clean};
use super::pack::{PackError, Scanner};
use super::pktline::{self, Malformed, Packet};
use super::places::Work;
use super::proc_receive::{Command, reason};
use super::running::{End, Running, tail};
use super::service::{self, CHUNK, ServiceError, ServiceKind, drain, read_some, within, write_out};
use super::{Fault, HookEnv, ObjectFormat, Oid, RefName, Repository, check_proposal};

/// The most that the commands of a push take, bytes: 500 refs of 300 bytes and room; and a certificate that is larger
/// than the 256 KiB allowed shall be told so.
const MAX_HEAD: usize = 384 << 10;

/// How much of a pack is scanned between two moments when other tasks may run, bytes; at the worst ratio
/// of deflate (1:1032) that is 8 MiB of output.
const SCAN: usize = 8 << 10;

/// A push to one repository, before its request is read.
pub struct Push<'a> {
    repository: &'a Repository,
    hook: &'a HookEnv,
    /// Why branches and tags are not taken, if they are not.
    proposals_only: Option<String>,
    judge: Option<&'a Judge<'a>>,
    /// Says faults to the pusher.
    say: Box<dyn Fn(&Fault) -> String + Send + Sync + 'a>,
    /// What a client that is spoken to first signs, so that its certificate serves once.
    nonce: Option<String>,
    /// What the client set `GIT_PROTOCOL` to, where it stays connected and is spoken to first.
    stream: Option<Option<&'a str>>,
    /// How long the client may be silent while it owes its pack, where that is not as long as otherwise.
    pack_stall: Option<Duration>,
}

/// How a push ended, once its answer was written.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Git took it and reported; whether refs moved is what the hook decided.
    Done,
    /// Refused by us; the client was told this and nothing was stored.
    Refused(String),
    /// The request named no ref; clients send one to try their password.
    Empty,
}

/// Why a push was not answered, or not to its end.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// The request is not one of Git's; nothing was written as answer.
    #[error("malformed push: {0}")]
    Malformed(&'static str),
    /// The conversation broke, stalled, or went over a limit; the process was ended.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl From<Malformed> for PushError {
    fn from(_: Malformed) -> Self {
        Self::Malformed("packet line")
    }
}

impl From<Error> for PushError {
    fn from(error: Error) -> Self {
        Self::Service(error.into())
    }
}

impl Repository {
    /// Prepares to answer one `POST …/git-receive-pack`. The caller has checked who pushes.
    pub fn receive_pack<'a>(&'a self, hook: &'a HookEnv) -> Push<'a> {
        Push {
            repository: self,
            hook,
            proposals_only: None,
            judge: None,
            say: Box::new(Fault::to_string),
            nonce: None,
            stream: None,
            pack_stall: None,
        }
    }
}

impl<'a> Push<'a> {
    /// For a client that stays connected and is spoken to first (SSH): the refs are written before its request is
    /// read, and where no pack follows the commands, the request ends there.
    pub fn over_stream(self, protocol: Option<&'a str>) -> Self {
        Self {
            stream: Some(protocol),
            ..self
        }
    }
}

impl<'a> Push<'a> {
    /// Takes signed pushes (`git push --signed`): `judge` decides about each certificate before anything is stored.
    /// Without this they are refused; unsigned ones are taken in any case.
    pub fn certified(mut self, judge: &'a Judge<'a>) -> Self {
        self.judge = Some(judge);
        self
    }

    /// Says what is wrong with a push in these words; without this, in English.
    pub fn saying(mut self, say: impl Fn(&Fault) -> String + Send + Sync + 'a) -> Self {
        self.say = Box::new(say);
        self
    }

    /// Offers signing to a client that is spoken to first, with the nonce that it shall sign. Over HTTP the offer is
    /// another request's answer: [`offer_certificates`].
    pub fn offering(mut self, nonce: String) -> Self {
        self.nonce = Some(nonce);
        self
    }
}

impl Push<'_> {
    /// Takes nothing but what is pushed to `refs/for/…`, where there is a reason; it is told beside each other ref,
    /// before an object is stored.
    pub fn proposals_only(mut self, why: Option<String>) -> Self {
        self.proposals_only = why;
        self
    }

    /// Bounds each wait for the pack, once the commands are here and a process waits for it; without this, `stall` of
    /// [`Self::run`] does.
    pub fn pack_within(mut self, stall: Duration) -> Self {
        self.pack_stall = Some(stall);
        self
    }

    /// Reads the request from `input` and writes the whole answer to `output`.
    ///
    /// Memory: two chunks and at most 256 KiB of commands, whatever the pack's size. `stall` bounds each
    /// wait for the other side. On every error, and when the future is dropped, the process is ended and
    /// what it had stored in quarantine is removed.
    pub async fn run(
        self,
        input: impl AsyncRead,
        output: impl AsyncWrite,
        stall: Duration,
    ) -> Result<Outcome, PushError> {
        let max = self.repository.git.limits().max_push;
        // One byte more than allowed tells a request that is too large from one that ends.
        let input = input.take(max.saturating_add(1));
        tokio::pin!(input, output);
        if let Some(protocol) = self.stream {
            let refs = self
                .repository
                .advertise(ServiceKind::ReceivePack, protocol)
                .await?;
            let refs = match &self.nonce {
                Some(nonce) => offer_certificates(refs, nonce),
                None => refs,
            };
            write_out(&mut output, &refs, stall).await?;
        }
        let (mut head, mut bytes, mut length) =
            Head::read(&mut input, stall, self.repository).await?;
        if let Some(certificate) = head.certificate.take().filter(|_| head.objection.is_none()) {
            match certificate.judged(self.repository, self.judge, &mut head.commands) {
                Ok(()) => {
                    (bytes, length) = head.for_git(&bytes[length..], self.repository.format());
                }
                Err(why) => head.objection = Some(why.into()),
            }
        }
        // They were not offered, and would be read as a pack. Who only names the capability sends the pack at once.
        if head.has("push-options") && head.objection.is_none() && head.sends_pack() {
            const PACK: &[u8] = b"PACK";
            let mut buffer = [0; PACK.len()];
            while bytes.len() < length + PACK.len() {
                match read_some(&mut input, &mut buffer, stall).await? {
                    0 => break,
                    count => bytes.extend_from_slice(&buffer[..count]),
                }
            }
            if !bytes[length..].starts_with(PACK) {
                head.objection = Some(self.told(Fault::Options).into());
            }
        }
        if head.commands.is_empty() && head.objection.is_none() {
            write_out(&mut output, &[], stall).await?;
            return Ok(Outcome::Empty);
        }
        // Who stays connected and sends no pack waits for the answer and closes after it: there is no end to read.
        let untold = head.objection.is_some() && head.commands.is_empty();
        let more = self.stream.is_none() || head.sends_pack() || untold;
        let mut input = input.take(if more { u64::MAX } else { 0 });
        let objection = match &head.objection {
            Some(why) => Some((why.clone().into_owned(), BTreeMap::new())),
            None => self.object_to(&head.commands).await?,
        };
        if let Some((why, by_ref)) = objection {
            let report = head.report("ok", &why, &by_ref);
            // The client sends its pack before it listens.
            skim(&mut input, stall).await?;
            write_out(&mut output, &report, stall).await?;
            write_out(&mut output, &[], stall).await?;
            return Ok(Outcome::Refused(why));
        }
        self.hand_over(&head, &bytes, length, input, output, stall)
            .await
    }

    fn told(&self, fault: impl Into<Fault>) -> String {
        (self.say)(&fault.into())
    }

    /// What is wrong with the commands themselves: a summary, and a reason for each ref that has one.
    async fn object_to(
        &self,
        commands: &[Command],
    ) -> Result<Option<(String, BTreeMap<String, String>)>, Error> {
        let limit = self.repository.git.limits().max_refs_per_push;
        if commands.len() > limit {
            let count = commands.len();
            let why = self.told(Fault::TooManyRefs { count, limit });
            return Ok(Some((why, BTreeMap::new())));
        }
        let present = self.repository.refs().await?;
        let mut wrong = BTreeMap::new();
        let mut named: BTreeMap<RefName, bool> =
            present.keys().map(|name| (name.clone(), true)).collect();
        let mut seen = BTreeMap::new();
        let mut proposals = BTreeSet::new();
        for command in commands {
            let mut refuse = |why: String| wrong.insert(command.name.clone(), why);
            match check_proposal(&command.name) {
                // No ref stands there: what it becomes is the hook's to decide.
                Ok(true) if proposals.insert(command.name.clone()) => continue,
                Ok(true) => {
                    refuse(self.told(Fault::Twice));
                    continue;
                }
                Ok(false) => {}
                Err(error) => {
                    refuse(self.told(error));
                    continue;
                }
            }
            if let Some(why) = &self.proposals_only {
                refuse(why.clone());
                continue;
            }
            let name = match RefName::parse(&command.name) {
                Ok(name) => name,
                Err(error) => {
                    refuse(self.told(error));
                    continue;
                }
            };
            if seen.insert(name.clone(), ()).is_some() {
                refuse(self.told(Fault::Twice));
            } else if command.old.is_none() && command.new.is_none() {
                refuse(self.told(Fault::NothingToDelete));
            } else if present.get(&name) != command.old.as_ref() {
                refuse(self.told(Fault::Changed));
            }
            named.insert(name, command.new.is_some());
        }
        let standing = |name: &RefName| named.get(name) == Some(&true);
        for name in seen.keys().filter(|name| standing(name)) {
            if let Some(other) = conflict(name, &named) {
                let why = self.told(Fault::Beside(other.clone()));
                wrong.entry(name.to_string()).or_insert(why);
            }
        }
        // What is said of refs that have no fault of their own; where all have one, each line says enough.
        let others = commands.iter().any(|c| !wrong.contains_key(&c.name));
        let said = others.then(|| self.told(Fault::Another));
        Ok((!wrong.is_empty()).then(|| (said.unwrap_or_default(), wrong)))
    }

    async fn hand_over(
        &self,
        head: &Head,
        bytes: &[u8],
        length: usize,
        mut input: impl AsyncRead + Unpin,
        mut output: impl AsyncWrite + Unpin,
        stall: Duration,
    ) -> Result<Outcome, PushError> {
        let repository = self.repository;
        let limits = repository.git.limits();
        let hooks = self.hook.hooks.to_string_lossy();
        let config = [("core.hooksPath", &*hooks)];
        let mut command = repository
            .git
            .command(Role::Ingest, &repository.path, &config, None);
        command.envs(self.hook.vars.iter().map(|(name, value)| (name, value)));
        command
            .args(["receive-pack", "--stateless-rpc"])
            .arg(&repository.path);
        command.stdin(std::process::Stdio::piped());
        let place = repository.git.places().take(Work::Taking).await?;
        let mut running = Running::spawn(&mut command, End::ByItself)?.keeping(place);
        let owed = self.pack_stall.unwrap_or(stall);
        let child = running.child();
        let mut stdin = child.stdin.take().expect("piped when started");
        let said = tokio::spawn(tail(child.stderr.take()));
        // It stays with the child: a Git that nobody listens to dies without removing its quarantine.
        let stdout = child.stdout.as_mut().expect("piped when started");

        let mut scanner = head
            .sends_pack()
            .then(|| Scanner::new(limits, repository.format()));
        let moved = AtomicU64::new(0);
        let feed = async {
            // A process that stopped reading says why in its report; until then the client is let finish.
            let mut open = stdin.write_all(&bytes[..length]).await.is_ok();
            let mut buffer = vec![0; CHUNK];
            let mut total = bytes.len() as u64;
            let mut piece = &bytes[length..];
            loop {
                if let Some(scanner) = &mut scanner {
                    for part in piece.chunks(SCAN) {
                        scanner.feed(part).map_err(Stop::Pack)?;
                        tokio::task::yield_now().await;
                    }
                    if open && stdin.write_all(piece).await.is_err() {
                        open = false;
                    }
                }
                let count = read_some(&mut input, &mut buffer, owed).await?;
                total += count as u64;
                moved.fetch_add(count as u64, Ordering::Relaxed);
                if total > limits.max_push {
                    return Err(Stop::TooLarge);
                }
                if count == 0 {
                    break;
                }
                piece = &buffer[..count];
            }
            match &scanner {
                Some(scanner) if !scanner.done() => {
                    Err(Stop::Pack(PackError::Corrupt("it ends early")))
                }
                _ => Ok(stdin),
            }
        };
        // Git answers when all is there, so nothing is written to the client before the pack was judged.
        // The answer of a push is small; Git's progress on standard output waits in the pipe at most.
        let talk = async {
            let mut early = Vec::new();
            let fed = {
                tokio::pin!(feed);
                let mut buffer = vec![0; 4096];
                let mut ended = false;
                loop {
                    tokio::select! {
                        fed = &mut feed => break fed,
                        read = stdout.read(&mut buffer), if !ended => match read {
                            Ok(count @ 1..) if early.len() < MAX_EARLY => {
                                early.extend_from_slice(&buffer[..count]);
                            }
                            Ok(1..) => {}
                            Ok(0) | Err(_) => ended = true,
                        },
                    }
                }
            };
            match fed {
                Ok(stdin) => {
                    drop(stdin);
                    if !early.is_empty() {
                        write_out(&mut output, &early, stall).await?;
                    }
                    drain(stdout, &mut output, stall, &moved).await?;
                    Ok(())
                }
                Err(stop) => Err(stop),
            }
        };
        let result = within(limits.wall, &moved, talk).await;
        let stop = match result {
            Some(Ok(())) => {
                let status = running.wait().await.map_err(Error::io("wait for git"))?;
                if !status.success() {
                    let said = said.await.unwrap_or_default();
                    return Err(ServiceError::Failed(clean(&said)).into());
                }
                return Ok(Outcome::Done);
            }
            Some(Err(stop)) => stop,
            None => Stop::Service(Error::Limit("receive-pack".to_owned()).into()),
        };
        running.stop().await;
        let why = match stop {
            Stop::Service(error) => return Err(error.into()),
            Stop::Pack(error) => self.told(error),
            Stop::TooLarge => self.told(Fault::TooLarge {
                limit: limits.max_push,
            }),
        };
        let report = head.report(&why, &self.told(Fault::Whole), &BTreeMap::new());
        skim(&mut input, stall).await?;
        write_out(&mut output, &report, stall).await?;
        write_out(&mut output, &[], stall).await?;
        Ok(Outcome::Refused(why))
    }
}

/// What Git may say before it has read everything: keepalives and progress. More is dropped: it is talk.
const MAX_EARLY: usize = 64 << 10;

/// Why the feeding of a push stopped.
enum Stop {
    Service(ServiceError),
    Pack(PackError),
    TooLarge,
}

impl From<ServiceError> for Stop {
    fn from(error: ServiceError) -> Self {
        Self::Service(error)
    }
}

/// Another name that stands after the push and cannot stand beside this one.
fn conflict<'a>(name: &RefName, named: &'a BTreeMap<RefName, bool>) -> Option<&'a RefName> {
    named
        .iter()
        .find(|(other, stands)| **stands && name.conflicts_with(other))
        .map(|(other, _)| other)
}

/// Reads the rest of a request and forgets it: the client listens only when it has sent all.
async fn skim(input: &mut (impl AsyncRead + Unpin), stall: Duration) -> Result<(), ServiceError> {
    let mut buffer = vec![0; CHUNK];
    while service::read_some(input, &mut buffer, stall).await? > 0 {}
    Ok(())
}

/// Why a certificate and commands that nobody signed do not go together: Git would take both.
const BESIDE: &str =
    "a push is signed as a whole or not at all: there are commands beside the certificate";

/// Longest list of capabilities, in bytes: Git's own are a tenth of it, and with a command they fit a packet.
const MAX_CAPABILITIES: usize = 2 << 10;

/// The commands and capabilities at the start of a push.
#[derive(Debug, Default)]
struct Head {
    commands: Vec<Command>,
    capabilities: String,
    /// Where the pusher's history ends: lines for Git.
    shallow: Vec<Vec<u8>>,
    /// The certificate that stands for commands, and whether it is still coming.
    certificate: Option<certificate::Incoming>,
    in_certificate: bool,
    /// Why the whole push is refused, if its form alone says so.
    objection: Option<Cow<'static, str>>,
}

impl Head {
    /// Reads to the flush. Answers also all bytes read so far and how many of them are the head.
    async fn read(
        input: &mut (impl AsyncRead + Unpin),
        stall: Duration,
        repository: &Repository,
    ) -> Result<(Self, Vec<u8>, usize), PushError> {
        let mut head = Self::default();
        let mut bytes = Vec::new();
        let mut at = 0;
        let mut buffer = vec![0; 16 << 10];
        loop {
            while let Some((packet, length)) = pktline::split(&bytes[at..])? {
                at += length;
                match packet {
                    Packet::Flush => return Ok((head, bytes, at)),
                    Packet::Data(line) => head.line(line, repository)?,
                }
            }
            if bytes.len() > MAX_HEAD {
                return Err(PushError::Malformed("the commands are too long"));
            }
            let count = read_some(input, &mut buffer, stall).await?;
            if count == 0 {
                return Err(PushError::Malformed("it ends within the commands"));
            }
            bytes.extend_from_slice(&buffer[..count]);
        }
    }

    fn line(&mut self, line: &[u8], repository: &Repository) -> Result<(), PushError> {
        if self.in_certificate {
            let ended = self.certificate.get_or_insert_default().packet(line);
            self.in_certificate = !ended;
            return Ok(());
        }
        let (line, capabilities) = match line.iter().position(|b| *b == 0) {
            Some(zero) => (&line[..zero], Some(&line[zero + 1..])),
            None => (line, None),
        };
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        if let Some(capabilities) = capabilities
            && self.capabilities.is_empty()
        {
            if capabilities.len() > MAX_CAPABILITIES {
                return Err(PushError::Malformed("the capabilities are too long"));
            }
            self.capabilities = String::from_utf8_lossy(capabilities).trim_end().to_owned();
            let format = self.capability("object-format=");
            if format.is_some_and(|format| format != repository.format().as_str()) {
                self.objection = Some("the repository names its objects by another hash".into());
            }
        }
        if line == b"push-cert" {
            if self.certificate.is_some() || !self.commands.is_empty() {
                self.objection = Some(BESIDE.into());
            }
            self.certificate = Some(certificate::Incoming::default());
            self.in_certificate = true;
            return Ok(());
        }
        if line.starts_with(b"shallow ") {
            // Where the pusher's history ends. Git takes the push if ours has the rest.
            self.shallow.push(line.to_vec());
            return Ok(());
        }
        if self.certificate.is_some() {
            self.objection = Some(BESIDE.into());
        }
        if self.objection.is_some() {
            return Ok(());
        }
        let text =
            std::str::from_utf8(line).map_err(|_| PushError::Malformed("a name is not UTF-8"))?;
        let mut parts = text.splitn(3, ' ');
        let (Some(old), Some(new), Some(name)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(PushError::Malformed("a command is not 'old new ref'"));
        };
        let oid = |digits| {
            Oid::parse_wire(digits, repository.format())
                .map_err(|_| PushError::Malformed("an object id"))
        };
        self.commands.push(Command {
            old: oid(old)?,
            new: oid(new)?,
            name: name.to_owned(),
        });
        Ok(())
    }

    /// The same push without its certificate, as Git is handed it: the head, and behind it what followed of the
    /// pack. Answers also the length of the head.
    fn for_git(&self, rest: &[u8], format: ObjectFormat) -> (Vec<u8>, usize) {
        let mut bytes = Vec::new();
        for line in &self.shallow {
            pktline::write(&mut bytes, line);
        }
        for (index, command) in self.commands.iter().enumerate() {
            let oid = |oid: &Option<Oid>| {
                let zero = || "0".repeat(format.hex_len());
                oid.as_ref().map_or_else(zero, Oid::to_string)
            };
            let mut line = format!(
                "{} {} {}",
                oid(&command.old),
                oid(&command.new),
                command.name
            );
            if index == 0 {
                line.push('\0');
                line.push_str(&self.capabilities);
            }
            pktline::write(&mut bytes, line.as_bytes());
        }
        pktline::flush(&mut bytes);
        let length = bytes.len();
        bytes.extend_from_slice(rest);
        (bytes, length)
    }

    fn has(&self, capability: &str) -> bool {
        self.capabilities.split(' ').any(|word| word == capability)
    }

    fn capability(&self, prefix: &str) -> Option<&str> {
        self.capabilities
            .split(' ')
            .find_map(|word| word.strip_prefix(prefix))
    }

    /// A pack follows unless all commands delete.
    fn sends_pack(&self) -> bool {
        self.commands.iter().any(|command| command.new.is_some())
    }

    /// Git's report of a push in which no ref moved: `unpack` says how the objects fared, then a reason
    /// for each ref.
    fn report(&self, unpack: &str, why: &str, by_ref: &BTreeMap<String, String>) -> Vec<u8> {
        let mut lines = Vec::new();
        pktline::write(
            &mut lines,
            format!("unpack {}\n", reason(unpack)).as_bytes(),
        );
        for command in &self.commands {
            let why = by_ref.get(&command.name).map_or(why, String::as_str);
            let name = clean(command.name.as_bytes());
            pktline::write(
                &mut lines,
                format!("ng {name} {}\n", reason(why)).as_bytes(),
            );
        }
        pktline::flush(&mut lines);
        let mut out = Vec::new();
        let wide = self.has("side-band-64k");
        let talk = if unpack == "ok" { why } else { unpack };
        if wide && !talk.is_empty() {
            pktline::write(&mut out, format!("\u{2}{}\n", reason(talk)).as_bytes());
        }
        let wanted = self.has("report-status") || self.has("report-status-v2");
        match (wanted, wide) {
            (true, true) => {
                // Git takes lines of up to 1000 bytes from old clients; 8 KiB suits all that know 64k.
                for part in lines.chunks(8 << 10) {
                    pktline::write(&mut out, &[b"\x01", part].concat());
                }
            }
            (true, false) => out.extend_from_slice(&lines),
            (false, _) => {}
        }
        if wide {
            pktline::flush(&mut out);
        }
        out
    }
}

#[cfg(test)]
mod tests;
