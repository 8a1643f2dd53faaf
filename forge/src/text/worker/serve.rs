//! The worker's own side.

use std::io::{self, BufRead, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};

use serde::{Deserialize, Serialize};

use super::confine::confine;
use crate::text::{Document, Drawn, Format, MAX_INPUT_BYTES, Unread, draw, read};

/// The longest line that asks, bytes.
const MAX_LINE: u64 = 4096;

/// What the process says first.
#[derive(Serialize, Deserialize)]
pub(super) struct Hello {
    pub(super) confined: bool,
}

/// What is asked; so many bytes follow the line.
#[derive(Serialize, Deserialize)]
pub(super) struct Request {
    #[serde(default)]
    pub(super) format: Option<Format>,
    /// Which page of a PDF document to draw, instead of reading it, and how many pixels wide.
    #[serde(default)]
    pub(super) page: Option<(u32, u32)>,
    pub(super) size: u64,
    /// How to run wild: for tests.
    #[serde(default)]
    pub(super) wild: Option<String>,
}

/// What is answered.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Answer {
    Document(Document),
    /// A page of it.
    Drawn(Drawn),
    /// A word of `Unread::code`, or `crashed`.
    Unread(String),
}

/// What is wanted of a document.
enum Asked {
    Text(Format),
    Page(u32, u32),
}

impl Asked {
    fn answer(self, bytes: Vec<u8>) -> Result<Answer, Unread> {
        match self {
            Asked::Text(format) => read(format, &bytes).map(Answer::Document),
            Asked::Page(page, width) => draw(bytes, page, width).map(Answer::Drawn),
        }
    }
}

/// Reads documents from standard input until it ends, and answers on standard output; see the module above.
///
/// # Errors
/// A pipe broke, or what came in is not what a node sends.
pub fn serve() -> io::Result<()> {
    // What a panic would say goes nowhere, and asking for a backtrace opens files.
    set_hook(Box::new(|_| {}));
    let confined = confine();
    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    say(&mut output, &Hello { confined })?;
    loop {
        let mut line = Vec::new();
        input.by_ref().take(MAX_LINE).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Ok(());
        }
        let request: Request = serde_json::from_slice(&line)?;
        if request.size > MAX_INPUT_BYTES {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let mut bytes = Vec::new();
        bytes
            .try_reserve_exact(request.size as usize)
            .map_err(io::Error::other)?;
        input.by_ref().take(request.size).read_to_end(&mut bytes)?;
        #[cfg(debug_assertions)]
        if let Some(how) = &request.wild {
            let said = wild::run(how);
            say(&mut output, &Answer::Unread(said))?;
            continue;
        }
        let asked = match (request.page, request.format) {
            (Some((page, width)), _) => Asked::Page(page, width),
            (None, Some(format)) => Asked::Text(format),
            (None, None) => return Err(io::ErrorKind::InvalidInput.into()),
        };
        let answer = match catch_unwind(AssertUnwindSafe(|| asked.answer(bytes))) {
            Ok(Ok(answer)) => answer,
            Ok(Err(unread)) => Answer::Unread(unread.code().to_owned()),
            Err(_) => Answer::Unread("crashed".to_owned()),
        };
        say(&mut output, &answer)?;
    }
}

fn say(output: &mut impl Write, what: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *output, what)?;
    output.write_all(b"\n")?;
    output.flush()
}

/// What a worker that is out of hand would try. Not in a released program.
#[cfg(debug_assertions)]
mod wild {
    use std::{fs, net, process, thread};

    /// Does it, and says what came of it.
    pub(super) fn run(how: &str) -> String {
        let said = |worked: bool| if worked { "worked" } else { "refused" }.to_owned();
        match how {
            "allocate" => {
                let mut all: Vec<Vec<u8>> = Vec::new();
                loop {
                    all.push(vec![1; 16 << 20]);
                }
            }
            "recurse" => format!("{}", deeper(1)),
            "spin" => loop {
                std::hint::spin_loop();
            },
            "sleep" => {
                // Neither works nor ends.
                loop {
                    thread::park();
                }
            }
            "chatter" => "x".repeat(100 << 20),
            "crash" => process::abort(),
            "fork" => said(process::Command::new("/bin/true").spawn().is_ok()),
            "thread" => said(thread::Builder::new().spawn(|| ()).is_ok()),
            "write" => said(fs::write(std::env::temp_dir().join("commun-chute"), "x").is_ok()),
            "read" => said(fs::read("/etc/passwd").is_ok()),
            "connect" => said(net::TcpListener::bind("127.0.0.1:0").is_ok()),
            "environment" => said(std::env::vars_os().next().is_some()),
            "signal" => said(process::Command::new("/bin/kill").status().is_ok()),
            _ => "unknown".to_owned(),
        }
    }

    #[allow(unconditional_recursion)]
    fn deeper(n: u64) -> u64 {
        let here = std::hint::black_box([n; 128]);
        deeper(here[0] + 1) + here[1]
    }
}
