//! A process while it runs, and how it ends.

use std::io;
use std::process::Output;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStderr, Command};

use super::command::{Error, MAX_ANSWER};
use super::places::Place;
use super::sys;

/// A process of ours, with its group. Dropped while it runs, it is ended.
#[derive(Debug)]
pub(super) struct Running {
    child: Option<Child>,
    end: End,
    /// Given back when the process has ended, whoever waits for that.
    place: Option<Place>,
}

/// How a process is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// At once: it only reads.
    Now,
    /// By the end of its input. Git removes its quarantine when it fails by itself, not on a signal, nor
    /// when nobody reads its output any more.
    ByItself,
}

/// How long a process may take to fail by itself when its input ended. It removes a few files; what a
/// killed one leaves is removed by the sweep at start.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a process may take to go when it was told to.
const GRACE: Duration = Duration::from_secs(2);

impl Running {
    /// Starts the command.
    pub(super) fn spawn(command: &mut Command, end: End) -> Result<Self, Error> {
        let child = command.spawn().map_err(Error::io("start git"))?;
        Ok(Self {
            child: Some(child),
            end,
            place: None,
        })
    }

    /// Keeps a place until the process has ended.
    pub(super) fn keeping(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// The process. It is there until `finish`.
    pub(super) fn child(&mut self) -> &mut Child {
        self.child
            .as_mut()
            .expect("taken only by finish and drop, which end the value")
    }

    /// Writes `input`, closes standard input, reads all output (bounded) and waits.
    pub(super) async fn finish(mut self, input: &[u8]) -> io::Result<Output> {
        let child = self.child();
        let stdin = child.stdin.take();
        let stdout = child.stdout.take();
        let stderr = child.stderr.take();
        let write = async {
            if let Some(mut stdin) = stdin {
                // A program that ends without reading everything says why in its status.
                let _ = stdin.write_all(input).await;
            }
        };
        let read = async {
            let mut out = Vec::new();
            if let Some(stdout) = stdout {
                stdout.take(MAX_ANSWER + 1).read_to_end(&mut out).await?;
            }
            io::Result::Ok(out)
        };
        let end = self.wait();
        let (_, stdout, stderr, status) = tokio::join!(write, read, tail(stderr), end);
        let status = status?;
        self.child = None;
        Ok(Output {
            status,
            stdout: stdout?,
            stderr,
        })
    }

    /// Waits for the end, and ends what the process left running: a helper that outlives a failed fetch
    /// would hold its output open for ever.
    pub(super) async fn wait(&mut self) -> io::Result<std::process::ExitStatus> {
        let child = self.child();
        let leader = child.id();
        let status = child.wait().await?;
        if let Some(leader) = leader {
            sys::signal_group(leader, true);
        }
        Ok(status)
    }

    /// Ends the process and waits until it is gone.
    pub(super) async fn stop(mut self) {
        if let Some(child) = self.child.take() {
            // A task of its own: who waits no longer does not keep the process from being ended.
            let _ = tokio::spawn(stop(child, self.end, self.place.take())).await;
        }
    }
}

async fn stop(mut child: Child, end: End, _place: Option<Place>) {
    let Some(leader) = child.id() else {
        return;
    };
    drop(child.stdin.take());
    if end == End::ByItself {
        let stdout = child.stdout.take();
        let listen = async {
            if let Some(mut stdout) = stdout {
                let _ = tokio::io::copy(&mut stdout, &mut tokio::io::sink()).await;
            }
        };
        let both = async { tokio::join!(listen, child.wait()) };
        let _ = tokio::time::timeout(PATIENCE, both).await;
    } else {
        sys::signal_group(leader, false);
        let _ = tokio::time::timeout(GRACE, child.wait()).await;
    }
    sys::signal_group(leader, true);
    let _ = child.wait().await;
}

impl Drop for Running {
    fn drop(&mut self) {
        let Some(child) = self.child.take() else {
            return;
        };
        let Some(leader) = child.id() else {
            return;
        };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => {
                runtime.spawn(stop(child, self.end, self.place.take()));
            }
            Err(_) => {
                sys::signal_group(leader, true);
            }
        }
    }
}

/// The most of standard error that is kept, bytes.
const MAX_STDERR: usize = 8192;

/// Reads a child's standard error to its end and keeps the first and only bounded part.
pub(super) async fn tail(stderr: Option<ChildStderr>) -> Vec<u8> {
    let mut kept = Vec::new();
    let Some(mut stderr) = stderr else {
        return kept;
    };
    let mut buffer = [0; 2048];
    while let Ok(count @ 1..) = stderr.read(&mut buffer).await {
        let room = MAX_STDERR - kept.len();
        kept.extend_from_slice(&buffer[..count.min(room)]);
    }
    kept
}
