//! Replication: taking in what another node gives.
//!
//! The pack goes into `git index-pack`, which writes into a quarantine: an object directory of its own with the
//! repository's as alternate. Only what arrived whole, passed `fsck`, is connected and within the limits is moved
//! into the repository. No ref is written: refs follow signed statements.
//!
//! The bytes of a pack of some size are also kept beside the repository until it is here: a transfer that broke, or
//! that ended with the node, goes on where it stopped. They are as unverified as what comes over the network, and go
//! the same way.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::process::ChildStdin;

use super::command::{Error, Role, clean};
use super::give::{self, MAX_HAD, MAX_WANTED, Wish};
use super::pack::{PackError, Scanner};
use super::repos::sync_folder;
use super::running::{End, Running, tail};
use super::service::{CHUNK, ServiceError, within, write_out};
use super::{Limits, ObjectFormat, Oid, Repository, sys};

mod pace;
mod partial;

use pace::Pace;
use partial::Partial;

/// Packs up to here are looked at as they pass; for larger ones Git is asked afterwards what is in them. Bytes.
const LOOKED_AT: u64 = 1 << 20;

/// The longest answer line: a word, a name of 32 digits, a number.
const MAX_LINE: usize = 100;

/// What is asked of one peer.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// The objects, at most [`MAX_WANTED`].
    pub wanted: &'a [Oid],
    /// Objects that are here although no ref names them yet.
    pub known: &'a [Oid],
    /// A name of the peer: a transfer that broke goes on with the same one only.
    pub holder: &'a str,
    /// Bounds each wait for bytes, and is the window over which the peer's rate is measured.
    pub stall: Duration,
}

/// Why nothing was taken in.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// Git or the disk of this node.
    #[error(transparent)]
    Git(#[from] Error),
    /// More ids than one fetch may ask for.
    #[error("{0} ids are too many for one fetch")]
    TooManyWanted(usize),
    /// The peer does not hold what was asked for. No fault: it may be behind, too.
    #[error("the peer does not hold the objects")]
    NotHeld,
    /// The peer gives to as many as it can. No fault: it says so, and may be asked again soon.
    #[error("the peer is busy")]
    Busy,
    /// The stream broke.
    #[error("the peer broke off")]
    Broken(#[source] io::Error),
    /// The peer owed an answer and sent nothing for the time given, or too little for too long.
    #[error("the peer stalled")]
    Stalled,
    /// More bytes than the limit.
    #[error("the peer sent more than {0} bytes")]
    TooLarge(u64),
    /// An object over the limit; such a push would have been refused, too.
    #[error("an object of {size} bytes is over the limit of {limit}")]
    ObjectTooLarge {
        /// Bytes unpacked.
        size: u64,
        /// Bytes allowed.
        limit: u64,
    },
    /// More objects than the limit.
    #[error("more than {0} objects")]
    TooManyObjects(u32),
    /// Git found the answer, an object, or the history malformed or incomplete: the peer's fault.
    #[error("git refused what the peer sent: {0}")]
    Refused(String),
}

impl FetchError {
    /// Whether it is this node's fault, its disk's or its system's: then no other peer does better. Everything else
    /// a peer can cause.
    pub fn is_local(&self) -> bool {
        matches!(self, Self::Git(Error::Io { .. }))
    }
}

impl Repository {
    /// Which of these objects are here. What is here is whole: everything that it names is here, too.
    pub async fn holds(&self, oids: &[Oid]) -> Result<Vec<bool>, Error> {
        let (repository, asked) = (self.clone(), oids.to_vec());
        let look = move || repository.holds_in_library(&asked);
        // A process costs more than the answer; what the library cannot read is Git's.
        if self.format() == ObjectFormat::Sha1
            && let Ok(Some(held)) = tokio::task::spawn_blocking(look).await
        {
            return Ok(held);
        }
        let input: String = oids.iter().map(|oid| format!("{oid}\n")).collect();
        let mut command = self.git.command(Role::Serve, &self.path, &[], None);
        command.args(["cat-file", "--batch-check=%(objecttype)"]);
        let answer = self.git.run(command, "cat-file", input.as_bytes()).await?;
        let text = String::from_utf8_lossy(&answer);
        Ok(text
            .lines()
            .map(|line| !line.ends_with(" missing"))
            .collect())
    }

    /// Fetches objects, and all that they need, from a peer that [gives](Self::give) over `stream`.
    ///
    /// When it returns without an error objects are here, checked, and durable: those that are asked for, or those of
    /// a transfer from the same peer that broke, which is ended first. On every error, and when the future is
    /// dropped, nothing is in the repository; what came may be kept for the next time.
    pub async fn fetch<S>(&self, stream: S, ask: Ask<'_>) -> Result<(), FetchError>
    where
        S: AsyncRead + AsyncWrite,
    {
        if ask.wanted.len() > MAX_WANTED {
            return Err(FetchError::TooManyWanted(ask.wanted.len()));
        }
        if !self.holds(ask.wanted).await?.contains(&false) {
            return Ok(());
        }
        let broken = Partial::find(&self.path, ask.holder);
        let wish = match &broken {
            Some(partial) => partial.wish()?,
            None => Wish {
                pack: None,
                wants: ask.wanted.to_vec(),
                haves: self.haves(ask.known).await?,
            },
        };
        let objects = self.path.join("objects");
        let quarantine = tempfile::Builder::new()
            .prefix("tmp_objdir-fetch-")
            .tempdir_in(&objects)
            .map_err(Error::io("make a quarantine"))?;
        fs::create_dir(quarantine.path().join("pack")).map_err(Error::io("make a quarantine"))?;
        let taken = self.fill(quarantine.path(), stream, &wish, ask).await?;
        let checked = self.judge(quarantine.path(), &wish, &taken).await;
        if checked.is_err() {
            // The same bytes would be refused again.
            Partial::forget(&self.path);
        }
        checked?;
        adopt(&quarantine.path().join("pack"), &objects.join("pack"))
            .map_err(Error::io("move objects out of quarantine"))?;
        Partial::forget(&self.path);
        if wish.haves.is_empty() && taken.connected {
            self.note_whole(&wish.wants).await;
        }
        Ok(())
    }

    /// The peer from which a transfer broke that can go on.
    pub fn interrupted(&self) -> Option<String> {
        Partial::holder(&self.path)
    }

    /// Forgets what is kept of a transfer that broke and did not go on for `age`.
    pub fn forget_interrupted(&self, age: Duration) {
        Partial::forget_older(&self.path, age);
    }

    /// What to say that is here: what refs name, and some of the history behind, at growing distances, so that a peer
    /// that lacks the newest finds where both part.
    async fn haves(&self, known: &[Oid]) -> Result<Vec<Oid>, Error> {
        let repository = self.clone();
        let walk =
            move || (repository.format() == ObjectFormat::Sha1).then(|| walk(&repository))?;
        let walked = tokio::task::spawn_blocking(walk)
            .await
            .map_err(|error| Error::io("read the refs")(error.into()))?;
        let mut haves = match walked {
            Some(haves) => haves,
            None => self.refs().await?.into_values().collect(),
        };
        haves.splice(0..0, known.iter().cloned());
        let mut seen = std::collections::HashSet::new();
        haves.retain(|oid| seen.insert(oid.clone()));
        haves.truncate(MAX_HAD);
        Ok(haves)
    }

    /// Asks, and runs `index-pack` on what comes, with the quarantine as its object directory.
    async fn fill<S>(
        &self,
        quarantine: &Path,
        stream: S,
        wish: &Wish,
        ask: Ask<'_>,
    ) -> Result<Taken, FetchError>
    where
        S: AsyncRead + AsyncWrite,
    {
        let limits = self.git.limits();
        let room = sys::room(quarantine).map_err(Error::io("measure the disk"))?;
        let (from_peer, mut to_peer) = tokio::io::split(stream);
        write_out(&mut to_peer, &wish.write(), ask.stall)
            .await
            .map_err(|error| match error {
                ServiceError::Broken(error) => FetchError::Broken(error),
                _ => FetchError::Stalled,
            })?;
        let mut peer = Peer {
            from: from_peer,
            pace: Pace::default(),
            stall: ask.stall,
        };
        let answered = peer.answer().await;
        if matches!(answered, Err(FetchError::NotHeld)) {
            // Not any more, if this was to go on.
            Partial::forget(&self.path);
        }
        let (pack, offset) = answered?;
        let partial = Partial::go_on(&self.path, wish, ask.holder, &pack, offset)?;

        let mut command = self.quarantined(Role::Replicate, quarantine);
        command
            .args(["index-pack", "--stdin", "--strict", "--fix-thin"])
            .arg("--check-self-contained-and-connected")
            .stdin(std::process::Stdio::piped());
        let mut running = Running::spawn(&mut command, End::Now)?;
        let child = running.child();
        let stdin = child.stdin.take().expect("piped when started");
        let mut stdout = child.stdout.take().expect("piped when started");
        let said = tokio::spawn(tail(child.stderr.take()));
        let moved = AtomicU64::new(0);
        let most = Most {
            bytes: limits.max_fetch,
            room,
        };
        let mut intake = Intake {
            stdin: Some(stdin),
            partial,
            most,
            moved: &moved,
            looked: Some(Scanner::new(&whole_history(limits), self.format())),
        };
        let work = async {
            intake.all(&mut peer).await?;
            intake.stdin = None;
            let mut out = String::new();
            // Some bytes: a word and a hash.
            let _ = (&mut stdout).take(200).read_to_string(&mut out).await;
            let status = running.wait().await.map_err(Error::io("wait for git"))?;
            Ok((out, status))
        };
        let done = within(limits.wall, &moved, work)
            .await
            .unwrap_or_else(|| Err(Error::Limit("fetch".to_owned()).into()));
        let (out, status) = match done {
            Ok(done) => done,
            Err(error) => {
                running.stop().await;
                if matches!(error, FetchError::Refused(_) | FetchError::TooLarge(_)) {
                    Partial::forget(&self.path);
                }
                return Err(error);
            }
        };
        // It ends with 1 when what it stored whole leans on what was here before.
        let stored = out.starts_with("pack\t") && matches!(status.code(), Some(0 | 1));
        if !stored {
            Partial::forget(&self.path);
            return Err(FetchError::Refused(clean(&said.await.unwrap_or_default())));
        }
        Ok(Taken {
            connected: status.success(),
            sized: intake.looked.is_some_and(|scanner| scanner.done()),
        })
    }

    /// A command that sees the quarantine and, behind it, the repository.
    fn quarantined(&self, role: Role, quarantine: &Path) -> tokio::process::Command {
        let mut command = self.git.command(role, &self.path, &[], None);
        command
            .env("GIT_OBJECT_DIRECTORY", quarantine)
            .env(
                "GIT_ALTERNATE_OBJECT_DIRECTORIES",
                alternate(&self.path.join("objects")),
            )
            // With it Git refuses to write refs, whatever else happens.
            .env("GIT_QUARANTINE_PATH", quarantine);
        command
    }

    /// Whether these objects are in quarantine, as far as libgit2 can tell.
    fn came(&self, quarantine: &Path, wants: &[Oid]) -> Option<bool> {
        if self.format() != ObjectFormat::Sha1 {
            return None;
        }
        let odb = git2::Odb::new().ok()?;
        odb.add_disk_alternate(quarantine.to_str()?).ok()?;
        let came = |oid: &Oid| super::check::to_library(oid).is_ok_and(|oid| odb.exists(oid));
        Some(wants.iter().all(came))
    }

    /// Whether what is in quarantine may be moved into the repository.
    async fn judge(&self, quarantine: &Path, wish: &Wish, taken: &Taken) -> Result<(), FetchError> {
        if !taken.sized {
            self.check_sizes(quarantine).await?;
        }
        let mut input: String = wish.wants.iter().map(|oid| format!("{oid}\n")).collect();
        if taken.connected {
            // All of it is there; it remains that it is what was asked for.
            if let Some(came) = self.came(quarantine, &wish.wants) {
                return match came {
                    true => Ok(()),
                    false => Err(FetchError::Refused(MISSING.to_owned())),
                };
            }
            let mut command = self.quarantined(Role::Ingest, quarantine);
            command.args(["cat-file", "--batch-check=%(objecttype)"]);
            let answer = self.git.run(command, "cat-file", input.as_bytes()).await?;
            if String::from_utf8_lossy(&answer).contains(" missing") {
                return Err(FetchError::Refused(MISSING.to_owned()));
            }
            return Ok(());
        }
        input.push_str("--not\n--all\n");
        let mut command = self.quarantined(Role::Replicate, quarantine);
        command.args(["rev-list", "--objects", "--quiet", "--stdin"]);
        command.stdin(std::process::Stdio::piped());
        let running = Running::spawn(&mut command, End::Now)?;
        let wall = self.git.limits().wall;
        let output = tokio::time::timeout(wall, running.finish(input.as_bytes()))
            .await
            .map_err(|_| Error::Limit("rev-list".to_owned()))?
            .map_err(Error::io("run git"))?;
        match output.status.success() {
            true => Ok(()),
            false => Err(FetchError::Refused(clean(&output.stderr))),
        }
    }

    /// Holds every object in quarantine to the limits.
    async fn check_sizes(&self, quarantine: &Path) -> Result<(), FetchError> {
        let limits = self.git.limits();
        let mut command = self.git.command(Role::Ingest, &self.path, &[], None);
        command.env("GIT_OBJECT_DIRECTORY", quarantine);
        command.args([
            "cat-file",
            "--batch-all-objects",
            "--unordered",
            "--batch-check=%(objectsize)",
        ]);
        let answer = self.git.run(command, "cat-file", &[]).await?;
        let mut count = 0;
        for line in answer
            .split(|b| *b == b'\n')
            .filter(|line| !line.is_empty())
        {
            count += 1;
            if count > limits.max_fetch_objects {
                return Err(FetchError::TooManyObjects(limits.max_fetch_objects));
            }
            let text = String::from_utf8_lossy(line);
            let size = text
                .parse()
                .map_err(|_| FetchError::Refused(format!("no size: {}", clean(line))))?;
            if size > limits.max_object {
                return Err(FetchError::ObjectTooLarge {
                    size,
                    limit: limits.max_object,
                });
            }
        }
        Ok(())
    }
}

/// Why a pack that is whole in itself is refused.
const MISSING: &str = "what was asked for did not come";

/// What `index-pack` found.
struct Taken {
    /// Everything that is named came along.
    connected: bool,
    /// Every object was held to the limits as it passed.
    sized: bool,
}

/// The limits of one object, with those of a whole history.
fn whole_history(limits: &Limits) -> Limits {
    Limits {
        max_objects: limits.max_fetch_objects,
        max_push: limits.max_fetch,
        ..limits.clone()
    }
}

/// How many commits are read to find what to say that is here.
const MAX_WALKED: usize = 4_000;

/// The refs' objects, and ancestors of each at distances that grow by a quarter.
fn walk(repository: &Repository) -> Option<Vec<Oid>> {
    let library = repository.libgit().ok()?;
    let mut tips = Vec::new();
    for found in library.references().ok()? {
        tips.extend(found.ok()?.target());
    }
    tips.sort();
    tips.dedup();
    let depth = MAX_WALKED / tips.len().max(1);
    let mut haves = tips.clone();
    for tip in tips {
        let Ok(mut commit) = library.find_commit(tip) else {
            continue;
        };
        let mut next = 1;
        for distance in 1..=depth {
            let Ok(parent) = commit.parent(0) else {
                // The beginning, however near.
                haves.push(commit.id());
                break;
            };
            commit = parent;
            if distance == next {
                haves.push(commit.id());
                next += 1 + next / 4;
            }
        }
    }
    haves
        .into_iter()
        .map(|oid| Oid::parse(&oid.to_string()).ok())
        .collect()
}

/// A path as `GIT_ALTERNATE_OBJECT_DIRECTORIES` wants it: colons separate paths unless it is quoted.
fn alternate(path: &Path) -> std::ffi::OsString {
    let text = path.to_string_lossy();
    if text.contains([':', '"', '\\']) {
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")).into()
    } else {
        path.into()
    }
}

/// Moves packs into the repository, the index last: with it the pack comes into being. Durable on return.
fn adopt(from: &Path, to: &Path) -> io::Result<()> {
    let mut files: Vec<_> = fs::read_dir(from)?.collect::<Result<_, _>>()?;
    let rank = |name: &str| match name.rsplit_once('.').map(|(_, kind)| kind) {
        Some("pack") => Some(0),
        Some("rev") => Some(1),
        Some("idx") => Some(2),
        _ => None,
    };
    files.sort_by_key(|file| rank(&file.file_name().to_string_lossy()));
    let mut moved = false;
    for file in files {
        let name = file.file_name();
        // Locks (`.keep`) and temporary files stay behind and go with the quarantine.
        if rank(&name.to_string_lossy()).is_none() || to.join(&name).exists() {
            continue;
        }
        fs::rename(file.path(), to.join(&name))?;
        moved = true;
    }
    if moved {
        sync_folder(to)?;
    }
    Ok(())
}

/// How much may come in.
#[derive(Debug, Clone, Copy)]
struct Most {
    /// The limit for any peer, bytes.
    bytes: u64,
    /// What this disk has room for, bytes.
    room: u64,
}

impl Most {
    fn check(self, total: u64) -> Result<(), FetchError> {
        if total > self.bytes {
            return Err(FetchError::TooLarge(self.bytes));
        }
        if total > self.room {
            return Err(
                Error::io("store what the peer sends")(io::ErrorKind::StorageFull.into()).into(),
            );
        }
        Ok(())
    }
}

/// The giving side.
struct Peer<R> {
    from: R,
    pace: Pace,
    stall: Duration,
}

impl<R: AsyncRead + Unpin> Peer<R> {
    /// Reads once. Only the wait counts: while Git is slow to take what came, the peer is not slow.
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, FetchError> {
        let waiting = Instant::now();
        let read = tokio::time::timeout(self.stall, self.from.read(buffer)).await;
        let count = match read {
            Err(_) => return Err(FetchError::Stalled),
            Ok(Err(error)) => return Err(FetchError::Broken(error)),
            Ok(Ok(0)) => return Err(FetchError::Broken(io::ErrorKind::UnexpectedEof.into())),
            Ok(Ok(count)) => count,
        };
        if !self.pace.keeps(waiting.elapsed(), count, self.stall) {
            return Err(FetchError::Stalled);
        }
        Ok(count)
    }

    async fn exactly(&mut self, buffer: &mut [u8]) -> Result<(), FetchError> {
        let mut have = 0;
        while have < buffer.len() {
            have += self.read(&mut buffer[have..]).await?;
        }
        Ok(())
    }

    /// The line before the frames: which pack, and from where on.
    async fn answer(&mut self) -> Result<(String, u64), FetchError> {
        let mut line = Vec::new();
        while line.last() != Some(&b'\n') {
            let mut byte = [0];
            self.exactly(&mut byte).await?;
            line.push(byte[0]);
            if line.len() > MAX_LINE {
                return Err(FetchError::Refused("an answer without an end".to_owned()));
            }
        }
        let text = String::from_utf8_lossy(&line);
        let words: Vec<&str> = text.split_whitespace().collect();
        match words[..] {
            ["no", "not-held"] => Err(FetchError::NotHeld),
            ["no", "busy"] => Err(FetchError::Busy),
            ["ok", id, offset] => match offset.parse() {
                Ok(offset) => Ok((id.to_owned(), offset)),
                Err(_) => Err(FetchError::Refused(clean(&line))),
            },
            _ => Err(FetchError::Refused(clean(&line))),
        }
    }
}

/// The way of a pack into `index-pack`, and beside it into the file that outlives a broken transfer.
struct Intake<'a> {
    /// None once Git stopped reading: it says why in its status.
    stdin: Option<ChildStdin>,
    partial: Partial,
    most: Most,
    moved: &'a AtomicU64,
    /// Until the pack is larger than what is looked at.
    looked: Option<Scanner>,
}

impl Intake<'_> {
    async fn all(&mut self, peer: &mut Peer<impl AsyncRead + Unpin>) -> Result<(), FetchError> {
        let mut buffer = vec![0; CHUNK];
        // What came the last time.
        while let Some(bytes) = self.partial.replay().await? {
            self.look(&bytes)?;
            self.hand_on(&bytes).await;
        }
        while self.stdin.is_some() {
            let mut head = [0; 4];
            peer.exactly(&mut head).await?;
            let mut left = match u32::from_be_bytes(head) {
                give::ALIVE => continue,
                give::COMPLETE => return Ok(()),
                give::FAILED => return Err(FetchError::Broken(io::ErrorKind::Other.into())),
                length if length <= give::MAX_FRAME => length as usize,
                _ => return Err(FetchError::Refused("a frame is too long".to_owned())),
            };
            while left > 0 {
                let most = left.min(buffer.len());
                let count = peer.read(&mut buffer[..most]).await?;
                left -= count;
                let bytes = &buffer[..count];
                let before = self.moved.fetch_add(count as u64, Ordering::Relaxed);
                self.most.check(before + count as u64)?;
                self.look(bytes)?;
                self.partial.keep(bytes).await?;
                self.hand_on(bytes).await;
            }
        }
        Ok(())
    }

    async fn hand_on(&mut self, bytes: &[u8]) {
        if let Some(stdin) = &mut self.stdin
            && stdin.write_all(bytes).await.is_err()
        {
            self.stdin = None;
        }
    }

    fn look(&mut self, bytes: &[u8]) -> Result<(), FetchError> {
        if self.partial.len() + bytes.len() as u64 > LOOKED_AT {
            self.looked = None;
        }
        let Some(scanner) = &mut self.looked else {
            return Ok(());
        };
        scanner.feed(bytes).map_err(|error| match error {
            PackError::ObjectTooLarge { size, limit } => FetchError::ObjectTooLarge { size, limit },
            PackError::TooManyObjects { limit, .. } => FetchError::TooManyObjects(limit),
            other => FetchError::Refused(other.to_string()),
        })
    }
}

#[cfg(test)]
mod tests;
