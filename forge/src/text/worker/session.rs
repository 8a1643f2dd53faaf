//! The node's side: one process after the other, as long as there are documents.

use std::io;
use std::process::Stdio;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use thiserror::Error;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::Workers;
use super::serve::{Answer, Hello, Request};
use crate::git::sys::{Confinement, confine, humble, isolate, signal_group};
use crate::text::{Document, Drawn, Format, MAX_INPUT_BYTES, draw, read};

/// Documents that one process reads, and the time after which it takes no further one: its processor time is counted
/// together, and what one document left behind should not meet many others.
const MAX_DOCUMENTS: u32 = 100;
const MAX_AGE_SECONDS: u64 = 10;

/// Why there is no text.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The document's fault; the same will be said tomorrow. The word is one of `damaged`, `encrypted`, `too-large`,
    /// `refused`, `too-slow`, `crashed`.
    #[error("the document is not read: {0}")]
    Unread(String),
    /// Somebody else ended the process: who stops the node with all that it started, or a system that has no memory left. The
    /// document may be read tomorrow.
    #[error("the program that reads documents was ended from outside")]
    Killed,
    /// The document's bytes did not come.
    #[error("the document did not come")]
    Input(#[source] io::Error),
    /// No process could be started.
    #[error("cannot start the program that reads documents")]
    Start(#[source] io::Error),
}

/// A running process, or none.
pub struct Session {
    workers: Workers,
    running: Option<Running>,
}

struct Running {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    documents: u32,
    since: Instant,
}

impl Session {
    pub(super) fn new(workers: Workers) -> Session {
        let running = None;
        Session { workers, running }
    }

    /// Reads one document of `size` bytes.
    ///
    /// # Errors
    /// See [`ReadError`]; the session goes on after any of them.
    pub async fn read(
        &mut self,
        format: Format,
        size: u64,
        input: impl AsyncRead + Unpin,
    ) -> Result<Document, ReadError> {
        if size > MAX_INPUT_BYTES {
            return Err(ReadError::Unread("too-large".to_owned()));
        }
        if self.workers.0.in_process {
            return here(format, input).await;
        }
        let request = Request {
            format: Some(format),
            page: None,
            size,
            wild: None,
        };
        match self.ask(&request, input).await? {
            Answer::Document(document) => Ok(document),
            _ => Err(ReadError::Unread("crashed".to_owned())),
        }
    }

    /// Draws one page of a PDF document of `size` bytes, so many pixels wide; the first one is 1.
    ///
    /// # Errors
    /// See [`ReadError`]; the session goes on after any of them.
    pub async fn draw(
        &mut self,
        page: u32,
        width: u32,
        size: u64,
        mut input: impl AsyncRead + Unpin,
    ) -> Result<Drawn, ReadError> {
        if size > MAX_INPUT_BYTES {
            return Err(ReadError::Unread("too-large".to_owned()));
        }
        if self.workers.0.in_process {
            let mut bytes = Vec::new();
            let read = input.read_to_end(&mut bytes).await;
            read.map_err(ReadError::Input)?;
            return draw(bytes, page, width).map_err(|e| ReadError::Unread(e.code().to_owned()));
        }
        let request = Request {
            format: None,
            page: Some((page, width)),
            size,
            wild: None,
        };
        match self.ask(&request, input).await? {
            Answer::Drawn(drawn) => Ok(drawn),
            _ => Err(ReadError::Unread("crashed".to_owned())),
        }
    }

    /// Tells the process to run wild, in a program that is built for tests; the error is what came of it.
    #[cfg(debug_assertions)]
    pub async fn run_wild(&mut self, how: &str) -> ReadError {
        let request = Request {
            format: None,
            page: None,
            size: 0,
            wild: Some(how.to_owned()),
        };
        match self.ask(&request, tokio::io::empty()).await {
            Err(what) => what,
            Ok(_) => ReadError::Unread("a document".to_owned()),
        }
    }

    async fn ask(
        &mut self,
        request: &Request,
        mut input: impl AsyncRead + Unpin,
    ) -> Result<Answer, ReadError> {
        let limits = self.workers.0.limits;
        let mut running = match self.running.take().filter(Running::is_fit) {
            Some(running) => running,
            None => self.start().await?,
        };
        running.documents += 1;
        let mut line = serde_json::to_vec(request).map_err(|e| ReadError::Input(e.into()))?;
        line.push(b'\n');
        let given = async {
            within(limits.wall, running.input.write_all(&line))
                .await
                .map_err(Gave::Output)?;
            give(&mut running.input, &mut input, request.size, limits.wall).await
        };
        // The clock of the answer starts once all was handed over: a disk that is slow to give is no fault of the document.
        let answered = match given.await {
            Ok(()) => within(limits.wall, answer(&mut running.output, limits.answer)).await,
            // Half a document stands in its pipe.
            Err(Gave::Input(cause)) => return Err(ReadError::Input(cause)),
            Err(Gave::Output(cause)) => Err(cause),
        };
        match answered {
            Ok(Answer::Unread(why)) => {
                self.running = Some(running);
                Err(ReadError::Unread(why))
            }
            Ok(found) => {
                self.running = Some(running);
                Ok(found)
            }
            Err(cause) if cause.kind() == io::ErrorKind::TimedOut => {
                running.end().await;
                Err(ReadError::Unread("too-slow".to_owned()))
            }
            Err(_) => Err(running.end().await),
        }
    }

    async fn start(&self) -> Result<Running, ReadError> {
        let (workers, limits) = (&self.workers.0, self.workers.0.limits);
        let mut command = Command::new(&workers.program);
        command
            .args(&workers.arguments)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        let confinement = Confinement {
            address_space: limits.memory,
            cpu_seconds: limits.cpu_seconds,
            file_size: 0,
        };
        confine(&mut command, confinement, None);
        humble(&mut command);
        isolate(&mut command);
        let mut child = command.spawn().map_err(ReadError::Start)?;
        let piped = || ReadError::Start(io::ErrorKind::BrokenPipe.into());
        let input = child.stdin.take().ok_or_else(piped)?;
        let output = child.stdout.take().ok_or_else(piped)?;
        let mut running = Running {
            child,
            input,
            output: BufReader::new(output),
            documents: 0,
            since: Instant::now(),
        };
        let hello = answer::<Hello>(&mut running.output, 4096);
        let hello = within(limits.wall, hello).await.map_err(ReadError::Start)?;
        let said = if hello.confined { 1 } else { 2 };
        if workers.confined.swap(said, Ordering::Relaxed) != said && !hello.confined {
            tracing::warn!(target: "text", "this system does not confine the program that reads documents beyond its limits");
        }
        Ok(running)
    }
}

impl Running {
    fn is_fit(&self) -> bool {
        self.documents < MAX_DOCUMENTS && self.since.elapsed().as_secs() < MAX_AGE_SECONDS
    }

    /// Ends the process and all that it may have started; says why it ended, if it did so by itself.
    async fn end(&mut self) -> ReadError {
        use std::os::unix::process::ExitStatusExt;

        // It closed its pipe, so it is ending, or it will not by itself.
        let ended =
            tokio::time::timeout(std::time::Duration::from_millis(200), self.child.wait()).await;
        if let Some(leader) = self.child.id() {
            signal_group(leader, true);
        }
        let signal = match ended {
            Ok(status) => status.ok().and_then(|status| status.signal()),
            Err(_) => {
                let _ = self.child.wait().await;
                None
            }
        };
        match signal {
            Some(libc::SIGXCPU) => ReadError::Unread("too-slow".to_owned()),
            // Neither its limits nor its faults end it so.
            Some(libc::SIGKILL | libc::SIGTERM | libc::SIGINT | libc::SIGHUP) => ReadError::Killed,
            _ => ReadError::Unread("crashed".to_owned()),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(leader) = self.child.id() {
            signal_group(leader, true);
        }
    }
}

/// Which end of a copy failed.
enum Gave {
    Input(io::Error),
    Output(io::Error),
}

/// Waits so long for one step.
async fn within<T>(most: Duration, step: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    tokio::time::timeout(most, step)
        .await
        .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

/// Hands over a document, all of it; each part of it may take so long.
async fn give(
    to: &mut ChildStdin,
    from: &mut (impl AsyncRead + Unpin),
    size: u64,
    most_each: Duration,
) -> Result<(), Gave> {
    let mut left = size;
    let mut buffer = vec![0; 64 << 10];
    while left > 0 {
        let most = buffer.len().min(left as usize);
        let read = within(most_each, from.read(&mut buffer[..most]))
            .await
            .map_err(Gave::Input)?;
        if read == 0 {
            return Err(Gave::Input(io::ErrorKind::UnexpectedEof.into()));
        }
        within(most_each, to.write_all(&buffer[..read]))
            .await
            .map_err(Gave::Output)?;
        left -= read as u64;
    }
    within(most_each, to.flush()).await.map_err(Gave::Output)
}

/// A line of JSON, of at most so many bytes.
async fn answer<T: serde::de::DeserializeOwned>(
    output: &mut BufReader<ChildStdout>,
    most: usize,
) -> io::Result<T> {
    let mut line = Vec::new();
    output
        .take(most as u64)
        .read_until(b'\n', &mut line)
        .await?;
    if line.last() != Some(&b'\n') {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(serde_json::from_slice(&line)?)
}

async fn here(format: Format, mut input: impl AsyncRead + Unpin) -> Result<Document, ReadError> {
    let mut bytes = Vec::new();
    input
        .read_to_end(&mut bytes)
        .await
        .map_err(ReadError::Input)?;
    tokio::task::spawn_blocking(move || read(format, &bytes))
        .await
        .map_err(|_| ReadError::Unread("crashed".to_owned()))?
        .map_err(|unread| ReadError::Unread(unread.code().to_owned()))
}
