//! How much of a crowd of clones is the server's: the same answers taken by clients that do nothing with them, and the
//! same clients answered from memory.
//!
//! Sixteen `git clone` on one machine share its processors with the server that is measured, and index what they are
//! sent. What is left when the server costs nothing is the least that any server reaches there.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};

use crate::http;

/// What the first requests of protocol version 2 say.
const VERSION: &str = "Git-Protocol: version=2";
/// The media type of the others.
const ASKS: &str = "Content-Type: application/x-git-upload-pack-request";

/// A place that clones are asked of.
#[derive(Debug, Clone)]
pub(super) struct Target {
    port: u16,
    path: String,
}

impl Target {
    /// Of a URL `http://127.0.0.1:PORT/PATH`.
    pub(super) fn of(url: &str) -> Result<Self> {
        let rest = url
            .strip_prefix("http://127.0.0.1:")
            .context("on loopback")?;
        let (port, path) = rest.split_once('/').context("a path")?;
        Ok(Self {
            port: port.parse()?,
            path: format!("/{path}"),
        })
    }

    /// What refs there are, as Git lists them; nothing where there is no answer. It starts no process there.
    pub(super) fn list(&self) -> Result<String> {
        let path = format!("{}/git-upload-pack", self.path);
        let body = request("ls-refs", &[]);
        let answer = http::request(self.port, "POST", &path, &[VERSION, ASKS], &body)?;
        Ok(match answer.status {
            200 => answer.text(),
            _ => String::new(),
        })
    }

    fn ask(&self, body: &[u8]) -> Result<Vec<u8>> {
        let path = format!("{}/git-upload-pack", self.path);
        let answer = http::request(self.port, "POST", &path, &[VERSION, ASKS], body)?;
        ensure!(answer.status == 200, "{path} answers {}", answer.status);
        Ok(answer.body)
    }

    /// Takes the same answer so many times at once, and does nothing with it: until the last byte of the last one.
    pub(super) fn take(&self, request: &[u8], times: usize, least: usize) -> Result<Duration> {
        let begun = Instant::now();
        thread::scope(|scope| {
            let takers: Vec<_> = (0..times)
                .map(|_| scope.spawn(|| self.read_all(request)))
                .collect();
            for taker in takers {
                let bytes = taker.join().expect("a taker does not panic")?;
                ensure!(bytes >= least, "an answer of {bytes} bytes is cut off");
            }
            Ok(begun.elapsed())
        })
    }

    /// The bytes of one answer, with its head.
    fn read_all(&self, request: &[u8]) -> Result<usize> {
        let mut stream = http::connect(self.port)?;
        let head = format!(
            "POST {}/git-upload-pack HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{VERSION}\r\n{ASKS}\r\nConnection: close\r\n\
             Content-Length: {}\r\n\r\n",
            self.path,
            self.port,
            request.len()
        );
        stream.write_all(head.as_bytes())?;
        stream.write_all(request)?;
        let (mut all, mut end) = (0, Vec::new());
        let mut piece = vec![0; 256 << 10];
        loop {
            let count = stream.read(&mut piece)?;
            if count == 0 {
                return Ok(all);
            }
            all += count;
            end.extend_from_slice(&piece[count.saturating_sub(8)..count]);
            end.drain(..end.len().saturating_sub(8));
            // Some servers keep the connection open whatever they are told.
            if end.ends_with(b"\r\n0\r\n\r\n") {
                return Ok(all);
            }
        }
    }
}

/// What a clone asks, and what it was answered.
#[derive(Debug)]
pub(super) struct Recorded {
    first: Vec<u8>,
    list: Vec<u8>,
    /// The request for the pack, as a client writes it.
    pub(super) request: Vec<u8>,
    pack: Vec<u8>,
}

impl Recorded {
    /// Asks as `git clone` does, with its `--depth` where one is given.
    pub(super) fn of(target: &Target, depth: Option<usize>) -> Result<Self> {
        let path = format!("{}/info/refs?service=git-upload-pack", target.path);
        let first = http::get(target.port, &path, &[VERSION])?.body;
        let list = target.ask(&request(
            "ls-refs",
            &["peel".to_owned(), "symrefs".to_owned(), "unborn".to_owned()],
        ))?;
        let text = String::from_utf8_lossy(&list).into_owned();
        let head = text
            .find(" HEAD")
            .and_then(|at| at.checked_sub(40).and_then(|from| text.get(from..at)))
            .context("HEAD is listed")?;
        let mut lines: Vec<String> = ["thin-pack", "no-progress", "include-tag", "ofs-delta"]
            .map(str::to_owned)
            .to_vec();
        lines.extend(depth.map(|depth| format!("deepen {depth}")));
        lines.extend([format!("want {head}"), "done".to_owned()]);
        let request = request("fetch", &lines);
        let pack = target.ask(&request)?;
        Ok(Self {
            first,
            list,
            request,
            pack,
        })
    }

    /// The bytes of the pack's answer.
    pub(super) fn len(&self) -> usize {
        self.pack.len()
    }
}

fn request(command: &str, lines: &[String]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut line = |text: &str| {
        out.extend(format!("{:04x}{text}\n", text.len() + 5).bytes());
    };
    line(&format!("command={command}"));
    line("agent=commun-bench");
    line("object-format=sha1");
    out.extend_from_slice(b"0001");
    for text in lines {
        out.extend(format!("{:04x}{text}\n", text.len() + 5).bytes());
    }
    out.extend_from_slice(b"0000");
    out
}

/// A server that answers every clone with what was recorded, from memory. It ends when it is dropped.
pub(super) struct FromMemory {
    port: u16,
    listener: Option<thread::JoinHandle<()>>,
    stop: Arc<std::sync::atomic::AtomicBool>,
}

impl FromMemory {
    /// Listens on a free port.
    pub(super) fn start(recorded: Recorded) -> Result<Self> {
        let socket = TcpListener::bind("127.0.0.1:0")?;
        let port = socket.local_addr()?.port();
        let stop = Arc::new(std::sync::atomic::AtomicBool::new(false));
        let (recorded, stopped) = (Arc::new(recorded), stop.clone());
        let listener = thread::spawn(move || {
            for stream in socket.incoming().filter_map(Result::ok) {
                if stopped.load(std::sync::atomic::Ordering::Relaxed) {
                    return;
                }
                let recorded = recorded.clone();
                thread::spawn(move || {
                    // A client that goes away is no event.
                    let _ = answer(stream, &recorded);
                });
            }
        });
        Ok(Self {
            port,
            listener: Some(listener),
            stop,
        })
    }

    /// What to clone from it.
    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/recorded.git", self.port)
    }
}

impl Drop for FromMemory {
    fn drop(&mut self) {
        self.stop.store(true, std::sync::atomic::Ordering::Relaxed);
        // Wakes the listener.
        if let Ok(stream) = TcpStream::connect(("127.0.0.1", self.port)) {
            let _ = stream.shutdown(Shutdown::Both);
        }
        if let Some(listener) = self.listener.take() {
            let _ = listener.join();
        }
    }
}

/// The requests of one connection.
fn answer(stream: TcpStream, recorded: &Recorded) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut out = stream.try_clone()?;
    let mut input = BufReader::new(stream);
    loop {
        let (mut first, mut length) = (String::new(), 0);
        if input.read_line(&mut first)? == 0 {
            return Ok(());
        }
        loop {
            let mut line = String::new();
            input.read_line(&mut line)?;
            if line.trim().is_empty() {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse()?;
            }
        }
        let mut body = vec![0; length];
        input.read_exact(&mut body)?;
        let lists = body.windows(15).any(|part| part == b"command=ls-refs");
        let (kind, bytes) = match first.starts_with("GET ") {
            true => ("advertisement", &recorded.first),
            false if lists => ("result", &recorded.list),
            false => ("result", &recorded.pack),
        };
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-{kind}\r\nCache-Control: no-cache\r\n\
             Content-Length: {}\r\n\r\n",
            bytes.len()
        );
        out.write_all(head.as_bytes())?;
        out.write_all(bytes)?;
    }
}
