//! The process in which documents are read: its own side ([`serve`]) and that of the node ([`Workers`]).
//!
//! The node starts its own program with one argument, in a process group of its own, at the lowest priority, without
//! environment, folder or descriptors but two pipes, and under limits of memory, processor time and files. Before it
//! reads a byte of a document the process gives up every system call but those that move bytes between memory and its
//! pipes (seccomp): it can open no file, no socket, and start nothing. Where the system has no such filter, that is said
//! ([`Workers::confined`]), and the limits still hold.
//!
//! A document goes in as a line of JSON and its bytes, text comes out as a line of JSON. What a document costs is counted in
//! the processor time that the process really got, which a loaded machine does not make longer. Whatever happens in between,
//! the process is ended after [`Limits::wall`], and the next document gets another one.

mod confine;
mod serve;
mod session;

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

pub use serve::serve;
pub use session::{ReadError, Session};

/// What reading one document may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Memory that the process may map, bytes: 64 MB of document, as much again unpacked, and its pages.
    pub memory: u64,
    /// Processor time of one process, seconds.
    pub cpu_seconds: u64,
    /// Time for one document, from when all of it was handed over; and for each part of it that is handed over.
    pub wall: Duration,
    /// The longest answer, bytes: text, a picture in base64, and the JSON around them.
    pub answer: usize,
}

impl Default for Limits {
    /// 512 MiB, 30 s of processor time, 5 minutes (the process has the lowest priority: on a busy machine it gets a tenth of
    /// a processor), 8 MiB.
    fn default() -> Limits {
        Limits {
            memory: 512 << 20,
            cpu_seconds: 30,
            wall: Duration::from_secs(300),
            answer: 8 << 20,
        }
    }
}

/// Starts processes that read documents. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Workers(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    program: PathBuf,
    arguments: Vec<OsString>,
    limits: Limits,
    /// What the last process said of its confinement: 0 nothing yet, 1 whole, 2 not whole.
    confined: AtomicU8,
    in_process: bool,
}

impl Workers {
    /// Workers that are this program, run with these arguments; [`serve`] must be what these make it do.
    pub fn new(program: impl Into<PathBuf>, arguments: &[&str], limits: Limits) -> Workers {
        Workers(Arc::new(Inner {
            program: program.into(),
            arguments: arguments.iter().map(OsString::from).collect(),
            limits,
            confined: AtomicU8::new(0),
            in_process: false,
        }))
    }

    /// Readers without a process, for tests of what is done with a text.
    #[cfg(debug_assertions)]
    pub fn in_process() -> Workers {
        Workers(Arc::new(Inner {
            program: PathBuf::new(),
            arguments: Vec::new(),
            limits: Limits::default(),
            confined: AtomicU8::new(0),
            in_process: true,
        }))
    }

    /// Whether the last process could give up all that it does not need; nothing before the first.
    pub fn confined(&self) -> Option<bool> {
        match self.0.confined.load(Ordering::Relaxed) {
            0 => None,
            said => Some(said == 1),
        }
    }

    /// Reads documents one after the other, in one process as long as it lives. Dropping it ends the process.
    pub fn session(&self) -> Session {
        Session::new(self.clone())
    }
}
