//! Giving a repository to another node: one question, one pack.
//!
//! Between nodes nothing is negotiated: the one that asks says what it wants and has, in one message, and is sent one
//! pack. The pack has a name, and a place in it may be asked for: a transfer that broke goes on where it stopped, as
//! long as the giver still has those very bytes.
//!
//! The question is lines of text, ended by an empty one: `pack ID OFFSET` (of a transfer that broke), `want OID`,
//! `have OID`. The answer is a line: `no not-held`, `no busy`, or `ok ID OFFSET` and then frames: four bytes of length, big-endian,
//! and as many bytes of the pack. A length of zero says that the giver lives; two more mean that the pack is complete,
//! or that it cannot be completed.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};

use super::cache::{Key, Question, Reader};
use super::command::{Error, Role, clean};
use super::places::Work;
use super::running::{End, Running, tail};
use super::service::{CHUNK, ServiceError, read_some, within, write_out};
use super::{Oid, Repository};

/// The most ids that one question asks for, so that each step of a large repository is soon durable; one with
/// more heads is fetched in several steps.
pub const MAX_WANTED: usize = 1_000;

/// The most ids that one question says it has.
pub(super) const MAX_HAD: usize = 5_000;

/// The longest question: each line is a word and an id.
const MAX_QUESTION: usize = (MAX_WANTED + MAX_HAD + 1) * 80;

/// The largest frame, bytes.
pub(super) const MAX_FRAME: u32 = 1 << 20;
/// Says that the giver lives.
pub(super) const ALIVE: u32 = 0;
/// The pack is complete.
pub(super) const COMPLETE: u32 = u32::MAX;
/// The pack cannot be completed.
pub(super) const FAILED: u32 = u32::MAX - 1;

/// How often a sign of life is given: well within the four seconds after which a peer loses patience.
const SIGN_OF_LIFE: Duration = Duration::from_secs(1);

/// Packs of smaller repositories go straight to the peer, bytes.
const MIN_CACHED: u64 = 1 << 20;

/// How long a pack is made on without anybody who reads: a peer that was restarted comes back within seconds.
const LINGER: Duration = Duration::from_secs(30);

/// About what the new part of a history takes, bytes, where all of it would take more.
const PART: u64 = 16 << 20;

/// What another node asks for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Wish {
    /// A pack of which it has the first bytes.
    pub(super) pack: Option<(String, u64)>,
    pub(super) wants: Vec<Oid>,
    pub(super) haves: Vec<Oid>,
}

impl Wish {
    pub(super) fn write(&self) -> Vec<u8> {
        let mut out = String::new();
        if let Some((id, offset)) = &self.pack {
            out.push_str(&format!("pack {id} {offset}\n"));
        }
        for oid in &self.wants {
            out.push_str(&format!("want {oid}\n"));
        }
        for oid in &self.haves {
            out.push_str(&format!("have {oid}\n"));
        }
        out.push('\n');
        out.into_bytes()
    }

    fn read(text: &str) -> Option<Self> {
        let mut wish = Self::default();
        for line in text.lines() {
            match line.split_once(' ')? {
                ("pack", rest) if wish.pack.is_none() => {
                    let (id, offset) = rest.split_once(' ')?;
                    wish.pack = Some((id.to_owned(), offset.parse().ok()?));
                }
                ("want", oid) => wish.wants.push(Oid::parse(oid).ok()?),
                ("have", oid) => wish.haves.push(Oid::parse(oid).ok()?),
                _ => return None,
            }
        }
        let fits = (1..=MAX_WANTED).contains(&wish.wants.len()) && wish.haves.len() <= MAX_HAD;
        fits.then_some(wish)
    }
}

/// Where a pack's bytes come from.
enum Source {
    File(Reader),
    Process(Running),
}

impl Repository {
    /// Gives another node what it asks for over one stream. `stall` bounds each wait for the other side.
    ///
    /// # Errors
    /// The other side breaks off, stalls or asks for nothing that can be understood; Git fails. It is told as far as
    /// it listens.
    pub async fn give<S>(&self, stream: S, stall: Duration) -> Result<(), ServiceError>
    where
        S: AsyncRead + AsyncWrite,
    {
        let (mut input, mut output) = tokio::io::split(stream);
        let mut wish = hear(&mut input, stall).await?;
        let (wants, haves) = (wish.wants.len(), wish.haves.len());
        let asked: Vec<Oid> = wish.wants.iter().chain(&wish.haves).cloned().collect();
        let held = self.holds(&asked).await?;
        if held.len() != wants + haves || held[..wants].contains(&false) {
            write_out(&mut output, b"no not-held\n", stall).await?;
            return write_out(&mut output, &[], stall).await;
        }
        // What the asker has and this node lacks is no help.
        let mut known = held[wants..].iter();
        wish.haves.retain(|_| known.next() == Some(&true));
        wish.wants.sort_by(|a, b| a.as_str().cmp(b.as_str()));
        wish.haves.sort_by(|a, b| a.as_str().cmp(b.as_str()));

        let (source, answer) = match self.source(&wish).await {
            Err(ServiceError::Busy) => {
                write_out(&mut output, b"no busy\n", stall).await?;
                return write_out(&mut output, &[], stall).await;
            }
            found => found?,
        };
        write_out(&mut output, answer.as_bytes(), stall).await?;
        let moved = AtomicU64::new(0);
        let wall = self.git.limits().wall;
        let sent = match source {
            Source::File(reader) => {
                within(wall, &moved, copy(reader, &mut output, stall, &moved)).await
            }
            Source::Process(mut running) => {
                let piped = pipe(&mut running, &mut output, stall, &moved);
                let sent = within(wall, &moved, piped).await;
                if !matches!(sent, Some(Ok(true))) {
                    running.stop().await;
                }
                sent
            }
        };
        if let Some(cache) = &self.cache {
            cache.gave(moved.load(Ordering::Relaxed));
        }
        let complete = sent.unwrap_or_else(|| Err(Error::Limit("pack".to_owned()).into()))?;
        let end = if complete { COMPLETE } else { FAILED };
        write_out(&mut output, &end.to_be_bytes(), stall).await?;
        write_out(&mut output, &[], stall).await
    }

    /// The pack of a wish, and the line that announces it.
    async fn source(&self, wish: &Wish) -> Result<(Source, String), ServiceError> {
        if wish.haves.is_empty()
            && let Some((id, file)) = self.whole_pack(&wish.wants)
        {
            return from_file(Reader::of_file(id, file), wish);
        }
        let whole = self.packed_bytes();
        if let Some(cache) = self.cache.as_ref().filter(|_| whole >= MIN_CACHED) {
            let name = self.path.to_string_lossy();
            let mut parts: Vec<&[u8]> = vec![b"give", name.as_bytes()];
            parts.extend(wish.wants.iter().map(|oid| oid.as_str().as_bytes()));
            parts.push(b"");
            parts.extend(wish.haves.iter().map(|oid| oid.as_str().as_bytes()));
            let question = Question {
                key: Key::of(&parts),
                estimate: if wish.haves.is_empty() {
                    whole
                } else {
                    whole.min(PART)
                },
                linger: LINGER,
                work: Work::FillingForNodes,
            };
            let make = |file, most, place| {
                let (command, input) = self.pack_objects(wish);
                self.git.run_into(command, file, most, input, place)
            };
            if let Some(reader) = cache.ask(question, self.git.places(), make).await? {
                return from_file(reader, wish);
            }
        }
        let place = self.git.places().take(Work::Giving).await?;
        let (mut command, input) = self.pack_objects(wish);
        command.stdin(std::process::Stdio::piped());
        let mut running = Running::spawn(&mut command, End::Now)?.keeping(place);
        let stdin = running.child().stdin.take();
        // More than a pipe holds is read while the answer is made.
        tokio::spawn(async move {
            if let Some(mut stdin) = stdin {
                let _ = tokio::io::AsyncWriteExt::write_all(&mut stdin, &input).await;
            }
        });
        Ok((Source::Process(running), "ok - 0\n".to_owned()))
    }

    fn pack_objects(&self, wish: &Wish) -> (tokio::process::Command, Vec<u8>) {
        let mut command = self.git.command(Role::Serve, &self.path, &[], None);
        command.args([
            "pack-objects",
            "--revs",
            "--stdout",
            "-q",
            "--delta-base-offset",
        ]);
        let mut input = String::new();
        for oid in &wish.wants {
            input.push_str(&format!("{oid}\n"));
        }
        if !wish.haves.is_empty() {
            command.arg("--thin");
            input.push_str("--not\n");
            for oid in &wish.haves {
                input.push_str(&format!("{oid}\n"));
            }
        }
        input.push('\n');
        (command, input.into_bytes())
    }
}

/// The bytes of a file, from where the asker has them.
fn from_file(mut reader: Reader, wish: &Wish) -> Result<(Source, String), ServiceError> {
    let from = match &wish.pack {
        Some((id, offset)) if id == reader.id() => *offset,
        _ => 0,
    };
    reader.seek(from).map_err(Error::io("go on in a pack"))?;
    let answer = format!("ok {} {from}\n", reader.id());
    Ok((Source::File(reader), answer))
}

/// Reads the question, up to its empty line.
async fn hear(input: &mut (impl AsyncRead + Unpin), stall: Duration) -> Result<Wish, ServiceError> {
    let mut said = Vec::new();
    let mut buffer = vec![0; 16 << 10];
    while !said.ends_with(b"\n\n") {
        let count = read_some(input, &mut buffer, stall).await?;
        said.extend_from_slice(&buffer[..count]);
        if count == 0 || said.len() > MAX_QUESTION {
            return Err(ServiceError::TooLarge(MAX_QUESTION as u64));
        }
    }
    std::str::from_utf8(&said[..said.len() - 1])
        .ok()
        .and_then(Wish::read)
        .ok_or_else(|| ServiceError::Failed("the question cannot be read".to_owned()))
}

/// Sends what is in a file or comes into it. False: it cannot be completed.
async fn copy(
    mut reader: Reader,
    output: &mut (impl AsyncWrite + Unpin),
    stall: Duration,
    moved: &AtomicU64,
) -> Result<bool, ServiceError> {
    loop {
        // Not dropped while it waits: what it has read would be lost.
        let next = reader.next();
        tokio::pin!(next);
        let bytes = loop {
            match tokio::time::timeout(SIGN_OF_LIFE, &mut next).await {
                Ok(bytes) => break bytes,
                Err(_) => write_out(output, &ALIVE.to_be_bytes(), stall).await?,
            }
        };
        match bytes {
            None => return Ok(true),
            Some(Err(_)) => return Ok(false),
            Some(Ok(bytes)) => frame(output, &bytes, stall, moved).await?,
        }
    }
}

/// Sends what a process makes. False: it failed.
async fn pipe(
    running: &mut Running,
    output: &mut (impl AsyncWrite + Unpin),
    stall: Duration,
    moved: &AtomicU64,
) -> Result<bool, ServiceError> {
    let child = running.child();
    let mut stdout = child.stdout.take().expect("piped when started");
    let said = tokio::spawn(tail(child.stderr.take()));
    let mut buffer = vec![0; CHUNK];
    loop {
        let read = tokio::time::timeout(SIGN_OF_LIFE, stdout.read(&mut buffer));
        match read.await {
            Err(_) => write_out(output, &ALIVE.to_be_bytes(), stall).await?,
            Ok(Err(error)) => return Err(Error::io("read from git")(error).into()),
            Ok(Ok(0)) => break,
            Ok(Ok(count)) => frame(output, &buffer[..count], stall, moved).await?,
        }
    }
    let status = running.wait().await.map_err(Error::io("wait for git"))?;
    if !status.success() {
        let said = said.await.unwrap_or_default();
        tracing::info!("a pack could not be made: {}", clean(&said));
    }
    Ok(status.success())
}

async fn frame(
    output: &mut (impl AsyncWrite + Unpin),
    bytes: &[u8],
    stall: Duration,
    moved: &AtomicU64,
) -> Result<(), ServiceError> {
    debug_assert!(bytes.len() <= MAX_FRAME as usize && !bytes.is_empty());
    write_out(output, &(bytes.len() as u32).to_be_bytes(), stall).await?;
    write_out(output, bytes, stall).await?;
    moved.fetch_add(bytes.len() as u64, Ordering::Relaxed);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_read_back_and_others_are_refused() {
        let oid = Oid::parse(&"1".repeat(40)).unwrap();
        let wish = Wish {
            pack: Some(("ab".to_owned(), 7)),
            wants: vec![oid.clone()],
            haves: vec![oid.clone(), oid],
        };
        let said = String::from_utf8(wish.write()).unwrap();
        assert_eq!(Wish::read(said.strip_suffix("\n").unwrap()), Some(wish));
        let one = "1".repeat(40);
        for bad in [
            String::new(),
            format!("have {one}\n"),
            format!("want {one}\npack x\n"),
            format!("pack x 1\npack x 1\nwant {one}\n"),
            format!("pack x -1\nwant {one}\n"),
            "want --all\n".to_owned(),
            format!("wish {one}\n"),
            format!("want {one}\n").repeat(MAX_WANTED + 1),
        ] {
            assert_eq!(Wish::read(&bad), None, "{bad:.60}");
        }
    }
}
