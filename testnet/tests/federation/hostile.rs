//! Garbage from outside: refused, counted, and nobody is harmed.

use std::{
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpStream, UdpSocket},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use commun_testnet::{federation::Federation, http, process::Node};
use rand::{Rng, SeedableRng, rngs::StdRng};

use super::{
    deeds::{names, publish_note},
    turn::turn,
};

/// Bytes thrown at each port.
const NOISE: usize = 2 << 20;

#[test]
fn garbage_on_every_port_harms_nobody() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(2)?;
    let mut dice = StdRng::seed_from_u64(1);
    let mut noise = vec![0; NOISE];
    dice.fill_bytes(&mut noise);
    let ports = f.nodes[0].ports();
    for (what, bytes) in [
        ("noise", noise.as_slice()),
        ("zeros", &vec![0; NOISE]),
        (
            "a web page",
            b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".as_slice(),
        ),
        ("an endless line", &vec![b'a'; NOISE]),
        (
            "the name of a protocol that nobody speaks",
            b"\x13/multistream/1.0.0\n\x10/no/such/proto\n".as_slice(),
        ),
        ("nothing", b""),
    ] {
        for port in [ports.tcp, ports.http] {
            throw(port, bytes);
        }
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        for piece in bytes.chunks(1_200).take(200) {
            let _ = socket.send_to(piece, SocketAddr::from(([127, 0, 0, 1], ports.udp)));
        }
        ensure!(f.nodes[0].runs(), "{what} ended the node");
        ensure!(
            http::get(ports.http, "/healthz", &[])?.status == 200,
            "{what} made the node ill"
        );
    }
    // Many that connect and say nothing take no place from those who speak.
    let silent: Vec<TcpStream> = (0..100)
        .filter_map(|n| {
            TcpStream::connect(SocketAddr::from((
                [127, 0, 0, 1],
                if n % 2 == 0 { ports.tcp } else { ports.http },
            )))
            .ok()
        })
        .collect();
    publish_note(&f.nodes[0], "malgre-tout", "Malgré tout")?;
    f.wait("the other node finds what is published meanwhile", |f| {
        Ok(names(&f.nodes[1], "malgré tout")?.contains(&"univ-angers/malgre-tout".to_owned()))
    })?;
    drop(silent);
    f.connected()?;
    f.converge()?;
    for n in &f.nodes {
        calm(n)?;
    }
    f.stop()
}

#[test]
fn bad_requests_get_a_status_and_change_nothing() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(1)?;
    let node = &f.nodes[0];
    let port = node.ports().http;
    let held = || -> Result<(u64, String)> {
        let status = node.client()?.status()?;
        Ok((status.logs[0].size, status.catalogue.root.clone()))
    };
    let before = held()?;
    let host = format!("Host: 127.0.0.1:{port}\r\n");
    let auth = format!("Authorization: Bearer {}\r\n", node.token()?);
    let form = "Content-Type: multipart/form-data; boundary=x\r\n";
    let long = "a".repeat(200_000);
    let cases: Vec<(&str, String, &[u16])> = vec![
        (
            "a foreign host name",
            "GET / HTTP/1.1\r\nHost: rebind.example\r\n\r\n".into(),
            &[421],
        ),
        ("no host", "GET / HTTP/1.1\r\n\r\n".into(), &[400, 421]),
        (
            "length and chunks",
            format!(
                "POST /api/v1/items HTTP/1.1\r\n{host}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
            ),
            &[400, 401],
        ),
        (
            "a path that climbs",
            format!("GET /static/..%2f..%2fkeys/admin.token HTTP/1.1\r\n{host}\r\n"),
            &[400, 404],
        ),
        (
            "a NUL in the path",
            format!("GET /univ-angers/a%00b HTTP/1.1\r\n{host}\r\n"),
            &[400, 404],
        ),
        (
            "a path that is no UTF-8",
            format!("GET /univ-angers/%ff%fe HTTP/1.1\r\n{host}\r\n"),
            &[400, 404],
        ),
        (
            "a header of 200 KB",
            format!("GET / HTTP/1.1\r\n{host}X: {long}\r\n\r\n"),
            &[400, 431],
        ),
        (
            "a request line of 200 KB",
            format!("GET /search?q={long} HTTP/1.1\r\n{host}\r\n"),
            &[400, 414, 431],
        ),
        (
            "a query of 9 KB",
            format!(
                "GET /api/v1/search?q={} HTTP/1.1\r\n{host}\r\n",
                &long[..9_000]
            ),
            &[400, 413, 414, 422],
        ),
        (
            "a limit that is no number",
            format!("GET /api/v1/search?limit=many HTTP/1.1\r\n{host}\r\n"),
            &[400],
        ),
        (
            "a limit without end",
            format!("GET /api/v1/search?limit=99999999999999999999 HTTP/1.1\r\n{host}\r\n"),
            &[400],
        ),
        (
            "publishing without a token",
            format!("POST /api/v1/items HTTP/1.1\r\n{host}{form}Content-Length: 0\r\n\r\n"),
            &[401],
        ),
        (
            "publishing nothing",
            format!(
                "POST /api/v1/items HTTP/1.1\r\n{host}{auth}{form}Content-Length: 5\r\n\r\n--x--"
            ),
            &[400, 422],
        ),
        (
            "publishing without a form",
            format!(
                "POST /api/v1/items HTTP/1.1\r\n{host}{auth}Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}"
            ),
            &[400, 415, 422],
        ),
        (
            "a charter from a stranger",
            format!(
                "POST /api/v1/charter/admit HTTP/1.1\r\n{host}Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}"
            ),
            &[401],
        ),
        (
            "another site's form",
            format!(
                "POST /api/v1/invitations HTTP/1.1\r\n{host}{auth}Origin: http://evil.example\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}"
            ),
            &[403],
        ),
        (
            "a range that is none",
            format!("GET /log/univ-angers/checkpoint HTTP/1.1\r\n{host}Range: bytes=9-1\r\n\r\n"),
            &[200, 400, 416],
        ),
        (
            "a tile that is not there",
            format!("GET /log/univ-angers/tile/9/x999/999 HTTP/1.1\r\n{host}\r\n"),
            &[400, 404],
        ),
        (
            "a method that nobody knows",
            format!("BREW / HTTP/1.1\r\n{host}\r\n"),
            &[400, 405, 501],
        ),
    ];
    for (what, request, statuses) in cases {
        let request = request.replacen("\r\n\r\n", "\r\nConnection: close\r\n\r\n", 1);
        match http::raw(port, request.as_bytes()).with_context(|| what.to_owned())? {
            Some(answer) => {
                ensure!(
                    statuses.contains(&answer.status),
                    "{what}: {} is none of {statuses:?}: {}",
                    answer.status,
                    answer.text()
                );
                let kind = answer.header("content-type").unwrap_or_default().to_owned();
                let problem =
                    answer.status >= 400 && !answer.body.is_empty() && request.contains(" /api/");
                ensure!(
                    !problem || kind.starts_with("application/problem+json"),
                    "{what}: the answer is {kind}"
                );
            }
            None => ensure!(statuses.contains(&400), "{what}: closed without an answer"),
        }
    }
    let after = held()?;
    ensure!(
        after == before,
        "a bad request changed the catalogue: {before:?} {after:?}"
    );
    calm(node)?;
    f.stop()
}

/// No panic and no broken promise in a node's log.
pub fn calm(node: &Node) -> Result<()> {
    let log = std::fs::read_to_string(node.log_path())?;
    let loud: Vec<&str> = log
        .lines()
        .filter(|l| l.contains("panicked") || l.contains("\"level\":\"ERROR\""))
        .collect();
    ensure!(loud.is_empty(), "{}'s log: {loud:#?}", node.handle);
    Ok(())
}

/// Sends bytes, reads a little of what comes, and goes away without a word. Whatever the node does is fine.
fn throw(port: u16, bytes: &[u8]) {
    let Ok(mut stream) = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port))) else {
        return;
    };
    let _ = stream.set_read_timeout(Some(Duration::from_millis(200)));
    let _ = stream.set_write_timeout(Some(Duration::from_millis(500)));
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(Shutdown::Write);
    let _ = stream.read(&mut [0; 256]);
}
