//! How fast bytes go over iroh on this machine, with nothing of a node around it.
//!
//! `stream BYTES`: over a plain stream with iroh's own settings, from memory to memory; nothing is hashed, nothing is stored. `stream files
//! BYTES`: the same from a file to a file, neither verified nor waited for: no program over iroh does less. `stream blobs BYTES`: as a blob
//! from one store of iroh-blobs to another, which verifies it; nothing waits for the disk. Each prints one line of JSON. `make bench` runs
//! all beside two nodes that exchange as many bytes, verified and durable; as these are two processes, it starts itself once more for
//! the other end.

use std::{
    error::Error,
    io::{BufRead as _, BufReader, Read as _},
    net::SocketAddr,
    os::unix::fs::FileExt as _,
    process::{Child, ChildStdout, Command, Stdio},
    time::Instant,
};

use iroh::{
    Endpoint, EndpointAddr, EndpointId, TransportAddr,
    endpoint::{Connection, SendStream, presets},
    protocol::Router,
};
use iroh_blobs::{BlobsProtocol, Hash, store::fs::FsStore};

const ALPN: &[u8] = b"commun/bench/1";
const PIECE: usize = 1 << 20;
/// Bytes that are read from a file, or written to one, at once.
const PART: usize = 128 << 10;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match &arguments[..] {
        ["give", bytes] => give(bytes.parse()?).await,
        ["give-blobs", bytes] => give_blobs(bytes.parse()?).await,
        ["blobs", bytes] => take_blob(bytes.parse()?).await,
        ["give-file", bytes] => give_file(bytes.parse()?).await,
        ["files", bytes] => take_file(bytes.parse()?).await,
        [bytes] => take(bytes.parse()?).await,
        _ => Err("give a number of bytes".into()),
    }
}

async fn endpoint() -> Result<Endpoint, Box<dyn Error>> {
    let address: SocketAddr = "127.0.0.1:0".parse()?;
    let builder = Endpoint::builder(presets::Minimal)
        .alpns(vec![ALPN.to_vec()])
        .clear_ip_transports()
        .clear_relay_transports()
        .clear_address_lookup()
        .bind_addr(address)?;
    Ok(builder.bind().await?)
}

/// Says where it is, and waits until somebody asks.
async fn asked() -> Result<(Endpoint, Connection, SendStream), Box<dyn Error>> {
    let endpoint = endpoint().await?;
    println!("{} {}", endpoint.id(), endpoint.bound_sockets()[0]);
    let incoming = endpoint.accept().await.ok_or("nobody came")?;
    let connection = incoming.accept()?.await?;
    let (send, mut recv) = connection.accept_bi().await?;
    recv.read_to_end(16).await?;
    Ok((endpoint, connection, send))
}

/// Answers one connection with bytes; ends when the other side is gone.
async fn give(mut left: usize) -> Result<(), Box<dyn Error>> {
    let (_endpoint, connection, mut send) = asked().await?;
    let piece = vec![7; PIECE];
    while left > 0 {
        let n = left.min(PIECE);
        send.write_all(&piece[..n]).await?;
        left -= n;
    }
    send.finish()?;
    connection.closed().await;
    Ok(())
}

/// Answers one connection with a file of so many bytes, read by a thread of its own.
async fn give_file(bytes: usize) -> Result<(), Box<dyn Error>> {
    let file = tempfile::tempfile()?;
    let piece = vec![7; PIECE];
    for from in (0..bytes).step_by(PIECE) {
        file.write_all_at(&piece[..PIECE.min(bytes - from)], from as u64)?;
    }
    file.sync_all()?;
    let (_endpoint, connection, mut send) = asked().await?;
    let runtime = tokio::runtime::Handle::current();
    let giving = tokio::task::spawn_blocking(move || {
        for from in (0..bytes).step_by(PART) {
            let mut part = vec![0; PART.min(bytes - from)];
            file.read_exact_at(&mut part, from as u64)?;
            runtime.block_on(send.write_chunk(part.into()))?;
        }
        send.finish().map_err(std::io::Error::other)
    });
    giving.await??;
    connection.closed().await;
    Ok(())
}

/// Gives a blob of so many bytes until somebody closes the input.
async fn give_blobs(bytes: usize) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let store = FsStore::load(folder.path().join("store")).await?;
    let file = folder.path().join("file");
    std::fs::write(&file, vec![7; bytes])?;
    let tag = store.blobs().add_path(&file).await?;
    let endpoint = endpoint().await?;
    let (id, address) = (endpoint.id(), endpoint.bound_sockets()[0]);
    let router = Router::builder(endpoint)
        .accept(iroh_blobs::ALPN, BlobsProtocol::new(&store, None))
        .spawn();
    println!("{id} {address} {}", tag.hash);
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
    router.shutdown().await?;
    Ok(())
}

/// The other end: a process, its output, and where it is.
struct Other {
    child: Child,
    out: BufReader<ChildStdout>,
    address: EndpointAddr,
    /// What it says beyond that.
    more: String,
}

impl Other {
    fn start(what: &str, bytes: usize) -> Result<Self, Box<dyn Error>> {
        let mut child = Command::new(std::env::current_exe()?)
            .args([what, &bytes.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let out = child.stdout.take().ok_or("the pipe was asked for")?;
        let mut out = BufReader::new(out);
        let mut line = String::new();
        out.read_line(&mut line)?;
        let mut words = line.split_whitespace();
        let mut word = || words.next().ok_or("an id, an address and no more");
        let id: EndpointId = word()?.parse()?;
        let address = TransportAddr::Ip(word()?.parse()?);
        Ok(Self {
            address: EndpointAddr::from_parts(id, [address]),
            more: words.next().unwrap_or_default().to_owned(),
            child,
            out,
        })
    }

    /// Waits for its end, and prints how long it took.
    fn end(mut self, came: usize, bytes: usize, wall: f64) -> Result<(), Box<dyn Error>> {
        drop(self.child.stdin.take());
        self.child.wait()?;
        // What it said last, if anything.
        self.out.read_to_end(&mut Vec::new())?;
        if came != bytes {
            return Err(format!("{came} of {bytes} bytes came").into());
        }
        println!("{{\"bytes\":{came},\"wall_s\":{wall:.3}}}");
        Ok(())
    }
}

async fn take(bytes: usize) -> Result<(), Box<dyn Error>> {
    let other = Other::start("give", bytes)?;
    let endpoint = endpoint().await?;
    let begun = Instant::now();
    let connection = endpoint.connect(other.address.clone(), ALPN).await?;
    let (mut send, mut recv) = connection.open_bi().await?;
    send.write_all(b"go").await?;
    send.finish()?;
    let mut buffer = vec![0; PIECE];
    let mut came = 0;
    while let Some(n) = recv.read(&mut buffer).await? {
        came += n;
    }
    let wall = begun.elapsed().as_secs_f64();
    connection.close(0_u32.into(), b"");
    endpoint.close().await;
    other.end(came, bytes, wall)
}

async fn take_file(bytes: usize) -> Result<(), Box<dyn Error>> {
    let other = Other::start("give-file", bytes)?;
    let endpoint = endpoint().await?;
    let file = tempfile::tempfile()?;
    let begun = Instant::now();
    let connection = endpoint.connect(other.address.clone(), ALPN).await?;
    let (mut send, mut recv) = connection.open_bi().await?;
    send.write_all(b"go").await?;
    send.finish()?;
    let runtime = tokio::runtime::Handle::current();
    let taking = tokio::task::spawn_blocking(move || {
        let mut part = vec![0; PART];
        for from in (0..bytes).step_by(PART) {
            let part = &mut part[..PART.min(bytes - from)];
            let read = runtime.block_on(recv.read_exact(part));
            read.map_err(std::io::Error::other)?;
            file.write_all_at(part, from as u64)?;
        }
        Ok::<_, std::io::Error>(())
    });
    taking.await??;
    let wall = begun.elapsed().as_secs_f64();
    connection.close(0_u32.into(), b"");
    endpoint.close().await;
    other.end(bytes, bytes, wall)
}

async fn take_blob(bytes: usize) -> Result<(), Box<dyn Error>> {
    let other = Other::start("give-blobs", bytes)?;
    let hash: Hash = other.more.parse()?;
    let folder = tempfile::tempdir()?;
    let store = FsStore::load(folder.path()).await?;
    let endpoint = endpoint().await?;
    let begun = Instant::now();
    let connection = endpoint
        .connect(other.address.clone(), iroh_blobs::ALPN)
        .await?;
    let came = store.remote().fetch(connection.clone(), hash).await?;
    let wall = begun.elapsed().as_secs_f64();
    connection.close(0_u32.into(), b"");
    endpoint.close().await;
    other.end(came.payload_bytes_read as usize, bytes, wall)
}
