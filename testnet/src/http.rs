//! HTTP by hand: exact bytes out, the answer in. What the client of the API would never send, tests must.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use anyhow::{Context, Result, bail};

/// Longest silence of a server that is waited for.
const SILENCE: Duration = Duration::from_secs(30);
/// Largest answer that is read, in bytes: more is a fault of the server or of the test.
const MAX_ANSWER: usize = 256 << 20;

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers, names in lower case, in their order.
    pub headers: Vec<(String, String)>,
    /// The body, without the framing.
    pub body: Vec<u8>,
}

impl Answer {
    /// The first header of a name (in lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// `GET` of a path, with more header lines (each without its line end).
pub fn get(port: u16, path: &str, headers: &[&str]) -> Result<Answer> {
    request(port, "GET", path, headers, b"")
}

/// Any request with a body of known length.
pub fn request(
    port: u16,
    method: &str,
    path: &str,
    headers: &[&str],
    body: &[u8],
) -> Result<Answer> {
    let mut head =
        format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n");
    for line in headers {
        head.push_str(line);
        head.push_str("\r\n");
    }
    if !body.is_empty() || method != "GET" {
        head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    head.push_str("\r\n");
    let mut bytes = head.into_bytes();
    bytes.extend_from_slice(body);
    raw(port, &bytes)?.with_context(|| format!("no answer to {method} {path}"))
}

/// Sends bytes as they are and reads the first answer. `None`: the server closed without one.
pub fn raw(port: u16, bytes: &[u8]) -> Result<Option<Answer>> {
    let mut stream = connect(port)?;
    // A server that has seen enough stops reading, and its answer is what counts.
    let sent = stream.write_all(bytes);
    let mut all = Vec::new();
    let mut piece = vec![0; 256 << 10];
    // Some servers keep the connection open whatever they are told.
    let read = loop {
        match stream.read(&mut piece) {
            Ok(0) => break Ok(()),
            Ok(n) => all.extend_from_slice(&piece[..n]),
            // A read with a time limit is not begun again by the system after a signal.
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => break Err(e),
        }
        if all.len() > MAX_ANSWER || is_whole(&all) {
            break Ok(());
        }
    };
    if all.is_empty() {
        return match (sent, read) {
            (_, Err(e))
                if e.kind() == io::ErrorKind::WouldBlock || e.kind() == io::ErrorKind::TimedOut =>
            {
                bail!("the server neither answered nor closed within {SILENCE:?}")
            }
            (_, Err(e)) if e.kind() != io::ErrorKind::ConnectionReset => {
                Err(e).context("cannot read the answer")
            }
            (sent, read) => {
                println!("closed without an answer: sent {sent:?}, read {read:?}");
                Ok(None)
            }
        };
    }
    parse(&all).map(Some)
}

/// A connection that is kept: what a reader who stays pays for each answer.
#[derive(Debug)]
pub struct Kept {
    stream: TcpStream,
    port: u16,
}

impl Kept {
    /// Connects.
    pub fn open(port: u16) -> Result<Self> {
        let stream = connect(port)?;
        Ok(Self { stream, port })
    }

    /// `GET` of a path.
    pub fn get(&mut self, path: &str) -> Result<Answer> {
        self.get_with(path, "")
    }

    /// `GET` of a path, with more lines in the head, each with its end.
    pub fn get_with(&mut self, path: &str, lines: &str) -> Result<Answer> {
        let head = format!(
            "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{lines}\r\n",
            self.port
        );
        self.stream.write_all(head.as_bytes())?;
        let (mut all, mut piece) = (Vec::new(), vec![0; 64 << 10]);
        while !is_whole(&all) {
            match self.stream.read(&mut piece) {
                Ok(0) => bail!("the server closed in the middle of an answer"),
                Ok(n) => all.extend_from_slice(&piece[..n]),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e.into()),
            }
        }
        parse(&all)
    }
}

/// A connection to a port of this machine.
pub fn connect(port: u16) -> Result<TcpStream> {
    let stream = TcpStream::connect_timeout(
        &SocketAddr::from(([127, 0, 0, 1], port)),
        Duration::from_secs(5),
    )?;
    stream.set_read_timeout(Some(SILENCE))?;
    stream.set_write_timeout(Some(SILENCE))?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Whether an answer is there to its end, as far as it says where that is.
fn is_whole(all: &[u8]) -> bool {
    let Some(end) = all.windows(4).position(|w| w == b"\r\n\r\n") else {
        return false;
    };
    let head = String::from_utf8_lossy(&all[..end]).to_ascii_lowercase();
    if head.split(' ').nth(1) == Some("100") {
        return is_whole(&all[end + 4..]);
    }
    let value = |name: &str| {
        let line = head.split("\r\n").find_map(|l| l.strip_prefix(name));
        line.map(|v| v.trim().to_owned())
    };
    if value("transfer-encoding:").is_some_and(|v| v.contains("chunked")) {
        return all.ends_with(b"0\r\n\r\n") && unchunk(&all[end + 4..]).is_ok();
    }
    let length = value("content-length:").and_then(|v| v.parse::<usize>().ok());
    length.is_some_and(|n| all.len() >= end + 4 + n)
}

fn parse(all: &[u8]) -> Result<Answer> {
    let end = all
        .windows(4)
        .position(|w| w == b"\r\n\r\n")
        .context("the answer has no end of its head")?;
    let head = String::from_utf8_lossy(&all[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let first = lines.next().unwrap_or_default();
    let status = first.split(' ').nth(1).and_then(|t| t.parse().ok());
    let status = status.with_context(|| format!("not a status line: {first}"))?;
    let headers: Vec<(String, String)> = lines
        .filter_map(|l| l.split_once(':'))
        .map(|(n, v)| (n.trim().to_ascii_lowercase(), v.trim().to_owned()))
        .collect();
    let mut rest = &all[end + 4..];
    if status == 100 {
        return parse(rest);
    }
    let has = |name: &str| {
        headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.clone())
    };
    let body = if has("transfer-encoding").is_some_and(|v| v.contains("chunked")) {
        unchunk(rest)?
    } else {
        if let Some(n) = has("content-length").and_then(|v| v.parse::<usize>().ok()) {
            rest = &rest[..n.min(rest.len())];
        }
        rest.to_vec()
    };
    Ok(Answer {
        status,
        headers,
        body,
    })
}

fn unchunk(mut rest: &[u8]) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest
            .windows(2)
            .position(|w| w == b"\r\n")
            .context("a chunk without a length")?;
        let size = std::str::from_utf8(&rest[..end])?;
        let size = usize::from_str_radix(size.split(';').next().unwrap_or_default().trim(), 16)?;
        rest = &rest[end + 2..];
        if size == 0 {
            return Ok(body);
        }
        body.extend_from_slice(rest.get(..size).context("a chunk is cut off")?);
        rest = rest.get(size + 2..).context("a chunk has no end")?;
    }
}
