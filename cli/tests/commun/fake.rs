//! A node that says what a test wants: one thread, one connection at a time, every request kept.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, mpsc},
    thread::JoinHandle,
};

/// What a command asked.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    /// Path and query.
    pub target: String,
    /// By lower-case name.
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// What the node answers.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// After so many bytes of the body the connection is closed.
    pub cut: Option<usize>,
    /// After the cut, the connection stays open without a word until the node is told to go on.
    pub stall: bool,
}

impl Answer {
    pub fn bytes(body: &[u8]) -> Answer {
        Answer {
            status: 200,
            headers: Vec::new(),
            body: body.to_vec(),
            cut: None,
            stall: false,
        }
    }

    pub fn json(value: serde_json::Value) -> Answer {
        Answer::bytes(value.to_string().as_bytes()).header("Content-Type", "application/json")
    }

    pub fn problem(status: u16, title: &str, detail: &str) -> Answer {
        let value = serde_json::json!({"type": "about:blank", "status": status, "title": title, "detail": detail});
        let mut answer = Answer::json(value).header("Content-Type", "application/problem+json");
        answer.headers.remove(0);
        answer.status = status;
        answer
    }

    pub fn header(mut self, name: &str, value: &str) -> Answer {
        self.headers.push((name.into(), value.into()));
        self
    }
}

/// Answers a request; the number counts the requests, from 0.
type Handler = Box<dyn Fn(usize, &Request) -> Answer + Send>;

/// The node; it stops when it is dropped.
pub struct Node {
    pub url: String,
    requests: Arc<Mutex<Vec<Request>>>,
    thread: Option<JoinHandle<()>>,
    stop: Arc<Mutex<bool>>,
    go_on: Option<mpsc::Sender<()>>,
}

impl Node {
    pub fn start(handler: impl Fn(usize, &Request) -> Answer + Send + 'static) -> Node {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests: Arc<Mutex<Vec<Request>>> = Arc::default();
        let stop: Arc<Mutex<bool>> = Arc::default();
        let (go_on, waits) = mpsc::channel();
        let (kept, stopped) = (Arc::clone(&requests), Arc::clone(&stop));
        let handler: Handler = Box::new(handler);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if *stopped.lock().unwrap() {
                    return;
                }
                // A client that goes away in the middle is what some tests are about.
                let _ = stream.and_then(|stream| serve(stream, &kept, &handler, &waits));
            }
        });
        Node {
            url,
            requests,
            thread: Some(thread),
            stop,
            go_on: Some(go_on),
        }
    }

    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        *self.stop.lock().unwrap() = true;
        self.go_on.take();
        // Wakes the listener.
        let _ = TcpStream::connect(self.url.trim_start_matches("http://"));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(
    stream: TcpStream,
    kept: &Mutex<Vec<Request>>,
    handler: &Handler,
    waits: &mpsc::Receiver<()>,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut out = stream;
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace();
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return Ok(());
    };
    let mut request = Request {
        method: method.into(),
        target: target.into(),
        headers: BTreeMap::new(),
        body: Vec::new(),
    };
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        request
            .headers
            .insert(name.to_ascii_lowercase(), value.into());
    }
    if request.header("expect") == "100-continue" {
        out.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    let length: u64 = request.header("content-length").parse().unwrap_or(0);
    reader.take(length).read_to_end(&mut request.body)?;
    let number = {
        let mut kept = kept.lock().unwrap();
        kept.push(request.clone());
        kept.len() - 1
    };
    let answer = handler(number, &request);
    let mut head = format!(
        "HTTP/1.1 {} X\r\nContent-Length: {}\r\nConnection: close\r\n",
        answer.status,
        answer.body.len()
    );
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    out.write_all(head.as_bytes())?;
    out.write_all(b"\r\n")?;
    out.write_all(&answer.body[..answer.cut.unwrap_or(answer.body.len())])?;
    out.flush()?;
    if answer.stall {
        // Returns when the node is dropped.
        let _ = waits.recv();
    }
    Ok(())
}
