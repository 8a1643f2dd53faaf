//! Serving: upload-pack and receive-pack as processes that bytes are pumped through.

use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::process::{ChildStdin, ChildStdout};

use super::command::{Error, Role, clean};
use super::places::{Place, Work};
use super::running::{End, Running, tail};
use super::{Repository, pktline};

/// How much is moved at a time, bytes. Larger chunks made clones no faster.
pub(super) const CHUNK: usize = 128 << 10;

/// A conversation may last longer than its wall by one second for each of these bytes: who takes a clone over a slow
/// line gets it whole, and who sends or takes just enough not to stall does not hold a process for ever.
pub(super) const BYTES_PER_EXTRA_SECOND: u64 = 8 << 10;

/// Which side of Git's protocol is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceKind {
    /// `git-upload-pack`: clone and fetch.
    UploadPack,
    /// `git-receive-pack`: push.
    ReceivePack,
}

impl ServiceKind {
    /// Reads the name that smart HTTP uses, `git-upload-pack` or `git-receive-pack`.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "git-upload-pack" => Some(Self::UploadPack),
            "git-receive-pack" => Some(Self::ReceivePack),
            _ => None,
        }
    }

    /// The name that smart HTTP uses.
    pub fn name(self) -> &'static str {
        match self {
            Self::UploadPack => "git-upload-pack",
            Self::ReceivePack => "git-receive-pack",
        }
    }
}

/// Why a conversation ended early.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// Git could not be started.
    #[error(transparent)]
    Git(#[from] Error),
    /// The other side broke off.
    #[error("the other side broke off")]
    Broken(#[source] io::Error),
    /// The other side sent or took nothing for the time given.
    #[error("the other side stalled")]
    Stalled,
    /// The other side sent more than the limit.
    #[error("the request is larger than {0} bytes")]
    TooLarge(u64),
    /// Too many processes run for others, and none ended in time.
    #[error("too many run at once; try again in a moment")]
    Busy,
    /// Git ended with an error; what it says to the client is in the answer already.
    #[error("git ended with an error: {0}")]
    Failed(String),
}

/// A process that serves one request. Dropped early, it is ended and leaves nothing behind.
#[derive(Debug)]
pub struct Service {
    pub(super) running: Running,
    max_input: u64,
    wall: Duration,
}

/// The `Git-Protocol` header, if it is one that we pass on: `version=0`, `1` or `2`.
pub fn sanitise_protocol(header: &str) -> Option<&'static str> {
    // Clients send other keys never; a list is allowed by the manual.
    let version = header
        .split(':')
        .find_map(|part| part.strip_prefix("version="))?;
    match version {
        "0" => Some("version=0"),
        "1" => Some("version=1"),
        "2" => Some("version=2"),
        _ => None,
    }
}

impl Repository {
    /// The whole body of `GET …/info/refs?service=…`, with the line that names the service.
    ///
    /// `protocol` is the client's `Git-Protocol` header, any text.
    pub async fn info_refs(
        &self,
        kind: ServiceKind,
        protocol: Option<&str>,
    ) -> Result<Vec<u8>, ServiceError> {
        let refs = self.advertise(kind, protocol).await?;
        let mut body = Vec::with_capacity(refs.len() + 64);
        pktline::write(&mut body, format!("# service={}\n", kind.name()).as_bytes());
        pktline::flush(&mut body);
        body.extend_from_slice(&refs);
        Ok(body)
    }

    /// What Git says first to whoever connects: the refs, and what it can do.
    pub(super) async fn advertise(
        &self,
        kind: ServiceKind,
        protocol: Option<&str>,
    ) -> Result<Vec<u8>, ServiceError> {
        let protocol = protocol.and_then(sanitise_protocol);
        if kind == ServiceKind::UploadPack && protocol == Some("version=2") {
            return self.capabilities().await;
        }
        self.ask_info_refs(kind, protocol).await
    }

    /// What upload-pack can do, in protocol version 2. It names no ref and is the same for every repository of a
    /// format, so Git is asked once.
    async fn capabilities(&self) -> Result<Vec<u8>, ServiceError> {
        let known = self.git.capabilities(self.format());
        let ask = || self.ask_info_refs(ServiceKind::UploadPack, Some("version=2"));
        known.get_or_try_init(ask).await.cloned()
    }

    async fn ask_info_refs(
        &self,
        kind: ServiceKind,
        protocol: Option<&'static str>,
    ) -> Result<Vec<u8>, ServiceError> {
        // Who is about to push was asked who they are.
        let work = match kind {
            ServiceKind::UploadPack => Work::Answering,
            ServiceKind::ReceivePack => Work::AnsweringKnown,
        };
        let place = self.git.places().take(work).await?;
        let name = kind.name();
        let mut command = self.git.command(Role::Serve, &self.path, &[], None);
        if let Some(protocol) = protocol {
            command.env("GIT_PROTOCOL", protocol);
        }
        command.arg(&name["git-".len()..]);
        if kind == ServiceKind::UploadPack {
            command.arg("--strict");
        }
        command
            .args(["--stateless-rpc", "--http-backend-info-refs"])
            .arg(&self.path);
        Ok(self.git.run_at(command, name, &[], place).await?)
    }

    /// Answers one `POST …/git-upload-pack`.
    ///
    /// `protocol` is the client's `Git-Protocol` header, any text.
    ///
    /// # Errors
    /// Git cannot be started, or too many run for others.
    pub async fn upload_pack(&self, protocol: Option<&str>) -> Result<Service, ServiceError> {
        self.start_upload_pack(protocol, &["--stateless-rpc"], Work::Answering)
            .await
    }

    /// Answers one request of protocol version 2 into a file. The future ends with the process, and ends it when it is
    /// dropped.
    pub(super) fn upload_pack_into(
        &self,
        file: File,
        max_bytes: u64,
        request: Vec<u8>,
        place: Place,
    ) -> Result<impl Future<Output = Result<(), ServiceError>> + Send + 'static, ServiceError> {
        let mut command = self.git.command(Role::Serve, &self.path, &[], None);
        command
            .env("GIT_PROTOCOL", "version=2")
            .args(["upload-pack", "--strict", "--stateless-rpc"])
            .arg(&self.path);
        self.git.run_into(command, file, max_bytes, request, place)
    }

    /// Starts upload-pack for a client that stays connected and is spoken to first: how SSH is served, to people who
    /// are known.
    ///
    /// `protocol` is what the client set `GIT_PROTOCOL` to, any text.
    ///
    /// # Errors
    /// Git cannot be started, or too many run for others.
    pub async fn upload_pack_stream(
        &self,
        protocol: Option<&str>,
    ) -> Result<Service, ServiceError> {
        self.start_upload_pack(protocol, &[], Work::AnsweringKnown)
            .await
    }

    async fn start_upload_pack(
        &self,
        protocol: Option<&str>,
        args: &[&str],
        work: Work,
    ) -> Result<Service, ServiceError> {
        let place = self.git.places().take(work).await?;
        let mut command = self.git.command(Role::Serve, &self.path, &[], None);
        if let Some(protocol) = protocol.and_then(sanitise_protocol) {
            command.env("GIT_PROTOCOL", protocol);
        }
        command
            .args(["upload-pack", "--strict"])
            .args(args)
            .arg(&self.path);
        command.stdin(std::process::Stdio::piped());
        Ok(Service {
            running: Running::spawn(&mut command, End::Now)?.keeping(place),
            max_input: self.git.limits().max_negotiation,
            wall: self.git.limits().wall,
        })
    }

    /// Speaks upload-pack, protocol version 2, over one stream until the other side ends it: how a
    /// repository is given to another node. `stall` bounds each wait for the other side.
    pub async fn serve_upload_pack<S>(&self, stream: S, stall: Duration) -> Result<(), ServiceError>
    where
        S: AsyncRead + AsyncWrite,
    {
        let timeout = format!("--timeout={}", stall.as_secs().max(1));
        let service = self
            .start_upload_pack(Some("version=2"), &[&timeout], Work::Giving)
            .await?;
        let (input, output) = tokio::io::split(stream);
        service.run(input, output, stall).await
    }
}

impl Service {
    /// Moves `input` to the process and its answer to `output`, and shuts `output` down at the end.
    ///
    /// Memory: two chunks of 128 KiB. `stall` bounds each read from `input` and each write to `output`. On
    /// every error, and when the future is dropped, the process is ended.
    pub async fn run(
        mut self,
        input: impl AsyncRead,
        output: impl AsyncWrite,
        stall: Duration,
    ) -> Result<(), ServiceError> {
        let child = self.running.child();
        let stdin = child.stdin.take().expect("piped when started");
        let mut stdout = child.stdout.take().expect("piped when started");
        let stderr = child.stderr.take();
        let max = self.max_input;
        let moved = AtomicU64::new(0);
        let talk = async {
            let feed = feed(input, stdin, max, stall, &moved);
            let drain = drain(&mut stdout, output, stall, &moved);
            tokio::pin!(feed, drain);
            let mut fed = false;
            // Once the answer is complete nobody waits for the rest of the request: over a stream that
            // stays open it never ends.
            loop {
                tokio::select! {
                    result = &mut drain => return result,
                    result = &mut feed, if !fed => {
                        result?;
                        fed = true;
                    }
                }
            }
        };
        let said = tokio::spawn(tail(stderr));
        let talked = within(self.wall, &moved, talk)
            .await
            .unwrap_or_else(|| Err(Error::Limit("service".to_owned()).into()));
        if let Err(error) = talked {
            self.running.stop().await;
            return Err(error);
        }
        let status = self
            .running
            .wait()
            .await
            .map_err(Error::io("wait for git"))?;
        if status.success() {
            Ok(())
        } else {
            Err(ServiceError::Failed(clean(&said.await.unwrap_or_default())))
        }
    }
}

/// Runs to the end, unless it takes longer than the wall and what the bytes that it moved allow.
pub(super) async fn within<T>(
    wall: Duration,
    moved: &AtomicU64,
    work: impl Future<Output = T>,
) -> Option<T> {
    let begun = tokio::time::Instant::now();
    let mut until = begun + wall;
    tokio::pin!(work);
    loop {
        if let Ok(done) = tokio::time::timeout_at(until, &mut work).await {
            return Some(done);
        }
        let extra = moved.load(Ordering::Relaxed) / BYTES_PER_EXTRA_SECOND;
        until = begun + wall + Duration::from_secs(extra);
        if until <= tokio::time::Instant::now() {
            return None;
        }
    }
}

/// Moves the request in. A process that stopped reading is no error: its answer says why.
pub(super) async fn feed(
    input: impl AsyncRead,
    mut stdin: ChildStdin,
    max: u64,
    stall: Duration,
    moved: &AtomicU64,
) -> Result<(), ServiceError> {
    tokio::pin!(input);
    let mut buffer = vec![0; CHUNK];
    let mut total = 0;
    let mut open = true;
    loop {
        let count = read_some(&mut input, &mut buffer, stall).await?;
        if count == 0 {
            return Ok(());
        }
        total += count as u64;
        moved.fetch_add(count as u64, Ordering::Relaxed);
        if total > max {
            return Err(ServiceError::TooLarge(max));
        }
        if open && stdin.write_all(&buffer[..count]).await.is_err() {
            open = false;
        }
    }
}

/// Reads once, within `stall`.
pub(super) async fn read_some(
    input: &mut (impl AsyncRead + Unpin),
    buffer: &mut [u8],
    stall: Duration,
) -> Result<usize, ServiceError> {
    match tokio::time::timeout(stall, input.read(buffer)).await {
        Ok(Ok(count)) => Ok(count),
        Ok(Err(error)) => Err(ServiceError::Broken(error)),
        Err(_) => Err(ServiceError::Stalled),
    }
}

/// Moves the answer out, and shuts the output down.
pub(super) async fn drain(
    stdout: &mut ChildStdout,
    output: impl AsyncWrite,
    stall: Duration,
    moved: &AtomicU64,
) -> Result<(), ServiceError> {
    tokio::pin!(output);
    let mut buffer = vec![0; CHUNK];
    loop {
        let count = stdout
            .read(&mut buffer)
            .await
            .map_err(Error::io("read from git"))?;
        if count == 0 {
            return write_out(&mut output, &[], stall).await;
        }
        write_out(&mut output, &buffer[..count], stall).await?;
        moved.fetch_add(count as u64, Ordering::Relaxed);
    }
}

/// Writes within `stall`; nothing to write means shut down.
pub(super) async fn write_out(
    output: &mut (impl AsyncWrite + Unpin),
    bytes: &[u8],
    stall: Duration,
) -> Result<(), ServiceError> {
    let write = async {
        if bytes.is_empty() {
            output.shutdown().await
        } else {
            output.write_all(bytes).await?;
            output.flush().await
        }
    };
    match tokio::time::timeout(stall, write).await {
        Ok(result) => result.map_err(ServiceError::Broken),
        Err(_) => Err(ServiceError::Stalled),
    }
}

#[cfg(test)]
mod tests;
