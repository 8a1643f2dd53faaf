//! Replication: taking in what another node serves.
//!
//! Stock `git fetch` speaks the protocol, over a socket pair (`git remote-fd`) whose other end is pumped
//! to the stream that the node opened. It writes into a quarantine: an object directory of its own with
//! the repository's as alternate. Only what arrived whole, passed `fsck`, is connected and within the
//! limits is moved into the repository. No ref is written: refs follow signed statements.

use std::fs;
use std::io;
use std::os::fd::AsRawFd;
use std::path::Path;
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};

use super::command::{Error, Role, clean};
use super::pktline;
use super::repos::sync_folder;
use super::running::{End, Running};
use super::service::{CHUNK, ServiceError, write_out};
use super::{ObjectFormat, Oid, Repository, sys};

mod pace;

use pace::{Debt, Pace};

/// The most ids that one conversation asks for, so that each step of a large repository is soon durable; one with
/// more heads is fetched in several steps.
pub const MAX_WANTED: usize = 1_000;

/// Room that a fetch leaves on the disk, bytes: logs and catalogue must go on being written.
const RESERVE: u64 = 256 << 20;

/// A conversation may last longer than its wall by one second for each of these bytes: a long history over a
/// good link is let through, while a peer that sends just enough not to stall ends at the wall.
const BYTES_PER_EXTRA_SECOND: u64 = 1 << 20;

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

    /// Fetches objects, and all that they need, from a peer that serves upload-pack (protocol version 2)
    /// over `stream`: the other side runs [`serve_upload_pack`](Self::serve_upload_pack).
    ///
    /// When it returns without an error the objects are here, checked, and durable. On every error, and
    /// when the future is dropped, nothing is. `stall` bounds each wait for an answer that the peer owes, and is
    /// the window over which its rate is measured. `wanted` holds at most [`MAX_WANTED`] ids.
    pub async fn fetch<S>(
        &self,
        stream: S,
        wanted: &[Oid],
        stall: Duration,
    ) -> Result<(), FetchError>
    where
        S: AsyncRead + AsyncWrite,
    {
        if wanted.len() > MAX_WANTED {
            return Err(FetchError::TooManyWanted(wanted.len()));
        }
        if wanted.is_empty() {
            return Ok(());
        }
        let objects = self.path.join("objects");
        let quarantine = tempfile::Builder::new()
            .prefix("tmp_objdir-fetch-")
            .tempdir_in(&objects)
            .map_err(Error::io("make a quarantine"))?;
        fs::create_dir(quarantine.path().join("pack")).map_err(Error::io("make a quarantine"))?;
        self.fill(quarantine.path(), stream, wanted, stall).await?;
        self.check_sizes(quarantine.path()).await?;
        adopt(&quarantine.path().join("pack"), &objects.join("pack"))
            .map_err(Error::io("move objects out of quarantine"))?;
        Ok(())
    }

    /// Runs Git against the stream, with the quarantine as its object directory.
    async fn fill<S>(
        &self,
        quarantine: &Path,
        stream: S,
        wanted: &[Oid],
        stall: Duration,
    ) -> Result<(), FetchError>
    where
        S: AsyncRead + AsyncWrite,
    {
        let limits = self.git.limits();
        let room = sys::free_space(quarantine)
            .map_err(Error::io("measure the disk"))?
            .saturating_sub(RESERVE);
        let pair = || -> io::Result<_> {
            let (ours, theirs) = std::os::unix::net::UnixStream::pair()?;
            ours.set_nonblocking(true)?;
            Ok((tokio::net::UnixStream::from_std(ours)?, theirs))
        };
        let (ours, theirs) = pair().map_err(Error::io("make a socket"))?;
        let fd = theirs.as_raw_fd();
        let config = [("protocol.fd.allow", "always")];
        let mut command = self
            .git
            .command(Role::Replicate, &self.path, &config, Some(fd));
        command
            .env("GIT_OBJECT_DIRECTORY", quarantine)
            .env(
                "GIT_ALTERNATE_OBJECT_DIRECTORIES",
                alternate(&self.path.join("objects")),
            )
            // With it Git refuses to write refs, whatever else happens.
            .env("GIT_QUARANTINE_PATH", quarantine)
            .args([
                "fetch",
                "--quiet",
                "--stdin",
                "--no-write-fetch-head",
                "--no-tags",
            ])
            .args(["--no-auto-maintenance", "--no-recurse-submodules"])
            .arg(format!("fd::{fd}"))
            .stdin(std::process::Stdio::piped());
        let running = Running::spawn(&mut command, End::Now)?;
        drop(theirs);

        let ids: String = wanted.iter().map(|oid| format!("{oid}\n")).collect();
        let (from_git, to_git) = ours.into_split();
        let (from_peer, to_peer) = tokio::io::split(stream);
        let debt = Debt::default();
        let finish = running.finish(ids.as_bytes());
        let most = Most {
            bytes: limits.max_fetch,
            room,
        };
        let inbound = inbound(from_peer, to_git, most, stall, &debt);
        let outbound = outbound(from_git, to_peer, stall, &debt);
        tokio::pin!(finish, inbound, outbound);
        let begun = tokio::time::Instant::now();
        let end = tokio::time::sleep_until(begun + limits.wall);
        tokio::pin!(end);
        let (mut heard, mut told) = (false, false);
        let output = loop {
            tokio::select! {
                output = &mut finish => {
                    break output.map_err(|error| FetchError::Git(Error::io("run git")(error)))?;
                }
                result = &mut inbound, if !heard => { result?; heard = true; }
                result = &mut outbound, if !told => { result?; told = true; }
                () = &mut end => {
                    let extra = Duration::from_secs(debt.received() / BYTES_PER_EXTRA_SECOND);
                    let until = begun + limits.wall + extra;
                    if until <= tokio::time::Instant::now() {
                        return Err(Error::Limit("fetch".to_owned()).into());
                    }
                    end.as_mut().reset(until);
                }
            }
        };
        if !told {
            // Git is gone, so this ends: the peer is told that the conversation is over.
            let _ = outbound.await;
        }
        if output.status.success() {
            return Ok(());
        }
        let said = clean(&output.stderr);
        if said.contains("not our ref") {
            return Err(FetchError::NotHeld);
        }
        Err(FetchError::Refused(said))
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

async fn inbound(
    mut from_peer: impl AsyncRead + Unpin,
    mut to_git: tokio::net::unix::OwnedWriteHalf,
    most: Most,
    stall: Duration,
    debt: &Debt,
) -> Result<(), FetchError> {
    let mut buffer = vec![0; CHUNK];
    let mut frames = Frames::default();
    let mut pace = Pace::default();
    // The peer speaks first: its capabilities.
    debt.asked();
    loop {
        let waiting = Instant::now();
        let read = tokio::time::timeout(stall, from_peer.read(&mut buffer)).await;
        // Only the wait counts: while Git is slow to take what came, the peer is not slow.
        let owed = debt.waited(waiting);
        let silent = read.is_err();
        let count = match read {
            Ok(Ok(count)) => count,
            Ok(Err(error)) => return Err(FetchError::Broken(error)),
            Err(_) if debt.overdue(stall) => return Err(FetchError::Stalled),
            Err(_) => 0,
        };
        if !pace.keeps(owed, count, stall) {
            return Err(FetchError::Stalled);
        }
        if silent {
            continue;
        }
        let bytes = &buffer[..count];
        most.check(debt.add(count))?;
        if bytes.is_empty() {
            let _ = tokio::io::AsyncWriteExt::shutdown(&mut to_git).await;
            return Ok(());
        }
        match frames.feed(bytes) {
            Ok(true) => {
                debt.paid();
                pace.rest();
            }
            Ok(false) => debt.asked(),
            Err(error) => return Err(FetchError::Refused(error.to_string())),
        }
        // Git that stopped reading says why in its status.
        if tokio::io::AsyncWriteExt::write_all(&mut to_git, bytes)
            .await
            .is_err()
        {
            return Ok(());
        }
    }
}

async fn outbound(
    mut from_git: tokio::net::unix::OwnedReadHalf,
    mut to_peer: impl AsyncWrite + Unpin,
    stall: Duration,
    debt: &Debt,
) -> Result<(), FetchError> {
    let mut buffer = vec![0; 16 << 10];
    loop {
        let count = from_git.read(&mut buffer).await.unwrap_or(0);
        match write_out(&mut to_peer, &buffer[..count], stall).await {
            // The peer may have closed already when Git says goodbye.
            _ if count == 0 => return Ok(()),
            Ok(()) => debt.asked(),
            Err(ServiceError::Broken(error)) => return Err(FetchError::Broken(error)),
            Err(_) => return Err(FetchError::Stalled),
        }
    }
}

/// Follows the frames of a stream, only to know whether the last one was a flush.
#[derive(Debug, Default)]
struct Frames {
    digits: [u8; 4],
    have: usize,
    skip: usize,
    flushed: bool,
}

impl Frames {
    /// Whether the bytes so far end with a flush.
    fn feed(&mut self, mut bytes: &[u8]) -> Result<bool, pktline::Malformed> {
        while let [first, rest @ ..] = bytes {
            if self.skip > 0 {
                let step = self.skip.min(bytes.len());
                self.skip -= step;
                bytes = &bytes[step..];
                continue;
            }
            self.flushed = false;
            self.digits[self.have] = *first;
            self.have += 1;
            bytes = rest;
            if self.have == 4 {
                self.have = 0;
                match &self.digits {
                    // Between the sections of an answer, and after one over stateless transports.
                    b"0001" => {}
                    b"0002" => self.flushed = true,
                    digits => match pktline::header(*digits)? {
                        Some(length) => self.skip = length,
                        None => self.flushed = true,
                    },
                }
            }
        }
        Ok(self.flushed && self.have == 0 && self.skip == 0)
    }
}

#[cfg(test)]
mod tests;
