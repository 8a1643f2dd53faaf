//! How fast bytes go over a plain iroh stream on this machine: nothing is hashed, nothing is stored.
//!
//! `stream BYTES` prints one line of JSON. `make bench` runs it beside two nodes that exchange as many bytes, verified and
//! stored; as these are two processes, it starts itself once more for the other end.

use std::{
    error::Error,
    io::{BufRead as _, BufReader, Read as _},
    net::SocketAddr,
    process::{Command, Stdio},
    time::Instant,
};

use iroh::{Endpoint, EndpointAddr, EndpointId, TransportAddr, endpoint::presets};

const ALPN: &[u8] = b"commun/bench/1";
const PIECE: usize = 1 << 20;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments[..] {
        [bytes] => take(bytes.parse()?).await,
        [give, bytes] if give == "give" => serve(bytes.parse()?).await,
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

/// Answers one connection with bytes; ends when the other side is gone.
async fn serve(mut left: usize) -> Result<(), Box<dyn Error>> {
    let endpoint = endpoint().await?;
    println!("{} {}", endpoint.id(), endpoint.bound_sockets()[0]);
    let incoming = endpoint.accept().await.ok_or("nobody came")?;
    let connection = incoming.accept()?.await?;
    let (mut send, mut recv) = connection.accept_bi().await?;
    recv.read_to_end(16).await?;
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

async fn take(bytes: usize) -> Result<(), Box<dyn Error>> {
    let mut other = Command::new(std::env::current_exe()?)
        .args(["give", &bytes.to_string()])
        .stdout(Stdio::piped())
        .spawn()?;
    let mut line = String::new();
    let out = other.stdout.take().ok_or("the pipe was asked for")?;
    let mut out = BufReader::new(out);
    out.read_line(&mut line)?;
    let (id, address) = line.trim().split_once(' ').ok_or("an id and an address")?;
    let id: EndpointId = id.parse()?;
    let address = TransportAddr::Ip(address.parse()?);
    let endpoint = endpoint().await?;
    let begun = Instant::now();
    let to = EndpointAddr::from_parts(id, [address]);
    let connection = endpoint.connect(to, ALPN).await?;
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
    other.wait()?;
    // What the other side said last, if anything.
    out.read_to_end(&mut Vec::new())?;
    if came != bytes {
        return Err(format!("{came} of {bytes} bytes came").into());
    }
    println!("{{\"bytes\":{came},\"wall_s\":{wall:.3}}}");
    Ok(())
}
